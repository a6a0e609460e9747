"""The time of a whole run: candidates, search, duals, ledger and extras share one limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from civicsight.core.progress import Progress
from civicsight.planning.solver.outcome import Limits


def now() -> float:
    """Return the time of a clock that never goes back [s]."""
    return time.perf_counter()


class TimeUpError(Exception):
    """The time was up at this share of a step [0-1]."""

    def __init__(self, share: float) -> None:
        super().__init__(share)
        self.share = share


@dataclass(frozen=True, slots=True)
class Clock:
    """What is left of the limits of a run that began when this was made.

    Parameters
    ----------
    limits
        Of the whole run; its steps are those of each search.
    """

    limits: Limits
    began: float = field(default_factory=now)

    @property
    def spent(self) -> float:
        """Time since the run began [s]."""
        return now() - self.began

    @property
    def left(self) -> float:
        """Time that is left [s]."""
        return max(self.limits.seconds - self.spent, 0.0)

    @property
    def is_over(self) -> bool:
        """Tell whether the time is up or somebody asked to end."""
        return self.limits.is_over(self.spent)

    def part(self, share: float, most: float = float("inf")) -> float:
        """Return a share of the time that is left, at most so much [s]."""
        return min(self.left * share, most)

    def ending(self, progress: Callable[[int, int], None] | None) -> Progress:
        """Return who hears of a step that ends when the time is up.

        It raises `TimeUpError` then, which the step does not catch. A wish to stop does not end the
        step: the plan that is kept then needs its candidates.
        """

        def hear(done: int, total: int) -> None:
            if progress is not None:
                progress(done, total)
            if self.spent >= self.limits.seconds:
                raise TimeUpError(done / max(total, 1))

        return hear
