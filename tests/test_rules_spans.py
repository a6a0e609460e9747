import pytest

from civicsight.rules import load_packs, select_zones
from tests import town

RULES = load_packs()
BRIDGE = {"bridge": True}
TUNNEL = {"tunnel": True}


def spans(**rows):
    chosen = select_zones(town.places(), town.roads(**rows), RULES)
    zones = chosen.zones[chosen.zones["item"] == "8.2c"]
    return zones, chosen.left_out


def test_pieces_of_one_bridge_are_joined_before_it_is_measured():
    zones, left = spans(
        a=(town.line((0, 0), (40, 0)), "primary", BRIDGE | {"name": "Long Bridge"}),
        b=(town.line((40, 0), (80, 0)), "primary", BRIDGE | {"name": "Long Bridge"}),
        c=(town.line((80, 0), (130, 0)), "primary", BRIDGE),
        d=(town.line((0, 15), (130, 15)), "primary", BRIDGE | {"name": "Long Bridge"}),
    )
    assert left.empty
    assert list(zones["name"]) == ["Long Bridge"]
    assert list(zones["road_id"]) == ["a"]
    assert zones.geometry.iloc[0].length == pytest.approx(260)


def test_a_short_bridge_is_not_large_however_many_lanes_are_drawn():
    zones, left = spans(
        a=(town.line((0, 0), (60, 0)), "primary", BRIDGE | {"name": "B"}),
        b=(town.line((0, 12), (60, 12)), "primary", BRIDGE | {"name": "B"}),
    )
    assert zones.empty
    assert left["value"].tolist() == [pytest.approx(60)]
    assert left["at_least"].tolist() == [100]


def test_bridges_that_cross_are_two():
    zones, _ = spans(
        a=(town.line((0, 0), (200, 0)), "primary", BRIDGE),
        b=(town.line((100, -100), (100, 100)), "primary", BRIDGE),
    )
    assert len(zones) == 2


def test_arms_of_an_underpass_are_one():
    zones, _ = spans(
        a=(town.line((0, 0), (40, 0)), "footway", TUNNEL),
        b=(town.line((20, 0), (20, 30)), "footway", TUNNEL),
    )
    assert list(zones["kind"]) == ["underpass"]
    assert [words[0]["en"] for words in zones["qualifiers"]] == ["important"]


@pytest.mark.parametrize(
    "row",
    [
        (town.line((0, 0), (40, 0)), "footway", TUNNEL | {"tags": {"tunnel": "building_passage"}}),
        (town.line((0, 0), (40, 0)), "footway", TUNNEL | {"tags": {"indoor": "yes"}}),
        (town.line((0, 0), (40, 0)), "footway", TUNNEL | {"tags": {"level": "-1"}}),
        (town.line((0, 0), (40, 0)), "footway", TUNNEL | {"tags": {"access": "permissive"}}),
        (town.line((0, 0), (5, 0)), "footway", TUNNEL),
        (town.line((0, 0), (400, 0)), "service", TUNNEL),
        (town.line((0, 0), (400, 0)), "footway", BRIDGE),
        (town.line((0, 0), (400, 0)), "primary"),
    ],
)
def test_corridors_crumbs_and_roads_on_the_ground_are_none(row):
    zones, _ = spans(a=row)
    assert zones.empty


def test_the_outline_of_a_bridge_gives_way_to_its_roads():
    places = town.places(
        way=(town.ring((0, -5), (150, -5), (150, 25), (0, 25)), {"man_made": "bridge", "name": "B"})
    )
    roads = town.roads(a=(town.line((0, 0), (150, 0)), "primary", BRIDGE))
    with_roads = select_zones(places, roads, RULES).zones
    assert [(row["road_id"], row["place_id"]) for _, row in with_roads.iterrows()] == [("a", None)]
    alone = select_zones(places, town.roads(), RULES).zones
    assert list(alone["place_id"]) == ["way"]
