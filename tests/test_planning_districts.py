"""District means one thing: for plans, money, pages and whom they are open to, at any level."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from civicsight.application.overview import count_districts
from civicsight.application.scope import home_names, home_of
from civicsight.core.errors import InputError, MismatchError
from civicsight.coverage.check import check
from civicsight.io.guessing import layer_kind
from civicsight.io.registers.classes import level_of
from civicsight.model import DISTRICTS
from civicsight.planning.aims.policy_file import Policy
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.area.districts import find_districts, find_named, labels_of, levels_of
from civicsight.planning.area.scope import Scope
from civicsight.planning.make import make_plan
from civicsight.planning.money.budgets import Grant
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.years.timetable import areas_of_money
from civicsight.store import Actor, Role
from tests.app_town import RULES, app_city
from tests.drawn import a_few
from tests.test_check import table

COUNTIES = {"c1": ("360102", "East", "county"), "c2": ("360103", "West", "county")}
STREETS = {
    "s1": ("360102001", "North Street", "street"),
    "s2": ("360102002", "South Street", "street"),
}
HALVES = (box(50, -200, 400, 400), box(-200, -200, 50, 400))
STRIPS = (box(-200, 20, 400, 400), box(-200, -200, 400, 20))


def divided(rows, shapes):
    """Return the city with other districts."""
    columns = {label: dict(zip(("code", "name", "level"), row, strict=True))
               for label, row in rows.items()}  # fmt: skip
    return replace(app_city(), districts=table(DISTRICTS, columns, list(shapes)))


POLICY = Policy(("places", "parts"))
BOTH = divided(COUNTIES | STREETS, HALVES + STRIPS)
FINE = divided(STREETS, STRIPS)


def test_districts_are_of_one_level_the_coarsest_that_divides():
    assert sorted(labels_of(find_districts(BOTH))) == ["East", "West"]
    assert sorted(labels_of(find_districts(FINE))) == ["North Street", "South Street"]
    assert [sorted(labels_of(areas)) for areas in levels_of(BOTH)] == [
        ["East", "West"], ["North Street", "South Street"],
    ]  # fmt: skip


def test_what_is_named_is_found_on_any_one_level():
    assert sorted(labels_of(find_named(BOTH, ["360102"]))) == ["East", "West"]
    assert sorted(labels_of(find_named(BOTH, ["North Street"]))) == ["North Street", "South Street"]
    for names in (["East", "North Street"], ["Nowhere"]):
        with pytest.raises(MismatchError, match=r"one level.*East, West; North Street"):
            find_named(BOTH, names)
    assert len(areas_of_money(BOTH, [Grant(None, "", 1.0), Grant(2027, "South Street", 1.0)])) == 2


@pytest.mark.parametrize("city", a_few([BOTH, FINE]), ids=["both", "streets"])
def test_a_plan_its_money_and_the_page_count_by_the_same_districts(city):
    """Streets were counted on the page, and all money of the plan was of no district."""
    result = check(city, rules=RULES, raster=False)
    known = set(labels_of(find_districts(city)))
    assert set(count_districts(result, Actor("Li", Role.PLANNER)).index) - {""} <= known
    run = Run(Limits(steps=100))
    plan = make_plan(result, Aims(extras=False), run=run)
    works = plan.measures[plan.measures["cost_yuan"] > 0]
    assert len(works)
    assert set(works["district"]) <= known
    assert set(plan.parts["district"]) <= known
    grants = (Grant(None, "South Street", 1.0e6), Grant(None, "North Street", 0.0))
    by_street = make_plan(result, Aims(extras=False, grants=grants, policy=POLICY), run=run)
    paid = by_street.measures.groupby("district")["cost_yuan"].sum()
    assert paid.get("North Street", 0.0) == 0.0
    assert set(by_street.measures["district"]) <= {"North Street", "South Street", ""}
    asked = Scope(districts=("South Street",)).left_out(result)
    where = result.parts.geometry.representative_point().y
    assert (where.loc[asked] > 20).all()
    assert len(asked) == int((where > 20).sum()), "none of them is met today"


def test_somebody_of_a_street_sees_its_rows_though_counties_divide_the_city():
    actor = Actor("Wang", Role.DISTRICT_PLANNER, "360102002")
    assert "South Street" in home_names(actor, BOTH)
    rows = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 0], [0, 100]), crs=BOTH.crs)
    assert home_of(rows, actor, BOTH).tolist() == [True, False]


@pytest.mark.parametrize(
    ("code", "name", "level"),
    [
        ("360102", "东湖区", "county"), ("360102001", "公园街道", "street"),
        ("360102001", "某某区", None), ("360102", "公园街道", None), ("360100", "南昌市", "city"),
        ("360102001", "A", "street"), ("360102001", None, "street"),
    ],
)  # fmt: skip
def test_a_level_is_asked_where_code_and_name_tell_it_apart(code, name, level):
    assert level_of(code, name) == level


@pytest.mark.parametrize(
    ("file", "columns", "kind"),
    [
        ("area", {"code": ["360102", "360103"], "name": ["A", "B"]}, "districts"),
        ("x", {"code": ["360102001", "360102002"], "name": ["A", "B"]}, "districts"),
        ("x", {"XZQDM": ["360102", "360103"], "XZQMC": ["A", "B"]}, "districts"),
        ("x", {"code": ["a1", "a2"], "name": ["A", "B"]}, "places"),
        ("x", {"code": ["360102", "360102"], "name": ["A", "B"]}, "places"),
    ],
)
def test_areas_with_the_codes_of_divisions_are_districts(file, columns, kind):
    """They were taken as places."""
    frame = gpd.GeoDataFrame(columns, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326)
    try:
        found = layer_kind(frame, Path(f"{file}.geojson"))
    except InputError as asked:
        found = str(asked)
    assert kind in found
