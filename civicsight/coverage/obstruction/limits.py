"""How high a facility may be, and how far it has to move, so that it hinders no camera.

Most places are settled by `Sweep`, a quick test that a facility surely harms; the exact one decides
the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.coverage.matrix import positions
from civicsight.coverage.obstruction.bodies import Facility
from civicsight.coverage.obstruction.loss import Loss, lost_views
from civicsight.coverage.obstruction.outlook import Outlook
from civicsight.coverage.obstruction.rays import Site, find_rays, look, look_along, place
from civicsight.model import READINGS
from civicsight.rules.criteria import Need
from civicsight.scene.bodies import GROUNDED, MIN_TRANSMITTANCE, Scene


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Lines that meet a need in a reading, against the walls of one facility.

    A view is lost if all lines that met its need are blocked. A line that crosses a wall of an
    opaque body between its base and top is blocked, whatever else; the converse does not hold,
    so that only "surely harms" is answered here.

    Parameters
    ----------
    facility, scene
        What is moved, and where.
    start, end
        Ends of the lines, above datum, shape ``(n, 3)``.
    view
        View of each line.
    layer
        Which of the bodies each line meets.
    bodies
        Underside and top of each body above the ground [m]; NaN for one that hides nothing.
    edges
        Walls, ``x0, y0, x1, y1``, shape ``(m, 4)``.
    """

    facility: Facility
    scene: Scene
    start: FloatArray
    end: FloatArray
    view: IntArray
    layer: IntArray
    bodies: FloatArray
    edges: FloatArray

    @staticmethod
    def of(site: Site, reading: str) -> Sweep:
        """Prepare the lines of a reading, and of those that it includes.

        Lines of a view that did not meet its need before are left out: a stop of a tour may see
        enough, but too seldom to count.
        """
        views, rays, facility = site.views, site.rays, site.facility
        feet = site.bodies(facility)
        need = Need.of(views.result.samples)[rays.sample]
        met = need.is_met(rays.before[reading])
        lines, layers = [], []
        for number, name in enumerate(READINGS[: READINGS.index(reading) + 1]):
            own = np.flatnonzero(rays.heads["reading"].eq(name).to_numpy()[rays.head])
            nothing = feet[name].iloc[:0]
            seen = look_along(views, rays, name, nothing, own)
            meets = met[rays.view[own]] & need[rays.view[own]].is_met(seen)
            lines.append(own[meets])
            layers.append(np.full(int(meets.sum()), number))
        line = np.concatenate(lines)
        scene = views.scenes[reading]
        shape = facility.shape
        outline = shapely.boundary(shape) if shape.area > 0 else shape
        xy, of = shapely.get_coordinates(shapely.get_parts(outline), return_index=True)
        joined = np.flatnonzero(of[1:] == of[:-1])
        return Sweep(
            facility,
            scene,
            positions(rays.heads, scene)[rays.head[line]],
            positions(rays.samples, scene)[rays.target[rays.view[line]]],
            rays.view[line],
            np.concatenate(layers),
            np.array([_reach(feet[name], facility) for name in READINGS]),
            np.hstack([xy[joined], xy[joined + 1]]),
        )

    def harms(self, east_m: float, north_m: float) -> bool:
        """Tell whether the facility surely harms once it is moved."""
        x, y = shapely.get_coordinates(self.facility.shape).T
        ground = float(np.min(self.scene.ground_at(x + east_m, y + north_m)))
        if not len(self.view) or np.isnan(ground):
            return False
        base, top = (ground + self.bodies).T
        blocked = self._blocked(base[self.layer], top[self.layer], east_m, north_m)
        code = np.unique(self.view, return_inverse=True)[1]
        return bool((np.bincount(code) == np.bincount(code, blocked)).any())

    def _blocked(
        self, base: FloatArray, top: FloatArray, east_m: float, north_m: float
    ) -> BoolArray:
        edges = self.edges + np.array([east_m, north_m, east_m, north_m])
        step = self.end - self.start
        dx, dy = step[:, :1], step[:, 1:2]
        ex, ey = edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]
        ax, ay = edges[:, 0] - self.start[:, :1], edges[:, 1] - self.start[:, 1:2]
        turn = dx * ey - dy * ex
        with np.errstate(divide="ignore", invalid="ignore"):
            along, t = (ax * dy - ay * dx) / turn, (ax * ey - ay * ex) / turn
        z = self.start[:, 2:] + t * step[:, 2:]
        cross = (along >= 0.0) & (along <= 1.0) & (t > 0.0) & (t < 1.0)
        blocked: BoolArray = (cross & (z > base[:, None]) & (z < top[:, None])).any(axis=1)
        if self.facility.crown:  # an eye in a crown looks through it
            shape = self.facility.moved(east_m, north_m).shape
            blocked &= ~shapely.intersects_xy(shape, self.start[:, 0], self.start[:, 1])
        return blocked


