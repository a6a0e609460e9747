"""In which year each measure of a plan is built.

Money of a year is spent in that year; what is left over lapses. A measure that goes with a main
project is built in the year in which that is completed (Article 11), or not at all. Connections of
what exists come before everything else, because they need no building.

References
----------
Multi-period maximal covering (Schilling 1980): only the measures of a plan are scheduled, and what
a year has met stays met.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.sparse import csr_array, kron, vstack

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.core.errors import MismatchError
from civicsight.planning.solver.linear import Linear, solve
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.model_builder import Variables, diagonal, meets, merge, picker
from civicsight.planning.solver.outcome import Limits, Status
from civicsight.planning.solver.phases_model import (
    PENALTY,
    UNBUILT,
    Reason,
    Schedule,
    Years,
    below,
    met_by_year,
    shares_of,
    spent_of,
    value_of,
)

POLISH_ENTRIES: Final = 40_000
"""A schedule of fewer entries in all its years is handed to the exact solver."""

POLISH_NODES: Final = 2_000
"""Nodes of its search tree, so that a run repeats itself."""


def schedule(
    problem: Problem,
    chosen: BoolArray,
    years: Years,
    *,
    pinned: Mapping[int, int] | None = None,
    first: BoolArray | None = None,
    limits: Limits | None = None,
    exact: bool = True,
) -> Schedule:
    """Spread the measures of a plan over the years.

    Year by year what is pinned, then connections, then what brings most for its cost, districts
    below their floor before others; a small schedule is then improved by the exact solver, with
    what is pinned and what is connected left where it stands.

    Parameters
    ----------
    problem
        What is asked for.
    chosen
        Candidates of the plan, bool, shape ``(n_candidate,)``.
    pinned, first
        Year of candidates that go with a main project; candidates that only connect what exists.

    Raises
    ------
    MismatchError
        If a candidate is pinned to a year that there is not, or is not chosen.
    """
    began, limits, pinned = time.perf_counter(), limits or Limits(), pinned or {}
    n_year = len(years.total_yuan)
    if any(not 0 <= year < n_year or not chosen[j] for j, year in pinned.items()):
        msg = "a candidate is pinned to a year outside the plan, or is not part of it"
        raise MismatchError(msg)
    taken = np.flatnonzero(chosen)
    task = _Task(
        only(problem, taken),
        replace(years, of_candidate=years.of_candidate[taken]),
        np.array([pinned.get(j, UNBUILT) for j in taken.tolist()], np.int32),
        np.zeros(len(taken), np.bool_) if first is None else first[taken],
    )
    year = _greedy(task)
    best = value_of(task.problem, task.years, year)
    bound = n_year * float(problem.weight[problem.is_met(chosen)].sum())
    left = Limits(None, limits.seconds - (time.perf_counter() - began), limits.stop)
    if exact and len(task.problem.cells) * n_year <= POLISH_ENTRIES and not left.is_over(0.0):
        polished, bound = _polish(task, year, left)
        value = value_of(task.problem, task.years, polished)
        if value > best + TOLERANCE * abs(best):
            year, best = polished, value
    return _close(task, taken, year, problem.n_candidate, max(bound, best))


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """Measures of the plan alone: year to which each is pinned, and whether it only connects."""

    problem: Problem
    years: Years
    pinned: IndexArray
    connects: BoolArray

    @property
    def fixed(self) -> BoolArray:
        """Tell which measures the exact solver leaves where they stand."""
        fixed: BoolArray = self.connects | (self.pinned != UNBUILT)
        return fixed


def only(problem: Problem, taken: IntArray) -> Problem:
    """Return a problem with these candidates alone."""
    columns = csr_array(problem.matrix[taken])
    return replace(
        problem,
        indptr=columns.indptr.astype(np.int64),
        cells=columns.indices.astype(np.int32),
        cost=problem.cost[taken],
        site=problem.site[taken],
    )


def _greedy(task: _Task) -> IndexArray:
    """Build year by year what is due, what connects, and what brings most for its cost."""
    year = np.full(task.problem.n_candidate, UNBUILT, np.int32)
    free = task.pinned == UNBUILT
    for t, money in enumerate(task.years.money):
        left = money.copy()
        for group in (task.pinned == t, free & task.connects, free & ~task.connects):
            _build(task.problem, task.years, year, t, left, group)
    return year


def _build(
    problem: Problem, years: Years, year: IndexArray, t: int, left: FloatArray, group: BoolArray
) -> None:
    """Build of a group what the money of a year allows, the best for its cost first."""
    open_ones = group & (year == UNBUILT)
    count = problem.covered(year != UNBUILT)
    unit = problem.weight / np.maximum(problem.need, 1)
    while True:
        fits = open_ones & (problem.cost <= left[-1]) & (problem.cost <= left[years.of_candidate])
        if not fits.any():
            return
        gain = problem.matrix @ (unit * (count < problem.need))
        short = below(problem, years, t, count >= problem.need)
        gain = gain + PENALTY * (problem.matrix @ (unit * (count < problem.need) * short))
        rate = np.where(fits, gain / np.maximum(problem.cost, 1e-9), -1.0)
        j = int(np.argmax(rate))
        year[j], open_ones[j] = t, False
        district = years.of_candidate[j]
        cost = problem.cost[j]
        left[-1] -= cost
        if district != FREE:
            left[district] -= cost
        count[problem.met_by(j)] += 1


def _polish(task: _Task, year: IndexArray, limits: Limits) -> tuple[IndexArray, float]:
    """Improve a schedule by the exact solver; return it and what none can beat."""
    movable, n_year = np.flatnonzero(~task.fixed), len(task.years.total_yuan)
    stands = np.where(task.fixed, year, UNBUILT).astype(np.int32)
    linear = _linear(task.problem, task.years, movable, stands)
    answer = solve(linear, limits=limits, node_limit=POLISH_NODES)
    if answer.solution is None:
        return year, answer.bound
    built = answer.solution[: len(movable) * n_year].reshape(n_year, len(movable)) > 0.5
    stands[movable] = np.where(built.any(axis=0), np.argmax(built, axis=0), UNBUILT)
    for t, money in enumerate(task.years.money - spent_of(task.problem, task.years, stands)):
        _build(task.problem, task.years, stands, t, money.copy(), ~task.fixed)
    return stands, answer.bound


def _linear(problem: Problem, years: Years, movable: IntArray, stands: IndexArray) -> Linear:
    """State the years of what may move: built by year, met by year and, last, missing to floors."""
    n_year, n_district = years.floors.shape
    given = [problem.covered((stands != UNBUILT) & (stands <= t)) for t in range(n_year)]
    part = only(problem, movable)
    merged = merge(part, years.of_requirement, *given)
    rows, n = len(merged.first), len(movable)
    weight = merged.total(problem.weight)
    each = diagonal(np.ones(n_year))
    steps = each[:-1] - each[1:]
    # Money of a year is for what is built in it: by its end, less by the end of the year before.
    spends = each - csr_array(np.eye(n_year, k=-1))
    of_district = picker(years.of_candidate[movable], n_district, part.cost)
    money = csr_array(vstack([of_district, csr_array(part.cost[None])], format="csr"))
    left = (years.money - spent_of(problem, years, stands)).ravel()
    limited = np.flatnonzero(np.isfinite(left))
    members = picker(years.of_requirement[merged.first], n_district, weight)
    asked = (years.floors * np.asarray(members.sum(axis=1)).ravel()).ravel()
    need = diagonal(problem.need[merged.first])
    met_before = np.concatenate([count[merged.first] for count in given])
    missing = -diagonal(np.ones(len(asked)))
    variables = Variables({"built": n_year * n, "met": n_year * rows, "missing": len(asked)})
    return variables.model(
        [
            ({"built": kron(steps, diagonal(np.ones(n)))}, np.zeros((n_year - 1) * n)),
            ({"built": csr_array(kron(spends, money))[limited]}, left[limited]),
            ({"built": -kron(each, meets(part, merged)), "met": kron(each, need)}, met_before),
            ({"met": -kron(each, members), "missing": missing}, -asked),
        ],
        gain=variables.spread(met=np.tile(weight, n_year), missing=-PENALTY),
        whole={"built": True, "met": True},
        upper=variables.spread(built=1.0, met=1.0, missing=asked),
    )


def _close(
    task: _Task, taken: IntArray, year: IndexArray, n_candidate: int, bound: float
) -> Schedule:
    """Count everything anew, and say why what is not built is not."""
    problem, years = task.problem, task.years
    met = met_by_year(problem, year, len(years.total_yuan))
    spent = spent_of(problem, years, year)
    left = years.money - spent
    unbuilt = {}
    for j in np.flatnonzero(year == UNBUILT):
        # Without a district the column that is asked is the last one: that of all districts.
        fits = problem.cost[j] <= left[:, years.of_candidate[j]]
        is_total = fits.any() or years.of_candidate[j] == FREE
        reason = Reason.TOTAL if is_total else Reason.DISTRICT
        unbuilt[int(taken[j])] = Reason.PINNED if task.pinned[j] != UNBUILT else reason
    value = value_of(problem, years, year)
    is_best = bound <= value + 1e-6 * max(1.0, abs(value))
    of_all = np.full(n_candidate, UNBUILT, np.int32)
    of_all[taken] = year
    return Schedule(
        of_all,
        met @ problem.weight,
        spent,
        np.array([shares_of(problem, years, row) for row in met]).reshape(years.floors.shape),
        MappingProxyType(unbuilt),
        value,
        bound,
        Status.OPTIMAL if is_best else Status.FEASIBLE,
    )
