"""Registers: places of map vendors, private places, districts, signs, projects, obstacles."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from civicsight.city import (
    district_of,
    load_city,
    read_city,
    read_districts,
    read_obstacles,
    read_places,
    read_private_places,
    read_projects,
    read_signs,
    save_city,
)
from civicsight.city.declared import NOTHING, Declared
from civicsight.city.kinds import READERS, read_into
from civicsight.city.registers.headers import (
    DISTRICT_WORDS,
    OBSTACLE_WORDS,
    PRIVATE_WORDS,
    PROJECT_WORDS,
)
from civicsight.city.registers.read import DISTRICT_FORM, PRIVATE_FORM
from civicsight.city.tables.mapping import Mapping
from civicsight.city.tables.source import read_sheet
from civicsight.city.tables.synonyms import normal
from civicsight.city.tables.understanding import understood
from civicsight.coverage.check import check
from civicsight.errors import CrsError, InputError
from civicsight.rules import find_zones, load_packs
from civicsight.scene import build_scene
from civicsight.schema import (
    BUILDINGS,
    DISTRICTS,
    OBSTACLES,
    PLACES,
    PRIVATE_PLACES,
    PROJECTS,
    SIGNS,
    City,
    empty_tables,
)
from tests import town
from tests.city_made import METRIC, X0, Y0, box, write
from tests.test_check import part_at
from tests.test_check import town as school

AT = "115.8600,28.6800"
RULES = load_packs()
NO_ROADS = town.roads()


def table_of(tmp_path, text, read=read_places, **options):
    return read(write(tmp_path / "register.csv", text), **options)


def faults_of(tmp_path, text, read=read_places, **options):
    with pytest.raises(InputError) as caught:
        table_of(tmp_path, text, read, **options)
    return [(fault.code, fault.where, fault.field) for fault in caught.value.faults]


def zones_of(places):
    return find_zones(places, NO_ROADS.to_crs(places.crs), RULES)


AMAP = (
    "id,name,type,typecode,location,address\n"
    'B1,第一中学,科教文化服务;学校;中学,141202,"115.8600,28.6800",某路\n'
    'B2,公园,风景名胜;公园广场;公园|体育休闲服务;运动场馆;综合体育馆,110101|080101,"115.8700,28.6810",\n'
    'B3,某寺,风景名胜;风景名胜;寺庙道观|科教文化服务;博物馆;博物馆,110205|140100,"115.8710,28.6810",\n'
    'B4,面馆,餐饮服务;快餐厅;快餐厅,050300,"115.8720,28.6810",\n'
)


def test_an_export_of_amap(tmp_path):
    places, report = table_of(tmp_path, AMAP)
    PLACES.check(places)
    assert dict(places["amap"]) == {
        "B1": "141202", "B2": "110101|080101", "B3": "110205|140100", "B4": "050300",
    }  # fmt: skip
    assert places.loc["B1"].tags["type"] == "科教文化服务;学校;中学"
    lonlat = places.to_crs(4326).geometry["B1"]
    assert (lonlat.x, lonlat.y) == pytest.approx((115.86, 28.68), abs=1e-9)
    zones = zones_of(places)
    assert set(zip(zones["place_id"], zones["item"], strict=True)) == {
        ("B1", "8.5"), ("B2", "8.7"), ("B2", "8.5"),
    }  # fmt: skip
    assert zones["standing"].eq("candidate").all()
    assert report.count("known") == 2
    assert any("GCJ-02" in str(note) for note in report.notes)


def test_names_alone_give_the_codes_and_stay_as_they_were(tmp_path):
    places, _ = table_of(
        tmp_path,
        "名称,大类,中类,小类,经度,纬度\n"
        "第一中学,科教文化服务,学校,中学,115.86,28.68\n"
        "工商银行,金融保险服务,银行,中国工商银行,115.861,28.681\n"
        "校医室,科教文化服务,学校,学校内部设施,115.861,28.682\n"
        "不详,,,,115.861,28.683\n",
    )
    assert list(places["amap"]) == ["141202", "160100", None, None]
    assert places["tags"].iloc[2]["小类"] == "学校内部设施"
    assert sorted(zones_of(places)["item"]) == ["8.4", "8.5"]


@pytest.mark.parametrize("header", ["百度分类", "std_tag", "tag"])
def test_classes_of_baidu(tmp_path, header):
    places, report = table_of(
        tmp_path, f"名称,{header},经度,纬度\n银行,金融;银行,{AT}\n教堂,旅游景点;教堂,{AT}\n"
    )
    assert list(zones_of(places)["item"]) == ["8.4"]
    assert any("BD-09" in str(note) for note in report.notes)


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_a_declared_datum_is_not_warned_about(tmp_path, datum):
    _, report = table_of(tmp_path, AMAP, declared=Declared(datum=datum))
    assert not any("usually are in" in str(note) for note in report.notes)


def test_a_column_for_the_datum_is_a_declaration_too(tmp_path):
    _, report = table_of(tmp_path, f"名称,typecode,经度,纬度,坐标系\n中学,141202,{AT},GCJ-02\n")
    assert not any("usually are in" in str(note) for note in report.notes)


def test_the_form_of_the_file_does_not_matter(tmp_path):
    """The same places as CSV, XLSX and GeoJSON."""
    header = ["place_id", "name", "typecode", "行业代码", "lon", "lat"]
    row = ["1", "第一中学", "141202", "P8334", 115.86, 28.68]
    book = openpyxl.Workbook()
    book.active.append(header)
    book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    write(tmp_path / "b.csv", ",".join(header) + "\n" + ",".join(map(str, row)) + "\n")
    feature = {
        "type": "Feature",
        "properties": dict(zip(header[:4], row[:4], strict=True)),
        "geometry": {"type": "Point", "coordinates": row[4:]},
    }
    write(
        tmp_path / "c.geojson",
        json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False),
    )
    tables = [read_places(tmp_path / name)[0] for name in ("a.xlsx", "b.csv", "c.geojson")]
    for table in tables:
        assert table.loc["1", ["name", "amap", "industry"]].tolist() == row[1:4]
        assert table.geometry.iloc[0].distance(tables[0].geometry.iloc[0]) < 1e-3
        assert list(zones_of(table)["item"]) == ["8.5"]


REGISTER = (
    "编号,名称,第八条类别,经度,纬度,行业代码\n"
    "1,第一中学,学校,115.860,28.680,P8334\n"
    "2,某小区,第十项,115.861,28.681,K7020\n"
    "3,客运站,8.2a,115.862,28.681,\n"
    "4,某单位,军工单位,115.863,28.681,\n"
    "5,八一广场,大型广场,115.864,28.681,\n"
)


def test_a_register_by_names_and_numbers_of_the_items(tmp_path):
    places, report = table_of(tmp_path, REGISTER)
    assert list(places["item"]) == ["8.5", "8.10", "8.2a", "8.9", "8.7"]
    assert list(places["kind"]) == ["education", None, None, None, "square"]
    zones = zones_of(places).set_index("place_id")
    assert zones["standing"].eq("designated").all()
    assert zones["confidence"].eq(1.0).all()
    assert zones["kind"]["5"] == "square"
    assert zones["secrecy"]["4"] == "designated_secret"
    assert not [word for words in zones["qualifiers"] for word in words]
    assert report.count("item") == 5
    assert not any("usually are in" in str(note) for note in report.notes)


def test_bad_classes_are_named_by_row_and_column(tmp_path):
    found = faults_of(
        tmp_path,
        "编号,名称,第八条类别,经度,纬度,行业代码,typecode\n"
        f"1,a,餐馆,{AT},Q8334,141202\n2,b,第二项,{AT},,14\n3,c,8.5,{AT},,\n",
    )
    assert sorted(found) == [
        ("cell.value", "row 2", "第八条类别"),
        ("cell.value", "row 2", "行业代码"),
        ("cell.value", "row 3", "typecode"),
        ("cell.value", "row 3", "第八条类别"),
    ]


def test_good_rows_are_kept_where_that_is_asked_for(tmp_path):
    places, report = table_of(
        tmp_path, f"编号,场所类别,经度,纬度\n1,餐馆,{AT}\n2,学校,{AT}\n", keep_good=True
    )
    assert list(places.index) == ["2"]
    assert (report.read, report.kept, len(report.rejected)) == (2, 1, 1)


def test_a_mapping_names_the_column_of_a_class(tmp_path):
    mapping = Mapping({"item": "what", "amap": "", "kind": ""}, {})
    places, _ = table_of(
        tmp_path,
        f"编号,what,typecode,经度,纬度\n1,学校,110101,{AT}\n",
        declared=Declared(mapping=mapping),
    )
    assert places.loc["1", ["item", "kind"]].tolist() == ["8.5", "education"]
    assert places.loc["1", "amap"] is None
    assert places.loc["1", "tags"]["typecode"] == "110101"


def test_the_seven_real_places_of_baidu(test_data, tmp_path):
    """Declared as BD-09 they lie within 2 m of the places that the source itself converted to."""
    items = ["8.5", "8.7", "8.5", "8.5", "8.2a", "8.2a", "8.7"]
    with test_data("awkward_real/bd09_poi_pairs/POI_example2.csv").open(
        encoding="utf-8", newline=""
    ) as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(items)
    for number, (row, item) in enumerate(zip(rows, items, strict=True)):
        path = tmp_path / f"poi{number}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(row))
            writer.writeheader()
            writer.writerow(row)
        places, _ = read_places(path, declared=Declared(datum="bd09"))
        assert places["baidu"].iloc[0] == f"{row['prim_ind']};{row['sec_ind']}"
        assert list(zones_of(places)["item"]) == [item]
        true = gpd.GeoSeries(
            [shapely.Point(float(row["lng_wgs84"]), float(row["lat_wgs84"]))], crs=4326
        ).to_crs(places.crs)
        assert places.geometry.iloc[0].distance(true.iloc[0]) < 2
        asis, report = read_places(path)
        assert asis.to_crs(places.crs).geometry.iloc[0].distance(true.iloc[0]) > 500
        assert any("BD-09" in str(note) for note in report.notes)


def test_the_outlines_of_the_seven_places_keep_their_classes(test_data):
    path = test_data("awkward_real/bd09_poi_pairs/AOI_example2.shp")
    places, _ = read_places(path, keep_good=True)
    assert places["baidu"].notna().all()


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


def test_obstacles_get_a_shape_from_what_the_register_says(tmp_path):
    table, report = table_of(tmp_path, OBSTACLE_ROWS, read_obstacles, crs=METRIC)
    OBSTACLES.check(table)
    assert list(table["kind"]) == ["panel", "structure", "structure", "panel"]
    panel, column, booth, unknown = table.geometry
    assert panel.equals_exact(shapely.LineString([(X0, Y0 + 3), (X0, Y0 - 3)]), 1e-6)
    assert column.area == pytest.approx(np.pi * 0.49, rel=0.03)
    assert booth.bounds == pytest.approx((X0 - 1, Y0 - 1, X0 + 1, Y0 + 1))
    assert unknown.bounds == pytest.approx((X0 - 2, Y0, X0 + 2, Y0))
    assert list(table["height_assumed"]) == [False, True, False, True]
    assert table["height_m"].tolist() == [6.0, 3.5, 2.5, 6.0]
    assert table["base_m"].tolist() == [2.5, 0.0, 0.0, 2.5]
    assert (report.read, report.kept) == (5, 4)
    assert report.count("excluded.see_through") == 1
    assert [fault.code for fault in report.repaired] == ["obstacle.height"] * 2


def test_lines_and_areas_of_a_layer_are_taken_as_drawn(tmp_path):
    layer = gpd.GeoDataFrame(
        {"设施类型": ["架空管线", "围墙", "临时建筑"], "高度": ["5.5", "2.2", "3"],
         "底高": ["5", None, None]},
        geometry=[
            shapely.LineString([(X0, Y0), (X0 + 50, Y0)]),
            shapely.LineString([(X0, Y0), (X0, Y0 + 50)]),
            box(X0 + 60, Y0, 5, 5),
        ],
        crs=METRIC,
    )  # fmt: skip
    path = tmp_path / "facilities.gpkg"
    layer.to_file(path)
    table, _ = read_obstacles(path, crs=METRIC)
    assert list(table["kind"]) == ["structure", "wall", "structure"]
    assert table["base_m"].tolist() == [5.0, 0.0, 0.0]
    assert table.geometry.equals(gpd.GeoSeries(layer.geometry.to_numpy(), table.index, crs=METRIC))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"1,行道树,树,6,,4,0,,{X0},{Y0}", "cell.value"),
        (f"1,广告牌,牌,6,,6,,,{X0},{Y0}", "obstacle.no_shape"),
        (f"1,管线,线,6,,,,,{X0},{Y0}", "obstacle.no_shape"),
        (f"1,飞艇,艇,6,,6,0,,{X0},{Y0}", "cell.value"),
        (f"1,广告牌,牌,-6,,6,0,,{X0},{Y0}", "cell.value"),
    ],
)
def test_what_is_no_solid_shape_is_refused(tmp_path, row, code):
    header = OBSTACLE_ROWS.split("\n", 1)[0]
    found = faults_of(tmp_path, f"{header}\n{row}\n", read_obstacles, crs=METRIC)
    assert found[0][:2] == (code, "row 2")


def test_a_registered_billboard_hides_what_lies_behind_it(tmp_path):
    """The obstacles of a register stand in the scene that a check looks at."""
    table, _ = table_of(tmp_path, OBSTACLE_ROWS, read_obstacles, crs=METRIC)
    scene = build_scene(BUILDINGS.empty(METRIC), table)
    features = scene.features.set_index("id")
    assert features["layer"].eq("obstacle").all()
    assert sorted(features.index) == ["1", "2", "4", "5"]
    assert features.loc["1", ["base", "top"]].tolist() == [2.5, 6.0]


def test_a_registered_billboard_turns_a_covered_gate_into_a_gap(tmp_path):
    """A check looks past the obstacles of a register, and names the one that hides a gate."""
    header = OBSTACLE_ROWS.split("\n", 1)[0]
    board = f"9,广告牌,挡牌,6,0,14,180,,{X0 + 30},{Y0 - 4}"
    obstacles, _ = table_of(tmp_path, f"{header}\n{board}\n", read_obstacles, crs=METRIC)
    city = school()
    placed = obstacles.set_geometry(obstacles.translate(-X0, -Y0)).set_crs(
        city.crs, allow_override=True
    )
    clear = check(city, raster=False)
    hidden = check(replace(city, obstacles=placed), raster=False)
    gate = part_at(clear, "s")
    assert clear.part_status.loc[gate, "status"] == "covered"
    assert hidden.part_status.loc[gate, "status"] == "gap"
    assert "9" in str(hidden.part_status.loc[gate, "blockers"])


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
    table, _ = READERS["districts"](path, crs=METRIC)
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


@pytest.mark.parametrize("words", [DISTRICT_WORDS, PRIVATE_WORDS, PROJECT_WORDS, OBSTACLE_WORDS])
def test_no_word_stands_for_two_values(words):
    for values in words.values():
        plain = [normal(word) for listed in values.values() for word in listed]
        assert len(plain) == len(set(plain)), sorted(w for w in plain if plain.count(w) > 1)


def test_a_storey_below_the_ground_is_shown_as_understood(tmp_path):
    path = tmp_path / "private.csv"
    rows = f"id,场所类型,起始楼层,经度,纬度\n1,病房,B1,{AT}\n2,病房,负一层,{AT}\n"
    path.write_text(rows, encoding="utf-8")
    table, _ = read_private_places(path)
    assert table["from_floor"].tolist() == [-1, -1]
    column = understood(read_sheet(path), PRIVATE_FORM, NOTHING)[2]
    assert column.unread == ()
    assert column.examples == (("B1", "-1"), ("负一层", "-1"))


def test_a_column_of_shapes_has_a_meaning(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text('编号,边界\n1,"POLYGON((0 0,1 0,1 1,0 0))"\n', encoding="utf-8")
    label = understood(read_sheet(path), DISTRICT_FORM, NOTHING)[1].label
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
