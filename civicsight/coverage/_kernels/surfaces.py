"""Walls and roofs as targets: pieces of wall in a picture, and cells raised to a roof."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray, IndexArray, IntArray
from civicsight.coverage._kernels.accumulate import MAX_COUNT, Counts, Squares, block_of, eye_at
from civicsight.coverage._kernels.compile import kernel, part
from civicsight.coverage._kernels.eyes import in_frame, in_reach, pixel_density
from civicsight.coverage._kernels.lines import is_hidden
from civicsight.coverage._kernels.views import (
    BLOCK,
    BLOCK_WORDS,
    RECTILINEAR,
    Blocks,
    Eye,
    Ground,
    Solids,
)


@part
def wall_density(eye: Eye, dx: float, dy: float, dz: float, east: float, north: float) -> float:
    """Return px/m across a wall as one lens gives it, 0 for one turned away.

    Parameters
    ----------
    dx, dy, dz
        From the eye to the wall.
    east, north
        Outward direction of the wall, of length 1.
    """
    facing = -(dx * east + dy * north)
    if not facing > 0.0:
        return 0.0
    if eye.lens == RECTILINEAR:
        depth = dx * eye.fx + dy * eye.fy + dz * eye.fz
        return eye.focal_px * facing / (depth * depth) if depth > 0.0 else 0.0
    return eye.px_per_rad * facing / (dx * dx + dy * dy + dz * dz)


@kernel
def find_facing(
    heads: FloatArray,
    place: IntArray,
    near: IntArray,
    spots: IntArray,
    first: IntArray,
    walls: FloatArray,
    least_px_m: float,
    start: IntArray,
    wall: IntArray,
    px_m: FloatArray,
) -> None:
    """Find the pieces of wall in the picture of each head, or count them.

    Parameters
    ----------
    heads
        Eyes, columns `EYE`.
    place, near, spots
        Where each head stands; around place ``p`` there are ``spots[near[p]:near[p + 1]]``.
    first, walls
        Pieces at spot ``s`` are rows ``first[s]:first[s + 1]`` of `walls`: position and outward
        direction, shape ``(m, 5)``; all have the place on the ground of the first.
    least_px_m
        Densities below it are left out.
    start
        Shape ``(n + 1,)``. With an empty `wall`, the number of pieces of head ``i`` is written at
        ``i + 1``; otherwise those of head ``i`` are written from ``start[i]`` on.
    wall, px_m
        Rows of `walls` and their densities.
    """
    for i in range(heads.shape[0]):
        eye, k = eye_at(heads, i), start[i] if len(wall) else 0
        sin, cos = math.sin(eye.sector_azimuth), math.cos(eye.sector_azimuth)
        aside = math.cos(eye.sector_half) - 1e-9 if eye.sector_half < math.pi else -2.0
        for nth in range(near[place[i]], near[place[i] + 1]):
            low, high = first[spots[nth]], first[spots[nth] + 1]
            dx, dy = walls[low, 0] - eye.x, walls[low, 1] - eye.y
            flat = math.sqrt(dx * dx + dy * dy)
            if flat > eye.reach or dx * sin + dy * cos < aside * flat:
                continue
            for j in range(low, high):
                dz = walls[j, 2] - eye.z
                density = wall_density(eye, dx, dy, dz, walls[j, 3], walls[j, 4])
                if density < least_px_m or density == 0.0:
                    continue
                if not (in_reach(eye, dx, dy, dz) and in_frame(eye, dx, dy, dz)):
                    continue
                if len(wall):
                    wall[k], px_m[k] = j, density
                k += 1
        if not len(wall):
            start[i + 1] = k


class Roofs(NamedTuple):
    """The highest solid over each closed cell of blocks of the grid.

    `which` is int32, shape ``(n_block, 256, 256)``, -1 where there is no roof; `top` is the height
    of each feature, `above` that of the targets over a roof.
    """

    size: float
    above: float
    blocks: Blocks
    which: IndexArray
    top: FloatArray


@kernel
def see_roofs(
    solids: Solids,
    ground: Ground | None,
    heads: FloatArray,
    skips: IndexArray,
    least: float,
    roofs: Roofs,
    blocks: Blocks,
    counts: Counts,
    pixel_m2: Squares,
    seen: npt.NDArray[np.int64],
) -> None:
    """Look from heads at every roof cell in reach, one sight line each, and add to the rasters.

    The rasters are those of `accumulate.see_batch`, and `seen` is added to.
    """
    for i in range(heads.shape[0]):
        eye = eye_at(heads, i)
        row0 = int(math.floor((eye.y - eye.reach) / roofs.size - 0.5))
        row1 = int(math.ceil((eye.y + eye.reach) / roofs.size - 0.5))
        word0 = int(math.floor((eye.x - eye.reach) / roofs.size - 0.5)) >> 6
        word1 = int(math.ceil((eye.x + eye.reach) / roofs.size - 0.5)) >> 6
        for row in range(row0, row1 + 1):
            for word in range(word0, word1 + 1):
                seen[i] += see_word(
                    solids, ground, eye, skips, least, roofs, row, word, blocks, counts, pixel_m2
                )


@part
def see_word(
    solids: Solids,
    ground: Ground | None,
    eye: Eye,
    skips: IndexArray,
    least: float,
    roofs: Roofs,
    row: int,
    word: int,
    blocks: Blocks,
    counts: Counts,
    pixel_m2: Squares,
) -> int:
    """Look at the roofs of 64 cells of a row; return how many of them are seen."""
    roof, block = block_of(roofs.blocks, row, word), block_of(blocks, row, word)
    if roof < 0 or block < 0:
        return 0
    seen = 0
    for bit in range(64):
        col = (word % BLOCK_WORDS) * 64 + bit
        who = roofs.which[roof, row & (BLOCK - 1), col]
        if who < 0:
            continue
        x, y = (word * 64 + bit + 0.5) * roofs.size, (row + 0.5) * roofs.size
        z = roofs.top[who] + roofs.above
        density = density_at(solids, ground, eye, skips, least, x, y, z)
        if density > 0.0:
            seen += 1
            add_cell(block, row & (BLOCK - 1), col, density, counts, pixel_m2)
    return seen


@part
def density_at(
    solids: Solids,
    ground: Ground | None,
    eye: Eye,
    skips: IndexArray,
    least: float,
    x: float,
    y: float,
    z: float,
) -> float:
    """Return px/m at a point, 0 where it is out of frame or reach, or hidden."""
    dx, dy, dz = x - eye.x, y - eye.y, z - eye.z
    if not in_reach(eye, dx, dy, dz) or not in_frame(eye, dx, dy, dz):
        return 0.0
    if is_hidden(solids, ground, eye, skips, least, x, y, z, skips[:0]):
        return 0.0
    return pixel_density(eye, dx, dy, dz)


@part
def add_cell(
    block: int, row: int, col: int, density: float, counts: Counts, pixel_m2: Squares
) -> None:
    """Count a cell once more and keep the least square of a pixel, where rasters are asked for."""
    if counts.shape[0] > 0 and counts[block, row, col] < MAX_COUNT:
        counts[block, row, col] += 1
    if pixel_m2.shape[0] > 0:
        square = np.float32(1.0 / (density * density))
        pixel_m2[block, row, col] = min(pixel_m2[block, row, col], square)
