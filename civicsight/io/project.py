"""The one door for cities: any source in, one City out; and projects on disk."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from civicsight.core.errors import N_, InputError
from civicsight.core.regular import require_regular
from civicsight.io.assemble import Bounds, add_terrain, city_from_features, city_notes
from civicsight.io.citymodels.reader import is_citymodel, read_citymodel
from civicsight.io.crs import LONLAT, crs_name, extent, moved
from civicsight.io.faults import fault, reject
from civicsight.io.file_formats import FORMATS, recognise, sniff
from civicsight.io.format import TABLE, Format
from civicsight.io.guessing import require_buildings
from civicsight.io.osm.features import (
    features_from_export,
    is_osm_export,
    join_features,
    read_features,
)
from civicsight.io.project_file import load_city
from civicsight.io.project_row import PROJECT_LAYER
from civicsight.io.report import Count, ImportReport, merge
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.vectors.files import require_file
from civicsight.io.vectors.footprints import buildings_of
from civicsight.io.vectors.geopackage import layer_names
from civicsight.io.vectors.vector import read_vector
from civicsight.model import CITY_TABLES, City, empty_tables

PARTS = frozenset(end for entry in FORMATS for end in entry.parts[1:])
"""Endings of files of a folder that belong to another one."""

FILEGDB = ".gdb"

MAX_NAMED = 20
"""Files of a folder that a refusal lists."""


def read_city(
    path: str | Path,
    *,
    name: str | None = None,
    crs: CRS | None = None,
    dem: str | Path | None = None,
    bounds: Bounds | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[City, ImportReport]:
    """Read a city from whatever there is; the content of the file decides.

    Parameters
    ----------
    path
        OSM as PBF or XML; a vector file of OSM features or of buildings only; CityJSON or CityGML;
        a project saved with `save_city`; or a folder with vector files of OSM features.
    name, crs
        What people call it, and the working CRS in metres; from file and data by default.
    dem
        Ground heights as GeoTIFF, ASC grid or SRTM tile; flat without.
    bounds
        ``min_lon, min_lat, max_lon, max_lat``; what does not meet the box is left out.
    declared
        What is known about a file of buildings: system, datum, encoding, layer.
    keep_good
        Whether to take the good rows of buildings where others are rejected; broken shapes of OSM
        are always left out and reported.

    Returns
    -------
    city, report
        Its tables, and what happened to each layer.

    Raises
    ------
    InputError
        If the source cannot be read, or rows are rejected and not `keep_good`.
    """
    source = Path(path)
    called = source.resolve().name.split(".")[0]  # of "." too
    asked = _Asked(name or called, crs, bounds, declared, keep_good, is_named=name is not None)
    several = source.is_dir() and recognise(source) is None
    city, report = _from_folder(source, asked) if several else _from_file(source, asked)
    return (city, report) if dem is None else add_terrain(city, report, dem)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a source: see `read_city`."""

    name: str
    crs: CRS | None
    bounds: Bounds | None
    declared: Declared
    keep_good: bool
    is_named: bool = False


def _from_file(file: Path, asked: _Asked) -> tuple[City, ImportReport]:
    """Read a file by its content."""
    kind = sniff(require_file(file))
    if kind == "OSM":
        return read_osm(file, name=asked.name, crs=asked.crs, bounds=asked.bounds)
    if kind == "GPKG" and PROJECT_LAYER in layer_names(file):
        city = load_city(file)
        _require_own(asked, city, file.name)
        city = replace(city, name=asked.name) if asked.is_named else city
        parts = [
            ImportReport(
                file.name,
                table.name,
                len(getattr(city, table.name)),
                len(getattr(city, table.name)),
            )
            for table in CITY_TABLES
        ]
        project_report = merge(
            file.name, parts, crs_found=crs_name(city.crs), notes=city_notes(city)
        )
        return city, project_report
    if is_citymodel(file):
        table, report = read_citymodel(
            file, crs=asked.crs, declared=asked.declared, keep_good=asked.keep_good
        )
        return _of_buildings(table, report, file.name, asked)
    return _from_vector(file, asked)


