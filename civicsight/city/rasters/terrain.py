"""Ground heights from a GeoTIFF or SRTM tile, resampled into the working CRS."""

from __future__ import annotations

import contextlib
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from scipy import ndimage

from civicsight.city.crs import crs_name
from civicsight.city.refusal import refuse
from civicsight.city.report import Count, ImportReport
from civicsight.city.vectors.heights import FEET
from civicsight.city.vectors.vector import require_file
from civicsight.errors import N_, Fault, InputError
from civicsight.terrain import Terrain

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

FloatArray = npt.NDArray[np.float64]
Bounds = tuple[float, float, float, float]

MAX_NODES = 50_000_000
"""Most grid nodes of a terrain, and most cells read from a raster at once."""

MAX_TILE_BYTES = 64 << 20
"""Largest SRTM tile taken out of an archive; a 1-arc-second tile has 26 MB."""

MIN_STEP_M = 0.5
"""The grid is never finer than this [m]."""

PLAUSIBLE_M = (-500.0, 9_000.0)
"""Ground heights on land [m]; anything else is a marker for "unknown" that was not declared."""

_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_TILE = re.compile(r"[NS]\d{2}[EW]\d{3}\.hgt", re.IGNORECASE)
_FEET = frozenset({"ft", "feet", "foot", "us survey foot", "us-ft"})


class Grid(NamedTuple):
    """Nodes of a terrain: south-west corner, step [m] and number of rows and columns."""

    x0: float
    y0: float
    step: float
    n_row: int
    n_col: int


def read_terrain(path: str | Path, bounds: Bounds, crs: CRS) -> Terrain:
    """Read ground heights of an area; see `load_terrain`, which also reports what was found."""
    return load_terrain(path, bounds, crs)[0]


def load_terrain(path: str | Path, bounds: Bounds, crs: CRS) -> tuple[Terrain, ImportReport]:
    """Read ground heights of an area.

    Heights are interpolated between the centres of the raster's cells. Where the raster has no
    height or ends, the terrain is unknown (NaN), never flat, and the report names the hole.

    Parameters
    ----------
    path
        GeoTIFF with a declared CRS, or an SRTM tile ``N43E007.hgt``, also zipped.
    bounds
        Area in the working CRS: ``min_x, min_y, max_x, max_y`` [m].
    crs
        Working CRS.

    Raises
    ------
    InputError
        If the file is of another format or has no CRS, if it does not meet the area at all, or
        if the area would need more than `MAX_NODES` nodes.
    """
    file = require_file(path)
    with _opened(file) as source:
        if source.crs is None:
            refuse(
                "crs.missing",
                file.name,
                N_("a declared coordinate system"),
                N_("Add it; it is never guessed."),
            )
        grid = _grid(source, bounds, crs, file.name)
        z, bad = _sample(source, grid, crs, file.name)
        found = crs_name(CRS.from_user_input(source.crs.to_wkt()))
    if np.isnan(z).all():
        _refuse_elsewhere(file.name)
    terrain = Terrain(z, grid.x0, grid.y0, grid.step)
    return terrain, _terrain_report(terrain, bounds, file.name, bad, found)


def _refuse_elsewhere(name: str) -> NoReturn:
    refuse(
        "dem.elsewhere",
        name,
        N_("heights in the area of the city"),
        N_("Give a DEM that covers the city."),
    )


