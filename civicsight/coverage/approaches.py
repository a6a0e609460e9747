"""Where people come into the view of a camera, and whether a sign tells them beforehand.

A view is entered where a road or path leads from ground that the camera does not see to ground
that it sees, and at a gate that it sees. All of it is plan geometry: it does not prove that a sign
is conspicuous or legible.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, IntArray, distinct_rows
from civicsight.coverage.check import scenes_of
from civicsight.coverage.matrix import at_night
from civicsight.coverage.result import CheckResult
from civicsight.coverage.viewshed import sightlines
from civicsight.model import HEADS, NEED, READINGS, SAMPLES, SIGNS, Table
from civicsight.scene.bodies import Scene

STEP_M: Final = 1.0
"""Roads are looked at this often [m]."""

GAP_M: Final = 5.0
"""Who is out of view for no longer than this [m] has not left it (assumption)."""

BODY_M: Final = 1.5
"""Height of a person's upper body, which is in view or not [m] (project default)."""

EYE_M: Final = 1.6
"""Height of the eyes of whoever reads a sign [m] (assumption)."""

WITHIN_M: Final = 30.0
"""A sign belongs to an approach up to this far from where the view begins [m] (assumption)."""

BEYOND_M: Final = 2.0
"""A sign may stand this far inside the view and still be met first [m] (assumption)."""

READ_FROM_M: Final = 10.0
"""A sign is read from this far before it [m] (assumption)."""

FACING_DEG: Final = 60.0
"""A sign faces whoever comes towards it within this angle [deg] (assumption)."""

SIGN_M: Final = 2.0
"""Height of a sign whose height is not on record [m] (assumption)."""

UNBUILT_ROADS: Final = ("proposed", "construction", "planned", "abandoned")
GATES: Final = ("entrance", "vehicle_entrance")

APPROACH_COLUMNS: Final = ("camera_id", "reading", "kind", "road", "heading_deg", "geometry")
MET_COLUMNS: Final = ("camera_id", "reading", "met", "sign_id", "why")

REASONS: Final = (
    "no_register",
    "heading_unknown",
    "facing_unknown",
    "hidden",
    "faces_away",
    "inside_view",
    "none_near",
)
"""Why an approach is not met; of several signs, the one that comes nearest to meeting it counts."""

UNKNOWN: Final = "undetermined"

RANK: Final = {
    "": 0,
    "heading_unknown": 1,
    "facing_unknown": 1,
    "hidden": 2,
    "faces_away": 3,
    "inside_view": 4,
}


def approaches(result: CheckResult) -> gpd.GeoDataFrame:
    """Find where walkers and drivers enter the view of each camera.

    Parameters
    ----------
    result
        What `check` found.

    Returns
    -------
    GeoDataFrame
        Index ``approach_id``; ``camera_id``; ``reading``, the surest in which the camera has a
        pose: an approach of an assumed pose is itself assumed; ``kind``: road or gate; ``road``:
        id of the road or part; ``heading_deg``: direction of travel, clockwise from grid north;
        and the point where the view begins. A camera without a row has no approach that the data
        know of, which is no evidence that nobody enters its view.
    """
    scenes = scenes_of(result)
    heads = at_night(result.heads) if result.summary["night"] else result.heads
    # The heads of each camera in the surest reading that it has.
    rank = heads["reading"].map(READINGS.index)
    first = rank.groupby(heads["camera_id"]).transform("min")
    heads = heads[rank.eq(first)]
    rows: list[dict[str, Any]] = []
    for reading in READINGS:
        own = heads[heads["reading"].eq(reading)]
        if len(own):
            rows += _on_roads(result, own, scenes[reading], reading)
            rows += _at_gates(result, own, scenes[reading], reading)
    rows.sort(key=lambda row: (row["camera_id"], row["kind"], row["road"], row["order"]))
    counts: dict[str, int] = {}
    labels = []
    for row in rows:
        counts[row["camera_id"]] = counts.get(row["camera_id"], 0) + 1
        labels.append(f"{row['camera_id']}~{counts[row['camera_id']]}")
    frame = pd.DataFrame(rows, columns=list(APPROACH_COLUMNS), index=pd.Index(labels, dtype=object))
    geometry = gpd.GeoSeries(frame["geometry"], crs=result.city.crs)
    return gpd.GeoDataFrame(frame.rename_axis("approach_id"), geometry=geometry)


