"""A line of sight to a point: whether it is free, and what it meets first if it is not.

A body is met where the line enters it, by a wall, its roof or its underside; crowns that each let
light pass are met where together they have taken too much of it; the ground where it first rises
above the line. The nearest is named. Of what is met at one distance, a feature is named before
crowns together and the ground, and of features the one whose id comes first.
"""

from __future__ import annotations

import math

from civicsight.core.arrays import FloatArray, IndexArray
from civicsight.coverage._kernels.compile import part
from civicsight.coverage._kernels.eyes import in_frame, in_reach, pixel_density
from civicsight.coverage._kernels.ground import ground_rise
from civicsight.coverage._kernels.scan import HAIR_M
from civicsight.coverage._kernels.sight import (
    CLEAR,
    body_transmittance,
    bucket_of,
    crosses_body,
    first_shared,
    is_skipped,
    meets_wall,
    span_in_row,
)
from civicsight.coverage._kernels.views import Eye, Ground, Solids

BY_GROUND = -2
"""The ground blocks the line."""
BY_CROWNS = -3
"""Several crowns block it together, none of them alone."""

UNNAMED = -4
"""Something blocks the line; nobody asked what."""

TIE_M = 1e-6
"""What is met within this of the nearest is met at one distance with it [m]."""


@part
def is_hidden(
    solids: Solids,
    ground: Ground | None,
    eye: Eye,
    skips: IndexArray,
    least: float,
    x: float,
    y: float,
    z: float,
    around: IndexArray,
) -> bool:
    """Tell whether anything blocks the line to a point; `first_met` names what."""
    if blocking_wall(solids, eye, skips, x, y, z, CLEAR) != CLEAR:
        return True
    return is_hidden_else(solids, ground, eye, skips, least, x, y, z, around)


@part
def is_hidden_else(
    solids: Solids,
    ground: Ground | None,
    eye: Eye,
    skips: IndexArray,
    least: float,
    x: float,
    y: float,
    z: float,
    around: IndexArray,
) -> bool:
    """Tell whether anything but a wall blocks the line to a point."""
    for k in range(around.shape[0]):
        if around[k] != CLEAR:
            return True
    end = end_of(eye, x, y, z)
    if body_transmittance(solids, eye, skips, x, y, z, end, least)[0] < least:
        return True
    if ground is not None:
        return ground_rise(ground, eye.x, eye.y, eye.z, x, y, z, 1.0) < math.inf
    return False


@part
def blocking_wall(
    solids: Solids, eye: Eye, skips: IndexArray, x: float, y: float, z: float, likely: int
) -> int:
    """Return any wall that stops a line, `CLEAR` if none does.

    `likely` is tried first: what hid one point mostly hides the next as well.
    """
    dx, dy = x - eye.x, y - eye.y
    end = end_of(eye, x, y, z)
    if likely != CLEAR and _stops(solids, eye, skips, likely, x, y, z, end):
        return likely
    index = solids.wall_index
    row0 = bucket_of(min(eye.y, y), index.y0, index.size, index.n_row)
    row1 = bucket_of(max(eye.y, y), index.y0, index.size, index.n_row)
    for row in range(row0, row1 + 1):
        low, high = span_in_row(index, row, row0, row1, eye.x, eye.y, dx, dy)
        col0 = bucket_of(low, index.x0, index.size, index.n_col)
        col1 = bucket_of(high, index.x0, index.size, index.n_col)
        first, last = row * index.n_col + col0, row * index.n_col + col1
        for item in range(index.start[first], index.start[last + 1]):
            if _stops(solids, eye, skips, index.items[item], x, y, z, end):
                return int(index.items[item])
    return CLEAR


@part
def _stops(
    solids: Solids, eye: Eye, skips: IndexArray, i: int, x: float, y: float, z: float, end: float
) -> bool:
    """Tell whether wall `i` stops a line; one that it only ends on does if it comes from within."""
    dx, dy, dz = x - eye.x, y - eye.y, z - eye.z
    t, who = meets_wall(solids.walls, i, eye.x, eye.y, eye.z, dx, dy, dz), solids.owner[i]
    if math.isnan(t) or is_skipped(eye, skips, who):
        return False
    return t < end or meets_body(solids, who, eye, x, y, z, end)


@part
def end_of(eye: Eye, x: float, y: float, z: float) -> float:
    """Return up to which share of a line its point is not reached yet."""
    dx, dy, dz = x - eye.x, y - eye.y, z - eye.z
    length = math.sqrt(dx * dx + dy * dy + dz * dz)
    return 1.0 - min(HAIR_M / length, 0.5) if length > 0.0 else 1.0


