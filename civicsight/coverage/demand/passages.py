"""The passages of a site: the ways inside it that link its main gates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from civicsight.coverage.demand.sites import Site
from civicsight.coverage.demand.surroundings import Surroundings

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
    near = city.road_tree.query(site.outline, predicate="intersects")
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
    roofs = city.buildings[city.building_tree.query(site.outline, predicate="intersects")]
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
