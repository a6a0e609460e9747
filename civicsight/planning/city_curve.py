"""What money buys in a checked city: the curve alone, from one set of candidates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pandas as pd

from civicsight.coverage.result import CheckResult
from civicsight.planning.aims.request import Aims, Run, Step
from civicsight.planning.aims.requirements import build_problem, lawful_of
from civicsight.planning.candidates.at_hand import candidates_of
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.clock import Clock
from civicsight.planning.choice.cost_coverage_curve import as_counted, bought, levels_of, row_of
from civicsight.planning.frontier import RUNS
from civicsight.planning.make import CANDIDATES, found_in_time
from civicsight.planning.prices.price_table import Prices
from civicsight.planning.record.plan import CURVE
from civicsight.planning.solver.budget_model import Budgets

TENTHS: Final = tuple(k / 10 for k in range(11))
"""Shares of what the cheapest plan that meets all costs, at which the curve has a point."""

LEAST_S: Final = 0.5
"""Time that each run has at least, so that none ends without a choice."""


def draw_curve(
    result: CheckResult,
    aims: Aims,
    *,
    prices: Prices | None = None,
    run: Run | None = None,
    step: Step | None = None,
) -> pd.DataFrame:
    """Tell what money buys, from nothing up to the cheapest plan that meets all.

    Parameters
    ----------
    result, aims
        What `check` found; of what is asked count scope, what is ruled out, policy, and which sum
        money is.
    prices, run, step
        As of `make.make_plan`; the time is that of all runs together.

    Returns
    -------
    pandas.DataFrame
        Columns `plan.CURVE` and ``budget_of`` by rising money, a row for each of `TENTHS`: each
        begins from the one before, so that nothing falls.
    """
    run, begin = run or Run(), step or (lambda _: None)
    clock = Clock(run.limits)
    offers = found_in_time(
        clock,
        begin(CANDIDATES),
        lambda hear: candidates_of(
            result,
            prices=prices,
            memory_mb=run.memory_mb,
            ruled_out=aims.ruled_out,
            scope=aims.scope,
            progress=hear,
        ),
    )
    posed = build_problem(offers, result)
    lawful = lawful_of(posed, offers, result, Budgets.of(posed.problem), aims.policy)
    tick, count = begin(RUNS), len(TENTHS) + 1
    each = replace(run.limits, seconds=max(clock.left / count, LEAST_S))
    more: dict[str, Any] = {"limits": each, "seed": run.seed, "threads": run.threads}
    full = minimise_cost(lawful.problem, **more)
    rows = []
    for level, found in bought(lawful, full, levels_of(lawful, full, TENTHS), **more):
        rows.append(row_of(lawful, level, found))
        if tick is not None:
            tick(len(rows) + 1, count)
    curve = pd.DataFrame(rows, columns=list(CURVE))
    return as_counted(curve, offers.prices.terms, aims.budget_of)
