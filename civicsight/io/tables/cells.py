"""Cells of a table read by the column that they stand in: yes and no, words, days, numbers.

One cell ``406,889`` is a thousand to some and a fraction to others, and ``03/04/2025`` a day in
March or in April; the other cells of the column tell. What was found is named in the report, and
what nothing tells is left as it is, so that its reader refuses it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Final, Literal

from civicsight.core.bounded.text import load_json
from civicsight.core.column import expected_number
from civicsight.core.errors import N_, Fault, Text
from civicsight.core.values import as_flag
from civicsight.io.source_options import Declared
from civicsight.io.tables.corrections import originals
from civicsight.io.tables.directions import Direction, read_direction
from civicsight.io.tables.lexicon import abbreviations
from civicsight.io.tables.lexicon import plain as plain_word
from civicsight.io.tables.quantities import converted, is_range, read_amount
from civicsight.io.tables.rows import (
    CUT_NUMBER,
    DIRECTIONS,
    Cell,
    Reader,
    Rows,
    as_objects,
    cut_number,
)
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.source_schema import (
    SourceSchema,
    choices_of,
    match_word,
    taught_days,
    taught_numbers,
    unit_of_column,
)
from civicsight.io.tables.synonyms import SILENT_WORDS, UNKNOWN_WORDS, normal
from civicsight.io.tables.units import units
from civicsight.model import Column
from civicsight.model.notes import Note, noted

CAPPED: Final = frozenset({"reach_m", "night_reach_m", "detection_range_m"})
"""Ranges: what data sheets exaggerate is cut to the greatest range that is believed."""


_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\.?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")

_REMARKS: Final = {
    "all_round": N_(
        "A view to all sides is no direction: it stays unknown, and the camera is read by its "
        "kind; enter panorama or fisheye as the kind of one that sees all round."
    ),
    "several": N_("There are several directions: which camera has which stays unknown."),
    "landmark": N_("A direction towards something is none by itself: it stays unknown."),
    "relative": N_("A direction along a road is none by itself: it stays unknown."),
}


def cell_reader(
    column: Column,
    schema: SourceSchema,
    declared: Declared,
    header: str = "",
    names: Sequence[str] = (),
) -> Reader:
    """Return the function that reads the cells of a column.

    Parameters
    ----------
    column, schema, declared
        What it holds in which table, and the words of a person's mapping.
    header, names
        Its header, which may name a unit, and all headers, which tell the language.
    """
    reader = _reader(column, schema, declared, names)
    own = schema.readers.get(column.name)
    read = reader if own is None else lambda text: _read_own(text, own, reader)
    base = units().get(column.unit) if column.kind == "float" else None
    named = None if base is None else unit_of_column(column.name, header, schema, declared.mapping)
    if base is None or named is None or named.unit in {None, base}:
        return read
    unit = named.unit
    return lambda text: read(converted(text, unit, base))


def _read_own(text: str, own: Reader, reader: Reader) -> Cell:
    """Read what a reader of the schema's own makes of a text."""
    cell = own(text)
    if cell.value is None:
        return cell
    read = reader(str(cell.value))
    return read if cell.notice is None else read._replace(notice=cell.notice)


def _reader(
    column: Column, schema: SourceSchema, declared: Declared, names: Sequence[str]
) -> Reader:
    if column.kind in {"bool", "maybe"}:
        return _read_bool
    if column.kind == "date":
        return partial(_read_day, taught=taught_days(declared, column.name))
    if column.name in DIRECTIONS:
        spoken = {**abbreviations(tuple(names)), **taught_numbers(declared, column.name)}
        return lambda text: _read_direction(text, spoken)
    if column.kind == "float":
        taught = taught_numbers(declared, column.name)
        return lambda text: _read_number(text, column, taught)
    if column.choices:
        return lambda text: _read_choice(text, column, schema, declared)
    return _read_reference if column.name.endswith("_id") else Cell


def _read_reference(text: str) -> Cell:
    return Cell(None, cut_number()) if CUT_NUMBER.fullmatch(text) else Cell(text)


def _read_bool(text: str) -> Cell:
    plain = normal(text)
    read = as_flag(plain)
    if isinstance(read, bool):
        return Cell(read)
    return Cell(None) if plain in UNKNOWN_WORDS else Cell(None, N_("yes or no"))


