"""Page: the works of a plan: how far they are, what is late or to be filed, what was built."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from civicsight.application.report_subject import Reported, changed_since, drawn_year, usual_one
from civicsight.application.works import (
    MEASURED,
    PROGRESS,
    TABLES,
    accept_built,
    book_of,
    follow,
    list_built,
    protocol_of,
    read_built,
    template_of,
)
from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.core.settings import present_day
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.planning.record.actions import MEASURE_LABELS
from civicsight.planning.works.acceptance import CHECKS, WHAT
from civicsight.planning.works.progress import NONE, STAGES, STATES
from civicsight.presentation.columns import HEADINGS, heading
from civicsight.presentation.lexicon import number
from civicsight.report.acceptance import PROTOCOL
from civicsight.report.plan.teller import teller_with
from civicsight.report.progress import BOOK, NOBODY, NOTHING, OWN, summary_of
from civicsight.rules.vocabulary import word
from civicsight.store import ALLOWED, STATE_LABELS, Act
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, take_file
from civicsight.ui.elements import link_to_file, step, table
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit, empty
from civicsight.ui.local_system import ask_local, local_of
from civicsight.ui.mapview import project_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from civicsight.core.i18n import Language
    from civicsight.planning.record.plan import Plan
    from civicsight.planning.works.acceptance import Acceptance
    from civicsight.planning.works.progress import Progress
    from civicsight.presentation.names import Names

FOUND: Final = "works.found"
"""Keys of what the tables that came last say: of which version, for whom, and what."""

SUMS, LATE, FILING, WORKS = "sums", "late", "filing", "works"
MOST: Final = 500
"""So many rows are shown of a list; the workbook has all of them."""


def render(visit: Visit) -> None:
    """Draw the choice of a version, and what its works are like."""
    listed = list_built(visit.project, visit.actor)
    if not listed:
        empty(
            visit,
            N_("No plan is approved yet. The works of approved plans are followed here."),
            N_("Hand a plan in under Review. Once it is approved, it is listed here."),
        )
        return
    known = {"/".join(map(str, one.key)): one for one in listed}
    usual = usual_one(listed)
    said = {
        key: " · ".join(
            (
                one.plan.name,
                visit.translate(N_("version %(number)s", number=one.head.n)),
                visit.translate(STATE_LABELS[one.plan.state]) if one.is_latest else "",
            )
        )
        for key, one in known.items()
    }
    at = listed.index(usual) if usual in listed else 0
    chosen = st.selectbox(
        visit.translate(N_("Plan")), list(known), at, format_func=said.__getitem__, key="works.of"
    )
    of = known[chosen]
    if of.is_drawn:
        text = N_(
            "This version was drawn by hand and names no years. All its works count as due "
            "by the end of %(year)s.",
            year=drawn_year(visit.project, of.head),
        )
        st.caption(visit.translate(text))
    left, right = st.tabs(
        [visit.translate(N_("Progress of the works")), visit.translate(N_("What was built"))]
    )
    with left:
        _progress(visit, of)
    with right:
        _built(visit, of)


@st.cache_resource(max_entries=4, show_spinner=False)
def find_plan(digest: str, root: str, who: str, _visit: Visit, _of: Reported) -> Plan:
    """Return what a version builds, read once for a state of the project and a person."""
    del digest, root, who
    return read_built(_visit.project, _visit.actor, _of)


def _names(visit: Visit, of: Reported) -> Names:
    """Return what everything is called, the cameras of the version among it."""
    project = visit.project
    known = project_names(project.digest, project.result, visit.language)
    return teller_with(_plan(visit, of), project.result, known).names


def _plan(visit: Visit, of: Reported) -> Plan:
    return find_plan(visit.project.digest, of.head.digest, repr(visit.actor), visit, of)


def _ask(
    visit: Visit, of: Reported, kind: str, label: Text, take: Callable[[str, bytes], object]
) -> Any:
    """Draw the field for a table that comes back, and return what the last one says."""
    key = f"works.{kind}"
    if visit.actor.role in ALLOWED[Act.IMPLEMENT]:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            entitled = Entitled(visit.actor.name, standing(visit.actor))
            field = st.container()
            told = N_("The table to fill in")
            state = (visit.project.digest, of.head.digest)
            content = find_template(kind, visit.language, state, visit, of)
            st.html(link_to_file(visit, f"{kind}.xlsx", content, told))
        with field:
            take_file(
                visit.translate(label), key, entitled, TABLES, partial(_keep, visit, kind, take)
            )
    digest, actor, found = st.session_state.get(f"{FOUND}.{kind}", ("", None, None))
    mine = (digest, actor) == (visit.project.digest, visit.actor)
    if mine and isinstance(found, CivicsightError):
        show_refusal(found, visit.language)
        return None
    return found if mine else None


def _keep(
    visit: Visit, kind: str, take: Callable[[str, bytes], object], name: str, content: bytes
) -> None:
    """Keep what a table says, or why it was refused."""
    try:
        found = take(name, content)
    except CivicsightError as error:
        found = error
    st.session_state[f"{FOUND}.{kind}"] = (visit.project.digest, visit.actor, found)


@st.cache_data(max_entries=8, show_spinner=False)
def find_template(
    kind: str, language: Language, state: tuple[str, str], _visit: Visit, _of: Reported
) -> bytes:
    """Write the table that is filled in for a version, once for a `state` of project and plan."""
    del language, state
    changed = changed_since(_visit.project, _of.head)
    return template_of(kind, _plan(_visit, _of), _of, _names(_visit, _of), changed)


def _progress(visit: Visit, of: Reported) -> None:
    """Take the month's table, and say how far the works are."""
    day = st.text_input(
        visit.translate(N_("As of (YYYY-MM-DD)")), present_day().isoformat(), key="works.day"
    ).strip()
    take = partial(_follow, visit, of, day)
    found = _ask(visit, of, PROGRESS, N_("The month's report of the works (XLSX or CSV)"), take)
    if found is None:
        return
    root, told = found
    if root != of.head.digest:
        st.info(
            visit.translate(
                N_("The last report was held against another version: hand it in again.")
            )
        )
        return
    sums = told.sums.sum()
    with st.container(horizontal=True):
        st.metric(visit.translate(N_("Points to build")), number(len(told.works)))
        for stage in STAGES:
            st.metric(visit.translate(STAGES[stage]), number(int(sums.get(stage, 0))))
    st.text("\n".join(map(visit.translate, summary_of(told)[1:])))
    overdue = told.filing[told.filing["overdue_days"] > 0]
    late = told.works[told.works["state"].eq("late")]
    lists = {
        SUMS: visit.translate(N_("By district and contractor")),
        LATE: visit.translate(N_("Late: %(count)s", count=number(len(late)))),
        FILING: visit.translate(N_("Overdue for filing: %(count)s", count=number(len(overdue)))),
        WORKS: visit.translate(N_("All measures: %(count)s", count=number(len(told.works)))),
    }
    chosen = st.radio(
        visit.translate(N_("List")),
        list(lists),
        format_func=lists.__getitem__,
        horizontal=True,
        key="works.list",
        label_visibility="collapsed",
    )
    names = _names(visit, of)
    draw: dict[str, Callable[[], None]] = {
        SUMS: partial(_sums, visit, told),
        LATE: partial(_works, visit, late.sort_values("late_days", ascending=False), names),
        FILING: partial(_filing, visit, told, names),
        WORKS: partial(_works, visit, told.works, names),
    }
    draw[chosen]()
    if visit.actor.role in ALLOWED[Act.EXPORT]:
        content = book_of(told, of.plan.name, of.head.digest, changed_since(visit.project, of.head))
        st.html(link_to_file(visit, BOOK, content, N_("Download the workbook")))


