"""Lines of sight from heads to walls: what is in the picture, in front, fine enough and free."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.coverage._kernels.deposit import look_from_heads
from civicsight.coverage._kernels.views import RECTILINEAR
from civicsight.coverage.pose.assumptions import LONGEST_REACH_M
from civicsight.coverage.prepare import Eyes, prepare, prepare_heads, prepare_points
from civicsight.coverage.privacy.masks import veiled
from civicsight.scene import MIN_TRANSMITTANCE, Scene

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FOCAL, PER_RADIAN, NEAR, REACH, LENS = 20, 21, 18, 19, 12
"""Columns of the table of eyes (`_kernels.views.Eye`)."""

MARGIN: Final = 1e-9
"""A density exactly at the limit reaches it, whatever the rounding."""


class Looks(NamedTuple):
    """Pairs of head and facade that are seen finely enough.

    `head` and `sample` are rows of the tables, `px_m` the density across the wall, `veiled` whether
    a mask hides the pair.
    """

    head: IntArray
    sample: IntArray
    px_m: FloatArray
    veiled: BoolArray


def look_at_walls(heads: gpd.GeoDataFrame, walls: WallPoints, density_px_m: float) -> Looks:
    """Return what heads of one reading see of walls at a density or finer.

    Parameters
    ----------
    heads
        Table `schema.HEADS` in the CRS of the scene.
    walls
        Facades laid out in the scene of that reading.
    density_px_m
        Densities below it are left out.

    Raises
    ------
    SchemaError, InputError, CrsError, MismatchError
        If the heads are not as declared, not in the CRS of the scene, or on unknown ground, or a
        mask cannot be read.
    """
    found = []
    if len(heads) and len(walls.points):
        eyes = prepare_heads(heads, walls.scene)
        seeing = _unbounded(eyes, _edge_gains(heads), density_px_m)
        for row in np.flatnonzero(~eyes.inside):
            sample, px_m = walls.candidates(seeing.table[row], density_px_m)
            if len(sample):
                seen = _is_free(walls, seeing, int(row), sample)
                found.append((np.full(int(seen.sum()), row), sample[seen], px_m[seen]))
    if not found:
        return Looks(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, bool))
    head, sample, px_m = (np.concatenate(column) for column in zip(*found, strict=True))
    hidden = veiled(heads, eyes.table[:, :3], walls.points, head, sample)
    return Looks(head, sample, px_m, hidden)


def as_samples(facades: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return facades as a table `schema.SAMPLES`; the part is the building."""
    return facades.assign(part_id=facades["building_id"], need_px_m=0.0, weight=facades["area_m2"])


def wall_density_px_m(eye: FloatArray, points: FloatArray, normal: FloatArray) -> FloatArray:
    """Return px/m across walls as one lens gives it, 0 for walls turned away.

    Parameters
    ----------
    eye
        Row of the table of eyes.
    points
        Shape ``(n, 3)``, in the frame of the eye.
    normal
        Outward azimuth of each wall [rad].
    """
    sight = points - eye[:3]
    facing = -(sight[:, 0] * np.sin(normal) + sight[:, 1] * np.cos(normal))
    facing = np.maximum(facing, 0.0)
    if eye[LENS] == RECTILINEAR:
        deep = sight @ eye[3:6]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(deep > 0.0, eye[FOCAL] * facing / deep**2, 0.0)
    square = (sight**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(square > 0.0, eye[PER_RADIAN] * facing / square, 0.0)


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
    table[:, PER_RADIAN] *= edge_gain
    corner = 1.0 + table[:, 13] ** 2 + table[:, 14] ** 2
    plane = table[:, LENS] == RECTILINEAR
    reach = np.where(plane, table[:, FOCAL] * corner, table[:, PER_RADIAN]) / density_px_m
    table[:, NEAR] = 0.0
    table[:, REACH] = np.minimum(reach, LONGEST_REACH_M)
    return Eyes(table, eyes.skips, eyes.inside)


class WallPoints:
    """Facades laid out in a scene, to be looked at from many heads.

    Parameters
    ----------
    facades
        Table `tables.FACADES` in the CRS of the scene.
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
        self.normal = np.radians(facades["normal_deg"].to_numpy(np.float64))
        # Samples of several storeys share a place on the ground.
        spots, at = np.unique(self.points[:, :2], axis=0, return_inverse=True)
        self.order = np.argsort(at.ravel(), kind="stable")
        self.bounds = np.searchsorted(at.ravel()[self.order], np.arange(len(spots) + 1))
        self.tree = shapely.STRtree(shapely.points(spots))

    def candidates(self, eye: FloatArray, least_px_m: float) -> tuple[IntArray, FloatArray]:
        """Return samples in reach that are turned to an eye and fine enough, and their px/m."""
        spot = self.tree.query(
            shapely.points(eye[:2]), predicate="dwithin", distance=float(eye[REACH])
        )
        first, last = self.bounds[spot], self.bounds[spot + 1]
        nth = np.arange(int((last - first).sum()))
        nth = nth - np.repeat(np.cumsum(last - first) - (last - first), last - first)
        sample = np.sort(self.order[np.repeat(first, last - first) + nth])
        px_m = wall_density_px_m(eye, self.points[sample], self.normal[sample])
        fine = px_m >= least_px_m * (1.0 - MARGIN)
        return sample[fine], px_m[fine]


def _is_free(walls: WallPoints, eyes: Eyes, row: int, sample: IntArray) -> BoolArray:
    """Tell which samples are in the picture of an eye with nothing in between."""
    ready, count = prepare(walls.scene), len(sample)
    density, blocked_by = np.zeros(count), np.zeros(count, np.int32)
    look_from_heads(
        ready.solids,
        ready.ground,
        eyes.table[row : row + 1],
        eyes.skips,
        MIN_TRANSMITTANCE,
        walls.points,
        walls.inside_of,
        sample.astype(np.int32),
        np.array([0, count], np.int32),
        density,
        blocked_by,
    )
    free: BoolArray = (density > 0.0) & (blocked_by == -1)
    return free
