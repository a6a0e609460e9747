"""Bits to rasters: counts, best densities, and the cells inside footprints against shapely."""

import numpy as np
import pytest
import shapely

from civicsight.coverage._kernels.accumulate import MAX_COUNT, UNSEEN, paint_window
from civicsight.coverage._kernels.footprints import close_footprints
from civicsight.coverage._kernels.views import BLOCK, Blocks, Cells
from civicsight.coverage.grid import closed_window, lay_blocks
from civicsight.coverage.prepare import prepare
from civicsight.coverage.raster import _draw_roots
from civicsight.scene.bodies import build_scene
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
    panels,
    unpack,
)

pytestmark = [pytest.mark.kernels, pytest.mark.parts]

block_of, count_bits, accumulate_best, accumulate_counts = compiled(
    "accumulate", "block_of", "count_bits", "accumulate_best", "accumulate_counts"
)
(population,) = compiled("scan", "population")
in_frame, pixel_density = compiled("eyes", "in_frame", "pixel_density")

ALL = (1 << 64) - 1
PAIR = Blocks(-1, -1, np.array([[-1, 0], [1, -1]], np.int32))
"""Blocks of cells about (0, 0): one south-east of it, one north-west."""


def test_the_population_of_words(rng):
    words = [0, 1, 1 << 63, ALL, *(int(w) for w in rng.integers(0, ALL, 200, np.uint64))]
    assert [population(np.uint64(w)) for w in words] == [w.bit_count() for w in words]


def random_canvas(rng, **place):
    canvas = make_canvas(20, 3, row0=-10, word0=-2, **place)
    canvas.bits[:] = rng.integers(0, ALL, len(canvas.bits), np.uint64)
    canvas.bits[::4] = 0
    canvas.bits[1::8] = ALL
    return canvas


def test_cells_of_a_window_are_counted(rng):
    canvas = random_canvas(rng)
    assert count_bits(canvas) == unpack(canvas).sum()
    assert count_bits(canvas._replace(n_row=0, n_word=0)) == 0


@pytest.mark.parametrize(
    ("row", "word", "block"),
    [
        (-1, 0, 0),
        (-256, 3, 0),
        (0, -1, 1),
        (255, -4, 1),
        (0, 0, -1),  # a hole between them
        (-1, -1, -1),
        (256, -1, -1),
        (-257, 0, -1),
        (-1, 4, -1),
        (0, -5, -1),
    ],
)
def test_the_block_of_a_word(row, word, block):
    assert block_of(PAIR, row, word) == block


def scatter(canvas, values):
    """Put the seen cells of a window into rasters of `PAIR`, cell by cell."""
    out = np.zeros((2, BLOCK, BLOCK), values.dtype)
    for r, c in np.argwhere(unpack(canvas)):
        row, col = canvas.row0 + r, canvas.word0 * 64 + c
        if row < 0 <= col:
            out[0, row + BLOCK, col] = values[r, c]
        elif col < 0 <= row:
            out[1, row, col + BLOCK] = values[r, c]
    return out


def test_counts_add_up_and_stop_at_the_end_of_their_range(rng):
    counts = np.zeros((2, BLOCK, BLOCK), np.uint16)
    expected = np.zeros((2, BLOCK, BLOCK), int)
    for _ in range(3):
        canvas = random_canvas(rng)
        accumulate_counts(canvas, PAIR, counts)
        expected += scatter(canvas, np.ones((canvas.n_row, canvas.n_word * 64), int))
    assert np.array_equal(counts, expected)
    assert counts.max() == 3
    counts[counts == 3] = MAX_COUNT - 1
    for _ in range(3):
        accumulate_counts(canvas, PAIR, counts)
    seen = scatter(canvas, np.ones((canvas.n_row, canvas.n_word * 64), int)).astype(bool)
    assert (counts[seen & (expected == 3)] == MAX_COUNT).all()
    assert (counts[seen & (expected < 3)] < 9).all()


PROMISED = 2e-7
"""A density of a raster differs from the formula in float64 by no more than this share of it."""


@pytest.mark.parametrize("hilly", [False, True])
@pytest.mark.parametrize(
    "look",
    [
        {"lens": "rectilinear", "hfov_deg": 62.0, "vfov_deg": 38.0, "tilt_deg": 20.0},
        {"lens": "rectilinear", "hfov_deg": 178.0, "vfov_deg": 170.0},
        {"lens": "rectilinear", "hfov_deg": 9.0, "vfov_deg": 60.0},
        {"lens": "equidistant", "hfov_deg": 180.0, "tilt_deg": 90.0},
        {},
    ],
)
def test_the_best_density_of_a_cell_is_that_of_the_best_eye(rng, hilly, look):
    """A frame is asked of each cell, since the square of a pixel means nothing out of it."""
    terrain = make_terrain(rng, 60, 60, step=10.0) if hilly else None
    scene = build_scene(no_houses(), terrain=terrain)
    pixel_m2 = np.full((2, BLOCK, BLOCK), UNSEEN)
    expected = np.zeros((2, BLOCK, BLOCK))
    for x, y, width in ((250.0, 240.0, 640.0), (210.0, 260.0, 3840.0), (330.0, 236.0, 1920.0)):
        azimuth = float(rng.uniform(255.0, 285.0))
        eye, _ = eye_of(camera_at(x, y, width_px=width, azimuth_deg=azimuth, **look), scene)
        eye = eye._replace(stated=90.0 if width == 640.0 else 0.0)
        # Cells are counted from (230, 245) here, so that columns and rows go below zero.
        canvas = random_canvas(rng, eye=(eye.x - 230.0, eye.y - 245.0))
        dx, dy = centres(canvas)
        z = scene.ground_at(dx + eye.x, dy + eye.y) + 1.5 - eye.z
        sight = np.stack([dx, dy, z], axis=-1)
        with np.errstate(invalid="ignore"):  # an open slope above one's own foot: no bound
            framed = np.array([[in_frame(eye, *v) for v in row] for row in sight])
        keep(canvas, framed)
        accumulate_best(canvas, eye, ground_of(terrain), 1.5, PAIR, pixel_m2)
        px_m = np.array([[pixel_density(eye, *v) for v in row] for row in sight])
        np.maximum(expected, scatter(canvas, px_m), out=expected)
        assert not (unpack(canvas) & ~framed).any()
        window = np.full(framed.shape, np.nan, np.float32)
        paint_window(canvas, eye, ground_of(terrain), 1.5, window)
        np.testing.assert_allclose(window, np.where(unpack(canvas), px_m, 0.0), rtol=PROMISED)
    best = _draw_roots(pixel_m2)
    np.testing.assert_allclose(best, expected, rtol=PROMISED)
    assert (best > 0.0).any()


