"""Buildings out of any vector file: attributes found by name, rows joined, strays refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from civicsight.core.errors import InputError
from civicsight.io.vectors.footprints import read_buildings
from civicsight.model import BUILDINGS
from tests.city_made import METRIC, X0, Y0, box


def layer(tmp_path, shapes, **columns):
    moved = [
        None if s is None else shapely.transform(s, lambda xy: xy + np.array([X0, Y0]))
        for s in shapes
    ]
    path = tmp_path / "houses.gpkg"
    gpd.GeoDataFrame(pd.DataFrame(columns), geometry=moved, crs=METRIC).to_file(path, driver="GPKG")
    return path


def rows(count):
    return [box(20 * n, 0, 10, 10) for n in range(count)]


@pytest.mark.parametrize(
    ("column", "value", "height"),
    [
        ("height", 9.0, 9), ("HEIGHT", "9 m", 9), ("Building Height (m)", 9, 9),
        ("建筑高度", 9.0, 9),
        ("Floor", 3, 9), ("num_floors", 3.0, 9), ("层数", "3", 9), ("building:levels", "3", 9),
    ],
)  # fmt: skip
def test_heights_are_found_by_name(tmp_path, column, value, height):
    path = layer(tmp_path, rows(3), **{column: [value] * 3})
    table, report = read_buildings(path, crs=METRIC)
    BUILDINGS.check(table)
    assert table["height_m"].tolist() == [height] * 3
    assert f"= {column}" in str(report.notes[-1])


def test_minus_one_is_unknown(tmp_path):
    table, report = read_buildings(layer(tmp_path, rows(2), height=[-1.0, 12.0]), crs=METRIC)
    assert table["height_assumed"].tolist() == [True, False]
    assert report.repaired == ()
    assert report.count("height.default") == 1


def test_identifiers_stay(tmp_path):
    path = layer(tmp_path, rows(2), id=["B7", "B9"], name=["甲", None], building=["school", "yes"])
    table, _ = read_buildings(path, crs=METRIC)
    assert table.index.tolist() == ["B7", "B9"]
    assert table["name"].tolist() == ["甲", None]
    assert table["kind"].tolist() == ["school", "yes"]


def test_a_column_of_one_value_is_no_identifier(tmp_path):
    table, report = read_buildings(layer(tmp_path, rows(3), id=[0, 0, 0]), crs=METRIC)
    assert table.index.tolist() == ["1", "2", "3"]
    assert "repeats too often" in str(report.notes[0])


def test_a_building_cut_by_tiles_is_joined(tmp_path):
    shapes = [box(0, 0, 10, 10), box(10, 0, 5, 10), box(50, 0, 5, 5)]
    path = layer(tmp_path, shapes, osm_id=[7, 7, 8], height=[9.0, 9.0, 5.0])
    table, report = read_buildings(path, crs=METRIC)
    assert table.geometry.area.to_dict() == {"7": pytest.approx(150), "8": pytest.approx(25)}
    assert report.count("joined") == 1
    assert (report.read, report.kept) == (3, 2)


def test_pieces_that_do_not_touch_stay_apart(tmp_path):
    path = layer(tmp_path, [box(0, 0, 5, 5), box(50, 0, 5, 5), box(90, 0, 5, 5)], id=[7, 7, 8])
    table, _ = read_buildings(path, crs=METRIC)
    assert sorted(table.index) == ["7#1", "7#2", "8"]


def test_parts_are_known_by_kind(tmp_path):
    path = layer(
        tmp_path, [box(0, 0, 10, 10), box(0, 0, 10, 10)], id=["a", "b"],
        kind=["building", "building_part"], height=[9.0, 30.0],
    )  # fmt: skip
    table, report = read_buildings(path, crs=METRIC)
    assert table.index.tolist() == ["b"]
    assert report.count("outlines_replaced") == 1


def test_parts_are_known_by_a_column_of_their_own(tmp_path):
    parts = {"building:part": [None, "yes", "no"], "height": [9.0, 20.0, 9.0]}
    shapes = [box(0, 0, 10, 10), box(0, 0, 10, 10), box(50, 0, 5, 5)]
    table, report = read_buildings(layer(tmp_path, shapes, **parts), crs=METRIC)
    assert sorted(table["height_m"]) == [9, 20]
    assert (report.count("outlines"), report.count("parts")) == (2, 1)


def test_what_lies_underground_is_no_obstacle(tmp_path):
    path = layer(tmp_path, rows(3), is_underground=[False, True, False])
    table, report = read_buildings(path, crs=METRIC)
    assert len(table) == 2
    assert report.count("excluded.underground") == 1


def test_rows_without_an_area_refuse_the_file(tmp_path):
    shapes = [*rows(2), shapely.LineString([(0, 0), (9, 9)]), None, shapely.Point(3, 3)]
    path = layer(tmp_path, shapes, height=[9.0] * 5)
    with pytest.raises(InputError) as caught:
        read_buildings(path, crs=METRIC)
    assert [(fault.where, fault.code) for fault in caught.value.faults] == [
        ("3", "geometry.unusable"), ("4", "geometry.unusable"), ("5", "geometry.unusable"),
    ]  # fmt: skip
    table, report = read_buildings(path, crs=METRIC, keep_good=True)
    assert len(table) == 2
    assert len(report.rejected) == 3


def test_a_stray_refuses_the_file_and_never_moves_the_system(tmp_path):
    stray = box(-400_000, -3_170_000, 5, 5)
    path = layer(tmp_path, [*rows(5), stray], height=[9.0] * 6)
    with pytest.raises(InputError, match="within 50 km of the other features"):
        read_buildings(path)
    table, _ = read_buildings(path, keep_good=True)
    assert table.crs.to_epsg() == 4548
    assert np.ptp(table.total_bounds[[0, 2]]) < 200


def test_the_working_system_is_chosen_from_the_data(tmp_path):
    table, report = read_buildings(layer(tmp_path, rows(2)))
    assert table.crs.to_epsg() == 4548
    assert report.crs_found == "EPSG:32650 WGS 84 / UTM zone 50N"
