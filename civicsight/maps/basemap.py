"""The ground plan under everything else: buildings and roads of the project itself, no tiles.

A page has room for so many points. Where a city has more, outlines are simplified, then what lies
far from cameras and mandatory places is left out, then the smallest; the map says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.hues import BUILDING
from civicsight.maps.layers import PlanLayer, ground_layer
from civicsight.presentation.symbols import (
    CROWN,
    GREEN,
    MAIN_ROADS,
    OBSTACLE,
    PATHS,
    ROAD_EDGE,
    ROADS,
    WATER,
)

MAX_BUILDING_POINTS: Final = 240_000
"""About 1 MB of page."""

MAX_ROAD_POINTS: Final = 80_000

MAX_OBSTACLE_POINTS: Final = 60_000

MAX_LAND_POINTS: Final = 30_000

TOLERANCES_M: Final = (0.25, 0.5, 1.0, 2.0)
"""Outlines are simplified no further than a wall is thick, then a pavement wide."""

NEAR_M: Final = 150.0
"""What is farther than this from everything that the report is about can be left out."""

LAND_Z: Final = 5
ROADS_Z: Final = 10
COVERAGE_Z: Final = 20
BUILDINGS_Z: Final = 30
CROWNS_Z: Final = 32
OBSTACLES_Z: Final = 34


@dataclass(frozen=True, slots=True, eq=False)
class Thinned:
    """Shapes that fit on a page.

    Parameters
    ----------
    shapes
        What is drawn; the index is that of the input.
    left_out
        How many are not.
    tolerance_m
        How far an outline may be off.
    """

    shapes: gpd.GeoSeries
    left_out: int
    tolerance_m: float


def building_layer(buildings: gpd.GeoDataFrame, focus: gpd.GeoSeries) -> tuple[PlanLayer, Thinned]:
    """Draw buildings.

    Parameters
    ----------
    buildings
        Table `model.BUILDINGS`.
    focus
        Cameras and mandatory places; buildings near them are kept first.
    """
    thinned = thin_shapes(buildings.geometry, focus, MAX_BUILDING_POINTS)
    styles = [0] * len(thinned.shapes)
    return ground_layer("buildings", thinned.shapes, [BUILDING], styles, BUILDINGS_Z), thinned


def land_layer(cover: gpd.GeoDataFrame, focus: gpd.GeoSeries) -> tuple[PlanLayer, Thinned]:
    """Draw water over what is green; the table `model.LAND_COVER`."""
    cover = cover.sort_values("kind")
    thinned = thin_shapes(cover.geometry, focus, MAX_LAND_POINTS)
    style = cover.loc[thinned.shapes.index, "kind"].eq("water").astype(int).tolist()
    return ground_layer("land_cover", thinned.shapes, [GREEN, WATER], style, LAND_Z), thinned


def road_layer(roads: gpd.GeoDataFrame, focus: gpd.GeoSeries) -> tuple[PlanLayer, Thinned]:
    """Draw roads above ground, main roads wider than others and paths dashed."""
    above = roads[~roads["tunnel"]]
    thinned = thin_shapes(above.geometry, focus, MAX_ROAD_POINTS)
    kinds = above.loc[thinned.shapes.index, "kind"]
    style = np.where(kinds.isin(MAIN_ROADS), 0, np.where(kinds.isin(PATHS), 2, 1))
    edges = [{**look, "color": ROAD_EDGE, "metres": look["metres"] + 2.0} for look in ROADS[:2]]
    looks = [*edges, ROADS[1], ROADS[0], ROADS[2]]
    order = {0: (0, 3), 1: (1, 2), 2: (4,)}
    twice = [(label, k) for label, s in zip(kinds.index, style, strict=True) for k in order[int(s)]]
    shapes = thinned.shapes.loc[[label for label, _ in twice]]
    return ground_layer("roads", shapes, looks, [k for _, k in twice], ROADS_Z), thinned


def obstacle_layers(
    obstacles: gpd.GeoDataFrame, canopies: gpd.GeoDataFrame, focus: gpd.GeoSeries
) -> list[tuple[PlanLayer, Thinned]]:
    """Draw what stands in the way of views beside buildings: crowns, then walls and panels.

    Parameters
    ----------
    obstacles, canopies
        Tables `model.OBSTACLES` and `model.CANOPIES`.
    focus
        Cameras and mandatory places; what is near them is kept first.
    """
    out = []
    for key, frame, look, z in (
        ("canopies", canopies, CROWN, CROWNS_Z),
        ("obstacles", obstacles, OBSTACLE, OBSTACLES_Z),
    ):
        if len(frame):
            thinned = thin_shapes(frame.geometry, focus, MAX_OBSTACLE_POINTS)
            styles = [0] * len(thinned.shapes)
            out.append((ground_layer(key, thinned.shapes, [look], styles, z), thinned))
    return out


def thin_shapes(shapes: gpd.GeoSeries, focus: gpd.GeoSeries, max_points: int) -> Thinned:
    """Simplify shapes and leave some out until their points fit.

    Parameters
    ----------
    shapes
        In a metric CRS; not changed.
    focus
        What matters, in the same CRS.
    max_points
        Points to keep at most.
    """
    simple, tolerance = shapes, 0.0
    for tolerance in TOLERANCES_M:
        simple = shapes.simplify(tolerance)
        simple = simple[~simple.is_empty]
        if int(shapely.get_num_coordinates(simple.to_numpy()).sum()) <= max_points:
            return Thinned(simple, len(shapes) - len(simple), tolerance)
    # Choose shapes near what matters first, and among those the largest.
    near = np.zeros(len(simple), bool)
    if len(focus):
        tree = shapely.STRtree(simple.to_numpy())
        near[np.unique(tree.query(focus.to_numpy(), predicate="dwithin", distance=NEAR_M)[1])] = (
            True
        )
    size = simple.area.to_numpy() + simple.length.to_numpy()
    order = np.lexsort((-size, ~near))
    points = shapely.get_num_coordinates(simple.to_numpy())[order]
    keep = np.zeros(len(simple), bool)
    keep[order[np.cumsum(points) <= max_points]] = True
    kept = simple[keep]
    return Thinned(kept, len(shapes) - len(kept), tolerance)
