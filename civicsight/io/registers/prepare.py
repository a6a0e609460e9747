"""Bring the cells of a register into one form, and say of each bad one where it stands."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.bounded.text import load_wkt
from civicsight.core.errors import N_, Fault, Text, refuse
from civicsight.io.crs import LONLAT, crs_name
from civicsight.io.faults import fault
from civicsight.io.georeference import georeference
from civicsight.io.registers.words import LATITUDE_FIRST
from civicsight.io.source_options import Declared, assumed_datum
from civicsight.io.tables.addresses import PLACED, PLACED_BY, WITHIN
from civicsight.io.tables.lexicon import Headers
from civicsight.io.tables.positions import with_header_datum
from civicsight.io.tables.rows import Cell
from civicsight.io.tables.sheet import Sheet, address_columns
from civicsight.io.tables.source import read_sheet
from civicsight.io.tables.source_schema import resolve
from civicsight.io.tables.synonyms import PLACE_HEADERS, SHAPE_HEADERS, match_headers, normal
from civicsight.io.tables.words import BETWEEN_COORDINATES, header_datums
from civicsight.model import Table
from civicsight.model.notes import Note, noted

Readers = Mapping[str, Callable[[str], Cell]]

GEOMETRY_WORDS = ("POINT", "LINESTRING", "POLYGON", "MULTI")
"""What well-known text begins with."""


def find_headers(sheet: Sheet, headers: Headers, declared: Declared) -> dict[str, str]:
    """Return the column of each meaning; what a person's mapping says goes before every word."""
    said = resolve(declared.mapping.columns, headers) if declared.mapping is not None else {}
    taken = {name for name in said.values() if name}
    rest = [name for name in sheet.header if name not in taken]
    free = {meaning: words for meaning, words in headers.items() if meaning not in said}
    found = match_headers(rest, free)
    own = {
        meaning: name
        for meaning, name in said.items()
        if meaning in headers and name in sheet.header
    }
    return {**found, **own}


def tidy(sheet: Sheet, found: Mapping[str, str], readers: Readers, table: Table) -> Sheet:
    """Return a sheet whose cells are in one form; bad ones become faults and are emptied."""
    meanings = {column.name: column.meaning for column in table}
    rows = [dict(row) for row in sheet.rows]
    faults = list(sheet.faults)
    for meaning, read in readers.items():
        header = found.get(meaning)
        if header is None:
            continue
        for row, where in zip(rows, sheet.where, strict=True):
            text = row[header]
            if text is None:
                continue
            cell = read(text)
            if cell.expected is not None:
                remedy = meanings.get(meaning, Text(""))
                faults.append(bad_cell(sheet, where, header, text, cell.expected, remedy))
            row[header] = None if cell.value is None else str(cell.value)
    return sheet._replace(rows=rows, faults=tuple(faults))


def require(sheet: Sheet, found: Mapping[str, str], meaning: str, table: Table) -> Sheet:
    """Return a sheet with a fault for each row that lacks what every row needs.

    Raises
    ------
    InputError
        If no column holds it.
    """
    sentence = next(column.meaning for column in table if column.name == meaning)
    header = found.get(meaning)
    if header is None:
        refuse(
            "table.missing_column",
            sheet.source,
            N_("a column %(name)s", name=" / ".join(table.headers[meaning][:2])),
            sentence,
            found=", ".join(sheet.header)[:500],
            where="row 1",
            field=meaning,
        )
    known = {fault.where for fault in sheet.faults}
    empty = [
        bad_cell(sheet, where, header, "", N_("a value"), sentence)
        for row, where in zip(sheet.rows, sheet.where, strict=True)
        if row[header] is None and where not in known
    ]
    return sheet._replace(faults=(*sheet.faults, *empty))


def bad_cell(
    sheet: Sheet, where: str, header: str, text: str, expected: Text, remedy: Text
) -> Fault:
    """Return the fault of one cell."""
    return Fault("cell.value", sheet.source, where, header, text[:100], expected, remedy)


