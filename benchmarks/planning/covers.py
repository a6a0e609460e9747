"""Least cost and least sites: the OR-Library, zones of a city, a whole city, reuse (G1-G4, G6, G8).

References
----------
The instances of Beasley (1990), OR-Library, and their best known values, read from a folder.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.planning import frozen, instances
from benchmarks.planning.goals import Found
from benchmarks.planning.race import OURS, RIVALS, SOLVERS, Answer, Job, gap_of, race
from civicsight.planning.solver.model import Problem

BRIEF_FILES = ("scp41", "scp410", "scp51", "scp58", "scpa1", "scpnre1")
"""Of the library, when little time is asked for."""

SEARCH_STEPS = 2**40
"""More than there is time for: the time decides."""

N_EXISTING = 250

ROOMS = ((11, 20), (21, 64), (31, 136), (41, 232), (51, 353))
"""Points along a wall, and the fewest cameras that were published for the contest's room."""


def library(options: argparse.Namespace) -> Found:
    """G1: five seconds each."""
    found, gaps = Found(), {}
    known = best_known(options.data)
    paths = sorted(options.data.glob("*.gz"))
    if not paths:
        found.said.append(f"G1: no instances in {options.data}; say where with --data")
    for path in paths:
        name = path.name.split(".")[0]
        if options.quick and name not in BRIEF_FILES:
            continue
        seconds = 2.0 if options.quick else 5.0
        job = Job(f"G1 {name} ({known[name]:.0f})", read_cover(path), seconds, options.threads)
        for solver, answer in _race(found, job, options).items():
            gaps.setdefault(solver, []).append(100.0 * (answer.value / known[name] - 1.0))
    count = len(gaps.get(OURS, ()))
    for solver, some in gaps.items():
        answered = np.array(some)[~np.isnan(some)]
        if len(answered) < count:
            found.said.append(f"G1: {solver} has a cover of {len(answered)} of {count} in time")
        if len(answered):
            found.note("mean", answered.mean(), solver)
            found.note("most", answered.max(), solver)
        found.note("at best", 100.0 * (answered <= 0.0).sum() / count, solver)
    return found


def rooms(options: argparse.Namespace) -> Found:
    """G2: rooms of the sizes of AC_10 to AC_14; sixty seconds each."""
    found = Found(said=["G2: rooms of the contest's kind and size, not its own"])
    for side, published in ROOMS[:2] if options.quick else ROOMS:
        seconds = 15.0 if options.quick else 60.0
        job = Job(f"G2 room {side} ({published})", instances.make_room(side), seconds,
                  options.threads, exact=False, steps=SEARCH_STEPS)  # fmt: skip
        for solver, answer in _race(found, job, options).items():
            found.note(f"room {side}", answer.value, solver, cpu=answer.cpu_s)
    return found


def zones(options: argparse.Namespace) -> Found:
    """G3: sixty seconds."""
    found = Found()
    if options.quick:
        job = _job("G3 zones", instances.ZONES, 30.0, options)
    else:
        problem = frozen.read("zones")
        job = Job(f"G3 zones {size_of(problem)}", problem, 60.0, options.threads)
    answers = _race(found, job, options)
    for solver, answer in answers.items():
        found.note("zoned gap", answer.gap, solver)
        found.note("zoned s", answer.wall_s, solver, cpu=answer.cpu_s)
    return found


def city(options: argparse.Namespace) -> Found:
    """G4: forty-five seconds."""
    found = Found()
    size, seconds = (instances.SMALL, 15.0) if options.quick else (instances.MIDDLE, 45.0)
    answers = _race(found, _job("G4 city", size, seconds, options), options)
    for solver, answer in answers.items():
        bound = answer.proven if solver == OURS else answer.bound
        found.note("city gap", gap_of(answer.value, bound), solver)
        if "HiGHS" in answers:
            found.note("city cost", answer.value / answers["HiGHS"].value, solver)
    return found


