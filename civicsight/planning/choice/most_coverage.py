"""The most coverage that a budget buys.

References
----------
Modified greedy with its guarantee of 0.405 for one budget and a need of 1, and the bound that its
own gains give: Tang et al. (2020), arXiv 2008.05391. With several budgets, capacities of sites or
needs above 1 no guarantee is quoted; the bound is reported. Swaps as large neighbourhood search:
Shaw (1998).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.coverage._kernels.apart import heeding
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.solver._kernels import budget as kernels
from civicsight.planning.solver._kernels.budget import State, Task
from civicsight.planning.solver.budget_model import Aim, Budgets, aim_of, linear_of, variables_of
from civicsight.planning.solver.budget_search import (
    WIDTH,
    chunk_of,
    keeping,
    same_met,
    score_of,
    state_of,
    task_of,
    usual_steps,
)
from civicsight.planning.solver.linear import Linear, relax, solve, upper_bound
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.model_builder import Merged
from civicsight.planning.solver.outcome import Limits, Outcome, Progress, Status, Watch

EXACT_ENTRIES: Final = 30_000
"""A programme of fewer entries is handed to the exact solver."""

EXACT_NODES: Final = 3_000
"""Nodes of its search tree, so that a run repeats itself."""

SEARCH_SHARE: Final = 0.4
"""Share of the time that the search may take before there is a bound, as of the cheapest plan."""

BOUND_SHARE: Final = 0.7
"""Share of what is left then that the bound may take."""

LATER_SHARE: Final = 0.6
"""Share of what is left then for the search to go on; thrift has the rest."""

HEAT: Final = 0.1
"""How much worse the search may get at its start, as a share of what a candidate brings."""


def maximise_coverage(
    problem: Problem,
    budgets: Budgets,
    *,
    parts: bool = False,
    limits: Limits | None = None,
    seed: int = 0,
    watch: Watch | None = None,
    start: BoolArray | None = None,
    exact: bool = True,
) -> Outcome:
    """Choose the candidates that meet most within budgets, capacities and floors.

    Parameters
    ----------
    problem
        Nothing has to be met here, only capacities and the budgets bind; groups and slacks say
        when a part is complete.
    budgets
        Money in all and by district, and the least share of each district.
    parts
        What is made as large as possible: the weight that is met, as is, or the number of complete
        parts and then the weight, see `budget_model.aim_of`.
    limits, seed
        Steps of the search, time, a wish to stop; the same seed and steps give the same choice.
    watch
        Hears of progress; `Progress.value` is what is met.
    start
        A choice to begin from, used if it stays within the budgets; the outcome is never worse.
    exact
        Whether a small problem is handed to the exact solver at the end.

    Returns
    -------
    Outcome
        Its value is never below that of the modified greedy; of choices of this value it is the
        cheapest that is found. `recompute_bound` makes its bound from its `dual`: those of
        requirements and then of the other rows of `linear_of`. Without a choice that reaches the
        floors it is `Status.INFEASIBLE` if that is proven, or else `Status.UNDECIDED`, and chooses
        nothing.
    """
    run = _Run(problem, budgets, aim_of(problem, parts=parts), limits or Limits(), seed, watch)
    is_impossible = False
    with heeding(run.limits.is_stopped):
        is_impossible = _spend(run, start, exact=exact)
    return run.outcome(is_impossible=is_impossible)


def recompute_bound(
    problem: Problem, budgets: Budgets, dual: FloatArray, *, parts: bool = False
) -> float:
    """Return what no choice can reach, from the duals of an outcome alone."""
    linear, merged = linear_of(problem, budgets, aim_of(problem, parts=parts))
    rows = merged.total(dual[: problem.n_requirement])
    duals = np.append(rows, dual[problem.n_requirement :])
    return upper_bound(linear, np.append(duals, np.zeros(len(linear.high) - len(duals))))


def greedy_bound(problem: Problem, budgets: Budgets, chosen: BoolArray) -> float:
    """Return what no choice within the budget can meet, from any choice at all.

    What `chosen` meets, and the budget spent once more on the best gains for their cost as if none
    overlapped (Tang et al. 2020). Quick; close where the budget is small.
    """
    share = np.minimum(problem.covered(chosen), problem.need) / np.maximum(problem.need, 1)
    left = (1.0 - share) * problem.worth
    unit = np.where(share < 1.0, problem.worth / np.maximum(problem.need, 1), 0.0)
    gain = problem.matrix @ unit * ~chosen
    rate = gain / np.maximum(problem.cost, 1e-300)
    order = np.argsort(-rate, kind="stable")
    spent = np.cumsum(problem.cost[order])
    fits = spent <= budgets.total_yuan
    bought = float(gain[order][fits].sum())
    if not fits.all():
        last = int(np.argmin(fits))
        room = budgets.total_yuan - (spent[last - 1] if last else 0.0)
        bought += float(rate[order][last] * room)
    whole = float(problem.worth.sum())
    return min(whole, whole - float(left.sum()) + bought)


@dataclass(slots=True, eq=False)
class _Run:
    """One call: what is asked, the state of the search, and the best so far."""

    problem: Problem
    budgets: Budgets
    aim: Aim
    limits: Limits
    seed: int
    watch: Watch | None
    began: float = field(default_factory=time.perf_counter)
    task: Task = field(init=False)
    state: State = field(init=False)
    chosen: BoolArray | None = None
    value: float = 0.0
    bound: float = 0.0
    solver_bound: float = 0.0
    dual: FloatArray = field(init=False)
    history: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay out the arrays of the search."""
        self.task = task_of(self.problem, self.budgets, self.aim)
        self.state = state_of(self.problem, self.budgets, self.task, self.seed)
        self.bound = self.aim.value(self.problem, np.ones(self.problem.n_requirement, np.bool_))
        self.solver_bound = self.bound
        self.dual = np.zeros(self.problem.n_requirement)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began

    @property
    def is_over(self) -> bool:
        return self.limits.is_over(self.seconds)

    @property
    def is_proven(self) -> bool:
        """Tell whether nothing better exists."""
        return self.chosen is not None and self.solver_bound <= self.value * (1.0 + TOLERANCE)

    def at(self, share: float) -> float:
        """Return the second at which a share of the time that is left will have passed."""
        now = self.seconds
        return now + share * max(self.limits.seconds - now, 0.0)

    def offer(self, chosen: BoolArray) -> None:
        """Keep a choice if it is allowed and better; everything is counted anew."""
        if not self.budgets.are_kept(self.problem, chosen):
            return
        value = self.aim.value(self.problem, self.problem.is_met(chosen))
        if self.chosen is None or self._is_better(chosen, value):
            self.chosen, self.value = chosen.copy(), value

    def _is_better(self, chosen: BoolArray, value: float) -> bool:
        """Tell whether a choice meets more than the best, or the same for less money."""
        if abs(value - self.value) > TOLERANCE * max(1.0, self.value) or self.chosen is None:
            return value > self.value
        return self.problem.price(chosen) < self.problem.price(self.chosen)

    @property
    def steps(self) -> int:
        return int(self.state.sums[kernels.STEP])

    def report(self, stage: str) -> None:
        """Report where the run is."""
        progress = Progress(self.seconds, self.steps, self.value, self.solver_bound, stage)
        self.history.append(progress)
        if self.watch is not None:
            self.watch(progress)

    def load(self, chosen: BoolArray) -> None:
        """Put the search at a choice."""
        for j in np.flatnonzero((self.state.chosen > 0) & ~chosen):
            kernels.move(self.task, self.state, int(j), 0)
        for j in np.flatnonzero((self.state.chosen == 0) & chosen):
            kernels.move(self.task, self.state, int(j), 1)

    def outcome(self, *, is_impossible: bool) -> Outcome:
        """Close the run."""
        chosen = self.chosen
        bound = max(self.bound, self.value)
        tight = max(min(self.solver_bound, bound), self.value)
        if chosen is None:
            chosen = np.zeros(self.problem.n_candidate, np.bool_)
            status = Status.INFEASIBLE if is_impossible else Status.UNDECIDED
        elif tight <= self.value * (1.0 + 1e-9):
            status = Status.OPTIMAL
        else:
            status = Status.STOPPED if self.is_over else Status.FEASIBLE
        history = tuple(self.history)
        return Outcome(
            chosen, self.value, bound, tight, self.dual, status, history, self.seed, self.steps
        )


