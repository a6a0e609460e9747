"""Reach and frame as intervals of each row of cells.

Every target of a window lies between two heights. A limit that holds at both holds in between,
because each is a half space or, for the reach, grows with the difference of heights; so each row
has an outer interval, beyond which nothing is in frame, and an inner one, in which everything is.
On flat ground the two are the same.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from civicsight.coverage._kernels.compile import part
from civicsight.coverage._kernels.ground import ground_bounds
from civicsight.coverage._kernels.scan import Canvas, columns_in
from civicsight.coverage._kernels.views import CYLINDRICAL, EQUIDISTANT, RECTILINEAR, Eye, Ground


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
def row_limits(
    canvas: Canvas, eye: Eye, limits: Limits, row: int
) -> tuple[int, int, int, int, int, int]:
    """Return three half-open ranges of columns of one row, counted from the left of the window.

    The outer range, the hole in it, and the range in which nothing is left to test.
    """
    dy = (row - canvas.y) / canvas.scale
    left, right = _chord(canvas, limits.radius, dy)
    sure_left, sure_right = _chord(canvas, limits.sure_radius, dy)
    if eye.lens == RECTILINEAR:
        for side in range(4):
            a, b, c = _side(eye, side)
            one = b * dy + c * (limits.target_low - eye.z)
            two = b * dy + c * (limits.target_high - eye.z)
            left, right = _cut(canvas, a, max(one, two), left, right)
            sure_left, sure_right = _cut(canvas, a, min(one, two), sure_left, sure_right)
    first, last = columns_in(canvas, left, right)
    hole_left, hole_right = _chord(canvas, limits.hole, dy)
    hole_first, hole_last = columns_in(canvas, hole_left, hole_right)
    # The near limit itself is in reach: a centre exactly on the circle stays.
    if hole_first < hole_last and canvas.word0 * 64 + hole_first == hole_left:
        hole_first += 1
    if hole_first < hole_last and canvas.word0 * 64 + hole_last - 1 == hole_right:
        hole_last -= 1
    sure_first, sure_last = columns_in(canvas, sure_left, sure_right)
    if not limits.relief and eye.lens != EQUIDISTANT:
        return first, last, hole_first, hole_last, first, last
    if eye.lens == EQUIDISTANT or limits.sure_hole > abs(dy):
        sure_first, sure_last = 0, 0
    return first, last, hole_first, hole_last, sure_first, sure_last


@part
def _chord(canvas: Canvas, radius: float, dy: float) -> tuple[float, float]:
    """Return where a row enters and leaves a circle around the eye, in cells."""
    square = radius * radius - dy * dy
    if square < 0.0 or radius <= 0.0:
        return math.inf, -math.inf
    half = math.sqrt(square) * canvas.scale
    return canvas.x - half, canvas.x + half


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
def _cut(canvas: Canvas, a: float, rest: float, left: float, right: float) -> tuple[float, float]:
    """Cut an interval of a row by ``a dx + rest >= 0``."""
    if a > 0.0:
        return max(left, canvas.x - rest / a * canvas.scale), right
    if a < 0.0:
        return left, min(right, canvas.x - rest / a * canvas.scale)
    return (left, right) if rest >= 0.0 else (math.inf, -math.inf)
