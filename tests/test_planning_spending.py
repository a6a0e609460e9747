"""Money held against what is spent: in words, from the record, wherever a plan passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import MismatchError
from civicsight.planning.money.bill import sums_of
from civicsight.planning.prices.terms import BudgetOf, invested
from civicsight.planning.record.plan import FUNDS
from civicsight.planning.statement.spending import (
    compare_spending,
    describe_spending,
    grants_of,
    most_works,
    require_kept,
)
from civicsight.store import Actor, Role, open_store
from civicsight.store.optimised_plans import keep_plan
from tests.plan_made import hand_plan

TERMS = pd.DataFrame(
    [("design", "%", 4.0), ("supervision", "%", 2.5), ("contingency", "%", 5.0), ("tax", "%", 9.0)],
    columns=["item", "unit", "price_yuan"],
).assign(source="contract 7", dated_on="2026-02-01")
"""The works of the plan by hand are 24,300 yuan, of which 800 are of 2027 in the East."""


def asked(budget, *grants, budget_of=None, terms=TERMS):
    """Return the plan by hand as asked for with money; a grant is year, district, money, of."""
    plan = hand_plan(terms=terms)
    rows = [(year, name, money, 0.0, np.nan, np.nan) for year, name, money, _ in grants]
    said = {"budget_yuan": budget, "years": [2027, 2028]}
    said |= {} if budget_of is None else {"budget_of": budget_of}
    said["grants"] = [{"budget_of": of} if of else {} for *_, of in grants]
    funds = pd.DataFrame(rows, columns=list(FUNDS))
    return replace(plan, funds=funds, parameters={**plan.parameters, **said})


def test_a_budget_is_held_against_the_sum_that_it_limits():
    bill = sums_of(hand_plan(terms=TERMS)).investment
    assert bill == invested(TERMS, 24_300) > 24_300
    for budget, of, is_kept in (
        (bill, "investment", True),
        (bill - 1, "investment", False),
        (24_300, "investment", False),
        (24_300, "works", True),
        (24_299, "works", False),
    ):
        (row,) = compare_spending(asked(budget, budget_of=of)).itertuples()
        assert (row.is_kept, row.budget_of) == (is_kept, of), (budget, of)
        assert row.spent_yuan == (bill if of == "investment" else 24_300)
    assert compare_spending(asked(None)).empty


def test_rows_count_what_lies_in_their_year_and_district():
    rows = ((0, "", 24_300, "works"), (2027, "East", 799, "works"), (2028, "", 23_500, "works"),
            (0, "West", invested(TERMS, 23_500), "investment"), (0, "East", 5_000, ""),
            (2027, "", np.nan, "works"))  # fmt: skip
    table = compare_spending(asked(None, *rows))
    assert table["is_kept"].tolist() == [True, False, True, True, True]
    assert table["spent_yuan"].tolist() == [24_300, 800, 23_500, invested(TERMS, 23_500), 800]
    assert table["budget_of"].tolist() == ["works", "works", "works", "investment", "works"]


def test_money_of_plans_of_before_is_works():
    plan = asked(30_000.0, (2027, "", 1_000.0, ""))
    assert [grant.budget_of for grant in grants_of(plan)] == [BudgetOf.WORKS] * 2
    (first, _) = compare_spending(plan).itertuples()
    assert str(describe_spending(first)) == (
        "Budget (Works; all years, all districts): 30,000 yuan, spent 24,300 yuan."
    )


def test_what_is_exceeded_is_named_and_such_a_plan_is_not_kept(tmp_path):
    plan = asked(None, (0, "", 6_000.0, "works"))
    said = "spends more than there is .*all years, all districts.*6,000 yuan, spent 24,300 yuan"
    with pytest.raises(MismatchError, match=said):
        require_kept(plan)
    with open_store(tmp_path / "plans.gpkg", create=True) as store:
        actor = Actor("Li", Role.PLANNER)
        with pytest.raises(MismatchError, match=said):
            keep_plan(store, actor, "east", plan, "East")
        assert store.list_plans(actor) == []


def test_a_certificate_limits_what_the_money_pays():
    assert most_works(asked(None)) == np.inf
    assert most_works(asked(invested(TERMS, 900), budget_of="investment")) == 900
    both = asked(5_000.0, (0, "", 900.0, "works"), (2027, "East", 5.0, "works"))
    assert most_works(both) == 900
    years = ((2027, "", 300.0, "works"), (2028, "", invested(TERMS, 400), "investment"))
    assert most_works(asked(None, *years)) == 700
    assert most_works(asked(None, years[0])) == np.inf
