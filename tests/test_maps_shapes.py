"""What a map draws: geometry as text, thinned ground plans, traces and wedges."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from civicsight.maps.basemap import thin_shapes
from civicsight.maps.encode import ALPHABET, HOLE, LINE, POINT, RING, encode_shapes
from civicsight.maps.shapes import blob, trace_findings, view_wedges
from tests.conftest import IN_CI
from tests.result_factory import make_result
from tests.result_town import EAST, NORTH, TOWN_CRS, at

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
    if node is None and not IN_CI:
        pytest.skip("node is not installed")
    assert node is not None, "node belongs to the set-up"
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
