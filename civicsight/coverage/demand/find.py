"""From a city and rule packs to all that has to be seen, and what of it nobody can judge.

Nothing falls silent: places without a front and parts without a view to judge each have a reason,
and what would settle it.

References
----------
Article 8 asks for every main entrance, passage and key part; what nobody looked at is neither
covered nor a gap.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.errors import N_, Text
from civicsight.coverage.demand.needs import GATE_KINDS, asked_of, each_zone
from civicsight.coverage.demand.numbers import keep_numbers
from civicsight.coverage.demand.parts import find_parts, sample_parts
from civicsight.model import NEED, City
from civicsight.rules import PartSpec, Rules, select_zones

COLUMNS: Final = ("part_id", "zone_id", "kind", NEED, "target_height_m", "reason")

REASONS: Final[Mapping[str, tuple[Text, Text]]] = MappingProxyType(
    {
        "no_front": (
            N_("nothing tells where one enters: it has no outline, and no way is near"),
            N_("draw its outline, or list its entrance"),
        ),
        "no_outline": (
            N_("it is a point without an outline, so what has to be seen of it is not known"),
            N_("draw its outline"),
        ),
        "no_open_ground": (
            N_("no ground of it lies in the open"),
            N_("compare its outline with the buildings there"),
        ),
        "no_way": (
            N_("no way was found at it whose ends or course would have to be seen"),
            N_("add the way with its stairs to the roads"),
        ),
        "indoors": (
            N_("it lies indoors altogether, where no outdoor view reaches"),
            N_("list the entrance through which one comes in from outside"),
        ),
        "no_ground_height": (
            N_("the height of the ground there is not known"),
            N_("hand in relief that covers it"),
        ),
        "no_buildings": (
            N_("there are no buildings in the data around it, so what hides a view is not known"),
            N_("read the buildings of this area"),
        ),
        "no_measure": (
            N_("a measure that decides its class, such as the voltage, is not recorded"),
            N_("record the measure, or let the competent body designate the place"),
        ),
        "open_word": (
            N_("its measure leaves it out of an open word of the law, such as large or important"),
            N_("the competent body designates it, or does not"),
        ),
    }
)
"""Why something could not be judged, and what would settle it."""

OF_SITES: Final = (*GATE_KINDS, "perimeter", "area", "passage")
"""Parts of places with a ground of their own; a place need not have a passage."""

BUILT_UP: Final = ("residential", "living_street", "pedestrian")
"""Ways that buildings stand along."""

AROUND_M: Final = 100.0
"""Where ways or places say that it is built up, a building stands closer than this; assumed."""

LEAST_PLACES: Final = 3
"""So many places within that distance say so."""


def find_missing(
    zones: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    unseen: pd.Series,
    rules: Rules,
) -> pd.DataFrame:
    """List what is demanded of the places and cannot be judged.

    Parameters
    ----------
    zones, parts, samples
        Tables of `model`, samples without those that cannot be judged.
    unseen
        Reason by ``part_id`` of parts whose samples were left out.
    rules
        The packs that named the zones.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: a row for each part without samples, and for each kind that a place
        should have and nothing was found of, in the order of their ids; ``reason`` is one of
        `REASONS`.
    """
    kinds = parts.groupby("zone_id")["kind"].agg(frozenset)
    rows = [
        (
            f"{zone_id}#{spec.kind}-0",
            zone_id,
            spec.kind,
            spec.profile.px_per_m,
            spec.profile.target_height_m,
            reason,
        )
        for zone_id, zone in each_zone(zones)
        for spec, reason in _lacking(zone, kinds.get(zone_id, frozenset()), rules)
    ]
    left = parts.index.difference(samples["part_id"])
    bare = parts.loc[left, ["zone_id", "kind", NEED, "target_height_m"]]
    why = unseen.reindex(left).fillna("indoors")
    rows += zip(left, *(bare[name] for name in bare), why, strict=True)
    return _table(sorted(rows))


def none_missing() -> pd.DataFrame:
    """Return the table of `find_missing` where everything could be judged."""
    return _table([])


def _table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    numbers = dict.fromkeys((NEED, "target_height_m"), np.float64)
    return frame.astype(dict.fromkeys(COLUMNS, object) | numbers)


def without_buildings(parts: gpd.GeoDataFrame, city: City) -> npt.NDArray[np.bool_]:
    """Tell around which parts buildings must stand that are not in the data.

    None stands there, though ways or places say that it is built up: what hides is not known.
    """
    shapes = np.asarray(parts.geometry.array)
    hole = ~_stands_near(shapes, np.asarray(city.buildings.geometry.array))
    bare = shapes[hole]  # few parts, if any: only of these the rest is asked
    ways = city.roads.geometry[city.roads["kind"].isin(BUILT_UP)]
    built_up = _stands_near(bare, np.asarray(ways.array))
    others = np.asarray(city.places.geometry.array)
    at, _ = shapely.STRtree(others).query(bare, predicate="dwithin", distance=AROUND_M)
    built_up |= np.bincount(at, minlength=len(bare)) >= LEAST_PLACES
    hole[hole] = built_up
    return hole


def _stands_near(
    shapes: npt.NDArray[np.object_], others: npt.NDArray[np.object_]
) -> npt.NDArray[np.bool_]:
    """Tell whether anything lies within `AROUND_M` of each shape."""
    near = np.zeros(len(shapes), bool)
    (at, _), far = shapely.STRtree(others).query_nearest(
        shapes, return_distance=True, all_matches=False
    )
    near[at] = far <= AROUND_M
    return near


def _lacking(zone: Any, found: Collection[str], rules: Rules) -> list[tuple[PartSpec, str]]:
    """Return what a place should have and has not, with the reason."""
    asked = {one.spec.kind: one.spec for one in asked_of(zone, rules)}
    has_gate = bool(set(found) & set(GATE_KINDS))
    is_area = zone["geometry"].geom_type.endswith("Polygon")
    lacking = []
    if set(asked) & set(GATE_KINDS) and not has_gate:
        lacking.append((next(asked[kind] for kind in GATE_KINDS if kind in asked), "no_front"))
    if "perimeter" in asked and "perimeter" not in found and not has_gate:
        lacking.append((asked["perimeter"], "no_outline"))
    if "area" in asked and "area" not in found:
        around_gates = asked["area"].around_gates_m is not None
        if has_gate or not around_gates:
            whole = is_area or around_gates
            lacking.append((asked["area"], "no_open_ground" if whole else "no_outline"))
    rest = [spec for kind, spec in asked.items() if kind not in OF_SITES]
    if rest and not found:
        lacking.append((rest[0], "no_way"))
    return lacking


def find_demand(city: City, rules: Rules, *, before: gpd.GeoDataFrame | None = None) -> Demand:
    """Find the mandatory places, their parts and the samples that stand for them.

    Parameters
    ----------
    city, rules
        Where to look, and what the law demands.
    before
        Parts of an earlier check of the same places, whose ids stay; see `keep_numbers`.

    Raises
    ------
    InputError
        If a register names a class that no pack has.
    """
    selection = select_zones(city.places, city.roads, rules)
    parts = find_parts(
        selection.zones,
        places=city.places,
        roads=city.roads,
        entrances=city.entrances,
        barriers=city.barriers,
        buildings=city.buildings,
        rules=rules,
    )
    if before is not None:
        parts = parts.set_axis(keep_numbers(parts, before))
    samples = sample_parts(parts, buildings=city.buildings)
    unseen = pd.Series("no_buildings", parts.index[without_buildings(parts, city)], dtype=object)
    if city.terrain is not None:
        # A part that lies partly on unknown ground cannot be judged; its rest must not pass for it.
        lost = pd.Index(samples.loc[~has_ground(samples, city), "part_id"].unique())
        unseen = pd.concat([unseen, pd.Series("no_ground_height", lost.difference(unseen.index))])
    samples = samples[~samples["part_id"].isin(unseen.index)]
    missing = find_missing(selection.zones, parts, samples, unseen, rules)
    return Demand(
        selection.zones, selection.left_out, parts.drop(columns="positions"), samples, missing
    )


def has_ground(table: gpd.GeoDataFrame, city: City) -> npt.NDArray[np.bool_]:
    """Tell where the height of the ground is known."""
    assert city.terrain is not None  # noqa: S101 - whoever asks has relief
    x, y = table.geometry.x.to_numpy(np.float64), table.geometry.y.to_numpy(np.float64)
    known: npt.NDArray[np.bool_] = np.isfinite(city.terrain.height_at(x, y))
    return known


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Mandatory places, those an open word of the law leaves out, parts, samples, what lacks."""

    zones: gpd.GeoDataFrame
    left_out: gpd.GeoDataFrame
    parts: gpd.GeoDataFrame
    samples: gpd.GeoDataFrame
    missing: pd.DataFrame
