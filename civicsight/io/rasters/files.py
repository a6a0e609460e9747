"""Files of rasters: known by their content, opened with the one driver that it calls for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from pyproj import CRS

from civicsight.core.errors import N_, Fault, InputError
from civicsight.io.file_formats import sniff
from civicsight.io.rasters.ascii_grid import require_whole
from civicsight.io.rasters.point_cloud import Measured, Wanted, grid_cloud
from civicsight.io.signatures import ZIP, Look
from civicsight.io.vectors.archive import unpacked

RASTERS: Final = frozenset({"AAIGrid", "GTiff", "LAS", "SRTMHGT"})
"""Formats of heights, as `file_formats` names them."""

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
    if not Look(file).head.startswith(ZIP):
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


def is_raster(file: Path) -> bool:
    """Tell whether a file is a raster or a point cloud; see `file_formats`."""
    return sniff(file) in RASTERS


@contextmanager
def _plain(file: Path, wanted: Wanted | None, declared: CRS | None) -> Iterator[Target]:
    if wanted is not None and sniff(file) == "LAS":
        with TemporaryDirectory(prefix="civicsight-") as folder:
            cloud = grid_cloud(file, Path(folder), wanted, declared)
            yield Target(cloud.path, "GTiff", {}, cloud)
        return
    yield _raster(file)


def _raster(file: Path) -> Target:
    kind = sniff(file)
    if kind == "GTiff":
        for suffix in SIDECARS:
            _require_plain(file.with_name(file.name + suffix))
    elif kind == "AAIGrid":
        require_whole(file, MAX_SIDE)
        # By default its type is guessed from the first values, and later ones cut to whole numbers.
        return Target(file, kind, {"DATATYPE": "Float64"})
    elif kind != "SRTMHGT":
        raise InputError([format_fault(file.name)])
    return Target(file, kind, {})


def _require_plain(sidecar: Path) -> None:
    """Refuse a mask or overview beside a TIFF that is no TIFF and might point elsewhere."""
    if sidecar.is_file() and sniff(sidecar) != "GTiff":
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
