"""What follows from something else and lies damaged in a cache: said once, and made anew."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from civicsight.core.errors import N_, Text

LOG: Final = logging.getLogger(__name__)

MADE_ANEW: Final = N_(
    "A file in the cache folder is damaged: %(file)s. It is removed and made anew; no data are "
    "lost."
)

_hearing: list[Callable[[Text], object]] = []
_told: set[str] = set()


@contextmanager
def damage_reported_to(listener: Callable[[Text], object]) -> Iterator[None]:
    """Let somebody hear that kept files were damaged, in place of the log."""
    _hearing.append(listener)
    try:
        yield
    finally:
        _hearing.remove(listener)


def report_damage(file: str, said: Text = MADE_ANEW, of: str = "") -> None:
    """Say once of a file that it was damaged and is made anew: to who listens, else in the log.

    Parameters
    ----------
    file, said
        Its name, and the sentence that it stands in.
    of
        What it is one of, where that is said once of all.
    """
    if (of or file) in _told:
        return
    _told.add(of or file)
    text = replace(said, values={"file": file})
    for listener in tuple(_hearing):
        listener(text)
    if not _hearing:
        LOG.warning("%s", text)
