"""Polygons to rows of bits, against shapely and against whole numbers of any length."""

import math
import re

import numpy as np
import pytest
import shapely

from tests.kernel_parts import centres, compiled, fill, make_canvas, unpack

pytestmark = [pytest.mark.kernels, pytest.mark.parts]

(
    bits_between,
    clear_canvas,
    clear_columns,
    columns_in,
    first_run,
    lowest_bit,
    run_together,
    toggle_edge,
    toggle_ray,
    widen,
) = compiled(
    "scan",
    "bits_between",
    "clear_canvas",
    "clear_columns",
    "columns_in",
    "first_run",
    "lowest_bit",
    "run_together",
    "toggle_edge",
    "toggle_ray",
    "widen",
)

TIE_M = 1e-9
ALL = (1 << 64) - 1


def outline_on(canvas, points):
    for a, b in zip(points, np.roll(points, -1, axis=0), strict=True):
        toggle_edge(canvas, *(float(v) for v in (*a, *b)))


def judge(canvas, shape):
    """Return which cells lie in a shape, and which are too near its edge to tell."""
    x, y = centres(canvas)
    points = shapely.points(x, y)
    return (
        shapely.contains(shape, points),
        shapely.distance(shapely.boundary(shape), points) < TIE_M,
    )


@pytest.mark.parametrize("place", [(0, 0), (-9, -1), (-40, -3), (7, 2), (-5, 0)])
@pytest.mark.parametrize("corners", [3, 4, 5, 9])
def test_random_polygons_are_filled_by_even_and_odd(rng, place, corners):
    """Outlines cross themselves and stick out of the window on every side."""
    row0, word0 = place
    scale = 2.0
    canvas = make_canvas(12, 2, row0=row0, word0=word0, scale=scale)
    middle = np.array([word0 * 64 + 64.0, row0 + 6.0]) / scale
    for _ in range(6):
        points = middle + rng.normal(size=(corners, 2)) * rng.choice([[30.0, 4.0], [90.0, 20.0]])
        clear_canvas(canvas)
        outline_on(canvas, points)
        inside, tie = judge(canvas, shapely.make_valid(shapely.Polygon(points)))
        assert ((fill(canvas) == inside) | tie).all()


def test_an_outline_that_holds_the_window_fills_it_and_one_beside_it_does_not():
    canvas = make_canvas(5, 2, row0=-2, word0=-1)
    box = np.array([(-99.0, -50.0), (99.0, -50.0), (99.0, 50.0), (-99.0, 50.0)])
    outline_on(canvas, box)
    assert fill(canvas).all()
    for shift in [(250.0, 0.0), (-250.0, 0.0), (0.0, 120.0), (0.0, -120.0)]:
        clear_canvas(canvas)
        outline_on(canvas, box + shift)
        assert not fill(canvas).any()


def test_cells_whose_centres_lie_on_shared_edges_belong_to_one_polygon():
    """Left and lower edges belong to a polygon, right and upper ones do not."""
    covers = 0
    for x in (-64.0, 0.0, 3.0):
        for y in (0.0, 2.0):
            width = {-64.0: 64.0, 0.0: 3.0, 3.0: 61.0}[x]
            canvas = make_canvas(4, 2, word0=-1)
            corners = np.array([(0, 0), (width, 0), (width, 2), (0, 2)])
            outline_on(canvas, corners + np.array([x, y]))
            covers = covers + fill(canvas).astype(int)
    assert (covers == 1).all()


def test_rays_through_the_eye_draw_the_same_line_as_edges(rng):
    for _ in range(20):
        eye = rng.uniform((-70.0, -3.0), (70.0, 9.0))
        one, two = (make_canvas(8, 3, word0=-2, eye=eye, scale=0.5) for _ in range(2))
        angle, near, far = rng.uniform(0.1, 3.0), *rng.uniform(-40.0, 40.0, 2)
        dx, dy = math.cos(angle), math.sin(angle)
        toggle_ray(one, dx, dy, near * dy, far * dy)
        toggle_edge(two, near * dx, near * dy, far * dx, far * dy)
        assert (one.bits == two.bits).all()


