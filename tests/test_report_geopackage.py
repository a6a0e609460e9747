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
from civicsight.report.geopackage import STYLES, TITLES, write_geopackage, write_qml
from civicsight.report.licence import notice_of
from tests.result_factory import make_result
from tests.result_town import HOSTILE, TOWN_CRS


@pytest.fixture(scope="module")
def result():
    return make_result("豫章中学")


@pytest.fixture(scope="module")
def package(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("gpkg") / "out.gpkg"
    assert write_geopackage(path, result, notice=notice_of(result)) == list(TITLES)
    return path


def rows_of(path, query):
    with closing(sqlite3.connect(path)) as base:
        return base.execute(query).fetchall()


def test_every_layer_is_listed_with_its_crs(package):
    listed = {name for name, _ in pyogrio.list_layers(package)}
    assert set(TITLES) <= listed
    for name in TITLES:
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
    parts = pyogrio.read_dataframe(package, layer="parts")
    assert set(parts["status"]) == {"covered", "assumed", "possible", "gap"}
    assert set(parts.geom_type) == {"LineString", "Point", "Polygon"}


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
    assert [name for name, *_ in styles] == list(TITLES)
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
    root = ET.fromstring(write_qml(STYLES["parts"]).partition("\n")[2])  # noqa: S314 - our own text
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
    assert pyogrio.read_dataframe(tmp_path / "h.gpkg", layer="zones")["name"][0] == HOSTILE[1]


def test_a_failure_leaves_the_old_file(tmp_path, result, monkeypatch):
    target = tmp_path / "old.gpkg"
    target.write_bytes(b"old")
    monkeypatch.setattr(qgis_forms, "LAYER_STYLES", "not SQL")
    with pytest.raises(sqlite3.OperationalError):
        write_geopackage(target, result, notice={})
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["old.gpkg"]
