"""Which cameras can go together, and what that saves: a least cover instead of one by one.

Taking away one camera after another gives a number that hangs on the order. What can go *together*
is what a least cover leaves over, whatever the order; where the cover is not proven to be the
least, its bound says how many more could go at most.

References
----------
Article 7. Redundancy number: cameras that count, less the least cover of what they cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.planning.duplicates.requirements import Requirements
from civicsight.planning.optimise import minimise_cost
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Limits, Status, Watch

ROUNDING: Final = 1e-6
"""Rounding of a bound, in cameras."""


def find_spare(
    asked: Requirements,
    judged: BoolArray,
    staying: BoolArray,
    cost: FloatArray,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    watch: Watch | None = None,
) -> Spare:
    """Choose the cameras that can go together without any loss, the dearest of all such choices.

    Parameters
    ----------
    asked
        What has to be done, and who can.
    judged, staying
        Cameras that may go, and those that stay whatever happens; all others count for nothing.
        Cameras that meet no demand serve something else, and stay.
    cost
        What each camera costs, whole numbers of at least 1 where it is judged.
    limits, seed, threads, watch
        As of `optimise.cheapest`.
    """
    judged = judged & (np.diff(asked.meets.indptr) > 0)
    rows = np.flatnonzero(judged)
    count = _count(asked, judged | staying)
    left = np.minimum(asked.need, count) - _count(asked, staying)
    columns = np.flatnonzero(left > 0)
    problem = _problem(csr_array(asked.meets[rows][:, columns]), cost[rows], left[columns])
    outcome = minimise_cost(
        problem, limits=limits or Limits(), seed=seed, threads=threads, watch=watch
    )
    kept = _drop_idle(problem, outcome.chosen)
    goes = np.zeros(len(judged), bool)
    goes[rows[~kept]] = True
    bound = min(max(outcome.solver_bound, outcome.bound), problem.price(kept))
    return Spare(
        goes,
        judged,
        float(problem.cost.sum()),
        problem.price(kept),
        float(bound),
        outcome.status is Status.OPTIMAL or _meets(problem.price(kept), bound),
    )


def count_redundant(
    asked: Requirements,
    standing: BoolArray,
    cost_yuan: FloatArray,
    *,
    held: BoolArray | None = None,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
    watch: Watch | None = None,
) -> Redundancy:
    """Count how many of the standing cameras could go together, by a least cover of their own.

    Those that are `held` stay, for something beside them was not judged. Of equally many the
    dearest are named; a camera without a price counts as costing nothing.
    """
    price = np.rint(np.nan_to_num(cost_yuan))
    unit = price[standing].sum() + 1.0
    stays = np.zeros(len(standing), bool) if held is None else standing & held
    spare = find_spare(
        asked,
        standing & ~stays,
        stays,
        unit + price,
        limits=limits,
        seed=seed,
        threads=threads,
        watch=watch,
    )
    counted, going = int(spare.judged.sum()), int(spare.goes.sum())
    # Prices of all together are less than one unit: what is above whole units are prices.
    fewest = ceil((spare.bound - (unit - 1.0)) / unit - ROUNDING)
    return Redundancy(going, max(counted - max(fewest, 0), going), counted, spare.goes)


def whole_costs(cost_yuan: FloatArray, judged: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Return costs to optimise by, and which of them are known.

    A camera without a price counts as the middle one of those that have one, so that it neither
    goes first nor last; where nobody has one, all count alike.
    """
    known = np.isfinite(cost_yuan)
    some = cost_yuan[known & judged]
    usual = float(np.median(some)) if len(some) else 1.0
    costs = np.maximum(np.rint(np.where(known, cost_yuan, usual)), 1.0)
    return costs, known


def _problem(meets: csr_array, cost: FloatArray, need: IntArray) -> Problem:
    """State a plain cover: everything has to be met, no site carries a limit."""
    n, m = meets.shape
    return Problem(
        meets.indptr.astype(np.int64),
        meets.indices.astype(np.int32),
        cost.astype(np.float64),
        need.astype(np.int32),
        np.ones(m),
        np.full(n, FREE, np.int32),
        np.zeros(0, np.int32),
        np.full(m, FREE, np.int32),
        np.zeros(0),
    )


def _count(asked: Requirements, cameras: BoolArray) -> IntArray:
    return np.bincount(asked.meets.indices[cameras[asked.row]], minlength=len(asked.need))


def _drop_idle(problem: Problem, chosen: BoolArray) -> BoolArray:
    """Drop what is not needed beside the rest, the dearest first; of equals the last."""
    kept = chosen.copy()
    covered = problem.covered(chosen)
    for j in np.lexsort((-np.arange(len(kept)), -problem.cost)):
        row = problem.cells[problem.indptr[j] : problem.indptr[j + 1]]
        if kept[j] and (covered[row] > problem.need[row]).all():
            covered[row] -= 1
            kept[j] = False
    return kept


def _meets(value: float, bound: float) -> bool:
    return value - bound <= ROUNDING * max(value, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Spare:
    """Cameras that can go together.

    Parameters
    ----------
    goes, judged
        Which can go, of which were judged, shape ``(n_camera,)``.
    total, kept, bound
        Cost of all that were judged, of those that stay, and what no choice could fall below.
    exact
        Whether no dearer choice exists.
    """

    goes: BoolArray
    judged: BoolArray
    total: float
    kept: float
    bound: float
    exact: bool

    @property
    def saved(self) -> float:
        """What goes with the cameras."""
        return self.total - self.kept

    @property
    def saved_at_most(self) -> float:
        """What no choice could save more than."""
        return self.total - self.bound


@dataclass(frozen=True, slots=True, eq=False)
class Redundancy:
    """Redundancy number of the standing cameras, between its bounds.

    Parameters
    ----------
    at_least, at_most
        How many can go together for sure, and how many no choice exceeds.
    counted
        Standing cameras that meet some demand.
    goes
        A choice of `at_least` cameras, shape ``(n_camera,)``.
    """

    at_least: int
    at_most: int
    counted: int
    goes: BoolArray

    @property
    def exact(self) -> bool:
        """Whether the number is known."""
        return self.at_least == self.at_most
