"""Poses to eyes: axes of the frame, limits, and the sector that holds all a lens can image.

References: docs/decisions/0008; the frame is that of `civicsight.coverage.optics.lens`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray
from civicsight.coverage._kernels.compile import kernel, part
from civicsight.coverage._kernels.views import CYLINDRICAL, EQUIDISTANT, RECTILINEAR

WIDER_RAD = 1e-6
"""A sector is this much wider than the frame, which then decides to the last bit."""


@kernel
def fill_eyes(poses: FloatArray, lenses: npt.NDArray[np.int64], table: FloatArray) -> None:
    """Fill all columns of `views.Eye` but position and skips.

    Parameters
    ----------
    poses
        float64, shape ``(n, 8)``: azimuth, tilt, roll, horizontal and vertical angle of view [deg],
        pixels across, reach and near limit [m].
    lenses
        int64, shape ``(n,)``.
    table
        float64, shape ``(n, 26)``, written in place.
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
        eye[12] = lens
        eye[13] = math.tan(0.5 * hfov) if plane else 0.0
        eye[14] = math.tan(0.5 * vfov) if plane else 0.0
        eye[15] = -2.0 if hfov >= 2.0 * math.pi - 1e-9 else math.cos(0.5 * hfov)
        eye[16], eye[17] = _slope(-tilt - 0.5 * vfov), _slope(-tilt + 0.5 * vfov)
        eye[18], eye[19] = poses[i, 7], poses[i, 6]
        eye[20] = poses[i, 5] / (2.0 * eye[13]) if plane else 0.0
        eye[21] = poses[i, 5] / hfov
        eye[22] = azimuth
        eye[23] = min(_sector_half(eye, lens, azimuth, tilt, 0.5 * hfov), math.pi)


@part
def _fill_axes(eye: FloatArray, azimuth: float, tilt: float, roll: float) -> None:
    """Write forward, right and up; a positive roll turns the camera clockwise from behind."""
    sin_a, cos_a = math.sin(azimuth), math.cos(azimuth)
    sin_t, cos_t = math.sin(tilt), math.cos(tilt)
    sin_r, cos_r = math.sin(roll), math.cos(roll)
    eye[3], eye[4], eye[5] = sin_a * cos_t, cos_a * cos_t, -sin_t
    right = (cos_a, -sin_a, 0.0)
    up = (sin_a * sin_t, cos_a * sin_t, cos_t)
    for k in range(3):
        eye[6 + k] = cos_r * right[k] - sin_r * up[k]
        eye[9 + k] = cos_r * up[k] + sin_r * right[k]


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
    depth = abs(eye[5])
    if depth > 0.0 and abs(eye[8]) <= depth * eye[13] and abs(eye[11]) <= depth * eye[14]:
        return math.pi
    sin_a, cos_a = math.sin(azimuth), math.cos(azimuth)
    half = 0.0
    for h in (-1.0, 1.0):
        for v in (-1.0, 1.0):
            x = eye[3] + h * eye[13] * eye[6] + v * eye[14] * eye[9]
            y = eye[4] + h * eye[13] * eye[7] + v * eye[14] * eye[10]
            half = max(half, abs(math.atan2(x * cos_a - y * sin_a, x * sin_a + y * cos_a)))
    return half + WIDER_RAD
