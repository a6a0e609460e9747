"""What heads see: the cells around one of them, or given sample points from all of them.

References
----------
The method is exact on the vector city: the nearest walls of a sector are an upper envelope of
segments (`_kernels.envelope`), not a march over a raster. Why: docs/decisions/.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from affine import Affine
from scipy.sparse import csr_array

from civicsight.core.errors import MismatchError, require_kind
from civicsight.core.progress import Progress
from civicsight.coverage._kernels.accumulate import eye_at, look_from_heads, paint_window, see_batch
from civicsight.coverage._kernels.cell_tests import Rows
from civicsight.coverage._kernels.cells import Scratch
from civicsight.coverage._kernels.envelope import Segments
from civicsight.coverage._kernels.lines import UNNAMED
from civicsight.coverage._kernels.views import BLOCK, EYE, Blocks, Cells
from civicsight.coverage.bounds import CELL_M, require_cells, require_window
from civicsight.coverage.camera import Camera
from civicsight.coverage.grid import (
    closed_window,
    prepare_cells,
    reach_boxes,
    see_roof_cells,
    unpack,
)
from civicsight.coverage.jobs import run_jobs
from civicsight.coverage.prepare import (
    ONE_CAMERA,
    Eyes,
    Prepared,
    prepare,
    prepare_camera,
    prepare_heads,
    prepare_points,
    require_in_city,
)
from civicsight.coverage.privacy.apply_masks import mask_cells
from civicsight.coverage.privacy.masks import picture_of, read_mask, veiled
from civicsight.coverage.table_inputs import Cameras, Points, as_heads, as_samples
from civicsight.coverage.window import Viewshed
from civicsight.rules.criteria import Need
from civicsight.scene.bodies import BUILD, MIN_TRANSMITTANCE, Scene, build_scene

TARGET_HEIGHT_M = 1.5
"""Height of the targets of a coverage raster: a person's upper body (project default)."""

WALLS_IN_SECTOR = 4096
"""Room for the walls of a sector to begin with; more is made where it does not suffice."""

NO_SUMS = (
    Blocks(0, 0, np.zeros((0, 0), np.int32)),
    np.zeros((0, BLOCK, BLOCK), np.uint16),
    np.zeros((0, BLOCK, BLOCK), np.float32),
)
"""Rasters of no block at all: a head is looked from for its window alone."""

HEADS_PER_JOB = 256
"""Heads whose sample points are looked at in one job."""


@dataclass(frozen=True, slots=True, eq=False)
class Sightlines:
    """What heads see of samples.

    Parameters
    ----------
    q
        float32, shape ``(n_head, n_sample)``: px/m, nothing stored where not seen.
    blocked
        Pairs in frame and reach whose line is blocked: ``head`` and ``sample`` (positions),
        ``px_m`` that it would be, ``blocker`` (row of `Scene.features`; -2 the ground, -3 several
        crowns together).
    inside
        bool, shape ``(n_head,)``: heads inside a solid prism; they see nothing.
    """

    q: csr_array
    blocked: pd.DataFrame
    inside: npt.NDArray[np.bool_]

    def __repr__(self) -> str:
        """Say how many lines are free and how many blocked, in one line."""
        heads, samples = self.q.shape
        return (
            f"<Sightlines heads {heads:,}, samples {samples:,}, seen {self.q.nnz:,}, "
            f"blocked {len(self.blocked):,}>"
        )


