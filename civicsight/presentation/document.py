"""The document model: what a document says in words of one language, whatever its format.

A document is data: a renderer in `report` makes a page or a DOCX of it and needs nothing besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from civicsight.core.i18n import Language
from civicsight.presentation.drawing import Canvas


@dataclass(frozen=True, slots=True)
class Table:
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


Block = str | Table | Figure | Ask


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
