"""Page: the plan map tilted: in three dimensions, with the same panel, draft and selection."""

from __future__ import annotations

from typing import Final

import shapely
import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.i18n import Language
from civicsight.coverage.result import CheckResult
from civicsight.coverage.standing import shown_parts
from civicsight.maps.prisms import Window
from civicsight.maps.scene_3d import SolidMap, scene_map, window_of
from civicsight.presentation.names import Names
from civicsight.presentation.symbols import PART_LABELS
from civicsight.ui.access.signin import may_read
from civicsight.ui.editor.forms import SOLID_TOOLS, TOOL
from civicsight.ui.editor.panel import draw_bar, draw_panel
from civicsight.ui.editor.sight import Sight, look_at, seen_result
from civicsight.ui.editor.solid import solid_group
from civicsight.ui.editor.state import CAMERAS, PARTS, EditorState, handle
from civicsight.ui.editor.visits import arrive, desk_of, follow_link
from civicsight.ui.elements import beside_map, pick_row
from civicsight.ui.frame import Visit, current, empty
from civicsight.ui.mapview import project_names, rest_of_window, show_solid, take_event

VIEW: Final = "solid"
HEIGHT: Final = rest_of_window(48)
LIST_HEIGHT: Final = 212
STATE_PX: Final = 110
KEPT: Final = 6


def render(visit: Visit) -> None:
    """Draw the plan as the map has it, tilted: the same draft, panel, tools and selection."""
    result = seen_result(visit.project, visit.actor)
    if result.cameras.empty and result.parts.empty:
        empty(
            visit,
            N_("There is nothing to show: the project has neither cameras nor places."),
            N_("Bring cameras and places in on the page of the data."),
        )
        return
    editor = desk_of(visit)
    follow_link(editor)
    arrive(editor, VIEW)
    st.fragment(_view)()


def _view() -> None:
    """Draw the view, and beside it the panel of the plan map with the gates as a list."""
    visit = current()
    editor = desk_of(visit)
    event = take_event(VIEW)
    if event is not None:
        handle(editor, visit.actor, event, st.session_state.get(TOOL, "select"))
        if event.kind == "point":
            st.session_state[TOOL] = "select"
    result = seen_result(visit.project, visit.actor)
    sight = look_at(editor, visit.actor)
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    draw_bar(visit, editor, SOLID_TOOLS)
    ground, side = beside_map()
    with side:
        draw_panel(visit, editor, sight, names)
        _list(visit, editor, result, names)
    with ground:
        drawn = _drawn(visit, result, _known(editor, sight, editor.target))
        tool = st.session_state.get(TOOL, "select")
        show_solid(
            drawn,
            VIEW,
            visit.actor.name,
            may_read(visit.actor),
            selected=_known(editor, sight, editor.selected),
            flights=editor.flights,
            draft=solid_group(editor, sight, tool, names, drawn, result.cameras.index),
            height=HEIGHT,
            language=visit.language,
        )


def _list(visit: Visit, editor: EditorState, result: CheckResult, names: Names) -> None:
    """Draw the gates and key parts; a row that is picked is flown to."""
    with st.expander(visit.translate(N_("Gates and other key parts")), key="solid.parts"):
        only = st.toggle(visit.translate(N_("Gaps alone")), value=True, key="solid.gaps")
        shown = shown_parts(result)
        if only:
            shown = shown[shown.eq("gap")]
        if shown.empty:
            st.text(visit.translate(N_("The list is empty.")))
            return
        ids = list(map(str, shown.index))
        rows = [
            (names.parts.get(label, label), visit.translate(PART_LABELS[status]))
            for label, status in zip(ids, shown, strict=True)
        ]
        columns = {visit.translate(N_("Name")): None, visit.translate(N_("State")): STATE_PX}
        key = f"solid.table.{only}"
        picked = pick_row(rows, columns, key, height=LIST_HEIGHT)
        target = ids[picked] if picked is not None else None
        if target is not None and st.session_state.get(f"{key}.seen") != target:
            st.session_state[f"{key}.seen"] = target
            editor.select(PARTS, target, fly=True)
            st.rerun(scope="fragment")  # what is known of it stands above
        st.session_state[f"{key}.seen"] = target


def _known(
    editor: EditorState, sight: Sight, feature: tuple[str, str] | None
) -> tuple[str, str] | None:
    """Return what is selected or flown to, if the view has it and it is open to somebody."""
    layer, label = feature or ("", "")
    if layer == CAMERAS and label in sight.cameras.index:
        return CAMERAS, label
    if layer == PARTS and label in editor.project.result.parts.index:
        return PARTS, label
    return None


def _drawn(visit: Visit, result: CheckResult, middle: tuple[str, str] | None) -> SolidMap:
    """Return the part of the city around what was flown to, its middle as long as nothing was."""
    place = None
    if middle is not None:
        editor = desk_of(visit)
        table = editor.draft.cameras if middle[0] == CAMERAS else result.parts
        place = shapely.point_on_surface(table.geometry.loc[middle[1]])
    window = window_of(result.city, place)
    with st.spinner(visit.translate(N_("The view is cut out of the city"))):
        # A district planner sees less: the view is kept by who looks.
        return find_solid(
            f"{visit.project.digest}{visit.actor.district}{visit.actor.role}",
            window,
            visit.language,
            result,
        )


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_solid(digest: str, window: Window, language: Language, _result: CheckResult) -> SolidMap:
    """Cut out a part of the city, once a project, window, language and right."""
    del digest
    return scene_map(_result, window, language)
