"""What a budget buys: places made compliant, then parts, then metres, and never less than today.

References
----------
Articles 7 and 8: money goes first where it makes a whole place keep the law. The aims come one
after the other (lexicographic), each with a bound that duals prove; HiGHS closes what it can.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.most_coverage import EXACT_NODES, maximise_coverage
from civicsight.planning.choice.price_of_share import CHOSEN
from civicsight.planning.solver.budget_search import same_met
from civicsight.planning.solver.covering import cover_of, drop_redundant
from civicsight.planning.solver.lawful_model import (
    SURVIVING,
    Lawful,
    LawfulCount,
    Places,
    Programme,
    programme_of,
    values_of,
    whole_count,
)
from civicsight.planning.solver.linear import FACTOR_ENTRIES, Linear, relax, solve
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.opting_out import bound_of, opting_duals
from civicsight.planning.solver.outcome import Limits, Outcome, Progress, Stage, Status, Watch
from civicsight.planning.solver.standing import back, beside_standing, label_of


def shed(
    problem: Problem, places: Places, chosen: BoolArray, total_yuan: float
) -> BoolArray | None:
    """Give up the places that save most money, one after the other, until the money suffices.

    Parameters
    ----------
    problem, places
        The problem with what stands as free candidates, and which group is of which place.
    chosen, total_yuan
        A choice that meets all, and the money there is.

    Returns
    -------
    numpy.ndarray or None
        What is left of the choice; None where the money does not suffice for anything.
    """
    label = places.place[problem.group]
    row = np.repeat(np.arange(problem.n_candidate), np.diff(problem.indptr))
    while problem.price(chosen) > total_yuan:
        covered, need = problem.covered(chosen)[problem.cells], problem.need[problem.cells]
        needed = chosen[row] & (covered <= need) & (need > 0)
        pairs = np.unique(np.stack([row[needed], label[problem.cells[needed]]]), axis=1)
        alone = np.bincount(pairs[0], minlength=problem.n_candidate) == 1
        own = pairs[:, alone[pairs[0]]]
        saved = np.bincount(own[1] + 1, problem.cost[own[0]], minlength=2)
        if not (saved > 0).any():
            return None
        worst = int(np.argmax(saved)) - 1
        problem = replace(problem, need=np.where(label == worst, 0, problem.need).astype(np.int32))
        chosen = drop_redundant(problem, cover_of(problem, transposed=False), chosen)
    return chosen


EXACT_ENTRIES: Final = 300_000
"""A programme of fewer entries is handed to the exact solver, aim by aim."""


def most_lawful(
    lawful: Lawful,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    watch: Watch | None = None,
    full: Outcome | None = None,
    start: BoolArray | None = None,
    known: dict[str, FloatArray] | None = None,
) -> Outcome:
    """Choose what makes most places lawful for the money, then most parts, then most metres.

    Parameters
    ----------
    lawful
        What is asked for, with the money there is.
    limits, seed, threads, watch
        As of `cheapest.minimise_cost`; progress is told in places.
    full, start
        The cheapest choice that meets all, if it is known; a choice to begin from.
    known
        What bounds of other money left for this one, and this one leaves, as of `opting_duals`.

    Returns
    -------
    Outcome
        Where the cheapest choice that meets all is within the budgets, it is that one, without
        stages: its proof is of its cost. Else with a stage for each aim; of choices that
        reach the same the cheapest that is found. No class has fewer places or parts than today.
        Its dual follows `lawful_model.programme_of`, which orders rows, requirement by requirement.
    """
    run = _Run(lawful, limits or Limits(), seed, threads, watch, {} if known is None else known)
    if full is None:
        more: dict[str, Any] = {"seed": seed, "threads": threads, "start": start}
        full = minimise_cost(lawful.problem, limits=run.part(0.4), **more)
    if full.status in CHOSEN and lawful.allows(full.chosen):
        return full
    nothing = np.zeros(lawful.problem.n_candidate, np.bool_)
    for each in (nothing, start):
        if each is not None:
            run.offer(each)
    if full.status in CHOSEN:
        # Begin with a choice that meets all, and give up places that it has no money for.
        chosen = full.chosen
        problem, origin = beside_standing(run.lawful, may_turn=True)
        left = (run.lawful.seen(chosen) & ~chosen)[run.lawful.places.standing]
        total = run.lawful.budgets.total_yuan
        kept = shed(problem, run.lawful.places, np.concatenate([chosen, left]), total)
        if kept is not None:
            run.offer(back(run.lawful, origin, kept))
    cost = lawful.problem.cost
    if lawful.budgets.total_yuan >= cost.min(where=cost > 0.0, initial=np.inf):
        _close_gaps(run)
    return run.close(is_impossible=_ascend(run, programme_of(lawful)))


@dataclass(slots=True, eq=False)
class _Run:
    """One call: what is asked, and the best so far."""

    lawful: Lawful
    limits: Limits
    seed: int
    threads: int
    watch: Watch | None
    known: dict[str, FloatArray]
    began: float = field(default_factory=time.perf_counter)
    chosen: BoolArray | None = None
    count: LawfulCount | None = None
    bounds: list[float] = field(default_factory=list)
    words: list[float] = field(default_factory=list)
    duals: list[FloatArray] = field(default_factory=list)
    history: list[Progress] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began

    @property
    def is_over(self) -> bool:
        return self.limits.is_over(self.seconds)

    def part(self, share: float) -> Limits:
        """Return the limits with a share of the time that is left."""
        left = max(self.limits.seconds - self.seconds, 0.0)
        return Limits(self.limits.steps, share * left, self.limits.stop)

    def offer(self, chosen: BoolArray) -> None:
        """Keep a choice if it is allowed and better; everything is counted anew."""
        if not self.lawful.allows(chosen):
            return
        count = self.lawful.count(chosen)
        if self.chosen is None or self._is_better(chosen, self.chosen, count):
            self.chosen, self.count = chosen.copy(), count

    def _is_better(self, chosen: BoolArray, known: BoolArray, count: LawfulCount) -> bool:
        for new, old in zip(count.reached, self.reached, strict=True):
            if abs(new - old) > TOLERANCE * max(1.0, abs(old)):
                return new > old
        price = self.lawful.problem.price
        return price(chosen) < price(known)

    @property
    def reached(self) -> tuple[float, ...]:
        """What is reached of each aim."""
        return self.lawful.nothing if self.count is None else self.count.reached

    def report(self, stage: str) -> None:
        """Report places reached and bounded."""
        most = self.words[0] if self.words else self.lawful.most[0]
        progress = Progress(self.seconds, 0, self.reached[0], max(most, self.reached[0]), stage)
        self.history.append(progress)
        if self.watch is not None:
            self.watch(progress)

    def close(self, *, is_impossible: bool) -> Outcome:
        """Close the run."""
        chosen, values = self.chosen, self.reached
        stages = tuple(
            Stage(value, max(bound, value), max(min(word, bound), value), value)
            for value, bound, word in zip(values, self.bounds, self.words, strict=True)
        )
        is_proven = all(s.word <= s.value + TOLERANCE * max(1.0, abs(s.value)) * 10 for s in stages)
        if chosen is None:
            chosen = np.zeros(self.lawful.problem.n_candidate, np.bool_)
            status = Status.INFEASIBLE if is_impossible else Status.UNDECIDED
        elif is_proven:
            status = Status.OPTIMAL
        else:
            status = Status.STOPPED if self.is_over else Status.FEASIBLE
        first = stages[0]
        return Outcome(
            chosen,
            first.value,
            first.bound,
            first.word,
            np.concatenate(self.duals),
            status,
            tuple(self.history),
            self.seed,
            0,
            stages,
        )


def left_of(lawful: Lawful, outcome: Outcome, chosen: BoolArray) -> Outcome:
    """Return an outcome of which only a part is built; its bounds hold all the more.

    Where a class would fall without the rest, cameras that stand are not turned either.
    """
    if not lawful.keeps_today(lawful.count(chosen)):
        problem, standing = lawful.problem, lawful.places.standing
        own = np.isin(problem.site, problem.site[standing]) & (problem.site != FREE)
        chosen = chosen & (standing | ~own)
    values, stages, dual = lawful.count(chosen).reached, outcome.stages, outcome.dual
    if not stages:
        programme = programme_of(lawful)
        none, most = lawful.nothing, np.maximum(programme.gains[:-1], 0.0).sum(axis=1).tolist()
        stages = tuple(Stage(low, top, top, low) for low, top in zip(none, most, strict=True))
        rows = [len(programme.towards(at, none[:at]).high) for at in range(len(most))]
        dual = np.concatenate([_spread(lawful, programme, np.zeros(count)) for count in rows])
    stages = tuple(replace(s, value=value) for s, value in zip(stages, values, strict=True))
    first = stages[0]
    return replace(
        outcome,
        chosen=chosen,
        value=first.value,
        bound=first.bound,
        solver_bound=first.word,
        dual=dual,
        stages=stages,
        status=Status.FEASIBLE,
    )


def _close_gaps(run: _Run) -> None:
    """Begin with what closes all gaps beside what stands, and give up places it has no money for.

    What stands takes part as it is, for nothing; where a camera turned would lower its class, the
    same without turning any.
    """
    for may_turn in (True, False):
        if run.is_over:
            return
        problem, origin = beside_standing(run.lawful, may_turn=may_turn)
        found = minimise_cost(problem, limits=run.part(0.2), seed=run.seed, threads=run.threads)
        if found.status not in CHOSEN:
            continue
        chosen = shed(problem, run.lawful.places, found.chosen, run.lawful.budgets.total_yuan)
        if chosen is None:
            continue
        spent = replace(problem, cost=np.where(chosen, 0.0, problem.cost))
        budgets = run.lawful.budgets
        left = budgets.total_yuan - problem.price(chosen)
        more = replace(
            budgets, total_yuan=max(left, 0.0), of_candidate=label_of(budgets.of_candidate, origin)
        )
        wider = maximise_coverage(
            spent, more, parts=True, limits=run.part(0.1), seed=run.seed, start=chosen, exact=False
        )
        for each in (chosen, wider.chosen):
            run.offer(back(run.lawful, origin, each))
    run.report("greedy")


def _ascend(run: _Run, programme: Programme) -> bool:
    """Raise one aim after the other; return whether no choice is allowed at all."""
    lawful = run.lawful
    exact = programme.linear.matrix.nnz <= EXACT_ENTRIES
    total = programme.families * len(programme.merged.first) + len(lawful.problem.capacity)
    money = total if np.isfinite(lawful.budgets.total_yuan) else None  # the row of all money
    kept: tuple[float, ...] = ()
    is_impossible = False
    for at in range(len(lawful.aims)):
        linear = programme.towards(at, kept)
        word = np.inf
        if exact and not run.is_over:
            word, is_impossible = _ask(run, programme, linear)
        kept = (*kept, run.reached[at])
        duals = _duals(run, programme, linear, at, money)
        bound = bound_of(lawful, programme, linear, duals)
        run.bounds.append(bound)
        run.duals.append(_spread(lawful, programme, duals))
        run.words.append(whole_count(lawful.aims[at], min(word, bound), lawful.places.weights))
        run.report("exact" if exact else "bound")
        if is_impossible:
            run.bounds += [0.0] * (len(lawful.aims) - at - 1)
            run.words += [0.0] * (len(lawful.aims) - at - 1)
            return run.chosen is None
    if run.chosen is None or run.is_over:
        return False
    if exact:
        _ask(run, programme, programme.towards(len(lawful.aims), kept))
    else:
        _polish(run, run.chosen)
    return False


def _duals(
    run: _Run, programme: Programme, linear: Linear, at: int, money: int | None
) -> FloatArray:
    """Return duals that bound an aim; nothing where no time is left."""
    lawful, limits = run.lawful, run.part(0.65)
    found = [np.zeros(len(linear.high))]
    if run.is_over and lawful.aims[at] not in run.known:
        return found[0]
    if money is not None and linear.matrix.nnz > EXACT_ENTRIES:
        more: dict[str, Any] = {"reached": run.reached[at], "limits": limits, "known": run.known}
        found += opting_duals(lawful, programme, linear, at, **more)
    if not run.is_over and (len(found) == 1 or linear.matrix.nnz <= FACTOR_ENTRIES):
        found.append(relax(linear, limits=limits, money=money).duals)
    known = [duals for duals in found if len(duals)]
    return min(known, key=lambda duals: bound_of(lawful, programme, linear, duals))


def _polish(run: _Run, chosen: BoolArray) -> None:
    """Look beside a choice for one to spare, for less wall in view, and for less money."""
    lawful, problem = run.lawful, run.lawful.problem
    cost, exposure, budgets = problem.cost, lawful.exposure, lawful.budgets
    if SURVIVING in lawful.aims:
        left = max(budgets.total_yuan - problem.price(chosen), 0.0)
        twice = replace(problem, need=problem.need + 1, cost=np.where(chosen, 0.0, cost))
        more = replace(budgets, total_yuan=left)
        run.offer(
            maximise_coverage(
                twice, more, limits=run.part(0.3), seed=run.seed, start=chosen, exact=False
            ).chosen
        )
    met = same_met(problem, problem.is_met(chosen))
    slight = 1e-3 * float(exposure.sum()) / max(float(cost.sum()), 1e-300)
    walls = [exposure + slight * cost] if "exposure" in lawful.aims and exposure.any() else []
    for priced in (*walls, cost):
        asked = replace(met, cost=priced)
        limits = run.part(1.0 if priced is cost else 0.5)
        run.offer(minimise_cost(asked, limits=limits, seed=run.seed, start=run.chosen).chosen)


def _ask(run: _Run, programme: Programme, linear: Linear) -> tuple[float, bool]:
    """Ask the exact solver about one aim; return its bound and whether nothing is allowed."""
    start = None if run.chosen is None else values_of(run.lawful, programme, run.chosen)
    answer = solve(linear, start=start, limits=run.part(0.5), node_limit=EXACT_NODES)
    if answer.solution is not None:
        run.offer(answer.solution[: run.lawful.problem.n_candidate] > 0.5)
    return answer.bound, answer.is_impossible


def _spread(lawful: Lawful, programme: Programme, duals: FloatArray) -> FloatArray:
    """Return duals of requirements in the place of rows, by family, and the rest as it is."""
    merged, rows = programme.merged, len(programme.merged.first)
    families = np.split(duals, rows * np.arange(1, programme.families + 1))
    shared = [merged.share(family, lawful.problem.weight) for family in families[:-1]]
    return np.concatenate([*shared, families[-1]])
