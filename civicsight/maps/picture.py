"""Coverage classes as pictures for a map: sampled in the map's own projection, written as PNG.

A coverage raster is stored in blocks, only where cameras reach; so are the pictures. Two districts
far apart cost two districts.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pyproj import Transformer

from civicsight.core.arrays import ByteArray, FloatArray
from civicsight.coverage.raster import CoverageRaster, Tile
from civicsight.io.crs import between
from civicsight.maps.encode import WEB_MERCATOR

MAX_PIXELS: Final = 12_000_000
"""Pixels of all pictures together; a larger city is drawn with larger pixels."""

PICTURE_PX: Final = 2048
"""Side of a picture."""


def coverage_pictures(
    raster: CoverageRaster, thresholds: Sequence[float], colours: Sequence[str]
) -> list[dict[str, Any]]:
    """Paint the best pixel density by class.

    Parameters
    ----------
    raster
        What the cameras see.
    thresholds
        Least px/m of each class, rising.
    colours
        Colour of each class, ``#rrggbb``. What is below the first class stays clear.

    Returns
    -------
    list
        ``url`` (the PNG itself) and ``bounds`` ``[[south, west], [north, east]]`` in degrees of
        each picture; empty if nothing is seen.
    """
    forward = between(raster.crs, WEB_MERCATOR)
    tiles = [tile for tile in raster.blocks() if tile.best.max(initial=0.0) >= thresholds[0]]
    if not tiles:
        return []
    places = [_place(tile, raster.cell_m, forward) for tile in tiles]
    # The side of a pixel in the map's metres: a cell, or more where there are too many.
    cell = float(np.sqrt(1.0 / abs(np.linalg.det(places[0].to_cell[:2]))))
    area = sum((place.east - place.west) * (place.north - place.south) for place in places)
    pixel = max(cell, float(np.sqrt(area / MAX_PIXELS)))
    canvases: dict[tuple[int, int], ByteArray] = {}
    for tile, place in zip(tiles, places, strict=True):
        classes = np.digitize(tile.best, thresholds).astype(np.uint8)
        _paint(canvases, classes, place, pixel)
    degrees = between(WEB_MERCATOR, "EPSG:4326")
    return [
        _picture(canvas, key, pixel, colours, degrees)
        for key, canvas in sorted(canvases.items())
        if canvas.any()
    ]


def write_png(indexes: ByteArray, colours: Sequence[str]) -> bytes:
    """Write a picture with a palette; index 0 is clear, index k is the colour before it in line.

    References
    ----------
    Portable Network Graphics (PNG) Specification, ISO/IEC 15948.
    """
    height, width = indexes.shape
    palette = bytes.fromhex("000000" + "".join(colour[1:] for colour in colours))
    depth = 4  # at most fifteen classes
    padded = np.zeros((height, width + width % 2), np.uint8)
    padded[:, :width] = indexes
    packed = (padded[:, 0::2] << 4) | padded[:, 1::2]
    lines = np.hstack([np.zeros((height, 1), np.uint8), packed])
    header = struct.pack(">IIBBBBB", width, height, depth, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in (
            (b"IHDR", header),
            (b"PLTE", palette),
            (b"tRNS", b"\x00"),
            (b"IDAT", zlib.compress(lines.tobytes(), 9)),
            (b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _place(tile: Tile, cell_m: float, forward: Transformer) -> Place:
    """Fit the affine map from the map's metres to the tile's ``(col, row)`` at its corners.

    Within one tile of some hundred metres the projections differ from it by millimetres.
    """
    rows, cols = tile.best.shape
    east, south = tile.west + cols * cell_m, tile.north - rows * cell_m
    xs, ys = forward.transform(
        [tile.west, east, tile.west, east], [tile.north, tile.north, south, south]
    )
    design = np.column_stack([xs, ys, np.ones(4)])
    cells = np.array([[0.0, 0.0], [cols, 0.0], [0.0, rows], [cols, rows]])
    centre = design.mean(axis=0) * [1.0, 1.0, 0.0]
    fit, *_ = np.linalg.lstsq(design - centre, cells, rcond=None)
    offset = fit[2] - centre[:2] @ fit[:2]
    return Place(np.vstack([fit[:2], offset]), min(xs), min(ys), max(xs), max(ys))


def _paint(
    canvases: dict[tuple[int, int], ByteArray], classes: ByteArray, place: Place, pixel: float
) -> None:
    """Paint a tile onto the pictures that it touches, on one grid of pixels for all."""
    col0, col1 = int(np.floor(place.west / pixel)), int(np.ceil(place.east / pixel))
    row0, row1 = int(np.floor(place.south / pixel)), int(np.ceil(place.north / pixel))
    x = (np.arange(col0, col1) + 0.5) * pixel
    y = (np.arange(row0, row1) + 0.5) * pixel
    to = place.to_cell
    col = np.floor(x[None, :] * to[0, 0] + y[:, None] * to[1, 0] + to[2, 0]).astype(np.int64)
    row = np.floor(x[None, :] * to[0, 1] + y[:, None] * to[1, 1] + to[2, 1]).astype(np.int64)
    inside = (col >= 0) & (row >= 0) & (col < classes.shape[1]) & (row < classes.shape[0])
    values = np.zeros(inside.shape, np.uint8)
    values[inside] = classes[row[inside], col[inside]]
    for down in range(row0 // PICTURE_PX, (row1 - 1) // PICTURE_PX + 1):
        for across in range(col0 // PICTURE_PX, (col1 - 1) // PICTURE_PX + 1):
            canvas = canvases.setdefault(
                (down, across), np.zeros((PICTURE_PX, PICTURE_PX), np.uint8)
            )
            top, left = down * PICTURE_PX, across * PICTURE_PX
            r0, r1 = max(row0, top), min(row1, top + PICTURE_PX)
            c0, c1 = max(col0, left), min(col1, left + PICTURE_PX)
            part = values[r0 - row0 : r1 - row0, c0 - col0 : c1 - col0]
            target = canvas[r0 - top : r1 - top, c0 - left : c1 - left]
            np.maximum(target, part, out=target)


def _picture(
    canvas: ByteArray,
    key: tuple[int, int],
    pixel: float,
    colours: Sequence[str],
    degrees: Transformer,
) -> dict[str, Any]:
    """Cut a picture to what is painted on it; its rows run north, those of a PNG south."""
    rows, cols = (np.flatnonzero(canvas.any(axis=axis)) for axis in (1, 0))
    r0, r1, c0, c1 = int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1
    png = write_png(canvas[r0:r1, c0:c1][::-1], colours)
    top, left = key[0] * PICTURE_PX, key[1] * PICTURE_PX
    west, south = degrees.transform((left + c0) * pixel, (top + r0) * pixel)
    east, north = degrees.transform((left + c1) * pixel, (top + r1) * pixel)
    url = "data:image/png;base64," + base64.b64encode(png).decode()
    return {"url": url, "bounds": [[south, west], [north, east]]}


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a tile lies: the affine map to its cells, and its box in the map's metres."""

    to_cell: FloatArray
    west: float
    south: float
    east: float
    north: float
