"""Templates: each gives exactly its example row where that is read as one, and is left out."""

from __future__ import annotations

import csv
import json

import openpyxl
import pytest

from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES
from civicsight.io.reader_registry import TABLE_READERS, guess_kind
from civicsight.io.registers.planning import read_measured, read_progress, read_surveyed
from civicsight.io.registers.template_files import explain
from civicsight.io.registers.templates import (
    OTHERS,
    SOURCE_SCHEMAS,
    TABLES,
    list_columns,
    template,
    write_templates,
)
from civicsight.io.tables import inventory
from civicsight.model import CITY_TABLES

KINDS = ("xlsx", "csv")
POINTS = ("obstacles", "proposals", "trees")
"""Tables whose points get their shape from further columns of the template."""
BOTH = (("zh_CN", "en"), ("en",))
WHOLE = {
    "cameras": {"kind": "ptz", "height_m": 6.0, "usable": True, "owner": "government"},
    "places": {"item": "8.5", "amap": "141202", "industry": "P8334", "kind": "education"},
    "entrances": {"kind": "main", "vehicle": True, "confirmed": True, "width_m": 6.0},
    "private": {"kind": "dormitory", "scope": "interior_rooms", "from_floor": 1, "to_floor": 6},
    "districts": {"code": "360102", "level": "county"},
    "signs": {"surveyed_on": "2026-03-01", "camera_id": "0001", "height_m": 2.2},
    "projects": {"kind": "new", "system_required": True, "acceptance_result": "passed"},
    "obstacles": {"kind": "panel", "height_m": 6.0, "base_m": 2.5, "height_assumed": False},
    "trees": {"kind": "tree", "height_m": 9.0, "base_m": 2.5, "summer": 0.15},
    "buildings": {"height_m": 18.0, "height_assumed": False},
    "plans": {"status": "draft", "approved_on": "2026-03-01", "inventory_date": "2025-12-01"},
    "documents": {"kind": "consultation", "subject": "P-001", "dated_on": "2026-01-15"},
    "answers": {"rule": "R8.12", "answer": "yes", "answered_on": "2026-03-01"},
    "consent": {"kind": "military"},
    "measured": {"height_m": 6.1, "chart_px_m": 166.0, "sign_up": True},
    "surveyed": {"tilt_deg": 15.0, "power": True, "buildable": True},
    "progress": {"pole_on": "2027-03-10", "accepted_on": "2027-05-15"},
    "proposals": {"kind": "advert", "height_m": 6.0, "base_m": 3.0, "planned_on": "2026-06-01"},
}
"""What the example rows say, as the tables hold it."""


OF_NO_CITY = {"measured": read_measured, "surveyed": read_surveyed, "progress": read_progress}


def reader_of(name):
    """Return the reader of a table; what is measured belongs to no city, so no import fills it."""
    return OF_NO_CITY.get(name) or TABLE_READERS[name]


def file_of(folder, name, form):
    return folder / ("buildings.geojson" if name == "buildings" else f"{name}.{form}")


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("form", KINDS)
@pytest.mark.parametrize("languages", BOTH)
def test_the_example_of_a_template_is_read_whole(name, form, languages, tmp_path, monkeypatch):
    """The example is left out of every table: here it is read as a row that a person wrote."""
    monkeypatch.setattr(inventory, "without_example", lambda sheet, *_: sheet)
    write_templates(tmp_path, tables=[name], form=form, languages=languages)
    table, report = reader_of(name)(file_of(tmp_path, name, form))
    assert (report.read, report.kept, report.rejected, report.repaired) == (1, 1, (), ())
    assert len(table) == 1
    row = table.iloc[0]
    assert {key: row[key] for key in WHOLE[name]} == WHOLE[name]
    assert not [note for note in report.notes if "without a meaning" in str(note)]


@pytest.mark.parametrize("name", SOURCE_SCHEMAS)
@pytest.mark.parametrize("form", KINDS)
def test_a_template_is_known_for_what_it_is(name, form, tmp_path):
    write_templates(tmp_path, tables=[name], form=form)
    assert guess_kind(tmp_path / f"{name}.{form}") == name


