"""The grid of cells: its blocks, which lie inside footprints, and the roofs over those as targets.

Cells inside a footprint are closed ground. Where roofs are asked for, each of them is a point
above the highest solid that covers its centre, and is looked at like any sample point.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import shapely

from civicsight.coverage._kernels.accumulate import close_footprints, look_from_heads
from civicsight.coverage._kernels.surfaces import Roofs
from civicsight.coverage._kernels.views import BLOCK, BLOCK_WORDS, Blocks, Cells
from civicsight.coverage.bounds import (
    MOST_FOOTPRINT_CELLS,
    require_cells,
    require_room,
    require_together,
)
from civicsight.coverage.prepare import Eyes, Prepared, prepare
from civicsight.model import BUILDINGS
from civicsight.scene.bodies import MIN_TRANSMITTANCE, Scene

_CELLS: WeakKeyDictionary[Scene, dict[tuple[float, float], Cells]] = WeakKeyDictionary()


def prepare_cells(scene: Scene, cell_m: float, target_height_m: float) -> Cells:
    """Lay a grid over a scene and mark the cells inside footprints; done once for each size.

    Raises
    ------
    InputError
        If the size of a cell or the height of the targets is out of bounds, cells of that size
        would not fit the grids of other scenes, or too many would be needed.
    """
    require_cells(cell_m, target_height_m)
    known = _CELLS.setdefault(scene, {})
    key = (float(cell_m), float(target_height_m))
    if key not in known:
        known[key] = _lay_cells(scene, *key)
    return known[key]


def _lay_cells(scene: Scene, cell_m: float, target_height_m: float) -> Cells:
    ready = prepare(scene)
    solid = scene.transmittance[scene.walls.owner] == 0.0
    xy = scene.walls.xyz[solid, :4] / cell_m - 0.5
    low, high = (
        np.floor(np.minimum(xy[:, :2], xy[:, 2:])),
        np.ceil(np.maximum(xy[:, :2], xy[:, 2:])),
    )
    owner = scene.walls.owner[solid]
    boxes = _boxes_by_owner(owner, low, high)
    require_together(boxes, cell_m, BUILDINGS.name)
    blocks = lay_blocks(boxes)
    require_room(blocks, cell_m, BUILDINGS.name, MOST_FOOTPRINT_CELLS)
    count = int(blocks.number.max(initial=-1)) + 1
    closed = np.zeros((count, BLOCK, BLOCK_WORDS), np.uint64)
    extent = (boxes[:, 2:] - boxes[:, :2] + 2) if len(boxes) else np.zeros((0, 2))
    words = ((extent[:, 0] // 64 + 2) * (extent[:, 1] + 2)).max(initial=1)
    close_footprints(
        ready.solids,
        ready.ground,
        cell_m,
        target_height_m,
        blocks,
        closed,
        np.zeros(int(words), np.uint64),
    )
    return Cells(cell_m, target_height_m, blocks, closed)


def _boxes_by_owner(
    owner: npt.NDArray[np.int32], low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Join the boxes of walls, which are sorted by owner, into one for each feature."""
    if not len(owner):
        return np.zeros((0, 4), np.int64)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    return np.hstack([np.minimum.reduceat(low, first), np.maximum.reduceat(high, first)]).astype(
        np.int64
    )


def lay_blocks(boxes: npt.NDArray[np.int64]) -> Blocks:
    """Give a number to each block that boxes of cells ``(col0, row0, col1, row1)`` touch.

    Only these are stored, so that two spots far apart cost two spots.
    """
    if not len(boxes):
        return Blocks(0, 0, np.full((0, 0), -1, np.int32))
    spans: npt.NDArray[np.int64] = boxes // BLOCK
    col0, row0 = (int(v) for v in spans[:, :2].min(axis=0))
    col1, row1 = (int(v) for v in spans[:, 2:].max(axis=0))
    # Corners of a difference array; its double running sum counts the boxes on each block.
    corner = np.zeros((row1 - row0 + 2, col1 - col0 + 2), np.int32)
    spans = spans - np.array([col0, row0, col0, row0])
    np.add.at(corner, (spans[:, 1], spans[:, 0]), 1)
    np.add.at(corner, (spans[:, 3] + 1, spans[:, 2] + 1), 1)
    np.add.at(corner, (spans[:, 3] + 1, spans[:, 0]), -1)
    np.add.at(corner, (spans[:, 1], spans[:, 2] + 1), -1)
    touched = corner.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0
    index = np.where(touched, touched.ravel().cumsum().reshape(touched.shape) - 1, -1)
    return Blocks(row0, col0, np.ascontiguousarray(index, np.int32))


def reach_boxes(
    xy: npt.NDArray[np.float64], reach: npt.NDArray[np.float64], cell_m: float
) -> npt.NDArray[np.int64]:
    """Bound what heads can reach, in cells, as `lay_blocks` takes it.

    Parameters
    ----------
    xy, reach
        Shape ``(n, 2)`` and ``(n, 1)`` [m].
    """
    low, high = (xy - reach) / cell_m, (xy + reach) / cell_m
    return np.hstack([np.floor(low) - 1, np.ceil(high) + 1]).astype(np.int64)


