"""The made district: its files are reproducible, sound, and say what is proved of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from civicsight.coverage.check import check
from civicsight.io.project import read_city
from civicsight.io.tables.inventory import read_cameras
from civicsight.model import BUILDINGS

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"


@pytest.fixture(scope="module")
def city():
    return read_city(DEMO / "district.gpkg")[0]


@pytest.fixture(scope="module")
def cameras(city):
    return read_cameras(DEMO / "cameras.csv", crs=city.crs, near=city.extent)[0]


@pytest.fixture(scope="module")
def result(city, cameras):
    return check(city, cameras, raster=False)


@pytest.fixture(scope="module")
def expected():
    return json.loads((DEMO / "expected.json").read_text(encoding="utf-8"))


def parts_of_gates(result):
    """Return the part of each entrance."""
    gates = result.parts[result.parts["entrance_id"].notna()]
    return dict(zip(gates["entrance_id"], gates.index, strict=True))


@pytest.mark.slow
def test_every_gate_counted_by_hand_is_a_part_and_there_are_no_others(result, expected):
    gates = result.parts[result.parts["kind"].isin(["entrance", "vehicle_entrance"])]
    assert gates["confirmed"].all()
    assert not gates["inferred"].any()
    known = {gate["entrance"]: gate for gate in expected["gates"]}
    assert sorted(gates["entrance_id"]) == sorted(known)
    for row in gates.itertuples():
        gate = known[row.entrance_id]
        assert (row.article, row.item, row.profile) == ("8", gate["item"], gate["profile"])


def test_every_gate_stands_as_known(result, expected):
    parts = parts_of_gates(result)
    for gate in expected["gates"]:
        row = result.part_status.loc[parts[gate["entrance"]]]
        assert row["status"] == gate["status"], gate["name"]
        assert set(gate["cameras"]) <= set(row["cameras"]), gate["name"]


def test_every_gap_is_found_for_its_reason(result, expected):
    parts = parts_of_gates(result)
    gaps = {gate["entrance"]: gate for gate in expected["gates"] if gate["status"] == "gap"}
    violations = result.gaps[result.gaps["severity"] == "violation"]
    assert sorted(violations["subject"]) == sorted(parts[entrance] for entrance in gaps)
    assert violations["outcome"].eq("fail").all()
    for entrance, gate in gaps.items():
        evidence = violations.set_index("subject").loc[parts[entrance], "evidence"]
        if gate["reason"] == "blocked":
            assert gate["blocker"] in evidence["blockers"][0].split()
        else:
            assert evidence["blockers"] == []
        if gate["reason"] == "density":
            assert evidence["best_px_m_possible"] == pytest.approx(gate["best_px_m"], rel=0.1)
            assert gate["best_px_m"] < 40


def test_what_holds_only_if_an_assumption_does_is_undetermined_and_named(result, expected):
    parts = parts_of_gates(result)
    open_gates = {
        parts[gate["entrance"]]: gate["status"]
        for gate in expected["gates"]
        if gate["status"] in ("assumed", "possible")
    }
    found = result.gaps[result.gaps["outcome"] == "undetermined"].set_index("subject")
    assert set(found.index) == set(open_gates)
    assert found["severity"].ne("violation").all()
    grounds = {name for names in found["assumptions"] for name in names}
    assert grounds == {"any_direction", "faces_entrance", "building_height"}


def test_everything_that_is_no_gate_is_covered(result, expected):
    others = result.parts[~result.parts["kind"].isin(["entrance", "vehicle_entrance"])]
    assert len(others) == len(expected["other_parts"])
    assert sorted(others["kind"]) == sorted(part["kind"] for part in expected["other_parts"])
    status = result.part_status.loc[others.index]
    assert status["status"].eq("covered").all()
    for kind in {part["kind"] for part in expected["other_parts"]}:
        met = sorted(status.loc[others["kind"] == kind, "fraction_sure"])
        known = sorted(p["share_met"] for p in expected["other_parts"] if p["kind"] == kind)
        assert met == pytest.approx(known, abs=0.04), kind


def test_camera_out_of_use_is_named_at_the_gates_that_lack_it_and_nowhere_else(result, expected):
    reasons = {gate["entrance"]: gate.get("reason") for gate in expected["gates"]}
    named = {}
    for part, evidence in zip(result.gaps["subject"], result.gaps["evidence"], strict=True):
        entrance = result.parts.loc[part, "entrance_id"]
        for idle in evidence["out_of_use"]:
            named[entrance] = idle["why"]
            assert idle["would_cover"] is True
            assert idle["distance_m"] < 15.0
    idle_reasons = ("broken", "removed")
    assert named == {gate: why for gate, why in reasons.items() if why in idle_reasons}
    assert sorted(named.values()) == sorted(idle_reasons)


def test_gates_that_wait_are_those_that_only_cameras_to_come_see(cameras, result, expected):
    unbuilt = set(cameras.index[cameras["status"].isin(["approved", "planned"])])
    known = {
        gate["entrance"]
        for gate in expected["gates"]
        if gate["status"] == "covered" and set(gate["cameras"]) <= unbuilt
    }
    waiting = result.part_status["status"].eq("covered") & ~result.part_status["built"]
    assert set(result.parts.loc[waiting.index[waiting], "entrance_id"]) == known
    counts = result.summary["parts"]
    assert counts["covered_once_built"] == len(known)
    assert counts["covered_now"] + len(known) == counts["by_status"]["covered"]


def test_repeats_are_counted_by_what_the_inventory_says_of_the_camera(cameras, result, expected):
    planned = set(cameras.index[cameras["status"].eq("planned")])
    known = sum(entry["camera"] in planned for entry in expected["repeats"])
    counts = result.summary["findings"]["duplicates"]["duplicate"]
    assert sum(counts["planned"].values()) == known
    assert sum(counts["existing"].values()) == len(expected["repeats"]) - known


def test_advice_on_a_camera_that_looks_away_says_how_far_to_turn(result):
    offers = {
        offer["camera"]: offer
        for evidence in result.gaps["evidence"]
        for offer in evidence["reuse"]
    }
    azimuth = result.cameras["azimuth_deg"]
    for camera, offer in offers.items():
        assert (offer["turn_deg"] is None) == pd.isna(azimuth[camera])
        if offer["how"] == "upgrade":
            assert offer["turn_deg"] <= result.cameras.loc[camera, "hfov_deg"] / 2
    assert offers["C108"]["how"] == "re-aim-and-upgrade"
    assert offers["C108"]["turn_deg"] > 90.0


def test_every_repeat_is_found_and_no_other(result, expected):
    repeats = {entry["camera"]: entry for entry in expected["repeats"]}
    found = result.duplicates[result.duplicates["kind"] == "duplicate"].set_index("subject")
    assert set(found.index) == set(repeats)
    for camera, row in found.iterrows():
        entry = repeats[camera]
        assert (
            set(entry["beside"]) >= set(row["evidence"]["relies_on"]) or entry["kind"] == "shared"
        )
        assert row["evidence"]["gain"] == pytest.approx(
            0.0 if entry["kind"] == "either" else entry["gain"], abs=0.03
        )
        if entry["kind"] in ("twin", "dominated"):
            assert entry["beside"] == row["evidence"]["dominated_by"]
        if entry["kind"] != "either":
            assert row["severity"] == entry["severity"]
    either = found.loc[[entry for entry in repeats if repeats[entry]["kind"] == "either"]]
    assert sorted(row["drop"] for row in either["evidence"]) == [False, True]
    assert sorted(either["severity"]) == ["info", "warning"]


def test_only_what_is_known_is_a_violation(result, expected):
    known = {e["camera"] for e in expected["repeats"] if e["severity"] == "violation"}
    duplicates = result.duplicates[result.duplicates["severity"] == "violation"]
    assert set(duplicates["subject"]) == known
    assert result.overlaps["severity"].eq("info").all()


def test_lookalikes_are_no_duplicates(result, expected):
    found = result.duplicates[result.duplicates["kind"] == "duplicate"]
    lookalikes = {entry["camera"] for entry in expected["not_repeats"]}
    assert not lookalikes & set(found["subject"])


def test_the_record_inside_a_wall_is_moved_out_of_it(result, expected):
    moved = result.cameras[result.cameras["placed"] == "moved"]
    assert moved["name"].tolist() == ["兰亭苑小区北门人行口壁装枪机"]
    assert moved["shift_m"].iloc[0] == pytest.approx(0.6, abs=0.02)
    assert result.cameras["placed"].eq("indoor").sum() == expected["counts"]["cameras_indoor"]


def test_a_camera_taken_away_opens_exactly_its_gates(city, cameras, result, expected):
    lone = [
        gate
        for gate in expected["gates"]
        if gate["status"] == "covered" and len(gate["cameras"]) == 1
    ]
    gone = [gate["cameras"][0] for gate in lone[::6]]
    after = check(city, cameras.drop(index=gone), raster=False)
    opened = after.part_status["status"].ne("covered") & result.part_status["status"].eq("covered")
    gates = after.parts.loc[opened.index[opened], "entrance_id"].dropna()
    assert sorted(gates) == sorted(g["entrance"] for g in lone if g["cameras"][0] in gone)


def test_a_house_put_into_a_sight_line_is_named(city, cameras, result, expected):
    gate = next(g for g in expected["gates"] if g["status"] == "covered" and len(g["cameras"]) == 1)
    camera = cameras.geometry[gate["cameras"][0]]
    door = city.entrances.geometry[gate["entrance"]]
    middle = shapely.LineString([camera, door]).interpolate(0.5, normalized=True)
    row = {"height_m": 9.0, "base_m": 0.0, "height_assumed": False, "name": "后建的房子"}
    house = BUILDINGS.complete(
        gpd.GeoDataFrame([row], geometry=[middle.buffer(2.0)], crs=city.crs, index=["new"])
    )
    built = replace(city, buildings=pd.concat([city.buildings, house]))
    after = check(built, cameras, raster=False)
    part = parts_of_gates(result)[gate["entrance"]]
    assert after.part_status.loc[part, "status"] == "gap"
    assert any("后建的房子" in blocker for blocker in after.part_status.loc[part, "blockers"])
