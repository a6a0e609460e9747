"""Page: the plan on the map, its cameras beside it, and the tools of whoever may draw."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.application.job import Job, JobState
from civicsight.application.jobs import JobPool, job_pool
from civicsight.application.work import Kind
from civicsight.core.errors import N_
from civicsight.core.i18n import Language
from civicsight.editing.project import Project
from civicsight.report.brief import Brief, brief_result
from civicsight.store import ALLOWED, Act
from civicsight.ui.editor.forms import TOOL
from civicsight.ui.editor.obstacles import is_weighed
from civicsight.ui.editor.panel import draw_bar, draw_panel
from civicsight.ui.editor.sight import group_of, look_at
from civicsight.ui.editor.state import EditorState, handle
from civicsight.ui.editor.visits import arrive, desk_of, follow_link
from civicsight.ui.elements import beside_map, poll_s, show_bar, show_failure, table
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import project_names, rest_of_window, show_project, take_event

WATCHED: Final = "plan.job"
"""Key of the job that a session watches: its id, and how many changes its draft had."""

KEPT: Final = 8


def draw_totals(visit: Visit, editor: EditorState) -> None:
    """Draw the button, the bar while the job runs, and what it found."""
    job = watched(job_pool())
    runs = poll_s(job)
    st.fragment(_draw, run_every=runs)(editor, visit.language, runs=runs is not None)


def watched(pool: JobPool) -> Job | None:
    """Return the job that this session watches."""
    job_id, _ = st.session_state.get(WATCHED, ("", 0))
    return pool.find(job_id)


def _draw(editor: EditorState, language: Language, *, runs: bool) -> None:
    visit, pool = current(), job_pool()
    job = watched(pool)
    if runs and (job is None or job.is_over):
        st.rerun()  # the page anew, without the watch
    if job is not None and not job.is_over:
        show_bar(visit, job, "plan.cancel")
        return
    may = visit.actor.role in ALLOWED[Act.READ]
    label = visit.translate(N_("Compute the totals of the city with this draft"))
    if may and st.button(label, key="plan.totals"):
        asked = pool.submit(Kind.CHECK, visit.project, editor.session)
        st.session_state[WATCHED] = (asked.id, len(editor.session.done))
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
    st.text(visit.translate(text))
    if job.from_cache:
        st.text(visit.translate(N_("The same was computed before: answered at once.")))
    after = read_totals(job.id, language, pool, job, visit.project)
    before = brief_result(visit.project.result, language)
    rows = [
        (old[0], *(b if a == b else f"{a} → {b}" for a, b in zip(old[1:], new[1:], strict=True)))
        for old, new in zip(before.rows, after.rows, strict=True)
    ]
    table(rows, dict.fromkeys((visit.translate(N_("What")), *before.columns), None))


@st.cache_data(max_entries=KEPT, show_spinner=False)
def read_totals(
    job_id: str, language: Language, _pool: JobPool, _job: Job, _project: Project
) -> Brief:
    """Read what a job found in words, once a job and language."""
    del job_id
    return brief_result(_pool.result(_job, _project.rules), language)


MAP: Final = "plan"
MAP_HEIGHT: Final = rest_of_window(112)
"""Tools stand above the map, the totals below it."""


def render(visit: Visit) -> None:
    """Draw the editor, which runs by itself at each click, and the totals below it."""
    editor = desk_of(visit)
    follow_link(editor)
    arrive(editor, MAP)
    st.fragment(_editor)()
    draw_totals(visit, editor)


def _editor() -> None:
    """Draw the map, the list, and all that is done with both."""
    visit = current()
    editor = desk_of(visit)
    event = take_event(MAP)
    if event is not None:
        handle(editor, visit.actor, event, st.session_state.get(TOOL, "select"))
        if event.kind in ("draw", "point"):
            st.session_state[TOOL] = "select"
    sight = look_at(editor, visit.actor)
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    draw_bar(visit, editor)
    ground, side = beside_map()
    tool = st.session_state.get(TOOL, "select")
    editor.judged = None
    if is_weighed(editor):  # the map shows what the panel finds of it
        with side:
            draw_panel(visit, editor, sight, names)
    # Before the panel: whoever drags a camera waits for what it sees there.
    with ground:
        show_project(visit, MAP, group=group_of(editor, sight, tool, names), height=MAP_HEIGHT)
    if not is_weighed(editor):
        with side:
            draw_panel(visit, editor, sight, names)
