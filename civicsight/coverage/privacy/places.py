"""Which buildings and areas of a city are private, by the classes of the packs and the register.

A map shows outlines, not rooms. A place that is mapped as a point stands in a building, and where
what is private is all of its inside (a toilet, a bath), that building is it only if it is too
small for anything else. The register of private places outranks the map: see `_outranked`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.column import flag, identifier, must, number, text, thing
from civicsight.core.errors import N_, Text
from civicsight.core.table import Table
from civicsight.model import City
from civicsight.rules import Rules
from civicsight.rules.matching import Marks, read_tags
from civicsight.rules.pack import PrivacyClass, Selector

SCOPES: Final = ("whole_interior", "interior_rooms", "facade_openings")
"""How much of a private place is private, as packs say it."""

PRIVATE: Final = Table(
    "private",
    identifier("private_id"),
    "Any",
    (
        text("building_id", "Building that it is, or is in"),
        text("scope", "How much of it is private", SCOPES, required=True),
        text("kind", "Class of the pack, or kind of the register", required=True),
        text("pack", "Rule pack that names the class; none for a register"),
        thing("label", "What the class is called in both languages"),
        text("name", "Name of the place"),
        thing("place_ids", "Places of the map, or rows of the register, that say so"),
        text("selector", "Mark by which it was found; none for a register"),
        number("confidence", "", "Chance that it is private", 0, 1, required=True),
        flag("registered", "Whether a register says so"),
        number("from_floor", "", "Lowest storey; 1 is at the ground"),
        number("to_floor", "", "Highest storey"),
        flag("has_facade", "Whether its facade counts as private"),
        thing("assumptions", "What was assumed, by name"),
    ),
)

FACADES: Final = Table(
    "facades",
    identifier("facade_id"),
    "Point",
    (
        text("building_id", "Building whose wall it is", required=True),
        text(
            "private_id", "Private place that it belongs to, the surest of several", required=True
        ),
        must("height_m", "m", "Height of the sample above the ground under it", 0),
        must("normal_deg", "deg", "Outward direction of the wall, clockwise from grid north"),
        must("area_m2", "m2", "Area of wall that it stands for", 0),
        must("width_m", "m", "Width of that area along the wall", 0),
        must("low_m", "m", "Lower edge of that area above the ground", 0),
        must("high_m", "m", "Upper edge of that area above the ground", 0),
        must("storey", "", "Storey, counted from 1 at the ground"),
        number("confidence", "", "Chance that it is private", 0, 1, required=True),
        flag("height_assumed", "Whether the height of the building is a default"),
    ),
)


AT_DOOR_M: Final = 5.0
"""A point this close to a building is at its door (assumption of the project)."""

SINGLE_M2: Final = 150.0
"""A building of at most this area holds one thing, such as a public toilet (assumption)."""

NAMELESS: Final = frozenset({"", "yes"})
"""Kinds of buildings that say nothing of their use."""

REGISTER_SCOPE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dormitory": "interior_rooms",
        "lodging_room": "interior_rooms",
        "bath": "whole_interior",
        "changing_room": "whole_interior",
        "toilet": "whole_interior",
        "other_private": "facade_openings",
    }
)
"""How much is private where a register names the kind alone."""

WHY: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "whole_facade": N_("maps have no windows, so the whole facade counts"),
        "floors_unknown": N_("its storeys are not known, so all of the building counts"),
        "at_door": N_("it is mapped just outside the building, and taken to be in it"),
        "no_footprint": N_(
            "it is a point without a building of its own, so its walls are not known"
        ),
        "ground_unknown": N_("the height of the ground under it is not known"),
    }
)
"""What is assumed of private places, and why some are left aside, for a person."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """One statement that a building (by row, or -1 and a geometry) is private."""

    building: int
    scope: str
    kind: str
    pack: str | None
    label: Any
    name: str | None
    place_id: str | None
    selector: str | None
    confidence: float
    geometry: Any
    assumptions: tuple[str, ...] = ()
    floors: tuple[float, float] = (np.nan, np.nan)

    @property
    def registered(self) -> bool:
        return self.pack is None


def find_areas(city: City, rules: Rules) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Find what is private in a city.

    Parameters
    ----------
    city
        Its buildings, places and register of private places.
    rules
        Packs; the classes of all of them count, since the law is the union of its texts.

    Returns
    -------
    tuple
        Table `PRIVATE`, one row for each building and scope that the map shows and one for each
        row of the register; and the places left aside: ``place_id``, ``kind``, ``name`` and
        ``reason`` (a key of `WHY`).
    """
    grounds = _Grounds(city)
    # What the tags and kinds of buildings say.
    tags = [
        {**entry, "building": kind} if kind else entry
        for entry, kind in zip(read_tags(city.buildings), _kinds(city.buildings), strict=True)
    ]
    marks = Marks(city.buildings, tags)
    names = city.buildings.get("name", pd.Series(None, city.buildings.index, dtype=object))
    claims = [
        _claim(row, entry, match.selector, _text(names.iloc[row]), None, marks.geometry[row])
        for entry in _classes(rules)
        for row, match in marks.find(entry.selectors).items()
    ]
    from_places, aside = _by_places(city, rules, grounds)
    listed, unplaced = _by_register(city, grounds)
    said: dict[int, set[str]] = defaultdict(set)
    for entry in listed:
        said[entry.building].add(entry.scope)
    of_rooms = {entry.building for entry in claims if entry.scope == "interior_rooms"}
    kept = [claim for claim in claims + from_places if not _outranked(claim, said, of_rooms)]
    rows = _merge(kept) + [_row([claim]) for claim in listed]
    table = _table(rows, city, rules)
    return table, pd.DataFrame(
        aside + unplaced, columns=["place_id", "kind", "name", "reason"]
    ).drop_duplicates(["place_id", "reason"], ignore_index=True)


