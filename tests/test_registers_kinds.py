"""Registers beyond places: private places, districts, signs, projects, obstacles; any cells."""

from __future__ import annotations

import csv
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.core.errors import CrsError, InputError
from civicsight.io import district_of, save_city
from civicsight.io.project import read_city
from civicsight.io.project_file import load_city
from civicsight.io.reader_registry import TABLE_READERS, read_into
from civicsight.io.registers.obstacles import read_obstacles
from civicsight.io.registers.read import (
    DISTRICT_SCHEMA,
    PRIVATE_SCHEMA,
    read_districts,
    read_places,
    read_private_places,
    read_projects,
    read_signs,
)
from civicsight.io.source_options import NOTHING
from civicsight.io.tables.column_matching import describe_columns
from civicsight.io.tables.source import read_sheet
from civicsight.io.tables.synonyms import normal
from civicsight.model import (
    DISTRICTS,
    OBSTACLES,
    PRIVATE_PLACES,
    PROJECTS,
    SIGNS,
    City,
    empty_tables,
)
from tests.city_made import METRIC, X0, Y0, box, write
from tests.test_registers_read import AT, faults_of, table_of, zones_of


def test_private_places(tmp_path):
    table, report = table_of(
        tmp_path,
        "编号,场所类型,名称,范围,楼层,经度,纬度\n"
        f"1,学生宿舍,三号楼,房间,1-6层,{AT}\n2,公厕,x,整体,首层,{AT}\n3,浴室,x,,B1,{AT}\n"
        f"4,更衣室,x,,地下二层至三层,{AT}\n5,客房,x,,,{AT}\n6,病房,x,门窗,,{AT}\n",
        read_private_places,
    )
    PRIVATE_PLACES.check(table)
    assert list(table["kind"]) == [
        "dormitory", "toilet", "bath", "changing_room", "lodging_room", "other_private",
    ]  # fmt: skip
    assert list(table["scope"]) == [
        "interior_rooms", "whole_interior", None, None, None, "facade",
    ]  # fmt: skip
    floors = table[["from_floor", "to_floor"]].to_numpy()
    assert np.array_equal(
        floors, [[1, 6], [1, 1], [-1, -1], [-2, 3], [np.nan] * 2, [np.nan] * 2], equal_nan=True
    )
    assert report.count("kind.dormitory") == 1


def test_a_private_place_has_a_kind(tmp_path):
    text = f"编号,场所类型,经度,纬度\n1,餐厅,{AT}\n2,,{AT}\n"
    assert faults_of(tmp_path, text, read_private_places) == [
        ("cell.value", "row 2", "场所类型"), ("cell.value", "row 3", "场所类型"),
    ]  # fmt: skip
    (fault,) = faults_of(tmp_path, f"编号,名称,经度,纬度\n1,a,{AT}\n", read_private_places)
    assert fault[0] == "table.missing_column"


def ring(west, south, side=0.1):
    east, north = west + side, south + side
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return "POLYGON((" + ",".join(f"{x:.4f} {y:.4f}" for x, y in corners) + "))"


DISTRICT_ROWS = (
    "行政区划代码,名称,边界\n"
    f'360102,东湖区,"{ring(115.8, 28.6)}"\n'
    f'360103,西湖区,"{ring(115.9, 28.6)}"\n'
    f'360100,南昌市,"{ring(115.7, 28.5, 0.4)}"\n'
)


def test_districts_as_text(tmp_path):
    table, report = table_of(tmp_path, DISTRICT_ROWS, read_districts)
    DISTRICTS.check(table)
    assert list(table.index) == list(table["code"]) == ["360102", "360103", "360100"]
    assert list(table["level"]) == ["county", "county", "city"]
    assert table.to_crs(4326).total_bounds == pytest.approx([115.7, 28.5, 116.1, 28.9], abs=1e-6)
    assert report.count("level.county") == 2


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("POLYGON((115 28,116", "place.wkt"),
        ("", "place.missing"),
        ("POINT(115.85 28.65)", None),
        ("POLYGON((1150 28,1160 28,1160 29,1150 28))", None),
    ],
)
def test_a_district_without_an_area_is_refused(tmp_path, cell, code):
    text = f'{DISTRICT_ROWS}360104,青云谱区,"{cell}"\n'
    found = [entry[0] for entry in faults_of(tmp_path, text, read_districts)]
    assert code in (*found, None)


@pytest.mark.parametrize("code", ["36010", "160102", "东湖", ""])
def test_a_code_that_is_none_is_refused(tmp_path, code):
    text = f'{DISTRICT_ROWS}{code},某区,"{ring(115.8, 28.8)}"\n'
    assert ("cell.value", "row 5", "行政区划代码") in faults_of(tmp_path, text, read_districts)


