"""Cameras of which nothing may be said to be too much, for something there was not judged.

To drop a camera, to cancel it or to call it a duplicate is right only if it stays right whatever
the data do not say: wherever a presumed gate turns out to be, and whatever a place needs that could
not be judged.

References
----------
Article 7 forbids to build twice; it does not ask to take away what an unknown gate may need.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import N_, Text
from civicsight.coverage.findings.evidence import Finding
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.optics.lens import arc_distance_m, plane_distance_m
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.coverage.viewshed import sightlines
from civicsight.model import NEED, SAMPLES
from civicsight.model.results import PRESUMED
from civicsight.rules.criteria import Need, credited_px_m
from civicsight.scene.bodies import Scene

UNJUDGED_PLACE, PRESUMED_GATE = "unjudged_place", "presumed_gate"

WHY: Final[Mapping[str, tuple[Text, Text]]] = MappingProxyType(
    {
        UNJUDGED_PLACE: (
            N_("a place that was not judged lies within its reach"),
            N_("settle what that place lacks"),
        ),
        PRESUMED_GATE: (
            N_("it may be the one that sees a gate whose position is only presumed"),
            N_("list the gate, or confirm where it is"),
        ),
    }
)
"""Why nothing is said against a camera, and what would settle it."""

SPACING_M: Final = 4.0
"""Points at which an unjudged place is looked at."""

OUTSIDE_M: Final = 1.0
"""How far outside of an outline they lie."""

AROUND_MARK_M: Final = 10.0
"""How far around a mark without outline they lie; assumed."""


def withheld(
    cameras: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
    unjudged: pd.DataFrame,
) -> pd.DataFrame:
    """Return the cameras against which nothing may be said, and why.

    Parameters
    ----------
    cameras, parts, samples
        Tables of `model`.
    matrices
        Matrix of each reading.
    unjudged
        Pairs of ``camera_id`` and ``zone_id``: who may see what was not judged, from
        `sees_unjudged`.

    Returns
    -------
    DataFrame
        By ``camera_id``, in the order of the ids: ``reason``, a key of `WHY`, and ``beside``, the
        places that it is about.
    """
    needed = _may_be_needed(cameras, parts, samples, matrices)
    rows = pd.concat([unjudged.assign(reason=UNJUDGED_PLACE), needed.assign(reason=PRESUMED_GATE)])
    used = cameras.index[is_in_use(cameras)]
    rows = rows[rows["camera_id"].isin(used)].sort_values(["camera_id", "zone_id"])
    if rows.empty:
        return none_withheld()
    both = rows.groupby("camera_id", sort=True)
    return pd.DataFrame(
        {
            "reason": both["reason"].agg(_first_reason),
            "beside": both["zone_id"].agg(lambda places: tuple(dict.fromkeys(places))),
        }
    )


def hold(finding: Finding, held: pd.DataFrame) -> Finding:
    """Say nothing against a camera beside what was not judged, but why."""
    if finding.subject not in held.index:
        return finding
    row = held.loc[finding.subject]
    evidence = {
        **finding.evidence,
        "verdict": "not_weighed",
        "drop": False,
        "withheld": row["reason"],
        "beside": list(row["beside"]),
    }
    return replace(finding, outcome="undetermined", severity="info", evidence=evidence)


def none_withheld() -> pd.DataFrame:
    """Return the table of `withheld` where nothing is."""
    return pd.DataFrame({"reason": [], "beside": []}, dtype=object)


def _first_reason(reasons: pd.Series) -> str:
    return UNJUDGED_PLACE if UNJUDGED_PLACE in set(reasons) else PRESUMED_GATE


def sees_unjudged(
    heads: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    missing: pd.DataFrame,
    scene: Scene,
) -> pd.DataFrame:
    """Return pairs of cameras and unjudged places that they may see as finely as asked for.

    Parameters
    ----------
    heads
        Heads of the reading ``possible``.
    zones, parts, missing
        Tables of `model`, and what was not judged, from `demand.find.find_missing`.
    scene
        The scene of that reading.

    Returns
    -------
    DataFrame
        Columns ``camera_id`` and ``zone_id``. Of a place without an outline the ground around its
        mark is looked at, of others their edge or course; what lies indoors, nobody sees. Where the
        height of the ground is not known, distance alone decides.
    """
    if missing.empty or heads.empty:
        return pd.DataFrame({"camera_id": [], "zone_id": []}, dtype=object)
    rows = missing.set_index("part_id")
    shapes = parts.geometry.reindex(rows.index)
    shapes = shapes.where(shapes.notna(), zones.geometry.reindex(rows["zone_id"]).to_numpy())
    dark = rows["reason"].eq("no_ground_height")
    pairs = [_within_reach(heads, rows[dark], shapes[dark])]
    if not dark.all():
        pairs.append(_in_sight(heads, rows[~dark], shapes[~dark], scene))
    return pd.concat(pairs).drop_duplicates(ignore_index=True)


def _in_sight(
    heads: gpd.GeoDataFrame, rows: pd.DataFrame, shapes: gpd.GeoSeries, scene: Scene
) -> pd.DataFrame:
    """Return who may see some point of each shape at its need."""
    found = [_points_of(shape) for shape in shapes]
    at = np.repeat(np.arange(len(rows)), [len(points) for points in found])
    points = gpd.GeoDataFrame(
        {
            "part_id": rows.index.to_numpy(object)[at],
            "height_m": rows["target_height_m"].to_numpy(np.float64)[at],
            NEED: Need.of(rows)[at].px_m,
            "weight": 0.0,
        },
        index=pd.Index([f"{k}" for k in range(len(at))], dtype=object),
        geometry=shapely.points(np.concatenate(found)),
        crs=heads.crs,
    )
    samples = gpd.GeoDataFrame(SAMPLES.complete(points))
    views = sightlines(heads, samples, scene, named_from=np.inf).q.tocoo()
    enough = Need.of(samples)[views.coords[1]].is_met(views.data)
    row, column = views.coords[0][enough], views.coords[1][enough]
    pairs = {
        "camera_id": heads["camera_id"].to_numpy(object)[row],
        "zone_id": rows["zone_id"].to_numpy(object)[at[column]],
    }
    return pd.DataFrame(pairs, dtype=object).drop_duplicates()


def _points_of(shape: BaseGeometry) -> npt.NDArray[np.float64]:
    """Return points along a line or around an area or a mark, outside of its own walls."""
    if shape.geom_type.endswith("Polygon"):
        line = shapely.buffer(shape, OUTSIDE_M).boundary
    elif shape.geom_type.endswith("Point"):
        line = shapely.buffer(shape, AROUND_MARK_M).boundary
    else:
        line = shape
    count = max(1, round(line.length / SPACING_M))
    steps = (np.arange(count) + 0.5) / count
    along = [part.interpolate(steps, normalized=True) for part in shapely.get_parts(line)]
    xy: npt.NDArray[np.float64] = shapely.get_coordinates(np.concatenate(along))
    return xy


def _within_reach(
    heads: gpd.GeoDataFrame, rows: pd.DataFrame, shapes: gpd.GeoSeries
) -> pd.DataFrame:
    """Return who stands so near to each shape that a free view would be fine enough."""
    points = np.asarray(heads.geometry.array)
    needs = Need.of(rows).px_m
    near = [
        np.flatnonzero(shapely.distance(points, shape) <= _reach_m(heads, need))
        for shape, need in zip(shapes, needs, strict=True)
    ]
    zone = rows["zone_id"].to_numpy(object).repeat([len(found) for found in near])
    at = np.concatenate([np.zeros(0, np.intp), *near])
    camera = heads["camera_id"].to_numpy(object)[at]
    return pd.DataFrame({"camera_id": camera, "zone_id": zone}, dtype=object)


def _reach_m(heads: gpd.GeoDataFrame, need_px_m: float) -> npt.NDArray[np.float64]:
    """Return the greatest distance at which heads deliver a density, and are used at all [m]."""
    width, angle = (heads[name].to_numpy(np.float64) for name in ("width_px", "hfov_deg"))
    plane = heads["lens"].eq("rectilinear").to_numpy(bool)
    narrow = np.where(plane, angle, 90.0)
    far = np.where(
        plane, plane_distance_m(width, narrow, need_px_m), arc_distance_m(width, angle, need_px_m)
    )
    credited = credited_px_m(heads)
    far = np.where(credited > 0.0, np.where(need_px_m <= credited, np.inf, 0.0), far)
    reach: npt.NDArray[np.float64] = np.minimum(far, heads["reach_m"].to_numpy(np.float64))
    return reach


def _may_be_needed(
    cameras: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
) -> pd.DataFrame:
    """Return cameras that see a position of a presumed gate which no others are sure to see.

    Only what stands or is approved, and does not turn, is counted on: planned cameras may all go
    together.
    """
    presumed = parts.index[parts["how"].isin(PRESUMED)]
    spots = samples[samples["part_id"].isin(presumed)]
    wanted = parts["k"].reindex(spots["part_id"]).to_numpy(np.int64)
    views = {name: matrices[name].select(samples=spots.index) for name in ("sure", "assumed")}
    ids = views["sure"].camera_ids
    record = cameras.reindex(ids)
    firm = is_in_use(record) & record["status"].ne("planned") & record["kind"].ne("ptz")
    sure = views["sure"].meets(spots)
    watchers = np.asarray(sure[np.flatnonzero(firm)].sum(axis=0)).ravel()
    mine = views["assumed"].meets(spots).tocoo()
    row, column = mine.coords
    own = np.asarray(sure[row, column]).ravel() & firm.to_numpy(bool)[row]
    alone = watchers[column] - own < wanted[column]
    zone = parts["zone_id"].reindex(spots["part_id"]).to_numpy(object)
    return pd.DataFrame(
        {"camera_id": ids.to_numpy(object)[row[alone]], "zone_id": zone[column[alone]]}
    ).drop_duplicates()
