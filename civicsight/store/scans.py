"""Whether a file is the scan of a document: whole, of the format that its name says, with a page.

Only lengths, sums and a few numbers are looked at, in bytes that stay what they are: nothing is
unpacked, drawn or handed to a library, so that a file of a stranger opens nothing here.

References
----------
PNG (RFC 2083), JPEG (ITU-T T.81, Annex B), TIFF 6.0, PDF (ISO 32000-1, 7.5.5), OFD (GB/T 33190).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Final

LEAST_PX: Final = 100
"""Sides of a picture from which on it can be a page; assumed."""

TAIL: Final = 2_048
"""Bytes at the end of a PDF in which its end is looked for."""

Size = tuple[int, int]


def is_scan(kind: str, content: bytes) -> bool:
    """Tell whether bytes are a whole file of a kind (the end of its name) with a page to read."""
    try:
        return LOOKS[kind](content)
    except (struct.error, IndexError, ValueError):
        return False


def _is_page(size: Size | None) -> bool:
    return size is not None and min(size) >= LEAST_PX


def _looks_png(content: bytes) -> bool:
    at, size = 8, None
    while True:
        (length,) = struct.unpack_from(">I", content, at)
        kind, end = content[at + 4 : at + 8], at + 12 + length
        (kept,) = struct.unpack_from(">I", content, end - 4)
        if zlib.crc32(content[at + 4 : end - 4]) != kept:
            return False
        if kind == b"IHDR":
            size = struct.unpack_from(">II", content, at + 8)
        if kind == b"IEND":
            return _is_page(size)
        at = end


def _looks_jpeg(content: bytes) -> bool:
    at, size = 2, None
    while True:
        if content[at] != 0xFF:
            return False
        mark = content[at + 1]
        (length,) = struct.unpack_from(">H", content, at + 2)
        is_frame = 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC)
        if is_frame:
            height, width = struct.unpack_from(">HH", content, at + 5)
            size = (width, height)
        if mark == 0xDA:  # the picture itself
            return _is_page(size) and b"\xff\xd9" in content[at + length :]
        if length < 2:
            return False
        at += 2 + length


def _looks_tiff(content: bytes) -> bool:
    order = "<" if content[:2] == b"II" else ">"
    (at,) = struct.unpack_from(f"{order}I", content, 4)
    (count,) = struct.unpack_from(f"{order}H", content, at)
    tags = {}
    for number in range(count):
        tag, kind, many = struct.unpack_from(f"{order}HHI", content, at + 2 + 12 * number)
        form = {3: "H", 4: "I"}.get(kind)
        if form is None:
            continue
        place = at + 10 + 12 * number
        if many * struct.calcsize(form) > 4:
            (place,) = struct.unpack_from(f"{order}I", content, place)
        tags[tag] = struct.unpack_from(f"{order}{many}{form}", content, place)
    starts, sizes = tags.get(273, tags.get(324, ())), tags.get(279, tags.get(325, ()))
    ends = [start + size for start, size in zip(starts, sizes, strict=True)]
    whole = bool(ends) and max(ends) <= len(content)
    return whole and _is_page((tags.get(256, (0,))[0], tags.get(257, (0,))[0]))


def _looks_pdf(content: bytes) -> bool:
    end = content[-TAIL:]
    found = re.findall(rb"startxref\s+(\d+)\s+%%EOF", end)
    if not found:
        return False
    start = content[int(found[-1]) :]
    has_index = start.startswith(b"xref") or re.match(rb"\d+\s+\d+\s+obj\b", start) is not None
    has_page = re.search(rb"/Type\s*/Page\b|/ObjStm\b", content) is not None
    return has_index and has_page


def _looks_ofd(content: bytes) -> bool:
    return b"OFD.xml" in content and b"PK\x05\x06" in content[-(65_535 + 22) :]


LOOKS: Final[Mapping[str, Callable[[bytes], bool]]] = {
    "pdf": _looks_pdf,
    "png": _looks_png,
    "jpg": _looks_jpeg,
    "jpeg": _looks_jpeg,
    "tif": _looks_tiff,
    "tiff": _looks_tiff,
    "ofd": _looks_ofd,
}
"""How a scan is looked at, by the end of its name."""
