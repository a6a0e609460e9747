"""Works of others share trench and pole: in their area and year nobody pays them twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import box

from civicsight.core.errors import MismatchError
from civicsight.coverage.check import check
from civicsight.model import PROJECTS
from civicsight.planning.candidates import generate
from civicsight.planning.make import Aims, Run, make_plan
from civicsight.planning.money.bill import life_of_plan, sums_of
from civicsight.planning.money.budgets import Grant
from civicsight.planning.proof.contradictions import contradictions
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.works.shared_works import share_works
from civicsight.report.plan.bill import tables
from civicsight.report.plan.teller import teller_of
from tests.test_check import inventory, table, town

RUN = Run(Limits(steps=200), seed=3)
YEARS = (2027, 2028)
SOUTH, NORTH = box(-50, -50, 150, 20), box(-50, 20.001, 150, 100)


@pytest.fixture(scope="module")
def result():
    """Nothing covers either gate yet."""
    return check(town(inventory(away=((5, -8), 180.0, {}))), raster=False)


@pytest.fixture(scope="module")
def offers(result):
    return generate(result)


def with_works(result, **rows):
    """Return a check whose register has projects, the first in the south, the next in the north."""
    projects = table(PROJECTS, rows, [SOUTH, NORTH][: len(rows)])
    return replace(result, city=replace(result.city, projects=projects))


def road(shares="both", day="2028-10-01", **more):
    return {"name": "Ring road", "shares": shares, "main_completed_on": day} | more


@pytest.mark.parametrize(
    ("shares", "gone"),
    [("both", {"pole", "supply.new"}), ("pole", {"pole"}), ("trench", {"supply.new"})],
)
def test_in_area_and_year_nobody_pays_twice(result, offers, shares, gone):
    works = with_works(result, ring=road(shares))
    found = share_works(offers, works.city, YEARS, {})
    south = offers.table.geometry.y.to_numpy() <= 20
    prices, changed = offers.prices, 0
    rows = zip(offers.table["items"], found.table["items"], found.table["cost_yuan"], strict=True)
    for is_south, label, (before, after, cost) in zip(south, offers.table.index, rows, strict=True):
        spared = gone & {item for item, _ in before} if is_south else set()
        assert {paid.item for paid in found.paid.get(label, ())} == spared
        left = [each for each in before if each[0] not in spared]
        left += [("supply.near", 1)] if "supply.new" in spared else []
        assert sorted(after) == sorted(left)
        assert cost == prices.cost_yuan(tuple(left))
        changed += bool(spared)
    assert changed
    assert all(paid[0].project == "Ring road" for paid in found.paid.values())


def test_where_a_box_is_dearer_than_a_supply_no_trench_is_shared(result, offers):
    dear = offers.prices.table.copy()
    dear.loc["supply.near", "price_yuan"] = dear.loc["supply.new", "price_yuan"] + 1
    prices = replace(offers.prices, table=dear)
    works = with_works(result, ring=road("both"))
    found = share_works(replace(offers, prices=prices), works.city, YEARS, {})
    assert {paid.item for own in found.paid.values() for paid in own} == {"pole"}


@pytest.mark.parametrize(
    "row",
    [
        road(day="2029-01-01"),
        road(shares=None),
        road(day=None),
        road(main_completed_on=None, acceptance_on=None),
    ],
)
def test_another_year_or_nothing_to_share_changes_nothing(result, offers, row):
    assert share_works(offers, with_works(result, ring=row).city, YEARS, {}) is offers


def test_who_is_pinned_to_another_year_pays(result, offers):
    works = with_works(result, ring=road(), metro=road(day="2027-03-01"))
    found = share_works(offers, works.city, YEARS, {})
    by_hand = dict.fromkeys(found.paid, 2027)
    kept = share_works(offers, works.city, YEARS, by_hand)
    north = set(offers.table.index[offers.table.geometry.y > 20.001])
    assert set(kept.paid) == set(found.paid) & north
    assert set(found.paid) - north


def test_the_bill_names_the_project_and_the_certificate_holds(result, offers):
    works = with_works(result, ring=road(), metro=road(day="2027-03-01", name="Metro"))
    plan = make_plan(works, Aims(years=YEARS, extras=False), offers=offers, run=RUN)
    alone = make_plan(result, Aims(years=YEARS, extras=False), offers=offers, run=RUN)
    assert plan.cost_yuan <= alone.cost_yuan
    assert not {"pole", "supply.new"} & set(plan.bill["item"])
    shared = plan.bill[plan.bill["item"].str.startswith("shared.")]
    assert len(shared)
    assert shared["cost_yuan"].eq(0.0).all()
    named = {"Ring road": 2028, "Metro": 2027}
    years = plan.measures["year"].reindex(shared["camera_id"]).to_numpy()
    assert np.array_equal(shared["source"].map(named).to_numpy(), years)
    assert contradictions(plan) == []
    said = str(tables(teller_of(plan, works, "zh_CN"))[0])
    assert set(shared["source"]) <= {name for name in named if name in said}


def test_a_plan_of_least_life_cycle_cost_stands_a_recount(result, offers):
    aims = Aims(years=YEARS, extras=False)
    plain = make_plan(result, aims, offers=offers, run=RUN)
    life = make_plan(result, replace(aims, life_cycle=True), offers=offers, run=RUN)
    assert life.proof.value == life_of_plan(life).sum() <= life_of_plan(plain).sum()
    assert plain.cost_yuan <= life.cost_yuan
    sums = sums_of(life)
    assert abs(sums.present - life.proof.value) <= 10 + len(life.bill)
    assert contradictions(life) == []
    other = replace(life, terms=life.terms.assign(price_yuan=1.0))
    assert contradictions(other) == ["record.differs"]


def test_life_cycle_cost_within_a_budget_is_refused():
    with pytest.raises(MismatchError, match="ask for one of the two"):
        Aims(life_cycle=True, budget_yuan=5.0)
    with pytest.raises(MismatchError, match="ask for one of the two"):
        Aims(life_cycle=True, grants=(Grant(2027, "", 5.0),))
