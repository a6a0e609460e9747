"""Duals of relaxed problems that are kept as files: the first-order method beside those of HiGHS.

`python -m benchmarks.planning.duals` gives each method the same problems in the same run, on one
thread, each time in a process of its own, and recounts the bound that its duals prove: of the least
cost that meets everything, and of the most that part of the money buys.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bars import print_table
from benchmarks.memory import peak_mib
from benchmarks.planning import frozen
from civicsight.planning.solver import highs
from civicsight.planning.solver.bounds import first_dual, first_order_duals, lower_bound
from civicsight.planning.solver.budget_model import Budgets, aim_of, linear_of
from civicsight.planning.solver.linear import first_order_duals as linear_duals
from civicsight.planning.solver.linear import programme_of as linear_programme
from civicsight.planning.solver.linear import upper_bound
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.solver.programme import programme_of

ROOT = Path(__file__).resolve().parents[2]
OURS, METHODS = "ours", ("ours", "pdlp", "ipm")
KINDS = ("cost", "budget")
SHARE = 0.05
"""Money of the budgeted problems, as a share of what all candidates cost."""

STEPS = 20_000
"""Steps of the first-order method, at most."""

TOLERANCE = 1e-5
"""Of every first-order method."""


def main() -> None:
    options = _options()
    if options.one:
        name, kind, method = options.one
        print(json.dumps(measure(frozen.read(name), kind, method, options.seconds)))
        return
    rows = []
    for name in options.only or frozen.NAMES:
        entries = f"{len(frozen.read(name).cells):,}"
        for kind in KINDS:
            found = {each: _ask(name, kind, each, options.seconds) for each in METHODS}
            for method, told in found.items():
                figures = [f"{told[key]:,.1f}" for key in ("bound", "cpu_s", "peak_mib")]
                rows.append((name, entries, kind, method, *figures, told["said"]))
    print_table(
        ("problem", "entries", "bound of", "method", "bound", "CPU s", "peak MiB", "ended"), rows
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.planning.duals", description=__doc__
    )
    parser.add_argument("--only", action="append", choices=frozen.NAMES, help="may be repeated")
    parser.add_argument("--seconds", type=float, default=300.0, help="CPU of a method, at most")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def _ask(name: str, kind: str, method: str, seconds: float) -> dict[str, Any]:
    """Measure one method in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.planning.duals"]
    command += ["--seconds", str(seconds), "--one", name, kind, method]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def measure(problem: Problem, kind: str, method: str, seconds: float) -> dict[str, Any]:
    """Return the bound that a method proves, its time and memory; nothing compiles meanwhile."""
    find = _cost if kind == "cost" else _budget
    if method == OURS:
        find(Problem.of([[0, 1], [1, 2], [2, 0]], cost=[2.0, 2.0, 2.0]), method, seconds)
    began = time.process_time()
    duals, prove, said = find(problem, method, seconds)
    cpu_s = time.process_time() - began
    return {"bound": prove(duals), "cpu_s": cpu_s, "peak_mib": peak_mib(), "said": said}


Found = tuple[np.ndarray, Callable[[np.ndarray], float], str]


def _cost(problem: Problem, method: str, seconds: float) -> Found:
    prove = lambda duals: lower_bound(problem, duals)  # noqa: E731 - one of two
    if method != OURS:
        duals, said = _by_highs(programme_of(problem, whole=False, method=method), seconds)
        return np.maximum(duals[: problem.n_requirement], 0.0), prove, said
    began = time.process_time()
    best = first_dual(problem)
    is_over = lambda: time.process_time() - began > seconds  # noqa: E731
    for dual in first_order_duals(problem, best, STEPS, is_over=is_over):
        best = max(best, dual, key=prove)
    return best, prove, "out of time" if is_over() else "near"


def _budget(problem: Problem, method: str, seconds: float) -> Found:
    budgets = Budgets.of(problem, SHARE * float(problem.cost.sum()))
    linear, _ = linear_of(problem, budgets, aim_of(problem))
    prove = lambda duals: upper_bound(linear, duals)  # noqa: E731 - one of two
    if method != OURS:
        relaxed = replace(linear, whole=np.zeros_like(linear.whole))
        duals, said = _by_highs(linear_programme(relaxed, method=method), seconds)
        return np.abs(duals), prove, said
    limits = Limits(seconds=seconds)
    return linear_duals(linear, steps=STEPS, limits=limits), prove, "near"


def _by_highs(programme: highs.Programme, seconds: float) -> tuple[np.ndarray, str]:
    """Return the duals that HiGHS has by the end of a time; none if it has none."""
    solver = highs.load(programme)
    options = {"time_limit": seconds, "pdlp_optimality_tolerance": TOLERANCE}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.run()
    solution, said = solver.getSolution(), solver.modelStatusToString(solver.getModelStatus())
    duals = np.array(solution.row_dual) if solution.dual_valid else np.zeros(len(programme.low))
    return duals, said


if __name__ == "__main__":
    main()
