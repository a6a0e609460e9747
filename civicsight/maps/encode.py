"""Geometry as short text for a browser: whole steps of a millionth of a degree, differences only.

A feature is a list of pieces, a piece is a kind (`POINT`, `LINE`, `RING`, `HOLE`), a count and so
many points; a hole belongs to the ring before it. All numbers go into one string, five bits a
character, which the script reads back (`readShapes` in ``browser/draw.js``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import IntArray
from civicsight.io.crs import moved

POINT: Final = 0
LINE: Final = 1
RING: Final = 2
HOLE: Final = 3

STEPS_PER_DEGREE: Final = 1_000_000
"""A step is 11 cm on a meridian, finer than a pixel at any zoom that a map is read at."""

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Six bits a character: five of the number, one that says whether more follow."""

WGS84: Final = "EPSG:4326"
WEB_MERCATOR: Final = "EPSG:3857"


def encode_shapes(shapes: gpd.GeoSeries) -> dict[str, Any]:
    """Encode geometries of any kind.

    Parameters
    ----------
    shapes
        In any CRS; a missing or empty geometry becomes a feature without pieces.

    Returns
    -------
    dict
        ``count`` of features and ``data``, the text.
    """
    degrees = moved(shapes, WGS84).to_numpy()
    simple, owner = shapely.get_parts(degrees, return_index=True)
    while (shapely.get_type_id(simple) >= 4).any():  # collections may hold collections
        simple, inner = shapely.get_parts(simple, return_index=True)
        owner = owner[inner]
    paths: list[Any] = []
    kinds: list[int] = []
    owners: list[int] = []
    for shape, index in zip(simple, owner.tolist(), strict=True):
        found = _paths(shape)
        paths += [path for _, path in found]
        kinds += [kind for kind, _ in found]
        owners += [index] * len(found)
    points, path_of = shapely.get_coordinates(np.array(paths, object), return_index=True)
    starts = np.searchsorted(path_of, np.arange(len(paths) + 1)).tolist()
    owner = np.array(owners, np.int64)  # of each path
    steps = np.rint(points * STEPS_PER_DEGREE).astype(np.int64)
    per_feature = np.bincount(owner, minlength=len(degrees))
    numbers: list[IntArray] = []
    last = np.zeros(2, np.int64)
    piece = 0
    for count in per_feature.tolist():
        numbers.append(np.array([count], np.int64))
        for k in range(piece, piece + count):
            path = _thin(steps[starts[k] : starts[k + 1]], closed=kinds[k] in (RING, HOLE))
            deltas = np.diff(path, axis=0, prepend=last[None, :])
            last = path[-1]
            numbers.append(np.array([kinds[k], len(path)], np.int64))
            numbers.append(np.where(deltas < 0, -2 * deltas - 1, 2 * deltas).ravel())
        piece += count
    flat = np.concatenate(numbers) if numbers else np.zeros(0, np.int64)
    return {"count": len(degrees), "data": _characters(flat)}


def lon_lat(shapes: gpd.GeoSeries) -> list[list[float]]:
    """Return one ``[latitude, longitude]`` a feature: its point, or a point on it."""
    on_it = moved(shapes.representative_point(), WGS84)
    digits = np.round(np.column_stack([on_it.y, on_it.x]), 6)
    return [[float(lat), float(lon)] for lat, lon in digits]


def bounds_of(shapes: Iterable[BaseGeometry], crs: Any) -> list[list[float]]:
    """Return ``[[south, west], [north, east]]`` of geometries, in degrees."""
    west, south, east, north = moved(gpd.GeoSeries(list(shapes), crs=crs), WGS84).total_bounds
    return [[float(south), float(west)], [float(north), float(east)]]


def _paths(shape: BaseGeometry) -> Sequence[tuple[int, BaseGeometry]]:
    if shape.is_empty:
        return []
    if shape.geom_type == "Point":
        return [(POINT, shape)]
    if shape.geom_type == "Polygon":
        holes = [(HOLE, ring) for ring in shape.interiors]
        return [(RING, shape.exterior), *holes]
    return [(LINE, shape)]


def _thin(path: IntArray, *, closed: bool) -> IntArray:
    """Drop points that fall onto the one before, and the last of a ring: it is the first."""
    if closed and len(path) > 1:
        path = path[:-1]
    moved = np.ones(len(path), bool)
    moved[1:] = (path[1:] != path[:-1]).any(axis=1)
    return path[moved]


def _characters(values: IntArray) -> str:
    """Write whole numbers, none negative, lowest five bits first."""
    if not len(values):
        return ""
    groups = max(1, -(-int(values.max()).bit_length() // 5))
    digits = (values[:, None] >> (5 * np.arange(groups))) & 31
    width = np.maximum(1, groups - (digits[:, ::-1] != 0).argmax(axis=1))
    width[(digits == 0).all(axis=1)] = 1
    place = np.arange(groups)
    more = place[None, :] < (width - 1)[:, None]
    used = place[None, :] < width[:, None]
    table = np.frombuffer(ALPHABET.encode(), np.uint8)
    text: bytes = table[(digits | (more << 5))[used]].tobytes()
    return text.decode("ascii")
