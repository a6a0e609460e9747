"""Measures and sources that were tried beside those of the table: what each would add.

Each is learned beside all others and judged in cities left out in turn, as the table is. None is
kept that does not find more gates at the same precision; the decision tells what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyogrio
import shapely
from scipy.spatial import cKDTree

from benchmarks.entrances.measured import gates_of, judge, left_out, pooled
from benchmarks.entrances.sets import SETS, Labelled
from benchmarks.entrances.training import TRACE_EDGES, Examples, examples_of
from civicsight.core.arrays import FloatArray, Geometries, IntArray
from civicsight.coverage.entrances.features import Candidates
from civicsight.coverage.entrances.likely import marks_of
from civicsight.coverage.entrances.traces import END_REACH_M, HOST_M, foot_on
from civicsight.coverage.entrances.walls import FAR_M, grounds_of

AT_M: Final = 8.0
"""What is this close to a candidate along the wall is at it."""

NEAR_MARK_M: Final = 15.0
APART_M: Final = 1e6
CORNER_SINE: Final = 0.3
WAY_M: Final = 60.0
CHANCES: Final = (0.36, 0.38, 0.40, 0.42, 0.44)
"""From which on a further gate is taken; the package's is among them."""

OTHER_KEYS: Final = ("amenity", "shop", "office", "tourism", "leisure", "craft", "healthcare")


class Foot(NamedTuple):
    """Things beside walls: their place, the point of its outline nearest to each, how far off."""

    site: IntArray
    xy: FloatArray
    off_m: FloatArray


Measure = Callable[[Labelled, Candidates], FloatArray]


def mark_depth(one: Labelled, found: Candidates) -> FloatArray:
    """Return how far behind the wall the mark at each candidate stands."""
    return _off_at(_feet(one, one.marks), found, NEAR_MARK_M)


def marks_near(one: Labelled, found: Candidates) -> FloatArray:
    """Return how many marks stand behind the wall around each candidate."""
    feet = _feet(one, one.marks)
    if not len(feet.site):
        return np.zeros(len(found.site))
    tree = cKDTree(_apart(feet.site, feet.xy))
    near = tree.query_ball_point(_apart(found.site, found.xy), AT_M, return_length=True)
    return np.asarray(near, np.float64)


def end_off(one: Labelled, found: Candidates) -> FloatArray:
    """Return how far from the wall the way stops that ends at each candidate."""
    roads = one.around.roads
    ends = np.concatenate([shapely.get_point(roads, 0), shapely.get_point(roads, -1)])
    return _off_at(_feet(one, ends, END_REACH_M), found, AT_M)


def fence_ahead(one: Labelled, found: Candidates) -> FloatArray:
    """Tell whether a wall or fence stands between each candidate and the nearest way."""
    around, crossed = one.around, np.zeros(len(found.site))
    if len(around.roads) and len(around.walls):
        start = shapely.points(found.xy + 0.7 * found.out)
        at, way = around.road_tree.query_nearest(start, max_distance=WAY_M, all_matches=False)
        line = shapely.shortest_line(start[at], around.roads[way])
        crossed[at[around.wall_tree.query(line, predicate="intersects")[0]]] = 1.0
    return crossed


def to_recess(one: Labelled, found: Candidates) -> FloatArray:
    """Return how far the nearest corner is where the outline turns inwards."""
    plain = shapely.orient_polygons(shapely.simplify(one.outlines, 0.5))
    site, corner = [], []
    for row, outline in enumerate(plain):
        xy = shapely.get_coordinates(outline.exterior)[:-1]
        come, go = xy - np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0) - xy
        turn = come[:, 0] * go[:, 1] - come[:, 1] * go[:, 0]
        inwards = xy[turn < -CORNER_SINE * np.hypot(*come.T) * np.hypot(*go.T)]
        site += [row] * len(inwards)
        corner += inwards.tolist()
    if not site:
        return np.full(len(found.site), FAR_M)
    tree = cKDTree(_apart(np.array(site), np.array(corner)))
    return np.minimum(tree.query(_apart(found.site, found.xy))[0], FAR_M)


def kind_of(_: Labelled, found: Candidates) -> FloatArray:
    """Return what says best where each candidate is."""
    return found.kind.astype(np.float64)


TRIED: Final[dict[str, tuple[Measure, Sequence[float]]]] = {
    "depth of the mark": (mark_depth, (1, 2, 4, 7, 12, 50)),
    "marks around": (marks_near, (1, 2, 4, 8)),
    "end of the way off": (end_off, (0.3, 1, 2, 4, 7, 50)),
    "fence ahead": (fence_ahead, (0.5,)),
    "to a recess": (to_recess, (2, 4, 8, 15, 98)),
    "kind of trace": (kind_of, tuple(np.arange(0.5, 12.0))),
}
"""Measures that were tried, each with where its intervals end."""


