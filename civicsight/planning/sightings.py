"""What cameras see beyond the demand: private façades, areas of consent, public ground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.coverage.check import CheckResult
from civicsight.coverage.raster import compute_coverage
from civicsight.scene import Scene
from civicsight.schema import City

CELL_M: Final = 1.0
"""Side of a cell in which ground is measured [m]."""

STREET_HALF_M: Final[Mapping[str, float]] = {
    "motorway": 20.0,
    "trunk": 18.0,
    "primary": 15.0,
    "secondary": 12.0,
    "tertiary": 10.0,
    "footway": 3.0,
    "path": 2.0,
    "steps": 2.0,
    "cycleway": 3.0,
}
"""Half of the width of a street with its pavements, by class (assumption) [m]."""

OTHER_HALF_M: Final = 8.0


def public_ground(city: City, zones: gpd.GeoDataFrame) -> BaseGeometry:
    """Return the ground that is known to be public or a target: streets and listed places."""
    roads = city.roads
    half = roads["kind"].map(STREET_HALF_M).fillna(OTHER_HALF_M).to_numpy(np.float64)
    streets = shapely.buffer(roads.geometry.to_numpy(), half, quad_segs=2)
    return shapely.union_all([*streets, *zones.geometry.to_numpy()])


def seen_ground_m2(
    heads: gpd.GeoDataFrame, scene: Scene, within: BaseGeometry, cell_m: float = CELL_M
) -> tuple[float, float]:
    """Return the ground that heads see together, and how much of it lies within a shape [m2]."""
    raster = compute_coverage(heads, scene, cell_m=cell_m, density=False)
    _, count, is_open, transform = raster.to_dense()
    row, col = np.nonzero((count > 0) & (is_open != 0))
    x = transform.c + (col + 0.5) * transform.a
    y = transform.f + (row + 0.5) * transform.e
    inside = shapely.contains_xy(within, x, y)
    return float(len(row)) * cell_m**2, float(inside.sum()) * cell_m**2


def seen_of_areas_m2(
    result: CheckResult, scenes: Mapping[str, Scene], camera_id: str, areas: gpd.GeoDataFrame
) -> dict[str, float]:
    """Return by reading how much of some areas a camera sees [m2]; 0 beyond its reach."""
    heads = result.heads[result.heads["camera_id"].eq(camera_id)]
    whole = shapely.union_all(areas.geometry.to_numpy())
    seen: dict[str, float] = {}
    for reading, scene in scenes.items():
        mine = heads[heads["reading"].eq(reading)]
        near = mine[mine.geometry.distance(whole) <= mine["reach_m"]]
        seen[reading] = seen_ground_m2(near, scene, whole)[1] if len(near) else 0.0
    return seen
