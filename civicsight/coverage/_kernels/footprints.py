"""Footprints to bits: the cells that lie inside a solid prism at the height of the targets."""

from __future__ import annotations

import numpy as np

from civicsight.core.arrays import FloatArray, IntArray
from civicsight.coverage._kernels.accumulate import block_of
from civicsight.coverage._kernels.compile import kernel, part
from civicsight.coverage._kernels.ground import ground_height
from civicsight.coverage._kernels.scan import (
    NONE,
    ONE,
    Canvas,
    fill_runs,
    ink_edge,
    lowest_bit,
    toggle_edge,
)
from civicsight.coverage._kernels.views import BLOCK, BLOCK_WORDS, Blocks, Ground, Solids, Words

PANEL_M2 = 1e-6
"""Twice the area below which an outline holds nothing [m2]."""


@kernel
def close_footprints(
    solids: Solids,
    which: IntArray,
    ground: Ground | None,
    size: float,
    target_height: float,
    blocks: Blocks,
    closed: Words,
    bits: Words,
    carry: Words,
) -> None:
    """Mark the cells that lie inside a solid prism, or on its wall, at the height of the targets.

    Crowns close nothing: one can stand under them. `which` are the features to look at, and what
    of them lies outside the blocks is left out. `bits` is room for the box of the largest of them,
    cut to the table of blocks, `carry` for one word a row of it.
    """
    walls = solids.walls
    south, west = blocks.row0 * BLOCK, blocks.col0 * BLOCK_WORDS
    north = south + blocks.number.shape[0] * BLOCK - 1
    east = west + blocks.number.shape[1] * BLOCK_WORDS - 1
    for who in which:
        first, last = solids.first_wall[who], solids.first_wall[who + 1]
        if first == last or solids.transmittance[who] > 0.0:
            continue
        base, top = walls[first, 4], walls[first, 5]
        if ground is None and not base < target_height < top:
            continue
        x0 = x1 = walls[first, 0]
        y0 = y1 = walls[first, 1]
        for i in range(first, last):
            x0, x1 = min(x0, walls[i, 0]), max(x1, walls[i, 0])
            y0, y1 = min(y0, walls[i, 1]), max(y1, walls[i, 1])
        row0 = max(int(np.floor(y0 / size - 0.5)), south)
        row1 = min(int(np.ceil(y1 / size - 0.5)), north)
        word0 = max(int(np.floor(x0 / size - 0.5)) >> 6, west)
        word1 = min(int(np.ceil(x1 / size - 0.5)) >> 6, east)
        if row0 > row1 or word0 > word1:
            continue
        canvas = Canvas(
            bits, row0, word0, row1 - row0 + 1, word1 - word0 + 1, -0.5, -0.5, 1.0 / size
        )
        for k in range(canvas.n_row * canvas.n_word):
            bits[k] = NONE
        for i in range(first, last):
            toggle_edge(canvas, walls[i, 0], walls[i, 1], walls[i, 2], walls[i, 3])
        fill_runs(canvas, 0, canvas.n_row, carry)
        if not is_panel(walls, first, last):
            for i in range(first, last):
                ink_edge(canvas, bits, walls[i, 0], walls[i, 1], walls[i, 2], walls[i, 3])
        _close_one(canvas, ground, base, top, target_height, blocks, closed)


@part
def is_panel(walls: FloatArray, first: int, last: int) -> bool:
    """Tell whether an outline holds no area: walls that run there and back."""
    area = 0.0
    for i in range(first, last):
        ax, ay = walls[i, 0] - walls[first, 0], walls[i, 1] - walls[first, 1]
        area += ax * (walls[i, 3] - walls[first, 1]) - ay * (walls[i, 2] - walls[first, 0])
    return area < PANEL_M2


@part
def _close_one(
    canvas: Canvas,
    ground: Ground | None,
    base: float,
    top: float,
    target_height: float,
    blocks: Blocks,
    closed: Words,
) -> None:
    """Close what is filled on a canvas; on flat ground all of it."""
    for r in range(canvas.n_row):
        row = canvas.row0 + r
        for w in range(canvas.n_word):
            inside = canvas.bits[w * canvas.n_row + r]
            word = canvas.word0 + w
            block = block_of(blocks, row, word)
            if block < 0:
                continue
            if ground is not None:
                inside = _held(inside, row, word, canvas.scale, ground, base, top, target_height)
            closed[block, word % BLOCK_WORDS, row & (BLOCK - 1)] |= inside


@part
def _held(
    bits: np.uint64,
    row: int,
    word: int,
    scale: float,
    ground: Ground,
    base: float,
    top: float,
    target_height: float,
) -> np.uint64:
    """Keep, on relief, the cells whose targets are between the base and the top of a prism."""
    size, left = 1.0 / scale, bits
    while left != NONE:
        bit = lowest_bit(left)
        left &= left - ONE
        x, y = (word * 64 + bit + 0.5) * size, (row + 0.5) * size
        z = target_height + ground_height(ground, x, y)
        if not base < z < top:
            bits &= ~(ONE << np.uint64(bit))
    return bits
