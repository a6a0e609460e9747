"""The main gates of mandatory places, by the seven steps of the law's analysis.

Mapped entrances, entrances of AMap, crossings of outline and ways where no wall passes without a
gate, dead ends, the front; bridges and tunnels have their ends elsewhere; and the ranking, which
says which openings are main.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.coverage.demand.inferred_openings import (
    WHOLE_FRONT,
    drop_near,
    find_crossings,
    find_dead_ends,
    find_fronts,
)
from civicsight.coverage.demand.needs import each_zone, entrances_of
from civicsight.coverage.demand.openings import Opening, amap_entrances, find_mapped
from civicsight.coverage.demand.presumed_gates import presume, share_fronts
from civicsight.coverage.demand.ranking import Gate, GateSearch, rank
from civicsight.coverage.demand.sites import Site, find_sites, standing_buildings
from civicsight.coverage.demand.surroundings import Surroundings, look_around
from civicsight.rules import Rules

__all__ = ["Found", "Gate", "GateSearch", "find_gates", "join"]

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
    extra_kinds = {zone_id: entrances_of(zone, rules) for zone_id, zone in each_zone(zones)}
    metro_marks = {
        str(zone_id): geometry.centroid
        for zone_id, geometry in zip(zones.index, zones.geometry, strict=True)
        if tags[str(zone_id)].get("station") in ("subway", "light_rail")
        or tags[str(zone_id)].get("subway") == "yes"
    }
    mapped = find_mapped(
        (site for group in sites.values() for site in group),
        city,
        band_m=search.band_m,
        extra=extra_kinds,
        metro=metro_marks,
    )
    marked = [
        isinstance(tags, dict) and any(tags.get(key) == value for key, value in STOPS)
        for tags in places["tags"]
    ]
    stops = shapely.STRtree(np.asarray(places.geometry.array)[np.array(marked, bool)])
    words = [word.casefold() for word in rules.policy.main_gate_words]
    marks = np.asarray(places.geometry[places.geom_type.eq("Point")].array)
    likely = presume(sites, mapped, city, marks, reach_m=search.front_m)
    openings = {
        zone_id: likely.openings.get(zone_id)
        or _shown_openings(group, mapped.get(zone_id, []), city, search)
        for zone_id, group in sites.items()
    }
    closed = {zone_id: group for zone_id, group in sites.items() if not openings[zone_id]}
    openings |= _fronts(closed, city, tags, search)
    gates = rank(openings, sites, city, stops, words, search)
    return share_fronts(gates, likely), sites, city


def _zone_tags(zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> dict[str, dict[str, str]]:
    """Return the tags of the place behind each zone."""
    known = dict(zip(places.index, places["tags"], strict=True))
    found = {}
    for zone_id, place_id in zip(zones.index, zones["place_id"], strict=True):
        tags = known.get(place_id)
        found[str(zone_id)] = tags if isinstance(tags, dict) else {}
    return found


def _shown_openings(
    sites: Sequence[Site], mapped: list[Opening], city: Surroundings, search: GateSearch
) -> list[Opening]:
    """Return the openings of a zone after the first four steps, near ones joined."""
    found = join(mapped, search.door_m)
    if not _has_doors(sites, found):
        crossings = [opening for site in sites for opening in find_crossings(site, city)]
        found += drop_near(join(crossings, search.cluster_m), found, search.cluster_m)
        ends = [
            opening
            for site in sites
            for opening in find_dead_ends(site, city, reach_m=search.dead_end_m)
        ]
        found += drop_near(join(ends, search.cluster_m), found, search.cluster_m)
    return found


def _fronts(
    sites: Mapping[str, Sequence[Site]],
    city: Surroundings,
    tags: Mapping[str, Mapping[str, str]],
    search: GateSearch,
) -> dict[str, list[Opening]]:
    """Return the front of each zone of which nothing shows an opening."""
    every = [site for group in sites.values() for site in group]
    streets = [tags[site.zone_id].get("addr:street", "") for site in every]
    fronts = iter(find_fronts(every, city, streets=streets, reach_m=search.front_m))
    return {
        zone_id: _first_front(list(islice(fronts, len(group)))) for zone_id, group in sites.items()
    }


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


def join(openings: list[Opening], reach_m: float) -> list[Opening]:
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
