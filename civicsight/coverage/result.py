"""What a check found, and the state of everything there is: places, parts, cameras, rows.

The states sum to what registers and map hold, so that an absence of a warning can be relied on:
whatever was not judged is counted beside what was, with the reason.

References
----------
Article 8 lists what has to be covered; Article 7 what exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.door import map_of
from civicsight.core.errors import N_, Text
from civicsight.core.hues import HUES, INK, UNKNOWN
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language
from civicsight.core.once import once_for_each
from civicsight.core.overview import Drawn, Overview, houses, joined
from civicsight.coverage.demand.find import Demand, none_missing
from civicsight.coverage.demand.needs import possible_labels
from civicsight.coverage.findings.evidence import NO_INVENTORY
from civicsight.coverage.findings.withheld import none_withheld
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.coverage.privacy.places import NAMELESS
from civicsight.coverage.raster import CoverageRaster
from civicsight.model import FINDINGS, City
from civicsight.model.notes import Note, note_from_dict, sentence_of
from civicsight.model.results import PRESUMED
from civicsight.rules import Rules
from civicsight.rules.dossier import GUESSED
from civicsight.rules.predicates.declaration import Look


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class CheckResult:
    """What `check` found.

    Parameters
    ----------
    city, rules
        What was checked, against which packs.
    cameras, heads
        The cameras where they were placed, with ``placed``, ``shift_m``, ``host``, ``facade_deg``
        and ``reason``; and their heads in each reading.
    zones, parts, samples
        Mandatory places, what has to be seen of them, and the points that stand for it.
    matrices
        `CoverageMatrix` by reading.
    part_status
        One row a part, from `part_status`.
    gaps, duplicates, overlaps
        Tables `model.FINDINGS`.
    raster
        Best px/m and number of heads by cell, in the reading `MAP_READING`; None if not asked for.
    summary
        Plain numbers; JSON can hold it.
    left_out
        Places that an open word of the law leaves out.
    blocked
        Pairs of camera and sample that would meet the need but for something in between.
    missing
        What is demanded and cannot be judged, with the reason; see `find_missing`.
    withheld
        Cameras of which nothing may be said to be too much; see `findings.withheld`.
    looked
        Whether anybody said which cameras stand; if not, every gap is undetermined.
    barred
        Cameras that would cover something and are credited with nothing, for they stand inside a
        private place; see `find_barred`.
    """

    city: City
    rules: Rules
    cameras: gpd.GeoDataFrame
    heads: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    parts: gpd.GeoDataFrame
    samples: gpd.GeoDataFrame
    matrices: dict[str, CoverageMatrix]
    part_status: pd.DataFrame
    gaps: gpd.GeoDataFrame
    duplicates: gpd.GeoDataFrame
    overlaps: gpd.GeoDataFrame
    raster: CoverageRaster | None
    summary: dict[str, Any]
    left_out: gpd.GeoDataFrame
    blocked: pd.DataFrame
    missing: pd.DataFrame = field(default_factory=none_missing)
    withheld: pd.DataFrame = field(default_factory=none_withheld)
    looked: bool = True
    barred: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a person has to know of how the lists were read, what weighs most first."""
        return tuple(map(note_from_dict, self.summary.get("notes", ())))

    def __repr__(self) -> str:
        """Say how many cameras, places and parts there are, in which state, and what was found."""
        return self._overview().text()

    def _repr_html_(self) -> str:
        """Show the same beside a small map of the parts by status, for a notebook."""
        return self._overview().html()

    def explore(self, language: Language = DEFAULT_LANGUAGE, **more: Any) -> Any:
        """Return `maps.plan_map` of the result: a `folium.Map` that asks no network.

        `more` is what `maps.plan_map` takes besides: ``before``, ``camera``, ``hidden``.
        """
        return map_of("plan", "plan_map")(self, language, **more)

    def _overview(self) -> Overview:
        parts, zones = self.part_status["status"], self.zones
        built = {
            name: count
            for name, count in self.summary.get("cameras", {}).items()
            if isinstance(count, int | float)
        }
        looked, untold = not no_inventory(self), "cannot be told: no inventory was given"
        facts: dict[str, object] = {
            "cameras": f"{len(self.cameras):,}, with {len(self.heads):,} heads in all readings",
            "zones": f"{len(zones):,}; left out by an open word: {len(self.left_out):,}",
            "parts": f"{len(self.parts):,}: {joined(_count(parts)) or 'none judged'}",
            "missing": f"{len(self.missing):,} parts that are demanded and cannot be judged",
            "samples": len(self.samples),
            "gaps": (joined(_count(self.gaps["outcome"])) or 0) if looked else untold,
            "duplicates": joined(_count(self.duplicates["severity"])) or 0 if looked else untold,
            "overlaps": len(self.overlaps) if looked else untold,
            "raster": "none" if self.raster is None else repr(self.raster).strip("<>"),
            "rules": self.rules.versions,
            "notes": joined({str(one.title): one.count for one in self.notes}) or "none",
        }
        folds: dict[str, Mapping[str, object]] = {
            "summary['cameras']": built,
            "zones by item": _count(zones["pack"] + " " + zones["item"]),
            "parts by kind": _count(self.parts["kind"]),
            "notes": {str(k): sentence_of(one) for k, one in enumerate(self.notes, start=1)},
            "city.sources": {str(k): text for k, text in enumerate(self.city.sources, start=1)},
        }
        made_up = ", made up" if self.city.synthetic else ""
        title = f"CheckResult {self.city.name}{made_up}"
        return Overview(title, facts, folds, self._drawn)

    def _drawn(self) -> list[Drawn]:
        status = self.part_status["status"].reindex(self.parts.index)
        shapes = self.parts.geometry
        by_status = [
            Drawn(shapes[status.eq(name)], hue, hue, loud=True) for name, hue in HUES.items()
        ]
        rest = Drawn(shapes[~status.isin(list(HUES))], UNKNOWN, UNKNOWN, loud=True)
        ground = [houses(self.city.buildings.geometry), Drawn(self.cameras.geometry, INK)]
        return [*ground, rest, *by_status]


