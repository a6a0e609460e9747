"""What a project remembers of its imports, and that it still remembers it after a night on disk."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from civicsight.core.errors import Fault, Text
from civicsight.io import helsinki_path, save_city
from civicsight.io.project import read_city
from civicsight.io.project_file import PROJECT_LAYER, load_city
from civicsight.io.report import Count, ImportReport, merge
from civicsight.model.provenance import Provenance, from_dict, of_layer
from tests.result_town import make_city

BOX = (24.940, 60.165, 24.945, 60.168)


def test_a_report_becomes_one_entry_a_layer():
    poles = ImportReport(
        "poles.csv",
        "cameras",
        read=9,
        kept=7,
        counts=(Count("excluded.far", Text("far"), 1), Count("empty", Text("none"), 0)),
        repaired=(Fault("a"), Fault("b", where="row 2"), Fault("c", where="row 2")),
        rejected=(Fault("c"),),
        encoding="gb18030",
    )
    roofs = ImportReport("roofs.shp", "buildings", read=3, kept=3, crs_found="EPSG:4549")
    entries = merge("both", (poles, roofs), crs_found="EPSG:4490").provenance(
        imported_on="2026-03-01", surveyed_on="2025-12-31", datum="cgcs2000", licence="the bureau"
    )
    assert entries[0] == Provenance(
        "cameras",
        "poles.csv",
        imported_on="2026-03-01",
        surveyed_on="2025-12-31",
        datum="cgcs2000",
        crs_found="EPSG:4490",
        encoding="gb18030",
        read=9,
        kept=7,
        repaired=2,
        rejected=1,
        licence="the bureau",
        counts=(("excluded.far", 1),),
        notes=entries[0].notes,
    )
    kinds = [(one.kind, one.count) for one in entries[0].notes]
    assert kinds == [("cells.mended", 1)] * 3 + [("rows.refused", 1)]
    assert [entry.crs_found for entry in entries] == ["EPSG:4490", "EPSG:4549"]
    assert of_layer(entries, "buildings") == entries[1:]


def test_today_is_the_day_of_an_import():
    (entry,) = ImportReport("a.csv", "cameras").provenance()
    assert len(entry.imported_on) == len("2026-03-01")


def test_plain_values_come_back_and_later_keys_do_not_matter():
    entry = Provenance("cameras", "a.csv", counts=(("excluded.far", 2),))
    data = json.loads(json.dumps(entry.to_dict()))
    assert from_dict(data | {"of_a_later_version": 1}) == entry


@pytest.fixture(scope="module")
def helsinki():
    return read_city(helsinki_path(), bounds=BOX)


def test_reading_a_city_says_where_each_layer_is_from(helsinki):
    city, report = helsinki
    known = {entry.layer: entry for entry in city.provenance}
    assert known["buildings"].kept == len(city.buildings)
    assert known["cameras"].kept == len(city.cameras)
    assert known["buildings"].source == "Helsinki.osm.pbf"
    assert "ODbL" in known["buildings"].licence
    assert {entry.layer for entry in city.provenance} == {part.layer for part in report.parts}


def test_a_project_file_keeps_it(helsinki, tmp_path):
    city, _ = helsinki
    again = load_city(save_city(city, tmp_path / "p.gpkg"))
    assert again.provenance == city.provenance
    assert read_city(tmp_path / "p.gpkg")[0].provenance == city.provenance


def test_a_file_from_before_opens_without_it(tmp_path):
    city = replace(make_city("old"), provenance=(Provenance("cameras", "a.csv"),))
    file = save_city(city, tmp_path / "p.gpkg")
    with closing(sqlite3.connect(file)) as base, base:
        base.execute(f"ALTER TABLE {PROJECT_LAYER} DROP COLUMN provenance")
    assert load_city(file).provenance == ()
