"""Under a file: where its rows lie over the buildings in each datum, for a person to decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import streamlit as st

from civicsight.application.inbox.entry import Entry, Owner
from civicsight.application.intake import Intake
from civicsight.application.shift import Shift, shift_of
from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.core.i18n import Language, translate
from civicsight.io.datum_readings import Reading
from civicsight.io.datums import DATUM_NAMES
from civicsight.presentation.lexicon import number
from civicsight.ui.columns import read_again
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visitor
from civicsight.ui.outline import draw_rows

KEPT: Final = 16
"""Files whose pictures are kept."""


def show_shift(who: Visitor, owner: Owner, entry: Entry) -> None:
    """Draw the rows of a file in each datum where it is doubtful or was declared."""
    if entry.intake is None:
        return
    shift, drawn = _drawn(entry.id, entry.turn, who.language, entry.intake)
    if shift is None:
        return
    title = N_("Which datum? Where the rows lie in each")
    with st.expander(who.translate(title), expanded=not shift.is_declared):
        text = N_(
            "The same places about one of the rows, 500 m across. Cameras of a street stand beside "
            "roads and walls; violet marks lie inside of buildings."
        )
        st.text(who.translate(text))
        for column, reading, picture in zip(
            st.columns(len(drawn)), shift.readings, drawn, strict=True
        ):
            with column:
                st.html(picture)
                st.text(who.translate(describe_shift(shift, reading)))
                _offer(who, owner, entry, shift, reading)


def describe_shift(shift: Shift, reading: Reading) -> Text:
    """Say how far rows lie from where they were read, and how many lie inside of buildings."""
    counts = {
        "datum": DATUM_NAMES[reading.datum],
        "inside": number(reading.inside.sum()),
        "lone": number(reading.lone.sum()),
        "count": number(len(reading.places)),
    }
    if reading.datum == shift.claimed:
        return N_(
            "%(datum)s, as it is read now. Of %(count)s rows %(inside)s lie inside of buildings, "
            "%(lone)s have none within 50 m",
            **counts,
        )
    return N_(
        "%(datum)s, %(shift)s m away. Of %(count)s rows %(inside)s lie inside of buildings, "
        "%(lone)s have none within 50 m",
        shift=number(reading.shift_m),
        **counts,
    )


def _offer(who: Visitor, owner: Owner, entry: Entry, shift: Shift, reading: Reading) -> None:
    """Offer to declare a datum and to have the file read in it."""
    if shift.is_declared and reading.datum == shift.claimed:
        return
    if not entry.kept:
        st.text(who.translate(N_("To take it so, declare it above and send the file again.")))
        return
    label = N_("It is %(datum)s: read again", datum=DATUM_NAMES[reading.datum])
    if st.button(who.translate(label), key=f"datum-{entry.id}-{entry.turn}-{reading.datum}"):
        try:
            read_again(
                owner,
                entry,
                replace(
                    entry.asked,
                    kind=entry.asked.kind if entry.intake is None else entry.intake.kind,
                    datum=reading.datum,
                ),
            )
        except CivicsightError as error:
            show_refusal(error, who.language)


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _drawn(
    entry_id: str, turn: int, language: Language, _intake: Intake
) -> tuple[Shift | None, list[str]]:
    """Return the rows of a file in each datum and their pictures, drawn once."""
    del entry_id, turn
    shift = shift_of(_intake)
    if shift is None:
        return None, []
    return shift, [
        draw_rows(
            _intake.city, reading, shift.at, translate(describe_shift(shift, reading), language)
        )
        for reading in shift.readings
    ]
