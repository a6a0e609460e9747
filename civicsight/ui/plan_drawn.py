"""The plan that is looked at on the map, with what the chosen camera sees and is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import streamlit as st

from civicsight.application.drawing_up import list_works, name_work, see_from
from civicsight.core.errors import N_
from civicsight.core.html_safe import safe
from civicsight.core.i18n import Language
from civicsight.maps.live import flight_to, live_group, preview_layer
from civicsight.maps.works import changed_parts, in_focus, layer_of, served_layer, work_layers
from civicsight.planning.record.actions import ACTIONS
from civicsight.presentation.symbols import MEASURE_STYLES
from civicsight.report.plan.teller import Teller
from civicsight.ui.frame import Visit
from civicsight.ui.mapview import rest_of_window, show_project
from civicsight.ui.plan_jobs import chosen_in, shown_id

if TYPE_CHECKING:
    from civicsight.editing.project import Project

MAP: Final = "draw"
"""Name of the map in the session."""

AROUND_M: Final = 45.0
KEPT, VIEWS = 8, 32


def draw_plan(visit: Visit, found: Teller | None, *, by_year: bool) -> None:
    """Draw the measures on the city; the chosen one in focus, with what it sees and is for."""
    if found is None:
        show_project(visit, MAP, group=live_group(), height=rest_of_window())
        return
    works = list_works(found.plan)
    layers, hidden = find_layers(shown_id(visit), visit.language, found, works, by_year=by_year)
    more: dict[str, Any] = {}
    chosen = chosen_in(works)
    if chosen:
        row = works.loc[chosen]
        pictures, _ = find_view(shown_id(visit), chosen, found, visit.project)
        sees = [preview_layer(pictures, visit.language)] if pictures else []
        layers = [*sees, *served_layer(row, found.result.parts), *layers]
        drawn = [label for kind, label in hidden if kind == "parts"]
        focus = in_focus(row, chosen, drawn, layer_of(row, by_year=by_year))
        around = gpd.GeoSeries([row.geometry.buffer(AROUND_M)], crs=works.crs)
        fly = {**flight_to(around), "n": chosen}
        more = {"selected": focus[0], "focus": focus, "fly": fly}
    group = live_group(layers=layers, hidden=hidden, **more)
    show_project(visit, MAP, group=group, height=rest_of_window())


SIGNS: Final = {**ACTIONS, "keep": N_("Confirm on site")}
"""What a sign means: of what is kept, only that has one of which somebody has to see to it."""


def sign_list(visit: Visit, counts: Mapping[str, str]) -> str:
    """Return what the signs of the map mean, each with a count; of actions that `counts` has."""
    lines = "".join(
        f'<li><i class="sign" aria-hidden="true" style="color: {look["color"]}">{look["letter"]}'
        f"</i>{safe(visit.translate(SIGNS[kind]))}<b>{counts[kind]}</b></li>"
        for kind, look in MEASURE_STYLES.items()
        if kind in counts
    )
    return f'<ul class="civicsight-states">{lines}</ul>' if lines else ""


@st.cache_resource(max_entries=VIEWS, show_spinner=False)
def find_view(job_id: str, label: str, _found: Teller, _project: Project) -> Any:
    """Paint what a camera of a plan sees, and measure it, once a job and camera."""
    del job_id
    return see_from(_project, _found.plan, label)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_layers(
    job_id: str, language: Language, _found: Teller, _works: gpd.GeoDataFrame, *, by_year: bool
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Draw the measures of a plan and what it covers, once a job and language."""
    del job_id, language
    plan, result, names = _found.plan, _found.result, _found.names
    parts, past = changed_parts(plan.parts, result, names)
    titles = {label: name_work(_found, label) for label in _works.index.astype(str)}
    return [*parts, *work_layers(_works, titles, plan.cameras, result, by_year=by_year)], past
