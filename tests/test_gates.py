"""The seven steps on toy sites whose gates are known by hand."""

import numpy as np
import pytest

from civicsight.coverage.demand.parts import GateSearch, find_parts
from civicsight.rules import find_zones, load_packs
from tests import town

RULES = load_packs()
SCHOOL = {"amenity": "school", "name": "S"}
SITE = town.rect(0, 0, 100, 80)


def _whole(degrees):
    return None if np.isnan(degrees) else round(degrees)


def gates(site=SITE, tags=SCHOOL, search=None, **layers):
    """Return the gates of one school as ``(how, x, y, kind, way out)``, best first."""
    layers = {
        name: layers.get(name, getattr(town, name)())
        for name in ("roads", "entrances", "barriers", "buildings")
    }
    places = town.places(s=(site, tags), **layers.pop("more", {}))
    zones = find_zones(places, layers["roads"], RULES)
    parts = find_parts(zones, places=places, **layers, rules=RULES, search=search)
    parts = parts[parts["kind"].isin(["entrance", "vehicle_entrance"])]
    middle = parts.geometry.centroid
    return [
        (how, round(x - town.X, 1), round(y - town.Y, 1), kind, _whole(normal))
        for how, x, y, kind, normal in zip(
            parts["how"], middle.x, middle.y, parts["kind"], parts["normal_deg"], strict=True
        )
    ]


def test_two_crossings_close_together_are_one_gate():
    found = gates(
        roads=town.roads(
            street=(town.line((-50, -20), (150, -20)), "residential"),
            drive=(town.line((50, -20), (50, 30)), "service"),
            walk=(town.line((56, -20), (56, 30)), "footway"),
        )
    )
    assert [(how, y, kind, out) for how, _, y, kind, out in found] == [
        ("crossing", 0.0, "vehicle_entrance", 180)
    ]
    assert 50 <= found[0][1] <= 56


def test_a_mapped_gate_beats_the_crossing_beside_it():
    found = gates(
        roads=town.roads(
            street=(town.line((-50, -20), (150, -20)), "residential"),
            drive=(town.line((50, -20), (50, 30)), "service"),
        ),
        entrances=town.entrances(gate=(town.point(50, -3), "gate")),
    )
    assert found == [("mapped", 50.0, -3.0, "vehicle_entrance", 180)]


def test_a_wall_closes_the_back_way():
    roads = town.roads(
        street=(town.line((-50, -20), (150, -20)), "residential"),
        front=(town.line((50, -20), (50, 40)), "service"),
        back=(town.line((50, 40), (50, 120)), "footway"),
    )
    wall = town.barriers(w=(town.line((0, 0), (0, 80), (100, 80), (100, 0)), "wall"))
    assert [gate[:3] for gate in gates(roads=roads, barriers=wall)] == [("crossing", 50.0, 0.0)]
    kerb = town.barriers(w=(town.line((0, 80), (100, 80)), "kerb"))
    assert len(gates(roads=roads, barriers=kerb)) == 2


def test_a_mapped_gate_opens_the_wall():
    roads = town.roads(back=(town.line((50, 40), (50, 120)), "footway"))
    wall = town.barriers(w=(town.line((0, 80), (100, 80)), "wall"))
    gate = town.entrances(g=(town.point(50, 80), "gate"))
    assert gates(roads=roads, barriers=wall, entrances=gate) == [
        ("mapped", 50.0, 80.0, "entrance", 0)
    ]


def test_a_dead_end_leads_to_a_gate():
    roads = town.roads(
        street=(town.line((150, -50), (150, 150)), "residential"),
        lane=(town.line((150, 40), (105, 40)), "service"),
    )
    assert gates(roads=roads) == [("dead_end", 100.0, 40.0, "vehicle_entrance", 90)]
    wall = town.barriers(w=(town.line((100, 0), (100, 80)), "wall"))
    assert gates(roads=roads, barriers=wall)[0][0] == "frontage"


