"""Values in known columns: read, or counted and listed with what became of them."""

from __future__ import annotations

import pytest

from civicsight.core.errors import InputError
from civicsight.io.report import describe_faults
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.camera_checks import read_size
from civicsight.io.tables.inventory import read_cameras


def inventory(tmp_path, header, values):
    path = tmp_path / "c.csv"
    rows = [f"c{n},{115.90351 + n / 1e4:.5f},28.67423,{v}" for n, v in enumerate(values)]
    path.write_text("\n".join([f"编号,经度,纬度,{header}", *rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("200万", "1920x1080"),
        ("200万像素", "1920x1080"),
        ("400 万", "2560x1440"),
        ("800W", "3840x2160"),
        ("130万", "1280x960"),
        ("8MP", "3840x2160"),
        ("2 megapixels", "1920x1080"),
        ("1080P", "1920x1080"),
        ("1920×1080", "1920x1080"),
    ],
)
def test_sizes_of_pictures(text, size):
    assert read_size(text).value == size


@pytest.mark.parametrize("text", ["超清", "7万", "0x0", "1080x", "99999999x1", "200万元"])
def test_what_is_no_size_stays_unknown_and_is_said(text):
    cell = read_size(text)
    assert cell.value is None
    assert "unknown" in str(cell.notice)
    assert read_size("未知") == (None, None, None, ())


def test_sizes_fill_the_pixels_and_what_is_not_understood_is_counted(tmp_path):
    path = inventory(
        tmp_path, "分辨率", ["200万", "400万", "800万", "超清", "超清", "超清", "超清"]
    )
    table, report = read_cameras(path)
    assert table["width_px"].tolist()[:3] == [1920, 2560, 3840]
    assert table["height_px"].tolist()[:3] == [1080, 1440, 2160]
    assert table["width_px"].isna().sum() == 4
    told = list(describe_faults(report.repaired, "en"))
    assert any("4 rows (5, 6, 7, 8)" in line and "超清" in line for line in told)
    assert table["tags"].iloc[3]["分辨率"] == "超清"


def test_the_state_of_a_device_says_whether_it_works_and_stands(tmp_path):
    path = inventory(tmp_path, "设备状态", ["正常", "损坏", "在建", "报废", "", "离线"])
    table, _ = read_cameras(path)
    assert table["usable"].tolist() == [True, False, None, None, None, False]
    states = ["existing", "existing", "approved", "removed", "existing", "existing"]
    assert table["status"].tolist() == states


def test_what_says_it_itself_goes_first(tmp_path):
    path = inventory(tmp_path, "设备状态,是否可用,状态", ["损坏,是,规划", "损坏,,"])
    table, _ = read_cameras(path)
    assert table["usable"].tolist() == [True, False]
    assert table["status"].tolist() == ["planned", "existing"]


def test_an_unknown_state_is_named_and_a_mapping_teaches_it(tmp_path):
    path = inventory(tmp_path, "设备状态", ["正常", "掉线"])
    with pytest.raises(InputError) as caught:
        read_cameras(path)
    assert caught.value.faults[0].found == "掉线"
    taught = ColumnMapping(words={"condition": {"broken": ("掉线",)}})
    table, _ = read_cameras(path, declared=Declared(mapping=taught))
    assert table["usable"].tolist() == [True, False]


def test_the_unit_that_builds_is_read(tmp_path):
    table, report = read_cameras(inventory(tmp_path, "建设单位", ["某公司", ""]))
    assert table["owner_unit"].tolist() == ["某公司", None]
    assert not any("without a meaning" in str(note) for note in report.notes)