def test_every_camera_lies_in_one_district_and_the_sum_is_the_whole(tmp_path, rng):
    districts, _ = table_of(tmp_path, DISTRICT_ROWS, read_districts)
    lon, lat = rng.uniform(115.65, 116.15, 500), rng.uniform(28.45, 28.95, 500)
    lon[:20] = 115.9  # on the border of two districts
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326).to_crs(districts.crs)
    found = district_of(points, districts)
    counts = found.value_counts(dropna=False)
    assert counts.sum() == len(points)
    for row, label in found.items():
        holding = districts.index[districts.intersects(points.geometry[row])]
        expected = min((code for code in holding if code != "360100"), default=None)
        if expected is None and "360100" in holding:
            expected = "360100"
        assert label == expected
    assert district_of(points, districts.iloc[::-1]).equals(found)
    assert district_of(points, districts.iloc[:0]).isna().all()
    with pytest.raises(CrsError):
        district_of(points.to_crs(3857), districts)


def test_real_districts_in_gbk(test_data):
    """Seventeen districts of a city, whose attributes are in GBK without a word about it."""
    folder = test_data("awkward_real/shanghai_gbk_no_cpg")
    (path,) = folder.glob("*.shp")
    table, _ = read_districts(path)
    assert len(table) == 17
    assert table.loc["310113", "name"] == "宝山区"
    assert table["level"].eq("county").all()


def test_signs(tmp_path):
    table, _ = table_of(
        tmp_path,
        "编号,朝向,对应摄像机编号,标识内容,中心高度,勘查日期,x,y\n"
        f"1,NE,0001,图像采集区域,2.2米,2026.3.1,{X0},{Y0}\n2,,0002,,,,{X0},{Y0 + 9}\n",
        read_signs,
        crs=METRIC,
    )
    SIGNS.check(table)
    row = table.loc["1"]
    assert (row.facing_deg, row.camera_id, row.height_m, row.surveyed_on) == (
        45.0, "0001", 2.2, "2026-03-01",
    )  # fmt: skip


PROJECT_ROWS = (
    "项目编号,项目名称,建设性质,是否应建,主体设计批复日期,系统设计日期,验收日期,验收结果,公安是否参加,"
    "材料,经度,纬度\n"
    f"P1,新校区,新建,是,2026年3月1日,2026/2/1,2026.5.9,合格,是,设计文件;验收记录,{AT}\n"
    "P2,旧改,改建,否,,,,待验收,,,,\n"
)


def test_projects_may_have_no_place(tmp_path):
    table, report = table_of(tmp_path, PROJECT_ROWS, read_projects)
    PROJECTS.check(table)
    first, second = table.loc["P1"], table.loc["P2"]
    assert (first["kind"], first.system_required, first.police_attended) == ("new", True, True)
    assert (first.main_design_approved_on, first.system_design_on, first.acceptance_on) == (
        "2026-03-01", "2026-02-01", "2026-05-09",
    )  # fmt: skip
    assert (first.acceptance_result, second.acceptance_result) == ("passed", "pending")
    assert first.documents == "设计文件;验收记录"
    assert table.geometry.isna().tolist() == [False, True]
    assert second.police_attended is None
    assert report.kept == 2


def test_projects_without_any_place(tmp_path):
    table, _ = table_of(tmp_path, "项目编号,项目名称\nP1,新校区\n", read_projects, crs=METRIC)
    assert table.geometry.isna().all()
    assert table.crs == METRIC


@pytest.mark.parametrize("day", ["46082", "2026年2月30日", "3/1/26", "2026年3月", "明年"])
def test_a_day_is_read_exactly_or_refused(tmp_path, day):
    text = f"项目编号,验收日期,经度,纬度\nP1,{day},{AT}\n"
    assert faults_of(tmp_path, text, read_projects) == [("cell.value", "row 2", "验收日期")]


OBSTACLE_ROWS = (
    "编号,设施类型,名称,顶部高度,底部高度,宽度,朝向,直径,x,y\n"
    f"1,广告牌,路口,6,2.5,6,90,,{X0},{Y0}\n"
    f"2,广告柱,柱,,,,,1.4,{X0},{Y0}\n"
    f"3,铁艺围栏,栏,,,,,,{X0},{Y0}\n"
    f"4,岗亭,亭,2.5,,2,,,{X0},{Y0}\n"
    f"5,广告牌,无高,,,4,0,,{X0},{Y0}\n"
)


def bare_city():
    return City("made", METRIC, box(X0 - 50, Y0 - 50, 100, 100), **empty_tables(METRIC))


