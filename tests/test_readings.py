"""One camera in three readings, case by case."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.coverage.optics.lens import arc_density_px_m, square_vfov_deg
from civicsight.coverage.optics.rigs import read_presets
from civicsight.coverage.pose.assumptions import (
    ASSUMPTIONS,
    LEAST_USE_PX_M,
    USUAL_OPTICS,
    confidence_of,
)
from civicsight.coverage.pose.confidence_levels import assumed_views, possible_views, sure_views
from civicsight.coverage.pose.image import Record

FULL = Record(
    kind="fixed",
    mount="pole",
    height_m=6.0,
    azimuth_deg=30.0,
    tilt_deg=15.0,
    hfov_deg=60.0,
    vfov_deg=35.0,
    width_px=2560.0,
)
TOUR = read_presets("0/10/40/30;120/12/20/10;240/12/20/0")


def only(views):
    assert len(views) == 1
    return views[0]


class TestSure:
    def test_complete_record_is_the_same_head_in_all_readings(self):
        view = only(sure_views(FULL))
        assert (view.azimuth_deg, view.tilt_deg, view.lens) == (30.0, 15.0, "rectilinear")
        assert (view.assumptions, view.duty) == ((), 1.0)
        assert repr(assumed_views(FULL)) == repr(possible_views(FULL)) == repr((view,))

    @pytest.mark.parametrize(
        "gap", ["height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "vfov_deg", "width_px"]
    )
    def test_no_gap_is_filled(self, gap):
        assert sure_views(replace(FULL, **{gap: nan})) == ()

    def test_shape_of_the_image_stands_for_a_vertical_field(self):
        view = only(sure_views(replace(FULL, vfov_deg=nan, height_px=1440.0)))
        assert view.vfov_deg == pytest.approx(square_vfov_deg(60.0, 2560, 1440))

    def test_silent_reach_ends_below_every_requirement(self):
        view = only(sure_views(FULL))
        assert arc_density_px_m(2560, 60.0, view.reach_m) == pytest.approx(LEAST_USE_PX_M)
        assert only(sure_views(replace(FULL, reach_m=35.0))).reach_m == 35.0

    def test_far_shift_is_no_longer_what_the_record_says(self):
        moved = replace(FULL, shift_m=1.2)
        assert sure_views(moved) == ()
        assert only(assumed_views(moved)).assumptions == ("moved_far",)
        assert only(possible_views(moved)).assumptions == ("moved_far",)
        assert repr(sure_views(replace(FULL, shift_m=0.4))) == repr(sure_views(FULL))

    def test_panorama_all_round_needs_no_azimuth(self):
        pan = replace(FULL, kind="panorama", hfov_deg=360.0, azimuth_deg=nan)
        assert only(sure_views(pan)).lens == "cylindrical"
        assert sure_views(replace(pan, hfov_deg=180.0)) == ()

    def test_fisheye_straight_down_needs_no_azimuth(self):
        eye = replace(FULL, kind="fisheye", hfov_deg=180.0, tilt_deg=90.0, azimuth_deg=nan)
        view = only(sure_views(replace(eye, vfov_deg=nan)))
        assert (view.lens, view.vfov_deg) == ("equidistant", 180.0)
        assert sure_views(replace(eye, tilt_deg=60.0)) == ()

    def test_wide_lens_is_not_plane(self):
        assert only(sure_views(replace(FULL, hfov_deg=150.0))).lens == "equidistant"

    def test_several_heads_need_their_number(self):
        rig = replace(FULL, kind="multi_head", hfov_deg=360.0, azimuth_deg=nan, heads=4)
        views = sure_views(rig)
        assert sorted(view.azimuth_deg for view in views) == [45.0, 135.0, 225.0, 315.0]
        assert {(view.hfov_deg, view.width_px) for view in views} == {(90.0, 2560.0)}
        assert sure_views(replace(rig, heads=0)) == ()
        assert sure_views(replace(rig, heads=2)) == ()  # no plane lens spans 180 degrees

    def test_turning_camera_is_credited_by_its_presets(self):
        ptz = replace(FULL, kind="ptz", presets=TOUR, vfov_deg=nan, height_px=1440.0)
        views = sure_views(ptz)
        assert [(view.azimuth_deg, view.duty) for view in views] == [(0.0, 0.75), (120.0, 0.25)]
        assert views[1].vfov_deg == pytest.approx(square_vfov_deg(20.0, 2560, 1440))
        assert sure_views(replace(ptz, presets=())) == ()  # its home position is no credit


class TestAssumed:
    def test_free_untyped_camera_sees_all_round(self):
        view = only(assumed_views(Record()))
        assert (view.hfov_deg, view.lens) == (360.0, "cylindrical")
        assert view.assumptions == (
            "untyped_as_dome",
            "height_by_mount",
            "angle_by_kind",
            "pixels_by_kind",
            "shape_of_image",
            "tilt_by_reach",
            "all_round",
        )

    def test_sweep_has_the_density_of_one_image(self):
        view, usual = only(assumed_views(Record(kind="dome"))), USUAL_OPTICS["dome"]
        one = arc_density_px_m(usual.width_px, usual.hfov_deg, 10.0)
        assert arc_density_px_m(view.width_px, view.hfov_deg, 10.0) == pytest.approx(one)

    def test_dome_on_a_wall_sees_the_half_circle_outward(self):
        view = only(assumed_views(Record(kind="dome", facade_deg=200.0)))
        assert (view.azimuth_deg, view.hfov_deg, view.height_m) == (200.0, 180.0, 3.5)
        assert view.assumptions[-1] == "outward_half"

    @pytest.mark.parametrize(
        ("near", "azimuth", "note"),
        [
            ({"entrance_deg": 80.0, "facade_deg": 90.0, "junction_deg": 100.0}, 80.0, "entrance"),
            ({"facade_deg": 90.0, "junction_deg": 100.0}, 90.0, "outward"),
            ({"junction_deg": 100.0}, 100.0, "junction"),
        ],
    )
    def test_fixed_camera_faces_gate_then_wall_then_junction(self, near, azimuth, note):
        view = only(assumed_views(Record(kind="fixed", **near)))
        assert (view.azimuth_deg, view.lens) == (azimuth, "rectilinear")
        assert view.assumptions[-1] == f"faces_{note}"

    def test_fixed_camera_with_nothing_to_look_at_stays_unknown(self):
        assert assumed_views(Record(kind="fixed")) == ()

    def test_known_azimuth_is_kept_and_makes_an_untyped_camera_a_fixed_one(self):
        view = only(assumed_views(Record(azimuth_deg=77.0, facade_deg=90.0)))
        assert (view.azimuth_deg, view.hfov_deg) == (77.0, USUAL_OPTICS["fixed"].hfov_deg)
        assert view.assumptions[0] == "untyped_as_fixed"

    def test_what_the_record_says_is_never_replaced(self):
        view = only(assumed_views(Record(kind="dome", height_m=9.0, hfov_deg=70.0, tilt_deg=33.0)))
        assert (view.height_m, view.tilt_deg) == (9.0, 33.0)
        assert view.width_px == pytest.approx(1920.0 * 360 / 70)
        assert "height_by_mount" not in view.assumptions

    def test_tour_is_kept_where_only_the_height_is_missing(self):
        ptz = Record(kind="ptz", presets=TOUR, width_px=1920.0)
        views = assumed_views(ptz)
        assert [view.azimuth_deg for view in views] == [0.0, 120.0]
        assert views[0].assumptions == (
            "height_by_mount",
            "angle_by_kind",
            "shape_of_image",
            "tilt_by_reach",
        )

    def test_tour_that_is_not_recorded_goes_all_round(self):
        view = only(assumed_views(Record(kind="ptz", azimuth_deg=10.0)))
        assert (view.hfov_deg, view.assumptions[-1]) == (360.0, "tour_all_round")
        wall = only(assumed_views(Record(kind="ptz", facade_deg=10.0)))
        assert (wall.azimuth_deg, wall.hfov_deg) == (10.0, 180.0)

    def test_fisheye_looks_down(self):
        view = only(assumed_views(Record(kind="fisheye", mount="ceiling")))
        assert (view.tilt_deg, view.lens, view.height_m) == (90.0, "equidistant", 3.0)
        assert "looks_down" in view.assumptions

    def test_heads_follow_from_the_span(self):
        views = assumed_views(Record(kind="multi_head"))
        assert len(views) == 4
        assert "heads_by_span" in views[0].assumptions
        assert len(assumed_views(Record(kind="multi_head", hfov_deg=180.0, azimuth_deg=0.0))) == 2

    def test_frame_ends_at_the_reach_and_blind_below(self):
        view = only(assumed_views(Record(kind="fixed", azimuth_deg=0.0, height_m=6.0)))
        upper = np.radians(view.tilt_deg - view.vfov_deg / 2)
        assert (6.0 - 1.6) / np.tan(upper) == pytest.approx(view.reach_m)

    def test_roof_carries_a_camera_above_it(self):
        view = only(assumed_views(Record(kind="dome", mount="roof", roof_m=12.0)))
        assert view.height_m == 13.0
        assert "height_by_roof" in view.assumptions

    @pytest.mark.parametrize(("roof", "height"), [(12.0, 3.5), (3.0, 2.7), (0.5, 0.25)])
    def test_camera_on_a_low_house_hangs_below_its_roof(self, roof, height):
        view = only(assumed_views(Record(kind="dome", facade_deg=0.0, roof_m=roof)))
        assert view.height_m == pytest.approx(height)


class TestPossible:
    def test_unknown_camera_may_look_anywhere_at_any_height(self):
        views = possible_views(Record())
        assert [view.height_m for view in views] == [2.5, 8.0]
        assert all(view.hfov_deg == 360.0 for view in views)
        assert set(views[0].assumptions) == {
            "best_optics",
            "any_direction",
            "any_tilt",
            "any_height",
            "shape_of_image",
        }
        assert all(view.tilt_deg + view.vfov_deg / 2 == pytest.approx(90.0) for view in views)

    def test_known_azimuth_limits_what_a_fixed_camera_could_see(self):
        view = only(possible_views(replace(FULL, hfov_deg=nan, vfov_deg=nan, tilt_deg=0.0)))
        assert (view.azimuth_deg, view.hfov_deg) == (30.0, pytest.approx(110.0, abs=1e-4))
        assert "any_direction" not in view.assumptions

    def test_below_a_camera_of_unknown_tilt_lies_a_second_band_all_round(self):
        ahead, below = possible_views(replace(FULL, tilt_deg=nan))
        assert ahead.azimuth_deg == 30.0
        assert FULL.hfov_deg < ahead.hfov_deg < 90.0
        assert below.hfov_deg == 360.0
        assert below.tilt_deg + below.vfov_deg / 2 == pytest.approx(90.0)
        assert below.tilt_deg - below.vfov_deg / 2 == pytest.approx(
            ahead.tilt_deg + ahead.vfov_deg / 2, abs=1e-5
        )

    def test_known_optics_are_not_bettered(self):
        view = only(possible_views(replace(FULL, azimuth_deg=nan)))
        ours = arc_density_px_m(view.width_px, view.hfov_deg, 10.0)
        assert ours == pytest.approx(arc_density_px_m(2560, 60, 10.0))
        # Both edges of this picture are extreme in their middles.
        assert view.tilt_deg + view.vfov_deg / 2 == pytest.approx(32.5, abs=1e-5)
        assert view.tilt_deg - view.vfov_deg / 2 == pytest.approx(-2.5, abs=1e-5)

    def test_heads_of_known_number_have_their_own_density(self):
        rig = Record(kind="multi_head", hfov_deg=360.0, heads=4, width_px=2000.0)
        assert possible_views(rig)[0].width_px == pytest.approx(8000.0)

    def test_turning_camera_may_always_look_elsewhere(self):
        ptz = replace(FULL, kind="ptz", presets=TOUR, vfov_deg=nan, height_px=1440.0)
        view = only(possible_views(ptz))
        assert (view.hfov_deg, view.height_m) == (360.0, 6.0)
        assert "any_direction" in view.assumptions


class TestSector:
    """A catalogue gives a direction to a sector of 45 degrees, which is not an azimuth."""

    coarse = replace(FULL, azimuth_deg=nan, sector_deg=90.0)

    def test_it_is_not_sure(self):
        assert sure_views(self.coarse) == ()

    def test_the_middle_is_assumed(self):
        view = only(assumed_views(self.coarse))
        assert (view.azimuth_deg, view.hfov_deg) == (90.0, FULL.hfov_deg)
        assert view.assumptions == ("direction_by_sector",)

    def test_all_directions_of_the_sector_are_possible(self):
        view = only(possible_views(self.coarse))
        tilted = possible_views(replace(FULL, width_px=nan))[0].hfov_deg
        assert (view.azimuth_deg, view.hfov_deg) == (90.0, pytest.approx(tilted + 45.0))
        assert "direction_by_sector" in view.assumptions
        assert "any_direction" not in view.assumptions

    def test_it_outranks_wall_door_and_junction(self):
        placed = replace(self.coarse, facade_deg=0.0, entrance_deg=10.0, junction_deg=20.0)
        assert only(assumed_views(placed)).azimuth_deg == 90.0

    def test_an_azimuth_outranks_it(self):
        assert repr(sure_views(replace(FULL, sector_deg=270.0))) == repr(sure_views(FULL))

    @pytest.mark.parametrize("views", [assumed_views, possible_views])
    def test_what_turns_is_not_held_to_its_resting_direction(self, views):
        assert only(views(replace(self.coarse, kind="ptz"))).hfov_deg == 360.0


def test_confidence_is_the_product():
    assert confidence_of(()) == 1.0
    assert confidence_of(("all_round", "moved_far")) == pytest.approx(0.6 * 0.9)
    assert all(0.0 < entry.confidence < 1.0 for entry in ASSUMPTIONS.values())


maybe = lambda low, high: st.one_of(st.just(nan), st.floats(low, high))  # noqa: E731
records = st.builds(
    Record,
    kind=st.sampled_from(["fixed", "dome", "ptz", "panorama", "fisheye", "multi_head", "unknown"]),
    mount=st.sampled_from(["wall", "pole", "gate", "ceiling", "roof", "unknown"]),
    height_m=maybe(0.5, 60),
    azimuth_deg=maybe(-360, 360),
    tilt_deg=maybe(-90, 90),
    hfov_deg=maybe(0.1, 360),
    vfov_deg=maybe(0.1, 360),
    width_px=maybe(1, 20000),
    height_px=maybe(1, 20000),
    reach_m=maybe(0.1, 900),
    facade_deg=maybe(0, 360),
    roof_m=maybe(0.1, 200),
    entrance_deg=maybe(0, 360),
    junction_deg=maybe(0, 360),
    shift_m=st.sampled_from([0.0, 3.0]),
    heads=st.integers(0, 8),
    presets=st.sampled_from([(), TOUR]),
)


def test_a_span_that_does_not_divide_among_its_heads_makes_no_view():
    record = Record(kind="multi_head", azimuth_deg=0.0, hfov_deg=0.5, heads=6)
    assert sure_views(record) == assumed_views(record) == ()


def test_a_dome_that_sees_wider_than_a_plane_image_looks_round_as_high_as_wide():
    (view,) = assumed_views(Record(kind="dome", mount="wall", hfov_deg=140.0))
    assert (view.hfov_deg, view.vfov_deg) == (360.0, 140.0)


@given(records)
def test_every_view_of_any_record_is_a_head_the_engine_takes(record):
    for views in (sure_views(record), assumed_views(record), possible_views(record)):
        for view in views:
            assert -90 <= view.tilt_deg <= 90
            assert np.isfinite(view.azimuth_deg)
            assert 0.1 <= view.hfov_deg <= (179 if view.lens == "rectilinear" else 360)
            assert 0.1 <= view.vfov_deg <= (179 if view.lens == "rectilinear" else 360)
            assert 0 < view.reach_m < inf
            assert view.width_px >= 1
            assert view.height_m >= 0
            assert 0 < view.duty <= 1
            assert set(view.assumptions) <= set(ASSUMPTIONS)
    assert all(not view.assumptions for view in sure_views(record))
    if sure_views(record):
        assert assumed_views(record) == sure_views(record)
    else:
        assert all(view.assumptions for view in assumed_views(record))
    assert possible_views(record)
