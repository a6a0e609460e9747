"""The working CRS is chosen by place, and strays never decide anything."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from civicsight.core.errors import CrsError
from civicsight.io import working_crs
from civicsight.io.crs import (
    LONLAT,
    between,
    centre_bounds,
    crs_name,
    extent,
    grid_azimuth,
    moved,
    strays,
)
from tests.drawn import a_few

PLACES = {
    "Nanchang, west of the seam": ((115.30, 28.5, 115.40, 28.7), 4547),
    "Nanchang, across the seam": ((115.35, 28.5, 115.95, 28.8), 4548),
    "Suzhou": ((120.6, 31.2, 120.7, 31.4), 4549),
    "Kashgar": ((75.9, 39.4, 76.1, 39.5), 4534),
    "Hainan": ((110.2, 19.9, 110.4, 20.1), 4546),
    "Seongnam": ((127.0, 37.3, 127.2, 37.5), 32652),
    "Ulaanbaatar": ((106.8, 47.8, 107.0, 48.0), 32648),
    "Hanoi": ((105.7, 21.0, 105.9, 21.1), 32648),
    "Helsinki": ((24.9, 60.1, 25.0, 60.2), 32635),
    "Rio de Janeiro": ((-43.3, -23.0, -43.1, -22.8), 32723),
    "Fiji, at the end of the zones": ((179.0, -18.2, 180.0, -17.0), 32760),
}


@pytest.mark.parametrize(("bounds", "code"), PLACES.values(), ids=PLACES.keys())
def test_the_place_decides(bounds, code):
    assert working_crs(bounds).to_epsg() == code


def test_a_city_on_both_sides_of_a_zone_border_is_measured_in_one_system():
    """Nanchang lies across 115.5 E: lengths over the seam are right to 0.04 %."""
    crs = working_crs((115.35, 28.5, 115.95, 28.8))
    points = gpd.GeoSeries(gpd.points_from_xy([115.4, 115.9], [28.6, 28.7]), crs=LONLAT).to_crs(crs)
    _, _, true = Geod(ellps="GRS80").inv(115.4, 28.6, 115.9, 28.7)
    assert points.iloc[0].distance(points.iloc[1]) == pytest.approx(true, rel=4e-4)


def test_the_seam_leaves_no_step():
    """Two points a metre apart, one on each side of the seam, stay a metre apart."""
    crs = working_crs((115.35, 28.5, 115.95, 28.8))
    half = 0.5 / (111_320 * np.cos(np.radians(28.6)))
    lon = [115.5 - half, 115.5 + half]
    points = gpd.GeoSeries(gpd.points_from_xy(lon, [28.6, 28.6]), crs=LONLAT).to_crs(crs)
    assert points.iloc[0].distance(points.iloc[1]) == pytest.approx(1.0, rel=2e-3)


@pytest.mark.parametrize("bounds", [(0, 0, 400, 10), (10, 0, 5, 10), (0, -95, 1, 0), (0, 5, 1, 4)])
def test_bounds_that_are_no_degrees_are_refused(bounds):
    with pytest.raises(CrsError, match="expected longitudes from -180 to 180"):
        working_crs(bounds)


def test_the_poles_have_no_default():
    with pytest.raises(CrsError, match="expected -80 to 84: give a CRS"):
        working_crs((0, 85, 1, 86))


def test_nothing_has_no_centre():
    with pytest.raises(CrsError, match="no feature with a place"):
        centre_bounds(np.array([shapely.Point(), None], object), 1.0)


def test_a_stray_moves_neither_centre_nor_extent(rng):
    xy = rng.uniform(0, 2_000, (200, 2))
    shapes = shapely.buffer(shapely.points(xy), 5.0)
    stray = shapely.Point(-4e6, 1e6).buffer(5.0)
    everything = np.append(shapes, stray)
    far = strays(everything)
    assert far.tolist() == [False] * 200 + [True]
    assert extent(everything[~far], np.zeros(0, object)).bounds == pytest.approx(
        shapely.total_bounds(shapes)
    )


def test_a_district_27_km_away_is_no_stray(rng):
    near, away = rng.uniform(0, 900, (300, 2)), rng.uniform(0, 500, (3, 2))
    away[:, 0] += 27_000
    xy = np.vstack([near, away])
    assert not strays(shapely.points(xy)).any()


def test_coordinates_that_are_not_finite_are_strays():
    shapes = np.array([shapely.Point(0, 0), shapely.Point(1, 1), shapely.Point(np.inf, 0), None])
    assert strays(shapes).tolist() == [False, False, True, False]


def test_roads_count_by_their_bulk_only():
    houses = np.array([shapely.box(0, 0, 100, 100)])
    streets = [shapely.LineString([(i, 0), (i, 100)]) for i in range(120)]
    motorway = shapely.LineString([(0, 0), (30_000, 0)])
    area = extent(houses, np.array([*streets, motorway]))
    assert area.bounds[2] < 130


def test_nothing_has_an_empty_extent():
    nothing = np.zeros(0, object)
    assert extent(nothing, nothing).is_empty


@pytest.mark.parametrize(("lon", "sign"), [(25.5, -1), (28.5, 1)])
def test_directions_are_turned_to_grid_north(lon, sign):
    """Convergence of a transverse Mercator grid: difference of longitude times sine of latitude.

    East of the central meridian (27 E) true north lies to the left of grid north.
    """
    points = gpd.GeoSeries(gpd.points_from_xy([lon], [60.0]), crs=LONLAT).to_crs(32635)
    convergence = sign * 1.5 * np.sin(np.radians(60.0))
    turned = grid_azimuth(np.array([90.0]), points)
    assert turned[0] == pytest.approx(90.0 - convergence, abs=0.01)


def test_an_unknown_direction_stays_unknown():
    points = gpd.GeoSeries(gpd.points_from_xy([24.0], [60.0]), crs=LONLAT).to_crs(32635)
    assert np.isnan(grid_azimuth(np.array([np.nan]), points)).all()
    assert not len(grid_azimuth(np.zeros(0), points.iloc[:0]))


def test_a_system_without_code_is_called_by_its_name():
    assert crs_name(CRS.from_epsg(4548)).startswith("EPSG:4548 CGCS2000")
    own = CRS.from_proj4("+proj=tmerc +lon_0=115.9 +ellps=GRS80 +units=m")
    assert crs_name(own) == own.name


@pytest.mark.parametrize(
    ("source", "target"),
    [
        *a_few([(4326, code) for _, code in PLACES.values()], 3),
        *a_few([(code, 4326) for _, code in PLACES.values()], 3),
        (4548, 3857),
        (32635, 3857),
        (3857, 4326),
        (4214, 4548),  # Beijing 1954: several ways, by place
        (4548, 4214),
        (27700, 4326),  # a grid that is not installed
        (4326, 4326),
        ("OGC:CRS84", 4548),  # of a layer of GeoJSON
        (4548, "OGC:CRS84"),
    ],
)
def test_what_is_made_once_moves_places_to_the_bit_as_a_search_by_place_does(source, target, rng):
    one, other = CRS.from_user_input(source), CRS.from_user_input(target)
    area = (other if source in (4326, 3857, "OGC:CRS84") else one).area_of_use
    west, east = area.west, area.east + 360.0 * (area.east < area.west)
    lon = (rng.uniform(west, east, 500) + 180.0) % 360.0 - 180.0
    lat = rng.uniform(max(area.south, -79.0), min(area.north, 79.0), 500)
    x, y = Transformer.from_crs(4326, source, always_xy=True).transform(lon, lat)
    x, y = np.append(x, [np.nan, np.inf]), np.append(y, [0.0, 0.0])
    expected = Transformer.from_crs(source, target, always_xy=True).transform(x, y)
    assert np.array_equal(between(one, other).transform(x, y), expected, equal_nan=True)
    shapes = gpd.GeoSeries([*gpd.points_from_xy(x[:50], y[:50]), None, shapely.Point()], crs=one)
    there = moved(shapes, other)
    assert there.crs == other
    assert there.geom_equals_exact(shapes.to_crs(other), 0.0).iloc[:50].all()
    assert (there.isna() == shapes.isna()).all()


@pytest.mark.parametrize("degrees", [4326, 4490, "OGC:CRS84"])
def test_no_way_is_searched_for_on_the_same_ground(monkeypatch, degrees):
    """GeoJSON names its degrees in a way of its own: that took 0.4 s of every reading."""
    monkeypatch.delattr("civicsight.io.crs.TransformerGroup")
    between.cache_clear()
    assert between(CRS.from_user_input(degrees), CRS.from_epsg(4548)) is not None


def test_moving_keeps_labels_and_heights():
    shapes = gpd.GeoSeries([shapely.Point(115.9, 28.6, 30.0)], index=["a"], crs=LONLAT)
    there = moved(shapes, CRS.from_epsg(4548))
    assert list(there.index) == ["a"]
    assert there.iloc[0].z == 30.0
    assert moved(shapes, LONLAT) is shapes


def test_a_name_alone_puts_no_system_on_the_same_ground():
    """Whatever calls itself WGS 84: on another ellipsoid or meridian PROJ is asked."""
    for radius, meridian in ((6_378_245.0, 0.0), (6_378_137.0, 2.5)):
        other = CRS.from_wkt(
            f'GEOGCS["WGS 84",DATUM["other",SPHEROID["other",{radius},298.257223563]],'
            f'PRIMEM["other",{meridian}],UNIT["degree",0.0174532925199433]]'
        )
        expected = Transformer.from_crs(other, 4548, always_xy=True).transform(115.9, 28.6)
        assert between(other, CRS.from_epsg(4548)).transform(115.9, 28.6) == expected
