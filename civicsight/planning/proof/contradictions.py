"""What a kept plan is held against without its city: one table of checks, each with its code.

The published script (`docs/explanation/verify_plan.py`) counts the same in lines of its own; a test
forges a plan for each row and asks both.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array

from civicsight.core.bounded.text import TORN
from civicsight.planning.aims.compliant_places import UNCOUNTED
from civicsight.planning.choice.order_of_aims import Aim
from civicsight.planning.money.bill import life_of_plan
from civicsight.planning.prices.terms import ROOM
from civicsight.planning.proof import certificate
from civicsight.planning.proof.evidence import load_problem, read_densities, recount, unpack
from civicsight.planning.record.plan import Goal, Plan
from civicsight.planning.solver.model import Problem
from civicsight.planning.statement.figures import figures_of
from civicsight.planning.statement.spending import most_works

CENT: Final = 0.01
"""By how much a line of a bill may differ from quantity times price [yuan]."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A plan beside its proof: what the certificate claims, its problem, and px/m by candidate."""

    plan: Plan
    claim: Mapping[str, Any]
    problem: Problem
    px: csr_array


def contradictions(plan: Plan) -> list[str]:
    """Return what contradicts itself in a kept plan: codes, none if all agrees.

    What is wrong with its proof comes first; a plan is held against a sound one alone.
    """
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        unpack(plan.files, folder)
        wrong = recount(folder)
        if wrong:
            return wrong
        try:
            claim = json.loads(plan.files[certificate.PLAN])
            kept = Kept(plan, claim, load_problem(folder), read_densities(plan.files))
        except TORN:
            return ["unreadable"]
    return [code for code, contradicts in CHECKS.items() if contradicts(kept)]


def _repeats(kept: Kept) -> bool:
    """Tell whether a candidate is chosen twice, or is none, or the choice is out of order."""
    chosen, count = list(kept.claim["chosen"]), kept.problem.n_candidate
    return chosen != sorted({k for k in chosen if 0 <= k < count})


def _does_not_follow(kept: Kept) -> bool:
    """Tell whether what meets a requirement has no more px/m there than what does not."""
    problem, px = kept.problem, kept.px
    count = problem.n_requirement
    if px.shape != (problem.n_candidate, count):
        return True
    row = np.repeat(np.arange(problem.n_candidate), np.diff(problem.indptr))
    pairs = row * count + problem.cells
    px.sum_duplicates()
    seen = np.repeat(np.arange(problem.n_candidate), np.diff(px.indptr)) * count + px.indices
    order = np.argsort(seen)
    seen, column, density = seen[order], px.indices[order], px.data[order]
    is_pair = np.isin(seen, pairs)
    if int(is_pair.sum()) < len(pairs) or not (density[is_pair] > 0.0).all():
        return True
    least = np.full(count, np.inf)
    np.minimum.at(least, column[is_pair], density[is_pair])
    return not (density[~is_pair] < least[column[~is_pair]]).all()


def _is_of_another(kept: Kept) -> bool:
    """Tell whether record and certificate say other figures, or another cost of what is taken.

    What is taken costs the same on both sides, one by one; what costs nothing is not compared.
    """
    plan, claim = kept.plan, kept.claim
    names = ("bound", "solver_bound", "status", "seed", "steps")
    differs = any(claim[name] != getattr(plan.proof, name) for name in names)
    is_value = plan.proof.goal is Goal.WIDEST or plan.proof.value == claim["cost"]
    works = plan.measures["cost_yuan"].to_numpy(np.float64)
    costs = life_of_plan(plan) if plan.by_life else works
    chosen = kept.problem.cost[claim["chosen"]]
    taken, planned = (np.sort(each[each > 0.0]) for each in (chosen, costs))
    return differs or not is_value or not np.array_equal(taken, planned)


def _bills_otherwise(kept: Kept) -> bool:
    """Tell whether a line of the bill is not its quantity times its price."""
    bill = kept.plan.bill[["quantity", "unit_yuan", "cost_yuan"]].astype("float64")
    return not ((bill["quantity"] * bill["unit_yuan"] - bill["cost_yuan"]).abs() <= CENT).all()


def _is_for_other_money(kept: Kept) -> bool:
    """Tell whether the certificate limits other works than the money of all districts pays."""
    if kept.plan.proof.goal is not Goal.WIDEST:
        return False
    limit = kept.claim["budget_yuan"]
    own = np.inf if limit is None else limit
    return not math.isclose(own, most_works(kept.plan), rel_tol=ROOM)


def _shows_other_places(kept: Kept) -> bool:
    """Tell whether the parts of a plan make other places compliant than its certificate proves.

    Places are not compared where a policy weighs them, nor in plans that do not say which places
    they could not count.
    """
    plan, stages = kept.plan, kept.plan.stages
    weights = ((plan.parameters.get("policy") or {}).get("weights") or {}).values()
    own = stages.loc[stages["aim"].eq(str(Aim.PLACES)), "value"]
    if plan.proof.goal is not Goal.WIDEST or UNCOUNTED not in plan.parameters or own.empty:
        return False
    shown = figures_of(plan).of("places.compliant.after")
    return all(each == 1.0 for each in weights) and float(own.iloc[0]) != shown


CHECKS: Final[Mapping[str, Callable[[Kept], bool]]] = MappingProxyType(
    {
        "choice.repeats": _repeats,
        "densities.differ": _does_not_follow,
        "record.differs": _is_of_another,
        "bill.differs": _bills_otherwise,
        "money.differs": _is_for_other_money,
        "places.differ": _shows_other_places,
    }
)
"""What is held of every kept plan whose proof is sound, by the code of what contradicts it."""
