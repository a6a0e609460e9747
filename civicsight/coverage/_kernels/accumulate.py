"""Bits to rasters: how many heads see a cell, and with how many pixels a metre at best."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray, IndexArray
from civicsight.coverage._kernels.cells import NO_ROOM, Scratch, see_cells
from civicsight.coverage._kernels.compile import kernel, part
from civicsight.coverage._kernels.eyes import pixel_scales, pixel_square
from civicsight.coverage._kernels.ground import ground_height
from civicsight.coverage._kernels.lines import look_at_points
from civicsight.coverage._kernels.scan import NONE, ONE, Canvas, first_run, population
from civicsight.coverage._kernels.views import (
    BLOCK,
    BLOCK_WORDS,
    EYE,
    Blocks,
    Cells,
    Eye,
    Ground,
    Solids,
)

Counts = npt.NDArray[np.uint16]
Densities = npt.NDArray[np.float32]
Squares = npt.NDArray[np.float32]
"""The square of the side of a pixel at its target [(m/px)2]: the inverse square of px/m.

A minimum of these needs no root; one is drawn of each cell when all heads have been looked from.
"""

UNSEEN = np.float32(np.inf)
"""The square of a pixel where nobody looks."""

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
    pixel_m2: Squares,
    seen: npt.NDArray[np.int64],
) -> tuple[int, Canvas]:
    """Look from heads ``first:last`` and add what they see to the rasters.

    The one door to `cells.see_cells`, which takes longest to compile: a second would take as long
    again.

    Parameters
    ----------
    blocks
        Where the blocks of `counts` and `pixel_m2` lie.
    counts, pixel_m2
        Shape ``(n_block, 256, 256)``; with no block at all, that raster is left out. The second
        holds `Squares`, the least of all heads, `UNSEEN` to begin with.
    seen
        int64, one value a head: number of cells it sees.

    Returns
    -------
    int, Canvas
        The head at which the scratch was too small, or `last`; and the window of the head before
        it, whose bits are in the scratch, empty if there is none.
    """
    canvas = Canvas(scratch.bits, 0, 0, 0, 0, 0.0, 0.0, 1.0)
    for i in range(first, last):
        eye = eye_at(heads, i)
        size, canvas = see_cells(solids, ground, eye, skips, least, cells, scratch)
        if size == NO_ROOM:
            return i, canvas
        seen[i] = count_bits(canvas)
        if seen[i] == 0:
            continue
        if counts.shape[0] > 0:
            accumulate_counts(canvas, blocks, counts)
        if pixel_m2.shape[0] > 0:
            accumulate_best(canvas, eye, ground, cells.target_height, blocks, pixel_m2)
    return last, canvas


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
            bits = canvas.bits[w * canvas.n_row + r]
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
    pixel_m2: Squares,
) -> None:
    """Lower the least square of a pixel of every cell of a window."""
    for r in range(canvas.n_row):
        row = canvas.row0 + r
        for w in range(canvas.n_word):
            bits = canvas.bits[w * canvas.n_row + r]
            if bits == NONE:
                continue
            word = canvas.word0 + w
            block = block_of(blocks, row, word)
            if block < 0:
                continue
            left = (word % BLOCK_WORDS) * 64
            line = pixel_m2[block, row & (BLOCK - 1), left : left + 64]
            _lower_word(canvas, eye, ground, target_height, row, word, bits, line)


@part
def _lower_word(
    canvas: Canvas,
    eye: Eye,
    ground: Ground | None,
    target_height: float,
    row: int,
    word: int,
    bits: np.uint64,
    line: Squares,
) -> None:
    """Lower the squares of a pixel of the cells of a word that are seen.

    On flat ground all of a half are reckoned, several at a time, and those not seen dropped; most
    words are on the edge of a view, and half empty.
    """
    size = 1.0 / canvas.scale
    dx, dy = (word * 64 - canvas.x) / canvas.scale, (row - canvas.y) / canvas.scale
    if ground is None:
        dz = target_height - eye.z
        arc, plane, stated = pixel_scales(eye)
        aside, depth = dy * dy + dz * dz, dy * eye.fy + dz * eye.fz
        for first in (0, 32):
            some = (bits >> np.uint64(first)) & np.uint64(0xFFFFFFFF)
            if some == NONE:
                continue
            for k in range(32):
                x = dx + (first + k) * size
                ahead = x * eye.fx + depth
                square = np.float32(max((x * x + aside) * arc, ahead * ahead * plane, stated))
                seen = (some >> np.uint64(k)) & ONE
                line[first + k] = min(line[first + k], square if seen == ONE else UNSEEN)
        return
    while bits != NONE:
        first, last, bits = first_run(bits)
        for bit in range(first, last):
            x = dx + bit * size
            z = ground_height(ground, eye.x + x, eye.y + dy) + target_height
            line[bit] = min(line[bit], np.float32(pixel_square(eye, x, dy, z - eye.z)))


@kernel
def paint_window(
    canvas: Canvas, eye: Eye, ground: Ground | None, target_height: float, density: Densities
) -> None:
    """Write with how many px/m each cell of a window is seen, 0 where it is not.

    `density` is float32, shape ``(n_row, 64 * n_word)``.
    """
    for r in range(canvas.n_row):
        for w in range(canvas.n_word):
            line = density[r, w * 64 : w * 64 + 64]
            bits = canvas.bits[w * canvas.n_row + r]
            if bits == NONE:
                for k in range(64):
                    line[k] = 0.0
                continue
            for k in range(64):
                line[k] = UNSEEN
            row, word = canvas.row0 + r, canvas.word0 + w
            _lower_word(canvas, eye, ground, target_height, row, word, bits, line)
            for k in range(64):
                root = np.sqrt(line[k])
                line[k] = np.float32(1.0) / root if root > 0.0 else np.float32(np.inf)


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
    met: IndexArray,
    density: FloatArray,
    blocked_by: IndexArray,
) -> None:
    """Look from many heads at the candidates of each, ``candidates[bounds[i]:bounds[i + 1]]``.

    Heads at one place that follow each other share its lines; `met` is room for them, all -1.
    """
    place = 0
    for i in range(heads.shape[0]):
        eye = eye_at(heads, i)
        if i > 0:
            x, y, z = heads[i - 1, EYE.x], heads[i - 1, EYE.y], heads[i - 1, EYE.z]
            if eye.x != x or eye.y != y or eye.z != z:
                place = i
        look_at_points(
            solids,
            ground,
            eye,
            skips,
            least,
            points,
            inside_of,
            named_from,
            candidates,
            bounds[i],
            bounds[i + 1],
            place,
            met,
            density,
            blocked_by,
        )
