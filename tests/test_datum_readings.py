"""Where rows lie in each datum, and how many then lie inside of buildings, by a plain count."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.io.datum_fit import DEEP_M
from civicsight.io.datum_readings import NEAR_M, read_in_each
from civicsight.io.datums import to_wgs84
from civicsight.io.project import read_city
from tests.made import seeded_cameras
from tests.test_datum_fit import SHIFT_M, as_datum


@pytest.fixture(scope="module")
def city(test_data):
    return read_city(test_data("beijing_tsinghua"))[0]


@pytest.fixture(scope="module")
def cameras(city):
    return seeded_cameras(city, 60, 1)


def counted(points, buildings):
    """Count by looking at every building for every point."""
    return sum(
        any(wall.contains(point) and wall.exterior.distance(point) > DEEP_M for wall in walls)
        for point in points
        for walls in [[part for shape in buildings.geometry for part in shapely.get_parts(shape)]]
    )


@pytest.mark.slow
def test_what_is_in_gcj02_lies_right_when_it_is_read_so(city, cameras):
    taken = as_datum(cameras, "gcj02").geometry.to_crs(city.crs)
    wgs, gcj, bd = read_in_each(taken, city.buildings, "wgs84")
    assert [one.datum for one in (wgs, gcj, bd)] == ["wgs84", "gcj02", "bd09"]
    assert shapely.distance(gcj.places, cameras.geometry.to_numpy()).max() < 0.01
    assert (wgs.shift_m, gcj.shift_m) == (0, pytest.approx(SHIFT_M["gcj02"], abs=3))
    assert gcj.inside.sum() == 0 < wgs.inside.sum()
    for reading in (wgs, gcj):
        assert reading.inside.sum() == counted(reading.places, city.buildings)
        near = [city.buildings.distance(point).min() <= NEAR_M for point in reading.places]
        assert (reading.lone == ~np.array(near)).all()
    assert gcj.lone.sum() < bd.lone.sum()


def test_what_was_declared_is_put_back_to_be_read_otherwise(city, cameras):
    given = as_datum(cameras, "bd09")
    lon, lat = to_wgs84(given.geometry.x, given.geometry.y, "gcj02")
    taken = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326).to_crs(city.crs)
    wgs, gcj, bd = read_in_each(taken, city.buildings, "gcj02")
    assert gcj.shift_m == 0
    assert shapely.distance(bd.places, cameras.geometry.to_numpy()).max() < 0.01
    raw = given.geometry.to_crs(city.crs).to_numpy()
    assert shapely.distance(wgs.places, raw).max() < 0.01


def test_cgcs2000_is_wgs84(city, cameras):
    places = cameras.geometry
    one, other = (read_in_each(places, city.buildings, name) for name in ("cgcs2000", "wgs84"))
    assert [reading.shift_m for reading in one] == [reading.shift_m for reading in other]


def test_areas_are_looked_at_by_their_middle(city):
    (wgs, *_) = read_in_each(city.buildings.geometry, city.buildings, "wgs84")
    assert wgs.inside.mean() > 0.8
    assert set(shapely.get_type_id(wgs.places)) == {shapely.GeometryType.POINT}


def test_where_nothing_is_shifted_there_is_nothing_to_decide():
    points = gpd.GeoSeries([shapely.Point(13.3, 52.6)], crs=4326).to_crs(32633)
    wall = gpd.GeoDataFrame(geometry=[points[0].buffer(9)], crs=32633)
    assert read_in_each(points, wall, "wgs84") == ()
    assert not np.any([one.inside for one in read_in_each(points, wall, "gcj02")])
