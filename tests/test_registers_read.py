"""Registers: places of map vendors, private places, districts, signs, projects, obstacles."""

from __future__ import annotations

import csv
import json

import geopandas as gpd
import openpyxl
import pytest
import shapely

from civicsight.core.errors import InputError
from civicsight.io.registers.read import read_places
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.model import PLACES
from civicsight.rules import find_zones, load_packs
from tests import town
from tests.city_made import write

AT = "115.8600,28.6800"
RULES = load_packs()
NO_ROADS = town.roads()


def table_of(tmp_path, text, read=read_places, **options):
    return read(write(tmp_path / "register.csv", text), **options)


def faults_of(tmp_path, text, read=read_places, **options):
    with pytest.raises(InputError) as caught:
        table_of(tmp_path, text, read, **options)
    return [(fault.code, fault.where, fault.field) for fault in caught.value.faults]


TWICE = (
    "place_id,name,item,lon,lat\n"
    "A,第一小学,8.4,115.86,28.68\n"
    "B,第一小学,8.4,115.86,28.68\n"
    "C,第一小学,8.4,115.861,28.68\n"  # a hundred metres off: another branch
    "D,第一小学,8.5,115.86,28.68\n"  # another class
    "E,,8.4,115.86,28.68\n"
    "F,第二小学,8.4,115.86,28.68\n"
)


def test_a_place_that_stands_twice_is_said_and_both_are_kept(tmp_path):
    places, report = table_of(tmp_path, TWICE)
    told = " ".join(map(str, report.notes))
    assert "1 places have the name and class of another one within 20 m" in told
    assert told.count("if they are the same: B") == 1
    assert len(places) == 6
    once = "\n".join(line for line in TWICE.split("\n") if not line.startswith("B"))
    assert "of another one" not in " ".join(map(str, table_of(tmp_path, once)[1].notes))


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
    mapping = ColumnMapping({"item": "what", "amap": "", "kind": ""}, {})
    places, _ = table_of(
        tmp_path,
        f"编号,what,typecode,经度,纬度\n1,学校,110101,{AT}\n",
        declared=Declared(mapping=mapping),
    )
    assert places.loc["1", ["item", "kind"]].tolist() == ["8.5", "education"]
    assert places.loc["1", "amap"] is None
    assert places.loc["1", "tags"]["typecode"] == "110101"


@pytest.mark.slow
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
