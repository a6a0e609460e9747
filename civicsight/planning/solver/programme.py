"""The linear programme of a problem, and its whole-number form.

A column for each candidate, one more for each requirement that may stay unmet; a row for each
requirement, each site and each group.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import block_array, coo_array, csc_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.planning.solver.highs import Programme
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem

NO_NODES: Final = 2**31 - 1
"""No limit of nodes, as the solver writes it."""


def programme_of(
    problem: Problem,
    *,
    whole: bool,
    method: str = "ipm",
    start: BoolArray | None = None,
    banned: BoolArray | None = None,
    gap: float = 1e-9,
    seconds: float = float("inf"),
    node_limit: int | None = None,
) -> Programme:
    """State a problem for the solver.

    Parameters
    ----------
    whole
        Whether candidates are taken whole, or any share of them.
    method
        How the linear programme is solved.
    start
        A known choice; it has to be feasible.
    banned
        Candidates that are certainly not needed.
    gap, seconds, node_limit
        When to end.
    """
    loose = excusable(problem)
    matrix = _matrix(problem, loose)
    allowed = np.ones(problem.n_candidate) if banned is None else ~banned
    slack = greatest_loss(problem) / _scale(problem, loose)
    return Programme(
        cost=np.concatenate([problem.cost, np.zeros(len(loose))]),
        upper=np.concatenate([allowed, np.ones(len(loose))]),
        indptr=matrix.indptr.astype(np.int32),
        index=matrix.indices.astype(np.int32),
        value=matrix.data,
        low=np.concatenate(
            [problem.need, np.full(len(problem.capacity) + len(problem.slack), -np.inf)]
        ),
        high=np.concatenate([np.full(problem.n_requirement, np.inf), problem.capacity, slack]),
        whole=whole,
        method=method,
        start=np.zeros(0) if start is None else _values(problem, loose, start),
        # Sums of weights have to keep their slack as exactly as the problem asks.
        tolerance=1e-9 if len(loose) else 1e-7,
        gap=gap,
        seconds=seconds,
        node_limit=NO_NODES if node_limit is None else node_limit,
    )


def excusable(problem: Problem) -> IntArray:
    """Return the requirements that may stay unmet: those that alone are within their slack."""
    loose = np.flatnonzero(problem.group != FREE)
    most = greatest_loss(problem)[problem.group[loose]]
    return loose[problem.weight[loose] <= most]


def greatest_loss(problem: Problem) -> FloatArray:
    """Return the weight that each group can lose, with what `Problem.keeps_slack` lets pass."""
    return problem.slack * (1.0 + TOLERANCE) + TOLERANCE


def _scale(problem: Problem, loose: IntArray) -> FloatArray:
    """Return the greatest weight of each group: rows of like size are solved more exactly."""
    greatest = np.zeros(len(problem.slack))
    np.maximum.at(greatest, problem.group[loose], problem.weight[loose])
    return np.where(greatest > 0.0, greatest, 1.0)


def _matrix(problem: Problem, loose: IntArray) -> csc_array:
    n, m = problem.n_candidate, problem.n_requirement
    ones = np.ones(len(problem.cells))
    meets = csc_array((ones, problem.cells, problem.indptr), shape=(m, n))
    column = np.arange(len(loose))
    excused = coo_array(
        (problem.need[loose].astype(np.float64), (loose, column)), shape=(m, len(loose))
    )
    sited = np.flatnonzero(problem.site != FREE)
    sites = coo_array(
        (np.ones(len(sited)), (problem.site[sited], sited)), shape=(len(problem.capacity), n)
    )
    group = problem.group[loose]
    share = problem.weight[loose] / _scale(problem, loose)[group]
    groups = coo_array((share, (group, column)), shape=(len(problem.slack), len(loose)))
    whole = block_array([[meets, excused], [sites, None], [None, groups]], format="csc")
    whole.sort_indices()
    return whole


def _values(problem: Problem, loose: IntArray, chosen: BoolArray) -> FloatArray:
    unmet = ~problem.is_met(chosen)[loose]
    return np.concatenate([chosen, unmet]).astype(np.float64)
