"""The city as bodies: walls and caps around a place, as plain numbers that a browser can draw.

The bodies are those that sight lines are tested against (`scene.build_scene`): what hides a gate
in the numbers stands before it on the screen. All coordinates are east, north and up from the
ground at the middle of a window [m].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import box

from civicsight.core.arrays import FloatArray
from civicsight.core.bounded.crossings import tangled
from civicsight.coverage.optics.lens import frame_vectors
from civicsight.model import City
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import GROUNDED, build_scene

KINDS: Final = ("building", "obstacle", "canopy")
"""Kinds of body by number; one more than twice the number is the same with an assumed height."""

MAX_WALLS: Final = 60_000
"""So many walls are drawn, those nearest the middle first: a browser turns them fluently."""

SKIRT_M: Final = 3.0
"""How far a body reaches below the lowest ground along its outline, so that it stands in relief."""

RELIEF_NODES: Final = 161
"""Nodes along a side of the ground that is drawn, where it has relief."""


class Window(NamedTuple):
    """A square of a city: its middle and half its side, in the CRS of the city [m]."""

    east: float
    north: float
    half_m: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north [m]."""
        return (
            self.east - self.half_m,
            self.north - self.half_m,
            self.east + self.half_m,
            self.north + self.half_m,
        )


def cut_bodies(city: City, window: Window, terrain: Terrain | None) -> Bodies:
    """Cut out what stands in a window.

    Parameters
    ----------
    city
        Its buildings, obstacles and crowns are drawn, whole where they reach over the edge.
    window
        Which part of it.
    terrain
        The ground, known everywhere (`known_ground`); None: flat.
    """
    near = [_within(table, window) for table in (city.buildings, city.obstacles, city.canopies)]
    (buildings, obstacles, canopies), left_out = _nearest(near, window)
    scene = build_scene(buildings, obstacles, canopies, terrain)
    features, level = scene.features, level_of(window, terrain)
    # The number of the kind of each body, odd where its height is assumed.
    order = {name: 2 * k for k, name in enumerate(KINDS)}
    plain = features["layer"].map(order).to_numpy(np.uint8)
    kind = np.asarray(plain + features["height_assumed"].to_numpy(bool), np.uint8)
    base = features["base"].to_numpy(np.float64)
    top = features["top"].to_numpy(np.float64) - level
    foot = np.zeros(len(features)) if terrain is None else _foot(features, terrain) - level
    base = np.where(base <= GROUNDED, foot, base - level)
    xyz = scene.walls.xyz.copy()
    xyz[:, :4] += np.asarray(scene.origin * 2) - np.asarray((window.east, window.north) * 2)
    owner = scene.walls.owner
    xyz[:, 4], xyz[:, 5] = base[owner], top[owner]
    # Cut footprints into triangles, corners counter-clockwise; `of` says whose each is.
    shapes = shapely.force_2d(features.geometry.to_numpy())
    pieces, of = shapely.get_parts(shapes, return_index=True)
    area = shapely.get_dimensions(pieces) == 2
    pieces, of = pieces[area], of[area]
    knotted = tangled(pieces)
    pieces, of = pieces[~knotted], of[~knotted]
    sound = shapely.is_valid(pieces)
    pieces[~sound] = shapely.make_valid(pieces[~sound])
    cut = shapely.constrained_delaunay_triangles(pieces)
    triangles, piece = shapely.get_parts(cut, return_index=True)
    corners = shapely.get_coordinates(shapely.orient_polygons(triangles)).reshape(-1, 4, 2)[:, :3]
    caps = (corners - (window.east, window.north)).reshape(-1, 6)
    of = of[piece].astype(np.int64)
    roofs = np.column_stack([caps, top[of]])
    raised = features["base"].to_numpy(np.float64)[of] > GROUNDED
    flipped = caps[raised][:, [0, 1, 4, 5, 2, 3]]
    under = np.column_stack([flipped, base[of[raised]]])
    return Bodies(
        xyz.astype(np.float32),
        kind[owner],
        np.vstack([roofs, under]).astype(np.float32),
        np.concatenate([kind[of], kind[of[raised]]]),
        len(features),
        left_out,
    )