@part
def first_met(
    solids: Solids,
    ground: Ground | None,
    eye: Eye,
    skips: IndexArray,
    least: float,
    x: float,
    y: float,
    z: float,
    around: IndexArray,
) -> int:
    """Return what blocks the line to a point first: a feature, `BY_GROUND`, `BY_CROWNS`, `CLEAR`.

    `around` are the solids that the point lies in, or -1.
    """
    dx, dy, dz = x - eye.x, y - eye.y, z - eye.z
    length = math.sqrt(dx * dx + dy * dy + dz * dz)
    tie = TIE_M / length if length > TIE_M else 1.0
    end = end_of(eye, x, y, z)
    nearest, owner = first_wall(solids, eye, skips, x, y, z, end, tie)
    for k in range(around.shape[0]):
        if around[k] != CLEAR:
            t = entry_of(solids, around[k], eye, x, y, z)
            nearest, owner = nearer(solids, t, around[k], nearest, owner, tie)
    if body_transmittance(solids, eye, skips, x, y, z, end, least)[0] < least:
        t, _, who = next_body(solids, eye, skips, x, y, z, end, -1.0, 0.0, least)
        nearest, owner = nearer(solids, t, who, nearest, owner, tie)
        t = dark_at(solids, eye, skips, x, y, z, end, least)
        if t < nearest - tie:
            nearest, owner = t, BY_CROWNS
    if ground is not None:
        upto = min(nearest, 1.0)
        if ground_rise(ground, eye.x, eye.y, eye.z, x, y, z, upto) < nearest - tie:
            owner = BY_GROUND
    return owner


@part
def nearer(
    solids: Solids, t: float, who: int, nearest: float, owner: int, tie: float
) -> tuple[float, int]:
    """Return the nearer of two that a line meets, of equals the one whose id comes first."""
    if who == CLEAR or t > nearest + tie:
        return nearest, owner
    if t < nearest - tie or owner == CLEAR or solids.rank[who] < solids.rank[owner]:
        return min(t, nearest), who
    return min(t, nearest), owner


@part
def first_wall(
    solids: Solids,
    eye: Eye,
    skips: IndexArray,
    x: float,
    y: float,
    z: float,
    end: float,
    tie: float,
) -> tuple[float, int]:
    """Return where a line enters the first of all features whose walls stop it, and which it is.

    A wall that the line only ends on, beyond a share `end` of it, stops it if it comes from within.
    """
    dx, dy, dz = x - eye.x, y - eye.y, z - eye.z
    low_z, high_z = min(eye.z, z), max(eye.z, z)
    index, walls = solids.wall_index, solids.walls
    row0 = bucket_of(min(eye.y, y), index.y0, index.size, index.n_row)
    row1 = bucket_of(max(eye.y, y), index.y0, index.size, index.n_row)
    nearest, owner = math.inf, CLEAR
    for row in range(row0, row1 + 1):
        low, high = span_in_row(index, row, row0, row1, eye.x, eye.y, dx, dy)
        col0 = bucket_of(low, index.x0, index.size, index.n_col)
        col1 = bucket_of(high, index.x0, index.size, index.n_col)
        first, last = row * index.n_col + col0, row * index.n_col + col1
        for item in range(index.start[first], index.start[last + 1]):
            i = index.items[item]
            t, who = meets_wall(walls, i, eye.x, eye.y, eye.z, dx, dy, dz), solids.owner[i]
            if math.isnan(t) or is_skipped(eye, skips, who):
                continue
            if t < end and walls[i, 4] < low_z and high_z < walls[i, 5]:
                # A line within the heights of a feature enters it by one of its walls, or began
                # in it: each is asked here, and none has to look for where the line enters.
                nearest, owner = nearer(solids, t, who, nearest, owner, tie)
            elif who != owner and (t < end or meets_body(solids, who, eye, x, y, z, end)):
                t = entry_of(solids, who, eye, x, y, z)
                nearest, owner = nearer(solids, t, who, nearest, owner, tie)
    return nearest, owner


@part
def entry_of(solids: Solids, who: int, eye: Eye, x: float, y: float, z: float) -> float:
    """Return where a line first meets a feature: a wall, its roof or its underside."""
    dx, dy, dz = x - eye.x, y - eye.y, z - eye.z
    walls, first, last = solids.walls, solids.first_wall[who], solids.first_wall[who + 1]
    base, top = walls[first, 4], walls[first, 5]
    nearest = math.inf
    for i in range(first, last):
        t = meets_wall(walls, i, eye.x, eye.y, eye.z, dx, dy, dz)
        if t < nearest:  # noqa: PLR1730 - a wall that is not met is NaN
            nearest = t
    for height in (base, top):
        t = (height - eye.z) / dz if dz != 0.0 else math.nan
        if 0.0 <= t < nearest and is_over(walls, first, last, eye.x + t * dx, eye.y + t * dy):
            nearest = t
    return nearest


@part
def meets_body(
    solids: Solids, who: int, eye: Eye, x: float, y: float, z: float, end: float
) -> bool:
    """Tell whether a line meets a feature as a body, up to a share of it."""
    first, last = solids.first_wall[who], solids.first_wall[who + 1]
    return crosses_body(solids.walls, first, last, eye.x, eye.y, eye.z, x, y, z, end)


