"""Page: a plan drawn up by the optimiser, on the map, with why each measure is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.i18n import Language
from civicsight.core.settings import present_day
from civicsight.maps.live import flight_to, live_group
from civicsight.maps.works import WORKS, changed_parts, served_layer, work_layers
from civicsight.planning.proof.evidence import chosen_ids
from civicsight.presentation.html_safe import safe
from civicsight.presentation.lexicon import number, share
from civicsight.presentation.symbols import MEASURE_STYLES
from civicsight.report.plan.endings import ending
from civicsight.report.plan.teller import MEASURE_LABELS, Teller, teller_of
from civicsight.ui.editor.panel import departments_in
from civicsight.ui.elements import (
    attempt,
    beside_map,
    link_to,
    pick_row,
    poll_s,
    show_bar,
    show_failure,
    show_said,
    tell_names,
)
from civicsight.ui.frame import Visit, current, empty
from civicsight.ui.mapview import rest_of_window, show_project, take_event
from civicsight.ui.plan_asked import ask_for_plan, asked_aims, rule_out
from civicsight.ui.services.drawing_up import (
    TEN_THOUSAND,
    bought_by,
    explain,
    in_yuan,
    keep_drawn,
    list_works,
    may_draw_up,
    name_work,
    say_aims,
    say_gap,
    say_left_out,
    say_measure,
)
from civicsight.ui.services.job import Job, JobState
from civicsight.ui.services.jobs import job_pool
from civicsight.ui.services.plan_work import PlanAims
from civicsight.ui.services.work import Kind

if TYPE_CHECKING:
    from civicsight.editing.project import Project
    from civicsight.planning.plan import Plan

MAP: Final = "draw"
JOBS: Final = "draw.jobs"
"""Key of the ids of what was asked for in this session, the last one at the end."""

SHOWN, CHOSEN = "draw.shown", "draw.chosen"
"""Keys of the plan that is looked at, and of the camera chosen in it."""

NAME, HEARD = "draw.name", "draw.departments"

AROUND_M: Final = 45.0
KEPT: Final = 8
LIST_PX, OPTIONS_PX = 212, 150

SIGNS: Final = {
    "new": "▲",
    "reaim": "◆",
    "refurbish": "■",
    "connect": "●",
    "keep": "◇",
    "drop": "✖",
}
"""Signs of `MEASURE_STYLES` as letters."""


def render(visit: Visit) -> None:
    """Draw the plan on the map, and beside it what is asked, what was found, and why."""
    if not may_draw_up(visit.actor):
        empty(visit, N_("A plan for the whole city is drawn up by a municipal planner."),
              N_("Ask one, or look at the plans under Review."))  # fmt: skip
        return
    runs = poll_s(_last())
    st.fragment(_page, run_every=runs)(runs=runs is not None)


def _page(*, runs: bool) -> None:
    visit, job = current(), _last()
    if runs == (job is None or job.is_over):
        st.rerun()  # the page anew, with the watch or without it
    found = _shown(visit)
    event = take_event(MAP)
    if event is not None and event.kind == "select" and event.layer.startswith(WORKS):
        st.session_state[CHOSEN] = event.id
    ground, side = beside_map()
    with side:
        show_said(visit)
        if job is not None and not job.is_over:
            _under_way(visit, job)
        _ask(visit, job, found)
        _options(visit)
        if found is not None:
            _tell(visit, found)
    with ground:
        _map(visit, found)


def _asked_jobs() -> list[Job]:
    """Return what was asked for in this session and this server still knows."""
    found = [job_pool().find(label) for label in st.session_state.get(JOBS, [])]
    return [job for job in found if job is not None]


def _last() -> Job | None:
    asked = _asked_jobs()
    return asked[-1] if asked else None


def _of_project(visit: Visit) -> list[Job]:
    """Return the plans of this project that are done, the last one first."""
    return [
        job
        for job in reversed(_asked_jobs())
        if job.state is JobState.DONE and job.task.project_digest == visit.project.digest
    ]


def _looked_at(visit: Visit) -> Job | None:
    """Return the plan that was chosen, else the last one."""
    done, wanted = _of_project(visit), st.session_state.get(SHOWN)
    return next((one for one in done if one.id == wanted), done[0] if done else None)


def _looked_at_id(visit: Visit) -> str:
    job = _looked_at(visit)
    return "" if job is None else job.id


def _shown(visit: Visit) -> Teller | None:
    """Return the plan that is looked at, with words for it; None while there is none."""
    job = _looked_at(visit)
    return None if job is None else find_teller(job.id, visit.language, job, visit.project)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_teller(job_id: str, language: Language, _job: Job, _project: Project) -> Teller:
    """Read a plan and name everything in it, once a job and language."""
    del job_id
    return teller_of(job_pool().plan(_job), _project.result, language)


def _ask(visit: Visit, job: Job | None, found: Teller | None) -> None:
    """Ask what the plan is to reach; the form is folded while there is one to look at."""
    busy = job is not None and not job.is_over
    if job is not None and job.state is not JobState.DONE:
        show_failure(visit, job, "draw")
    is_open = found is None and not busy
    with st.expander(visit.say(N_("What is asked of the plan")), expanded=is_open):
        ask_for_plan(visit, _begin, busy=busy)


def _begin() -> None:
    """Ask for a plan as the form says, by the rights of this moment."""
    aims = asked_aims()
    if aims is not None:
        _submit(aims)


def _without(label: str, name: str) -> None:
    """Ask for the plan that is looked at once more, without one of its measures."""
    job = _looked_at(current())
    if job is not None:
        _submit(replace(job.task.aims, ruled_out=rule_out(label, name)))


def _submit(aims: PlanAims) -> None:
    """Ask for a plan; the search begins from the one that is looked at."""
    visit = current()
    if not may_draw_up(visit.actor):
        return
    found = _shown(visit)
    start = () if found is None else chosen_ids(found.plan.files)
    job = job_pool().submit(Kind.OPTIMISE, visit.project, None, replace(aims, start=start))
    asked = [label for label in st.session_state.get(JOBS, []) if label != job.id]
    st.session_state[JOBS] = [*asked, job.id]
    st.session_state[SHOWN] = job.id
    st.session_state.pop(CHOSEN, None)


def _under_way(visit: Visit, job: Job) -> None:
    """Show how far the plan is: what the best so far costs, and how much less any could cost."""
    st.text(visit.say(say_aims(job.task.aims)))
    show_bar(visit, job, "draw.cancel")
    at = job.at
    if at.value is None or at.bound is None or at.gap is None:
        return
    if job.task.aims.budget_yuan is None:
        text = N_("Best so far: %(value)s; no plan costs less than %(bound)s",
                  value=in_yuan(at.value), bound=in_yuan(at.bound))  # fmt: skip
        st.text(visit.say(text))
    st.text(visit.say(N_("At most %(gap)s from the best possible plan", gap=f"{at.gap:.2%}")))
    st.button(
        visit.say(N_("Stop and keep the best so far")), key="draw.enough", on_click=job.keep_best,
        disabled=job.enough.is_set(),
    )  # fmt: skip


def _options(visit: Visit) -> None:
    """Show the plans of this session side by side; a row chooses the one that is looked at."""
    done = _of_project(visit)
    if len(done) < 2:
        return
    rows = []
    for job in done:
        told = bought_by(find_teller(job.id, visit.language, job, visit.project).plan)
        rows.append(
            (visit.say(say_aims(job.task.aims)), number(told.cost_yuan / TEN_THOUSAND, 2),
             f"{told.places}/{told.all_places}", f"{told.parts}/{told.all_parts}",
             share(told.gap))
        )  # fmt: skip
    heads = (N_("Option"), N_("10,000 yuan"), N_("Places"), N_("Gates and key parts"),
             N_("Gap"))  # fmt: skip
    columns = dict.fromkeys(map(visit.say, heads), None)
    picked = pick_row(rows, columns, f"draw.options.{len(done)}", height=OPTIONS_PX)
    if picked is not None and done[picked].id != st.session_state.get(SHOWN):
        st.session_state[SHOWN] = done[picked].id
        st.session_state.pop(CHOSEN, None)
        st.rerun()


def _tell(visit: Visit, found: Teller) -> None:
    """Say what the plan costs and buys, say why of what is chosen, and list what is done."""
    plan, told = found.plan, bought_by(found.plan)
    left, right = st.columns(2)
    left.metric(visit.say(N_("Cost [10,000 yuan]")), number(told.cost_yuan / TEN_THOUSAND, 2))
    right.metric(visit.say(N_("Places lawful")), f"{told.places} / {told.all_places}")
    st.text(visit.say(say_gap(plan)))
    silent = say_left_out(found)
    for text in silent:
        st.text(visit.say(text))
    if silent:
        link_to(visit, "compliance", N_("What was not judged, and why"))
    works = list_works(plan)
    label = _chosen(works)
    if label:
        _why(visit, found, label)
    _list(visit, found, works)
    st.text(visit.say(ending(plan.proof.status, plan.parts)))
    _hand_in(visit, plan)


def _chosen(works: gpd.GeoDataFrame) -> str:
    """Return the camera that is chosen, on the map or in the list; empty without one."""
    label = str(st.session_state.get(CHOSEN, ""))
    return label if label in works.index else ""


def _list(visit: Visit, found: Teller, works: gpd.GeoDataFrame) -> None:
    """List what is done, by kind with the signs of the map, then one by one."""
    st.html(_signs(visit, works))
    rows = [
        (name_work(found, label), visit.say(say_measure(row)), str(row.year or ""),
         number(row.cost_yuan / TEN_THOUSAND, 2))
        for label, row in zip(works.index.astype(str), works.itertuples(), strict=True)
    ]  # fmt: skip
    heads = (N_("For"), N_("Measure"), N_("Year"), N_("10,000 yuan"))
    key = f"draw.works.{_looked_at_id(visit)[:12]}"
    columns = dict(zip(map(visit.say, heads), (150, None, 56, 66), strict=True))
    picked = pick_row(rows, columns, key, height=LIST_PX)
    if st.session_state.get(f"{key}.row") != picked:
        st.session_state[f"{key}.row"] = picked
        if picked is not None:
            st.session_state[CHOSEN] = str(works.index[picked])
            st.rerun(scope="fragment")  # what is said of it stands above the list


def _signs(visit: Visit, works: gpd.GeoDataFrame) -> str:
    """Return how many measures there are of each kind, with the sign that the map has for it."""
    counts = works["measure"].value_counts()
    lines = "".join(
        f'<li><i class="sign" aria-hidden="true" style="color: {look["color"]}">{SIGNS[kind]}</i>'
        f"{safe(visit.say(MEASURE_LABELS[kind]))}<b>{number(int(counts[kind]))}</b></li>"
        for kind, look in MEASURE_STYLES.items()
        if kind in counts
    )
    return f'<ul class="civicsight-states">{lines}</ul>'


def _why(visit: Visit, found: Teller, label: str) -> None:
    """Say why a measure is in the plan, and offer to plan without it."""
    name, row = name_work(found, label), found.plan.measures.loc[label]
    with st.container(border=True, key="draw-why"):
        st.text(f"{visit.say(say_measure(row))} · {name}")
        for text in explain(found, label):
            st.text(visit.say(text))
        if row["measure"] != "drop":
            st.button(
                visit.say(N_("Plan again without it")), key="draw.without", on_click=_without,
                args=(label, name),
            )  # fmt: skip


def _hand_in(visit: Visit, plan: Plan) -> None:
    """Offer to keep the plan as a version, which goes to review from there."""
    with st.expander(visit.say(N_("Keep it, and hand it in"))):
        tell_names(visit)
        usual = visit.say(N_("Plan of %(day)s", day=present_day().isoformat()))
        name = st.text_input(visit.say(N_("Name of the plan")), value=usual, key=NAME)
        label = visit.say(N_("Departments to be heard, with commas between them"))
        heard = departments_in(st.text_input(label, key=HEARD, max_chars=500))
        if st.button(visit.say(N_("Keep it as a version")), key="draw.keep", type="primary"):
            attempt(
                visit,
                lambda: keep_drawn(visit.project, visit.actor, plan, name.strip() or usual, heard),
                N_("Kept: it can be handed in under Review."),
            )
        link_to(visit, "review", N_("Go to Review"))


def _map(visit: Visit, found: Teller | None) -> None:
    """Draw the measures on the city, and what the chosen one is for."""
    layers: list[dict[str, Any]] = []
    hidden: list[tuple[str, str]] = []
    selected, fly = None, None
    if found is not None:
        works = list_works(found.plan)
        chosen = str(st.session_state.get(CHOSEN, ""))
        layers, hidden = find_layers(_looked_at_id(visit), visit.language, found, works)
        if chosen in works.index:
            row = works.loc[chosen]
            layers = [*served_layer(row, found.result.parts), *layers]
            around = gpd.GeoSeries([row.geometry.buffer(AROUND_M)], crs=works.crs)
            selected = (f"edited_{WORKS}_{row['measure']}", chosen)
            fly = {**flight_to(around), "n": chosen}
    group = live_group(layers=layers, hidden=hidden, selected=selected, fly=fly)
    show_project(visit, MAP, group=group, height=rest_of_window())


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_layers(
    job_id: str, language: Language, _found: Teller, _works: gpd.GeoDataFrame
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Draw the measures of a plan and what it covers, once a job and language."""
    del job_id, language
    plan, result, names = _found.plan, _found.result, _found.names
    parts, past = changed_parts(plan.parts, result, names)
    titles = {label: name_work(_found, label) for label in _works.index.astype(str)}
    return [*parts, *work_layers(_works, titles, plan.cameras, result)], past
