"""What kernels are given: named tuples of arrays and numbers.

All positions are metres relative to the origin of the scene; heights are metres above datum;
angles are radians. Rows count north, columns east; cell ``(row, col)`` has its centre at
``((col + 0.5) * size, (row + 0.5) * size)``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray, IndexArray

Words = npt.NDArray[np.uint64]

RECTILINEAR, EQUIDISTANT, CYLINDRICAL = 0, 1, 2
BLOCK = 256
"""Cells along the side of a block; a block's row is `BLOCK_WORDS` words of 64 cells."""
BLOCK_WORDS = 4


class Index(NamedTuple):
    """Square buckets of boxes, in compressed rows (see `scene.segments.Buckets`)."""

    x0: float
    y0: float
    size: float
    n_row: int
    n_col: int
    start: IndexArray
    items: IndexArray


class Solids(NamedTuple):
    """Walls and bodies of a scene (see `scene.Scene`); `rank` orders the features by their ids."""

    walls: FloatArray
    owner: IndexArray
    first_wall: IndexArray
    wall_index: Index
    body_box: FloatArray
    body_owner: IndexArray
    body_index: Index
    transmittance: FloatArray
    rank: IndexArray


class Ground(NamedTuple):
    """Bilinear ground. Flat ground at height 0 is None, which compiles to less.

    The others bound each block of `GROUND_BLOCK` x `GROUND_BLOCK` patches: least and greatest
    height, twist of a patch [1/m], and greatest drop of slope from one patch to the next, eastward
    and northward.
    """

    z: FloatArray
    x0: float
    y0: float
    step: float
    low: FloatArray
    high: FloatArray
    twist: FloatArray
    drop_x: FloatArray
    drop_y: FloatArray


class Eye(NamedTuple):
    """One head as the kernels see it: position, axes of its frame and limits.

    ``f`` looks forward, ``r`` right, ``u`` up. `skip_from` and `skip_to` bound the features that it
    stands in and looks through, such as the crown of the tree beside its pole. `stated` is the
    density that it is credited with wherever it sees, 0 where its pixels count.
    """

    x: float
    y: float
    z: float
    fx: float
    fy: float
    fz: float
    rx: float
    ry: float
    rz: float
    ux: float
    uy: float
    uz: float
    lens: int
    tan_h: float
    tan_v: float
    cos_half: float
    low_slope: float
    high_slope: float
    near: float
    reach: float
    focal_px: float
    px_per_rad: float
    sector_azimuth: float
    sector_half: float
    skip_from: int
    skip_to: int
    stated: float


EYE: Any = Eye(*range(len(Eye._fields)))
"""Column of each field in a table of eyes, float64, one row an eye."""


class Blocks(NamedTuple):
    """Sparse raster of blocks of 256 x 256 cells.

    ``number[row - row0, col - col0]`` is the number of a block, -1 where there is none.
    """

    row0: int
    col0: int
    number: IndexArray


class Cells(NamedTuple):
    """The grid that is looked at, and which cells are open ground.

    `closed` has one bit a cell, set inside footprints, shape ``(n_block, 4, 256)``: the words of a
    row of a block are ``closed[block, :, row]``.
    """

    size: float
    target_height: float
    blocks: Blocks
    closed: Words
