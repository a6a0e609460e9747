"""The part of the review that is decided on: the version on the map, and one sheet beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import streamlit as st

from civicsight.application.decision import Decision, decision_document, read_decision
from civicsight.application.drafts import draft_of
from civicsight.application.drawing_up import list_works, name_work
from civicsight.application.review import Review
from civicsight.application.scope import home_of
from civicsight.core.errors import N_, InputError
from civicsight.core.settings import cache_dir
from civicsight.editing.edit_context import edit_context_of
from civicsight.maps.live import drawn_layer, live_group
from civicsight.planning.record.plan import Plan
from civicsight.presentation.document import Document, Table
from civicsight.presentation.symbols import PLACED_STYLE
from civicsight.report.html import render_sections
from civicsight.report.plan.funding import in_wan
from civicsight.report.plan.teller import teller_with
from civicsight.ui.editor.sight import group_of, look_at, seen_result
from civicsight.ui.editor.state import EditorState
from civicsight.ui.elements import link_to_file, table
from civicsight.ui.errors import refusal_lines
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import project_names, rest_of_window, show_project, take_event
from civicsight.ui.plan_drawn import find_layers

MAP: Final = "review.map"
SUBJECT: Final = "review.subject"
"""Key of the field that names what a remark is on; a click on the map fills it."""

WHEN: Final = "review.when"
SHEET: Final = "decision.html"
KEPT: Final = 4
BELOW_PX: Final = 48
BEFORE, AFTER = "before", "after"
MOST_SUMS: Final = 9
"""So many sums stand in a line above the map; the sheet has all."""


def find_decision(visit: Visit, review: Review) -> Decision | None:
    """Return what is to be decided, read once for each version; say why where it cannot be read."""
    plan = review.plan
    held = find_shelf(f"{visit.project.digest}|{plan.plan_id}|{plan.digest}|{visit.actor.name}")
    if not held:
        try:
            with st.spinner(visit.translate(N_("The version is laid out"))):
                bench = edit_context_of(visit.project)
                held.append(read_decision(visit.project, visit.actor, bench, review))
        except InputError as error:
            for line in refusal_lines(error, visit.language):
                st.text(line)
            return None
    return held[0]


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_shelf(key: str) -> list[Decision | None]:
    """Return where a decision is kept: what it needs can be neither hashed nor read in here."""
    del key
    return []


def name_subject(visit: Visit, review: Review, label: str) -> str:
    """Return what a remark is on: a camera, part or place by its name, or the plan.

    A camera that the version builds is called by what it is for.
    """
    if not label:
        return visit.translate(N_("the plan"))
    project = visit.project
    names = project_names(project.digest, project.result, visit.language)
    decision = find_decision(visit, review)
    made = None if decision is None else decision.made
    if isinstance(made, Plan) and label in made.measures.index:
        return name_work(teller_with(made, project.result, names), label)
    return names.label(label)


def sheet_link(visit: Visit, review: Review, decision: Decision) -> str:
    """Return a link to the sheet of the decision, whose foot has the root of the version."""
    project = visit.project
    names = project_names(project.digest, project.result, visit.language)
    told = decision_document(project, review, decision, names, visit.language)
    page = _page(told, review).encode()
    return link_to_file(visit, SHEET, page, N_("The sheet of the decision, to print"))


def draw_map(review: Review, decision: Decision | None) -> None:
    """Draw the city before and after the version, with what was remarked on; a click chooses it."""
    st.fragment(_map)(review, decision)


def _map(review: Review, decision: Decision | None) -> None:
    visit = current()
    event = take_event(MAP)
    if event is not None and event.kind == "select":
        st.session_state[SUBJECT] = event.id
        st.rerun()  # the form beside the map names it
    said = {BEFORE: visit.translate(N_("Before")), AFTER: visit.translate(N_("With the plan"))}
    shown = BEFORE
    if decision is not None:
        shown = (
            st.segmented_control(
                visit.translate(N_("Map")),
                list(said),
                format_func=said.__getitem__,
                default=AFTER,
                key=WHEN,
                label_visibility="collapsed",
            )
            or AFTER
        )
    group = live_group(layers=_pins(visit, review))
    if decision is not None and shown == AFTER:
        group = _with_plan(visit, review, decision, group["layers"])
    show_project(visit, MAP, group=group, height=rest_of_window(BELOW_PX))


def _with_plan(
    visit: Visit, review: Review, decision: Decision, pins: Sequence[Any]
) -> dict[str, Any]:
    """Return what the map draws anew for the cameras and gates that the version changes."""
    project, made = visit.project, decision.made
    names = project_names(project.digest, project.result, visit.language)
    if isinstance(made, Plan):
        found = teller_with(made, project.result, names)
        key = f"{project.digest}{review.plan.digest}{visit.actor.district}"
        works = list_works(made)
        works = gpd.GeoDataFrame(works[home_of(works, visit.actor, project.city)])
        layers, hidden = find_layers(key, visit.language, found, works, by_year=False)
        return live_group(layers=[*layers, *pins], hidden=hidden)
    editor = EditorState(
        project,
        edit_context_of(project),
        cache_dir(),
        made,
        draft_of(cache_dir(), project, visit.actor),
    )
    group = group_of(editor, look_at(editor, visit.actor), "select", names)
    return group | {"layers": [*group["layers"], *pins]}


def _pins(visit: Visit, review: Review) -> list[dict[str, Any]]:
    """Return a pin on each camera or place with an open remark, of those that he may see."""
    result = seen_result(visit.project, visit.actor)
    known = pd.concat([result.cameras.geometry, result.parts.geometry, result.zones.geometry])
    subjects = [one.subject for one in review.threads if one.is_open and one.subject in known.index]
    if not subjects:
        return []
    at = known.loc[list(dict.fromkeys(subjects))].representative_point()
    spots = gpd.GeoSeries(
        at.to_numpy(), index=[f"remark {n}" for n in range(len(at))], crs=result.city.crs
    )
    titles = [
        "; ".join(
            one.said[-1].text for one in review.threads if one.is_open and one.subject == subject
        )
        for subject in dict.fromkeys(subjects)
    ]
    return [drawn_layer("remarks", spots, titles, PLACED_STYLE)]


def draw_money(visit: Visit, decision: Decision) -> None:
    """Draw what a version takes above the map: in all, by source, by year."""
    money = decision.money
    told = [(visit.translate(N_("Investment (10,000 yuan)")), money.investment)]
    for what, own in ((N_("Money from"), money.sources), (N_("Year"), money.years)):
        told += [
            (visit.translate(N_("%(what)s: %(value)s", what=what, value=label)), value)
            for label, _, value in own
        ]
    with st.container(horizontal=True, key="review-money"):
        for label, value in told[:MOST_SUMS]:
            st.metric(label, value.written(in_wan), width="content")


def draw_sheet(visit: Visit, review: Review, decision: Decision) -> None:
    """Draw the sheet of the decision, and offer it to be printed."""
    project = visit.project
    names = project_names(project.digest, project.result, visit.language)
    told = decision_document(project, review, decision, names, visit.language)
    st.text(str(told.lead[-1]))  # the state stands above the acts
    for section in told.sections:
        st.markdown(f"**{section.title}**")
        for block in section.blocks:
            if isinstance(block, Table):
                table(block.rows, dict.fromkeys(block.headings, None))
        lines = [str(block) for block in section.blocks if not isinstance(block, Table)]
        if lines:
            st.text("\n".join(lines))
    st.caption(told.small)
    label = N_("The sheet of the decision, to print")
    st.html(link_to_file(visit, SHEET, _page(told, review).encode(), label))


def _page(told: Document, review: Review) -> str:
    """Return the sheet as a page to print; the whole digest of the version stands in its foot."""
    return render_sections(told, (N_("Root of the version:"), review.plan.digest))
