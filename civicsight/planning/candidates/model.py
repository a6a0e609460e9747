"""A set of candidates: what each is and meets, and what was left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_, MismatchError, Text
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.planning.prices.price_table import Prices

SITES: Final = ("host", "host_id", "capacity")
"""Columns of `CandidateSet.sites`."""

FORBIDDEN: Final = ("measure", "host", "article", "reason", "count", "example")
"""Columns of `CandidateSet.forbidden`."""

BARRED: Final = ("camera_id", "article", "reason", "area_m2", "maskable")
"""Columns of `CandidateSet.barred`; the last one tells whether a mask would end the breach."""

UNREACHABLE: Final = ("part_id", "need", "reachable", "weight", "reason")
"""Columns of `CandidateSet.unreachable`."""

REASONS: Final[dict[str, Text]] = {
    "inside": N_("it stands inside a private place"),
    "sight": N_("it looks at private walls, and no mask takes them out and leaves its purpose"),
    "door": N_("it faces the door of a private place"),
    "consent": N_("it sees an area that needs a consent nobody has recorded"),
}
"""Why the law forbids a candidate."""

ARTICLES: Final = {"inside": "9", "sight": "9", "door": "9", "consent": "6"}
"""Article of the measures behind each reason."""

WHY_UNREACHABLE: Final[dict[str, Text]] = {
    "no_site": N_("nothing in range could carry a camera"),
    "angle": N_("no site in range sees it within the limits of angle"),
    "level": N_("no class of camera is fine enough from any site in range"),
    "occluded": N_("something stands in the way from every site in range"),
    "too_few": N_("fewer permitted candidates see it than cameras are asked for"),
    "article_9": N_("only candidates that the law forbids would see it"),
    "consent": N_("only candidates that need a consent would see it"),
    "asked": N_("places in range of it were ruled out for this plan"),
}
"""Why no lawful candidate satisfies a sample."""

ASSUMED: Final[dict[str, Text]] = {
    "pole_to_be_erected": N_("no pole is on record here; one is to be erected"),
    "wall_not_surveyed": N_("nobody has recorded whether the wall may carry a camera"),
    "owner_unknown": N_("its owner is not recorded"),
    "height_unknown": N_("its height is not recorded; the usual one is taken"),
    "place_unsure": N_("its record was moved out of a building by more than a metre"),
}
"""What is assumed of a candidate, for a person."""


class Paid(NamedTuple):
    """An item of work that a project of others pays: which, its name, and the day it is done."""

    item: str
    project: str
    day: str


@dataclass(frozen=True, slots=True, eq=False)
class CandidateSet:
    """Every lawful candidate, and what it meets.

    Parameters
    ----------
    table
        Table `model.plan_tables.CANDIDATES`, in the order of the ids.
    heads
        Table `model.HEADS` of every candidate: ``camera_id`` is the candidate, the reading is
        ``sure``; with ``mask_plan`` and ``night_reach_m``.
    matrix
        px/m of every candidate at every sample of a part, in the scene that is against cameras.
    sites
        By ``site_id``: columns `SITES`; how many candidates of a site may be taken together.
    forbidden
        What was not put into the set: columns `FORBIDDEN`, counts by measure, host and reason (a
        key of `REASONS`), with one place as WKT. Poses beyond those needed are not looked at.
    barred
        Existing cameras that break Article 9 and are not credited: columns `BARRED`.
    unreachable
        By ``sample_id``: columns `UNREACHABLE`; samples that too few lawful candidates satisfy,
        with the reason, a key of `WHY_UNREACHABLE`.
    prices
        Behind every yuan.
    robust_k
        How many more cameras than the law asks for the candidates were made for.
    night
        Whether views end at the reach of each camera's own light.
    paid
        By candidate what projects of others pay of it; see `shared_works.share_works`.

    Raises
    ------
    MismatchError
        If table and matrix do not have the same candidates.
    """

    table: gpd.GeoDataFrame
    heads: gpd.GeoDataFrame
    matrix: CoverageMatrix
    sites: pd.DataFrame
    forbidden: pd.DataFrame
    barred: pd.DataFrame
    unreachable: pd.DataFrame
    prices: Prices
    robust_k: int = 0
    night: bool = False
    paid: Mapping[str, tuple[Paid, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that rows belong together."""
        if not self.table.index.equals(self.matrix.camera_ids):
            msg = "the table of candidates and the matrix name different candidates"
            raise MismatchError(msg)
        if not self.table["site_id"].isin(self.sites.index).all():
            msg = "a candidate stands on a site that is not in the table of sites"
            raise MismatchError(msg)
