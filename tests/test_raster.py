"""Rasters of many heads: the sum and the maximum of single views, stored only where heads reach."""

import resource

import numpy as np
import pytest
import shapely
from affine import Affine

from civicsight.core.errors import CrsError, InputError, MismatchError, SchemaError
from civicsight.coverage import jobs
from civicsight.coverage import raster as rasters
from civicsight.coverage._kernels.accumulate import MAX_COUNT, UNSEEN
from civicsight.coverage._kernels.views import BLOCK, Blocks
from civicsight.coverage.raster import CoverageRaster, Sums, compute_coverage
from civicsight.coverage.viewshed import viewshed
from civicsight.scene.bodies import build_scene
from tests.kernel_parts import CRS, Backwards, camera_at, crowns, heads_of, houses, make_terrain

CELL_M = 4.0


def town(terrain=None):
    return build_scene(
        houses(
            (shapely.box(28, 60, 52, 100), 25.0),
            (shapely.box(88, 40, 112, 48), 4.0),
            (shapely.box(60, 100, 80, 112), 9.0, 4.0),
        ),
        canopies=crowns((shapely.box(70, 60, 80, 70), 9.0, 0.5, 0.6)),
        terrain=terrain,
    )


def cameras(rng, count=6):
    """Draw cameras; the last one is inside a house."""
    some = [
        camera_at(
            float(rng.uniform(0, 27)),
            float(rng.uniform(20, 120)),
            azimuth_deg=float(rng.uniform(0, 360)),
            hfov_deg=float(rng.choice([90.0, 200.0, 360.0])),
            width_px=float(rng.choice([640, 3840])),
        )
        for _ in range(count - 1)
    ]
    return [*some, camera_at(40.0, 80.0)]


@pytest.mark.parametrize("hilly", [False, True])
def test_counts_are_the_sum_and_densities_the_maximum_of_single_views(rng, hilly):
    scene = town(make_terrain(rng, 40, 40) if hilly else None)
    chosen = cameras(rng)
    found = compute_coverage(heads_of(*chosen), scene, cell_m=CELL_M)
    best, count, is_open, at = found.to_dense()
    summed, most = np.zeros(count.shape, int), np.zeros(best.shape, np.float32)
    for k, camera in enumerate(chosen[:-1]):
        view = viewshed(camera, scene, cell_m=CELL_M)
        row = round((at.f - view.transform.f) / CELL_M)
        col = round((view.transform.c - at.c) / CELL_M)
        r, c = np.nonzero(view.visible)
        summed[r + row, c + col] += 1
        np.maximum.at(most, (r + row, c + col), view.px_m[r, c])
        assert found.seen[k] == view.visible.sum()
    assert found.seen[-1] == 0, "a head inside a house sees nothing"
    assert np.array_equal(count, summed)
    assert np.array_equal(best, most)
    assert count.max() >= 3
    assert not count[is_open == 0].any()
    assert found.crs == CRS


def test_one_can_do_without_densities(rng):
    heads, scene = heads_of(*cameras(rng)), town()
    whole = compute_coverage(heads, scene, cell_m=CELL_M)
    counted = compute_coverage(heads, scene, cell_m=CELL_M, density=False)
    assert np.array_equal(whole.count, counted.count)
    assert np.array_equal(whole.seen, counted.seen)
    assert counted.best.shape == counted.count.shape
    assert not counted.best.any()


def test_neither_jobs_nor_executors_nor_the_order_of_heads_matter(rng, monkeypatch):
    heads, scene = heads_of(*cameras(rng)), town()
    whole = compute_coverage(heads, scene, cell_m=CELL_M)
    order = rng.permutation(len(heads))
    monkeypatch.setattr(jobs, "HEADS_PER_JOB", 1)
    monkeypatch.setattr(jobs, "worker_count", lambda: 2)
    for executor in (None, Backwards(6)):
        other = compute_coverage(heads.iloc[order], scene, cell_m=CELL_M, executor=executor)
        assert np.array_equal(other.seen, whole.seen[order])
        for one, two in zip(whole.to_dense(), other.to_dense(), strict=True):
            assert np.array_equal(one, two)


