"""Hidden rows and sheets, filters, strike-through and fill colours are named as not read."""

from __future__ import annotations

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill

from civicsight.io.tables.inventory import read_cameras

COUNT = 6


@pytest.fixture
def book():
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["id", "lon", "lat", "name"])
    for number in range(COUNT):
        sheet.append([f"c{number}", 115.90351 + number / 1e4, 28.67423, f"n{number}"])
    return made


def told(book, tmp_path):
    path = tmp_path / "c.xlsx"
    book.save(path)
    table, report = read_cameras(path)
    assert len(table) == COUNT
    return [str(note) for note in report.notes if "not read:" in str(note)]


def test_a_plain_sheet_says_nothing(book, tmp_path):
    for cell in book.active[1]:
        cell.fill = PatternFill("solid", fgColor="FFDDDDDD")
        cell.font = Font(bold=True)
    book.active.auto_filter.ref = "A1:D7"
    assert told(book, tmp_path) == []


def test_strike_through_is_named_with_its_rows(book, tmp_path):
    book.active["D3"].font = Font(strike=True)
    book.active["A6"].font = Font(strike=True)
    (note,) = told(book, tmp_path)
    assert "strike-through in 2 rows" in note
    assert note.endswith("3, 6")


def test_fill_colours_that_vary_are_named(book, tmp_path):
    for row in (2, 3):
        book.active[f"B{row}"].fill = PatternFill("solid", fgColor="FFFF0000")
    book.active["B5"].fill = PatternFill("solid", fgColor="FF00FF00")
    (note,) = told(book, tmp_path)
    assert "FFFF0000 (2), FF00FF00 (1)" in note


def test_one_colour_for_all_says_nothing(book, tmp_path):
    for row in range(2, COUNT + 2):
        book.active[f"A{row}"].fill = PatternFill("solid", fgColor="FFFFF2CC")
    assert told(book, tmp_path) == []


def test_a_filter_in_force_is_named(book, tmp_path):
    book.active.auto_filter.ref = "A1:D7"
    book.active.auto_filter.add_filter_column(3, ["n1", "n2"])
    (note,) = told(book, tmp_path)
    assert "a filter that shows some rows only (A1:D7)" in note