def keep(canvas, cells):
    """Clear the other cells of a window."""
    octets = np.packbits(cells, axis=1, bitorder="little").view("<u8")
    canvas.bits[: octets.size] &= np.ascontiguousarray(octets.T).ravel()


COURT = shapely.box(5, 5, 60, 40).difference(shapely.box(20, 15, 45, 30))
WEDGE = shapely.Polygon([(-30.2, -20.3), (40.7, -11.9), (-3.1, 31.4)])


def closed_cells(rows, cell, target, terrain=None, **layers):
    """Close footprints on blocks about (0, 0); return the cells as one array, and their centres."""
    scene = build_scene(houses(*rows), terrain=terrain, **layers)
    ready = prepare(scene)
    span = round(80.0 / cell)
    blocks = lay_blocks(np.array([[-span, -span, span, span]]))
    count = int(blocks.number.max()) + 1
    closed = np.zeros((count, BLOCK // 64, BLOCK), np.uint64)
    # The origin lies below (0, 0): move the walls, so that cells may have negative numbers.
    walls = ready.solids.walls + np.array([*scene.origin, *scene.origin, 0.0, 0.0])
    ground = ready.ground
    if ground is not None:
        ground = ground._replace(x0=ground.x0 + scene.origin[0], y0=ground.y0 + scene.origin[1])
    room, carry = np.zeros(10_000, np.uint64), np.zeros(1_000, np.uint64)
    which = np.arange(len(scene.features))
    solids = ready.solids._replace(walls=walls)
    close_footprints(solids, which, ground, cell, target, blocks, closed, room, carry)
    cells = Cells(cell, target, blocks, closed)
    row = np.arange(-span, span)
    word0 = -span // 64 - 1
    n_word = span // 64 + 1 - word0
    col = np.arange(word0 * 64, (word0 + n_word) * 64)
    x, y = np.meshgrid((col + 0.5) * cell, (row + 0.5) * cell)
    return closed_window(cells, -span, word0, (len(row), n_word)), x, y


@pytest.mark.parametrize("cell", [2.0, 2.5])
@pytest.mark.parametrize("shape", [COURT, WEDGE, COURT.union(shapely.box(-70, -70, -40, -45))])
def test_closed_cells_are_those_with_their_centre_in_the_footprint(shape, cell):
    closed, x, y = closed_cells([(shape, 9.0)], cell, 1.5)
    points = shapely.points(x, y)
    tie = shapely.distance(shape.boundary, points) < 1e-9
    assert ((closed == shapely.contains(shape, points)) | tie).all()
    assert closed.any()


def test_one_can_stand_under_a_raised_part_on_a_low_roof_and_under_a_crown():
    box = shapely.box(1, 1, 20, 20)
    tree = crowns((box, 9.0, 1.0, 0.2))
    fence = panels((shapely.LineString([(0, 0), (30, 30)]), 3.0, 0.0))
    for rows, target, any_closed in [
        ([(box, 9.0)], 1.5, True),
        ([(box, 9.0)], 9.0, False),
        ([(box, 9.0)], 12.0, False),
        ([(box, 9.0, 3.0)], 1.5, False),
        ([(box, 9.0, 3.0)], 3.0, False),
        ([(box, 9.0, 3.0)], 3.5, True),
    ]:
        closed, *_ = closed_cells(rows, 2.0, target)
        assert closed.any() == any_closed, (rows, target)
    far = [(shapely.box(60, 60, 62, 62), 9.0)]
    closed, x, _ = closed_cells(far, 2.0, 1.5, canopies=tree, obstacles=fence)
    assert (x[closed] > 55.0).all()


def test_overlapping_footprints_close_their_union():
    closed, x, y = closed_cells([(COURT, 9.0), (WEDGE, 4.0), (COURT, 2.0)], 2.0, 1.5)
    points = shapely.points(x, y)
    union = COURT.union(WEDGE)
    tie = shapely.distance(union.boundary, points) < 1e-9
    assert ((closed == shapely.contains(union, points)) | tie).all()


def test_on_relief_the_height_of_each_cell_decides(rng):
    terrain = make_terrain(rng, 40, 40, rough=0.0, x0=-95.0, y0=-95.0)
    closed, x, y = closed_cells([(COURT, 6.0)], 2.0, 1.5, terrain)
    outline = shapely.get_coordinates(COURT)
    top = 6.0 + terrain.height_at(outline[:, 0], outline[:, 1]).min()
    inside = shapely.contains_xy(COURT, x, y)
    below = terrain.height_at(x, y) + 1.5 < top
    tie = shapely.distance(COURT.boundary, shapely.points(x, y)) < 1e-9
    assert ((closed == (inside & below)) | tie).all()
    assert (inside & ~below).any()
