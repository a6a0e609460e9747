"""Files as they come: known by their content, read only while nobody changes them."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from civicsight.city.refusal import refuse
from civicsight.errors import N_, Text

SQLITE = b"SQLite format 3\x00"
"""First bytes of any SQLite database; a GeoPackage also has its application id at byte 68."""

MAGIC = (
    (b"fgb\x03fgb", "FlatGeobuf"),
    (b"PAR1", "Parquet"),
    (b"\x00\x00\x27\x0a", "ESRI Shapefile"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
)
"""First bytes of the formats that have some; a ZIP without members begins with its end."""

OSM_XML = re.compile(rb"(<\?xml[^>]*>\s*)?(<!--(?>.*?-->)\s*)*+<osm[\s>]", re.DOTALL)
"""Beginning of OSM XML; a comment ends at its first end, or many of them would take for ever."""

JSON_START = (b"{", b"[", b"\x1e")
"""First character of JSON, and of a GeoJSON sequence (RFC 8142: record separator)."""

BOM = b"\xef\xbb\xbf"
HEAD_BYTES = 65_536
"""Bytes in which formats are recognised; GDAL looks at far fewer."""

ELSEWHERE: tuple[tuple[bytes, str], ...] = (
    (b"<OGRVRTDataSource", "GDAL VRT"),
    (b"<VRTDataset", "GDAL VRT"),
    (b"gdal_streamed_alg", "GDALG"),
    (b"<OGRWFSDataSource", "WFS"),
    (b"<OGRWFS3DataSource", "OGC API"),
    (b"<OGROAPIFDataSource", "OGC API"),
    (b"<OGRCSWDataSource", "CSW"),
    (b"WFS_Capabilities", "WFS"),
    (b"<GDAL_WMS", "WMS"),
    (b"<kml", "KML"),
    (b"opengis.net/kml", "KML"),
    (b"opengis.net/gml", "GML"),
    (b"<gml:", "GML"),
    (b"<!DOCTYPE", "XML with a document type"),
    (b"<!ENTITY", "XML with entities"),
)
"""What names a format that points to other files or addresses, or whose reading may follow links.

GDAL opens any of them under any name: a VRT called ``a.geojson`` hands out what it points to.
"""


def require_file(path: str | Path) -> Path:
    """Return a path to an existing local file.

    Raises
    ------
    InputError
        If it does not exist, is a folder or is empty; addresses and GDAL's virtual paths never
        exist.
    """
    file = Path(path).absolute()
    try:
        found = file.is_file()
    except (OSError, ValueError):  # a name with NUL, or longer than the system allows
        found = False
    if not found:
        refuse("file.missing", file.name, N_("an existing file"), N_("Check the path."))
    if file.stat().st_size == 0:
        refuse(
            "file.empty",
            file.name,
            N_("a file with content"),
            N_("Export or download the file again."),
            found="0 bytes",
        )
    return file


def head_of(file: Path) -> bytes:
    """Return the first bytes of a file.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    try:
        with file.open("rb") as stream:
            return stream.read(HEAD_BYTES)
    except OSError as error:
        return refuse_unreadable(file, error)


def sniff(path: Path) -> str:
    """Name the format of a file by its first bytes.

    Returns
    -------
    str
        ``GPKG``, ``ESRI Shapefile``, ``FlatGeobuf``, ``GeoJSON``, ``Parquet``, ``OSM``, ``ZIP``,
        ``text``, or empty for others.
    """
    head = head_of(path)
    if head.startswith(SQLITE) and head[68:70] == b"GP":
        return "GPKG"
    for start, name in MAGIC:
        if head.startswith(start):
            return name
    text = head.removeprefix(BOM).lstrip()
    if b"OSMHeader" in head[:512] or OSM_XML.match(text):
        return "OSM"
    if text.startswith(JSON_START):
        return "GeoJSON"
    return "" if b"\x00" in head or text.startswith(b"<") else "text"


def pointing_elsewhere(head: bytes) -> str:
    """Name the format that would lead to other files or addresses, empty for all others."""
    return next((name for mark, name in ELSEWHERE if mark in head), "")


def refuse_unreadable(file: Path, error: OSError) -> bytes:
    """Refuse a file that the system does not hand out."""
    gone = isinstance(error, FileNotFoundError)
    return refuse(
        "file.missing" if gone else "file.unreadable",
        file.name,
        N_("an existing file") if gone else N_("a file that may be read"),
        N_("Check the path.") if gone else N_("Ask for the right to read it, or copy the file."),
        found=error.strerror or "",
    )


@contextmanager
def unchanged(file: Path, beside: Sequence[Path] = ()) -> Iterator[None]:
    """Make sure that nobody writes to a file, or takes it away, while it is read.

    Raises
    ------
    InputError
        If size, time or identity differ afterwards: what was read would be neither the old nor the
        new file. Faults found in the meantime are dropped for this one, as they may come from it.
    """
    watched = (file, *beside)
    before = [_state(path) for path in watched]
    try:
        yield
    finally:
        for path, state in zip(watched, before, strict=True):
            if _state(path) != state:
                refuse(
                    "file.changed",
                    path.name,
                    N_("a file that nobody changes while it is read"),
                    N_("Close the program that writes to it, then try again."),
                    found="changed" if path.exists() else "gone",
                )


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


@contextmanager
def staged(members: dict[str, Path]) -> Iterator[Path]:
    """Show files to a native reader in a folder of their own, under plain names.

    So the reader finds exactly the companions that were checked, and a name such as ``a!b.zip``
    or ``/vsicurl`` means nothing to it. The folder holds links; where the system has none, copies.

    Parameters
    ----------
    members
        File by the name that the reader shall see.
    """
    with tempfile.TemporaryDirectory(prefix="civicsight-") as name:
        folder = Path(name)
        for shown, real in members.items():
            try:
                (folder / shown).symlink_to(real)
            except OSError:  # Windows asks for a privilege
                shutil.copyfile(real, folder / shown)
        yield folder


ADVICE: dict[str, Text] = {
    "KML": N_("Convert it with QGIS to GeoPackage; links in it are never followed."),
    "GML": N_("Convert it with QGIS to GeoPackage; schemas and entities are never followed."),
}
"""What to do with a format of `ELSEWHERE`; for the others the data themselves are needed."""


def refuse_foreign(file: Path, kind: str, known: Text) -> None:
    """Refuse a format that is not read, without a word of its content in the message.

    Raises
    ------
    InputError
        Always.
    """
    elsewhere = pointing_elsewhere(head_of(file))
    fallback = (
        N_("Export the data it points to as GeoPackage; references are never followed.")
        if elsewhere
        else N_("Convert the file with QGIS.")
    )
    refuse(
        "file.format",
        file.name,
        known,
        ADVICE.get(elsewhere, fallback),
        found=elsewhere or kind or "unknown format",
    )
