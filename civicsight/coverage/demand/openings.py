"""Openings of a place that the map shows: its entrances and gates (first and second step).

The seven steps in all: entrances mapped near the outline; entrances of AMap; crossings of outline
and roads; dead ends; the front; both ends of bridges and tunnels; and the ranking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Point, Polygon

from civicsight.coverage.demand.sites import Site
from civicsight.coverage.demand.surroundings import DRIVABLE, Surroundings

KIND_CONFIDENCE: Final[Mapping[str, float]] = {
    "main": 0.95,
    "parking_entrance": 0.9,
    "subway_entrance": 0.9,
    "emergency_ward_entrance": 0.85,
    "gate": 0.8,
    "lift_gate": 0.8,
    "toll_booth": 0.8,
    "entrance": 0.75,
    "yes": 0.75,
    "swing_gate": 0.7,
    "exit": 0.5,
    "secondary": 0.5,
    "shop": 0.5,
    "service": 0.35,
}
"""Chance that an entrance so tagged is a main one, by its OSM value; assumed."""

OTHER_KIND: Final = 0.4
"""The same for any other value."""

BESIDE_MAIN: Final = 0.5
"""The most that a plain entrance counts where the same place has one tagged as main."""

UNWANTED: Final = frozenset({"home", "garage", "staircase", "emergency"})
"""Entrances to flats, garages and stairs are not a place's own, unless its class asks for them."""

VEHICLE_KINDS: Final = frozenset(
    {"lift_gate", "swing_gate", "toll_booth", "parking_entrance", "garage"}
)
"""Kinds that vehicles pass."""

AMAP_GATES: Final[Mapping[str, tuple[str, float]]] = {
    "991001": ("entrance", 0.9),
    "991000": ("entrance", 0.75),
    "991401": ("gate", 0.9),
    "991400": ("gate", 0.75),
    "150501": ("subway_entrance", 0.9),
    "150907": ("parking_entrance", 0.9),
    "150908": ("parking_entrance", 0.9),
    "150909": ("parking_entrance", 0.9),
}
"""AMap codes of doors, street gates, metro exits and car-park mouths, with kind and confidence."""

Positions = tuple[tuple[float, float, float], ...]

ON_WALL_M: Final = 1.0
"""An entrance this close to a wall is a door in it."""

ON_OUTLINE_M: Final = 3.0
"""A gate this close to an outline is on it; maps are drawn no better."""

METRO_REACH_M: Final = 300.0
"""An exit of an underground station lies no farther from its mark; assumed, two platforms."""

TENANT_REACH_M: Final = 15.0
"""The door of a shop or branch lies no farther from its mark than the nearest wall and this."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """Where one may enter a place.

    Parameters
    ----------
    point
        Its middle.
    how
        The step that found it: ``mapped``, ``amap``, ``crossing``, ``dead_end``, ``frontage``,
        ``front``.
    confidence
        Chance that it is real and main [0-1].
    vehicle
        Whether vehicles pass.
    source_id
        Its row in the table of entrances; empty if inferred.
    name, width_m, confirmed
        As the map or a person says; NaN for an unknown width.
    positions
        Of one that is presumed, wherever else it may be: points of the front, east and north [m],
        and the way out [degrees clockwise from grid north].
    """

    point: Point
    how: str
    confidence: float
    vehicle: bool
    source_id: str = ""
    name: str = ""
    width_m: float = float("nan")
    confirmed: bool = False
    positions: Positions = ()


def amap_entrances(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the doors and gates among the places as rows of the table of entrances."""
    codes = places["amap"].map(lambda code: code if code in AMAP_GATES else None)
    found = places[codes.notna()]
    kinds = [AMAP_GATES[code][0] for code in codes.dropna()]
    return gpd.GeoDataFrame(
        {
            "kind": kinds,
            "name": found["name"],
            "confirmed": False,
            "width_m": np.nan,
            "vehicle": [kind in VEHICLE_KINDS for kind in kinds],
            "source": "amap",
            "confidence": [AMAP_GATES[code][1] for code in codes.dropna()],
        },
        index=found.index,
        geometry=found.geometry.centroid,
        crs=places.crs,
    )


def find_mapped(
    sites: Iterable[Site],
    city: Surroundings,
    *,
    band_m: float,
    extra: Mapping[str, frozenset[str]],
    metro: Mapping[str, Point],
) -> dict[str, list[Opening]]:
    """Return the mapped openings of each zone.

    Parameters
    ----------
    sites
        Sites of all zones.
    city
        What surrounds them.
    band_m
        How far from an outline an entrance may be mapped [m].
    extra
        Kinds of entrances that a zone's class asks for beside the usual ones.
    metro
        Marks of underground stations by zone; each exit belongs to the nearest.
    """
    sites = list(sites)
    owners = _owners(city)
    found: dict[str, list[int]] = defaultdict(list)
    kinds = city.entrances["kind"].to_numpy(object)
    for site, near in zip(sites, _near(sites, city, band_m), strict=True):
        wanted = extra.get(site.zone_id, frozenset())
        allowed = [at for at in near if kinds[at] not in UNWANTED or kinds[at] in wanted]
        own = [at for at in allowed if _belongs(site, at, owners, city)]
        found[site.zone_id] += _nearest_door(site, own, city)
    for zone_id, at in _metro_exits(metro, city):
        if at not in found[zone_id]:
            found[zone_id].append(at)
    chosen = sorted({at for own in found.values() for at in own})
    rows = pd.DataFrame(city.entrances).iloc[chosen].to_dict("records")
    openings = {at: _opening(at, row, city) for at, row in zip(chosen, rows, strict=True)}
    return {zone_id: _beside_main([openings[at] for at in own]) for zone_id, own in found.items()}


