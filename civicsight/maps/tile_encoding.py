"""Shapes as vector tiles are written: the second version of Mapbox's format, by arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

LINE: Final = 2
POLYGON: Final = 3
"""Types of a geometry in a tile."""

MOVE_TO: Final = 1
LINE_TO: Final = 2
CLOSE_PATH: Final = 15
"""Commands; the last with its count of one."""

IntArray = npt.NDArray[np.int64]


class TileBox(NamedTuple):
    """Where a tile lies, in the metres of web Mercator, and how many steps its side has."""

    west: float
    north: float
    side_m: float
    extent: int


def encode_layer(
    name: str,
    shapes: npt.NDArray[np.object_],
    key: str,
    values: IntArray,
    box: TileBox,
    words: Sequence[str] | None = None,
) -> bytes:
    """Write one layer of a tile.

    Parameters
    ----------
    name
        Name of the layer.
    shapes
        Polygons whose outer rings run clockwise, or line strings, none mixed, in web Mercator,
        cut to the tile.
    key, values
        The one attribute, and a whole number for each shape, none negative.
    box
        The tile.
    words
        Texts that `values` count, where the attribute is a text.

    Returns
    -------
    bytes
        The field ``layers`` of a tile: tiles are joined by joining bytes. Empty without shapes.
    """
    is_area, paths, owner = _paths(shapes)
    points, path_of = _steps(paths, box, closed=is_area)
    owner, points, path_of = _long_enough(np.asarray(owner), points, path_of, 3 if is_area else 2)
    if not len(points):
        return b""
    numbers, per_feature = _commands(points, path_of, owner, closed=is_area)
    # Write whole numbers one after the other; also return how many bytes each has.
    groups = max(1, -(-int(numbers.max(initial=0)).bit_length() // 7))
    shifted = numbers[:, None] >> (7 * np.arange(groups))
    width = np.maximum(1, (shifted != 0).sum(axis=1))
    place = np.arange(groups)
    digits = (shifted & 127) | np.where(place < (width - 1)[:, None], 128, 0)
    data, widths = digits[place < width[:, None]].astype(np.uint8).tobytes(), width
    ends = np.concatenate([[0], np.cumsum(widths)])
    starts = ends[np.concatenate([[0], np.cumsum(per_feature)])]
    kept, first = np.unique(owner, return_index=True)
    used, tag = np.unique(values[kept], return_inverse=True)
    kind = bytes([0x18, POLYGON if is_area else LINE])
    features = [
        _field(2, _field(2, b"\x00" + varint(int(t))) + kind + _field(4, data[a:b]))
        for t, a, b in zip(tag.tolist(), starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]
    said = [  # uint_value or string_value
        b"\x28" + varint(n) if words is None else _field(1, words[n].encode())
        for n in used.tolist()
    ]
    return _layer(name, features, key, said, box.extent) if len(first) else b""


def _paths(
    shapes: npt.NDArray[np.object_],
) -> tuple[bool, npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Return whether shapes are areas, their rings or lines, and whose each is."""
    if len(shapes) and shapely.get_type_id(shapes[0]) == shapely.GeometryType.POLYGON:
        return True, *shapely.get_rings(shapes, return_index=True)
    return False, shapes, np.arange(len(shapes))


def varint(value: int) -> bytes:
    """Write one whole number, lowest seven bits first.

    Examples
    --------
    >>> varint(300).hex()
    'ac02'
    """
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _layer(
    name: str, features: Sequence[bytes], key: str, values: Sequence[bytes], extent: int
) -> bytes:
    parts = [b"\x78\x02", _field(1, name.encode()), *features, _field(3, key.encode())]
    parts += [_field(4, value) for value in values]
    parts.append(b"\x28" + varint(extent))
    return _field(3, b"".join(parts))


def _field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2]) + varint(len(data)) + data


def _steps(
    paths: npt.NDArray[np.object_], box: TileBox, *, closed: bool
) -> tuple[IntArray, IntArray]:
    """Round to whole steps from the tile's corner, y down; drop what falls on the one before."""
    coordinates, path_of = shapely.get_coordinates(paths, return_index=True)
    scale = box.extent / box.side_m
    points = np.rint((coordinates - [box.west, box.north]) * [scale, -scale]).astype(np.int64)
    begins = np.ones(len(points), bool)
    begins[1:] = path_of[1:] != path_of[:-1]
    keep = begins.copy()
    keep[1:] |= (points[1:] != points[:-1]).any(axis=1)
    points, path_of = points[keep], path_of[keep]
    if not closed or not len(points):
        return points, path_of
    first = np.flatnonzero(np.diff(path_of, prepend=-1))
    last = np.concatenate([first[1:], [len(points)]]) - 1
    again = (points[first] == points[last]).all(axis=1) & (last > first)
    stays = np.ones(len(points), bool)
    stays[last[again]] = False  # the last point of a ring is its first
    return points[stays], path_of[stays]


def _long_enough(
    owner: IntArray, points: IntArray, path_of: IntArray, least: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Leave out paths that have shrunk to fewer points than a line or an area has.

    Returns the owner of each path that stays, the points, and the number of their path, without
    gaps. A hole whose outer ring has gone goes with it.
    """
    count = np.bincount(path_of, minlength=len(owner))
    stays = count >= least
    is_outer = np.ones(len(owner), bool)
    is_outer[1:] = owner[1:] != owner[:-1]
    outer_of = np.maximum.accumulate(np.where(is_outer, np.arange(len(owner)), 0))
    stays &= stays[outer_of] if len(owner) else stays
    kept = stays[path_of]
    renumbered = np.cumsum(stays) - 1
    return owner[stays], points[kept], renumbered[path_of[kept]]


def _commands(
    points: IntArray, path_of: IntArray, owner: IntArray, *, closed: bool
) -> tuple[IntArray, IntArray]:
    """Return commands and parameters of all features, and how many numbers each feature has."""
    count = np.bincount(path_of)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    delta = np.diff(points, axis=0, prepend=np.zeros((1, 2), np.int64))
    new_feature = np.ones(len(owner), bool)
    new_feature[1:] = owner[1:] != owner[:-1]
    begins = first[new_feature]
    delta[begins] = points[begins]  # the pen of a feature starts at the corner of the tile
    length = 2 * count + (3 if closed else 2)
    at = np.concatenate([[0], np.cumsum(length)[:-1]])
    numbers = np.zeros(int(length.sum()), np.int64)
    numbers[at] = 1 << 3 | MOVE_TO
    numbers[at + 3] = (count - 1) << 3 | LINE_TO
    if closed:
        numbers[at + length - 1] = CLOSE_PATH
    place = np.arange(len(points)) - first[path_of]
    target = at[path_of] + 1 + 2 * place + (place > 0)
    zigzag = (delta << 1) ^ (delta >> 63)
    numbers[target], numbers[target + 1] = zigzag[:, 0], zigzag[:, 1]
    return numbers, np.add.reduceat(length, np.flatnonzero(new_feature))
