"""What a plan may spend, held against what it spends: the one place that compares the two.

A plan is compared when it is made, kept, verified and shown, from its own record alone.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.errors import N_, MismatchError, Text
from civicsight.core.figure import keyed
from civicsight.planning.money.budgets import Grant
from civicsight.planning.prices.terms import BUDGET_OF, ROOM, BudgetOf, counted, works_within
from civicsight.planning.record.plan import Plan
from civicsight.planning.years.timetable import years_in_order

SPENDING: Final = ("year", "district", "budget_of", "budget_yuan", "spent_yuan", "is_kept")
"""Columns of `compare_spending`; year 0 is all years, no district all of them."""


def grants_of(plan: Plan) -> tuple[Grant, ...]:
    """Return the money of a plan as its record has it, the whole budget first.

    Names of districts are those of ``funds``. Of plans of before, budgets are works.
    """
    said = plan.parameters
    whole = said.get("budget_yuan")
    first = () if whole is None else (Grant(None, "", float(whole), budget_of=BudgetOf.of(said)),)
    kept: list[Any] = list(said.get("grants") or ({},) * len(plan.funds))
    rows = zip(plan.funds.itertuples(), kept, strict=False)
    return first + tuple(
        Grant(
            int(row.year) or None,
            row.district,
            None if np.isnan(row.budget_yuan) else float(row.budget_yuan),
            None if np.isnan(row.floor) else float(row.floor),
            BudgetOf.of(own),
        )
        for row, own in rows
    )


def sums_of_funds(plan: Plan) -> list[BudgetOf]:
    """Return which sum each row of the ``funds`` of a plan limits."""
    own = grants_of(plan)
    return [grant.budget_of for grant in own[len(own) - len(plan.funds) :]]


def spent_by(plan: Plan, grant: Grant) -> float:
    """Return what a plan spends of a grant, in the sum that its budget limits [yuan]."""
    own = plan.measures
    own = own if grant.year is None else own[own["year"].eq(grant.year)]
    own = own[own["district"].eq(grant.district)] if grant.district else own
    return counted(plan.terms, float(own["cost_yuan"].sum()), grant.budget_of)


def compare_spending(plan: Plan) -> pd.DataFrame:
    """Hold every sum that limits a plan against what it spends.

    Returns
    -------
    pandas.DataFrame
        Columns `SPENDING`, a row for the whole budget and for each row of a table of budgets that
        limits money; none where nothing does.
    """
    rows = []
    for grant in grants_of(plan):
        if grant.budget_yuan is None:
            continue
        spent, most = spent_by(plan, grant), grant.budget_yuan
        is_kept = spent <= most * (1.0 + ROOM) + ROOM
        rows.append((grant.year or 0, grant.district, grant.budget_of, most, spent, is_kept))
    return pd.DataFrame(rows, columns=list(SPENDING))


def describe_spending(row: Any) -> Text:
    """Say what a row of `compare_spending` has, and what is spent of it."""
    is_whole = not row.year and not row.district
    key = f"cost.{row.budget_of}" if is_whole else f"spent.{row.year}/{row.district}"
    sums = {
        "of": BUDGET_OF[BudgetOf(row.budget_of)],
        "budget": f"{row.budget_yuan:,.0f}",
        "spent": keyed(key, f"{row.spent_yuan:,.0f}"),
        "year": str(row.year) if row.year else N_("all years"),
        "district": row.district or N_("all districts"),
    }
    if row.is_kept:
        return N_(
            "Budget (%(of)s; %(year)s, %(district)s): %(budget)s yuan, spent %(spent)s yuan.",
            **sums,
        )
    return N_(
        "The plan spends more than there is (%(of)s; %(year)s, %(district)s): budget %(budget)s "
        "yuan, spent %(spent)s yuan.",
        **sums,
    )


def require_kept(plan: Plan) -> None:
    """Refuse a plan that spends more than it may.

    Raises
    ------
    MismatchError
        With the first sum that is exceeded.
    """
    table = compare_spending(plan)
    for row in table[~table["is_kept"].astype(bool)].itertuples():
        raise MismatchError(describe_spending(row))


def most_works(plan: Plan) -> float:
    """Return the dearest works that the money of all districts pays: what a certificate limits."""
    grants = [grant for grant in grants_of(plan) if grant.budget_yuan is not None]
    years = years_in_order(plan.parameters.get("years") or (), grants)
    by_year, least = dict.fromkeys(years, np.inf), np.inf
    for grant in grants:
        works = works_within(plan.terms, float(grant.budget_yuan or 0.0), grant.budget_of)
        if grant.district:
            continue
        if grant.year is None:
            least = min(least, works)
        else:
            by_year[grant.year] = works
    return float(min(least, sum(by_year.values())))
