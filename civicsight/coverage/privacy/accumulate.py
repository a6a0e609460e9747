"""Rasters of heads with a mask: each is looked from on its own, and its rest added."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import BoolArray
from civicsight.coverage._kernels.accumulate import MAX_COUNT
from civicsight.coverage._kernels.views import BLOCK, Blocks, Cells
from civicsight.coverage.prepare import Eyes, Prepared
from civicsight.coverage.privacy.apply_masks import corner_of, mask_cells
from civicsight.coverage.privacy.masks import picture_of, placed_masks
from civicsight.coverage.viewshed import look_around
from civicsight.scene.bodies import Scene

Rasters = tuple[Blocks, npt.NDArray[np.uint16], npt.NDArray[np.float32]]
"""Where blocks lie, and the counts and best densities in them; one without a block is left out."""


def without_masked(eyes: Eyes, heads: gpd.GeoDataFrame) -> Eyes:
    """Return the eyes of heads, of which those with a mask see nothing."""
    rows = list(placed_masks(heads))
    if not rows:
        return eyes
    table = eyes.table.copy()
    # As for an eye inside a wall: neither near limit nor reach.
    table[rows, 18:20] = 0.0
    return Eyes(table, eyes.skips, eyes.inside)


def fill_masked(
    seen: npt.NDArray[np.int64],
    sums: Rasters,
    looking: tuple[gpd.GeoDataFrame, Eyes],
    world: tuple[Prepared, Cells, Scene],
    *,
    roofs: bool,
) -> None:
    """Add to rasters what heads with a mask see outside it.

    Parameters
    ----------
    seen
        Number of cells by head, written for those with a mask.
    looking
        Table `model.HEADS`, and its eyes.
    roofs
        Whether roofs are looked at too.
    """
    heads, eyes = looking
    ready, cells, scene = world
    for row, mask in placed_masks(heads).items():
        if eyes.inside[row]:
            continue
        one = Eyes(eyes.table[row : row + 1], eyes.skips, eyes.inside[row : row + 1])
        view = look_around(one, ready, cells, scene, roofs=roofs)
        look = (picture_of(heads, row, eyes.table[row, :3]), mask)
        kept = mask_cells(view, look, ready, cells, scene)
        seen[row] = add_view(kept, view.px_m, corner_of(view, scene), *sums)


def add_view(
    visible: BoolArray,
    px_m: npt.NDArray[np.float32],
    corner: tuple[int, int],
    blocks: Blocks,
    counts: npt.NDArray[np.uint16],
    best: npt.NDArray[np.float32],
) -> int:
    """Add the view of one head to rasters, and return how many cells it sees.

    Parameters
    ----------
    visible, px_m
        Window of cells, rows from north to south.
    corner
        Its first row and column, from the south west.
    blocks, counts, best
        Rasters; one without a block is left out.
    """
    row, col = np.nonzero(visible)
    south, east = corner[0] + len(visible) - 1 - row, corner[1] + col
    block = blocks.number[south // BLOCK - blocks.row0, east // BLOCK - blocks.col0]
    at = (block, south % BLOCK, east % BLOCK)
    if len(counts):
        counts[at] += (counts[at] < MAX_COUNT).astype(np.uint16)
    if len(best):
        best[at] = np.maximum(best[at], px_m[row, col])
    return len(row)
