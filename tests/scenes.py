"""Seeded scenes for the engine's proofs: made ones of every nasty kind, and a real centre.

Lengths are metres, angles degrees. A made scene is about 120 m wide and lies at a place with
seven-digit northings, so that a loss of precision there would show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from civicsight.model.terrain import Terrain
from tests.oracle_cells import features_of, ground, is_open
from tests.oracle_view import Camera

CRS = "EPSG:32635"
WIDTH_M = 120.0
CORNER = (385_437.0, 6_671_811.0)
Rng = np.random.Generator
Shape = Callable[[Rng, float, float], BaseGeometry]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One scene with cameras, as the tables that the engine takes."""

    buildings: gpd.GeoDataFrame
    obstacles: gpd.GeoDataFrame
    canopies: gpd.GeoDataFrame
    terrain: Terrain | None
    heads: gpd.GeoDataFrame
    cell_m: float
    target_height_m: float

    def cameras(self) -> list[Camera]:
        """Return the heads as the oracle takes them."""
        return cameras_of(self.heads, self.terrain)


def cameras_of(heads: gpd.GeoDataFrame, terrain: Terrain | None = None) -> list[Camera]:
    """Turn a table of heads into cameras of the oracle."""
    x, y = heads.geometry.x.to_numpy(), heads.geometry.y.to_numpy()
    z = ground(x, y, terrain) + heads["height_m"].to_numpy()
    return [
        Camera(
            x[i],
            y[i],
            z[i],
            h.azimuth_deg,
            h.tilt_deg,
            h.roll_deg,
            h.hfov_deg,
            h.vfov_deg,
            h.lens,
            h.near_m,
            h.reach_m,
            h.width_px,
        )
        for i, h in enumerate(heads.itertuples())
    ]


def fuzz(seed: int, n_camera: int = 6, *, relief: bool | None = None) -> Case:
    """Make one scene; the seed decides everything."""
    rng = np.random.default_rng(seed)
    hilly = bool(rng.random() < 0.5) if relief is None else relief
    terrain = make_terrain(rng) if hilly else None
    buildings = make_buildings(rng)
    obstacles = make_obstacles(rng)
    canopies = make_canopies(rng)
    target = float(rng.choice([0.4, 1.0, 1.5, 1.6, 4.5, 9.0]))
    cell = float(rng.choice([0.5, 1.0, 2.0]))
    heads = make_heads(rng, n_camera, buildings, terrain, obstacles)
    return Case(buildings, obstacles, canopies, terrain, heads, cell, target)


def storeys(case: Case, storey_m: float = 1.5) -> Case:
    """Round all heights, so that cameras, roofs and targets share levels as they do in records."""
    tables = {}
    for name in ("buildings", "obstacles"):
        table = getattr(case, name)
        top = np.maximum(1.0, np.round(table["height_m"].astype(float) / storey_m)) * storey_m
        base = np.round(table["base_m"].astype(float) / storey_m) * storey_m
        tables[name] = table.assign(height_m=top, base_m=np.minimum(base, top - storey_m))
    height = np.maximum(1.0, np.round(case.heads["height_m"] / storey_m)) * storey_m
    heads = case.heads.assign(height_m=height)
    level = replace(case, **tables, heads=heads, target_height_m=storey_m)
    features, _ = features_of(level.buildings, terrain=case.terrain)
    eyes = np.array([(camera.x, camera.y, camera.z) for camera in level.cameras()])
    return replace(level, heads=heads[is_open(eyes, features)])


def _spot(rng: Rng) -> tuple[float, float]:
    x, y = rng.uniform(0.0, WIDTH_M, 2)
    return CORNER[0] + x, CORNER[1] + y


def _turned(rng: Rng, shape: BaseGeometry, x: float, y: float) -> BaseGeometry:
    angle = float(rng.choice([0.0, rng.uniform(0, 2 * np.pi)]))
    c, s = np.cos(angle), np.sin(angle)
    return shapely.transform(shape, lambda p: p @ np.array([[c, s], [-s, c]]) + np.array([x, y]))


def _box(rng: Rng, x: float, y: float) -> BaseGeometry:
    w, h = rng.uniform(2.0, 30.0, 2)
    return _turned(rng, shapely.box(0, 0, w, h), x, y)


def _ell(rng: Rng, x: float, y: float) -> BaseGeometry:
    w, h = rng.uniform(8.0, 30.0, 2)
    a, b = w * rng.uniform(0.2, 0.7), h * rng.uniform(0.2, 0.7)
    return _turned(rng, Polygon([(0, 0), (w, 0), (w, b), (a, b), (a, h), (0, h)]), x, y)


def _court(rng: Rng, x: float, y: float) -> BaseGeometry:
    w, h = rng.uniform(12.0, 40.0, 2)
    t = rng.uniform(0.15, 0.35) * min(w, h)
    return _turned(rng, shapely.box(0, 0, w, h).difference(shapely.box(t, t, w - t, h - t)), x, y)


