"""What a plan tells beside itself: other shares and plans, other money, and what failures leave."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.arrays import IndexArray
from civicsight.core.errors import N_, MismatchError
from civicsight.core.progress import Progress
from civicsight.coverage.result import CheckResult
from civicsight.planning.aims.request import Aims, Run, Step
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.choice.clock import Clock, TimeUpError
from civicsight.planning.choice.cost_coverage_curve import LEVELS, Below, as_counted, curve
from civicsight.planning.choice.near_optimal import alternatives
from civicsight.planning.choice.price_of_share import SHARES as SLIDER_SHARES
from civicsight.planning.choice.price_of_share import cost_coverage_curve
from civicsight.planning.duplicates.robustness import robustness
from civicsight.planning.record.plan import no_rows
from civicsight.planning.solver.lawful_model import Lawful
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Limits, Outcome
from civicsight.planning.works.measures import camera_ids

SLIDER, ROBUSTNESS = (N_("Pricing other shares"), N_("Letting cameras fail"))

SHARES: Final = ("share", "cost_yuan", "bound_yuan")
ALTERNATIVES: Final = ("number", "cost_yuan", "differs")

CUT_SHORT: Final = "cut_short"
"""Parameter of a plan: names of the extras for which the time did not suffice."""

SLIDER_SHARE, NEAR_SHARE, CURVE_SHARE = 0.25, 0.3, 0.6
"""Share that each of the extras has of the time that is left for it and those after it."""

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
    clock: Clock,
    begin: Step,
    begun: Below | None = None,
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return what a plan tells beside itself: other shares and plans, and what failures leave.

    `begun` is what less money buys, where that was tried before the plan was chosen.

    Returns
    -------
    tuple
        The tables, empty where nobody asked or somebody stopped the run, and the names of those for
        which the time did not suffice.
    """
    found = {"slider": no_rows(SHARES), "alternatives": no_rows(ALTERNATIVES)}
    if not aims.extras or aims.held or run.is_stopped:
        return found, []
    begin(SLIDER)
    more: dict[str, Any] = {"seed": run.seed, "threads": run.threads}
    missing: list[str] = []

    def each(share: float, count: int) -> Limits:
        return run.within(clock.part(share) / count).limits

    def has_time(name: str) -> bool:
        if clock.is_over and not run.is_stopped:
            missing.append(name)
        return not clock.is_over

    if has_time("slider"):
        limits = each(SLIDER_SHARE, len(SLIDER_SHARES))
        slider = cost_coverage_curve(problem, opens=new_sites(offers), limits=limits, **more)
        found["slider"] = slider.reset_index()
    is_one_of_many = not aims.is_budgeted and not aims.few_sites
    if is_one_of_many and has_time("alternatives"):
        limits = each(NEAR_SHARE, 1)
        found["alternatives"] = nearly_as_good(problem, offers, outcome, limits=limits, **more)
    if has_time("curve"):
        limits = each(CURVE_SHARE, len(LEVELS) + 1)
        start = outcome.chosen if begun else None
        of_works = curve(lawful, limits=limits, begun=begun, start=start, **more)
        found["curve"] = as_counted(of_works, offers.prices.terms, aims.budget_of)
    if has_time("robustness"):
        try:
            found["robustness"] = withstand(after, clock.ending(begin(ROBUSTNESS)))
        except TimeUpError:
            has_time("robustness")
    return found, missing


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


def nearly_as_good(
    problem: Problem, offers: CandidateSet, outcome: Outcome, **more: Any
) -> pd.DataFrame:
    """Return plans that are nearly as good, as `plan.Plan` holds them; `more` of `alternatives`."""
    places = offers.sites.index.get_indexer(offers.table["site_id"]).astype(np.int32)
    near = alternatives(problem, places=places, best=outcome, **more)
    ids = np.array(camera_ids(offers.table), object)
    rows = [
        (number, float(near.cost_yuan[number]), sorted(ids[plan & ~outcome.chosen]))
        for number, plan in enumerate(near.plans)
        if number
    ]
    return pd.DataFrame(rows, columns=list(ALTERNATIVES))


def new_sites(offers: CandidateSet) -> IndexArray:
    """Return the new site that each candidate opens, `FREE` for none."""
    table = offers.table
    site = offers.sites.index.get_indexer(table["site_id"])
    opens: IndexArray = np.where(table["new_site"], site, FREE).astype(np.int32)
    return opens
