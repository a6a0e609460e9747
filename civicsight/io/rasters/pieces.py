"""Cells of a raster as polygons, and polygons as cells."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray, Geometries
from civicsight.core.errors import N_
from civicsight.io.crs import between
from civicsight.io.rasters.cells import Affine
from civicsight.io.refusal import refuse

MAX_PIECES: Final = 500_000
"""Most polygons that are made of one raster."""


class Pieces(NamedTuple):
    """Polygons of connected cells of one value, with their values."""

    geometry: Geometries
    value: npt.NDArray[np.int32]


def pieces_of(
    value: npt.NDArray[np.int32], mask: BoolArray, transform: Affine, crs: CRS, into: CRS, name: str
) -> Pieces:
    """Outline connected cells of one value; cells that meet in a corner only are apart.

    The outlines follow the edges of the cells exactly; in another CRS their corners are moved and
    the edges between them stay straight.

    Parameters
    ----------
    value, mask
        Values of the cells, and which of them to outline.
    transform, crs
        Where the cells are.
    into
        CRS of the result.
    name
        File name, for the refusal.

    Raises
    ------
    InputError
        If there would be more than `MAX_PIECES` polygons.
    """
    from rasterio import Affine as Matrix
    from rasterio.features import shapes

    found = shapes(value, mask=mask, connectivity=4, transform=Matrix(*transform))
    geometry, values = [], []
    for outline, number in found:
        shell, *holes = outline["coordinates"]
        geometry.append(shapely.Polygon(shell, holes))
        values.append(number)
        if len(geometry) > MAX_PIECES:
            refuse(
                "raster.too_many",
                name,
                N_("at most %(limit)s connected pieces of one height", limit=MAX_PIECES),
                N_("Choose a smaller area, or a coarser raster."),
            )
    out = np.array(geometry, object)
    if crs != into and len(out):
        move = between(crs, into).transform
        out = shapely.transform(out, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))
    return Pieces(out, np.array(values, np.int32))


def cells_in(
    areas: gpd.GeoSeries, transform: Affine, shape: tuple[int, int], crs: CRS, *, touched: bool
) -> npt.NDArray[np.int32]:
    """Return for each cell the number, from 1, of the area it lies in; 0 where there is none.

    Parameters
    ----------
    areas
        Polygons in their own CRS.
    transform, shape, crs
        The cells.
    touched
        Whether an area takes each cell that it touches, or those whose centre it holds.
    """
    from rasterio import Affine as Matrix
    from rasterio.features import rasterize

    moved = areas.to_crs(crs).to_numpy()
    usable = ~(shapely.is_missing(moved) | shapely.is_empty(moved))
    burnt = [(moved[row], int(row) + 1) for row in np.flatnonzero(usable)]
    if not burnt or not min(shape):
        return np.zeros(shape, np.int32)
    out: npt.NDArray[np.int32] = rasterize(
        burnt, out_shape=shape, transform=Matrix(*transform), all_touched=touched, dtype=np.int32
    )
    return out
