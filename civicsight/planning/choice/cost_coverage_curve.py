"""What money buys, level by level: places made compliant, parts and metres, each with its bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray
from civicsight.planning.aims.policy_file import Policy
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.most_compliance import most_lawful
from civicsight.planning.choice.price_of_share import CHOSEN
from civicsight.planning.prices.terms import BudgetOf, counted, works_within
from civicsight.planning.record.plan import CURVE, STAGES
from civicsight.planning.solver.lawful_model import Lawful, whole_count
from civicsight.planning.solver.outcome import Limits, Outcome

LEVELS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of what the cheapest choice that meets all costs, at which a planner sees a plan."""


class Below(NamedTuple):
    """What less money than a plan's buys, by rising money, and the cheapest choice that meets all.

    A plan begins from the last of it, so that its curve never shows more for less money.
    """

    full: Outcome
    bought: tuple[tuple[float, Outcome], ...]

    def beats(self, lawful: Lawful, chosen: BoolArray) -> BoolArray | None:
        """Return what the most of this money bought, where that reaches more than a choice."""
        if not self.bought:
            return None
        best = self.bought[-1][1].chosen
        found, own = lawful.count(best).reached, lawful.count(chosen).reached
        return best if found > own else None


def below(lawful: Lawful, limits: Limits, **more: Any) -> Below | None:
    """Buy with each of `LEVELS` that is less than the money there is; `more` as of `curve`.

    Without a total there is no less, and without a choice that meets all there are no levels.
    """
    money = lawful.budgets.total_yuan
    if not np.isfinite(money):
        return None
    full = minimise_cost(lawful.problem, limits=limits, **more)
    if full.status not in CHOSEN:
        return None
    levels = [level for level in levels_of(lawful, full) if level < money]
    return Below(full, tuple(bought(lawful, full, levels, limits=limits, **more)))


def curve(
    lawful: Lawful,
    levels: Sequence[float] | None = None,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    begun: Below | None = None,
    start: BoolArray | None = None,
) -> pd.DataFrame:
    """Tell what money buys, from nothing up to the cheapest choice that meets all.

    Parameters
    ----------
    lawful
        What is asked for; of its budgets all but the total hold.
    levels
        Money [yuan]; by default `LEVELS` of what the cheapest choice that meets all costs.
    limits
        Of each run.
    begun, start
        What less money than a plan's was found to buy, and the choice of that plan.

    Returns
    -------
    pandas.DataFrame
        Columns `plan.CURVE` by rising money. Each level begins from what the one before found, so
        that nothing falls; a level whose floors the money does not reach is left out.
    """
    more: dict[str, Any] = {"limits": limits or Limits(), "seed": seed, "threads": threads}
    full = begun.full if begun else minimise_cost(lawful.problem, **more)
    known = begun.bought if begun else ()
    money = sorted(set(levels_of(lawful, full) if levels is None else levels))
    rest = [level for level in money if not known or level > known[-1][0]]
    found = (*known, *bought(lawful, full, rest, start=start, **more))
    rows = [row_of(lawful, *each) for each in found]
    return pd.DataFrame(rows, columns=list(CURVE))


def in_works(
    terms: pd.DataFrame, levels: Sequence[float] | None, budget_of: BudgetOf
) -> dict[float, float] | None:
    """Return money that somebody asks about by the works that it pays; None where nobody does."""
    if levels is None:
        return None
    return {works_within(terms, level, budget_of): level for level in sorted(levels)}


def as_counted(
    curve: pd.DataFrame,
    terms: pd.DataFrame,
    budget_of: BudgetOf,
    asked: Mapping[float, float] | None = None,
) -> pd.DataFrame:
    """Return a curve whose money is counted as budgets are, and that says so.

    Parameters
    ----------
    curve
        Columns `plan.CURVE`, its money in works.
    asked
        Money that was asked about by the works of its row; by default what these come to.
    """

    def told(works: float) -> float:
        return counted(terms, works, budget_of)

    known = asked or {}
    return curve.assign(
        budget_yuan=[known.get(works, told(works)) for works in curve["budget_yuan"]],
        cost_yuan=[told(works) for works in curve["cost_yuan"]],
        budget_of=str(budget_of),
    )


def counted_in(curve: pd.DataFrame) -> BudgetOf:
    """Return which sum the money of a curve is; one of before had no word for it, and is works."""
    said = curve["budget_of"] if "budget_of" in curve else pd.Series(dtype=object)
    return BudgetOf(said.iloc[0]) if len(said) else BudgetOf.WORKS


def levels_of(lawful: Lawful, full: Outcome, shares: Sequence[float] = LEVELS) -> list[float]:
    """Return shares of what the cheapest choice that meets all costs [yuan]."""
    dear = lawful.problem.price(full.chosen) if full.status in CHOSEN else 0.0
    return [float(np.ceil(share * dear)) for share in shares]


def bought(
    lawful: Lawful,
    full: Outcome,
    levels: Sequence[float] | None = None,
    *,
    start: BoolArray | None = None,
    **more: Any,
) -> Iterator[tuple[float, Outcome]]:
    """Yield what each level of money buys, by rising money; arguments as of `curve`.

    Each level begins from what the one before found, the first from `start`.
    """
    more.setdefault("known", {})
    for level in sorted(set(levels_of(lawful, full) if levels is None else levels)):
        asked = replace(lawful, budgets=replace(lawful.budgets, total_yuan=level))
        found = most_lawful(asked, **more, full=full, start=start)
        if found.status in CHOSEN:
            start = found.chosen
            yield level, found


def row_of(lawful: Lawful, level: float, found: Outcome) -> tuple[float, ...]:
    """Return what a level of money bought as a row of `plan.CURVE`."""
    reached = lawful.count(found.chosen)
    words = [stage.word for stage in found.stages] or reached.reached
    most = dict(zip(lawful.aims, words, strict=True))
    pairs = [
        figure
        for aim in ("places", "parts", "metres")
        for figure in (reached.of_aim[aim], most.get(aim, np.nan))
    ]
    return (level, lawful.problem.price(found.chosen), *pairs)


def staged(outcome: Outcome, policy: Policy, others: pd.DataFrame) -> pd.DataFrame:
    """Return what a budget bought, columns `plan.STAGES`; the stages of other aims as they are.

    Bounds are those that can be recounted, of what counts whole places or parts in whole ones.
    """
    if not outcome.stages:
        return others
    rows = [
        # What is made small is a loss.
        (aim, abs(each.value), abs(whole_count(aim, each.bound, policy.weights.values())))
        for aim, each in zip(policy.aims, outcome.stages, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(STAGES))
