"""What a bureau exports: read as a person would read it, or refused in so many words."""

from __future__ import annotations

import numpy as np
import pytest

from civicsight.city import read_cameras
from civicsight.errors import InputError


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
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"编号,经度,纬度,{header}\n1,115.9,28.6,1.57\n")
    assert caught.value.faults[0].field == header


def test_cameras_may_be_counted_with_a_classifier(tmp_path):
    table, _ = read(tmp_path, "编号,经度,纬度,摄像机数量\n1,115.9,28.6,3台\n")
    assert len(table) == 3
