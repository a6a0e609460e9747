"""Page: gates that nobody has confirmed, one after the other, those first that settle most."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import geopandas as gpd
import shapely
import streamlit as st

from civicsight.core.errors import N_
from civicsight.editing.commands import Command
from civicsight.maps.events import place_of
from civicsight.maps.live import drawn_layer, flight_to, live_group
from civicsight.presentation.lexicon import number
from civicsight.presentation.numbers import count_data, count_parts
from civicsight.presentation.symbols import PLACED_STYLE
from civicsight.report.brief import list_steps
from civicsight.ui.editor.forms import show_refused
from civicsight.ui.editor.state import EditorState, act, undo
from civicsight.ui.editor.visits import desk_of
from civicsight.ui.elements import beside_map, link_to
from civicsight.ui.frame import Visit, current, empty
from civicsight.ui.mapview import project_names, rest_of_window, show_project, take_event
from civicsight.ui.services.completing import (
    BASES,
    OpenGate,
    confirmed_with,
    is_answer_last,
    open_gates,
    rejected_with,
    settled_gates,
)

MAP: Final = "complete"
SKIPPED: Final = "complete.skipped"
"""Key of the gates that were put off in this session."""

PLACED: Final = "complete.placed"
"""Key of where somebody clicked: the gate that it is for, and the place in the CRS of the city."""

BASIS, NOTE = "complete.basis", "complete.note"
AROUND_M: Final = 40.0
"""So much around a gate is shown [m]."""


def render(_visit: Visit) -> None:
    """Draw the gate that comes next on the map, and beside it what is asked."""
    st.fragment(_next)()


def _next() -> None:
    visit = current()
    editor = desk_of(visit)
    result = visit.project.result
    skipped: list[str] = st.session_state.setdefault(SKIPPED, [])
    queue = open_gates(result, editor.session.done)
    queue.sort(key=lambda one: one.part_id in skipped)  # stable: what was put off comes last
    if not queue:
        empty(visit, N_("Every gate is confirmed, or settled in your draft."),
              N_("Save the draft on the plan map."))  # fmt: skip
        _others(visit)
        return
    gate = queue[0]
    part = result.parts.loc[gate.part_id]
    _take_click(visit, gate)
    ground, side = beside_map()
    with ground:
        _map(visit, gate, part)
    with side:
        _ask(visit, editor, queue)
        _others(visit)


def _take_click(visit: Visit, gate: OpenGate) -> None:
    """Take note of where the gate really is, as clicked on the map."""
    event = take_event(MAP)
    if event is not None and event.kind == "point":
        at = place_of(event, visit.project.city.crs)
        st.session_state[PLACED] = (gate.part_id, (float(at.x), float(at.y)))


def _placed(gate: OpenGate) -> tuple[float, float] | None:
    """Return where somebody clicked for this gate, if he did."""
    label, at = st.session_state.get(PLACED, ("", None))
    return at if label == gate.part_id else None


def _map(visit: Visit, gate: OpenGate, part: Any) -> None:
    crs = visit.project.city.crs
    around = gpd.GeoSeries([part["geometry"].buffer(AROUND_M)], crs=crs)
    fly = {**flight_to(around), "n": gate.part_id}
    at = _placed(gate)
    layers = []
    if at is not None:
        spot = gpd.GeoSeries([shapely.Point(at)], index=["here"], crs=crs)
        layers = [drawn_layer("placed", spot, [visit.say(N_("The gate is here"))], PLACED_STYLE)]
    group = live_group(selected=("parts", gate.part_id), fly=fly, layers=layers)
    show_project(visit, MAP, group=group, height=rest_of_window())


def _ask(visit: Visit, editor: EditorState, queue: list[OpenGate]) -> None:
    """Say which gate it is and what it would settle, and take the answer."""
    gate = queue[0]
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    settled = len(settled_gates(editor.session.done))
    text = N_("Open: %(count)s; settled in this draft: %(settled)s",
              count=number(len(queue)), settled=number(settled))  # fmt: skip
    st.text(visit.say(text))
    st.text(names.zones.get(gate.zone_id, gate.zone_id))
    st.text(names.parts.get(gate.part_id, gate.part_id))
    st.text("\n".join(map(visit.say, _settles(gate))))
    if not editor.may_draw:
        st.info(visit.say(N_("Gates are settled by a planner.")))
        return
    show_refused(visit, editor)
    said = {code: visit.say(text) for code, text in BASES.items()}
    label = visit.say(N_("On what you rely"))
    st.selectbox(label, list(said), format_func=said.__getitem__, key=BASIS)
    st.text_input(visit.say(N_("Note: who, which drawing, which day")), key=NOTE, max_chars=300)
    _answers(visit, editor, gate)
    same = Counter(one.zone_id for one in queue)[gate.zone_id]
    if same > 1:
        text = N_("Confirm all %(count)s gates of this place", count=number(same))
        st.button(
            visit.say(text), key="complete.place", on_click=_answer_place, args=(gate.zone_id,)
        )
    if settled:
        link_to(visit, "plan", N_("Save the draft on the plan map"))


def _answers(visit: Visit, editor: EditorState, gate: OpenGate) -> None:
    """Draw the buttons; a letter of the keyboard presses each."""
    at = _placed(gate)
    confirm = visit.say(N_("It is there") if at is None else N_("It is where I clicked"))
    with st.container(horizontal=True):
        st.button(confirm, key="complete.confirm", type="primary", shortcut="y",
                  on_click=_answer, args=(confirmed_with, gate, at))  # fmt: skip
        if not gate.is_presumed:
            st.button(visit.say(N_("There is none")), key="complete.reject", shortcut="n",
                      on_click=_answer, args=(rejected_with, gate))  # fmt: skip
        st.button(visit.say(N_("Later")), key="complete.later", shortcut="l",
                  on_click=_put_off, args=(gate,))  # fmt: skip
        st.button(visit.say(N_("Take back")), key="complete.undo", shortcut="z",
                  disabled=not is_answer_last(editor.session.done), on_click=_undo)  # fmt: skip
    text = N_("If it is elsewhere, click on the map where it really is, and confirm.")
    st.text(visit.say(text))


def _settles(gate: OpenGate) -> list[Any]:
    """Say how the gate is known, and what hangs on it."""
    said = [
        N_("No map and no list shows it: its place is only the front of a building.")
        if gate.is_presumed
        else N_("A map or a way shows it; nobody has confirmed it.")
    ]
    if gate.cameras:
        text = N_("Until it is known, nothing is said against %(count)s cameras beside it.",
                  count=number(gate.cameras))  # fmt: skip
        said.append(text)
    if gate.is_gap:
        said.append(N_("It counts as a gap: if there is no gate, no camera has to be built."))
    return said


def _reliance(visit: Visit) -> str:
    """Return on what somebody relies, in the words of the page."""
    basis = visit.say(BASES[st.session_state.get(BASIS, next(iter(BASES)))])
    note = str(st.session_state.get(NOTE, "")).strip()
    return f"{basis}; {note}" if note else basis


def _answer(make: Any, gate: OpenGate, *more: Any) -> None:
    """Settle a gate in the draft of whoever asks, by the rights of this moment."""
    visit = current()
    editor = desk_of(visit)
    part = visit.project.result.parts.loc[gate.part_id]
    act(editor, visit.actor, *make(part, _reliance(visit), *more))
    st.session_state.pop(PLACED, None)


def _answer_place(zone_id: str) -> None:
    """Confirm all gates of a place, all or none."""
    visit = current()
    editor = desk_of(visit)
    parts, reliance = visit.project.result.parts, _reliance(visit)
    commands: list[Command] = []
    for gate in open_gates(visit.project.result, editor.session.done):
        if gate.zone_id == zone_id:
            commands += confirmed_with(parts.loc[gate.part_id], reliance)
    act(editor, visit.actor, *commands)


def _put_off(gate: OpenGate) -> None:
    st.session_state[SKIPPED] = [*st.session_state.get(SKIPPED, []), gate.part_id]


def _undo() -> None:
    """Take the last answer back: the remark, and what it was about."""
    visit = current()
    editor = desk_of(visit)
    if is_answer_last(editor.session.done):
        undo(editor, visit.actor)
        undo(editor, visit.actor)


def _others(visit: Visit) -> None:
    """Say what else would settle something."""
    result = visit.project.result
    names = project_names(visit.project.digest, result, visit.language)
    with st.expander(visit.say(N_("What else would settle something"))):
        for step in list_steps(result, names, count_parts(result), count_data(result)):
            st.text(visit.say(step))
        link_to(visit, "compliance", N_("What was not judged, and why"))
        link_to(visit, "data", N_("What the data lack"))
