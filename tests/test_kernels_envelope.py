"""Star polygons of sectors against every wall asked for every cell."""

import math
from itertools import pairwise

import numpy as np
import pytest

from civicsight.coverage._kernels.envelope import FEW, Segments
from tests.kernel_parts import centres, compiled, fill, make_canvas

pytestmark = [pytest.mark.kernels, pytest.mark.parts]

add_wall, sort_order, split_sector, trace_envelope = compiled(
    "envelope", "add_wall", "sort_order", "split_sector", "trace_envelope"
)

TIE = 1e-9
REACH_M = 30.0
LEAST_W = 1.0 / REACH_M


def room_for(count, stack=512):
    ends, order = np.empty(2 * count + 2), np.empty(2 * count + 2, np.int32)
    rows = (np.empty(max(count, 1)) for _ in range(4))
    return Segments(
        *rows, ends, order, np.empty(count, np.int32), np.empty(count, np.int32), np.empty(stack)
    )


def window(eye=(0.0, 0.0), scale=1.0):
    """Make a window that holds the reach with room to spare."""
    n_row = int(3 * REACH_M * scale)
    row0, word0 = int(eye[1]) - n_row // 2, (int(eye[0]) >> 6) - 2
    return make_canvas(n_row, 4, row0=row0, word0=word0, eye=eye, scale=scale)


def sector_places(sector, x, y):
    """Return u and the distance along the middle of the sector."""
    deep = x * sector.mx + y * sector.my
    with np.errstate(divide="ignore", invalid="ignore"):
        return (y * sector.mx - x * sector.my) / deep, deep


def expect(sector, segments, count, x, y):
    """Return which cells lie before every segment, and which are too near to tell."""
    u, deep = sector_places(sector, x, y)
    with np.errstate(divide="ignore"):
        w = np.where(deep > 0, 1.0 / deep, -1.0)
    tie = (np.abs(np.abs(u) - sector.tan_half) < TIE) | (np.abs(deep) < TIE)
    highest = np.full(x.shape, LEAST_W)
    for i in range(count):
        u0, u1 = segments.u0[i], segments.u1[i]
        line = segments.w0[i] + (u - u0) * segments.slope[i]
        highest = np.where((u >= u0) & (u <= u1), np.maximum(highest, line), highest)
        tie |= (np.abs(u - u0) < TIE) | (np.abs(u - u1) < TIE)
    inside = (w > highest) & (np.abs(u) < sector.tan_half)
    return inside, tie | (np.abs(w - highest) < TIE)


def compare(sector, segments, count, canvas):
    trace_envelope(canvas, np.zeros_like(canvas.bits), sector, segments, count, LEAST_W)
    inside, tie = expect(sector, segments, count, *centres(canvas))
    assert not tie.all()
    assert ((fill(canvas) == inside) | tie).all()
    return inside


def segments_of(rows):
    segments = room_for(len(rows))
    for i, row in enumerate(rows):
        segments.u0[i], segments.w0[i], segments.u1[i], end = row
        segments.slope[i] = (end - row[1]) / (row[2] - row[0])
    return segments


CROSSING = [
    [],
    [(-0.5, 0.1, 0.5, 0.1)],
    [(-0.5, 0.1, 0.5, 0.2), (-0.5, 0.2, 0.5, 0.1)],  # cross
    [(-0.5, 0.1, 0.0, 0.2), (0.0, 0.2, 0.5, 0.1)],  # touch at their ends
    [(-0.5, 0.1, 0.0, 0.2), (0.0, 0.1, 0.5, 0.2)],  # side by side with a step
    [(-0.9, 0.1, 0.9, 0.1), (-0.3, 0.2, 0.3, 0.2)],  # the nearer one in the middle
    [(-0.9, 0.2, 0.9, 0.2), (-0.3, 0.1, 0.3, 0.1)],  # the farther one hidden
    [(-0.5, 0.1, 0.5, 0.2), (-0.5, 0.1, 0.5, 0.2)],  # equal
    [(-0.5, 0.1, 0.5, 0.2), (-0.2, 0.13, 0.2, 0.17)],  # one on the other
    [(-0.5, 0.1, 0.5, 0.3), (-0.5, 0.1, 0.5, 0.2)],  # one beginning
    [(-0.5, 0.3, 0.5, 0.1), (-0.5, 0.2, 0.5, 0.1)],  # one end
    [(-0.5, 0.0, 0.5, 0.3), (-0.5, 0.3, 0.5, 0.0), (-0.5, 0.18, 0.5, 0.18)],  # third above crossing
    [(-0.5, 0.0, 0.5, 0.3), (-0.5, 0.3, 0.5, 0.0), (-0.5, 0.15, 0.5, 0.15)],  # three in one point
    [(-1.0, 0.01, 1.0, 0.2)],  # partly beyond the reach, from side to side
]


