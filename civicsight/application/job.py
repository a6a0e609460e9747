"""A job, as pages watch it: what is computed, where it is, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event
from time import monotonic
from typing import Final

from civicsight.application.messages import At
from civicsight.application.work import Task
from civicsight.core.errors import N_, CivicsightError, Text

LEAST_SHARE: Final = 0.02
"""Before so much is done nobody can say how long it takes."""

WAITING: Final = N_("Waiting for its turn")


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER: Final = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class Stopped(CivicsightError):  # noqa: N818 - no error, an end
    """Ends a job that runs in a thread."""


@dataclass(slots=True, eq=False)
class Job:
    """A job, as pages watch it.

    Parameters
    ----------
    task
        What is computed.
    state, at
        Where it is.
    reasons
        Why it failed.
    from_cache
        Whether the answer was there already.
    """

    task: Task
    state: JobState = JobState.WAITING
    at: At = field(default_factory=lambda: At(0.0, WAITING))
    reasons: tuple[Text, ...] = ()
    from_cache: bool = False
    started_s: float | None = None
    stop: Event = field(default_factory=Event)
    enough: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)

    @property
    def id(self) -> str:
        """Digest of the task."""
        return self.task.digest

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in OVER

    @property
    def eta_s(self) -> float | None:
        """Seconds that are left if it goes on as it did; None while nobody can say."""
        if self.state is not JobState.RUNNING or self.started_s is None:
            return None
        if self.at.share < LEAST_SHARE:
            return None
        taken = monotonic() - self.started_s
        return taken * (1.0 - self.at.share) / self.at.share

    def cancel(self) -> None:
        """End it; it is over within a second."""
        self.stop.set()
        self.enough.set()

    def keep_best(self) -> None:
        """End the search of a plan; the best found so far is what it found."""
        self.enough.set()

    def wait(self, timeout_s: float | None = None) -> JobState:
        """Wait until it is over, or the time is."""
        self.over.wait(timeout_s)
        return self.state

    def finish(self, state: JobState, reasons: tuple[Text, ...] = ()) -> None:
        """Set how it ended; the first word counts."""
        if not self.is_over:
            self.state, self.reasons = state, reasons
            self.over.set()
