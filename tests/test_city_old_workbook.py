"""Old workbooks say the same as XLSX does, and are refused for the same reasons.

``old.xls`` and ``far_apart.xls`` in the corpus were written once by xlwt 1.3.0. The first holds
`RECORDS` as `as_ods` lays them out; the second eight sheets with a cell in the first corner and
one in the last (row 65536, column IV).
"""

from __future__ import annotations

import datetime as dt
import shutil
import struct
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civicsight.core.errors import InputError
from civicsight.io.apart.reading import read_apart
from civicsight.io.file_formats import sniff
from civicsight.io.reader_registry import guess_kind
from civicsight.io.source_options import Declared
from civicsight.io.tables.package import OLE
from civicsight.io.tables.source import BOOKS, read_sheet
from civicsight.io.tables.xls import open_compound, read_stream
from tests.city_made import METRIC
from tests.workbooks import (
    HEADER,
    ROWS,
    make_ods,
    make_workbook,
    ods_cell,
    ods_row,
    ods_table,
    part,
    repack,
)

CORPUS = Path(__file__).parent / "corpus" / "tables"
OLD, FAR = CORPUS / "old.xls", CORPUS / "far_apart.xls"
DAY = dt.datetime(2019, 3, 1)  # noqa: DTZ001 - a spreadsheet knows no time zones
MOMENT = DAY.replace(hour=8, minute=30)
WORDS = ("id", "name", "flag", "lon", "lat", "day", "seen", "height_m")
RECORDS = (
    (12, "南门", True, 115.86, 28.68, DAY, MOMENT, 5),
    (13, None, False, 115.861, 28.681, DAY, MOMENT, 6.5),
    (14, "yard", True, 115.862, 28.682, DAY, MOMENT, "#REF!"),
)
"""Rows from the third on; names merged over the first two, ids shown by ``0000``, the second row
hidden, and an error in the last cell."""


def as_xlsx(path):
    """Write the records with openpyxl, whose reading is held by tests of its own."""
    rows = ((None, "Cameras of the city"), (None, *WORDS), *((None, *row) for row in RECORDS))

    def change(sheet):
        for row in (3, 4, 5):
            sheet.cell(row, 2).number_format = "0000"
        sheet.merge_cells("C3:C4")
        sheet.row_dimensions[4].hidden = True
        sheet["I5"].data_type = "e"

    make_workbook(path, rows, change=change)
    book = openpyxl.load_workbook(path)
    secret = book.create_sheet("secret")
    secret.append(("id",))
    secret.append(("x",))
    secret.sheet_state = "hidden"
    book.save(path)
    return path


def as_ods(path):
    error = ods_cell("", "#REF!", 'table:formula="of:=1" calcext:value-type="error"')
    spans = 'table:number-rows-spanned="2" table:number-columns-spanned="1"'
    rows = [
        ods_row(
            None,
            ods_cell(row[0], f"{row[0]:04d}"),
            ods_cell(row[1], more=spans) if n == 0 else row[1],
            *row[2:-1],
            error if row[-1] == "#REF!" else row[-1],
            more='table:visibility="collapse"' if n == 1 else "",
        )
        for n, row in enumerate(RECORDS)
    ]
    return make_ods(
        path,
        ods_table("cameras", ods_row(None, "Cameras of the city"), ods_row(None, *WORDS), *rows),
        ods_table("secret", ods_row("id"), ods_row("x"), hidden=True),
    )


def as_xls(path):
    shutil.copy(OLD, path)
    return path


def refused(path, **declared):
    with pytest.raises(InputError) as caught:
        read_sheet(path, Declared(**declared))
    return caught.value.faults


@pytest.mark.parametrize(
    ("name", "make"),
    [("a.xls", as_xls), ("a.et", as_xls), ("a.xlsx", as_xls), ("a.ods", as_ods), ("a", as_ods)],
)
def test_it_says_what_the_same_rows_say_in_xlsx(tmp_path, name, make):
    path = make(tmp_path / name)
    assert sniff(path) in {"XLS", "ODS"}
    assert sniff(path) in BOOKS
    old, new = read_sheet(path), read_sheet(as_xlsx(tmp_path / "new.xlsx"))
    assert old.rows[0]["id"] == "0012"
    assert (old.header, old.rows, old.where) == (new.header, new.rows, new.where)
    assert old.dates == new.dates
    assert (
        [(f.code, f.where, f.field, f.found) for f in old.faults]
        == [(f.code, f.where, f.field, f.found) for f in new.faults]
        == [("workbook.error", "row 5", "cameras!I5", "#REF!")]
    )
    more = [str(note) for note in old.notes if note not in new.notes]
    assert [note for note in new.notes if note not in old.notes] == []
    assert len(more) == 1
    assert "struck out or coloured" in more[0]


