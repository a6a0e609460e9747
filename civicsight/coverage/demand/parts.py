"""From mandatory places to what has to be seen of them, and how well: the parts.

A part is a gate, a passage, a perimeter, an area, a portal, a deck, a junction or a road section.
What is demanded of which place, at which density and to which share, comes from the rule packs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import CrsError
from civicsight.coverage.demand.demand_points import sample_parts
from civicsight.coverage.demand.ends import (
    across_road,
    find_passage,
    find_portals,
    junction_ground,
    open_ground,
)
from civicsight.coverage.demand.gates import Found, Gate, GateSearch, find_gates
from civicsight.coverage.demand.inferred_openings import WHOLE_FRONT
from civicsight.coverage.demand.needs import (
    GATE_KINDS,
    Asked,
    asked_of,
    count_parts,
    count_zones,
    each_zone,
)
from civicsight.coverage.demand.openings import Positions
from civicsight.coverage.demand.sites import Site, azimuth_deg
from civicsight.coverage.demand.surroundings import ON_FOOT, Surroundings
from civicsight.model import BARRIERS, BUILDINGS, ENTRANCES, NEED, PARTS, PLACES, ROADS, ZONES
from civicsight.rules import PartSpec, Rules, ZoneClass

__all__ = ["GateSearch", "count_parts", "count_zones", "find_parts", "sample_parts"]

PERIMETER_M: Final = 1.0
"""A perimeter is watched this far outside the outline, so that it does not lie in the wall."""

DRAWN: Final = 0.9
"""Chance that what a map draws is there and as drawn; assumed."""

LEAST_AREA_M2: Final = 4.0
"""Smaller slivers of open ground are errors of drawing."""


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """One part on its way into the table."""

    asked: Asked
    geometry: BaseGeometry
    how: str
    inferred: bool
    confirmed: bool
    confidence: float
    normal_deg: float = float("nan")
    entrance_id: str = ""
    name: str = ""
    positions: Positions = ()

    @property
    def spec(self) -> PartSpec:
        """How well it has to be seen."""
        return self.asked.spec


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """A zone with what the search found on its ground."""

    zone: Any
    demanded_by: ZoneClass
    asked: tuple[Asked, ...]
    gates: list[Gate]
    sites: list[Site]
    on_foot: bool
    city: Surroundings


def find_parts(
    zones: gpd.GeoDataFrame,
    *,
    places: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    entrances: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    rules: Rules,
    search: GateSearch | None = None,
) -> gpd.GeoDataFrame:
    """Find what has to be seen of every mandatory place.

    Parameters
    ----------
    zones
        Table `model.ZONES` as `civicsight.rules.find_zones` makes it.
    places, roads, entrances, barriers, buildings
        Tables of the city, in the CRS of `zones`.
    rules
        The packs that named the zones.
    search
        Distances and weights of the search for gates; `GateSearch()` if not given.

    Returns
    -------
    GeoDataFrame
        Table `model.PARTS`, with ``classes`` (all that ask for it, by pack and item),
        ``normal_deg`` (way out of a gate), ``name``, ``also`` (other zones of the class that share
        the gate) and ``positions`` (where else a presumed gate may
        be, with the way out) beside its columns; empty if there are no zones.

    Raises
    ------
    SchemaError
        If a table does not follow its declaration.
    CrsError
        If the tables are in different CRSs.
    """
    _check_tables(zones, places, roads, entrances, barriers, buildings)
    # Zones with the columns that the selection adds, for zones that a user drew.
    usual: dict[str, Any] = {
        "kind": "",
        "road_id": None,
        "via_pack": zones["pack"],
        "via_item": zones["item"],
    }
    added = {name: value for name, value in usual.items() if name not in zones.columns}
    zones = ZONES.complete(zones).assign(**added)
    layers = {"roads": roads, "entrances": entrances, "barriers": barriers, "buildings": buildings}
    found = find_gates(zones, places=places, **layers, rules=rules, search=search or GateSearch())
    classes = dict(zip(roads.index, roads["kind"], strict=True))
    rows: list[dict[str, Any]] = []
    for zone_id, zone in each_zone(zones):
        on_foot = classes.get(zone["road_id"]) in ON_FOOT
        rows += _rows(zone_id, _ground(zone_id, zone, found, rules, on_foot=on_foot))
    return _parts_table(rows, zones)


def _ground(zone_id: str, zone: Any, found: Found, rules: Rules, *, on_foot: bool) -> _Ground:
    gates, sites, city = found
    return _Ground(
        zone,
        rules.zone_class(zone["pack"], zone["item"]),
        asked_of(zone, rules),
        gates.get(zone_id, []),
        sites.get(zone_id, []),
        on_foot,
        city,
    )


def _check_tables(*frames: gpd.GeoDataFrame) -> None:
    """Check the six tables, the zones first, and that all share their CRS."""
    tables = (ZONES, PLACES, ROADS, ENTRANCES, BARRIERS, BUILDINGS)
    for table, frame in zip(tables, frames, strict=True):
        table.check(frame)
        if frame.crs != frames[0].crs:
            msg = (
                f"{table.name} are in {frame.crs.name!r}, the zones in {frames[0].crs.name!r}: "
                "convert with to_crs()"
            )
            raise CrsError(msg)


def _rows(zone_id: str, ground: _Ground) -> Iterator[dict[str, Any]]:
    """Yield the parts of one zone as rows of the table."""
    numbers: dict[str, int] = {}
    for piece in _pieces(ground):
        kind = piece.spec.kind
        numbers[kind] = numbers.get(kind, 0) + 1
        yield {
            "part_id": f"{zone_id}#{kind}-{numbers[kind]}",
            "zone_id": zone_id,
            "item": ground.zone["item"],
            "article": ground.demanded_by.article,
            "rule": ground.demanded_by.rule,
            "pack": ground.zone["pack"],
            "classes": piece.asked.classes,
            "kind": kind,
            "profile": piece.spec.profile.name,
            NEED: piece.spec.profile.px_per_m,
            "fraction": 1.0 if piece.how == WHOLE_FRONT else piece.spec.fraction,
            "k": piece.spec.k,
            "max_tilt_deg": _number(piece.spec.profile.max_tilt_deg),
            "max_yaw_deg": _number(piece.spec.profile.max_yaw_deg),
            "target_height_m": piece.spec.profile.target_height_m,
            "min_time_share": piece.spec.profile.min_time_share,
            "light": piece.spec.profile.light,
            "inferred": piece.inferred,
            "confirmed": piece.confirmed,
            "how": piece.how,
            "confidence": piece.confidence,
            "normal_deg": piece.normal_deg,
            "name": piece.name or ground.zone["name"],
            "entrance_id": piece.entrance_id or None,
            "also": (),
            "positions": piece.positions,
            "geometry": piece.geometry,
        }


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _pieces(ground: _Ground) -> Iterator[_Piece]:
    yield from _gate_pieces(ground)
    for asked in ground.asked:
        kind = asked.spec.kind
        if kind == "passage":
            yield from _passage_pieces(ground, asked)
        elif kind == "perimeter":
            yield from _perimeter_pieces(ground, asked)
        elif kind == "area":
            yield from _area_pieces(ground, asked)
        elif kind not in GATE_KINDS:
            yield from _road_pieces(ground, asked)


def _gate_pieces(ground: _Ground) -> Iterator[_Piece]:
    """Yield the main gates; where a class tells them apart, those that vehicles pass by themselves.

    A class that tells them apart asks for plates at a gate for both, and not for persons. Where
    one class asks for plates there and another for persons, the two are parts of their own: they
    are made out at different heights. A class with gates for vehicles alone is one of roads.
    """
    person, vehicle = (
        [asked for asked in ground.asked if asked.spec.kind == kind] for kind in GATE_KINDS
    )
    if not person:
        for asked in vehicle:
            yield from _road_gate(ground, asked)
        return
    for gate in ground.gates:
        opening = gate.opening
        for asked in (vehicle if opening.vehicle else person) or person:
            yield _Piece(
                asked,
                gate.line,
                opening.how,
                not opening.source_id,
                opening.confirmed,
                opening.confidence,
                gate.normal_deg,
                opening.source_id,
                opening.name,
                opening.positions,
            )


def _road_gate(ground: _Ground, asked: Asked) -> Iterator[_Piece]:
    """Yield the line across the road at a gateway or toll plaza."""
    found = across_road(ground.zone["geometry"].centroid, ground.city, None)
    if found is not None:
        line, out = found
        registered = ground.zone["standing"] != "candidate"
        yield _Piece(
            asked,
            line,
            "ends",
            not registered,
            confirmed=False,
            confidence=DRAWN,
            normal_deg=azimuth_deg(out),
        )


def _passage_pieces(ground: _Ground, asked: Asked) -> Iterator[_Piece]:
    for site in ground.sites:
        line = find_passage(site, [gate.opening.point for gate in ground.gates], ground.city)
        if line is not None:
            yield _Piece(asked, line, "ways", inferred=False, confirmed=False, confidence=DRAWN)


def _perimeter_pieces(ground: _Ground, asked: Asked) -> Iterator[_Piece]:
    for site in ground.sites:
        if site.outline is not None and not site.tenant:
            line = shapely.buffer(site.outline, PERIMETER_M, join_style="mitre").exterior
            edge = shapely.LineString(line)
            yield _Piece(asked, edge, "outline", inferred=False, confirmed=False, confidence=DRAWN)


def _area_pieces(ground: _Ground, asked: Asked) -> Iterator[_Piece]:
    """Yield the open ground of a square or car park, or that in front of a hub's gates."""
    if asked.spec.around_gates_m is not None:
        for gate in ground.gates:
            disc = gate.opening.point.buffer(asked.spec.around_gates_m, quad_segs=8)
            yield from _open_piece(asked, disc, "forecourt", ground.city, gate)
        return
    if ground.zone["geometry"].geom_type.endswith("Polygon"):
        yield from _open_piece(asked, ground.zone["geometry"], "outline", ground.city, None)


