"""Page: what is built twice (Article 7), who does the work instead, and what it costs."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.application.doubles import (
    PAIR_HEADINGS,
    Doubles,
    find_doubles,
    kept_doubles,
    list_cards,
    list_pairs,
    open_cameras,
)
from civicsight.core.errors import N_
from civicsight.planning.duplicates import what_if
from civicsight.planning.statement.figures import doubles_judged
from civicsight.presentation.lexicon import number, share
from civicsight.presentation.names import Names
from civicsight.report.duplicates import CARD_HEADINGS, STATES, describe_no_card, summary_of
from civicsight.ui.dimensions import ask_cameras
from civicsight.ui.elements import link_to, pick_row, step, table
from civicsight.ui.frame import Visit, empty
from civicsight.ui.mapview import project_names

HEIGHT: Final = 240
PAIR_PX: Final = (210, 90, 260, 90, 100, 480)


def render(visit: Visit) -> None:
    """Draw the pairs of the check, the verdicts on planned cameras, and the what-if."""
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    seen = open_cameras(visit.project, visit.actor)
    if not doubles_judged(visit.project.result):
        st.info(visit.translate(describe_no_card(visit.project.result)))
        link_to(visit, "data", N_("To the data: bring in what is missing"))
        return
    asked = ask_cameras(visit, "duplicates")
    wanted = seen if asked is None else asked
    _pairs(visit, names, seen, wanted)
    doubles = kept_doubles(visit.project) or _offer(visit)
    if doubles is None:
        return
    for text in summary_of(doubles.found):
        st.text(visit.translate(text))
    _cards(visit, doubles, names, seen, wanted)
    _what_if(visit, doubles, names, seen)


def _pairs(visit: Visit, names: Names, seen: frozenset[str], wanted: frozenset[str]) -> None:
    pairs = [one for one in list_pairs(visit.project.result, names, seen) if one[0] in wanted]
    if not pairs:
        what = N_("No two cameras see the same as far as the check can tell.")
        remedy = N_("Judge the planned cameras below to see whether sets of others replace one.")
        empty(visit, what, remedy)
        return
    columns = {
        visit.translate(heading): width
        for heading, width in zip(PAIR_HEADINGS, PAIR_PX, strict=True)
    }
    rows = [cells for _, cells in pairs]
    picked = pick_row(rows, columns, "duplicates.pairs", height=HEIGHT)
    if picked is not None:
        link_to(visit, "plan", N_("Show it on the map"), sel=pairs[picked][0])


def _offer(visit: Visit) -> Doubles | None:
    """Offer to judge the planned cameras, with the progress shown."""
    text = N_("Which planned cameras need not be built is not judged yet; it may take a minute.")
    st.info(visit.translate(text))
    if not st.button(
        visit.translate(N_("Judge the planned cameras")), key="double", type="primary"
    ):
        return None
    with step(visit, N_("Judging duplicates")) as tick:
        return find_doubles(visit.project, tick)


def _cards(
    visit: Visit, doubles: Doubles, names: Names, seen: frozenset[str], wanted: frozenset[str]
) -> None:
    cards = [one for one in list_cards(doubles, names, seen) if one[0].camera_id in wanted]
    if not cards:
        st.success(visit.translate(describe_no_card(visit.project.result)))
        return
    columns = dict.fromkeys((visit.translate(heading) for heading in CARD_HEADINGS), None)
    picked = pick_row([row for _, row in cards], columns, "duplicates.cards", height=HEIGHT)
    chosen = cards[picked][0] if picked is not None else cards[0][0]
    with st.container(border=True):
        st.text(names.cameras.get(chosen.camera_id, chosen.camera_id))
        for text in chosen.statements:
            st.text(visit.translate(text))
        headings = (
            N_("Camera"),
            N_("State"),
            N_("Unit that runs it"),
            N_("Least density [px/m]"),
            N_("What it takes over [m, m²]"),
        )
        rows = [
            (
                names.cameras.get(one.camera_id, one.camera_id),
                visit.translate(STATES[one.status]) if one.status in STATES else one.status,
                one.operator or "",
                number(one.px_m),
                number(one.weight, 1),
            )
            for one in chosen.relies_on
        ]
        if rows:
            table(rows, dict.fromkeys((visit.translate(heading) for heading in headings), None))


def _what_if(visit: Visit, doubles: Doubles, names: Names, seen: frozenset[str]) -> None:
    """Say what falls if some cameras go; nothing is changed."""
    options = [str(label) for label in doubles.found.camera_set.camera_ids if label in seen]
    dropped = st.multiselect(
        visit.translate(N_("What if these are not built, or taken down?")),
        options,
        [label for label in doubles.found.dropped if label in seen],
        format_func=lambda label: names.cameras.get(label, label),
        placeholder=visit.translate(N_("Choose cameras")),
        key="duplicates.dropped",
    )
    if not dropped:
        return
    found = what_if(doubles.found, dropped)
    st.text(visit.translate(found.statement))
    st.text(visit.translate(N_("Saved: %(yuan)s yuan", yuan=number(found.saved_yuan))))
    headings = (N_("Listed place"), N_("Article"), N_("Before"), N_("After"), N_("Share to be met"))
    rows = [
        (
            names.zones.get(fall.zone_id, fall.zone_id),
            fall.article,
            share(fall.before),
            share(fall.after),
            share(fall.required),
        )
        for fall in found.falls
    ]
    if rows:
        table(rows, dict.fromkeys((visit.translate(heading) for heading in headings), None))
