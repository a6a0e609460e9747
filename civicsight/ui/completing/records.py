"""The question after a doubtful record: what is missing of a camera, and fields for just that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from civicsight.application.records import PLACE, USE, DoubtfulRecord, recorded_with
from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.coverage.pose.assumptions import ASSUMPTIONS
from civicsight.presentation.lexicon import CAMERA_KINDS, number
from civicsight.rules.vocabulary import word
from civicsight.ui.completing.answers import (
    ask_basis,
    draw_map,
    give,
    offer_delay,
    offer_save,
    placed,
    put_behind,
    reliance,
    show_who_answers,
    take_click,
)
from civicsight.ui.editor.forms import FIELDS, room_form
from civicsight.ui.editor.state import EditorState
from civicsight.ui.editor.visits import desk_of
from civicsight.ui.elements import beside_map, link_to
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import project_names

EMPTY: Final = "complete.empty"
"""Key of the camera for which nothing was filled in when it was to be recorded."""

CHOICES: Final[dict[str, tuple[Text, Mapping[Any, Text]]]] = {
    "kind": (N_("Kind"), CAMERA_KINDS),
    "usable": (N_("Does it work?"), {True: word("True"), False: word("False")}),
}
"""Attributes of which one of a few is chosen: label, and words by value."""

LACKING: Final[dict[str, Text]] = {
    "presets": N_("the presets between which it turns"),
    "heads": N_("the number of its heads"),
    "detection_range_m": N_("the range at which it detects a person"),
}
"""What only the inventory can give."""


def ask_record(visit: Visit, editor: EditorState, queue: list[DoubtfulRecord], above: Any) -> None:
    """Draw the camera that comes next on the map, and beside it what is missing of its record.

    Parameters
    ----------
    visit, editor
        Who is asked, and his draft.
    queue
        The doubtful records; there is one at least.
    above
        Draws what stands above the question.
    """
    by_id = {one.camera_id: one for one in queue}
    record = by_id[put_behind(list(by_id))[0]]
    take_click(visit, record.camera_id)
    ground, side = beside_map()
    asks_place = editor.may_draw and PLACE in record.missing
    with ground:
        draw_map(
            visit,
            record.camera_id,
            editor.draft.cameras.geometry.loc[record.camera_id],
            feature=("cameras", record.camera_id),
            here=N_("The camera is here") if asks_place else None,
        )
    with side:
        above()
        _ask(visit, editor, record)


def _ask(visit: Visit, editor: EditorState, record: DoubtfulRecord) -> None:
    """Say what is missing and what hangs on it, and take the answer."""
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    st.text(names.cameras.get(record.camera_id, record.camera_id))
    assumed = [f"· {visit.translate(_meaning(name))}" for name in record.assumptions]
    hangs = N_(
        "Affects places: %(places)s; findings: %(findings)s.",
        places=keyed(f"camera.{record.camera_id}.places", number(record.places)),
        findings=keyed(f"camera.{record.camera_id}.findings", number(record.findings)),
    )
    nothing = N_("No finding depends on it today.")
    headings = (hangs if record.findings else nothing, N_("Not recorded, and therefore assumed:"))
    st.text("\n".join([*map(visit.translate, headings), *assumed]))
    if record.in_the_data:
        lacks = visit.translate(N_("; ")).join(
            visit.translate(LACKING[name]) for name in record.in_the_data
        )
        text = N_(
            "Only the inventory can say %(what)s: add it there and bring it in again.", what=lacks
        )
        st.text(visit.translate(text))
        link_to(visit, "data", N_("To the data"))
    if not editor.may_draw:
        show_who_answers(visit, editor, N_("Records are completed by a planner."))
        return
    ask_basis(visit, editor)
    if editor.asked is not None:
        room_form(visit, editor)
    if record.missing:
        _fields(visit, editor, record)
    with st.container(horizontal=True):
        offer_delay(visit, editor, record.camera_id)
    offer_save(visit, editor)


def _meaning(assumption: str) -> Text:
    """Return what is assumed of a camera, in words."""
    if assumption == USE:
        return N_("it works: its record does not say so")
    return ASSUMPTIONS[assumption].meaning


def _fields(visit: Visit, editor: EditorState, record: DoubtfulRecord) -> None:
    """Draw a field for each attribute that is missing, and the button that records them."""
    at = placed(record.camera_id)
    if PLACE in record.missing:
        text = N_("Click on the map where it hangs.") if at is None else N_("Clicked on the map.")
        st.text(visit.translate(text))
    key = f"complete.record.{record.camera_id}.{len(editor.session.done)}"
    with st.form(key, border=False):
        columns = st.columns(2)
        for n, name in enumerate(name for name in record.missing if name != PLACE):
            with columns[n % 2]:
                _field(visit, f"{key}.{name}", name)
        st.form_submit_button(
            visit.translate(N_("Record it")),
            key="complete.record",
            type="primary",
            on_click=_answer,
            args=(key, record),
        )
    if st.session_state.get(EMPTY) == key:
        st.text(
            visit.translate(N_("Nothing was filled in: give one figure at least, or press Later."))
        )


def _field(visit: Visit, key: str, name: str) -> None:
    """Draw the empty field of an attribute, with its unit and its limits."""
    if name in CHOICES:
        label, words = CHOICES[name]
        said = {code: visit.translate(text) for code, text in words.items() if code != "unknown"}
        st.selectbox(
            visit.translate(label),
            list(said),
            None,
            format_func=said.__getitem__,
            placeholder=visit.translate(N_("Choose")),
            key=key,
        )
        return
    label, least, most, by = FIELDS[name]
    span = visit.translate(N_("%(least)s to %(most)s", least=f"{least:g}", most=f"{most:g}"))
    st.number_input(visit.translate(label), least, most, None, by, placeholder=span, key=key)


def _answer(key: str, record: DoubtfulRecord) -> None:
    """Record what was filled in."""
    visit = current()
    filled = {name: st.session_state.get(f"{key}.{name}") for name in record.missing}
    filled |= {PLACE: placed(record.camera_id) if PLACE in record.missing else None}
    given = {name: value for name, value in filled.items() if value is not None}
    commands = recorded_with(record.camera_id, given, reliance(visit))
    st.session_state[EMPTY] = "" if commands else key
    if commands:
        give(visit, desk_of(visit), commands)
