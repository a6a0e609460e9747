"""What a budget asks of a plan: limits, floors, what is worth what, and the same as a programme.

References
----------
Maximal covering with a budget (Church and ReVelle 1974; Khuller, Moss and Naor 1999), several
budgets by district, floors of coverage, capacities of sites. Rows that the same candidates meet
are one row with the sum of their weights; domination of rows is not valid where not all are met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import block_array, coo_array, csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.core.errors import MismatchError
from civicsight.planning.solver.linear import Linear
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem

SEED: Final = 20_250_401
"""Of the marks of 124 bits by which equal rows are found: two rows that differ never share one
within the life of this programme (1e-20 for a hundred million rows)."""


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
        kept = met & (problem.group != FREE)
        weights = np.bincount(problem.group[kept], problem.weight[kept], len(self.target))
        return int((weights >= self.least).sum())

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


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Rows that the same candidates meet, taken together.

    Parameters
    ----------
    of_requirement
        Row of each requirement.
    first
        A requirement of each row.
    """

    of_requirement: IntArray
    first: IntArray

    def total(self, values: FloatArray) -> FloatArray:
        """Add up values of requirements by row."""
        sums = np.bincount(self.of_requirement, values, minlength=len(self.first))
        return sums.astype(np.float64)


def merge(problem: Problem, *labels: npt.NDArray[Any]) -> Merged:
    """Find requirements with the same candidates, need and labels."""
    random = np.random.default_rng(SEED).integers(0, 1 << 62, (2, problem.n_candidate), np.uint64)
    lengths = np.diff(problem.indptr)
    marks = []
    for mark in random:
        mixed = np.zeros(problem.n_requirement, np.uint64)
        np.add.at(mixed, problem.cells, np.repeat(mark, lengths))
        marks.append(mixed)
    keys: list[npt.NDArray[Any]] = [*marks, problem.need, *labels]
    order = np.lexsort(keys)
    new = np.ones(problem.n_requirement, np.bool_)
    new[1:] = np.logical_or.reduce([key[order][1:] != key[order][:-1] for key in keys])
    row = np.empty(problem.n_requirement, np.int64)
    row[order] = np.cumsum(new) - 1
    return Merged(row, order[new])


def linear_of(problem: Problem, budgets: Budgets, aim: Aim) -> tuple[Linear, Merged]:
    """State budgeted covering as a programme of candidates, merged rows and parts.

    Rows in this order: requirements, sites, the total, districts with a limit, floors, parts. A
    requirement counts only when it is met in full: where the need is above 1 its variable is a
    whole number; a need of 1 makes it one by itself.
    """
    labels = [budgets.of_requirement] if budgets.floors.any() else []
    labels += [problem.group] if aim.part_worth else []
    merged = merge(problem, *labels)
    n, rows = problem.n_candidate, len(merged.first)
    need = problem.need[merged.first]
    weight = merged.total(problem.weight)
    district, group = budgets.of_requirement[merged.first], problem.group[merged.first]
    limited = np.flatnonzero(np.isfinite(np.append(budgets.total_yuan, budgets.limits_yuan)))
    floored = np.flatnonzero(budgets.floors > 0)
    asked = np.arange(len(aim.target) if aim.part_worth else 0)
    matrix = csr_array(problem.matrix.T, dtype=np.float64)[merged.first]
    money = picker(budgets.of_candidate, len(budgets.limits_yuan), problem.cost)
    money = stack([[csr_array(problem.cost[None])], [money]], (n,), [1, len(budgets.limits_yuan)])
    members = picker(district, len(budgets.floors), weight)
    parts = picker(group, len(aim.target), weight)
    whole = members.sum(axis=1)
    blocks = [
        [-matrix, diagonal(need), None],
        [picker(problem.site, len(problem.capacity), np.ones(n)), None, None],
        [money[limited], None, None],
        [None, -members[floored], None],
        [None, -parts[asked], diagonal(aim.least[asked])],
    ]
    high = (
        np.zeros(rows),
        problem.capacity,
        np.append(budgets.total_yuan, budgets.limits_yuan)[limited],
        -((budgets.floors - TOLERANCE) * whole)[floored],
        np.zeros(len(asked)),
    )
    shape = (sum(map(len, high)), n + rows + len(asked))
    gain = np.concatenate(
        [np.zeros(n), merged.total(aim.worth), np.full(len(asked), aim.part_worth)]
    )
    linear = Linear(
        gain,
        np.ones(shape[1]),
        np.concatenate([np.ones(n, np.bool_), need > 1, np.ones(len(asked), np.bool_)]),
        stack(blocks, (n, rows, len(asked)), [len(part) for part in high]),
        np.concatenate(high).astype(np.float64),
    )
    return linear, merged


def _spread(value: npt.ArrayLike, count: int) -> IndexArray:
    return np.ascontiguousarray(np.broadcast_to(np.asarray(value, np.int32), count))


def diagonal(values: npt.NDArray[Any]) -> csr_array:
    """Return a square matrix with these values on its diagonal."""
    at = np.arange(len(values))
    return csr_array((values.astype(np.float64), (at, at)), shape=(len(values), len(values)))


def picker(labels: IndexArray, count: int, values: FloatArray) -> csr_array:
    """Return the matrix that adds up values by label, shape ``(count, len(labels))``."""
    at = np.flatnonzero(labels != FREE)
    return csr_array((values[at], (labels[at], at)), shape=(count, len(labels)))


def stack(blocks: list[list[Any]], widths: tuple[int, ...], heights: list[int]) -> csr_array:
    """Join blocks, with nothing where there is None; blocks may have no rows or columns."""
    full = [
        [
            coo_array((height, width)) if block is None else block
            for block, width in zip(row, widths, strict=True)
        ]
        for row, height in zip(blocks, heights, strict=True)
    ]
    return csr_array(block_array(full, format="csr"))
