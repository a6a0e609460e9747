"""Bill, sources, years, projects and documents of the plan that is looked at."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from civicsight.application.outputs import write_drawn
from civicsight.application.plan_money import (
    Row,
    bill_rows,
    district_rows,
    project_rows,
    source_rows,
    year_rows,
)
from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.planning.money.funding import Funding, fund
from civicsight.planning.money.lease import compare_lease
from civicsight.presentation.document import Table
from civicsight.report.plan.funding import ADD_UP, lease_blocks
from civicsight.report.plan.teller import Teller
from civicsight.ui.elements import link_to_file, step, table
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit, current
from civicsight.ui.plan_payers import ask_who_pays, begin_with_kept, funded, own_payers

WRITTEN: Final = "draw.documents"
"""Key of the documents that were written last: of which plan, for whom, name and content."""

WIDTHS: Final = (196, 62, 84)


def show_money(visit: Visit, found: Teller, plan_id: str, chosen: str) -> None:
    """Show what is paid, by whom, in which year and district, and offer the documents.

    `chosen` is the point that a rule may be for; empty for none.
    """
    plan = found.plan
    begin_with_kept(visit)
    funding = fund(plan, own_payers(), found.result.cameras["owner"])
    with st.expander(visit.translate(N_("Bill, years, documents"))):
        named = (
            N_("Bill"),
            N_("Money from"),
            N_("Years"),
            N_("Districts"),
            N_("Project list"),
            N_("Lease"),
        )
        bill, sources, years, districts, projects, lease = st.tabs([*map(visit.translate, named)])
        with bill:
            money = N_("Sum (10,000 yuan)")  # lines of what a year costs are no investment
            _table(visit, N_("Item of work"), N_("Quantity"), bill_rows(plan), money)
        with sources:
            _table(visit, N_("Money from"), N_("Points"), source_rows(funding))
            ask_who_pays(visit, found, funding, chosen)
        with years:
            _table(visit, N_("Year"), N_("Points"), year_rows(funding))
        with districts:
            _table(visit, N_("District"), N_("Points"), district_rows(funding))
        with projects:
            _table(visit, N_("Project"), N_("Points"), project_rows(funding))
        with lease:
            _lease(visit, found, funding)
        st.text(visit.translate(ADD_UP))
        st.button(
            visit.translate(N_("Write the documents")),
            key="draw.documents.write",
            on_click=partial(_write, found, plan_id),
        )
        of, actor, name, content = st.session_state.get(WRITTEN, ("", None, "", b""))
        if (of, actor) == (plan_id, visit.actor):
            st.html(link_to_file(visit, name, content))
        text = N_(
            "Page, DOCX, workbook with the bill and all tables, layers; the list of projects "
            "with sources of money apart."
        )
        st.text(visit.translate(text))


def _lease(visit: Visit, found: Teller, funding: Funding) -> None:
    """Show a lease beside building, year by year."""
    compared = compare_lease(found.plan, funding)
    if compared is None:
        st.text(visit.translate(NO_LEASE))
        return
    for block in lease_blocks(found, compared):
        if isinstance(block, Table):
            table(block.rows, dict.fromkeys(block.headings, None))
        else:
            st.text(str(block))


NO_LEASE: Final = N_(
    "The price table has no row lease (price of a leased camera, a month or a year): nothing is "
    "compared, and nothing is assumed."
)


def _table(
    visit: Visit,
    what: Text,
    count: Text,
    rows: list[Row],
    money: Text = N_("Investment (10,000 yuan)"),
) -> None:
    headings = dict(zip(map(visit.translate, (what, count, money)), WIDTHS, strict=True))
    said = [
        tuple(visit.translate(cell) if isinstance(cell, Text) else cell for cell in row)
        for row in rows
    ]
    table(said, headings)


def _write(found: Teller, plan_id: str) -> None:
    """Write the documents with the rights of this moment."""
    visit = current()
    try:
        with step(visit, N_("Writing")) as tick:
            name, content = write_drawn(
                visit.project, visit.actor, funded(found.plan), [visit.language], progress=tick
            )
    except CivicsightError as error:
        show_refusal(error, visit.language)
        return
    st.session_state[WRITTEN] = (plan_id, visit.actor, name, content)
