"""The catalogue of devices: neutral classes, their prices, and what a choice does to a camera."""

from __future__ import annotations

from math import radians, tan

import pytest

from civicsight.planning.candidates.classes import read_classes
from civicsight.planning.prices.price_table import read_prices
from civicsight.ui.editor.devices import catalogue, class_of, device_prices, optics_of

SINGLE = [each for each in read_classes() if each.heads == 1]


def test_every_class_of_one_head_is_offered_with_the_price_of_the_table():
    assert list(catalogue()) == [each.camera_class for each in SINGLE]
    prices = read_prices()
    assert device_prices() == {name: prices.price_yuan(f"device.{name}") for name in catalogue()}


@pytest.mark.parametrize("each", SINGLE, ids=lambda each: each.camera_class)
def test_a_camera_gets_the_optics_of_its_class_and_is_known_by_them(each):
    values = optics_of("c1", each.camera_class).values
    assert (values["hfov_deg"], values["width_px"]) == (each.hfov_deg, each.width_px)
    assert (values["reach_m"], values["night_reach_m"]) == (each.reach_m, each.light_m)
    focal_px = each.width_px / 2 / tan(radians(each.hfov_deg) / 2)
    assert values["height_px"] / 2 / tan(radians(each.vfov_deg) / 2) == pytest.approx(
        focal_px, rel=2e-3
    )
    assert class_of(values) == each.camera_class


@pytest.mark.parametrize(
    "change", [{"hfov_deg": 61.0}, {"width_px": 1920.0}, {"vfov_deg": float("nan")}]
)
def test_a_camera_of_other_optics_is_of_no_class(change):
    assert class_of({"hfov_deg": 60.0, "vfov_deg": 36.0, "width_px": 2560.0} | change) is None
