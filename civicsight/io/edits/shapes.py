"""Whether a feature was moved, drawn anew, or only written with fewer digits."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import Geometries
from civicsight.io.edits.model import Reshaped

SAME_M: Final = 0.001
"""In the CRS of the project a feature that lies within a millimetre of where it was is in place."""

REPROJECTED_M: Final = 0.02
"""In another CRS two centimetres are rounding: GeoJSON keeps seven digits of a degree, 1.1 cm.

References
----------
RFC 7946, section 11.2; GDAL, driver GeoJSON, option COORDINATE_PRECISION.
"""


def find_reshaped(
    labels: list[str], old: Geometries, new: Geometries, tolerance_m: float
) -> tuple[Reshaped, ...]:
    """Return what was moved or drawn anew, feature by feature.

    Parameters
    ----------
    labels
        Ids.
    old, new
        Geometries in one metric CRS; None where a row has no place.
    tolerance_m
        Differences up to this are rounding.
    """
    unplaced = shapely.is_missing(old) & shapely.is_missing(new)
    different = np.flatnonzero(~shapely.equals_exact(old, new, tolerance_m) & ~unplaced)
    found = [_reshaped(labels[k], old[k], new[k], tolerance_m) for k in different]
    return tuple(entry for entry in found if entry is not None)


def _reshaped(
    label: str, old: BaseGeometry | None, new: BaseGeometry | None, tolerance_m: float
) -> Reshaped | None:
    if old is None or new is None:
        return Reshaped(label, math.inf, new, moved=False)
    one, two = _plain(old), _plain(new)
    if one.geom_type == two.geom_type == "Point":
        distance = one.distance(two)
        return Reshaped(label, distance, new, moved=True) if distance > tolerance_m else None
    step = _shift(one, two, tolerance_m)
    if step is not None:
        return Reshaped(label, step, new, moved=True) if step > tolerance_m else None
    off = _apart(one, two)
    return Reshaped(label, off, new, moved=False) if off > tolerance_m else None


def _plain(shape: BaseGeometry) -> BaseGeometry:
    """Return a collection of one as that one, its points in a fixed order."""
    parts = shapely.get_parts(shape)
    single: BaseGeometry = parts[0] if len(parts) == 1 else shape
    plain: BaseGeometry = shapely.normalize(single)
    return plain


def _shift(one: BaseGeometry, two: BaseGeometry, tolerance_m: float) -> float | None:
    """Return how far a shape was moved as a whole; None if its form is another."""
    before, after = shapely.get_coordinates(one), shapely.get_coordinates(two)
    if one.geom_type != two.geom_type or before.shape != after.shape:
        return None
    steps = after - before
    if np.ptp(steps, axis=0).max() > 2.0 * tolerance_m:
        return None
    return float(np.hypot(*steps.mean(axis=0)))


def _apart(one: BaseGeometry, two: BaseGeometry) -> float:
    """Return how far two outlines lie apart where they are farthest apart [m]."""
    if one.geom_type.removeprefix("Multi") != two.geom_type.removeprefix("Multi"):
        return float("inf")
    if one.geom_type.endswith("Polygon"):
        one, two = one.boundary, two.boundary
    return float(shapely.hausdorff_distance(one, two))
