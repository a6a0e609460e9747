"""How often an outline crosses itself, counted before it is repaired.

A repair cuts each edge wherever another one meets it. Edges that all meet each other, as where a
piece of a ring is repeated 3,000 times, make a square of their number: 9,000 corners, 0.4 MB of
text, take 3.2 GB in GEOS. So what could become that many is counted here first, and given up as
soon as there are too many.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from civicsight.core.arrays import BoolArray, Geometries, IntArray

MOST: Final = 100_000
"""Crossings of one shape that are borne however few its corners: some 250 MB and 3 s in GEOS."""

FEW: Final = 447
"""Corners of a shape whose edges cannot cross `MOST` times, whatever they do."""

AT_ONCE: Final = 4_000_000
"""Pairs of edges that one question to the tree may answer with at most."""


def limit_of(shape: shapely.Geometry) -> int:
    """Return how often a shape may cross itself; rings along the cells of a raster touch often."""
    return max(MOST, int(shapely.get_num_coordinates(shape)))


def tangled(geometry: Geometries) -> BoolArray:
    """Tell which areas cross themselves more often than a repair can bear.

    Only invalid areas are looked at, and of these only those whose edges could cross so often.

    Parameters
    ----------
    geometry
        Shapes of any kind, with finite coordinates, or None; others than areas are never tangled.
    """
    many = shapely.get_num_coordinates(geometry) > FEW
    out: BoolArray = many & (shapely.get_dimensions(geometry) == 2)
    out[out] = ~shapely.is_valid(geometry[out])
    for row in np.flatnonzero(out):
        out[row] = _is_beyond(geometry[row], limit_of(geometry[row]))
    return out


def areas_in(shape: shapely.Geometry) -> Geometries:
    """Return the polygons of a shape, however deep its collections hold them."""
    parts: Geometries = np.array([shape], object)
    while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def _is_beyond(shape: shapely.Geometry, most: int) -> bool:
    """Tell whether a shape crosses itself more than so often."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(areas_in(shape)), return_index=True)
    points, corner = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    follows = ring[1:] == ring[:-1]
    # Count the pairs of visits of a ring to the same corner; a repeated piece visits it again.
    visited = ring[:-1][follows] * len(points) + corner[:-1][follows]
    count = np.unique(visited, return_counts=True)[1]
    found = int((count * (count - 1) // 2).sum())
    edges = np.sort(np.column_stack([corner[:-1], corner[1:]])[follows], axis=1)
    edges = np.unique(edges[edges[:, 0] != edges[:, 1]], axis=0)
    lines = shapely.linestrings(np.stack([points.real, points.imag], axis=1)[edges])
    tree, step = shapely.STRtree(lines), max(1, AT_ONCE // max(1, len(lines)))
    for at in range(0, len(lines), step):
        if found > most:
            break
        one, other = tree.query(lines[at : at + step], predicate="intersects")
        found += _apart(edges, one[one + at < other] + at, other[one + at < other])
    return found > most


def _apart(edges: IntArray, one: IntArray, other: IntArray) -> int:
    """Count the pairs of edges that have no end in common."""
    first, second = edges[one], edges[other]
    shared = (first[:, :, None] == second[:, None, :]).any(axis=(1, 2))
    return int((~shared).sum())
