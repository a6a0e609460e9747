"""Beside the map: who could look into a private place that somebody chooses by its name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.editing.onlookers import ONLOOKERS, find_onlookers
from civicsight.editing.refusals import name_private
from civicsight.presentation.lexicon import drawn_name, number
from civicsight.rules.vocabulary import word
from civicsight.ui.editor.state import CAMERAS
from civicsight.ui.elements import pick_row

if TYPE_CHECKING:
    import geopandas as gpd

    from civicsight.presentation.names import Names
    from civicsight.ui.editor.sight import Sight
    from civicsight.ui.editor.state import EditorState
    from civicsight.ui.frame import Visit

PLACE: Final = "plan.private"
"""Key of the private place that is chosen."""

MOST: Final = 2000
"""So many places are in the list at most, those with a name first."""

HEAD_PX, ROW_PX, LIST_PX = 38, 35, 178
WIDTHS: Final = (None, 92, 92)


def draw_onlookers(visit: Visit, editor: EditorState, sight: Sight, names: Names) -> None:
    """Ask for a private place, and list the cameras that could look into it; a row selects one."""
    with st.expander(visit.translate(N_("Who could look into a private place")), key="onlookers"):
        called = name_places(editor.edit_context.private.areas, names)
        if not called:
            st.text(visit.translate(N_("No private place is known in this project.")))
            return
        chosen = st.selectbox(
            visit.translate(N_("Private place: type a part of its name")),
            list(called),
            None,
            format_func=called.__getitem__,
            key=PLACE,
            placeholder=visit.translate(N_("such as a dormitory")),
        )
        if chosen is not None:
            _list(visit, editor, sight, chosen)


def name_places(areas: gpd.GeoDataFrame, names: Names) -> dict[tuple[str, ...], str]:
    """Return what private places are called, by their ids: those with a name of their own first.

    What map and register say of one building under one name is one place. A class or name that
    several have is followed by the building that tells them apart.
    """
    own = areas["name"].where(areas["name"].map(lambda name: isinstance(name, str)), "")
    plain = {
        str(label): name
        or (names.pick(said) if isinstance(said, dict) else names.translate(word(kind)))
        for label, name, said, kind in zip(
            areas.index, own, areas["label"], areas["kind"], strict=True
        )
    }
    found: dict[tuple[str, str], list[str]] = {}
    for label in sorted(plain, key=lambda label: (not own[label], plain[label], label)):
        building = areas.loc[label, "building_id"]
        found.setdefault((plain[label], building or label), []).append(label)
    often = Counter(name for name, _ in found)
    return {
        tuple(labels): name
        if often[name] == 1
        else names.translate(name_private(labels[0], areas.loc[labels[0]]))
        for (name, _), labels in list(found.items())[:MOST]
    }


def _list(visit: Visit, editor: EditorState, sight: Sight, chosen: tuple[str, ...]) -> None:
    """List who could look in, of the cameras that somebody may see; the others are a number."""
    found = find_onlookers(editor.edit_context, editor.draft, chosen)
    shown = found[found.index.isin(sight.cameras.index)]
    if len(found) > len(shown):
        more = number(len(found) - len(shown))
        st.text(visit.translate(N_("Cameras of other districts that could look in: %(n)s", n=more)))
    if shown.empty:
        st.text(visit.translate(N_("No camera that is listed here could look into it.")))
        return
    called = sight.cameras["name"]
    rows = [
        (drawn_name(str(label), called.get(label), visit.language), number(sure), number(most))
        for label, sure, most in zip(
            shown.index, shown[ONLOOKERS[0]], shown[ONLOOKERS[-1]], strict=True
        )
    ]
    headings = (N_("Camera"), N_("For sure [m²]"), N_("At most [m²]"))
    columns = dict(zip(map(visit.translate, headings), WIDTHS, strict=True))
    key = f"{PLACE}.{chosen[0]}.{len(rows)}"
    picked = pick_row(rows, columns, key, height=min(HEAD_PX + ROW_PX * len(rows), LIST_PX))
    st.text(
        visit.translate(N_("Area of its walls in view, masks counted. A row shows the camera."))
    )
    if st.session_state.get(f"{key}.row") != picked:
        st.session_state[f"{key}.row"] = picked
        if picked is not None:
            editor.select(CAMERAS, str(shown.index[picked]), fly=True)
            st.rerun()
