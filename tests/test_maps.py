"""Maps: the escape, geometry as text, pictures, thinning, assets, and what a plan map holds."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
from importlib.resources import files

import folium
import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from civicsight.errors import SetupError
from civicsight.maps import assets, localise, plan_map, safe
from civicsight.maps.assets import take_apart
from civicsight.maps.basemap import thin_shapes
from civicsight.maps.describe import camera_facts, direction_of_cameras, name_all, status_of_parts
from civicsight.maps.encode import ALPHABET, HOLE, LINE, POINT, RING, encode_shapes
from civicsight.maps.evidence import finding_facts, finding_sentence
from civicsight.maps.layers import feature_layer
from civicsight.maps.picture import coverage_pictures, write_png
from civicsight.maps.style import GROUND, LEVEL_COLOURS, STATUS_STYLES
from civicsight.maps.traces import blob, trace_findings
from civicsight.maps.views import view_wedges
from civicsight.maps.words import number, share
from tests.result_factory import EAST, HOSTILE, NORTH, TOWN_CRS, at, make_raster, make_result

LON, LAT = st.floats(-179.0, 179.0), st.floats(-85.0, 85.0)


def decode(encoded):
    """Read the text back, written from the format's description and not from the encoder."""
    numbers, value, weight = [], 0, 1
    for character in encoded["data"]:
        six = ALPHABET.index(character)
        value += (six & 31) * weight
        weight *= 32
        if not six & 32:
            numbers.append(value)
            value, weight = 0, 1
    stream = iter(numbers)
    x = y = 0
    features = []
    for _ in range(encoded["count"]):
        pieces = []
        for _ in range(next(stream)):
            kind, path = next(stream), []
            for _ in range(next(stream)):
                dx, dy = next(stream), next(stream)
                x += -(dx + 1) // 2 if dx % 2 else dx // 2
                y += -(dy + 1) // 2 if dy % 2 else dy // 2
                path.append((x / 1e6, y / 1e6))
            pieces.append((kind, path))
        features.append(pieces)
    assert next(stream, None) is None
    return features


def series(*shapes):
    return gpd.GeoSeries(list(shapes), crs="EPSG:4326")


@pytest.mark.parametrize("text", HOSTILE)
def test_safe_leaves_nothing_that_a_browser_or_a_template_literal_runs(text):
    out = safe(text)
    assert not set(out) & set("<>\"'`$\\{")
    assert safe("豫章中学 A-1") == "豫章中学 A-1"


@given(st.lists(st.tuples(LON, LAT), min_size=2, max_size=9))
def test_lines_survive_to_a_step(points):
    ((pieces,),) = [decode(encode_shapes(series(LineString(points))))]
    if not pieces:
        return
    ((kind, path),) = pieces
    rounded = [(round(x * 1e6), round(y * 1e6)) for x, y in points]
    kept = [p for k, p in enumerate(rounded) if k == 0 or p != rounded[k - 1]]
    assert kind == LINE
    assert [(round(x * 1e6), round(y * 1e6)) for x, y in path] == kept


def test_every_kind_of_geometry_is_written_in_its_pieces():
    ring = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2)]])
    nested = GeometryCollection([Point(9, 9), GeometryCollection([LineString([(0, 0), (1, 1)])])])
    features = decode(
        encode_shapes(series(ring, nested, Polygon(), None, MultiPoint([(1, 2), (3, 4)])))
    )
    assert [[kind for kind, _ in pieces] for pieces in features] == [
        [RING, HOLE],
        [POINT, LINE],
        [],
        [],
        [POINT, POINT],
    ]
    assert features[0][0][1] == [(0, 0), (4, 0), (4, 4), (0, 4)] or len(features[0][0][1]) == 4
    assert features[4] == [(POINT, [(1.0, 2.0)]), (POINT, [(3.0, 4.0)])]


def test_a_closed_line_stays_closed():
    loop = LineString([(0, 0), (1, 0), (1, 1), (0, 0)])
    ((kind, path),) = decode(encode_shapes(series(loop)))[0]
    assert kind == LINE
    assert path[0] == path[-1]


