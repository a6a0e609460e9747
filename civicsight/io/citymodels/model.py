"""Buildings of a city model: their faces, their coordinate system, and prisms made from them.

Every roof surface becomes a prism up to its upper edge, so that a flat roof is exact, and a pitched
one stands too high at its eaves by what the report says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import FloatArray
from civicsight.core.bounded.crossings import FEW, tangled
from civicsight.core.errors import N_, Fault
from civicsight.io.faults import fault, reject
from civicsight.model.notes import Note, noted

WHOLE: Final = "Building"
PART: Final = "BuildingPart"
KINDS: Final = frozenset({WHOLE, PART, "BuildingUnit"})
"""Objects that hide what is behind them; a unit is a part in the edition 3 of CityGML."""

GROUND: Final = "GroundSurface"
ROOF: Final = "RoofSurface"
CEILING: Final = "OuterCeilingSurface"
"""Underside of what reaches out over open ground."""

FOOTPRINT: Final = "footprint"
"""Kind of a face of level of detail 0: an outline, at the height of the ground or of the roof."""

ATTRIBUTES: Final[Mapping[str, str]] = {
    "measuredHeight": "height", "storeysAboveGround": "building:levels", "function": "kind",
    "class": "kind", "name": "name", "usage": "tags", "roofType": "tags",
}  # fmt: skip
"""Attributes of a building that are read, and as what."""

MOST_NAMED: Final = 60
"""So many attributes that are not read are named."""

MAX_COORDINATE: Final = 1e8
"""No coordinate in metres or degrees is larger."""


class Face(NamedTuple):
    """A plane piece of a surface: what it is, and its rings of shape ``(n, 3)``, outer first."""

    kind: str
    rings: tuple[FloatArray, ...]


@dataclass(slots=True)
class Body:
    """A building or a part of one: its faces by level of detail, and what is said of it.

    `unread` are the names of the attributes that are not kept.
    """

    label: str
    is_part: bool = False
    parent: str = ""
    lods: dict[float, list[Face]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    broken: bool = False
    unread: set[str] = field(default_factory=set)

    @property
    def level(self) -> float:
        """The level of detail that is used: 2, else 1, else 3 and above, else 0."""
        order = {2: 0, 1: 1, 3: 2, 4: 3, 0: 4}
        return min(self.lods, key=lambda lod: (order.get(int(lod), 5), lod))

    @property
    def faces(self) -> list[Face]:
        """The faces that are used; none without geometry."""
        return self.lods[self.level] if self.lods else []


class Model(NamedTuple):
    """The buildings of a file, other objects by type, and the CRS as the file writes it."""

    bodies: list[Body]
    others: Counter[str]
    crs: str = ""
    encoding: str = ""
    faults: tuple[Fault, ...] = ()


def broken(source: str, label: str) -> Fault:
    """Return the fault of a building whose geometry makes no sense."""
    return fault("citymodel.geometry", source, label, "geometry")


def attribute_notes(bodies: Iterable[Body]) -> tuple[Note, ...]:
    """Say which attributes are read as what, and which are not read."""
    read = {name for body in bodies for name in body.attributes}
    rest = {name for body in bodies for name in body.unread}
    pairs = [f"{name} = {meaning}" for name, meaning in ATTRIBUTES.items() if name in read]
    notes = [
        noted(
            "columns.read",
            N_("columns understood: %(columns)s", columns=", ".join(pairs)),
            len(pairs),
        )
    ]
    if rest:
        shown = ", ".join(sorted(rest)[:MOST_NAMED]) + (" ..." if len(rest) > MOST_NAMED else "")
        notes.append(
            noted("columns.unread", N_("columns not read: %(columns)s", columns=shown), len(rest))
        )
    return tuple(notes)


def kept(attributes: Mapping[str, object]) -> dict[str, str]:
    """Return the attributes that are kept, as text."""
    return {
        name: str(value)[:200]
        for name, value in attributes.items()
        if name in ATTRIBUTES and isinstance(value, str | int | float) and str(value).strip()
    }


_SHORT = re.compile(r"EPSG:([0-9]{4,6})", re.IGNORECASE)
_LONG = re.compile(
    r"(?:https?://www\.opengis\.net/(?:def/crs/EPSG/[0-9.]+/|gml/srs/epsg\.xml#)"
    r"|urn:(?:x-)?ogc:def:crs:EPSG:[0-9.]*:)([0-9]{4,6})",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"urn:ogc:def:crs,crs:EPSG:[0-9.]*:([0-9]{4,6}),crs:EPSG:[0-9.]*:([0-9]{4,6})", re.IGNORECASE
)
_ADV = re.compile(r"urn:adv:crs:ETRS89_UTM(3[1-3])(?:\*.*)?", re.IGNORECASE)


class System(NamedTuple):
    """A horizontal CRS, whether files give north before east, and metres in a unit of height."""

    crs: CRS
    north_first: bool
    metres: float


def read_system(text: str, source: str) -> System:
    """Read the name of a CRS.

    Long names (URN, address) give the axes in the order of the register; the short ``EPSG:25833``
    gives east first, as programs have always written it.

    Raises
    ------
    InputError
        If the name is not one of a registered CRS.

    Examples
    --------
    >>> read_system("http://www.opengis.net/def/crs/EPSG/0/6697", "x.gml").north_first
    True
    >>> read_system("EPSG:7415", "x.gml").crs.to_epsg()
    28992
    """
    crs, by_register = _named(text.strip())
    if crs is None:
        reject("crs.unknown", source, found=text[:100])
    level = crs
    if crs.is_compound:
        level = crs.sub_crs_list[0]
    elif len(crs.axis_info) == 3:
        level = crs.to_2d()
    first = level.axis_info[0].direction if level.axis_info else ""
    return System(level, by_register and first == "north", metres_of_heights(crs))


def metres_of_heights(crs: CRS) -> float:
    """Return the metres in a unit of height of a CRS.

    A projected CRS without a vertical one has no unit of height; there programs write heights in
    the unit of its eastings, so that a model in feet is one in feet all over.

    Examples
    --------
    >>> metres_of_heights(CRS.from_epsg(7415)), metres_of_heights(CRS.from_epsg(2222))
    (1.0, 0.3048)
    """
    if crs.is_compound:
        return float(crs.sub_crs_list[1].axis_info[0].unit_conversion_factor)
    if len(crs.axis_info) == 3:
        return float(crs.axis_info[2].unit_conversion_factor)
    return float(crs.axis_info[0].unit_conversion_factor) if crs.is_projected else 1.0


def _named(text: str) -> tuple[CRS | None, bool]:
    """Return a CRS, and whether its axes are in the order of the register."""
    try:
        if found := _SHORT.fullmatch(text):
            return CRS.from_epsg(int(found[1])), False
        if found := _LONG.fullmatch(text):
            return CRS.from_epsg(int(found[1])), True
        if found := _PAIR.fullmatch(text):
            return CRS.from_epsg(int(found[1])), True
        if found := _ADV.fullmatch(text):
            return CRS.from_epsg(25800 + int(found[1])), True
    except CRSError:
        return None, False
    return None, False


FLAT_AREA_M2: Final = 1e-3
"""A face with a smaller ground plan is a wall."""

SAME_TOP_M: Final = 0.25
"""Roof surfaces whose upper edges differ by less make one prism."""

SLIVER_M: Final = 0.1
"""What is left of a footprint between its roofs counts if it is wider than this."""

FLAT_M: Final = 0.1
"""A body that is lower is an outline, not a building with a height."""

STACKED: Final = 0.5
"""A part with at least this share of its ground plan over a lower part stands on that one."""

STEP_M: Final = 0.5
"""A part is above another if it begins at least this much higher."""


class Prism(NamedTuple):
    """A piece of a building in metres: ground plan, underside and top above sea level.

    `drop_m` is how far the true roof falls below the top; `top_m` is NaN where only an outline is
    known, `under_m` where it reaches down to the foot.
    """

    body: Body
    plan: BaseGeometry
    foot_m: float
    top_m: float
    drop_m: float = 0.0
    under_m: float = np.nan


def prisms_of(body: Body) -> list[Prism]:
    """Return the prisms of one building or part; none if it has no ground plan."""
    faces = body.faces
    heights = np.concatenate([face.rings[0][:, 2] for face in faces]) if faces else np.zeros(0)
    known = heights[np.isfinite(heights)]
    plan = _footprint(faces)
    if plan is None:
        return []
    if not len(known) or known.max() - known.min() < FLAT_M:
        return [Prism(body, plan, float(known.min()) if len(known) else 0.0, np.nan)]
    foot = _lowest([face for face in faces if face.kind == GROUND], known)
    top = float(known.max())
    roofs = [face for face in faces if face.kind == ROOF]
    pieces = _fill(body, roofs, plan, (foot, top))
    for face in faces:
        over = _plan(face) if face.kind == CEILING else None
        beyond = shapely.difference(over, plan) if over is not None else None
        if beyond is not None and not _is_sliver(beyond):
            under = float(np.min(face.rings[0][:, 2]))
            hung = _fill(body, roofs, beyond, (foot, top))
            pieces += [piece._replace(under_m=under) for piece in hung if piece.top_m > under]
    return pieces


def knot_in(body: Body) -> BaseGeometry | None:
    """Return the plan of a face that crosses itself too often to be repaired, None if none does."""
    for face in body.faces:
        if sum(map(len, face.rings)) > FEW:
            shell, *holes = (ring[:, :2] for ring in face.rings)
            plan = shapely.Polygon(shell, holes)
            if tangled(np.array([plan], object))[0]:
                return plan
    return None


def _fill(
    body: Body, roofs: Sequence[Face], plan: BaseGeometry, span: tuple[float, float]
) -> list[Prism]:
    """Return prisms under the roofs over a plan; where there is none, up to the top of all."""
    foot, top = span
    pieces = list(_under_roofs(body, roofs, plan, foot)) if roofs else []
    covered = shapely.union_all([piece.plan for piece in pieces]) if pieces else shapely.Polygon()
    rest = shapely.difference(plan, covered)
    if not _is_sliver(rest):
        pieces.append(Prism(body, rest, foot, top))
    return pieces


def _is_sliver(shape: BaseGeometry) -> bool:
    return bool(shapely.buffer(shape, -SLIVER_M / 2).is_empty)


def stand(prisms: Sequence[Prism]) -> Iterator[tuple[Prism, float]]:
    """Yield each prism with the ground that it stands on or over.

    A part over a lower part of the same building stands on that one's ground; others stand on their
    own.
    """
    by_building: dict[str, list[Prism]] = {}
    for prism in prisms:
        by_building.setdefault(prism.body.parent or prism.body.label, []).append(prism)
    for group in by_building.values():
        for prism in group:
            below = [
                other.foot_m
                for other in group
                if other.foot_m < prism.foot_m - STEP_M
                and shapely.area(shapely.intersection(other.plan, prism.plan))
                >= STACKED * prism.plan.area
            ]
            yield prism, min(below, default=prism.foot_m)


def _under_roofs(
    body: Body, roofs: Sequence[Face], plan: BaseGeometry, foot: float
) -> Iterator[Prism]:
    """Yield a prism for the roof surfaces of about the same upper edge."""
    tops = np.array([float(np.max(face.rings[0][:, 2])) for face in roofs])
    order = np.argsort(tops)
    starts = np.flatnonzero(np.diff(tops[order], prepend=-np.inf) >= SAME_TOP_M)
    for group in np.split(order, starts[1:]):
        top = float(tops[group].max())
        low = min(float(np.min(roofs[n].rings[0][:, 2])) for n in group)
        flat = [shape for n in group if (shape := _plan(roofs[n])) is not None]
        if not flat or top - foot < FLAT_M:
            continue
        piece = shapely.intersection(shapely.union_all(flat), plan)
        if not _is_sliver(piece):
            yield Prism(body, piece, foot, top, top - low)


def _footprint(faces: Sequence[Face]) -> BaseGeometry | None:
    """Return the ground plan: of the ground surfaces, else of all faces."""
    for kinds in ((GROUND,), (FOOTPRINT,), None):
        chosen = [face for face in faces if kinds is None or face.kind in kinds]
        flat = [shape for face in chosen if (shape := _plan(face)) is not None]
        if flat:
            return shapely.union_all(flat)
    return None


def _plan(face: Face) -> Any:
    """Return the ground plan of a face as a valid polygon, None for a wall."""
    shell, *holes = (ring[:, :2] for ring in face.rings)
    x, y = (shell - shell[0]).T
    area = float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    if abs(area) < FLAT_AREA_M2:
        return None
    polygon = shapely.make_valid(shapely.Polygon(shell, holes))
    pieces = shapely.get_parts(polygon)
    areas = pieces[shapely.get_dimensions(pieces) == 2]
    return shapely.union_all(areas) if len(areas) else None


def _lowest(ground: Sequence[Face], known: FloatArray) -> float:
    heights = [face.rings[0][:, 2] for face in ground]
    own = np.concatenate(heights) if heights else known
    own = own[np.isfinite(own)]
    return float(own.min()) if len(own) else float(known.min())