def test_progress_counts_all_heads_over_several_rounds_of_jobs(rng, monkeypatch):
    monkeypatch.setattr(jobs, "HEADS_PER_JOB", 1)
    monkeypatch.setattr(jobs, "worker_count", lambda: 1)
    told = []
    compute_coverage(
        heads_of(*cameras(rng)), town(), cell_m=16.0, progress=lambda *n: told.append(n)
    )
    assert told == [(k, 6) for k in range(1, 7)], "four jobs, then two"


def test_more_walls_than_there_is_room_for_change_nothing(rng, monkeypatch):
    heads, scene = heads_of(*cameras(rng)), town()
    plenty = compute_coverage(heads, scene, cell_m=CELL_M)
    monkeypatch.setattr(rasters, "WALLS_IN_SECTOR", 1)
    tight = compute_coverage(heads, scene, cell_m=CELL_M)
    assert np.array_equal(plenty.count, tight.count)
    assert np.array_equal(plenty.best, tight.best)
    assert np.array_equal(plenty.seen, tight.seen)


def test_no_heads_make_a_raster_without_blocks():
    found = compute_coverage(heads_of(camera_at(0, 0)).iloc[:0], town(), cell_m=CELL_M)
    assert list(found.blocks()) == []
    assert found.seen.shape == (0,)
    assert [part.shape for part in found.to_dense()[:3]] == [(0, 0)] * 3
    best, count, is_open, _ = found.to_dense((0.0, 0.0, 40.0, 20.0))
    assert best.shape == count.shape == (5, 10)
    assert not best.any()
    assert (is_open == 1).all()
    assert found.area_by_class({"any": 1.0})["area_m2"].tolist() == [0.0]


def test_two_spots_far_apart_cost_two_spots():
    scene = build_scene(houses((shapely.box(0, 0, 9, 9), 9.0)))
    heads = heads_of(
        camera_at(20.0, 20.0, reach_m=10.0), camera_at(27_020.0, 27_020.0, reach_m=10.0)
    )
    found = compute_coverage(heads, scene, cell_m=0.5)
    assert len(found.count) <= 8
    assert found.seen[0] > 0
    for x, seen in ((20.0, found.seen[0]), (27_020.0, found.seen[1])):
        _, count, _, _ = found.to_dense((x - 12, x - 12, x + 12, x + 12))
        assert count.sum() == seen


def test_tiles_go_from_north_to_south_and_west_to_east_and_hold_the_raster():
    heads = heads_of(*(camera_at(x, y, reach_m=9.0) for x, y in ((5, 5), (300, 40), (30, 290))))
    found = compute_coverage(heads, town(), cell_m=0.5)
    tiles = list(found.blocks())
    corners = [(-tile.north, tile.west) for tile in tiles]
    assert corners == sorted(corners)
    assert len(set(corners)) == len(found.count) == len(tiles)
    for tile in tiles:
        side = BLOCK * 0.5
        box = (tile.west, tile.north - side, tile.west + side, tile.north)
        best, count, is_open, at = found.to_dense(box)
        assert np.array_equal(tile.best, best)
        assert np.array_equal(tile.heads, count)
        assert np.array_equal(tile.open, is_open)
        assert at == Affine(0.5, 0.0, tile.west, 0.0, -0.5, tile.north)
    assert sum(tile.heads.sum() for tile in tiles) == found.seen.sum()
    assert (tiles[0].best > 0).any()
    assert {tile.heads.dtype for tile in tiles} == {np.dtype(np.uint16)}


def test_a_part_of_the_dense_raster_is_that_part_widened_to_whole_cells(rng):
    found = compute_coverage(heads_of(*cameras(rng)), town(), cell_m=CELL_M)
    whole = found.to_dense()
    west, south, east, north = found.bounds
    assert whole[3] == Affine(CELL_M, 0.0, west, 0.0, -CELL_M, north)
    assert whole[0].shape == ((north - south) / CELL_M, (east - west) / CELL_M)
    part = found.to_dense((17.0, 41.0, 99.0, 118.5))
    assert part[3] == Affine(CELL_M, 0.0, 16.0, 0.0, -CELL_M, 120.0)
    assert part[0].shape == (20, 21)
    row, col = round((north - 120.0) / CELL_M), round((16.0 - west) / CELL_M)
    for one, other in zip(part[:3], whole[:3], strict=True):
        assert np.array_equal(one, other[row : row + 20, col : col + 21])
    wide = found.to_dense((west - 400.0, south - 40.0, east + 8.0, north + 4.0))
    assert wide[1].sum() == whole[1].sum()
    beside = found.to_dense((east + 100.0, north + 100.0, east + 140.0, north + 140.0))
    assert not beside[1].any()


