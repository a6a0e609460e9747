"""A plan year by year, by hand: works gain the north gate, a house takes the south one.

The plan is that of `tests.plan_made`; its camera for the north gate is built in 2028.
"""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from civicsight.cli.entry import run
from civicsight.coverage.check import check
from civicsight.model import BUILDINGS
from civicsight.planning.years import coverage_by_year as module
from civicsight.planning.years.coverage_by_year import cover_years, plan_years
from tests.plan_made import checked, gate, hand_plan
from tests.test_check import table

NAN = float("nan")
SCHOOL = (box(20, 15, 40, 30), 12.0, NAN, NAN)
HOUSE = (box(26, -4, 34, -2), 6.0, 2029.0, 2031.0)
"""Before the south gate for two years."""


def city_with(**houses):
    rows = {
        name: {"height_m": high, "built_from": built, "removed_by": gone}
        for name, (_, high, built, gone) in houses.items()
    }
    shapes = [shape for shape, *_ in houses.values()]
    return replace(checked().city, buildings=table(BUILDINGS, rows, shapes))


@pytest.fixture(scope="module")
def covered():
    city = city_with(school=SCHOOL, house=HOUSE)
    return cover_years(city, hand_plan(), check(city, raster=False, year=2026))


def test_the_years_are_those_of_the_works_and_of_the_buildings():
    assert plan_years(city_with(school=SCHOOL, house=HOUSE), hand_plan()) == [
        2027,
        2028,
        2029,
        2031,
    ]
    assert plan_years(city_with(school=SCHOOL), hand_plan()) == [2027, 2028]
    earlier = (SCHOOL[0], 12.0, 1998.0, NAN)
    assert plan_years(city_with(school=earlier), hand_plan()) == [2027, 2028]


@pytest.mark.slow
def test_each_year_has_its_buildings_and_its_gates(covered):
    columns = ["works", "buildings", "come", "go", "covered", "gap"]
    assert covered.years[columns].to_dict("index") == {
        2027: dict(zip(columns, (1, 1, 0, 0, 1, 1), strict=True)),
        2028: dict(zip(columns, (2, 1, 0, 0, 2, 0), strict=True)),
        2029: dict(zip(columns, (2, 2, 1, 0, 1, 1), strict=True)),
        2031: dict(zip(columns, (2, 1, 0, 1, 2, 0), strict=True)),
    }
    assert covered.years["share"].tolist() == pytest.approx([0.5, 1.0, 0.5, 1.0], abs=0.03)


def test_what_turns_is_named_with_what_hides_it(covered):
    told = covered.turns.set_index(["year", "part_id"])[["before", "after"]]
    assert told.to_dict("index") == {
        (2028, gate("n")): {"before": "gap", "after": "covered"},
        (2029, gate("s")): {"before": "covered", "after": "gap"},
        (2031, gate("s")): {"before": "gap", "after": "covered"},
    }
    (blockers,) = covered.turns.loc[covered.turns["year"].eq(2029), "blockers"]
    assert blockers == ["building house"]


def test_a_year_is_the_check_of_the_city_that_somebody_built_by_hand(covered):
    """In 2029: both buildings without any years, and the cameras of the whole plan."""
    plan = hand_plan()
    city = city_with(school=SCHOOL, house=(*HOUSE[:2], NAN, NAN))
    by_hand = check(replace(city, cameras=_cameras_after(plan)), raster=False)
    assert covered.years.loc[2029, "covered"] == by_hand.part_status["status"].eq("covered").sum()


def _cameras_after(plan):
    kept = checked().city.cameras.drop(index=["twin", "away"])
    added = plan.cameras.assign(status="planned")
    return gpd.GeoDataFrame(pd.concat([kept, added[kept.columns]]), crs=kept.crs).sort_index()


def test_years_that_are_asked_for_and_progress():
    city, seen = city_with(school=SCHOOL), []
    found = cover_years(
        city, hand_plan(), check(city, raster=False), years=[2030, 2026],
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert found.years.index.tolist() == [2026, 2030]
    assert seen == [(1, 2), (2, 2)]
    assert np.isfinite(found.years["share"]).all()


def test_the_command_prints_the_years(monkeypatch, capsys, covered):
    from civicsight.cli import plan_reading as command

    monkeypatch.setattr(command, "read_plan", lambda *_: hand_plan())
    monkeypatch.setattr(command, "read_inputs", lambda *_: (checked().city, None, []))
    monkeypatch.setattr(module, "cover_years", lambda *_, **__: covered)
    words = ["plan", "years", "city.gpkg", "--from", "out/plan", "--lang", "en"]
    assert run([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["year"] for row in told["years"]] == [2027, 2028, 2029, 2031]
    assert told["turns"][1]["blockers"] == ["building house"]
    assert run(words) == 0
    assert "building house" in capsys.readouterr().out
