"""Lines on the page of a table that are none of its rows are left out, and said."""

from __future__ import annotations

import pytest

from civicsight.io.tables.inventory import read_cameras
from civicsight.io.tables.non_data_rows import tidy_cell, tidy_header
from civicsight.io.tables.source import read_sheet
from tests.city_made import write

HEAD = "设备编号,名称,经度,纬度,安装高度\n"
ROWS = "A1,甲,115.89,28.67,6\nA2,乙,115.891,28.671,5\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + ",,°,°,(米)\n" + ROWS, "a row of units below the header was left out: 2"),
        (HEAD + "1,2,3,4,5\n" + ROWS, "a row that numbers the columns was left out: 2"),
        (HEAD + ROWS + "合计,2,,,\n", "rows that add others up were left out: 4"),
        (HEAD + "A0,丙,115.89,28.67,5\n小 计：,1,,,\n" + ROWS, "left out: 3"),
        (HEAD + ROWS + "共2台\n", "rows that add others up were left out: 4"),
        (HEAD + ROWS + "注：1.坐标系为CGCS2000。\n2.高度为离地高度。\n", "rows: 4, 5"),
        (HEAD + ROWS + ",,,,\n填表人：张三,,审核人：李四,,\n", "rows: 5"),
        (HEAD + "——,——,——,——,——\n" + ROWS, "rows of nothing but dashes were left out: 2"),
        (HEAD + ROWS + "\ufeff" + HEAD + "A3,丙,115.892,28.67,5\n", "left out in rows: 4"),
    ],
)
def test_lines_that_are_no_rows_are_left_out_and_said(tmp_path, text, said):
    cameras, report = read_cameras(write(tmp_path / "a.csv", text))
    assert {"A1", "A2"} <= set(cameras.index)
    assert len(cameras) == text.count(",115.")
    assert any(said in str(note) for note in report.notes)


@pytest.mark.parametrize(
    "row",
    [
        "合计,甲,115.89,28.67,6",  # more than half filled: it says where it is
        "A3,合计,,,",
        "注水泵站,甲,115.89,28.67,",
    ],
)
def test_rows_that_say_where_they_are_stay(tmp_path, row):
    sheet = read_sheet(write(tmp_path / "a.csv", HEAD + ROWS + row + "\n"))
    assert len(sheet.rows) == 3


def test_a_table_of_one_row_keeps_it(tmp_path):
    sheet = read_sheet(write(tmp_path / "a.csv", "id,name\nm,s\n"))
    assert len(sheet.rows) == 1


def test_a_header_in_two_rows(tmp_path):
    text = "设备编号,名称,坐标,,安装高度\n,,经度,纬度,\n" + ROWS
    sheet = read_sheet(write(tmp_path / "a.csv", text))
    assert sheet.header == ["设备编号", "名称", "经度", "纬度", "安装高度"]
    assert sheet.where == ["row 3", "row 4"]


def test_a_header_whose_lower_row_has_more_names(tmp_path):
    text = "台账,,,,\n设备编号,坐标,,镜头,\n,经度,纬度,高度,方位角\nA1,115.89,28.67,6,90\n"
    sheet = read_sheet(write(tmp_path / "a.csv", text))
    assert sheet.header == ["设备编号", "经度", "纬度", "高度", "方位角"]
    assert "row 2 were left out: 台账" in str(sheet.notes[0])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("\ufeffA1", "A1"),
        ("\u202d115.89\u202c", "115.89"),
        ("\u3000甲\u200b", "甲"),
        ("'3601", "3601"),
        ("it's", "it's"),
        ("'quoted'", "'quoted'"),
        ("\u221a\ufe0f", "\u221a"),
    ],
)
def test_cells_are_tidied(cell, text):
    assert tidy_cell(cell) == text


@pytest.mark.parametrize(
    ("cell", "text"), [("设备\n编号", "设备编号"), ("lens\r\nheight", "lens height")]
)
def test_a_header_with_a_break_is_one_line(cell, text):
    assert tidy_header(cell) == text
