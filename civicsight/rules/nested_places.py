"""One place that a map draws several times, made one: its point, its outline, its buildings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.rules.classes import Candidate
from civicsight.rules.matching import shape_of

SAME_PLACE_M: Final = 30.0
"""Two drawings of one name lie no farther apart; assumed, half the front of a city block."""

ADJACENT_M: Final = 15.0
"""A building without a name this close to one of its kind is part of it; assumed, a yard."""

INSIDE: Final = 0.8
"""Share of a drawing that lies in another from which on it counts as inside it."""


def merge_nested(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates with every further drawing of the same place taken in.

    A register's entry takes in the map's drawings of the place, an area takes in points and smaller
    areas. The place that remains keeps its own class and standing, and gains what only the other
    had: a name, a kind, an outline.

    Notes
    -----
    A drawing is taken in if it belongs to the same class and either carries the same name within
    `SAME_PLACE_M`, or lies inside and has no name of its own, or is a building inside a site of
    its kind by the same or a weaker mark, or a building without a name beside one of its kind; the
    outlines of the last are joined. A library with a name of its own on a campus stays a place of
    its own, and so do a car park inside a mall, whose own ground has to be seen, and a named
    building of a campus that public streets run through.
    """
    groups: dict[tuple[str, str, str, str], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.zone.pack, candidate.zone.id, candidate.via.pack, ""].append(candidate)
    return [kept for group in groups.values() for kept in _merge_class(group)]


def _merge_class(group: list[Candidate]) -> list[Candidate]:
    """Merge candidates of one class, strongest drawing first."""
    group = sorted(group, key=_rank)
    geometries = np.array([candidate.geometry for candidate in group], object)
    first, second = shapely.STRtree(geometries).query(
        geometries, predicate="dwithin", distance=SAME_PLACE_M
    )
    near: dict[int, list[int]] = defaultdict(list)
    for at, other in zip(first.tolist(), second.tolist(), strict=True):
        if other < at:
            near[at].append(other)
    kept: dict[int, Candidate] = {}
    root: dict[int, int] = {}
    for at, candidate in enumerate(group):
        hosts = sorted({root[other] for other in near[at]})
        root[at] = next((host for host in hosts if _is_same(kept[host], candidate)), at)
        if root[at] == at:
            kept[at] = candidate
        else:
            kept[root[at]] = _take_in(kept[root[at]], candidate)
    return list(kept.values())


def _rank(candidate: Candidate) -> tuple[bool, float, bool, str]:
    """Order drawings: a register first, then the larger area, then the named one."""
    area = candidate.geometry.area
    return (not candidate.registered, -area, candidate.name is None, candidate.key)


def _is_same(host: Candidate, other: Candidate) -> bool:
    """Tell whether `other` is one more drawing of `host`, or one more building of it."""
    if _has_own_ground(host, other):
        return False
    inside = _lies_in(other, host) or (host.registered and _lies_in(host, other))
    if host.names & other.names or (
        (inside or host.kind == other.kind) and _alike(host.names, other.names)
    ):
        return True
    if inside and not (host.name and other.name):
        return True
    both_areas = shape_of(host.geometry) == "area" and shape_of(other.geometry) == "area"
    if not both_areas or "building" not in other.tags or host.kind != other.kind:
        return False
    if inside:
        weaker = host.selector == other.selector or other.confidence < host.confidence
        return weaker and "building" not in host.tags and not host.open_ground
    near = host.geometry.distance(other.geometry) <= ADJACENT_M
    return near and not other.name and host.selector == other.selector


def _has_own_ground(host: Candidate, other: Candidate) -> bool:
    """Tell whether `other` is of another kind, one whose own ground the class demands."""
    if host.kind == other.kind or not host.kind or not other.kind:
        return False
    kinds = {kind for part in other.via.parts if part.kind == "area" for kind in part.kinds}
    return other.kind in kinds


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two places share a name, or a name of one holds one of the other whole."""
    return any(len(a) > 1 and len(b) > 1 and (a in b or b in a) for a in one for b in other)


def _lies_in(inner: Candidate, outer: Candidate) -> bool:
    if shape_of(outer.geometry) != "area":
        return False
    if shape_of(inner.geometry) != "area":
        return bool(shapely.intersects(outer.geometry, inner.geometry))
    if inner.geometry.area > outer.geometry.area * 1.05:
        return False
    return bool(
        shapely.intersection(inner.geometry, outer.geometry).area >= INSIDE * inner.geometry.area
    )


def _take_in(host: Candidate, other: Candidate) -> Candidate:
    """Return the host with what only the other drawing had."""
    return replace(
        host,
        name=host.name or other.name,
        kind=host.kind or other.kind,
        geometry=_joined_outline(host, other),
        drawn=host.drawings | other.drawings,
        tags={**_named_by(other, host), **host.tags},
        confidence=max(
            host.confidence, other.confidence if other.kind == host.kind else host.confidence
        ),
        standing="confirmed"
        if "confirmed" in (host.standing, other.standing) and not host.registered
        else host.standing,
    )


def _named_by(other: Candidate, host: Candidate) -> dict[str, str]:
    """Return the tags that say something of the host too; that a part is a building does not."""
    if shape_of(host.geometry) == "point":
        return other.tags
    return {key: text for key, text in other.tags.items() if not key.startswith("building")}


def _joined_outline(host: Candidate, other: Candidate) -> BaseGeometry:
    """Return the outline of a place drawn twice: the host's, or both if they lie apart."""
    if shape_of(other.geometry) != "area" or (
        host.registered and shape_of(host.geometry) == "area"
    ):
        return host.geometry
    if shape_of(host.geometry) == "point":
        return other.geometry
    if shape_of(host.geometry) != "area" or _lies_in(other, host):
        return host.geometry
    return shapely.union(host.geometry, other.geometry)
