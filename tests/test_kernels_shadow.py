"""Shadows of low and raised things against the height of each sight line."""

import itertools
import math

import numpy as np
import pytest
import shapely

from civicsight.coverage.prepare import prepare
from civicsight.scene.bodies import ENDLESS, GROUNDED, MIN_TRANSMITTANCE, build_scene
from tests.kernel_parts import (
    camera_at,
    centres,
    compiled,
    crowns,
    eye_of,
    ground_of,
    houses,
    make_canvas,
    make_terrain,
    no_houses,
    unpack,
)

pytestmark = [pytest.mark.kernels, pytest.mark.parts]

clear_behind_wall, clear_body_footprints, shadow_span = compiled(
    "shadow", "clear_behind_wall", "clear_body_footprints", "shadow_span"
)

HEIGHTS = (0.0, 1.5, 3.0, 6.0, 9.0)
SCALES = np.concatenate([np.linspace(1.0, 8.0, 701)[1:], [20.0, 300.0, 1e6]])
TIE = 1e-9
ALL = (1 << 64) - 1


@pytest.mark.parametrize(("eye", "target"), list(itertools.product(HEIGHTS, HEIGHTS)))
def test_the_span_holds_the_scales_whose_lines_pass_between_base_and_top(eye, target):
    """A target k times as far as the wall is hidden where its line passes the wall itself."""
    for base in (GROUNDED, *HEIGHTS, 4.0):
        for top in (*HEIGHTS, 4.0, ENDLESS):
            near, far = shadow_span(eye, target, base, top)
            z = eye + (target - eye) / SCALES
            hidden = (base < z) & (z < top)
            tie = np.abs(SCALES - near) < TIE
            if math.isfinite(far):
                tie |= np.abs(SCALES - far) < TIE
            assert (((near < SCALES) & (far > SCALES)) == hidden)[~tie].all(), (base, top)


@pytest.mark.parametrize(
    ("eye", "target", "base", "top", "expected"),
    [
        (6.0, 1.5, GROUNDED, 3.0, (1.0, 1.5)),  # a low wall seen from above
        (6.0, 1.5, GROUNDED, 9.0, (1.0, math.inf)),  # a house
        (6.0, 1.5, 3.0, 5.0, (1.5, 4.5)),  # a panel on legs
        (6.0, 1.5, 0.0, 1.5, (1.0, 0.0)),  # no higher than the targets
        (1.5, 6.0, 3.0, 9.0, (1.0, 3.0)),  # looking up under a slab
        (1.5, 6.0, GROUNDED, 3.0, (3.0, math.inf)),  # looking up over a wall
        (1.5, 6.0, 7.0, 9.0, (1.0, 0.0)),
        (3.0, 3.0, GROUNDED, 3.0, (1.0, 0.0)),  # level with the top
        (3.0, 3.0, 0.0, 4.0, (1.0, math.inf)),
    ],
)
def test_spans_worked_out_by_hand(eye, target, base, top, expected):
    assert shadow_span(eye, target, base, top) == pytest.approx(expected)


def full_window(eye, cell=1.0):
    """Make a window about an eye in which every cell is still seen."""
    x, y = eye.x / cell - 0.5, eye.y / cell - 0.5
    row0, word0 = int(y) - 24, (int(x) >> 6) - 1
    canvas = make_canvas(100, 3, row0=row0, word0=word0, eye=(x, y), scale=1.0 / cell)
    canvas.bits[:] = ~np.uint64(0)
    return canvas


def clear_bodies(scene, eye, skips, target, canvas):
    ready = prepare(scene)
    spare = canvas._replace(bits=canvas.bits.copy())
    box = (-64.0, -20.0, 128.0, 80.0)
    carry = np.zeros(canvas.n_row, np.uint64)
    look = (ready.solids, eye, skips, MIN_TRANSMITTANCE, target)
    clear_body_footprints(canvas, spare, carry, *look, *box)