def viewshed(
    camera: Camera,
    buildings: gpd.GeoDataFrame | Scene,
    *,
    target_height_m: float = TARGET_HEIGHT_M,
    cell_m: float = CELL_M,
    roofs: bool = False,
) -> Viewshed:
    """Compute what one camera sees, cell by cell.

    Parameters
    ----------
    camera
        One camera; for many see `viewsheds.viewsheds` and `raster.compute_coverage`.
    buildings
        Table `model.BUILDINGS`, or a whole scene.
    target_height_m, cell_m
        Height of targets above ground, and side of a cell; cells lie on whole multiples of it [m].
    roofs
        Whether to look at roofs too: a cell inside a footprint then stands for a target at
        `target_height_m` above the highest roof over its centre.

    Returns
    -------
    Viewshed
        A window around the camera; without a cell if nothing is in reach.

    Raises
    ------
    MismatchError
        If the camera stands inside a building, on the line of its wall, or off the terrain.
    CrsError
        If it is not in the CRS of the scene.
    InputError
        If it is more than 5 km from everything in the scene, or cells or targets are out of bounds.
    """
    require_kind("camera", camera, Camera, "for tables and lists of cameras see viewsheds")
    require_kind("buildings", buildings, (Scene, gpd.GeoDataFrame), "city.buildings is such one")
    scene = buildings if isinstance(buildings, Scene) else build_scene(buildings)
    eyes = prepare_camera(camera, scene)
    require_in_city(shapely.points([[camera.x, camera.y]]), ONE_CAMERA, scene)
    if eyes.inside[0]:
        msg = "the camera is inside a building or on its wall: move it outside, or above the roof"
        raise MismatchError(msg)
    require_cells(cell_m, target_height_m)
    require_window(eyes.table[:, EYE.reach], cell_m)
    boxes = reach_boxes(eyes.table[:, :2], eyes.table[:, [EYE.reach]], cell_m)
    ready, cells = prepare(scene), prepare_cells(scene, cell_m, target_height_m, boxes)
    view = look_around(eyes, ready, cells, scene, roofs=roofs)
    if camera.mask is None:
        return view
    look = (picture_of(camera.as_heads(), 0, eyes.table[0, :3]), read_mask(camera.mask))
    return keep(view, mask_cells(view, look, ready, cells, scene))


def keep(view: Viewshed, kept: npt.NDArray[np.bool_]) -> Viewshed:
    """Return a view of which only some cells are seen."""
    return replace(view, visible=kept, px_m=np.where(kept, view.px_m, np.float32(0.0)))


def look_around(
    eyes: Eyes, ready: Prepared, cells: Cells, scene: Scene, *, roofs: bool
) -> Viewshed:
    """Return what the first of the eyes sees of the ground and, if asked for, of the roofs."""
    # Find the cells that the first of the eyes sees, and unpack them.
    look, seen = (eyes.table, eyes.skips, MIN_TRANSMITTANCE), np.zeros(1, np.int64)
    done, room = 0, WALLS_IN_SECTOR
    while not done:
        scratch = scratch_for(eyes, cells, len(scene.walls.owner), room)
        done, canvas = see_batch(
            ready.solids, ready.ground, *look, cells, scratch, 0, 1, *NO_SUMS, seen
        )
        room *= 4
    shape = (canvas.n_row, canvas.n_word)
    visible = unpack(canvas.bits[: shape[0] * shape[1]].reshape(shape[::-1]).T)
    px_m = np.empty(visible.shape, np.float32)
    paint_window(canvas, eye_at(eyes.table, 0), ready.ground, cells.target_height, px_m)
    is_open = ~closed_window(cells, canvas.row0, canvas.word0, shape)
    view = _turn_north(visible, is_open, px_m, (canvas.row0, canvas.word0), cells.size, scene)
    return _add_roofs(view, eyes, ready, cells, scene) if roofs else view


def _turn_north(
    visible: npt.NDArray[np.bool_],
    is_open: npt.NDArray[np.bool_],
    px_m: npt.NDArray[np.float32],
    corner: tuple[int, int],
    size: float,
    scene: Scene,
) -> Viewshed:
    """Turn a window, whose rows run from south to north, into a result.

    `corner` is its first row, and its first word of 64 columns.
    """
    west = scene.origin[0] + corner[1] * 64 * size
    north = scene.origin[1] + (corner[0] + visible.shape[0]) * size
    transform = Affine(size, 0.0, west, 0.0, -size, north)
    return Viewshed(visible[::-1], is_open[::-1], px_m[::-1], transform, scene.crs)


