"""What a bureau exports: read as a person would read it, or refused in so many words."""

from __future__ import annotations

import numpy as np
import pytest

from civicsight.core.errors import InputError
from civicsight.io.registers.obstacles import read_obstacles
from civicsight.io.registers.read import read_districts
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.directions import read_direction
from civicsight.io.tables.inventory import read_cameras


def read(folder, text, **options):
    path = folder / "cameras.csv"
    path.write_text(text, encoding="utf-8")
    return read_cameras(path, **options)


@pytest.mark.parametrize(
    ("header", "cell", "metres"),
    [
        ("安装高度(cm)", "600", 6.0),
        ("安装高度（厘米）", "约 600", 6.0),
        ("安装高度（单位：毫米）", "6000", 6.0),
        ("height (ft)", "20", 6.096),
        ("height (CM)", "6.0E+02", 6.0),
        ("安装高度(cm)", "6米", 6.0),
        ("安装高度(m)", "6", 6.0),
        ("安装高度(cm)", "-", np.nan),
    ],
)
def test_a_bare_number_is_in_the_unit_of_its_header(tmp_path, header, cell, metres):
    table, _ = read(tmp_path, f"编号,经度,纬度,{header}\n1,115.9,28.6,{cell}\n")
    assert np.isclose(table["height_m"].iloc[0], metres, equal_nan=True)


def test_a_range_may_be_in_kilometres(tmp_path):
    table, _ = read(
        tmp_path, "编号,经度,纬度,可视距离(公里)\n1,115.9,28.6,0.05\n2,115.9,28.61,0.2km\n"
    )
    assert list(table["reach_m"]) == [50.0, 200.0]


@pytest.mark.parametrize("header", ["方位角(弧度)", "azimuth (rad)"])
def test_radians_are_not_taken_for_degrees(tmp_path, header):
    """They were refused row by row; the unit of the header counts now, and is told."""
    table, report = read(tmp_path, f"编号,经度,纬度,{header}\n1,115.9,28.6,1.57\n")
    assert table["azimuth_deg"].iloc[0] == pytest.approx(np.degrees(1.57), abs=1.5)
    assert any(header in str(note) and "converted" in str(note) for note in report.notes)


def test_cameras_may_be_counted_with_a_classifier(tmp_path):
    table, _ = read(tmp_path, "编号,经度,纬度,摄像机数量\n1,115.9,28.6,3台\n")
    assert len(table) == 3


LON, LAT = 115.9035, 28.6


def places(table):
    return table.to_crs(4326).geometry.get_coordinates().to_numpy()


@pytest.mark.parametrize(
    ("headers", "datum"),
    [
        ("经度（GCJ02）,纬度（GCJ02）", "gcj02"),
        ("高德经度,高德纬度", "gcj02"),
        ("百度经度,百度纬度", "bd09"),
        ("经度(火星坐标系),纬度(火星坐标系)", "gcj02"),
        ("经度(WGS-84),纬度(WGS-84)", "wgs84"),
        ("GPS经度,GPS纬度", "wgs84"),
    ],
)
def test_a_datum_in_the_headers_counts_as_said(tmp_path, headers, datum):
    rows = f"{LON},{LAT}\n"
    table, report = read(tmp_path, f"编号,{headers}\n1,{rows}")
    plain, _ = read(tmp_path, f"编号,经度,纬度\n1,{rows}", declared=Declared(datum=datum))
    assert np.allclose(places(table), places(plain), atol=1e-9)
    assert any("moved to WGS 84" in str(note) for note in report.notes) == (datum != "wgs84")


@pytest.mark.parametrize(
    ("headers", "declared"),
    [("经度(WGS84),纬度(GCJ02)", NOTHING), ("经度(GCJ02),纬度(GCJ02)", Declared(datum="bd09"))],
)
def test_headers_of_two_datums_are_not_mixed(tmp_path, headers, declared):
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"编号,{headers}\n1,{LON},{LAT}\n", declared=declared)
    assert caught.value.faults[0].code == "place.datum"


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("经纬度", '"115.9035,28.6"'),
        ("坐标", "115.9035，28.6"),
        ("GPS坐标", "115.9035 28.6"),
        ("经纬度坐标", "E115°54′12.6″、N28°36′00″"),
        ("lonlat", '"(115,9035; 28,6)"'),
        ('"纬度,经度"', '"28.6,115.9035"'),
        ("经纬度", "115°54′12.6″E 28°36′00″N"),
    ],
)
def test_both_coordinates_may_stand_in_one_cell(tmp_path, header, cell):
    table, _ = read(tmp_path, f"编号,{header}\n1,{cell}\n")
    assert np.allclose(places(table), [[LON, LAT]], atol=1e-9)


