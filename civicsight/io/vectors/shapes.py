"""Geometries out of well-known binary and GeoJSON: each good one built, each bad one named.

References
----------
RFC 7946, The GeoJSON Format, section 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.arrays import FloatArray, Geometries
from civicsight.core.bounded.wkb import MAX_DEPTH, MAX_VERTICES, Flaw, flaw_of
from civicsight.core.errors import N_, Fault, Text
from civicsight.core.progress import counted
from civicsight.io.faults import fault
from civicsight.io.report import Count
from civicsight.model.notes import Note


class Shapes(NamedTuple):
    """Geometries of a layer in two dimensions; None where there is none, or a faulty one.

    `faults` name what cannot be built, `mended` what was put right. `has_z` tells whether heights
    or measures stood beside the coordinates and were dropped.
    """

    geometry: Geometries
    faults: tuple[Fault, ...] = ()
    mended: tuple[Fault, ...] = ()
    has_z: bool = False


class FoundLayer(NamedTuple):
    """One layer as it was found: a row for each feature in its order; its CRS may be None.

    `faults` name features whose geometry is not usable (their rows have none), `mended` those that
    were put right. `left` counts what the reader left out, beside the rows. `is_drawing` tells that
    shapes of all kinds stand together, of which a table takes those of its own kind.
    """

    frame: gpd.GeoDataFrame
    faults: tuple[Fault, ...] = ()
    mended: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()
    encoding: str = ""
    has_z: bool = False
    left: tuple[Count, ...] = ()
    is_drawing: bool = False


EXPECTED: dict[str, Text] = {
    "wkb.depth": N_("at most %(limit)s collections in each other", limit=MAX_DEPTH),
    "wkb.size": N_("at most %(limit)s coordinates in one feature", limit=MAX_VERTICES),
    "wkb.curve": N_("points, lines and polygons of straight lines"),
    "wkb.damaged": N_("a geometry with complete coordinates"),
    "geometry.ring": N_("rings of at least three different points"),
    "geometry.number": N_("finite coordinates"),
}
REMEDY: dict[str, Text] = {
    "wkb.depth": N_("Take the collection apart (QGIS: Multipart to singleparts)."),
    "wkb.size": N_("Simplify or split the feature (QGIS: Subdivide)."),
    "wkb.curve": N_("Convert curves to lines (QGIS: Segmentize), then export again."),
    "wkb.damaged": N_("Export the layer again, or draw the feature again."),
    "geometry.ring": N_("Draw the feature again."),
    "geometry.number": N_("Correct the coordinates, or remove the feature."),
}


def shape_fault(flaw: Flaw, file: str, where: str) -> Fault:
    """Return the fault of one geometry."""
    return Fault(
        flaw.code, file, where, "geometry", flaw.found, EXPECTED[flaw.code], REMEDY[flaw.code]
    )


def closed_fault(file: str, where: str) -> Fault:
    """Return the note that rings of a feature were closed."""
    return fault("geometry.unclosed", file, where, "geometry")


def read_shapes(
    blobs: Sequence[bytes | None] | Geometries, file: str, *, flat: bool = True
) -> Shapes:
    """Build geometries from WKB; features are named by their number, beginning with 1.

    Rings that are not closed are closed and noted; heights are dropped where all has to be `flat`.
    """
    faults: list[Fault] = []
    sound: Geometries = np.full(len(blobs), None, object)
    for row, blob in enumerate(counted(blobs, len(blobs))):
        flaw = None if blob is None else flaw_of(bytes(blob))
        if flaw is None:
            sound[row] = blob
        else:
            faults.append(shape_fault(flaw, file, str(row + 1)))
    there = np.fromiter((blob is not None for blob in sound), bool, len(sound))
    geometry = shapely.from_wkb(sound, on_invalid="ignore")
    bad = there & shapely.is_missing(geometry)
    mended: tuple[Fault, ...] = ()
    if bad.any():  # open rings are closed, as far as that makes a ring of them
        geometry[bad] = shapely.from_wkb(sound[bad], on_invalid="fix")
        closed = np.flatnonzero(bad & ~shapely.is_missing(geometry))
        mended = tuple(closed_fault(file, str(row + 1)) for row in closed)
    faults += [
        shape_fault(Flaw("geometry.ring", "1-3 points"), file, str(row + 1))
        for row in np.flatnonzero(there & shapely.is_missing(geometry))
    ]
    has_z = bool((shapely.has_z(geometry) | shapely.has_m(geometry)).any())
    kept, endless = drop_endless(shapely.force_2d(geometry) if flat else geometry, file)
    return Shapes(kept, (*faults, *endless), mended, has_z)


def drop_endless(geometry: Geometries, file: str) -> tuple[Geometries, tuple[Fault, ...]]:
    """Take out geometries with coordinates that are no numbers, and name them."""
    xy, of = shapely.get_coordinates(geometry, return_index=True)
    wrong = ~np.isfinite(xy).all(axis=1)
    # The empty point is stored with NaN for its coordinates, and has none once it is read.
    rows, first = np.unique(of[wrong], return_index=True)
    found = xy[wrong][first]
    out = geometry.copy()
    out[rows] = None
    faults = tuple(
        shape_fault(Flaw("geometry.number", f"{x:g}, {y:g}"), file, str(row + 1))
        for row, (x, y) in zip(rows, found, strict=True)
    )
    return out, faults


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
        is_position = (
            type(position) is list
            and len(position) >= 2
            and type(position[0]) in {int, float}
            and type(position[1]) in {int, float}
        )
        if not is_position:
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


def _short(value: object) -> str:
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # ValueError: an integer of thousands of digits
        return type(value).__name__
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
