"""Parts over outlines, remainders, passages and duplicates, by cases drawn by hand."""

from __future__ import annotations

import pytest
import shapely

from civicsight.io.osm.obstacles import read_osm_buildings
from civicsight.model import BUILDINGS
from tests.city_made import METRIC, X0, Y0, box, features

HOUSE = box(0, 0, 20, 10)


def read(*rows, cut=frozenset()):
    table, report = read_osm_buildings(features(*rows), "x.pbf", cut)
    BUILDINGS.check(table)
    return table, report


def test_a_plain_building():
    table, report = read(("way/1", {"building": "school", "height": "9", "name": "A"}, HOUSE))
    row = table.loc["way/1"]
    assert (row["kind"], row["name"], row.height_m, row.height_assumed) == ("school", "A", 9, False)
    assert row.geometry.area == pytest.approx(200)
    assert (report.read, report.kept, report.excluded) == (1, 1, 0)
    assert table.crs == METRIC


def test_parts_that_cover_an_outline_replace_it():
    table, report = read(
        ("way/1", {"building": "office", "height": "30", "name": "Twin"}, HOUSE),
        ("way/2", {"building:part": "yes", "height": "30"}, box(0, 0, 10, 10)),
        ("way/3", {"building:part": "yes", "height": "12"}, box(10, 0, 10, 10)),
    )
    assert sorted(table.index) == ["way/2", "way/3"]
    assert table["kind"].tolist() == ["office", "office"]
    assert table["name"].tolist() == ["Twin", "Twin"]
    assert report.count("outlines_replaced") == 1


def test_what_parts_leave_uncovered_keeps_the_height_of_the_outline():
    table, report = read(
        ("way/1", {"building": "office", "height": "8"}, HOUSE),
        ("way/2", {"building:part": "yes", "height": "40"}, box(0, 0, 12, 10)),
    )
    assert table.loc["way/1"].geometry.area == pytest.approx(80)
    assert table.loc["way/1"].height_m == 8
    assert table.loc["way/2"].height_m == 40
    assert report.count("outlines_cut") == 1


def test_a_few_parts_only_add_to_the_outline():
    table, report = read(
        ("way/1", {"building": "church", "height": "15"}, HOUSE),
        ("way/2", {"building:part": "yes", "height": "45"}, box(0, 0, 3, 3)),
        ("way/3", {"building:part": "yes", "height": "5"}, box(10, 0, 3, 3)),
    )
    assert sorted(table.index) == ["way/1", "way/2"]
    assert table.loc["way/1"].geometry.area == pytest.approx(200)
    assert report.count("parts_hidden") == 1


def test_a_passage_under_a_part_stays_open():
    """A gateway of 4 m under the middle of a building: no prism stands in it on the ground."""
    table, _ = read(
        ("way/1", {"building": "yes", "height": "12"}, HOUSE),
        ("way/2", {"building:part": "yes", "height": "12"}, box(0, 0, 8, 10)),
        ("way/3", {"building:part": "yes", "height": "12", "min_height": "4"}, box(8, 0, 4, 10)),
        ("way/4", {"building:part": "yes", "height": "12"}, box(12, 0, 8, 10)),
    )
    middle = shapely.Point(X0 + 10, Y0 + 5)
    over = table[table.intersects(middle)]
    assert over["base_m"].tolist() == [4]


def test_the_body_under_a_tower_is_filled_by_the_outline():
    table, _ = read(
        ("way/1", {"building": "yes", "height": "20"}, HOUSE),
        ("way/2", {"building:part": "yes", "height": "20"}, box(0, 0, 12, 10)),
        ("way/3", {"building:part": "yes", "height": "60", "min_height": "20"}, box(12, 0, 8, 10)),
    )
    under = table[table.intersects(shapely.Point(X0 + 16, Y0 + 5))]
    assert sorted(under["base_m"]) == [0, 20]


def test_a_part_without_a_height_takes_that_of_its_outline():
    table, report = read(
        ("way/1", {"building": "yes", "building:levels": "6"}, HOUSE),
        ("way/2", {"building:part": "yes"}, box(0, 0, 20, 10)),
    )
    assert table.loc["way/2", ["height_m", "height_source", "height_assumed"]].tolist() == [
        18, "levels", False,
    ]  # fmt: skip
    assert report.count("height.default") == 0


def test_a_part_outside_any_outline_is_a_building():
    table, report = read(
        ("way/1", {"building": "yes"}, HOUSE),
        ("way/2", {"building:part": "yes", "height": "5"}, box(100, 0, 5, 5)),
        ("way/3", {"building": "yes", "building:part": "yes", "height": "6"}, box(200, 0, 5, 5)),
    )
    assert len(table) == 3
    assert report.count("parts_without_outline") == 2


