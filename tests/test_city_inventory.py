"""Inventories and registers: every cell is read, or named with its row and column."""

from __future__ import annotations

import json
import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from civicsight.core.errors import CrsError, InputError
from civicsight.io import read_register
from civicsight.io.registers.read import read_places
from civicsight.io.tables.inventory import CAMERA_SCHEMA, fill, read_cameras, read_entrances
from civicsight.io.tables.sheet import Sheet
from civicsight.model import CAMERAS, ENTRANCES, PLACES
from tests.city_made import METRIC, X0, Y0, write

LON, LAT = 115.86, 28.68
CONVERGENCE = (117 - LON) * math.sin(math.radians(LAT))
"""Grid azimuth of true north [deg], to first order in the distance from the central meridian."""


def csv(tmp_path, text):
    return write(tmp_path / "cams.csv", text)


def read(tmp_path, text, **options):
    return read_cameras(csv(tmp_path, text), crs=METRIC, **options)


def faults_of(tmp_path, text, **options):
    with pytest.raises(InputError) as caught:
        read(tmp_path, text, **options)
    return caught.value.faults


def test_a_full_row(tmp_path):
    table, report = read(
        tmp_path,
        "camera_id,lon,lat,kind,mount,height_m,azimuth_deg,tilt_deg,hfov_deg,width_px,status,usable\n"
        f"0012,{LON},{LAT},ptz,pole,6.5,NE,15,60,1920,planned,yes\n",
    )
    CAMERAS.check(table)
    row = table.loc["0012"]
    assert (row["kind"], row.mount, row.status, row.usable) == ("ptz", "pole", "planned", True)
    assert (row.height_m, row.tilt_deg, row.hfov_deg) == (6.5, 15, 60)
    # True north lies to the east of grid north here, west of the meridian at 117 E.
    assert row.azimuth_deg == pytest.approx(45 + CONVERGENCE, abs=0.01)
    assert row.width_px == 1920
    point = gpd.GeoSeries([row.geometry], crs=METRIC).to_crs(4326).iloc[0]
    assert (point.x, point.y) == pytest.approx((LON, LAT), abs=1e-9)
    assert (report.read, report.kept, report.encoding) == (1, 1, "UTF-8")
    assert row.source == "cams.csv"


def test_chinese_headers_and_words(tmp_path):
    table, report = read(
        tmp_path,
        "\ufeff编号,名称,经度,纬度,安装高度(米),方位角,摄像机类型,安装方式,产权,状态,备注\r\n"
        f"A-1,东门,{LON},{LAT},5,90,球机,立杆,公安,拟建,近路口\r\n",
    )
    row = table.loc["A-1"]
    assert (row["name"], row.height_m) == ("东门", 5)
    assert row.azimuth_deg == pytest.approx(90 + CONVERGENCE, abs=0.01)
    assert (row["kind"], row.mount, row.owner, row.status) == (
        "ptz", "pole", "government", "planned",
    )  # fmt: skip
    assert row.tags == {"备注": "近路口"}
    assert "height_m = 安装高度(米)" in str(report.notes[0])
    assert str(report.notes[1]).endswith(": 备注")


def test_nothing_is_guessed_from_text(tmp_path):
    """Identifiers of 20 digits, NA as a name, leading zeros and 1e5 stay what they are."""
    table, _ = read(
        tmp_path,
        "id,name,lon,lat,pole_id\n"
        f"36010200001310000001,NA,{LON},{LAT},0012\n"
        f"1e5,null,{LON},{LAT},1e5\n",
    )
    assert table.index.tolist() == ["36010200001310000001", "1e5"]
    assert table["name"].tolist() == ["NA", "null"]
    assert table["pole_id"].tolist() == ["0012", "1e5"]


def test_what_is_missing_is_unknown(tmp_path):
    table, _ = read(
        tmp_path, f"id,lon,lat,height_m,azimuth_deg\n1,{LON},{LAT},,\n2,{LON},{LAT},NA,未知\n"
    )
    assert table[["height_m", "azimuth_deg", "tilt_deg"]].isna().all(axis=None)
    assert set(table["kind"]) == set(table["owner"]) == {"unknown"}
    assert set(table["status"]) == {"existing"}
    assert table["usable"].tolist() == [None, None]


