"""How high a facility may be, and how far it has to move, so that it hinders no camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import shapely

from civicsight.core.arrays import FloatArray
from civicsight.coverage.obstruction.bodies import Facility
from civicsight.coverage.obstruction.loss import Loss, lost_views
from civicsight.coverage.obstruction.outlook import Outlook
from civicsight.coverage.obstruction.rays import Rays, Site, Views, find_rays, look, place
from civicsight.coverage.obstruction.sweep import Sweep
from civicsight.model import READINGS

HEIGHT_STEP_M: Final = 0.01
OFFSET_STEP_M: Final = 0.1

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
            known[step] = _harms(site, own)
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


def _harms(site: Site, facility: Facility) -> dict[str, bool]:
    after = site.densities(facility)
    return {name: bool(lost_views(site.views, site.rays, after, name).any()) for name in READINGS}


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
        views = outlook.views
        site = place(views, facility, _wide_rays(views, facility)) if site is None else site
        sweep = Sweep.of(site, reading)
        ways = directions(outlook, facility, loss, reading)
        best = None
        for way in ways:
            farthest = FARTHEST_M if best is None else best.distance_m - OFFSET_STEP_M
            move = _first_free(outlook, site, sweep, (reading, tolerance), Way(*way, farthest))
            best = best if move is None else move
        found[reading] = best
    return found


def _wide_rays(views: Views, facility: Facility) -> Rays:
    west, south, east, north = facility.solid_bounds()
    far = FARTHEST_M + OFFSET_STEP_M
    return find_rays(views, (west - far, south - far, east + far, north + far))


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
