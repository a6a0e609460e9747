"""What cameras see as tiles of a picture, sampled from the raster when a browser asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from pyproj import CRS

from civicsight.core.arrays import FloatArray
from civicsight.coverage._kernels.views import BLOCK
from civicsight.coverage.raster import CoverageRaster
from civicsight.io.crs import between
from civicsight.maps.encode import WEB_MERCATOR
from civicsight.maps.picture import write_png
from civicsight.maps.vectortiles import TILE_PX, mercator_box

MAX_ZOOM: Final = 18
"""A pixel is 0.6 m there, at the equator; beyond it a browser draws the same pixels larger."""

MIN_ZOOM: Final = 10
CONTROL: Final = 9
"""Points along a side of a tile that are projected; between them positions are interpolated.

At zoom 10 and 60 degrees of latitude that is right to half a metre, where a pixel is 76 m.
"""


def coverage_tile(
    raster: CoverageRaster,
    thresholds: Sequence[float],
    colours: Sequence[str],
    z: int,
    x: int,
    y: int,
) -> bytes | None:
    """Paint one tile: the class of the best pixel density at the centre of each pixel.

    Parameters
    ----------
    raster
        What the cameras see.
    thresholds, colours
        As of `picture.coverage_pictures`.
    z, x, y
        Which tile.

    Returns
    -------
    bytes or None
        A PNG; None where nothing is seen.

    Raises
    ------
    ValueError
        If there is no such tile.
    """
    if not (MIN_ZOOM <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        msg = f"there is no tile {z}/{x}/{y}"
        raise ValueError(msg)
    east, north = pixel_places(raster.crs, z, x, y)
    # The best px/m of the cell at each place; 0 where no block is stored.
    place = raster.blocks_at
    col = np.floor((east - raster.origin[0]) / raster.cell_m).astype(np.int64)
    row = np.floor((north - raster.origin[1]) / raster.cell_m).astype(np.int64)
    block_row, block_col = row // BLOCK - place.row0, col // BLOCK - place.col0
    n_row, n_col = place.number.shape
    inside = (block_row >= 0) & (block_row < n_row) & (block_col >= 0) & (block_col < n_col)
    number = np.full(east.shape, -1, np.int64)
    number[inside] = place.number[block_row[inside], block_col[inside]]
    best = np.zeros(east.shape, np.float32)
    there = number >= 0
    best[there] = raster.best[number[there], row[there] % BLOCK, col[there] % BLOCK]
    classes = np.digitize(best, thresholds).astype(np.uint8)
    return write_png(classes, colours) if classes.any() else None


def pixel_places(crs: CRS, z: int, x: int, y: int) -> tuple[FloatArray, FloatArray]:
    """Return where the centres of the pixels of a tile lie in a CRS; rows run south."""
    box = mercator_box(z, x, y, TILE_PX)
    share = np.linspace(0.0, 1.0, CONTROL)
    across, down = np.meshgrid(box.west + share * box.side_m, box.north - share * box.side_m)
    east, north = between(WEB_MERCATOR, crs).transform(across, down)
    centre = (np.arange(TILE_PX) + 0.5) / TILE_PX * (CONTROL - 1)
    weight = np.maximum(0.0, 1.0 - np.abs(centre[:, None] - np.arange(CONTROL)))
    return _between(np.asarray(east), weight), _between(np.asarray(north), weight)


def _between(control: FloatArray, weight: FloatArray) -> FloatArray:
    """Interpolate in both directions; a product so small would wait for the threads of a BLAS."""
    down = np.einsum("ia,ab->ib", weight, control)
    out: FloatArray = np.einsum("ib,jb->ij", down, weight)
    return out
