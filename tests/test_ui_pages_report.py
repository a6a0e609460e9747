"""The page that writes: each output holds what the library writes, and rights are asked."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pyogrio
import pytest

from civicsight.application import verdicts
from civicsight.application.outputs import Output, write_output
from civicsight.application.report_subject import list_reported
from civicsight.cli.entry import OK, run
from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.editing.project import Project
from civicsight.planning.record.documents import to_record
from civicsight.store import ALLOWED, Act, Actor, Denied, Role, open_store
from civicsight.store.handover import EXPORTED
from civicsight.ui.pages import PAGES
from tests import plan_made
from tests.compliance_made import checked
from tests.store_parts import begun
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "report")
LI = Actor("Li", Role.PLANNER)


@pytest.fixture
def project(tmp_path):
    verdicts._JUDGED.__init__(3)
    result = checked()
    return Project(result.city, result.rules, result, "town", tmp_path / "plans.gpkg")


def audit_of(project):
    with open_store(project.store_path) as store:
        return store.history(Actor("Sun", Role.AUDITOR))


def names_in(content):
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return set(archive.namelist())


@pytest.mark.slow
def test_the_reviewers_report_has_verdicts_and_layers(project):
    name, content = write_output(project, LI, Output.COMPLIANCE, languages=["en"])
    assert name == "civicsight-compliance.zip"
    assert {"verdicts.csv", "report.gpkg", "indices.json", "report.xlsx"} <= names_in(content)


def test_the_public_edition_names_no_camera(project):
    _, content = write_output(project, LI, Output.PUBLIC, languages=["en"])
    files = names_in(content)
    assert "rules.csv" in files
    assert not files & {"verdicts.csv", "report.gpkg", "cameras.csv", "privacy.csv"}
    with zipfile.ZipFile(BytesIO(content)) as archive:
        told = b"".join(archive.read(name) for name in files)
    for label in project.result.cameras.index:
        assert not re.search(rf">\s*{label}\s*<|,{label},".encode(), told)


def test_layers_open_as_a_geopackage(project, tmp_path):
    name, content = write_output(project, LI, Output.LAYERS)
    path = tmp_path / name
    path.write_bytes(content)
    assert len(pyogrio.read_dataframe(path, layer="cameras")) == len(project.result.cameras)


def test_a_plan_comes_from_the_store_which_records_it(project):
    with pytest.raises(InputError):
        write_output(project, LI, Output.PLAN)
    with open_store(project.store_path, create=True) as store:
        plan = store.new_plan(LI, "plan", name="Plan")
        store.commit_version(LI, "plan", base_rev=plan.rev,
                             layers={"cameras": project.city.cameras})  # fmt: skip
    _, content = write_output(project, LI, Output.PLAN)
    assert names_in(content) == {"plan-version.gpkg", "audit.json"}
    with pytest.raises(Denied):
        write_output(project, Actor("Root", Role.ADMIN), Output.PLAN)
    (left, refused) = audit_of(project)[-2:]
    assert "refused" in refused.says
    assert (left.actor, left.action, left.says[EXPORTED]) == (
        "Li", Act.EXPORT, {"file": "civicsight-plan.zip", "sha256": sha256(content).hexdigest()}
    )  # fmt: skip


def test_every_file_that_leaves_is_in_the_audit_and_none_that_did_not(project, capsys):
    """Only packages that are handed over were: of a whole register nobody knew who had it."""
    with open_store(project.store_path, create=True) as store:
        plan = store.new_plan(LI, "plan", name="Plan")
        store.commit_version(LI, "plan", base_rev=plan.rev,
                             layers={"cameras": project.city.cameras})  # fmt: skip
    (of,) = list_reported(project, LI)
    before = len(audit_of(project))
    taken = [
        write_output(project, LI, Output.LAYERS),
        write_output(project, LI, Output.PLAN, of=of),
    ]
    with pytest.raises(InputError):
        write_output(project, LI, Output.PLAN, of=replace(of, head=replace(of.head, n=7)))
    first, second = audit_of(project)[before:]
    for entry, (name, content) in zip((first, second), taken, strict=True):
        assert entry.says[EXPORTED]["file"] == name
        assert entry.says[EXPORTED]["sha256"] == sha256(content).hexdigest()
    assert (second.plan_id, second.says[EXPORTED]["root"]) == ("plan", of.head.digest)
    assert run(["plan", "audit", str(project.store_path), "--as", "Sun", "--lang", "en"]) == OK
    said = " ".join(capsys.readouterr().out.split())
    assert "Li took out a file" in said
    assert f"{taken[0][0]}, SHA-256 {first.says[EXPORTED]['sha256']}" in said


@pytest.mark.slow
def test_an_optimised_plan_comes_with_its_documents(tmp_path):
    result, plan = plan_made.checked(), plan_made.hand_plan()
    project = Project(result.city, result.rules, result, "school", tmp_path / "plans.gpkg")
    with open_store(project.store_path, create=True) as store:
        head = store.new_plan(LI, "plan", name="Plan")
        store.commit_version(LI, "plan", base_rev=head.rev, documents=to_record(plan),
                             layers={"measures": plan.measures})  # fmt: skip
    _, content = write_output(project, LI, Output.PLAN)
    assert {"plan-version.gpkg", "plan.gpkg", "plan.xlsx"} <= names_in(content)


@pytest.mark.parametrize("role", Role)
def test_who_may_export_is_asked_at_the_moment_of_the_act(project, role):
    district = "nowhere" if role is Role.DISTRICT_PLANNER else ""
    actor = Actor("Somebody", role, district)
    if role not in ALLOWED[Act.EXPORT] or district:
        with pytest.raises(Denied):
            write_output(project, actor, Output.LAYERS)
    else:
        assert write_output(project, actor, Output.LAYERS)[1]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_writes_and_offers_the_file(monkeypatch, project, code):
    test = open_page(monkeypatch, project, PAGE, code)
    assert not test.exception
    assert test.info
    test.radio(key="report.output").set_value(Output.LAYERS)
    test.button(key="write").click().run()
    assert not test.exception
    assert test.success
    assert test.session_state["report.made"][2] == "civicsight.gpkg"
    link = next(
        one.proto.body for one in test.get("html") if "civicsight-download" in one.proto.body
    )
    assert re.search(
        r'href="/tiles/output/[0-9a-f]{64}/file\?token=\S+" download="civicsight.gpkg"', link
    )
    assert not test.get("download_button")


def test_a_refusal_says_why_and_leaves_no_file(monkeypatch, project):
    liu = Actor("Liu", Role.DISTRICT_PLANNER, "nowhere")
    test = open_page(monkeypatch, project, PAGE, "en", actor=liu)
    test.button(key="write").click().run()
    assert "Nothing was changed" in test.error[0].value
    assert any("public edition" in text for text in texts_of(test, ("text",)))
    assert "report.made" not in test.session_state
    admin = open_page(monkeypatch, project, PAGE, "en", actor=Actor("Root", Role.ADMIN))
    assert "does not take anything" in admin.info[0].value


def test_a_link_says_what_is_to_be_written(monkeypatch, project):
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI, write="survey")
    assert test.radio(key="report.output").value == Output.SURVEY
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI, write="nothing")
    assert test.radio(key="report.output").value == Output.COMPLIANCE


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_reports_on_a_project_with_a_plan_is_told_that_its_measures_are_not_in_it(
    monkeypatch, project, code
):
    """Layers for QGIS are those of the project until a version is chosen."""
    begun(project.store_path).close()
    told = translate(
        "As it stands: no measure of a plan is in it. For those, choose a version.", code
    )
    test = open_page(monkeypatch, project, PAGE, code)
    assert told in texts_of(test, ("caption",))
    field = test.selectbox(key="report.of")
    version = next(label for label in field.options if "1" in label and "·" in label)
    field.select(version).run()
    assert not test.exception
    assert told not in texts_of(test, ("caption",))


def test_the_file_is_offered_beside_the_choice_and_not_above_the_window(monkeypatch, project):
    test = open_page(monkeypatch, project, PAGE, "en")
    columns = test.columns
    assert [one.key for one in columns[0].radio] == ["report.output"]
    assert [one.key for one in columns[1].button] == ["write"]
    test.button(key="write").click().run()
    assert test.columns[1].success
