"""Verdicts in words of one language: what each is about, why, and on which measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, pick
from civicsight.model import READINGS
from civicsight.planning.judging.dossier import Dossier
from civicsight.planning.judging.facts import bases_of
from civicsight.planning.judging.verdicts import DEPARTMENTS, OUTCOMES
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import Names, name_all
from civicsight.report.compliance.exports import in_words
from civicsight.report.compliance.words import EVIDENCE, SEVERITY_LABELS, SUBJECT_KINDS, place_in
from civicsight.rules.vocabulary import join

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
    """

    names: Names
    others: Mapping[tuple[str, str], str]

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

    def row(self, verdict: Mapping[str, Any]) -> dict[str, str]:
        """Return one verdict as the cells of a table."""
        return {
            "subject": self.subject(verdict["subject_kind"], verdict["subject"]),
            "kind": self.say(SUBJECT_KINDS[verdict["subject_kind"]]),
            "id": verdict["subject"],
            "rule": ", ".join(dict.fromkeys(one.rule for one in bases_of(verdict))),
            "bases": self.bases(verdict),
            "outcome": self.say(OUTCOMES[verdict["outcome"]]),
            "severity": verdict["severity"],
            "severity_label": self.say(SEVERITY_LABELS[verdict["severity"]]),
            "because": in_words(verdict["because"], self.language),
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


def speak(dossier: Dossier, language: Language) -> Speech:
    """Find the words for the verdicts of a dossier."""
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
    return Speech(name_all(dossier.result, language), others)
