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

Signature = Callable[["Look"], bool]
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

ASIDE: Final = ((b"<?", b"?>"), (b"<!--", b"-->"))
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
class Look:
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
        while text.startswith(tuple(begin for begin, _ in ASIDE)):
            end = next(end for begin, end in ASIDE if text.startswith(begin))
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
    return lambda look: look.head.startswith(marks)


def rooted(*names: bytes) -> Signature:
    """Return the signature of XML whose first element has one of some names."""
    return lambda look: look.root in names


def packed(*ends: str) -> Signature:
    """Return the signature of a ZIP with a member whose name ends in one of some ways."""
    return lambda look: any(name.lower().endswith(ends) for name in look.members)


def is_geopackage(look: Look) -> bool:
    """Tell a GeoPackage, of which a project is one."""
    return look.head.startswith(SQLITE) and look.head[68:70] == b"GP"


def is_mbtiles(look: Look) -> bool:
    """Tell MBTiles by its application id, or by the columns of its table."""
    marked = look.head[68:72] == b"MPBX" or b"zoom_level" in look.head
    return look.head.startswith(SQLITE) and marked


def is_osm(look: Look) -> bool:
    """Tell OpenStreetMap, as PBF or as XML."""
    return b"OSMHeader" in look.head[:512] or look.root == b"osm"


def is_workbook(look: Look) -> bool:
    """Tell XLSX and its sisters with macros or in binary."""
    return any(name.startswith("xl/") for name in look.members)


def is_opendocument(look: Look) -> bool:
    """Tell a spreadsheet of OpenDocument by its first member, which a locked one has too."""
    if look.head[38:].startswith(_SPREADSHEET):
        return True
    if "mimetype" not in look.members:
        return False
    try:
        with zipfile.ZipFile(look.path) as package, package.open("mimetype") as stated:
            return stated.read(len(_SPREADSHEET)) == _SPREADSHEET
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError):
        return False


def is_ascii_grid(look: Look) -> bool:
    """Tell a grid as text by the words of its header."""
    return _GRID.match(look.text) is not None


def is_filegdb(look: Look) -> bool:
    """Tell a folder that is a FileGDB."""
    return look.is_folder and (look.path / CATALOGUE_TABLE).is_file()


def is_srtm(look: Look) -> bool:
    """Tell a tile of SRTM, which has no mark, by its name; it may be zipped."""
    names = [Path(name).name for name in look.members] or [look.path.name]
    return not look.is_folder and any(_TILE.fullmatch(name) for name in names)


def is_catalogue(look: Look) -> bool:
    """Tell a GB/T 28181 catalogue."""
    return _CATALOGUE.search(look.text.decode("latin-1")) is not None


def is_cityjson(look: Look) -> bool:
    """Tell CityJSON and sequences of it, by how they begin or end."""
    if not look.text.startswith(b"{"):
        return False
    return (_CITY_JSON.search(look.head) or _CITY_JSON.search(look.tail)) is not None


def is_citygml(look: Look) -> bool:
    """Tell CityGML from other GML."""
    return _CITY_MODEL.search(look.head) is not None and b"opengis.net/citygml" in look.head


def is_gml(look: Look) -> bool:
    """Tell GML by the namespace that its beginning declares."""
    return bool(look.root) and b"opengis.net/gml" in look.element


def is_geojson(look: Look) -> bool:
    """Tell JSON that is nothing else."""
    return look.text.startswith(JSON_START)


def is_tileset(look: Look) -> bool:
    """Tell 3D Tiles: the list of the tiles, or a tile."""
    listed = look.text.startswith(b"{") and b'"geometricError"' in look.head
    return listed or look.head.startswith((b"b3dm", b"i3dm", b"pnts", b"cmpt", b"glTF", b"subt"))


def is_dxf(look: Look) -> bool:
    """Tell a drawing in the exchange format, as text."""
    return _DXF.match(look.text) is not None


def is_dwg(look: Look) -> bool:
    """Tell a drawing in AutoCAD's own format, of any year."""
    return _DWG.match(look.head) is not None


def is_mif(look: Look) -> bool:
    """Tell MapInfo's exchange format."""
    return _MIF.match(look.text) is not None and _MIF_COLUMNS.search(look.text) is not None


def is_tab(look: Look) -> bool:
    """Tell the file that describes a table of MapInfo."""
    return look.text[:6].lower() == b"!table"


def is_html(look: Look) -> bool:
    """Tell a page, whatever a program that wrote it calls it."""
    named = look.element[:14].lower().startswith(b"<!doctype html")
    return named or look.root.lower() in {b"html", b"head", b"body", b"table", b"meta"}


def is_mhtml(look: Look) -> bool:
    """Tell a page with its parts in one file, as browsers and platforms save them."""
    return look.text[:13].lower() == b"mime-version:"


def is_typed(look: Look) -> bool:
    """Tell XML with a document type, where entities are declared."""
    return look.element.startswith((b"<!DOCTYPE", b"<!ENTITY"))


def is_text(look: Look) -> bool:
    """Tell text that is no XML."""
    return not look.is_folder and b"\x00" not in look.head and not look.text.startswith(b"<")
