"""Types of numpy arrays by what they hold; a shape is said where an array is described."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
"""Counts, and whole numbers of which sums are taken."""

IndexArray = npt.NDArray[np.int32]
"""Rows of another array, as kernels and sparse matrices number them."""

ByteArray = npt.NDArray[np.uint8]
Geometries = npt.NDArray[np.object_]
"""Geometries of shapely, and None where there is none."""

ObjectArray = npt.NDArray[np.object_]
"""Values of any kind, as a column of dtype ``object`` holds them."""


def distinct_rows(rows: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return what `numpy.unique` does of rows, and where each row is among them.

    Sorting column by column takes a quarter of the time of sorting rows as records.

    Parameters
    ----------
    rows
        Shape ``(n, k)``, without NaN.

    Returns
    -------
    tuple
        The distinct rows, by their first column, then the next; and the place of each row, shape
        ``(n,)``.

    Examples
    --------
    >>> distinct_rows(np.array([[2.0, 1.0], [1.0, 3.0], [2.0, 1.0]]))
    (array([[1., 3.],
           [2., 1.]]), array([1, 0, 1]))
    """
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    new = np.ones(len(rows), np.bool_)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    at = np.empty(len(rows), np.int64)
    at[order] = np.cumsum(new) - 1
    return ordered[new], at


def nth_of(count: IntArray) -> IntArray:
    """Return the place of each entry in its group, for groups that follow one another.

    Examples
    --------
    >>> nth_of(np.array([2, 0, 3]))
    array([0, 1, 0, 1, 2])
    """
    return np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
