"""Traces of gates: whatever on the map lets one guess that a place is entered there.

Ways that come in or end at a wall, gates and gaps in fences before it, what is marked behind it,
fronts on streets. Widely on purpose: which of them are gates is weighed elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, Geometries, IntArray
from civicsight.coverage.demand.surroundings import DRIVABLE, Surroundings
from civicsight.coverage.entrances.walls import POSITION_M, Grounds, Positions
from civicsight.coverage.entrances.wayside import Wayside

TRACES: Final = (
    "gate",
    "passage",
    "end_walk",
    "end_drive",
    "crossing_walk",
    "crossing_drive",
    "gap",
    "mark",
    "nearest",
    "front",
    "front_way",
    "middle",
    "wall",
)
"""What a trace is, the one that says best where a gate is first: of several it gives the place.

A gate mapped in a fence before a building; a passage through one; an end of a way on foot or for
vehicles, and where one comes in; a gap in a fence; the mark of whatever is in the building; the
point nearest to a street, and the middle of the front on it; of the front on any other way; of a
long wall; any wall at all.
"""

GATES: Final = frozenset(
    {"gate", "lift_gate", "swing_gate", "sliding_gate", "wicket_gate"}
    | {"turnstile", "toll_booth", "entrance"}
)
"""Kinds of openings that stand in fences. A door in a wall is never a trace: it is the answer."""

ON_WALL_M: Final = 1.0
"""An entrance this close to a wall is a door in it."""

END_REACH_M: Final = 10.0
"""How far from an outline a way may end that leads to it."""

GATE_REACH_M: Final = 15.0
"""How far before a building stands the fence whose gates and gaps lead to it."""

GAP_M: Final = (1.0, 8.0)
"""Least and greatest width of an opening between two ends of fences."""

INSET_M: Final = 1.0
"""A way counts as coming in where it is this far inside; maps draw paths along outlines."""

BACK_M: Final = 5.0
"""How far back on a way one looks to see whether it comes nearer."""

HOST_M: Final = 3.0
"""A mark this close to a wall stands for what is behind it."""

CLOSING_M: Final = 1.0
"""A wall closes an outline where it runs along it this far to both sides, nearly."""

STREET_REACH_M: Final = 60.0
"""A street farther away has no front on it."""

WAY_REACH_M: Final = 25.0
"""The same for a way that is no street: a path, a lane of a campus."""

WIDE_SHARE: Final = 0.5
"""A wall of this share of the longest is one of the faces of a building."""

FACING_M: Final = 3.0
"""Walls of one front are this much farther from its street than the nearest of them, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """Traces of gates.

    Parameters
    ----------
    site
        Place of each, by its row among the grounds; shape ``(n,)``.
    kind
        What it is, by its row in `TRACES`; shape ``(n,)``.
    xy
        Where, on the outline: east and north [m]; shape ``(n, 2)``.
    """

    site: IntArray
    kind: IntArray
    xy: FloatArray

    def __getitem__(self, rows: BoolArray | IntArray) -> Traces:
        """Return some of them."""
        return Traces(self.site[rows], self.kind[rows], self.xy[rows])


def find_traces(
    grounds: Grounds,
    spots: Positions,
    city: Surroundings,
    marks: Geometries,
    *,
    ways: Wayside,
    streets: Wayside,
) -> Traces:
    """Return the traces of gates of all places, each on the outline of its place.

    Parameters
    ----------
    grounds, spots
        The places, and where in their walls a gate may be.
    city
        What surrounds them.
    marks
        Points of whatever the map marks there, whoever it is; shape ``(m,)``.
    ways, streets
        The way of any kind, and the street, that is nearest to each of `spots`.
    """
    # The gates and gaps of fences before places, seen from their walls.
    gates = city.points[np.isin(city.entrances["kind"].to_numpy(object).astype(str), sorted(GATES))]
    gates = gates[~city.built_over(gates, ON_WALL_M)]
    fences = [_before(grounds, gates, "gate"), _before(grounds, fence_gaps(city.walls), "gap")]
    site, mark = shapely.STRtree(marks).query(grounds.outline, predicate="dwithin", distance=HOST_M)
    # The fronts of places: on each street before one, and on each way of any kind.
    number = np.arange(len(city.roads), dtype=np.int64)
    nearest, front = _facing(spots, streets, city.street_of, STREET_REACH_M)
    _, on_way = _facing(spots, ways, number, WAY_REACH_M)
    longest = np.zeros(int(spots.site.max(initial=-1)) + 1)
    np.maximum.at(longest, spots.site, spots.wall_m)
    long = spots.wall_m >= WIDE_SHARE * longest[spots.site]
    middle = np.flatnonzero(long & (spots.middle <= POSITION_M / spots.wall_m))
    rows = {"nearest": nearest, "front": front, "front_way": on_way, "middle": middle}
    fronts = [Traces(spots.site[at], _code(name, at), spots.xy[at]) for name, at in rows.items()]
    found = [
        *_ways(grounds, city),
        *fences,
        _traces(grounds, site, marks[mark], _code("mark", site)),
        *fronts,
        Traces(spots.site, np.full(len(spots.site), TRACES.index("wall")), spots.xy),
    ]
    every = Traces(
        np.concatenate([one.site for one in found]),
        np.concatenate([one.kind for one in found]),
        np.concatenate([one.xy for one in found]),
    )
    return every[~_are_closed(every.xy, city)]


