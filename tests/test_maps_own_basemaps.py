"""An office's own basemaps: tiles that lie where the picture lies, and what is not taken."""

from __future__ import annotations

import io
import math
import sqlite3
from contextlib import closing

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from pyproj import Transformer

from civicsight.core.errors import InputError
from civicsight.maps.own_basemaps import read_basemaps
from civicsight.ui.access.guard import sealing
from civicsight.ui.tiles import Tiles
from tests.test_ui_tiles import Client, anybody

CRS = "EPSG:32650"
WEST, NORTH, SIDE_M, PIXELS = 386_000.0, 3_175_000.0, 2.0, 256
EDGES = ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7", "center_zoom", "center_lon_e7",
         "center_lat_e7")  # fmt: skip
GREEN, RED = (0, 160, 60), (200, 30, 30)


def write_picture(path, *, crs=CRS, kind="uint8", count=3, colormap=None):
    """Write a green square whose north-eastern quarter is red."""
    data = np.zeros((3, PIXELS, PIXELS), kind)
    data[:] = np.array(GREEN, kind)[:, None, None]
    data[:, : PIXELS // 2, PIXELS // 2 :] = np.array(RED, kind)[:, None, None]
    shape = {"height": PIXELS, "width": PIXELS, "count": count, "dtype": kind}
    place = Affine(SIDE_M, 0.0, WEST, 0.0, -SIDE_M, NORTH)
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=place, **shape) as file:
        file.write((data[1:2] if colormap is None else data[:1] // 200) if count == 1 else data)
        if colormap is not None:
            file.write_colormap(1, colormap)
    return path


def tile_of(east, north, zoom):
    """Return the tile in which a place lies, and the pixel in it, by the formulas of the grid."""
    lon, lat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(east, north)
    x = (lon + 180) / 360 * 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom
    return (zoom, int(x), int(y)), (int(x % 1 * 256), int(y % 1 * 256))


def colour_at(basemap, east, north, zoom=17):
    place, pixel = tile_of(east, north, zoom)
    found = basemap.source.tile(*place)
    return (
        None if found is None else Image.open(io.BytesIO(found[0])).convert("RGBA").getpixel(pixel)
    )


@pytest.mark.parametrize("zoom", [15, 17, 19])
def test_a_picture_is_drawn_where_it_lies(tmp_path, zoom):
    (own,) = read_basemaps(f"Ortho={write_picture(tmp_path / 'ortho.tif')}")
    assert (own.name, own.address, own.origin) == ("Ortho", "", "")
    for east, north, wanted in [(100, -400, GREEN), (100, -100, GREEN), (400, -100, RED)]:
        found = colour_at(own, WEST + east, NORTH + north, zoom)
        assert found[3] == 255
        assert np.abs(np.subtract(found[:3], wanted)).max() <= 12
    outside = colour_at(own, WEST - 60, NORTH - 100, zoom)
    assert outside is None or outside[3] == 0


def test_a_picture_of_numbered_colours_keeps_them(tmp_path):
    table = {0: (*GREEN, 255), 1: (*RED, 255)}
    path = write_picture(tmp_path / "plan.tif", count=1, colormap=table)
    (own,) = read_basemaps(f"Plan={path}")
    assert colour_at(own, WEST + 400, NORTH - 100)[:3] == pytest.approx(RED, abs=12)
    assert colour_at(own, WEST + 100, NORTH - 400)[:3] == pytest.approx(GREEN, abs=12)


def write_archive(path, kind="png", tiles=()):
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE metadata (name text, value text)")
        file.execute("INSERT INTO metadata VALUES ('format', ?)", (kind,))
        file.execute(
            "CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)"
        )
        file.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", tiles)
    file.close()
    return path


def test_an_archive_counts_its_rows_from_the_south(tmp_path):
    path = write_archive(tmp_path / "plan.mbtiles", "jpg", [(3, 5, 1, b"picture")])
    (own,) = read_basemaps(f"Plan={path}")
    assert own.source.tile(3, 5, 6) == (b"picture", "image/jpeg")
    assert own.source.tile(3, 5, 1) is None


def write_package(path, kind=TileType.PNG):
    """Write red tiles of zoom 3 and a green one of zoom 10 whose place counts from the north."""
    with path.open("wb") as file:
        writer = Writer(file)
        for z, x, y, tile in [*((3, x, y, b"red") for x in range(8) for y in range(8)),
                              (10, 843, 422, b"green")]:  # fmt: skip
            writer.write_tile(zxy_to_tileid(z, x, y), tile)
        told = {"tile_type": kind, "tile_compression": Compression.NONE}
        writer.finalize(told | dict.fromkeys(EDGES, 0), {})
    return path


def test_a_package_counts_its_rows_from_the_north(tmp_path):
    (own,) = read_basemaps(f"Town={write_package(tmp_path / 'town.pmtiles')}")
    assert own.source.tile(10, 843, 422) == (b"green", "image/png")
    assert own.source.tile(3, 7, 7) == (b"red", "image/png")
    assert own.source.tile(10, 843, 423) is None
    assert own.source.tile(4, 0, 0) is None


def test_the_grid_of_a_service_stands_behind_its_address():
    address = "http://127.0.0.1/{z}/{x}/{y}"
    grids = ("", "#EPSG:3857", "#EPSG:4490", "#EPSG:4326")
    found = [read_basemaps(f"Map={address}{grid}")[0] for grid in grids]
    assert {own.address for own in found} == {address}
    assert [own.geographic for own in found] == [False, False, True, True]


def test_a_service_is_asked_by_the_browser_and_stands_in_the_policy(monkeypatch):
    address = "http://127.0.0.1:8080/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
    (own,) = read_basemaps(f"  Map = {address} | ")
    assert (own.source, own.address, own.origin) == (None, address, "http://127.0.0.1:8080")
    before = sealing()["Content-Security-Policy"]
    monkeypatch.setenv("CIVICSIGHT_BASEMAPS", f"Map={address}")
    policy = sealing()["Content-Security-Policy"]
    assert policy == before.replace("img-src 'self' data: blob:",
                                    "img-src 'self' data: blob: http://127.0.0.1:8080")  # fmt: skip


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("{}/none.tif", "a file that is there"),
        ("{}/far.tif", "a picture with its place"),
        ("{}/fine.tif", "8 bits a band"),
        ("{}/no.tif", "a GeoTIFF that can be read"),
        ("{}/vector.mbtiles", "tiles as PNG, JPEG or WebP"),
        ("{}/no.mbtiles", "an MBTiles file that can be read"),
        ("{}/vector.pmtiles", "tiles as PNG, JPEG or WebP"),
        ("{}/no.pmtiles", "a PMTiles file, version 3, that can be read"),
        ("{}/cut.pmtiles", "a PMTiles file, version 3, that can be read"),
        ("{}/no.jp2", "GeoTIFF, COG, MBTiles or PMTiles"),
        ("http://127.0.0.1/{{z}}/{{x}}/{{y}}#EPSG:4547", "EPSG:3857, EPSG:4490, EPSG:4326"),
        ("https://8.8.8.8/{{z}}/{{x}}/{{y}}.png", "a service in the own network"),
        ("https://tiles.example.invalid/{{z}}/{{x}}/{{y}}.png", "a service in the own network"),
        ("http://127.0.0.1/{{z}}/{{x}}.png", "an address with {z}, {x} and {y}"),
        ("http://127.0.0.1' evil/{{z}}/{{x}}/{{y}}", "a service in the own network"),
    ],
)
def test_what_is_no_basemap_is_refused_with_what_was_expected(tmp_path, place, expected):
    write_picture(tmp_path / "far.tif", crs=None)
    write_picture(tmp_path / "fine.tif", kind="uint16")
    write_archive(tmp_path / "vector.mbtiles", "pbf")
    whole = write_package(tmp_path / "vector.pmtiles", TileType.MVT).read_bytes()
    (tmp_path / "cut.pmtiles").write_bytes(whole[:130])
    for name in ("no.tif", "no.mbtiles", "no.pmtiles", "no.jp2"):
        (tmp_path / name).write_bytes(b"no picture" * 100)
    with pytest.raises(InputError) as caught:
        read_basemaps("Name=" + place.format(tmp_path))
    (fault,) = caught.value.faults
    assert expected in str(fault.expected)
    assert str(fault.remedy)


@pytest.mark.parametrize("text", ["ortho.tif", "=x.tif", "Name="])
def test_an_entry_without_name_or_place_is_refused(text):
    with pytest.raises(InputError, match="NAME=FILE"):
        read_basemaps(text)


def test_tiles_of_a_picture_need_a_token_that_fits(tmp_path):
    (own,) = read_basemaps(f"Ortho={write_picture(tmp_path / 'ortho.tif')}")
    tiles = Tiles()
    client = Client(tiles)
    url = tiles.offer("basemap", "own", own.source, "wang", anybody)
    (z, x, y), _ = tile_of(WEST + 250, NORTH - 250, 19)
    for _ in range(2):  # warped, then kept
        answer = client.get(url.format(z=z, x=x, y=y))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert answer.content == own.source.tile(z, x, y)[0]
    assert client.get(url.format(z=17, x=1, y=1)).headers["content-type"] == "image/png"
    assert client.get(url.format(z=30, x=1, y=1)).status_code == 404
    assert client.get(url.partition("?")[0].format(z=z, x=x, y=y)).status_code == 403
