"""What a planner does to a plan, as values: each is one step back and one step forth.

A command carries all that it needs, so that a list of them is the whole story of a draft, can be
kept as text, and gives the same draft whenever it is applied to the same project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from shapely.geometry import LineString, Point, Polygon

from civicsight.core.errors import N_, Text
from civicsight.coverage.pose.sensor_views import PLACED_BY
from civicsight.editing.draft import Draft
from civicsight.editing.faults import reject

DRAWN: Final = "drawn"
"""Source of what somebody drew in the app."""

SURVEYED: Final = "survey"
"""Source of a gate that somebody confirmed and no map has."""

CANNOT_CLOSE: Final = frozenset({"frontage"})
"""Ways of finding a gate that stand for nothing on the map, so there is nothing to take out."""

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Add:
    """Plan a camera: where it stands [m, in the CRS of the city], how it looks, what it is."""

    camera_id: str
    x: float
    y: float
    azimuth_deg: float
    height_m: float = 4.5
    tilt_deg: float = 15.0
    hfov_deg: float = 90.0
    vfov_deg: float = 59.0
    width_px: float = 2560.0
    height_px: float = 1440.0
    reach_m: float = 80.0
    night_reach_m: float | None = None
    kind: str = "fixed"
    mount: str = "pole"
    setting: str = "outdoor"
    owner: str = "government"
    name: str = ""

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with the camera in it."""
        values = {name: getattr(self, name) for name in ADDED}
        return draft.added("cameras", self.camera_id, {**values, **NEW}, Point(self.x, self.y))

    def describe(self) -> Text:
        """Say what it does."""
        return N_("Add camera %(camera)s", camera=self.name or self.camera_id)


ADDED: Final = ("azimuth_deg", "height_m", "tilt_deg", "hfov_deg", "vfov_deg", "width_px",
                "height_px", "reach_m", "night_reach_m", "kind", "mount", "setting", "owner",
                "name")  # fmt: skip
"""Fields of `Add` that are columns of the table of cameras."""

NEW: Final[Mapping[str, Any]] = {"status": "planned", "usable": True, "source": DRAWN, "tags": {}}


@dataclass(frozen=True, slots=True)
class Move:
    """Put a camera elsewhere [m]."""

    camera_id: str
    x: float
    y: float

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with the camera there; it is no longer placed by its address."""
        tags = draft.camera(self.camera_id)["tags"]
        by_address = isinstance(tags, Mapping) and PLACED_BY in tags
        left = {"tags": {k: v for k, v in tags.items() if k != PLACED_BY}} if by_address else {}
        return draft.edited("cameras", self.camera_id, left, Point(self.x, self.y))

    def describe(self) -> Text:
        """Say what it does."""
        return N_("Move camera %(camera)s", camera=self.camera_id)


@dataclass(frozen=True, slots=True)
class Aim:
    """Turn a camera, tilt it, or both; what is None stays as it is."""

    camera_id: str
    azimuth_deg: float | None
    tilt_deg: float | None = None

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with the camera turned."""
        draft.camera(self.camera_id)
        tilt = {} if self.tilt_deg is None else {"tilt_deg": self.tilt_deg}
        turn = {} if self.azimuth_deg is None else {"azimuth_deg": self.azimuth_deg % 360.0}
        return draft.edited("cameras", self.camera_id, turn | tilt)

    def describe(self) -> Text:
        """Say what it does."""
        if self.azimuth_deg is None:
            return N_("Tilt camera %(camera)s", camera=self.camera_id)
        turned = f"{self.azimuth_deg % 360.0:.0f}"
        return N_("Aim camera %(camera)s at %(angle)s°", camera=self.camera_id, angle=turned)


@dataclass(frozen=True, slots=True)
class SetOptics:
    """Change lens, sensor, height or use of a camera; what is None stays as it is."""

    camera_id: str
    height_m: float | None = None
    hfov_deg: float | None = None
    vfov_deg: float | None = None
    width_px: float | None = None
    height_px: float | None = None
    reach_m: float | None = None
    night_reach_m: float | None = None
    kind: str | None = None
    usable: bool | None = None

    @property
    def values(self) -> dict[str, Any]:
        """Return what it sets, by column."""
        names = self.__slots__[1:]
        return {n: getattr(self, n) for n in names if getattr(self, n) is not None}

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with the camera changed."""
        draft.camera(self.camera_id)
        return draft.edited("cameras", self.camera_id, self.values)

    def describe(self) -> Text:
        """Say what it does."""
        if self.values.keys() == {"usable"}:
            return N_("Record whether camera %(camera)s works", camera=self.camera_id)
        return N_("Change the optics of camera %(camera)s", camera=self.camera_id)


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a camera out of the plan, or plan to take down one that stands."""

    camera_id: str

    def apply(self, draft: Draft) -> Draft:
        """Return the draft without the camera; one that stands stays on record as removed."""
        if draft.camera(self.camera_id)["status"] == "planned":
            return draft.without("cameras", self.camera_id)
        return draft.edited("cameras", self.camera_id, {"status": "removed"})

    def describe(self) -> Text:
        """Say what it does."""
        return N_("Remove camera %(camera)s", camera=self.camera_id)


