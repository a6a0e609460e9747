"""Which sight lines a facility can touch, and what is left of them once it stands.

A facility takes coverage away and never adds any, and only from lines that cross its box in plan.
Those are looked at again, in a scene of what stands near them; all others keep their entry of the
coverage matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, IntArray, nth_of
from civicsight.coverage._kernels.accumulate import look_from_heads
from civicsight.coverage.check import BOUNDS, scenes_of
from civicsight.coverage.matrix import (
    CoverageMatrix,
    at_night,
    compute_matrices,
    is_allowed,
    limits_of,
    pair_up,
)
from civicsight.coverage.obstruction.bodies import (
    Facility,
    foot_of,
    moved_foot,
    part_of_scene,
    raise_body,
)
from civicsight.coverage.prepare import eyes_of, places_of, prepare
from civicsight.coverage.result import CheckResult
from civicsight.model import READINGS
from civicsight.scene.bodies import MIN_TRANSMITTANCE, Assumed, Scene, Season


def angles_allow(
    heads: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    scene: Scene,
    head: IntArray,
    sample: IntArray,
) -> npt.NDArray[np.bool_]:
    """Tell which pairs of rows of heads and samples are within the limits of angle."""
    own = parts[parts.index.isin(samples["part_id"])]
    limits = limits_of(heads, own, samples)
    pairs = pair_up(heads, samples, scene, limits, np.zeros(len(heads), np.int64))
    return is_allowed(pairs, head, sample)


Box = tuple[float, float, float, float]

STANDING: Final = ("existing", "approved")
"""States of the cameras that a new facility has to leave alone."""

SLACK_M: Final = 1e-3
"""Lines this close to a box count as crossing it [m]: looked at in vain rather than missed."""


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What the cameras that stand see of the demand, in one season.

    Parameters
    ----------
    result
        What `check` found.
    season
        Which leaves hang in the trees.
    cameras
        Ids of the cameras that count.
    heads
        Their heads, by night as far as they have light if the check was for the night.
    matrices
        Coverage matrix of each reading, rows as `cameras`.
    scenes
        Scene of each reading.
    """

    result: CheckResult
    season: Season
    cameras: pd.Index
    heads: gpd.GeoDataFrame
    matrices: Mapping[str, CoverageMatrix]
    scenes: Mapping[str, Scene]


@dataclass(frozen=True, slots=True, eq=False)
class Rays:
    """Sight lines that cross a box in plan.

    Parameters
    ----------
    heads, samples
        Tables of those that take part, sorted.
    head, view
        One value a line: row of `heads`, and row of the views.
    camera, sample
        One value a view: row of `Views.cameras` and column of the matrices.
    target
        Row of `samples` of each view.
    before
        Density of each view by reading [px/m].
    near
        Rows of the features of each reading's scene that stand near the lines.
    """

    heads: gpd.GeoDataFrame
    samples: gpd.GeoDataFrame
    head: IntArray
    view: IntArray
    camera: IntArray
    sample: IntArray
    target: IntArray
    before: Mapping[str, npt.NDArray[np.float32]]
    near: Mapping[str, IntArray]


def gather_views(
    result: CheckResult,
    *,
    season: Season = "summer",
    statuses: tuple[str, ...] = STANDING,
    computed: bool = True,
) -> Views:
    """Gather what the cameras of some states see.

    Parameters
    ----------
    result
        What `check` found.
    season
        The season that is asked about.
    statuses
        States of the cameras that count.
    computed
        Whether `result` was computed for that season; if not, the matrices are computed anew where
        the city has crowns.
    """
    scenes = scenes_of(result, season)
    heads = at_night(result.heads) if result.summary["night"] else result.heads
    status = result.cameras["status"].fillna(STANDING[0])  # as everywhere, unless said otherwise
    cameras = result.cameras.index[status.isin(statuses)]
    heads = heads[heads["camera_id"].isin(cameras)]
    if computed or not len(result.city.canopies):
        matrices = {name: each.select(cameras=cameras) for name, each in result.matrices.items()}
    else:
        matrices, _ = compute_matrices(
            heads, result.parts, result.samples, scenes, camera_ids=cameras
        )
    return Views(result, season, cameras, heads, matrices, scenes)


