"""Water and green on the map: areas by their tags, the sea by its coast, and nothing computed."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from civicsight.io import load_city, read_city, save_city
from civicsight.io.osm.features import helsinki_path
from civicsight.io.osm.land_cover import find_sea, read_land_cover
from civicsight.maps.live import GROUND_LOOKS
from civicsight.maps.vectortiles import tile_source
from civicsight.planning.record.digests import city_digests
from tests.result_town import TOWN_CRS

AREA = shapely.box(0, 0, 100, 100)


def features(*rows):
    tags, shapes = zip(*rows, strict=True)
    labels = [f"way/{number}" for number in range(len(rows))]
    tags = pd.Series(list(tags), index=labels, dtype=object)
    return gpd.GeoDataFrame({"tags": tags}, geometry=list(shapes), index=labels, crs=TOWN_CRS)


def test_areas_are_water_or_green_by_their_tags_and_lines_are_neither():
    pond, park = shapely.box(10, 10, 20, 20), shapely.box(30, 30, 60, 60)
    table, report = read_land_cover(
        features(
            ({"natural": "water", "name": "Pond"}, pond),
            ({"leisure": "park", "landuse": "residential"}, park),
            ({"natural": "water"}, shapely.LineString([(0, 0), (9, 9)])),
            ({"landuse": "commercial"}, shapely.box(70, 70, 80, 80)),
        ),
        AREA, "a.pbf",
    )  # fmt: skip
    assert table["kind"].tolist() == ["water", "green"]
    assert table["name"].tolist() == ["Pond", None]
    assert shapely.equals(table.geometry.to_numpy(), [pond, park]).all()
    assert (report.read, report.kept) == (2, 2)


def winding(rng, ends=(0.0, 100.0)):
    """Return a line from west to east whose heights are drawn, and the ground below it."""
    x = np.linspace(*ends, 12)
    y = rng.uniform(20, 80, len(x))
    line = shapely.LineString(np.column_stack([x, y]))
    below = shapely.Polygon([*line.coords, (x[-1], 0.0), (x[0], 0.0)])
    return line, below


@given(st.integers(0, 10_000))
def test_the_sea_lies_to_the_right_of_its_coast(seed):
    line, below = winding(np.random.default_rng(seed))
    (sea,) = find_sea(np.array([line]), AREA)
    assert sea.symmetric_difference(below).area < 1e-6
    (sea,) = find_sea(np.array([shapely.reverse(line)]), AREA)
    assert sea.symmetric_difference(AREA - below).area < 1e-6


def test_a_coast_that_was_cut_off_is_led_to_the_edge_and_an_island_is_land():
    wide = shapely.box(0, 0, 1000, 1000)
    coast = shapely.LineString([(30, 500), (970, 500)])
    island = shapely.Point(500, 250).buffer(100)  # its outline runs with land on the left
    ring = shapely.LineString(shapely.orient_polygons(island).exterior)
    seas = find_sea(np.array([coast, ring]), wide)
    assert shapely.union_all(seas).area == pytest.approx(1000 * 500 - island.area, rel=1e-6)
    assert not shapely.union_all(seas).contains(shapely.Point(500, 250))
    lake = find_sea(np.array([shapely.reverse(ring)]), wide)  # land all around: an inland sea
    assert shapely.union_all(lake).area == pytest.approx(island.area, rel=1e-6)


def test_a_coast_that_ends_inland_makes_no_sea():
    line, wide = shapely.LineString([(200, 500), (800, 500)]), shapely.box(0, 0, 1000, 1000)
    assert find_sea(np.array([line]), wide) == []
    table, report = read_land_cover(features(({"natural": "coastline"}, line)), wide, "a.pbf")
    assert table.empty
    assert "pieces of coast beside which no sea could be drawn: 1" in report.summary("en")
    assert find_sea(np.array([], dtype=object), AREA) == []


@pytest.mark.slow
def test_helsinki_has_its_bay_and_parks_and_keeps_them(tmp_path):
    city, report = read_city(helsinki_path())
    cover = city.land_cover
    seas = cover[cover.index.str.startswith("sea/")]
    assert seas.area.sum() == pytest.approx(101_200, rel=0.02)
    assert not seas.geometry.union_all().intersects(city.cameras.geometry.union_all())
    assert cover["kind"].eq("green").sum() > 150
    again = load_city(save_city(city, tmp_path / "h.gpkg"))
    assert again.land_cover.geometry.geom_equals(cover.geometry).all()
    assert "water and green areas" in report.summary("en")


def test_tiles_hold_it_below_all_else_and_no_digest_of_a_plan_hangs_on_it():
    city, _ = read_city(helsinki_path())
    layers = tile_source(city).layers
    assert layers[0].name == "land_cover"
    assert next(iter(GROUND_LOOKS)) == "land_cover"
    bare = replace(city, land_cover=city.land_cover.iloc[:0])
    assert tile_source(bare).digest != tile_source(city).digest
    assert city_digests(bare) == city_digests(city)
