"""In frame or not, and how many pixels a metre gets."""

from __future__ import annotations

import math

from civicsight.coverage._kernels.compile import part
from civicsight.coverage._kernels.views import CYLINDRICAL, RECTILINEAR, Eye


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
        if dz < eye.low_slope * flat or dz > eye.high_slope * flat:
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
def pixel_density(eye: Eye, dx: float, dy: float, dz: float) -> float:
    """Return px/m across a target that faces the camera: the lower of plane and arc density.

    Plane density ``f / Z`` is exact for a rectilinear lens and a target square to its axis, arc
    density ``N / (hfov r)`` for an equidistant one; the lower of both holds under either.
    """
    distance = math.sqrt(dx * dx + dy * dy + dz * dz)
    if distance == 0.0:
        return math.inf
    arc = eye.px_per_rad / distance
    if eye.lens != RECTILINEAR:
        return arc
    depth = dx * eye.fx + dy * eye.fy + dz * eye.fz
    return min(arc, eye.focal_px / depth) if depth > 0.0 else 0.0
