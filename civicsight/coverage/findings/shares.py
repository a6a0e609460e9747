"""What each camera contributes to the demand, and the fewest others that do the same work.

All shares are sums of sample weights over requirements *at the level asked for*, whatever the order
of the cameras. A sample that asks for `k` cameras counts a camera as needed as long as no more than
`k` meet it, so an intended redundancy is never a duplicate. Who replaces a camera is a small set
cover, by branch and bound on the requirement that has the fewest cameras left, bounded by
requirements that share none.

References
----------
Article 7. For ``k = 1`` the fair share is the Shapley value of the coverage game (a sum of simple
games, one a sample), so it does not depend on any order and adds up to the weight that is covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray


def measure_shares(
    meets: csr_array, weight: FloatArray, k: IntArray, background: BoolArray | None = None
) -> Shares:
    """Measure the share of every camera among those of a background.

    Parameters
    ----------
    meets
        bool, shape ``(n_camera, n_sample)``: who meets which requirement.
    weight, k
        Weight of each sample and how many cameras it asks for, shape ``(n_sample,)``.
    background
        Which cameras count beside the one that is measured; all by default.

    Returns
    -------
    Shares
        Zeros for a camera that meets nothing.
    """
    row = np.repeat(np.arange(meets.shape[0]), np.diff(meets.indptr))
    column = meets.indices
    counted = np.ones(meets.shape[0], bool) if background is None else background
    with_it = count_with_itself(row, column, counted, meets.shape[1])
    return sum_shares(row, meets.shape[0], weight[column], k[column], with_it)


def count_with_itself(row: IntArray, column: IntArray, counted: BoolArray, m: int) -> IntArray:
    """Count for each entry of a matrix the cameras that meet its sample, of `m` samples.

    The camera of the entry counts once, whether it is among those that are counted or not.
    """
    cover = np.bincount(column[counted[row]], minlength=m)
    with_it: IntArray = cover[column] + ~counted[row]
    return with_it


def sum_shares(
    label: IntArray, count: int, weight: FloatArray, k: IntArray, with_it: IntArray
) -> Shares:
    """Sum shares over the entries of each of `count` labels.

    `weight`, `k` and `with_it` are of each entry: those of its sample, and how many cameras meet
    that, its own included.
    """
    fair = weight * np.minimum(1.0, k / np.maximum(with_it, 1))
    sums = (
        np.bincount(label, value, count).astype(np.float64)
        for value in (weight, weight * (with_it <= k), fair)
    )
    return Shares(*sums)


def shared_weight(meets: csr_array, weight: FloatArray) -> csr_array:
    """Return the weight that each pair of cameras meets together, shape ``(n_camera, n_camera)``.

    The diagonal is each camera's total.
    """
    ones = csr_array((weight[meets.indices], meets.indices, meets.indptr), shape=meets.shape)
    plain = csr_array((np.ones(len(meets.indices)), meets.indices, meets.indptr), shape=meets.shape)
    return csr_array(ones @ plain.T)


def measure_overlaps(meets: csr_array, weight: FloatArray) -> Overlaps:
    """Measure every ordered pair of cameras that meet some requirement together.

    Examples
    --------
    >>> meets = csr_array(np.array([[1, 1, 0], [0, 1, 1]], bool))
    >>> pair = measure_overlaps(meets, np.ones(3))
    >>> pair.containment.tolist(), pair.jaccard.round(3).tolist()
    ([0.5, 0.5], [0.333, 0.333])
    """
    shared = shared_weight(meets, weight)
    total = shared.diagonal()
    coo = shared.tocoo()
    first, second = (np.asarray(axis, np.int64) for axis in coo.coords)
    apart = (first != second) & (coo.data > 0.0)
    first, second, both = first[apart], second[apart], coo.data[apart]
    union = total[first] + total[second] - both
    order = np.lexsort((second, first))
    return Overlaps(
        first[order],
        second[order],
        both[order],
        (both / total[first])[order],
        (both / union)[order],
    )


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Weights by camera, each of shape ``(n_camera,)``; ``unique <= fair <= total``.

    Parameters
    ----------
    total
        What it meets.
    unique
        What is lost if it alone goes.
    fair
        Its part of what several meet together; adds up to what is covered.
    """

    total: FloatArray
    unique: FloatArray
    fair: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """Ordered pairs of cameras with common requirements, sorted.

    Parameters
    ----------
    first, second
        Positions of the two.
    shared
        Weight that both meet.
    containment
        That weight as a share of what the first meets; 1 if the second dominates it [0-1].
    jaccard
        As a share of what either meets [0-1].
    """

    first: IntArray
    second: IntArray
    shared: FloatArray
    containment: FloatArray
    jaccard: FloatArray

    def of(self, camera: int) -> IntArray:
        """Return the positions of the pairs of which a camera is the first."""
        return np.arange(*np.searchsorted(self.first, [camera, camera + 1]))


