"""Gates that no map shows: candidates, what is measured of them, and the table that weighs them."""

import json
from dataclasses import astuple
from importlib import resources

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import affinity
from shapely.geometry import Point

from civicsight.coverage.demand.gates import GateSearch, find_gates
from civicsight.coverage.demand.inferred_openings import FRONT
from civicsight.coverage.demand.parts import find_parts
from civicsight.coverage.demand.surroundings import look_around
from civicsight.coverage.entrances.features import FEATURES, HIT_M, Candidates
from civicsight.coverage.entrances.likely import (
    FURTHER_CHANCE,
    MOST,
    candidates_of,
    choose,
    likely_gates,
    marks_of,
)
from civicsight.coverage.entrances.scores import load_scores
from civicsight.coverage.entrances.traces import TRACES, fence_gaps
from civicsight.coverage.entrances.walls import grounds_of, positions_of
from civicsight.editing.gates import rejecting
from civicsight.model import City, empty_tables
from civicsight.rules import find_zones, load_packs
from tests import town
from tests.silent_town import vanished_places

HOUSE = town.rect(0, 0, 40, 24)
STREET = {"street": (town.line((-60, -12), (100, -12)), "residential")}
NO_MARKS = np.empty(0, object)


def around(buildings=(HOUSE,), **layers):
    """Return the surroundings of some buildings."""
    known = {name: layers.get(name, getattr(town, name)()) for name in LAYERS}
    known["buildings"] = town.buildings(**{f"b{n}": (one,) for n, one in enumerate(buildings)})
    return look_around(**known)


LAYERS = ("roads", "entrances", "barriers")


def found(city, outline=HOUSE, marks=NO_MARKS):
    """Return the likely gates of one building, by position in the town and trace."""
    likely = likely_gates([outline], city, marks)
    return [
        (round(x - town.X, 1), round(y - town.Y, 1), TRACES[kind])
        for (x, y), kind in zip(likely.xy.tolist(), likely.kind.tolist(), strict=True)
    ]


def test_a_path_that_ends_at_a_wall_is_the_likeliest_gate():
    path = {"path": (town.line((30, -12), (30, -0.5)), "footway")}
    assert found(around(roads=town.roads(**STREET, **path)))[0] == (30.0, 0.0, "end_walk")


def test_without_a_path_the_wall_on_the_street_is():
    assert found(around(roads=town.roads(**STREET)))[0][1] == 0.0


def test_a_gate_in_a_fence_a_gap_and_a_passage_are_traces():
    fence = town.barriers(
        a=(town.line((-20, -6), (10, -6)), "fence"), b=(town.line((13, -6), (60, -6)), "fence")
    )
    city = around(
        roads=town.roads(
            through=(town.line((5, 60), (5, -60)), "footway", {"tunnel": True,
                     "tags": {"tunnel": "building_passage"}}),
        ),
        entrances=town.entrances(g=(town.point(36, -6), "gate")),
        barriers=fence,
    )  # fmt: skip
    traces, _ = candidates_of([HOUSE], city, np.array([town.point(20, 12)], object))
    kinds = {TRACES[kind] for kind in traces.kind.tolist()}
    assert {"gate", "gap", "passage", "mark"} <= kinds


def test_the_opening_between_two_fences_is_a_gap_unless_something_closes_it():
    one, other = shapely.LineString([(0, 0), (10, 0)]), shapely.LineString([(13, 0), (30, 0)])
    (gap,) = fence_gaps(np.array([one, other], object))
    assert gap.equals(Point(11.5, 0))
    far = shapely.LineString([(19, 0), (30, 0)])
    closed = shapely.LineString([(10, 0), (13, 0)])
    assert not len(fence_gaps(np.array([one, far], object)))
    assert not len(fence_gaps(np.array([one, closed, other], object)))
    assert not len(fence_gaps(np.empty(0, object)))


def test_a_wall_across_a_gate_takes_it_away_and_one_that_ends_there_does_not():
    ways = town.roads(**STREET, path=(town.line((30, -12), (30, -0.5)), "footway"))
    across = town.barriers(w=(town.line((28, 0), (32, 0)), "wall"))
    ends = town.barriers(w=(town.line((30, -8), (30, 0)), "wall"))
    gone = candidates_of([HOUSE], around(roads=ways, barriers=across), NO_MARKS)[0]
    assert np.hypot(*(gone.xy - (town.X + 30, town.Y)).T).min() > 1.0
    assert (30.0, 0.0, "end_walk") in found(around(roads=ways, barriers=ends))


