"""Geometries as a GeoPackage keeps them: a header with the CRS and the envelope, then WKB.

References
----------
OGC 12-128r19, GeoPackage Encoding Standard 1.4, clause 2.1.3.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from civicsight.core.bounded.wkb import load_wkb

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
