"""The ground plan of the app as vector tiles, cut when a browser asks for them.

Nothing is built beforehand: a city of a hundred thousand buildings is on the screen as soon as its
tables are read. Only geometry that any map shows goes into these tiles: buildings with their
height, streets, crowns and obstacles, no names and nothing of the plan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from civicsight.io.crs import moved
from civicsight.maps.encode import WEB_MERCATOR, WGS84
from civicsight.model import City
from civicsight.presentation.symbols import MAIN_ROADS, PATHS

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
    name: str, shapes: npt.NDArray[np.object_], key: str, values: IntArray, box: TileBox
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

    Returns
    -------
    bytes
        The field ``layers`` of a tile: tiles are joined by joining bytes. Empty without shapes.
    """
    is_area = bool(len(shapes)) and bool(
        shapely.get_type_id(shapes[0]) == shapely.GeometryType.POLYGON
    )
    paths, owner = (
        shapely.get_rings(shapes, return_index=True)
        if is_area
        else (shapes, np.arange(len(shapes)))
    )
    points, path_of = _steps(paths, box, closed=is_area)
    owner, points, path_of = _long_enough(np.asarray(owner), points, path_of, 3 if is_area else 2)
    if not len(points):
        return b""
    numbers, per_feature = _commands(points, path_of, owner, closed=is_area)
    data, widths = _varints(numbers)
    ends = np.concatenate([[0], np.cumsum(widths)])
    starts = ends[np.concatenate([[0], np.cumsum(per_feature)])]
    kept, first = np.unique(owner, return_index=True)
    used, tag = np.unique(values[kept], return_inverse=True)
    kind = bytes([0x18, POLYGON if is_area else LINE])
    features = [
        _field(2, _field(2, b"\x00" + varint(int(t))) + kind + _field(4, data[a:b]))
        for t, a, b in zip(tag.tolist(), starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]
    return _layer(name, features, key, used.tolist(), box.extent) if len(first) else b""


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
    name: str, features: Sequence[bytes], key: str, values: Sequence[int], extent: int
) -> bytes:
    parts = [b"\x78\x02", _field(1, name.encode()), *features, _field(3, key.encode())]
    parts += [_field(4, b"\x28" + varint(value)) for value in values]  # uint_value
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


