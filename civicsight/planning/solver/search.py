"""Local search: one component as a whole, or a large one patch by patch.

Everything is counted in steps and drawn from seeds, so that the same seed and steps give the same
choice, however long they took and on however many threads. Where each requirement has hundreds of
candidates, search runs among the few that a good choice is made of, by their duals (Balas and Zemel
1980; Caprara, Fischetti, Toth 1999); what it finds is a choice of the whole problem.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.planning.solver._kernels import search as kernel
from civicsight.planning.solver._kernels.cover import Cover
from civicsight.planning.solver._kernels.state import BEST, DRAW, LEAST, STEP, State
from civicsight.planning.solver.bounds import (
    first_dual,
    first_order_duals,
    lower_bound,
    reduced_costs,
)
from civicsight.planning.solver.components import part_of
from civicsight.planning.solver.covering import choose, cover_of, drop_redundant
from civicsight.planning.solver.model import Problem

MOST_STEPS, MOST_WORK = 400_000, 1_000_000_000
"""Steps of a part, and entries that they look at, at most, if nobody says another number."""

CORE_STEPS = 3_000_000
"""Steps in the cores of a part, if nobody says another number: each looks at few candidates."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A row-weighting search on a whole problem, which goes on where it was left.

    Parameters
    ----------
    problem, cover
        What is searched, and its arrays.
    state
        Where the search is; its best valid choice so far is in it.
    """

    problem: Problem
    cover: Cover
    state: State

    def run(self, steps: int, halt: BoolArray, *, target: float = 0.0) -> None:
        """Go on for some steps, until the cost is at most `target`, or until `halt` is set."""
        if self.problem.n_candidate and self.problem.n_requirement:
            kernel.search(self.cover, self.state, steps, target, halt)

    @property
    def value(self) -> float:
        """Cost of the best valid choice, infinite if there is none yet."""
        return float(self.state.money[LEAST])

    @property
    def steps(self) -> int:
        """Steps done."""
        return int(self.state.counters[STEP])

    @property
    def usual_steps(self) -> int:
        """How many steps the size of the problem suggests."""
        n, m = self.problem.n_candidate, self.problem.n_requirement
        looked_at = len(self.problem.cells) ** 2 // max(1, n * m)
        return min(MOST_STEPS, 100 * (n + m), MOST_WORK // max(1, looked_at))

    @property
    def chosen(self) -> BoolArray:
        """Best valid choice so far; empty if there is none."""
        chosen = np.zeros(self.problem.n_candidate, np.bool_)
        chosen[self.state.best[: self.state.counters[BEST]]] = True
        return chosen


def begin(problem: Problem, *, start: BoolArray, seed: tuple[int, ...]) -> Search:
    """Set up a search; a start that is not valid is completed as far as greedy goes.

    Parameters
    ----------
    start
        bool, shape ``(n_candidate,)``; keeps all capacities.
    seed
        Numbers of at least 0.
    """
    cover = cover_of(problem)
    halt = np.zeros(1, np.bool_)
    start = drop_redundant(problem, cover, choose(problem, cover, start, halt))
    state = _new_state(problem)
    state.counters[DRAW] = np.random.SeedSequence(seed).generate_state(1)[0] % 2147483645 + 1
    kernel.begin(cover, np.flatnonzero(start).astype(np.int32), state)
    return Search(problem, cover, state)


def _new_state(problem: Problem) -> State:
    n, m = problem.n_candidate, problem.n_requirement
    return State(
        chosen=np.zeros(n, np.bool_),
        counts=np.zeros(m, np.int32),
        row_weight=np.zeros(m, np.int64),
        score=np.zeros(n + 1, np.int64),
        rate=np.zeros(n + 1),
        until=np.zeros(n, np.int64),
        loss=np.zeros(n + 1, np.int64),
        owner=np.zeros(m, np.int32),
        keeper=np.zeros(m, np.int32),
        slot=np.zeros(m + 1, np.int64),
        others=np.zeros(int(problem.need[problem.need > 1].sum()), np.int32),
        taken=np.zeros(n, np.int32),
        taken_place=np.zeros(n, np.int32),
        open=np.zeros(m, np.int32),
        loose=np.zeros(m, np.int32),
        place=np.zeros(m, np.int32),
        lost=np.zeros(len(problem.slack)),
        used=np.zeros(len(problem.capacity), np.int32),
        best=np.zeros(n, np.int32),
        counters=np.zeros(11, np.int64),
        money=np.zeros(2),
    )


WIDE = 20
"""Candidates for each requirement above which a problem has a core."""

NARROW, BROAD = 8, 20
"""Candidates of least reduced cost that are kept for each unit of need, at first and later: near
duals rank them only nearly."""

STEPS = 300
"""Steps of the first-order method that finds the duals: near ones are good enough."""


def near_dual(problem: Problem, halt: BoolArray) -> FloatArray | None:
    """Return near duals, None where candidates are few."""
    if problem.n_candidate <= WIDE * problem.n_requirement:
        return None
    best = first_dual(problem)
    most = lower_bound(problem, best)
    for dual in first_order_duals(problem, best, STEPS, is_over=lambda: bool(halt[0])):
        bound = lower_bound(problem, dual)
        if bound > most:
            best, most = dual, bound
    return best


def core_of(
    problem: Problem, cover: Cover, start: BoolArray, near: FloatArray, count: int
) -> IntArray:
    """Return the candidates to search among, ascending.

    Parameters
    ----------
    start
        A choice that has to be among them.
    near
        As `near_dual` returns it.
    count
        Candidates kept for each unit of need.
    """
    kept, reduced = start.copy(), reduced_costs(problem, near)
    for r in range(problem.n_requirement):
        items = cover.row_items[cover.row_ptr[r] : cover.row_ptr[r + 1]]
        order = np.argsort(reduced[items], kind="stable")
        kept[items[order[: count * problem.need[r]]]] = True
    return np.flatnonzero(kept)


def search_among(
    problem: Problem, columns: IntArray, start: BoolArray, seed: tuple[int, ...]
) -> Search:
    """Begin a search among some candidates of a problem, for all that it asks for."""
    core = part_of(problem, columns, np.arange(problem.n_requirement))
    return begin(core, start=start[columns], seed=seed)
