"""How often one token, or one address without any, may ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from threading import Lock
from time import monotonic
from typing import Final

AT_ONCE: Final = 600.0
"""Requests of one token after a rest: a map of tiles asks for dozens each time it is moved."""

A_SECOND: Final = 20.0
WRONG_AT_ONCE: Final = 20.0
WRONG_A_SECOND: Final = 0.5
"""The same for tokens that open nothing, by the address that they come from."""

MAX_KNOWN: Final = 10_000


@dataclass(slots=True, eq=False)
class Bucket:
    """How many requests are left to each, filled again with time; `clock` tells the time [s]."""

    at_once: float
    a_second: float
    clock: Callable[[], float] = monotonic
    left: dict[str, tuple[float, float]] = field(default_factory=dict)
    gate: Lock = field(default_factory=Lock)

    def wait_s(self, who: str, *, takes: float = 1.0) -> int:
        """Take one from what is left to somebody; return 0, or how long he has to wait [s]."""
        with self.gate:
            now = self.clock()
            left, since = self.left.pop(who, (self.at_once, now))
            left = min(self.at_once, left + (now - since) * self.a_second)
            is_free = left >= 1.0
            self.left[who] = (left - takes if is_free else left, now)
            while len(self.left) > MAX_KNOWN:
                self.left.pop(next(iter(self.left)))
        return 0 if is_free else max(1, ceil((1.0 - left) / self.a_second))
