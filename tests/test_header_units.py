"""The unit that a header names counts, by name or by a mapping, and is converted exactly."""

from __future__ import annotations

import math

import geopandas as gpd
import pytest
import shapely

from civicsight.core.errors import InputError
from civicsight.core.i18n import translate
from civicsight.io.guessing import read_columns
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.inventory import read_cameras
from civicsight.io.tables.mapping_file import read_mapping
from civicsight.io.vectors.footprints import read_buildings
from tests.city_made import write

GRID = {"north": "grid"}


def table(tmp_path, header, cells, columns=None, units=None):
    rows = "".join(f"C{n},115.90{n},28.68,dome,{cell}\n" for n, cell in enumerate(cells, 1))
    path = write(tmp_path / "a.csv", f'camera_id,lon,lat,type,"{header}"\n{rows}')
    mapping = ColumnMapping(columns or {}, units=units or {}) if columns or units else None
    return read_cameras(path, declared=Declared(mapping=mapping, north="grid"))


@pytest.mark.parametrize(
    ("header", "meaning", "cell", "value"),
    [
        ("MOUNT_HT_FT", "height_m", "20", 6.096),
        ("Column height (ft)", "height_m", "20", 6.096),
        ("H_mm", "height_m", "4500", 4.5),
        ("高度(cm)", "height_m", "600", 6.0),
        ("安装高度（英尺）", "height_m", "10", 3.048),
        ("高度 in inches", "height_m", "100", 2.54),
        ("高度(米)", "height_m", "6", 6.0),
        ("最大距离(km)", "reach_m", "0.08", 80.0),
        ("镜头(cm)", "focal_mm", "0.4", None),
        ("Azimuth rad", "azimuth_deg", repr(math.pi / 2), 90.0),
        ("方位(gon)", "azimuth_deg", "100", 90.0),
        ("朝向(密位)", "azimuth_deg", "1500", 90.0),
        ("tilt_rad", "tilt_deg", repr(math.pi / 6), 30.0),
        ("存储(小时)", "retention_days", "720", 30.0),
    ],
)
def test_the_unit_of_a_header_counts_in_a_mapping(header, meaning, cell, value, tmp_path):
    cameras, report = table(tmp_path, header, [cell] * 2, {meaning: header})
    if value is not None:
        assert cameras[meaning].iloc[0] == pytest.approx(value, rel=1e-15)
    if value != float(cell):
        assert any(header in str(note) and "converted" in str(note) for note in report.notes)


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("height_ft", "20", 6.096),
        ("Mounting Height FT", "20", 6.096),
        ("安装高度cm", "600", 6.0),
        ("安装高度厘米", "600", 6.0),
        ("安装高度（英尺）", "10", 3.048),
        ("挂高(单位：cm)", "450", 4.5),
        ("Montagehöhe (Fuß)", "20", 6.096),
        ("设置高度", None, None),
    ],
)
def test_the_unit_of_a_header_counts_by_name(header, cell, value, tmp_path):
    if cell is None:
        return
    cameras, _ = table(tmp_path, header, [cell, cell])
    assert list(cameras["height_m"]) == [value, value]


def test_a_cell_with_a_unit_of_its_own_keeps_it(tmp_path):
    cameras, _ = table(tmp_path, "height (cm)", ["600", "6 m", "20 ft", "六百", "约450"])
    assert list(cameras["height_m"]) == pytest.approx([6, 6, 6.096, 6, 4.5])


@pytest.mark.parametrize(
    ("header", "meaning", "unit"),
    [
        ("height (cubits)", "height_m", "ft"),
        ("高度(尺)", "height_m", "chi"),
        ("高度(kg)", "height_m", "m"),
        ("height (deg)", "height_m", "m"),
        ("azimuth (mil)", "azimuth_deg", "mil6400"),
        ("azimuth (m)", "azimuth_deg", "deg"),
        ("安装高度 单位:尋", "height_m", "m"),
    ],
)
def test_a_unit_that_is_none_of_its_column_is_asked_and_the_answer_works(
    header, meaning, unit, tmp_path
):
    with pytest.raises(InputError) as caught:
        table(tmp_path, header, ["5", "16"], {meaning: header})
    (fault,) = caught.value.faults
    assert (fault.code, fault.field) == ("column.unit", header)
    assert f"{meaning}: " in str(fault.remedy)
    cameras, _ = table(tmp_path, header, ["5", "16"], {meaning: header}, {meaning: unit})
    assert cameras[meaning].notna().all()


