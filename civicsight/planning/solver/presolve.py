"""Exact reductions: a smaller problem with the same best cost, and the way back.

A rule is applied only where it holds with needs above one, capacities and slack:

- requirements with the same candidates are one (those of a group with their weights added);
- a requirement whose candidates include all of another's, which has to be met at least as often,
  is met with it;
- a candidate is left out if enough others can stand in for it (`find_inferior_columns`);
- candidates without which a requirement cannot be met are fixed, and those that cost nothing;
- a group whose slack is all its weight asks for nothing; a requirement heavier than the slack of
  its group has to be met.

References
----------
Isomorphic aggregation and dominance for covering models: arXiv:2409.09834; Beasley 1987.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.planning.solver._kernels.cover import find_flagged
from civicsight.planning.solver._kernels.presolve import (
    compare_lists,
    find_implied_rows,
    find_inferior_columns,
    hash_lists,
    lower_prices,
)
from civicsight.planning.solver.bounds import lower_bound
from civicsight.planning.solver.components import restrict
from civicsight.planning.solver.covering import degrees, transpose
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem

ROUNDS = 12
"""Rounds of reductions at most: each makes room for the next, less and less."""

LARGE, LITTLE = 5_000_000, 0.02
"""With more entries than that, rounds end with one that takes less than this share away."""


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A smaller problem with the same best cost, less what is fixed.

    Parameters
    ----------
    problem
        What is left.
    full
        What it came from.
    fixed
        bool, shape ``(full.n_candidate,)``: candidates that some best choice includes.
    candidates, requirements
        Numbers in `full` of what is left.
    stands_for
        For each requirement of `full` the one that it was merged into, itself if into none.
    payers
        Pairs of a fixed candidate and the requirement that could not be met without it, in the
        order in which they were found.
    is_infeasible
        Whether a requirement or a group was found that cannot be met.
    """

    problem: Problem
    full: Problem
    fixed: BoolArray
    candidates: IntArray
    requirements: IntArray
    stands_for: IntArray
    payers: IntArray
    is_infeasible: bool

    @property
    def fixed_cost(self) -> float:
        """Cost of what is fixed [yuan]."""
        return self.full.price(self.fixed)

    def expand(self, chosen: BoolArray) -> BoolArray:
        """Return the choice in the full problem, fixed candidates included."""
        full = self.fixed.copy()
        full[self.candidates[chosen]] = True
        return full

    def shrink(self, chosen: BoolArray) -> BoolArray:
        """Return what is left here of a choice in the full problem: a start, perhaps not valid."""
        left: BoolArray = chosen[self.candidates]
        return left

    def expand_dual(self, dual: FloatArray) -> FloatArray:
        """Return duals in the full problem; those of merged requirements are shared by weight.

        What made a candidate be fixed gets the dual that pays for it, so that the bound of the
        full problem includes the fixed cost. Candidates that were left out may collect a little
        more than their cost, as those that stand in for them do: so duals that all can pay are
        tried too, and those with the higher bound are returned.
        """
        duals = np.zeros(self.full.n_requirement)
        duals[self.requirements] = dual
        merged = np.zeros(self.full.n_requirement)
        merged[self.requirements] = self.problem.weight
        leader = self.stands_for
        share = np.divide(
            self.full.weight, merged[leader], out=np.zeros(len(merged)), where=merged[leader] > 0
        )
        soft = self.full.group != FREE
        duals = np.where(soft & (merged[leader] > 0), duals[leader] * share, duals)
        full = self.full
        for j, r in self.payers[::-1]:
            cells = full.met_by(j)
            duals[r] += max(0.0, full.cost[j] - duals[cells].sum())
        lowered = duals.copy()
        lower_prices(full.indptr, full.cells, full.cost, lowered)
        return max(duals, lowered, key=partial(lower_bound, full))


@dataclass(slots=True)
class _Work:
    """A problem while it is reduced, with the numbers in the full one."""

    indptr: IntArray
    cells: IndexArray
    cost: FloatArray
    need: IndexArray
    weight: FloatArray
    site: IndexArray
    capacity: IndexArray
    group: IndexArray
    slack: FloatArray
    candidates: IntArray
    requirements: IntArray
    fixed: BoolArray
    stands_for: IntArray
    payers: IntArray
    is_infeasible: bool

    @property
    def size(self) -> tuple[int, int]:
        """Numbers of candidates and requirements."""
        return len(self.cost), len(self.need)