def _open_piece(
    asked: Asked, area: BaseGeometry, how: str, city: Surroundings, gate: Gate | None
) -> Iterator[_Piece]:
    ground = open_ground(area, city)
    if ground.area >= LEAST_AREA_M2:
        inferred = gate is not None and not gate.opening.source_id
        confidence = gate.opening.confidence if gate is not None else DRAWN
        yield _Piece(asked, ground, how, inferred, confirmed=False, confidence=confidence)


def _road_pieces(ground: _Ground, asked: Asked) -> Iterator[_Piece]:
    """Yield portals, decks, junctions and road sections."""
    geometry: BaseGeometry = ground.zone["geometry"]
    spec, is_point = asked.spec, isinstance(geometry, Point)
    if spec.kind == "junction" and is_point:
        derived = ground.zone["place_id"] is None
        yield _Piece(
            asked,
            junction_ground(geometry, ground.city),
            "ways",
            derived,
            confirmed=False,
            confidence=float(ground.zone["confidence"]) if derived else DRAWN,
        )
    elif spec.kind == "portal" and is_point:
        found = across_road(geometry, ground.city, None)
        if found is not None:
            yield _Piece(
                asked,
                found[0],
                "ends",
                inferred=True,
                confirmed=False,
                confidence=float(ground.zone["confidence"]),
                normal_deg=azimuth_deg(found[1]),
            )
    elif spec.kind == "portal":
        for line, out in find_portals(geometry, on_foot=ground.on_foot, city=ground.city):
            yield _Piece(
                asked,
                line,
                "ends",
                inferred=False,
                confirmed=False,
                confidence=DRAWN,
                normal_deg=azimuth_deg(out),
            )
    elif spec.kind in ("deck", "road_section") and not is_point:
        yield _Piece(asked, geometry, "ways", inferred=False, confirmed=False, confidence=DRAWN)


