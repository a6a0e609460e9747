"""The one builder of linear models: kinds of variables side by side, rows block by block.

A model names its kinds of variables, then the blocks that each family of rows holds of them. Rows
that the same candidates meet are one row with the sum of their weights; domination of rows is not
valid where not all are met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import block_array, coo_array, csr_array, vstack

from civicsight.core.arrays import FloatArray, IndexArray, IntArray
from civicsight.planning.solver.linear import Linear
from civicsight.planning.solver.model import FREE, Problem

Rows = tuple[Mapping[str, Any], npt.ArrayLike]
"""A family of rows: what it holds of each kind of variable, and the room of each row."""

SEED: Final = 20_250_401
"""Of the marks of 124 bits by which equal rows are found: two rows that differ never share one
within the life of this programme (1e-20 for a hundred million rows)."""


@dataclass(frozen=True, slots=True, eq=False)
class Variables:
    """Kinds of variables of a model, one after the other.

    Parameters
    ----------
    widths
        Number of variables of each kind, in their order.

    Examples
    --------
    >>> variables = Variables({"take": 2, "met": 1})
    >>> variables.spread(take=[3.0, 4.0])
    array([3., 4., 0.])
    """

    widths: Mapping[str, int]

    def spread(self, **numbers: npt.ArrayLike) -> FloatArray:
        """Lay out numbers by kind of variable; 0 for kinds that are not named."""
        parts = [
            np.broadcast_to(np.asarray(numbers.get(kind, 0.0), np.float64), width)
            for kind, width in self.widths.items()
        ]
        return np.concatenate(parts)

    def model(
        self,
        rows: Iterable[Rows],
        *,
        gain: FloatArray,
        whole: Mapping[str, Any],
        upper: FloatArray | None = None,
    ) -> Linear:
        """State a model.

        Parameters
        ----------
        rows
            Families of rows in their order; each holds at most its room.
        gain, upper
            Of each variable; left out upper ends are 1.
        whole
            Kinds whose variables are whole numbers, or which of them are.
        """
        families = list(rows)
        rooms = [np.asarray(room, np.float64) for _, room in families]
        is_whole = self.spread(**whole) > 0.0
        return Linear(
            gain,
            np.ones(len(gain)) if upper is None else upper,
            is_whole,
            stack(
                [[blocks.get(kind) for kind in self.widths] for blocks, _ in families],
                tuple(self.widths.values()),
                [len(room) for room in rooms],
            ),
            np.concatenate(rooms),
        )

    def split(self, values: FloatArray) -> dict[str, FloatArray]:
        """Return the values of each kind."""
        ends = np.cumsum([0, *self.widths.values()]).tolist()
        spans = [values[first:last] for first, last in pairwise(ends)]
        return dict(zip(self.widths, spans, strict=True))


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

    def total(self, values: npt.NDArray[Any]) -> FloatArray:
        """Add up values of requirements by row."""
        sums = np.bincount(self.of_requirement, values, minlength=len(self.first))
        return sums.astype(np.float64)

    def share(self, duals: FloatArray, weight: FloatArray) -> FloatArray:
        """Return duals of rows as duals of their requirements, by weight; they add up again."""
        portion = weight / self.total(weight)[self.of_requirement]
        return duals[self.of_requirement] * portion


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


def meets(problem: Problem, merged: Merged) -> csr_array:
    """Return which candidates meet each merged row, shape ``(n_row, n_candidate)``."""
    return csr_array(csr_array(problem.matrix.T, dtype=np.float64)[merged.first])


def of_sites(problem: Problem) -> csr_array:
    """Return which candidates each site carries, shape ``(n_site, n_candidate)``."""
    return picker(problem.site, len(problem.capacity), np.ones(problem.n_candidate))


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


def also(linear: Linear, rows: npt.ArrayLike, room: npt.ArrayLike) -> Linear:
    """Return a model with one row or more beside its own."""
    more = csr_array(np.atleast_2d(np.asarray(rows, np.float64)))
    return replace(
        linear,
        matrix=csr_array(vstack([linear.matrix, more], format="csr")),
        high=np.append(linear.high, room),
    )