def closed_cells(blocks: Blocks, cells: Cells) -> npt.NDArray[np.bool_]:
    """Unpack which cells of blocks lie inside footprints, shape ``(n_block, 256, 256)``."""
    count = int(blocks.number.max(initial=-1)) + 1
    out = np.zeros((count, BLOCK, BLOCK), np.bool_)
    for r, c in zip(*np.nonzero(blocks.number >= 0), strict=True):
        row, word = (blocks.row0 + r) * BLOCK, (blocks.col0 + c) * BLOCK_WORDS
        out[blocks.number[r, c]] = closed_window(cells, row, word, (BLOCK, BLOCK_WORDS))
    return out


def closed_window(
    cells: Cells, row0: int, word0: int, shape: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """Unpack which cells of a window lie inside footprints.

    Parameters
    ----------
    row0, word0
        First row, and first word of 64 columns, of the window.
    shape
        Rows and words of the window.

    Returns
    -------
    ndarray
        bool, 64 columns a word.
    """
    words = np.zeros(shape, "<u8")
    blocks = cells.blocks
    n_row, n_col = blocks.number.shape
    for r in range(max(row0 // BLOCK - blocks.row0, 0), n_row):
        top = (blocks.row0 + r) * BLOCK - row0
        if top >= shape[0]:
            break
        for c in range(max(word0 // BLOCK_WORDS - blocks.col0, 0), n_col):
            left = (blocks.col0 + c) * BLOCK_WORDS - word0
            if left >= shape[1]:
                break
            number = blocks.number[r, c]
            if number >= 0:
                part = cells.closed[number, max(-top, 0) :, max(-left, 0) :]
                window = words[max(top, 0) : top + BLOCK, max(left, 0) : left + BLOCK_WORDS]
                window[:] = part[: window.shape[0], : window.shape[1]]
    return unpack(words)


def unpack(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Turn rows of words into rows of cells, 64 a word, the lowest bit first."""
    octets = words.astype("<u8", copy=False).view(np.uint8)
    return np.unpackbits(octets, axis=1, bitorder="little").view(np.bool_)


def find_roofs(ready: Prepared, scene: Scene, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Return the highest solid over each point, as a row of `Scene.features`, -1 for none.

    Parameters
    ----------
    xy
        float64, shape ``(n, 2)``, relative to the origin of the scene.
    """
    which, feature = ready.tree.query(shapely.points(xy + scene.origin), predicate="intersects")
    thin = scene.features["two_sided"].to_numpy(bool)
    roof = (scene.transmittance[feature] == 0.0) & ~thin[feature]
    which, feature = which[roof], feature[roof]
    # The last one written stays: of equals the one with the greatest row.
    order = np.lexsort((feature, ready.top[feature]))
    found = np.full(len(xy), -1, np.int32)
    found[which[order]] = feature[order]
    return found


def lay_roofs(ready: Prepared, scene: Scene, blocks: Blocks, cells: Cells) -> Roofs:
    """Find the roof over each closed cell of the blocks of a raster.

    Targets are as high above a roof as those of `cells` above the ground.
    """
    count = int(blocks.number.max(initial=-1)) + 1
    which = np.full((count, BLOCK, BLOCK), -1, np.int32)
    for r, c in zip(*np.nonzero(blocks.number >= 0), strict=True):
        row0, col0 = (blocks.row0 + r) * BLOCK, (blocks.col0 + c) * BLOCK
        closed = closed_window(cells, row0, col0 // 64, (BLOCK, BLOCK_WORDS))
        row, col = np.nonzero(closed)
        xy = np.column_stack([(col0 + col + 0.5) * cells.size, (row0 + row + 0.5) * cells.size])
        which[blocks.number[r, c], row, col] = find_roofs(ready, scene, xy)
    return Roofs(cells.size, cells.target_height, blocks, which, ready.top)


def see_roof_cells(
    eyes: Eyes, ready: Prepared, scene: Scene, xy: npt.NDArray[np.float64], above_m: float
) -> npt.NDArray[np.float64]:
    """Return px/m of the roofs at points, 0 where not seen or where there is no roof.

    Parameters
    ----------
    eyes
        One head.
    xy
        float64, shape ``(n, 2)``, relative to the origin of the scene.
    above_m
        Height of the target above the roof.
    """
    roof = find_roofs(ready, scene, xy)
    targets = np.flatnonzero(roof >= 0)
    points = np.column_stack([xy[targets], ready.top[roof[targets]] + above_m])
    count = len(targets)
    density, blocked_by = np.zeros(count), np.zeros(count, np.int32)
    look_from_heads(
        ready.solids,
        ready.ground,
        eyes.table,
        eyes.skips,
        MIN_TRANSMITTANCE,
        np.ascontiguousarray(points),
        np.full((count, 1), -1, np.int32),
        np.full(count, np.inf),
        np.arange(count, dtype=np.int32),
        np.array([0, count], np.int32),
        density,
        blocked_by,
    )
    seen = np.zeros(len(xy))
    seen[targets] = np.where(blocked_by == -1, density, 0.0)
    return seen
