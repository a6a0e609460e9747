"""Ends of bridges, tunnels, underpasses and junctions, passages of a site (sixth step)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from civicsight.coverage.demand.sites import Site, course_at, line_across, nearest_line, unit
from civicsight.coverage.demand.surroundings import Surroundings

CARRIAGEWAY_M: Final = 30.0
"""Ends of one bridge closer than this are one end: its carriageways lie side by side."""

ROAD_WIDTH_M: Final = 6.0
"""Width of a carriageway that no map states."""

WALK_WIDTH_M: Final = 3.0
"""Width of a way for walkers."""

JUNCTION_RADIUS_M: Final = 15.0
"""Ground around the middle of a junction that counts as the junction."""

ROAD_REACH_M: Final = 30.0
"""A mark of a gateway or toll plaza lies no farther from its road."""

Line = tuple[LineString, npt.NDArray[np.float64]]
"""A line across a way, and the direction that leads out."""


def find_portals(span: BaseGeometry, *, on_foot: bool, city: Surroundings) -> list[Line]:
    """Return a line across each end of a bridge, tunnel or underpass, with the way out.

    Parameters
    ----------
    span
        Its merged ways, or its outline.
    on_foot
        Whether it is for walkers; then every stair and ramp is an end of its own.
    city
        What surrounds it. An end inside a building is a door indoors, and none.
    """
    width = WALK_WIDTH_M if on_foot else ROAD_WIDTH_M
    ends = _outline_ends(span) if span.geom_type.endswith("Polygon") else _loose_ends(span)
    if not ends:
        return []
    points = shapely.points(np.array([end for end, _ in ends]))
    open_air = ~city.built_over(points)
    ends = [end for end, free in zip(ends, open_air, strict=True) if free]
    if on_foot:
        return [(line_across(Point(*end), out, width), out) for end, out in ends]
    return [_joined(group, width) for group in _side_by_side(ends)]


def _loose_ends(span: BaseGeometry) -> list[Line]:
    """Return the ends of lines that no other line of the span goes on from."""
    count: dict[tuple[float, float], int] = defaultdict(int)
    ends: list[Any] = []
    for part in shapely.get_parts(span):
        xy = shapely.get_coordinates(part)
        for end, inner in ((xy[0], xy[1]), (xy[-1], xy[-2])):
            count[round(end[0], 1), round(end[1], 1)] += 1
            ends.append((end, unit(end - inner)))
    return [(end, out) for end, out in ends if count[round(end[0], 1), round(end[1], 1)] == 1]


def _outline_ends(outline: BaseGeometry) -> list[Line]:
    """Return the middles of the two short sides of the rectangle around an outline."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(outline))[:4]
    if len(corners) < 4:
        return []
    sides = [(corners[at], corners[(at + 1) % 4]) for at in range(4)]
    length = [float(np.hypot(*(last - first))) for first, last in sides]
    short = (0, 2) if length[0] <= length[1] else (1, 3)
    middle = corners.mean(axis=0)
    found: list[Any] = []
    for at in short:
        end = (sides[at][0] + sides[at][1]) / 2
        found.append((end, unit(end - middle)))
    return found


def _side_by_side(ends: list[Any]) -> list[list[Any]]:
    """Group ends that lie close together and lead the same way."""
    groups: list[list[Any]] = []
    for end, out in sorted(ends, key=lambda entry: (entry[0][0], entry[0][1])):
        for group in groups:
            close = np.hypot(*(group[0][0] - end)) <= CARRIAGEWAY_M
            if close and float(group[0][1] @ out) > 0.5:
                group.append((end, out))
                break
        else:
            groups.append([(end, out)])
    return groups


def _joined(group: list[Any], width: float) -> Line:
    """Return one line across all carriageways that end side by side."""
    out = unit(np.mean([direction for _, direction in group], axis=0))
    across = np.array([out[1], -out[0]])
    offsets = [float(end @ across) for end, _ in group]
    middle = np.mean([end for end, _ in group], axis=0)
    return line_across(Point(*middle), out, max(offsets) - min(offsets) + width), out


def across_road(point: Point, city: Surroundings, width_m: float | None) -> Line | None:
    """Return a line across the road at a gateway or toll plaza; None if no road is near."""
    way = city.nearest_way(point, ROAD_REACH_M)
    if way < 0:
        return None
    line = nearest_line(city.roads[way], point)
    foot = line.interpolate(float(shapely.line_locate_point(line, point)))
    out = course_at(line, foot, 3.0)
    return line_across(foot, out, width_m or ROAD_WIDTH_M), out


