"""Duplicates, drop sets and the pitfalls of counting them; every case by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.coverage.findings import find_duplicates
from civicsight.model import FINDINGS
from civicsight.planning.candidates.offers import standing
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
    zones,
)

OK = 200.0  # px/m that meets the need of 125
COARSE = 60.0  # seen, but below it
GAIN = RULES.by_predicate("marginal_gain")[0]
SPARE = RULES.by_predicate("contribution")[0]


def find(
    cams,
    seen,
    *,
    weights=None,
    azimuth=None,
    part_rows=None,
    zone_rows=None,
    assumed=None,
    rules=RULES,
    **confidence,
):
    """Judge cameras over parts p, q ...; far apart in angle unless an azimuth is given."""
    part_rows = part_rows or {}
    weights = weights or {"p": [1, 1], "q": [1, 1]}
    table = parts(**{name: part_rows.get(name, {}) for name in weights})
    points = samples(table, weights)
    azimuth = azimuth if azimuth is not None else [97.0 * i for i in range(len(cams))]
    sure = matrix(cams, points, seen)
    both = readings(sure, matrix(cams, points, assumed) if assumed else None)
    zone_table = zones(z=zone_rows or {})
    views = heads(cams, azimuth, **confidence)
    found = find_duplicates(cams, table, zone_table, points, both, views, rules)
    FINDINGS.check(found)
    return by_subject(found, "duplicate"), found


def with_least(rules, predicate, value):
    """Set the threshold of every rule that asks a predicate."""
    packs = []
    for pack in rules.packs:
        changed = [
            replace(
                rule, check=replace(rule.check, values={**rule.check.values, "at_least": value})
            )
            if rule.check.name == predicate
            else rule
            for rule in pack.rules
        ]
        packs.append(replace(pack, rules=tuple(changed)))
    return replace(rules, packs=tuple(packs))


def without(rules, predicate):
    """Leave out every rule that asks a predicate."""
    packs = [
        replace(pack, rules=tuple(rule for rule in pack.rules if rule.check.name != predicate))
        for pack in rules.packs
    ]
    return replace(rules, packs=tuple(packs))


def planned(**columns):
    return {"status": "planned"} | columns


class TestThreeCameras:
    """The reviewer's fixture: a twin, one facing away, one that looks but does not recognise."""

    def test_twin_on_the_same_pole_is_flagged_and_its_cost_saved(self):
        cams = cameras(old={"at": (0, -10)}, new=planned(at=(0, -10), tags={"cost": "12000"}))
        found, table = find(cams, {"old": {"p": OK}, "new": {"p": OK}}, azimuth=0.0)
        row = found["new"]
        assert (row["rule"], row["article"], row["pack"]) == (GAIN.id, GAIN.article, GAIN.pack)
        assert (row["outcome"], row["severity"]) == ("fail", "violation")
        assert row["readings"] == ("sure", "assumed")
        assert row["evidence"]["relies_on"] == ["old"]
        assert row["evidence"]["verdict"] == "certain"
        assert row["evidence"]["saving"] == 12000.0
        assert len(row["geometry"].geoms) == 2
        twin = by_subject(table, "twin")["new"]["evidence"]
        assert twin["twin"] == "old"
        assert "drop" not in twin, "what becomes of a camera is said of a duplicate alone"

    def test_same_pole_facing_away_is_not(self):
        cams = cameras(old={"at": (0, -10)}, new=planned(at=(0, -10)))
        found, table = find(cams, {"old": {"p": OK}, "new": {"q": OK}}, azimuth=[0.0, 180.0])
        assert found == {}
        assert table.empty

    def test_coarse_view_of_an_existing_camera_suggests_an_upgrade_instead(self):
        cams = cameras(old={"at": (0, -10)}, new=planned(at=(0, -9)))
        found, table = find(cams, {"old": {"p": COARSE}, "new": {"p": OK}})
        assert found == {}
        row = by_subject(table, "overlap")["new"]
        assert row["evidence"] == {
            "verdict": "upgrade",
            "camera_status": "planned",
            "cameras": ["old"],
            "seen": [1.0],
        }
        assert (row["outcome"], row["severity"]) == ("not_applicable", "info")

    @pytest.mark.parametrize("old", [{"kind": "ptz"}, {"status": "planned"}])
    def test_a_camera_that_turns_or_does_not_stand_is_not_upgraded_instead(self, old):
        cams = cameras(old={"at": (0, -10)} | old, new=planned(at=(0, -9)))
        _, table = find(cams, {"old": {"p": COARSE}, "new": {"p": OK}})
        assert "upgrade" not in [card["verdict"] for card in table["evidence"]]

    def test_far_coarse_view_suggests_nothing(self):
        cams = cameras(old={"at": (0, -50)}, new=planned(at=(0, -9)))
        _, table = find(cams, {"old": {"p": COARSE}, "new": {"p": OK}})
        assert table.empty


