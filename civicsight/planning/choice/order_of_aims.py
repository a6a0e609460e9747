"""The plan by order of aims: what the law asks for, few new sites, little money, little exposure.

Each aim keeps what the ones before it reached, so no yuan is saved by leaving a gate unwatched and
no new pole is set to save a yuan (Article 7: full use of what exists). `COST_ONLY` trades new sites
against money instead.

References
----------
Lexicographic optimisation (Isermann 1982). The bound on the cost under a limit of new sites is
Lagrangian: for any price ``p`` of a new site, the least of ``cost + p * sites`` less ``p`` times
the limit (Geoffrion 1974).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray
from civicsight.core.errors import N_, Text
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.most_coverage import maximise_coverage
from civicsight.planning.choice.price_of_share import CHOSEN, opened_sites
from civicsight.planning.solver.bounds import best_dual, lower_bound, round_up
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.covering_model import covering_of
from civicsight.planning.solver.lawful_model import KNOWN_AIMS
from civicsight.planning.solver.linear import solve
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.model_builder import also
from civicsight.planning.solver.outcome import Limits, Outcome, Progress, Status, Watch


class Aim(StrEnum):
    """What a plan makes as small as it can be, or within a budget as large."""

    UNMET = "unmet"
    """Weight that stays unmet beyond what may, as long as capacities let it be met."""
    NEW_SITES = "new_sites"
    COST = "cost"
    LIFE = "life"
    """Cost over the years that are counted, where that is made small."""
    EXPOSURE = "exposure"
    """Private facade in view [m2]."""
    PLACES = "places"
    PARTS = "parts"
    METRES = "metres"
    JOINED = "joined"
    SURVIVING = "surviving"


BOUGHT: Final = tuple(map(Aim, KNOWN_AIMS))
"""What a budget makes large, and exposure small; see `solver.lawful_model.KNOWN_AIMS`."""

AIM_TEXTS: Final[Mapping[Aim, Text]] = MappingProxyType(
    {
        Aim.UNMET: N_("demand that stays unmet beyond what may [m, m²]"),
        Aim.NEW_SITES: N_("new sites"),
        Aim.COST: N_("cost [yuan]"),
        Aim.LIFE: N_("life-cycle cost [yuan]"),
        Aim.EXPOSURE: N_("private wall in view [m²]"),
        Aim.PLACES: N_("places made compliant"),
        Aim.PARTS: N_("gates and key parts made compliant"),
        Aim.METRES: N_("met of what the law asks for [m, m²]"),
        Aim.JOINED: N_("met by cameras that the plan confirms, connects or builds [m, m²]"),
        Aim.SURVIVING: N_("met whichever camera fails [m, m²]"),
    }
)
"""What is made small or large, for a person."""

POLICY: Final = (Aim.UNMET, Aim.NEW_SITES, Aim.COST, Aim.EXPOSURE)
"""The order of Article 7."""

COST_ONLY: Final = (Aim.UNMET, Aim.COST, Aim.EXPOSURE)
"""The cheapest plan, however many new sites it opens."""

SMALL_ENTRIES: Final = 30_000
"""A problem of fewer entries is solved aim by aim by the exact solver as well."""

NODES: Final = 3_000
"""Nodes of each of its search trees, so that a run repeats itself."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One aim: what was reached, and what nothing that keeps the aims before it can beat."""

    aim: Aim
    value: float
    bound: float

    @property
    def is_proven(self) -> bool:
        """Tell whether nothing better exists."""
        return self.value <= self.bound * (1.0 + TOLERANCE) + TOLERANCE


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """A choice by order of aims.

    Parameters
    ----------
    outcome
        The choice, and the proof for its cost. `Outcome.bound` holds for every choice that meets
        the problem and is recomputed by `bounds.lower_bound` from its dual;
        `Outcome.solver_bound` holds for those that also keep the aims before the cost. Both are 0
        where capacities do not let everything be met.
    stages
        In the order of the aims; none if it was stopped before there was a first choice. The bound
        of a stage supposes that stages before it stand as they are, also where those are not
        proven.
    """

    outcome: Outcome
    stages: tuple[Stage, ...]


