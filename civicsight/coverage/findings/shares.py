"""What each camera contributes to the demand: total, unique and fair share, overlap of pairs.

All shares are sums of sample weights over requirements *at the level asked for*, whatever the order
of the cameras. A sample that asks for `k` cameras counts a camera as needed as long as no more than
`k` meet it, so an intended redundancy is never a duplicate.

References
----------
Article 7. For ``k = 1`` the fair share is the Shapley value of the coverage game (a sum of simple
games, one a sample), so it does not depend on any order and adds up to the weight that is covered.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    cover = np.bincount(column[counted[row]], minlength=meets.shape[1])
    # The camera itself counts once, whether it belongs to the background or not.
    with_it = cover[column] + ~counted[row]
    own = weight[column]
    needed = with_it <= k[column]
    fair = own * np.minimum(1.0, k[column] / np.maximum(with_it, 1))
    total, unique, fair = (
        np.bincount(row, value, meets.shape[0]).astype(np.float64)
        for value in (own, own * needed, fair)
    )
    return Shares(total, unique, fair)


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
