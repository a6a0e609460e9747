"""The drawing plane of the made district and the things that are drawn on it.

Everything is drawn in metres in a local plane, 1000 m wide and 1040 m high, x to the east and y to
the north, and then turned by `TURN_DEG` and moved to `CORNER` of EPSG:4548, so that no street runs
along a grid line. Coordinates on the map are rounded to a centimetre, which keeps the files the
same on every machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import shapely

CRS = "EPSG:4548"
CORNER = (392_640.0, 3_176_120.0)
SIZE = (1000.0, 1040.0)
TURN_DEG = -7.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """A place on the plane: its south-west corner and how far it is turned (counter-clockwise)."""

    x: float
    y: float
    turn_deg: float = 0.0

    def local(self, dx: float, dy: float) -> Point:
        """Return a point of the plane, `dx` along and `dy` across the frame."""
        cos, sin = math.cos(math.radians(self.turn_deg)), math.sin(math.radians(self.turn_deg))
        return self.x + dx * cos - dy * sin, self.y + dx * sin + dy * cos

    def at(self, dx: float, dy: float) -> Point:
        """Return a point of the map."""
        return to_map(self.local(dx, dy))

    def azimuth(self, dx: float, dy: float) -> float:
        """Return the direction of a vector of the frame on the map [deg from grid north]."""
        return (math.degrees(math.atan2(dx, dy)) - self.turn_deg - TURN_DEG) % 360

    def inner(self, x: float, y: float, turn_deg: float = 0.0) -> Frame:
        """Return a frame that stands inside this one."""
        px, py = self.local(x, y)
        return Frame(px, py, self.turn_deg + turn_deg)


def to_map(point: Point) -> Point:
    """Turn a point of the plane about its middle and move it to the map, rounded to 1 cm."""
    cx, cy = SIZE[0] / 2, SIZE[1] / 2
    cos, sin = math.cos(math.radians(TURN_DEG)), math.sin(math.radians(TURN_DEG))
    dx, dy = point[0] - cx, point[1] - cy
    x = CORNER[0] + cx + dx * cos - dy * sin
    y = CORNER[1] + cy + dx * sin + dy * cos
    return round(x, 2), round(y, 2)


def line(points: list[Point] | tuple[Point, ...]) -> shapely.LineString:
    """Return a line of the plane on the map."""
    return shapely.LineString([to_map(point) for point in points])


def rectangle(frame: Frame, width: float, depth: float) -> shapely.Polygon:
    """Return the rectangle that a frame spans, on the map."""
    corners = ((0, 0), (width, 0), (width, depth), (0, depth))
    return shapely.Polygon([frame.at(x, y) for x, y in corners])


def ring(frame: Frame, width: float, depth: float, wing: float) -> shapely.Polygon:
    """Return a building around a courtyard, its wings `wing` metres deep."""
    inside = rectangle(frame.inner(wing, wing), width - 2 * wing, depth - 2 * wing)
    return shapely.Polygon(rectangle(frame, width, depth).exterior, [inside.exterior])


def corner_block(frame: Frame, width: float, depth: float, wing: float) -> shapely.Polygon:
    """Return a building of two wings that meet in the south-west corner."""
    corners = ((0, 0), (width, 0), (width, wing), (wing, wing), (wing, depth), (0, depth))
    return shapely.Polygon([frame.at(x, y) for x, y in corners])


def disc(centre: Point, radius: float, sides: int = 12) -> shapely.Polygon:
    """Return a round thing of the map, given its middle on the map."""
    angles = np.arange(sides) * 2 * math.pi / sides
    return shapely.Polygon(
        [
            (round(centre[0] + radius * math.sin(a), 2), round(centre[1] + radius * math.cos(a), 2))
            for a in angles
        ]
    )


@dataclass(slots=True)
class District:
    """Rows of every layer, in the order they were drawn; ids are counted within a layer."""

    rows: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def add(self, layer: str, prefix: str, **values: object) -> str:
        """Append a row and return its id."""
        rows = self.rows.setdefault(layer, [])
        label = f"{prefix}{len(rows) + 1:03d}"
        rows.append({"id": label, **values})
        return label
