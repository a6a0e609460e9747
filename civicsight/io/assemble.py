"""A city put together: tables out of OSM features, raised on the rasters of ground and surface.

A DEM gives the ground, and rasters give crowns and what stands where no map shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_
from civicsight.io.crs import (
    LONLAT,
    NEAR_DEG,
    centre_bounds,
    crs_name,
    extent,
    in_degrees,
    moved,
    strays,
    to_working,
    working_crs,
)
from civicsight.io.faults import reject
from civicsight.io.osm import tags
from civicsight.io.osm.cameras import read_osm_cameras
from civicsight.io.osm.features import LICENCE, Features
from civicsight.io.osm.land_cover import read_land_cover
from civicsight.io.osm.obstacles import read_canopies, read_osm_buildings
from civicsight.io.osm.places import read_entrances, read_places
from civicsight.io.osm.roads import read_barriers, read_obstacles, read_roads
from civicsight.io.rasters.files import Unit
from civicsight.io.rasters.objects import heights_from_surface, read_canopy
from civicsight.io.rasters.surface import PLAIN, SurfaceOptions, read_surface
from civicsight.io.rasters.terrain import load_terrain
from civicsight.io.report import Count, ImportReport, merge
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.vectors.buildings import assumed_share
from civicsight.io.vectors.footprints import far_fault
from civicsight.model import City, empty_tables
from civicsight.model.notes import Note, noted

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


Bounds = tuple[float, float, float, float]


def city_from_features(
    features: Features, *, name: str, crs: CRS | None = None, bounds: Bounds | None = None
) -> tuple[City, ImportReport]:
    """Turn tagged features into a city.

    Parameters
    ----------
    features
        What was read, in WGS 84.
    name
        What people call the city.
    crs
        Working CRS; chosen from the centre of buildings and roads by default.
    bounds
        ``min_lon, min_lat, max_lon, max_lat``; features that do not meet the box are left out.

    A public map always holds some broken shapes, which its reader did not make and cannot mend:
    they are left out and reported, and never refuse the whole city.

    Raises
    ------
    InputError
        If nothing lies in the bounds.
    """
    frame, outside = _clipped(features, bounds)
    mapped = tags.has(frame, "building") | tags.has(frame, "highway")
    solid = np.asarray(mapped & (shapely.get_dimensions(frame.geometry.to_numpy()) > 0), bool)
    if crs is None:
        base = in_degrees(frame[solid] if solid.any() else frame)
        crs = working_crs(centre_bounds(base, NEAR_DEG))
    metric = to_working(frame, crs)
    geometry = metric.geometry.to_numpy()
    far = strays(geometry, geometry[solid] if solid.any() else geometry)
    metric = metric[~far]
    source = features.source
    tables, reports = _tables(metric, source, features.cut)
    area = _extent(tables["buildings"], tables["roads"], bounds, crs)
    tables["land_cover"], ground = read_land_cover(metric, area, source)
    city = City(name, crs, area, **tables, sources=(f"{source}: {LICENCE}",))
    first = _feature_report(features, frame, outside, far)
    notes = (*city_notes(city), *features.notes)
    report = merge(source, (first, *reports, ground), crs_found=crs_name(LONLAT), notes=notes)
    return replace(city, provenance=report.provenance(licence=LICENCE)), report


def city_notes(city: City) -> tuple[Note, ...]:
    """Say in sentences what holds for a whole city: its CRS and how much of it is assumed."""
    read = noted(
        "read.coordinates", N_("working coordinate system: %(crs)s", crs=crs_name(city.crs))
    )
    assumed = int(city.buildings["height_assumed"].sum())
    if not assumed:
        return (read,)
    share = f"{100 * assumed_share(city.buildings):.0f}"
    found = N_("height assumed for %(share)s %% of the buildings", share=share)
    return (read, noted("heights.assumed", found, assumed))


def _tables(
    metric: gpd.GeoDataFrame, source: str, cut: frozenset[str]
) -> tuple[dict[str, gpd.GeoDataFrame], list[ImportReport]]:
    roads = read_roads(metric, source)
    made = {
        "buildings": read_osm_buildings(metric, source, cut),
        "obstacles": read_obstacles(metric, source),
        "canopies": read_canopies(metric, source),
        "roads": roads,
        "places": read_places(metric, source),
        "entrances": read_entrances(metric, roads[0], source),
        "barriers": read_barriers(metric, source),
        "cameras": read_osm_cameras(metric, source),
    }
    tables = {name: table for name, (table, _) in made.items()}
    return {**empty_tables(metric.crs), **tables}, [report for _, report in made.values()]


def _clipped(features: Features, bounds: Bounds | None) -> tuple[gpd.GeoDataFrame, int]:
    if bounds is None:
        return features.frame, 0
    meets = shapely.intersects(features.frame.geometry.to_numpy(), shapely.box(*bounds))
    if not meets.any():
        reject("bounds.empty", features.source, found=str(bounds))
    return features.frame[meets], int((~meets).sum())


def _extent(
    buildings: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, bounds: Bounds | None, crs: CRS
) -> BaseGeometry:
    if bounds is not None:
        box = gpd.GeoSeries([shapely.box(*bounds)], crs=LONLAT)
        return moved(box, crs).iloc[0]
    return extent(buildings.geometry.to_numpy(), roads.geometry.to_numpy())


def _feature_report(
    features: Features, frame: gpd.GeoDataFrame, outside: int, far: BoolArray
) -> ImportReport:
    counts = tuple(
        Count(f"element.{kind}", label, int(tags.element(features.frame, kind).sum()))
        for kind, label in (
            ("node", N_("nodes")),
            ("way", N_("ways")),
            ("relation", N_("relations")),
        )
    )
    missing = features.read - len(features.frame)
    counts += (
        Count("excluded.bare", N_("without a place or tags, or listed twice"), missing),
        Count("excluded.outside", N_("outside of the given bounds"), outside),
        Count("excluded.far", N_("farther than 50 km from the city"), int(far.sum())),
    )
    # On a public map a stray is nobody's input error: it is left out, and said.
    strays_found = tuple(far_fault(features.source, str(label)) for label in frame.index[far])
    kept = len(frame) - int(far.sum())
    return replace(
        ImportReport(features.source, "features", features.read, kept, counts),
        repaired=(*strays_found, *features.mended),
    )


RASTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "terrain": load_terrain,
    "canopy": read_canopy,
    "surface": read_surface,
    "heights": lambda path, buildings, **asked: heights_from_surface(buildings, path, **asked),
}
"""Reader of each raster by name; each takes the path first."""

TERRAIN_MARGIN_M = 300.0
"""Terrain is read this far beyond the city, as far as its cameras may look [m]."""


def read_here(name: str, path: str | Path, *arguments: Any, **options: Any) -> Any:
    """Read a raster in this process; what a stranger brings goes through `read_apart` instead."""
    return RASTERS[name](path, *arguments, **options)


def add_terrain(
    city: City,
    report: ImportReport,
    dem: str | Path,
    *,
    unit: Unit | None = None,
    declared: Declared = NOTHING,
    read: Callable[..., Any] = read_here,
) -> tuple[City, ImportReport]:
    """Return the city on the ground of a DEM, and the report with the terrain in it.

    Parameters
    ----------
    city, report
        What was read so far.
    dem
        Ground heights; see `load_terrain`.
    unit, declared
        Unit of the heights, and CRS of the raster, where it declares none itself.
    read
        Calls a reader of `RASTERS` by its name.
    """
    area = _area(city, Path(dem).name, TERRAIN_MARGIN_M)
    core = _area(city, Path(dem).name)
    terrain, found = read("terrain", dem, area, city.crs, unit=unit, declared=declared, named=core)
    return _replaced(city, found, terrain=terrain), _merged(report, found)


def add_canopy(
    city: City,
    report: ImportReport,
    path: str | Path,
    *,
    unit: Unit | None = None,
    declared: Declared = NOTHING,
    read: Callable[..., Any] = read_here,
) -> tuple[City, ImportReport]:
    """Return the city with the crowns of a canopy raster, and the report with them in it.

    Mapped crowns stay; a crown of the raster whose middle lies in one of them is left out, so that
    no tree stands twice.

    Parameters
    ----------
    city, report
        What was read so far.
    path
        Heights of trees above the ground; see `read_canopy`.
    unit, declared
        Unit of the heights, and CRS of the raster, where it declares none itself.
    read
        Calls a reader of `RASTERS` by its name.
    """
    area = _area(city, Path(path).name)
    found, layer = read("canopy", path, area, city.crs, unit=unit, declared=declared)
    mapped = shapely.STRtree(city.canopies.geometry.to_numpy())
    middle = shapely.point_on_surface(found.geometry.to_numpy())
    twice = np.unique(mapped.query(middle, predicate="intersects")[0])
    new = found.drop(index=found.index[twice])
    counts = (*layer.counts, Count("excluded.mapped", N_("already mapped"), len(twice)))
    layer = replace(layer, kept=len(new), counts=counts)
    table = _joined(city.canopies, new)
    return _replaced(city, layer, canopies=table), _merged(report, layer)


def add_surface(
    city: City,
    report: ImportReport,
    dsm: str | Path,
    *,
    options: SurfaceOptions = PLAIN,
    read: Callable[..., Any] = read_here,
) -> tuple[City, ImportReport]:
    """Return the city with what a surface shows beyond the map, and the report with it.

    Footprints win: those with an assumed height take it from the surface, and only what stands
    beside them becomes an obstacle. The ground of the city (`add_terrain`) comes first for a
    surface above datum, and crowns (`add_canopy`) for what is to be a tree.

    Parameters
    ----------
    city, report
        What was read so far.
    dsm
        Surface model, or heights above the ground; see `read_surface`.
    options
        What the raster holds, and how it is cut.
    read
        Calls a reader of `RASTERS` by its name.
    """
    area = _area(city, Path(dsm).name)
    buildings, found = city.buildings, []
    if len(buildings):
        buildings, layer = read("heights", dsm, buildings, ground=city.terrain, options=options)
        found.append(layer)
    table, layer = read(
        "surface",
        dsm,
        area,
        city.crs,
        ground=city.terrain,
        footprints=buildings,
        crowns=city.canopies,
        options=options,
    )
    found.append(layer)
    obstacles = _joined(city.obstacles, table)
    raised = _replaced(city, *found, buildings=buildings, obstacles=obstacles)
    stale = city_notes(city)
    fresh = [*city_notes(raised), *(note for note in report.notes if note not in stale)]
    return raised, replace(_merged(report, *found), notes=tuple(fresh))


def _joined(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put rows behind those of a table; ids that are taken already get a number behind them."""
    if not len(first) or not len(second):
        return second if len(second) else first
    added = second.copy()
    taken, n = set(first.index), 1
    while taken & set(added.index):
        n += 1
        added.index = pd.Index([f"{label}~{n}" for label in second.index], name=first.index.name)
    both = pd.concat([first, added])
    return gpd.GeoDataFrame(both, geometry="geometry", crs=first.crs).rename_axis(first.index.name)


def _area(city: City, name: str, margin: float = 0.0) -> Bounds:
    """Return the box of everything in a city."""
    layers = [city.buildings, city.obstacles, city.canopies, city.cameras, city.entrances]
    boxes = [shapely.box(*frame.total_bounds) for frame in layers if len(frame)]
    boxes += [] if city.extent.is_empty else [city.extent]
    if not boxes:
        reject("raster.no_city", name)
    low_x, low_y, high_x, high_y = shapely.total_bounds(np.array(boxes, object))
    return (
        float(low_x) - margin,
        float(low_y) - margin,
        float(high_x) + margin,
        float(high_y) + margin,
    )


def _replaced(city: City, *found: ImportReport, **changes: Any) -> City:
    sources = (*city.sources, *(layer.source for layer in found))
    kept = tuple(entry for layer in found for entry in layer.provenance())
    return replace(
        city, sources=tuple(dict.fromkeys(sources)), provenance=(*city.provenance, *kept), **changes
    )


def _merged(report: ImportReport, *found: ImportReport) -> ImportReport:
    parts = report.parts or (report,)
    return merge(report.source, (*parts, *found), crs_found=report.crs_found, notes=report.notes)
