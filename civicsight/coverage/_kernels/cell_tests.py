"""Which cells of a row are in reach and frame: by runs, and one by one where that cannot be.

Every target of a window lies between two heights. A limit that holds at both holds in between,
because each is a half space or, for the reach, grows with the difference of heights; so each row
has an outer interval, beyond which nothing is in frame, and an inner one, in which everything is.
On flat ground the two are the same.

On relief each cell has a height of its own; a fisheye has a round frame; crowns add up. Only cells
that are still open are asked.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from civicsight.core.arrays import FloatArray, IndexArray
from civicsight.coverage._kernels.compile import part
from civicsight.coverage._kernels.eyes import in_frame, in_reach
from civicsight.coverage._kernels.ground import (
    ground_blocks_bounded,
    ground_bounds,
    ground_height,
    safe_distance,
)
from civicsight.coverage._kernels.scan import (
    HAIR_M,
    NONE,
    ONE,
    Canvas,
    bits_between,
    lowest_bit,
    place_of,
    rows_between,
)
from civicsight.coverage._kernels.shadow import clear_behind_wall, far_scale, last_scale
from civicsight.coverage._kernels.sight import WHOLE, body_transmittance, bucket_of
from civicsight.coverage._kernels.views import (
    CYLINDRICAL,
    EQUIDISTANT,
    RECTILINEAR,
    Cells,
    Eye,
    Ground,
    Solids,
    Words,
)


class Limits(NamedTuple):
    """Bounds of one eye over its window.

    `radius` and `hole` are the greatest and least distance in plan at which any target may be
    seen, `sure_radius` the distance within which, and `sure_hole` beyond which, every target is in
    reach.
    """

    relief: bool
    target_low: float
    target_high: float
    curve: float
    slack: float
    radius: float
    sure_radius: float
    hole: float
    sure_hole: float


class Rows(NamedTuple):
    """What is in reach and frame of each row of a window, and room to find it.

    Half-open ranges of columns, counted from the left of the window: ``first:last`` bounds what may
    be in view, ``hole_first:hole_last`` is nearer than the near limit, and of what lies in
    ``sure_first:sure_last`` nothing is left to ask but in ``ask_first:ask_last``. Any of them is
    empty where it ends before it begins. `carry` is room for one word a row.
    """

    left: FloatArray
    right: FloatArray
    sure_left: FloatArray
    sure_right: FloatArray
    first: IndexArray
    last: IndexArray
    hole_first: IndexArray
    hole_last: IndexArray
    sure_first: IndexArray
    sure_last: IndexArray
    ask_first: IndexArray
    ask_last: IndexArray
    carry: Words


@part
def limits_of(eye: Eye, ground: Ground | None, target_height: float) -> Limits:
    """Bound the targets around an eye; a radius that is not positive means there are none."""
    low, high, curve, slack = ground_bounds(
        ground, eye.x - eye.reach, eye.y - eye.reach, eye.x + eye.reach, eye.y + eye.reach
    )
    low, high = low + target_height, high + target_height
    below, above = low - eye.z, high - eye.z
    nearest = 0.0 if below <= 0.0 <= above else min(abs(below), abs(above))
    farthest = max(abs(below), abs(above))
    radius = _leg(eye.reach, nearest)
    sure_radius = _leg(eye.reach, farthest)
    hole, sure_hole = _leg(eye.near, farthest), _leg(eye.near, nearest)
    if eye.lens == CYLINDRICAL:
        far, close = _band(eye, below)
        far_above, close_above = _band(eye, above)
        radius = min(radius, max(far, far_above))
        sure_radius = min(sure_radius, far, far_above)
        if not below < 0.0 < above:
            hole = max(hole, min(close, close_above))
        sure_hole = max(sure_hole, close, close_above)
    if not low <= high:
        radius = 0.0
    return Limits(ground is not None, low, high, curve, slack, radius, sure_radius, hole, sure_hole)


@part
def _leg(slant: float, height: float) -> float:
    """Return the distance in plan of a slant distance, 0 if the height alone exceeds it."""
    return math.sqrt(slant * slant - height * height) if slant > height else 0.0


@part
def _band(eye: Eye, dz: float) -> tuple[float, float]:
    """Return the greatest and least distance in plan at which a height is between two slopes."""
    far, close = math.inf, 0.0
    low, high = eye.low_slope, eye.high_slope
    if dz < 0.0:
        close = dz / low if low < 0.0 else math.inf
        far = dz / high if high < 0.0 else math.inf
    elif dz > 0.0:
        close = dz / high if high > 0.0 else math.inf
        far = dz / low if low > 0.0 else math.inf
    elif low > 0.0 or high < 0.0:
        far = 0.0
    return far, close


@part
def limit_rows(canvas: Canvas, eye: Eye, limits: Limits, rows: Rows) -> None:
    """Write three ranges of columns for each row of a window (see `Rows`), all rows alike."""
    end = canvas.n_row
    _chords(canvas, limits.radius, 0, end, rows.left, rows.right)
    _cut_sides(canvas, eye, limits, rows.left, rows.right, 1.0)
    _columns(canvas, rows.left, rows.right, rows.first, rows.last)
    for k in range(end):
        rows.hole_first[k], rows.hole_last[k] = 0, 0
    low, high = rows_near(canvas, limits.hole)
    _chords(canvas, limits.hole, low, high, rows.sure_left, rows.sure_right)
    left, right = rows.sure_left[low:high], rows.sure_right[low:high]
    _columns_inside(canvas, left, right, rows.hole_first[low:high], rows.hole_last[low:high])
    if not limits.relief and eye.lens != EQUIDISTANT:
        for k in range(end):
            rows.sure_first[k], rows.sure_last[k] = rows.first[k], rows.last[k]
            rows.ask_first[k], rows.ask_last[k] = 0, 0
        return
    _chords(canvas, limits.sure_radius, 0, end, rows.sure_left, rows.sure_right)
    _cut_sides(canvas, eye, limits, rows.sure_left, rows.sure_right, -1.0)
    _columns(canvas, rows.sure_left, rows.sure_right, rows.sure_first, rows.sure_last)
    # Nearer than a near limit that some target has, cells are asked.
    _chords(canvas, limits.sure_hole + HAIR_M, 0, end, rows.sure_left, rows.sure_right)
    _columns(canvas, rows.sure_left, rows.sure_right, rows.ask_first, rows.ask_last)
    if eye.lens == EQUIDISTANT:
        for k in range(end):
            rows.sure_first[k], rows.sure_last[k] = 0, 0


@part
def rows_near(canvas: Canvas, radius: float) -> tuple[int, int]:
    """Return the rows that a circle around the eye may meet, counted from the window's first."""
    if not radius > 0.0:
        return 0, 0
    rise = radius * canvas.scale + 1.0
    first, last = rows_between(canvas, canvas.y - rise, canvas.y + rise)
    return first - canvas.row0, max(first, last) - canvas.row0


