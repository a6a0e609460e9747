"""From a table with geometries to rows of GeoPackage geometries and JSON, and back, losslessly."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.bounded.text import load_crs, load_json
from civicsight.core.bounded.wkb import load_wkb
from civicsight.core.errors import InputError
from civicsight.store.faults import fault, reject
from civicsight.store.records import as_text

MAGIC: Final = b"GP\x00"
LITTLE_ENDIAN, ENVELOPE_XY, EMPTY = 0b1, 0b10, 0b1_0000
ENVELOPE_KIND = 0b1110
ENVELOPE_BYTES: Final = (0, 32, 48, 48, 64)
HEADER: Final = struct.Struct("<3sBi")
HEADER_XY: Final = struct.Struct("<3sBi4d")
POINT: Final = struct.Struct("<BI2d")

TYPE_NAMES: Final = (
    "POINT",
    "LINESTRING",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
)
"""Names by the number that GEOS gives a type; a ring is kept as a line."""


def encode(shapes: npt.NDArray[np.object_], srs_id: int) -> list[bytes | None]:
    """Return the blobs of geometries; a missing one has none."""
    bodies = shapely.to_wkb(shapes, flavor="iso", byte_order=1)
    bounds = shapely.bounds(shapes).reshape(-1, 4).tolist()
    points = shapely.get_type_id(shapes) == 0
    rows = zip(bodies, bounds, points, shapely.is_empty(shapes), strict=True)
    return [
        None if body is None else _header(box, srs_id, bare=bool(point), empty=bool(empty)) + body
        for body, box, point, empty in rows
    ]


def _header(box: list[float], srs_id: int, *, bare: bool, empty: bool) -> bytes:
    """Write a header; points, whose envelope says nothing new, and empty shapes have none."""
    if empty or bare:
        return HEADER.pack(MAGIC, LITTLE_ENDIAN | (EMPTY if empty else 0), srs_id)
    low_x, low_y, high_x, high_y = box
    flags = LITTLE_ENDIAN | ENVELOPE_XY
    return HEADER_XY.pack(MAGIC, flags, srs_id, low_x, high_x, low_y, high_y)


def decode(blobs: list[bytes | None]) -> npt.NDArray[np.object_]:
    """Return the geometries of blobs whose digest was compared before.

    Raises
    ------
    ValueError
        If one is none: whoever rewrites a file can make its digests as well.
    """
    bodies = [None if blob is None else blob[header_length(blob) :] for blob in blobs]
    return load_wkb(bodies)


def header_length(blob: bytes) -> int:
    """Return where the WKB of a blob begins."""
    return HEADER.size + ENVELOPE_BYTES[(blob[3] & ENVELOPE_KIND) >> 1]


def type_name(shapes: npt.NDArray[np.object_]) -> str:
    """Name the one type of all shapes, or GEOMETRY where there are several or none."""
    kinds = {int(kind) for kind in np.unique(shapely.get_type_id(shapes)) if kind >= 0}
    names = {TYPE_NAMES[kind] for kind in kinds}
    return names.pop() if len(names) == 1 else "GEOMETRY"


def total_bounds(shapes: npt.NDArray[np.object_]) -> list[float] | None:
    """Return the box around all shapes, or None if there is nothing in it."""
    boxes = shapely.bounds(shapes).reshape(-1, 4)
    boxes = boxes[~np.isnan(boxes).any(axis=1)]
    if not len(boxes):
        return None
    low, high = boxes.min(axis=0), boxes.max(axis=0)
    return [float(value) for value in (*low[:2], *high[2:])]


def box_of(blob: bytes | None) -> tuple[float, float, float, float] | None:
    """Return ``min_x, max_x, min_y, max_y`` of a blob; None if it is empty or not readable."""
    if not isinstance(blob, bytes) or len(blob) < HEADER.size or blob[3] & EMPTY:
        return None
    if blob[3] & ENVELOPE_KIND == ENVELOPE_XY and len(blob) >= HEADER_XY.size:
        box: tuple[float, float, float, float] = HEADER_XY.unpack_from(blob)[3:]
        return box
    if len(blob) < HEADER.size + POINT.size:
        return None
    _, _, x, y = POINT.unpack_from(blob, HEADER.size)
    return x, x, y, y


OWN_CRS_ID: Final = 990_001
"""Number in the file of a CRS that no registry knows; a store has one CRS at most."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""Names that may become part of a statement: of layers, and of the columns that a layer shows."""

TAKEN: Final = frozenset({"store", "plan", "plan_version", "feature", "document", "audit"}) | {
    "plans",
    "opinions",
    "approvals",
}
"""Names that the tables and views of a store have already."""

DTYPES: Final = {"float": "float64", "int": "int64", "bool": "bool", "string": "str"}
"""Types of columns; texts and what JSON holds are objects."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a layer as it is kept."""

    layer: str
    position: int
    feature_id: str
    properties: str
    geom: bytes | None


@dataclass(frozen=True, slots=True)
class PackedLayer:
    """A layer as it is kept: its rows, and what is needed to make the same table of them again."""

    about: dict[str, Any]
    rows: list[Row]


