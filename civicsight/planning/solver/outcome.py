"""An optimisation as it runs: progress, pace, the wish to stop, and what it returns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Any

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.coverage._kernels.apart import heeding, pending, workers

Watch = Callable[["Progress"], None]


class Status(StrEnum):
    """How an optimisation ended."""

    OPTIMAL = "optimal"
    """No cheaper choice exists: cost and bound meet."""
    FEASIBLE = "feasible"
    """The steps were used up; the gap says how far from the best it can be at most."""
    STOPPED = "stopped"
    """Someone stopped it, or the time was up; the choice is valid all the same."""
    INFEASIBLE = "infeasible"
    """Nothing satisfies it: capacities or a budget forbid what is asked for."""
    UNDECIDED = "undecided"
    """Nothing was found that satisfies it, nor a proof that nothing does; nothing is chosen."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an optimisation is.

    Parameters
    ----------
    seconds, steps
        Since the start.
    value
        Of the best choice so far: its cost, or the weight it covers.
    bound
        What no choice can beat; 0 (or the whole weight) while nothing better is known.
    stage
        Name of the step of the ladder: presolve, greedy, search, bound, exact; or compile, while
        it waits for a kernel.
    """

    seconds: float
    steps: int
    value: float
    bound: float
    stage: str

    @property
    def gap(self) -> float:
        """Share by which the value can be improved at most, 0 if it is the best."""
        return gap_between(self.value, self.bound)


@dataclass(frozen=True, slots=True)
class Limits:
    """When to end: what runs out first.

    Parameters
    ----------
    steps
        Steps of local search, the budget that makes a run repeatable; None: as many as the size of
        the problem suggests.
    seconds
        Outer limit of wall time; a run that it ends is `Status.STOPPED`.
    stop
        Set by someone else to end at once: heard within 200 ms, also while a kernel compiles.
    """

    steps: int | None = None
    seconds: float = float("inf")
    stop: Event | None = None

    def is_over(self, seconds: float) -> bool:
        """Tell whether the time is up or someone asked to end."""
        return seconds >= self.seconds or self.is_stopped()

    def is_stopped(self) -> bool:
        """Tell whether someone asked to end."""
        return self.stop is not None and self.stop.is_set()


@dataclass(frozen=True, slots=True)
class Stage:
    """What was reached of one of several aims, given that those before it are kept.

    Parameters
    ----------
    value
        What the choice reaches.
    bound, word
        What no choice can beat that keeps those before at `kept`: by the duals, and by the word of
        the exact solver.
    kept
        What the search reached of this aim, and those after it keep.
    """

    value: float
    bound: float
    word: float
    kept: float


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A choice of candidates and the proof of how good it is.

    Parameters
    ----------
    chosen
        bool, shape ``(n_candidate,)``.
    value
        Its cost [yuan]; of a budgeted problem the weight that it covers.
    bound
        What no choice can beat, recomputable from `dual` alone.
    solver_bound
        The same by the word of the exact solver, at least as tight as `bound`; equal to it where
        the solver did not run.
    dual
        Dual of each requirement, at least 0, shape ``(n_requirement,)``.
    status
        How it ended.
    history
        Progress, oldest first.
    seed, steps
        With these and the same problem the same choice comes out, for any number of threads.
    stages
        Of aims that come one after the other; then `value` and bounds are those of the first, and
        `dual` has the duals of each, one after the other.
    """

    chosen: BoolArray
    value: float
    bound: float
    solver_bound: float
    dual: FloatArray
    status: Status
    history: tuple[Progress, ...]
    seed: int
    steps: int
    stages: tuple[Stage, ...] = ()

    @property
    def gap(self) -> float:
        """Share by which the value can be improved at most, by the tighter bound."""
        return gap_between(self.value, self.solver_bound)


def gap_between(value: float, bound: float) -> float:
    """Return the distance of a value from its bound as a share of the value.

    Where the value is nought the share is infinite unless the bound is nought too: what reaches
    nothing of what could be reached is not the best.
    """
    if value == bound:
        return 0.0
    return abs(value - bound) / abs(value) if value else float("inf")


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
        return Limits(
            seconds=max(0.0, self.limits.seconds - self.seconds) * share, stop=self.limits.stop
        )

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
                self._report(value)
        except BaseException:
            self.halt[0] = self._is_broken = True
            raise
        finally:
            wait(pending)
            self.halt[0] = self.is_over
        self._report(value)
        return [future.result() for future in pending]

    def enter(self, stage: str) -> None:
        """Start a step of the ladder, and tell it."""
        self.stage = stage
        self.report()

    def report(self) -> None:
        """Tell where it is."""
        stage = "compile" if pending() else self.stage
        progress = Progress(self.seconds, self.steps, self.value, self.bound, stage)
        self.history.append(progress)
        if self._watch is not None:
            self._watch(progress)

    def _report(self, value: Callable[[], float] | None) -> None:
        """Tell where it is, if the last time was long ago."""
        if self.history and self.seconds - self.history[-1].seconds < REPORT_S:
            return
        if value is not None:
            self.value = min(self.value, value())
        self.report()