def find_rays(views: Views, box: Box) -> Rays:
    """Find the sight lines that cross a box in plan, and everything that stands near them."""
    box = (box[0] - SLACK_M, box[1] - SLACK_M, box[2] + SLACK_M, box[3] + SLACK_M)
    # All heads of the cameras of which one reaches the box.
    apart = shapely.distance(views.heads.geometry.to_numpy(), shapely.box(*box))
    reaching = views.heads["camera_id"][apart <= views.heads["reach_m"].to_numpy(np.float64)]
    heads = views.heads[views.heads["camera_id"].isin(reaching)]
    camera_of = views.cameras.get_indexer(heads["camera_id"])
    held = views.matrices["possible"].q.tocoo()
    camera, sample = (np.asarray(axis, np.int64) for axis in held.coords)
    kept = np.isin(camera, camera_of) & (held.data > 0.0)
    camera, sample = camera[kept], sample[kept]
    head, view = _pair(camera_of, camera)
    points = views.result.samples.geometry
    ends = np.column_stack([points.x.to_numpy()[sample], points.y.to_numpy()[sample]])
    starts = np.column_stack([heads.geometry.x.to_numpy(), heads.geometry.y.to_numpy()])
    touched = np.zeros(len(camera), bool)
    # Which segments meet a box in plan (Liang and Barsky's clipping).
    start = starts[head]
    end = ends[view]
    low, high = np.array(box[:2]), np.array(box[2:])
    step = end - start
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (low - start) / step, (high - start) / step
    flat = step == 0.0
    within = (start >= low) & (start <= high)
    enter = np.where(flat, np.where(within, -np.inf, np.inf), np.minimum(a, b))
    leave = np.where(flat, np.where(within, np.inf, -np.inf), np.maximum(a, b))
    first, last = np.maximum(enter.max(axis=1), 0.0), np.minimum(leave.min(axis=1), 1.0)
    crossing: BoolArray = first <= last
    touched[view[crossing]] = True
    lines = touched[view]
    return _rays(views, heads, head[lines], view[lines], camera, sample, touched)


def _pair(camera_of_head: IntArray, camera_of_view: IntArray) -> tuple[IntArray, IntArray]:
    """Pair each view with all heads of its camera; returns heads and views."""
    order = np.argsort(camera_of_head, kind="stable")
    first = np.searchsorted(camera_of_head[order], camera_of_view, "left")
    count = np.searchsorted(camera_of_head[order], camera_of_view, "right") - first
    view = np.repeat(np.arange(len(camera_of_view)), count)
    nth = nth_of(count)
    return order[first[view] + nth], view


def _rays(
    views: Views,
    heads: gpd.GeoDataFrame,
    head: IntArray,
    view: IntArray,
    camera: IntArray,
    sample: IntArray,
    touched: BoolArray,
) -> Rays:
    """Keep what takes part, without the lines that the limits of angle rule out."""
    camera, sample = camera[touched], sample[touched]
    view = (np.cumsum(touched) - 1)[view]
    heads_in, head = np.unique(head, return_inverse=True)
    samples_in, target = np.unique(sample, return_inverse=True)
    heads, samples = heads.iloc[heads_in], views.result.samples.iloc[samples_in]
    scene = views.scenes["sure"]
    fits = angles_allow(heads, views.result.parts, samples, scene, head, target[view])
    head, view = head[fits], view[fits]
    order = np.lexsort((view, head))
    head, view = head[order], view[order]
    before = {name: entries(each, camera, sample) for name, each in views.matrices.items()}
    near = {name: _near_features(each, heads, samples) for name, each in views.scenes.items()}
    return Rays(heads, samples, head, view, camera, sample, target, before, near)


def entries(matrix: CoverageMatrix, camera: IntArray, sample: IntArray) -> npt.NDArray[np.float32]:
    """Return entries of a matrix, by row and column [px/m]."""
    values = np.zeros(len(camera), np.float32)
    held = matrix.q.tocoo()
    rows, columns = (np.asarray(axis, np.int64) for axis in held.coords)
    width = matrix.q.shape[1]
    keys, wanted = rows * width + columns, camera * width + sample
    order = np.argsort(keys)
    at = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
    if len(keys):
        found = keys[order][at] == wanted
        values[found] = held.data[order][at][found]
    return values


