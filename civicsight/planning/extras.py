"""What a plan tells beside itself: other shares and plans, other money, and what failures leave."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.arrays import IndexArray
from civicsight.core.errors import N_, MismatchError
from civicsight.core.progress import Progress
from civicsight.coverage.result import CheckResult
from civicsight.planning.aims import Aims, Run, Step
from civicsight.planning.alternatives import alternatives
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.cost_coverage_curve import as_counted, curve
from civicsight.planning.measures import camera_ids
from civicsight.planning.partial import cost_coverage_curve
from civicsight.planning.plan import no_rows
from civicsight.planning.robustness import robustness
from civicsight.planning.solver.lawful_model import Lawful
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Outcome

SLIDER, ROBUSTNESS = (N_("Pricing other shares"), N_("Letting cameras fail"))

SHARES: Final = ("share", "cost_yuan", "bound_yuan")
ALTERNATIVES: Final = ("number", "cost_yuan", "differs")

SCENARIOS: Final = 10
"""Disturbed scenarios for each kind of error; each computes anew what the cameras see."""


def extras(
    problem: Problem,
    lawful: Lawful,
    offers: CandidateSet,
    outcome: Outcome,
    after: CheckResult,
    aims: Aims,
    run: Run,
    begin: Step,
) -> dict[str, pd.DataFrame]:
    """Return what a plan tells beside itself: other shares and plans, and what failures leave."""
    begin(SLIDER)
    found = other_plans(problem, offers, outcome, aims, run)
    if aims.extras and not aims.held and not run.is_stopped:
        of_works = curve(lawful, limits=run.limits, seed=run.seed, threads=run.threads)
        found["curve"] = as_counted(of_works, offers.prices.terms, aims.budget_of)
        found["robustness"] = withstand(after, begin(ROBUSTNESS))
    return found


def withstand(after: CheckResult, progress: Progress | None = None) -> pd.DataFrame:
    """Return what is kept of a plan when any camera fails or poses are off; nothing to keep: none.

    Parameters
    ----------
    after
        Check of the city as the plan leaves it.
    """
    errors = ("pose", "height")
    more: dict[str, Any] = {"errors": errors, "scenarios": SCENARIOS, "progress": progress}
    try:
        return robustness(after, failures=(1,), **more).reset_index(names="case")
    except MismatchError:
        return pd.DataFrame()


def other_plans(
    problem: Problem, offers: CandidateSet, outcome: Outcome, aims: Aims, run: Run
) -> dict[str, pd.DataFrame]:
    """Tell what other shares of the demand cost, and which plans are nearly as good.

    Returns
    -------
    dict
        ``slider`` and ``alternatives`` as `plan.Plan` holds them; empty tables where nobody asked
        or someone stopped the run, and no alternatives to a plan within a budget.
    """
    found = {"slider": no_rows(SHARES), "alternatives": no_rows(ALTERNATIVES)}
    if not aims.extras or aims.held or run.is_stopped:
        return found
    more: dict[str, Any] = {"limits": run.limits, "seed": run.seed, "threads": run.threads}
    found["slider"] = cost_coverage_curve(problem, opens=new_sites(offers), **more).reset_index()
    if not aims.is_budgeted and not aims.few_sites:
        places = offers.sites.index.get_indexer(offers.table["site_id"]).astype(np.int32)
        near = alternatives(problem, places=places, best=outcome, **more)
        ids = np.array(camera_ids(offers.table), object)
        rows = [
            (number, float(near.cost_yuan[number]), sorted(ids[plan & ~outcome.chosen]))
            for number, plan in enumerate(near.plans)
            if number
        ]
        found["alternatives"] = pd.DataFrame(rows, columns=list(ALTERNATIVES))
    return found


def new_sites(offers: CandidateSet) -> IndexArray:
    """Return the new site that each candidate opens, `FREE` for none."""
    table = offers.table
    site = offers.sites.index.get_indexer(table["site_id"])
    opens: IndexArray = np.where(table["new_site"], site, FREE).astype(np.int32)
    return opens
