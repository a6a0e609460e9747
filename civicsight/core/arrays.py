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