def presolve(problem: Problem, *, halt: BoolArray | None = None) -> Reduced:
    """Reduce a problem as far as the rules go.

    Parameters
    ----------
    halt
        bool, shape ``(1,)``: set by someone else to end early; what is done by then is valid.
    """
    halt = np.zeros(1, np.bool_) if halt is None else halt
    n, m = problem.n_candidate, problem.n_requirement
    work = _Work(
        problem.indptr,
        problem.cells,
        problem.cost,
        problem.need.copy(),
        problem.weight.copy(),
        problem.site.copy(),
        problem.capacity.copy(),
        problem.group.copy(),
        problem.slack.copy(),
        np.arange(n),
        np.arange(m),
        np.zeros(n, np.bool_),
        np.arange(m),
        np.zeros((0, 2), np.int64),
        is_infeasible=False,
    )
    for _ in range(ROUNDS):
        before, entries = work.size, len(work.cells)
        _settle(work)
        if work.is_infeasible or halt[0] or 0 in work.size:
            break
        row_ptr, row_items = transpose(work.indptr, work.cells, len(work.need))
        gone = _merge_rows(work, row_ptr, row_items)
        soft = work.group != FREE
        find_implied_rows(row_ptr, row_items, work.indptr, work.cells, work.need, soft, gone, halt)
        del row_ptr, row_items
        _keep(work, np.ones(len(work.cost), np.bool_), ~gone)
        row_ptr, row_items = transpose(work.indptr, work.cells, len(work.need))
        inferior = np.zeros(len(work.cost), np.bool_)
        find_inferior_columns(
            work.indptr,
            work.cells,
            row_ptr,
            row_items,
            work.cost,
            work.need,
            work.site,
            inferior,
            halt,
        )
        del row_ptr, row_items
        _keep(work, ~inferior, np.ones(len(work.need), np.bool_))
        if work.size == before or (entries > LARGE and len(work.cells) > (1.0 - LITTLE) * entries):
            break
    return _end(problem, work)


def _end(problem: Problem, work: _Work) -> Reduced:
    """Return what is left; nothing of a problem that has no solution."""
    if work.is_infeasible:
        _keep(work, np.zeros(len(work.cost), np.bool_), np.zeros(len(work.need), np.bool_))
    left = Problem(
        work.indptr,
        work.cells,
        work.cost,
        work.need,
        work.weight,
        work.site,
        work.capacity,
        work.group,
        work.slack,
    )
    return Reduced(
        left,
        problem,
        work.fixed,
        work.candidates,
        work.requirements,
        work.stands_for,
        work.payers,
        work.is_infeasible,
    )


def _settle(work: _Work) -> None:
    """Fix what has to be chosen or costs nothing, until nothing more follows."""
    while True:
        # Forget capacities that cannot bind.
        used = work.site != FREE
        members = np.bincount(work.site[used], minlength=len(work.capacity))
        binds = np.append(members > work.capacity, [False])
        work.site = np.where(binds[work.site], work.site, FREE).astype(np.int32)
        _settle_groups(work)
        degree = degrees(work.cells, len(work.need))
        hard = work.group == FREE
        work.is_infeasible = work.is_infeasible or bool((hard & (degree < work.need)).any())
        if work.is_infeasible:
            return
        tight = hard & (work.need > 0) & (degree == work.need)
        fixed = (work.cost == 0.0) & (work.site == FREE)
        if tight.any():
            fixed |= _forced(work, tight)
        _fix(work, fixed)
        full = work.site != FREE
        full[full] = work.capacity[work.site[full]] <= 0
        useless = fixed | full | (np.diff(work.indptr) == 0)
        asked = work.need > 0
        if not useless.any() and asked.all():
            return
        _keep(work, ~useless, asked)


