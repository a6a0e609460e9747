"""Point clouds (LAS, LAZ) into rasters of the ground or of the surface.

Of all points in a cell the lowest of the ground counts, or the highest of all that stands. Points
are taken a piece at a time, as the whole numbers that they are stored as, so that neither the order
nor the size of pieces changes a height. A cell without a point stays unknown; under what stands on
the ground it is drawn from the ground around, and counted.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pyproj import CRS
from pyproj.exceptions import CRSError

from civicsight.core.arrays import BoolArray
from civicsight.core.bounded.text import load_crs
from civicsight.core.errors import N_, InputError, Text, is_panic, refuse
from civicsight.io.faults import reject
from civicsight.io.rasters.las_header import (
    LasHeader,
    bridge,
    joined,
    read_header,
    refuse_cloud,
    require_chunks,
)
from civicsight.io.report import Count
from civicsight.model.notes import Note, noted

if TYPE_CHECKING:
    from laspy import LasReader

Wanted = Literal["ground", "surface"]

GROUND: Final = 2
NOISE: Final = (7, 18)
WIRES: Final = (13, 14, 16)
"""Classes of LAS 1.4, table 17: low and high noise; wires, through which one looks."""

FINEST_M: Final = 0.5
COARSEST: Final = 6
"""A cell has `FINEST_M` on a side, or twice that, up to so many times."""

FULL: Final = 8
"""Points in the mean cell from which on nearly none is empty by chance: one of 3,000."""

MOST_CELLS: Final = 50_000_000
"""Most cells of the finest grid, at four bytes each."""

BRIDGED_M: Final = 50.0
"""Under a house the ground is drawn from ground at most so far away; few houses are twice as wide
[m] (assumption of the project)."""

CHUNK: Final = 500_000
"""Points that are taken at once."""

PROJECTED, GEOGRAPHIC, VERTICAL_UNIT = 3072, 2048, 4099
"""Keys of GeoTIFF that a cloud may have instead of well-known text."""

EPSG: Final = range(1024, 32767)
UNITS: Final = {9001: "m", 9002: "ft", 9003: "us-ft"}

WHY: Final[dict[str, Text]] = {
    "used": N_("points of the cloud that were used"),
    "withheld": N_("points left out: withheld"),
    "noise": N_("points left out: noise"),
    "wires": N_("points left out: wires"),
    "other": N_("points left out: not of the ground"),
}

BRIDGED: Final = N_("cells under what stands on the ground, drawn from the ground around")

Numbers = npt.NDArray[np.int32]


class Measured(NamedTuple):
    """A cloud as a raster on disk: its system, the unit of its heights, and what was counted."""

    path: Path
    crs: CRS
    unit: str
    counts: tuple[Count, ...]
    notes: tuple[Note, ...]


class _Found(NamedTuple):
    """The best stored height of each cell; and where something stands that hides the ground."""

    best: Numbers
    covered: BoolArray


class _Place(NamedTuple):
    """The finest grid: north-west corner, side of a cell, rows and columns."""

    x0: float
    y1: float
    side: float
    rows: int
    columns: int


def grid_cloud(file: Path, folder: Path, wanted: Wanted, declared: CRS | None) -> Measured:
    """Write the ground or the surface of a cloud as a GeoTIFF into a folder.

    Cells are as small as `FINEST_M`, or twice that and so on until the mean cell with a point has
    `FULL` of them.

    Parameters
    ----------
    file, folder
        The cloud, and where the raster goes.
    wanted
        ``ground`` takes the lowest point of class 2; ``surface`` the highest of all but noise,
        wires and what is withheld.
    declared
        Its coordinate system, where it names none.

    Raises
    ------
    InputError
        If it is damaged or says other than what it holds; has no coordinate system, or one in
        degrees; is too large; or has none of the points that are wanted.
    """
    import laspy
    import rasterio
    from rasterio.transform import Affine

    header = read_header(file)
    with _refused(file):
        backend = laspy.LazBackend.Lazrs
        fields = laspy.DecompressionSelection
        wish = fields.XY_RETURNS_CHANNEL | fields.Z | fields.CLASSIFICATION | fields.FLAGS
        with laspy.open(file, laz_backend=backend, decompression_selection=wish) as reader:
            crs, unit = _system(reader, declared, file.name)
            if header.packed:
                (packing,) = reader.header.vlrs.get("LasZipVlr")
                require_chunks(file, header, packing.record_data_bytes())
            metres = crs.axis_info[0].unit_conversion_factor
            place = _place(header, FINEST_M / metres, file.name)
            found, tally = _gather(reader, header, place, wanted, file.name)
    if not tally["used"] and wanted == "ground":
        expected = N_("points of class 2, the ground")
        remedy = N_("Classify the ground first, for example with PDAL or QGIS; or give a DEM.")
        refuse("cloud.no_ground", file.name, expected, remedy, found=f"{tally['other']}")
    if not tally["used"]:
        expected = N_("points that are neither noise nor withheld")
        remedy = N_("Export or download the file again.")
        refuse("cloud.empty", file.name, expected, remedy, found=f"{sum(tally.values())}")
    most = FINEST_M / metres * 2**COARSEST
    found, place, mean = _coarsened(found, place, tally["used"], wanted, most)
    z = np.where(
        found.best == _empty(wanted), np.nan, found.best * header.scale[2] + header.shift[2]
    )
    bridged = bridge(z, found.covered, BRIDGED_M / metres / place.side)
    target = folder / "cloud.tif"
    profile = {
        "driver": "GTiff",
        "count": 1,
        "dtype": "float64",
        "nodata": np.nan,
        "height": place.rows,
        "width": place.columns,
        "BIGTIFF": "IF_SAFER",
        "transform": Affine(place.side, 0, place.x0, 0, -place.side, place.y1),
    }
    with rasterio.open(target, "w", **profile) as out:
        out.write(z, 1)
    notes = _notes(wanted, place.side * metres, mean)
    counts = (
        Count("points", N_("points of the cloud"), sum(tally.values())),
        *(Count(f"points.{why}", WHY[why], tally[why]) for why in WHY if tally[why]),
        *((Count("cells.bridged", BRIDGED, bridged),) if bridged else ()),
    )
    return Measured(target, crs, unit, counts, notes)


def _system(reader: LasReader, declared: CRS | None, file: str) -> tuple[CRS, str]:
    """Return the system of a cloud by its text or keys, or as declared; and the unit of heights."""
    records = [*reader.header.vlrs, *(reader.evlrs or ())]
    own = None
    for record in records:
        if isinstance(getattr(record, "string", None), str) and record.record_id == 2112:
            own = load_crs(record.string) if record.string else own
    # Keys of GeoTIFF, with their values.
    keys = {
        int(entry.id): int(entry.value_offset)
        for record in records
        for entry in getattr(record, "geo_keys", ())
    }
    unit = UNITS.get(keys.get(VERTICAL_UNIT, 0), "")
    # A projection of the file's own is none that we know, whatever globe it lies on.
    code = keys.get(PROJECTED, keys.get(GEOGRAPHIC, 0))
    if own is None and code in EPSG:
        own = CRS.from_epsg(code)
    crs = own if own is not None else declared
    if crs is None:
        expected = N_("a declared coordinate system")
        refuse("crs.missing", file, expected, N_("Add it; it is never guessed."))
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    if not flat.is_projected:
        expected = N_("a point cloud in a projected coordinate system")
        remedy = N_("Reproject the cloud, with PDAL or QGIS.")
        refuse("cloud.degrees", file, expected, remedy, found=flat.name)
    return crs, unit


def _place(header: LasHeader, side: float, file: str) -> _Place:
    """Lay the finest grid over what the header says, with a cell to spare on each side."""
    (low_x, low_y), (high_x, high_y) = header.low, header.high
    for _ in range(COARSEST + 1):
        x0 = (np.floor(low_x / side) - 1) * side
        y1 = (np.ceil(high_y / side) + 1) * side
        columns = np.floor((high_x - x0) / side) + 2
        rows = np.floor((y1 - low_y) / side) + 2
        if rows * columns <= MOST_CELLS:
            return _Place(float(x0), float(y1), side, int(rows), int(columns))
        side *= 2
    extent = f"{high_x - low_x:.0f} x {high_y - low_y:.0f}"
    return reject("dem.too_large:cloud", file, found=extent, limit=MOST_CELLS)


def _empty(wanted: Wanted) -> int:
    """Return what stands in a cell without a point: beyond any that is wanted."""
    limits = np.iinfo(np.int32)
    return int(limits.max if wanted == "ground" else limits.min)


def _gather(
    reader: LasReader, header: LasHeader, place: _Place, wanted: Wanted, file: str
) -> tuple[_Found, Counter[str]]:
    """Return the lowest or highest stored height of each cell, and what became of all points."""
    best = np.minimum if wanted == "ground" else np.maximum
    found = np.full(place.rows * place.columns, _empty(wanted), np.int32)
    covered = np.zeros(place.rows * place.columns if wanted == "ground" else 0, bool)
    tally: Counter[str] = Counter()
    for points in reader.chunk_iterator(CHUNK):
        used, above = _chosen(points, wanted, tally)
        x = np.asarray(points.X) * header.scale[0] + header.shift[0]
        y = np.asarray(points.Y) * header.scale[1] + header.shift[1]
        column = np.floor((x - place.x0) / place.side)
        row = np.floor((place.y1 - y) / place.side)
        beyond = (column < 0) | (row < 0) | (column >= place.columns) | (row >= place.rows)
        if beyond.any():
            refuse_cloud(file, f"x {x[beyond][0]:.1f}, y {y[beyond][0]:.1f}")
        cell = row.astype(np.int64) * place.columns + column.astype(np.int64)
        best.at(found, cell[used], np.asarray(points.Z)[used])
        covered[cell[above]] = True
    if sum(tally.values()) != header.points:
        refuse_cloud(file, f"{sum(tally.values())} / {header.points}")
    shape = place.rows, place.columns
    return _Found(found.reshape(shape), covered.reshape(shape if len(covered) else (0, 0))), tally


def _chosen(points: Any, wanted: Wanted, tally: Counter[str]) -> tuple[BoolArray, BoolArray]:
    """Tell which points are used, counting each once, and which of the others hide the ground."""
    kind = np.asarray(points.classification)
    used = np.ones(len(kind), bool)
    out = {
        "withheld": np.asarray(points.withheld).astype(bool),
        "noise": np.isin(kind, NOISE),
        "wires": np.isin(kind, WIRES) if wanted == "surface" else ~used,
        "other": kind != GROUND if wanted == "ground" else ~used,
    }
    above = ~used
    for why, them in out.items():
        above = used & them
        tally[why] += int(above.sum())
        used &= ~them
    tally["used"] += int(used.sum())
    return used, above & ~np.isin(kind, WIRES)


def _coarsened(
    found: _Found, place: _Place, used: int, wanted: Wanted, most: float
) -> tuple[_Found, _Place, float]:
    """Join cells by four until the mean one has enough points; return that mean too."""
    best, empty = np.minimum if wanted == "ground" else np.maximum, _empty(wanted)
    while (mean := used / int((found.best != empty).sum())) < FULL and place.side * 2 <= most:
        found = _Found(
            joined(found.best, best, empty), joined(found.covered, np.logical_or, empty=False)
        )
        rows, columns = found.best.shape
        place = place._replace(side=place.side * 2, rows=rows, columns=columns)
    return found, place, mean


def _notes(wanted: Wanted, side_m: float, mean: float) -> tuple[Note, ...]:
    said = {"side": f"{side_m:g}", "mean": f"{mean:.1f}"}
    if wanted == "ground":
        said["far"] = f"{BRIDGED_M:g}"
        return (
            noted(
                "read.raster",
                N_(
                    "point cloud: the lowest point of class 2 in each cell of %(side)s m, of "
                    "%(mean)s in the mean; under what stands on it the ground is drawn from that "
                    "around, at most %(far)s m away; where there is no point it is unknown",
                    **said,
                ),
            ),
        )
    return (
        noted(
            "read.raster",
            N_(
                "point cloud: the highest point in each cell of %(side)s m, of %(mean)s in the "
                "mean, but for noise and wires; a cell without a point is unknown",
                **said,
            ),
        ),
    )


@contextmanager
def _refused(file: Path) -> Iterator[None]:
    """Refuse a cloud on which its reader fails, in whatever way."""
    import lazrs
    from laspy.errors import LaspyException

    try:
        yield
    except InputError:
        raise
    except (
        LaspyException,
        lazrs.LazrsError,
        CRSError,
        struct.error,
        ValueError,
        TypeError,
        IndexError,
        KeyError,
        EOFError,
        OSError,
        OverflowError,
    ) as error:
        refuse_cloud(file.name, str(error) or type(error).__name__)
    except BaseException as error:
        if not is_panic(error):
            raise
        refuse_cloud(file.name, str(error))