def test_a_datum_beside_both_coordinates_counts_too(tmp_path):
    _, report = read(tmp_path, '编号,坐标（GCJ-02）\n1,"115.9035,28.6"\n')
    assert any("moved to WGS 84" in str(note) for note in report.notes)


def test_one_coordinate_alone_is_named(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, '编号,经纬度\n1,"115.9035,28.6"\n2,115.9\n')
    assert [fault.where for fault in caught.value.faults] == ["row 3"]


def test_surveyors_axes_are_read_where_every_row_has_them_and_named_else(tmp_path):
    text = "编号,X坐标,Y坐标\n1,3165491,39392458\n2,3165501,39392468\n"
    table, report = read(tmp_path, text)
    assert np.allclose(places(table), [[115.9, 28.6]] * 2, atol=0.01)
    assert any("X坐标 counts to the north" in str(note) for note in report.notes)
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"{text}3,39392478,3165511\n")
    assert {fault.code for fault in caught.value.faults} == {"place.swapped"}


def test_a_running_number_is_no_id_beside_a_code(tmp_path):
    table, _ = read(tmp_path, "序号,设备编码,经度,纬度\n1,A7,115.9,28.6\n2,A8,115.9,28.61\n")
    assert list(table.index) == ["A7", "A8"]


@pytest.mark.parametrize("ids", [("3.60102E+19", "3.60102E+19"), ("3.60102E+18", "1E+11")])
def test_ids_that_lost_their_digits_are_refused(tmp_path, ids):
    rows = "".join(f"{label},{115.9 + n / 100},28.6\n" for n, label in enumerate(ids))
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"编号,经度,纬度\n{rows}")
    assert {fault.code for fault in caught.value.faults} == {"table.cut_id"}


def test_a_pole_whose_number_lost_its_digits_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, "编号,经度,纬度,杆号\n1,115.9,28.6,3.60102E+19\n")
    assert caught.value.faults[0].field == "杆号"


def test_ids_like_numbers_and_formulas_of_text_are_text(tmp_path):
    table, _ = read(
        tmp_path, '编号,经度,纬度\n1e5,115.9,28.6\n1E+05,115.91,28.6\n="0012",115.9,28.61\n'
    )
    assert list(table.index) == ["1e5", "1E+05", "0012"]


def test_ids_that_look_alike_are_named(tmp_path):
    rows = "A01,115.9,28.6\na01,115.91,28.6\nＡ 01,115.92,28.6\nB1,115.93,28.6\n"
    _, report = read(tmp_path, f"编号,经度,纬度\n{rows}")
    assert any(str(note).endswith("kept apart: 2, 3, 4") for note in report.notes)


