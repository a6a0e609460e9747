"""Where jobs run: threads of this process, or whatever executor a caller hands in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, as_completed
from threading import Event
from typing import Any

from civicsight.core.progress import Progress
from civicsight.core.settings import worker_count
from civicsight.coverage._kernels.apart import workers


def run_jobs(
    function: Callable[..., Any],
    jobs: list[tuple[Any, ...]],
    weights: Iterable[int],
    progress: Progress | None,
    executor: Executor | None,
) -> list[Any]:
    """Run jobs side by side and return their results in the order of the jobs.

    An interrupt cancels what has not begun, and what waits for the compiler.
    """
    weights, ended = list(weights), Event()
    own = workers(worker_count(), ended.is_set) if executor is None else None
    pool: Executor = executor or own  # type: ignore[assignment] # one of the two is there
    futures = [pool.submit(function, *job) for job in jobs]
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
