"""Inventories and registers: cameras, places and entrances from a table or a vector layer."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from civicsight.city.declared import NOTHING, Declared
from civicsight.city.report import Count, ImportReport
from civicsight.city.tables.directions import read_azimuth
from civicsight.city.tables.positions import locate
from civicsight.city.tables.sheet import Sheet
from civicsight.city.tables.source import read_sheet
from civicsight.city.tables.synonyms import (
    CAMERA_HEADERS,
    ENTRANCE_HEADERS,
    FALSE_WORDS,
    PLACE_HEADERS,
    REGISTER_HEADERS,
    TRUE_WORDS,
    UNKNOWN_WORDS,
    VALUES,
    Headers,
    Words,
    match_headers,
    match_value,
    normal,
)
from civicsight.city.vectors.heights import read_length
from civicsight.errors import N_, Fault, Text
from civicsight.schema import CAMERAS, ENTRANCES, PLACES, Column, Table, require_metric

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


class Cell(NamedTuple):
    """A value read from a cell, or the sentence that says what was expected instead."""

    value: object
    expected: Text | None = None


class Form(NamedTuple):
    """What a kind of inventory looks like: its table, headers, defaults and words for values.

    `words` holds the words for the closed lists by column and value, as `synonyms.VALUES` does.
    """

    table: Table
    headers: Headers
    defaults: dict[str, object]
    words: Words = VALUES


CAMERA_FORM = Form(
    CAMERAS,
    CAMERA_HEADERS,
    {
        "kind": "unknown",
        "mount": "unknown",
        "setting": "unknown",
        "status": "existing",
        "owner": "unknown",
    },
)
PLACE_FORM = Form(PLACES, REGISTER_HEADERS, {})
ENTRANCE_FORM = Form(
    ENTRANCES, ENTRANCE_HEADERS, {"kind": "yes", "vehicle": False, "confirmed": True}
)


def read_cameras(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read a camera inventory.

    Parameters
    ----------
    path
        CSV in UTF-8 with a column for each property (`schema.CAMERAS`, many Chinese and English
        names are understood) and ``lon``/``lat`` in WGS 84 or ``x``/``y`` in the working CRS; or
        a vector layer of points. Directions count from grid north.
    crs
        Working CRS.
    near
        Extent of the city in the working CRS: cameras far from it are rejected.
    keep_good
        Whether to take the good rows where others are rejected; by default all or nothing.

    Returns
    -------
    cameras
        `schema.CAMERAS`. Columns without a meaning here are kept as ``tags``.
    report
        Rows read and kept, every bad cell with row and column, columns understood and not.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, or rows are bad and not `keep_good`.
    """
    table, report = fill(
        read_sheet(path, declared),
        CAMERA_FORM,
        crs,
        near=near,
        declared=declared,
        keep_good=keep_good,
    )
    counts = (
        Count("direction", N_("with a direction"), int(table["azimuth_deg"].notna().sum())),
        Count("height", N_("with a height"), int(table["height_m"].notna().sum())),
        Count("kind", N_("of known build"), int((table["kind"] != "unknown").sum())),
    )
    return table, replace(report, counts=counts)


