"""Counts that may be published: none under five, and none that the others give away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

LEAST: Final = 5
"""The least count that is published."""

SMALL: Final = f"< {LEAST}"
"""What stands for a count under five that stands alone."""

HIDDEN: Final = "*"
"""What stands in a table for a count under five, or for one that would give another away."""

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


def suppress(counts: Sequence[Sequence[int]]) -> list[list[str]]:
    """Return counts as text, with what is too small hidden.

    Sums of rows and columns are taken to be known to the reader. Where the hidden counts of a row
    or column are fewer than two, or their sum is under five, they could be told from it; so the
    least of the others is hidden as well, until that is so no more or nothing is left. All hidden
    counts look alike, for which of them was small would again give it away.

    Parameters
    ----------
    counts
        Rows of counts, all of one length.

    Examples
    --------
    >>> suppress([[3, 40, 9], [60, 20, 30]])
    [['*', '40', '*'], ['*', '20', '*']]
    """
    if not counts or not counts[0]:
        return [[] for _ in counts]
    table = np.array(counts, np.int64)
    hidden = table < LEAST
    while _hide_more(table, hidden) or _hide_more(table.T, hidden.T):
        pass
    return [
        [HIDDEN if gone else f"{count:,}" for count, gone in zip(row, mask, strict=True)]
        for row, mask in zip(table.tolist(), hidden.tolist(), strict=True)
    ]


def published(count: int) -> str:
    """Return one count that stands alone, hidden if it is too small."""
    return SMALL if count < LEAST else f"{count:,}"


def tells(counts: IntArray, hidden: BoolArray) -> bool:
    """Tell whether the sum of a row would give hidden counts of it away."""
    gone = int(hidden.sum())
    return 0 < gone < hidden.size and (gone == 1 or int(counts[hidden].sum()) < LEAST)


def _hide_more(table: IntArray, hidden: BoolArray) -> bool:
    """Hide one more count in the first row that tells too much; say whether there was one."""
    for counts, mask in zip(table, hidden, strict=True):
        if tells(counts, mask):
            mask[int(np.argmin(np.where(mask, np.iinfo(np.int64).max, counts)))] = True
            return True
    return False
