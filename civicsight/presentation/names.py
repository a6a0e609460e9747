"""What a person reads about one camera, place, part or finding: a title, and rows of facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, pick, translate
from civicsight.coverage.demand.asked import possible_labels
from civicsight.coverage.findings.evidence import GROUNDS
from civicsight.coverage.result import no_inventory
from civicsight.model import NEED
from civicsight.presentation.lexicon import (
    CAMERA_KINDS,
    CAMERA_STATES,
    MOUNTS,
    PART_KINDS,
    STANDINGS,
    UNUSED_REASONS,
    number,
    share,
    word,
)
from civicsight.presentation.symbols import CAMERA_LABELS, PART_LABELS, STATUS_LABELS
from civicsight.rules.criteria import BY_KIND, DETECTED_PX_M, PIXEL_DENSITY, criterion_of

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.rules import Rules

Facts = list[tuple[str, str]]

ALL_ROUND_DEG = 300.0
"""A single head that sees more than this has no direction worth drawing."""

LISTED = 6
"""So many names of a longer list are written out."""

BLOCKER = re.compile(r"(building|obstacle|canopy) (\S+)(?: \((.*)\))?", flags=re.DOTALL)
"""Label of a feature that hides a sample: layer, id, and its name if it has one."""

OBSTACLE_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "building": N_("building %(id)s"),
        "obstacle": N_("obstacle %(id)s"),
        "canopy": N_("tree %(id)s"),
        "ground": N_("rising ground"),
        "canopies": N_("trees"),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """What everything is called in one language.

    Parameters
    ----------
    language
        Language of all texts.
    rules
        Packs, for the names of classes and profiles.
    cameras, zones, parts
        Name by id.
    """

    language: Language
    rules: Rules
    cameras: Mapping[str, str]
    zones: Mapping[str, str]
    parts: Mapping[str, str]

    def say(self, text: Text) -> str:
        """Render a sentence."""
        return translate(text, self.language)

    def class_of(self, pack: str, item: str) -> str:
        """Return an item of Article 8 with its name."""
        return f"{item} {pick(dict(self.rules.zone_class(pack, item).label), self.language)}"

    def classes_of(self, zone: Any) -> str:
        """Return the classes of a place in all laws, that of the law which demands it first."""
        found = dict.fromkeys(
            self.class_of(entry[0], entry[1]) for entry in getattr(zone, "classes", ()) or ()
        )
        return self.say(N_("; ")).join(found or [self.class_of(zone.pack, zone.item)])

    def profile(self, pack: str, name: str) -> str:
        """Return the name of a capture profile."""
        return pick(dict(self.rules.profile(pack, name).label), self.language)

    def listed(self, ids: Iterable[object] | None, names: Mapping[str, str]) -> str:
        """Join names, a long list cut short."""
        found = [names.get(str(label), str(label)) for label in _or_none(ids)]
        if len(found) > LISTED:
            more = self.say(N_("and %(count)s more", count=len(found) - LISTED))
            found = [*found[:LISTED], more]
        return self.say(N_(", ")).join(found)

    def obstacles_in(self, labels: Iterable[object]) -> str:
        """Join the labels of what stands in the way, as `coverage.findings.status` writes them."""
        return self.listed([_obstacle(str(label), self) for label in labels], {})

    def ground(self, code: object) -> str:
        """Spell out one thing that a head or a finding stands on."""
        return self.say(GROUNDS[str(code)]) if str(code) in GROUNDS else str(code)

    def grounds(self, codes: Iterable[object] | None) -> str:
        """Spell out what a head or a finding stands on."""
        return self.say(N_("; ")).join(self.ground(code) for code in _or_none(codes))


def name_all(result: CheckResult, language: Language) -> Names:
    """Find a name for everything that a report may mention."""
    zones = {
        label: row.name_
        or translate(N_("unnamed place %(id)s", id=row.place_id or label), language)
        for label, row in _named(result.zones)
    }
    left = result.left_out.set_axis(possible_labels(result.left_out))
    zones |= {
        label: row.name_ or translate(N_("unnamed place %(id)s", id=row.place_id), language)
        for label, row in _named(left)
    }
    numbers = _numbers(result.parts)
    parts = {
        label: _part_name(row, zones, numbers[label], language)
        for label, row in _named(result.parts)
    }
    cameras = {
        label: row.name_ or translate(N_("camera %(id)s", id=label), language)
        for label, row in _named(result.cameras)
    }
    return Names(language, result.rules, cameras, zones, parts)


def _named(frame: pd.DataFrame) -> list[tuple[str, Any]]:
    """Return the rows of a table with their ids; `name` is taken by pandas' own tuples."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    plain = plain.rename(columns={"name": "name_"})
    names = plain.get("name_", pd.Series(None, plain.index, dtype=object))
    plain["name_"] = [name if isinstance(name, str) else "" for name in names]
    rows = plain.itertuples(index=False)
    return list(zip(plain.index.astype(str), rows, strict=True))


