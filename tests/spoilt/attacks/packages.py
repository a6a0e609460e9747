"""Archives whose list of members is the weapon, as a layer, a KMZ, a workbook and a package."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import Final

from tests.spoilt.attacks.whole import content_of
from tests.spoilt.case import Case, written

Members = dict[str, bytes]
Pack = Callable[[Members], bytes]

MANY: Final = 70_000
"""More members than the sixteen bits of a plain archive can count."""

BOMB: Final = 1 << 30


def pack(
    members: Members,
    *extra: tuple[str | zipfile.ZipInfo, bytes],
    method: int = zipfile.ZIP_DEFLATED,
    comment: bytes = b"",
) -> bytes:
    """Return an archive of some members, and of more that may have any name or kind."""
    sink = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(sink, "w", method) as out:
        warnings.simplefilter("ignore")  # two members of one name are meant
        for name, content in [*members.items(), *extra]:
            out.writestr(name, content)
        out.comment = comment
    return sink.getvalue()


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    """Return a member with a name as given and a mode of Unix."""
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    info.external_attr, info.create_system = mode << 16, 3
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def first(members: Members) -> str:
    """Return the name of the first member."""
    return next(iter(members))


def with_extra(name: str, content: bytes = b"x", mode: int = stat.S_IFREG | 0o644) -> Pack:
    """Return a packer that adds one member."""
    return lambda members: pack(members, (entry(name, mode), content))


def in_list(at: int, value: bytes, *, locally: int | None = None) -> Pack:
    """Return a packer that changes the entry of the first member in the list, and at its place."""

    def change(members: Members) -> bytes:
        data = bytearray(pack(members))
        start = data.index(b"PK\x01\x02") + at
        data[start : start + len(value)] = value
        if locally is not None:
            data[locally : locally + len(value)] = value
        return bytes(data)

    return change


def in_end(at: int, value: bytes) -> Pack:
    """Return a packer that changes the end of the list."""

    def change(members: Members) -> bytes:
        data = bytearray(pack(members))
        start = data.rindex(b"PK\x05\x06") + at
        data[start : start + len(value)] = value
        return bytes(data)

    return change


def bomb(members: Members) -> bytes:
    """Return an archive whose first member unpacks to a gigabyte."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            with out.open(zipfile.ZipInfo(name), "w", force_zip64=True) as part:
                part.write(content)
        info = entry("more.bin")
        with out.open(info, "w", force_zip64=True) as part:
            for _ in range(BOMB >> 20):
                part.write(bytes(1 << 20))
    return sink.getvalue()


def quiet_bomb(members: Members) -> bytes:
    """Return an archive whose first member says a hundred bytes and unpacks to 64 MB."""
    name = first(members)
    data = bytearray(pack({**members, name: bytes(64 << 20)}))
    data[22:26] = struct.pack("<I", 100)
    listed = data.index(b"PK\x01\x02")
    data[listed + 24 : listed + 28] = struct.pack("<I", 100)
    return bytes(data)


def overlapping(members: Members) -> bytes:
    """Return an archive of 4,000 members that are all the same bytes of it."""
    kernel = zlib.compress(bytes(8 << 20), 9, wbits=-15)
    crc = zlib.crc32(bytes(8 << 20))
    data = bytearray(pack(members))
    end = data.rindex(b"PK\x05\x06")
    listed = struct.unpack_from("<I", data, end + 16)[0]
    body, central = bytes(data[:listed]), bytes(data[listed:end])
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(kernel), 8 << 20, 8, 0)
    body += head + b"same.bin" + kernel
    at, more = listed, b""
    for number in range(4_000):
        name = f"m{number:04}.bin".encode()
        more += struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(kernel), 8 << 20,
            len(name), 0, 0, 0, 0, 0, at,
        ) + name  # fmt: skip
    count = len(members) + 4_000
    tail = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(central + more), len(body), 0
    )
    return body + central + more + tail