def _reach(body: gpd.GeoDataFrame, facility: Facility) -> tuple[float, float]:
    """Return underside and top of a body above the ground, NaN for one that alone hides nothing."""
    if not len(body) or body["transmittance"].iloc[0] >= MIN_TRANSMITTANCE:
        return np.nan, np.nan
    standing = body["base"].iloc[0] <= GROUNDED
    return (GROUNDED if standing else max(facility.base_m, 0.1)), facility.height_m


HEIGHT_STEP_M: Final = 0.01
"""Step of the bisection of heights [m]."""

OFFSET_STEP_M: Final = 0.1
"""Step of the search for an offset [m]."""

HIGHEST_M: Final = 100.0
"""Heights are tried up to this [m]; what harms nothing there has no limit that matters."""

VIEW_STEP_M: Final = 1.0
"""Where no required coverage is lost but too much of a view, the next place is so far on."""

FARTHEST_M: Final = 30.0
"""Offsets are tried up to this [m]: what moves farther is another proposal (assumption)."""

ELONGATED: Final = 2.0
"""From this ratio of its sides on a footprint has an axis (assumption)."""


@dataclass(frozen=True, slots=True)
class Offset:
    """The smallest move that harms nobody: how far, and where to, clockwise from grid north."""

    distance_m: float
    direction_deg: float


class Way(NamedTuple):
    """A step of 1 m east and north, and how far to go that way."""

    east: float
    north: float
    farthest_m: float


def greatest_heights(outlook: Outlook, facility: Facility, tolerance: float) -> dict[str, float]:
    """Return the greatest height at which a facility hinders no camera, by reading [m].

    The footprint and the underside stay. Found by bisection in whole centimetres, which is exact:
    a higher body hides all that a lower one hides. At the height that is returned no required
    coverage is lost, and of no view more than the tolerated share [0-1]; one centimetre above it
    either is. Infinite if neither is up to `HIGHEST_M`, and no more than the underside if any body
    at all would harm.
    """
    site = place(outlook.views, facility)
    known: dict[int, dict[str, bool]] = {}

    def harms(step: int, reading: str) -> bool:
        own = facility.at_height(round(step * HEIGHT_STEP_M, 2))
        if step not in known:
            after = site.densities(own)
            known[step] = {
                each: bool(lost_views(site.views, site.rays, after, each).any())
                for each in READINGS
            }
        return known[step][reading] or outlook.hinders(own, reading, tolerance)

    lowest = int(np.floor(facility.base_m / HEIGHT_STEP_M))
    highest = int(np.ceil(max(HIGHEST_M, facility.height_m) / HEIGHT_STEP_M))
    found = {}
    for reading in READINGS:
        low, high = lowest, highest
        if not harms(high, reading):
            found[reading] = np.inf
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if harms(middle, reading) else (middle, high)
        found[reading] = round(low * HEIGHT_STEP_M, 2)
    return found


