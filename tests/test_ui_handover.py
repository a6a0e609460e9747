"""A plan handed over, opened and brought back in the app: what is offered, asked and kept."""

from __future__ import annotations

import re
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
import streamlit as st

from civicsight.application.bringing_back import SIDES
from civicsight.application.handing_over import begin_with, open_package, pack_plan
from civicsight.application.review import log_rows
from civicsight.core.errors import N_
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.editing.commands import Aim, Remove
from civicsight.editing.projects import list_projects, plans_beside
from civicsight.io import save_city
from civicsight.report.handover import package_of
from civicsight.store import Actor, Role, open_store
from civicsight.store.handover_proof import SIGNATURE_FILE
from civicsight.ui import chosen, config, frame, handing_over
from civicsight.ui.access import signin
from civicsight.ui.pages import PAGES, START
from tests.app_town import app_city
from tests.test_handover import FAR, LI, NEAR, WEI, cameras_of, draw, project_at
from tests.ui_made import AppTest, open_page, texts_of

COMPARE, REPORT = (next(one for one in PAGES if one.code == code) for code in ("compare", "report"))
REVIEWER = Actor("Wang", Role.REVIEWER)


@pytest.fixture
def ours(tmp_path):
    path = save_city(app_city(), tmp_path / "ours" / "town.gpkg")
    draw(path, LI, Aim("south", 170.0))
    return path


def packed(path, who=LI):
    """Hand over in Python; return the package as bytes and its root."""
    with open_store(plans_beside(path)) as store:
        made = pack_plan(store, who, "plan", path)
    return package_of(made.files), made.root


@pytest.fixture
def back(ours, tmp_path):
    """A package that came back, with conflicts; and its root."""
    there = tmp_path / "theirs" / "town.gpkg"
    there.parent.mkdir()
    there.write_bytes(ours.read_bytes())
    went = tmp_path / "went.zip"
    went.write_bytes(packed(ours)[0])
    with open_store(plans_beside(there), create=True) as store:
        begin_with(store, WEI, open_package(went), went.name)
    draw(there, WEI, Aim("south", 200.0), FAR, Remove("twin"))
    draw(ours, LI, Aim("south", 90.0), NEAR)
    return packed(there, WEI)


