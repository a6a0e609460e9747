"""Old workbooks (XLS, ET): the OLE2 container, and marks that a reader of values does not tell.

The container is walked by ourselves because whoever reads the workbook in it takes every length in
it at its word.

References
----------
Microsoft, [MS-CFB]: Compound File Binary File Format, 2.2 (header), 2.3 to 2.6 (sectors).
Microsoft, [MS-XLS]: Excel Binary File Format, 2.4.20 (BoundSheet8), 2.4.24 (BoolErr), 2.4.117
(FilePass), 2.4.126 (Format), 2.4.127 (Formula), 2.4.221 (Row), 2.4.353 (XF).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from civicsight.io.tables.package import Marks, no_marks, refuse_damaged, refuse_kind, refuse_macros
from civicsight.io.tables.text_files import MAX_CELLS, refuse_size

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


STREAMS: Final = ("Workbook", "WORKBOOK", "Book", "BOOK")
MACROS: Final = ("_VBA_PROJECT_CUR", "_VBA_PROJECT")
LOCKED: Final = "EncryptedPackage"
"""Stream in which a newer workbook lies that is locked with a password."""

BOF, EOF, FILE_PASS, BOUND_SHEET = 0x0809, 0x000A, 0x002F, 0x0085
FORMAT, XF, ROW, BOOL_ERR, FORMULA, MUL_RK = 0x041E, 0x00E0, 0x0208, 0x0205, 0x0006, 0x00BD
NUMBERS: Final = frozenset({0x0203, 0x027E, FORMULA})
CELLS: Final = NUMBERS | {BOOL_ERR, 0x00FD, 0x0204, 0x00D6}
"""Records of one cell: number, small number, formula; truth or error; text of three kinds."""

ROW_HIDDEN: Final = 0x20
BIFF8: Final = 0x0600
ERRORS: Final = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
                 0x24: "#NUM!", 0x2A: "#N/A"}  # fmt: skip


@dataclass(slots=True)
class _Book:
    """What stands before the sheets: where they begin, and formats that fill with zeros.

    `left` counts the bytes that nobody has walked: each belongs to one sheet, as many as may say
    that they begin at the same place.
    """

    version: int = 0
    left: int = 0
    sheets: list[int] = field(default_factory=list)
    zeros: dict[int, int] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)


def read_xls_marks(content: bytes, file: str) -> list[Marks]:
    """Return what is known about each sheet, in their order; nothing is known of merges.

    Raises
    ------
    InputError
        If the file is no workbook, is damaged, locked with a password or holds macros; or if the
        sheets would need more cells than a table may have, as two cells far apart can say.
    """
    source = open_compound(content, file)
    if LOCKED in source.entries:
        refuse_kind(file, "password")
    name = next((name for name in STREAMS if name in source.entries), None)
    if name is None:
        refuse_kind(file, "OLE2: " + ", ".join(list(source.entries)[1:4])[:80])
    macros = next((name for name in MACROS if name in source.entries), None)
    if macros is not None:
        refuse_macros(file, macros)
    stream = read_stream(source, name)
    try:
        book = _globals(stream, file)
        sheets, cells = [], 0
        for start in book.sheets:
            marks, needed = _sheet(stream, start, book, file)
            sheets.append(marks)
            cells += needed
            if cells > MAX_CELLS:
                refuse_size(file, "")
    except struct.error as error:
        refuse_damaged(file, str(error))
    return sheets


def _records(stream: bytes, start: int, book: _Book, file: str) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one part of a stream, but not those of parts within it."""
    at, depth = start, 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        if len(body) < size:
            refuse_damaged(file, f"byte {at}")
        at += 4 + size
        book.left -= 4 + size
        if book.left < 0:
            refuse_damaged(file, f"byte {start}, twice")
        depth += (kind == BOF) - (kind == EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, body
    refuse_damaged(file, f"byte {at}")


def _globals(stream: bytes, file: str) -> _Book:
    book = _Book(left=len(stream))
    for kind, body in _records(stream, 0, book, file):
        if kind == BOF:
            book.version = struct.unpack_from("<H", body)[0]
        elif kind == FILE_PASS:
            refuse_kind(file, "password")
        elif kind == BOUND_SHEET:
            book.sheets.append(struct.unpack_from("<I", body)[0])
        elif kind == FORMAT:
            text = body[5 if book.version == BIFF8 else 3 :]
            if text and set(text) == {ord("0")}:
                book.zeros[struct.unpack_from("<H", body)[0]] = len(text)
        elif kind == XF:
            book.styles.append(struct.unpack_from("<H", body, 2)[0])
    return book


def _sheet(stream: bytes, start: int, book: _Book, file: str) -> tuple[Marks, int]:
    """Return what is known about a sheet, and how many cells it takes to hold it."""
    marks = no_marks()
    low, high = [1 << 20, 1 << 20], [-1, -1]
    widths = [book.zeros.get(style, 0) for style in book.styles]
    for kind, body in _records(stream, start, book, file):
        if kind in CELLS or kind == MUL_RK:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == MUL_RK else column
            low = [min(low[0], row), min(low[1], column)]
            high = [max(high[0], row), max(high[1], last)]
            _note_cell(marks, widths, kind, body)
        elif kind == ROW and body[12] & ROW_HIDDEN:
            marks.hidden_rows.add(struct.unpack_from("<H", body)[0] + 1)
    return marks, max(high[0] - low[0] + 1, 0) * max(high[1] - low[1] + 1, 0)


def _note_cell(marks: Marks, widths: list[int], kind: int, body: bytes) -> None:
    """Note what is special about the cells of one record."""
    row, column = struct.unpack_from("<HH", body)
    if kind == MUL_RK:
        for place, at in enumerate(range(4, len(body) - 2, 6)):
            style = struct.unpack_from("<H", body, at)[0]
            if style < len(widths) and widths[style]:
                marks.widths[row + 1, column + place] = widths[style]
        return
    style = struct.unpack_from("<H", body, 4)[0]
    if kind in NUMBERS and style < len(widths) and widths[style]:
        marks.widths[row + 1, column] = widths[style]
    error = None
    if kind == BOOL_ERR and body[7]:
        error = body[6]
    elif kind == FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
        error = body[8]
    if error is not None:
        marks.errors[row + 1, column] = ERRORS.get(error, "#ERR")
