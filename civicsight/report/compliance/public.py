"""Tables of the public edition: shares, and counts of which none under five can be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from civicsight.presentation.lexicon import number
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.suppress import LEAST, suppress

SHOWN_OUTCOMES: Final = ("fail", "undetermined", "waived", "pass", "not_applicable")
"""Outcomes in the order in which a report tells them."""


def rule_counts(account: Account) -> dict[tuple[str, str], list[str]]:
    """Return by pack and rule how many subjects have each of `SHOWN_OUTCOMES`, as text.

    In the public edition what is too small is hidden, for all rules in one table: told twice with
    other neighbours, a count could be reckoned from the two.
    """
    counts = outcome_counts(account)
    return dict(zip(counts, shown(account, list(counts.values())), strict=True))


def outcome_counts(account: Account) -> dict[tuple[str, str], list[int]]:
    """Return by pack and rule how many subjects have each of `SHOWN_OUTCOMES`; not to publish."""
    verdicts = account.compliance.verdicts
    counted = verdicts.groupby(["pack", "rule", "outcome"]).size().to_dict()
    return {
        (rule.pack, rule.id): [
            int(counted.get((rule.pack, rule.id, name), 0)) for name in SHOWN_OUTCOMES
        ]
        for pack in account.result.rules.packs
        for rule in pack.rules
    }


def shown(account: Account, counts: Sequence[Sequence[int]]) -> list[list[str]]:
    """Return counts as text; in the public edition none that is too small."""
    if account.public:
        return suppress(counts)
    return [[number(count) for count in row] for row in counts]


def rule_table(account: Account) -> pd.DataFrame:
    """Return how many subjects meet each rule, with what is too small hidden."""
    counts = rule_counts(account)
    articles = {
        (rule.pack, rule.id): rule.article
        for pack in account.result.rules.packs
        for rule in pack.rules
    }
    table = pd.DataFrame(list(counts.values()), columns=list(SHOWN_OUTCOMES))
    table.insert(0, "article", [articles[key] for key in counts])
    table.insert(0, "pack", [pack for pack, _ in counts])
    table.index = pd.Index([rule for _, rule in counts], name="rule")
    return table


def public_indices(account: Account) -> dict[str, float | int | None]:
    """Return the indices as published: shares to a hundredth, None for what rests on under five."""
    found: dict[str, float | int | None] = {}
    for name, value in account.indices.to_dict().items():
        if name.endswith("_m2"):
            found[name] = round(value, -2)
        elif isinstance(value, int):
            found[name] = value if value >= LEAST else None
        elif value is not None:
            few = name.startswith("compliance") and value * account.indices.parts < LEAST
            found[name] = None if few else round(value, 2)
        else:
            found[name] = None
    return found