def print_tried(sets: Sequence[Labelled], examples: Examples, addresses: list[Geometries]) -> None:
    """Print what the table does with each further measure, and with addresses as a source."""
    head = " ".join(f"{f'from {chance:.2f} on':>14}" for chance in CHANCES)
    print(f"\nprecision and recall with a further measure\n{'':30} {'loss':>6} {head}")
    print(_line("none", sets, examples, []))
    for name, (measure, ends) in TRIED.items():
        columns = [measure(one, found) for one, (found, _) in zip(sets, examples, strict=True)]
        print(_line(name, sets, _with(examples, columns), [ends]))
    beside = _with(examples, _to_addresses(sets, examples, addresses))
    print(_line("address nodes, a measure", sets, beside, [TRACE_EDGES]))
    more = [
        replace(one, marks=np.concatenate([one.marks, own]))
        for one, own in zip(sets, addresses, strict=True)
    ]
    known = examples_of(more)
    print(_line("address nodes as marks", more, known, []))
    columns = _to_addresses(more, known, addresses)
    print(_line("both", more, _with(known, columns), [TRACE_EDGES]))


def read_addresses(data: Path, sets: Sequence[Labelled]) -> list[Geometries]:
    """Return the points of each map that are an address and nothing else, not those of doors."""
    files = [data / name for names in SETS.values() for name in names]
    found = []
    for path, one in zip(files, sets, strict=True):
        points = pyogrio.read_dataframe(path, layer="points")
        tags = points["other_tags"].fillna("")
        plain = tags.str.contains('"addr:housenumber"') & ~tags.str.contains('"entrance"')
        for key in OTHER_KEYS:
            plain &= ~tags.str.contains(f'"{key}"')
        own = points[plain].geometry.to_crs(one.around.entrances.crs)
        found.append(marks_of(np.asarray(own.array), one.around))
    return found


def _to_addresses(
    sets: Sequence[Labelled], examples: Examples, addresses: list[Geometries]
) -> list[FloatArray]:
    found = []
    for one, (candidates, _), own in zip(sets, examples, addresses, strict=True):
        feet = _feet(one, own)
        gap = np.full(len(candidates.site), FAR_M)
        if len(feet.site):
            tree = cKDTree(_apart(feet.site, feet.xy))
            gap = np.minimum(tree.query(_apart(candidates.site, candidates.xy))[0], FAR_M)
        found.append(gap)
    return found


def _with(examples: Examples, columns: Sequence[FloatArray]) -> Examples:
    return [
        (replace(found, measured=np.column_stack([found.measured, column])), right)
        for (found, right), column in zip(examples, columns, strict=True)
    ]


def _line(
    name: str, sets: Sequence[Labelled], examples: Examples, further: Sequence[Sequence[float]]
) -> str:
    ends = [np.array(each, np.float64) for each in further]
    chances = left_out(sets, examples, further=ends)
    said = np.clip(np.concatenate(chances), 1e-6, 1.0 - 1e-6)
    right = np.concatenate([right for _, right in examples])
    weight = np.concatenate([np.bincount(one.site)[one.site] ** -0.5 for one, _ in examples])
    loss = -np.average(np.log(np.where(right, said, 1.0 - said)), weights=weight)
    told = []
    for least in CHANCES:
        total = pooled(
            [
                judge(one, gates_of(found, chance, least))
                for one, (found, _), chance in zip(sets, examples, chances, strict=True)
            ]
        ).counts.sum(axis=0)
        told.append(f"{total[1] / total[0]:.3f} / {total[3] / total[2]:.3f}")
    return f"{name:30} {loss:6.3f} " + " ".join(f"{each:>14}" for each in told)


def _feet(one: Labelled, things: Geometries, reach_m: float = HOST_M) -> Foot:
    """Return things within reach of the buildings, at the feet on their outlines."""
    grounds = grounds_of(list(one.outlines))
    site, thing = shapely.STRtree(things).query(
        grounds.outline, predicate="dwithin", distance=reach_m
    )
    xy = foot_on(grounds.ring[site], things[thing])
    return Foot(site, xy, shapely.distance(shapely.points(xy), things[thing]))


def _off_at(feet: Foot, found: Candidates, reach_m: float) -> FloatArray:
    if not len(feet.site):
        return np.full(len(found.site), FAR_M)
    gap, at = cKDTree(_apart(feet.site, feet.xy)).query(_apart(found.site, found.xy))
    return np.where(gap <= reach_m, feet.off_m[at], FAR_M)


def _apart(site: IntArray, xy: FloatArray) -> FloatArray:
    return np.column_stack([xy, site * APART_M])
