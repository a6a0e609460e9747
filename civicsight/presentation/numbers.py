"""The figures of a report: what is counted, side by side in three columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from civicsight.coverage.result import found_gaps

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.planning.statement.figures import Figures

OF_ALL: Final = (
    "parts.covered.before",
    "data.parts_assumed",
    "data.parts_possible",
    "parts.gap.before",
    "parts.not_judged.before",
)
OF_BAR: Final = ("covered", "parts_assumed", "parts_possible", "gap", "not_judged")
"""Figures of a bar in the order of `Statuses`: of all parts, and of those of a class."""


def statuses_in(found: Figures, of: str = "") -> Statuses:
    """Return how many parts of a check stand how, as a bar shows them; `of` a class, or of all."""
    names = OF_ALL if not of else [f"{of}.{name}" for name in OF_BAR]
    return Statuses(*map(found.of, names))


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
