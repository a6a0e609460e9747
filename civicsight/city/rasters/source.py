"""Rasters opened with care: one driver by content, bounded in size, with a place and a unit."""

from __future__ import annotations

import contextlib
import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from civicsight.city.declared import NOTHING, Declared
from civicsight.city.rasters.units import Unit, unit_of
from civicsight.city.refusal import refuse
from civicsight.city.vectors.vector import require_file
from civicsight.errors import N_, Fault, InputError, Text

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

MAX_TILE_BYTES = 64 << 20
"""Largest SRTM tile taken out of an archive; a 1-arc-second tile has 26 MB."""

MAX_SIDE = 100_000
"""Most cells of a raster along one side; 50 km at half a metre."""

MAX_BLOCK_CELLS = 50_000_000
"""Most cells of one stored block, which is unpacked as a whole to read any cell of it."""

PICTURE_BANDS = 3
"""A raster of bytes with so many bands is a picture, not a measurement."""

_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_TILE = re.compile(r"[NS]\d{2}[EW]\d{3}\.hgt", re.IGNORECASE)
_SIDECARS = (".msk", ".ovr")


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
    """

    name: str
    source: DatasetReader
    crs: CRS
    metres: float
    notes: tuple[Text, ...]


@contextlib.contextmanager
def opened(
    path: str | Path, *, unit: Unit | None = None, declared: Declared = NOTHING
) -> Iterator[Raster]:
    """Open a raster of heights with the one driver that its content calls for.

    A driver that follows what a file says to other files (VRT, XML) is never tried, whatever the
    file is called.

    Parameters
    ----------
    path
        GeoTIFF, or an SRTM tile ``N43E007.hgt``, also zipped.
    unit
        Unit of the heights where the raster declares none.
    declared
        CRS of a raster that declares none.

    Raises
    ------
    InputError
        If the file is of another format, too large, a picture, without place or CRS, or in an
        unknown unit of height.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioIOError

    file = require_file(path)
    with contextlib.ExitStack() as stack:
        stack.enter_context(rasterio.Env(GTIFF_REPORT_COMPD_CS=True))
        target, driver = _driver(file, stack)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)  # refused below
                source = stack.enter_context(rasterio.open(target, driver=driver))
        except RasterioIOError as error:
            raise InputError([format_fault(file.name)]) from error
        _require_size(source, file.name)
        _require_heights(source, file.name)
        crs, metres, notes = _measures(source, unit, declared, file.name)
        yield Raster(file.name, source, crs, metres, notes)


def _driver(file: Path, stack: contextlib.ExitStack) -> tuple[Path, str]:
    with file.open("rb") as raw:
        head = raw.read(4)
    if head in _TIFF:
        for suffix in _SIDECARS:
            _require_plain(file.with_name(file.name + suffix))
        return file, "GTiff"
    if head == b"PK\x03\x04":
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        return _unzipped(file, folder), "SRTMHGT"
    if _TILE.fullmatch(file.name):
        return file, "SRTMHGT"
    raise InputError([format_fault(file.name)])


def _require_plain(sidecar: Path) -> None:
    """Refuse a mask or overview beside a TIFF that is no TIFF and might point elsewhere."""
    if sidecar.is_file():
        with sidecar.open("rb") as raw:
            if raw.read(4) not in _TIFF:
                raise InputError([format_fault(sidecar.name)])


def format_fault(name: str) -> Fault:
    """Return the fault of a file that is no raster of a format that is read."""
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
                raise InputError([format_fault(file.name)])
            target = folder / Path(tiles[0].filename).name
            with archive.open(tiles[0]) as packed:
                target.write_bytes(packed.read(MAX_TILE_BYTES + 1))
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise InputError([format_fault(file.name)]) from error
    return target


def _require_size(source: DatasetReader, name: str) -> None:
    """Refuse, before a cell is read, what is too large to be a city."""
    block = max(rows * columns for rows, columns in source.block_shapes)
    if max(source.width, source.height) > MAX_SIDE or block > MAX_BLOCK_CELLS:
        refuse(
            "raster.too_large",
            name,
            N_("a raster of at most %(limit)s cells along a side", limit=MAX_SIDE),
            N_("Cut the raster to the area of the city, and store it in tiles."),
            found=f"{source.height} x {source.width}",
        )


def _require_heights(source: DatasetReader, name: str) -> None:
    from rasterio.enums import ColorInterp

    kinds = set(source.dtypes)
    picture = source.count >= PICTURE_BANDS and kinds == {"uint8"}
    picture |= ColorInterp.red in source.colorinterp
    if picture or any(kind.startswith("c") for kind in kinds):
        refuse(
            "raster.no_heights",
            name,
            N_("one band of heights"),
            N_("This is a picture; give the raster of heights itself."),
            found=f"{source.count} x {', '.join(sorted(kinds))}",
        )


def _measures(
    source: DatasetReader, unit: Unit | None, declared: Declared, name: str
) -> tuple[CRS, float, tuple[Text, ...]]:
    """Return CRS and unit of height, both declared by the raster or by a person."""
    crs = _crs(source, declared, name)
    # A raster with a CRS but no place holds the transform of its own rows and columns.
    a = source.transform
    if a.is_identity or not np.isfinite(list(a)).all() or a.determinant == 0:
        refuse(
            "raster.no_place",
            name,
            N_("an affine transform from rows and columns to coordinates"),
            N_("Georeference the raster, or keep its world file beside it."),
        )
    metres, notes = unit_of(crs, str(source.units[0] or ""), unit, name)
    notes += _bands(source)
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    return flat.to_2d() if len(flat.axis_info) > 2 else flat, metres, notes


def _bands(source: DatasetReader) -> tuple[Text, ...]:
    """Say what is taken for heights where the raster leaves a choice."""
    from rasterio.enums import ColorInterp

    notes: tuple[Text, ...] = ()
    count = sum(kind != ColorInterp.alpha for kind in source.colorinterp)
    if count > 1:
        notes = (N_("of %(count)s bands the first is taken for the heights", count=count),)
    if source.colorinterp[0] == ColorInterp.palette:
        notes += (N_("the numbers of the colour table are taken for heights, not for classes"),)
    return notes


def _crs(source: DatasetReader, declared: Declared, name: str) -> CRS:
    found = declared.crs if source.crs is None else _parsed(source.crs.to_wkt())
    if found is None:
        if source.crs is None:
            refuse(
                "crs.missing",
                name,
                N_("a declared coordinate system"),
                N_("Add it; it is never guessed."),
            )
        _refuse_crs(source.crs.to_wkt()[:60], name)
    if not (found.is_projected or found.is_geographic or found.is_compound):
        _refuse_crs(found.name, name)
    return found


def _parsed(wkt: str) -> CRS | None:
    try:
        return CRS.from_user_input(wkt)
    except CRSError:
        return None


def _refuse_crs(found: str, name: str) -> NoReturn:
    refuse(
        "crs.unknown",
        name,
        N_("a coordinate system on the earth"),
        N_("Declare the coordinate system by its EPSG code."),
        found=found,
    )