def test_level_edges_draw_nothing():
    canvas = make_canvas(3, 1)
    toggle_edge(canvas, 0.0, 1.0, 40.0, 1.0)
    toggle_ray(canvas, 1.0, 1.0, 1.0, 1.0)
    assert not canvas.bits.any()


def test_toggles_run_together_to_their_parity(rng):
    words = [0, 1, 1 << 63, ALL, *(int(w) for w in rng.integers(0, ALL, 50, np.uint64))]
    for word in words:
        expected = sum(((word & ((2 << k) - 1)).bit_count() & 1) << k for k in range(64))
        assert int(run_together(np.uint64(word))) == expected


def test_bits_between_any_two_places():
    for low in range(-2, 67):
        for high in range(-2, 67):
            expected = sum(1 << k for k in range(max(low, 0), min(high, 64)))
            assert int(bits_between(low, high)) == expected


def test_runs_of_a_word_are_split_off_from_the_right(rng):
    words = [1, int(ALL), 1 << 63, 0b0110_1100, *rng.integers(1, 2**63, 60).tolist()]
    for word in words:
        left, runs = np.uint64(word), []
        while left:
            first, last, left = first_run(left)
            runs.append((first, last))
        text = f"{word:064b}"[::-1]
        assert runs == [found.span() for found in re.finditer("1+", text)]


def test_the_lowest_bit_of_every_word(rng):
    for place in range(64):
        above = int(rng.integers(0, ALL, dtype=np.uint64)) << (place + 1)
        assert lowest_bit(np.uint64(1 << place)) == place
        assert lowest_bit(np.uint64((above | 1 << place) & ALL)) == place


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        ((1.0, 2.0, 5.0, 2.0), (1.0, 5.0)),  # level, on the row
        ((1.0, 3.0, 5.0, 3.0), (math.inf, -math.inf)),  # level, off it
        ((0.0, 0.0, 4.0, 4.0), (2.0, 2.0)),
        ((4.0, 4.0, 0.0, 0.0), (2.0, 2.0)),
        ((3.0, 2.0, 7.0, 9.0), (3.0, 3.0)),  # begins on the row
        ((7.0, 9.0, 3.0, 2.0), (3.0, 3.0)),  # ends on it
        ((3.0, 0.0, 3.0, 1.5), (math.inf, -math.inf)),
    ],
)
def test_an_edge_widens_the_interval_of_a_row_it_meets(edge, expected):
    assert widen(2, 0.0, *edge, math.inf, -math.inf) == expected
    assert widen(2, 0.0, *edge, 2.5, 3.5) == (min(2.5, expected[0]), max(3.5, expected[1]))


@pytest.mark.parametrize("word0", [-3, -1, 0, 2])
def test_an_interval_of_x_holds_the_centres_between_its_ends_and_on_them(rng, word0):
    canvas = make_canvas(1, 2, word0=word0)
    columns = word0 * 64 + np.arange(128)
    lows = [*(rng.integers(-5, 133, 30) + word0 * 64), *(rng.uniform(-5, 133, 30) + word0 * 64)]
    for low in (-math.inf, *(float(v) for v in lows)):
        for high in (low, low + 0.4, low + 1.0, low + 64.0, math.inf):
            inside = (columns >= low) & (columns <= high)
            first, last = columns_in(canvas, low, high)
            assert np.array_equal(np.flatnonzero(inside), np.arange(first, last))
            canvas.bits[:] = np.uint64(ALL)
            if inside.any():
                clear_columns(canvas, 0, first, last)
            assert (unpack(canvas)[0] == ~inside).all()


@pytest.mark.parametrize("interval", [(3.0, 2.0), (math.nan, 5.0), (0.0, math.nan)])
def test_an_interval_without_a_number_in_it_holds_no_cell(interval):
    assert columns_in(make_canvas(1, 1), *interval) == (0, 0)
