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

from civicsight.planning.bounds import first_dual, lower_bound, reduced_costs
from civicsight.planning.covering import turn
from civicsight.planning.model import BoolArray, IntArray, Problem
from civicsight.planning.primal_dual import prices

WIDE = 100
"""Mean number of candidates of a requirement above which a problem has a core."""

KEPT = 10
"""Candidates of least reduced cost that are kept for each unit of need."""

STEPS = 300
"""Steps of the first-order method that finds the prices: near ones are good enough."""


def core_of(problem: Problem, start: BoolArray, halt: BoolArray) -> IntArray:
    """Return the candidates to search among, ascending: all of them where there are few.

    Parameters
    ----------
    start
        A choice that has to be among them.
    """
    n, m = problem.n_candidate, problem.n_requirement
    if len(problem.cells) <= WIDE * m:
        return np.arange(n)
    best = first_dual(problem)
    most = lower_bound(problem, best)
    for dual in prices(problem, best, STEPS, is_over=lambda: bool(halt[0])):
        bound = lower_bound(problem, dual)
        if bound > most:
            best, most = dual, bound
    reduced = reduced_costs(problem, best)
    row_ptr, row_items = turn(problem.indptr, problem.cells, m)
    kept = start.copy()
    for r in range(m):
        items = row_items[row_ptr[r] : row_ptr[r + 1]]
        order = np.argsort(reduced[items], kind="stable")
        kept[items[order[: KEPT * problem.need[r]]]] = True
    return np.flatnonzero(kept)