@part
def _chords(
    canvas: Canvas, radius: float, low: int, high: int, left: FloatArray, right: FloatArray
) -> None:
    """Write where rows ``low:high`` enter and leave a circle around the eye, in cells."""
    left, right = left[low:high], right[low:high]
    for k in range(high - low):
        dy = (canvas.row0 + low + k - canvas.y) / canvas.scale
        square = radius * radius - dy * dy
        half = math.sqrt(max(square, 0.0)) * canvas.scale
        meets = square >= 0.0 < radius
        left[k] = canvas.x - half if meets else math.inf
        right[k] = canvas.x + half if meets else -math.inf


@part
def _cut_sides(
    canvas: Canvas, eye: Eye, limits: Limits, left: FloatArray, right: FloatArray, sign: float
) -> None:
    """Cut intervals of rows by the sides of a frame, as ``a dx + b dy + c dz >= 0``.

    For any height of the targets, if `sign` is positive, else for all.
    """
    if eye.lens != RECTILINEAR:
        return
    for side in range(4):
        a, b, c = _side(eye, side)
        low, high = c * (limits.target_low - eye.z), c * (limits.target_high - eye.z)
        rise = max(low, high) if sign > 0.0 else min(low, high)
        for k in range(canvas.n_row):
            rest = b * ((canvas.row0 + k - canvas.y) / canvas.scale) + rise
            if a > 0.0:
                left[k] = max(left[k], canvas.x - rest / a * canvas.scale)
            elif a < 0.0:
                right[k] = min(right[k], canvas.x - rest / a * canvas.scale)
            elif rest < 0.0:
                left[k], right[k] = math.inf, -math.inf


