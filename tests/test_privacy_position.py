"""Cameras inside private places, and before private doors."""

import geopandas as gpd
import numpy as np
import pytest

from civicsight.core.errors import CrsError
from civicsight.coverage.pose.placement import place_cameras
from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.coverage.privacy.facades import find_private
from civicsight.coverage.privacy.position import FACED, INSIDE, find_doors, find_faced, find_inside
from civicsight.model import READINGS
from civicsight.rules import load_packs
from civicsight.scene.bodies import build_scene
from tests import town
from tests.test_privacy_exposure import cameras
from tests.test_privacy_facades import city, home

RULES = load_packs()

TOILET = (town.rect(0, 0, 10, 8), {"kind": "toilets", "height_m": 4.0})
DORM = (town.rect(100, 0, 140, 20), {"kind": "dormitory", "height_m": 12.0})
FLATS = home(town.rect(200, 0, 240, 20), 12.0)


def inside(table, **buildings):
    made = town.buildings(**buildings)
    private = find_private(city(buildings=made), RULES)
    return find_inside(place_cameras(table, made), private.areas)


class TestInside:
    def test_by_scope_and_setting(self):
        indoor, unknown = {"setting": "indoor"}, {"setting": None}
        table = cameras(
            toilet=(5, 4, indoor | {"height_m": 2.5}),
            hall=(120, 10, indoor | {"height_m": 2.5}),
            deep=(120, 11, unknown | {"height_m": 2.5}),
            flat=(220, 10, indoor | {"height_m": 2.5}),
            street=(60, 10, {"setting": "outdoor"}),
        )
        found = inside(table, wc=TOILET, dorm=DORM, flats=FLATS)
        assert list(found.columns) == list(INSIDE)
        by_camera = found.set_index("camera_id")
        assert by_camera["scope"].to_dict() == {
            "toilet": "whole_interior",
            "hall": "interior_rooms",
            "deep": "interior_rooms",
        }
        assert by_camera["setting"].to_dict() == {
            "toilet": "indoor",
            "hall": "indoor",
            "deep": "deep_inside",
        }
        assert by_camera["building_id"].to_dict() == {
            "toilet": "wc",
            "hall": "dorm",
            "deep": "dorm",
        }

    def test_a_camera_on_the_outer_wall_or_the_roof_is_not_inside(self):
        table = cameras(
            wall=(100.2, 10, {"height_m": 3.0, "setting": "outdoor"}),
            roof=(120, 10, {"height_m": 13.0, "setting": "outdoor", "mount": "roof"}),
        )
        assert inside(table, dorm=DORM).empty

    def test_a_passage_under_a_dormitory_is_not_inside(self):
        raised = (town.rect(0, 0, 40, 20), {"kind": "dormitory", "height_m": 12.0, "base_m": 5.0})
        assert inside(cameras(c=(20, 10, {"height_m": 3.0})), dorm=raised).empty

    def test_the_position_decides_over_the_record(self):
        """Recorded outdoors, but drawn in the middle of the dormitory; at its edge it may be so."""
        table = cameras(c=(120, 10, {"setting": "outdoor", "height_m": 2.5}))
        assert inside(table, dorm=DORM)["setting"].tolist() == ["contradicted"]

    def test_a_room_of_the_register(self):
        register = {"r": {"kind": "changing_room", "geometry": town.rect(20, 5, 26, 10)}}
        made = town.buildings(pool=(town.rect(0, 0, 60, 30), {"kind": "yes"}))
        private = find_private(city(buildings=made, register=register), RULES)
        table = cameras(here=(23, 7, {"setting": "indoor"}), there=(40, 20, {"setting": "indoor"}))
        found = find_inside(table, private.areas)
        assert found["camera_id"].tolist() == ["here"]
        assert found["confidence"].tolist() == [1.0]

    def test_another_crs_is_refused(self):
        private = find_private(city(), RULES)
        with pytest.raises(CrsError, match="to_crs"):
            find_inside(cameras(c=(0, 0)).to_crs("EPSG:4547"), private.areas)


class TestDoors:
    BLOCK = home(town.rect(0, 20, 40, 30))

    def setup_method(self):
        self.buildings = town.buildings(flats=self.BLOCK)
        self.doors = town.entrances(
            door=(town.point(20, 20), "main"),
            shop=(town.point(30, 20), "shop"),
            garage=(town.point(5, 20), "yes", {"vehicle": True}),
            far=(town.point(20, 0), "main"),
        )
        self.areas = find_private(city(buildings=self.buildings), RULES).areas

    def faced(self, walls=None, **columns):
        x, y = columns.pop("x", 20.0), columns.pop("y", 10.0)
        table = cameras(c=(x, y, {"height_m": 3.0, "tilt_deg": 5.0} | columns))
        made = town.buildings(flats=self.BLOCK, **(walls or {}))
        heads = read_heads(table, buildings=made)
        scenes = dict.fromkeys(READINGS, build_scene(made))
        return find_faced(heads, self.doors, self.areas, scenes, within_m=15.0, angle_deg=30.0)

    def test_private_doors_are_those_of_people_in_private_walls(self):
        assert find_doors(self.doors, self.areas)["entrance_id"].tolist() == ["door"]

    @pytest.mark.parametrize(
        ("columns", "count"),
        [
            ({}, 1),
            ({"azimuth_deg": 29.9}, 1),
            ({"azimuth_deg": 30.1}, 0),
            ({"azimuth_deg": 180.0}, 0),
            ({"y": 5.1}, 1),
            ({"y": 4.9}, 0),
            ({"tilt_deg": 80.0}, 0),
        ],
    )
    def test_distance_angle_and_frame(self, columns, count):
        found = self.faced(**columns)
        assert list(found.columns) == list(FACED)
        assert len(found) == count
        if count:
            assert found["reading"].tolist() == ["sure"]
            assert found["entrance_id"].tolist() == ["door"]

    def test_a_wall_in_between(self):
        wall = {"wall": (town.rect(10, 14, 30, 15), {"kind": "yes", "height_m": 9.0})}
        assert len(self.faced()) == 1
        assert self.faced(walls=wall).empty

    def test_an_unknown_direction_may_face_it(self):
        found = self.faced(azimuth_deg=np.nan)
        assert found["reading"].tolist() == ["possible"]

    def test_a_camera_inside_or_behind_does_not_face_the_door(self):
        assert self.faced(y=34.0, azimuth_deg=180.0).empty

    def test_without_doors_there_is_nothing(self):
        none = self.doors.iloc[:0]
        heads = read_heads(cameras(c=(20.0, 10.0)), buildings=self.buildings)
        scenes = dict.fromkeys(READINGS, build_scene(self.buildings))
        found = find_faced(heads, none, self.areas, scenes, within_m=15.0, angle_deg=30.0)
        assert found.empty
        assert list(found.columns) == list(FACED)


def test_points_are_no_insides():
    areas = find_private(city(), RULES).areas
    assert isinstance(areas, gpd.GeoDataFrame)
    assert find_inside(cameras(c=(0, 0)), areas).empty
