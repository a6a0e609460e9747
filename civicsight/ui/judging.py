"""The offer to judge a project, the job that does it, and what its verdicts stand on."""

from __future__ import annotations

from datetime import date
from typing import Final

import streamlit as st

from civicsight.application.job import Job, JobState
from civicsight.application.jobs import job_pool
from civicsight.application.verdicts import take_verdicts
from civicsight.application.work import Kind
from civicsight.core.errors import N_
from civicsight.store import Answer
from civicsight.ui.elements import poll_s, show_bar, show_failure
from civicsight.ui.frame import Visit, current

USED: Final = "compliance.answers"
"""Key of the answers that the verdicts on the screen were judged with."""

WATCHED: Final = "compliance.job"
"""Key of the job that a session watches: its id, and answers and day that it judges with."""


def offer_judging(visit: Visit, answers: tuple[Answer, ...], today: date, *, anew: bool) -> None:
    """Offer to judge, and show how far the job is; the verdicts are kept for everybody."""
    runs = poll_s(_watched())
    st.fragment(_draw, run_every=runs)(visit, answers, today, anew=anew, runs=runs is not None)


def take_judged(visit: Visit) -> None:
    """Take over what the job of this session judged, before the page shows verdicts."""
    job = _watched()
    if job is None or job.state is not JobState.DONE:
        return
    _, answers, day = st.session_state.pop(WATCHED)
    crs = visit.project.city.crs
    take_verdicts(visit.project, answers, day, lambda: job_pool().verdicts(job, crs))
    st.session_state[USED] = answers


def _watched() -> Job | None:
    job_id, _, _ = st.session_state.get(WATCHED, ("", (), None))
    return job_pool().find(job_id)


def _draw(
    visit: Visit, answers: tuple[Answer, ...], today: date, *, anew: bool, runs: bool
) -> None:
    job = _watched()
    if runs and (job is None or job.is_over):
        st.rerun()  # the page anew, without the watch
    if job is not None and not job.is_over:
        show_bar(visit, job, "judge.cancel")
        return
    if anew:
        st.info(visit.translate(N_("There are answers that these verdicts do not know yet.")))
        label = N_("Judge again with the answers")
    else:
        st.info(
            visit.translate(N_("Nothing is judged yet. It takes some seconds, once for everybody."))
        )
        label = N_("Judge by every article")
    if job is not None:
        show_failure(visit, job, "judge")
    if st.button(visit.translate(label), key="judge", type="primary"):
        project = current().project
        asked = job_pool().submit(Kind.JUDGE, project, answers=answers, day=today)
        st.session_state[WATCHED] = (asked.id, answers, today)
        st.rerun()


def show_basis(visit: Visit) -> None:
    """Say which packs and which state of the data the verdicts stand on."""
    rules = visit.project.rules
    with st.expander(visit.translate(N_("What these verdicts stand on"))):
        digest = N_("Digest of project, packs and engine: %(digest)s", digest=visit.project.digest)
        st.text(visit.translate(digest))
        for pack in rules.packs:
            st.text(f"{pack.id} · {pack.version} · SHA-256 {rules.sha256.get(pack.id, '')}")
