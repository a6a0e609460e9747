"""From parts to points that stand for them: where, how high, and how much each counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import FloatArray, Geometries, IntArray, nth_of
from civicsight.core.errors import CrsError
from civicsight.coverage.demand.inferred_openings import WHOLE_FRONT
from civicsight.coverage.demand.sites import standing_buildings
from civicsight.model import NEED, PARTS, SAMPLES
from civicsight.rules.criteria import Need
from civicsight.rules.pack import TARGET_HEIGHTS_M

GATE_SPACING_M: Final = 0.5
"""Samples on a gate line: one a shoulder's width; assumed."""

LINE_SPACING_M: Final = 2.0
"""Samples along passages, perimeters, decks and road sections; assumed."""

AREA_SPACING_M: Final = 2.0
"""Grid of samples on areas; assumed. It is aligned to multiples of itself: neighbours fit."""

MAX_AREA_SAMPLES: Final = 2_500
"""An area of more samples (one hectare at 2 m) gets a grid of twice the spacing, and again."""

CLEARANCE_M: Final = 0.3
"""A sample closer to a wall is moved away from it; a sight line must not end inside the wall."""

PUSHES_M: Final = (0.3, 0.6, 1.0, 1.5, 2.0, 3.0)
"""Steps out of a gate that are tried until the ground is free."""

GATES: Final = ("entrance", "vehicle_entrance", "portal")
"""Kinds of parts that one passes in a direction."""

OFF_FRONT_M: Final = 0.5
"""A presumed gate is looked at this far in front of its wall."""