def test_parts_without_any_outline():
    table, _ = read(("way/2", {"building:part": "yes", "height": "5"}, HOUSE))
    assert table["height_m"].tolist() == [5]


def test_a_hair_between_outline_and_part_is_no_remainder():
    table, _ = read(
        ("way/1", {"building": "yes", "height": "9"}, HOUSE),
        ("way/2", {"building:part": "yes", "height": "9"}, box(0.02, 0.02, 19.96, 9.96)),
    )
    assert table.index.tolist() == ["way/2"]


def test_the_outer_ring_of_a_relation_is_no_second_building():
    """The courtyard stays open although the way around it is tagged as well."""
    yard = shapely.Polygon(HOUSE.exterior.coords, [box(5, 3, 6, 4).exterior.coords])
    table, report = read(
        ("way/1", {"building": "yes"}, HOUSE), ("relation/2", {"building": "yes"}, yard)
    )
    assert table.index.tolist() == ["relation/2"]
    assert table.geometry.area.iloc[0] == pytest.approx(200 - 24)
    assert report.count("excluded.duplicate") == 1


@pytest.mark.parametrize(
    ("tags", "shape", "reason"),
    [
        ({"building": "yes"}, shapely.Point(0, 0), "point"),
        ({"building": "yes"}, shapely.LineString([(0, 0), (9, 0), (9, 9)]), "line"),
        ({"building": "proposed"}, HOUSE, "not_built"),
        ({"building": "yes", "location": "underground"}, HOUSE, "underground"),
        ({"building": "yes", "layer": "-1", "tunnel": "yes"}, HOUSE, "underground"),
        (
            {"building": "yes", "building:levels": "0", "building:levels:underground": "2"},
            HOUSE,
            "underground",
        ),
    ],
)
def test_what_is_no_obstacle_is_counted(tags, shape, reason):
    table, report = read(("way/1", tags, shape))
    assert len(table) == 0
    assert report.count(f"excluded.{reason}") == 1
    assert report.read == report.kept + report.excluded == 1


@pytest.mark.parametrize(
    "tags",
    [
        {"building": "yes", "layer": "-1"},
        {"building": "yes", "building:levels": "3", "building:levels:underground": "2"},
        {"building": "yes", "building:levels:underground": "2"},
        {"building": "yes", "building:levels": "0", "roof:levels": "1",
         "building:levels:underground": "1"},
    ],
)  # fmt: skip
def test_a_cellar_does_not_bury_the_house(tags):
    table, _ = read(("way/1", tags, HOUSE))
    assert len(table) == 1


def test_buildings_that_say_no_are_none():
    table, report = read(
        ("way/1", {"building": "no"}, HOUSE), ("way/2", {"building:part": "no"}, HOUSE)
    )
    assert (len(table), report.read) == (0, 0)


def test_a_closed_line_is_a_footprint():
    table, _ = read(("way/1", {"building": "yes"}, shapely.LineString(HOUSE.exterior.coords)))
    assert table.geometry.area.iloc[0] == pytest.approx(200)


def test_an_outline_cut_by_the_edge_is_noted():
    stub = shapely.LineString([(0, 0), (9, 0)])
    _, report = read(
        ("way/1", {"building": "yes"}, HOUSE), ("way/2", {"building": "yes"}, stub),
        cut=frozenset({"way/1", "way/2"}),
    )  # fmt: skip
    assert report.count("excluded.cut") == 1
    assert [(fault.code, fault.where) for fault in report.repaired] == [("osm.cut", "way/1")]


def test_invalid_outlines_are_repaired_and_named():
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    table, report = read(("way/1", {"building": "yes"}, bow_tie))
    assert table.index.tolist() == ["way/1#1", "way/1#2"]
    assert report.count("repaired_outlines") == 1
    assert report.count("pieces") == 1
    assert report.repaired[0].where == "way/1"


def test_no_buildings_at_all():
    table, report = read(("node/1", {"amenity": "cafe"}, shapely.Point(0, 0)))
    assert len(table) == 0
    assert report.read == 0


def test_every_source_of_height_is_counted():
    table, report = read(
        ("way/1", {"building": "yes", "height": "9"}, box(0, 0, 5, 5)),
        ("way/2", {"building": "yes", "building:levels": "2"}, box(10, 0, 5, 5)),
        ("way/3", {"building": "yes"}, box(20, 0, 5, 5)),
    )
    counts = [report.count(f"height.{source}") for source in ("height", "levels", "default")]
    assert counts == [1, 1, 1]
    assert table["height_assumed"].sum() == 1


def test_the_features_are_not_changed():
    given = features(("way/1", {"building": "yes"}, HOUSE))
    before = given.copy(deep=True)
    read_osm_buildings(given, "x.pbf")
    assert given.equals(before)
