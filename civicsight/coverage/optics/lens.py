"""Lens, pose and ground: what a camera images, and how many pixels a metre of it gets.

World axes are east, north, up in metres. Azimuth is clockwise from grid north; tilt is positive
down; a positive roll turns the camera clockwise as seen from behind it. Densities are pixels per
metre across a target that faces the camera, unless a function says otherwise. The functions are
pure numpy and take arrays of any one shape; the compiled kernels repeat the same formulas, and
tests hold the two together.

References
----------
EN 62676-4 (planning and pixel densities); pinhole and equidistant projection as in any text on
photogrammetry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.errors import InputError
from civicsight.coverage.faults import fault

Lens = Literal["rectilinear", "equidistant", "cylindrical"]
DensityModel = Literal["plane", "arc", "conservative"]

WIDEST_RECTILINEAR_DEG: Final = 140.0
"""From this angle on a lens is taken as equidistant: a plane image would be mostly margin."""


def frame_vectors(
    azimuth_deg: npt.ArrayLike, tilt_deg: npt.ArrayLike, roll_deg: npt.ArrayLike = 0.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the unit vectors forward, right and up of a camera, each of shape ``(..., 3)``.

    Examples
    --------
    >>> forward, right, up = frame_vectors(90.0, 0.0)
    >>> forward.round(6).tolist(), up.round(6).tolist()
    ([1.0, 0.0, -0.0], [0.0, 0.0, 1.0])
    """
    a, t, s = np.broadcast_arrays(
        *(np.radians(np.asarray(v, np.float64)) for v in (azimuth_deg, tilt_deg, roll_deg))
    )
    forward = np.stack([np.sin(a) * np.cos(t), np.cos(a) * np.cos(t), -np.sin(t)], axis=-1)
    level = np.stack([np.cos(a), -np.sin(a), np.zeros_like(a)], axis=-1)
    upright = np.stack([np.sin(a) * np.sin(t), np.cos(a) * np.sin(t), np.cos(t)], axis=-1)
    cos, sin = np.cos(s)[..., None], np.sin(s)[..., None]
    return forward, cos * level - sin * upright, sin * level + cos * upright


def focal_px(width_px: npt.ArrayLike, hfov_deg: npt.ArrayLike) -> FloatArray:
    """Return the focal length in pixels of a rectilinear image."""
    half = np.radians(np.asarray(hfov_deg, np.float64)) / 2.0
    return np.asarray(width_px, np.float64) / (2.0 * np.tan(half))


def plane_density_px_m(
    width_px: npt.ArrayLike, hfov_deg: npt.ArrayLike, depth_m: npt.ArrayLike
) -> FloatArray:
    """Return the density on a plane square to the axis, exact for a rectilinear lens [px/m]."""
    return focal_px(width_px, hfov_deg) / np.asarray(depth_m, np.float64)


def arc_density_px_m(
    width_px: npt.ArrayLike, hfov_deg: npt.ArrayLike, distance_m: npt.ArrayLike
) -> FloatArray:
    """Return the density along an arc around the lens, exact for an equidistant one [px/m]."""
    angle = np.radians(np.asarray(hfov_deg, np.float64))
    density: FloatArray = np.asarray(width_px, np.float64) / (
        angle * np.asarray(distance_m, np.float64)
    )
    return density


def plane_distance_m(
    width_px: npt.ArrayLike, hfov_deg: npt.ArrayLike, px_m: npt.ArrayLike
) -> FloatArray:
    """Return the depth at which the plane density falls to a value [m]."""
    return focal_px(width_px, hfov_deg) / np.asarray(px_m, np.float64)


def arc_distance_m(
    width_px: npt.ArrayLike, hfov_deg: npt.ArrayLike, px_m: npt.ArrayLike
) -> FloatArray:
    """Return the distance at which the arc density falls to a value [m]."""
    return arc_density_px_m(width_px, hfov_deg, px_m)


def camera_coordinates(frame: Frame, points: npt.ArrayLike) -> FloatArray:
    """Return points as seen from the camera: across to the right, up, and deep [m].

    Shape ``(..., 3)`` in and out.
    """
    forward, right, up = frame_vectors(frame.azimuth_deg, frame.tilt_deg, frame.roll_deg)
    sight = np.asarray(points, np.float64) - (frame.x, frame.y, frame.z)
    return sight @ np.stack([right, up, forward], axis=-1)


