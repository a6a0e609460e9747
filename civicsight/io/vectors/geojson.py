"""GeoJSON without GDAL: a fault is named by line or feature, and no link is ever followed.

References
----------
RFC 7946, The GeoJSON Format; RFC 8142, GeoJSON Text Sequences; the ``crs`` member is that of the
specification of 2008, which planning offices still write.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from civicsight.core.errors import N_, Fault
from civicsight.core.progress import counted
from civicsight.io.crs import LONLAT
from civicsight.io.faults import fault, reject
from civicsight.io.source_options import NOTHING, Declared, assumed_datum
from civicsight.io.tables.text_files import MAX_COLUMNS
from civicsight.io.vectors.files import require_size
from civicsight.io.vectors.shapefile import codec_of, shown
from civicsight.io.vectors.shapes import (
    EXPECTED,
    REMEDY,
    Broken,
    Built,
    FoundLayer,
    build,
    closed_fault,
)
from civicsight.model.notes import Note

MAX_BYTES = 1 << 30
"""Larger GeoJSON files are refused: as GeoPackage they are smaller and faster."""

SEPARATOR = "\x1e"
"""Begins each text of a sequence after RFC 8142."""

CRS_NAME = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?"
    r"(EPSG|OGC|ESRI|IGNF)[:/](?:[\d.]*[:/])?(\w+)",
    re.IGNORECASE,
)
"""Name of a CRS in a registry. Other spellings could make PROJ open files."""

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character, which JSON can spell and nothing can write."""


class Repeated(ValueError):  # noqa: N818 - what the name is
    """A name stands more than once in one object."""

    def __init__(self, name: str, feature: int) -> None:
        super().__init__(name)
        self.name, self.feature = name, feature


class _Texts(NamedTuple):
    """Features as found, and the members beside them."""

    features: list[Any]
    crs: object = None


def read_geojson(path: Path, _: str | None = None, declared: Declared = NOTHING) -> FoundLayer:
    """Read a FeatureCollection, a single Feature, or a sequence of Features.

    Parameters
    ----------
    path
        JSON; features one a line, or each behind a record separator.
    declared
        Encoding; UTF-8 by default, as the standard demands. CRS of a file without a ``crs`` member;
        WGS 84 by default, as the standard of 2016 demands: older programs leave the member out for
        any system.

    Returns
    -------
    FoundLayer
        One row a feature, in its order; a property of the name ``geometry`` is dropped. `faults`
        name features whose geometry cannot be built; their rows have none.

    Raises
    ------
    InputError
        If the file is no JSON, holds no features, is too large, or has a CRS that is not named.
    """
    require_size(path, MAX_BYTES, N_("Convert the file to GeoPackage."))
    encoding = declared.encoding
    crs = declared.crs or (LONLAT if declared.datum else None)
    codec = "utf-8-sig" if encoding is None else codec_of(encoding)
    try:
        text = path.read_bytes().decode(codec or "utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse_damaged(
            path, f"byte {error.start}", f"not {shown(codec or '').removesuffix('-sig').upper()}"
        )
    texts = _parse(path, text)
    found, notes = _crs(texts.crs, path.name, crs)
    if not texts.features:
        reject("file.no_features", path.name, field="features", found="0")
    places: list[Built] = []
    faults: list[Fault] = []
    for number, feature in enumerate(counted(texts.features, len(texts.features)), start=1):
        place, fault = _geometry(feature, number, path.name)
        places.append(place)
        faults += [] if fault is None else [fault]
    rows = [_properties(feature) for feature in texts.features]
    names = {name for row in rows for name in row}
    if len(names) > MAX_COLUMNS:
        reject(
            "geojson.properties:columns",
            path.name,
            field="properties",
            found=str(len(names)),
            limit=MAX_COLUMNS,
        )
    geometry = np.empty(len(places), object)
    geometry[:] = [place.geometry for place in places]
    table = pd.DataFrame(rows if any(rows) else None, index=range(len(rows)))
    frame = gpd.GeoDataFrame(table, geometry=geometry, crs=found)
    mended = tuple(closed_fault(path.name, str(n + 1)) for n, p in enumerate(places) if p.closed)
    name = "UTF-8" if encoding is None else shown(codec_of(encoding) or encoding)
    z = any(place.has_z for place in places)
    return FoundLayer(frame, tuple(faults), mended, notes, name, z)


def _refuse_damaged(path: Path, where: str, found: str) -> NoReturn:
    reject("geojson.damaged", path.name, where, found=found)


