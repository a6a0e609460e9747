"""Annexes: questions with room for answers, parameters, sources, gaps of data, field checks."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

import numpy as np
import pandas as pd

from civicsight.core.errors import N_
from civicsight.core.figure import Figure, keyed
from civicsight.core.once import once_for_each
from civicsight.coverage.result import CheckResult
from civicsight.coverage.standing import status_of_parts
from civicsight.maps.encode import lon_lat
from civicsight.planning.statement.figures import asked_of_people
from civicsight.presentation.lexicon import SUBJECT_KINDS, VERIFIED, number, place_in, share
from civicsight.presentation.names import Names
from civicsight.presentation.symbols import STATUS_LABELS
from civicsight.report.compliance.account import Account, lacking, why_open
from civicsight.report.quality.fitness import Quality
from civicsight.report.quality.limits import quality_of
from civicsight.rules.pack import Pack, Rule
from civicsight.rules.vocabulary import describe_value, number_word, word

SAMPLE: Final = 20
"""Gates that are drawn for a check in the field."""

GATES: Final = ("entrance", "vehicle_entrance")

SEED_DIGITS: Final = 16
"""Hexadecimal digits of the digest of the inputs that seed the draw: nobody chooses the gates."""


def annex(account: Account, names: Names) -> dict[str, Any]:
    """Return the annexes."""
    return {
        "params": [_params(pack, names) for pack in account.result.rules.packs],
        "limits": [] if account.public else _limits(account, names),
        "sample": [] if account.public else field_sample(account, names),
        "seed": account.inputs[:SEED_DIGITS],
    }


def _params(pack: Pack, names: Names) -> dict[str, Any]:
    sources = pack.sources
    rows = [
        (
            entry.name,
            number_word(entry.name),
            describe_value(entry.value, entry.unit),
            entry.basis,
            entry.source,
        )
        for entry in pack.params.values()
    ]
    rows += [
        (
            entry.name,
            N_(
                "pixel density at %(height)s above the ground: %(what)s",
                height=describe_value(entry.target_height_m, "m"),
                what=dict(entry.label),
            ),
            describe_value(entry.px_per_m, "px/m"),
            entry.basis,
            entry.source,
        )
        for entry in pack.profiles.values()
    ]
    return {
        "title": names.pick(pack.instrument.name),
        "rows": [
            {
                "code": name,
                "name": names.translate(said),
                "value": names.translate(value),
                "basis": names.translate(word(basis)),
                "source": names.pick(sources[source].ref) if source in sources else source,
            }
            for name, said, value, basis, source in rows
        ],
        "sources": [
            {"ref": names.pick(source.ref), "verified": names.translate(VERIFIED[source.verified])}
            for source in sources.values()
        ],
    }


def _limits(account: Account, names: Names) -> list[dict[str, str]]:
    """Return what the data lack, what that means for findings and what would lift it."""
    return [
        {
            "lack": names.translate(entry.lack),
            "effect": names.translate(entry.effect),
            "remedy": names.translate(entry.remedy),
            "count": number(entry.count),
            "of": number(entry.of) if entry.of else "",
        }
        for entry in _measured(account.result).limits
    ]


@once_for_each
def _measured(result: CheckResult) -> Quality:
    return quality_of(result.city, rules=result.rules)


def field_sample(account: Account, names: Names) -> list[dict[str, str]]:
    """Return gates that are drawn at random for a check in the field, by their ids.

    The draw is seeded by the inputs, so it can be repeated and nobody chooses the gates.
    """
    result = account.result
    gates = result.parts[result.parts["kind"].isin(GATES)].sort_index()
    rng = np.random.default_rng(int(account.inputs[:SEED_DIGITS], 16))
    chosen = rng.choice(len(gates), size=min(SAMPLE, len(gates)), replace=False)
    drawn = gates.iloc[sorted(chosen)]
    status = status_of_parts(result)
    return [
        {
            "part": names.parts[str(label)],
            "class": names.class_of(row["pack"], row["item"]),
            "confidence": share(float(row["confidence"])),
            "status": names.translate(STATUS_LABELS[status[label]]),
            "position": f"{lat:.5f}, {lon:.5f}",
        }
        for (label, row), (lat, lon) in zip(drawn.iterrows(), lon_lat(drawn.geometry), strict=True)
    ]


MOST_SUBJECTS: Final = 12
MOST_REASONS: Final = 3
MOST_LACKING: Final = 6
"""So many subjects, reasons and fields stand under a question; the table holds all."""


def questions(account: Account, names: Names) -> dict[str, list[dict[str, Any]]]:
    """Return the questions that only a person can answer, and those that data would answer."""
    packs = sorted(account.result.rules.packs, key=lambda pack: -pack.instrument.rank)
    rules, found = [rule for pack in packs for rule in pack.rules], account.figures
    return {
        kind: [
            _question(
                account,
                names,
                rule,
                groups[rule.pack, rule.id],
                found[f"rule.{rule.pack}.{rule.id}.{kind}"],
            )
            for rule in rules
            if (rule.pack, rule.id) in groups
        ]
        for kind, own in asked_of_people(account.compliance.verdicts).items()
        for groups in [dict(iter(own.groupby(["pack", "rule"])))]
    }


def _question(
    account: Account, names: Names, rule: Rule, own: pd.DataFrame, figure: Figure
) -> dict[str, Any]:
    """Return one question with what it is about, most frequent reasons first."""
    missing, reasons = why_open(own, names.language)
    # A kind of which a question is about all is named by the kind alone.
    subjects: list[str] = []
    for kind, labels in own.groupby("subject_kind", sort=False)["subject"]:
        count = len(labels)
        if count > MOST_SUBJECTS and count == len(account.dossier.subjects(str(kind))):
            every = N_(
                "every %(kind)s (%(count)s)",
                kind=SUBJECT_KINDS[str(kind)],
                count=keyed(f"records.{kind}", number(count)),
            )
            subjects.append(names.translate(every))
        else:
            subjects += [names.subject(str(kind), label) for label in labels]
    law = names.pick(account.result.rules.pack(rule.pack).instrument.name)
    return {
        "rule": rule.id,
        "place": names.translate(place_in(law, rule.article)),
        "title": names.pick(rule.title),
        "human": names.pick(rule.human),
        "count": "" if account.public else f"{figure}",
        "reasons": []
        if account.public
        else [
            {
                "text": text,
                "count": keyed(f"{figure.key}.{crc32(text.encode())}", number(times))
                if times > 1
                else "",
            }
            for text, times in reasons[:MOST_REASONS]
            if text
        ],
        "missing": lacking(missing[:MOST_LACKING], names.language),
        "subjects": [] if account.public else subjects[:MOST_SUBJECTS],
        "more": 0 if account.public else max(0, len(subjects) - MOST_SUBJECTS),
    }
