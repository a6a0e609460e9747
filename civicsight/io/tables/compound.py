"""The container of old office files: sectors, chained, that hold named streams.

It is walked by ourselves because whoever reads the workbook in it takes every length in it at its
word.

References
----------
Microsoft, [MS-CFB]: Compound File Binary File Format, 2.2 (header), 2.3 to 2.6 (sectors).
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from civicsight.io.tables.package import refuse_damaged

HEADER: Final = 512
ENTRY: Final = 128
IN_HEADER: Final = 109
"""Sectors of the allocation table that the header itself names."""

SHIFTS: Final = frozenset({9, 12})
"""Powers of two that a sector may have as its size."""

SMALL: Final = 64
END: Final = 0xFFFFFFFA
"""Numbers of sectors end below this; the others are marks."""

STREAM, ROOT = 2, 5

Numbers = npt.NDArray[np.uint32]


class Stream(NamedTuple):
    """A stream by its entry: kind, first sector and size [B]."""

    kind: int
    start: int
    size: int


class Compound(NamedTuple):
    """An old container: its bytes, the size of a sector, both tables and the entries by name."""

    file: str
    content: bytes
    sector: int
    table: Numbers
    small_table: Numbers
    cutoff: int
    entries: dict[str, Stream]


def open_compound(content: bytes, file: str) -> Compound:
    """Return the entries of a container.

    Raises
    ------
    InputError
        If a chain of sectors leaves the file or runs in a circle.
    """
    if len(content) < HEADER:
        _refuse(file, f"{len(content)} bytes")
    shift = struct.unpack_from("<H", content, 30)[0]
    if shift not in SHIFTS:
        _refuse(file, f"sector 2^{shift}")
    sector = 1 << shift
    start, _, cutoff, small, small_count, more, _ = struct.unpack_from("<7I", content, 48)
    numbers = list(struct.unpack_from(f"<{IN_HEADER}I", content, 76))
    per = sector // 4
    seen = 0
    while more < END:
        seen += 1
        part = _sector(content, more, sector, file)
        if seen > len(content) // sector:
            _refuse(file, "circle")
        *listed, more = struct.unpack(f"<{per}I", part)
        numbers += listed
    table = _table([n for n in numbers if n < END], content, sector, file)
    bare = Compound(file, content, sector, table, table[:0], cutoff, {})
    small_table = np.frombuffer(_chain(bare, small), "<u4") if small_count else table[:0]
    return bare._replace(small_table=small_table, entries=_entries(_chain(bare, start)))


def read_stream(source: Compound, name: str) -> bytes:
    """Return a stream by its name.

    Raises
    ------
    InputError
        As `open_compound`, or if the stream is longer than its sectors.
    """
    entry = source.entries[name]
    if entry.size >= source.cutoff:
        found = _chain(source, entry.start)
    else:
        roots = [one for one in source.entries.values() if one.kind == ROOT]
        held = _chain(source, roots[0].start) if roots else b""
        places = _follow(source.small_table, entry.start, source.file)
        found = b"".join(held[n * SMALL : (n + 1) * SMALL] for n in places)
    if entry.size > len(found):
        _refuse(source.file, f"{name}: {len(found)} of {entry.size} bytes")
    return found[: entry.size]


def _refuse(file: str, found: str) -> NoReturn:
    refuse_damaged(file, found)


def _sector(content: bytes, number: int, size: int, file: str) -> bytes:
    at = (number + 1) * size
    part = content[at : at + size]
    if not part:
        _refuse(file, f"sector {number}")
    return part.ljust(size, b"\x00")


def _table(numbers: list[int], content: bytes, sector: int, file: str) -> Numbers:
    if len(numbers) > len(content) // sector:
        _refuse(file, f"{len(numbers)} sectors")
    parts = [_sector(content, number, sector, file) for number in numbers]
    return np.frombuffer(b"".join(parts), "<u4")


def _follow(table: Numbers, start: int, file: str) -> list[int]:
    """Return the sectors of a chain."""
    chain: list[int] = []
    while start < END:
        if start >= len(table) or len(chain) >= len(table):
            _refuse(file, f"sector {start}")
        chain.append(start)
        start = int(table[start])
    return chain


def _chain(source: Compound, start: int) -> bytes:
    places = _follow(source.table, start, source.file)
    size, file = source.sector, source.file
    return b"".join(_sector(source.content, number, size, file) for number in places)


def _entries(directory: bytes) -> dict[str, Stream]:
    found: dict[str, Stream] = {}
    for at in range(0, len(directory) - ENTRY + 1, ENTRY):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        start, size = struct.unpack_from("<II", directory, at + 116)
        name = directory[at : at + min(max(length - 2, 0), 62)].decode("utf-16-le", "replace")
        if kind:
            found.setdefault(name, Stream(kind, start, size))
    return found