@pytest.mark.parametrize("rows", CROSSING, ids=str)
@pytest.mark.parametrize("azimuth", [0.0, 0.7, math.pi / 2, 4.0])
def test_segments_in_every_position_to_each_other(rows, azimuth):
    sector = split_sector(azimuth, math.pi / 4, 0, 1)
    compare(sector, segments_of(rows), len(rows), window(eye=(0.3, -0.2)))


def test_many_random_segments(rng):
    """Few values of u and w, so that segments share ends, cross in one point, and coincide."""
    for count in (1, 2, 3, 5, 8, 13, 40):
        for coarse in (True, False):
            u = np.sort(rng.uniform(-1.0, 1.0, (count, 2)), axis=1)
            w = rng.uniform(0.0, 0.4, (count, 2))
            if coarse:
                u, w = np.round(u * 4) / 4, np.round(w * 10) / 10
                u[u[:, 0] == u[:, 1]] = -1.0, 1.0
            rows = np.column_stack([u[:, 0], w[:, 0], u[:, 1], w[:, 1]])
            sector = split_sector(rng.uniform(0.0, 6.3), math.pi / 4, 0, 1)
            compare(sector, segments_of(rows), count, window(eye=rng.uniform(0, 1, 2)))


def test_walls_are_clipped_to_the_sector_and_hide_what_lies_behind_them(rng):
    """Walls behind the eye, across one side or both, and beyond the reach, seen from outside."""
    for _ in range(25):
        half = rng.uniform(0.1, math.pi / 4)
        sector = split_sector(rng.uniform(0.0, 6.3), half, 0, 1)
        ends = rng.normal(size=(6, 2, 2)) * rng.choice([3.0, 12.0, 40.0], (6, 1, 1))
        turn = ends[:, 0, 0] * ends[:, 1, 1] - ends[:, 0, 1] * ends[:, 1, 0]
        walls = np.where((turn < 0.0)[:, None, None], ends, ends[:, ::-1])
        segments, count = room_for(len(walls)), 0
        for wall in walls:
            count = add_wall(segments, count, sector, LEAST_W, *wall.ravel())
        assert (segments.u0[:count] < segments.u1[:count]).all()
        assert (np.abs(segments.u0[:count]) <= sector.tan_half).all()
        canvas = window(eye=rng.uniform(0, 1, 2), scale=0.5)
        trace_envelope(canvas, np.zeros_like(canvas.bits), sector, segments, count, LEAST_W)
        x, y = centres(canvas)
        hidden, tie = hidden_by(walls, x, y)
        u, deep = sector_places(sector, x, y)
        inside = (deep > 0) & (deep < REACH_M) & (np.abs(u) < sector.tan_half) & ~hidden
        near = np.abs(np.abs(u) - sector.tan_half) < TIE
        assert ((fill(canvas) == inside) | tie | near | (np.abs(deep - REACH_M) < TIE)).all()


def hidden_by(walls, x, y):
    """Tell which segments from (0, 0) to points cross a wall; ties are near its ends or on it."""
    hidden, tie = np.zeros(x.shape, bool), np.zeros(x.shape, bool)
    for (ax, ay), (bx, by) in walls:
        side_a, side_b = x * ay - y * ax, x * by - y * bx
        eye = ax * by - ay * bx
        target = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        hidden |= (side_a * side_b < 0.0) & (eye * target < 0.0)
        tie |= (np.abs(side_a) < TIE) | (np.abs(side_b) < TIE) | (np.abs(target) < TIE)
    return hidden, tie


