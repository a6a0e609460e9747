"""Between picture and ground: how near a target leaves the frame, and where a point is imaged.

Distances are horizontal, from the foot of the camera along its azimuth; `height_m` is the height of
the lens above the plane of the targets. Image coordinates run from 0 to 1, to the right and
downwards. The picture of a rectilinear lens is its rectangle; that of an equidistant one is the
square around its circle; that of a cylindrical one is the band that it unrolls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray
from civicsight.coverage.optics.lens import Lens, frame_vectors


def blind_zone_m(
    height_m: npt.ArrayLike,
    tilt_deg: npt.ArrayLike,
    vfov_deg: npt.ArrayLike,
    target_height_m: npt.ArrayLike = 0.0,
) -> FloatArray:
    """Return the distance within which a target stands out of frame on the camera's side [m].

    Parameters
    ----------
    height_m, target_height_m
        Lens and target above the ground. Evaluate at 0 and at the height of a face.

    Returns
    -------
    ndarray
        0 if the target enters the frame straight below (or above) the camera, infinity if it
        never does.
    """
    height, tilt, vfov, target = np.broadcast_arrays(
        *(np.asarray(v, np.float64) for v in (height_m, tilt_deg, vfov_deg, target_height_m))
    )
    drop = height - target
    # The edge of the frame that a target meets first: the lower one below the lens.
    edge = np.where(drop >= 0.0, tilt + vfov / 2.0, vfov / 2.0 - tilt)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.abs(drop) / np.tan(np.radians(np.clip(edge, 0.0, 90.0)))
    level = (drop == 0.0) & (np.abs(tilt) <= vfov / 2.0)
    reach = np.where(edge >= 90.0, 0.0, np.where(edge <= 0.0, np.inf, reach))
    return np.where(level, 0.0, np.where(drop == 0.0, np.inf, reach))


def depression_deg(
    height_m: npt.ArrayLike, target_height_m: npt.ArrayLike, distance_m: npt.ArrayLike
) -> FloatArray:
    """Return the angle below the horizontal from lens to target at a horizontal distance [deg]."""
    drop = np.asarray(height_m, np.float64) - np.asarray(target_height_m, np.float64)
    return np.degrees(np.arctan2(drop, np.asarray(distance_m, np.float64)))


@dataclass(frozen=True, slots=True)
class Picture:
    """One head as a maker of pictures.

    Parameters
    ----------
    x, y, z
        Position of the lens [m], in the same frame as the points that are asked about.
    azimuth_deg, tilt_deg, roll_deg
        Clockwise from grid north; below the horizontal; clockwise from behind. A cylindrical
        picture has no roll.
    hfov_deg, vfov_deg, lens
        Angles of view and projection. `vfov_deg` is without effect on an equidistant lens.
    """

    x: float
    y: float
    z: float
    azimuth_deg: float
    tilt_deg: float
    roll_deg: float
    hfov_deg: float
    vfov_deg: float
    lens: Lens

    def project(self, points: npt.ArrayLike) -> FloatArray:
        """Return image coordinates of world points, shape ``(..., 3)`` in and ``(..., 2)`` out.

        Points outside the frame get coordinates outside 0 to 1; those that a plane picture cannot
        show at all, because they are behind the lens, get NaN.
        """
        sight = np.asarray(points, np.float64) - (self.x, self.y, self.z)
        half_h, half_v = np.radians(self.hfov_deg) / 2.0, np.radians(self.vfov_deg) / 2.0
        if self.lens == "cylindrical":
            turn = np.arctan2(sight[..., 0], sight[..., 1]) - np.radians(self.azimuth_deg)
            turn = (turn + np.pi) % (2.0 * np.pi) - np.pi
            level = np.hypot(sight[..., 0], sight[..., 1])
            rise = np.arctan2(sight[..., 2], level) + np.radians(self.tilt_deg)
            return np.stack([0.5 + turn / (2 * half_h), 0.5 - rise / (2 * half_v)], axis=-1)
        forward, right, up = frame_vectors(self.azimuth_deg, self.tilt_deg, self.roll_deg)
        across, high, deep = sight @ right, sight @ up, sight @ forward
        if self.lens == "equidistant":
            off = np.hypot(across, high)
            angle = np.arctan2(off, deep)
            share = angle / (2.0 * half_h * np.where(off > 0.0, off, 1.0))
            return np.stack([0.5 + share * across, 0.5 - share * high], axis=-1)
        deep = np.where(deep > 0.0, deep, np.nan)
        return np.stack(
            [
                0.5 + across / (2.0 * deep * np.tan(half_h)),
                0.5 - high / (2.0 * deep * np.tan(half_v)),
            ],
            axis=-1,
        )
