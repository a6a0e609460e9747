"""What counts as a compliant part or place of a plan: one rule for optimiser, pages and papers.

A part is met where cameras are sure to meet the share of it that the law asks for. Where a gate is
only presumed, that is its presumed position: it is met, and the plan says that it rests on the
presumption unless all positions that the gate may have are met as well. A place is compliant where
all its parts are met, each of them asked for by the plan and looked at.

The optimiser counts the same (`solver.lawful_model.Lawful.count`), by the same tolerance, of the
parts that `uncounted_places` leaves; the verifiers of certificates count once more on their own.

References
----------
Article 8 of the Measures: every main entrance, passage or key part of a mandatory place.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from civicsight.coverage.result import CheckResult
from civicsight.planning.solver.model import least_of

MET, PRESUMED, OPEN = COMPLIANCE = ("met", "presumed", "open")
"""Met wherever a gate may be; met where the gate is presumed; not met. The first is the best."""

UNCOUNTED: Final = "uncounted_places"
"""Parameter of a plan: places that it cannot make compliant, as of `uncounted_places`."""


@dataclass(frozen=True, slots=True)
class Compliant:
    """How many parts and places of a plan are compliant.

    Parameters
    ----------
    parts, places
        Which are compliant, those that rest on a presumed gate among them.
    presumed_parts, presumed_places
        Of these, which rest on a presumed gate.
    all_parts, all_places
        All that were looked at.
    """

    parts: int
    places: int
    presumed_parts: int
    presumed_places: int
    all_parts: int
    all_places: int

    @property
    def open_parts(self) -> int:
        """Parts that are not compliant."""
        return self.all_parts - self.parts

    @property
    def open_places(self) -> int:
        """Places that are not compliant."""
        return self.all_places - self.places


def compliance_of_parts(parts: pd.DataFrame, when: str = "after") -> pd.Series:
    """Return one of `COMPLIANCE` for each part of a plan.

    Parameters
    ----------
    parts
        Columns `plan.PART_COLUMNS`.
    when
        ``before`` or ``after`` the plan.
    """
    share = parts[f"share_{when}"].to_numpy(np.float64)
    is_met = share >= least_of(parts["required"].to_numpy(np.float64))
    status = parts[f"status_{when}"]
    resting = np.where(is_met & status.eq("assumed"), PRESUMED, OPEN)
    return pd.Series(np.where(status.eq("covered"), MET, resting), parts.index, dtype=object)


def compliance_of_places(
    parts: pd.DataFrame, when: str = "after", uncounted: Collection[str] = ()
) -> pd.Series:
    """Return one of `COMPLIANCE` for each place: that of its worst part.

    Parameters
    ----------
    parts, when
        As of `compliance_of_parts`.
    uncounted
        Places of which a part was not asked for or could not be looked at: they stay open.
    """
    rank = compliance_of_parts(parts, when).map(COMPLIANCE.index).astype(np.int64)
    worst = rank.groupby(parts["zone_id"]).max()
    worst[worst.index.isin(list(uncounted))] = COMPLIANCE.index(OPEN)
    return worst.map(dict(enumerate(COMPLIANCE))).astype(object)


def count_compliant(
    parts: pd.DataFrame, when: str = "after", uncounted: Collection[str] = ()
) -> Compliant:
    """Count compliant parts and places; arguments as of `compliance_of_places`."""
    of_part = compliance_of_parts(parts, when)
    of_place = compliance_of_places(parts, when, uncounted)
    (good, guessed), (whole, resting) = (
        (int(each.ne(OPEN).sum()), int(each.eq(PRESUMED).sum())) for each in (of_part, of_place)
    )
    return Compliant(good, whole, guessed, resting, len(of_part), len(of_place))


def uncounted_places(result: CheckResult, asked: pd.Index) -> list[str]:
    """Return the places of which a part is not among those asked for: no plan makes one compliant.

    Parameters
    ----------
    result
        What `check` found.
    asked
        Ids of the parts that the problem asks for. One that a scope leaves out is not among them,
        nor one of which nothing could be looked at.
    """
    parts = result.parts
    unasked = parts["zone_id"][~parts.index.isin(asked)]
    return sorted({*map(str, unasked), *map(str, result.missing["zone_id"])})