def test_a_likely_gate_that_somebody_rejects_is_gone():
    places = town.places(s=(HOUSE, {"amenity": "school"}))
    roads = town.roads(**STREET, path=(town.line((30, -12), (30, -0.5)), "footway"))
    house = town.buildings(h=(HOUSE,))
    _, before = parts_of(places, roads, house)
    part = before.loc[before["how"].eq("dead_end")].iloc[0]
    _, _, line = astuple(rejecting(part))
    wall = town.barriers(w=(shapely.LineString(line), "wall"))
    _, after = parts_of(places, roads, house, barriers=wall)
    middles = after.geometry[after["kind"].eq("entrance")].centroid
    assert middles.distance(part.geometry.centroid).min() > 1.0
    assert len(middles)


def test_mapped_doors_are_not_looked_at():
    roads = town.roads(**STREET)
    doors = town.entrances(a=(town.point(0, 12), "main"), b=(town.point(40, 12), "entrance"))
    assert found(around(roads=roads)) == found(around(roads=roads, entrances=doors))


def test_a_mark_on_a_door_is_not_a_trace_of_it():
    city = around(entrances=town.entrances(a=(town.point(20, 0), "main")))
    points = np.array([town.point(20, 0.2), town.point(20, 5)], object)
    assert [mark.y for mark in marks_of(points, city)] == [town.Y + 5]


def test_party_walls_have_no_gate():
    city = around(buildings=(HOUSE, town.rect(40, 0, 80, 24)), roads=town.roads(**STREET))
    spots = positions_of(grounds_of([HOUSE]), city)
    assert (spots.xy[:, 0] < town.X + 39.9).all()
    assert len(spots.site) == len(positions_of(grounds_of([HOUSE]), around()).site) - 6


def random_town(seed):
    rng = np.random.default_rng(seed)
    houses = [
        affinity.rotate(town.rect(x, y, x + a, y + b), turn)
        for x, y, a, b, turn in zip(
            np.arange(0, 480, 80), rng.uniform(0, 40, 6), rng.uniform(15, 50, 6),
            rng.uniform(10, 40, 6), rng.uniform(0, 90, 6), strict=True)
    ]  # fmt: skip
    ways = {
        f"w{n}": (town.line(*rng.uniform(-40, 540, (2, 2)).tolist()), kind)
        for n, kind in enumerate(["residential", "footway", "service", "tertiary", "path"] * 3)
    }
    marks = np.array([town.point(*spot) for spot in rng.uniform(0, 500, (60, 2))], object)
    return houses, ways, marks


@pytest.mark.parametrize("seed", range(3))
def test_distances_are_those_of_brute_force(seed):
    houses, ways, marks = random_town(seed)
    city = around(buildings=houses, roads=town.roads(**ways))
    candidates, spots = candidates_of(houses, city, marks)
    values = pd.DataFrame(candidates.measured, columns=list(FEATURES))
    lines = [line for line, _ in ways.values()]
    for row, (x, y) in enumerate(candidates.xy.tolist()):
        house = houses[candidates.site[row]]
        here = Point(x, y)
        assert house.exterior.distance(here) < 0.51
        gap = min(line.distance(here) for line in lines)
        assert values.loc[row, "way_m"] == pytest.approx(min(gap, 100.0), abs=1e-6)
        own = spots.xy[spots.site == candidates.site[row]]
        least = min(min(line.distance(Point(*spot)) for line in lines) for spot in own.tolist())
        beyond = np.clip(min(gap, 100.0) - min(least, 100.0), 0.0, 100.0)
        assert values.loc[row, "beyond_way_m"] == pytest.approx(beyond, abs=1e-6)
        behind = [mark for mark in marks if house.distance(mark) <= 3.0]
        feet = [house.exterior.interpolate(house.exterior.project(mark)) for mark in behind]
        mark = min((foot.distance(here) for foot in feet), default=100.0)
        assert values.loc[row, "to_mark_m"] == pytest.approx(min(mark, 100.0), abs=1e-6)
        chance = min(1.0, 30.0 / house.exterior.length)
        assert values.loc[row, "chance"] == pytest.approx(chance)


