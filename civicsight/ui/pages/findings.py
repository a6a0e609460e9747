"""Page: every finding with its sentence, its place, what would mend it, and its evidence."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from civicsight.application.findings import (
    LEAST_CERTAINTIES,
    FindingRow,
    Listed,
    focus_of,
    list_rows,
    narrow,
    open_to,
)
from civicsight.core.errors import N_
from civicsight.core.i18n import Language
from civicsight.coverage.result import NOT_JUDGED, CheckResult, partition
from civicsight.maps.live import live_group
from civicsight.presentation.lexicon import number, share
from civicsight.ui.dimensions import ask_cameras
from civicsight.ui.elements import SELECTED, beside_map, choose, link_to, pick_row
from civicsight.ui.frame import Visit, empty
from civicsight.ui.mapview import rest_of_window, show_project, take_event

HEIGHT: Final = 290
SIDE_PX: Final = 620
"""Width of the panel: a table of findings."""

KEPT: Final = 8

MAP: Final = "findings"
CHOSEN: Final = "findings.chosen"
"""Key of the finding that was clicked on the map, and of how often that was so."""


def render(visit: Visit) -> None:
    """Draw the filters, the table, the evidence of the row that is selected, and its map."""
    project = visit.project
    listed = find_rows(project.digest, visit.language, project.result)
    rows, others = open_to(listed.rows, visit.actor, project.city, visit.translate)
    if others:
        text = N_("%(count)s findings lie in other districts.", count=number(others))
        st.text(visit.translate(text))
    if not rows:
        parts = partition(project.result).counts()["parts"]
        empty(
            visit,
            N_("Nothing was found: every gate and key part that could be judged is covered.")
            if parts["count"] > parts[NOT_JUDGED]
            else N_("Nothing could be judged here, so no gap could be found."),
            N_("The page of the articles says what could not be judged for want of data."),
        )
        return
    event = take_event(MAP)
    _, turn = st.session_state.get(CHOSEN, (None, 0))
    if event is not None and event.kind == "select":
        clicked = next((row.id for row in rows if event.id in (row.id, row.subject)), None)
        if clicked is not None:
            turn += 1
            st.session_state[CHOSEN] = (clicked, turn)
    turn = int(turn)
    ground, side = beside_map(SIDE_PX)
    with side:
        chosen, key = _filters(visit, listed)
        asked = ask_cameras(visit, "findings")
        shown = narrow(rows, **chosen)
        if asked is not None:
            shown = [row for row in shown if asked.intersection((row.subject, *row.cameras))]
            key += f"|{sorted(asked)}"
        count = {"shown": number(len(shown)), "all": number(len(rows))}
        text = N_(
            "%(shown)s of %(all)s findings, the worst first: by severity, then by how certain and "
            "how large the shortfall is",
            **count,
        )
        st.text(visit.translate(text))
        selected = None
        if shown:
            headings = (N_("Severity"), N_("What"), N_("Finding"), N_("Certainty"), N_("Place"))
            widths = (80, 220, 330, 80, 210)
            cells = [
                (row.verdict_text, row.title, row.sentence, share(row.certainty), row.place)
                for row in shown
            ]
            columns = {
                visit.translate(heading): width
                for heading, width in zip(headings, widths, strict=True)
            }
            selected = _selected(
                rows, shown, pick_row(cells, columns, f"{key}|{turn}", height=HEIGHT)
            )
        else:
            empty(visit, N_("No finding is like that."), N_("Loosen a filter."))
        _evidence(visit, selected)
    with ground:
        _map(visit, selected, turn)


def _filters(visit: Visit, listed: Listed) -> tuple[dict[str, Any], str]:
    """Draw the filters; return what they ask for, and a key that changes with it."""
    labels = {"article": N_("Article"), "district": N_("District"), "verdict": N_("Severity")}
    said = {
        value: visit.translate(N_("at least %(share)s", share=share(value)))
        for value in LEAST_CERTAINTIES
    }
    said[LEAST_CERTAINTIES[0]] = visit.translate(N_("any"))
    columns = st.columns(len(labels) + 1)
    chosen: dict[str, Any] = {}
    for column, (name, label) in zip(columns, labels.items(), strict=False):
        with column:
            options = listed.choices.get(name, {})
            chosen[name] = choose(visit, label, options, N_("all"), f"findings.{name}")
    with columns[-1]:
        chosen["least"] = st.selectbox(
            visit.translate(N_("Certainty")),
            LEAST_CERTAINTIES,
            format_func=said.__getitem__,
            key="findings.least",
        )
    return chosen, "findings.table." + "|".join(map(str, chosen.values()))


def _selected(
    rows: list[FindingRow], shown: list[FindingRow], picked: int | None
) -> FindingRow | None:
    """Return the row that was picked here or on the map, else the one that the address names."""
    if picked is not None:
        return shown[picked]
    clicked, _ = st.session_state.get(CHOSEN, (None, 0))
    named = clicked or st.query_params.get(SELECTED)
    return next((row for row in rows if named in (row.id, row.subject)), None)


def _map(visit: Visit, row: FindingRow | None, turn: int) -> None:
    """Draw the map, which goes to the evidence of the row that is selected."""
    selected = None if row is None else (row.layer, row.id)
    fly = None if row is None else {"layer": row.layer, "id": row.id, "n": turn}
    focus = [] if row is None else focus_of(row)
    group = live_group(selected=selected, fly=fly, focus=focus)
    show_project(visit, MAP, group=group, height=rest_of_window())


def _evidence(visit: Visit, row: FindingRow | None) -> None:
    """Draw what a finding stands on, and the way to where it can be mended."""
    if row is None:
        st.info(
            visit.translate(N_("Select a row, or a sign on the map, to see what it stands on."))
        )
        return
    with st.container(gap=None):
        link_to(visit, "plan", N_("Fix it on the plan map"), sel=row.subject)
        facts = [*row.facts, (visit.translate(N_("What would mend it")), row.remedy)]
        told = [
            visit.translate(N_("%(what)s: %(value)s", what=label, value=value)) if label else value
            for label, value in facts
        ]
        st.text("\n".join([row.title, *told]))


@st.cache_data(max_entries=KEPT, show_spinner=False)
def find_rows(digest: str, language: Language, _result: CheckResult) -> Listed:
    """Put all findings into words, once a project and language."""
    del digest
    return list_rows(_result, language)
