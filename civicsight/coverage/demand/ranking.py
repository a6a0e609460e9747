"""Which openings of a place are its main gates, and how each lies: the last of the seven steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Point

from civicsight.core.arrays import FloatArray
from civicsight.coverage.demand.inferred_openings import WHOLE_FRONT
from civicsight.coverage.demand.openings import Opening
from civicsight.coverage.demand.sites import (
    Site,
    azimuth_deg,
    course_at,
    facing_deg,
    line_across,
    nearest_line,
    outwards_at,
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
    outward: FloatArray
    score: float

    @property
    def normal_deg(self) -> float:
        """Direction of walking out, degrees clockwise from grid north; NaN if it has several."""
        return float("nan") if self.opening.how == WHOLE_FRONT else azimuth_deg(self.outward)


def rank(
    openings: Mapping[str, list[Opening]],
    sites: Mapping[str, Sequence[Site]],
    city: Surroundings,
    stops: shapely.STRtree,
    words: Sequence[str],
    search: GateSearch,
) -> dict[str, list[Gate]]:
    """Return the main openings of each zone as gates, best first (seventh step)."""
    each = [opening for own in openings.values() for opening in own]
    scores = _scores(each, city, stops, words, search)
    chosen: list[tuple[str, float, Opening]] = []
    begin = 0
    for zone_id, own in openings.items():
        score = scores[begin : begin + len(own)]
        begin += len(own)
        best = _main(own, score, sites[zone_id], search)
        chosen += [(zone_id, value, opening) for value, opening in best]
    outward = _ways_out([(opening, sites[zone]) for zone, _, opening in chosen], city, search)
    gates: dict[str, list[Gate]] = {zone_id: [] for zone_id in openings}
    for (zone_id, value, opening), out in zip(chosen, outward, strict=True):
        gates[zone_id].append(_gate(opening, out, value, search))
    return gates


def _scores(
    openings: list[Opening],
    city: Surroundings,
    stops: shapely.STRtree,
    words: Sequence[str],
    search: GateSearch,
) -> FloatArray:
    """Return how likely each opening is a main one, beside the others of its place."""
    points = np.array([opening.point for opening in openings], object)
    score = 0.5 * np.array([opening.confidence for opening in openings])
    score = score + 0.5 * city.road_score(points, search.road_m)
    named = [any(word in opening.name.casefold() for word in words) for opening in openings]
    near_stop = np.zeros(len(points), bool)
    near_stop[stops.query(points, predicate="dwithin", distance=search.stop_m)[0]] = True
    return np.asarray(score + NAME_BONUS * np.array(named) + STOP_BONUS * near_stop)


def _main(
    openings: list[Opening], score: FloatArray, sites: Sequence[Site], search: GateSearch
) -> list[tuple[float, Opening]]:
    """Return the main openings of one zone with their scores, best first."""
    if not openings:
        return []
    sure = np.array([opening.confirmed for opening in openings])
    main = sure | (score >= search.main_share * score.max())
    scored = [(round(float(score[at]), 6), openings[at]) for at in np.flatnonzero(main).tolist()]
    scored.sort(
        key=lambda entry: (not entry[1].confirmed, -entry[0], entry[1].point.x, entry[1].point.y)
    )
    most = max(search.main_most, int(sure.sum()))
    return _spread(scored, sites, search)[:most]


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


def _gate(opening: Opening, outward: FloatArray, score: float, search: GateSearch) -> Gate:
    """Return an opening with the line across it and the way out."""
    width = _width(opening, search)
    if opening.how == WHOLE_FRONT:
        all_along = MultiLineString(
            [line_across(Point(x, y), vector_of(deg), width) for x, y, deg in opening.positions]
        )
        return Gate(opening, all_along, outward, score)
    return Gate(opening, line_across(opening.point, outward, width), outward, score)


def _width(opening: Opening, search: GateSearch) -> float:
    """Return how wide an opening is, or such a one usually [m]."""
    if opening.width_m > 0:
        return opening.width_m
    return search.vehicle_m if opening.vehicle else search.person_m


def _ways_out(
    openings: Sequence[tuple[Opening, Sequence[Site]]], city: Surroundings, search: GateSearch
) -> list[FloatArray]:
    """Return the direction of walking out of each opening of some sites.

    It is the normal of the outline; of the way through the gate if that leaves at a flat angle, or
    if the gate stands off the outline.
    """
    own = [_nearest_site(opening, sites) for opening, sites in openings]
    drawn = [at for at, site in enumerate(own) if site.outline is not None]
    outward: dict[int, FloatArray] = {}
    if drawn:
        outlines = np.array([own[at].outline for at in drawn], object)
        points = np.array([openings[at][0].point for at in drawn], object)
        reach = [max(_width(openings[at][0], search) / 2, 1.0) for at in drawn]
        out = outwards_at(outlines, np.arange(len(drawn)), points, np.array(reach))
        outward = dict(zip(drawn, out, strict=True))
    return [
        outward[at]
        if site.built and at in outward
        else _way_out(opening, site, city, outward.get(at))
        for at, ((opening, _), site) in enumerate(zip(openings, own, strict=True))
    ]


def _nearest_site(opening: Opening, sites: Sequence[Site]) -> Site:
    if len(sites) == 1:
        return sites[0]
    return min(sites, key=lambda own: (own.outline or own.centre).distance(opening.point))


def _way_out(
    opening: Opening, site: Site, city: Surroundings, outward: FloatArray | None
) -> FloatArray:
    """Return the direction of walking out; `outward` leads out of the outline, if there is one."""
    point = opening.point
    way = city.nearest_way(point, 2.0 if outward is not None else 60.0)
    course = course_at(nearest_line(city.roads[way], point), point, 3.0) if way >= 0 else None
    if outward is None:
        away = unit(np.array([point.x - site.centre.x, point.y - site.centre.y]))
        if opening.source_id and course is not None:
            return course if facing_deg(course, away) <= 90.0 else -course
        return _towards(city.roads[way], point) if way >= 0 else away
    if course is None:
        return outward
    course = course if facing_deg(course, outward) <= 90.0 else -course
    return course if facing_deg(course, outward) > GRAZING_DEG else outward


def _towards(way: LineString, point: Point) -> FloatArray:
    """Return the direction from a point to a way."""
    foot = shapely.get_coordinates(shapely.shortest_line(point, way))[-1]
    return unit(foot - np.array([point.x, point.y]))
