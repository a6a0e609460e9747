"""Heights and storeys in the words of Chinese and other sources."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from civicsight.io.vectors.footprints import read_buildings
from civicsight.io.vectors.measures import chinese_number, read_height, read_length, read_storeys


@pytest.mark.parametrize(
    ("text", "metres", "how"),
    [
        ("12,5", 12.5, ""), ("12.5米", 12.5, ""), ("１２．５ｍ", 12.5, ""), ("2.5e1", 25, ""),
        ("40'", 12.192, "unit"), ("35ft", 10.668, "unit"), ("9′6″", 2.8956, "unit"),
        ("40英尺", 12.192, "unit"), ("250厘米", 2.5, "unit"),
        ("六层", 18, "storeys"), ("3F", 9, "storeys"), ("３Ｆ", 9, "storeys"),
        ("3 层", 9, "storeys"),
        ("十二层", 36, "storeys"), ("二十一层", 63, "storeys"), ("一百零五层", 315, "storeys"),
        ("地上6层/地下1层", 18, "storeys"), ("地上6层地下1层", 18, "storeys"),
        ("地上18层，地下2层", 54, "storeys"), ("18F/-2F", 54, "storeys"), ("18F/B2", 54, "storeys"),
        ("3-5层", 15, "storeys"), ("6层（地下2层）", 18, "storeys"), ("6+1层", 21, "storeys"),
        ("32'-6\"", 9.906, "unit"), ("32' - 6\"", 9.906, "unit"),
        ("10-12", 12, "several"), ("10~12米", 12, "several"), ("10 至 12 米", 12, "several"),
        ("6;8", 8, "several"), ("10m-12m", 12, "several"),
        ("约18", 18, "about"), ("大约5米左右", 5, "about"), ("approx. 30 m", 30, "about"),
        ("0", 0, ""),
    ],
)  # fmt: skip
def test_heights_are_read(text, metres, how):
    reading = read_height(text)
    assert reading.readable
    assert reading.value == pytest.approx(metres)
    assert reading.how == how


@pytest.mark.parametrize("text", ["", "-", "未知", "不详", "NULL", "暂无", "-1", None, np.nan])
def test_words_for_unknown(text):
    reading = read_height(text)
    assert reading.readable
    assert np.isnan(reading.value)


@pytest.mark.parametrize(
    "text", ["-3", "inf", "1e400", "1,200", "地下1层", "-1F", "第六层", "十十层", "12 km", 10**400]
)
def test_what_is_no_height(text):
    assert not read_height(text).readable


def test_only_heights_of_buildings_may_be_storeys():
    assert not read_length("3F").readable
    assert read_storeys("六层").value == 6
    assert read_storeys("地上6层/地下1层").value == 6
    assert read_storeys("6+1层").value == 7
    assert not read_storeys("18米").readable


@pytest.mark.parametrize(
    ("text", "number"),
    [("六", 6), ("十", 10), ("十二", 12), ("二十", 20), ("九十九", 99), ("一百", 100),
     ("一百零五", 105), ("二三", 23), ("两百", 200), ("百百", None), ("五六十", None)],
)  # fmt: skip
def test_chinese_numerals(text, number):
    assert chinese_number(text) == number


@given(st.text(alphabet="0123456789.,-+eE~至十百六零层楼FfBm米地上下约左右'\"英尺;/ ", max_size=14))
def test_any_words_give_a_height_or_none(text):
    for read in (read_height, read_length, read_storeys):
        value = read(text).value
        assert np.isnan(value) or 0 <= value < np.inf


@pytest.mark.parametrize("header", ["height_ft", "Height (ft)", "Building Height [feet]"])
def test_a_header_in_feet_is_taken_at_its_word(tmp_path, header):
    shapes = [shapely.box(x, 3_170_000, x + 8, 3_170_009) for x in (390_000, 390_020)]
    frame = gpd.GeoDataFrame({header: [100.0, 200.0]}, geometry=shapes, crs=32650)
    frame.to_file(tmp_path / "a.gpkg")
    table, report = read_buildings(tmp_path / "a.gpkg")
    assert table["height_m"].tolist() == pytest.approx([30.48, 60.96])
    assert report.count("form.unit") == 2
