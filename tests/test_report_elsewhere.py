"""A law is applied outside of its jurisdiction only with a word about it."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import shapely

from civicsight.report.licence import describe_law
from civicsight.rules import load_packs
from tests.result_factory import make_city


def at(lon, lat):
    city = make_city("x")
    degrees = shapely.box(lon, lat, lon + 0.01, lat + 0.01)
    area = gpd.GeoSeries([degrees], crs=4326).to_crs(city.crs).iloc[0]
    return replace(city, extent=area)


def test_a_city_outside_is_told_and_one_inside_is_not():
    rules = load_packs()
    assert describe_law(at(115.9, 28.68), rules, "en") == ()
    told = [str(text) for text in describe_law(at(116.35, 39.96), rules, "en")]
    assert len(told) == 1
    assert told[0].startswith("The city lies outside the area where the law of Nanchang applies.")
