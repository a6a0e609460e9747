"""What a proposed facility costs, in the few figures that rules ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.coverage.obstruction import (
    Facility,
    Loss,
    Outlook,
    gather_views,
    lose,
    place,
    read_facilities,
    worst_share,
)
from civicsight.coverage.result import CheckResult
from civicsight.model import READINGS
from civicsight.scene.bodies import SEASONS, Season

TREE = "tree"
CHECKED: Season = "summer"
"""Season of the check (see `check`)."""


class LostCoverage(NamedTuple):
    """What a facility costs: share of the required coverage by reading, cameras, parts uncovered.

    `cameras` lose something in any reading; `dropped` are the parts that were met for sure and for
    sure no longer are, `doubtful` those that fall in any other reading. `views` has by reading the
    greatest share of its view that a camera loses or sees in a lower class, and `areas` what the
    cameras lose in all, roads apart from other public ground [m2].
    """

    shares: dict[str, float]
    cameras: list[str]
    dropped: list[str]
    doubtful: list[str]
    views: dict[str, float]
    areas: dict[str, float]


def find_losses(
    result: CheckResult,
    proposals: gpd.GeoDataFrame,
    statuses: tuple[str, ...],
    years: int = 0,
    known: dict[Season, Outlook] | None = None,
) -> dict[str, LostCoverage]:
    """Say by facility what it costs the cameras of some states.

    Parameters
    ----------
    result
        What `check` found.
    proposals
        Table `model.PROPOSALS` in the CRS of the city.
    statuses
        States of the cameras that count.
    years
        Number of years after which trees are looked at too, with leaves and without; a crown only
        grows, so what the last of them takes is the most.
    known
        Outlooks of the same result by season, kept for the next call: a camera sees the same
        whoever else counts.

    Raises
    ------
    SchemaError, CrsError
        As `coverage.obstruction.obstruct`.
    """
    known = {} if known is None else known
    facilities = read_facilities(proposals)
    trees = [facility for facility in facilities if years and facility.kind == TREE]
    found: dict[str, list[tuple[Loss, pd.DataFrame]]] = {one.id: [] for one in facilities}
    for season in SEASONS if trees else (CHECKED,):
        looked = season == CHECKED
        views = gather_views(result, season=season, statuses=statuses, computed=looked)
        outlook = known[season].among(views) if season in known else Outlook(views)
        known[season] = outlook
        tried: Sequence[Facility] = [
            *(facilities if looked else ()),
            *[tree.after(years) for tree in trees],
        ]
        for facility in tried:
            site = place(views, facility, footing=outlook.foot)
            found[facility.id].append((lose(views, facility, site), outlook.lost_to(facility)))
    return {label: _worst(losses) for label, losses in found.items()}


def _worst(found: Sequence[tuple[Loss, pd.DataFrame]]) -> LostCoverage:
    """Join what a facility costs at different times."""
    losses = [loss for loss, _ in found]
    views = {
        name: max(worst_share(view, READINGS[: at + 1]) for _, view in found)
        for at, name in enumerate(READINGS)
    }
    areas = {
        ground: max(_lost_m2(view, ground) for _, view in found) for ground in ("road", "public")
    }
    totals = [loss.totals.set_index("reading")["share_lost"] for loss in losses]
    shares = {name: max(float(total[name]) for total in totals) for name in READINGS}
    cameras = {str(camera) for loss in losses for camera in loss.cameras["camera_id"]}
    falling = [loss.parts[loss.parts["falls"].astype(bool)] for loss in losses]
    fall = {str(part) for parts in falling for part in parts["part_id"]}
    sure = {
        str(part) for parts in falling for part in parts["part_id"][parts["holds"].eq(READINGS[0])]
    }
    parts = sorted(sure), sorted(fall - sure)
    return LostCoverage(shares, sorted(cameras), *parts, views, areas)


def _lost_m2(view: pd.DataFrame, ground: str) -> float:
    """Return what cameras lose of a kind of ground, or see in a lower class, at most [m2]."""
    own = view[view["ground"].eq(ground)]
    sums = own.groupby("reading")[["lost_m2", "lower_m2"]].sum().sum(axis=1)
    return float(sums.max()) if len(sums) else 0.0
