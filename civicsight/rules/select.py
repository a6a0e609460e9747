"""Find the mandatory places of a city: the class of the law each belongs to, and how sure it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import CrsError, Fault, InputError
from civicsight.core.i18n import Label
from civicsight.model import PLACES, ROADS, ZONES
from civicsight.rules.build import read_selector
from civicsight.rules.classes import Candidate, carried_by_kind, unite_places
from civicsight.rules.composition import Rules
from civicsight.rules.crossings import find_crossings, find_spans, mark_open_ground
from civicsight.rules.faults import fault
from civicsight.rules.functions import functions
from civicsight.rules.hidden import is_worship
from civicsight.rules.matching import Marks, Match, measure, reaches, read_tags, road_tags, shape_of
from civicsight.rules.nested_places import merge_nested
from civicsight.rules.pack import Qualifier, ZoneClass

FROM_MAPS = ("osm", "amap", "baidu")
"""Sources that are maps; whatever else names a class is a register."""

SETTLED = ("designated", "confirmed")
"""Standings of a place that somebody has looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The mandatory places, and those that an open word of the law leaves out.

    Parameters
    ----------
    zones
        Table `model.ZONES`, with ``classes`` (every `PlaceClass`, the demanding one first),
        ``kind``, ``selector``, ``secrecy``, ``road_id`` (first way of a bridge or tunnel) and the
        class by which it was found (``via_pack``, ``via_item``) beside its columns.
    left_out
        Places of a class that fail the test of a qualifier, or that a measure would decide which
        nobody recorded: ``item``, ``pack``, ``classes``, ``name``, ``place_id``, ``qualifier``,
        ``measure``, ``value`` (NaN where it is not recorded), ``at_least``.
    """

    zones: gpd.GeoDataFrame
    left_out: gpd.GeoDataFrame


def find_zones(places: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, rules: Rules) -> gpd.GeoDataFrame:
    """Find the mandatory places; see `select_zones` for those that were left out."""
    return select_zones(places, roads, rules).zones


def select_zones(places: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, rules: Rules) -> Selection:
    """Find the mandatory places, and those that an open word of the law leaves out.

    Parameters
    ----------
    places
        Table `model.PLACES`. A row with an ``item`` comes from a register and wins over every
        mark: the class is what the register says, and the map's drawings of the place are taken in.
    roads
        Table `model.ROADS`.
    rules
        The packs that name the classes.

    Raises
    ------
    SchemaError
        If a table does not follow its declaration.
    CrsError
        If the tables are in different CRSs.
    InputError
        If a register names a class that no pack has, that has no place on a map, or that a map
        must not give.

    Notes
    -----
    **Standing.** A map never settles a class. The law caps a finding twice, once where an input is
    less certain than the policy asks and once where a place is only a candidate, so the second cap
    is not a matter of confidence; and which places are large, important or key is for the competent
    body to say. Therefore a map makes a candidate, however strong its mark; a person's word in
    ``places.standing`` makes it confirmed; a register makes it designated.

    **Included packs.** Where a class takes in another pack ("other places that laws name"), it
    means places of other kinds: what the classes before it already speak of, even to leave it out
    as too small, does not come back through it.
    """
    PLACES.check(places)
    ROADS.check(roads)
    if places.crs != roads.crs:
        msg = (
            f"places are in {places.crs.name!r}, roads in {roads.crs.name!r}: convert with to_crs()"
        )
        raise CrsError(msg)
    marks = Marks(places)
    found = find_candidates(places, roads, marks, rules)
    settled, unmeasured = _unmeasured(places, marks, rules, found)
    found = _without_drawn_spans(found + settled)
    kept, left_out = _qualify(merge_nested(mark_open_ground(found, roads)))
    left_out += unmeasured
    kept = unite_places(kept, places, marks, rules)
    return Selection(_zones_table(kept, places), _left_out_table(left_out, places, rules))


def find_candidates(
    places: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, marks: Marks, rules: Rules
) -> list[Candidate]:
    """Return what registers name and what maps show, one candidate for each place and class."""
    road_marks = Marks(roads, road_tags(roads))
    found = _registered(places, marks, rules)
    listed: dict[str, set[str | None]] = defaultdict(set)  # a register speaks for its own law
    for candidate in found:
        listed[candidate.zone.pack].add(candidate.place_id)
    spoken_of: dict[str, set[int]] = defaultdict(set)
    for zone in rules.zone_classes:
        matches = marks.find(s for s in zone.selectors if not _is_road(s))
        spoken_of[zone.pack] |= set(matches)  # of its own pack: another law cannot take a place out
        found += _from_places(places, marks, zone, zone, set(range(len(places))), listed[zone.pack])
        found += find_spans(roads, road_marks, zone, zone)
        found += find_crossings(roads, marks, zone, zone)
    for zone, via in _included(rules):
        rest = set(range(len(places))) - spoken_of[zone.pack]
        found += _from_places(places, marks, zone, via, rest, listed[zone.pack])
    return found


def _is_road(selector: Any) -> bool:
    return bool(selector.geom == "line" and selector.osm)


def _included(rules: Rules) -> Iterable[tuple[ZoneClass, ZoneClass]]:
    """Yield each class that takes in another pack with every class of that pack."""
    for zone in rules.zone_classes:
        if zone.include:
            yield from ((zone, via) for via in rules.pack(zone.include).zones if not via.mobile)


def _registered(places: gpd.GeoDataFrame, marks: Marks, rules: Rules) -> list[Candidate]:
    """Return what registers name, and refuse classes that they cannot name."""
    classes = {zone.id: zone for zone in rules.zone_classes}
    found, faults = [], []
    tags, kind_of = read_tags(places), _kinds(marks, rules)
    homes = _homes(marks, rules)
    named = places["item"] if "item" in places.columns else []
    for row, item in enumerate(named):
        if not isinstance(item, str) or is_worship(tags[row]):
            continue
        place_id, place = places.index[row], places.iloc[row]
        zone = classes.get(item)
        fault = _register_fault(str(place_id), place, zone, item, classes)
        if fault is not None or zone is None:
            faults.append(fault)
            continue
        kind, via = kind_of(row, _text(place.get("kind")) or "", zone)
        if zone.functions and (kind not in zone.functions or row in homes):
            faults.append(_function_fault(str(place_id), place, zone))
            continue
        standing = place.get("standing")
        found.append(
            Candidate(
                zone,
                via,
                str(place_id),
                kind,
                place.geometry,
                _text(place.get("name")),
                _text(place.get("source")),
                "register",
                standing if _text(standing) else "designated",
                1.0,
                str(place_id),
                dict(tags[row]),
            )
        )
    if faults:
        raise InputError([fault for fault in faults if fault is not None])
    return found


def _homes(marks: Marks, rules: Rules) -> frozenset[int]:
    """Return the rows that a map shows as homes and as nothing that a class of a file may be of."""
    own = [zone for zone in rules.zone_classes if zone.functions]
    if not own:
        return frozenset()
    public = marks.find(mark for zone in own for mark in zone.selectors)
    homes = [read_selector(mark, {}) for mark in functions("privacy")["home"].select]
    return frozenset(marks.find(homes)) - frozenset(public)


def _function_fault(place_id: str, place: Any, zone: ZoneClass) -> Fault:
    """Return why a register cannot put a place into a class that a file brings."""
    return fault(
        "register.no_function",
        _text(place.get("source")) or "register",
        place_id,
        "kind",
        _text(place.get("kind")) or "",
        choices=", ".join(zone.functions),
    )


def _register_fault(
    place_id: str, place: Any, zone: ZoneClass | None, item: str, classes: dict[str, ZoneClass]
) -> Fault | None:
    source = _text(place.get("source")) or "register"
    if zone is None:
        return fault(
            "register.unknown_item", source, place_id, "item", item, choices=", ".join(classes)
        )
    if zone.mobile:
        return fault("register.mobile_item", source, place_id, "item", item)
    on_map = source in FROM_MAPS or any(_text(place.get(name)) for name in ("amap", "baidu"))
    if zone.designated_only and on_map:
        return fault("register.designated_only", source, place_id, "item", item)
    return None


def _kinds(marks: Marks, rules: Rules) -> Callable[[int, str, ZoneClass], tuple[str, ZoneClass]]:
    """Return what tells the kind of a registered place, and the class whose parts apply.

    The kind is the one that the register says, where the class has it; else that of its marks.
    """
    found: dict[int, dict[int, Match]] = {}

    def of_marks(row: int, via: ZoneClass) -> Match | None:
        if id(via) not in found:
            found[id(via)] = marks.find(via.selectors)
        return found[id(via)].get(row)

    def kind_of(row: int, said: str, zone: ZoneClass) -> tuple[str, ZoneClass]:
        options = [zone]
        if zone.include:
            options = [via for via in rules.pack(zone.include).zones if via.parts]
        for via in options:
            kinds = {entry.kind for entry in via.selectors} | {entry.kind for entry in via.derive}
            kinds |= set(via.functions)
            if said and said in kinds:
                return said, via
        for via in options:
            match = of_marks(row, via)
            if match is not None:
                return match.selector.kind, via
        gated = [via for via in options if any(part.kind == "entrance" for part in via.parts)]
        return "", (gated or options)[0]

    return kind_of


def _from_places(
    places: gpd.GeoDataFrame,
    marks: Marks,
    zone: ZoneClass,
    via: ZoneClass,
    rows: set[int],
    listed: set[str | None],
) -> list[Candidate]:
    """Return the places that a class selects by their marks."""
    found = []
    for match in marks.find(s for s in via.selectors if not _is_road(s)).values():
        if match.row not in rows or str(places.index[match.row]) in listed:
            continue
        found.append(_candidate(places, marks, zone, via, match))
    return found


def _candidate(
    places: gpd.GeoDataFrame, marks: Marks, zone: ZoneClass, via: ZoneClass, match: Match
) -> Candidate:
    """Return a place that a class selects by a mark."""
    place, place_id = places.iloc[match.row], str(places.index[match.row])
    said = _text(place.get("standing"))
    return Candidate(
        zone,
        via,
        place_id,
        match.selector.kind,
        place.geometry,
        _text(place.get("name")),
        _text(place.get("source")),
        str(match.selector),
        said if said in SETTLED else "candidate",
        match.selector.conf,
        place_id,
        dict(marks.tags[match.row]),
    )


def _unmeasured(
    places: gpd.GeoDataFrame, marks: Marks, rules: Rules, found: list[Candidate]
) -> tuple[list[Candidate], list[tuple[Candidate, Qualifier, float]]]:
    """Return the places that a class selects but for a measure which nobody recorded.

    Of those that a person settled the measure decides nothing; the others are possibly of the
    class. What a class of the same law takes already is neither.
    """
    taken = {(candidate.zone.pack, candidate.place_id) for candidate in found}
    settled, possible = list[Candidate](), list[tuple[Candidate, Qualifier, float]]()
    for zone in rules.zone_classes:
        matches = marks.find_unmeasured(s for s in zone.selectors if not _is_road(s))
        for match in matches.values():
            candidate = _candidate(places, marks, zone, zone, match)
            if (zone.pack, candidate.place_id) in taken:
                continue
            if candidate.standing in SETTLED:
                settled.append(candidate)
            else:
                by_measure = Qualifier(dict(zone.label), (), match.selector.where)
                possible.append((candidate, by_measure, float("nan")))
    return settled, possible


def _without_drawn_spans(found: list[Candidate]) -> list[Candidate]:
    """Drop the outline of a bridge whose roads are there too: they show both ends and the deck."""
    spans: dict[tuple[str, str, str], list[Candidate]] = defaultdict(list)
    for candidate in found:
        if _is_span(candidate):
            spans[candidate.zone.pack, candidate.zone.id, candidate.kind].append(candidate)
    return [
        candidate
        for candidate in found
        if candidate.registered
        or shape_of(candidate.geometry) != "area"
        or not any(
            span.geometry.intersection(candidate.geometry).length >= span.geometry.length / 2
            for span in spans[candidate.zone.pack, candidate.zone.id, candidate.kind]
        )
    ]


def _qualify(
    candidates: list[Candidate],
) -> tuple[list[tuple[Candidate, tuple[Label, ...]]], list[tuple[Candidate, Qualifier, float]]]:
    """Split candidates into those that stay, with their open words, and those a test leaves out.

    A register has judged the open words already.
    """
    kept: list[tuple[Candidate, tuple[Label, ...]]] = []
    left_out: list[tuple[Candidate, Qualifier, float]] = []
    for candidate in candidates:
        open_words: list[Label] = []
        failed = None
        for qualifier in candidate.via.qualifiers:
            if candidate.registered or (qualifier.kinds and candidate.kind not in qualifier.kinds):
                continue
            test = qualifier.test
            good = reaches(test, candidate.geometry, candidate.tags) if test else None
            if good is None:
                open_words.append(dict(qualifier.label))
            elif test is not None and not good and failed is None:
                value = measure(test.field, candidate.geometry, candidate.tags)
                failed = (candidate, qualifier, value if value is not None else float("nan"))
        if failed is None:
            kept.append((candidate, tuple(open_words)))
        else:
            left_out.append(failed)
    return kept, left_out


def _zones_table(
    kept: list[tuple[Candidate, tuple[Label, ...]]], places: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the candidates as table `model.ZONES`, in a fixed order."""
    kept = sorted(kept, key=lambda entry: (entry[0].zone.pack, entry[0].zone.id, entry[0].key))
    frame = gpd.GeoDataFrame(
        {
            "item": [c.zone.id for c, _ in kept],
            "pack": [c.zone.pack for c, _ in kept],
            "name": [c.name for c, _ in kept],
            "standing": [c.standing for c, _ in kept],
            "confidence": [c.confidence for c, _ in kept],
            "qualifiers": [words for _, words in kept],
            "place_id": [c.place_id for c, _ in kept],
            "source": [c.source for c, _ in kept],
            "kind": [c.kind for c, _ in kept],
            "selector": [c.selector for c, _ in kept],
            "secrecy": [c.zone.secrecy for c, _ in kept],
            "road_id": [c.key if _is_span(c) else None for c, _ in kept],
            "classes": [c.classes for c, _ in kept],
            "via_pack": [c.via.pack for c, _ in kept],
            "via_item": [c.via.id for c, _ in kept],
        },
        index=pd.Index([f"{c.zone.id}:{c.key}" for c, _ in kept], dtype=object),
        geometry=gpd.GeoSeries(
            [c.geometry for c, _ in kept],
            crs=places.crs,
            index=[f"{c.zone.id}:{c.key}" for c, _ in kept],
        ),
        crs=places.crs,
    )
    zones = gpd.GeoDataFrame(ZONES.complete(frame))
    ZONES.check(zones)
    return zones


