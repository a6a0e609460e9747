"""A city raised on rasters: the ground of a DEM, crowns, and what stands where no map shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from civicsight.city.declared import NOTHING, Declared
from civicsight.city.rasters.terrain import load_terrain
from civicsight.city.rasters.units import Unit
from civicsight.city.refusal import refuse
from civicsight.city.report import ImportReport, merge
from civicsight.errors import N_
from civicsight.schema import City

Bounds = tuple[float, float, float, float]

TERRAIN_MARGIN_M = 300.0
"""Terrain is read this far beyond the city, as far as its cameras may look [m]."""


def add_terrain(
    city: City,
    report: ImportReport,
    dem: str | Path,
    *,
    unit: Unit | None = None,
    declared: Declared = NOTHING,
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
    """
    area = _area(city, Path(dem).name, TERRAIN_MARGIN_M)
    terrain, found = load_terrain(dem, area, city.crs, unit=unit, declared=declared)
    return _replaced(city, found, terrain=terrain), _merged(report, found)


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


def _replaced(city: City, found: ImportReport, **changes: Any) -> City:
    return replace(
        city,
        sources=tuple(dict.fromkeys((*city.sources, found.source))),
        provenance=(*city.provenance, *found.provenance()),
        **changes,
    )


def _merged(report: ImportReport, *found: ImportReport) -> ImportReport:
    parts = report.parts or (report,)
    return merge(report.source, (*parts, *found), crs_found=report.crs_found, notes=report.notes)
