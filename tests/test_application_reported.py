"""What a report is about: a version reports what a check of the city that it leaves finds."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from io import BytesIO

import pyogrio
import pytest

from civicsight.application.outputs import OF_PROOF, OF_VERSIONS, Output, write_output
from civicsight.application.report_subject import (
    changed_since,
    list_reported,
    project_left,
    read_reported,
    usual_one,
)
from civicsight.application.workflow import PROJECT, open_session, perform, save
from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES
from civicsight.coverage.check import check
from civicsight.editing.commands import Aim, Remove
from civicsight.editing.project import Project
from civicsight.planning.record.digests import input_digests
from civicsight.store import Actor, Denied, Role, approve, open_store, start_review, submit
from civicsight.store.optimised_plans import keep_plan
from civicsight.ui.pages import PAGES
from tests.app_town import DIGEST, RULES, app_city, app_guard, app_result
from tests.plan_made import hand_plan
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "report")
LI = Actor("Li", Role.PLANNER)
ZHAO = Actor("Zhao", Role.APPROVER)
WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")
FIGURES = ("cameras", "buildings", "zones", "parts", "samples", "findings", "redundant")


@pytest.fixture
def bare(tmp_path):
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


@pytest.fixture
def project(bare):
    """Save two versions: as it is, and with one camera turned and one taken away."""
    session = open_session(bare, LI, app_guard())
    _, session = save(bare, LI, session, name="North")
    first, second = map(str, bare.city.cameras.index[:2])
    session = perform(bare, LI, session, Aim(first, 15.0))
    session = perform(bare, LI, session, Remove(second))
    save(bare, LI, session)
    return bare


def files_of(content):
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_versions_are_listed_with_the_latest_first(project):
    assert list_reported(replace(project, store_path=project.store_path / "none"), LI) == []
    listed = list_reported(project, LI)
    assert [(one.key, one.is_latest, one.approved) for one in listed] == [
        ((project.plan_id, 2), True, False),
        ((project.plan_id, 1), False, False),
    ]
    assert usual_one(listed) is None  # nothing is approved: the project itself


def test_what_was_approved_is_the_usual_report_until_there_is_a_later_version(project):
    decide(project)
    latest, first = list_reported(project, LI)
    assert (latest.approved, first.approved) == (True, False)
    assert usual_one([latest, first]) is latest
    session = open_session(project, LI, app_guard())
    session = perform(project, LI, session, Aim(str(project.city.cameras.index[0]), 30.0))
    save(project, LI, session)
    listed = list_reported(project, LI)
    assert [one.approved for one in listed] == [False, True, False]
    assert usual_one(listed) is None


@pytest.mark.slow
def test_the_figures_are_those_of_a_check_of_its_city(project):
    latest = list_reported(project, LI)[0]
    expected = check(open_session(project, LI, app_guard()).draft.city, rules=RULES).summary
    files = files_of(write_output(project, LI, Output.CHECK, of=latest, languages=["en"])[1])
    told = json.loads(files["summary.json"])
    assert told["city"] == f"{project.city.name} · North · v2"
    assert any(told["city"] in text.decode() for name, text in files.items() if "html" in name)
    known = json.loads(json.dumps(expected, default=str))
    assert {name: told[name] for name in FIGURES} == {name: known[name] for name in FIGURES}
    assert expected["cameras"] != project.result.summary["cameras"]


@pytest.mark.slow
def test_the_public_edition_and_the_reviewers_are_of_the_version(project):
    latest = list_reported(project, LI)[0]
    for output in (Output.COMPLIANCE, Output.PUBLIC):
        name, content = write_output(project, LI, output, of=latest, languages=["en"])
        assert name == f"civicsight-{output}-v2.zip"
        pages = [text.decode() for file, text in files_of(content).items() if "html" in file]
        assert all("North · v2" in page for page in pages)


@pytest.mark.parametrize("output", [Output.PUBLIC, Output.PUBLIC_PLAN])
def test_nothing_public_is_told_of_a_plan_that_rests_on_hidden_records(bare, output):
    with open_store(bare.store_path, create=True) as store:
        keep_plan(store, LI, "east", hand_plan(parameters={"hidden": 2}), "East")
    (one,) = list_reported(bare, LI)
    with pytest.raises(InputError, match=r"edition\.hidden.*--public"):
        write_output(bare, LI, output, of=one, languages=["en"])


def test_layers_of_a_version_have_its_cameras(project, tmp_path):
    name, content = write_output(project, LI, Output.LAYERS, of=list_reported(project, LI)[0])
    assert name == "civicsight-v2.gpkg"
    (tmp_path / name).write_bytes(content)
    found = pyogrio.read_dataframe(tmp_path / name, layer="cameras").set_index("camera_id")
    turned = str(project.city.cameras.index[0])
    assert found.azimuth_deg[turned] == 15.0 != project.city.cameras.azimuth_deg[turned]


def test_the_plan_is_the_version_that_was_chosen(project, tmp_path):
    for one in list_reported(project, LI):
        _, content = write_output(project, LI, Output.PLAN, of=one)
        path = tmp_path / "plan.gpkg"
        path.write_bytes(files_of(content)["plan-version.gpkg"])
        about = pyogrio.read_dataframe(path, layer="about")
        assert one.head.digest in about.to_csv()


@pytest.mark.slow
def test_a_version_is_checked_once(project):
    version = read_reported(project, LI, project.plan_id, 2)
    told = []
    one = project_left(project, version, "Once", lambda *step: told.append(step))
    assert told
    assert project_left(project, version, "Once") is one
    again = replace(version, head=replace(version.head, n=3))  # the same content, kept again
    assert "v3" in project_left(project, again, "Once").city.name
    assert one.digest != project.digest


def test_rights_are_asked_of_the_plan_too(project):
    with pytest.raises(Denied):
        read_reported(project, Actor("Root", Role.ADMIN), project.plan_id, 2)
    with pytest.raises(Denied):
        write_output(project, WEST, Output.CHECK, of=list_reported(project, LI)[0])


def test_a_version_without_cameras_reports_nothing_but_itself(bare):
    with open_store(bare.store_path, create=True) as store:
        plan = store.new_plan(LI, "other", name="Other")
        measures = bare.city.cameras[["geometry"]]
        store.commit_version(LI, "other", base_rev=plan.rev, layers={"signs": measures})
    (only,) = list_reported(bare, LI)
    with pytest.raises(InputError) as caught:
        write_output(bare, LI, Output.CHECK, of=only)
    assert caught.value.faults[0].code == "app.no_cameras"
    assert write_output(bare, LI, Output.PLAN, of=only)[1]


def test_what_changed_since_a_version_was_made_is_named(project):
    head = list_reported(project, LI)[0].head
    assert changed_since(project, head) == []
    assert changed_since(replace(project, digest="other"), head) == [PROJECT]
    now = input_digests(project.result)
    made = replace(head, inputs=now | {"prices": "1"})
    assert changed_since(project, made) == []
    moved = made.inputs | {"cameras": "0"}
    assert changed_since(project, replace(made, inputs=moved)) == ["cameras"]
    came_in = {name: kept for name, kept in made.inputs.items() if name != "rules nanchang"}
    assert changed_since(project, replace(made, inputs=came_in)) == ["rules nanchang"]
    assert changed_since(project, replace(made, inputs={"their.file": "0"})) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_tells_of_the_project_or_of_a_version(monkeypatch, project, code):
    test = open_page(monkeypatch, project, PAGE, code)
    assert not test.exception
    subject, output = test.selectbox(key="report.of"), test.radio(key="report.output")
    assert (subject.value, len(subject.options), len(output.options)) == ("", 3, 5)
    test = subject.set_value("plan/1").run()
    drawn = OF_VERSIONS - OF_PROOF - {Output.CONSULTATION}  # asked of the latest alone
    assert len(test.radio(key="report.output").options) == 5 + len(drawn)
    test = test.radio(key="report.output").set_value(Output.PLAN).run()
    test = test.button(key="write").click().run()
    assert not test.exception
    assert test.session_state["report.made"][2] == "civicsight-plan-v1.zip"
    decide(project)
    assert open_page(monkeypatch, project, PAGE, code).selectbox(key="report.of").value == "plan/2"


def test_the_page_warns_of_a_version_of_another_project(monkeypatch, project):
    other = replace(project, digest="f" * 64)
    test = open_page(monkeypatch, other, PAGE, "en")
    test = test.selectbox(key="report.of").set_value("plan/2").run()
    assert any(
        "these changed since the plan was made" in text for text in texts_of(test, ("text",))
    )


def decide(project):
    with open_store(project.store_path) as store:
        rev = store.plan(LI, project.plan_id).rev
        rev = start_review(store, LI, project.plan_id, base_rev=rev).rev
        plan = submit(store, LI, project.plan_id, base_rev=rev)
        approve(store, ZHAO, plan.plan_id, digest=plan.digest, body="市政府", document_number="1",
                dated_on="2026-11-26", scan_sha256="0" * 64)  # fmt: skip
