"""The gate before the kernels: tables and scenes in, checked arrays out.

Kernels do not check bounds, so everything that could lead them astray (a NaN, an angle without a
tangent, a head inside a wall) is settled here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from civicsight.coverage._kernels.deposit import close_footprints
from civicsight.coverage._kernels.ground import GROUND_BLOCK, bound_ground
from civicsight.coverage._kernels.views import (
    BLOCK,
    CYLINDRICAL,
    EQUIDISTANT,
    RECTILINEAR,
    Blocks,
    Cells,
    Ground,
    Index,
    Solids,
)
from civicsight.errors import CrsError, Fault, MismatchError, N_, SchemaError
from civicsight.scene import MIN_TRANSMITTANCE, Buckets, Scene
from civicsight.schema import HEADS

LENSES = {"rectilinear": RECTILINEAR, "equidistant": EQUIDISTANT, "cylindrical": CYLINDRICAL}

WIDEST_RECTILINEAR_DEG = 179.5
"""Beyond this the plane of a rectilinear image has no useful size (optics.md, section 3)."""

FINEST_CELL_M, COARSEST_CELL_M = 0.05, 64.0
"""Bounds of the size of a cell."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scene as the kernels take it, and the tree that finds what a point stands in."""

    solids: Solids
    ground: Ground
    tree: shapely.STRtree


@dataclass(frozen=True, slots=True)
class Eyes:
    """Heads as the kernels take them.

    Parameters
    ----------
    table
        float64, shape ``(n, 26)``: the fields of `views.Eye`.
    skips
        int32: features that heads look through, in the slices their rows name.
    inside
        bool, shape ``(n,)``: heads inside a solid prism; they see nothing.
    """

    table: npt.NDArray[np.float64]
    skips: npt.NDArray[np.int32]
    inside: npt.NDArray[np.bool_]


_PREPARED: WeakKeyDictionary[Scene, Prepared] = WeakKeyDictionary()
_CELLS: WeakKeyDictionary[Scene, dict[tuple[float, float], Cells]] = WeakKeyDictionary()


def prepare(scene: Scene) -> Prepared:
    """Lay out a scene for the kernels; done once for each scene."""
    ready = _PREPARED.get(scene)
    if ready is None:
        solids = Solids(
            scene.walls.xyz, scene.walls.owner, scene.walls.start, _to_index(scene.solid_index),
            scene.volumes.boxes, scene.volumes.owner, _to_index(scene.volume_index),
            np.ascontiguousarray(scene.transmittance),
        )
        tree = shapely.STRtree(scene.features.geometry.to_numpy())
        ready = _PREPARED.setdefault(scene, Prepared(solids, _to_ground(scene), tree))
    return ready


def _to_index(buckets: Buckets) -> Index:
    return Index(
        buckets.x0, buckets.y0, buckets.size, buckets.n_row, buckets.n_col, buckets.start, buckets.items
    )


