"""Tests of single cells: what cannot be settled for a whole run of them.

On relief each cell has a height of its own; a fisheye has a round frame; crowns add up. Only cells
that are still open are asked.
"""

from __future__ import annotations

import numpy as np

from civicsight.core.arrays import IndexArray
from civicsight.coverage._kernels.compile import part
from civicsight.coverage._kernels.ground import ground_blocks_bounded, ground_height, safe_distance
from civicsight.coverage._kernels.lens import in_frame, in_reach
from civicsight.coverage._kernels.limits import Limits, row_limits
from civicsight.coverage._kernels.scan import NONE, ONE, Canvas, bits_between, lowest_bit
from civicsight.coverage._kernels.shadow import FAR_SCALE, clear_behind_wall
from civicsight.coverage._kernels.sight import WHOLE, body_transmittance, bucket_of
from civicsight.coverage._kernels.views import Cells, Eye, Ground, Solids


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
        far = FAR_SCALE
        if falling and walls[i, 5] < eye.z:
            far = (eye.z - limits.target_low) / (eye.z - walls[i, 5])
        clear_behind_wall(canvas, solids, ground, eye, cells.target_height, i, 1.0, far)


@part
def test_frame(
    canvas: Canvas, ground: Ground | None, eye: Eye, limits: Limits, cells: Cells
) -> None:
    """Test, on relief, the cells that are in frame and reach for some heights but not for all."""
    for row in range(canvas.row0, canvas.row0 + canvas.n_row):
        first, last, _, _, sure_first, sure_last = row_limits(canvas, eye, limits, row)
        base = (row - canvas.row0) * canvas.n_word
        if first >= last:
            continue
        for word in range(first >> 6, ((last - 1) >> 6) + 1):
            start = word * 64
            left = canvas.bits[base + word] & ~bits_between(sure_first - start, sure_last - start)
            while left != NONE:
                bit = lowest_bit(left)
                left &= left - ONE
                dx = (canvas.word0 * 64 + start + bit - canvas.x) / canvas.scale
                dy = (row - canvas.y) / canvas.scale
                z = ground_height(ground, eye.x + dx, eye.y + dy) + cells.target_height
                if not (in_reach(eye, dx, dy, z - eye.z) and in_frame(eye, dx, dy, z - eye.z)):
                    canvas.bits[base + word] &= ~(ONE << np.uint64(bit))


@part
def test_ground(canvas: Canvas, ground: Ground, eye: Eye, limits: Limits, cells: Cells) -> None:
    """Test the ground itself against the cells so far away that it may rise above the line."""
    above = eye.z - ground_height(ground, eye.x, eye.y)
    safe = safe_distance(limits.curve, limits.slack, above, cells.target_height)
    if safe >= limits.radius:
        return
    for row in range(canvas.row0, canvas.row0 + canvas.n_row):
        base = (row - canvas.row0) * canvas.n_word
        dy = (row - canvas.y) / canvas.scale
        for word in range(canvas.n_word):
            left = canvas.bits[base + word]
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
                    canvas.bits[base + word] &= ~(ONE << np.uint64(bit))


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
        base = (row - canvas.row0) * canvas.n_word
        y = eye.y + (row - canvas.y) / canvas.scale
        for word in range(canvas.n_word):
            left = canvas.bits[base + word]
            while left != NONE:
                bit = lowest_bit(left)
                left &= left - ONE
                x = eye.x + ((canvas.word0 + word) * 64 + bit - canvas.x) / canvas.scale
                z = ground_height(ground, x, y) + cells.target_height
                share, _ = body_transmittance(solids, eye, skips, x, y, z, WHOLE, least)
                if share < least:
                    canvas.bits[base + word] &= ~(ONE << np.uint64(bit))


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
