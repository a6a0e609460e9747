"""Who sees what, the slow and plain way: one line after the other against everything near it.

It says again what the kernels compute, by other means and without them, so that a wrong matrix
cannot certify itself: footprints are cut with the line by GEOS, the ground is followed patch by
patch.

* A prism hides a target if the line runs through its inside between base and top, a panel if the
  line crosses it there; what only touches does not hide.
* Crowns hide a target if together they let less than half of the line pass. A crown that the camera
  hangs in does not count.
* The ground hides a target if it rises above the line; unknown ground hides.
* A camera inside a solid sees nothing, and nothing inside a solid is seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from civicsight.core.arrays import FloatArray
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import MIN_TRANSMITTANCE, Scene

TOUCH_M: Final = 1e-9
"""Ground that rises above a line by no more than this only touches it [m]."""


@dataclass(frozen=True, slots=True)
class Look:
    """One head: place relative to the scene's origin, height above datum [m], angles, limits.

    Azimuth clockwise from grid north, tilt below the horizontal, roll clockwise from behind [deg];
    `near` and `reach` [m]; `width_px` pixels across.
    """

    eye: tuple[float, float, float]
    azimuth: float
    tilt: float
    roll: float
    hfov: float
    vfov: float
    lens: str
    near: float
    reach: float
    width_px: float


class Oracle:
    """A scene to be asked about single lines.

    Parameters
    ----------
    scene
        What may stand in the way; only its table of features and its terrain are read.
    """

    def __init__(self, scene: Scene) -> None:
        west, south = scene.origin
        features = scene.features
        shapes = features.geometry.to_numpy()
        self.shapes = shapely.transform(shapes, lambda xy: xy - (west, south))
        shapely.prepare(self.shapes)
        self.base, self.top = (features[n].to_numpy(np.float64) for n in ("base", "top"))
        self.passing = features["transmittance"].to_numpy(np.float64)
        self.tree = shapely.STRtree(self.shapes)
        self.relief = _moved(scene.relief, west, south)
        self.terrain = _moved(scene.terrain, west, south)

    def ground(self, x: float, y: float) -> float:
        """Return the height of the ground at a place [m], NaN where unknown."""
        if self.terrain is None:
            return 0.0
        u, v = (x - self.terrain.x0) / self.terrain.step, (y - self.terrain.y0) / self.terrain.step
        n_row, n_col = self.terrain.z.shape
        if not (0.0 <= u <= n_col - 1 and 0.0 <= v <= n_row - 1):
            return math.nan
        return float(_patch_height(self.terrain.z, np.array([u]), np.array([v]), u, v)[0])

    def holders(self, x: float, y: float, z: float, *, edge: bool) -> list[int]:
        """Return the features that a point is in between base and top, or also on the outline."""
        point = shapely.Point(x, y)
        return [
            int(row)
            for row in self.tree.query(point, "intersects" if edge else "within")
            if self.base[row] < z < self.top[row]
        ]

    def sees(self, look: Look, target: tuple[float, float, float]) -> float:
        """Return the density at a target [px/m], 0 where it is out of view or hidden."""
        density = density_at(look, target)
        if density == 0.0 or any(self.passing[i] == 0.0 for i in self.holders(*target, edge=False)):
            return 0.0
        around = self.holders(*look.eye, edge=True)
        if any(self.passing[i] == 0.0 for i in around):
            return 0.0
        return density if self.is_free(look.eye, target, around) else 0.0

    def is_free(
        self, eye: tuple[float, float, float], target: tuple[float, float, float], skip: list[int]
    ) -> bool:
        """Tell whether a line is free of everything but the features skipped."""
        line = shapely.LineString([eye[:2], target[:2]])
        share = 1.0
        for row in self.tree.query(line):
            if row not in skip and self._meets(int(row), eye, target, line):
                share *= self.passing[row]
        if share < MIN_TRANSMITTANCE:
            return False
        return self.relief is None or not rises(self.relief, eye, target)

    def _meets(
        self,
        row: int,
        eye: tuple[float, float, float],
        target: tuple[float, float, float],
        line: shapely.LineString,
    ) -> bool:
        """Tell whether a line runs through a body, or across a panel, between base and top."""
        shape, base, top = self.shapes[row], self.base[row], self.top[row]
        dx, dy, rise = (b - a for a, b in zip(eye, target, strict=True))
        square = dx * dx + dy * dy
        if square == 0.0:
            low, high = sorted((eye[2], target[2]))
            inside = shape.contains(shapely.Point(eye[:2]))
            return bool(inside and max(low, base) < min(high, top))
        solid = shapely.get_dimensions(shape) == 2
        pieces = shapely.get_parts(shapely.intersection(line, shape))
        for piece in pieces[~shapely.is_empty(pieces)]:
            xy = shapely.get_coordinates(piece)
            at = ((xy[:, 0] - eye[0]) * dx + (xy[:, 1] - eye[1]) * dy) / square
            if solid and shape.contains(shapely.Point(xy.mean(axis=0))):
                heights = eye[2] + np.array([at.min(), at.max()]) * rise
                if at.min() < at.max() and _overlap(heights, base, top):
                    return True
            elif not solid and base < eye[2] + at.mean() * rise < top and 0.0 < at.mean() < 1.0:
                return True
        return False


def density_at(look: Look, target: tuple[float, float, float]) -> float:
    """Return the pixels per metre at a target, 0 outside frame, focus or reach.

    The lesser of the density along the arc and, for a plane picture, of that across it.
    """
    v = np.subtract(target, look.eye)
    r = float(np.linalg.norm(v))
    if r == 0.0 or not look.near <= r <= look.reach:
        return 0.0
    half_h, half_v = math.radians(look.hfov) / 2.0, math.radians(look.vfov) / 2.0
    arc = look.width_px / (2.0 * half_h * r)
    if look.lens == "cylindrical":
        level = math.hypot(v[0], v[1])
        turn = math.atan2(v[0], v[1]) - math.radians(look.azimuth)
        turn = abs((turn + math.pi) % (2.0 * math.pi) - math.pi)
        rise = math.atan2(v[2], level) + math.radians(look.tilt)
        return arc if turn <= half_h and abs(rise) <= half_v else 0.0
    deep, across, high = _in_picture(look, v)
    if look.lens == "equidistant":
        return arc if math.atan2(math.hypot(across, high), deep) <= half_h else 0.0
    if deep <= 0.0 or abs(across) > deep * math.tan(half_h) or abs(high) > deep * math.tan(half_v):
        return 0.0
    return min(arc, look.width_px / (2.0 * math.tan(half_h) * deep))


def is_allowed(
    eye: tuple[float, float, float],
    target: tuple[float, float, float],
    most_tilt: float,
    most_yaw: float,
    normal: float,
) -> bool:
    """Tell whether a line falls no steeper, and no more aslant to the axis of walking, than let.

    Angles in degrees; NaN where there is no limit or no axis.
    """
    dx, dy, dz = (b - a for a, b in zip(eye, target, strict=True))
    down = math.degrees(math.atan2(-dz, math.hypot(dx, dy)))
    aslant = (math.degrees(math.atan2(dx, dy)) - normal) % 180.0
    yaw = min(aslant, 180.0 - aslant)
    return not (down > most_tilt + 1e-9 or yaw > most_yaw + 1e-9)


def rises(
    terrain: Terrain, eye: tuple[float, float, float], target: tuple[float, float, float]
) -> bool:
    """Tell whether the ground rises above a line, or is unknown below it.

    Between two lines of the grid the ground below a line of sight is a quadratic, known from three
    of its points.
    """
    u, v = (
        (np.array([eye[k], target[k]]) - o) / terrain.step
        for k, o in ((0, terrain.x0), (1, terrain.y0))
    )
    cuts = [np.zeros(1), np.ones(1)]
    for a, b in (u, v):
        lines = np.arange(math.ceil(min(a, b)), math.floor(max(a, b)) + 1)
        cuts.append((lines - a) / (b - a) if a != b else np.zeros(0))
    t = np.unique(np.clip(np.concatenate(cuts), 0.0, 1.0))
    middle = (t[:-1] + t[1:]) / 2.0
    at_u, at_v = u[0] + middle * (u[1] - u[0]), v[0] + middle * (v[1] - v[0])
    above = [
        eye[2]
        + s * (target[2] - eye[2])
        - _patch_height(terrain.z, at_u, at_v, u[0] + s * (u[1] - u[0]), v[0] + s * (v[1] - v[0]))
        for s in (t[:-1], middle, t[1:])
    ]
    first, half, last = above
    bend = first - 2.0 * half + last
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = np.clip((first - last) / (4.0 * bend), -0.5, 0.5)
    turn = np.where(bend > 0.0, turn, 0.5)
    lowest = half + turn * (last - first) + 2.0 * turn * turn * bend
    least = np.minimum(np.minimum(first, last), lowest)
    return bool((~(least >= -TOUCH_M)).any())


def _in_picture(look: Look, v: FloatArray) -> tuple[float, float, float]:
    """Turn a vector into the axes of a head: forward, right, up."""
    a, t, s = np.radians([look.azimuth, look.tilt, look.roll])
    north, east = v[1] * math.cos(a) + v[0] * math.sin(a), v[0] * math.cos(a) - v[1] * math.sin(a)
    deep = north * math.cos(t) - v[2] * math.sin(t)
    high = north * math.sin(t) + v[2] * math.cos(t)
    return (
        float(deep),
        float(east * math.cos(s) - high * math.sin(s)),
        float(high * math.cos(s) + east * math.sin(s)),
    )


def _overlap(heights: FloatArray, base: float, top: float) -> bool:
    """Tell whether a stretch of a line is strictly between two heights somewhere."""
    low, high = float(heights.min()), float(heights.max())
    return base < low < top if low == high else max(low, base) < min(high, top)


def _moved(terrain: Terrain | None, west: float, south: float) -> Terrain | None:
    if terrain is None:
        return None
    return Terrain(terrain.z, terrain.x0 - west, terrain.y0 - south, terrain.step)


def _patch_height(
    z: FloatArray, at_u: FloatArray, at_v: FloatArray, u: npt.ArrayLike, v: npt.ArrayLike
) -> FloatArray:
    """Return the height of the patches around `at` at grid coordinates, NaN beside the unknown."""
    col = np.clip(np.floor(at_u), 0, z.shape[1] - 2).astype(int)
    row = np.clip(np.floor(at_v), 0, z.shape[0] - 2).astype(int)
    right, up = np.asarray(u) - col, np.asarray(v) - row
    south = z[row, col] + right * (z[row, col + 1] - z[row, col])
    north = z[row + 1, col] + right * (z[row + 1, col + 1] - z[row + 1, col])
    return np.asarray(south + up * (north - south), np.float64)