def _to_ground(scene: Scene) -> Ground:
    none = np.zeros((0, 0))
    if scene.terrain is None:
        return Ground(none, 0.0, 0.0, 1.0, none, none, none, none, none)
    terrain = scene.terrain
    z = np.array(terrain.z)
    shape = tuple(-(-(n - 1) // GROUND_BLOCK) for n in z.shape)
    x0, y0 = terrain.x0 - scene.origin[0], terrain.y0 - scene.origin[1]
    ground = Ground(z, x0, y0, terrain.step, *(np.zeros(shape) for _ in range(5)))
    bound_ground(ground)
    return ground


def prepare_heads(heads: gpd.GeoDataFrame, scene: Scene) -> Eyes:
    """Check heads and turn them into rows for the kernels.

    Raises
    ------
    SchemaError
        If the table does not follow `schema.HEADS`, or a lens cannot image its angle.
    CrsError
        If the heads are not in the CRS of the scene.
    MismatchError
        If the ground under a head is not known.
    """
    HEADS.check(heads)
    if heads.crs != scene.crs:
        msg = f"heads are in {heads.crs}, the scene in {scene.crs}: convert them with to_crs()"
        raise CrsError(msg)
    _check_lenses(heads)
    x, y = heads.geometry.x.to_numpy(), heads.geometry.y.to_numpy()
    ground = scene.ground_at(x, y)
    if np.isnan(ground).any():
        first = heads.index[int(np.flatnonzero(np.isnan(ground))[0])]
        msg = (
            f"the terrain does not cover {int(np.isnan(ground).sum())} heads, first {first!r}: "
            "give a DEM of the whole area, or leave these cameras out"
        )
        raise MismatchError(msg)
    z = ground + heads["height_m"].to_numpy(np.float64)
    table = np.empty((len(heads), 26))
    table[:, 0], table[:, 1], table[:, 2] = x - scene.origin[0], y - scene.origin[1], z
    _fill_lens(table, heads)
    skips, inside = _fill_surroundings(table, heads, scene, z)
    return Eyes(table, skips, inside)


def _check_lenses(heads: gpd.GeoDataFrame) -> None:
    flat = heads["lens"].eq("rectilinear")
    wide = flat & ((heads["hfov_deg"] > WIDEST_RECTILINEAR_DEG) | (heads["vfov_deg"] > WIDEST_RECTILINEAR_DEG))
    if wide.any():
        raise SchemaError([
            Fault(
                "head.wide_lens", HEADS.name, str(label), "hfov_deg", str(heads.at[label, "hfov_deg"]),
                N_("at most %(most)s degrees for a rectilinear lens", most=WIDEST_RECTILINEAR_DEG),
                N_("Use lens equidistant for a fisheye, cylindrical for a panorama."),
            )
            for label in heads.index[wide]
        ])


def _fill_lens(table: npt.NDArray[np.float64], heads: gpd.GeoDataFrame) -> None:
    """Fill axes, limits of the frame, density and sector (optics.md, sections 1 to 4)."""
    azimuth, tilt, roll, hfov, vfov = (
        np.radians(heads[name].to_numpy(np.float64))
        for name in ("azimuth_deg", "tilt_deg", "roll_deg", "hfov_deg", "vfov_deg")
    )
    lens = heads["lens"].map(LENSES).to_numpy(np.int64)
    level = lens == CYLINDRICAL
    theta = np.where(level, 0.0, tilt)
    sin_a, cos_a, sin_t, cos_t = np.sin(azimuth), np.cos(azimuth), np.sin(theta), np.cos(theta)
    forward = np.column_stack([sin_a * cos_t, cos_a * cos_t, -sin_t])
    right = np.column_stack([cos_a, -sin_a, np.zeros_like(sin_a)])
    up = np.column_stack([sin_a * sin_t, cos_a * sin_t, cos_t])
    turn, lift = np.cos(roll)[:, None], np.sin(roll)[:, None]
    # A positive roll turns the camera clockwise, seen from behind it.
    right, up = turn * right - lift * up, turn * up + lift * right
    table[:, 3:6], table[:, 6:9], table[:, 9:12] = forward, right, up
    table[:, 12] = lens
    plane = lens == RECTILINEAR
    tan_h = np.tan(np.where(plane, hfov / 2, 0.5))
    tan_v = np.tan(np.where(plane, vfov / 2, 0.5))
    table[:, 13], table[:, 14] = tan_h, tan_v
    full = hfov >= 2 * math.pi - 1e-9
    table[:, 15] = np.where(full, -2.0, np.cos(np.minimum(hfov / 2, math.pi)))
    table[:, 16] = _slope(-tilt - vfov / 2)
    table[:, 17] = _slope(-tilt + vfov / 2)
    table[:, 18] = heads["near_m"].to_numpy(np.float64)
    table[:, 19] = heads["reach_m"].to_numpy(np.float64)
    width = heads["width_px"].to_numpy(np.float64)
    table[:, 20] = width / (2.0 * tan_h)
    table[:, 21] = width / hfov
    table[:, 22], table[:, 23] = _sectors(lens, azimuth, theta, hfov, forward, right, up, tan_h, tan_v)


def _slope(elevation: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return rise over distance of an elevation angle, endless at and beyond the vertical."""
    quarter = math.pi / 2 - 1e-12
    return np.where(
        elevation >= quarter, np.inf,
        np.where(elevation <= -quarter, -np.inf, np.tan(np.clip(elevation, -quarter, quarter))),
    )


def _sectors(
    lens: npt.NDArray[np.int64], azimuth: npt.NDArray[np.float64], tilt: npt.NDArray[np.float64],
    hfov: npt.NDArray[np.float64], forward: npt.NDArray[np.float64], right: npt.NDArray[np.float64],
    up: npt.NDArray[np.float64], tan_h: npt.NDArray[np.float64], tan_v: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the azimuth and half angle of a sector that holds all that the lens can image.

    A pyramid that holds the vertical sees all azimuths; else its corners are the extremes. The
    sector of a panorama is exact; the others are widened a little, and the frame itself decides.
    """
    corners = [
        forward + h * tan_h[:, None] * right + v * tan_v[:, None] * up for h in (-1, 1) for v in (-1, 1)
    ]
    sin_a, cos_a = np.sin(azimuth), np.cos(azimuth)
    turns = [
        np.abs(np.arctan2(c[:, 0] * cos_a - c[:, 1] * sin_a, c[:, 0] * sin_a + c[:, 1] * cos_a))
        for c in corners
    ]
    half = np.max(turns, axis=0) + 1e-6
    depth = np.abs(forward[:, 2])
    upright = (np.abs(right[:, 2]) <= depth * tan_h) & (np.abs(up[:, 2]) <= depth * tan_v) & (depth > 0)
    half = np.where(upright, math.pi, half)
    fish = lens == EQUIDISTANT
    opening = np.minimum(hfov / 2, math.pi)
    steep = opening + np.abs(tilt) >= math.pi / 2 - 1e-9
    ratio = np.sin(np.minimum(opening, math.pi / 2)) / np.maximum(np.cos(tilt), 1e-12)
    cone = np.arcsin(np.clip(ratio, 0.0, 1.0)) + 1e-6
    half = np.where(fish, np.where(steep, math.pi, cone), half)
    half = np.where(lens == CYLINDRICAL, opening, half)
    return azimuth, np.minimum(half, math.pi)


def _fill_surroundings(
    table: npt.NDArray[np.float64], heads: gpd.GeoDataFrame, scene: Scene, z: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Find what each head stands in: a crown is looked through, a solid blinds it."""
    which, feature = prepare(scene).tree.query(heads.geometry.to_numpy(), predicate="within")
    base = scene.features["base"].to_numpy()[feature]
    top = scene.features["top"].to_numpy()[feature]
    held = (base < z[which]) & (z[which] < top)
    which, feature = which[held], feature[held]
    crown = scene.features["layer"].eq("canopy").to_numpy()[feature]
    inside = np.zeros(len(heads), bool)
    inside[which[~crown]] = True
    table[inside, 18:20] = 0.0
    which, feature = which[crown], feature[crown]
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(len(heads) + 1))
    table[:, 24], table[:, 25] = bounds[:-1], bounds[1:]
    return feature[order].astype(np.int32), inside


def prepare_cells(scene: Scene, cell_m: float, target_height_m: float) -> Cells:
    """Lay a grid over a scene and mark the cells inside footprints; done once for each size.

    Raises
    ------
    MismatchError
        If the size of a cell or the height of the targets is out of bounds.
    """
    if not FINEST_CELL_M <= cell_m <= COARSEST_CELL_M:
        msg = f"cell_m is {cell_m}, expected {FINEST_CELL_M} to {COARSEST_CELL_M} m"
        raise MismatchError(msg)
    if not 0.0 <= target_height_m <= 1_000.0:
        msg = f"target_height_m is {target_height_m}, expected 0 to 1000 m"
        raise MismatchError(msg)
    known = _CELLS.setdefault(scene, {})
    key = (float(cell_m), float(target_height_m))
    if key not in known:
        known[key] = _lay_cells(scene, *key)
    return known[key]


def _lay_cells(scene: Scene, cell_m: float, target_height_m: float) -> Cells:
    ready = prepare(scene)
    solid = scene.transmittance[scene.walls.owner] == 0.0
    xy = scene.walls.xyz[solid, :4] / cell_m - 0.5
    low, high = np.floor(np.minimum(xy[:, :2], xy[:, 2:])), np.ceil(np.maximum(xy[:, :2], xy[:, 2:]))
    owner = scene.walls.owner[solid]
    boxes = _boxes_by_owner(owner, low, high)
    blocks = lay_blocks(boxes)
    count = int(blocks.index.max(initial=-1)) + 1
    closed = np.zeros((count, BLOCK, BLOCK // 64), np.uint64)
    extent = (boxes[:, 2:] - boxes[:, :2] + 2) if len(boxes) else np.zeros((0, 2))
    words = ((extent[:, 0] // 64 + 2) * (extent[:, 1] + 2)).max(initial=1)
    close_footprints(
        ready.solids, ready.ground, MIN_TRANSMITTANCE, cell_m, target_height_m, blocks, closed,
        np.zeros(int(words), np.uint64),
    )
    return Cells(cell_m, target_height_m, blocks, closed)


def _boxes_by_owner(
    owner: npt.NDArray[np.int32], low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Join the boxes of walls, which are sorted by owner, into one for each feature."""
    if not len(owner):
        return np.zeros((0, 4), np.int64)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    return np.hstack([
        np.minimum.reduceat(low, first), np.maximum.reduceat(high, first)
    ]).astype(np.int64)


def lay_blocks(boxes: npt.NDArray[np.int64]) -> Blocks:
    """Number the blocks that boxes of cells ``(col0, row0, col1, row1)`` touch.

    Only these are stored, so that two spots far apart cost two spots.
    """
    if not len(boxes):
        return Blocks(0, 0, np.full((0, 0), -1, np.int32))
    spans = np.floor_divide(boxes, BLOCK)
    col0, row0 = (int(v) for v in spans[:, :2].min(axis=0))
    col1, row1 = (int(v) for v in spans[:, 2:].max(axis=0))
    # Corners of a difference array; its double running sum counts the boxes on each block.
    corner = np.zeros((row1 - row0 + 2, col1 - col0 + 2), np.int32)
    spans = spans - (col0, row0, col0, row0)
    np.add.at(corner, (spans[:, 1], spans[:, 0]), 1)
    np.add.at(corner, (spans[:, 3] + 1, spans[:, 2] + 1), 1)
    np.add.at(corner, (spans[:, 3] + 1, spans[:, 0]), -1)
    np.add.at(corner, (spans[:, 1], spans[:, 2] + 1), -1)
    touched = corner.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0
    index = np.where(touched, touched.ravel().cumsum().reshape(touched.shape) - 1, -1)
    return Blocks(row0, col0, np.ascontiguousarray(index, np.int32))
