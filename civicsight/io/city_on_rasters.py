"""A city raised on rasters: the ground of a DEM, crowns, and what stands where no map shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.errors import N_
from civicsight.io.assemble import city_notes
from civicsight.io.rasters.canopy import read_canopy
from civicsight.io.rasters.footprint_heights import heights_from_surface
from civicsight.io.rasters.surface import PLAIN, SurfaceOptions, read_surface
from civicsight.io.rasters.terrain import load_terrain
from civicsight.io.rasters.units import Unit
from civicsight.io.refusal import refuse
from civicsight.io.report import Count, ImportReport, merge
from civicsight.io.source_options import NOTHING, Declared
from civicsight.model import City

Bounds = tuple[float, float, float, float]

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
        refuse(
            "raster.no_city",
            name,
            N_("a city with buildings, cameras or bounds"),
            N_("Read the city first: its area says what to take from the raster."),
        )
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
