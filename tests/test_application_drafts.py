"""Drafts of one person in several windows: none overwrites what it has not seen."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from civicsight.application.drafts import Overtaken, draft_of
from civicsight.core.errors import InputError
from civicsight.editing.commands import Aim, Comment, Move
from civicsight.editing.project import Project
from civicsight.store import Actor, Role
from civicsight.ui.editor.state import act, commit, open_editor, redo, renew, reopen, undo
from tests.app_town import DIGEST, RULES, app_city, app_guard, app_result, session

LI = Actor("Li", Role.PLANNER)
AS_ANALYST = Actor("Li", Role.ANALYST)
TURN, SHIFT = Aim("south", 10.0), Move("twin", 2.0, -8.0)


@pytest.fixture
def project(tmp_path):
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


@pytest.fixture
def window(project, tmp_path):
    """Open a window of Li's, which takes up what is kept."""
    return lambda: open_editor(project, LI, tmp_path)


def kept(project, tmp_path):
    return draft_of(tmp_path, project, LI).take_up(project, app_guard())


def test_a_window_goes_on_with_what_it_kept_itself(window):
    editor = window()
    for command in (TURN, SHIFT):
        assert act(editor, LI, command)
    undo(editor, LI)
    redo(editor, LI)
    assert editor.refused is None
    assert window().session.to_json() == editor.session.to_json()


WAYS = {
    "act": lambda editor: act(editor, LI, Comment("", "late")),
    "undo": lambda editor: undo(editor, LI),
    "redo": lambda editor: redo(editor, LI),
    "commit": lambda editor: commit(editor, LI, "plan", ""),
    "reopen": lambda editor: reopen(editor, LI),
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_a_window_does_that_lags_behind_is_refused(window, project, tmp_path, way):
    first = window()
    for command in (TURN, SHIFT):
        act(first, LI, command)
    undo(first, LI)
    second = window()
    act(first, LI, Comment("", "first"))
    shown, there = second.session, kept(project, tmp_path).to_json()
    WAYS[way](second)
    assert isinstance(second.refused, Overtaken)
    assert second.session is shown
    assert kept(project, tmp_path).to_json() == there == first.session.to_json()
    renew(second, LI)
    assert second.refused is None
    assert second.session.to_json() == there
    assert act(second, LI, Comment("", "second"))
    assert not act(first, LI, TURN)
    assert isinstance(first.refused, Overtaken)


def test_the_refusal_says_who_and_when(window, project, tmp_path):
    first, second = window(), window()
    act(first, LI, TURN)
    path = draft_of(tmp_path, project, LI).path
    at = datetime(2025, 11, 27, 23, tzinfo=UTC)
    os.utime(path, (0, at.timestamp()))
    act(second, LI, SHIFT)
    local = at.astimezone().strftime("%Y-%m-%d %H:%M")
    assert f"Li changed it in another window at {local}" in str(second.refused)


def test_a_version_that_another_window_saved_counts_too(window):
    first, second = window(), window()
    act(first, LI, TURN)
    assert commit(first, LI, "plan", "one")
    assert not act(second, LI, SHIFT)
    renew(second, LI)
    assert (second.session.revision, second.session.dirty) == (first.session.revision, False)


def test_of_windows_that_act_at_once_one_is_kept(project, tmp_path):
    windows = [draft_of(tmp_path, project, LI) for _ in range(8)]
    gate = Barrier(len(windows))

    def try_to_keep(number):
        gate.wait()
        try:
            with windows[number].turn():
                windows[number].keep(session().do(Comment("", str(number))))
        except Overtaken:
            return None
        return str(number)

    with ThreadPoolExecutor(len(windows)) as pool:
        (winner,) = filter(None, pool.map(try_to_keep, range(len(windows))))
    assert kept(project, tmp_path).draft.comments == (("", winner),)


def test_a_draft_that_was_cleared_away_stands_in_nobodys_way(window, project, tmp_path):
    editor = window()
    act(editor, LI, TURN)
    draft_of(tmp_path, project, LI).path.unlink()
    assert act(editor, LI, SHIFT)
    assert len(kept(project, tmp_path).done) == 2


def test_a_damaged_draft_is_said_and_gives_way_to_the_next_act(window, project, tmp_path):
    path = draft_of(tmp_path, project, LI).path
    path.parent.mkdir()
    path.write_bytes(b"torn")
    editor = window()
    assert isinstance(editor.refused, InputError)
    assert act(editor, LI, TURN)
    assert len(kept(project, tmp_path).done) == 1


def test_another_role_has_another_draft(window, project, tmp_path):
    editor = window()
    act(editor, LI, TURN)
    assert not act(editor, AS_ANALYST, SHIFT)
    assert not isinstance(editor.refused, Overtaken)
    assert len(kept(project, tmp_path).done) == 1


def test_only_the_user_reads_what_is_kept(window, project, tmp_path):
    act(window(), LI, TURN)
    path = draft_of(tmp_path, project, LI).path
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
