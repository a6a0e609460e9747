"""The first of the first page: what waits for who is here, and how each district stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from civicsight.application.overview import First, Todo, read_first
from civicsight.core.errors import N_
from civicsight.core.figure import keyed
from civicsight.core.settings import present_day
from civicsight.presentation.lexicon import number
from civicsight.report.plan.funding import NO_DISTRICT, source_text
from civicsight.ui.elements import fit_px, link_to, pick_row
from civicsight.ui.frame import Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from civicsight.editing.project import Project
    from civicsight.store import Actor

ROW_PX, HEAD_PX, MOST_ROWS = 35, 38, 7
STATE_HEADINGS: Final = (N_("Sure"), N_("Perhaps"), N_("Not"), N_("Unjudged"))
"""Headings of the four states above figures."""

EVERY: Final = None
"""Stands for all districts together."""


def find_first(visit: Visit) -> First:
    """Return what the first page says, read once for each state of the plans."""
    path, actor = visit.project.store_path, visit.actor
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    who = (visit.project.digest, actor.name, actor.role, actor.district)
    return _kept_first(
        "|".join(map(str, (*who, path, changed, present_day()))), visit.project, actor
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _kept_first(key: str, _project: Project, _actor: Actor) -> First:
    del key
    return read_first(_project, _actor)


def show_todo(visit: Visit, waiting: Sequence[Todo]) -> None:
    """List what waits for who is here, each with a way to it."""
    st.markdown(f"**{visit.translate(N_('For you to do'))}**")
    if not waiting:
        st.text(visit.translate(N_("Nothing waits for you in this project.")))
    for n, one in enumerate(waiting):
        with st.container(horizontal=True, vertical_alignment="center", key=f"todo-{n}"):
            st.text(visit.translate(one.text), width="stretch")
            link_to(visit, one.page, N_("Go to it"))


def show_districts(visit: Visit, first: First) -> str | None:
    """Show how the places of each district stand, and its money; return the one that is chosen."""
    table, money = first.districts, first.money
    if table.empty:
        return EVERY
    headings = [visit.translate(text) for text in (N_("District"), *STATE_HEADINGS)]
    if money is not None:  # its unit stands in the sentence below the table
        headings.append(visit.translate(N_("Money %(year)s", year=money.year)))
    rows = []
    for name, counts in zip(table.index.astype(str), table.to_numpy(), strict=True):
        own = [] if money is None else [money.written(f"year_district.{money.year}/{name}")]
        rows.append((name or visit.translate(NO_DISTRICT), *(number(int(n)) for n in counts), *own))
    if len(rows) > 1:
        sums = [] if money is None else [money.total]
        total = [number(int(n)) for n in table.sum()]
        if not visit.actor.role.is_bound:
            pairs = zip(table.columns, total, strict=True)
            total = [keyed(f"places.{state}.before", text) for state, text in pairs]
        rows.append((visit.translate(N_("In all")), *total, *sums))
    st.markdown(f"**{visit.translate(N_('Places by district'))}**")
    height = HEAD_PX + ROW_PX * min(len(rows), MOST_ROWS)
    columns = zip(headings[1:], *(row[1:] for row in rows), strict=True)
    widths = {headings[0]: None} | {str(column[0]): fit_px(column) for column in columns}
    picked = pick_row(rows, widths, "home.districts", height=height)
    if money is not None:
        sources = visit.translate(N_("; ")).join(
            f"{visit.translate(source_text(name))} {value}"
            for name, value in money.by("source").items()
        )
        text = N_(
            "Investment of %(year)s by %(plan)s, version %(n)s: %(sum)s (10,000 yuan). %(sources)s",
            year=money.year,
            plan=money.plan,
            n=money.version,
            sum=money.total,
            sources=sources,
        )
        st.text(visit.translate(text))
    return EVERY if picked is None or picked >= len(table) else str(table.index[picked])
