"""What the law asks to see of the made places: gates, fences, grounds, ways, each as points.

Drawn here from the description of the demand, not taken from the package: gates across their
opening, perimeters one metre outside the outline, ways every two metres, grounds on a grid of two
metres without what is built on them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from district import plane
from district.draw import Drawing, Gate
from district.plane import Point
from district.proof import TARGET_M
from district.sites import SITES
from district.streets import SECTION, STREETS
from district.wide_views import CROSSINGS

PX_M = {"detect": 25.0, "observe": 62.5, "recognise": 125.0, "identify": 250.0, "plate": 167.0}
MAX_YAW_DEG = {"recognise": 45.0, "identify": 45.0, "plate": 30.0}
MAX_DEPRESSION_DEG = 30.0
PLATE_M = 0.5
"""Height of a number plate above the road; persons are made out at the height of a face."""

GATE_SHARE, WAY_SHARE, FENCE_SHARE, GROUND_SHARE = 0.95, 0.90, 0.90, 0.80

FORECOURT_M, JUNCTION_M, PORTAL_M, OUTSIDE_M, STEP_M = 25.0, 15.0, 6.0, 1.0, 2.0

FENCED = ("substation", "water", "archive", "museum", "fuel", "cdc")
"""Places whose perimeter counts."""

PLATES = ("8.1", "8.5", "8.7", "8.8", "8.10")
"""Classes that tell vehicle gates from gates for persons."""

NAMES = ("8.2a", "8.4", "8.6", "8.8")
"""Classes that have persons identified at their gates."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that has to be seen, as points that each stand for `weight` of it."""

    key: str
    place: str
    item: str
    kind: str
    profile: str
    share: float
    points: np.ndarray
    weight: float
    normal_deg: float = math.nan

    @property
    def target_m(self) -> float:
        """Return the height at which the part has to be made out."""
        return PLATE_M if self.profile == "plate" else TARGET_M


def gate_profile(gate: Gate) -> str:
    """Return the capture quality that a gate needs."""
    if gate.door.vehicle and gate.item in PLATES:
        return "plate"
    return "identify" if gate.item in NAMES else "recognise"


def gate_part(key: str, gate: Gate) -> Part:
    """Return the line across a gate, 2 cm before the wall so that nothing is touched."""
    width = gate.door.width_m
    count = max(2, math.ceil(width / 0.5) + 1)
    xs = np.linspace(-width / 2, width / 2, count)
    points = np.array([gate.frame.at(float(x), 0.02) for x in xs])
    return Part(
        key,
        gate.place_id,
        gate.item,
        "gate",
        gate_profile(gate),
        GATE_SHARE,
        points,
        width / count,
        gate.azimuth_deg,
    )


def other_parts(drawing: Drawing) -> list[Part]:
    """Return all parts that are no gates."""
    parts = [
        _fence(drawing, key) for key in ("substation", "water", "archive", "museum", "fuel", "cdc")
    ]
    square, parking = drawing.outlines["square"], drawing.outlines["parking"]
    parts.append(_ground(drawing, "square", "square", "detect", square))
    parts.append(_ground(drawing, "parking", "parking", "detect", parking))
    for key in ("coach-in", "coach-out", "coach-v"):
        disc = shapely.Point(drawing.gates[key].middle).buffer(FORECOURT_M)
        parts.append(_ground(drawing, f"forecourt-{key}", "coach", "observe", disc))
    bridge = next(street for street in STREETS if street.bridge)
    tunnel = next(street for street in STREETS if street.tunnel)
    park = next(site for site in SITES if site.key == "park")
    walk = [park.frame.local(*park.ways[0][1][0])]
    walk += [park.frame.local(*way[1]) for _, way in park.ways]
    parts.append(_line(drawing, "park-walk", "park", "passage", "observe", WAY_SHARE, walk))
    parts.append(
        _line(drawing, "section", "section", "road_section", "detect", GROUND_SHARE, list(SECTION))
    )
    parts.append(
        _line(drawing, "deck", "bridge", "deck", "detect", GROUND_SHARE, list(bridge.points))
    )
    for place, street in (("bridge", bridge), ("underpass", tunnel)):
        for end, (here, there) in enumerate((street.points, street.points[::-1]), 1):
            parts.append(_portal(drawing, f"{place}-{end}", place, here, there))
    for number, (_, spot, _, _) in enumerate(CROSSINGS, 1):
        disc = shapely.Point(plane.to_map(spot)).buffer(JUNCTION_M)
        part = _ground(drawing, f"junction-{number}", "", "observe", disc)
        parts.append(
            Part(part.key, "", "8.2b", "junction", "observe", WAY_SHARE, part.points, part.weight)
        )
    return parts


def _part(
    drawing: Drawing,
    key: str,
    site: str,
    kind: str,
    profile: str,
    share: float,
    points: np.ndarray,
    size: float,
) -> Part:
    """Return a part whose points stand for `size` metres or square metres together."""
    place = drawing.places.get(site, "")
    rows = drawing.district.rows["places"]
    item = next((str(row["item"]) for row in rows if row["id"] == place), "")
    return Part(key, place, item, kind, profile, share, points, size / len(points))


def _fence(drawing: Drawing, site: str) -> Part:
    ring = drawing.outlines[site].buffer(OUTSIDE_M, join_style="mitre").exterior
    points = _along(ring, STEP_M)
    return _part(
        drawing, f"fence-{site}", site, "perimeter", "detect", FENCE_SHARE, points, ring.length
    )


def _ground(drawing: Drawing, key: str, site: str, profile: str, area: shapely.Polygon) -> Part:
    houses = [row["geometry"] for row in drawing.district.rows["buildings"] if row["base_m"] < 2.0]
    near = [house for house in houses if house.intersects(area)]
    area = area.difference(shapely.unary_union(near)) if near else area
    x0, y0, x1, y1 = area.bounds
    xs, ys = np.arange(x0 + 0.7, x1, STEP_M), np.arange(y0 + 0.7, y1, STEP_M)
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    points = grid[shapely.contains_xy(area, grid)]
    return _part(drawing, key, site, "area", profile, GROUND_SHARE, points, area.area)


def _line(
    drawing: Drawing,
    key: str,
    site: str,
    kind: str,
    profile: str,
    share: float,
    points: list[Point],
) -> Part:
    line = plane.line(points)
    return _part(drawing, key, site, kind, profile, share, _along(line, STEP_M), line.length)


def _portal(drawing: Drawing, key: str, site: str, here: Point, there: Point) -> Part:
    (ax, ay), (bx, by) = plane.to_map(here), plane.to_map(there)
    across = np.array([-(by - ay), bx - ax]) / math.dist((ax, ay), (bx, by))
    offsets = np.linspace(-PORTAL_M / 2, PORTAL_M / 2, 13)
    points = np.array([ax, ay]) + offsets[:, None] * across
    return _part(drawing, f"portal-{key}", site, "portal", "observe", GATE_SHARE, points, PORTAL_M)


def _along(line: shapely.Geometry, step: float) -> np.ndarray:
    count = max(2, round(line.length / step))
    at = (np.arange(count) + 0.5) / count
    return shapely.get_coordinates(shapely.line_interpolate_point(line, at, normalized=True))
