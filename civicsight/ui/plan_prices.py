"""The price table of a plan: a file of one's own, or the planning figures of the project."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import streamlit as st

from civicsight.core.errors import N_, CivicsightError
from civicsight.planning.prices.price_table import Prices, read_prices
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, take_file
from civicsight.ui.elements import link_to_file
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit

OWN, REFUSED = "draw.prices", "draw.prices.refused"
"""Keys of name and text of the table in use, of why the last one was refused, and of the field,
which is a new one for each file."""

TYPES: Final = ("csv", "xlsx")
SHORT: Final = 12


def ask_for_prices(visit: Visit) -> None:
    """Say by which prices is planned, and take a table of one's own; folded, for few have one."""
    with st.popover(visit.translate(N_("Prices"))):
        own = st.session_state.get(OWN)
        with st.container(horizontal=True, vertical_alignment="center", key="draw-prices"):
            if own is None:
                st.text(visit.translate(N_("Prices: planning figures of the project")))
                usual = read_prices().to_csv().encode("utf-8-sig")
                st.html(link_to_file(visit, "prices.csv", usual, N_("As a file to fill in")))
            else:
                st.text(visit.translate(N_("Prices: %(file)s", file=own[0])))
                st.button(
                    visit.translate(N_("Take back")),
                    key="draw.prices.back",
                    type="tertiary",
                    on_click=_take_back,
                )
        label = visit.translate(N_("Price table of your own (CSV or XLSX)"))
        entitled = Entitled(visit.actor.name, standing(visit.actor))
        take_file(label, OWN, entitled, TYPES, _take)
        error = st.session_state.get(REFUSED)
        if error is not None:
            show_refusal(error, visit.language)


def own_prices() -> str:
    """Return the text of the table in use, as a job takes it; empty without one."""
    own = st.session_state.get(OWN)
    return "" if own is None else str(own[1])


def _take(name: str, content: bytes) -> None:
    """Read a table and use it; one that is refused changes nothing."""
    st.session_state.pop(REFUSED, None)
    try:
        st.session_state[OWN] = (name, read_sent(name, content).to_csv())
    except CivicsightError as error:
        st.session_state[REFUSED] = error


def read_sent(name: str, content: bytes) -> Prices:
    """Read a table that a browser sent, in a process of its own.

    Raises
    ------
    InputError
        As `read_prices`.
    """
    end = Path(name).suffix.lower()
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / f"prices{end if end in ('.csv', '.xlsx') else '.csv'}"
        path.write_bytes(content)
        return read_prices(path)


def _take_back() -> None:
    for key in (OWN, REFUSED):
        st.session_state.pop(key, None)
