"""The figures of a report: what is counted, side by side in three columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from civicsight.coverage.demand.asked import in_class
from civicsight.coverage.result import found_gaps
from civicsight.coverage.standing import status_of_parts

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.planning.statement.figures import Figures


def count_statuses(status: Iterable[str]) -> Statuses:
    """Count parts by status."""
    count = Counter(status)
    return Statuses(
        count["covered"], count["assumed"], count["possible"], count["gap"], count["unknown"]
    )


def statuses_in(found: Figures) -> Statuses:
    """Return how many parts of a check stand how, as a bar shows them."""
    names = (
        "parts.covered.before",
        "data.parts_assumed",
        "data.parts_possible",
        "parts.gap.before",
        "parts.not_judged.before",
    )
    return Statuses(*map(found.of, names))


def count_classes(result: CheckResult) -> list[ClassCount]:
    """Count every class of every law, also those of which nothing was found.

    Classes come in the order of their law, those of laws that demand by themselves first. A place
    of several laws is in a class of each; within one law it is counted as the law has it. Places
    that only an open word of the law leaves out are counted too, and parts that could not be found.
    """
    missing = result.missing
    lacking = missing["zone_id"][~missing["part_id"].isin(result.parts.index)]
    status, left = status_of_parts(result), result.left_out
    demanding = result.rules.demanding
    packs = sorted(result.rules.packs, key=lambda pack: pack.id not in demanding)
    rows = []
    for zone_class in (zone for pack in packs for zone in pack.zones):
        own = result.zones[in_class(result.zones, zone_class.pack, zone_class.id)]
        mine = in_class(result.parts, zone_class.pack, zone_class.id)
        open_ = int((left["pack"].eq(zone_class.pack) & left["item"].eq(zone_class.id)).sum())
        settled = int(own["standing"].isin(["designated", "confirmed"]).sum())
        unfound = int(lacking.isin(own.index).sum())
        counts = count_statuses([*status[mine], *["unknown"] * unfound])
        rows.append(ClassCount(zone_class.pack, zone_class.id, len(own) + open_, settled, counts))
    return rows


def count_grounds(findings: gpd.GeoDataFrame) -> list[tuple[str, int]]:
    """Count undecided findings by what each of them hangs on, the most frequent first."""
    undecided = findings[findings["outcome"] == "undetermined"]
    count = Counter(name for names in undecided["assumptions"] for name in set(names or ()))
    return sorted(count.items(), key=lambda entry: (-entry[1], entry[0]))


def all_findings(result: CheckResult) -> gpd.GeoDataFrame:
    """Return gaps and duplicates in one table, gaps first, each in its own order of rank."""
    gaps = found_gaps(result)
    frames = [frame for frame in (gaps, result.duplicates) if len(frame)]
    return pd.concat(frames) if frames else gaps


@dataclass(frozen=True, slots=True)
class Statuses:
    """How many parts stand how."""

    covered: int
    assumed: int
    possible: int
    gap: int
    unknown: int

    @property
    def undecided(self) -> int:
        """Parts that are covered only if something holds that is not on record."""
        return self.assumed + self.possible

    @property
    def judged(self) -> int:
        """Parts that could be judged; the three columns add up to them."""
        return self.covered + self.undecided + self.gap

    @property
    def total(self) -> int:
        """All parts."""
        return self.covered + self.undecided + self.gap + self.unknown


@dataclass(frozen=True, slots=True)
class ClassCount:
    """One class of places: how many there are, how many are settled, how their parts stand."""

    pack: str
    item: str
    places: int
    settled: int
    statuses: Statuses
