"""Our own engine, timed: viewsheds alone, with the rasters, from Python, and as things grow."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.job import Job, Setting
from civicsight.coverage._kernels.accumulate import UNSEEN, see_batch
from civicsight.coverage._kernels.views import BLOCK, EYE
from civicsight.coverage.camera import Camera
from civicsight.coverage.grid import lay_blocks, prepare_cells, reach_boxes
from civicsight.coverage.jobs import place_on_curve
from civicsight.coverage.prepare import Eyes, prepare, prepare_camera, prepare_heads, prepare_points
from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.table_inputs import as_samples
from civicsight.coverage.viewshed import _look, scratch_for, viewshed
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import MIN_TRANSMITTANCE, Scene, build_scene
from tests import helsinki
from tests.scenes import Case
from tests.witness import view_from

TARGET_M = 1.5
BATCH = 4_000
"""Cameras of one measurement: a batch long enough to hide what a call costs."""

WALLS = 4_096
LOW_ROOF_M = 4.0
POSES, TARGETS = 24, 60_000
"""Poses of one site, and points that are looked at."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds for one camera: processor time, and time on the clock."""

    cpu_s: float
    wall_s: float


def time_viewsheds(
    heads: gpd.GeoDataFrame, scene: Scene, cell_m: float, threads: int = 1, *, density: bool = False
) -> Timing:
    """Time viewsheds alone, as windows of bits, or with px/m of every cell too.

    In the order of the product, neighbours after neighbours.
    """
    xy = heads.geometry.get_coordinates().to_numpy()
    heads = heads.iloc[np.argsort(place_on_curve(xy, 64 * cell_m), kind="stable")]
    eyes, ready = prepare_heads(heads, scene), prepare(scene)
    boxes = reach_boxes(eyes.table[:, :2], eyes.table[:, [EYE.reach]], cell_m)
    cells = prepare_cells(scene, cell_m, TARGET_M, boxes)
    blocks = lay_blocks(boxes if density else boxes[:0])
    counts = np.zeros((0, BLOCK, BLOCK), np.uint16)
    pixel_m2 = np.full((int(blocks.number.max(initial=-1)) + 1, BLOCK, BLOCK), UNSEEN)

    def see(first: int, last: int) -> None:
        part = Eyes(eyes.table[first:last], eyes.skips, eyes.inside[first:last])
        seen = np.zeros(last - first, np.int64)
        scratch = scratch_for(part, cells, len(scene.walls.owner), WALLS)
        done, _ = see_batch(
            ready.solids,
            ready.ground,
            part.table,
            part.skips,
            MIN_TRANSMITTANCE,
            cells,
            scratch,
            0,
            last - first,
            blocks,
            counts,
            pixel_m2,
            seen,
        )
        if done < last - first:
            msg = f"the scratch holds {WALLS} walls a sector, which is too few"
            raise RuntimeError(msg)

    see(0, min(len(heads), 20))
    bounds = np.linspace(0, len(heads), threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        return _timed(lambda: list(pool.map(see, bounds[:-1], bounds[1:])), len(heads))


def time_coverage(
    heads: gpd.GeoDataFrame, scene: Scene, cell_m: float, threads: int = 1, *, density: bool = False
) -> Timing:
    """Time `compute_coverage` as a user calls it: tables checked, viewsheds, rasters joined."""
    with ThreadPoolExecutor(threads) as pool:

        def run(some: gpd.GeoDataFrame) -> None:
            compute_coverage(some, scene, cell_m=cell_m, density=density, executor=pool)

        run(heads.iloc[:20])
        return _timed(lambda: run(heads), len(heads))


def time_single(setting: Setting, n: int = 200) -> tuple[float, float]:
    """Return median and 95th percentile of one call of `viewshed` from Python [s]."""
    buildings, heads = helsinki.workload(n, setting.reach_m, hfov_deg=setting.hfov_deg)
    scene = build_scene(buildings)
    case = Case(buildings, None, None, None, heads, setting.cell_m, TARGET_M)
    view_from(case, heads.iloc[[0]], scene)
    cameras = [
        Camera(
            row.geometry.x,
            row.geometry.y,
            heads.crs,
            azimuth_deg=row.azimuth_deg,
            height_m=6.0,
            tilt_deg=0.0,
            hfov_deg=row.hfov_deg,
            vfov_deg=180.0,
            reach_m=setting.reach_m,
            near_m=row.near_m,
            lens="cylindrical",
        )
        for row in heads.itertuples()
    ]
    spent = []
    for camera in cameras:
        began = time.perf_counter()
        viewshed(camera, scene, cell_m=setting.cell_m)
        spent.append(time.perf_counter() - began)
    return statistics.median(spent), float(np.percentile(spent, 95))


def time_poses(n: int = 120) -> tuple[float, float]:
    """Time lines of sight from one pose at each of `n` sites, and from 24; CPU seconds a site."""
    buildings, heads = helsinki.workload(n, 80.0, lens="rectilinear", hfov_deg=70.0)
    scene = build_scene(buildings)
    west, south, east, north = buildings.total_bounds
    xy = np.random.default_rng(3).uniform((west, south), (east, north), (TARGETS, 2))
    points, inside_of = prepare_points(as_samples(xy, heads.crs, TARGET_M), scene)
    tree = shapely.STRtree(shapely.points(points[:, :2]))
    shared = (points, inside_of, np.full(TARGETS, np.inf), tree)
    spent = []
    for poses in (1, POSES):
        some = heads.loc[np.repeat(heads.index, poses)]
        turn = np.tile(np.arange(poses) * 360.0 / poses, n)
        some = some.assign(azimuth_deg=(some["azimuth_deg"] + turn) % 360.0)
        eyes = prepare_heads(some.set_axis([str(k) for k in range(len(some))]), scene)
        run = partial(_look, prepare(scene), eyes, *shared, 0, len(some))
        run()
        spent.append(min(_timed(run, n).cpu_s for _ in range(5)))
    return spent[0], spent[1]


def time_city(count: int = 1_000_000) -> tuple[float, float]:
    """Return seconds of one `viewshed` at 0.1 m, and MB of cells laid for it, in a made city.

    `count` square houses stand on a grid over a hundred kilometres.
    """
    side = math.isqrt(count)
    x, y = (v.ravel() * 100.0 + 5_000.0 for v in np.meshgrid(np.arange(side), np.arange(side)))
    table = gpd.GeoDataFrame(
        {"height_m": 9.0}, index=np.arange(len(x)), geometry=shapely.box(x, y, x + 40, y + 40)
    ).set_crs(helsinki.CRS)
    scene = build_scene(table)
    camera = Camera(5_070.0, 5_070.0, helsinki.CRS, reach_m=80.0)
    viewshed(camera, scene, cell_m=1.0)
    took = time.process_time()
    viewshed(camera, scene, cell_m=0.1)
    took = time.process_time() - took
    eyes = prepare_camera(camera, scene)
    boxes = reach_boxes(eyes.table[:, :2], eyes.table[:, [EYE.reach]], 0.1)
    return took, prepare_cells(scene, 0.1, TARGET_M, boxes).closed.nbytes / 1e6


def count_differences(job: Job) -> tuple[int, int]:
    """Return how many open cells in view differ from brute force, and how many there are."""
    scene = build_scene(job.buildings)
    case = Case(job.buildings, None, None, None, job.heads, job.setting.cell_m, TARGET_M)
    wrong = total = 0
    for k, ((row, col), truth) in enumerate(zip(job.cells, job.truth, strict=True)):
        found = view_from(case, job.heads.iloc[[k]], scene)
        r = row - (job.row1 - round(found.transform.f / job.setting.cell_m))
        c = col + job.col0 - round(found.transform.c / job.setting.cell_m)
        wrong += int((found.visible[r, c] != truth).sum())
        total += len(truth)
    return wrong, total


def relief(n: int = BATCH // 4) -> Timing:
    """Time relief of the same town at 0.5 m and 80 m."""
    buildings, heads = helsinki.workload(n, 80.0)
    return time_viewsheds(heads, build_scene(buildings, terrain=slope(buildings)), 0.5)


def worst_case() -> Timing:
    """Time what costs most: relief, and half of the roofs below the cameras, 0.5 m and 150 m."""
    buildings, heads = helsinki.workload(BATCH // 4, 150.0)
    low = np.random.default_rng(5).random(len(buildings)) < 0.5
    height = np.where(low, LOW_ROOF_M, buildings["height_m"])
    scene = build_scene(buildings.assign(height_m=height), terrain=slope(buildings))
    return time_viewsheds(heads, scene, 0.5)


def slope(buildings: gpd.GeoDataFrame, step: float = 10.0) -> Terrain:
    """Return a plane of 2 % with waves of 1.5 m, reaching beyond all cameras."""
    west, south, east, north = buildings.total_bounds + np.array([-400.0, -400.0, 400.0, 400.0])
    x, y = np.meshgrid(np.arange(west, east, step), np.arange(south, north, step))
    z = 50.0 + 0.02 * (x - west) + 1.5 * np.sin((x - west) / 60.0) * np.cos((y - south) / 60.0)
    return Terrain(z, west, south, step)


def _timed(run: Callable[[], object], n: int) -> Timing:
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    return Timing((time.process_time() - cpu) / n, (time.perf_counter() - wall) / n)