def junction_ground(point: Point, city: Surroundings) -> BaseGeometry:
    """Return the open ground of a junction around its middle."""
    return open_ground(point.buffer(JUNCTION_RADIUS_M, quad_segs=8), city)


def open_ground(area: BaseGeometry, city: Surroundings) -> BaseGeometry:
    """Return the part of an area that no building stands on."""
    roofs = city.buildings[np.sort(city.building_tree.query(area, predicate="intersects"))]
    return shapely.difference(area, shapely.union_all(roofs)) if len(roofs) else area


REACH_M: Final = 20.0
"""A gate this far from the nearest node of a way still leads onto it."""

LEAST_M: Final = 10.0
"""A shorter passage is a doorway, and part of the gate."""


def find_passage(site: Site, gates: Sequence[Point], city: Surroundings) -> BaseGeometry | None:
    """Return the ways inside a site that link its main gates by the shortest way.

    With one gate it is the way from there to the middle of the site. A path that leads from no
    main gate to another is not a main passage.

    Parameters
    ----------
    site
        A site with an outline; a building has its passages indoors and gives None.
    gates
        Its main gates.
    city
        What surrounds it.

    Returns
    -------
    BaseGeometry or None
        Lines in the open, outside buildings; None if there are none of `LEAST_M`.
    """
    if site.outline is None or site.built or not gates:
        return None
    near = np.sort(city.road_tree.query(site.outline, predicate="intersects"))
    inside = shapely.intersection(city.roads[near], shapely.buffer(site.outline, 1.0))
    parts = shapely.get_parts(inside)
    parts = parts[shapely.get_type_id(parts) == 1]
    if not len(parts):
        return None
    nodes, edges = _network(parts)
    ends = [at for at in (_node_at(nodes, gate) for gate in gates) if at >= 0]
    if len(set(ends)) == 1:
        ends.append(int(np.argmin(np.hypot(*(nodes - [site.centre.x, site.centre.y]).T))))
    used = _shortest(nodes, edges, sorted(set(ends)))
    if not used:
        return None
    lines = shapely.linestrings([[nodes[first], nodes[last]] for first, last in sorted(used)])
    over = np.sort(city.building_tree.query(site.outline, predicate="intersects"))
    roofs = city.buildings[over]
    open_ways = shapely.difference(shapely.union_all(lines), shapely.union_all(roofs))
    if open_ways.is_empty or open_ways.length < LEAST_M:
        return None
    return shapely.line_merge(open_ways) if open_ways.geom_type == "MultiLineString" else open_ways


Edges = dict[tuple[int, int], float]


def _network(parts: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.float64], Edges]:
    """Return nodes and edges with lengths [m]; ways meet where they share a point of the map."""
    numbers: dict[tuple[float, float], int] = {}
    edges: Edges = {}
    for part in parts:
        chain = [
            numbers.setdefault((round(x, 2), round(y, 2)), len(numbers))
            for x, y in shapely.get_coordinates(part)
        ]
        for first, last in pairwise(chain):
            if first != last:
                edges[min(first, last), max(first, last)] = 0.0
    nodes = np.array(list(numbers))
    for first, last in edges:
        edges[first, last] = float(np.hypot(*(nodes[first] - nodes[last])))
    return nodes, edges


def _node_at(nodes: npt.NDArray[np.float64], point: Point) -> int:
    distance = np.hypot(nodes[:, 0] - point.x, nodes[:, 1] - point.y)
    at = int(np.argmin(distance))
    return at if distance[at] <= REACH_M else -1


def _shortest(
    nodes: npt.NDArray[np.float64], edges: Edges, ends: Sequence[int]
) -> set[tuple[int, int]]:
    """Return the edges on the shortest ways between all pairs of ends."""
    if len(ends) < 2 or not edges:
        return set()
    first, last = np.array(list(edges)).T
    length = np.maximum(np.array(list(edges.values())), 1e-3)
    graph = coo_array((length, (first, last)), shape=(len(nodes), len(nodes))).tocsr()
    distance, before = dijkstra(graph, directed=False, indices=list(ends), return_predecessors=True)
    used: set[tuple[int, int]] = set()
    for row in range(len(ends)):
        for other in ends[row + 1 :]:
            at = other
            while np.isfinite(distance[row, other]) and at != ends[row]:
                step = int(before[row, at])
                used.add((min(step, at), max(step, at)))
                at = step
    return used
