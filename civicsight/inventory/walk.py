"""The order of a walk: each next stop the nearest, then every crossing of the way undone.

Nearest neighbour and 2-opt on straight distances. It is a short walk and not the shortest: nothing
is proven of it, and ways around houses are not looked at. Stops of one street stay together.

References
----------
G. A. Croes: A Method for Solving Traveling-Salesman Problems. Operations Research 6 (1958),
791-812.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from civicsight.core.arrays import FloatArray, IntArray

MOST_IMPROVED: Final = 400
"""Longer walks stay as the nearest neighbour leaves them: 2-opt looks at each pair of legs."""

LEAST_GAIN_M: Final = 1e-6


def order_walk(spots: FloatArray, groups: pd.Series | None = None) -> IntArray:
    """Return the stops in the order in which they are walked.

    Parameters
    ----------
    spots
        Where each stop is [m], float64, shape ``(n, 2)``.
    groups
        What each stop belongs to, such as its street; those of one value are walked one behind the
        other. None puts all into one.

    Returns
    -------
    IntArray
        Rows of `spots`, shape ``(n,)``. The walk begins in the south-west.
    """
    if groups is None:
        return _from_corner(spots)
    codes, _ = pd.factorize(groups, sort=True)
    if not len(codes):
        return np.zeros(0, np.int64)
    rows = [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]
    middles = np.array([spots[own].mean(axis=0) for own in rows])
    walk: list[int] = []
    for group in _from_corner(middles):
        own = rows[group]
        way = own[_from_corner(spots[own])]
        to_ends = np.hypot(*(spots[way[[0, -1]]] - spots[walk[-1:]]).T) if walk else np.zeros(2)
        if to_ends[1] < to_ends[0]:
            way = way[::-1]
        walk += way.tolist()
    return np.array(walk, np.int64)


def length_m(spots: FloatArray, walk: IntArray) -> float:
    """Return how long a walk is in straight lines [m]."""
    return float(np.hypot(*np.diff(spots[walk], axis=0).T).sum()) if len(walk) > 1 else 0.0


def _from_corner(spots: FloatArray) -> IntArray:
    """Return the walk over all stops that begins at the one farthest to the south-west."""
    walk = _nearest_next(spots, int(np.argmin(spots.sum(axis=1))))
    return _without_crossings(spots, walk) if len(walk) <= MOST_IMPROVED else walk


def _nearest_next(spots: FloatArray, start: int) -> IntArray:
    """Go from each stop to the nearest that is left."""
    left = np.ones(len(spots), bool)
    walk = [start]
    left[start] = False
    while left.any():
        away = np.hypot(*(spots - spots[walk[-1]]).T)
        walk.append(int(np.where(left, away, np.inf).argmin()))
        left[walk[-1]] = False
    return np.array(walk, np.int64)


def _without_crossings(spots: FloatArray, walk: IntArray) -> IntArray:
    """Turn stretches of a walk round while that makes it shorter (2-opt, open at its end)."""
    between = np.hypot(*(spots[:, None, :] - spots[None, :, :]).transpose(2, 0, 1))
    walk = walk.copy()
    while len(walk) > 2:
        ahead = between[walk[:-1], walk[1:]]
        # Turning walk[i + 1 : j + 1] round replaces the legs behind i and behind j; behind the last
        # stop there is none.
        here = between[np.ix_(walk[:-1], walk[1:])]
        onward = np.zeros_like(here)
        onward[:, :-1] = between[np.ix_(walk[1:], walk[2:])]
        gain = ahead[:, None] + np.append(ahead[1:], 0.0)[None, :] - here - onward
        gain = np.triu(gain)
        i, j = np.unravel_index(int(gain.argmax()), gain.shape)
        if gain[i, j] <= LEAST_GAIN_M:
            break
        walk[i + 1 : j + 2] = walk[i + 1 : j + 2][::-1]
    return walk
