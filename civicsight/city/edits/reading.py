"""The layers of an edited file, found by name or by their column of ids."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import geopandas as gpd
import pandas as pd

from civicsight.city.project_file import PROJECT_LAYER
from civicsight.city.project_versions import as_of_today
from civicsight.city.refusal import refuse
from civicsight.city.vectors.vector import layer_names, read_vector, require_file, sniff
from civicsight.errors import N_, InputError, Text
from civicsight.schema import CITY_TABLES, Table

BY_NAME: Final[Mapping[str, Table]] = {table.name: table for table in CITY_TABLES}

DBF_NAME: Final = 10
"""Characters that a Shapefile keeps of the name of a column."""

QUIET: Final = frozenset({"layer_styles", "qgis_projects", PROJECT_LAYER})
"""Tables of a GeoPackage that are no layers."""

COMPUTED: Final = frozenset(
    {"heads", "zones", "parts", "samples", "gaps", "duplicates", "overlaps", "cells"}
)
"""Layers of our outputs that follow from the project: an edit of them has no effect."""


@dataclass(frozen=True, slots=True, eq=False)
class EditedFile:
    """Layers of an edited file by table of the project, as they were read.

    Parameters
    ----------
    source
        Name of the file.
    layers
        Rows in the CRS of the file, without an index of their own.
    notes
        Layers that were left aside.
    city
        Name of the project that the file is a copy of; empty if it does not say.
    """

    source: str
    layers: Mapping[str, gpd.GeoDataFrame]
    notes: tuple[Text, ...] = ()
    city: str = ""


def read_edited(path: str | Path) -> EditedFile:
    """Read the layers of an edited file.

    Parameters
    ----------
    path
        A copy of a project or a GeoPackage of a report, edited; or one layer saved as GeoPackage,
        GeoJSON, Shapefile, FlatGeobuf or GeoParquet.

    Raises
    ------
    InputError
        If the file cannot be read, or none of its layers belongs to a project.
    """
    file = require_file(path)
    if sniff(file) == "GPKG":
        with as_of_today(file, PROJECT_LAYER) as current:
            return _from_geopackage(current)
    vector = read_vector(file)
    if vector.faults:
        raise InputError(vector.faults)
    short = vector.driver == "ESRI Shapefile"
    frame = _with_full_names(vector.frame) if short else vector.frame
    table = _table_of(file.stem, frame)
    if table is None:
        _refuse_unknown(file.name, file.stem)
    return EditedFile(file.name, {table.name: frame})


def _with_full_names(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Undo that a Shapefile cuts names of columns, where only one can be meant."""
    names = {name for table in CITY_TABLES for name in (table.index, *(c.name for c in table))}
    by_start: dict[str, list[str]] = {}
    for name in names - set(frame.columns):
        if len(name) > DBF_NAME:
            by_start.setdefault(name[:DBF_NAME], []).append(name)
    return frame.rename(columns={cut: full[0] for cut, full in by_start.items() if len(full) == 1})


def _from_geopackage(file: Path) -> EditedFile:
    names = [name for name in layer_names(file) if name not in QUIET]
    layers: dict[str, gpd.GeoDataFrame] = {}
    left = []
    for name in names:
        frame = _read_layer(file, name)
        table = None if name in COMPUTED else _table_of(name, frame)
        if table is None:
            left.append(name)
            continue
        if table.name in layers:
            refuse(
                "edits.layer_twice",
                file.name,
                N_("one layer of %(table)s", table=table.name),
                N_("Keep the one you edited; delete the other from the file."),
                found=name,
            )
        layers[table.name] = frame
    if not layers:
        _refuse_unknown(file.name, ", ".join(names))
    names_left = ", ".join(left)
    note = N_("layers that are not part of a project, left aside: %(names)s", names=names_left)
    return EditedFile(file.name, layers, (note,) if left else (), _city_name(file))


def _read_layer(file: Path, name: str) -> gpd.GeoDataFrame:
    import pyogrio
    from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FieldError

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*non conformant file extension", RuntimeWarning)
            frame = pyogrio.read_dataframe(file, layer=name)
    except (DataSourceError, DataLayerError, FieldError, CRSError, UnicodeDecodeError) as error:
        refuse(
            "file.damaged",
            file.name,
            N_("a complete file in the format %(driver)s", driver="GPKG"),
            N_("Export or download the file again."),
            found=str(error)[:200],
            where=name,
        )
    if not isinstance(frame, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame)))
    return frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame


def _table_of(name: str, frame: pd.DataFrame) -> Table | None:
    """Return the table that a layer belongs to: that of its name, else of its column of ids."""
    plain = name.strip().lower()
    if plain in BY_NAME:
        return BY_NAME[plain]
    columns = {str(column).lower() for column in frame.columns}
    fitting = [table for table in CITY_TABLES if table.index in columns]
    return fitting[0] if len(fitting) == 1 else None


def _city_name(file: Path) -> str:
    if PROJECT_LAYER not in layer_names(file):
        return ""
    row = _read_layer(file, PROJECT_LAYER)
    return str(row["name"].iloc[0]) if len(row) and "name" in row else ""


def _refuse_unknown(source: str, found: str) -> NoReturn:
    refuse(
        "edits.no_layer",
        source,
        N_("a layer of a project: %(names)s", names=", ".join(BY_NAME)),
        N_("Name the layer or the file as the table is called in the project."),
        found=found,
    )
