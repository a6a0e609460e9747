"""The ground under sight lines, against the terrain itself and against marching in small steps."""

import math

import numpy as np
import pytest

from civicsight.coverage._kernels.ground import GROUND_BLOCK, TOUCH_M
from civicsight.model.terrain import Terrain
from tests.conftest import INTERPRETED
from tests.kernel_parts import compiled, ground_of, make_terrain

pytestmark = [pytest.mark.kernels, pytest.mark.parts]

(
    _first_crossing,
    _least,
    ground_blocks,
    ground_blocks_bounded,
    ground_bounds,
    ground_height,
    safe_distance,
) = compiled(
    "ground",
    "_first_crossing",
    "_least",
    "ground_blocks",
    "ground_blocks_bounded",
    "ground_bounds",
    "ground_height",
    "safe_distance",
)

LINES = 300 if INTERPRETED else 4000
STEPS = 2000


def with_gaps(rng, terrain, count=4):
    z = np.array(terrain.z)
    z[rng.integers(0, z.shape[0], count), rng.integers(0, z.shape[1], count)] = np.nan
    return Terrain(z, terrain.x0, terrain.y0, terrain.step)


def random_lines(rng, terrain, count, above=(0.0, 2.5)):
    """Draw lines between points a little above the ground: x0, y0, z0, x1, y1, z1."""
    west, south, east, north = terrain.bounds
    lines = rng.uniform(
        [west, south, 0, west, south, 0], [east, north, 1, east, north, 1], (count, 6)
    )
    level = rng.random(count) < 0.1
    lines[level, 4] = lines[level, 1]
    on_grid = rng.random(count) < 0.1
    lines[on_grid, 0] = lines[on_grid, 3] = terrain.x0 + terrain.step * np.round(
        (lines[on_grid, 0] - terrain.x0) / terrain.step
    )
    for k in (0, 3):
        lines[:, k + 2] = terrain.height_at(lines[:, k], lines[:, k + 1])
        lines[:, k + 2] += rng.uniform(*above, count) * (rng.random(count) < 0.9)
    return lines[np.isfinite(lines).all(axis=1)]


def clearance_along(terrain, line, steps=STEPS):
    """March along a line and return the least clearance found, and by how much it may be less.

    Both line and ground change at most by their greatest slopes over half a step.
    """
    t = np.linspace(0.0, 1.0, steps + 1)
    a, b = line[:3], line[3:]
    x, y, z = (a + t[:, None] * (b - a)).T
    length = math.hypot(b[0] - a[0], b[1] - a[1])
    steepest = sum(np.nanmax(np.abs(np.diff(terrain.z, axis=k))) / terrain.step for k in (0, 1))
    error = 0.5 / steps * (length * steepest + abs(b[2] - a[2]))
    return float(np.min(z - terrain.height_at(x, y))), error


