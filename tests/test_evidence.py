"""How certain and how serious a finding may be."""

from __future__ import annotations

import pytest

from civicsight.core.i18n import translate
from civicsight.coverage.findings.evidence import (
    GROUNDS,
    SEVERITIES,
    findings_table,
    first_rule,
    lower_severity,
    predicate_values,
    weigh_parts,
)
from civicsight.model import FINDINGS
from tests.small import CRS, RULES, parts, zones


def test_severity_is_lowered_and_never_raised():
    assert lower_severity("violation", "warning") == "warning"
    assert lower_severity("info", "warning") == "info"
    assert lower_severity("judgement", "warning") == "judgement"
    assert SEVERITIES[-1] == "violation"


def test_certainty_is_that_of_place_and_part():
    table = parts(
        mapped={"confirmed": False, "confidence": 0.9},
        seen={"confidence": 0.2},
        guessed={"confirmed": False, "inferred": True, "confidence": 0.6},
        lost={"zone_id": "?"},
    )
    weights = weigh_parts(table, zones(z={"confidence": 0.9}), RULES)
    assert weights["certainty"].tolist() == pytest.approx([0.81, 0.9, 0.54, 0.0])
    assert weights["capped"].tolist() == [False, False, True, True]
    assert weights.loc["guessed", "grounds"] == ("inferred_part",)
    assert weights.loc["lost", "grounds"] == ("candidate_place",)


def test_rule_is_found_by_what_it_asks_of_whom():
    rule = first_rule(RULES, "reuse_considered", "zone")
    assert rule is not None
    assert predicate_values(rule, "reuse_considered")["radius"] == RULES.value("reuse_radius")
    assert first_rule(RULES, "reuse_considered", "camera") is None
    assert first_rule(RULES, "nonsense", "camera") is None


def test_predicate_inside_a_combination_is_found():
    shared = next(rule for rule in RULES.by_predicate("separation") if rule.check.name == "any")
    assert list(predicate_values(shared, "separation")["against"]) == ["pole"]


def test_every_ground_has_a_sentence_in_both_languages():
    for text in GROUNDS.values():
        assert translate(text, "zh_CN") != str(text)


def test_no_findings_make_an_empty_table():
    empty = findings_table([], CRS)
    FINDINGS.check(empty)
    assert empty.empty