class TestThresholds:
    @pytest.mark.parametrize(
        ("own", "severity", "verdict"),
        [
            (0, "violation", "certain"),
            (4, "violation", "substantial"),
            (5, "warning", "partial"),
            (19, "warning", "partial"),
            (20, None, None),
        ],
    )
    def test_gain_is_judged_by_the_parameters_of_the_pack(self, own, severity, verdict):
        cams = cameras(old={}, new=planned())
        weights = {"p": [100 - own], "q": [own or 1]}
        seen = {"old": {"p": OK}, "new": {"p": OK, **({"q": OK} if own else {})}}
        found, _ = find(cams, seen, weights=weights)
        if severity is None:
            assert "new" not in found
            return
        row = found["new"]
        assert (row["severity"], row["evidence"]["verdict"]) == (severity, verdict)
        assert row["evidence"]["gain"] == pytest.approx(own / 100)

    def test_threshold_is_that_of_the_rule_and_no_other(self):
        cams = cameras(old={}, new=planned())
        seen, weights = {"old": {"p": OK}, "new": {"p": OK, "q": OK}}, {"p": [70], "q": [30]}
        assert find(cams, seen, weights=weights)[0] == {}
        strict = with_least(RULES, "marginal_gain", 0.5)
        row = find(cams, seen, weights=weights, rules=strict)[0]["new"]
        assert (row["severity"], row["evidence"]["gain"]) == ("warning", pytest.approx(0.3))

    def test_justification_keeps_a_duplicate_a_warning(self):
        cams = cameras(old={}, new=planned(tags={"justification": "other hours"}))
        found, _ = find(cams, {"old": {"p": OK}, "new": {"p": OK}})
        assert found["new"]["severity"] == "warning"
        assert found["new"]["evidence"]["justification"] == "other hours"

    def test_shares_are_on_the_card(self):
        cams = cameras(a={}, b={}, new=planned())
        found, _ = find(
            cams, {"a": {"p": OK}, "b": {"p/0": OK}, "new": {"p": OK}}, weights={"p": [3, 1]}
        )
        card = found["new"]["evidence"]
        assert (card["total"], card["unique"]) == (4.0, 0.0)
        assert card["fair"] == pytest.approx(3 / 3 + 1 / 2)
        assert card["dominated_by"] == ["a"]
        assert card["relies_on_exact"] is True


