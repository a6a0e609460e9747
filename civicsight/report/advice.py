"""What the page says first: the headline, and what to do next, with names."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from civicsight.core.errors import N_, Text
from civicsight.coverage.result import OPEN_WORD, partition, presumed_gates
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import BLOCKER, Names, direction_of_cameras
from civicsight.presentation.numbers import count_missing

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.presentation.numbers import DataCount, Statuses


def write_headline(counts: Statuses, data: DataCount) -> Text:
    """Say in a sentence how many gates are covered for sure, and how many of them not yet."""
    if not data.places:
        return N_("No mandatory place was found in the data, so nothing could be compared.")
    if not counts.judged:
        return N_(
            "Of %(places)s places that were found, no gate or key part could be judged.",
            places=number(data.places),
        )
    values = {
        "cameras": number(data.cameras - data.unused),
        "covered": number(counts.covered),
        "total": number(counts.total),
        "unbuilt": number(data.unbuilt),
    }
    candidates = data.candidates == data.places
    if data.unbuilt and candidates:
        return N_(
            "For sure, %(cameras)s cameras cover %(covered)s of %(total)s gates and key parts "
            "of candidate places, %(unbuilt)s of them only once planned cameras are built.",
            **values,
        )
    if data.unbuilt:
        return N_(
            "For sure, %(cameras)s cameras cover %(covered)s of %(total)s gates and key parts "
            "of mandatory places, %(unbuilt)s of them only once planned cameras are built.",
            **values,
        )
    if candidates:
        return N_(
            "For sure, %(cameras)s cameras cover %(covered)s of %(total)s gates and key parts "
            "of candidate places.",
            **values,
        )
    return N_(
        "For sure, %(cameras)s cameras cover %(covered)s of %(total)s gates and key parts "
        "of mandatory places.",
        **values,
    )


def list_steps(result: CheckResult, names: Names, counts: Statuses, data: DataCount) -> list[Text]:
    """Say what to do first: settle the places, go through the gaps, then record and measure."""
    if not data.places:
        return [N_("Give a register of mandatory places, or map data that hold them.")]
    steps = []
    if data.candidates == data.places:
        settle = N_(
            "Settle which of the %(places)s candidate places are mandatory, by a register of "
            "the authority; until then no gap is more than a warning.",
            places=number(data.places),
        )
        steps.append(settle)
    if counts.gap:
        close = N_(
            "Go through the %(gap)s gaps below; each names what stands in the way and which "
            "camera could help.",
            gap=number(counts.gap),
        )
        steps.append(close)
    reasons = partition(result).places["reasons"]
    unjudged = int(reasons.map(lambda own: bool(set(own) - {OPEN_WORD})).sum())
    presumed = presumed_gates(result)
    if unjudged:
        settle = N_(
            "Settle what %(places)s places lack that were not judged; each reason says what would.",
            places=number(unjudged),
        )
        steps.append(settle)
    if presumed:
        lists = N_(
            "List or confirm %(gates)s gates that are only presumed: each may save a camera.",
            gates=number(presumed),
        )
        steps.append(lists)
    steps += _facts_to_find(result, names)
    if counts.undecided and len(steps) == 0:
        settle = N_(
            "Settle the %(undecided)s undecided ones; each says what it hangs on.",
            undecided=number(counts.undecided),
        )
        steps.append(settle)
    return steps


def _facts_to_find(result: CheckResult, names: Names) -> list[Text]:
    """Name the cameras to record and the buildings to measure, those that settle most first."""
    gaps = result.gaps[result.gaps["outcome"] == "undetermined"]
    cameras, hang = _cameras_to_record(result, gaps)
    steps = []
    if cameras:
        record = N_(
            "Complete the records of these cameras (%(count)s): %(cameras)s. Lacking: height "
            "%(height_m)s, direction %(azimuth_deg)s, tilt %(tilt_deg)s, field of view "
            "%(hfov_deg)s, pixels %(width_px)s. Gates and key parts that hang on it: %(parts)s.",
            count=number(len(cameras)),
            **{name: number(n) for name, n in count_missing(result, cameras).items()},
            cameras=names.listed(cameras, names.cameras),
            parts=number(hang),
        )
        steps.append(record)
    buildings, hang = _buildings_to_measure(result, gaps)
    if buildings:
        measure = N_(
            "Measure how high these buildings are (%(count)s): %(buildings)s. Gates and key parts "
            "that hang on it: %(parts)s.",
            count=number(len(buildings)),
            buildings=names.obstacles_in(buildings),
            parts=number(hang),
        )
        steps.append(measure)
    return steps


def _cameras_to_record(result: CheckResult, gaps: gpd.GeoDataFrame) -> tuple[list[str], int]:
    """Return cameras without a complete record on which parts hang, and how many parts."""
    direction = direction_of_cameras(result)
    blind = set(direction.index[direction.isin(["assumed", "unknown"])].astype(str))
    hanging = [_texts(row, "cameras") & blind for row in gaps["evidence"]]
    return _most_frequent(hanging)


def _buildings_to_measure(result: CheckResult, gaps: gpd.GeoDataFrame) -> tuple[list[str], int]:
    """Return labels of buildings of assumed height on which parts hang, and how many parts."""
    buildings = result.city.buildings
    assumed = set(buildings.index[buildings["height_assumed"].astype(bool)].astype(str))
    by_height = (
        evidence
        for evidence, grounds in zip(gaps["evidence"], gaps["assumptions"], strict=True)
        if "building_height" in (grounds or ())
    )
    hanging = [
        {label for label in _texts(row, "blockers") if _is_building(label, assumed)}
        for row in by_height
    ]
    return _most_frequent(hanging)


def _is_building(label: str, among: set[str]) -> bool:
    match = BLOCKER.fullmatch(label)
    return match is not None and match.group(1) == "building" and match.group(2) in among


def _texts(evidence: dict[str, Any], key: str) -> set[str]:
    return {str(value) for value in evidence.get(key) or ()}


def _most_frequent(hanging: list[set[str]]) -> tuple[list[str], int]:
    count = Counter(label for labels in hanging for label in labels)
    ranked = sorted(count, key=lambda label: (-count[label], label))
    return ranked, sum(bool(labels) for labels in hanging)
