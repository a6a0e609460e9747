"""Basemaps of an office's own: an orthophoto, a tile archive, a tile service in its own network.

Whoever runs the server names them in ``CIVICSIGHT_BASEMAPS``; nothing is asked of the internet.
"""

from __future__ import annotations

import contextlib
import io
import re
import socket
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
from affine import Affine
from PIL import Image

from civicsight.maps.encode import WEB_MERCATOR
from civicsight.maps.faults import reject
from civicsight.maps.vectortiles import TILE_PX, mercator_box

VARIABLE: Final = "CIVICSIGHT_BASEMAPS"
BETWEEN: Final = "|"
MOST_ZOOM: Final = 21
KINDS: Final[Mapping[str, str]] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
PLACES: Final = ("{z}", "{x}", "{y}")
ORIGIN: Final = re.compile(r"https?://[\w.-]+(:\d{1,5})?", re.ASCII)
MERCATOR: Final = ("EPSG:3857",)
DEGREES: Final = ("EPSG:4490", "EPSG:4326")
"""Grids of tiles of a service: Web Mercator, and degrees of CGCS2000 or of WGS 84, which differ by
centimetres; national services of China are cut in the one or the other."""

PMTILES: Final = b"PMTiles\x03"
UNREADABLE: Final = (ValueError, LookupError, EOFError, OSError, zlib.error)
"""What the library of PMTiles raises of a file that is cut off or none."""

RASTERS: Final = frozenset({".tif", ".tiff"})
COLOURS: Final = 3
QUALITY: Final = 85

Picture = tuple[bytes, str]
"""A tile and its media type."""


class Basemap(Protocol):
    """A basemap that this server serves itself, tile by tile."""

    def tile(self, z: int, x: int, y: int) -> Picture | None:
        """Return a tile of the grid of Web Mercator; None where there is nothing."""


@dataclass(frozen=True, slots=True)
class Orthophoto:
    """A georeferenced picture: GeoTIFF or COG, 8 bits a band, in any CRS."""

    path: Path

    def tile(self, z: int, x: int, y: int) -> Picture | None:
        """Warp the picture into a tile; beyond its edges it is clear."""
        import rasterio
        from rasterio.enums import ColorInterp, Resampling
        from rasterio.vrt import WarpedVRT

        box = mercator_box(z, x, y, TILE_PX)
        pixel_m = box.side_m / TILE_PX
        grid = {
            "crs": WEB_MERCATOR,
            "transform": Affine(pixel_m, 0.0, box.west, 0.0, -pixel_m, box.north),
            "width": TILE_PX,
            "height": TILE_PX,
        }
        with rasterio.open(self.path, driver="GTiff") as source:
            numbered = source.colorinterp[0] is ColorInterp.palette
            way = Resampling.nearest if numbered else Resampling.bilinear
            grid["add_alpha"] = ColorInterp.alpha not in source.colorinterp  # else all is opaque
            with WarpedVRT(source, resampling=way, **grid) as warped:
                alpha = np.asarray(warped.read(warped.count), np.uint8)
                return _encode(_colours(source, warped), alpha) if alpha.any() else None


@dataclass(frozen=True, slots=True)
class Archive:
    """An MBTiles file of pictures, version 1.3 of its specification; rows count from the south."""

    path: Path
    mime: str

    def tile(self, z: int, x: int, y: int) -> Picture | None:
        """Return the stored tile."""
        query = "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=?"
        with contextlib.closing(_sqlite(self.path)) as file:
            found = file.execute(query, (z, x, (1 << z) - 1 - y)).fetchone()
        return None if found is None else (bytes(found[0]), self.mime)


@dataclass(frozen=True, slots=True)
class PMTilesArchive:
    """A PMTiles file of pictures, version 3 of its specification."""

    path: Path
    mime: str

    def tile(self, z: int, x: int, y: int) -> Picture | None:
        """Return the stored tile."""
        with _pmtiles(self.path) as reader:
            found = reader.get(z, x, y)
        return None if found is None else (bytes(found), self.mime)


@dataclass(frozen=True, slots=True)
class Named:
    """One basemap as it is offered.

    Parameters
    ----------
    name
        What the legend calls it.
    source
        What serves it; None for a service, which the browser asks itself.
    address
        Address of the service with ``{z}``, ``{x}`` and ``{y}``; empty for a file.
    geographic
        Whether its tiles are cut in degrees, from the north pole and the date line.
    """

    name: str
    source: Basemap | None
    address: str = ""
    geographic: bool = False

    @property
    def origin(self) -> str:
        """Scheme, host and port of a service, as a policy of a page names it."""
        found = ORIGIN.match(self.address)
        return found.group() if found else ""


def read_basemaps(text: str) -> tuple[Named, ...]:
    """Read the setting: ``NAME=FILE`` or ``NAME=ADDRESS``, with ``|`` between several.

    Raises
    ------
    InputError
        If an entry has no name, a file is none of these kinds, or a service is not in the own
        network.
    """
    return tuple(_read(entry.strip()) for entry in text.split(BETWEEN) if entry.strip())


