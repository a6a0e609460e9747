"""A number that a person is shown: its key, what it is called, and how it is written.

Whatever shows a figure writes it by `Figure`, so that a test can ask of any page or paper where a
number on it is from: within `tracing`, each stands between two signs with its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from civicsight.core.errors import Text

BEGIN, BETWEEN, END = MARKS = ("\ue000", "\ue001", "\ue002")
"""Signs of private use that stand before the key, behind it and behind the number."""

_TRACED: Final[list[bool]] = []
"""An entry for each test that traces; not a variable of a context, for pages run in threads."""


class Unit(StrEnum):
    """What a figure is of, which is how it is written."""

    COUNT = "count"
    SHARE = "share"
    YUAN = "yuan"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its key.

    Parameters
    ----------
    key
        Names what was counted or summed, whatever page it stands on.
    value
        The number; None where it is not known.
    unit
        What it is of.
    label
        What it is called.
    """

    key: str
    value: float | None
    unit: Unit
    label: Text

    def __str__(self) -> str:
        """Return it as a person reads it: whole, a share as per cent, a dash if it is unknown."""
        return self.written(share if self.unit is Unit.SHARE else number)

    @property
    def of_earlier(self) -> Figure:
        """The same number as one of the version that another is compared with."""
        return replace(self, key=f"earlier.{self.key}")

    def written(self, write: Callable[[float], str]) -> str:
        """Return it written in another way, such as money in units of ten thousand."""
        return keyed(self.key, UNKNOWN if self.value is None else write(self.value))


@contextmanager
def tracing() -> Iterator[None]:
    """Have every figure stand between `MARKS` with its key, for tests."""
    _TRACED.append(True)
    try:
        yield
    finally:
        _TRACED.pop()


def keyed(key: str, text: str) -> str:
    """Return the text of a figure, with its key where somebody traces figures.

    Examples
    --------
    >>> keyed("gaps.closed", "31")
    '31'
    """
    return f"{BEGIN}{key}{BETWEEN}{text}{END}" if _TRACED else text


UNKNOWN: Final = "–"


def number(value: float, digits: int = 0) -> str:
    """Write a number with groups of three digits; an unknown one is a dash.

    Examples
    --------
    >>> number(12345.678, 1), number(float("nan"))
    ('12,345.7', '–')
    """
    return UNKNOWN if value != value else f"{value:,.{digits}f}"  # noqa: PLR0124 - NaN


def share(value: float, digits: int = 0) -> str:
    """Write a share as per cent; only all is 100 % and only none is 0 %.

    Examples
    --------
    >>> share(0.9996), share(1.0), share(0.0004), share(float("nan"))
    ('> 99 %', '100 %', '< 1 %', '–')
    >>> share(0.8142, 1), share(0.9996, 1)
    ('81.4 %', '> 99.9 %')
    """
    if value != value:  # noqa: PLR0124 - NaN
        return UNKNOWN
    least = 10.0 ** -(digits + 2)
    sign, said = "", value
    if 0.0 < value < least:
        sign, said = "< ", least
    elif 1.0 - least < value < 1.0:
        sign, said = "> ", 1.0 - least
    return f"{sign}{said:.{digits}%}".replace("%", " %")
