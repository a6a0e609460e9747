"""Openings that no map shows: where ways cross an outline, end at it, or where its front is.

Third to fifth of the seven steps. Whatever is found here stays inferred until a person confirms it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import shapely
from shapely.geometry import LinearRing, LineString, Point, Polygon

from civicsight.core.arrays import Geometries, IntArray, ObjectArray, nth_of
from civicsight.coverage.demand.openings import TENANT_REACH_M, Opening
from civicsight.coverage.demand.sites import Site, outwards_at, vector_of
from civicsight.coverage.demand.surroundings import DRIVABLE, Surroundings
from civicsight.coverage.entrances.scores import load_scores
from civicsight.coverage.entrances.walls import PROBE_M, grounds_of, or_all, positions_of
from civicsight.coverage.entrances.walls import Positions as Spots
from civicsight.model.results import PRESUMED

CROSSING_CONFIDENCE: Final = 0.60
"""Chance that a way across an outline is a main gate; assumed."""

DEAD_END_CONFIDENCE: Final = 0.45
"""The same for a way that ends at an outline."""

FRONT_CONFIDENCE: Final = 0.30
"""The same for the front of a site that faces the best road."""

FACADE_CONFIDENCE: Final = 0.25
"""The same for the front of a building."""

FRONT, WHOLE_FRONT = PRESUMED

INSET_M: Final = 1.0
"""A way counts as coming in where it is this far inside; maps draw paths along outlines."""

WALL_REACH_M: Final = 5.0
"""A wall across a way this close to an outline closes it there."""

GATE_GAP_M: Final = 4.0
"""A mapped gate this close to where a wall meets a way opens it."""

BACK_M: Final = 5.0
"""How far back on a way one looks to see whether it comes nearer."""

FRONT_STEP_M: Final = 2.0
"""Spacing of the points at which a front is looked at."""

STREET_REACH_M: Final = 60.0
"""A street farther away does not make a wall any less of a front."""

STREET_PULL: Final = 0.5
"""Metres nearer to its mark that a tenant's front gives up for a metre nearer to the street."""

SIDES_DEG: Final = tuple(np.arange(0.0, 360.0, 45.0).tolist())
"""A place that is a mark in the open, with no way near, may be entered from any side."""


def find_crossings(site: Site, city: Surroundings) -> list[Opening]:
    """Return where ways come into a site (third step), without those that a wall closes."""
    if site.outline is None or site.tenant:
        return []
    inner = shapely.buffer(site.outline, -INSET_M)
    if inner.is_empty:
        return []
    rings = shapely.union_all([part.exterior for part in shapely.get_parts(inner)])
    found = []
    for way in np.sort(city.road_tree.query(rings, predicate="intersects")).tolist():
        line = city.roads[way]
        for met in shapely.get_parts(shapely.intersection(line, rings)):
            spot = met if isinstance(met, Point) else met.centroid
            edge = site.outline.exterior
            foot = edge.interpolate(float(shapely.line_locate_point(edge, spot)))
            if foot.distance(spot) <= 2 * INSET_M and not _is_walled(line, foot, city):
                found.append(_inferred(foot, "crossing", CROSSING_CONFIDENCE, way, city))
    return found


def find_dead_ends(site: Site, city: Surroundings, *, reach_m: float) -> list[Opening]:
    """Return where ways end in front of a site (fourth step)."""
    if site.outline is None or site.tenant:
        return []
    edge = site.outline.exterior
    ways = np.sort(city.road_tree.query(edge, predicate="dwithin", distance=reach_m)).tolist()
    if not ways:
        return []
    ends = shapely.points([shapely.get_coordinates(city.roads[way])[[0, -1]] for way in ways])
    feet = shapely.line_interpolate_point(edge, shapely.line_locate_point(edge, ends))
    outside = ~shapely.contains(site.outline, ends) & (shapely.distance(ends, feet) <= reach_m)
    found = []
    for row, nth in np.argwhere(outside).tolist():
        way, end, foot = ways[row], ends[row, nth], feet[row, nth]
        comes = _comes_nearer(city.roads[way], end, edge)
        if comes and _is_dead(end, way, city) and not _is_walled(_stretch(end, foot), foot, city):
            found.append(_inferred(foot, "dead_end", DEAD_END_CONFIDENCE, way, city))
    return found