def _near(sites: list[Site], city: Surroundings, band_m: float) -> list[list[int]]:
    """Return the entrances near each site; one in the open counts for the nearest sites only."""
    edges = np.array([s.outline.exterior if s.outline else s.centre for s in sites], object)
    near: list[list[int]] = [[] for _ in sites]
    if not len(sites) or not len(city.points):
        return near
    site, entrance = city.entrance_tree.query(edges, predicate="dwithin", distance=band_m)
    order = np.lexsort((entrance, site))
    site, entrance = site[order], entrance[order]
    distance = shapely.distance(edges[site], city.points[entrance])
    least = np.full(len(city.points), np.inf)
    np.minimum.at(least, entrance, distance)
    for row in np.flatnonzero(distance <= least[entrance] + 2.0):  # doors in a wall among them
        near[site[row]].append(int(entrance[row]))
    return near


def _owners(city: Surroundings) -> dict[int, set[int]]:
    """Return for each entrance that is a door the buildings in whose outer wall it lies.

    A door in a courtyard has an entry without buildings: one is inside before one comes to it.
    """
    owners: dict[int, set[int]] = defaultdict(set)
    if not len(city.points) or not len(city.buildings):
        return owners
    entrance, building = city.building_tree.query(
        city.points, predicate="dwithin", distance=ON_WALL_M
    )
    for at, host in zip(entrance.tolist(), building.tolist(), strict=True):
        rings = [part.exterior for part in shapely.get_parts(city.buildings[host])]
        owners[at] |= (
            {host} if shapely.distance(rings, city.points[at]).min() <= ON_WALL_M else set()
        )
    return owners


def _belongs(site: Site, at: int, owners: Mapping[int, set[int]], city: Surroundings) -> bool:
    """Tell whether an entrance near a site is one of its own."""
    point = city.points[at]
    if site.outline is None:
        return True
    if at in owners:
        mine = bool(owners[at] & site.owners)
        return mine and (site.tenant or _faces_out(site.outline, point, city))
    if site.tenant:
        return False
    return _leads_in(site.outline, point, city)


def _faces_out(outline: Polygon, point: Point, city: Surroundings) -> bool:
    """Tell whether one comes from a door to the outline without passing through a building."""
    edge = outline.exterior
    foot = edge.interpolate(float(shapely.line_locate_point(edge, point)))
    way = LineString([point, foot])
    if way.length <= ON_WALL_M:
        return True
    near = city.building_tree.query(way, predicate="intersects")
    return not any(way.intersection(city.buildings[host]).length > ON_WALL_M for host in near)


def _leads_in(outline: Polygon, point: Point, city: Surroundings) -> bool:
    """Tell whether a gate near an outline is one into it: on it, or on a way that runs in.

    Across the street from a park stands the neighbour's gate.
    """
    if outline.exterior.distance(point) <= ON_OUTLINE_M:
        return True
    ways = city.road_tree.query(point, predicate="dwithin", distance=ON_WALL_M)
    return any(shapely.intersection(city.roads[at], outline).length > ON_OUTLINE_M for at in ways)


def _nearest_door(site: Site, own: list[int], city: Surroundings) -> list[int]:
    """Return the one door of a tenant, or every door of a place that has its building to itself."""
    if not site.tenant or not own:
        return own
    distance = shapely.distance(city.points[own], site.centre)
    best = int(np.argmin(distance))
    facade = 0.0 if site.outline is None else site.outline.exterior.distance(site.centre)
    return [own[best]] if distance[best] <= facade + TENANT_REACH_M else []


def _metro_exits(metro: Mapping[str, Point], city: Surroundings) -> list[tuple[str, int]]:
    """Return each exit of the underground with the station that is nearest to it."""
    if not metro:
        return []
    zones, marks = list(metro), np.array(list(metro.values()), object)
    exits = np.flatnonzero(city.entrances["kind"].eq("subway_entrance").to_numpy())
    found = []
    for at in exits.tolist():
        distance = shapely.distance(marks, city.points[at])
        if distance.min() <= METRO_REACH_M:
            found.append((zones[int(np.argmin(distance))], at))
    return found


def _opening(at: int, row: Mapping[Hashable, Any], city: Surroundings) -> Opening:
    """Return the opening of a row of the entrances."""
    kind = str(row["kind"])
    source = row.get("source")
    confidence = row.get("confidence", np.nan)
    if not confidence >= 0:
        confidence = KIND_CONFIDENCE.get(kind, OTHER_KIND)
    return Opening(
        city.points[at],
        "amap" if source == "amap" else "mapped",
        1.0 if row["confirmed"] else float(confidence),
        _lets_vehicles(at, row, city),
        str(city.entrances.index[at]),
        row["name"] if isinstance(row["name"], str) else "",
        float(row["width_m"]),
        bool(row["confirmed"]),
    )


def _lets_vehicles(at: int, row: Mapping[Hashable, Any], city: Surroundings) -> bool:
    """Tell whether vehicles pass; a gate without a word on it does if it stands on a road."""
    if row["vehicle"] or row["kind"] in VEHICLE_KINDS:
        return True
    if row["kind"] != "gate":
        return False
    way = city.nearest_way(city.points[at], 2.0)
    return way >= 0 and city.road_kinds[way] in DRIVABLE


def _beside_main(openings: list[Opening]) -> list[Opening]:
    """Lower what is not tagged as main where something is."""
    main = max((opening.confidence for opening in openings), default=0.0)
    if main < KIND_CONFIDENCE["main"]:
        return openings
    return [
        opening
        if opening.confidence >= KIND_CONFIDENCE["main"] or opening.vehicle
        else replace(opening, confidence=min(opening.confidence, BESIDE_MAIN))
        for opening in openings
    ]
