"""What cameras share, and how many watch each sample."""

from __future__ import annotations

from civicsight.coverage.findings import count_watchers, find_overlaps
from civicsight.model import FINDINGS
from civicsight.rules import load_packs
from tests.small import (
    RULES,
    by_subject,
    cameras,
    heads,
    matrix,
    parts,
    readings,
    samples,
    shuffled,
)

CAMS = cameras(a={}, b={}, c={}, d={"status": "planned"})
PARTS = parts(p={}, q={}, r={})
SAMPLES = samples(PARTS, {"p": [1], "q": [2], "r": [4]})
RING = {"a": {"p": 130.0, "q": 150.0}, "b": {"q": 130.0, "r": 130.0}, "c": {"r": 130.0, "p": 60.0}}


def test_ring_describes_what_each_pair_shares():
    ms = readings(matrix(CAMS, SAMPLES, RING))
    found = find_overlaps(CAMS, PARTS, SAMPLES, ms, heads(CAMS, 0.0), RULES)
    FINDINGS.check(found)
    rows = by_subject(found, "overlap")
    assert list(rows) == ["a", "b", "c"]
    card = rows["b"]["evidence"]
    assert (card["total"], card["unique"], card["fair"]) == (6.0, 0.0, 3.0)
    assert [entry["camera"] for entry in card["with"]] == ["c", "a"]
    assert card["with"][1] == {
        "camera": "a",
        "shared": 2.0,
        "containment": 0.3333,
        "jaccard": 0.2857,
    }
    assert (rows["b"]["severity"], rows["b"]["outcome"]) == ("info", "not_applicable")
    assert rows["b"]["readings"] == ("sure", "assumed")
    assert len(rows["b"]["geometry"].geoms) == 2


def test_a_camera_names_the_ten_that_it_shares_most_with():
    """The others see ever more of what it sees: the first of them is left out."""
    cams = cameras(**{name: {} for name in "abcdefghijkl"})
    points = samples(PARTS, {"p": [1] * 11})
    seen = {name: {f"p/{i}": 130.0 for i in range(n)} for n, name in enumerate("bcdefghijkl", 1)}
    ms = readings(matrix(cams, points, seen | {"a": {"p": 130.0}}))
    found = find_overlaps(cams, PARTS, points, ms, heads(cams, 0.0), RULES)
    card = by_subject(found, "overlap")["a"]["evidence"]
    assert [entry["camera"] for entry in card["with"]] == list("lkjihgfedc")


def test_overlap_under_an_assumption_names_it():
    ms = readings(matrix(CAMS, SAMPLES, {}), matrix(CAMS, SAMPLES, RING))
    found = find_overlaps(CAMS, PARTS, SAMPLES, ms, heads(CAMS, 0.0, a=0.6), RULES)
    row = by_subject(found, "overlap")["a"]
    assert (row["readings"], row["certainty"]) == (("assumed",), 0.6)
    assert row["assumptions"] == ("faces_outward",)


def test_watchers_count_by_reading():
    ms = readings(matrix(CAMS, SAMPLES, {"a": {"p": 130.0}}), matrix(CAMS, SAMPLES, RING))
    counts = count_watchers(SAMPLES, ms)
    assert counts["cameras_sure"].tolist() == [1, 0, 0]
    assert counts["cameras_assumed"].tolist() == [1, 2, 2]
    assert counts["best_px_m_assumed"].tolist() == [130.0, 150.0, 130.0]


def test_order_and_rules():
    ms = readings(matrix(CAMS, SAMPLES, RING))
    one = find_overlaps(CAMS, PARTS, SAMPLES, ms, heads(CAMS, 0.0), RULES)
    two = find_overlaps(shuffled(CAMS, 1), PARTS, SAMPLES, ms, heads(CAMS, 0.0), RULES)
    assert two.equals(one)
    silent = load_packs(["cn-national-799"])
    assert find_overlaps(CAMS, PARTS, SAMPLES, ms, heads(CAMS, 0.0), silent).empty