@pytest.mark.parametrize("make", [as_xls, as_ods])
def test_a_child_reads_it(tmp_path, make):
    path = make(tmp_path / "a.xls")
    apart, here = read_apart("sheet", path), read_sheet(path)
    assert (apart.rows, apart.faults, apart.dates) == (here.rows, here.faults, here.dates)
    assert [*map(str, apart.notes)] == [*map(str, here.notes)]
    table, _ = read_apart("cameras", path, crs=METRIC, keep_good=True)
    assert table.index.tolist() == ["0012", "0013"]


@pytest.mark.parametrize("make", [as_xls, as_ods])
def test_a_sheet_is_asked_for_by_its_name(tmp_path, make):
    path = make(tmp_path / "a")
    assert refused(path, layer="none")[0].expected.values == {"names": "cameras, secret"}
    assert read_sheet(path, Declared(layer="secret")).rows == [{"id": "x"}]


def test_several_sheets_are_asked_for(tmp_path):
    rows = [ods_row(*row) for row in (HEADER, *ROWS)]
    path = make_ods(tmp_path / "a.ods", ods_table("new", *rows), ods_table("old", *rows))
    (fault,) = refused(path)
    assert (fault.code, fault.found) == ("layer.several", "new, old")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('<table:table-cell table:formula="of:=2+3"/>', "workbook.formula"),
        (ods_cell(0, "#DIV/0!", 'table:formula="of:=1/0"'), "workbook.error"),
        (ods_cell(0, "Err:502", 'table:formula="of:=1/0"'), "workbook.error"),
    ],
)
def test_cells_without_a_value_are_named(tmp_path, cell, code):
    rows = (ods_row(*HEADER), ods_row("A1", "gate", 115.86, 28.68, cell), ods_row(*ROWS[1]))
    (fault,) = read_sheet(make_ods(tmp_path / "a.ods", ods_table("cameras", *rows))).faults
    assert (fault.code, fault.field) == (code, "cameras!E2")


def test_repeated_cells_and_rows_are_as_many(tmp_path):
    twice = ods_row("A", "n", 115.86, 28.68, 5, more='table:number-rows-repeated="2"')
    same = ods_row(ods_cell(7, more='table:number-columns-repeated="5"'))
    end = ods_row(
        ods_cell(None, more='table:number-columns-repeated="16384"'),
        more='table:number-rows-repeated="1048570"',
    )
    table = ods_table("cameras", ods_row(*HEADER), twice, same, end)
    sheet = read_sheet(make_ods(tmp_path / "a.ods", table))
    assert [list(row.values()) for row in sheet.rows] == [
        ["A", "n", "115.86", "28.68", "5"], ["A", "n", "115.86", "28.68", "5"], ["7"] * 5
    ]  # fmt: skip
    assert sheet.where == ["row 2", "row 3", "row 4"]


def entry(name: str, kind: int) -> bytes:
    """Return an entry of an old container that names a stream or storage."""
    said = name.encode("utf-16-le")
    return said.ljust(64, b"\x00") + struct.pack("<HB", len(said) + 2, kind)


def renamed(name: str) -> bytes:
    """Return the old workbook with its stream under another name."""
    return OLD.read_bytes().replace(entry("Workbook", 2), entry(name, 2))


def with_storage(name: str) -> bytes:
    """Return the old workbook with one more entry, at the first that is free."""
    content = OLD.read_bytes()
    start = content.index(entry("Workbook", 2)) + 128
    new = entry(name, 1)
    return content[:start] + new + content[start + len(new) :]


