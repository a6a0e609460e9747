"""Workbooks are read as the person sees them, or refused before they can cost anything."""

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicsight.core.errors import InputError
from civicsight.io.file_formats import sniff
from civicsight.io.source_options import Declared
from civicsight.io.tables import package as package_module
from civicsight.io.tables.inventory import read_cameras
from civicsight.io.tables.package import OLE
from civicsight.io.tables.source import BOOKS, read_sheet
from tests.city_made import METRIC
from tests.drawn import LONGER
from tests.workbooks import HEADER, ROWS, SHEET, bomb, entities, make_workbook, part, repack

DAY = dt.datetime(2019, 3, 1)  # noqa: DTZ001 - a spreadsheet knows no time zones


def refused(path, **declared):
    with pytest.raises(InputError) as caught:
        read_sheet(path, Declared(**declared))
    return caught.value.faults


def test_a_plain_workbook_under_any_name(tmp_path):
    path = make_workbook(tmp_path / "cams.xlsx")
    path = path.rename(tmp_path / "cams.csv")
    assert sniff(path) in BOOKS
    sheet = read_sheet(path)
    assert sheet.header == list(HEADER)
    assert sheet.where == ["row 2", "row 3"]
    assert sheet.rows[0] == {
        "id": "A1", "name": "gate", "lon": "115.86", "lat": "28.68", "height_m": "5",
    }  # fmt: skip
    table, report = read_cameras(path, crs=METRIC)
    assert table["height_m"].tolist() == [5, 6]
    assert "sheet read: cameras" in [str(note) for note in report.notes]


def test_title_rows_and_empty_columns(tmp_path):
    rows = (("Cameras of the city", None), (None,), (None, *HEADER), *((None, *r) for r in ROWS))
    sheet = read_sheet(make_workbook(tmp_path / "a.xlsx", rows))
    assert sheet.header == list(HEADER)
    assert sheet.where == ["row 4", "row 5"]
    assert any("Cameras of the city" in str(note) for note in sheet.notes)


