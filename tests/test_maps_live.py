"""The map of the app as data: what it holds, what it leaves out, where its handles stand."""

from __future__ import annotations

import json
import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from civicsight.maps.events import EDITED, Event, azimuth_to, place_of
from civicsight.maps.live import (
    CLOSEST,
    HANDLE_M,
    SHOWN_PX,
    camera_handles,
    drawn_layer,
    edited_layers,
    flight_to,
    ground_tiles,
    live_group,
    live_map,
    preview_layer,
)
from civicsight.maps.picture import coverage_pictures
from civicsight.maps.swipe import swipe_data
from civicsight.presentation.symbols import LEVEL_COLOURS
from tests.result_factory import make_raster, make_result
from tests.result_town import EAST, NORTH, TOWN_CRS, make_heads


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_camera_part_and_finding_is_on_the_map_by_its_id(language):
    result = make_result()
    drawn = live_map(result, language)
    layers = {entry["key"]: entry for entry in json.loads(drawn.document)["layers"]}
    for key, table in {
        "cameras": result.cameras,
        "parts": result.parts,
        "zones": result.zones,
        "gaps": result.gaps,
        "duplicates": result.duplicates,
    }.items():
        assert layers[key]["data"]["ids"] == table.index.astype(str).tolist()
        assert len(layers[key]["data"]["titles"]) == len(table)
    assert drawn.coverage
    assert drawn.ground == ("roads", "buildings", "obstacles")


def test_the_same_result_has_the_same_digest_and_facts_stay_at_home():
    first, again, other = (live_map(make_result(name)) for name in ("a", "a", "b"))
    assert first.digest == again.digest != other.digest
    assert all("rows" not in entry["data"] for entry in json.loads(first.document)["layers"])


def test_a_layer_can_be_off_and_every_switch_belongs_to_a_layer():
    drawn = live_map(make_result(), hidden={"zones"})
    found = json.loads(drawn.document)
    shown = {entry["key"]: entry["show"] for entry in found["layers"]}
    assert not shown["zones"]
    assert shown["cameras"]
    switches = {key for entry in found["panel"]["entries"] for key in entry["keys"]}
    assert switches <= set(shown) | {*drawn.ground, "coverage"}


def test_a_browser_is_told_how_to_paint_each_layer_of_the_ground():
    tiles = ground_tiles(live_map(make_result()), "/t/{z}/{x}/{y}")
    assert [entry["key"] for entry in tiles] == ["roads", "buildings", "obstacles"]
    assert json.loads(json.dumps(tiles)) == tiles


@pytest.mark.parametrize("azimuth", [0.0, 37.0, 180.0, 305.5])
def test_the_handle_stands_where_the_camera_looks(azimuth):
    """What a person would send back without moving it is the direction that it was drawn from."""
    place = shapely.Point(EAST + 10, NORTH + 20)
    found = camera_handles("c1", place, azimuth, TOWN_CRS, "en")
    lat, lng = found["heading"]
    assert azimuth_to(Event("aim", 1, (lng, lat), id="c1"), place, TOWN_CRS) == pytest.approx(
        azimuth, abs=1e-6
    )
    assert place_of(Event("move", 1, tuple(found["at"][::-1])), TOWN_CRS).distance(place) < 1e-6
    ahead = Geod(ellps="WGS84").inv(found["at"][1], found["at"][0], lng, lat)[2]
    assert ahead == pytest.approx(HANDLE_M, rel=2e-3)


def test_the_sectors_of_a_camera_go_with_its_handles():
    place, sector = shapely.Point(EAST, NORTH), shapely.box(EAST, NORTH, EAST + 9, NORTH + 9)
    found = camera_handles("c1", place, 45.0, TOWN_CRS, views=[sector])
    to_degrees = Transformer.from_crs(TOWN_CRS, "EPSG:4326", always_xy=True)
    wanted = [to_degrees.transform(x, y)[::-1] for x, y in sector.exterior.coords]
    assert np.allclose(found["views"], [wanted], atol=1e-7)
    assert json.loads(json.dumps(found)) == found


