"""One convention for ties: what a sight line touches hides, the same in every kernel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.viewshed import sightlines, viewshed
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import build_scene
from tests.conftest import INTERPRETED
from tests.drawn import a_few
from tests.kernel_parts import camera_at, crowns, heads_of, houses, panels, samples_at
from tests.lattice import (
    TARGET_M,
    bodies_of,
    cells_of,
    exact,
    is_hidden,
    is_seen,
    lattice_camera,
    lattice_tables,
)

LEVEL = Terrain(np.zeros((60, 60)), -400.0, -400.0, 15.0)
QUICK = 2 if INTERPRETED else 4
SEEDS = [*range(QUICK), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(QUICK, 40))]


def both(tables, camera, cell):
    """Return what a camera sees on flat ground, and on relief without any height."""
    return [
        viewshed(
            camera, build_scene(*tables, terrain=terrain), target_height_m=TARGET_M, cell_m=cell
        )
        for terrain in (None, LEVEL)
    ]


def differences(one, other):
    """Return the centres of cells that two views show differently."""
    assert one.visible.shape == other.visible.shape
    x, y = cells_of(one)
    wrong = (one.visible != other.visible) | (one.open != other.open)
    return list(
        zip(x[wrong].tolist(), y[wrong].tolist(), one.visible[wrong].tolist(), strict=True)
    )[:9]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("cell", [0.5, 1.0])
def test_flat_ground_and_relief_without_height_show_the_same_cells(seed, cell):
    rng = np.random.default_rng([seed, int(2 * cell)])
    tables = lattice_tables(rng, cell, trees=seed % 2 == 1)
    for _ in range(1 if INTERPRETED else 4):
        flat, level = both(tables, lattice_camera(rng, cell, tables), cell)
        assert not differences(flat, level)
        assert np.array_equal(flat.px_m, level.px_m)


@pytest.mark.slow
@pytest.mark.parametrize("seed", a_few(SEEDS[::2]))
def test_every_cell_of_a_lattice_is_decided_by_the_convention(seed):
    rng = np.random.default_rng([seed, 7])
    tables = lattice_tables(rng, 1.0, trees=seed % 3 == 0)
    bodies = bodies_of(tables)
    camera = replace(lattice_camera(rng, 1.0, tables), reach_m=31.3)
    flat, _ = both(tables, camera, 1.0)
    x, y = cells_of(flat)
    near = np.argwhere(np.hypot(x - camera.x, y - camera.y) < 32.0)[:: 25 if INTERPRETED else 3]
    wrong = [
        (x[r, c], y[r, c], bool(flat.visible[r, c]))
        for r, c in near
        if flat.visible[r, c] != is_seen(camera, x[r, c], y[r, c], bodies)
    ]
    assert not wrong[:9]


@pytest.mark.parametrize("seed", SEEDS[::2])
def test_points_are_decided_as_cells_but_for_what_they_lie_on(seed):
    """A gate lies in its wall: a point is hidden by what the line touches before it."""
    rng = np.random.default_rng([seed, 9])
    tables = lattice_tables(rng, 1.0, trees=seed % 3 == 0)
    bodies = bodies_of(tables)
    camera = replace(lattice_camera(rng, 1.0, tables), reach_m=90.0)
    places = rng.integers(-4, 44, (30 if INTERPRETED else 120, 2)) * 0.5
    samples = samples_at(*((x, y, TARGET_M) for x, y in places))
    for terrain in (None, LEVEL):
        lines = sightlines(heads_of(camera), samples, build_scene(*tables, terrain=terrain))
        seen = lines.q.toarray()[0] > 0.0
        wrong = [
            (x, y, found)
            for (x, y), found in zip(places.tolist(), seen.tolist(), strict=True)
            if found != seen_before(camera, x, y, bodies)
        ]
        assert not wrong[:9]


def seen_before(camera, x, y, bodies):
    """Tell whether the target at a point is seen: nothing is touched before it."""
    eye, target = exact(camera.x, camera.y, camera.height_m), exact(x, y, TARGET_M)
    if eye == target:
        return True
    short = tuple(a + (b - a) * (1 - exact(1e-7)[0]) for a, b in zip(eye, target, strict=True))
    return not any(is_hidden(eye, short, body) for body in bodies)


def shown(tables, camera, x, y, cell=1.0):
    """Return what flat ground and level relief say of the cell whose centre is at a place."""
    answers = []
    for view in both(tables, camera, cell):
        at_x, at_y = cells_of(view)
        (place,) = np.argwhere((at_x == x) & (at_y == y))
        answers.append((bool(view.visible[tuple(place)]), bool(view.open[tuple(place)])))
    assert answers[0] == answers[1]
    return answers[0]


LOW = houses((shapely.box(10.5, 0.5, 20.5, 10.5), 3.0))


def test_a_cell_on_any_wall_of_a_low_house_is_closed_ground_in_both_kernels():
    camera = camera_at(0.0, 5.5, height_m=6.0)
    for x, y in ((10.5, 5.5), (20.5, 5.5), (15.5, 0.5), (15.5, 10.5), (10.5, 0.5), (20.5, 10.5)):
        assert shown((LOW,), camera, x, y) == (False, False)
    assert shown((LOW,), camera, 9.5, 5.5) == (True, True)


def test_the_shadow_of_a_low_house_ends_where_a_line_clears_its_far_eaves():
    """From 6 m over eaves of 3 m at 20.5 m to targets of 1.5 m: at 30.75 m, and that is free."""
    camera = camera_at(0.5, 5.5, height_m=6.0)
    # The line to 30.5 m touches the eaves exactly: (6 - 1.5) / (6 - 3) = 30 / 20.
    assert shown((LOW,), camera, 30.5, 5.5) == (False, True)
    assert shown((LOW,), camera, 31.5, 5.5) == (True, True)
    assert shown((LOW,), camera, 29.5, 5.5) == (False, True)


def test_a_line_past_a_corner_or_along_a_wall_is_hidden():
    high = houses((shapely.box(10.5, 0.5, 20.5, 10.5), 30.0))
    camera = camera_at(0.5, 10.5, height_m=6.0, reach_m=80.0)
    assert shown((high,), camera, 30.5, 10.5) == (False, True)
    assert shown((high,), camera, 30.5, 11.5) == (True, True)
    corner = camera_at(0.5, 0.5, height_m=6.0, reach_m=80.0)
    assert shown((high,), corner, 20.5, 20.5) == (False, True)
    assert shown((high,), corner, 19.5, 20.5) == (True, True)


def test_a_level_line_passes_over_a_roof_of_its_height():
    hall = houses((shapely.box(10.5, 0.5, 20.5, 10.5), 1.5))
    assert shown((hall,), camera_at(0.5, 5.5, height_m=1.5), 30.5, 5.5) == (True, True)
    assert shown((hall,), camera_at(0.5, 5.5, height_m=6.0), 15.5, 5.5) == (True, True)


def test_below_a_raised_part_that_begins_at_the_height_of_the_targets_nothing_is_seen():
    bridge = houses((shapely.box(10.5, 0.5, 20.5, 10.5), 4.5, 1.5))
    for x in (10.5, 15.5, 20.5, 21.5):
        assert shown((bridge,), camera_at(0.5, 5.5, height_m=6.0), x, 5.5)[0] is False


def test_panels_and_dark_crowns_hide_by_their_ends_too():
    fence = panels((shapely.LineString([(10.5, 0.5), (10.5, 8.5)]), 3.0, 0.0))
    tree = crowns((shapely.box(10.5, 0.5, 14.5, 8.5), 9.0, 1.0, 0.2))
    camera = camera_at(2.5, 8.5, height_m=2.5)
    for tables in ((houses(), fence), (houses(), None, tree)):
        assert shown(tables, camera, 16.5, 8.5)[0] is False
        assert shown(tables, camera, 16.5, 9.5)[0] is True


def test_a_point_on_a_wall_is_seen_from_the_side_that_the_wall_faces():
    scene = build_scene(LOW)
    samples = samples_at((10.5, 5.5, 1.5), (20.5, 5.5, 1.5))
    lines = sightlines(heads_of(camera_at(0.0, 5.5), camera_at(30.0, 5.5)), samples, scene)
    assert (lines.q.toarray() > 0.0).tolist() == [[True, False], [False, True]]


def test_rasters_and_single_views_agree_on_ties():
    rng = np.random.default_rng(3)
    tables = lattice_tables(rng, 1.0)
    camera = lattice_camera(rng, 1.0, tables)
    scene = build_scene(*tables)
    view = viewshed(camera, scene, target_height_m=TARGET_M, cell_m=1.0)
    raster = compute_coverage(heads_of(camera), scene, target_height_m=TARGET_M, cell_m=1.0)
    assert raster.seen.tolist() == [int(view.visible.sum())]