def test_registers_come_back_from_a_project_as_they_were(tmp_path):
    city = bare_city()
    texts = {
        "private": f"编号,场所类型,楼层,x,y\n1,宿舍,1-6,{X0},{Y0}\n2,公厕,,{X0},{Y0}\n",
        "signs": f"编号,朝向,勘查日期,x,y\n1,45,2026-03-01,{X0},{Y0}\n2,,,{X0},{Y0}\n",
        "projects": "项目编号,项目名称,是否应建,验收日期\nP1,甲,是,2026-03-01\nP2,乙,,\n",
        "obstacles": OBSTACLE_ROWS,
        "places": f"编号,第八条类别,typecode,x,y\n1,学校,141202,{X0},{Y0}\n2,,,{X0},{Y0}\n",
    }
    for kind, text in texts.items():
        path = write(tmp_path / f"{kind}.csv", text)
        city, report = read_into(path, kind, city)
        assert report.kept >= 2
    path = write(tmp_path / "districts.csv", DISTRICT_ROWS)
    table, _ = TABLE_READERS["districts"](path, crs=METRIC)
    city = replace(city, districts=table)
    save_city(city, tmp_path / "made.gpkg")
    for again in (load_city(tmp_path / "made.gpkg"), read_city(tmp_path / "made.gpkg")[0]):
        for name in ("places", "obstacles", "private_places", "signs", "projects", "districts"):
            before, after = getattr(city, name), getattr(again, name)
            assert list(before.columns) == list(after.columns)
            for column in before.columns.drop("geometry"):
                assert before[column].tolist() == pytest.approx(
                    after[column].tolist(), nan_ok=True
                ) if before[column].dtype == float else (
                    before[column].tolist() == after[column].tolist()
                ), (name, column)  # fmt: skip
            assert before.index.equals(after.index)
            assert before.geometry.geom_equals(after.geometry).eq(before.geometry.notna()).all()


HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "'; DROP TABLE places;--",
    "../../etc/passwd",
    "x" * 5_000,
    "\u202e gnp.exe",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(tmp_path, text):
    path = tmp_path / "places.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["编号", "名称", "第八条类别", "type", "备注", "经度", "纬度"])
        writer.writerow(["1", text, "学校", text, text, *AT.split(",")])
    places, _ = read_places(path)
    assert places.loc["1", "name"] == text
    assert places.loc["1", "tags"] == {"type": text, "备注": text}
    assert list(zones_of(places)["item"]) == ["8.5"]


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20),
        min_size=6,
        max_size=6,
    )
)
def test_any_cells_give_a_table_or_faults(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("any") / "places.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["名称", "typecode", "百度分类", "行业代码", "第八条类别", "wkt"])
        writer.writerow(cells)
    for read in (read_places, read_private_places, read_districts, read_projects, read_obstacles):
        try:
            table, report = read(path, crs=METRIC)
        except InputError:
            continue  # the only way in which a reader may fail
        else:
            assert report.kept == len(table)


@pytest.mark.parametrize("table", [DISTRICTS, PRIVATE_PLACES, PROJECTS, OBSTACLES])
def test_no_word_stands_for_two_values(table):
    for values in table.words.values():
        plain = [normal(word) for listed in values.values() for word in listed]
        assert len(plain) == len(set(plain)), sorted(w for w in plain if plain.count(w) > 1)


def test_a_storey_below_the_ground_is_shown_as_understood(tmp_path):
    path = tmp_path / "private.csv"
    rows = f"id,场所类型,起始楼层,经度,纬度\n1,病房,B1,{AT}\n2,病房,负一层,{AT}\n"
    path.write_text(rows, encoding="utf-8")
    table, _ = read_private_places(path)
    assert table["from_floor"].tolist() == [-1, -1]
    column = describe_columns(read_sheet(path), PRIVATE_SCHEMA, NOTHING).columns[2]
    assert column.unread == ()
    assert column.examples == (("B1", "-1"), ("负一层", "-1"))


def test_a_column_of_shapes_has_a_meaning(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text('编号,边界\n1,"POLYGON((0 0,1 0,1 1,0 0))"\n', encoding="utf-8")
    label = describe_columns(read_sheet(path), DISTRICT_SCHEMA, NOTHING).columns[1].label
    assert str(label) == "Shape as well-known text"


def test_what_was_read_is_told_in_the_words_of_the_reader_and_faults_in_the_order_of_rows(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(f"编号,场所类型,经度,纬度\n1,病房,{AT}\n", encoding="utf-8")
    _, report = read_private_places(path)
    told = report.summary("zh_CN")
    assert "类型 其他隐私场所：1" in told
    assert "编号 private_id = 编号" in told
    assert "private_id = 编号" in report.summary("en")
    rows = f"1,病房,{AT}\n1,病房,{AT}\n2,病房,x,28.68\n2,病房,{AT}\n"
    path.write_text(f"编号,场所类型,经度,纬度\n{rows}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_private_places(path)
    places = [fault.where for fault in caught.value.faults]
    assert places == sorted(places)
