"""The document model: what a document says in words of one language, whatever its format.

A document is data: a renderer in `report` makes a page or a DOCX of it and needs nothing besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from civicsight.core.errors import Text
from civicsight.core.i18n import Language
from civicsight.presentation.drawing import Canvas
from civicsight.presentation.names import Names


@dataclass(frozen=True, slots=True)
class Cell:
    """A text that is more than words.

    Parameters
    ----------
    text, small
        The text, and what stands below it in small type.
    tone
        How it stands out on a page: a class of its style sheet.
    drawing
        What is drawn beside it, as markup.
    """

    text: str
    small: str = ""
    tone: str = ""
    drawing: str = ""

    def __str__(self) -> str:
        """Return its words."""
        return f"{self.text} ({self.small})" if self.small else self.text


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its caption, headings and cells; columns of figures are set to the right.

    Parameters
    ----------
    caption, heads, rows
        Its words.
    figures
        Columns that are set to the right.
    named
        Whether the first cell of a row is its heading.
    kind
        A class of the style sheet, for the width of its columns.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str | Cell, ...], ...]
    figures: frozenset[int] = frozenset()
    named: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels, each with its value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A drawing with what it shows in words."""

    caption: str
    canvas: Canvas


@dataclass(frozen=True, slots=True)
class Drawings:
    """Drawings side by side, each with what stands under it and its markup."""

    drawn: tuple[tuple[str, str], ...]
    kind: str = "figures"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with room for yes or no, name and day."""

    text: str
    about: str = ""


Block = str | Cell | Table | Facts | Figure | Drawings | Ask


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A numbered section: what stands in it, and the sections below it."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    parts: list[Section] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """What a document says in one language: whatever its format, it needs nothing else.

    Parameters
    ----------
    language
        Of all its words.
    title, lead
        Title, and what stands below it.
    banners
        What holds for all of it, before anything else.
    sections
        The chapters.
    small, foot
        What stands beside the title in small type, and below everything.
    tab
        What the tab of a browser says, by default the title.
    """

    language: Language
    title: str
    lead: tuple[Block, ...]
    banners: tuple[str, ...]
    sections: tuple[Section, ...]
    small: str = ""
    foot: tuple[str, ...] = ()
    tab: str = ""


def lay_out(
    names: Names,
    caption: Text,
    headings: Sequence[Text],
    rows: Iterable[Sequence[Any]],
    figures: Iterable[int] = (),
    *,
    named: bool = False,
) -> Table:
    """Put a table into words of one language; what is unknown becomes a dash."""

    def cell(value: Any) -> str | Cell:
        if isinstance(value, Text):
            return names.translate(value)
        if isinstance(value, Cell):
            return value
        return "–" if value is None or value != value else str(value)  # noqa: PLR0124 - NaN

    cells = tuple(tuple(map(cell, row)) for row in rows)
    told = tuple(map(names.translate, headings))
    return Table(names.translate(caption), told, cells, frozenset(figures), named)


def show(
    names: Names,
    title: Text,
    headings: Sequence[Text],
    rows: Sequence[Sequence[Any]],
    drawn: Sequence[tuple[str, str]] = (),
    note: Text | None = None,
) -> Section:
    """Return a section of drawings with a table below them; `note` says how to read them."""
    blocks: list[Block] = [] if note is None else [Cell(names.translate(note), tone="quiet")]
    if drawn:
        blocks.append(Drawings(tuple(drawn)))
    if rows:
        blocks.append(lay_out(names, Text(""), headings, rows, named=True))
    return Section(names.translate(title), blocks)
