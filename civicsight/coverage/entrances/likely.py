"""Where a building that is a place has its gates, if no map shows one: the likely ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from shapely.geometry import Polygon

from civicsight.core.arrays import FloatArray, Geometries, IntArray
from civicsight.coverage.demand.surroundings import Surroundings
from civicsight.coverage.entrances.features import FEATURES, HIT_M, Candidates, find_candidates
from civicsight.coverage.entrances.scores import Scores, load_scores
from civicsight.coverage.entrances.traces import ON_WALL_M, find_traces
from civicsight.coverage.entrances.walls import Positions, grounds_of, positions_of
from civicsight.coverage.entrances.wayside import ways_of, wayside_of

FURTHER_CHANCE: Final = 0.42
"""A building has its likeliest gate in any case, and a further one from this chance on.

In cities that nothing was learned from, two of three gates are right then.
"""

MOST: Final = 4
"""A place has at most this many main gates."""


@dataclass(frozen=True, slots=True, eq=False)
class Likely:
    """Gates that are presumed.

    Parameters
    ----------
    site
        Place of each, by its row; the likeliest of a place first; shape ``(n,)``.
    xy, out
        East and north [m], and the unit vector that leads out; shape ``(n, 2)``.
    kind
        The trace that says best where it is, by its row in `TRACES`; shape ``(n,)``.
    chance
        That a gate is within `HIT_M` of it [0-1]; shape ``(n,)``.
    spots
        Where else a gate may be: every position of the free walls of all places.
    way_m
        How far the nearest way is from the place of each gate [m], at most 100; shape ``(n,)``.
    """

    site: IntArray
    xy: FloatArray
    out: FloatArray
    kind: IntArray
    chance: FloatArray
    spots: Positions
    way_m: FloatArray


def likely_gates(
    outlines: Sequence[Polygon], city: Surroundings, marks: Geometries, scores: Scores | None = None
) -> Likely:
    """Return one to `MOST` likely gates of each building.

    Parameters
    ----------
    outlines
        The buildings.
    city
        What surrounds them. Their doors, if any are mapped, are not looked at.
    marks
        Points of whatever the map marks, as `marks_of` returns them.
    scores
        How candidates are weighed; the table of the package if not given.
    """
    found, spots = candidates_of(outlines, city, marks)
    chance = (scores or load_scores()).probability(found.measured)
    rows = choose(found, chance)
    here, beyond = (FEATURES.index(name) for name in ("way_m", "beyond_way_m"))
    return Likely(
        found.site[rows],
        found.xy[rows],
        found.out[rows],
        found.kind[rows],
        chance[rows],
        spots,
        found.measured[rows, here] - found.measured[rows, beyond],
    )


def candidates_of(
    outlines: Sequence[Polygon], city: Surroundings, marks: Geometries
) -> tuple[Candidates, Positions]:
    """Return where each building may have its gates, and all free walls: see `likely_gates`."""
    grounds = grounds_of(outlines)
    spots = positions_of(grounds, city)
    known = ways_of(city.roads), ways_of(city.streets)
    ways, streets = (wayside_of(spots.site, spots.xy, each) for each in known)
    traces = find_traces(grounds, spots, city, marks, ways=ways, streets=streets)
    found = find_candidates(grounds, spots, traces, city, ways=ways, streets=streets, known=known)
    return found, spots


def marks_of(points: Geometries, city: Surroundings) -> Geometries:
    """Return the points of places that are not themselves an entrance."""
    at, _ = city.entrance_tree.query(points, predicate="dwithin", distance=ON_WALL_M / 2.0)
    return np.delete(points, np.unique(at))


def choose(found: Candidates, chance: FloatArray, further: float = FURTHER_CHANCE) -> IntArray:
    """Return the rows of the candidates that are gates, the likeliest of each place first.

    One is passed over within `HIT_M` of a likelier one: it would be the same gate twice. The
    n-th gates of all places are chosen together.
    """
    order = np.lexsort((found.xy[:, 1], found.xy[:, 0], -chance, found.site))
    chosen: list[IntArray] = []
    for nth in range(MOST):
        if not len(order):
            break
        _, first = np.unique(found.site[order], return_index=True)
        best = order[first]
        chosen.append(best)
        if nth == 0:
            order = order[chance[order] >= further]
        taken = np.full(int(found.site.max()) + 1, -1)
        taken[found.site[best]] = best
        rival = taken[found.site[order]]
        apart = np.hypot(*(found.xy[order] - found.xy[rival]).T)
        order = order[(rival >= 0) & (apart >= HIT_M)]
    rows = np.concatenate(chosen) if chosen else np.zeros(0, np.int64)
    rank = np.repeat(np.arange(len(chosen)), [len(best) for best in chosen])
    return np.asarray(rows[np.lexsort((rank, found.site[rows]))], np.int64)
