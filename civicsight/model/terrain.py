"""Ground heights on a regular grid, read as a surface of bilinear patches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from civicsight.core.errors import MismatchError


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """The ground: heights at the nodes of a grid, bilinear in between.

    Parameters
    ----------
    z
        Heights [m], shape ``(n_row, n_col)``, rows from south to north; NaN where unknown.
    x0, y0
        Position of node ``z[0, 0]`` in the working CRS [m].
    step
        Distance between nodes [m], the same along both axes.

    Raises
    ------
    MismatchError
        If there are fewer than 2 x 2 nodes or the step is not positive.
    """

    z: npt.NDArray[np.float64]
    x0: float
    y0: float
    step: float

    def __post_init__(self) -> None:
        """Check the grid and freeze the heights."""
        if self.z.ndim != 2 or min(self.z.shape) < 2 or not self.step > 0:
            msg = f"terrain has shape {self.z.shape} and step {self.step} m"
            msg += "; expected at least 2 x 2 nodes and a positive step"
            raise MismatchError(msg)
        z = np.ascontiguousarray(self.z, np.float64)
        z.flags.writeable = False
        object.__setattr__(self, "z", z)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Outermost nodes as ``(min_x, min_y, max_x, max_y)`` [m]."""
        n_row, n_col = self.z.shape
        return (
            self.x0,
            self.y0,
            self.x0 + (n_col - 1) * self.step,
            self.y0 + (n_row - 1) * self.step,
        )

    def height_at(
        self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Interpolate the ground at points; NaN outside the grid or beside unknown nodes."""
        col = (np.asarray(x, np.float64) - self.x0) / self.step
        row = (np.asarray(y, np.float64) - self.y0) / self.step
        n_row, n_col = self.z.shape
        inside = (col >= 0) & (col <= n_col - 1) & (row >= 0) & (row <= n_row - 1)
        c = np.clip(np.where(inside, col, 0), 0, n_col - 1).astype(np.int64)
        r = np.clip(np.where(inside, row, 0), 0, n_row - 1).astype(np.int64)
        c, r = np.minimum(c, n_col - 2), np.minimum(r, n_row - 2)
        u, v = col - c, row - r
        south = self.z[r, c] * (1 - u) + self.z[r, c + 1] * u
        north = self.z[r + 1, c] * (1 - u) + self.z[r + 1, c + 1] * u
        return np.where(inside, south * (1 - v) + north * v, np.nan)
