"""The ground as bilinear patches: its height, its bounds, and whether it rises above a line."""

from __future__ import annotations

import math

from civicsight.coverage._kernels.compile import kernel, part
from civicsight.coverage._kernels.views import Ground

GROUND_BLOCK = 8
"""Patches along the side of a block of bounds."""

TOUCH_M = 1e-9
"""Ground that comes within this of a sight line touches it and does not block it [m]."""


@part
def ground_height(ground: Ground | None, x: float, y: float) -> float:
    """Return the height of the ground, NaN where it is unknown."""
    if ground is None:
        return 0.0
    n_row, n_col = ground.z.shape
    u = (x - ground.x0) / ground.step
    v = (y - ground.y0) / ground.step
    if not (u >= 0.0 and v >= 0.0 and u <= n_col - 1 and v <= n_row - 1):
        return math.nan
    c = min(int(u), n_col - 2)
    r = min(int(v), n_row - 2)
    u -= c
    v -= r
    south = ground.z[r, c] * (1.0 - u) + ground.z[r, c + 1] * u
    north = ground.z[r + 1, c] * (1.0 - u) + ground.z[r + 1, c + 1] * u
    return south * (1.0 - v) + north * v


@part
def ground_bounds(
    ground: Ground | None, x0: float, y0: float, x1: float, y1: float
) -> tuple[float, float, float, float]:
    """Bound the ground over a box: least and greatest height, curvature, slack.

    The last two are those of `safe_distance`; they are infinite where a part of the box is unknown.
    """
    if ground is None:
        return 0.0, 0.0, 0.0, 0.0
    low, high, twist, drop_x, drop_y = math.inf, -math.inf, 0.0, 0.0, 0.0
    side = ground.step * GROUND_BLOCK
    n_row, n_col = ground.low.shape
    c0 = max(0, int(math.floor((x0 - ground.x0) / side)))
    r0 = max(0, int(math.floor((y0 - ground.y0) / side)))
    c1 = min(n_col - 1, int(math.floor((x1 - ground.x0) / side)))
    r1 = min(n_row - 1, int(math.floor((y1 - ground.y0) / side)))
    for r in range(r0, r1 + 1):
        for c in range(c0, c1 + 1):
            low = min(low, ground.low[r, c])
            high = max(high, ground.high[r, c])
            twist = max(twist, ground.twist[r, c])
            drop_x = max(drop_x, ground.drop_x[r, c])
            drop_y = max(drop_y, ground.drop_y[r, c])
    known = (
        x0 >= ground.x0
        and x1 <= ground.x0 + (ground.z.shape[1] - 1) * ground.step
        and y0 >= ground.y0
        and y1 <= ground.y0 + (ground.z.shape[0] - 1) * ground.step
    )
    if not known or math.isinf(twist):
        return low, high, math.inf, math.inf
    mean, half = 0.5 * (drop_x + drop_y) / ground.step, 0.5 * (drop_x - drop_y) / ground.step
    curve = mean + math.sqrt(half * half + twist * twist)
    return low, high, curve, 0.125 * ground.step * (drop_x + drop_y)


@kernel
def bound_ground(ground: Ground) -> None:
    """Fill the bounds of every block; an unknown node makes its block as rough as can be."""
    n_row, n_col = ground.z.shape
    for br in range(ground.low.shape[0]):
        for bc in range(ground.low.shape[1]):
            ground.low[br, bc], ground.high[br, bc] = math.inf, -math.inf
            for r in range(br * GROUND_BLOCK, min((br + 1) * GROUND_BLOCK + 1, n_row)):
                for c in range(bc * GROUND_BLOCK, min((bc + 1) * GROUND_BLOCK + 1, n_col)):
                    _bound_node(ground, r, c, br, bc)


