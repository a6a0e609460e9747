"""What money buys, for analysts: the curve of places over money; a point of it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd
import streamlit as st

from civicsight.application.drawing_up import in_sum
from civicsight.application.work import Kind
from civicsight.core.errors import N_
from civicsight.planning.choice.cost_coverage_curve import counted_in
from civicsight.planning.money.bill import TEN_THOUSAND
from civicsight.planning.prices.terms import BUDGET_OF, BudgetOf
from civicsight.planning.statement.figures import figures_of_curve
from civicsight.presentation.lexicon import number
from civicsight.report.plan.endings import of_most
from civicsight.report.plan.frontier import CURVES, TITLE, draw_curve
from civicsight.report.plan.funding import in_wan
from civicsight.ui.elements import pick_row
from civicsight.ui.frame import Visit
from civicsight.ui.outline import as_image
from civicsight.ui.plan_form import ask_for_sum, scope_fields
from civicsight.ui.plan_jobs import ask_for_curve, curve_of, drawn

WIDTH_PX, LIST_PX = 380, 250
POINT: Final = "draw.curve.point"


def show_curve(visit: Visit, go: Callable[[], None], *, busy: bool) -> None:
    """Draw the curve that is there, and the way to ask for one.

    `go` begins the plan that the form asks for.
    """
    done = drawn(visit, Kind.CURVE)
    with st.expander(visit.translate(N_("What money buys, for analysts")), expanded=bool(done)):
        st.text(
            visit.translate(
                N_(
                    "Compliant places by budget, with the upper bound for each budget. "
                    "Uses the settings above."
                )
            )
        )
        st.button(
            visit.translate(N_("Compute the curve")),
            key="draw.curve",
            disabled=busy,
            on_click=lambda: ask_for_curve(scope_fields()),
        )
        if done:
            _show(visit, curve_of(done[0]), done[0].id, go, busy=busy)


def _show(
    visit: Visit, curve: pd.DataFrame, job_id: str, go: Callable[[], None], *, busy: bool
) -> None:
    of, n = counted_in(curve), figures_of_curve(curve)
    unit = (TEN_THOUSAND, N_("%(of)s [10,000 yuan]", of=BUDGET_OF[of]))
    drawing = draw_curve(curve, visit.translate, curves=CURVES[:1], width=WIDTH_PX, unit=unit)
    st.html(as_image(drawing, visit.translate(TITLE)))
    rows = [
        (
            *(n[f"curve.{at}.{name}"].written(in_wan) for name in ("budget_yuan", "cost_yuan")),
            *(of_most(n, f"curve.{at}", name, number) for name in ("places", "parts")),
        )
        for at in curve.index
    ]
    headings = (N_("Money"), N_("Spent"), N_("Places"), N_("Gates and key parts"))
    columns = dict(zip(map(visit.translate, headings), (60, 66, 60, None), strict=True))
    text = N_(
        "%(of)s, in 10,000 yuan; in brackets, where it is more, the most that the solver reports "
        "as possible. A row is the sum to be asked for.",
        of=BUDGET_OF[of],
    )
    st.text(visit.translate(text))
    picked = pick_row(rows, columns, f"draw.curve.{job_id[:12]}", height=LIST_PX)
    if picked is None:
        return
    yuan = float(curve["budget_yuan"].iloc[picked])
    st.button(
        visit.translate(N_("Draw up the plan for %(money)s", money=in_sum(yuan, of))),
        key=POINT,
        on_click=lambda: _take(yuan, of, go),
        disabled=busy,
        type="primary",
    )


def _take(yuan: float, budget_of: BudgetOf, go: Callable[[], None]) -> None:
    """Ask for the sum of a point, and begin."""
    ask_for_sum(yuan, budget_of)
    go()