def in_frame(optics: Optics, frame: Frame, points: npt.ArrayLike) -> BoolArray:
    """Tell which points are in the image and within reach; edges belong to both.

    Parameters
    ----------
    points
        World coordinates, shape ``(..., 3)``.

    Notes
    -----
    A rectilinear image is a rectangle on a plane, an equidistant one a circle of angles off the
    axis, a cylindrical one a band: difference of azimuth and elevation about a level axis. A
    horizontal sector is not enough near the camera or at a steep tilt.
    """
    sight = np.asarray(points, np.float64) - (frame.x, frame.y, frame.z)
    distance = np.linalg.norm(sight, axis=-1)
    across, high, deep = np.moveaxis(camera_coordinates(frame, points), -1, 0)
    half_h, half_v = np.radians(optics.hfov_deg) / 2.0, np.radians(optics.vfov_deg) / 2.0
    if optics.lens == "rectilinear":
        inside = (
            (deep > 0.0)
            & (np.abs(across) <= deep * np.tan(half_h))
            & (np.abs(high) <= deep * np.tan(half_v))
        )
    elif optics.lens == "equidistant":
        inside = np.arctan2(np.hypot(across, high), deep) <= half_h
    else:
        level = np.hypot(sight[..., 0], sight[..., 1])
        turn = np.arctan2(sight[..., 0], sight[..., 1]) - np.radians(frame.azimuth_deg)
        turn = np.abs((turn + np.pi) % (2.0 * np.pi) - np.pi)
        rise = np.arctan2(sight[..., 2], level) + np.radians(frame.tilt_deg)
        inside = (turn <= half_h) & (np.abs(rise) <= half_v)
    seen: BoolArray = inside & (distance >= optics.near_m) & (distance <= optics.reach_m)
    return seen


def density_px_m(
    optics: Optics, frame: Frame, points: npt.ArrayLike, *, model: DensityModel = "conservative"
) -> FloatArray:
    """Return the density at points, whether in frame or not [px/m]; 0 behind a plane image.

    Parameters
    ----------
    points
        World coordinates, shape ``(..., 3)``.
    model
        ``"conservative"`` is the lesser of plane and arc, so it holds for either lens: what the
        engine delivers (docs/explanation/viewshed.md). A lens that is not rectilinear has an arc
        density only.

    References
    ----------
    Plane, ``r = f tan(angle)``: R. Hartley and A. Zisserman, Multiple View Geometry, 2nd ed. 2004,
    chapter 6. Arc, ``r = f angle``: J. Kannala and S. Brandt, IEEE TPAMI 28(8), 2006, section 2.
    """
    sight = np.asarray(points, np.float64) - (frame.x, frame.y, frame.z)
    distance = np.linalg.norm(sight, axis=-1)
    with np.errstate(divide="ignore"):
        arc = arc_density_px_m(optics.width_px, optics.hfov_deg, distance)
    if optics.lens != "rectilinear" or model == "arc":
        return arc
    deep = camera_coordinates(frame, points)[..., 2]
    with np.errstate(divide="ignore"):
        plane = np.where(
            deep > 0.0, plane_density_px_m(optics.width_px, optics.hfov_deg, deep), 0.0
        )
    return plane if model == "plane" else np.minimum(plane, arc)


def lens_of(hfov_deg: float) -> Lens:
    """Choose the projection of a lens of which only the angle is known."""
    return "rectilinear" if hfov_deg < WIDEST_RECTILINEAR_DEG else "equidistant"


def square_vfov_deg(hfov_deg: float, width_px: float, height_px: float) -> float:
    """Return the vertical field of view of a rectilinear image with square pixels [deg]."""
    half = np.tan(np.radians(hfov_deg) / 2.0) * height_px / width_px
    return float(np.degrees(2.0 * np.arctan(half)))


@dataclass(frozen=True, slots=True)
class Optics:
    """Lens and sensor of one head.

    Parameters
    ----------
    hfov_deg, vfov_deg
        Horizontal and vertical field of view. An equidistant lens images all within half of
        `hfov_deg` off its axis; `vfov_deg` is then without effect.
    width_px
        Horizontal pixels over the whole of `hfov_deg`.
    lens
        Projection.
    near_m, reach_m
        Slant distances between which the image is used.

    Raises
    ------
    InputError
        If an angle, a distance or the number of pixels is out of bounds; all faults at once.
    """

    hfov_deg: float
    vfov_deg: float
    width_px: float
    lens: Lens = "rectilinear"
    near_m: float = 0.0
    reach_m: float = np.inf

    def __post_init__(self) -> None:
        """Check the bounds."""
        widest = 179.0 if self.lens == "rectilinear" else 360.0
        _require(
            ("hfov_deg", self.hfov_deg, 0.1, widest),
            ("vfov_deg", self.vfov_deg, 0.1, widest),
            ("width_px", self.width_px, 1.0, np.inf),
            ("near_m", self.near_m, 0.0, self.reach_m),
            ("reach_m", self.reach_m, 0.1, np.inf),
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """Place and direction of one head, in world coordinates.

    Raises
    ------
    InputError
        If a value is not finite. An unknown azimuth is unknown and makes no frame.
    """

    x: float
    y: float
    z: float
    azimuth_deg: float
    tilt_deg: float
    roll_deg: float = 0.0

    def __post_init__(self) -> None:
        """Check that every value is known."""
        names = ("x", "y", "z", "azimuth_deg", "tilt_deg", "roll_deg")
        big = np.finfo(np.float64).max
        _require(*((name, getattr(self, name), -big, big) for name in names))


def _require(*bounds: tuple[str, float, float, float]) -> None:
    """Raise one error for all values that are outside their bounds."""
    faults = [
        fault("optics.out_of_bounds", field=name, found=str(value), low=low, high=high)
        for name, value, low, high in bounds
        if not low <= value <= high
    ]
    if faults:
        raise InputError(faults)
