"""The ground that one camera no longer sees once a facility stands."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.coverage.check import MAP_READING
from civicsight.coverage.obstruction.bodies import Facility, body_of, part_of_scene
from civicsight.coverage.obstruction.rays import Views, bound_of
from civicsight.coverage.prepare import prepare
from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.viewshed import CELL_M, TARGET_HEIGHT_M
from civicsight.scene.bodies import Scene


@dataclass(frozen=True, slots=True, eq=False)
class LostGround:
    """What a camera sees of the ground before and after, in one reading.

    Parameters
    ----------
    before_m2, lost_m2
        Area seen before, and area no longer seen [m2].
    before, lost
        The same as shapes, along the edges of cells.
    """

    before_m2: float
    lost_m2: float
    before: BaseGeometry
    lost: BaseGeometry


def lost_ground(
    views: Views,
    facility: Facility,
    camera: str,
    *,
    reading: str = MAP_READING,
    cell_m: float = CELL_M,
    target_height_m: float = TARGET_HEIGHT_M,
) -> LostGround:
    """Return the ground that a camera loses to a facility.

    Parameters
    ----------
    views, facility
        From `gather_views` and `read_facilities`.
    camera
        Id of a camera that counts.
    reading
        Which of its poses is meant.
    cell_m, target_height_m
        Side of a cell, and height above the ground of what is looked at [m].
    """
    own = views.heads["camera_id"].eq(camera) & views.heads["reading"].eq(reading)
    heads = views.heads[own]
    if not len(heads):
        nothing = shapely.Polygon()
        return LostGround(0.0, 0.0, nothing, nothing)
    scene = views.scenes[reading]
    rows = _rows_in_reach(scene, heads)
    body = body_of(facility, scene, views.season, bound_of(views, facility, reading))
    before, west, north = _seen(
        heads, part_of_scene(scene, rows, body.iloc[:0]), cell_m, target_height_m
    )
    after, _, _ = _seen(heads, part_of_scene(scene, rows, body), cell_m, target_height_m)
    lost = before & ~after
    return LostGround(
        float(before.sum() * cell_m**2),
        float(lost.sum() * cell_m**2),
        _shape(before, west, north, cell_m),
        _shape(lost, west, north, cell_m),
    )


def _rows_in_reach(scene: Scene, heads: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    discs = shapely.buffer(heads.geometry.to_numpy(), heads["reach_m"].to_numpy(np.float64) + 1.0)
    found = np.unique(prepare(scene).tree.query(discs)[1])
    return found if len(found) else np.arange(min(1, len(scene.features)))


def _seen(
    heads: gpd.GeoDataFrame, scene: Scene, cell_m: float, target_height_m: float
) -> tuple[npt.NDArray[np.bool_], float, float]:
    """Return which cells are seen, rows from north to south, and the north-western corner."""
    raster = compute_coverage(
        heads, scene, cell_m=cell_m, target_height_m=target_height_m, density=False
    )
    _, count, _, transform = raster.to_dense()
    return count > 0, transform.c, transform.f


def _shape(mask: npt.NDArray[np.bool_], west: float, north: float, cell_m: float) -> BaseGeometry:
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edges == 1)
    _, stop = np.nonzero(edges == -1)
    top = north - row * cell_m
    boxes = shapely.box(west + start * cell_m, top - cell_m, west + stop * cell_m, top)
    shape: BaseGeometry = shapely.union_all(boxes)
    return shape