def _numbers(parts: pd.DataFrame) -> dict[str, int]:
    """Count through the parts of one kind of each place; 0 where there is only one."""
    groups = parts.groupby(["zone_id", "kind"], sort=False)
    counted = groups.cumcount() + 1
    alone = groups["kind"].transform("size") == 1
    return dict(zip(parts.index.astype(str), np.where(alone, 0, counted).tolist(), strict=True))


def _part_name(row: Any, zones: Mapping[str, str], count: int, language: Language) -> str:
    own = word(PART_KINDS, row.kind, language)
    if count:
        own = f"{own} {count}"
    place = zones.get(str(row.zone_id), str(row.zone_id))
    if row.name_ and row.name_ != place and place in row.name_:
        return str(row.name_)
    if row.name_ and row.name_ != place:
        own = translate(N_("%(part)s (%(name)s)", part=own, name=row.name_), language)
    return translate(N_("%(place)s: %(part)s", place=place, part=own), language)


def direction_of_cameras(result: CheckResult) -> pd.Series:
    """Return ``sure``, ``assumed`` or ``unknown`` for each camera: how its direction is known.

    Unknown are cameras of which not even an assumption gives a direction: without an assumed
    head, or with heads that look all round because nothing says where they look. A camera without
    any head does not count, whatever its record says: it is ``unused``.
    """
    return directions_of(result.heads, result.cameras.index)


def directions_of(heads: pd.DataFrame, cameras: pd.Index) -> pd.Series:
    """Return how the direction of each camera is known; see `direction_of_cameras`."""
    aimed = heads[(heads["hfov_deg"] < ALL_ROUND_DEG)]
    assumed = set(aimed.loc[aimed["reading"] == "assumed", "camera_id"])
    sure = set(heads.loc[heads["reading"] == "sure", "camera_id"])
    used = set(heads["camera_id"])
    known = [
        "sure"
        if label in sure
        else "assumed"
        if label in assumed
        else "unknown"
        if label in used
        else "unused"
        for label in cameras
    ]
    return pd.Series(known, index=cameras, dtype=object)


def status_of_parts(result: CheckResult) -> pd.Series:
    """Return the status of each part, ``unknown`` where it could not be judged."""
    if no_inventory(result):
        return pd.Series("unknown", result.parts.index, dtype=object)
    status = result.part_status["status"].reindex(result.parts.index)
    return status.where(status.isin(list(STATUS_LABELS)), "unknown").astype(object)


def shown_parts(result: CheckResult) -> pd.Series:
    """Return the status of each part, ``unbuilt`` where only cameras to come cover it for sure."""
    status = status_of_parts(result)
    built = result.part_status["built"].reindex(result.parts.index)
    coming = ~built.fillna(value=False).astype(bool)
    return status.mask(status.eq("covered") & coming, "unbuilt")


def judge_parts(result: CheckResult) -> Any:
    """Return the parts with what was found about each; a column of both is taken from the parts."""
    more = result.part_status.columns.difference(result.parts.columns, sort=False)
    judged = result.parts.join(result.part_status[more])
    judged["status"] = status_of_parts(result)
    return with_class_names(judged)


def with_class_names(rows: Any) -> Any:
    """Return places or parts with their classes as a person writes them: law, then item."""
    if "classes" not in rows.columns:
        return rows
    named = [tuple(" ".join(entry[:2]) for entry in classes) for classes in rows["classes"]]
    return rows.assign(classes=pd.Series(named, rows.index, dtype=object))


def camera_facts(result: CheckResult, names: Names) -> list[Facts]:
    """Describe each camera, in the order of the table."""
    say = names.say
    direction = direction_of_cameras(result)
    heads = result.heads
    believed = heads[heads["reading"] == "assumed"]
    grounds = believed.groupby("camera_id")["assumptions"].first().to_dict()
    shift = heads.groupby("camera_id")["shift_m"].max().to_dict()
    out = []
    for label, row in _named(result.cameras):
        kind = word(CAMERA_KINDS, row.kind or "unknown", names.language)
        mount = word(MOUNTS, row.mount or "unknown", names.language)
        facts = [
            (say(N_("Number")), label),
            (say(N_("Build")), f"{kind} / {mount}"),
            (say(N_("State")), word(CAMERA_STATES, row.status, names.language)),
            (say(N_("Not counted")), _why_unused(row, direction[label], names)),
            (say(N_("Direction")), _direction(row.azimuth_deg, direction[label], names)),
            (say(N_("Height")), f"{number(row.height_m, 1)} m"),
            (say(N_("Judged by")), _criterion(row, names)),
            (say(N_("Assumed")), names.grounds(grounds.get(label))),
        ]
        if shift.get(label, 0.0) > 0.0:
            facts.append((say(N_("Moved off a wall by")), f"{number(shift[label], 1)} m"))
        out.append(_filled(facts))
    return out


def _direction(azimuth: float, known: str, names: Names) -> str:
    if np.isfinite(azimuth):
        return f"{number(azimuth)}°"
    return names.say(CAMERA_LABELS["unknown" if known == "unused" else known])


