"""What a plan tells, in words of one language: the same sections for every format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from civicsight.coverage.check import CheckResult
from civicsight.errors import Text
from civicsight.maps.describe import Names, name_all
from civicsight.planning.plan import Plan
from civicsight.report.plan.canvas import Canvas


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its caption, headings and cells; columns of figures are set to the right."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A drawing with what it shows in words."""

    caption: str
    canvas: Canvas


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with room for yes or no, name and day."""

    text: str
    about: str = ""


Block = str | Grid | Figure | Ask


@dataclass(slots=True)
class Section:
    """A numbered section of a plan."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    parts: list[Section] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Teller:
    """A plan, the check of what exists, and words of a language for both.

    Parameters
    ----------
    plan, result
        The plan, and what `check` found without it.
    names
        What cameras, places and parts are called.
    """

    plan: Plan
    result: CheckResult
    names: Names

    def say(self, text: Text) -> str:
        """Render a sentence."""
        return self.names.say(text)

    def grid(
        self,
        caption: Text,
        heads: Sequence[Text],
        rows: Iterable[Sequence[Any]],
        figures: Iterable[int] = (),
    ) -> Grid:
        """Put a table into words."""
        return lay_out(self.names, caption, heads, rows, figures)


def lay_out(
    names: Names,
    caption: Text,
    heads: Sequence[Text],
    rows: Iterable[Sequence[Any]],
    figures: Iterable[int] = (),
) -> Grid:
    """Put a table into words of one language; what is unknown becomes a dash."""

    def cell(value: Any) -> str:
        if isinstance(value, Text):
            return names.say(value)
        return "–" if value is None or value != value else str(value)  # noqa: PLR0124 - NaN

    cells = tuple(tuple(map(cell, row)) for row in rows)
    return Grid(names.say(caption), tuple(map(names.say, heads)), cells, frozenset(figures))


def teller_of(plan: Plan, result: CheckResult, language: Any) -> Teller:
    """Find the words for a plan in a language."""
    return Teller(plan, result, name_all(result, language))