def _is_span(candidate: Candidate) -> bool:
    """Tell whether a candidate was made from ways; its key is then the first of them."""
    return candidate.place_id is None and shape_of(candidate.geometry) == "line"


def _left_out_table(
    left_out: list[tuple[Candidate, Qualifier, float]], places: gpd.GeoDataFrame, rules: Rules
) -> gpd.GeoDataFrame:
    """Return what was left out by the id of its drawing, with the measure that decided it."""
    rows = sorted(left_out, key=lambda entry: (entry[0].zone.pack, entry[0].zone.id, entry[0].key))
    labels = pd.Index([c.key for c, _, _ in rows], dtype=object)
    return gpd.GeoDataFrame(
        {
            "item": [c.zone.id for c, _, _ in rows],
            "pack": [c.zone.pack for c, _, _ in rows],
            "classes": [carried_by_kind(c, rules) for c, _, _ in rows],
            "name": [c.name for c, _, _ in rows],
            "place_id": [c.place_id for c, _, _ in rows],
            "qualifier": [dict(q.label) for _, q, _ in rows],
            "measure": [q.test.field if q.test else "" for _, q, _ in rows],
            "value": [value for _, _, value in rows],
            "at_least": [q.test.at_least if q.test else float("nan") for _, q, _ in rows],
        },
        index=labels,
        geometry=gpd.GeoSeries([c.geometry for c, _, _ in rows], index=labels, crs=places.crs),
        crs=places.crs,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
