"""Cells of a table read by the column that they stand in: yes and no, words, days, numbers."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from civicsight.core.bounded.text import load_json
from civicsight.core.errors import N_, Fault, Text
from civicsight.core.values import as_flag
from civicsight.io.source_options import Declared
from civicsight.io.tables.directions import Direction, read_direction
from civicsight.io.tables.form import Form, choices_of, match_word, taught_numbers
from civicsight.io.tables.lexicon import abbreviations
from civicsight.io.tables.lexicon import plain as plain_word
from civicsight.io.tables.quantities import header_unit, is_range, read_amount, with_unit
from civicsight.io.tables.rows import (
    CUT_NUMBER,
    DIRECTIONS,
    Cell,
    Reader,
    Rows,
    Values,
    as_objects,
    cut_number,
)
from civicsight.io.tables.synonyms import SILENT_WORDS, UNKNOWN_WORDS, normal
from civicsight.model import Column

CAPPED: Final = frozenset({"reach_m", "night_reach_m"})
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
    column: Column, form: Form, declared: Declared, header: str = "", names: Sequence[str] = ()
) -> Reader:
    """Return the function that reads the cells of a column.

    Parameters
    ----------
    column, form, declared
        What it holds in which table, and the words of a person's mapping.
    header, names
        Its header, which may name a unit, and all headers, which tell the language.
    """
    reader = _reader(column, form, declared, names)
    own = form.readers.get(column.name)
    if own is not None:
        return lambda text: _read_own(text, own, reader)
    unit = header_unit(header) if column.kind == "float" else ""
    return (lambda text: reader(with_unit(text, unit))) if unit else reader


def _read_own(text: str, own: Reader, reader: Reader) -> Cell:
    """Read what a reader of the form's own makes of a text."""
    cell = own(text)
    if cell.value is None:
        return cell
    read = reader(str(cell.value))
    return read if cell.notice is None else read._replace(notice=cell.notice)


def _reader(column: Column, form: Form, declared: Declared, names: Sequence[str]) -> Reader:
    if column.kind in {"bool", "maybe"}:
        return _read_bool
    if column.kind == "date":
        return _read_day
    if column.name in DIRECTIONS:
        spoken = {**abbreviations(tuple(names)), **taught_numbers(declared, column.name)}
        return lambda text: _read_direction(text, spoken)
    if column.kind == "float":
        taught = taught_numbers(declared, column.name)
        return lambda text: _read_number(text, column, taught)
    if column.choices:
        return lambda text: _read_choice(text, column, form, declared)
    return _read_reference if column.name.endswith("_id") else Cell


def _read_reference(text: str) -> Cell:
    return Cell(None, cut_number()) if CUT_NUMBER.fullmatch(text) else Cell(text)


def _read_bool(text: str) -> Cell:
    plain = normal(text)
    read = as_flag(plain)
    if isinstance(read, bool):
        return Cell(read)
    return Cell(None) if plain in UNKNOWN_WORDS else Cell(None, N_("yes or no"))


def _read_choice(text: str, column: Column, form: Form, declared: Declared) -> Cell:
    value = text if text in column.choices else match_word(form, declared, column.name, text)
    if value is not None:
        return Cell(value)
    if normal(text) in SILENT_WORDS:
        return Cell(None)
    return Cell(None, N_("one of %(choices)s", choices=choices_of(form, column)))


def _read_day(text: str) -> Cell:
    """Read a date as ISO 8601; year, month and day in this order, whatever separates them."""
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
            "a day as year, month, day, such as 2026-03-01; days that begin with day or month are "
            "read where the column as a whole tells which"
        ),
    )


def _between_numbers(text: str) -> str:
    """Write a date whose parts are named after each number with dots.

    Examples
    --------
    >>> _between_numbers("2026-03-01")
    '2026-03-01'
    """
    parts = re.fullmatch(r"(\d{4})[^\d\s](\d{1,2})[^\d\s](\d{1,2})[^\d\s]?", text)
    return f"{parts[1]}.{parts[2]}.{parts[3]}" if parts else text


def _read_direction(text: str, spoken: Mapping[str, float]) -> Cell:
    direction = read_direction(text, spoken)
    if direction.state == "unreadable":
        return Cell(None, N_("degrees clockwise from north, or a wind such as NE"))
    if direction.state in _REMARKS:
        return Cell(None, None, _REMARKS[direction.state], direction.azimuths)
    return Cell(_first(direction), None, _turned(direction))


def _first(direction: Direction) -> float | None:
    return direction.azimuths[0] if direction.azimuths else None


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
        return Cell(
            None,
            N_(
                "a number from %(low)s to %(high)s %(unit)s",
                low=f"{column.low:g}",
                high=f"{column.high:g}",
                unit=column.unit,
            ),
        )
    return Cell(value, None, notice)


def read_cells(rows: Rows, form: Form, declared: Declared) -> None:
    """Read every cell of every column that the form declares, and keep the others as tags."""
    kept: list[dict[str, str]] = [{} for _ in rows.sheet.rows]
    for column in (*form.table, *form.extra):
        header = rows.found.get(column.name)
        if header is None or column.name == "tags":
            continue
        reader = cell_reader(column, form, declared, header, rows.sheet.header)
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
    rows.columns["tags"] = _tags(rows, form, kept)


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


def _tags(rows: Rows, form: Form, kept: list[dict[str, str]]) -> Values:
    """Keep what the table has no column for as text by header, and what was read with a notice."""
    stored = {column.name for column in form.table} | {"lon", "lat", "x", "y", form.table.index}
    known = {header for meaning, header in rows.found.items() if meaning in stored - {"tags"}}
    own = rows.found.get("tags")
    extra = [name for name in rows.sheet.header if name not in known and name != own]
    out = []
    for row, more in zip(rows.sheet.rows, kept, strict=True):
        entry = {name: str(row[name]) for name in extra if row[name] is not None}
        out.append({**_own_tags(row[own] if own else None), **entry, **more})
    return as_objects(out)


def _own_tags(text: str | None) -> dict[str, str]:
    try:
        value = load_json(text) if text else {}
    except ValueError:
        return {"tags": str(text)}
    if isinstance(value, dict):
        return {str(key): str(entry) for key, entry in value.items()}
    return {"tags": str(text)}