class TestPitfalls:
    def test_existing_cameras_get_information_only(self):
        found, _ = find(cameras(a={}, b={}), {"a": {"p": OK}, "b": {"p": OK}})
        assert set(found) == {"a", "b"}  # each beside the other, so no order decides
        for row in found.values():
            assert (row["outcome"], row["severity"]) == ("not_applicable", "info")
            assert row["evidence"]["verdict"] == "redundant_with"

    def test_planned_camera_does_not_make_an_existing_one_redundant(self):
        found, _ = find(cameras(a={}, new=planned()), {"a": {"p": OK}, "new": {"p": OK}})
        assert set(found) == {"new"}

    def test_approved_cameras_count_like_existing_ones(self):
        cams = cameras(old={"status": "approved"}, new=planned())
        found, _ = find(cams, {"old": {"p": OK}, "new": {"p": OK}})
        assert found["new"]["evidence"]["relies_on"] == ["old"]

    def test_intended_redundancy_is_no_duplicate(self):
        cams, seen = cameras(old={}, new=planned()), {"old": {"p": OK}, "new": {"p": OK}}
        assert find(cams, seen, part_rows={"p": {"k": 2}})[0] == {}
        third = cameras(old={}, two={}, new=planned())
        seen["two"] = {"p": OK}
        assert find(third, seen, part_rows={"p": {"k": 2}})[0]["new"]["evidence"]["relies_on"] == [
            "old",
            "two",
        ]

    @pytest.mark.parametrize("state", [{"status": "removed"}, {"usable": False}])
    def test_camera_out_of_use_replaces_nobody(self, state):
        cams = cameras(old=state, new=planned())
        assert find(cams, {"old": {"p": OK}, "new": {"p": OK}})[0] == {}

    def test_indoor_camera_replaces_nobody(self):
        cams = cameras(old={}, new=planned()).assign(placed=["indoor", "kept"])
        assert find(cams, {"old": {"p": OK}, "new": {"p": OK}})[0] == {}

    def test_camera_of_unrecorded_use_caps_the_verdict(self):
        cams = cameras(old={"usable": None}, new=planned())
        row = find(cams, {"old": {"p": OK}, "new": {"p": OK}})[0]["new"]
        assert row["severity"] == "warning"
        assert "use_unrecorded" in row["assumptions"]

    def test_turning_camera_does_not_stand_in_for_a_fixed_one(self):
        cams = cameras(old={"kind": "ptz"}, new=planned())
        assert find(cams, {"old": {"p": OK}, "new": {"p": OK}})[0] == {}
        other = cameras(old={}, new=planned(kind="ptz"))
        assert "new" in find(other, {"old": {"p": OK}, "new": {"p": OK}})[0]

    def test_samples_outside_mandatory_parts_never_count(self):
        cams = cameras(old={}, new=planned())
        table = parts(p={}, q={})
        points = samples(table, {"p": [1], "q": [1]})
        both = readings(matrix(cams, points, {"old": {"p": OK}, "new": {"p": OK, "q": OK}}))
        inside = table.loc[["p"]]
        found = find_duplicates(
            cams, inside, zones(z={}), points, both, heads(cams, [0.0, 90.0]), RULES
        )
        assert by_subject(found, "duplicate")["new"]["evidence"]["total"] == 1.0

    def test_samples_without_weight_never_count(self):
        cams = cameras(old={}, new=planned())
        found, _ = find(
            cams, {"old": {"p": OK}, "new": {"p": OK, "q": OK}}, weights={"p": [1], "q": [0]}
        )
        assert found["new"]["evidence"]["gain"] == 0.0

    def test_camera_that_meets_no_demand_is_no_duplicate(self):
        cams = cameras(old={}, new=planned())
        assert find(cams, {"old": {"p": OK}})[0] == {}
        assert find(cams, {"old": {"p": OK}, "new": {"p": COARSE}})[0] == {}

    def test_other_owners_network_is_named_instead_of_building(self):
        cams = cameras(old={"owner": "non_government"}, new=planned())
        row = find(cams, {"old": {"p": OK}, "new": {"p": OK}})[0]["new"]
        assert row["evidence"]["verdict"] == "network_instead"

    def test_one_other_owner_among_those_that_stand_in_is_enough(self):
        cams = cameras(a={"owner": "non_government"}, b={}, new=planned())
        seen = {"a": {"p": OK}, "b": {"q": OK}, "new": {"p": OK, "q": OK}}
        assert find(cams, seen)[0]["new"]["evidence"]["verdict"] == "network_instead"

    @pytest.mark.parametrize(
        ("record", "outside"),
        [
            ({"owner": "non_government", "network_state": "connected"}, False),
            ({"owner": "non_government", "network_state": "scheduled"}, False),
            ({"owner": "government", "network_state": "not_connected"}, True),
            ({"owner": "government"}, False),
        ],
    )
    def test_finding_and_plan_mean_the_same_by_connected(self, record, outside):
        cams = cameras(old=record, new=planned())
        row = find(cams, {"old": {"p": OK}, "new": {"p": OK}})[0]["new"]
        assert (row["evidence"]["verdict"] == "network_instead") is outside
        measures = {label: measure for measure, label, _ in standing(cams)}
        assert measures["old"] == ("connect" if outside else "keep")

    @pytest.mark.parametrize(("less", "severity"), [(0.0, "violation"), (0.001, "warning")])
    def test_a_place_is_certain_from_the_confidence_that_the_packs_state(self, less, severity):
        zone = {"confidence": RULES.policy.confirmed_confidence - less}
        cams = cameras(old={}, new=planned())
        row = find(cams, {"old": {"p": OK}, "new": {"p": OK}}, zone_rows=zone)[0]["new"]
        assert row["severity"] == severity

    @pytest.mark.parametrize(
        ("zone", "part", "ground"),
        [
            ({"standing": "candidate"}, {}, "candidate_place"),
            ({"confidence": 0.7}, {}, "candidate_place"),
            ({}, {"inferred": True, "confirmed": False}, "inferred_part"),
            ({}, {"confirmed": False, "confidence": 0.7}, "uncertain_part"),
        ],
    )
    def test_uncertain_demand_caps_at_a_warning(self, zone, part, ground):
        cams = cameras(old={}, new=planned())
        row = find(
            cams, {"old": {"p": OK}, "new": {"p": OK}}, zone_rows=zone, part_rows={"p": part}
        )[0]["new"]
        assert (row["outcome"], row["severity"]) == ("fail", "warning")
        assert ground in row["assumptions"]

    def test_what_holds_only_if_assumed_is_undetermined(self):
        cams, seen = cameras(old={}, new=planned()), {"old": {"p": OK}, "new": {"p": OK}}
        row = find(cams, {"new": {"p": OK}}, assumed=seen, old=0.6)[0]["new"]
        assert (row["outcome"], row["severity"]) == ("undetermined", "info")
        assert row["readings"] == ("assumed",)
        assert row["certainty"] == pytest.approx(0.6)
        assert "faces_outward" in row["assumptions"]


