"""Lists of proposed facilities: read in both languages, refused where they say too little."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point

from civicsight.core.errors import InputError
from civicsight.io.registers.planning import read_proposals
from civicsight.io.registers.templates import write_templates
from civicsight.io.tables import inventory

CRS = "EPSG:4548"


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_points_get_their_shape_from_what_the_list_says(tmp_path):
    path = write(
        tmp_path / "list.csv",
        "申请编号,设施类别,名称,x,y,高度,离地高度,宽度,朝向,冠幅,年增高,计划日期\n"
        "A,户外广告牌,路口,38600100,3173000,6,3,6,180,,,2026-06-01\n"
        "B,行道树,樟树,38600200,3173000,4,2,,,3,0.4,\n"
        "C,岗亭,门卫,38600300,3173000,2.8,,2,,,,\n",
    )
    table, report = read_proposals(path, crs="EPSG:4526")
    assert report.rejected == ()
    assert list(table["kind"]) == ["advert", "tree", "structure"]
    board, crown, box = table.geometry
    assert board.geom_type == "LineString"
    assert board.length == pytest.approx(6.0)
    assert board.bounds[1] == pytest.approx(board.bounds[3])  # faces south: lies east to west
    assert crown.area == pytest.approx(7.07, abs=0.2)
    assert box.area == pytest.approx(4.0)
    assert table["height_growth_m"]["B"] == 0.4
    assert table["planned_on"]["A"] == "2026-06-01"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("A,advert,600000,3173000,,6,180", "height_m"),
        ("A,advert,600000,3173000,6,6,", "width_m"),
        ("A,tree,600000,3173000,6,,", "width_m"),
        ("A,castle,600000,3173000,6,6,180", "kind"),
        ("A,,600000,3173000,6,6,180", "kind"),
        ("A,advert,600000,3173000,-6,6,180", "height_m"),
    ],
)
def test_a_row_that_says_too_little_is_refused_by_name(row, field, tmp_path):
    path = write(tmp_path / "p.csv", f"proposal_id,kind,x,y,height_m,width_m,facing_deg\n{row}\n")
    with pytest.raises(InputError) as caught:
        read_proposals(path, crs=CRS)
    assert field in {fault.field for fault in caught.value.faults}


def test_drawn_shapes_are_taken_as_they_are(tmp_path):
    shapes = [LineString([(600000, 3173000), (600006, 3173000)]), Point(600050, 3173000).buffer(2)]
    frame = gpd.GeoDataFrame(
        {"proposal_id": ["p", "t"], "kind": ["pipeline", "tree"], "height_m": [5.0, 8.0]},
        geometry=shapes,
        crs=CRS,
    )
    frame.to_file(tmp_path / "p.gpkg")
    table, _ = read_proposals(tmp_path / "p.gpkg", crs=CRS)
    assert table.geometry["p"].equals(shapes[0])
    assert table.geometry["t"].area == pytest.approx(shapes[1].area)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_template_is_read_whole(form, tmp_path, monkeypatch):
    """Its example is left out of a table: here it is read as a row that a person wrote."""
    monkeypatch.setattr(inventory, "without_example", lambda sheet, *_: sheet)
    write_templates(tmp_path, tables=["proposals"], form=form)
    table, report = read_proposals(tmp_path / f"proposals.{form}")
    assert (report.kept, report.rejected) == (1, ())
    row = table.iloc[0]
    assert (row["kind"], row["height_m"], row["base_m"]) == ("advert", 6.0, 3.0)
    assert row.geometry.length == pytest.approx(6.0, rel=1e-3)
    assert not [note for note in report.notes if "without a meaning" in str(note)]
