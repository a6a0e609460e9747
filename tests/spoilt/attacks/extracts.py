"""Extracts of OpenStreetMap as PBF whose blocks, texts and nodes lie about each other."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from tests.spoilt.case import Case, Make, written
from tests.spoilt.sound import blob, field, signed, varint

NAME: Final = "map.osm.pbf"
HEAD: Final = blob(b"OSMHeader", field(4, b"OsmSchema-V0.6"))
WORDS: Final = (b"", b"man_made", b"surveillance", b"building", b"yes")
LAT, LON = 286_800_000, 1_159_000_000
AWAY: Final = 1 << 62


def texts(*words: bytes) -> bytes:
    """Return the table of texts of a block."""
    return field(1, b"".join(field(1, word) for word in words or WORDS))


def node(number: int, lat: int = LAT, lon: int = LON, tags: bytes = b"") -> bytes:
    return field(1, field(1, wide(number)) + tags + field(8, wide(lat)) + field(9, wide(lon)))


def wide(number: int) -> int:
    """Return a number with its sign in its last bit, within 64 bits."""
    return signed(number) & (1 << 64) - 1


def numbers(*values: int) -> bytes:
    """Return numbers one behind the other, each with the sign in its last bit."""
    return b"".join(varint(wide(value)) for value in values)


def plain(*values: int) -> bytes:
    return b"".join(varint(value & (1 << 64) - 1) for value in values)


NODES: Final = b"".join(
    node(n + 1, LAT + 1_000 * (n // 2), LON + 1_000 * (n % 2)) for n in range(4)
)
TAGS: Final = field(2, bytes([3])) + field(3, bytes([4]))


def way(refs: bytes, tags: bytes = TAGS, number: int = 9) -> bytes:
    return field(3, field(1, number) + tags + field(8, refs))


AROUND: Final = way(numbers(1, 1, 2, -1, -2))


def relation(
    roles: bytes, members: bytes, kinds: bytes, number: int = 7, tags: bytes = TAGS
) -> bytes:
    return field(
        4, field(1, number) + tags + field(8, roles) + field(9, members) + field(10, kinds)
    )


def dense(ids: bytes, lats: bytes, lons: bytes, tags: bytes = b"", info: bytes = b"") -> bytes:
    """Return nodes that share their fields."""
    more = field(10, tags) if tags else b""
    told = field(5, info) if info else b""
    return field(2, field(1, ids) + told + field(8, lats) + field(9, lons) + more)


def block(*groups: bytes, table: bytes | None = None, **options: int) -> bytes:
    """Return a block of groups; `options` are its numbers 17 to 20 as ``n17`` and so on."""
    more = b"".join(field(int(name[1:]), value & (1 << 64) - 1) for name, value in options.items())
    return (texts() if table is None else table) + b"".join(field(2, g) for g in groups) + more


def file(*blocks: bytes) -> Make:
    return written(NAME, HEAD + b"".join(blob(b"OSMData", one) for one in blocks))


def sound(*groups: bytes, **options: int) -> Make:
    """Return a maker of an extract with a sound house, and other groups."""
    return file(block(NODES, AROUND, *groups, **options))


def raw(body: bytes, kind: bytes = b"OSMData", size: int | None = None) -> bytes:
    """Return a block whose body is spelt as given, and said to be so long."""
    head = field(1, kind) + field(3, len(body) if size is None else size)
    return struct.pack(">I", len(head)) + head + body


def packed(size: int, content: bytes, number: int = 3) -> Make:
    """Return a maker of an extract whose data are said to unpack to a size."""
    return written(NAME, lambda: HEAD + raw(field(2, size) + field(number, content)))


SOUND: Final = block(NODES, AROUND)
THREE: Final = numbers(1, 1, 1)
EXTRACTS: Final[dict[str, Make]] = {
    "a head of four gigabytes": written(NAME, b"\xff\xff\xff\xff" + HEAD),
    "a head of nothing": written(NAME, bytes(4) + HEAD),
    "a head of 64 kilobytes": written(NAME, struct.pack(">I", 65_536) + bytes(65_536)),
    "a block of four gigabytes": written(NAME, HEAD + raw(b"x", size=2**32 - 1)),
    "a block below zero": written(NAME, HEAD + raw(b"x", size=2**64 - 1)),
    "a block of nothing": written(NAME, HEAD + raw(b"")),
    "a block without a body": written(NAME, HEAD + raw(field(2, 5))),
    "a block of 40 megabytes": written(NAME, lambda: HEAD + raw(field(1, bytes(40 << 20)))),
    "a kind that nobody knows": written(NAME, HEAD + raw(field(1, SOUND), kind=b"Evil\x1b[2J")),
    "no kind": written(NAME, HEAD + raw(field(1, SOUND), kind=b"")),
    "no head": written(NAME, blob(b"OSMData", SOUND)),
    "two heads": written(NAME, HEAD * 2 + blob(b"OSMData", SOUND)),
    "a head alone": written(NAME, HEAD),
    "a head behind the data": written(NAME, blob(b"OSMData", SOUND) + HEAD),
    "a feature that nobody knows": written(
        NAME, blob(b"OSMHeader", field(4, b"Evil-V9")) + blob(b"OSMData", SOUND)
    ),
    "history": written(
        NAME, blob(b"OSMHeader", field(4, b"HistoricalInformation")) + blob(b"OSMData", SOUND)
    ),
    "a frame beyond all": written(
        NAME,
        blob(
            b"OSMHeader",
            field(1, b"".join(field(n, 2**64 - 1) for n in (1, 2, 3, 4)))
            + field(4, b"OsmSchema-V0.6"),
        )
        + blob(b"OSMData", SOUND),
    ),
    "100,000 blocks of nothing": written(NAME, lambda: HEAD + blob(b"OSMData", b"") * 100_000),
    "data that unpack to less": packed(10**6, zlib.compress(SOUND)),
    "data that unpack to more": packed(10, zlib.compress(SOUND)),
    "data that unpack below zero": packed(2**64 - 1, zlib.compress(SOUND)),
    "data that unpack to four gigabytes": packed(2**32 - 1, zlib.compress(SOUND)),
    "data of two streams, each of 64 megabytes": packed(
        len(SOUND), zlib.compress(bytes(64 << 20), 9) + zlib.compress(bytes(64 << 20), 9)
    ),
    "data that unpack to 64 megabytes, as said": packed(
        64 << 20, zlib.compress(bytes(64 << 20), 9)
    ),
    "data that unpack to 31 megabytes of nothing": packed(
        31 << 20, zlib.compress(bytes(31 << 20), 9)
    ),
    "data that are cut off": packed(len(SOUND), zlib.compress(SOUND)[:-9]),
    "data that are not packed": packed(len(SOUND), SOUND),
    "data packed by LZMA": packed(len(SOUND), b"\xfd7zXZ\0" + bytes(40), 4),
    "data packed by bzip2": packed(len(SOUND), b"BZh9" + bytes(40), 5),
    "data packed by LZ4": packed(len(SOUND), b"\x04\x22\x4d\x18" + bytes(40), 6),
    "data packed by Zstandard": packed(len(SOUND), b"\x28\xb5\x2f\xfd" + bytes(40), 7),
    "a text that is not there": sound(node(5, tags=field(2, bytes([99])) + field(3, bytes([4])))),
    "a text beyond all": sound(node(5, tags=field(2, plain(2**32 - 1)) + field(3, plain(2**63)))),
    "keys without values": sound(node(5, tags=field(2, bytes([1, 3])) + field(3, bytes([2])))),
    "values without keys": sound(node(5, tags=field(3, bytes([2])))),
    "texts of a way that are not there": sound(
        way(numbers(1, 1, 1), field(2, bytes([99])) + field(3, bytes([99])), 10)
    ),
    "no texts": file(block(NODES, AROUND, table=b"")),
    "texts that are none": file(
        block(NODES, AROUND, table=texts(b"", b"\xff\xfe", b"\xed\xa0\x80", b"building", b"\xff"))
    ),
    "a text of ten megabytes": written(
        NAME,
        lambda: (
            HEAD
            + blob(b"OSMData", block(NODES, AROUND, table=texts(*WORDS[:4], b"x" * (10 << 20))))
        ),
    ),
    "500,000 texts": written(
        NAME,
        lambda: (
            HEAD + blob(b"OSMData", block(NODES, AROUND, table=texts(*WORDS, *[b"x"] * 500_000)))
        ),
    ),
    "texts of escape sequences": file(
        block(
            NODES,
            AROUND,
            table=texts(b"", b"\x1b[2J", b"\x1b]0;a\x07", b"building", "\u202egpj".encode()),
        )
    ),
    "nodes with fewer places": sound(dense(THREE, numbers(LAT), numbers(LON))),
    "nodes with more places": sound(dense(numbers(5), numbers(LAT, 1, 1), numbers(LON, 1, 1))),
    "nodes with fewer degrees east": sound(dense(THREE, numbers(LAT, 1, 1), numbers(LON))),
    "nodes without places": sound(dense(THREE, b"", b"")),
    "nodes with tags that do not end": sound(
        dense(numbers(5), numbers(LAT), numbers(LON), bytes([1, 2, 1]))
    ),
    "nodes with more tags than nodes": sound(
        dense(numbers(5), numbers(LAT), numbers(LON), bytes([1, 2, 0]) * 1_000)
    ),
    "nodes with tags that are not there": sound(
        dense(numbers(5), numbers(LAT), numbers(LON), plain(99, 99, 0))
    ),
    "nodes with tags below zero": sound(
        dense(numbers(5), numbers(LAT), numbers(LON), plain(-1, -1, 0))
    ),
    "nodes that add up beyond all": sound(
        dense(numbers(AWAY, AWAY, AWAY), numbers(AWAY, AWAY, AWAY), numbers(AWAY, AWAY, AWAY))
    ),
    "nodes that are one": sound(dense(numbers(1, 0, 0), numbers(LAT, 0, 0), numbers(LON, 0, 0))),
    "nodes with a history that lies": sound(
        dense(THREE, numbers(LAT, 1, 1), numbers(LON, 1, 1), info=field(2, numbers(AWAY)))
    ),
    "a million nodes at one place": written(
        NAME,
        lambda: (
            HEAD
            + blob(
                b"OSMData",
                block(
                    dense(
                        numbers(1) * 10**6,
                        numbers(LAT) + bytes(10**6 - 1),
                        numbers(LON) + bytes(10**6 - 1),
                    )
                ),
            )
        ),
    ),
    "a node without a number": sound(field(1, field(8, wide(LAT)) + field(9, wide(LON)))),
    "a node below zero": sound(node(-5), node(-(2**63))),
    "a node without a place": sound(field(1, field(1, 10))),
    "a node beyond the globe": sound(
        node(5, AWAY, -AWAY, field(2, bytes([1])) + field(3, bytes([2])))
    ),
    "cells of nothing": sound(n17=0),
    "cells below zero": sound(n17=-100),
    "cells beyond all": sound(n17=2**31 - 1),
    "a place beyond all": sound(n19=AWAY, n20=-AWAY),
    "days of nothing": sound(n18=0),
    "a way of nothing": sound(way(b"", number=10)),
    "a way of one node": sound(way(numbers(1), number=10)),
    "a way of one node a million times": written(
        NAME,
        lambda: HEAD + blob(b"OSMData", block(NODES, way(numbers(1) + bytes(10**6), number=10))),
    ),
    "a way of nodes that are not there": sound(way(numbers(99, 1, 1, -2), number=10)),
    "a way of nodes beyond all": sound(way(numbers(AWAY, AWAY, AWAY), number=10)),
    "a way with half a number": sound(way(b"\x02\x80", number=10)),
    "a way with a number of eleven bytes": sound(way(b"\xff" * 11, number=10)),
    "one way twice": sound(AROUND, way(numbers(1, 1, 1, -2))),
    "a way that crosses itself 3,000 times": sound(
        way(numbers(1, 1, 1, *([1, -3, 1, 1] * 3_000)), number=10)
    ),
    "a relation of itself": sound(relation(bytes([0]), numbers(7), bytes([2]))),
    "relations of each other": sound(
        relation(bytes([0]), numbers(8), bytes([2])),
        relation(bytes([0]), numbers(7), bytes([2]), 8),
    ),
    "a relation of members that are not there": sound(
        relation(bytes(3), numbers(99, 1, 1), bytes([0, 1, 2]))
    ),
    "a relation with fewer roles": sound(relation(bytes([0]), numbers(9, 0, 0), bytes([1, 1, 1]))),
    "a relation with fewer kinds": sound(relation(bytes(3), numbers(9, 0, 0), bytes([1]))),
    "a relation of kinds that nobody knows": sound(
        relation(bytes(2), numbers(9, 0), bytes([9, 99]))
    ),
    "a relation with roles that are not there": sound(relation(plain(99), numbers(9), bytes([1]))),
    "a relation of one way 100,000 times": sound(
        relation(bytes(100_000), numbers(9) + bytes(99_999), bytes([1]) * 100_000)
    ),
    "fields of kinds that nobody knows": file(SOUND + b"\x07\x0f\x13\x14"),
    "a field of number nought": file(SOUND + b"\x02\x01x"),
    "a field that ends behind the block": file(SOUND + b"\x12\xff\xff\xff\xff\x0f"),
    "groups in groups": file(texts() + field(2, field(2, field(2, NODES) * 9) * 9) * 9),
    "100,000 groups of nothing": written(
        NAME, lambda: HEAD + blob(b"OSMData", SOUND + field(2, b"") * 100_000)
    ),
    "changesets": sound(field(5, field(1, 2**63))),
    "text that is XML": written(NAME, b'<?xml version="1.0"?><osm version="0.6"></osm>'),
}

CASES: Final = tuple(Case("OSM", f"PBF, {said}", "city", make) for said, make in EXTRACTS.items())
