"""How high a facility may be, and how far it has to move, so that no camera loses anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from civicsight.coverage.obstruction.bodies import Facility
from civicsight.coverage.obstruction.loss import Loss, lost_views
from civicsight.coverage.obstruction.rays import Rays, Site, Views, find_rays, look, place
from civicsight.coverage.obstruction.sweep import Sweep
from civicsight.schema import READINGS

FloatArray = npt.NDArray[np.float64]

HEIGHT_STEP_M: Final = 0.01
OFFSET_STEP_M: Final = 0.1

HIGHEST_M: Final = 100.0
"""Heights are tried up to this [m]; what harms nothing there has no limit that matters."""

FARTHEST_M: Final = 30.0
"""Offsets are tried up to this [m]: what moves farther is another proposal (assumption)."""

ELONGATED: Final = 2.0
"""From this ratio of its sides on a footprint has an axis (assumption)."""


@dataclass(frozen=True, slots=True)
class Offset:
    """The smallest move that harms nobody: how far, and where to, clockwise from grid north."""

    distance_m: float
    direction_deg: float


def greatest_heights(views: Views, facility: Facility) -> dict[str, float]:
    """Return the greatest height at which no camera loses anything, by reading [m].

    The footprint and the underside stay. Found by bisection in whole centimetres, which is exact:
    a higher body hides all that a lower one hides. At the height that is returned the loss is 0,
    one centimetre above it is not; infinite if it is 0 up to `HIGHEST_M`, and no more than the
    underside if any body at all would harm.
    """
    site = place(views, facility)
    known: dict[int, dict[str, bool]] = {}

    def harms(step: int, reading: str) -> bool:
        if step not in known:
            known[step] = _harms(site, facility.at_height(round(step * HEIGHT_STEP_M, 2)))
        return known[step][reading]

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


def _harms(site: Site, facility: Facility) -> dict[str, bool]:
    after = site.densities(facility)
    return {name: bool(lost_views(site.views, site.rays, after, name).any()) for name in READINGS}


def smallest_offsets(views: Views, facility: Facility, loss: Loss) -> dict[str, Offset | None]:
    """Return the smallest move after which no camera loses anything, by reading.

    A facility with an axis - a line, or an area at least `ELONGATED` times as long as wide - is
    moved along the normal of its axis, to either side. Any facility is also moved across the line
    from the nearest harmed camera to the middle of what that loses, to either side. Every step of
    `OFFSET_STEP_M` is tried, so that the first that harms nobody is found even where a nearer
    place harms another camera. At the offset that is returned the loss is 0, one step before it is
    not. None if there is none up to `FARTHEST_M`. Whether the place is free is for a person.
    """
    found: dict[str, Offset | None] = {}
    site = None
    for reading in READINGS:
        if not loss.harms(reading):
            found[reading] = Offset(0.0, 0.0)
            continue
        site = place(views, facility, _wide_rays(views, facility)) if site is None else site
        sweep = Sweep.of(site, reading)
        ways = directions(views, facility, loss, reading)
        tried = (_first_free(site, sweep, reading, way) for way in ways)
        moves = [move for move in tried if move is not None]
        found[reading] = min(moves, key=lambda move: move.distance_m, default=None)
    return found


def _wide_rays(views: Views, facility: Facility) -> Rays:
    west, south, east, north = facility.solid_bounds()
    far = FARTHEST_M + OFFSET_STEP_M
    return find_rays(views, (west - far, south - far, east + far, north + far))


def directions(
    views: Views, facility: Facility, loss: Loss, reading: str
) -> tuple[tuple[float, float], ...]:
    """Return the directions in which a facility may be moved, as steps of 1 m east and north."""
    ways = []
    along = axis_of(facility)
    if along is not None:
        ways.append((-along[1], along[0]))
    lost = loss.samples[loss.samples["reading"].eq(reading)]
    cameras = views.result.cameras.geometry
    middle = shapely.centroid(facility.shape)
    nearest = min(sorted(set(lost["camera_id"])), key=lambda name: cameras[name].distance(middle))
    own = lost.loc[lost["camera_id"].eq(nearest), "sample_id"]
    points = shapely.get_coordinates(views.result.samples.geometry[own].to_numpy())
    step = points.mean(axis=0) - shapely.get_coordinates(cameras[nearest])[0]
    length = float(np.hypot(*step))
    if length > 0.0:
        ways.append((-float(step[1]) / length, float(step[0]) / length))
    return tuple(way for one in ways for way in (one, (-one[0], -one[1])))


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


def _first_free(site: Site, sweep: Sweep, reading: str, way: tuple[float, float]) -> Offset | None:
    """Return the first step in a direction at which nobody loses anything."""
    for step in range(1, round(FARTHEST_M / OFFSET_STEP_M) + 1):
        distance = round(step * OFFSET_STEP_M, 1)
        east, north = (distance * part for part in way)
        if sweep.harms(east, north):
            continue
        if not _harms_there(site.moved(site.facility.moved(east, north)), reading):
            direction = float(np.degrees(np.arctan2(*way)) % 360.0)
            return Offset(distance, direction)
    return None


def _harms_there(site: Site, reading: str) -> bool:
    after = look(site.views, site.rays, site.bodies(site.facility), reading)
    return bool(lost_views(site.views, site.rays, after, reading).any())
