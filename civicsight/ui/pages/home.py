"""Page: how everything stands, a map and the list of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.i18n import Language
from civicsight.coverage.result import CheckResult
from civicsight.maps.live import live_group
from civicsight.presentation.names import Names
from civicsight.report.brief import Brief, brief_result
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.elements import as_frame, link_to
from civicsight.ui.errors import warn
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import project_names, show_project, take_event

MAP: Final = "home"
CHOSEN: Final = "home.chosen"
MAP_HEIGHT: Final = 400
LIST_HEIGHT: Final = 360
CLASS_PX: Final = 156
FIGURE_PX: Final = 62
FIGURES: Final = (
    N_("Places"), N_("Parts"), N_("Sure"), N_("Assumed"), N_("Gaps"), N_("Unjudged"),
)  # fmt: skip
"""Headings that fit above figures; the whole one is shown to who points at it."""

KEPT: Final = 8


def render(visit: Visit) -> None:
    """Numbers on top, map left, classes right; the analysis lives in the library."""
    project = visit.project
    brief = find_brief(project.digest, visit.language, project.result)
    for n, note in enumerate(brief.notes):
        warn(note, f"home-{n}")
    _numbers(brief)
    left, right = st.columns([3, 2])
    with left:
        st.fragment(_map)()
    with right:
        _classes(visit, brief)
        with st.expander(visit.say(N_("What these numbers stand on"))):
            for fact in brief.facts:
                st.text(fact)


def _map() -> None:
    """Show what was found on the map; what is chosen there is a step away from the plan."""
    visit = current()
    result = seen_result(visit.project, visit.actor)
    shown = f"{visit.project.digest}{visit.actor.district}"
    event = take_event(MAP)
    if event is not None and event.kind == "select":
        st.session_state[CHOSEN] = (event.layer, event.id)
    chosen: tuple[str, str] | None = st.session_state.get(CHOSEN)
    title = _title(project_names(shown, result, visit.language), chosen)
    show_project(
        visit, MAP, group=live_group(selected=chosen if title else None), height=MAP_HEIGHT
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if chosen is None or not title:
            st.text(visit.say(N_("Select a sign on the map to read about it.")))
        else:
            st.text(title, width="content")
            link_to(visit, "plan", N_("Show it on the map"), sel=chosen[1])


def _title(names: Names, chosen: tuple[str, str] | None) -> str:
    """Return what a chosen feature is called; empty for one that has no name or is not open."""
    layer, label = chosen or ("", "")
    known = {"cameras": names.cameras, "parts": names.parts, "zones": names.zones}
    return known.get(layer, {}).get(label, "")


def _numbers(brief: Brief) -> None:
    """Show how places and gates stand, all of them, and what adds little."""
    for row, column in zip(brief.stand, st.columns(2), strict=True):
        with column:
            _row(row, brief.states)
    told = (
        " · ".join(
            (label, *(f"{value} {how}" for value, how in zip(values, brief.columns, strict=True)))
        )
        for label, *values in brief.rows
    )
    st.caption("    ".join(told))


def _row(row: Sequence[str], columns: Sequence[str]) -> None:
    label, *values = row
    with st.container(gap="small"):
        st.text(label)
        cards = st.container(horizontal=True)
    for value, how in zip(values, columns, strict=True):
        cards.metric(how, value)


def _classes(visit: Visit, brief: Brief) -> None:
    """List what the map shows, class by class of Article 8."""
    first, *figures = brief.class_columns
    columns = {first: st.column_config.TextColumn(width=CLASS_PX)} | {
        name: st.column_config.TextColumn(visit.say(short), width=FIGURE_PX, help=name)
        for name, short in zip(figures, FIGURES, strict=True)
    }
    st.dataframe(
        as_frame(brief.classes, brief.class_columns),
        hide_index=True,
        height=LIST_HEIGHT,
        column_config=columns,
    )


@st.cache_data(max_entries=KEPT, show_spinner=False)
def find_brief(digest: str, language: Language, _result: CheckResult) -> Brief:
    """Put the result into words, once a project and language."""
    del digest
    return brief_result(_result, language)
