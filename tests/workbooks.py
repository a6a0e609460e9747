"""Workbooks for tests: sound ones, and ones that are spoilt in one way each."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

HEADER = ("id", "name", "lon", "lat", "height_m")
ROWS = (("A1", "gate", 115.86, 28.68, 5), ("A2", "yard", 115.861, 28.681, "6 m"))


def make_workbook(
    path: Path,
    rows: tuple[tuple[object, ...], ...] = (HEADER, *ROWS),
    *,
    change: Callable[[Worksheet], object] | None = None,
    others: tuple[str, ...] = (),
) -> Path:
    """Write a workbook with one sheet of rows, and further ones with the same rows."""
    book = openpyxl.Workbook()
    for title in ("cameras", *others):
        sheet = book.active if title == "cameras" else book.create_sheet()
        assert sheet is not None
        sheet.title = title
        for row in rows:
            sheet.append(row)
        if change is not None:
            change(sheet)
    book.save(path)
    return path


def repack(path: Path, parts: dict[str, bytes | None], *, stored: bool = False) -> Path:
    """Replace, add or (None) remove parts of a package."""
    with zipfile.ZipFile(path) as package:
        held = {name: package.read(name) for name in package.namelist()}
    held |= {name: content for name, content in parts.items() if content is not None}
    target = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w", method) as package:
        for name, content in held.items():
            if parts.get(name, b"") is not None:
                package.writestr(name, content)
    path.write_bytes(target.getvalue())
    return path


def part(path: Path, name: str) -> bytes:
    """Return one part of a package."""
    with zipfile.ZipFile(path) as package:
        return package.read(name)


SHEET = "xl/worksheets/sheet1.xml"


def bomb(path: Path, megabytes: int) -> Path:
    """Write a workbook whose sheet expands to many times its size."""
    make_workbook(path)
    sheet = part(path, SHEET)
    row = (
        b'<row r="9"><c r="A9" t="inlineStr"><is><t>'
        + b" " * (megabytes << 20)
        + b"</t></is></c></row>"
    )
    return repack(path, {SHEET: sheet.replace(b"</sheetData>", row + b"</sheetData>")})


def entities(path: Path) -> Path:
    """Write a workbook whose sheet declares entities that double each other."""
    make_workbook(path)
    levels = b"".join(b'<!ENTITY e%d "&e%d;&e%d;">' % (n, n - 1, n - 1) for n in range(1, 40))
    head = b'<?xml version="1.0"?><!DOCTYPE bomb [<!ENTITY e0 "ha">' + levels + b"]>"
    sheet = part(path, SHEET).replace(b"gate", b"&e39;")
    start = sheet.index(b"<worksheet")
    return repack(path, {SHEET: head + sheet[start:]})


NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods_cell(value: object, shown: str | None = None, more: str = "") -> str:
    """Return a cell of an OpenDocument; `more` are further attributes."""
    if value is None:
        return f"<table:table-cell {more}/>"
    kind, said = "string", "string-value"
    if isinstance(value, bool):
        kind, said, value = "boolean", "boolean-value", str(value).lower()
    elif isinstance(value, int | float):
        kind, said = "float", "value"
    elif isinstance(value, dt.datetime):
        whole = value.time() == dt.time()
        kind, said = "date", "date-value"
        value = value.date().isoformat() if whole else value.isoformat()
    shown = str(value) if shown is None else shown
    return (
        f'<table:table-cell office:value-type="{kind}" office:{said}="{value}" {more}>'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


def ods_row(*cells: object, more: str = "") -> str:
    """Return a row; what is text and begins as a cell stands as it is."""
    inner = [c if str(c).startswith("<table:") else ods_cell(c) for c in cells]
    return f"<table:table-row {more}>{''.join(map(str, inner))}</table:table-row>"


def ods_table(name: str, *rows: str, hidden: bool = False) -> str:
    """Return a sheet."""
    look = ' table:style-name="unseen"' if hidden else ""
    return f'<table:table table:name="{name}"{look}>{"".join(rows)}</table:table>'


def make_ods(path: Path, *tables: str, head: str = "", parts: dict[str, str] | None = None) -> Path:
    """Write an OpenDocument as programs do: a ZIP file whose first part names its type."""
    names = " ".join(f'xmlns:{short}="{name}"' for short, name in NAMES.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<office:document-content {names}>'
        '<office:automatic-styles><style:style style:name="unseen" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIMETYPE}"/>'
        "</manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(zipfile.ZipInfo("mimetype"), MIMETYPE)
        held = {"META-INF/manifest.xml": manifest, "content.xml": content} | (parts or {})
        for name, text in held.items():
            package.writestr(name, text)
    return path
