"""Under a file: the cells for which rows were refused, to be mended in place and read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from civicsight.application.inbox.entry import Entry, Owner
from civicsight.application.mending import BadCell, bad_cells, corrections_of
from civicsight.core.errors import N_, CivicsightError
from civicsight.core.inert import inert
from civicsight.io.report import row_text
from civicsight.presentation.lexicon import number
from civicsight.ui.columns import read_again
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visitor

MOST: Final = 200
"""Cells that are listed at once; the others come when these are mended."""

FEW: Final = 30
"""More cells than these are folded: words that are taught, or the file itself, mend them faster."""

HEADINGS: Final = (N_("Row"), N_("Column"), N_("Found"), N_("Expected"), N_("Write instead"))
WIDTHS: Final = (90, 180, 200, None, 220)


def show_mending(who: Visitor, owner: Owner, entry: Entry) -> None:
    """Draw the cells for which rows were refused while the file is here, and what is to be done."""
    cells = bad_cells(entry) if entry.kept else []
    if not cells:
        return
    title = N_("Mend cells here (%(count)s)", count=number(len(cells)))
    with st.expander(who.translate(title), expanded=entry.error is not None and len(cells) <= FEW):
        text = N_(
            "The file stays as it is: what you write is read in place of the cell. What the file "
            "said and who corrected it stay with the row; the report lists it."
        )
        st.text(who.translate(text))
        if len(cells) > MOST:
            first = N_("The first %(count)s are shown.", count=number(MOST))
            st.text(who.translate(first))
        with st.form(f"mend-{entry.id}-{entry.turn}", border=False):
            written = _ask(who, entry, cells[:MOST])
            sent = st.form_submit_button(who.translate(N_("Read again with these corrections")))
        if not sent:
            return
        if not any(text.strip() for text in written.values()):
            st.error(who.translate(N_("Nothing was written, so nothing was read again.")))
            return
        try:
            corrections = corrections_of(written, entry.asked.corrections, owner.actor.name)
            kind = entry.asked.kind if entry.table is None else entry.table.kind
            read_again(owner, entry, replace(entry.asked, kind=kind, corrections=corrections))
        except CivicsightError as error:
            show_refusal(error, who.language)


def _ask(who: Visitor, entry: Entry, cells: Sequence[BadCell]) -> dict[tuple[str, str], str]:
    """Draw a table whose last column takes what is written in place of each cell."""
    headings = [who.translate(heading) for heading in HEADINGS]
    rows = [
        [
            who.translate(row_text(cell.where)),
            cell.column,
            cell.found,
            who.translate(cell.expected),
            "",
        ]
        for cell in cells
    ]
    frame = pd.DataFrame(
        [[inert(text) for text in row] for row in rows], columns=headings, dtype=str
    )
    edited = st.data_editor(
        frame,
        hide_index=True,
        num_rows="fixed",
        disabled=headings[:-1],
        key=f"cells-{entry.id}-{entry.turn}",
        column_config={
            heading: st.column_config.TextColumn(width=width)
            for heading, width in zip(headings, WIDTHS, strict=True)
        },
    )
    written = edited[headings[-1]].fillna("").astype(str)
    return {(cell.where, cell.column): text for cell, text in zip(cells, written, strict=True)}
