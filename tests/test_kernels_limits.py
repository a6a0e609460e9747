"""Rows cut by reach and frame against every cell asked for itself."""

import math

import numpy as np
import pytest

from civicsight.coverage.viewshed import rows_for
from civicsight.scene.bodies import build_scene
from tests.drawn import a_few
from tests.kernel_parts import (
    LENSES,
    camera_at,
    cells_in_view,
    centres,
    compiled,
    eye_of,
    ground_of,
    make_canvas,
    make_terrain,
    no_houses,
    random_look,
)

pytestmark = [pytest.mark.kernels, pytest.mark.parts]

limits_of, limit_rows = compiled("cell_tests", "limits_of", "limit_rows")

CELL_M = 2.0


def window(eye):
    x, y = eye.x / CELL_M - 0.5, eye.y / CELL_M - 0.5
    return make_canvas(60, 2, row0=int(y) - 30, word0=(int(x) - 32) >> 6, eye=(x, y), scale=0.5)


def ranges(canvas, eye, limits):
    """Return bool masks of the outer ranges, the holes and the sure ranges of all rows."""
    masks = np.zeros((4, canvas.n_row, canvas.n_word * 64), bool)
    rows = rows_for(canvas.n_row)
    limit_rows(canvas, eye, limits, rows)
    names = (
        ("first", "last"),
        ("hole_first", "hole_last"),
        ("sure_first", "sure_last"),
        ("ask_first", "ask_last"),
    )
    for mask, ends in zip(masks, names, strict=True):
        first, last = (getattr(rows, name) for name in ends)
        assert min(first.min(), last.min()) >= 0
        assert max(first.max(), last.max()) <= canvas.n_word * 64
        for row in range(canvas.n_row):
            mask[row, first[row] : last[row]] = True
    outer, hole, sure, ask = masks
    return outer, hole, sure & ~ask


def in_sector(eye, canvas):
    x, y = centres(canvas)
    turn = np.arctan2(x, y) - eye.sector_azimuth
    return np.abs((turn + np.pi) % (2.0 * np.pi) - np.pi) <= eye.sector_half


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("target", a_few([1.5, 9.0, 0.0, 6.0], 2))
def test_on_flat_ground_rows_hold_exactly_what_is_in_view(rng, lens, target):
    for _ in range(2):
        look = random_look(rng, lens) | {"reach_m": float(rng.uniform(8.0, 55.0))}
        eye, _ = eye_of(camera_at(70.3, 90.6, **look))
        canvas, limits = window(eye), limits_of(eye, ground_of(), target)
        outer, hole, sure = ranges(canvas, eye, limits)
        expected, tie = cells_in_view(eye, canvas, np.full(outer.shape, target))
        found = outer & ~hole & in_sector(eye, canvas)
        if lens == "equidistant":
            assert (expected <= found | tie).all()
            assert not sure.any()
        else:
            assert ((found == expected) | tie).all()
            assert np.array_equal(sure, outer), "nothing is left to ask"


@pytest.mark.parametrize("lens", LENSES)
def test_on_relief_rows_hold_all_that_is_in_view_and_are_sure_of_nothing_else(rng, lens):
    sure_cells = 0
    for _ in range(3):
        terrain = make_terrain(rng, 40, 40, rough=0.1)
        look = random_look(rng, lens) | {"reach_m": 40.0, "tilt_deg": 20.0, "near_m": 0.0}
        eye, _ = eye_of(camera_at(70.3, 90.6, **look), build_scene(no_houses(), terrain=terrain))
        canvas, limits = window(eye), limits_of(eye, ground_of(terrain), 1.5)
        outer, hole, sure = ranges(canvas, eye, limits)
        x, y = centres(canvas)
        z = terrain.height_at(x + eye.x, y + eye.y) + 1.5
        expected, tie = cells_in_view(eye, canvas, z)
        assert limits.relief
        assert (expected <= (outer & ~hole) | tie).all()
        assert (sure & in_sector(eye, canvas) <= expected | tie).all()
        sure_cells += sure.sum()
    assert (sure_cells > 0) == (lens != "equidistant")


def test_the_near_limit_leaves_a_hole_whose_edge_is_in_reach():
    """A level eye on a cell: cells exactly at the near limit are seen."""
    eye, _ = eye_of(camera_at(71.0, 91.0, height_m=1.5, near_m=10.0, reach_m=30.0))
    canvas, limits = window(eye), limits_of(eye, ground_of(), 1.5)
    outer, hole, _ = ranges(canvas, eye, limits)
    x, y = centres(canvas)
    distance = np.hypot(x, y)
    assert (hole == (distance < 10.0)).all()
    assert (outer == (distance <= 30.0)).all()
    assert (distance == 10.0).sum() == 12


FLAT_75 = math.tan(math.radians(75.0))


@pytest.mark.parametrize(
    ("look", "target", "radius", "hole"),
    [
        ({"reach_m": 10.0, "height_m": 7.5}, 1.5, 8.0, 0.0),
        ({"reach_m": 5.0, "height_m": 7.5}, 1.5, 0.0, 0.0),  # too high up
        ({"height_m": 4.5, "near_m": 5.0}, 1.5, None, 4.0),
        # A band of 45 degrees down from level sees the ground from one height away.
        ({"tilt_deg": 22.5, "vfov_deg": 45.0}, 0.0, None, 6.0),
        ({"tilt_deg": 60.0, "vfov_deg": 30.0}, 0.0, 6.0, 6.0 / FLAT_75),
        ({"tilt_deg": -22.5, "vfov_deg": 45.0}, 9.0, None, 3.0),
        ({"tilt_deg": -60.0, "vfov_deg": 30.0}, 9.0, 3.0, 3.0 / FLAT_75),
        ({"tilt_deg": -30.0, "vfov_deg": 40.0}, 0.0, None, math.inf),  # up only
        ({"tilt_deg": 30.0, "vfov_deg": 40.0}, 9.0, None, math.inf),  # down only
        ({"tilt_deg": 30.0, "vfov_deg": 40.0}, 6.0, 0.0, None),  # past level targets
        ({"tilt_deg": -30.0, "vfov_deg": 40.0}, 6.0, 0.0, None),
        ({"tilt_deg": 10.0, "vfov_deg": 40.0}, 6.0, 60.0, 0.0),
        ({"lens": "rectilinear", "hfov_deg": 60.0, "vfov_deg": 30.0}, 6.0, 60.0, 0.0),
    ],
)
def test_limits_in_plan_worked_out_by_hand(look, target, radius, hole):
    eye, _ = eye_of(camera_at(70.0, 90.0, **look))
    limits = limits_of(eye, ground_of(), target)
    expected = math.sqrt(60.0**2 - (eye.z - target) ** 2) if radius is None else radius
    assert limits.radius == pytest.approx(expected)
    if hole is not None:
        assert limits.hole == pytest.approx(hole, abs=1e-9)


def test_off_the_terrain_nothing_is_in_reach(rng):
    terrain = make_terrain(rng)
    camera = camera_at(50.0, 50.0, lens="rectilinear", hfov_deg=90.0, vfov_deg=60.0)
    eye, _ = eye_of(camera, build_scene(no_houses(), terrain=terrain))
    far = eye._replace(x=eye.x + 5000.0)
    assert limits_of(eye, ground_of(terrain), 1.5).radius > 0.0
    assert limits_of(far, ground_of(terrain), 1.5).radius == 0.0