def by_order(
    problem: Problem,
    *,
    opens: IndexArray | None = None,
    exposure_m2: FloatArray | None = None,
    order: tuple[Aim, ...] = POLICY,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    watch: Watch | None = None,
    start: BoolArray | None = None,
    exact: bool = True,
) -> Ranked:
    """Choose candidates by order of aims.

    Sites that are opened are counted, not cameras. The local search prices each candidate of a new
    site as one, which is the same where a new site carries one camera; a problem of up to
    `SMALL_ENTRIES` entries is then solved aim by aim with sites as they are.

    Parameters
    ----------
    problem
        What is asked for.
    opens
        New site that each candidate opens, `FREE` for none, shape ``(n_candidate,)``.
    exposure_m2
        Private facade that each candidate sees [m2], shape ``(n_candidate,)``.
    order
        `POLICY` or `COST_ONLY`; starts with `Aim.UNMET`.
    start
        A known choice to begin with.
    """
    n = problem.n_candidate
    run = _Run(
        problem,
        np.full(n, FREE, np.int32) if opens is None else opens,
        np.zeros(n) if exposure_m2 is None else exposure_m2,
        order,
        limits or Limits(),
        watch,
    )
    outcome = _search(run, seed, threads, start)
    if outcome.status is Status.UNDECIDED:
        return Ranked(outcome, ())
    chosen = outcome.chosen
    bounds = _bounds(run, outcome, threads)
    if exact and len(problem.cells) <= SMALL_ENTRIES and not run.is_over:
        chosen, bounds = _solve(run, chosen)
    return _close(run, outcome, chosen, bounds)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What is asked, by which order, and since when."""

    problem: Problem
    opens: IndexArray
    exposure_m2: FloatArray
    order: tuple[Aim, ...]
    limits: Limits
    watch: Watch | None
    began: float = field(default_factory=time.perf_counter)

    @property
    def rest(self) -> Limits:
        """Return the limits with the time that is left."""
        left = max(self.limits.seconds - (time.perf_counter() - self.began), 0.0)
        return Limits(self.limits.steps, left, self.limits.stop)

    @property
    def is_over(self) -> bool:
        """Tell whether to end."""
        return self.limits.is_over(time.perf_counter() - self.began)

    def unmet(self, chosen: BoolArray) -> float:
        """Return the weight that stays unmet beyond what may."""
        lost = ~self.problem.is_met(chosen)
        weights = np.bincount(
            self.problem.group[lost] + 1,
            self.problem.weight[lost],
            minlength=len(self.problem.slack) + 1,
        )
        beyond = weights - np.append(0.0, self.problem.slack)
        beyond[beyond <= TOLERANCE * (1.0 + weights)] = 0.0
        return float(beyond.sum())

    def values(self, chosen: BoolArray) -> tuple[float, ...]:
        """Return what a choice reaches, aim by aim."""
        reached = {
            Aim.UNMET: lambda: self.unmet(chosen),
            Aim.NEW_SITES: lambda: float(opened_sites(self.opens, chosen)),
            Aim.COST: lambda: self.problem.price(chosen),
            Aim.EXPOSURE: lambda: float(self.exposure_m2[chosen].sum()),
        }
        return tuple(reached[aim]() for aim in self.order)


def _search(run: _Run, seed: int, threads: int, start: BoolArray | None) -> Outcome:
    """Find a choice by the search for the cheapest, with new sites and exposure in its price."""
    problem, n_new = run.problem, (run.opens != FREE).astype(np.float64)
    dear = float(problem.cost.sum()) + 1.0 if Aim.NEW_SITES in run.order else 0.0
    total = float(run.exposure_m2.sum())
    slight = 0.5 / total if total > 0 and Aim.EXPOSURE in run.order else 0.0
    priced = replace(problem, cost=dear * n_new + problem.cost + slight * run.exposure_m2)

    def hear(progress: Progress) -> None:
        if run.watch is not None:
            is_known = dear > 0 and np.isfinite(progress.value)
            value = progress.value % dear if is_known else progress.value
            run.watch(replace(progress, value=value, bound=0.0))

    outcome = minimise_cost(
        priced, limits=run.rest, seed=seed, threads=threads, watch=hear, start=start
    )
    if outcome.status in CHOSEN:
        return outcome
    most = maximise_coverage(problem, Budgets.of(problem), limits=run.rest, seed=seed)
    # Ask for no more than a known choice meets.
    met = problem.is_met(most.chosen)
    lost = ~met & (priced.group != FREE)
    weights = np.bincount(priced.group[lost], priced.weight[lost], minlength=len(priced.slack))
    need = np.where((priced.group == FREE) & ~met, 0, priced.need).astype(np.int32)
    eased = replace(priced, need=need, slack=np.maximum(priced.slack, weights))
    outcome = minimise_cost(
        eased, limits=run.rest, seed=seed, threads=threads, watch=hear, start=most.chosen
    )
    if outcome.status in CHOSEN or most.status not in CHOSEN:
        return outcome
    return replace(most, status=Status.STOPPED)


def _bounds(run: _Run, outcome: Outcome, threads: int) -> tuple[float, ...]:
    """Bound each aim, given that those before it stand, by duals of requirements."""
    problem, values = run.problem, run.values(outcome.chosen)
    bounds = dict.fromkeys(run.order, 0.0)
    if values[0] > 0 or run.is_over:
        return tuple(bounds.values())
    per_site = np.bincount(run.opens + 1, minlength=1)[1:]
    new = run.opens != FREE
    share = np.zeros(problem.n_candidate)
    # A site counts once, however many of its candidates are taken.
    share[new] = 1.0 / per_site[run.opens[new]]
    if Aim.NEW_SITES in run.order:
        sites = replace(problem, cost=share)
        least = lower_bound(sites, best_dual(sites, limits=run.rest, threads=threads))
        bounds[Aim.NEW_SITES] = float(np.ceil(least - 1e-6))
    dual = best_dual(problem, limits=run.rest, threads=threads)
    bounds[Aim.COST] = round_up(problem, lower_bound(problem, dual))
    if Aim.NEW_SITES in run.order and new.any():
        count = values[run.order.index(Aim.NEW_SITES)]
        for price in np.quantile(problem.cost[new], (0.5, 1.0)):
            priced = replace(problem, cost=problem.cost + price * share)
            dual = best_dual(priced, limits=run.rest, threads=threads)
            under = lower_bound(priced, dual) - price * count
            bounds[Aim.COST] = max(bounds[Aim.COST], round_up(problem, under))
    return tuple(bounds.values())


def _solve(run: _Run, chosen: BoolArray) -> tuple[BoolArray, tuple[float, ...]]:
    """Solve aim by aim, each with those before it fixed, by the exact solver."""
    problem = run.problem
    model = covering_of(problem, run.opens)
    linear, values_of, spread = model.linear, model.values_of, model.variables.spread
    aims = {
        Aim.UNMET: spread(missed=1),
        Aim.NEW_SITES: spread(sites=1),
        Aim.COST: spread(candidates=problem.cost),
        Aim.EXPOSURE: spread(candidates=run.exposure_m2),
    }
    best, reached, bounds = chosen, run.values(chosen), list[float]()
    for at, aim in enumerate(run.order):
        staged = replace(linear, gain=-aims[aim])
        answer = solve(staged, start=values_of(best), limits=run.rest, node_limit=NODES)
        if answer.solution is not None:
            found = answer.solution[: problem.n_candidate] > 0.5
            if _is_before(run.values(found), reached):
                best, reached = found, run.values(found)
        value = reached[at]
        bounds.append(min(max(-answer.bound, 0.0), value))
        linear = also(linear, aims[aim], value * (1.0 + TOLERANCE) + TOLERANCE)
    return best, tuple(bounds)


def _is_before(first: tuple[float, ...], second: tuple[float, ...]) -> bool:
    """Tell whether a choice is better at the first aim at which the two differ."""
    for a, b in zip(first, second, strict=True):
        if abs(a - b) > TOLERANCE * (1.0 + abs(b)):
            return a < b
    return False


def _close(run: _Run, outcome: Outcome, chosen: BoolArray, bounds: tuple[float, ...]) -> Ranked:
    """Recount what is reached, and state the proof for the cost."""
    problem, values = run.problem, run.values(chosen)
    at = run.order.index(Aim.COST)
    dual, bound = np.zeros(problem.n_requirement), 0.0
    if values[0] == 0 and not run.is_over:
        dual = best_dual(problem, limits=run.rest)
        bound = min(round_up(problem, lower_bound(problem, dual)), values[at])
    stages = tuple(
        Stage(aim, value, min(least, value))
        for aim, value, least in zip(run.order, values, bounds, strict=True)
    )
    proven = all(stage.is_proven for stage in stages)
    status = Status.OPTIMAL if proven else Status.STOPPED if run.is_over else Status.FEASIBLE
    closed = replace(
        outcome,
        chosen=chosen,
        value=values[at],
        bound=bound,
        solver_bound=max(bound, stages[at].bound),
        dual=dual,
        status=status,
    )
    return Ranked(closed, stages)
