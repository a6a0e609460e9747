"""Bounds and certificates: how close, how fast, how small (goal G12, and what bounds cost).

The city is made: raster cells of one metre in blocks, cameras on the streets between them that see
sectors of 60 degrees and 15 to 60 m, cut off at the block behind. Seeded; the sizes are printed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from threading import Event, Timer

import numpy as np

from civicsight.planning import highs, worker
from civicsight.planning.bounds import best_dual, first_dual, lower_bound, round_up
from civicsight.planning.certificate import Certificate
from civicsight.planning.exact import solve_exact
from civicsight.planning.model import Problem
from civicsight.planning.outcome import Limits, Status
from civicsight.planning.primal_dual import prices
from civicsight.planning.recount import recount
from civicsight.planning.runs import encode, open_runs, save_runs

BLOCK_M, STREET_M = 60, 20


def main() -> None:
    """Measure a city of a size that fits a minute; the first argument is its side in metres."""
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    problem = made_city(side, per_km2=8_000)
    print(f"{problem.n_requirement:,} cells, {problem.n_candidate:,} candidates,", end=" ")
    print(f"{len(problem.cells):,} entries")
    for name, value in (measure_runs(problem) | measure_prices(problem) | measure_stop()).items():
        print(f"{name:<44}{value:>14,.4g}")


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


def measure_runs(problem: Problem) -> dict[str, float]:
    """Return size of the matrix on disk, time to open and ask, and time to verify."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_runs(folder, encode(problem.indptr, problem.cells))
        size = sum(path.stat().st_size for path in folder.iterdir())
        began = time.perf_counter()
        row = open_runs(folder).row(problem.n_candidate // 2)
        opened = time.perf_counter() - began
        j = problem.n_candidate // 2
        same = row.tolist() == problem.cells[problem.indptr[j] : problem.indptr[j + 1]].tolist()
    return {
        "matrix file [B/entry], goal 0.7": size / len(problem.cells),
        "open and first query [ms], goal 50": opened * 1e3 if same else float("nan"),
    }


def measure_prices(problem: Problem) -> dict[str, float]:
    """Return bounds and times of the first-order method and of the solver, and of a recount."""
    found: dict[str, float] = {}
    for threads in (1, 2):
        began = time.perf_counter()
        start = first_dual(problem)
        found_prices = prices(problem, start, 1000, is_over=lambda: False, threads=threads)
        heights = [lower_bound(problem, dual) for dual in found_prices]
        found[f"first-order method, {threads} threads [s]"] = time.perf_counter() - began
        found[f"first-order bound, {threads} threads"] = max(heights)
    began = time.perf_counter()
    dual = best_dual(problem, limits=Limits(seconds=120.0))
    found["best_dual, at most 120 s [s]"] = time.perf_counter() - began
    bound = lower_bound(problem, dual)
    found["best_dual bound"] = bound
    chosen = np.ones(problem.n_candidate, bool)
    cost = problem.price(chosen)
    args = (problem, chosen, cost, round_up(problem, bound), cost, "", dual, Status.STOPPED, 0, 0)
    with tempfile.TemporaryDirectory() as name:
        Certificate(*args).save(Path(name))
        began = time.perf_counter()
        wrong = recount(Path(name))
        found["recount of the certificate [s]"] = time.perf_counter() - began
        found["things wrong with it"] = float(len(wrong))
    return found


def measure_stop() -> dict[str, float]:
    """Return how long a solver takes to start, and a stop to be heard, goal 200 ms."""
    rng = np.random.default_rng(3)
    rows = [np.sort(rng.choice(400, 16, replace=False)).tolist() for _ in range(1500)]
    hard = Problem.of(rows, cost=rng.integers(90, 110, 1500), n_requirement=400)
    began = time.perf_counter()
    process = worker._start()  # noqa: SLF001 - the start is what is measured
    highs.send(process.process.stdin, None)  # type: ignore[arg-type]
    tiny = Problem.of([[0]], cost=[1.0])
    worker._give_back(process)  # noqa: SLF001
    entries, worker.SMALL_ENTRIES = worker.SMALL_ENTRIES, 0  # type: ignore[misc]
    solve_exact(tiny)
    started = time.perf_counter() - began
    worker.SMALL_ENTRIES = entries  # type: ignore[misc]
    late = []
    for wait in (0.3, 0.6, 1.0, 1.5, 2.0):
        stop = Event()
        Timer(wait, stop.set).start()
        began = time.perf_counter()
        solve_exact(hard, start=np.ones(1500, bool), limits=Limits(stop=stop))
        late.append(time.perf_counter() - began - wait)
    return {"start of a solver [ms]": started * 1e3, "slowest stop of five [ms]": max(late) * 1e3}


if __name__ == "__main__":
    main()
