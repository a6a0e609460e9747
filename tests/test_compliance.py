"""Rules asked of a school by hand and of its cameras."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from inspect import isfunction, signature

import numpy as np
import pytest
from shapely.geometry import Point, box

from civicsight.coverage.approaches import approaches
from civicsight.coverage.check import check
from civicsight.planning.compliance import gravest_first, judge
from civicsight.planning.judging.dossier import Dossier
from civicsight.planning.judging.verdicts import DEPARTMENTS, VERDICTS
from civicsight.rules import load_packs
from civicsight.rules.predicates import PREDICATES, cover, papers, places, records, sight
from civicsight.rules.predicates.declaration import Predicate
from tests.compliance_made import (
    TODAY,
    answer,
    bare,  # noqa: F401 - fixtures
    checked,
    looked_at,
    of,
    registers,
    verdicts,
)
from tests.test_check import inventory, town
from tests.test_rules_overriding import pack, param


@pytest.mark.parametrize("family", [cover, papers, places, records, sight])
def test_every_question_of_a_family_is_declared_whole_where_it_is_computed(family):
    """What asks a dossier of a subject is a predicate, in full, or not to be seen from outside."""
    asks = {
        name
        for name, entry in vars(family).items()
        if isinstance(entry, Predicate)
        or (
            (isfunction(entry) and entry.__module__ == family.__name__ and name[0] != "_")
            and list(signature(entry).parameters) == ["dossier", "subject", "values"]
        )
    }
    assert asks
    for name in asks:
        one = PREDICATES[name]
        assert one.name == one.ask.__name__ == name
        assert list(signature(one.ask).parameters) == ["dossier", "subject", "values"]
        assert one.ask.__module__ == family.__name__
        assert str(one.meaning)
        assert all(str(entry.meaning) for entry in one.parameters.values())
        assert all(key == entry.name for key, entry in one.parameters.items())
        assert one.department in {"", *DEPARTMENTS}


def test_verdicts_follow_their_declaration_and_each_names_rule_and_subject_once(bare):
    VERDICTS.check(bare)
    assert not bare.index.has_duplicates
    assert not bare["subject"].eq("gone").any()


def test_without_registers_nothing_that_they_would_say_is_passed_or_failed(bare):
    registered = ["R2.1", "R3.1", "R3.2", "R4.1", "R4.2", "R6.2", "R7.1", "R10.2", "R14.1", "N17.1"]
    asked = bare[bare["rule"].isin(registered) & bare["outcome"].ne("not_applicable")]
    assert set(asked["rule"]) == set(registered)
    assert set(asked["outcome"]) == {"undetermined"}


def test_a_gate_in_doubt_leaves_its_place_undetermined(bare):
    assert of(bare, "R8.5", "8.5:p")[0] == "undetermined"
    assert of(bare, "R8.1", "8.5:p")[0] == "not_applicable"


def test_a_planned_twin_is_judged_as_the_check_judges_it(bare):
    assert of(bare, "R7.3", "twin")[0] == "fail"
    assert of(bare, "R7.4", "twin")[0] == "fail"
    assert of(bare, "R7.3", "south")[0] == "not_applicable"


def test_a_planned_camera_beside_one_of_unknown_direction_is_an_open_question():
    pair = inventory(blind=((30, -8), np.nan, {}), new=((31, -8), 0.0, {"status": "planned"}))
    found = judge(check(town(pair), raster=False), today=TODAY).verdicts
    row = found[found["rule"].eq("R7.4") & found["subject"].eq("new")].iloc[0]
    assert (row["outcome"], row["missing"]) == ("undetermined", ("azimuth_deg",))
    said = "blind stands 1.0 m from it; which way one of them looks is not recorded"
    assert [str(text) for text in row["because"]] == [said]


def test_inside_of_the_jurisdiction_and_of_one_county():
    found = verdicts(
        districts={
            "a": {"code": "360102", "level": "county", "geometry": box(-50, -50, 30, 100)},
            "b": {"code": "360103", "level": "county", "geometry": box(30, -50, 90, 100)},
        }
    )
    assert of(found, "R2.1", "away") == ("pass", "info")
    assert of(found, "R2.1", "wall") == ("fail", "warning")
    assert of(found, "R3.1", "twin") == ("pass", "info")
    assert of(found, "R3.1", "south") == ("fail", "info")  # on the line between two
    assert of(found, "R3.2", "twin")[0] == "undetermined"  # near it, and no register of papers


@pytest.mark.parametrize(
    ("used", "filed", "outcome"),
    [
        ("2026-01-30", "2026-03-01", "pass"),
        ("2026-01-30", "2026-03-02", "fail"),
        ("2028-01-31", "2028-03-01", "pass"),  # a leap year: 30 days later is 1 March
        ("2027-01-31", "2027-03-03", "fail"),
        ("2026-10-20", None, "fail"),  # its thirty days are over
        ("2026-11-20", None, "undetermined"),  # they are not
        (None, "2026-03-01", "undetermined"),
    ],
)
def test_thirty_calendar_days_to_file(used, filed, outcome):
    records = {
        "setting_class": "listed_public",
        "in_use_on": {"south": used, "away": "2026-01-01"},
        "filed_on": {"south": filed, "away": "2026-01-02"},
    }
    later = date(2028, 6, 1) if used and used > str(TODAY) else TODAY  # nobody files ahead of time
    assert of(verdicts(records, later), "N14.1", "south")[0] == outcome


@pytest.mark.parametrize(
    ("filed", "filed_with", "outcome"),
    [
        ("2026-03-01", "Nanchang County Public Security Bureau", "pass"),
        ("2026-03-01", "东湖区公安分局", "pass"),
        ("2026-03-01", "Corner shop", "undetermined"),
        ("2026-03-01", "南昌市公安局", "undetermined"),  # the city's police, not the county's
        ("2026-03-01", None, "fail"),
        (None, None, "undetermined"),  # that it was never filed is another rule's
    ],
)
def test_filed_with_the_police_of_the_county(filed, filed_with, outcome):
    records = {
        "setting_class": "listed_public",
        "filed_on": {"south": filed, "away": "2026-01-02"},
        "filed_with": {"south": filed_with, "away": "东湖区公安分局"},
    }
    assert of(verdicts(records), "N14.4", "south")[0] == outcome


@pytest.mark.parametrize(
    ("changed", "changed_on", "filed", "outcome"),
    [
        (False, None, None, "not_applicable"),
        (None, "2026-06-01", "2026-06-02", "undetermined"),
        (True, None, "2026-06-02", "undetermined"),
        (True, "2026-06-01", "2026-07-01", "pass"),
        (True, "2026-06-01", "2026-07-02", "fail"),
        (True, "2026-06-01", None, "fail"),
        (True, "2026-11-20", None, "undetermined"),  # its time is not over
    ],
)
def test_a_change_of_what_was_filed_is_filed_and_how_soon_is_a_question(
    changed, changed_on, filed, outcome
):
    records = {
        "setting_class": "listed_public",
        "filing_changed": {"south": changed},
        "changed_on": {"south": changed_on},
        "change_filed_on": {"south": filed, "away": "2026-01-01"},
    }
    found = of(verdicts(records), "N14.5", "south")
    assert found[0] == outcome
    assert found[1] == "judgement" or outcome in ("pass", "not_applicable")


@pytest.mark.parametrize(
    ("days", "key", "outcome"),
    [(29, False, "fail"), (30, False, "pass"), (30, None, "undetermined"), (90, None, "pass"),
     (60, True, "fail"), (90, True, "pass"), (None, False, "undetermined")],
)  # fmt: skip
def test_retention_has_two_tiers(days, key, outcome):
    records = {
        "setting_class": "listed_public",
        "retention_days": {"south": days},
        "key_target": {"south": key},
    }
    assert of(verdicts(records), "N17.1", "south")[0] == outcome


def test_a_field_that_nobody_was_asked_for_is_unknown_and_a_gap_in_a_register_is_a_fault(bare):
    assert of(bare, "R14.2", "south")[0] == "not_applicable"
    private = {"owner": "non_government", "interface_standard": {"south": "GB/T 28181-2022"}}
    found = verdicts(private)
    assert of(found, "R14.2", "south") == ("pass", "info")
    assert of(found, "R14.2", "away") == ("fail", "violation")
    assert of(verdicts({"owner": "non_government"}), "R14.2", "away")[0] == "undetermined"


def test_people_answer_what_is_open_and_nothing_else():
    found = verdicts(
        answers={
            "1": answer("R15.0", "yes"),
            "2": answer("R8.5", "yes", "8.5:p"),
            "3": answer("R7.3", "yes", "twin"),
            "4": answer("R7.4", "waived", "twin"),
            "5": answer("R9.1", "waived", "hall"),
        }
    )
    assert of(found, "R15.0", "")[0] == "pass"
    assert of(found, "R8.5", "8.5:p")[0] == "pass"
    assert of(found, "R7.3", "twin")[0] == "fail"  # it is computed, a word does not undo it
    row = found[found["rule"].eq("R7.4") & found["subject"].eq("twin")].iloc[0]
    assert (row["outcome"], row["answered_by"], row["answered_on"]) == (
        "waived", "Li", "2026-05-01",
    )  # fmt: skip


def test_a_prohibition_is_not_waived():
    toilet = {"t": {"kind": "toilet", "scope": "whole_interior", "geometry": box(20, 15, 40, 30)}}
    found = verdicts(private_places=toilet, answers={"1": answer("R9.1", "waived", "hall")})
    row = found[found["rule"].eq("R9.1") & found["subject"].eq("hall")].iloc[0]
    assert (row["outcome"], row["severity"]) == ("fail", "violation")
    assert "cannot be waived" in str(row["because"][-1])


def test_consent_is_asked_for_around_areas_and_shown_to_none_beyond_sight():
    area = {"geometry": box(25, -2, 35, 2), "kind": "military"}
    found = verdicts(consent_areas={"m": area})
    assert of(found, "R6.2", "south")[0] == "undetermined"  # seen, and no papers on file at all
    assert of(found, "R6.2", "away")[0] == "pass"
    paper = {"kind": "acceptance", "subject": "x"}
    found = verdicts(consent_areas={"m": area}, documents={"1": paper})
    assert of(found, "R6.2", "south")[0] == "fail"
    assert of(found, "N10.1", "away")[0] == "fail"  # within the band around it


def test_the_position_in_a_toilet_decides_over_a_record_that_says_outdoors():
    x, y = 5.0, -8.0  # where a camera of the inventory stands
    toilet = {"t": {"kind": "toilet", "scope": "whole_interior",
                    "geometry": box(x - 4, y - 4, x + 4, y + 4)}}  # fmt: skip
    found = verdicts({"setting": "outdoor"}, private_places=toilet)
    inside = checked().cameras.index[
        checked().cameras.geometry.within(box(x - 2, y - 2, x + 2, y + 2))
    ]
    assert len(inside)
    for label in inside:
        row = found[found["rule"].eq("R9.1") & found["subject"].eq(label)].iloc[0]
        assert row["outcome"] == "fail"
        assert "its record says outdoors" in str(row["because"])


def test_a_dormitory_corridor_states_the_reading_of_the_law_and_asks():
    x, y = 5.0, -8.0
    house = {"d": {"kind": "dormitory", "scope": "interior_rooms",
                   "geometry": box(x - 4, y - 4, x + 4, y + 4)}}  # fmt: skip
    inside = checked().cameras.index[
        checked().cameras.geometry.within(box(x - 2, y - 2, x + 2, y + 2))
    ]
    assert len(inside)
    for use, outcome in (("corridor", "undetermined"), ("lobby", "pass"), ("room", "fail")):
        found = verdicts({"setting": "indoor", "room_use": use}, private_places=house)
        for label in inside:
            row = found[found["rule"].eq("R9.2") & found["subject"].eq(label)].iloc[0]
            assert row["outcome"] == outcome, use
            said = " ".join(map(str, row["because"]))
            assert ("allowed only by a reading of the law" in said) == (use == "corridor")
            assert ("read here as their rooms" in said) == (use == "corridor")
    assert row["severity"] == "violation"


def test_the_gravest_come_first(bare):
    order = gravest_first(bare)
    assert list(order["outcome"].eq("fail")) == sorted(order["outcome"].eq("fail"), reverse=True)
    assert sorted(order.index) == sorted(bare.index)


def test_signs_are_asked_for_at_each_approach_and_only_surely_met_or_unmet():
    far = {"s": {"facing_deg": 180.0, "geometry": Point(5_000, 5_000)}}
    found = verdicts(signs=far)
    known = approaches(checked())
    by_reading = known.groupby("camera_id")["reading"].first()
    assert set(by_reading) == {"sure", "assumed"}
    for camera in found.loc[found["rule"].eq("R10.2"), "subject"]:
        reading = by_reading.get(camera)
        outcome = of(found, "R10.2", camera)[0]
        assert outcome == ("fail" if reading == "sure" else "undetermined"), camera
    named = {
        f"{label}/{turn}": {"facing_deg": float(turn), "geometry": row.geometry}
        for label, row in known[known["camera_id"].eq("south")].iterrows()
        for turn in (0, 90, 180, 270)
    }
    assert of(verdicts(signs=named), "R10.2", "south")[0] == "pass"


def test_an_approach_without_a_sign_is_a_violation_only_where_a_local_standard_asks_for_it():
    far = {"s": {"facing_deg": 180.0, "geometry": Point(5_000, 5_000)}}
    for rule in ("R10.2", "N13.2"):
        assert of(verdicts(signs=far), rule, "south") == ("fail", "warning")
    stricter = load_packs(user=[pack(param("sign_standard", 1, "count"))])
    city = replace(checked().city, **registers(signs=far))
    found = judge(replace(checked(), city=city, rules=stricter), today=TODAY).verdicts
    for rule in ("R10.2", "N13.2"):
        assert of(found, rule, "south") == ("fail", "violation")


@pytest.mark.parametrize(
    ("number", "least", "rule", "outcome"),
    [
        ("least_compliance", 1.0, "R5.2", "fail"),
        ("least_compliance", 0.0, "R5.2", "pass"),
        ("least_shared_ready", 0.01, "R5.3", "fail"),
        ("least_shared_ready", 0.0, "R5.3", "pass"),
    ],
)
def test_indices_of_a_plan_are_judged_by_a_number_of_the_pack_and_a_person_decides(
    number, least, rule, outcome
):
    others = param("least_conformance", 0.0, "ratio")
    rules = load_packs(user=[pack(others + param(number, least, "ratio").split("\n", 1)[1])])
    city = looked_at(checked().city)
    found = judge(replace(checked(), city=city, rules=rules), today=TODAY).verdicts
    (row,) = [row for _, row in found.iterrows() if row["rule"] == rule]
    assert row["outcome"] == outcome
    assert row["severity"] == ("judgement" if outcome == "fail" else "info")
    indices = Dossier(checked(), TODAY).indices
    index = indices.compliance["sure"] if rule == "R5.2" else indices.shared_ready
    assert (index >= least) is (outcome == "pass")
    if outcome == "fail":
        assert f"the limit {least * 100:g} %" in str(row["because"][0])


def test_without_an_inventory_the_indices_of_a_plan_are_not_judged():
    city = town()
    bare = check(replace(city, cameras=city.cameras.iloc[:0]), raster=False)
    found = judge(replace(bare, looked=False), today=TODAY).verdicts
    for rule in ("R5.2", "R5.3"):
        (row,) = [row for _, row in found.iterrows() if row["rule"] == rule]
        assert (row["outcome"], row["missing"]) == ("undetermined", ("inventory",))


@cache
def of_the_nation():
    """Check the town by the national law alone, which says who builds at a school."""
    city = town()
    city = replace(looked_at(city), places=city.places.assign(item=None, standing=None))
    return check(city, rules=load_packs(["cn-national-799"]), raster=False)


@pytest.mark.parametrize(
    ("south", "twin", "outcome"),
    [
        ("responsible_operator", None, "pass"),
        ("government_department", "responsible_operator", "pass"),
        ("government_department", "government_department", "fail"),
        ("government_department", None, "undetermined"),
        (None, None, "undetermined"),
    ],
)
def test_whoever_has_to_build_at_a_place_built_a_camera_of_each_covered_part(south, twin, outcome):
    result = of_the_nation()
    said = {"south": south, "twin": twin}
    cameras = result.cameras.assign(builder=[said.get(label) for label in result.cameras.index])
    found = judge(replace(result, cameras=cameras), today=TODAY).verdicts
    assert of(found, "N7.5", "7.2.1:p")[0] == outcome


def test_who_builds_at_a_place_that_nobody_covers_is_not_passed():
    result = of_the_nation()
    gaps = result.part_status.assign(status="gap")
    found = judge(replace(result, part_status=gaps), today=TODAY).verdicts
    assert of(found, "N7.5", "7.2.1:p")[0] == "undetermined"
