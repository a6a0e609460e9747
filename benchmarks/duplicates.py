"""Duplicate construction at the size of a city: `python -m benchmarks.duplicates`.

A seeded city of street cells, existing cameras at random and planned ones of which two thirds
repeat what is there. Goals: everything but the redundancy number within 1 s, that within 5 s, an
edit of one camera within 5 ms.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from scipy.sparse import csr_array

from civicsight.coverage.findings.shares import measure_overlaps, measure_shares
from civicsight.planning.duplicates.appraise import appraise, intended_reasons
from civicsight.planning.duplicates.fleet import Fleet, pack_fleet
from civicsight.planning.duplicates.redundancy import count_redundant
from civicsight.planning.duplicates.requirements import needed_weight, split
from civicsight.planning.duplicates.tally import Tally
from civicsight.planning.duplicates.thresholds import read_thresholds
from civicsight.planning.outcome import Limits
from civicsight.rules import load_packs

T = TypeVar("T")

EXISTING, PLANNED, CELLS = 15_000, 8_000, 861_455
SIDE = 930
"""Cells of a side of the city; the last row is not full."""

EDITS = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="limit of each least cover")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    fleet = made_city()
    limits = Limits(seconds=options.seconds)
    print(f"{EXISTING + PLANNED} cameras, {CELLS} cells, {fleet.meets.nnz} entries")
    asked = timed("split into requirements", lambda: split(fleet))
    timed("total, unique and fair shares",
          lambda: measure_shares(fleet.meets, fleet.weight, fleet.k))  # fmt: skip
    timed("planned beside existing", lambda: needed_weight(fleet, asked, ~fleet.planned))
    timed("overlaps of pairs", lambda: measure_overlaps(fleet.meets, fleet.weight))
    tally = timed("counters", lambda: Tally(fleet))
    thresholds = read_thresholds(load_packs())
    found = timed("planned that go together", lambda: appraise(
        fleet, thresholds, limits=limits, threads=options.threads))  # fmt: skip
    timed("intended redundancy", lambda: intended_reasons(found))
    standing = timed("redundancy number", lambda: count_redundant(
        asked, ~fleet.planned, fleet.cost_yuan, limits=limits, threads=options.threads
    ))  # fmt: skip
    edits(tally, fleet)
    spare = found.spare
    print(f"planned: {int(spare.goes.sum())} can go, {spare.saved:,.0f} of {spare.total:,.0f} yuan "
          f"saved, at most {spare.saved_at_most:,.0f}; {int(found.low.sum())} flagged")  # fmt: skip
    print(f"standing: {standing.at_least} to {standing.at_most} of {standing.counted} redundant")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GiB")


def made_city() -> Fleet:
    """Return a seeded city: each camera sees a wedge of cells; planned ones repeat or fill."""
    rng = np.random.default_rng(20_260_101)
    old = np.column_stack([rng.integers(0, SIDE, EXISTING), rng.integers(0, SIDE, EXISTING)])
    near = old[rng.integers(0, EXISTING, PLANNED)] + rng.integers(-4, 5, (PLANNED, 2))
    free = rng.integers(0, SIDE, (PLANNED, 2))
    new = np.where(rng.random((PLANNED, 1)) < 2 / 3, near, free)
    rows = [wedge(at, rng) for at in np.concatenate([old, new])]
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    indices = np.concatenate(rows)
    shape = (EXISTING + PLANNED, CELLS)
    meets = csr_array((np.ones(len(indices), bool), indices, indptr), shape=shape)
    planned = np.arange(EXISTING + PLANNED) >= EXISTING
    cost = rng.integers(8, 30, EXISTING + PLANNED) * 1_000.0
    k = np.where(rng.random(CELLS) < 0.02, 2, 1)
    return pack_fleet(
        meets, planned=planned, k=k, part=np.arange(CELLS) // 200,
        cost_yuan=np.where(planned, cost, np.nan),
    )  # fmt: skip


def wedge(at: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the cells within a sector of 60 degrees around a random heading."""
    reach = int(rng.integers(8, 17))
    x, y = np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1))
    off = (np.arctan2(x, y) - rng.random() * 2 * np.pi + np.pi) % (2 * np.pi) - np.pi
    seen = (np.hypot(x, y) <= reach) & (np.abs(off) <= np.pi / 6)
    column, line = at[0] + x[seen], at[1] + y[seen]
    inside = (column >= 0) & (column < SIDE) & (line >= 0)
    cells = line[inside] * SIDE + column[inside]
    return np.unique(cells[cells < CELLS])


def edits(tally: Tally, fleet: Fleet) -> None:
    """Move cameras about and time each."""
    rng = np.random.default_rng(1)
    times = []
    for camera in rng.integers(0, len(fleet.planned), EDITS):
        row = wedge(rng.integers(0, SIDE, 2), rng)
        began = time.perf_counter()
        tally.move(int(camera), row)
        times.append(time.perf_counter() - began)
    middle, most = np.quantile(times, [0.5, 0.99]) * 1e3
    print(f"{'edit of one camera':32} {middle:9.3f} ms (99 of 100 within {most:.3f} ms)")


def timed(name: str, run: Callable[[], T]) -> T:
    began, before = time.perf_counter(), time.process_time()
    value = run()
    wall, cpu = time.perf_counter() - began, time.process_time() - before
    print(f"{name:32} {wall * 1e3:9.1f} ms ({cpu * 1e3:.1f} ms of processors)")
    return value


if __name__ == "__main__":
    main()
