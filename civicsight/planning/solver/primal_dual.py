"""Prices for a problem too large to factorise: a first-order primal-dual method, matrix-free.

References
----------
Chambolle and Pock (2011) with the diagonal steps of Pock and Chambolle (2011); restarts and the
weight between primal and dual as in PDLP (Applegate and others 2021). The matrix is read by rows
and by columns and never copied into a solver.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from civicsight.core.arrays import FloatArray, IndexArray, IntArray
from civicsight.coverage._kernels.apart import workers
from civicsight.planning.solver._kernels.bounds import (
    count_short,
    move_dual,
    move_primal,
    reduce_costs,
)
from civicsight.planning.solver.covering import transpose
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.programme import excusable, greatest_loss

ENTRIES_PER_BLOCK: Final = 4_000_000
"""Entries handled between two looks at whether to stop: some 20 ms."""

TOLERANCE: Final = 1e-5
"""Error below which prices are good enough: the bound is exact for any."""

CHECK: Final = 50
"""Steps between two measurements of the error."""

EARLY: Final = (4, 10, 20, 35)
"""Steps after which the mean prices are shown too: fifty steps of a large city take a minute."""

ENOUGH, SOME, LONG = 0.2, 0.8, 0.36
"""A restart comes once the error fell to the first share, or to the second and rises again, or
after the third share of all steps (PDLP, section 4)."""


def prices(
    problem: Problem,
    start: FloatArray,
    steps: int,
    *,
    is_over: Callable[[], bool],
    threads: int = 1,
) -> Iterator[FloatArray]:
    """Yield better and better prices [yuan], from time to time.

    Parameters
    ----------
    problem
        What is asked for.
    start
        Prices to begin with, shape ``(n_requirement,)``.
    steps
        Greatest number of steps; each reads the matrix twice.
    is_over
        Asked every `ENTRIES_PER_BLOCK` entries; the answer ends it at once.
    threads
        Threads to share the work; the prices are the same for any number.
    """
    setting = _setting(problem)
    now = _start(setting, start / setting.scale)
    mean, last, pace = now.copy(), now.copy(), _Pace()
    with workers(threads) as pool:
        for step in range(1, steps + 1):
            pace.since += 1
            if not _advance(setting, now, mean, pace, is_over, pool):
                return
            if step in EARLY:
                yield mean.y * setting.scale
            if step % CHECK and step != steps:
                continue
            errors = [_error(setting, point) for point in (now, mean)]
            best, error = (now, errors[0]) if errors[0] <= errors[1] else (mean, errors[1])
            yield best.y * setting.scale
            if error <= TOLERANCE:
                return
            if pace.is_time(error, step):
                now = best.copy()
                pace.restart(error, *_distances(setting, last, now))
                mean, last = now.copy(), now.copy()


@dataclass(slots=True)
class _Pace:
    """The weight between prices and choices, and when to start anew from the better point."""

    weight: float = 1.0
    since: int = 0
    last: float = math.inf
    previous: float = math.inf

    def is_time(self, error: float, step: int) -> bool:
        """Tell whether to restart at an error."""
        fell, rises = error <= SOME * self.last, error > self.previous
        self.previous = error
        return error <= ENOUGH * self.last or (fell and rises) or self.since >= LONG * step

    def restart(self, error: float, far_x: float, far_y: float) -> None:
        """Begin anew; balance how far choices and prices moved since the last restart."""
        if far_x > 0.0 and far_y > 0.0:
            self.weight = math.sqrt(self.weight * far_y / far_x)
        self.since, self.last, self.previous = 0, error, math.inf


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Limits that few variables share: those of a site, or of a group.

    Parameters
    ----------
    of, use
        Row of each variable, `FREE` for none, and what a unit of it uses there.
    limit
        What each row offers.
    step
        Length of a step of its price.
    """

    of: IndexArray
    use: FloatArray
    limit: FloatArray
    step: FloatArray

    @classmethod
    def of_limits(cls, of: IndexArray, use: FloatArray, limit: FloatArray) -> Rows:
        """Choose steps by what is used at most."""
        inside = of != FREE
        total = np.bincount(of[inside], use[inside], minlength=len(limit))
        total[total == 0.0] = 1.0
        return cls(of, use, limit, 1.0 / total)

    def charge(self, price: FloatArray) -> FloatArray:
        """Return what a unit of each variable pays."""
        inside = self.of != FREE
        paid = np.zeros(len(self.of))
        paid[inside] = self.use[inside] * price[self.of[inside]]
        return paid

    def excess(self, values: FloatArray) -> FloatArray:
        """Return by how much values use more than is there."""
        inside = self.of != FREE
        weights = self.use[inside] * values[inside]
        used = np.bincount(self.of[inside], weights, minlength=len(self.limit))
        return np.asarray(used - self.limit, np.float64)

    def move(self, price: FloatArray, ahead: FloatArray, weight: float) -> FloatArray:
        """Step prices up by what is used too much, not below 0."""
        return np.maximum(0.0, price + weight * self.step * self.excess(ahead))


