"""What the search of a map knows of streets: each once, where its longest piece is."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from civicsight.maps.encode import lon_lat
from civicsight.maps.search import search_data
from civicsight.presentation.names import name_all
from tests.result_factory import make_result


@pytest.fixture(scope="module")
def names():
    return name_all(make_result(), "en")


def city_of(roads, names):
    city = make_result().city
    frame = gpd.GeoDataFrame(
        {"name": [name for name, _ in roads], "kind": "residential"},
        geometry=[shapely.from_wkt(line) for _, line in roads],
        crs=city.crs,
    )
    return search_data(replace(city, roads=frame), names)


def test_each_street_is_there_once_in_the_middle_of_its_longest_piece(names):
    roads = [
        ("North Street", "LINESTRING (0 0, 10 0)"),
        ("North Street", "LINESTRING (0 5, 100 5)"),
        ("  Broad Way ", "MULTILINESTRING ((0 9, 1 9), (0 8, 40 8))"),
        ("", "LINESTRING (0 0, 500 0)"),
        (None, "LINESTRING (0 1, 500 1)"),
    ]
    found = city_of(roads, names)["streets"]
    assert found["names"] == ["Broad Way", "North Street"]
    middle = gpd.GeoSeries([shapely.Point(20, 8), shapely.Point(50, 5)], crs=make_result().city.crs)
    assert found["at"] == lon_lat(middle)


def test_a_city_without_names_of_streets_has_none_to_search_for(names):
    assert city_of([(None, "LINESTRING (0 1, 500 1)")], names)["streets"] == {"names": [], "at": []}
    assert city_of([], names)["streets"] == {"names": [], "at": []}
