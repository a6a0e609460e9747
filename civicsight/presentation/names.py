"""What everything is called in one language: cameras, places, parts, rules, verdicts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, pick
from civicsight.coverage.demand.needs import possible_labels
from civicsight.coverage.demand.numbers import number_of
from civicsight.coverage.findings.evidence import GROUNDS
from civicsight.coverage.pose.placement import UNKNOWN_GROUND
from civicsight.coverage.standing import status_of_parts
from civicsight.model import READINGS
from civicsight.planning.judging.facts import bases_of
from civicsight.planning.judging.verdicts import DEPARTMENTS, OUTCOMES
from civicsight.presentation.lexicon import (
    EVIDENCE,
    PART_KINDS,
    SEVERAL,
    SEVERITY_LABELS,
    SUBJECT_KINDS,
    camera_name,
    drawn_name,
    number,
    place_in,
    word,
)
from civicsight.rules.vocabulary import join, without_codes

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.planning.judging.dossier import Dossier
    from civicsight.rules import Rules

LISTED = 6
MOST_NAMES: Final = 4
"""So many names of a longer list are written out, and so many in the cell of a table."""

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
    others
        What projects, facilities and plans are called, by kind and id.
    coded
        Whether the names that data use for a field stand behind its meaning.
    """

    language: Language
    rules: Rules
    cameras: Mapping[str, str]
    zones: Mapping[str, str]
    parts: Mapping[str, str]
    others: Mapping[tuple[str, str], str] = field(default_factory=dict)
    coded: bool = True

    def translate(self, text: Text) -> str:
        """Render a sentence."""
        return i18n.translate(text, self.language)

    def all(self, texts: Iterable[Text]) -> list[str]:
        """Render sentences."""
        return [self.translate(text) for text in texts]

    def pick(self, label: Mapping[str, str]) -> str:
        """Choose from a label of a pack."""
        return pick(dict(label), self.language)

    def class_of(self, pack: str, item: str) -> str:
        """Return an item of Article 8 with its name."""
        return f"{item} {self.pick(self.rules.zone_class(pack, item).label)}"

    def classes_of(self, zone: Any) -> str:
        """Return the classes of a place in all laws, that of the law which demands it first."""
        found = dict.fromkeys(
            self.class_of(entry[0], entry[1]) for entry in getattr(zone, "classes", ()) or ()
        )
        return self.translate(N_("; ")).join(found or [self.class_of(zone.pack, zone.item)])

    def profile(self, pack: str, name: str) -> str:
        """Return the name of a capture profile."""
        return self.pick(self.rules.profile(pack, name).label)

    def camera(self, label: str, name: object = "") -> str:
        """Return what a camera is called; one that only a draft has by its name there or its id."""
        own = name if isinstance(name, str) else ""
        return own or self.cameras.get(label) or drawn_name(label, "", self.language)

    def listed(
        self,
        ids: Iterable[object] | None,
        names: Mapping[str, str] | None = None,
        most: int = LISTED,
    ) -> str:
        """Join names, a long list cut short; without `names` those of parts, places or cameras."""
        found = [
            self.label(label) if names is None else names.get(str(label), str(label))
            for label in _or_none(ids)
        ]
        if len(found) > most:
            more = self.translate(N_("and %(count)s more", count=len(found) - most))
            found = [*found[:most], more]
        return self.translate(N_(", ")).join(found)

    def label(self, label: object) -> str:
        """Return what a part, place or camera is called, whichever of them it is."""
        text = str(label)
        for names in (self.parts, self.zones, self.cameras):
            if text in names:
                return names[text]
        return drawn_name(text, "", self.language)

    def obstacles_in(self, labels: Iterable[object]) -> str:
        """Join the labels of what stands in the way, as `coverage.findings.status` writes them."""
        return self.listed([_obstacle(str(label), self) for label in labels], {})

    def ground(self, code: object) -> str:
        """Spell out one thing that a head or a finding stands on."""
        return self.translate(GROUNDS[str(code)]) if str(code) in GROUNDS else str(code)

    def grounds(self, codes: Iterable[object] | None) -> str:
        """Spell out what a head or a finding stands on."""
        return self.translate(N_("; ")).join(self.ground(code) for code in _or_none(codes))

    def subject(self, kind: str, label: str) -> str:
        """Return what a verdict is about."""
        if not label:
            every = N_("every %(kind)s: a register lacks", kind=SUBJECT_KINDS[kind])
            return self.translate(N_("the plan as a whole") if kind == "plan" else every)
        if kind in ("camera", "zone"):
            found = self.cameras if kind == "camera" else self.zones
            return found.get(label, label)
        return self.others.get((kind, label), label)

    def several(self, kind: str, count: str) -> str:
        """Return how many of a kind there are; the count is written already."""
        return self.translate(replace(SEVERAL[kind], values={"count": count}))

    def why(self, reasons: Iterable[Text]) -> str:
        """Return the reasons of a verdict in one line."""
        told = reasons if self.coded else map(without_codes, reasons)
        return self.translate(join(told, loose=True))

    def row(self, verdict: Mapping[str, Any]) -> dict[str, str]:
        """Return one verdict as the cells of a table."""
        return {
            "subject": self.subject(verdict["subject_kind"], verdict["subject"]),
            "subject_kind": verdict["subject_kind"],
            "kind": self.translate(SUBJECT_KINDS[verdict["subject_kind"]]),
            "id": verdict["subject"],
            "rule": ", ".join(dict.fromkeys(one.rule for one in bases_of(verdict))),
            "bases": self.bases(verdict),
            "outcome": self.translate(OUTCOMES[verdict["outcome"]]),
            "severity": verdict["severity"],
            "severity_label": self.translate(SEVERITY_LABELS[verdict["severity"]]),
            "because": self.why(verdict["because"]),
            "evidence": self.evidence(verdict["evidence"]),
            "certainty": f"{verdict['certainty']:.2f}",
            "department": self.translate(DEPARTMENTS[verdict["department"]]),
        }

    def bases(self, verdict: Mapping[str, Any]) -> str:
        """Return the articles that a fact rests on, with their laws and rules."""
        texts = []
        for one in bases_of(verdict):
            law = self.pick(self.rules.pack(one.pack).instrument.name)
            place = place_in(law, one.article)
            texts.append(N_("%(place)s (%(rule)s)", place=place, rule=one.rule))
        return self.translate(join(texts, loose=True))

    def evidence(self, evidence: Mapping[str, Any]) -> str:
        """Return the measures behind a verdict, those that a person reads."""
        pieces = [
            self.translate(N_("%(what)s: %(value)s", what=EVIDENCE[key], value=self._value(value)))
            for key, value in evidence.items()
            if key in EVIDENCE and value not in (None, "", [], {}, ()) and _is_new(key, evidence)
        ]
        return self.translate(N_("; ")).join(pieces)

    def _value(self, value: Any) -> str:
        if isinstance(value, float):
            return f"{value:,.3g}" if abs(value) < 1000 else number(value)
        if isinstance(value, Mapping | list | tuple):
            return self.listed(value, most=MOST_NAMES)
        return self.label(value)


