"""Walls of a scene as plain arrays, and the index that finds them."""

from __future__ import annotations

from dataclasses import dataclass
from operator import is_

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, nth_of

BUCKET_M = 32.0
"""Side of a bucket of the wall index [m]; about the length of a city facade."""

MAX_BUCKETS = 4_000_000
"""A sparse scene gets larger buckets rather than more than this many."""


@dataclass(frozen=True, slots=True, eq=False)
class Walls:
    """Vertical faces, one row each, sorted by feature.

    Parameters
    ----------
    xyz
        float64, shape ``(n, 6)``: ``x0, y0, x1, y1, base, top``; heights are above datum.
    owner
        int32, shape ``(n,)``: row of `Scene.features`.
    start
        int32, shape ``(n_feature + 1,)``: first wall of each feature.
    """

    xyz: FloatArray
    owner: IndexArray
    start: IndexArray


@dataclass(frozen=True, slots=True, eq=False)
class Volumes:
    """Features that a sight line may enter from above or below, or partly pass.

    A prism with an underside above the ground, or a crown. `boxes` are ``x0, y0, x1, y1``;
    `owner` is the row of `Scene.features`, and ``walls.start[owner]`` leads to the outline.
    """

    boxes: FloatArray
    owner: IndexArray


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Index of walls by square buckets, in compressed rows.

    ``items[start[b]:start[b + 1]]`` are the walls whose box meets bucket
    ``b = row * n_col + col``; bucket ``(0, 0)`` begins at ``(x0, y0)``.
    """

    x0: float
    y0: float
    size: float
    n_row: int
    n_col: int
    start: IndexArray
    items: IndexArray


def cut_walls(features: gpd.GeoDataFrame, origin: tuple[float, float]) -> Walls:
    """Cut outlines into directed segments."""
    geometry = shapely.orient_polygons(shapely.force_2d(features.geometry.to_numpy()))
    pieces, of = shapely.get_parts(geometry, return_index=True)
    area = shapely.get_dimensions(pieces) == 2
    rings, of_ring = shapely.get_rings(pieces[area], return_index=True)
    lines = np.concatenate([rings, pieces[~area]])
    owner_of_line = np.concatenate([of[area][of_ring], of[~area]]).astype(np.int64)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    xy = xy - np.asarray(origin)
    joined = np.flatnonzero(line[1:] == line[:-1])
    ends = np.hstack([xy[joined], xy[joined + 1]])
    owner = owner_of_line[line[joined]]
    real = (ends[:, :2] != ends[:, 2:]).any(axis=1)
    ends, owner = ends[real], owner[real]

    two_sided = features["two_sided"].to_numpy(bool)[owner]
    ends = np.vstack([ends, ends[two_sided][:, [2, 3, 0, 1]]])
    owner = np.concatenate([owner, owner[two_sided]])
    order = np.argsort(owner, kind="stable")
    ends, owner = ends[order], owner[order]
    start = np.searchsorted(owner, np.arange(len(features) + 1))
    return _with_heights(ends, owner.astype(np.int32), start.astype(np.int32), features)


def _with_heights(
    ends: FloatArray, owner: IndexArray, start: IndexArray, features: gpd.GeoDataFrame
) -> Walls:
    base, top = features["base"].to_numpy(float), features["top"].to_numpy(float)
    xyz = np.ascontiguousarray(np.column_stack([ends, base[owner], top[owner]]), np.float64)
    return Walls(xyz, owner, start)


Laid = tuple[gpd.GeoDataFrame, BoolArray, Walls, Buckets]
"""Features, which of them let no light pass, their walls, and those of the latter by place."""


def lay_walls(
    features: gpd.GeoDataFrame, opaque: BoolArray, origin: tuple[float, float], known: Laid | None
) -> tuple[Walls, Buckets]:
    """Cut features into walls and index those that are opaque; of `known` ones heights differ."""
    if known is not None:
        others, shut, walls, index = known
        shapes, drawn = features.geometry.to_numpy(), others.geometry.to_numpy()
        same = len(shapes) == len(drawn) and all(map(is_, shapes, drawn))
        two_sided = [table["two_sided"].to_numpy(bool) for table in (features, others)]
        if same and (opaque == shut).all() and np.array_equal(*two_sided):
            return _with_heights(walls.xyz[:, :4], walls.owner, walls.start, features), index
    walls = cut_walls(features, origin)
    return walls, index_boxes(wall_boxes(walls.xyz), np.flatnonzero(opaque[walls.owner]))


def wall_boxes(xyz: FloatArray) -> FloatArray:
    """Bound each wall, as ``x0, y0, x1, y1``."""
    low = np.minimum(xyz[:, 0:2], xyz[:, 2:4])
    return np.hstack([low, np.maximum(xyz[:, 0:2], xyz[:, 2:4])])


def index_boxes(boxes: FloatArray, chosen: npt.NDArray[np.int64]) -> Buckets:
    """Sort the chosen rows of `boxes` into buckets."""
    boxes = boxes[chosen]
    if not len(boxes):
        return Buckets(0.0, 0.0, BUCKET_M, 1, 1, np.zeros(2, np.int32), np.zeros(0, np.int32))
    x0, y0 = boxes[:, 0:2].min(axis=0)
    width, height = boxes[:, 2:4].max(axis=0) - (x0, y0)
    size = BUCKET_M
    while (width // size + 1) * (height // size + 1) > MAX_BUCKETS:
        size *= 2.0
    n_col, n_row = int(width // size) + 1, int(height // size) + 1
    first = np.floor((boxes[:, 0:2] - (x0, y0)) / size).astype(np.int64)
    last = np.floor((boxes[:, 2:4] - (x0, y0)) / size).astype(np.int64)
    across, down = (last - first + 1).T
    count = across * down
    item = np.repeat(np.arange(len(boxes)), count)
    nth = nth_of(count)
    bucket = (first[item, 1] + nth // across[item]) * n_col + first[item, 0] + nth % across[item]
    order = np.argsort(bucket, kind="stable")
    start = np.searchsorted(bucket[order], np.arange(n_row * n_col + 1))
    items = chosen[item[order]]
    return Buckets(
        float(x0), float(y0), size, n_row, n_col, start.astype(np.int32), items.astype(np.int32)
    )