def with_column(sheet: Sheet, name: str, values: list[str | None]) -> Sheet:
    """Return a sheet with a column, in front of the others; an old one of that name is replaced."""
    rows = [{**row, name: value} for row, value in zip(sheet.rows, values, strict=True)]
    header = [name, *(other for other in sheet.header if other != name)]
    return sheet._replace(header=header, rows=rows)


def with_added(declared: Declared, before: Sheet, after: Sheet) -> Declared:
    """Return what is declared, where a mapping does not deny the columns that were added.

    Rows that were placed by their addresses are in WGS 84: what was declared held for those.
    """
    added = set(after.header) - set(before.header)
    if PLACED_BY in added:
        declared = replace(declared, datum=None if declared.datum is None else "wgs84", crs=None)
    mapping = declared.mapping
    if mapping is None:
        return declared
    columns = {
        meaning: header
        for meaning, header in mapping.columns.items()
        if header or meaning not in added
    }
    return replace(declared, mapping=replace(mapping, columns=columns))


def read_placed(
    path: str | Path,
    declared: Declared,
    *steps: Callable[[Sheet, Declared], Sheet],
    asked: Headers = MappingProxyType({}),
) -> tuple[Sheet, Declared]:
    """Read a table whose places are found, and bring its cells into one form.

    Parameters
    ----------
    path, declared
        The source, and what is known about it.
    steps
        What is done to the sheet one after the other, as `with_places` is.
    asked
        Headers that are asked for, as of `read_sheet`.

    Returns
    -------
    sheet, declared
        The rows, and what is declared of them, see `with_added`.

    Raises
    ------
    InputError
        As `read_sheet`, and as the steps.
    """
    source = read_sheet(path, declared, asked)
    sheet = with_places(source, declared)
    for step in steps:
        sheet = step(sheet, declared)
    return sheet, with_added(declared, source, sheet)


def with_places(sheet: Sheet, declared: Declared) -> Sheet:
    """Return a sheet whose places are found: by well-known text, a pair in one cell, an address.

    Columns of longitude and latitude go first; text that is no shape then stays text.
    """
    if sheet.geometry is not None:
        return sheet
    places = find_headers(sheet, PLACE_HEADERS, declared)
    if {"lon", "lat"} <= places.keys() or {"x", "y"} <= places.keys():
        return sheet
    found = find_headers(sheet, SHAPE_HEADERS, declared)
    if "wkt" in found and any(_is_shape(row[found["wkt"]]) for row in sheet.rows):
        return _with_shapes(sheet, found["wkt"], declared)
    if "location" in found:
        paired = _with_pairs(sheet, found["location"], told="datum" in places)
        return with_addresses(sheet, declared) if paired is sheet else paired
    return with_addresses(sheet, declared)


def _with_pairs(sheet: Sheet, header: str, *, told: bool) -> Sheet:
    """Part the two coordinates of a cell; the header says in which order, and may name a datum."""
    pairs = [_pair(row[header]) for row in sheet.rows]
    if not any(second for _, second in pairs):
        return sheet
    names = ("lat", "lon") if normal(header).startswith(LATITUDE_FIRST) else ("lon", "lat")
    for side in (1, 0):
        sheet = with_column(sheet, names[side], [pair[side] for pair in pairs])
    named = "/".join(sorted(header_datums([header])))
    return with_column(sheet, "datum", [named] * len(pairs)) if named and not told else sheet


def _is_shape(text: str | None) -> bool:
    return text is not None and text.lstrip().upper().startswith(GEOMETRY_WORDS)


def _pair(text: str | None) -> tuple[str | None, str | None]:
    """Return the two coordinates of a cell; of one that holds no two, its text and nothing.

    Examples
    --------
    >>> _pair("115.86,28.68"), _pair("(115,86; 28,68)"), _pair("N28.68 E115.86")
    (('115.86', '28.68'), ('115,86', '28,68'), ('N28.68', 'E115.86'))
    """
    plain = unicodedata.normalize("NFKC", text or "").strip().strip("()[]")
    for separator in BETWEEN_COORDINATES:
        parts = [part.strip() for part in re.split(separator, plain)]
        if len(parts) == 2 and all(parts):
            return parts[0], parts[1]
    return text, None


