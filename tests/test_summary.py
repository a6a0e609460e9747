"""Counts by hand, and that they are plain."""

from __future__ import annotations

import json

import pandas as pd

from civicsight.coverage import summary as sm
from civicsight.coverage.findings import find_duplicates, find_gaps, find_overlaps, part_status
from civicsight.coverage.findings.reuse import REUSE_COLUMNS
from civicsight.model import BUILDINGS, CAMERAS, HEADS
from tests.small import CRS, RULES, cameras, heads, matrix, parts, readings, samples, zones

CAMS = cameras(
    a={}, b={"status": "planned"}, c={"azimuth_deg": 5.0, "usable": None}, d={"kind": "ptz"}
).assign(
    placed=["kept", "moved", "kept", "indoor"],
    shift_m=[0.0, 1.5, 0.0, 0.0],
    facade_deg=[None, 90.0, None, None],
    reason=["free", "in_wall", "free", "deep_inside"],
)
PARTS = parts(p={}, q={"kind": "area", "inferred": True, "confirmed": False}, r={"item": "8.10"})
POINTS = samples(PARTS, {"p": [1, 1], "q": [1], "r": [2]})
MS = readings(
    matrix(CAMS, POINTS, {"a": {"p": 130.0}, "b": {"p": 130.0}}),
    matrix(CAMS, POINTS, {"a": {"p": 130.0, "q": 130.0}, "b": {"p": 130.0}}),
)
VIEWS = heads(CAMS, 0.0, c=0.5)
STATUS = part_status(PARTS, POINTS, MS)


def plain(value):
    assert json.loads(json.dumps(value)) == value
    return value


def test_cameras():
    counts = plain(sm.count_cameras(CAMS, VIEWS))
    assert (counts["read"], counts["in_use"], counts["out_of_use"]) == (4, 3, 1)
    assert (counts["moved"], counts["moved_m_most"], counts["indoor"]) == (1, 1.5, 1)
    assert (counts["unknown_direction"], counts["use_unrecorded"]) == (3, 1)
    assert (counts["complete_record"], counts["assumed_pose"]) == (3, 1)
    assert counts["by_status"] == {"existing": 3, "planned": 1}
    assert counts["reasons"] == {"deep_inside": 1, "free": 2, "in_wall": 1}


def test_nothing_counts_as_nothing():
    none = CAMERAS.empty(CRS).assign(placed=None, shift_m=0.0, facade_deg=0.0, reason=None)
    assert plain(sm.count_cameras(none, HEADS.empty(CRS)))["read"] == 0
    assert sm.count_buildings(BUILDINGS.empty(CRS))["height_assumed_share"] == 0.0


def test_zones_and_parts():
    table = zones(z={}, y={"standing": "candidate"}, x={"item": "8.2a"})
    counts = plain(sm.count_zones(table))
    assert counts["by_standing"] == {"candidate": 1, "confirmed": 2}
    assert counts["by_item"]["8.2a"] == {"confirmed": 1}
    found = plain(sm.count_parts(PARTS, STATUS, looked=True))
    assert found["by_status"] == {"covered": 1, "assumed": 1, "possible": 0, "gap": 1}
    assert found["gates"] == {"covered": 1, "assumed": 0, "possible": 0, "gap": 1}
    assert (found["count"], found["judged"], found["inferred"]) == (3, 3, 1)
    assert list(found["by_item"])[-1] == "8.10"


def test_items_are_sorted_as_people_do():
    items = dict.fromkeys(["8.10", "8.2b", "8.1", "8.11", "8.2a", "7.2.1"], 0)
    assert list(sm._sorted(items)) == ["7.2.1", "8.1", "8.2a", "8.2b", "8.10", "8.11"]


def test_samples_and_redundancy():
    assert plain(sm.count_samples(POINTS, PARTS, MS)) == {
        "count": 4,
        "met_sure": 2,
        "met_assumed": 3,
        "met_possible": 3,
    }
    counts = plain(sm.count_redundant(CAMS, PARTS, POINTS, MS))
    assert counts["sure"] == {"serve_demand": 2, "no_share_of_their_own": 2}
    assert counts["assumed"] == {"serve_demand": 2, "no_share_of_their_own": 1}


def test_findings():
    offers = pd.DataFrame(
        [("q", "a", "upgrade", 1.0, 1.0, 60.0, 0.0), ("r", "a", "re-aim", 1.0, 1.0, 130.0, 9.0)],
        columns=list(REUSE_COLUMNS),
    )
    place = zones(z={})
    gaps = find_gaps(STATUS, PARTS, place, POINTS, MS, VIEWS, RULES, reuse=offers)
    duplicates = find_duplicates(CAMS, PARTS, place, POINTS, MS, VIEWS, RULES)
    overlaps = find_overlaps(CAMS, PARTS, POINTS, MS, VIEWS, RULES)
    counts = plain(sm.count_findings(gaps, duplicates, overlaps, looked=True))
    assert counts["gaps"]["by_outcome"] == {"fail": 1, "undetermined": 1}
    assert counts["gaps"]["could_turn_a_camera"] == counts["gaps"]["could_upgrade_a_camera"] == 1
    assert counts["duplicates"]["duplicate"]["planned"] == {"sure": 1, "only_if_assumed": 0}
    assert counts["duplicates"]["duplicate"]["existing"] == {"sure": 0, "only_if_assumed": 0}
    assert counts["overlaps"]["count"] == 2
    assert counts["violations"] == 2


def test_covered_is_split_into_now_and_once_built():
    seen = {"a": {"p": 130.0}, "b": {"p": 130.0, "r": 130.0}}
    found = readings(matrix(CAMS, POINTS, seen))
    status = part_status(PARTS, POINTS, found, unbuilt=CAMS.index[CAMS["status"].eq("planned")])
    counts = plain(sm.count_parts(PARTS, status, looked=True))
    split = {"covered_now": 1, "covered_once_built": 1}
    assert {name: counts[name] for name in split} == counts["built_gates"] == split
    assert counts["by_status"]["covered"] == sum(split.values())
    assert counts["built_by_item"]["8.10"] == {"covered_now": 0, "covered_once_built": 1}
    assert counts["built_by_kind"]["area"] == {"covered_now": 0, "covered_once_built": 0}


def test_planned_camera_that_stays_because_others_go_is_counted_as_planned():
    cams = cameras(a={"status": "planned"}, b={"status": "planned"}).assign(placed="kept")
    table = parts(p={})
    points = samples(table, {"p": [1, 1]})
    found = readings(matrix(cams, points, {"a": {"p": 130.0}, "b": {"p": 130.0}}))
    doubles = find_duplicates(cams, table, zones(z={}), points, found, heads(cams, 0.0), RULES)
    alone = doubles[doubles["kind"].eq("duplicate")]
    assert sorted(alone["outcome"]) == ["fail", "not_applicable"]
    none = doubles.iloc[:0]
    counts = sm.count_findings(none, doubles, none, looked=True)["duplicates"]
    assert counts["duplicate"]["planned"]["sure"] == len(alone) == 2
    assert counts["duplicate"]["existing"] == {"sure": 0, "only_if_assumed": 0}
    assert counts["twin"]["planned"]["sure"] == 1
