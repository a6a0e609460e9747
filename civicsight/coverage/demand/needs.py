"""What has to be seen of a place, by the strictest of its classes, once; and how many places."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.rules import PartSpec, Rules, ZoneClass
from civicsight.rules.classes import PlaceClass
from civicsight.rules.pack import strictest

GATE_KINDS: Final = ("entrance", "vehicle_entrance")
"""Parts that are gates."""

UNAMBIGUOUS: Final = frozenset({"junction", "portal", "deck", "road_section"})
"""Parts that the shape of a place decides, so that its kind need not be known."""

Law = tuple[str, str]
"""A class by its pack and item."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of part that a place has to show.

    Parameters
    ----------
    spec
        How well it has to be seen: by the strictest of the classes that ask for it.
    classes
        These classes, by pack and item, the one that demands the place first.
    """

    spec: PartSpec
    classes: tuple[Law, ...]


def each_zone(zones: gpd.GeoDataFrame) -> Iterator[tuple[str, Mapping[Hashable, Any]]]:
    """Yield id and columns of each place."""
    return zip(map(str, zones.index), pd.DataFrame(zones).to_dict("records"), strict=True)


def asked_of(zone: Any, rules: Rules) -> tuple[Asked, ...]:
    """Return what the classes of a place ask to be seen of it, each kind of part once."""
    return _asked(classes_of(zone), zone["standing"], rules)


@lru_cache(maxsize=1024)
def _asked(classes: tuple[PlaceClass, ...], standing: str, rules: Rules) -> tuple[Asked, ...]:
    """Return what classes ask of a place of a standing.

    A gate that vehicles pass is asked for as such where any class tells them apart, by the
    strictest of what all ask of it; areas before gates and whole areas are two things. Where it
    is plates that are read there, and a class that does not tell such gates apart asks for persons
    more finely, both are asked for: no view of one height proves the other.
    """
    own = [
        (law, {(spec.kind, spec.around_gates_m is not None): spec for spec in specs})
        for law, specs in _by_class(classes, standing, rules)
    ]
    kinds = dict.fromkeys(kind for _, specs in own for kind in specs)
    person, vehicle = ((kind, False) for kind in GATE_KINDS)
    found: list[Asked] = []
    for kind in kinds:
        asking = [
            (law, specs.get(kind, specs.get(person) if kind == vehicle else None))
            for law, specs in own
        ]
        known = [(law, replace(spec, kind=kind[0])) for law, spec in asking if spec is not None]
        found += _by_target(known)
    return tuple(found)


def _by_target(known: list[tuple[Law, PartSpec]]) -> Iterator[Asked]:
    """Yield what laws ask of one kind of part: plates, and persons if those are asked more finely.

    Where no law asks for plates, or all do, it is one thing.
    """
    laws = tuple(law for law, _ in known)
    plates = [spec for _, spec in known if spec.profile.target == "plate"]
    persons = [spec for _, spec in known if spec.profile.target == "person"]
    whole = _strictest([spec for _, spec in known])
    seen = _strictest(plates or persons)
    yield Asked(replace(seen, fraction=whole.fraction, k=whole.k), laws)
    if plates and persons:
        finer = _strictest(persons)
        if finer.profile.px_per_m > seen.profile.px_per_m:
            own = tuple(law for law, spec in known if spec.profile.target == "person")
            yield Asked(finer, own)


def classes_of(zone: Any) -> tuple[PlaceClass, ...]:
    """Return every class of a row of `model.ZONES`; of one that a user drew, the one it names."""
    classes = zone.get("classes")
    if isinstance(classes, tuple | list) and len(classes):
        return tuple(PlaceClass(*entry) for entry in classes)  # kept tables know no names
    return (PlaceClass(zone["via_pack"], zone["via_item"], zone["kind"]),)


def _by_class(
    classes: tuple[PlaceClass, ...], standing: str, rules: Rules
) -> Iterator[tuple[Law, list[PartSpec]]]:
    """Yield each class with the parts that it asks for, itself or by what it takes in."""
    for entry in classes:
        demanding = rules.zone_class(entry.pack, entry.item)
        taken_in = [
            (rules.zone_class(other.pack, other.item), other.kind)
            for other in classes
            if other.pack == demanding.include
        ]
        yield (
            (entry.pack, entry.item),
            [
                spec
                for source, kind in ((demanding, entry.kind), *taken_in)
                for spec in source.parts
                if applies(spec, kind, standing)
            ],
        )


def applies(spec: PartSpec, kind: str, standing: str) -> bool:
    """Tell whether a class demands a part of a place of a kind and standing."""
    if spec.standing and standing not in spec.standing:
        return False
    if not spec.kinds or kind in spec.kinds:
        return True
    return not kind and spec.kind in UNAMBIGUOUS


def _strictest(specs: list[PartSpec]) -> PartSpec:
    """Return one specification that meets all."""
    deepest = [spec.around_gates_m for spec in specs if spec.around_gates_m is not None]
    return replace(
        specs[0],
        profile=strictest([spec.profile for spec in specs]),
        fraction=max(spec.fraction for spec in specs),
        k=max(spec.k for spec in specs),
        around_gates_m=max(deepest, default=None),
    )


def in_class(rows: pd.DataFrame, pack: str, item: str | None = None) -> pd.Series:
    """Tell which places, or parts, are of a class, be it beside others; of any class of a law.

    Parameters
    ----------
    rows
        Table `model.ZONES` or `model.PARTS`; without ``classes`` each is of its own alone.
    pack, item
        The law, and the class if one is meant.
    """
    if "classes" not in rows.columns:
        mine = rows["pack"].eq(pack)
        return mine if item is None else mine & rows["item"].eq(item)
    found = [
        any(entry[0] == pack and item in (None, entry[1]) for entry in classes)
        for classes in rows["classes"]
    ]
    return pd.Series(found, rows.index, dtype=bool)


def laws_of(rows: pd.DataFrame) -> pd.Series:
    """Return the classes of places, or parts, by pack and item: a row for each class of each."""
    if "classes" in rows.columns:
        own = [sorted({(entry[0], entry[1]) for entry in classes}) for classes in rows["classes"]]
    else:
        own = [[law] for law in zip(rows["pack"], rows["item"], strict=True)]
    return pd.Series(own, rows.index, dtype=object).explode().dropna()


def possible_labels(left_out: pd.DataFrame) -> pd.Index:
    """Return an id for each place that only an open word of the law leaves out of its class.

    A bridge that roads alone draw is called like its drawing.
    """
    drawn = left_out["place_id"].where(left_out["place_id"].notna(), left_out.index)
    pairs = zip(left_out["item"], drawn, strict=True)
    return pd.Index([f"{item}:{place}?" for item, place in pairs], dtype=object)


def entrances_of(zone: Any, rules: Rules) -> frozenset[str]:
    """Return the kinds of entrances that the classes of a place ask for beside the usual ones."""
    return _entrances(classes_of(zone), rules)


@lru_cache(maxsize=1024)
def _entrances(classes: tuple[PlaceClass, ...], rules: Rules) -> frozenset[str]:
    found: tuple[ZoneClass, ...] = tuple(
        rules.zone_class(entry.pack, entry.item) for entry in classes
    )
    return frozenset(kind for entry in found for kind in entry.entrances)


def count_zones(zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the zones of each class by standing: rows ``pack, item``, one column a standing."""
    counts = pd.crosstab([zones["pack"], zones["item"]], zones["standing"])
    columns = ["designated", "confirmed", "candidate"]
    return counts.reindex(columns=columns, fill_value=0).rename_axis(columns=None).astype("int64")


def count_parts(parts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the parts of each class and kind, mapped, confirmed and inferred."""
    state = np.where(
        parts["confirmed"], "confirmed", np.where(parts["inferred"], "inferred", "mapped")
    )
    counts = pd.crosstab([parts["pack"], parts["item"], parts["kind"]], state)
    counts = counts.reindex(columns=["mapped", "confirmed", "inferred"], fill_value=0)
    return counts.rename_axis(columns=None).astype("int64")
