"""What the looks of a workbook may mean and no reader of values sees: it is named as not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.io.tables.package import Marks

MANY: Final = 10
"""Rows that a note names before it counts the others."""

Look = tuple[bool, str]
"""Whether a cell is struck out, and its fill colour."""

PLAIN: Final = frozenset({"", "00000000", "FFFFFFFF", "00FFFFFF"})
"""Colours of a cell that has none, or is white."""


def see_looks(row: Iterable[Any], number: int, marks: Marks, known: dict[int, Look]) -> None:
    """Mark a row that has a cell which is struck out, and the first fill colour of the row.

    Parameters
    ----------
    row, number
        Cells of openpyxl, and the number of their row.
    marks
        What is marked.
    known
        Looks of each style that was met; cells share few of them.
    """
    for cell in row:
        style = getattr(cell, "_style_id", None)
        if style is None or cell.value is None:
            continue
        if style not in known:
            known[style] = _look_of(cell)
        struck, colour = known[style]
        if struck:
            marks.struck.add(number)
        if colour:
            marks.fills.setdefault(number, colour)


def _look_of(cell: Any) -> Look:
    fill, font = cell.fill, cell.font
    colour = fill.fgColor if fill is not None and fill.fill_type == "solid" else None
    shown = "" if colour is None else str(getattr(colour, colour.type))
    if colour is not None and colour.type != "rgb":
        shown = f"{colour.type} {shown}"
    return bool(font is not None and font.strike), "" if shown in PLAIN else shown


def unread_looks(marks: Marks, lines: set[int]) -> tuple[Text, ...]:
    """Say what of the looks of the rows was not read: filters, strike-through, fills that vary."""
    notes = []
    if marks.filters:
        notes.append(
            N_(
                "not read: a filter that shows some rows only (%(ranges)s); all rows were taken",
                ranges=", ".join(dict.fromkeys(marks.filters)),
            )
        )
    struck = sorted(lines & marks.struck)
    if struck:
        shown = ", ".join(map(str, struck[:MANY])) + (" ..." if len(struck) > MANY else "")
        notes.append(
            N_(
                "not read: strike-through in %(count)s rows, which count like the others: %(rows)s",
                count=len(struck),
                rows=shown,
            )
        )
    colours = Counter(marks.fills.get(line, "") for line in lines)
    if len(colours) > 1:
        shown = ", ".join(f"{name} ({count})" for name, count in colours.most_common() if name)
        notes.append(
            N_(
                "not read: fill colours, which vary from row to row and may mean something; enter "
                "it in a column: %(colours)s",
                colours=shown,
            )
        )
    return tuple(notes)
