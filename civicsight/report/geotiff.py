"""Coverage as rasters that any GIS opens: cloud-optimised GeoTIFF, written block by block."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window

from civicsight.core.atomic import written_whole
from civicsight.core.errors import MismatchError
from civicsight.coverage.raster import CoverageRaster, Tile

BLOCK: Final = 256
"""Cells along a side of a block, of the raster as of the file."""

MAX_SIDE: Final = 2_000_000
"""A raster with a longer side, stored or not, is a stray point somewhere."""

NOTHING: Final = 0
"""No-data value: nobody sees the cell, it is inside a building, or no camera reaches it."""

KINDS: Final[dict[str, tuple[str, Callable[[Tile], Any], str]]] = {
    "best_px_m": ("float32", lambda tile: tile.best, "best pixel density of any camera [px/m]"),
    "cameras": ("uint16", lambda tile: tile.heads, "number of camera heads that see the cell"),
}
"""Files: type of value, what is taken of a block, description."""


def write_geotiff(
    path: Path, raster: CoverageRaster, kind: str, *, tags: dict[str, str] | None = None
) -> None:
    """Write one layer of a coverage raster.

    Only blocks that a camera reaches take space, in memory and in the file. Overviews repeat the
    nearest cell, since a mean of densities is the density of nothing.

    Parameters
    ----------
    path
        The ``.tif`` file.
    raster
        What the cameras see.
    kind
        ``best_px_m`` or ``cameras``.
    tags
        Further tags: attribution, licence, synthetic mark.

    Raises
    ------
    MismatchError
        If no camera reaches anything, or the extent is absurd.
    """
    profile = _profile(raster, KINDS[kind][0])
    with written_whole(path) as scratch:
        draft = scratch.with_suffix(".draft.tif")
        # Only the blocks that there are; the others stay holes in the file.
        _, take, description = KINDS[kind]
        west, _, _, north = raster.bounds
        with rasterio.open(draft, "w", **profile) as file:
            for tile in raster.blocks():
                col = round((tile.west - west) / raster.cell_m)
                row = round((north - tile.north) / raster.cell_m)
                window = Window(col, row, BLOCK, BLOCK)
                file.write(np.ascontiguousarray(take(tile)), 1, window=window)
            file.set_band_description(1, description)
            file.update_tags(
                AREA_OR_POINT="Area",
                TARGET_HEIGHT_M=f"{raster.target_height_m:g}",
                NODATA_MEANS="seen by nobody, inside a building, or out of reach of every camera",
                **tags or {},
            )
        copy_raster(
            draft,
            scratch,
            driver="COG",
            compress="deflate",
            predictor="yes",
            blocksize=2 * BLOCK,
            sparse_ok="yes",
            bigtiff="if_safer",
            overview_resampling=Resampling.nearest.name,
        )


def _profile(raster: CoverageRaster, dtype: str) -> dict[str, Any]:
    west, south, east, north = raster.bounds
    width = round((east - west) / raster.cell_m)
    height = round((north - south) / raster.cell_m)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        msg = (
            f"the coverage raster has {width} x {height} cells, expected 1 to {MAX_SIDE} on a "
            "side: check the positions of the cameras"
        )
        raise MismatchError(msg)
    return {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": 1,
        "dtype": dtype,
        "crs": CRS.from_wkt(raster.crs.to_wkt()),
        "transform": Affine(raster.cell_m, 0.0, west, 0.0, -raster.cell_m, north),
        "nodata": NOTHING,
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "compress": "deflate",
        "sparse_ok": True,
        "bigtiff": "if_safer",
    }
