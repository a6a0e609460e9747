"""How much ground each head sees, and how much of it lies inside a shape: counts, no rasters.

What lies outside a shape is closed like the inside of a footprint, so that the kernel counts only
the rest. A raster for each head would cost a hundred times as much.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import BoolArray, nth_of
from civicsight.coverage._kernels.views import BLOCK, EYE, Blocks, Cells
from civicsight.coverage.bounds import require_cells, require_room, require_together, require_window
from civicsight.coverage.grid import closed_cells, lay_blocks, prepare_cells, reach_boxes
from civicsight.coverage.jobs import cut_into_jobs, run_jobs
from civicsight.coverage.prepare import Eyes, Prepared, prepare, prepare_heads
from civicsight.coverage.privacy.accumulate import fill_masked, without_masked
from civicsight.coverage.raster import Sums, compute_coverage, see_job
from civicsight.coverage.viewshed import TARGET_HEIGHT_M
from civicsight.model import HEADS
from civicsight.scene.bodies import Scene

Counts = npt.NDArray[np.int64]

CELL_M = 1.0
"""Side of a cell in which ground is measured [m]."""


def seen_ground(
    heads: gpd.GeoDataFrame, scene: Scene, within: BaseGeometry, cell_m: float = CELL_M
) -> pd.DataFrame:
    """Return how much ground each camera sees, and how much of it lies inside a shape.

    Parameters
    ----------
    heads
        Table `model.HEADS` in the CRS of the scene. What several heads of a camera see counts
        once, and so does what they could see where they stand for several directions.
    within
        Polygons in the same CRS.
    cell_m
        Side of a cell [m].

    Returns
    -------
    DataFrame
        Columns ``seen_m2`` and ``inside_m2``, by camera in the order of the ids.

    Raises
    ------
    InputError, CrsError, MismatchError
        As `raster.compute_coverage`.
    """
    several = heads["camera_id"].duplicated(keep=False).to_numpy()
    lone = heads[~several]
    edges = _crossings(within, scene, cell_m)
    seen, inside = _count_both(lone, scene, edges, cell_m)
    found = pd.DataFrame(
        {"seen_m2": seen * cell_m**2, "inside_m2": inside * cell_m**2},
        index=pd.Index(lone["camera_id"], dtype=object),
    )
    rows = {
        camera: _joined(group, scene, edges, cell_m)
        for camera, group in heads[several].groupby("camera_id")
    }
    more = pd.DataFrame.from_dict(rows, orient="index", columns=found.columns)
    parts = [part for part in (found, more) if len(part)]
    return pd.concat(parts).sort_index() if parts else found


def _joined(
    heads: gpd.GeoDataFrame, scene: Scene, edges: _Crossings, cell_m: float
) -> tuple[float, float]:
    """Return what several heads see together [m2]."""
    raster = compute_coverage(heads, scene, cell_m=cell_m, density=False)
    inside = _cells_inside(edges, raster.blocks_at)
    seen = raster.count > 0
    return float(seen.sum()) * cell_m**2, float((seen & inside).sum()) * cell_m**2


def _count_both(
    heads: gpd.GeoDataFrame, scene: Scene, edges: _Crossings, cell_m: float
) -> tuple[Counts, Counts]:
    """Count the cells that each head sees, and those of them inside of edges."""
    eyes = prepare_heads(heads, scene)
    require_cells(cell_m, TARGET_HEIGHT_M)
    require_window(eyes.table[:, EYE.reach], cell_m)
    boxes = reach_boxes(eyes.table[:, :2], eyes.table[:, [EYE.reach]], cell_m)
    require_together(boxes, cell_m, HEADS.name)
    blocks = lay_blocks(boxes)
    require_room(blocks, cell_m, HEADS.name)
    ready, cells = prepare(scene), prepare_cells(scene, cell_m, TARGET_HEIGHT_M, boxes)
    shut = closed_cells(blocks, cells) | ~_cells_inside(edges, blocks)
    words = np.packbits(shut, axis=2, bitorder="little").view("<u8").transpose(0, 2, 1)
    closed = np.ascontiguousarray(words, np.uint64)
    narrowed = Cells(cell_m, cells.target_height, blocks, closed)
    return (
        _count(heads, eyes, (ready, cells, scene), blocks),
        _count(heads, eyes, (ready, narrowed, scene), blocks),
    )


def _count(
    heads: gpd.GeoDataFrame, eyes: Eyes, world: tuple[Prepared, Cells, Scene], blocks: Blocks
) -> Counts:
    """Count the open cells that each head sees."""
    ready, cells, _ = world
    seen = np.zeros(len(eyes.table), np.int64)
    bare = without_masked(eyes, heads)
    jobs = cut_into_jobs(eyes.table[:, :2], cells.size)
    parts = [Eyes(bare.table[rows], bare.skips, bare.inside[rows]) for rows in jobs]
    shared = (ready, cells, blocks)
    work = [(part,) for part in parts]
    results = run_jobs(_look, work, map(len, jobs), None, None, shared=shared)
    for rows, counted in zip(jobs, results, strict=True):
        seen[rows] = counted
    fill_masked(seen, _no_sums(blocks), (heads, eyes), world, roofs=False)
    return seen


def _look(ready: Prepared, cells: Cells, blocks: Blocks, eyes: Eyes) -> Counts:
    """Count the cells that the heads of one job see."""
    seen = np.zeros(len(eyes.table), np.int64)
    see_job(ready, cells, eyes, _no_sums(blocks), seen)
    return seen


def _no_sums(blocks: Blocks) -> Sums:
    """Return rasters without a block, which the kernels leave out."""
    shape = (0, BLOCK, BLOCK)
    return Sums(blocks, np.zeros(shape, np.uint16), np.zeros(shape, np.float32))


class _Crossings(NamedTuple):
    """Where edges of polygons cross the middles of rows, by row: first column beyond."""

    row: Counts
    col: Counts


def _cells_inside(edges: _Crossings, blocks: Blocks) -> BoolArray:
    """Tell which cells of blocks have their centre inside edges, shape ``(n_block, 256, 256)``.

    Every edge flips what lies east of it in the rows it crosses; what is flipped an odd number of
    times is inside.
    """
    number = blocks.number
    inside = np.zeros((int(number.max(initial=-1)) + 1, BLOCK, BLOCK), np.bool_)
    width = number.shape[1] * BLOCK
    for strip in range(number.shape[0]):
        first = (blocks.row0 + strip) * BLOCK
        low, high = np.searchsorted(edges.row, [first, first + BLOCK])
        col = np.clip(edges.col[low:high] - blocks.col0 * BLOCK, 0, width)
        at = (edges.row[low:high] - first) * (width + 1) + col
        flips = np.bincount(at, minlength=BLOCK * (width + 1)).reshape(BLOCK, width + 1)
        odd = (np.cumsum(flips[:, :width], axis=1) & 1).astype(np.bool_)
        for c in np.flatnonzero(number[strip] >= 0):
            inside[number[strip, c]] = odd[:, c * BLOCK : (c + 1) * BLOCK]
    return inside


def _crossings(shape: BaseGeometry, scene: Scene, cell_m: float) -> _Crossings:
    """Return where edges of polygons cross the middles of rows."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    place = (xy - np.asarray(scene.origin)) / cell_m - 0.5
    same = ring[1:] == ring[:-1]
    start, end = place[:-1][same], place[1:][same]
    low = np.ceil(np.minimum(start[:, 1], end[:, 1])).astype(np.int64)
    high = np.ceil(np.maximum(start[:, 1], end[:, 1])).astype(np.int64)
    count = high - low
    edge = np.repeat(np.arange(len(count)), count)
    row = low[edge] + nth_of(count)
    rise = end[edge, 1] - start[edge, 1]
    along = (row - start[edge, 1]) / rise
    col = start[edge, 0] + along * (end[edge, 0] - start[edge, 0])
    order = np.argsort(row, kind="stable")
    return _Crossings(row[order], np.ceil(col).astype(np.int64)[order])
