"""What no computation takes on: cells without a size, more of them than a computer holds."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from civicsight.core.errors import InputError
from civicsight.coverage._kernels.views import BLOCK, Blocks
from civicsight.coverage.faults import fault, reject
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
            fault(
                "grid.cell_size:bounds",
                field="cell_m",
                found=str(cell_m),
                low=FINEST_CELL_M,
                high=COARSEST_CELL_M,
                unit="m",
            )
        )
    elif abs(ALIGN_M / cell_m - round(ALIGN_M / cell_m)) > WHOLE:
        faults.append(
            fault("grid.cell_size:whole", field="cell_m", found=str(cell_m), whole=f"{ALIGN_M:g}")
        )
    if not is_number(target_height_m) or not 0.0 <= target_height_m <= HIGHEST_TARGET_M:
        faults.append(
            fault(
                "grid.target_height",
                field="target_height_m",
                found=str(target_height_m),
                low=0.0,
                high=HIGHEST_TARGET_M,
                unit="m",
            )
        )
    if faults:
        raise InputError(faults)


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
        reject(
            "grid.window", field="cell_m", found=str(cell_m), least=f"{least:g}", reach=f"{reach:g}"
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
    reject(
        "grid.spread",
        what,
        field="geometry",
        found=f"{extent[0]:,.0f} km x {extent[1]:,.0f} km",
        most=f"{MOST_BLOCKS * (BLOCK * cell_m / 1000.0) ** 2:,.0f}",
        cell=f"{cell_m:g}",
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
    reject(
        "grid.cells:places",
        what,
        field="cell_m",
        found=str(cell_m),
        most=f"{MOST_CELLS // MILLION:,}",
        count=f"{count // MILLION:,}",
    )