@dataclass(frozen=True, slots=True)
class ConfirmGate:
    """Confirm a gate: one of the map by its id, or an inferred one that gets this id.

    `moved` says that one of the map is here and not where the map has it; `by`, `on` (ISO 8601) and
    `basis` say who confirmed it, when, and on what that relies.
    """

    gate_id: str
    x: float
    y: float
    vehicle: bool = False
    width_m: float | None = None
    moved: bool = False
    by: str = ""
    on: str = ""
    basis: str = ""

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with the gate confirmed."""
        spot = Point(self.x, self.y)
        said = {
            "confirmed": True,
            "confirmed_by": self.by or None,
            "confirmed_on": self.on or None,
            "basis": self.basis or None,
        }
        if self.gate_id in draft.table("entrances").index:
            return draft.edited("entrances", self.gate_id, said, spot if self.moved else None)
        values = {
            "kind": "main",
            "vehicle": self.vehicle,
            "width_m": self.width_m,
            "source": SURVEYED,
            "tags": {},
        }
        return draft.added("entrances", self.gate_id, values | said, spot)

    def describe(self) -> Text:
        """Say what it does."""
        return N_("Confirm gate %(gate)s", gate=self.gate_id)


@dataclass(frozen=True, slots=True)
class RejectGate:
    """Say that there is no gate: one of the map goes, an inferred opening gets a wall across it.

    `how` is the step that found it (column ``how`` of the parts), `line` what lies across it.
    """

    gate_id: str
    how: str
    line: Ring

    def apply(self, draft: Draft) -> Draft:
        """Return the draft in which nobody comes in there."""
        if self.gate_id in draft.table("entrances").index:
            return draft.without("entrances", self.gate_id)
        if self.gate_id in draft.table("places").index:
            return draft.edited("places", self.gate_id, {"amap": None})
        if self.how in CANNOT_CLOSE:
            reject("edit.front", where=self.gate_id)
        wall = LineString(self.line)
        return draft.added("barriers", self.gate_id, {"kind": "wall"}, wall)

    def describe(self) -> Text:
        """Say what it does."""
        return N_("Reject gate %(gate)s", gate=self.gate_id)


@dataclass(frozen=True, slots=True)
class DrawZone:
    """Draw a place of an item of the law's list; it stays a candidate until a register has it."""

    zone_id: str
    ring: Ring
    item: str
    kind: str = ""
    name: str = ""

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with the place in it."""
        values: dict[str, Any] = {
            "item": self.item,
            "kind": self.kind or None,
            "name": self.name or None,
            "standing": "candidate",
            "source": DRAWN,
            "tags": {},
        }
        return draft.added("places", self.zone_id, values, _area(self.zone_id, self.ring))

    def describe(self) -> Text:
        """Say what it does."""
        return N_("Draw place %(place)s", place=self.name or self.zone_id)


@dataclass(frozen=True, slots=True)
class DrawObstacle:
    """Draw what stands in the way: an area if `closed`, else a line such as a wall."""

    obstacle_id: str
    ring: Ring
    height_m: float
    base_m: float = 0.0
    closed: bool = True
    kind: str = "structure"
    name: str = ""

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with the obstacle in it."""
        values = {
            "kind": self.kind,
            "height_m": self.height_m,
            "base_m": self.base_m,
            "height_assumed": False,
            "name": self.name or None,
            "source": DRAWN,
            "tags": {},
        }
        if not self.base_m < self.height_m:
            reject("edit.flat", where=self.obstacle_id)
        if self.closed:
            shape: Any = _area(self.obstacle_id, self.ring)
        else:
            shape = LineString(_enough(self.obstacle_id, self.ring, 2))
        return draft.added("obstacles", self.obstacle_id, values, shape)

    def describe(self) -> Text:
        """Say what it does."""
        return N_("Draw obstacle %(obstacle)s", obstacle=self.name or self.obstacle_id)


@dataclass(frozen=True, slots=True)
class AnswerRoomUse:
    """Say what a room is used for in which a camera stands, or is put by `placing`."""

    camera_id: str
    use: str
    placing: Add | Move | None = None

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with the camera indoors, in a room of this use."""
        if self.placing is not None:
            if self.placing.camera_id != self.camera_id:
                reject("edit.other:answer", where=self.camera_id)
            draft = self.placing.apply(draft)
        place = draft.camera(self.camera_id)["geometry"]
        values = {"room_use": self.use, "setting": "indoor"}
        answered = draft.edited("cameras", self.camera_id, values)
        return answered.with_room(self.camera_id, place.x, place.y, self.use)

    def describe(self) -> Text:
        """Say what it does."""
        return N_("Answer what the room of camera %(camera)s is used for", camera=self.camera_id)


@dataclass(frozen=True, slots=True)
class Comment:
    """Leave a remark on a camera, a place or the plan (empty subject) with the version."""

    subject: str
    text: str

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with the remark."""
        if not self.text.strip():
            reject("edit.empty", where=self.subject)
        return replace(draft, comments=(*draft.comments, (self.subject, self.text)))

    def describe(self) -> Text:
        """Say what it does."""
        return N_("Remark on %(subject)s", subject=self.subject or N_("the plan"))


Command = (
    Add | Move | Aim | SetOptics | Remove | ConfirmGate | RejectGate | DrawZone | DrawObstacle
    | AnswerRoomUse | Comment
)  # fmt: skip


def camera_of(command: Command) -> str:
    """Return the camera that a command changes, empty if it changes none."""
    return str(getattr(command, "camera_id", ""))


def _area(label: str, ring: Ring) -> Polygon:
    return Polygon(_enough(label, ring, 3))


def _enough(label: str, ring: Ring, least: int) -> Ring:
    if len(set(ring)) < least:
        reject("edit.points", where=label, found=str(len(ring)), count=least)
    return ring
