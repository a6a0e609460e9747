"""Page: a plan drawn up by the optimiser, on the map, with why each measure is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import streamlit as st

from civicsight.application.drawing_up import (
    candidate_of,
    describe_invested,
    describe_left_out,
    describe_measure,
    explain,
    keep_drawn,
    list_works,
    may_draw_up,
    name_work,
)
from civicsight.application.job import Job
from civicsight.application.plan_options import three_of, title_of
from civicsight.application.work import Kind
from civicsight.core.errors import N_, Text
from civicsight.core.html_safe import safe
from civicsight.core.settings import present_day
from civicsight.maps.works import WORKS, year_looks
from civicsight.planning.aims.options import OPTIONS, RECOMMENDED
from civicsight.planning.prices.terms import BUDGET_OF, BudgetOf
from civicsight.planning.statement.claims import so_far
from civicsight.planning.statement.spending import compare_spending, describe_spending
from civicsight.presentation.lexicon import number
from civicsight.presentation.symbols import level_colours
from civicsight.report.plan.endings import headline
from civicsight.report.plan.frontier import TITLE
from civicsight.report.plan.funding import in_wan
from civicsight.report.plan.teller import Teller
from civicsight.rules.departures import describe_weakened
from civicsight.ui.departments import ask_departments, asked_departments
from civicsight.ui.dimensions import ask_cameras
from civicsight.ui.elements import (
    SAID,
    attempt,
    beside_map,
    link_to,
    pick_row,
    poll_s,
    show_actor,
    show_bar,
    show_failure,
    show_said,
)
from civicsight.ui.errors import warn
from civicsight.ui.frame import Visit, current, empty
from civicsight.ui.mapview import take_event
from civicsight.ui.plan_curve import show_curve
from civicsight.ui.plan_drawn import MAP, draw_plan, find_view, sign_list
from civicsight.ui.plan_form import (
    AGAIN_S,
    HELD,
    RULED_OUT,
    ask_for_plan,
    asked_aims,
    other_fields,
    take_back,
    wish,
    wished,
)
from civicsight.ui.plan_jobs import (
    CHOSEN,
    ask_again,
    ask_for,
    chosen_in,
    failed,
    looked_at,
    shown_id,
    teller_of_job,
    under_way,
)
from civicsight.ui.plan_money import show_money
from civicsight.ui.plan_options import show_options
from civicsight.ui.plan_payers import funded

if TYPE_CHECKING:
    from civicsight.editing.preview import ClassArea
    from civicsight.planning.record.plan import Plan

NAME, HEARD = "draw.name", "draw.departments"

COLOURS, KIND, YEAR = "draw.colours", "kind", "year"
"""Key of what colours tell on the map, and its values."""

LIST_PX: Final = 212


def render(visit: Visit) -> None:
    """Draw the plan on the map, and beside it what is asked, what was found, and why."""
    if not may_draw_up(visit.actor):
        empty(
            visit,
            N_("A plan for the whole city is drawn up by a municipal planner."),
            N_("Ask one, or look at the plans under Review."),
        )
        return
    waits = next(iter(under_way(visit)), None)
    st.fragment(_page, run_every=poll_s(waits))(runs=waits is not None)


def _page(*, runs: bool) -> None:
    visit = current()
    waiting = under_way(visit)
    if runs != bool(waiting):
        st.rerun()  # the page anew, with the watch or without it
    job = looked_at(visit)
    found = None if job is None else teller_of_job(visit, job)
    event = take_event(MAP)
    if event is not None and event.kind == "select" and event.layer.startswith(WORKS):
        st.session_state[CHOSEN] = event.id
    ground, side = beside_map()
    with side:
        if found is None:
            show_said(visit)
        for n, text in enumerate(describe_weakened(visit.project.rules)):
            warn(visit.translate(text), f"draw-weakened-{n}")
        for n, one in enumerate(waiting):
            _under_way(visit, one, is_next=not n)
        label = "" if found is None else chosen_in(list_works(found.plan))
        if found is not None and label:
            _why(visit, found, label)
        busy = bool(waiting)
        for job in failed(visit):
            st.text(visit.translate(_title(job)))
            show_failure(visit, job, f"draw-{job.id[:12]}")
        is_open = found is None and not busy
        with st.expander(visit.translate(N_("What is asked of the plan")), expanded=is_open):
            ask_for_plan(visit, _begin, _compare, busy=busy)
        show_options(visit)
        if found is not None:
            _show_plan(visit, found)
        show_curve(visit, _begin, busy=bool(waiting))
    with ground:
        draw_plan(visit, found, by_year=st.session_state.get(COLOURS) == YEAR)


def _begin() -> None:
    """Ask for a plan as the form says."""
    aims = asked_aims()
    if aims is not None:
        ask_again(aims)


def _compare() -> None:
    """Ask for the three options with what the form says; the recommended one is looked at."""
    ask_for(three_of(other_fields()), shown=list(OPTIONS).index(RECOMMENDED))


def _without(candidate: str, label: str, name: str) -> None:
    """Ask for the plan that is looked at once more, without one of its measures."""
    job = looked_at(current())
    if job is None:
        return
    take_back(HELD, candidate)
    wish(RULED_OUT, label, name)
    held = () if job.task.aims.budget_yuan is not None else wished(HELD)
    aims = replace(job.task.aims, ruled_out=wished(RULED_OUT), held=held)
    ask_again(replace(aims, search_s=AGAIN_S))


def _hold(candidate: str, label: str, name: str) -> None:
    """Have a measure in the plans that follow."""
    take_back(RULED_OUT, label)
    wish(HELD, candidate, name)


def _title(job: Job) -> Text:
    return TITLE if job.task.kind is Kind.CURVE else title_of(job.task.aims)


def _under_way(visit: Visit, job: Job, *, is_next: bool) -> None:
    """Show how far the plan is: what the best so far costs, and how much less any could cost."""
    st.text(visit.translate(_title(job)))
    if not is_next:
        return
    show_bar(visit, job, f"draw.cancel.{job.id[:12]}")
    at = job.at
    if at.value is None or at.bound is None:
        return
    money = None if job.task.aims.budget_yuan is not None else BUDGET_OF[BudgetOf.WORKS]
    text = so_far(at.value, at.bound, money=money)
    if text is not None:
        st.text(visit.translate(text))
    st.button(
        visit.translate(N_("Stop and keep the best so far")),
        key=f"draw.enough.{job.id[:12]}",
        on_click=job.keep_best,
        disabled=job.enough.is_set(),
    )


def _show_plan(visit: Visit, found: Teller) -> None:
    """Say what the plan costs and buys, offer to hand it in, and list what is done."""
    plan, n = found.plan, found.figures
    left, right = st.columns(2)
    left.metric(visit.translate(N_("Cost of works [10,000 yuan]")), n["cost.works"].written(in_wan))
    of_all = f"{n['places.compliant.after']} / {n['places.count.after']}"
    right.metric(visit.translate(N_("Places compliant")), of_all)
    st.text(visit.translate(describe_invested(n)))
    for row in compare_spending(plan).query("is_kept").itertuples():
        st.text(visit.translate(describe_spending(row)))
    _hand_in(visit, plan)
    for text in headline(n)[1:]:
        st.text(visit.translate(text))
    silent = describe_left_out(found)
    for text in silent:
        st.text(visit.translate(text))
    if silent:
        link_to(visit, "compliance", N_("What was not judged, and why"))
    works = list_works(plan)
    asked = ask_cameras(visit, "draw")
    works = works if asked is None else works[works.index.isin(asked)]
    _list(visit, found, works)
    show_money(visit, found, shown_id(visit), chosen_in(works))


def _list(visit: Visit, found: Teller, works: gpd.GeoDataFrame) -> None:
    """List what is done, by kind with the signs of the map, then one by one."""
    _colours(visit, found, works)
    rows = [
        (
            name_work(found, label),
            visit.translate(describe_measure(row)),
            str(row.year or ""),
            in_wan(row.cost_yuan),
        )
        for label, row in zip(works.index.astype(str), works.itertuples(), strict=True)
    ]
    headings = (N_("For"), N_("Measure"), N_("Year"), N_("Works [10,000 yuan]"))
    key = f"draw.works.{shown_id(visit)[:12]}"
    columns = dict(zip(map(visit.translate, headings), (150, None, 56, 92), strict=True))
    picked = pick_row(rows, columns, key, height=LIST_PX)
    if st.session_state.get(f"{key}.row") != picked:
        st.session_state[f"{key}.row"] = picked
        if picked is not None:
            st.session_state[CHOSEN] = str(works.index[picked])
            st.rerun(scope="fragment")  # what is said of it stands at the head of the panel


def _colours(visit: Visit, found: Teller, works: gpd.GeoDataFrame) -> None:
    """Say what the signs of the map tell: the kind of a measure, or also its year."""
    colours = year_looks(works)
    if len(colours) > 1:
        said = {KIND: visit.translate(N_("by kind")), YEAR: visit.translate(N_("by year"))}
        st.radio(
            visit.translate(N_("Colours on the map")),
            list(said),
            key=COLOURS,
            horizontal=True,
            format_func=said.__getitem__,
        )
    if len(colours) > 1 and st.session_state.get(COLOURS) == YEAR:
        st.html(_years(found, works, colours))
    signs = {
        kind: _counted(found, works, "action", kind, f"works.action.{kind}.cameras")
        for kind in works["action"].unique()
    }
    st.html(sign_list(visit, signs))


def _years(found: Teller, works: gpd.GeoDataFrame, colours: Mapping[int, str]) -> str:
    """Return how many measures there are in each year, with the colour that the map has for it.

    Of a list that is narrowed, how many are in it.
    """
    lines = "".join(
        f'<li><i aria-hidden="true" style="background: {colour}"></i>{year}'
        f"<b>{_counted(found, works, 'year', year, f'works.year.{year}.cameras')}</b></li>"
        for year, colour in colours.items()
    )
    return f'<ul class="civicsight-states">{lines}</ul>'


def _counted(found: Teller, works: gpd.GeoDataFrame, column: str, value: Any, key: str) -> str:
    """Return how many measures of a list have a value; of the whole one, the figure of the plan."""
    is_whole = len(works) == found.figures.of("measures.done")
    return str(found.figures[key]) if is_whole else number(int(works[column].eq(value).sum()))


def _why(visit: Visit, found: Teller, label: str) -> None:
    """Say why a measure is in the plan, and offer to plan without it."""
    name, row = name_work(found, label), list_works(found.plan).loc[label]
    with st.container(border=True, key="draw-why"):
        st.text(f"{visit.translate(describe_measure(row))} · {name}")
        for text in explain(found, label):
            st.text(visit.translate(text))
        st.html(_seen(visit, find_view(shown_id(visit), label, found, visit.project)[1]))
        if row["measure"] != "drop":
            _wishes(visit, candidate_of(found.plan, label), label, name)


def _seen(visit: Visit, areas: Sequence[ClassArea]) -> str:
    """Return the ground that it sees by level of detail, with the colour that the map has for it.

    An area of a level holds those of all finer ones.
    """
    lines = ""
    for area, colour in zip(areas, level_colours(len(areas)), strict=True):
        text = N_("%(level)s, from %(px)s px/m", level=area.label, px=f"{area.px_per_m:g}")
        lines += (
            f'<li><i aria-hidden="true" style="background: {colour}"></i>'
            f"{safe(visit.translate(text))}"
            f"<b>{number(area.area_m2)} m²</b></li>"
        )
    return f'<ul class="civicsight-states">{lines}</ul>' if lines else ""


def _wishes(visit: Visit, candidate: str, label: str, name: str) -> None:
    """Offer to plan without a measure, or to have it in the plans that follow in any case."""
    with st.container(horizontal=True):
        st.button(
            visit.translate(N_("Plan again without it")),
            key="draw.without",
            on_click=_without,
            args=(candidate, label, name),
        )
        if candidate in wished(HELD):
            st.button(
                visit.translate(N_("Let it go")),
                key="draw.let_go",
                on_click=take_back,
                args=(HELD, candidate),
            )
        elif candidate:
            st.button(
                visit.translate(N_("Always keep this measure")),
                key="draw.hold",
                on_click=_hold,
                args=(candidate, label, name),
                help=visit.translate(
                    N_(
                        "It is in every plan that is asked for from now on, "
                        "whatever it costs; a plan for a sum holds nothing."
                    )
                ),
            )


def _hand_in(visit: Visit, plan: Plan) -> None:
    """Offer to keep the plan as a version, which goes to review from there."""
    if SAID in st.session_state:
        show_said(visit)
        link_to(visit, "review", N_("Go to Review"))
    with st.expander(visit.translate(N_("Keep it, and hand it in"))):
        show_actor(visit)
        usual = visit.translate(N_("Plan of %(day)s", day=present_day().isoformat()))
        name = st.text_input(visit.translate(N_("Name of the plan")), value=usual, key=NAME)
        ask_departments(visit, HEARD)
        heard = asked_departments(HEARD)
        if st.button(visit.translate(N_("Keep it as a version")), key="draw.keep", type="primary"):
            attempt(
                visit,
                lambda: keep_drawn(
                    visit.project, visit.actor, funded(plan), name.strip() or usual, heard
                ),
                N_("Kept: it can be handed in under Review."),
            )
