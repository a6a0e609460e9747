"""Duals of a programme too large to factorise: a first-order primal-dual method, matrix-free.

References
----------
Chambolle and Pock (2011) with the diagonal steps of Pock and Chambolle (2011); restarts and the
weight between primal and dual as in PDLP (Applegate and others 2021). A matrix of ones is read
where it lies, by rows and by columns, and never copied into a solver. HiGHS has a PDLP of its own:
measured beside this one in docs/decisions/.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array

from civicsight.core.arrays import FloatArray, IndexArray, IntArray
from civicsight.coverage._kernels.apart import workers
from civicsight.planning.solver._kernels.bounds import move_dual, move_primal, subtract

ENTRIES_PER_BLOCK: Final = 4_000_000
"""Entries handled between two looks at whether to stop: some 20 ms."""

TOLERANCE: Final = 1e-5
"""Error below which duals are good enough: the bound is exact for any."""

CHECK: Final = 50
"""Steps between two measurements of the error."""

EARLY: Final = (4, 10, 20, 35)
"""Steps after which the mean duals are shown too: fifty steps of a large city take a minute."""

ENOUGH, SOME, LONG = 0.2, 0.8, 0.36
"""A restart comes once the error fell to the first share, or to the second and rises again, or
after the third share of all steps (PDLP, section 4)."""


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """A sparse matrix as lists, by rows or by columns.

    Parameters
    ----------
    indptr, index
        Lists in compressed form.
    value
        Of each entry, or a single one that all have.
    """

    indptr: IntArray
    index: IndexArray
    value: FloatArray

    @property
    def args(self) -> tuple[IntArray, IndexArray, FloatArray, int]:
        """What kernels read: lists, values, and how far it is from one value to the next."""
        return self.indptr, self.index, self.value, int(len(self.value) > 1)

    def sizes(self) -> FloatArray:
        """Return the sum of the absolute values of each list."""
        ends = self.indptr
        if len(self.value) == 1:
            return np.diff(ends) * abs(float(self.value[0]))
        sums = np.append(0.0, np.cumsum(np.abs(self.value)))
        return np.asarray(sums[ends[1:]] - sums[ends[:-1]], np.float64)

    def blocks(self) -> list[tuple[int, int]]:
        """Cut lists into ranges of some millions of entries."""
        ends = self.indptr
        count = int(ends[-1]) // ENTRIES_PER_BLOCK + 1
        cuts = np.searchsorted(ends, np.linspace(0, ends[-1], count + 1)[1:-1])
        return list(pairwise([0, *np.maximum.accumulate(cuts).tolist(), len(ends) - 1]))


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """Least ``cost @ v`` for ``A v >= low`` and ``0 <= v <= upper``; ``A`` in two parts.

    Parameters
    ----------
    rows, columns
        The large part of ``A`` by rows and by columns.
    rest
        The small part, shape ``(m, n)``.
    cost, upper, low
        Of each variable, and of each row.
    scale
        Cost of a unit in what the costs were before; they should be near 1.
    heights
        By how much each row was divided; its greatest coefficient should be near 1.
    """

    rows: Entries
    columns: Entries
    rest: csr_array
    cost: FloatArray
    upper: FloatArray
    low: FloatArray
    scale: float
    heights: FloatArray

    def duals(
        self, start: FloatArray, steps: int, *, is_over: Callable[[], bool], threads: int = 1
    ) -> Iterator[FloatArray]:
        """Yield better and better duals of the rows, from time to time.

        Parameters
        ----------
        start
            Duals to begin with, shape ``(n_row,)``.
        steps
            Greatest number of steps; each reads the matrix twice.
        is_over
            Asked every `ENTRIES_PER_BLOCK` entries; the answer ends it at once.
        threads
            Threads to share the work; the duals are the same for any number.
        """
        unit = self.scale / self.heights
        setting = _Setting.of(self)
        now = _Point(np.zeros(len(self.cost)), start / unit)
        mean, last, pace = now.copy(), now.copy(), _Pace()
        with workers(threads) as pool:
            for step in range(1, steps + 1):
                pace.since += 1
                if not setting.advance(now, mean, pace, is_over, pool):
                    return
                if step in EARLY:
                    yield mean.y * unit
                if step % CHECK and step != steps:
                    continue
                errors = [setting.error(point) for point in (now, mean)]
                best, error = (now, errors[0]) if errors[0] <= errors[1] else (mean, errors[1])
                yield best.y * unit
                if error <= TOLERANCE:
                    return
                if pace.is_time(error, step):
                    now = best.copy()
                    pace.restart(error, *setting.distances(last, now))
                    mean, last = now.copy(), now.copy()


@dataclass(slots=True)
class _Pace:
    """The weight between duals and values, and when to start anew from the better point."""

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
        """Begin anew; balance how far values and duals moved since the last restart."""
        if far_x > 0.0 and far_y > 0.0:
            self.weight = math.sqrt(self.weight * far_y / far_x)
        self.since, self.last, self.previous = 0, error, math.inf


@dataclass(slots=True, eq=False)
class _Point:
    """Values of the variables, and duals of the rows."""

    x: FloatArray
    y: FloatArray

    def copy(self) -> _Point:
        """Return one that moves by itself."""
        return _Point(self.x.copy(), self.y.copy())


@dataclass(frozen=True, slots=True, eq=False)
class _Setting:
    """What stays the same: the programme, the small part across, steps and blocks."""

    relaxed: Relaxed
    across: csr_array
    x_step: FloatArray
    y_step: FloatArray
    x_blocks: list[tuple[int, int]]
    y_blocks: list[tuple[int, int]]

    @classmethod
    def of(cls, relaxed: Relaxed) -> _Setting:
        """Choose steps by the sums of columns and rows."""
        size = abs(relaxed.rest)
        across = relaxed.columns.sizes() + size.sum(axis=0)
        along = relaxed.rows.sizes() + size.sum(axis=1)
        return cls(
            relaxed,
            csr_array(relaxed.rest.T),
            1.0 / np.where(across > 0.0, across, 1.0),
            1.0 / np.where(along > 0.0, along, 1.0),
            relaxed.columns.blocks(),
            relaxed.rows.blocks(),
        )

    def advance(
        self,
        now: _Point,
        mean: _Point,
        pace: _Pace,
        is_over: Callable[[], bool],
        pool: ThreadPoolExecutor,
    ) -> bool:
        """Take one step and move the mean by a share; return False if it was broken off."""
        relaxed, share = self.relaxed, 1.0 / pace.since
        ahead = np.empty_like(now.x)
        cost = relaxed.cost - self.across @ now.y
        given: tuple[Any, ...] = (cost, now.y, self.x_step / pace.weight, relaxed.upper)
        args = (*relaxed.columns.args, *given, now.x, ahead, mean.x, share)
        if not _each(move_primal, self.x_blocks, args, is_over, pool):
            return False
        low = relaxed.low - relaxed.rest @ ahead
        args = (*relaxed.rows.args, low, ahead, pace.weight * self.y_step, now.y, mean.y, share)
        return _each(move_dual, self.y_blocks, args, is_over, pool)

    def error(self, point: _Point) -> float:
        """Measure how far a point is from solving both sides: what is short, and apart.

        Relative to the size of the programme and of its value, so that it has no unit.
        """
        relaxed = self.relaxed
        short, left = np.empty_like(point.y), np.empty_like(point.x)
        subtract(*relaxed.rows.args, relaxed.low - relaxed.rest @ point.x, point.x, short)
        subtract(*relaxed.columns.args, relaxed.cost - self.across @ point.y, point.y, left)
        bound = float(relaxed.low @ point.y + relaxed.upper @ np.minimum(left, 0.0))
        value = float(relaxed.cost @ point.x)
        missing = float(np.linalg.norm(np.maximum(short, 0.0)))
        missing /= 1.0 + float(np.linalg.norm(relaxed.low))
        return math.hypot(missing, abs(value - bound) / (1.0 + abs(value) + abs(bound)))

    def distances(self, before: _Point, after: _Point) -> tuple[float, float]:
        """Return how far values and duals moved, each measured by its own steps."""
        far_x = ((after.x - before.x) ** 2 / self.x_step).sum()
        far_y = ((after.y - before.y) ** 2 / self.y_step).sum()
        return math.sqrt(float(far_x)), math.sqrt(float(far_y))


def _each(
    kernel: Callable[..., None],
    blocks: list[tuple[int, int]],
    args: tuple[Any, ...],
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
