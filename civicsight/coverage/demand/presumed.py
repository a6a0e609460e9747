"""Gates of buildings that no map shows: the likely ones, as openings of their places.

They take the place of the third to fifth step for a place that is a building and has it to itself.
A tenant of a larger house keeps the wall nearest to its mark, grounds the ways that come in: both
hit more often there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from shapely.geometry import Point, Polygon

from civicsight.core.arrays import BoolArray, Geometries
from civicsight.coverage.demand.inferred import FRONT
from civicsight.coverage.demand.openings import Opening
from civicsight.coverage.demand.ranking import Gate
from civicsight.coverage.demand.sites import Site
from civicsight.coverage.demand.surroundings import Surroundings
from civicsight.coverage.entrances.likely import likely_gates, marks_of
from civicsight.coverage.entrances.traces import TRACES
from civicsight.coverage.entrances.walls import grounds_of, positions_of

FOUND_BY: Final[Mapping[str, str]] = {
    "passage": "crossing",
    "crossing_walk": "crossing",
    "crossing_drive": "crossing",
    "end_walk": "dead_end",
    "end_drive": "dead_end",
}
"""Traces that say where a gate is, by the step that they stand for; at any other it is presumed."""

DRIVEN: Final = frozenset({"crossing_drive", "end_drive"})
"""Traces of gates that vehicles pass; before any other stands a door."""


def presume(
    sites: Mapping[str, Sequence[Site]],
    known: Mapping[str, Sequence[Opening]],
    city: Surroundings,
    points: Geometries,
    *,
    reach_m: float,
) -> dict[str, list[Opening]]:
    """Return the likely openings of the places of which no entrance is known.

    Parameters
    ----------
    sites
        Sites of all places, by zone.
    known
        Their mapped openings.
    city
        What surrounds them.
    points
        Points that the map marks, whoever they stand for.
    reach_m
        A building farther from any way has its gate anywhere; nothing is likely there [m].
    """
    alone = [
        (zone_id, site)
        for zone_id, group in sites.items()
        if not known.get(zone_id) and all(site.built and not site.tenant for site in group)
        for site in group
    ]
    outlines = [site.outline for _, site in alone if site.outline is not None]
    near = _near_way(outlines, city, reach_m)
    near_ids = [zone_id for (zone_id, _), here in zip(alone, near, strict=True) if here]
    found: dict[str, list[Opening]] = defaultdict(list)
    chosen = [outline for outline, here in zip(outlines, near, strict=True) if here]
    if not chosen:
        return found
    likely = likely_gates(chosen, city, marks_of(points, city))
    columns = (likely.site.tolist(), likely.xy.tolist(), likely.kind.tolist())
    for site, xy, kind, chance in zip(*columns, likely.chance.tolist(), strict=True):
        trace = TRACES[kind]
        how, vehicle = FOUND_BY.get(trace, FRONT), trace in DRIVEN
        found[near_ids[site]].append(Opening(Point(xy), how, round(chance, 3), vehicle))
    return found


def _near_way(outlines: Sequence[Polygon], city: Surroundings, reach_m: float) -> BoolArray:
    near = np.zeros(len(outlines), bool)
    drawn = np.array(outlines, object)
    at, _ = city.road_tree.query(drawn, predicate="dwithin", distance=reach_m)
    near[at] = True
    return near


def share_fronts(
    gates: Mapping[str, list[Gate]], sites: Mapping[str, Sequence[Site]], city: Surroundings
) -> dict[str, list[Gate]]:
    """Share the walls of each place among its presumed gates: one may be where it is nearest.

    Together they are all positions that a gate of the place may have, so that it is seen for sure
    only if all are.

    Parameters
    ----------
    gates
        Main gates of the places whose gates are likely ones, by zone.
    sites
        Sites of all places.
    city
        What surrounds them.
    """
    kept = {zone_id: own for zone_id, own in gates.items() if _presumed(own)}
    owners = [(zone_id, site) for zone_id in kept for site in sites[zone_id]]
    outlines = [site.outline for _, site in owners if site.outline is not None]
    spots = positions_of(grounds_of(outlines), city)
    azimuth = np.degrees(np.arctan2(*spots.out.T)) % 360.0
    each: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    rows = np.column_stack([spots.xy, azimuth]).tolist()
    for of, (x, y, deg) in zip(spots.site.tolist(), rows, strict=True):
        each[owners[of][0]].append((x, y, deg))
    return {**gates, **{zone_id: _shared(own, each[zone_id]) for zone_id, own in kept.items()}}


def _presumed(gates: Sequence[Gate]) -> list[int]:
    return [at for at, gate in enumerate(gates) if gate.opening.how == FRONT]


def _shared(gates: list[Gate], spots: Sequence[tuple[float, float, float]]) -> list[Gate]:
    """Give each presumed gate the positions that are nearest to it."""
    presumed, xy = _presumed(gates), np.array(spots)[:, :2]
    middles = np.array([gates[at].opening.point.coords[0][:2] for at in presumed])
    nearest = np.argmin(np.hypot(*(xy[:, None] - middles).transpose(2, 0, 1)), axis=1).tolist()
    shared = list(gates)
    for nth, at in enumerate(presumed):
        own = tuple(spot for spot, of in zip(spots, nearest, strict=True) if of == nth)
        shared[at] = replace(gates[at], opening=replace(gates[at].opening, positions=own))
    return shared
