"""What all questions of the queue share: the basis of an answer, giving it, later, and taken back.

An answer is what commands say of one thing, and a remark on what that relies on, in the draft of
whoever answers; the rights are those of the moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import shapely
import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.editing.commands import Command
from civicsight.editing.gates import BASES, length_of_answer
from civicsight.maps.events import place_of
from civicsight.maps.live import drawn_layer, flight_to, live_group
from civicsight.presentation.symbols import PLACED_STYLE
from civicsight.ui.editor.forms import show_refused
from civicsight.ui.editor.state import EditorState, act, undo
from civicsight.ui.editor.visits import desk_of
from civicsight.ui.elements import link_to
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import rest_of_window, show_project, take_event

MAP: Final = "complete"
SKIPPED: Final = "complete.skipped"
"""Key of what was put off in this session, by what it is called."""

PLACED: Final = "complete.placed"
"""Key of where somebody clicked: the thing that it is for, and the place in the CRS of the city."""

TOGETHER: Final = "complete.together"
"""Key of how many commands the answers given at once have, by the digest of the draft after."""

BASIS, NOTE = "complete.basis", "complete.note"
AROUND_M: Final = 40.0
"""So much around what is asked is shown [m]."""


def put_behind(labels: Sequence[str]) -> list[str]:
    """Return labels in their order, but last what was put off, in the order of putting off."""
    put_off = {label: n for n, label in enumerate(st.session_state.get(SKIPPED, []), 1)}
    return sorted(labels, key=lambda label: put_off.get(label, 0))  # stable


def take_click(visit: Visit, label: str) -> None:
    """Take note of where something really is, as clicked on the map."""
    event = take_event(MAP)
    if event is not None and event.kind == "point":
        at = place_of(event, visit.project.city.crs)
        st.session_state[PLACED] = (label, (float(at.x), float(at.y)))


def forget_click() -> None:
    """Take back where somebody clicked."""
    st.session_state.pop(PLACED, None)


def placed(label: str) -> tuple[float, float] | None:
    """Return where somebody clicked for this thing, if he did."""
    own, at = st.session_state.get(PLACED, ("", None))
    return at if own == label else None


def draw_map(
    visit: Visit,
    label: str,
    shape: Any,
    *,
    feature: tuple[str, str] | None,
    here: Text | None,
    marked: gpd.GeoSeries | None = None,
    titles: Sequence[str] = (),
) -> None:
    """Draw the map around what is asked.

    Parameters
    ----------
    visit, label
        Who looks, and what is asked.
    shape
        Where it is; the map goes there.
    feature
        Layer and id of what is marked as selected.
    here
        What the point is called that somebody clicks: then the ground answers, whatever lies
        there. None where no place is asked for, so that a click chooses.
    marked, titles
        What is marked beside it, and what each is called: then all of that is shown.
    """
    crs = visit.project.city.crs
    layers = []
    around = gpd.GeoSeries([shape.buffer(AROUND_M)], crs=crs)
    if marked is not None:
        layers.append(drawn_layer("together", marked, titles, PLACED_STYLE))
        around = marked.buffer(AROUND_M)
    at = placed(label)
    if at is not None and here is not None:
        spot = gpd.GeoSeries([shapely.Point(at)], index=["here"], crs=crs)
        layers.append(drawn_layer("placed", spot, [visit.translate(here)], PLACED_STYLE))
    fly = {**flight_to(around), "n": f"{label} {0 if marked is None else len(marked)}"}
    group = live_group(
        tool="select" if here is None else "point", selected=feature, fly=fly, layers=layers
    )
    show_project(visit, MAP, group=group, height=rest_of_window())


def show_who_answers(visit: Visit, editor: EditorState, who: Text) -> None:
    """Say why nobody is asked: what stands in the way of a draft, else whose task it is."""
    if editor.refused is None:
        st.info(visit.translate(who))
    show_refused(visit, editor)


def ask_basis(visit: Visit, editor: EditorState) -> None:
    """Say what stood in the way last, and ask on what the answer relies."""
    show_refused(visit, editor)
    said = {code: visit.translate(text) for code, text in BASES.items()}
    label = visit.translate(N_("On what you rely"))
    st.selectbox(label, list(said), format_func=said.__getitem__, key=BASIS)
    st.text_input(
        visit.translate(N_("Note: who, which drawing, which day")), key=NOTE, max_chars=300
    )


def reliance(visit: Visit) -> str:
    """Return on what somebody relies, in the words of the page."""
    basis = visit.translate(BASES[st.session_state.get(BASIS, next(iter(BASES)))])
    note = str(st.session_state.get(NOTE, "")).strip()
    return f"{basis}; {note}" if note else basis


def give(visit: Visit, editor: EditorState, commands: Sequence[Command]) -> bool:
    """Give the commands of one answer or of several, all or none; they are taken back as one."""
    done = act(editor, visit.actor, *commands)
    if done:
        kept: dict[str, int] = st.session_state.setdefault(TOGETHER, {})
        kept[editor.session.digest] = len(commands)
        forget_click()
    return done


def offer_delay(visit: Visit, editor: EditorState, label: str) -> None:
    """Draw the buttons that put a question off, and that take the last answer back."""
    st.button(
        visit.translate(N_("Later")),
        key="complete.later",
        shortcut="l",
        on_click=_put_off,
        args=(label,),
    )
    offer_undo(visit, editor)


def offer_undo(visit: Visit, editor: EditorState) -> None:
    """Draw the button that takes the last answer back."""
    st.button(
        visit.translate(N_("Take back")),
        key="complete.undo",
        shortcut="z",
        disabled=not _last_answer(editor),
        on_click=_undo,
    )


def offer_save(visit: Visit, editor: EditorState) -> None:
    """Lead to where the draft is saved, if there is anything to save."""
    if editor.session.dirty:
        link_to(visit, "plan", N_("Save the draft on the plan map"))


def _put_off(label: str) -> None:
    before = [one for one in st.session_state.get(SKIPPED, []) if one != label]
    st.session_state[SKIPPED] = [*before, label]


def _last_answer(editor: EditorState) -> int:
    """Return how many commands the last answer has; 0 if what was done last is no answer."""
    kept: dict[str, int] = st.session_state.get(TOGETHER, {})
    return kept.get(editor.session.digest) or length_of_answer(editor.session.done)


def _undo() -> None:
    """Take the last answer back: what it says, and the remark."""
    visit = current()
    editor = desk_of(visit)
    undo(editor, visit.actor, _last_answer(editor))
