"""GeoTIFF by hand: sizes, tiles and tags that lie, and what lies beside it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.spoilt.attacks.whole import content_of
from tests.spoilt.case import ADDRESS, Case, Make, beside, pointing, written

SHORT, LONG, DOUBLE, TEXT, LONG8 = 3, 4, 12, 2, 16
WIDTH, HEIGHT, BITS, PACKED, PHOTO = 256, 257, 258, 259, 262
STRIP, SAMPLES, ROWS, COUNT = 273, 277, 278, 279
TILE_W, TILE_H, TILES, TILE_COUNTS, SAMPLE = 322, 323, 324, 325, 339
SCALE, TIE, MATRIX, KEYS, NAMES, META, NODATA = 33550, 33922, 34264, 34735, 34737, 42112, 42113
SUB, PREDICTOR, JPEG = 330, 317, 347
SIZES: Final = {SHORT: "H", LONG: "I", DOUBLE: "d", LONG8: "Q"}
EAST, NORTH, CELL = 392_000.0, 3_174_000.0, 10.0
SIDE: Final = 30
DATA: Final = struct.pack(f"<{SIDE * SIDE}f", *[25.5] * SIDE * SIDE)

Value = tuple[int, tuple[float, ...] | bytes]
Tags = dict[int, Value | None]


def one(number: int, kind: int = LONG) -> Value:
    return kind, (number,)


def text(content: str) -> Value:
    return TEXT, content.encode() + b"\0"


def key(*entries: tuple[int, int, int, int]) -> Value:
    """Return keys of a place by number, where it stands, count and value."""
    return SHORT, (1, 1, 0, len(entries), *(n for entry in entries for n in entry))


PLACED: Final = ((1024, 0, 1, 1), (1025, 0, 1, 1), (3072, 0, 1, 4548))
SOUND: Final[Mapping[int, Value]] = {
    WIDTH: one(SIDE),
    HEIGHT: one(SIDE),
    BITS: one(32, SHORT),
    PACKED: one(1, SHORT),
    PHOTO: one(1, SHORT),
    STRIP: one(0),
    SAMPLES: one(1, SHORT),
    ROWS: one(SIDE),
    COUNT: one(len(DATA)),
    SAMPLE: one(3, SHORT),
    SCALE: (DOUBLE, (CELL, CELL, 0.0)),
    TIE: (DOUBLE, (0.0, 0.0, 0.0, EAST, NORTH, 0.0)),
    KEYS: key(*PLACED),
}
TILED: Final[Tags] = {STRIP: None, ROWS: None, COUNT: None}
"""Without strips; tiles take their place."""


def tiff(tags: Tags, data: bytes = DATA, following: int = 0) -> bytes:
    """Return a TIFF whose pixels lie at byte 8; a place of 0 in `STRIP` or `TILES` means there.

    Parameters
    ----------
    tags
        What differs from a sound one; None takes a tag away.
    data, following
        The pixels as they are stored, and where the next list of tags is said to be.
    """
    said = {tag: value for tag, value in (dict(SOUND) | tags).items() if value is not None}
    for places in (STRIP, TILES):
        if places in said and not isinstance(said[places][1], bytes):
            said[places] = said[places][0], tuple(place or 8 for place in said[places][1])
    at = 8 + len(data) + len(data) % 2
    entries, beyond = b"", b""
    free = at + 2 + 12 * len(said) + 4
    for tag, (kind, values) in sorted(said.items()):
        body = values if isinstance(values, bytes) else struct.pack(
            f"<{len(values)}{SIZES[kind]}", *values)  # fmt: skip
        count = len(body) if isinstance(values, bytes) else len(values)
        if len(body) > 4:
            entries += struct.pack("<HHII", tag, kind, count, free + len(beyond))
            beyond += body + bytes(len(body) % 2)
        else:
            entries += struct.pack("<HHI", tag, kind, count) + body.ljust(4, b"\0")
    head = b"II*\0" + struct.pack("<I", at)
    return (
        head + data + bytes(len(data) % 2) + struct.pack("<H", len(said)) + entries
        + struct.pack("<I", following) + beyond
    )  # fmt: skip


def made(tags: Tags, data: bytes = DATA, following: int = 0) -> Make:
    return written("ground.tif", lambda: tiff(tags, data, following))


def sized(width: int, height: int) -> Make:
    """Return a maker of a raster said to be of a size, in one strip."""
    return made({WIDTH: one(width), HEIGHT: one(height), ROWS: one(height)})


def tiles(
    side: int, count: int, size: int, width: int, data: bytes = DATA, method: int = 1
) -> Make:
    """Return a maker of a raster of tiles, all of them the same bytes."""
    return written("ground.tif", lambda: tiff(
        TILED | {WIDTH: one(width), HEIGHT: one(width), TILE_W: one(side), TILE_H: one(side),
                 TILES: (LONG, (0,) * count), TILE_COUNTS: (LONG, (size,) * count),
                 PACKED: one(method, SHORT)}, data))  # fmt: skip


def floats(value: float) -> bytes:
    return struct.pack("<f", value) * (SIDE * SIDE)


def packed(data: bytes, method: int) -> Make:
    return made({PACKED: one(method, SHORT), COUNT: one(len(data))}, data)


def bomb() -> bytes:
    """Return a tile of 4,096 by 4,096 heights in 65 kilobytes."""
    return zlib.compress(bytes(4096 * 4096 * 4), 9)


def bombs() -> bytes:
    """Return a raster of 65,536 by 65,536 heights, each of its tiles the same bytes."""
    data, count = bomb(), 256
    return tiff(TILED | {
        WIDTH: one(65_536), HEIGHT: one(65_536), TILE_W: one(4_096), TILE_H: one(4_096),
        TILES: (LONG, (0,) * count), TILE_COUNTS: (LONG, (len(data),) * count),
        PACKED: one(8, SHORT), SCALE: (DOUBLE, (0.005, 0.005, 0.0))}, data)  # fmt: skip


def big(count: int) -> bytes:
    """Return a BigTIFF whose list of tags says that it has so many."""
    return b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, count) + bytes(400)


def plain(folder: Path) -> Path:
    return made({})(folder)


VRT: Final = (
    '<VRTDataset rasterXSize="40" rasterYSize="30"><SRS>EPSG:4548</SRS><GeoTransform>392000,10,0,'
    '3174000,0,-10</GeoTransform><VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
    '<SourceFilename relativeToVRT="0">SECRET</SourceFilename></SimpleSource></VRTRasterBand>'
    "</VRTDataset>"
)
ITEM: Final = '<GDALMetadata><Item name="%s"%s>%s</Item></GDALMetadata>'
NAN: Final = float("nan")
INF: Final = float("inf")
RASTERS: Final[dict[str, Make]] = {
    "a size beyond all": sized(2**31 - 1, 2**31 - 1),
    "a size beyond 31 bits": sized(2**32 - 1, 2**32 - 1),
    "a width beyond all": sized(2**31 - 1, 1),
    "a size of nothing": sized(0, 0),
    "a height of nothing": sized(30, 0),
    "a size of one": sized(1, 1),
    "a size larger than its strip": sized(20_000, 20_000),
    "rows of nothing": made({ROWS: one(0)}),
    "rows beyond all": made({ROWS: one(2**32 - 1)}),
    "a strip for each row, all the same": made(
        {ROWS: one(1), STRIP: (LONG, (0,) * SIDE), COUNT: (LONG, (120,) * SIDE)}
    ),
    "fewer strips than rows": made(
        {ROWS: one(1), STRIP: (LONG, (0, 0)), COUNT: (LONG, (120, 120))}
    ),
    "a strip behind the end": made({STRIP: one(2**31)}),
    "a strip in the head": made({STRIP: one(1)}),
    "a strip of four gigabytes": made({COUNT: one(2**32 - 1)}),
    "a strip of nothing": made({COUNT: one(0)}),
    "no strips": made(TILED),
    "tiles of one pixel": tiles(1, 900, 4, 30),
    "tiles of one pixel, 10,000 by 10,000 said": tiles(1, 1, 4, 10_000),
    "tiles of 16 pixels, two million said": tiles(16, 1, 1024, 22_000),
    "tiles of nothing": tiles(0, 1, 4, 30),
    "tiles of a side beyond all": tiles(2**31 - 16, 1, 4, 30),
    "tiles of a side of 65,520": tiles(65_520, 1, 4, 30),
    "tiles of an odd side": tiles(17, 4, 1_156, 30),
    "tiles behind the end": made(
        TILED | {TILE_W: one(32), TILE_H: one(32), TILES: one(2**32 - 9), TILE_COUNTS: one(4_096)}
    ),
    "fewer tiles than there should be": tiles(16, 1, 1_024, 30),
    "tiles that unpack to 16 gigabytes": written("ground.tif", bombs),
    "a tile that unpacks to 64 megabytes": written(
        "ground.tif",
        lambda: tiff(
            TILED
            | {
                TILE_W: one(16),
                TILE_H: one(16),
                WIDTH: one(16),
                HEIGHT: one(16),
                TILES: one(0),
                TILE_COUNTS: one(len(bomb())),
                PACKED: one(8, SHORT),
            },
            bomb(),
        ),
    ),
    "pixels of one bit": made({BITS: one(1, SHORT), SAMPLE: one(1, SHORT)}),
    "pixels of 24 bits": made({BITS: one(24, SHORT)}),
    "pixels of 128 bits": made({BITS: one(128, SHORT)}),
    "pixels of no bits": made({BITS: one(0, SHORT)}),
    "pixels of complex numbers": made({SAMPLE: one(6, SHORT), BITS: one(64, SHORT)}),
    "pixels of a kind that nobody knows": made({SAMPLE: one(99, SHORT)}),
    "65,535 bands": made({SAMPLES: one(65_535, SHORT)}),
    "no bands": made({SAMPLES: one(0, SHORT)}),
    "colours of a table that is gone": made(
        {PHOTO: one(3, SHORT), BITS: one(8, SHORT), SAMPLE: one(1, SHORT)}
    ),
    "a predictor that does not fit": made(
        {PREDICTOR: one(3, SHORT), PACKED: one(8, SHORT), COUNT: one(20)}
    ),
    "a method that nobody knows": made({PACKED: one(9_999, SHORT)}),
    "pixels of LZW that are none": packed(b"\xff" * 3_600, 5),
    "pixels of deflate that are none": packed(b"\x78\x9c" + b"\xff" * 400, 8),
    "pixels of deflate cut off": packed(zlib.compress(DATA)[:20], 8),
    "pixels of JPEG that are none": packed(b"\xff\xd8\xff\xd9" * 100, 7),
    "pixels of LERC that are none": packed(b"Lerc2 " + b"\xff" * 400, 34_887),
    "pixels of Zstandard that are none": packed(b"\x28\xb5\x2f\xfd" + b"\xff" * 400, 50_000),
    "pixels of WebP that are none": packed(b"RIFF\xff\xff\xff\xffWEBP" + b"\xff" * 400, 50_001),
    "pixels of fax that are none": packed(b"\xff" * 400, 4),
    "tables of JPEG that are none": made({PACKED: one(7, SHORT), JPEG: (7, b"\xff" * 400)}),
    "a list of tags that follows itself": written(
        "ground.tif", lambda: tiff({}, following=8 + len(DATA))
    ),
    "a list of tags behind the end": made({}, following=2**32 - 1),
    "a list of tags in the pixels": made({}, following=9),
    "lists of tags below themselves": written(
        "ground.tif", lambda: tiff({SUB: one(8 + len(DATA))})
    ),
    "a first list behind the end": written("ground.tif", b"II*\0\xff\xff\xff\xff" + bytes(400)),
    "65,535 tags": written("ground.tif", b"II*\0\x08\0\0\0\xff\xff" + bytes(12 * 65_535)),
    "a tag of 200,000 values": made({SCALE: (DOUBLE, (CELL,) * 200_000)}),
    "a BigTIFF of tags beyond all": written("ground.tif", big(2**64 - 1)),
    "a BigTIFF of a million tags": written("ground.tif", big(10**6)),
    "a BigTIFF of nothing": written("ground.tif", big(0)),
    "cells of no size": made({SCALE: (DOUBLE, (0.0, 0.0, 0.0))}),
    "cells below zero": made({SCALE: (DOUBLE, (-CELL, -CELL, 0.0))}),
    "cells that are no number": made({SCALE: (DOUBLE, (NAN, NAN, NAN))}),
    "cells without end": made({SCALE: (DOUBLE, (INF, 1e308, 0.0))}),
    "cells of next to nothing": made({SCALE: (DOUBLE, (1e-300, 1e-300, 0.0))}),
    "a place that is no number": made({TIE: (DOUBLE, (0.0, 0.0, 0.0, NAN, NAN, 0.0))}),
    "a place without end": made({TIE: (DOUBLE, (1e308, 1e308, 0.0, 1e308, -1e308, 0.0))}),
    "no place": made({SCALE: None, TIE: None}),
    "5,000 places": made({SCALE: None, TIE: (DOUBLE, (0.0, 0.0, 0.0, EAST, NORTH, 0.0) * 5_000)}),
    "a matrix of zeros": made({SCALE: None, TIE: None, MATRIX: (DOUBLE, (0.0,) * 16)}),
    "a matrix that turns": made(
        {
            SCALE: None,
            TIE: None,
            MATRIX: (DOUBLE, (5.0, 5.0, 0.0, EAST, 5.0, -5.0, 0.0, NORTH, *[0.0] * 7, 1.0)),
        }
    ),
    "a matrix of no numbers": made({SCALE: None, TIE: None, MATRIX: (DOUBLE, (NAN,) * 16)}),
    "no system": made({KEYS: None}),
    "a system that nobody knows": made({KEYS: key((1024, 0, 1, 1), (3072, 0, 1, 65_000))}),
    "a system of keys that lead out": made({KEYS: key(*PLACED, (3073, NAMES, 60_000, 60_000))}),
    "keys that are more than there are": made({KEYS: (SHORT, (1, 1, 0, 65_535))}),
    "a system in a file": made(
        {
            KEYS: key((1024, 0, 1, 1), (3073, NAMES, 20, 0)),
            NAMES: text("ESRI PE String = +init=/etc/passwd:1|"),
        }
    ),
    "a system nested 10,000 deep": made(
        {
            KEYS: key((1024, 0, 1, 1), (1026, NAMES, 60_000, 0)),
            NAMES: text("ESRI PE String = " + 'PROJCS["a",' * 5_000),
        }
    ),
    "a system of degrees": made({KEYS: key((1024, 0, 1, 2), (2048, 0, 1, 4326))}),
    "metadata 100,000 deep": made({META: text("<a>" * 100_000)}),
    "metadata of another file": made(
        {
            META: text(
                '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
                '<GDALMetadata><Item name="a">&e;'
                "</Item></GDALMetadata>"
            )
        }
    ),
    "metadata of an address": made(
        {META: text(ITEM % ("OVERVIEW_FILE", ' domain="OVERVIEWS"', f"/vsicurl/{ADDRESS}"))}
    ),
    "metadata of a place within an archive": made(
        {META: text(ITEM % ("OVERVIEW_FILE", ' domain="OVERVIEWS"', "/vsizip//etc/passwd"))}
    ),
    "metadata of a shift beyond all": made(
        {META: text(ITEM % ("OFFSET", ' sample="0" role="offset"', "1e999"))}
    ),
    "metadata of a scale that is no number": made(
        {META: text(ITEM % ("SCALE", ' sample="0" role="scale"', "nan"))}
    ),
    "metadata of ten megabytes": written(
        "ground.tif", lambda: tiff({META: text(ITEM % ("a", "", "x" * (10 << 20)))})
    ),
    "a void beyond all": made({NODATA: text("1e999")}),
    "a void that is no number": made({NODATA: text("void")}),
    "a void of 5,000 digits": made({NODATA: text("9" * 5_000)}),
    "heights that are no numbers": made({}, floats(NAN)),
    "heights without end": made({}, floats(INF)),
    "heights beyond the sky": made({}, floats(3e38)),
    "heights of both ends": made({}, (struct.pack("<2f", 3e38, -3e38) * 450)),
    "an overview in another file": beside(plain, ("ground.tif.ovr", VRT)),
    "an overview of noise": beside(plain, ("ground.tif.ovr", b"II*\0" + b"\xff" * 4_000)),
    "a mask in another file": beside(plain, ("ground.tif.msk", VRT)),
    "statistics that point elsewhere": beside(
        plain,
        (
            "ground.tif.aux.xml",
            (
                '<PAMDataset><SRS>SECRET</SRS><Metadata domain="OVERVIEWS">'
                '<MDI key="OVERVIEW_FILE">'
                "SECRET</MDI></Metadata></PAMDataset>"
            ),
        ),
    ),
    "statistics at an address": beside(
        plain,
        (
            "ground.tif.aux.xml",
            (
                '<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">/vsicurl/'
                f"{ADDRESS}</MDI></Metadata></PAMDataset>"
            ),
        ),
    ),
    "statistics 100,000 deep": beside(plain, ("ground.tif.aux.xml", b"<a>" * 100_000)),
    "a place in another file": beside(
        made({SCALE: None, TIE: None}), ("ground.tfw", b"nan\n0\n0\nnan\n1e999\n-1e999\n")
    ),
    "a system in the file beside it": beside(
        made({KEYS: None}), ("ground.prj", b'PROJCS["' + b'a",GEOGCS["' * 50_000)
    ),
    "a VRT under its name": pointing("ground.tif", VRT),
    "a VRT behind its mark": pointing("ground.tif", "II*\0" + VRT),
    "a VRT of itself": written("ground.tif", VRT.replace("SECRET", "ground.tif")),
    "a VRT that computes": pointing(
        "ground.tif",
        VRT.replace(
            "<SimpleSource>",
            "<PixelFunctionType>a</PixelFunctionType><PixelFunctionLanguage>Python"
            "</PixelFunctionLanguage><PixelFunctionCode>import os</PixelFunctionCode>"
            "<SimpleSource>",
        ),
    ),
    "a VRT with a void before it": pointing("ground.tif", " " * 2_000 + VRT),
    "a mosaic of tiles at an address": pointing(
        "ground.tif", VRT.replace("SECRET", f"/vsicurl/{ADDRESS}")
    ),
    "the words of another driver": written(
        "ground.tif", f"<GDAL_WMTS><GetCapabilitiesUrl>{ADDRESS}"
    ),
    "two rasters behind each other": written(
        "ground.tif", lambda: content_of("ground.tif") + content_of("ground.tif")
    ),
}

CASES: Final = tuple(
    Case("GTiff", f"raster, {said}", "ground", make) for said, make in RASTERS.items()
)
