"""JSON, well-known text and packed bytes out of files: measured first, decoded then.

The libraries that decode them follow what is nested with the machine's stack, or make room for
whatever a file says that it holds; both can end the process. Everything that speaks against a
text is a ValueError here, as of a text that cannot be read.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from itertools import accumulate
from typing import Any, Final
from zipfile import BadZipFile

import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

MAX_JSON: Final = 64 << 20
"""Characters of JSON in one value of a file."""

MAX_NESTED: Final = 64
"""Lists and objects of JSON in each other; what we write has less than ten."""

MAX_WKT: Final = 64 << 20
"""Characters of one geometry as text."""

MAX_WKT_NESTED: Final = 8
"""Brackets of WKT in each other: collections as deep as in WKB, rings and positions in them."""

MAX_CRS: Final = 200_000
"""Characters of the definition of a coordinate system; the longest of EPSG has 20 000."""

MAX_CRS_NESTED: Final = 32

TORN: Final = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError),
    *(ValueError, ShapelyError, BadZipFile, struct.error, zlib.error),
)
"""What libraries raise of a file that is torn or none of ours: they check less than they use. Where
memory is wanting it may be the file or the machine: who blames the file says so."""

PIECE: Final = 1 << 20
"""Bytes that are unpacked at once where they are only counted."""

QUOTED: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
"""A text of JSON, in which brackets mean nothing."""


def load_json(text: str | bytes, *, limit: int = MAX_JSON) -> Any:
    """Return what JSON says.

    Raises
    ------
    ValueError
        If it is none, is longer than `limit` or nested deeper than `MAX_NESTED`.

    Examples
    --------
    >>> load_json('{"a": ["[[["]}')
    {'a': ['[[[']}
    >>> load_json("[" * 65 + "]" * 65)
    Traceback (most recent call last):
    ValueError: nested deeper than 64
    """
    _require_length(text, limit)
    told = text.decode("utf-8") if isinstance(text, bytes) else text
    if told.count("[") + told.count("{") > MAX_NESTED:
        _require_depth(QUOTED.sub("", told), "[{", "]}", MAX_NESTED)
    return json.loads(told)


def load_wkt(text: str) -> BaseGeometry:
    """Return the geometry of well-known text.

    Raises
    ------
    ValueError
        If it is none, is longer than `MAX_WKT` or nested deeper than `MAX_WKT_NESTED`.
    """
    _require_length(text, MAX_WKT)
    _require_depth(text, "(", ")", MAX_WKT_NESTED)
    try:
        shape: BaseGeometry = shapely.from_wkt(text)
    except shapely.errors.ShapelyError as error:
        raise ValueError(str(error)[:200]) from None
    return shape


def load_crs(text: str) -> CRS:
    """Return the coordinate system of well-known text.

    Raises
    ------
    ValueError
        If it is none, is longer than `MAX_CRS` or nested deeper than `MAX_CRS_NESTED`.
    """
    _require_length(text, MAX_CRS)
    _require_depth(text, "[(", "])", MAX_CRS_NESTED)
    try:
        return CRS.from_wkt(text)
    except CRSError as error:
        raise ValueError(str(error)[:200]) from None


def inflate(packed: bytes, size: int) -> bytes:
    """Return what zlib packed, which has to be `size` bytes.

    Raises
    ------
    ValueError
        If it is damaged, or unpacks to less or more; not a byte beyond `size` is unpacked.
    """
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(packed, size + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(found) != size or not stream.eof:
        msg = f"does not unpack to {size} bytes"
        raise ValueError(msg)
    return found


def unpacks_within(packed: bytes, size: int) -> bool:
    """Tell whether what zlib packed unpacks to at most `size` bytes; damage ends it early.

    Examples
    --------
    >>> [unpacks_within(zlib.compress(bytes(9)), size) for size in (8, 9)]
    [False, True]
    """
    stream, found = zlib.decompressobj(), 0
    try:
        while packed and found <= size:
            found += len(stream.decompress(packed, PIECE))
            packed = stream.unconsumed_tail
    except zlib.error:
        return True
    return found <= size


def _require_length(text: str | bytes, limit: int) -> None:
    if len(text) > limit:
        msg = f"longer than {limit}: {len(text)}"
        raise ValueError(msg)


def _require_depth(text: str, opening: str, closing: str, limit: int) -> None:
    """Refuse text whose brackets stand deeper in each other than `limit`."""
    marks = re.finditer(f"[{re.escape(opening + closing)}]", text)
    steps = (1 if mark[0] in opening else -1 for mark in marks)
    if any(depth > limit for depth in accumulate(steps)):
        msg = f"nested deeper than {limit}"
        raise ValueError(msg)
