"""Measures of a place that an open word of the law can be tested by, where the data have them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.rules.pack import Bound

_NUMBERS = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)[, ](?=\d{3}(?!\d))")

AREA_TYPES: Final = ("Polygon", "MultiPolygon")
LINE_TYPES: Final = ("LineString", "MultiLineString", "LinearRing")


def shape_of(geometry: BaseGeometry) -> str:
    """Return ``point``, ``line`` or ``area``."""
    if geometry.geom_type in AREA_TYPES:
        return "area"
    return "line" if geometry.geom_type in LINE_TYPES else "point"


def longest_side(geometry: BaseGeometry) -> float:
    """Return the longer side [m] of the smallest rectangle around a geometry.

    For a bridge drawn as several ways, one per carriageway, this is its length; the sum of the
    ways would count it twice.
    """
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(geometry))
    if len(corners) < 3:
        return float(geometry.length)
    steps = corners[1:3] - corners[:2]
    return float((steps**2).sum(axis=1).max() ** 0.5)


def measure(field: str, geometry: BaseGeometry, tags: Mapping[str, str]) -> float | None:
    """Return a measure of a place; None if the data do not have it.

    Parameters
    ----------
    field
        ``area_m2``, ``floor_area_m2``, ``length_m``, ``capacity`` [persons or cars] or
        ``voltage_v``. Of several voltages, as ``110000;20000``, the highest counts.

    Notes
    -----
    A shop has as many floors as its building. Where their number is unknown the outline is the
    least that the floor area can be: it may show that a place is large, never that it is not.
    """
    if field == "area_m2":
        return float(geometry.area) if shape_of(geometry) == "area" else None
    if field == "floor_area_m2":
        return _floor_area(geometry, tags)
    if field == "length_m":
        return longest_side(geometry) if shape_of(geometry) != "point" else None
    text = tags.get("voltage" if field == "voltage_v" else field, "")
    numbers = [float(number) for number in _NUMBERS.findall(_THOUSANDS.sub("", text))]
    return max(numbers) if numbers else None


def _floor_area(geometry: BaseGeometry, tags: Mapping[str, str]) -> float | None:
    if shape_of(geometry) != "area":
        return None
    floors = _NUMBERS.findall(tags.get("building:levels", ""))
    return float(geometry.area) * float(floors[0]) if floors else None


def reaches(bound: Bound, geometry: BaseGeometry, tags: Mapping[str, str]) -> bool | None:
    """Tell whether a place reaches a bound; None if its measure is unknown."""
    value = measure(bound.field, geometry, tags)
    if value is None and bound.field == "floor_area_m2":
        return True if geometry.area >= bound.at_least else None
    return None if value is None else value >= bound.at_least