def _follow(visit: Visit, of: Reported, day: str, name: str, content: bytes) -> Any:
    with st.spinner(visit.translate(N_("Reading the report"))):
        plan = _plan(visit, of)
        return of.head.digest, follow(plan, name, content, day)


def _sums(visit: Visit, told: Progress) -> None:
    counted = {**OWN, "works": N_("Points to build")}
    names = ("works", *STAGES, "late")
    headings = (HEADINGS["district"], OWN["contractor"], *(counted[name] for name in names))
    rows = [
        (district or "–", contractor or visit.translate(NOBODY), *map(number, counts))
        for (district, contractor), counts in zip(
            told.sums.index, told.sums[[*names]].to_numpy(), strict=True
        )
    ]
    table(rows, dict.fromkeys(map(visit.translate, headings)))


def _works(visit: Visit, works: Any, names: Names) -> None:
    if works.empty:
        st.success(visit.translate(N_("No measure is late.")))
        return
    columns = ("measure", "district", "contractor", "year", "stage", "state", "late_days")
    headings = (N_("Point"), *(heading(name, OWN) for name in columns))
    rows = [
        (
            names.label(str(row.Index)),
            visit.translate(MEASURE_LABELS[row.measure]),
            row.district or "–",
            row.contractor or visit.translate(NOBODY),
            str(row.year),
            visit.translate(NOTHING if row.stage == NONE else STAGES[row.stage]),
            visit.translate(STATES[row.state]),
            number(row.late_days),
        )
        for row in works.head(MOST).itertuples()
    ]
    table(rows, dict.fromkeys(map(visit.translate, headings)))
    _show_rest(visit, len(works))


