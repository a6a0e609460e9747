"""Bits to rasters: how many heads see a cell, and with how many pixels a metre at best."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray, IndexArray
from civicsight.coverage._kernels.cells import NO_ROOM, Scratch, see_cells
from civicsight.coverage._kernels.compile import kernel, part
from civicsight.coverage._kernels.eyes import pixel_density
from civicsight.coverage._kernels.ground import ground_height
from civicsight.coverage._kernels.lines import look_at_points
from civicsight.coverage._kernels.scan import (
    NONE,
    ONE,
    Canvas,
    first_run,
    ink_edge,
    lowest_bit,
    run_together,
    toggle_edge,
)
from civicsight.coverage._kernels.views import (
    BLOCK,
    BLOCK_WORDS,
    EYE,
    Blocks,
    Cells,
    Eye,
    Ground,
    Solids,
    Words,
)

Counts = npt.NDArray[np.uint16]
Densities = npt.NDArray[np.float32]

PANEL_M2 = 1e-6
"""Twice the area below which an outline holds nothing [m2]."""

MAX_COUNT = 65_535
"""Counts stop here rather than wrap."""


@part
def eye_at(heads: FloatArray, i: int) -> Eye:
    """Read one row of the table of heads; its columns are the fields of `Eye`."""
    h = heads[i]
    return Eye(
        h[EYE.x],
        h[EYE.y],
        h[EYE.z],
        h[EYE.fx],
        h[EYE.fy],
        h[EYE.fz],
        h[EYE.rx],
        h[EYE.ry],
        h[EYE.rz],
        h[EYE.ux],
        h[EYE.uy],
        h[EYE.uz],
        int(h[EYE.lens]),
        h[EYE.tan_h],
        h[EYE.tan_v],
        h[EYE.cos_half],
        h[EYE.low_slope],
        h[EYE.high_slope],
        h[EYE.near],
        h[EYE.reach],
        h[EYE.focal_px],
        h[EYE.px_per_rad],
        h[EYE.sector_azimuth],
        h[EYE.sector_half],
        int(h[EYE.skip_from]),
        int(h[EYE.skip_to]),
        h[EYE.stated],
    )


@kernel
def see_batch(
    solids: Solids,
    ground: Ground | None,
    heads: FloatArray,
    skips: IndexArray,
    least: float,
    cells: Cells,
    scratch: Scratch,
    first: int,
    last: int,
    blocks: Blocks,
    counts: Counts,
    best: Densities,
    seen: npt.NDArray[np.int64],
) -> int:
    """Look from heads ``first:last`` and add what they see to the rasters.

    Parameters
    ----------
    blocks
        Where the blocks of `counts` and `best` lie.
    counts, best
        Shape ``(n_block, 256, 256)``; with no block at all, that raster is left out.
    seen
        int64, one value a head: number of cells it sees.

    Returns
    -------
    int
        The head at which the scratch was too small, or `last`.
    """
    for i in range(first, last):
        eye = eye_at(heads, i)
        size, canvas = see_cells(solids, ground, eye, skips, least, cells, scratch)
        if size == NO_ROOM:
            return i
        seen[i] = count_bits(canvas)
        if seen[i] == 0:
            continue
        if counts.shape[0] > 0:
            accumulate_counts(canvas, blocks, counts)
        if best.shape[0] > 0:
            accumulate_best(canvas, eye, ground, cells.target_height, blocks, best)
    return last


@part
def population(word: np.uint64) -> int:
    """Count the set bits of a word."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    word += word >> np.uint64(8)
    word += word >> np.uint64(16)
    word += word >> np.uint64(32)
    return int(word & np.uint64(0x7F))


@part
def count_bits(canvas: Canvas) -> int:
    """Count the cells of a window."""
    total = 0
    for i in range(canvas.n_row * canvas.n_word):
        total += population(canvas.bits[i])
    return total


@part
def block_of(blocks: Blocks, row: int, word: int) -> int:
    """Return the block of a word, -1 where there is none."""
    r, c = (row >> 8) - blocks.row0, word // BLOCK_WORDS - blocks.col0
    if 0 <= r < blocks.number.shape[0] and 0 <= c < blocks.number.shape[1]:
        return blocks.number[r, c]
    return -1


@part
def accumulate_counts(canvas: Canvas, blocks: Blocks, counts: Counts) -> None:
    """Add one to the count of every cell of a window."""
    for r in range(canvas.n_row):
        row = canvas.row0 + r
        for w in range(canvas.n_word):
            bits = canvas.bits[r * canvas.n_word + w]
            if bits == NONE:
                continue
            word = canvas.word0 + w
            block = block_of(blocks, row, word)
            if block < 0:
                continue
            line = counts[
                block, row & (BLOCK - 1), (word % BLOCK_WORDS) * 64 : (word % BLOCK_WORDS) * 64 + 64
            ]
            for bit in range(64):
                # One is added only below the end of the range.
                line[bit] += np.uint16((bits >> np.uint64(bit)) & ONE) * np.uint16(
                    line[bit] < MAX_COUNT
                )