def test_areas_are_those_of_the_cells_that_reach_a_level(rng):
    found = compute_coverage(heads_of(*cameras(rng)), town(), cell_m=CELL_M)
    table = found.area_by_class({"recognise": 125.0, "observe": 25.0, "see": 1e-9, "none": 1e9})
    assert table["level"].tolist() == ["recognise", "observe", "see", "none"]
    assert table["px_per_m"].tolist() == [125.0, 25.0, 1e-9, 1e9]
    best = found.to_dense()[0]
    expected = [(best >= least).sum() * 16.0 for least in (125.0, 25.0)]
    assert table["area_m2"].tolist() == [*expected, (found.count > 0).sum() * 16.0, 0.0]
    assert expected[1] > expected[0] > 0.0


def test_open_ground_is_that_of_the_footprints_at_the_height_of_the_targets(rng):
    heads = heads_of(*cameras(rng))
    low, high = (
        compute_coverage(heads, town(), cell_m=CELL_M, target_height_m=h) for h in (1.5, 5.0)
    )
    *_, is_open, at = low.to_dense((0.0, 0.0, 200.0, 200.0))
    row, col = np.indices(is_open.shape)
    x, y = at.c + (col + 0.5) * at.a, at.f + (row + 0.5) * at.e
    ground = shapely.union(shapely.box(28, 60, 52, 100), shapely.box(88, 40, 112, 48))
    raised = shapely.union(shapely.box(28, 60, 52, 100), shapely.box(60, 100, 80, 112))
    assert np.array_equal(is_open == 0, shapely.contains_xy(ground, x, y))
    is_open = high.to_dense((0.0, 0.0, 200.0, 200.0))[2]
    assert np.array_equal(is_open == 0, shapely.contains_xy(raised, x, y))


def test_joined_counts_stop_at_the_end_of_their_range():
    blocks = Blocks(2, -3, np.array([[0, -1]], np.int32))
    more = Blocks(2, -3, np.array([[0]], np.int32))
    counts = np.full((1, BLOCK, BLOCK), 40_000, np.uint16)
    sums = Sums(blocks, counts, np.full((1, BLOCK, BLOCK), UNSEEN))
    added = np.full((1, BLOCK, BLOCK), 30_000, np.uint16)
    added[0, 0, :3] = 0, 1, 25_535
    pixel_m2 = np.full((1, BLOCK, BLOCK), 7.0, np.float32)
    rasters._join(sums, Sums(more, added, pixel_m2), 70_000)
    assert counts[0, 0, :4].tolist() == [40_000, 40_001, 65_535, MAX_COUNT]
    assert (sums.pixel_m2 == 7.0).all()
    rasters._join(sums, Sums(more, added, pixel_m2[:0]), 70_000)
    assert (counts[0, 1:] == MAX_COUNT).all()


def test_the_place_on_the_curve_interleaves_the_bits_of_both_axes():
    heads = heads_of(*(camera_at(256.0 * x, 256.0 * y) for x in range(4) for y in range(4)))
    xy = heads.geometry.get_coordinates().to_numpy()
    code = jobs.place_on_curve(xy, 64 * CELL_M)
    expected = [
        sum(((x >> k) & 1) << 2 * k | ((y >> k) & 1) << (2 * k + 1) for k in range(2))
        for x in range(4)
        for y in range(4)
    ]
    assert code.tolist() == expected


