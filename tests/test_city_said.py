"""Titles, notes, columns and names that speak of a datum: what contradicts is refused."""

from __future__ import annotations

import openpyxl
import pytest

from civicsight.core.errors import InputError
from civicsight.core.i18n import translate
from civicsight.io.source_options import Declared, remarks_of
from civicsight.io.tables.inventory import read_cameras
from civicsight.io.tables.words import named_datums
from civicsight.io.vectors.vector import read_vector

ROWS = "编号,经度,纬度\nc1,115.9035,28.6742\nc2,115.9036,28.6743\n"
POINTS = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},'
    '"geometry":{"type":"Point","coordinates":[115.9,28.67]}}]}'
)


def table(tmp_path, name="cameras.csv", above="", below=""):
    path = tmp_path / name
    path.write_text(above + ROWS + below, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("坐标取自高德地图", "gcj02"),
        ("GCJ-02", "gcj02"),
        ("火星坐标系", "gcj02"),
        ("Baidu BD-09", "bd09"),
        ("百度坐标", "bd09"),
        ("CGCS2000", "cgcs2000"),
        ("2000国家大地坐标系", "cgcs2000"),
        ("EPSG:4326", "wgs84"),
    ],
)
def test_names_that_people_use(text, datum):
    assert named_datums(text) == {datum}


@pytest.mark.parametrize(
    "text", ["camera_map.csv", "a map of cameras", "GPS", "第3批", "roadmap", "bd0912345", "经度"]
)
def test_other_words_name_nothing(text):
    assert named_datums(text) == set()


@pytest.mark.parametrize(
    ("where", "made"),
    [
        ("row 1", {"above": "某区摄像机一览表（高德坐标）\n"}),
        ("row 4", {"below": "备注：坐标为火星坐标系\n"}),
        ("", {"name": "cameras_GCJ-02.csv"}),
    ],
)
def test_a_note_of_another_datum_is_refused_undeclared_and_against_a_declared_one(
    tmp_path, where, made
):
    path = table(tmp_path, **made)
    for datum, by in ((None, "assumed"), ("wgs84", "declared")):
        with pytest.raises(InputError) as caught:
            read_cameras(path, declared=Declared(datum=datum))
        (fault,) = caught.value.faults
        assert (fault.code, fault.where) == ("datum.contradiction", where)
        assert named_datums(fault.found) == {"gcj02"}
        assert by in str(fault.expected)
        assert "WGS 84" in translate(fault.expected, "zh_CN")
    _, report = read_cameras(path, declared=Declared(datum="gcj02"))
    assert report.kept == 2


def noted(tmp_path, note="", comment="", header="备注"):
    """Return a workbook of cameras whose second row has a note, and whose sheet has a comment."""
    book = openpyxl.Workbook()
    sheet = book.active
    rows = [line.split(",") for line in ROWS.split()]
    for number, row in enumerate(rows):
        cells = [row[0], *(float(cell) if number else cell for cell in row[1:])]
        sheet.append([*cells, header if not number else note if number == 2 else ""])
    if comment:
        sheet["B1"].comment = openpyxl.comments.Comment(comment, "surveyor")
    path = tmp_path / "cameras.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("where", "made"),
    [
        ("cell B1", {"comment": "坐标系：GCJ-02"}),
        ("row 3", {"note": "火星坐标系"}),
        ("row 3", {"note": "在高德地图上拾取"}),
        ("row 3", {"note": "高德", "header": "坐标来源"}),
        ("row 3", {"note": "BD-09", "header": "Notes"}),
    ],
)
def test_a_comment_and_a_note_in_a_cell_are_read_like_titles(tmp_path, where, made):
    path = noted(tmp_path, **made)
    with pytest.raises(InputError) as caught:
        read_cameras(path)
    (fault,) = caught.value.faults
    assert (fault.code, fault.where) == ("datum.contradiction", where)
    (datum,) = named_datums(fault.found)
    assert len(read_cameras(path, declared=Declared(datum=datum))[0]) == 2


@pytest.mark.parametrize("note", ["百度大厦北门", "高德软件公司门口", "see map"])
def test_a_note_that_names_a_building_of_a_vendor_is_no_datum(tmp_path, note):
    assert len(read_cameras(noted(tmp_path, note=note, comment="by the surveyor"))[0]) == 2


def test_what_agrees_or_speaks_of_both_is_taken_and_named(tmp_path):
    _, report = read_cameras(table(tmp_path, above="坐标系：CGCS2000\n"))
    notes = " ".join(map(str, report.notes))
    assert "datum: CGCS2000, named in" in notes
    assert "assumed" not in notes
    path = table(tmp_path, above="由 GCJ-02 转换为 WGS 84\n")
    assert read_cameras(path)[1].kept == 2
    assert read_cameras(path, declared=Declared(datum="gcj02"))[1].kept == 2
    with pytest.raises(InputError, match="contradiction"):
        read_cameras(path, declared=Declared(datum="bd09"))


def test_the_name_of_a_sheet_and_a_column_is_read(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "百度坐标"
    for line in ROWS.splitlines():
        sheet.append(line.split(","))
    path = tmp_path / "cameras.xlsx"
    book.save(path)
    with pytest.raises(InputError, match="contradiction"):
        read_cameras(path)
    path = tmp_path / "more.csv"
    path.write_text("编号,经度,纬度,备注（火星坐标系）\nc1,115.9,28.6,\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_cameras(path)
    assert caught.value.faults[0].field == "备注（火星坐标系）"
    own = [remark.field for remark in remarks_of("f", ["gcj02_lng", "GCJ-02 纬度", "高德"])]
    assert own == ["", "", "高德"], "columns of coordinates speak of themselves"


def test_a_layer_is_held_to_its_name(tmp_path):
    path = tmp_path / "points_bd09.geojson"
    path.write_text(POINTS, encoding="utf-8")
    with pytest.raises(InputError, match="contradiction"):
        read_vector(path)
    assert len(read_vector(path, declared=Declared(datum="bd09")).frame) == 1
