import pytest

from civicsight.rules import find_zones, load_packs
from tests import town

RULES = load_packs()
SCHOOL = {"amenity": "school"}
CAMPUS = {"amenity": "university", "name": "Lake University"}


def found(**rows):
    zones = find_zones(town.places(**rows), town.roads(), RULES)
    return sorted(zones["place_id"])


@pytest.mark.parametrize(
    ("inner", "kept"),
    [
        # one place, drawn twice
        ((town.point(50, 50), SCHOOL | {"name": "East School"}), ["site"]),
        ((town.point(50, 50), SCHOOL), ["site"]),
        ((town.rect(10, 10, 40, 40), SCHOOL | {"building": "school"}), ["site"]),
        ((town.rect(10, 10, 40, 40), {"building": "school", "name": "Block B"}), ["site"]),
        ((town.point(120, 50), SCHOOL | {"name": "East School"}), ["site"]),
        ((town.point(50, 50), {"building": "school", "name:en": "East School"}), ["site"]),
        ((town.rect(105, 0, 120, 40), {"building": "school"} | SCHOOL), ["site"]),
        # two places
        ((town.point(50, 50), SCHOOL | {"name": "Night School"}), ["inner", "site"]),
        ((town.rect(10, 10, 40, 40), {"amenity": "library", "name": "L"}), ["inner", "site"]),
        ((town.point(140, 50), SCHOOL | {"name": "East School"}), ["inner", "site"]),
        ((town.rect(130, 0, 150, 40), {"building": "school"} | SCHOOL), ["inner", "site"]),
        (
            (town.rect(-200, -200, 300, 300), {"amenity": "kindergarten", "name": "K"}),
            ["inner", "site"],
        ),
    ],
)
def test_a_drawing_of_the_same_place_is_taken_in(inner, kept):
    site = (town.rect(0, 0, 100, 100), SCHOOL | {"name": "East School"})
    assert found(site=site, inner=inner) == kept


def test_every_building_of_a_campus_is_part_of_it():
    halls = {
        f"hall{n}": (
            town.rect(20 * n, 10, 20 * n + 15, 30),
            {"building": "university", "name": f"Hall {n}"},
        )
        for n in range(8)
    }
    assert found(campus=(town.rect(-10, -10, 300, 300), CAMPUS), **halls) == ["campus"]


@pytest.mark.parametrize(
    ("street", "kept"),
    [
        # the city's street runs through
        (
            town.roads(
                a=(town.line((-200, 50), (400, 50)), "residential", {"name": "High Street"})
            ),
            ["campus", "hall"],
        ),
        # the campus's own road ends at the gate, or changes its name there
        (
            town.roads(a=(town.line((-5, 50), (290, 50)), "residential", {"name": "Scholar Road"})),
            ["campus"],
        ),
        (
            town.roads(a=(town.line((-200, 50), (400, 50)), "service", {"name": "High Street"})),
            ["campus"],
        ),
        # the street runs along the edge
        (
            town.roads(
                a=(town.line((-200, -5), (400, -5)), "residential", {"name": "High Street"})
            ),
            ["campus"],
        ),
    ],
)
def test_a_named_building_of_an_open_campus_is_a_place_of_its_own(street, kept):
    places = town.places(
        campus=(town.rect(-10, -10, 300, 300), CAMPUS),
        hall=(town.rect(20, 90, 60, 130), {"building": "university", "name": "Hall"}),
    )
    assert sorted(find_zones(places, street, RULES)["place_id"]) == kept


def test_a_place_gains_the_name_and_the_outline_that_the_other_drawing_has():
    zones = find_zones(
        town.places(
            outline=(town.rect(0, 0, 60, 60), {"building": "school"}),
            mark=(town.point(30, 30), SCHOOL | {"name": "South School"}),
        ),
        town.roads(),
        RULES,
    )
    assert list(zones["name"]) == ["South School"]
    assert zones.geometry.iloc[0].area == 3600


def test_buildings_side_by_side_are_one_place_with_both_outlines():
    zones = find_zones(
        town.places(
            a=(town.rect(0, 0, 60, 60), SCHOOL | {"building": "school", "name": "S"}),
            b=(town.rect(70, 0, 100, 30), SCHOOL | {"building": "school"}),
            c=(town.rect(110, 0, 140, 30), SCHOOL | {"building": "school"}),
        ),
        town.roads(),
        RULES,
    )
    assert len(zones) == 1
    assert zones.geometry.iloc[0].area == 3600 + 900 + 900


def test_a_car_park_inside_a_mall_keeps_its_ground():
    assert found(
        mall=(town.rect(0, 0, 400, 400), {"shop": "mall", "name": "M"}),
        park=(town.rect(10, 10, 200, 200), {"amenity": "parking"}),
    ) == ["mall", "park"]


def test_places_of_different_classes_are_never_one():
    assert found(
        school=(town.rect(0, 0, 100, 100), SCHOOL | {"name": "A"}),
        bank=(town.point(50, 50), {"amenity": "bank", "name": "A"}),
    ) == ["bank", "school"]
