"""One budget for many counties: what each hands up, and who gets how much, with a proven bound.

A county hands up a curve: for each of some sums of money what a plan of it makes lawful, and what
no plan within that sum can beat. The region chooses a point of each curve: a knapsack with one item
of each class, solved exactly. Each camera is paid by one county and counts for its places; what one
camera at a border could do for two counties is not in the bound.

References
----------
Kellerer, Pferschy, Pisinger 2004, Knapsack Problems, chapter 11 (multiple choice); its dynamic
program over the undominated sums. The bound: whatever a county spends lies between two sums of its
curve, and buys no more than the bound of the upper one though it may cost but the lower one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import pandas as pd

from civicsight.planning.choice.cost_coverage_curve import counted_in
from civicsight.planning.prices.terms import BUDGET_OF, BudgetOf
from civicsight.region.faults import reject

COLUMNS: Final = ("budget_yuan", "cost_yuan", "places", "most_places")
SHARES: Final = ("part", "budget_yuan", "cost_yuan", "places")


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Who gets how much.

    Parameters
    ----------
    shares
        Columns `SHARES`, by part: the sum that it gets, what its plan costs and makes lawful.
    places, most_places
        Places made compliant in all, and what no split of this budget and no plans can beat.
    cost_yuan
        What all plans cost.
    budget_of
        Which sum all of this money is.
    """

    shares: pd.DataFrame
    places: float
    most_places: float
    cost_yuan: float
    budget_of: BudgetOf


class _Offer(NamedTuple):
    """A point of a curve: what it costs, what it is worth, and its row."""

    cost: float
    worth: float
    row: int


def split_budget(
    curves: Mapping[str, pd.DataFrame],
    budget_yuan: float,
    budget_of: BudgetOf = BudgetOf.INVESTMENT,
) -> Split:
    """Split a budget over counties so that most places are made lawful.

    Parameters
    ----------
    curves
        Columns `COLUMNS` by part, as of `cost_coverage_curve.curve`; from its last row on, more
        money buys nothing more. A column ``budget_of`` says which sum its money is; without it, as
        in curves of before, it is works.
    budget_yuan, budget_of
        What there is, and which sum that is.

    Raises
    ------
    InputError
        If a curve has no row, falls, says that a plan beats its own bound, or counts another sum
        than the budget; or if the budget does not reach for the least that each county asks for.
    """
    names = sorted(curves)
    for name in names:
        _require_curve(name, curves[name], budget_of)
    offers = [_offers(curves[name]) for name in names]
    chosen = _choose(offers, budget_yuan)
    if chosen is None:
        least = sum(min(offer.cost for offer in some) for some in offers)
        reject(
            "region.budget", field="--budget", found=f"{budget_yuan:,.0f}", least=f"{least:,.0f}"
        )
    rows = [curves[name].iloc[offer.row] for name, offer in zip(names, chosen, strict=True)]
    shares = pd.DataFrame(
        [(n, *(float(row[c]) for c in COLUMNS[:3])) for n, row in zip(names, rows, strict=True)],
        columns=list(SHARES),
    )
    bound = _choose([_ceilings(curves[name]) for name in names], budget_yuan)
    assert bound is not None  # noqa: S101 - a ceiling costs no more than the offer below it
    most = sum(offer.worth for offer in bound)
    return Split(
        shares, float(shares["places"].sum()), most, float(shares["cost_yuan"].sum()), budget_of
    )


def _require_curve(name: str, curve: pd.DataFrame, budget_of: BudgetOf) -> None:
    lacking = [column for column in COLUMNS if column not in curve.columns]
    if lacking:
        reject("region.curve:columns", name, found=", ".join(lacking))
    if curve.empty:
        reject("region.curve:empty", name)
    if not curve["budget_yuan"].is_monotonic_increasing:
        reject("region.curve:falling", name)
    above_bound = (curve["places"] > curve["most_places"]).any()
    if above_bound or curve[list(COLUMNS)].isna().any(axis=None):
        reject("region.curve:bound", name)
    if not (curve["cost_yuan"] <= curve["budget_yuan"]).all():
        reject("region.curve:budget", name)
    if counted_in(curve) is not budget_of:
        reject("region.curve:sum", name, found=counted_in(curve), of=BUDGET_OF[budget_of])


def _offers(curve: pd.DataFrame) -> list[_Offer]:
    """Return what a county offers: its plans, at what they cost."""
    pairs = zip(curve["cost_yuan"], curve["places"], strict=True)
    return [_Offer(float(cost), float(worth), row) for row, (cost, worth) in enumerate(pairs)]


def _ceilings(curve: pd.DataFrame) -> list[_Offer]:
    """Return what no plan can beat: from each sum on, the bound of the next one."""
    below = [0.0, *curve["budget_yuan"].iloc[:-1]]
    most = curve["most_places"].cummax()
    return [
        _Offer(float(cost), float(worth), row)
        for row, (cost, worth) in enumerate(zip(below, most, strict=True))
    ]


def _choose(offers: list[list[_Offer]], budget: float) -> list[_Offer] | None:
    """Choose one offer of each county, worth most within a budget; of equals the cheapest."""
    fronts: list[list[tuple[float, float, int, _Offer]]] = []
    front = [(0.0, 0.0)]
    for some in offers:
        reached = sorted(
            (cost + offer.cost, -(worth + offer.worth), at, offer.row, offer)
            for at, (cost, worth) in enumerate(front)
            for offer in some
            if cost + offer.cost <= budget
        )
        kept: list[tuple[float, float, int, _Offer]] = []
        for cost, less, at, _, offer in reached:
            if not kept or -less > kept[-1][1]:
                kept.append((cost, -less, at, offer))
        if not kept:
            return None
        fronts.append(kept)
        front = [(cost, worth) for cost, worth, _, _ in kept]
    at, chosen = len(front) - 1, []
    for kept in reversed(fronts):
        _, _, at, offer = kept[at]
        chosen.append(offer)
    return chosen[::-1]
