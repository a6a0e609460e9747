"""The figures of a report: what is counted, side by side in three columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from civicsight.coverage.demand.asked import in_class
from civicsight.coverage.findings.camera_set import UNBUILT
from civicsight.presentation.names import direction_of_cameras, shown_parts, status_of_parts

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult


RECORD: Final = ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "width_px")
"""Figures that make the record of a camera complete."""


def count_statuses(status: Iterable[str]) -> Statuses:
    """Count parts by status."""
    count = Counter(status)
    return Statuses(
        count["covered"], count["assumed"], count["possible"], count["gap"], count["unknown"]
    )


def count_parts(result: CheckResult) -> Statuses:
    """Count all parts that are demanded, also those of which no ground was found."""
    return count_statuses([*status_of_parts(result), *("unknown" for _ in _lacking(result))])


def _lacking(result: CheckResult) -> pd.Series:
    """Return the place of each part that should be there and of which nothing was found."""
    missing = result.missing
    return missing["zone_id"][~missing["part_id"].isin(result.parts.index)]


def count_classes(result: CheckResult) -> list[ClassCount]:
    """Count every class of every law, also those of which nothing was found.

    Classes come in the order of their law, those of laws that demand by themselves first. A place
    of several laws is in a class of each; within one law it is counted as the law has it. Places
    that only an open word of the law leaves out are counted too, and parts that could not be found.
    """
    status, lacking, left = status_of_parts(result), _lacking(result), result.left_out
    demanding = result.rules.demanding
    packs = sorted(result.rules.packs, key=lambda pack: pack.id not in demanding)
    rows = []
    for zone_class in (zone for pack in packs for zone in pack.zones):
        own = result.zones[in_class(result.zones, zone_class.pack, zone_class.id)]
        mine = in_class(result.parts, zone_class.pack, zone_class.id)
        open_ = int((left["pack"].eq(zone_class.pack) & left["item"].eq(zone_class.id)).sum())
        settled = int(own["standing"].isin(["designated", "confirmed"]).sum())
        unfound = int(lacking.isin(own.index).sum())
        counts = count_statuses([*status[mine], *["unknown"] * unfound])
        rows.append(ClassCount(zone_class.pack, zone_class.id, len(own) + open_, settled, counts))
    return rows


def count_duplicates(duplicates: gpd.GeoDataFrame) -> list[DoubleCount]:
    """Count duplicates, twins and pairs of unknown direction, those of planned cameras apart."""
    sure = duplicates["readings"].map(lambda readings: "sure" in (readings or ())).astype(bool)
    of_planned = duplicates["evidence"].map(
        lambda evidence: (evidence or {}).get("camera_status") in UNBUILT
    )
    out = []
    for kind in ("duplicate", "twin", "near"):
        own = duplicates["kind"] == kind
        for planned in (True, False):
            mine = own & (of_planned.astype(bool) == planned)
            out.append(
                DoubleCount(kind, planned, int((mine & sure).sum()), int((mine & ~sure).sum()))
            )
    return out


def count_missing(result: CheckResult, among: Iterable[str] | None = None) -> dict[str, int]:
    """Count by figure of the record how many cameras lack it, of those that count.

    Parameters
    ----------
    result
        What `check` found; a camera whose record is complete lacks nothing.
    among
        Labels of the cameras that are meant; by default all.
    """
    state = direction_of_cameras(result)
    open_ = state.index[state.isin(["assumed", "unknown"])]
    asked = open_ if among is None else open_.intersection(list(among))
    cameras = result.cameras.loc[asked]
    return {name: int(cameras[name].isna().sum()) for name in RECORD}


def count_data(result: CheckResult) -> DataCount:
    """Count what the figures stand on."""
    direction = direction_of_cameras(result).value_counts()
    shift = result.heads.groupby("camera_id")["shift_m"].max()
    buildings, parts, zones = result.city.buildings, result.parts, result.zones
    return DataCount(
        cameras=len(result.cameras),
        unused=int(direction.get("unused", 0)),
        direction_sure=int(direction.get("sure", 0)),
        direction_assumed=int(direction.get("assumed", 0)),
        direction_unknown=int(direction.get("unknown", 0)),
        missing=count_missing(result),
        moved=int((shift > 0.0).sum()),
        moved_most_m=float(shift.max()) if len(shift) else 0.0,
        buildings=len(buildings),
        heights_assumed=int(buildings["height_assumed"].sum()),
        places=len(zones),
        candidates=int((zones["standing"] == "candidate").sum()),
        parts=len(parts),
        inferred=int(parts["inferred"].sum()),
        unbuilt=int(shown_parts(result).eq("unbuilt").sum()),
    )


def count_grounds(findings: gpd.GeoDataFrame) -> list[tuple[str, int]]:
    """Count undecided findings by what each of them hangs on, the most frequent first."""
    undecided = findings[findings["outcome"] == "undetermined"]
    count = Counter(name for names in undecided["assumptions"] for name in set(names or ()))
    return sorted(count.items(), key=lambda entry: (-entry[1], entry[0]))


def all_findings(result: CheckResult) -> gpd.GeoDataFrame:
    """Return gaps and duplicates in one table, gaps first, each in its own order of rank."""
    frames = [frame for frame in (result.gaps, result.duplicates) if len(frame)]
    return pd.concat(frames) if frames else result.gaps


@dataclass(frozen=True, slots=True)
class Statuses:
    """How many parts stand how."""

    covered: int
    assumed: int
    possible: int
    gap: int
    unknown: int

    @property
    def undecided(self) -> int:
        """Parts that are covered only if something holds that is not on record."""
        return self.assumed + self.possible

    @property
    def judged(self) -> int:
        """Parts that could be judged; the three columns add up to them."""
        return self.covered + self.undecided + self.gap

    @property
    def total(self) -> int:
        """All parts."""
        return self.covered + self.undecided + self.gap + self.unknown


@dataclass(frozen=True, slots=True)
class ClassCount:
    """One class of places: how many there are, how many are settled, how their parts stand."""

    pack: str
    item: str
    places: int
    settled: int
    statuses: Statuses


@dataclass(frozen=True, slots=True)
class DoubleCount:
    """How many planned or existing cameras double others: for sure, and only if assumed."""

    kind: str
    planned: bool
    sure: int
    assumed: int


@dataclass(frozen=True, slots=True)
class DataCount:
    """What the figures stand on, all counts but `moved_most_m` [m]."""

    cameras: int
    unused: int
    direction_sure: int
    direction_assumed: int
    direction_unknown: int
    missing: Mapping[str, int]
    moved: int
    moved_most_m: float
    buildings: int
    heights_assumed: int
    places: int
    candidates: int
    parts: int
    inferred: int
    unbuilt: int
