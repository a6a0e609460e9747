"""The permit check: for each proposed facility what it takes, how high, how far off, from when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import CrsError
from civicsight.core.progress import Progress
from civicsight.coverage.findings.evidence import predicate_values
from civicsight.coverage.obstruction.bodies import Facility, read_facilities
from civicsight.coverage.obstruction.limits import Offset, greatest_heights, smallest_offsets
from civicsight.coverage.obstruction.loss import Loss, lose
from civicsight.coverage.obstruction.outlook import (
    OUTLOOK_COLUMNS,
    LostGround,
    Outlook,
    lost_ground,
    worst_share,
)
from civicsight.coverage.obstruction.rays import STANDING, Views, gather_views
from civicsight.coverage.result import NOT_JUDGED, CheckResult, no_inventory
from civicsight.model import READINGS
from civicsight.rules import Rules
from civicsight.scene.bodies import SEASONS, Season

KEEPS: Final = "keeps_coverage"
"""Predicate of the rules that ask what a facility may cost."""

GROWTH_COLUMNS: Final = (
    "year",
    "season",
    "reading",
    "holds",
    "height_m",
    "crown_m",
    "cameras",
    "weight_lost",
    "share_lost",
)


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """What is to be known of one proposed facility before it is allowed; each stands alone.

    Parameters
    ----------
    facility, loss
        The facility, and what it takes on the day it is put up.
    heights
        Greatest height that hinders nobody by reading [m]; infinite without a limit.
    offsets
        Smallest move that hinders nobody by reading; None if there is none near.
    growth
        `GROWTH_COLUMNS`: what a tree takes in each year, season and reading; no row if nothing.
        ``weight_lost`` adds up cameras, ``share_lost`` is of all that they met together.
    years
        Number of years that a tree was followed; 0 for everything else.
    ground
        What each harmed camera sees of the ground and no longer does; empty if not asked for.
    outlook
        `outlook.OUTLOOK_COLUMNS`: all that the cameras within its reach see, and lose on the day it
        is put up.
    tolerance
        Share of its view that a camera may lose [0-1], as packs have it.
    looked
        Whether anybody said which cameras stand; if not, heights are NaN and nothing is known.
    """

    facility: Facility
    loss: Loss
    heights: dict[str, float]
    offsets: dict[str, Offset | None]
    growth: pd.DataFrame
    years: int
    ground: Mapping[str, LostGround] = field(default_factory=dict)
    outlook: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=OUTLOOK_COLUMNS))
    tolerance: float = 0.0
    looked: bool = True

    @property
    def verdict(self) -> str:
        """Say whether it may stand: ``free``, ``conditioned``, ``refused`` or ``not_judged``.

        Not judged if nobody said which cameras stand. Refused if it takes required coverage for
        sure, or for sure more of the view of a camera than is tolerated; conditioned if either may
        be; free if neither can be.
        """
        if not self.looked:
            return NOT_JUDGED
        sure = READINGS[0]
        if self.holds == sure or worst_share(self.outlook, (sure,)) > self.tolerance:
            return "refused"
        is_open = bool(self.holds) or worst_share(self.outlook) > self.tolerance
        return "conditioned" if is_open else "free"

    def first_year(self, reading: str = "sure") -> tuple[int, str] | None:
        """Return the first year and season in which a tree harms; None if it does not."""
        own = self.growth[self.growth["reading"].eq(reading)]
        if not len(own):
            return None
        first = own.iloc[0]
        return int(first["year"]), str(first["season"])

    @property
    def holds(self) -> str:
        """How certain it is that it harms, now or as it grows; empty if it does not."""
        found = {*self.loss.cameras["holds"], *self.growth["holds"]}
        return next((reading for reading in READINGS if reading in found), "")


def obstruct(
    result: CheckResult,
    proposals: gpd.GeoDataFrame,
    *,
    season: Season = "summer",
    statuses: tuple[str, ...] = STANDING,
    years: int | None = None,
    ground: bool = False,
    progress: Progress | None = None,
) -> tuple[Permit, ...]:
    """Check what proposed facilities would take from the cameras that stand.

    Parameters
    ----------
    result
        What `check` found in `season`; its rasters are not needed.
    proposals
        Table `PROPOSALS` in the CRS of the city.
    season
        Season of the check. Trees are followed in both.
    statuses, years
        States of the cameras that count; years for which trees are followed, as packs ask.
    ground
        Whether to measure the ground that each harmed camera loses, in cells of `CELL_M`.
    progress
        Called with facilities done and in all.

    Returns
    -------
    tuple of Permit
        In the order of the table.

    Raises
    ------
    SchemaError, CrsError
        If the table is not as declared, or not in the CRS of the city.
    """
    facilities = read_facilities(proposals)
    if proposals.crs != result.city.crs:
        msg = f"proposals are in {proposals.crs}, the city in {result.city.crs}: use to_crs()"
        raise CrsError(msg)
    years = followed_years(result.rules) if years is None else years
    trees = any(facility.kind == "tree" for facility in facilities)
    wanted = SEASONS if trees else (season,)
    views = {
        each: gather_views(result, season=each, statuses=statuses, computed=each == season)
        for each in wanted
    }
    permits = []
    for done, facility in enumerate(facilities, start=1):
        permits.append(_permit(views, facility, season, years, ground=ground))
        if progress is not None:
            progress(done, len(facilities))
    return tuple(permits)


def followed_years(rules: Rules) -> int:
    """Return the number of years for which the rule packs follow a tree; 0 if none does."""
    asked = [predicate_values(rule, KEEPS).get("years") for rule in rules.by_predicate(KEEPS)]
    return int(max((float(value) for value in asked if value is not None), default=0.0))


def tolerated_share(rules: Rules) -> float:
    """Return the share of its view that a camera may lose, the least that a pack states; or 0."""
    asked = [predicate_values(rule, KEEPS).get("view") for rule in rules.by_predicate(KEEPS)]
    return min((float(value) for value in asked if value is not None), default=0.0)


def _permit(
    views: dict[Season, Views], facility: Facility, season: Season, years: int, *, ground: bool
) -> Permit:
    own = views[season]
    outlook, tolerance = Outlook(own), tolerated_share(own.result.rules)
    loss = lose(own, facility)
    tree = facility.kind == "tree"
    harmed = sorted(set(loss.cameras["camera_id"])) if ground else []
    looked = not no_inventory(own.result)
    return Permit(
        facility,
        loss,
        greatest_heights(outlook, facility, tolerance)
        if looked
        else dict.fromkeys(READINGS, float("nan")),
        smallest_offsets(outlook, facility, loss, tolerance),
        follow(views, facility, years if tree else -1),
        years if tree else 0,
        {camera: lost_ground(own, facility, camera) for camera in harmed},
        outlook.lost_to(facility),
        tolerance,
        looked,
    )


def follow(views: dict[Season, Views], facility: Facility, years: int) -> pd.DataFrame:
    """Follow a tree through years 0 to `years` in each season: `GROWTH_COLUMNS`."""
    rows: list[dict[str, Any]] = []
    for year in range(years + 1):
        grown = facility.after(year)
        for season in SEASONS:
            if season not in views:
                continue
            loss = lose(views[season], grown)
            west, _, east, _ = grown.shape.bounds
            shares = loss.totals.set_index("reading")["share_lost"]
            rows += [
                {
                    "year": year,
                    "season": season,
                    "reading": reading,
                    "holds": own["holds"].iloc[0],
                    "height_m": grown.height_m,
                    "crown_m": east - west,
                    "cameras": own["camera_id"].nunique(),
                    "weight_lost": float(own["weight_lost"].sum()),
                    "share_lost": float(shares[reading]),
                }
                for reading, own in loss.cameras.groupby("reading", sort=False)
            ]
    return pd.DataFrame(rows, columns=list(GROWTH_COLUMNS))