@part
def _columns(
    canvas: Canvas, left: FloatArray, right: FloatArray, first: IndexArray, last: IndexArray
) -> None:
    """Write the half-open ranges of the cells in intervals, ends included (see `columns_in`)."""
    col0, limit = canvas.word0 * 64.0, canvas.n_word * 64.0
    for k in range(canvas.n_row):
        low = np.ceil(min(max(left[k], col0), col0 + limit)) - col0
        high = np.floor(min(max(right[k], col0 - 1.0), col0 + limit - 1.0)) - col0 + 1.0
        first[k], last[k] = np.int32(low), np.int32(high)


@part
def _columns_inside(
    canvas: Canvas, left: FloatArray, right: FloatArray, first: IndexArray, last: IndexArray
) -> None:
    """Write the half-open ranges of the cells in intervals without their ends.

    The near limit itself is in reach: a centre exactly on the circle stays.
    """
    col0, limit = canvas.word0 * 64.0, canvas.n_word * 64.0
    for k in range(left.shape[0]):
        low = np.floor(min(max(left[k], col0 - 1.0), col0 + limit - 1.0)) - col0 + 1.0
        high = np.ceil(min(max(right[k], col0), col0 + limit)) - col0
        first[k], last[k] = np.int32(low), np.int32(high)


@part
def _side(eye: Eye, side: int) -> tuple[float, float, float]:
    """Return the inward normal of a side of the frame, as ``a dx + b dy + c dz >= 0``."""
    if side == 0:
        return eye.tan_h * eye.fx + eye.rx, eye.tan_h * eye.fy + eye.ry, eye.tan_h * eye.fz + eye.rz
    if side == 1:
        return eye.tan_h * eye.fx - eye.rx, eye.tan_h * eye.fy - eye.ry, eye.tan_h * eye.fz - eye.rz
    if side == 2:
        return eye.tan_v * eye.fx + eye.ux, eye.tan_v * eye.fy + eye.uy, eye.tan_v * eye.fz + eye.uz
    return eye.tan_v * eye.fx - eye.ux, eye.tan_v * eye.fy - eye.uy, eye.tan_v * eye.fz - eye.uz


@part
def test_low_walls(
    canvas: Canvas,
    solids: Solids,
    ground: Ground,
    eye: Eye,
    limits: Limits,
    cells: Cells,
    low: IndexArray,
    n_low: int,
) -> None:
    """Test, on relief, the cells behind walls that some sight lines pass over or under.

    A line that only descends leaves a grounded prism lowest at the face turned away, so that face
    settles it; otherwise both faces are asked.
    """
    walls = solids.walls
    falling = eye.z >= limits.target_high
    for k in range(n_low):
        i = low[k]
        ax, ay = walls[i, 0] - eye.x, walls[i, 1] - eye.y
        bx, by = walls[i, 2] - eye.x, walls[i, 3] - eye.y
        grounded = walls[i, 4] < -1e8
        if falling and grounded and ax * by - ay * bx < 0.0:
            continue
        far = far_scale(canvas, ax, ay, bx, by)
        if falling and walls[i, 5] < eye.z:
            far = min(far, last_scale(eye.z - limits.target_low, eye.z - walls[i, 5]))
        clear_behind_wall(canvas, solids, ground, eye, cells.target_height, i, 1.0, far)


