"""What whoever has a file read may wish besides: that it ends, and where it may write meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final

from civicsight.errors import CivicsightError


class Stopped(CivicsightError):  # noqa: N818 - what happened
    """The reading of a file was ended, as whoever asked for it wished."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is wished of all files that are read meanwhile.

    Parameters
    ----------
    stop
        Once it is set, the process that reads ends, whatever it is in the middle of.
    folder
        Where its own folder is made; None: among the temporary files of this machine.
    """

    stop: Event = field(default_factory=Event)
    folder: Path | None = None


@contextmanager
def on_terms(terms: Terms) -> Iterator[None]:
    """Let what this thread has read meanwhile be read on some terms."""
    before = _TERMS.set(terms)
    try:
        yield
    finally:
        _TERMS.reset(before)


def present_terms() -> Terms:
    """Return the terms of this thread."""
    return _TERMS.get()


_TERMS: Final = ContextVar("terms", default=Terms())  # noqa: B039 - nobody can reach its event
