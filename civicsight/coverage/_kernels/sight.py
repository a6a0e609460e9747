"""One line of sight against walls and bodies, exactly."""

from __future__ import annotations

import math

from civicsight.core.arrays import FloatArray, IndexArray
from civicsight.coverage._kernels.compile import part
from civicsight.coverage._kernels.scan import HAIR_M
from civicsight.coverage._kernels.views import Eye, Index, Solids

CLEAR = -1
"""Nothing blocks the line."""

END = 1e-12
"""Ends of walls and lines are met within this share of their length."""

WHOLE = 2.0
"""Share of a line up to which things count where its own end does too."""


@part
def bucket_of(value: float, start: float, size: float, count: int) -> int:
    """Return the bucket that holds a coordinate, the outermost one beyond the ends."""
    return min(max(int(math.floor((value - start) / size)), 0), count - 1)


@part
def is_skipped(eye: Eye, skips: IndexArray, owner: int) -> bool:
    """Tell whether the eye looks through a feature because it stands in it."""
    for i in range(eye.skip_from, eye.skip_to):  # noqa: SIM110 - a generator does not compile
        if skips[i] == owner:
            return True
    return False


@part
def crossing(walls: FloatArray, i: int, x0: float, y0: float, dx: float, dy: float) -> float:
    """Return where wall `i` crosses a line, as a share of it; NaN if it does not.

    Both ends of the wall belong to it, so that no line slips between two walls that meet.
    """
    ex, ey = walls[i, 2] - walls[i, 0], walls[i, 3] - walls[i, 1]
    turn = dx * ey - dy * ex
    if turn == 0.0:
        return math.nan
    ax, ay = walls[i, 0] - x0, walls[i, 1] - y0
    along = (ax * dy - ay * dx) / turn
    if not 0.0 <= along <= 1.0:
        return math.nan
    return (ax * ey - ay * ex) / turn


@part
def meets_wall(
    walls: FloatArray, i: int, x0: float, y0: float, z0: float, dx: float, dy: float, dz: float
) -> float:
    """Return where a line first touches wall `i`, its edges and the line's own end included.

    As a share of the line, NaN if it does not. A line touches no roof or underside that it is only
    level with.
    """
    base, top = walls[i, 4], walls[i, 5]
    ex, ey = walls[i, 2] - walls[i, 0], walls[i, 3] - walls[i, 1]
    ax, ay = walls[i, 0] - x0, walls[i, 1] - y0
    turn = dx * ey - dy * ex
    if turn == 0.0:
        return _along_wall(base, top, z0, ax, ay, ex, ey, dx, dy, dz)
    along = (ax * dy - ay * dx) / turn
    if not -END <= along <= 1.0 + END:
        return math.nan
    t = (ax * ey - ay * ex) / turn
    if not 0.0 < t <= 1.0 + END or not base - HAIR_M <= z0 + t * dz <= top + HAIR_M:
        return math.nan
    return t if is_between(base, top, z0, z0 + dz) else math.nan


@part
def is_between(base: float, top: float, z0: float, z1: float) -> bool:
    """Tell whether a line between two heights passes heights between a base and a top."""
    return top > min(z0, z1) and base < max(z0, z1)


@part
def _along_wall(
    base: float,
    top: float,
    z0: float,
    ax: float,
    ay: float,
    ex: float,
    ey: float,
    dx: float,
    dy: float,
    dz: float,
) -> float:
    """Return where a line that a wall lies on, or runs beside, first touches it."""
    square = dx * dx + dy * dy
    if ax * dy - ay * dx != 0.0 or square == 0.0 or not is_between(base, top, z0, z0 + dz):
        return math.nan
    a, b = (ax * dx + ay * dy) / square, ((ax + ex) * dx + (ay + ey) * dy) / square
    low, high = max(min(a, b), 0.0), min(max(a, b), 1.0)
    if dz != 0.0:
        ta, tb = (base - z0) / dz, (top - z0) / dz
        low, high = max(low, min(ta, tb)), min(high, max(ta, tb))
    return low if low <= high + END and high > 0.0 else math.nan


