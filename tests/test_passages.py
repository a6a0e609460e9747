import pytest
import shapely

from civicsight.coverage.demand.ends import find_passage
from civicsight.coverage.demand.sites import Site
from civicsight.coverage.demand.surroundings import look_around
from tests import town

PARK = town.rect(0, 0, 200, 100)
SITE = Site("z", PARK, town.point(100, 50))
WAYS = {
    "through": (town.line((0, 50), (100, 50), (200, 50)), "footway"),
    "detour": (town.line((0, 50), (0, 90), (200, 90), (200, 50)), "footway"),
    "spur": (town.line((100, 50), (100, 10)), "footway"),
}


def passage(*gates, site=SITE, ways=WAYS, **layers):
    city = look_around(
        roads=town.roads(**ways),
        entrances=town.entrances(),
        barriers=town.barriers(),
        buildings=layers.get("buildings", town.buildings()),
    )
    return find_passage(site, [town.point(*gate) for gate in gates], city)


def test_the_way_that_links_two_gates_and_no_other():
    found = passage((0, 50), (200, 50))
    assert found.length == pytest.approx(200)
    assert found.distance(town.point(100, 10)) == pytest.approx(40)


def test_three_gates_are_all_linked():
    assert passage((0, 50), (200, 50), (100, 10)).length == pytest.approx(240)


def test_one_gate_leads_to_the_middle():
    assert passage((100, 10)).length == pytest.approx(40)


def test_a_roof_is_not_a_passage_in_the_open():
    hall = town.buildings(b=(town.rect(80, 40, 120, 60),))
    assert passage((0, 50), (200, 50), buildings=hall).length == pytest.approx(160)


@pytest.mark.parametrize(
    ("gates", "site", "ways"),
    [
        ([], SITE, WAYS),
        ([(0, 50), (200, 50)], SITE, {}),
        ([(0, 50), (200, 50)], Site("z", PARK, town.point(100, 50), built=True), WAYS),
        ([(0, 50)], Site("z", None, town.point(100, 50)), WAYS),
        ([(100, 50)], SITE, WAYS),
    ],
)
def test_where_there_is_none(gates, site, ways):
    assert passage(*gates, site=site, ways=ways) is None


def test_ways_that_do_not_meet_link_nothing():
    apart = {
        "west": (town.line((0, 50), (60, 50)), "footway"),
        "east": (town.line((140, 50), (200, 50)), "footway"),
    }
    assert passage((0, 50), (200, 50), ways=apart) is None


def test_it_stays_on_the_ways_of_the_map():
    found = passage((0, 50), (200, 50), (100, 10))
    network = shapely.union_all([row[0] for row in WAYS.values()])
    assert shapely.difference(found, network.buffer(0.01)).is_empty


@pytest.mark.parametrize(("length", "is_one"), [(9.9, False), (10.0, True), (10.1, True)])
def test_a_short_passage_is_part_of_the_gate(length, is_one):
    site = Site("z", town.rect(0, 0, length, 100), town.point(length / 2, 50))
    ways = {"w": (town.line((0, 50), (length, 50)), "footway")}
    assert (passage((0, 50), (length, 50), site=site, ways=ways) is not None) is is_one


@pytest.mark.parametrize(("off", "leads"), [(19.9, True), (20.0, True), (20.1, False)])
def test_a_gate_leads_onto_a_way_whose_end_is_near(off, leads):
    """The way ends so far from one gate: then both are linked; else it leads to the middle."""
    ways = {"w": (town.line((off, 50), (100, 50), (200, 50)), "footway")}
    found = passage((0, 50), (200, 50), ways=ways)
    assert found.length == pytest.approx(200 - off if leads else 100)
