"""The part of a region that a finding hangs on: whose cameras, whose demand, which walls.

Let C0 be the cameras of a part, and P0 what has to be seen in it. A camera and a part of a place
are near if the reach of the one meets the box of the other. Then

- a gap of P0 hangs on the cameras near P0, and on those that may be turned to it or mended;
- shares, overlaps and stand-ins of C0 hang on what is near C0 (P1) and on who else sees it (C1);
- how much a partner of C0 meets in all hangs on what is near C1 (P2);
- whether one of C1 has no share of its own, and so whether it stays, hangs on who sees P2 (C2).

Everything else is read off these. Each set is taken by boxes, so it is rather too large.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.coverage.findings.evidence import first_rule, predicate_values
from civicsight.coverage.findings.reuse import OUT_OF_USE_M
from civicsight.io.vectors.windows import Box
from civicsight.region.own import Frames
from civicsight.rules import Rules

SLACK_M: Final = 50.0
"""Walls are read this much farther than any camera reaches: a wall may stand at the very end, and a
camera hangs on one."""


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """What a part needs of its region, as rows of the tables that all parts own; and the window."""

    cameras: pd.Index
    parts: pd.Index
    missing: BoolArray
    window: Box


def find_near(
    tables: Frames, own_cameras: pd.Index, own_zones: pd.Index, rules: Rules
) -> Near | None:
    """Find what the findings of a part hang on.

    Parameters
    ----------
    tables
        ``cameras``, ``heads``, ``zones``, ``parts``, ``samples`` and ``missing`` of all parts that
        may be near.
    own_cameras, own_zones
        What the part owns.
    rules
        The packs, for the distances that they ask about.

    Returns
    -------
    Near or None
        None if the part owns nothing that is judged.
    """
    cameras, parts = tables["cameras"], tables["parts"]
    own = cameras.index.isin(own_cameras)
    mine = parts["zone_id"].isin(own_zones).to_numpy(bool)
    if not own.any() and not mine.any():
        return None
    # The box that each camera reaches, by its farthest head; its place without one.
    heads = tables["heads"]
    farthest = heads.groupby("camera_id")["reach_m"].max().reindex(cameras.index).fillna(0.0)
    margin_m = farthest.to_numpy(np.float64)[:, None] + 1.0
    middle = shapely.get_coordinates(cameras.geometry.to_numpy())
    reach = np.hstack([middle - margin_m, middle + margin_m])
    # The box of the samples of each part; NaN for a part without.
    samples = tables["samples"]
    row = parts.index.get_indexer(samples["part_id"])
    xy = shapely.get_coordinates(samples.geometry.to_numpy())
    low, high = np.full((len(parts), 2), np.inf), np.full((len(parts), 2), -np.inf)
    np.minimum.at(low, row, xy)
    np.maximum.at(high, row, xy)
    boxes = np.hstack([low, high])
    boxes[~np.isfinite(boxes).all(axis=1)] = np.nan
    # Pairs of cameras and parts whose boxes meet.
    there = np.flatnonzero(np.isfinite(boxes).all(axis=1))
    tree = shapely.STRtree(shapely.box(*boxes[there].T))
    camera, part = tree.query(shapely.box(*reach.T), predicate="intersects")
    links = camera, there[part]
    spots = shapely.points(middle)
    # Which cameras stand within a distance of own ones.
    asked = (predicate_values(rule, "separation") for rule in rules.by_predicate("separation"))
    distance_m = max((float(values["distance"]) for values in asked), default=0.0)
    close = np.zeros(len(spots), bool)
    if distance_m > 0.0 and own.any():
        near = shapely.STRtree(spots).query(
            spots[own], predicate="dwithin", distance=distance_m + 1.0
        )
        close[near[1]] = True
    first = mine | _of_cameras(links, own | close, len(parts))
    idle = _near_parts(spots, parts, mine, turn_m(rules))
    seeing = own | close | idle | _of_parts(links, first, len(cameras))
    second = first | _of_cameras(links, seeing, len(parts))
    everyone = seeing | _of_parts(links, second, len(cameras))
    missing = _missing_near(tables, reach[seeing])
    bounds = shapely.bounds(parts.geometry.to_numpy()[mine]).reshape(-1, 4)
    used = np.vstack([reach[everyone], boxes[second], bounds])
    west, south = np.nanmin(used[:, :2], axis=0) - SLACK_M
    east, north = np.nanmax(used[:, 2:], axis=0) + SLACK_M
    window = float(west), float(south), float(east), float(north)
    return Near(cameras.index[everyone], parts.index[second], missing, window)


Links = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


def _of_cameras(links: Links, chosen: BoolArray, count: int) -> BoolArray:
    """Tell which parts are near some of the chosen cameras."""
    near = np.zeros(count, bool)
    near[links[1][chosen[links[0]]]] = True
    return near


def _of_parts(links: Links, chosen: BoolArray, count: int) -> BoolArray:
    near = np.zeros(count, bool)
    near[links[0][chosen[links[1]]]] = True
    return near


def _near_parts(
    spots: npt.NDArray[np.object_], parts: gpd.GeoDataFrame, mine: BoolArray, distance_m: float
) -> BoolArray:
    """Tell which cameras might be turned to, or mended for, own parts."""
    near = np.zeros(len(spots), bool)
    if mine.any() and len(spots):
        shapes = parts.geometry.to_numpy()[mine]
        _, at = shapely.STRtree(spots).query(shapes, predicate="dwithin", distance=distance_m + 1.0)
        near[at] = True
    return near


def turn_m(rules: Rules) -> float:
    """Return the greatest distance at which a camera is thought of for a part [m]."""
    rule = first_rule(rules, "reuse_considered", "zone")
    if rule is None:
        return OUT_OF_USE_M
    return max(OUT_OF_USE_M, float(predicate_values(rule, "reuse_considered")["radius"]))


def _missing_near(tables: Frames, reach: FloatArray) -> BoolArray:
    """Tell which rows of what could not be judged lie near the chosen cameras."""
    missing = tables["missing"]
    shapes = tables["parts"].geometry.reindex(missing["part_id"])
    zones = tables["zones"].geometry.reindex(missing["zone_id"]).to_numpy()
    known = shapes.where(shapes.notna(), zones)
    near = np.zeros(len(missing), bool)
    if len(missing) and len(reach):
        tree = shapely.STRtree(shapely.box(*reach.T))
        at, _ = tree.query(known.to_numpy(), predicate="dwithin", distance=SLACK_M)
        near[at] = True
    return near
