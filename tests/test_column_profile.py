"""A column that may be two things is asked about, never taken; each answer works on its file."""

from __future__ import annotations

import pytest

from civicsight.application.columns import UNUSED, mapping_of, understand
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.io.guessing import read_columns
from civicsight.io.registers.read import read_signs
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.directions import SECTOR_TAG
from civicsight.io.tables.inventory import read_cameras
from civicsight.io.tables.mapping_file import read_mapping
from civicsight.presentation.column_profiles import field_labels
from tests.city_made import write


def camera_table(tmp_path, header, cells):
    rows = "".join(f"C{n},{115.9 + n / 1e4:.4f},28.68,{cell}\n" for n, cell in enumerate(cells, 1))
    return write(tmp_path / "cameras.csv", f"camera_id,lon,lat,{header}\n{rows}")


def read(path, mapping=None):
    return read_cameras(path, declared=Declared(mapping=mapping, north="grid"))


def question(path, mapping=None):
    with pytest.raises(InputError) as caught:
        read(path, mapping)
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize(
    "header",
    ["方向", "朝向", "azimuth", "heading", "direction", "方位角", "拍摄方向", "Blickrichtung"],
)
@pytest.mark.parametrize("cells", [[1, 3, 8, 5], [9, 2], ["1.0", "4.0"], [0, 3, 4, 0]])
def test_small_whole_numbers_under_a_direction_are_asked(header, cells, tmp_path):
    path = camera_table(tmp_path, header, cells)
    fault = question(path)
    assert (fault.code, fault.field) == ("column.directions", header)
    for reading in (f"{{direction_code: '{header}'}}", f"{{azimuth_deg: '{header}'}}", "words:"):
        assert reading in str(fault.remedy)
    degrees, report = read(path, ColumnMapping({"azimuth_deg": header}))
    assert list(degrees["azimuth_deg"]) == [float(cell) for cell in cells]
    assert any("read as degrees, as the mapping says" in str(note) for note in report.notes)
    coded, report = read(path, ColumnMapping({"direction_code": header}))
    assert coded["azimuth_deg"].isna().all()
    assert any(SECTOR_TAG in tags for tags in coded["tags"])
    taught = {f"{40 * n}": (f"{n}", f"{n}.0") for n in range(1, 10)}
    own, _ = read(path, ColumnMapping(words={"azimuth_deg": taught}))
    assert own["azimuth_deg"].notna().any()


@pytest.mark.parametrize(
    "cells", [[0, 90, 180], [5], [1, 2, 45], [1.5, 3], ["N", "E"], [10, 20], ["", ""]]
)
def test_directions_that_are_no_codes_are_taken(cells, tmp_path):
    assert len(read(camera_table(tmp_path, "azimuth", cells))[0]) == len(cells)


@pytest.mark.parametrize("header", ["DirectionType", "监控方位", "监视方位", "方位代码"])
def test_codes_of_a_standard_are_read_as_such(header, tmp_path):
    cameras, report = read(camera_table(tmp_path, header, [1, 4, 9, 0, 6]))
    sectors = [tags.get(SECTOR_TAG) for tags in cameras["tags"]]
    assert sectors == ["90", "0", None, None, "45"]
    assert cameras["azimuth_deg"].isna().all()
    assert any("DirectionType of GB/T 28181" in str(note) for note in report.notes)


def test_degrees_under_a_header_of_codes_stay_degrees(tmp_path):
    cameras, _ = read(camera_table(tmp_path, "监控方位", [10, 120, 8]))
    assert list(cameras["azimuth_deg"]) == [10, 120, 8]


def test_facing_of_a_sign_is_asked_too(tmp_path):
    path = write(
        tmp_path / "signs.csv", "sign_id,lon,lat,facing_deg\nB1,115.9,28.68,1\nB2,115.91,28.68,4\n"
    )
    with pytest.raises(InputError) as caught:
        read_signs(path)
    assert caught.value.faults[0].code == "column.directions"
    told = ColumnMapping(words={"facing_deg": {"90": ("1",), "0": ("4",)}})
    signs, _ = read_signs(path, declared=Declared(mapping=told, north="grid"))
    assert list(signs["facing_deg"]) == [90, 0]


def test_codes_of_a_build_are_asked_once_and_both_answers_work(tmp_path):
    path = camera_table(tmp_path, "摄像机类型", [1, 2, 3, 4])
    fault = question(path)
    assert (fault.code, fault.found) == ("column.codes", "1, 2, 3, 4")
    coded, _ = read(path, ColumnMapping({"kind_code": "摄像机类型"}))
    assert list(coded["kind"]) == ["ptz", "dome", "fixed", "ptz"]
    own = {"fixed": ("1", "2"), "ptz": ("3",), "thermal": ("4",)}
    taught, _ = read(path, ColumnMapping(words={"kind": own}))
    assert list(taught["kind"]) == ["fixed", "fixed", "ptz", "thermal"]


def test_ptz_type_is_read_by_its_standard(tmp_path):
    assert list(read(camera_table(tmp_path, "PTZType", [1, 2, 3, 0]))[0]["kind"]) == [
        "ptz",
        "dome",
        "fixed",
        "unknown",
    ]


def test_codes_of_a_state_are_asked_once(tmp_path):
    path = camera_table(tmp_path, "设备状态", [1, 2, 3, 5])
    fault = question(path)
    assert (fault.code, fault.found) == ("column.codes", "1, 2, 3, 5")
    words = {"working": ("1",), "broken": ("2", "5"), "removed": ("3",)}
    cameras, _ = read(path, ColumnMapping(words={"condition": words}))
    assert list(cameras["usable"]) == [True, False, None, False]


