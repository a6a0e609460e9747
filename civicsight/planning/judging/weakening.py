"""What users' packs made weaker, and which parts pass only because of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from civicsight.coverage.findings.status import STATUSES
from civicsight.coverage.result import CheckResult
from civicsight.rules import Override, Rules

PROFILE = "profile"
"""Kind of an override that changes the quality asked for."""


@dataclass(frozen=True, slots=True)
class Weakening:
    """What the weakened numbers of users' packs do to the findings.

    Parameters
    ----------
    by_override
        Of each weakened number, the parts that are covered for sure now, would not be at the packs'
        own values, and stand on that number. A part that stands on several is under each of them.
    passing
        All parts that are covered only because of weakened numbers, each once.
    dropped
        Parts that the packs' own values demand and the users' do not.
    """

    by_override: tuple[tuple[Override, tuple[str, ...]], ...]
    passing: tuple[str, ...]
    dropped: tuple[str, ...]


def weigh_weakened(result: CheckResult, at_defaults: CheckResult) -> Weakening:
    """Compare a check with the same one at the packs' own values.

    Parameters
    ----------
    result, at_defaults
        The same city and cameras, checked by the rules as loaded and by `Rules.at_defaults`.
    """
    covered, before = _covered(result), _covered(at_defaults)
    passing = [name for name in sorted(covered) if name not in before]
    parts = result.parts.loc[passing]
    rows = []
    for entry in result.rules.weakened:
        stands = [_stands_on(row, entry, result.rules) for row in parts.to_dict("records")]
        rows.append((entry, tuple(parts.index[stands])))
    dropped = at_defaults.parts.index.difference(result.parts.index)
    return Weakening(tuple(rows), tuple(passing), tuple(map(str, dropped)))


def _covered(result: CheckResult) -> frozenset[str]:
    status: pd.Series = result.part_status["status"]
    return frozenset(status.index[status.eq(STATUSES[0])])


def _stands_on(part: Mapping[str, object], entry: Override, rules: Rules) -> bool:
    if entry.kind == PROFILE:
        return part["profile"] == entry.what
    return entry.what in rules.rule(str(part["pack"]), str(part["rule"])).params