def test_geometry_in_metres_is_put_into_degrees():
    shapes = gpd.GeoSeries([at(0, 0)], crs=TOWN_CRS)
    lon, lat = Transformer.from_crs(TOWN_CRS, 4326, always_xy=True).transform(EAST, NORTH)
    assert decode(encode_shapes(shapes))[0][0][1][0] == pytest.approx((lon, lat), abs=6e-7)


def test_the_script_reads_what_python_wrote(tmp_path):
    """The decoder in the browser's own language agrees with the one above."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    source = files("civicsight.maps").joinpath("browser/draw.js").read_text(encoding="utf-8")
    shapes = series(box(115.9, 28.6, 115.91, 28.61), LineString([(-70.5, -33.4), (-70.4, -33.5)]))
    encoded = encode_shapes(shapes)
    stub = (
        "var window={};var L={CircleMarker:{extend:function(){}},GridLayer:{extend:function(){}}};"
    )
    call = f"console.log(JSON.stringify(window.civicsight.readShapes({json.dumps(encoded)})))"
    script = tmp_path / "read.js"
    script.write_text(f"{stub}\n{source}\n{call}", encoding="utf-8")
    done = subprocess.run([node, str(script)], capture_output=True, text=True, check=True)
    read = json.loads(done.stdout)
    expected = [
        [{"kind": kind, "path": [[y, x] for x, y in path]} for kind, path in pieces]
        for pieces in decode(encoded)
    ]
    assert read == expected


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


def test_shapes_that_fit_are_all_kept_and_hardly_changed():
    squares = gpd.GeoSeries([box(k, 0, k + 0.8, 1) for k in range(9)], crs=TOWN_CRS)
    thinned = thin_shapes(squares, squares[:0], 100)
    assert thinned.left_out == 0
    assert thinned.tolerance_m <= 0.25


def test_too_many_shapes_keep_what_is_near_then_what_is_large():
    small_near = box(0, 0, 3, 3)
    large_far, small_far = box(5_000, 0, 5_100, 100), box(6_000, 0, 6_003, 3)
    shapes = gpd.GeoSeries(
        [small_far, large_far, small_near], index=["far", "large", "near"], crs=TOWN_CRS
    )
    focus = gpd.GeoSeries([Point(10, 10)], crs=TOWN_CRS)
    assert list(thin_shapes(shapes, focus, 5).shapes.index) == ["near"]
    both = thin_shapes(shapes, focus, 10)
    assert list(both.shapes.index) == ["large", "near"]
    assert both.left_out == 1


def test_sample_points_become_touching_squares():
    line_of_samples = MultiPoint([(k * 0.5, 0.0) for k in range(9)])
    drawn = blob(line_of_samples)
    assert drawn.geom_type == "Polygon"
    assert drawn.covers(line_of_samples)
    assert blob(Point(1, 1)) == Point(1, 1)


def test_lines_lead_from_a_gap_to_the_camera_that_could_help():
    result = make_result()
    traces = trace_findings(result.gaps, result)
    lines = [s for s in shapely.get_parts(traces["gap/p4"]) if s.geom_type == "LineString"]
    assert [shapely.get_point(line, 1) for line in lines] == [at(60, 112)]
    assert not [s for s in shapely.get_parts(traces["gap/p5"]) if s.geom_type == "LineString"]


def test_wedges_point_where_the_heads_look():
    heads = make_result().heads
    sure = view_wedges(heads, "sure")
    assert list(sure.index) == ["c1/sure", "c2/sure"]
    centre = sure["c1/sure"].centroid
    assert centre.x > EAST + 52
    assert centre.y == pytest.approx(NORTH + 40, abs=1e-6)
    assumed = view_wedges(heads, "assumed")
    assert list(assumed.index) == ["c3/assumed", "c4/assumed"]  # recorded ones are not drawn twice
    assert assumed["c4/assumed"].centroid.distance(at(60, 112)) < 1e-6


def test_directions_are_sure_assumed_or_unknown():
    assert direction_of_cameras(make_result()).to_dict() == {
        "c1": "sure",
        "c2": "sure",
        "c3": "assumed",
        "c4": "unknown",
    }


def test_a_part_without_a_judgement_is_unknown():
    result = make_result()
    result.part_status = result.part_status.drop("p5")
    assert status_of_parts(result)["p5"] == "unknown"
    assert status_of_parts(result)["p4"] == "gap"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0 %"), (0.004, "< 1 %"), (0.996, "> 99 %"), (1.0, "100 %"), (float("nan"), "–")],
)
def test_shares_never_round_to_none_or_all(value, text):
    assert share(value) == text
    assert number(float("nan")) == "–"


def test_findings_say_what_is_in_the_way_and_what_could_be_turned():
    result = make_result("豫章中学")
    names = name_all(result, "en")
    row = next(result.gaps.loc[["gap/p4"]].itertuples())
    text = finding_sentence(row, names)
    assert "seen at 40 of 125 px/m" in text
    assert "In the way: 豫章中学, rising ground." in text
    assert "Would see enough if turned: camera c4 (30 m away)." in text
    assert "c9, out of use, stands 12 m away and would cover it once repaired." in text
    assert "c8, removed, stood 8 m away." in text
    assert "c7" not in text
    undetermined = next(result.gaps.loc[["gap/p2"]].itertuples())
    assert ("Stands on", "on a wall, it sees the half circle outward") in finding_facts(
        undetermined, names
    )
    duplicate = next(result.duplicates.loc[["duplicate/c2/R7.3"]].itertuples())
    assert "It alone sees 3 % of what it sees." in finding_sentence(duplicate, names)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_plan_map_asks_the_network_for_nothing(language):
    html = localise(plan_map(make_result(), language)).get_root().render()
    links = re.findall(r'(?:src|href)="([^"]{0,60})', html)
    assert links
    assert all(link.startswith("data:") for link in links)


def test_a_plan_map_is_the_same_every_time():
    first, second = (take_apart(plan_map(make_result(), "en")) for _ in range(2))
    assert first == second


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


def test_a_better_lens_and_every_kind_of_obstacle_are_named():
    result = make_result("豫章中学")
    evidence = result.gaps.loc["gap/p4", "evidence"]
    evidence["reuse"][0] |= {"how": "re-aim-and-upgrade", "turn_deg": 166.6}
    evidence["reuse"].append({"camera": "c1", "how": "upgrade", "distance_m": 9.0, "turn_deg": 4.0})
    evidence["blockers"] = [
        "building way/9",
        "obstacle panel/1 (A) (B)",
        "canopy T1",
        "canopies",
        "feature 7",
    ]
    text = finding_sentence(next(result.gaps.loc[["gap/p4"]].itertuples()), name_all(result, "en"))
    assert "In the way: building way/9, A) (B, tree T1, trees, feature 7." in text
    assert (
        "Would see enough if turned and given a better lens: "
        "camera c4 (30 m away, to be turned by 167°)."
    ) in text
    assert "Would see enough with a better lens: 豫章中学 (9 m away)." in text


def test_parts_with_names_of_their_own_are_called_by_them():
    result = make_result("豫章中学")
    result.parts["name"] = ["豫章中学东门", "Gate B", None, None, None]
    names = name_all(result, "en")
    assert names.parts["p1"] == "豫章中学东门"
    assert names.parts["p2"] == "豫章中学: Vehicle entrance (Gate B)"
    assert names.parts["p4"] == "豫章中学: Entrance 2"
    assert names.parts["p5"] == "unnamed place way/4: Area"


def test_long_lists_are_cut_short():
    names = name_all(make_result(), "en")
    assert names.listed([f"c{k}" for k in range(9)], {}) == "c0, c1, c2, c3, c4, c5, and 3 more"
    assert names.listed(None, {}) == ""


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


def test_a_camera_that_does_not_count_is_no_camera_of_unknown_direction():
    result = make_result()
    result.heads = result.heads[~result.heads["camera_id"].isin(["c2", "c4"])]
    result.cameras.loc["c2", "usable"] = False
    assert dict(direction_of_cameras(result)) == {
        "c1": "sure",
        "c2": "unused",
        "c3": "assumed",
        "c4": "unused",
    }
    facts = [dict(rows) for rows in camera_facts(result, name_all(result, "en"))]
    assert [row.get("Not counted") for row in facts] == [None, "out of use", None, "indoors"]
    assert facts[1]["Direction"] == "92°"
    assert facts[3]["Direction"] == "direction unknown"
