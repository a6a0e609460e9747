"""Water and open green ground, for whoever reads a map: nothing is computed from them.

The sea has no outline in OpenStreetMap. Its coast is lines with land on their left, and the ground
that was read is cut along them.

References
----------
OpenStreetMap Wiki, "Tag:natural=coastline": the direction of a coast.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.errors import N_
from civicsight.io.osm import tags
from civicsight.io.report import Count, ImportReport
from civicsight.io.vectors.geometry import divide, repair_polygons
from civicsight.model import LAND_COVER

WATER: Final = {
    "natural": frozenset({"water", "bay", "strait"}),
    "waterway": frozenset({"riverbank", "dock"}),
    "landuse": frozenset({"basin", "reservoir", "pond"}),
}
GREEN: Final = {
    "leisure": frozenset({"park", "garden", "golf_course", "nature_reserve", "common", "dog_park"}),
    "landuse": frozenset({"grass", "meadow", "village_green", "recreation_ground", "forest",
                          "allotments", "orchard", "vineyard", "flowerbed"}),
    "natural": frozenset({"wood", "grassland", "scrub", "heath"}),
}  # fmt: skip
"""Areas by key and value."""

COAST: Final = frozenset({"coastline"})
BESIDE_M: Final = 0.5
"""How far beside a coast it is asked what lies there."""

CUT_OFF_M: Final = 100.0
"""So near the edge a coast that ends is one that was cut off."""

FAIRLY_SURE: Final = 10.0
"""A piece of ground is sea where so many times as much coast has it on the right as on the left."""


def read_land_cover(
    features: gpd.GeoDataFrame, area: BaseGeometry, source: str
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn areas of water and green, and the coast, into the table of land cover.

    Parameters
    ----------
    features
        Tagged features in a metric CRS.
    area
        The ground that was read; the sea ends with it.
    source
        Name of the file.
    """
    kinds = np.where(_any(features, WATER), "water", np.where(_any(features, GREEN), "green", ""))
    is_area = shapely.get_dimensions(features.geometry.to_numpy()) == 2
    found = features[(kinds != "") & is_area]
    repair = repair_polygons(found.geometry.to_numpy())
    frame = gpd.GeoDataFrame(
        {"kind": kinds[(kinds != "") & is_area], "name": tags.value(found, "name")},
        geometry=repair.geometry,
        index=found.index,
        crs=features.crs,
    )
    usable = ~(repair.lost | repair.tiny)
    lines = features.geometry[tags.among(features, "natural", COAST)]
    sea = find_sea(lines.to_numpy(), area)
    seas = gpd.GeoDataFrame(
        {"kind": ["water"] * len(sea)},
        geometry=list(sea),
        crs=features.crs,
        index=pd.Index([f"sea/{number}" for number in range(len(sea))], dtype=object),
    )
    parts = [part for part in (frame[usable], seas) if len(part)]
    rows = gpd.GeoDataFrame(pd.concat(parts), crs=features.crs) if parts else frame
    pieces, divided = divide(rows)
    table = LAND_COVER.complete(pieces)
    shores = 0 if len(sea) else int(shapely.intersects(lines.to_numpy(), area).sum())
    counts = (
        Count("kind.water", N_("waters"), int(rows["kind"].eq("water").sum())),
        Count("kind.green", N_("parks and open green"), int(rows["kind"].eq("green").sum())),
        Count("excluded.unusable", N_("without a usable area"), int((~usable).sum())),
        Count("excluded.coast", N_("pieces of coast beside which no sea could be drawn"), shores),
        *divided,
    )
    read = len(frame) + len(sea) + shores
    return table, ImportReport(source, LAND_COVER.name, read, len(table), counts)


def find_sea(coast: np.ndarray, area: BaseGeometry) -> list[BaseGeometry]:
    """Return the parts of an area that lie to the right of its coast.

    Parameters
    ----------
    coast
        Lines with land on their left, object, shape ``(n,)``.
    area
        What is cut along them; metres.

    Examples
    --------
    >>> north = shapely.LineString([(0, 5), (10, 5)])  # eastwards: land lies to the north
    >>> [part.bounds for part in find_sea(np.array([north]), shapely.box(0, 0, 10, 10))]
    [(0.0, 0.0, 10.0, 5.0)]
    """
    coast = coast[shapely.intersects(coast, area)]
    if not len(coast):
        return []
    edge = shapely.boundary(area)
    # The ways to the edge of the ends of a coast, which an extract cuts off before it.
    joined = shapely.line_merge(shapely.union_all(coast))
    ends = np.array(shapely.get_parts(shapely.boundary(joined)))
    ways = shapely.shortest_line(ends, edge)
    out: np.ndarray = ways[shapely.length(ways) <= CUT_OFF_M]
    cuts = shapely.union_all([*coast, *out, edge])
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(cuts))))
    left, right, length = _beside(coast)
    tree = shapely.STRtree(faces)
    on = [_within(tree, spots, length, len(faces)) for spots in (left, right)]
    is_sea = (on[1] > FAIRLY_SURE * on[0]) & shapely.covers(area, shapely.point_on_surface(faces))
    return list(faces[is_sea])


def _beside(lines: np.ndarray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a point on either side of the middle of each piece of lines, and its length [m]."""
    xy, of = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    step = np.diff(xy, axis=0)
    length = np.hypot(*step.T)
    kept = (np.diff(of) == 0) & (length > 0.0)
    middle, step, length = (xy[:-1] + xy[1:])[kept] / 2, step[kept], length[kept]
    across = BESIDE_M * np.column_stack([-step[:, 1], step[:, 0]]) / length[:, None]
    return middle + across, middle - across, length


def _within(tree: shapely.STRtree, spots: FloatArray, length: FloatArray, count: int) -> FloatArray:
    """Return the length of coast whose side lies in each face [m]."""
    spot, face = tree.query(shapely.points(spots), predicate="within")
    out: FloatArray = np.bincount(face, length[spot], count).astype(np.float64)
    return out


def _any(features: gpd.GeoDataFrame, words: dict[str, frozenset[str]]) -> BoolArray:
    """Tell which features carry one of the values under one of the keys."""
    found = [tags.among(features, key, values) for key, values in words.items()]
    out: BoolArray = np.logical_or.reduce(found)
    return out
