"""Cameras on walls: where a record inside or on a building is meant to stand.

Two thirds of real cameras hang on a wall, and a map puts many of them some way inside it. Such a
camera is moved to just outside the nearest facade that faces open space; one that is too deep
inside is taken as an indoor camera. What was moved, and why, is part of the result.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import FloatArray, IntArray, nth_of
from civicsight.core.errors import N_, CrsError, Text
from civicsight.model import CAMERAS, require_metric
from civicsight.model.terrain import Terrain
from civicsight.scene.nearness import ON_WALL_M, is_mapped

CLEARANCE_M: Final = 0.3
"""Distance of a lens from its wall: an arm or a housing (assumption of the project)."""

INDOOR_DEPTH_M: Final = 5.0
"""Deeper than this behind the nearest open facade a record is an indoor camera, not a slip of the
map: streets are mapped to a few metres (assumption of the project)."""

OPEN_SPACE_M: Final = 1.0
"""A facade faces open space if nothing stands within this distance of the lens."""

UNKNOWN_HEIGHT_M: Final = 3.0
"""Height at which a camera of unknown height meets walls: between a door and the first floor."""

TOUCH_M: Final = 1e-6
"""Distances closer than this are the same; a camera just moved is not moved again."""

MOST_MOVES: Final = 8
"""In a corner a camera is moved from wall to wall; each move is shorter than the one before."""

PLACEMENTS: Final = ("kept", "moved", "indoor", "off_terrain", "off_map")
"""What became of a camera's place; only the first two are used."""

UNKNOWN_GROUND: Final = ("off_terrain", "off_map")
"""Placements of cameras that stand where nothing is known, and so are not judged."""

PLACEMENT_REASONS: Final[dict[str, Text]] = {
    "free": N_("it stands free of buildings"),
    "above_roof": N_("it is higher than the roof it stands on"),
    "under": N_("it hangs in a passage under a building"),
    "clear_of_wall": N_("it hangs clear of its wall"),
    "narrow": N_("it hangs in a gap too narrow to move it"),
    "on_wall": N_("it was on the wall and moved just outside"),
    "in_wall": N_("it was inside the building and moved to the nearest open facade"),
    "recorded_indoor": N_("its record says indoors, so it is not used"),
    "off_terrain": N_("the height of the ground under it is not known, so it is not used"),
    "off_map": N_("it stands outside the mapped area, so it is not judged"),
    "deep_inside": N_("it is too deep inside a building, so it is taken as indoors and not used"),
}
"""Every reason that `place_cameras` gives, for a person."""


def place_cameras(
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    clearance_m: float = CLEARANCE_M,
    indoor_depth_m: float = INDOOR_DEPTH_M,
) -> gpd.GeoDataFrame:
    """Move cameras that are inside or on a building to just outside it.

    Parameters
    ----------
    cameras, buildings
        Tables `model.CAMERAS` and `model.BUILDINGS` in one metric CRS; not changed.
    clearance_m
        Distance from the wall that a camera is given.
    indoor_depth_m
        Greatest distance to an open facade that is still taken as a slip of the map.

    Returns
    -------
    GeoDataFrame
        The cameras in their order and columns, where they stand now, with ``placed`` (one of
        `PLACEMENTS`), ``shift_m``, ``host`` (id of the building whose wall carries it),
        ``facade_deg`` (outward azimuth of that wall, NaN without one) and ``reason`` (a key of
        `PLACEMENT_REASONS`). The order of neither table matters.

    Raises
    ------
    SchemaError, CrsError
        If a table is not as declared, or the two have different CRSs.
    """
    CAMERAS.check(cameras)
    if cameras.crs != require_metric(buildings, "buildings"):
        msg = f"cameras are in {cameras.crs}, buildings in {buildings.crs}: convert with to_crs()"
        raise CrsError(msg)
    out = cameras.copy()
    out["placed"], out["shift_m"], out["host"] = "kept", 0.0, None
    out["facade_deg"], out["reason"] = np.nan, "free"
    out["host"] = out["host"].astype(object)
    if len(buildings) and len(cameras):
        tree = shapely.STRtree(buildings.geometry.to_numpy())
        _place(out, buildings, tree, clearance_m, indoor_depth_m)
        _leave_corners(out, cameras, buildings, tree, clearance_m, indoor_depth_m)
    recorded = cameras.get("setting", pd.Series(None, index=cameras.index)).eq("indoor").to_numpy()
    out.loc[recorded, "placed"] = "indoor"
    out.loc[recorded, "reason"] = "recorded_indoor"
    out.loc[recorded, "shift_m"] = 0.0
    out.loc[recorded, "geometry"] = cameras.geometry[recorded]
    return out


