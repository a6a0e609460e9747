"""The oracle's own reading of tables and cells."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.model.terrain import Terrain
from tests.oracle import Feature, covers

Name = tuple[str, str]

LOWEST_CROWN_M = 0.1
"""A crown that is said to begin lower begins here [m]."""

CROWN_SHARE = {"summer": 0.15, "winter": 0.6}


def features_of(
    buildings: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    canopies: gpd.GeoDataFrame | None = None,
    terrain: Terrain | None = None,
    season: str = "summer",
) -> tuple[list[Feature], list[Name]]:
    """Read tables into features above datum; a height counts from the lowest outline vertex."""
    features: list[Feature] = []
    names: list[Name] = []
    for layer, table in (("building", buildings), ("obstacle", obstacles), ("canopy", canopies)):
        for label, row in (table if table is not None else buildings.iloc[:0]).iterrows():
            area = row.geometry.geom_type.endswith("Polygon")
            lines = _lines(row.geometry)
            points = np.concatenate(lines)
            foot = (
                0.0 if terrain is None else float(ground(points[:, 0], points[:, 1], terrain).min())
            )
            base = float(row.get("base_m", 0.0))
            if layer == "canopy":
                base = max(base, LOWEST_CROWN_M)
            base = foot + base if base > 0 else -np.inf
            top = foot + float(row.height_m)
            if layer == "canopy":
                share = float(row.get(season, np.nan))
                share = CROWN_SHARE[season] if np.isnan(share) else share
                features.append(Feature("canopy", lines, base, top, share))
            else:
                features.append(Feature("prism" if area else "panel", lines, base, top))
            names.append((layer, str(label)))
    return features, names


def _lines(geometry: shapely.Geometry) -> tuple[FloatArray, ...]:
    if geometry.geom_type == "Polygon":
        rings = [geometry.exterior, *geometry.interiors]
        return tuple(np.array(ring.coords)[:, :2] for ring in rings)
    if geometry.geom_type == "LineString":
        return (np.array(geometry.coords)[:, :2],)
    return tuple(line for part in geometry.geoms for line in _lines(part))


def ground(x: FloatArray, y: FloatArray, terrain: Terrain | None) -> FloatArray:
    """Return the bilinear ground at points [m], NaN where unknown, 0 where there is no terrain."""
    if terrain is None:
        return np.zeros(len(x))
    u, v = (x - terrain.x0) / terrain.step, (y - terrain.y0) / terrain.step
    n_row, n_col = terrain.z.shape
    known = (u >= 0) & (v >= 0) & (u <= n_col - 1) & (v <= n_row - 1)
    col = np.clip(np.floor(np.where(known, u, 0)), 0, n_col - 2).astype(int)
    row = np.clip(np.floor(np.where(known, v, 0)), 0, n_row - 2).astype(int)
    u, v = u - col, v - row
    z = terrain.z
    east, north = z[row, col + 1] - z[row, col], z[row + 1, col] - z[row, col]
    twist = z[row + 1, col + 1] - z[row, col + 1] - north
    return np.where(known, z[row, col] + east * u + north * v + twist * u * v, np.nan)


def cells_about(x: float, y: float, reach: float, cell: float) -> tuple[IntArray, IntArray]:
    """Return columns and rows of all cells whose centres lie in the square about a point."""
    span = np.arange(np.floor(-reach / cell) - 1, np.ceil(reach / cell) + 2)
    col, row = np.meshgrid(np.floor(x / cell) + span, np.floor(y / cell) + span)
    return col.ravel().astype(np.int64), row.ravel().astype(np.int64)


def cell_targets(
    col: IntArray, row: IntArray, cell: float, height: float, terrain: Terrain | None = None
) -> FloatArray:
    """Return the targets above the centres of cells, shape ``(n, 3)``."""
    x, y = (col + 0.5) * cell, (row + 0.5) * cell
    return np.column_stack([x, y, ground(x, y, terrain) + height])


def is_open(targets: FloatArray, features: list[Feature]) -> BoolArray:
    """Say which targets lie strictly outside every solid at their height."""
    out = np.isfinite(targets[:, 2])
    for feature in features:
        if feature.kind == "prism":
            at_height = (feature.base < targets[:, 2]) & (targets[:, 2] < feature.top)
            box = np.concatenate(feature.lines)
            near = (targets[:, :2] >= box.min(axis=0)).all(axis=1)
            near &= (targets[:, :2] <= box.max(axis=0)).all(axis=1) & at_height
            out[near] &= ~covers(feature, targets[near, :2])
    return out
