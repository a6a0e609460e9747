"""Roads, barriers and obstacles by cases drawn by hand."""

from __future__ import annotations

import pytest
import shapely

from civicsight.io.osm.roads import read_barriers, read_obstacles, read_roads
from civicsight.model import BARRIERS, OBSTACLES, ROADS
from tests.city_made import X0, Y0, box, features

LINE = shapely.LineString([(0, 0), (50, 0)])
POINT = shapely.Point(10, 10)


def test_roads_know_bridges_and_tunnels():
    table, report = read_roads(
        features(
            ("way/1", {"highway": "primary", "name": "A", "bridge": "viaduct"}, LINE),
            ("way/2", {"highway": "footway", "tunnel": "yes", "bridge": "no"}, LINE),
            ("way/3", {"highway": "proposed"}, LINE),
            ("way/4", {"highway": "pedestrian", "area": "yes"}, box(0, 0, 9, 9)),
            ("way/5", {"highway": "service"}, box(0, 0, 9, 9)),
            ("node/6", {"highway": "crossing"}, POINT),
        ),
        "x",
    )
    ROADS.check(table)
    assert table.index.tolist() == ["way/1", "way/2", "way/5"]
    assert table["bridge"].tolist() == [True, False, False]
    assert table["tunnel"].tolist() == [False, True, False]
    assert (report.read, report.kept, report.count("excluded.no_road")) == (4, 3, 1)


def test_barriers_close_the_way():
    table, report = read_barriers(
        features(
            ("way/1", {"barrier": "fence", "height": "2.2"}, LINE),
            ("way/2", {"barrier": "hedge"}, box(0, 0, 9, 1)),
            ("way/3", {"barrier": "kerb"}, LINE),
            ("node/4", {"barrier": "fence"}, POINT),
            ("way/5", {"barrier": "wall", "height": "150"}, LINE),
        ),
        "x",
    )
    BARRIERS.check(table)
    assert table.index.tolist() == ["way/1", "way/2", "way/5"]
    assert table["height_m"].fillna(-1).tolist() == [2.2, -1, -1]
    assert [fault.where for fault in report.repaired] == ["way/5"]
    assert report.count("kind.fence") == 1


def test_walls_hide_and_mesh_does_not():
    table, report = read_obstacles(
        features(
            ("way/1", {"barrier": "wall", "height": "3 m"}, LINE),
            ("way/2", {"barrier": "city_wall"}, LINE),
            ("way/3", {"barrier": "fence", "fence_type": "chain_link"}, LINE),
            ("way/4", {"barrier": "fence", "fence_type": "wood"}, LINE),
            ("way/5", {"barrier": "fence"}, LINE),
            ("way/6", {"barrier": "retaining_wall"}, LINE),
        ),
        "x",
    )
    OBSTACLES.check(table)
    assert table["kind"].tolist() == ["wall", "wall", "fence", "fence"]
    assert table["height_m"].tolist() == [3, 8, 1.8, 1.8]
    assert table["height_assumed"].tolist() == [False, True, True, True]
    assert report.count("excluded.see_through") == 1
    assert report.read == report.kept + report.excluded == 5


def test_a_billboard_stands_across_the_direction_it_faces():
    table, report = read_obstacles(
        features(
            ("node/1", {"advertising": "billboard", "direction": "90", "width": "8"}, POINT),
            ("node/2", {"advertising": "billboard"}, POINT),
            ("way/3", {"advertising": "screen", "height": "9", "min_height": "5"}, LINE),
        ),
        "x",
    )
    OBSTACLES.check(table)
    panel = table.loc["node/1"]
    assert panel.geometry.length == pytest.approx(8)
    assert shapely.get_x(shapely.get_point(panel.geometry, 0)) == pytest.approx(X0 + 10)
    assert panel.geometry.centroid.equals_exact(shapely.Point(X0 + 10, Y0 + 10), 1e-6)
    assert (panel.base_m, panel.height_m) == (2.5, 6)
    assert (table.loc["way/3"].base_m, table.loc["way/3"].height_m) == (5, 9)
    assert report.count("excluded.no_direction") == 1


def test_columns_and_tanks_have_bodies():
    table, _ = read_obstacles(
        features(
            ("node/1", {"advertising": "column"}, POINT),
            ("way/2", {"man_made": "storage_tank", "height": "14"}, box(20, 20, 9, 9)),
            ("way/3", {"man_made": "silo", "building": "yes"}, box(40, 20, 9, 9)),
        ),
        "x",
    )
    OBSTACLES.check(table)
    assert table.index.tolist() == ["node/1", "way/2"]
    assert table["kind"].tolist() == ["structure", "structure"]
    assert table.loc["node/1"].geometry.area == pytest.approx(1.4, abs=0.2)
    assert table.loc["way/2"].height_m == 14


@pytest.mark.parametrize("reader", [read_roads, read_barriers, read_obstacles])
def test_nothing_gives_an_empty_table(reader):
    table, report = reader(features(("node/1", {"amenity": "cafe"}, POINT)), "x")
    assert (len(table), report.read, report.kept) == (0, 0, 0)
    assert table.crs is not None
