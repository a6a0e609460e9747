"""Well-known binary, walked before any native code sees it.

GEOS follows nested collections with the machine's stack: 100 000 of them in each other, less than
a megabyte, end the process. So every geometry from a database or a Parquet file is walked here
first, without recursion, and only what is flat, complete and of straight lines goes on.

References
----------
OGC 06-103r4 (ISO 19125-1), clause 8: well-known binary; ISO/IEC 13249-3 for the codes of curves and
of Z and M (thousands); EWKB puts Z, M and SRID into the high bits of the code.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely

from civicsight.core.arrays import ObjectArray

MAX_DEPTH = 4
"""Collections in collections; real layers have one or two levels."""

LEAST_MEMBER = 9
"""Bytes of the smallest member of a collection: an empty one."""

MAX_VERTICES = 10_000_000
"""Coordinates of one geometry; the outline of a country in full detail has fewer."""

POINT, LINE, POLYGON, COLLECTION = 1, 2, 3, 7
FLAT = {POINT, LINE, POLYGON}
GATHERED = {4: POINT, 5: LINE, 6: POLYGON, COLLECTION: None}
"""Collections by code, and what their members have to be; None for any."""

CURVES = {8: "CIRCULARSTRING", 9: "COMPOUNDCURVE", 10: "CURVEPOLYGON", 11: "MULTICURVE",
          12: "MULTISURFACE", 13: "CURVE", 14: "SURFACE", 15: "POLYHEDRALSURFACE", 16: "TIN",
          17: "TRIANGLE"}  # fmt: skip
"""Codes that have no straight-line form in GEOS."""

SHALLOW = frozenset(struct.pack(order + "I", kind) for order in "<>" for kind in FLAT)
"""Codes of what holds no other geometry, as they stand in a blob."""

EWKB_Z, EWKB_M, EWKB_SRID = 0x80000000, 0x40000000, 0x20000000


class Flaw(NamedTuple):
    """Why a geometry must not reach native code: a code and what was found."""

    code: str
    found: str


class _Head(NamedTuple):
    kind: int
    size: int
    members: int
    at: int
    order: str


class _Cut(Exception):  # noqa: N818 - leaves a walk, never the module
    """The bytes end before the geometry does."""


def flaw_of(data: bytes) -> Flaw | None:
    """Walk one geometry; return what speaks against it, None if nothing does.

    Parameters
    ----------
    data
        WKB or EWKB, either byte order. Bytes after its end do not matter.

    Examples
    --------
    >>> flaw_of(bytes.fromhex("0101000000" + "00" * 16))
    >>> flaw_of(bytes.fromhex("0107000000" + "01000000") * 100_000).code
    'wkb.depth'
    """
    try:
        return _walk(data)
    except _Cut:
        return Flaw("wkb.damaged", f"{len(data)} bytes")


def load_wkb(blobs: Sequence[bytes | None]) -> ObjectArray:
    """Return the geometries of WKB that a program wrote, None where there is none.

    Raises
    ------
    ValueError
        If one of them is damaged, nested too deeply or too large; which, the message says.
    """
    for number, blob in enumerate(blobs):
        flaw = None if blob is None or blob[1:5] in SHALLOW else flaw_of(blob)
        if flaw is not None:
            msg = f"geometry {number + 1}: {flaw.code} {flaw.found}"
            raise ValueError(msg)
    try:
        shapes: ObjectArray = shapely.from_wkb(np.array(blobs, object))
    except (shapely.errors.ShapelyError, NotImplementedError) as error:  # the latter: curves
        raise ValueError(str(error)[:200]) from None
    return shapes


def _walk(data: bytes) -> Flaw | None:
    """Go through all members in the order of the bytes; `todo` holds what is still to come."""
    at, vertices = 0, 0
    todo: list[tuple[int, int | None, int]] = [(1, None, 0)]
    while todo:
        left, wanted, depth = todo.pop()
        if left > 1:
            todo.append((left - 1, wanted, depth))
        head = _head(data, at)
        flaw = _kind_flaw(head, wanted, depth)
        if flaw:
            return flaw
        at = head.at
        if head.kind in GATHERED:
            # A member has at least nine bytes, so a count that the rest cannot hold is a lie.
            if head.members * LEAST_MEMBER > len(data) - at:
                raise _Cut
            if head.members:
                todo.append((head.members, GATHERED[head.kind], depth + 1))
            continue
        at, added = _past(data, head)
        vertices += added
        if vertices > MAX_VERTICES:
            return Flaw("wkb.size", f"> {MAX_VERTICES}")
    return None


def _kind_flaw(head: _Head, wanted: int | None, depth: int) -> Flaw | None:
    if head.kind in CURVES:
        return Flaw("wkb.curve", CURVES[head.kind])
    known = head.kind in FLAT or head.kind in GATHERED
    if not known or (wanted is not None and head.kind != wanted):
        return Flaw("wkb.damaged", f"type {head.kind}")
    return Flaw("wkb.depth", f"> {MAX_DEPTH}") if depth > MAX_DEPTH else None


def _head(data: bytes, at: int) -> _Head:
    """Read byte order, code and count at a place."""
    try:
        mark = data[at]
    except IndexError:
        raise _Cut from None
    if mark not in {0, 1}:
        raise _Cut
    order = "<" if mark else ">"
    code = _unsigned(data, at + 1, order)
    at += 5 + (4 if code & EWKB_SRID else 0)
    plain = code & 0x1FFFFFFF
    kind, thousands = plain % 1000, plain // 1000
    if thousands > 3:
        raise _Cut
    has_z = bool(code & EWKB_Z) or thousands in {1, 3}
    has_m = bool(code & EWKB_M) or thousands in {2, 3}
    size = 8 * (2 + has_z + has_m)
    if kind == POINT:
        return _Head(kind, size, 1, at, order)
    return _Head(kind, size, _unsigned(data, at, order), at + 4, order)


def _past(data: bytes, head: _Head) -> tuple[int, int]:
    """Return where a point, line or polygon ends, and how many coordinates it has."""
    at, vertices = head.at, 0
    if head.kind != POLYGON:
        at, vertices = at + head.members * head.size, head.members
    else:
        for _ in range(head.members):
            inside = _unsigned(data, at, head.order)
            at += 4 + inside * head.size
            vertices += inside
    if at > len(data):
        raise _Cut
    return at, vertices


def _unsigned(data: bytes, at: int, order: str) -> int:
    try:
        return int(struct.unpack_from(f"{order}I", data, at)[0])
    except struct.error:
        raise _Cut from None