@part
def _bound_node(ground: Ground, r: int, c: int, br: int, bc: int) -> None:
    z = ground.z
    n_row, n_col = z.shape
    here = z[r, c]
    if math.isnan(here):
        ground.twist[br, bc] = math.inf
        return
    ground.low[br, bc] = min(ground.low[br, bc], here)
    ground.high[br, bc] = max(ground.high[br, bc], here)
    # A comparison with NaN is false, so a drop beside an unknown node is left to that node's block;
    # max() would let the order of its arguments decide.
    if 0 < c < n_col - 1:
        drop = (2.0 * here - z[r, c - 1] - z[r, c + 1]) / ground.step
        if drop > ground.drop_x[br, bc]:  # noqa: PLR1730
            ground.drop_x[br, bc] = drop
    if 0 < r < n_row - 1:
        drop = (2.0 * here - z[r - 1, c] - z[r + 1, c]) / ground.step
        if drop > ground.drop_y[br, bc]:  # noqa: PLR1730
            ground.drop_y[br, bc] = drop
    if r < n_row - 1 and c < n_col - 1:
        twist = abs(here - z[r, c + 1] - z[r + 1, c] + z[r + 1, c + 1]) / (
            ground.step * ground.step
        )
        if twist > ground.twist[br, bc]:  # noqa: PLR1730
            ground.twist[br, bc] = twist


@part
def safe_distance(curve: float, slack: float, eye_above: float, target_above: float) -> float:
    """Return the distance up to which the ground cannot rise above a sight line [m].

    Both ends stand above the ground, by `a` and `b`. Along a line of length `d` the profile of the
    ground is a chain of parabolas with a drop of slope at each grid line. It lies above the chord
    of its own ends by the integral of its downward curvature with the tent function ``G(s, t)``.
    Equal drops at equal distances `q` add at most ``s (d - s) / (2 q) + q / 8`` times the drop,
    because the midpoint rule is exact for a tent but for the piece with its tip. So the ground
    lies above its chord by at most ``s (d - s) curve / 2 + slack``, where ``curve`` is the greatest
    eigenvalue of the matrix of the drops a metre and the twist, and ``slack`` is ``step / 8`` times
    the sum of the drops. The sight line lies above that chord by ``a + (b - a) s / d``, which is
    more everywhere if ``(sqrt(a - slack) + sqrt(b - slack))**2 > curve d**2 / 2``. Derived here;
    the tests compare it with marching along every line.
    """
    a, b = eye_above - slack, target_above - slack
    if not (a > 0.0 and b >= 0.0) or math.isinf(curve):
        return 0.0
    if curve <= 0.0:
        return math.inf
    return (math.sqrt(a) + math.sqrt(b)) * math.sqrt(2.0 / curve) * (1.0 - 1e-9)


@part
def ground_blocks(
    ground: Ground, x0: float, y0: float, z0: float, x1: float, y1: float, z1: float
) -> bool:
    """Tell whether the ground rises above the segment between two points, exactly.

    Unknown ground blocks.
    """
    return ground_rise(ground, x0, y0, z0, x1, y1, z1, 1.0) < math.inf


@part
def ground_rise(
    ground: Ground, x0: float, y0: float, z0: float, x1: float, y1: float, z1: float, end: float
) -> float:
    """Return where the ground first rises above a segment, as a share of it up to `end`.

    Infinite if it does not; unknown ground does.
    """
    gap = z0 - ground_height(ground, x0, y0)
    return walk_patches(ground, x0, y0, z0, x1 - x0, y1 - y0, z1 - z0, 0.0, end, gap)


