"""Approaches of a view and the signs before them, against cases worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, box

from civicsight.coverage.approaches import BEYOND_M, WITHIN_M, approaches, signs_met
from civicsight.coverage.check import build_scenes, check
from civicsight.model import ROADS, SIGNS
from tests.test_check import EPSG, inventory, table, town

# A camera at (30, -8) looks north over a half angle of 30 degrees; a road crosses at y = 12 from
# west to east, so that it is in view between x = 30 - 20 tan 30 and 30 + 20 tan 30.
HALF_M = 20.0 * np.tan(np.radians(30.0))
EYE = {"height_m": 6.0, "tilt_deg": 15.0, "hfov_deg": 60.0, "vfov_deg": 45.0, "reach_m": 60.0}
FAR_HOUSE = {"far": (box(140, 90, 145, 95), 3.0, False)}


def crossing(buildings=None, roads=None, **camera):
    lines = roads or {"street": LineString([(-40, 12), (100, 12)])}
    city = town(inventory(c=((30, -8), 0.0, EYE | camera)), buildings or FAR_HOUSE)
    rows = table(ROADS, {name: {"kind": "footway"} for name in lines}, list(lines.values()))
    return check(replace(city, roads=rows), raster=False)


def signs(**rows):
    made = gpd.GeoDataFrame(
        [more for _, more in rows.values()],
        index=list(rows),
        geometry=[Point(at) for at, _ in rows.values()],
        crs=EPSG,
    )
    return SIGNS.complete(made)


def west_of(found):
    """Return the approach from the west."""
    return found[found["kind"].eq("road") & found["heading_deg"].eq(90.0)]


@pytest.fixture(scope="module")
def result():
    return crossing()


@pytest.fixture(scope="module")
def found(result):
    return approaches(result)


def judge(result, found, **rows):
    met = signs_met(west_of(found), signs(**rows), build_scenes(result.city)["sure"])
    return met.iloc[0]


def test_a_road_enters_a_view_from_both_sides(found):
    road = found[found["kind"].eq("road")].sort_values("heading_deg")
    assert list(road["heading_deg"]) == [90.0, 270.0]
    west, east = road.geometry
    assert west.x == pytest.approx(30 - HALF_M, abs=1.0)
    assert east.x == pytest.approx(30 + HALF_M, abs=1.0)
    assert set(road["reading"]) == {"sure"}
    assert set(road["camera_id"]) == {"c"}


def test_who_comes_out_of_a_gate_in_view_enters_there(found):
    gates = found[found["kind"].eq("gate")]
    assert [(at.x, at.y) for at in gates.geometry][:1] == [(30.0, 0.0)]
    assert gates["heading_deg"].iloc[0] == 180.0
    assert found.index.is_unique


def test_a_house_before_the_road_moves_the_approach():
    # Past its corner (24, 6), 6 m west and 14 m north of the camera, the street is seen again.
    shadow = {"house": (box(20, 0.5, 24, 6), 9.0, False)}
    moved = approaches(crossing(shadow))
    assert west_of(moved).geometry.iloc[0].x == pytest.approx(30 - 20 * 6 / 14, abs=1.0)


def test_a_short_gap_in_a_view_is_no_approach(found):
    pole = {"pole": (box(29.5, 4, 30.5, 5), 9.0, False)}
    assert len(west_of(approaches(crossing(pole)))) == len(west_of(found)) == 1


def test_an_approach_of_an_assumed_pose_is_assumed():
    result = crossing(kind="dome", hfov_deg=90.0)
    result.cameras["azimuth_deg"] = np.nan
    unknown = check(
        replace(result.city, cameras=result.cameras[list(result.city.cameras)]), raster=False
    )
    readings = set(approaches(unknown)["reading"])
    assert readings
    assert "sure" not in readings


def test_a_camera_without_roads_or_gates_has_no_approach():
    away = approaches(
        crossing(roads={"far": LineString([(-50, 98), (-40, 98)])}, azimuth_deg=180.0)
    )
    assert not len(away[away["kind"].eq("road")])


BEFORE = (30 - HALF_M - 8.0, 13.0)


@pytest.mark.parametrize(
    ("at", "more", "outcome", "why"),
    [
        (BEFORE, {"facing_deg": 270.0}, "met", ""),
        (BEFORE, {"facing_deg": 270.0 - 59.0}, "met", ""),
        (BEFORE, {"facing_deg": 270.0 + 61.0}, "unmet", "faces_away"),
        (BEFORE, {"facing_deg": 90.0}, "unmet", "faces_away"),
        (BEFORE, {}, "undetermined", "facing_unknown"),
        (BEFORE, {"facing_deg": 270.0, "camera_id": "c"}, "met", ""),
        (BEFORE, {"facing_deg": 270.0, "camera_id": "other"}, "unmet", "none_near"),
        ((30 - HALF_M + BEYOND_M + 4.0, 13.0), {"facing_deg": 270.0}, "unmet", "inside_view"),
        ((30 - HALF_M - WITHIN_M - 2.0, 13.0), {"facing_deg": 270.0}, "unmet", "none_near"),
    ],
)
def test_a_sign_is_met_before_the_view_or_it_is_said_why_not(result, found, at, more, outcome, why):
    row = judge(result, found, s=(at, more))
    assert (row["met"], row["why"]) == (outcome, why)


def test_an_approach_without_a_direction_is_never_met(result, found):
    lost = west_of(found).assign(heading_deg=np.nan)
    met = signs_met(
        lost, signs(s=(BEFORE, {"facing_deg": 270.0})), build_scenes(result.city)["sure"]
    )
    assert (met["met"].iloc[0], met["why"].iloc[0]) == ("undetermined", "heading_unknown")


def test_a_good_sign_outweighs_the_others(result, found):
    row = judge(result, found, a=(BEFORE, {"facing_deg": 90.0}), b=(BEFORE, {"facing_deg": 270.0}))
    assert (row["met"], row["sign_id"]) == ("met", "b")


def test_a_sign_behind_a_wall_is_hidden(found):
    x, y = BEFORE
    walls = {"w": (box(x - 3, 12.3, x + 40, 12.6), 5.0, False)} | {
        "v": (box(x - 3, 12.6, x - 2.5, 16.0), 5.0, False)
    }
    scene = build_scenes(crossing(walls).city)["sure"]
    met = signs_met(west_of(found), signs(s=((x, y), {"facing_deg": 270.0})), scene)
    assert (met["met"].iloc[0], met["why"].iloc[0]) == ("unmet", "hidden")


def test_without_a_register_nothing_passes(result, found):
    met = signs_met(found, SIGNS.empty(EPSG), build_scenes(result.city)["sure"])
    assert len(met) == len(found) > 0
    assert set(met["met"]) == {"undetermined"}
    assert set(met["why"]) == {"no_register"}


def test_without_approaches_there_is_nothing_to_judge(result, found):
    met = signs_met(found.iloc[:0], SIGNS.empty(EPSG), build_scenes(result.city)["sure"])
    assert isinstance(met, pd.DataFrame)
    assert not len(met)
