"""One problem, several solvers: each in a process of its own, each answer counted again."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from civicsight.planning.solver.model import Problem

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "benchmarks" / "peers" / "cover.py"

OURS = "civicsight"
RIVALS = ("HiGHS", "CP-SAT", "SCIP", "spopt")
SOLVERS = RIVALS[:-1]
"""Those that read a problem of any size; spopt has a table of every pair."""

INSTALL = "python -m venv FOLDER && FOLDER/bin/pip install highspy ortools pyscipopt spopt; "
INSTALL += "--peers-python FOLDER/bin/python"

GRACE = 3.0
"""A rival that has not answered within so many times its limit and a minute is ended."""

PROCESSORS_WAIT = 25.0
"""The same where its limit is of the processors' time."""

MODEL_PATIENCE = 10.0
"""So many times the limit of the others is spopt's: building its model alone takes longer."""


@dataclass(frozen=True, slots=True)
class Job:
    """A problem, and how long a solver may take for it.

    Parameters
    ----------
    name, problem
        What is asked: the least cost that meets everything, or with a finite `budget` the greatest
        weight that is met for it.
    seconds, threads
        Limit of time and of cores, the same for all.
    budget
        Infinite for none.
    cpu
        Whether the limit is of the processors' time: a busy machine then measures the same.
    exact, steps
        Of ours alone: whether the exact solver is asked, and the steps of local search.
    """

    name: str
    problem: Problem
    seconds: float
    threads: int
    budget: float = math.inf
    cpu: bool = False
    exact: bool = True
    steps: int | None = None

    @property
    def is_budgeted(self) -> bool:
        """Tell whether money is limited."""
        return math.isfinite(self.budget)

    def write(self, path: Path) -> None:
        """Write the arrays that every solver reads."""
        arrays = {entry.name: getattr(self.problem, entry.name) for entry in fields(Problem)}
        steps = -1 if self.steps is None else self.steps
        np.savez(
            path, **arrays, budget=self.budget, seconds=self.seconds, threads=self.threads,
            exact=self.exact, steps=steps, cpu=self.cpu,
        )  # fmt: skip

    def value_of(self, chosen: np.ndarray) -> float:
        """Count a choice; NaN if it is none."""
        problem, cost = self.problem, self.problem.price(chosen)
        if self.is_budgeted:
            met = problem.worth[problem.is_met(chosen)].sum()
            return float(met) if chosen.any() and cost <= self.budget + 1e-6 else math.nan
        return cost if problem.is_feasible(chosen) else math.nan


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solver found, counted again; times and memory of its process.

    Parameters
    ----------
    value, bound
        NaN where there is none.
    proven
        The bound that follows from prices alone, which anybody can count; NaN for others.
    """

    value: float
    bound: float
    wall_s: float
    cpu_s: float
    peak_mib: float
    proven: float = math.nan

    @property
    def gap(self) -> float:
        """Percent of the value by which it can be improved at most."""
        return gap_of(self.value, self.bound)


def gap_of(value: float, bound: float) -> float:
    return 100.0 * abs(value - bound) / value if value else math.nan


def race(
    job: Job, peers_python: str, rivals: tuple[str, ...] = SOLVERS
) -> tuple[dict[str, Answer], list[tuple[str, ...]], list[str]]:
    """Ask us and every rival; return answers by name, rows of the table, and what went wrong."""
    answers, rows, said = {}, [], []
    for name in (OURS, *rivals):
        found = _ask(name, job, peers_python)
        if isinstance(found, str):
            said.append(f"{job.name}, {name}: {found}")
            continue
        answers[name] = found
        rows.append(_row(job, name, found))
        print(*rows[-1], sep="  ", file=sys.stderr, flush=True)
    return answers, rows, said


HEAD = ("instance", "solver", "value", "bound", "gap %", "prices' gap %", "wall s", "CPU s", "MiB")


def _row(job: Job, name: str, answer: Answer) -> tuple[str, ...]:
    figures = (answer.value, answer.bound, answer.gap, gap_of(answer.value, answer.proven))
    return (
        job.name,
        name,
        *("-" if math.isnan(figure) else f"{figure:,.6g}" for figure in figures[:2]),
        *("-" if math.isnan(figure) else f"{figure:.2f}" for figure in figures[2:]),
        f"{answer.wall_s:.1f}",
        f"{answer.cpu_s:.1f}",
        f"{answer.peak_mib:,.0f}",
    )


def _ask(name: str, job: Job, peers_python: str) -> Answer | str:
    if name == "spopt":
        job = replace(job, seconds=MODEL_PATIENCE * job.seconds)
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder, "job.npz"), Path(folder, "answer.npz")
        job.write(question)
        if name == OURS:
            command = [sys.executable, "-m", "benchmarks.planning.ours", question, answer]
            failure = _run(command, None)  # with nothing compiled yet it begins late
        else:
            command = [peers_python, PEERS, name, question, answer]
            failure = _run(command, (PROCESSORS_WAIT if job.cpu else GRACE) * job.seconds + 60.0)
        if failure:
            return failure
        with np.load(answer) as found:
            given = {key: found[key] for key in found.files}
    proven = float(given.get("proven", math.nan))
    value = job.value_of(given.pop("chosen"))
    bound, wall, cpu, peak = (float(given[key]) for key in ("bound", "wall", "cpu", "peak_mib"))
    return Answer(value, bound if math.isfinite(bound) else math.nan, wall, cpu, peak, proven)


def _run(command: list[str | Path], seconds: float | None) -> str:
    """Run a solver; return why there is no answer, or nothing."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {seconds:.0f} s"
    except OSError as error:
        return f"not installed ({error.strerror}): {INSTALL}"
    if not done.returncode:
        return ""
    last = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
    return f"not installed: {INSTALL}" if "ModuleNotFoundError" in last else f"failed: {last}"


def version_of(peers_python: str, package: str) -> str:
    """Return the version of a package in the peers' Python, a dash where there is none."""
    code = f"from importlib.metadata import version; print(version({json.dumps(package)}))"
    try:
        done = subprocess.run(
            [peers_python, "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return "-"
    return done.stdout.strip() or "-"
