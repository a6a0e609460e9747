"""Our optimiser on one problem, as the peers are run: `python -m benchmarks.planning.ours`."""

from __future__ import annotations

import sys
import time
from dataclasses import fields

import numpy as np

from benchmarks.peers.cover import cpu_now, cpu_s, peak_mib
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.most_coverage import maximise_coverage
from civicsight.planning.solver import worker
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits, Outcome

WARM_SIZE = (4_000, 1_500, 8)
"""Requirements, candidates and entries of each: enough to take every step of the ladder."""


def main(job_file: str, answer_file: str) -> None:
    with np.load(job_file) as file:
        job = {name: file[name] for name in file.files}
    problem = Problem(**{entry.name: job[entry.name] for entry in fields(Problem)})
    warm_up()
    end_solvers()
    if job["cpu"]:  # the clock of every limit; of the exact solver's own it stays that of the wall
        time.perf_counter = cpu_now
    wall, cpu = time.perf_counter(), cpu_s()
    outcome = solve(problem, job)
    wall = time.perf_counter() - wall
    end_solvers()
    np.savez(
        answer_file, chosen=outcome.chosen, bound=outcome.solver_bound, proven=outcome.bound,
        wall=wall, cpu=cpu_s() - cpu, peak_mib=peak_mib(),
    )  # fmt: skip


def solve(problem: Problem, job: dict[str, np.ndarray]) -> Outcome:
    steps = None if job["steps"] < 0 else int(job["steps"])
    limits, exact = Limits(steps=steps, seconds=float(job["seconds"])), bool(job["exact"])
    if np.isfinite(job["budget"]):
        budgets = Budgets.of(problem, float(job["budget"]))
        return maximise_coverage(problem, budgets, limits=limits, exact=exact)
    return minimise_cost(problem, limits=limits, threads=int(job["threads"]), exact=exact)


def warm_up() -> None:
    """Load every kernel from disk, or compile it, before the clock runs."""
    m, n, size = WARM_SIZE
    rng = np.random.default_rng(0)
    rows = [np.sort(rng.choice(m, size, replace=False)).tolist() for _ in range(n)]
    rows += [[r] for r in range(m)]
    problem = Problem.of(rows, cost=rng.integers(2, 9, len(rows)).astype(float), n_requirement=m)
    brief = Limits(steps=2_000, seconds=60.0)
    outcome = minimise_cost(problem, limits=brief, threads=2, exact=False)
    maximise_coverage(problem, Budgets.of(problem, outcome.value / 2), limits=brief, exact=False)


def end_solvers() -> None:
    """End the processes of the exact solver, so that their time and memory are counted."""
    worker._end_all()  # noqa: SLF001 - what is kept for the next question is not asked here


if __name__ == "__main__":
    main(*sys.argv[1:])