def test_the_remedy_works_as_a_file_on_the_command_line(tmp_path, capsys):
    from civicsight.cli.entry import BAD_INPUT, OK, run

    text = "camera_id,lon,lat,type,height (cubits)\nC1,115.9,28.68,dome,10\n"
    path = write(tmp_path / "a.csv", text)
    assert run(["import", str(path), "--as", "cameras", "--dry-run", "--lang", "en"]) == BAD_INPUT
    said = " ".join(capsys.readouterr().err.split())
    assert "units: {height_m: ft}" in said
    mapping = write(tmp_path / "map.yaml", "units: {height_m: ft}\n")
    words = ["import", str(path), "--as", "cameras", "--dry-run", "--mapping", str(mapping)]
    assert run([*words, "--lang", "en"]) == OK
    assert "3.048" in capsys.readouterr().out


def test_a_unit_of_a_mapping_is_held_against_what_is_known(tmp_path):
    for text in ("units: {height_m: cubit}\n", "units: {height_m: rad}\n", "units: {heigt: m}\n"):
        mapping = read_mapping(write(tmp_path / "map.yaml", text))
        path = write(tmp_path / "a.csv", "camera_id,lon,lat,height\nC1,115.9,28.68,5\n")
        with pytest.raises(InputError) as caught:
            read_cameras(path, declared=Declared(mapping=mapping))
        assert caught.value.faults[0].code in {"mapping.unit", "mapping.meaning"}


@pytest.mark.parametrize(
    "header",
    [
        "height (optional)",
        "高度(必填)",
        "height (AGL)",
        "高度（离地高度）",
        "height [above ground]",
    ],
)
def test_a_remark_in_brackets_is_no_unit(header, tmp_path):
    cameras, _ = table(tmp_path, header, ["5", "6"])
    assert list(cameras["height_m"]) == [5.0, 6.0]


def test_the_note_names_the_unit_in_both_languages(tmp_path):
    _, report = table(tmp_path, "height_ft", ["20", "21"])
    (note,) = [note for note in report.notes if "height_ft" in str(note) and "0.3048" in str(note)]
    assert "换算" in translate(note.example, "zh_CN")


def test_a_description_of_columns_shows_the_converted_value(tmp_path):
    path = write(tmp_path / "a.csv", "camera_id,lon,lat,height_ft\nC1,115.9,28.68,20\n")
    column = read_columns(path, "cameras").columns[3]
    assert column.examples == (("20", "6.096"),)


@pytest.mark.parametrize(
    ("header", "factor"), [("height_cm", 0.01), ("高度(cm)", 0.01), ("height_ft", 0.3048)]
)
def test_heights_of_buildings_go_by_the_same_units(header, factor, tmp_path):
    shapes = [shapely.box(115.9 + n / 1e3, 28.68, 115.9005 + n / 1e3, 28.6805) for n in range(3)]
    frame = gpd.GeoDataFrame({header: [1200.0, 900.0, 1500.0]}, geometry=shapes, crs=4326)
    frame.to_file(tmp_path / "b.geojson", driver="GeoJSON")
    buildings, _ = read_buildings(tmp_path / "b.geojson")
    assert list(buildings["height_m"]) == pytest.approx(
        [1200 * factor, 900 * factor, 1500 * factor]
    )


def test_a_building_height_in_an_unknown_unit_is_asked(tmp_path):
    frame = gpd.GeoDataFrame(
        {"height (cubits)": [12.0]},
        geometry=[shapely.box(115.9, 28.68, 115.9005, 28.6805)],
        crs=4326,
    )
    frame.to_file(tmp_path / "b.geojson", driver="GeoJSON")
    with pytest.raises(InputError) as caught:
        read_buildings(tmp_path / "b.geojson")
    assert caught.value.faults[0].code == "column.unit"
    told = Declared(mapping=ColumnMapping(units={"height": "m"}))
    assert read_buildings(tmp_path / "b.geojson", declared=told)[0]["height_m"].iloc[0] == 12.0


def test_coordinates_in_another_unit_are_refused(tmp_path):
    path = write(tmp_path / "a.csv", "camera_id,lon (rad),lat (rad)\nC1,2.02,0.5\n")
    with pytest.raises(InputError) as caught:
        read_cameras(path)
    assert {fault.code for fault in caught.value.faults} == {"column.unit"}
