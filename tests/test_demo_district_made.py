"""The made district as it is made: its layers, its inventory, and the proof of what it holds."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pandas as pd
import pytest
import shapely

from civicsight.io.project import read_city
from civicsight.io.tables.inventory import read_cameras

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
def expected():
    return json.loads((DEMO / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.slow
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
