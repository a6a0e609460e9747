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


def test_a_state_is_that_of_the_device_where_every_word_in_it_is(tmp_path):
    """Offices head their column "state" and mean by it whether a camera works."""
    path = inventory(tmp_path, "状态", ["在用", "故障", "在建", ""])
    cameras, report = read_cameras(path)
    assert cameras["usable"].tolist() == [True, False, None, None]
    assert cameras["status"].tolist() == ["existing", "existing", "approved", "existing"]
    assert not report.rejected


def test_a_state_that_says_of_one_row_what_is_planned_stays_that_of_the_plan(tmp_path):
    path = inventory(tmp_path, "状态", ["在用", "故障", "规划"])
    with pytest.raises(InputError, match="故障"):
        read_cameras(path)
    path = inventory(tmp_path, "状态", ["在用", "正常", "在建"])
    assert read_cameras(path)[0]["usable"].tolist() == [None] * 3


def test_the_unit_that_builds_is_read(tmp_path):
    table, report = read_cameras(inventory(tmp_path, "建设单位", ["某公司", ""]))
    assert table["owner_unit"].tolist() == ["某公司", None]
    assert not any("without a meaning" in str(note) for note in report.notes)


OFFICE = {
    "点位类别": ("point_class", "一类点"),
    "所属派出所": ("police_station", "百花洲派出所"),
    "街道": ("subdistrict", "百花洲街道"),
    "开发区": ("development_zone", "高新区"),
    "接入平台": ("platform", "公安专网"),
    "建设单位": ("build_unit", "东湖分局"),
    "资金来源": ("fund_source", "区级财政"),
    "立杆": ("pole_work", "借杆"),
    "取电": ("power_source", "路灯取电"),
    "传输": ("transmission", "光纤"),
}
"""What an office writes into its register: column and value by heading."""


def test_what_an_office_writes_is_read_as_it_is_written(tmp_path):
    values = ",".join(value for _, value in OFFICE.values())
    table, report = read_cameras(inventory(tmp_path, ",".join(OFFICE), [values, "," * 9]))
    assert {name: table[name].iloc[0] for name, _ in OFFICE.values()} == dict(OFFICE.values())
    assert table["platform"].tolist() == ["公安专网", None]
    assert not any("without a meaning" in str(note) for note in report.notes)
    # A station is in charge, and who builds owns, where no other column says it.
    assert table["authority"].tolist() == ["百花洲派出所", None]
    assert table["owner_unit"].tolist() == ["东湖分局", None]
    said = inventory(tmp_path, "主管公安机关,派出所,产权单位,建设单位", ["分局,所,甲,乙"])
    row = read_cameras(said)[0].iloc[0]
    assert (row["authority"], row["police_station"]) == ("分局", "所")
    assert (row["owner_unit"], row["build_unit"]) == ("甲", "乙")


def test_english_headings_of_the_office(tmp_path):
    heads = "point class,police station,subdistrict,access platform,funding"
    row = read_cameras(inventory(tmp_path, heads, ["one,Donghu,Baihua,police network,city"]))[
        0
    ].iloc[0]
    names = ("point_class", "police_station", "subdistrict", "platform", "fund_source")
    assert [row[name] for name in names] == ["one", "Donghu", "Baihua", "police network", "city"]


def test_the_police_as_an_owner_are_a_class_of_the_law_and_stay_the_police(tmp_path):
    path = inventory(
        tmp_path, "产权", ["公安", "公安", "政府", "政府租用", "企业", "government", ""]
    )
    table, report = read_cameras(path)
    assert table["owner"].tolist() == [
        *["government"] * 3, "government_leased", "non_government", "government", "unknown",
    ]  # fmt: skip
    assert table["ownership"].tolist() == ["公安", "公安", "政府", "政府租用", "企业", None, None]
    (note,) = (str(note) for note in report.notes if "class of the law" in str(note))
    assert "公安 = government (2)" in note
