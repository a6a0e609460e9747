"""The notes of how lists were read, where a page of the app speaks of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.figure import keyed
from civicsight.model.notes import Note
from civicsight.presentation.lexicon import number
from civicsight.presentation.reading_notes import HEADINGS, TITLE, note_rows
from civicsight.ui.elements import table
from civicsight.ui.frame import Visit

WIDTHS: Final = (150, 90, 260, 60, None, 320)
FOUND: Final = 4
"""Column of what was found: it may name rows that are not open to everybody."""


def show_notes(visit: Visit, notes: Sequence[Note]) -> None:
    """List the notes; who may not see every row is told kinds and counts, and no rows."""
    if not notes:
        return
    st.markdown(f"**{visit.translate(TITLE)}**")
    headings = list(zip(map(visit.translate, HEADINGS), WIDTHS, strict=True))
    rows = note_rows(notes, visit.language)
    if visit.actor.role.is_bound:
        headings = [*headings[:FOUND], *headings[FOUND + 1 :]]
        rows = [(*row[:FOUND], *row[FOUND + 1 :]) for row in rows]
    table(rows, dict(headings))


def show_notes_folded(visit: Visit, notes: Sequence[Note]) -> None:
    """Say how many notes there are, with the list in a fold."""
    if notes:
        title = N_(
            "%(title)s: %(count)s", title=TITLE, count=keyed("notes.count", number(len(notes)))
        )
        with st.expander(visit.translate(title)):
            show_notes(visit, notes)
