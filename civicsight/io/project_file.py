"""A city on disk: one GeoPackage with a layer for each table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NoReturn

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.atomic import written_whole
from civicsight.core.bounded.text import load_json
from civicsight.core.column import Column
from civicsight.core.errors import N_, refuse
from civicsight.core.i18n import in_all
from civicsight.io.faults import reject
from civicsight.io.file_formats import sniff
from civicsight.io.project_layers import as_of_today, keep_before
from civicsight.io.project_row import PROJECT_LAYER, packed, read_row, refuse_damaged
from civicsight.io.qgis_forms import add_styles, write_form
from civicsight.io.report import LAYER_LABELS
from civicsight.io.vectors import geopackage
from civicsight.io.vectors.database import Database, opened
from civicsight.io.vectors.files import require_file, unchanged
from civicsight.model import CITY_TABLES, City, Table
from civicsight.model.format_versions import FORMATS, PROJECT, own_version

INDEXED_ROWS: Final = 1_000
"""A layer of fewer rows is looked through sooner than a spatial index of it is made and read."""


def save_city(city: City, path: str | Path) -> Path:
    """Write a city as one GeoPackage, all of it or nothing, down to the disk.

    Returns
    -------
    Path
        The file, which is replaced if it exists; a project of an earlier format is kept beside it.

    Raises
    ------
    WriteError
        If it cannot be written; a file that was there before stays.
    """
    target = Path(path)
    with written_whole(target) as scratch:
        part = scratch.with_name("project.gpkg")  # GDAL warns of any other suffix
        for table in CITY_TABLES:
            _write_layer(getattr(city, table.name), table, part)
        _write_project(city, part)
        add_styles(part, [(table.name, _title(table), write_form(table)) for table in CITY_TABLES])
        keep_before(target)
        part.replace(scratch)
    return target


def load_city(path: str | Path) -> City:
    """Read a city that `save_city` wrote, today or as an earlier format.

    Raises
    ------
    InputError
        If the file is no project, or of a later format.
    """
    file = require_file(path)
    if sniff(file) != "GPKG":
        _refuse_foreign(file)
    with unchanged(file), as_of_today(file) as current:
        return _read(current)


def _read(file: Path) -> City:
    with opened(file) as base:
        present = geopackage.contents(base)
        if PROJECT_LAYER not in present:
            _refuse_foreign(file)
        row = read_row(base)
        tables = {
            table.name: _read_layer(base, table, row.crs)
            if table.name in present
            else table.empty(row.crs)
            for table in CITY_TABLES
        }
    return City(
        row.name,
        row.crs,
        row.extent,
        **tables,
        terrain=row.terrain,
        sources=row.sources,
        synthetic=row.synthetic,
        provenance=row.provenance,
    )


def _refuse_foreign(file: Path) -> NoReturn:
    reject("project.format", file.name)


def _title(table: Table) -> str:
    return in_all(LAYER_LABELS[table.name])


def _write_layer(frame: gpd.GeoDataFrame, table: Table, file: Path) -> None:
    out = table.complete(frame)
    for column in table:
        if column.kind in ("object", "maybe"):
            texts = [
                None if value is None else json.dumps(value, ensure_ascii=False)
                for value in out[column.name]
            ]
            # Without rows a list has no type, and GDAL would make it a column of numbers.
            out[column.name] = pd.Series(texts, index=out.index, dtype=object)
    out = out.rename_axis(table.index).reset_index()
    # QGIS takes an empty layer of unknown shape for a plain table, in which nothing can be drawn.
    kinds = table.shape if table.shape != "Any" else "Unknown" if len(out) else "Polygon"
    if out.geom_type.str.startswith("Multi", na=False).any():
        kinds = "Unknown"
    out.to_file(
        file,
        layer=table.name,
        driver="GPKG",
        engine="pyogrio",
        geometry_type=kinds,
        layer_options={"IDENTIFIER": _title(table), **index_of(out)},
    )


def index_of(layer: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the option by which GDAL gives a layer a spatial index, or none where it is small."""
    return {"SPATIAL_INDEX": "YES" if len(layer) >= INDEXED_ROWS else "NO"}


def _read_layer(base: Database, table: Table, crs: CRS) -> gpd.GeoDataFrame:
    found = geopackage.read_layer(base, table.name, flat=False, crs=crs)
    frame, file = found.frame, base.file
    if table.index not in frame.columns or not isinstance(frame, gpd.GeoDataFrame):
        _refuse_edited(file, table, table.index)
    for fault in found.faults:
        refuse_damaged(file.name, fault.field, fault.found, f"{table.name} {fault.where}")
    if frame[table.index].isna().any() or frame[table.index].duplicated().any():
        _refuse_edited(file, table, table.index)
    frame = frame.set_index(table.index)
    for column in table:
        if column.name in frame.columns:  # else a project of an earlier version
            frame[column.name] = _column(file, table, column, frame[column.name])
    frame = table.complete(frame)
    for column in table:
        if column.kind in ("maybe", "bool") and not _are_flags(frame[column.name]):
            _refuse_edited(file, table, column.name)
    return frame


def _are_flags(values: pd.Series) -> bool:
    """Tell whether every cell is true, false or unknown."""
    return bool(values.dropna().map(type).eq(bool).all())


def _column(file: Path, table: Table, column: Column, found: pd.Series) -> pd.Series:
    """Return a column as `Table.complete` takes it."""
    if column.kind == "object":
        try:
            values = list(map(_mapping, found))
        except (ValueError, TypeError):
            _refuse_edited(file, table, column.name)
        return pd.Series(values, index=found.index, dtype=object)
    lacking = column.kind == "bool" and found.isna().any()
    if lacking or (column.kind in ("float", "int") and found.map(_is_text).any()):
        _refuse_edited(file, table, column.name)
    return found


def _mapping(text: object) -> Any:
    """Return the mapping that a cell holds as JSON."""
    value = load_json(text) if isinstance(text, str) else None
    if not isinstance(value, dict | None):
        raise TypeError(type(value).__name__)
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str | bytes)


def _refuse_edited(file: Path, table: Table, column: str) -> NoReturn:
    """Refuse a project that another program changed: its changes have to be looked at first."""
    expected = N_("a project as civicsight saved it")
    remedy = N_(
        "It was edited elsewhere. Take the changes over into the project that it was copied "
        "from: civicsight import %(file)s --into PROJECT.gpkg",
        file=file.name,
    )
    refuse("project.edited", file.name, expected, remedy, where=table.name, field=column)


def _write_project(city: City, file: Path) -> None:
    import pyogrio

    row = pd.DataFrame(
        [
            {
                "format": FORMATS[PROJECT].number,
                "civicsight": own_version(),
                "name": city.name,
                "crs": city.crs.to_wkt(),
                "extent": shapely.to_wkt(city.extent, rounding_precision=-1),
                "sources": json.dumps(city.sources, ensure_ascii=False),
                "synthetic": int(city.synthetic),
                "provenance": json.dumps(
                    [entry.to_dict() for entry in city.provenance], ensure_ascii=False
                ),
                "terrain": packed(city.terrain),
            }
        ]
    )
    pyogrio.write_dataframe(row, file, layer=PROJECT_LAYER, driver="GPKG")
