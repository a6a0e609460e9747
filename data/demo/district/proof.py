"""What cameras see at gates, worked out sight line by sight line.

A plain reading of the optics (pinhole frame, the lower of the two density laws) and of the solids
on the map (prisms, thin panels, crowns that let 15 % pass), written for this fixture alone and
independent of the package: slow, and easy to check with pencil and paper.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

TARGET_M = 1.6
LEAST_SHARE = 0.5
"""A target counts as seen if half of the light passes all crowns."""

EPS = 1e-6

Points = Sequence[tuple[float, float]] | np.ndarray


@dataclass(frozen=True, slots=True)
class Eye:
    """A camera with a complete pose; angles in degrees, lengths in metres."""

    x: float
    y: float
    height_m: float
    azimuth_deg: float
    tilt_deg: float
    hfov_deg: float
    vfov_deg: float
    width_px: float
    reach_m: float


@dataclass(frozen=True, slots=True)
class Solid:
    """Something that may stand in the way between its base and its top."""

    label: str
    shape: shapely.Geometry
    base_m: float
    top_m: float
    passes: float = 0.0


def vfov_deg(hfov_deg: float, width_px: float, height_px: float) -> float:
    """Return the vertical field of view of square pixels on a plane sensor."""
    half = math.tan(math.radians(hfov_deg / 2)) * height_px / width_px
    return 2 * math.degrees(math.atan(half))


def density(eye: Eye, points: Points, height_m: float = TARGET_M) -> np.ndarray:
    """Return pixels per metre at points, 0 outside the frame or beyond the reach."""
    dx, dy = (np.atleast_2d(points) - (eye.x, eye.y)).T
    dz = height_m - eye.height_m
    a, t = math.radians(eye.azimuth_deg), math.radians(eye.tilt_deg)
    along = dx * math.sin(a) + dy * math.cos(a)
    depth = along * math.cos(t) - dz * math.sin(t)
    right = dx * math.cos(a) - dy * math.sin(a)
    up = along * math.sin(t) + dz * math.cos(t)
    far = np.sqrt(dx**2 + dy**2 + dz**2)
    half_w = math.tan(math.radians(eye.hfov_deg / 2))
    half_h = math.tan(math.radians(eye.vfov_deg / 2))
    seen = (depth > 0) & (far <= eye.reach_m)
    seen &= (np.abs(right) <= depth * half_w) & (np.abs(up) <= depth * half_h)
    safe = np.where(seen, depth, 1.0)
    plane = eye.width_px / (2 * half_w) / safe
    arc = eye.width_px / (math.radians(eye.hfov_deg) * far)
    return np.where(seen, np.minimum(plane, arc), 0.0)


def depression_deg(eye: Eye, points: Points, height_m: float = TARGET_M) -> np.ndarray:
    """Return how steeply a camera looks down at points."""
    dx, dy = (np.atleast_2d(points) - (eye.x, eye.y)).T
    return np.degrees(np.arctan2(eye.height_m - height_m, np.hypot(dx, dy)))


def yaw_deg(eye: Eye, points: Points, normal_deg: float) -> np.ndarray:
    """Return the angle between sight line and direction of walking, either way along it."""
    dx, dy = (np.atleast_2d(points) - (eye.x, eye.y)).T
    off = np.abs((np.degrees(np.arctan2(dx, dy)) - normal_deg + 180) % 360 - 180)
    return np.minimum(off, 180 - off)


class Solids:
    """The solids of the district, ready to be asked what stands in a sight line."""

    def __init__(self, solids: list[Solid]) -> None:
        self.solids = solids
        self.tree = shapely.STRtree([solid.shape for solid in solids])

    def blockers(
        self,
        eye: Eye,
        point: tuple[float, float],
        height_m: float = TARGET_M,
        without: tuple[str, ...] = (),
    ) -> list[str]:
        """Return the labels of what hides a point, nearest to the camera first; empty if seen."""
        sight = shapely.LineString([(eye.x, eye.y), point])
        found = []
        share = 1.0
        for i in self.tree.query(sight, predicate="intersects"):
            solid = self.solids[int(i)]
            at = (
                None if solid.label in without else _first_hit(solid, sight, eye.height_m, height_m)
            )
            if at is None:
                continue
            share *= solid.passes
            found.append((at, solid.label))
        return [label for _, label in sorted(found)] if share < LEAST_SHARE else []


def _first_hit(
    solid: Solid, sight: shapely.LineString, start_m: float, end_m: float
) -> float | None:
    """Return how far along a sight line a solid is first met, None if it passes over or under."""
    length = sight.length
    pieces = shapely.get_parts(shapely.intersection(sight, solid.shape))
    hits = []
    for piece in pieces:
        xy = shapely.get_coordinates(piece)
        along = np.clip(np.hypot(*(xy - sight.coords[0]).T) / length, 0.0, 1.0)
        low, high = along.min(), along.max()
        # A sight line that only touches its own start or end is not hidden by what it touches.
        if high * length < EPS or (1 - low) * length < EPS:
            continue
        z = start_m + (end_m - start_m) * np.array([low, high])
        thin = high - low < EPS / length
        inside = z.min() < solid.top_m - EPS and z.max() > solid.base_m + EPS
        if inside and (not thin or piece.geom_type == "Point"):
            hits.append(low)
    return min(hits, default=None)
