"""The gate before the kernels: tables and scenes in, checked arrays out.

Kernels do not check bounds, so everything that could lead them astray (a NaN, an angle without a
tangent, a head inside a wall) is settled here.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.arrays import FloatArray, Geometries, distinct_rows, nth_of
from civicsight.core.errors import CrsError, InputError, MismatchError, SchemaError
from civicsight.core.once import once_for_each
from civicsight.coverage._kernels.eyes import fill_eyes
from civicsight.coverage._kernels.ground import GROUND_BLOCK, bound_ground
from civicsight.coverage._kernels.views import (
    CYLINDRICAL,
    EQUIDISTANT,
    EYE,
    RECTILINEAR,
    Ground,
    Index,
    Solids,
)
from civicsight.coverage.camera import Camera
from civicsight.coverage.faults import fault
from civicsight.model import HEADS, SAMPLES
from civicsight.rules.criteria import credited_px_m
from civicsight.scene.bodies import Scene
from civicsight.scene.nearness import require_near
from civicsight.scene.segments import Buckets

LENSES = {"rectilinear": RECTILINEAR, "equidistant": EQUIDISTANT, "cylindrical": CYLINDRICAL}

POSE = ("azimuth_deg", "tilt_deg", "roll_deg", "hfov_deg", "vfov_deg", "width_px", "reach_m",
        "near_m")  # fmt: skip
"""Columns of `model.HEADS` that decide what an eye sees, in the order of `fill_eyes`."""

LEAST_GAP_M = 1e-6
"""An eye touches what it is nearer to than this, and looks from this far off a roof or underside.

Finer than any record [m], and coarser than what coordinates of seven digits are rounded by: whether
an eye lies on a slanting wall, or a hair to either side, must not hang on that."""

WIDEST_RECTILINEAR_DEG = 179.5
"""Beyond this the plane of a rectilinear image has no useful size (optics.md, section 3)."""

FARTHEST_CAMERA_M = 1_000_000.0
"""A camera farther than this from everything in its scene [m] is in another CRS, or mistyped.

Arrays do not reach beyond; whether it is near the city is asked by `require_in_city`."""

ONE_CAMERA = pd.Index(["camera"])
"""What a camera without a table is called, here as in `Camera.as_heads`."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scene as the kernels take it, and what finds the features that a point stands in.

    `bounds` are west, south, east and north of everything in it, None if there is nothing.
    """

    solids: Solids
    ground: Ground | None
    tree: shapely.STRtree
    base: npt.NDArray[np.float64]
    top: npt.NDArray[np.float64]
    bounds: tuple[float, float, float, float] | None

    def __reduce__(self) -> tuple[object, ...]:  # the tree places heads, which no job does
        return Prepared, (self.solids, self.ground, None, self.base, self.top, self.bounds)


@dataclass(frozen=True, slots=True)
class Eyes:
    """Heads as the kernels take them.

    Parameters
    ----------
    table
        float64, one row an eye, columns `views.EYE`.
    skips
        int32: features that heads look through, in the slices their rows name.
    inside
        bool, shape ``(n,)``: heads inside a solid prism; they see nothing.
    """

    table: npt.NDArray[np.float64]
    skips: npt.NDArray[np.int32]
    inside: npt.NDArray[np.bool_]


@once_for_each
def prepare(scene: Scene) -> Prepared:
    """Lay out a scene for the kernels; done once for each scene."""
    solids = Solids(
        scene.walls.xyz,
        scene.walls.owner,
        scene.walls.start,
        _to_index(scene.solid_index),
        scene.volumes.boxes,
        scene.volumes.owner,
        _to_index(scene.volume_index),
        np.require(scene.transmittance, requirements=("C", "W")),
        _rank(scene.features),
    )
    tree = shapely.STRtree(scene.features.geometry.to_numpy())
    base, top = (scene.features[name].to_numpy(np.float64) for name in ("base", "top"))
    return Prepared(solids, _to_ground(scene), tree, base, top, _extent(scene))


def _rank(features: gpd.GeoDataFrame) -> npt.NDArray[np.int32]:
    """Return the place of each feature in the order of ids, those of one id by layer."""
    # Permits lay out a few features hundreds of times: pandas takes a millisecond for each.
    names = list(zip(features["id"].tolist(), features["layer"].tolist(), strict=True))
    rank = np.empty(len(names), np.int32)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return rank


def _to_index(buckets: Buckets) -> Index:
    return Index(*(getattr(buckets, name) for name in Index._fields))


def _to_ground(scene: Scene) -> Ground | None:
    terrain = scene.relief
    if terrain is None:
        return None
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
        If the table does not follow `model.HEADS`, or a lens cannot image its angle.
    CrsError
        If the heads are not in the CRS of the scene.
    InputError
        If a head is far from everything in the scene.
    MismatchError
        If the ground under a head is not known.
    """
    HEADS.check(heads)
    _check_looks(heads)
    return eyes_of(heads, scene)


