"""Files of rasters: known by their content, opened with the one driver that it calls for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from pyproj import CRS

from civicsight.city.rasters.ascii_grid import is_ascii_grid, require_whole
from civicsight.city.rasters.las_header import SIGNATURE
from civicsight.city.rasters.point_cloud import Measured, Wanted, grid_cloud
from civicsight.city.vectors.archive import unpacked
from civicsight.errors import N_, Fault, InputError

ZIP: Final = b"PK\x03\x04"
TIFF: Final = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
TILE: Final = re.compile(r"[NS]\d{2}[EW]\d{3}\.hgt", re.IGNORECASE)
SIDECARS: Final = (".msk", ".ovr")

MAX_SIDE: Final = 100_000
"""Most cells of a raster along one side; 50 km at half a metre."""


class Target(NamedTuple):
    """A file for GDAL: its path, the driver that opens it, and options of that.

    `cloud` is what a point cloud was measured to, whose raster the file then is.
    """

    path: Path
    driver: str
    options: dict[str, str]
    cloud: Measured | None = None


@contextmanager
def targeted(
    file: Path, wanted: Wanted | None = None, declared: CRS | None = None
) -> Iterator[Target]:
    """Name the driver that a file calls for; an archive is unpacked as long as it is needed.

    Parameters
    ----------
    file
        The file as it came.
    wanted, declared
        What is taken of a point cloud, which is refused without it; and its coordinate system,
        where it names none.

    Raises
    ------
    InputError
        If it is of another format, holds no raster or several, or is an archive that expands
        beyond reason.
    """
    if _head(file) != ZIP:
        with _plain(file, wanted, declared) as target:
            yield target
        return
    with unpacked(file) as members:
        found = [member for member in members if member.stat().st_size and is_raster(member)]
        if len(found) != 1:
            names = ", ".join(member.name for member in found)
            raise InputError([format_fault(file.name, names[:200])])
        with _plain(found[0], wanted, declared) as target:
            yield target


def _head(file: Path) -> bytes:
    with file.open("rb") as raw:
        return raw.read(4)


def is_raster(file: Path) -> bool:
    """Tell by its content whether a file is a raster or a point cloud, but for an SRTM tile.

    A tile has no mark but its name.
    """
    return bool(
        _head(file) in {*TIFF, SIGNATURE} or TILE.fullmatch(file.name) or is_ascii_grid(file)
    )


@contextmanager
def _plain(file: Path, wanted: Wanted | None, declared: CRS | None) -> Iterator[Target]:
    if wanted is not None and _head(file) == SIGNATURE:
        with TemporaryDirectory(prefix="civicsight-") as folder:
            cloud = grid_cloud(file, Path(folder), wanted, declared)
            yield Target(cloud.path, "GTiff", {}, cloud)
        return
    yield _raster(file)


def _raster(file: Path) -> Target:
    if _head(file) in TIFF:
        for suffix in SIDECARS:
            _require_plain(file.with_name(file.name + suffix))
        return Target(file, "GTiff", {})
    if is_ascii_grid(file):
        require_whole(file, MAX_SIDE)
        # By default its type is guessed from the first values, and later ones cut to whole numbers.
        return Target(file, "AAIGrid", {"DATATYPE": "Float64"})
    if TILE.fullmatch(file.name):
        return Target(file, "SRTMHGT", {})
    raise InputError([format_fault(file.name)])


def _require_plain(sidecar: Path) -> None:
    """Refuse a mask or overview beside a TIFF that is no TIFF and might point elsewhere."""
    if sidecar.is_file() and _head(sidecar) not in TIFF:
        raise InputError([format_fault(sidecar.name)])


def format_fault(name: str, found: str = "") -> Fault:
    """Return the fault of a file that is no raster of a format that is read."""
    return Fault(
        "raster.format",
        name,
        "",
        "",
        found,
        N_("a GeoTIFF, an ASC grid, an SRTM tile such as N43E007.hgt, or a point cloud"),
        N_("Convert the raster to GeoTIFF."),
    )