def test_the_finest_usual_cell_that_keeps_the_raster_small(rng):
    heads = heads_of(*(camera_at(*rng.uniform(0, 9_000, 2), reach_m=80.0) for _ in range(12)))
    scene = build_scene(houses((shapely.box(0, 0, 9, 9), 9.0)))
    for cell_m in jobs.CELL_SIZES_M[1:4]:
        stored = compute_coverage(heads, scene, cell_m=cell_m, density=False).count.size
        assert jobs.fitting_cell_m(heads, at_most=stored * 1.1) <= cell_m
        assert jobs.fitting_cell_m(heads, at_most=stored // 2) > cell_m
    assert jobs.fitting_cell_m(heads, at_most=10**12) == jobs.CELL_SIZES_M[0]
    assert jobs.fitting_cell_m(heads, at_most=1) == jobs.CELL_SIZES_M[-1]
    assert jobs.fitting_cell_m(heads.iloc[:0]) == jobs.CELL_SIZES_M[0]


def test_heads_are_checked(rng):
    scene, heads = town(), heads_of(camera_at(0, 0))
    with pytest.raises(SchemaError, match="reach_m"):
        compute_coverage(heads.assign(reach_m=-1.0), scene)
    with pytest.raises(CrsError, match="convert them"):
        compute_coverage(heads.to_crs(32636), scene)
    with pytest.raises(InputError, match=r"cell_m: expected a number .* found '1000\.0'"):
        compute_coverage(heads, scene, cell_m=1000.0)
    off = heads_of(camera_at(5_000.0, 0.0))
    with pytest.raises(MismatchError, match="does not cover 1 cameras"):
        compute_coverage(off, town(make_terrain(rng, 40, 40)))


def refused(run):
    """Return the faults that a call is refused with, before it takes much memory or time."""
    began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError) as caught:
        run()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began
    assert grown < 300_000_000 / 1024
    return caught.value.faults


def test_cells_too_small_for_a_long_reach_are_refused_in_both_ways_of_looking():
    far = camera_at(0.0, 0.0, reach_m=10_000.0)
    for run in (
        lambda: compute_coverage(heads_of(far), town(), cell_m=0.5),
        lambda: viewshed(far, town(), cell_m=0.5),
    ):
        (fault,) = refused(run)
        assert (fault.code, fault.field, fault.found) == ("grid.window", "cell_m", "0.5")
        assert str(fault.expected) == "at least 2 m for a camera that reaches 10000 m"
        assert "shorter reach" in str(fault.remedy)


def test_cameras_too_far_apart_for_their_cells_are_refused():
    heads = heads_of(camera_at(0.0, 0.0), camera_at(400_000.0, 400_000.0))
    (fault,) = refused(lambda: compute_coverage(heads, town(), cell_m=0.05))
    assert (fault.code, fault.file, fault.field) == ("grid.spread", "heads", "geometry")
    assert fault.found == "400 km x 400 km"
    assert str(fault.expected) == "an extent of at most 1,638 km2 with cells of 0.05 m"
    assert "stray coordinates" in str(fault.remedy)
    raster = compute_coverage(heads, town(), cell_m=2.0)
    assert (raster.seen > 0).all()
    assert jobs.fitting_cell_m(heads_of(camera_at(0.0, 0.0), camera_at(9e6, 9e6))) > 5.0


def test_more_cells_than_a_computer_holds_are_refused():
    places = [(x * 4_000.0, y * 4_000.0) for x in range(7) for y in range(3)]
    heads = heads_of(*(camera_at(*place, reach_m=2_400.0) for place in places))
    (fault,) = refused(lambda: compute_coverage(heads, town(), cell_m=0.5))
    assert (fault.code, fault.file, fault.field) == ("grid.cells", "heads", "cell_m")
    assert fault.found == "0.5"
    assert str(fault.expected).startswith("cells of which at most 1,000 million are needed; these")
    assert "larger cells" in str(fault.remedy)


def test_jobs_run_few_at_a_time_where_their_rasters_are_large(monkeypatch):
    monkeypatch.setattr(jobs, "worker_count", lambda: 1)
    boxes = np.array([[k * BLOCK, 0, k * BLOCK + 9, 9] for k in range(10)])
    rows = [np.array([k]) for k in range(10)]
    assert [len(some) for some in jobs.rounds_of(rows, boxes)] == [4, 4, 2]
    monkeypatch.setattr(jobs, "MOST_CELLS", 3 * BLOCK**2)
    assert [len(some) for some in jobs.rounds_of(rows, boxes)] == [3, 3, 3, 1]
    monkeypatch.setattr(jobs, "MOST_CELLS", 1)
    assert [len(some) for some in jobs.rounds_of(rows, boxes)] == [1] * 10
    assert list(jobs.rounds_of([], boxes)) == []


def test_a_raster_made_by_hand_needs_no_list_of_heads():
    none = np.zeros((0, BLOCK, BLOCK))
    made = CoverageRaster(
        CRS, 1.0, 1.5, (0.0, 0.0), Blocks(0, 0, np.full((0, 0), -1, np.int32)), none, none, none
    )
    assert made.seen.tolist() == []
    assert made.bounds == (0.0, 0.0, 0.0, 0.0)
