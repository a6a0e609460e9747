"""Rasters opened with care: one driver by content, bounded in size, with a place and a unit."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from civicsight.core.errors import N_, InputError
from civicsight.io.faults import reject
from civicsight.io.rasters.files import MAX_SIDE, Unit, format_fault, targeted, unit_of
from civicsight.io.rasters.point_cloud import Measured, Wanted
from civicsight.io.report import Count
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.vectors.files import require_file
from civicsight.model.notes import Note, noted

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

MAX_BLOCK_CELLS = 50_000_000
"""Most cells of one stored block, which is unpacked as a whole to read any cell of it."""

PICTURE_BANDS = 3
"""A raster of bytes with so many bands is a picture, not a measurement."""


@dataclass(frozen=True, slots=True)
class Raster:
    """An open raster of one band of heights.

    Parameters
    ----------
    name
        File name.
    source
        The open data set.
    crs
        Its horizontal CRS.
    metres
        Metres in one unit of height.
    notes
        What had to be taken for granted.
    counts
        What became of the points of a cloud.
    """

    name: str
    source: DatasetReader
    crs: CRS
    metres: float
    notes: tuple[Note, ...]
    counts: tuple[Count, ...] = ()


@contextlib.contextmanager
def opened(
    path: str | Path,
    *,
    unit: Unit | None = None,
    declared: Declared = NOTHING,
    wanted: Wanted | None = None,
) -> Iterator[Raster]:
    """Open a raster of heights with the one driver that its content calls for.

    A driver that follows what a file says to other files (VRT, XML) is never tried, whatever the
    file is called.

    Parameters
    ----------
    path
        GeoTIFF, grid as text (ASC), or an SRTM tile ``N43E007.hgt``; each also zipped.
    unit
        Unit of the heights where the raster declares none.
    declared
        CRS of a raster that declares none.
    wanted
        What is taken of a point cloud; it is refused without.

    Raises
    ------
    InputError
        If the file is of another format, too large, a picture, without place or CRS, or in an
        unknown unit of height.
    """
    import rasterio
    from rasterio.enums import ColorInterp
    from rasterio.errors import NotGeoreferencedWarning, RasterioIOError

    file = require_file(path)
    with contextlib.ExitStack() as stack:
        stack.enter_context(rasterio.Env(GTIFF_REPORT_COMPD_CS=True))
        target = stack.enter_context(targeted(file, wanted, declared.crs))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)  # refused below
                source = stack.enter_context(
                    rasterio.open(target.path, driver=target.driver, **target.options)
                )
        except RasterioIOError as error:
            raise InputError([format_fault(file.name)]) from error
        # What is too large to be a city is refused before a cell is read.
        block = max(rows * columns for rows, columns in source.block_shapes)
        if max(source.width, source.height) > MAX_SIDE or block > MAX_BLOCK_CELLS:
            reject(
                "raster.too_large",
                file.name,
                found=f"{source.height} x {source.width}",
                limit=MAX_SIDE,
            )
        kinds = set(source.dtypes)
        picture = source.count >= PICTURE_BANDS and kinds == {"uint8"}
        picture |= ColorInterp.red in source.colorinterp
        if picture or any(kind.startswith("c") for kind in kinds):
            reject(
                "raster.no_heights", file.name, found=f"{source.count} x {', '.join(sorted(kinds))}"
            )
        crs, metres, notes = _measures(source, target.cloud, unit, declared, file.name)
        counts = () if target.cloud is None else target.cloud.counts
        yield Raster(file.name, source, crs, metres, notes, counts)


def _measures(
    source: DatasetReader, cloud: Measured | None, unit: Unit | None, declared: Declared, name: str
) -> tuple[CRS, float, tuple[Note, ...]]:
    """Return CRS and unit of height, both declared by the raster or by a person."""
    crs = _crs(source, declared, name) if cloud is None else cloud.crs
    # A raster with a CRS but no place holds the transform of its own rows and columns.
    a = source.transform
    if a.is_identity or not np.isfinite(list(a)).all() or a.determinant == 0:
        reject("raster.no_place", name)
    band = str(source.units[0] or "") if cloud is None else cloud.unit
    metres, notes = unit_of(crs, band, unit, name)
    notes += _bands(source) if cloud is None else cloud.notes
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    return flat.to_2d() if len(flat.axis_info) > 2 else flat, metres, notes


def _bands(source: DatasetReader) -> tuple[Note, ...]:
    """Say what is taken for heights where the raster leaves a choice."""
    from rasterio.enums import ColorInterp

    notes: tuple[Note, ...] = ()
    count = sum(kind != ColorInterp.alpha for kind in source.colorinterp)
    if count > 1:
        notes = (
            noted(
                "file.unread",
                N_("of %(count)s bands the first is taken for the heights", count=count),
            ),
        )
    if source.colorinterp[0] == ColorInterp.palette:
        notes += (
            noted(
                "read.raster",
                N_("the numbers of the colour table are taken for heights, not for classes"),
            ),
        )
    return notes


def _crs(source: DatasetReader, declared: Declared, name: str) -> CRS:
    found = declared.crs
    if source.crs is not None:
        try:
            found = CRS.from_user_input(source.crs.to_wkt())
        except CRSError:
            _refuse_crs(source.crs.to_wkt()[:60], name)
    if found is None:
        reject("crs.missing:raster", name)
    if not (found.is_projected or found.is_geographic or found.is_compound):
        _refuse_crs(found.name, name)
    return found


def _refuse_crs(found: str, name: str) -> NoReturn:
    reject("crs.unknown:raster", name, found=found)
