"""Vector files of any kind that is allowed, recognised by content."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.city.declared import NOTHING, Declared
from civicsight.city.georeference import georeference, misplaced
from civicsight.city.refusal import refuse
from civicsight.city.vectors import archive, geopackage, shapefile
from civicsight.city.vectors.files import (
    head_of,
    pointing_elsewhere,
    refuse_foreign,
    refuse_unreadable,
    require_file,
    sniff,
    unchanged,
)
from civicsight.city.vectors.geojson import read_geojson
from civicsight.city.vectors.native import read_flatgeobuf, read_shapefile
from civicsight.city.vectors.parquet import read_parquet
from civicsight.city.vectors.shapes import FoundLayer
from civicsight.errors import N_, Fault, Text

__all__ = ["Vector", "layer_names", "read_vector", "require_file", "sniff"]

KNOWN = N_("GeoPackage, Shapefile, FlatGeobuf, GeoJSON or GeoParquet")
"""Formats that are read, as they stand or zipped."""


class Vector(NamedTuple):
    """One layer as it was found: rows labelled 1, 2, 3 ... in their own CRS, two dimensions.

    `faults` name features whose geometry is not usable (their rows have none), `mended` those that
    were put right. `encoding` is the one of the text, empty where the format has but one.
    """

    frame: gpd.GeoDataFrame
    driver: str
    faults: tuple[Fault, ...] = ()
    mended: tuple[Fault, ...] = ()
    notes: tuple[Text, ...] = ()
    encoding: str = ""


def read_vector(
    path: str | Path, *, layer: str | None = None, declared: Declared = NOTHING
) -> Vector:
    """Read one layer of a vector file, at its true place.

    Parameters
    ----------
    path
        GeoPackage, Shapefile, FlatGeobuf, GeoJSON or sequence of it, GeoParquet, or a ZIP file
        with one of them; the content decides.
    layer
        Name of the layer where a file holds several; that of `declared` by default.
    declared
        CRS where the file has none, datum, encoding and layer; see `Declared`.

    Raises
    ------
    InputError
        If the format is another, the file is damaged or changes while it is read, the CRS is
        missing or cannot be true (see `georeference`), or the layer is unclear.
    """
    file = require_file(path)
    choice = layer if layer is not None else declared.layer
    if sniff(file) == "ZIP":
        with unchanged(file), archive.opened(file, choice) as inner:
            vector = _read(inner, choice if sniff(inner) == "GPKG" else None, declared)
        packed = N_("read from the archive %(name)s", name=file.name)
        return vector._replace(notes=(packed, *vector.notes))
    return _read(file, choice, declared)


def layer_names(path: Path) -> list[str]:
    """Return the names of the layers, with or without geometry, of a GeoPackage.

    Raises
    ------
    InputError
        If the file is damaged or in use.
    """
    return geopackage.layer_names(path)


def _read(file: Path, choice: str | None, declared: Declared) -> Vector:
    driver = sniff(file)
    beside = list(shapefile.members_of(file).values()) if driver == "ESRI Shapefile" else []
    with unchanged(file, beside):
        try:
            found = _layer(file, driver, choice, declared)
        except OSError as error:
            refuse_unreadable(file, error)
    labels = pd.Index([str(n) for n in range(1, len(found.frame) + 1)], dtype=object)
    frame, moved = georeference(found.frame.set_axis(labels, axis=0), file.name, declared)
    frame, lost = _placed(frame, file.name)
    notes = (*found.notes, *_flattened(found), *moved)
    faults = (*found.faults, *lost)
    return Vector(frame, driver, faults, found.mended, notes, found.encoding)


def _placed(frame: gpd.GeoDataFrame, source: str) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    """Take the geometry from features that are no place on the globe, and name them."""
    faults = misplaced(frame, source)
    if not faults:
        return frame, ()
    geometry = frame.geometry.copy()
    geometry[[fault.where for fault in faults]] = None
    return frame.set_geometry(geometry), faults


def _layer(file: Path, driver: str, choice: str | None, declared: Declared) -> FoundLayer:
    """Read a file by its format; what points elsewhere never gets so far."""
    shapefile.refuse_orphan(file)
    single = driver in {"GeoJSON", "FlatGeobuf", "Parquet", "ESRI Shapefile"}
    if single and choice not in {None, file.stem}:
        refuse(
            "layer.missing",
            file.name,
            N_("one of %(names)s", names=file.stem),
            N_("Name a layer that exists."),
            found=str(choice),
        )
    if driver == "GeoJSON":
        return read_geojson(file, declared.encoding, declared.crs)
    if driver == "Parquet":
        return read_parquet(file)
    if driver == "ESRI Shapefile":
        return read_shapefile(file, declared.encoding)
    if driver == "GPKG":
        return geopackage.read_geopackage(file, choice)
    if driver != "FlatGeobuf" or pointing_elsewhere(head_of(file)):
        refuse_foreign(file, driver, KNOWN)
    return read_flatgeobuf(file)


def _flattened(found: FoundLayer) -> tuple[Text, ...]:
    if not found.has_z:
        return ()
    return (N_("heights and measures beside the coordinates were left out: places are flat"),)
