"""Tables of the public edition: shares, and counts of which none under five can be told."""

from __future__ import annotations

import pandas as pd

from civicsight.planning.verdicts import OUTCOMES
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.suppress import LEAST, suppress


def rule_table(account: Account) -> pd.DataFrame:
    """Return how many subjects meet each rule, with what is too small hidden."""
    verdicts = account.compliance.verdicts
    rules = [rule for pack in account.result.rules.packs for rule in pack.rules]
    counted = verdicts.groupby(["pack", "rule", "outcome"]).size()
    counts = [
        [int(counted.get((rule.pack, rule.id, name), 0)) for name in OUTCOMES] for rule in rules
    ]
    table = pd.DataFrame(suppress(counts), columns=list(OUTCOMES))
    table.insert(0, "article", [rule.article for rule in rules])
    table.insert(0, "pack", [rule.pack for rule in rules])
    table.index = pd.Index([rule.id for rule in rules], name="rule")
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