def name_all(result: CheckResult, language: Language) -> Names:
    """Find a name for everything that a report may mention."""
    zones = {
        label: row.name_
        or i18n.translate(N_("unnamed place %(id)s", id=row.place_id or label), language)
        for label, row in rows_of(result.zones)
    }
    left = result.left_out.set_axis(possible_labels(result.left_out))
    zones |= {
        label: row.name_ or i18n.translate(N_("unnamed place %(id)s", id=row.place_id), language)
        for label, row in rows_of(left)
    }
    # A part has the number that its id ends in; 0 where it is the only one of its kind.
    groups = result.parts.groupby(["zone_id", "kind"], sort=False)
    counts = number_of(result.parts.index)
    counts = counts.where(counts > 0, groups.cumcount() + 1)
    counts = counts.where(groups["kind"].transform("size") > 1, 0)
    numbers = dict(zip(result.parts.index.astype(str), counts.tolist(), strict=True))
    parts = {
        label: _part_name(row, zones, numbers[label], language)
        for label, row in rows_of(result.parts)
    }
    cameras = {
        label: camera_name(label, row.name_, language) for label, row in rows_of(result.cameras)
    }
    return Names(language, result.rules, cameras, zones, parts)


def name_judged(dossier: Dossier, language: Language, *, coded: bool = True) -> Names:
    """Find a name for everything that a verdict may be about; see `Names.coded`."""
    tables = {
        "project": dossier.city.projects,
        "obstacle": dossier.city.proposals,
        "plan": dossier.city.plans,
    }
    others = {
        (kind, str(label)): str(name)
        for kind, table in tables.items()
        for label, name in zip(table.index, table["name"], strict=True)
        if not pd.isna(name) and name
    }
    return replace(name_all(dossier.result, language), others=others, coded=coded)


def _is_new(key: str, evidence: Mapping[str, Any]) -> bool:
    """Tell whether a measure differs from that of the surer reading, which is told before it."""
    for surer, reading in pairwise(READINGS):
        if f"_{reading}" in key:
            return bool(evidence.get(key.replace(f"_{reading}", f"_{surer}")) != evidence[key])
    return True


def rows_of(frame: pd.DataFrame) -> list[tuple[str, Any]]:
    """Return the rows of a table with their ids; `name` is taken by pandas' own tuples."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    plain = plain.rename(columns={"name": "name_"})
    names = plain.get("name_", pd.Series(None, plain.index, dtype=object))
    plain["name_"] = [name if isinstance(name, str) else "" for name in names]
    rows = plain.itertuples(index=False)
    return list(zip(plain.index.astype(str), rows, strict=True))


def _part_name(row: Any, zones: Mapping[str, str], count: int, language: Language) -> str:
    own = word(PART_KINDS, row.kind, language)
    if count:
        own = f"{own} {count}"
    place = zones.get(str(row.zone_id), str(row.zone_id))
    if row.name_ and row.name_ != place and place in row.name_:
        return str(row.name_)
    if row.name_ and row.name_ != place:
        own = i18n.translate(N_("%(part)s (%(name)s)", part=own, name=row.name_), language)
    return i18n.translate(N_("%(place)s: %(part)s", place=place, part=own), language)


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


def reason_unused(camera: Any) -> str:
    """Return why a camera that has no head does not count, a key of `UNUSED_REASONS`."""
    if camera.status == "removed":
        return "removed"
    usable = camera.usable
    if isinstance(usable, bool | np.bool_) and not usable:
        return "out_of_use"
    where = str(getattr(camera, "placed", ""))
    return where if where in UNKNOWN_GROUND else "indoor"


def _obstacle(label: str, names: Names) -> str:
    """Name an obstacle: by its own name, else by what it is."""
    match = BLOCKER.fullmatch(label)
    if match is None:
        return word(OBSTACLE_NAMES, label, names.language)
    layer, identity, name = match.groups()
    return name or i18n.translate(OBSTACLE_NAMES[layer], names.language) % {"id": identity}


def _or_none(values: Iterable[object] | None) -> Iterable[object]:
    return () if values is None else values
