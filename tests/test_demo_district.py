"""The made district: its files are reproducible, sound, and say what is proved of them."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from civicsight.city import read_cameras, read_city
from civicsight.coverage.check import check
from civicsight.schema import BUILDINGS

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
FILES = ("district.gpkg", "cameras.csv", "expected.json", "district.svg")
ITEMS = {
    "8.1",
    "8.2a",
    "8.2b",
    "8.2c",
    "8.3",
    "8.4",
    "8.5",
    "8.6",
    "8.7",
    "8.8",
    "8.9",
    "8.10",
    "8.11",
}


@pytest.fixture(scope="module")
def maker():
    """Return the generator as a module; its folder is data and not on the path."""
    spec = importlib.util.spec_from_file_location("make_district", DEMO / "make_district.py")
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = before


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


def test_every_run_gives_the_same_bytes(maker, tmp_path):
    maker.make(tmp_path)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (DEMO / name).read_bytes(), name


def test_the_district_is_one_square_kilometre_and_says_that_it_is_made_up(city, cameras):
    assert city.synthetic
    assert "虚构" in city.name
    assert any("虚构" in source for source in city.sources)
    assert city.crs.to_epsg() == 4548
    assert 0.9e6 < shapely.convex_hull(city.buildings.geometry.union_all()).area < 1.3e6
    assert cameras["source"].eq("虚构台账").all()
    assert city.places["source"].eq("虚构名录").all()


def test_counts_are_those_known_beforehand(city, cameras, expected):
    counts = expected["counts"]
    for layer, count in counts["layers"].items():
        assert len(getattr(city, layer)) == count, layer
    assert cameras["status"].value_counts().to_dict() == counts["cameras"]
    assert 150 <= len(cameras) <= 300
    assert int(cameras["azimuth_deg"].isna().sum()) == counts["cameras_without_direction"]
    assert int(cameras["usable"].eq(False).sum()) == counts["cameras_unusable"]
    assert int(cameras["setting"].eq("indoor").sum()) == counts["cameras_indoor"]
    assert int(city.buildings["height_assumed"].sum()) == counts["buildings_of_assumed_height"]
    register = city.places[city.places["item"].notna()]
    assert register["item"].value_counts().to_dict() == counts["places"]
    assert register["standing"].eq("designated").all()
    assert set(counts["places"]) == ITEMS


def test_the_inventory_counts_from_true_north_and_is_read_onto_the_grid(maker, cameras):
    """A written direction is turned by the convergence and comes back as it was drawn."""
    drawn = maker.make_inventory(maker.draw())
    azimuth = [camera.azimuth_deg for camera in drawn]
    written = pd.read_csv(DEMO / "cameras.csv")["azimuth_deg"]
    read = cameras["azimuth_deg"].to_numpy()
    for drawn_deg, true_deg, grid_deg in zip(azimuth, written, read, strict=True):
        if drawn_deg is None:
            assert pd.isna(true_deg)
            assert pd.isna(grid_deg)
            continue
        assert abs((grid_deg - drawn_deg + 180) % 360 - 180) < 1e-4
        # West of the meridian of 117 degrees grid north lies west of true north.
        assert -0.55 < (true_deg - drawn_deg + 180) % 360 - 180 < -0.5


def test_every_gate_is_on_its_place_and_confirmed(city, expected):
    assert city.entrances["confirmed"].all()
    gates = {gate["entrance"] for gate in expected["gates"]}
    doors = {door["entrance"] for door in expected["private_doors"]}
    assert gates | doors == set(city.entrances.index)
    assert len(gates) == 61
    assert not gates & doors
    for gate in expected["gates"]:
        outline = city.places.geometry[gate["place"]]
        assert outline.boundary.distance(city.entrances.geometry[gate["entrance"]]) < 0.02
        assert city.places["item"][gate["place"]] == gate["item"]
        assert bool(city.entrances["vehicle"][gate["entrance"]]) == gate["vehicle"]


def test_walls_leave_every_gate_open(city):
    barriers = city.barriers.geometry.union_all()
    for gate in city.entrances.itertuples():
        assert barriers.distance(gate.geometry) > gate.width_m / 2


def test_no_camera_stands_in_a_house_but_the_one_meant_to(city, cameras):
    outdoor = cameras[cameras["setting"] == "outdoor"]
    tree = shapely.STRtree(city.buildings.geometry.to_numpy())
    inside = tree.query(outdoor.geometry.to_numpy(), predicate="intersects")[0]
    low = [row for row in inside if outdoor["height_m"].iloc[row] < 5.0]
    assert outdoor["name"].iloc[low].tolist() == ["兰亭苑小区北门人行口壁装枪机"]


def test_houses_stand_clear_of_each_other_and_of_walls(city):
    shapes = city.buildings.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = first != second
    common = shapely.area(shapely.intersection(shapes[first[apart]], shapes[second[apart]]))
    ground = city.buildings["base_m"].to_numpy()
    over = (ground[first[apart]] > 0) | (ground[second[apart]] > 0)
    assert common[~over].max(initial=0.0) == 0.0
    barriers = city.barriers.geometry.to_numpy()
    assert not shapely.STRtree(shapes).query(barriers, predicate="intersects").size


def test_every_reason_is_written_in_both_languages_and_names_what_is_there(city, cameras, expected):
    known = set(cameras.index)
    for part in ("gates", "repeats", "not_repeats", "private"):
        for entry in expected[part]:
            assert entry["why"]["zh"].endswith("。")
            assert entry["why"]["en"].endswith(".")
            named = [entry["camera"]] if "camera" in entry else entry["cameras"]
            assert set(named) | set(entry.get("beside", ())) <= known
    obstacles = set(city.obstacles.index) | set(city.buildings.index) | set(city.canopies.index)
    gaps = [gate for gate in expected["gates"] if gate["status"] == "gap"]
    assert {gate["reason"] for gate in gaps} == {
        "no_camera",
        "removed",
        "broken",
        "blocked",
        "density",
        "angle",
    }
    assert {gate["blocker"] for gate in gaps if gate["reason"] == "blocked"} <= obstacles
    assert {gate["status"] for gate in expected["gates"]} == {
        "covered",
        "assumed",
        "possible",
        "gap",
    }


@pytest.mark.usefixtures("maker")
def test_the_proof_knows_its_optics():
    """Figures of a published example: 2560 px over 52 degrees, 4 m up, tilted by 30 degrees."""
    from district.proof import Eye, density, depression_deg, yaw_deg

    eye = Eye(0.0, 0.0, 4.0, 0.0, 30.0, 52.0, 29.999, 2560.0, 100.0)
    focal = 2624.39
    for ground_m, depth_m in ((4.1, 5.551), (9.7, 10.400), (14.9, 14.904)):
        arc = 2560.0 / (52.0 * 3.141592653589793 / 180.0) / (ground_m**2 + 16.0) ** 0.5
        assert density(eye, (0.0, ground_m), 0.0) == pytest.approx(
            min(focal / depth_m, arc), rel=1e-3
        )
    assert density(eye, (0.0, 3.9), 0.0) == 0.0
    assert density(eye, (0.0, 15.1), 0.0) == 0.0
    assert depression_deg(eye, (4.0, 0.0), 0.0) == pytest.approx(45.0)
    assert yaw_deg(eye, (0.0, 5.0), 180.0) == pytest.approx(0.0)
    assert yaw_deg(eye, (5.0, 5.0), 0.0) == pytest.approx(45.0)


@pytest.mark.usefixtures("maker")
def test_the_proof_knows_what_stands_in_the_way():
    from district.proof import Eye, Solid, Solids

    eye = Eye(0.0, 0.0, 4.0, 0.0, 10.0, 60.0, 36.0, 2560.0, 100.0)
    solids = Solids(
        [
            Solid("wall", shapely.LineString([(-5, 10), (5, 10)]), 0.0, 2.4),
            Solid("panel", shapely.LineString([(20, 5), (20, -5)]), 2.0, 4.0),
            Solid("house", shapely.box(-20, -5, -10, 5), 0.0, 3.0),
            Solid("crown", shapely.box(-1, -12, 1, -8), 2.0, 6.0, 0.15),
            Solid("thin crown", shapely.box(9, -12, 11, -8), 2.0, 6.0, 0.6),
        ]
    )
    # At 10 of 20 m the sight line to 1.6 m is 2.8 m up; at 10 of 12 m it is 2.0 m.
    assert solids.blockers(eye, (0.0, 20.0)) == []
    assert solids.blockers(eye, (0.0, 12.0)) == ["wall"]
    assert solids.blockers(eye, (0.0, 10.0)) == []
    assert solids.blockers(eye, (40.0, 0.0)) == ["panel"]
    assert solids.blockers(eye, (22.0, 0.0)) == []
    assert solids.blockers(eye, (-25.0, 0.0)) == ["house"]
    assert solids.blockers(eye, (0.0, -20.0)) == ["crown"]
    assert solids.blockers(eye, (20.0, -20.0)) == []


def parts_of_gates(result):
    """Return the part of each entrance."""
    gates = result.parts[result.parts["entrance_id"].notna()]
    return dict(zip(gates["entrance_id"], gates.index, strict=True))


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
