"""Points by what an office sorts them by: a filter for pages that list them, and their sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.figure import keyed
from civicsight.coverage.result import partition
from civicsight.planning.money.bill import HUNDRED, rounded_all, spread
from civicsight.presentation.columns import HEADINGS
from civicsight.presentation.dimensions import stated, sum_by, value_text, values_of
from civicsight.presentation.lexicon import number
from civicsight.report.plan.funding import wan
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.elements import choose, table

if TYPE_CHECKING:
    import pandas as pd

    from civicsight.application.overview import YearMoney
    from civicsight.ui.frame import Visit

WIDTHS: Final = (130, 62, 62, 62, 76)


def ask_cameras(visit: Visit, key: str) -> frozenset[str] | None:
    """Ask for cameras by a column of their record; None where nothing is asked for.

    Nothing is drawn where no camera that is open to who looks states any.
    """
    cameras = seen_result(visit.project, visit.actor).cameras
    known = stated(cameras)
    if not known:
        return None
    left, right = st.columns(2)
    options = {name: visit.translate(HEADINGS[name]) for name in known}
    with left:
        name = choose(visit, N_("Filter by"), options, N_("all"), f"{key}.dimension")
    if not name:
        return None
    values = values_of(cameras, name)
    said = {f"={value}": visit.translate(value_text(name, value)) for value in sorted(set(values))}
    with right:
        value = choose(visit, HEADINGS[name], said, N_("all"), f"{key}.value.{name}")
    return None if not value else frozenset(map(str, values.index[values.eq(value[1:])]))


def show_sums(visit: Visit, money: YearMoney | None) -> None:
    """Show how many points there are by a column of their record, with the plan's and its money."""
    result = seen_result(visit.project, visit.actor)
    known = stated(result.cameras)
    if not known:
        st.text(
            visit.translate(
                N_(
                    "No record of a camera states owner, class, police station, "
                    "subdistrict, platform or zone."
                )
            )
        )
        return
    said = {name: visit.translate(HEADINGS[name]) for name in known}
    name = st.selectbox(
        visit.translate(N_("Sum by")),
        list(said),
        format_func=said.__getitem__,
        key="home.dimension",
    )
    judged = partition(visit.project.result).cameras["judged"]
    counted: list[pd.Series] = [judged.reindex(result.cameras.index, fill_value=False).astype(int)]
    headings = [said[name], *(visit.translate(text) for text in (N_("Points"), N_("Judged")))]
    if money is not None and not visit.actor.role.is_bound:
        points = money.funding.points
        counted += [points["cost_yuan"].mul(0).add(1), points["cost_yuan"]]
        headings += [
            visit.translate(text) for text in (N_("With the plan"), N_("Investment (10,000 yuan)"))
        ]
    rows = sum_by(result.cameras, name, counted)
    costs = [sums[-1] for _, _, sums in rows]
    hundreds = spread(rounded_all(costs, HUNDRED), costs)
    cells = [
        (
            visit.translate(value_text(name, value)),
            number(count),
            *map(number, sums[:2]),
            *([wan(share)] if len(counted) > 1 else []),
        )
        for (value, count, sums), share in zip(rows, hundreds, strict=True)
    ]
    total = [number(sum(row[1] for row in rows))]
    total += [number(sum(row[2][n] for row in rows)) for n in range(min(len(counted), 2))]
    total += [wan(sum(hundreds))] if len(counted) > 1 else []
    keys = ("cameras.count", "cameras.judged", "money.all..points", "money.all..yuan")
    total = [keyed(key, text) for key, text in zip(keys, total, strict=False)]
    table(
        [*cells, (visit.translate(N_("In all")), *total)], dict(zip(headings, WIDTHS, strict=False))
    )
