"""The editor of a visit: one of each session, the same on every page that edits."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.settings import cache_dir
from civicsight.ui.editor.state import CAMERAS, PARTS, ZONES, EditorState, open_editor
from civicsight.ui.elements import SELECTED
from civicsight.ui.frame import Visit

DESK: Final = "plan.desk"
"""Key of the editor in the session: of which project and whom, and the editor."""

LINKED: Final = "plan.linked"
"""Key of what the address named last."""

VIEW: Final = "plan.view"
"""Key of the view of the plan that was opened last, in two dimensions or three."""


def desk_of(visit: Visit) -> EditorState:
    """Return the editor of this visit; another project or another person finds another one."""
    owner = (visit.project.digest, visit.project.plan_id, visit.actor)
    kept, editor = st.session_state.get(DESK, (None, None))
    if kept != owner:
        with st.spinner(visit.translate(N_("The project is laid out for editing"))):
            editor = open_editor(visit.project, visit.actor, cache_dir())
        st.session_state[DESK] = (owner, editor)
        st.session_state.pop(LINKED, None)
    found: EditorState = editor
    return found


def arrive(editor: EditorState, view: str) -> None:
    """Bring a view that was not the last one to what is selected: maps of one plan share that."""
    if st.session_state.get(VIEW) != view:
        st.session_state[VIEW] = view
        if editor.selected is not None:
            editor.select(*editor.selected, fly=True)


def follow_link(editor: EditorState) -> None:
    """Select what the address names, once for each link."""
    wanted = st.query_params.get(SELECTED, "")
    if not wanted or st.session_state.get(LINKED) == wanted:
        return
    st.session_state[LINKED] = wanted
    known = {
        CAMERAS: editor.draft.cameras.index,
        PARTS: editor.project.result.parts.index,
        ZONES: editor.project.result.zones.index,
    }
    for layer, labels in known.items():
        if wanted in labels:
            editor.select(layer, wanted, fly=True)
            return
