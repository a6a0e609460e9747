"""Formats that GDAL reads as they are: KML, GPX, GML, MapInfo, FileGDB, FlatGeobuf and PMTiles.

Each is shown to GDAL alone in a folder. XML is walked first: without a document type, not too deep,
and without the schemas that it names, so that nothing of it leads anywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pandas as pd

from civicsight.core.errors import N_, refuse
from civicsight.io.faults import reject
from civicsight.io.format import Format
from civicsight.io.report import Count
from civicsight.io.safe_xml import read_xml, walk
from civicsight.io.source_options import Declared
from civicsight.io.tables.text_files import decodes
from civicsight.io.vectors.files import pick_layer, staged
from civicsight.io.vectors.native import (
    asked,
    decoded,
    layer_of,
    read_gdal,
    refuse_empty,
    require_narrow,
)
from civicsight.io.vectors.shapefile import codec_of, refuse_encoding, shown
from civicsight.io.vectors.shapes import FoundLayer, read_shapes
from civicsight.model.notes import Note, noted

DECLARATION: Final = re.compile(rb"\s*<\?xml\b[^>]*\?>")
SCHEMA: Final = re.compile(
    rb"\s(?:[\w.-]+:)?(?:noNamespaceS|s)chemaLocation\s*=\s*(?:\"[^\"]*\"|'[^']*')"
)
DISPLAY_COLUMNS: Final[dict[str, list[str]]] = {
    "KML": ["altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"],
    "GML": ["lowerCorner", "upperCorner"],
}
"""Columns that say how a place is shown, or what its shape says as well."""

AS_TEXT: Final = {"GML_FIELDTYPES": "ALWAYS_STRING"}
"""Without a schema GDAL would take ``0012`` for twelve."""

FIXED: Final = frozenset({"KML", "GPX"})
"""Formats with columns of their own, which stay empty where nobody fills them."""

WAYS: Final = ("waypoints", "routes", "tracks")
"""Layers of GPX that are no corners of another."""

NAMED: Final = frozenset({"Data", "SimpleData", "SimpleField"})
"""Elements of KML whose column is named by an attribute; others are columns by themselves."""

COUNTED: Final = 100
"""So many layers are looked into for whether they are empty: for each the file is read once."""

CHARSET: Final = re.compile(rb"charset\s+\"([^\"]*)\"", re.IGNORECASE)
NEUTRAL: Final = frozenset({b"", b"neutral"})
"""Character sets of MapInfo that are none."""

TAB_ELSEWHERE: Final = re.compile(
    rb"^\s*(?:file\s|open\s+table|create\s+view)", re.IGNORECASE | re.MULTILINE
)
TAB_NATIVE: Final = re.compile(rb"^\s*type\s+native\b", re.IGNORECASE | re.MULTILINE)

TILED = noted(
    "read.as", N_("tiles cut shapes at their edges and round places: pieces of one id are joined")
)


def read_exchange(file: Path, entry: Format, choice: str | None, declared: Declared) -> FoundLayer:
    """Read one layer of a file.

    Parameters
    ----------
    file, entry
        The file and its format, one that GDAL reads.
    choice
        Name of the layer where there are several.
    declared
        Encoding of text, where the file names none.

    Raises
    ------
    InputError
        If the file is damaged, leads elsewhere or lacks a part, or the layer is unclear.
    """
    return _READERS.get(entry.name, _read_whole)(file, entry, choice, declared)


def _read_xml(file: Path, entry: Format, choice: str | None, declared: Declared) -> FoundLayer:
    source = read_xml(file, declared.encoding)
    seen, columns = Counter[str](), set[str]()
    for event in walk(source):
        if event.kind == "start":
            seen[event.name] += 1
            named = event.name in NAMED and event.attributes.get("name")
            columns.add(named or event.name)
    require_narrow(file, len(columns))
    notes = source.notes
    if entry.name == "KML" and seen["NetworkLink"] and not seen["Placemark"]:
        reject("file.format:links", file.name, found="KML, NetworkLink")
    if entry.name == "KML" and seen["href"]:
        links = N_("links in the file, which are never followed: %(count)s", count=seen["href"])
        notes += (noted("file.unread", links),)
    plain = SCHEMA.sub(b"", DECLARATION.sub(b"", source.data, count=1))
    content = b'<?xml version="1.0" encoding="UTF-8"?>' + plain.lstrip()
    found = _one_layer(file, entry, {f"layer{entry.parts[0]}": content}, choice)
    return found._replace(notes=(*notes, *found.notes), encoding=source.encoding)


def _read_whole(file: Path, entry: Format, choice: str | None, declared: Declared) -> FoundLayer:
    del declared  # it states all of it
    name = "layer.gdb" if file.is_dir() else "layer"
    return _one_layer(file, entry, {name: file}, choice if entry.layered else None)


def _read_tiles(file: Path, entry: Format, choice: str | None, declared: Declared) -> FoundLayer:
    found = _read_whole(file, entry, choice, declared)
    frame = found.frame
    if "mvt_id" in frame and "id" not in frame:
        frame = frame.rename(columns={"mvt_id": "id"})
    return found._replace(frame=frame, notes=(*found.notes, TILED))


def _one_layer(
    file: Path, entry: Format, shown_as: dict[str, Path | bytes], choice: str | None
) -> FoundLayer:
    """Read the layer that is meant of a file as it is shown."""
    import pyogrio

    driver = entry.drivers[0]
    pyogrio.set_gdal_config_options(AS_TEXT)
    with staged(shown_as) as folder:
        path = folder / next(iter(shown_as))
        name = pick_layer(file, *_layers(path, file, driver), choice)
        meta, table, blobs = read_gdal(path, file, driver, layer=name)
    left: tuple[Count, ...] = ()
    if entry.name == "KML" and "icon" in table:
        # Of a picture over the map GDAL makes a rectangle, which is no place.
        places = table["icon"].isna().to_numpy()
        label = N_("pictures laid over the map, no place")
        left = (Count("excluded.picture", label, int((~places).sum())),)
        table, blobs = table[places].reset_index(drop=True), blobs[places]
    if not len(table):
        refuse_empty(file)
    table = table.drop(columns=DISPLAY_COLUMNS.get(entry.name, []), errors="ignore")
    if entry.name in FIXED:
        table = table.dropna(axis=1, how="all")
    return layer_of(table, read_shapes(blobs, file.name), meta["crs"])._replace(left=left)


def _layers(path: Path, file: Path, driver: str) -> tuple[list[str], list[str]]:
    """Return the layers that hold something with a shape, and all of them."""
    import pyogrio

    with asked(path, file, driver):
        found = pyogrio.list_layers(path)
        every = [str(name) for name, _ in found]
        shaped = [str(name) for name, kind in found if kind is not None]
        meant = [name for name in shaped if name in WAYS] if driver == "GPX" else shaped
        if 1 < len(meant) <= COUNTED:
            meant = [
                name
                for name in meant
                if pyogrio.read_info(path, layer=name, force_feature_count=True)["features"]
            ]
    return meant or every, every


def _read_mapinfo(file: Path, entry: Format, choice: str | None, declared: Declared) -> FoundLayer:
    del choice  # one file is one layer
    with file.open("rb") as stream:
        head = stream.read(1 << 16)
    if entry.name == "TAB" and (TAB_ELSEWHERE.search(head) or not TAB_NATIVE.search(head)):
        expected = N_("a table of MapInfo that holds its rows itself")
        remedy = N_("In MapInfo: Save Copy As, MapInfo table, and give that.")
        refuse("file.format", file.name, expected, remedy, found="TAB")
    beside = {path.name.lower(): path for path in file.parent.iterdir()}
    places = {end: beside.get(f"{file.stem}{end}".lower()) for end in entry.parts[1:]}
    missing = [end for end, path in places.items() if path is None and end != ".ind"]
    if missing:
        expected = N_("all files of a table of MapInfo, under one name")
        refuse("mapinfo.incomplete", file.name, expected, entry.advice, found=", ".join(missing))
    members = {entry.parts[0]: file, **{end: path for end, path in places.items() if path}}
    charset = CHARSET.search(head)
    bare = charset is None or charset[1].lower() in NEUTRAL
    shown_as: dict[str, Path | bytes] = {f"layer{end}": path for end, path in members.items()}
    with staged(shown_as) as folder:
        path = folder / f"layer{entry.parts[0]}"
        encoding = "ISO-8859-1" if bare else "UTF-8"
        meta, table, blobs = read_gdal(path, file, entry.drivers[0], encoding=encoding)
    name, notes = ("", ()) if not bare else _encoding(table, declared.encoding, file.name)
    table = decoded(table, name) if bare else table
    return layer_of(table, read_shapes(blobs, file.name), meta["crs"], notes, shown(name))


def _encoding(table: pd.DataFrame, declared: str | None, file: str) -> tuple[str, tuple[Note, ...]]:
    """Return the codec of text whose file names none: as declared, else UTF-8, else GB18030."""
    texts = [str(name) for name in table.columns]
    texts += [v for name in table for v in table[name] if isinstance(v, str)]
    joined = "\n".join(texts).encode("latin-1", "replace")
    tried = ("utf-8", "gb18030") if declared is None else (codec_of(declared) or "utf-8",)
    name = next((codec for codec in tried if decodes(joined, codec)), "")
    if not name:
        expected = N_("text in UTF-8 or GB18030")
        refuse_encoding(file, expected, declared or "", "encoding" if declared else "")
    note = noted(
        "read.as",
        N_(
            "the file names no text encoding; all its text reads as %(name)s. Declare the "
            "encoding if names look wrong.",
            name=shown(name),
        ),
    )
    return name, () if joined.isascii() or declared else (note,)


_READERS: Final[dict[str, Callable[[Path, Format, str | None, Declared], FoundLayer]]] = {
    "KML": _read_xml,
    "GPX": _read_xml,
    "GML": _read_xml,
    "PMTiles": _read_tiles,
    "MIF": _read_mapinfo,
    "TAB": _read_mapinfo,
}
"""Formats that need more than to be shown to GDAL; for others a line of the table is enough."""