EXACT_CANDIDATES: Final = 24
"""With more candidates the cover is greedy, and says so."""

EXACT_STEPS: Final = 20_000
"""A search that takes more steps ends with the best cover found, and says so."""


def smallest_cover(names: Sequence[str], meets: BoolArray, need: IntArray) -> Cover:
    """Choose the fewest candidates that meet every requirement as often as needed.

    Parameters
    ----------
    names
        Candidates; of several covers of one size the first in the order of names is taken, so the
        order of rows has no effect.
    meets
        Shape ``(n_candidate, n_requirement)``.
    need
        How many candidates each requirement needs; one that too few can meet is held to those.

    Examples
    --------
    >>> meets = np.array([[1, 1, 0], [0, 1, 1], [1, 1, 1]], bool)
    >>> smallest_cover(["a", "b", "c"], meets, np.ones(3, np.int64)).names
    ('c',)
    """
    order = np.argsort(np.asarray(names, object), kind="stable")
    meets = meets[order]
    need = np.minimum(need, meets.sum(axis=0))
    asked = need > 0
    groups = _merge(meets[:, asked], need[asked])
    chosen = _greedy(groups, len(order))
    exact = len(order) <= EXACT_CANDIDATES
    if exact:
        search = _Search(groups, tuple(chosen))
        exact = _branch(search, 0, 0)
        chosen = list(search.best)
    labels = sorted(names)
    return Cover(tuple(labels[i] for i in sorted(chosen)), exact)


def _merge(meets: BoolArray, need: IntArray) -> list[tuple[int, int]]:
    """Return the distinct requirements as masks of candidates, each with its greatest need."""
    groups: dict[int, int] = {}
    columns, at = np.unique(meets, axis=1, return_inverse=True)
    most = np.zeros(columns.shape[1], np.int64)
    np.maximum.at(most, at.ravel(), need)
    for column, count in zip(columns.T, most, strict=True):
        mask = sum(1 << int(i) for i in np.flatnonzero(column))
        groups[mask] = max(groups.get(mask, 0), int(count))
    return sorted(groups.items())


def _greedy(groups: list[tuple[int, int]], count: int) -> list[int]:
    """Take the candidate that helps most requirements until all are met, then drop idle ones."""
    chosen: list[int] = []
    taken = 0
    while True:
        open_masks = [mask for mask, need in groups if (mask & taken).bit_count() < need]
        if not open_masks:
            break
        free = [i for i in range(count) if not taken >> i & 1]
        gain = {i: sum(mask >> i & 1 for mask in open_masks) for i in free}
        best = max(free, key=lambda i: (gain[i], -i))
        chosen.append(best)
        taken |= 1 << best
    for i in reversed(chosen.copy()):
        without = taken & ~(1 << i)
        if all((mask & without).bit_count() >= need for mask, need in groups):
            taken = without
            chosen.remove(i)
    return sorted(chosen)


def _branch(search: _Search, chosen: int, banned: int) -> bool:
    """Try to finish a choice; return False once the search has run out of steps."""
    search.steps += 1
    if search.steps > EXACT_STEPS:
        return False
    left = []
    for mask, need in search.groups:
        short = need - (mask & chosen).bit_count()
        if short > 0:
            free = mask & ~chosen & ~banned
            if free.bit_count() < short:
                return True
            left.append((free.bit_count() - short, free, short))
    size = chosen.bit_count()
    if not left:
        search.offer(tuple(_bits(chosen)))
        return True
    left.sort()
    if size + _bound(left) > len(search.best):
        return True
    for i in _bits(left[0][1]):
        if not _branch(search, chosen | 1 << i, banned):
            return False
        banned |= 1 << i
    return True


def _bound(left: list[tuple[int, int, int]]) -> int:
    """Return a number of cameras that requirements without a common candidate need at least."""
    used = total = 0
    for _, free, short in left:
        if not free & used:
            used |= free
            total += short
    return total


def _bits(mask: int) -> list[int]:
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


@dataclass(slots=True)
class _Search:
    """Requirements, the best cover so far and the steps taken."""

    groups: list[tuple[int, int]]
    best: tuple[int, ...]
    steps: int = 0

    def offer(self, cover: tuple[int, ...]) -> None:
        """Keep a cover that is smaller, or as small and earlier in the order of names."""
        if (len(cover), cover) < (len(self.best), self.best):
            self.best = cover


@dataclass(frozen=True, slots=True)
class Cover:
    """Names of the chosen, sorted; `exact` if no smaller choice exists."""

    names: tuple[str, ...]
    exact: bool
