"""The price of a share: what 95, 98, 99 or 100 % of what the law asks for costs.

A `Problem` divides its requirements into groups that do not overlap, so a share of the whole cannot
stand beside the slacks of the parts. Below 100 % one group over everything takes their place: what
is met may then lie anywhere. At 100 % the problem stands as it is, part by part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray, IndexArray
from civicsight.core.errors import MismatchError
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Limits, Outcome, Status, Watch, gap_between

SHARES: Final = (0.95, 0.98, 0.99, 1.0)
"""Shares that a planner is shown."""

CHOSEN: Final = (Status.OPTIMAL, Status.FEASIBLE, Status.STOPPED)
"""Outcomes that hold a choice."""


def share_of(problem: Problem, share: float) -> Problem:
    """State the problem of meeting a share of what is asked for.

    Asked for is the weight that has to be met: of each group what is above its slack, and all that
    is in no group. A choice that meets the whole problem meets every share of it, so that the
    least cost never falls as the share rises.

    Raises
    ------
    MismatchError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> half = share_of(Problem.of([[0], [1]], cost=[1.0, 5.0], weight=[2.0, 2.0]), 0.5)
    >>> half.slack, half.is_feasible(np.array([True, False]))
    (array([2.]), True)
    """
    if not 0.0 <= share <= 1.0:
        msg = f"a share of {share} was asked for, expected one between 0 and 1"
        raise MismatchError(msg)
    if share == 1.0:
        return problem
    whole = float(problem.weight.sum())
    may_stay = np.bincount(problem.group + 1, problem.weight, minlength=len(problem.slack) + 1)[1:]
    asked = whole - float(np.minimum(may_stay, problem.slack).sum())
    return replace(
        problem,
        group=np.zeros(problem.n_requirement, np.int32),
        slack=np.array([whole - share * asked]),
    )


def cheapest_share(
    problem: Problem,
    share: float,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    watch: Watch | None = None,
    start: BoolArray | None = None,
    exact: bool = True,
) -> Outcome:
    """Choose the cheapest candidates that meet a share of what is asked for, see `share_of`.

    Everything else as in `cheapest.minimise_cost`; the dual belongs to `share_of(problem, share)`.
    """
    return minimise_cost(
        share_of(problem, share),
        limits=limits or Limits(),
        seed=seed,
        threads=threads,
        watch=watch,
        start=start,
        exact=exact,
    )


def cost_coverage_curve(
    problem: Problem,
    shares: Sequence[float] = SHARES,
    *,
    opens: IndexArray | None = None,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    watch: Watch | None = None,
    exact: bool = True,
) -> pd.DataFrame:
    """Tell what each share of what is asked for costs.

    Parameters
    ----------
    problem
        What is asked for.
    shares
        Between 0 and 1; `limits` hold for each of them.
    opens
        New site that each candidate opens, `FREE` for none, shape ``(n_candidate,)``.

    Returns
    -------
    pandas.DataFrame
        By rising share: ``cost_yuan`` and ``bound_yuan`` that never fall, ``gap``, ``cameras``,
        ``new_sites`` and ``status``; no cost and no count where nothing satisfies the share.
    """
    rising = sorted(set(shares))
    outcomes: dict[float, Outcome] = {}
    known: Outcome | None = None
    for share in reversed(rising):
        outcome = cheapest_share(
            problem,
            share,
            limits=limits,
            seed=seed,
            threads=threads,
            watch=watch,
            start=None if known is None else known.chosen,
            exact=exact,
        )
        known = outcomes[share] = _not_dearer(outcome, known)
    rows, bound = [], 0.0
    for share in rising:
        bound = max(bound, outcomes[share].solver_bound)
        rows.append(_row(share, outcomes[share], bound, opens))
    return pd.DataFrame(rows).set_index("share")


def _not_dearer(outcome: Outcome, known: Outcome | None) -> Outcome:
    """Return an outcome, or the choice that is known for a greater share if that costs less."""
    if known is None or known.status not in CHOSEN:
        return outcome
    if outcome.status in CHOSEN and outcome.value <= known.value:
        return outcome
    return replace(outcome, chosen=known.chosen, value=known.value, status=Status.FEASIBLE)


def opened_sites(opens: IndexArray | None, chosen: BoolArray) -> int:
    """Count the new sites that a choice opens: several cameras on one pole open one."""
    if opens is None:
        return 0
    taken = opens[chosen]
    return len(np.unique(taken[taken != FREE]))


def _row(
    share: float, outcome: Outcome, bound: float, opens: IndexArray | None
) -> dict[str, object]:
    found = outcome.status in CHOSEN
    # A bound may pass the value by its own rounding alone.
    bound = min(bound, outcome.value) if found else bound
    return {
        "share": share,
        "cost_yuan": outcome.value if found else np.nan,
        "bound_yuan": bound,
        "gap": gap_between(outcome.value, bound) if found else np.nan,
        "cameras": int(outcome.chosen.sum()) if found else pd.NA,
        "new_sites": opened_sites(opens, outcome.chosen) if found else pd.NA,
        "status": str(outcome.status),
    }
