"""Datums: published pairs, the exact inverse, and where nothing is shifted."""

from __future__ import annotations

import csv

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from civicsight.io.datums import (
    BD_STEP,
    BD_TURN,
    SHIFTED,
    from_wgs84,
    ground_distance,
    in_shift_area,
    to_wgs84,
)

LAST_DIGIT_DEG = 2e-7
"""The published pairs are rounded to 1e-7 degree, and computed on an ellipsoid of 6,378,137 m
instead of Krassovsky's 6,378,245 m: 12 mm."""

PAIRS = (
    ("gcj02", (121.5272106, 31.1774276), (121.5315419, 31.1753040)),
    ("gcj02", (115.8582, 28.6829), (115.8631006, 28.6795698)),
    ("bd09", (115.8582, 28.6829), (115.8696850, 28.6852267)),
)


@pytest.mark.parametrize(("datum", "wgs84", "shifted"), PAIRS)
def test_published_pairs(datum, wgs84, shifted):
    lon, lat = from_wgs84([wgs84[0]], [wgs84[1]], datum)
    assert [lon[0], lat[0]] == pytest.approx(shifted, abs=LAST_DIGIT_DEG)
    lon, lat = to_wgs84([shifted[0]], [shifted[1]], datum)
    assert [lon[0], lat[0]] == pytest.approx(wgs84, abs=LAST_DIGIT_DEG)


@pytest.mark.parametrize("datum", sorted(SHIFTED))
def test_the_inverse_is_exact_all_over_china(datum):
    """160,000 places from the Pamirs to the Pacific: the residual is below a micrometre."""
    lon, lat = np.meshgrid(np.linspace(73.0, 136.0, 400), np.linspace(3.0, 54.0, 400))
    moved = from_wgs84(lon, lat, datum)
    offset = ground_distance(lon, lat, *moved)
    assert offset.min() > 4.0
    assert offset.max() < 1_600.0
    assert ground_distance(lon, lat, *to_wgs84(*moved, datum)).max() < 1e-6


@given(lon=st.floats(73.0, 135.0), lat=st.floats(3.0, 54.0), datum=st.sampled_from(sorted(SHIFTED)))
def test_there_and_back_is_the_same_place(lon, lat, datum):
    back = from_wgs84(*to_wgs84([lon], [lat], datum), datum)
    assert ground_distance(np.array([lon]), np.array([lat]), *back)[0] < 1e-6


@pytest.mark.parametrize("datum", sorted(SHIFTED))
@pytest.mark.parametrize("place", [(24.94, 60.17), (-74.0, 40.7), (151.2, -33.9), (72.0, 30.0)])
def test_nothing_is_shifted_elsewhere(datum, place):
    assert not in_shift_area(*place)
    for move in (to_wgs84, from_wgs84):
        lon, lat = move([place[0]], [place[1]], datum)
        assert (lon[0], lat[0]) == place


@pytest.mark.parametrize("corner", [(73.62, 18.1), (134.77, 48.4), (123.0, 53.56), (112.3, 3.4)])
def test_china_lies_inside_of_the_shifted_area(corner):
    assert in_shift_area(*corner)


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000"])
def test_wgs_84_and_cgcs2000_are_one(datum):
    lon, lat = np.array([115.9]), np.array([28.7])
    out = to_wgs84(lon, lat, datum)
    assert (out[0][0], out[1][0]) == (115.9, 28.7)
    assert out[0] is not lon


def test_input_is_untouched_and_the_unknown_stays_unknown():
    lon, lat = np.array([116.3, np.nan, np.inf]), np.array([40.0, np.nan, 1.0])
    x, y = to_wgs84(lon, lat, "gcj02")
    assert lon[0] == 116.3
    assert x[0] != 116.3
    assert np.isnan(x[1])
    assert np.isnan(y[1])
    assert np.isinf(x[2])


def test_empty_arrays_stay_empty():
    lon, lat = to_wgs84([], [], "bd09")
    assert lon.shape == lat.shape == (0,)


def test_an_unknown_system_is_refused():
    with pytest.raises(ValueError, match="datum is 'mars', expected one of wgs84, cgcs2000"):
        to_wgs84([116.0], [40.0], "mars")


def poi_pairs(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = ("lng", "lat", "lng_wgs84", "lat_wgs84")
    return np.array([[float(row[key]) for key in keys] for row in rows]).T


def once_inverted(lon, lat):
    """Return WGS 84 of BD-09 as many converters do it: each step undone once, not iterated."""
    x, y = lon - BD_STEP[0], lat - BD_STEP[1]
    length = np.hypot(x, y) - 0.00002 * np.sin(y * BD_TURN)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * BD_TURN)
    x, y = length * np.cos(angle), length * np.sin(angle)
    moved = from_wgs84(x, y, "gcj02")
    return 2 * x - moved[0], 2 * y - moved[1]


def test_real_pairs_of_baidu(test_data):
    """Seven real pairs; what is left is the error of the converter that made their WGS 84."""
    path = test_data("awkward_real/bd09_poi_pairs/POI_example2.csv")
    lng, lat, lng_wgs84, lat_wgs84 = poi_pairs(path)
    assert len(lng) == 7
    left = ground_distance(*to_wgs84(lng, lat, "bd09"), lng_wgs84, lat_wgs84)
    assert left.max() < 1.6
    assert np.median(left) < 1.5
    explained = ground_distance(*once_inverted(lng, lat), lng_wgs84, lat_wgs84)
    assert explained.max() < 1e-6


@pytest.mark.parametrize("datum", sorted(SHIFTED))
def test_shifted_footprints_come_back(test_data, datum):
    truth = gpd.read_file(test_data("beijing_tsinghua/buildings.geojson"))
    made = gpd.read_file(
        test_data(f"awkward_made/tsinghua_buildings_{datum}_declared_wgs84.geojson")
    )
    expected = shapely.get_coordinates(truth.geometry).T
    lon, lat = to_wgs84(*shapely.get_coordinates(made.geometry).T, datum)
    assert ground_distance(lon, lat, *expected).max() < 0.01