def test_a_bare_site_has_its_front_towards_the_best_road():
    roads = town.roads(
        lane=(town.line((-30, -50), (-30, 150)), "service"),
        street=(town.line((-50, 120), (150, 120)), "tertiary"),
    )
    assert gates(roads=roads) == [("frontage", 50.0, 80.0, "vehicle_entrance", 0)]


def test_the_street_of_the_address_decides_the_front():
    roads = town.roads(
        lane=(town.line((-30, -50), (-30, 150)), "service", {"name": "School Lane"}),
        street=(town.line((-50, 120), (150, 120)), "tertiary"),
    )
    found = gates(tags=SCHOOL | {"addr:street": "School Lane"}, roads=roads)
    assert found[0][:3] == ("frontage", 0.0, 40.0)


def test_a_site_far_from_any_road_may_have_its_gate_anywhere_on_its_front():
    roads = town.roads(far=(town.line((300, 0), (300, 80)), "primary"))
    (presumed,) = gates(roads=roads)
    assert presumed[:4] == ("front", 50.0, 40.0, "entrance")


def test_fronts_of_several_sites_are_those_of_each_alone():
    drawn = (town.rect(0, 0, 100, 80), town.rect(300, 60, 340, 90), town.rect(900, 0, 960, 50))
    roads = town.roads(
        lane=(town.line((-30, -50), (-30, 150)), "service"),
        street=(town.line((-50, 120), (350, 120)), "tertiary"),
    )
    empty = {name: getattr(town, name)() for name in ("entrances", "barriers", "buildings")}

    def found(**sites):
        places = town.places(
            **{key: (site, {**SCHOOL, "name": key}) for key, site in sites.items()}
        )
        zones = find_zones(places, roads, RULES)
        parts = find_parts(zones, places=places, roads=roads, **empty, rules=RULES)
        return {
            row["zone_id"]: (row["how"], row["geometry"].wkt, row["positions"])
            for row in parts.to_dict("records")
        }

    sites = dict(zip("abc", drawn, strict=True))
    alone = {key: way for name, site in sites.items() for key, way in found(**{name: site}).items()}
    assert found(**sites) == alone
    assert [how for how, *_ in alone.values()] == ["frontage", "frontage", "front"]


@pytest.mark.parametrize("kind", ["home", "staircase", "garage", "emergency"])
def test_entrances_that_are_not_the_places_own_do_not_count(kind):
    house = town.buildings(b=(SITE,))
    found = gates(
        entrances=town.entrances(e=(town.point(50, 0), kind)),
        buildings=house,
        roads=town.roads(street=(town.line((-50, 120), (150, 120)), "tertiary")),
    )
    assert found[0][0] == "frontage"


def test_a_car_park_asks_for_its_garage_door():
    found = gates(
        site=town.rect(0, 0, 120, 100),
        tags={"amenity": "parking"},
        entrances=town.entrances(e=(town.point(60, 0), "garage")),
    )
    assert found == [("mapped", 60.0, 0.0, "vehicle_entrance", 180)]


def test_a_door_belongs_to_the_building_in_whose_wall_it_is():
    houses = town.buildings(b=(SITE,), next=(town.rect(100, 0, 160, 80),))
    doors = town.entrances(own=(town.point(50, 0), "yes"), neighbour=(town.point(110, 0), "yes"))
    assert [gate[1] for gate in gates(entrances=doors, buildings=houses)] == [50.0]


def test_a_door_in_a_courtyard_is_not_a_gate():
    ring = SITE.difference(town.rect(30, 20, 70, 60))
    doors = town.entrances(out=(town.point(0, 40), "yes"), yard=(town.point(30, 40), "main"))
    found = gates(site=ring, entrances=doors, buildings=town.buildings(b=(ring,)))
    assert [gate[1] for gate in found] == [0.0]


