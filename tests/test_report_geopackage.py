"""The GeoPackage: all layers, CRS, Chinese, looks that QGIS reads, licence, all or nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import pyogrio
import pytest

from civicsight.io import qgis_forms
from civicsight.presentation.symbols import STATUS_LABELS
from civicsight.report.geopackage import STYLES, TITLES, map_layers, view_areas, write_geopackage
from civicsight.report.licence import notice_of
from civicsight.report.qgis_style import write_qml
from tests.result_factory import make_result
from tests.result_town import HOSTILE, TOWN_CRS

LAYERS = [
    *("gaps", "duplicates", "overlaps", "cameras", "heads"),
    *("parts_points", "parts_lines", "parts_areas", "zones_areas"),
    *("samples", "buildings", "views", "roads", "land_cover"),
]
"""Layers of the town, the topmost first: its parts are of every shape, its places are areas."""


@pytest.fixture(scope="module")
def result():
    return make_result("豫章中学")


@pytest.fixture(scope="module")
def package(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("gpkg") / "out.gpkg"
    assert write_geopackage(path, result, notice=notice_of(result)) == LAYERS
    return path


def rows_of(path, query):
    with closing(sqlite3.connect(path)) as base:
        return base.execute(query).fetchall()


def test_every_layer_is_listed_with_its_crs(package):
    listed = {name for name, _ in pyogrio.list_layers(package)}
    assert set(LAYERS) <= listed
    for name in LAYERS:
        assert pyogrio.read_info(package, layer=name)["crs"] == f"EPSG:{TOWN_CRS.to_epsg()}"


def test_rows_and_chinese_text_come_back(package, result):
    cameras = pyogrio.read_dataframe(package, layer="cameras")
    assert list(cameras["camera_id"]) == list(result.cameras.index)
    assert cameras["name"][0] == "豫章中学"
    assert list(cameras["direction_known"]) == ["sure", "sure", "assumed", "unknown"]
    assert cameras.geometry[0].equals(result.cameras.geometry.iloc[0])
    gaps = pyogrio.read_dataframe(package, layer="gaps")
    assert json.loads(gaps["evidence"][0])["reuse"][0]["camera"] == "c4"
    assert json.loads(gaps["readings"][0]) == ["sure", "assumed", "possible"]
    shapes = {"parts_points": "Point", "parts_lines": "LineString", "parts_areas": "Polygon"}
    parts = {name: pyogrio.read_dataframe(package, layer=name) for name in shapes}
    statuses = set().union(*(frame["status"] for frame in parts.values()))
    assert statuses == {"covered", "assumed", "possible", "gap"}
    assert {name: set(frame.geom_type) for name, frame in parts.items()} == {
        name: {shape} for name, shape in shapes.items()
    }
    assert sum(map(len, parts.values())) == len(result.parts)


def test_layers_without_rows_are_there(tmp_path):
    result = make_result()
    result.overlaps = result.overlaps.iloc[:0]
    write_geopackage(tmp_path / "e.gpkg", result, notice={})
    empty = pyogrio.read_dataframe(tmp_path / "e.gpkg", layer="overlaps")
    assert len(empty) == 0
    assert "evidence" in empty.columns


def test_licence_and_made_up_mark_travel_in_the_file(package):
    notice = pyogrio.read_info(package, layer="cameras")["dataset_metadata"]
    assert notice["ATTRIBUTION"] == "© OpenStreetMap contributors"
    assert "Open Database License" in notice["LICENCE"]
    assert "虚构" in notice["SYNTHETIC_ZH"]


def test_each_layer_has_a_default_style(package):
    styles = rows_of(
        package, "SELECT f_table_name, useAsDefault, styleQML, f_geometry_column FROM layer_styles"
    )
    assert [name for name, *_ in styles] == LAYERS
    geometry = dict(rows_of(package, "SELECT table_name, column_name FROM gpkg_geometry_columns"))
    for name, default, document, column in styles:
        assert default == 1
        assert column == geometry[name]
        assert ET.fromstring(document.partition("\n")[2]).tag == "qgis"  # noqa: S314 - our own text
    assert rows_of(
        package, "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
    ) == [("attributes",)]
    assert rows_of(package, "PRAGMA integrity_check") == [("ok",)]


def test_styles_tell_the_statuses_apart_in_every_shape():
    root = parse(STYLES["parts"])
    rules = root.findall("renderer-v2/rules/rule")
    assert len(rules) == 3 * len(STATUS_LABELS)
    symbols = {
        symbol.get("name"): symbol.get("type")
        for symbol in root.findall("renderer-v2/symbols/symbol")
    }
    for rule in rules:
        shape = {"marker": "'Point'", "line": "'Line'", "fill": "'Polygon'"}[
            symbols[rule.get("symbol")]
        ]
        assert shape in rule.get("filter")
        assert '"status" = ' in rule.get("filter")
    gap = next(rule for rule in rules if "'gap'" in rule.get("filter"))
    assert gap.get("label") == "未覆盖 / not covered"


def test_hostile_text_is_stored_as_it_is(tmp_path):
    result = make_result(HOSTILE[1])
    write_geopackage(tmp_path / "h.gpkg", result, notice=notice_of(result))
    assert pyogrio.read_dataframe(tmp_path / "h.gpkg", layer="zones_areas")["name"][0] == HOSTILE[1]


def test_a_failure_leaves_the_old_file(tmp_path, result, monkeypatch):
    target = tmp_path / "old.gpkg"
    target.write_bytes(b"old")
    monkeypatch.setattr(qgis_forms, "LAYER_STYLES", "not SQL")
    with pytest.raises(sqlite3.OperationalError):
        write_geopackage(target, result, notice={})
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["old.gpkg"]


def test_every_layer_is_of_one_geometry(package):
    declared = dict(
        rows_of(package, "SELECT table_name, geometry_type_name FROM gpkg_geometry_columns")
    )
    assert set(declared) == set(LAYERS)
    assert "GEOMETRY" not in declared.values()
    for name, kind in declared.items():
        found = set(pyogrio.read_dataframe(package, layer=name).geom_type)
        assert {each.upper() for each in found} <= {kind}, name


def test_gaps_and_doubles_are_drawn_as_the_map_draws_them(package, result):
    gaps = pyogrio.read_dataframe(package, layer="gaps")
    assert set(gaps.geom_type) <= {"Polygon", "MultiPolygon"}
    for drawn, found in zip(gaps.geometry, result.gaps.geometry, strict=True):
        assert drawn.buffer(0.01).covers(found)
    doubles = pyogrio.read_dataframe(package, layer="duplicates")
    spots = result.cameras.geometry
    for line, subject in zip(doubles.geometry, doubles["subject"], strict=True):
        assert line.distance(spots[subject]) <= 3.0


def test_cameras_say_where_they_are_drawn_to_look(package):
    cameras = pyogrio.read_dataframe(package, layer="cameras").set_index("camera_id")
    heads = pyogrio.read_dataframe(package, layer="heads")
    drawn = heads[heads["drawn"].ne("")]
    assert not drawn.duplicated(["camera_id", "azimuth_deg"]).any()
    for label, looks in cameras["looks_deg"].dropna().items():
        assert drawn.loc[drawn["camera_id"].eq(label), "azimuth_deg"].tolist() == [looks]
    assert cameras["looks_deg"].notna().sum() >= 2
    sure = set(heads.loc[heads["reading"].eq("sure"), "camera_id"])
    assert not sure & set(drawn.loc[drawn["drawn"].eq("assumed"), "camera_id"])


def test_views_are_areas_by_level_that_do_not_overlap(result):
    raster, ladder = result.raster, result.rules.ladder
    views = view_areas(raster, ladder.px_m, TOWN_CRS)
    seen = (raster.best >= ladder.px_m[0]).sum() * raster.cell_m**2
    assert views.area.sum() == pytest.approx(seen, rel=0.02)
    assert views.geometry.union_all().area == pytest.approx(views.area.sum(), rel=1e-9)
    for row in views.itertuples():
        assert row.least_px_m == ladder.px_m[int(row.level) - 1]
    assert set(views["level"]) == {"1", "4"}
    assert len(view_areas(None, ladder.px_m, TOWN_CRS)) == 0


def test_a_raster_of_many_cells_is_taken_coarser(result, monkeypatch):
    thresholds = result.rules.ladder.px_m
    fine = view_areas(result.raster, thresholds, TOWN_CRS)
    monkeypatch.setattr("civicsight.report.geopackage.MAX_CELLS", 2 * 256**2 // 4)
    coarse = view_areas(result.raster, thresholds, TOWN_CRS)
    assert coarse.area.sum() == pytest.approx(fine.area.sum(), rel=0.05)


def test_what_is_quiet_and_what_is_off_at_small_scales():
    assert STYLES["samples"].below < STYLES["overlaps"].below
    documents = {name: parse(style) for name, style in STYLES.items()}
    for name, root in documents.items():
        limited = root.get("hasScaleBasedVisibilityFlag") == "1"
        assert limited == (name in ("overlaps", "heads", "samples"))
    widths = {name: look["width"] for name, look in STYLES["parts"].looks.items()}
    assert widths["covered"] < widths["assumed"] < widths["possible"] < widths["gap"]
    for name in ("zones", "roads", "cameras"):
        assert documents[name].find("labeling/settings/text-style").get("fieldName") == "name"


def parse(style):
    return ET.fromstring(write_qml(style).partition("\n")[2])  # noqa: S314 - our own text


def test_an_expression_turns_a_camera():
    root = parse(STYLES["cameras"])
    told = {
        entry.get("value") for entry in root.iter("Option") if entry.get("name") == "expression"
    }
    assert '"looks_deg" - 90' in told
    assert "if(\"looks_deg\" - 90 IS NULL, 'circle', 'filled_arrowhead')" in told


def test_titles_are_those_of_the_layers_in_order(result):
    assert list(dict.fromkeys(layer.of for layer in map_layers(result))) == list(TITLES)
