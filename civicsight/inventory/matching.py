"""Which pairs are of one camera: the likeliest choice of all together, and how sure each is.

No camera is two rows and no row two cameras. The choice with the greatest product of odds is one
assignment over all pairs; the chance of a pair counts every other choice as well, by sum and
product over the same constraints (exact where the pairs form no circle, close else).

References
----------
D. F. Crouse: On implementing 2D rectangular assignment algorithms. IEEE TAES 52 (2016), 1679-1696;
B. Huang, T. Jebara: Approximating the Permanent with Belief Propagation. arXiv:0908.1769.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from civicsight.core.arrays import FloatArray, IntArray
from civicsight.inventory.evidence import Pairs

MOST_ODDS: Final = 16.0
"""Logarithm of the greatest odds that a chance is worked out with: one in nine million."""

ROUNDS: Final = 200
SETTLED: Final = 1e-9


def choose_pairs(pairs: Pairs, known: int, listed: int) -> IntArray:
    """Return the pairs of the likeliest choice, as places in `pairs`, ascending.

    Parameters
    ----------
    pairs
        From `find_pairs`; those with odds below one are never chosen.
    known, listed
        Rows of both tables.
    """
    likely = np.flatnonzero(pairs.log_odds > 0.0)
    if not len(likely):
        return likely
    most = float(pairs.log_odds[likely].max()) + 1.0
    # Each camera may also stay alone, at a cost that no pair exceeds; costs are above zero, for
    # a sparse matrix takes a zero for nothing.
    rows = np.concatenate([pairs.known[likely], np.arange(known)])
    columns = np.concatenate([pairs.listed[likely], listed + np.arange(known)])
    costs = np.concatenate([most - pairs.log_odds[likely], np.full(known, most)])
    graph = coo_array((costs, (rows, columns)), shape=(known, listed + known)).tocsr()
    row, column = min_weight_full_bipartite_matching(graph)
    taken = column < listed
    keys = pairs.known * listed + pairs.listed
    chosen: IntArray = np.searchsorted(keys, np.sort(row[taken] * listed + column[taken]))
    return chosen


def chances(pairs: Pairs, known: int, listed: int) -> FloatArray:
    """Return the chance that each pair is of one camera, whatever the others are [0-1].

    Parameters
    ----------
    pairs, known, listed
        As for `choose_pairs`.
    """
    odds = np.exp(np.clip(pairs.log_odds, -MOST_ODDS, MOST_ODDS))
    to_known = np.ones(len(odds))
    for _ in range(ROUNDS):
        of_listed = _left_over(odds * to_known, pairs.listed, listed)
        again = _left_over(odds * of_listed, pairs.known, known)
        step = float(np.abs(again - to_known).max(initial=0.0))
        to_known = again
        if step < SETTLED:
            break
    of_listed = _left_over(odds * to_known, pairs.listed, listed)
    total = odds * to_known * of_listed
    return total / (1.0 + total)


def _left_over(weights: FloatArray, groups: IntArray, count: int) -> FloatArray:
    """Return for each pair the chance that no other one of its group holds."""
    sums = np.bincount(groups, weights, count)
    return 1.0 / (1.0 + np.maximum(sums[groups] - weights, 0.0))