def test_a_door_that_faces_the_yard_of_a_site_is_not_its_gate():
    hall = town.buildings(hall=(town.rect(40, 3, 60, 10),))
    doors = town.entrances(street=(town.point(50, 3), "yes"), yard=(town.point(50, 10), "yes"))
    found = gates(entrances=doors, buildings=hall)
    assert [(x, y) for _, x, y, _, _ in found] == [(50.0, 3.0)]


def test_the_gate_across_the_street_is_the_neighbours():
    roads = town.roads(
        street=(town.line((-50, -6), (150, -6)), "residential"),
        path=(town.line((50, -6), (50, -60)), "footway"),
    )
    found = gates(roads=roads, entrances=town.entrances(g=(town.point(50, -12), "gate")))
    assert all(how != "mapped" for how, *_ in found)


def test_roads_over_and_under_a_site_are_no_way_in():
    roads = town.roads(
        street=(town.line((-50, -20), (150, -20)), "residential"),
        bridge=(town.line((20, -40), (20, 120)), "primary", {"bridge": True}),
        tunnel=(town.line((40, -40), (40, 120)), "primary", {"tunnel": True}),
        deep=(town.line((60, -40), (60, 120)), "footway", {"tags": {"layer": "-2"}}),
        metro=(town.line((80, -40), (80, 120)), "platform"),
    )
    assert gates(roads=roads)[0][0] == "frontage"


def test_a_path_along_the_outline_is_no_way_in():
    roads = town.roads(
        street=(town.line((-50, -20), (150, -20)), "residential"),
        path=(town.line((0, 0), (100, 0), (100, 80)), "footway"),
    )
    assert gates(roads=roads)[0][0] == "frontage"


def test_at_most_four_and_not_all_on_one_side():
    rows = {f"p{x}": (town.line((x, -20), (x, 20)), "footway") for x in range(5, 100, 15)}
    rows |= {
        "street": (town.line((-50, -20), (150, -20)), "primary"),
        "back": (town.line((50, 60), (50, 120)), "footway"),
        "lane": (town.line((-50, 110), (150, 110)), "secondary"),
    }
    found = gates(roads=town.roads(**rows))
    assert len(found) == 4
    assert min(abs(a[1] - b[1]) for a in found for b in found if a is not b and a[2] == b[2]) >= 36


def test_main_gates_score_six_tenths_of_the_best():
    doors = town.entrances(main=(town.point(50, 0), "main"), side=(town.point(0, 40), "service"))
    roads = town.roads(street=(town.line((-50, -20), (150, -20)), "primary"))
    assert [gate[1:3] for gate in gates(roads=roads, entrances=doors)] == [(50.0, 0.0)]
    both = gates(roads=roads, entrances=doors, search=GateSearch(main_share=0.1))
    assert len(both) == 2


def test_a_name_and_a_stop_raise_a_gate():
    roads = town.roads(street=(town.line((-50, -20), (150, -20)), "residential"))
    doors = {
        "a": (town.point(20, 0), "yes", {"name": "side"}),
        "b": (town.point(80, 0), "yes", {"name": "学校正门"}),
    }
    assert gates(roads=roads, entrances=town.entrances(**doors))[0][1] == 80.0


def test_what_a_person_confirmed_is_main_however_it_scores():
    doors = {
        f"g{n}": (town.point(8 + 12 * n, 0), "gate", {"confirmed": True}) for n in range(6)
    } | {"back": (town.point(50, 80), "service", {"confirmed": True})}
    assert len(gates(entrances=town.entrances(**doors))) == 7


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_register_is_believed_where_it_does_not_say_no(confirmed):
    """A row that says that nobody confirmed it is no fact, whoever wrote the list."""
    told = {"source": "register of the bureau", "confirmed": confirmed}
    doors = town.entrances(g=(town.point(50, 0), "service", told))
    places, roads = town.places(s=(SITE, SCHOOL)), town.roads()
    layers = {"entrances": doors, "barriers": town.barriers(), "buildings": town.buildings()}
    zones = find_zones(places, roads, RULES)
    parts = find_parts(zones, places=places, roads=roads, **layers, rules=RULES)
    (certainty,) = parts.loc[parts["how"].eq("mapped"), "confidence"]
    assert (certainty == 1.0) is confirmed


