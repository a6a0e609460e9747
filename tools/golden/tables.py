"""Canonical tables: GeoPackage, CSV, XLSX and Parquet, column by column."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from tools.golden.canonical import METRES, OFF_TIES, Pieces, cell

HEADER_BYTES: Final = 8
ENVELOPES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
"""Bytes of the envelope that stands before a geometry of a GeoPackage, by its kind."""

BOOKKEEPING: Final = ("sqlite_", "rtree_", "gpkg_ogr", "gpkg_tile", "gpkg_extensions")
LEFT_OUT: Final = {
    "fid": "a number of GDAL's, by order of writing",
    "last_change": "a time",
    "update_time": "a time",
    "timestamp": "a time",
    "min_x": "told by the geometries",
    "min_y": "told by the geometries",
    "max_x": "told by the geometries",
    "max_y": "told by the geometries",
    "definition": "the words of GDAL and PROJ for a CRS",
}
"""Columns of a GeoPackage that are no output of the product, with the reason."""


def read_geopackage(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield each table of a GeoPackage or a store: rows by id, columns by name."""
    with closing(sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True)) as base:
        found = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        for (name,) in found.fetchall():
            if not name.startswith(BOOKKEEPING):
                yield name, _read_table(base, name)


def _read_table(base: sqlite3.Connection, name: str) -> Pieces:
    rows = base.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - a name from the file itself
    names = [column[0] for column in rows.description]
    kept = [(k, column) for k, column in enumerate(names) if column not in LEFT_OUT]
    table = [[_field(row[k], column) for k, column in kept] for row in rows]
    order = [k for k, (_, column) in enumerate(kept) if column not in ("geom", "geometry")]
    table.sort(key=lambda row: [row[k] for k in order])
    return {
        column: [row[k] for row in table]
        for k, (_, column) in sorted(enumerate(kept), key=lambda entry: entry[1][1])
    }


def _field(value: Any, name: str) -> str:
    if not isinstance(value, bytes):
        return cell(value, name)
    if value[:2] == b"GP":
        return shape(value[HEADER_BYTES + ENVELOPES[value[3] >> 1 & 7] :])
    return f"<{len(value)} bytes>"


def shape(wkb: bytes | None) -> str:
    """Return a geometry to the millimetre, in WKT."""
    if wkb is None:
        return ""
    scale = 10.0**METRES
    found = shapely.from_wkb(wkb)
    rounded = shapely.transform(
        found, lambda at: np.floor(at * scale + 0.5 + OFF_TIES) / scale + 0.0, include_z=found.has_z
    )
    return str(shapely.to_wkt(rounded, rounding_precision=METRES, trim=True))


def read_csv(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield the one table of a file of text, in its own order, with how it is written."""
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig")
    mark = "with a mark" if raw.startswith(b"\xef\xbb\xbf") else "without a mark"
    form = f"{mark}, carriage returns: {text.count(chr(13))}"
    pieces = by_column(csv.reader(io.StringIO(text, newline="")))
    yield "", {"(form)": [form], **pieces}


def read_workbook(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield each sheet, and with it the formats of its numbers."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    with closing(book):
        for sheet in book.worksheets:
            rows = list(sheet.iter_rows())
            formats = sorted({cell_.number_format for row in rows for cell_ in row if cell_.value})
            pieces = by_column([[entry.value for entry in row] for row in rows])
            yield sheet.title, {"(formats)": formats, **pieces}


def read_parquet(path: Path) -> Iterator[tuple[str, Pieces]]:
    """Yield the one table of a file of columns."""
    import pandas as pd

    frame = pd.read_parquet(path)
    names = [name for name in frame.columns if name != "geometry"]
    pieces = {name: [cell(value, name) for value in frame[name].tolist()] for name in names}
    if "geometry" in frame:
        pieces["geometry"] = [shape(value) for value in frame["geometry"]]
    yield "", {"(index)": [str(label) for label in frame.index], **pieces}


def by_column(rows: Iterable[Iterable[Any]]) -> Pieces:
    """Turn rows, of which the first names the columns, into columns."""
    table = [list(row) for row in rows]
    heads = table[0] if table else []
    width = max((len(row) for row in table), default=0)
    pieces: Pieces = {}
    for k in range(width):
        name = str(heads[k]) if k < len(heads) and heads[k] not in (None, "") else f"column {k + 1}"
        if name in pieces:
            name = f"{name} ({k + 1})"
        pieces[name] = [cell(row[k], name) if k < len(row) else "" for row in table[1:]]
    return pieces