@part
def test_frame(canvas: Canvas, ground: Ground | None, eye: Eye, rows: Rows, cells: Cells) -> None:
    """Test, on relief, the cells that are in frame and reach for some heights but not for all."""
    # What is left to ask of a row lies before and behind what is sure, and about the near limit.
    for which in range(3 * canvas.n_row):
        k, nth = which // 3, which % 3
        first, last = int(rows.first[k]), int(rows.last[k])
        sure_first, sure_last = int(rows.sure_first[k]), int(rows.sure_last[k])
        if nth == 2:
            first, last = int(rows.ask_first[k]), int(rows.ask_last[k])
        elif sure_first < sure_last:
            first, last = (first, min(sure_first, last)) if nth else (max(sure_last, first), last)
        elif nth == 1:
            continue
        if first >= last:
            continue
        row = canvas.row0 + k
        for word in range(first >> 6, ((last - 1) >> 6) + 1):
            start, at = word * 64, place_of(canvas, row, word)
            left = canvas.bits[at] & bits_between(first - start, last - start)
            while left != NONE:
                bit = lowest_bit(left)
                left &= left - ONE
                dx = (canvas.word0 * 64 + start + bit - canvas.x) / canvas.scale
                dy = (row - canvas.y) / canvas.scale
                z = ground_height(ground, eye.x + dx, eye.y + dy) + cells.target_height
                if not (in_reach(eye, dx, dy, z - eye.z) and in_frame(eye, dx, dy, z - eye.z)):
                    canvas.bits[at] &= ~(ONE << np.uint64(bit))


@part
def test_ground(canvas: Canvas, ground: Ground, eye: Eye, limits: Limits, cells: Cells) -> None:
    """Test the ground itself against the cells so far away that it may rise above the line."""
    above = eye.z - ground_height(ground, eye.x, eye.y)
    safe = safe_distance(limits.curve, limits.slack, above, cells.target_height)
    if safe >= limits.radius:
        return
    for row in range(canvas.row0, canvas.row0 + canvas.n_row):
        dy = (row - canvas.y) / canvas.scale
        for word in range(canvas.n_word):
            at = place_of(canvas, row, word)
            left = canvas.bits[at]
            while left != NONE:
                bit = lowest_bit(left)
                left &= left - ONE
                dx = ((canvas.word0 + word) * 64 + bit - canvas.x) / canvas.scale
                if dx * dx + dy * dy <= safe * safe:
                    continue
                x, y = eye.x + dx, eye.y + dy
                z = ground_height(ground, x, y) + cells.target_height
                if ground_blocks_bounded(
                    ground, limits.curve, limits.slack, eye.x, eye.y, eye.z, x, y, z
                ):
                    canvas.bits[at] &= ~(ONE << np.uint64(bit))


@part
def test_bodies(
    canvas: Canvas,
    solids: Solids,
    ground: Ground | None,
    eye: Eye,
    skips: IndexArray,
    least: float,
    limits: Limits,
    cells: Cells,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
) -> None:
    """Test cells one by one against bodies whose shadows are not drawn as polygons."""
    if not _bodies_near(solids, limits, least, eye.x + x0, eye.y + y0, eye.x + x1, eye.y + y1):
        return
    for row in range(canvas.row0, canvas.row0 + canvas.n_row):
        y = eye.y + (row - canvas.y) / canvas.scale
        for word in range(canvas.n_word):
            at = place_of(canvas, row, word)
            left = canvas.bits[at]
            while left != NONE:
                bit = lowest_bit(left)
                left &= left - ONE
                x = eye.x + ((canvas.word0 + word) * 64 + bit - canvas.x) / canvas.scale
                z = ground_height(ground, x, y) + cells.target_height
                share, _ = body_transmittance(solids, eye, skips, x, y, z, WHOLE, least)
                if share < least:
                    canvas.bits[at] &= ~(ONE << np.uint64(bit))


@part
def _bodies_near(
    solids: Solids, limits: Limits, least: float, x0: float, y0: float, x1: float, y1: float
) -> bool:
    """Tell whether the window holds a body that has to be asked cell by cell."""
    index = solids.body_index
    if solids.body_box.shape[0] == 0:
        return False
    for row in range(
        bucket_of(y0, index.y0, index.size, index.n_row),
        bucket_of(y1, index.y0, index.size, index.n_row) + 1,
    ):
        for col in range(
            bucket_of(x0, index.x0, index.size, index.n_col),
            bucket_of(x1, index.x0, index.size, index.n_col) + 1,
        ):
            b = row * index.n_col + col
            for item in range(index.start[b], index.start[b + 1]):
                if (
                    limits.relief
                    or solids.transmittance[solids.body_owner[index.items[item]]] >= least
                ):
                    return True
    return False
