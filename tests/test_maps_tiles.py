"""Vector tiles against GDAL's reader, and tiles of coverage against the raster itself."""

from __future__ import annotations

import dataclasses
import io
import math

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from pyproj import Transformer
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from civicsight.maps.coverage_tiles import coverage_tile
from civicsight.maps.tile_encoding import encode_layer, varint
from civicsight.maps.vectortiles import (
    MAIN,
    MAX_ZOOM,
    MIN_ZOOM,
    PATH,
    WORLD_M,
    mercator_box,
    tile_box,
    tile_source,
)
from civicsight.model import ROADS
from civicsight.presentation.symbols import LEVEL_COLOURS
from tests.result_factory import make_raster
from tests.result_town import EAST, NORTH, TOWN_CRS, make_city

THRESHOLDS = [25.0, 62.5, 125.0, 250.0]
STEP = 1.0
"""A corner may be off by half a step in each direction, and a cut by one."""


def tile_at(lng, lat, zoom):
    """Column and row of a tile, by the usual formula of web maps."""
    n = 1 << zoom
    return int((lng + 180) / 360 * n), int(
        (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    )


def town_tile(zoom):
    to_degrees = Transformer.from_crs(TOWN_CRS, 4326, always_xy=True)
    return zoom, *tile_at(*to_degrees.transform(EAST + 60, NORTH + 60), zoom)


def read(tile, layer):
    return pyogrio.read_dataframe(io.BytesIO(tile), layer=layer, CLIP="NO")


def to_steps(shapes, place):
    """Project shapes into the steps of a tile, the row up as GDAL has it."""
    where = mercator_box(*place, 4096)
    scale = 4096 / where.side_m
    south = where.north - where.side_m
    flat = gpd.GeoSeries(shapes).to_crs(3857)
    return flat.affine_transform([scale, 0, 0, scale, -where.west * scale, -south * scale])


@pytest.mark.parametrize("zoom", [15, 16])
def test_gdal_reads_the_buildings_of_a_town_where_they_are(zoom):
    city = make_city("x")
    place = town_tile(zoom)
    found = read(tile_source(city).tile(*place), "buildings")
    expected = to_steps(city.buildings.geometry, place)
    assert len(found) == len(expected)
    assert found.is_valid.all()
    assert sorted(found["h"]) == sorted(np.rint(city.buildings["height_m"]).astype(int))
    for shape in found.geometry:
        assert min(shape.hausdorff_distance(other) for other in expected) <= STEP


def test_roads_carry_their_rank_and_leave_tunnels_out():
    city = make_city("x")
    city.roads.loc[:, "tunnel"] = False
    found = read(tile_source(city).tile(*town_tile(16)), "roads")
    assert set(found["k"]) <= set(range(MAIN, PATH + 1))
    assert set(found.geom_type) <= {"LineString", "MultiLineString"}
    city.roads.loc[:, "tunnel"] = True
    assert not [layer for layer in tile_source(city).layers if layer.name == "roads"]


def test_holes_parts_and_shapes_across_the_edge_come_back(rng):
    """Random rings with holes, some across the edge of the tile, some within one step."""
    where = mercator_box(16, 40_000, 20_000, 4096)
    made = []
    for _ in range(60):
        x, y = where.west + rng.uniform(-40, 640), where.north - rng.uniform(-40, 640)
        outer = shapely.Point(x, y).buffer(rng.uniform(0.01, 60), quad_segs=3)
        made.append(outer.difference(shapely.Point(x, y).buffer(rng.uniform(0, 30), quad_segs=2)))
    shapes = [s for s in made if s.geom_type == "Polygon" and not s.is_empty]
    window = box(where.west, where.north - where.side_m, where.west + where.side_m, where.north)
    cut = [s for s in (shape.intersection(window) for shape in shapes) if s.geom_type == "Polygon"]
    values = np.arange(len(cut))
    clockwise = shapely.orient_polygons(np.array(cut, object), exterior_cw=True)
    data = encode_layer("a", clockwise, "k", values, where)
    found = read(data, "a").set_index("k")
    scale = 4096 / where.side_m
    south = where.north - where.side_m
    for k, shape in enumerate(cut):
        steps = shapely.transform(shape, lambda c: (c - [where.west, south]) * scale)
        if k not in found.index:
            assert steps.area < 2 * STEP * max(1.0, steps.length)
            continue
        assert abs(found.geometry[k].area - steps.area) <= STEP * steps.length + 1


def test_what_shrinks_to_a_point_is_left_out_with_its_holes():
    where = mercator_box(10, 500, 500, 1024)
    x, y = where.west + 500, where.north - 500
    tiny = Polygon(
        [(x, y), (x + 1, y), (x + 1, y - 1)],
        [[(x + 0.5, y - 0.1), (x + 0.8, y - 0.3), (x + 0.9, y - 0.3)]],
    )
    line = LineString([(x, y), (x + 0.5, y)])
    for shape in (tiny, line):
        assert encode_layer("a", np.array([shape], object), "k", np.array([1]), where) == b""
    assert encode_layer("a", np.array([], object), "k", np.array([], int), where) == b""


def test_a_small_building_shows_from_near_only():
    source = tile_source(make_city("x"))
    assert source.tile(*town_tile(16))
    assert b"buildings" not in source.tile(*town_tile(10))


def test_the_digest_is_that_of_what_is_drawn():
    first, same, other = make_city("x"), make_city("x"), make_city("x")
    same.buildings["name"] = "no map writes it"
    other.buildings.loc[other.buildings.index[0], "height_m"] += 5
    renamed = make_city("another name of the street")
    assert tile_source(first).digest == tile_source(same).digest
    assert len({tile_source(city).digest for city in (first, other, renamed)}) == 3


def test_streets_are_named_along_lines_joined_by_name():
    city, place = make_city("x"), town_tile(16)
    west, south, east, north = city.extent.bounds
    corners = [(west, south + 40), (west + 60, south + 40), (east, south + 40)]
    lines = [
        LineString(corners[:2]),
        LineString(corners[1:]),
        LineString([corners[1], (west + 60, north)]),
    ]
    roads = ROADS.complete(
        gpd.GeoDataFrame(
            {"kind": ["residential"] * 2 + ["primary"], "name": ["渡口街", "渡口街", "Main "]},
            geometry=lines, index=["a", "b", "c"], crs=city.crs,
        )
    )  # fmt: skip
    tiles = tile_source(dataclasses.replace(city, roads=roads))
    named, main = read(tiles.tile(*place), "names"), read(tiles.tile(*place), "main_names")
    assert (named["name"].tolist(), main["name"].tolist()) == (["渡口街"], ["Main"])
    whole = to_steps(gpd.GeoSeries([lines[0].union(lines[1])], crs=city.crs), place).iloc[0]
    box_of_tile = box(-64, -64, 4160, 4160)
    assert named.geometry.iloc[0].hausdorff_distance(whole.intersection(box_of_tile)) <= 2 * STEP
    far = tiles.tile(*town_tile(14))
    assert b"main_names" in far
    assert "渡口街".encode() not in far


def test_paths_and_streets_without_a_name_have_no_name_to_draw():
    city = make_city("x")
    city.roads["name"] = None
    assert b"names" not in tile_source(city).tile(*town_tile(16))
    city.roads["name"], city.roads["kind"] = "Alley", "footway"
    assert b"names" not in tile_source(city).tile(*town_tile(16))


def test_many_parts_of_one_shape_and_an_empty_city():
    city = make_city("x")
    shapes = list(city.buildings.geometry)
    city.buildings.geometry = [MultiPolygon([shapes[0], shapes[1]]), *shapes[1:]]
    found = read(tile_source(city).tile(*town_tile(16)), "buildings")
    assert len(found) == len(shapes) + 1


@pytest.mark.parametrize(
    "place", [(MAX_ZOOM + 1, 0, 0), (MIN_ZOOM - 1, 0, 0), (12, 4096, 0), (12, 0, -1)]
)
def test_there_are_no_tiles_outside_the_world(place):
    with pytest.raises(ValueError, match="there is no tile"):
        tile_box(*place)


@pytest.mark.parametrize("place", [(19, 0, 0), (9, 0, 0), (12, 4096, 0), (12, 0, -1)])
def test_nor_are_there_of_coverage(place):
    with pytest.raises(ValueError, match="there is no tile"):
        coverage_tile(make_raster(), THRESHOLDS, LEVEL_COLOURS, *place)


def test_the_first_tile_begins_where_the_world_does():
    where = mercator_box(0, 0, 0, 4096)
    assert (where.west, where.north, where.side_m) == (-WORLD_M, WORLD_M, 2 * WORLD_M)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("zoom", [17, 18])
def test_coverage_tiles_show_the_cell_under_each_pixel(zoom, rng):
    raster = make_raster()
    z, x, y = town_tile(zoom)
    with rasterio.open(
        io.BytesIO(coverage_tile(raster, THRESHOLDS, LEVEL_COLOURS, z, x, y))
    ) as png:
        pixels = png.read(1)
    assert pixels.shape == (256, 256)
    where = mercator_box(z, x, y, 256)
    back = Transformer.from_crs(3857, TOWN_CRS, always_xy=True)
    best, _, _, transform = raster.to_dense()
    for row, col in rng.integers(0, 256, (400, 2)):
        side = where.side_m / 256
        east, north = back.transform(
            where.west + (col + 0.5) * side, where.north - (row + 0.5) * side
        )
        c, r = ~transform @ (east, north)
        if min(c % 1, 1 - c % 1, r % 1, 1 - r % 1) < 0.01:
            continue  # on the edge between two cells
        inside = 0 <= r < best.shape[0] and 0 <= c < best.shape[1]
        value = best[int(r), int(c)] if inside else 0.0
        assert pixels[row, col] == np.digitize(value, THRESHOLDS), (row, col)


def test_where_nothing_is_seen_there_is_no_picture():
    assert coverage_tile(make_raster(), THRESHOLDS, LEVEL_COLOURS, 14, 0, 0) is None


def test_numbers_are_written_as_protocol_buffers_have_it():
    assert varint(0) == b"\x00"
    assert varint(127) == b"\x7f"
    assert varint(300) == b"\xac\x02"
