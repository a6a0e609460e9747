"""Grids joined to coarser ones, and ground drawn under what hides it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray

Grid = npt.NDArray[Any]


def joined(grid: Grid, best: np.ufunc, empty: int) -> Grid:
    """Return a grid of half the rows and columns, each cell the best of four.

    Parameters
    ----------
    grid
        Rows and columns.
    best
        What takes the better of two.
    empty
        What stands beyond the edge of an odd side, and is never better.
    """
    rows, columns = -(-grid.shape[0] // 2), -(-grid.shape[1] // 2)
    wide = np.full((2 * rows, 2 * columns), empty, grid.dtype)
    wide[: grid.shape[0], : grid.shape[1]] = grid
    upper, lower = (best(wide[row::2, ::2], wide[row::2, 1::2]) for row in (0, 1))
    return np.asarray(best(upper, lower))


def bridge(z: FloatArray, covered: npt.NDArray[np.bool_], far: float) -> int:
    """Draw heights that are unknown between those around, in place; return how many.

    They lie on triangles between the known cells that border on unknown ones (Delaunay), so that a
    slope stays one.

    Parameters
    ----------
    z
        Heights, NaN where unknown.
    covered
        Where something was measured that hides them; all others stay unknown.
    far
        Cells that the nearest known one may be away.
    """
    from scipy.interpolate import LinearNDInterpolator
    from scipy.ndimage import binary_dilation, distance_transform_edt
    from scipy.spatial import QhullError

    known = np.isfinite(z)
    asked = ~known & covered if covered.size else known & ~known
    if not asked.any() or not known.any():
        return 0
    asked &= distance_transform_edt(~known) <= far
    border = known & binary_dilation(asked, np.ones((3, 3), bool))
    try:
        drawn = LinearNDInterpolator(np.argwhere(border), z[border])
    except QhullError:  # fewer than three, or all on one line
        return 0
    z[asked] = drawn(np.argwhere(asked))
    return int(np.isfinite(z[asked]).sum())
