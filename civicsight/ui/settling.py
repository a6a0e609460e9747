"""A list of cameras held against the register: what differs, and how somebody settles it."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from civicsight.application.settling import COLUMNS, OPEN, SURE, USUAL, Choice, rows_of, settled_by
from civicsight.core.errors import N_
from civicsight.core.inert import inert
from civicsight.core.settings import present_day
from civicsight.inventory import Reconciliation, take_census
from civicsight.inventory.decision_table import TITLES
from civicsight.inventory.difference import WHAT
from civicsight.inventory.settling import DECISIONS, KEEP, TAKE
from civicsight.presentation.lexicon import number, share
from civicsight.report.census import BOOK, book_of, summary_of
from civicsight.ui.elements import link_to_file
from civicsight.ui.frame import Visit

MOST: Final = 2_000
"""So many differences are shown one by one; the workbook has all of them."""

LEFT: Final = N_("leave it open")
BESIDE: Final = 3
"""So many kinds of difference are asked for side by side."""


def ask_how_settled(visit: Visit, key: str, found: Reconciliation) -> Choice:
    """Draw what a list and the register have and lack, and take how it is settled.

    Parameters
    ----------
    visit
        Who settles.
    key
        Tells the list apart from others on the page.
    found
        What differs.
    """
    st.subheader(visit.translate(N_("Against the register: %(list)s", list=found.source)))
    stands = st.container()
    by_kind = _ask_by_kind(visit, key, take_census(found).kinds)
    reason = ""
    singly: dict[str, tuple[str, str]] = {}
    if not found.is_same:
        reason = st.text_input(visit.translate(TITLES["reason"]), key=f"settle.reason.{key}")
        singly = _ask_singly(visit, key, found)
        if st.button(
            visit.translate(N_("Write the differences as a workbook")), key=f"settle.book.{key}"
        ):
            content = book_of(found, visit.project.city.name)
            st.html(link_to_file(visit, BOOK, content))
    choice = Choice(by_kind, visit.actor.name, present_day().isoformat(), reason, singly)
    settled = settled_by(found, choice)  # what is said counts what is chosen below it
    stands.text("\n".join(map(visit.translate, summary_of(settled, take_census(settled)))))
    return choice


def _ask_by_kind(visit: Visit, key: str, kinds: pd.DataFrame) -> dict[str, str]:
    """Draw a choice for each kind of difference that there is."""
    words = {
        TAKE: visit.translate(DECISIONS[TAKE]),
        KEEP: visit.translate(DECISIONS[KEEP]),
        OPEN: visit.translate(LEFT),
    }
    chosen = {}
    columns = st.columns(BESIDE)
    for n, what in enumerate(kinds.index[kinds["differences"] > 0]):
        label = N_(
            "%(what)s: %(value)s",
            what=WHAT[what],
            value=number(int(kinds.loc[what, "differences"])),
        )
        chosen[what] = columns[n % BESIDE].radio(
            visit.translate(label),
            list(words),
            list(words).index(USUAL[what]),
            format_func=words.__getitem__,
            horizontal=True,
            key=f"settle.{what}.{key}",
        )
    if chosen:
        text = N_(
            "What is chosen here holds for pairs that are at least %(share)s certain; the others, "
            "and what is left open, change nothing.",
            share=share(SURE),
        )
        st.text(visit.translate(text))
    return chosen


def _ask_singly(visit: Visit, key: str, found: Reconciliation) -> dict[str, tuple[str, str]]:
    """Draw a table whose last two columns take a decision and a reason for single differences."""
    words = {code: visit.translate(text) for code, text in DECISIONS.items()}
    said = {what: visit.translate(text) for what, text in WHAT.items()}
    rows = rows_of(found, said, visit.translate).head(MOST)
    headings = [visit.translate(TITLES[name]) for name in COLUMNS]
    decision, why = visit.translate(TITLES["decision"]), visit.translate(TITLES["reason"])
    frame = pd.DataFrame(
        [[*(inert(cell) for cell in row), "", ""] for row in rows.itertuples(index=False)],
        columns=[*headings, decision, why],
        dtype=object,
    )
    with st.expander(visit.translate(N_("One by one"))):
        text = N_("A decision in this table goes before the choice above.")
        st.text(visit.translate(text))
        if len(found.differences) > MOST:
            first = N_("The first %(count)s are shown.", count=number(MOST))
            st.text(visit.translate(first))
        edited = st.data_editor(
            frame,
            hide_index=True,
            num_rows="fixed",
            disabled=headings,
            key=f"settle.singly.{key}",
            column_config={
                decision: st.column_config.SelectboxColumn(options=["", *words.values()]),
                why: st.column_config.TextColumn(),
            },
        )
    codes = {word: code for code, word in words.items()}
    return {
        label: (codes[said], str(reason or ""))
        for label, said, reason in zip(rows.index, edited[decision], edited[why], strict=True)
        if said in codes
    }