class _Grounds:
    """Finds the buildings that a place is, holds or stands in."""

    def __init__(self, city: City) -> None:
        self.shapes = city.buildings.geometry.to_numpy()
        self.tree = shapely.STRtree(self.shapes)
        self.kinds = _kinds(city.buildings)

    def of_point(self, point: Any) -> tuple[int, tuple[str, ...]] | None:
        """Return the building that a point is in or just outside of, the smallest of several."""
        near = self.tree.query(point, predicate="dwithin", distance=AT_DOOR_M)
        if not len(near):
            return None
        away = shapely.distance(self.shapes[near], point)
        order = np.lexsort((near, shapely.area(self.shapes[near]), away))
        best = order[0]
        return int(near[best]), () if away[best] == 0.0 else ("at_door",)

    def of_area(self, area: Any) -> list[int]:
        """Return the buildings that an area holds; of several only those of no other use."""
        near = self.tree.query(area, predicate="intersects")
        inner = shapely.point_on_surface(self.shapes[near])
        held = [int(row) for row in near[shapely.intersects(area, inner)]]
        if len(held) > 1:
            held = [row for row in held if self.kinds[row] in NAMELESS]
        return sorted(held)

    def around(self, area: Any) -> int | None:
        """Return the building that an area is a part of."""
        near = self.tree.query(shapely.point_on_surface(area), predicate="intersects")
        held = shapely.area(shapely.intersection(self.shapes[near], area))
        inside = near[held >= 0.9 * shapely.area(area)]
        return int(inside.min()) if len(inside) else None


def _kinds(buildings: gpd.GeoDataFrame) -> list[str]:
    kinds = buildings.get("kind", pd.Series(None, buildings.index, dtype=object))
    return [value if isinstance(value, str) else "" for value in kinds]


def _classes(rules: Rules) -> list[PrivacyClass]:
    return [entry for pack in rules.packs for entry in pack.privacy]


def _by_places(
    city: City, rules: Rules, grounds: _Grounds
) -> tuple[list[_Claim], list[tuple[str, str, str | None, str]]]:
    """Return what places say of the buildings they are, hold or stand in; and those left aside."""
    marks = Marks(city.places)
    labels, names = city.places.index, city.places["name"]
    claims, aside = list[_Claim](), []
    matches = [
        (entry, row, match.selector)
        for entry in _classes(rules)
        for row, match in marks.find(entry.selectors).items()
    ]
    for entry, row, selector in matches:
        label, name = str(labels[row]), _text(names.iloc[row])
        for building, shape, notes in _grounds_of(marks.geometry[row], entry.scope, grounds):
            if notes == ("no_footprint",):
                aside.append((label, entry.id, name, notes[0]))
            else:
                claims.append(_claim(building, entry, selector, name, label, shape, notes))
    return claims, aside


def _grounds_of(
    shape: Any, scope: str, grounds: _Grounds
) -> list[tuple[int, Any, tuple[str, ...]]]:
    """Return building, geometry and assumptions for each building of a place."""
    if shapely.get_dimensions(shape) == 2:
        rows = grounds.of_area(shape)
        if rows:
            return [(row, grounds.shapes[row], ()) for row in rows]
        around = grounds.around(shape)
        return [(-1 if around is None else around, shape, ())]
    found = grounds.of_point(shapely.centroid(shape))
    if found is None:
        return [(-1, shape, ("no_footprint",))]
    row, notes = found
    single = shapely.area(grounds.shapes[row]) <= SINGLE_M2
    if scope == "whole_interior" and not single:
        return [(-1, shape, ("no_footprint",))]
    return [(row, grounds.shapes[row], notes if single else (*notes, "floors_unknown"))]


