"""What cameras do for each other's samples, with every redundancy that is meant kept apart.

A sample asks for `k` cameras. Beyond that, cameras of different jobs do not stand in for each
other: one that turns not for one that is fixed, one before a gate not for one behind it, one of
another purpose not at all. Each such job is a requirement of its own, so that counting, dropping
and optimising need no exception.

References
----------
Article 7: redundancy that is meant is no duplicate construction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.planning.duplicates.camera_set import NO_SIDE, UNKNOWN, CameraSet

KEPT_APART = ("k", "turning", "side", "purpose")
"""Reasons for which cameras that see the same are no duplicates."""


def split(fleet: CameraSet, keep_apart: frozenset[str] = frozenset(KEPT_APART)) -> Requirements:
    """Split samples into requirements.

    Parameters
    ----------
    fleet
        Cameras and what they meet.
    keep_apart
        Which of `KEPT_APART` count; without ``k`` one camera a sample is enough.
    """
    m = fleet.meets.shape[1]
    k = fleet.k if "k" in keep_apart else np.minimum(fleet.k, 1)
    entry = np.arange(fleet.meets.nnz)
    row, column = fleet.row, fleet.meets.indices.astype(np.int64)
    blocks = [_Block(row, column, entry, k, np.arange(m))]
    if "turning" in keep_apart and fleet.turning.any():
        steady = ~fleet.turning[row]
        blocks.append(_Block(row[steady], column[steady], entry[steady], k, np.arange(m)))
    jobs = _jobs(fleet, row, column, keep_apart)
    if jobs is not None:
        blocks.append(jobs)
    return _stack(fleet, blocks)


def needed_weight(fleet: CameraSet, asked: Requirements, background: BoolArray) -> FloatArray:
    """Return the weight that is lost if a camera is missing beside a background.

    A camera outside the background is counted as if it alone were added to it. Shape
    ``(n_camera,)``.
    """
    row = asked.row
    count = np.bincount(asked.meets.indices[background[row]], minlength=len(asked.need))
    with_it = count[asked.meets.indices] + ~background[row]
    needed = with_it <= asked.need[asked.meets.indices]
    lost = np.zeros(fleet.meets.nnz, bool)
    lost[asked.entry[needed]] = True
    weight = fleet.weight[fleet.meets.indices] * lost
    return np.bincount(fleet.row, weight, fleet.meets.shape[0]).astype(np.float64)


def _jobs(
    fleet: CameraSet, row: IntArray, column: IntArray, keep_apart: frozenset[str]
) -> _Block | None:
    """Return who can do whose job where cameras of different jobs meet one sample."""
    side = fleet.side.astype(np.int64) if "side" in keep_apart else np.zeros(len(row), np.int64)
    purpose = fleet.purpose if "purpose" in keep_apart else np.full(len(fleet.purpose), UNKNOWN)
    if not side.any() and (purpose == UNKNOWN).all():
        return None
    turns = fleet.turning & ("turning" in keep_apart)
    # That a camera turns and does nothing else of its own is counted by samples already.
    purposes = int(purpose.max(initial=UNKNOWN)) + 2
    job = side * purposes + purpose[row] + 1
    several = _differ(job, column, fleet.meets.shape[1])
    if not several.any():
        return None
    here = np.flatnonzero(several[column])
    code = (column[here] * 3 * purposes + job[here]) * 2 + turns[row[here]]
    first = here[np.unique(code, return_index=True)[1]]
    start = np.searchsorted(column[first], np.arange(fleet.meets.shape[1] + 1))
    times = np.diff(start)[column[here]]
    who = np.repeat(here, times)
    nth = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
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


def _stack(fleet: CameraSet, blocks: list[_Block]) -> Requirements:
    """Put the blocks beside each other."""
    if len(blocks) == 1:
        return Requirements(fleet.meets, blocks[0].row, blocks[0].entry, blocks[0].need,
                            blocks[0].sample)  # fmt: skip
    offset = np.cumsum([0, *(len(block.need) for block in blocks)])
    row = np.concatenate([block.row for block in blocks])
    column = np.concatenate([b.column + o for b, o in zip(blocks, offset, strict=False)])
    entry = np.concatenate([block.entry for block in blocks])
    order = np.lexsort((column, row))
    row, column, entry = row[order], column[order], entry[order]
    shape = (fleet.meets.shape[0], int(offset[-1]))
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
