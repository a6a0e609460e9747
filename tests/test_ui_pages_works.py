"""The page of the works: a month's table in, stages, what is late and overdue, what was built."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO

import openpyxl
import pandas as pd
import pytest

from civicsight.application.decision import read_decision
from civicsight.application.outputs import Output, write_output
from civicsight.application.report_subject import drawn_year, list_reported, plan_of, read_reported
from civicsight.application.review import read_review
from civicsight.application.workflow import open_session, perform, save
from civicsight.application.works import list_built, template_of
from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES
from civicsight.editing.commands import Add, Aim, Remove
from civicsight.editing.edit_context import edit_context_of
from civicsight.editing.project import Project
from civicsight.planning.money.bill import sums_of
from civicsight.planning.record.documents import to_record
from civicsight.presentation.lexicon import drawn_name
from civicsight.presentation.names import name_all
from civicsight.report.consultation import file_name
from civicsight.store import Actor, File, Role, approve, open_store, start_review, submit
from civicsight.ui.pages import PAGES, works
from tests.app_town import DIGEST, RULES, app_city, app_guard, app_result
from tests.caches import own_cache
from tests.consultation_made import column_of
from tests.plan_made import checked, gate, hand_plan
from tests.scans import pdf
from tests.store_parts import LI
from tests.test_local_systems import FOUR, into_four, write_parameters
from tests.ui_made import make_project, open_page, texts_of

ZHAO = Actor("Zhao", Role.APPROVER)
PAGE = next(page for page in PAGES if page.code == "works")
MONTH = (
    "camera_id,contractor,pole_on,power_on,online_on,accepted_on\n"
    "away,One,,,2027-05-01,2027-05-10\nnew/1,Two,2027-03-01,2027-03-05,2027-05-20,\n"
)
DAY = "2027-06-10"
TURNED, GONE = "south", "away"
BUREAU = "public security branch bureau"


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
    decide(known)
    return known


def decide(project):
    """Have the latest version of the plan of a project approved."""
    with open_store(project.store_path) as store:
        rev = store.plan(LI, project.plan_id).rev
        rev = start_review(store, LI, project.plan_id, base_rev=rev).rev
        plan = submit(store, LI, project.plan_id, base_rev=rev)
        approve(store, ZHAO, plan.plan_id, digest=plan.digest, body="市政府", document_number="1",
                dated_on="2026-11-26", scan=File("scan.pdf", pdf()))  # fmt: skip


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """The town with a version drawn by hand: one camera built, one turned, one taken down."""
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))
    project = Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")
    session = open_session(project, LI, app_guard())
    for command in (Add("camera/1", 30.0, 2.0, 0.0), Aim(TURNED, 15.0), Remove(GONE)):
        session = perform(project, LI, session, command)
    save(project, LI, session, name="By hand")
    return project


def test_only_approved_versions_are_followed_those_drawn_by_hand_among_them(drawn):
    assert list_built(drawn, LI) == []
    decide(drawn)
    session = open_session(drawn, LI, app_guard())
    save(drawn, LI, perform(drawn, LI, session, Aim(TURNED, 30.0)))
    assert [one.key for one in list_built(drawn, LI)] == [(drawn.plan_id, 1)]
    decide(drawn)
    assert [one.head.n for one in list_built(drawn, LI)] == [2, 1]


@pytest.mark.slow
def test_what_was_drawn_costs_as_a_plan_what_the_sheet_of_the_decision_says(drawn):
    (one,) = list_reported(drawn, LI)
    plan = plan_of(drawn, read_reported(drawn, LI, *one.key))
    asked = plan.works["measure"]
    assert asked.to_dict() == {"camera/1": "new", TURNED: "reaim", GONE: "drop"}
    assert set(plan.works["year"]) == {drawn_year(drawn, one.head)}
    review = read_review(drawn, LI, drawn.plan_id)
    decision = read_decision(drawn, LI, edit_context_of(drawn), review)
    assert plan.cost_yuan == decision.money.investment.value > 0
    assert sums_of(plan).investment == plan.cost_yuan
    changed = plan.parts[plan.parts["status_before"].ne(plan.parts["status_after"])]
    closed = changed.index[changed["status_after"].eq("covered")]
    assert set(closed) == set(decision.figures.closed)
    assert plan.proof.bound == 0.0  # it claims nothing


@pytest.mark.parametrize("code", LANGUAGES)
def test_works_of_a_plan_drawn_by_hand_are_followed_to_the_end(monkeypatch, drawn, code):
    decide(drawn)
    test = open_page(monkeypatch, drawn, PAGE, code, actor=LI)
    assert not test.exception
    assert any("By hand" in option for option in test.selectbox(key="works.of").options)
    year = str(drawn_year(drawn, list_built(drawn, LI)[0].head))
    assert any(year in text for text in texts_of(test, ("caption",)))
    test.text_input(key="works.day").set_value(DAY).run()
    month = (
        "camera_id,contractor,power_on,online_on,accepted_on\ncamera/1,One,2027-03-01,,\n"
        f"{TURNED},Two,2027-03-01,2027-03-02,2027-03-03\n"
    )
    send(test, "progress", month)
    assert [one.value for one in test.metric] == ["2", "2", "2", "1", "1"]
    test.radio(key="works.list").set_value(works.WORKS).run()
    called = drawn_name("camera/1", "", code)
    assert called in {row[0] for row in cells(test)}
    send(test, "measured", f"camera_id,azimuth_deg\n{TURNED},15\n")
    assert not test.error


@pytest.mark.slow
def test_departments_are_asked_about_a_version_drawn_by_hand(drawn):
    (one,) = list_reported(drawn, LI)
    for output in (Output.CONSULTATION, Output.FINANCE, Output.WORKS):
        _, content = write_output(drawn, LI, output, of=one, languages=["en"])
        names = zipfile.ZipFile(BytesIO(content)).namelist()
        assert any(name.endswith(".docx") for name in names), output
    with pytest.raises(InputError, match=r"edition\.hidden"):  # the town has private places
        write_output(drawn, LI, Output.PUBLIC_PLAN, of=one, languages=["en"])
    _, content = write_output(drawn, LI, Output.CONSULTATION, of=one, languages=["en"])
    with zipfile.ZipFile(BytesIO(content)) as archive:
        (name,) = [
            name
            for name in archive.namelist()
            if name.endswith(".xlsx") and file_name(BUREAU) in name
        ]
        book = openpyxl.load_workbook(BytesIO(archive.read(name)))
    said = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert drawn_name("camera/1", "", "en") in said
    assert {"Build new", "Re-aim and record", "Take an old device down"} <= said


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
