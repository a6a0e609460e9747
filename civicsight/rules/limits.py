"""How much of a computer a pack from a stranger may use before it is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from civicsight.core.errors import N_, Fault, PackError

MAX_BYTES: Final = 1_000_000
"""A pack is a few dozen kilobytes; a megabyte is refused unread."""

MAX_DEPTH: Final = 20
"""Nesting that no honest pack comes near."""

MAX_VALUES: Final = 50_000
"""Values of a pack, inner ones counted; ours have some six thousand."""

MAX_ENTRIES: Final = 2_000
"""Entries of one list or mapping."""

MAX_FAULTS: Final = 200
"""Reading stops after this many faults; a person mends a few and tries again."""

TIME_LIMIT_S: Final = 20.0
"""Seconds of computing within which a pack has to be read and checked; ours take about one."""

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def time_limit(file: str, seconds: float = TIME_LIMIT_S) -> Iterator[None]:
    """Refuse a pack that takes longer inside; time that others use up does not count.

    Raises
    ------
    PackError
        When the time is up; the fault names the file.
    """
    if _deadline.get() is not None:  # the outer limit holds
        yield
        return
    token = _deadline.set(time.thread_time() + seconds)
    try:
        yield
    except TimeoutError as error:
        expected = N_("a pack that is read within %(n)s seconds", n=f"{seconds:g}")
        fault = Fault("pack.too_slow", file, "", "", "", expected, N_("Split the pack."))
        raise PackError([fault]) from error
    finally:
        _deadline.reset(token)


def check_time() -> None:
    """Stop if the time of the limit around this call is up.

    Raises
    ------
    TimeoutError
        Caught by `time_limit`.
    """
    deadline = _deadline.get()
    if deadline is not None and time.thread_time() > deadline:
        raise TimeoutError
