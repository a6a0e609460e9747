"""Cells of a raster in metres, unknown where it says nothing; polygons as cells and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from civicsight.core.arrays import BoolArray, FloatArray, Geometries
from civicsight.core.bounded.text import unpacks_within
from civicsight.io.crs import between
from civicsight.io.faults import reject
from civicsight.io.rasters.source import Raster

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

Bounds = tuple[float, float, float, float]
Affine = tuple[float, float, float, float, float, float]

MAX_CELLS: Final = 50_000_000
"""Most cells read from a raster at once."""

GROUND_M: Final = (-500.0, 9_000.0)
"""Ground heights on land [m]; anything else is a marker for "unknown" that was not declared."""

MARKERS: Final = (-32768, -32767, 32767, 65535, -9999, -99999, -2147483648, 2147483647, 4294967295)
"""Whole numbers that stand for "unknown" in rasters that do not declare them.

They are looked for before a scale is applied, which would make some of them plausible heights.
"""

ARC_POINTS: Final = 21
"""Points along each side of a box when it is moved into another CRS."""


class Window(NamedTuple):
    """Rows and columns of a raster: from, up to and without."""

    row: int
    row_end: int
    col: int
    col_end: int


class Cells(NamedTuple):
    """A window of a raster in metres, NaN where unknown; how many cells were impossible."""

    z: FloatArray
    bad: int


def read_cells(
    raster: Raster, window: Window, plausible: tuple[float, float], *, masked: bool = True
) -> Cells:
    """Read a window in metres.

    Unknown is what the raster's mask, alpha band or nodata value says, what the file has no cells
    for (GDAL reads blocks that are not there as 0), what is no finite number, what is one of
    `MARKERS`, and what lies outside of the plausible range. Whole numbers become
    float64 before anything is computed with them, so that no difference can overflow.

    Parameters
    ----------
    raster, window
        What to read.
    plausible
        Least and greatest height [m].
    masked
        Whether a declared nodata value counts, and blocks that are not there.

    Raises
    ------
    InputError
        If the window is too large, or its bytes cannot be unpacked.
    """
    from rasterio.enums import ColorInterp
    from rasterio.errors import RasterioIOError

    rows, cols = window.row_end - window.row, window.col_end - window.col
    if rows * cols > MAX_CELLS:
        refuse_size(raster.name, rows, cols)
    source = raster.source
    part = ((window.row, window.row_end), (window.col, window.col_end))
    _require_blocks(source, window, raster.name)
    # Bands that say how far a cell is covered; not every driver masks by them.
    kinds = enumerate(source.colorinterp, 1)
    alpha = [band for band, kind in kinds if kind == ColorInterp.alpha and band > 1]
    try:
        raw = source.read(1, window=part, masked=masked)
        clear = [source.read(band, window=part) == 0 for band in alpha]
    except RasterioIOError:
        reject("raster.broken", raster.name)
    z = np.ma.filled(np.ma.asarray(raw).astype(np.float64), np.nan)
    for nothing in clear:
        z[nothing] = np.nan
    high, wide = source.block_shapes[0]
    for along, down, offset, _ in _blocks(source, window) if masked else ():
        if not offset:  # a block that the file does not hold
            top, left = down * high - window.row, along * wide - window.col
            z[max(top, 0) : top + high, max(left, 0) : left + wide] = np.nan
    whole = np.issubdtype(np.dtype(source.dtypes[0]), np.integer)
    marker = np.isin(z, MARKERS) if whole else np.zeros(z.shape, bool)
    z = (z * source.scales[0] + source.offsets[0]) * raster.metres
    odd = np.isfinite(z) & (marker | (z < plausible[0]) | (z > plausible[1]))
    z[odd | ~np.isfinite(z)] = np.nan
    return Cells(z, int(odd.sum()))


def _require_blocks(source: DatasetReader, window: Window, name: str) -> None:
    """Refuse a GeoTIFF whose deflated blocks unpack to more than its header says of them.

    GDAL takes the first bytes of such a block and says nothing; what they mean nobody knows.
    """
    if source.tags(ns="IMAGE_STRUCTURE").get("COMPRESSION") != "DEFLATE":
        return
    high, wide = source.block_shapes[0]
    banded = source.tags(ns="IMAGE_STRUCTURE").get("INTERLEAVE") == "BAND"
    sizes = [np.dtype(kind).itemsize for kind in source.dtypes[: 1 if banded else None]]
    most = high * wide * sum(sizes)
    with Path(source.name).open("rb") as file:
        for _, _, offset, size in _blocks(source, window):
            file.seek(offset)
            if not unpacks_within(file.read(size), most):
                reject("raster.broken:blocks", name, most=most)


def _blocks(source: DatasetReader, window: Window) -> Iterator[tuple[int, int, int, int]]:
    """Yield column, row, place and size [B] of the blocks of a GeoTIFF in a window; 0 without."""
    if source.driver != "GTiff":
        return
    high, wide = source.block_shapes[0]
    for down in range(window.row // high, -(-window.row_end // high)):
        for along in range(window.col // wide, -(-window.col_end // wide)):
            offset, size = (
                int(source.get_tag_item(f"BLOCK_{what}_{along}_{down}", "TIFF", bidx=1) or 0)
                for what in ("OFFSET", "SIZE")
            )
            yield along, down, offset, size


def refuse_size(name: str, rows: int, cols: int) -> None:
    """Refuse an area that needs more cells than memory should hold."""
    reject("dem.too_large", name, found=f"{rows} x {cols}", limit=MAX_CELLS)


def affine_of(raster: Raster) -> Affine:
    """Return the transform from columns and rows to coordinates as ``a, b, c, d, e, f``."""
    a = raster.source.transform
    return float(a.a), float(a.b), float(a.c), float(a.d), float(a.e), float(a.f)


def into_cells(raster: Raster, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the column and row, in cells from the outer corner, of points in the raster's CRS."""
    back = ~raster.source.transform
    return back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f


