"""A result in a few lines: the headline, what to do first, and what a terminal shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.core.i18n import Language
from civicsight.coverage.result import STATES, no_inventory
from civicsight.coverage.standing import direction_of_cameras
from civicsight.planning.statement.figures import (
    DOUBLE_TEXTS,
    RECORD,
    Figures,
    classes_in,
    count_missing,
    doubles_asked,
    figures_of_check,
)
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import BLOCKER, Names, name_all
from civicsight.report.licence import MADE_UP, describe_law
from civicsight.report.partition import WAYS, beside_headline, describe_double, describe_judged

AT_NIGHT: Final = N_("Checked at night: every view ends where the light of its own camera does.")

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult


def brief_result(result: CheckResult, language: Language) -> Brief:
    """Put a result into words and small tables."""
    names = name_all(result, language)
    translate = names.translate
    judged = describe_judged(result)
    found = figures_of_check(result)
    columns = (translate(N_("for sure")), translate(N_("only if an assumption holds")))
    asked = doubles_asked(result.rules)
    rows = tuple(
        (
            translate(label),
            *(describe_double(found, f"doubles.{kind}.{way}", translate) for way in WAYS),
        )
        for kind, label in DOUBLE_TEXTS.items()
        if kind in asked
    )
    counted = ("places", "parts", *STATES)
    classes = [
        (
            names.class_of(one.pack, one.id),
            *(f"{found[f'class.{one.pack}.{one.id}.{name}']}" for name in counted),
        )
        for one in classes_in(result.rules)
    ]
    headings = (
        translate(N_("Class of places")),
        translate(N_("Places")),
        translate(N_("Gates and key parts")),
        *(translate(text) for text in judged.headings[:4]),
    )
    facts = tuple(translate(text) for text in (*judged.sentences, *_facts(result, found)))
    said = ((MADE_UP, result.city.synthetic), (AT_NIGHT, result.summary.get("night", False)))
    notes = tuple(translate(text) for text, holds in said if holds)
    notes += tuple(translate(text) for text in describe_law(result.city, result.rules, language))
    notes += tuple(translate(text) for text in beside_headline(result))
    states = tuple(translate(text) for text in judged.headings)
    stand = tuple((translate(label), *figures) for label, figures in judged.rows)
    return Brief(
        result.city.name, states, stand, columns, rows, headings, tuple(classes), facts, notes
    )


def _facts(result: CheckResult, found: Figures) -> tuple[Text, ...]:
    coming = N_(
        "Of those covered for sure, %(unbuilt)s only once planned or approved cameras are built.",
        unbuilt=found["data.unbuilt"],
    )
    cameras = (
        N_(
            "Cameras: %(read)s read, %(unused)s of them not counted (indoors, out of use, "
            "removed); %(moved)s moved off a wall, by %(most)s m at most.",
            read=found["cameras.count"],
            unused=found["data.unused"],
            moved=found["data.moved"],
            most=metres_moved(found),
        ),
        N_(
            "Records of cameras: %(sure)s complete, %(assumed)s with a view assumed in part, "
            "%(unknown)s of unknown direction. Lacking: height %(height_m)s, direction "
            "%(azimuth_deg)s, tilt %(tilt_deg)s, field of view %(hfov_deg)s, pixels %(width_px)s.",
            **{name: found[f"data.direction_{name}"] for name in ("sure", "assumed", "unknown")},
            **{name: found[f"data.missing.{name}"] for name in RECORD},
        ),
    )
    return (
        *((coming,) if found.of("data.unbuilt") else ()),
        *(() if no_inventory(result) else cameras),
        N_(
            "Buildings: %(count)s, the height of %(assumed)s (%(share)s) is assumed.",
            count=found["data.buildings"],
            assumed=found["data.heights_assumed"],
            share=found["data.heights_assumed.share"],
        ),
        N_(
            "Places: %(places)s, %(candidates)s of them candidates from map data; "
            "%(inferred)s of %(parts)s gates and key parts inferred.",
            places=found["places.count.before"],
            candidates=found["data.candidates"],
            inferred=found["data.inferred"],
            parts=found["parts.count.before"],
        ),
    )


def metres_moved(found: Figures) -> str:
    """Return by how much a camera was moved at most [m], with a decimal."""
    return found["data.moved_most_m"].written(lambda metres: number(metres, 1))


@dataclass(frozen=True, slots=True)
class Brief:
    """A result in one language.

    Parameters
    ----------
    name
        The city.
    states, stand
        The four states and all, and how places, gates and key parts stand: a label with five
        figures a row.
    columns, rows
        How sure it is, and a label with a figure each, of cameras that others stand in for.
    class_columns, classes
        Headings and rows of the table of Article 8.
    facts
        Sentences about the data.
    notes
        What must be said first.
    """

    name: str
    states: tuple[str, ...]
    stand: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    class_columns: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    facts: tuple[str, ...]
    notes: tuple[str, ...]


def write_headline(found: Figures) -> Text:
    """Say in a sentence how many gates are covered for sure, and how many of them not yet."""
    if not found.of("data.places"):
        return N_("No mandatory place was found in the data, so nothing could be compared.")
    if found.of("parts.count.before") == found.of("parts.not_judged.before"):
        return N_(
            "Of %(places)s places that were found, no gate or key part could be judged.",
            places=found["data.places"],
        )
    values = {
        "cameras": found["cameras.seeing"],
        "covered": found["parts.covered.before"],
        "total": found["parts.count.before"],
        "unbuilt": found["data.unbuilt"],
    }
    unbuilt, candidates = found.of("data.unbuilt"), not found.of("data.settled")
    if unbuilt and candidates:
        return N_(
            "For sure, %(cameras)s cameras cover %(covered)s of %(total)s gates and key parts "
            "of candidate places, %(unbuilt)s of them only once planned cameras are built.",
            **values,
        )
    if unbuilt:
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


def list_steps(result: CheckResult, names: Names, found: Figures) -> list[Text]:
    """Say what to do first: settle the places, go through the gaps, then record and measure."""
    if not found.of("data.places"):
        return [N_("Give a register of mandatory places, or map data that hold them.")]
    steps = []
    if not found.of("data.settled"):
        settle = N_(
            "Settle which of the %(places)s candidate places are mandatory, by a register of "
            "the authority; until then no gap is more than a warning.",
            places=found["data.candidates"],
        )
        steps.append(settle)
    if found.of("parts.gap.before"):
        close = N_(
            "Go through the %(gap)s gaps below; each names what stands in the way and which "
            "camera could help.",
            gap=found["parts.gap.before"],
        )
        steps.append(close)
    presumed = found["gates.presumed"]
    if found.of("places.unsettled"):
        settle = N_(
            "Settle what %(places)s places lack that were not judged; each reason says what would.",
            places=found["places.unsettled"],
        )
        steps.append(settle)
    if presumed.value:
        lists = N_(
            "List or confirm %(gates)s gates that are only presumed: each may save a camera.",
            gates=presumed,
        )
        steps.append(lists)
    steps += _facts_to_find(result, names)
    if found.of("parts.assumed.before") and not steps:
        settle = N_(
            "Settle the %(undecided)s undecided ones; each says what it depends on.",
            undecided=found["parts.assumed.before"],
        )
        steps.append(settle)
    return steps


def _facts_to_find(result: CheckResult, names: Names) -> list[Text]:
    """Name the cameras to record and the buildings to measure, those that settle most first."""
    gaps = result.gaps[result.gaps["outcome"] == "undetermined"]
    pairs = hanging_on_records(result)
    hanging = pairs.groupby("part_id")["camera_id"].agg(set)
    cameras, hang = _most_frequent(list(hanging))
    steps = []
    if cameras:
        record = N_(
            "Complete the records of these cameras (%(count)s): %(cameras)s. Lacking: height "
            "%(height_m)s, direction %(azimuth_deg)s, tilt %(tilt_deg)s, field of view "
            "%(hfov_deg)s, pixels %(width_px)s. Gates and key parts that depend on these records: "
            "%(parts)s.",
            count=keyed("data.to_record", number(len(cameras))),
            **{
                name: keyed(f"data.to_record.{name}", number(n))
                for name, n in count_missing(result, cameras).items()
            },
            cameras=names.listed(cameras, names.cameras),
            parts=keyed("data.to_record.parts", number(hang)),
        )
        steps.append(record)
    buildings, hang = _buildings_to_measure(result, gaps)
    if buildings:
        measure = N_(
            "Measure how high these buildings are (%(count)s): %(buildings)s. Gates and key parts "
            "that depend on these heights: %(parts)s.",
            count=keyed("data.to_measure", number(len(buildings))),
            buildings=names.obstacles_in(buildings),
            parts=keyed("data.to_measure.parts", number(hang)),
        )
        steps.append(measure)
    return steps


def hanging_on_records(result: CheckResult) -> pd.DataFrame:
    """Return pairs of a camera without a complete record, and a part that hangs on it.

    Columns ``camera_id`` and ``part_id``; a part hangs on each of the cameras that cover it only
    if something holds that nobody recorded.
    """
    direction = direction_of_cameras(result)
    blind = set(direction.index[direction.isin(["assumed", "unknown"])].astype(str))
    gaps = result.gaps[result.gaps["outcome"] == "undetermined"]
    pairs = [
        (label, str(part))
        for part, evidence in zip(gaps["subject"], gaps["evidence"], strict=True)
        for label in sorted(_texts(evidence, "cameras") & blind)
    ]
    return pd.DataFrame(pairs, columns=["camera_id", "part_id"], dtype=object)


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