def unseen(
    city: City, rules: Rules, cameras: gpd.GeoDataFrame, heads: gpd.GeoDataFrame, demand: Demand
) -> CheckResult:
    """Return a result before any camera was looked through: where they hang, and listed places.

    Nothing is judged: it has neither parts nor findings, so that none of them has a state.
    """
    nothing = FINDINGS.empty(city.crs)
    return CheckResult(
        *(city, rules, cameras, heads, demand.zones, demand.parts.iloc[:0]),
        *(demand.samples.iloc[:0], {}, pd.DataFrame({"status": [], "built": []}, dtype=object)),
        *(nothing, nothing, nothing, None, {}, demand.left_out, pd.DataFrame()),
    )


COVERED, ASSUMED, GAP, NOT_JUDGED = STATES = ("covered", "assumed", "gap", "not_judged")
"""Covered for sure; only if an assumption holds; not covered; nobody can say."""

STATE_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        COVERED: N_("covered for sure"),
        ASSUMED: N_("covered only if an assumption holds"),
        GAP: N_("not covered"),
        NOT_JUDGED: N_("not judged"),
    }
)
"""The one name of each state, on every page; the four sum to what registers and map hold."""

WORSE: Final = (COVERED, ASSUMED, NOT_JUDGED, GAP)
"""The states by which a place is what its worst part is."""

OPEN_WORD: Final = "open_word"
"""Its measure leaves a place out of an open word of the law; nobody has decided that."""

NO_MEASURE: Final = "no_measure"
"""A measure that nobody recorded decides whether a place is of its class."""

OF_STATUS: Final = {"covered": COVERED, "assumed": ASSUMED, "possible": ASSUMED, "gap": GAP}
"""State of a part by its status."""


@once_for_each
def partition(result: CheckResult) -> Partition:
    """Put every place, part, camera and row into one state.

    Parameters
    ----------
    result
        What `check` found.

    Returns
    -------
    Partition
        A place is a gap if any part of it is; else not judged if any is not, or if nothing was
        found of it; else it holds on an assumption if any part does.
    """
    # Zone, kind, state and reason by part; also of parts that should be there.
    status, missing = result.part_status, result.missing.set_index("part_id")
    known = pd.DataFrame(
        {
            "zone_id": result.parts["zone_id"].reindex(status.index),
            "kind": result.parts["kind"].reindex(status.index),
            "state": status["status"].map(OF_STATUS),
            "reason": "",
        }
    )
    if no_inventory(result):
        known = known.assign(state=NOT_JUDGED, reason=NO_INVENTORY)
    unknown = missing[["zone_id", "kind", "reason"]].assign(state=NOT_JUDGED)
    parts = pd.concat([known, unknown[known.columns]]).sort_index().rename_axis("part_id")
    # By layer the rows that were read, kept, mended and refused, of all its imports.
    counts = ("read", "kept", "repaired", "rejected", "left_out", "divided")
    entries = [entry for entry in result.city.provenance if entry.how == "imported"]
    rows = [(entry.layer, *(getattr(entry, name) for name in counts)) for entry in entries]
    table = pd.DataFrame(rows, columns=["layer", *counts])
    return Partition(
        _places(result, parts),
        parts,
        _cameras(result),
        table.groupby("layer", sort=True)[list(counts)].sum(),
    )