@dataclass(frozen=True, slots=True, eq=False)
class _Setting:
    """What stays the same: the problem scaled to a mean cost of 1, its transpose, the steps."""

    problem: Problem
    scale: float
    cost: FloatArray
    need: FloatArray
    row_ptr: IntArray
    rows: IndexArray
    loose: IntArray
    sites: Rows
    groups: Rows
    x_step: FloatArray
    z_step: FloatArray
    y_step: FloatArray
    x_blocks: list[tuple[int, int]]
    y_blocks: list[tuple[int, int]]


@dataclass(slots=True, eq=False)
class _Point:
    """Shares of candidates and of what stays unmet; prices of requirements, sites, groups."""

    x: FloatArray
    z: FloatArray
    y: FloatArray
    site: FloatArray
    group: FloatArray

    def copy(self) -> _Point:
        """Return one that moves by itself."""
        return _Point(*(part.copy() for part in (self.x, self.z, self.y, self.site, self.group)))


def _setting(problem: Problem) -> _Setting:
    scale = float(problem.cost.mean()) if problem.cost.any() else 1.0
    row_ptr, rows = transpose(problem.indptr, problem.cells, problem.n_requirement)
    loose = excusable(problem)
    group = problem.group[loose]
    heaviest = np.zeros(len(problem.slack))
    np.maximum.at(heaviest, group, problem.weight[loose])
    heaviest[heaviest == 0.0] = 1.0
    share = problem.weight[loose] / heaviest[group]
    sited = (problem.site != FREE).astype(np.float64)
    excused = np.zeros(problem.n_requirement)
    excused[loose] = problem.need[loose]
    return _Setting(
        problem=problem,
        scale=scale,
        cost=problem.cost / scale,
        need=problem.need.astype(np.float64),
        row_ptr=row_ptr,
        rows=rows,
        loose=loose,
        sites=Rows.of_limits(problem.site, sited, problem.capacity.astype(np.float64)),
        groups=Rows.of_limits(group, share, greatest_loss(problem) / heaviest),
        x_step=1.0 / np.maximum(np.diff(problem.indptr) + sited, 1.0),
        z_step=1.0 / (excused[loose] + share),
        y_step=1.0 / np.maximum(np.diff(row_ptr) + excused, 1.0),
        x_blocks=_blocks(problem.indptr),
        y_blocks=_blocks(row_ptr),
    )


def _blocks(indptr: IntArray) -> list[tuple[int, int]]:
    """Cut rows into ranges of some millions of entries."""
    count = int(indptr[-1]) // ENTRIES_PER_BLOCK + 1
    cuts = np.searchsorted(indptr, np.linspace(0, indptr[-1], count + 1)[1:-1])
    edges = [0, *np.maximum.accumulate(cuts).tolist(), len(indptr) - 1]
    return list(pairwise(edges))


