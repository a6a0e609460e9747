"""Page: every finding with its sentence, its place, what would mend it, and its evidence."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from civicsight.coverage.check import CheckResult
from civicsight.errors import N_
from civicsight.i18n import Language
from civicsight.maps.words import number, share
from civicsight.ui.elements import SELECTED, choose, link_to, pick_row
from civicsight.ui.frame import Visit, empty
from civicsight.ui.services.findings import (
    LEAST_CERTAINTIES,
    FindingRow,
    Listed,
    list_rows,
    narrow,
    open_to,
)

HEIGHT: Final = 290
KEPT: Final = 8


def render(visit: Visit) -> None:
    """Draw the filters, the table, and the evidence of the row that is selected."""
    project = visit.project
    listed = find_rows(project.digest, visit.language, project.result)
    rows, others = open_to(listed.rows, visit.actor, project.city, visit.say)
    if others:
        text = N_("%(count)s findings lie in other districts.", count=number(others))
        st.text(visit.say(text))
    if not rows:
        empty(
            visit,
            N_("Nothing was found: every gate and key part that could be judged is covered."),
            N_("The page of the articles says what could not be judged for want of data."),
        )
        return
    chosen, key = _filters(visit, listed)
    shown = narrow(rows, **chosen)
    count = {"shown": number(len(shown)), "all": number(len(rows))}
    st.text(visit.say(N_("%(shown)s of %(all)s findings", **count)))
    if not shown:
        empty(visit, N_("No finding is like that."), N_("Loosen a filter."))
        return
    picked = _table(visit, shown, key)
    selected = _selected(rows, shown, picked)
    if selected is None:
        st.info(visit.say(N_("Select a row to see what the finding stands on.")))
        return
    _evidence(visit, selected)


def _filters(visit: Visit, listed: Listed) -> tuple[dict[str, Any], str]:
    """Draw the filters; return what they ask for, and a key that changes with it."""
    labels = {"article": N_("Article"), "district": N_("District"), "verdict": N_("Severity")}
    said = {value: visit.say(N_("at least %(share)s", share=share(value)))
            for value in LEAST_CERTAINTIES}  # fmt: skip
    said[LEAST_CERTAINTIES[0]] = visit.say(N_("any"))
    columns = st.columns(len(labels) + 1)
    chosen: dict[str, Any] = {}
    for column, (name, label) in zip(columns, labels.items(), strict=False):
        with column:
            options = listed.choices.get(name, {})
            chosen[name] = choose(visit, label, options, N_("all"), f"findings.{name}")
    with columns[-1]:
        chosen["least"] = st.selectbox(
            visit.say(N_("Certainty")),
            LEAST_CERTAINTIES,
            format_func=said.__getitem__,
            key="findings.least",
        )
    return chosen, "findings.table." + "|".join(map(str, chosen.values()))


def _table(visit: Visit, rows: list[FindingRow], key: str) -> int | None:
    heads = (N_("Severity"), N_("What"), N_("Finding"), N_("What would mend it"), N_("Place"))
    widths = (90, 200, 380, 330, 210)
    cells = [(row.verdict_text, row.title, row.sentence, row.remedy, row.place) for row in rows]
    columns = {visit.say(head): width for head, width in zip(heads, widths, strict=True)}
    return pick_row(cells, columns, key, height=HEIGHT)


def _selected(
    rows: list[FindingRow], shown: list[FindingRow], picked: int | None
) -> FindingRow | None:
    """Return the row that was picked, else the one that the address names."""
    if picked is not None:
        return shown[picked]
    named = st.query_params.get(SELECTED)
    return next((row for row in rows if named in (row.id, row.subject)), None)


def _evidence(visit: Visit, row: FindingRow) -> None:
    with st.container(border=True, gap=None):
        st.text(row.title)
        for label, value in [*row.facts, (visit.say(N_("What would mend it")), row.remedy)]:
            st.text(visit.say(N_("%(what)s: %(value)s", what=label, value=value)) if label
                    else value)  # fmt: skip
        link_to(visit, "plan", N_("Show it on the map"), sel=row.subject)


@st.cache_data(max_entries=KEPT, show_spinner=False)
def find_rows(digest: str, language: Language, _result: CheckResult) -> Listed:
    """Put all findings into words, once a project and language."""
    del digest
    return list_rows(_result, language)
