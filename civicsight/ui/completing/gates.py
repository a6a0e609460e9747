"""The question after a gate that nobody has confirmed; those of its place and street beside it."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, Final

import geopandas as gpd
import streamlit as st

from civicsight.application.queue import own_gates
from civicsight.application.streets import Street, street_along
from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.editing.commands import Command
from civicsight.editing.gates import (
    FARTHEST_M,
    OpenGate,
    confirmed_with,
    distance_m,
    rejected_with,
    settled_gates,
    what_settles,
)
from civicsight.presentation.lexicon import number
from civicsight.ui.completing.answers import (
    ask_basis,
    draw_map,
    forget_click,
    give,
    offer_delay,
    offer_save,
    placed,
    put_behind,
    reliance,
    show_who_answers,
    take_click,
)
from civicsight.ui.completing.lists import offer_lists
from civicsight.ui.editor.state import EditorState
from civicsight.ui.editor.visits import desk_of
from civicsight.ui.elements import beside_map
from civicsight.ui.errors import warn
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import project_names

SHOWN: Final = "complete.street.of"
"""Key of the gate whose street is shown as a whole."""

FEWEST: Final = 2
"""So many gates are confirmed together, or each by itself."""


def ask_gate(visit: Visit, editor: EditorState, queue: list[OpenGate], above: Any) -> None:
    """Draw the gate that comes next on the map, and beside it what is asked.

    Parameters
    ----------
    visit, editor
        Who is asked, and his draft.
    queue
        The open gates; there is one at least.
    above
        Draws what stands above the question.
    """
    by_id = {one.part_id: one for one in queue}
    queue = [by_id[label] for label in put_behind(list(by_id))]
    gate, parts = queue[0], visit.project.result.parts
    take_click(visit, gate.part_id)
    street = street_along(list(by_id), parts, visit.project.city.roads, gate.part_id)
    ground, side = beside_map()
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    with ground:
        marked, titles = None, []
        if street is not None and st.session_state.get(SHOWN) == gate.part_id:
            own = list(street.part_ids)
            marked = gpd.GeoSeries(parts.geometry.loc[own].representative_point())
            titles = [names.parts.get(label, label) for label in own]
        draw_map(
            visit,
            gate.part_id,
            parts.geometry.loc[gate.part_id],
            feature=("parts", gate.part_id),
            here=N_("The gate is here") if editor.may_draw and marked is None else None,
            marked=marked,
            titles=titles,
        )
    with side:
        above()
        _ask(visit, editor, queue, street)


def _ask(visit: Visit, editor: EditorState, queue: list[OpenGate], street: Street | None) -> None:
    """Say which gate it is and what it would settle, and take the answer."""
    gate = queue[0]
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    text = N_(
        "Open: %(count)s; settled in this draft: %(settled)s",
        count=keyed("gates.waiting", number(len(queue))),
        settled=keyed("gates.settled", number(len(settled_gates(editor.session.done)))),
    )
    st.text(visit.translate(text))
    st.text(names.zones.get(gate.zone_id, gate.zone_id))
    st.text(names.parts.get(gate.part_id, gate.part_id))
    st.text("\n".join(map(visit.translate, what_settles(gate))))
    if not editor.may_draw:
        show_who_answers(visit, editor, N_("Gates are settled by a planner."))
        offer_lists(visit, editor)
        return
    ask_basis(visit, editor)
    if street is not None and st.session_state.get(SHOWN) == gate.part_id:
        _ask_street(visit, street)
        return
    _answers(visit, editor, gate)
    same = Counter(one.zone_id for one in queue)[gate.zone_id]
    if same >= FEWEST:
        text = N_(
            "Confirm all %(count)s gates of this place",
            count=keyed(f"place.{gate.zone_id}.waiting", number(same)),
        )
        st.button(
            visit.translate(text),
            key="complete.place",
            on_click=_answer_place,
            args=(gate.zone_id,),
        )
    if street is not None and len(street.part_ids) >= FEWEST:
        with st.container(border=True, gap="small"):
            st.text(street.name)
            text = N_("Show all %(count)s gates along this street", count=_count(street))
            st.button(
                visit.translate(text),
                key="complete.street",
                on_click=_show_street,
                args=(gate.part_id,),
            )
    offer_lists(visit, editor)
    offer_save(visit, editor)


def _answers(visit: Visit, editor: EditorState, gate: OpenGate) -> None:
    """Draw the buttons; a letter of the keyboard presses each."""
    at = placed(gate.part_id)
    far = 0.0 if at is None else distance_m(visit.project.result, gate.zone_id, at)
    if at is not None and far > FARTHEST_M:
        _ask_far(visit, gate, at, far)
        return
    confirm = visit.translate(N_("It is there") if at is None else N_("It is where I clicked"))
    with st.container(horizontal=True):
        st.button(
            confirm,
            key="complete.confirm",
            type="primary",
            shortcut="y",
            on_click=_answer,
            args=(partial(confirmed_with, at=at), gate),
        )
        if not gate.is_presumed:
            st.button(
                visit.translate(N_("There is none")),
                key="complete.reject",
                shortcut="n",
                on_click=_answer,
                args=(rejected_with, gate),
            )
        offer_delay(visit, editor, gate.part_id)
    text = N_("If it is elsewhere, click on the map where it really is, and confirm.")
    st.text(visit.translate(text))


def _ask_far(visit: Visit, gate: OpenGate, at: tuple[float, float], far: float) -> None:
    """Ask about a click that is farther away than a gate of the place can be."""
    distance = number(far)
    text = N_(
        "The point you clicked is %(far)s m from the place. The check takes a gate as one of the "
        "place up to %(most)s m from its outline. Farther away it is kept as an entrance, and the "
        "place is asked for its gate again.",
        far=distance,
        most=number(FARTHEST_M),
    )
    warn(visit.translate(text), "far")
    with st.container(horizontal=True):
        st.button(
            visit.translate(N_("Take the click back")),
            key="complete.far.back",
            type="primary",
            on_click=forget_click,
        )
        keep = N_("It is there, %(far)s m away", far=distance)
        st.button(
            visit.translate(keep),
            key="complete.far.confirm",
            on_click=_answer,
            args=(
                partial(confirmed_with, at=at),
                gate,
                N_("confirmed %(far)s m from the place", far=distance),
            ),
        )


def _ask_street(visit: Visit, street: Street) -> None:
    """Ask whether all the gates that are marked on the map are there."""
    with st.container(border=True, gap="small"):
        st.text(street.name)
        st.text(visit.translate(N_("Those marked on the map stand at it.")))
        text = N_("Confirm all %(count)s gates along this street", count=_count(street))
        st.button(
            visit.translate(text),
            key="complete.street.confirm",
            type="primary",
            on_click=_answer_street,
            args=(street.part_ids,),
        )
        st.button(
            visit.translate(N_("Back to this gate")),
            key="complete.street.back",
            on_click=_show_street,
            args=("",),
        )


def _count(street: Street) -> str:
    return number(len(street.part_ids))


def _answer(make: Any, gate: OpenGate, beside: Text | None = None) -> None:
    """Settle one gate; what is to be said `beside` what somebody relies on stands in the remark."""
    visit = current()
    part = visit.project.result.parts.loc[gate.part_id]
    said = [reliance(visit)] + ([] if beside is None else [visit.translate(beside)])
    give(visit, desk_of(visit), make(part, "; ".join(said)))


def _answer_place(zone_id: str) -> None:
    """Confirm all gates of a place that are still open."""
    visit = current()
    editor = desk_of(visit)
    queue = own_gates(visit.project.result, editor.session.done, visit.actor)
    _confirm_all(visit, editor, [one.part_id for one in queue if one.zone_id == zone_id])


def _answer_street(part_ids: tuple[str, ...]) -> None:
    """Confirm the gates that were marked on the map, of them those that are still open."""
    visit = current()
    editor = desk_of(visit)
    queue = own_gates(visit.project.result, editor.session.done, visit.actor)
    _confirm_all(visit, editor, [one.part_id for one in queue if one.part_id in part_ids])


def _confirm_all(visit: Visit, editor: EditorState, part_ids: list[str]) -> None:
    """Confirm gates, all or none; each is a record of its own."""
    parts, said = visit.project.result.parts, reliance(visit)
    commands: list[Command] = []
    for label in part_ids:
        commands += confirmed_with(parts.loc[label], said)
    give(visit, editor, commands)


def _show_street(part_id: str) -> None:
    st.session_state[SHOWN] = part_id
