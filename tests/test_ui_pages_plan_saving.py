"""The page of the plan map: who saves second, windows that lag behind, drafts and totals."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import pytest

from civicsight.application.jobs import JobPool
from civicsight.application.workflow import open_session, perform, save
from civicsight.core.errors import N_
from civicsight.core.i18n import translate
from civicsight.editing.commands import Aim, Move
from civicsight.store import open_store
from civicsight.ui.pages import plan_map
from tests.app_town import app_guard
from tests.plan_page import LI, SECOND, WU, editor_of, opened, press, project, said, tell  # noqa: F401 - fixtures


@pytest.mark.slow
def test_who_saves_second_is_told_who_was_first_and_can_open_anew(opened, project):
    test = opened()
    tell(test, "aim", (0.0, 50.0), id="south")
    assert "Changes not saved: 1" in said(test)
    fresh = open_session(project, WU, app_guard())
    save(project, WU, perform(project, WU, fresh, Aim("twin", 5.0)))
    press(test, "plan.save")
    assert "Wu" in said(test)
    editor = press(test, "plan.reopen")
    assert editor.draft.cameras.loc["twin", "azimuth_deg"] == 5.0
    tell(test, "aim", (0.0, 50.0), id="south")
    test.text_input(key="plan.note").set_value("turned")
    assert not press(test, "plan.save").session.dirty
    with open_store(project.store_path) as store:
        assert [head.note for head in store.list_versions(LI, project.plan_id)] == ["", "turned"]


@pytest.mark.parametrize("code", SECOND)
def test_who_saves_second_sees_both_and_may_go_on_with_his_own(opened, project, code):
    test = opened(code)
    tell(test, "aim", (0.0, 50.0), id="south")
    fresh = open_session(project, WU, app_guard())
    save(project, WU, perform(project, WU, fresh, Aim("twin", 5.0)))
    press(test, "plan.save")
    shown = next(one.value for one in test.dataframe if len(one.value.columns) == 4
                 and len(one.value) == 2)  # fmt: skip
    mine = editor_of(test).draft.cameras.loc["south", "azimuth_deg"]
    cells = {tuple(map(float, row[2:])) for row in shown.to_numpy().tolist()}
    assert cells == {(0.0, mine), (5.0, 0.0)}  # what was saved, and the own draft
    editor = press(test, "plan.mine")
    assert editor.refused is None
    assert editor.draft.cameras.loc["south", "azimuth_deg"] == mine
    assert not press(test, "plan.save").session.dirty
    with open_store(project.store_path) as store:
        assert [head.author for head in store.list_versions(LI, project.plan_id)] == ["Wu", "Li"]
        saved = store.read_version(LI, project.plan_id).layers["cameras"]["azimuth_deg"]
    assert (saved["south"], saved["twin"]) == (mine, 0.0)


def test_of_two_windows_the_one_that_lags_behind_may_go_on_with_its_own(opened):
    one, other = opened(), opened()
    tell(one, "aim", (0.0, 50.0), id="south")
    tell(other, "aim", (50.0, 0.0), id="twin")
    editor = press(other, "plan.mine")
    assert (editor.refused, editor.session.done) == (None, ())
    assert len(tell(other, "aim", (50.0, 0.0), id="twin").session.done) == 1
    assert editor_of(opened()).session.digest == editor_of(other).session.digest


def test_a_draft_is_there_again_after_the_visit(opened):
    tell(opened(), "aim", (0.0, 50.0), id="south")
    assert len(editor_of(opened()).session.done) == 1
    assert not editor_of(opened(actor=WU)).session.done


@pytest.mark.parametrize("code", SECOND)
def test_of_two_windows_the_one_that_lags_behind_is_told_and_nothing_is_lost(opened, code):
    one, other = opened(code), opened(code)
    tell(one, "aim", (0.0, 50.0), id="south")
    tell(one, "move", (2.0, -8.0), id="twin")
    editor = tell(other, "aim", (50.0, 0.0), id="twin")
    assert not editor.session.done
    remedy = N_("Show the newer draft in this window and repeat what you did last; nothing of it "
                "was lost.")  # fmt: skip
    assert translate(remedy, code) in said(other)
    assert "Li" in said(other)
    kept = editor_of(opened(code)).session
    assert [type(command) for command in kept.done] == [Aim, Move]
    editor = press(other, "plan.renew")
    assert editor.session.digest == kept.digest
    assert translate(remedy, code) not in said(other)
    assert len(tell(other, "aim", (50.0, 0.0), id="twin").session.done) == 3
    editor = press(one, "plan.undo")  # now the first window is the one that lags behind
    assert len(editor.session.done) == 2
    assert translate(remedy, code) in said(one)
    assert len(editor_of(opened(code)).session.done) == 3


@pytest.mark.slow
def test_a_window_that_lags_behind_saves_no_version(opened, project):
    one, other = opened(), opened()
    tell(one, "aim", (0.0, 50.0), id="south")
    renewed = opened()
    tell(one, "move", (2.0, -8.0), id="twin")
    press(renewed, "plan.save")
    assert "another window" in said(renewed)
    with open_store(project.store_path) as store:
        assert store.list_plans(LI) == []
    assert not press(one, "plan.save").session.dirty
    tell(other, "aim", (50.0, 0.0), id="twin")  # a version was saved meanwhile: it is behind too
    assert "another window" in said(other)
    editor = press(other, "plan.renew")
    assert (len(editor.session.done), editor.session.revision) == (2, 2)
    assert not editor.session.dirty


def test_totals_come_from_a_job_and_the_same_from_the_cache(opened, tmp_path, monkeypatch):
    pool = JobPool(tmp_path / "jobs", in_threads=True)
    monkeypatch.setattr(plan_map, "job_pool", lambda: pool)
    test = opened()
    test.radio(key="plan.tool").set_value("add").run()
    tell(test, "point", (30.0, 48.0))
    press(test, "plan.totals")
    job = totals_job(pool, test)
    job.wait(120)
    test.run()
    assert not test.exception
    assert "Totals of the draft (changes: 1)" in said(test)
    press(test, "plan.totals")
    assert totals_job(pool, test).from_cache
    assert "answered at once" in said(test)
    pool.close()


def totals_job(pool, test):
    return pool.find(test.session_state[plan_map.WATCHED][0])
