"""Plans that cost nearly the same: which sites are not negotiable, and which are.

References
----------
Article 12 (no one is favoured): a reviewer sees that a single site can be given up, and for what.
Near-optimal alternatives after Brill, Chang and Hopkins (1982), modelling to generate alternatives.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.price_of_share import CHOSEN
from civicsight.planning.solver.covering import prune
from civicsight.planning.solver.covering_model import covering_of
from civicsight.planning.solver.linear import solve
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.model_builder import also
from civicsight.planning.solver.outcome import Limits, Outcome, Watch

MOST_ALIKE: Final = 0.95
"""Two plans that share a greater part of their sites (Jaccard) are one plan."""

SURCHARGES: Final = (0.02, 0.1, 0.5)
"""By which the candidates of known plans are made dearer, one after another, for the search."""

EXACT_ENTRIES: Final = 20_000
"""A problem of fewer entries is asked for the plan that shares least with those known."""

NODES: Final = 2_000
"""Nodes of the search tree, so that a run repeats itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Alternatives:
    """Plans within a share of the cost of the best.

    Parameters
    ----------
    plans
        Choices of candidates, the cheapest first, shape ``(n_plan, n_candidate)``.
    cost_yuan
        Of each plan.
    likeness
        Share of sites that two plans have in common (Jaccard), shape ``(n_plan, n_plan)``. Only
        what costs something counts: what exists and stays as it is needs no negotiation.
    sites
        By site: in how many ``plans`` it is, and whether it is ``negotiable``, that is not in all.
        With a single plan nothing is known to be negotiable, which does not prove that nothing is.
    best
        The outcome of the first plan.
    """

    plans: BoolArray
    cost_yuan: FloatArray
    likeness: FloatArray
    sites: pd.DataFrame
    best: Outcome