def _read(entry: str) -> Named:
    name, equals, place = (part.strip() for part in entry.partition("="))
    if not (name and equals and place):
        reject("app.basemap:entry", field=VARIABLE, found=entry)
    if place.startswith(("http://", "https://")):
        address, _, grid = place.partition("#")
        if grid not in ("", *MERCATOR, *DEGREES):
            reject(
                "app.basemap:grid",
                field=VARIABLE,
                found=entry,
                grids=", ".join([*MERCATOR, *DEGREES]),
            )
        return Named(name, None, _checked_address(address), grid in DEGREES)
    path = Path(place)
    if not path.is_file():
        reject("app.basemap:file", field=VARIABLE, found=entry)
    if path.suffix.lower() in RASTERS:
        _require_picture(path, entry)
        return Named(name, Orthophoto(path))
    if path.suffix.lower() == ".mbtiles":
        try:
            with contextlib.closing(_sqlite(path)) as file:
                found = file.execute("SELECT value FROM metadata WHERE name='format'").fetchone()
                file.execute(
                    "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles LIMIT 1"
                )
        except sqlite3.Error:
            reject("app.basemap:mbtiles", field=VARIABLE, found=entry)
        return Named(name, Archive(path, _mime(str(found[0]).lower() if found else "", entry)))
    if path.suffix.lower() == ".pmtiles":
        return Named(name, PMTilesArchive(path, _kind_of_pmtiles(path, entry)))
    return reject("app.basemap:kind", field=VARIABLE, found=entry)


def _checked_address(address: str) -> str:
    """Return an address that pages may ask: of tiles, and in no other network than the own."""
    parts = urlsplit(address)
    if not all(place in address for place in PLACES) or not ORIGIN.match(address):
        reject("app.basemap:address", field=VARIABLE, found=address)
    try:
        found = {info[4][0] for info in socket.getaddrinfo(parts.hostname, None)}
    except OSError:
        found = set()
    if not found or any(ip_address(str(each)).is_global for each in found):
        reject("app.basemap:outside", field=VARIABLE, found=address)
    return address


def _require_picture(path: Path, entry: str) -> None:
    """Refuse a raster that is no picture or has no place."""
    import rasterio
    from rasterio.errors import RasterioIOError

    try:
        with rasterio.open(path, driver="GTiff") as source:
            kinds, crs, flat = set(source.dtypes), source.crs, source.transform.is_identity
    except RasterioIOError:
        reject("app.basemap:geotiff", field=VARIABLE, found=entry)
    if crs is None or flat:
        reject("app.basemap:place", field=VARIABLE, found=entry)
    if kinds != {"uint8"}:
        reject("app.basemap:bits", field=VARIABLE, found=entry)


def _kind_of_pmtiles(path: Path, entry: str) -> str:
    kind = None
    with path.open("rb") as file:
        is_package = file.read(len(PMTILES)) == PMTILES
    with contextlib.suppress(*UNREADABLE), _pmtiles(path) as reader:
        if is_package:
            reader.get(0, 0, 0)  # its directory can be read
            kind = reader.header()["tile_type"].name
    if kind is None:
        reject("app.basemap:pmtiles", field=VARIABLE, found=entry)
    return _mime(kind.lower(), entry)


def _mime(kind: str, entry: str) -> str:
    if kind not in KINDS:
        reject("app.basemap:vector", field=VARIABLE, found=entry)
    return KINDS[kind]


def _sqlite(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


@contextlib.contextmanager
def _pmtiles(path: Path) -> Iterator[Any]:
    """Open a PMTiles file: its library is handed what reads a part of it."""
    from pmtiles.reader import Reader

    with path.open("rb") as file:

        def part(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        yield Reader(part)  # type: ignore[no-untyped-call]


def _colours(source: Any, warped: Any) -> npt.NDArray[np.uint8]:
    """Return red, green and blue, one band each."""
    if source.count >= COLOURS:
        return np.asarray(warped.read((1, 2, 3)), np.uint8)
    band = np.asarray(warped.read(1), np.uint8)
    try:
        table = source.colormap(1)
    except ValueError:
        return np.stack([band] * COLOURS)
    colours = np.array([table.get(k, (0, 0, 0, 0))[:COLOURS] for k in range(256)], np.uint8)
    return np.moveaxis(colours[band], -1, 0)


def _encode(colours: npt.NDArray[np.uint8], alpha: npt.NDArray[np.uint8]) -> Picture:
    """Write a whole tile as JPEG, one with clear pixels as PNG."""
    whole, memory = bool(alpha.all()), io.BytesIO()
    bands = colours if whole else np.concatenate([colours, alpha[None]])
    kind = "jpeg" if whole else "png"
    Image.fromarray(np.moveaxis(bands, 0, -1)).save(memory, kind, quality=QUALITY)
    return memory.getvalue(), KINDS[kind]