def _criterion(row: Any, names: Names) -> str:
    """Say by which range a camera is judged; empty for one that is judged by its pixels."""
    criterion = criterion_of(row.kind)
    if criterion is PIXEL_DENSITY:
        return ""
    stated = getattr(row, criterion.column)
    return names.say(
        criterion.say(number(stated)) if np.isfinite(stated) else N_("no stated range")
    )


def _why_unused(row: Any, known: str, names: Names) -> str:
    """Say why a camera does not count; empty for one that does."""
    return names.say(UNUSED_REASONS[reason_unused(row)]) if known == "unused" else ""


def reason_unused(camera: Any) -> str:
    """Return why a camera that has no head does not count, a key of `UNUSED_REASONS`."""
    if camera.status == "removed":
        return "removed"
    usable = camera.usable
    if isinstance(usable, bool | np.bool_) and not usable:
        return "out_of_use"
    return "off_terrain" if getattr(camera, "placed", "") == "off_terrain" else "indoor"


def zone_facts(result: CheckResult, names: Names) -> list[Facts]:
    """Describe each mandatory place, in the order of the table."""
    say = names.say
    status = status_of_parts(result)
    counts = pd.crosstab(result.parts["zone_id"], status)
    out = []
    for label, row in _named(result.zones):
        facts = [
            (say(N_("Class")), names.classes_of(row)),
            (say(N_("Standing")), word(STANDINGS, row.standing, names.language)),
            (say(N_("Confidence")), share(row.confidence)),
        ]
        if label in counts.index:
            facts += [
                (say(STATUS_LABELS[name]), number(counts.loc[label, name]))
                for name in STATUS_LABELS
                if name in counts and counts.loc[label, name]
            ]
        out.append(_filled(facts))
    return out


def part_facts(result: CheckResult, names: Names) -> list[Facts]:
    """Describe each part, in the order of the table."""
    say = names.say
    shown = shown_parts(result)
    coming = set(result.cameras.index[result.cameras["status"].isin(["planned", "approved"])])
    judged = result.part_status.reindex(result.parts.index)
    by_range = frozenset(result.cameras.index[result.cameras["kind"].isin(list(BY_KIND))])
    out = []
    for (label, row), (_, found) in zip(_named(result.parts), _named(judged), strict=True):
        need = N_(
            "%(profile)s: %(need)s on %(share)s of it",
            profile=names.profile(row.pack, row.profile),
            need=PIXEL_DENSITY.say(f"{getattr(row, NEED):g}"),
            share=share(row.fraction),
        )
        facts = [
            (say(N_("Result")), say(PART_LABELS[shown[label]])),
            (say(N_("Class")), names.class_of(row.pack, row.item)),
            (say(N_("Asked for")), say(need)),
            (say(N_("Reached there at best")), _delivered(found, by_range, names)),
            (say(N_("Part met")), met_in_words(found, names)),
            (say(N_("Seen by")), names.listed(_list(found, "cameras"), names.cameras)),
            (say(N_("In the way")), names.obstacles_in(_list(found, "blockers"))),
        ]
        if shown[label] == "unbuilt":
            unbuilt = [camera for camera in _list(found, "cameras") if camera in coming]
            facts.append((say(N_("To be built")), names.listed(unbuilt, names.cameras)))
        if row.inferred:
            facts.append((say(N_("Place of the part")), say(N_("inferred, not mapped"))))
        out.append(_filled(facts))
    return out


def _delivered(found: Any, by_range: frozenset[str], names: Names) -> str:
    """Write the best that is delivered: a density, or that a stated range holds."""
    credited = found.best_px_m == DETECTED_PX_M and by_range.issuperset(_list(found, "cameras"))
    if credited and by_range:
        return names.say(N_("a person is detected, by a stated range"))
    return f"{number(found.best_px_m)} px/m"


def met_in_words(found: Any, names: Names) -> str:
    """Return the shares met in the three readings, side by side."""
    return names.say(
        N_(
            "sure %(sure)s, assumed %(assumed)s, at best %(possible)s",
            sure=share(found.fraction_sure),
            assumed=share(found.fraction_assumed),
            possible=share(found.fraction_possible),
        )
    )


def _obstacle(label: str, names: Names) -> str:
    """Name an obstacle: by its own name, else by what it is."""
    match = BLOCKER.fullmatch(label)
    if match is None:
        return word(OBSTACLE_NAMES, label, names.language)
    layer, identity, name = match.groups()
    return name or translate(OBSTACLE_NAMES[layer], names.language) % {"id": identity}


def _list(row: Any, name: str) -> list[object]:
    value = getattr(row, name, None)
    return list(value) if isinstance(value, list | tuple | set | frozenset | np.ndarray) else []


def _or_none(values: Iterable[object] | None) -> Iterable[object]:
    return () if values is None else values


def _filled(facts: Facts) -> Facts:
    return [(label, value) for label, value in facts if value]
