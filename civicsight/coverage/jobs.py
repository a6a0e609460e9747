"""Work in pieces: heads in jobs of neighbours, rounds that fit into memory, threads to run them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from civicsight.core.progress import Progress
from civicsight.core.settings import worker_count
from civicsight.coverage._kernels.apart import workers
from civicsight.coverage._kernels.views import BLOCK
from civicsight.coverage.bounds import CELL_M, MOST_CELLS, is_spread
from civicsight.coverage.grid import lay_blocks, reach_boxes
from civicsight.coverage.shared_memory import keep, run_shared

CELL_SIZES_M = (CELL_M, 1.0, 2.0, 5.0, 10.0)
"""Sizes of a cell to choose from, the finest first."""

MAX_CELLS = 100_000_000
"""Cells of a raster unless told otherwise: 0.7 GB in memory, 25 km2 at half a metre."""

HEADS_PER_JOB = 4096
"""Heads of one job: enough to hide what a job costs, few enough to keep its rasters small."""


def fitting_cell_m(heads: gpd.GeoDataFrame, *, at_most: int = MAX_CELLS) -> float:
    """Return the finest usual size of a cell at which a raster stays small enough [m].

    Parameters
    ----------
    heads
        Table `model.HEADS`.
    at_most
        Cells that the blocks in reach may have together.
    """
    xy = heads.geometry.get_coordinates().to_numpy()
    reach = heads[["reach_m"]].to_numpy(np.float64)
    for cell_m in CELL_SIZES_M[:-1]:
        boxes = reach_boxes(xy, reach, cell_m)
        if not is_spread(boxes) and _count_cells(boxes) <= at_most:
            return cell_m
    return CELL_SIZES_M[-1]


def cut_into_jobs(xy: npt.NDArray[np.float64], cell_m: float) -> list[npt.NDArray[np.int64]]:
    """Cut heads into jobs of neighbours, in the order of a space-filling curve.

    Parameters
    ----------
    xy
        Their places, shape ``(n, 2)`` [m].
    cell_m
        Side of a cell.

    Returns
    -------
    list
        The rows of the heads of each job.
    """
    order = np.argsort(place_on_curve(xy, 64 * cell_m), kind="stable")
    size = min(HEADS_PER_JOB, max(1, -(-len(order) // (4 * worker_count()))))
    return [order[k : k + size] for k in range(0, len(order), size)]


def rounds_of(
    jobs: list[npt.NDArray[np.int64]], boxes: npt.NDArray[np.int64]
) -> Iterator[list[npt.NDArray[np.int64]]]:
    """Group the jobs that run at a time: a few for each worker, with room for their rasters.

    Parameters
    ----------
    boxes
        What each head can reach, in cells.
    """
    some: list[npt.NDArray[np.int64]] = []
    cells = 0
    for rows in jobs:
        more = _count_cells(boxes[rows])
        if some and (len(some) >= 4 * worker_count() or cells + more > MOST_CELLS):
            yield some
            some, cells = [], 0
        some.append(rows)
        cells += more
    if some:
        yield some


def _count_cells(boxes: npt.NDArray[np.int64]) -> int:
    """Count the cells of the blocks that boxes touch."""
    return int(np.count_nonzero(lay_blocks(boxes).number >= 0)) * BLOCK**2


def place_on_curve(xy: npt.NDArray[np.float64], side_m: float) -> npt.NDArray[np.uint64]:
    """Return the place of each point's square on a Z-order curve (Morton 1966).

    Parameters
    ----------
    xy
        Shape ``(n, 2)`` [m].
    side_m
        Side of a square.
    """
    if not len(xy):
        return np.zeros(0, np.uint64)
    at = np.floor(xy / side_m).astype(np.int64)
    at = (at - at.min(axis=0)).astype(np.uint64)
    code = np.zeros(len(at), np.uint64)
    for bit in range(24):
        one, place = np.uint64(1), np.uint64(bit)
        code |= ((at[:, 0] >> place) & one) << np.uint64(2 * bit)
        code |= ((at[:, 1] >> place) & one) << np.uint64(2 * bit + 1)
    return code


_running: ContextVar[Executor | None] = ContextVar("running", default=None)


@contextmanager
def running_on(executor: Executor | None) -> Iterator[None]:
    """Have the jobs of everything inside run somewhere; None leaves it as it was outside."""
    token = _running.set(executor or _running.get())
    try:
        yield
    finally:
        _running.reset(token)


def run_jobs(
    function: Callable[..., Any],
    jobs: list[tuple[Any, ...]],
    weights: Iterable[int],
    progress: Progress | None,
    executor: Executor | None,
    *,
    shared: tuple[Any, ...] = (),
) -> list[Any]:
    """Run jobs side by side and return their results in the order of the jobs.

    An interrupt cancels what has not begun, and what waits for the compiler.

    Parameters
    ----------
    function, jobs
        Called with what is of each job.
    weights, progress
        What each job counts, and who is told of it.
    executor
        Where they run; by default where `running_on` says, or in threads, one for each core.
    shared
        What comes first in every call; to others than threads it goes by a file.
    """
    weights, ended = list(weights), Event()
    given = executor or _running.get()
    own = workers(worker_count(), ended.is_set) if given is None else None
    futures = _submit(given or own, function, shared, jobs)  # type: ignore[arg-type] # one is there
    order = {future: k for k, future in enumerate(futures)}
    done = 0
    try:
        for future in as_completed(futures):
            future.result()
            done += weights[order[future]]
            if progress is not None:
                progress(done, sum(weights))
    finally:
        ended.set()
        for future in futures:
            future.cancel()
        if own is not None:
            own.shutdown()
    return [future.result() for future in futures]


def _submit(
    pool: Executor,
    function: Callable[..., Any],
    shared: tuple[Any, ...],
    jobs: list[tuple[Any, ...]],
) -> list[Future[Any]]:
    if isinstance(pool, ThreadPoolExecutor) or not (jobs and shared):
        return [pool.submit(function, *shared, *job) for job in jobs]
    kept = keep(shared)
    return [pool.submit(run_shared, function, kept, *job) for job in jobs]
