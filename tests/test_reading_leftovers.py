"""What lies about itself is refused or counted: extracts, lengths, names said twice, shapes."""

from __future__ import annotations

import json
import random
import struct
import zlib
from importlib.resources import files

import numpy as np
import pytest
from pyproj import CRS
from shapely import Polygon

from civicsight.cli.entry import BAD_INPUT, run
from civicsight.core.errors import InputError
from civicsight.io.osm.features import read_features
from civicsight.io.project import read_city
from civicsight.io.tables.inventory import read_cameras
from civicsight.io.vectors.vector import read_vector
from civicsight.model.city import City, empty_tables
from civicsight.report.licence import describe_law
from civicsight.rules import load_packs
from tests.bad_input import made_layers as made
from tests.pbf_scan import fields_of
from tests.test_city_osm import XML

EXTRACT = files("pyrosm").joinpath("data/test.osm.pbf")
METRIC = CRS.from_epsg(4548)


def test_a_city_without_anything_drawn_is_nowhere():
    city = City("a", METRIC, Polygon(), **empty_tables(METRIC))
    assert describe_law(city, load_packs(), "en") == ()


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def unpacked(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return kind and content of every block."""
    parts, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        head = dict(fields_of(data[at + 4 : at + 4 + size]))
        at += 4 + size
        blob = dict(fields_of(data[at : at + head[3]]))
        at += head[3]
        parts.append((head[1], zlib.decompress(blob[3]) if 3 in blob else blob[1]))
    return parts


def packed(parts: list[tuple[bytes, bytes]]) -> bytes:
    out = b""
    for kind, raw in parts:
        small = zlib.compress(raw)
        blob = b"\x10" + varint(len(raw)) + b"\x1a" + varint(len(small)) + small
        head = b"\x0a" + varint(len(kind)) + kind + b"\x18" + varint(len(blob))
        out += struct.pack(">I", len(head)) + head + blob
    return out


def flipped(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def damaged(data: bytes, seed: int) -> bytes:
    """Change bytes of the file, bytes inside of its packed blocks, or its end."""
    chance = random.Random(seed)
    if seed % 3 == 0:
        return flipped(data, chance)
    if seed % 3 == 1:
        return data[: chance.randrange(20, len(data))]
    parts = unpacked(data)
    which = chance.randrange(len(parts))
    parts[which] = (parts[which][0], flipped(parts[which][1], chance))
    return packed(parts)


def read_or_refused(path):
    """Return the code of the refusal, empty where the file reads; nothing else may happen."""
    try:
        read_features(path)
    except InputError as error:
        (fault,) = error.faults
        assert fault.file == path.name
        assert str(path.parent) not in fault.found
        assert str(fault.remedy)
        return fault.code
    return ""


def test_any_damage_of_an_extract_is_told_as_damage(tmp_path):
    data, path, seen = EXTRACT.read_bytes(), tmp_path / "town.osm.pbf", set()
    assert unpacked(packed(unpacked(data))) == unpacked(data)
    for seed in range(24):
        path.write_bytes(damaged(data, seed))
        seen.add(read_or_refused(path))
    assert "osm.damaged" in seen
    assert seen <= {"", "osm.damaged", "osm.empty", "osm.format"}


def test_any_damage_of_osm_xml_is_told_as_damage(tmp_path):
    path, seen = tmp_path / "town.osm", set()
    for seed in range(60):
        path.write_bytes(flipped(XML.encode(), random.Random(seed)))
        seen.add(read_or_refused(path))
    assert "osm.damaged" in seen
    assert seen <= {"", "osm.damaged", "osm.empty", "osm.format"}


def test_a_damaged_extract_is_no_internal_error(tmp_path, capsys):
    parts = unpacked(EXTRACT.read_bytes())
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(packed([parts[0], (parts[1][0], parts[1][1][:40_000])]))
    assert run(["import", str(path), "--dry-run", "--lang", "en"]) == BAD_INPUT
    told = " ".join(capsys.readouterr().err.split())
    assert "town.osm.pbf" in told
    assert "Download the extract again." in told
    assert "Internal error" not in told


def with_numbers(name, at, value, kind=">i"):
    def change(folder):
        data = bytearray((folder / name).read_bytes())
        struct.pack_into(kind, data, at, value)
        (folder / name).write_bytes(bytes(data))

    return change


LIES = {
    "the index is longer": with_numbers("houses.shx", 104, 9_999),
    "the index lies elsewhere": with_numbers("houses.shx", 108, 2_000_000),
    "the index lies before the file": with_numbers("houses.shx", 100, -5),
    "the record is longer": with_numbers("houses.shp", 104, 9_999),
    "the record is shorter": with_numbers("houses.shp", 104, 2),
    "more parts than fit": with_numbers("houses.shp", 108 + 36, 1_000_000, "<i"),
    "more points than fit": with_numbers("houses.shp", 108 + 40, 100, "<i"),
    "points below nothing": with_numbers("houses.shp", 108 + 40, -3, "<i"),
}


@pytest.mark.parametrize("lie", LIES)
def test_lengths_that_a_shapefile_does_not_keep_are_refused(lie, tmp_path):
    path = made.shapefile(LIES[lie])(tmp_path)
    with pytest.raises(InputError) as caught:
        read_vector(path)
    (fault,) = caught.value.faults
    assert (fault.code, fault.file) == ("shapefile.length", "houses.shp")
    assert fault.where in {"1", "2"}


def test_a_shapefile_that_keeps_its_word_is_read(tmp_path):
    assert len(read_vector(made.shapefile()(tmp_path)).frame) == 2


def feature(properties, place='{"type": "Point", "coordinates": [115.9, 28.6]}'):
    return f'{{"type": "Feature", "properties": {properties}, "geometry": {place}}}'


def collection(*features):
    return f'{{"type": "FeatureCollection", "features": [{", ".join(features)}]}}'


@pytest.mark.parametrize(
    ("text", "name", "where"),
    [
        (collection(feature("{}"), feature('{"height": 3, "height": 30}')), "height", "2"),
        (collection(feature('{"a": {"b": 1, "b": 1}}')), "b", "1"),
        (feature("{}") + "\n" + feature('{"h": 1, "\\u0068": 2}'), "h", "line 2"),
        ('{"type": "FeatureCollection", "features": [], "features": []}', "features", "1"),
    ],
)
def test_a_name_that_stands_twice_is_refused(text, name, where, tmp_path):
    path = tmp_path / "layer.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_vector(path)
    (fault,) = caught.value.faults
    assert (fault.code, fault.found, fault.where) == ("geojson.name_twice", name, where)


SHAPES = {
    "Polygon": [[[115.9, 28.6], [115.901, 28.6], [115.901, 28.601], [115.9, 28.6]]],
    "LineString": [[115.9, 28.6], [115.901, 28.6]],
}


@pytest.mark.parametrize("kind", SHAPES)
def test_a_camera_that_is_no_point_is_named_with_its_row(kind, tmp_path):
    place = json.dumps({"type": kind, "coordinates": SHAPES[kind]})
    path = tmp_path / "cameras.geojson"
    text = collection(feature('{"camera_id": "a"}'), feature('{"camera_id": "b"}', place))
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_cameras(path, crs=METRIC)
    (fault,) = caught.value.faults
    assert (fault.code, fault.where, fault.found) == ("place.shape", "2", kind)
    assert "middle of a shape is not taken" in str(fault.remedy)
    kept, report = read_cameras(path, crs=METRIC, keep_good=True)
    assert kept.index.tolist() == ["a"]
    assert len(report.rejected) == 1


def test_an_area_of_osm_is_no_camera_and_is_counted(tmp_path):
    corners = [(28.6801, 115.8501), (28.6801, 115.8503), (28.6803, 115.8503)]
    nodes = "".join(
        f'<node id="9{n}" lat="{lat}" lon="{lon}"/>' for n, (lat, lon) in enumerate(corners)
    )
    refs = "".join(f'<nd ref="9{n}"/>' for n in (0, 1, 2, 0))
    way = f'{nodes}<way id="99">{refs}<tag k="man_made" v="surveillance"/></way></osm>'
    path = tmp_path / "town.osm"
    path.write_text(XML.replace("</osm>", way), encoding="utf-8")
    city, report = read_city(path)
    assert report.part("cameras").count("excluded.shape") == 1
    assert not np.any(city.cameras.index == "way/99")