def _parse(path: Path, text: str) -> _Texts:
    """Tell a collection from a sequence."""
    if text.lstrip(" \t\r\n").startswith(SEPARATOR):  # Python counts it as a blank
        return _Texts(_records(path, text))
    try:
        data = _loaded(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text[: error.pos].rstrip(" \t\r").endswith("\n"):
            lines = enumerate(text.split("\n"))
            return _Texts([_one(path, line, number) for number, line in lines if line.strip()])
        _refuse_json(path, error, 0)
    except (RecursionError, ValueError) as error:
        _refuse_json(path, error, 0)
    if isinstance(data, dict) and isinstance(data.get("features"), list):
        return _Texts(data["features"], data.get("crs"))
    if isinstance(data, dict) and data.get("type") == "Feature":
        return _Texts([data], data.get("crs"))
    found = type(data).__name__ if not isinstance(data, dict) else str(data.get("type"))[:100]
    return reject("geojson.collection", path.name, field="type", found=found)


SURROGATE_SPELT = re.compile(r"\\u[dD][89abAB]")
"""How JSON spells what may be half of a character."""


def _records(path: Path, text: str) -> list[Any]:
    """Read the texts of a sequence; each may run over several lines."""
    found, line = [], 0
    for record in text.split(SEPARATOR):
        if record.strip():
            found.append(_one(path, record, line))
        line += record.count("\n")
    return found


def _one(path: Path, text: str, line: int) -> Any:
    try:
        return _loaded(text)
    except (RecursionError, ValueError) as error:
        _refuse_json(path, error, line)


def _loaded(text: str) -> Any:
    """Read JSON whose objects have each name once (RFC 8259, 4: readers differ in what they take).

    Raises
    ------
    Repeated
        With the name, and how many features were whole before.
    """
    whole = 0

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal whole
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            raise Repeated(next(name for name in names if names.count(name) > 1), whole + 1)
        whole += found.get("type") == "Feature"
        return found

    data = json.loads(text, object_pairs_hook=once)
    return _clean(data) if SURROGATE_SPELT.search(text) else data


def _refuse_json(path: Path, error: Exception, line: int) -> NoReturn:
    """Refuse text that is no JSON; `line` lines stand before it."""
    if isinstance(error, Repeated):
        reject(
            "geojson.name_twice",
            path.name,
            f"line {line + 1}" if line else str(error.feature),
            "properties",
            error.name[:100],
        )
    if isinstance(error, json.JSONDecodeError):
        where, found = f"line {line + error.lineno}, column {error.colno}", error.msg
    elif isinstance(error, RecursionError):
        where, found = f"line {line + 1}" if line else "", "nested too deeply"
    else:  # an integer with more digits than Python reads
        where, found = f"line {line + 1}" if line else "", "a number with thousands of digits"
    _refuse_damaged(path, where, found)


def _clean(data: Any) -> Any:
    """Return parsed JSON with halves of characters replaced."""
    if isinstance(data, str):
        return SURROGATE.sub("\ufffd", data)
    if isinstance(data, list):
        return [_clean(member) for member in data]
    if isinstance(data, dict):
        return {_clean(key): _clean(value) for key, value in data.items()}
    return data


def _crs(member: object, file: str, declared: CRS | None) -> tuple[CRS, tuple[Note, ...]]:
    """Honour a named CRS; a link would have to be fetched and is refused."""
    if member is None:
        return (LONLAT, (assumed_datum(),)) if declared is None else (declared, ())
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(member, dict) and member.get("type") == "name" and isinstance(name, str):
        known = CRS_NAME.fullmatch(name.strip())
        try:
            if known:
                return CRS.from_authority(known[1].upper(), known[2]), ()
        except CRSError:
            pass
    return reject("geojson.crs", file, field="crs", found=str(member)[:100])


def _properties(feature: object) -> dict[str, Any]:
    """Return the properties of a feature with its id."""
    if not isinstance(feature, dict):
        return {}
    properties = feature.get("properties")
    row = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature and "id" not in row:
        row["id"] = feature["id"]
    row.pop("geometry", None)
    return row


def _geometry(feature: object, number: int, file: str) -> tuple[Built, Fault | None]:
    if not isinstance(feature, dict):
        return Built(None), fault(
            "geojson.feature", file, str(number), found=type(feature).__name__
        )
    found = feature.get("geometry")
    if found is None:
        return Built(None), None
    try:
        return build(found), None
    except Broken as broken:
        code, value = broken.flaw
        return Built(None), Fault(
            code,
            file,
            str(number),
            "geometry",
            value,
            EXPECTED.get(code, N_("a geometry with complete coordinates")),
            REMEDY.get(code, N_("Draw the feature again.")),
        )
