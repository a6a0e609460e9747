"""The fewest cameras that do the work of others: a small set cover, exact where it is small.

References
----------
Article 7: who replaces a camera is named. The search is branch and bound on the requirement that
has the fewest cameras left, bounded by requirements that share none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from civicsight.core.arrays import BoolArray, IntArray

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