def _with_shapes(sheet: Sheet, header: str, declared: Declared) -> Sheet:
    """Read well-known text; it is in the CRS that is declared, else in longitude and latitude."""
    declared = with_header_datum(sheet, (header,), declared)
    shapes = np.full(len(sheet.rows), None, object)
    faults = list(sheet.faults)
    for number, (row, where) in enumerate(zip(sheet.rows, sheet.where, strict=True)):
        text = row[header]
        if text is None:
            continue
        try:
            shapes[number] = shapely.force_2d(load_wkt(text))
        except ValueError:
            faults.append(fault("place.wkt", sheet.source, where, header, text[:60]))
    frame = gpd.GeoDataFrame(
        geometry=gpd.array.from_shapely(shapes),
        index=list(sheet.where),
        crs=None if declared.local is not None else declared.crs or LONLAT,
    )
    known = frame[frame.geometry.notna()]
    placed, notes = georeference(known, sheet.source, declared)
    if declared.datum is None and declared.crs is None and declared.local is None:
        notes = (assumed_datum(), *notes)
    geometry = placed.geometry.reindex(frame.index)
    rows = [{name: cell for name, cell in row.items() if name != header} for row in sheet.rows]
    return sheet._replace(
        header=[name for name in sheet.header if name != header],
        rows=rows,
        geometry=gpd.GeoSeries(geometry.to_numpy(), crs=placed.crs),
        crs_found=crs_name(placed.crs),
        notes=(*sheet.notes, *notes),
        faults=tuple(faults),
    )


def with_addresses(sheet: Sheet, declared: Declared) -> Sheet:
    """Return a sheet whose rows are placed by their addresses; the others are faults, and left out.

    Each row says in `PLACED_BY` by what it was placed and in `WITHIN` how surely.
    """
    header, known = address_columns(sheet, declared).get("address"), declared.addresses
    if header is None or known is None:
        return sheet
    rows: list[dict[str, str | None]] = []
    where, faults = [], list(sheet.faults)
    for row, label in zip(sheet.rows, sheet.where, strict=True):
        text = row[header] or ""
        spots = known.find(text)
        if len(spots) != 1:
            code = "address.unclear" if spots else "address.unknown"
            expected = N_("a street and number that the gazetteer or the city knows")
            if spots:
                expected = N_("an address that stands at one place")
            remedy = N_("It was not placed: add the address to the gazetteer, or give coordinates.")
            faults.append(Fault(code, sheet.source, label, header, text[:100], expected, remedy))
            continue
        spot = spots[0]
        within = None if spot.within_m is None else f"{spot.within_m:.0f}"
        placed = {"lon": repr(spot.lon), "lat": repr(spot.lat)}
        rows.append({**row, **placed, PLACED_BY: spot.by, WITHIN: within})
        where.append(label)
    return sheet._replace(
        header=["lon", "lat", *sheet.header, PLACED_BY, WITHIN],
        rows=rows,
        where=where,
        faults=tuple(faults),
        notes=(*sheet.notes, *_notes(rows)),
    )


def _notes(rows: list[dict[str, str | None]]) -> list[Note]:
    """Say by what how many rows were placed, and what that is worth."""
    counts = Counter(str(row[PLACED_BY]).replace(",", "").partition(" ")[0] for row in rows)
    return [
        noted(
            "address.placed",
            N_(
                "%(what)s: %(count)s rows; each says in %(column)s by which, and in %(within)s "
                "how far off that may be; it is where the address is, not what is mounted there: "
                "survey it before anything rests on metres",
                what=label,
                count=counts[by],
                column=PLACED_BY,
                within=WITHIN,
            ),
        )
        for by, label in PLACED.items()
        if counts[by]
    ]
