"""Real cities and files that officials might hold: what each has to give, and in what time."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from civicsight.core.errors import InputError
from civicsight.io.project import read_city
from civicsight.io.tables.inventory import read_cameras
from civicsight.io.vectors.footprints import read_buildings
from civicsight.scene.bodies import build_scene
from tests.drawn import a_few
from tests.pbf_scan import scan


def built(city):
    """Return the scene of a city: every table is fit for the engine."""
    return build_scene(city.buildings, city.obstacles, city.canopies, city.terrain)


EXTRACTS = {
    "osm_rome_esquilino/rome-piazza-vittorio-emanuele.osm.pbf": 32633,
    "osm_berlin_wittenau/miraustr.osm.pbf": 32633,
    "monaco_osm_dem/monaco-latest.osm.pbf": 32632,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", a_few(EXTRACTS))
def test_extracts_hold_what_a_second_reader_finds(test_data, name):
    path = test_data(name)
    elements = list(scan(path))
    city, report = read_city(path)
    assert city.crs.to_epsg() == EXTRACTS[name]
    relations = [e for e in elements if e.kind == "relation"]
    areas = [e for e in relations if e.tags.get("type") == "multipolygon"]
    drawn = [e for e in elements if e.kind == "way"] + areas
    buildings = sum(
        e.tags.get("building", "no") != "no" or e.tags.get("building:part", "no") != "no"
        for e in drawn
    )
    points = sum(e.kind == "node" and "building" in e.tags for e in elements)
    assert report.part("buildings").read == buildings + points
    cameras = [e for e in elements if e.tags.get("man_made") == "surveillance"]
    assert set(city.cameras.index) == {f"node/{e.number}" for e in cameras}
    with_direction = [e for e in cameras if {"direction", "camera:direction"} & e.tags.keys()]
    assert report.part("cameras").count("direction") == len(with_direction)
    entrances = sum(e.tags.get("entrance", "no") != "no" for e in elements)
    mapped = city.entrances["tags"].map(lambda tags: "entrance" in tags)
    assert mapped.sum() == entrances
    trees = sum(e.kind == "node" and e.tags.get("natural") == "tree" for e in elements)
    assert (city.canopies["kind"] == "tree").sum() == trees
    assert len(built(city).features) > len(city.buildings)


@pytest.mark.slow
def test_a_long_road_does_not_stretch_berlin(test_data):
    """The extract reaches 30 km east along one line; the area that was read is 2.4 x 2.2 km."""
    city, _ = read_city(test_data("osm_berlin_wittenau/miraustr.osm.pbf"))
    west, south, east, north = city.extent.bounds
    assert east - west < 3_000
    assert north - south < 3_000


@pytest.mark.slow
def test_monaco_stands_on_its_hills(test_data):
    city, report = read_city(
        test_data("monaco_osm_dem/monaco-latest.osm.pbf"),
        dem=test_data("monaco_osm_dem/N43E007.hgt.zip"),
    )
    assert report.part("terrain").crs_found.startswith("EPSG:4326")
    palace = gpd.GeoSeries(gpd.points_from_xy([7.4205], [43.7314]), crs=4326).to_crs(city.crs)
    height = city.terrain.height_at(palace.x.to_numpy(), palace.y.to_numpy())[0]
    assert 30 < height < 80  # the Rock of Monaco rises to some 60 m
    assert np.nanmax(city.terrain.z) > 400
    assert len(built(city).features) > 1_200
    facing = city.cameras["azimuth_deg"].dropna()
    assert sorted(facing.round()) == pytest.approx([1, 161, 241], abs=1)


def test_a_campus_in_two_files(test_data):
    city, report = read_city(test_data("beijing_tsinghua"))
    assert (city.crs.to_epsg(), len(city.buildings)) == (4548, 624)
    assert report.part("buildings").count("excluded.twin") == 2
    assert (city.buildings["kind"] == "dormitory").sum() == 59
    assert report.part("roads").read == 903
    assert report.part("buildings").count("height.levels") == 46
    assert city.places["tags"].map(lambda tags: tags.get("building") == "dormitory").sum() == 59
    assert len(built(city).features) == 624


def test_xml_of_beijing(test_data):
    city, report = read_city(test_data("osm_beijing_bupt/map.osm"))
    assert city.crs.to_epsg() == 4548
    part = report.part("buildings")
    assert (part.read, part.kept, part.count("excluded.point")) == (114, 111, 3)
    kinds = city.entrances["kind"].value_counts()
    assert (kinds["yes"], kinds["main"]) == (102, 1)
    assert len(city.cameras) == 0
    assert (city.canopies["kind"] == "tree").sum() == 9
    assert len(built(city).features) > 111


@pytest.mark.slow
def test_floors_of_suzhou(test_data):
    path = test_data("suzhou_gusu/bd_demo_2.json")
    city, report = read_city(path)
    assert city.crs.to_epsg() == 4549
    assert (report.part("buildings").read, len(city.buildings)) == (3076, 3077)
    raw = gpd.read_file(path)
    assert city.buildings["height_m"].max() == raw["height"].max()
    assert not city.buildings["height_assumed"].any()
    area = raw.to_crs(4549).area.sum()
    assert city.buildings.area.sum() == pytest.approx(area, rel=1e-9)
    assert len(built(city).features) == 3077


@pytest.mark.slow
def test_height_classes_of_shenzhen(test_data):
    city, report = read_city(test_data("shenzhen_nanshan/nanshan-building.geojson"))
    assert city.crs.to_epsg() == 4547
    part = report.part("buildings")
    assert (part.read, part.count("repaired_outlines")) == (10, 2)
    assert len(city.buildings) == 10 + part.count("pieces")
    assert 5_430 < len(city.buildings) < 5_450
    counts = city.buildings["height_m"].value_counts()
    assert set(counts.index) == {18, 41, 64, 88, 111, 134, 158, 181, 204, 228}
    assert counts[228] == 2
    assert len(built(city).features) == len(city.buildings)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.compiled_only
def test_new_york_in_a_minute(test_data):
    """113,087 buildings: rows cut by tiles joined, parts over outlines."""
    path = test_data("nyc_buildings/nyc_osm_buildings.parquet")
    start = time.monotonic()
    city, report = read_city(path)
    assert time.monotonic() - start < 60
    part = report.part("buildings")
    assert part.read == 122_838
    raw = pd.read_parquet(path, columns=["osm_id"])["osm_id"]
    assert part.count("joined") == len(raw) - raw.nunique() == 122_838 - 113_087
    used = part.count("outlines") + part.count("parts")
    assert used + part.excluded == 113_087
    assert (part.count("excluded.tiny"), part.count("excluded.twin")) == (12, 1)
    kept = (
        used - part.count("outlines_replaced") - part.count("parts_hidden") + part.count("pieces")
    )
    assert len(city.buildings) == kept
    assert city.crs.to_epsg() == 32618
    assert city.buildings.is_valid.all()


def reference(test_data):
    return read_city(test_data("suzhou_gusu/bd_demo_2.json"))[0].buildings


@pytest.mark.parametrize(
    "name",
    a_few(
        [
            "suzhou_cgcs2000_zone40_epsg4528.gpkg",
            "suzhou_cgcs2000_gk120_epsg4549.gpkg",
            "suzhou_webmercator.geojson",
        ]
    ),
)
def test_any_declared_system_gives_the_same_place(test_data, name):
    city, _ = read_city(test_data("awkward_made") / name)
    expected = reference(test_data)
    assert city.crs.to_epsg() == 4549
    distance = shapely.hausdorff_distance(
        city.buildings.geometry.to_numpy(), expected.geometry.to_numpy()
    )
    assert distance.max() < 1.0
    assert city.buildings["height_m"].tolist() == expected["height_m"].tolist()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no_prj/buildings_no_prj.shp", "crs.missing"),
        ("swapped_axes_no_crs/suzhou_xy_swapped.shp", "crs.swapped"),
        ("mixed_crs_layers.gpkg", "layer.several"),
        ("truncated.geojson", "geojson.damaged"),
        ("null_and_unclosed.geojson", "geometry.unusable"),
        ("bad_geometries.geojson", "place.range"),
        ("empty.csv", "file.empty"),
    ],
)
def test_awkward_files_are_refused_with_a_reason(test_data, name, code):
    path = test_data("awkward_made") / name
    with pytest.raises(InputError) as caught:
        read_city(path)
    fault = caught.value.faults[0]
    assert (fault.code, fault.file) == (code, path.name)
    assert str(fault.expected)
    assert str(fault.remedy)


def test_layers_in_three_systems_agree(test_data):
    path = test_data("awkward_made") / "mixed_crs_layers.gpkg"
    tables = [
        read_buildings(path, layer=layer)[0]
        for layer in ("buildings_4326", "buildings_4549", "buildings_3857")
    ]
    first = tables[0].geometry.to_numpy()
    for table in tables[1:]:
        assert shapely.hausdorff_distance(first, table.geometry.to_numpy()).max() < 1e-3


def test_bad_geometries_are_mended_or_named(test_data):
    table, report = read_buildings(
        test_data("awkward_made") / "bad_geometries.geojson", keep_good=True
    )
    assert report.read == 13
    assert report.count("repaired_outlines") == 4
    assert report.count("excluded.tiny") == 1
    codes = {"place.range", "place.antimeridian", "place.null", "geometry.unusable"}
    assert {fault.code for fault in report.rejected} == codes
    assert report.read == len(report.rejected) + report.count("excluded.tiny") + report.count(
        "outlines"
    )
    assert np.ptp(table.total_bounds[[0, 2]]) < 2_000


def test_dirty_heights_are_read_or_counted(test_data):
    table, report = read_buildings(test_data("awkward_made") / "dirty_heights.geojson")
    assert report.count("height.height") == 18
    assert len(report.repaired) == 6
    assert {fault.code for fault in report.repaired} == {"height.unusable"}
    assert table["height_m"].between(2, 100).all()


def test_unknown_heights_of_overture(test_data):
    table, report = read_buildings(test_data("awkward_made") / "overture_like_suzhou.parquet")
    raw = gpd.read_parquet(test_data("awkward_made") / "overture_like_suzhou.parquet")
    assert report.count("excluded.underground") == raw["is_underground"].sum()
    standing = raw[~raw["is_underground"].astype(bool)]
    mapped = standing["height"].notna()
    assert report.count("height.height") - report.count("pieces") <= mapped.sum()
    unknown = standing["height"].isna() & standing["num_floors"].isna()
    assumed = table.index[table["height_assumed"]].str.split("#").str[0]
    assert assumed.nunique() == unknown.sum()


@pytest.mark.parametrize("name", ["cameras_zh_gbk.csv", "cameras_zh_gb18030_tab.txt"])
def test_other_encodings_say_the_same_of_the_same_rows(test_data, name):
    folder, said = test_data("awkward_made"), []
    for file in (name, "cameras_zh_utf8bom.csv"):
        with pytest.raises(InputError) as caught:
            read_cameras(folder / file, crs=CRS.from_epsg(4549))
        said.append({(fault.code, fault.where, fault.found) for fault in caught.value.faults})
    assert said[0] == said[1]


def test_an_inventory_in_chinese_names_its_bad_rows(test_data):
    path = test_data("awkward_made") / "cameras_zh_utf8bom.csv"
    with pytest.raises(InputError) as caught:
        read_cameras(path, crs=CRS.from_epsg(4549))
    codes = {(fault.code, fault.where) for fault in caught.value.faults}
    assert {
        ("place.null", "row 5"), ("place.swapped", "row 6"), ("place.number", "row 7"),
        ("table.repeated_id", "row 10"),
    } <= codes  # fmt: skip
    assert {fault.found for fault in caught.value.faults if fault.code == "place.datum"} <= {
        "GCJ02", "BD09", "GCJ-02", "BD-09",
    }  # fmt: skip


def test_a_header_without_rows_is_no_success(test_data):
    with pytest.raises(InputError, match="a header and rows"):
        read_cameras(test_data("awkward_made") / "header_only.csv", crs=CRS.from_epsg(4549))


@pytest.mark.slow
def test_helsinki_in_six_seconds(helsinki):
    read_city(helsinki)
    start = time.process_time()
    read_city(helsinki)
    assert time.process_time() - start < 6
