"""How much memory processes have in use, as the system counts it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Spent:
    """What a reading process took: time of a processor [s], and memory at its most [bytes]."""

    cpu_s: float = 0.0
    peak_bytes: int = 0


def resident(process: int, *, family: bool = True) -> int:
    """Return the memory that a process has in use, with those it started [bytes]; 0 if it ended."""
    return sum(map(_resident_alone, _family(process) if family else (process,)))


def _resident_alone(process: int) -> int:
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _family(process: int) -> Iterator[int]:
    """Yield a process and what it started, itself or through others."""
    todo = [process]
    while todo:
        one = todo.pop()
        yield one
        with contextlib.suppress(OSError):
            listed = Path(f"/proc/{one}/task/{one}/children").read_text(encoding="ascii")
            todo += map(int, listed.split())
