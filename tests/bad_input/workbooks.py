"""Bad inputs: workbooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from openpyxl.worksheet.worksheet import Worksheet

from civicsight.io.tables.package import OLE
from tests.bad_input.case import Case
from tests.bad_input.tables import bytes_of, case, text_of
from tests.workbooks import HEADER, ROWS, SHEET, bomb, entities, make_workbook, part, repack

NAME = "cameras.xlsx"
DAY = dt.datetime(2019, 3, 1)  # noqa: DTZ001 - a spreadsheet knows no time zones
Make = Callable[[Path], Path]


def rows_of(*rows: tuple[object, ...]) -> Make:
    """Return a function that writes a workbook of these rows."""
    return lambda folder: make_workbook(folder / NAME, rows)


def with_parts(parts: dict[str, bytes | None]) -> Make:
    """Return a function that writes a workbook with other parts."""
    return lambda folder: repack(make_workbook(folder / NAME), parts)


def changed(change: Callable[[Worksheet], object], *rows: tuple[object, ...]) -> Make:
    """Return a function that writes a workbook whose sheet was changed."""
    return lambda folder: make_workbook(folder / NAME, rows or (HEADER, *ROWS), change=change)


def merge_header(sheet: Worksheet) -> None:
    """Merge the two header cells of the place."""
    sheet.merge_cells("C1:D1")


def hide_header(sheet: Worksheet) -> None:
    """Hide the row of the header."""
    sheet.row_dimensions[1].hidden = True


def too_long(folder: Path) -> Path:
    """Write a sheet with a row below the last one that a sheet can have."""
    path = make_workbook(folder / NAME)
    row = b'<row r="1048577"><c r="A1048577" t="n"><v>1</v></c></row></sheetData>'
    return repack(path, {SHEET: part(path, SHEET).replace(b"</sheetData>", row)})


def locked_xls() -> bytes:
    """Return an old workbook that says it is locked: one of its records is given that number."""
    old = Path(__file__).parent.parent / "corpus" / "tables" / "old.xls"
    return old.read_bytes().replace(b"\x5c\x00\x70\x00", b"\x2f\x00\x70\x00", 1)


CASES: tuple[Case, ...] = (
    case(26, "zip bomb", lambda folder: bomb(folder / NAME, 115), "refused", "workbook.expands",
         (NAME, "200 MiB")),
    case(27, "entity bomb", lambda folder: entities(folder / NAME), "refused", "xml.doctype",
         (NAME, SHEET)),
    case(28, "XLS cut off, named XLSX", bytes_of(OLE + bytes(2_000), NAME), "refused",
         "file.damaged", (NAME, "XLSX")),
    case(28, "XLS with a password", bytes_of(locked_xls(), NAME), "refused", "workbook.kind",
         (NAME, "password")),
    case(28, "XLSB named XLSX", with_parts({"xl/workbook.xml": None, "xl/workbook.bin": b"x"}),
         "refused", "workbook.kind", (NAME, "XLSB")),
    case(29, "macros", with_parts({"xl/vbaProject.bin": b"x"}), "refused", "workbook.macros",
         (NAME, "vbaProject.bin")),
    case(30, "merged header", changed(merge_header), "refused", "workbook.merged_header",
         (NAME, "cameras!C1:D1")),
    case(30, "hidden header", changed(hide_header), "refused", "workbook.hidden_header",
         (NAME, "cameras!A1")),
    case(31, "date as an id", rows_of(HEADER, (DAY, *ROWS[0][1:]), ROWS[1]), "rows",
         "workbook.date", (NAME, "2", "2019-03-01")),
    case(31, "number of twenty digits as an id",
         rows_of(HEADER, (36010200001310000001, *ROWS[0][1:]), ROWS[1]), "rows",
         "workbook.digits", (NAME, "cameras!A2")),
    case(32, "formula without a value", rows_of(HEADER, (*ROWS[0][:4], "=2+3"), ROWS[1]), "rows",
         "workbook.formula", (NAME, "cameras!E2")),
    case(33, "control characters", text_of("id,name,lon,lat\nA1,a\x07b\x1b,115.86,28.68\n"),
         "read", says=("2",)),
    case(34, "more rows than a sheet has", too_long, "refused", "csv.too_many", (NAME,)),
)  # fmt: skip
