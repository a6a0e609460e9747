"""The linear programme of a problem, and its whole-number form.

A column for each candidate, one more for each requirement that may stay unmet; a row for each
requirement, each site and each group.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy.sparse import block_array, coo_array, csc_array, csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.planning.solver.covering import transpose
from civicsight.planning.solver.first_order import Entries, Relaxed
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


def relaxed_of(problem: Problem) -> Relaxed:
    """State the relaxed problem for the first-order method: its large part is read where it lies.

    Rows are requirements, sites and groups; variables are scaled to a mean cost of 1.
    """
    loose = excusable(problem)
    n, m = problem.n_candidate, problem.n_requirement
    scale = float(problem.cost.mean()) if problem.cost.any() else 1.0
    limits = len(problem.capacity) + len(problem.slack)
    rest = csr_array(block_array(_blocks(problem, loose, coo_array((m, n))), format="csr"))
    sign = np.append(np.ones(m), np.full(limits, -1.0))
    rest.data *= np.repeat(sign, np.diff(rest.indptr))
    most = greatest_loss(problem) / _scale(problem, loose)
    row_ptr, row_items = transpose(problem.indptr, problem.cells, m)
    one = np.ones(1)
    return Relaxed(
        Entries(np.append(row_ptr, np.full(limits, row_ptr[-1])), row_items, one),
        Entries(
            np.append(problem.indptr, np.full(len(loose), problem.indptr[-1])), problem.cells, one
        ),
        rest,
        np.append(problem.cost / scale, np.zeros(len(loose))),
        np.ones(n + len(loose)),
        np.concatenate([problem.need, -problem.capacity, -most]),
        scale,
        np.ones(m + limits),
    )


def _matrix(problem: Problem, loose: IntArray) -> csc_array:
    n, m = problem.n_candidate, problem.n_requirement
    ones = np.ones(len(problem.cells))
    meets = csc_array((ones, problem.cells, problem.indptr), shape=(m, n))
    whole = csc_array(block_array(_blocks(problem, loose, meets), format="csc"))
    whole.sort_indices()
    return whole


def _blocks(problem: Problem, loose: IntArray, meets: Any) -> list[list[Any]]:
    """Return rows of requirements, sites and groups; columns of candidates and of what is loose."""
    n, m = problem.n_candidate, problem.n_requirement
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
    return [[meets, excused], [sites, None], [None, groups]]


def _values(problem: Problem, loose: IntArray, chosen: BoolArray) -> FloatArray:
    unmet = ~problem.is_met(chosen)[loose]
    return np.concatenate([chosen, unmet]).astype(np.float64)