def _read_choice(text: str, column: Column, schema: SourceSchema, declared: Declared) -> Cell:
    value = text if text in column.choices else match_word(schema, declared, column.name, text)
    if value is not None:
        return Cell(value)
    if normal(text) in SILENT_WORDS:
        return Cell(None)
    return Cell(None, N_("one of %(choices)s", choices=choices_of(schema, column)))


def _read_day(text: str, taught: Mapping[str, str]) -> Cell:
    """Read a date as ISO 8601; year, month and day in this order, whatever separates them."""
    if taught and plain_word(text) in taught:
        return Cell(taught[plain_word(text)])
    plain = unicodedata.normalize("NFKC", text).strip()
    if normal(plain) in SILENT_WORDS:
        return Cell(None)
    found = _DAY.fullmatch(_between_numbers(plain))
    if found:
        try:
            return Cell(dt.date(int(found[1]), int(found[2]), int(found[3])).isoformat())
        except ValueError:
            pass
    return Cell(
        None,
        N_(
            "a day as year, month, day, such as 2026-03-01; days that begin with day "
            "or month are read where the column as a whole tells which"
        ),
    )


def _between_numbers(text: str) -> str:
    """Write a date whose parts are named after each number with dots.

    Examples
    --------
    >>> _between_numbers("2026-03-01")
    '2026.03.01'
    """
    parts = re.fullmatch(r"(\d{4})[^\d\s](\d{1,2})[^\d\s](\d{1,2})[^\d\s]?", text)
    return f"{parts[1]}.{parts[2]}.{parts[3]}" if parts else text


def _read_direction(text: str, spoken: Mapping[str, float]) -> Cell:
    direction = read_direction(text, spoken)
    if direction.state == "unreadable":
        return Cell(None, N_("degrees clockwise from north, or a wind such as NE"))
    if direction.state in _REMARKS:
        return Cell(None, None, _REMARKS[direction.state], direction.azimuths)
    return Cell(direction.azimuths[0] if direction.azimuths else None, None, _turned(direction))


def _turned(direction: Direction) -> Text | None:
    if not direction.turned:
        return None
    return N_("It was read as %(value)s.", value=f"{direction.azimuths[0]:g}°")


def _read_number(text: str, column: Column, taught: Mapping[str, float]) -> Cell:
    if taught and plain_word(text) in taught:
        return Cell(taught[plain_word(text)])
    if normal(text) in SILENT_WORDS:
        return Cell(None)
    if column.name == "focal_mm" and is_range(text):
        return Cell(None, None, N_("A zoom lens has no one field of view: it stays unknown."))
    value, notice = read_amount(text, column.unit)
    if value is not None and column.name in CAPPED and value > column.high:
        limit = f"{column.high:g}"
        return Cell(column.high, None, N_("It was cut to %(limit)s m.", limit=limit))
    if value is None or not column.low <= value <= column.high:
        return Cell(None, expected_number(column))
    return Cell(value, None, notice)


def read_cells(rows: Rows, schema: SourceSchema, declared: Declared) -> None:
    """Read every cell of every column that the schema declares, and keep the others as tags."""
    kept = originals(rows.sheet)
    for column in schema.columns:
        header = rows.found.get(column.name)
        if header is None or column.name == "tags":
            continue
        reader = cell_reader(column, schema, declared, header, rows.sheet.header)
        reader = reader if reader is Cell else cache(reader)
        values = []
        for number, row in enumerate(rows.sheet.rows):
            text = row[header]
            cell = Cell(None) if text is None else reader(str(text))
            values.append(cell.value)
            if cell.several:
                rows.several[number] = cell.several
            if cell.expected is not None or cell.notice is not None:
                _note_cell(rows, number, (header, str(text)), cell, column)
                kept[number][header] = str(text)
        rows.columns[column.name] = as_objects(values)
    # Keep what the table has no column for as text by header, and what was read with a notice.
    stored = {column.name for column in schema.table} | {"lon", "lat", "x", "y", schema.table.index}
    known = {header for meaning, header in rows.found.items() if meaning in stored - {"tags"}}
    own = rows.found.get("tags")
    extra = [name for name in rows.sheet.header if name not in known and name != own]
    out = []
    for row, more in zip(rows.sheet.rows, kept, strict=True):
        entry = {name: str(row[name]) for name in extra if row[name] is not None}
        out.append({**_own_tags(row[own] if own else None), **entry, **more})
    rows.columns["tags"] = as_objects(out)