def find_fronts(
    sites: Sequence[Site], city: Surroundings, *, streets: Sequence[str], reach_m: float
) -> list[Opening]:
    """Presume the middle of each front (fifth step), or all of it where no road tells which.

    Nothing is left without: a mark in the open with no road within reach is entered from any side.

    Parameters
    ----------
    sites
        Sites without any other opening.
    city
        What surrounds them.
    streets
        Street of the address of each; its front faces that one if it is within reach.
    reach_m
        How far the road may be [m].

    Notes
    -----
    A shop or branch in a larger building has its front where the free wall is nearest to its mark.
    """
    outlines = [site.outline for site in sites if site.outline is not None]
    # Where in its walls each site may have its door, and the way out there.
    spots = positions_of(grounds_of(outlines), city)
    ways = np.empty(len(spots.site), object)
    ways[:] = spots_with_ways(spots)
    positions = [tuple(own) for own in _split(ways, spots.site, len(outlines))]
    walls = iter(zip(_free_walls(outlines, city), positions, strict=True))
    found = []
    for site, street in zip(sites, streets, strict=True):
        if site.outline is None:
            found.append(_open_front(site, _best_way(site.centre, city, street, reach_m), city))
            continue
        free, anywhere = next(walls)
        if site.tenant:
            share = load_scores().steps["tenant"]
            front = Opening(_own_front(free, site, city), FRONT, share, vehicle=False)
        else:
            way = _best_way(site.outline, city, street, reach_m)
            front = _facing(free, way, FACADE_CONFIDENCE if site.built else FRONT_CONFIDENCE, city)
        found.append(replace(front, positions=anywhere))
    return found


def _open_front(site: Site, way: int, city: Surroundings) -> Opening:
    """Return where one enters a mark in the open: at the mark, or from any side."""
    confidence = FACADE_CONFIDENCE if site.built else FRONT_CONFIDENCE
    if way >= 0:
        return _inferred(site.centre, FRONT, confidence, way, city)
    ways = [
        (deg, np.array([site.centre.x, site.centre.y]) + TENANT_REACH_M * vector_of(deg))
        for deg in SIDES_DEG
    ]
    sides = tuple((x, y, deg) for deg, (x, y) in ways)
    return Opening(site.centre, WHOLE_FRONT, confidence, vehicle=False, positions=sides)


