"""Laws that every view obeys, whatever the scene: no oracle needed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from civicsight.coverage.raster import CoverageRaster, compute_coverage
from civicsight.coverage.viewshed import sightlines
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import Scene, build_scene
from tests.conftest import INTERPRETED
from tests.drawn import a_few
from tests.oracle_cells import features_of, is_open
from tests.oracle_view import view_of
from tests.scenes import CORNER, CRS, WIDTH_M, Case, fuzz
from tests.witness import scene_of
from tests.witness_lines import make_samples, targets_of

FIRST = 600
SEEDS = a_few(range(FIRST, FIRST + 12), 5)
CELL_M = 4.0 if INTERPRETED else 1.0
REACH_M = 50.0 if INTERPRETED else 90.0
FINENESS = 2.0**-20
"""Coordinates are rounded to this where a motion has to be exact in double precision [m]."""

each_scene = pytest.mark.parametrize("seed", SEEDS)


def make_case(seed: int, *, relief: bool | None = None) -> Case:
    case = fuzz(seed, 4, relief=relief)
    heads = case.heads.assign(reach_m=case.heads["reach_m"].clip(upper=REACH_M))
    return replace(case, heads=heads, cell_m=CELL_M)


def look(case: Case, **options) -> CoverageRaster:
    return compute_coverage(
        case.heads,
        scene_of(case),
        cell_m=case.cell_m,
        target_height_m=case.target_height_m,
        **options,
    )


def box_of(margin: float = 160.0) -> tuple[float, float, float, float]:
    """Bounds that hold all that can be seen, on whole cells of 64 m."""
    low = np.floor((np.array(CORNER) - margin) / 64.0) * 64.0
    high = np.ceil((np.array(CORNER) + WIDTH_M + margin) / 64.0) * 64.0
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def moved(frame: gpd.GeoDataFrame, move) -> gpd.GeoDataFrame:
    return frame.set_geometry(
        gpd.GeoSeries(shapely.transform(frame.geometry.to_numpy(), move), frame.index, CRS)
    )


def move_case(case: Case, move, turn_deg: float, terrain: Terrain | None = None) -> Case:
    heads = moved(case.heads, move)
    heads["azimuth_deg"] = heads["azimuth_deg"] - turn_deg
    return replace(
        case,
        buildings=moved(case.buildings, move),
        obstacles=moved(case.obstacles, move),
        canopies=moved(case.canopies, move),
        heads=heads,
        terrain=terrain,
    )


def rounded(case: Case) -> Case:
    return move_case(case, lambda p: np.round(p / FINENESS) * FINENESS, 0.0, case.terrain)


@each_scene
def test_what_is_seen_does_not_hang_on_whose_names_are_asked_for(seed):
    case = make_case(seed)
    samples = make_samples(np.random.default_rng(seed), 200, case)
    named = sightlines(case.heads, samples, scene_of(case))
    unnamed = sightlines(case.heads, samples, scene_of(case), named_from=np.inf)
    assert np.array_equal(named.q.toarray(), unnamed.q.toarray())
    assert unnamed.blocked.empty
    some = sightlines(case.heads, samples, scene_of(case), named_from=30.0)
    pd.testing.assert_frame_equal(
        some.blocked, named.blocked[named.blocked["px_m"] >= 30.0].reset_index(drop=True)
    )


@each_scene
def test_what_is_seen_is_within_range_and_frame_and_never_finer_than_the_lens(seed):
    case = make_case(seed)
    samples = make_samples(np.random.default_rng(seed), 200, case)
    q = sightlines(case.heads, samples, scene_of(case)).q.toarray()
    for k, camera in enumerate(case.cameras()):
        view, px_m = view_of(camera, targets_of(case, samples))
        seen = q[k] > 0
        assert (view.min(axis=0)[seen] >= -1e-9).all()
        np.testing.assert_allclose(q[k][seen], px_m[seen], rtol=2e-6)


@each_scene
def test_one_more_building_away_from_the_cameras_never_adds_coverage(seed):
    case = make_case(seed)
    more = fuzz(seed + 5000, 1, relief=False).buildings
    more.index = "more " + more.index
    features, _ = features_of(more, terrain=case.terrain)
    eyes = np.array([(c.x, c.y, c.z) for c in case.cameras()])
    more = more[[is_open(eyes, [feature]).all() for feature in features]]
    before, after = look(case), look(replace(case, buildings=pd.concat([case.buildings, more])))
    best, count, *_ = before.to_dense()
    best_after, count_after, *_ = after.to_dense()
    assert len(more)
    assert (count_after <= count).all()
    assert (best_after <= best).all()


@each_scene
def test_one_more_camera_never_removes_coverage(seed):
    case = make_case(seed)
    box = box_of()
    best, count, *_ = look(replace(case, heads=case.heads.iloc[:3])).to_dense(box)
    best_after, count_after, *_ = look(case).to_dense(box)
    assert (count_after >= count).all()
    assert (best_after >= best).all()


@each_scene
def test_order_of_the_cameras_changes_nothing(seed):
    case = make_case(seed)
    order = np.random.default_rng(seed).permutation(len(case.heads))
    raster, shuffled = look(case), look(replace(case, heads=case.heads.iloc[order]))
    for one, other in zip(raster.to_dense(), shuffled.to_dense(), strict=True):
        assert np.array_equal(one, other)
    assert (raster.seen[order] == shuffled.seen).all()
    samples = make_samples(np.random.default_rng(seed), 60, case)
    scene = scene_of(case)
    q = sightlines(case.heads, samples, scene).q.toarray()
    assert np.array_equal(q[order], sightlines(case.heads.iloc[order], samples, scene).q.toarray())


@each_scene
def test_taking_the_cameras_in_parts_or_on_one_thread_changes_nothing(seed):
    case = make_case(seed)
    box = box_of()
    best, count, *_ = look(case).to_dense(box)
    parts = [look(replace(case, heads=case.heads.iloc[[k]])) for k in range(len(case.heads))]
    dense = [part.to_dense(box) for part in parts]
    assert np.array_equal(count, sum(part[1].astype(int) for part in dense))
    assert np.array_equal(best, np.max([part[0] for part in dense], axis=0))
    with ThreadPoolExecutor(1) as one_thread:
        assert np.array_equal(count, look(case, executor=one_thread).to_dense(box)[1])


@each_scene
def test_leaving_out_what_is_out_of_reach_changes_nothing(seed):
    case = make_case(seed)
    box = box_of()
    near = shapely.union_all(case.heads.geometry.buffer(case.heads["reach_m"] + 2.0))
    few = replace(
        case,
        **{
            name: table[table.intersects(near)]
            for name in ("buildings", "obstacles", "canopies")
            for table in [getattr(case, name)]
        },
    )
    assert np.array_equal(look(case).to_dense(box)[1], look(few).to_dense(box)[1])


@each_scene
def test_cells_move_with_the_scene_by_whole_cells(seed):
    case = rounded(make_case(seed))
    step = np.array([64.0 * 17, 64.0 * -9])
    terrain = case.terrain
    if terrain is not None:
        # Nodes must be exact as well: the grid is laid anew at rounded places.
        x0, y0 = (float(np.round(v / FINENESS) * FINENESS) for v in (terrain.x0, terrain.y0))
        case = replace(case, terrain=Terrain(terrain.z, x0, y0, terrain.step))
        terrain = Terrain(terrain.z, x0 + step[0], y0 + step[1], terrain.step)
    shifted = move_case(case, lambda p: p + step, 0.0, terrain)
    box = np.array(box_of())
    best, count, is_free, _ = look(case).to_dense(tuple(box))
    best_there, count_there, is_free_there, _ = look(shifted).to_dense(
        tuple(box + np.tile(step, 2))
    )
    assert np.array_equal(count, count_there)
    assert np.array_equal(is_free, is_free_there)
    np.testing.assert_allclose(best, best_there, rtol=1e-6)


@each_scene
def test_cells_turn_with_the_scene_by_quarter_turns(seed):
    case = rounded(make_case(seed, relief=False))
    west, south, east, north = box_of()
    side = max(east - west, north - south)
    center = np.array([west + side / 2, south + side / 2])

    def quarter(p):
        return center + np.column_stack([-(p[:, 1] - center[1]), p[:, 0] - center[0]])

    box = west, south, west + side, south + side
    best, count, *_ = look(case).to_dense(box)
    best_there, count_there, *_ = look(move_case(case, quarter, 90.0)).to_dense(box)
    assert np.array_equal(np.rot90(count), count_there)
    np.testing.assert_allclose(np.rot90(best), best_there, rtol=1e-6)


@each_scene
@pytest.mark.parametrize("turn_deg", [17.0, 90.0, 233.0])
def test_points_are_seen_alike_after_any_rigid_motion(seed, turn_deg):
    case = make_case(seed, relief=False)
    samples = make_samples(np.random.default_rng(seed), 100, case)
    angle, center = np.radians(turn_deg), np.array(CORNER) + WIDTH_M / 2
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])

    def move(p):
        return (p - center) @ turn + center + (811.3, -4417.9)

    here = sightlines(case.heads, samples, scene_of(case))
    there_case = move_case(case, move, turn_deg)
    there = sightlines(there_case.heads, moved(samples, move), scene_of(there_case))
    np.testing.assert_allclose(here.q.toarray(), there.q.toarray(), rtol=1e-5)
    pairs = ["head", "sample"]
    one, other = (lines.blocked.sort_values(pairs)[pairs].to_numpy() for lines in (here, there))
    assert np.array_equal(one, other)


def test_two_spots_far_apart_cost_two_spots_and_see_what_each_sees_alone():
    case = make_case(FIRST, relief=False)
    step = np.array([64.0 * 300, 64.0 * 300])
    case = rounded(case)
    far = move_case(case, lambda p: p + step, 0.0)
    both = replace(
        case,
        **{
            name: pd.concat(
                [getattr(case, name), getattr(far, name).rename(lambda label: f"far {label}")]
            )
            for name in ("buildings", "obstacles", "canopies", "heads")
        },
    )
    raster, alone = look(both), look(case)
    box = np.array(box_of())
    assert np.array_equal(raster.to_dense(tuple(box))[1], alone.to_dense(tuple(box))[1])
    there = raster.to_dense(tuple(box + np.tile(step, 2)))[1]
    assert np.array_equal(there, alone.to_dense(tuple(box))[1])
    n_alone = len(list(alone.blocks()))
    assert 2 * n_alone - 2 <= len(list(raster.blocks())) <= 2 * n_alone + 4


def test_an_empty_scene_shows_the_whole_frame():
    case = make_case(FIRST, relief=False)
    bare = replace(
        case,
        buildings=case.buildings.iloc[:0],
        obstacles=case.obstacles.iloc[:0],
        canopies=case.canopies.iloc[:0],
    )
    raster = look(bare)
    _, count, _, at = raster.to_dense()
    row, col = (v.ravel() for v in np.indices(count.shape))
    targets = np.column_stack(
        [
            at.c + (col + 0.5) * at.a,
            at.f + (row + 0.5) * at.e,
            np.full(len(row), case.target_height_m),
        ]
    )
    expected = sum(
        (view_of(camera, targets)[0].min(axis=0) >= 0).astype(int) for camera in bare.cameras()
    )
    assert np.array_equal(count.ravel(), expected)


def test_no_cameras_see_nothing():
    case = make_case(FIRST)
    scene: Scene = build_scene(case.buildings, terrain=case.terrain)
    raster = compute_coverage(case.heads.iloc[:0], scene)
    assert list(raster.blocks()) == []
    samples = make_samples(np.random.default_rng(1), 5, case)
    lines = sightlines(case.heads.iloc[:0], samples, scene)
    assert lines.q.shape == (0, 5)
    assert sightlines(case.heads, samples.iloc[:0], scene).q.shape == (4, 0)
