"""Which openings of a place are its main gates, and how each lies: the last of the seven steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, MultiLineString, Point

from civicsight.coverage.demand.inferred import WHOLE_FRONT
from civicsight.coverage.demand.openings import Opening, Positions
from civicsight.coverage.demand.sites import (
    Site,
    azimuth_deg,
    course_at,
    facing_deg,
    line_across,
    nearest_line,
    outward_at,
    unit,
    vector_of,
)
from civicsight.coverage.demand.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class GateSearch:
    """Distances and weights of the search for gates.

    Parameters
    ----------
    band_m
        How far from an outline an entrance may be mapped.
    cluster_m
        Crossings closer than this are one gate.
    door_m
        Mapped doors closer than this are one entrance.
    dead_end_m
        How far from an outline a way may end.
    front_m
        How far from an outline its road may be.
    road_m
        How far from a gate a road adds to its score.
    stop_m
        How far from a gate a stop of public transport adds to its score.
    main_share
        A gate is main from this share of the best score on.
    main_most
        A place has at most this many main gates.
    vehicle_m, person_m
        Width of an opening that no map states.

    Notes
    -----
    All are assumptions of this project; no law or standard that we could read states one.
    """

    band_m: float = 15.0
    cluster_m: float = 12.0
    door_m: float = 4.0
    dead_end_m: float = 10.0
    front_m: float = 60.0
    road_m: float = 40.0
    stop_m: float = 150.0
    main_share: float = 0.6
    main_most: int = 4
    vehicle_m: float = 6.0
    person_m: float = 3.0


NAME_BONUS: Final = 0.1
"""What a name such as "main gate" adds to a score."""

STOP_BONUS: Final = 0.1
"""What a stop of public transport nearby adds to a score."""

GRAZING_DEG: Final = 60.0
"""A way this far off the normal of an outline sets the gate across itself."""

SPREAD_SHARE: Final = 0.1
"""Main gates keep this share of the outline's length from each other, if there are others."""


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """A main gate: the opening, a line across it, the way out, and its score.

    One that may be anywhere on a front is a line across each position.
    """

    opening: Opening
    line: LineString | MultiLineString
    outward: npt.NDArray[np.float64]
    score: float

    @property
    def normal_deg(self) -> float:
        """Direction of walking out, degrees clockwise from grid north; NaN if it has several."""
        return float("nan") if self.opening.how == WHOLE_FRONT else azimuth_deg(self.outward)


def rank(
    openings: list[Opening],
    sites: Sequence[Site],
    city: Surroundings,
    stops: shapely.STRtree,
    words: Sequence[str],
    search: GateSearch,
) -> list[Gate]:
    """Return the main openings as gates, best first (seventh step)."""
    if not openings:
        return []
    points = np.array([opening.point for opening in openings], object)
    score = 0.5 * np.array([opening.confidence for opening in openings])
    score = score + 0.5 * city.road_score(points, search.road_m)
    named = [any(word in opening.name.casefold() for word in words) for opening in openings]
    near_stop = np.zeros(len(points), bool)
    near_stop[stops.query(points, predicate="dwithin", distance=search.stop_m)[0]] = True
    score = score + NAME_BONUS * np.array(named) + STOP_BONUS * near_stop
    sure = np.array([opening.confirmed for opening in openings])
    main = sure | (score >= search.main_share * score.max())
    scored = [(round(float(score[at]), 6), openings[at]) for at in np.flatnonzero(main).tolist()]
    scored.sort(
        key=lambda entry: (not entry[1].confirmed, -entry[0], entry[1].point.x, entry[1].point.y)
    )
    most = max(search.main_most, int(sure.sum()))
    chosen = _spread(scored, sites, search)[:most]
    return [_gate(opening, sites, city, value, search) for value, opening in chosen]


def _spread(
    scored: list[tuple[float, Opening]], sites: Sequence[Site], search: GateSearch
) -> list[tuple[float, Opening]]:
    """Put openings close to better ones last, and drop the inferred ones among them.

    A park has a path to the street every few metres, a mall a row of doors; the main gates of
    neither are all on one side.
    """
    edge = sum(site.outline.length for site in sites if site.outline is not None)
    reach = max(search.cluster_m, SPREAD_SHARE * edge)
    kept: list[tuple[float, Opening]] = []
    last: list[tuple[float, Opening]] = []
    for value, opening in scored:
        near = any(other.point.distance(opening.point) < reach for _, other in kept)
        if not near or opening.confirmed:
            kept.append((value, opening))
        elif opening.source_id:
            last.append((value, opening))
    return kept + last


def _gate(
    opening: Opening, sites: Sequence[Site], city: Surroundings, score: float, search: GateSearch
) -> Gate:
    """Return an opening with the line across it and the way out."""
    width = opening.width_m
    if not width > 0:
        width = search.vehicle_m if opening.vehicle else search.person_m
    outward = _way_out(opening, sites, city, width)
    if opening.how == WHOLE_FRONT:
        return Gate(opening, _all_along(opening.positions, width), outward, score)
    return Gate(opening, line_across(opening.point, outward, width), outward, score)


def _all_along(positions: Positions, width: float) -> MultiLineString:
    """Return the lines across all positions of a gate."""
    return MultiLineString(
        [line_across(Point(x, y), vector_of(deg), width) for x, y, deg in positions]
    )


def _way_out(
    opening: Opening, sites: Sequence[Site], city: Surroundings, width: float
) -> npt.NDArray[np.float64]:
    """Return the direction of walking out of an opening.

    It is the normal of the outline; of the way through the gate if that leaves at a flat angle, or
    if the gate stands off the outline.
    """
    point = opening.point
    site = min(sites, key=lambda own: (own.outline or own.centre).distance(point))
    way = city.nearest_way(point, 2.0 if site.outline is not None else 60.0)
    course = course_at(nearest_line(city.roads[way], point), point, 3.0) if way >= 0 else None
    if site.outline is None:
        away = unit(np.array([point.x - site.centre.x, point.y - site.centre.y]))
        if opening.source_id and course is not None:
            return course if facing_deg(course, away) <= 90.0 else -course
        return _towards(city.roads[way], point) if way >= 0 else away
    outward = outward_at(site.outline, point, max(width / 2, 1.0))
    if course is None or site.built:
        return outward
    course = course if facing_deg(course, outward) <= 90.0 else -course
    return course if facing_deg(course, outward) > GRAZING_DEG else outward


def _towards(way: LineString, point: Point) -> npt.NDArray[np.float64]:
    """Return the direction from a point to a way."""
    foot = shapely.get_coordinates(shapely.shortest_line(point, way))[-1]
    return unit(foot - np.array([point.x, point.y]))
