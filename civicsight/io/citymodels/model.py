"""What a city model says of its buildings, before it is brought into a coordinate system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, Fault, Text

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
    "measuredHeight": "height",
    "storeysAboveGround": "building:levels",
    "function": "kind",
    "class": "kind",
    "name": "name",
    "usage": "tags",
    "roofType": "tags",
}
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
    return Fault(
        "citymodel.geometry",
        source,
        label,
        "geometry",
        "",
        N_("surfaces of rings with three corners and more, in finite coordinates"),
        N_("Repair the object, or leave it out."),
    )


def attribute_notes(bodies: Iterable[Body]) -> tuple[Text, ...]:
    """Say which attributes are read as what, and which are not read."""
    read = {name for body in bodies for name in body.attributes}
    rest = {name for body in bodies for name in body.unread}
    pairs = (f"{name} = {meaning}" for name, meaning in ATTRIBUTES.items() if name in read)
    notes = [N_("columns understood: %(columns)s", columns=", ".join(pairs))]
    if rest:
        shown = ", ".join(sorted(rest)[:MOST_NAMED]) + (" ..." if len(rest) > MOST_NAMED else "")
        notes.append(N_("columns not read: %(columns)s", columns=shown))
    return tuple(notes)


def kept(attributes: Mapping[str, object]) -> dict[str, str]:
    """Return the attributes that are kept, as text."""
    return {
        name: str(value)[:200]
        for name, value in attributes.items()
        if name in ATTRIBUTES and isinstance(value, str | int | float) and str(value).strip()
    }