def known_ground(terrain: Terrain | None) -> Terrain | None:
    """Return the ground with its unknown nodes at the lowest known height; None if none is."""
    if terrain is None or np.isnan(terrain.z).all():
        return None
    z = np.where(np.isnan(terrain.z), np.nanmin(terrain.z), terrain.z)
    return Terrain(z, terrain.x0, terrain.y0, terrain.step)


def ground_at(x: FloatArray, y: FloatArray, terrain: Terrain | None) -> FloatArray:
    """Return the height of known ground [m]; beyond its edge that of the edge, 0 where flat."""
    if terrain is None:
        return np.zeros(np.broadcast(x, y).shape)
    west, south, east, north = terrain.bounds
    return terrain.height_at(np.clip(x, west, east), np.clip(y, south, north))


def level_of(window: Window, terrain: Terrain | None) -> float:
    """Return the height of the ground in the middle of a window [m]."""
    place = np.array([window.east]), np.array([window.north])
    return float(ground_at(*place, terrain)[0])


def cut_relief(window: Window, terrain: Terrain | None) -> npt.NDArray[np.float32] | None:
    """Return the ground of a window at a square of nodes, rows from south; None where flat."""
    if terrain is None:
        return None
    west, south, east, north = window.bounds
    x, y = np.linspace(west, east, RELIEF_NODES), np.linspace(south, north, RELIEF_NODES)
    heights = ground_at(*np.meshgrid(x, y), terrain) - level_of(window, terrain)
    return heights.astype(np.float32)


def _within(table: gpd.GeoDataFrame, window: Window) -> gpd.GeoDataFrame:
    rows = table.sindex.query(box(*window.bounds))
    return gpd.GeoDataFrame(table.iloc[np.sort(rows)])


def _nearest(tables: list[gpd.GeoDataFrame], window: Window) -> tuple[list[gpd.GeoDataFrame], int]:
    """Keep the bodies nearest the middle, as many as have `MAX_WALLS`; count those left out."""
    shapes = np.concatenate([table.geometry.to_numpy() for table in tables])
    walls = shapely.get_num_coordinates(shapes)
    if walls.sum() <= MAX_WALLS:
        return tables, 0
    away = shapely.distance(shapes, shapely.Point(window.east, window.north))
    order = np.argsort(away, kind="stable")
    keep = np.zeros(len(shapes), bool)
    keep[order[np.cumsum(walls[order]) <= MAX_WALLS]] = True
    parts = np.split(keep, np.cumsum([len(table) for table in tables])[:-1])
    kept = [gpd.GeoDataFrame(t[part]) for t, part in zip(tables, parts, strict=True)]
    return kept, int((~keep).sum())


def _foot(features: gpd.GeoDataFrame, terrain: Terrain) -> FloatArray:
    """Return a height below all ground along each outline."""
    xy, of = shapely.get_coordinates(features.geometry.to_numpy(), return_index=True)
    foot = np.full(len(features), np.inf)
    np.minimum.at(foot, of, ground_at(xy[:, 0], xy[:, 1], terrain))
    return foot - SKIRT_M


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """Walls and caps of a window.

    Parameters
    ----------
    walls
        float32, shape ``(n, 6)``: ``x0, y0, x1, y1, base, top``; the inside is on the left.
    wall_kind
        uint8, one value a wall: `KINDS`.
    caps
        float32, shape ``(m, 7)``: three corners and a height. Counter-clockwise corners are of a
        roof, clockwise ones of an underside.
    cap_kind
        uint8, one value a cap.
    drawn, left_out
        How many bodies are drawn, and how many of the window are not.
    """

    walls: npt.NDArray[np.float32]
    wall_kind: npt.NDArray[np.uint8]
    caps: npt.NDArray[np.float32]
    cap_kind: npt.NDArray[np.uint8]
    drawn: int
    left_out: int


COLUMNS: Final = 17
"""Rays along the lower and along the upper edge of a picture."""

MARCH: Final = 96
"""Steps in which a ray looks for ground that has relief."""

STEEPEST_DEG: Final = 89.9