def _near_features(scene: Scene, heads: gpd.GeoDataFrame, samples: gpd.GeoDataFrame) -> IntArray:
    """Return the rows of the features that a line between heads and samples can meet."""
    if not len(heads) or not len(samples):
        return np.zeros(0, np.int64)
    both = np.array([heads.total_bounds, samples.total_bounds])
    low, high = both[:, :2].min(axis=0) - 1.0, both[:, 2:].max(axis=0) + 1.0
    found = np.sort(prepare(scene).tree.query(shapely.box(*low, *high)))
    return found if len(found) else np.arange(min(1, len(scene.features)))


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A facility on its place among the lines that cross it, ready to be tried at any height."""

    views: Views
    rays: Rays
    facility: Facility
    feet: Mapping[str, gpd.GeoDataFrame]

    def densities(self, facility: Facility | None = None) -> dict[str, npt.NDArray[np.float32]]:
        """Return what is left of each view by reading [px/m], at another height if one is given."""
        return look(self.views, self.rays, self.bodies(facility or self.facility))

    def moved(self, facility: Facility) -> Site:
        """Return the same among the same lines, with the facility moved."""
        if self.views.result.city.terrain is not None:
            return place(self.views, facility, self.rays)
        feet = {name: moved_foot(foot, facility) for name, foot in self.feet.items()}
        return Site(self.views, self.rays, facility, feet)

    def bodies(self, facility: Facility) -> dict[str, gpd.GeoDataFrame]:
        """Return the features of the facility in each reading."""
        return {name: raise_body(foot, facility) for name, foot in self.feet.items()}


Footing = Callable[[Facility, Scene, Assumed], gpd.GeoDataFrame]
"""What stands a facility on the ground of a scene."""


def place(
    views: Views, facility: Facility, rays: Rays | None = None, footing: Footing | None = None
) -> Site:
    """Place a facility.

    Parameters
    ----------
    views, facility
        Who looks, and what is to stand.
    rays
        The lines that cross its box, found here by default.
    footing
        `foot_of` in the season of the views, or what remembers its answers.
    """
    if rays is None:
        rays = find_rays(views, facility.solid_bounds())
    if not len(rays.head):
        nothing = views.scenes["sure"].features.iloc[:0]
        return Site(views, rays, facility, dict.fromkeys(READINGS, nothing))
    footing = footing or (lambda one, scene, bound: foot_of(one, scene, views.season, bound))
    made: dict[tuple[int, str], gpd.GeoDataFrame] = {}
    feet = {}
    for name in READINGS:
        scene = views.scenes[name]
        assumed = bound_of(views, facility, name)
        if (id(scene), assumed) not in made:
            made[id(scene), assumed] = footing(facility, scene, assumed)
        feet[name] = made[id(scene), assumed]
    return Site(views, rays, facility, feet)


def bound_of(views: Views, facility: Facility, reading: str) -> Assumed:
    """Return how what is not known of a facility is taken in a reading: density, ground."""
    terrain = views.result.city.terrain
    unknown = terrain is not None and bool(np.isnan(terrain.z).any())
    return BOUNDS[reading] if unknown or facility.passing[views.season] is None else "as_is"


def look(
    views: Views, rays: Rays, bodies: Mapping[str, gpd.GeoDataFrame], upto: str = READINGS[-1]
) -> dict[str, npt.NDArray[np.float32]]:
    """Look along all lines with some bodies more.

    Returns
    -------
    dict
        Density of each view [px/m] by reading, up to `upto`: each at least the one before.
    """
    floor = np.zeros(len(rays.camera), np.float32)
    reading = rays.heads["reading"].to_numpy(object)[rays.head]
    seen = np.zeros(len(rays.head), np.float32)
    names = READINGS[: READINGS.index(upto) + 1]
    for name, alike in _alike(views, bodies, names).items():
        own = np.flatnonzero(np.isin(reading, alike))
        seen[own] = look_along(views, rays, name, bodies[name], own)
    found = {}
    for name in names:
        own = np.flatnonzero(reading == name)
        np.maximum.at(floor, rays.view[own], seen[own])
        found[name] = floor.copy()
    return found


def _alike(
    views: Views, bodies: Mapping[str, gpd.GeoDataFrame], names: tuple[str, ...]
) -> dict[str, list[str]]:
    """Return the readings that share scene and body, by the first of them."""
    groups: dict[str, list[str]] = {}
    for name in names:
        for first, group in groups.items():
            same = views.scenes[first] is views.scenes[name]
            if same and bodies[first].equals(bodies[name]):
                group.append(name)
                break
        else:
            groups[name] = [name]
    return groups


def look_along(
    views: Views, rays: Rays, reading: str, body: gpd.GeoDataFrame, lines: IntArray
) -> npt.NDArray[np.float32]:
    """Look along some lines in the scene of a reading; 0 where something is in between [px/m]."""
    if not len(lines):
        return np.zeros(0, np.float32)
    scene = part_of_scene(views.scenes[reading], rays.near[reading], body)
    rows, head = np.unique(rays.head[lines], return_inverse=True)
    points, inside_of = places_of(rays.samples, scene)
    eyes, ready = eyes_of(rays.heads.iloc[rows], scene), prepare(scene)
    bounds = np.searchsorted(head, np.arange(len(rows) + 1)).astype(np.int32)
    target = rays.target[rays.view[lines]].astype(np.int32)
    density, blocked_by = np.zeros(len(lines)), np.zeros(len(lines), np.int32)
    look_from_heads(
        ready.solids,
        ready.ground,
        eyes.table,
        eyes.skips,
        MIN_TRANSMITTANCE,
        points,
        inside_of,
        np.full(len(points), np.inf),
        target,
        bounds,
        np.full((len(points), 2), -1, np.int32),
        density,
        blocked_by,
    )
    return np.where(blocked_by == -1, density, 0.0).astype(np.float32)
