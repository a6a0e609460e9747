"""The budgeted search: its arrays, laid out once, and the cheapest choice of what it found.

A plan within a budget is lexicographic: first the most that can be met, then the least cost of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.planning.solver._kernels import budget as kernels
from civicsight.planning.solver._kernels.budget import State, Task
from civicsight.planning.solver.budget_model import Aim, Budgets
from civicsight.planning.solver.linear import Linear
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.model_builder import also

CHUNK_WORK: Final = 4_000_000
"""Entries looked at between two looks at whether to stop: some 20 ms."""

MOST_WORK: Final = 12_000_000_000
"""Entries that a search looks at if nobody says how many steps it takes."""

WIDTH: Final = 16_384
"""Candidates that a step of the search looks through when it fills a hole."""


def task_of(problem: Problem, budgets: Budgets, aim: Aim) -> Task:
    """Lay out what kernels read."""
    columns = problem.matrix.tocsc()
    columns.sort_indices()
    order = np.argsort(problem.group, kind="stable")
    grouped = problem.group[order]
    inside = order[grouped != FREE]
    pointer = np.searchsorted(problem.group[inside], np.arange(len(problem.slack) + 1))
    of_place = np.bincount(
        budgets.of_requirement + 1, problem.weight, minlength=len(budgets.floors) + 1
    )[1:]
    positive = problem.cost[problem.cost > 0]
    free_price = 1e-9 * (float(positive.min()) if len(positive) else 1.0)
    unit = aim.worth / np.maximum(problem.need, 1)
    scale = float((aim.worth / problem.weight).max(initial=0.0)) + aim.part_worth
    task = Task(
        problem.indptr,
        problem.cells,
        columns.indptr.astype(np.int64),
        columns.indices.astype(np.int32),
        pointer.astype(np.int64),
        inside.astype(np.int64),
        problem.cost,
        np.maximum(problem.cost, free_price),
        problem.need,
        unit,
        aim.worth,
        problem.weight,
        problem.site,
        problem.capacity,
        budgets.of_candidate,
        budgets.of_requirement,
        problem.group,
        (budgets.floors * of_place).astype(np.float64),
        aim.least,
        aim.part_worth,
        1e3 * scale,
        1e-9 * float(unit[unit > 0.0].min(initial=1.0)),
    )
    # Kernels are compiled for arrays that may be written, so that one version serves all.
    free: list[Any] = [
        np.require(entry, None, ["C", "W"]) if isinstance(entry, np.ndarray) else entry
        for entry in task
    ]
    return Task(*free)


def state_of(problem: Problem, budgets: Budgets, task: Task, seed: int) -> State:
    """Lay out the arrays of a search that has chosen nothing; gains are not counted yet."""
    n, given = problem.n_candidate, problem.need == 0
    place, group = budgets.of_requirement, problem.group
    weights = problem.weight * given
    met_place = np.bincount(place + 1, weights, minlength=len(budgets.floors) + 1)[1:]
    met_group = np.bincount(group + 1, weights, minlength=len(problem.slack) + 1)[1:]
    sums = np.zeros(6)
    sums[kernels.VALUE] = sums[kernels.PROGRESS] = task.worth[given].sum()
    sums[kernels.COMPLETE] = (met_group >= task.least).sum()
    mixed = (seed * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) % (1 << 64) or 1
    return State(
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
        np.zeros(problem.n_requirement, np.int32),
        np.zeros(n),
        np.zeros(len(problem.capacity), np.int32),
        np.append(budgets.limits_yuan, budgets.total_yuan),
        met_place.astype(np.float64),
        met_group.astype(np.float64),
        sums,
        np.zeros(n, np.uint8),
        np.zeros(n),
        np.zeros(n, np.int64),
        np.zeros(2 * n + 16, np.int64),
        np.array([mixed], np.uint64),
    )


def score_of(task: Task, state: State) -> float:
    """Return the score of the search as the kernel counts it."""
    missing = np.maximum(task.floor - state.met_place, 0.0).sum()
    value = state.sums[kernels.VALUE] + task.part_worth * state.sums[kernels.COMPLETE]
    return float(value + kernels.SOFT * state.sums[kernels.PROGRESS] - task.penalty * missing)


def chunk_of(problem: Problem) -> int:
    """Return how many steps of the search fit between two looks at whether to stop."""
    return int(np.clip(CHUNK_WORK / _work_of(problem), 1, 2_000))


def usual_steps(problem: Problem, held: int) -> int:
    """Return the steps of a search that holds so many candidates: at most about a minute."""
    return int(np.clip(MOST_WORK / _work_of(problem), 2_000, 100_000 + 40 * held))


def _work_of(problem: Problem) -> float:
    """Estimate the entries that a step looks at."""
    mean_row = len(problem.cells) / max(problem.n_candidate, 1)
    mean_column = len(problem.cells) / max(problem.n_requirement, 1)
    return 10.0 * (mean_row * mean_column + min(problem.n_candidate, WIDTH)) + 100.0


def same_met(problem: Problem, met: BoolArray) -> Problem:
    """Return the problem of meeting what is met, whatever else."""
    return replace(
        problem,
        need=np.where(met, problem.need, 0).astype(np.int32),
        group=np.full(problem.n_requirement, FREE, np.int32),
        slack=np.zeros(0),
    )


def keeping(linear: Linear, value: float, cost: FloatArray) -> Linear:
    """Return the programme of least cost among all that reach a value in another.

    Parameters
    ----------
    linear, value
        The other programme, and what it has to reach.
    cost
        Of a unit of each variable.
    """
    least = value - TOLERANCE * max(1.0, abs(value))
    return replace(also(linear, -linear.gain, -least), gain=-cost)