def read_places(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read a register of places, which outranks what is found on the map.

    A CSV with ``lon``/``lat`` or ``x``/``y``, or a vector layer with areas; the columns are those
    of `schema.PLACES`. Parameters, results and errors as for `read_cameras`.
    """
    return fill(
        read_sheet(path, declared),
        PLACE_FORM,
        crs,
        near=near,
        declared=declared,
        keep_good=keep_good,
    )


def read_entrances(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read a register of entrances; they count as confirmed unless a column says otherwise.

    The columns are those of `schema.ENTRANCES`. Parameters, results and errors as for
    `read_cameras`.
    """
    return fill(
        read_sheet(path, declared),
        ENTRANCE_FORM,
        crs,
        near=near,
        declared=declared,
        keep_good=keep_good,
    )


def fill(
    sheet: Sheet,
    form: Form,
    crs: CRS | None = None,
    *,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn rows of text into a declared table; see `read_cameras`.

    Columns of kind ``bool`` and ``maybe`` are read as yes and no, ``date`` as days, ``float`` as
    numbers in their unit, closed lists by the words of the form; all else is text as it stands.
    """
    found = match_headers(sheet.header, {**PLACE_HEADERS, **form.headers})
    points, place_faults, place_notes = locate(
        sheet, found, crs, near, declared, placed=form.table.placed
    )
    crs = CRS(points.crs)
    require_metric(points.to_frame("geometry"), form.table.name)
    labels, id_faults = _labels(sheet, found.get(form.table.index))
    columns, cell_faults = _columns(sheet, found, form)
    faults = (*sheet.faults, *place_faults, *id_faults, *cell_faults)
    bad = {fault.where for fault in faults}
    good = np.array([where not in bad for where in sheet.where], bool)
    frame = gpd.GeoDataFrame(columns, geometry=points.to_numpy(), crs=crs, index=labels)[good]
    table = form.table.complete(_with_defaults(frame, form, sheet.source))
    if not faults or keep_good:
        form.table.check(table)
    report = ImportReport(
        sheet.source,
        form.table.name,
        len(sheet.rows),
        len(table),
        (),
        (),
        faults,
        (*_notes(sheet, found), *place_notes),
        sheet.encoding,
        sheet.crs_found,
    )
    return table, report.raise_rejected(keep_good=keep_good)


def _with_defaults(frame: gpd.GeoDataFrame, form: Form, source: str) -> gpd.GeoDataFrame:
    out = frame.copy()
    for name, default in {**form.defaults, "source": source}.items():
        values = (
            out[name].astype(object)
            if name in out.columns
            else pd.Series(None, index=out.index, dtype=object)
        )
        out[name] = values.where(values.notna(), default)
    return out


def _labels(sheet: Sheet, column: str | None) -> tuple[pd.Index, list[Fault]]:
    """Return an identifier for each row, as the text that it is."""
    if column is None:
        return pd.Index([str(n) for n in range(1, len(sheet.rows) + 1)], dtype=object), []
    labels, faults = [], []
    first: dict[str, str] = {}
    for row, where in zip(sheet.rows, sheet.where, strict=True):
        label = row[column]
        if label is None:
            faults.append(
                Fault(
                    "table.no_id",
                    sheet.source,
                    where,
                    column,
                    "",
                    N_("an identifier"),
                    N_("Give every row an id of its own."),
                )
            )
        elif label in first:
            faults.append(
                Fault(
                    "table.repeated_id",
                    sheet.source,
                    where,
                    column,
                    label,
                    N_("each id once; it is also in %(where)s", where=first[label]),
                    N_("Give every row an id of its own."),
                )
            )
        else:
            first[label] = where
        labels.append(label or where)
    return pd.Index(labels, dtype=object), faults


def _columns(
    sheet: Sheet, found: dict[str, str], form: Form
) -> tuple[dict[str, object], list[Fault]]:
    """Read every cell of every declared column."""
    columns: dict[str, object] = {}
    faults: list[Fault] = []
    for column in form.table:
        header = found.get(column.name)
        if header is None or column.name == "tags":
            continue
        read = _reader(column, form)
        values = []
        for row, where in zip(sheet.rows, sheet.where, strict=True):
            cell = Cell(None) if row[header] is None else read(str(row[header]))
            if cell.expected is not None:
                faults.append(
                    Fault(
                        "cell.value",
                        sheet.source,
                        where,
                        header,
                        str(row[header])[:100],
                        cell.expected,
                        column.meaning,
                    )
                )
            values.append(cell.value)
        columns[column.name] = (
            pd.array(values, dtype=object)
            if column.kind != "float"
            else np.array([np.nan if value is None else value for value in values], float)
        )
    columns["tags"] = _tags(sheet, found)
    return columns, faults


def _reader(column: Column, form: Form) -> Callable[[str], Cell]:
    """Return the function that reads the cells of a column."""
    if column.kind in {"bool", "maybe"}:
        return _read_bool
    if column.kind == "float":
        return lambda text: _read_number(text, column)
    if column.choices:
        return lambda text: _read_choice(text, column, form.words)
    return Cell


def _read_bool(text: str) -> Cell:
    plain = normal(text)
    if plain in TRUE_WORDS or plain in FALSE_WORDS:
        return Cell(plain in TRUE_WORDS)
    return Cell(None) if plain in UNKNOWN_WORDS else Cell(None, N_("yes or no"))


def _read_choice(text: str, column: Column, words: Words) -> Cell:
    value = text if text in column.choices else match_value(column.name, text, words)
    if value is not None:
        return Cell(value)
    return Cell(None, N_("one of %(choices)s", choices=", ".join(column.choices)))


def _read_number(text: str, column: Column) -> Cell:
    plain = unicodedata.normalize("NFKC", text).strip()
    expected = N_(
        "a number from %(low)s to %(high)s %(unit)s",
        low=column.low,
        high=column.high,
        unit=column.unit,
    )
    if normal(plain) in UNKNOWN_WORDS:
        return Cell(None)
    if column.name == "azimuth_deg":
        azimuth = read_azimuth(plain)
        return (
            Cell(None, N_("degrees clockwise from north, or a wind such as NE"))
            if azimuth is None
            else Cell(azimuth)
        )
    if column.unit == "m" and not plain.startswith("-"):
        length = read_length(plain)
        value = length.value if length.readable else np.nan
    else:
        try:
            value = float(plain.removesuffix(column.unit).removesuffix("°").strip())
        except ValueError:
            value = np.nan
    if np.isnan(value) or not column.low <= value <= column.high or np.isinf(value):
        return Cell(None, expected)
    return Cell(float(value))


def _tags(sheet: Sheet, found: dict[str, str]) -> object:
    """Keep what the table has no column for as text by header."""
    known = {header for meaning, header in found.items() if meaning != "tags"}
    own = found.get("tags")
    extra = [name for name in sheet.header if name not in known and name != own]
    rows = []
    for row in sheet.rows:
        entry = {name: str(row[name]) for name in extra if row[name] is not None}
        rows.append({**_own_tags(row[own] if own else None), **entry})
    out = np.empty(len(rows), object)
    out[:] = rows
    return out


def _own_tags(text: str | None) -> dict[str, str]:
    try:
        value = json.loads(text) if text else {}
    except (json.JSONDecodeError, RecursionError):
        return {"tags": str(text)}
    return (
        {str(k): str(v) for k, v in value.items()}
        if isinstance(value, dict)
        else {"tags": str(text)}
    )


def _notes(sheet: Sheet, found: dict[str, str]) -> tuple[Text, ...]:
    known = ", ".join(f"{meaning} = {header}" for meaning, header in found.items())
    extra = [name for name in sheet.header if name not in found.values()]
    notes = [N_("columns understood: %(columns)s", columns=known)]
    if extra:
        notes.append(
            N_("columns kept as text without a meaning: %(columns)s", columns=", ".join(extra))
        )
    return (*sheet.notes, *notes)