def packed_small(stream: bytes) -> bytes:
    """Return a container whose stream lies in small sectors of 64 bytes, as short ones do."""
    size, none, end = 512, 0xFFFFFFFF, 0xFFFFFFFE
    smalls, held = -(-len(stream) // 64), -(-len(stream) // size)
    table = [0xFFFFFFFD, end, end, *range(4, 3 + held), end]
    small = [*range(1, smalls), end]
    head = struct.pack("<8s16x5H6x9I", OLE, 62, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 2, 1, end, 0)
    head += struct.pack("<109I", 0, *[none] * 108)
    more = "<BIII36xIQ"
    root = entry("Root Entry", 5) + struct.pack(more, 1, none, none, 1, 3, held * size)
    book = entry("Workbook", 2) + struct.pack(more, 1, none, none, none, 0, len(stream))
    parts = [
        struct.pack(f"<{len(table)}I", *table).ljust(size, b"\xff"),
        (root + book).ljust(size, b"\x00"),
        struct.pack(f"<{len(small)}I", *small).ljust(size, b"\xff"),
        stream.ljust(held * size, b"\x00"),
    ]
    return head + b"".join(parts)


def test_a_short_workbook_lies_in_small_sectors(tmp_path):
    source = open_compound(OLD.read_bytes(), "old.xls")
    stream = read_stream(source, "Workbook").rstrip(b"\x00") + bytes(3)
    assert len(stream) < 4096
    path = tmp_path / "a.xls"
    path.write_bytes(packed_small(stream))
    small, old = read_sheet(path), read_sheet(OLD)
    assert (small.rows, small.dates, small.where) == (old.rows, old.dates, old.where)
    assert [fault.field for fault in small.faults] == [fault.field for fault in old.faults]


WRITE_ACCESS, FILE_PASS = b"\x5c\x00\x70\x00", b"\x2f\x00\x70\x00"


@pytest.mark.parametrize(
    ("content", "code", "found"),
    [
        (OLD.read_bytes().replace(WRITE_ACCESS, FILE_PASS, 1), "workbook.kind", "password"),
        (renamed("EncryptedPackage"), "workbook.kind", "password"),
        (renamed("WordDocument"), "workbook.kind", "OLE2: WordDocument"),
        (with_storage("_VBA_PROJECT_CUR"), "workbook.macros", "_VBA_PROJECT_CUR"),
        (OLD.read_bytes()[:-2000], "file.damaged", ""),
    ],
)
def test_locked_and_foreign_ones_are_refused(tmp_path, content, code, found):
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    assert sniff(path) in BOOKS
    (fault,) = refused(path)
    assert fault.code == code
    assert fault.found.startswith(found)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"Basic/script-lc.xml": "<x/>"}, "workbook.macros"),
        ({"META-INF/manifest.xml": "<m><manifest:encryption-data/></m>"}, "workbook.kind"),
        ({"content.xml": "<office"}, "file.damaged"),
        ({"content.xml": " " * (115 << 20)}, "workbook.expands"),
    ],
)
def test_packages_are_refused_as_those_of_xlsx_are(tmp_path, parts, code):
    path = make_ods(tmp_path / "a.ods", ods_table("a", ods_row("id")), parts=parts)
    assert refused(path)[0].code == code


def test_entities_are_refused(tmp_path):
    head = '<!DOCTYPE bomb [<!ENTITY e "ha">]>'
    path = make_ods(tmp_path / "a.ods", ods_table("a", ods_row("&e;")), head=head)
    assert [(f.code, f.field) for f in refused(path)] == [("xml.doctype", "content.xml")]


def many_cells(tmp_path):
    more = 'table:number-columns-repeated="16384"'
    row = ods_row(ods_cell(1, more=more), more='table:number-rows-repeated="1048576"')
    return make_ods(tmp_path / "a.ods", ods_table("a", ods_row("id"), row))


@pytest.mark.parametrize("make", [many_cells, lambda _: FAR])
def test_cells_are_counted_before_room_is_made_for_them(tmp_path, make):
    """A few bytes name 134 million cells; making room for them took 4 GB and 7 s."""
    path = make(tmp_path)
    assert path.stat().st_size < 6_000
    start = time.process_time()
    assert refused(path)[0].code == "csv.too_many"
    assert time.process_time() - start < 2


PAGES = {
    "HTML": b"\xef\xbb\xbf\r\n<html xmlns:o='urn:x'><table><tr><td>id</td></tr></table></html>",
    "MHTML": b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n",
    "XML Spreadsheet 2003": b'<?xml version="1.0"?>\n'
    b'<?mso-application progid="Excel.Sheet"?>\n<Workbook/>',
}


@pytest.mark.parametrize("found", PAGES)
def test_a_page_named_like_a_workbook_is_told_by_its_content(tmp_path, found):
    path = tmp_path / "cameras.xls"
    path.write_bytes(PAGES[found])
    (fault,) = refused(path)
    assert (fault.code, fault.found) == ("file.format", found)
    assert "save it as XLSX" in str(fault.remedy)
    with pytest.raises(InputError, match="save it as XLSX"):
        guess_kind(path)


def test_text_named_like_a_workbook_is_read_as_text(tmp_path):
    path = tmp_path / "cameras.xls"
    path.write_text("编号\t经度\t纬度\nA1\t115.86\t28.68\n", encoding="gb18030")
    sheet = read_sheet(path)
    assert sheet.rows == [{"编号": "A1", "经度": "115.86", "纬度": "28.68"}]
    assert "the file is named .xls and holds separated text: read as that" in map(str, sheet.notes)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_gives_a_sheet_or_a_fault(tmp_path, data):
    """Read apart, as strangers' files are: their reader may ask for any memory, or die."""
    path = tmp_path / "a"
    inside = data.draw(st.booleans())
    content = bytearray(part(as_ods(path), "content.xml") if inside else OLD.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    if inside:
        repack(path, {"content.xml": bytes(content)})
        assert zipfile.is_zipfile(path)
    else:
        path.write_bytes(bytes(content))
    try:
        sheet = read_apart("sheet", path)
    except InputError:
        return
    assert sheet.rows
