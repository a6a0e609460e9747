"""The core of a problem: the few candidates that a good choice is made of, by their prices.

Where each requirement has hundreds of candidates, most of them cost far more than what the
requirements that they meet are worth. Search among the rest is many times faster; what it finds is
a choice of the whole problem, and no bound hangs on it.

References
----------
Core problems by reduced cost: Balas and Zemel 1980; for set covering Caprara, Fischetti, Toth 1999.
"""

from __future__ import annotations

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.planning.solver._kernels.cover import Cover
from civicsight.planning.solver.bounds import first_dual, lower_bound, reduced_costs
from civicsight.planning.solver.components import part_of
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.primal_dual import prices
from civicsight.planning.solver.search import Search, begin

WIDE = 100
"""Mean number of candidates of a requirement above which a problem has a core."""

NARROW, BROAD = 10, 40
"""Candidates of least reduced cost that are kept for each unit of need, at first and later: near
prices rank them only nearly."""

STEPS = 300
"""Steps of the first-order method that finds the prices: near ones are good enough."""


def near_costs(problem: Problem, halt: BoolArray) -> FloatArray | None:
    """Return the reduced cost of each candidate at near prices, None where there are few."""
    if len(problem.cells) <= WIDE * problem.n_requirement:
        return None
    best = first_dual(problem)
    most = lower_bound(problem, best)
    for dual in prices(problem, best, STEPS, is_over=lambda: bool(halt[0])):
        bound = lower_bound(problem, dual)
        if bound > most:
            best, most = dual, bound
    return reduced_costs(problem, best)


def core_of(
    problem: Problem, cover: Cover, start: BoolArray, reduced: FloatArray, count: int
) -> IntArray:
    """Return the candidates to search among, ascending.

    Parameters
    ----------
    start
        A choice that has to be among them.
    reduced
        As `near_costs` returns it.
    count
        Candidates kept for each unit of need.
    """
    kept = start.copy()
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