def _spend(run: _Run, start: BoolArray | None, *, exact: bool) -> bool:
    """Go all the way, unless it is over before; return whether no choice is allowed at all."""
    _greedy(run, start)
    _search(run, run.at(SEARCH_SHARE))
    linear, merged = linear_of(run.problem, run.budgets, run.aim)
    exact = exact and linear.matrix.nnz <= EXACT_ENTRIES
    is_impossible = _bound(run, linear, merged)
    _search(run, run.at(1.0 if run.is_proven else LATER_SHARE))
    if exact and not (run.is_over or is_impossible):
        is_impossible = _exact(run, linear, merged)
    _save(run, linear, merged, exact=exact)
    return is_impossible


def _greedy(run: _Run, start: BoolArray | None) -> None:
    """Fill the floors, the parts, the rest; compare with a start and the best single candidate."""
    task, state = run.task, run.state
    if start is not None and run.budgets.allow(run.problem, start):
        run.offer(start)
    _fill_floors(run)
    if task.part_worth:
        kernels.complete_parts(task, state, np.zeros(len(task.least)))
        kernels.refresh(task, state)
    is_plain = not task.part_worth
    for _ in range(run.problem.n_candidate):
        if is_plain:
            chosen = state.chosen.astype(np.bool_)
            known = greedy_bound(run.problem, run.budgets, chosen)
            run.solver_bound = min(run.solver_bound, known)
        if kernels.fill(task, state, 1 + run.problem.n_candidate // 50) == 0:
            break
    run.offer(state.chosen.astype(np.bool_))
    single = np.zeros(run.problem.n_candidate, np.bool_)
    affordable = run.problem.cost <= run.budgets.total_yuan
    if affordable.any():
        gain = run.problem.matrix @ task.unit
        single[int(np.argmax(np.where(affordable, gain, -1.0)))] = True
        run.offer(single)
    run.report("greedy")


def _fill_floors(run: _Run) -> None:
    """Spend first where a floor is not reached, on what brings most towards it for its cost."""
    task, state = run.task, run.state
    while True:
        short = state.met_place < task.floor
        if not short.any():
            break
        wanted = (task.place != FREE) & short[task.place]
        aimed = task._replace(unit=np.where(wanted, task.weight / np.maximum(task.need, 1), 0.0))
        kernels.refresh(aimed, state)
        if kernels.fill(aimed, state, 1) == 0:
            break
    kernels.refresh(task, state)


def _search(run: _Run, until: float) -> None:
    """Open holes and fill them until the steps are used up, or so many seconds have passed."""
    problem, task, state = run.problem, run.task, run.state
    if run.steps and (run.is_proven or run.seconds >= until):
        return
    if run.chosen is not None:
        run.load(run.chosen)
        kernels.refresh(task, state)
    whole = run.limits.steps
    if not problem.n_candidate:
        whole = 0
    elif whole is None:
        whole = usual_steps(problem, int(state.chosen.sum()))
    state.best[:] = state.chosen
    score = score_of(task, state)
    state.sums[kernels.CURRENT] = state.sums[kernels.BEST] = score
    held = max(int(state.chosen.sum()), 1)
    heat = HEAT * state.sums[kernels.VALUE] / held
    chunk = chunk_of(problem)
    told = run.seconds
    while state.sums[kernels.STEP] < whole and run.seconds < until and not run.is_over:
        steps = min(chunk, whole - int(state.sums[kernels.STEP]))
        kernels.swap(task, state, steps, whole, heat, WIDTH)
        if run.seconds - told > 0.2:
            told = run.seconds
            run.offer(state.best.astype(np.bool_))
            run.report("search")
    run.offer(state.best.astype(np.bool_))
    run.report("search")


def _bound(run: _Run, linear: Linear, merged: Merged) -> bool:
    """Bound by the relaxed programme; return whether it has no answer at all."""
    if run.is_over:
        return False
    total = len(merged.first) + len(run.problem.capacity)
    money = total if np.isfinite(run.budgets.total_yuan) else None  # the row of all money
    limits = replace(rest := _rest(run), seconds=BOUND_SHARE * rest.seconds)
    answer = relax(linear, limits=limits, money=money)
    if answer.is_impossible:
        return run.chosen is None
    _keep_duals(run, linear, merged, answer.duals)
    return False


def _keep_duals(run: _Run, linear: Linear, merged: Merged, duals: FloatArray) -> None:
    """Take duals as the proof, if they prove more than is known."""
    bound = upper_bound(linear, duals)
    if bound >= run.bound:  # no duals prove that nobody gets more than all there is
        return
    rows = len(merged.first)
    run.dual = np.append(merged.share(duals[:rows], run.problem.weight), duals[rows:])
    run.bound, run.solver_bound = bound, min(run.solver_bound, bound)
    run.report("bound")


def _exact(run: _Run, linear: Linear, merged: Merged) -> bool:
    """Ask the exact solver, from the best choice on; return whether nothing is possible."""
    start = None if run.chosen is None else _values(run, merged, run.chosen)
    answer = solve(linear, start=start, limits=_rest(run), node_limit=EXACT_NODES)
    if answer.solution is not None:
        run.offer(answer.solution[: run.problem.n_candidate] > 0.5)
    if answer.is_impossible:
        return run.chosen is None
    run.solver_bound = min(run.solver_bound, answer.bound)
    run.report("exact")
    return False


def _save(run: _Run, linear: Linear, merged: Merged, *, exact: bool) -> None:
    """Spend no more than it takes: search among what meets the same, then ask the exact solver."""
    if run.chosen is None or run.is_over:
        return
    kept = same_met(run.problem, run.problem.is_met(run.chosen))
    found = minimise_cost(
        kept,
        limits=_rest(run),
        seed=run.seed,
        watch=lambda _: run.report("thrift"),
        start=run.chosen,
        exact=exact,
    )
    run.offer(found.chosen)
    if not exact or run.is_over:
        return
    cost = np.zeros(len(linear.gain))
    cost[: run.problem.n_candidate] = run.problem.cost
    cheapest = keeping(linear, run.value, cost)
    start = _values(run, merged, run.chosen)
    answer = solve(cheapest, start=start, limits=_rest(run), node_limit=EXACT_NODES)
    if answer.solution is not None:
        run.offer(answer.solution[: run.problem.n_candidate] > 0.5)


def _values(run: _Run, merged: Merged, chosen: BoolArray) -> FloatArray:
    """Return a choice as values of the programme."""
    problem, aim = run.problem, run.aim
    met = problem.is_met(chosen)
    return variables_of(problem, aim, merged).spread(
        candidates=chosen,
        rows=met[merged.first],
        parts=aim.complete(problem, met) if aim.part_worth else 0.0,
    )


def _rest(run: _Run) -> Limits:
    """Return the limits with the time that is left."""
    left = max(run.limits.seconds - run.seconds, 0.0)
    return Limits(run.limits.steps, left, run.limits.stop)
