"""What a budget buys, all of it: the curve of cost, and the plans that no other listed one beats.

References
----------
Pareto sets of cost, places made compliant, private wall in view, and what the worst failure of one
camera takes, from one matrix of candidates: by levels of money with all candidates, with those that
see little private wall, and with one camera to spare (epsilon constraints, Haimes and others 1971);
where the problem is small, until no further one exists (`solver.frontier_model`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.core.errors import N_, Text
from civicsight.core.progress import Progress
from civicsight.coverage.result import CheckResult
from civicsight.planning.aims.policy_file import Policy
from civicsight.planning.aims.requirements import build_problem, lawful_of
from civicsight.planning.area.scope import Scope
from civicsight.planning.candidates import generate
from civicsight.planning.candidates.ruled_out import RuledOut
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.clock import Clock
from civicsight.planning.choice.cost_coverage_curve import (
    LEVELS,
    as_counted,
    bought,
    in_works,
    levels_of,
    row_of,
)
from civicsight.planning.choice.price_of_share import CHOSEN
from civicsight.planning.make import CANDIDATES, Run, found_in_time
from civicsight.planning.prices.price_table import Prices
from civicsight.planning.prices.terms import BudgetOf, counted
from civicsight.planning.record.plan import CURVE
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.frontier_model import another, losses, measured, unbeaten
from civicsight.planning.solver.lawful_model import AIMS, Lawful
from civicsight.planning.solver.linear import solve
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits, Outcome

RUNS: Final = N_("Trying amounts of money")
"""A step, for whoever waits for it."""

PLANS: Final = ("cost_yuan", "places", "most_places", "parts", "metres", "exposure_m2", "lost_m",
                "worst")  # fmt: skip
"""Of each plan: what it costs and makes lawful, the places that no plan of its cost beats, private
wall in view, and what the worst failure of one camera takes, with the number of that candidate."""

SMALL_ENTRIES: Final = 600
"""A model of fewer entries is asked for further plans until there is none."""

MOST_PLANS: Final = 200
"""So many plans are listed at most: each makes the model of the next one larger."""

WEIGHT: Final = 4
"""So much more time than any other run has each level of the curve: its bounds hold for all."""

NODES: Final = 20_000
"""Nodes of each search tree, so that a run repeats itself."""


@dataclass(frozen=True, slots=True)
class Survival:
    """What it costs that any one camera may fail.

    Parameters
    ----------
    cost_yuan, bound_yuan
        Of the cheapest plan that meets all, and what no such plan beats.
    spare_yuan, spare_bound_yuan
        The same with one camera more for each sample that a second one can see.
    lone_m
        Metres that no second lawful camera can see: there a failure takes something whatever is
        paid.
    """

    cost_yuan: float
    bound_yuan: float
    spare_yuan: float
    spare_bound_yuan: float
    lone_m: float

    @property
    def price_yuan(self) -> float:
        """What the second plan costs more [yuan]; not a number where one was not found."""
        return self.spare_yuan - self.cost_yuan

    @property
    def least_yuan(self) -> float:
        """What surviving costs at least [yuan]."""
        return max(self.spare_bound_yuan - self.cost_yuan, 0.0)

    def as_counted(self, terms: pd.DataFrame, budget_of: BudgetOf) -> Survival:
        """Return the same with works counted as budgets are; one that was not found stays so."""

        def told(works: float) -> float:
            return counted(terms, works, budget_of) if np.isfinite(works) else works

        return replace(
            self,
            cost_yuan=told(self.cost_yuan),
            bound_yuan=told(self.bound_yuan),
            spare_yuan=told(self.spare_yuan),
            spare_bound_yuan=told(self.spare_bound_yuan),
        )

    def to_dict(self) -> dict[str, float]:
        """Return plain values that JSON holds."""
        return asdict(self) | {"price_yuan": self.price_yuan, "least_yuan": self.least_yuan}


@dataclass(frozen=True, slots=True, eq=False)
class Frontier:
    """What money buys.

    Parameters
    ----------
    curve
        Columns `plan.CURVE`, by rising money.
    plans
        Columns `PLANS`, by rising cost; none beats another.
    choices
        Candidates of each plan, shape ``(n_plan, n_candidate)``.
    is_complete
        Whether it is proven that no plan that is not listed beats one, or is beaten by none.
    survival
        What it costs that any one camera may fail; None where nobody asked.
    budget_of
        Which sum all its money is.
    """

    curve: pd.DataFrame
    plans: pd.DataFrame
    choices: BoolArray
    is_complete: bool
    survival: Survival | None
    budget_of: BudgetOf = BudgetOf.WORKS


def frontier(
    lawful: Lawful,
    *,
    spare: Problem | None = None,
    levels: Sequence[float] | None = None,
    start: BoolArray | None = None,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    progress: Progress | None = None,
) -> Frontier:
    """Find what money buys, and the plans that no other listed one beats.

    Parameters
    ----------
    lawful
        What is asked for; of its budgets all but the total hold.
    spare
        The same problem with one camera more for each sample, of the same candidates.
    levels
        Money [yuan]; by default shares of what the cheapest plan that meets all costs.
    start
        A plan to begin from; it is listed if none beats it.
    limits
        Time and stop of everything together, steps of each search.
    progress
        Called with runs done and runs in all.
    """
    run = _Run(lawful, limits or Limits(), seed, threads, progress)
    sides, robust_runs = list(_sides(lawful)), spare is not None
    count = len(LEVELS if levels is None else levels)
    run.left = (1 + robust_runs) * WEIGHT + len(sides)
    run.left += count * (WEIGHT + len(sides) + robust_runs)
    full = run.cheapest(lawful.problem)
    robust = None if spare is None else run.cheapest(spare)
    money = sorted(set(levels_of(lawful, full) if levels is None else levels))
    for each in (np.zeros(lawful.problem.n_candidate, np.bool_), start, full.chosen):
        run.offer(each)
    curve = _try_levels(run, money, full, start, sides)
    if spare is not None and robust is not None:
        run.offer(robust.chosen)
        for _, found in run.buy(replace(lawful, problem=spare), robust, money):
            run.offer(found.chosen)
    is_complete = run.complete()
    survival = None if spare is None else _survival(lawful, full, spare, robust)
    choices, points = run.listed()
    return Frontier(curve, _plans(lawful, choices, points, curve), choices, is_complete, survival)


def _try_levels(
    run: _Run,
    money: Sequence[float],
    full: Outcome,
    start: BoolArray | None,
    sides: Sequence[tuple[Lawful, IntArray]],
) -> pd.DataFrame:
    """Offer what each level buys of all candidates, and of those of each side.

    Returns
    -------
    pandas.DataFrame
        The curve, of all candidates.
    """
    lawful, rows = run.lawful, list[tuple[float, ...]]()
    for level, found in run.buy(lawful, full, money, start, WEIGHT):
        rows.append(row_of(lawful, level, found))
        run.offer(found.chosen)
    for side, origin in sides:
        whole = run.cheapest(side.problem, 1)
        for found in (whole, *(each for _, each in run.buy(side, whole, money))):
            run.offer(_back(lawful, origin, found.chosen))
    return pd.DataFrame(rows, columns=list(CURVE))


def draw_frontier(
    result: CheckResult,
    *,
    policy: Policy | None = None,
    prices: Prices | None = None,
    levels: Sequence[float] | None = None,
    start: Collection[str] = (),
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    ruled_out: RuledOut | None = None,
    scope: Scope | None = None,
    budget_of: BudgetOf = BudgetOf.INVESTMENT,
    step: Callable[[Text], Progress | None] | None = None,
) -> tuple[Frontier, pd.Index]:
    """Find the frontier of a checked city, and the ids of its candidates.

    Parameters
    ----------
    result
        What `check` found of what exists.
    policy, prices
        As of `make.make_plan`.
    start
        Ids of candidates to begin from, such as those of a kept plan (`evidence.chosen_ids`);
        those that are no more are left out.
    levels, limits, seed, threads
        As of `frontier`.
    ruled_out, scope, budget_of, step
        What no plan of it touches; what is asked for; which sum money and costs are; who hears the
        name of each step, and returns who hears of its progress.
    """
    begin = step or (lambda _: None)
    more: dict[str, Any] = {"prices": prices, "robust_k": 1, "ruled_out": ruled_out}
    more["scope"] = scope
    clock = Clock(limits or Limits())
    offers = found_in_time(
        clock, begin(CANDIDATES), lambda hear: generate(result, **more, progress=hear)
    )
    posed = build_problem(offers, result, robust_k=0)
    spare = build_problem(offers, result, robust_k=1).problem
    lawful = lawful_of(posed, offers, result, Budgets.of(posed.problem), policy)
    known = Run(start=tuple(start)).known(posed.problem, posed.candidate_ids)
    terms, asked = offers.prices.terms, in_works(offers.prices.terms, levels, budget_of)
    found = frontier(
        lawful,
        spare=spare,
        levels=None if asked is None else list(asked),
        start=known,
        limits=replace(clock.limits, seconds=clock.left),
        seed=seed,
        threads=threads,
        progress=begin(RUNS),
    )
    told = replace(
        found,
        curve=as_counted(found.curve, terms, budget_of, asked),
        plans=found.plans.assign(
            cost_yuan=[counted(terms, cost, budget_of) for cost in found.plans["cost_yuan"]]
        ),
        survival=None if found.survival is None else found.survival.as_counted(terms, budget_of),
        budget_of=budget_of,
    )
    return told, posed.candidate_ids


@dataclass(slots=True, eq=False)
class _Run:
    """One call: what is asked, since when, and every choice that was found."""

    lawful: Lawful
    limits: Limits
    seed: int
    threads: int
    progress: Progress | None
    began: float = field(default_factory=time.perf_counter)
    left: int = 1
    done: int = 0
    known: dict[str, FloatArray] = field(default_factory=dict)
    choices: list[BoolArray] = field(default_factory=list)
    points: list[FloatArray] = field(default_factory=list)

    @property
    def rest(self) -> float:
        """Return the time that is left [s]."""
        return max(self.limits.seconds - (time.perf_counter() - self.began), 0.0)

    def part(self, weight: int = 1) -> dict[str, Any]:
        """Return how the next run goes: it has its share of the time that is left."""
        share = self.rest * min(weight / max(self.left - self.done, 1), 1.0)
        self.done += weight
        if self.progress is not None:
            self.progress(self.done, max(self.left, self.done))
        limits = Limits(self.limits.steps, share, self.limits.stop)
        return {"limits": limits, "seed": self.seed, "threads": self.threads}

    def cheapest(self, problem: Problem, weight: int = WEIGHT) -> Outcome:
        """Find the cheapest choice that meets all."""
        return minimise_cost(problem, **self.part(weight))

    def buy(
        self,
        lawful: Lawful,
        full: Outcome,
        money: Sequence[float],
        start: BoolArray | None = None,
        weight: int = 1,
    ) -> Iterator[tuple[float, Outcome]]:
        """Yield what each level of money buys, from the one before on; the curve's in any case."""
        for level in money:
            if weight < WEIGHT and (self.rest <= 0.0 or self.limits.is_stopped()):
                return
            more = self.part(weight) | {"known": self.known}
            for pair in bought(lawful, full, [level], start=start, **more):
                start = pair[1].chosen
                yield pair

    def offer(self, chosen: BoolArray | None) -> None:
        """Keep a choice that keeps to capacities and to what stands today."""
        if chosen is None or not self.lawful.problem.keeps_capacities(chosen):
            return
        budgets = replace(self.lawful.budgets, total_yuan=np.inf)
        if replace(self.lawful, budgets=budgets).allows(chosen):
            self.choices.append(chosen)
            self.points.append(measured(self.lawful, chosen))

    def listed(self) -> tuple[BoolArray, FloatArray]:
        """Return the choices that none of the others beats, the cheapest first, with points."""
        points = np.array(self.points)
        kept = np.flatnonzero(unbeaten(points))
        kept = kept[np.lexsort(points[kept].T[::-1])]
        return np.array(self.choices)[kept], points[kept]

    def complete(self) -> bool:
        """Ask for further plans until there is none; tell whether that was proven."""
        budgets = replace(self.lawful.budgets, total_yuan=np.inf)
        free = replace(self.lawful, budgets=budgets, aims=AIMS)
        if len(self.lawful.problem.cells) > SMALL_ENTRIES:
            return False
        while self.rest > 0.0 and not self.limits.is_stopped():
            _, points = self.listed()
            if len(points) >= MOST_PLANS:
                return False
            limits = Limits(None, self.rest, self.limits.stop)
            answer = solve(another(free, points), limits=limits, node_limit=NODES)
            if answer.is_impossible:
                return True
            before = len(self.choices)
            if answer.solution is not None:
                self.offer(answer.solution[: self.lawful.problem.n_candidate] > 0.5)
            if len(self.choices) == before or not unbeaten(np.array(self.points))[-1]:
                return False
        return False