@pytest.mark.parametrize("text", ["—", "——", "-", "/", "无"])
def test_a_dash_says_nothing(tmp_path, text):
    table, _ = read(tmp_path, f"编号,经度,纬度,高度,朝向\n1,115.9,28.6,{text},{text}\n")
    assert table[["height_m", "azimuth_deg"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("text", "state", "azimuths"),
    [
        ("面向路口", "landmark", ()),
        ("朝小区大门", "landmark", ()),
        ("左侧", "relative", ()),
        ("东西双向", "several", (90.0, 270.0)),
        ("东→西", "known", (270.0,)),
        ("90度（正东）", "known", (90.0,)),
        ("东（85°）", "known", (85.0,)),
        ("90度（正西）", "unreadable", ()),
        ("东门", "unreadable", ()),
        ("面向东9", "unreadable", ()),
    ],
)
def test_directions_in_words(text, state, azimuths):
    assert read_direction(text)[:2] == (state, azimuths)


def test_a_zoom_lens_costs_no_camera(tmp_path):
    table, report = read(tmp_path, "编号,经度,纬度,焦距\n1,115.9,28.6,2.8mm-12mm\n")
    assert table["hfov_deg"].isna().all()
    assert [fault.field for fault in report.repaired] == ["焦距"]


def test_words_of_everyday_inventories(tmp_path):
    table, _ = read(
        tmp_path, "编号,经度,纬度,类型,安装方式,状态\n1,115.9,28.6,高清球机,立杆安装,正常\n"
    )
    assert list(table.loc["1", ["kind", "mount", "status"]]) == ["ptz", "pole", "existing"]


AREA = "POLYGON((115.9 28.6,115.91 28.6,115.91 28.61,115.9 28.6))"


def test_a_shape_of_another_kind_is_named_by_its_row(tmp_path):
    text = f'编号,名称,geometry\n1,甲,POINT(115.9 28.6)\n2,乙,"{AREA}"\n'
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    (fault,) = caught.value.faults
    assert (fault.file, fault.where, fault.found) == ("cameras.csv", "row 3", "Polygon")
    table, _ = read(tmp_path, text, keep_good=True)
    assert list(table.index) == ["1"]


def test_districts_are_no_points(tmp_path):
    path = tmp_path / "districts.csv"
    path.write_text("行政区划代码,名称,经度,纬度\n360103,西湖区,115.9,28.6\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_districts(path)
    assert caught.value.faults[0].where == "row 2"


def test_a_datum_in_the_header_of_a_shape_counts_as_said(tmp_path):
    path = tmp_path / "districts.csv"
    found = []
    for header, declared in (("边界（GCJ-02）", NOTHING), ("边界", Declared(datum="gcj02"))):
        text = f'行政区划代码,名称,{header}\n360103,西湖区,"{AREA}"\n'
        path.write_text(text, encoding="utf-8")
        found.append(places(read_districts(path, declared=declared)[0]))
    assert np.allclose(*found, atol=1e-9)
    assert not np.allclose(found[0][0], [115.9, 28.6], atol=1e-3)


@pytest.mark.parametrize(("unit", "metres"), [("厘米", 6.0), ("（cm）", 6.0), ("米", None)])
def test_a_row_of_units_counts(tmp_path, unit, metres):
    text = f"编号,经度,纬度,安装高度\n,°,°,{unit}\n1,115.9,28.6,600\n2,115.91,28.6,600\n"
    if metres is None:
        with pytest.raises(InputError):
            read(tmp_path, text)
    else:
        assert set(read(tmp_path, text)[0]["height_m"]) == {metres}


def test_the_mounting_height_goes_before_any_height(tmp_path):
    table, report = read(tmp_path, "编号,经度,纬度,高度,安装高度\n1,115.9,28.6,35,6\n")
    assert table.loc["1", "height_m"] == 6.0
    assert any("高度 ~ 安装高度" in str(note) for note in report.notes)


def test_metres_in_a_shifted_system_are_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, "编号,X坐标(GCJ02),Y坐标(GCJ02)\n1,39392458,3165491\n")
    assert {fault.code for fault in caught.value.faults} == {"place.datum"}


def test_metres_with_their_unit_and_thousands(tmp_path):
    table, _ = read(tmp_path, '编号,X,Y\n1,39392458米,3165491 米\n2,"39,392,458.0","3,165,491"\n')
    assert np.allclose(places(table)[0], places(table)[1])


def test_words_for_not_yet_known(tmp_path):
    table, _ = read(tmp_path, "编号,经度,纬度,高度,朝向\n1,115.9,28.6,暂无,待补充\n")
    assert table[["height_m", "azimuth_deg"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("text", "azimuth"), [("二百七", 270.0), ("二百零七", 207.0), ("九十", 90.0), ("面北", 0.0)]
)
def test_chinese_numerals_may_leave_out_the_last_rank(text, azimuth):
    assert read_direction(text).azimuths == (azimuth,)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("广告牌,2,6,4,东", "顶部高度"),
        ("围墙,2.5,,30,南北", "朝向"),
        ("广告牌,6,2,4,面向路口", "朝向"),
    ],
)
def test_obstacles_that_would_hide_nothing_or_too_much(tmp_path, row, field):
    path = tmp_path / "obstacles.csv"
    head = "编号,设施类型,顶部高度,底部高度,宽度,朝向,经度,纬度"
    path.write_text(f"{head}\n1,{row},115.9,28.6\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_obstacles(path)
    assert [fault.field for fault in caught.value.faults] == [field]


def test_what_was_done_to_read_an_obstacle_is_said(tmp_path):
    path = tmp_path / "obstacles.csv"
    head = "编号,设施类型,顶部高度,直径,经度,纬度"
    path.write_text(f"{head}\n1,构筑物,约6米,2,115.9,28.6\n", encoding="utf-8")
    _, report = read_obstacles(path)
    assert [fault.field for fault in report.repaired] == ["顶部高度"]


def test_headings_of_sections_are_no_cameras(tmp_path):
    text = (
        "编号,名称,经度,纬度\n一、东湖区,,,\n1,甲,115.9,28.6\n（二）西湖区,,,\n2,乙,115.91,28.6\n"
    )
    table, report = read(tmp_path, text)
    assert list(table.index) == ["1", "2"]
    assert any(str(note).endswith("left out, rows: 2, 4") for note in report.notes)
