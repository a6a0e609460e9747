"""Scenes in which ties are the rule, and the convention for them by fractions and brute force.

All coordinates are whole quarters of a metre, so that cell centres, corners, walls and sight lines
fall upon each other. The convention: a body hides what it is touched before or at, by its walls,
corners, edges of roofs and undersides too; but a line that is only level with a roof or an
underside, or ends at its height, passes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import shapely

from tests.kernel_parts import camera_at, crowns, houses, no_houses, panels

Point = tuple[Fraction, Fraction, Fraction]
TARGET_M = 1.5


@dataclass(frozen=True, slots=True)
class Body:
    """A prism or a panel: rings or lines as pairs of corners, and its heights."""

    edges: tuple
    base: Fraction
    top: Fraction
    solid: bool


def lattice_tables(rng, cell, *, trees=False):
    """Make boxes, bent houses, courts, fences and perhaps crowns on the lattice of cell centres."""
    side = cell / 2.0

    def at(low, high):
        return float(rng.integers(low, high)) * side

    rows, boards, leaves = [], [], []
    for _ in range(int(rng.integers(2, 7))):
        x, y, w, h = at(0, 40), at(0, 40), at(2, 12), at(2, 12)
        shape = shapely.box(x, y, x + w, y + h)
        kind = rng.integers(4)
        if kind == 0:
            shape = shape.union(shapely.box(x + w, y, x + w + at(1, 6), y + h + at(1, 6)))
        elif kind == 1 and min(w, h) > 4 * side:
            shape = shape.difference(shape.buffer(-side, join_style="mitre"))
        elif kind == 2:
            shape = shapely.Polygon([(x, y), (x + w, y + h), (x, y + 2 * h)])
        top = 1.5 * float(rng.integers(1, 8))
        rows.append((shape, top, float(rng.choice([0.0, 0.0, top - 1.5]))))
    for _ in range(int(rng.integers(0, 4))):
        line = [(at(0, 40), at(0, 40)) for _ in range(int(rng.integers(2, 4)))]
        if len(set(line)) == len(line):
            boards.append((shapely.LineString(line), 4.5, float(rng.choice([0.0, 1.5, 3.0]))))
    for _ in range(3 if trees else 0):
        x, y = at(0, 40), at(0, 40)
        leaves.append((shapely.box(x, y, x + at(1, 6), y + at(1, 6)), 6.0, 1.5, 0.2))
    return (
        houses(*rows) if rows else no_houses(),
        panels(*boards) if boards else None,
        crowns(*leaves) if leaves else None,
    )


def lattice_camera(rng, cell, tables):
    """Place a camera on the lattice, off every outline, looking all round."""
    shapes = [shape for table in tables if table is not None for shape in table.geometry]
    while True:
        x, y = rng.integers(-4, 44, 2) * (cell / 2.0)
        if not any(shape.intersects(shapely.Point(x, y)) for shape in shapes):
            height = 1.5 * float(rng.integers(1, 7))
            return camera_at(float(x), float(y), height_m=height, reach_m=70.0 * cell)


def bodies_of(tables) -> list[Body]:
    """Read the tables of a scene."""
    found = []
    for table in tables:
        for row in table.itertuples() if table is not None else ():
            base = max(Fraction(row.base_m), Fraction("0.1") if table is tables[2] else 0)
            solid = shapely.get_dimensions(row.geometry) == 2
            lines = shapely.get_rings(row.geometry) if solid else [row.geometry]
            corners = [[(Fraction(x), Fraction(y)) for x, y in line.coords] for line in lines]
            edges = tuple(edge for line in corners for edge in pairwise(line) if edge[0] != edge[1])
            low = base if base > 0 else Fraction(-(10**9))
            found.append(Body(edges, low, Fraction(float(row.height_m)), solid))
    return found


def is_hidden(eye: Point, target: Point, body: Body) -> bool:
    """Tell whether a body hides a target, by trying every place where that could change."""
    if body.top <= min(eye[2], target[2]) or body.base >= max(eye[2], target[2]):
        return False
    rise, first, last = target[2] - eye[2], Fraction(0), Fraction(1)
    if rise:
        ends = sorted([(body.base - eye[2]) / rise, (body.top - eye[2]) / rise])
        first, last = max(first, ends[0]), min(last, ends[1])
    if first > last or last <= 0:
        return False
    places = {first, last, (first + last) / 2}
    places |= {t for edge in body.edges for t in meetings(eye, target, edge) if first <= t <= last}
    return any(t > 0 and holds(body, *at(eye, target, t)) for t in places)


def meetings(eye: Point, target: Point, edge) -> list[Fraction]:
    """Return where a line meets an edge in plan; both ends of one that lies along it."""
    (px, py), (qx, qy) = edge
    dx, dy, ex, ey = target[0] - eye[0], target[1] - eye[1], qx - px, qy - py
    turn, square = dx * ey - dy * ex, dx * dx + dy * dy
    ax, ay = px - eye[0], py - eye[1]
    if turn:
        along = (ax * dy - ay * dx) / turn
        return [(ax * ey - ay * ex) / turn] if 0 <= along <= 1 else []
    if not square or ax * dy - ay * dx:
        return []
    return [(ax * dx + ay * dy) / square, ((qx - eye[0]) * dx + (qy - eye[1]) * dy) / square]


def at(eye: Point, target: Point, t: Fraction) -> tuple[Fraction, Fraction]:
    """Return a place on a line in plan."""
    return eye[0] + t * (target[0] - eye[0]), eye[1] + t * (target[1] - eye[1])


def holds(body: Body, x: Fraction, y: Fraction) -> bool:
    """Tell whether a place is within an outline or on it."""
    odd = False
    for (px, py), (qx, qy) in body.edges:
        turn = (qx - px) * (y - py) - (qy - py) * (x - px)
        if turn == 0 and min(px, qx) <= x <= max(px, qx) and min(py, qy) <= y <= max(py, qy):
            return True
        if (py > y) != (qy > y) and px + (y - py) * (qx - px) / (qy - py) > x:
            odd = not odd
    return odd and body.solid


def exact(*values) -> Point:
    """Return numbers as fractions."""
    return tuple(Fraction(float(value)) for value in values)


def is_seen(camera, x: float, y: float, bodies: list[Body]) -> bool:
    """Tell whether a camera sees the target over a cell centre, within its reach."""
    eye, target = exact(camera.x, camera.y, camera.height_m), exact(x, y, TARGET_M)
    far = sum((a - b) ** 2 for a, b in zip(eye, target, strict=True))
    if far > Fraction(camera.reach_m) ** 2:
        return False
    return not any(is_hidden(eye, target, body) for body in bodies)


def cells_of(view):
    """Return the centres of the cells of a view, in its own shape."""
    row, col = np.indices(view.visible.shape)
    at_x = view.transform.c + (col + 0.5) * view.transform.a
    return at_x, view.transform.f + (row + 0.5) * view.transform.e
