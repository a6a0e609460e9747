"""Masks laid on a view of cells: which of them they leave."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from civicsight.coverage._kernels.views import Cells
from civicsight.coverage.optics.picture import Picture
from civicsight.coverage.prepare import Prepared
from civicsight.coverage.privacy.masks import masked
from civicsight.coverage.roofs import find_roofs
from civicsight.scene import Scene

BoolArray = npt.NDArray[np.bool_]


def veil_cells(
    visible: BoolArray,
    is_open: BoolArray,
    corner: tuple[int, int],
    look: tuple[Picture, BaseGeometry],
    ready: Prepared,
    cells: Cells,
    scene: Scene,
) -> BoolArray:
    """Return the visible cells whose targets no mask hides.

    Parameters
    ----------
    visible, is_open
        Window of cells, rows from north to south. A visible cell that is not open is a roof.
    corner
        Its first row and column as the grid of the scene counts them, from the south west.
    look
        Picture of the head, relative to the origin of the scene, and its mask.
    """
    row, col = np.nonzero(visible)
    south = corner[0] + len(visible) - 1 - row
    xy = np.column_stack([corner[1] + col + 0.5, south + 0.5]) * cells.size
    z = scene.ground_at(xy[:, 0] + scene.origin[0], xy[:, 1] + scene.origin[1])
    roofed = ~is_open[row, col]
    if roofed.any():
        roof = find_roofs(ready, scene, xy[roofed])
        z[roofed] = np.where(roof >= 0, ready.top[roof], z[roofed])
    hidden = masked(*look, np.column_stack([xy, z + cells.target_height]))
    kept = visible.copy()
    kept[row[hidden], col[hidden]] = False
    return kept