def test_heights_are_those_of_the_terrain(rng):
    terrain = with_gaps(rng, make_terrain(rng, x0=30.0, y0=50.0))
    ground = ground_of(terrain)
    west, south, east, north = terrain.bounds
    x, y = rng.uniform(west - 20, east + 20, 500), rng.uniform(south - 20, north + 20, 500)
    x[:6], y[:6] = [west, east, west, east, west, 70], [south, north, north, south, 70, north]
    found = [ground_height(ground, a, b) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(found, terrain.height_at(x, y), rtol=0, atol=1e-12)
    assert np.isnan(found).any()


def test_flat_ground_is_at_height_zero_everywhere():
    flat = ground_of()
    assert flat is None
    assert ground_height(flat, 1e6, -1e6) == 0.0
    assert ground_bounds(flat, -1e6, -1e6, 1e6, 1e6) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("shape", [(2, 2), (9, 9), (10, 17), (25, 20)])
def test_each_block_bounds_its_nodes_twists_and_drops(rng, shape):
    terrain = make_terrain(rng, *shape)
    ground, z, step = ground_of(terrain), np.array(terrain.z), terrain.step
    twist = np.abs(z[1:, 1:] - z[1:, :-1] - z[:-1, 1:] + z[:-1, :-1]) / step**2
    drop_x = (2 * z[:, 1:-1] - z[:, :-2] - z[:, 2:]) / step
    drop_y = (2 * z[1:-1] - z[:-2] - z[2:]) / step
    assert ground.low.shape == tuple(-(-(n - 1) // GROUND_BLOCK) for n in shape)
    for row in range(ground.low.shape[0]):
        for col in range(ground.low.shape[1]):
            r, c = row * GROUND_BLOCK, col * GROUND_BLOCK
            rows, cols = slice(r, r + GROUND_BLOCK + 1), slice(c, c + GROUND_BLOCK + 1)
            assert ground.low[row, col] == z[rows, cols].min()
            assert ground.high[row, col] == z[rows, cols].max()
            assert ground.twist[row, col] >= twist[r : r + GROUND_BLOCK, c : c + GROUND_BLOCK].max()
            # Drops stand on inner nodes; the first of them is node 1.
            x_drops = drop_x[rows, max(c - 1, 0) : c + GROUND_BLOCK]
            y_drops = drop_y[max(r - 1, 0) : r + GROUND_BLOCK, cols]
            assert ground.drop_x[row, col] == max(x_drops.max(initial=0.0), 0.0)
            assert ground.drop_y[row, col] == max(y_drops.max(initial=0.0), 0.0)


def test_an_unknown_node_makes_its_blocks_as_rough_as_can_be():
    z = np.zeros((17, 17))
    z[3, 4] = np.nan
    ground = ground_of(Terrain(z, 0.0, 0.0, 1.0))
    assert np.isinf(ground.twist).tolist() == [[True, False], [False, False]]
    assert (ground.drop_x == 0.0).all()
    assert ground_bounds(ground, 9.0, 9.0, 15.0, 15.0) == (0.0, 0.0, 0.0, 0.0)
    assert ground_bounds(ground, 5.0, 5.0, 15.0, 15.0) == (0.0, 0.0, math.inf, math.inf)


def test_bounds_hold_over_boxes_and_are_endless_beyond_the_terrain(rng):
    terrain = make_terrain(rng)
    ground = ground_of(terrain)
    _, _, east, north = terrain.bounds
    for _ in range(20):
        x, y = np.sort(rng.uniform(0, east, 2)), np.sort(rng.uniform(0, north, 2))
        low, high, curve, slack = ground_bounds(ground, x[0], y[0], x[1], y[1])
        z = terrain.height_at(rng.uniform(*x, 100), rng.uniform(*y, 100))
        assert low <= z.min()
        assert z.max() <= high
        assert math.isfinite(curve)
        assert math.isfinite(slack)
    for box in ((-1, 1, 9, 9), (1, -1, 9, 9), (1, 1, east + 1, 9), (1, 1, 9, north + 1)):
        assert ground_bounds(ground, *map(float, box))[2:] == (math.inf, math.inf)
    low, high, *_ = ground_bounds(ground, -900.0, -900.0, -800.0, -800.0)
    assert low > high, "nothing is known there"


def test_what_the_ground_blocks_is_what_a_march_finds(rng):
    undecided, blocked, count = 0, 0, 0
    for _ in range(4):
        terrain = make_terrain(rng, rough=rng.choice([0.0, 0.8]))
        ground = ground_of(terrain)
        for line in random_lines(rng, terrain, LINES // 10):
            found, (least, error) = ground_blocks(ground, *line), clearance_along(terrain, line)
            # A march may miss ground that rises above the line for less than a step.
            if found:
                assert least <= error
            else:
                assert least >= -2 * TOUCH_M
            undecided += -TOUCH_M <= least <= error
            blocked += found
            count += 1
    assert 0.2 * count < blocked < 0.8 * count
    assert undecided < 0.3 * count


@pytest.mark.parametrize("gaps", [0, 5])
def test_sparing_the_walk_never_changes_the_answer(rng, gaps):
    hits = 0
    for _ in range(5):
        rough = rng.choice([0.0, 0.05, 0.5])
        terrain = make_terrain(rng, rough=rough, step=rng.choice([2.5, 10.0]))
        terrain = with_gaps(rng, terrain, gaps) if gaps else terrain
        ground = ground_of(terrain)
        bounds = ground_bounds(ground, *terrain.bounds)
        for line in random_lines(rng, terrain, LINES // 5):
            exact = ground_blocks(ground, *line)
            assert ground_blocks_bounded(ground, *bounds[2:], *line) == exact
            hits += exact
    assert 0.1 * LINES < hits < 0.97 * LINES


def test_nothing_within_the_safe_distance_is_blocked(rng):
    """Lines are stretched to the very distance that is called safe."""
    tried = 0
    for _ in range(10):
        terrain = make_terrain(rng, rough=rng.choice([0.0, 0.02, 0.2]))
        ground = ground_of(terrain)
        curve, slack = ground_bounds(ground, *terrain.bounds)[2:]
        west, south, east, north = terrain.bounds
        for _ in range(LINES // 10):
            x, y = rng.uniform((west, south), (east, north))
            a, b = slack + rng.exponential(2.0, 2)
            safe = safe_distance(curve, slack, a, b)
            turn = rng.uniform(0.0, 2.0 * math.pi)
            x1, y1 = x + safe * math.sin(turn), y + safe * math.cos(turn)
            z, z1 = ground_height(ground, x, y) + a, ground_height(ground, x1, y1) + b
            if math.isfinite(z1) and safe > 0.0:
                tried += 1
                assert not ground_blocks(ground, x, y, z, x1, y1, z1)
    assert tried > LINES / 5


def test_the_safe_distance_over_a_round_hill_is_nearly_the_true_one():
    """Over an arch of curvature c a line between heights a and b just touches at that distance."""
    x = np.arange(401) * 1.0
    z = np.tile(-0.5 * 0.004 * (x - 200.0) ** 2, (3, 1))
    ground = ground_of(Terrain(z, 0.0, 0.0, 1.0))
    curve, slack = ground_bounds(ground, 0.0, 0.0, 400.0, 2.0)[2:]
    assert curve == pytest.approx(0.004)
    assert slack == pytest.approx(0.0005)
    safe = safe_distance(curve, slack, 6.0, 1.5)
    true = math.sqrt(2.0 / 0.004) * (math.sqrt(6.0) + math.sqrt(1.5))
    assert 0.99 * true < safe < true
    for length, blocks in ((safe, False), (1.02 * true, True)):
        x0 = 200.0 - length * math.sqrt(6.0) / (math.sqrt(6.0) + math.sqrt(1.5))
        z0, z1 = (ground_height(ground, at, 1.0) for at in (x0, x0 + length))
        assert ground_blocks(ground, x0, 1.0, z0 + 6.0, x0 + length, 1.0, z1 + 1.5) == blocks


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((0.0, 0.0, 6.0, 1.5), math.inf),  # a plane never rises above a line
        ((0.01, 0.0, 0.0, 1.5), 0.0),  # an eye on the ground
        ((0.01, 0.0, 6.0, -0.1), 0.0),
        ((0.01, 2.0, 6.0, 1.5), 0.0),  # kinks as high as the target
        ((math.inf, math.inf, 6.0, 1.5), 0.0),  # unknown ground
        ((0.0, 0.0, math.nan, 1.5), 0.0),
    ],
)
def test_distances_that_are_safe_everywhere_or_nowhere(arguments, expected):
    assert safe_distance(*arguments) == expected


def test_unknown_ground_blocks_and_so_does_the_end_of_the_terrain():
    z = np.zeros((9, 9))
    z[4, 4] = np.nan
    ground = ground_of(Terrain(z, 0.0, 0.0, 1.0))
    bounds = ground_bounds(ground, 0.0, 0.0, 8.0, 8.0)[2:]
    for line, expected in [
        ((1.0, 4.0, 5.0, 7.0, 4.0, 5.0), True),  # across the gap
        ((1.0, 1.0, 5.0, 7.0, 2.0, 5.0), False),  # past it
        ((1.0, 4.0, 5.0, 4.2, 4.0, 5.0), True),  # into it
        ((4.2, 4.0, 5.0, 1.0, 4.0, 5.0), True),  # out of it
        ((1.0, 1.0, 5.0, 9.0, 1.0, 5.0), True),  # off the terrain
        ((1.0, 1.0, 5.0, 1.0, 1.0, 2.0), False),  # straight down
        ((1.0, 1.0, 5.0, 1.0, 1.0, 5.0), False),  # no way at all
    ]:
        assert ground_blocks(ground, *line) == expected, line
        assert ground_blocks_bounded(ground, *bounds, *line) == expected, line


def test_ground_that_touches_a_line_lets_it_pass():
    z = np.zeros((3, 9))
    z[:, 4] = 2.0
    ground = ground_of(Terrain(z, 0.0, 0.0, 1.0))
    bounds = ground_bounds(ground, 0.0, 0.0, 8.0, 2.0)[2:]
    for lift, expected in ((0.0, False), (1e-6, False), (-1e-6, True)):
        line = (0.0, 1.0, 2.0 + lift, 8.0, 1.0, 2.0 + lift)
        assert ground_blocks(ground, *line) == expected
        assert ground_blocks_bounded(ground, *bounds, *line) == expected
    assert not ground_blocks(ground, 0.0, 0.5, 0.0, 3.0, 0.5, 0.0), "on the ground itself"


def test_the_least_value_of_a_parabola(rng):
    t = np.linspace(0.0, 1.0, 10_001)
    for a, m, b in rng.uniform(-1.0, 1.0, (200, 3)):
        curve, slope = 2 * (a + b - 2 * m), 4 * m - 3 * a - b
        assert _least(a, m, b) == pytest.approx((a + slope * t + curve * t * t).min(), abs=1e-7)
    assert math.isnan(_least(1.0, math.nan, 1.0))


@pytest.mark.parametrize(
    ("position", "direction", "expected"),
    [(3.0, 1.0, 1.0), (3.0, -1.0, 1.0), (3.25, 1.0, 0.75), (3.25, -1.0, 0.25), (-0.25, 1.0, 0.25)],
)
def test_the_first_grid_line_ahead_is_never_the_one_underfoot(position, direction, expected):
    assert _first_crossing(position, direction) == expected
