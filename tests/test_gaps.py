"""Gaps: how certain, how serious, ranked, and what they show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from civicsight.coverage.findings import find_gaps, part_status
from civicsight.coverage.findings.reuse import REUSE_COLUMNS
from civicsight.model import FINDINGS
from tests.small import (
    CLASS,
    RULES,
    cameras,
    heads,
    matrix,
    parts,
    readings,
    samples,
    shuffled,
    zones,
)

CAMS = cameras(a={}, b={})
FULL = {"a": {"p": 130.0}}


def gaps(
    seen,
    *,
    assumed=None,
    possible=None,
    part=None,
    zone=None,
    reuse=None,
    looked=True,
    presumed=False,
    **confidence,
):
    table = parts(p=part or {})
    points = samples(table, {"p": [1, 1, 1, 1]})
    ms = readings(
        matrix(CAMS, points, seen),
        matrix(CAMS, points, assumed) if assumed else None,
        matrix(CAMS, points, possible) if possible else None,
    )
    status = part_status(table, points, ms)
    if presumed:
        status = status.assign(status="assumed")
    views = heads(CAMS, 0.0, **confidence)
    place, told = zones(z=zone or {}), {"reuse": reuse, "looked": looked}
    found = find_gaps(status, table, place, points, ms, views, RULES, **told)
    FINDINGS.check(found)
    return found


def test_covered_part_is_no_finding():
    assert gaps(FULL).empty


def test_part_that_nothing_covers_is_a_violation_of_its_own_rule():
    row = gaps({"b": {"p/0": 130.0}}).loc["gap/p"]
    assert (row["article"], row["rule"], row["pack"]) == (CLASS.article, CLASS.rule, CLASS.pack)
    assert (row["outcome"], row["severity"]) == ("fail", "violation")
    assert row["readings"] == ("sure", "assumed", "possible")
    assert row["certainty"] == 1.0
    assert row["assumptions"] == ()
    assert [(p.x, p.y) for p in row["geometry"].geoms] == [(1.0, 0.0), (2.0, 0.0), (3.0, 0.0)]
    card = row["evidence"]
    assert (card["fraction_possible"], card["required"], card["samples_unmet"]) == (0.25, 0.95, 3)
    assert (card["rank"], card["reuse"], card["cameras"]) == (1, [], [])


def test_where_nobody_said_which_cameras_stand_a_gap_is_told_with_no_certainty():
    row = gaps({}, looked=False).loc["gap/p"]
    assert (row["outcome"], row["severity"], row["certainty"]) == ("undetermined", "info", 0.0)


def test_part_covered_if_an_assumption_holds_is_undetermined_and_names_it():
    row = gaps({}, assumed=FULL, a=0.6).loc["gap/p"]
    assert (row["outcome"], row["severity"]) == ("undetermined", "info")
    assert row["readings"] == ("sure",)
    assert row["assumptions"] == ("faces_outward",)
    assert row["certainty"] == pytest.approx(0.4)
    assert row["evidence"]["cameras"] == ["a"]


def test_a_gap_of_which_every_sample_is_seen_still_lies_at_its_part():
    """As of a gate that is only presumed: it has a district, and a map shows it."""
    row = gaps(FULL, presumed=True).loc["gap/p"]
    assert row["evidence"]["samples_unmet"] == 0
    assert row["geometry"].distance(parts(p={}).geometry["p"]) < 1e-9


def test_part_that_could_be_covered_is_undetermined_with_a_warning():
    row = gaps({}, assumed={"a": {"p": 60.0}}, possible=FULL, a=0.1).loc["gap/p"]
    assert (row["outcome"], row["severity"]) == ("undetermined", "warning")
    assert row["readings"] == ("sure", "assumed")
    assert row["evidence"]["best_px_m_assumed"] == 60.0


def test_complete_camera_past_a_building_of_assumed_height_stands_on_that():
    row = gaps({}, assumed=FULL).loc["gap/p"]
    assert row["assumptions"] == ("building_height",)
    assert 0.0 < row["certainty"] < 1.0


@pytest.mark.parametrize(
    ("zone", "part", "ground"),
    [
        ({"standing": "candidate"}, {}, "candidate_place"),
        ({"confidence": 0.75}, {}, "candidate_place"),
        ({}, {"inferred": True, "confirmed": False, "confidence": 0.3}, "inferred_part"),
        ({}, {"confirmed": False, "confidence": 0.7}, "uncertain_part"),
    ],
)
def test_uncertain_demand_is_no_violation(zone, part, ground):
    row = gaps({}, zone=zone, part=part).loc["gap/p"]
    assert (row["outcome"], row["severity"]) == ("fail", RULES.policy.candidate_cap)
    assert row["assumptions"] == (ground,)


def test_confirming_an_inferred_gate_makes_it_a_violation():
    part = {"inferred": True, "confirmed": True, "confidence": 0.3}
    assert gaps({}, part=part).loc["gap/p", "severity"] == "violation"


def test_cameras_that_could_be_turned_are_listed():
    offers = pd.DataFrame(
        [
            ("p", "b", "re-aim", 12.34, 1.0, 180.26, 93.46),
            ("p", "a", "re-aim-and-upgrade", 20.0, 1.0, 90.0, np.nan),
            ("q", "a", "re-aim", 1.0, 1.0, 150.0, 0.0),
        ],
        columns=list(REUSE_COLUMNS),
    )
    card = gaps({}, reuse=offers).loc["gap/p", "evidence"]
    assert card["reuse"] == [
        {"camera": "b", "how": "re-aim", "distance_m": 12.3, "share": 1.0, "px_m": 180.3}
        | {"turn_deg": 93.5},
        {"camera": "a", "how": "re-aim-and-upgrade", "distance_m": 20.0, "share": 1.0}
        | {"px_m": 90.0, "turn_deg": None},
    ]


def test_ranking_is_by_severity_then_by_what_is_missing():
    table = parts(half={}, none={}, guess={"inferred": True, "confirmed": False}, late={}, wide={})
    points = samples(
        table, {"half": [1, 1], "none": [1, 1], "guess": [9, 9], "late": [1], "wide": [9, 9]}
    )
    ms = readings(
        matrix(CAMS, points, {"a": {"half/0": 130.0}}),
        matrix(CAMS, points, {"a": {"half/0": 130.0, "late": 130.0}}),
    )
    status = part_status(table, points, ms)
    views = heads(CAMS, 0.0, a=0.5)
    found = find_gaps(status, table, zones(z={}), points, ms, views, RULES)
    assert found["subject"].tolist() == ["wide", "none", "half", "guess", "late"]
    assert [card["rank"] for card in found["evidence"]] == [1, 2, 3, 4, 5]
    again = find_gaps(
        shuffled(status, 3),
        shuffled(table, 4),
        zones(z={}),
        shuffled(points, 5),
        ms,
        shuffled(views, 6),
        RULES,
    )
    columns = [name for name in found.columns if name != "geometry"]
    assert again[columns].equals(found[columns])