def test_a_table_whose_headers_several_kinds_have_is_not_guessed(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("名称,经度,纬度\nA,115.9,28.6\n", encoding="utf-8")
    with pytest.raises(InputError, match="--as cameras / --as places"):
        guess_kind(path)
    path.write_text("camera_id,x,y,height_m\n1,2,3,4\n", encoding="utf-8")
    assert guess_kind(path) == "cameras", "signs name their camera too, but have ids of their own"
    path.write_text("名称,经度,纬度,俯角\nA,115.9,28.6,9\n", encoding="utf-8")
    assert guess_kind(path) == "cameras"


@pytest.mark.parametrize("name", [*SOURCE_SCHEMAS, *OTHERS])
def test_the_example_is_left_out_once_a_row_stands_below_it(name, tmp_path):
    write_templates(tmp_path, tables=[name], form="csv")
    path = tmp_path / f"{name}.csv"
    header, example = path.read_text(encoding="utf-8-sig").splitlines()
    label = next(csv.reader([example]))[0]
    other = example.replace(label, "7" * len(label), 1)
    path.write_text(f"{header}\n{example}\n{other}", encoding="utf-8")
    table, report = reader_of(name)(path)
    assert list(table.index) == ["7" * len(label)]
    assert report.read == 1
    assert any("row 2: the example of the template" in str(note) for note in report.notes)


@pytest.mark.parametrize("name", [name for name in SOURCE_SCHEMAS if name not in POINTS])
def test_no_column_of_a_table_is_left_without_an_example(name, tmp_path, monkeypatch):
    monkeypatch.setattr(inventory, "without_example", lambda sheet, *_: sheet)
    write_templates(tmp_path, tables=[name])
    table, _ = reader_of(name)(tmp_path / f"{name}.xlsx")
    empty = [
        column.name for column in SOURCE_SCHEMAS[name].table if table[column.name].isna().any()
    ]
    assert not empty


def test_every_table_that_can_be_imported_has_a_template():
    names = {form.table.name for form in SOURCE_SCHEMAS.values()} | {"buildings"}
    drawn = {"roads", "barriers", "land_cover", "changes"}  # the last is kept by the program itself
    assert names == {table.name for table in CITY_TABLES} - drawn
    assert set(TABLES) <= {*TABLE_READERS, *OF_NO_CITY}


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_explained_in_both_languages(name):
    chinese, english = (explain(list_columns(name), language) for language in LANGUAGES)
    assert len(chinese) == len(english) == len(list_columns(name)) + 1
    for row, other in zip(chinese[1:], english[1:], strict=True):
        assert row[0] == other[0]
        assert row[1]
        assert row[1] != other[1]
    if name in SOURCE_SCHEMAS:
        known = {column.name: column for column in SOURCE_SCHEMAS[name].table}
        for entry in list_columns(name):
            column = known.get(entry.column.name)
            if column is not None:
                assert (entry.column.unit, entry.column.meaning) == (column.unit, column.meaning)
                assert set(entry.words) == set(column.choices)


@pytest.mark.slow
def test_what_is_required_is_really_refused_without(tmp_path, monkeypatch):
    """A column that the explanation calls required is missed; one called optional is not."""
    monkeypatch.setattr(inventory, "without_example", lambda sheet, *_: sheet)
    for name in SOURCE_SCHEMAS:
        entries = list_columns(name)
        place = {"lon", "lat", "wkt"}
        for entry in entries:
            if entry.column.name in place or not entry.example["en"]:
                continue
            path = tmp_path / f"{name}.csv"
            rows = [
                [e.column.name for e in entries if e is not entry],
                [e.example["en"] for e in entries if e is not entry],
            ]
            with path.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows(rows)
            shape = name in POINTS and entry.column.name in ("width_m", "facing_deg")
            if entry.required or shape:
                with pytest.raises(InputError):
                    reader_of(name)(path)
            else:
                reader_of(name)(path)


def test_a_workbook_keeps_ids_as_text_and_explains_in_both_languages(tmp_path):
    (path,) = write_templates(tmp_path, tables=["cameras"])
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == 3
    sheet = book["cameras"]
    header = [cell.value for cell in sheet[1]]
    assert header[0].endswith("(camera_id)")
    assert sheet["A2"].value == "0001"
    assert sheet["A2"].number_format == "@"
    column = next(n for n, name in enumerate(header, start=1) if name.endswith("(height_m)"))
    assert sheet.cell(2, column).value == 6.0
    assert [row.value for row in book[book.sheetnames[2]]["A"]][1:] == header


def test_text_begins_with_a_byte_order_mark(tmp_path):
    paths = write_templates(tmp_path, tables=["places"], form="csv")
    assert [path.name for path in paths] == ["places.csv", "places_columns.csv"]
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in paths)


def test_buildings_come_as_a_layer_with_an_explanation(tmp_path):
    layer, notes = write_templates(tmp_path, tables=["buildings"])
    properties = json.loads(layer.read_text("utf-8"))["features"][0]["properties"]
    assert properties["height"] == 18.0
    assert notes.name == "buildings_columns.xlsx"


def test_templates_are_the_same_whenever_they_are_written(tmp_path):
    once = write_templates(tmp_path / "a", form="csv")
    again = write_templates(tmp_path / "b", form="csv")
    assert [p.read_bytes() for p in once] == [p.read_bytes() for p in again]
    assert len(template(out=tmp_path / "c", kind="csv")) == len(once)


def test_an_unknown_table_is_refused_by_name(tmp_path):
    with pytest.raises(InputError) as caught:
        template(["roads"], tmp_path)
    assert caught.value.faults[0].code == "template.unknown"
    assert "cameras" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_closed_lists_are_chosen_from_and_explained(tmp_path):
    write_templates(tmp_path, tables=["private", "places"])
    sheet = openpyxl.load_workbook(tmp_path / "private.xlsx")["private"]
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert any("宿舍" in text for text in lists)
    explained = explain(list_columns("places"), "zh_CN")
    item = next(row for row in explained if "(item)" in row[0])
    assert "8.1 国家机关" in item[4]
    standing = next(row for row in explained if "(standing)" in row[0])
    assert standing[1].endswith("不填则视为已指定")


def test_directions_are_said_to_count_from_the_north_that_they_do():
    row = next(row for row in explain(list_columns("cameras"), "en") if "(azimuth_deg)" in row[0])
    assert "true north beside longitude and latitude" in row[1]
