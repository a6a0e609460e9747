"""A camera of the oracle: where it looks, what is within its range and frame, how finely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from civicsight.core.arrays import FloatArray

Lens = Literal["rectilinear", "equidistant", "cylindrical"]


@dataclass(frozen=True, slots=True)
class Camera:
    """One head: position above datum [m], angles [deg], limits [m], horizontal pixels.

    A positive tilt looks down; a positive roll turns the camera clockwise as seen from behind it.
    """

    x: float
    y: float
    z: float
    azimuth: float = 0.0
    tilt: float = 0.0
    roll: float = 0.0
    hfov: float = 360.0
    vfov: float = 180.0
    lens: Lens = "cylindrical"
    near: float = 0.0
    reach: float = 80.0
    width_px: float = 1920.0


def view_of(camera: Camera, targets: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Measure how far targets are inside range and frame, and the pixels per metre there.

    Returns
    -------
    tuple
        Signed distances to the limits [m], shape ``(4, n)``: near, reach, frame across, frame up;
        and the conservative density [px/m], the lesser of plane and arc.
    """
    v = targets - (camera.x, camera.y, camera.z)
    r = np.sqrt((v**2).sum(axis=1))
    forward, right, up = axes(camera)
    deep, across, high = v @ forward, v @ right, v @ up
    half_h, half_v = np.radians(camera.hfov) / 2, np.radians(camera.vfov) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        px_m = camera.width_px / (2 * half_h * r)
        if camera.lens == "rectilinear":
            plane = camera.width_px / (2 * np.tan(half_h)) / deep
            px_m = np.where(deep > 0, np.minimum(px_m, plane), px_m)
            in_h = np.minimum(deep, (deep * np.tan(half_h) - np.abs(across)) * np.cos(half_h))
            in_v = (deep * np.tan(half_v) - np.abs(high)) * np.cos(half_v)
        elif camera.lens == "equidistant":
            off_axis = np.arctan2(np.hypot(across, high), deep)
            in_h = in_v = r * (half_h - off_axis)
        else:
            level = np.hypot(v[:, 0], v[:, 1])
            bearing = np.arctan2(v[:, 0], v[:, 1]) - np.radians(camera.azimuth)
            turn = np.abs((bearing + np.pi) % (2 * np.pi) - np.pi)
            in_h = np.full(len(v), np.inf) if camera.hfov >= 360 else level * (half_h - turn)
            rise = np.arctan2(v[:, 2], level) + np.radians(camera.tilt)
            in_v = r * (half_v - np.abs(rise))
    return np.vstack([r - camera.near, camera.reach - r, in_h, in_v]), px_m


def axes(camera: Camera) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the unit vectors forward, right and up of a camera."""
    a, t, s = np.radians([camera.azimuth, camera.tilt, camera.roll])
    forward = np.array([np.sin(a) * np.cos(t), np.cos(a) * np.cos(t), -np.sin(t)])
    level = np.array([np.cos(a), -np.sin(a), 0.0])
    upright = np.array([np.sin(a) * np.sin(t), np.cos(a) * np.sin(t), np.cos(t)])
    right = np.cos(s) * level - np.sin(s) * upright
    up = np.sin(s) * level + np.cos(s) * upright
    return forward, right, up
