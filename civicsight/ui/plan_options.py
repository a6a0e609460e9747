"""The three options of a plan side by side; one of them is chosen to be looked at."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from civicsight.application.job import Job
from civicsight.application.plan_options import comparable, title_of
from civicsight.core.errors import N_, Text
from civicsight.core.html_safe import safe
from civicsight.planning.aims.options import OPTIONS, RECOMMENDED, WHAT, none_dearer
from civicsight.report.plan.funding import in_wan
from civicsight.report.plan.options import beside, describe_alike, lost_beside, rows_of
from civicsight.ui.elements import pick_row, table
from civicsight.ui.frame import Visit
from civicsight.ui.plan_jobs import drawn, look_at, looked_at, teller_of_job

OPTION: Final = "draw.option"
"""Key of the choice among the options."""

HEAD_PX, ROW_PX, OTHERS_PX = 38, 35, 150
BESIDE_PX: Final = (None, 76, 76)
CELL: Final = "padding: .15rem .3rem; border-bottom: 1px solid #E4DFD5; text-align: "


def show_options(visit: Visit) -> None:
    """Show the options that are there side by side, and below them other plans of this session."""
    done, now = drawn(visit), looked_at(visit)
    options = none_dearer(
        comparable(done, None if now is None else now.task.aims),
        lambda job: teller_of_job(visit, job).plan.cost_yuan,
    )
    if len(options) > 1:
        _compare(visit, options, now)
    else:
        options = {}
    among = {job.id for job in options.values()}
    others = [job for job in done if job.id not in among]
    if len(done) > 1 and others:
        _list(visit, others, now)
    if now is not None and now.id not in among:
        first = sorted(options, key=lambda code: code != RECOMMENDED)
        rest = [job for job in (*(options[code] for code in first), *others) if job is not now]
        if rest:
            other = rest[0]
            ours, theirs = teller_of_job(visit, now), teller_of_job(visit, other)
            told = N_("What changes beside: %(plan)s", plan=title_of(other.task.aims))
            st.text(visit.translate(told))
            rows = [(visit.translate(label), *figures) for label, *figures in beside(ours, theirs)]
            columns = zip((N_("What"), N_("There"), N_("Here")), BESIDE_PX, strict=True)
            table(rows, {visit.translate(head): px for head, px in columns})
            lost = lost_beside(ours, theirs)
            text = (
                N_("No longer covered: %(parts)s", parts=ours.names.listed(lost, ours.names.parts))
                if lost
                else N_("Every gate and key part that was covered still is.")
            )
            st.text(visit.translate(text))


def _compare(visit: Visit, options: dict[str, Job], now: Job | None) -> None:
    """Draw a column for each option, and the choice which one is looked at."""
    # A job that stands for the least option too is the recommended one, which comes after it.
    chosen = next((code for code, job in reversed(options.items()) if job is now), None)
    key = f"{OPTION}.{'' if now is None else now.id}"  # a late answer of the browser finds no field
    st.radio(
        visit.translate(N_("Look at")),
        list(options),
        key=key,
        index=None if chosen is None else list(options).index(chosen),
        captions=[visit.translate(WHAT[code]) for code in options],
        format_func=lambda code: visit.translate(OPTIONS[code]),
        on_change=partial(_choose, key, {code: job.id for code, job in options.items()}),
    )
    columns = {code: _count(job.id, visit.language, visit, job) for code, job in options.items()}
    headings = "".join(
        f'<th scope="col" style="{CELL}right">{safe(visit.translate(OPTIONS[code]))}</th>'
        for code in options
    )
    first = next(iter(columns.values()))
    rows = "".join(
        f'<tr><th scope="row" style="{CELL}left; font-weight: normal">'
        f"{safe(visit.translate(label))}</th>"
        + "".join(f'<td style="{CELL}right">{safe(own[n][1])}</td>' for own in columns.values())
        + "</tr>"
        for n, (label, _) in enumerate(first)
    )
    st.html(
        f'<table style="width: 100%; border-collapse: collapse; font-size: .85rem"><thead><tr>'
        f"<td></td>{headings}</tr></thead><tbody>{rows}</tbody></table>"
    )
    for text in describe_alike({code: teller_of_job(visit, job) for code, job in options.items()}):
        st.text(text)


def _choose(key: str, jobs: dict[str, str]) -> None:
    code = st.session_state.get(key)
    if code in jobs:
        look_at(jobs[code])


def _list(visit: Visit, others: list[Job], now: Job | None) -> None:
    """List other plans of this session; a row chooses the one that is looked at."""
    rows = []
    for job in others:
        n = teller_of_job(visit, job).figures
        margin = "–" if n.statement is None else visit.translate(n.statement.margin())
        rows.append(
            (
                visit.translate(title_of(job.task.aims)),
                n["cost.works"].written(in_wan),
                f"{n['places.compliant.after']}/{n['places.count.after']}",
                f"{n['parts.compliant.after']}/{n['parts.count.after']}",
                margin,
            )
        )
    headings = (
        N_("Option"),
        N_("Works [10,000 yuan]"),
        N_("Places"),
        N_("Gates and key parts"),
        N_("Could be better by at most"),
    )
    columns = dict.fromkeys(map(visit.translate, headings), None)
    picked = pick_row(
        rows,
        columns,
        f"draw.options.{len(others)}",
        height=min(HEAD_PX + ROW_PX * len(rows), OTHERS_PX),
    )
    seen = f"draw.options.{len(others)}.row"
    if st.session_state.get(seen) != picked:
        st.session_state[seen] = picked
        if picked is not None and others[picked] is not now:
            look_at(others[picked].id)
            st.rerun()


@st.cache_resource(max_entries=12, show_spinner=False)
def _count(job_id: str, language: str, _visit: Visit, _job: Job) -> list[tuple[Text, str]]:
    """Count what an option reaches, once a job and language."""
    del job_id, language
    return [
        (label, _visit.translate(value))
        for label, value in rows_of(teller_of_job(_visit, _job).figures)
    ]