def _triangle(rng: Rng, x: float, y: float) -> BaseGeometry:
    points = rng.uniform(-15.0, 15.0, (3, 2))
    return shapely.transform(Polygon(points), lambda p: p + np.array([x, y]))


def _star(rng: Rng, x: float, y: float) -> BaseGeometry:
    n = int(rng.integers(5, 14))
    angle = np.sort(rng.uniform(0, 2 * np.pi, n))
    radius = rng.uniform(3.0, 18.0, n)
    return Polygon(np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)]))


SHAPES: tuple[Shape, ...] = (_box, _box, _ell, _court, _triangle, _star)


def make_buildings(rng: Rng) -> gpd.GeoDataFrame:
    """Make overlapping, touching, low, high and elevated buildings."""
    shapes: list[BaseGeometry] = []
    for _ in range(int(rng.integers(2, 14))):
        shape = SHAPES[rng.integers(len(SHAPES))](rng, *_spot(rng))
        if shape.is_valid and shape.area > 1.0:
            shapes.append(shape)
    shapes += [_neighbour(rng, shape) for shape in shapes[: int(rng.integers(0, 4))]]
    n = len(shapes)
    top = np.where(rng.random(n) < 0.4, rng.uniform(0.3, 6.0, n), rng.uniform(4.0, 40.0, n))
    base = np.where(rng.random(n) < 0.2, top * rng.uniform(0.1, 0.8, n), 0.0)
    return _table({"height_m": top, "base_m": base, "height_assumed": False}, shapes, "b")


def _neighbour(rng: Rng, shape: BaseGeometry) -> BaseGeometry:
    """Return a building that shares one whole wall with another."""
    ring = np.array(shapely.orient_polygons(shape).exterior.coords)
    k = int(rng.integers(len(ring) - 1))
    a, b = ring[k], ring[k + 1]
    out = np.array([b[1] - a[1], a[0] - b[0]]) / max(np.hypot(*(b - a)), 1e-6)
    depth = rng.uniform(2.0, 15.0)
    return Polygon([a, a + depth * out, b + depth * out, b])


def make_obstacles(rng: Rng) -> gpd.GeoDataFrame:
    """Make billboards on legs, walls, fences with corners, and boxes."""
    shapes: list[BaseGeometry] = []
    base, top = [], []
    for _ in range(int(rng.integers(0, 7))):
        x, y = _spot(rng)
        kind = int(rng.integers(3))
        if kind == 0:
            dx, dy = rng.uniform(-6.0, 6.0, 2)
            shapes.append(LineString([(x, y), (x + dx, y + dy)]))
            base.append(float(rng.choice([0.0, rng.uniform(0.5, 4.0)])))
        elif kind == 1:
            steps = np.cumsum(rng.uniform(-12.0, 12.0, (int(rng.integers(2, 6)), 2)), axis=0)
            shapes.append(LineString(steps + np.array([x, y])))
            base.append(0.0)
        else:
            w, h = rng.uniform(0.2, 4.0, 2)
            shapes.append(_turned(rng, shapely.box(0, 0, w, h), x, y))
            base.append(0.0)
        top.append(base[-1] + float(rng.uniform(0.8, 5.0)))
    return _table({"height_m": top, "base_m": base, "height_assumed": False}, shapes, "o")


def make_canopies(rng: Rng) -> gpd.GeoDataFrame:
    """Make crowns; single ones darken or not, several thin ones darken together."""
    n = int(rng.choice([0, 0, 3, 8, 15]))
    shapes = [Point(*_spot(rng)).buffer(rng.uniform(1.0, 7.0), quad_segs=2) for _ in range(n)]
    base = rng.uniform(0.0, 5.0, n)
    summer = np.where(rng.random(n) < 0.3, np.nan, rng.uniform(0.05, 1.0, n))
    return _table(
        {
            "height_m": base + rng.uniform(0.5, 10.0, n),
            "base_m": base,
            "summer": summer,
            "winter": np.nan,
            "height_assumed": False,
        },
        shapes,
        "c",
    )


def make_terrain(rng: Rng, step: float | None = None) -> Terrain:
    """Make a slope with waves, a ridge and rough ground; it reaches far beyond the scene."""
    step = float(rng.choice([2.5, 5.0, 10.0, 30.0])) if step is None else step
    margin = 200.0
    x0 = CORNER[0] - margin - rng.uniform(0, step)
    y0 = CORNER[1] - margin - rng.uniform(0, step)
    n = int((WIDTH_M + 2 * margin) / step) + 3
    x, y = np.meshgrid(np.arange(n) * step, np.arange(n) * step)
    slope = rng.uniform(-0.15, 0.15, 2)
    z = 20.0 + slope[0] * x + slope[1] * y
    z += rng.uniform(0, 4.0) * np.sin(x / rng.uniform(8, 60)) * np.cos(y / rng.uniform(8, 60))
    turn, place = rng.uniform(0, np.pi), rng.uniform(150.0, 350.0)
    off = np.cos(turn) * (x - place) + np.sin(turn) * (y - place)
    z += rng.choice([0.0, rng.uniform(1.0, 12.0)]) * np.exp(-((off / rng.uniform(3.0, 25.0)) ** 2))
    z += rng.choice([0.0, 0.4]) * rng.standard_normal(z.shape)
    return Terrain(z, x0, y0, step)


