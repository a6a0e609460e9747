"""Sliders of a camera: one act each, none for what is not on record, the lens keeps the sensor."""

from __future__ import annotations

from math import radians, tan

import pytest

from civicsight.editing.commands import Aim, SetOptics
from civicsight.ui.editor.sliders import SLIDES

RECORD = {"hfov_deg": 60.0, "vfov_deg": 36.0}


def command(name, value, record=RECORD):
    return SLIDES[name].command("c1", record, value)


def test_each_slider_changes_its_own_value_alone():
    assert command("azimuth_deg", 90.0) == Aim("c1", 90.0)
    assert command("tilt_deg", 12.0) == Aim("c1", None, 12.0)
    assert command("height_m", 4.5) == SetOptics("c1", height_m=4.5)


@pytest.mark.parametrize("width", [5.0, 30.0, 60.0, 120.0])
def test_a_lens_keeps_the_shape_of_the_sensor(width):
    found = command("hfov_deg", width)
    before = tan(radians(36.0) / 2) / tan(radians(60.0) / 2)
    assert found.hfov_deg == width
    assert tan(radians(found.vfov_deg) / 2) / tan(radians(width) / 2) == pytest.approx(
        before, rel=2e-3
    )


@pytest.mark.parametrize("record", [{"hfov_deg": 60.0, "vfov_deg": float("nan")},
                                    {"hfov_deg": 360.0, "vfov_deg": 90.0}])  # fmt: skip
def test_of_a_picture_that_is_no_known_plane_only_the_width_is_set(record):
    assert command("hfov_deg", 80.0, record) == SetOptics("c1", hfov_deg=80.0)