def _terrain_report(
    terrain: Terrain, bounds: Bounds, name: str, bad: int, crs_found: str
) -> ImportReport:
    z = terrain.z
    unknown = int(np.isnan(z).sum())
    note = N_(
        "grid of %(step)s m, heights from %(low)s to %(high)s m",
        step=f"{terrain.step:.1f}",
        low=f"{np.nanmin(z):.0f}",
        high=f"{np.nanmax(z):.0f}",
    )
    counts = (
        Count("excluded.unknown", N_("grid nodes without a height"), unknown),
        Count("implausible", N_("cells with impossible heights, taken as unknown"), bad),
    )
    return ImportReport(
        name,
        "terrain",
        z.size,
        z.size - unknown,
        counts,
        _holes(terrain, bounds, name),
        notes=(note,),
        crs_found=crs_found,
    )


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[DatasetReader]:
    """Open a raster with the one driver that its content calls for."""
    import rasterio
    from rasterio.errors import RasterioIOError

    with contextlib.ExitStack() as stack:
        with file.open("rb") as raw:
            head = raw.read(4)
        path, driver = file, ""
        if head in _TIFF:
            driver = "GTiff"
        elif head == b"PK\x03\x04":
            path, driver = (
                _unzipped(file, Path(stack.enter_context(tempfile.TemporaryDirectory()))),
                "SRTMHGT",
            )
        elif _TILE.fullmatch(file.name):
            driver = "SRTMHGT"
        if not driver:
            raise InputError([_format_fault(file.name)])
        try:
            source = stack.enter_context(rasterio.open(path, driver=driver))
        except RasterioIOError as error:
            raise InputError([_format_fault(file.name)]) from error
        yield source


def _format_fault(name: str) -> Fault:
    return Fault(
        "raster.format",
        name,
        "",
        "",
        "",
        N_("a GeoTIFF, or an SRTM tile such as N43E007.hgt"),
        N_("Convert the raster to GeoTIFF."),
    )


def _unzipped(file: Path, folder: Path) -> Path:
    """Take the one SRTM tile out of an archive, whatever folder the archive puts it in."""
    try:
        with zipfile.ZipFile(file) as archive:
            tiles = [
                entry for entry in archive.infolist() if _TILE.fullmatch(Path(entry.filename).name)
            ]
            if len(tiles) != 1 or tiles[0].file_size > MAX_TILE_BYTES or tiles[0].flag_bits & 1:
                raise InputError([_format_fault(file.name)])
            target = folder / Path(tiles[0].filename).name
            with archive.open(tiles[0]) as packed:
                target.write_bytes(packed.read(MAX_TILE_BYTES + 1))
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise InputError([_format_fault(file.name)]) from error
    return target


def _grid(source: DatasetReader, bounds: Bounds, crs: CRS, name: str) -> Grid:
    """Lay nodes over the area, as far apart as the cells of the raster on their shorter side."""
    centre = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    into = Transformer.from_crs(crs, CRS.from_user_input(source.crs.to_wkt()), always_xy=True)
    x, y = into.transform(*centre)
    if not np.isfinite([x, y]).all():
        _refuse_elsewhere(name)
    a = source.transform
    corners_x = np.array([x, x + a.a, x + a.b])
    corners_y = np.array([y, y + a.d, y + a.e])
    px, py = into.transform(corners_x, corners_y, direction="INVERSE")
    sides = np.hypot(np.diff(px[[0, 1, 0, 2]])[::2], np.diff(py[[0, 1, 0, 2]])[::2])
    step = max(float(sides.min()), MIN_STEP_M)
    x0, y0 = np.floor(bounds[0] / step) * step, np.floor(bounds[1] / step) * step
    n_col = int(np.ceil((bounds[2] - x0) / step)) + 1
    n_row = int(np.ceil((bounds[3] - y0) / step)) + 1
    if n_col * n_row > MAX_NODES:
        refuse(
            "dem.too_large",
            name,
            N_("at most %(limit)s grid nodes", limit=MAX_NODES),
            N_("Choose a smaller area or a coarser DEM."),
            found=f"{n_row} x {n_col}",
        )
    return Grid(float(x0), float(y0), step, max(n_row, 2), max(n_col, 2))