def eyes_of(heads: gpd.GeoDataFrame, scene: Scene) -> Eyes:
    """Turn heads that were checked before into rows: who tries many scenes checks them once."""
    own = pd.DataFrame(heads)  # geopandas looks for the geometry at every column that is touched
    poses = own[list(POSE)].to_numpy(np.float64)
    lenses = np.array([LENSES[lens] for lens in own["lens"].tolist()], np.int64)
    heights, credited = own["height_m"].to_numpy(np.float64), credited_px_m(own)
    points = heads.geometry.to_numpy()
    return _prepare(points, heights, poses, lenses, scene, heads.crs, heads.index, credited)


def prepare_camera(camera: Camera, scene: Scene) -> Eyes:
    """Turn one camera into a row for the kernels; the same as `prepare_heads`, without a table.

    Raises
    ------
    CrsError, InputError, MismatchError
        As `prepare_heads`.
    """
    if (
        camera.lens == "rectilinear"
        and max(camera.hfov_deg, camera.vfov_deg) > WIDEST_RECTILINEAR_DEG
    ):
        msg = (
            f"the angle of view is {max(camera.hfov_deg, camera.vfov_deg)}, expected at most "
            f"{WIDEST_RECTILINEAR_DEG} for a rectilinear lens: use equidistant or cylindrical"
        )
        raise MismatchError(msg)
    poses = np.array([[getattr(camera, name) for name in POSE]], np.float64)
    lenses, heights = np.array([LENSES[camera.lens]], np.int64), np.array([camera.height_m])
    points = shapely.points([[camera.x, camera.y]])
    return _prepare(points, heights, poses, lenses, scene, camera.crs, ONE_CAMERA)


def _prepare(
    points: Geometries,
    heights: npt.NDArray[np.float64],
    poses: npt.NDArray[np.float64],
    lenses: npt.NDArray[np.int64],
    scene: Scene,
    crs: CRS,
    labels: pd.Index,
    credited: float | FloatArray = 0.0,
) -> Eyes:
    if crs is not scene.crs and crs != scene.crs:
        msg = f"cameras are in {crs}, the scene in {scene.crs}: convert them with to_crs()"
        raise CrsError(msg)
    x, y = shapely.get_x(points), shapely.get_y(points)
    _require_near(x, y, scene, labels)
    ground = scene.ground_at(x, y)
    unknown = np.isnan(ground)
    if unknown.any():
        msg = (
            f"the terrain does not cover {int(unknown.sum())} cameras, first row "
            f"{int(np.flatnonzero(unknown)[0])}: give a DEM of the whole area, or leave them out"
        )
        raise MismatchError(msg)
    table = np.empty((len(points), len(EYE)))
    table[:, 0], table[:, 1] = x - scene.origin[0], y - scene.origin[1]
    table[:, 2], table[:, EYE.stated] = ground + heights, credited
    # As the kernel takes them: columns of a table lie side by side, and may be read-only.
    fill_eyes(np.array(poses, order="C"), np.array(lenses), table)
    skips, inside = _fill_surroundings(table, points, scene)
    return Eyes(table, skips, inside)


def _check_looks(heads: gpd.GeoDataFrame) -> None:
    """Refuse what no single column rules out: views that no lens gives, and empty ones."""
    own = pd.DataFrame(heads)
    angles = np.fmax(own["hfov_deg"].to_numpy(np.float64), own["vfov_deg"].to_numpy(np.float64))
    wide = (own["lens"].to_numpy() == "rectilinear") & (angles > WIDEST_RECTILINEAR_DEG)
    near_m, reach_m = own["near_m"].to_numpy(np.float64), own["reach_m"].to_numpy(np.float64)
    faults = []
    for row in np.flatnonzero(wide | (near_m >= reach_m)):
        label, is_wide, angle = own.index[row], wide[row], angles[row]
        near, reach = near_m[row], reach_m[row]
        if is_wide:
            faults.append(
                fault(
                    "head.wide_lens",
                    HEADS.name,
                    str(label),
                    "hfov_deg",
                    str(angle),
                    most=WIDEST_RECTILINEAR_DEG,
                )
            )
        if near >= reach:
            faults.append(
                fault("head.near", HEADS.name, str(label), "near_m", str(near), reach=reach)
            )
    if faults:
        raise SchemaError(faults)


def _require_near(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], scene: Scene, labels: pd.Index
) -> None:
    """Refuse cameras so far from everything that their coordinates must be wrong."""
    bounds = prepare(scene).bounds
    if bounds is None:
        return
    west, south, east, north = bounds
    apart = np.maximum(np.maximum(west - x, x - east), np.maximum(south - y, y - north))
    far = apart > FARTHEST_CAMERA_M
    if far.any():
        limit = f"{FARTHEST_CAMERA_M / 1000.0:,.0f}"
        raise InputError(
            [
                fault(
                    "head.far",
                    HEADS.name,
                    str(labels[row]),
                    "geometry",
                    str(shapely.Point(x[row], y[row])),
                    limit=limit,
                )
                for row in np.flatnonzero(far)
            ]
        )


