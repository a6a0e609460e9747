"""Duplicate construction at the size of a city (G9).

A seeded city of street cells, existing cameras at random and planned ones of which two thirds
repeat what is there.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from benchmarks.planning.goals import Found
from civicsight.coverage.findings.camera_set import EXISTING, PLANNED, CameraSet, pack_camera_set
from civicsight.coverage.findings.shares import measure_overlaps, measure_shares
from civicsight.planning.duplicates.appraise import appraise, read_thresholds
from civicsight.planning.duplicates.plan_set import IncrementalCover
from civicsight.planning.duplicates.redundancy import count_redundant, needed_weight, split
from civicsight.planning.solver.outcome import Limits
from civicsight.rules import load_packs

N_EXISTING, N_PLANNED, CELLS = 15_000, 8_000, 861_455
SIDE = 930
"""Cells of a side of the city; the last row is not full."""

EDITS = 500


def duplicates(options: argparse.Namespace) -> Found:
    """G9: everything but the redundancy number, that number, and an edit."""
    measure(made_city(200, 100), options)  # brings every kernel into memory
    return measure(made_city(N_EXISTING, N_PLANNED), options)


def measure(camera_set: CameraSet, options: argparse.Namespace) -> Found:
    """Time everything that is told about duplicates, step by step."""
    found, limits, threads = Found(), Limits(seconds=5.0), options.threads
    cameras, cells = camera_set.meets.shape
    found.said.append(f"G9: {cameras:,} cameras, {cells:,} cells, {camera_set.meets.nnz:,} entries")
    clock = Clock(found)
    asked = clock.time("requirements", lambda: split(camera_set))
    clock.time("shares", lambda: measure_shares(camera_set.meets, camera_set.weight, camera_set.k))
    clock.time(
        "planned beside existing", lambda: needed_weight(camera_set, asked, ~camera_set.planned)
    )
    clock.time("overlaps", lambda: measure_overlaps(camera_set.meets, camera_set.weight))
    incremental = clock.time("counters", lambda: IncrementalCover(camera_set))
    found.note("shares s", clock.wall_s, cpu=clock.cpu_s)
    standing = clock.time("redundancy number", lambda: count_redundant(
        asked, ~camera_set.planned, camera_set.cost_yuan, limits=limits, threads=threads
    ))  # fmt: skip
    found.note("rho s", clock.last[0], cpu=clock.last[1])
    spare = clock.time("planned that go together", lambda: appraise(
        camera_set, read_thresholds(load_packs()), limits=limits, threads=threads
    )).spare  # fmt: skip
    wall, cpu = edits(incremental, camera_set)
    found.note("edit ms", wall, cpu=cpu)
    found.said.append(
        f"G9: {int(spare.goes.sum()):,} planned can go together, saving {spare.saved:,.0f} of "
        f"{spare.total:,.0f} yuan, at most {spare.saved_at_most:,.0f}; "
        f"{standing.at_least:,} to {standing.at_most:,} of {standing.counted:,} are redundant"
    )
    return found


@dataclass(slots=True)
class Clock:
    """Wall time and processors in all, and of the last step; what took how long is said."""

    found: Found
    wall_s: float = 0.0
    cpu_s: float = 0.0
    last: tuple[float, float] = (0.0, 0.0)

    def time(self, name: str, act: Callable[[], Any]) -> Any:
        """Time one step."""
        began, before = time.perf_counter(), time.process_time()
        made = act()
        self.last = wall, cpu = time.perf_counter() - began, time.process_time() - before
        self.wall_s += wall
        self.cpu_s += cpu
        self.found.said.append(f"G9: {name} {wall:.3f} s, {cpu:.3f} s of processors")
        return made


def made_city(existing: int, planned: int) -> CameraSet:
    """Return a seeded city: each camera sees a wedge of cells; planned ones repeat or fill."""
    rng = np.random.default_rng(20_260_101)
    count = existing + planned
    old = np.column_stack([rng.integers(0, SIDE, existing), rng.integers(0, SIDE, existing)])
    near = old[rng.integers(0, existing, planned)] + rng.integers(-4, 5, (planned, 2))
    free = rng.integers(0, SIDE, (planned, 2))
    new = np.where(rng.random((planned, 1)) < 2 / 3, near, free)
    rows = [wedge(at, rng) for at in np.concatenate([old, new])]
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    indices = np.concatenate(rows)
    meets = csr_array((np.ones(len(indices), bool), indices, indptr), shape=(count, CELLS))
    is_planned = np.arange(count) >= existing
    cost = rng.integers(8, 30, count) * 1_000.0
    k = np.where(rng.random(CELLS) < 0.02, 2, 1)
    return pack_camera_set(
        meets, status=np.where(is_planned, PLANNED, EXISTING), k=k, part=np.arange(CELLS) // 200,
        cost_yuan=np.where(is_planned, cost, np.nan),
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


def edits(incremental: IncrementalCover, camera_set: CameraSet) -> tuple[float, float]:
    """Move cameras about; return how long 99 of 100 take at most, and of processors [ms]."""
    rng = np.random.default_rng(1)
    times = []
    for camera in rng.integers(0, len(camera_set.planned), EDITS):
        row = wedge(rng.integers(0, SIDE, 2), rng)
        began, before = time.perf_counter(), time.process_time()
        incremental.move(int(camera), row)
        times.append((time.perf_counter() - began, time.process_time() - before))
    wall, cpu = 1e3 * np.quantile(times, 0.99, axis=0)
    return float(wall), float(cpu)
