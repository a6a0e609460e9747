"""Bridges, tunnels and underpasses: the pieces of road that maps cut them into, joined again."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from civicsight.rules.candidate import ROAD, Candidate
from civicsight.rules.matching import Marks, Match
from civicsight.rules.measures import longest_side
from civicsight.rules.pack import ZoneClass

ON_FOOT: Final = ("footway", "pedestrian", "cycleway", "path", "steps")
"""Classes of ways that are not for cars."""

SAME_SPAN_M: Final = 25.0
"""Two carriageways of one bridge lie no farther apart; assumed, about four lanes and a median."""

TOUCH_M: Final = 0.5
"""Ends closer than this are one node of the map."""

LEAST_SPAN_M: Final = 8.0
"""Shorter groups are crumbs of stairs and doorways; assumed, a road is wider than this."""

SAME_COURSE_DEG: Final = 25.0
"""Pieces without a common name are one span only if they run the same way within this angle."""


def find_spans(
    roads: gpd.GeoDataFrame, marks: Marks, zone: ZoneClass, via: ZoneClass
) -> list[Candidate]:
    """Return one candidate for every bridge, tunnel or underpass that a class selects.

    Parameters
    ----------
    roads, marks
        Table `schema.ROADS` and its marks.
    zone, via
        The class that demands them and the one whose selectors apply.

    Notes
    -----
    Maps cut a bridge where the number of lanes or the name changes, and draw each carriageway.
    Pieces belong together if they touch or lie within `SAME_SPAN_M`, and carry the same name or
    run the same way; only then can a length be measured. Pieces of an underpass for walkers that
    touch belong together whichever way they run, for it has arms to every stair.
    """
    matches = list(marks.find(s for s in via.selectors if s.geom == "line" and s.osm).values())
    if not matches:
        return []
    groups: dict[int, list[Match]] = defaultdict(list)
    for label, match in zip(_group(roads, matches).tolist(), matches, strict=True):
        groups[label].append(match)
    spans = (_span(roads, marks, zone, via, group) for group in groups.values())
    return [span for span in spans if longest_side(span.geometry) >= LEAST_SPAN_M]


def _span(
    roads: gpd.GeoDataFrame, marks: Marks, zone: ZoneClass, via: ZoneClass, group: list[Match]
) -> Candidate:
    """Return the pieces of one bridge or tunnel as a candidate."""
    rows = [match.row for match in group]
    strongest = max(group, key=lambda match: match.selector.conf)
    named = sorted({name for name in roads["name"].iloc[rows] if isinstance(name, str)})
    pieces = shapely.union_all([marks.geometry[row] for row in rows])
    return Candidate(
        zone,
        via,
        min(str(road_id) for road_id in roads.index[rows]),
        strongest.selector.kind,
        shapely.line_merge(pieces) if pieces.geom_type == "MultiLineString" else pieces,
        " / ".join(named) or None,
        "osm",
        str(strongest.selector),
        "candidate",
        strongest.selector.conf,
        None,
        dict(marks.tags[strongest.row]),
        drawn=frozenset(f"{ROAD}{road_id}" for road_id in roads.index[rows]),
    )


def join(
    count: int, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp]
) -> npt.NDArray[np.int32]:
    """Return the group of each of `count` things; `first` and `second` name the linked pairs."""
    # A third of a second that a process which only reads a file would wait for.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(first)), (first, second)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int32)


def _group(roads: gpd.GeoDataFrame, matches: list[Match]) -> npt.NDArray[np.int32]:
    """Return the span of each matched piece."""
    rows = np.array([match.row for match in matches])
    pieces = np.asarray(roads.geometry.array)[rows]
    kinds = np.array([match.selector.kind for match in matches], object)
    names = roads["name"].to_numpy(object)[rows]
    on_foot = np.isin(roads["kind"].to_numpy(object)[rows], ON_FOOT)
    course = _course(pieces)
    near, far = shapely.STRtree(pieces).query(pieces, predicate="dwithin", distance=SAME_SPAN_M)
    unnamed = np.array([not isinstance(name, str) for name in names])
    turn = np.abs((course[near] - course[far] + 90.0) % 180.0 - 90.0)
    same_name = (names[near] == names[far]) & ~unnamed[near]
    loose = unnamed[near] | unnamed[far]
    touching = shapely.dwithin(pieces[near], pieces[far], TOUCH_M)
    linked = (kinds[near] == kinds[far]) & (
        same_name | (loose & (turn <= SAME_COURSE_DEG)) | (touching & on_foot[near] & on_foot[far])
    )
    return join(len(rows), near[linked], far[linked])


def _course(pieces: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Return the direction [deg, 0-180) from the first to the last point of each line."""
    ends = [shapely.get_coordinates(piece)[[0, -1]] for piece in pieces]
    step = np.array([end[1] - end[0] for end in ends]).reshape(-1, 2)
    return np.asarray(np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 180.0, np.float64)