def _on_roads(
    result: CheckResult, heads: gpd.GeoDataFrame, scene: Scene, reading: str
) -> list[dict[str, Any]]:
    """Walk along every road near a camera, both ways, and note where it comes into view."""
    roads = result.city.roads
    roads = roads[~roads["tunnel"].astype(bool) & ~roads["kind"].isin(UNBUILT_ROADS)]
    tree = shapely.STRtree(roads.geometry.to_numpy())
    reach = heads["reach_m"].to_numpy(np.float64)
    _, near = tree.query(heads.geometry.to_numpy(), predicate="dwithin", distance=reach)
    lines = roads.iloc[np.unique(near)]
    points, piece, road = _steps(lines)
    bounds = np.searchsorted(piece, np.arange(piece.max(initial=-1) + 2))
    found = []
    for camera, seen in _seen(heads, points, scene).items():
        for number in np.unique(piece[seen]).tolist():
            first, last = bounds[number], bounds[number + 1]
            mask = np.zeros(last - first, bool)
            mask[seen[slice(*np.searchsorted(seen, [first, last]))] - first] = True
            for at, forward in _entries(mask):
                here, back = points[first + at], points[first + at + (-1 if forward else 1)]
                found.append(
                    {
                        "camera_id": camera,
                        "reading": reading,
                        "kind": "road",
                        "road": road[first],
                        "heading_deg": _heading(here - back),
                        "geometry": shapely.Point(here),
                        "order": first + at,
                    }
                )
    return found


def _at_gates(
    result: CheckResult, heads: gpd.GeoDataFrame, scene: Scene, reading: str
) -> list[dict[str, Any]]:
    """Note the gates that a camera sees: whoever comes out of them is in view at once."""
    parts = result.parts[result.parts["kind"].isin(GATES)]
    walk = result.samples.groupby("part_id")["normal_deg"].first().reindex(parts.index)
    middle = shapely.get_coordinates(shapely.centroid(parts.geometry.to_numpy()))
    return [
        {
            "camera_id": camera,
            "reading": reading,
            "kind": "gate",
            "road": str(parts.index[at]),
            "heading_deg": float(walk.iloc[at]) % 360.0,
            "geometry": shapely.Point(middle[at]),
            "order": 0,
        }
        for camera, seen in _seen(heads, middle, scene).items()
        for at in seen
    ]


def _steps(lines: gpd.GeoDataFrame) -> tuple[FloatArray, npt.NDArray[np.int64], list[str]]:
    """Return points along roads, `STEP_M` apart with both ends; the piece and road of each."""
    parts, of = shapely.get_parts(lines.geometry.to_numpy(), return_index=True)
    points, piece, road = [np.zeros((0, 2))], [np.zeros(0, np.int64)], []
    for number, (part, row) in enumerate(zip(parts, of, strict=True)):
        along = np.append(np.arange(0.0, part.length, STEP_M), part.length)
        points.append(shapely.get_coordinates(shapely.line_interpolate_point(part, along)))
        piece.append(np.full(len(along), number))
        road += [str(lines.index[row])] * len(along)
    return np.concatenate(points), np.concatenate(piece), road


def _seen(heads: gpd.GeoDataFrame, points: FloatArray, scene: Scene) -> dict[str, IntArray]:
    """Return the points at which each camera sees a person, ascending; none where it sees none."""
    if not len(points):
        return {}
    q = sightlines(heads, _targets(points, BODY_M, scene), scene, named_from=np.inf).q.tocoo()
    names = pd.Index(heads["camera_id"].unique())
    camera = names.get_indexer(heads["camera_id"])[q.coords[0]]
    pairs = np.unique(camera.astype(np.int64) * len(points) + q.coords[1])
    bounds = np.searchsorted(pairs, np.arange(len(names) + 1) * len(points))
    return {
        str(name): pairs[first:last] % len(points)
        for name, (first, last) in zip(names, pairwise(bounds), strict=True)
    }


def _targets(points: FloatArray, height_m: float | FloatArray, scene: Scene) -> gpd.GeoDataFrame:
    """Return points as a table of samples."""
    columns = {"part_id": "", "height_m": height_m, NEED: 0.0, "weight": 1.0}
    return _table(SAMPLES, columns, points, scene)


