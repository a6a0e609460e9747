"""One eye: the bits of every cell it sees.

The order is from what is exact for whole runs to what has to be asked cell by cell: the star
polygon of the walls that stop everything, limits of reach and frame as intervals of each row,
closed ground, shadows of low walls; and only on relief, or under crowns that let light pass, tests
of single cells that are still open.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from civicsight.core.arrays import IndexArray
from civicsight.coverage._kernels.cell_tests import (
    Limits,
    Rows,
    limit_rows,
    limits_of,
    rows_near,
    test_bodies,
    test_frame,
    test_ground,
    test_low_walls,
)
from civicsight.coverage._kernels.compile import part
from civicsight.coverage._kernels.envelope import (
    Sector,
    Segments,
    add_wall,
    split_sector,
    trace_envelope,
)
from civicsight.coverage._kernels.scan import Canvas, bits_between, clear_canvas, fill_runs
from civicsight.coverage._kernels.shadow import (
    FAR_SCALE,
    clear_behind_wall,
    clear_body_footprints,
    far_scale,
    last_scale,
    shadow_span,
)
from civicsight.coverage._kernels.sight import bucket_of, is_skipped
from civicsight.coverage._kernels.views import (
    BLOCK,
    BLOCK_WORDS,
    EQUIDISTANT,
    Cells,
    Eye,
    Ground,
    Solids,
    Words,
)


class Scratch(NamedTuple):
    """Room to work in, one for each thread.

    `bits` and `spare` hold a window, `rows` what is in view of its rows, `low` the walls that are
    left to `shadow`. In `spare` the cells on edges of the star polygon are inked.
    """

    bits: Words
    spare: Words
    rows: Rows
    segments: Segments
    low: IndexArray


NO_ROOM = -1
"""Returned where a scratch is too small; the caller makes a larger one and asks again."""


@part
def see_cells(
    solids: Solids,
    ground: Ground | None,
    eye: Eye,
    skips: IndexArray,
    least: float,
    cells: Cells,
    scratch: Scratch,
) -> tuple[int, Canvas]:
    """Find the cells that one eye sees.

    Returns the number of words of the window, 0 if nothing is in reach, `NO_ROOM` if the scratch
    is too small; and the window, whose bits are in the scratch.
    """
    empty = Canvas(scratch.bits, 0, 0, 0, 0, 0.0, 0.0, 1.0)
    limits = limits_of(eye, ground, cells.target_height)
    if not limits.radius > 0.0:
        return 0, empty
    parts = max(1, int(math.ceil(eye.sector_half / (0.25 * math.pi) - 1e-12)))
    x0, y0, x1, y1 = sector_box(limits.radius, eye.sector_azimuth, eye.sector_half)
    canvas = open_canvas(scratch.bits, eye, cells.size, x0, y0, x1, y1)
    size = canvas.n_row * canvas.n_word
    room, n_row = scratch.bits.shape[0] - 2 * canvas.n_row, scratch.rows.carry.shape[0]
    if size > room or canvas.n_row > n_row:
        return NO_ROOM, empty
    clear_canvas(canvas)
    clear_canvas(spare_canvas(canvas, scratch))
    n_low = 0
    for k in range(parts):
        sector = split_sector(eye.sector_azimuth, eye.sector_half, k, parts)
        half = eye.sector_half / parts
        azimuth = eye.sector_azimuth + (2.0 * k + 1.0 - parts) * half
        box = sector_box(limits.radius, azimuth, half)
        n_low = _trace_part(canvas, solids, eye, skips, limits, sector, scratch, n_low, *box)
        if n_low == NO_ROOM:
            return NO_ROOM, empty
    limit_rows(canvas, eye, limits, scratch.rows)
    _fill(canvas, scratch.spare, scratch.rows, limits, cells)
    if ground is not None or eye.lens == EQUIDISTANT:
        test_frame(canvas, ground, eye, scratch.rows, cells)
    # Flat ground is None, so that of these two only what it needs is compiled.
    if ground is None:
        _clear_shadows(canvas, solids, eye, skips, least, limits, scratch, n_low, x0, y0, x1, y1)
    else:
        test_low_walls(canvas, solids, ground, eye, limits, cells, scratch.low, n_low)
        test_ground(canvas, ground, eye, limits, cells)
    test_bodies(canvas, solids, ground, eye, skips, least, limits, cells, x0, y0, x1, y1)
    return size, canvas


@part
def _clear_shadows(
    canvas: Canvas,
    solids: Solids,
    eye: Eye,
    skips: IndexArray,
    least: float,
    limits: Limits,
    scratch: Scratch,
    n_low: int,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
) -> None:
    """Clear, on flat ground, the shadows of low walls and raised prisms."""
    _clear_low_walls(canvas, solids, eye, limits, scratch, n_low)
    clear_body_footprints(
        canvas,
        spare_canvas(canvas, scratch),
        scratch.rows.carry,
        solids,
        eye,
        skips,
        least,
        limits.target_low,
        eye.x + x0,
        eye.y + y0,
        eye.x + x1,
        eye.y + y1,
    )


@part
def spare_canvas(canvas: Canvas, scratch: Scratch) -> Canvas:
    """Return the second window over the same cells."""
    return Canvas(
        scratch.spare,
        canvas.row0,
        canvas.word0,
        canvas.n_row,
        canvas.n_word,
        canvas.x,
        canvas.y,
        canvas.scale,
    )


@part
def sector_box(radius: float, azimuth: float, half: float) -> tuple[float, float, float, float]:
    """Bound a sector of a disc, relative to its centre."""
    x0 = y0 = x1 = y1 = 0.0
    if half >= 0.75 * math.pi:
        return -radius, -radius, radius, radius
    for side in (-half, half):
        x, y = radius * math.sin(azimuth + side), radius * math.cos(azimuth + side)
        x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
    for quarter in range(4):
        axis = 0.5 * math.pi * quarter
        turn = (axis - azimuth + math.pi) % (2.0 * math.pi) - math.pi
        if abs(turn) <= half:
            x, y = radius * math.sin(axis), radius * math.cos(axis)
            x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
    return x0, y0, x1, y1


@part
def open_canvas(
    bits: Words, eye: Eye, size: float, x0: float, y0: float, x1: float, y1: float
) -> Canvas:
    """Lay a window over a box around the eye."""
    x, y = eye.x / size - 0.5, eye.y / size - 0.5
    row0, row1 = int(math.floor(y + y0 / size)), int(math.ceil(y + y1 / size))
    word0 = int(math.floor(x + x0 / size)) >> 6
    word1 = int(math.ceil(x + x1 / size)) >> 6
    return Canvas(bits, row0, word0, row1 - row0 + 1, word1 - word0 + 1, x, y, 1.0 / size)


@part
def _trace_part(
    canvas: Canvas,
    solids: Solids,
    eye: Eye,
    skips: IndexArray,
    limits: Limits,
    sector: Sector,
    scratch: Scratch,
    n_low: int,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
) -> int:
    """Gather the walls of one sector, draw its star polygon, list the low walls.

    ``(x0, y0, x1, y1)`` bounds the sector, relative to the eye. A wall lies in one or more of the
    buckets of a row, which follow each other, and is taken from the first that the query meets.
    """
    x0, y0, x1, y1 = eye.x + x0, eye.y + y0, eye.x + x1, eye.y + y1
    least_w, index, walls = 1.0 / (1.001 * limits.radius), solids.wall_index, solids.walls
    row0 = bucket_of(y0, index.y0, index.size, index.n_row)
    row1 = bucket_of(y1, index.y0, index.size, index.n_row)
    col0 = bucket_of(x0, index.x0, index.size, index.n_col)
    col1 = bucket_of(x1, index.x0, index.size, index.n_col)
    segments, low = scratch.segments, scratch.low
    count, lowest = 0, min(eye.z, limits.target_low)
    highest = max(eye.z, limits.target_high)
    for row in range(row0, row1 + 1):
        start = index.start[row * index.n_col : (row + 1) * index.n_col + 1]
        for item in range(start[col0], start[col1 + 1]):
            i = index.items[item]
            wx0, wy0, wx1, wy1 = walls[i, 0], walls[i, 1], walls[i, 2], walls[i, 3]
            base, top = walls[i, 4], walls[i, 5]
            ax, ay, bx, by = wx0 - eye.x, wy0 - eye.y, wx1 - eye.x, wy1 - eye.y
            left, below, right, above = min(wx0, wx1), min(wy0, wy1), max(wx0, wx1), max(wy0, wy1)
            # Which of these holds cannot be foretold, so that they are asked all at once.
            apart = max(left - x1, x0 - right, below - y1, y0 - above)
            turn = ax * by - ay * bx
            if top >= highest and base <= lowest:
                apart = max(apart, turn)
            if apart > 0.0:
                continue
            own_row = max(bucket_of(below, index.y0, index.size, index.n_row), row0)
            own_col = max(bucket_of(left, index.x0, index.size, index.n_col), col0)
            near, far = span_of(eye, limits, base, top)
            if row != own_row or item >= start[own_col + 1] or near >= far:
                continue
            if count >= segments.u0.shape[0] or n_low >= low.shape[0]:
                return NO_ROOM
            if is_skipped(eye, skips, solids.owner[i]):
                continue
            if turn == 0.0 or far < math.inf:
                low[n_low] = i
                n_low += 1
            elif turn < 0.0:
                count = add_wall(
                    segments, count, sector, least_w, ax * near, ay * near, bx * near, by * near
                )
    trace_envelope(canvas, scratch.spare, sector, segments, count, least_w)
    return n_low


@part
def span_of(eye: Eye, limits: Limits, base: float, top: float) -> tuple[float, float]:
    """Return which scales of a wall hide something: endless if it stops every sight line past it.

    On relief the answer is endless only if it holds for every target height; otherwise a finite
    one means "to be tested".
    """
    if not limits.relief:
        return shadow_span(eye.z, limits.target_low, base, top)
    lowest, highest = min(eye.z, limits.target_low), max(eye.z, limits.target_high)
    if top <= lowest or base >= highest:
        return 1.0, 0.0
    return 1.0, math.inf if base <= lowest and top >= highest else FAR_SCALE


@part
def _fill(canvas: Canvas, ink: Words, rows: Rows, limits: Limits, cells: Cells) -> None:
    """Run the toggles together, within reach and frame, over open ground that no ink is on."""
    fill_runs(canvas, 0, canvas.n_row, rows.carry)
    low, high = rows_near(canvas, limits.hole)
    for word in range(canvas.n_word):
        start = word * 64
        bits = canvas.bits[word * canvas.n_row : (word + 1) * canvas.n_row]
        inked = ink[word * canvas.n_row : (word + 1) * canvas.n_row]
        for k in range(canvas.n_row):
            bits[k] &= bits_between(rows.first[k] - start, rows.last[k] - start) & ~inked[k]
        some, first, last = bits[low:high], rows.hole_first[low:high], rows.hole_last[low:high]
        for k in range(high - low):
            some[k] &= ~bits_between(first[k] - start, last[k] - start)
        clear_closed(cells, canvas.row0, canvas.word0 + word, bits)


@part
def clear_closed(cells: Cells, row0: int, word: int, bits: Words) -> None:
    """Clear the closed cells of one column of words, of rows from `row0` on."""
    blocks, end = cells.blocks, row0 + bits.shape[0]
    col = word // BLOCK_WORDS - blocks.col0
    if not 0 <= col < blocks.number.shape[1]:
        return
    for r in range(max(row0 // BLOCK, blocks.row0), (end - 1) // BLOCK + 1):
        if r - blocks.row0 >= blocks.number.shape[0]:
            return
        block = blocks.number[r - blocks.row0, col]
        if block < 0:
            continue
        first, last = max(row0, r * BLOCK), min(end, (r + 1) * BLOCK)
        closed = cells.closed[block, word % BLOCK_WORDS, first - r * BLOCK :]
        some = bits[first - row0 :]
        for k in range(last - first):
            some[k] &= ~closed[k]


@part
def _clear_low_walls(
    canvas: Canvas, solids: Solids, eye: Eye, limits: Limits, scratch: Scratch, n_low: int
) -> None:
    walls = solids.walls
    for k in range(n_low):
        i = scratch.low[k]
        ax, ay = walls[i, 0] - eye.x, walls[i, 1] - eye.y
        bx, by = walls[i, 2] - eye.x, walls[i, 3] - eye.y
        # Faces turned away, and those seen edge on: their shadow is a line.
        if ax * by - ay * bx >= 0.0:
            near, far = span_of(eye, limits, walls[i, 4], walls[i, 5])
            drop = abs(eye.z - limits.target_low)
            far = min(last_scale(drop, drop / far), far_scale(canvas, ax, ay, bx, by))
            clear_behind_wall(canvas, solids, None, eye, 0.0, i, near, far)
