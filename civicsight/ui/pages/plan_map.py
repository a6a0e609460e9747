"""Page: the plan on the map, its cameras beside it, and the tools of whoever may draw."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.settings import cache_dir
from civicsight.ui.editor.forms import TOOL
from civicsight.ui.editor.panel import PANEL_PX, draw_bar, draw_panel
from civicsight.ui.editor.sight import group_of, look_at
from civicsight.ui.editor.state import CAMERAS, PARTS, ZONES, EditorState, handle, open_desk
from civicsight.ui.editor.totals import draw_totals
from civicsight.ui.elements import SELECTED
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import project_names, take_event
from civicsight.ui.projectmap import show_project

DESK: Final = "plan.desk"
"""Key of the desk in the session: of which project and whom, and the desk."""

MAP: Final = "plan"
LINKED: Final = "plan.linked"


def render(visit: Visit) -> None:
    """Draw the editor, which runs by itself at each click, and the totals below it."""
    desk = _desk(visit)
    _follow_link(desk)
    st.fragment(_editor)()
    draw_totals(visit, desk)


def _editor() -> None:
    """Draw the map, the list, and all that is done with both."""
    visit = current()
    desk = _desk(visit)
    event = take_event(MAP)
    if event is not None:
        handle(desk, visit.actor, event, st.session_state.get(TOOL, "select"))
        if event.kind in ("draw", "point"):
            st.session_state[TOOL] = "select"
    sight = look_at(desk, visit.actor)
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    draw_bar(visit, desk)
    left, right = st.columns([3, 2])
    with right:
        draw_panel(visit, desk, sight, names)
    with left:
        tool = st.session_state.get(TOOL, "select")
        show_project(visit, MAP, group=group_of(desk, sight, tool, names), height=PANEL_PX)


def _desk(visit: Visit) -> EditorState:
    """Return the desk of this visit; another project or another person finds another one."""
    owner = (visit.project.digest, visit.project.plan_id, visit.actor)
    kept, desk = st.session_state.get(DESK, (None, None))
    if kept != owner:
        with st.spinner(visit.say(N_("The project is laid out for editing"))):
            desk = open_desk(visit.project, visit.actor, cache_dir())
        st.session_state[DESK] = (owner, desk)
        st.session_state.pop(LINKED, None)
    found: EditorState = desk
    return found


def _follow_link(desk: EditorState) -> None:
    """Select what the address names, once."""
    wanted = st.query_params.get(SELECTED, "")
    if not wanted or st.session_state.get(LINKED) == wanted:
        return
    st.session_state[LINKED] = wanted
    known = {
        CAMERAS: desk.draft.cameras.index,
        PARTS: desk.project.result.parts.index,
        ZONES: desk.project.result.zones.index,
    }
    for layer, labels in known.items():
        if wanted in labels:
            desk.select(layer, wanted, fly=True)
            return