@dataclass(frozen=True, slots=True, eq=False)
class Frusta:
    """The views of some heads.

    Parameters
    ----------
    eyes
        Lenses, shape ``(n, 3)``: position in the CRS, height above datum [m].
    rays
        Unit vectors, shape ``(n, 2 * COLUMNS, 3)``: the lower edge of the picture from left to
        right, then the upper one.
    length_m
        How far each goes, shape ``(n, 2 * COLUMNS)``: to the ground, at most to the reach.
    """

    eyes: FloatArray
    rays: FloatArray
    length_m: FloatArray


def look_out(heads: gpd.GeoDataFrame, terrain: Terrain | None) -> Frusta:
    """Return the view of each head; buildings do not end it.

    Parameters
    ----------
    heads
        Table `model.HEADS`.
    terrain
        Ground known everywhere; None: flat.
    """
    x, y = heads.geometry.x.to_numpy(np.float64), heads.geometry.y.to_numpy(np.float64)
    above = heads["height_m"].to_numpy(np.float64)
    eyes = np.column_stack([x, y, above + ground_at(x, y, terrain)])
    rays = _edges(heads)
    reach = np.broadcast_to(heads["reach_m"].to_numpy(np.float64)[:, None], rays.shape[:2])
    if terrain is None:
        down = np.where(rays[..., 2] < 0.0, -rays[..., 2], np.nan)
        return Frusta(eyes, rays, np.fmin(above[:, None] / down, reach))
    # Cut rays at the first ground they meet, between the last step above it and the next.
    steps = np.linspace(0.0, 1.0, MARCH + 1)
    along = reach[..., None] * steps
    at = eyes[:, None, None, :] + along[..., None] * rays[:, :, None, :]
    clear = at[..., 2] - ground_at(at[..., 0], at[..., 1], terrain)
    below = clear < 0.0
    first = np.where(below.any(axis=-1), below.argmax(axis=-1), MARCH)
    after = np.take_along_axis(clear, first[..., None], axis=-1)[..., 0]
    before = np.take_along_axis(clear, np.maximum(first - 1, 0)[..., None], axis=-1)[..., 0]
    part = np.where(after < 0.0, before / np.where(before > after, before - after, 1.0), 1.0)
    cut: FloatArray = reach * np.clip(first - 1 + part, 0.0, MARCH) / MARCH
    return Frusta(eyes, rays, cut)


def _edges(heads: gpd.GeoDataFrame) -> FloatArray:
    """Return the rays along the edge of each picture; see `coverage.optics.footprint.Picture`."""
    lens = heads["lens"].to_numpy()[:, None, None]
    angle = {
        name: np.radians(heads[f"{name}_deg"].to_numpy(np.float64))[:, None]
        for name in ("azimuth", "tilt", "hfov", "vfov")
    }
    share = np.tile(np.linspace(-0.5, 0.5, COLUMNS), 2)
    side = np.repeat([-0.5, 0.5], COLUMNS)
    forward, right, up = (
        part[:, None, :]
        for part in frame_vectors(heads["azimuth_deg"], heads["tilt_deg"], heads["roll_deg"])
    )

    plane = np.where(heads["lens"].eq("rectilinear"), 1.0, 0.0)[:, None]
    across = np.tan(angle["hfov"] * share * plane)[..., None]
    high = np.tan(angle["vfov"] * side * plane)[..., None]
    flat = forward + across * right + high * up
    flat = flat / np.linalg.norm(flat, axis=-1, keepdims=True)

    around = np.where(side < 0.0, np.pi * (1.5 + share), np.pi * (0.5 - share))[:, None]
    half = (angle["hfov"] / 2.0)[..., None]
    round_ = np.cos(half) * forward + np.sin(half) * (np.cos(around) * right + np.sin(around) * up)

    turn = angle["azimuth"] + angle["hfov"] * share
    steepest = np.radians(STEEPEST_DEG)
    rise = np.clip(angle["vfov"] * side - angle["tilt"], -steepest, steepest)
    level = np.cos(rise)
    band = np.stack([level * np.sin(turn), level * np.cos(turn), np.sin(rise)], axis=-1)
    rays: FloatArray = np.where(
        lens == "rectilinear", flat, np.where(lens == "cylindrical", band, round_)
    )
    return rays
