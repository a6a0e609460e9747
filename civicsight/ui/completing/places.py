"""The question after a place that was not judged: why, and what settles it, here or elsewhere."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import streamlit as st

from civicsight.application.unjudged_places import (
    BY_DESIGNATION,
    BY_ENTRANCE,
    UnjudgedPlace,
    entrance_with,
)
from civicsight.core.errors import N_, Text
from civicsight.coverage.demand.find import REASONS
from civicsight.editing.gates import FARTHEST_M, distance_m, shape_of
from civicsight.presentation.lexicon import number
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
from civicsight.ui.editor.state import EditorState
from civicsight.ui.editor.visits import desk_of
from civicsight.ui.elements import beside_map, link_to
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import project_names

UNKNOWN: Final = (N_("nothing was found of it that has to be seen"), N_("compare it with the data"))
"""Why a place was not judged of which no part is known, and what would settle it."""


def ask_place(visit: Visit, editor: EditorState, queue: list[UnjudgedPlace], above: Any) -> None:
    """Draw the place that comes next on the map, and beside it why it was not judged.

    Parameters
    ----------
    visit, editor
        Who is asked, and his draft.
    queue
        The places that were not judged; there is one at least.
    above
        Draws what stands above the question.
    """
    by_id = {one.place_id: one for one in queue}
    place, result = by_id[put_behind(list(by_id))[0]], visit.project.result
    take_click(visit, place.place_id)
    feature = ("zones", place.place_id) if place.place_id in result.zones.index else None
    shape = shape_of(result, place.place_id)
    names = project_names(visit.project.digest, result, visit.language)
    ground, side = beside_map()
    with ground:
        asks_place = editor.may_draw and bool(place.part_id)
        draw_map(
            visit,
            place.place_id,
            shape,
            feature=feature,
            here=N_("One comes in here") if asks_place else None,
            marked=gpd.GeoSeries([shape], index=["place"], crs=visit.project.city.crs),
            titles=[names.zones.get(place.place_id, place.place_id)],
        )
    with side:
        above()
        _ask(visit, editor, place)


def _ask(visit: Visit, editor: EditorState, place: UnjudgedPlace) -> None:
    """Say why it was not judged and what would settle it, and take the answer or lead there."""
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    st.text(names.zones.get(place.place_id, place.place_id))
    st.text("\n".join(map(visit.translate, _why(place))))
    by_entrance, at = bool(place.part_id), placed(place.place_id)
    if by_entrance and editor.may_draw:
        ask_basis(visit, editor)
    elif by_entrance:
        show_who_answers(visit, editor, N_("Entrances are listed by a planner."))
    with st.container(horizontal=True):
        if by_entrance and editor.may_draw:
            ready = at is not None and _is_near(visit, place, at)
            st.button(
                visit.translate(N_("List the entrance")),
                key="complete.entrance",
                type="primary",
                shortcut="y",
                disabled=not ready,
                on_click=_answer,
                args=(place,),
            )
        if editor.may_draw:
            offer_delay(visit, editor, place.place_id)
    if by_entrance and editor.may_draw:
        st.text(visit.translate(_guide(visit, place, at)))
    rest = set(place.reasons) - BY_ENTRANCE
    if rest & BY_DESIGNATION:
        link_to(visit, "compliance", N_("To the articles: what the competent body decides"))
    if rest - BY_DESIGNATION or not place.reasons:
        link_to(visit, "data", N_("To the data: bring in what is missing"))
    offer_save(visit, editor)


def _why(place: UnjudgedPlace) -> list[Text]:
    """Say why it was not judged, and what would settle each reason."""
    said = [
        N_("Not judged: %(why)s. To settle it: %(settles)s.", why=why, settles=settles)
        for why, settles in (REASONS.get(reason, UNKNOWN) for reason in place.reasons or ("",))
    ]
    if place.parts:
        text = N_("Gates and key parts that were not judged: %(count)s.", count=number(place.parts))
        said.append(text)
    if place.cameras:
        text = N_(
            "Until it is settled, nothing is said against %(count)s cameras beside it.",
            count=number(place.cameras),
        )
        said.append(text)
    return said


def _guide(visit: Visit, place: UnjudgedPlace, at: tuple[float, float] | None) -> Text:
    """Say where to click, or that what was clicked is too far away to belong to the place."""
    if at is None or _is_near(visit, place, at):
        return N_("Click on the map where one comes in from outside, and list it.")
    return N_(
        "That is %(far)s m away: an entrance belongs to a place up to %(most)s m from it.",
        far=number(distance_m(visit.project.result, place.place_id, at)),
        most=number(FARTHEST_M),
    )


def _is_near(visit: Visit, place: UnjudgedPlace, at: tuple[float, float]) -> bool:
    return distance_m(visit.project.result, place.place_id, at) <= FARTHEST_M


def _answer(place: UnjudgedPlace) -> None:
    """List the entrance at the place that was clicked."""
    visit = current()
    at = placed(place.place_id)
    if at is not None and _is_near(visit, place, at):
        give(visit, desk_of(visit), entrance_with(place.part_id, at, reliance(visit)))