def test_several_sheets_are_asked_for(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx", others=("old",))
    (fault,) = refused(path)
    assert (fault.code, fault.found) == ("layer.several", "cameras, old")
    assert len(read_sheet(path, Declared(layer="old")).rows) == 2
    assert refused(path, layer="none")[0].code == "layer.missing"


def test_empty_and_hidden_sheets_are_passed_over(tmp_path):
    import openpyxl

    path = make_workbook(tmp_path / "a.xlsx", others=("secret",))
    book = openpyxl.load_workbook(path)
    book["secret"].sheet_state = "hidden"
    book.create_sheet("Sheet2")
    book.save(path)
    sheet = read_sheet(path)
    assert "hidden sheets were left out: secret" in [str(note) for note in sheet.notes]
    assert len(read_sheet(path, Declared(layer="secret")).rows) == 2


def test_cells_become_the_text_that_is_seen(tmp_path):
    header = ("id", "name", "flag", "lon", "lat", "day")
    row = (12, 3.0, True, 115.86, 28.68, DAY)

    def show_zeros(sheet):
        sheet["A2"].number_format = "0000"

    path = make_workbook(tmp_path / "a.xlsx", (header, row), change=show_zeros)
    assert read_sheet(path).rows == [
        {"id": "0012", "name": "3", "flag": "true", "lon": "115.86", "lat": "28.68",
         "day": "2019-03-01"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (36010200001310000001, "workbook.digits"),
        (3.6e19, "workbook.digits"),
        (DAY, "workbook.date"),
    ],
)
def test_an_identifier_that_a_program_spoilt_is_a_row_error(tmp_path, value, code):
    path = make_workbook(tmp_path / "a.xlsx", (HEADER, (value, *ROWS[0][1:]), ROWS[1]))
    with pytest.raises(InputError) as caught:
        read_cameras(path, crs=METRIC)
    assert {(fault.code, fault.where) for fault in caught.value.faults} == {(code, "row 2")}
    table, _ = read_cameras(path, crs=METRIC, keep_good=True)
    assert table.index.tolist() == ["A2"]


def test_formulas_without_a_value_are_named_by_their_cell(tmp_path):
    rows = (HEADER, ("A1", "gate", 115.86, 28.68, "=2+3"), ROWS[1])
    faults = read_sheet(make_workbook(tmp_path / "a.xlsx", rows)).faults
    assert [(f.code, f.where, f.field) for f in faults] == [
        ("workbook.formula", "row 2", "cameras!E2")
    ]


def test_errors_in_cells_are_named(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx")
    sheet = part(path, SHEET).replace(b'<c r="E2" t="n"><v>5</v>', b'<c r="E2" t="e"><v>#REF!</v>')
    faults = read_sheet(repack(path, {SHEET: sheet})).faults
    assert [(f.code, f.field, f.found) for f in faults] == [
        ("workbook.error", "cameras!E2", "#REF!")
    ]


def test_a_header_in_two_rows_is_joined(tmp_path):
    rows = ((*HEADER[:2], "place", None, "height_m"), (None, None, "lon", "lat", None), *ROWS)

    def merge(sheet):
        for cells in ("A1:A2", "B1:B2", "C1:D1", "E1:E2"):
            sheet.merge_cells(cells)

    sheet = read_sheet(make_workbook(tmp_path / "a.xlsx", rows, change=merge))
    assert sheet.header == list(HEADER)
    assert sheet.where == ["row 3", "row 4"]
    assert "the header stands in rows 1 and 2" in map(str, sheet.notes)


def test_a_merged_header_is_refused(tmp_path):
    def merge(sheet):
        sheet.merge_cells("C1:D1")

    faults = refused(make_workbook(tmp_path / "a.xlsx", change=merge))
    assert {fault.code for fault in faults} == {"workbook.merged_header"}
    assert "cameras!C1:D1" in {fault.field for fault in faults}


def test_a_header_merged_with_a_row_below_is_refused(tmp_path):
    def merge(sheet):
        sheet.merge_cells("A1:A2")

    (fault,) = refused(make_workbook(tmp_path / "a.xlsx", change=merge))
    assert (fault.code, fault.field) == ("workbook.merged_header", "cameras!A1:A2")


def test_cells_that_are_empty_at_the_end_of_a_row_are_none(tmp_path):
    """A workbook leaves them out; its rows are no shorter for it."""
    path = make_workbook(tmp_path / "a.xlsx", (HEADER, ("A1", "gate", 115.86, 28.68), *ROWS[1:]))
    sheet = read_sheet(path)
    assert sheet.faults == ()
    assert sheet.rows[0]["height_m"] is None


def test_a_hidden_header_is_refused(tmp_path):
    def hide(sheet):
        sheet.row_dimensions[1].hidden = True

    (fault,) = refused(make_workbook(tmp_path / "a.xlsx", change=hide))
    assert (fault.code, fault.field) == ("workbook.hidden_header", "cameras!A1")


def test_hidden_rows_are_rows(tmp_path):
    def hide(sheet):
        sheet.row_dimensions[3].hidden = True

    sheet = read_sheet(make_workbook(tmp_path / "a.xlsx", change=hide))
    assert len(sheet.rows) == 2
    assert any("hidden rows were read like the others: 1" in str(note) for note in sheet.notes)


def test_merged_cells_below_the_header_all_show_their_value(tmp_path):
    rows = (HEADER, ("A1", "gate", 115.86, 28.68, 5), ("A2", None, None, None, 6))

    def merge(sheet):
        for cells in ("B2:B3", "C2:C3", "D2:D3"):
            sheet.merge_cells(cells)

    table, report = read_cameras(make_workbook(tmp_path / "a.xlsx", rows, change=merge), crs=METRIC)
    assert table["name"].tolist() == ["gate", "gate"]
    assert table.geometry.iloc[0].equals(table.geometry.iloc[1])
    assert any("B2:B3" in str(note) for note in report.notes)


@pytest.mark.slow
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = bomb(tmp_path / "a.xlsx", 115)
    assert path.stat().st_size < 1 << 20
    start = time.perf_counter()
    (fault,) = refused(path)
    assert fault.code == "workbook.expands"
    assert time.perf_counter() - start < 2


def test_too_large_is_refused_whatever_the_ratio(tmp_path, monkeypatch):
    monkeypatch.setattr(package_module, "MAX_EXPANDED", 1_000)
    assert refused(make_workbook(tmp_path / "a.xlsx"))[0].code == "workbook.expands"


def test_entities_are_refused(tmp_path):
    (fault,) = refused(entities(tmp_path / "a.xlsx"))
    assert (fault.code, fault.field) == ("xml.doctype", SHEET)


@pytest.mark.parametrize("start", [OLE])
def test_what_only_begins_like_an_old_workbook_is_refused(tmp_path, start):
    path = tmp_path / "a.xlsx"
    path.write_bytes(start + bytes(600))
    assert sniff(path) in BOOKS
    assert refused(path)[0].code == "file.damaged"


def test_a_workbook_with_bytes_missing_before_its_parts_is_damaged(tmp_path):
    path = make_workbook(tmp_path / "c.xlsx")
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + whole[300:])
    (fault,) = refused(path)
    assert (fault.code, fault.found) == ("file.damaged", "a part before the beginning")


def test_a_workbook_whose_part_is_named_in_no_known_letters_is_damaged(tmp_path):
    """A part is named twice: in the list at the end, and before itself, in UTF-8 by its flag."""
    path = make_workbook(tmp_path / "c.xlsx")
    whole = bytearray(path.read_bytes())
    at = whole.index(b"PK\x03\x04", 1)
    whole[at + 6 : at + 8] = (0x800).to_bytes(2, "little")
    whole[at + 30 : at + 32] = b"\xff\xfe"
    path.write_bytes(bytes(whole))
    assert refused(path)[0].code == "file.damaged"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"xl/vbaProject.bin": b"x"}, "workbook.macros"),
        ({"xl/workbook.bin": b"x", "xl/workbook.xml": None}, "workbook.kind"),
        ({"xl/workbook.xml": None}, "workbook.kind"),
        ({SHEET: None}, "csv.empty"),
        ({SHEET: b"<worksheet"}, "file.damaged"),
        ({"docProps/core.xml": b"<cp:coreProperties _mlns:cp='urn:x'/>"}, "file.damaged"),
        ({"xl/_rels/workbook.xml.rels": b"<Relationships/>"}, "file.damaged"),
        ({"[Content_Types].xml": b"<Types/>"}, "file.damaged"),
    ],
)
def test_other_packages_are_refused(tmp_path, parts, code):
    path = repack(make_workbook(tmp_path / "a.xlsx"), parts)
    assert refused(path)[0].code == code


