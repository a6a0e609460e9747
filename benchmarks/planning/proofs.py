"""Whether what is said can be counted again (G11), and how small it lies on the disk (G12).

The city of the matrix is made: raster cells of one metre in blocks, cameras on the streets between
them that see sectors of 60 degrees and 15 to 60 m, cut off at the block behind. Seeded.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.planning.goals import Found
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.most_coverage import maximise_coverage
from civicsight.planning.proof import evidence, recount, recount_budget
from civicsight.planning.proof.certificate import issue
from civicsight.planning.proof.runs import encode, open_runs, save_runs
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits, Status
from tests.small_problems import every_choice, feasible_choices, random_problem

BLOCK_M, STREET_M = 60, 20

COUNT, BRIEF_COUNT = 10_000, 500
BRIEF = Limits(steps=500)
NEAR = 1e-6


def verified(options: argparse.Namespace) -> Found:
    """G11: small problems of every kind, each plan by the verifier and beside all choices."""
    found, rng = Found(), np.random.default_rng(2_026)
    count = BRIEF_COUNT if options.quick else COUNT
    passed = plans = wrong = 0
    with tempfile.TemporaryDirectory() as name:
        for number in range(count):
            problem = random_problem(rng)
            folder = Path(name, str(number))
            check = prove_cheapest if number % 2 else prove_widest
            codes, is_right = check(problem, folder, rng)
            wrong += not is_right
            plans += codes is not None
            passed += codes == []
            shutil.rmtree(folder, ignore_errors=True)
    found.note("verified", 100.0 * passed / plans)
    found.note("wrong", wrong)
    found.said.append(
        f"G11: {count:,} problems, {plans:,} of them with a plan; what the law forbids is no "
        "candidate at all, as tests/test_planning_candidates_law.py proves"
    )
    return found


def prove_cheapest(
    problem: Problem, folder: Path, _: np.random.Generator
) -> tuple[list[str] | None, bool]:
    """Return what the verifier says of the cheapest plan, and whether nothing is cheaper."""
    outcome = minimise_cost(problem, limits=BRIEF)
    best = float((feasible_choices(problem) @ problem.cost).min(initial=np.inf))
    if not np.isfinite(best):
        return None, outcome.status is Status.INFEASIBLE
    issue(problem, outcome).save(folder)
    return recount.recount(folder), abs(outcome.value - best) <= NEAR


def prove_widest(
    problem: Problem, folder: Path, rng: np.random.Generator
) -> tuple[list[str] | None, bool]:
    """Return the same of the plan that meets most within a budget."""
    budget = float(np.floor(rng.uniform(0.0, 1.0) * problem.cost.sum()))
    budgets = Budgets.of(problem, budget)
    outcome = maximise_coverage(problem, budgets, limits=BRIEF)
    best = max(
        float(problem.worth[problem.is_met(choice)].sum())
        for choice in every_choice(problem.n_candidate)
        if problem.keeps_capacities(choice) and problem.price(choice) <= budget + NEAR
    )
    evidence._save_weight(folder, problem, outcome, budgets)  # noqa: SLF001 - files, no offers
    return recount_budget.recount(folder), abs(outcome.value - best) <= NEAR


def matrix_files(options: argparse.Namespace) -> Found:
    """G12: size of the matrix on disk, and the time to open it and to ask for a row."""
    found = Found()
    problem = made_city(300 if options.quick else 1_000, per_km2=8_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_runs(folder, encode(problem.indptr, problem.cells))
        size = sum(path.stat().st_size for path in folder.iterdir())
        j, began = problem.n_candidate // 2, time.perf_counter()
        row = open_runs(folder).row(j)
        opened = time.perf_counter() - began
        same = row.tolist() == problem.cells[problem.indptr[j] : problem.indptr[j + 1]].tolist()
    found.note("bytes", size / len(problem.cells))
    found.note("open ms", opened * 1e3 if same else np.nan)
    found.said.append(f"G12: {len(problem.cells):,} entries")
    return found


def made_city(side: int, per_km2: int, seed: int = 1) -> Problem:
    """Return a problem over the street cells of a square city [m]."""
    rng = np.random.default_rng(seed)
    at = np.arange(side) % (BLOCK_M + STREET_M)
    is_street = (at[:, None] < STREET_M) | (at[None, :] < STREET_M)
    number = np.where(is_street, np.cumsum(is_street.ravel()).reshape(side, side) - 1, -1)
    spots = np.argwhere(is_street)
    spots = spots[rng.integers(len(spots), size=int(per_km2 * side * side / 1e6))]
    classes = rng.integers(3, size=len(spots))
    rows = [
        sector(number, spot, float(rng.uniform(0, 360)), (60, 40, 25)[kind])
        for spot, kind in zip(spots.tolist(), classes.tolist(), strict=True)
    ]
    cost = np.array([16_000.0, 10_000.0, 8_000.0])[classes]
    lengths = np.cumsum([0, *map(len, rows)])
    cells = np.concatenate(rows).astype(np.int32)
    degree = np.bincount(cells, minlength=int(is_street.sum()))
    n = len(degree)
    return Problem(
        lengths.astype(np.int64),
        cells,
        cost,
        np.minimum(degree, 1).astype(np.int32),
        np.ones(n),
        np.full(len(cost), -1, np.int32),
        np.zeros(0, np.int32),
        np.full(n, -1, np.int32),
        np.zeros(0),
    )


def sector(number: np.ndarray, spot: list[int], heading: float, reach: int) -> np.ndarray:
    """Return the street cells that a camera sees: a sector, cut off at the first block behind."""
    turn = np.radians(heading + np.arange(-30.0, 30.0, 0.5))
    away = np.arange(1.0, reach, 0.5)
    row = np.rint(spot[0] + np.cos(turn)[:, None] * away).astype(int)
    col = np.rint(spot[1] + np.sin(turn)[:, None] * away).astype(int)
    inside = (row >= 0) & (col >= 0) & (row < len(number)) & (col < len(number))
    cell = np.where(inside, number[np.where(inside, row, 0), np.where(inside, col, 0)], -1)
    seen = np.logical_and.accumulate(cell >= 0, axis=1)
    return np.unique(cell[seen])
