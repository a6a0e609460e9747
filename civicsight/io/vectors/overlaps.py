"""Footprints that lie on each other: the same outline twice, or one in another.

Two prisms over the same ground hide what the higher one hides, so overlaps change no sight line and
stay: which of two is the true one is not for an import to say. Only an outline that is drawn twice
becomes one, because it would be counted twice.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

SAME_M = 0.01
"""Corners closer than this are the same [m]."""


def drop_twins(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Take outlines once that are drawn several times with one underside.

    Of those that are the same the one with a known height stays, of these the highest, of these
    the first.

    Returns
    -------
    frame
        Its rows in their order.
    dropped
        How many rows went.
    """
    if not len(frame):
        return frame, 0
    shapes = shapely.normalize(shapely.set_precision(frame.geometry.to_numpy(), SAME_M))
    keys = np.array([shape.wkb for shape in shapes], object)
    base, top = frame["base_m"].to_numpy(float), frame["height_m"].to_numpy(float)
    guessed = frame["height_assumed"].to_numpy(bool)
    best: dict[tuple[bytes, float], int] = {}
    for row in np.lexsort((np.arange(len(frame)), -top, guessed)):
        best.setdefault((keys[row], float(base[row])), int(row))
    keep = np.sort(np.fromiter(best.values(), int, len(best)))
    return frame.iloc[keep], len(frame) - len(keep)


def overlapping(frame: gpd.GeoDataFrame) -> int:
    """Count the footprints whose inner point lies inside another one that stands on the ground."""
    shapes = frame.geometry.to_numpy()
    ground = frame["base_m"].fillna(0).to_numpy(float) <= 0
    rows = np.flatnonzero(ground)
    if len(rows) < 2:
        return 0
    middles = shapely.point_on_surface(shapes[rows])
    point, shape = shapely.STRtree(shapes[rows]).query(middles, predicate="within")
    return len(np.unique(point[point != shape]))
