"""What has changed from one plan to another: in measures, in money and in coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import Figure
from civicsight.core.keyed_difference import ADDED, GEOMETRY, REMOVED, Tolerance, apart_m, compare
from civicsight.planning.money.budgets import estimate_by
from civicsight.planning.record.digests import changed
from civicsight.planning.record.plan import Plan
from civicsight.planning.statement.figures import figures_of

POSE: Final = ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg")
COMPARED: Final = ("measure", "camera_class", *POSE, "year", "cost_yuan", "article")

PLACE: Final = "place"
CHANGES: Final[Mapping[str, Text]] = {
    ADDED: N_("added"),
    REMOVED: N_("not in it any more"),
    PLACE: N_("moved by [m]"),
}
"""What may be different of a camera, beside the columns of the measures."""

COMPARED_FIGURES: Final = {
    "cost_yuan": "cost.works",
    "investment_yuan": "cost.investment",
    "places_compliant": "places.compliant.after",
    "share_sure": "share.covered.after",
    "parts_covered": "parts.compliant.after",
    "open": "parts.open.after",
}
"""Figures of two plans that are shown side by side, by the name that JSON has for them."""

ROUNDING: Final = Tolerance(within=1e-6)
"""Smaller differences are rounding [m, deg, yuan]."""


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What has changed.

    Parameters
    ----------
    measures
        One row for each camera and thing that differs: ``camera_id``, ``what`` (``added``,
        ``removed``, ``place`` or one of `COMPARED`), ``before`` and ``after``.
    money
        ``before``, ``after`` and ``change`` [yuan] by ``year`` and ``district``; sums exactly.
    parts
        Parts whose status differs: ``before`` and ``after`` by ``part_id``.
    figures
        `COMPARED_FIGURES`, each of the plan before and of the one after.
    inputs
        Names of the inputs that were not the same.
    """

    measures: pd.DataFrame
    money: pd.DataFrame
    parts: pd.DataFrame
    figures: dict[str, tuple[Figure, Figure]]
    inputs: tuple[str, ...]

    @property
    def lost(self) -> pd.DataFrame:
        """Return the parts that were covered for sure and are no more."""
        return self.parts[self.parts["before"].eq("covered")]

    @property
    def gained(self) -> pd.DataFrame:
        """Return the parts that are covered for sure and were not before."""
        return self.parts[self.parts["after"].eq("covered")]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing differs."""
        return not (len(self.measures) or len(self.parts) or len(self.inputs))


def compare_plans(before: Plan, after: Plan) -> Difference:
    """Compare two plans, or two versions of one."""
    measures = compare(before.measures, after.measures, (*COMPARED, GEOMETRY), ROUNDING)
    measures = measures.rename(columns={"key": "camera_id"})
    came, went, moved = (measures["what"].eq(what) for what in (ADDED, REMOVED, GEOMETRY))
    measures.loc[came, "after"] = measures["camera_id"].map(after.measures["measure"])
    measures.loc[went, "before"] = measures["camera_id"].map(before.measures["measure"])
    stood, stand = (measures.loc[moved, side].to_numpy() for side in ("before", "after"))
    measures.loc[moved, "after"] = apart_m(stood, stand)
    measures.loc[moved, ["what", "before"]] = [PLACE, 0.0]
    plans = {"before": before, "after": after}
    one, two = figures_of(before), figures_of(after)
    figures = {name: (one[key].of_earlier, two[key]) for name, key in COMPARED_FIGURES.items()}
    keys = ["year", "district"]
    spent = {name: estimate_by(plan, *keys).set_index(keys) for name, plan in plans.items()}
    money = pd.DataFrame({name: sums["cost_yuan"] for name, sums in spent.items()}).fillna(0.0)
    money.index.names = keys
    stands = {name: plan.parts["status_after"] for name, plan in plans.items()}
    parts = pd.DataFrame(stands).fillna("")
    return Difference(
        measures,
        money.assign(change=money["after"] - money["before"]).reset_index(),
        parts[parts["before"].ne(parts["after"])].rename_axis("part_id"),
        figures,
        tuple(changed(before.inputs, after.inputs)),
    )