def _note_cell(rows: Rows, number: int, place: tuple[str, str], cell: Cell, column: Column) -> None:
    header, text = place
    where = str(rows.where[number])
    source = rows.sheet.source
    if cell.expected is not None:
        remedy = column.meaning
        if column.choices:
            remedy = N_("Use one of these words, or add yours to the words of a mapping file.")
        entry = Fault("cell.value", source, where, header, text[:100], cell.expected, remedy)
        rows.faults.append(entry)
    elif cell.notice is not None:
        entry = Fault(
            "cell.read_as", source, where, header, text[:100], column.meaning, cell.notice
        )
        rows.notices.append(entry)


def _own_tags(text: str | None) -> dict[str, str]:
    try:
        value = load_json(text) if text else {}
    except ValueError:
        return {"tags": str(text)}
    if isinstance(value, dict):
        return {str(key): str(entry) for key, entry in value.items()}
    return {"tags": str(text)}


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


def in_one_notation(sheet: Sheet, found: Mapping[str, str], schema: SourceSchema) -> Sheet:
    """Return a sheet whose numbers have a decimal point and whose days begin with the year.

    Parameters
    ----------
    sheet, found, schema
        The rows, the column of each meaning, and what the table looks like.
    """
    kinds = {column.name: column.kind for column in schema.columns}
    changed: dict[str, dict[str, str]] = {}
    notes: list[Note] = []
    for meaning, header in found.items():
        texts = {text for row in sheet.rows if (text := row.get(header)) is not None}
        written: dict[str, str] = {}
        if meaning in DEGREES or meaning in METRES or kinds.get(meaning) == "float":
            written, note = _numbers(meaning, header, texts)
        elif kinds.get(meaning) == "date":
            written, note = _days(header, texts)
        if written:
            changed[header] = written
            notes += [note] if note is not None else []
    if not changed:
        return sheet
    rows = [
        {**row, **{name: said.get(row[name] or "", row[name]) for name, said in changed.items()}}
        for row in sheet.rows
    ]
    return sheet._replace(rows=rows, notes=(*sheet.notes, *notes))


def _numbers(meaning: str, header: str, texts: Iterable[str]) -> tuple[dict[str, str], Note | None]:
    """Return the numbers of a column that are written otherwise, with a point, and how they are."""
    nothing: dict[str, str] = {}
    if meaning in DIRECTIONS:  # a comma stands between several of them
        return nothing, None
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
        return written, noted(
            "read.spelling",
            N_("numbers of the column %(column)s have a decimal comma", column=header),
        )
    if sign == "point":
        written = {
            text: re.sub("[,' ]", "", m[1]) + (m[2] or "")
            for text, m in parts.items()
            if re.search("[,' ]", m[1])
        }
        note = noted(
            "read.spelling",
            N_("numbers of the column %(column)s have commas between thousands", column=header),
        )
        return written, note
    return nothing, None


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


def _days(header: str, texts: Iterable[str]) -> tuple[dict[str, str], Note | None]:
    """Return the days of a column by year, month and day, and how they are written."""
    plain = {text: _half(text) for text in texts}
    serial = {text: p for text, p in plain.items() if SERIAL.fullmatch(p)}
    if len(serial) >= FEWEST_SERIAL and len(serial) == len(plain):
        written = {
            text: (FIRST_DAY + dt.timedelta(days=int(float(p)))).isoformat()
            for text, p in serial.items()
        }
        note = noted(
            "read.spelling",
            N_("days of the column %(column)s are numbers of a spreadsheet", column=header),
        )
        return written, note
    found = {text: m for text, p in plain.items() if (m := DAY.fullmatch(p))}
    day_first = any(int(m[1]) > MONTHS for m in found.values())
    month_first = any(int(m[3]) > MONTHS for m in found.values())
    dotted = all(m[2] == "." for m in found.values())
    if not found or (day_first == month_first and not (dotted and not day_first)):
        return {}, None
    order = (1, 3) if month_first else (3, 1)
    written = {
        text: f"{m[4]}-{int(m[order[0]]):02d}-{int(m[order[1]]):02d}" for text, m in found.items()
    }
    if month_first:
        return written, noted(
            "read.spelling", N_("days of the column %(column)s begin with the month", column=header)
        )
    return written, noted(
        "read.spelling", N_("days of the column %(column)s begin with the day", column=header)
    )


def _half(text: str) -> str:
    """Return a text in half width, with plain blanks and apostrophes."""
    return unicodedata.normalize("NFKC", text).strip().replace("’", "'")
