"""Ground in a tilted view (vectors V10, V18), against closed forms and the corner rays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.coverage.optics.footprint import blind_zone_m, depression_deg, ground_footprint
from civicsight.coverage.optics.lens import Frame, Optics, frame_vectors, in_frame


def corner_on_ground(height, tilt, hfov, vfov, side, end):
    """Meet the ground with the ray through one corner of the image."""
    forward, right, up = frame_vectors(0.0, tilt)
    ray = (
        forward
        + side * np.tan(np.radians(hfov / 2)) * right
        + end * np.tan(np.radians(vfov / 2)) * up
    )
    return ray[:2] * height / -ray[2]


def test_v10_trapezoid():
    ground = ground_footprint(4.0, 30.0, 52.0, 30.0)
    assert ground.near_m == pytest.approx(4.0, rel=1e-9)
    assert ground.far_m == pytest.approx(14.928, abs=5e-4)
    assert ground.near_width_m / 2 == pytest.approx(2.665, abs=5e-4)
    assert ground.far_width_m / 2 == pytest.approx(7.281, abs=5e-4)
    assert ground.area_m2 == pytest.approx(108.69, abs=5e-3)
    assert ground.near_width_m == pytest.approx(5.33, abs=5e-3)  # 3.90 by the ground distance


@given(st.floats(2, 20), st.floats(30, 50), st.floats(20, 100), st.floats(10, 50))
def test_trapezoid_is_that_of_the_corner_rays(height, tilt, hfov, vfov):
    ground = ground_footprint(height, tilt, hfov, vfov)
    x, y = corner_on_ground(height, tilt, hfov, vfov, 1, -1)
    assert (ground.near_width_m / 2, ground.near_m) == pytest.approx((x, y), rel=1e-6)
    x, y = corner_on_ground(height, tilt, hfov, vfov, 1, 1)
    assert (ground.far_width_m / 2, ground.far_m) == pytest.approx((x, y), rel=1e-6)


def test_horizon_in_the_image_makes_the_far_edge_infinite():
    ground = ground_footprint(4.0, 15.0, 52.0, 30.0)
    assert (ground.far_m, ground.far_width_m, ground.area_m2) == (np.inf, np.inf, np.inf)
    assert ground.near_m == pytest.approx(4.0 / np.tan(np.radians(30.0)))


def test_image_above_the_horizon_has_no_ground():
    ground = ground_footprint(4.0, -20.0, 52.0, 30.0)
    assert (ground.near_m, ground.area_m2) == (np.inf, 0.0)


def test_straight_down_the_image_reaches_back_past_the_foot():
    ground = ground_footprint(5.0, 90.0, 90.0, 60.0)
    reach = 5.0 * np.tan(np.radians(30.0))
    assert (ground.near_m, ground.far_m) == pytest.approx((-reach, reach))
    assert ground.area_m2 == pytest.approx(10.0 * 2 * reach)


@pytest.mark.parametrize(
    ("height", "at_ground", "at_head"),
    [(3.5, 3.21, 1.74), (4.6, 4.22, 2.75), (6.0, 5.50, 4.03), (6.8, 6.23, 4.76)],
)
def test_v18_blind_zone_at_the_feet_and_at_the_face(height, at_ground, at_head):
    assert blind_zone_m(height, 20.0, 55.0) == pytest.approx(at_ground, abs=5e-3)
    assert blind_zone_m(height, 20.0, 55.0, 1.6) == pytest.approx(at_head, abs=6e-3)


@pytest.mark.parametrize(
    ("height", "tilt", "vfov", "target", "blind"),
    [
        (4.0, 70.0, 40.0, 0.0, 0.0),  # the foot is just in the image
        (4.0, 80.0, 60.0, 0.0, 0.0),  # the image reaches back past it
        (4.0, -40.0, 60.0, 0.0, np.inf),  # only sky
        (1.5, 0.0, 60.0, 1.5, 0.0),  # level with the target, which is always in the image
        (1.5, 50.0, 60.0, 1.5, np.inf),  # level, but looking well below it
        (1.0, 10.0, 60.0, 2.0, 1.0 / np.tan(np.radians(20.0))),  # target above the lens
        (1.0, 40.0, 60.0, 2.0, np.inf),
    ],
)
def test_blind_zone_where_the_tangent_has_no_say(height, tilt, vfov, target, blind):
    assert blind_zone_m(height, tilt, vfov, target) == pytest.approx(blind)


@given(st.floats(2, 12), st.floats(0, 80), st.floats(10, 80), st.floats(0, 1.9))
def test_blind_zone_ends_where_the_frame_begins(height, tilt, vfov, target):
    blind = float(blind_zone_m(height, tilt, vfov, target))
    if blind > 500.0:
        return
    lens, frame = Optics(60.0, vfov, 1920), Frame(0, 0, height, 0, tilt)
    upper = tilt - vfov / 2
    far = (height - target) / np.tan(np.radians(upper)) if upper > 0.1 else np.inf
    if far > blind + 2e-3:
        assert in_frame(lens, frame, [0.0, blind + 1e-3, target])
    if blind > 2e-3:
        assert not in_frame(lens, frame, [0.0, blind - 1e-3, target])


def test_depression_to_a_face():
    assert depression_deg(4.6, 1.6, 3.0) == pytest.approx(45.0)
    assert depression_deg(1.0, 1.6, [3.0, 6.0])[0] < 0
