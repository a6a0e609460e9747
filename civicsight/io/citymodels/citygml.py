"""Buildings of CityGML 1.0, 2.0 and 3.0, read in one pass.

References
----------
OGC 12-019 (CityGML 2.0), OGC 21-006r2 (CityGML 3.0), ISO 19136 (GML).
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import Fault
from civicsight.io.citymodels.model import (
    ATTRIBUTES,
    FOOTPRINT,
    KINDS,
    MAX_COORDINATE,
    WHOLE,
    Body,
    Face,
    Model,
    broken,
)
from civicsight.io.faults import reject
from civicsight.io.safe_xml import Event, read_xml, walk
from civicsight.io.tables.words import LENGTH_UNITS

MEMBERS = frozenset({"cityObjectMember", "featureMember", "featureMembers"})
SURFACES = frozenset(
    {"GroundSurface", "RoofSurface", "WallSurface", "OuterCeilingSurface", "OuterFloorSurface",
     "ClosureSurface"},
)  # fmt: skip
"""Surfaces that bound a building from outside."""

PASSED_OVER = frozenset(
    {"opening", "fillingSurface", "interiorRoom", "buildingRoom", "interiorBuildingInstallation",
     "outerBuildingInstallation", "buildingInstallation", "buildingConstructiveElement",
     "buildingFurniture", "interiorFurniture", "address", "appearance", "extendedAttribute",
     "InteriorWallSurface", "CeilingSurface", "FloorSurface", "genericAttribute",
     "genericAttributeSet"},
)  # fmt: skip
"""Elements inside of a building that do not bound it, with all that they hold."""

POLYGONS = frozenset({"Polygon", "Triangle", "Rectangle", "PolygonPatch"})
RINGS = frozenset({"LinearRing", "Ring"})
BENT = frozenset(
    {"Arc", "ArcByBulge", "ArcByCenterPoint", "ArcString", "ArcStringByBulge", "Bezier", "BSpline",
     "Circle", "CircleByCenterPoint", "Clothoid", "CompositeCurve", "CubicSpline", "Geodesic",
     "GeodesicString", "OffsetCurve", "OrientableCurve"},
)  # fmt: skip
"""Pieces of a ring that are no chain of straight edges in the order in which they stand."""

POSITIONS = frozenset({"posList", "pos", "coordinates"})
FEET_NAMES = frozenset({"9002", "9003", "[ft_i]", "[ft_us]"})
"""Codes of EPSG and UCUM for the foot; that of the survey is longer by two parts in a million."""

_LOD = re.compile(r"lod([0-4])(Solid|MultiSurface|FootPrint|RoofEdge|Geometry)")


class _Ring(NamedTuple):
    """The numbers of an open ring, and how many make a point."""

    numbers: list[float]
    dimension: int


class _Reading:
    """Where the reading of a document stands."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.model = Model([], Counter())
        self.systems: dict[str, None] = {}
        self.path: list[str] = []
        self.open: list[Body] = []
        self.lods: list[float] = []
        self.kinds: list[str] = []
        self.rings: list[FloatArray] = []
        self.ring: _Ring | None = None
        self.dimensions: list[int] = [3]
        self.text: list[str] | None = None
        self.unit = ""
        self.skipped = 0
        self.leaf = ""

    def take(self, event: Event) -> None:
        """Take the next event."""
        if event.kind == "start":
            self._start(event)
        elif event.kind == "end":
            self._end(event.name)
        elif event.kind == "text" and self.text is not None:
            self.text.append(event.name)

    def _start(self, event: Event) -> None:
        name = event.name
        self.path.append(name)
        self._note_system(event)
        if self.skipped or (self.open and name in PASSED_OVER):
            self.skipped += 1
            return
        if name in KINDS:
            self._open_body(event)
        elif len(self.path) > 1 and self.path[-2] in MEMBERS and not self.open:
            self.model.others[name] += 1
        if not self.open:
            return
        self._note_unread(event)
        self._open_shape(name)
        if name in POSITIONS or self._is_attribute(name):
            self._open_text(event)

    def _open_shape(self, name: str) -> None:
        if found := _LOD.fullmatch(name):
            self.lods.append(float(found[1]))
        elif name in SURFACES:
            self.kinds.append(name)
        elif name in POLYGONS:
            self.rings = []
        elif name in RINGS:
            self.ring = _Ring([], self.dimensions[-1])
        elif name in BENT and self.ring is not None:
            self.open[-1].broken = True

    def _open_text(self, event: Event) -> None:
        """Begin to gather text, in the unit or with the dimension that its element names."""
        self.text = []
        self.unit = _unit_of(event.attributes.get("uom", ""))
        if event.name in POSITIONS and self.ring is not None and not self.ring.numbers:
            self.ring = self.ring._replace(dimension=self.dimensions[-1])

    def _note_system(self, event: Event) -> None:
        size = event.attributes.get("srsDimension", "")
        self.dimensions.append(int(size) if size in {"2", "3"} else self.dimensions[-1])
        if text := event.attributes.get("srsName", "").strip():
            self.systems.setdefault(text)

    def _open_body(self, event: Event) -> None:
        number = len(self.model.bodies) + 1
        label = event.attributes.get("id", "") or f"{event.name} {number}"
        parent = self.open[-1].label if self.open else ""
        body = Body(label, event.name != WHOLE, parent)
        self.model.bodies.append(body)
        self.open.append(body)

    def _is_attribute(self, name: str) -> bool:
        if not self.open or self.ring is not None or self.kinds or self.lods:
            return False
        own = self.path[-2] in KINDS
        return (own and name in ATTRIBUTES) or (name == "value" and self.path[-2] == "Height")

    def _note_unread(self, event: Event) -> None:
        """Remember an element of a building that may be an attribute: one without elements in it.

        A generic one carries its name as an attribute and its value as an element.
        """
        name, is_own = event.name, self.path[-2] in KINDS
        if name.lower().endswith("attribute") and "name" in event.attributes:
            self.open[-1].unread.add(event.attributes["name"][:60])
        self.leaf = name if is_own and name not in ATTRIBUTES and name not in KINDS else ""

    def _end(self, name: str) -> None:
        self.path.pop()
        if self.leaf and name == self.leaf and self.open:
            self.open[-1].unread.add(name[:60])
        self.leaf = ""
        self.dimensions.pop()
        if self.skipped:
            self.skipped -= 1
            return
        if not self.open:
            return
        if self.text is not None and (name in POSITIONS or name in ATTRIBUTES or name == "value"):
            self._close_text(name, "".join(self.text))
            self.text = None
        elif name in RINGS:
            self._close_ring()
        elif name in POLYGONS:
            self._close_polygon()
        elif name in SURFACES and self.kinds:
            self.kinds.pop()
        elif _LOD.fullmatch(name) and self.lods:
            self.lods.pop()
        elif name in KINDS:
            self.open.pop()

    def _close_text(self, name: str, text: str) -> None:
        body = self.open[-1]
        if name not in POSITIONS:
            key = "measuredHeight" if name == "value" else name
            if text.strip():
                body.attributes.setdefault(key, f"{text.strip()[:200]}{self.unit}")
        elif self.ring is not None:
            try:
                self.ring.numbers.extend(map(float, text.replace(",", " ").split()))
            except ValueError:
                body.broken = True

    def _close_ring(self) -> None:
        ring, self.ring = self.ring, None
        if ring is None:
            return
        if len(ring.numbers) % ring.dimension or len(ring.numbers) < 3 * ring.dimension:
            self.open[-1].broken = True
            return
        points = np.asarray(ring.numbers, float).reshape(-1, ring.dimension)
        if not (np.abs(points) < MAX_COORDINATE).all():
            self.open[-1].broken = True
            return
        flat = np.full((len(points), 3 - ring.dimension), np.nan)
        self.rings.append(np.column_stack([points, flat]))

    def _close_polygon(self) -> None:
        rings, self.rings = tuple(self.rings), []
        if not rings or not self.lods:
            return
        lod = self.lods[-1]
        kind = FOOTPRINT if lod < 1 else (self.kinds[-1] if self.kinds else "")
        self.open[-1].lods.setdefault(lod, []).append(Face(kind, rings))

    def result(self) -> Model:
        """Return what was read."""
        if len(self.systems) > 1:
            reject("crs.mixed", self.source, found=", ".join(self.systems)[:200])
        faults: list[Fault] = [
            broken(self.source, body.label) for body in self.model.bodies if body.broken
        ]
        whole = [body for body in self.model.bodies if not body.broken]
        return self.model._replace(
            bodies=whole, crs=next(iter(self.systems), ""), faults=tuple(faults)
        )


def _unit_of(name: str) -> str:
    """Return what stands behind a number in a unit of length, nothing for metres."""
    short = re.split("[#:/]", name.strip().lower())[-1]
    if short in FEET_NAMES:
        return " ft"
    return f" {short}" if LENGTH_UNITS.get(short, 1.0) != 1.0 else ""


def read_citygml(path: Path, encoding: str | None = None) -> Model:
    """Read the buildings of a file of CityGML.

    Raises
    ------
    InputError
        If it is not well-formed, not safe, or mixes coordinate systems.
    """
    source = read_xml(path, encoding)
    reading = _Reading(path.name)
    for event in walk(source):
        reading.take(event)
    return reading.result()._replace(encoding=source.encoding)