def _varints(numbers: IntArray) -> tuple[bytes, IntArray]:
    """Write whole numbers one after the other; also return how many bytes each has."""
    groups = max(1, -(-int(numbers.max(initial=0)).bit_length() // 7))
    shifted = numbers[:, None] >> (7 * np.arange(groups))
    width = np.maximum(1, (shifted != 0).sum(axis=1))
    place = np.arange(groups)
    digits = (shifted & 127) | np.where(place < (width - 1)[:, None], 128, 0)
    return digits[place < width[:, None]].astype(np.uint8).tobytes(), width


WORLD_M: Final = 20_037_508.342789244
"""Half the side of the world in web Mercator."""

MIN_ZOOM: Final = 10
MAX_ZOOM: Final = 16
"""Beyond it a browser draws the same tiles larger; a step is 15 cm there, at the equator."""

TILE_PX: Final = 256
FINE_STEPS: Final = 4096
COARSE_STEPS: Final = 1024
FINE_ZOOM: Final = 15
"""From this zoom on a pixel has sixteen steps, before that four."""

BUFFER: Final = 1 / 64
"""Part of a side by which a tile reaches beyond itself, so that no outline ends at its edge."""

LEAST_PX: Final = {10: 6.0, 11: 5.0, 12: 4.0, 13: 1.5, 14: 0.5}
"""What is smaller on the screen is left out at these zooms."""

MAIN, STREET, PATH = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class TileLayer:
    """One table, ready to be cut: simple shapes in web Mercator, their sizes and a number each."""

    name: str
    key: str
    shapes: npt.NDArray[np.object_]
    values: npt.NDArray[np.int64]
    bounds: npt.NDArray[np.float64]
    tree: shapely.STRtree

    def cut(self, z: int, box: TileBox) -> bytes:
        """Write what lies in a tile."""
        margin = box.side_m * BUFFER
        west, east = box.west - margin, box.west + box.side_m + margin
        south, north = box.north - box.side_m - margin, box.north + margin
        found = np.sort(self.tree.query(shapely.box(west, south, east, north)))
        size = self.bounds[found, 2:] - self.bounds[found, :2]
        least = LEAST_PX.get(z, 0.0) * box.side_m / TILE_PX
        found = found[size.max(axis=1, initial=0.0) >= least]
        shapes, values = self.shapes[found], self.values[found]
        low, high = self.bounds[found, :2], self.bounds[found, 2:]
        across = (low < [west, south]).any(axis=1) | (high > [east, north]).any(axis=1)
        if across.any():
            cut = shapely.clip_by_rect(shapes[across], west, south, east, north)
            parts, owner = _simple(cut, shapely.get_type_id(shapes[0]))
            shapes = np.concatenate([shapes[~across], parts])
            values = np.concatenate([values[~across], values[across][owner]])
        return encode_layer(self.name, shapes, self.key, values, box)


@dataclass(frozen=True, slots=True, eq=False)
class TileSource:
    """The ground plan of one city.

    Parameters
    ----------
    digest
        SHA-256 of all that the tiles show: the same city has the same addresses.
    layers
        From the ground up.
    bounds
        West, south, east, north [degrees].
    """

    digest: str
    layers: tuple[TileLayer, ...]
    bounds: tuple[float, float, float, float]

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return a vector tile; empty where nothing is.

        Raises
        ------
        ValueError
            If there is no such tile.
        """
        box = tile_box(z, x, y)
        return b"".join(layer.cut(z, box) for layer in self.layers)


def tile_box(z: int, x: int, y: int) -> TileBox:
    """Return where a tile lies.

    Raises
    ------
    ValueError
        If it is outside the world, or its zoom is not served.
    """
    if not (MIN_ZOOM <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        msg = f"there is no tile {z}/{x}/{y}"
        raise ValueError(msg)
    return mercator_box(z, x, y, FINE_STEPS if z >= FINE_ZOOM else COARSE_STEPS)


def mercator_box(z: int, x: int, y: int, extent: int) -> TileBox:
    """Return the box of a tile with so many steps a side."""
    side = 2 * WORLD_M / (1 << z)
    return TileBox(x * side - WORLD_M, WORLD_M - y * side, side, extent)


def tile_source(city: City) -> TileSource:
    """Prepare the ground plan of a city for being cut into tiles."""
    roads = city.roads[~city.roads["tunnel"]]
    kinds = roads["kind"]
    rank = np.where(kinds.isin(MAIN_ROADS), MAIN, np.where(kinds.isin(PATHS), PATH, STREET))
    tables = (
        ("roads", "k", roads.geometry, rank),
        ("buildings", "h", city.buildings.geometry, city.buildings["height_m"]),
        ("canopies", "h", city.canopies.geometry, city.canopies["height_m"]),
        ("obstacles", "h", city.obstacles.geometry, city.obstacles["height_m"]),
    )
    layers = tuple(
        layer
        for name, key, shapes, values in tables
        for layer in _prepare(name, key, shapes, values)
    )
    digest = hashlib.sha256()
    for layer in layers:
        digest.update(layer.name.encode() + layer.values.tobytes())
        digest.update(shapely.get_coordinates(layer.shapes).tobytes())
        digest.update(shapely.get_num_coordinates(layer.shapes).tobytes())
    extent = moved(gpd.GeoSeries([city.extent], crs=city.crs), WGS84).total_bounds
    west, south, east, north = (float(value) for value in extent)
    return TileSource(digest.hexdigest(), layers, (west, south, east, north))


def _prepare(name: str, key: str, shapes: gpd.GeoSeries, values: Any) -> list[TileLayer]:
    """Take areas and lines apart; each kind of geometry is a layer of the same name."""
    if not len(shapes):
        return []
    numbers = np.rint(np.nan_to_num(np.asarray(values, np.float64))).astype(np.int64)
    flat = moved(shapes, WEB_MERCATOR).to_numpy()
    layers = []
    for kind, suffix in (
        (shapely.GeometryType.POLYGON, ""),
        (shapely.GeometryType.LINESTRING, "_lines"),
    ):
        parts, owner = _simple(flat, kind)
        if len(parts):
            label = (
                name if kind == shapely.GeometryType.POLYGON or name == "roads" else name + suffix
            )
            tree, bounds = shapely.STRtree(parts), shapely.bounds(parts)
            layers.append(TileLayer(label, key, parts, numbers[owner], bounds, tree))
    return layers


def _simple(
    shapes: npt.NDArray[np.object_], kind: int
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.intp]]:
    """Return the parts of one kind, rings wound as tiles want them, and whose they are."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    fits = (shapely.get_type_id(parts) == kind) & ~shapely.is_empty(parts)
    parts, owner = parts[fits], owner[fits]
    if kind == shapely.GeometryType.POLYGON:
        parts = shapely.orient_polygons(parts, exterior_cw=True)
    return parts, owner
