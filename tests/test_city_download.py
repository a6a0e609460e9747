"""Downloads: asked for in one way, and ended soon where there is no network."""

from __future__ import annotations

import time

import geopandas as gpd
import osmnx
import pandas as pd
import pytest
import requests
import shapely

from civicsight.core.errors import InputError, OfflineError
from civicsight.io import fetch_city
from civicsight.io.download import WANTED

BBOX = (115.85, 28.68, 115.86, 28.69)


def answer(*_):
    index = pd.MultiIndex.from_tuples([("way", 1), ("node", 2)], names=["element", "id"])
    return gpd.GeoDataFrame(
        {"building": ["school", None], "man_made": [None, "surveillance"]},
        geometry=[shapely.box(115.85, 28.68, 115.851, 28.681), shapely.Point(115.852, 28.68)],
        index=index,
        crs=4326,
    )


def settings():
    names = ("use_cache", "cache_folder", "overpass_rate_limit", "requests_timeout")
    return {name: getattr(osmnx.settings, name) for name in names}


@pytest.mark.parametrize("place", ["Nanchang, China", BBOX])
def test_without_a_network_it_ends_within_15_seconds_with_advice(tmp_path, place):
    before, start = settings(), time.monotonic()
    with pytest.raises(OfflineError, match=r"download an extract \(.osm.pbf\) on another machine"):
        fetch_city(place, cache=tmp_path)
    assert time.monotonic() - start < 15
    assert settings() == before


@pytest.mark.parametrize(
    ("place", "function"), [("Nanchang", "features_from_place"), (BBOX, "features_from_bbox")]
)
def test_an_answer_becomes_a_city(tmp_path, monkeypatch, place, function):
    seen = {}

    def asked(where, tags):
        seen.update(where=where, tags=tags, **settings())
        return answer()

    monkeypatch.setattr(osmnx.features, function, asked)
    city, report = fetch_city(place, cache=tmp_path)
    assert seen["where"] == place
    assert seen["tags"] == dict(WANTED)
    assert (seen["requests_timeout"], seen["overpass_rate_limit"]) == (10, False)
    assert (seen["use_cache"], seen["cache_folder"]) == (True, str(tmp_path))
    assert len(city.buildings) == len(city.cameras) == 1
    assert city.crs.to_epsg() == 4548
    assert report.source.startswith("OpenStreetMap: ")
    assert "ODbL" in city.sources[0]


@pytest.mark.parametrize("error", [TypeError("no polygon"), ValueError("no features")])
def test_a_place_that_is_not_known_is_an_input_error(tmp_path, monkeypatch, error):
    def asked(*_):
        raise error

    monkeypatch.setattr(osmnx.features, "features_from_place", asked)
    with pytest.raises(InputError, match="a place that OpenStreetMap knows"):
        fetch_city("Atlantis", cache=tmp_path)


@pytest.mark.parametrize(
    "error",
    [
        requests.Timeout("slow"),
        requests.JSONDecodeError("x", "y", 0),
        osmnx._errors.ResponseStatusCodeError("504"),
    ],
)
def test_a_server_that_fails_is_no_input_error(tmp_path, monkeypatch, error):
    def asked(*_):
        raise error

    monkeypatch.setattr(osmnx.features, "features_from_place", asked)
    with pytest.raises(OfflineError, match=type(error).__name__):
        fetch_city("Nanchang", name="N", cache=tmp_path)


def test_the_cache_of_the_user_is_the_default(tmp_path, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path))
    folders = []

    def asked(*_):
        folders.append(osmnx.settings.cache_folder)
        return answer()

    monkeypatch.setattr(osmnx.features, "features_from_place", asked)
    fetch_city("Nanchang")
    assert folders == [str(tmp_path / "osm")]
