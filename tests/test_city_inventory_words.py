"""Words and columns of an inventory: what they mean, what a person says of them, what is left."""

from __future__ import annotations

import pytest
from pyproj import CRS

from civicsight.io.reader_registry import read_into
from civicsight.io.registers.read import PLACE_SCHEMA
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.inventory import CAMERA_SCHEMA, ENTRANCE_SCHEMA, read_cameras
from civicsight.io.tables.synonyms import VALUES, match_headers, match_value
from civicsight.io.vectors.attributes import BUILDING_SCHEMA
from tests.test_city_inventory import LAT, LON, read


@pytest.mark.parametrize(
    "schema",
    [CAMERA_SCHEMA, PLACE_SCHEMA, ENTRANCE_SCHEMA, BUILDING_SCHEMA],
    ids=lambda schema: schema.table.name,
)
def test_every_synonym_means_one_thing(schema):
    headers = schema.headers
    for meaning, words in headers.items():
        for word in words:
            if word in {"id", "code", "编号", "序号"} and not meaning.endswith("id"):
                continue
            found = match_headers([word], headers)
            if word == "ownership":
                assert found == {"owner": word}  # alone it is the class, beside that the words
                continue
            assert found.get(meaning) == word


@pytest.mark.parametrize("column", VALUES)
def test_every_word_for_a_value_is_understood(column):
    for value, words in VALUES[column].items():
        for word in (value, *words, value.upper()):
            assert match_value(column, word) == value
    assert match_value(column, "zzz") is None


def test_network_access_and_telephones_are_not_read(tmp_path):
    """An inventory in a workbook has the very columns that a catalogue keeps back."""
    secrets = ["10.66.77.88", "59661", "SECRET-PASSWORD", "13987654321", "SECRET-USER"]
    table, report = read(
        tmp_path,
        "camera_id,lon,lat,设备IP地址,Port,登录密码,联系电话,User Name,说明\n"
        f"c1,{LON},{LAT},{','.join(secrets)},梧桐\n",
    )
    assert table["tags"].iloc[0] == {"说明": "梧桐"}
    told = report.summary("en")
    assert not [text for text in secrets if text in told]
    for column in ("设备IP地址", "Port", "登录密码", "联系电话", "User Name"):
        assert f"{column} (" in " ".join(told.split())


def test_a_column_that_a_person_names_is_read(tmp_path):
    mapping = ColumnMapping({"name": "User Name"}, {})
    text = f"camera_id,lon,lat,User Name\nc1,{LON},{LAT},东门\n"
    table, _ = read(tmp_path, text, declared=Declared(mapping=mapping))
    assert table["name"].iloc[0] == "东门"


def test_what_a_source_does_not_carry_stays_as_it_was(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "id,x,y,height_m,kind,tilt_deg\nc1,390050,3172040,4,ptz,9\nc2,390060,3172040,5,dome,\n",
        encoding="utf-8",
    )
    told = Declared(crs=CRS.from_epsg(4548))
    city, _ = read_into(path, "cameras", declared=told)
    path.write_text(
        "id,x,y,height_m,tilt_deg\nc1,390051,3172040,,7\nc3,390060,3172050,,\n", encoding="utf-8"
    )
    after, report = read_into(path, "cameras", city, declared=told)
    row = after.cameras.loc["c1"]
    assert (row["height_m"], row["kind"], row["tilt_deg"]) == (4, "ptz", 7)
    assert row.geometry.x == pytest.approx(390_051)
    assert after.cameras.loc["c3", "kind"] == "unknown"
    notes = [str(note) for note in report.part("cameras").notes]
    assert "not in the source, so left as it was in 1 known rows: height_m, kind" in notes


def test_rows_without_a_datum_beside_others_are_counted_and_the_datum_is_kept(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "id,lon,lat,datum\n1,115.86,28.68,gcj02\n2,115.86,28.68,\n3,115.86,28.68,\n",
        encoding="utf-8",
    )
    _, report = read_cameras(path)
    assert any(str(note).startswith("2 rows name no datum") for note in report.notes)
    assert report.provenance()[0].datum == "GCJ-02"
    _, report = read_cameras(path, declared=Declared(datum="bd09"))
    assert not any("name no datum" in str(note) for note in report.notes)
    assert report.provenance()[0].datum == "GCJ-02, BD-09"
