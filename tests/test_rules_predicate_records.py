"""Predicates over fields of a record, each limit just below, at and just above it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from civicsight.rules.dossier import Subject
from civicsight.rules.fields import INDICES
from civicsight.rules.predicates.records import compare, find_terms, has, no_terms, one_of

TODAY = date(2026, 6, 30)
INDEX = next(iter(INDICES))


def dossier(today: date = TODAY, **more: Any) -> Any:
    plain = {"today": today, "has_inventory": True, "exposures": {}, "private_hits": None}
    told = {**plain, "is_recorded": lambda _kind, _name: True, **more}
    return SimpleNamespace(**told)


def camera(**row: Any) -> Subject:
    return Subject("camera", "c1", row)


def outcome(found: Any) -> str:
    return str(found.outcome)


DEADLINE = {"left": "filed_on", "op": "<=", "right": "built_on", "plus": 30}


@pytest.mark.parametrize(
    ("today", "said", "days"),
    [
        (date(2026, 6, 30), "undetermined", None),  # the day before the last
        (date(2026, 7, 1), "undetermined", None),  # the last lawful day itself
        (date(2026, 7, 2), "fail", 1),
        (date(2026, 7, 11), "fail", 10),
    ],
)
def test_what_is_not_filed_is_overdue_from_the_day_after_the_last(today, said, days):
    """Built on 1 June, to be filed within 30 days: 1 July is the last day."""
    found = compare.ask(dossier(today), camera(built_on="2026-06-01"), DEADLINE)
    assert outcome(found) == said
    assert found.evidence.get("overdue_days") == days


def test_what_nobody_files_is_not_late_but_unknown():
    unasked = dossier(date(2027, 1, 1), is_recorded=lambda _kind, _name: False)
    found = compare.ask(unasked, camera(built_on="2026-06-01"), DEADLINE)
    assert outcome(found) == "undetermined"


@pytest.mark.parametrize(
    ("filed", "said"), [("2026-06-30", "pass"), ("2026-07-01", "pass"), ("2026-07-02", "fail")]
)
def test_filed_on_the_last_day_is_in_time(filed, said):
    row = camera(built_on="2026-06-01", filed_on=filed)
    assert outcome(compare.ask(dossier(date(2026, 7, 31)), row, DEADLINE)) == said


def test_a_filing_of_a_day_that_is_still_to_come_is_none():
    row = camera(built_on="2026-06-01", filed_on="2026-07-01")
    found = compare.ask(dossier(date(2026, 6, 30)), row, DEADLINE)
    assert outcome(found) == "fail"
    assert "after today (2026-06-30)" in str(found.because[0])


@pytest.mark.parametrize(
    ("asked", "said"), [("2026-05-31", "pass"), ("2026-06-01", "pass"), ("2026-06-02", "fail")]
)
def test_earlier_by_days_counts_back(asked, said):
    """Asked ten days before 11 June at the latest."""
    values = {"left": "asked_on", "op": "<=", "right": "built_on", "minus": 10}
    row = camera(built_on="2026-06-11", asked_on=asked)
    assert outcome(compare.ask(dossier(), row, values)) == said


@pytest.mark.parametrize(
    ("op", "value", "said"),
    [
        *[("<=", 1.9, "pass"), ("<=", 2.0, "pass"), ("<=", 2.1, "fail")],
        *[(">=", 1.9, "fail"), (">=", 2.0, "pass"), (">=", 2.1, "pass")],
    ],
)
def test_a_limit_itself_is_within_it(op, value, said):
    own = {"left": "height_m", "op": op, "right": 2.0}
    assert outcome(compare.ask(dossier(), camera(height_m=value), own)) == said
    index = {"left": INDEX, "op": op, "right": 2.0}
    found = compare.ask(dossier(index_of=lambda _name: value), Subject("plan", "", {}), index)
    assert outcome(found) == said


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.9496, 0.949), (0.9499999, 0.949), (0.94, 0.94), (0.9994, 0.999), (0.0009, 0.0)],
)
def test_an_index_is_never_shown_as_reaching_what_it_does_not(value, shown, monkeypatch):
    """0.9496 of 0.95 is shown as 0.949: rounded it would read 0.95, and not reach 0.95."""
    told: list[float] = []

    def say(number: float, _unit: object) -> str:
        told.append(number)
        return f"{number}"

    monkeypatch.setattr("civicsight.rules.predicates.records.describe_value", say)
    values = {"left": INDEX, "op": ">=", "right": 1.0}
    found = compare.ask(dossier(index_of=lambda _name: value), Subject("plan", "", {}), values)
    assert outcome(found) == "fail"
    assert told[0] == shown


def test_without_an_inventory_or_a_value_an_index_is_unknown():
    values = {"left": INDEX, "op": ">=", "right": 1.0}
    plan = Subject("plan", "", {})
    empty = dossier(has_inventory=False, index_of=lambda _name: 5.0)
    assert outcome(compare.ask(empty, plan, values)) == "undetermined"
    assert outcome(compare.ask(dossier(index_of=lambda _: None), plan, values)) == "undetermined"


TIERS = {"left": "days", "op": ">=", "right": 30.0, "key_target": 90.0}


@pytest.mark.parametrize(
    ("days", "common", "key", "unsaid"),
    [
        (29.9, "fail", "fail", "fail"),
        (30.0, "pass", "fail", "undetermined"),
        (89.9, "pass", "fail", "undetermined"),
        (90.0, "pass", "pass", "pass"),
    ],
)
def test_between_two_tiers_it_matters_which_one_holds(days, common, key, unsaid):
    for target, said in ((False, common), (True, key), (None, unsaid)):
        found = compare.ask(dossier(), camera(days=days, key_target=target), TIERS)
        assert outcome(found) == said, target


def test_what_is_compared_with_nothing_is_unknown():
    assert outcome(compare.ask(dossier(), camera(), DEADLINE)) == "undetermined"


@pytest.mark.parametrize(
    ("row", "recorded", "label", "said"),
    [
        ({"power": "mains", "network": "fibre"}, True, "c1", "pass"),
        ({"power": "mains", "network": False}, True, "c1", "fail"),
        ({"power": "mains", "network": np.False_}, True, "c1", "fail"),
        ({"power": "mains", "network": ""}, True, "c1", "fail"),
        ({"power": "mains", "network": 0.0}, True, "c1", "pass"),
        ({"power": "mains"}, True, "c1", "fail"),
        ({"power": "mains"}, False, "c1", "undetermined"),
        ({"power": "mains"}, True, "", "undetermined"),
    ],
)
def test_a_field_is_there_lacking_denied_or_never_asked_for(row, recorded, label, said):
    told = dossier(is_recorded=lambda _kind, _name: recorded)
    found = has.ask(told, Subject("camera", label, row), {"fields": ["power", "network"]})
    assert outcome(found) == said


def test_masks_are_asked_for_where_something_private_is_seen():
    values = {"fields": ["mask_plan"]}
    for seen, said in (({}, "pass"), ({"before_m2": 0.0}, "pass"), ({"before_m2": 0.1}, "fail")):
        told = dossier(exposures={"c1": seen})
        assert outcome(has.ask(told, camera(), values)) == said


def test_one_of_the_values_and_one_that_a_person_settles():
    values = {"field": "owner", "values": ["government", "police"], "open": ["police"]}
    told = dossier(private_hits=lambda *_: None, rules=SimpleNamespace(packs=()))
    assert outcome(one_of.ask(told, camera(owner="government"), values)) == "pass"
    assert outcome(one_of.ask(told, camera(owner="police"), values)) == "undetermined"
    assert outcome(one_of.ask(told, camera(owner="shop"), values)) == "fail"
    assert outcome(one_of.ask(told, camera(), values)) == "undetermined"


def test_a_latin_term_is_a_whole_word():
    assert [(span.start, span.end) for span in find_terms("a HIKVISION dome", "vendors")] == [
        (2, 11)
    ]
    assert not find_terms("HIKVISIONARY", "vendors")
    values = {"field": "why", "lexicon": "vendors"}
    assert outcome(no_terms.ask(dossier(), camera(why="a dome"), values)) == "pass"
    assert outcome(no_terms.ask(dossier(), camera(why="a hikvision dome"), values)) == "fail"
    assert outcome(no_terms.ask(dossier(), camera(), values)) == "undetermined"
