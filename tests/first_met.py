"""What a sight line meets first, by fractions and brute force; shares no code with the engine.

Each feature is tried by itself: the line is cut at every wall, roof and underside, and the first
piece whose middle lies inside tells where the line enters. The ground is tried patch by patch.
Of what is met at one distance a feature comes before the ground, and the lower id before the
higher.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from civicsight.model.terrain import Terrain
from tests.oracle import PASSING, Feature
from tests.oracle_cells import Name

Point = tuple[Fraction, Fraction, Fraction]
GROUND, CROWNS = ("ground", ""), ("canopies", "")


def first_met(
    eye: tuple[float, ...],
    target: tuple[float, ...],
    features: list[Feature],
    names: list[Name],
    terrain: Terrain | None,
) -> Name | None:
    """Return layer and id of what a line meets first and that hides its end; None if free."""
    a, b = (tuple(Fraction(float(v)) for v in point) for point in (eye, target))
    met: list[tuple[Fraction, int, str, Name]] = []
    light: list[tuple[Fraction, float]] = []
    for feature, name in zip(features, names, strict=True):
        if _within(a, feature) and feature.kind == "canopy":
            continue
        t = entry(a, b, feature)
        if t is None:
            continue
        if feature.kind == "canopy" and feature.transmittance >= PASSING:
            light.append((t, feature.transmittance))
        else:
            met.append((t, 0, name[1], name))
    dark = _dark_at(light)
    if dark is not None:
        met.append((dark, 1, "", CROWNS))
    rise = None if terrain is None else first_rise(a, b, terrain)
    if rise is not None:
        met.append((rise, 2, "", GROUND))
    return min(met)[-1] if met else None


def entry(a: Point, b: Point, feature: Feature) -> Fraction | None:
    """Return where a line first is inside a feature, as a share of it."""
    edges = [(p, q) for line in feature.lines for p, q in pairwise(_exact(line)) if p != q]
    crossed = [t for edge in edges if (t := _crossing(a, b, edge)) is not None]
    if feature.kind == "panel":
        hits = [t for t in crossed if 0 < t < 1 and _between(_at(a, b, t), feature)]
        return min(hits, default=None)
    rise = b[2] - a[2]
    planes = [h for h in (feature.base, feature.top) if rise and h > -1e8]
    cuts = [*crossed, *((Fraction(h) - a[2]) / rise for h in planes)]
    cuts = sorted({Fraction(0), Fraction(1), *(t for t in cuts if 0 < t < 1)})
    for low, high in pairwise(cuts):
        if _within(_at(a, b, (low + high) / 2), feature):
            return low
    return None


def first_rise(a: Point, b: Point, terrain: Terrain) -> Fraction | None:
    """Return where the ground first rises above a line, to 2**-60 of it."""
    cuts = {Fraction(0), Fraction(1)}
    for axis, start in ((0, terrain.x0), (1, terrain.y0)):
        step = b[axis] - a[axis]
        for k in range(max(terrain.z.shape) if step else 0):
            t = (Fraction(start) + k * Fraction(terrain.step) - a[axis]) / step
            cuts |= {t} if 0 < t < 1 else set()
    for low, high in pairwise(sorted(cuts)):
        middle = (low + high) / 2
        gaps = [_gap(a, b, t, middle, terrain) for t in (low, middle, high)]
        if None in gaps:
            return low
        curve = 2 * (gaps[0] + gaps[2] - 2 * gaps[1])
        slope = 4 * gaps[1] - 3 * gaps[0] - gaps[2]
        turn = -slope / (2 * curve) if curve > 0 else Fraction(1)
        lowest = min(max(turn, Fraction(0)), Fraction(1))
        for end in (lowest, Fraction(1)):
            if gaps[0] + slope * end + curve * end * end < 0:
                return low + _first_below(gaps[0], slope, curve, end) * (high - low)
    return None


def _first_below(c: Fraction, slope: Fraction, curve: Fraction, end: Fraction) -> Fraction:
    """Halve until the place is known from which a parabola, falling up to `end`, is below 0."""
    low, high = Fraction(0), end
    for _ in range(60):
        middle = (low + high) / 2
        if c + slope * middle + curve * middle * middle < 0:
            high = middle
        else:
            low = middle
    return high


def _gap(a: Point, b: Point, t: Fraction, inside: Fraction, terrain: Terrain) -> Fraction | None:
    """Return how high a line is above the patch that it crosses at `inside`."""
    x, y, _ = _at(a, b, inside)
    step = Fraction(terrain.step)
    col, row = int((x - Fraction(terrain.x0)) // step), int((y - Fraction(terrain.y0)) // step)
    nodes = terrain.z[row : row + 2, col : col + 2]
    if min(row, col) < 0 or nodes.shape != (2, 2) or not (nodes == nodes).all():  # noqa: PLR0124
        return None
    x, y, z = _at(a, b, t)
    u = (x - Fraction(terrain.x0)) / step - col
    v = (y - Fraction(terrain.y0)) / step - row
    (sw, se), (nw, ne) = ([Fraction(float(value)) for value in pair] for pair in nodes)
    return z - (sw * (1 - u) + se * u) * (1 - v) - (nw * (1 - u) + ne * u) * v


def _dark_at(light: list[tuple[Fraction, float]]) -> Fraction | None:
    """Return where crowns that each let light pass have together taken too much of it."""
    share = 1.0
    for t, passing in sorted(light):
        share *= passing
        if share < PASSING:
            return t
    return None


def _exact(line) -> list[tuple[Fraction, Fraction]]:
    return [(Fraction(float(x)), Fraction(float(y))) for x, y in line]


def _at(a: Point, b: Point, t: Fraction) -> Point:
    x, y, z = (p + t * (q - p) for p, q in zip(a, b, strict=True))
    return x, y, z


def _between(point: Point, feature: Feature) -> bool:
    return feature.base < point[2] < feature.top


def _within(point: Point, feature: Feature) -> bool:
    """Tell whether a point is inside a prism, by counting the walls east of it."""
    x, y, _ = point
    count = 0
    for line in feature.lines:
        for (px, py), (qx, qy) in pairwise(_exact(line)):
            if (py > y) != (qy > y) and px + (y - py) * (qx - px) / (qy - py) > x:
                count += 1
    return count % 2 == 1 and _between(point, feature)


def _crossing(a: Point, b: Point, edge) -> Fraction | None:
    """Return where a line crosses an edge, as a share of the line."""
    (px, py), (qx, qy) = edge
    dx, dy, ex, ey = b[0] - a[0], b[1] - a[1], qx - px, qy - py
    turn = dx * ey - dy * ex
    if turn == 0:
        return None
    along = ((px - a[0]) * dy - (py - a[1]) * dx) / turn
    return ((px - a[0]) * ey - (py - a[1]) * ex) / turn if 0 <= along <= 1 else None
