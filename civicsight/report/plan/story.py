"""What a plan tells, in words of one language: the same sections for every format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language
from civicsight.coverage.result import CheckResult
from civicsight.planning.plan import Plan
from civicsight.presentation.names import Names, name_all
from civicsight.report.plan.canvas import Canvas
from civicsight.report.plan.words import HOST_LABELS

NEW_CAMERA: Final = re.compile(r"new:(\w+):(.+)@([\d.]+)/\w+/([\d.]+)/[\d.]+")
"""Label of a new camera: carrier, place, height, neutral class, azimuth and tilt."""


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
class Told:
    """What a document says in one language: whatever its format, it needs nothing else.

    Parameters
    ----------
    language
        Of all its words.
    title, lead
        Title, and lines below it.
    banners
        What holds for all of it, before anything else.
    sections
        The chapters.
    """

    language: Language
    title: str
    lead: tuple[str, ...]
    banners: tuple[str, ...]
    sections: tuple[Section, ...]


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
    """Find the words for a plan in a language; new cameras are named by where they are to stand."""
    names = name_all(result, language)
    labels = {*plan.measures.index, *chain.from_iterable(plan.ledger["instead"].dropna())}
    made = {label: names.say(text) for label in labels if (text := new_camera(label)) is not None}
    return Teller(plan, result, replace(names, cameras={**names.cameras, **made}))


def new_camera(label: str) -> Text | None:
    """Return what a new camera is called; None for one that has a name of its own.

    Examples
    --------
    >>> str(new_camera("new:pole:L-036@4.6/standard/4/15"))
    'new: existing pole L-036, 4.6 m, 4°'
    """
    found = NEW_CAMERA.fullmatch(label)
    if found is None:
        return None
    host, where, height, azimuth = found.groups()
    return N_(
        "new: %(host)s %(where)s, %(height)s m, %(azimuth)s°",
        host=HOST_LABELS.get(host, Text(host)),
        where=where.replace("_", " "),
        height=height,
        azimuth=azimuth,
    )
