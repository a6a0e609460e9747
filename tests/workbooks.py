"""Workbooks for tests: sound ones, and ones that are spoilt in one way each."""

from __future__ import annotations

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
