"""Places and entrances by cases drawn by hand."""

from __future__ import annotations

import pytest
import shapely
import yaml

from civicsight.io.osm.places import _is_place, read_entrances, read_places
from civicsight.io.osm.roads import read_roads
from civicsight.model import ENTRANCES, PLACES
from tests.city_made import box, features

POINT = shapely.Point(0, 0)
AREA = box(0, 0, 30, 30)


def places(*rows):
    table, report = read_places(features(*rows), "x")
    PLACES.check(table)
    return table, report


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "school"}, {"building": "dormitory"}, {"shop": "mall"},
        {"office": "government"},
        {"landuse": "residential", "name": "A"}, {"place": "square"}, {"tourism": "hotel"},
        {"highway": "pedestrian", "area": "yes"}, {"power": "substation"}, {"man_made": "bridge"},
        {"railway": "station"}, {"barrier": "toll_booth"}, {"telecom": "exchange"},
        {"highway": "motorway_junction"}, {"historic": "monument", "heritage": "2"},
        {"waterway": "dam"}, {"aeroway": "terminal"}, {"station": "subway"},
        {"building": "apartments"}, {"residential": "gated"}, {"industrial": "oil"},
        {"man_made": "storage_tank", "content": "fuel"},
    ],
)  # fmt: skip
def test_what_a_pack_may_select_is_a_place(tags):
    table, _ = places(("way/1", tags, AREA))
    assert table["tags"].tolist() == [tags]
    assert table["source"].tolist() == ["osm"]


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "bench"}, {"building": "yes"}, {"building": "no"}, {"highway": "residential"},
        {"man_made": "surveillance"}, {"shop": "no"}, {"landuse": "grass"}, {"power": "tower"},
        {"tourism": "information"}, {"barrier": "fence"}, {"natural": "tree"},
    ],
)  # fmt: skip
def test_street_furniture_is_no_place(tags):
    table, report = places(("way/1", tags, AREA))
    assert len(table) == 0
    assert report.read == 0


def test_every_tag_of_the_shipped_packs_makes_a_place():
    """Whatever a pack selects by an OSM tag is in the table, or is a road, or is defence."""
    from importlib.resources import files

    seen = 0
    for pack in files("civicsight").joinpath("rules/packs").iterdir():
        if not pack.name.endswith(".yaml"):
            continue
        for selector in selectors(yaml.safe_load(pack.read_text("utf-8"))):
            for tags in combinations(selector):
                seen += 1
                road = "highway" in tags and "area" not in tags
                assert road or _is_place(tags), (pack.name, tags)
    assert seen > 60


def selectors(node):
    """Yield the ``osm`` selectors of a pack, wherever they stand."""
    if isinstance(node, dict):
        if isinstance(node.get("osm"), dict):
            yield node["osm"]
        for value in node.values():
            yield from selectors(value)
    elif isinstance(node, list):
        for value in node:
            yield from selectors(value)


def combinations(selector):
    """Yield one dict of tags for each value of the first key that has a list."""
    options = {
        key: value if isinstance(value, list) else ["yes" if value is True else value]
        for key, value in selector.items()
    }
    longest = max(options, key=lambda key: len(options[key]))
    for value in options[longest]:
        yield {**{key: str(values[0]) for key, values in options.items()}, longest: str(value)}


@pytest.mark.parametrize(
    "tags",
    [
        {"landuse": "military", "name": "A"},
        {"military": "base", "office": "government"},
        {"building": "barracks"},
    ],
)
def test_defence_is_left_out_and_counted(tags):
    table, report = places(("way/1", tags, AREA))
    assert len(table) == 0
    assert report.count("excluded.military") == report.read == 1


def test_closed_ways_are_areas_unless_they_are_roads():
    ring = shapely.LineString(AREA.exterior.coords)
    table, report = places(
        ("way/1", {"leisure": "park"}, ring),
        ("way/2", {"highway": "services"}, ring),
        ("way/3", {"amenity": "marketplace"}, shapely.LineString([(0, 0), (5, 5)])),
    )
    assert table.geom_type.tolist() == ["Polygon", "LineString", "LineString"]
    assert report.count("areas") == 1


def test_invalid_places_are_mended():
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    table, report = places(("way/1", {"leisure": "park"}, bow_tie))
    assert table.is_valid.all()
    assert report.count("repaired_outlines") == 1


def entrances(*rows):
    given = features(*rows)
    table, report = read_entrances(given, read_roads(given, "x")[0], "x")
    ENTRANCES.check(table)
    return table, report


ROAD = ("way/90", {"highway": "residential"}, shapely.LineString([(-20, 0), (20, 0)]))
PATH = ("way/91", {"highway": "footway"}, shapely.LineString([(-20, 50), (20, 50)]))


@pytest.mark.parametrize(
    ("tags", "kind", "vehicle"),
    [
        ({"entrance": "main"}, "main", False),
        ({"entrance": "yes", "barrier": "gate"}, "yes", False),
        ({"barrier": "gate"}, "gate", False),
        ({"barrier": "gate", "motor_vehicle": "private"}, "gate", True),
        ({"barrier": "lift_gate"}, "lift_gate", True),
        ({"barrier": "lift_gate", "motor_vehicle": "no"}, "lift_gate", False),
        ({"amenity": "parking_entrance"}, "parking_entrance", True),
        ({"railway": "subway_entrance"}, "subway_entrance", False),
        ({"emergency": "emergency_ward_entrance"}, "emergency_ward_entrance", False),
        ({"entrance": "garage"}, "garage", True),
    ],
)
def test_entrances_have_a_kind(tags, kind, vehicle):
    table, report = entrances(("node/1", tags, shapely.Point(0, 200)))
    assert table["kind"].tolist() == [kind]
    assert table["vehicle"].tolist() == [vehicle]
    assert not table["confirmed"].any()
    assert report.count(f"kind.{kind}") == 1


def test_a_gate_on_a_road_is_for_vehicles():
    table, report = entrances(
        ROAD, PATH,
        ("node/1", {"barrier": "gate"}, shapely.Point(5, 0.1)),
        ("node/2", {"barrier": "gate"}, shapely.Point(5, 50)),
        ("node/3", {"barrier": "wicket_gate"}, shapely.Point(6, 0)),
        ("node/4", {"barrier": "gate", "vehicle": "no"}, shapely.Point(7, 0)),
        ("node/5", {"barrier": "gate"}, shapely.Point(5, 3)),
    )  # fmt: skip
    assert table["vehicle"].to_dict() == {
        "node/1": True, "node/2": False, "node/3": False, "node/4": False, "node/5": False,
    }  # fmt: skip
    assert report.count("vehicle") == 1


def test_marked_as_no_entrance():
    table, report = entrances(("node/1", {"entrance": "no"}, POINT))
    assert len(table) == 0
    assert (report.read, report.count("excluded.no")) == (1, 1)


def test_the_width_is_mapped_or_drawn():
    gate = shapely.LineString([(0, 100), (6, 100)])
    table, _ = entrances(
        ("way/1", {"barrier": "gate"}, gate),
        ("way/2", {"barrier": "gate", "width": "4.5"}, gate),
        ("node/3", {"barrier": "gate"}, POINT),
    )
    assert table["width_m"].fillna(-1).tolist() == [6, 4.5, -1]
    assert table.geom_type.unique().tolist() == ["Point"]