def _sides(lawful: Lawful) -> Iterator[tuple[Lawful, IntArray]]:
    """Yield the problem with candidates that see no private wall, and little of it."""
    wall, standing = lawful.exposure, lawful.places.standing
    some = wall[~standing & (wall > 0.0)]
    for most in sorted({0.0, float(np.median(some))}) if len(some) else ():
        rows = np.flatnonzero(standing | (wall <= most))
        problem, budgets = lawful.problem, lawful.budgets
        matrix = problem.matrix[rows]
        less = replace(
            problem,
            indptr=matrix.indptr.astype(np.int64),
            cells=matrix.indices.astype(np.int32),
            cost=problem.cost[rows],
            site=problem.site[rows],
        )
        yield (
            replace(
                lawful,
                problem=less,
                budgets=replace(budgets, of_candidate=budgets.of_candidate[rows]),
                places=replace(lawful.places, standing=standing[rows]),
                exposure_m2=wall[rows],
            ),
            rows,
        )


def _back(lawful: Lawful, rows: IntArray, chosen: BoolArray) -> BoolArray:
    """Return a choice among all candidates."""
    own = np.zeros(lawful.problem.n_candidate, np.bool_)
    own[rows[chosen]] = True
    return own


def _survival(lawful: Lawful, full: Outcome, spare: Problem, robust: Outcome | None) -> Survival:
    """Return what it costs that any one camera may fail."""
    problem, nothing = lawful.problem, float("nan")
    lone = float(problem.weight[(spare.need <= problem.need) & (problem.need > 0)].sum())
    pairs = [
        (outcome.value, outcome.solver_bound)
        if outcome is not None and outcome.status in CHOSEN
        else (nothing, nothing)
        for outcome in (full, robust)
    ]
    return Survival(*pairs[0], *pairs[1], lone)


def _plans(
    lawful: Lawful, choices: BoolArray, points: FloatArray, curve: pd.DataFrame
) -> pd.DataFrame:
    """Return figures of plans, with the places that no plan of their cost beats."""
    most = float(lawful.most[lawful.aims.index("places")]) if "places" in lawful.aims else np.nan
    rows = []
    for chosen, (cost, places, wall, lost) in zip(choices, points, strict=True):
        found = lawful.count(chosen).of_aim
        above = curve.loc[curve["budget_yuan"] >= cost, "most_places"]
        bound = max(float(above.iloc[0]) if len(above) else most, -places)
        worst = int(losses(lawful, chosen).argmax()) if lost > 0.0 else -1
        rows.append((cost, -places, bound, found["parts"], found["metres"], wall, lost, worst))
    return pd.DataFrame(rows, columns=list(PLANS))
