"""Raster files: known by content, opened with one driver, heights in metres.

A grid as text (ESRI ASCII) is found whole before GDAL reads it: GDAL takes a word for 0, and reads
rows that are not there as 0 as well, so a hole in a survey would be a plain at sea level.

References
----------
Esri, ArcGIS: "Esri ASCII raster format".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final, Literal, NamedTuple

import numpy as np
from pyproj import CRS

from civicsight.core.errors import N_, Fault, InputError, refuse
from civicsight.io.faults import fault, reject
from civicsight.io.file_formats import sniff
from civicsight.io.rasters.point_cloud import Measured, Wanted, grid_cloud
from civicsight.io.signatures import ZIP, FileHead
from civicsight.io.vectors.archive import unpacked
from civicsight.model.notes import Note, noted

HEAD: Final = 4_096
"""Bytes in which the header stands."""

LINE: Final = re.compile(
    rb"\s*(ncols|nrows|[xy]ll(?:corner|center|centre)|cellsize|d[xy]|nodata_value)"
    rb"[ \t]+(\S{1,64})[ \t]*(?:\r\n|\n|\r)",
    re.IGNORECASE,
)
NUMBER: Final = b"0123456789+-.,eE \t\r\n"
"""What values are written with; also ``nan`` and ``inf``, in which some programs write a hole."""

WORDS: Final = re.compile(rb"nan|inf", re.IGNORECASE)
PIECE: Final = 1 << 22
BLANK: Final = 32
"""Bytes up to this one part values."""


class Header(NamedTuple):
    """What a grid says of itself: rows, columns, and where its values begin [B]."""

    rows: int
    columns: int
    start: int


def require_whole(path: Path, most: int) -> None:
    """Refuse a grid with other than numbers, with too few or many of them, or with too long sides.

    Raises
    ------
    InputError
        With the number of values that was found.
    """
    with path.open("rb") as stream:
        header = _header(stream.read(HEAD))
        if header is None:
            expected = N_("a header with whole numbers of rows and columns, and the size of a cell")
            remedy = N_("The file is damaged or cut short; copy or export it again.")
            refuse("raster.broken", path.name, expected, remedy)
        if max(header.rows, header.columns) > most:
            reject(
                "raster.too_large", path.name, found=f"{header.rows} x {header.columns}", limit=most
            )
        stream.seek(header.start)
        found = _count(stream, path.name)
    rows, columns, _ = header
    if found != rows * columns:
        expected = N_(
            "a value for each of %(rows)s x %(columns)s cells", rows=rows, columns=columns
        )
        remedy = N_("The file is damaged or cut short; copy or export it again.")
        refuse("raster.broken", path.name, expected, remedy, found=f"{found}")


def _header(head: bytes) -> Header | None:
    said: dict[bytes, bytes] = {}
    at = 0
    while line := LINE.match(head, at):
        said[line[1].lower()] = line[2]
        at = line.end()
    rows, columns = said.get(b"nrows", b""), said.get(b"ncols", b"")
    sized = b"cellsize" in said or {b"dx", b"dy"} <= said.keys()
    if not (rows.isdigit() and columns.isdigit() and sized):
        return None
    return Header(int(rows[:9]), int(columns[:9]), at)


def _count(stream: BinaryIO, file: str) -> int:
    """Return how many values follow."""
    count, within = 0, False
    while piece := stream.read(PIECE):
        # A word may go on in the next piece; more than numbers are rare, and looked at only then.
        if (odd := piece.translate(None, NUMBER)) and WORDS.sub(b"", odd):
            reject("raster.broken:numbers", file, found=odd[:40].decode("ascii", "replace"))
        filled = np.frombuffer(piece, np.uint8) > BLANK
        count += int((filled[1:] & ~filled[:-1]).sum()) + bool(filled[0] and not within)
        within = bool(filled[-1])
    return count


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
    if not FileHead(file).head.startswith(ZIP):
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
            # A mask or overview that is no TIFF itself might point elsewhere.
            sidecar = file.with_name(file.name + suffix)
            if sidecar.is_file() and sniff(sidecar) != "GTiff":
                raise InputError([format_fault(sidecar.name)])
    elif kind == "AAIGrid":
        require_whole(file, MAX_SIDE)
        # By default its type is guessed from the first values, and later ones cut to whole numbers.
        return Target(file, kind, {"DATATYPE": "Float64"})
    elif kind != "SRTMHGT":
        raise InputError([format_fault(file.name)])
    return Target(file, kind, {})


def format_fault(name: str, found: str = "") -> Fault:
    """Return the fault of a file that is no raster of a format that is read."""
    return fault("raster.format", name, found=found)


Unit = Literal["m", "ft", "us-ft"]
"""Units in which heights may be declared."""

FOOT_M: Final = 0.3048
"""International foot [m], exactly (EPSG unit 9002)."""

US_FOOT_M: Final = 1200 / 3937
"""US survey foot [m], exactly (EPSG unit 9003)."""

METRES: Final[dict[Unit, float]] = {"m": 1.0, "ft": FOOT_M, "us-ft": US_FOOT_M}

SAME = 1e-5
"""Units that differ by less than this, in parts, are one: the two feet differ by 2e-6."""

_WORDS: Final[dict[str, float]] = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "mtr"), 1.0),
    **dict.fromkeys(("dm", "decimetre", "decimeter"), 0.1),
    **dict.fromkeys(("cm", "centimetre", "centimeter"), 0.01),
    **dict.fromkeys(("mm", "millimetre", "millimeter"), 0.001),
    **dict.fromkeys(("ft", "feet", "foot", "international foot"), FOOT_M),
    **dict.fromkeys(("us survey foot", "us survey feet", "us-ft", "usft", "ftus"), US_FOOT_M),
    **dict.fromkeys(("us_survey_foot", "foot_us"), US_FOOT_M),
}


def unit_of(
    crs: CRS, band: str, declared: Unit | None, name: str
) -> tuple[float, tuple[Note, ...]]:
    """Return metres in one unit of height, and what had to be taken for granted.

    Parameters
    ----------
    crs
        CRS of the raster, with its vertical part if it has one.
    band
        What the band says of its unit; empty if nothing.
    declared
        What a person says; it may fill a gap, not contradict the source.
    name
        File name.

    Raises
    ------
    InputError
        If the unit is unknown, or the source contradicts what is declared.
    """
    word = band.strip().lower()
    axes = [axis for part in (crs.sub_crs_list or [crs]) for axis in part.axis_info]
    upright = (axis for axis in axes if axis.direction in {"up", "down"})
    vertical = next((float(axis.unit_conversion_factor) for axis in upright), None)
    own = _WORDS.get(word) if word else vertical
    if declared is not None:
        metres = METRES[declared]
        if own is not None and abs(own / metres - 1) > SAME:
            _refuse_unit(name, band or f"{own:g} m")
        return metres, (
            noted("read.raster", N_("heights are in %(unit)s, as declared", unit=declared)),
        )
    if word and own is None:
        _refuse_unit(name, band)
    if own is not None:
        said = N_("heights are in a unit of %(metres)s m, as the raster says", metres=f"{own:g}")
        return own, () if own == 1.0 else (noted("read.raster", said),)
    if any("foot" in axis.unit_name or "feet" in axis.unit_name for axis in crs.axis_info):
        return 1.0, (
            noted(
                "raster.odd",
                N_(
                    "the raster is laid out in feet and does not say in what its heights are: "
                    "they are taken as metres; declare the unit if they are in feet"
                ),
            ),
        )
    return 1.0, ()


def _refuse_unit(name: str, found: str) -> None:
    reject("raster.unit", name, found=found)
