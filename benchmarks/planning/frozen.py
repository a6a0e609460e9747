"""Problems of planning that are kept as files, so that no change of the engine moves their goals.

`python -m benchmarks.planning.frozen` reads each problem, holds it against its digest and solves it
(`--seconds`, `--only NAME`); `--write NAME` makes a problem anew with the engine of today, which
needs a reason in the changelog: figures before and after then speak of two problems.

The digest is of the arrays, not of the file: how a file is packed does not count.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.bars import print_table
from benchmarks.planning import instances
from benchmarks.planning.race import HEAD, SOLVERS, Job, race
from civicsight.coverage.check import check
from civicsight.planning.aims.requirements import build_problem
from civicsight.planning.candidates import generate
from civicsight.planning.solver.model import Problem

FOLDER: Final = Path(__file__).with_name("frozen_problems")
TABLE: Final = FOLDER / "digests.tsv"
CITIES: Final = {"helsinki": "helsinki", "district": "district", "dense": "osm_rome_esquilino"}
"""Problems that were made from a city: all that its candidates could meet."""

NAMES: Final = (*CITIES, "zones")
COLUMNS: Final = ("name", "requirements", "candidates", "entries", "sha256")


def make(name: str) -> Problem:
    """Make a problem with the engine of today."""
    if name not in CITIES:
        return instances.make_city(instances.ZONED)
    from benchmarks.cities import make as make_city  # reads test data: not for who only reads files

    result = check(make_city(CITIES[name]), raster=False)
    return build_problem(generate(result), result).problem


def digest_of(problem: Problem) -> str:
    """Return the SHA-256 of names, types, shapes and values of all arrays, little-endian."""
    digest = hashlib.sha256()
    for entry in fields(Problem):
        array = getattr(problem, entry.name)
        array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        digest.update(f"{entry.name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def write(name: str, problem: Problem, folder: Path = FOLDER) -> None:
    """Keep a problem: differences of `cells` in place of their values, which pack in two thirds."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {entry.name: getattr(problem, entry.name) for entry in fields(Problem)}
    arrays["cells"] = np.diff(arrays["cells"], prepend=np.int32(0))
    np.savez_compressed(folder / f"{name}.npz", **arrays)
    kept = {**digests(folder), name: row_of(name, problem)}
    with (folder / TABLE.name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerows((COLUMNS, *(kept[key] for key in sorted(kept))))


def row_of(name: str, problem: Problem) -> tuple[str, ...]:
    """Return the row of the table of digests."""
    counts = (problem.n_requirement, problem.n_candidate, len(problem.cells))
    return name, *map(str, counts), digest_of(problem)


def digests(folder: Path = FOLDER) -> dict[str, tuple[str, ...]]:
    """Return the rows of the table of digests by name."""
    table = folder / TABLE.name
    if not table.exists():
        return {}
    with table.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file, delimiter="\t")
    return {row[0]: tuple(row) for row in rows}


def read(name: str, folder: Path = FOLDER) -> Problem:
    """Read a problem.

    Raises
    ------
    ValueError
        If its arrays are not those of its digest.
    """
    with np.load(folder / f"{name}.npz") as file:
        arrays = {entry.name: file[entry.name] for entry in fields(Problem)}
    arrays["cells"] = np.cumsum(arrays["cells"], dtype=np.int32)
    problem = Problem(**arrays)
    found, kept = row_of(name, problem), digests(folder).get(name)
    if found != kept:
        msg = f"{name}.npz holds {found}, expected {kept}: take the file from the repository again"
        raise ValueError(msg)
    return problem


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planning.frozen")
    parser.add_argument("--only", action="append", choices=NAMES, help="may be repeated")
    parser.add_argument("--write", action="append", choices=NAMES, help="make a problem anew")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each solver")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each solver")
    parser.add_argument("--cpu", action="store_true", help="limits of the processors' time")
    parser.add_argument("--share", type=float, default=math.inf, help="budget, of all costs")
    parser.add_argument("--peers-python", default=sys.executable, help="a Python with the others")
    asked = parser.parse_args(arguments)
    for name in asked.write or ():
        write(name, make(name))
    if asked.write:
        return
    rows: list[tuple[str, ...]] = []
    said: list[str] = []
    for name in asked.only or NAMES:
        problem = read(name)
        budget = asked.share * float(problem.cost.sum())
        threads = 1 if asked.cpu else asked.threads
        job = Job(name, problem, asked.seconds, threads, budget=budget, cpu=asked.cpu)
        _, some, told = race(job, asked.peers_python, SOLVERS)
        rows += some
        said += told
    print_table(HEAD, rows)
    print(*said, sep="\n")


if __name__ == "__main__":
    main()