@pytest.mark.parametrize(
    "heights", [[54, 55.2, 57, 56], [54, 54, 54], [1890, 1893, 1901], [25, 90] * 6]
)
def test_altitudes_under_a_height_are_asked(heights, tmp_path):
    path = camera_table(tmp_path, "安装高度", heights)
    fault = question(path)
    assert (fault.code, fault.field) == ("column.altitude", "安装高度")
    assert f"{min(heights):g}" in str(fault.expected)
    assert f"{max(heights):g}" in str(fault.expected)
    cameras, report = read(path, ColumnMapping({"altitude_m": "安装高度"}))
    assert cameras["height_m"].isna().all()
    assert cameras["tags"].iloc[0]["安装高度"] == f"{heights[0]:g}"
    assert any("stay unknown" in str(note) for note in report.notes)
    if max(heights) < 500:
        stated, report = read(path, ColumnMapping({"height_m": "安装高度"}))
        assert list(stated["height_m"]) == heights
        assert any("as heights above the ground" in str(note) for note in report.notes)


@pytest.mark.parametrize(
    "heights", [[40], [40, 41], [6, 40, 4], [12, 12.5, 13], [4, 5, 55, 56, 57, 58]]
)
def test_high_cameras_among_others_are_taken(heights, tmp_path):
    assert list(read(camera_table(tmp_path, "height", heights))[0]["height_m"]) == heights


def test_an_altitude_by_its_name_is_no_height(tmp_path):
    cameras, report = read(camera_table(tmp_path, "海拔", [54, 55, 56]))
    assert cameras["height_m"].isna().all()
    assert any("海拔" in str(note) and "unknown" in str(note) for note in report.notes)


def test_one_value_in_all_rows_is_noted(tmp_path):
    cameras, report = read(camera_table(tmp_path, "height", [6] * 7))
    assert list(cameras["height_m"]) == [6] * 7
    assert any("all 7 rows of the column height say 6" in str(note) for note in report.notes)


def test_directions_that_are_all_0_are_asked(tmp_path):
    path = camera_table(tmp_path, "heading", [0] * 41)
    assert question(path).code == "column.zeros"
    assert read(path, ColumnMapping({"azimuth_deg": ""}))[0]["azimuth_deg"].isna().all()
    assert set(read(path, ColumnMapping({"azimuth_deg": "heading"}))[0]["azimuth_deg"]) == {0.0}


def test_all_questions_come_at_once(tmp_path):
    text = "camera_id,lon,lat,方向,高度,类型\n"
    rows = "".join(f"C{n},{115.9 + n / 1e4:.4f},28.68,{n},5{n},{n}\n" for n in range(1, 5))
    with pytest.raises(InputError) as caught:
        read(write(tmp_path / "a.csv", text + rows))
    codes = [fault.code for fault in caught.value.faults]
    assert sorted(codes) == ["column.altitude", "column.codes", "column.directions"]


@pytest.mark.parametrize(
    ("header", "cells", "answer", "shown"),
    [
        ("方向", [1, 3, 8], "columns: {direction_code: '方向'}", "DirectionType"),
        ("高度", [54, 55, 57], "columns: {altitude_m: '高度'}", "altitude"),
        ("type", [1, 2, 3], "columns: {kind_code: 'type'}", "PTZType"),
        ("heading", [0] * 6, "columns: {azimuth_deg: ''}", "heading"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_answer_that_the_command_line_names_works(
    header, cells, answer, shown, language, tmp_path, capsys
):
    path = camera_table(tmp_path, header, cells)
    words = ["import", str(path), "--as", "cameras", "--dry-run", "--lang", language]
    assert run(words) == BAD_INPUT
    said = "".join(capsys.readouterr().err.split())
    assert "".join(answer.split()) in said
    mapping = write(tmp_path / "map.yaml", answer + "\n")
    assert read_mapping(mapping)
    assert run([*words, "--mapping", str(mapping)]) == OK
    assert shown in capsys.readouterr().out


def test_what_is_asked_is_not_taken_by_a_mapping_that_the_product_writes(tmp_path):
    from civicsight.io.tables.inventory import CAMERA_SCHEMA
    from civicsight.io.tables.mapping_file import write_mapping

    path = camera_table(tmp_path, "方向", [1, 3, 8])
    seen = read_columns(path, "cameras")
    assert seen.columns[3].meaning == ""
    mapping = read_mapping(write_mapping(tmp_path / "map.yaml", seen, CAMERA_SCHEMA))
    assert read(path, mapping)[0]["azimuth_deg"].isna().all()


def test_the_form_of_the_app_asks_and_its_answer_works(tmp_path):
    """The column is preselected as not used, so that nothing is taken by pressing the button."""
    path = camera_table(tmp_path, "方向", [1, 3, 8])
    told = understand(path, "cameras", Declared())
    assert told.seen.columns[3].meaning == UNUSED
    assert {"direction_code", "azimuth_deg"} <= field_labels(told.schema, "zh_CN").keys()
    coded = mapping_of(told, {"方向": "direction_code"}, {}, None)
    assert all(SECTOR_TAG in tags for tags in read(path, coded)[0]["tags"])
    degrees = mapping_of(told, {"方向": "azimuth_deg"}, {}, None)
    assert list(read(path, degrees)[0]["azimuth_deg"]) == [1, 3, 8]
