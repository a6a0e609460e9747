"""What money buys, level by level: places made lawful, parts and metres, each with its bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.planning.lawful import most_lawful
from civicsight.planning.optimise import minimise_cost
from civicsight.planning.partial import CHOSEN
from civicsight.planning.plan import CURVE, STAGES
from civicsight.planning.solver.lawful_model import Lawful
from civicsight.planning.solver.outcome import Limits, Outcome

LEVELS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of what the cheapest choice that meets all costs, at which a planner sees a plan."""


def curve(
    lawful: Lawful,
    levels: Sequence[float] | None = None,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
) -> pd.DataFrame:
    """Tell what money buys, from nothing up to the cheapest choice that meets all.

    Parameters
    ----------
    lawful
        What is asked for; of its budgets all but the total hold.
    levels
        Money [yuan]; by default `LEVELS` of what the cheapest choice that meets all costs.
    limits
        Of each run.

    Returns
    -------
    pandas.DataFrame
        Columns `plan.CURVE` by rising money. Each level begins from what the one before found, so
        that nothing falls; a level whose floors the money does not reach is left out.
    """
    more: dict[str, Any] = {"limits": limits or Limits(), "seed": seed, "threads": threads}
    full = minimise_cost(lawful.problem, **more)
    if levels is None:
        dear = lawful.problem.price(full.chosen) if full.status in CHOSEN else 0.0
        levels = [float(np.ceil(share * dear)) for share in LEVELS]
    rows, start = list[tuple[float, ...]](), None
    for level in sorted(set(levels)):
        asked = replace(lawful, budgets=replace(lawful.budgets, total_yuan=level))
        found = most_lawful(asked, **more, full=full, start=start)
        if found.status not in CHOSEN:
            continue
        start = found.chosen
        reached = asked.count(start)
        words = [stage.word for stage in found.stages] or reached.reached
        most = dict(zip(asked.aims, words, strict=True))
        pairs = [
            figure
            for aim in ("places", "parts", "metres")
            for figure in (reached.of_aim[aim], most.get(aim, np.nan))
        ]
        rows.append((level, lawful.problem.price(start), *pairs))
    return pd.DataFrame(rows, columns=list(CURVE))


def staged(outcome: Outcome, aims: Sequence[str], others: pd.DataFrame) -> pd.DataFrame:
    """Return what a budget bought, columns `plan.STAGES`; the stages of other aims as they are."""
    if not outcome.stages:
        return others
    rows = [
        (aim, abs(each.value), abs(each.word))  # what is made small is a loss
        for aim, each in zip(aims, outcome.stages, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(STAGES))
