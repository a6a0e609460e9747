"""Rows of text out of a text table or a vector layer, with the place of each row in its file."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.column import headers_in
from civicsight.core.errors import N_, Fault
from civicsight.io.crs import crs_name
from civicsight.io.report import Count
from civicsight.io.source_options import NOTHING, Declared, Remark
from civicsight.io.tables.layout import count_known, lay_out
from civicsight.io.tables.synonyms import (
    ADDRESS_HEADERS,
    CAMERA_HEADERS,
    ENTRANCE_HEADERS,
    PLACE_HEADERS,
    SHAPE_HEADERS,
    match_headers,
)
from civicsight.io.tables.text_files import decode, read_records
from civicsight.io.tables.words import NOTE_COLUMN, SPEAKS, named_datums
from civicsight.io.vectors.files import require_size
from civicsight.io.vectors.geometry import as_area
from civicsight.io.vectors.vector import Vector
from civicsight.model import (
    ANSWERS,
    CONSENT_AREAS,
    DISTRICTS,
    DOCUMENTS,
    PLACES,
    PLANS,
    PRIVATE_PLACES,
    PROJECTS,
    SIGNS,
)
from civicsight.model.inputs import LISTED_OBSTACLES, LISTED_TREES, PRIVATE_SOURCE
from civicsight.model.notes import Note
from civicsight.model.plan_tables import LISTED_PROPOSALS

REGISTERS: Final = (
    PLACES,
    DISTRICTS,
    PRIVATE_PLACES,
    SIGNS,
    PROJECTS,
    LISTED_OBSTACLES,
    LISTED_TREES,
    LISTED_PROPOSALS,
    PLANS,
    DOCUMENTS,
    ANSWERS,
    CONSENT_AREAS,
)
"""Tables of registers, by whose headers the row of headers is found on a page."""

MAX_BYTES: Final = 256 << 20
"""Larger text tables are refused; an inventory of a million cameras stays well below."""


DIMENSIONS: Final = {"Point": 0, "LineString": 1, "Polygon": 2}
"""Dimensions of the shapes of a table that holds but one kind."""


class Sheet(NamedTuple):
    """A table as text.

    `rows` maps header to cell, empty cells are None; `where` names each row as its file counts it.
    `geometry` is given where the source has places of its own. `dates` holds place and header of
    the cells that a workbook keeps as a date, whatever they were meant to be. `left` counts what a
    layer holds beside the rows; of a drawing a table takes the shapes of its own kind (`of_shape`).
    `beside` holds titles, notes and the name of the sheet, `corrected` what a person corrected.
    """

    source: str
    header: list[str]
    rows: list[dict[str, str | None]]
    where: list[str]
    geometry: gpd.GeoSeries | None = None
    encoding: str = ""
    crs_found: str = ""
    notes: tuple[Note, ...] = ()
    faults: tuple[Fault, ...] = ()
    dates: frozenset[tuple[str, str]] = frozenset()
    left: tuple[Count, ...] = ()
    is_drawing: bool = False
    beside: tuple[Remark, ...] = ()
    corrected: tuple[Fault, ...] = ()


def known_words(declared: Declared = NOTHING) -> Iterable[str]:
    """Return every header that is known, with those of a mapping."""
    tables = (
        PLACE_HEADERS,
        SHAPE_HEADERS,
        CAMERA_HEADERS,
        ENTRANCE_HEADERS,
        headers_in(PRIVATE_SOURCE),
        *(table.headers for table in REGISTERS),
    )
    words = [word for table in tables for names in table.values() for word in names]
    mapping = declared.mapping
    return words if mapping is None else [*words, *mapping.columns.values()]


def read_csv(path: Path, declared: Declared = NOTHING) -> Sheet:
    """Read separated text as it stands.

    Nothing is guessed: ``0012``, ``NA`` and 20-digit numbers stay what they are. Rows of another
    length are faults of the sheet.

    Raises
    ------
    InputError
        If the text is in no encoding that is known, too large, holds a NUL or an open quote, or
        has no header or one that stands twice.
    """
    require_size(path, MAX_BYTES, N_("Split the table."))
    decoded = decode(path.read_bytes(), path.name, declared.encoding)
    known = count_known(known_words(declared))
    layout = lay_out(read_records(decoded.text, path.name, known), path.name, known)
    return Sheet(
        path.name,
        layout.header,
        layout.rows,
        [f"row {line}" for line in layout.lines],
        encoding=decoded.encoding,
        notes=(*decoded.notes, *layout.notes),
        faults=layout.faults,
        beside=layout.beside,
    )


def sheet_of(vector: Vector, source: str) -> Sheet:
    """Turn a vector layer into rows of text beside its geometry."""
    frame = vector.frame
    header = [str(name) for name in frame.columns if name != frame.geometry.name]
    columns = {name: [_text(value) for value in frame[name]] for name in header}
    rows = [{name: columns[name][row] for name in header} for row in range(len(frame))]
    where = [str(label) for label in frame.index]
    return Sheet(
        source,
        header,
        rows,
        where,
        frame.geometry,
        vector.encoding,
        crs_name(frame.crs),
        vector.notes,
        vector.faults,
        left=vector.left,
        is_drawing=vector.is_drawing,
    )


def of_shape(sheet: Sheet, shape: str) -> Sheet:
    """Return a sheet without the rows of a drawing that are of another shape than its table holds.

    Closed lines become areas where those are wanted. Other sheets stay as they are: there a row of
    another shape is a fault.
    """
    if not sheet.is_drawing or sheet.geometry is None or shape not in DIMENSIONS:
        return sheet
    shapes = sheet.geometry.to_numpy()
    if shape == "Polygon":
        shapes = as_area(shapes)
    fits = shapely.get_dimensions(shapes) == DIMENSIONS[shape]
    fits |= np.isin(sheet.where, [fault.where for fault in sheet.faults])
    count = Count(
        "excluded.shape",
        N_("of a drawing, but of another shape than the table holds"),
        int((~fits).sum()),
    )
    kept = np.flatnonzero(fits).tolist()
    places = gpd.GeoSeries(shapes, index=sheet.geometry.index, crs=sheet.geometry.crs)
    return sheet._replace(
        rows=[sheet.rows[row] for row in kept],
        where=[sheet.where[row] for row in kept],
        geometry=places.iloc[kept],
        left=(*sheet.left, count),
    )


def _text(value: object) -> str | None:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a column of whole numbers with gaps arrives as floats
    return str(value).strip() or None


def cell_notes(sheet: Sheet, taken: Collection[str]) -> list[Remark]:
    """Return what the cells of columns of notes say of a datum, each text once, with its first row.

    `taken` are columns that say the datum of their row themselves. A vendor alone is a datum only
    where coordinates are spoken of; elsewhere it may be the name of a building.
    """
    columns = [
        name for name in sheet.header if name not in taken and NOTE_COLUMN.search(name.lower())
    ]
    seen: dict[tuple[str, str], str] = {}
    for row, where in zip(sheet.rows, sheet.where, strict=True):
        for name in columns:
            text = row[name]
            if text and named_datums(text, column=not SPEAKS.search(f"{name} {text}".lower())):
                seen.setdefault((name, text), where)
    return [Remark(where, name, text) for (name, text), where in seen.items()]


def address_columns(sheet: Sheet, declared: Declared) -> dict[str, str]:
    """Return the columns of an address and of how sure its place is."""
    said = {} if declared.mapping is None else declared.mapping.columns
    free = [name for name in sheet.header if name not in said.values()]
    return match_headers(free, ADDRESS_HEADERS)
