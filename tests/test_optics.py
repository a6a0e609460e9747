"""Lens, pose and density against worked figures of independent sources (vectors V5 to V16)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.core.errors import InputError
from civicsight.coverage.optics import lens as op

FOOT = 0.3048
EXACT = pytest.approx  # relative 1e-6, the tolerance for pure geometry

angle = st.floats(-180.0, 180.0)
steep = st.floats(-89.0, 89.0)
offset = st.floats(-100.0, 100.0)


class TestAngles:
    def test_v5_underwater_camera_at_two_metres(self):
        assert op.plane_density_px_m(4056, 71.0, 2.0) == pytest.approx(1421.6, abs=0.1)

    @pytest.mark.parametrize(("pixels", "feet"), [(1920, 10), (3840, 20)])
    def test_v6_pixels_per_foot(self, pixels, feet):
        hfov = 2 * np.degrees(np.arctan(0.5))  # width equals depth
        density = op.plane_density_px_m(pixels, hfov, feet * FOOT)
        assert density * FOOT == EXACT(192.0)
        assert density == pytest.approx(629.9, abs=0.05)


class TestDensity:
    def test_v9_plane_and_arc_distance(self):
        assert op.plane_distance_m(2688, 88.0, 250.0) == pytest.approx(5.567, abs=5e-4)
        assert op.arc_distance_m(2688, 88.0, 250.0) == pytest.approx(7.001, abs=5e-4)
        at = op.plane_distance_m(2688, 88.0, 250.0)
        assert op.plane_density_px_m(2688, 88.0, at) == EXACT(250.0)

    @pytest.mark.parametrize(
        ("ground", "depth", "plane", "slant"),
        [(4.0, 5.464, 480.3, 463.9), (9.7, 10.400, 252.3, 250.1), (14.93, 14.930, 175.8, 169.8)],
    )
    def test_v11_depth_is_along_the_axis(self, ground, depth, plane, slant):
        frame = op.Frame(0.0, 0.0, 4.0, 0.0, 30.0)
        lens = op.Optics(52.0, 30.0, 2560)
        point = np.array([0.0, ground, 0.0])
        deep = op.camera_coordinates(frame, point)[2]
        assert op.focal_px(2560, 52.0) == pytest.approx(2624.39, abs=0.005)
        assert deep == pytest.approx(depth, abs=6e-4)
        assert op.density_px_m(lens, frame, point, model="plane") == pytest.approx(plane, abs=0.06)
        distance = np.hypot(4.0, ground)
        assert op.focal_px(2560, 52.0) / distance == pytest.approx(slant, abs=0.06)

    def test_v12_fisheye_has_an_arc_density_only(self):
        lens = op.Optics(180.0, 180.0, 2048, "equidistant")
        frame = op.Frame(0.0, 0.0, 0.0, 0.0, 0.0)
        for model in ("plane", "arc", "conservative"):
            found = op.density_px_m(lens, frame, [0.0, 10.0, 0.0], model=model)
            assert found == pytest.approx(65.19, abs=0.005)

    @pytest.mark.parametrize(
        ("pixels", "hfov", "published", "plane", "arc"),
        [
            (2688, 103.0, (67, 26, 13, 6), (42.8, 17.1, 8.6, 4.3), (59.8, 23.9, 12.0, 6.0)),
            (2688, 84.0, (85.4, 34.2, 17.1, 8.5), (59.7,), (73.3,)),
            (2592, 34.0, (170, 67, 34, 17), (169.6, 67.8, 33.9, 17.0), ()),
            (2592, 104.0, (60, 24, 12, 6), (40.5,), (57.1,)),
            (2688, 29.0, (210, 84, 42, 21), (207.9,), ()),
        ],
        ids=["v13", "v14", "v15-tele", "v15-wide", "v16"],
    )
    def test_v13_to_v16_vendor_rows(self, pixels, hfov, published, plane, arc):
        needs = np.array([25.0, 62.5, 125.0, 250.0])
        by_plane = op.plane_distance_m(pixels, hfov, needs)
        by_arc = op.arc_distance_m(pixels, hfov, needs)
        assert by_plane[: len(plane)] == pytest.approx(plane, abs=0.06)
        assert by_arc[: len(arc)] == pytest.approx(arc, abs=0.06)
        assert (np.abs(by_arc / published - 1.0) <= 0.16).all()
        if hfov <= 35.0:
            assert (np.abs(by_plane / published - 1.0) <= 0.09).all()
            assert (np.abs(by_arc / published - 1.0) <= 0.09).all()

    def test_arc_is_the_lower_one_beyond_44_degrees_off_a_wide_axis(self):
        lens, frame = op.Optics(103.0, 60.0, 2688), op.Frame(0, 0, 0, 0, 0)
        for off, lower in [(43.0, "plane"), (45.0, "arc")]:
            point = 10 * np.array([np.sin(np.radians(off)), np.cos(np.radians(off)), 0.0])
            found = op.density_px_m(lens, frame, point)
            assert found == op.density_px_m(lens, frame, point, model=lower)

    def test_nothing_is_imaged_behind_a_plane(self):
        lens, frame = op.Optics(90.0, 60.0, 1920), op.Frame(0, 0, 0, 0, 0)
        assert op.density_px_m(lens, frame, [0.0, -5.0, 0.0]) == 0.0

    @given(st.floats(20.0, 130.0), st.floats(500.0, 8000.0), angle, steep, offset, offset, offset)
    def test_conservative_never_exceeds_either_model(self, hfov, px, azimuth, tilt, x, y, z):
        lens, frame = op.Optics(hfov, 40.0, px), op.Frame(1.0, 2.0, 3.0, azimuth, tilt)
        low = op.density_px_m(lens, frame, [x, y, z])
        assert low <= op.density_px_m(lens, frame, [x, y, z], model="plane")
        assert low <= op.density_px_m(lens, frame, [x, y, z], model="arc")


class TestFrame:
    @given(angle, steep, angle)
    def test_axes_are_a_right_handed_frame(self, azimuth, tilt, roll):
        forward, right, up = op.frame_vectors(azimuth, tilt, roll)
        axes = np.stack([right, forward, up])
        assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
        assert np.linalg.det(axes) == EXACT(1.0)

    def test_tilt_is_down_and_azimuth_clockwise_from_north(self):
        forward, right, up = op.frame_vectors(0.0, 90.0)
        assert forward == pytest.approx([0.0, 0.0, -1.0], abs=1e-12)
        assert right == pytest.approx([1.0, 0.0, 0.0], abs=1e-12)
        assert up == pytest.approx([0.0, 1.0, 0.0], abs=1e-12)
        assert op.frame_vectors(90.0, 0.0)[0] == pytest.approx([1.0, 0.0, 0.0], abs=1e-12)

    def test_roll_turns_clockwise_as_seen_from_behind(self):
        _, right, up = op.frame_vectors(0.0, 0.0, 90.0)
        assert right == pytest.approx([0.0, 0.0, -1.0], abs=1e-12)
        assert up == pytest.approx([1.0, 0.0, 0.0], abs=1e-12)

    def test_vectors_come_in_batches(self):
        forward, right, up = op.frame_vectors(np.zeros(5), np.arange(5.0))
        assert forward.shape == right.shape == up.shape == (5, 3)

    def test_corners_of_v10_are_in_the_frame_and_just_beyond_is_not(self):
        frame, lens = op.Frame(0, 0, 4.0, 0, 30.0), op.Optics(52.0, 30.0, 2560)
        for along, half in [(4.0, 2.665), (14.928, 7.281)]:
            inner = [[half - 0.002, along + 0.001 * (1 if along < 5 else -1), 0.0]]
            outer = [[half + 0.002, along, 0.0]]
            assert op.in_frame(lens, frame, inner).all()
            assert not op.in_frame(lens, frame, outer).any()

    def test_a_sector_would_be_wrong_below_a_tilted_camera(self):
        frame, lens = op.Frame(0, 0, 6.0, 0, 60.0), op.Optics(60.0, 40.0, 1920)
        beside = [1.5, 2.0, 0.0]  # 37 deg off the azimuth, yet in the image
        assert np.degrees(np.arctan2(1.5, 2.0)) > 30.0
        assert op.in_frame(lens, frame, beside)

    def test_rolled_by_a_quarter_the_image_is_upright(self):
        lens = op.Optics(90.0, 20.0, 1920)
        level, rolled = op.Frame(0, 0, 0, 0, 0), op.Frame(0, 0, 0, 0, 0, 90.0)
        high = [0.0, 10.0, 9.0]
        assert not op.in_frame(lens, level, high)
        assert op.in_frame(lens, rolled, high)

    def test_fisheye_sees_by_the_angle_off_its_axis(self):
        lens, down = op.Optics(180.0, 180.0, 2048, "equidistant"), op.Frame(0, 0, 3.0, 0, 90.0)
        assert op.in_frame(lens, down, [[50.0, 0.0, 2.9], [0.0, -50.0, 2.9], [0.0, 0.0, 0.0]]).all()
        assert not op.in_frame(lens, down, [0.0, 50.0, 3.1])

    def test_panorama_is_a_band_about_a_level_axis(self):
        lens, frame = op.Optics(180.0, 40.0, 4096, "cylindrical"), op.Frame(0, 0, 5, 90.0, 15.0)
        assert op.in_frame(lens, frame, [10.0, 0.0, 5.0])
        assert op.in_frame(lens, frame, [1.0, 9.0, 3.0])
        assert not op.in_frame(lens, frame, [-1.0, 9.0, 3.0])
        assert not op.in_frame(lens, frame, [10.0, 0.0, -3.0])  # 38.7 deg down, band ends at 35
        assert not op.in_frame(lens, frame, [10.0, 0.0, 6.0])  # 5.7 deg up, band ends at 5

    def test_full_circle_has_no_seam(self):
        lens, frame = op.Optics(360.0, 60.0, 8000, "cylindrical"), op.Frame(0, 0, 3, 10.0, 30.0)
        around = np.radians(np.arange(0.0, 360.0, 0.5))
        ring = np.stack([9 * np.sin(around), 9 * np.cos(around), np.full(len(around), 1.0)], -1)
        assert op.in_frame(lens, frame, ring).all()

    def test_near_and_reach_are_slant_distances_and_belong_to_the_range(self):
        lens = op.Optics(90.0, 90.0, 1920, near_m=3.0, reach_m=5.0)
        frame = op.Frame(0, 0, 0, 0, 0)
        seen = op.in_frame(lens, frame, [[0, 2.99, 0], [0, 3, 0], [0, 4, 3], [0, 4.01, 3]])
        assert seen.tolist() == [False, True, True, False]

    @given(angle, st.floats(-60, 60), st.floats(-30, 30), offset, offset, offset, angle)
    def test_turning_camera_and_target_together_changes_nothing(self, az, tilt, roll, x, y, z, by):
        turn = np.radians(by)
        turned = [x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn), z]
        one = op.camera_coordinates(op.Frame(0, 0, 0, az, tilt, roll), [x, y, z])
        two = op.camera_coordinates(op.Frame(0, 0, 0, az + by, tilt, roll), turned)
        assert one == pytest.approx(two, abs=1e-9)


class TestValues:
    def test_all_faults_of_a_lens_come_at_once(self):
        with pytest.raises(InputError) as caught:
            op.Optics(180.0, 0.0, 0)
        assert [fault.field for fault in caught.value.faults] == [
            "hfov_deg",
            "vfov_deg",
            "width_px",
        ]

    def test_unknown_azimuth_makes_no_frame(self):
        with pytest.raises(InputError, match="azimuth_deg"):
            op.Frame(0, 0, 3, float("nan"), 10)

    def test_lens_of_a_wide_angle_is_not_plane(self):
        assert (op.lens_of(103.0), op.lens_of(140.0)) == ("rectilinear", "equidistant")

    def test_square_pixels_give_the_vertical_field(self):
        assert op.square_vfov_deg(71.5078, 1920, 1080) == pytest.approx(44.10, abs=0.01)
