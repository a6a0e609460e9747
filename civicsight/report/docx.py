"""The plan as a document that officials edit: DOCX for Word and WPS.

Headings are tagged, tables have heading rows that repeat, pictures have a text in place of them. In
Chinese it is set as official documents are (`docx_layout`).

References
----------
ECMA-376, Office Open XML, part 1, section 17.4.78 (``tblHeader``).
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Sequence
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_
from civicsight.core.i18n import HTML_LANGUAGE, Language, translate
from civicsight.core.shown import shown
from civicsight.planning.record.root import SHORT
from civicsight.presentation.document import (
    Ask,
    Cell,
    Document,
    Drawings,
    Facts,
    Figure,
    Section,
    Table,
)
from civicsight.report.docx_layout import (
    OFFICIAL,
    PLAIN,
    Layout,
    mark_pages,
    number_pages,
    set_layout,
    stand_close,
)
from civicsight.report.html import approval_blocks

OFFICIAL_LANGUAGE: Final = "zh_CN"
"""A document in it is set after GB/T 9704; there is no such rule for the others."""

DEEPEST: Final = 4
"""Level of headings below which none is set apart."""

CODE_CM: Final = 3.2
"""Side of a QR code: a module is three quarters of a millimetre."""

EM_CM: Final = 0.3175
"""Width of a Chinese sign in a table, which is set in nine points."""

LATIN_EMS: Final = 0.62
"""Width of a Latin letter beside that: half in the fonts that are named, more in stand-ins."""

PADDING_EMS, LEAST_EMS, MOST_EMS = 1.6, 2.0, 12.0
"""Room beside the text of a cell, the narrowest text, and the most that a word may ask for."""

WORD: Final = re.compile(r"[^\s\u2E80-\uFFEF]+")
"""What cannot break: anything between spaces and Chinese signs."""

BOX: Final = "\u2610"

MAX_PROPERTY: Final = 255
"""Longest property of a document (ISO/IEC 29500-2)."""

EPOCH: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Day that stands in the file: the same plan gives the same document."""


def write_docx(
    path: Path, told: Document, root: str, *, approval: bool = True, mark: str = ""
) -> None:
    """Write a plan as DOCX.

    Parameters
    ----------
    path
        The ``.docx`` file.
    told
        What it says; its language is named in the file for spelling and for screen readers.
    root
        What binds it to the plan that is kept; see `html.render_plan`.
    approval
        Whether it has room for the approval of the plan.
    mark
        What stands at the head of every page, as a level of secrecy does.
    """
    document, language, title = docx.Document(), told.language, told.title
    layout = OFFICIAL if language == OFFICIAL_LANGUAGE else PLAIN
    set_layout(document, layout, HTML_LANGUAGE[language])
    document.core_properties.title = shown(title)[:MAX_PROPERTY]
    document.core_properties.author = "civicsight"
    document.core_properties.language = HTML_LANGUAGE[language]
    document.core_properties.created = document.core_properties.modified = EPOCH
    document.add_heading(shown(title), 0)
    for line in (*told.banners, *map(str, told.lead)):
        document.add_paragraph(shown(line))
    writer = _Writer(document, language, layout)
    if approval:
        document.add_heading(translate(N_("Approval"), language), 1)
        for block in approval_blocks(language, root):
            if isinstance(block, Figure):
                _write_picture(document, block, CODE_CM, block.caption)
            else:
                document.add_paragraph(shown(block))
    for number, section in enumerate(told.sections, start=1):
        writer.section(section, (number,))
    number_pages(document, layout, root[:SHORT])
    if mark:
        mark_pages(document, layout, mark)
    with written_whole(path) as scratch:
        document.save(str(scratch))


