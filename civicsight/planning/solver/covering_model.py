"""A problem as a linear programme in which sites count and what is missed is measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray
from civicsight.planning.solver.budget_model import Merged, diagonal, merge, picker, stack
from civicsight.planning.solver.linear import Linear
from civicsight.planning.solver.model import FREE, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Covering:
    """The programme, without a gain, and how its variables are laid out.

    Parameters
    ----------
    problem, opens, merged
        What is stated, the new site that each candidate opens, and the rows taken together.
    linear
        Variables: candidates, merged rows, new sites, and the weight that is missed beyond what
        may stay unmet in each group and, last, outside all groups.
    """

    problem: Problem
    opens: IndexArray
    merged: Merged
    linear: Linear

    @property
    def widths(self) -> tuple[int, int, int, int]:
        """Number of variables of each kind."""
        n_site = int(self.opens.max(initial=FREE)) + 1
        return self.problem.n_candidate, len(self.merged.first), n_site, len(self.problem.slack) + 1

    def spread(
        self,
        candidates: npt.ArrayLike = 0.0,
        rows: npt.ArrayLike = 0.0,
        sites: npt.ArrayLike = 0.0,
        missed: npt.ArrayLike = 0.0,
    ) -> FloatArray:
        """Lay out numbers by kind of variable."""
        parts = zip((candidates, rows, sites, missed), self.widths, strict=True)
        spread = [np.broadcast_to(np.asarray(part, np.float64), width) for part, width in parts]
        return np.concatenate(spread)

    def values_of(self, chosen: BoolArray) -> FloatArray:
        """Return a choice as values of the variables."""
        met = self.problem.is_met(chosen)
        sites = np.isin(np.arange(self.widths[2]), self.opens[chosen])
        label = np.where(self.problem.group == FREE, self.widths[3] - 1, self.problem.group)
        lost = np.bincount(label[~met], self.problem.weight[~met], minlength=self.widths[3])
        missed = np.maximum(lost - np.append(self.problem.slack, 0.0), 0.0)
        return self.spread(chosen, met[self.merged.first], sites, missed)


def covering_of(problem: Problem, opens: IndexArray) -> Covering:
    """State a problem: requirements, capacities, sites that candidates open, groups."""
    merged = merge(problem, problem.group)
    n, rows, n_site = problem.n_candidate, len(merged.first), int(opens.max(initial=FREE)) + 1
    group = problem.group[merged.first]
    # Outside all groups is one more group, the last, in which nothing may be missed.
    place = np.where(group == FREE, len(problem.slack), group).astype(np.int32)
    slack = np.append(problem.slack, 0.0)
    members = picker(place, len(slack), merged.total(problem.weight))
    whole = np.asarray(members.sum(axis=1)).ravel()
    new = np.flatnonzero(opens != FREE)
    at, ones = np.arange(len(new)), np.ones(len(new))
    columns = csr_array(problem.matrix.T, dtype=np.float64)[merged.first]
    blocks = [
        [-columns, diagonal(problem.need[merged.first]), None, None],
        [picker(problem.site, len(problem.capacity), np.ones(n)), None, None, None],
        [
            csr_array((ones, (at, new)), shape=(len(new), n)),
            None,
            csr_array((-ones, (at, opens[new])), shape=(len(new), n_site)),
            None,
        ],
        [None, -members, None, -diagonal(np.ones(len(slack)))],
    ]
    high = (np.zeros(rows), problem.capacity, np.zeros(len(new)), slack - whole)
    widths = (n, rows, n_site, len(slack))
    linear = Linear(
        np.zeros(sum(widths)),
        np.concatenate([np.ones(n + rows + n_site), whole]),
        np.repeat((True, True, True, False), widths),
        stack(blocks, widths, [len(part) for part in high]),
        np.concatenate(high).astype(np.float64),
    )
    return Covering(problem, opens, merged, linear)
