"""Small towns with eyes on their walls, corners, seams and roofs: by raster and by line.

A town is a row of joined houses, some with a storey set on them or raised on posts, a court, a
fence and a tree. Eyes lie exactly on what the town is made of, or a little off it: at the base of
a house, at its top, in between, a little above and a little below.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity

from civicsight.coverage.camera import Camera
from civicsight.coverage.viewshed import sightlines
from civicsight.coverage.viewsheds import viewsheds
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import Scene, build_scene
from tests.kernel_parts import CRS, camera_at, crowns, heads_of, houses, panels

CELL_M = 1.0
REACH_M = 34.0
GRID_M = 5.0
MIDDLE = (20.0, 20.0)


class House(NamedTuple):
    """A footprint between two heights above its own ground [m]."""

    shape: shapely.Polygon
    top: float
    base: float


class Compared(NamedTuple):
    """What a raster shows of an eye, and the cells that lines of sight decide otherwise."""

    visible: int
    raster_alone: list[tuple[float, float]]
    line_alone: list[tuple[float, float]]
    px_m: np.ndarray
    line_px_m: np.ndarray


def make_town(rng: np.random.Generator) -> list[House]:
    """Draw a row of joined houses and perhaps a court behind it; half of all towns are turned."""
    made, x = [], 4.0
    for _ in range(5):
        width, depth = (float(v) for v in rng.integers(4, 13, 2))
        y = float(rng.choice([10.0, 10.0, 12.0]))
        top = float(rng.choice([3.0, 6.0, 6.0, 9.0]))
        base = float(rng.choice([0.0, 0.0, 0.0, top - 1.5]))
        made.append(House(shapely.box(x, y, x + width, y + depth), top, base))
        if rng.random() < 0.4:
            upper = shapely.box(x, y, x + 0.5 * width, y + depth)
            made.append(House(upper, top + 3.0, top))
        x += width + float(rng.choice([0.0, 0.0, 3.0]))
    if rng.random() < 0.5:
        court = shapely.box(10, 30, 26, 44).difference(shapely.box(14, 34, 20, 40))
        made.append(House(court, 6.0, 0.0))
    turn = float(rng.choice([0.0, rng.uniform(0.0, 360.0)]))
    return [house._replace(shape=affinity.rotate(house.shape, turn, MIDDLE)) for house in made]


def make_relief(rng: np.random.Generator) -> Terrain:
    """Draw a slope with waves under a town."""
    x, y = np.meshgrid(np.arange(40) * GRID_M, np.arange(40) * GRID_M)
    east, north = rng.uniform(-0.1, 0.1, 2)
    z = 50.0 + east * x + north * y + rng.uniform(0.0, 1.0) * np.sin(x / 9.0)
    return Terrain(z, -75.0, -75.0, GRID_M)


def scene_of(town: list[House], rng: np.random.Generator, terrain: Terrain | None) -> Scene:
    """Build a town, with a fence and a tree that stand apart from its houses."""
    at = float(rng.uniform(-6.0, 3.0))
    fence = panels((shapely.LineString([(at, -4.0), (at + 9.0, 1.0)]), 2.5, 0.0))
    tree = crowns((shapely.Point(at, 48.0).buffer(2.5, quad_segs=3), 7.0, 2.0, 0.2))
    return build_scene(houses(*town), fence, tree, terrain)


def draw_eyes(
    town: list[House], scene: Scene, rng: np.random.Generator, count: int
) -> Iterator[tuple[str, Camera]]:
    """Draw eyes that touch a house of a town, each with what it is called."""
    for _ in range(count):
        row = int(rng.integers(len(town)))
        place, (x, y) = _draw_place(town[row].shape, rng)
        ground = float(scene.ground_at(np.array([x]), np.array([y]))[0])
        base, top = (float(scene.features[name].iloc[row]) for name in ("base", "top"))
        base = max(base, ground)
        level = str(rng.choice(["base", "top", "between", "above", "below", "storey"]))
        hair = rng.uniform(2.0, 8.0) * 10.0 ** -int(rng.integers(1, 12))
        height = {
            "base": base - ground,
            "top": top - ground,
            "between": base + rng.uniform() * (top - base) - ground,
            "above": top + hair - ground,
            "below": top - hair - ground,
            "storey": float(rng.choice([1.5, 3.0, 4.5, 6.0, 9.0])),
        }[level]
        camera = camera_at(x, y, height_m=max(float(height), 0.0), reach_m=REACH_M)
        yield f"{place} at {level}: {x!r}, {y!r}, {height!r}", camera


def _draw_place(
    shape: shapely.Polygon, rng: np.random.Generator
) -> tuple[str, tuple[float, float]]:
    """Draw a place on an outline, near it, or within it."""
    rings = [shape.exterior, *shape.interiors]
    ring = np.array(rings[rng.integers(len(rings))].coords)
    k = int(rng.integers(len(ring) - 1))
    a, b = ring[k], ring[k + 1]
    place = str(rng.choice(["corner", "middle", "wall", "near", "roof"]))
    at = {"corner": a, "middle": 0.5 * (a + b)}.get(place, a + rng.uniform() * (b - a))
    if place == "near":
        normal = np.array([b[1] - a[1], a[0] - b[0]]) / np.hypot(*(b - a))
        hair = rng.uniform(2.0, 8.0) * 10.0 ** -int(rng.integers(1, 12))
        at = at + normal * hair * rng.choice([-1.0, 1.0])
    if place == "roof":
        within = shape.representative_point()
        at = np.array([within.x, within.y])
    return place, (float(at[0]), float(at[1]))


def compare(scene: Scene, cameras: list[Camera], target_m: float) -> list[Compared]:
    """Look from cameras at the centres of all open cells in reach, by raster and by line."""
    heads, found = heads_of(*cameras), []
    views = viewsheds(heads, scene, cell_m=CELL_M, target_height_m=target_m)
    for row, view in enumerate(views):
        r, c = np.nonzero(view.open)
        x = view.transform.c + (c + 0.5) * CELL_M
        y = view.transform.f - (r + 0.5) * CELL_M
        spots = gpd.GeoDataFrame(
            {"height_m": np.full(len(x), target_m)}, geometry=shapely.points(x, y), crs=CRS
        )
        lines = sightlines(heads.iloc[[row]], spots, scene).q.toarray()[0]
        shown = view.visible[r, c]
        both = shown & (lines > 0.0)
        found.append(
            Compared(
                int(shown.sum()),
                *(
                    list(zip(x[odd].tolist(), y[odd].tolist(), strict=True))
                    for odd in (shown & ~both, (lines > 0.0) & ~both)
                ),
                view.px_m[r, c][both],
                lines[both],
            )
        )
    return found