class TestInsideThePlan:
    def test_of_two_planned_twins_one_goes(self):
        cams = cameras(a=planned(), b=planned())
        found, _ = find(cams, {"a": {"p": OK}, "b": {"p": OK}})
        assert {row["rule"] for row in found.values()} == {SPARE.id}
        assert found["a"]["evidence"]["drop"] is False
        assert found["a"]["evidence"]["verdict"] == "kept_if_others_go"
        assert found["a"]["outcome"] == "not_applicable"
        assert found["b"]["evidence"]["drop"] is True
        assert (found["b"]["outcome"], found["b"]["severity"]) == ("fail", "warning")

    def test_ring_of_three_can_spare_one_not_three(self):
        cams = cameras(a=planned(), b=planned(), c=planned())
        seen = {"a": {"p": OK, "q": OK}, "b": {"q": OK, "r": OK}, "c": {"r": OK, "p": OK}}
        found, _ = find(cams, seen, weights={"p": [1], "q": [1], "r": [1]})
        assert [found[name]["evidence"]["drop"] for name in "abc"] == [False, False, True]
        assert found["c"]["evidence"]["relies_on"] == ["a", "b"]
        assert all(row["evidence"]["fair"] == pytest.approx(1.0) for row in found.values())

    def test_camera_that_is_nearly_idle_is_named_but_not_dropped(self):
        weights = {"p": [97], "q": [3], "r": [50]}
        cams = cameras(a=planned(), b=planned())
        found, _ = find(cams, {"a": {"p": OK, "q": OK}, "b": {"p": OK, "r": OK}}, weights=weights)
        assert set(found) == {"a"}
        card = found["a"]["evidence"]
        assert (card["verdict"], card["drop"], card["gain"]) == ("partial", False, 0.03)

    def test_pack_that_asks_for_contribution_alone_is_answered(self):
        alone = without(RULES, "marginal_gain")
        cams = cameras(old={}, new=planned(tags={"cost": "dear"}))
        found, table = find(cams, {"old": {"p": OK}, "new": {"p": OK}}, rules=alone)
        assert found["new"]["rule"] == SPARE.id
        assert found["new"]["evidence"]["saving"] is None
        assert not table["kind"].eq("overlap").any()

    def test_camera_flagged_beside_existing_ones_gets_one_verdict(self):
        cams = cameras(old={}, new=planned())
        _, table = find(cams, {"old": {"p": OK}, "new": {"p": OK}})
        assert table["rule"].tolist().count(SPARE.id) == 0

    def test_existing_camera_makes_both_planned_ones_idle(self):
        cams = cameras(a=planned(), b=planned(), old={})
        found, _ = find(cams, {"a": {"p": OK}, "b": {"p": OK}, "old": {"p": OK}})
        assert {found[name]["rule"] for name in "ab"} == {GAIN.id}


