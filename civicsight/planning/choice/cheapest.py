"""The cheapest plan that meets what is asked for, and how far from the best it can be at most.

The ladder: a greedy first plan, exact reductions, independent parts, local search on each, a bound
from duals, and an exact solver where it pays. Whatever ends it, the plan returned was counted on
the problem as it was given.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from civicsight.core.arrays import BoolArray
from civicsight.coverage._kernels.apart import heeding
from civicsight.planning.solver import search as restricted
from civicsight.planning.solver.bounds import lower_bound, round_up
from civicsight.planning.solver.components import components
from civicsight.planning.solver.covering import choose, cover_of, drop_redundant
from civicsight.planning.solver.model import TOLERANCE, Problem
from civicsight.planning.solver.neighbourhood_search import NeighbourhoodSearch, search_patch
from civicsight.planning.solver.outcome import Limits, Outcome, Pace, Status, Watch
from civicsight.planning.solver.part import Part, begin_part
from civicsight.planning.solver.presolve import Reduced, presolve
from civicsight.planning.solver.search import CORE_STEPS, Search

SEARCH_SHARE, BRIEF_SHARE, WHOLE_SHARE = 0.5, 0.15, 0.8
"""Share of the time that search may take: where the exact solver is asked as well, where all parts
are small, so that it proves more than search finds, and where it is not asked."""

BOUND_SHARE = 0.5
"""Share of what is left then that bounds may take before the exact solver."""

FEW_COLUMNS = 2_000
"""A part with more candidates is not small."""

COLUMNS_PER_S = 2_000.0
"""Candidates of a part for each second that is left, above which the exact solver would not even be
through with the relaxed problem."""

ROUNDS, BROAD_ROUNDS = 8, 1
"""Rounds in which the parts take turns: what ends a search early hits all of them. In the last
ones, and in the same share of the time, cores are broad."""

EXACT_ENTRIES = 1_000_000
"""A part with more entries is not given to the exact solver."""


def minimise_cost(
    problem: Problem,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    watch: Watch | None = None,
    start: BoolArray | None = None,
    exact: bool = True,
) -> Outcome:
    """Find the cheapest choice, with a bound on what any choice costs.

    Parameters
    ----------
    problem
        What is asked for.
    limits
        Steps of local search, seconds, and a wish to stop, which is heard within 200 ms. Seconds
        are divided over search, bound and exact solver.
    seed, threads
        The same seed and steps give the same choice on any number of threads, unless it was
        stopped or the time was up.
    watch
        Told where it is, at least twice a second; an error that it raises ends the run.
    start
        A known choice to begin with.
    exact
        Whether to ask the exact solver after search and bound.

    Returns
    -------
    Outcome
        With nothing chosen and an infinite value it is `Status.INFEASIBLE` if that is proven, or
        else `Status.UNDECIDED`.
    """
    pace = Pace(limits or Limits(), watch)
    ladder = _Ladder(problem, pace, seed, max(1, threads))
    with pace.at_work(ladder.threads):
        ladder.find_first(start)
        if not pace.is_over:
            ladder.descend(exact=exact)
    return ladder.outcome()


class _Ladder:
    """One run: what is known of the whole, and of its parts."""

    def __init__(self, problem: Problem, pace: Pace, seed: int, threads: int) -> None:
        self.problem, self.pace, self.seed, self.threads = problem, pace, seed, threads
        self.chosen: BoolArray | None = None
        self.cost = float("inf")
        self.dual = np.zeros(problem.n_requirement)
        self.reduced: Reduced | None = None
        self.parts: list[Part] = []
        self.is_infeasible = False

    def find_first(self, start: BoolArray | None) -> None:
        """Choose greedily, from a start if there is one, and prune."""
        pace, problem = self.pace, self.problem
        pace.enter("greedy")
        cover = cover_of(problem, transposed=False)

        def first() -> BoolArray:
            chosen = choose(problem, cover, None, np.zeros(1, np.bool_))
            return drop_redundant(problem, cover, chosen)

        plans = pace.do([first])
        if start is not None and problem.keeps_capacities(start):
            completed = choose(problem, cover, start, pace.halt)
            plans.append(drop_redundant(problem, cover, completed))
        for chosen in plans:
            self.offer(chosen)

    def offer(self, chosen: BoolArray) -> None:
        """Keep a choice if it is valid and cheaper than the one that is known."""
        value = self.problem.price(chosen)
        if value < self.cost and self.problem.is_feasible(chosen):
            self.chosen, self.cost = chosen, value
            self.pace.value = min(self.pace.value, value)

    def descend(self, *, exact: bool) -> None:
        """Reduce, split, search, bound, and solve."""
        pace = self.pace
        pace.enter("presolve")
        (reduced,) = pace.do([partial(presolve, self.problem, halt=pace.halt)])
        if pace.is_over:
            return
        self.reduced, self.is_infeasible = reduced, reduced.is_infeasible
        if self.is_infeasible:
            return
        parts = components(reduced.problem)
        known = None if self.chosen is None else reduced.shrink(self.chosen)
        self.parts = pace.do(
            partial(begin_part, part, known, (self.seed, k), pace.halt)
            for k, part in enumerate(parts)
        )
        size = max((part.component.problem.n_candidate for part in self.parts), default=0)
        exact = exact and size <= COLUMNS_PER_S * pace.left().seconds
        brief = BRIEF_SHARE if size <= FEW_COLUMNS else SEARCH_SHARE
        pace.enter("search")
        self.search(brief if exact else WHOLE_SHARE)
        pace.enter("bound")
        self.find_bounds(BOUND_SHARE if exact else 1.0)
        if exact and not pace.is_over:
            pace.enter("exact")
            self.solve()

    def search(self, share: float) -> None:
        """Let all parts search, and keep what they find, whatever ends it."""
        with heeding(self.pace.is_stopped):
            self.search_parts(share)
        self.pace.steps = sum(part.steps for part in self.parts)
        for part in self.parts:
            part.take_found()
        self.commit()

    def search_parts(self, share: float) -> None:
        """Let the small parts search in turns, then the large ones patch by patch."""
        pace = self.pace
        until = pace.seconds + share * (pace.limits.seconds - pace.seconds)
        budget = self.budgets()
        widenings = [
            partial(part.widen, part.near, (self.seed, k, restricted.BROAD))
            for k, part in enumerate(self.parts)
            if part.near is not None
        ]
        broad = (until - pace.seconds) * BROAD_ROUNDS / ROUNDS if widenings else 0.0
        self.take_turns(budget, range(ROUNDS - BROAD_ROUNDS), until - broad)
        pace.do([] if pace.is_over else widenings)
        self.take_turns(budget, range(ROUNDS - BROAD_ROUNDS, ROUNDS), until)
        searches = [(part.search, most) for part, most in budget]
        large = [(s, most) for s, most in searches if isinstance(s, NeighbourhoodSearch)]
        left = sum(most for _, most in large)
        for search, most in large:
            end = until if left == most else pace.seconds + (until - pace.seconds) * most / left
            self.search_neighbourhoods(search, most, end)
            left -= most

    def take_turns(self, parts: list[tuple[Part, int]], rounds: range, until: float) -> None:
        """Search the small parts side by side, a share of their steps in each round."""
        for k in rounds:
            calls = [
                partial(
                    part.search.run, (k + 1) * most // ROUNDS - k * most // ROUNDS, self.pace.halt
                )
                for part, most in parts
                if isinstance(part.search, Search)
            ]
            self.pace.do(calls, until=until, value=self.value)
            if self.pace.seconds >= until:
                break

    def search_neighbourhoods(self, large: NeighbourhoodSearch, most: int, until: float) -> None:
        """Improve one large part patch by patch, the patches of a round side by side."""
        pace = self.pace
        while large.steps < most and pace.seconds < until and not pace.is_over:
            patches = large.lay()
            calls = [partial(search_patch, patch, seed, pace.halt) for patch, seed in patches]
            found = pace.do(calls, until=until, value=self.value)
            for (patch, _), (into, steps) in zip(patches, found, strict=True):
                large.sew(patch, into)
                large.steps += steps

    def budgets(self) -> list[tuple[Part, int]]:
        """Return each part and its steps: as many as its size suggests, or its share of them."""
        parts = self.parts
        usual = [p.search.usual_steps if p.near is None else CORE_STEPS for p in parts]
        most = self.pace.limits.steps
        steps = usual if most is None else [most * some // max(1, sum(usual)) for some in usual]
        return list(zip(parts, steps, strict=True))

    def value(self) -> float:
        """Return the cost of the best choice of all parts while they search."""
        fixed = self.reduced.fixed_cost if self.reduced else 0.0
        return fixed + sum(min(part.value, part.search.value) for part in self.parts)

    def commit(self) -> None:
        """Put the choices of the parts together and count them on the problem as it was given."""
        if self.reduced is None or any(np.isinf(part.value) for part in self.parts):
            return
        left = np.zeros(self.reduced.problem.n_candidate, np.bool_)
        for part in self.parts:
            left[part.component.candidates[part.chosen]] = True
        whole = self.reduced.expand(left)
        self.offer(drop_redundant(self.problem, cover_of(self.problem, transposed=False), whole))

    def find_bounds(self, share: float) -> None:
        """Find duals for each part, and with them a bound, in a share of the time that is left."""
        limits = self.pace.left(share)
        began = self.pace.seconds

        def bound(part: Part) -> None:
            left = limits.seconds - (self.pace.seconds - began)
            part.prove(Limits(seconds=left, stop=limits.stop))

        self.pace.do([partial(bound, part) for part in self.by_size()], value=self.value)
        self.sum_bounds()

    def by_size(self) -> list[Part]:
        """Return the parts, the smallest first."""
        return sorted(self.parts, key=lambda part: len(part.component.problem.cells))

    def sum_bounds(self) -> None:
        """Add the bounds of the parts."""
        fixed = self.reduced.fixed_cost if self.reduced else 0.0
        self.pace.bound = fixed + sum(part.solver_bound for part in self.parts)
        self.pace.report()

    def solve(self) -> None:
        """Ask the exact solver for each part that is open, the smallest first."""
        parts = [part for part in self.by_size() if not part.is_closed]
        parts = [part for part in parts if len(part.component.problem.cells) <= EXACT_ENTRIES]
        waiting = list(parts)

        def solve(part: Part) -> None:
            share = min(1.0, self.threads / len(waiting))
            waiting.remove(part)
            if not self.pace.is_over:
                part.solve(self.pace.left(share))

        self.pace.do([partial(solve, part) for part in parts], value=self.value)
        self.is_infeasible = any(np.isinf(part.solver_bound) for part in self.parts)
        self.commit()
        self.sum_bounds()

    def prove(self) -> float:
        """Return what the duals prove; nothing, if a stop came before the kernels for it."""
        bound = 0.0
        with heeding(self.pace.is_stopped):
            dual = self.dual
            if self.reduced is not None:
                left = np.zeros(self.reduced.problem.n_requirement)
                for part in self.parts:
                    left[part.component.requirements] = part.dual
                dual = self.reduced.expand_dual(left)
            bound = round_up(self.problem, lower_bound(self.problem, dual))
            self.dual = dual
        return min(self.cost, bound)

    def outcome(self) -> Outcome:
        """Return what is known, with a bound counted on the problem as it was given."""
        pace = self.pace
        if self.chosen is None:
            return self._nothing()
        value, bound = self.cost, self.prove()
        proven = min(value, max(bound, pace.bound, round_up(self.problem, pace.bound)))
        status = Status.STOPPED if pace.is_over else Status.FEASIBLE
        if value <= proven * (1.0 + TOLERANCE) + TOLERANCE:
            status = Status.OPTIMAL
        pace.value, pace.bound = value, proven
        pace.report()
        history = tuple(pace.history)
        return Outcome(
            self.chosen, value, bound, proven, self.dual, status, history, self.seed, pace.steps
        )

    def _nothing(self) -> Outcome:
        """Return that there is no choice, or that none was found."""
        bound = float("inf") if self.is_infeasible else self.pace.bound
        status = Status.INFEASIBLE if self.is_infeasible else Status.UNDECIDED
        none = np.zeros(self.problem.n_candidate, np.bool_)
        history = tuple(self.pace.history)
        return Outcome(
            none, float("inf"), bound, bound, self.dual, status, history, self.seed, self.pace.steps
        )
