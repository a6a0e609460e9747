"""A first plan: the arrays of a problem for compiled code, a greedy choice, and its pruning.

References
----------
Greedy cover with needs above one (Chvatal 1979, Dobson 1982), evaluated lazily (Minoux 1978).
"""

from __future__ import annotations

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.planning.solver._kernels.cover import (
    Cover,
    choose_greedily,
    count_entries,
    drop_surplus,
)
from civicsight.planning.solver._kernels.cover import transpose as fill_transpose
from civicsight.planning.solver.model import FREE, Problem

UNIT = 16
"""Weight of a requirement that has to be met, and mean weight of those of a group, in the scores of
a search: whole numbers add up to the same whatever the order."""


def cover_of(problem: Problem, *, transposed: bool = True) -> Cover:
    """Return the arrays of a problem as the kernels read them.

    Parameters
    ----------
    transposed
        Whether to make the lists of who meets each requirement: as large as the problem itself.
    """
    row_ptr, row_items = (
        transpose(problem.indptr, problem.cells, problem.n_requirement)
        if transposed
        else (np.zeros(problem.n_requirement + 1, np.int64), np.zeros(0, np.int32))
    )
    site_ptr, site_items = members_of(problem.site, len(problem.capacity))
    # The whole-numbered weight of each requirement in a score.
    shares = np.full(problem.n_requirement, UNIT, np.int64)
    grouped = problem.group != FREE
    labels, weights = problem.group[grouped], problem.weight[grouped]
    count = np.bincount(labels, minlength=len(problem.slack))
    total = np.bincount(labels, weights, minlength=len(problem.slack))
    mean = total / np.maximum(count, 1)
    shares[grouped] = np.clip(np.rint(UNIT * weights / mean[labels]), 1, 2**20)
    return Cover(
        problem.indptr,
        problem.cells,
        row_ptr,
        row_items,
        problem.cost,
        np.maximum(problem.cost, 1e-6 * max(problem.cost.max(initial=0.0), 1e-6)),
        problem.need,
        problem.weight,
        shares,
        problem.site,
        problem.capacity,
        site_ptr,
        site_items,
        problem.group,
        problem.slack,
    )


def transpose(indptr: IntArray, cells: IndexArray, count: int) -> tuple[IntArray, IndexArray]:
    """Return compressed rows of the transpose of a matrix with `count` columns."""
    row_ptr = np.zeros(count + 1, np.int64)
    count_entries(cells, row_ptr)
    row_items = np.empty(len(cells), np.int32)
    fill_transpose(indptr, cells, row_ptr, row_items)
    return row_ptr, row_items


def degrees(cells: IndexArray, count: int) -> IntArray:
    """Return how many candidates meet each of `count` requirements."""
    ends = np.zeros(count + 1, np.int64)
    count_entries(cells, ends)
    return np.diff(ends)


def members_of(label: IndexArray, count: int) -> tuple[IntArray, IndexArray]:
    """Return the members of each label below `count`, in compressed rows; `FREE` has no row."""
    order = np.argsort(label, kind="stable").astype(np.int32)
    ends = np.searchsorted(label[order], np.arange(count + 1)).astype(np.int64)
    return ends - ends[0], order[ends[0] :]


def greedy(problem: Problem, *, start: BoolArray | None = None) -> BoolArray:
    """Choose candidates one by one, always the one that meets most weight for its cost.

    Parameters
    ----------
    start
        Candidates that are chosen already.

    Returns
    -------
    numpy.ndarray
        bool, shape ``(n_candidate,)``. Keeps all capacities that `start` keeps. It meets what has
        to be met unless a site ran full: `Problem.is_feasible` tells. Not pruned.
    """
    return choose(problem, cover_of(problem, transposed=False), start, np.zeros(1, np.bool_))


def choose(problem: Problem, cover: Cover, start: BoolArray | None, halt: BoolArray) -> BoolArray:
    """Choose greedily with arrays that are there already; `halt` ends it early."""
    chosen = np.zeros(problem.n_candidate, np.bool_) if start is None else start.copy()
    taken = chosen & (problem.site != FREE)
    used = np.bincount(problem.site[taken], minlength=len(problem.capacity)).astype(np.int32)
    counts = problem.covered(chosen).astype(np.int32)
    lost = unmet_weights(problem, counts)
    heap = np.empty(problem.n_candidate, np.int64)
    worth = np.empty(problem.n_candidate)
    asked = np.where(counts < problem.need, cover.share, 0).astype(np.int32)
    choose_greedily(cover, chosen, counts, asked, lost, used, heap, worth, halt)
    return chosen


def prune(problem: Problem, chosen: BoolArray) -> BoolArray:
    """Drop chosen candidates that the others make needless, the dearest first.

    Equal cost: the highest number first, which a greedy choice would have taken last.
    """
    return drop_redundant(problem, cover_of(problem, transposed=False), chosen)


def drop_redundant(problem: Problem, cover: Cover, chosen: BoolArray) -> BoolArray:
    """Prune with arrays that are there already."""
    kept = chosen.copy()
    taken = np.flatnonzero(chosen)
    order = taken[np.lexsort((-taken, -problem.cost[taken]))]
    counts = problem.covered(chosen).astype(np.int32)
    drop_surplus(cover, order, kept, counts, unmet_weights(problem, counts))
    return kept


def unmet_weights(problem: Problem, counts: IndexArray) -> FloatArray:
    """Return the weight of each group that is unmet, shape ``(n_group,)``."""
    unmet = (counts < problem.need) & (problem.group != FREE)
    weights: FloatArray = np.bincount(
        problem.group[unmet], problem.weight[unmet], minlength=len(problem.slack)
    ).astype(np.float64)
    return weights
