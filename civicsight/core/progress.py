"""How far a reader is: told where it takes the rows of a file, heard by whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Called with what is done and how much there is in all."""

PARTS: Final = 100
"""How often it is told of a long work at most; nobody sees more on a bar."""

UNKNOWN: Final = 1000
"""After how many it is told where nobody knows how many there are."""

_tick: ContextVar[Progress | None] = ContextVar("tick", default=None)


@contextmanager
def hearing(tick: Progress | None) -> Iterator[None]:
    """Have all reading inside told to somebody.

    Parameters
    ----------
    tick
        Called with what is done and in all, rows or bytes, 0 of 0 where a reader cannot say; of a
        file that is read apart many times a second, whether or not there is news. What it raises
        ends the reading at once: that is how to stop one.
    """
    token = _tick.set(tick)
    try:
        yield
    finally:
        _tick.reset(token)


def heard() -> Progress | None:
    """Return who hears, None for nobody."""
    return _tick.get()


def report_progress(done: int, total: int) -> None:
    """Tell what is done and in all."""
    tick = _tick.get()
    if tick is not None:
        tick(done, total)


def counted(items: Iterable[T], total: int) -> Iterator[T]:
    """Return the same items one by one, and tell how many of `total` (0: not known) were taken.

    Examples
    --------
    >>> with hearing(print):
    ...     list(counted("ab", 2))
    1 2
    2 2
    ['a', 'b']
    """
    tick = _tick.get()
    return iter(items) if tick is None else _counted(items, total, tick)


def _counted(items: Iterable[T], total: int, tick: Progress) -> Iterator[T]:
    step = max(total // PARTS, 1) if total else UNKNOWN
    for number, item in enumerate(items, start=1):
        yield item
        if number % step == 0 or number == total:
            tick(number, total)
