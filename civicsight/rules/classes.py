"""To which classes of which laws a place belongs: one place, the classes of every pack."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from civicsight.core.i18n import Label
from civicsight.rules.closed import plain
from civicsight.rules.composition import Rules
from civicsight.rules.matching import Marks, shape_of
from civicsight.rules.pack import SECTION, ZoneClass

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
    made_of
        What it was made of, where that reaches farther than its geometry.
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
    made_of: BaseGeometry | None = None

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


Kept = tuple[Candidate, tuple[Label, ...]]
"""A place with the open words of the law that nobody has settled."""


def unite_places(
    kept: Iterable[Kept], places: gpd.GeoDataFrame, marks: Marks, rules: Rules
) -> list[Kept]:
    """Make one place of what several packs name, with the classes of all of them.

    Parameters
    ----------
    kept
        Places of the classes that demand something themselves, each once a class.
    places, marks
        Table `model.PLACES` and its marks.
    rules
        The packs.

    Notes
    -----
    The class of the pack of the highest rank comes first and gives the place its id. Two classes of
    one pack stay two places, as its law counts them. A pack that another includes makes no places
    of its own here; its class is that of the same kind of place, else the one whose marks the place
    carries.
    """
    rank = {pack.id: at for at, pack in enumerate(rules.packs)}
    united: list[Kept] = []
    at_drawing: dict[str, list[int]] = defaultdict(list)
    for candidate, words in sorted(kept, key=lambda entry: rank[entry[0].zone.pack]):
        own = own_class(candidate)
        hosts = {at for drawing in candidate.drawings for at in at_drawing[drawing]}
        of_others = [at for at in sorted(hosts) if united[at][0].zone.pack != own.pack]
        if of_others:
            host, said = united[of_others[0]]
            more = tuple(word for word in words if word not in said)
            united[of_others[0]] = (replace(host, classes=(*host.classes, own)), said + more)
            continue
        for drawing in candidate.drawings:
            at_drawing[drawing].append(len(united))
        united.append((replace(candidate, classes=(own,)), words))
    others = _other_classes(rules)
    for zone, kinds in others:
        united = [_with(entry, _by_kind(entry[0], zone, kinds)) for entry in united]
    for zone, _ in others:
        if zone.pack not in rules.demanding:  # what demands has found its places by itself
            united = _with_marked(united, zone, places, marks)
    return united


def carried_by_kind(candidate: Candidate, rules: Rules) -> tuple[PlaceClass, ...]:
    """Return the class that demands a place, and those of other packs that its kind is of."""
    entry: Kept = (replace(candidate, classes=(own_class(candidate),)), ())
    for zone, kinds in _other_classes(rules):
        entry = _with(entry, _by_kind(entry[0], zone, kinds))
    return entry[0].classes


def own_class(candidate: Candidate) -> PlaceClass:
    """Return the class that demands a place."""
    return PlaceClass(candidate.zone.pack, candidate.zone.id, candidate.kind)


@lru_cache(maxsize=8)
def _other_classes(rules: Rules) -> tuple[tuple[ZoneClass, dict[str, str]], ...]:
    """Return the classes that places of another pack may belong to as well, with their kinds."""
    return tuple(
        (zone, _kinds_of(zone, rules))
        for pack in rules.packs
        for zone in pack.zones
        if not zone.mobile and not zone.designated_only
    )


def _kinds_of(zone: ZoneClass, rules: Rules) -> dict[str, str]:
    """Return the kinds of a class by the names that places of another pack may have for them."""
    kinds = {plain(name): words.kind for words in zone.register for name in words.names}
    kinds |= {plain(name): name for name in zone.functions}
    if zone.pack not in rules.demanding:
        own = {entry.kind for entry in zone.selectors} | {entry.kind for entry in zone.derive}
        kinds |= {plain(kind): kind for kind in own}
    return kinds


def _by_kind(candidate: Candidate, zone: ZoneClass, kinds: dict[str, str]) -> PlaceClass | None:
    """Return a class of another pack for a place whose kind it is of.

    A pack shares its kinds with the one that includes it; any pack may say by which kinds of other
    packs a register names its places.
    """
    if any(entry.pack == zone.pack for entry in candidate.classes):
        return None
    if candidate.via.pack == zone.pack:
        same = candidate.via.id == zone.id
        return PlaceClass(zone.pack, zone.id, candidate.kind) if same else None
    if not candidate.kind:
        return PlaceClass(zone.pack, zone.id, SECTION) if _is_section(candidate, zone) else None
    kind = kinds.get(plain(candidate.kind))
    return None if kind is None else PlaceClass(zone.pack, zone.id, kind)


def _is_section(candidate: Candidate, zone: ZoneClass) -> bool:
    """Tell whether a place without a kind is a length of road, for which both classes ask."""
    asking = (candidate.via, zone)
    return shape_of(candidate.geometry) == "line" and all(
        any(part.kind == SECTION for part in entry.parts) for entry in asking
    )


def _with(entry: Kept, more: PlaceClass | None) -> Kept:
    candidate, words = entry
    if more is None:
        return entry
    return replace(candidate, classes=(*candidate.classes, more)), words


def _with_marked(
    united: list[Kept], zone: ZoneClass, places: gpd.GeoDataFrame, marks: Marks
) -> list[Kept]:
    """Return the places, those with the marks of a class with it; of two on one spot the first."""
    found = marks.find(mark for mark in zone.selectors if mark.geom != "line")
    marked = {str(places.index[row]): match.selector.kind for row, match in found.items()}
    told: set[str] = set()
    for candidate, _ in united:
        if any(entry.pack == zone.pack for entry in candidate.classes):
            told |= candidate.drawings
    carried = list(united)
    for at, entry in enumerate(united):
        mine = entry[0].drawings & (marked.keys() - told)
        if mine:
            told |= entry[0].drawings
            carried[at] = _with(entry, PlaceClass(zone.pack, zone.id, marked[min(mine)]))
    return carried