def pack_layer(name: str, frame: pd.DataFrame) -> PackedLayer:
    """Turn a table into rows.

    Parameters
    ----------
    name
        Name of the layer: small Latin letters, digits and underscores.
    frame
        A DataFrame, or a GeoDataFrame with a CRS; its index is the unique text id of a row. Columns
        hold numbers, yes or no, text, or what JSON can hold; NaN and None are unknown.

    Raises
    ------
    InputError
        If the name is taken, an id repeats, a geometry is not finite, or a value cannot be kept.
    """
    if not NAME.fullmatch(name) or name in TAKEN or name.startswith(("gpkg_", "rtree_", "sqlite_")):
        reject("store.layer_name", name)
    _require_ids(name, frame)
    placed = isinstance(frame, gpd.GeoDataFrame)
    about: dict[str, Any] = {"index": frame.index.name or "id", "count": len(frame)}
    blobs: list[bytes | None] = [None] * len(frame)
    if placed:
        blobs = _pack_shapes(name, frame, about)
        frame = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    kinds = {str(column): _kind(frame[column]) for column in frame.columns}
    about["columns"] = [[column, kind] for column, kind in kinds.items()]
    columns = [
        [_plain(value) for value in frame[column].astype(object).tolist()]
        for column in frame.columns
    ]
    names = list(kinds)
    records = list(zip(*columns, strict=True)) if columns else [()] * len(frame)
    texts = [
        _record(name, str(label), dict(zip(names, record, strict=True)))
        for label, record in zip(frame.index, records, strict=True)
    ]
    ids = frame.index.astype(str)
    rows = [
        Row(name, number, *row) for number, row in enumerate(zip(ids, texts, blobs, strict=True))
    ]
    return PackedLayer(about, rows)


def unpack_layer(about: Mapping[str, Any], rows: list[Row]) -> pd.DataFrame:
    """Return the table that `pack_layer` took apart; a geometry is its last column."""
    ids = pd.Index([row.feature_id for row in rows], name=about["index"], dtype=object)
    index = ids.astype(str)
    records = [load_json(row.properties) for row in rows]
    columns = {
        column: pd.Series(
            [record[column] for record in records], index=index, dtype=DTYPES.get(kind, "object")
        )
        for column, kind in about["columns"]
    }
    frame = pd.DataFrame(columns, index=index)
    if "crs" not in about:
        return frame
    shapes = decode([row.geom for row in rows])
    place = gpd.GeoSeries(shapes, index=index, crs=load_crs(about["crs"]))
    name = about["geometry"]
    return gpd.GeoDataFrame(frame.assign(**{name: place}), geometry=name, crs=place.crs)


def crs_id(crs: CRS) -> int:
    """Return the number of a CRS in the file: that of EPSG where there is one."""
    code = crs.to_epsg()
    return OWN_CRS_ID if code is None else int(code)


def _require_ids(name: str, frame: pd.DataFrame) -> None:
    ids = frame.index.astype(str)
    bad = sorted(set(ids[ids.duplicated()]))
    if frame.index.hasnans or bad:
        raise InputError(
            [
                fault("store.repeated_id", name, label, str(frame.index.name or "id"), label)
                for label in bad or [""]
            ]
        )


def _pack_shapes(name: str, frame: gpd.GeoDataFrame, about: dict[str, Any]) -> list[bytes | None]:
    if frame.crs is None:
        reject("store.crs:none", name)
    shapes = frame.geometry.to_numpy()
    lost = ~np.isfinite(shapely.bounds(shapes).reshape(-1, 4)).all(axis=1)
    lost &= ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    for label in frame.index[lost][:1]:
        reject("store.geometry", name, str(label), str(frame.geometry.name))
    # The older WKT is what every reader of GeoPackages knows, but not every CRS has one.
    older = frame.crs.to_wkt("WKT1_GDAL") if frame.crs.to_epsg() else None
    about |= {
        "geometry": str(frame.geometry.name),
        "crs": frame.crs.to_wkt(),
        "srs_id": crs_id(frame.crs),
        "crs_name": frame.crs.name,
        "definition": older or frame.crs.to_wkt(),
        "type": type_name(shapes),
        "z": 2 if shapely.has_z(shapes).any() else 0,
        "bounds": total_bounds(shapes),
    }
    return encode(shapes, about["srs_id"])


def _kind(values: pd.Series) -> str:
    """Tell how a column is kept; `object` columns that are not all text are kept as JSON."""
    if pd.api.types.is_bool_dtype(values) and not values.isna().any():
        return "bool"
    if pd.api.types.is_integer_dtype(values) and not values.isna().any():
        return "int"
    if pd.api.types.is_float_dtype(values):
        return "float"
    if isinstance(values.dtype, pd.StringDtype):
        return "string"
    known = values[values.notna()] if values.dtype != object else values
    texts = known.map(lambda value: value is None or isinstance(value, str))
    return "text" if bool(texts.all()) else "json"


def _record(name: str, label: str, record: dict[str, Any]) -> str:
    try:
        return as_text(record)
    except (TypeError, ValueError) as error:
        bad = next(column for column, value in record.items() if not _fits(value))
        flaw = fault("store.value", name, label, bad, repr(record[bad]))
        raise InputError([flaw]) from error


def _fits(value: object) -> bool:
    try:
        as_text(value)
    except (TypeError, ValueError):
        return False
    return True


def _plain(value: Any) -> Any:
    """Return a value without numpy's types; what is not known is None."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float) and np.isnan(value):
        return None
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value


def pack_document(name: str, value: Any) -> str:
    """Return a document as the JSON text that is kept.

    Raises
    ------
    InputError
        If it holds something that JSON does not know.
    """
    record = {name: _plain(value)}
    _record("documents", name, record)
    return as_text(record[name])
