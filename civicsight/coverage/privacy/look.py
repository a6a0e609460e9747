"""Lines of sight from heads to walls: what is in the picture, in front, fine enough and free."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray, distinct_rows
from civicsight.coverage._kernels.accumulate import look_from_heads
from civicsight.coverage._kernels.surfaces import find_facing
from civicsight.coverage._kernels.views import EYE, RECTILINEAR
from civicsight.coverage.pose.assumptions import LONGEST_REACH_M
from civicsight.coverage.prepare import Eyes, prepare, prepare_heads, prepare_points
from civicsight.coverage.privacy.masks import veiled
from civicsight.model import NEED
from civicsight.scene.bodies import MIN_TRANSMITTANCE, Scene

MARGIN: Final = 1e-9
"""A density exactly at the limit reaches it, whatever the rounding."""

MOST_PAIRS: Final = 2_000_000
"""Lines of sight that are followed at a time, which bounds memory."""


class Looks(NamedTuple):
    """Pairs of head and facade that are seen finely enough.

    `head` and `sample` are rows of the tables, `px_m` the density across the wall, `veiled` whether
    a mask hides the pair.
    """

    head: IntArray
    sample: IntArray
    px_m: FloatArray
    veiled: BoolArray


def look_at_walls(
    heads: gpd.GeoDataFrame, walls: WallPoints, density_px_m: float, *, proven: bool = True
) -> Looks:
    """Return what heads of one reading see of walls at a density or finer.

    Parameters
    ----------
    heads
        Table `model.HEADS` in the CRS of the scene.
    walls
        Facades laid out in the scene of that reading.
    density_px_m
        Densities below it are left out.
    proven
        Whether only masks count that surely hide, as `masks.placed_masks` tells them.

    Raises
    ------
    SchemaError, InputError, CrsError, MismatchError
        If the heads are not as declared, not in the CRS of the scene, or on unknown ground, or a
        mask cannot be read.
    """
    if not (len(heads) and len(walls.points)):
        return _joined([])
    eyes = prepare_heads(heads, walls.scene)
    seeing = _unbounded(eyes, _edge_gains(heads), density_px_m)
    looks = _joined(list(_seen(walls, seeing, np.flatnonzero(~eyes.inside), density_px_m)))
    hidden = veiled(heads, eyes.table[:, :3], walls.points, looks.head, looks.sample, proven=proven)
    return looks._replace(veiled=hidden)


def _joined(found: list[tuple[IntArray, IntArray, FloatArray]]) -> Looks:
    """Put pairs into the order of heads, then of samples."""
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    head, sample, px_m = (np.concatenate(column) for column in zip(none, *found, strict=True))
    order = np.lexsort((sample, head))
    return Looks(head[order], sample[order], px_m[order], np.zeros(len(head), bool))


def as_samples(facades: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return facades as a table `model.SAMPLES`; the part is the building."""
    return facades.assign(part_id=facades["building_id"], weight=facades["area_m2"], **{NEED: 0.0})


def _edge_gains(heads: gpd.GeoDataFrame) -> FloatArray:
    """Return how many times finer than its band a head may be, 1 where that is not told."""
    gains = heads.get("edge_gain", pd.Series(1.0, heads.index)).to_numpy(np.float64)
    return np.where(np.isnan(gains), 1.0, gains)


def _unbounded(eyes: Eyes, edge_gain: FloatArray, density_px_m: float) -> Eyes:
    """Let eyes see as far as a wall can have a density, as near as they stand, as fine as may be.

    At a corner of a plane picture a wall turned to the lens gets more than one on the axis: by the
    square of the length of the line of sight over its depth.
    """
    table = eyes.table.copy()
    table[:, EYE.px_per_rad] *= edge_gain
    corner = 1.0 + table[:, EYE.tan_h] ** 2 + table[:, EYE.tan_v] ** 2
    plane = table[:, EYE.lens] == RECTILINEAR
    reach = (
        np.where(plane, table[:, EYE.focal_px] * corner, table[:, EYE.px_per_rad]) / density_px_m
    )
    table[:, EYE.near] = 0.0
    table[:, EYE.reach] = np.minimum(reach, LONGEST_REACH_M)
    return Eyes(table, eyes.skips, eyes.inside)


