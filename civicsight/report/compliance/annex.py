"""Annexes: parameters and their basis, sources, what the data lack, gates for the field."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from civicsight.core.errors import N_
from civicsight.maps.encode import lon_lat
from civicsight.presentation.lexicon import number, share
from civicsight.presentation.names import status_of_parts
from civicsight.presentation.symbols import STATUS_LABELS
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.speech import Speech
from civicsight.report.compliance.words import VERIFIED
from civicsight.report.quality.measure import quality_of
from civicsight.rules.pack import Pack
from civicsight.rules.vocabulary import number_word, say_value, word

SAMPLE: Final = 20
"""Gates that are drawn for a check in the field."""

GATES: Final = ("entrance", "vehicle_entrance")

SEED_DIGITS: Final = 16
"""Hexadecimal digits of the digest of the inputs that seed the draw: nobody chooses the gates."""


def annex(account: Account, speech: Speech) -> dict[str, Any]:
    """Return the annexes."""
    return {
        "params": [_params(pack, speech) for pack in account.result.rules.packs],
        "limits": [] if account.public else _limits(account, speech),
        "sample": [] if account.public else field_sample(account, speech),
        "seed": account.inputs[:SEED_DIGITS],
    }


def _params(pack: Pack, speech: Speech) -> dict[str, Any]:
    sources = pack.sources
    rows = [
        (
            entry.name,
            number_word(entry.name),
            say_value(entry.value, entry.unit),
            entry.basis,
            entry.source,
        )
        for entry in pack.params.values()
    ]
    rows += [
        (
            entry.name,
            N_("pixel density: %(what)s", what=dict(entry.label)),
            say_value(entry.px_per_m, "px/m"),
            entry.basis,
            entry.source,
        )
        for entry in pack.profiles.values()
    ]
    return {
        "title": speech.pick(pack.instrument.name),
        "rows": [
            {
                "code": name,
                "name": speech.say(said),
                "value": speech.say(value),
                "basis": speech.say(word(basis)),
                "source": speech.pick(sources[source].ref) if source in sources else source,
            }
            for name, said, value, basis, source in rows
        ],
        "sources": [
            {"ref": speech.pick(source.ref), "verified": speech.say(VERIFIED[source.verified])}
            for source in sources.values()
        ],
    }


def _limits(account: Account, speech: Speech) -> list[dict[str, str]]:
    """Return what the data lack, what that means for findings and what would lift it."""
    quality = quality_of(account.result.city, rules=account.result.rules)
    return [
        {
            "lack": speech.say(entry.lack),
            "effect": speech.say(entry.effect),
            "remedy": speech.say(entry.remedy),
            "count": number(entry.count),
            "of": number(entry.of) if entry.of else "",
        }
        for entry in quality.limits
    ]


def field_sample(account: Account, speech: Speech) -> list[dict[str, str]]:
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
            "part": speech.names.parts[str(label)],
            "class": speech.names.class_of(row["pack"], row["item"]),
            "confidence": share(float(row["confidence"])),
            "status": speech.say(STATUS_LABELS[status[label]]),
            "position": f"{lat:.5f}, {lon:.5f}",
        }
        for (label, row), (lat, lon) in zip(drawn.iterrows(), lon_lat(drawn.geometry), strict=True)
    ]
