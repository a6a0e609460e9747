"""One camera by hand: bounds, messages, and the same camera as a table."""

import math
from fractions import Fraction

import numpy as np
import pytest
from pyproj import CRS

from civicsight.core.errors import CrsError, InputError
from civicsight.coverage.camera import Camera
from civicsight.model import HEADS


def make(**changes):
    return Camera(**{"x": 3.0, "y": 4.0, "crs": "EPSG:4548"} | changes)


@pytest.mark.parametrize("crs", ["EPSG:4548", 4548, CRS.from_epsg(4548)])
def test_the_crs_is_anything_that_names_one(crs):
    assert make(crs=crs).crs == CRS.from_epsg(4548)


NUMBERS = sorted(Camera.__dataclass_fields__.keys() - {"crs", "lens", "mask"})


def faults_of(**changes):
    with pytest.raises(InputError) as caught:
        make(**changes)
    return caught.value.faults


@pytest.mark.parametrize(
    ("changes", "found", "expected"),
    [
        ({"tilt_deg": 91.0}, "91.0", "a number from -90 to 90 deg"),
        ({"hfov_deg": 0.0}, "0.0", "a number from 0.1 to 360 deg"),
        ({"vfov_deg": 400.0}, "400.0", "a number from 0.1 to 360 deg"),
        ({"height_m": -1.0}, "-1.0", "a number from 0 to 500 m"),
        ({"reach_m": 0.0}, "0.0", "a number from 0.1 to 10000 m"),
        ({"reach_m": -5.0}, "-5.0", "a number from 0.1 to 10000 m"),
        ({"reach_m": 1e6}, "1000000.0", "a number from 0.1 to 10000 m"),
        ({"near_m": -0.5}, "-0.5", "a number from 0 to 10000 m"),
        ({"near_m": 80.0}, "80.0", "a least distance below the range of 80.0 m"),
        ({"near_m": 90.0}, "90.0", "a least distance below the range of 80.0 m"),
        ({"width_px": 0.0}, "0.0", "a finite number of at least 1 px"),
        ({"x": 1e9}, "1000000000.0", "coordinates of at most 200,000,000 m"),
        ({"y": -1e300}, "-1e+300", "coordinates of at most 200,000,000 m"),
        ({"lens": "pinhole"}, "pinhole", "one of rectilinear, equidistant, cylindrical"),
        ({"lens": None}, "None", "one of rectilinear, equidistant, cylindrical"),
    ],
)
def test_a_value_out_of_bounds_is_named_with_what_is_expected(changes, found, expected):
    (fault,) = faults_of(**changes)
    assert (fault.field, fault.found) == (next(iter(changes)), found)
    assert str(fault.expected) == expected
    assert str(fault.remedy)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None, "3", "north", [1.0]])
def test_what_is_no_finite_number_is_named(name, value):
    (fault,) = faults_of(**{name: value})
    assert (fault.code, fault.field, fault.found) == ("camera.value", name, str(value))
    assert str(fault.expected)
    assert str(fault.remedy)


@pytest.mark.parametrize("number", [np.float32, np.int64, int, Fraction])
def test_numbers_of_any_type_will_do(number):
    assert make(azimuth_deg=number(30)).azimuth_deg == 30


def test_all_faults_stand_in_one_message():
    faults = faults_of(x=math.nan, tilt_deg=100.0, lens="?")
    assert {fault.field for fault in faults} == {"x", "tilt_deg", "lens"}


@pytest.mark.parametrize("crs", [None, "", "EPSG:99999999", "north", 3.5])
def test_a_crs_that_nobody_knows_is_refused(crs):
    with pytest.raises(CrsError, match=r"^crs is .*, expected a projected CRS in metres, such as"):
        make(crs=crs)


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
    for name in Camera.__dataclass_fields__.keys() - {"x", "y", "crs", "mask"}:
        assert row[name] == getattr(camera, name), name
    assert "mask_plan" not in heads.columns


def test_a_mask_goes_into_the_table_and_what_is_none_is_named():
    mask = "POLYGON ((0 0, 1 0, 1 0.5, 0 0))"
    assert make(mask=mask).as_heads()["mask_plan"].tolist() == [mask]
    for value in (math.nan, 3, b"POLYGON EMPTY", "the left half"):
        (fault,) = faults_of(mask=value)
        assert fault.field in ("mask", "mask_plan")
        assert str(fault.expected)
