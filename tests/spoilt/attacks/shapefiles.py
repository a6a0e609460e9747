"""Shapefiles whose parts lie about each other: lengths, records, fields, and what lies beside."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.spoilt.attacks.packages import Members, members_of, pack
from tests.spoilt.case import ADDRESS, Case, Make, foreign
from tests.spoilt.sound import ORIGIN, STEP_DEG

SHP: Final = "blocks.shp"
SHX: Final = "blocks.shx"
DBF: Final = "blocks.dbf"
PRJ: Final = "blocks.prj"
CPG: Final = "blocks.cpg"
FIRST: Final = 108
"""Where the content of the first shape begins: its kind, frame, counts, parts and corners."""

PARTS, CORNERS, PART, CORNER = FIRST + 36, FIRST + 40, FIRST + 44, FIRST + 48
FIELD: Final = 32
"""Where the first field of a table is declared: name, kind at 11, width at 16."""

Change = Callable[[Members], Members]


def patch(member: str, *patches: tuple[int, bytes]) -> Change:
    """Return a change of bytes at some places of a part."""

    def change(members: Members) -> Members:
        data = bytearray(members[member])
        for at, new in patches:
            data[at : at + len(new)] = new
        return members | {member: bytes(data)}

    return change


def put(member: str, content: bytes | Callable[[bytes], bytes]) -> Change:
    """Return a change of a whole part, or of what it becomes."""
    return lambda members: (
        members | {member: content(members.get(member, b"")) if callable(content) else content}
    )


def drop(*names: str) -> Change:
    return lambda members: {name: part for name, part in members.items() if name not in names}


def whole(number: int) -> bytes:
    """Return a number as a Shapefile has most of them."""
    return struct.pack("<i", number)


def big(number: int) -> bytes:
    """Return a number as the heads of its parts have it."""
    return struct.pack(">i", number)


def corner(x: float, y: float) -> Change:
    return patch(SHP, (CORNER, struct.pack("<2d", x, y)))


def same_shape(content: bytes) -> bytes:
    """Return an index that leads 500,000 rows to the first shape."""
    entry = content[100:108]
    return content[:24] + big(50 + 4 * 500_000) + content[28:100] + entry * 500_000


def long_table(content: bytes) -> bytes:
    """Return a table of 500,000 rows that are all blank."""
    first, width = struct.unpack_from("<HH", content, 8)
    return content[:4] + struct.pack("<I", 500_000) + content[8:first] + b" " * (width * 500_000)


def many_fields(content: bytes) -> bytes:
    """Return a table of 2,000 fields of one letter each."""
    fields = b"".join(b"N%07d\0\0\0C" % n + bytes(4) + b"\1" + bytes(15) for n in range(2_000))
    rows = struct.unpack_from("<I", content, 4)[0]
    head = content[:8] + struct.pack("<HH", 33 + len(fields), 2_001) + content[12:32]
    return head + fields + b"\r" + b" " * (2_001 * rows)


def parted(*starts: int) -> Change:
    """Return a change to one shape of two squares whose parts are said to begin at some corners."""
    x, y = ORIGIN
    ring = [(0, 0), (0, 1), (1, 1), (0, 0)]
    corners = [(x + (a + k) * STEP_DEG, y + b * STEP_DEG) for k in (0, 2) for a, b in ring]
    body = whole(5) + struct.pack("<4d", x, y, x + 3 * STEP_DEG, y + STEP_DEG)
    body += whole(len(starts)) + whole(len(corners)) + b"".join(map(whole, starts))
    body += b"".join(struct.pack("<2d", *corner) for corner in corners)

    def change(members: Members) -> Members:
        head, table = members[SHP][:100], members[DBF]
        first, width = struct.unpack_from("<HH", table, 8)
        listed = big(1) + big(len(body) // 2)
        return members | {
            SHP: head[:24] + big((108 + len(body)) // 2) + head[28:] + listed + body,
            SHX: head[:24] + big(54) + head[28:] + big(50) + big(len(body) // 2),
            DBF: table[:4] + whole(1) + table[8 : first + width] + b"\x1a",
        }

    return change


CHANGES: Final[dict[str, Change]] = {
    "a length of nothing": patch(SHP, (24, big(0))),
    "a length below zero": patch(SHP, (24, big(-1))),
    "a length of four gigabytes": patch(SHP, (24, big(2**31 - 1))),
    "another mark": patch(SHP, (0, big(9995))),
    "a kind that nobody knows": patch(SHP, (32, whole(99))),
    "a kind of many patches": patch(SHP, (32, whole(31)), (FIRST, whole(31))),
    "one shape of another kind": patch(SHP, (FIRST, whole(1))),
    "one shape of nothing": patch(SHP, (FIRST, whole(0))),
    "a frame that is no number": patch(SHP, (36, struct.pack("<8d", *[float("nan")] * 8))),
    "a shape with a frame beyond all": patch(SHP, (FIRST + 4, struct.pack("<4d", *[1e308] * 4))),
    "a shape of no length": patch(SHP, (104, big(0))),
    "a shape of a length below zero": patch(SHP, (104, big(-8))),
    "a shape of four gigabytes": patch(SHP, (104, big(2**31 - 1))),
    "a shape with another number": patch(SHP, (100, big(-1))),
    "no parts": patch(SHP, (PARTS, whole(0))),
    "parts below zero": patch(SHP, (PARTS, whole(-1))),
    "parts beyond all": patch(SHP, (PARTS, whole(2**31 - 1))),
    "parts that wrap round": patch(SHP, (PARTS, whole(2**30 + 1))),
    "no corners": patch(SHP, (CORNERS, whole(0))),
    "corners below zero": patch(SHP, (CORNERS, whole(-1))),
    "corners beyond all": patch(SHP, (CORNERS, whole(2**31 - 1))),
    "corners that wrap round": patch(SHP, (CORNERS, whole(2**28 + 5))),
    "a part before the first corner": patch(SHP, (PART, whole(-5))),
    "a part behind the last corner": patch(SHP, (PART, whole(99))),
    "a part beyond all": patch(SHP, (PART, whole(2**31 - 1))),
    "parts out of order": parted(4, 0),
    "parts at one corner": parted(0, 0),
    "parts of one corner each": parted(*range(8)),
    "parts that overlap": parted(0, 2),
    "a last part behind the end": parted(0, 8),
    "a last part of no corners": parted(0, 7),
    "a corner that is no number": corner(float("nan"), 28.68),
    "a corner without end": corner(float("inf"), float("-inf")),
    "a corner at the largest number": corner(1.7e308, -1.7e308),
    "a corner between numbers": corner(5e-324, 5e-324),
    "shapes cut in their head": put(SHP, lambda content: content[:99]),
    "shapes cut in the last one": put(SHP, lambda content: content[:-9]),
    "no shapes": drop(SHP),
    "no index": drop(SHX),
    "no table": drop(DBF),
    "shapes alone": drop(SHX, DBF, PRJ, CPG),
    "an index of nothing": put(SHX, b""),
    "an index behind the end": patch(SHX, (100, big(2**31 - 1))),
    "an index before the beginning": patch(SHX, (100, big(-1))),
    "an index into the head": patch(SHX, (100, big(0))),
    "an index of other lengths": patch(SHX, (104, big(2**31 - 1))),
    "an index of all rows to one shape": lambda members: put(SHX, same_shape)(
        put(DBF, long_table)(members)),
    "an index with fewer rows": put(SHX, lambda content: content[:-8]),
    "an index with half a row": put(SHX, lambda content: content[:-3]),
    "an index that is the shapes": lambda members: members | {SHX: members[SHP]},
    "fewer rows than shapes": patch(DBF, (4, struct.pack("<I", 1))),
    "more rows than shapes": patch(DBF, (4, struct.pack("<I", 13))),
    "four billion rows": patch(DBF, (4, b"\xff" * 4)),
    "a table with a head of nothing": patch(DBF, (8, b"\0\0")),
    "a table with a head beyond its end": patch(DBF, (8, b"\xff\xff")),
    "rows of no width": patch(DBF, (10, b"\0\0")),
    "rows of one byte": patch(DBF, (10, b"\1\0")),
    "rows of 64 kilobytes": patch(DBF, (10, b"\xff\xff")),
    "a table of another program": patch(DBF, (0, b"\x8b")),
    "a table in a language that nobody knows": lambda members: patch(DBF, (29, b"\xfe"))(
        drop(CPG)(members)),
    "a field of no width": patch(DBF, (FIELD + 16, b"\0")),
    "a field wider than its row": patch(DBF, (FIELD + 16, b"\xff")),
    "a field with more decimals than digits": patch(DBF, (FIELD + 11, b"N"), (FIELD + 17, b"\xff")),
    "a field of a kind that nobody knows": patch(DBF, (FIELD + 11, b"?")),
    "a field in a file that is not there": patch(DBF, (FIELD + 11, b"M")),
    "a field of a picture": patch(DBF, (FIELD + 11, b"G")),
    "a field without a name": patch(DBF, (FIELD, bytes(11))),
    "a field with a name of quotes": patch(DBF, (FIELD, b"a\"';--\\\x1b[2J")),
    "a field that is called as the other": lambda members: patch(
        DBF, (FIELD + 32, members[DBF][FIELD : FIELD + 11]))(members),
    "fields without an end": put(DBF, lambda content: content.replace(b"\r", b" ", 1)),
    "2,000 fields": put(DBF, many_fields),
    "all rows struck out": put(DBF, lambda content: content[:-600] + b"*" * 600),
    "numbers that are none": put(DBF, lambda content: content[:-600] + b"1e999" * 120),
    "rows of zeros": put(DBF, lambda content: content[:-600] + bytes(600)),
    "a table cut in its head": put(DBF, lambda content: content[:40]),
    "a table cut in a row": put(DBF, lambda content: content[:-9]),
    "a table of nothing": put(DBF, b""),
    "a system of nothing": put(PRJ, b""),
    "a system nested 100,000 deep": put(PRJ, b'PROJCS["' + b'a",GEOGCS["' * 100_000),
    "a system in another file": put(PRJ, b"+init=SECRET:1"),
    "a system with grids at an address": put(PRJ, f"+proj=utm +nadgrids={ADDRESS}".encode()),
    "a system of noise": put(PRJ, bytes(range(256)) * 400),
    "a system with numbers without end": put(
        PRJ, lambda content: content.replace(b"6378137", b"1e999")),
    "a system with a globe of no size": put(
        PRJ, lambda content: content.replace(b"6378137", b"0")),
    "an encoding that nobody knows": put(CPG, b"x-" + b"none" * 2_000),
    "an encoding that is a file": put(CPG, b"../../../SECRET"),
    "an encoding of escape sequences": put(CPG, b"\x1b[2Jutf-8\0"),
    "an encoding that computes": put(CPG, b"rot13"),
    "an index of places that lies": put("blocks.qix", b"SQT\1\1\0\0\0" + b"\xff" * 4_000),
    "an index of places of another program": put("blocks.sbn", b"\0\0\x27\x0a" + b"\xff" * 4_000),
    "remarks that point elsewhere": put("blocks.shp.xml", (
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file://SECRET">]><metadata>&e;</metadata>')),
    "a second set of parts": lambda members: members
    | {name.upper(): part for name, part in members.items()},
    "190 sets of parts": lambda members: members | {
        f"l{n}{name[-4:]}": part for n in range(190) for name, part in members.items()},
}  # fmt: skip


def _made(change: Change) -> Make:
    def make(folder: Path) -> Path:
        path = folder / "blocks.zip"
        secret = str(foreign(folder)).encode()
        members = change(members_of("blocks.zip"))
        path.write_bytes(
            pack({name: part.replace(b"SECRET", secret) for name, part in members.items()})
        )
        return path

    return make


CASES: Final = tuple(
    Case("ESRI Shapefile", f"parts, {said}", "buildings", _made(change))
    for said, change in CHANGES.items()
)