def smallest_offsets(
    outlook: Outlook, facility: Facility, loss: Loss, tolerance: float
) -> dict[str, Offset | None]:
    """Return the smallest move after which a facility hinders no camera, by reading.

    A facility with an axis - a line, or an area at least `ELONGATED` times as long as wide - is
    moved along the normal of its axis, to either side. Any facility is also moved across the line
    from the nearest camera that it hinders to the middle of what that loses, to either side. Every
    step of `OFFSET_STEP_M` is tried, so that the first without a loss of required coverage is found
    even where a nearer place harms another camera; where more of a view is lost there than the
    tolerated share [0-1], the search goes on `VIEW_STEP_M` farther. None if there is none up to
    `FARTHEST_M`. Whether the place is free is for a person.
    """
    found: dict[str, Offset | None] = {}
    site = None
    for reading in READINGS:
        if not (loss.harms(reading) or outlook.hinders(facility, reading, tolerance)):
            found[reading] = Offset(0.0, 0.0)
            continue
        if site is None:
            west, south, east, north = facility.solid_bounds()
            far = FARTHEST_M + OFFSET_STEP_M
            wide = find_rays(outlook.views, (west - far, south - far, east + far, north + far))
            site = place(outlook.views, facility, wide)
        sweep = Sweep.of(site, reading)
        ways = directions(outlook, facility, loss, reading)
        best = None
        for way in ways:
            farthest = FARTHEST_M if best is None else best.distance_m - OFFSET_STEP_M
            move = _first_free(outlook, site, sweep, (reading, tolerance), Way(*way, farthest))
            best = best if move is None else move
        found[reading] = best
    return found


def directions(
    outlook: Outlook, facility: Facility, loss: Loss, reading: str
) -> tuple[tuple[float, float], ...]:
    """Return the directions in which a facility may be moved, as steps of 1 m east and north."""
    ways = []
    along = axis_of(facility)
    if along is not None:
        ways.append((-along[1], along[0]))
    eye, lost = _line_of_loss(outlook, facility, loss, reading)
    step = lost - eye
    length = float(np.hypot(*step))
    if length > 0.0:
        ways.append((-float(step[1]) / length, float(step[0]) / length))
    return tuple(way for one in ways for way in (one, (-one[0], -one[1])))


def _line_of_loss(
    outlook: Outlook, facility: Facility, loss: Loss, reading: str
) -> tuple[FloatArray, FloatArray]:
    """Return where the nearest hindered camera stands, and the middle of what it loses there.

    Without a loss of required coverage that is the camera that loses most of its view, and the
    facility itself.
    """
    result = outlook.views.result
    middle = shapely.centroid(facility.shape)
    lost = loss.samples[loss.samples["reading"].eq(reading)]
    if not len(lost):
        camera = outlook.most_hindered(facility, reading)
        eye, thing = shapely.get_coordinates([result.cameras.geometry[camera], middle])
        return eye, thing
    names = sorted(set(lost["camera_id"]))
    nearest = min(names, key=lambda name: result.cameras.geometry[name].distance(middle))
    own = lost.loc[lost["camera_id"].eq(nearest), "sample_id"]
    points = shapely.get_coordinates(result.samples.geometry[own].to_numpy())
    return shapely.get_coordinates(result.cameras.geometry[nearest])[0], points.mean(axis=0)


def axis_of(facility: Facility) -> tuple[float, float] | None:
    """Return the direction of a facility's axis as a unit vector, None if it has none."""
    around = shapely.get_coordinates(shapely.minimum_rotated_rectangle(facility.shape))
    if len(around) < 2:
        return None
    sides = np.diff(around, axis=0)
    lengths = np.hypot(*sides.T)
    longest = int(np.argmax(lengths))
    shortest = float(lengths.min()) if len(around) > 3 else 0.0
    if lengths[longest] <= 0.0 or lengths[longest] < ELONGATED * shortest:
        return None
    east, north = sides[longest] / lengths[longest]
    return float(east), float(north)


def _first_free(
    outlook: Outlook, site: Site, sweep: Sweep, bar: tuple[str, float], way: Way
) -> Offset | None:
    """Return the first step in a direction at which nobody is hindered: by reading and share."""
    step, last = 1, round(way.farthest_m / OFFSET_STEP_M)
    while step <= last:
        distance = round(step * OFFSET_STEP_M, 1)
        east, north = distance * way.east, distance * way.north
        moved = site.facility.moved(east, north)
        if sweep.harms(east, north) or _harms_there(site.moved(moved), bar[0]):
            step += 1
        elif outlook.hinders(moved, *bar):
            step += round(VIEW_STEP_M / OFFSET_STEP_M)
        else:
            return Offset(distance, float(np.degrees(np.arctan2(way.east, way.north)) % 360.0))
    return None


def _harms_there(site: Site, reading: str) -> bool:
    after = look(site.views, site.rays, site.bodies(site.facility), reading)
    return bool(lost_views(site.views, site.rays, after, reading).any())
