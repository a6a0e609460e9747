"""The ground plan of the app as vector tiles, cut when a browser asks for them.

Nothing is built beforehand: a city of a hundred thousand buildings is on the screen as soon as its
tables are read. Only what any map shows goes into these tiles: water and green, buildings with
their height, streets with their names, crowns and obstacles, nothing of the plan.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from civicsight.io.crs import moved
from civicsight.maps.encode import WEB_MERCATOR, WGS84
from civicsight.maps.tile_encoding import TileBox, encode_layer
from civicsight.model import City
from civicsight.presentation.symbols import MAIN_ROADS, PATHS

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

MAIN_NAMES_ZOOM: Final = 13
NAMES_ZOOM: Final = 15
"""From these zooms on main roads and other streets are named."""

MAIN, STREET, PATH = range(3)
GREENS, WATERS = range(2)


@dataclass(frozen=True, slots=True, eq=False)
class TileLayer:
    """One table, ready to be cut: simple shapes in web Mercator, their sizes and a number each.

    The number is that of one of the `words`, if there are any; nothing is cut before `least`.
    """

    name: str
    key: str
    shapes: npt.NDArray[np.object_]
    values: npt.NDArray[np.int64]
    bounds: npt.NDArray[np.float64]
    tree: shapely.STRtree
    words: tuple[str, ...] | None = None
    least: int = 0

    def cut(self, z: int, box: TileBox) -> bytes:
        """Write what lies in a tile."""
        if z < self.least:
            return b""
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
        return encode_layer(self.name, shapes, self.key, values, box, self.words)


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
    cover = city.land_cover
    tables = (
        ("land_cover", "k", cover.geometry, np.where(cover["kind"].eq("water"), WATERS, GREENS)),
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
    layers += _street_names(roads, rank)
    digest = hashlib.sha256()
    for layer in layers:
        digest.update(layer.name.encode() + layer.values.tobytes())
        digest.update("\0".join(layer.words or ()).encode())
        digest.update(shapely.get_coordinates(layer.shapes).tobytes())
        digest.update(shapely.get_num_coordinates(layer.shapes).tobytes())
    extent = moved(gpd.GeoSeries([city.extent], crs=city.crs), WGS84).total_bounds
    west, south, east, north = (float(value) for value in extent)
    return TileSource(digest.hexdigest(), layers, (west, south, east, north))


def _street_names(roads: gpd.GeoDataFrame, rank: npt.NDArray[np.int64]) -> tuple[TileLayer, ...]:
    """Return the lines that names of streets are written along: all of one name joined.

    Main roads are a layer of their own that begins at a smaller scale.
    """
    names = roads["name"].fillna("").astype(str).str.strip()
    layers = []
    for label, is_main, least in (
        ("main_names", True, MAIN_NAMES_ZOOM),
        ("names", False, NAMES_ZOOM),
    ):
        chosen = names.ne("").to_numpy() & (rank != PATH) & ((rank == MAIN) == is_main)
        if not chosen.any():
            continue
        words, codes = np.unique(names[chosen], return_inverse=True)
        flat = moved(roads.geometry[chosen], WEB_MERCATOR).to_numpy()
        order = np.argsort(codes, kind="stable")
        parts, owner = shapely.get_parts(flat[order], return_index=True)
        joined = shapely.line_merge(shapely.multilinestrings(parts, indices=codes[order][owner]))
        lines, of = _simple(joined, shapely.GeometryType.LINESTRING)
        tree, bounds = shapely.STRtree(lines), shapely.bounds(lines)
        layers.append(
            TileLayer(label, "name", lines, of, bounds, tree, tuple(words.tolist()), least)
        )
    return tuple(layers)


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