def no_inventory(result: CheckResult) -> bool:
    """Tell whether nobody handed in an inventory; an empty one says that nothing stands."""
    return result.cameras.empty and not result.looked


def found_gaps(result: CheckResult) -> gpd.GeoDataFrame:
    """Return the gaps that were found: none where nobody said which cameras stand.

    What a plan has to close is `CheckResult.gaps` all the same.
    """
    return gpd.GeoDataFrame(result.gaps.iloc[:0]) if no_inventory(result) else result.gaps


def is_inventory_given(city: City, cameras: gpd.GeoDataFrame | None) -> bool:
    """Tell whether somebody said which cameras stand, be it that none does.

    A map of everything in which nobody has drawn a camera does not say so: of its source there are
    other layers too.
    """
    others = {entry.source for entry in city.provenance if entry.layer != "cameras"}
    return (cameras is not None or not city.cameras.empty) or any(
        entry.layer == "cameras"
        and (entry.how == "edited" or entry.read > 0 or entry.source not in others)
        for entry in city.provenance
    )


def is_presumed(parts: pd.DataFrame) -> pd.Series:
    """Tell which parts are gates that neither map nor list shows and nobody confirmed.

    Parameters
    ----------
    parts
        Table `model.PARTS`.
    """
    presumed: pd.Series = parts["how"].isin(PRESUMED) & ~parts["confirmed"].astype(bool)
    return presumed


def worst_of_places(
    places: pd.Index, zone_id: pd.Series, state: pd.Series, order: Sequence[str]
) -> pd.Series:
    """Return the state of each place: the worst of its parts; nobody can say it of one without any.

    Parameters
    ----------
    places
        Ids of the places.
    zone_id, state
        Place and state of each part.
    order
        The states, the best first; `NOT_JUDGED` is one of them.
    """
    rank = state.map({name: number for number, name in enumerate(order)})
    worst = rank.groupby(zone_id).max().reindex(places)
    return worst.fillna(order.index(NOT_JUDGED)).map(dict(enumerate(order))).astype(object)


def is_empty_by_word(city: City, layer: str) -> bool:
    """Tell whether somebody said that there is nothing of a layer.

    Somebody did by an empty list of it alone, or by taking its last row out by hand. A map of
    everything that shows none does not say so, nor does a list of which every row was refused.
    """
    entries = [entry for entry in city.provenance if entry.layer == layer]
    others = {entry.source for entry in city.provenance if entry.layer != layer}
    return any(
        entry.how == "edited" or (entry.read == 0 and entry.source not in others)
        for entry in entries[-1:]
    )


def find_unseen(result: CheckResult, looks: Iterable[Look]) -> tuple[str, ...]:
    """Return the layers and columns in which nothing is to be seen, and nobody says why.

    A layer of which somebody handed in an empty list was looked at: there is none.
    """
    names = (name for look in looks for name in _lacks(result, look))
    return tuple(dict.fromkeys(names))


def _lacks(result: CheckResult, look: Look) -> list[str]:
    of_cameras = look.layer == "cameras"
    table = result.cameras if of_cameras else getattr(result.city, look.layer)
    if table.empty:
        told = result.looked if of_cameras else is_empty_by_word(result.city, look.layer)
        return [] if look.beside or told else [look.layer]
    silent = [group[0] for group in look.columns if not any(map(partial(_is_stated, table), group))]
    silent += [
        own for own, more in look.full if not (_is_stated(table, more) or _is_full(table, own))
    ]
    return [f"{look.layer}.{name}" for name in silent]