def least_sites(options: argparse.Namespace) -> Found:
    """G6: every candidate costs one, as spopt has it; the time until the optimum is proven."""
    found, ratios, same = Found(), [], []
    sizes = instances.SITES[:1] if options.quick else instances.SITES
    for size in sizes:
        problem = instances.make_city(size)
        problem = replace(problem, cost=np.ones(problem.n_candidate))
        seconds = 30.0 if options.quick else 60.0
        job = Job(f"G6 {size_of(problem)}", problem, seconds, options.threads)
        answers = _race(found, job, options, RIVALS)
        ours = answers[OURS]
        same.append(ours.value <= ours.bound)
        if "spopt" in answers:
            theirs = answers["spopt"]
            same[-1] &= not theirs.value < ours.value
            ratios.append(theirs.wall_s / ours.wall_s)
    found.note("same", 100.0 * np.mean(same))
    if ratios:
        found.note("least x", min(ratios))
        found.note("median x", np.median(ratios))
    return found


def reuse(options: argparse.Namespace) -> Found:
    """G8: existing cameras for nothing; two cameras on a fifth of the cells."""
    found, size = Found(), instances.SMALL if options.quick else instances.ZONES
    problem, rng = instances.make_city(size), np.random.default_rng(0)
    existing = rng.choice(problem.n_candidate, min(N_EXISTING, problem.n_candidate), replace=False)
    cost = problem.cost.copy()
    cost[existing] = 0.0
    degree = np.bincount(problem.cells, minlength=problem.n_requirement)
    twice = (rng.random(problem.n_requirement) < 0.2) & (degree >= 2) & (problem.need == 1)
    asked = {
        "none": problem,
        "reuse": replace(problem, cost=cost),
        "twice": replace(problem, need=(problem.need + twice).astype(np.int32)),
    }
    answers = {
        name: _race(found, Job(f"G8 {name}", one, 60.0, options.threads), options)
        for name, one in asked.items()
    }
    for solver in (OURS, *RIVALS):
        if solver in answers["none"] and solver in answers["reuse"]:
            ratio = answers["reuse"][solver].value / answers["none"][solver].value
            found.note("reuse", ratio, solver)
        if solver in answers["twice"]:
            found.note("twice gap", answers["twice"][solver].gap, solver)
            answer = answers["twice"][solver]
            found.note("twice s", answer.wall_s, solver, cpu=answer.cpu_s)
    return found


def _job(name: str, size: instances.City, seconds: float, options: argparse.Namespace) -> Job:
    problem = instances.make_city(size)
    return Job(f"{name} {size_of(problem)}", problem, seconds, options.threads)


def _race(
    found: Found, job: Job, options: argparse.Namespace, rivals: tuple[str, ...] = SOLVERS
) -> dict[str, Answer]:
    job = replace(job, cpu=options.cpu)
    answers, rows, said = race(job, options.peers_python, rivals)
    found.rows += rows
    found.said += said
    return answers


def read_cover(path: Path) -> Problem:
    """Read a set cover of the OR-Library: by rows, or by columns if it is of a railway."""
    numbers = np.array(gzip.decompress(path.read_bytes()).split(), np.int64).tolist()
    m, n = numbers[:2]
    rows: list[list[int]] = [[] for _ in range(n)]
    if path.name.startswith("rail"):
        costs, at = [], 2
        for j in range(n):
            cost, count = numbers[at : at + 2]
            costs.append(float(cost))
            rows[j] = [r - 1 for r in numbers[at + 2 : at + 2 + count]]
            at += 2 + count
        return Problem.of(rows, cost=costs, n_requirement=m)
    at = 2 + n
    for r in range(m):
        count = numbers[at]
        for j in numbers[at + 1 : at + 1 + count]:
            rows[j - 1].append(r)
        at += 1 + count
    return Problem.of(rows, cost=[float(cost) for cost in numbers[2 : 2 + n]], n_requirement=m)


def best_known(folder: Path) -> dict[str, float]:
    table = folder / "best_known.csv"
    if not table.exists():
        return {}
    with table.open(encoding="utf-8") as file:
        return {
            Path(row["Path"]).stem: float(row["Best known solution value"])
            for row in csv.DictReader(file)
            if row["Unicost"] == "0"
        }


def size_of(problem: Problem) -> str:
    return f"{problem.n_requirement:,} x {problem.n_candidate:,}"