def make_heads(
    rng: Rng,
    n: int,
    buildings: gpd.GeoDataFrame,
    terrain: Terrain | None = None,
    obstacles: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Make cameras on walls, poles and roofs, with every kind of lens, never inside a solid."""
    features, _ = features_of(buildings, obstacles, terrain=terrain)
    walls = buildings.geometry.to_numpy()
    rows: list[dict[str, object]] = []
    places: list[Point] = []
    while len(rows) < n:
        x, y = _spot(rng)
        if rng.random() < 0.3 and len(walls):
            x, y = _by_wall(rng, walls[rng.integers(len(walls))])
        height = float(
            rng.choice([rng.uniform(0.3, 3.0), rng.uniform(3.0, 9.0), rng.uniform(9.0, 45.0)])
        )
        z = ground(np.array([x]), np.array([y]), terrain) + height
        if is_open(np.array([[x, y, z[0]]]), features)[0]:
            places.append(Point(x, y))
            rows.append({"height_m": height, **_look(rng)})
    return head_table(rows, places)


def _by_wall(rng: Rng, shape: BaseGeometry) -> tuple[float, float]:
    """Return a place a little in front of a wall."""
    ring = np.array(shapely.orient_polygons(shape).exterior.coords)
    k = int(rng.integers(len(ring) - 1))
    a, b = ring[k], ring[k + 1]
    out = np.array([b[1] - a[1], a[0] - b[0]]) / max(np.hypot(*(b - a)), 1e-6)
    x, y = a + (b - a) * rng.uniform(0.05, 0.95) + out * float(rng.choice([0.02, 0.3]))
    return float(x), float(y)


def _look(rng: Rng) -> dict[str, object]:
    lens = str(rng.choice(["rectilinear", "rectilinear", "cylindrical", "equidistant"]))
    look: dict[str, Any] = {
        "azimuth_deg": float(rng.choice([rng.uniform(0, 360), 90.0 * rng.integers(4)])),
        "tilt_deg": float(rng.choice([0.0, rng.uniform(-20, 60), rng.uniform(-90, 90), 90.0])),
        "roll_deg": float(rng.choice([0.0, rng.uniform(-180, 180)])),
        "near_m": float(rng.choice([0.0, rng.uniform(0.0, 10.0)])),
        "reach_m": float(rng.uniform(5.0, 90.0)),
        "width_px": float(rng.choice([1280, 1920, 2688, 3840])),
        "lens": lens,
    }
    look["near_m"] = min(look["near_m"], 0.9 * look["reach_m"])
    if lens == "rectilinear":
        look["hfov_deg"] = float(rng.choice([90.0, rng.uniform(0.5, 179.0), rng.uniform(20, 120)]))
        look["vfov_deg"] = float(rng.choice([59.0, rng.uniform(0.5, 179.0), rng.uniform(20, 90)]))
    elif lens == "equidistant":
        look["hfov_deg"] = look["vfov_deg"] = float(rng.choice([180.0, rng.uniform(140, 220)]))
    else:
        look["hfov_deg"] = float(rng.choice([360.0, rng.uniform(1.0, 360.0)]))
        look["vfov_deg"] = float(rng.choice([180.0, rng.uniform(10.0, 170.0)]))
        look["tilt_deg"] = float(rng.choice([0.0, rng.uniform(-30, 60)]))
        look["roll_deg"] = 0.0
    return look


def head_table(
    rows: list[dict[str, object]], places: list[Point], crs: str = CRS
) -> gpd.GeoDataFrame:
    """Lay out heads as the table HEADS."""
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=places, crs=crs)
    frame.index = pd.Index([f"h{i}" for i in range(len(frame))], name="head_id")
    for name, value in (
        ("roll_deg", 0.0),
        ("tilt_deg", 0.0),
        ("near_m", 0.0),
        ("width_px", 1920.0),
    ):
        frame[name] = frame.get(name, value)
    frame["camera_id"], frame["reading"] = frame.index, "assumed"
    return frame


def _table(columns: dict[str, object], shapes: list[BaseGeometry], letter: str) -> gpd.GeoDataFrame:
    index = pd.Index([f"{letter}{i}" for i in range(len(shapes))], dtype=object)
    return gpd.GeoDataFrame(
        pd.DataFrame(columns, index=index),
        geometry=gpd.GeoSeries(shapes, index=index, crs=CRS),
        crs=CRS,
    )
