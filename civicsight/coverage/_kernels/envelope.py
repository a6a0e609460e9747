"""The nearest walls of a sector as an exact star polygon.

In the frame of a sector (x forward, y left, eye at the origin) a point ``(x, y)`` is written as
``u = y / x`` and ``w = 1 / x``. A wall ``a x + b y = 1`` becomes ``w = a + b u``, a straight line,
and "nearer" becomes "greater w": what the eye sees between the sides of the sector is the upper
envelope of segments over u, and the envelope is a star polygon around the eye. Everything behind
it is hidden by walls that reach above and below every sight line; lower ones are left to `shadow`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from civicsight.core.arrays import FloatArray, IntArray
from civicsight.coverage._kernels.compile import part
from civicsight.coverage._kernels.scan import (
    Canvas,
    draw_edge,
    draw_ray,
    ink_ray,
    toggle_edge,
    toggle_ray,
)
from civicsight.coverage._kernels.views import Words


class Sector(NamedTuple):
    """A wedge of at most 90 degrees: unit vectors along its middle, left of it, and its sides.

    `tan_half` is the tangent of half its angle. Neighbours share a side vector to the last bit.
    """

    mx: float
    my: float
    right_x: float
    right_y: float
    left_x: float
    left_y: float
    tan_half: float


class Segments(NamedTuple):
    """Walls of one sector over u: from ``u0`` up to ``u1``, w is ``w0 + slope (u - u0)``.

    `ends` holds all ends, `order` where they lie from right to left, `by_start` the segments by
    their first end, `active` those that cover the interval at hand; `stack` is for intervals that
    are still to be split.
    """

    u0: FloatArray
    u1: FloatArray
    w0: FloatArray
    slope: FloatArray
    ends: FloatArray
    order: IntArray
    by_start: IntArray
    active: IntArray
    stack: FloatArray


FEW = 128
"""Up to so many keys, counting is the quicker way to sort."""

FLOOR = -1
"""The envelope where no wall stands: a little beyond the reach."""


@part
def add_wall(
    segments: Segments,
    count: int,
    sector: Sector,
    least_w: float,
    ax: float,
    ay: float,
    bx: float,
    by: float,
) -> int:
    """Clip one wall to the sector and add it; return the new count.

    The wall runs from left to right as the eye sees it, relative to the eye.
    """
    x0, y0 = ax * sector.mx + ay * sector.my, ay * sector.mx - ax * sector.my
    x1, y1 = bx * sector.mx + by * sector.my, by * sector.mx - bx * sector.my
    t = sector.tan_half
    # Signed distances inside the left and the right side.
    left0, left1 = t * x0 - y0, t * x1 - y1
    right0, right1 = t * x0 + y0, t * x1 + y1
    if (left0 <= 0.0 and left1 <= 0.0) or (right0 <= 0.0 and right1 <= 0.0):
        return count
    u_high, u_low = t, -t
    cx0, cy0, cx1, cy1 = x0, y0, x1, y1
    if left0 < 0.0:
        share = left0 / (left0 - left1)
        cx0, cy0 = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
    elif cx0 > 0.0:
        u_high = min(t, cy0 / cx0)
    if right1 < 0.0:
        share = right0 / (right0 - right1)
        cx1, cy1 = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
    elif cx1 > 0.0:
        u_low = max(-t, cy1 / cx1)
    if cx0 <= 0.0 or cx1 <= 0.0 or u_low >= u_high:
        return count
    w_high, w_low = 1.0 / cx0, 1.0 / cx1
    if w_high <= least_w and w_low <= least_w:
        return count
    segments.u0[count], segments.u1[count] = u_low, u_high
    segments.w0[count], segments.slope[count] = w_low, (w_high - w_low) / (u_high - u_low)
    return count + 1


@part
def value_at(segments: Segments, i: int, least_w: float, u: float) -> float:
    """Return w of a segment at u."""
    if i == FLOOR:
        return least_w
    return segments.w0[i] + (u - segments.u0[i]) * segments.slope[i]


@part
def slope_of(segments: Segments, i: int) -> float:
    """Return the slope of a segment."""
    if i == FLOOR:
        return 0.0
    return segments.slope[i]


@part
def sort_order(keys: FloatArray, count: int, order: IntArray) -> None:
    """Write where the first `count` keys lie, the least first.

    Each of a few counts how many lie before it, which takes no branch that has to be guessed. Many
    are sorted by Shell's method, with the gaps of Ciura (2001).
    """
    if count <= FEW:
        for i in range(count):
            key, before = keys[i], 0
            for j in range(count):
                before += int((keys[j] < key) | ((keys[j] == key) & (j < i)))
            order[before] = i
        return
    for i in range(count):
        order[i] = i
    for gap in (701, 301, 132, 57, 23, 10, 4, 1):
        for i in range(gap, count):
            item = order[i]
            key = keys[item]
            j = i
            while j >= gap and keys[order[j - gap]] > key:
                order[j] = order[j - gap]
                j -= gap
            order[j] = item


@part
def highest(segments: Segments, active: int, least_w: float, u: float, towards: float) -> int:
    """Return the active segment that is highest at u; of equals the one highest just beside it.

    `towards` is +1 to look to greater u, -1 to look to lesser.
    """
    best, best_w = FLOOR, least_w
    for k in range(active):
        i = segments.active[k]
        w = value_at(segments, i, least_w, u)
        above = w > best_w
        if w == best_w:
            above = towards * (slope_of(segments, i) - slope_of(segments, best)) > 0.0
        best, best_w = (i, w) if above else (best, best_w)
    return best


class Pen(NamedTuple):
    """Where the outline of the star polygon was left: position and piece."""

    u: float
    w: float
    piece: int


@part
def trace_envelope(
    canvas: Canvas, ink: Words, sector: Sector, segments: Segments, count: int, least_w: float
) -> None:
    """Draw the star polygon of a sector onto a canvas, and ink the cells on its walls.

    And on the lines behind their ends: what such a line touches hides (docs/decisions/0008).
    """
    t = sector.tan_half
    ends = segments.ends
    n_end = 0
    for i in range(count):
        ends[n_end], ends[n_end + 1] = segments.u0[i], segments.u1[i]
        n_end += 2
    ends[n_end], ends[n_end + 1] = -t, t
    n_end += 2
    order, by_start = segments.order, segments.by_start
    sort_order(ends, n_end, order)
    sort_order(segments.u0, count, by_start)

    active, upcoming = 0, 0
    pen = Pen(-t, 0.0, -2)
    for e in range(n_end - 1):
        a, b = ends[order[e]], ends[order[e + 1]]
        if a >= b:
            continue
        kept = 0
        for k in range(active):
            # Written in any case, and kept if it goes on: a step without a branch.
            i = segments.active[k]
            segments.active[kept] = i
            kept += int(segments.u1[i] > a)
        active = kept
        while upcoming < count and segments.u0[by_start[upcoming]] <= a:
            segments.active[active] = by_start[upcoming]
            active += int(segments.u1[by_start[upcoming]] > a)
            upcoming += 1
        pen = _trace_interval(canvas, ink, sector, segments, active, least_w, a, b, pen)
    _close(canvas, ink, sector, segments, least_w, t, pen)


@part
def _trace_interval(
    canvas: Canvas,
    ink: Words,
    sector: Sector,
    segments: Segments,
    active: int,
    least_w: float,
    a: float,
    b: float,
    pen: Pen,
) -> Pen:
    """Draw the envelope over an interval in which no segment begins or ends.

    If different segments are highest at its two ends, they cross inside it: at the crossing either
    they are the envelope, or a third one is, and both halves are split again.
    """
    stack = segments.stack
    left = highest(segments, active, least_w, a, 1.0)
    depth = 0
    stack[0], stack[1] = b, highest(segments, active, least_w, b, -1.0)
    depth = 1
    limit = stack.shape[0] // 2 - 1
    while depth > 0:
        end, right = stack[2 * depth - 2], int(stack[2 * depth - 1])
        if left == right:
            pen = _draw_piece(canvas, ink, sector, segments, least_w, a, left, pen)
            a = end
            depth -= 1
            if depth > 0:
                left = highest(segments, active, least_w, a, 1.0)
            continue
        wl, wr = value_at(segments, left, least_w, a), value_at(segments, right, least_w, a)
        el, er = value_at(segments, left, least_w, end), value_at(segments, right, least_w, end)
        fall = (wl - wr) + (er - el)
        at = a + (end - a) * ((wl - wr) / fall) if fall > 0.0 else end
        third = highest(segments, active, least_w, at, 1.0)
        if third in (left, right) or not a < at < end or depth >= limit:
            at = min(max(at, a), end)
            pen = _draw_piece(canvas, ink, sector, segments, least_w, a, left, pen)
            pen = _draw_piece(canvas, ink, sector, segments, least_w, at, right, pen)
            a = end
            depth -= 1
            if depth > 0:
                left = highest(segments, active, least_w, a, 1.0)
        else:
            stack[2 * depth], stack[2 * depth + 1] = at, third
            depth += 1
    return pen


@part
def _draw_piece(
    canvas: Canvas,
    ink: Words,
    sector: Sector,
    segments: Segments,
    least_w: float,
    u: float,
    piece: int,
    pen: Pen,
) -> Pen:
    """Finish the piece under the pen at u, and begin another there."""
    if piece == pen.piece:
        return pen
    w = value_at(segments, piece, least_w, u)
    if pen.piece == -2:
        _, y = _place(sector, u, w)
        toggle_ray(canvas, sector.right_x, sector.right_y, 0.0, y)
        _ink_behind(canvas, ink, sector, least_w, u, w, piece)
        return Pen(u, w, piece)
    w_end = value_at(segments, pen.piece, least_w, u)
    _draw_wall(canvas, ink, sector, u, w_end, pen)
    if w_end != w:
        x1, y1 = _place(sector, u, w_end)
        x2, y2 = _place(sector, u, w)
        dx, dy = sector.mx - u * sector.my, sector.my + u * sector.mx
        draw_ray(canvas, ink, dx, dy, x1, y1, x2, y2)
    return Pen(u, w, piece)


@part
def _draw_wall(canvas: Canvas, ink: Words, sector: Sector, u: float, w: float, pen: Pen) -> None:
    """Draw the piece under the pen up to (u, w)."""
    x0, y0 = _place(sector, pen.u, pen.w)
    x1, y1 = _place(sector, u, w)
    if pen.piece == FLOOR:
        toggle_edge(canvas, x0, y0, x1, y1)
    else:
        draw_edge(canvas, ink, x0, y0, x1, y1)


@part
def _ink_behind(
    canvas: Canvas, ink: Words, sector: Sector, least_w: float, u: float, w: float, piece: int
) -> None:
    """Ink a side of the sector from the wall that stands on it."""
    if piece != FLOOR:
        x0, y0 = _place(sector, u, w)
        x1, y1 = _place(sector, u, least_w)
        dx = sector.right_x if u < 0.0 else sector.left_x
        dy = sector.right_y if u < 0.0 else sector.left_y
        ink_ray(canvas, ink, dx, dy, x0, y0, x1, y1)


@part
def _close(
    canvas: Canvas,
    ink: Words,
    sector: Sector,
    segments: Segments,
    least_w: float,
    t: float,
    pen: Pen,
) -> None:
    w = value_at(segments, pen.piece, least_w, t)
    _draw_wall(canvas, ink, sector, t, w, pen)
    _, y = _place(sector, t, w)
    toggle_ray(canvas, sector.left_x, sector.left_y, y, 0.0)
    _ink_behind(canvas, ink, sector, least_w, t, w, pen.piece)


@part
def _place(sector: Sector, u: float, w: float) -> tuple[float, float]:
    """Return the point at (u, w), relative to the eye, in the axes of the scene.

    A point of a side is measured along its vector, so that neighbours end on one line: a hair
    above it for one and below it for the other would lose a row of cells that lies on it.
    """
    if abs(u) == sector.tan_half:
        away = math.sqrt(1.0 + u * u) / w
        if u < 0.0:
            return away * sector.right_x, away * sector.right_y
        return away * sector.left_x, away * sector.left_y
    x, y = 1.0 / w, u / w
    return x * sector.mx - y * sector.my, x * sector.my + y * sector.mx


@part
def split_sector(azimuth: float, half: float, part: int, parts: int) -> Sector:
    """Return one of equal parts of a sector, counted clockwise; the last may meet the first.

    Angles are azimuths; a vector of azimuth ``a`` is ``(sin a, cos a)``.
    """
    width = 2.0 * half / parts
    left = azimuth - half + part * width
    right = azimuth - half + (part + 1) * width
    if part + 1 == parts and half >= math.pi:
        right = azimuth - half
    middle = azimuth - half + (part + 0.5) * width
    return Sector(
        math.sin(middle),
        math.cos(middle),
        _snapped(math.sin(right)),
        _snapped(math.cos(right)),
        _snapped(math.sin(left)),
        _snapped(math.cos(left)),
        math.tan(0.5 * width),
    )


@part
def _snapped(value: float) -> float:
    """Return 0 for what is 0 but for rounding, so that a side along an axis stays in its row."""
    return 0.0 if abs(value) < 1e-14 else value
