"""Blind zones (vector V18) and angles down to a target, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.coverage.optics.footprint import blind_zone_m, depression_deg
from civicsight.coverage.optics.lens import Frame, Optics, in_frame


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
