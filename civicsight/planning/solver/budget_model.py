"""What a budget asks of a plan: limits, floors, what is worth what, and the same as a model.

References
----------
Maximal covering with a budget (Church and ReVelle 1974; Khuller, Moss and Naor 1999), several
budgets by district, floors of coverage, capacities of sites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray
from civicsight.core.errors import MismatchError
from civicsight.planning.solver.linear import Linear
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
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
class Budgets:
    """Money there is, in all and by district, and the least that each district gets for it.

    Parameters
    ----------
    total_yuan
        For everything; infinite for no limit.
    limits_yuan, floors
        Of each district, shape ``(n_district,)``: money for its candidates, infinite for no limit;
        least share of the weight of its requirements that has to be met, 0 for none.
    of_candidate, of_requirement
        District of each, `FREE` for none.

    Raises
    ------
    MismatchError
        If a number is out of its range or shapes differ.
    """

    total_yuan: float
    limits_yuan: FloatArray
    floors: FloatArray
    of_candidate: IndexArray
    of_requirement: IndexArray

    def __post_init__(self) -> None:
        """Check what kernels trust."""
        count = len(self.limits_yuan)
        ranges = (self.of_candidate, self.of_requirement)
        is_right = (
            self.total_yuan >= 0
            and len(self.floors) == count
            and bool((self.limits_yuan >= 0).all())
            and bool(((self.floors >= 0) & (self.floors <= 1)).all())
            and all(len(of) == 0 or (of.min() >= FREE and of.max() < count) for of in ranges)
        )
        if not is_right:
            msg = "budgets have to be at least 0, floors between 0 and 1, districts among them"
            raise MismatchError(msg)

    @classmethod
    def of(
        cls,
        problem: Problem,
        total_yuan: float = np.inf,
        *,
        limits_yuan: npt.ArrayLike = (),
        floors: npt.ArrayLike = (),
        of_candidate: npt.ArrayLike = FREE,
        of_requirement: npt.ArrayLike = FREE,
    ) -> Budgets:
        """State the budgets of a problem; left out floors are 0, left out limits infinite."""
        limits = np.atleast_1d(np.asarray(limits_yuan, np.float64))
        least = np.atleast_1d(np.asarray(floors, np.float64))
        count = max(len(limits), len(least))
        return cls(
            float(total_yuan),
            limits if len(limits) else np.full(count, np.inf),
            least if len(least) else np.zeros(count),
            _spread(of_candidate, problem.n_candidate),
            _spread(of_requirement, problem.n_requirement),
        )

    def spent(self, problem: Problem, chosen: BoolArray) -> FloatArray:
        """Return the yuan that a choice costs in each district, and in all as the last."""
        taken = chosen & (self.of_candidate != FREE)
        by_district = np.bincount(
            self.of_candidate[taken], problem.cost[taken], minlength=len(self.limits_yuan)
        )
        return np.append(by_district, problem.price(chosen))

    def shares(self, problem: Problem, met: BoolArray) -> FloatArray:
        """Return the share of the weight of each district that is met; 1 where nothing is asked."""
        count = len(self.floors)
        inside = self.of_requirement != FREE
        weights = problem.weight[inside]
        whole = np.bincount(self.of_requirement[inside], weights, minlength=count)
        kept = np.bincount(self.of_requirement[inside], weights * met[inside], minlength=count)
        return np.divide(kept, whole, out=np.ones(count), where=whole > 0)

    def allow(self, problem: Problem, chosen: BoolArray) -> bool:
        """Tell whether a choice stays within every budget and capacity."""
        limits = np.append(self.limits_yuan, self.total_yuan)
        within = self.spent(problem, chosen) <= limits * (1.0 + TOLERANCE) + TOLERANCE
        return bool(within.all()) and problem.keeps_capacities(chosen)

    def money(self, problem: Problem) -> tuple[csr_array, FloatArray]:
        """Return what candidates take from each limit of money there is, and the limits.

        The total comes first, then districts.
        """
        limits = np.append(self.total_yuan, self.limits_yuan)
        of_district = picker(self.of_candidate, len(self.limits_yuan), problem.cost)
        money = csr_array(vstack([csr_array(problem.cost[None]), of_district], format="csr"))
        limited = np.flatnonzero(np.isfinite(limits))
        return csr_array(money[limited]), limits[limited]

    def least(self, problem: Problem, merged: Merged) -> tuple[csr_array, FloatArray]:
        """Return what merged rows bring to each floor there is, and the weight that it asks for."""
        of = self.of_requirement[merged.first]
        members = picker(of, len(self.floors), merged.total(problem.weight))
        floors = (self.floors - TOLERANCE) * members.sum(axis=1)
        floored = np.flatnonzero(self.floors > 0)
        return csr_array(members[floored]), floors[floored]

    def are_kept(self, problem: Problem, chosen: BoolArray) -> bool:
        """Tell whether a choice stays within every budget and capacity, and reaches every floor."""
        shares = self.shares(problem, problem.is_met(chosen))
        return self.allow(problem, chosen) and bool((shares >= self.floors - TOLERANCE).all())


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """What meeting a requirement, and completing a part, is worth.

    Parameters
    ----------
    worth
        Of each requirement that is met, shape ``(n_requirement,)``.
    part_worth
        Of each group whose unmet weight is within its slack.
    target
        Weight that has to be met for that in each group; at most 0 where nothing has to be.
    """

    worth: FloatArray
    part_worth: float
    target: FloatArray

    def value(self, problem: Problem, met: BoolArray) -> float:
        """Return what is reached when these requirements are met."""
        return float(self.worth[met].sum()) + self.part_worth * self.completed(problem, met)

    def completed(self, problem: Problem, met: BoolArray) -> int:
        """Count the groups that are complete."""
        return int(self.complete(problem, met).sum())

    def complete(self, problem: Problem, met: BoolArray) -> BoolArray:
        """Tell which groups are complete."""
        kept = met & (problem.group != FREE)
        weights = np.bincount(problem.group[kept], problem.weight[kept], len(self.target))
        complete: BoolArray = weights >= self.least
        return complete

    @property
    def least(self) -> FloatArray:
        """Weight from which a group counts as complete, with room for rounding; at least 0."""
        return np.maximum(self.target * (1.0 - TOLERANCE) - TOLERANCE, 0.0)


def aim_of(problem: Problem, *, parts: bool = False) -> Aim:
    """State what is to be made as large as it can be.

    The weight that is met, by default: metres and square metres, with a guarantee for the greedy
    choice and a tight bound. With `parts` the number of parts that are complete plus the share of
    the weight that is met, which is at most 1 and so decides among equal numbers alone: the law is
    kept part by part, and half a gate is no gate. A requirement outside all groups is its own part.
    One that asks for nothing, because nobody could meet it, is worth nothing: it is neither in what
    is reached nor in its bound.
    """
    worth = problem.worth
    grouped = problem.group != FREE
    of_group = np.bincount(
        problem.group[grouped], problem.weight[grouped], minlength=len(problem.slack)
    )
    target = of_group - problem.slack
    if not parts:
        return Aim(worth, 0.0, target)
    return Aim(worth / max(worth.sum(), 1e-300) + ~grouped, 1.0, target)


def variables_of(problem: Problem, aim: Aim, merged: Merged) -> Variables:
    """Return the kinds of variables of `linear_of`: candidates, merged rows, parts."""
    parts = len(aim.target) if aim.part_worth else 0
    return Variables({"candidates": problem.n_candidate, "rows": len(merged.first), "parts": parts})


def linear_of(problem: Problem, budgets: Budgets, aim: Aim) -> tuple[Linear, Merged]:
    """State budgeted covering as a model of candidates, merged rows and parts.

    Rows in this order: requirements, sites, the total, districts with a limit, floors, parts. A
    requirement counts only when it is met in full: where the need is above 1 its variable is a
    whole number; a need of 1 makes it one by itself.
    """
    labels = [budgets.of_requirement] if budgets.floors.any() else []
    labels += [problem.group] if aim.part_worth else []
    merged = merge(problem, *labels)
    need, variables = problem.need[merged.first], variables_of(problem, aim, merged)
    asked = np.arange(variables.widths["parts"])
    weight = merged.total(problem.weight)
    parts = picker(problem.group[merged.first], len(aim.target), weight)[asked]
    money, limits = budgets.money(problem)
    members, floors = budgets.least(problem, merged)
    rows: list[Rows] = [
        ({"candidates": -meets(problem, merged), "rows": diagonal(need)}, np.zeros(len(need))),
        ({"candidates": of_sites(problem)}, problem.capacity),
        ({"candidates": money}, limits),
        ({"rows": -members}, -floors),
        ({"rows": -parts, "parts": diagonal(aim.least[asked])}, np.zeros(len(asked))),
    ]
    gain = variables.spread(rows=merged.total(aim.worth), parts=aim.part_worth)
    whole = {"candidates": True, "rows": need > 1, "parts": True}
    return variables.model(rows, gain=gain, whole=whole), merged


def _spread(value: npt.ArrayLike, count: int) -> IndexArray:
    return np.ascontiguousarray(np.broadcast_to(np.asarray(value, np.int32), count))
