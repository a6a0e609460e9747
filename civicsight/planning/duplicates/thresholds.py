"""From which share on a camera is a duplicate: what the rule packs ask, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from civicsight.coverage.findings.evidence import first_rule, predicate_values
from civicsight.rules import Rules

GAIN: Final = "marginal_gain"
CONTRIBUTION: Final = "contribution"


def read_thresholds(rules: Rules) -> Thresholds:
    """Read the thresholds of the packs; one that no pack states is 0, so that it never flags."""
    gain = first_rule(rules, GAIN, "camera")
    contribution = first_rule(rules, CONTRIBUTION, "camera")
    asked = [rule for rule in (gain, contribution) if rule is not None]
    flips = 1.0 - rules.policy.confirmed_confidence if asked else 0.0
    return Thresholds(
        float(predicate_values(gain, GAIN)["at_least"]) if gain else 0.0,
        float(predicate_values(contribution, CONTRIBUTION)["at_least"]) if contribution else 0.0,
        flips,
        tuple(f"{rule.pack}:{rule.id}" for rule in asked),
        tuple(dict.fromkeys(rule.article for rule in asked)),
        rules.versions,
    )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What makes a planned camera a duplicate.

    Parameters
    ----------
    gain
        Least share of its own that it has to add to what exists or is approved [0-1].
    contribution
        Least share of its own that the plan has to lose without it [0-1].
    flips
        Share of disturbed poses from which a verdict that changes is uncertain [0-1]: what the
        packs leave between certainty and a confirmed finding.
    rules, articles, versions
        Rules that state them, as ``pack:rule``; their articles; packs and versions.
    """

    gain: float
    contribution: float
    flips: float
    rules: tuple[str, ...]
    articles: tuple[str, ...]
    versions: str

    @property
    def asked(self) -> bool:
        """Whether any pack asks for duplicates at all."""
        return bool(self.rules)