SLAB = shapely.Polygon(
    [(20, 10), (60, 12), (58, 45), (22, 40)], [[(30, 20), (30, 30), (45, 30), (45, 20)]]
)


@pytest.mark.parametrize("height", [9.0, 14.0])
@pytest.mark.parametrize(("base", "top"), [(3.0, 6.0), (2.0, 2.5), (1.5, 5.0), (0.5, 4.0)])
def test_the_near_outline_of_a_raised_body_is_cleared_with_its_holes(base, top, height):
    """Seen from above, the underside is thrown farther out, larger than the body."""
    scene = build_scene(houses((SLAB, top, base)))
    eye, skips = eye_of(camera_at(35.2, 4.7, height_m=height), scene)
    canvas = full_window(eye)
    clear_bodies(scene, eye, skips, 1.5, canvas)
    x, y = centres(canvas)
    near = max((height - 1.5) / (height - base), 1.0)
    shadow = shapely.affinity.scale(SLAB, near, near, origin=(eye.x, eye.y))
    points = shapely.points(x + eye.x, y + eye.y)
    tie = shapely.distance(shadow.boundary, points) < TIE
    # What is inside at the height of the targets is closed ground already.
    cleared = base >= 1.5
    inside = shapely.contains(shadow, points) & cleared
    assert ((unpack(canvas) == ~inside) | tie).all()
    assert inside.any() == cleared


def test_a_body_that_shadows_without_end_or_not_at_all_is_left_to_the_walls():
    for top, base, height in ((20.0, 3.0, 9.0), (1.0, 0.5, 9.0), (12.0, 10.0, 9.0)):
        scene = build_scene(houses((SLAB, top, base)))
        eye, skips = eye_of(camera_at(5.0, 4.7, height_m=height), scene)
        canvas = full_window(eye)
        clear_bodies(scene, eye, skips, 1.5, canvas)
        assert unpack(canvas).all()


def test_dark_crowns_clear_their_outline_and_light_ones_or_the_eyes_own_do_not():
    tree = shapely.box(30.0, 20.0, 40.0, 30.0)
    canvases = []
    for share in (0.2, 0.7):
        scene = build_scene(no_houses(), canopies=crowns((tree, 8.0, 1.0, share)))
        for x, y in ((35.0, 5.0), (35.0, 25.0)):
            # The second camera hangs in the crown; its top is above it, so it is looked through.
            eye, skips = eye_of(camera_at(x, y, height_m=9.0 if y < 20.0 else 7.0), scene)
            canvas = full_window(eye)
            clear_bodies(scene, eye, skips, 1.5, canvas)
            canvases.append(unpack(canvas))
    dark, dark_inside, light, light_inside = canvases
    x, y = centres(full_window(eye_of(camera_at(35.0, 5.0, height_m=9.0))[0]))
    inside = shapely.contains_xy(tree, x + 35.0, y + 5.0)
    assert (dark == ~inside).all()
    assert inside.sum() == 100
    assert dark_inside.all()
    assert light.all()
    assert light_inside.all()


def test_a_scene_without_bodies_clears_nothing():
    scene = build_scene(houses((SLAB, 9.0)))
    eye, skips = eye_of(camera_at(5.0, 4.7), scene)
    canvas = full_window(eye)
    clear_bodies(scene, eye, skips, 1.5, canvas)
    assert unpack(canvas).all()