def leave_unknown(
    placed: gpd.GeoDataFrame, extent: BaseGeometry, terrain: Terrain | None
) -> gpd.GeoDataFrame:
    """Return placed cameras without use of those that stand where nothing is known.

    Parameters
    ----------
    placed
        As `place_cameras` returns them.
    extent, terrain
        Area that was read, which may be empty where nothing was; the ground, None where it is flat.
    """
    out = placed.copy()
    points = out.geometry
    out.loc[~is_mapped(points.to_numpy(), extent), ["placed", "reason"]] = "off_map"
    if terrain is not None:
        x, y = points.x.to_numpy(np.float64), points.y.to_numpy(np.float64)
        off = ~np.isfinite(terrain.height_at(x, y))
        out.loc[off, ["placed", "reason"]] = "off_terrain"
    return out


def _place(
    out: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    tree: shapely.STRtree,
    clearance_m: float,
    depth_m: float,
) -> None:
    """Fill the placement of cameras near buildings."""
    points, footprints = out.geometry.to_numpy(), tree.geometries
    height = pd.to_numeric(out.get("height_m", pd.Series(np.nan, out.index))).to_numpy(np.float64)
    near, host = tree.query(points, predicate="dwithin", distance=ON_WALL_M)
    solid = _is_solid(buildings, host, height[near])
    over = height[near] > pd.to_numeric(buildings["height_m"]).to_numpy(np.float64)[host]
    distance = shapely.distance(points[near], footprints[host])
    below_roof = np.zeros(len(out), bool)
    below_roof[near[solid]] = True
    labels = out.index.to_numpy()
    for reason, other in (("above_roof", solid | ~over), ("under", solid | over)):
        there = np.unique(near[(distance == 0.0) & ~other])
        out.loc[labels[there[~below_roof[there]]], "reason"] = reason

    near, host, distance = near[solid], host[solid], distance[solid]
    gap = np.full(len(out), np.inf)
    np.minimum.at(gap, near, distance)
    inside = gap == 0.0
    spot = _nearest_open_facade(points, near, host, buildings, tree, height, clearance_m)
    found = spot["away"] <= np.where(inside, depth_m, ON_WALL_M)

    lost = np.flatnonzero(below_roof & ~found)
    out.loc[labels[lost], "reason"] = np.where(inside[lost], "deep_inside", "narrow")
    out.loc[labels[lost[inside[lost]]], "placed"] = "indoor"

    held = np.flatnonzero(below_roof & found)
    out.loc[labels[held], "host"] = buildings.index.to_numpy()[spot["host"][held]]
    out.loc[labels[held], "facade_deg"] = spot["azimuth"][held]
    out.loc[labels[held], "reason"] = "clear_of_wall"

    moved = held[gap[held] < clearance_m - TOUCH_M]
    target = shapely.points(spot["x"][moved], spot["y"][moved])
    out.loc[labels[moved], "placed"] = "moved"
    out.loc[labels[moved], "reason"] = np.where(inside[moved], "in_wall", "on_wall")
    out.loc[labels[moved], "shift_m"] = shapely.distance(points[moved], target)
    geometry = points.copy()
    geometry[moved] = target
    out.geometry = gpd.GeoSeries(geometry, index=out.index, crs=out.crs)


def _leave_corners(
    out: gpd.GeoDataFrame,
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    tree: shapely.STRtree,
    clearance_m: float,
    depth_m: float,
) -> None:
    """Move those on that came too close to a second wall by leaving the first."""
    moved = out.index[out["placed"].eq("moved")]
    for _ in range(MOST_MOVES):
        if moved.empty:
            return
        again = out.loc[moved].assign(placed="kept", reason="free")
        _place(again, buildings, tree, clearance_m, depth_m)
        again = again[again["placed"].eq("moved")]
        moved = again.index
        out.loc[moved, "geometry"] = again.geometry
        out.loc[moved, ["host", "facade_deg"]] = again[["host", "facade_deg"]]
        out.loc[moved, "shift_m"] = again.geometry.distance(cameras.geometry.loc[moved])


