"""What a facility takes of all that a camera sees, asked for by a law or not.

References
----------
Article 10 protects the capture of every system that stands, wherever it looks: loss is measured on
the ground, by class of quality, roads and other public ground apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.coverage.demand.ends import ROAD_WIDTH_M
from civicsight.coverage.obstruction.bodies import Facility, body_of, hides_for_sure, part_of_scene
from civicsight.coverage.obstruction.loss import ladder_of, weaker
from civicsight.coverage.obstruction.rays import Views, bound_of
from civicsight.coverage.prepare import prepare
from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.viewshed import CELL_M, TARGET_HEIGHT_M
from civicsight.scene import Scene
from civicsight.schema import READINGS

OUTLOOK_COLUMNS: Final = (
    "reading", "holds", "camera_id", "ground", "quality", "seen_m2", "lost_m2", "lower_m2",
)  # fmt: skip

GROUNDS: Final = ("road", "public", "private")
"""Kinds of ground: within half a usual road of its line, private places on record, all other."""

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def lost_outlook(views: Views, facility: Facility, *, cell_m: float = CELL_M) -> pd.DataFrame:
    """Measure what each camera within reach of a facility sees of the ground, and loses of it.

    Parameters
    ----------
    views, facility
        From `gather_views` and `read_facilities`.
    cell_m
        Side of a cell [m].

    Returns
    -------
    pandas.DataFrame
        `OUTLOOK_COLUMNS`: one row a reading, camera, kind of ground and class of quality that it
        delivers there now (empty below the lowest). ``lost_m2`` is no longer seen, ``lower_m2`` is
        seen in a lower class. Cameras that lose nothing have their rows too.
    """
    rows: list[dict[str, Any]] = []
    cap = hides_for_sure(facility, views.season)
    for reading, camera, heads in _within_reach(views, facility):
        scene = views.scenes[reading]
        near = _features_near(scene, heads)
        body = body_of(facility, scene, views.season, bound_of(views, facility, reading))
        before, west, north = _density(heads, part_of_scene(scene, near, body.iloc[:0]), cell_m)
        after, _, _ = _density(heads, part_of_scene(scene, near, body), cell_m)
        head = {"reading": reading, "holds": weaker(reading, cap), "camera_id": camera}
        found = _by_class(views, before, after, (west, north, cell_m))
        rows += [head | row for row in found]
    return pd.DataFrame(rows, columns=list(OUTLOOK_COLUMNS))


def worst_share(outlook: pd.DataFrame, readings: tuple[str, ...] = READINGS) -> float:
    """Return the greatest share of its view that a camera loses or sees in a lower class."""
    own = outlook[outlook["holds"].isin(readings)]
    sums = own.groupby(["reading", "camera_id"])[["seen_m2", "lost_m2", "lower_m2"]].sum()
    shares = (sums["lost_m2"] + sums["lower_m2"]) / sums["seen_m2"]
    return float(shares.max()) if len(shares) else 0.0


def _within_reach(views: Views, facility: Facility) -> Iterator[tuple[str, str, gpd.GeoDataFrame]]:
    """Yield the heads of each camera and reading that reach as far as a facility."""
    solid = shapely.box(*facility.solid_bounds())
    far = shapely.distance(views.heads.geometry.to_numpy(), solid)
    near = views.heads[far <= views.heads["reach_m"].to_numpy(np.float64)]
    for (reading, camera), heads in near.groupby(["reading", "camera_id"], sort=True):
        yield str(reading), str(camera), gpd.GeoDataFrame(heads)


def _features_near(scene: Scene, heads: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    discs = shapely.buffer(heads.geometry.to_numpy(), heads["reach_m"].to_numpy(np.float64) + 1.0)
    found = np.unique(prepare(scene).tree.query(discs)[1])
    return found if len(found) else np.arange(min(1, len(scene.features)))


def _density(
    heads: gpd.GeoDataFrame, scene: Scene, cell_m: float
) -> tuple[FloatArray, float, float]:
    """Return px/m of each cell, 0 where nothing is seen, and the north-western corner."""
    raster = compute_coverage(heads, scene, cell_m=cell_m, target_height_m=TARGET_HEIGHT_M)
    best, count, _, transform = raster.to_dense()
    return np.where(count > 0, np.maximum(best, 1e-9), 0.0), transform.c, transform.f


def _by_class(
    views: Views, before: FloatArray, after: FloatArray, frame: tuple[float, float, float]
) -> list[dict[str, Any]]:
    """Return what is seen, lost and lowered of each kind of ground and class of quality."""
    ladder = sorted((need, name) for name, need in ladder_of(views.result.rules).items())
    steps = np.array([need for need, _ in ladder])
    names = ["", *(name for _, name in ladder)]
    row, column = np.nonzero(before > 0.0)
    if not len(row):
        return []
    west, north, cell_m = frame
    points = shapely.points(west + (column + 0.5) * cell_m, north - (row + 0.5) * cell_m)
    ground = _ground_of(views, points)
    first, then = (np.searchsorted(steps, each[row, column], "right") for each in (before, after))
    gone = after[row, column] <= 0.0
    lower = ~gone & (then < first)
    rows = []
    for kind, level in sorted(set(zip(ground.tolist(), first.tolist(), strict=True))):
        own = (ground == kind) & (first == level)
        areas = [float(cells.sum()) * cell_m**2 for cells in (own, own & gone, own & lower)]
        said = {"ground": GROUNDS[kind], "quality": names[level]}
        rows.append(said | dict(zip(("seen_m2", "lost_m2", "lower_m2"), areas, strict=True)))
    return rows


def _ground_of(views: Views, points: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return the kind of ground of each point: a row of `GROUNDS`."""
    city = views.result.city
    kind = np.full(len(points), GROUNDS.index("public"))
    for name, shapes, reach in (
        ("private", city.private_places.geometry, 0.0),
        ("road", city.roads.geometry, ROAD_WIDTH_M / 2),
    ):
        tree = shapely.STRtree(shapes.to_numpy())
        hit = tree.query(points, predicate="dwithin", distance=reach)[0]
        kind[hit] = GROUNDS.index(name)
    return kind
