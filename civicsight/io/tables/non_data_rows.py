"""Rows on the page of a table that are none of its rows: units, totals, rules, notes below."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.core.progress import counted
from civicsight.io.tables.text_files import Record
from civicsight.io.tables.units import QUANTITIES, unit_of
from civicsight.io.tables.words import (
    APOSTROPHE,
    AS_TEXT,
    BRACKETS,
    DASHES,
    INVISIBLE,
    NOTE,
    SECTION,
    TOTAL,
    UNIT_CELL,
)
from civicsight.model.notes import Note, noted

MANY: Final = 10
"""Lines that a note names before it counts the others."""

FEWEST_NUMBERED: Final = 4
"""Columns of a row that numbers them; a shorter one may be a row like others."""

FEWEST_BELOW: Final = 2
"""Rows below a header of which the first may be units; a single one is data."""

PLAIN: Final = QUANTITIES.keys() - {"mm"}
"""Units that numbers are taken in where no header names one."""

Judge = Callable[[Sequence[str]], bool]


def tidy_cell(cell: str) -> str:
    """Return a cell without blanks or marks without a width at its ends, or what makes it text.

    Examples
    --------
    >>> tidy_cell(" '0012 "), tidy_cell("it's"), tidy_cell('="0012"')
    ('0012', "it's", '0012')
    """
    text = cell.strip().strip(INVISIBLE).strip()
    formula = AS_TEXT.fullmatch(text)
    if formula:
        return formula[1].strip()
    return text[1:] if APOSTROPHE.match(text) else text


def tidy_header(cell: str) -> str:
    """Return a header on one line; a break inside of a Chinese word leaves no blank."""
    text = tidy_cell(cell)
    return " ".join(text.split()) if text.isascii() else "".join(text.splitlines())


def with_units(names: Sequence[str], below: Sequence[Record]) -> list[str]:
    """Return the names of the columns, with the units of a row of them that matter for reading."""
    if len(below) < FEWEST_BELOW or not _is_units(_texts(below[0])):
        return list(names)
    units = [cell.strip(BRACKETS) for cell in map(tidy_cell, below[0][1])]
    return [
        f"{name}({unit})"
        if name and (known := unit_of(unit)) and known.symbol not in PLAIN
        else name
        for name, unit in zip_longest(names, units[: len(names)], fillvalue="")
    ]


def drop_non_data_rows(
    names: Sequence[str], below: Sequence[Record]
) -> tuple[list[Record], tuple[Note, ...]]:
    """Return the rows of a table, and a sentence for each kind of line that is none.

    Left out are, directly below the header, a row of units or of the numbers of the columns; the
    header where it stands again; rows of nothing but dashes; headings of sections; rows that add
    others up, which begin with such a word and are at most half filled; and at the end notes, which
    begin with a word like "note" and are at most half filled, with all that follows.
    """
    rows = list(below)
    width = max(sum(map(bool, names)), 1)
    left: dict[str, list[int]] = {}
    first: dict[str, Judge] = {"units": _is_units, "numbers": _is_numbered}
    for kind, judge in first.items():
        if len(rows) >= FEWEST_BELOW and judge(_texts(rows[0])):
            left[kind] = [rows.pop(0)[0]]
    rows, left["notes"] = _without_notes(rows, width)
    header = [name for name in names if name]

    def is_total(texts: Sequence[str]) -> bool:
        return len(texts) * 2 <= width + 1 and bool(TOTAL.fullmatch("".join(texts[0].split())))

    judges: dict[str, Judge] = {
        "header": lambda texts: [tidy_header(text) for text in texts] == header,
        "rules": lambda texts: all(map(DASHES.fullmatch, texts)),
        "totals": is_total,
        "sections": lambda texts: len(texts) == 1 < width and bool(SECTION.fullmatch(texts[0])),
    }
    found: dict[str, list[int]] = {kind: [] for kind in judges}
    kept = []
    for record in counted(rows, len(rows)):
        texts = _texts(record)
        told = next((kind for kind, judge in judges.items() if judge(texts)), None)
        if told is None:
            kept.append(record)
        else:
            found[told].append(record[0])
    left |= found
    return kept, tuple(
        noted("rows.left_out", _SENTENCES[kind](_lines(lines)), len(lines))
        for kind, lines in left.items()
        if lines
    )


def _texts(record: Record) -> list[str]:
    """Return the filled cells of a record in half width; an empty record has none."""
    cells = (tidy_cell(cell) for cell in record[1])
    return [unicodedata.normalize("NFKC", cell) for cell in cells if cell] or [""]


def _is_units(texts: Sequence[str]) -> bool:
    plain = ["".join(text.split()) for text in texts]
    known = [UNIT_CELL.fullmatch(text) or unit_of(text) for text in plain]
    return all(known) and not all(map(DASHES.fullmatch, plain))


def _is_numbered(texts: Sequence[str]) -> bool:
    return len(texts) >= FEWEST_NUMBERED and [text.strip("()") for text in texts] == [
        str(number) for number in range(1, len(texts) + 1)
    ]


def _without_notes(rows: list[Record], width: int) -> tuple[list[Record], list[int]]:
    """Take the notes off the end: from the first such line on, if no full row follows."""
    begin = len(rows)
    for number in range(len(rows) - 1, 0, -1):
        texts = _texts(rows[number])
        if len(texts) * 2 > width + 1:
            break
        if NOTE.match("".join(texts[0].split())):
            begin = number
    return rows[:begin], [line for line, _ in rows[begin:]]


def _lines(lines: Sequence[int]) -> str:
    """Write the numbers of lines, the first of many."""
    return ", ".join(map(str, lines[:MANY])) + (" ..." if len(lines) > MANY else "")


_SENTENCES: Final[dict[str, Callable[[str], Text]]] = {
    "units": lambda rows: N_("a row of units below the header was left out: %(rows)s", rows=rows),
    "numbers": lambda rows: N_("a row that numbers the columns was left out: %(rows)s", rows=rows),
    "notes": lambda rows: N_("notes below the table were left out, rows: %(rows)s", rows=rows),
    "header": lambda rows: N_("the header stands again, left out in rows: %(rows)s", rows=rows),
    "rules": lambda rows: N_("rows of nothing but dashes were left out: %(rows)s", rows=rows),
    "sections": lambda rows: N_("headings of sections were left out, rows: %(rows)s", rows=rows),
    "totals": lambda rows: N_("rows that add others up were left out: %(rows)s", rows=rows),
}
