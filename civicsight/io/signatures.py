"""What the content of a file says of its format: marks, roots of XML, members of a ZIP.

The name of a file proves nothing, and is asked only where the content of a format has no mark.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

Signature = Callable[["FileHead"], bool]
"""Tells whether what was seen of a file is of one format."""

HEAD_BYTES: Final = 65_536
"""Bytes in which formats are recognised; GDAL looks at far fewer."""

BOM: Final = b"\xef\xbb\xbf"
WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-16."""

ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
"""First bytes of a ZIP; one without members begins with its end."""

SQLITE: Final = b"SQLite format 3\x00"
"""First bytes of any SQLite database; a GeoPackage also has its application id at byte 68."""

JSON_START: Final = (b"{", b"[", b"\x1e")
"""First character of JSON, and of a GeoJSON sequence (RFC 8142: record separator)."""

BEFORE_ROOT: Final = ((b"<?", b"?>"), (b"<!--", b"-->"))
"""What may stand before the first element of XML, with its end."""

CATALOGUE_TABLE: Final = "a00000001.gdbtable"
"""The file that every folder of a FileGDB holds: the list of its tables."""

_PACKED_HEAD: Final = 1 << 20
_NAME: Final = re.compile(rb"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_TILE: Final = re.compile(r"[NS]\d{2}[EW]\d{3}\.hgt", re.IGNORECASE)
_CITY_MODEL: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?CityModel[\s>]")
_CITY_JSON: Final = re.compile(rb'"(?:CityJSON|CityJSONFeature|CityObjects)"')
_CATALOGUE: Final = re.compile(
    r"<(?:Response|Notify|Query)\b.{0,2000}?<CmdType>\s*Catalog\b", re.DOTALL
)
_DXF: Final = re.compile(
    rb"(?:[ \t]*999\r?\n[^\n]*\n)*[ \t]*0[ \t]*\r?\n[ \t]*SECTION[ \t]*\r?\n[ \t]*2[ \t]*\r?\n"
    rb"[ \t]*(?:HEADER|CLASSES|TABLES|BLOCKS|ENTITIES|OBJECTS)\b"
)
_SPREADSHEET: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_GRID: Final = re.compile(
    rb"(?:(?:ncols|nrows|[xy]ll(?:corner|center|centre)|cellsize|d[xy]|nodata_value)"
    rb"[ \t]+\S+\s+){4}",
    re.IGNORECASE,
)
_MIF: Final = re.compile(rb"version[ \t]+\d+", re.IGNORECASE)
_MIF_COLUMNS: Final = re.compile(
    rb"^[ \t]*columns[ \t]+\d+[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_DWG: Final = re.compile(rb"(?:AC10\d\d|AC1\.\d\d?|AC2\.\d\d|MC0\.0)\x00")


@dataclass(frozen=True)
class FileHead:
    """What is seen of a file, or of a folder that is one data set, before anything reads it."""

    path: Path

    @cached_property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path.is_dir()

    @cached_property
    def head(self) -> bytes:
        """The first bytes; none of a folder."""
        if self.is_folder:
            return b""
        with self.path.open("rb") as stream:
            return stream.read(HEAD_BYTES)

    @cached_property
    def tail(self) -> bytes:
        """The last bytes."""
        with self.path.open("rb") as stream:
            stream.seek(max(0, self.path.stat().st_size - HEAD_BYTES))
            return stream.read(HEAD_BYTES)

    @cached_property
    def text(self) -> bytes:
        """The first bytes as text begins: without mark and blanks, UTF-16 as UTF-8."""
        head = self.head
        if head.startswith(WIDE):
            head = head.decode("utf-16", "replace").encode("utf-8", "replace")
        return head.removeprefix(BOM).lstrip()

    @cached_property
    def element(self) -> bytes:
        """XML from its first element or document type on, empty for all else."""
        text = self.text
        while text.startswith(tuple(begin for begin, _ in BEFORE_ROOT)):
            end = next(end for begin, end in BEFORE_ROOT if text.startswith(begin))
            text = text.partition(end)[2].lstrip()
        return text if text.startswith(b"<") else b""

    @cached_property
    def root(self) -> bytes:
        """Name of the first element without its prefix, empty where there is none."""
        found = _NAME.match(self.element)
        return found[2] if found else b""

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Names in a ZIP; of a damaged one what tells whether it was a workbook."""
        if not self.head.startswith(ZIP):
            return ()
        try:
            with zipfile.ZipFile(self.path) as archive:
                return tuple(archive.namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
            with self.path.open("rb") as stream:
                return ("xl/",) if b"xl/" in stream.read(_PACKED_HEAD) else ()


def begins(*marks: bytes) -> Signature:
    """Return the signature of a format whose first bytes are one of some marks."""
    return lambda file: file.head.startswith(marks)


def rooted(*names: bytes) -> Signature:
    """Return the signature of XML whose first element has one of some names."""
    return lambda file: file.root in names


def packed(*ends: str) -> Signature:
    """Return the signature of a ZIP with a member whose name ends in one of some ways."""
    return lambda file: any(name.lower().endswith(ends) for name in file.members)


def is_geopackage(file: FileHead) -> bool:
    """Tell a GeoPackage, of which a project is one."""
    return file.head.startswith(SQLITE) and file.head[68:70] == b"GP"


def is_mbtiles(file: FileHead) -> bool:
    """Tell MBTiles by its application id, or by the columns of its table."""
    marked = file.head[68:72] == b"MPBX" or b"zoom_level" in file.head
    return file.head.startswith(SQLITE) and marked


def is_osm(file: FileHead) -> bool:
    """Tell OpenStreetMap, as PBF or as XML."""
    return b"OSMHeader" in file.head[:512] or file.root == b"osm"


def is_workbook(file: FileHead) -> bool:
    """Tell XLSX and its sisters with macros or in binary."""
    return any(name.startswith("xl/") for name in file.members)


def is_opendocument(file: FileHead) -> bool:
    """Tell a spreadsheet of OpenDocument by its first member, which a locked one has too."""
    if file.head[38:].startswith(_SPREADSHEET):
        return True
    if "mimetype" not in file.members:
        return False
    try:
        with zipfile.ZipFile(file.path) as package, package.open("mimetype") as stated:
            return stated.read(len(_SPREADSHEET)) == _SPREADSHEET
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError):
        return False


def is_ascii_grid(file: FileHead) -> bool:
    """Tell a grid as text by the words of its header."""
    return _GRID.match(file.text) is not None


def is_filegdb(file: FileHead) -> bool:
    """Tell a folder that is a FileGDB."""
    return file.is_folder and (file.path / CATALOGUE_TABLE).is_file()


def is_srtm(file: FileHead) -> bool:
    """Tell a tile of SRTM, which has no mark, by its name; it may be zipped."""
    names = [Path(name).name for name in file.members] or [file.path.name]
    return not file.is_folder and any(_TILE.fullmatch(name) for name in names)


def is_catalogue(file: FileHead) -> bool:
    """Tell a GB/T 28181 catalogue."""
    return _CATALOGUE.search(file.text.decode("latin-1")) is not None


def is_cityjson(file: FileHead) -> bool:
    """Tell CityJSON and sequences of it, by how they begin or end."""
    if not file.text.startswith(b"{"):
        return False
    return (_CITY_JSON.search(file.head) or _CITY_JSON.search(file.tail)) is not None


def is_citygml(file: FileHead) -> bool:
    """Tell CityGML from other GML."""
    return _CITY_MODEL.search(file.head) is not None and b"opengis.net/citygml" in file.head


def is_gml(file: FileHead) -> bool:
    """Tell GML by the namespace that its beginning declares."""
    return bool(file.root) and b"opengis.net/gml" in file.element


def is_geojson(file: FileHead) -> bool:
    """Tell JSON that is nothing else."""
    return file.text.startswith(JSON_START)


def is_tileset(file: FileHead) -> bool:
    """Tell 3D Tiles: the list of the tiles, or a tile."""
    listed = file.text.startswith(b"{") and b'"geometricError"' in file.head
    return listed or file.head.startswith((b"b3dm", b"i3dm", b"pnts", b"cmpt", b"glTF", b"subt"))


def is_dxf(file: FileHead) -> bool:
    """Tell a drawing in the exchange format, as text."""
    return _DXF.match(file.text) is not None


def is_dwg(file: FileHead) -> bool:
    """Tell a drawing in AutoCAD's own format, of any year."""
    return _DWG.match(file.head) is not None


def is_mif(file: FileHead) -> bool:
    """Tell MapInfo's exchange format."""
    return _MIF.match(file.text) is not None and _MIF_COLUMNS.search(file.text) is not None


def is_tab(file: FileHead) -> bool:
    """Tell the file that describes a table of MapInfo."""
    return file.text[:6].lower() == b"!table"


def is_html(file: FileHead) -> bool:
    """Tell a page, whatever a program that wrote it calls it."""
    named = file.element[:14].lower().startswith(b"<!doctype html")
    return named or file.root.lower() in {b"html", b"head", b"body", b"table", b"meta"}


def is_mhtml(file: FileHead) -> bool:
    """Tell a page with its parts in one file, as browsers and platforms save them."""
    return file.text[:13].lower() == b"mime-version:"


def is_typed(file: FileHead) -> bool:
    """Tell XML with a document type, where entities are declared."""
    return file.element.startswith((b"<!DOCTYPE", b"<!ENTITY"))


def is_text(file: FileHead) -> bool:
    """Tell text that is no XML."""
    return not file.is_folder and b"\x00" not in file.head and not file.text.startswith(b"<")