def test_half_a_workbook_is_refused(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[:-200])
    assert refused(path)[0].code == "file.damaged"


def test_a_row_far_down_does_not_cost_more_than_it_holds(tmp_path):
    path = make_workbook(tmp_path / "a.xlsx")
    sheet = part(path, SHEET).replace(
        b"</sheetData>", b'<row r="2000000000"><c r="A2000000000"><v>1</v></c></row></sheetData>'
    )
    start = time.perf_counter()
    assert refused(repack(path, {SHEET: sheet}))[0].code in {"csv.too_many", "file.damaged"}
    assert time.perf_counter() - start < 20


SOUND = (Path(__file__).parent / "corpus" / "tables" / "sound.xlsx").read_bytes()
"""A workbook whose bytes never change, as those of a fresh one do with the clock."""


@settings(max_examples=60 * LONGER)
@given(st.data())
def test_any_damage_gives_a_sheet_or_a_fault(tmp_path_factory, data):
    """Bytes of the package, or of one of its parts before packing, are changed at random."""
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    path.write_bytes(SOUND)
    names = sorted(zipfile.ZipFile(io.BytesIO(SOUND)).namelist())
    name = data.draw(st.sampled_from(["", *names]))
    content = bytearray(part(path, name) if name else SOUND)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    if name:
        repack(path, {name: bytes(content)})
    else:
        path.write_bytes(bytes(content))
    try:
        sheet = read_sheet(path)
    except InputError:
        return
    assert sheet.rows
