"""The cheapest choice of at most two candidates, where no choice of more can be cheaper.

What would do instead of one measure is mostly one other camera, or two. All pairs at once are a
product of two matrices, which is there before an exact solver is asked.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.planning.solver.components import components
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.presolve import presolve

MOST: Final = 1_000
"""Candidates of a part; of more, the pairs take longer than a solver."""


def cheapest_few(problem: Problem) -> BoolArray | None:
    """Return the cheapest choice, None unless at most two candidates of each part prove to be it.

    Parameters
    ----------
    problem
        What is asked for; its parts are those that presolve leaves.

    Returns
    -------
    BoolArray or None
        Shape ``(n_candidate,)``; of equally cheap pairs the first by number.
    """
    reduced = presolve(problem)
    if reduced.is_infeasible:
        return None
    left = np.zeros(reduced.problem.n_candidate, np.bool_)
    for part in components(reduced.problem):
        pair = _at_most_two(part.problem)
        if pair is None:
            return None
        left[part.candidates[pair]] = True
    whole = reduced.expand(left)
    return whole if problem.is_feasible(whole) else None


def _at_most_two(problem: Problem) -> list[int] | None:
    """Return the candidates of the cheapest choice; None where three might be cheaper."""
    if problem.is_feasible(np.zeros(problem.n_candidate, np.bool_)):
        return []
    if problem.n_candidate > MOST or (problem.need > 1).any():
        return None
    price = problem.cost[:, None] + problem.cost
    np.fill_diagonal(price, problem.cost)  # one candidate alone
    # Which pairs leave no more unmet than may stay so, shape `(n, n)`, but for rounding.
    may = np.ones((problem.n_candidate, problem.n_candidate), np.bool_)
    asked = problem.need > 0
    for group in np.unique(problem.group[asked]):
        cells = np.flatnonzero(asked & (problem.group == group))
        slack = 0.0 if group == FREE else float(problem.slack[group])
        weight = np.ones(len(cells)) if group == FREE else problem.weight[cells]
        total = float(weight.sum())
        # The weight that each two candidates meet together, that of one on the diagonal.
        meets = problem.matrix[:, cells].toarray().astype(np.float64)
        own = meets @ weight
        either: FloatArray = own[:, None] + own - (meets * weight) @ meets.T
        lost = total - either
        may &= lost <= slack + 2.0 * TOLERANCE * (1.0 + slack + total)
    first, second = np.nonzero(np.triu(may))
    most = np.sort(problem.cost)[:3].sum() if problem.n_candidate > 2 else np.inf
    for k in np.argsort(price[first, second], kind="stable"):
        pair = [int(first[k]), int(second[k])]
        if price[pair[0], pair[1]] > most:
            return None
        chosen = np.zeros(problem.n_candidate, np.bool_)
        chosen[pair] = True
        if problem.is_feasible(chosen):
            return pair
    return None