def test_order_of_all_rows_changes_nothing():
    cams = cameras(a={}, b={}, c=planned(), d=planned(), e=planned(kind="ptz"), f={"usable": None})
    weights = {"p": [1, 2, 3], "q": [1, 1], "r": [5]}
    table = parts(**{name: {} for name in weights})
    points = samples(table, weights)
    seen = {
        "a": {"p": OK},
        "b": {"p/1": OK, "q": OK},
        "c": {"p": OK, "q/0": OK},
        "d": {"q": OK},
        "e": {"r": OK, "p/2": OK},
        "f": {"r": OK},
    }
    both = readings(matrix(cams, points, seen))
    views = heads(cams, 0.0)
    one = find_duplicates(cams, table, zones(z={}), points, both, views, RULES)
    assert len(one) > 4
    for seed in range(5):
        two = find_duplicates(
            shuffled(cams, seed),
            shuffled(table, seed),
            zones(z={}),
            shuffled(points, seed),
            both,
            shuffled(views, seed),
            RULES,
        )
        columns = [name for name in one.columns if name != "geometry"]
        assert two[columns].equals(one[columns])
        assert two.geometry.normalize().equals(one.geometry.normalize())


def test_pack_that_asks_nothing_yields_nothing():
    cams = cameras(old={}, new=planned())
    found, table = find(
        cams, {"old": {"p": OK}, "new": {"p": OK}}, rules=load_packs(["cn-national-799"])
    )
    assert found == {}
    assert table.empty


def test_a_view_that_only_a_guessed_height_hides_is_no_certain_duplicate():
    """For sure both see part p; at best the planned one sees part q as well, and alone."""
    cams = cameras(new={"status": "planned"}, old={"status": "existing"})
    table = parts(p={}, q={})
    points = samples(table, {"p": [1, 1], "q": [4, 4]})
    sure = matrix(cams, points, {"new": {"p": OK}, "old": {"p": OK}})
    best = matrix(cams, points, {"new": {"p": OK, "q": OK}, "old": {"p": OK}})
    views = heads(cams, [0.0, 97.0])

    def verdict(possible):
        found = find_duplicates(
            cams,
            table,
            zones(z={}),
            points,
            {"sure": sure, "assumed": sure, "possible": possible},
            views,
            RULES,
        )
        return by_subject(found, "duplicate")["new"]

    assert verdict(sure)["outcome"] == "fail"
    assert verdict(best)["outcome"] == "undetermined"
    assert verdict(best)["severity"] != "violation"
    assert "building_height" in verdict(best)["assumptions"]
