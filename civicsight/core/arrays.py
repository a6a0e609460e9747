"""Names of the arrays that functions take and return, one a type of their values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]
"""Shapes of shapely, None where there is none."""

ObjectArray = npt.NDArray[np.object_]
"""Values of any kind, as a column of dtype ``object`` holds them."""
