"""Independent parts of a problem, and the problem of a part.

Candidates that meet one requirement belong together, and so do those of one site whose capacity
binds, and the requirements of one group that share its slack. Plans and bounds of parts add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from civicsight.core.arrays import BoolArray, IndexArray, IntArray
from civicsight.planning.solver._kernels.presolve import copy_kept, flatten, join
from civicsight.planning.solver.model import FREE, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """A part of a problem that no other part has anything to do with.

    Parameters
    ----------
    problem
        Of this part alone.
    candidates, requirements
        Their numbers in the whole, ascending.
    """

    problem: Problem
    candidates: IntArray
    requirements: IntArray


def components(problem: Problem) -> list[Component]:
    """Split a problem into its independent parts, by lowest candidate.

    Candidates that meet nothing are in no part, nor are requirements that nothing asks for; a
    requirement that nobody can meet is a part of its own.
    """
    n, m = problem.n_candidate, problem.n_requirement
    if n + m == 0:
        return []
    roots = _roots(problem)
    by_candidate = np.argsort(roots[:n], kind="stable")
    by_requirement = np.argsort(roots[n : n + m], kind="stable")
    names = np.unique(roots[n : n + m])
    parts = []
    for name in names:
        ends = [name, name + 1]
        low, high = np.searchsorted(roots[:n], ends, sorter=by_candidate)
        candidates = by_candidate[low:high]
        low, high = np.searchsorted(roots[n : n + m], ends, sorter=by_requirement)
        requirements = by_requirement[low:high]
        parts.append(
            Component(part_of(problem, candidates, requirements), candidates, requirements)
        )
    return parts


def part_of(problem: Problem, candidates: IntArray, requirements: IntArray) -> Problem:
    """Return the problem of some candidates and requirements, both ascending, as they are.

    Sites and groups that are left without members are left out; capacities and slack stay.
    """
    number = np.full(problem.n_requirement, -1, np.int32)
    number[requirements] = np.arange(len(requirements), dtype=np.int32)
    site, sites = _renumber(problem.site[candidates], len(problem.capacity))
    group, groups = _renumber(problem.group[requirements], len(problem.slack))
    indptr, cells = restrict(problem.indptr, problem.cells, candidates, number)
    return Problem(
        indptr,
        cells,
        problem.cost[candidates],
        problem.need[requirements],
        problem.weight[requirements],
        site,
        problem.capacity[sites],
        group,
        problem.slack[groups],
    )


def restrict(
    indptr: IntArray, cells: IndexArray, candidates: IntArray, number: IndexArray
) -> tuple[IntArray, IndexArray]:
    """Return the lists of some candidates with requirements renumbered, those below 0 left out."""
    most = int(np.sum(indptr[candidates + 1] - indptr[candidates]))
    out_ptr = np.zeros(len(candidates) + 1, np.int64)
    out_cells = np.empty(most, np.int32)
    copy_kept(indptr, cells, candidates, number, out_ptr, out_cells)
    kept = out_cells[: out_ptr[-1]]
    return out_ptr, kept if len(kept) == most else kept.copy()


def _roots(problem: Problem) -> IntArray:
    """Return which tree each candidate and each requirement belongs to."""
    n, m = problem.n_candidate, problem.n_requirement
    n_site = len(problem.capacity)
    parent = np.arange(n + m + n_site + len(problem.slack))
    site = np.where(binding_sites(problem), problem.site, FREE).astype(np.int64)
    group = problem.group.astype(np.int64)
    label = np.concatenate(
        (
            np.where(site == FREE, FREE, site + n + m),
            np.where(group == FREE, FREE, group + n + m + n_site),
        )
    )
    join(problem.indptr, problem.cells, label, parent)
    flatten(parent)
    return parent[: n + m]


def binding_sites(problem: Problem) -> BoolArray:
    """Tell of each candidate whether its site has more candidates than it can carry."""
    taken = problem.site != FREE
    members = np.bincount(problem.site[taken], minlength=len(problem.capacity))
    binds = np.append(members > problem.capacity, [False])
    binding: BoolArray = binds[problem.site]
    return binding


def _renumber(label: IndexArray, count: int) -> tuple[IndexArray, IntArray]:
    """Return labels without gaps, and which ones they were."""
    used = np.zeros(count, np.bool_)
    used[label[label != FREE]] = True
    number = np.append(np.cumsum(used) - 1, FREE).astype(np.int32)
    return number[label], np.flatnonzero(used)
