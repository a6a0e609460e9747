"""An eleven-class town whose gates were counted by hand, and the parts that are no gates."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from civicsight.core.errors import CrsError, SchemaError
from civicsight.coverage.demand.parts import count_parts, count_zones, find_parts, sample_parts
from civicsight.model import PARTS, SAMPLES, ZONES
from civicsight.rules import find_zones, load_packs
from tests import town

RULES = load_packs()

# One site of 100 x 100 m for each class in a row along a street, 300 m apart. Each has a gate for
# cars in the middle of its south side and a gate for walkers in the middle of its north side.
CLASSES = {
    "8.1": {"amenity": "courthouse"},
    "8.2a": {"amenity": "bus_station"},
    "8.3": {"power": "plant"},
    "8.4": {"telecom": "data_center"},
    "8.5": {"amenity": "hospital"},
    "8.6": {"tourism": "museum"},
    "8.7": {"leisure": "park"},
    "8.8": {"amenity": "fuel"},
    "8.10": {"landuse": "residential", "name": "Garden"},
    "8.11": {"highway": "services"},
}
PITCH = 300
KINDS = {  # by hand: what each class asks for at its two gates, and besides
    "8.1": {"entrance": 1, "vehicle_entrance": 1},
    "8.2a": {"entrance": 2, "passage": 1, "area": 2},
    "8.2b": {"junction": 1},
    "8.2c": {"portal": 2, "deck": 1},
    "8.3": {"entrance": 2, "perimeter": 1},
    "8.4": {"entrance": 2},
    "8.5": {"entrance": 1, "vehicle_entrance": 1},
    "8.6": {"entrance": 2, "perimeter": 1},
    "8.7": {"entrance": 1, "vehicle_entrance": 1, "passage": 1},
    "8.8": {"entrance": 1, "vehicle_entrance": 1, "perimeter": 1},
    "8.9": {"entrance": 2},
    "8.10": {"entrance": 1, "vehicle_entrance": 1, "passage": 1},
    "8.11": {"entrance": 2, "area": 2},
}


@pytest.fixture(scope="module")
def tables():
    places, doors, ways = {}, {}, {}
    sites = CLASSES | {"8.9": {}}
    for n, (item, tags) in enumerate(sites.items()):
        x = n * PITCH
        other = {"item": "8.9", "source": "defence list"} if item == "8.9" else {}
        places[f"p{item}"] = (town.rect(x, 0, x + 100, 120), tags, other)
        doors[f"c{item}"] = (town.point(x + 50, 0), "gate", {"vehicle": True})
        doors[f"w{item}"] = (town.point(x + 50, 120), "gate")
        ways[f"d{item}"] = (town.line((x + 50, -30), (x + 50, 0), (x + 50, 60)), "service")
        ways[f"f{item}"] = (town.line((x + 50, 60), (x + 50, 120), (x + 50, 150)), "footway")
    ends = (-100, 4000)
    ways["main"] = (
        town.line((ends[0], -30), (0, -30), (3500, -30), (ends[1], -30)),
        "primary",
        {"name": "Main"},
    )
    ways["back"] = (town.line((ends[0], 150), (ends[1], 150)), "residential", {"name": "Back"})
    ways["cross"] = (
        town.line((3500, -200), (3500, -30), (3500, 100)),
        "primary",
        {"name": "Cross"},
    )
    ways["bridge"] = (town.line((0, -500), (150, -500)), "primary", {"bridge": True})
    return {
        "places": town.places(**places),
        "roads": town.roads(**ways),
        "entrances": town.entrances(**doors),
        "barriers": town.barriers(),
        "buildings": town.buildings(),
    }


@pytest.fixture(scope="module")
def zones(tables):
    return find_zones(tables["places"], tables["roads"], RULES)


@pytest.fixture(scope="module")
def parts(zones, tables):
    return find_parts(zones, **tables, rules=RULES)


def test_every_class_is_there_once(zones):
    assert sorted(zones["item"]) == sorted(KINDS)


@pytest.mark.parametrize("item", KINDS)
def test_all_that_is_demanded_and_nothing_else(parts, item):
    own = parts[parts["item"] == item]
    assert own["kind"].value_counts().to_dict() == KINDS[item]


def test_every_part_names_its_law(parts, zones):
    PARTS.check(parts)
    assert parts["article"].eq("8").all()
    rules = dict(zip(parts["item"], parts["rule"], strict=True))
    assert rules["8.5"] == "R8.5"
    assert rules["8.2c"] == rules["8.2a"] == "R8.2"
    assert rules["8.11"] == "R8.11"
    assert parts["zone_id"].isin(zones.index).all()


def test_every_part_carries_the_need_of_its_profile(parts):
    for _, part in parts.iterrows():
        profile = RULES.profile("nanchang", part["profile"])
        assert part["need_px_m"] == profile.px_per_m
        expected = profile.max_yaw_deg
        assert part["max_yaw_deg"] == expected or (
            expected is None and pd.isna(part["max_yaw_deg"])
        )


def test_mapped_gates_are_mapped(parts):
    gates = parts[parts["kind"].isin(["entrance", "vehicle_entrance"])]
    assert gates["how"].eq("mapped").all()
    assert not gates["inferred"].any()
    assert not gates["confirmed"].any()
    assert gates.geometry.length.round(6).isin([3.0, 6.0]).all()


def test_gates_are_walked_out_of_away_from_the_site(parts, zones):
    gates = parts[parts["normal_deg"].notna() & parts["item"].ne("8.2c")]
    for _, gate in gates.iterrows():
        middle = gate.geometry.centroid
        turn = gate["normal_deg"]
        ahead = shapely.Point(middle.x, middle.y + (1 if turn == 0 else -1))
        assert turn in (0, 180)
        assert not zones.geometry[gate["zone_id"]].contains(ahead)


def test_ids_are_stable_whatever_the_order_of_rows(tables, zones, parts):
    shuffled = {name: frame.iloc[::-1] for name, frame in tables.items()}
    again = find_parts(zones.iloc[::-1], **shuffled, rules=RULES)
    assert sorted(again.index) == sorted(parts.index)
    aligned = again.loc[parts.index]
    assert shapely.equals_exact(aligned.geometry.array, parts.geometry.array, tolerance=1e-9).all()


def test_without_the_map_of_gates_the_same_places_are_found_as_inferred(tables, zones):
    bare = {**tables, "entrances": town.entrances()}
    found = find_parts(zones, **bare, rules=RULES)
    gates = found[found["kind"].isin(["entrance", "vehicle_entrance"])]
    assert gates["inferred"].all()
    assert gates["how"].eq("crossing").all()
    assert gates["confidence"].eq(0.60).all()
    assert len(gates) == 22


def test_counts_say_what_was_found(zones, parts):
    by_class = count_zones(zones)
    assert by_class.loc[("nanchang", "8.5"), "candidate"] == 1
    assert by_class.loc[("nanchang", "8.9"), "designated"] == 1
    by_kind = count_parts(parts)
    assert by_kind.loc[("nanchang", "8.5", "entrance")].to_dict() == {
        "mapped": 1,
        "confirmed": 0,
        "inferred": 0,
    }
    assert by_kind.to_numpy().sum() == len(parts)


def test_a_gate_that_two_places_of_a_class_share_is_demanded_once():
    block = town.buildings(b=(town.rect(0, 0, 40, 20),))
    door = town.entrances(d=(town.point(20, 0), "yes"))
    places = town.places(
        a=(town.point(18, 5), {"amenity": "bank", "name": "A"}),
        b=(town.point(22, 5), {"amenity": "bank", "name": "B"}, {"standing": "confirmed"}),
        c=(town.point(20, 5), {"office": "government", "name": "C"}),
    )
    roads = town.roads()
    parts = find_parts(
        find_zones(places, roads, RULES),
        places=places,
        roads=roads,
        entrances=door,
        barriers=town.barriers(),
        buildings=block,
        rules=RULES,
    )
    owner = dict(zip(parts["zone_id"], parts["also"], strict=True))
    assert owner == {"8.4:b": ("8.4:a",), "8.1:c": ()}


def one(places, *, roads=None, entrances=None, buildings=None):
    layers = {
        "places": places,
        "roads": town.roads() if roads is None else roads,
        "entrances": town.entrances() if entrances is None else entrances,
        "barriers": town.barriers(),
        "buildings": town.buildings() if buildings is None else buildings,
    }
    return find_parts(find_zones(places, layers["roads"], RULES), **layers, rules=RULES)


def test_the_area_of_a_square_is_its_open_part():
    places = town.places(s=(town.rect(0, 0, 200, 100), {"place": "square"}))
    hall = town.buildings(
        hall=(town.rect(50, 0, 100, 50),), bridge=(town.rect(150, 0, 160, 100), {"base_m": 6.0})
    )
    parts = one(places, buildings=hall)
    area = parts[parts["kind"] == "area"].geometry.iloc[0]
    assert area.area == pytest.approx(200 * 100 - 50 * 50)


def test_a_park_is_not_watched_all_over():
    places = town.places(s=(town.rect(0, 0, 200, 100), {"leisure": "park"}))
    assert "area" not in set(one(places)["kind"])


def test_a_perimeter_lies_outside_the_wall():
    outline = town.rect(0, 0, 60, 40)
    places = town.places(s=(outline, {"power": "plant"}))
    parts = one(places, buildings=town.buildings(b=(outline,)))
    line = parts[parts["kind"] == "perimeter"].geometry.iloc[0]
    assert line.distance(outline) == pytest.approx(1)
    assert line.length == pytest.approx(2 * (62 + 42))


def test_a_road_section_is_for_a_register_to_name():
    places = town.places(
        r=(town.line((0, 0), (400, 0)), {}, {"item": "8.2b", "source": "bureau"}),
        j=(town.point(900, 0), {}, {"item": "8.2b", "source": "bureau"}),
    )
    parts = one(places)
    assert dict(zip(parts["zone_id"], parts["kind"], strict=True)) == {
        "8.2b:r": "road_section",
        "8.2b:j": "junction",
    }
    candidate = town.places(
        r=(
            town.line((0, 0), (400, 0)),
            {},
            {"item": "8.2b", "source": "b", "standing": "candidate"},
        )
    )
    assert one(candidate).empty


def test_a_toll_plaza_is_a_line_across_its_road():
    places = town.places(t=(town.point(5, 3), {"barrier": "toll_booth"}))
    parts = one(places, roads=town.roads(r=(town.line((0, -50), (0, 50)), "motorway")))
    assert list(parts["kind"]) == ["vehicle_entrance"]
    assert parts["normal_deg"].iloc[0] % 180 == pytest.approx(0)
    assert parts.geometry.iloc[0].centroid.distance(town.point(0, 3)) < 1e-6
    assert one(places).empty


def test_a_point_of_a_bridge_is_a_portal_across_its_road():
    places = town.places(b=(town.point(0, 3), {}, {"item": "8.2c", "source": "bureau"}))
    parts = one(places, roads=town.roads(r=(town.line((0, -50), (0, 50)), "primary")))
    assert list(parts["kind"]) == ["portal"]
    assert parts["inferred"].all()


def test_no_zones_no_parts():
    empty = find_zones(town.places(), town.roads(), RULES)
    parts = one(town.places())
    assert empty.empty
    assert parts.empty
    assert {"normal_deg", "also", "name"} <= set(parts.columns)
    PARTS.check(parts)
    assert sample_parts(parts).empty


def test_zones_that_a_person_drew_need_no_more_than_the_declared_columns(tables):
    drawn = gpd.GeoDataFrame(
        {"item": ["8.5"], "pack": ["nanchang"], "standing": ["confirmed"], "confidence": [1.0]},
        index=["mine"],
        geometry=[town.rect(0, 0, 100, 120)],
        crs=town.CRS,
    )
    parts = find_parts(gpd.GeoDataFrame(ZONES.complete(drawn)), **tables, rules=RULES)
    assert sorted(parts["kind"]) == ["entrance", "vehicle_entrance"]


def test_tables_are_checked(zones, tables):
    wrong = {**tables, "roads": tables["roads"].to_crs("EPSG:4547")}
    with pytest.raises(CrsError, match="convert with to_crs"):
        find_parts(zones, **wrong, rules=RULES)
    with pytest.raises(SchemaError, match="standing"):
        find_parts(zones.drop(columns="standing"), **tables, rules=RULES)


def test_the_inputs_stay_as_they_were(zones, tables):
    before = {name: frame.copy(deep=True) for name, frame in tables.items()}
    find_parts(zones, **tables, rules=RULES)
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before[name]))


def test_samples_of_the_whole_town(parts, tables):
    samples = sample_parts(parts, buildings=tables["buildings"])
    SAMPLES.check(samples)
    assert set(samples["part_id"]) == set(parts.index)
    total = samples.groupby("part_id")["weight"].sum()
    size = parts.geometry.area.where(parts.geometry.area > 0, parts.geometry.length)
    assert (total - size.loc[total.index]).abs().max() < 1e-6
