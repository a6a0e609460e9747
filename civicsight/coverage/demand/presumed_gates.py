"""Gates of buildings that no map shows: the likely ones, as openings of their places.

They take the place of the third to fifth step for a place that is a building and has it to itself.
A tenant of a larger house keeps the wall nearest to its mark, grounds the ways that come in: both
hit more often there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from shapely.geometry import Point

from civicsight.core.arrays import Geometries
from civicsight.coverage.demand.inferred_openings import FRONT, spots_with_ways
from civicsight.coverage.demand.openings import Opening
from civicsight.coverage.demand.ranking import Gate
from civicsight.coverage.demand.sites import Site
from civicsight.coverage.demand.surroundings import Surroundings
from civicsight.coverage.entrances.likely import likely_gates, marks_of
from civicsight.coverage.entrances.traces import TRACES

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


@dataclass(frozen=True, slots=True, eq=False)
class Presumed:
    """The likely openings of places.

    Parameters
    ----------
    openings
        By zone; a zone without is not among them.
    positions
        Where else in its walls each of these places may have a gate, by zone.
    """

    openings: dict[str, list[Opening]]
    positions: dict[str, list[tuple[float, float, float]]]


def presume(
    sites: Mapping[str, Sequence[Site]],
    known: Mapping[str, Sequence[Opening]],
    city: Surroundings,
    points: Geometries,
    *,
    reach_m: float,
) -> Presumed:
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
        (zone_id, site.outline)
        for zone_id, group in sites.items()
        if not known.get(zone_id) and all(site.built and not site.tenant for site in group)
        for site in group
        if site.outline is not None
    ]
    openings: dict[str, list[Opening]] = defaultdict(list)
    positions: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    if not alone:
        return Presumed(openings, positions)
    zone_of = [zone_id for zone_id, _ in alone]
    likely = likely_gates([outline for _, outline in alone], city, marks_of(points, city))
    near = likely.way_m <= reach_m
    columns = (values[near].tolist() for values in (likely.site, likely.xy, likely.kind))
    for site, xy, kind, chance in zip(*columns, likely.chance[near].tolist(), strict=True):
        trace = TRACES[kind]
        how, vehicle = FOUND_BY.get(trace, FRONT), trace in DRIVEN
        openings[zone_of[site]].append(Opening(Point(xy), how, round(chance, 3), vehicle))
    for site, spot in zip(likely.spots.site.tolist(), spots_with_ways(likely.spots), strict=True):
        positions[zone_of[site]].append(spot)
    return Presumed(openings, positions)


def share_fronts(gates: Mapping[str, list[Gate]], presumed: Presumed) -> dict[str, list[Gate]]:
    """Share the walls of each place among its presumed gates: one may be where it is nearest.

    Together they are all positions that a gate of the place may have, so that it is seen for sure
    only if all are.

    Parameters
    ----------
    gates
        Main gates of all places, by zone.
    presumed
        What is likely, of which they were chosen.
    """
    return {
        zone_id: _shared(own, presumed.positions[zone_id]) if zone_id in presumed.openings else own
        for zone_id, own in gates.items()
    }


def _shared(gates: list[Gate], spots: Sequence[tuple[float, float, float]]) -> list[Gate]:
    """Give each presumed gate the positions that are nearest to it."""
    presumed = [at for at, gate in enumerate(gates) if gate.opening.how == FRONT]
    if not presumed:
        return gates
    xy = np.array(spots)[:, :2]
    middles = np.array([gates[at].opening.point.coords[0][:2] for at in presumed])
    nearest = np.argmin(np.hypot(*(xy[:, None] - middles).transpose(2, 0, 1)), axis=1).tolist()
    shared = list(gates)
    for nth, at in enumerate(presumed):
        own = tuple(spot for spot, of in zip(spots, nearest, strict=True) if of == nth)
        shared[at] = replace(gates[at], opening=replace(gates[at].opening, positions=own))
    return shared
