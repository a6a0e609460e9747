"""The three options as they are asked for on the page, and which of them stand side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from civicsight.application.drawing_up import describe_aims
from civicsight.application.plan_work import PlanAims
from civicsight.core.errors import Text
from civicsight.planning.aims.options import ASKED, OPTIONS

if TYPE_CHECKING:
    from civicsight.application.job import Job


def three_of(aims: PlanAims) -> list[PlanAims]:
    """Return what the options ask with the years, districts, time and bans of some aims."""
    plain = replace(aims, budget_yuan=None, start=())
    return [
        replace(plain, known_gates=known, few_sites=few, robust_k=spare)
        for known, few, spare in ASKED.values()
    ]


def option_of(aims: PlanAims) -> str:
    """Return the option that aims are; empty if they are none."""
    if aims.budget_yuan is not None:
        return ""
    asked = (aims.known_gates, aims.few_sites, aims.robust_k)
    return next((code for code, own in ASKED.items() if own == asked), "")


def title_of(aims: PlanAims) -> Text:
    """Return what a plan is called: the option that it is, else what was asked in a few words."""
    return OPTIONS.get(option_of(aims)) or describe_aims(aims)


def comparable(jobs: Iterable[Job], with_: PlanAims | None) -> dict[str, Job]:
    """Return the last job of each option that asks the same but for what the options differ in.

    Parameters
    ----------
    jobs
        The last one first.
    with_
        What is looked at; where it is no option, the last option stands for it.
    """
    known = [(option_of(job.task.aims), job) for job in jobs]
    options = [(code, job) for code, job in known if code]
    if with_ is None or not option_of(with_):
        with_ = options[0][1].task.aims if options else None
    found: dict[str, Job] = {}
    for code, job in options:
        if with_ is not None and _but_for_option(job.task.aims) == _but_for_option(with_):
            found.setdefault(code, job)
    return {code: found[code] for code in OPTIONS if code in found}


def _but_for_option(aims: PlanAims) -> PlanAims:
    return replace(aims, known_gates=False, few_sites=False, robust_k=0, start=())