def _is_solid(
    buildings: gpd.GeoDataFrame, which: IntArray, height: FloatArray
) -> npt.NDArray[np.bool_]:
    """Tell whether buildings have a wall at a height; a passage below or a roof under it do not."""
    base = pd.to_numeric(buildings.get("base_m", pd.Series(0.0, buildings.index))).fillna(0.0)
    top = pd.to_numeric(buildings["height_m"])
    known = np.isfinite(height)
    at = np.where(known, height, UNKNOWN_HEIGHT_M)
    solid: npt.NDArray[np.bool_] = (base.to_numpy(np.float64)[which] <= at) & (
        ~known | (at <= top.to_numpy(np.float64)[which])
    )
    return solid


def _nearest_open_facade(
    points: npt.NDArray[np.object_],
    near: IntArray,
    host: IntArray,
    buildings: gpd.GeoDataFrame,
    tree: shapely.STRtree,
    height: FloatArray,
    clearance_m: float,
) -> dict[str, npt.NDArray[np.float64] | IntArray]:
    """Find for every camera the nearest wall of its hosts with open space in front.

    Returns arrays by camera: ``away`` (distance to the wall, infinite without one), ``host``,
    ``azimuth`` (outward) and the place ``x``, ``y`` just outside.
    """
    ends, owner = _walls(tree.geometries, np.unique(host))
    pair, wall = _join(host, owner)
    camera = near[pair]
    xy = shapely.get_coordinates(points[camera])
    start, along = ends[wall, :2], ends[wall, 2:] - ends[wall, :2]
    length = np.linalg.norm(along, axis=1)
    share = np.clip(((xy - start) * along).sum(axis=1) / length**2, 0.0, 1.0)
    foot = start + share[:, None] * along
    outward = np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None]
    place = foot + clearance_m * outward
    probe = shapely.linestrings(np.stack([place, place + OPEN_SPACE_M * outward], axis=1))
    met, other = tree.query(probe, predicate="intersects")
    closed = np.zeros(len(probe), bool)
    closed[met[_is_solid(buildings, other, height[camera[met]])]] = True

    away = np.where(closed, np.inf, np.linalg.norm(xy - foot, axis=1))
    # Ties (a corner, a shared wall) go by place, so that the order of rows never decides.
    order = np.lexsort((place[:, 1], place[:, 0], away.round(6), camera))
    first = order[np.diff(camera[order], prepend=-1) != 0]
    count = len(points)
    spot: dict[str, npt.NDArray[np.float64] | IntArray] = {
        "away": np.full(count, np.inf),
        "host": np.full(count, -1),
        "azimuth": np.full(count, np.nan),
        "x": np.full(count, np.nan),
        "y": np.full(count, np.nan),
    }
    at = camera[first]
    spot["away"][at], spot["host"][at] = away[first], host[pair[first]]
    azimuth = np.degrees(np.arctan2(outward[first, 0], outward[first, 1])) % 360.0
    spot["azimuth"][at] = azimuth
    spot["x"][at], spot["y"][at] = place[first].T
    return spot


def _walls(footprints: npt.NDArray[np.object_], chosen: IntArray) -> tuple[FloatArray, IntArray]:
    """Cut the outlines of chosen footprints into segments with the inside on the left.

    Returns the ends, shape ``(n, 4)``, and the footprint of each, ascending.
    """
    oriented = shapely.orient_polygons(shapely.force_2d(footprints[chosen]))
    pieces, of_piece = shapely.get_parts(oriented, return_index=True)
    rings, of_ring = shapely.get_rings(pieces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = np.flatnonzero((ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
    ends = np.hstack([xy[joined], xy[joined + 1]])
    return ends, chosen[of_piece[of_ring[ring[joined]]]]


def _join(keys: IntArray, sorted_keys: IntArray) -> tuple[IntArray, IntArray]:
    """Return all pairs of positions with equal keys; the second array is sorted."""
    first = np.searchsorted(sorted_keys, keys, "left")
    count = np.searchsorted(sorted_keys, keys, "right") - first
    left = np.repeat(np.arange(len(keys)), count)
    nth = nth_of(count)
    return left, first[left] + nth