def test_full_width_digits_are_digits(tmp_path):
    table, _ = read(tmp_path, f"id,lon,lat,height_m\n1,{LON},{LAT},４．５\n")
    assert table["height_m"].tolist() == [4.5]


def test_units_in_cells(tmp_path):
    table, _ = read(
        tmp_path,
        f"id,lon,lat,height_m,tilt_deg,reach_m,width_px\n1,{LON},{LAT},12 ft,-15°,80 m,1920 px\n",
    )
    row = table.loc["1"]
    assert row.height_m == pytest.approx(3.6576)
    assert (row.tilt_deg, row.reach_m, row.width_px) == (-15, 80, 1920)


def test_metres_of_the_working_system(tmp_path):
    table, _ = read(tmp_path, f"id,x,y\n1,{X0},{Y0}\n")
    assert table.geometry.iloc[0].equals(shapely.Point(X0, Y0))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators(tmp_path, separator):
    text = f"id,lon,lat,name\n1,{LON},{LAT},A\n".replace(",", separator)
    assert read(tmp_path, text)[0]["name"].tolist() == ["A"]


def test_hostile_text_is_stored_as_it_is(tmp_path):
    nasty = ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "../../etc/passwd", "@SUM(1)"]
    rows = "".join(
        f'{n},{LON},{LAT},"{text.replace(chr(34), chr(34) * 2)}"\n' for n, text in enumerate(nasty)
    )
    assert read(tmp_path, "id,lon,lat,name\n" + rows)[0]["name"].tolist() == nasty


def test_line_breaks_in_quotes_do_not_move_the_row_numbers(tmp_path):
    text = f'id,lon,lat,name\n1,{LON},{LAT},"a\nb"\n2,{LON},{LAT},\n3,{LON},x,\n'
    (fault,) = faults_of(tmp_path, text)
    assert (fault.where, fault.field, fault.found) == ("row 5", "lat", "x")


@pytest.mark.parametrize(
    ("header", "cell", "code"),
    [
        ("height_m", "-3", "cell.value"), ("height_m", "tall", "cell.value"),
        ("height_m", "1e9", "cell.value"), ("azimuth_deg", "up there", "cell.value"),
        ("azimuth_deg", "7250", "cell.value"), ("tilt_deg", "91", "cell.value"),
        ("tilt_deg", "nan°", "cell.value"), ("hfov_deg", "0", "cell.value"),
        ("hfov_deg", "361", "cell.value"), ("width_px", "1e9", "cell.value"),
        ("width_px", "inf", "cell.value"), ("kind", "toaster", "cell.value"),
        ("status", "maybe", "cell.value"), ("usable", "perhaps", "cell.value"),
        ("reach_m", "0", "cell.value"), ("roll_deg", "a", "cell.value"),
        ("datum", "Beijing 1954", "place.datum"),
    ],
)  # fmt: skip
def test_every_bad_cell_is_named(tmp_path, header, cell, code):
    (fault,) = faults_of(tmp_path, f"id,lon,lat,{header}\n1,{LON},{LAT},{cell}\n")
    assert (fault.code, fault.file, fault.where, fault.field, fault.found) == (
        code, "cams.csv", "row 2", header, cell,
    )  # fmt: skip
    assert str(fault.expected)
    assert str(fault.remedy)


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        ("0", "0", "place.null"), ("28.68", "115.86", "place.swapped"),
        ("4000", "28", "place.range"), ("", "28", "place.number"),
        ("115,86", "28", "csv.ragged_row"), ("NaN", "28", "place.number"),
        ("115.86", "inf", "place.number"),
    ],
)  # fmt: skip
def test_every_bad_place_is_named(tmp_path, lon, lat, code):
    rows = "".join(f"{n},{LON},{LAT}\n" for n in range(2, 6))
    faults = faults_of(tmp_path, f"id,lon,lat\n1,{lon},{lat}\n{rows}")
    assert {(fault.code, fault.where) for fault in faults} == {(code, "row 2")}


