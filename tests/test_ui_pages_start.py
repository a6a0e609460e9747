"""The start page: what waits, the projects, something to try; and which one a visit works on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st

from civicsight.application.tasks import list_waiting
from civicsight.core.i18n import pick, translate
from civicsight.editing.projects import archive_project, begin_project, find_project, list_projects
from civicsight.rules import load_packs
from civicsight.store import Actor, Role, open_store, start_review
from civicsight.ui import chosen, config, frame
from civicsight.ui.access import signin
from civicsight.ui.pages import START, start
from tests.test_check import town
from tests.test_rules_overriding import pack, param
from tests.ui_made import AppTest, texts_of

LI = Actor("Li", Role.PLANNER)
WANG = Actor("Wang", Role.REVIEWER)
KINDS = ("text", "caption", "markdown", "button", "success", "error", "subheader", "expander")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("CIVICSIGHT_PROJECTS", str(tmp_path / "projects"))
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", str(tmp_path / "accounts.json"))
    monkeypatch.delenv("CIVICSIGHT_PROJECT", raising=False)
    return tmp_path / "projects"


def begun(folder, name):
    return begin_project(folder, replace(town(), name=name))


def shown(monkeypatch, actor=LI, code="en", **query):
    monkeypatch.setattr(frame, "PAGES", (START,))
    for module in (frame, chosen, signin):
        monkeypatch.setattr(module, "current_actor", lambda: actor)
    test = AppTest.from_file(str(config.SCRIPT), default_timeout=60)
    for name, value in {"lang": code, **query}.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return test


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_who_comes_first_is_told_what_to_try(monkeypatch, code):
    said = texts_of(shown(monkeypatch, code=code), KINDS)
    empty = "There is no project yet. Try an example, or begin one with files of your own."
    assert translate(empty, code) in said
    assert translate(start.LABELS["helsinki"], code) in said


def test_projects_are_listed_archived_and_brought_back(monkeypatch, folder):
    begun(folder, "东湖区")
    test = shown(monkeypatch)
    assert "东湖区" in texts_of(test, KINDS)
    next(button for button in test.button if button.label == "Archive").click().run()
    said = texts_of(test, KINDS)
    assert "The project was archived." in said
    assert "Archived: 1" in said
    next(button for button in test.button if button.label == "Bring back").click().run()
    assert find_project(folder, "东湖区") is not None


def test_a_file_that_is_no_project_says_so(monkeypatch, folder):
    begun(folder, "sound")
    (folder / "torn.gpkg").write_bytes(b"SQLite format 3\0 torn")
    assert "the file cannot be read as a project" in texts_of(shown(monkeypatch), KINDS)


def test_who_may_not_bring_in_sees_the_projects_and_nothing_to_begin(monkeypatch, folder):
    begun(folder, "one")
    test = shown(monkeypatch, Actor("Sun", Role.AUDITOR))
    assert "one" in texts_of(test, KINDS)
    assert not [
        button for button in test.button if button.label in ("Archive", "Begin the project")
    ]
    assert not test.get("file_uploader")


def test_an_example_becomes_a_project(monkeypatch, folder):
    monkeypatch.setattr(start, "read_example", lambda _code: replace(town(), name="Tried"))
    seen = []

    def go(_target, query_params):
        seen.append(query_params)
        st.stop()

    monkeypatch.setattr(st, "switch_page", go)
    test = shown(monkeypatch)
    next(button for button in test.button if button.label == str(start.LABELS["helsinki"])).click()
    test.run()
    assert [one.name for one in list_projects(folder)] == ["Tried"]
    next(button for button in test.button if button.label == str(start.LABELS["helsinki"])).click()
    test.run()
    assert [one.name for one in list_projects(folder)] == ["Tried"], "it is there already"
    assert seen == [{"project": "Tried"}] * 2


def with_plan(listed):
    with open_store(listed.plans_path, create=True) as store:
        plan = store.new_plan(LI, "p", name="Plan 2026", departments=("Police",))
        plan = store.commit_version(LI, "p", base_rev=plan.rev, layers={}, documents={"a": 1})
        start_review(store, LI, "p", base_rev=plan.rev)


def test_what_waits_is_named_to_whoever_can_move_it_on(monkeypatch, folder):
    one, damaged = begun(folder, "one"), begun(folder, "torn")
    with_plan(one)
    damaged.plans_path.write_bytes(b"not a store")
    aside = begun(folder, "aside")
    with_plan(aside)
    archive_project(folder, "aside")
    listed = list_projects(folder)
    told = {(w.project.name, w.plan, str(w.state)) for w in list_waiting(WANG, listed)}
    assert told == {
        ("one", "Plan 2026", "in joint review"),
        ("torn", "", "its plans cannot be read"),
    }
    nobody = list_waiting(Actor("Zhou", Role.APPROVER), [w for w in listed if w.name == "one"])
    assert nobody == []
    said = texts_of(shown(monkeypatch, WANG), KINDS)
    assert "one · Plan 2026 · in joint review" in said


def chosen_by(monkeypatch, actor=LI, session=None, **query):
    monkeypatch.setattr(chosen, "current_actor", lambda: actor)
    monkeypatch.setattr(chosen.st, "query_params", query)
    monkeypatch.setattr(chosen.st, "session_state", {} if session is None else session)
    return chosen.chosen_project()


@pytest.mark.slow
def test_the_address_comes_before_the_setting_and_that_before_what_was_open_last(
    monkeypatch, folder, tmp_path
):
    assert chosen_by(monkeypatch) is None
    a, b = begun(folder, "a"), begun(folder, "b")
    assert chosen_by(monkeypatch, project="a") == a.path
    assert chosen_by(monkeypatch) == a.path, "who comes again goes on with it"
    assert chosen_by(monkeypatch, WANG) is None, "another person chooses for himself"
    session = {}
    assert chosen_by(monkeypatch, session=session, project="b") == b.path
    assert chosen_by(monkeypatch, session=session) == b.path, "a link without it changes nothing"
    assert chosen_by(monkeypatch, session=session, project="nothing") == b.path
    monkeypatch.setenv("CIVICSIGHT_PROJECT", str(tmp_path / "own.gpkg"))
    assert chosen_by(monkeypatch) == tmp_path / "own.gpkg"
    assert chosen_by(monkeypatch, project="a") == a.path


def test_a_torn_memory_of_what_was_open_is_none(monkeypatch, folder, tmp_path):
    begun(folder, "a")
    for text in ("[1]", "{", ""):
        place = tmp_path / "cache" / chosen.LAST
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
        assert chosen_by(monkeypatch) is None
    assert chosen_by(monkeypatch, project="a") == Path(folder / "a.gpkg")


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_a_project_begins_under_a_law_of_ones_own(monkeypatch, code):
    test = shown(monkeypatch, code=code)
    usual = load_packs()
    name = pick(dict(usual.packs[0].instrument.name), code)
    assert any(name in text for text in texts_of(test, ("text",)))
    field = next(one for one in test.get("file_uploader") if "YAML" in one.label)
    field.set_value(("law.yaml", b"pack: {id: x}\n", "text/yaml")).run()
    assert not test.exception
    assert test.error
    begun = test.session_state[start.BEGINNING]
    assert begun.law == b""  # what is refused changes nothing
    law = pack(param("sign_standard", 1, "count"))
    field = next(one for one in test.get("file_uploader") if "YAML" in one.label)
    field.set_value(("law.yaml", law, "text/yaml")).run()
    assert not test.exception
    begun = test.session_state[start.BEGINNING]
    assert begun.law == law
    assert len(begun.laws) == len(usual.packs) + 1
    next(one for one in test.button if one.key == "start.law.back").click().run()
    assert test.session_state[start.BEGINNING].law == b""


def test_the_address_names_what_was_chosen(monkeypatch, folder, tmp_path):
    a = begun(folder, "a")
    monkeypatch.setenv("CIVICSIGHT_PROJECT", str(tmp_path / "own.gpkg"))
    query, session = {}, {"project_chosen": "a"}
    monkeypatch.setattr(chosen.st, "query_params", query)
    monkeypatch.setattr(chosen.st, "session_state", session)
    chosen.keep_in_address()
    assert query == {"project": "a"}
    assert chosen_by(monkeypatch, **query) == a.path, "a reload leads to it"
    monkeypatch.setattr(chosen.st, "query_params", query := {})
    monkeypatch.setattr(chosen.st, "session_state", {"project_chosen": ""})
    chosen.keep_in_address()
    assert query == {}


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_who_comes_first_sees_where_files_go_without_scrolling(monkeypatch, code):
    """What is tried and what is begun come before a plan that was handed over."""
    test = shown(monkeypatch, code=code)
    order = [one.value for one in test.main if one.type in {"text", "markdown"}]
    new = f"**{translate('New project from files', code)}**"
    handed = [one.label for one in test.expander]
    assert new in order
    files, over = (translate(text, code) for text in ("Files", "Open a plan that was handed over"))
    assert handed.index(files) < handed.index(over)
    assert not [one for one in order if one == f"**{translate('Projects', code)}**"]
