"""Counts that may be published: none under five, and none that the others give away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

LEAST: Final = 5
"""The least count that is published."""

HIDDEN: Final = f"< {LEAST}"
WITHHELD: Final = "*"
"""What stands for a count under five, and for one that would give another away."""

BoolArray = npt.NDArray[np.bool_]


def suppress(counts: Sequence[Sequence[int]]) -> list[list[str]]:
    """Return counts as text, with what is too small hidden.

    Sums of rows and columns are taken to be known. A row or column in which one count alone is
    hidden would give it away, so the least of its others is withheld as well.

    Parameters
    ----------
    counts
        Rows of counts, all of one length.

    Examples
    --------
    >>> suppress([[3, 40, 9], [60, 20, 30]])
    [['< 5', '40', '*'], ['*', '20', '*']]
    """
    if not counts or not counts[0]:
        return [[] for _ in counts]
    table = np.array(counts, np.int64)
    small = table < LEAST
    hidden = small.copy()
    while _withhold(table, hidden) or _withhold(table.T, hidden.T):
        pass
    return [
        [
            HIDDEN if small[i, j] else WITHHELD if hidden[i, j] else f"{table[i, j]:,}"
            for j in range(table.shape[1])
        ]
        for i in range(table.shape[0])
    ]


def published(count: int) -> str:
    """Return one count that stands alone, hidden if it is too small."""
    return HIDDEN if count < LEAST else f"{count:,}"


def _withhold(table: npt.NDArray[np.int64], hidden: BoolArray) -> bool:
    """Withhold one more count in the first row that would give one away; tell whether it did."""
    for i in range(table.shape[0]):
        if int(hidden[i].sum()) == 1 and table.shape[1] > 1:
            free = np.where(hidden[i], np.iinfo(np.int64).max, table[i])
            hidden[i, int(np.argmin(free))] = True
            return True
    return False
