"""Money, floors and pinned works by district and year, on the school with two gates."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from civicsight.core.errors import InputError, MismatchError
from civicsight.coverage.check import check
from civicsight.model import DISTRICTS, PROJECTS
from civicsight.planning.aims.requirements import build_problem
from civicsight.planning.candidates import generate
from civicsight.planning.make import SHORT, Aims, Run, choose, make_plan
from civicsight.planning.money.bill import sums_of
from civicsight.planning.money.budgets import Grant
from civicsight.planning.prices.terms import BudgetOf, invested
from civicsight.planning.proof.evidence import recount, unpack
from civicsight.planning.record.plan import Goal
from civicsight.planning.solver.outcome import Limits, Status
from civicsight.planning.statement.claims import statement_of
from civicsight.planning.statement.promises import Kind
from civicsight.planning.years.timetable import frame_of, only_built, project_years, timetable
from tests.test_check import inventory, table, town

RUN = Run(Limits(steps=200), seed=3)
YEARS = (2027, 2028)


def districts():
    """Return the land south of the school's middle, and north of it."""
    rows = {
        "s": {"code": "1", "name": "South", "level": "county"},
        "n": {"code": "2", "name": "North", "level": "county"},
    }
    return table(DISTRICTS, rows, [box(-50, -50, 150, 20), box(-50, 20, 150, 100)])


@pytest.fixture(scope="module")
def result():
    """Nothing covers either gate yet."""
    bare = town(inventory(away=((5, -8), 180.0, {})))
    return check(replace(bare, districts=districts()), raster=False)


@pytest.fixture(scope="module")
def posed(result):
    offers = generate(result)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("civicsight.planning.make.candidates_of", lambda *_, **__: offers)
        yield offers, build_problem(offers, result)


def plan_of(result, *grants, **more):
    return make_plan(result, Aims(grants=grants, extras=False, **more), run=RUN)


def served(plan):
    """Return the districts in which something is built."""
    return set(plan.works["district"])


@pytest.mark.usefixtures("posed")
def test_a_district_without_money_gets_nothing(result, tmp_path):
    plan = plan_of(result, Grant(2027, "North", 0.0), Grant(2027, "1", 10**6))
    assert plan.proof.goal is Goal.WIDEST
    assert served(plan) == {"South"}
    by_gate = dict(zip(plan.parts["district"], plan.parts["status_after"], strict=True))
    assert by_gate["South"] == "covered"
    unpack(plan.files, tmp_path)
    assert recount(tmp_path) == []
    told = plan.funds.set_index("district")
    assert told.loc["South", "spent_yuan"] == sums_of(plan).investment > plan.cost_yuan
    share = plan.parts.set_index("district")["share_after"]
    assert told["share"].to_dict() == pytest.approx(share.to_dict())


@pytest.mark.usefixtures("posed")
def test_money_of_all_districts_by_year_is_kept(result):
    whole = plan_of(result, years=YEARS)
    dearest = whole.measures["cost_yuan"].max()
    works = [Grant(year, "", dearest, budget_of=BudgetOf.WORKS) for year in YEARS]
    bills = [Grant(year, "", invested(whole.terms, int(dearest))) for year in YEARS]
    for grants in (works, bills):
        plan = plan_of(result, *grants)
        spent = plan.works.groupby("year")["cost_yuan"].sum()
        assert (spent <= dearest).all()
        assert set(spent.index) <= set(YEARS)
        assert plan.parts["status_after"].eq("covered").all()
    less = [replace(grant, budget_yuan=grant.budget_yuan - 1) for grant in bills]
    assert not plan_of(result, *less).parts["status_after"].eq("covered").all()


@pytest.mark.usefixtures("posed")
def test_a_floor_decides_what_is_built_first(result):
    """Half of the money is there by year; the district with a floor goes first, whichever it is."""
    for name in ("North", "South"):
        plan = plan_of(result, Grant(2027, name, None, 0.9), years=YEARS)
        assert served(plan.__class__(**_only(plan, 2027))) == {name}
        (row,) = plan.funds.itertuples()
        assert (row.year, row.district, row.floor) == (2027, name, 0.9)
        assert row.share >= 0.9