def test_a_town_elsewhere_and_turned_has_the_same_candidates():
    houses, ways, marks = random_town(7)
    origin, turn = (town.X, town.Y), 90.0

    def moved(shape):
        return affinity.translate(affinity.rotate(shape, turn, origin=origin), 1000.0, -500.0)

    other = {name: (moved(line), kind) for name, (line, kind) in ways.items()}
    here, _ = candidates_of(houses, around(buildings=houses, roads=town.roads(**ways)), marks)
    away = [moved(house) for house in houses]
    there, _ = candidates_of(
        away,
        around(buildings=away, roads=town.roads(**other)),
        np.array([moved(mark) for mark in marks], object),
    )
    assert here.site.tolist() == there.site.tolist()
    wanted = [moved(Point(*spot)) for spot in here.xy.tolist()]
    gaps = [spot.distance(Point(*xy)) for spot, xy in zip(wanted, there.xy.tolist(), strict=True)]
    assert max(gaps) < 1e-6
    assert here.measured == pytest.approx(there.measured, abs=1e-6)


def candidates_at(site, xy):
    count = len(site)
    return Candidates(
        np.array(site), np.array(xy, float), np.zeros((count, 2)), np.zeros(count, np.int64),
        np.zeros((count, len(FEATURES))))  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_the_choice_is_that_of_taking_one_gate_after_the_other(seed):
    rng = np.random.default_rng(seed)
    site = np.sort(rng.integers(0, 5, 60))
    some = candidates_at(site, rng.uniform(0, 80, (60, 2)))
    chance = rng.permutation(60) / 60.0
    wanted = []
    for place in np.unique(site):
        kept = []
        for row in sorted(np.flatnonzero(site == place), key=lambda row: -chance[row]):
            apart = all(np.hypot(*(some.xy[row] - some.xy[other])) >= HIT_M for other in kept)
            if not kept or (chance[row] >= FURTHER_CHANCE and apart and len(kept) < MOST):
                kept.append(row)
        wanted += kept
    assert choose(some, chance).tolist() == wanted
    assert choose(some[np.zeros(60, bool)], chance[:0]).tolist() == []


SEEN = {
    *("to_gate_m", "to_passage_m", "to_end_walk_m", "to_end_drive_m", "to_crossing_walk_m"),
    *("to_crossing_drive_m", "to_gap_m", "to_mark_m", "to_nearest_m", "to_front_m"),
    *("to_front_way_m", "to_middle_m", "way_m", "beyond_way_m", "street_m", "beyond_street_m"),
    *("road_class", "open_ahead_m", "to_corner_m", "wall_m", "chance", "rivals"),
}
"""All that the model can see: where things are. A name, an operator, a faith is not on the list."""


def test_the_model_sees_geometry_and_topology_only():
    assert set(FEATURES) == SEEN
    assert len(FEATURES) == len(SEEN)
    text = (resources.files("civicsight.coverage.entrances") / "scores.json").read_text("utf-8")
    assert set(json.loads(text)["measures"]) == SEEN


def test_the_table_is_read_as_it_is_written():
    text = (resources.files("civicsight.coverage.entrances") / "scores.json").read_text("utf-8")
    written = json.loads(text)
    rng = np.random.default_rng(19)
    values = rng.uniform(0, 120, (40, len(FEATURES)))
    for row, chance in zip(values, load_scores().probability(values), strict=True):
        odds = written["start"]
        for name, value in zip(FEATURES, row, strict=True):
            one = written["measures"][name]
            assert len(one["points"]) == len(one["edges"]) + 1
            odds += one["points"][sum(value >= edge for edge in one["edges"])]
        assert chance == pytest.approx(1.0 / (1.0 + np.exp(-odds)))


def test_the_recipe_says_what_the_table_was_learned_from():
    recipe = load_scores().recipe
    assert len(recipe["sha256_of_sets"]) == 64
    assert recipe["command"] == "python -m benchmarks.entrances --write"
    assert {"helsinki", "rome", "berlin", "beijing", "monaco"} <= set(recipe["sets"])
    assert recipe["buildings"] > 400
    assert "OpenStreetMap" in recipe["licence"]


RULES = load_packs()


def parts_of(places, roads, buildings, entrances=None, barriers=None):
    zones = find_zones(places, roads, RULES)
    return zones, find_parts(
        zones, places=places, roads=roads, buildings=buildings, rules=RULES,
        entrances=town.entrances() if entrances is None else entrances,
        barriers=town.barriers() if barriers is None else barriers)  # fmt: skip


