"""Geometry at an outline: which way it runs, which way leads out, and a line across an opening."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import FloatArray


def azimuth_deg(vector: FloatArray) -> float:
    """Return the direction of a vector, degrees clockwise from grid north.

    Examples
    --------
    >>> azimuth_deg(np.array([1.0, 0.0]))
    90.0
    """
    return float(np.degrees(np.arctan2(vector[0], vector[1])) % 360.0)


def vector_of(azimuth: float) -> FloatArray:
    """Return the unit vector of a direction, degrees clockwise from grid north."""
    turn = np.radians(azimuth)
    return np.array([np.sin(turn), np.cos(turn)])


def unit(vector: FloatArray) -> FloatArray:
    """Return a vector of length one; north if it has no length."""
    length = float(np.hypot(*vector))
    return np.asarray(vector / length) if length > 1e-9 else np.array([0.0, 1.0])


def course_at(line: BaseGeometry, point: Point, reach_m: float) -> FloatArray:
    """Return the direction in which a line runs near a point, over `reach_m` to each side.

    A chord, not a tangent: at a corner of an outline the tangent would jump.
    """
    at = float(shapely.line_locate_point(line, point))
    length = float(line.length)
    steps = np.array([at - reach_m, at + reach_m])
    steps = steps % length if line.is_closed else np.clip(steps, 0.0, length)
    first, last = shapely.get_coordinates(shapely.line_interpolate_point(line, steps))
    return unit(last - first)


def nearest_line(geometry: BaseGeometry, point: Point) -> BaseGeometry:
    """Return the part of a line geometry that is nearest to a point."""
    parts = shapely.get_parts(geometry)
    return parts[int(np.argmin(shapely.distance(parts, point)))]


def outward_at(outline: Polygon, point: Point, reach_m: float) -> FloatArray:
    """Return the unit vector that leads out of an outline at a point on or near it."""
    course = course_at(outline.exterior, point, reach_m)
    normal = np.array([course[1], -course[0]])
    foot = outline.exterior.interpolate(float(shapely.line_locate_point(outline.exterior, point)))
    for step in (0.5, 2.0):
        ahead = outline.contains(Point(foot.x + step * normal[0], foot.y + step * normal[1]))
        behind = outline.contains(Point(foot.x - step * normal[0], foot.y - step * normal[1]))
        if ahead != behind:
            return -normal if ahead else normal
    away = np.array([foot.x - outline.centroid.x, foot.y - outline.centroid.y])
    return normal if float(normal @ away) >= 0 else -normal


def line_across(centre: Point, outward: FloatArray, width_m: float) -> LineString:
    """Return a line of a width across an opening, at right angles to the way through it."""
    half = np.array([outward[1], -outward[0]]) * width_m / 2
    middle = np.array([centre.x, centre.y])
    return LineString([middle - half, middle + half])


def facing_deg(one: FloatArray, other: FloatArray) -> float:
    """Return the angle between two directions, degrees from 0 to 180."""
    return float(np.degrees(np.arccos(np.clip(float(unit(one) @ unit(other)), -1.0, 1.0))))