def test_a_place_in_another_city_is_named(tmp_path):
    rows = "".join(f"{n},{LON},{LAT}\n" for n in range(2, 9))
    (fault,) = faults_of(tmp_path, f"id,lon,lat\n1,121.47,31.23\n{rows}")
    assert (fault.code, fault.where, fault.found) == ("place.far", "row 2", "121.47, 31.23")


def test_strays_never_enlarge_the_area_nor_choose_its_system(tmp_path):
    rows = "".join(f"{n},{LON + n / 1e4},{LAT}\n" for n in range(2, 9))
    clean = csv(tmp_path, f"id,lon,lat\n1,{LON},{LAT}\n{rows}")
    alone, _ = read_cameras(clean)
    strays = "S1,0,0\nS2,121.47,31.23\nS3,28.68,115.86\nS4,-70,40\nS5,,\n"
    mixed = write(tmp_path / "mixed.csv", clean.read_text(encoding="utf-8") + strays)
    table, report = read_cameras(mixed, keep_good=True)
    assert table.crs == alone.crs
    assert table.total_bounds.tolist() == alone.total_bounds.tolist()
    assert {fault.where for fault in report.rejected} == {f"row {n}" for n in range(10, 15)}


def test_swapped_places_are_told_by_the_city(tmp_path):
    """Where both numbers may be latitudes only the extent of the city can tell."""
    city = gpd.GeoSeries([shapely.box(25.0, 60.0, 25.2, 60.2)], crs=4326).to_crs(32635).iloc[0]
    path = csv(tmp_path, "id,lon,lat\n1,60.1,25.1\n2,25.1,60.1\n3,27.0,62.0\n")
    with pytest.raises(InputError) as caught:
        read_cameras(path, crs=gpd.GeoSeries(crs=32635).crs, near=city)
    assert [(fault.code, fault.where) for fault in caught.value.faults] == [
        ("place.swapped", "row 2"),
        ("place.far", "row 4"),
    ]


def test_repeated_and_missing_ids_are_named(tmp_path):
    faults = faults_of(tmp_path, f"id,lon,lat\nA,{LON},{LAT}\nA,{LON},{LAT}\n,{LON},{LAT}\n")
    assert [(fault.code, fault.where) for fault in faults] == [
        ("table.repeated_id", "row 3"),
        ("table.no_id", "row 4"),
    ]
    assert "row 2" in str(faults[0].expected)


def test_rows_without_an_id_column_are_numbered(tmp_path):
    table, _ = read(tmp_path, f"name,lon,lat\nA,{LON},{LAT}\nB,{LON},{LAT}\n")
    assert table.index.tolist() == ["1", "2"]


def test_all_or_nothing_unless_asked(tmp_path):
    text = f"id,lon,lat,height_m\n1,{LON},{LAT},5\n2,{LON},{LAT},tall\n3,0,0,4\n4,{LON},{LAT},3\n"
    assert len(faults_of(tmp_path, text)) == 2
    table, report = read(tmp_path, text, keep_good=True)
    assert table.index.tolist() == ["1", "4"]
    assert (report.read, report.kept, len(report.rejected)) == (4, 2, 2)
    CAMERAS.check(table)


def test_columns_for_a_place_are_needed(tmp_path):
    (fault,) = faults_of(tmp_path, "id,longtitude,latitde\n1,2,3\n")
    assert fault.code == "table.missing_column"
    assert "longtitude ~ longitude" in fault.found


def test_own_tags_are_kept(tmp_path):
    cells = ['"{""ref"": ""7""}"', "free text", "[1]"]
    text = "id,lon,lat,tags\n" + "".join(
        f"{n},{LON},{LAT},{cell}\n" for n, cell in enumerate(cells)
    )
    table, _ = read(tmp_path, text)
    assert table["tags"].tolist() == [{"ref": "7"}, {"tags": "free text"}, {"tags": "[1]"}]


def test_the_working_system_has_to_be_metric(tmp_path):
    with pytest.raises(CrsError, match="expected a projected CRS in metres"):
        read_cameras(csv(tmp_path, f"id,lon,lat\n1,{LON},{LAT}\n"), crs=gpd.GeoSeries(crs=4326).crs)


