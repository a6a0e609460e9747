"""The grid of cells: its blocks, which lie inside footprints, and the roofs over those as targets.

Cells inside a footprint are closed ground. Where roofs are asked for, each of them is a point
above the highest solid that covers its centre, and is looked at like any sample point.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import shapely

from civicsight.coverage._kernels.accumulate import look_from_heads
from civicsight.coverage._kernels.footprints import close_footprints
from civicsight.coverage._kernels.surfaces import Roofs
from civicsight.coverage._kernels.views import BLOCK, BLOCK_WORDS, Blocks, Cells
from civicsight.coverage.bounds import is_spread, require_cells
from civicsight.coverage.prepare import Eyes, Prepared, prepare
from civicsight.scene.bodies import MIN_TRANSMITTANCE, Scene

_LAID: WeakKeyDictionary[Scene, dict[tuple[float, float], _Laid]] = WeakKeyDictionary()


class _Laid(NamedTuple):
    """Cells of a scene as far as somebody looked, and which blocks of their table that is."""

    cells: Cells
    known: npt.NDArray[np.bool_]


def prepare_cells(
    scene: Scene, cell_m: float, target_height_m: float, boxes: npt.NDArray[np.int64]
) -> Cells:
    """Mark the cells inside footprints, of a grid over a scene, where views reach.

    A block is laid when the first view reaches it, so that one camera costs the same in a village
    and in a city of a million buildings.

    Parameters
    ----------
    boxes
        What views reach, in cells, as `reach_boxes` returns it.

    Raises
    ------
    InputError
        If the size of a cell or the height of the targets is out of bounds, or cells of that size
        would not fit the grids of other scenes.
    """
    require_cells(cell_m, target_height_m)
    kept = _LAID.setdefault(scene, {})
    key = (float(cell_m), float(target_height_m))
    if key in kept and len(boxes) == 1 and _knows(kept[key], boxes[0]):
        return kept[key].cells
    wanted = lay_blocks(boxes)
    laid = kept.get(key) or _Laid(Cells(*key, *_no_blocks()), np.zeros((0, 0), np.bool_))
    # Which of the blocks that are wanted are not laid yet.
    missing = wanted.number >= 0
    have = laid.cells.blocks
    # Where two tables lie upon each other; of each, first row and column and shape.
    one = (wanted.row0, wanted.col0, *wanted.number.shape)
    other = (have.row0, have.col0, *laid.known.shape)
    row0, col0 = max(one[0], other[0]), max(one[1], other[1])
    row1 = max(min(one[0] + one[2], other[0] + other[2]), row0)
    col1 = max(min(one[1] + one[3], other[1] + other[3]), col0)
    here, there = (
        (slice(row0 - t[0], row1 - t[0]), slice(col0 - t[1], col1 - t[1])) for t in (one, other)
    )
    missing[here] &= ~laid.known[there]
    if missing.any():
        laid = kept[key] = _lay_more(scene, laid, wanted, missing)
    return laid.cells


def _knows(laid: _Laid, box: npt.NDArray[np.int64]) -> bool:
    """Tell whether all blocks of one box are laid: asked at every move of a camera."""
    col0, row0, col1, row1 = (box // BLOCK).tolist()
    row0, row1 = row0 - laid.cells.blocks.row0, row1 - laid.cells.blocks.row0
    col0, col1 = col0 - laid.cells.blocks.col0, col1 - laid.cells.blocks.col0
    if min(row0, col0) < 0 or row1 >= laid.known.shape[0] or col1 >= laid.known.shape[1]:
        return False
    return bool(laid.known[row0 : row1 + 1, col0 : col1 + 1].all())


def _no_blocks() -> tuple[Blocks, npt.NDArray[np.uint64]]:
    return Blocks(0, 0, np.full((0, 0), -1, np.int32)), np.zeros((0, BLOCK_WORDS, BLOCK), np.uint64)


def _lay_more(scene: Scene, laid: _Laid, wanted: Blocks, missing: npt.NDArray[np.bool_]) -> _Laid:
    """Lay the blocks that are missing; forget those of before if they lie too far away."""
    cells = laid.cells
    size, target_height = cells.size, cells.target_height
    row, col = np.nonzero(missing)
    corner = np.column_stack([col + wanted.col0, row + wanted.row0]) * BLOCK
    have = cells.blocks
    if laid.known.size:
        old = np.array([have.col0, have.row0, have.col0, have.row0]) * BLOCK
        old[2:] += np.array(laid.known.shape[::-1]) * BLOCK - 1
        if is_spread(np.vstack([old, np.hstack([corner, corner + BLOCK - 1])])):
            empty = _Laid(Cells(size, target_height, *_no_blocks()), np.zeros((0, 0), np.bool_))
            return _lay_more(scene, empty, wanted, wanted.number >= 0)
    ready = prepare(scene)
    # A hair more than the block: a wall on its edge closes cells on either side.
    low = corner * size + scene.origin - size
    high = low + (BLOCK + 2) * size
    which, feature = ready.tree.query(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    solid = scene.transmittance[feature] == 0.0
    which, feature = which[solid], feature[solid]
    built = np.zeros(len(corner), np.bool_)
    built[which] = True
    number, known = _merged(laid, wanted, missing, (row[built], col[built]))
    more = np.zeros((int(built.sum()), BLOCK_WORDS, BLOCK), np.uint64)
    fresh = Blocks(
        wanted.row0, wanted.col0, _numbered(missing.shape, (row[built], col[built]), start=0)
    )
    features = np.unique(feature)
    n_word, n_row = _largest(ready, scene, features, fresh, size)
    close_footprints(
        ready.solids,
        features,
        ready.ground,
        size,
        target_height,
        fresh,
        more,
        np.zeros(n_row * (n_word + 2), np.uint64),
        np.zeros(n_row, np.uint64),
    )
    return _Laid(Cells(size, target_height, number, np.concatenate([cells.closed, more])), known)


def _largest(
    ready: Prepared, scene: Scene, features: npt.NDArray[np.int64], blocks: Blocks, size: float
) -> tuple[int, int]:
    """Return words and rows that hold the box of any feature, cut to the table of blocks."""
    if not len(features):
        return 1, 1
    box = (shapely.bounds(ready.tree.geometries[features]) - np.tile(scene.origin, 2)) / size
    n_row, n_col = blocks.number.shape
    low = np.maximum(box[:, :2], np.array([blocks.col0, blocks.row0]) * BLOCK)
    high = np.minimum(box[:, 2:], np.array([blocks.col0 + n_col, blocks.row0 + n_row]) * BLOCK)
    extent = np.maximum(high - low, 0.0).max(axis=0)
    return int(extent[0] // 64) + 3, int(extent[1]) + 4


def _numbered(
    shape: tuple[int, ...], places: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], start: int
) -> npt.NDArray[np.int32]:
    """Give numbers to blocks in order from `start`, -1 to the others."""
    number = np.full(shape, -1, np.int32)
    number[places] = np.arange(start, start + len(places[0]), dtype=np.int32)
    return number


def _merged(
    laid: _Laid,
    wanted: Blocks,
    missing: npt.NDArray[np.bool_],
    built: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
) -> tuple[Blocks, npt.NDArray[np.bool_]]:
    """Return a table of what is laid and of what is laid now, and which blocks are known."""
    have, count = laid.cells.blocks, len(laid.cells.closed)
    more = _numbered(missing.shape, built, count)
    if not laid.known.size:
        return Blocks(wanted.row0, wanted.col0, more), missing
    row0, col0 = min(have.row0, wanted.row0), min(have.col0, wanted.col0)
    ends = np.maximum(
        np.add((have.row0, have.col0), laid.known.shape),
        np.add((wanted.row0, wanted.col0), missing.shape),
    )
    number = np.full(tuple(ends - (row0, col0)), -1, np.int32)
    known = np.zeros(number.shape, np.bool_)
    for table, numbers, is_known in ((have, have.number, laid.known), (wanted, more, missing)):
        part = np.s_[
            table.row0 - row0 : table.row0 - row0 + numbers.shape[0],
            table.col0 - col0 : table.col0 - col0 + numbers.shape[1],
        ]
        number[part] = np.where(is_known, numbers, number[part])
        known[part] |= is_known
    return Blocks(row0, col0, number), known


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
    shape = row1 - row0 + 2, col1 - col0 + 2
    west, south, east, north = (spans - np.array([col0, row0, col0 - 1, row0 - 1])).T
    corner = np.zeros(shape[0] * shape[1], np.int64)
    for row, col, one in ((south, west, 1), (north, east, 1), (north, west, -1), (south, east, -1)):
        corner += one * np.bincount(row * shape[1] + col, minlength=len(corner))
    corner = corner.reshape(shape)
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
                part = cells.closed[number, max(-left, 0) :, max(-top, 0) :].T
                window = words[max(top, 0) : top + BLOCK, max(left, 0) : left + BLOCK_WORDS]
                window[:] = part[: window.shape[0], : window.shape[1]]
    return unpack(words)


def unpack(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Turn rows of words into rows of cells, 64 a word, the lowest bit first."""
    octets = np.ascontiguousarray(words, "<u8").view(np.uint8)
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
        np.full((count, 2), -1, np.int32),
        density,
        blocked_by,
    )
    seen = np.zeros(len(xy))
    seen[targets] = np.where(blocked_by == -1, density, 0.0)
    return seen