def _by_register(
    city: City, grounds: _Grounds
) -> tuple[list[_Claim], list[tuple[str, str, str | None, str]]]:
    """Return what the register of private places says."""
    claims, aside = list[_Claim](), []
    listed = city.private_places
    for label, entry in listed.assign(kind=listed["kind"].fillna("other_private")).iterrows():
        scope = _text(entry.get("scope")) or REGISTER_SCOPE[entry["kind"]]
        scope = "facade_openings" if scope == "facade" else scope
        floors = (float(entry.get("from_floor", np.nan)), float(entry.get("to_floor", np.nan)))
        known = not np.isnan(floors).all()
        for building, shape, notes in _grounds_of(entry.geometry, scope, grounds):
            if notes == ("no_footprint",):
                aside.append((str(label), entry["kind"], _text(entry.get("name")), notes[0]))
                continue
            kept = tuple(note for note in notes if not (known and note == "floors_unknown"))
            claims.append(
                _Claim(
                    building,
                    scope,
                    entry["kind"],
                    None,
                    None,
                    _text(entry.get("name")),
                    str(label),
                    None,
                    1.0,
                    shape,
                    kept,
                    floors,
                )
            )
    return claims, aside


def _claim(
    building: int,
    entry: PrivacyClass,
    selector: Selector,
    name: str | None,
    place_id: str | None,
    geometry: Any,
    notes: tuple[str, ...] = (),
) -> _Claim:
    return _Claim(
        building,
        entry.scope,
        entry.id,
        entry.pack,
        entry.label,
        name,
        place_id,
        str(selector),
        selector.conf,
        geometry,
        notes,
    )


def _outranked(claim: _Claim, listed: Mapping[int, set[str]], of_rooms: set[int]) -> bool:
    """Tell whether the register says better what a claim of the map says.

    A register of rooms (dormitories, lodging) replaces all that the map says of a building that
    the map too takes as one of rooms; of another building it only adds its own. A register of
    whole interiors or of facades replaces the claims of that scope. `listed` are the scopes that a
    register names, by building; `of_rooms` the buildings that the map takes as ones of rooms.
    """
    if claim.building < 0 or claim.building not in listed:
        return False
    scopes = listed[claim.building]
    return claim.scope in scopes or ("interior_rooms" in scopes and claim.building in of_rooms)


def _merge(claims: list[_Claim]) -> list[dict[str, Any]]:
    """Join what is said of one building and scope."""
    groups: dict[tuple[Any, ...], list[_Claim]] = {}
    for claim in claims:
        key = (claim.building, claim.scope, shapely.to_wkb(claim.geometry))
        groups.setdefault(key, []).append(claim)
    return [
        _row(sorted(group, key=lambda claim: (-claim.confidence, claim.place_id or "")))
        for group in groups.values()
    ]


def _row(group: list[_Claim]) -> dict[str, Any]:
    """Return a row of `PRIVATE` from claims of one building and scope, the surest first."""
    best = group[0]
    return {
        "building": best.building,
        "scope": best.scope,
        "kind": best.kind,
        "pack": best.pack,
        "label": best.label,
        "name": next((claim.name for claim in group if claim.name), None),
        "place_ids": tuple(sorted({claim.place_id for claim in group if claim.place_id})),
        "selector": best.selector,
        "confidence": best.confidence,
        "registered": best.registered,
        "from_floor": best.floors[0],
        "to_floor": best.floors[1],
        "assumptions": best.assumptions,
        "geometry": best.geometry,
    }


def _table(rows: list[dict[str, Any]], city: City, rules: Rules) -> gpd.GeoDataFrame:
    """Lay out the table; interiors make a facade private only where they are sure enough.

    What is inside a building makes its windows private, but not where it is half sure that there
    is anything private inside at all (the private rooms of a restaurant).
    """
    if not rows:
        return gpd.GeoDataFrame(PRIVATE.empty(city.crs))
    least = rules.policy.confirmed_confidence
    labels = city.buildings.index
    for row in rows:
        at = row.pop("building")
        row["building_id"] = str(labels[at]) if at >= 0 else None
        sure = row["registered"] or row["confidence"] >= least
        row["has_facade"] = at >= 0 and (row["scope"] == "facade_openings" or sure)
        if row["has_facade"]:
            row["assumptions"] = (*row["assumptions"], "whole_facade")
    rows.sort(key=lambda row: (row["building_id"] or "", row["scope"], row["place_ids"]))
    index = [f"private/{number}" for number in range(len(rows))]
    frame = gpd.GeoDataFrame(rows, index=index, geometry="geometry", crs=city.crs)
    table = gpd.GeoDataFrame(PRIVATE.complete(frame))
    PRIVATE.check(table)
    return table


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