@part
def is_over(walls: FloatArray, first: int, last: int, x: float, y: float) -> bool:
    """Tell whether a point is within an outline."""
    inside = False
    for i in range(first, last):
        if (walls[i, 1] > y) != (walls[i, 3] > y):
            slope = (walls[i, 2] - walls[i, 0]) / (walls[i, 3] - walls[i, 1])
            if x < walls[i, 0] + (y - walls[i, 1]) * slope:
                inside = not inside
    return inside


@part
def next_body(
    solids: Solids,
    eye: Eye,
    skips: IndexArray,
    x: float,
    y: float,
    z: float,
    end: float,
    after: float,
    low: float,
    high: float,
) -> tuple[float, float, int]:
    """Return the next body that a line enters beyond a share of it, of those that let less pass.

    Less than `high` and at least `low`. Returns where, the share that passes it and all others
    that are entered right there, and the one whose id comes first; infinite if there is none.
    """
    index = solids.body_index
    xa, xb = min(eye.x, x), max(eye.x, x)
    ya, yb = min(eye.y, y), max(eye.y, y)
    row0 = bucket_of(ya, index.y0, index.size, index.n_row)
    row1 = bucket_of(yb, index.y0, index.size, index.n_row)
    col0 = bucket_of(xa, index.x0, index.size, index.n_col)
    col1 = bucket_of(xb, index.x0, index.size, index.n_col)
    nearest, share, owner = math.inf, 1.0, CLEAR
    for row in range(row0, row1 + 1):
        for col in range(col0, col1 + 1):
            b = row * index.n_col + col
            for item in range(index.start[b], index.start[b + 1]):
                box, who = solids.body_box[index.items[item]], solids.body_owner[index.items[item]]
                passing = solids.transmittance[who]
                if (
                    not low <= passing < high
                    or not first_shared(index, box[0], box[1], row, col, row0, col0)
                    or is_skipped(eye, skips, who)
                    or not meets_body(solids, who, eye, x, y, z, end)
                ):
                    continue
                t = entry_of(solids, who, eye, x, y, z)
                if not after < t <= nearest:
                    continue
                if t < nearest:
                    nearest, share, owner = t, passing, who
                else:
                    share *= passing
                    owner = who if solids.rank[who] < solids.rank[owner] else owner
    return nearest, share, owner


@part
def dark_at(
    solids: Solids,
    eye: Eye,
    skips: IndexArray,
    x: float,
    y: float,
    z: float,
    end: float,
    least: float,
) -> float:
    """Return where crowns that each let enough light pass have taken too much of it together."""
    t, share = -1.0, 1.0
    while share >= least and t < math.inf:
        t, passing, _ = next_body(solids, eye, skips, x, y, z, end, t, least, math.inf)
        share *= passing
    return t


@part
def look_at_points(
    solids: Solids,
    ground: Ground | None,
    eye: Eye,
    skips: IndexArray,
    least: float,
    points: FloatArray,
    inside_of: IndexArray,
    named_from: FloatArray,
    candidates: IndexArray,
    first: int,
    last: int,
    place: int,
    met: IndexArray,
    density: FloatArray,
    blocked_by: IndexArray,
) -> None:
    """Look from one eye at chosen points.

    Parameters
    ----------
    points
        float64, shape ``(n, 3)``.
    inside_of
        int32, shape ``(n, m)``: solids that a point lies in, -1 for none; their roof hides it too.
    named_from
        float64, shape ``(n,)``: px/m from which it is asked what blocks the line to a point.
    candidates, first, last
        Rows of `points` to look at.
    place, met
        Number of the place of the eye; int32, shape ``(n, 2)``: by point the place it was last
        looked at from, and what was met: eyes of one place, one after the other, follow it once.
    density
        float64, written at ``first:last``: px/m of the lens, 0 out of frame or reach.
    blocked_by
        int32, written there: see `first_met`; `UNNAMED` where nobody asks.
    """
    likely = CLEAR
    for k in range(first, last):
        p = candidates[k]
        x, y, z = points[p, 0], points[p, 1], points[p, 2]
        dx, dy, dz = x - eye.x, y - eye.y, z - eye.z
        density[k], blocked_by[k] = 0.0, CLEAR
        if math.isnan(z) or not in_reach(eye, dx, dy, dz) or not in_frame(eye, dx, dy, dz):
            continue
        density[k] = pixel_density(eye, dx, dy, dz)
        if met[p, 0] != place:
            wall = blocking_wall(solids, eye, skips, x, y, z, likely)
            hidden = wall != CLEAR or is_hidden_else(
                solids, ground, eye, skips, least, x, y, z, inside_of[p]
            )
            likely = wall if wall != CLEAR else likely
            met[p, 0], met[p, 1] = place, UNNAMED if hidden else CLEAR
        if met[p, 1] == CLEAR:
            continue
        blocked_by[k] = UNNAMED
        if density[k] >= named_from[p]:
            if met[p, 1] == UNNAMED:
                met[p, 1] = first_met(solids, ground, eye, skips, least, x, y, z, inside_of[p])
            blocked_by[k] = met[p, 1]