class WallPoints:
    """Facades laid out in a scene, to be looked at from many heads.

    Parameters
    ----------
    facades
        Table `places.FACADES` in the CRS of the scene.
    scene
        What stands in the way.

    Raises
    ------
    SchemaError, CrsError
        If the table is not as declared, or the CRSs differ.
    """

    def __init__(self, facades: gpd.GeoDataFrame, scene: Scene) -> None:
        self.scene = scene
        self.points, self.inside_of = prepare_points(as_samples(facades), scene)
        normal = np.radians(facades["normal_deg"].to_numpy(np.float64))
        # Samples of several storeys share a place on the ground.
        spots, at = distinct_rows(self.points[:, :2])
        self.order = np.argsort(at, kind="stable")
        self.first = np.searchsorted(at[self.order], np.arange(len(spots) + 1))
        out = np.column_stack([np.sin(normal), np.cos(normal)])
        self.laid = np.column_stack([self.points, out])[self.order]
        self.tree = shapely.STRtree(shapely.points(spots))

    def near(self, eyes: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
        """Return where each eye stands, and the spots within reach of any eye there, in slices."""
        at, place = distinct_rows(eyes[:, :2])
        reach = np.zeros(len(at))
        np.maximum.at(reach, place, eyes[:, EYE.reach])
        which, spots = self.tree.query(shapely.points(at), predicate="dwithin", distance=reach)
        order = np.argsort(which, kind="stable")
        return place, np.searchsorted(which[order], np.arange(len(at) + 1)), spots[order]


def _seen(
    walls: WallPoints, eyes: Eyes, rows: IntArray, density_px_m: float
) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
    """Yield pairs of a head and a sample that are in the picture with nothing in between."""
    if not len(rows):
        return
    table = np.ascontiguousarray(eyes.table[rows])
    place, near, spots = walls.near(table)
    least = density_px_m * (1.0 - MARGIN)
    start = np.zeros(len(rows) + 1, np.int64)
    around = (near, spots, walls.first, walls.laid, least)
    find_facing(table, place, *around, start, np.zeros(0, np.int64), np.zeros(0))
    total = np.cumsum(start)
    parts = np.unique(np.searchsorted(total, np.arange(0, total[-1], MOST_PAIRS), side="right") - 1)
    for first, last in pairwise([*parts.tolist(), len(rows)]):
        bounds = total[first : last + 1] - total[first]
        wall, px_m = np.empty(bounds[-1], np.int64), np.empty(bounds[-1])
        find_facing(table[first:last], place[first:last], *around, bounds, wall, px_m)
        sample = walls.order[wall]
        free = _is_free(walls, table[first:last], eyes.skips, sample, bounds)
        head = np.repeat(rows[first:last], np.diff(bounds))
        yield head[free], sample[free], px_m[free]


def _is_free(
    walls: WallPoints, eyes: FloatArray, skips: IndexArray, sample: IntArray, bounds: IntArray
) -> BoolArray:
    """Tell which samples, in slices by eye, are in the picture with nothing in between."""
    ready, count = prepare(walls.scene), len(sample)
    density, blocked_by = np.zeros(count), np.zeros(count, np.int32)
    look_from_heads(
        ready.solids,
        ready.ground,
        eyes,
        skips,
        MIN_TRANSMITTANCE,
        walls.points,
        walls.inside_of,
        np.full(len(walls.points), np.inf),
        sample.astype(np.int32),
        bounds.astype(np.int32),
        np.full((len(walls.points), 2), -1, np.int32),
        density,
        blocked_by,
    )
    free: BoolArray = (density > 0.0) & (blocked_by == -1)
    return free
