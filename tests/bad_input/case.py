"""What one bad input is, and what is promised for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Outcome = Literal["read", "rows", "refused", "inert"]
"""``read``: taken as it is, with what was understood in the report. ``rows``: single rows are
refused and named, the others can be taken with ``keep_good``. ``refused``: nothing of it is taken.
``inert``: stored as text that does nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One bad input.

    Parameters
    ----------
    number
        Number in the catalogue of bad inputs that the project tests against.
    title
        What is wrong with it, in a few words.
    make
        Writes it into an empty folder and returns the path to give to the reader.
    call
        Reads it through the Python interface; returns a report or whatever the reader returns.
    command
        Arguments of the command line behind ``civicsight``; ``{input}`` is the path, ``{out}`` a
        place to write to, which must not come to exist where the input is refused.
    outcome
        What is promised.
    code
        Code of the fault, or empty where the input is read.
    says
        Pieces that message or report must hold in any language: file, row, field, value.
    """

    number: int
    title: str
    make: Callable[[Path], Path]
    call: Callable[[Path], object]
    command: tuple[str, ...]
    outcome: Outcome
    code: str = ""
    says: tuple[str, ...] = ()