def many(members: Members) -> bytes:
    """Return an archive of more members than sixteen bits can count."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as out:
        for name, content in members.items():
            out.writestr(name, content)
        for number in range(MANY):
            out.writestr(f"{number}.txt", b"")
    return sink.getvalue()


def nested(members: Members, depth: int = 40) -> bytes:
    """Return an archive in an archive, and so on."""
    content = pack(members)
    for level in range(depth):
        content = pack({f"level{level}.zip": content})
    return content


def damaged(members: Members) -> bytes:
    """Return an archive whose first member is not what its checksum says."""
    data = bytearray(pack(members, method=zipfile.ZIP_STORED))
    data[30 + len(first(members)) + 2] ^= 0x20
    return bytes(data)


def by(method: int) -> Pack:
    return partial(pack, method=method)


PACKS: Final[dict[str, Pack]] = {
    "a path that leads out": with_extra("../../climbed.txt"),
    "a path that leads out by backslashes": with_extra("..\\..\\climbed.txt"),
    "an absolute path": with_extra("/tmp/climbed.txt"),  # noqa: S108 - a name to be refused
    "a path of Windows": with_extra("C:\\climbed.txt"),
    "a share of Windows": with_extra("\\\\server\\share\\climbed.txt"),
    "a stream of Windows": with_extra("a.txt:hidden"),
    "a device of Windows": with_extra("con.txt"),
    "a link to another file": with_extra("linked", b"/etc/passwd", stat.S_IFLNK | 0o777),
    "a link to a folder": with_extra("linked", b"/etc", stat.S_IFLNK | 0o777),
    "a device": with_extra("device", b"", stat.S_IFCHR | 0o666),
    "a pipe": with_extra("pipe", b"", stat.S_IFIFO | 0o666),
    "escape sequences in a name": with_extra("\x1b[2J\x1b]0;owned\x07.txt"),
    "a name from right to left": with_extra("\u202egpj.exe"),
    "a line break in a name": with_extra("a\nb.txt"),
    "a name of 60,000 letters": with_extra("n" * 60_000),
    "a path of 2,000 folders": with_extra("d/" * 2_000 + "a.txt"),
    "a NUL in a name": lambda members: with_extra("x0y.txt")(members).replace(b"x0y", b"x\0y"),
    "an empty name": with_extra(""),
    "a folder where a file is": lambda members: pack(members, (entry(first(members) + "/a"), b"x")),
    "one name twice": lambda members: pack(members, (first(members), b"x")),
    "one name in other letters": lambda members: pack(members, (first(members).upper(), b"x")),
    "a member that is encrypted": in_list(8, b"\1\0", locally=6),
    "a method that nobody knows": in_list(10, b"\x63\0", locally=8),
    "members packed by LZMA": by(zipfile.ZIP_LZMA),
    "members packed by bzip2": by(zipfile.ZIP_BZIP2),
    "a wrong checksum": damaged,
    "a checksum of zeros": in_list(16, bytes(4), locally=14),
    "a size of four gigabytes": in_list(24, b"\xfe\xff\xff\xff", locally=22),
    "a packed size of four gigabytes": in_list(20, b"\xfe\xff\xff\xff", locally=18),
    "a place behind the end": in_list(42, b"\xf0\xff\xff\x7f"),
    "a place in another member": in_list(42, b"\x05\0\0\0"),
    "a day that does not exist": in_list(12, b"\xff\xff\xff\xff"),
    "another disk": in_end(4, b"\7\0\7\0"),
    "more members than there are": in_end(8, b"\xff\x7f\xff\x7f"),
    "a list behind the end": in_end(16, b"\xf0\xff\xff\x7f"),
    "a list before the beginning": in_end(12, b"\xf0\xff\xff\x7f"),
    "bytes before it": lambda members: b"#!/bin/sh\nexit 0\n" + pack(members),
    "bytes behind it": lambda members: pack(members) + bytes(100_000),
    "a remark of 60,000 bytes": lambda members: pack(members, comment=b"PK\5\6" * 15_000),
    "no members": lambda _: pack({}),
    "forty archives in each other": nested,
    "an archive within": lambda members: pack(members, ("inner.zip", pack(members))),
    "a gigabyte in a megabyte": bomb,
    "a member larger than it says": quiet_bomb,
    "4,000 members of the same bytes": overlapping,
    "70,000 members": many,
}
"""Ways to pack some members."""

SLOW: Final = frozenset({"70,000 members", "a gigabyte in a megabyte"})


def members_of(name: str) -> Members:
    """Return the members of a sound archive."""
    with zipfile.ZipFile(io.BytesIO(content_of(name))) as archive:
        return {one: archive.read(one) for one in archive.namelist()}


VESSELS: Final = {
    "ZIP": ("blocks.zip", "buildings", tuple(PACKS)),
    "KMZ": ("houses.kmz", "buildings", tuple(PACKS)[::4]),
    "XLSX": ("book.xlsx", "cameras", tuple(PACKS)[1::2]),
    "ODS": ("book.ods", "cameras", tuple(PACKS)[2::4]),
    "handover": ("handover.zip", "handover", tuple(PACKS)[::2]),
}
"""What is packed in these ways, who reads it, and which ways."""

CASES: Final = tuple(
    Case(
        vessel,
        f"{name}, {way}",
        reader,
        written(name, lambda name=name, way=way: PACKS[way](members_of(name))),
        slow=way in SLOW,
    )
    for vessel, (name, reader, ways) in VESSELS.items()
    for way in ways
)
