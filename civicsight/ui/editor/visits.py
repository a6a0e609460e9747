"""The editor of a visit: one of each session, the same on every page that edits."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.settings import cache_dir
from civicsight.ui.editor.state import EditorState, open_editor
from civicsight.ui.frame import Visit

DESK: Final = "plan.desk"
"""Key of the editor in the session: of which project and whom, and the editor."""

LINKED: Final = "plan.linked"
"""Key of what the address named last."""


def desk_of(visit: Visit) -> EditorState:
    """Return the editor of this visit; another project or another person finds another one."""
    owner = (visit.project.digest, visit.project.plan_id, visit.actor)
    kept, editor = st.session_state.get(DESK, (None, None))
    if kept != owner:
        with st.spinner(visit.say(N_("The project is laid out for editing"))):
            editor = open_editor(visit.project, visit.actor, cache_dir())
        st.session_state[DESK] = (owner, editor)
        st.session_state.pop(LINKED, None)
    found: EditorState = editor
    return found
