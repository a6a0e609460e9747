"""The totals of a whole draft: a job beside the page, watched only while it runs."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.i18n import Language
from civicsight.editing.project import Project
from civicsight.report.brief import Brief, brief_result
from civicsight.store import ALLOWED, Act
from civicsight.ui.editor.state import EditorState
from civicsight.ui.elements import table
from civicsight.ui.frame import Visit, current
from civicsight.ui.services.jobs import Job, JobPool, JobState, job_pool
from civicsight.ui.services.work import Kind
from civicsight.ui.watching import poll_s, show_bar, show_failure

WATCHED: Final = "plan.job"
"""Key of the job that a session watches: its id, and how many changes its draft had."""

KEPT: Final = 8


def draw_totals(visit: Visit, desk: EditorState) -> None:
    """Draw the button, the bar while the job runs, and what it found."""
    job = watched(job_pool())
    runs = poll_s(job)
    st.fragment(_draw, run_every=runs)(desk, visit.language, runs=runs is not None)


def watched(pool: JobPool) -> Job | None:
    """Return the job that this session watches."""
    job_id, _ = st.session_state.get(WATCHED, ("", 0))
    return pool.find(job_id)


def _draw(desk: EditorState, language: Language, *, runs: bool) -> None:
    visit, pool = current(), job_pool()
    job = watched(pool)
    if runs and (job is None or job.is_over):
        st.rerun()  # the page anew, without the watch
    if job is not None and not job.is_over:
        show_bar(visit, job, "plan.cancel")
        return
    may = visit.actor.role in ALLOWED[Act.READ]
    label = visit.say(N_("Compute the totals of the city with this draft"))
    if may and st.button(label, key="plan.totals"):
        asked = pool.submit(Kind.CHECK, visit.project, desk.session)
        st.session_state[WATCHED] = (asked.id, len(desk.session.done))
        st.rerun()
    if job is not None:
        _end(visit, pool, job, language)


def _end(visit: Visit, pool: JobPool, job: Job, language: Language) -> None:
    """Show what came out: the numbers before and after, or why there are none."""
    if job.state is not JobState.DONE:
        show_failure(visit, job, "totals")
        return
    _, changes = st.session_state[WATCHED]
    text = N_("Totals of the draft (changes: %(count)s), each as before → after:", count=changes)
    st.text(visit.say(text))
    if job.from_cache:
        st.text(visit.say(N_("The same was computed before: answered at once.")))
    after = read_totals(job.id, language, pool, job, visit.project)
    before = brief_result(visit.project.result, language)
    rows = [
        (old[0], *(_change(a, b) for a, b in zip(old[1:], new[1:], strict=True)))
        for old, new in zip(before.rows, after.rows, strict=True)
    ]
    table(rows, dict.fromkeys((visit.say(N_("What")), *before.columns), None))


@st.cache_data(max_entries=KEPT, show_spinner=False)
def read_totals(
    job_id: str, language: Language, _pool: JobPool, _job: Job, _project: Project
) -> Brief:
    """Read what a job found in words, once a job and language."""
    del job_id
    return brief_result(_pool.result(_job, _project.rules), language)


def _change(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"
