"""A plan: what is done with every camera, what it costs, how good it is at most, and why.

References
----------
Articles 7 and 11 of the Measures: one plan that uses what exists and builds nothing twice, in step
with the works that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.core.door import late
from civicsight.core.errors import MismatchError
from civicsight.core.hues import GAP, UNKNOWN
from civicsight.core.overview import Drawn, Overview, joined
from civicsight.coverage.result import CheckResult
from civicsight.model import CAMERAS, MEASURES, City
from civicsight.planning.prices.terms import no_terms
from civicsight.planning.record.digests import changed, input_digests
from civicsight.planning.solver.outcome import Status, gap_between

PRICES: Final = "prices"
"""Name of the price table among the inputs."""

BILL: Final = ("camera_id", "item", "quantity", "unit", "unit_yuan", "cost_yuan", "source",
               "dated_on")  # fmt: skip
"""Columns of a bill: one line for each camera and item of work, with where the price is from."""

NOT_WEIGHED: Final = "not_weighed"
"""What the measure of a planned camera assumes that the plan neither takes up nor drops."""

PART_COLUMNS: Final = ("zone_id", "item", "kind", "district", "weight", "required", "status_before",
                       "status_after", "share_before", "share_after")  # fmt: skip
"""What became of each part: its share that is met for sure, before the plan and after it."""

PARTS_BEFORE: Final = ("zone_id", "kind", "state", "compliance", "uncredited", "is_presumed",
                       "is_asked")  # fmt: skip
"""How each part stood in the check that a plan was made from, also where nobody could judge it; why
the plan does not credit what counts there, and whether it is asked for. See `figures.before_of`."""

PLACES_BEFORE: Final = ("state", "compliance")
"""How each place stood in that check, also those of which nothing was found."""

CHECKED_ON: Final = "checked_on"
"""Name of the day of that check among the parameters."""

FUNDS: Final = ("year", "district", "budget_yuan", "spent_yuan", "floor", "share")
"""What became of each row of a table of budgets; year 0 is all years, no district all of them."""

UNBUILT_COLUMNS: Final = ("camera_id", "measure", "cost_yuan", "reason")
"""What was chosen and no year has the money for; `phases_model.WHY_UNBUILT` says the reason."""

STAGES: Final = ("aim", "value", "bound")
"""What was reached of each aim, in order, and what nothing can beat; see `order_of_aims.Aim`."""


CURVE: Final = ("budget_yuan", "cost_yuan", "places", "most_places", "parts", "most_parts",
                "metres", "most_metres")  # fmt: skip
"""What a budget buys, row by row, and what no plan can beat; see `cost_coverage_curve.curve`. One
that is kept or shown says in a further column, ``budget_of``, which sum its money is."""


def no_rows(columns: Sequence[str]) -> pd.DataFrame:
    """Return a table without rows."""
    return pd.DataFrame(columns=list(columns), dtype=object)


class Goal(StrEnum):
    """What a plan makes as small or as large as it can be."""

    CHEAPEST = "cheapest"
    """The cost of meeting all that can be met [yuan]."""
    WIDEST = "widest"
    """Places made compliant within a budget, then parts, then metres; of older plans, metres."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a certificate says of a plan, in numbers.

    Parameters
    ----------
    goal
        What `value` and bounds are of.
    status
        How the optimisation ended.
    value, bound, solver_bound
        What was reached; what no plan can beat, recomputable from the duals; the same by the
        word of the exact solver.
    seed, steps
        With these and the same inputs the same plan comes out.
    """

    goal: Goal
    status: Status
    value: float
    bound: float
    solver_bound: float
    seed: int
    steps: int

    @property
    def gap(self) -> float:
        """Share by which the plan can be improved at most, by the bound that anyone can recount.

        Infinite where the value is nought and the bound is not; `statement.claims` words it.
        """
        return gap_between(self.value, self.bound)

    @property
    def solver_gap(self) -> float:
        """The same by the word of the exact solver."""
        return gap_between(self.value, self.solver_bound)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A plan and everything that is needed to judge, redo and verify it.

    Parameters
    ----------
    measures
        Table `model.MEASURES`: one row a camera.
    cameras
        Table `model.CAMERAS` of what the plan turns, changes, connects or builds, as it will be.
    bill
        Columns `BILL`; sums by camera to the costs of the measures.
    parts
        Columns `PART_COLUMNS` by ``part_id``.
    ledger
        Of each camera that costs something: what it is for and what would do instead.
    unreachable
        ``part_id``, ``samples``, ``weight`` and ``reason`` of what no lawful candidate satisfies.
    forbidden
        What the law kept out of the choice: ``measure``, ``host``, ``article``, ``reason``,
        ``count``.
    barred
        Cameras on record that break the law on private places and are not credited:
        ``camera_id``, ``article``, ``reason``, ``area_m2``.
    slider
        ``share``, ``cost_yuan`` and ``bound_yuan``: what less coverage would cost.
    alternatives
        Nearly as good plans: ``number``, ``cost_yuan``, ``differs`` (cameras not in this one).
    history
        ``seconds``, ``steps``, ``value``, ``bound`` and ``stage`` of the optimisation; in the last
        row ``processor_s``, what it took of all processors; not in plans of before.
    proof
        What the certificate says.
    parameters
        What was asked for: plain values that JSON holds.
    inputs
        Digest of everything that the plan was made from, by name.
    files
        Of the proof, by path within its folder; see `evidence`.
    told
        What its documents say, from which they are rendered anew; see `report.plan.script`. Empty
        where nobody told them yet, and in plans of format 1.
    funds, unbuilt
        Columns `FUNDS` and `UNBUILT_COLUMNS`; empty without a table of budgets.
    stages
        Columns `STAGES`; empty where only money counts.
    curve
        Columns `CURVE`; empty where nobody asked for it.
    robustness
        Table `robustness.ROBUSTNESS` of the cameras as planned; empty where nobody asked for it.
    terms
        Columns `terms.TERMS`: what cameras cost a year, and what is added to the works; empty
        where the price table has no such rows. See `money.bill`.
    before, places_before
        Columns `PARTS_BEFORE` and `PLACES_BEFORE`; empty in plans of before. What is counted of a
        plan is counted by `figures.figures_of`.

    Raises
    ------
    SchemaError
        If a table is not as declared.
    MismatchError
        If the bill does not sum to the costs, a camera of the plan has no measure, or something
        costs money in no year.
    """

    measures: gpd.GeoDataFrame
    cameras: gpd.GeoDataFrame
    bill: pd.DataFrame
    parts: pd.DataFrame
    ledger: pd.DataFrame
    unreachable: pd.DataFrame
    forbidden: pd.DataFrame
    barred: pd.DataFrame
    slider: pd.DataFrame
    alternatives: pd.DataFrame
    history: pd.DataFrame
    proof: Proof
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    files: Mapping[str, bytes]
    told: bytes = b""
    funds: pd.DataFrame = field(default_factory=lambda: no_rows(FUNDS))
    unbuilt: pd.DataFrame = field(default_factory=lambda: no_rows(UNBUILT_COLUMNS))
    stages: pd.DataFrame = field(default_factory=lambda: no_rows(STAGES))
    curve: pd.DataFrame = field(default_factory=lambda: no_rows(CURVE))
    robustness: pd.DataFrame = field(default_factory=pd.DataFrame)
    terms: pd.DataFrame = field(default_factory=no_terms)
    before: pd.DataFrame = field(default_factory=lambda: no_rows(PARTS_BEFORE))
    places_before: pd.DataFrame = field(default_factory=lambda: no_rows(PLACES_BEFORE))

    def __post_init__(self) -> None:
        """Check the tables, and that they agree to the yuan."""
        MEASURES.check(self.measures)
        CAMERAS.check(self.cameras)
        billed = self.bill.groupby("camera_id")["cost_yuan"].sum()
        billed = billed.reindex(self.measures.index).fillna(0.0)
        wrong = billed.index[billed.ne(self.measures["cost_yuan"])]
        named = pd.Index(self.bill["camera_id"]).union(self.cameras.index)
        strangers = named.difference(self.measures.index)
        free = self.measures["year"].eq(0) & self.measures["cost_yuan"].gt(0.0)
        if len(wrong) or len(strangers) or free.any():
            first = [*wrong, *strangers, *free.index[free]][0]
            msg = f"measures, bill and cameras of a plan do not agree, first in {first}"
            raise MismatchError(msg)

    def __repr__(self) -> str:
        """Say what is done, at what cost, how good that is, and what stays open."""
        return self._overview().text()

    def _repr_html_(self) -> str:
        """Show the same beside a small map of the works, for a notebook."""
        return self._overview().html()

    def _overview(self) -> Overview:
        proof, n = self.proof, late("planning.statement.figures", "figures_of")(self)
        facts: dict[str, object] = {
            "measures": joined(n.actions) or "none",
            "cost_yuan": f"{self.cost_yuan:,.0f}",
            "compliant": f"{n['parts.compliant.before']} of {n['parts.count.after']} parts before, "
            f"{n['parts.compliant.after']} after",
            "open": f"{n['parts.open.after']} parts of {n['places.open.after']} places",
            "unreachable": len(self.unreachable),
            "forbidden": f"{int(self.forbidden['count'].sum()):,} kept out by the law",
            "proof": f"{proof.goal}, value {proof.value:,.0f}, bound that anybody can recount "
            f"{proof.bound:,.0f}, bound by the solver {proof.solver_bound:,.0f}",
            "years": ", ".join(str(year) for year in sorted(set(self.works["year"]))) or "none",
        }
        works = {
            str(label): f"{row.measure}, {row.year}, {row.cost_yuan:,.0f} yuan"
            for label, row in zip(self.works.index, self.works.itertuples(), strict=True)
        }
        folds: dict[str, Mapping[str, object]] = {
            "works": works,
            "parameters": dict(self.parameters),
        }
        return Overview("Plan", facts, folds, self._drawn)

    def _drawn(self) -> list[Drawn]:
        kept = self.measures.geometry[self.measures["year"].eq(0)]
        return [Drawn(kept, UNKNOWN), Drawn(self.works.geometry, GAP)]

    @property
    def cost_yuan(self) -> float:
        """Return what the works of all measures cost [yuan]; for all else see `money.bill`."""
        return float(self.measures["cost_yuan"].sum())

    @property
    def by_life(self) -> bool:
        """Tell whether what was made small is life-cycle cost, and not that of the works."""
        return bool(self.parameters.get("life_cycle"))

    @property
    def works(self) -> gpd.GeoDataFrame:
        """Return the measures for which something is done, if only to confirm a pose."""
        return self.measures[self.measures["year"].gt(0)]

    @property
    def numbers(self) -> pd.Series:
        """Return the numbers by which maps and tables name the works, by camera."""
        labels = self.works.index.sort_values()
        return pd.Series(range(1, len(labels) + 1), index=labels, dtype=int)

    @property
    def not_weighed(self) -> tuple[str, ...]:
        """Planned cameras that are neither taken up nor dropped, for want of something judged."""
        names = self.measures["assumptions"]
        return tuple(map(str, names.index[[NOT_WEIGHED in (own or ()) for own in names]]))

    def stale(self, result: CheckResult, *, prices: str | None = None) -> list[str]:
        """Return the names of the inputs that are no longer as they were; none: it stands.

        Parameters
        ----------
        result
            What `check` finds of the inventory now, without the plan.
        prices
            Digest of the prices now; by default they are taken to be as they were.
        """
        now = input_digests(result) | {PRICES: prices or self.inputs[PRICES]}
        return changed(self.inputs, now)


def planned_city(
    result: CheckResult, measures: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame
) -> City:
    """Return the city as a plan leaves it: its cameras planned, those it drops taken out.

    Measures and cameras are those of the plan. What it re-aims, refurbishes, connects or builds
    has the status ``planned``; what it keeps stays as it is.
    """
    old = result.cameras[[*(column.name for column in CAMERAS), "geometry"]]
    gone = measures.index[measures["measure"].eq("drop")]
    kept = old.drop(index=old.index.intersection(cameras.index.append(gone)))
    added = cameras.assign(status="planned")[old.columns]
    together = gpd.GeoDataFrame(pd.concat([kept, added]) if len(kept) else added, crs=old.crs)
    return replace(result.city, cameras=gpd.GeoDataFrame(CAMERAS.complete(together)).sort_index())
