"""How a column as a whole writes its numbers and days, where a single cell could mean two things.

One cell ``406,889`` is a thousand to some and a fraction to others, and ``03/04/2025`` a day in
March or in April; the other cells of the column tell. What was found is named in the report, and
what nothing tells is left as it is, so that its reader refuses it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from civicsight.core.errors import N_, Text
from civicsight.io.tables.form import Form
from civicsight.io.tables.rows import DIRECTIONS
from civicsight.io.tables.sheet import Sheet

NUMBER: Final = re.compile(r"([+-]?[\d.,' ]*\d)(\s*[^\d\s.,'].*)?")
"""A number with its separators, and what stands behind it."""

GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d+)?|[+-]?\d+(?:[.,]\d+)?")
"""Digits in groups of three or in one, with at most one fraction."""

DEGREES: Final[Mapping[str, float]] = {"lon": 180.0, "lat": 90.0}
METRES: Final = frozenset({"x", "y"})
LEAST_METRES: Final = 1_000.0
"""Coordinates in metres are greater; a smaller one was cut by its separator [m]."""

DAY: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
SERIAL: Final = re.compile(r"[2-6]\d{4}(?:\.\d+)?")
FEWEST_SERIAL: Final = 2
"""A single number is no column."""

FIRST_DAY: Final = dt.date(1899, 12, 30)
"""Day 0 of spreadsheet programs, in which 61 is the first of March 1900."""

MONTHS: Final = 12

Sign = Literal["comma", "point", ""]


def in_one_notation(sheet: Sheet, found: Mapping[str, str], form: Form) -> Sheet:
    """Return a sheet whose numbers have a decimal point and whose days begin with the year.

    Parameters
    ----------
    sheet, found, form
        The rows, the column of each meaning, and what the table looks like.
    """
    kinds = {column.name: column.kind for column in (*form.table, *form.extra)}
    changed: dict[str, dict[str, str]] = {}
    notes: list[Text] = []
    for meaning, header in found.items():
        texts = {text for row in sheet.rows if (text := row.get(header)) is not None}
        written: dict[str, str] = {}
        if meaning in DEGREES or meaning in METRES or kinds.get(meaning) == "float":
            written, note = _numbers(meaning, header, texts)
        elif kinds.get(meaning) == "date":
            written, note = _days(header, texts)
        if written:
            changed[header] = written
            notes.append(note)
    if not changed:
        return sheet
    rows = [
        {**row, **{name: said.get(row[name] or "", row[name]) for name, said in changed.items()}}
        for row in sheet.rows
    ]
    return sheet._replace(rows=rows, notes=(*sheet.notes, *notes))


def _numbers(meaning: str, header: str, texts: Iterable[str]) -> tuple[dict[str, str], Text]:
    """Return the numbers of a column that are written otherwise, with a point, and how they are."""
    nothing: dict[str, str] = {}
    if meaning in DIRECTIONS:  # a comma stands between several of them
        return nothing, Text("")
    parts = {text: m for text in texts if (m := NUMBER.fullmatch(_half(text)))}
    parts = {text: m for text, m in parts.items() if GROUPED.fullmatch(m[1])}
    signs = {_sign(m[1]) for m in parts.values()} - {""}
    sign = signs.pop() if len(signs) == 1 else _sign_of_place(meaning, parts) if not signs else ""
    if sign == "comma":
        written = {
            text: re.sub("[.' ]", "", m[1]).replace(",", ".") + (m[2] or "")
            for text, m in parts.items()
            if re.search("[.,' ]", m[1])
        }
        return written, N_("numbers of the column %(column)s have a decimal comma", column=header)
    if sign == "point":
        written = {
            text: re.sub("[,' ]", "", m[1]) + (m[2] or "")
            for text, m in parts.items()
            if re.search("[,' ]", m[1])
        }
        note = N_("numbers of the column %(column)s have commas between thousands", column=header)
        return written, note
    return nothing, Text("")


def _sign(number: str) -> Sign:
    """Return which sign a number has before its fraction, if it can be nothing else."""
    marks = [mark for mark in number if mark in ".,"]
    if not marks:
        return ""
    behind = len(number) - 1 - max(number.rfind("."), number.rfind(","))
    name: dict[str, Sign] = {",": "comma", ".": "point"}
    other: dict[str, Sign] = {",": "point", ".": "comma"}
    if len(set(marks)) > 1:
        return name[marks[-1]]
    if len(marks) > 1:
        return other[marks[0]]  # only groups of three stand more than once
    alone = behind != 3 or number.lstrip("+-").startswith("0")
    return name[marks[0]] if alone else ""


def _sign_of_place(meaning: str, parts: Mapping[str, re.Match[str]]) -> Sign:
    """Return what commas before three digits are where the place that they stand for tells."""
    commas = [float(m[1].replace(",", ".")) for m in parts.values() if m[1].count(",") == 1]
    if not commas:
        return ""
    if meaning in DEGREES and all(abs(value) <= DEGREES[meaning] for value in commas):
        return "comma"
    return "point" if meaning in METRES and all(abs(v) < LEAST_METRES for v in commas) else ""


def _days(header: str, texts: Iterable[str]) -> tuple[dict[str, str], Text]:
    """Return the days of a column by year, month and day, and how they are written."""
    plain = {text: _half(text) for text in texts}
    serial = {text: p for text, p in plain.items() if SERIAL.fullmatch(p)}
    if len(serial) >= FEWEST_SERIAL and len(serial) == len(plain):
        written = {
            text: (FIRST_DAY + dt.timedelta(days=int(float(p)))).isoformat()
            for text, p in serial.items()
        }
        note = N_("days of the column %(column)s are numbers of a spreadsheet", column=header)
        return written, note
    found = {text: m for text, p in plain.items() if (m := DAY.fullmatch(p))}
    day_first = any(int(m[1]) > MONTHS for m in found.values())
    month_first = any(int(m[3]) > MONTHS for m in found.values())
    dotted = all(m[2] == "." for m in found.values())
    if not found or (day_first == month_first and not (dotted and not day_first)):
        return {}, Text("")
    order = (1, 3) if month_first else (3, 1)
    written = {
        text: f"{m[4]}-{int(m[order[0]]):02d}-{int(m[order[1]]):02d}" for text, m in found.items()
    }
    if month_first:
        return written, N_("days of the column %(column)s begin with the month", column=header)
    return written, N_("days of the column %(column)s begin with the day", column=header)


def _half(text: str) -> str:
    """Return a text in half width, with plain blanks and apostrophes."""
    return unicodedata.normalize("NFKC", text).strip().replace("’", "'")