class _Writer:
    """Writes sections into a document, and counts its tables and pictures."""

    def __init__(self, document: Any, language: Language, layout: Layout) -> None:
        self.document, self.language, self.layout = document, language, layout
        self.tables = self.figures = 0

    def section(self, section: Section, levels: tuple[int, ...]) -> None:
        """Write a section and its parts; `levels` are the numbers of it and of those around it."""
        heading = self.layout.number(levels) + section.title
        self.document.add_heading(shown(heading), min(len(levels), DEEPEST))
        for block in section.blocks:
            if isinstance(block, Table):
                self.grid(block)
            elif isinstance(block, Figure):
                self.figure(block)
            elif isinstance(block, Ask):
                self.document.add_paragraph(
                    shown(block.text)
                ).paragraph_format.keep_with_next = True
                if block.about:
                    self.document.add_paragraph(shown(block.about), style="Caption")
                words = [
                    translate(text, self.language)
                    for text in (N_("yes"), N_("no"), N_("Name of the person"), N_("Date"))
                ]
                yes, no, name, day = words
                self.document.add_paragraph(
                    f"{BOX} {yes}   {BOX} {no}   {name}: __________   {day}: __________"
                )
            elif isinstance(block, Facts):
                for label, value in block.pairs:
                    said = N_("%(label)s: %(value)s", label=label, value=value)
                    self.document.add_paragraph(shown(translate(said, self.language)))
            elif not isinstance(block, Drawings):  # markup is drawn on pages alone
                self.document.add_paragraph(shown(str(block)))
        for k, part in enumerate(section.parts, start=1):
            self.section(part, (*levels, k))

    def grid(self, grid: Table) -> None:
        """Write a table under its number and caption."""
        self.tables += 1
        said = N_("Table %(number)s  %(caption)s", number=self.tables, caption=grid.caption)
        caption = self.document.add_paragraph(
            shown(translate(said, self.language)), style="Caption"
        )
        caption.paragraph_format.keep_with_next = True
        table = self.document.add_table(rows=1, cols=len(grid.headings), style="Table Grid")
        table.autofit = False
        head = table.rows[0]
        shares = shares_of(grid, self.layout.width_cm)
        for column, cell, share in zip(table.columns, head.cells, shares, strict=True):
            # Word reads the widths of cells, others those of columns; later rows take the columns'.
            column.width = cell.width = Cm(self.layout.width_cm * share)
        _fill(head, grid.headings, grid.figures, bold=True)
        # The heading of a table stands on every page that it reaches.
        head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - as in `_fill`
        if grid.rows:
            _add_rows(table, grid)
        stand_close(self.document.add_paragraph())

    def figure(self, figure: Figure) -> None:
        """Write a picture above its number and caption."""
        self.figures += 1
        said = N_("Figure %(number)s  %(caption)s", number=self.figures, caption=figure.caption)
        width = self.layout.width_cm
        _write_picture(self.document, figure, width, translate(said, self.language))


def _write_picture(document: Any, figure: Figure, width_cm: float, caption: str) -> None:
    picture = document.add_picture(BytesIO(figure.canvas.png()), width=Cm(width_cm))
    picture._inline.docPr.set("descr", shown(figure.caption))  # noqa: SLF001 - as in `_fill`
    holder = document.paragraphs[-1]
    stand_close(holder)
    holder.paragraph_format.keep_with_next = True
    document.add_paragraph(shown(caption), style="Caption")


def shares_of(grid: Table, width_cm: float) -> list[float]:
    """Return the share of the width of a table that each column gets, by what it holds.

    Where all fits without a break, each has its share of that. Else each has room for its longest
    word or figure; what is left goes to columns by how much more their texts would take, but less
    than in proportion, for they can break.
    """
    columns = [list(map(str, column)) for column in zip(grid.headings, *grid.rows, strict=True)]
    whole = [PADDING_EMS + max(map(_ems, texts)) for texts in columns]
    if sum(whole) <= width_cm / EM_CM:
        return [width / sum(whole) for width in whole]
    least, wants = [], []
    for k, texts in enumerate(columns):
        longest = max(map(_ems, texts[1:]), default=0.0)
        head = max(_ems(texts[0]) / 2, _longest_word(texts[:1]))
        held = longest if k in grid.figures else min(_longest_word(texts[1:]), MOST_EMS)
        least.append(PADDING_EMS + max(held, min(head, MOST_EMS), LEAST_EMS))
        wants.append(math.sqrt(max(longest + PADDING_EMS - least[-1], 0.0)))
    left = max(width_cm / EM_CM - sum(least), 0.0) / max(sum(wants), 1.0)
    widths = [own + left * want for own, want in zip(least, wants, strict=True)]
    return [width / sum(widths) for width in widths]


def _longest_word(texts: Sequence[str]) -> float:
    return max((_ems(word) for text in texts for word in WORD.findall(text)), default=0.0)


def _ems(text: str) -> float:
    """Return about how wide a text is, in widths of a Chinese sign."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else LATIN_EMS for sign in text)


def _fill(
    row: Any, texts: Sequence[str | Cell], figures: frozenset[int], *, bold: bool = False
) -> None:
    for k, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(shown(str(text)))
        run.bold, run.font.size = bold, Pt(9)
        stand_close(paragraph)
        if k in figures:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - the library has no name for it
    properties.append(OxmlElement("w:cantSplit"))


def _add_rows(table: Any, grid: Table) -> None:
    """Add the rows under the head: all are set alike, so one is set and the others are its copies.

    Setting each cell anew takes six times as long.
    """
    model = table.add_row()
    _fill(model, [""] * len(grid.headings), grid.figures)
    body, blank = table._tbl, model._tr  # noqa: SLF001 - as in `_fill`
    body.remove(blank)
    for cells in grid.rows:
        row = deepcopy(blank)
        for run, text in zip(row.iter(qn("w:r")), cells, strict=True):
            run.text = shown(str(text))
        body.append(row)
