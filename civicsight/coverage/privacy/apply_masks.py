"""Masks laid on a view of cells: which of them they leave."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from affine import Affine
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import BoolArray
from civicsight.coverage._kernels.views import Cells
from civicsight.coverage.grid import find_roofs
from civicsight.coverage.optics.footprint import Picture
from civicsight.coverage.prepare import Prepared
from civicsight.coverage.privacy.masks import masked
from civicsight.scene.bodies import Scene


class View(Protocol):
    """What a head sees, as `viewshed.Viewshed` has it: rows of cells from north to south."""

    @property
    def visible(self) -> BoolArray:
        """Cells that are seen."""

    @property
    def open(self) -> BoolArray:
        """Cells of ground; one that is seen and not open is a roof."""

    @property
    def transform(self) -> Affine:
        """From column and row to the CRS."""


def corner_of(view: View, scene: Scene) -> tuple[int, int]:
    """Return the first row and column of a view, counted from the south west of its scene."""
    size = view.transform.a
    top = round((view.transform.f - scene.origin[1]) / size)
    return top - len(view.visible), round((view.transform.c - scene.origin[0]) / size)


def mask_cells(
    view: View, look: tuple[Picture, BaseGeometry], ready: Prepared, cells: Cells, scene: Scene
) -> BoolArray:
    """Return the visible cells whose targets no mask hides.

    Parameters
    ----------
    look
        Picture of the head, relative to the origin of the scene, and its mask.
    """
    corner = corner_of(view, scene)
    row, col = np.nonzero(view.visible)
    south = corner[0] + len(view.visible) - 1 - row
    xy = np.column_stack([corner[1] + col + 0.5, south + 0.5]) * cells.size
    z = scene.ground_at(xy[:, 0] + scene.origin[0], xy[:, 1] + scene.origin[1])
    roofed = ~view.open[row, col]
    if roofed.any():
        roof = find_roofs(ready, scene, xy[roofed])
        z[roofed] = np.where(roof >= 0, ready.top[roof], z[roofed])
    hidden = masked(*look, np.column_stack([xy, z + cells.target_height]))
    kept = view.visible.copy()
    kept[row[hidden], col[hidden]] = False
    return kept
