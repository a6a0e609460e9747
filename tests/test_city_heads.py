"""Several cameras on one pole, records at one place, optics that contradict each other."""

from __future__ import annotations

import numpy as np
import pytest

from civicsight.core.errors import InputError
from civicsight.io.tables.inventory import read_cameras
from civicsight.model import CAMERAS
from tests.city_made import METRIC, write


def read(tmp_path, text, **options):
    return read_cameras(write(tmp_path / "cams.csv", text), crs=METRIC, **options)


def test_a_row_of_several_cameras_is_several_heads(tmp_path):
    table, report = read(
        tmp_path,
        "编号,x,y,摄像机数,方位角,类型\nP1,400000,3170000,3,90,球机\nP2,400010,3170000,1,45,枪机\n",
    )
    CAMERAS.check(table)
    assert table.index.tolist() == ["P1#1", "P1#2", "P1#3", "P2"]
    assert table["pole_id"].tolist() == ["P1", "P1", "P1", "P2"]
    assert table["azimuth_deg"].isna().tolist() == [True, True, True, False]
    assert set(table["kind"]) == {"ptz", "fixed"}
    assert report.count("poles") == 2
    assert table.loc["P1#2", "tags"]["方位角"] == "90"
    assert table["tags"].map(id).nunique() == 4, "heads share no mutable value"


def test_as_many_directions_as_cameras_are_theirs(tmp_path):
    table, _ = read(
        tmp_path,
        "id,x,y,number of cameras,direction\nA,400000,3170000,2,NE;SW\nB,400010,3170000,3,N;S\n",
    )
    assert table["azimuth_deg"].tolist()[:2] == [45, 225]
    assert table["azimuth_deg"].iloc[2:].isna().all()


def test_several_directions_of_one_camera_stay_unknown(tmp_path):
    table, report = read(tmp_path, "id,x,y,direction\nA,400000,3170000,NE;SW\n")
    assert np.isnan(table.loc["A", "azimuth_deg"])
    assert table.loc["A", "tags"] == {"direction": "NE;SW"}
    assert [fault.found for fault in report.repaired] == ["NE;SW"]


@pytest.mark.parametrize("number", ["1.5", "-1", "65", "many"])
def test_a_number_of_cameras_that_is_none_is_a_row_error(tmp_path, number):
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"id,x,y,cameras\nA,400000,3170000,{number}\nB,400010,3170000,2\n")
    assert {(f.code, f.where, f.field) for f in caught.value.faults} == {
        ("cell.value", "row 2", "cameras")
    }


def test_a_pole_without_cameras_is_counted(tmp_path):
    table, report = read(tmp_path, "id,x,y,cameras\nA,400000,3170000,0\nB,400010,3170000,2\n")
    assert table.index.tolist() == ["B#1", "B#2"]
    assert report.count("excluded.no_camera") == 1
    assert report.excluded == 1


def test_heads_of_a_pole_are_told_from_records_that_stand_twice(tmp_path):
    table, report = read(
        tmp_path,
        "id,x,y,direction\nA,400000,3170000,N\nB,400000,3170000,S\n"
        "C,400050,3170000,E\nD,400050,3170000,E\nE,400090,3170000,W\n",
    )
    assert len(table) == 5
    told = {one.kind: one.count for one in report.notes}
    assert (told["camera.same_point"], told["camera.repeated"]) == (2, 2)
    notes = [str(note) for note in report.notes]
    assert any("heads of one pole: 2, 3" in note for note in notes)
    assert any("same in all but their id, kept: 4, 5" in note for note in notes)


def test_many_at_one_point_are_named_in_part(tmp_path):
    rows = "".join(f"{n},400000,3170000,{n}\n" for n in range(40))
    _, report = read(tmp_path, "id,x,y,direction\n" + rows)
    (note,) = [str(note) for note in report.notes if "heads of one pole" in str(note)]
    assert note.endswith("11 ...")


def test_the_field_of_view_follows_from_focal_length_and_sensor(tmp_path):
    table, report = read(
        tmp_path, "id,x,y,focal length,sensor width\nA,400000,3170000,4,5.37\nB,400010,3170000,4,\n"
    )
    assert table.loc["A", "hfov_deg"] == pytest.approx(67.743, abs=0.001)
    assert np.isnan(table.loc["B", "hfov_deg"])
    assert [fault.where for fault in report.repaired] == ["row 2", "row 3"]


@pytest.mark.parametrize(
    ("size", "pixels"),
    [("1920x1080", (1920, 1080)), ("2560 × 1440", (2560, 1440)), ("1080P", (1920, 1080)),
     ("4K", (3840, 2160)), ("200万", (1920, 1080)), ("超清", None), ("0x0", None), ("x", None)],
)  # fmt: skip
def test_picture_sizes(tmp_path, size, pixels):
    table, _ = read(tmp_path, f"id,x,y,分辨率\nA,400000,3170000,{size}\n")
    row = table.loc["A"]
    if pixels is None:
        assert np.isnan(row.width_px)
        assert row.tags["分辨率"] == size
    else:
        assert (row.width_px, row.height_px) == pixels


def test_a_range_beyond_belief_is_cut(tmp_path):
    table, report = read(tmp_path, "id,x,y,range\nA,400000,3170000,1e6\n")
    assert table.loc["A", "reach_m"] == 10_000
    assert "cut to 10000 m" in str(report.repaired[0])


def test_tilts_upwards_are_asked_about(tmp_path):
    _, report = read(
        tmp_path, "id,x,y,tilt\nA,400000,3170000,-15\nB,400010,3170000,-20\nC,400020,3170000,5\n"
    )
    assert any("2 cameras look up" in str(note) for note in report.notes)


@pytest.mark.parametrize("near", ["30", "50"])
def test_a_range_that_ends_before_the_nearest_focus_is_a_row_error(tmp_path, near):
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"id,x,y,near,range\nA,400000,3170000,{near},30\n")
    (fault,) = caught.value.faults
    assert (fault.code, fault.field) == ("camera.near", "near")
    assert str(fault.expected) == "a least distance below the range of 30 m"
