"""Cameras of several builds on one pole become heads of their build."""

from __future__ import annotations

import pytest

from civicsight.core.errors import InputError
from civicsight.io.tables.inventory import read_cameras


def read(tmp_path, header, *cells):
    path = tmp_path / "c.csv"
    rows = [f"p{n},115.90{n}51,28.67423,{cell}" for n, cell in enumerate(cells)]
    path.write_text("\n".join([f"编号,经度,纬度,{header}", *rows]), encoding="utf-8")
    return read_cameras(path)


def test_columns_of_counts_become_heads_of_their_build(tmp_path):
    table, report = read(tmp_path, "半球数量,枪机数量", "1,3", ",2", "0,1")
    assert table.index.tolist() == ["p0#1", "p0#2", "p0#3", "p0#4", "p1#1", "p1#2", "p2"]
    kinds = ["fixed", "fixed", "fixed", "dome", "fixed", "fixed", "fixed"]
    assert table["kind"].tolist() == kinds
    assert table["pole_id"].tolist() == ["p0"] * 4 + ["p1"] * 2 + ["p2"]
    assert report.count("poles") == 3


@pytest.mark.parametrize(
    ("cell", "kinds"),
    [
        ("1 dome + 3 fixed", ["fixed", "fixed", "fixed", "dome"]),
        ("1球3枪", ["fixed", "fixed", "fixed", "ptz"]),
        ("2台枪机、1台球机", ["fixed", "fixed", "ptz"]),
        ("2x dome", ["dome", "dome"]),
    ],
)
def test_one_cell_may_count_several_builds(tmp_path, cell, kinds):
    table, _ = read(tmp_path, "摄像机数量", cell, "1")
    assert table["kind"].tolist() == [*kinds, "unknown"]


@pytest.mark.parametrize("cell", ["3 poles", "1 dome and a bird", "枪球"])
def test_what_counts_no_build_is_refused(tmp_path, cell):
    with pytest.raises(InputError) as caught:
        read(tmp_path, "摄像机数量", cell)
    assert [fault.found for fault in caught.value.faults] == [cell]


def test_a_total_has_to_be_the_sum(tmp_path):
    assert len(read(tmp_path, "摄像机数量,球机数量,枪机数量", "3,1,2")[0]) == 3
    with pytest.raises(InputError) as caught:
        read(tmp_path, "摄像机数量,球机数量,枪机数量", "4,1,2")
    assert caught.value.faults[0].code == "camera.counts"
