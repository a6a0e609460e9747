"""CSV and workbook: headings in two languages, every text inert, every character allowed."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from civicsight.core.atomic import written_whole
from civicsight.core.errors import MismatchError
from civicsight.core.inert import FORMULA_STARTS, inert, inert_cells
from civicsight.core.shown import shown
from civicsight.report import tables
from civicsight.report.tables import make_tables, write_csv, write_workbook
from tests.result_factory import make_result
from tests.result_town import FORMULAS, HOSTILE, at


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@given(st.text(max_size=40))
def test_no_text_can_start_a_formula(text):
    out = inert(text)
    assert not str(out).startswith(FORMULA_STARTS)
    assert str(out).lstrip("'") == shown(text).lstrip("'")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("豫章中学", "豫章中学"),
        ("a\x00\x0bb\ud800\u202e", "a\\u0000\\u000bb\\ud800\\u202e"),
        ("a\r\nb\rc", "a\nb\\u000dc"),
        ("\x00=1", "\\u0000=1"),
        (-3.5, -3.5),
        (np.int64(-2), -2),
        (float("nan"), None),
        (np.True_, "yes"),
        (None, None),
        (("=a", "b"), "'=a; b"),
        ({"门": [1, np.float32(0.5)]}, '{"门": [1, 0.5]}'),
        (
            [1, {"b", "a"}, (2,), np.array([3]), at(0, 0)],
            '[1, ["a", "b"], [2], [3], "POINT (390000 3172000)"]',
        ),
    ],
)
def test_cells(value, cell):
    assert inert(value) == cell


def test_tables_hold_what_was_found_and_where():
    made = make_tables(make_result())
    assert set(made) == {"cameras", "zones", "parts", "findings"}
    cameras = made["cameras"]
    assert list(cameras["direction_known"]) == ["sure", "sure", "assumed", "unknown"]
    assert list(cameras["shift_m"]) == [0.4, 0.0, 0.0, 0.0]
    assert cameras["lon"].between(115, 117).all()
    assert list(made["parts"]["status"]) == ["covered", "assumed", "possible", "gap", "gap"]
    assert len(made["findings"]) == 4 + 2 + 1


@pytest.mark.parametrize("text", [*FORMULAS, *HOSTILE])
def test_csv_keeps_hostile_text_as_inert_text(tmp_path, text):
    frame = make_tables(make_result(text))["cameras"]
    write_csv(tmp_path / "cameras.csv", frame)
    raw = (tmp_path / "cameras.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    heading, *rows = read_csv(tmp_path / "cameras.csv")
    assert heading[0] == "摄像机编号 Camera number"
    name = heading.index("名称 Name")
    assert rows[0][name] == inert(text)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "@", "\t", "\r"))]


def test_numbers_below_zero_stay_numbers(tmp_path):
    frame = pd.DataFrame({"tilt_deg": [-5.5]}, index=pd.Index(["c"], name="camera_id"))
    write_csv(tmp_path / "t.csv", frame)
    assert read_csv(tmp_path / "t.csv")[1] == ["c", "-5.5"]


@pytest.mark.parametrize("text", [*FORMULAS, HOSTILE[0]])
def test_workbook_has_no_live_cell(tmp_path, text):
    made = make_tables(make_result(text))
    write_workbook(tmp_path / "t.xlsx", made, {"TITLE": text})
    book = load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == [
        "关于 About",
        "摄像机 Cameras",
        "应当建设的场所 Mandatory places",
        "出入口和重点部位 Gates and key parts",
        "问题清单 Findings",
    ]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    sheet = book["摄像机 Cameras"]
    assert sheet.freeze_panes == "B2"
    assert sheet["A2"].value == "c1"
    assert sheet["B2"].value == inert(text)


def test_a_sheet_that_is_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    with pytest.raises(MismatchError, match="cameras has 4 rows, a sheet holds 2: use the CSV"):
        write_workbook(tmp_path / "t.xlsx", make_tables(make_result()), {})
    assert list(tmp_path.iterdir()) == []


def test_evidence_is_json_in_a_cell(tmp_path):
    write_csv(tmp_path / "f.csv", make_tables(make_result())["findings"])
    heading, first, *_ = read_csv(tmp_path / "f.csv")
    evidence = json.loads(first[heading.index("依据 Evidence")])
    assert evidence["reuse"][0]["camera"] == "c4"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "t.csv"
    target.write_text("old", encoding="utf-8")

    def interrupt():
        with written_whole(target) as scratch:
            scratch.write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert target.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["t.csv"]  # noqa: PTH208 - names only


CODES = {
    "network_state": ("not_connected", "\u672a\u8054\u7f51"),
    "acceptance_result": ("failed", "\u672a\u901a\u8fc7"),
    "outcome": ("undetermined", "\u8d44\u6599\u4e0d\u8db3\uff0c\u6682\u65e0\u6cd5\u5224\u5b9a"),
    "severity": ("violation", "\u4e0d\u7b26\u5408\u9879"),
    "owner": ("government_leased", "\u653f\u5e9c\u79df\u7528"),
    "standing": ("candidate", None),
    "department": ("urban_management", None),
    "setting": ("outdoor", "\u5ba4\u5916"),
}
"""Codes of closed lists, and what each is called in Chinese as far as it is written here."""


def test_codes_of_closed_lists_are_words_in_both_languages_and_other_text_stays(tmp_path):
    rows = {name: [code, None, "said by hand"] for name, (code, _) in CODES.items()}
    frame = pd.DataFrame(rows, index=pd.Index(["a", "b", "c"], name="camera_id"))
    write_csv(tmp_path / "t.csv", frame)
    write_workbook(tmp_path / "t.xlsx", {"cameras": frame}, {})
    _, *written = read_csv(tmp_path / "t.csv")
    book = load_workbook(tmp_path / "t.xlsx")
    sheet = [[cell.value for cell in row] for row in book.worksheets[1].iter_rows(min_row=2)]
    for column, (code, chinese) in enumerate(CODES.values(), start=1):
        for table in (written, sheet):
            assert table[0][column] != code
            assert any("\u4e00" <= letter <= "\u9fff" for letter in table[0][column])
            assert chinese is None or table[0][column].startswith(chinese)
            assert table[2][column] == "said by hand"
    assert frame["owner"].iloc[0] == "government_leased"  # the table itself stays


def test_sums_stand_by_thousands_in_bold_and_long_texts_in_several_lines(tmp_path):
    frame = pd.DataFrame(
        {"work": ["杆件" * 20, "sum", "x" * 500], "cost_yuan": [1234.5, 9876543.0, None]},
        index=pd.Index(["a", "b", "c"], name="section"),
    )
    frame.attrs[tables.SUMS] = [1]
    write_workbook(tmp_path / "bill.xlsx", {"bill": frame}, {})
    sheet = load_workbook(tmp_path / "bill.xlsx").worksheets[1]
    assert [sheet.cell(at, 3).number_format for at in (2, 3)] == ["#,##0.00", "#,##0"]
    assert [sheet.cell(at, 2).font.b for at in (2, 3, 4)] == [False, True, False]
    assert [bool(sheet.cell(at, 2).alignment.wrap_text) for at in (2, 3, 4)] == [True, False, False]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1.5, np.nan, -np.inf, 0.1], dtype=np.float32),
        pd.Series([-3, 2**40]),
        pd.Series([True, False]),
        pd.Series(["=1", "a", "=1", None, "\x00"], dtype=object),
        pd.Series(["=1", None], dtype="str"),
        pd.Series([1, None], dtype="Int64"),
        pd.Series([("a", "b"), {"k": 1}, 2.5, True], dtype=object),
        pd.Series(pd.to_datetime(["2027-01-02", None])),
        pd.Index(["a", "@b"]),
    ],
)
def test_a_column_is_made_inert_as_its_cells_are(column):
    cells = inert_cells(column)
    assert cells == [inert(value) for value in column]
    assert [type(cell) for cell in cells] == [type(inert(value)) for value in column]


def test_a_text_like_a_code_of_an_error_stays_text(tmp_path):
    frame = pd.DataFrame({"name": ["#N/A", "#1", "=1", "a"], "n": [0.5, np.nan, 1.0, 2.0]})
    write_workbook(tmp_path / "t.xlsx", {"zones": frame.rename_axis("zone_id")}, {})
    rows = list(load_workbook(tmp_path / "t.xlsx").worksheets[1].iter_rows(min_row=2))
    assert [(row[1].value, row[1].data_type) for row in rows] == [
        ("#N/A", "s"), ("#1", "s"), ("'=1", "s"), ("a", "s")
    ]  # fmt: skip
    assert [row[2].value for row in rows] == [0.5, None, 1.0, 2.0]
