"""Pieces of wall in the picture of a head: in frame and reach, turned to it, and fine enough."""

from __future__ import annotations

import math

from civicsight.core.arrays import FloatArray, IntArray
from civicsight.coverage._kernels.accumulate import eye_at
from civicsight.coverage._kernels.compile import kernel, part
from civicsight.coverage._kernels.lens import in_frame, in_reach
from civicsight.coverage._kernels.views import RECTILINEAR, Eye


@part
def wall_density(eye: Eye, dx: float, dy: float, dz: float, east: float, north: float) -> float:
    """Return px/m across a wall as one lens gives it, 0 for one turned away.

    Parameters
    ----------
    dx, dy, dz
        From the eye to the wall.
    east, north
        Outward direction of the wall, of length 1.
    """
    facing = -(dx * east + dy * north)
    if not facing > 0.0:
        return 0.0
    if eye.lens == RECTILINEAR:
        depth = dx * eye.fx + dy * eye.fy + dz * eye.fz
        return eye.focal_px * facing / (depth * depth) if depth > 0.0 else 0.0
    return eye.px_per_rad * facing / (dx * dx + dy * dy + dz * dz)


@kernel
def find_facing(
    heads: FloatArray,
    place: IntArray,
    near: IntArray,
    spots: IntArray,
    first: IntArray,
    walls: FloatArray,
    least_px_m: float,
    start: IntArray,
    wall: IntArray,
    px_m: FloatArray,
) -> None:
    """Find the pieces of wall in the picture of each head, or count them.

    Parameters
    ----------
    heads
        Eyes, shape ``(n, 26)``.
    place, near, spots
        Where each head stands; around place ``p`` there are ``spots[near[p]:near[p + 1]]``.
    first, walls
        Pieces at spot ``s`` are rows ``first[s]:first[s + 1]`` of `walls`: position and outward
        direction, shape ``(m, 5)``; all have the place on the ground of the first.
    least_px_m
        Densities below it are left out.
    start
        Shape ``(n + 1,)``. With an empty `wall`, the number of pieces of head ``i`` is written at
        ``i + 1``; otherwise those of head ``i`` are written from ``start[i]`` on.
    wall, px_m
        Rows of `walls` and their densities.
    """
    for i in range(heads.shape[0]):
        eye, k = eye_at(heads, i), start[i] if len(wall) else 0
        sin, cos = math.sin(eye.sector_azimuth), math.cos(eye.sector_azimuth)
        aside = math.cos(eye.sector_half) - 1e-9 if eye.sector_half < math.pi else -2.0
        for nth in range(near[place[i]], near[place[i] + 1]):
            low, high = first[spots[nth]], first[spots[nth] + 1]
            dx, dy = walls[low, 0] - eye.x, walls[low, 1] - eye.y
            flat = math.sqrt(dx * dx + dy * dy)
            if flat > eye.reach or dx * sin + dy * cos < aside * flat:
                continue
            for j in range(low, high):
                dz = walls[j, 2] - eye.z
                density = wall_density(eye, dx, dy, dz, walls[j, 3], walls[j, 4])
                if density < least_px_m or density == 0.0:
                    continue
                if not (in_reach(eye, dx, dy, dz) and in_frame(eye, dx, dy, dz)):
                    continue
                if len(wall):
                    wall[k], px_m[k] = j, density
                k += 1
        if not len(wall):
            start[i + 1] = k
