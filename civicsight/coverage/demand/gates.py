"""The main gates of mandatory places, by the seven steps of the law's analysis.

Mapped entrances, entrances of AMap, crossings of outline and ways where no wall passes without a
gate, dead ends, the front; bridges and tunnels have their ends elsewhere; and the ranking, which
says which openings are main.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry import LineString, MultiLineString, Point

from civicsight.coverage.demand.asked import each_zone, entrances_of
from civicsight.coverage.demand.inferred import (
    WHOLE_FRONT,
    drop_near,
    find_crossings,
    find_dead_ends,
    find_front,
)
from civicsight.coverage.demand.openings import Opening, Positions, amap_entrances, find_mapped
from civicsight.coverage.demand.sites import (
    Site,
    azimuth_deg,
    course_at,
    facing_deg,
    find_sites,
    line_across,
    nearest_line,
    outward_at,
    standing_buildings,
    unit,
    vector_of,
)
from civicsight.coverage.demand.surroundings import Surroundings, look_around
from civicsight.rules import Rules


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

STOPS: Final = (
    ("highway", "bus_stop"),
    ("railway", "tram_stop"),
    ("public_transport", "platform"),
    ("public_transport", "stop_position"),
    ("public_transport", "station"),
    ("railway", "station"),
    ("amenity", "bus_station"),
)
"""Tags of stops of public transport."""


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


Found = tuple[dict[str, list[Gate]], dict[str, list[Site]], Surroundings]
"""The gates of each zone, best first; its sites; and what was searched."""


def find_gates(
    zones: gpd.GeoDataFrame,
    *,
    places: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    entrances: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    rules: Rules,
    search: GateSearch,
) -> Found:
    """Find the main gates of every zone that is a point or an area."""
    listed = amap_entrances(places)
    doors = pd.concat([entrances, listed]) if len(listed) else entrances
    doors = gpd.GeoDataFrame(doors, geometry="geometry", crs=entrances.crs)
    solid = standing_buildings(buildings)
    city = look_around(roads=roads, entrances=doors, barriers=barriers, buildings=solid)
    sites = find_sites(zones, places, solid)
    tags = _zone_tags(zones, places)
    mapped = find_mapped(
        (site for group in sites.values() for site in group),
        city,
        band_m=search.band_m,
        extra=_extra_kinds(zones, rules),
        metro=_metro_marks(zones, tags),
    )
    stops = _stops(places)
    words = [word.casefold() for word in rules.policy.main_gate_words]
    gates = {}
    for zone_id, group in sites.items():
        street = tags[zone_id].get("addr:street", "")
        openings = _all_openings(group, mapped.get(zone_id, []), city, street, search)
        gates[zone_id] = _rank(openings, group, city, stops, words, search)
    return gates, sites, city


def _zone_tags(zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> dict[str, dict[str, str]]:
    """Return the tags of the place behind each zone."""
    known = dict(zip(places.index, places["tags"], strict=True))
    found = {}
    for zone_id, place_id in zip(zones.index, zones["place_id"], strict=True):
        tags = known.get(place_id)
        found[str(zone_id)] = tags if isinstance(tags, dict) else {}
    return found


def _extra_kinds(zones: gpd.GeoDataFrame, rules: Rules) -> dict[str, frozenset[str]]:
    """Return the kinds of entrances that each zone's classes ask for beside the usual ones."""
    return {zone_id: entrances_of(zone, rules) for zone_id, zone in each_zone(zones)}


def _metro_marks(
    zones: gpd.GeoDataFrame, tags: Mapping[str, Mapping[str, str]]
) -> dict[str, Point]:
    """Return the marks of underground stations, whose exits lie far from them."""
    return {
        str(zone_id): geometry.centroid
        for zone_id, geometry in zip(zones.index, zones.geometry, strict=True)
        if tags[str(zone_id)].get("station") in ("subway", "light_rail")
        or tags[str(zone_id)].get("subway") == "yes"
    }


def _all_openings(
    sites: Sequence[Site],
    mapped: list[Opening],
    city: Surroundings,
    street: str,
    search: GateSearch,
) -> list[Opening]:
    """Return the openings of a zone after the first five steps, near ones joined."""
    found = _join(mapped, search.door_m)
    crossings = [opening for site in sites for opening in find_crossings(site, city)]
    if not _has_doors(sites, found):
        found += drop_near(_join(crossings, search.cluster_m), found, search.cluster_m)
        ends = [
            opening
            for site in sites
            for opening in find_dead_ends(site, city, reach_m=search.dead_end_m)
        ]
        found += drop_near(_join(ends, search.cluster_m), found, search.cluster_m)
    if not found:
        fronts = [
            opening
            for site in sites
            for opening in find_front(site, city, street=street, reach_m=search.front_m)
        ]
        found = _first_front(fronts)
    return found


def _first_front(fronts: list[Opening]) -> list[Opening]:
    """Return the front of the first of several grounds, which may as well be at any other."""
    anywhere = tuple(spot for opening in fronts for spot in opening.positions)
    best = sorted(fronts, key=lambda opening: opening.how == WHOLE_FRONT)[:1]
    return [replace(opening, positions=anywhere) for opening in best]


def _has_doors(sites: Sequence[Site], mapped: list[Opening]) -> bool:
    """Tell whether a place that is a building has its doors on the map.

    Then a path that is drawn into the building leads to one of them or indoors.
    """
    return bool(mapped) and all(site.built for site in sites)


def _join(openings: list[Opening], reach_m: float) -> list[Opening]:
    """Join openings that are closer than a distance; the surest stays, vehicles pass if any.

    Chains are not followed: each opening joins the first one kept within reach, in order of
    confidence, so that a row of doors does not become one.
    """
    kept: list[Opening] = []
    order = sorted(openings, key=lambda o: (-o.confidence, not o.vehicle, o.point.x, o.point.y))
    groups: list[list[Opening]] = []
    for opening in order:
        near = [
            at for at, other in enumerate(kept) if other.point.distance(opening.point) <= reach_m
        ]
        if near:
            groups[near[0]].append(opening)
        else:
            kept.append(opening)
            groups.append([opening])
    return [
        replace(first, vehicle=any(opening.vehicle for opening in group))
        for first, group in zip(kept, groups, strict=True)
    ]


def _stops(places: gpd.GeoDataFrame) -> shapely.STRtree:
    """Return a tree of the stops of public transport."""
    marked = [
        isinstance(tags, dict) and any(tags.get(key) == value for key, value in STOPS)
        for tags in places["tags"]
    ]
    return shapely.STRtree(np.asarray(places.geometry.array)[np.array(marked, bool)])


def _rank(
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
