"""A place on its way to becoming a zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from shapely.geometry.base import BaseGeometry

from civicsight.rules.pack import ZoneClass

NAME_KEY = re.compile(r"(name|(alt|official|short|loc|old)_name)(:[a-z-]+)?")
"""Tag keys that hold a name, in any language."""

ROAD = "road/"
"""Stands before the id of a road where ids of places and roads stand together."""


class PlaceClass(NamedTuple):
    """A class that a place belongs to: its pack, its item, and the kind of place within it."""

    pack: str
    item: str
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place that a class of a pack names.

    Parameters
    ----------
    zone
        The class that demands it.
    via
        The class whose selectors and parts apply; another than `zone` where that includes a pack.
    key
        What tells it from others of its class: the id of its place or roads, or its position.
    kind
        What it is within its class; empty if unknown.
    geometry
        Point, line or area in metres.
    name, source, selector
        What people call it, where it comes from, and the mark that found it.
    standing, confidence
        Whether the class is settled, and the chance that the place belongs to it [0-1].
    place_id
        Place that it was made from, if one.
    tags
        Tags of that place.
    open_ground
        Whether public streets run through it, so that each of its buildings is entered by itself.
    drawn
        Ids of further drawings of it that were taken in: places, and roads behind `ROAD`.
    classes
        Every class that it belongs to, the one that demands it first; empty until they are known.
    """

    zone: ZoneClass
    via: ZoneClass
    key: str
    kind: str
    geometry: BaseGeometry
    name: str | None
    source: str | None
    selector: str
    standing: str
    confidence: float
    place_id: str | None
    tags: dict[str, str]
    open_ground: bool = False
    drawn: frozenset[str] = frozenset()
    classes: tuple[PlaceClass, ...] = ()

    @property
    def drawings(self) -> frozenset[str]:
        """Ids of all drawings that it was made from."""
        return self.drawn | {self.key}

    @property
    def names(self) -> frozenset[str]:
        """Everything people call it, in small letters."""
        tagged = (text for key, text in self.tags.items() if NAME_KEY.fullmatch(key))
        return frozenset(text.casefold().strip() for text in (self.name or "", *tagged) if text)

    @property
    def registered(self) -> bool:
        """Whether a register names it, not a map."""
        return self.standing == "designated"