def _is_stated(table: pd.DataFrame, column: str) -> bool:
    """Tell whether a column says anything in any row; a name alone does not say what a thing is."""
    if column not in table:
        return False
    values = table[column].dropna()
    if column == "tags":
        return any(set(tags) - {"name"} for tags in values)
    return not values.isin([*NAMELESS, GUESSED]).all()


def _is_full(table: pd.DataFrame, column: str) -> bool:
    """Tell whether a column says something in every row."""
    return column in table and not table[column].fillna("").isin(NAMELESS).any()


def _places(result: CheckResult, parts: pd.DataFrame) -> pd.DataFrame:
    """Return name, class, standing, state and reasons by place, left-out ones included."""
    columns = ["pack", "item", "name", "standing"]
    open_ = parts[parts["state"].eq(NOT_JUDGED)]
    reasons = open_.groupby("zone_id")["reason"].agg(lambda all_: tuple(sorted(set(all_))))
    judged = pd.DataFrame(result.zones[columns]).assign(
        state=worst_of_places(result.zones.index, parts["zone_id"], parts["state"], WORSE),
        reasons=[reasons.get(zone, ()) for zone in result.zones.index],
    )
    out = pd.DataFrame(result.left_out)
    laws = result.zones.groupby("place_id")["pack"].agg(set)
    of_other = [
        bool(laws.get(place, set()) - {pack})
        for place, pack in zip(out["place_id"], out["pack"], strict=True)
    ]
    out = out[~np.array(of_other, bool)]  # a place of one law stands once, whatever another says
    left = out[["pack", "item", "name"]].assign(
        standing="candidate",
        state=NOT_JUDGED,
        reasons=[(NO_MEASURE if bare else OPEN_WORD,) for bare in out["value"].isna()],
    )
    left.index = possible_labels(out)
    return pd.concat([judged, left[judged.columns]]).rename_axis("place_id")


def _cameras(result: CheckResult) -> pd.DataFrame:
    """Return by camera whether it was judged, and why not."""
    cameras = result.cameras
    seeing = cameras.index.isin(result.heads["camera_id"])
    judged = is_in_use(cameras) & seeing
    placed = cameras.get("placed", pd.Series("kept", cameras.index))
    reason = np.select(
        [
            judged,
            cameras["status"].eq("removed"),
            ~placed.isin(["kept", "moved"]),
            ~is_in_use(cameras),
        ],
        ["", "removed", cameras.get("reason", placed), "out_of_use"],
        "no_view",
    )
    return pd.DataFrame({"judged": judged, "reason": reason}, index=cameras.index)


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Everything there is, by state.

    Parameters
    ----------
    places
        By place: ``pack``, ``item``, ``name``, ``standing``, ``state`` (one of `STATES`) and
        ``reasons`` (why it was not judged). A place of several laws stands once.
    parts
        By part, also those that should be there: ``zone_id``, ``kind``, ``state``, ``reason``.
    cameras
        By camera: ``judged`` and ``reason``.
    layers
        By layer of the project: rows ``read``, ``kept``, ``repaired``, ``rejected``, ``left_out``
        for a named reason, and ``divided``: added where one of the source is several things.
    """

    places: pd.DataFrame
    parts: pd.DataFrame
    cameras: pd.DataFrame
    layers: pd.DataFrame

    def counts(self) -> dict[str, Any]:
        """Return the numbers as plain values, each state beside the sum of all."""
        of_places = [reason for reasons in self.places["reasons"] for reason in reasons]
        unjudged = self.cameras[~self.cameras["judged"]]
        return {
            "places": _by_state(self.places["state"]) | {"reasons": _count(of_places)},
            "parts": _by_state(self.parts["state"])
            | {"reasons": _count(self.parts["reason"][self.parts["reason"].ne("")])},
            "cameras": {
                "count": len(self.cameras),
                "judged": len(self.cameras) - len(unjudged),
                NOT_JUDGED: len(unjudged),
                "reasons": _count(unjudged["reason"]),
            },
            "rows": {name: int(total) for name, total in self.layers.sum().items()},
        }


def _by_state(state: pd.Series) -> dict[str, int]:
    return {"count": len(state)} | {name: int(state.eq(name).sum()) for name in STATES}


def _count(values: Any) -> dict[str, int]:
    counts = pd.Series(list(values), dtype=object).value_counts().sort_index()
    return {str(name): int(count) for name, count in counts.items()}
