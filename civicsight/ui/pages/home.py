"""Page: the map, how everything stands, and what to do first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from civicsight.application.findings import open_to
from civicsight.application.overview import worst_gaps
from civicsight.core.errors import N_, Text
from civicsight.core.html_safe import safe
from civicsight.core.i18n import Language
from civicsight.coverage.result import NOT_JUDGED, STATES, CheckResult, partition
from civicsight.maps.live import live_group
from civicsight.presentation.lexicon import number
from civicsight.presentation.symbols import STATUS_STYLES
from civicsight.report.brief import Brief, brief_result
from civicsight.report.plan.funding import NO_DISTRICT
from civicsight.ui.dimensions import show_sums
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.elements import as_frame, beside_map, fit_px, link_to
from civicsight.ui.errors import warn
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import project_names, rest_of_window, show_project, take_event
from civicsight.ui.overview import STATE_HEADINGS, find_first, show_districts, show_todo
from civicsight.ui.pages.findings import find_rows
from civicsight.ui.reading_notes import show_notes_folded
from civicsight.ui.starting import show_frame

MAP: Final = "home"
CHOSEN: Final = "home.chosen"
BELOW_PX: Final = 44
"""What stands below the map."""

LIST_HEIGHT: Final = 360
CLASS_PX: Final = 150
SIDE_PX: Final = 480
"""So wide that the name of a district stands whole beside its figures."""

FIGURES: Final = (N_("Places"), N_("Parts"), *STATE_HEADINGS)
"""Headings that fit above figures; the whole one is shown to who points at it."""

FOUR_DIGITS: Final = "1,000"

LOOKS: Final = tuple(
    str(STATUS_STYLES[name]["color"]) for name in ("covered", "assumed", "gap", "unknown")
)
"""Colours of the four states, as those of the map."""

KEPT: Final = 8


def render(visit: Visit) -> None:
    """Draw the map, and beside it how everything stands and what to do first."""
    project = visit.project
    brief = find_brief(project.digest, visit.language, project.result)
    ground, side = beside_map(SIDE_PX)
    with ground:
        st.fragment(_map)()
    with side:
        for n, note in enumerate(brief.notes):
            warn(note, f"home-{n}")
        first = find_first(visit)
        show_todo(visit, first.todo)
        _first(visit, show_districts(visit, first), first.districts)
        show_notes_folded(visit, project.result.notes)
        counts = partition(project.result).counts()
        for (label, *figures), name, column in zip(
            brief.stand, ("places", "parts"), st.columns(2), strict=True
        ):
            *states, total = figures
            shares = [counts[name][state] for state in STATES]
            with column:
                st.metric(label, total)
                st.html(_bar(shares, brief.states, states))
        with st.expander(visit.translate(N_("By class of places"))):
            _classes(visit, brief)
        with st.expander(
            visit.translate(N_("Points by owner, class, station, street, platform, zone"))
        ):
            show_sums(visit, first.money)
        with st.expander(visit.translate(N_("What these numbers are based on"))):
            # How many cameras add little, as sure and as assumed.
            for label, *values in brief.rows:
                pairs = zip(brief.columns, values, strict=True)
                told = (N_("%(what)s: %(value)s", what=how, value=value) for how, value in pairs)
                st.text(" · ".join((label, *map(visit.translate, told))))
            for fact in brief.facts:
                st.text(fact)
            show_frame(visit, project.city)


def _bar(shares: Sequence[int], headings: Sequence[str], figures: Sequence[str]) -> str:
    """Return the share of each state as a bar, and below it each in words and figures."""
    pieces = "".join(
        f'<span style="flex: {share}; background: {colour}"></span>'
        for share, colour in zip(shares, LOOKS, strict=True)
        if share
    )
    lines = "".join(
        f'<li><i style="background: {colour}"></i>{safe(heading)}<b>{safe(figure)}</b></li>'
        for heading, figure, colour in zip(headings, figures, LOOKS, strict=False)
    )
    return f'<div class="civicsight-bar">{pieces}</div><ul class="civicsight-states">{lines}</ul>'


def _first(visit: Visit, district: str | None, counts: pd.DataFrame) -> None:
    """Name the worst gaps, of a district where one is chosen, each with a way to mend it.

    `counts` are the places by district and state.
    """
    listed = find_rows(visit.project.digest, visit.language, visit.project.result)
    rows, _ = open_to(listed.rows, visit.actor, visit.project.city, visit.translate)
    st.markdown(f"**{visit.translate(N_('The worst gaps'))}**")
    if district is not None:  # the name of a district is a stranger's text
        st.text(district or visit.translate(NO_DISTRICT))
    worst = worst_gaps(rows, district)
    if not worst:
        st.text(visit.translate(describe_none(counts, district)))
    for n, row in enumerate(worst, start=1):
        with st.container(key=f"first-{n}", gap=None):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(f"{n}  {row.title}", width="stretch")
                link_to(visit, "plan", N_("Fix it"), sel=row.subject)
            st.text(row.remedy)
    if rows:
        link_to(visit, "findings", N_("All findings: %(count)s", count=number(len(rows))))
    link_to(visit, "plan", N_("Who could look into a private place"))


def describe_none(counts: pd.DataFrame, district: str | None) -> Text:
    """Say of how many places no gap was found, by those that could be judged."""
    own = counts if district is None else counts[counts.index == district]
    places, unjudged = int(own.to_numpy().sum()), int(own[NOT_JUDGED].sum())
    if places == unjudged:
        return N_("Nothing could be judged here, so no gap could be found.")
    if not unjudged:
        return N_("None.")
    return N_(
        "None at the %(judged)s of %(places)s places that could be judged.",
        judged=number(places - unjudged),
        places=number(places),
    )


def _map() -> None:
    """Show what was found on the map; what is chosen there is a step away from the plan."""
    visit = current()
    result = seen_result(visit.project, visit.actor)
    shown = f"{visit.project.digest}{visit.actor.district}"
    event = take_event(MAP)
    if event is not None and event.kind == "select":
        st.session_state[CHOSEN] = (event.layer, event.id)
    chosen: tuple[str, str] | None = st.session_state.get(CHOSEN)
    names = project_names(shown, result, visit.language)
    layer, label = chosen or ("", "")
    known = {"cameras": names.cameras, "parts": names.parts, "zones": names.zones}
    title = known.get(layer, {}).get(label, "")
    show_project(
        visit,
        MAP,
        group=live_group(selected=chosen if title else None),
        height=rest_of_window(BELOW_PX),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if chosen is None or not title:
            text = N_("Select a symbol on the map to see its name and a link to it here.")
            st.text(visit.translate(text))
        else:
            st.text(title, width="content")
            link_to(visit, "plan", N_("What is known of it, on the plan map"), sel=chosen[1])


def _classes(visit: Visit, brief: Brief) -> None:
    """List what the map shows, class by class of Article 8."""
    first, *figures = brief.class_columns
    columns = {first: st.column_config.TextColumn(width=CLASS_PX)} | {
        name: st.column_config.TextColumn(short, width=fit_px((short, FOUR_DIGITS)), help=name)
        for name, short in zip(figures, map(visit.translate, FIGURES), strict=True)
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
