"""Forms for QGIS: every column has a name, every list its values, and QGIS itself can read them."""

from __future__ import annotations

import math
import re
import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import pyogrio
import pytest

from civicsight.io import save_city
from civicsight.io.project_file import load_city
from civicsight.io.qgis_forms import NULL, write_form
from civicsight.model import BUILDINGS, CAMERAS, CITY_TABLES
from civicsight.report.geopackage import STYLES
from civicsight.report.qgis_style import write_qml
from tests.result_town import TOWN_CRS, make_city


def parse(document):
    return ET.fromstring(document.partition("\n")[2])  # noqa: S314 - our own text


@pytest.mark.parametrize("table", CITY_TABLES, ids=lambda table: table.name)
def test_every_column_has_a_name_and_a_widget(table):
    root = parse(write_form(table))
    aliases = {entry.get("field"): entry.get("name") for entry in root.iter("alias")}
    widgets = {
        entry.get("name"): entry.find("editWidget").get("type")
        for entry in root.find("fieldConfiguration")
    }
    for column in table:
        assert aliases[column.name].endswith(column.name)
        assert re.search("[\u4e00-\u9fff]", aliases[column.name])
        wanted = "TextEdit"
        if column.choices or column.kind == "maybe":
            wanted = "ValueMap"
        elif column.kind == "bool":
            wanted = "CheckBox"
        assert widgets[column.name] == wanted
    assert widgets["fid"] == "Hidden"
    (locked,) = root.find("editable")
    assert locked.attrib == {"name": table.index, "editable": "0"}


def test_lists_hold_just_the_declared_values():
    root = parse(write_form(CAMERAS))
    for column in CAMERAS:
        if not column.choices:
            continue
        path = f"fieldConfiguration/field[@name='{column.name}']//Option[@type='QString']"
        values = [entry.get("value") for entry in root.findall(path)]
        assert values == [NULL, *column.choices]


def test_bounds_are_those_of_the_declaration():
    root = parse(write_form(BUILDINGS))
    tests = {e.get("field"): e.get("exp") for e in root.find("constraintExpressions")}
    for column in BUILDINGS:
        if column.kind == "float":
            numbers = [float(n) for n in re.findall(r"[<>]= (-?[\d.e+]+)", tests[column.name])]
            assert numbers == [n for n in (column.low, column.high) if math.isfinite(n)]
    strength = {e.get("field"): e.get("notnull_strength") for e in root.find("constraints")}
    assert strength["height_m"] == "2"
    assert strength["base_m"] == "0"


def test_a_project_carries_a_form_for_each_layer_and_opens_as_before(tmp_path):
    city = make_city("镇")
    file = save_city(city, tmp_path / "p.gpkg")
    with closing(sqlite3.connect(file)) as base:
        rows = base.execute(
            "SELECT f_table_name, styleQML, useAsDefault FROM layer_styles"
        ).fetchall()
        titles = dict(base.execute("SELECT table_name, identifier FROM gpkg_contents").fetchall())
    assert [name for name, _, _ in rows] == [table.name for table in CITY_TABLES]
    assert all(default for _, _, default in rows)
    assert titles["cameras"] == "摄像机 cameras"
    for table in CITY_TABLES:
        info = pyogrio.read_info(file, layer=table.name)
        assert info["crs"] == f"EPSG:{TOWN_CRS.to_epsg()}", table.name
        kinds = dict(zip(info["fields"], info["dtypes"], strict=True))
        for column in table:
            is_number = column.kind in ("float", "int")
            assert (kinds[column.name] in ("float64", "int64", "int32")) == is_number
    assert load_city(file).cameras.index.equals(city.cameras.index)


def test_a_look_and_a_form_stand_in_one_document():
    root = parse(write_qml(STYLES["cameras"], CAMERAS))
    assert root.get("styleCategories") == "Symbology|Labeling|Rendering|Fields|Forms"
    assert root.find("renderer-v2") is not None
    assert root.find("fieldConfiguration/field[@name='kind']") is not None
    assert parse(write_qml(STYLES["zones"])).find("fieldConfiguration") is None