def test_a_camera_without_a_direction_can_only_be_moved():
    found = camera_handles("c3", shapely.Point(EAST, NORTH), np.nan, TOWN_CRS)
    assert found["heading"] is None
    assert json.loads(json.dumps(found)) == found


def test_edited_cameras_are_drawn_by_layers_of_their_own():
    result = make_result("name")
    rows = result.cameras.loc[["c1"]]
    heads = make_heads()
    layers = edited_layers(rows, heads[heads["camera_id"] == "c1"], "en")
    assert [entry["key"] for entry in layers] == [f"{EDITED}views_sure", f"{EDITED}cameras"]
    assert layers[-1]["data"]["ids"] == ["c1"]
    nameless = rows.assign(name=None)
    assert edited_layers(nameless, heads.iloc[:0], "en")[0]["data"]["titles"] == ["camera c1"]
    assert edited_layers(rows.iloc[:0], heads.iloc[:0]) == []


def test_the_group_holds_only_what_json_has():
    pictures = coverage_pictures(make_raster(), [25.0], LEVEL_COLOURS[:1])
    shapes = gpd.GeoSeries([shapely.box(EAST, NORTH, EAST + 9, NORTH + 9)], ["z9"], crs=TOWN_CRS)
    group = live_group(
        tool="zone",
        selected=("zones", "z1"),
        fly={"layer": "zones", "id": "z1", "count": 2},
        hidden=[("cameras", "c1")],
        layers=[preview_layer(pictures, "en"), drawn_layer("zones", shapes, ["new"])],
    )
    assert json.loads(json.dumps(group)) == group
    assert group["layers"][1]["key"] == f"{EDITED}zones"


def pixel_of(lat, lng, zoom):
    """Return where a browser has a place, from the formula of its tiles."""
    world = 256 * 2**zoom
    sine = math.sin(math.radians(lat))
    return world * (0.5 + lng / 360), world * (0.5 - math.atanh(sine) / (2 * math.pi))


@pytest.mark.parametrize("size_m", [(3_000.0, 40.0), (40.0, 3_000.0), (900.0, 900.0)])
def test_a_flight_shows_all_and_comes_as_close_as_that_allows(size_m):
    box = shapely.box(EAST, NORTH, EAST + size_m[0], NORTH + size_m[1])
    shapes = gpd.GeoSeries(shapely.points(shapely.get_coordinates(box)), crs=TOWN_CRS)
    target = flight_to(shapes)
    middle = pixel_of(*target["at"], target["zoom"])
    spots = [pixel_of(point.y, point.x, target["zoom"]) for point in shapes.to_crs(4326)]
    reach = 2 * max(abs(a - b) for spot in spots for a, b in zip(spot, middle, strict=True))
    assert SHOWN_PX / 2 - 1 < reach < SHOWN_PX + 1


def test_a_flight_to_one_place_does_not_come_too_close():
    shape = gpd.GeoSeries([shapely.Point(EAST, NORTH)], crs=TOWN_CRS)
    assert flight_to(shape)["zoom"] == CLOSEST


def test_a_preview_lies_where_the_camera_sees():
    pictures = coverage_pictures(make_raster(), [25.0], LEVEL_COLOURS[:1])
    (south, west), (north, east) = preview_layer(pictures, "en")["data"]["images"][0]["bounds"]
    x, y = Transformer.from_crs(TOWN_CRS, 4326, always_xy=True).transform(EAST + 30, NORTH + 30)
    assert south < y < north
    assert west < x < east


def test_names_of_compared_runs_stay_text():
    found = swipe_data({"url": "a"}, {"url": "b"}, ("<b>", "50 %"), "en")
    assert found["labels"]["left"] == "<b>"
    assert found["labels"]["slider"] == "Part the map between <b> and 50 %"