@pytest.mark.parametrize("far", [1.8, 1e5])
def test_behind_a_wall_on_relief_the_height_of_each_line_decides(rng, far):
    for _ in range(3):
        terrain = make_terrain(rng, n_col=41, n_row=30)
        ground = ground_of(terrain)
        eye, _ = eye_of(
            camera_at(100.3, 44.6, height_m=9.0), build_scene(no_houses(), terrain=terrain)
        )
        a, b = rng.uniform(-20.0, 20.0, (2, 2))
        base = rng.choice([GROUNDED, eye.z - 6.0])
        top = eye.z - rng.uniform(1.0, 4.0)
        scene = build_scene(houses((shapely.LineString([a, b]).buffer(1.0), 3.0)))
        solids = prepare(scene).solids
        place = np.array([eye.x, eye.y])
        wall = np.array([[*(a + place), *(b + place), base, top]])
        canvas = full_window(eye, cell=2.0)
        clear_behind_wall(canvas, solids._replace(walls=wall), ground, eye, 1.5, 0, 1.0, far)
        x, y = centres(canvas)
        z = terrain.height_at(x + eye.x, y + eye.y) + 1.5
        hidden, share = lines_past(a, b, x, y)
        height = eye.z + share * (z - eye.z)
        hidden &= (base < height) & (height < top) & (share > 1.0 / far)
        tie = np.abs(share * far - 1.0) < 1e-6
        assert ((unpack(canvas) == ~hidden) | tie).all()
        assert hidden.any()


def lines_past(a, b, x, y):
    """Tell which lines from (0, 0) cross the wall from a to b, and at which share."""
    side_a, side_b = x * a[1] - y * a[0], x * b[1] - y * b[0]
    e = b - a
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (a[0] * e[1] - a[1] * e[0]) / (x * e[1] - y * e[0])
    return (side_a * side_b <= 0.0) & (share > 0.0) & (share < 1.0), share


def test_a_wall_beside_the_window_leaves_it_alone():
    eye, _ = eye_of(camera_at(0.0, 0.0))
    canvas = full_window(eye)
    solids = prepare(build_scene(houses((shapely.box(400, 0, 410, 10), 3.0)))).solids
    for i in range(4):
        clear_behind_wall(canvas, solids, ground_of(), eye, 1.5, i, 1.0, 2.0)
    assert unpack(canvas).all()


def one_wall(a, b):
    """Return a scene of one wall, relative to an eye at (0, 0), and that eye."""
    solids = prepare(build_scene(houses((shapely.box(0, 0, 1, 1), 3.0)))).solids
    wall = np.array([[*a, *b, GROUNDED, 3.0]])
    return solids._replace(walls=wall), eye_of(camera_at(0.0, 0.0))[0]._replace(x=0.0, y=0.0)


@pytest.mark.parametrize("word0", [-2, -1, 0])
def test_on_flat_ground_all_is_cleared_between_a_wall_near_and_far(rng, word0):
    for _ in range(12):
        canvas = make_canvas(10, 2, word0=word0, eye=(word0 * 64 + 61.3, 4.6), scale=2.0)
        canvas.bits[:] = np.uint64(ALL)
        a, b = rng.normal(size=(2, 2)) * (12.0, 2.5)
        near = 1.0 + rng.exponential(0.4)
        far = near + rng.exponential(2.0)
        solids, eye = one_wall(a, b)
        clear_behind_wall(canvas, solids, None, eye, 1.5, 0, near, far)
        points = shapely.points(*centres(canvas))
        quad = shapely.Polygon([a * near, b * near, b * far, a * far])
        tie = shapely.distance(quad.boundary, points) < TIE
        assert ((unpack(canvas) == ~shapely.contains(quad, points)) | tie).all()


def test_a_shadow_without_end_reaches_the_window_and_one_outside_clears_nothing():
    canvas = make_canvas(6, 1, eye=(32.0, 0.0))
    canvas.bits[:] = np.uint64(ALL)
    for wall, far in [((-1e4, -3.0, 1e4, -3.0), 1e5), ((200.0, 1.0, 300.0, 2.0), 2.0)]:
        solids, eye = one_wall(wall[:2], wall[2:])
        clear_behind_wall(canvas, solids, None, eye, 1.5, 0, 1.0, far)
        assert unpack(canvas).all()
    solids, eye = one_wall((-1e-3, 1e-3), (1e-3, 1e-3))
    clear_behind_wall(canvas, solids, None, eye, 1.5, 0, 1.0, 1e5)
    x, y = centres(canvas)
    assert (unpack(canvas) == ~((np.abs(x) <= y) & (y >= 1))).all()
