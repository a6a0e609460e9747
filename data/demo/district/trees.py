"""Street trees, set where a landscaper would: along kerbs, clear of corners, gates and views."""

from __future__ import annotations

import math
from itertools import pairwise

import shapely

from district import plane
from district.camera import Camera
from district.draw import Drawing, tree
from district.plane import Frame, to_map
from district.streets import RIVER, STREETS

SPACING_M = 12.0
FROM_KERB_M = 2.4
CROWN_M = 2.2
CLEAR_OF_GATE_M = 7.0
CLEAR_OF_CORNER_M = 16.0

GROVES = (
    # place on the plane, columns, rows, spacing
    ((60, 752), 26, 1, 10.0),
    ((46, 768), 28, 1, 10.0),
    ((400, 742), 10, 3, 10.0),
    ((560, 762), 22, 2, 10.0),
    ((36, 484), 2, 1, 60.0),
    ((420, 760), 8, 2, 11.0),
)


def plant_trees(drawing: Drawing, cameras: list[Camera]) -> None:
    """Plant all trees that stand in nobody's way."""
    kept_free = _free_of_trees(drawing, cameras)
    for x, y in [*_along_streets(), *_groves()]:
        middle = to_map((x, y))
        if not kept_free.query(shapely.Point(middle).buffer(CROWN_M), predicate="intersects").size:
            tree(drawing, middle, CROWN_M)


def _along_streets() -> list[plane.Point]:
    out = []
    for street in STREETS:
        if street.bridge or street.tunnel or street.kind == "residential":
            continue
        for (ax, ay), (bx, by) in pairwise(street.points):
            length = math.dist((ax, ay), (bx, by))
            frame = Frame(ax, ay, math.degrees(math.atan2(by - ay, bx - ax)))
            for side in (1, -1):
                out += [
                    frame.local(t * SPACING_M + 5, side * (street.half_m + FROM_KERB_M))
                    for t in range(int((length - 5) // SPACING_M))
                ]
    return out


def _groves() -> list[plane.Point]:
    return [
        (x + i * step, y + j * step)
        for (x, y), columns, rows, step in GROVES
        for i in range(columns)
        for j in range(rows)
    ]


def _free_of_trees(drawing: Drawing, cameras: list[Camera]) -> shapely.STRtree:
    """Return what trees keep away from: houses, gates, corners, water and views."""
    rows = drawing.district.rows
    zones = [row["geometry"].buffer(1.5) for row in rows["buildings"]]
    zones += [row["geometry"].buffer(2.0) for row in rows["barriers"]]
    zones += [
        row["geometry"].buffer(1.0)
        for row in rows["roads"]
        if row["kind"] in ("service", "footway")
    ]
    zones += [plane.line(s.points).buffer(s.half_m) for s in STREETS]
    zones += [plane.line(RIVER[3]).buffer(RIVER[2])]
    zones += [shapely.Point(gate.middle).buffer(CLEAR_OF_GATE_M) for gate in drawing.gates.values()]
    zones += [
        plane.line(a.points)
        .intersection(plane.line(b.points).buffer(b.half_m))
        .buffer(CLEAR_OF_CORNER_M)
        for a in STREETS
        for b in STREETS
        if a is not b and not a.tunnel and not b.tunnel
    ]
    zones += [
        _view(camera) for camera in cameras if camera.purpose != "治安监控" or camera.key[0] != "c"
    ]
    return shapely.STRtree([zone for zone in zones if not zone.is_empty])


def _view(camera: Camera) -> shapely.Polygon:
    """Return the part of a view that has to stay free: its middle, as far as a gate may be."""
    middle, half = camera.azimuth_deg or 0.0, min(camera.lens.hfov_deg / 2, 25.0)
    far = min(camera.reach_m, 26.0)
    angles = [math.radians(middle + half * t) for t in (-1, -0.5, 0, 0.5, 1)]
    arc = [(camera.x + far * math.sin(a), camera.y + far * math.cos(a)) for a in angles]
    return shapely.Polygon([(camera.x, camera.y), *arc]).buffer(0.3)
