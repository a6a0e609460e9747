"""What a facility takes of all that a camera sees: as classes of quality, and as an area of ground.

References
----------
Article 10 protects the capture of every system that stands, wherever it looks: loss is measured on
the ground, by class of quality, roads and other public ground apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.coverage.bounds import CELL_M
from civicsight.coverage.check import MAP_READING
from civicsight.coverage.demand.ends import ROAD_WIDTH_M
from civicsight.coverage.obstruction.bodies import (
    Facility,
    body_of,
    foot_of,
    hides_for_sure,
    moved_foot,
    part_of_scene,
    raise_body,
)
from civicsight.coverage.obstruction.loss import ladder_of, weaker
from civicsight.coverage.obstruction.rays import Views, bound_of
from civicsight.coverage.prepare import POSE, eyes_of, prepare
from civicsight.coverage.raster import compute_coverage, cover
from civicsight.coverage.viewshed import TARGET_HEIGHT_M
from civicsight.model import READINGS
from civicsight.scene.bodies import Assumed, Scene

OUTLOOK_COLUMNS: Final = (
    "reading", "holds", "camera_id", "ground", "quality", "seen_m2", "lost_m2", "lower_m2",
)  # fmt: skip

GROUNDS: Final = ("road", "public", "private")
"""Kinds of ground: within half a usual road of its line, private places on record, all other."""

OUTWARDS: Final = np.array([-1.0, -1.0, 1.0, 1.0])
"""By what a box grows when its reach does: west, south, east, north."""


class Look(NamedTuple):
    """What one camera looks with in one reading, and what readings share in which it sees the same.

    ``alike`` is its scene, the camera, and places, poses and lenses of its heads.
    """

    reading: str
    camera: str
    heads: gpd.GeoDataFrame
    alike: tuple[object, ...]


class Today(NamedTuple):
    """Cells that a camera sees today: px/m, where, and which features of the scene stand near."""

    px_m: FloatArray
    row: IntArray
    column: IntArray
    x: FloatArray
    y: FloatArray
    near: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """Measures what facilities take of all that cameras see; what they see today, once each.

    Parameters
    ----------
    views
        From `gather_views`.
    cell_m
        Side of a cell [m].
    """

    views: Views
    cell_m: float = CELL_M
    _looks: dict[bytes, tuple[Look, ...]] = field(default_factory=dict)
    _today: dict[tuple[object, ...], Today] = field(default_factory=dict)
    _feet: dict[tuple[object, ...], gpd.GeoDataFrame] = field(default_factory=dict)
    _shares_known: dict[tuple[object, ...], float] = field(default_factory=dict)
    _classes: dict[tuple[object, ...], list[dict[str, Any]]] = field(default_factory=dict)

    def among(self, views: Views) -> Outlook:
        """Return the outlook of other cameras of the same result and season, with what is known."""
        return replace(self, views=views, _looks={})

    def lost_to(self, facility: Facility) -> pd.DataFrame:
        """Measure what each camera within reach of a facility sees of the ground, and loses of it.

        Returns
        -------
        pandas.DataFrame
            `OUTLOOK_COLUMNS`: one row a reading, camera, kind of ground and class of quality that
            it delivers there now (empty below the lowest). ``lost_m2`` is no longer seen,
            ``lower_m2`` is seen in a lower class. Cameras that lose nothing have their rows too.
        """
        rows: list[dict[str, Any]] = []
        cap = hides_for_sure(facility, self.views.season)
        body = facility.height_m, *_foot_key(facility)
        for look in self._within_reach(facility):
            key = *look.alike, bound_of(self.views, facility, look.reading), *body
            if key not in self._classes:
                change = self._change(facility, look)
                self._classes[key] = _by_class(self.views, change, self.cell_m)
            holds = weaker(look.reading, cap)
            head = {"reading": look.reading, "holds": holds, "camera_id": look.camera}
            rows += [head | row for row in self._classes[key]]
        return pd.DataFrame(rows, columns=list(OUTLOOK_COLUMNS))

    def hinders(self, facility: Facility, reading: str, tolerance: float) -> bool:
        """Say whether a camera loses more of its view than the tolerated share [0-1]."""
        if tolerance >= 1.0:
            return False
        return any(share > tolerance for share, _ in self._shares(facility, reading, tolerance))

    def _shares(
        self, facility: Facility, reading: str, beyond: float = 0.0
    ) -> Iterator[tuple[float, str]]:
        """Yield the share that each camera loses, if it may be more than `beyond`.

        Where readings agree, it is measured once.
        """
        known = READINGS[: READINGS.index(reading) + 1]
        if hides_for_sure(facility, self.views.season) not in known:
            return
        body = facility.height_m, *_foot_key(facility)
        for look in self._within_reach(facility):
            if look.reading not in known or self._at_most(facility, look) <= beyond:
                continue
            key = *look.alike, bound_of(self.views, facility, look.reading), *body
            if key not in self._shares_known:
                self._shares_known[key] = self._change(facility, look).share
            yield self._shares_known[key], look.camera

    def _within_reach(self, facility: Facility) -> tuple[Look, ...]:
        """Return the heads of each camera and reading that reach as far as a facility."""
        heads = self.views.heads
        solid = shapely.box(*facility.solid_bounds())
        far = shapely.distance(heads.geometry.to_numpy(), solid)
        reaching = far <= heads["reach_m"].to_numpy(np.float64)
        key = reaching.tobytes()
        if key not in self._looks:
            groups = heads[reaching].groupby(["reading", "camera_id"], sort=True)
            self._looks[key] = tuple(
                self._look(str(reading), str(camera), gpd.GeoDataFrame(own))
                for (reading, camera), own in groups
            )
        return self._looks[key]

    def _look(self, reading: str, camera: str, heads: gpd.GeoDataFrame) -> Look:
        places = shapely.get_coordinates(heads.geometry.to_numpy()).tobytes()
        poses = heads[["height_m", *POSE]].to_numpy(np.float64).tobytes()
        lenses = tuple(heads["lens"])
        alike = id(self.views.scenes[reading]), camera, places, poses, lenses
        return Look(reading, camera, heads, alike)

    def _at_most(self, facility: Facility, look: Look) -> float:
        """Return the share of the cells that are seen past the circle around a facility.

        No other cell can be lost: a line of sight is blocked only where it crosses the footprint.
        """
        today = self._seen_today(look)
        if not len(today.row):
            return 0.0
        bounds = np.array(facility.solid_bounds()).reshape(2, 2)
        middle, radius = bounds.mean(axis=0), np.hypot(*(bounds[1] - bounds[0])) / 2
        crossed = np.zeros(len(today.row), bool)
        for eye in np.unique(shapely.get_coordinates(look.heads.geometry.to_numpy()), axis=0):
            step = np.stack([today.x - eye[0], today.y - eye[1]])
            along = np.clip((middle - eye) @ step / np.maximum((step**2).sum(axis=0), 1e-12), 0, 1)
            off = np.hypot(
                eye[0] + along * step[0] - middle[0], eye[1] + along * step[1] - middle[1]
            )
            crossed |= off <= radius + self.cell_m
        return float(crossed.mean())

    def _seen_today(self, look: Look) -> Today:
        if look.alike not in self._today:
            scene = self.views.scenes[look.reading]
            near = _features_near(scene, look.heads)
            alone = part_of_scene(scene, near, scene.features.iloc[:0])
            px_m, west, north = _density(look.heads, alone, self.cell_m)
            row, column = np.nonzero(px_m > 0.0)
            self._today[look.alike] = Today(
                px_m[row, column],
                row,
                column,
                west + (column.astype(np.float64) + 0.5) * self.cell_m,
                north - (row.astype(np.float64) + 0.5) * self.cell_m,
                near,
            )
        return self._today[look.alike]

    def most_hindered(self, facility: Facility, reading: str) -> str:
        """Return the camera that loses the greatest share of its view, as certain as a reading."""
        return max(self._shares(facility, reading))[1]

    def _change(self, facility: Facility, look: Look) -> _Change:
        scene, today = self.views.scenes[look.reading], self._seen_today(look)
        bound = bound_of(self.views, facility, look.reading)
        body = raise_body(self.foot(facility, scene, bound), facility)
        after, _, _ = _density(look.heads, part_of_scene(scene, today.near, body), self.cell_m)
        steps = np.array(sorted(ladder_of(self.views.result.rules).values()))
        return _Change.of(today, after, steps)

    def foot(self, facility: Facility, scene: Scene, bound: Assumed) -> gpd.GeoDataFrame:
        """Return `foot_of`, built once; on level ground it only has to be moved."""
        level = scene.terrain is None
        *made, shape = _foot_key(facility)
        key = id(scene), bound, *made, None if level else shape
        if key not in self._feet:
            self._feet[key] = foot_of(facility, scene, self.views.season, bound)
        foot = self._feet[key]
        return moved_foot(foot, facility) if level else foot


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """Cells that a camera sees today: where, in which step of the ladder, gone or lower now."""

    x: FloatArray
    y: FloatArray
    step: IntArray
    gone: BoolArray
    lower: BoolArray

    @staticmethod
    def of(today: Today, after: FloatArray, steps: FloatArray) -> _Change:
        left = after[today.row, today.column]
        first, then = (np.searchsorted(steps, each, "right") for each in (today.px_m, left))
        gone = left <= 0.0
        return _Change(today.x, today.y, first, gone, ~gone & (then < first))

    @property
    def share(self) -> float:
        return float((self.gone | self.lower).mean()) if len(self.gone) else 0.0


def worst_share(outlook: pd.DataFrame, readings: tuple[str, ...] = READINGS) -> float:
    """Return the greatest share of its view that a camera loses or sees in a lower class."""
    own = outlook[outlook["holds"].isin(readings)]
    sums = own.groupby(["reading", "camera_id"])[["seen_m2", "lost_m2", "lower_m2"]].sum()
    shares = (sums["lost_m2"] + sums["lower_m2"]) / sums["seen_m2"]
    return float(shares.max()) if len(shares) else 0.0


def _foot_key(facility: Facility) -> tuple[object, ...]:
    """Return all of a facility but its height that decides what it hides."""
    passing = tuple(facility.passing.values())
    return facility.kind, facility.base_m, passing, shapely.to_wkb(facility.shape)


def _features_near(scene: Scene, heads: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    discs = shapely.buffer(heads.geometry.to_numpy(), heads["reach_m"].to_numpy(np.float64) + 1.0)
    found = np.unique(prepare(scene).tree.query(discs)[1])
    return found if len(found) else np.arange(min(1, len(scene.features)))


def _density(
    heads: gpd.GeoDataFrame, scene: Scene, cell_m: float
) -> tuple[FloatArray, float, float]:
    """Return px/m of each cell, 0 where nothing is seen, and the north-western corner."""
    raster = cover(heads, eyes_of(heads, scene), scene, cell_m)
    best, count, _, transform = raster.to_dense()
    return np.where(count > 0, np.maximum(best, 1e-9), 0.0), transform.c, transform.f


def _by_class(views: Views, change: _Change, cell_m: float) -> list[dict[str, Any]]:
    """Return what is seen, lost and lowered of each kind of ground and class of quality."""
    ladder = sorted((need, name) for name, need in ladder_of(views.result.rules).items())
    names = ["", *(name for _, name in ladder)]
    ground = _ground_of(views, change.x, change.y)
    rows = []
    for kind, level in sorted(set(zip(ground.tolist(), change.step.tolist(), strict=True))):
        own = (ground == kind) & (change.step == level)
        cells = (own, own & change.gone, own & change.lower)
        areas = [float(some.sum()) * cell_m**2 for some in cells]
        said = {"ground": GROUNDS[kind], "quality": names[level]}
        rows.append(said | dict(zip(("seen_m2", "lost_m2", "lower_m2"), areas, strict=True)))
    return rows


def _ground_of(views: Views, x: FloatArray, y: FloatArray) -> npt.NDArray[np.int64]:
    """Return the kind of ground of each place: a row of `GROUNDS`."""
    city = views.result.city
    kind = np.full(len(x), GROUNDS.index("public"))
    for name, shapes, reach in (
        ("private", city.private_places.geometry, 0.0),
        ("road", city.roads.geometry, ROAD_WIDTH_M / 2),
    ):
        if not len(shapes):
            continue
        west, south, east, north = shapely.total_bounds(shapes.to_numpy()) + reach * OUTWARDS
        inside = np.flatnonzero((west <= x) & (x <= east) & (south <= y) & (y <= north))
        tree = shapely.STRtree(shapes.to_numpy())
        points = shapely.points(x[inside], y[inside])
        hit = tree.query(points, predicate="dwithin", distance=reach)[0]
        kind[inside[hit]] = GROUNDS.index(name)
    return kind


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
    rows = _features_near(scene, heads)
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
