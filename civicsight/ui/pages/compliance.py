"""Page: article by article what the law asks, what does not meet it, and what people answer."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.application.verdicts import (
    ArticleRow,
    kept_verdicts,
    list_articles,
    list_subjects,
    speak_of,
)
from civicsight.core.errors import N_
from civicsight.core.settings import present_day
from civicsight.planning.compliance import Compliance
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import Names
from civicsight.report.compliance.public import SHOWN_OUTCOMES
from civicsight.ui.answering import answers_of, ask, show_answers
from civicsight.ui.elements import SELECTED, link_to, pick_row, show_said
from civicsight.ui.frame import Visit
from civicsight.ui.judging import USED, offer_judging, show_basis, take_judged

HEIGHT: Final = 250
COUNT_PX, UNKNOWN_PX = 84, 160
HEAD_PX, ROW_PX, MOST_PX = 38, 35, 600
ARTICLES: Final = "compliance.articles"
"""Key of the table of articles."""


def render(visit: Visit) -> None:
    """Draw the articles, the open subjects of one, and the form under a subject."""
    show_said(visit)
    today = present_day()
    answers = answers_of(visit)
    take_judged(visit)
    used = st.session_state.setdefault(USED, answers)
    compliance = kept_verdicts(visit.project, used, today)
    if compliance is None or used != answers:
        offer_judging(visit, answers, today, anew=compliance is not None)
    if compliance is None:
        show_basis(visit)
        return
    names = speak_of(visit.project, compliance, visit.language)
    article = _articles(visit, list_articles(compliance, names))
    if article is None:
        st.info(visit.translate(N_("Select an article to see what is open under it.")))
    else:
        _article(visit, compliance, names, article)
    show_answers(visit, answers)
    show_basis(visit)


def _articles(visit: Visit, articles: list[ArticleRow]) -> ArticleRow | None:
    """Draw the table of articles; return the one that is selected, here or in the address."""
    headings = [
        visit.translate(text) for text in (N_("Article"), N_("What it asks"), N_("Instrument"))
    ]
    counts = [visit.translate(OUTCOMES[name]) for name in SHOWN_OUTCOMES]
    rows = [
        (row.n, row.gist or row.kind, row.pack_title, *map(number, row.counts)) for row in articles
    ]
    widths = [
        64,
        None,
        280,
        *(UNKNOWN_PX if name == "undetermined" else COUNT_PX for name in SHOWN_OUTCOMES),
    ]
    columns = dict(zip([*headings, *counts], widths, strict=True))
    chosen = st.session_state.get(ARTICLES, {}).get("selection", {}).get("rows")
    whole = min(HEAD_PX + ROW_PX * len(rows), MOST_PX)  # all of them until one is chosen
    picked = pick_row(rows, columns, ARTICLES, height=HEIGHT if chosen else whole)
    if picked is not None:
        return articles[picked]
    named = st.query_params.get(SELECTED, "").split("/")
    return next(
        (row for row in articles if row.pack == named[0] and set(named[1:2]) & {*row.rules, row.n}),
        None,
    )


def _article(visit: Visit, compliance: Compliance, names: Names, article: ArticleRow) -> None:
    """Draw what is open under an article, and the form under the subject that is selected."""
    verdicts, more, elsewhere = list_subjects(compliance, article, visit.actor)
    st.text(article.gist)
    if not verdicts:
        st.success(visit.translate(N_("Nothing is open under this article.")))
        return
    told = [names.row(verdict) for verdict in verdicts]
    keys = ("subject", "kind", "outcome", "severity_label", "because", "certainty", "department")
    headings = (
        N_("What it is about"),
        N_("Kind"),
        N_("Outcome"),
        N_("Severity"),
        N_("Why"),
        N_("Certainty"),
        N_("Department"),
    )
    widths = (190, 80, 90, 110, 430, 80, 150)
    columns = {
        visit.translate(heading): width for heading, width in zip(headings, widths, strict=True)
    }
    rows = [tuple(cells[key] for key in keys) for cells in told]
    key = f"compliance.subjects.{article.pack}.{article.n}"
    picked = pick_row(rows, columns, key, height=HEIGHT)
    for count, text in (
        (more, N_("%(count)s more are in the report.", count=number(more))),
        (elsewhere, N_("%(count)s lie in other districts.", count=number(elsewhere))),
    ):
        if count:
            st.text(visit.translate(text))
    named = st.query_params.get(SELECTED)
    labels = [verdict["id"] for verdict in verdicts]
    if picked is None and named in labels:
        picked = labels.index(named)
    if picked is None:
        st.info(visit.translate(N_("Select a row to see its measures and to answer it.")))
        return
    with st.container(border=True, gap=None):
        st.text(told[picked]["subject"])
        st.text(told[picked]["because"])
        st.text(told[picked]["evidence"])
        st.text(told[picked]["bases"])
        link_to(visit, "plan", N_("Show it on the map"), sel=verdicts[picked]["subject"])
        ask(visit, verdicts[picked], names)
