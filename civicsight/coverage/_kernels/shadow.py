"""Shadows of what does not reach across every sight line: low walls, raised parts, panels on legs.

A sight line from the eye at height ``e`` to a target at height ``t`` passes height ``z`` at the
share ``1 / k`` of its length, with ``k = (e - t) / (e - z)``. A wall between heights ``base`` and
``top`` therefore hides, on the plane of the targets, itself scaled about the eye by every k of one
interval: the shadow is a quad, and a prism's shadow is its outline at the least k and the quads of
the faces turned away from the eye. On relief every cell has a height of its own; there the quads
only say which cells have to be tested.
"""

from __future__ import annotations

import math

import numpy as np

from civicsight.core.arrays import IndexArray
from civicsight.coverage._kernels.compile import part
from civicsight.coverage._kernels.ground import ground_height
from civicsight.coverage._kernels.scan import (
    HAIR_M,
    NONE,
    ONE,
    Canvas,
    bits_between,
    clear_columns,
    columns_in,
    fill_runs,
    lowest_bit,
    place_of,
    rows_between,
    toggle_edge,
    widen,
)
from civicsight.coverage._kernels.sight import bucket_of, first_shared, is_skipped, meets_wall
from civicsight.coverage._kernels.views import Eye, Ground, Solids, Words

FAR_SCALE = 1e5
"""Stands for an endless shadow: from 1 mm before the eye it reaches 100 m (see `far_scale`)."""

FARTHEST_SCALE = 1e12
"""No wall is so near that its shadow needs more, and beyond it nothing is left of its place."""


@part
def shadow_span(eye_z: float, target_z: float, base: float, top: float) -> tuple[float, float]:
    """Return the interval of k that a wall hides, ``(1, 0)`` for none, infinite for no end."""
    if eye_z > target_z:
        low, high = max(base, target_z), min(top, eye_z)
        if low >= high:
            return 1.0, 0.0
        near = (eye_z - target_z) / (eye_z - low)
        return near, math.inf if top >= eye_z else (eye_z - target_z) / (eye_z - top)
    if eye_z < target_z:
        low, high = max(base, eye_z), min(top, target_z)
        if low >= high:
            return 1.0, 0.0
        near = (target_z - eye_z) / (high - eye_z)
        return near, math.inf if base <= eye_z else (target_z - eye_z) / (base - eye_z)
    return (1.0, math.inf) if base < eye_z < top else (1.0, 0.0)


@part
def last_scale(drop: float, gap: float) -> float:
    """Return the last scale of a wall that hides targets so far below the eye, or above it.

    The eye clears its edge by `gap`; a nanometre counts as touching, as for single lines.
    """
    return drop / (gap - HAIR_M) if gap > HAIR_M else FARTHEST_SCALE


@part
def clear_body_footprints(
    canvas: Canvas,
    spare: Canvas,
    carry: Words,
    solids: Solids,
    eye: Eye,
    skips: IndexArray,
    least: float,
    target_z: float,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
) -> None:
    """Clear, on flat ground, the near outline of every raised prism that the eye looks over.

    ``(x0, y0, x1, y1)`` bounds the window; `spare` is a second window of the same size, `carry`
    room for one word a row.
    """
    index = solids.body_index
    if solids.body_box.shape[0] == 0:
        return
    row0 = bucket_of(y0, index.y0, index.size, index.n_row)
    row1 = bucket_of(y1, index.y0, index.size, index.n_row)
    col0 = bucket_of(x0, index.x0, index.size, index.n_col)
    col1 = bucket_of(x1, index.x0, index.size, index.n_col)
    for row in range(row0, row1 + 1):
        for col in range(col0, col1 + 1):
            b = row * index.n_col + col
            for item in range(index.start[b], index.start[b + 1]):
                k = index.items[item]
                box, who = solids.body_box[k], solids.body_owner[k]
                if (
                    solids.transmittance[who] < least
                    and first_shared(index, box[0], box[1], row, col, row0, col0)
                    and not is_skipped(eye, skips, who)
                ):
                    _clear_footprint(canvas, spare, carry, solids, eye, target_z, who)


