"""Openings of a place on the map: every distance just within and just beyond it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.coverage.demand.openings import (
    BESIDE_MAIN,
    KIND_CONFIDENCE,
    OTHER_KIND,
    amap_entrances,
    find_mapped,
)
from civicsight.coverage.demand.sites import Site
from civicsight.coverage.demand.surroundings import look_around
from tests import town

YARD = town.rect(0, 0, 100, 100)
STEP = 0.01
"""So much within or beyond a limit [m]."""


def around(entrances, *, roads=None, buildings=None):
    return look_around(
        roads=town.roads(**(roads or {})),
        entrances=town.entrances(**entrances),
        barriers=town.barriers(),
        buildings=town.buildings(**(buildings or {})),
    )


def found(entrances, *sites, band_m=12.0, extra=None, metro=None, zone="z", **layers):
    """Return the openings of a zone by the id of each entrance."""
    city = around(entrances, **layers)
    own = sites or (Site("z", YARD, town.point(50, 50)),)
    mapped = find_mapped(own, city, band_m=band_m, extra=extra or {}, metro=metro or {})
    return {opening.source_id: opening for opening in mapped.get(zone, [])}


def gate(x, y, kind="gate", **more):
    return (town.point(x, y), kind, more) if more else (town.point(x, y), kind)


@pytest.mark.parametrize(("off", "is_found"), [(2.9, True), (3.0, True), (3.0 + STEP, False)])
def test_a_gate_on_an_outline_is_one_into_it(off, is_found):
    assert bool(found({"g": gate(50, -off)})) is is_found


@pytest.mark.parametrize(
    ("inside", "beside", "is_found"),
    [(3.0 - STEP, 0.0, False), (3.1, 0.0, True), (20.0, 1.0 - STEP, True), (20.0, 1.1, False)],
)
def test_a_gate_off_the_outline_leads_in_by_a_way_that_runs_in(inside, beside, is_found):
    """The way runs so far into the yard, and passes the gate at so much."""
    way = town.line((50 + beside, -30), (50 + beside, inside))
    own = found({"g": gate(50, -8)}, roads={"r": (way, "service")})
    assert bool(own) is is_found


@pytest.mark.parametrize(("off", "is_found"), [(12.0 - STEP, True), (12.0 + STEP, False)])
def test_nothing_beyond_the_band_is_near(off, is_found):
    way = town.line((50, -30), (50, 20))
    own = found({"g": gate(50, -off)}, roads={"r": (way, "service")})
    assert bool(own) is is_found


@pytest.mark.parametrize(("farther", "both"), [(2.0 - STEP, True), (2.0 + STEP, False)])
def test_a_gate_between_two_places_is_of_the_nearer_one(farther, both):
    """It stands 2.5 m off the one, and so much more off the other: 4.5 m is nearly the same."""
    other = town.rect(0, -100, 100, -(5.0 + farther))
    sites = (Site("z", YARD, town.point(50, 50)), Site("y", other, town.point(50, -60)))
    way = {"r": (town.line((50, -60), (50, 60)), "service")}
    entrances = {"g": gate(50, -2.5)}
    assert found(entrances, *sites, roads=way)
    assert bool(found(entrances, *sites, roads=way, zone="y")) is both


HALL = town.rect(0, 0, 100, 100)


def hall(off, **more):
    """Return a place that is a building, and a door so far off its wall."""
    site = Site("z", HALL, town.point(50, 50), built=True, owners=frozenset({0}), **more)
    return found({"d": gate(50, -off, "entrance")}, site, buildings={"b": (HALL,)})


@pytest.mark.parametrize(("off", "is_found"), [(0.0, True), (1.0 - STEP, True)])
def test_a_door_in_the_wall_is_of_the_building(off, is_found):
    assert bool(hall(off)) is is_found


def test_a_door_of_the_house_next_door_is_none():
    site = Site("z", HALL, town.point(50, 50), built=True, owners=frozenset({1}))
    assert not found({"d": gate(50, 0, "entrance")}, site, buildings={"b": (HALL,)})


@pytest.mark.parametrize(("off", "is_found"), [(1.0 - STEP, True), (1.0 + STEP, False)])
def test_a_tenant_takes_doors_in_walls_alone(off, is_found):
    assert bool(hall(off, tenant=True)) is (is_found and 50.0 <= 50.0 + 15.0)


@pytest.mark.parametrize(("along", "is_found"), [(15.0, True), (16.0, True), (70.0, False)])
def test_the_door_of_a_shop_is_near_its_mark(along, is_found):
    """Its mark lies 5 m behind the wall: the door is at most 20 m from it."""
    mark = town.point(10, 5)
    site = Site("z", HALL, mark, built=True, tenant=True, owners=frozenset({0}))
    doors = {"d": gate(10 + along, 0, "entrance")}
    own = found(doors, site, buildings={"b": (HALL,)})
    assert np.hypot(along, 5.0) <= 20.0 or not is_found
    assert bool(own) is is_found


@pytest.mark.parametrize(("distance", "is_found"), [(20.0 - STEP, True), (20.0 + STEP, False)])
def test_a_door_is_no_farther_than_the_wall_and_fifteen_metres(distance, is_found):
    along = float(np.sqrt(distance**2 - 25.0))
    site = Site("z", HALL, town.point(10, 5), built=True, tenant=True, owners=frozenset({0}))
    own = found({"d": gate(10 + along, 0, "entrance")}, site, buildings={"b": (HALL,)})
    assert bool(own) is is_found


def test_of_two_doors_a_shop_has_the_nearer_one():
    site = Site("z", HALL, town.point(10, 5), built=True, tenant=True, owners=frozenset({0}))
    doors = {"far": gate(20, 0, "entrance"), "near": gate(12, 0, "entrance")}
    assert set(found(doors, site, buildings={"b": (HALL,)})) == {"near"}


@pytest.mark.parametrize(("deep", "is_found"), [(1.0 - STEP, True), (1.0 + STEP, False)])
def test_a_door_behind_another_house_leads_nowhere(deep, is_found):
    """The door lies in the wall of our hall; between it and the outline stands a wall so thick."""
    inner = town.rect(20, 20, 80, 80)
    thick = town.rect(0, 8, 100, 8 + deep)
    site = Site("z", YARD, town.point(50, 50), owners=frozenset({0}))
    own = found({"d": gate(50, 20, "entrance")}, site, band_m=25.0,
                buildings={"b": (inner,), "c": (thick,)})  # fmt: skip
    assert bool(own) is is_found


@pytest.mark.parametrize(("off", "is_found"), [(300.0 - STEP, True), (300.0 + STEP, False)])
def test_an_exit_of_the_underground_is_of_the_nearest_station(off, is_found):
    exits = {"e": gate(500 + off, 500, "subway_entrance")}
    metro = {"m": town.point(500, 500), "n": town.point(500, -400)}
    assert bool(found(exits, metro=metro, zone="m")) is is_found
    assert not found(exits, metro=metro, zone="n")


@pytest.mark.parametrize(
    ("kind", "extra", "is_found"),
    [("garage", frozenset(), False), ("garage", frozenset({"garage"}), True),
     ("home", frozenset({"garage"}), False), ("entrance", frozenset(), True)],
)  # fmt: skip
def test_doors_of_flats_and_garages_are_asked_for_by_their_class(kind, extra, is_found):
    assert bool(found({"g": gate(50, 0, kind)}, extra={"z": extra})) is is_found


@pytest.mark.parametrize(
    ("row", "confidence"),
    [
        (gate(50, 0, "gate"), KIND_CONFIDENCE["gate"]),
        (gate(50, 0, "hatch"), OTHER_KIND),
        (gate(50, 0, "gate", confidence=0.0), 0.0),
        (gate(50, 0, "gate", confidence=0.3), 0.3),
        (gate(50, 0, "gate", confidence=0.3, confirmed=True), 1.0),
    ],
)
def test_how_sure_an_entrance_is(row, confidence):
    assert found({"g": row})["g"].confidence == confidence


@pytest.mark.parametrize(
    ("kind", "road", "off", "vehicle"),
    [
        ("lift_gate", None, 0.0, True),
        ("gate", None, 0.0, False),
        ("gate", "residential", 2.0 - STEP, True),
        ("gate", "residential", 2.0 + STEP, False),
        ("gate", "footway", 0.0, False),
        ("entrance", "residential", 0.0, False),
    ],
)
def test_a_gate_on_a_road_lets_vehicles_pass(kind, road, off, vehicle):
    way = {"r": (town.line((50 + off, -30), (50 + off, 30)), road)} if road else {}
    assert found({"g": gate(50, 0, kind)}, roads=way)["g"].vehicle is vehicle


@pytest.mark.parametrize(
    ("main", "other", "counts"),
    [
        (0.95, {}, BESIDE_MAIN),  # a plain entrance beside a main one
        (0.95 - 1e-6, {}, 0.75),  # none that is main
        (0.95, {"confidence": 0.4}, 0.4),  # lower as it is
        (0.95, {"confidence": 0.95}, 0.95),  # main itself
        (0.95, {"vehicle": True}, 0.75),  # the gate for vehicles
    ],
)
def test_a_plain_entrance_counts_less_beside_a_main_one(main, other, counts):
    rows = {"m": gate(20, 0, "main", confidence=main), "o": gate(80, 0, "entrance", **other)}
    own = found(rows)
    assert own["m"].confidence == main
    assert own["o"].confidence == counts


def test_doors_and_gates_of_amap_are_taken_from_the_places_by_code():
    rows = {"p": (town.point(1, 2), {"name": "North gate"}, {"amap": "991401"}),
            "q": (town.point(3, 4), {}, {"amap": "991402"}),
            "r": (town.rect(0, 0, 10, 10), {}, {"amap": "150907"})}  # fmt: skip
    own = amap_entrances(town.places(**rows))
    assert list(own.index) == ["p", "r"]
    assert list(own["kind"]) == ["gate", "parking_entrance"]
    assert list(own["confidence"]) == [0.9, 0.9]
    assert list(own["vehicle"]) == [False, True]
    assert shapely.equals(own.geometry["r"], town.point(5, 5))
    assert isinstance(own, gpd.GeoDataFrame)
