"""Bill, phases and documents of the plan that is looked at."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.report.plan.teller import Teller
from civicsight.ui.elements import link_to_file, step, table
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit, current
from civicsight.ui.services.outputs import write_drawn
from civicsight.ui.services.plan_money import Row, bill_rows, district_rows, year_rows

WRITTEN: Final = "draw.documents"
"""Key of the documents that were written last: of which plan, for whom, name and content."""

WIDTHS: Final = (None, 70, 84)


def show_money(visit: Visit, found: Teller, plan_id: str) -> None:
    """Show what is paid, in which year and district, and offer the documents."""
    plan = found.plan
    with st.expander(visit.say(N_("Bill, years, documents"))):
        named = (N_("Bill"), N_("Years"), N_("Districts"))
        bill, years, districts = st.tabs([visit.say(name) for name in named])
        with bill:
            _table(visit, N_("Item of work"), N_("Quantity"), bill_rows(plan))
        with years:
            _table(visit, N_("Year"), N_("Cameras"), year_rows(plan))
        with districts:
            _table(visit, N_("District"), N_("Cameras"), district_rows(plan))
        st.text(visit.say(N_("Each sum is rounded to 100 yuan by itself.")))
        st.button(
            visit.say(N_("Write the documents")), key="draw.documents.write",
            on_click=partial(_write, found, plan_id),
        )  # fmt: skip
        of, actor, name, content = st.session_state.get(WRITTEN, ("", None, "", b""))
        if (of, actor) == (plan_id, visit.actor):
            st.html(link_to_file(visit, name, content))
        st.text(visit.say(N_("Page, DOCX, workbook with the bill and all tables, layers.")))


def _table(visit: Visit, what: Text, count: Text, rows: list[Row]) -> None:
    heads = dict(zip(map(visit.say, (what, count, N_("10,000 yuan"))), WIDTHS, strict=True))
    said = [tuple(visit.say(cell) if isinstance(cell, Text) else cell for cell in row)
            for row in rows]  # fmt: skip
    table(said, heads)


def _write(found: Teller, plan_id: str) -> None:
    """Write the documents with the rights of this moment."""
    visit = current()
    try:
        with step(visit, N_("Writing")) as tick:
            name, content = write_drawn(
                visit.project, visit.actor, found.plan, [visit.language], progress=tick
            )
    except CivicsightError as error:
        show_refusal(error, visit.language)
        return
    st.session_state[WRITTEN] = (plan_id, visit.actor, name, content)