def _filing(visit: Visit, told: Progress, names: Names) -> None:
    """List what is on line and not filed: what is overdue first, then what there is time for."""
    if told.filing.empty:
        st.success(visit.translate(N_("Whatever is on line is filed.")))
        return
    columns = ("contractor", "online_on", "due_on", "overdue_days")
    headings = (N_("Point"), *(OWN[name] for name in columns))
    also = st.toggle(visit.translate(N_("Also what there is still time for")), key="works.also")
    shown = told.filing if also else told.filing[told.filing["overdue_days"] > 0]
    if shown.empty:
        st.success(visit.translate(N_("Nothing is overdue for filing.")))
        return
    rows = [
        (
            names.label(str(row.Index)),
            row.contractor or visit.translate(NOBODY),
            row.online_on,
            row.due_on,
            number(max(row.overdue_days, 0)),
        )
        for row in shown.head(MOST).itertuples()
    ]
    table(rows, dict.fromkeys(map(visit.translate, headings)))
    _show_rest(visit, len(shown))


def _show_rest(visit: Visit, count: int) -> None:
    if count > MOST:
        st.text(visit.translate(N_("... and %(count)s more", count=number(count - MOST))))


def _built(visit: Visit, of: Reported) -> None:
    """Take what was measured, and say which gates were promised and are not met."""
    text = N_(
        "What was measured of each camera is compared with the plan, and the coverage is computed "
        "anew as built. That takes as long as a check of the city."
    )
    st.text(visit.translate(text))
    if visit.actor.role in ALLOWED[Act.IMPLEMENT]:
        ask_local(visit, "works")
    take = partial(_accept, visit, of)
    found = _ask(visit, of, MEASURED, N_("The table of measurements (XLSX or CSV)"), take)
    if found is None:
        return
    root, told = found
    if root != of.head.digest:
        text = N_("The last measurements were held against another version: hand them in again.")
        st.info(visit.translate(text))
        return
    outcome = N_("acceptance: %(outcome)s", outcome=OUTCOMES[told.outcome])
    st.text(visit.translate(outcome))
    each = [*told.by_camera.values()]
    counted = N_(
        "Cameras accepted: %(passed)s, not accepted: %(failed)s, open: %(open)s",
        passed=number(each.count("pass")),
        failed=number(each.count("fail")),
        open=number(each.count("undetermined")),
    )
    st.text(visit.translate(counted))
    names = _names(visit, of)
    _parts(
        visit,
        N_("Promised and not met as built: %(count)s", count=number(len(told.lost))),
        told,
        told.lost,
        names,
    )
    _parts(
        visit,
        N_("Met as built beyond the plan: %(count)s", count=number(len(told.gained))),
        told,
        told.gained,
        names,
    )
    _checks(visit, told, names)
    if visit.actor.role in ALLOWED[Act.EXPORT]:
        label = N_("Download the protocol")
        st.html(link_to_file(visit, PROTOCOL, protocol_of(told), label))


def _accept(visit: Visit, of: Reported, name: str, content: bytes) -> Any:
    with step(visit, N_("Computing what the planned cameras see")) as tick:
        told = accept_built(
            visit.project, visit.actor, of, name, content, local=local_of(visit), progress=tick
        )
    return of.head.digest, told


def _parts(
    visit: Visit, title: Text, told: Acceptance, parts: tuple[str, ...], names: Names
) -> None:
    """List gates and key parts with the place that they belong to."""
    st.text(visit.translate(title))
    known = told.as_built.parts
    rows = [
        (names.label(str(known.loc[part, "zone_id"])), names.label(part)) for part in parts[:MOST]
    ]
    if rows:
        headings = (N_("Name of the place"), N_("Part"))
        table(rows, dict.fromkeys(map(visit.translate, headings)))
        _show_rest(visit, len(parts))


def _checks(visit: Visit, told: Acceptance, names: Names) -> None:
    """List what was measured, what failed first."""
    order = {"fail": 0, "undetermined": 1, "pass": 2}
    shown = told.checks.assign(rank=told.checks["outcome"].map(order))
    open_ = int(shown["rank"].eq(order["undetermined"]).sum())
    also = bool(open_) and st.toggle(
        visit.translate(N_("Also what was not measured: %(count)s", count=number(open_))),
        key="works.unmeasured",
    )
    shown = shown[shown["rank"] < (order["pass"] if also else order["undetermined"])]
    shown = shown.sort_values("rank", kind="stable")
    if shown.empty:
        st.success(visit.translate(N_("Everything that was measured is as planned.")))
        return
    headings = (N_("Point"), *CHECKS.values())
    rows = [
        (
            names.label(str(row.camera_id)),
            visit.translate(WHAT[row.what]),
            _cell(visit, row.planned),
            _cell(visit, row.measured),
            _cell(visit, row.deviation),
            _cell(visit, row.tolerance),
            visit.translate(OUTCOMES[row.outcome]),
        )
        for row in shown.head(MOST).itertuples()
    ]
    table(rows, dict.fromkeys(map(visit.translate, headings)))
    _show_rest(visit, len(shown))


def _cell(visit: Visit, value: object) -> str:
    """Write a value of a protocol; an unknown one is a dash, a negative one has a minus."""
    if isinstance(value, bool | np.bool_):
        return visit.translate(word(bool(value)))
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return "–"
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")
