"""Attempts to sign in: how many at a time, and how many in vain from whom.

They are counted by name and address together: whoever knows a name keeps only himself waiting,
never its owner elsewhere. Of one address one attempt at a time is weighed, of all a few, since each
takes 128 MiB for a moment; so nobody who tries on and on fills the queue of others.

References
----------
OWASP Authentication Cheat Sheet (lock-out as a means to deny service).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Condition
from time import monotonic
from typing import Final

MAX_FAILURES: Final = 5
PAUSE_S: Final = 60.0
MAX_KNOWN: Final = 10_000
AT_A_TIME: Final = 4

Who = tuple[str, str]
"""A name, and the address from which it is tried."""


@dataclass(slots=True, eq=False)
class Attempts:
    """What was tried in vain; `clock` tells the time [s]."""

    clock: Callable[[], float] = monotonic
    failures: dict[Who, tuple[int, float]] = field(default_factory=dict)
    slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_A_TIME))
    trying: set[str] = field(default_factory=set)
    change: Condition = field(default_factory=Condition)

    def weigh(self, who: Who, fits: Callable[[], bool]) -> bool | None:
        """Return whether an attempt fits, None if there were too many before it."""
        with self._turn_of(who[1]):
            if self._must_wait(who):
                return None
            with self.slots:
                came_in = fits()
            self._note(who, came_in)
            return came_in

    @contextmanager
    def _turn_of(self, address: str) -> Iterator[None]:
        """Let one attempt of an address be weighed; the next ones of it wait."""
        with self.change:
            self.change.wait_for(lambda: address not in self.trying)
            self.trying.add(address)
        try:
            yield
        finally:
            with self.change:
                self.trying.remove(address)
                self.change.notify_all()

    def _must_wait(self, who: Who) -> bool:
        with self.change:
            failures, since = self.failures.get(who, (0, 0.0))
        return failures >= MAX_FAILURES and self.clock() - since < PAUSE_S

    def _note(self, who: Who, came_in: bool) -> None:  # noqa: FBT001 - what was just found
        with self.change:
            failures, _ = self.failures.pop(who, (0, 0.0))
            if not came_in:
                self.failures[who] = (failures + 1, self.clock())
            while len(self.failures) > MAX_KNOWN:
                self.failures.pop(next(iter(self.failures)))


ATTEMPTS: Final = Attempts()
"""The attempts at this process."""