def _parts_table(rows: list[dict[str, Any]], zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows as table `model.PARTS`, each shared gate once."""
    if not rows:
        empty = PARTS.empty(zones.crs)
        return gpd.GeoDataFrame(
            empty.assign(
                normal_deg=pd.Series(dtype="float64"),
                name=pd.Series(dtype=object),
                classes=pd.Series(dtype=object),
                entrance_id=pd.Series(dtype=object),
                also=pd.Series(dtype=object),
                positions=pd.Series(dtype=object),
            )
        )
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows).set_index("part_id"), geometry="geometry", crs=zones.crs
    )
    frame = _share_gates(frame, zones)
    parts = gpd.GeoDataFrame(PARTS.complete(frame))
    PARTS.check(parts)
    return parts


def _share_gates(frame: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep one of several demands for one mapped gate by places of one class.

    Banks that share a door ask for one door to be seen. It stays with the best settled of them and
    names the others.
    """
    order = {"designated": 0, "confirmed": 1, "candidate": 2}
    rank = frame["zone_id"].map(zones["standing"].map(order))
    doubt = -frame["zone_id"].map(zones["confidence"])
    mapped = frame[frame["entrance_id"].notna() & frame["kind"].isin(GATE_KINDS)]
    if mapped.empty:
        return frame
    ordered = mapped.assign(_rank=rank, _doubt=doubt).sort_values(["_rank", "_doubt", "zone_id"])
    keys = ["pack", "item", "kind", "profile", "entrance_id"]
    first = ordered.drop_duplicates(keys)
    groups = ordered.groupby(keys, sort=False)["zone_id"].agg(tuple)
    also = pd.Series(
        [groups[key][1:] for key in first[keys].itertuples(index=False, name=None)],
        index=first.index,
        dtype=object,
    )
    frame = frame.drop(index=mapped.index.difference(first.index))
    frame.loc[also.index, "also"] = also
    return frame
