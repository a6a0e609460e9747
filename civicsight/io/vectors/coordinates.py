"""Geometries out of GeoJSON objects: every coordinate looked at, every fault with its place.

References
----------
RFC 7946, The GeoJSON Format, section 3.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import shapely

from civicsight.core.arrays import FloatArray
from civicsight.core.bounded.wkb import MAX_DEPTH, MAX_VERTICES, Flaw

LEAST_RING = 4
"""Fewest positions of a ring, the first one repeated at its end."""

SHOWN = 40
"""Characters of a bad value in a message."""


class Built(NamedTuple):
    """A geometry in two dimensions; whether rings were closed, and whether heights were dropped."""

    geometry: shapely.Geometry | None
    closed: bool = False
    has_z: bool = False


class Broken(Exception):  # noqa: N818 - leaves the building of one geometry, never the package
    """A geometry cannot be built; carries what is wrong with it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.code)
        self.flaw = flaw


class _State:
    """What is noticed on the way through one geometry."""

    __slots__ = ("closed", "has_z", "vertices")

    def __init__(self) -> None:
        self.closed = False
        self.has_z = False
        self.vertices = 0


def build(found: object) -> Built:
    """Build a geometry from a GeoJSON object.

    Raises
    ------
    Broken
        With a code and the place of the first fault, such as ``coordinates[0][2]: "a"``.
    """
    state = _State()
    geometry = _geometry(found, state, 0)
    return Built(geometry, state.closed, state.has_z)


def _geometry(found: object, state: _State, depth: int) -> shapely.Geometry:
    if depth > MAX_DEPTH:
        raise Broken(Flaw("wkb.depth", f"> {MAX_DEPTH}"))
    if not isinstance(found, dict):
        raise Broken(Flaw("geojson.geometry", _short(found)))
    kind = found.get("type")
    if kind == "GeometryCollection":
        members = found.get("geometries")
        if not isinstance(members, list):
            raise Broken(Flaw("geojson.geometry", f"geometries: {_short(members)}"))
        return shapely.GeometryCollection([_geometry(m, state, depth + 1) for m in members])
    make = MAKERS.get(kind) if isinstance(kind, str) else None
    if make is None:
        raise Broken(Flaw("geojson.geometry", f"type: {_short(kind)}"))
    return make(found.get("coordinates"), state, "coordinates")


def _point(value: object, state: _State, place: str) -> shapely.Geometry:
    if value == []:
        return shapely.Point()
    return shapely.Point(_positions([value], state, place, single=True)[0])


def _line(value: object, state: _State, place: str) -> shapely.Geometry:
    xy = _positions(value, state, place)
    if len(xy) == 1:
        raise Broken(Flaw("geojson.geometry", f"{place}: 1"))
    return shapely.LineString(xy)


def _polygon(value: object, state: _State, place: str) -> shapely.Geometry:
    rings = [_ring(ring, state, at) for at, ring in _members(value, place)]
    return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()


def _ring(value: object, state: _State, place: str) -> FloatArray:
    xy = _positions(value, state, place)
    if len(xy) and (xy[0] != xy[-1]).any():
        xy = np.vstack([xy, xy[:1]])
        state.closed = True
    if len(xy) < LEAST_RING or len(np.unique(xy, axis=0)) < LEAST_RING - 1:
        raise Broken(Flaw("geometry.ring", f"{place}: {len(np.unique(xy, axis=0))}"))
    return xy


Maker = Callable[[object, _State, str], shapely.Geometry]


def _several(one: Maker, gather: Callable[[Any], shapely.Geometry]) -> Maker:
    """Return the builder of several geometries of a type."""

    def make(value: object, state: _State, place: str) -> shapely.Geometry:
        parts = [one(member, state, at) for at, member in _members(value, place)]
        return gather([part for part in parts if not part.is_empty])

    return make


MAKERS: dict[str, Maker] = {
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _several(_point, shapely.MultiPoint),
    "MultiLineString": _several(_line, shapely.MultiLineString),
    "MultiPolygon": _several(_polygon, shapely.MultiPolygon),
}
"""Builder by type of geometry."""


def _members(value: object, place: str) -> list[tuple[str, object]]:
    if not isinstance(value, list):
        raise Broken(Flaw("geojson.geometry", f"{place}: {_short(value)}"))
    return [(f"{place}[{number}]", member) for number, member in enumerate(value)]


def _positions(value: object, state: _State, place: str, *, single: bool = False) -> FloatArray:
    """Return positions as float64, shape (n, 2); more than two numbers a position are dropped."""
    if not isinstance(value, list):
        raise Broken(Flaw("geojson.geometry", f"{place}: {_short(value)}"))
    state.vertices += len(value)
    if state.vertices > MAX_VERTICES:
        raise Broken(Flaw("wkb.size", f"> {MAX_VERTICES}"))
    for number, position in enumerate(value):
        if not _is_position(position):
            at = place if single else f"{place}[{number}]"
            raise Broken(Flaw("geojson.geometry", f"{at}: {_short(position)}"))
        if len(position) > 2:
            state.has_z = True
    try:
        xy = np.array([position[:2] for position in value], np.float64).reshape(-1, 2)
    except OverflowError:
        raise Broken(Flaw("geometry.number", place)) from None
    endless = np.flatnonzero(~np.isfinite(xy).all(axis=1))
    if len(endless):
        number = int(endless[0])
        at = place if single else f"{place}[{number}]"
        raise Broken(Flaw("geometry.number", f"{at}: {_short(value[number])}"))
    return xy


def _is_position(value: object) -> bool:
    """Tell whether a value begins with two numbers; true and false are none."""
    return (
        type(value) is list
        and len(value) >= 2
        and type(value[0]) in {int, float}
        and type(value[1]) in {int, float}
    )


def _short(value: object) -> str:
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # ValueError: an integer of thousands of digits
        return type(value).__name__
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
