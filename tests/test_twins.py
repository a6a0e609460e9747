"""Pairs close together that look the same way."""

from __future__ import annotations

import pandas as pd
import pytest
from shapely.geometry import Point

from civicsight.coverage.findings import find_duplicates
from civicsight.coverage.findings.evidence import predicate_values
from tests.small import RULES, by_subject, cameras, heads, matrix, parts, readings, samples, zones

RULE = next(
    rule
    for rule in RULES.by_predicate("separation")
    if predicate_values(rule, "separation").get("bearing")
)
DISTANCE, BEARING = (predicate_values(RULE, "separation")[name] for name in ("distance", "bearing"))
NEW = {"status": "planned"}


def twins(cams, azimuth, seen=None, views=None, kind="twin"):
    table = parts(p={}, q={})
    points = samples(table, {"p": [1, 1], "q": [1, 1]})
    both = readings(matrix(cams, points, seen or {}))
    views = heads(cams, azimuth) if views is None else views
    found = find_duplicates(cams, table, zones(z={}), points, both, views, RULES)
    return by_subject(found, kind)


@pytest.mark.parametrize(
    ("apart", "turn", "is_twin"),
    [
        (DISTANCE, BEARING, True),
        (DISTANCE + 0.01, 0.0, False),
        (1.0, BEARING + 0.01, False),
        (1.0, 360.0 - BEARING, True),
        (0.0, 180.0, False),
    ],
)
def test_bounds_belong_to_the_pair(apart, turn, is_twin):
    cams = cameras(old={"at": (0, 0)}, new=NEW | {"at": (apart, 0)})
    assert ("new" in twins(cams, [350.0, 350.0 + turn])) is is_twin


def test_planned_twin_is_a_warning_with_a_line_to_the_other():
    cams = cameras(old={"at": (0, 0)}, new=NEW | {"at": (3, 4)})
    row = twins(cams, 10.0, {"old": {"p": 200.0}, "new": {"p": 200.0, "q": 200.0}})["new"]
    assert (row["rule"], row["outcome"], row["severity"]) == (RULE.id, "fail", "warning")
    assert row["geometry"].length == 5.0
    card = row["evidence"]
    assert (card["twin"], card["distance_m"], card["angle_deg"]) == ("old", 5.0, 0.0)
    assert (card["containment"], card["jaccard"]) == (0.5, 0.5)


def test_twins_on_one_spot_are_a_point():
    cams = cameras(old={"at": (0, 0)}, new=NEW | {"at": (0, 0)})
    assert twins(cams, 10.0)["new"]["geometry"] == Point(0, 0)


def test_of_two_planned_ones_the_later_id_is_named_once():
    cams = cameras(b=NEW | {"at": (0, 0)}, a=NEW | {"at": (1, 0)})
    assert list(twins(cams, 0.0)) == ["b"]


@pytest.mark.parametrize("seen", [{}, {"a": {"p": 200.0}, "b": {"p": 200.0}}])
def test_existing_pair_is_information_whatever_demand_it_meets(seen):
    cams = cameras(a={"at": (0, 0), "purpose": "traffic"}, b={"at": (1, 0), "purpose": "gate"})
    row = twins(cams, 0.0, seen)["b"]
    assert (row["outcome"], row["severity"]) == ("not_applicable", "info")
    plain = cameras(a={"at": (0, 0)}, b={"at": (1, 0)})
    assert twins(plain, 0.0, seen)["b"]["evidence"]["verdict"] == "twin"


def test_turning_camera_beside_a_fixed_one_is_no_twin():
    cams = cameras(old={"kind": "ptz", "at": (0, 0)}, new=NEW | {"at": (1, 0)})
    assert twins(cams, 0.0) == {}


def test_other_purpose_or_level_is_information():
    cams = cameras(
        old={"at": (0, 0), "purpose": "traffic"}, new=NEW | {"at": (1, 0), "purpose": "gate"}
    )
    assert twins(cams, 0.0)["new"]["evidence"]["verdict"] == "other_purpose"
    plain = cameras(old={"at": (0, 0)}, new=NEW | {"at": (1, 0)})
    row = twins(plain, 0.0, {"old": {"p": 60.0}, "new": {"p": 200.0}})["new"]
    assert (row["evidence"]["verdict"], row["severity"]) == ("other_level", "info")