def _add_roofs(view: Viewshed, eyes: Eyes, ready: Prepared, cells: Cells, scene: Scene) -> Viewshed:
    """Look at the roofs around an eye too, as far as its reach: they may be nearer its height."""
    size, reach = cells.size, eyes.table[:1, 19:20]
    col0, row0, col1, row1 = reach_boxes(eyes.table[:1, :2], reach, size)[0].tolist()
    word0, shape = col0 // 64, (row1 - row0 + 1, col1 // 64 - col0 // 64 + 1)
    is_open = ~closed_window(cells, row0, word0, shape)
    px_m = np.zeros(is_open.shape, np.float32)
    south = round((view.transform.f - scene.origin[1]) / size) - len(view.px_m) - row0
    west = round((view.transform.c - scene.origin[0]) / size) - word0 * 64
    px_m[south:, west:][: len(view.px_m), : view.px_m.shape[1]] = view.px_m[::-1]
    row, col = np.nonzero(~is_open)
    xy = np.column_stack([(word0 * 64 + col + 0.5) * size, (row0 + row + 0.5) * size])
    found = see_roof_cells(eyes, ready, scene, xy, cells.target_height)
    with np.errstate(divide="ignore"):  # rounded as a square, as rasters are
        px_m[row, col] = np.float32(1.0) / np.sqrt((1.0 / np.square(found)).astype(np.float32))
    return _turn_north(px_m > 0.0, is_open, px_m, (row0, word0), size, scene)