def _sample(source: DatasetReader, grid: Grid, crs: CRS, name: str) -> tuple[FloatArray, int]:
    """Interpolate the raster at the nodes; also count cells with impossible heights."""
    x = grid.x0 + np.arange(grid.n_col) * grid.step
    y = grid.y0 + np.arange(grid.n_row) * grid.step
    into = Transformer.from_crs(crs, CRS.from_user_input(source.crs.to_wkt()), always_xy=True)
    easting, northing = into.transform(*(axis.ravel() for axis in np.meshgrid(x, y)))
    easting, northing, back = np.asarray(easting), np.asarray(northing), ~source.transform
    col = back.a * easting + back.b * northing + back.c - 0.5
    row = back.d * easting + back.e * northing + back.f - 0.5
    known = np.isfinite(col) & np.isfinite(row)
    known &= (col >= 0) & (row >= 0) & (col <= source.width - 1) & (row <= source.height - 1)
    z = np.full(col.shape, np.nan)
    bad = 0
    if known.any():
        col_low, row_low = int(col[known].min()), int(row[known].min())
        width = min(int(col[known].max()) + 2, source.width) - col_low
        height = min(int(row[known].max()) + 2, source.height) - row_low
        if width * height > MAX_NODES:
            refuse(
                "dem.too_large",
                name,
                N_("at most %(limit)s grid nodes", limit=MAX_NODES),
                N_("Choose a smaller area or a coarser DEM."),
                found=f"{height} x {width}",
            )
        cells, bad = _cells(source, ((row_low, row_low + height), (col_low, col_low + width)))
        z[known] = _bilinear(cells, row[known] - row_low, col[known] - col_low)
    return z.reshape(grid.n_row, grid.n_col), bad


def _cells(source: DatasetReader, window: Any) -> tuple[FloatArray, int]:
    """Read a window as metres, NaN where the raster says nothing or the impossible."""
    z = source.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
    z = z * source.scales[0] + source.offsets[0]
    if str(source.units[0] or "").lower() in _FEET:
        z *= FEET
    odd = np.isfinite(z) & ((z < PLAUSIBLE_M[0]) | (z > PLAUSIBLE_M[1]))
    z[odd | ~np.isfinite(z)] = np.nan
    return z, int(odd.sum())


def _bilinear(z: FloatArray, row: FloatArray, col: FloatArray) -> FloatArray:
    r = np.minimum(row.astype(np.int64), max(z.shape[0] - 2, 0))
    c = np.minimum(col.astype(np.int64), max(z.shape[1] - 2, 0))
    r1, c1 = np.minimum(r + 1, z.shape[0] - 1), np.minimum(c + 1, z.shape[1] - 1)
    v, u = row - r, col - c
    top = z[r, c] * (1 - u) + z[r, c1] * u
    out: FloatArray = top * (1 - v) + (z[r1, c] * (1 - u) + z[r1, c1] * u) * v
    return out


def _holes(terrain: Terrain, bounds: Bounds, name: str) -> tuple[Fault, ...]:
    """Name each connected hole inside of the area by its box in the working CRS."""
    x = terrain.x0 + np.arange(terrain.z.shape[1]) * terrain.step
    y = terrain.y0 + np.arange(terrain.z.shape[0]) * terrain.step
    inside = np.ix_((y >= bounds[1]) & (y <= bounds[3]), (x >= bounds[0]) & (x <= bounds[2]))
    unknown = np.zeros(terrain.z.shape, bool)
    unknown[inside] = np.isnan(terrain.z[inside])
    labels, count = ndimage.label(unknown, np.ones((3, 3)))
    faults = []
    for rows, cols in ndimage.find_objects(labels, count):
        west, east = x[cols.start], x[cols.stop - 1]
        south, north = y[rows.start], y[rows.stop - 1]
        box = f"{west:.0f} {south:.0f} - {east:.0f} {north:.0f}"
        faults.append(
            Fault(
                "dem.hole",
                name,
                box,
                "",
                "",
                N_("heights everywhere in the area of the city"),
                N_("The ground is unknown there; fill the hole or use another DEM."),
            )
        )
    return tuple(faults)
