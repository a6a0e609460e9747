"""A problem as a linear model in which sites count and what is missed is measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray
from civicsight.planning.solver.linear import Linear
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.model_builder import (
    Merged,
    Rows,
    Variables,
    diagonal,
    meets,
    merge,
    of_sites,
    picker,
)


@dataclass(frozen=True, slots=True, eq=False)
class Covering:
    """The model, without a gain, and how its variables are laid out.

    Parameters
    ----------
    problem, opens, merged
        What is stated, the new site that each candidate opens, and the rows taken together.
    variables
        ``candidates``, merged ``rows``, new ``sites``, and the weight that is ``missed`` beyond
        what may stay unmet in each group and, last, outside all groups.
    linear
        The model.
    """

    problem: Problem
    opens: IndexArray
    merged: Merged
    variables: Variables
    linear: Linear

    def values_of(self, chosen: BoolArray) -> FloatArray:
        """Return a choice as values of the variables."""
        met, widths = self.problem.is_met(chosen), self.variables.widths
        sites = np.isin(np.arange(widths["sites"]), self.opens[chosen])
        label = np.where(self.problem.group == FREE, widths["missed"] - 1, self.problem.group)
        lost = np.bincount(label[~met], self.problem.weight[~met], minlength=widths["missed"])
        return self.variables.spread(
            candidates=chosen,
            rows=met[self.merged.first],
            sites=sites,
            missed=np.maximum(lost - np.append(self.problem.slack, 0.0), 0.0),
        )


def covering_of(problem: Problem, opens: IndexArray) -> Covering:
    """State a problem: requirements, capacities, sites that candidates open, groups."""
    merged = merge(problem, problem.group)
    n, n_site = problem.n_candidate, int(opens.max(initial=FREE)) + 1
    need, group = problem.need[merged.first], problem.group[merged.first]
    # Outside all groups is one more group, the last, in which nothing may be missed.
    slack = np.append(problem.slack, 0.0)
    place = np.where(group == FREE, len(problem.slack), group).astype(np.int32)
    members = picker(place, len(slack), merged.total(problem.weight))
    whole = np.asarray(members.sum(axis=1)).ravel()
    new = np.flatnonzero(opens != FREE)
    at, ones = np.arange(len(new)), np.ones(len(new))
    taken = csr_array((ones, (at, new)), shape=(len(new), n))
    opened = csr_array((-ones, (at, opens[new])), shape=(len(new), n_site))
    rows: list[Rows] = [
        ({"candidates": -meets(problem, merged), "rows": diagonal(need)}, np.zeros(len(need))),
        ({"candidates": of_sites(problem)}, problem.capacity),
        ({"candidates": taken, "sites": opened}, np.zeros(len(new))),
        ({"rows": -members, "missed": -diagonal(np.ones(len(slack)))}, slack - whole),
    ]
    variables = Variables(
        {"candidates": n, "rows": len(need), "sites": n_site, "missed": len(slack)}
    )
    linear = variables.model(
        rows,
        gain=variables.spread(),
        whole={"candidates": True, "rows": True, "sites": True},
        upper=variables.spread(candidates=1.0, rows=1.0, sites=1.0, missed=whole),
    )
    return Covering(problem, opens, merged, variables, linear)
