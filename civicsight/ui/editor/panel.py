"""What is beside the map: the bar of tools, the list of cameras, and all of what is selected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from civicsight.application.drawing_up import may_draw_up
from civicsight.application.findings import open_to
from civicsight.core.errors import N_, Text
from civicsight.editing.gap_changes import count_changes
from civicsight.maps.live import Tool
from civicsight.presentation.lexicon import drawn_name, number
from civicsight.presentation.names import Names
from civicsight.store import ALLOWED, Act
from civicsight.ui.departments import ask_departments, asked_departments
from civicsight.ui.editor.devices import draw_devices
from civicsight.ui.editor.forms import (
    TOOL,
    TOOLS,
    add_form,
    camera_form,
    gate_form,
    place_form,
    room_form,
    show_refused,
)
from civicsight.ui.editor.look import draw_look
from civicsight.ui.editor.obstacles import draw_obstacles, obstacle_form
from civicsight.ui.editor.private import draw_onlookers
from civicsight.ui.editor.revisions import draw_choice
from civicsight.ui.editor.sight import LIST_HEADINGS, Sight, list_cameras, own_sentences
from civicsight.ui.editor.sliders import draw_sliders
from civicsight.ui.editor.state import CAMERAS, PARTS, EditorState, commit, redo, undo
from civicsight.ui.elements import as_frame, link_to, show_actor, table
from civicsight.ui.errors import warn
from civicsight.ui.frame import Visit, current
from civicsight.ui.pages.findings import find_rows

LIST_PX: Final = 178
PICKED: Final = "plan.picked"
"""Key of the camera that the list was clicked for last, and of how often it was laid out anew."""

HEARD: Final = "plan.departments"
"""What stands between names in a list, in either language."""

WIDTHS: Final = (114, 100, 82, 62)


def draw_bar(visit: Visit, editor: EditorState, tools: Mapping[Tool, Text] = TOOLS) -> None:
    """Draw the tools, the way back and forth, and the save; nothing for who only reads."""
    if not editor.may_draw:
        return
    said = {code: visit.translate(text) for code, text in tools.items()}
    if st.session_state.get(TOOL) not in tools:
        st.session_state[TOOL] = "select"  # a tool of the other view
    with st.container(horizontal=True, vertical_alignment="center"):
        st.radio(
            visit.translate(N_("Tool")),
            list(said),
            format_func=said.__getitem__,
            horizontal=True,
            label_visibility="collapsed",
            key=TOOL,
        )
        back, forth = editor.session.can_undo, editor.session.can_redo
        st.button(
            visit.translate(N_("Undo")),
            key="plan.undo",
            disabled=not back,
            on_click=lambda: undo(editor, current().actor),
        )
        st.button(
            visit.translate(N_("Redo")),
            key="plan.redo",
            disabled=not forth,
            on_click=lambda: redo(editor, current().actor),
        )
        with st.popover(visit.translate(N_("Save"))):
            _save(visit, editor)
        st.text(visit.translate(_state(editor)), width="content")
        closed, opened = count_changes(editor.changes())
        if closed or opened:
            text = N_("Gaps closed: %(closed)s, opened: %(opened)s", closed=closed, opened=opened)
            st.text(visit.translate(text), width="content")


def draw_panel(visit: Visit, editor: EditorState, sight: Sight, names: Names) -> None:
    """Draw what waits for an answer first, then the list, what is selected, and the form."""
    show_refused(visit, editor)
    draw_choice(visit, editor, names)
    if editor.asked is not None:
        room_form(visit, editor)
    editor.judged = None
    if editor.drawn is not None and editor.drawn[0] == "zone":
        place_form(visit, editor)
    elif editor.drawn is not None:
        obstacle_form(visit, editor, sight, names)
    elif editor.selected is None:
        draw_obstacles(visit, editor, sight, names)
    _cameras(visit, editor, sight)
    _selected(visit, editor, sight, names)
    if editor.selected is not None:
        draw_obstacles(visit, editor, sight, names)
    draw_onlookers(visit, editor, sight, names)
    if editor.may_draw:
        with st.expander(visit.translate(N_("Add a camera by numbers")), key="by_numbers"):
            add_form(visit, editor)


def _state(editor: EditorState) -> Text:
    if editor.session.dirty:
        return N_("Changes not saved: %(count)s", count=len(editor.session.done))
    return N_("Saved") if editor.session.done else N_("No changes")


def _save(visit: Visit, editor: EditorState) -> None:
    if not editor.session.revision:
        st.text_input(
            visit.translate(N_("Name of the plan")),
            visit.project.city.name,
            key="plan.name",
            max_chars=200,
        )
        ask_departments(visit, HEARD)
    st.text_input(visit.translate(N_("What is new")), key="plan.note", max_chars=500)
    show_actor(visit)
    st.button(
        visit.translate(N_("Save as a version")),
        key="plan.save",
        type="primary",
        disabled=not editor.session.dirty,
        on_click=_commit,
        args=(editor,),
    )


def _commit(editor: EditorState) -> None:
    told = st.session_state
    name, note = told.get("plan.name", "").strip(), told["plan.note"].strip()
    if commit(editor, current().actor, name, note, asked_departments(HEARD)):
        st.session_state["plan.note"] = ""


def _cameras(visit: Visit, editor: EditorState, sight: Sight) -> None:
    """Draw the list of cameras; a row selects one, and the map goes there."""
    label = visit.translate(N_("Search cameras by name or id"))
    wanted = st.text_input(
        label, key="plan.search", placeholder=label, label_visibility="collapsed"
    )
    ids, rows = list_cameras(sight, wanted, visit.language)
    if not rows:
        st.info(visit.translate(N_("No camera is called that. Search for less, or add one.")))
    else:
        headings = [visit.translate(heading) for heading in LIST_HEADINGS]
        key = f"plan.list.{_turn(editor)}.{wanted}.{len(ids)}"
        widths = zip(headings, WIDTHS, strict=True)
        st.dataframe(
            as_frame(rows, headings),
            hide_index=True,
            height=LIST_PX,
            key=key,
            on_select=lambda: _pick(editor, ids, key),
            selection_mode="single-row",
            column_config={name: st.column_config.TextColumn(width=px) for name, px in widths},
        )
    if sight.elsewhere:
        count = number(sight.elsewhere)
        st.text(visit.translate(N_("%(count)s cameras stand in other districts.", count=count)))


def _turn(editor: EditorState) -> int:
    """Return how often the list was laid out anew: it forgets its tick where the map took over."""
    picked, turn = st.session_state.get(PICKED, (None, 0))
    if picked is not None and picked != editor.camera_id:
        turn += 1
        st.session_state[PICKED] = (None, turn)
    return int(turn)


def _pick(editor: EditorState, ids: list[str], key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows and rows[0] < len(ids):
        editor.select(CAMERAS, ids[rows[0]], fly=True)
        st.session_state[PICKED] = (ids[rows[0]], _turn(editor))


def _selected(visit: Visit, editor: EditorState, sight: Sight, names: Names) -> None:
    """Draw what is known of what is selected."""
    layer, label = editor.selected or ("", "")
    if layer == PARTS:
        gate_form(visit, editor, names)
        _show_remedy(visit, label)
        _offer_remark(visit, editor, label)
        return
    camera_id = editor.camera_id
    if camera_id is None or camera_id not in sight.cameras.index:
        st.text(
            visit.translate(N_("Select a camera or a gate on the map, or a camera in the list."))
        )
        return
    found = editor.preview()
    st.text(drawn_name(camera_id, sight.cameras["name"].get(camera_id), visit.language))
    if found is None:
        st.text(visit.translate(N_("It is removed in this draft.")))
        return
    heed, facts = own_sentences(found, sight, editor, names)
    questions = [one.text for one in editor.session.questions if one.camera_id == camera_id]
    for n, text in enumerate([*heed, *questions]):
        warn(visit.translate(text), f"plan-{n}")
    st.text("\n".join(map(visit.translate, facts)))
    if editor.may_draw:
        draw_sliders(visit, editor)
        draw_devices(visit, editor)
        with st.expander(visit.translate(N_("Place, direction and optics")), key="pose"):
            camera_form(visit, editor)
    draw_look(visit, editor)
    _offer_remark(visit, editor, camera_id)
    rows = [(visit.translate(a.label), f"{a.px_per_m:g}", number(a.area_m2)) for a in found.classes]
    headings = (N_("Detail on the ground"), N_("px/m"), N_("m²"))
    table(rows, dict.fromkeys((visit.translate(heading) for heading in headings), None))


def _show_remedy(visit: Visit, label: str) -> None:
    """Say of a gap what would mend it, as the first page does, and lead to the cheapest plan."""
    project = visit.project
    listed = find_rows(project.digest, visit.language, project.result)
    rows, _ = open_to(listed.rows, visit.actor, project.city, visit.translate)
    told = [row.remedy for row in rows if row.layer == "gaps" and row.subject == label]
    for remedy in filter(None, dict.fromkeys(told)):
        st.text(visit.translate(N_("What would mend it: %(remedy)s", remedy=remedy)))
    if told and may_draw_up(visit.actor):
        link_to(visit, "draw", N_("Have the cheapest compliant plan drawn up"))


def _offer_remark(visit: Visit, editor: EditorState, label: str) -> None:
    """Lead whoever may remark on a feature to where it is kept with the version."""
    if editor.session.revision and visit.actor.role in ALLOWED[Act.ANSWER]:
        link_to(visit, "review", N_("Remark on it in the review"), sel=label)
