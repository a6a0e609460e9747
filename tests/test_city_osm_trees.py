"""Trees, rows and woods by cases drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from civicsight.io.osm.obstacles import TREE_BASE_M, TREE_CROWN_M, TREE_HEIGHT_M, read_canopies
from civicsight.model import CANOPIES
from tests.city_made import X0, Y0, box, features

TREE = shapely.Point(5, 5)


def read(*rows):
    table, report = read_canopies(features(*rows), "x")
    CANOPIES.check(table)
    return table, report


def test_a_tree_is_an_octagon_of_the_area_of_its_crown():
    table, _ = read(("node/1", {"natural": "tree"}, TREE))
    crown = table.iloc[0]
    assert shapely.get_num_coordinates(crown.geometry) == 9
    assert crown.geometry.area == pytest.approx(np.pi * (TREE_CROWN_M / 2) ** 2)
    assert crown.geometry.centroid.equals_exact(shapely.Point(X0 + 5, Y0 + 5), 1e-6)
    assert (crown.base_m, crown.height_m, crown.height_assumed) == (
        TREE_BASE_M, TREE_HEIGHT_M, True,
    )  # fmt: skip


def test_a_mapped_tree_keeps_its_size():
    table, report = read(
        ("node/1", {"natural": "tree", "height": "20 m", "diameter_crown": "12"}, TREE),
        ("node/2", {"natural": "tree", "height": "3"}, TREE),
        ("node/3", {"natural": "tree", "diameter_crown": "wide"}, TREE),
    )
    assert table["height_m"].tolist() == [20, 3, TREE_HEIGHT_M]
    assert table["base_m"].tolist() == [TREE_BASE_M, 1.5, TREE_BASE_M]
    assert table.geometry.area.iloc[0] == pytest.approx(np.pi * 36)
    assert [fault.where for fault in report.repaired] == ["node/3"]
    assert report.count("height_assumed") == 1


@pytest.mark.parametrize("tags", [{"leaf_cycle": "evergreen"}, {"leaf_type": "needleleaved"}])
def test_evergreens_hide_as_much_in_winter(tags):
    table, _ = read(
        ("node/1", {"natural": "tree", **tags}, TREE), ("node/2", {"natural": "tree"}, TREE)
    )
    assert table["winter"].iloc[0] == table["summer"].iloc[0] < table["winter"].iloc[1]


def test_rows_and_woods_are_areas():
    table, report = read(
        ("way/1", {"natural": "tree_row"}, shapely.LineString([(0, 0), (40, 0)])),
        ("way/2", {"natural": "wood"}, box(0, 50, 30, 30)),
        ("way/3", {"landuse": "forest", "height": "25"}, box(50, 50, 30, 30)),
        ("way/4", {"natural": "wood"}, shapely.LineString([(0, 0), (40, 0)])),
    )
    assert table["kind"].tolist() == ["row", "wood", "wood"]
    assert table["height_m"].tolist() == [8, 15, 25]
    assert (report.count("kind.row"), report.count("kind.wood")) == (1, 2)


def test_a_wood_without_area_is_counted():
    flat = shapely.Polygon([(0, 0), (9, 0), (18, 0)])
    table, report = read(("way/1", {"natural": "wood"}, flat))
    assert len(table) == 0
    assert report.count("excluded.unusable") == 1
    assert report.read == report.kept + report.excluded


def test_no_trees():
    table, _ = read(("node/1", {"amenity": "cafe"}, TREE))
    assert len(table) == 0