def _only(plan, year):
    fields = {name: getattr(plan, name) for name in plan.__dataclass_fields__}
    keep = plan.measures["year"].eq(year)
    return fields | {
        "measures": plan.measures[keep],
        "cameras": plan.cameras[plan.cameras.index.isin(plan.measures.index[keep])],
        "bill": plan.bill[plan.bill["camera_id"].isin(plan.measures.index[keep])],
    }


def test_what_no_year_has_the_money_for_is_left_out_and_named(result, posed):
    """A camera pinned to a year without money is not built, and nothing else is claimed."""
    offers, asked = posed
    frame = frame_of(asked, offers, result, YEARS, ())
    outcome, _ = choose(asked.problem, offers, Aims(), RUN)
    chosen = np.flatnonzero(outcome.chosen)
    dear = chosen[np.argmax(asked.problem.cost[chosen])]
    label = str(offers.table.index[dear])
    grants = (Grant(2027, "", 0.0),)
    frame = frame_of(asked, offers, result, YEARS, grants)
    timed = timetable(asked, offers, outcome.chosen, result, frame, {label: 2027})
    (row,) = timed.unbuilt(offers).itertuples()
    assert (row.camera_id, row.reason) == (label, "pinned")
    left = only_built(asked.problem, outcome, timed.made)
    assert not left.chosen[dear]
    assert left.chosen.sum() == outcome.chosen.sum() - 1
    assert left.value == asked.problem.weight[asked.problem.is_met(left.chosen)].sum()
    assert only_built(asked.problem, outcome, replace(timed.made, unbuilt={})) is outcome


def test_a_camera_has_the_year_of_the_project_in_whose_area_it_is(result, posed):
    offers, asked = posed
    shapes = [box(-50, -50, 150, 20), box(-50, 20, 150, 100), box(0, 0, 1, 1)]
    rows = {
        "old": {"main_in_use_on": "2028-05-01", "acceptance_on": "2027-01-01"},
        "new": {"acceptance_on": "2027-03-01"},
        "lost": {},
    }
    projects = table(PROJECTS, rows, shapes)
    works = replace(result, city=replace(result.city, projects=projects))
    years = project_years(asked, offers, works)
    assert len(years) == len(offers.table)
    south = offers.table.geometry.y.to_numpy() <= 20  # on the edge the later project counts
    for j, year in years.items():
        assert year == (2028 if south[j] else 2027)
    assert project_years(asked, offers, result) == {}
    plan = make_plan(works, Aims(years=YEARS, extras=False), run=RUN)
    at = plan.works.geometry.y.le(20)
    assert plan.works["year"].tolist() == np.where(at, 2028, 2027).tolist()
    by_hand = make_plan(
        works,
        Aims(years=YEARS, extras=False, pinned=dict.fromkeys(plan.works.index, 2027)),
        run=RUN,
    )
    assert by_hand.works["year"].eq(2027).all()


@pytest.mark.usefixtures("posed")
@pytest.mark.parametrize(
    ("grant", "match"), [(Grant(2031, "", 5.0), "2031"), (Grant(2027, "Far", 5.0), "Far")]
)
def test_a_grant_of_another_year_or_place_is_named(result, grant, match):
    with pytest.raises(InputError, match=match):
        plan_of(result, grant, years=YEARS)


def test_a_floor_that_its_money_contradicts_is_refused_before_the_search(
    result, posed, monkeypatch
):
    """No money, money in a later year alone, money that no camera costs: each names both."""

    def search(*_, **__):
        raise AssertionError

    monkeypatch.setattr("civicsight.planning.make.choose", search)
    cheap = [Grant(None, "North", 0.0, 0.9)]
    late = [Grant(2027, "North", 0.0, 0.9), Grant(2028, "North", 1e6)]
    for grants in (cheap, late):
        with pytest.raises(MismatchError, match=r"90 % .*, 0 yuan \(works\), pays for 0 % at most"):
            plan_of(result, *grants, years=YEARS)
    budget = {"budget_yuan": 100.0, "budget_of": BudgetOf.WORKS}
    with pytest.raises(MismatchError, match=r"last year.*, 100 yuan \(works\), pays for 0 %"):
        plan_of(result, Grant(None, "North", None, 0.5), **budget)
    del posed