def unsigned(content):
    """Return a package as if nobody had signed it."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name != SIGNATURE_FILE]
        return package_of({name: archive.read(name) for name in names})


def send(test, content, name="plan.zip", sheet=""):
    if sheet:
        field = next(one for one in test.get("file_uploader") if "html" in one.label)
        field.set_value(("sheet.html", sheet.encode(), "text/html")).run()
    field = next(one for one in test.get("file_uploader") if "zip" in one.label)
    field.set_value((name, content, "application/zip")).run()
    assert not test.exception


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.slow
def test_a_plan_that_came_back_is_settled_camera_by_camera(monkeypatch, ours, back, code):
    content, root = back
    project = project_at(ours)
    test = open_page(monkeypatch, project, COMPARE, code, actor=LI)
    send(test, content, sheet=f"<p>{root}</p>")
    assert not any("unproven" in str(one.key) for one in test.checkbox)
    assert translate(N_("Proved by the root of its sheet."), code) in texts_of(test, ("text",))
    choices = {radio.key.rpartition(".")[2]: radio for radio in test.radio
               if radio.key.startswith(f"back.{root}")}  # fmt: skip
    assert {label: len(one.options) for label, one in choices.items()} == {"south": 2, "new/1": 3}
    assert translate(SIDES["both"], code) in choices["new/1"].options
    shown = [table.value for table in test.dataframe]
    assert any("200" in str(table.to_numpy()) and "90" in str(table.to_numpy()) for table in shown)
    assert test.button(key="back.take").disabled
    choices["south"].set_value("theirs").run()
    next(one for one in test.radio if one.key.endswith("new/1")).set_value("both").run()
    test.text_input(key="back.reason").input("looked on site").run()
    test.button(key="back.take").click().run()
    assert not test.exception
    assert test.success
    cameras = cameras_of(ours)
    assert cameras.loc["south", "azimuth_deg"] == 200.0
    assert {"new/1", "new/2"} <= set(cameras.index)
    with open_store(plans_beside(ours)) as store:
        rows = log_rows(tuple(store.history(LI, "plan")), lambda text: translate(text, code))
    assert "Wei" in rows[0][4]
    assert "looked on site" in rows[0][4]


@pytest.mark.slow
def test_a_package_that_was_changed_is_refused_on_the_page(monkeypatch, ours, back):
    content, root = back
    test = open_page(monkeypatch, project_at(ours), COMPARE, "en", actor=LI)
    assert not any("root" in field.label.lower() for field in test.text_input)
    send(test, content, sheet="0" * 64)
    assert test.error
    assert any(root[:12] in text for text in texts_of(test, ("text",)))
    send(test, content[:-200], "torn.zip")
    assert test.error


@pytest.mark.slow
def test_who_may_not_bring_files_in_is_offered_nothing(monkeypatch, ours):
    test = open_page(monkeypatch, project_at(ours), COMPARE, "en", actor=REVIEWER)
    assert not test.get("file_uploader")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_plan_is_handed_over_from_the_page_of_reports(monkeypatch, ours, code):
    monkeypatch.setattr(handing_over, "chosen_project", lambda: ours)
    offered = []
    monkeypatch.setattr(handing_over, "link_to_file",
                        lambda _visit, *file: offered.append(file) or "<p></p>")  # fmt: skip
    test = open_page(monkeypatch, project_at(ours), REPORT, code, actor=LI)
    test.text_input(key="handover.to").input("红谷滩区").run()
    test.button(key="handover.write").click().run()
    assert not test.exception
    (name, content, _), (_, sheet, _) = offered[-2:]
    assert name == "plan-v1.handover.zip"
    path = ours.with_name("came.zip")
    path.write_bytes(content)
    told = translate(N_("Root of the package: %(root)s", root="R"), code).removesuffix("R")
    (root,) = re.findall(f"{told}([0-9a-f]{{64}})", "\n".join(texts_of(test, ("text",))))
    package = open_package(path, root=root)
    assert (package.by, package.to) == ("Li", "红谷滩区")
    assert package.project_digest == sha256(ours.read_bytes()).hexdigest()
    assert root in sheet.decode()
    district = Actor("Xi", Role.DISTRICT_PLANNER, "West")
    test = open_page(monkeypatch, project_at(ours), REPORT, code, actor=district)
    assert "handover.write" not in [one.key for one in test.button]


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_project_begins_with_a_plan_that_was_handed_over(monkeypatch, tmp_path, ours, code):
    monkeypatch.setenv("CIVICSIGHT_PROJECTS", str(tmp_path / "projects"))
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("CIVICSIGHT_PROJECT", raising=False)
    monkeypatch.setattr(frame, "PAGES", (START,))
    for module in (frame, chosen, signin):
        monkeypatch.setattr(module, "current_actor", lambda: WEI)
    monkeypatch.setattr(st, "switch_page", lambda *_args, **_more: st.stop())
    test = AppTest.from_file(str(config.SCRIPT), default_timeout=60)
    test.query_params["lang"] = code
    test.run()
    content = packed(ours)[0]
    send(test, unsigned(content) if code == "zh_CN" else content)
    assert any("Li" in text for text in texts_of(test, ("text",)))
    asked = [one for one in test.checkbox if "unproven" in str(one.key)]
    assert len(asked) == (code == "zh_CN")
    test.button(key="start.package.begin").click().run()
    assert not test.exception
    if code == "zh_CN":  # nothing proves it: it is taken over once somebody says so
        assert "--unproven" in "\n".join(texts_of(test, ("error", "text", "markdown")))
        assert not list_projects(Path(tmp_path / "projects"))
        next(one for one in test.checkbox if "unproven" in str(one.key)).check().run()
        test.button(key="start.package.begin").click().run()
        assert not test.exception
    (begun,) = list_projects(Path(tmp_path / "projects"))
    assert begun.path.read_bytes() == ours.read_bytes()
    assert cameras_of(begun.path).equals(cameras_of(ours))