def test_names_operators_and_faiths_do_not_change_the_answer():
    houses = {f"h{n}": (town.rect(60 * n, 0, 60 * n + 40, 24),) for n in range(4)}
    roads = town.roads(**STREET, far=(town.line((-60, 50), (300, 50)), "footway"))
    listed = {"item": "8.5", "standing": "designated", "source": "register"}
    faces = []
    for tags in (
        {"name": "A", "amenity": "school", "operator": "O", "religion": "r", "contact": "p"},
        {"name": "B", "amenity": "school", "operator": "P", "religion": "s"},
        {"amenity": "school"},
    ):
        places = town.places(
            **{f"p{n}": (town.point(60 * n + 20, 12), tags, listed) for n in range(4)}
        )
        _, parts = parts_of(places, roads, town.buildings(**houses))
        gates = parts[parts["kind"].isin(["entrance", "vehicle_entrance"])]
        faces.append(
            (gates.geometry.to_wkt().tolist(), gates["confidence"].tolist(), gates["how"].tolist())
        )
    assert faces[0] == faces[1] == faces[2]
    assert faces[0][0]


@pytest.mark.parametrize("without", ["roads", "buildings", "entrances", "all"])
def test_every_designated_place_has_a_gate_whatever_is_missing(without):
    houses = {f"h{n}": (town.rect(60 * n, 0, 60 * n + 24, 16),) for n in range(6)}
    listed = {"item": "8.5", "standing": "designated", "source": "register"}
    spots = {f"p{n}": (town.point(60 * n + 12, 8), {"name": f"P{n}"}, listed) for n in range(6)}
    spots["area"] = (town.rect(400, 0, 460, 40), {"name": "Area"}, listed)
    spots["far"] = (town.point(900, 900), {"name": "Far"}, listed)
    layers = {
        "roads": town.roads(street=(town.line((-60, -12), (500, -12)), "residential")),
        "buildings": town.buildings(**houses),
        "entrances": town.entrances(door=(town.point(12, 0), "main")),
    }
    gone = list(layers) if without == "all" else [without]
    layers |= {name: getattr(town, name)() for name in gone}
    zones, parts = parts_of(town.places(**spots), **layers)
    gates = parts[parts["kind"].isin(["entrance", "vehicle_entrance"])]
    assert set(gates["zone_id"]) == set(zones.index) == {f"8.5:{name}" for name in spots}
    presumed = gates[gates["entrance_id"].isna()]
    assert presumed["inferred"].all()
    assert not presumed["confirmed"].any()
    assert (presumed["confidence"] < RULES.policy.confirmed_confidence).all() or without != "all"


def test_the_presumed_gates_of_a_place_share_all_its_walls():
    long = town.rect(0, 0, 160, 90)
    roads = town.roads(
        south=(town.line((-60, -12), (220, -12)), "residential"),
        north=(town.line((-60, 102), (220, 102)), "residential"),
    )
    places = town.places(
        s=(long, {"amenity": "school"}, {"item": "8.5", "standing": "designated"}),
        a=(town.point(20, 2), {"shop": "x"}), b=(town.point(140, 88), {"shop": "y"}))  # fmt: skip
    zones, parts = parts_of(places, roads, town.buildings(h=(long,)))
    gates = parts[parts["how"].eq(FRONT)]
    assert len(gates) > 1
    shares = [set(spots) for spots in gates["positions"]]
    assert sum(map(len, shares)) == len(set.union(*shares))
    spots = positions_of(grounds_of([long]), around(buildings=(long,), roads=roads))
    assert {(x, y) for x, y, _ in set.union(*shares)} == set(map(tuple, spots.xy.tolist()))
    assert len(zones) == 1


def test_the_chance_of_a_gate_is_its_certainty():
    places = town.places(s=(HOUSE, {"amenity": "school"}))
    roads = town.roads(**STREET)
    _, parts = parts_of(places, roads, town.buildings(h=(HOUSE,)))
    likely = likely_gates([HOUSE], around(roads=roads), NO_MARKS)
    first = parts.iloc[0]
    assert first["confidence"] == pytest.approx(round(float(likely.chance[0]), 3))
    assert 0.0 < first["confidence"] < 1.0
    assert first["inferred"]


def test_a_search_without_any_place_finds_nothing():
    tables = empty_tables(town.CRS)
    zones = find_zones(tables["places"], tables["roads"], RULES)
    layers = {name: tables[name] for name in (*LAYERS, "places", "buildings")}
    gates, sites, _ = find_gates(zones, **layers, rules=RULES, search=GateSearch())
    assert gates == sites == {}
    assert isinstance(vanished_places(count=1, cameras=1), City)