def test_a_mapped_width_is_kept():
    doors = town.entrances(g=(town.point(50, 0), "gate", {"width_m": 9.0}))
    places = town.places(s=(SITE, SCHOOL))
    roads = town.roads()
    zones = find_zones(places, roads, RULES)
    parts = find_parts(
        zones,
        places=places,
        roads=roads,
        entrances=doors,
        barriers=town.barriers(),
        buildings=town.buildings(),
        rules=RULES,
    )
    line = parts.geometry.iloc[0]
    assert line.length == pytest.approx(9)
    assert np.ptp(np.asarray(line.coords)[:, 1]) == pytest.approx(0)


def test_a_shop_in_a_block_has_the_door_nearest_to_its_mark():
    block = town.buildings(b=(SITE,))
    doors = town.entrances(left=(town.point(10, 0), "yes"), right=(town.point(90, 0), "yes"))
    places = town.places(
        bank=(town.point(85, 6), {"amenity": "bank", "name": "B"}),
        cafe=(town.point(20, 6), {"amenity": "cafe", "name": "C"}),
    )
    roads = town.roads(street=(town.line((-50, -12), (150, -12)), "residential"))
    zones = find_zones(places, roads, RULES)
    layers = {"places": places, "roads": roads, "barriers": town.barriers(), "buildings": block}
    parts = find_parts(zones, **layers, entrances=doors, rules=RULES)
    assert list(parts["entrance_id"]) == ["right"]
    bare = find_parts(zones, **layers, entrances=town.entrances(), rules=RULES)
    assert list(bare["how"]) == ["frontage"]
    assert bare.geometry.iloc[0].centroid.distance(town.point(85, 0)) < 3


def test_an_underground_station_has_its_exits():
    places = town.places(
        m=(town.point(0, 0), {"railway": "station", "station": "subway", "name": "M"}),
        far=(town.point(900, 0), {"railway": "station", "station": "subway", "name": "F"}),
    )
    exits = town.entrances(
        a=(town.point(120, 40), "subway_entrance"),
        b=(town.point(-90, -30), "subway_entrance"),
        c=(town.point(800, 0), "subway_entrance"),
        lost=(town.point(450, 450), "subway_entrance"),
    )
    roads = town.roads(street=(town.line((-500, 0), (1200, 0)), "primary"))
    zones = find_zones(places, roads, RULES)
    parts = find_parts(
        zones,
        places=places,
        roads=roads,
        entrances=exits,
        barriers=town.barriers(),
        buildings=town.buildings(),
        rules=RULES,
    )
    doors = parts[parts["kind"] == "entrance"]
    assert sorted(zip(doors["zone_id"], doors["entrance_id"], strict=True)) == [
        ("8.2a:far", "c"),
        ("8.2a:m", "a"),
        ("8.2a:m", "b"),
    ]


def test_gates_of_amap_are_entrances_too():
    places = town.places(
        s=(SITE, SCHOOL),
        gate=(town.point(50, 2), {"name": "南门"}, {"amap": "991401", "source": "amap"}),
    )
    roads = town.roads()
    zones = find_zones(places, roads, RULES)
    parts = find_parts(
        zones,
        places=places,
        roads=roads,
        entrances=town.entrances(),
        barriers=town.barriers(),
        buildings=town.buildings(),
        rules=RULES,
    )
    assert [(row["how"], row["entrance_id"], row["confidence"]) for _, row in parts.iterrows()] == [
        ("amap", "gate", 0.9)
    ]


def test_a_gate_on_a_slanting_outline_lies_along_it():
    site = town.ring((0, 0), (100, 100), (0, 100))
    found = gates(site=site, entrances=town.entrances(g=(town.point(50, 50), "gate")))
    assert found[0][4] == 135
