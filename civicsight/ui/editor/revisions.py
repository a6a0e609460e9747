"""Two states of one plan side by side, where somebody went on from an older one: he chooses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from civicsight.application.comparing import changes_of, describe_change
from civicsight.application.drafts import Overtaken, draft_of
from civicsight.application.workflow import open_session
from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.presentation.names import Names
from civicsight.store import Conflict
from civicsight.ui.editor.state import EditorState, renew, reopen
from civicsight.ui.elements import table
from civicsight.ui.frame import Visit, current

if TYPE_CHECKING:
    from civicsight.editing.session import PlanSession

MOST: Final = 12
"""So many differences are listed."""

WIDTHS: Final = (120, 90, 85, 85)


def draw_choice(visit: Visit, editor: EditorState, names: Names) -> None:
    """Show what differs between the own draft and the newer one, and offer both."""
    if isinstance(editor.refused, Conflict):
        newer, theirs = N_("Saved version"), N_("Put my draft away and open the saved version")
        key, act = "plan.reopen", reopen
    elif isinstance(editor.refused, Overtaken):
        newer, theirs = N_("Newer draft"), N_("Show the newer draft")
        key, act = "plan.renew", renew
    else:
        return
    _differences(visit, editor, names, newer)
    st.button(visit.translate(theirs), key=key, on_click=lambda: act(editor, current().actor))
    st.button(
        visit.translate(N_("Go on with mine")),
        key="plan.mine",
        on_click=lambda: keep_mine(editor, visit),
    )


def keep_mine(editor: EditorState, visit: Visit) -> None:
    """Go on from the own draft: the next save builds on the newest version, and versions stay."""
    try:
        theirs = _newer(editor, visit)
        mine = replace(editor.session, revision=theirs.revision)
        if isinstance(editor.refused, Overtaken):
            kept = draft_of(editor.cache_dir, editor.project, visit.actor)
            kept.take_up(editor.project, editor.edit_context.guard)
            with kept.turn():
                kept.keep(mine)
            editor.kept = kept
    except CivicsightError as error:
        editor.refused = error
        return
    editor.session, editor.refused = mine, None


def _newer(editor: EditorState, visit: Visit) -> PlanSession:
    """Return the state that the own draft lags behind."""
    guard = editor.edit_context.guard
    if isinstance(editor.refused, Overtaken):
        kept = draft_of(editor.cache_dir, editor.project, visit.actor)
        found = kept.take_up(editor.project, guard)
        if found is not None:
            return found
    return open_session(editor.project, visit.actor, guard)


def _differences(visit: Visit, editor: EditorState, names: Names, newer: Text) -> None:
    """List the values that differ; nothing where the newer state cannot be read."""
    try:
        theirs = _newer(editor, visit).draft
    except CivicsightError:
        return
    mine = editor.draft
    tables = sorted({"cameras", *theirs.changed, *mine.changed})
    found = [
        change
        for name in tables
        if theirs.table(name) is not mine.table(name)
        for change in changes_of(name, theirs.table(name), mine.table(name))
    ]
    if not found:
        st.text(visit.translate(N_("Both are the same but for the order of the steps.")))
        return
    rows = [describe_change(one, names, visit.translate)[1:] for one in found[:MOST]]
    headings = (N_("Name"), N_("What"), newer, N_("My draft"))
    table(rows, dict(zip(map(visit.translate, headings), WIDTHS, strict=True)))
    if len(found) > MOST:
        st.text(visit.translate(N_("... and %(count)s more", count=len(found) - MOST)))
