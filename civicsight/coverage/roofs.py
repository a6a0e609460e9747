"""Roofs as targets: what a camera sees on top of the buildings.

Cells inside a footprint are closed ground. Where roofs are asked for, each of them is a point
above the highest solid that covers its centre, and is looked at like any sample point.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from civicsight.coverage._kernels.deposit import look_from_heads
from civicsight.coverage.prepare import Eyes, Prepared
from civicsight.scene import MIN_TRANSMITTANCE, Scene


def see_roofs(
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
    which, feature = ready.tree.query(shapely.points(xy + scene.origin), predicate="within")
    solid = scene.transmittance[feature] == 0.0
    top = np.full(len(xy), -np.inf)
    np.maximum.at(top, which[solid], ready.top[feature[solid]])
    targets = np.flatnonzero(np.isfinite(top))
    points = np.column_stack([xy[targets], top[targets] + above_m])
    count = len(targets)
    density, blocked_by = np.zeros(count), np.zeros(count, np.int32)
    look_from_heads(
        ready.solids,
        ready.ground,
        eyes.table,
        eyes.skips,
        MIN_TRANSMITTANCE,
        np.ascontiguousarray(points),
        np.full(count, -1, np.int32),
        np.arange(count, dtype=np.int32),
        np.array([0, count], np.int32),
        density,
        blocked_by,
    )
    seen = np.zeros(len(xy))
    seen[targets] = np.where(blocked_by == -1, density, 0.0)
    return seen