def _start(setting: _Setting, y: FloatArray) -> _Point:
    n, k = setting.problem.n_candidate, len(setting.loose)
    sites, groups = len(setting.sites.limit), len(setting.groups.limit)
    return _Point(np.zeros(n), np.zeros(k), y.copy(), np.zeros(sites), np.zeros(groups))


def _advance(
    setting: _Setting,
    now: _Point,
    mean: _Point,
    pace: _Pace,
    is_over: Callable[[], bool],
    pool: ThreadPoolExecutor,
) -> bool:
    """Take one step and move the mean by a share; return False if it was broken off."""
    weight, share = pace.weight, 1.0 / pace.since
    problem, loose = setting.problem, setting.loose
    ahead = np.empty_like(now.x)
    cost = setting.cost + setting.sites.charge(now.site)
    x_args = (problem.indptr, problem.cells, cost, now.y, setting.x_step / weight)
    if not _each(
        move_primal, setting.x_blocks, (*x_args, now.x, ahead, mean.x, share), is_over, pool
    ):
        return False
    slope = setting.groups.charge(now.group) - setting.need[loose] * now.y[loose]
    z = np.clip(now.z - setting.z_step / weight * slope, 0.0, 1.0)
    z_ahead, now.z = 2.0 * z - now.z, z
    need = setting.need.copy()
    need[loose] *= 1.0 - z_ahead
    y_args = (setting.row_ptr, setting.rows, need, ahead, weight * setting.y_step)
    if not _each(move_dual, setting.y_blocks, (*y_args, now.y, mean.y, share), is_over, pool):
        return False
    now.site = setting.sites.move(now.site, ahead, weight)
    now.group = setting.groups.move(now.group, z_ahead, weight)
    for name in ("z", "site", "group"):
        moved = getattr(mean, name)
        moved += share * (getattr(now, name) - moved)
    return True


def _each(
    kernel: Callable[..., None],
    blocks: list[tuple[int, int]],
    args: tuple[object, ...],
    is_over: Callable[[], bool],
    pool: ThreadPoolExecutor,
) -> bool:
    """Run a kernel over every block, unless it is over before the end."""

    def run(block: tuple[int, int]) -> bool:
        if is_over():
            return False
        kernel(*block, *args)
        return True

    if len(blocks) == 1:
        return run(blocks[0])
    return all(pool.map(run, blocks))


def _error(setting: _Setting, point: _Point) -> float:
    """Measure how far a point is from solving both sides: what is short, used too much, and apart.

    Relative to the size of the problem and of its value, so that it has no unit.
    """
    problem, loose = setting.problem, setting.loose
    need = setting.need.copy()
    need[loose] *= 1.0 - point.z
    short = np.empty(len(need))
    count_short(setting.row_ptr, setting.rows, need, point.x, short)
    over = [setting.sites.excess(point.x), setting.groups.excess(point.z)]
    residual = np.concatenate([short, *(np.maximum(part, 0.0) for part in over)])
    reduced = np.empty(len(setting.cost))
    reduce_costs(
        problem.indptr,
        problem.cells,
        setting.cost + setting.sites.charge(point.site),
        point.y,
        reduced,
    )
    spared = setting.groups.charge(point.group) - setting.need[loose] * point.y[loose]
    bound = (
        setting.need @ point.y
        + np.minimum(reduced, 0.0).sum()
        + np.minimum(spared, 0.0).sum()
        - setting.sites.limit @ point.site
        - setting.groups.limit @ point.group
    )
    value = setting.cost @ point.x
    missing = float(np.linalg.norm(residual)) / (1.0 + float(np.linalg.norm(setting.need)))
    apart = abs(float(value - bound)) / (1.0 + abs(float(value)) + abs(float(bound)))
    return math.hypot(missing, apart)


def _distances(setting: _Setting, before: _Point, after: _Point) -> tuple[float, float]:
    """Return how far choices and prices moved, each measured by its own steps."""
    far_x = ((after.x - before.x) ** 2 / setting.x_step).sum()
    far_y = ((after.y - before.y) ** 2 / setting.y_step).sum()
    return math.sqrt(float(far_x)), math.sqrt(float(far_y))
