"""The problem that a plan solves: which candidates to take so that every requirement is met.

References
----------
Multi-cover with costs, a capacity for each site, and parts of which a share may stay unmet:
optimal camera placement as set cover (Kritter, Brevilliers, Lepagnot, Idoumghar 2019), its partial
form as in maximal covering (Church and ReVelle 1974). Articles 7 and 8 of the Measures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.core.errors import MismatchError

FREE: Final = -1
"""Site of a candidate without a capacity; group of a requirement that has to be met."""

TOLERANCE: Final = 1e-9
"""Share by which sums of weights and costs may differ from rounding alone."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Candidates, what each meets, what it costs, and what is asked for.

    Choose ``x`` in {0, 1} for every candidate with least ``cost @ x`` so that at most
    ``capacity[s]`` candidates of each site are chosen and every requirement ``r`` is met by at
    least ``need[r]`` of them; in each group the weight of requirements that stay unmet is at most
    ``slack``.

    Parameters
    ----------
    indptr, cells
        What each candidate meets, shapes ``(n_candidate + 1,)`` and ``(nnz,)``: requirements of
        candidate ``j`` are ``cells[indptr[j]:indptr[j + 1]]``, ascending, each once.
    cost
        Of each candidate [yuan], at least 0.
    need
        How many candidates each requirement asks for, shape ``(n_requirement,)``, at least 0; a
        requirement that not enough candidates could meet is capped by who builds the problem, and
        reported.
    weight
        Of each requirement, above 0: metres of gate or square metres of area.
    site
        Site of each candidate, `FREE` for none. The variants of one existing camera are one site
        of capacity 1.
    capacity
        Greatest number of candidates of each site, shape ``(n_site,)``.
    group
        Group of each requirement, `FREE` if it has to be met.
    slack
        Weight that may stay unmet in each group, shape ``(n_group,)``.

    Raises
    ------
    MismatchError
        If shapes differ, an index is out of range or repeats, or a number is not finite or below
        its least.

    Examples
    --------
    >>> ring = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[3.0, 2.0, 2.0])
    >>> ring.n_candidate, ring.n_requirement, ring.is_met(np.array([True, False, True])).all()
    (3, 3, np.True_)
    """

    indptr: IntArray
    cells: IndexArray
    cost: FloatArray
    need: IndexArray
    weight: FloatArray
    site: IndexArray
    capacity: IndexArray
    group: IndexArray
    slack: FloatArray

    def __post_init__(self) -> None:
        """Check every array once: kernels below have no bounds checks."""
        _check_shapes(self)
        _check_indices(self)
        _check_numbers(self)
        for name in ("cost", "need", "weight", "site", "capacity", "group", "slack"):
            # A column of a table may be read-only: to kernels another type, compiled anew.
            held = np.require(getattr(self, name), requirements=("C", "W"))
            object.__setattr__(self, name, held)

    @classmethod
    def of(
        cls,
        rows: list[list[int]],
        *,
        cost: npt.ArrayLike,
        n_requirement: int | None = None,
        need: npt.ArrayLike = 1,
        weight: npt.ArrayLike = 1.0,
        site: npt.ArrayLike = FREE,
        capacity: npt.ArrayLike = (),
        group: npt.ArrayLike = FREE,
        slack: npt.ArrayLike = (),
    ) -> Problem:
        """Build a problem from the requirements that each candidate meets; scalars spread."""
        cells = np.array([cell for row in rows for cell in sorted(row)], np.int32)
        count = n_requirement if n_requirement is not None else int(cells.max(initial=-1)) + 1
        lengths = np.cumsum([0, *map(len, rows)])
        return cls(
            lengths.astype(np.int64),
            cells,
            _spread(cost, len(rows), np.float64),
            _spread(need, count, np.int32),
            _spread(weight, count, np.float64),
            _spread(site, len(rows), np.int32),
            np.asarray(capacity, np.int32),
            _spread(group, count, np.int32),
            np.asarray(slack, np.float64),
        )

    @property
    def n_candidate(self) -> int:
        """Number of candidates."""
        return len(self.cost)

    @property
    def n_requirement(self) -> int:
        """Number of requirements."""
        return len(self.need)

    @cached_property
    def matrix(self) -> csr_array:
        """Who meets what, bool, shape ``(n_candidate, n_requirement)``; shares the arrays."""
        ones = np.ones(len(self.cells), np.bool_)
        return csr_array(
            (ones, self.cells, self.indptr), shape=(self.n_candidate, self.n_requirement)
        )

    @cached_property
    def sha256(self) -> str:
        """Digest of everything that the problem says: a certificate names it."""
        digest = hashlib.sha256()
        for entry in fields(self):
            value = np.ascontiguousarray(getattr(self, entry.name))
            digest.update(f"{entry.name}:{value.dtype.str}:{value.shape};".encode())
            digest.update(value.tobytes())
        return digest.hexdigest()

    def met_by(self, j: int | np.integer[Any]) -> IndexArray:
        """Return the requirements that a candidate meets, ascending."""
        return self.cells[self.indptr[j] : self.indptr[j + 1]]

    def covered(self, chosen: BoolArray) -> IntArray:
        """Count the chosen candidates that meet each requirement, shape ``(n_requirement,)``."""
        first, last = self.indptr[:-1][chosen], self.indptr[1:][chosen]
        ends = np.cumsum(last - first)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(last - ends, last - first)
        counts: IntArray = np.bincount(self.cells[places], minlength=self.n_requirement)
        return counts.astype(np.int64)

    def is_met(self, chosen: BoolArray) -> BoolArray:
        """Tell which requirements are met, shape ``(n_requirement,)``."""
        met: BoolArray = self.covered(chosen) >= self.need
        return met

    @property
    def worth(self) -> FloatArray:
        """Weight of each requirement that asks for something; 0 of one that nobody can meet."""
        return np.where(self.need > 0, self.weight, 0.0)

    def price(self, chosen: BoolArray) -> float:
        """Return what the chosen candidates cost [yuan]."""
        return float(self.cost[chosen].sum())

    def is_feasible(self, chosen: BoolArray) -> bool:
        """Tell whether a choice keeps every capacity and meets what it has to."""
        return bool(self.keeps_capacities(chosen) and self.keeps_slack(self.is_met(chosen)))

    def keeps_capacities(self, chosen: BoolArray) -> bool:
        """Tell whether no site carries more than it can."""
        sites = self.site[chosen & (self.site != FREE)]
        return bool((np.bincount(sites, minlength=len(self.capacity)) <= self.capacity).all())

    def uncrowded(self, chosen: BoolArray) -> BoolArray:
        """Return a choice without candidates of sites that hold more of it than they can."""
        held = np.bincount(self.site[chosen] + 1, minlength=len(self.capacity) + 1)[1:]
        crowded = np.append(held > self.capacity, False)
        kept: BoolArray = chosen & ~crowded[self.site]
        return kept

    def keeps_slack(self, met: BoolArray) -> bool:
        """Tell whether what stays unmet is within what may."""
        unmet = ~met
        if (unmet & (self.group == FREE)).any():
            return False
        lost = unmet & (self.group != FREE)
        weights = np.bincount(self.group[lost], self.weight[lost], minlength=len(self.slack))
        return bool((weights <= self.slack * (1.0 + TOLERANCE) + TOLERANCE).all())


def least_of(asked: FloatArray) -> FloatArray:
    """Return from where on what is asked for is reached, with room for rounding."""
    return np.maximum(asked * (1.0 - TOLERANCE) - TOLERANCE, 0.0)


def _spread(value: npt.ArrayLike, count: int, kind: type) -> npt.NDArray[Any]:
    return np.array(np.broadcast_to(np.asarray(value, kind), count))  # one that may be written


def _check_shapes(problem: Problem) -> None:
    """Refuse arrays that do not fit each other, or are of another type."""
    n, m = len(problem.cost), len(problem.need)
    expected = {
        "indptr": (n + 1, np.int64),
        "cells": (int(problem.indptr[-1]) if len(problem.indptr) else -1, np.int32),
        "cost": (n, np.float64),
        "need": (m, np.int32),
        "weight": (m, np.float64),
        "site": (n, np.int32),
        "capacity": (len(problem.capacity), np.int32),
        "group": (m, np.int32),
        "slack": (len(problem.slack), np.float64),
    }
    for name, (length, kind) in expected.items():
        array = getattr(problem, name)
        if array.shape != (length,) or array.dtype != kind:
            msg = (
                f"{name} has shape {array.shape} and type {array.dtype}, "
                f"expected ({length},) and {np.dtype(kind)}"
            )
            raise MismatchError(msg)


def _check_indices(problem: Problem) -> None:
    """Refuse indices out of range, and requirements out of order or named twice."""
    lengths = np.diff(problem.indptr)
    if problem.indptr[0] != 0 or (lengths < 0).any():
        msg = "indptr has to start at 0 and never fall"
        raise MismatchError(msg)
    ranges = {
        "cells": (problem.cells, 0, problem.n_requirement),
        "site": (problem.site, FREE, len(problem.capacity)),
        "group": (problem.group, FREE, len(problem.slack)),
    }
    for name, (array, low, high) in ranges.items():
        if len(array) and not (low <= array.min() and array.max() < high):
            msg = f"{name} holds {array.min()} to {array.max()}, expected {low} to {high - 1}"
            raise MismatchError(msg)
    rising = np.diff(problem.cells) > 0
    starts = problem.indptr[1:-1]
    rising[starts[(starts > 0) & (starts < len(problem.cells))] - 1] = True
    if not rising.all():
        msg = "cells of a candidate have to rise, each named once"
        raise MismatchError(msg)


def _check_numbers(problem: Problem) -> None:
    """Refuse what is not finite or below its least."""
    least: dict[str, Callable[[Any], Any]] = {
        "cost": lambda value: value >= 0,
        "need": lambda value: value >= 0,
        "weight": lambda value: value > 0,
        "capacity": lambda value: value >= 0,
        "slack": lambda value: value >= 0,
    }
    for name, is_right in least.items():
        array = getattr(problem, name)
        wrong = ~(np.isfinite(array) & is_right(array))
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            msg = f"{name}[{place}] is {array[place]}, expected a finite number in its range"
            raise MismatchError(msg)


def most_together(meets: csr_array, site: IntArray, capacity: IntArray) -> IntArray:
    """Return how many candidates can meet each sample together, capacities of sites kept.

    Parameters
    ----------
    meets
        bool, shape ``(n_candidate, n_sample)``.
    site, capacity
        Site of each candidate, and capacity of each site.
    """
    rows = np.ones(len(site), np.int32)
    of_site = csr_array((rows, (site, np.arange(len(site)))), shape=(len(capacity), len(site)))
    counts = csr_array(of_site @ meets.astype(np.int32)).tocoo()
    held = np.minimum(counts.data, capacity[counts.coords[0]])
    most: IntArray = np.bincount(counts.coords[1], held, meets.shape[1]).astype(np.int64)
    return most
