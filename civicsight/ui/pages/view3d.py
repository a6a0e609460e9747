"""Page: the plan in three dimensions, and beside it the list of what can be chosen in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import geopandas as gpd
import shapely
import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language
from civicsight.coverage.result import CheckResult
from civicsight.maps.prisms import Window
from civicsight.maps.scene_3d import SolidMap, scene_map, window_of
from civicsight.presentation.facts import Facts, camera_facts, part_facts
from civicsight.presentation.names import Names, direction_of_cameras, shown_parts
from civicsight.presentation.symbols import CAMERA_LABELS, PART_LABELS
from civicsight.ui.access.signin import may_read
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.elements import SELECTED, link_to, pick_row
from civicsight.ui.frame import Visit, current, empty
from civicsight.ui.mapview import project_names, show_solid, take_event

VIEW: Final = "solid"
HEIGHT: Final = 600
LIST_HEIGHT: Final = 300
STATE_PX: Final = 150
CHOSEN: Final = "solid.chosen"
MIDDLE: Final = "solid.middle"
"""What was flown to last: a larger city is drawn around it."""
FLIGHTS: Final = "solid.flights"
LAYER: Final = "solid.layer"
LINKED: Final = "solid.linked"
KEPT: Final = 6

LAYERS: Final[Mapping[str, Text]] = {
    "gaps": N_("Gaps"),
    "parts": N_("Gates and other key parts"),
    "cameras": N_("Cameras"),
}
"""What the list may hold; gaps are the parts that no camera covers, even at best."""


def render(visit: Visit) -> None:
    """Draw the view and the list; both run by themselves at each click."""
    result = seen_result(visit.project, visit.actor)
    if result.cameras.empty and result.parts.empty:
        empty(
            visit,
            N_("There is nothing to show: the project has neither cameras nor places."),
            N_("Bring cameras and places in on the page of the data."),
        )
        return
    _follow_link(result)
    st.fragment(_view)()


def _view() -> None:
    """Draw the view left, the list and what is known of the chosen one right."""
    visit = current()
    result = seen_result(visit.project, visit.actor)
    names = project_names(_digest(visit), result, visit.language)
    event = take_event(VIEW)
    if event is not None and event.kind == "select":
        _choose(event.layer, event.id, fly=False)
    left, right = st.columns([7, 3])
    with right:
        _list(visit, result, names)
        chosen = _known(result, CHOSEN)
        _tell(visit, result, names, chosen)
    with left:
        show_solid(
            _drawn(visit, result, _known(result, MIDDLE)),
            VIEW,
            visit.actor.name,
            may_read(visit.actor),
            selected=chosen,
            flights=st.session_state.get(FLIGHTS, 0),
            height=HEIGHT,
            language=visit.language,
        )


def _list(visit: Visit, result: CheckResult, names: Names) -> None:
    """Draw what can be chosen; a row that is picked is flown to."""
    named = {code: visit.say(label) for code, label in LAYERS.items()}
    layer = st.selectbox(visit.say(N_("List")), list(LAYERS), key=LAYER,
                         format_func=named.__getitem__)  # fmt: skip
    ids, states = _rows(result, layer, visit)
    if not ids:
        st.info(visit.say(N_("The list is empty. Choose another one above.")))
        return
    titles = names.cameras if layer == "cameras" else names.parts
    cells: list[tuple[str, ...]] = [(titles[label],) for label in ids]
    columns: dict[str, int | None] = {visit.say(N_("Name")): None}
    if layer != "gaps":  # of those the name of the list says it
        cells = [(*cell, state) for cell, state in zip(cells, states, strict=True)]
        columns[visit.say(N_("State"))] = STATE_PX
    key = f"solid.table.{layer}"
    picked = pick_row(cells, columns, key, height=LIST_HEIGHT)
    target = (
        ("cameras" if layer == "cameras" else "parts", ids[picked]) if picked is not None else None
    )
    if target is not None and st.session_state.get(f"{key}.seen") != target:
        _choose(*target, fly=True)
    st.session_state[f"{key}.seen"] = target


def _rows(result: CheckResult, layer: str, visit: Visit) -> tuple[list[str], list[str]]:
    """Return ids and states of a list."""
    if layer == "cameras":
        known = direction_of_cameras(result)
        return [str(label) for label in known.index], [visit.say(CAMERA_LABELS[k]) for k in known]
    shown = shown_parts(result)
    if layer == "gaps":
        shown = shown[shown.eq("gap")]
    return [str(label) for label in shown.index], [visit.say(PART_LABELS[k]) for k in shown]


def _tell(visit: Visit, result: CheckResult, names: Names, chosen: tuple[str, str] | None) -> None:
    """Say what is known of the chosen one, and lead to the map."""
    if chosen is None:
        st.text(visit.say(N_("Select a row, or a sign in the view.")))
        return
    layer, label = chosen
    table, facts = _table(result, layer)
    titles = names.cameras if layer == "cameras" else names.parts
    row = table.index.astype(str).get_loc(label)
    one = _facts(visit, result, layer, facts, names)[row]
    with st.container(border=True, gap=None):
        st.text(titles[label])
        for name, value in one:
            told = N_("%(what)s: %(value)s", what=name, value=value)
            st.text(visit.say(told) if name else value)
        link_to(visit, "plan", N_("Show it on the map"), sel=label)


def _table(result: CheckResult, layer: str) -> tuple[gpd.GeoDataFrame, Callable[..., list[Facts]]]:
    if layer == "cameras":
        return result.cameras, camera_facts
    return result.parts, part_facts


def _known(result: CheckResult, key: str) -> tuple[str, str] | None:
    """Return what was chosen or flown to, if somebody may see it."""
    chosen: tuple[str, str] | None = st.session_state.get(key)
    if chosen is None or chosen[0] not in ("cameras", "parts"):
        return None
    table, _ = _table(result, chosen[0])
    return chosen if chosen[1] in table.index else None


def _choose(layer: str, label: str, *, fly: bool) -> None:
    st.session_state[CHOSEN] = (layer, label)
    if fly:
        st.session_state[MIDDLE] = (layer, label)
        st.session_state[FLIGHTS] = st.session_state.get(FLIGHTS, 0) + 1


def _follow_link(result: CheckResult) -> None:
    """Choose what the address names, once."""
    wanted = st.query_params.get(SELECTED, "")
    if not wanted or st.session_state.get(LINKED) == wanted:
        return
    st.session_state[LINKED] = wanted
    for layer in ("cameras", "parts"):
        if wanted in _table(result, layer)[0].index:
            _choose(layer, wanted, fly=True)


def _drawn(visit: Visit, result: CheckResult, middle: tuple[str, str] | None) -> SolidMap:
    """Return the part of the city around what was flown to, its middle as long as nothing was."""
    place = None
    if middle is not None:
        shape = _table(result, middle[0])[0].geometry.loc[middle[1]]
        place = shapely.point_on_surface(shape)
    window = window_of(result.city, place)
    with st.spinner(visit.say(N_("The view is cut out of the city"))):
        return find_solid(_digest(visit), window, visit.language, result)


def _digest(visit: Visit) -> str:
    """Return what the view of this person hangs on: a district planner sees less."""
    return f"{visit.project.digest}{visit.actor.district}{visit.actor.role}"


def _facts(
    visit: Visit, result: CheckResult, layer: str, facts: Callable[..., list[Facts]], names: Names
) -> list[Facts]:
    return find_facts(_digest(visit), visit.language, layer, result, facts, names)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_facts(
    digest: str,
    language: Language,
    layer: str,
    _result: CheckResult,
    _facts: Callable[..., Any],
    _names: Names,
) -> list[Facts]:
    """Put cameras or parts into words, once a project, language and right."""
    del digest, language, layer
    found: list[Facts] = _facts(_result, _names)
    return found


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_solid(digest: str, window: Window, language: Language, _result: CheckResult) -> SolidMap:
    """Cut out a part of the city, once a project, window, language and right."""
    del digest
    return scene_map(_result, window, language)
