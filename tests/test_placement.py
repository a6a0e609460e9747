"""Cameras inside and on buildings; distances by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from civicsight.core.errors import CrsError, SchemaError
from civicsight.coverage.pose.placement import PLACEMENT_REASONS, PLACEMENTS, place_cameras
from civicsight.model import BUILDINGS, CAMERAS

CRS = "EPSG:4548"


def cameras(**spots):
    """Build cameras by name: a point, or a point and columns."""
    rows = {k: v if isinstance(v[1], dict) else (v, {}) for k, v in spots.items()}
    frame = gpd.GeoDataFrame(
        [columns for _, columns in rows.values()],
        index=list(rows),
        geometry=[Point(p) for p, _ in rows.values()],
        crs=CRS,
    )
    return CAMERAS.complete(frame)


def buildings(*shapes, height=12.0, base=0.0):
    frame = gpd.GeoDataFrame(
        {"height_m": height, "base_m": base},
        index=[f"b{i}" for i in range(len(shapes))],
        geometry=list(shapes),
        crs=CRS,
    )
    return BUILDINGS.complete(frame)


HOUSE = box(0, 0, 20, 10)


def placed(spot, *shapes, **columns):
    return place_cameras(cameras(c=(spot, columns)), buildings(*shapes)).loc["c"]


def test_camera_in_the_wall_moves_to_just_outside_it():
    row = placed((5, 9), HOUSE)
    assert (row.placed, row.reason, row.host) == ("moved", "in_wall", "b0")
    assert (row.geometry.x, row.geometry.y) == pytest.approx((5.0, 10.3))
    assert row.shift_m == pytest.approx(1.3)
    assert row.facade_deg == pytest.approx(0.0)


def test_camera_on_the_wall_gets_its_clearance():
    row = placed((20.1, 4), HOUSE)
    assert (row.placed, row.reason) == ("moved", "on_wall")
    assert (row.geometry.x, row.geometry.y) == pytest.approx((20.3, 4.0))
    assert row.shift_m == pytest.approx(0.2)
    assert row.facade_deg == pytest.approx(90.0)


def test_camera_clear_of_its_wall_stays_and_knows_it():
    row = placed((20.4, 4), HOUSE)
    assert (row.placed, row.reason, row.host, row.shift_m) == ("kept", "clear_of_wall", "b0", 0.0)
    assert row.facade_deg == pytest.approx(90.0)


def test_free_standing_camera_has_no_host():
    row = placed((30, 4), HOUSE)
    assert (row.placed, row.reason, row.host, row.shift_m) == ("kept", "free", None, 0.0)
    assert np.isnan(row.facade_deg)


def test_camera_deep_inside_is_an_indoor_one():
    hall = box(0, 0, 30, 30)
    row = placed((15, 15), hall)
    assert (row.placed, row.reason, row.host) == ("indoor", "deep_inside", None)
    assert row.geometry == Point(15, 15)
    just = placed((15, 4.9), hall)
    assert (just.placed, just.geometry.y) == ("moved", pytest.approx(-0.3))


def test_record_that_says_indoors_is_left_alone():
    row = placed((5, 9), HOUSE, setting="indoor")
    assert (row.placed, row.reason, row.shift_m) == ("indoor", "recorded_indoor", 0.0)
    assert row.geometry == Point(5, 9)


def test_wall_shared_with_a_neighbour_is_not_open_space():
    row = placed((19, 4), HOUSE, box(20, 0, 40, 10))
    assert row.geometry.y == pytest.approx(-0.3)  # 4 m to the south, though the wall is 1 m east
    assert row.facade_deg == pytest.approx(180.0)


def test_gap_between_neighbours_is_too_narrow_to_face():
    row = placed((19, 4), HOUSE, box(21, 0, 40, 10))
    assert row.facade_deg == pytest.approx(180.0)
    wide = placed((19, 4), HOUSE, box(22, 0, 40, 10))
    assert wide.facade_deg == pytest.approx(90.0)


def test_camera_in_a_narrow_gap_stays_there():
    row = placed((20.2, 5), HOUSE, box(20.5, 0, 40, 10))
    assert (row.placed, row.reason, row.host) == ("kept", "narrow", None)


def test_courtyard_counts_as_open_space():
    ring = Polygon(box(0, 0, 40, 40).exterior, [box(15, 15, 25, 25).exterior])
    row = placed((14, 20), ring)
    assert (row.geometry.x, row.geometry.y) == pytest.approx((15.3, 20.0))
    assert row.facade_deg == pytest.approx(90.0)


def test_camera_above_the_roof_stays():
    row = placed((10, 5), HOUSE, height_m=12.5)
    assert (row.placed, row.reason, row.host) == ("kept", "above_roof", None)
    assert placed((10, 4), HOUSE, height_m=11.5).placed == "moved"


def test_camera_in_a_passage_under_a_building_stays():
    bridge = buildings(HOUSE, base=4.0)
    row = place_cameras(cameras(c=((5, 9), {"height_m": 3.0})), bridge).loc["c"]
    assert (row.placed, row.reason, row.host) == ("kept", "under", None)
    assert row.geometry == Point(5, 9)


def test_low_annex_beside_its_camera_does_not_close_the_facade():
    tower, annex = HOUSE, box(0, 10, 20, 14)
    both = buildings(tower, annex, height=[12.0, 3.0])
    row = place_cameras(cameras(c=((5, 9), {"height_m": 6.0})), both).loc["c"]
    assert (row.geometry.x, row.geometry.y) == pytest.approx((5.0, 10.3))


def test_overlapping_outline_and_part_lead_out_of_both():
    row = placed((5, 9), HOUSE, box(4, 8, 6, 11))
    at = row.geometry
    assert not HOUSE.contains(at)
    assert not box(4, 8, 6, 11).contains(at)


def test_input_is_untouched_and_tables_keep_their_form():
    frame, city = cameras(a=(5, 9), b=(30, 4)), buildings(HOUSE)
    before = frame.copy()
    out = place_cameras(frame, city)
    assert frame.equals(before)
    assert list(out.index) == ["a", "b"]
    assert out.crs == frame.crs
    CAMERAS.check(out)


def test_without_buildings_every_camera_is_free():
    out = place_cameras(cameras(a=(5, 9)), BUILDINGS.empty(CRS))
    assert out.reason.tolist() == ["free"]
    assert place_cameras(CAMERAS.empty(CRS), buildings(HOUSE)).empty


def test_other_crs_is_refused():
    with pytest.raises(CrsError, match="convert with to_crs"):
        place_cameras(cameras(a=(5, 9)).set_crs("EPSG:4547", allow_override=True), buildings(HOUSE))


def test_bad_camera_is_refused():
    with pytest.raises(SchemaError, match="height_m"):
        place_cameras(cameras(a=((5, 9), {"height_m": -1.0})), buildings(HOUSE))


def test_camera_in_a_corner_gets_its_clearance_from_both_walls():
    row = placed((24.25, 1.0), box(12, 0, 24, 9), box(24, 1, 30, 8))
    assert (row.geometry.x, row.geometry.y) == pytest.approx((24.3, 0.7))
    assert row.shift_m == pytest.approx(np.hypot(0.05, 0.3))
    assert (row.placed, row.reason, row.host) == ("moved", "in_wall", "b0")


ROW = [box(0, 0, 12, 9), box(12, 0, 24, 9), box(24, 1, 30, 8), box(33, 0, 40, 20)]
spot = st.tuples(st.floats(-2, 42), st.floats(-2, 22))


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(spot, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_nothing_used_is_left_inside_and_order_never_matters(spots, random):
    frame = cameras(**{f"c{i}": p for i, p in enumerate(spots)})
    city = buildings(*ROW)
    out = place_cameras(frame, city)
    used = out[out.placed != "indoor"]
    assert not any(house.contains(p) for house in ROW for p in used.geometry)
    assert (out.shift_m <= 5.3 + 1e-9).all()
    assert set(out.placed) <= set(PLACEMENTS)
    assert set(out.reason) <= set(PLACEMENT_REASONS)
    again = place_cameras(out[frame.columns], city)
    assert again.geometry.geom_equals_exact(out.geometry, 1e-9).all()
    shuffled = random.sample(list(frame.index), len(frame))
    other = place_cameras(frame.loc[shuffled], city.loc[random.sample(list(city.index), len(city))])
    assert other.loc[frame.index].equals(out)
