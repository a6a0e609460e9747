"""How good a plan is, never without what it leaves open: one wording for page, paper and screen.

A proof is of what was asked, within the money, the sites and the classes that there were; gates
that stay open beside it are part of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.planning.documents import PLAN_RECORD, table_from_json
from civicsight.presentation.lexicon import number, share
from civicsight.report.plan.words import STATUS_TEXTS

if TYPE_CHECKING:
    from civicsight.planning.plan import Plan


def headline(plan: Plan) -> list[Text]:
    """Return what a person reads first: money and coverage, how good it is, what is open."""
    figures = N_(
        "Cost: %(cost)s yuan. Covered for sure: %(before)s of the demand now, %(after)s with the "
        "plan. At most %(gap)s from the best possible plan.",
        cost=number(plan.cost_yuan),
        before=share(plan.share("before")),
        after=share(plan.share("after")),
        gap=f"{plan.proof.gap:.2%}",
    )
    return [figures, ending(plan.proof.status, plan.parts)]


def ending(status: str, parts: pd.DataFrame) -> Text:
    """Say how the optimisation ended and what stays open all the same.

    Parameters
    ----------
    status
        As `Proof.status`.
    parts
        Columns ``zone_id`` and ``status_after``.
    """
    is_open = parts["status_after"].ne("covered")
    said = STATUS_TEXTS[status]
    if not is_open.any():
        return N_(
            "%(said)s. With the plan none of the %(all)s gates and key parts that were judged "
            "stays open.",
            said=said,
            all=number(len(parts)),
        )
    return N_(
        "%(said)s. Open with the plan all the same: %(open)s of %(all)s gates and key parts that "
        "were judged, in %(places)s places.",
        said=said,
        open=number(int(is_open.sum())),
        all=number(len(parts)),
        places=number(parts.loc[is_open, "zone_id"].nunique()),
    )


def ending_of_record(record: Mapping[str, Any]) -> Text | None:
    """Say the same of a version in a store; None of one that no optimiser made."""
    kept = record.get(PLAN_RECORD)
    try:
        return (
            None
            if kept is None
            else ending(kept["proof"]["status"], table_from_json(kept["parts"]))
        )
    except (KeyError, TypeError, ValueError):  # a version that others wrote
        return None