def _require_own(asked: _Asked, city: City, file: str) -> None:
    """Refuse what a saved project would not heed: it has its system, its extent and its rows.

    Raises
    ------
    InputError
        With all of it at once.
    """
    declared = {
        each.name: getattr(asked.declared, each.name)
        for each in fields(asked.declared)
        if each.name not in ("classes", "corrections")  # which are of the rules, or of one import
    }
    given = declared | {"crs": asked.declared.crs or asked.crs, "bounds": asked.bounds}
    if given["crs"] == city.crs:
        given["crs"] = None
    faults = [
        fault("project.declared", file, field=name, found=str(value))
        for name, value in given.items()
        if value is not None
    ]
    if faults:
        raise InputError(faults)


def read_osm(
    path: str | Path,
    *,
    name: str | None = None,
    crs: CRS | None = None,
    bounds: Bounds | None = None,
) -> tuple[City, ImportReport]:
    """Read a city from an OSM extract, PBF or XML; see `read_city`."""
    file = require_file(path)
    return city_from_features(
        read_features(file), name=name or file.name.split(".")[0], crs=crs, bounds=bounds
    )


def _from_vector(path: Path, asked: _Asked) -> tuple[City, ImportReport]:
    vector = read_vector(path, declared=asked.declared)
    if is_osm_export(vector.frame):
        features = features_from_export(vector, path.name)
        return city_from_features(features, name=asked.name, crs=asked.crs, bounds=asked.bounds)
    if asked.bounds is not None:
        box = shapely.box(*asked.bounds)
        area = moved(gpd.GeoSeries([box], crs=LONLAT), vector.frame.crs).iloc[0]
        inside = vector.frame.intersects(area) | vector.frame.geometry.isna()
        left = Count("excluded.outside", N_("outside of the given bounds"), int((~inside).sum()))
        vector = vector._replace(frame=vector.frame[inside], left=(*vector.left, left))
    if not vector.is_drawing:
        require_buildings(vector.frame, path, asked.declared)
    table, report = buildings_of(
        vector, path.name, crs=asked.crs, mapping=asked.declared.mapping, keep_good=asked.keep_good
    )
    return _of_buildings(table, report, path.name, asked)


def _of_buildings(
    table: gpd.GeoDataFrame, report: ImportReport, source: str, asked: _Asked
) -> tuple[City, ImportReport]:
    """Return a city that has buildings only."""
    tables = {**empty_tables(table.crs), "buildings": table}
    area = extent(table.geometry.to_numpy(), np.zeros(0, object))
    city = City(asked.name, table.crs, area, **tables, sources=(source,))
    total = merge(source, (report,), crs_found=report.crs_found, notes=city_notes(city))
    return replace(city, provenance=total.provenance()), total


def _from_folder(folder: Path, asked: _Asked) -> tuple[City, ImportReport]:
    files = {
        file: found
        for file in sorted(folder.iterdir())
        if file.suffix.lower() not in PARTS and (found := _readable(file)) is not None
    }
    layers = [file for file, found in files.items() if found.is_layer]
    if len(layers) == len(files) == 1:
        return _from_vector(layers[0], asked)
    # What else lies there decides: nobody is to find another file of the folder in his project.
    vectors = {file: read_vector(file) for file in layers} if len(layers) == len(files) else {}
    if not vectors or not all(is_osm_export(vector.frame) for vector in vectors.values()):
        names = [file.name for file in files]
        more = [f"... (+{len(names) - MAX_NAMED})"] if len(names) > MAX_NAMED else []
        reject("folder.unclear", folder.resolve().name, found=", ".join(names[:MAX_NAMED] + more))
    features = join_features(
        [features_from_export(vector, file.name) for file, vector in vectors.items()], folder.name
    )
    return city_from_features(features, name=asked.name, crs=asked.crs, bounds=asked.bounds)


def _readable(file: Path) -> Format | None:
    """Return the format of a file that can be read, but of a text that is not called a table."""
    if not require_regular(file).is_file() and file.suffix.lower() != FILEGDB:
        return None
    found = recognise(file)
    if found is None or not found.holds:
        return None
    return None if found.holds == (TABLE,) and file.suffix.lower() not in found.names else found
