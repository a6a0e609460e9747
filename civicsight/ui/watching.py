"""A job beside the page, as its page watches it: a bar while it runs, and why it gave nothing."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.core.errors import N_
from civicsight.presentation.lexicon import number, share
from civicsight.ui.elements import warn
from civicsight.ui.frame import Visit
from civicsight.ui.services.jobs import Job, JobState

POLL_S: Final = 0.5


def poll_s(job: Job | None) -> float | None:
    """Return how often a fragment looks at a job [s]; None: there is nothing to wait for."""
    return None if job is None or job.is_over else POLL_S


def show_bar(visit: Visit, job: Job, key: str) -> None:
    """Show how far a job is and how long it will take, and offer to cancel it."""
    stage, left = visit.say(job.at.stage), job.eta_s
    if left is not None:
        values = {"stage": stage, "share": share(job.at.share), "left": number(left)}
        stage = visit.say(N_("%(stage)s: %(share)s, about %(left)s s left", **values))
    st.progress(min(job.at.share, 1.0), stage)
    st.button(visit.say(N_("Cancel the computation")), key=key, on_click=job.cancel)


def show_failure(visit: Visit, job: Job, key: str) -> None:
    """Say that a job was cancelled, or why it failed; nothing of one that is done."""
    if job.state is JobState.CANCELLED:
        st.info(visit.say(N_("The computation was cancelled; nothing was changed.")))
    for n, reason in enumerate(job.reasons):
        warn(visit.say(reason), f"{key}-{n}")
