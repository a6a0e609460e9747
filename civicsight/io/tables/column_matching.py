"""Column matching: what each column of a table is taken for, and how its cells are read."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Final, NamedTuple

from civicsight.core.errors import N_, Text
from civicsight.io.source_options import Declared
from civicsight.io.tables.cells import cell_reader, in_one_notation
from civicsight.io.tables.column_profile import ask_columns, profile_columns
from civicsight.io.tables.coordinates import read_metres
from civicsight.io.tables.quantities import read_degrees
from civicsight.io.tables.rows import Cell, Reader
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.source_schema import SourceSchema, match_columns
from civicsight.io.tables.synonyms import SHAPE_HEADERS, match_headers
from civicsight.model import Column

EXAMPLES: Final = 3
"""Different values of a column that are shown."""

OPEN: Final = frozenset({"column.altitude", "column.directions", "column.zeros"})
"""Codes of what is asked of a column, which is taken for nothing before it is answered."""

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


class ColumnDescription(NamedTuple):
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
        Texts that were not understood, each with the rows that have it, the most frequent first;
        not more than `MAX_UNREAD`.
    noticed
        Rows in which more was done than taking the text.
    cells, lost
        Rows that say something, and those of them that were not understood.
    """

    header: str
    meaning: str
    label: Text
    unit: str
    filled: float
    examples: tuple[tuple[str, str], ...]
    unread: tuple[tuple[str, int], ...]
    noticed: int
    cells: int
    lost: int


class Understood(NamedTuple):
    """What was understood of a table, column by column, and how many rows it has."""

    source: str
    rows: int
    columns: tuple[ColumnDescription, ...]


def describe_columns(sheet: Sheet, schema: SourceSchema, declared: Declared) -> Understood:
    """Say of each column of a sheet what it is taken for and how its cells are read.

    Raises
    ------
    InputError
        If a mapping is declared and does not fit.
    """
    found = match_columns(sheet, schema, declared)
    sheet = in_one_notation(sheet, found, schema)
    profiles = profile_columns(sheet, found, schema, declared)
    asked = ask_columns(profiles, sheet, schema, declared)
    opened = {fault.field for fault in asked if fault.code in OPEN}
    found = {name: header for name, header in found.items() if header not in opened}
    meanings = {header: name for name, header in found.items()}
    if not {"lon", "lat"} <= found.keys() and not {"x", "y"} <= found.keys():
        loose = [header for header in sheet.header if header not in meanings]
        shapes = match_headers(loose, SHAPE_HEADERS)
        meanings |= {header: name for name, header in shapes.items()}
    columns = {column.name: column for column in schema.columns}
    told = tuple(
        _describe(sheet, schema, declared, header, meaning, columns.get(meaning))
        for header in sheet.header
        for meaning in [meanings.get(header, "")]
    )
    return Understood(sheet.source, len(sheet.rows), told)


def _describe(
    sheet: Sheet,
    schema: SourceSchema,
    declared: Declared,
    header: str,
    meaning: str,
    column: Column | None,
) -> ColumnDescription:
    texts: dict[str, int] = {}
    for row in sheet.rows:
        text = row[header]
        if text is not None:
            texts[text] = texts.get(text, 0) + 1
    read: Reader = Cell
    if meaning in {"lon", "lat", "x", "y"}:
        read = _read_degree if meaning in {"lon", "lat"} else _read_metre
    elif column is not None:
        read = cell_reader(column, schema, declared, header, sheet.header)
    cells = {text: read(text) for text in texts}
    count = sum(texts.values())
    often = sorted(texts, key=lambda text: -texts[text])
    unread = [text for text in often if cells[text].expected is not None]
    examples = [text for text in texts if cells[text].expected is None][:EXAMPLES]
    return ColumnDescription(
        header,
        meaning,
        label_of(schema, meaning, column),
        "" if column is None else column.unit,
        count / max(len(sheet.rows), 1),
        tuple((text[:60], _shown(cells[text].value)) for text in examples),
        tuple((text[:60], texts[text]) for text in unread[:MAX_UNREAD]),
        sum(texts[text] for text, cell in cells.items() if cell.notice is not None),
        count,
        sum(texts[text] for text in unread),
    )


def _read_degree(text: str) -> Cell:
    value = read_degrees(text)
    if value is None:
        return Cell(None, N_("degrees such as 115.9035 or 115 54 12.6"))
    return Cell(value)


def _read_metre(text: str) -> Cell:
    value = read_metres(text)
    return Cell(None, N_("a number of metres")) if value is None else Cell(value)


def meaning_in_source(column: Column) -> Text:
    """Return what a column means in a source, where that is more than what a project keeps."""
    return SOURCE_MEANINGS.get(column.name, column.meaning)


def label_of(schema: SourceSchema, meaning: str, column: Column | None) -> Text:
    """Return what a meaning stands for, in words."""
    if not meaning:
        return N_("kept as text without a meaning")
    if column is not None:
        return meaning_in_source(column)
    if meaning == schema.table.index:
        return N_("identifier")
    return PLACE_MEANINGS.get(meaning, Text(meaning))


def _shown(value: object) -> str:
    """Write a value as a person compares it with its text; empty where it is unknown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.9g}" if isinstance(value, float) else str(value)[:60]
