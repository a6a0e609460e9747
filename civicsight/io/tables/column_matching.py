"""What was understood of a table, column by column, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Final, NamedTuple

from civicsight.core.errors import N_, Text
from civicsight.io.registers.headers import SHAPE_HEADERS
from civicsight.io.source_options import Declared
from civicsight.io.tables.cells import cell_reader
from civicsight.io.tables.degrees import read_degrees
from civicsight.io.tables.form import Form, match_columns
from civicsight.io.tables.notation import in_one_notation
from civicsight.io.tables.rows import Cell, Reader
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import match_headers
from civicsight.model import Column

EXAMPLES: Final = 3
"""Different values of a column that are shown."""

MAX_UNREAD: Final = 50
"""Different values that were not understood and are listed for a column."""

PLACE_MEANINGS: Final[MappingOf[str, Text]] = {
    "lon": N_("Longitude in degrees"),
    "lat": N_("Latitude in degrees"),
    "x": N_("Easting in metres"),
    "y": N_("Northing in metres"),
    "datum": N_("Geodetic system of the row"),
    "wkt": N_("Shape as well-known text"),
    "location": N_("Both coordinates in one cell"),
}
"""Meanings that no table declares."""

SOURCE_MEANINGS: Final[MappingOf[str, Text]] = {
    "azimuth_deg": N_(
        "Direction of view, clockwise from north: true north beside longitude and latitude, grid "
        "north beside metres"
    ),
    "facing_deg": N_(
        "Direction it faces, clockwise from north: true north beside longitude and latitude, grid "
        "north beside metres"
    ),
    "standing": N_("Whether the class is settled; empty is taken as designated"),
}
"""Meanings of columns in a source, which the import brings into the form that tables declare."""


class Understood(NamedTuple):
    """What was understood of one column.

    Parameters
    ----------
    header
        Its name in the file.
    meaning
        Column of the table, or empty where it is kept as text without a meaning.
    label
        The meaning in words.
    unit
        Unit of the values that were read.
    filled
        Share of the rows that say something [0-1].
    examples
        Some of its texts, each with what it was read as.
    unread
        Texts that were not understood, the most frequent first.
    noticed
        Rows in which more was done than taking the text.
    """

    header: str
    meaning: str
    label: Text
    unit: str
    filled: float
    examples: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]
    noticed: int


def understood(sheet: Sheet, form: Form, declared: Declared) -> tuple[Understood, ...]:
    """Say of each column of a sheet what it is taken for and how its cells are read.

    Raises
    ------
    InputError
        If a mapping is declared and does not fit.
    """
    found = match_columns(sheet, form, declared)
    sheet = in_one_notation(sheet, found, form)
    meanings = {header: name for name, header in found.items()}
    if not {"lon", "lat"} <= found.keys() and not {"x", "y"} <= found.keys():
        loose = [header for header in sheet.header if header not in meanings]
        shapes = match_headers(loose, SHAPE_HEADERS)
        meanings |= {header: name for name, header in shapes.items()}
    columns = {column.name: column for column in (*form.table, *form.extra)}
    return tuple(
        _understood(sheet, form, declared, header, meaning, columns.get(meaning))
        for header in sheet.header
        for meaning in [meanings.get(header, "")]
    )


def _understood(
    sheet: Sheet, form: Form, declared: Declared, header: str, meaning: str, column: Column | None
) -> Understood:
    texts: dict[str, int] = {}
    for row in sheet.rows:
        text = row[header]
        if text is not None:
            texts[text] = texts.get(text, 0) + 1
    read: Reader = Cell
    if meaning in {"lon", "lat"}:
        read = _read_degree
    elif column is not None:
        read = cell_reader(column, form, declared, header, sheet.header)
    cells = {text: read(text) for text in texts}
    often = sorted(texts, key=lambda text: -texts[text])
    unread = [text for text in often if cells[text].expected is not None]
    examples = [text for text in texts if cells[text].expected is None][:EXAMPLES]
    return Understood(
        header,
        meaning,
        label_of(form, meaning, column),
        "" if column is None else column.unit,
        sum(texts.values()) / max(len(sheet.rows), 1),
        tuple((text[:60], _shown(cells[text].value)) for text in examples),
        tuple(text[:60] for text in unread[:MAX_UNREAD]),
        sum(texts[text] for text, cell in cells.items() if cell.notice is not None),
    )


def _read_degree(text: str) -> Cell:
    value = read_degrees(text)
    if value is None:
        return Cell(None, N_("degrees such as 115.9035 or 115 54 12.6"))
    return Cell(value)


def meaning_in_source(column: Column) -> Text:
    """Return what a column means in a source, where that is more than what a project keeps."""
    return SOURCE_MEANINGS.get(column.name, column.meaning)


def label_of(form: Form, meaning: str, column: Column | None) -> Text:
    """Return what a meaning stands for, in words."""
    if not meaning:
        return N_("kept as text without a meaning")
    if column is not None:
        return meaning_in_source(column)
    if meaning == form.table.index:
        return N_("identifier")
    return PLACE_MEANINGS.get(meaning, Text(meaning))


def _shown(value: object) -> str:
    """Write a value as a person compares it with its text; empty where it is unknown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.9g}" if isinstance(value, float) else str(value)[:60]
