"""An independent part of a problem: its search, its bound, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.planning.solver import search as restricted
from civicsight.planning.solver.bounds import best_dual, lower_bound, round_up
from civicsight.planning.solver.components import Component
from civicsight.planning.solver.covering import choose, cover_of, drop_redundant
from civicsight.planning.solver.exact import solve_exact
from civicsight.planning.solver.model import TOLERANCE
from civicsight.planning.solver.neighbourhood_search import NeighbourhoodSearch
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.solver.search import Search

NODE_WORK = 20_000_000
"""Entries times nodes of one search tree: an end that is the same on any machine."""


@dataclass(slots=True, eq=False)
class Part:
    """A component, its search, and what is known of it."""

    component: Component
    search: Search | NeighbourhoodSearch
    columns: IntArray
    near: FloatArray | None
    chosen: BoolArray
    value: float
    bound: float
    solver_bound: float
    dual: FloatArray
    earlier: int = 0

    @property
    def steps(self) -> int:
        """Steps done in all."""
        return self.earlier + self.search.steps

    @property
    def is_closed(self) -> bool:
        """Whether nothing cheaper can exist."""
        return self.value <= self.solver_bound * (1.0 + TOLERANCE) + TOLERANCE

    def take_found(self) -> None:
        """Keep what the search found, among its own columns."""
        chosen = np.zeros(len(self.chosen), np.bool_)
        chosen[self.columns[self.search.chosen]] = True
        self.take(chosen, self.search.value)

    def widen(self, near: FloatArray, seed: tuple[int, ...]) -> None:
        """Go on in a broad core from what was found in the narrow one."""
        self.take_found()
        self.earlier = self.steps
        problem = self.component.problem
        cover = cover_of(problem)
        self.columns = restricted.core_of(problem, cover, self.chosen, near, restricted.BROAD)
        self.search = restricted.search_among(problem, self.columns, self.chosen, seed)

    def take(self, chosen: BoolArray, value: float) -> None:
        """Keep a choice if it is cheaper."""
        if value < self.value:
            self.chosen, self.value = chosen, value

    def prove(self, limits: Limits) -> None:
        """Find duals, and with them a bound, from near ones if there are any."""
        problem = self.component.problem
        self.dual = best_dual(problem, limits=limits, start=self.near)
        self.bound = lower_bound(problem, self.dual)
        self.solver_bound = min(self.value, round_up(problem, self.bound))

    def solve(self, limits: Limits) -> None:
        """Ask the exact solver, and keep what it finds."""
        problem = self.component.problem
        found = solve_exact(
            problem,
            start=None if np.isinf(self.value) else self.chosen,
            dual=self.dual,
            limits=limits,
            node_limit=max(100, NODE_WORK // max(1, len(problem.cells))),
        )
        if found.infeasible:
            self.solver_bound = float("inf")
            return
        if found.chosen is not None:
            self.take(found.chosen, found.value)
        self.solver_bound = max(self.solver_bound, min(found.bound, self.value))


def begin_part(
    component: Component, known: BoolArray | None, seed: tuple[int, int], halt: BoolArray
) -> Part:
    """Start the search of a part from what is known of it."""
    problem = component.problem
    none = np.zeros(problem.n_candidate, np.bool_)
    cover = cover_of(problem)
    start = none if known is None else known[component.candidates]
    start = drop_redundant(problem, cover, choose(problem, cover, start, np.zeros(1, np.bool_)))
    columns, near = np.arange(problem.n_candidate), None
    search: Search | NeighbourhoodSearch
    if NeighbourhoodSearch.is_for(start) and problem.is_feasible(start):
        search = NeighbourhoodSearch(problem, cover, start, seed)
    else:
        near = restricted.near_dual(problem, halt)
        if near is not None:
            columns = restricted.core_of(problem, cover, start, near, restricted.NARROW)
        search = restricted.search_among(problem, columns, start, seed)
    dual = np.zeros(problem.n_requirement)
    return Part(component, search, columns, near, none, float("inf"), 0.0, 0.0, dual)