def _are_closed(xy: FloatArray, city: Surroundings) -> BoolArray:
    """Tell at which points a wall or fence lies along the outline; one that ends there does not.

    So a gate is gone where somebody says that there is none, and a wall is laid across it.
    """
    points = shapely.points(xy)
    at, wall = city.wall_tree.query(points, predicate="dwithin", distance=CLOSING_M / 2.0)
    along = shapely.length(
        shapely.intersection(city.walls[wall], shapely.buffer(points[at], CLOSING_M))
    )
    closed = np.zeros(len(xy), bool)
    closed[at[along >= 1.5 * CLOSING_M]] = True
    return closed


def foot_on(ring: Geometries, points: Geometries) -> FloatArray:
    """Return the points of outlines that are nearest to points, pair by pair; ``(n, 2)``."""
    feet = shapely.line_interpolate_point(ring, shapely.line_locate_point(ring, points))
    return np.asarray(shapely.get_coordinates(feet), np.float64)


def _traces(grounds: Grounds, site: IntArray, points: Geometries, kind: IntArray) -> Traces:
    """Return traces at the feet of points on the outlines of their places."""
    return Traces(site, kind, foot_on(grounds.ring[site], points))


def _code(name: str, of: IntArray | BoolArray) -> IntArray:
    return np.full(len(of), TRACES.index(name), np.int64)


def _ways(grounds: Grounds, city: Surroundings) -> list[Traces]:
    """Return where ways come in, and where they end in front; a place in a building shares it."""
    site, way = city.road_tree.query(grounds.ring, predicate="dwithin", distance=END_REACH_M)
    drives = np.isin(city.road_kinds[way].astype(str), sorted(DRIVABLE))
    inner = shapely.buffer(grounds.outline, -INSET_M)
    met = shapely.intersection(city.roads[way], shapely.boundary(inner)[site])
    points, of = shapely.get_parts(met, return_index=True)
    points = shapely.centroid(points)
    near = shapely.distance(points, grounds.ring[site[of]]) <= 2.0 * INSET_M
    points, of = points[near], of[near]
    kind = np.where(
        city.passages[way[of]],
        TRACES.index("passage"),
        np.where(drives[of], TRACES.index("crossing_drive"), TRACES.index("crossing_walk")),
    )
    return [_traces(grounds, site[of], points, kind), *_ends(grounds, city, site, way, drives)]


def _ends(
    grounds: Grounds, city: Surroundings, site: IntArray, way: IntArray, drives: BoolArray
) -> list[Traces]:
    """Return where ways end that come nearer; one along an outline leads elsewhere."""
    found = []
    for end in (0, -1):
        lines, rings = city.roads[way], grounds.ring[site]
        last = shapely.get_point(lines, end)
        gap = shapely.distance(last, rings)
        back = shapely.line_interpolate_point(lines, BACK_M if end == 0 else -BACK_M)
        inside = shapely.contains(shapely.buffer(grounds.outline, -INSET_M)[site], last)
        comes = shapely.distance(back, rings) >= gap + INSET_M
        at, other = city.road_tree.query(last, predicate="dwithin", distance=0.5)
        goes_on = np.bincount(at[other != way[at]], minlength=len(last)) > 0
        here = (gap <= END_REACH_M) & comes & ~inside & (~goes_on)
        kind = np.where(drives, TRACES.index("end_drive"), TRACES.index("end_walk"))
        found.append(_traces(grounds, site[here], last[here], kind[here]))
    return found


def _before(grounds: Grounds, points: Geometries, name: str) -> Traces:
    tree = shapely.STRtree(points)
    site, at = tree.query(grounds.ring, predicate="dwithin", distance=GATE_REACH_M)
    return _traces(grounds, site, points[at], _code(name, site))


def fence_gaps(walls: Geometries) -> Geometries:
    """Return the middles of openings between two ends of fences that nothing else closes."""
    lines = walls[shapely.get_type_id(walls) == shapely.GeometryType.LINESTRING]
    lines = lines[~shapely.is_closed(lines)] if len(lines) else lines
    if not len(lines):
        return np.empty(0, object)
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    tree = shapely.STRtree(lines)
    at, _ = tree.query(ends, predicate="dwithin", distance=GAP_M[0])
    loose = ends[np.bincount(at, minlength=len(ends)) == 1]  # its own line alone
    one, other = shapely.STRtree(loose).query(loose, predicate="dwithin", distance=GAP_M[1])
    pair = one < other
    middles: Geometries = (
        shapely.centroid(
            shapely.multipoints(np.column_stack([loose[one[pair]], loose[other[pair]]]))
        )
        if pair.any()
        else np.empty(0, object)
    )
    return middles


def _facing(
    spots: Positions, before: Wayside, number: IntArray, reach_m: float
) -> tuple[IntArray, IntArray]:
    """Return for each way before a place the position nearest to it, and the middle of the front.

    Ways of one number are one.
    """
    at = np.flatnonzero((before.way >= 0) & (before.gap_m <= reach_m))
    if not len(at):
        return at, at
    gap, way = np.round(before.gap_m[at], 2), before.way[at]  # a tie is one, to the centimetre
    of = np.unique(spots.site[at] * len(number) + number[way], return_inverse=True)[1]
    least = np.full(of.max() + 1, np.inf)
    np.minimum.at(least, of, gap)
    facing = gap <= least[of] + FACING_M
    at, of, gap = at[facing], of[facing], gap[facing]
    size = np.bincount(of)
    start = np.cumsum(size) - size
    return at[np.lexsort((at, gap, of))[start]], at[np.lexsort((at, of))[start + size // 2]]