def scratch_for(eyes: Eyes, cells: Cells, n_wall: int, room: int) -> Scratch:
    """Make room for the heads of longest reach, and for `room` walls in a sector."""
    reach = float(eyes.table[:, EYE.reach].max(initial=0.0)) / cells.size
    n_row = int(2 * reach + 4)
    words = int(n_row * (2 * reach / 64 + 5))
    room = max(1, min(n_wall, room))
    segments = Segments(
        np.empty(room),
        np.empty(room),
        np.empty(room),
        np.empty(room),
        np.empty(2 * room + 2),
        np.empty(2 * room + 2, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(512),
    )
    bits, spare = np.empty(words, np.uint64), np.empty(words, np.uint64)
    return Scratch(bits, spare, rows_for(n_row), segments, np.empty(4 * room, np.int32))


def rows_for(n_row: int) -> Rows:
    """Make room for what is in view of the rows of a window."""
    edges, ranges = np.empty((4, n_row)), np.empty((8, n_row), np.int32)
    return Rows(
        edges[0],
        edges[1],
        edges[2],
        edges[3],
        ranges[0],
        ranges[1],
        ranges[2],
        ranges[3],
        ranges[4],
        ranges[5],
        ranges[6],
        ranges[7],
        np.empty(n_row, np.uint64),
    )


def sightlines(
    heads: Cameras,
    samples: Points,
    scene: Scene,
    *,
    named_from: float | npt.NDArray[np.float64] = 0.0,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Sightlines:
    """Look from every head at every sample in its reach.

    Parameters
    ----------
    heads, samples
        Tables `model.HEADS` and `model.SAMPLES` in the CRS of the scene, in any order; or a list of
        `Camera`, and plain points (see `given.Points`), `TARGET_HEIGHT_M` high unless they say. Of
        heads at one place that follow each other, lines are followed once.
    named_from
        Lines that are blocked are listed with what blocks them where px/m are at least so many,
        for all samples or each: by default all. A name takes longer to find than a wall.
    progress
        Called with heads done and heads in all.
    executor
        Where jobs run; by default as `jobs.running_on` says, or in threads, one for each core. Jobs
        are plain functions of arrays, so an executor of processes or of a cluster serves as well.

    Returns
    -------
    Sightlines
        Empty matrices of the right shape if there are no heads or no samples.

    Raises
    ------
    SchemaError, CrsError, MismatchError
        If a table is not as declared, not in the CRS of the scene, or off the terrain.
    """
    require_kind("scene", scene, Scene, BUILD)
    heads = as_heads(heads, scene.crs)
    points, inside_of = prepare_points(as_samples(samples, scene.crs, TARGET_HEIGHT_M), scene)
    eyes, ready = prepare_heads(heads, scene), prepare(scene)
    asked = np.broadcast_to(Need.of(named_from).px_m, len(points)).copy()
    shared = (ready, eyes, points, inside_of, asked, shapely.STRtree(shapely.points(points[:, :2])))
    starts = range(0, len(heads), HEADS_PER_JOB)
    jobs = [(k, min(k + HEADS_PER_JOB, len(heads))) for k in starts]
    weights = [end - start for start, end in jobs]
    parts = run_jobs(_look, jobs, weights, progress, executor, shared=shared)
    return _join_lines(parts, heads, points, eyes)


def _look(
    ready: Prepared,
    eyes: Eyes,
    points: npt.NDArray[np.float64],
    inside_of: npt.NDArray[np.int32],
    named_from: npt.NDArray[np.float64],
    tree: shapely.STRtree,
    first: int,
    last: int,
) -> tuple[npt.NDArray[Any], ...]:
    """Look from heads ``first:last``; return head, sample, px/m, blocker of pairs in frame."""
    table = eyes.table[first:last]
    sample, bounds = _in_reach(table, tree)
    head = np.repeat(np.arange(last - first), np.diff(bounds))
    density, blocked_by = np.zeros(len(head)), np.zeros(len(head), np.int32)
    look_from_heads(
        ready.solids,
        ready.ground,
        table,
        eyes.skips,
        MIN_TRANSMITTANCE,
        points,
        inside_of,
        named_from,
        sample,
        bounds,
        np.full((len(points), 2), -1, np.int32),
        density,
        blocked_by,
    )
    framed = (density > 0.0) & (blocked_by != UNNAMED)
    return head[framed] + first, sample[framed], density[framed], blocked_by[framed]


def _in_reach(
    table: npt.NDArray[np.float64], tree: shapely.STRtree
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the samples in a square about each eye, in order, and where those of each begin.

    The square holds all that is in reach, of which the kernel has the last word: distances of
    points from a tree cost more there than what lies in the corners here. The tree is asked once
    for eyes of one place that follow each other.
    """
    xy = table[:, :2]
    first = np.flatnonzero(np.append(True, (xy[1:] != xy[:-1]).any(axis=1)))
    reach = np.maximum.reduceat(table[:, EYE.reach], first)[:, None] + 1e-6
    squares = shapely.box(*(xy[first] - reach).T, *(xy[first] + reach).T)
    place, sample = tree.query(squares)
    place, sample = np.divmod(np.sort(place * len(tree) + sample), max(len(tree), 1))
    sample = sample.astype(np.int32)
    starts = np.searchsorted(place, np.arange(len(first) + 1))
    poses = np.diff(np.append(first, len(table)))
    count = np.repeat(np.diff(starts), poses)
    bounds = np.append(0, np.cumsum(count))
    nth = np.arange(bounds[-1]) + np.repeat(np.repeat(starts[:-1], poses) - bounds[:-1], count)
    return sample[nth], bounds.astype(np.int32)


def _join_lines(
    parts: list[tuple[npt.NDArray[Any], ...]],
    heads: gpd.GeoDataFrame,
    points: npt.NDArray[np.float64],
    eyes: Eyes,
) -> Sightlines:
    """Join the pairs of all jobs, but for those that a mask takes out of the picture."""
    columns = [
        np.concatenate([part[k] for part in parts]) if parts else np.zeros(0) for k in range(4)
    ]
    head, sample = columns[0].astype(np.int64), columns[1].astype(np.int64)
    shown = ~veiled(heads, eyes.table[:, :3], points, head, sample)
    head, sample = head[shown], sample[shown]
    density, blocked_by = columns[2][shown], columns[3][shown]
    seen = blocked_by == -1
    q = csr_array(
        (density[seen].astype(np.float32), (head[seen], sample[seen])),
        shape=(len(heads), len(points)),
    )
    hidden = ~seen
    blocked = pd.DataFrame(
        {
            "head": head[hidden],
            "sample": sample[hidden],
            "px_m": density[hidden],
            "blocker": blocked_by[hidden].astype(np.int64),
        }
    )
    return Sightlines(q, blocked, eyes.inside)