def sample_parts(
    parts: gpd.GeoDataFrame,
    *,
    buildings: gpd.GeoDataFrame | None = None,
    gate_spacing_m: float = GATE_SPACING_M,
    line_spacing_m: float = LINE_SPACING_M,
    area_spacing_m: float = AREA_SPACING_M,
    height_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Sample the parts.

    Parameters
    ----------
    parts
        Table `model.PARTS`.
    buildings
        Table `model.BUILDINGS`; samples inside one are dropped, samples in the wall of a gate are
        moved out of it. A part that lies indoors altogether has no samples.
    gate_spacing_m, line_spacing_m, area_spacing_m
        Distances between samples [m]; more than 0.
    height_m
        Height of the samples above the ground [m]; by default that of what each part asks to see,
        its ``target_height_m``, or that of a person's face where it says nothing.

    Returns
    -------
    GeoDataFrame
        Table `model.SAMPLES`. Weights are metres of a line or square metres of an area, and those
        of a part sum to what of it lies in the open. Where a gate is presumed, every position that
        it may have is a sample too: of weight 0, or, where it may be anywhere, all that there is.

    Raises
    ------
    SchemaError
        If `parts` does not follow its declaration.
    CrsError
        If `buildings` are in another CRS.
    ValueError
        If a spacing is not positive.
    """
    PARTS.check(parts)
    spacings = {"gate": gate_spacing_m, "line": line_spacing_m, "area": area_spacing_m}
    for name, spacing in spacings.items():
        if not spacing > 0:
            msg = f"{name}_spacing_m is {spacing}, expected more than 0"
            raise ValueError(msg)
    if buildings is not None and buildings.crs != parts.crs:
        msg = (
            f"buildings are in {buildings.crs.name!r}, parts in {parts.crs.name!r}: "
            "convert with to_crs()"
        )
        raise CrsError(msg)
    if parts.empty:
        return gpd.GeoDataFrame(SAMPLES.empty(parts.crs))
    xy, row, weight, normal = _with_positions(parts, *_lay_out(parts, spacings))
    keep = np.ones(len(xy), bool)
    if buildings is not None and len(buildings):
        solid = np.asarray(standing_buildings(buildings).geometry.array)
        xy, keep = _out_of_walls(xy, normal, solid)
    asked = parts["target_height_m"].astype("float64").fillna(TARGET_HEIGHTS_M["person"])
    height = asked.to_numpy(np.float64)[row] if height_m is None else np.full(len(row), height_m)
    return _samples_table(parts, xy[keep], row[keep], weight[keep], normal[keep], height[keep])


def _lay_out(
    parts: gpd.GeoDataFrame, spacings: Mapping[str, float]
) -> tuple[FloatArray, npt.NDArray[np.intp], FloatArray]:
    """Return the points of all parts, the position of each point's part, and the weights."""
    shapes = parts.geometry.to_numpy()
    gap = np.where(parts["kind"].isin(GATES).to_numpy(), spacings["gate"], spacings["line"])
    is_area = shapely.get_dimensions(shapes) == 2
    areas = np.flatnonzero(is_area)
    xy, row, weight = _on_lines(shapes, np.flatnonzero(~is_area), gap)
    laid = [_on_area(shapes[at], spacings["area"]) for at in areas.tolist()]
    count = [len(points) for points, _ in laid]
    row = np.concatenate([row, np.repeat(areas, count)])
    order = np.argsort(row, kind="stable")
    every = np.concatenate([xy, *(points for points, _ in laid)])
    weight = np.concatenate([weight, np.repeat([weight for _, weight in laid], count)])
    return every[order], row[order], weight[order]


def _with_positions(
    parts: gpd.GeoDataFrame, xy: FloatArray, row: npt.NDArray[np.intp], weight: FloatArray
) -> tuple[FloatArray, npt.NDArray[np.intp], FloatArray, FloatArray]:
    """Add where presumed gates may be as well, each looked at along its own way out.

    A gate that may be anywhere on its front has its positions for samples, and no others; the
    length of its line is spread over them.
    """
    normal = _normals(parts)[row]
    known = parts["positions"] if "positions" in parts.columns else pd.Series([()] * len(parts))
    count = known.map(len).to_numpy(np.int64)
    if not count.any():
        return xy, row, weight, normal
    spots = np.array([spot for spots in known for spot in spots], np.float64)
    turn = np.radians(spots[:, 2])
    at = spots[:, :2] + OFF_FRONT_M * np.column_stack([np.sin(turn), np.cos(turn)])
    of = np.repeat(np.arange(len(parts)), count)
    anywhere = parts["how"].eq(WHOLE_FRONT).to_numpy(bool)
    length = shapely.length(np.asarray(parts.geometry.array)) / np.maximum(count, 1)
    kept = ~anywhere[row]
    row = np.concatenate([row[kept], of])
    order = np.argsort(row, kind="stable")
    merged = (
        np.concatenate([xy[kept], at]),
        row,
        np.concatenate([weight[kept], np.where(anywhere, length, 0.0)[of]]),
        np.concatenate([normal[kept], spots[:, 2]]),
    )
    return tuple(values[order] for values in merged)  # type: ignore[return-value]


def _normals(parts: gpd.GeoDataFrame) -> FloatArray:
    if "normal_deg" not in parts.columns:
        return np.full(len(parts), np.nan)
    return np.asarray(parts["normal_deg"], np.float64)


def _on_lines(
    shapes: Geometries, rows: IntArray, spacing_m: FloatArray
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return points in the middle of equal pieces of lines, their rows, and lengths of pieces."""
    lines, of = shapely.get_parts(shapes[rows], return_index=True)
    length, row = shapely.length(lines), rows[of]
    count = np.maximum(1, np.rint(length / spacing_m[row])).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), count)
    share = (nth_of(count) + 0.5) / count[line]
    points = shapely.line_interpolate_point(lines[line], share, normalized=True)
    ends = np.cumsum(np.bincount(of))
    piece = [
        own.sum() / pieces.sum()
        for own, pieces in zip(np.split(length, ends), np.split(count, ends), strict=True)
        if len(own)
    ]
    return shapely.get_coordinates(points), row[line], np.array(piece, np.float64)[of[line]]


def _on_area(area: BaseGeometry, spacing_m: float) -> tuple[FloatArray, float]:
    """Return grid points in an area, and the area that each stands for."""
    while area.area / spacing_m**2 > MAX_AREA_SAMPLES:
        spacing_m *= 2
    x_min, y_min, x_max, y_max = area.bounds
    x = np.arange(np.ceil(x_min / spacing_m), np.floor(x_max / spacing_m) + 1) * spacing_m
    y = np.arange(np.ceil(y_min / spacing_m), np.floor(y_max / spacing_m) + 1) * spacing_m
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    shapely.prepare(area)
    xy = grid[shapely.contains_xy(area, grid)] if len(grid) else grid
    if not len(xy):
        xy = shapely.get_coordinates(shapely.point_on_surface(area))
    return xy, float(area.area) / len(xy)


def _out_of_walls(
    xy: FloatArray, normal_deg: FloatArray, buildings: npt.NDArray[np.object_]
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Move gate samples out of walls, and tell which samples lie in the open.

    A sample of a gate steps out along the way of walking; another is only kept or dropped.
    """
    tree = shapely.STRtree(buildings)
    moved = xy.copy()
    stuck = _near_wall(tree, xy)
    gates = np.flatnonzero(stuck & ~np.isnan(normal_deg))
    turn = np.radians(normal_deg[gates])
    out = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    for push in PUSHES_M:
        if not len(gates):
            break
        trial = xy[gates] + push * out
        free = ~_near_wall(tree, trial)
        moved[gates[free]] = trial[free]
        gates, out = gates[~free], out[~free]
    keep = np.ones(len(xy), bool)
    keep[gates] = False
    others = np.flatnonzero(stuck & np.isnan(normal_deg))
    at, _ = tree.query(shapely.points(xy[others]), predicate="intersects")
    keep[others[at]] = False
    return moved, keep


def _near_wall(tree: shapely.STRtree, xy: FloatArray) -> npt.NDArray[np.bool_]:
    """Tell which points lie in a building, or so close that they count as in its wall."""
    hit = np.zeros(len(xy), bool)
    at, _ = tree.query(shapely.points(xy), predicate="dwithin", distance=CLEARANCE_M - 0.01)
    hit[at] = True
    return hit


def _samples_table(
    parts: gpd.GeoDataFrame,
    xy: FloatArray,
    row: npt.NDArray[np.intp],
    weight: FloatArray,
    normal: FloatArray,
    height_m: FloatArray,
) -> gpd.GeoDataFrame:
    part_ids = parts.index.to_numpy(object)[row]
    number = pd.Series(row).groupby(row).cumcount().to_numpy() + 1
    labels = [f"{part}@{count}" for part, count in zip(part_ids, number, strict=True)]
    frame = gpd.GeoDataFrame(
        {
            "part_id": part_ids,
            "height_m": height_m,
            "normal_deg": normal,
            NEED: Need.of(parts)[row].px_m,
            "weight": weight,
        },
        index=pd.Index(labels, dtype=object),
        geometry=shapely.points(xy),
        crs=parts.crs,
    )
    samples = gpd.GeoDataFrame(SAMPLES.complete(frame))
    SAMPLES.check(samples)
    return samples
