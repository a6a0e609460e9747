"""The walls and outlines in which gates are looked for, all places at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry import Polygon

from civicsight.core.arrays import BoolArray, FloatArray, Geometries, IntArray, nth_of
from civicsight.coverage.demand.surroundings import Surroundings

POSITION_M: Final = 4.0
"""A presumed gate may have a position every so often along a wall; assumed, a gate's width."""

LEAST_WALL_M: Final = 2.0
"""A shorter piece of wall has no gate in it."""

WALL_TOLERANCE_M: Final = 0.5
"""Steps in a wall that are smaller do not make two walls of it."""

FAR_M: Final = 100.0
"""Farther than this counts as nowhere."""

PROBE_M: Final = 1.5
"""How far in front of a wall the ground has to be free for a door."""


@dataclass(frozen=True, slots=True, eq=False)
class Grounds:
    """Buildings that are places, as arrays.

    Parameters
    ----------
    outline, ring
        Outline of each without holes, its ring counterclockwise; shape ``(n,)``.
    """

    outline: Geometries
    ring: Geometries

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.outline)


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Where in its walls each place may have its gate.

    Parameters
    ----------
    site
        Place of each position, ascending; shape ``(n,)``.
    xy, out
        East and north [m], and the unit vector that leads out; shape ``(n, 2)``.
    wall_m
        Length of the wall that it is in [m]; shape ``(n,)``.
    middle
        How far from the middle of that wall it is: 0 in the middle, 1 at a corner; shape ``(n,)``.
    """

    site: IntArray
    xy: FloatArray
    out: FloatArray
    wall_m: FloatArray
    middle: FloatArray

    def __getitem__(self, rows: BoolArray | IntArray) -> Positions:
        """Return some of them."""
        return Positions(
            self.site[rows], self.xy[rows], self.out[rows], self.wall_m[rows], self.middle[rows]
        )


def grounds_of(outlines: Sequence[Polygon]) -> Grounds:
    """Return places as arrays."""
    drawn = np.empty(len(outlines), object)
    drawn[:] = list(outlines)
    oriented = shapely.orient_polygons(drawn)
    return Grounds(oriented, shapely.get_exterior_ring(oriented))


def positions_of(grounds: Grounds, city: Surroundings) -> Positions:
    """Return where each place may have its gate: every `POSITION_M` of wall that is free.

    A wall is free where nothing is built right in front of it: a party wall has no door, whatever
    road runs behind the neighbour. A place whose walls are free nowhere may have it anywhere.
    """
    walls = _walls(grounds)
    count = np.maximum(1, np.rint(walls.wall_m / POSITION_M)).astype(np.int64)
    wall, nth = np.repeat(np.arange(len(count)), count), nth_of(count)
    share = (nth + 0.5) / count[wall]
    along = np.column_stack([-walls.out[:, 1], walls.out[:, 0]])
    xy = walls.xy[wall] + along[wall] * (walls.wall_m[wall] * share)[:, None]
    spots = Positions(
        walls.site[wall], xy, walls.out[wall], walls.wall_m[wall], np.abs(2.0 * share - 1.0)
    )
    free = ~city.built_over(shapely.points(xy + PROBE_M * spots.out))
    return spots[or_all(free, spots.site, len(grounds))]


def _walls(grounds: Grounds) -> Positions:
    """Return the walls of each place that are wide enough for a gate, all if none is."""
    plain = shapely.orient_polygons(shapely.simplify(grounds.outline, WALL_TOLERANCE_M))
    rings = shapely.get_exterior_ring(plain)
    xy, of = shapely.get_coordinates(rings, return_index=True)
    goes_on = of[1:] == of[:-1]
    start, step, site = xy[:-1][goes_on], np.diff(xy, axis=0)[goes_on], of[:-1][goes_on]
    length = np.hypot(*step.T)
    some = length > 0.0
    start, step, site, length = start[some], step[some], site[some], length[some]
    out = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None]
    walls = Positions(site.astype(np.int64), start, out, length, np.zeros(len(site)))
    return walls[or_all(length >= LEAST_WALL_M, walls.site, len(grounds))]


def or_all(wanted: BoolArray, site: IntArray, count: int) -> BoolArray:
    """Tell which rows are wanted; of a place of which none is, all are."""
    some = np.bincount(site[wanted], minlength=count) > 0
    return wanted | ~some[site]
