"""The plans that a person asked for: which are under way, which are there, which is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd
import streamlit as st

from civicsight.application.drawing_up import may_draw_up
from civicsight.application.job import Job, JobState
from civicsight.application.jobs import job_pool
from civicsight.application.plan_work import PlanAims
from civicsight.application.work import Kind
from civicsight.core.i18n import Language
from civicsight.planning.proof.evidence import chosen_ids
from civicsight.report.plan.teller import Teller, teller_of
from civicsight.ui.frame import Visit, current

if TYPE_CHECKING:
    from civicsight.editing.project import Project

SHOWN, CHOSEN = "draw.shown", "draw.chosen"
"""Keys of the plan that is looked at, and of the camera chosen in it."""

KEPT: Final = 8


def asked_jobs(visit: Visit) -> list[Job]:
    """Return what the person asked of this project in this server, also before a reload."""
    return [job for group in _asked(visit) for job in group]


def under_way(visit: Visit) -> list[Job]:
    """Return what is not over, in the order in which it was asked for."""
    return [job for job in asked_jobs(visit) if not job.is_over]


def failed(visit: Visit) -> list[Job]:
    """Return what was asked for last and came to nothing."""
    return [
        job
        for group in _asked(visit)[-1:]
        for job in group
        if job.is_over and job.state is not JobState.DONE
    ]


def drawn(visit: Visit, kind: Kind = Kind.OPTIMISE) -> list[Job]:
    """Return the plans of this project that are done, or its curves, the last one first."""
    return [
        job
        for job in reversed(asked_jobs(visit))
        if job.task.kind is kind
        and job.state is JobState.DONE
        and job.task.project_digest == visit.project.digest
    ]


def looked_at(visit: Visit) -> Job | None:
    """Return the plan that was chosen, else the last one."""
    done, wanted = drawn(visit), st.session_state.get(SHOWN)
    return next((one for one in done if one.id == wanted), done[0] if done else None)


def shown_id(visit: Visit) -> str:
    """Return the id of the plan that is looked at; empty without one."""
    job = looked_at(visit)
    return "" if job is None else job.id


def chosen_in(works: gpd.GeoDataFrame) -> str:
    """Return the camera that is chosen, on the map or in the list; empty without one."""
    label = str(st.session_state.get(CHOSEN, ""))
    return label if label in works.index else ""


def teller_of_job(visit: Visit, job: Job) -> Teller:
    """Return a plan with words for it in the language of the visit."""
    return find_teller(job.id, visit.language, job, visit.project)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def find_teller(job_id: str, language: Language, _job: Job, _project: Project) -> Teller:
    """Read a plan and name everything in it, once a job and language."""
    del job_id
    return teller_of(job_pool().plan(_job), _project.result, language)


def look_at(job_id: str) -> None:
    """Look at another plan; nothing is chosen in it yet."""
    st.session_state[SHOWN] = job_id
    st.session_state.pop(CHOSEN, None)


def ask_again(aims: PlanAims) -> None:
    """Ask for a plan; the search begins from the one that is looked at."""
    visit = current()
    job = looked_at(visit)
    start = () if job is None else chosen_ids(teller_of_job(visit, job).plan.files)
    ask_for([replace(aims, start=start)])


def ask_for(asked: Sequence[PlanAims], *, shown: int = 0) -> None:
    """Ask for plans by the rights of this moment; `shown` is looked at when it is there.

    What was asked for before is not asked twice: it is answered from where it was kept.
    """
    visit = current()
    if not may_draw_up(visit.actor):
        return
    jobs = _submit(visit, Kind.OPTIMISE, asked)
    look_at(jobs[shown].id)


def ask_for_curve(aims: PlanAims) -> None:
    """Ask what money buys, by the rights of this moment."""
    visit = current()
    if may_draw_up(visit.actor):
        _submit(visit, Kind.CURVE, [aims])


def curve_of(job: Job) -> pd.DataFrame:
    """Return the curve that a job found, columns `plan.CURVE`."""
    return pd.DataFrame(job_pool().summary(job)["curve"])


def _submit(visit: Visit, kind: Kind, asked: Sequence[PlanAims]) -> list[Job]:
    """Hand jobs to the pool, noted as asked for at once by this person."""
    pool = job_pool()
    jobs = [pool.submit(kind, visit.project, None, aims) for aims in asked]
    pool.note_asked(visit.actor.name, visit.project.store_path, jobs)
    return jobs


def _asked(visit: Visit) -> list[tuple[Job, ...]]:
    return job_pool().asked_by(visit.actor.name, visit.project.store_path)
