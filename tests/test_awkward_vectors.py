"""Layers as offices send them: each read as its notes ask, or refused with a reason."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from civicsight.core.errors import InputError
from civicsight.io.source_options import Declared
from civicsight.io.vectors.footprints import read_buildings
from civicsight.io.vectors.vector import read_vector

MADE, REAL = "awkward_made", "awkward_real"


def refused(path: Path, **options: object) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        read_buildings(path, **options)
    return [(fault.code, fault.where) for fault in caught.value.faults]


def properties(path: Path) -> list[dict[str, object]]:
    return [f["properties"] for f in json.loads(path.read_text("utf-8"))["features"]]


def test_gbk_without_cpg_and_driver_byte_is_read_as_chinese(test_data):
    path = test_data(f"{MADE}/gbk_no_cpg_no_ldid/清华建筑.shp")
    vector = read_vector(path)
    assert list(vector.frame.columns[:4]) == ["id", "名称", "建筑类型", "楼层"]
    truth = gpd.read_file(test_data("beijing_tsinghua/buildings.geojson"))
    names = set(truth["name"].dropna())
    assert set(vector.frame["名称"].dropna()) <= names
    assert vector.frame["名称"].notna().sum() > 100
    assert vector.encoding == "GB18030"
    table, report = read_buildings(path)
    assert report.encoding == "GB18030"
    assert "GB18030" in str(report.notes[0])
    assert table["name"].dropna().isin(names).all()
    assert report.count("height.levels") == 46


@pytest.mark.parametrize("encoding", ["gbk", "GB2312", "cp936", "GB18030"])
def test_a_declared_encoding_comes_first(test_data, encoding):
    path = test_data(f"{MADE}/gbk_no_cpg_no_ldid/清华建筑.shp")
    vector = read_vector(path, declared=Declared(encoding=encoding))
    assert "名称" in vector.frame
    assert encoding in str(vector.notes[0])


def test_an_encoding_that_the_text_contradicts_is_refused(test_data):
    path = test_data(f"{MADE}/gbk_no_cpg_no_ldid/清华建筑.shp")
    for encoding in ("utf-8", "latin-1", "nonsense"):
        with pytest.raises(InputError) as caught:
            read_vector(path, declared=Declared(encoding=encoding))
        assert caught.value.faults[0].code == "shapefile.encoding"


def test_the_driver_byte_says_gbk(test_data):
    vector = read_vector(test_data(f"{REAL}/shanghai_gbk_no_cpg/区县界_area.shp"))
    assert len(vector.frame) == 17
    assert vector.frame["NAME"].tolist()[:2] == ["宝山区", "杨浦区"]
    assert vector.encoding == "GB18030"
    assert ".dbf" in str(vector.notes[0])


def test_companions_without_the_shapes_name_what_is_missing(test_data):
    folder = test_data(f"{REAL}/shapefile_without_shp")
    for end in (".shx", ".prj"):
        with pytest.raises(InputError) as caught:
            read_vector(folder / f"shenzhen_osmroad{end}")
        fault = caught.value.faults[0]
        assert fault.code == "shapefile.incomplete"
        assert "shenzhen_osmroad.shp" in str(fault.expected)


def test_a_cut_file_is_named_with_line_and_column(test_data):
    path = test_data(f"{MADE}/truncated.geojson")
    assert refused(path) == [("geojson.damaged", "line 1, column 59")]


def test_three_layers_need_a_choice(test_data):
    path = test_data(f"{MADE}/mixed_crs_layers.gpkg")
    assert refused(path) == [("layer.several", "")]
    layers = [
        read_buildings(path, declared=Declared(layer=f"buildings_{code}"))[0]
        for code in (4326, 4549, 3857)
    ]
    assert len({table.crs for table in layers}) == 1
    centres = [table.union_all().centroid for table in layers]
    assert max(centre.distance(centres[0]) for centre in centres) < 1.0
    areas = [table.area.sum() for table in layers]
    assert areas == pytest.approx([areas[0]] * 3, rel=1e-4)


def test_a_crs_member_is_honoured_and_distorts_nothing(test_data):
    web, _ = read_buildings(test_data(f"{MADE}/suzhou_webmercator.geojson"))
    true, _ = read_buildings(test_data("suzhou_gusu/bd_demo_2.json"))
    assert web.crs == true.crs
    assert web.area.sum() == pytest.approx(true.area.sum(), rel=1e-4)


def test_overture_heights_come_from_heights_then_floors(test_data):
    path = test_data(f"{MADE}/overture_like_suzhou.parquet")
    table, report = read_buildings(path)
    source = pq.read_table(path).to_pandas()
    buried = source["is_underground"].to_numpy(bool)
    assert report.count("excluded.underground") == buried.sum() > 0
    assert not set(source["id"][buried]) & set(table.index)
    known = source.set_index("id").loc[[label.split("#")[0] for label in table.index]]
    height = known["height"].to_numpy(float)
    floors = known["num_floors"].astype(float).to_numpy()
    wanted = np.where(np.isnan(height), floors * 3, height)
    told = ~np.isnan(wanted)
    assert np.allclose(table["height_m"].to_numpy()[told], wanted[told])
    assert (table["height_assumed"].to_numpy() == ~told).all()
    primary = [None if n is None else n["primary"] for n in known["names"]]
    assert table["name"].astype(object).where(table["name"].notna(), None).tolist() == primary
    assert report.notes
    assert not any("filled" in str(note) for note in report.notes)


def test_microsofts_minus_one_is_never_a_height(test_data):
    path = test_data(f"{MADE}/msfootprints_like_suzhou.geojsonl")
    lines = [json.loads(line)["properties"] for line in path.read_text().splitlines()]
    unknown = sum(row["height"] == -1 for row in lines)
    table, report = read_buildings(path)
    assert report.read == len(lines)
    assert (table["height_m"] > 0).all()
    assert report.count("height.default") == table["height_assumed"].sum() == unknown > 900


def test_dirty_heights_are_read_or_replaced_and_each_is_counted(test_data):
    path = test_data(f"{MADE}/dirty_heights.geojson")
    table, report = read_buildings(path)
    read = {
        "12 m": 12, "3F": 9, "六层": 18, "12,5": 12.5, "40'": 12.192, "约18": 18, " 24 ": 24,
        "6;8": 8, "10-12": 12, "35ft": 10.668, "2.5e1": 25,
    }  # fmt: skip
    rows = properties(path)
    assert len(table) == len(rows)
    for row, built in zip(rows, table.itertuples(), strict=True):
        wanted = read.get(row["height"], row["Floor"] * 3)
        assert built.height_m == pytest.approx(wanted), row
        assert not built.height_assumed
    texts = Counter(row["height"] for row in rows)
    assert report.count("form.unit") == texts["40'"] + texts["35ft"]
    assert report.count("form.storeys") == texts["3F"] + texts["六层"]
    assert report.count("form.several") == texts["6;8"] + texts["10-12"]
    assert report.count("form.about") == texts["约18"]
    assert report.count("form.zero") == texts["0"]
    bad = Counter(fault.found for fault in report.repaired)
    assert bad == {text: texts[text] for text in ("-3", "1000000.0", "inf")}
    levels = sum(
        texts[t] for t in ("0", "-3", "1000000.0", None, "3F", "六层", "", "inf", "-", "NULL")
    )
    assert report.count("height.levels") == levels
    assert report.count("height.height") == len(rows) - levels


def test_bad_shapes_are_repaired_or_dropped_with_a_count_and_no_giant_extent(test_data):
    path = test_data(f"{MADE}/bad_geometries.geojson")
    kinds = [row["kind"] for row in properties(path)]
    table, report = read_buildings(path, keep_good=True)
    rejected = {kinds[int(fault.where) - 1]: fault.code for fault in report.rejected}
    assert rejected == {
        "empty": "geometry.unusable",
        "line_as_building": "geometry.unusable",
        "point_as_building": "geometry.unusable",
        "huge_coords": "place.range",
        "antimeridian_far": "place.antimeridian",
        "null_island": "place.null",
    }
    mended = {kinds[int(fault.where) - 1]: fault.found for fault in report.repaired}
    assert set(mended) == {"bowtie", "spike", "hole_outside", "multi_overlap"}
    assert all(" -> " in found for found in mended.values())
    assert report.count("excluded.tiny") == 1  # zero_area
    west, south, east, north = table.total_bounds
    assert max(east - west, north - south) < 2_000
    assert table.is_valid.all()
    kept = {kinds[int(label.split("#")[0]) - 1] for label in table.index}
    assert kept == {"bowtie", "spike", "dup_vertices", "hole_outside", "courtyard", "multi_overlap"}
    assert {code for code, _ in refused(path)} == set(rejected.values())


def test_null_empty_and_unclosed_shapes(test_data):
    path = test_data(f"{MADE}/null_and_unclosed.geojson")
    table, report = read_buildings(path, keep_good=True)
    assert table.index.tolist() == ["2"]
    assert [(f.code, f.where) for f in report.repaired] == [("geometry.unclosed", "2")]
    assert [(f.code, f.where) for f in report.rejected] == [
        ("geometry.unusable", "1"),
        ("geometry.unusable", "3"),
    ]
    assert shapely.get_num_coordinates(table.geometry.iloc[0]) == 4


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("nyc_buildings/nyc_osm_buildings.parquet", marks=pytest.mark.slow),
        "shenzhen_nanshan/nanshan-building.geojson",
        "suzhou_gusu/bd_demo_2.json",
        "raster_alexandria/buildings.geojson",
    ],
)
@pytest.mark.slow
def test_real_heights_are_not_taken_for_filled(test_data, name):
    table, report = read_buildings(test_data(name), keep_good=True)
    assert report.count("height.filled") == 0
    assert report.count("height.height") > 0
    assert not table["height_assumed"][table["height_source"] == "height"].any()
