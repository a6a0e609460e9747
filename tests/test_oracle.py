"""The witness itself against cases worked out on paper and against another's geometry."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from civicsight.model.terrain import Terrain
from tests import oracle_compiled
from tests.oracle import PASSING, Feature, ground_clearance, see
from tests.oracle_cells import cell_targets, cells_about, features_of, ground, is_open
from tests.oracle_view import Camera, view_of
from tests.scenes import fuzz, make_terrain

ALL_ROUND = Camera(0.0, 0.0, 6.0, reach=1000.0)


def ring(x0, y0, x1, y1):
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], float)


def prism(x0, y0, x1, y1, top, base=-np.inf):
    return Feature("prism", (ring(x0, y0, x1, y1),), base, top)


def east(*xs, y=0.0, z=1.5):
    return np.array([(x, y, z) for x in xs], float)


def test_shadow_of_a_box_begins_at_its_front_and_ends_where_the_line_over_its_far_edge_lands():
    # From 6 m over the far edge (12, 4) the line falls 1 in 6 and is at 1.5 m after 27 m.
    box = prism(10, -50, 12, 50, 4.0)
    sight = see(ALL_ROUND, east(9.9, 12.1, 20, 26.9, 27.1, 60), [box])
    assert sight.visible.tolist() == [True, False, False, False, True, True]


def test_billboard_on_legs_hides_a_band_with_free_sight_below_above_and_beside():
    # Between 2 and 5 m at 10 m distance the line is 6 - 45 / x: hidden for 11.25 < x < 45.
    board = Feature("panel", (np.array([(10.0, -3.0), (10.0, 3.0)]),), 2.0, 5.0)
    sight = see(ALL_ROUND, east(9, 11.2, 11.3, 44.9, 45.1), [board])
    assert sight.visible.tolist() == [True, True, False, False, True]
    beside = [see(ALL_ROUND, east(20, y=y), [board]).visible[0] for y in (-6.1, -5.9, 5.9, 6.1)]
    assert beside == [True, False, False, True]
    from_behind = see(Camera(40.0, 0.0, 6.0, reach=99.0), east(20, 0.0), [board])
    assert from_behind.visible.tolist() == [True, False]


def test_one_sees_through_a_passage_as_far_as_its_ceiling_lets():
    # The ceiling at 4 m begins 10 m away: the line 6 - 45 / x is below it there up to x = 22.5.
    part = prism(10, -9, 20, 9, 20.0, 4.0)
    sight = see(ALL_ROUND, east(12, 19, 22.4, 22.6, 60), [part])
    assert sight.visible.tolist() == [True, True, True, False, False]
    assert is_open(east(15), [part]).all()
    assert not is_open(east(15, z=4.5), [part]).any()


def test_courtyard_is_seen_from_inside_and_hides_the_street():
    yard = Feature("prism", (ring(-20, -20, 20, 20), ring(-10, -10, 10, 10)[::-1]), -np.inf, 12.0)
    sight = see(ALL_ROUND, east(9.9, 15, 25), [yard])
    assert sight.visible.tolist() == [True, False, False]
    assert is_open(east(9.9, 10.0, 15, 20.0, 25), [yard]).tolist() == [
        True,
        False,
        False,
        False,
        True,
    ]
    outside = see(Camera(-30.0, 0.0, 6.0, reach=99.0), east(0.0, -21.0), [yard])
    assert outside.visible.tolist() == [False, True]


def test_camera_on_a_roof_sees_down_past_the_edge():
    # 2 m above a roof, half a metre from its edge: 12.5 m down are reached 3.125 m out.
    house = prism(0, -9, 20, 9, 12.0)
    roof = Camera(19.5, 0.0, 14.0, reach=99.0)
    assert see(roof, east(22.6, 22.7), [house]).visible.tolist() == [False, True]
    assert see(roof, np.array([(10.0, 0.0, 12.5)]), [house]).visible.all()


def test_camera_on_a_wall_is_not_blinded_by_its_host_and_sees_nothing_behind():
    house = prism(-20, -9, 0, 9, 12.0)
    targets = np.array([(5.0, 3.0, 1.5), (0.001, 4.0, 1.5), (-5.0, 0.0, 1.5), (0.0, 4.0, 1.5)])
    sight = see(ALL_ROUND, targets, [house], margins=True)
    assert sight.visible[:3].tolist() == [True, True, False]
    assert sight.clearance[3] == 0.0


def test_touching_houses_leave_no_gap_and_a_gap_of_a_hair_is_one():
    left, right = prism(10, 0, 20, 9, 9.0), prism(10, -9, 20, 0, 9.0)
    eye = Camera(0.0, 0.3, 6.0, reach=99.0)
    target = np.array([(40.0, -0.9, 1.5)])
    assert not see(eye, target, [left, right]).visible.any()
    # A line from one edge of the gap to the other is free if the gap is as wide as it is slanted.
    assert see(replace(eye, y=0.0), east(40), [left, right], margins=True).clearance[0] == 0.0
    narrow = [prism(10, 1e-6, 20, 9, 9.0), prism(10, -9, 20, -1e-6, 9.0)]
    free = see(replace(eye, y=0.0), east(40), narrow, margins=True)
    assert free.visible.all()
    assert free.clearance[0] == pytest.approx(1e-6)


def test_plumb_lines_pass_a_slab_only_beside_it():
    slab = prism(-1, -1, 1, 1, 4.0, 3.0)
    assert not see(ALL_ROUND, east(0.0), [slab]).visible.any()
    assert see(ALL_ROUND, east(0.0, z=5.0), [slab]).visible.all()
    assert see(ALL_ROUND, east(0.0), [prism(1, -1, 2, 1, 4.0, 3.0)]).visible.all()


def test_crowns_hide_together_when_less_than_half_passes():
    crowns = [Feature("canopy", (ring(x, -2, x + 2, 2),), 0.0, 9.0, 0.7) for x in (10, 20)]
    assert see(ALL_ROUND, east(15, 30), crowns).visible.tolist() == [True, False]
    half = [replace(crowns[0], transmittance=PASSING)]
    assert see(ALL_ROUND, east(30), half).visible.all()
    assert see(ALL_ROUND, east(30, z=25.0), crowns).visible.all()


def test_camera_in_a_crown_looks_through_it():
    crown = Feature("canopy", (ring(-2, -2, 2, 2),), 5.0, 9.0, 0.1)
    assert see(ALL_ROUND, east(30), [crown]).visible.all()
    assert not see(replace(ALL_ROUND, z=12.0), east(3.0), [crown]).visible.any()


def test_ridge_hides_and_a_wall_on_it_hides_more():
    # A ridge of 10 m half way: 6 m and 15 m meet it at 10.5 m, 12 m of wall stop them.
    terrain = Terrain(np.array([[0.0, 10.0, 0.0]] * 3), 0.0, -50.0, 50.0)
    sight = see(ALL_ROUND, east(100.0, 100.0, z=1.5), [], terrain)
    assert sight.behind_ground.all()
    assert see(ALL_ROUND, east(100.0, z=15.0), [], terrain).visible.all()
    wall = Feature("panel", (np.array([(50.0, -5.0), (50.0, 5.0)]),), -np.inf, 12.0)
    hidden = see(ALL_ROUND, east(100.0, z=15.0), [wall], terrain)
    assert hidden.hiders[0, 0]
    assert not hidden.behind_ground[0]


def test_saddle_rises_between_its_corners():
    # On z = x y from corner to corner the ground is t (1 - t): a quarter of a metre half way.
    terrain = Terrain(np.array([[0.0, 0.0], [0.0, 1.0]]), 0.0, 0.0, 1.0)
    eye = Camera(0.0, 1.0, 0.2)
    clear = [
        ground_clearance(replace(eye, z=h), np.array([(1.0, 0.0, h)]), terrain)[0]
        for h in (0.2, 0.3)
    ]
    assert clear == pytest.approx([-0.05, 0.05])


@pytest.mark.slow
def test_quadratic_agrees_with_a_fine_march_within_its_error():
    rng = np.random.default_rng(11)
    for step in (5.0, 10.0, 30.0, 30.0):
        terrain = make_terrain(rng, step)
        x0, y0, x1, y1 = terrain.bounds
        ends = rng.uniform((x0, y0), (x1, y1), (60, 2))
        z = ground(ends[:, 0], ends[:, 1], terrain) + rng.uniform(0.0, 30.0, 60)
        eye = Camera(ends[0, 0], ends[0, 1], z[0])
        targets = np.column_stack([ends, z])[1:]
        exact = ground_clearance(eye, targets, terrain)
        n_step = 2000
        t = np.linspace(0, 1, n_step + 1)[:, None, None]
        p = (eye.x, eye.y, eye.z) + t * (targets - (eye.x, eye.y, eye.z))
        height = p[..., 2] - ground(p[..., 0].ravel(), p[..., 1].ravel(), terrain).reshape(
            p.shape[:2]
        )
        # Between samples the height can fall by no more than the steepest slope over half a step.
        slope = 2 * np.abs(np.diff(height, axis=0)).max(axis=0)
        assert (exact <= height.min(axis=0) + 1e-9).all()
        assert (height.min(axis=0) - exact <= slope).all()


def test_ground_coverage_of_a_tilted_camera_has_the_published_corners():
    # Height 4, tilt 30, 52 x 30 degrees: the ground trapezoid of optics vector V10.
    eye = Camera(0.0, 0.0, 4.0, 90.0, 30.0, 0.0, 52.0, 30.0, "rectilinear", reach=99.0)
    corners = np.array([(4.0, 2.665), (4.0, -2.665), (14.928, 7.281), (14.928, -7.281)])
    targets = np.column_stack([corners, np.zeros(4)])
    center = targets.mean(axis=0)
    assert see(eye, center + 0.999 * (targets - center), []).visible.all()
    assert not see(eye, center + 1.001 * (targets - center), []).visible.any()
    _, px_m = view_of(replace(eye, width_px=2560.0), np.array([(9.7, 0.0, 0.0)]))
    assert px_m[0] == pytest.approx(252.3, abs=0.05)


def test_a_positive_roll_lowers_the_right_side_of_the_frame():
    # Looking north, rolled clockwise, the east side of the frame sinks.
    eye = Camera(0, 0, 0, 0.0, 0.0, 30.0, 60.0, 20.0, "rectilinear", reach=99.0)
    low_right, high_right = np.array([(4.0, 10.0, -2.3)]), np.array([(4.0, 10.0, 2.3)])
    assert see(eye, low_right, []).visible.all()
    assert not see(eye, high_right, []).visible.any()


def test_fisheye_and_panorama_frames():
    fisheye = Camera(0, 0, 5, 0.0, 90.0, 0.0, 180.0, 180.0, "equidistant", reach=99.0)
    assert see(fisheye, np.array([(9.0, 9.0, 4.9), (9.0, 9.0, 5.1)]), []).visible.tolist() == [
        True,
        False,
    ]
    panorama = Camera(0, 0, 5, 90.0, 20.0, 0.0, 180.0, 40.0, "cylindrical", reach=99.0)
    targets = np.array(
        [(9, 1, 4.9), (-1, 9, 4.9), (9, 1, 5.1), (9, 0, 5 - 9 * 0.85), (9, 0, 5 - 9 * 0.83)]
    )
    assert see(panorama, targets, []).visible.tolist() == [True, False, False, False, True]


def test_near_and_reach_are_slant_distances_and_belong_to_the_view():
    eye = Camera(0, 0, 3, near=5.0, reach=13.0)
    targets = np.array([(4, 0, 0), (3.99, 0, 0), (0, 12, 8), (0, 12.01, 8)], float)
    assert see(eye, targets, []).in_view.tolist() == [True, False, True, False]


def test_tall_houses_hide_what_shapely_says_they_cross():
    rng = np.random.default_rng(3)
    for seed in range(12):
        case = fuzz(seed, relief=False)
        tall = case.buildings.assign(height_m=500.0, base_m=0.0)
        features, _ = features_of(tall)
        eye = replace(
            case.cameras()[0],
            reach=1e3,
            near=0.0,
            hfov=360.0,
            lens="cylindrical",
            vfov=180.0,
            tilt=0.0,
        )
        x, y, _, _ = case.buildings.total_bounds
        targets = np.column_stack([rng.uniform((x, y), (x + 90, y + 90), (200, 2)), np.ones(200)])
        lines = shapely.linestrings([[(eye.x, eye.y), tuple(p[:2])] for p in targets])
        crossed = np.array(
            [shapely.relate_pattern(lines, shape, "T********") for shape in tall.geometry]
        )
        assert (see(eye, targets, features).hiders == crossed).all()


def test_clearance_is_the_distance_to_the_next_answer():
    box = prism(10, -5, 20, 5, 4.0)
    level = Camera(0.0, 0.0, 2.0, reach=99.0)
    rows = np.array([(30.0, y, 2.0) for y in (18.0, 12.0)])
    beside = see(level, rows, [box], margins=True)
    # The upper line is one metre above the corner (10, 5), at a slope of 0.6.
    assert beside.clearance[0] == pytest.approx(1.0 / np.hypot(1.0, 0.6))
    assert beside.visible.tolist() == [True, False]
    assert -5.0 < beside.clearance[1] < -0.2
    above = see(replace(level, z=4.3), np.array([(30.0, 0.0, 4.3)]), [box], margins=True)
    assert above.clearance[0] == pytest.approx(0.3)
    below = see(replace(level, z=3.9), np.array([(30.0, 0.0, 3.9)]), [box], margins=True)
    assert below.clearance[0] == pytest.approx(-0.1)


@pytest.mark.parametrize("seed", range(8))
def test_clearance_has_the_sign_of_the_answer(seed):
    case = fuzz(seed, 2)
    features, _ = features_of(case.buildings, case.obstacles, case.canopies, case.terrain)
    for eye in case.cameras():
        targets = cell_targets(*cells_about(eye.x, eye.y, 40.0, 4.0), 4.0, 1.5, case.terrain)
        sight = see(eye, targets, features, case.terrain, margins=True)
        assert ((sight.clearance >= 0) == sight.visible).all()


def compare_twins(seeds, cell):
    for seed in seeds:
        case = fuzz(seed, 3)
        features, _ = features_of(case.buildings, case.obstacles, case.canopies, case.terrain)
        packed = oracle_compiled.pack(features)
        for eye in case.cameras():
            targets = cell_targets(
                *cells_about(eye.x, eye.y, eye.reach, cell), cell, 1.5, case.terrain
            )
            plain = see(eye, targets, features, case.terrain).visible
            assert (oracle_compiled.visible(eye, targets, packed, case.terrain) == plain).all()


def test_compiled_twin_agrees_on_a_few_cells():
    compare_twins(range(2), 12.0)


@pytest.mark.compiled_only
@pytest.mark.slow
def test_compiled_twin_agrees_on_many_cells():
    compare_twins(range(100, 120), 2.0)
