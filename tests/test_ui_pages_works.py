"""The page of the works: a month's table in, stages, what is late and overdue, what was built."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import openpyxl
import pandas as pd
import pytest

from civicsight.core.i18n import LANGUAGES
from civicsight.planning.documents import to_record
from civicsight.presentation.names import name_all
from civicsight.store import Actor, Role, open_store
from civicsight.ui.pages import PAGES, works
from civicsight.ui.services.works import list_built, template_of
from tests.consultation_made import column_of
from tests.plan_made import checked, gate, hand_plan
from tests.store_parts import LI
from tests.test_local_systems import FOUR, into_four, write_parameters
from tests.ui_made import make_project, open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "works")
MONTH = (
    "camera_id,contractor,pole_on,power_on,online_on,accepted_on\n"
    "away,One,,,2027-05-01,2027-05-10\nnew/1,Two,2027-03-01,2027-03-05,2027-05-20,\n"
)
DAY = "2027-06-10"


@pytest.fixture
def project(tmp_path):
    """The school with the plan of `plan_made` as its first version."""
    plan, school = hand_plan(), checked()
    known = replace(make_project(tmp_path), plan_id="donghu", city=school.city, result=school,
                    digest="school")  # fmt: skip
    with open_store(known.store_path, create=True) as store:
        head = store.new_plan(LI, "donghu", name="Plan")
        store.commit_version(
            LI, "donghu", base_rev=head.rev, documents=to_record(plan),
            layers={"measures": plan.measures}, inputs=plan.inputs,
        )  # fmt: skip
    return known


def send(test, kind, text):
    """Bring a table to its field, as a browser does."""
    fields = test.get("file_uploader")
    field = fields[0 if kind == "progress" else -1]
    field.set_value((f"{kind}.csv", text.encode(), "text/csv")).run()
    assert not test.exception


def cells(test, at=0):
    return [[str(cell) for cell in row] for row in test.dataframe[at].value.to_numpy()]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_months_table_says_what_is_reached_late_and_overdue(monkeypatch, project, code):
    test = open_page(monkeypatch, project, PAGE, code, actor=LI)
    test.text_input(key="works.day").set_value(DAY).run()
    send(test, "progress", MONTH)
    assert [one.value for one in test.metric] == ["2", "2", "2", "2", "1"]
    assert sorted(row[:2] + row[2:] for row in cells(test)) == [
        ["East", "One", "1", "1", "1", "1", "1", "0"],
        ["West", "Two", "1", "1", "1", "1", "0", "0"],
    ]
    test.radio(key="works.list").set_value(works.FILING).run()
    (row,) = cells(test)  # of two on line and not filed, only one is over its thirty days
    assert row[1:] == ["One", "2027-05-01", "2027-05-31", "10"]
    test.toggle(key="works.also").set_value(True).run()
    assert [row[-1] for row in cells(test)] == ["10", "0"]
    test.radio(key="works.list").set_value(works.LATE).run()
    assert test.success


def test_what_cannot_be_used_is_named_and_nothing_is_shown(monkeypatch, project):
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    test.text_input(key="works.day").set_value(DAY).run()
    send(test, "progress", "camera_id,pole_on\nnobody,2027-03-01\n")
    assert test.error
    assert any("a measure of the plan" in text for text in texts_of(test, ("text",)))
    assert not test.metric


@pytest.mark.slow
def test_gates_that_were_promised_and_are_not_met_are_named(monkeypatch, project):
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    send(test, "measured", "camera_id,azimuth_deg,height_m\nnew/1,0,3.5\naway,180,3.5\n")
    said = texts_of(test, ("text",))
    assert "Promised and not met as built: 1" in said
    assert "acceptance: not met" in said
    lost = test.session_state["works.found.measured"][2][1].lost
    assert lost == (gate("n"),)
    send(test, "measured", "camera_id,azimuth_deg,height_m\nnew/1,180,3.5\naway,180,3.5\n")
    assert "Promised and not met as built: 0" in texts_of(test, ("text",))


def test_what_was_built_is_measured_in_local_coordinates(monkeypatch, project, tmp_path):
    place = project.city.cameras.geometry["away"]
    rows = FOUR | {"crs": project.city.crs.to_string()}
    north, east = into_four(place.x, place.y, rows)
    table = f"camera_id,X,Y\naway,{north + 0.5},{east}\n"
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    send(test, "measured", table)
    assert test.error  # in no known system this is far away
    parameters = write_parameters(tmp_path / "local.csv", rows).read_bytes()
    field = next(one for one in test.get("file_uploader") if "works.local" in one.id)
    field.set_value(("local.csv", parameters, "text/csv")).run()
    send(test, "measured", table)
    protocol = pd.read_csv(
        BytesIO(works.protocol_of(test.session_state["works.found.measured"][2][1]))
    )
    (away,) = protocol[protocol.iloc[:, 1].str.contains("Place")].iloc[:, 3]
    assert float(away) == pytest.approx(0.5, abs=0.01)


def test_who_does_not_build_reads_and_sends_nothing(monkeypatch, project):
    test = open_page(monkeypatch, project, PAGE, "en", actor=Actor("Wang", Role.REVIEWER))
    assert not test.exception
    assert not test.get("file_uploader")


def test_without_a_plan_the_page_says_what_is_needed(monkeypatch, tmp_path):
    test = open_page(monkeypatch, make_project(tmp_path), PAGE, "en", actor=LI)
    assert test.info


def test_the_table_to_fill_in_has_the_points_and_comes_back(monkeypatch, project, tmp_path):
    plan = hand_plan()
    names = name_all(project.result, "zh_CN")
    path = tmp_path / "progress.xlsx"
    path.write_bytes(template_of("progress", plan, list_built(project, LI)[0], names))
    book = openpyxl.load_workbook(path)
    sheet = next(one for one in book if column_of(one, "pole_on"))
    listed = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1)}
    assert set(listed) == set(plan.works.index[~plan.works["measure"].isin(["keep", "drop"])])
    for name in ("pole_on", "power_on", "online_on"):
        sheet.cell(listed["new/1"], column_of(sheet, name), "2027-05-01")
    book.save(path)
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    test.text_input(key="works.day").set_value(DAY).run()
    field = test.get("file_uploader")[0]
    field.set_value(("progress.xlsx", path.read_bytes(), "application/vnd.ms-excel")).run()
    assert not test.exception
    assert [one.value for one in test.metric] == [str(len(listed)), "1", "1", "1", "0"]


def test_the_table_of_measurements_has_the_points_too(project):
    book = template_of(
        "measured", hand_plan(), list_built(project, LI)[0], name_all(project.result, "en")
    )
    assert book.startswith(b"PK")
