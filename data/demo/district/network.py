"""The street network: ends joined to the streets they meet, and a node wherever streets cross."""

from __future__ import annotations

from dataclasses import replace

import shapely

from district.plane import Point
from district.streets import STREETS, Street

JOIN_M = 6.0
"""A street that ends this close to another one joins it."""

SAME_M = 1e-6


def join_streets(approaches: list[Point]) -> list[Street]:
    """Return the streets with their ends joined and with a vertex at every node.

    Parameters
    ----------
    approaches
        Points of the plane on a street's middle where the ways from gates meet it.
    """
    streets = [_joined(street) for street in STREETS]
    nodes = list(approaches)
    for i, one in enumerate(streets):
        nodes += [one.points[0], one.points[-1]]
        for other in streets[:i]:
            if not (one.tunnel or other.tunnel):
                hit = shapely.intersection(
                    shapely.LineString(one.points), shapely.LineString(other.points)
                )
                nodes += [(p.x, p.y) for p in shapely.get_parts(hit) if p.geom_type == "Point"]
    return [
        street if street.tunnel else replace(street, points=_with_nodes(street.points, nodes))
        for street in streets
    ]


def _joined(street: Street) -> Street:
    if street.tunnel or street.bridge:
        return street
    points = list(street.points)
    others = [
        shapely.LineString(s.points) for s in STREETS if s.name != street.name and not s.tunnel
    ]
    for end in (0, -1):
        here = shapely.Point(points[end])
        near = min(others, key=here.distance)
        if SAME_M < here.distance(near) <= JOIN_M:
            met = near.interpolate(near.project(here))
            points[end] = (met.x, met.y)
    return replace(street, points=tuple(points))


def _with_nodes(points: tuple[Point, ...], nodes: list[Point]) -> tuple[Point, ...]:
    line = shapely.LineString(points)
    stations = {line.project(shapely.Point(point)): point for point in points}
    for node in nodes:
        at = line.project(shapely.Point(node))
        if (
            line.distance(shapely.Point(node)) < SAME_M
            and min(abs(at - s) for s in stations) > SAME_M
        ):
            stations[at] = node
    return tuple(stations[at] for at in sorted(stations))
