"""Samples that no lawful candidate satisfies, and why: said before anything is optimised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, IntArray
from civicsight.planning.candidates.classes import CameraClass
from civicsight.planning.candidates.demand import Demand
from civicsight.planning.candidates.model import UNREACHABLE
from civicsight.planning.candidates.poses import HEIGHTS
from civicsight.planning.candidates.ruled_out import ASKED
from civicsight.planning.candidates.sights import FARTHEST_M, sights_of

BANS: Final = (
    (ASKED, ASKED),
    ("consent", "consent"),
    ("door", "article_9"),
    ("sight", "article_9"),
)
"""What keeps candidates out, and the reason that it is told as; of several the last."""


def explain(
    demand: Demand,
    reachable: IntArray,
    lost: Mapping[str, BoolArray],
    sites: gpd.GeoDataFrame | None,
    classes: tuple[CameraClass, ...],
    *,
    night: bool,
) -> pd.DataFrame:
    """Say why samples are met by fewer candidates than they ask for.

    Parameters
    ----------
    demand
        What is to be met.
    reachable
        Lawful candidates that can meet each sample together.
    lost
        By reason of a ban, which samples it takes from some candidate.
    sites
        All that was tried around them; None if nothing was.
    classes, night
        Classes of cameras, and whether they see by their own light alone.

    Returns
    -------
    DataFrame
        Columns `UNREACHABLE` by ``sample_id``.
    """
    short = np.flatnonzero(reachable < demand.asked)
    samples = gpd.GeoDataFrame(demand.samples.iloc[short])
    reason = np.full(len(short), "no_site", object)
    if sites is not None and len(sites) and len(short):
        reason = _by_geometry(samples, demand, sites, classes, night=night)
    reason[reachable[short] > 0] = "too_few"
    for ban, name in BANS:
        if ban in lost:
            reason[lost[ban][short]] = name
    table = pd.DataFrame(
        {
            "part_id": samples["part_id"],
            "need": demand.asked[short],
            "reachable": reachable[short],
            "weight": samples["weight"],
            "reason": reason,
        },
        index=samples.index,
    )
    return table[list(UNREACHABLE)].rename_axis("sample_id")


def _by_geometry(
    samples: gpd.GeoDataFrame,
    demand: Demand,
    sites: gpd.GeoDataFrame,
    classes: tuple[CameraClass, ...],
    *,
    night: bool,
) -> npt.NDArray[np.object_]:
    """Find the first thing that stops every site: distance, angle, density, or what is between."""
    reason = np.full(len(samples), "no_site", object)
    tree = shapely.STRtree(sites.geometry.to_numpy())
    near = tree.query(samples.geometry.to_numpy(), predicate="dwithin", distance=FARTHEST_M)[0]
    reason[near] = "angle"
    fine_enough = np.zeros(len(samples), np.bool_)
    for heights in HEIGHTS:
        for sights in sights_of(sites, samples, demand.parts, demand.scene, heights):
            reason[sights.sample] = "level"
            for kind in classes:
                fine = sights.distance_m <= kind.range_m(sights.need, night=night)
                fine &= (kind.low_m <= sights.height_m) & (sights.height_m <= kind.high_m)
                fine_enough[sights.sample[fine]] = True
    reason[fine_enough] = "occluded"
    return reason