def require_in_city(points: Geometries, labels: pd.Index, scene: Scene) -> None:
    """Refuse cameras that lie far from everything in a scene, each by its label.

    Heads of a whole city are held against its extent before (`scene.nearness.require_settled`).

    Raises
    ------
    InputError
        ``place.far``.
    """
    bounds = prepare(scene).bounds
    if bounds is not None:
        require_near(points, labels, shapely.box(*bounds), HEADS.name)


def _extent(scene: Scene) -> tuple[float, float, float, float] | None:
    """Bound everything in a scene; None if it is empty."""
    shapes = scene.features.geometry.to_numpy()
    boxes = [np.array(shapely.total_bounds(shapes))] if len(shapes) else []
    boxes += [np.array(scene.terrain.bounds)] if scene.terrain is not None else []
    if not boxes:
        return None
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])


def _fill_surroundings(
    table: npt.NDArray[np.float64], points: Geometries, scene: Scene
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """Find what each head stands in: a crown is looked through, a solid blinds it."""
    ready = prepare(scene)
    inside = np.zeros(len(points), bool)
    # An eye on the very line of a wall has the house on one side: as blind as one inside.
    which, feature = ready.tree.query(points, predicate="dwithin", distance=LEAST_GAP_M)
    if not len(which):
        table[:, [EYE.skip_from, EYE.skip_to]] = 0.0
        return np.zeros(0, np.int32), inside
    _leave_planes(table, which, feature, ready)
    held = _between(table[:, 2], which, feature, ready)
    which, feature = which[held], feature[held]
    solid = scene.transmittance[feature] == 0.0
    inside[which[solid]] = True
    table[inside, EYE.near] = table[inside, EYE.reach] = 0.0
    which, feature = which[~solid], feature[~solid]
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(len(points) + 1))
    table[:, EYE.skip_from], table[:, EYE.skip_to] = bounds[:-1], bounds[1:]
    return feature[order].astype(np.int32), inside


def _leave_planes(
    table: npt.NDArray[np.float64],
    which: npt.NDArray[np.int64],
    feature: npt.NDArray[np.int64],
    ready: Prepared,
) -> None:
    """Lift eyes off the roof they stand on, its edge and corners too; lower them off an underside.

    On the plane itself every sight line into the prism is inside at once and meets no face of it;
    a micrometre away it passes the faces turned away, as from any other height. A roof comes first:
    where something stands on it, the eye is then inside that.
    """
    z, base, top = table[which, 2], ready.base[feature], ready.top[feature]
    under, on_roof = np.abs(z - base) <= LEAST_GAP_M, np.abs(z - top) <= LEAST_GAP_M
    table[which[under], 2] = base[under] - LEAST_GAP_M
    table[which[on_roof], 2] = top[on_roof] + LEAST_GAP_M


def _between(
    z: npt.NDArray[np.float64],
    which: npt.NDArray[np.int64],
    feature: npt.NDArray[np.int64],
    ready: Prepared,
) -> npt.NDArray[np.bool_]:
    """Tell which of the pairs of point and feature have the point between base and top."""
    return (ready.base[feature] < z[which]) & (z[which] < ready.top[feature])


def prepare_points(
    samples: gpd.GeoDataFrame, scene: Scene
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Check samples; return their positions, shape ``(n, 3)``, and the solids each lies in.

    These are rows of `Scene.features`, as many columns as any sample has, at least one; -1 where
    there is none.

    Raises
    ------
    SchemaError
        If the table does not follow `model.SAMPLES`.
    CrsError
        If the samples are not in the CRS of the scene.
    """
    SAMPLES.check(samples)
    return places_of(samples, scene)


def places_of(
    samples: gpd.GeoDataFrame, scene: Scene
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Return what `prepare_points` does of samples that were checked before."""
    if samples.crs != scene.crs:
        msg = f"samples are in {samples.crs}, the scene in {scene.crs}: convert them with to_crs()"
        raise CrsError(msg)
    x, y = shapely.get_coordinates(samples.geometry.to_numpy()).T
    z = scene.ground_at(x, y) + samples["height_m"].to_numpy(np.float64)
    ready = prepare(scene)
    # Pairs of a point and a feature that it is within; storeys share their look-up.
    xy = np.column_stack([x, y])
    spots, at = distinct_rows(xy)
    spot, feature = ready.tree.query(shapely.points(spots))
    shapely.prepare(shapes := ready.tree.geometries[feature])  # a tree would prepare the points
    inside = shapely.contains_xy(shapes, spots[spot])
    order = np.flatnonzero(inside)[np.argsort(spot[inside], kind="stable")]
    first = np.searchsorted(spot[order], np.arange(len(spots) + 1))
    count = np.diff(first)[at]
    row = order[np.repeat(first[at], count) + nth_of(count)]
    which, feature = np.repeat(np.arange(len(xy)), count), feature[row]
    solid = (scene.transmittance[feature] == 0.0) & _between(z, which, feature, ready)
    which, feature = which[solid], feature[solid]
    nth = np.arange(len(which)) - np.searchsorted(which, which)
    inside_of = np.full((len(samples), 1 + int(nth.max(initial=0))), -1, np.int32)
    inside_of[which, nth] = feature
    return np.column_stack([x - scene.origin[0], y - scene.origin[1], z]), inside_of
