"""Which cameras can go together, and what that saves: a least cover instead of one by one.

A sample asks for `k` cameras. Beyond that, cameras of different jobs do not stand in for each
other: one that turns not for one that is fixed, one before a gate not for one behind it, one of
another purpose not at all. Each such job is a requirement of its own, so that counting, dropping
and optimising need no exception. What can go *together* is what a least cover of the requirements
leaves over, whatever the order; where the cover is not proven to be the least, its bound says how
many more could go at most.

References
----------
Article 7: redundancy that is meant is no duplicate construction. Redundancy number: cameras that
count, less the least cover of what they cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray, nth_of
from civicsight.coverage.findings.camera_set import NO_SIDE, UNKNOWN, CameraSet
from civicsight.coverage.findings.shares import count_with_itself
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Limits, Status, Watch

KEPT_APART = ("k", "turning", "side", "purpose")
"""Reasons for which cameras that see the same are no duplicates."""


def split(
    camera_set: CameraSet, keep_apart: frozenset[str] = frozenset(KEPT_APART)
) -> Requirements:
    """Split samples into requirements.

    Parameters
    ----------
    camera_set
        Cameras and what they meet.
    keep_apart
        Which of `KEPT_APART` count; without ``k`` one camera a sample is enough.
    """
    m = camera_set.meets.shape[1]
    k = camera_set.k if "k" in keep_apart else np.minimum(camera_set.k, 1)
    entry = np.arange(camera_set.meets.nnz)
    row, column = camera_set.row, camera_set.meets.indices.astype(np.int64)
    blocks = [_Block(row, column, entry, k, np.arange(m))]
    if "turning" in keep_apart and camera_set.turning.any():
        steady = ~camera_set.turning[row]
        blocks.append(_Block(row[steady], column[steady], entry[steady], k, np.arange(m)))
    jobs = _jobs(camera_set, row, column, keep_apart)
    if jobs is not None:
        blocks.append(jobs)
    return _stack(camera_set, blocks)


def needed_weight(camera_set: CameraSet, asked: Requirements, background: BoolArray) -> FloatArray:
    """Return the weight that is lost if a camera is missing beside a background.

    A camera outside the background is counted as if it alone were added to it. Shape
    ``(n_camera,)``.
    """
    column = asked.meets.indices
    with_it = count_with_itself(asked.row, column, background, len(asked.need))
    needed = with_it <= asked.need[column]
    lost = np.zeros(camera_set.meets.nnz, bool)
    lost[asked.entry[needed]] = True
    weight = camera_set.weight[camera_set.meets.indices] * lost
    return np.bincount(camera_set.row, weight, camera_set.meets.shape[0]).astype(np.float64)


def _jobs(
    camera_set: CameraSet, row: IntArray, column: IntArray, keep_apart: frozenset[str]
) -> _Block | None:
    """Return who can do whose job where cameras of different jobs meet one sample."""
    side = (
        camera_set.side.astype(np.int64) if "side" in keep_apart else np.zeros(len(row), np.int64)
    )
    purpose = (
        camera_set.purpose if "purpose" in keep_apart else np.full(len(camera_set.purpose), UNKNOWN)
    )
    if not side.any() and (purpose == UNKNOWN).all():
        return None
    turns = camera_set.turning & ("turning" in keep_apart)
    # That a camera turns and does nothing else of its own is counted by samples already.
    purposes = int(purpose.max(initial=UNKNOWN)) + 2
    job = side * purposes + purpose[row] + 1
    several = _differ(job, column, camera_set.meets.shape[1])
    if not several.any():
        return None
    here = np.flatnonzero(several[column])
    code = (column[here] * 3 * purposes + job[here]) * 2 + turns[row[here]]
    first = here[np.unique(code, return_index=True)[1]]
    start = np.searchsorted(column[first], np.arange(camera_set.meets.shape[1] + 1))
    times = np.diff(start)[column[here]]
    who = np.repeat(here, times)
    nth = nth_of(times)
    what = start[column[who]] + nth
    like = first[what]
    same_side = (side[who] == side[like]) | (side[like] == NO_SIDE)
    mine, asked = purpose[row[who]], purpose[row[like]]
    fits = same_side & ((mine == asked) | (mine == UNKNOWN) | (asked == UNKNOWN))
    fits &= ~(turns[row[who]] & ~turns[row[like]])
    need = np.ones(len(first), np.int64)
    return _Block(row[who[fits]], what[fits], who[fits], need, column[first])


def _differ(label: IntArray, column: IntArray, count: int) -> BoolArray:
    """Tell in which columns labels differ."""
    if not len(label) or label.min() == label.max():
        return np.zeros(count, bool)
    least, most = np.full(count, label.max()), np.zeros(count, np.int64)
    np.minimum.at(least, column, label)
    np.maximum.at(most, column, label)
    differ: BoolArray = most > least
    return differ


def _stack(camera_set: CameraSet, blocks: list[_Block]) -> Requirements:
    """Put the blocks beside each other."""
    if len(blocks) == 1:
        return Requirements(
            camera_set.meets, blocks[0].row, blocks[0].entry, blocks[0].need, blocks[0].sample
        )
    offset = np.cumsum([0, *(len(block.need) for block in blocks)])
    row = np.concatenate([block.row for block in blocks])
    column = np.concatenate([b.column + o for b, o in zip(blocks, offset, strict=False)])
    entry = np.concatenate([block.entry for block in blocks])
    order = np.lexsort((column, row))
    row, column, entry = row[order], column[order], entry[order]
    shape = (camera_set.meets.shape[0], int(offset[-1]))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=shape[0]))])
    meets = csr_array((np.ones(len(row), np.bool_), column, indptr), shape=shape)
    return Requirements(
        meets,
        row,
        entry,
        np.concatenate([block.need for block in blocks]),
        np.concatenate([block.sample for block in blocks]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Entries of some requirements, what these need and which sample they belong to."""

    row: IntArray
    column: IntArray
    entry: IntArray
    need: IntArray
    sample: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Requirements:
    """What has to be done at the samples.

    Parameters
    ----------
    meets
        bool, shape ``(n_camera, n_requirement)``, columns of a row ascending.
    row, entry
        Of each stored entry: its camera, and the entry of `CameraSet.meets` that it comes from.
    need, sample
        Of each requirement: cameras asked for, and its sample.
    """

    meets: csr_array
    row: IntArray
    entry: IntArray
    need: IntArray
    sample: IntArray


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
        As of `cheapest.minimise_cost`.
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
    # Drop what is not needed beside the rest, the dearest first; of equals the last.
    kept = outcome.chosen.copy()
    covered = problem.covered(outcome.chosen)
    for j in np.lexsort((-np.arange(len(kept)), -problem.cost)):
        row = problem.met_by(j)
        if kept[j] and (covered[row] > problem.need[row]).all():
            covered[row] -= 1
            kept[j] = False
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