@part
def _clear_footprint(
    canvas: Canvas, spare: Canvas, carry: Words, solids: Solids, eye: Eye, target_z: float, who: int
) -> None:
    first, last = solids.first_wall[who], solids.first_wall[who + 1]
    walls = solids.walls
    near, far = shadow_span(eye.z, target_z, walls[first, 4], walls[first, 5])
    # An endless shadow is drawn by the envelope, and the outline of a solid is closed ground.
    closed = solids.transmittance[who] == 0.0 and walls[first, 4] < target_z < walls[first, 5]
    if near >= far or math.isinf(far) or closed:
        return
    low, high = math.inf, -math.inf
    for i in range(first, last):
        y = canvas.y + (walls[i, 1] - eye.y) * near * canvas.scale
        low, high = min(low, y), max(high, y)
    row_low = max(int(math.floor(low)) - canvas.row0, 0)
    row_high = min(int(math.ceil(high)) - canvas.row0, canvas.n_row - 1)
    for word in range(canvas.n_word):
        for row in range(row_low, row_high + 1):
            spare.bits[word * canvas.n_row + row] = NONE
    for i in range(first, last):
        toggle_edge(
            spare,
            (walls[i, 0] - eye.x) * near,
            (walls[i, 1] - eye.y) * near,
            (walls[i, 2] - eye.x) * near,
            (walls[i, 3] - eye.y) * near,
        )
    fill_runs(spare, row_low, row_high + 1, carry)
    for word in range(canvas.n_word):
        for k in range(word * canvas.n_row + row_low, word * canvas.n_row + row_high + 1):
            canvas.bits[k] &= ~spare.bits[k]
    for i in range(first, last):
        clear_behind_wall(canvas, solids, None, eye, 0.0, i, near, near)


@part
def far_scale(canvas: Canvas, ax: float, ay: float, bx: float, by: float) -> float:
    """Return the scale at which a wall, relative to the eye, stands for its own endless shadow.

    `FAR_SCALE`, or more for one so near that this would end inside of the window: that of the roof
    on whose edge the eye stands.
    """
    turn, side = abs(ax * by - ay * bx), abs(bx - ax) + abs(by - ay)
    extent = side * (canvas.n_row + 64 * canvas.n_word) / canvas.scale
    if turn == 0.0 or turn * FAR_SCALE >= extent:
        return FAR_SCALE
    return min(extent / turn, FARTHEST_SCALE)


@part
def clear_behind_wall(
    canvas: Canvas,
    solids: Solids,
    ground: Ground | None,
    eye: Eye,
    target_height: float,
    i: int,
    near: float,
    far: float,
) -> None:
    """Clear the cells between wall `i` scaled by `near` and by `far` about the eye, ends included.

    On relief, only those whose sight line passes it between its base and its top.
    """
    walls = solids.walls
    ax, ay = walls[i, 0] - eye.x, walls[i, 1] - eye.y
    bx, by = walls[i, 2] - eye.x, walls[i, 3] - eye.y
    px0, py0 = canvas.x + ax * near * canvas.scale, canvas.y + ay * near * canvas.scale
    px1, py1 = canvas.x + bx * near * canvas.scale, canvas.y + by * near * canvas.scale
    px2, py2 = canvas.x + bx * far * canvas.scale, canvas.y + by * far * canvas.scale
    px3, py3 = canvas.x + ax * far * canvas.scale, canvas.y + ay * far * canvas.scale
    hair = HAIR_M * canvas.scale
    low, high = min(py0, py1, py2, py3) - hair, max(py0, py1, py2, py3) + hair
    for row in range(*rows_between(canvas, low, high)):
        x_low, x_high = math.inf, -math.inf
        x_low, x_high = widen(row, hair, px0, py0, px1, py1, x_low, x_high)
        x_low, x_high = widen(row, hair, px1, py1, px2, py2, x_low, x_high)
        x_low, x_high = widen(row, hair, px2, py2, px3, py3, x_low, x_high)
        x_low, x_high = widen(row, hair, px3, py3, px0, py0, x_low, x_high)
        first, last = columns_in(canvas, x_low - hair, x_high + hair)
        if first >= last:
            continue
        if ground is None:
            clear_columns(canvas, row, first, last)
        else:
            _test_run(canvas, solids, ground, eye, target_height, i, row, first, last)


@part
def _test_run(
    canvas: Canvas,
    solids: Solids,
    ground: Ground,
    eye: Eye,
    target_height: float,
    i: int,
    row: int,
    first: int,
    last: int,
) -> None:
    walls = solids.walls
    for word in range(first >> 6, ((last - 1) >> 6) + 1):
        at = place_of(canvas, row, word)
        left = canvas.bits[at] & bits_between(first - word * 64, last - word * 64)
        while left != NONE:
            bit = lowest_bit(left)
            left &= left - ONE
            dx = (canvas.word0 * 64 + word * 64 + bit - canvas.x) / canvas.scale
            dy = (row - canvas.y) / canvas.scale
            z = ground_height(ground, eye.x + dx, eye.y + dy) + target_height
            t = meets_wall(walls, i, eye.x, eye.y, eye.z, dx, dy, z - eye.z)
            if not math.isnan(t):
                canvas.bits[at] &= ~(ONE << np.uint64(bit))
