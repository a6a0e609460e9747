"""Page: what was found, in four numbers, a map and the list of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from civicsight.coverage.check import CheckResult
from civicsight.errors import N_
from civicsight.i18n import Language
from civicsight.maps import localise, plan_map
from civicsight.report.brief import Brief, brief_result
from civicsight.ui.elements import warn
from civicsight.ui.frame import Visit

MAP_HEIGHT: Final = 440
LIST_HEIGHT: Final = 360
CLASS_PX: Final = 210
FIGURE_PX: Final = 62
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
        page = draw_map(project.digest, visit.language, project.result)
        st.iframe(page, height=MAP_HEIGHT, alt=visit.say(N_("Map of what was found")))
    with right:
        _classes(brief)
        with st.expander(visit.say(N_("What these numbers stand on"))):
            for fact in brief.facts:
                st.text(fact)


def _numbers(brief: Brief) -> None:
    """Show the gates by certainty, and what adds little."""
    gates, doubles, _ = brief.rows
    left, right = st.columns([3, 2])
    with left:
        _row(gates, brief.columns)
    with right:
        _row(doubles, brief.columns)


def _row(row: Sequence[str], columns: Sequence[str]) -> None:
    label, *values = row
    with st.container(gap="small"):
        st.text(label)
        cards = st.container(horizontal=True)
    for value, how in zip(values, columns, strict=True):
        if value:
            cards.metric(how, value)


def _classes(brief: Brief) -> None:
    """List what the map shows, class by class of Article 8."""
    first, *figures = brief.class_columns
    widths = {first: st.column_config.TextColumn(width=CLASS_PX)}
    widths |= {name: st.column_config.TextColumn(width=FIGURE_PX) for name in figures}
    st.dataframe(
        pd.DataFrame(brief.classes, columns=brief.class_columns),
        hide_index=True,
        height=LIST_HEIGHT,
        column_config=widths,
    )


@st.cache_data(max_entries=KEPT, show_spinner=False)
def find_brief(digest: str, language: Language, _result: CheckResult) -> Brief:
    """Put the result into words, once a project and language."""
    del digest
    return brief_result(_result, language)


@st.cache_data(max_entries=KEPT, show_spinner=False)
def draw_map(digest: str, language: Language, _result: CheckResult) -> str:
    """Draw the map as a page that loads nothing, once a project and language."""
    del digest
    return str(localise(plan_map(_result, language)).get_root().render())
