"""Points by what an office sorts them by: every sum adds up, filters keep what is asked for."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from civicsight.application.findings import list_rows
from civicsight.editing.project import Project
from civicsight.planning.money.funding import fund
from civicsight.presentation.dimensions import DIMENSIONS, stated, sum_by, value_text, values_of
from civicsight.report.plan.funding import tables_of
from civicsight.report.plan.teller import teller_of
from civicsight.store import Actor, Role
from civicsight.ui.pages import PAGES, complete
from tests.app_town import DIGEST, RULES, app_city, app_result
from tests.plan_made import checked, hand_plan
from tests.ui_made import open_page, texts_of

LI = Actor("Li", Role.PLANNER)
STATION = "South station"


def recorded(result):
    """Return a result whose cameras have stations; one of them nobody states."""
    cameras = result.cameras.copy()
    cameras["police_station"] = [STATION, *["North station"] * (len(cameras) - 2), None]
    return replace(result, cameras=cameras, city=replace(result.city, cameras=result.city.cameras))


@pytest.fixture
def project(tmp_path):
    return Project(app_city(), RULES, recorded(app_result()), DIGEST, tmp_path / "plans.gpkg")


def test_dimensions_are_columns_of_the_record():
    assert set(DIMENSIONS) <= set(app_result().cameras.columns)
    cameras = recorded(app_result()).cameras
    assert "police_station" in stated(cameras)
    assert values_of(cameras, "police_station").iloc[-1] == ""
    assert str(value_text("police_station", "")) == "not stated"


def test_each_sum_adds_up_with_what_is_not_on_record():
    cameras = recorded(app_result()).cameras
    counted = pd.Series({str(cameras.index[0]): 3, "new/1": 4})
    rows = sum_by(cameras, "police_station", [counted])
    assert sum(count for _, count, _ in rows) == len(cameras)
    assert {name: sums[0] for name, _, sums in rows} == {STATION: 3, "North station": 0, "": 4}
    assert rows[-1][0] == ""


def test_the_workbook_of_money_sums_by_what_is_stated():
    found = recorded(checked())
    plan = hand_plan()
    teller = teller_of(plan, found, "en")
    funding = fund(plan, (), found.cameras["owner"])
    tables = tables_of(funding, None, teller)
    by_station = tables["sums"].loc["Police station"]
    assert by_station["cost_yuan"].sum() == 24_300
    assert set(by_station["value"]) == {STATION, "not stated"}
    assert tables["points"].loc["new/1", "police_station"] == "not stated"


@pytest.mark.parametrize("code", ["findings", "duplicates"])
def test_pages_list_the_points_that_are_asked_for(monkeypatch, project, code):
    page = next(one for one in PAGES if one.code == code)
    test = open_page(monkeypatch, project, page, "en", actor=LI)
    assert not test.exception
    test.selectbox(key=f"{code}.dimension").set_value("police_station").run()
    test.selectbox(key=f"{code}.value.police_station").set_value("=").run()
    assert not test.exception
    asked = {str(project.result.cameras.index[-1])}
    rows = list_rows(project.result, "en").rows
    if code == "duplicates":
        rows = [row for row in rows if row.layer == "duplicates" and row.subject in asked]
    shown = [row for row in rows if asked.intersection((row.subject, *row.cameras))]
    assert len(shown) < len(rows) or not rows
    told = " ".join(texts_of(test, ("info", "text", "dataframe")))
    if shown:
        assert len(test.dataframe[0].value) == len(shown)
    else:
        assert "No two cameras" in told or "No finding is like that" in told


def test_the_first_page_sums_by_a_dimension(monkeypatch, project):
    page = next(one for one in PAGES if one.code == "home")
    test = open_page(monkeypatch, project, page, "en", actor=LI)
    test.selectbox(key="home.dimension").set_value("police_station").run()
    assert not test.exception
    table = next(one.value for one in test.dataframe if "Judged" in one.value)
    assert table["Police station"].tolist()[-2:] == ["not stated", "In all"]
    counts = table["Points"].astype(int).tolist()
    assert counts[-1] == sum(counts[:-1]) == len(project.result.cameras)


def test_records_that_are_asked_for_come_alone(monkeypatch):
    said = []
    monkeypatch.setattr(complete.st, "text", said.append)
    records = [SimpleNamespace(camera_id=name) for name in ("a", "b")]
    visit = SimpleNamespace(translate=str)
    for asked, expected in ((None, ["a", "b"]), (frozenset("b"), ["b"]), (frozenset(), ["a", "b"])):
        monkeypatch.setattr(complete, "ask_cameras", lambda *_, asked=asked: asked)
        found = complete._narrowed(visit, records)
        assert [one.camera_id for one in found] == expected
    assert len(said) == 1  # the last one says that it goes on with all