def _entries(seen: BoolArray) -> Iterator[tuple[int, bool]]:
    """Yield where a line comes into view, and whether when walked forwards.

    Examples
    --------
    >>> list(_entries(np.array([0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0], bool)))
    [(1, True), (4, False)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(np.int8)))
    runs: list[list[int]] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if runs and (first - runs[-1][1]) * STEP_M <= GAP_M:
            runs[-1][1] = last
        else:
            runs.append([first, last])
    for first, last in runs:
        if first > 0:
            yield first, True
        if last < len(seen):
            yield last - 1, False


def _heading(step: FloatArray) -> float:
    return float(np.degrees(np.arctan2(step[0], step[1])) % 360.0)


def signs_met(found: gpd.GeoDataFrame, signs: gpd.GeoDataFrame, scene: Scene) -> pd.DataFrame:
    """Say for each approach whether a sign is met before the view begins.

    A sign meets an approach if it stands within `WITHIN_M` of where the view begins, no more than
    `BEYOND_M` inside it, faces whoever comes within `FACING_DEG`, and is in line of sight from
    where the view begins or from `READ_FROM_M` before the sign. One that names another camera does
    not count.

    Parameters
    ----------
    found
        From `approaches`.
    signs
        Table `model.SIGNS`; without a row nothing is known, and nothing passes.
    scene
        What may hide a sign.

    Returns
    -------
    DataFrame
        By approach: ``camera_id``, ``reading``, ``met`` (met, unmet or undetermined),
        ``sign_id`` and ``why`` (one of `REASONS`, empty if met). That is no more certain
        than the ``reading`` of its approach.

    Raises
    ------
    SchemaError, CrsError
        If the signs are not as declared.
    """
    SIGNS.check(signs)
    met = pd.DataFrame(
        {"met": "unmet", "sign_id": None, "why": "none_near"}, index=found.index, dtype=object
    )
    if not len(signs):
        met["met"], met["why"] = UNKNOWN, "no_register"
    else:
        pairs = _pairs(found, SIGNS.complete(signs), scene)
        best = pairs.sort_values(["approach", "rank", "sign"]).drop_duplicates("approach")
        met.iloc[best["approach"]] = best[["met", "sign_id", "why"]].to_numpy(object)
    return pd.concat([found[["camera_id", "reading"]], met], axis=1)[list(MET_COLUMNS)]


def _pairs(found: gpd.GeoDataFrame, signs: gpd.GeoDataFrame, scene: Scene) -> pd.DataFrame:
    """Judge every sign near every approach: one row a pair."""
    tree = shapely.STRtree(signs.geometry.to_numpy())
    approach, sign = tree.query(found.geometry.to_numpy(), predicate="dwithin", distance=WITHIN_M)
    names = signs["camera_id"].to_numpy(object)[sign]
    own = pd.isna(names) | (names == found["camera_id"].to_numpy(object)[approach])
    approach, sign = approach[own], sign[own]
    why = _shortfalls(found.iloc[approach], signs.iloc[sign], scene)
    outcome = {"": "met", "facing_unknown": UNKNOWN, "heading_unknown": UNKNOWN}
    return pd.DataFrame(
        {
            "approach": approach,
            "sign": sign,
            "sign_id": signs.index.to_numpy(object)[sign],
            "rank": [RANK[each] for each in why],
            "met": [outcome.get(each, "unmet") for each in why],
            "why": why,
        }
    )


def _shortfalls(found: gpd.GeoDataFrame, signs: gpd.GeoDataFrame, scene: Scene) -> list[str]:
    """Return what each sign lacks to meet the approach in the same row, empty for nothing."""
    heading = found["heading_deg"].to_numpy(np.float64)
    lost = np.isnan(heading)
    heading = np.where(lost, 0.0, heading)
    turn = np.radians(heading)
    way = np.column_stack([np.sin(turn), np.cos(turn)])
    here = shapely.get_coordinates(found.geometry.to_numpy())
    ahead = ((shapely.get_coordinates(signs.geometry.to_numpy()) - here) * way).sum(axis=1)
    facing = signs["facing_deg"].to_numpy(np.float64)
    off = np.abs((facing - heading) % 360.0 - 180.0)  # it faces whoever comes the other way
    back = here + (ahead - READ_FROM_M)[:, None] * way
    hidden = ~(_readable(here, signs, scene) | _readable(back, signs, scene))
    checks = {
        "heading_unknown": lost,
        "inside_view": ahead > BEYOND_M,
        "faces_away": off > FACING_DEG,
        "hidden": hidden,
        "facing_unknown": np.isnan(facing),
    }
    whys: list[str] = np.select(list(checks.values()), list(checks), "").tolist()
    return whys


def _readable(readers: FloatArray, signs: gpd.GeoDataFrame, scene: Scene) -> BoolArray:
    """Tell whether each sign can be seen from the place in the same row."""
    seen = np.zeros(len(readers), bool)
    known = np.flatnonzero(~np.isnan(scene.ground_at(readers[:, 0], readers[:, 1])))
    if len(known):
        height = signs["height_m"].fillna(SIGN_M).to_numpy(np.float64)
        places = shapely.get_coordinates(signs.geometry.to_numpy())
        spots, row = distinct_rows(np.column_stack([places, height]))
        targets = _targets(spots[:, :2], spots[:, 2], scene)
        q = sightlines(_eyes(readers[known], scene), targets, scene, named_from=np.inf).q.tocoo()
        pairs = q.coords[1] == row[known][q.coords[0]]
        seen[known[q.coords[0][pairs]]] = True
    return seen


def _eyes(points: FloatArray, scene: Scene) -> gpd.GeoDataFrame:
    """Return people who look all round, as heads."""
    columns = {
        "camera_id": "reader",
        "reading": READINGS[0],
        "height_m": EYE_M,
        "azimuth_deg": 0.0,
        "tilt_deg": 0.0,
        "roll_deg": 0.0,
        "hfov_deg": 360.0,
        "vfov_deg": 170.0,
        "width_px": 10_000.0,
        "reach_m": WITHIN_M + READ_FROM_M + WITHIN_M,
        "near_m": 0.0,
        "lens": "cylindrical",
    }
    return _table(HEADS, columns, points, scene)


def _table(
    declared: Table, columns: dict[str, Any], points: FloatArray, scene: Scene
) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(columns, index=range(len(points)))
    made: gpd.GeoDataFrame = declared.complete(
        gpd.GeoDataFrame(frame, geometry=shapely.points(points), crs=scene.crs)
    )
    return made
