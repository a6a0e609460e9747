"""Places that follow from the road network: crossings of main roads, borders, bridges, tunnels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.rules.classes import ROAD, Candidate
from civicsight.rules.matching import Marks, Match, longest_side, shape_of
from civicsight.rules.pack import Derivation, ZoneClass

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
        Table `model.ROADS` and its marks.
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
    # The direction [deg, 0-180) from the first to the last point of each line.
    ends = [shapely.get_coordinates(piece)[[0, -1]] for piece in pieces]
    step = np.array([end[1] - end[0] for end in ends]).reshape(-1, 2)
    course = np.asarray(np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 180.0, np.float64)
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


JUNCTION_M: Final = 30.0
"""Corners of one junction lie no farther apart; assumed, the width of two dual carriageways."""

STREETS: Final = (
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "pedestrian",
)
"""OSM classes of streets that are open to all."""

EDGE_M: Final = 10.0
"""A street this close to the edge of a site runs along it, not through it."""

STREET_M: Final = 20.0
"""Shorter pieces of a street are slips of the outline."""

BEYOND_M: Final = 500.0
"""A street goes on beyond a site if it does so this close to it; another town has one of its name
as well (assumption)."""

BORDER_LEVELS: Final = ("4", "5", "6")
"""OSM administrative levels of provinces, cities and districts or counties."""


def find_crossings(
    roads: gpd.GeoDataFrame, places: Marks, zone: ZoneClass, via: ZoneClass
) -> list[Candidate]:
    """Return the junctions and gateways that a class derives from the roads."""
    found: list[Candidate] = []
    for derivation in via.derive:
        crossed = derivation.roads + derivation.crossed_by
        main = roads[roads["kind"].isin(crossed) & ~roads["tunnel"] & ~roads["bridge"]]
        if main.empty:
            continue
        if derivation.method == "road_crossing":
            found_at = _road_crossings(main, derivation)
        else:
            found_at = _border_crossings(main, places)
        for (x, y), name, nodes in zip(*found_at, strict=True):
            found.append(
                Candidate(
                    zone,
                    via,
                    f"{derivation.kind}/{x:.0f}_{y:.0f}",
                    derivation.kind,
                    shapely.Point(x, y),
                    name or None,
                    "osm",
                    derivation.method,
                    "candidate",
                    derivation.conf,
                    None,
                    {},
                    made_of=shapely.multipoints(nodes),
                )
            )
    return found


def mark_open_ground(candidates: Sequence[Candidate], roads: gpd.GeoDataFrame) -> list[Candidate]:
    """Return the candidates, those that public streets run through marked as open ground.

    A street is public if it goes by one name on the site and beyond it, within `BEYOND_M`. The
    ways of a walled campus end at its gates; between the buildings of an open one run the streets
    of the city.
    """
    streets = roads[roads["kind"].isin(STREETS) & roads["name"].notna() & ~roads["tunnel"]]
    if streets.empty:
        return list(candidates)
    lines = np.asarray(streets.geometry.array)
    names = streets["name"].to_numpy(object)
    tree = shapely.STRtree(lines)
    return [
        replace(candidate, open_ground=_runs_through(candidate.geometry, lines, names, tree))
        if shape_of(candidate.geometry) == "area"
        else candidate
        for candidate in candidates
    ]


def _runs_through(
    area: BaseGeometry,
    lines: npt.NDArray[np.object_],
    names: npt.NDArray[np.object_],
    tree: shapely.STRtree,
) -> bool:
    """Tell whether a street of one name lies both well inside an area and outside it."""
    near = tree.query(area, predicate="intersects")
    if not len(near):
        return False
    deep = shapely.length(shapely.intersection(lines[near], shapely.buffer(area, -EDGE_M)))
    through = set(names[near[deep >= STREET_M]])
    if not through:
        return False
    around = tree.query(area, predicate="dwithin", distance=BEYOND_M)
    beyond = shapely.length(shapely.difference(lines[around], area))
    return any(float(beyond[names[around] == name].sum()) >= STREET_M for name in through)


Spots = tuple[npt.NDArray[np.float64], list[str], list[npt.NDArray[np.float64]]]
"""Middle, name and nodes of each junction or gateway."""

NOWHERE: Final[Spots] = (np.empty((0, 2)), [], [])


def _road_crossings(main: gpd.GeoDataFrame, derivation: Derivation) -> Spots:
    """Return the middle, the street names and the nodes of each junction.

    A junction is a cluster of shared nodes where at least three arms meet, of at least two streets
    by name or number, one of them a main road. Lanes of one street that part and meet again are
    none.
    """
    arms: dict[tuple[float, float], int] = defaultdict(int)
    owners: dict[tuple[float, float], set[int]] = defaultdict(set)
    parts, rows_of = shapely.get_parts(main.geometry.to_numpy(), return_index=True)
    for row, line in zip(rows_of.tolist(), parts, strict=True):
        nodes = [(round(x, 2), round(y, 2)) for x, y in shapely.get_coordinates(line)]
        for at, node in enumerate(nodes):
            arms[node] += 1 if at in (0, len(nodes) - 1) else 2
            owners[node].add(row)
    nodes = sorted(node for node, count in arms.items() if count >= 3)
    if not nodes:
        return NOWHERE
    kinds = main["kind"].to_numpy(object)
    streets = [_street(row) for row in main[["name", "tags"]].itertuples(index=False)]
    spots, names, made_of = [], [], []
    for members in cluster(np.array(nodes), JUNCTION_M):
        rows = set().union(*(owners[nodes[at]] for at in members))
        met = sorted({streets[row] for row in rows} - {""})
        if len(met) >= 2 and any(kinds[row] in derivation.roads for row in rows):
            made_of.append(np.array([nodes[at] for at in members]))
            spots.append(made_of[-1].mean(axis=0))
            names.append(" / ".join(met[:3]))
    return np.array(spots).reshape(-1, 2), names, made_of


def _street(row: tuple[object, object]) -> str:
    name, tags = row
    if isinstance(name, str):
        return name
    return str(tags.get("ref", "")) if isinstance(tags, dict) else ""


def _border_crossings(main: gpd.GeoDataFrame, places: Marks) -> Spots:
    """Return where main roads cross an administrative border, one point a gateway."""
    borders = [
        geometry.boundary if geometry.geom_type.endswith("Polygon") else geometry
        for geometry, tags in zip(places.geometry, places.tags, strict=True)
        if tags.get("boundary") == "administrative" and tags.get("admin_level") in BORDER_LEVELS
    ]
    if not borders:
        return NOWHERE
    lines = np.asarray(main.geometry.array)
    names = main["name"].to_numpy(object)
    at, border = shapely.STRtree(np.array(borders)).query(lines, predicate="intersects")
    order = np.lexsort((border, at))
    at, border = at[order], border[order]
    points, owner = [], []
    for line, edge in zip(at, border, strict=True):
        met = shapely.get_coordinates(shapely.intersection(lines[line], borders[edge]))
        points += list(met)
        owner += [names[line]] * len(met)
    if not points:
        return NOWHERE
    xy = np.array(points)
    groups = cluster(xy, JUNCTION_M)
    label = [
        next((str(owner[at]) for at in group if isinstance(owner[at], str)), "") for group in groups
    ]
    made_of = [xy[group] for group in groups]
    return np.array([nodes.mean(axis=0) for nodes in made_of]), label, made_of


def cluster(xy: npt.NDArray[np.float64], reach_m: float) -> list[npt.NDArray[np.intp]]:
    """Return groups of points that steps of at most `reach_m` link, each as positions in `xy`."""
    if not len(xy):
        return []
    points = shapely.points(xy)
    pairs = shapely.STRtree(points).query(points, predicate="dwithin", distance=reach_m)
    labels = join(len(xy), pairs[0], pairs[1])
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return list(np.split(order, cuts))