def _facing(free: Geometries, way: int, confidence: float, city: Surroundings) -> Opening:
    """Return the middle of what of a free wall faces a way, of all of it where there is none."""
    if way < 0:
        return Opening(free[len(free) // 2], WHOLE_FRONT, confidence, vehicle=False)
    distance = shapely.distance(free, city.roads[way])
    facing = np.flatnonzero(distance <= distance.min() + 3.0)
    # The longest run of neighbouring positions on a ring of `count` points.
    count = len(free)
    runs: list[list[int]] = []
    for at in facing.tolist():
        if runs and at == runs[-1][-1] + 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    if len(runs) > 1 and runs[0][0] == 0 and runs[-1][-1] == count - 1:
        runs[0] = runs.pop() + runs[0]
    run = max(runs, key=len)
    return _inferred(free[run[len(run) // 2]], FRONT, confidence, way, city)


def _inferred(point: Point, how: str, confidence: float, way: int, city: Surroundings) -> Opening:
    """Return an opening on a way; a walled-in site's cars come as its walkers do."""
    return Opening(point, how, confidence, vehicle=str(city.road_kinds[way]) in DRIVABLE)


def _stretch(end: Point, foot: Point) -> LineString:
    """Return the way on from a dead end to just behind the outline."""
    step = np.array([foot.x - end.x, foot.y - end.y])
    length = max(float(np.hypot(*step)), 1e-6)
    return LineString([end, Point(*(np.array([foot.x, foot.y]) + step / length * 2.0))])


def _is_walled(way: LineString, foot: Point, city: Surroundings) -> bool:
    """Tell whether a wall or fence crosses a way near an outline with no gate where they meet."""
    near = city.wall_tree.query(foot, predicate="dwithin", distance=WALL_REACH_M)
    if not len(near):
        return False
    here = shapely.intersection(way, foot.buffer(WALL_REACH_M))
    met = [shapely.intersection(city.walls[at], here) for at in near]
    met = [cut for cut in met if not cut.is_empty]
    return bool(met) and not any(
        len(city.entrance_tree.query(cut, predicate="dwithin", distance=GATE_GAP_M)) for cut in met
    )


def _comes_nearer(way: LineString, end: Point, edge: LinearRing) -> bool:
    """Tell whether a way comes towards an outline at its end; one along it leads elsewhere."""
    at = float(shapely.line_locate_point(way, end))
    back = way.interpolate(at - BACK_M if at > way.length / 2 else at + BACK_M)
    return bool(back.distance(edge) >= end.distance(edge) + INSET_M)


def _is_dead(end: Point, way: int, city: Surroundings) -> bool:
    """Tell whether no other way goes on from the end of one."""
    near = city.road_tree.query(end, predicate="dwithin", distance=0.5)
    return set(near.tolist()) <= {way}


def _best_way(target: Point | Polygon, city: Surroundings, street: str, reach_m: float) -> int:
    """Return the way that a front faces: the street of its address, else the most public one.

    Of equally public ways the nearer one; -1 if none is within reach.
    """
    near = np.sort(city.road_tree.query(target, predicate="dwithin", distance=reach_m))
    if not len(near):
        return -1
    score = city.road_scores[near]
    score = score - shapely.distance(city.roads[near], target) / (4.0 * reach_m)
    score = score + np.array([bool(street) and name == street for name in city.road_names[near]])
    return int(near[np.argmax(score)])


def _free_walls(outlines: Sequence[Polygon], city: Surroundings) -> list[Geometries]:
    """Return points along each outline in front of which the ground is free; all if none is.

    A party wall has no door, whatever road runs behind the neighbour.
    """
    shapes = np.array(outlines, object)
    edges = shapely.get_exterior_ring(shapes)
    count = np.maximum(4, (shapely.length(edges) / FRONT_STEP_M).astype(np.int64))
    of = np.repeat(np.arange(len(shapes)), count)
    points = shapely.line_interpolate_point(edges[of], nth_of(count) / count[of], normalized=True)
    ahead = outwards_at(shapes, of, points, FRONT_STEP_M) * PROBE_M
    probes = shapely.points(shapely.get_coordinates(points) + ahead)
    free = or_all(~city.built_over(probes), of, len(shapes))
    return _split(points[free], of[free], len(shapes))


def _split(values: ObjectArray, of: IntArray, count: int) -> list[ObjectArray]:
    """Return the values of each of `count` groups; `of` is ascending."""
    return np.split(values, np.searchsorted(of, np.arange(1, count)))[:count]


def spots_with_ways(spots: Spots) -> list[tuple[float, float, float]]:
    """Return positions as points with the way out, degrees clockwise from grid north."""
    azimuth = np.degrees(np.arctan2(*spots.out.T)) % 360.0
    return [(x, y, deg) for x, y, deg in np.column_stack([spots.xy, azimuth]).tolist()]


def _own_front(free: Geometries, site: Site, city: Surroundings) -> Point:
    """Return the point of a free wall that is near both to a tenant's mark and to a street."""
    cost = shapely.distance(free, site.centre)
    if len(city.street_tree):
        gap = np.full(len(free), STREET_REACH_M)
        (at, _), near = city.street_tree.query_nearest(
            free, max_distance=STREET_REACH_M, return_distance=True, all_matches=False
        )
        gap[at] = near
        cost = cost + STREET_PULL * gap
    point: Point = free[int(np.argmin(cost))]
    return point


def drop_near(
    openings: Iterable[Opening], taken: Iterable[Opening], reach_m: float
) -> list[Opening]:
    """Return the openings that are not within reach of one that is there already."""
    points = [opening.point for opening in taken]
    return [
        opening
        for opening in openings
        if all(opening.point.distance(point) > reach_m for point in points)
    ]
