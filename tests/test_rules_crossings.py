import pytest

from civicsight.rules import find_zones, load_packs
from tests import town

RULES = load_packs()


def crossings(places=None, **rows):
    zones = find_zones(town.places(**(places or {})), town.roads(**rows), RULES)
    return zones[zones["item"] == "8.2b"]


def test_main_roads_that_meet_make_one_junction():
    found = crossings(
        a=(town.line((-100, 0), (0, 0), (100, 0)), "primary", {"name": "East Road"}),
        b=(town.line((0, -100), (0, 0), (0, 100)), "secondary", {"name": "North Road"}),
    )
    assert list(found["kind"]) == ["junction"]
    assert found.geometry.iloc[0].distance(town.point(0, 0)) < 0.01
    assert list(found["name"]) == ["East Road / North Road"]
    assert found["place_id"].isna().all()


def test_dual_carriageways_meet_in_one_junction():
    lines = {
        f"e{y}": (town.line((-100, y), (0, y), (15, y), (100, y)), "primary", {"name": "East"})
        for y in (0, 15)
    }
    lines |= {
        f"n{x}": (town.line((x, -100), (x, 0), (x, 15), (x, 100)), "primary", {"name": "North"})
        for x in (0, 15)
    }
    found = crossings(**lines)
    assert len(found) == 1
    assert found.geometry.iloc[0].distance(town.point(7.5, 7.5)) < 0.01


@pytest.mark.parametrize(
    "rows",
    [
        # two secondary roads
        {
            "a": (town.line((-9, 0), (0, 0), (9, 0)), "secondary", {"name": "A"}),
            "b": (town.line((0, -9), (0, 0), (0, 9)), "secondary", {"name": "B"}),
        },
        # lanes of one street that part
        {
            "a": (town.line((-9, 0), (0, 0)), "primary", {"name": "A"}),
            "b": (town.line((0, 0), (9, 4)), "primary", {"name": "A"}),
            "c": (town.line((0, 0), (9, -4)), "primary", {"name": "A"}),
        },
        # one goes over the other
        {
            "a": (town.line((-9, 0), (0, 0), (9, 0)), "primary", {"name": "A", "bridge": True}),
            "b": (town.line((0, -9), (0, 0), (0, 9)), "primary", {"name": "B"}),
        },
        # they cross on the map without a common node
        {
            "a": (town.line((-9, 0), (9, 0)), "primary", {"name": "A"}),
            "b": (town.line((0, -9), (0, 9)), "primary", {"name": "B"}),
        },
        # the name changes on the way
        {
            "a": (town.line((-9, 0), (0, 0)), "primary", {"name": "A"}),
            "b": (town.line((0, 0), (9, 0)), "primary", {"name": "B"}),
        },
    ],
)
def test_what_is_no_junction(rows):
    assert crossings(**rows).empty


def test_numbers_stand_for_names():
    found = crossings(
        a=(town.line((-9, 0), (0, 0), (9, 0)), "trunk", {"tags": {"ref": "G105"}}),
        b=(town.line((0, -9), (0, 0), (0, 9)), "primary", {"tags": {"ref": "S49"}}),
    )
    assert list(found["name"]) == ["G105 / S49"]


def test_a_main_road_across_a_border_is_a_gateway():
    border = {"boundary": "administrative", "admin_level": "6"}
    found = crossings(
        places={
            "district": (town.rect(0, -500, 500, 500), border),
            "village": (town.rect(-300, -500, 10, 500), border | {"admin_level": "9"}),
        },
        a=(town.line((-100, 0), (100, 0)), "primary", {"name": "A"}),
        b=(town.line((-100, 12), (100, 12)), "primary", {"name": "A"}),
        c=(town.line((-100, 200), (100, 200)), "residential", {"name": "B"}),
    )
    assert list(found["kind"]) == ["gateway"]
    assert found.geometry.iloc[0].distance(town.point(0, 6)) < 0.01
    assert crossings(a=(town.line((-100, 0), (100, 0)), "primary")).empty
