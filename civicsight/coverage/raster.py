"""Coverage of many heads at once: the best pixel density and the number of heads, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine
from pyproj import CRS

from civicsight.core.errors import require_kind
from civicsight.core.overview import crs_name
from civicsight.core.progress import Progress
from civicsight.coverage._kernels.accumulate import MAX_COUNT, UNSEEN, see_batch
from civicsight.coverage._kernels.surfaces import Roofs, see_roofs
from civicsight.coverage._kernels.views import BLOCK, EYE, Blocks, Cells
from civicsight.coverage.bounds import (
    CELL_M,
    require_cells,
    require_room,
    require_together,
    require_window,
)
from civicsight.coverage.grid import closed_cells, lay_blocks, lay_roofs, prepare_cells, reach_boxes
from civicsight.coverage.jobs import cut_into_jobs, rounds_of, run_jobs
from civicsight.coverage.prepare import Eyes, Prepared, prepare, prepare_heads
from civicsight.coverage.privacy.accumulate import fill_masked, without_masked
from civicsight.coverage.table_inputs import Cameras, as_heads
from civicsight.coverage.viewshed import TARGET_HEIGHT_M, WALLS_IN_SECTOR, scratch_for
from civicsight.coverage.window import Band, as_dataset
from civicsight.model import HEADS
from civicsight.scene.bodies import BUILD, MIN_TRANSMITTANCE, Scene


class Tile(NamedTuple):
    """One block of a coverage raster, rows from north to south.

    ``west`` and ``north`` are its corner [m]; `best` is px/m (0 where nobody sees), `heads`
    how many see it, `open` 1 on open ground and 0 inside footprints.
    """

    west: float
    north: float
    best: npt.NDArray[np.float32]
    heads: npt.NDArray[np.uint16]
    open: npt.NDArray[np.uint8]


class Sums(NamedTuple):
    """Rasters that are being filled, by block: counts, and least squares of a pixel [(m/px)2]."""

    blocks: Blocks
    counts: npt.NDArray[np.uint16]
    pixel_m2: npt.NDArray[np.float32]


class View(NamedTuple):
    """What all jobs share: the scene, its cells, its roofs where they are asked for."""

    ready: Prepared
    cells: Cells
    roofs: Roofs | None
    density: bool


@dataclass(frozen=True, slots=True, eq=False)
class CoverageRaster:
    """Coverage of a scene, stored only where a head can reach.

    Parameters
    ----------
    crs, cell_m, origin
        Where the cells lie: cell ``(row, col)`` begins at ``origin + (col, row) * cell_m``.
    blocks_at
        Which blocks there are.
    best, count, closed
        Shape ``(n_block, 256, 256)``, rows from south to north.
    seen
        int64, one value a head in the order given: number of cells it sees.
    """

    crs: CRS
    cell_m: float
    target_height_m: float
    origin: tuple[float, float]
    blocks_at: Blocks
    best: npt.NDArray[np.float32]
    count: npt.NDArray[np.uint16]
    closed: npt.NDArray[np.bool_]
    seen: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def __repr__(self) -> str:
        """Say how large it is and how much is seen, in one line."""
        seen = int(np.count_nonzero(self.count)) * self.cell_m**2
        where = f"{self.count.size:,} cells of {self.cell_m:g} m, crs {crs_name(self.crs)}"
        return f"<CoverageRaster heads {len(self.seen):,}, seen {seen:,.0f} m2, {where}>"

    def to_xarray(self, bounds: tuple[float, float, float, float] | None = None) -> Any:
        """Return `to_dense` as an `xarray.Dataset` (see `window.as_dataset`)."""
        best, count, is_open, transform = self.to_dense(bounds)
        layers = {
            "best_px_m": Band(best, "px/m", "best pixel density of any camera"),
            "cameras": Band(count, "1", "number of camera heads that see the cell"),
            "open": Band(is_open.astype(bool), "1", "ground outside footprints"),
        }
        return as_dataset(layers, transform, self.crs)

    def blocks(self) -> Iterator[Tile]:
        """Go through the blocks, from north to south and from west to east."""
        rows, cols = np.nonzero(self.blocks_at.number >= 0)
        for r, c in sorted(
            zip(rows.tolist(), cols.tolist(), strict=True), key=lambda rc: (-rc[0], rc[1])
        ):
            number = self.blocks_at.number[r, c]
            west, north = self._corner(self.blocks_at.row0 + r + 1, self.blocks_at.col0 + c)
            yield Tile(
                west,
                north,
                self.best[number][::-1],
                self.count[number][::-1],
                (~self.closed[number][::-1]).astype(np.uint8),
            )

    def _corner(self, block_row: int, block_col: int) -> tuple[float, float]:
        side = BLOCK * self.cell_m
        return self.origin[0] + block_col * side, self.origin[1] + block_row * side

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the stored blocks [m]."""
        n_row, n_col = self.blocks_at.number.shape
        south_west = self._corner(self.blocks_at.row0, self.blocks_at.col0)
        north_east = self._corner(self.blocks_at.row0 + n_row, self.blocks_at.col0 + n_col)
        return *south_west, *north_east

    def to_dense(
        self, bounds: tuple[float, float, float, float] | None = None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint16], npt.NDArray[np.uint8], Affine]:
        """Return best, count and open ground as whole arrays, rows from north to south.

        Parameters
        ----------
        bounds
            West, south, east, north [m], widened to whole cells; by default all blocks. Cells
            that are not stored are 0 and open.

        Returns
        -------
        tuple
            Three arrays of one shape, and the transform from ``(col, row)`` to the CRS.
        """
        west, south, east, north = bounds or self.bounds
        col0, row0 = self._cell_at(west, south, np.floor)
        col1, row1 = self._cell_at(east, north, np.ceil)
        shape = (row1 - row0, col1 - col0)
        best, count = np.zeros(shape, np.float32), np.zeros(shape, np.uint16)
        is_open = np.ones(shape, np.uint8)
        for r, c in zip(*np.nonzero(self.blocks_at.number >= 0), strict=True):
            number = self.blocks_at.number[r, c]
            top, left = (
                (self.blocks_at.row0 + r) * BLOCK - row0,
                (self.blocks_at.col0 + c) * BLOCK - col0,
            )
            into, out = _overlap(int(top), int(left), shape)
            if into is None or out is None:
                continue
            best[into], count[into] = self.best[number][out], self.count[number][out]
            is_open[into] = ~self.closed[number][out]
        corner = self.origin[0] + col0 * self.cell_m, self.origin[1] + row1 * self.cell_m
        transform = Affine(self.cell_m, 0.0, corner[0], 0.0, -self.cell_m, corner[1])
        return best[::-1], count[::-1], is_open[::-1], transform

    def _cell_at(self, x: float, y: float, rounding: Any) -> tuple[int, int]:
        col, row = ((v - o) / self.cell_m for v, o in zip((x, y), self.origin, strict=True))
        return int(rounding(round(col, 6))), int(rounding(round(row, 6)))

    def area_by_class(self, thresholds: dict[str, float]) -> pd.DataFrame:
        """Return the area seen at each level at least.

        Parameters
        ----------
        thresholds
            px/m by name of the level.

        Returns
        -------
        DataFrame
            Columns ``level``, ``px_per_m``, ``area_m2``, in the order given.
        """
        cell = self.cell_m**2
        rows = [
            (level, least, float((self.best >= least).sum() * cell))
            for level, least in thresholds.items()
        ]
        return pd.DataFrame(rows, columns=["level", "px_per_m", "area_m2"])


