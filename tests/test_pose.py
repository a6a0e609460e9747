"""From tables of cameras and city to heads."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, Point, box

from civicsight.core.errors import SchemaError
from civicsight.coverage.pose.placement import place_cameras
from civicsight.coverage.pose.sensor_views import find_junctions, read_heads
from civicsight.model import BUILDINGS, CAMERAS, ENTRANCES, HEADS, READINGS, ROADS

CRS = "EPSG:4548"
FULL = {
    "kind": "fixed",
    "mount": "pole",
    "height_m": 5.0,
    "azimuth_deg": 0.0,
    "tilt_deg": 10.0,
    "hfov_deg": 60.0,
    "vfov_deg": 40.0,
    "width_px": 1920.0,
}


def table(declaration, rows, geometry, names=None):
    names = names or [f"{declaration.index[0]}{i}" for i in range(len(geometry))]
    frame = gpd.GeoDataFrame(rows, index=names, geometry=list(geometry), crs=CRS)
    return declaration.complete(frame)


HOUSE = table(BUILDINGS, [{"height_m": 12.0}], [box(0, 0, 20, 10)], ["house"])
CROSSING = table(
    ROADS,
    [{"kind": "residential"}, {"kind": "residential"}, {"kind": "footway"}],
    [
        LineString([(-50, -20), (10, -20), (60, -20)]),
        LineString([(10, -60), (10, -20)]),
        LineString([(10, -20), (10, 0)]),
    ],
)


def read(*rows, at, entrances=None, roads=None, buildings=HOUSE):
    cameras = table(CAMERAS, list(rows), [Point(p) for p in at])
    return read_heads(cameras, buildings=buildings, roads=roads, entrances=entrances)


def test_three_readings_of_a_complete_record_agree():
    heads = read(FULL, at=[(40, 40)])
    HEADS.check(heads)
    assert heads.index.tolist() == [f"c0/{reading}/0" for reading in READINGS]
    columns = [name for name in heads.columns if name != "reading"]
    assert len(heads[columns].astype(str).drop_duplicates()) == 1
    assert heads["confidence"].tolist() == [1.0, 1.0, 1.0]


def test_camera_without_a_record_has_no_sure_head():
    heads = read({}, at=[(40, 40)])
    assert heads["reading"].tolist() == ["assumed", "possible", "possible"]
    assert heads["confidence"].iloc[0] < 0.5
    assert heads["azimuth_deg"].notna().all()


def test_camera_in_the_wall_looks_outward_from_where_it_was_moved():
    heads = read({"kind": "dome"}, at=[(5, 9.5)])
    head = heads.loc["c0/assumed/0"]
    assert (head["azimuth_deg"], head["hfov_deg"], head["host"]) == (0.0, 180.0, "house")
    assert head["shift_m"] == pytest.approx(0.8)
    assert (head.geometry.x, head.geometry.y) == pytest.approx((5.0, 10.3))


def test_pole_beside_a_wall_does_not_look_away_from_it():
    heads = read({"kind": "dome", "mount": "pole"}, at=[(5, 10.4)])
    assert heads.loc["c0/assumed/0", "hfov_deg"] == 360.0


def test_fixed_camera_looks_at_the_nearest_entrance_in_front_of_its_wall():
    doors = table(
        ENTRANCES,
        [{"kind": "main"}] * 4,
        [Point(13, 10), Point(5, 2), Point(5.5, 10.5), Point(5, 20)],
    )
    heads = read({"kind": "fixed"}, at=[(5, 10)], entrances=doors)
    # (5, 2) is behind the wall, (5.5, 10.5) too close, (13, 10) farther along the wall but behind.
    assert heads.loc["c0/assumed/0", "azimuth_deg"] == pytest.approx(0.0)
    assert "faces_entrance" in heads.loc["c0/assumed/0", "assumptions"]


def test_free_fixed_camera_looks_at_the_junction():
    heads = read({"kind": "fixed", "mount": "pole"}, at=[(20, -30)], roads=CROSSING)
    assert heads.loc["c0/assumed/0", "azimuth_deg"] == pytest.approx(315.0)
    far = read({"kind": "fixed", "mount": "pole"}, at=[(50, -45)], roads=CROSSING)
    assert far["reading"].unique().tolist() == ["possible"]


def test_junction_is_where_three_arms_of_streets_meet():
    assert [p.coords[0] for p in find_junctions(CROSSING)] == [(10.0, -20.0)]
    straight = CROSSING[CROSSING["kind"].eq("residential")].iloc[:1]
    assert len(find_junctions(straight)) == 0
    assert len(find_junctions(None)) == len(find_junctions(ROADS.empty(CRS))) == 0
    assert len(find_junctions(CROSSING[CROSSING["kind"].eq("footway")])) == 0


@pytest.mark.parametrize(
    "columns",
    [{"status": "removed"}, {"usable": False}, {"usable": np.False_}, {"setting": "indoor"}],
)
def test_what_is_not_in_use_outdoors_has_no_heads(columns):
    heads = read(FULL | columns, FULL, at=[(40, 40), (60, 40)])
    assert heads["camera_id"].unique().tolist() == ["c1"]


@pytest.mark.parametrize("columns", [{"usable": None}, {"usable": True}, {"status": "planned"}])
def test_what_may_be_in_use_has_heads(columns):
    assert len(read(FULL | columns, at=[(40, 40)])) == 3


def test_deep_inside_a_building_is_indoors():
    hall = table(BUILDINGS, [{"height_m": 12.0}], [box(0, 0, 40, 40)])
    assert read(FULL, at=[(20, 20)], buildings=hall).empty


def test_tour_and_heads_come_from_the_tags():
    tour = FULL | {
        "kind": "ptz",
        "height_px": 1080.0,
        "tags": {"presets": "0/10/40/30;90/10/30/30"},
    }
    rig = FULL | {"kind": "multi_head", "hfov_deg": 180.0, "tags": {"heads": "3"}}
    heads = read(tour, rig, at=[(40, 40), (60, 40)])
    sure = heads[heads["reading"].eq("sure")]
    assert sure.loc["c0/sure/1", ["azimuth_deg", "hfov_deg", "duty"]].tolist() == [90.0, 30.0, 0.5]
    assert sure.loc[sure["camera_id"].eq("c1"), "azimuth_deg"].tolist() == [300.0, 0.0, 60.0]


@pytest.mark.parametrize("tags", [{"presets": "anywhere"}, {"heads": "many"}, {"heads": "-3"}])
def test_unreadable_tags_credit_nothing(tags):
    kind = "ptz" if "presets" in tags else "multi_head"
    heads = read(FULL | {"kind": kind, "height_px": 1080.0, "tags": tags}, at=[(40, 40)])
    assert "sure" not in heads["reading"].tolist()


@pytest.mark.parametrize(
    ("text", "azimuth"), [("135", 135.0), ("45.5", 45.5), ("400", None), ("NE", None), (None, None)]
)
def test_sector_of_a_catalogue_comes_from_the_tags(text, azimuth):
    record = {**FULL, "azimuth_deg": np.nan, "tags": {"direction_sector_deg": text}}
    heads = read_heads(table(CAMERAS, [record], [Point(60, 60)]), buildings=HOUSE)
    assumed = heads.loc[heads["reading"] == "assumed", "azimuth_deg"].tolist()
    assert assumed == ([] if azimuth is None else [azimuth])
    assert "sure" not in set(heads["reading"])


@pytest.mark.parametrize("near", [80.0, 90.0])
def test_record_that_sees_only_beyond_its_range_is_refused(near):
    with pytest.raises(SchemaError) as caught:
        read(FULL, FULL | {"near_m": near, "reach_m": 80.0}, at=[(40, 5), (50, 5)])
    (fault,) = caught.value.faults
    assert (fault.file, fault.where, fault.field) == ("cameras", "c1", "near_m")
    assert fault.found == str(near)
    assert str(fault.expected) == "a least distance below the range of 80.0 m"
    assert str(fault.remedy) == "Check both distances."


def test_view_whose_assumed_range_ends_before_its_focus_is_none():
    heads = read(FULL, FULL | {"near_m": 900.0}, at=[(40, 5), (50, 5)])
    assert set(heads["camera_id"]) == {"c0"}


def test_absurd_number_of_heads_is_bounded():
    heads = read(FULL | {"kind": "multi_head", "tags": {"heads": "99"}}, at=[(40, 40)])
    assert heads["reading"].value_counts()["sure"] == 16


def test_rows_on_one_pole_are_cameras_of_their_own():
    pole = [FULL | {"pole_id": "p", "azimuth_deg": a} for a in (0.0, 180.0)]
    heads = read(*pole, at=[(40, 40), (40, 40)])
    sure = heads[heads["reading"].eq("sure")]
    assert sure["azimuth_deg"].tolist() == [0.0, 180.0]


def test_order_of_rows_changes_nothing_and_input_stays():
    cameras = table(
        CAMERAS,
        [FULL, {}, {"kind": "dome"}, {"kind": "fixed"}],
        [Point(p) for p in [(40, 40), (5, 9), (30, 5), (20, -30)]],
    )
    before = cameras.copy()
    one = read_heads(cameras, buildings=HOUSE, roads=CROSSING)
    two = read_heads(cameras.iloc[::-1], buildings=HOUSE, roads=CROSSING.iloc[::-1])
    assert two.loc[one.index].equals(one)
    assert cameras.equals(before)
    placed = place_cameras(cameras, HOUSE)
    assert read_heads(placed, buildings=HOUSE, roads=CROSSING).equals(one)


def test_no_cameras_no_heads():
    heads = read_heads(CAMERAS.empty(CRS), buildings=HOUSE)
    HEADS.check(heads)
    assert heads.empty
