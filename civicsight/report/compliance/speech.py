"""Verdicts in words of one language: labels, what each is about, why, and on which measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, pick
from civicsight.coverage.result import ASSUMED, GAP
from civicsight.model import READINGS
from civicsight.planning.judging.dossier import Dossier
from civicsight.planning.judging.facts import bases_of
from civicsight.planning.judging.verdicts import DEPARTMENTS, OUTCOMES
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import Names, name_all
from civicsight.report.compliance.account import in_words
from civicsight.report.judged import STATE_LABELS
from civicsight.rules.vocabulary import join, without_codes

STATUSES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "in_force": N_("in force"),
        "amended": N_("amended"),
        "repealed": N_("repealed"),
        "unverified": N_("unverified: whether it is still in force is not known"),
        "guidance": N_("guidance"),
        "draft": N_("draft"),
    }
)
"""What is known of the instrument behind a pack."""

ARTICLE_KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "purpose": N_("purpose"),
        "scope": N_("scope"),
        "organisation": N_("organisation"),
        "principle": N_("principle"),
        "duty": N_("duty"),
        "permission": N_("permission"),
        "prohibition": N_("prohibition"),
        "procedure": N_("procedure"),
        "liability": N_("liability"),
        "unavailable": N_("text not available"),
    }
)
EFFECTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "narrows": N_("narrows it"),
        "widens": N_("widens it"),
        "replaces": N_("takes its place"),
        "adds": N_("adds to it"),
        "check": N_("has to be checked"),
        "opposite": N_("says the opposite"),
    }
)
"""What another law does to an article."""

VERIFIED: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "full": N_("read in full"),
        "excerpt": N_("read in part"),
        "secondary": N_("from a secondary source"),
        "memory": N_("from memory, not checked"),
        "none": N_("not verified"),
    }
)
SUBJECT_KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "camera": N_("camera"),
        "zone": N_("place"),
        "obstacle": N_("proposed facility"),
        "project": N_("project"),
        "plan": N_("plan"),
    }
)
SEVERAL: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "camera": N_("%(count)s cameras"),
        "zone": N_("%(count)s places"),
        "obstacle": N_("%(count)s proposed facilities"),
        "project": N_("%(count)s projects"),
        "plan": N_("%(count)s plans"),
    }
)
"""Several of each kind of subject."""

SEVERITY_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "violation": N_("Violation"),
        "warning": N_("Warning"),
        "info": N_("Information"),
        "judgement": N_("For a person to decide"),
    }
)
INDEX_LABELS: Final[Mapping[str, tuple[Text, Text]]] = MappingProxyType(
    {
        "compliance_sure": (
            N_("Compliance"),
            N_("gates and key parts that are covered for sure, of all that are demanded"),
        ),
        "compliance_assumed": (
            N_("Compliance, if the assumptions about the cameras hold"),
            N_("as above, in the reading that fills gaps in the records"),
        ),
        "compliance_possible": (
            N_("Compliance, at best"),
            N_("as above, with everything that cameras could see by any reading of their records"),
        ),
        "conformance_sure": (
            N_("Conformance to the standard"),
            N_("of what is seen at all for sure, how much is seen as finely as asked"),
        ),
        "reuse": (
            N_("Use of what exists"),
            N_("of the demand that is met for sure, how much existing cameras meet alone"),
        ),
        "shared_ready": (
            N_("Ready to be shared"),
            N_(
                "of the demand that is met for sure, how much cameras meet that are in the shared "
                "network or have a standard interface on record"
            ),
        ),
    }
)
"""Label and meaning of each index that is a share."""

EVIDENCE: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "gaps": STATE_LABELS[GAP],
        "unsure": STATE_LABELS[ASSUMED],
        "unjudged": N_("could not be judged"),
        "offers": N_("could be covered by turning"),
        "places": N_("stands in"),
        "doors": N_("faces"),
        "area_possible_m2": N_("seen at most [m²]"),
        "loss_sure": N_("lost for sure [share]"),
        "loss_assumed": N_("lost as assumed [share]"),
        "loss_possible": N_("lost at most [share]"),
        "distance_m": N_("distance [m]"),
        "share": N_("share of the view"),
        "gain": N_("what it alone adds [share]"),
        "cameras": N_("cameras that lose"),
        "approaches": N_("approaches"),
        "overdue_days": N_("days overdue"),
        "left": N_("found"),
        "right": N_("limit"),
        "twin": N_("other camera"),
        "relies_on": N_("replaced by"),
        "saving": N_("saving"),
        "departments": N_("departments"),
        "subjects": N_("about"),
        "pole": N_("pole"),
        "concerned": N_("how many it concerns"),
    }
)
"""Measures behind a verdict that are worth a word; others stand in the table alone."""


def numbered(n: str) -> str:
    """Return the number of an article, or of several, with a dash as print has it."""
    return n.replace("-", "\N{EN DASH}")


def place_in(law: str, n: str) -> Text:
    """Return an article with its law."""
    if n.endswith("-"):
        return N_("%(law)s, Article %(n)s and those after it", law=law, n=n.rstrip("-"))
    return N_("%(law)s, Article %(n)s", law=law, n=numbered(n))


def article_name(n: str) -> Text:
    """Return what an article is called; a pack writes ``15-`` for those from 15 on."""
    if n.endswith("-"):
        return N_("Article %(n)s and those after it", n=n.rstrip("-"))
    return N_("Article %(n)s", n=numbered(n))


MOST_NAMES: Final = 4
"""So many names stand in one cell; the table beside the report holds all."""


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """The words of one language for the verdicts of one dossier.

    Parameters
    ----------
    names
        What cameras, places and parts are called.
    others
        What projects, facilities and the plan are called, by kind and id.
    coded
        Whether the names that data use for a field stand behind its meaning.
    """

    names: Names
    others: Mapping[tuple[str, str], str]
    coded: bool = True

    @property
    def language(self) -> Language:
        """Return the language."""
        return self.names.language

    def say(self, text: Text) -> str:
        """Render a sentence."""
        return self.names.say(text)

    def all(self, texts: Iterable[Text]) -> list[str]:
        """Render sentences."""
        return [self.say(text) for text in texts]

    def pick(self, label: Mapping[str, str]) -> str:
        """Choose from a label of a pack."""
        return pick(dict(label), self.language)

    def subject(self, kind: str, label: str) -> str:
        """Return what a verdict is about."""
        if not label:
            every = N_("every %(kind)s: a register lacks", kind=SUBJECT_KINDS[kind])
            return self.say(N_("the plan as a whole") if kind == "plan" else every)
        if kind in ("camera", "zone"):
            found = self.names.cameras if kind == "camera" else self.names.zones
            return found.get(label, label)
        return self.others.get((kind, label), label)

    def several(self, kind: str, count: int) -> str:
        """Return how many of a kind there are."""
        return self.say(replace(SEVERAL[kind], values={"count": number(count)}))

    def why(self, reasons: Iterable[Text]) -> str:
        """Return the reasons of a verdict in one line."""
        return in_words(reasons if self.coded else map(without_codes, reasons), self.language)

    def row(self, verdict: Mapping[str, Any]) -> dict[str, str]:
        """Return one verdict as the cells of a table."""
        return {
            "subject": self.subject(verdict["subject_kind"], verdict["subject"]),
            "subject_kind": verdict["subject_kind"],
            "kind": self.say(SUBJECT_KINDS[verdict["subject_kind"]]),
            "id": verdict["subject"],
            "rule": ", ".join(dict.fromkeys(one.rule for one in bases_of(verdict))),
            "bases": self.bases(verdict),
            "outcome": self.say(OUTCOMES[verdict["outcome"]]),
            "severity": verdict["severity"],
            "severity_label": self.say(SEVERITY_LABELS[verdict["severity"]]),
            "because": self.why(verdict["because"]),
            "evidence": self.evidence(verdict["evidence"]),
            "certainty": f"{verdict['certainty']:.2f}",
            "department": self.say(DEPARTMENTS[verdict["department"]]),
        }

    def bases(self, verdict: Mapping[str, Any]) -> str:
        """Return the articles that a fact rests on, with their laws and rules."""
        texts = []
        for one in bases_of(verdict):
            law = self.pick(self.names.rules.pack(one.pack).instrument.name)
            place = place_in(law, one.article)
            texts.append(N_("%(place)s (%(rule)s)", place=place, rule=one.rule))
        return self.say(join(texts, loose=True))

    def evidence(self, evidence: Mapping[str, Any]) -> str:
        """Return the measures behind a verdict, those that a person reads."""
        pieces = [
            self.say(N_("%(what)s: %(value)s", what=EVIDENCE[key], value=self._value(value)))
            for key, value in evidence.items()
            if key in EVIDENCE and value not in (None, "", [], {}, ()) and _is_new(key, evidence)
        ]
        return self.say(N_("; ")).join(pieces)

    def _value(self, value: Any) -> str:
        if isinstance(value, float):
            return f"{value:,.3g}" if abs(value) < 1000 else number(value)
        if isinstance(value, Mapping):
            return self.list_names(value)
        if isinstance(value, list | tuple):
            return self.list_names(value)
        return self._name(value)

    def list_names(self, labels: Iterable[object], most: int = MOST_NAMES) -> str:
        """Join names, a long list cut short."""
        found = [self._name(label) for label in labels]
        if len(found) > most:
            more = self.say(N_("and %(count)s more", count=len(found) - most))
            found = [*found[:most], more]
        return self.say(N_(", ")).join(found)

    def _name(self, label: object) -> str:
        """Return the name of a part, place or camera, or the label itself."""
        text = str(label)
        for names in (self.names.parts, self.names.zones, self.names.cameras):
            if text in names:
                return names[text]
        return text


def _is_new(key: str, evidence: Mapping[str, Any]) -> bool:
    """Tell whether a measure differs from that of the surer reading, which is told before it."""
    for surer, reading in pairwise(READINGS):
        if f"_{reading}" in key:
            return bool(evidence.get(key.replace(f"_{reading}", f"_{surer}")) != evidence[key])
    return True


def speak(dossier: Dossier, language: Language, *, coded: bool = True) -> Speech:
    """Find the words for the verdicts of a dossier; see `Speech.coded`."""
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
    return Speech(name_all(dossier.result, language), others, coded)
