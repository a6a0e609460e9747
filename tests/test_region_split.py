"""One budget over many counties: the best of all splits, and a bound that nothing beats."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import InputError
from civicsight.planning.prices.terms import BudgetOf
from civicsight.region.split import COLUMNS, split_budget


def county(rng, count=5):
    """Return what each measure of a county costs and makes lawful."""
    return rng.integers(1, 12, count).astype(float), rng.integers(1, 6, count).astype(float)


def best(cost, worth, budget):
    """Return by trying everything what money buys at most, and the cheapest plan that does."""
    picks = np.array(list(product((0, 1), repeat=len(cost))), bool)
    prices, values = picks @ cost, picks @ worth
    allowed = prices <= budget
    most = values[allowed].max()
    return prices[allowed & (values == most)].min(), most


def curve(cost, worth, levels):
    rows = []
    for level in levels:
        price, most = best(cost, worth, level)
        rows.append((level, price, most, most))
    return pd.DataFrame(rows, columns=list(COLUMNS)).assign(budget_of="investment")


@pytest.mark.parametrize("seed", range(25))
def test_curves_with_every_step_give_the_optimum_of_all_counties_together(seed):
    rng = np.random.default_rng(seed)
    counties = [county(rng, 3) for _ in range(4)]
    full = {f"c{k}": curve(c, w, np.arange(0, c.sum() + 1)) for k, (c, w) in enumerate(counties)}
    together = [np.concatenate(columns) for columns in zip(*counties, strict=True)]
    for budget in (0.0, 7.0, 15.0, 1_000.0):
        found = split_budget(full, budget)
        _, most = best(*together, budget)
        assert found.places == most
        assert found.cost_yuan <= budget
        assert found.most_places >= most


@pytest.mark.parametrize("seed", range(25))
def test_with_few_levels_the_optimum_lies_between_the_split_and_its_bound(seed):
    rng = np.random.default_rng(100 + seed)
    counties = [county(rng, 3) for _ in range(4)]
    few = {
        f"c{k}": curve(c, w, np.ceil(np.array([0.0, 0.25, 0.5, 0.75, 1.0]) * c.sum()))
        for k, (c, w) in enumerate(counties)
    }
    together = [np.concatenate(columns) for columns in zip(*counties, strict=True)]
    for budget in (3.0, 12.0, 30.0):
        found = split_budget(few, budget)
        _, most = best(*together, budget)
        assert found.places <= most <= found.most_places


def test_neither_the_order_of_counties_nor_of_equals_matters():
    rng = np.random.default_rng(1)
    curves = {f"c{k}": curve(*county(rng, 3), np.arange(0.0, 12.0)) for k in range(3)}
    one, two = (
        split_budget(dict(order), 14.0) for order in (curves.items(), reversed(curves.items()))
    )
    assert one.shares.equals(two.shares)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "at least one row"),
        ([(5, 5, 1, 1), (0, 0, 0, 0)], "rising money"),
        ([(0, 0, 2, 1)], "above its own bound"),
        ([(0, 1, 0, 0)], "above its budget"),
        ([(0, 0, np.nan, 1)], "above its own bound"),
    ],
)
def test_a_curve_that_cannot_be_is_refused(rows, expected):
    table = pd.DataFrame(rows, columns=list(COLUMNS), dtype=float)
    with pytest.raises(InputError, match=expected):
        split_budget({"a": table}, 10.0)


def test_money_of_all_counties_is_the_same_sum():
    """A curve of before has no word for its money: it is works, and no investment pays it."""
    one = pd.DataFrame([(0.0, 0.0, 0.0, 0.0), (5.0, 5.0, 1.0, 1.0)], columns=list(COLUMNS))
    curves = {"a": one, "b": one.assign(budget_of="investment")}
    for budget_of, wrong in (("investment", "a"), ("works", "b")):
        with pytest.raises(InputError, match=f"{wrong}: expected money that is") as caught:
            split_budget(curves, 10.0, BudgetOf(budget_of))
        assert caught.value.faults[0].file == wrong
    found = split_budget({"a": one}, 10.0, BudgetOf.WORKS)
    assert (found.places, found.budget_of) == (1.0, "works")


def test_a_budget_below_what_counties_need_is_refused():
    table = pd.DataFrame([(5.0, 5.0, 1.0, 1.0)], columns=list(COLUMNS))
    table = table.assign(budget_of="investment")
    with pytest.raises(InputError, match="at least 10 yuan"):
        split_budget({"a": table, "b": table}, 9.0)
    with pytest.raises(InputError, match="columns of a curve"):
        split_budget({"a": table.drop(columns="places")}, 9.0)