@part
def accumulate_best(
    canvas: Canvas,
    eye: Eye,
    ground: Ground | None,
    target_height: float,
    blocks: Blocks,
    best: Densities,
) -> None:
    """Raise the best pixel density of every cell of a window."""
    for r in range(canvas.n_row):
        row = canvas.row0 + r
        dy = (row - canvas.y) / canvas.scale
        for w in range(canvas.n_word):
            bits = canvas.bits[r * canvas.n_word + w]
            if bits == NONE:
                continue
            word = canvas.word0 + w
            block = block_of(blocks, row, word)
            if block < 0:
                continue
            left = (word % BLOCK_WORDS) * 64
            line = best[block, row & (BLOCK - 1), left : left + 64]
            while bits != NONE:
                first, last, bits = first_run(bits)
                for bit in range(first, last):
                    dx = (word * 64 + bit - canvas.x) / canvas.scale
                    z = ground_height(ground, eye.x + dx, eye.y + dy) + target_height
                    density = np.float32(pixel_density(eye, dx, dy, z - eye.z))
                    line[bit] = max(line[bit], density)


@kernel
def close_footprints(
    solids: Solids,
    ground: Ground | None,
    size: float,
    target_height: float,
    blocks: Blocks,
    closed: Words,
    bits: Words,
) -> None:
    """Mark the cells that lie inside a solid prism, or on its wall, at the height of the targets.

    Crowns close nothing: one can stand under them. `bits` is room for the box of the largest
    footprint.
    """
    walls = solids.walls
    for who in range(solids.first_wall.shape[0] - 1):
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
        row0, row1 = int(np.floor(y0 / size - 0.5)), int(np.ceil(y1 / size - 0.5))
        word0 = int(np.floor(x0 / size - 0.5)) >> 6
        word1 = int(np.ceil(x1 / size - 0.5)) >> 6
        canvas = Canvas(
            bits, row0, word0, row1 - row0 + 1, word1 - word0 + 1, -0.5, -0.5, 1.0 / size
        )
        for k in range(canvas.n_row * canvas.n_word):
            bits[k] = NONE
        for i in range(first, last):
            toggle_edge(canvas, walls[i, 0], walls[i, 1], walls[i, 2], walls[i, 3])
        for k in range(canvas.n_row):
            _run_row(canvas, k)
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
def _run_row(canvas: Canvas, r: int) -> None:
    """Run the toggles of a row together."""
    carry = False
    for k in range(r * canvas.n_word, (r + 1) * canvas.n_word):
        word = run_together(canvas.bits[k])
        canvas.bits[k] = ~word if carry else word
        carry = (canvas.bits[k] >> np.uint64(63)) != NONE


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
            inside = canvas.bits[r * canvas.n_word + w]
            word = canvas.word0 + w
            block = block_of(blocks, row, word)
            if block < 0:
                continue
            if ground is not None:
                inside = _held(inside, row, word, canvas.scale, ground, base, top, target_height)
            closed[block, row & (BLOCK - 1), word % BLOCK_WORDS] |= inside


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


@kernel
def paint_window(
    canvas: Canvas, eye: Eye, ground: Ground | None, target_height: float, density: Densities
) -> None:
    """Write with how many px/m each cell of a window is seen.

    Run by run, because cells side by side are reckoned several at a time.
    """
    for row in range(canvas.n_row):
        dy = (canvas.row0 + row - canvas.y) / canvas.scale
        for word in range(canvas.n_word):
            bits = canvas.bits[row * canvas.n_word + word]
            left = (canvas.word0 + word) * 64
            while bits != NONE:
                first, last, bits = first_run(bits)
                line = density[row, word * 64 + first : word * 64 + last]
                for k in range(last - first):
                    dx = (left + first + k - canvas.x) / canvas.scale
                    z = ground_height(ground, eye.x + dx, eye.y + dy) + target_height
                    line[k] = pixel_density(eye, dx, dy, z - eye.z)


@kernel
def look_from_heads(
    solids: Solids,
    ground: Ground | None,
    heads: FloatArray,
    skips: IndexArray,
    least: float,
    points: FloatArray,
    inside_of: IndexArray,
    named_from: FloatArray,
    candidates: IndexArray,
    bounds: IndexArray,
    density: FloatArray,
    blocked_by: IndexArray,
) -> None:
    """Look from many heads at the candidates of each, ``candidates[bounds[i]:bounds[i + 1]]``."""
    for i in range(heads.shape[0]):
        look_at_points(
            solids,
            ground,
            eye_at(heads, i),
            skips,
            least,
            points,
            inside_of,
            named_from,
            candidates,
            bounds[i],
            bounds[i + 1],
            density,
            blocked_by,
        )