def alternatives(
    problem: Problem,
    n: int = 3,
    within: float = 0.01,
    *,
    places: IndexArray | None = None,
    best: Outcome | None = None,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    watch: Watch | None = None,
    exact: bool = True,
) -> Alternatives:
    """Find plans that differ in their sites and cost at most a share more than the cheapest.

    Each is as unlike those before it as can be found: by the exact solver where the problem is
    small, else by the search for the cheapest with a surcharge on sites of known plans. The same
    input and seed give the same plans.

    Parameters
    ----------
    problem
        What is asked for.
    n, within
        Greatest number of plans; share by which they may be dearer.
    places
        Site of each candidate, at least 0, shape ``(n_candidate,)``; each candidate its own if left
        out. Two cameras on one pole are no two sites.
    best
        Outcome of `cheapest.minimise_cost` for this problem, if it is known.
    limits
        Time and stop of all plans together, steps of each search.
    """
    began, limits = time.perf_counter(), limits or Limits()
    own = np.arange(problem.n_candidate, dtype=np.int32)
    run = _Run(problem, own if places is None else places, within, limits, seed, threads, began)
    if best is None:
        best = minimise_cost(problem, limits=limits, seed=seed, threads=threads, watch=watch)
    plans = [best.chosen] if best.status in CHOSEN else []
    while plans and len(plans) < n and not run.is_over:
        found = _most_unlike(run, plans) if exact else None
        found = found if found is not None else _surcharged(run, plans)
        if found is None:
            break
        plans.append(found)
    # Count which sites are in which plans.
    stacked = np.array(plans, np.bool_).reshape(len(plans), run.problem.n_candidate)
    sites = [run.sites(plan) for plan in plans]
    names, counts = np.unique(np.concatenate([np.empty(0, np.int32), *sites]), return_counts=True)
    table = pd.DataFrame(
        {"plans": counts, "negotiable": counts < len(plans)}, index=pd.Index(names, name="site")
    )
    likeness = np.array([[run.likeness(a, b) for b in plans] for a in plans])
    return Alternatives(
        stacked,
        np.array([run.problem.price(plan) for plan in plans]),
        likeness.reshape(len(plans), len(plans)),
        table,
        best,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What is asked, and since when."""

    problem: Problem
    places: IndexArray
    within: float
    limits: Limits
    seed: int
    threads: int
    began: float

    @property
    def rest(self) -> Limits:
        """Return the limits with the time that is left."""
        left = max(self.limits.seconds - (time.perf_counter() - self.began), 0.0)
        return Limits(self.limits.steps, left, self.limits.stop)

    @property
    def is_over(self) -> bool:
        """Tell whether to end."""
        return self.limits.is_over(time.perf_counter() - self.began)

    def ceiling(self, plans: list[BoolArray]) -> float:
        """Return the cost that no plan exceeds [yuan]."""
        return self.problem.price(plans[0]) * (1.0 + self.within) * (1.0 + TOLERANCE)

    def sites(self, chosen: BoolArray) -> IndexArray:
        """Return the sites on which a plan spends money."""
        sites: IndexArray = np.unique(self.places[chosen & (self.problem.cost > 0)])
        return sites

    def likeness(self, first: BoolArray, second: BoolArray) -> float:
        """Return the share of sites that two plans have in common; 1 if neither has any."""
        a, b = self.sites(first), self.sites(second)
        union = len(np.union1d(a, b))
        return len(np.intersect1d(a, b)) / union if union else 1.0

    def uses(self, plans: list[BoolArray]) -> FloatArray:
        """Count for each candidate the plans that spend money on its site."""
        counts = sum(np.isin(self.places, self.sites(plan)).astype(np.float64) for plan in plans)
        return np.asarray(counts * (self.problem.cost > 0), np.float64)

    def accept(self, plans: list[BoolArray], chosen: BoolArray) -> BoolArray | None:
        """Return a plan without what it does not need, if it is valid, not dear, and new."""
        # What nothing needs goes, from what is most used and dearest on.
        dear = float(self.problem.cost.sum()) + 1.0
        order = replace(self.problem, cost=self.problem.cost + dear * self.uses(plans))
        chosen = prune(order, chosen)
        is_valid = self.problem.is_feasible(chosen)
        if not is_valid or self.problem.price(chosen) > self.ceiling(plans):
            return None
        alike = max(self.likeness(chosen, plan) for plan in plans)
        return chosen if alike <= MOST_ALIKE else None


def _most_unlike(run: _Run, plans: list[BoolArray]) -> BoolArray | None:
    """Ask the exact solver for the plan that shares least with those known."""
    problem = run.problem
    if len(problem.cells) > EXACT_ENTRIES:
        return None
    model = covering_of(problem, np.full(problem.n_candidate, FREE, np.int32))
    spread = model.variables.spread
    linear = replace(
        also(model.linear, spread(candidates=problem.cost), run.ceiling(plans)),
        # Between plans that share as much the cheaper one is taken.
        gain=-spread(
            candidates=run.uses(plans)
            + (0.5 * problem.cost / max(float(problem.cost.sum()), 1e-300))
        ),
        upper=model.linear.upper * (1.0 - spread(missed=1.0)),
    )
    answer = solve(linear, limits=run.rest, node_limit=NODES)
    if answer.solution is None:
        return None
    return run.accept(plans, answer.solution[: problem.n_candidate] > 0.5)


def _surcharged(run: _Run, plans: list[BoolArray]) -> BoolArray | None:
    """Search for the cheapest with known sites made dearer; take the first plan that will do."""
    for surcharge in reversed(SURCHARGES):
        if run.is_over:
            return None
        priced = replace(run.problem, cost=run.problem.cost * (1.0 + surcharge * run.uses(plans)))
        outcome = minimise_cost(
            priced, limits=run.rest, seed=run.seed, threads=run.threads, start=plans[0], exact=False
        )
        found = run.accept(plans, outcome.chosen) if outcome.status in CHOSEN else None
        if found is not None:
            return found
    return None
