"""What no computation takes on: cells without a size, more of them than a computer holds."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.coverage._kernels.views import BLOCK, Blocks
from civicsight.scene.bodies import ALIGN_M

FINEST_CELL_M, COARSEST_CELL_M = 0.05, 64.0
"""Bounds of the size of a cell."""

HIGHEST_TARGET_M: Final = 1_000.0

CELL_M = 0.5
"""Side of a cell (project default): finer than the width of a door."""

MOST_CELLS_OF_ONE: Final = 100_000_000
"""Cells in reach of one camera: 0.6 GB, 2.5 km all round at half a metre, 10 km at 2 m."""

MOST_CELLS: Final = 1_000_000_000
"""Cells of a coverage raster: 7 GB, 250 km2 at half a metre."""

MOST_BLOCKS: Final = 10_000_000
"""Blocks of the box around everything, stored or not: 0.3 GB, 400 km across at half a metre."""

WHOLE: Final = 1e-6
"""A number this close to a whole one is one."""

MILLION: Final = 1_000_000


def is_number(value: Any) -> bool:
    """Tell whether a value is a number, and a finite one."""
    return (type(value) is float or isinstance(value, Real)) and math.isfinite(value)


def require_cells(cell_m: float, target_height_m: float) -> None:
    """Refuse a size of cells, or a height of targets, that no grid has.

    Raises
    ------
    InputError
        If one is out of bounds, or cells of that size would not fit the grids of other scenes.
    """
    faults = []
    if not is_number(cell_m) or not FINEST_CELL_M <= cell_m <= COARSEST_CELL_M:
        faults.append(
            Fault(
                "grid.cell_size",
                field="cell_m",
                found=str(cell_m),
                expected=_between(FINEST_CELL_M, COARSEST_CELL_M),
                remedy=N_("Choose 0.5 m for streets, up to 10 m for a whole city."),
            )
        )
    elif abs(ALIGN_M / cell_m - round(ALIGN_M / cell_m)) > WHOLE:
        faults.append(
            Fault(
                "grid.cell_size",
                field="cell_m",
                found=str(cell_m),
                expected=N_(
                    "a size that divides %(whole)s m, so that the cells of all scenes meet",
                    whole=f"{ALIGN_M:g}",
                ),
                remedy=N_("Choose 0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5 or 10 m."),
            )
        )
    if not is_number(target_height_m) or not 0.0 <= target_height_m <= HIGHEST_TARGET_M:
        faults.append(
            Fault(
                "grid.target_height",
                field="target_height_m",
                found=str(target_height_m),
                expected=_between(0.0, HIGHEST_TARGET_M),
                remedy=N_("Give the height of what is looked at, above the ground."),
            )
        )
    if faults:
        raise InputError(faults)


def _between(low: float, high: float) -> Text:
    return N_("a number from %(low)s to %(high)s %(unit)s", low=low, high=high, unit="m")


def require_window(reach_m: npt.NDArray[np.float64], cell_m: float) -> None:
    """Refuse cells so small that one camera would look at too many.

    Raises
    ------
    InputError
        If there would be more than `MOST_CELLS_OF_ONE`.
    """
    reach = float(reach_m.max(initial=0.0))
    least = 2.0 * reach / math.sqrt(MOST_CELLS_OF_ONE)
    if cell_m < least:
        raise InputError(
            [
                Fault(
                    "grid.window",
                    field="cell_m",
                    found=str(cell_m),
                    expected=N_(
                        "at least %(least)s m for a camera that reaches %(reach)s m",
                        least=f"{least:g}",
                        reach=f"{reach:g}",
                    ),
                    remedy=N_("Choose larger cells, or a shorter reach."),
                )
            ]
        )


def is_spread(boxes: npt.NDArray[np.int64]) -> bool:
    """Tell whether boxes of cells lie so far apart that no table of blocks spans them all."""
    if not len(boxes):
        return False
    width, height = (boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)).tolist()
    return int(width // BLOCK + 1) * int(height // BLOCK + 1) > MOST_BLOCKS


def require_together(boxes: npt.NDArray[np.int64], cell_m: float, what: str) -> None:
    """Refuse cameras, or what else `what` names, that lie too far apart for one grid.

    Raises
    ------
    InputError
        If the box around all boxes of cells has more than `MOST_BLOCKS` blocks.
    """
    if not is_spread(boxes):
        return
    extent = (boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)) * cell_m / 1000.0
    raise InputError(
        [
            Fault(
                "grid.spread",
                what,
                field="geometry",
                found=f"{extent[0]:,.0f} km x {extent[1]:,.0f} km",
                expected=N_(
                    "an extent of at most %(most)s km2 with cells of %(cell)s m",
                    most=f"{MOST_BLOCKS * (BLOCK * cell_m / 1000.0) ** 2:,.0f}",
                    cell=f"{cell_m:g}",
                ),
                remedy=N_(
                    "Look for stray coordinates, take distant places one by one, "
                    "or choose larger cells."
                ),
            )
        ]
    )


def require_room(blocks: Blocks, cell_m: float, what: str) -> None:
    """Refuse a grid of more than `MOST_CELLS` over a table named by `what`.

    Raises
    ------
    InputError
        If its blocks have more.
    """
    count = (int(blocks.number.max(initial=-1)) + 1) * BLOCK**2
    if count <= MOST_CELLS:
        return
    raise InputError(
        [
            Fault(
                "grid.cells",
                what,
                field="cell_m",
                found=str(cell_m),
                expected=N_(
                    "cells of which at most %(most)s million are needed; these would be "
                    "%(count)s million",
                    most=f"{MOST_CELLS // MILLION:,}",
                    count=f"{count // MILLION:,}",
                ),
                remedy=N_("Choose larger cells, or take fewer places at a time."),
            )
        ]
    )