def test_a_pair_of_unknown_direction_is_a_list_of_its_own():
    cams = cameras(old={"at": (0, 0)}, new=NEW | {"at": (1, 0)})
    guessed = heads(cams, 0.0, old=0.6)  # faces outward, as far as anybody may guess
    assert twins(cams, 0.0, views=guessed) == {}
    row = twins(cams, 0.0, views=guessed, kind="near")["new"]
    assert (row["outcome"], row["severity"]) == ("undetermined", "info")
    assert row["certainty"] == pytest.approx(0.6)
    card = row["evidence"]
    assert (card["verdict"], card["undirected"]) == ("direction_unknown", ["old"])
    assert (card["twin"], card["distance_m"]) == ("old", 1.0)
    none = guessed[~(guessed["camera_id"].eq("old") & guessed["reading"].eq("assumed"))]
    assert list(twins(cams, 0.0, views=none, kind="near")) == ["new"]
    unseen = heads(cams, 0.0)
    for kind in ("twin", "near"):
        views = unseen[unseen["camera_id"].ne("old")]
        assert twins(cams, 0.0, views=views, kind=kind) == {}
    standing = cameras(old={"at": (0, 0)}, new={"at": (1, 0)})
    rows = twins(standing, 0.0, views=heads(standing, 0.0, old=0.6), kind="near")
    assert [row["outcome"] for row in rows.values()] == ["not_applicable"]
    assert twins(cams, 0.0, kind="near") == {}


def test_a_guessed_height_does_not_hide_a_recorded_direction():
    cams = cameras(old={"at": (0, 0)}, new=NEW | {"at": (1, 0)})
    views = heads(cams, 0.0, old=0.6)
    views["assumptions"] = views["assumptions"].map(lambda n: ("height_by_mount",) if n else n)
    row = twins(cams, 0.0, views=views)["new"]
    assert (row["readings"], row["outcome"], row["severity"]) == (
        ("assumed",),
        "undetermined",
        "info",
    )
    assert row["certainty"] == pytest.approx(0.7)
    assert twins(cams, 0.0, views=views, kind="near") == {}


def test_view_all_round_has_every_direction():
    cams = cameras(old={"at": (0, 0)}, new=NEW | {"at": (1, 0)})
    views = heads(cams, [0.0, 170.0])
    ring = views["camera_id"].eq("old")
    views.loc[ring, ["hfov_deg", "lens"]] = [360.0, "cylindrical"]
    assert twins(cams, 0.0, views=views)["new"]["evidence"]["angle_deg"] == 0.0


def test_several_heads_count_by_their_nearest_directions():
    cams = cameras(old={"at": (0, 0)}, new=NEW | {"at": (1, 0)})
    views = heads(cams, [0.0, 100.0])
    second = views[views["camera_id"].eq("old")].assign(azimuth_deg=90.0)
    second.index = second.index.str.replace("/0", "/1")
    both = pd.concat([views, second])
    assert twins(cams, 0.0, views=both)["new"]["evidence"]["angle_deg"] == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("one", "two", "verdict"),
    [
        ("traffic", "gate", "other_purpose"),
        ("traffic", "traffic", "twin"),
        ("traffic", None, "twin"),
        (None, "gate", "twin"),
    ],
)
def test_purposes_differ_where_both_records_name_one(one, two, verdict):
    cams = cameras(old={"at": (0, 0), "purpose": one}, new=NEW | {"at": (1, 0), "purpose": two})
    card = twins(cams, 0.0)["new"]["evidence"]
    assert (card["verdict"], card["jaccard"], card["containment"]) == (verdict, 0.0, 0.0)


def test_a_distance_is_told_to_a_centimetre():
    cams = cameras(old={"at": (0, 0)}, new=NEW | {"at": (1.23456, 0)})
    assert twins(cams, 0.0)["new"]["evidence"]["distance_m"] == 1.23