def _overlap(
    top: int, left: int, shape: tuple[int, int]
) -> tuple[tuple[slice, slice] | None, tuple[slice, slice] | None]:
    r0, r1 = max(top, 0), min(top + BLOCK, shape[0])
    c0, c1 = max(left, 0), min(left + BLOCK, shape[1])
    if r0 >= r1 or c0 >= c1:
        return None, None
    return (slice(r0, r1), slice(c0, c1)), (slice(r0 - top, r1 - top), slice(c0 - left, c1 - left))


def compute_coverage(
    heads: Cameras,
    scene: Scene,
    *,
    cell_m: float = CELL_M,
    target_height_m: float = TARGET_HEIGHT_M,
    density: bool = True,
    roofs: bool = False,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> CoverageRaster:
    """Compute what many heads see together, in whatever order, wherever their jobs run.

    Parameters
    ----------
    heads
        Table `model.HEADS`, or a list of `Camera`, in the CRS of the scene.
    cell_m, target_height_m
        Side of a cell, and height above the ground of what is looked at [m].
    density
        Whether to keep the best px/m too, which costs more than the viewsheds themselves.
    roofs
        Whether to look at roofs too: a cell inside a footprint then stands for a target above the
        highest roof over its centre, which costs about a hundred times as much as one of ground.
    progress
        Called with heads done and heads in all.
    executor
        Where jobs run; by default as `jobs.running_on` says, or in threads, one for each core.

    Returns
    -------
    CoverageRaster
        Without a block if there are no heads. Heads inside a building see nothing.

    Raises
    ------
    InputError, CrsError, MismatchError
        If the heads are not as declared, not in the CRS of the scene, off the terrain, or far
        from everything; or if the cells are out of bounds or too many.
    """
    require_kind("scene", scene, Scene, BUILD)
    heads = as_heads(heads, scene.crs)
    eyes = prepare_heads(heads, scene)
    return cover(
        heads,
        eyes,
        scene,
        cell_m,
        target_height_m,
        density=density,
        roofs=roofs,
        progress=progress,
        executor=executor,
    )


def cover(
    heads: gpd.GeoDataFrame,
    eyes: Eyes,
    scene: Scene,
    cell_m: float,
    target_height_m: float = TARGET_HEIGHT_M,
    *,
    density: bool = True,
    roofs: bool = False,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> CoverageRaster:
    """Return what `compute_coverage` does, of heads that were prepared before."""
    require_cells(cell_m, target_height_m)
    # Bound what each head can reach, in cells, and lay blocks over all of it.
    require_window(eyes.table[:, EYE.reach], cell_m)
    boxes = reach_boxes(eyes.table[:, :2], eyes.table[:, [EYE.reach]], cell_m)
    require_together(boxes, cell_m, HEADS.name)
    blocks = lay_blocks(boxes)
    require_room(blocks, cell_m, HEADS.name)
    ready, cells = prepare(scene), prepare_cells(scene, cell_m, target_height_m, boxes)
    sums = _empty_sums(blocks, density=density)
    view = View(ready, cells, lay_roofs(ready, scene, blocks, cells) if roofs else None, density)
    seen = _fill(sums, view, without_masked(eyes, heads), boxes, progress, executor)
    best = _draw_roots(sums.pixel_m2)
    rasters = (blocks, sums.counts, best)
    fill_masked(seen, rasters, (heads, eyes), (ready, cells, scene), roofs=roofs)
    best = best if density else np.zeros(sums.counts.shape, np.float32)
    where = (scene.crs, cell_m, target_height_m, scene.origin, blocks)
    return CoverageRaster(*where, best, sums.counts, closed_cells(blocks, cells), seen)


def _fill(
    sums: Sums,
    view: View,
    eyes: Eyes,
    boxes: npt.NDArray[np.int64],
    progress: Progress | None,
    executor: Executor | None,
) -> npt.NDArray[np.int64]:
    """Run the jobs, a few for each worker at a time, and join their rasters as they come.

    Heads are taken in the order of a space-filling curve, in jobs that each fill rasters of their
    own; joining them is a sum and a maximum, so neither order nor number of jobs matters.
    """
    seen = np.zeros(len(eyes.table), np.int64)
    done = 0
    for batch in rounds_of(cut_into_jobs(eyes.table[:, :2], view.cells.size), boxes):
        jobs = [
            (Eyes(eyes.table[part], eyes.skips, eyes.inside[part]), boxes[part]) for part in batch
        ]
        shown = _shifted(progress, done, len(seen))
        weights = [len(part) for part in batch]
        results = run_jobs(_see, jobs, weights, shown, executor, shared=(view,))
        for part, (counted, more) in zip(batch, results, strict=True):
            seen[part] = counted
            _join(sums, more, len(seen))
            done += len(part)
    return seen


def _empty_sums(blocks: Blocks, *, density: bool) -> Sums:
    """Make empty rasters of blocks."""
    count = int(blocks.number.max(initial=-1)) + 1
    counts = np.zeros((count, BLOCK, BLOCK), np.uint16)
    pixel_m2 = np.full((count if density else 0, BLOCK, BLOCK), UNSEEN)
    return Sums(blocks, counts, pixel_m2)


def _draw_roots(pixel_m2: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Turn squares of a pixel into px/m in place, 0 where nobody sees."""
    np.sqrt(pixel_m2, out=pixel_m2)
    with np.errstate(divide="ignore"):  # a target in the lens itself
        return np.divide(np.float32(1.0), pixel_m2, out=pixel_m2)


def _shifted(progress: Progress | None, before: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, _: progress(before + done, total)


def see_job(
    ready: Prepared, cells: Cells, eyes: Eyes, sums: Sums, seen: npt.NDArray[np.int64]
) -> None:
    """Look from the heads of one job, with more room for walls whenever there is too little."""
    at, room = 0, WALLS_IN_SECTOR
    while at < len(eyes.table):
        scratch = scratch_for(eyes, cells, len(ready.solids.owner), room)
        at, _ = see_batch(
            ready.solids,
            ready.ground,
            eyes.table,
            eyes.skips,
            MIN_TRANSMITTANCE,
            cells,
            scratch,
            at,
            len(eyes.table),
            *sums,
            seen,
        )
        room *= 4


def _see(
    view: View, eyes: Eyes, boxes: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], Sums]:
    """Fill the rasters of one job; return the cells that each head sees, and the rasters."""
    ready, cells = view.ready, view.cells
    sums = _empty_sums(lay_blocks(boxes), density=view.density)
    seen = np.zeros(len(eyes.table), np.int64)
    see_job(ready, cells, eyes, sums, seen)
    if view.roofs is not None:
        look = (eyes.table, eyes.skips, MIN_TRANSMITTANCE, view.roofs)
        see_roofs(ready.solids, ready.ground, *look, *sums, seen)
    return seen, sums


def _join(sums: Sums, more: Sums, heads: int) -> None:
    """Add the rasters of one job to those of all, which are of so many heads."""
    for r, c in zip(*np.nonzero(more.blocks.number >= 0), strict=True):
        source = more.blocks.number[r, c]
        row, col = more.blocks.row0 + r, more.blocks.col0 + c
        target = sums.blocks.number[row - sums.blocks.row0, col - sums.blocks.col0]
        total = sums.counts[target]
        total += more.counts[source]
        if heads > MAX_COUNT:
            # A sum that wrapped is less than what went in; counts stop at the end of their range.
            total[total < more.counts[source]] = MAX_COUNT
        if len(more.pixel_m2):
            least = sums.pixel_m2[target]
            np.minimum(least, more.pixel_m2[source], out=least)
