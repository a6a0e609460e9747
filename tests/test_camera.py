"""One camera by hand: bounds, messages, and the same camera as a table."""

import math

import pytest
from pyproj import CRS

from civicsight.coverage.camera import Camera
from civicsight.errors import MismatchError
from civicsight.schema import HEADS


def make(**changes):
    return Camera(**{"x": 3.0, "y": 4.0, "crs": "EPSG:4548"} | changes)


@pytest.mark.parametrize("crs", ["EPSG:4548", 4548, CRS.from_epsg(4548)])
def test_the_crs_is_anything_that_names_one(crs):
    assert make(crs=crs).crs == CRS.from_epsg(4548)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tilt_deg": 91.0}, "tilt_deg is 91.0, expected -90 to 90 deg"),
        ({"hfov_deg": 0.0}, "hfov_deg is 0.0, expected 0.1 to 360 deg"),
        ({"vfov_deg": 400.0}, "vfov_deg is 400.0"),
        ({"height_m": -1.0}, "height_m is -1.0, expected 0 to 500 m"),
        ({"reach_m": 0.0}, "reach_m is 0.0"),
        ({"reach_m": math.inf}, "reach_m is inf"),
        ({"near_m": -0.5}, "near_m is -0.5"),
        ({"width_px": 0.0}, "width_px is 0.0"),
        ({"azimuth_deg": math.nan}, "azimuth_deg is nan"),
        ({"azimuth_deg": math.inf}, "azimuth_deg is inf"),
        ({"roll_deg": math.nan}, "roll_deg is nan"),
        ({"x": math.nan}, "x is nan"),
        ({"y": -math.inf}, "y is -inf"),
        ({"lens": "pinhole"}, "lens is 'pinhole', expected one of rectilinear, equidistant, cyl"),
    ],
)
def test_a_value_out_of_bounds_is_named(changes, message):
    with pytest.raises(MismatchError) as caught:
        make(**changes)
    assert message in str(caught.value)
    assert ";" not in str(caught.value)


def test_all_faults_stand_in_one_message():
    with pytest.raises(MismatchError) as caught:
        make(x=math.nan, tilt_deg=100.0, lens="?")
    assert len(str(caught.value).split("; ")) == 3


def test_bounds_themselves_are_allowed():
    camera = make(tilt_deg=90.0, hfov_deg=360.0, vfov_deg=0.1, height_m=0.0, azimuth_deg=-720.0)
    assert camera.tilt_deg == 90.0


def test_as_a_table_it_follows_the_declaration_and_keeps_every_value():
    camera = make(azimuth_deg=30.0, roll_deg=5.0, near_m=1.0, lens="equidistant", hfov_deg=180.0)
    heads = camera.as_heads()
    HEADS.check(heads)
    assert heads.crs == camera.crs
    assert heads.index.tolist() == ["camera"]
    row = heads.iloc[0]
    assert (row.geometry.x, row.geometry.y) == (3.0, 4.0)
    for name in Camera.__dataclass_fields__.keys() - {"x", "y", "crs"}:
        assert row[name] == getattr(camera, name), name
