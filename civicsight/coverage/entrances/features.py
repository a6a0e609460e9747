"""What is measured of a place where a gate may be: geometry and topology, and nothing else.

No name, no kind of place, no operator, no faith and no tag of any person enters here: `FEATURES` is
all that the weighing can see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from scipy.spatial import cKDTree

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.coverage.demand.surroundings import Surroundings
from civicsight.coverage.entrances.traces import TRACES, Traces
from civicsight.coverage.entrances.walls import FAR_M, Grounds, Positions
from civicsight.coverage.entrances.wayside import Ways, Wayside, wayside_of

FEATURES: Final = (
    *(f"to_{name}_m" for name in TRACES if name != "wall"),
    "way_m",
    "beyond_way_m",
    "street_m",
    "beyond_street_m",
    "road_class",
    "open_ahead_m",
    "to_corner_m",
    "wall_m",
    "chance",
    "rivals",
)
"""Metres to the nearest trace of each kind of the same place; metres to the nearest street, and how
many more than from where the place is nearest to one; class of the best way within `ROAD_M` [0-1];
metres of free ground ahead; metres to the nearest corner of the wall, and its length; the share of
the outline within `HIT_M`, what a blind guess would hit; and how many candidates the place has."""

ROAD_M: Final = 40.0
"""How far a way may be that says how public a front is."""

AHEAD_M: Final = 40.0
"""How far one looks for what is built in front of a wall."""

HIT_M: Final = 15.0
"""A candidate is right if a gate is within this."""

CHAIN_M: Final = 3.0
"""Traces of a place that follow each other this closely along its outline are one candidate."""

CANDIDATE_M: Final = 8.0
"""A candidate is no longer than this along the outline."""

APART_M: Final = 1e6
"""Places are kept this far apart where the nearest trace of the same place is looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Where places may have gates.

    Parameters
    ----------
    site
        Place of each, by its row among the grounds, ascending; shape ``(n,)``.
    xy, out
        East and north [m], and the unit vector that leads out; shape ``(n, 2)``.
    kind
        The trace that says best where it is, by its row in `TRACES`; shape ``(n,)``.
    measured
        What is measured of each, in the order of `FEATURES`; shape ``(n, len(FEATURES))``.
    """

    site: IntArray
    xy: FloatArray
    out: FloatArray
    kind: IntArray
    measured: FloatArray

    def __getitem__(self, rows: BoolArray | IntArray) -> Candidates:
        """Return some of them."""
        return Candidates(
            self.site[rows], self.xy[rows], self.out[rows], self.kind[rows], self.measured[rows]
        )


def find_candidates(
    grounds: Grounds,
    spots: Positions,
    traces: Traces,
    city: Surroundings,
    *,
    ways: Wayside,
    streets: Wayside,
    known: tuple[Ways, Ways],
) -> Candidates:
    """Join traces to candidates, and measure each; parameters as those of `find_traces`.

    `known` are all ways and all streets. A place of which nothing else is known has every position
    of its walls for a candidate.
    """
    wall = traces.kind == TRACES.index("wall")
    traced = np.bincount(traces.site[~wall], minlength=len(grounds)) > 0
    joined = _joined(grounds, traces[~wall | ~traced[traces.site]])
    here = [wayside_of(joined.site, joined.xy, each) for each in known]
    at = np.asarray(cKDTree(_apart(spots.site, spots.xy)).query(_apart(joined.site, joined.xy))[1])
    # For each kind how far its nearest trace of the same place is, at most `FAR_M`.
    of = _apart(joined.site, joined.xy)
    found = []
    for kind in range(len(TRACES) - 1):
        mine = traces[traces.kind == kind]
        if not len(mine.site):
            found.append(np.full(len(of), FAR_M))
            continue
        gap, _ = cKDTree(_apart(mine.site, mine.xy)).query(of, distance_upper_bound=FAR_M)
        found.append(np.minimum(gap, FAR_M))
    columns = [
        *found,
        *_gaps(joined, here[0], spots, ways),
        *_gaps(joined, here[1], spots, streets),
        city.road_score(shapely.points(joined.xy), ROAD_M),
        _open_ahead(joined.xy, spots.out[at], city),
        (1.0 - spots.middle[at]) * spots.wall_m[at] / 2.0,
        spots.wall_m[at],
        np.minimum(1.0, 2.0 * HIT_M / np.maximum(shapely.length(grounds.ring), 1.0))[joined.site],
        np.bincount(joined.site, minlength=len(grounds))[joined.site].astype(np.float64),
    ]
    return Candidates(joined.site, joined.xy, spots.out[at], joined.kind, np.column_stack(columns))


def _joined(grounds: Grounds, traces: Traces) -> Traces:
    """Return one trace of those that follow each other along an outline: the best of them."""
    rings = grounds.ring[traces.site]
    along = shapely.line_locate_point(rings, shapely.points(traces.xy))
    order = np.lexsort((along, traces.site))
    traces, along = traces[order], along[order]
    starts = np.ones(len(along), bool)
    starts[1:] = (np.diff(traces.site) > 0) | (np.diff(along) > CHAIN_M)
    chain = np.cumsum(starts) - 1
    piece = ((along - along[starts][chain]) // CANDIDATE_M).astype(np.int64)
    best = np.lexsort((along, traces.kind, piece, chain))
    first = np.ones(len(best), bool)
    first[1:] = (np.diff(chain[best]) > 0) | (np.diff(piece[best]) > 0)
    return traces[np.sort(best[first])]


def _apart(site: IntArray, xy: FloatArray) -> FloatArray:
    """Return points with their place as a third, long axis: the nearest is of the same place."""
    return np.column_stack([xy, site * APART_M])


def _gaps(candidates: Traces, here: Wayside, spots: Positions, before: Wayside) -> list[FloatArray]:
    """Return how far a way is, and how much farther than from where the place is nearest to one."""
    least = np.full(int(spots.site.max(initial=-1)) + 1, FAR_M)
    np.minimum.at(least, spots.site, before.gap_m)
    return [here.gap_m, np.clip(here.gap_m - least[candidates.site], 0.0, FAR_M)]


def _open_ahead(xy: FloatArray, out: FloatArray, city: Surroundings) -> FloatArray:
    """Return how far one looks from a wall before a building stands there, at most `AHEAD_M`."""
    ahead = np.full(len(xy), AHEAD_M)
    if not len(xy):
        return ahead
    start = xy + 0.5 * out
    sight = shapely.linestrings(np.stack([start, xy + AHEAD_M * out], axis=1))
    at, building = city.building_tree.query(sight, predicate="intersects")
    eye = shapely.points(start[at])
    met = shapely.distance(eye, shapely.intersection(sight[at], city.buildings[building]))
    np.minimum.at(ahead, at, np.nan_to_num(met, nan=AHEAD_M))
    return ahead