@pytest.mark.usefixtures("posed")
def test_a_floor_that_the_years_miss_is_no_part_of_an_optimal_plan(result):
    """The money of the first year is enough for either district and not for both."""
    dearest = plan_of(result, years=YEARS).measures["cost_yuan"].max()
    floors = [Grant(2027, name, None, 0.9) for name in ("North", "South")]
    first = Grant(2027, "", dearest, budget_of=BudgetOf.WORKS)
    plan = plan_of(result, first, Grant(2028, "", 1e6), *floors)
    stated = statement_of(plan)
    (missed,) = stated.unmet
    assert (missed.kind, missed.year, missed.asked, missed.reached) == (Kind.FLOOR, 2027, 0.9, 0.0)
    assert plan.proof.status is Status.OPTIMAL
    assert (stated.code, stated.is_optimal, stated.is_claimed) == ("missed", False, False)


def test_all_years_and_places_that_there_are_not_are_named_with_their_rows(result):
    """The first alone was named, without its row, and after the candidates had been found."""
    rows = (Grant(2031, "Far", 5.0, where=("b.csv", "row 2")), Grant(2027, "North", 5.0),
            Grant(2027, "Nrth", 5.0, where=("b.csv", "row 4")))  # fmt: skip
    with pytest.raises(InputError) as caught:
        plan_of(result, *rows, years=YEARS)
    found = [(fault.file, fault.where, fault.field, fault.found) for fault in caught.value.faults]
    assert found == [("b.csv", "row 2", "year", "2031"), ("b.csv", "row 2", "district", "Far"),
                     ("b.csv", "row 4", "district", "Nrth")]  # fmt: skip
    assert all("North, South" in str(fault.expected) for fault in caught.value.faults[1:])
    assert all(str(fault.remedy) for fault in caught.value.faults)


def test_floors_beyond_the_money_and_beyond_the_lawful_are_refused(result, posed):
    offers, asked = posed
    both = [Grant(None, name, None, 0.9) for name in ("North", "South")]
    dearest = plan_of(result, years=YEARS).measures["cost_yuan"].max()
    with pytest.raises(MismatchError, match=str(SHORT)[:30]):
        plan_of(result, *both, budget_yuan=dearest, budget_of=BudgetOf.WORKS)
    hidden = replace(asked, asked=asked.asked + 1)
    with pytest.raises(MismatchError, match="North: at most"):
        frame_of(hidden, offers, result, YEARS, (Grant(2027, "North", None, 0.9),))


def test_without_districts_a_project_and_a_table_say_little(result, posed):
    offers, asked = posed
    frame = frame_of(asked, offers, result, (), (Grant(2030, "", 7.0, budget_of=BudgetOf.WORKS),))
    assert frame.years == (2030,)
    assert frame.budgets(asked.problem, 5.0).total_yuan == 5.0
    assert frame.budgets(asked.problem, None).total_yuan == 7.0
    assert isinstance(result.city.projects, gpd.GeoDataFrame)
    assert pd.isna(frame.total_yuan).sum() == 0


@pytest.mark.usefixtures("posed")
def test_a_row_without_year_and_district_counts_for_all(result):
    """It is documented to: the plan spends no more, however many other rows there are."""
    whole = plan_of(result, years=YEARS)
    least = whole.measures.loc[whole.measures["cost_yuan"].gt(0.0), "cost_yuan"].min()
    assert whole.cost_yuan > least
    for others in ((), (Grant(2027, "", 10**7), Grant(2028, "North", 10**7))):
        plan = plan_of(
            result, Grant(None, "", least, budget_of=BudgetOf.WORKS), *others, years=YEARS
        )
        assert 0.0 < plan.cost_yuan <= least
        assert plan.funds.loc[0, ["year", "district", "spent_yuan"]].tolist() == [0, "", least]
