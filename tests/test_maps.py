"""Maps: the escape, pictures, the plan as a whole, and the files that it carries."""

from __future__ import annotations

import base64
import io
import json
import re

import folium
import geopandas as gpd
import numpy as np
import pytest
import rasterio
from pyproj import Transformer

from civicsight.core.errors import SetupError
from civicsight.core.html_safe import safe
from civicsight.core.hues import GROUND
from civicsight.maps import assets, localise, plan_map
from civicsight.maps.assets import take_apart
from civicsight.maps.layers import feature_layer
from civicsight.maps.picture import coverage_pictures, write_png
from civicsight.presentation.symbols import LEVEL_COLOURS, STATUS_STYLES
from tests.result_factory import make_raster, make_result
from tests.result_town import EAST, HOSTILE, NORTH, TOWN_CRS, at


@pytest.mark.parametrize("text", HOSTILE)
def test_safe_leaves_nothing_that_a_browser_or_a_template_literal_runs(text):
    out = safe(text)
    assert not set(out) & set("<>\"'`$\\{")
    assert safe("豫章中学 A-1") == "豫章中学 A-1"


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_png_is_what_gdal_reads():
    indexes = np.array([[0, 1, 2], [3, 4, 0]], np.uint8)
    png = write_png(indexes, LEVEL_COLOURS)
    with rasterio.open(io.BytesIO(png)) as picture:
        assert (picture.read(1) == indexes).all()
        palette = picture.colormap(1)
    assert palette[0][3] == 0
    assert palette[4][:3] == tuple(bytes.fromhex(LEVEL_COLOURS[3][1:]))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_pictures_lie_where_the_raster_lies():
    """A cell's colour is found at its place in degrees, not one cell off."""

    pictures = coverage_pictures(make_raster(), [25.0, 62.5, 125.0, 250.0], LEVEL_COLOURS)
    forward = Transformer.from_crs(TOWN_CRS, 3857, always_xy=True)
    placed = [place_picture(picture) for picture in pictures]
    near = np.random.default_rng(3).uniform(1.0, 126.0, (600, 2))
    for dx, dy in near[(np.abs(near - 64.0) > 1.0).all(axis=1)]:
        x, y = forward.transform(EAST + dx, NORTH + dy)
        found = max(value_at(values, box_, x, y) for values, box_ in placed)
        assert found == (4 if dx < 64.0 and dy < 64.0 else 0), (dx, dy)
    x, y = forward.transform(
        EAST + 128 + 5.25, NORTH + 128 + 5.25
    )  # the one cell of the other block
    assert max(value_at(values, box_, x, y) for values, box_ in placed) == 1


def place_picture(picture):
    """Read a picture back, with its box in the metres of the map."""
    png = io.BytesIO(base64.b64decode(picture["url"].partition(",")[2]))
    with rasterio.open(png) as file:
        values = file.read(1)
    degrees = Transformer.from_crs(4326, 3857, always_xy=True)
    (south, west), (north, east) = picture["bounds"]
    return values, (*degrees.transform(west, south), *degrees.transform(east, north))


def value_at(values, box_, x, y):
    x0, y0, x1, y1 = box_
    col = int(np.floor((x - x0) / (x1 - x0) * values.shape[1]))
    row = int(np.floor((y1 - y) / (y1 - y0) * values.shape[0]))
    inside = 0 <= row < values.shape[0] and 0 <= col < values.shape[1]
    return values[row, col] if inside else 0


def test_a_raster_in_which_nothing_is_seen_has_no_picture():
    assert coverage_pictures(make_raster(), [1000.0], ["#000000"]) == []


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_plan_map_asks_the_network_for_nothing(language):
    html = plan_map(make_result(), language).get_root().render()
    links = re.findall(r'(?:src|href)="([^"]{0,60})', html)
    assert links
    assert all(link.startswith("data:") for link in links)


def test_a_plan_map_is_the_same_every_time():
    first, second = (take_apart(plan_map(make_result(), "en")) for _ in range(2))
    assert first == second


def test_a_map_after_one_in_another_language_is_that_drawn_alone():
    result = make_result()
    first = plan_map(result, "zh_CN")
    assert take_apart(plan_map(result, "en")) == take_apart(plan_map(make_result(), "en"))
    assert take_apart(first) == take_apart(plan_map(make_result(), "zh_CN"))


def test_hostile_labels_reach_the_map_as_data_only():
    for text in HOSTILE:
        pieces = take_apart(plan_map(make_result(text), "zh_CN"))
        assert "<img" not in pieces.script + pieces.markup
        assert "</script" not in pieces.script.lower()
        assert "<svg" not in pieces.script


def test_a_label_is_no_template_on_our_side_either():
    """folium renders its elements twice; what looks like a template must come out as it went in."""
    text = "{{ 7*7 }}{% if %}{# note #}{{{"
    layer = feature_layer(
        "x", gpd.GeoSeries([at(0, 0)], crs=TOWN_CRS), [{}], [0], titles=[text], rows=[[]]
    )
    drawn = folium.Map(tiles=None)
    layer.add_to(drawn)
    script = take_apart(drawn).script
    literal = script[
        script.index("{", script.index("civicsight.features")) : script.rindex("});") + 1
    ]
    assert json.loads(literal)["titles"] == [text]


def test_layers_without_rows_are_left_out():
    result = make_result(raster=False)
    for name in ("gaps", "duplicates", "overlaps"):
        setattr(result, name, getattr(result, name).iloc[:0])
    script = take_apart(plan_map(result, "en")).script
    assert '"gaps"' not in script
    assert "civicsight.images(" not in script
    assert '"parts"' in script


def test_a_foreign_asset_is_refused():
    strange = folium.Map(tiles=None)
    strange.add_js_link("tracker", "https://example.org/t.js")
    try:
        with pytest.raises(KeyError, match="tracker"):
            localise(strange)
    finally:
        strange.default_js.pop()


def test_assets_that_set_up_has_not_fetched_are_named():
    with pytest.raises(SetupError, match=r"leaflet-missing\.js.*make setup"):
        assets.read_asset("vendor/leaflet/leaflet-missing.js")


def test_images_of_a_style_sheet_travel_in_it():
    text = assets.asset_text("vendor/leaflet/leaflet.css")
    assert "url(images/" not in text
    assert "url(data:image/png;base64," in text


@pytest.mark.parametrize("name", list(STATUS_STYLES))
def test_signs_stand_out_from_the_ground(name):
    """Contrast of 3:1 to the ground, of the sign or of the dark outline that it has."""
    style = STATUS_STYLES[name]
    edge = style["color"] if style.get("hollow") else "#1a1a1a"
    assert contrast(edge, GROUND) >= 3.0
    signs = [entry["sign"] for entry in STATUS_STYLES.values()]
    assert len(set(signs)) == len(signs)


def contrast(one, two):
    """Contrast ratio of WCAG 2.2, section 1.4.3."""

    def luminance(colour):
        channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_crowded_ground_plan_says_what_is_left_out(monkeypatch):
    monkeypatch.setattr("civicsight.maps.basemap.MAX_BUILDING_POINTS", 11)
    assert "Drawn are 2 of 4 outlines" in take_apart(plan_map(make_result(), "en")).script


def test_a_city_of_which_nothing_is_known_still_has_a_map():
    result = make_result(raster=False)
    for name in ("cameras", "heads", "zones", "parts", "gaps", "duplicates", "overlaps"):
        setattr(result, name, getattr(result, name).iloc[:0])
    result.part_status = result.part_status.iloc[:0]
    script = take_apart(plan_map(result, "en")).script
    assert '"buildings"' in script
    assert '"cameras"' not in script
