"""All cells of an eye at once against each cell asked for itself."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import shapely

from civicsight.coverage._kernels.accumulate import see_batch
from civicsight.coverage._kernels.views import Blocks, Cells
from civicsight.coverage.prepare import prepare, prepare_camera
from civicsight.coverage.viewshed import NO_SUMS, rows_for, scratch_for
from civicsight.scene.bodies import ENDLESS, GROUNDED, MIN_TRANSMITTANCE, build_scene
from tests.drawn import every_other
from tests.kernel_parts import (
    LENSES,
    camera_at,
    cells_in_view,
    cells_of,
    centres,
    compiled,
    crowns,
    eye_of,
    ground_of,
    houses,
    make_terrain,
    no_houses,
    panels,
    random_look,
    unpack,
)

pytestmark = [pytest.mark.kernels, pytest.mark.parts]

clear_closed, open_canvas, sector_box, span_of = compiled(
    "cells", "clear_closed", "open_canvas", "sector_box", "span_of"
)
(limits_of,) = compiled("cell_tests", "limits_of")
(is_hidden,) = compiled("lines", "is_hidden")

CELL_M = 4.0
NUDGE_M = 1e-6


def town(rng, terrain):
    """Make boxes of all heights, some raised, a fence, and crowns that add up or are dark."""
    rows = []
    for _ in range(9):
        x, y, w, h = *rng.uniform(100.0, 200.0, 2), *rng.uniform(3.0, 25.0, 2)
        top = rng.choice([rng.uniform(0.5, 5.0), rng.uniform(5.0, 20.0)])
        shape = shapely.affinity.rotate(shapely.box(x, y, x + w, y + h), rng.uniform(0.0, 90.0))
        rows.append((shape, top, rng.choice([0.0, 0.0, 0.6 * top])))
    fence = shapely.LineString([(120, 110), (150, 130), (170, 120)])
    trees = [
        (shapely.Point(*rng.uniform(110, 190, 2)).buffer(7, quad_segs=2), 9.0, 2.0, share)
        for share in (0.1, 0.6, 0.7, 0.8)
    ]
    return build_scene(houses(*rows), panels((fence, 3.0, 0.0)), crowns(*trees), terrain)


def see(scene, eyes, cells, scratch):
    """Return whether there was room, and the window of the first of the eyes."""
    ready, seen = prepare(scene), np.zeros(1, np.int64)
    given = (eyes.table, eyes.skips, MIN_TRANSMITTANCE, cells, scratch)
    done, canvas = see_batch(ready.solids, ready.ground, *given, 0, 1, *NO_SUMS, seen)
    assert seen[0] == sum(map(int.bit_count, canvas.bits[: canvas.n_row * canvas.n_word].tolist()))
    return done == 1, canvas


def seen_cells(scene, camera, target):
    """Return the window of an eye, and the cells that the kernel finds."""
    eyes = prepare_camera(camera, scene)
    eye, skips = eye_of(camera, scene)
    cells = cells_of(scene, CELL_M, target)
    had_room, canvas = see(
        scene, eyes, cells, scratch_for(eyes, cells, len(scene.walls.owner), 4096)
    )
    assert had_room
    return eye, skips, canvas, unpack(canvas)


def free_lines(scene, eye, skips, points):
    ready = prepare(scene)
    return np.array(
        [
            not is_hidden(ready.solids, ready.ground, eye, skips, MIN_TRANSMITTANCE, *p, skips[:0])
            for p in points
        ],
        bool,
    )


def open_ground(scene, x, y, z):
    """Tell which points lie in no solid prism, and which lie on the edge of one."""
    is_open, tie = np.ones(x.shape, bool), np.zeros(x.shape, bool)
    points = shapely.points(x, y)
    for row in scene.features[scene.features["transmittance"] == 0.0].itertuples():
        is_open &= ~(shapely.contains(row.geometry, points) & (row.base < z) & (z < row.top))
        tie |= shapely.distance(row.geometry.boundary, points) < NUDGE_M
    return is_open, tie


@pytest.mark.parametrize(
    ("lens", "hilly"), every_other(itertools.product(LENSES, (False, True)), 0)
)
def test_a_cell_is_seen_if_it_is_in_view_open_and_nothing_blocks_the_line(rng, lens, hilly):
    total, hidden = 0, 0
    for target in (1.5, 0.5, 7.0):
        terrain = make_terrain(rng, 31, 31, step=10.0) if hilly else None
        scene = town(rng, terrain)
        look = random_look(rng, lens) | {"reach_m": 45.0, "tilt_deg": float(rng.uniform(0, 40))}
        camera = camera_at(150.3, 149.1, height_m=22.0 if target == 1.5 else 3.0, **look)
        if prepare_camera(camera, scene).inside[0]:
            camera = camera_at(98.3, 99.1, height_m=6.0, **look | {"azimuth_deg": 45.0})
        seen, blocked = compare(scene, camera, target)
        total, hidden = total + seen, hidden + blocked
    assert total > 50
    assert hidden > 20


def compare(scene, camera, target):
    """Compare all cells; return how many are seen, and how many are in view but hidden."""
    eye, skips, canvas, found = seen_cells(scene, camera, target)
    dx, dy = centres(canvas)
    x, y = dx + eye.x, dy + eye.y
    z = scene.ground_at(x, y) + target
    in_view, tie = cells_in_view(eye, canvas, z)
    is_open, on_edge = open_ground(scene, x, y, z)
    asked = in_view & is_open
    free = np.zeros(found.shape, bool)
    free[asked] = free_lines(scene, eye, skips, np.column_stack([x[asked], y[asked], z[asked]]))
    for place in np.argwhere((found != free) & ~tie & ~on_edge):
        row, col = place
        assert is_grazing(scene, eye, skips, x[row, col], y[row, col], z[row, col]), place
    return int(found.sum()), int(asked.sum() - free.sum())


def is_grazing(scene, eye, skips, x, y, z):
    """Tell whether a hair decides a line: some neighbours of its end are free, some are not."""
    shifts = NUDGE_M * np.vstack([np.eye(3), -np.eye(3)])
    free = free_lines(scene, eye, skips, shifts + np.array([x, y, z]))
    return bool(free.any() and not free.all())


def test_waves_of_the_ground_hide_what_lies_low_behind_them(rng):
    hidden = []
    for height in (0.5, 3.0, 8.0):
        for rough in (0.1, 0.6):
            terrain = make_terrain(rng, 31, 31, step=10.0, rough=rough)
            scene = build_scene(no_houses(), terrain=terrain)
            camera = camera_at(150.3, 149.1, height_m=height, reach_m=70.0)
            seen, blocked = compare(scene, camera, 0.2)
            assert seen > 100
            hidden.append(blocked)
    assert sum(hidden) > 500


@pytest.mark.parametrize("hilly", [False, True])
def test_one_looks_under_raised_slabs_and_over_them(rng, hilly):
    terrain = make_terrain(rng, 31, 31, step=10.0, rough=0.0) if hilly else None
    slabs = [
        (shapely.box(x, y, x + 14, y + 10), base + 1.5, base)
        for x, y, base in ((165, 140, 2.0), (130, 165, 4.0), (110, 120, 3.0), (160, 110, 6.0))
    ]
    scene = build_scene(houses(*slabs), terrain=terrain)
    cameras = [camera_at(150.3, 149.1, height_m=height) for height in (1.0, 5.0, 20.0)]
    under, between, over = (compare(scene, camera, 1.5) for camera in cameras)
    assert min(under[0], between[0], over[0]) > 100
    assert min(between[1], over[1]) > 10
    assert hilly or under[1] == 0


def test_a_plane_hides_nothing_however_steep(rng):
    plane = make_terrain(rng, 31, 31, step=10.0, rough=0.0)
    x, y = np.meshgrid(np.arange(31) * 10.0, np.arange(31) * 10.0)
    scene = build_scene(no_houses(), terrain=replace(plane, z=0.3 * x - 0.2 * y))
    eye, _, canvas, found = seen_cells(scene, camera_at(150.3, 149.1, reach_m=45.0), 1.5)
    x, y = centres(canvas)
    z = scene.ground_at(x + eye.x, y + eye.y) + 1.5
    in_view, tie = cells_in_view(eye, canvas, z)
    assert ((found == in_view) | tie).all()
    assert found.sum() > 300


@pytest.mark.parametrize("half_deg", [5.0, 45.0, 80.0, 100.0, 134.0, 136.0, 180.0])
def test_the_box_of_a_sector_holds_it_tightly(half_deg):
    half = math.radians(half_deg)
    for azimuth in np.linspace(-4.0, 7.0, 45):
        x0, y0, x1, y1 = sector_box(10.0, azimuth, half)
        turn = azimuth + np.append(np.linspace(-half, half, 3601), 0.0)
        x, y = 10.0 * np.sin(turn), 10.0 * np.cos(turn)
        tight = min(x.min(), 0.0), min(y.min(), 0.0), max(x.max(), 0.0), max(y.max(), 0.0)
        if half_deg > 135.0:
            tight = (-10.0, -10.0, 10.0, 10.0)
        assert (x0, y0, x1, y1) == pytest.approx(tight, abs=1e-4)


def test_a_window_holds_its_box_and_begins_on_a_whole_word():
    eye, _ = eye_of(camera_at(0.0, 0.0))
    bits = np.zeros(1, np.uint64)
    for x, y in ((0.0, 0.0), (-700.3, 31.9), (63.75, -0.25)):
        canvas = open_canvas(bits, eye._replace(x=x, y=y), 0.5, -10.0, -5.0, 10.0, 20.0)
        col0, col1 = canvas.word0 * 64, (canvas.word0 + canvas.n_word) * 64
        assert col0 <= (x - 10.0) / 0.5 - 0.5
        assert (x + 10.0) / 0.5 - 0.5 < col1
        assert canvas.row0 <= (y - 5.0) / 0.5 - 0.5
        assert (y + 20.0) / 0.5 - 0.5 < canvas.row0 + canvas.n_row
        assert (canvas.x, canvas.y, canvas.scale) == (x / 0.5 - 0.5, y / 0.5 - 0.5, 2.0)


def test_a_scratch_that_is_too_small_is_said_to_be():
    row = [(shapely.box(x, 20, x + 4, 24), 9.0) for x in range(0, 60, 6)]
    low = [(shapely.box(x, 30, x + 4, 34), 3.0) for x in range(0, 60, 6)]
    scene = build_scene(houses(*row, *low))
    camera = camera_at(30.0, 5.0)
    eyes, cells = prepare_camera(camera, scene), cells_of(scene, CELL_M)
    enough = scratch_for(eyes, cells, 80, 80)
    had_room, canvas = see(scene, eyes, cells, enough)
    size = canvas.n_row * canvas.n_word
    assert had_room
    assert size > 0
    few_walls = scratch_for(eyes, cells, 80, 2)
    few_low = enough._replace(low=enough.low[:3])
    few_words = enough._replace(bits=enough.bits[: size - 1])
    few_rows = enough._replace(rows=rows_for(3))
    for scratch in (few_walls, few_low, few_words, few_rows):
        had_room, canvas = see(scene, eyes, cells, scratch)
        assert (had_room, canvas.n_row) == (False, 0)


def test_nothing_is_in_reach_of_an_eye_too_high_up():
    scene = build_scene(no_houses())
    eyes = prepare_camera(camera_at(0.0, 0.0, height_m=80.0), scene)
    cells = cells_of(scene, CELL_M)
    had_room, canvas = see(scene, eyes, cells, scratch_for(eyes, cells, 0, 1))
    assert (had_room, canvas.n_row) == (True, 0)


def test_cells_outside_the_blocks_of_footprints_are_open():
    closed = np.full((2, 4, 256), 7, np.uint64)
    closed[0, 1, 9] = 1
    cells = Cells(1.0, 1.5, Blocks(2, 3, np.array([[0, -1], [-1, 1]], np.int32)), closed)

    def left(row0, n_row, word):
        bits = np.full(n_row, 15, np.uint64)
        clear_closed(cells, row0, word, bits)
        return bits.tolist()

    assert left(512, 3, 12) == [8, 8, 8]  # word 12 begins block column 3, row 512 block row 2
    assert left(520, 3, 13) == [8, 14, 8]
    assert left(510, 4, 15) == [15, 15, 8, 8]
    assert left(766, 4, 15) == [8, 8, 15, 15]
    assert left(766, 4, 16) == [15, 15, 8, 8]  # the other block
    assert left(1022, 4, 19) == [8, 8, 15, 15]
    assert left(400, 700, 12) == [15] * 112 + [8] * 256 + [15] * 332
    for word in (11, -1, 20):
        assert left(400, 700, word) == [15] * 700


def test_on_relief_a_wall_is_endless_only_if_it_stops_lines_to_every_height(rng):
    terrain = make_terrain(rng)
    eye, _ = eye_of(camera_at(50.0, 50.0, reach_m=40.0), build_scene(no_houses(), terrain=terrain))
    limits = limits_of(eye, ground_of(terrain), 1.5)
    lowest, highest = limits.target_low, max(limits.target_high, eye.z)
    assert span_of(eye, limits, GROUNDED, lowest) == (1.0, 0.0)
    assert span_of(eye, limits, highest, highest + 9.0) == (1.0, 0.0)
    assert span_of(eye, limits, GROUNDED, highest) == (1.0, math.inf)
    assert span_of(eye, limits, GROUNDED, ENDLESS) == (1.0, math.inf)
    for base, top in ((lowest + 0.1, highest), (lowest, highest - 0.1)):
        near, far = span_of(eye, limits, base, top)
        assert near == 1.0
        assert math.isfinite(far)
        assert far > 1e4
