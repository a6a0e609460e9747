"""Which named street a point stands at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import geopandas as gpd

NEAR_M: Final = 40.0
"""A gate stands at a street whose middle is nearer than this [m]: half of a wide road, and the
forecourt; assumed."""

GAP_M: Final = 100.0
"""Pieces of one name that are farther apart are two streets [m]: it bridges a square or a junction;
assumed."""


def street_names(points: gpd.GeoSeries, roads: gpd.GeoDataFrame) -> pd.Series:
    """Return the name of the street that each point stands at, empty where none is near.

    Parameters
    ----------
    points, roads
        Points, and the roads of a city, in one metric CRS. Each point belongs to the nearest road
        with a name within `NEAR_M`.
    """
    named = named_roads(roads)
    at = nearest_road(np.asarray(points.array), np.asarray(named.geometry.array))
    names = np.append(named["name"].to_numpy(object), "")  # the last one stands for none
    return pd.Series(names[at], index=points.index, dtype=object)


def named_roads(roads: gpd.GeoDataFrame) -> Any:
    """Return the roads on or above the ground that have a name, without blanks around it."""
    name = roads["name"].where(roads["name"].map(lambda value: isinstance(value, str)), "")
    name = name.astype(str).str.strip()
    return roads.assign(name=name)[name.ne("") & ~roads["tunnel"].fillna(value=False).astype(bool)]


def nearest_road(
    gates: npt.NDArray[np.object_], roads: npt.NDArray[np.object_]
) -> npt.NDArray[np.intp]:
    """Return the place of the nearest road of each gate, -1 without one; of equals the first."""
    found = np.full(len(gates), -1, np.intp)
    if len(roads):
        gate, road = shapely.STRtree(roads).query_nearest(gates, max_distance=NEAR_M)
        first = pd.Series(road).groupby(gate).min()
        found[first.index.to_numpy(np.intp)] = first.to_numpy(np.intp)
    return found


def pieces_of(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.int32]:
    """Return a number for each road: the same for those that lie together."""
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=GAP_M)
    near = coo_array((np.ones(len(one), bool), (one, two)), shape=(len(shapes), len(shapes)))
    piece: npt.NDArray[np.int32] = connected_components(near, directed=False)[1]
    return piece