@part
def ground_blocks_bounded(
    ground: Ground,
    curve: float,
    slack: float,
    x0: float,
    y0: float,
    z0: float,
    x1: float,
    y1: float,
    z1: float,
) -> bool:
    """Answer as `ground_blocks`, sparing the walk where a bound of the curvature settles it.

    Takes the longest stretch ahead whose two ends are far enough above the ground
    (`safe_distance`), halving it until it is, and walks the patches only where no stretch longer
    than a patch is.
    """
    dx, dy, dz = x1 - x0, y1 - y0, z1 - z0
    length = math.sqrt(dx * dx + dy * dy)
    t, gap = 0.0, z0 - ground_height(ground, x0, y0)
    end, gap_end = 1.0, z1 - ground_height(ground, x1, y1)
    if not gap_end >= -TOUCH_M:
        return True
    upto, gap_upto = end, gap_end
    while True:
        if safe_distance(curve, slack, gap, gap_upto) >= (upto - t) * length:
            if upto >= 1.0:
                return False
            t, gap, upto, gap_upto = upto, gap_upto, end, gap_end
            continue
        if (upto - t) * length <= ground.step:
            if walk_patches(ground, x0, y0, z0, dx, dy, dz, t, upto, gap) < math.inf:
                return True
            if upto >= 1.0:
                return False
            t, gap, upto, gap_upto = upto, gap_upto, end, gap_end
            continue
        upto = 0.5 * (t + upto)
        gap_upto = z0 + upto * dz - ground_height(ground, x0 + upto * dx, y0 + upto * dy)
        if not gap_upto >= -TOUCH_M:
            return True


@part
def walk_patches(
    ground: Ground,
    x0: float,
    y0: float,
    z0: float,
    dx: float,
    dy: float,
    dz: float,
    t: float,
    end: float,
    gap: float,
) -> float:
    """Walk the patches under a stretch of a segment, from share `t` to `end`.

    Returns where the ground first rises above it, infinite if it does not. Over one patch the
    ground along a line is a parabola, so three heights settle its least clearance; `gap` is the
    clearance at `t`.
    """
    inv_x = ground.step / abs(dx) if dx != 0.0 else math.inf
    inv_y = ground.step / abs(dy) if dy != 0.0 else math.inf
    u = (x0 + t * dx - ground.x0) / ground.step
    v = (y0 + t * dy - ground.y0) / ground.step
    next_x = t + _first_crossing(u, dx) * inv_x if dx != 0.0 else math.inf
    next_y = t + _first_crossing(v, dy) * inv_y if dy != 0.0 else math.inf
    while t < end:
        t_next = min(next_x, next_y, end)
        if next_x <= t_next:
            next_x += inv_x
        if next_y <= t_next:
            next_y += inv_y
        mid = 0.5 * (t + t_next)
        gap_mid = z0 + mid * dz - ground_height(ground, x0 + mid * dx, y0 + mid * dy)
        gap_next = z0 + t_next * dz - ground_height(ground, x0 + t_next * dx, y0 + t_next * dy)
        if not _least(gap, gap_mid, gap_next) >= -TOUCH_M:
            return t + _falls_at(gap, gap_mid, gap_next) * (t_next - t)
        t, gap = t_next, gap_next
    return math.inf


@part
def _first_crossing(position: float, direction: float) -> float:
    """Return the distance to the first grid line ahead, in cells, more than 0 and at most 1."""
    part = position - math.floor(position)
    if direction > 0.0:
        return 1.0 - part
    return part if part > 0.0 else 1.0


@part
def _least(a: float, m: float, b: float) -> float:
    """Return the least value over [0, 1] of the parabola through a, m, b at 0, 1/2, 1."""
    curve = 2.0 * (a + b - 2.0 * m)
    slope = 4.0 * m - 3.0 * a - b
    least = min(a, b)
    if math.isnan(m):
        return m
    if curve > 0.0:
        at = -slope / (2.0 * curve)
        if 0.0 < at < 1.0:
            least = min(least, a + slope * at + curve * at * at)
    return least


@part
def _falls_at(a: float, m: float, b: float) -> float:
    """Return where over [0, 1] the parabola of `_least` first falls below a touch."""
    curve, slope, above = 2.0 * (a + b - 2.0 * m), 4.0 * m - 3.0 * a - b, a + TOUCH_M
    root = math.sqrt(max(slope * slope - 4.0 * curve * above, 0.0)) - slope
    if not above > 0.0 or not root > 0.0:
        return 0.0
    return min(2.0 * above / root, 1.0)
