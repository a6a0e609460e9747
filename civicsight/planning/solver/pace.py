"""The pace of an optimisation: time, progress, and the wish to stop, while others compute."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from typing import Any

import numpy as np

from civicsight.coverage._kernels.apart import heeding, pending, workers
from civicsight.planning.solver.outcome import Limits, Progress, Watch

POLL_S = 0.04
"""How often a wish to stop is looked for [s]."""

REPORT_S = 0.25
"""How often progress is told at least [s]."""


class Pace:
    """Runs work on threads, tells progress meanwhile, and halts it when it is time.

    Kernels look at `halt` every step; what they have done by then is valid.
    """

    _executor: Executor

    def __init__(self, limits: Limits, watch: Watch | None) -> None:
        self.limits = limits
        self.halt = np.zeros(1, np.bool_)
        self.history: list[Progress] = []
        self.value = float("inf")
        self.bound = 0.0
        self.steps = 0
        self.stage = ""
        self._watch = watch
        self._is_broken = False
        self._began = time.perf_counter()

    @contextmanager
    def at_work(self, threads: int) -> Iterator[None]:
        """Have threads for a block; a stop that would have to wait for the compiler leaves it."""
        with heeding(self.is_stopped), workers(threads) as self._executor:
            yield

    def is_stopped(self) -> bool:
        """Tell whether someone asked to end, or an error did: then no kernel is waited for."""
        return self._is_broken or self.limits.is_stopped()

    @property
    def seconds(self) -> float:
        """Time since the start [s]."""
        return time.perf_counter() - self._began

    @property
    def is_over(self) -> bool:
        """Whether the time is up or someone asked to end."""
        return self.limits.is_over(self.seconds)

    def left(self, share: float = 1.0) -> Limits:
        """Return limits for a share of the time that is left."""
        return Limits(seconds=max(0.0, self.limits.seconds - self.seconds) * share,
                      stop=self.limits.stop)  # fmt: skip

    def do(
        self,
        calls: Iterable[Callable[[], Any]],
        *,
        until: float = float("inf"),
        value: Callable[[], float] | None = None,
    ) -> list[Any]:
        """Run calls side by side and return what they return, in their order.

        Parameters
        ----------
        until
            Seconds since the start at which they are halted, though nothing else ends.
        value
            Asked for the present value whenever progress is told.
        """
        pending: list[Future[Any]] = [self._executor.submit(call) for call in calls]
        try:
            while wait(pending, timeout=POLL_S).not_done:
                self.halt[0] = self.is_over or self.seconds >= until
                self._tell(value)
        except BaseException:
            self.halt[0] = self._is_broken = True
            raise
        finally:
            wait(pending)
            self.halt[0] = self.is_over
        self._tell(value)
        return [future.result() for future in pending]

    def enter(self, stage: str) -> None:
        """Start a step of the ladder, and tell it."""
        self.stage = stage
        self.tell()

    def tell(self) -> None:
        """Tell where it is."""
        stage = "compile" if pending() else self.stage
        progress = Progress(self.seconds, self.steps, self.value, self.bound, stage)
        self.history.append(progress)
        if self._watch is not None:
            self._watch(progress)

    def _tell(self, value: Callable[[], float] | None) -> None:
        """Tell where it is, if the last time was long ago."""
        if self.history and self.seconds - self.history[-1].seconds < REPORT_S:
            return
        if value is not None:
            self.value = min(self.value, value())
        self.tell()
