"""Roofs as targets: what cameras see on top of the buildings.

Cells inside a footprint are closed ground. Where roofs are asked for, each of them is a point
above the highest solid that covers its centre, and is looked at like any sample point.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from civicsight.coverage._kernels.accumulate import look_from_heads
from civicsight.coverage._kernels.surfaces import Roofs
from civicsight.coverage._kernels.views import BLOCK, BLOCK_WORDS, Blocks, Cells
from civicsight.coverage.grid import closed_window
from civicsight.coverage.prepare import Eyes, Prepared
from civicsight.scene.bodies import MIN_TRANSMITTANCE, Scene


def find_roofs(ready: Prepared, scene: Scene, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Return the highest solid over each point, as a row of `Scene.features`, -1 for none.

    Parameters
    ----------
    xy
        float64, shape ``(n, 2)``, relative to the origin of the scene.
    """
    which, feature = ready.tree.query(shapely.points(xy + scene.origin), predicate="intersects")
    thin = scene.features["two_sided"].to_numpy(bool)
    roof = (scene.transmittance[feature] == 0.0) & ~thin[feature]
    which, feature = which[roof], feature[roof]
    # The last one written stays: of equals the one with the greatest row.
    order = np.lexsort((feature, ready.top[feature]))
    found = np.full(len(xy), -1, np.int32)
    found[which[order]] = feature[order]
    return found


def lay_roofs(ready: Prepared, scene: Scene, blocks: Blocks, cells: Cells) -> Roofs:
    """Find the roof over each closed cell of the blocks of a raster.

    Targets are as high above a roof as those of `cells` above the ground.
    """
    count = int(blocks.number.max(initial=-1)) + 1
    which = np.full((count, BLOCK, BLOCK), -1, np.int32)
    for r, c in zip(*np.nonzero(blocks.number >= 0), strict=True):
        row0, col0 = (blocks.row0 + r) * BLOCK, (blocks.col0 + c) * BLOCK
        closed = closed_window(cells, row0, col0 // 64, (BLOCK, BLOCK_WORDS))
        row, col = np.nonzero(closed)
        xy = np.column_stack([(col0 + col + 0.5) * cells.size, (row0 + row + 0.5) * cells.size])
        which[blocks.number[r, c], row, col] = find_roofs(ready, scene, xy)
    return Roofs(cells.size, cells.target_height, blocks, which, ready.top)


def see_roof_cells(
    eyes: Eyes, ready: Prepared, scene: Scene, xy: npt.NDArray[np.float64], above_m: float
) -> npt.NDArray[np.float64]:
    """Return px/m of the roofs at points, 0 where not seen or where there is no roof.

    Parameters
    ----------
    eyes
        One head.
    xy
        float64, shape ``(n, 2)``, relative to the origin of the scene.
    above_m
        Height of the target above the roof.
    """
    roof = find_roofs(ready, scene, xy)
    targets = np.flatnonzero(roof >= 0)
    points = np.column_stack([xy[targets], ready.top[roof[targets]] + above_m])
    count = len(targets)
    density, blocked_by = np.zeros(count), np.zeros(count, np.int32)
    look_from_heads(
        ready.solids,
        ready.ground,
        eyes.table,
        eyes.skips,
        MIN_TRANSMITTANCE,
        np.ascontiguousarray(points),
        np.full((count, 1), -1, np.int32),
        np.full(count, np.inf),
        np.arange(count, dtype=np.int32),
        np.array([0, count], np.int32),
        density,
        blocked_by,
    )
    seen = np.zeros(len(xy))
    seen[targets] = np.where(blocked_by == -1, density, 0.0)
    return seen
