"""One task for all: a scene as surface and as walls, cameras, and the cells in question."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import rasterio.features
from affine import Affine

from civicsight.core.arrays import BoolArray, FloatArray
from tests import helsinki, oracle_compiled
from tests.oracle import Feature
from tests.oracle_cells import cells_about, features_of, is_open
from tests.oracle_view import view_of
from tests.scenes import cameras_of

MARGIN_M = 160.0
"""The surface reaches this far beyond the buildings, so that no peer sees its edge [m]."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Size of a cell and reach of the cameras [m], and their angle of view [deg]."""

    cell_m: float
    reach_m: float
    hfov_deg: float = 90.0

    def __str__(self) -> str:
        """Name the setting as the tables do."""
        return f"{self.cell_m:g} m / {self.reach_m:g} m / {self.hfov_deg:g} deg"


class Job:
    """Cameras of the workload and the open cells in their view, with the exact answer.

    Parameters
    ----------
    setting
        Cell size, reach and angle.
    n_camera
        How many cameras of the workload are taken, evenly.
    """

    target_height_m = 1.5

    def __init__(self, setting: Setting, n_camera: int) -> None:
        self.setting = setting
        buildings, heads = helsinki.workload(200, setting.reach_m, hfov_deg=setting.hfov_deg)
        self.buildings = buildings
        self.heads: gpd.GeoDataFrame = heads.iloc[:: len(heads) // n_camera][:n_camera]
        self.features: list[Feature] = features_of(buildings)[0]
        cell = setting.cell_m
        west, south, east, north = buildings.total_bounds
        self.col0 = int(np.floor((west - MARGIN_M) / cell))
        self.row1 = int(np.ceil((north + MARGIN_M) / cell))
        n_col = int(np.ceil((east + MARGIN_M) / cell)) - self.col0
        n_row = self.row1 - int(np.floor((south - MARGIN_M) / cell))
        self.shape = n_row, n_col

    @cached_property
    def surface(self) -> npt.NDArray[np.float32]:
        """Tops of the buildings at cell centres, 0 on the ground, rows from north to south."""
        cell = self.setting.cell_m
        place = Affine(cell, 0.0, self.col0 * cell, 0.0, -cell, self.row1 * cell)
        order = self.buildings.sort_values("height_m")
        shapes = zip(order.geometry, order["height_m"], strict=True)
        return rasterio.features.rasterize(
            shapes, self.shape, transform=place, dtype="float32", all_touched=False
        )

    @cached_property
    def cells(self) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """Rows and columns in the surface of the open cells in view of each camera."""
        found = []
        for camera in cameras_of(self.heads):
            col, row = cells_about(camera.x, camera.y, camera.reach, self.setting.cell_m)
            targets = self._targets(col, row)
            view, _ = view_of(camera, targets)
            keep = view.min(axis=0) >= 0
            keep[keep] = is_open(targets[keep], self.features)
            found.append((self.row1 - 1 - row[keep], col[keep] - self.col0))
        return found

    @cached_property
    def truth(self) -> list[BoolArray]:
        """Whether each camera sees each of its cells, by brute force."""
        packed = oracle_compiled.pack(self.features)
        return [
            oracle_compiled.visible(
                camera, self._targets(col + self.col0, self.row1 - 1 - row), packed
            )
            for camera, (row, col) in zip(cameras_of(self.heads), self.cells, strict=True)
        ]

    @cached_property
    def on_edge(self) -> list[BoolArray]:
        """Whether a neighbour of each cell, in view as well, has the other answer."""
        return [
            find_edges(row, col, seen)
            for (row, col), seen in zip(self.cells, self.truth, strict=True)
        ]

    def _targets(self, col: npt.NDArray[np.int64], row: npt.NDArray[np.int64]) -> FloatArray:
        cell = self.setting.cell_m
        height = np.full(len(col), self.target_height_m)
        return np.column_stack([(col + 0.5) * cell, (row + 0.5) * cell, height])

    def snapped(self) -> FloatArray:
        """Return the centres of the free cells nearest to the cameras, where raster peers stand."""
        cell = self.setting.cell_m
        out = []
        for camera in cameras_of(self.heads):
            col, row = cells_about(camera.x, camera.y, 4.0, cell)
            free = self.surface[self.row1 - 1 - row, col - self.col0] == 0
            x, y = (col[free] + 0.5) * cell, (row[free] + 0.5) * cell
            best = np.argmin((x - camera.x) ** 2 + (y - camera.y) ** 2)
            out.append((x[best], y[best]))
        return np.array(out)

    def write(self, path: Path) -> None:
        """Write all that a peer needs."""
        cell = self.setting.cell_m
        heads = cameras_of(self.heads)
        count = np.array([0, *(len(row) for row, _ in self.cells)])
        edges = [np.hstack(f.edges()) for f in self.features]
        tops = [
            np.tile((0.0, f.top), (len(e), 1)) for f, e in zip(self.features, edges, strict=True)
        ]
        np.savez(
            path,
            surface=self.surface,
            cell=cell,
            west=self.col0 * cell,
            north=self.row1 * cell,
            eyes=[(c.x, c.y, c.z) for c in heads],
            snapped=self.snapped(),
            height=self.heads["height_m"].iloc[0],
            target=self.target_height_m,
            reach=self.setting.reach_m,
            start=np.cumsum(count),
            row=np.concatenate([row for row, _ in self.cells]),
            col=np.concatenate([col for _, col in self.cells]),
            walls=np.hstack([np.concatenate(edges), np.concatenate(tops)]),
            origin=np.array([self.col0 * cell, self.row1 * cell, 0.0]),
        )


def find_edges(
    row: npt.NDArray[np.int64], col: npt.NDArray[np.int64], seen: BoolArray
) -> BoolArray:
    """Say which cells have a neighbour among the given ones whose answer is the other."""
    if not len(row):
        return np.zeros(0, bool)
    image = np.full((np.ptp(row) + 3, np.ptp(col) + 3), -1, np.int8)
    r, c = row - row.min() + 1, col - col.min() + 1
    image[r, c] = seen
    other = (1 - seen).astype(np.int8)
    near = [image[r + i, c + j] == other for i, j in ((0, 1), (0, -1), (1, 0), (-1, 0))]
    return np.any(near, axis=0)