@part
def span_in_row(
    index: Index, row: int, row0: int, row1: int, x: float, y: float, dx: float, dy: float
) -> tuple[float, float]:
    """Return the least and greatest x of a line inside one row of buckets, a little widened."""
    t0, t1 = 0.0, 1.0
    if row0 != row1:
        # With two rows or more the line is not level.
        ta = (index.y0 + row * index.size - y) / dy
        tb = (index.y0 + (row + 1) * index.size - y) / dy
        if row > row0:
            t0, t1 = (max(t0, ta), t1) if dy > 0.0 else (t0, min(t1, ta))
        if row < row1:
            t0, t1 = (t0, min(t1, tb)) if dy > 0.0 else (max(t0, tb), t1)
    a, b = x + t0 * dx, x + t1 * dx
    slack = 1e-6
    return min(a, b) - slack, max(a, b) + slack


@part
def crosses_body(
    walls: FloatArray,
    first: int,
    last: int,
    x0: float,
    y0: float,
    z0: float,
    x1: float,
    y1: float,
    z1: float,
    end: float,
) -> bool:
    """Tell whether a segment meets a prism, roof and underside included, up to a share of it.

    A wall that it touches counts, a roof or underside that it is only level with does not.
    """
    dx, dy, dz = x1 - x0, y1 - y0, z1 - z0
    base, top = walls[first, 4], walls[first, 5]
    t0, t1 = 0.0, 1.0
    if dz == 0.0:
        if not base < z0 < top:
            return False
    else:
        ta, tb = (base - z0) / dz, (top - z0) / dz
        t0, t1 = max(t0, min(ta, tb)), min(t1, max(ta, tb))
        if t0 >= t1:
            return False
    mid = 0.5 * (t0 + t1)
    x, y = x0 + mid * dx, y0 + mid * dy
    inside = False
    for i in range(first, last):
        if meets_wall(walls, i, x0, y0, z0, dx, dy, dz) < end:
            return True
        if (walls[i, 1] > y) != (walls[i, 3] > y):
            slope = (walls[i, 2] - walls[i, 0]) / (walls[i, 3] - walls[i, 1])
            if x < walls[i, 0] + (y - walls[i, 1]) * slope:
                inside = not inside
    return inside


@part
def body_transmittance(
    solids: Solids,
    eye: Eye,
    skips: IndexArray,
    x: float,
    y: float,
    z: float,
    end: float,
    least: float,
) -> tuple[float, int]:
    """Return the share of a line that passes all bodies, and the body that took most of it.

    Bodies that are met up to a share `end` of the line count. Stops early once the share that
    passes is below `least`.
    """
    index = solids.body_index
    share, worst, owner = 1.0, 1.0, CLEAR
    if solids.body_box.shape[0] == 0:
        return share, owner
    xa, xb = min(eye.x, x), max(eye.x, x)
    ya, yb = min(eye.y, y), max(eye.y, y)
    row0 = bucket_of(ya, index.y0, index.size, index.n_row)
    row1 = bucket_of(yb, index.y0, index.size, index.n_row)
    col0 = bucket_of(xa, index.x0, index.size, index.n_col)
    col1 = bucket_of(xb, index.x0, index.size, index.n_col)
    for row in range(row0, row1 + 1):
        for col in range(col0, col1 + 1):
            b = row * index.n_col + col
            for item in range(index.start[b], index.start[b + 1]):
                k = index.items[item]
                box = solids.body_box[k]
                if box[2] < xa or box[0] > xb or box[3] < ya or box[1] > yb:
                    continue
                if not first_shared(index, box[0], box[1], row, col, row0, col0):
                    continue
                who = solids.body_owner[k]
                passing = solids.transmittance[who]
                if not crosses_body(
                    solids.walls,
                    solids.first_wall[who],
                    solids.first_wall[who + 1],
                    eye.x,
                    eye.y,
                    eye.z,
                    x,
                    y,
                    z,
                    end,
                ) or is_skipped(eye, skips, who):
                    continue
                share *= passing
                if passing < worst:
                    worst, owner = passing, who
                if share < least:
                    return share, owner
    return share, owner


@part
def first_shared(
    index: Index, x_low: float, y_low: float, row: int, col: int, row0: int, col0: int
) -> bool:
    """Tell whether a bucket is the first that a box shares with a query, so that it counts once."""
    own_row = bucket_of(y_low, index.y0, index.size, index.n_row)
    own_col = bucket_of(x_low, index.x0, index.size, index.n_col)
    return row == max(row0, own_row) and col == max(col0, own_col)