def _settle_groups(work: _Work) -> None:
    """Charge what cannot be met to its group; release groups that ask for nothing.

    A margin keeps requirements that are as heavy as the slack where rounding puts them.
    """
    if not len(work.slack):
        return
    degree = degrees(work.cells, len(work.need))
    soft = work.group != FREE
    lost = soft & (degree < work.need)
    labels = work.group[lost]
    allowed = work.slack * (1.0 + TOLERANCE) + TOLERANCE
    unmet = np.bincount(labels, work.weight[lost], minlength=len(work.slack))
    work.is_infeasible = work.is_infeasible or bool((unmet > allowed).any())
    work.slack = np.maximum(work.slack - unmet, 0.0)
    work.need[lost] = 0
    asking = soft & (work.need > 0)
    total = np.bincount(work.group[asking], work.weight[asking], minlength=len(work.slack))
    at_ease = np.append(total <= work.slack, [False])
    work.need[at_ease[work.group]] = 0
    allowed = np.append(work.slack * (1.0 + TOLERANCE) + TOLERANCE, [np.inf])
    heavy = (work.group != FREE) & (work.weight > allowed[work.group])
    work.group[heavy] = FREE


def _fix(work: _Work, fixed: BoolArray) -> None:
    """Choose candidates for good: needs and capacities fall by what they take."""
    work.fixed[work.candidates[fixed]] = True
    if not fixed.any():
        return
    _, cells = restrict(
        work.indptr, work.cells, np.flatnonzero(fixed), np.arange(len(work.need), dtype=np.int32)
    )
    work.need = np.maximum(work.need - degrees(cells, len(work.need)), 0).astype(np.int32)
    sites = work.site[fixed & (work.site != FREE)]
    left = work.capacity - np.bincount(sites, minlength=len(work.capacity))
    work.is_infeasible = work.is_infeasible or bool((left < 0).any())
    work.capacity = np.maximum(left, 0).astype(np.int32)


def _merge_rows(work: _Work, row_ptr: IntArray, row_items: IndexArray) -> BoolArray:
    """Merge requirements with the same candidates; returns those that are gone.

    In a group need and group have to be the same too, and weights are added; of those that have to
    be met the one with the greatest need stays.
    """
    n, m = work.size
    code = np.random.default_rng(0).integers(-(2**63), 2**63 - 1, n, np.int64)
    key = np.zeros(m, np.int64)
    hash_lists(work.indptr, work.cells, code, key)
    soft = work.group != FREE
    kind = np.where(soft, work.need, 0)
    order = np.lexsort((np.arange(m), -work.need, kind, work.group, key))
    same = (
        (key[order[1:]] == key[order[:-1]])
        & (work.group[order[1:]] == work.group[order[:-1]])
        & (kind[order[1:]] == kind[order[:-1]])
    )
    starts = np.flatnonzero(np.append([True], ~same))
    leader = np.empty(m, np.int64)
    leader[order] = order[np.repeat(starts, np.diff(np.append(starts, m)))]
    rows = np.flatnonzero(leader != np.arange(m))
    equal = np.zeros(len(rows), np.bool_)
    compare_lists(row_ptr, row_items, rows, leader[rows], equal)
    rows = rows[equal]
    gone = np.zeros(m, np.bool_)
    gone[rows] = True
    merged = rows[soft[rows]]
    np.add.at(work.weight, leader[merged], work.weight[merged])
    into = np.arange(len(work.stands_for))
    into[work.requirements[merged]] = work.requirements[leader[merged]]
    work.stands_for = into[work.stands_for]
    return gone


def _keep(work: _Work, columns: BoolArray, rows: BoolArray) -> None:
    """Keep some candidates and requirements, and renumber them."""
    if columns.all() and rows.all():
        return
    number = np.where(rows, np.cumsum(rows) - 1, -1).astype(np.int32)
    work.indptr, work.cells = restrict(work.indptr, work.cells, np.flatnonzero(columns), number)
    work.cost, work.site = work.cost[columns], work.site[columns]
    work.candidates = work.candidates[columns]
    work.need, work.weight = work.need[rows], work.weight[rows]
    work.group, work.requirements = work.group[rows], work.requirements[rows]


def _forced(work: _Work, tight: BoolArray) -> BoolArray:
    """Tell who is needed by requirements that have no candidate to spare, and note by which."""
    needed_by = np.empty(len(work.cost), np.int32)
    find_flagged(work.indptr, work.cells, tight, needed_by)
    forced = needed_by >= 0
    pairs = np.column_stack((work.candidates[forced], work.requirements[needed_by[forced]]))
    work.payers = np.concatenate((work.payers, pairs))
    return forced
