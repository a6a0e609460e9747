"""Poses to eyes: axes, limits and sector; what an eye images, and how many pixels a metre gets.

References: docs/decisions/0008; the frame is that of `civicsight.coverage.optics.lens`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray
from civicsight.coverage._kernels.compile import kernel, part
from civicsight.coverage._kernels.views import CYLINDRICAL, EQUIDISTANT, EYE, RECTILINEAR, Eye

WIDER_RAD = 1e-6
"""A sector is this much wider than the frame, which then decides to the last bit."""


@kernel
def fill_eyes(poses: FloatArray, lenses: npt.NDArray[np.int64], table: FloatArray) -> None:
    """Fill all columns of `views.Eye` but position, skips and what is stated.

    Parameters
    ----------
    poses
        float64, shape ``(n, 8)``: azimuth, tilt, roll, horizontal and vertical angle of view [deg],
        pixels across, reach and near limit [m].
    lenses
        int64, shape ``(n,)``.
    table
        float64, one row an eye, columns `EYE`, written in place.
    """
    for i in range(poses.shape[0]):
        lens = lenses[i]
        azimuth, tilt, roll = (
            math.radians(poses[i, 0]),
            math.radians(poses[i, 1]),
            math.radians(poses[i, 2]),
        )
        hfov, vfov = math.radians(poses[i, 3]), math.radians(poses[i, 4])
        eye = table[i]
        # The axis of a panorama is level; its tilt moves the band of elevations.
        _fill_axes(eye, azimuth, 0.0 if lens == CYLINDRICAL else tilt, roll)
        plane = lens == RECTILINEAR
        eye[EYE.lens] = lens
        eye[EYE.tan_h] = math.tan(0.5 * hfov) if plane else 0.0
        eye[EYE.tan_v] = math.tan(0.5 * vfov) if plane else 0.0
        eye[EYE.cos_half] = -2.0 if hfov >= 2.0 * math.pi - 1e-9 else math.cos(0.5 * hfov)
        eye[EYE.low_slope], eye[EYE.high_slope] = (
            _slope(-tilt - 0.5 * vfov),
            _slope(-tilt + 0.5 * vfov),
        )
        eye[EYE.near], eye[EYE.reach] = poses[i, 7], poses[i, 6]
        eye[EYE.focal_px] = poses[i, 5] / (2.0 * eye[EYE.tan_h]) if plane else 0.0
        eye[EYE.px_per_rad] = poses[i, 5] / hfov
        eye[EYE.sector_azimuth] = azimuth
        eye[EYE.sector_half] = min(_sector_half(eye, lens, azimuth, tilt, 0.5 * hfov), math.pi)


@part
def _fill_axes(eye: FloatArray, azimuth: float, tilt: float, roll: float) -> None:
    """Write forward, right and up; a positive roll turns the camera clockwise from behind."""
    sin_a, cos_a = math.sin(azimuth), math.cos(azimuth)
    sin_t, cos_t = math.sin(tilt), math.cos(tilt)
    sin_r, cos_r = math.sin(roll), math.cos(roll)
    eye[EYE.fx], eye[EYE.fy], eye[EYE.fz] = sin_a * cos_t, cos_a * cos_t, -sin_t
    right = (cos_a, -sin_a, 0.0)
    up = (sin_a * sin_t, cos_a * sin_t, cos_t)
    for k in range(3):
        eye[EYE.rx + k] = cos_r * right[k] - sin_r * up[k]
        eye[EYE.ux + k] = cos_r * up[k] + sin_r * right[k]


@part
def _slope(elevation: float) -> float:
    """Return rise over distance of an elevation angle, endless at and beyond the vertical."""
    if abs(elevation) >= 0.5 * math.pi - 1e-12:
        return math.copysign(math.inf, elevation)
    return math.tan(elevation)


@part
def _sector_half(eye: FloatArray, lens: int, azimuth: float, tilt: float, opening: float) -> float:
    """Return half the angle of a sector about the axis that holds all that the lens can image.

    A pyramid that holds the vertical sees all azimuths; else its corners are the extremes. The
    sector of a panorama is exact.
    """
    if lens == CYLINDRICAL:
        return opening
    if lens == EQUIDISTANT:
        if opening + abs(tilt) >= 0.5 * math.pi - 1e-9:
            return math.pi
        return math.asin(min(math.sin(opening) / math.cos(tilt), 1.0)) + WIDER_RAD
    depth = abs(eye[EYE.fz])
    if (
        depth > 0.0
        and abs(eye[EYE.rz]) <= depth * eye[EYE.tan_h]
        and abs(eye[EYE.uz]) <= depth * eye[EYE.tan_v]
    ):
        return math.pi
    sin_a, cos_a = math.sin(azimuth), math.cos(azimuth)
    half = 0.0
    for h in (-1.0, 1.0):
        for v in (-1.0, 1.0):
            x = eye[EYE.fx] + h * eye[EYE.tan_h] * eye[EYE.rx] + v * eye[EYE.tan_v] * eye[EYE.ux]
            y = eye[EYE.fy] + h * eye[EYE.tan_h] * eye[EYE.ry] + v * eye[EYE.tan_v] * eye[EYE.uy]
            half = max(half, abs(math.atan2(x * cos_a - y * sin_a, x * sin_a + y * cos_a)))
    return half + WIDER_RAD


@part
def in_frame(eye: Eye, dx: float, dy: float, dz: float) -> bool:
    """Tell whether the lens images the direction ``(dx, dy, dz)``; edges belong to the frame."""
    if eye.lens == RECTILINEAR:
        depth = dx * eye.fx + dy * eye.fy + dz * eye.fz
        if depth <= 0.0:
            return False
        across = dx * eye.rx + dy * eye.ry + dz * eye.rz
        up = dx * eye.ux + dy * eye.uy + dz * eye.uz
        return abs(across) <= depth * eye.tan_h and abs(up) <= depth * eye.tan_v
    if eye.lens == CYLINDRICAL:
        flat = math.sqrt(dx * dx + dy * dy)
        if flat == 0.0:  # straight up or down: only an open slope has it in frame
            if (dz < 0.0 and eye.low_slope > -math.inf) or (dz > 0.0 and eye.high_slope < math.inf):
                return False
        elif dz < eye.low_slope * flat or dz > eye.high_slope * flat:
            return False
        # The axis of a panorama is level: fx, fy is its azimuth.
        return dx * eye.fx + dy * eye.fy >= eye.cos_half * flat
    depth = dx * eye.fx + dy * eye.fy + dz * eye.fz
    return depth >= eye.cos_half * math.sqrt(dx * dx + dy * dy + dz * dz)


@part
def in_reach(eye: Eye, dx: float, dy: float, dz: float) -> bool:
    """Tell whether a point is between the near limit and the reach, in slant distance."""
    square = dx * dx + dy * dy + dz * dz
    return eye.near * eye.near <= square <= eye.reach * eye.reach


@part
def pixel_scales(eye: Eye) -> tuple[float, float, float]:
    """Return what the square of a distance, and of a depth, is multiplied by in `pixel_square`.

    And a square that is the same everywhere, 0 where pixels count.
    """
    if eye.stated > 0.0:
        return 0.0, 0.0, 1.0 / (eye.stated * eye.stated)
    plane = 1.0 / (eye.focal_px * eye.focal_px) if eye.lens == RECTILINEAR else 0.0
    return 1.0 / (eye.px_per_rad * eye.px_per_rad), plane, 0.0


@part
def pixel_square(eye: Eye, dx: float, dy: float, dz: float) -> float:
    """Return the inverse square of `pixel_density` of a target in frame: no root is needed."""
    arc, plane, stated = pixel_scales(eye)
    depth = dx * eye.fx + dy * eye.fy + dz * eye.fz
    return max((dx * dx + dy * dy + dz * dz) * arc, depth * depth * plane, stated)


@part
def pixel_density(eye: Eye, dx: float, dy: float, dz: float) -> float:
    """Return px/m across a target that faces the camera: the lower of plane and arc density.

    Plane density ``f / Z`` is exact for a rectilinear lens and a target square to its axis, arc
    density ``N / (hfov r)`` for an equidistant one; the lower of both holds under either. One that
    is judged by its range delivers the same wherever it sees (`rules.criteria`).
    """
    if eye.stated > 0.0:
        return eye.stated
    distance = math.sqrt(dx * dx + dy * dy + dz * dz)
    if distance == 0.0:
        return math.inf
    arc = eye.px_per_rad / distance
    if eye.lens != RECTILINEAR:
        return arc
    depth = dx * eye.fx + dy * eye.fy + dz * eye.fz
    return min(arc, eye.focal_px / depth) if depth > 0.0 else 0.0
