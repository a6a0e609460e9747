"""Trees come in as crowns: points with crown and height, rows, areas, tables and layers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.core.errors import InputError
from civicsight.io.reader_registry import read_into
from civicsight.io.registers.obstacles import read_trees
from civicsight.model import CANOPIES
from civicsight.scene.bodies import TRANSMITTANCE

X, Y = 390_000.0, 3_172_000.0


def test_points_become_crowns_of_their_width(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "树木编号,经度,纬度,树高,冠幅,枝下高,常绿\n"
        "t1,115.9035,28.6742,12,6,3,是\nt2,115.9036,28.6743,,,,\n",
        encoding="utf-8",
    )
    table, report = read_trees(path)
    CANOPIES.check(table)
    assert table["height_m"].tolist() == [12.0, 8.0]
    assert table["base_m"].tolist() == [3.0, 2.5]
    assert table["height_assumed"].tolist() == [False, True]
    assert table.area.to_numpy() == pytest.approx(np.pi * np.array([3.0, 2.5]) ** 2)
    summer, winter = TRANSMITTANCE["summer"], TRANSMITTANCE["winter"]
    assert table["winter"].tolist() == [summer, winter]
    assert (report.count("height_assumed"), report.count("crown_assumed")) == (1, 1)


def test_a_layer_holds_points_rows_and_woods(tmp_path):
    shapes = [
        shapely.Point(X, Y),
        shapely.LineString([(X, Y), (X + 40, Y)]),
        shapely.box(X, Y, X + 50, Y + 30),
    ]
    path = tmp_path / "t.gpkg"
    gpd.GeoDataFrame({"tree_id": ["a", "b", "c"]}, geometry=shapes, crs=32650).to_file(path)
    table, _ = read_trees(path, crs=gpd.GeoSeries(crs=32650).crs)
    assert table["kind"].tolist() == ["tree", "row", "wood"]
    assert table["height_m"].tolist() == [8.0, 8.0, 15.0]
    assert table.area.iloc[1] == pytest.approx(40 * 5 + np.pi * 2.5**2, rel=0.05)
    assert table.area.iloc[2] == pytest.approx(1500.0)


def test_trees_fill_the_canopies_of_a_city_and_are_no_solid_bodies(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("树木编号,经度,纬度,冠幅\nt1,115.9035,28.6742,6\n", encoding="utf-8")
    city, report = read_into(path, "trees")
    assert (len(city.canopies), len(city.buildings), len(city.obstacles)) == (1, 0, 0)
    assert report.part("canopies").kept == 1


def test_a_crown_that_cannot_be_is_refused_by_row(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("树木编号,经度,纬度,树高\nt1,115.9,28.67,900\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_trees(path)
    assert [(fault.where, fault.field) for fault in caught.value.faults] == [("row 2", "树高")]
