"""A city on disk: one GeoPackage with a layer for each table."""

from __future__ import annotations

import base64
import json
import tempfile
import zlib
from pathlib import Path
from typing import NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.city.project_versions import as_of_today, keep_before
from civicsight.city.qgis_forms import add_styles, both, write_form
from civicsight.city.refusal import refuse
from civicsight.city.report import LAYER_LABELS
from civicsight.city.vectors.vector import layer_names, require_file, sniff
from civicsight.errors import N_
from civicsight.formats import FORMATS, PROJECT, own_version
from civicsight.provenance import from_dict
from civicsight.schema import CITY_TABLES, City, Table
from civicsight.terrain import Terrain

PROJECT_LAYER = "civicsight"
"""Table of a project file that holds what is not in a layer: name, sources, terrain."""


def save_city(city: City, path: str | Path) -> Path:
    """Write a city as one GeoPackage, all of it or nothing.

    Returns
    -------
    Path
        The file, which is replaced if it exists; a project of an earlier format is kept beside it.
    """
    target = Path(path)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        part = Path(folder) / "project.gpkg"
        for table in CITY_TABLES:
            _write_layer(getattr(city, table.name), table, part)
        _write_project(city, part)
        add_styles(part, [(table.name, _title(table), write_form(table)) for table in CITY_TABLES])
        keep_before(target, PROJECT_LAYER)
        part.replace(target)
    return target


def load_city(path: str | Path) -> City:
    """Read a city that `save_city` wrote, today or as an earlier format.

    Raises
    ------
    InputError
        If the file is no project, or of a later format.
    """
    file = require_file(path)
    if sniff(file) != "GPKG" or PROJECT_LAYER not in layer_names(file):
        refuse(
            "project.format",
            file.name,
            N_("a project saved by civicsight"),
            N_("Read the file as a source of buildings instead."),
        )
    with as_of_today(file, PROJECT_LAYER) as current:
        return _load(current)


def _load(file: Path) -> City:
    import pyogrio

    row = pyogrio.read_dataframe(file, layer=PROJECT_LAYER).iloc[0]
    crs = CRS.from_wkt(row["crs"])
    present = set(layer_names(file))
    tables = {
        table.name: _read_layer(file, table, crs) if table.name in present else table.empty(crs)
        for table in CITY_TABLES
    }
    return City(
        row["name"],
        crs,
        shapely.from_wkt(row["extent"]),
        **tables,
        terrain=_unpacked(row["terrain"]),
        sources=tuple(json.loads(row["sources"])),
        synthetic=bool(row["synthetic"]),
        provenance=tuple(from_dict(entry) for entry in json.loads(row.get("provenance") or "[]")),
    )


def _title(table: Table) -> str:
    return both(LAYER_LABELS[table.name])


def _write_layer(frame: gpd.GeoDataFrame, table: Table, file: Path) -> None:
    out = frame.copy()
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
        layer_options={"IDENTIFIER": _title(table)},
    )


def _read_layer(file: Path, table: Table, crs: CRS) -> gpd.GeoDataFrame:
    import pyogrio

    frame = pyogrio.read_dataframe(file, layer=table.name)
    if table.index not in frame.columns or not isinstance(frame, gpd.GeoDataFrame):
        _refuse_edited(file, table, table.index)
    if frame[table.index].isna().any() or frame[table.index].duplicated().any():
        _refuse_edited(file, table, table.index)
    frame = frame.set_index(table.index).set_crs(crs, allow_override=True)
    for column in table:
        if column.name not in frame.columns:
            continue  # a project of an earlier version
        if column.kind in ("object", "maybe"):
            try:
                values = [json.loads(t) if isinstance(t, str) else None for t in frame[column.name]]
            except ValueError:
                _refuse_edited(file, table, column.name)
            frame[column.name] = pd.Series(values, index=frame.index, dtype=object)
        elif column.kind == "bool":
            if frame[column.name].isna().any():
                _refuse_edited(file, table, column.name)
            frame[column.name] = frame[column.name].astype(bool)
    return table.complete(frame)


def _refuse_edited(file: Path, table: Table, column: str) -> NoReturn:
    """Refuse a project that another program changed: its changes have to be looked at first."""
    refuse(
        "project.edited",
        file.name,
        N_("a project as civicsight saved it"),
        N_(
            "It was edited elsewhere. Take the changes over into the project that it was copied "
            "from: civicsight import %(file)s --into PROJECT.gpkg",
            file=file.name,
        ),
        where=table.name,
        field=column,
    )


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
                "terrain": _packed(city.terrain),
            }
        ]
    )
    pyogrio.write_dataframe(row, file, layer=PROJECT_LAYER, driver="GPKG")


def _packed(terrain: Terrain | None) -> str | None:
    """Return a terrain as text: place and shape, and its heights compressed without loss."""
    if terrain is None:
        return None
    heights = base64.b64encode(zlib.compress(np.ascontiguousarray(terrain.z, "<f8").tobytes()))
    return json.dumps(
        {
            "x0": terrain.x0,
            "y0": terrain.y0,
            "step": terrain.step,
            "shape": terrain.z.shape,
            "z": heights.decode("ascii"),
        }
    )


def _unpacked(text: str | None) -> Terrain | None:
    if not isinstance(text, str):
        return None
    data = json.loads(text)
    heights = np.frombuffer(zlib.decompress(base64.b64decode(data["z"])), "<f8")
    return Terrain(
        heights.reshape(data["shape"]).astype(np.float64), data["x0"], data["y0"], data["step"]
    )