def transformer(crs: CRS, raster: Raster) -> Transformer:
    """Return the way from a CRS into that of a raster, x before y in both."""
    return between(crs, raster.crs)


def window_of(raster: Raster, bounds: Bounds, crs: CRS) -> Window | None:
    """Return the rows and columns that a box in some CRS touches; None if it lies elsewhere."""
    share = np.linspace(0.0, 1.0, ARC_POINTS)
    low_x, low_y, high_x, high_y = bounds
    x, y = low_x + share * (high_x - low_x), low_y + share * (high_y - low_y)
    edge_x = np.concatenate([x, x, np.full_like(y, low_x), np.full_like(y, high_x)])
    edge_y = np.concatenate([np.full_like(x, low_y), np.full_like(x, high_y), y, y])
    px, py = transformer(crs, raster).transform(edge_x, edge_y)
    col, row = into_cells(raster, np.asarray(px), np.asarray(py))
    if not (np.isfinite(col).all() and np.isfinite(row).all()):
        return None
    size = raster.source.height, raster.source.width
    first = [max(int(np.floor(axis.min())), 0) for axis in (row, col)]
    last = [min(int(np.ceil(axis.max())), n) for axis, n in zip((row, col), size, strict=True)]
    if first[0] >= last[0] or first[1] >= last[1]:
        return None
    return Window(first[0], last[0], first[1], last[1])


def shifted(raster: Raster, window: Window) -> Affine:
    """Return the transform of a window of a raster."""
    a, b, c, d, e, f = affine_of(raster)
    return (a, b, c + a * window.col + b * window.row, d, e, f + d * window.col + e * window.row)


def outline(raster: Raster, crs: CRS) -> shapely.Polygon:
    """Return the area that a raster covers in some CRS."""
    share = np.linspace(0.0, 1.0, ARC_POINTS)[:-1]
    zero, one = np.zeros_like(share), np.ones_like(share)
    col = np.concatenate([share, one, 1 - share, zero]) * raster.source.width
    row = np.concatenate([zero, share, one, 1 - share]) * raster.source.height
    a, b, c, d, e, f = affine_of(raster)
    back = between(raster.crs, crs)
    x, y = back.transform(a * col + b * row + c, d * col + e * row + f)
    ring = np.column_stack([x, y])
    return shapely.Polygon(ring) if np.isfinite(ring).all() else shapely.Polygon()


def centres(transform: Affine, shape: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """Return the centres of the cells of a window, each of its shape."""
    a, b, c, d, e, f = transform
    col, row = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    return a * col + b * row + c, d * col + e * row + f


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
            reject("raster.too_many", name, limit=MAX_PIECES)
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
