"""Whatever a record leaves open, each point of each picture that fits it lies in what is possible.

Pictures are drawn point by point from their poses, by turning axes; the bands by other formulas.
"""

from dataclasses import replace
from itertools import combinations
from math import nan

import numpy as np
import pytest

from civicsight.coverage.optics.lens import WIDEST_RECTILINEAR_DEG
from civicsight.coverage.optics.rigs import head_azimuths_deg
from civicsight.coverage.pose.assumptions import BEST_OPTICS, WIDEST_DEG
from civicsight.coverage.pose.confidence_levels import possible_views
from civicsight.coverage.pose.image import LIFT_DEG, Record, bands_of
from tests.test_privacy_bound import directions

FIELDS = ("azimuth_deg", "tilt_deg", "hfov_deg", "vfov_deg", "width_px", "height_m")
SUBSETS = [blank for n in range(1, len(FIELDS) + 1) for blank in combinations(FIELDS, n)]


def picture(hfov, vfov, azimuth, tilt, roll, n=15):
    """Directions of the points of a plane picture, corners and edges among them."""
    across, up = (np.tan(np.radians(angle / 2)) * np.linspace(-1, 1, n) for angle in (hfov, vfov))
    x, y = (axis.ravel() for axis in np.meshgrid(across, up))
    return directions(azimuth, tilt, roll, x, y)


def held(views, rays):
    """Tell of each ray whether a band holds it, by its azimuth and elevation."""
    azimuth = np.degrees(np.arctan2(rays[:, 0], rays[:, 1]))
    elevation = np.degrees(np.arctan2(rays[:, 2], np.hypot(rays[:, 0], rays[:, 1])))
    found = np.zeros(len(rays), bool)
    for view in views:
        assert view.lens == "cylindrical"
        off = np.abs((azimuth - view.azimuth_deg + 180.0) % 360.0 - 180.0)
        above = np.abs(elevation + view.tilt_deg)
        found |= (off <= view.hfov_deg / 2 + 1e-9) & (above <= view.vfov_deg / 2 + 1e-9)
    return found


def any_camera(rng, blank):
    widest = WIDEST_DEG if "hfov_deg" in blank else WIDEST_RECTILINEAR_DEG - 1.0
    hfov = rng.uniform(BEST_OPTICS.hfov_deg, widest)
    upright = np.degrees(2 * np.arctan(np.tan(np.radians(hfov / 2)) * 16 / 9))
    return Record(
        kind="fixed",
        height_m=rng.uniform(2.5, 8.0),
        azimuth_deg=rng.uniform(0, 360),
        tilt_deg=rng.uniform(-LIFT_DEG if "tilt_deg" in blank else -60, 90),
        roll_deg=rng.choice([0.0, rng.uniform(-180, 180)]),
        hfov_deg=hfov,
        vfov_deg=rng.uniform(5, min(upright, max(hfov, WIDEST_DEG))),
        width_px=2560.0,
    )


@pytest.mark.parametrize("blank", SUBSETS, ids="-".join)
def test_no_point_of_any_picture_lies_outside_of_what_is_possible(blank):
    rng = np.random.default_rng([ord(name[0]) for name in blank])
    for _ in range(40):
        true = any_camera(rng, blank)
        seen = picture(true.hfov_deg, true.vfov_deg, true.azimuth_deg, true.tilt_deg, true.roll_deg)
        known = replace(true, **dict.fromkeys(blank, nan))
        inside = held(possible_views(known), seen)
        assert inside.all(), (true, seen[~inside][0])


@pytest.mark.parametrize("blank", [("width_px",), ("height_m", "width_px"), ("tilt_deg",)])
@pytest.mark.parametrize("heads", [2, 3, 4])
def test_nor_of_a_camera_with_several_heads(heads, blank):
    rng = np.random.default_rng([heads, len(blank)])
    for _ in range(20):
        full = rng.uniform(60, 360)
        true = Record(
            kind="multi_head", heads=heads, height_m=4.0, azimuth_deg=rng.uniform(0, 360),
            tilt_deg=rng.uniform(0, 60), hfov_deg=min(full, 140.0 * heads), width_px=2560.0,
            vfov_deg=rng.uniform(10, 60),
        )  # fmt: skip
        one = true.hfov_deg / heads
        views = possible_views(replace(true, **dict.fromkeys(blank, nan)))
        for towards in head_azimuths_deg(true.azimuth_deg, true.hfov_deg, heads):
            assert held(views, picture(one, true.vfov_deg, towards, true.tilt_deg, 0.0)).all()


@pytest.mark.parametrize("tilt", [-40.0, 0.0, 25.0, 70.0, 90.0, nan])
@pytest.mark.parametrize("opening", [40.0, 80.0, 90.0])
def test_nor_of_a_round_picture(opening, tilt):
    around, off = np.meshgrid(np.linspace(-180, 180, 60), np.linspace(0, opening, 12))
    off, around = np.radians(off.ravel()), np.radians(around.ravel())
    x, y, z = np.sin(off) * np.cos(around), np.sin(off) * np.sin(around), np.cos(off)
    for true in (-LIFT_DEG, 20.0, 90.0) if np.isnan(tilt) else (tilt,):
        t = np.radians(true)
        ray = np.column_stack([x, z * np.cos(t) + y * np.sin(t), y * np.cos(t) - z * np.sin(t)])
        azimuth = np.degrees(np.arctan2(ray[:, 0], ray[:, 1]))
        elevation = np.degrees(np.arcsin(ray[:, 2].clip(-1, 1)))
        found = np.zeros(len(ray), bool)
        for half, low, high in bands_of("equidistant", 2 * opening, 2 * opening, tilt):
            found |= (abs(azimuth) <= half) & (elevation >= low) & (elevation <= high)
        assert found.all()


@pytest.mark.slow
def test_the_band_of_a_known_picture_is_no_wider_than_its_points():
    """Tight: what is beyond a corner by a hundredth of a degree is not in it."""
    rng = np.random.default_rng(11)
    for _ in range(200):
        hfov, vfov, tilt = rng.uniform(20, 120), rng.uniform(10, 90), rng.uniform(-60, 90)
        (band,) = bands_of("rectilinear", hfov, vfov, tilt)
        rays = picture(hfov, vfov, 0.0, tilt, 0.0, n=301)
        elevation = np.degrees(np.arctan2(rays[:, 2], np.hypot(rays[:, 0], rays[:, 1])))
        half = np.degrees(np.abs(np.arctan2(rays[:, 0], rays[:, 1]))).max()
        assert band.half_deg == pytest.approx(half, abs=0.01) or band.half_deg == 180.0
        assert (band.low_deg == -90.0) == (tilt + vfov / 2 >= 90.0)
        if band.low_deg > -90.0 and band.high_deg < 90.0:
            wanted = pytest.approx((elevation.min(), elevation.max()), abs=0.01)
            assert (band.low_deg, band.high_deg) == wanted
