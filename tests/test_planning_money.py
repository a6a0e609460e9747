"""The bill as an office counts it: every sum recounted by exact fractions."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import InputError, MismatchError
from civicsight.core.i18n import translate
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.money.bill import STATEMENT, life_costs, statement, sums_of
from civicsight.planning.prices.price_table import LABELS, read_prices
from civicsight.planning.prices.terms import (
    ROOM,
    BudgetOf,
    annuity,
    invested,
    lacking,
    require_life,
    works_within,
)
from civicsight.planning.record.documents import from_documents, to_documents
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Limits, Status
from civicsight.report.plan.bill import bill_table, tables
from civicsight.report.plan.teller import teller_of
from tests.plan_made import checked, hand_plan

SOURCE = ("contract 7", "2026-02-01", "framework contract")
ROWS = {
    "storage": ("camera-day", "0.35"),
    "platform": ("路·日", "0.1"),
    "licence": ("camera-month", "12"),
    "power": ("台/月", "8.5"),
    "network": ("camera-month", "45"),
    "upkeep": ("camera-5-years", "1000"),
    "upkeep.reaim": ("camera-year", "333.3333"),
    "design": ("%", "4"),
    "supervision": ("%", "2.5%"),
    "contingency": ("%", "5"),
    "tax": ("%", "9"),
    "rate": ("%", "3.5"),
    "life": ("year", "10"),
}


def table_of(tmp_path, rows=ROWS):
    """Return a price table of 100 yuan for each work, with these terms."""
    lines = ["item,unit,price_yuan,source,date,basis"]
    lines += [f"{item},camera,100,{','.join(SOURCE)}" for item in LABELS]
    lines += [f"{item},{unit},{price},{','.join(SOURCE)}" for item, (unit, price) in rows.items()]
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def terms(tmp_path):
    return read_prices(table_of(tmp_path)).terms


def whole(value):
    """Return whole yuan, a half up."""
    return int((value * 2 + 1) // 2)


def test_every_row_and_sum_is_that_of_exact_fractions(terms):
    """The plan by hand: works of 24,300 yuan, one camera turned, one built."""
    plan = hand_plan(terms=terms)
    works = 800 + 3_500 + 12_000 + 8_000
    design, supervision = whole(Fraction(4, 100) * works), whole(Fraction(25, 1000) * works)
    contingency = whole(Fraction(5, 100) * (works + design + supervision))
    tax = whole(Fraction(9, 100) * (works + design + supervision + contingency))
    invested = works + design + supervision + contingency + tax
    each_year = [
        whole(Fraction("0.35") * 365 * 2),
        whole(Fraction("0.1") * 365 * 2),
        whole(Fraction(12) * 12 * 2),
        whole(Fraction("8.5") * 12 * 2),
        whole(Fraction(45) * 12 * 2),
        whole(Fraction(1000, 5)),
        whole(Fraction("333.3333")),
    ]
    rate, worth = Fraction("3.5") / 100, Fraction(0)
    for year in range(10):
        worth += 1 / (1 + rate) ** (year + 1)
    present = invested + whole(worth * sum(each_year))
    assert tuple(sums_of(plan)) == (invested, sum(each_year), present)
    rows = statement(plan)
    assert rows.loc[rows["section"].eq("yearly"), "cost_yuan"].tolist() == [
        *each_year, sum(each_year)
    ]  # fmt: skip
    own = rows[rows["quantity"].notna() & ~rows["item"].eq("later")]
    assert own[["source", "dated_on", "unit"]].ne("").all(axis=None)
    for name, group in rows[~rows["section"].isin(["yearly", "present"])].groupby("section"):
        said = group.loc[group["item"].eq("subtotal"), "cost_yuan"].item()
        own = group.loc[group["quantity"].notna(), "cost_yuan"].sum()
        assert said == (works if name == "works" else own), name


@pytest.mark.slow
def test_the_dearest_works_of_a_budget_are_those_of_trying_every_sum(terms):
    bills = [invested(terms, works) for works in range(400)]
    assert bills == sorted(bills)
    for budget in range(0, bills[-1], 7):
        found = works_within(terms, budget, BudgetOf.INVESTMENT)
        assert bills[int(found)] <= budget < bills[int(found) + 1]
    assert works_within(terms, 4_000.7, BudgetOf.WORKS) == 4_000.7
    assert works_within(terms, float("inf"), BudgetOf.INVESTMENT) == float("inf")
    assert invested(terms, 24_300) == sums_of(hand_plan(terms=terms)).investment
    for budget in (10**9 + 1, 3 * 10**9):  # the room of a certificate is yuan there
        limit = works_within(terms, budget, BudgetOf.INVESTMENT)
        assert invested(terms, math.floor(limit * (1 + ROOM) + ROOM)) <= budget


def test_the_worth_of_a_yuan_a_year_is_the_closed_formula():
    for percent, years in itertools.product((1, 3, 7), (1, 10, 50)):
        rate = Fraction(percent, 100)
        assert annuity(rate, years) == (1 - (1 + rate) ** -years) / rate
    assert annuity(Fraction(0), 12) == 12


def test_a_plan_without_terms_says_so_in_words_and_counts_what_it_counted():
    plan = hand_plan()
    assert tuple(sums_of(plan)) == (24_300, None, None)
    assert b'"terms"' not in to_documents(plan)["plan.json"]
    for language, said in (("en", "no rows of yearly cost"), ("zh_CN", "没有年度费用的行")):
        blocks = tables(teller_of(plan, checked(), language))
        assert any(isinstance(block, str) and said in block for block in blocks)


def test_what_the_table_lacks_is_named(tmp_path):
    rows = {name: row for name, row in ROWS.items() if name not in ("tax", "network", "life")}
    plan = hand_plan(terms=read_prices(table_of(tmp_path, rows)).terms)
    assert lacking(plan.terms) == ("network", "tax", "life")
    assert sums_of(plan).present is None
    blocks = [str(block) for block in tables(teller_of(plan, checked(), "en"))]
    assert any("no rate or no number of years" in block for block in blocks)
    assert any("not counted: Network, Tax, on all of the above" in block for block in blocks)


def test_terms_are_kept_with_the_plan_to_the_digit(terms):
    plan = hand_plan(terms=terms)
    again = from_documents(to_documents(plan))
    pd.testing.assert_frame_equal(again.terms, plan.terms)
    assert sums_of(again) == sums_of(plan)


def test_the_sheet_has_words_in_both_languages_and_no_codes(terms):
    sheet = bill_table(hand_plan(terms=terms)).reset_index()
    said = [*sheet["section"], *sheet["work"], *sheet["unit"]]
    assert all(
        any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in said if text not in ("", "%")
    )
    assert not set(said) & {*LABELS, *ROWS}
    assert list(statement(hand_plan()).columns) == list(STATEMENT)


@pytest.mark.parametrize(
    ("item", "unit", "price", "field"),
    [
        ("storage", "camera", "1", "unit"),
        ("storage", "camera-2-months", "1", "unit"),
        ("storage", "camera-day", "0.12345", "price_yuan"),
        ("storage", "camera-day", "-1", "price_yuan"),
        ("storage", "camera-day", "nan", "price_yuan"),
        ("storage.sell", "camera-day", "1", "item"),
        ("design", "yuan", "4", "unit"),
        ("tax", "%", "101", "price_yuan"),
        ("rate", "%", "much", "price_yuan"),
        ("life", "year", "7.5", "price_yuan"),
        ("life", "year", "0", "price_yuan"),
        ("life", "month", "7", "unit"),
    ],
)
def test_a_bad_row_is_named_with_its_remedy(tmp_path, item, unit, price, field):
    with pytest.raises(InputError) as caught:
        read_prices(table_of(tmp_path, {item: (unit, price)}))
    (fault,) = caught.value.faults
    assert (fault.field, fault.where) == (field, f"row {len(LABELS) + 2}")
    for text in (fault.expected, fault.remedy):
        assert str(text)
        assert (field == "unit" and unit == "yuan") or not translate(text, "zh_CN").isascii()


def test_life_cycle_cost_without_what_it_takes_is_refused(tmp_path):
    rows = {name: row for name, row in ROWS.items() if name in ("design", "rate")}
    prices = read_prices(table_of(tmp_path, rows))
    with pytest.raises(MismatchError, match="no row for life; storage, platform"):
        require_life(prices.terms, prices.name)


def test_the_least_life_cycle_cost_is_that_of_trying_every_choice(terms):
    """Old devices that are cheap to keep as such and dear to run against new ones."""
    measures = ["keep", "reaim", "refurbish", "new", "connect", "new", "keep"]
    terms = pd.concat(
        [terms, terms[terms["item"].eq("upkeep")].assign(item="upkeep.keep", price_yuan=40_000.0)]
    )
    cost = np.array([50.0, 300, 2_100, 7_000, 1_500, 2_600, 50])
    life = life_costs(terms, cost, measures)
    meets = [[0, 1], [1, 2], [0, 1], [0, 1, 2, 3], [3], [2, 3], [2]]
    problem, by_works = (
        Problem.of(
            meets, cost=each, n_requirement=4, need=np.ones(4, int), weight=np.ones(4),
            site=np.full(7, FREE), capacity=np.zeros(0, int), group=np.full(4, FREE),
            slack=np.zeros(0),
        )
        for each in (life, cost)
    )  # fmt: skip
    factor = Fraction(1) * (1 + Fraction("6.5") / 100) * Fraction("1.05") * Fraction("1.09")
    worth = annuity(Fraction("0.035"), 10)
    shared = (Fraction("0.45") * 365 + Fraction("65.5") * 12) * worth
    upkeep = {"keep": 8_000, "reaim": Fraction("333.3333")}
    exact = [
        whole(int(own) * factor + shared + upkeep.get(name, 200) * worth)
        for own, name in zip(cost, measures, strict=True)
    ]
    assert life.tolist() == exact
    least = min(
        (sum(exact[j] for j in taken), taken)
        for count in range(1, 8)
        for taken in itertools.combinations(range(7), count)
        if set().union(*(meets[j] for j in taken)) == {0, 1, 2, 3}
    )
    found = minimise_cost(problem, limits=Limits(steps=200))
    assert found.status is Status.OPTIMAL
    assert (found.value, tuple(np.flatnonzero(found.chosen))) == least
    other = minimise_cost(by_works, limits=Limits(steps=200))
    assert "keep" in {measures[j] for j in np.flatnonzero(other.chosen)}
    assert "keep" not in {measures[j] for j in least[1]}