@pytest.mark.parametrize("wall", [(5.0, -9.0, -5.0, -9.0), (-40.0, 35.0, 40.0, 35.0)])
def test_a_wall_behind_the_eye_or_beyond_the_reach_is_left_out(wall):
    sector = split_sector(0.0, math.pi / 4, 0, 1)
    assert add_wall(room_for(1), 0, sector, LEAST_W, *wall) == 0


def test_a_wall_through_the_eye_is_left_out():
    sector = split_sector(0.0, math.pi / 4, 0, 1)
    assert add_wall(room_for(1), 0, sector, LEAST_W, -1.0, 0.0, 1.0, 0.0) == 0
    assert add_wall(room_for(1), 0, sector, LEAST_W, 0.0, 0.0, 0.0, 5.0) == 0


def test_without_room_to_split_the_outline_still_closes(rng):
    for _ in range(20):
        count = 12
        rows = [
            (-0.8, *rng.uniform(0.0, 0.4, 1), 0.8, *rng.uniform(0.0, 0.4, 1)) for _ in range(count)
        ]
        segments = segments_of(rows)._replace(stack=np.empty(4))
        canvas = window()
        trace_envelope(
            canvas,
            np.zeros_like(canvas.bits),
            split_sector(0.4, math.pi / 4, 0, 1),
            segments,
            count,
            LEAST_W,
        )
        assert fill(canvas).any()
        assert not fill(canvas)[:, -1].any()


@pytest.mark.parametrize("half_deg", [10.0, 45.0, 100.0, 179.0, 180.0])
@pytest.mark.parametrize("azimuth_deg", [0.0, 33.3, 90.0, 314.159])
def test_parts_of_a_sector_share_their_sides_to_the_last_bit(azimuth_deg, half_deg):
    azimuth, half = math.radians(azimuth_deg), math.radians(half_deg)
    count = max(1, math.ceil(half / (math.pi / 4) - 1e-12))
    parts = [split_sector(azimuth, half, k, count) for k in range(count)]
    for one, other in pairwise(parts):
        assert (one.right_x, one.right_y) == (other.left_x, other.left_y)
    last, first = parts[-1], parts[0]
    meets = (last.right_x, last.right_y) == (first.left_x, first.left_y)
    assert meets == (half_deg == 180.0)
    assert all(math.hypot(part.mx, part.my) == pytest.approx(1.0, abs=1e-15) for part in parts)
    assert all(0.0 < part.tan_half <= 1.0 + 1e-12 for part in parts)


@pytest.mark.parametrize(
    ("azimuth_deg", "eye"),
    [
        (azimuth, eye)
        for azimuth in (0.0, 45.0, 90.0, 26.565051177077994, 17.0)
        for eye in ((0.0, 0.0), (0.5, 0.5), (0.25, 0.0), (2000.0, 700.0))
    ],
)
def test_no_cell_on_a_seam_is_lost_or_doubled(azimuth_deg, eye):
    """With the eye on a centre, the sides of the parts run through rows and diagonals of them."""
    covers, whole = 0, window(eye=eye)
    for part in range(4):
        canvas = window(eye=eye)
        sector = split_sector(math.radians(azimuth_deg), math.pi, part, 4)
        trace_envelope(canvas, np.zeros_like(canvas.bits), sector, room_for(0), 0, LEAST_W)
        trace_envelope(whole, np.zeros_like(whole.bits), sector, room_for(0), 0, LEAST_W)
        covers = covers + fill(canvas).astype(int)
    x, y = centres(whole)
    near = (np.hypot(x, y) < REACH_M) & (np.hypot(x, y) > 0.0)
    assert (covers[near] == 1).all()
    assert np.array_equal(fill(whole), covers % 2 == 1)


@pytest.mark.parametrize("count", [0, 1, 2, 25, FEW, FEW + 1, 800])
def test_sorting(rng, count):
    """Values to two places, so that many are equal; of few equal ones the first comes first."""
    values, order = np.round(rng.uniform(-1.0, 1.0, count + 3), 2), np.full(count + 3, -1)
    sort_order(values, count, order)
    assert (order[count:] == -1).all()
    found = values[order[:count]]
    assert np.array_equal(found, np.sort(values[:count]))
    assert np.array_equal(np.sort(order[:count]), np.arange(count))
    if count <= FEW:
        assert np.array_equal(order[:count], np.argsort(values[:count], kind="stable"))