@pytest.mark.parametrize(
    ("name", "content"), [("map.osm", "<osm></osm>"), ("book.bin", "\x7fELF\x00\x00")]
)
def test_other_files_are_refused(tmp_path, name, content):
    with pytest.raises(InputError, match=r"a CSV table, a workbook .* or a vector layer"):
        read_cameras(write(tmp_path / name, content), crs=METRIC)


def test_a_layer_of_points_is_an_inventory(tmp_path):
    frame = gpd.GeoDataFrame(
        {"id": [7, 8], "height": [4.0, np.nan], "type": ["dome", "ball"], "extra": ["a", None]},
        geometry=gpd.points_from_xy([LON, LON], [LAT, LAT]),
        crs=4326,
    )
    path = tmp_path / "cams.gpkg"
    frame.to_file(path, driver="GPKG")
    table, report = read_cameras(path, crs=METRIC)
    assert table.index.tolist() == ["7", "8"]
    assert table["kind"].tolist() == ["dome", "ptz"]
    assert table["height_m"].iloc[0] == 4
    assert table["tags"].tolist() == [{"extra": "a"}, {}]
    assert report.crs_found == "EPSG:4326 WGS 84"


def test_a_layer_without_places_is_refused(tmp_path):
    path = tmp_path / "cams.geojson"
    feature = {"type": "Feature", "properties": {"id": "1", "x": {"a": 1}}, "geometry": None}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(InputError) as caught:
        read_cameras(path, crs=METRIC)
    assert [fault.code for fault in caught.value.faults] == ["place.missing"]


def test_a_register_of_places(tmp_path):
    path = csv(
        tmp_path,
        "编号,名称,经度,纬度,场所类别,认定,行业代码,床位\n"
        f"S1,第一医院,{LON},{LAT},8.5,已指定,8411,800\n",
    )
    table, _ = read_places(path, crs=METRIC)
    PLACES.check(table)
    row = table.loc["S1"]
    assert (row["name"], row["item"], row.standing, row.industry) == (
        "第一医院", "8.5", "designated", "8411",
    )  # fmt: skip
    assert row.tags == {"床位": "800"}
    assert row.source == "cams.csv"
    assert read_register.__wrapped__ is read_places


def test_a_register_of_entrances(tmp_path):
    path = csv(
        tmp_path,
        "id,kind,lon,lat,vehicle,width,confirmed\n"
        f"E1,gate,{LON},{LAT},是,6 m,\nE2,,{LON},{LAT},,,no\n",
    )
    table, _ = read_entrances(path, crs=METRIC)
    ENTRANCES.check(table)
    assert table["kind"].tolist() == ["gate", "yes"]
    assert table["vehicle"].tolist() == [True, False]
    assert table["confirmed"].tolist() == [True, False]
    assert table["width_m"].iloc[0] == 6


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "id": st.text(max_size=6) | st.none(),
                "lon": st.text(max_size=6) | st.just(str(LON)),
                "lat": st.text(max_size=6) | st.just(str(LAT)),
                "height": st.text(max_size=6),
                "azimuth": st.text(max_size=6),
                "kind": st.text(max_size=6),
            }
        ),
        min_size=1,
        max_size=6,
    )
)
@example([{"id": None, "lon": str(LON), "lat": str(LAT), "height": "", "azimuth": "", "kind": "0"}])
def test_any_cells_give_a_valid_table_or_faults(rows):
    """Whatever stands in the cells, a row is kept whole or named, or a column is asked about."""
    cells = [{k: (v.strip() or None) if v else None for k, v in row.items()} for row in rows]
    where = [f"row {n}" for n in range(2, len(rows) + 2)]
    sheet = Sheet("x.csv", list(rows[0]), cells, where)
    try:
        table, report = fill(sheet, CAMERA_SCHEMA, METRIC, keep_good=True)
    except InputError as error:
        if not all(fault.code.startswith("column.") for fault in error.faults):
            raise
        return
    CAMERAS.check(table)
    assert len(table) + len({fault.where for fault in report.rejected}) == len(rows)
