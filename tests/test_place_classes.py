"""One place, the classes of every law: each law counts its own, and what is asked is asked once."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache

import pytest

from civicsight.coverage.check import check
from civicsight.coverage.demand.needs import in_class
from civicsight.coverage.result import partition
from civicsight.planning.compliance import judge
from civicsight.planning.statement.figures import classes_in, figures_of_check
from civicsight.presentation.names import name_all, name_judged
from civicsight.report.compliance import give_account
from civicsight.report.compliance.front import class_rows
from civicsight.report.geopackage import layers_of
from civicsight.report.tables import make_tables
from civicsight.rules import find_zones, load_packs
from tests import town
from tests.silent_town import city_of, watching
from tests.test_rules_overriding import zone_pack

TODAY = date(2026, 11, 27)
NATIONAL, LOCAL = "cn-national-799", "nanchang"
BY_HAND = {
    "school": ("8.5", "education", "7.2.1"),
    "hospital": ("8.5", "medical", "7.2.1"),
    "institute": ("8.5", "research", None),  # Article 7 of the regulation names no research
    "museum": ("8.6", "museum", "7.2.1"),
    "archive": ("8.6", "archive", None),
    "mall": ("8.7", "commerce", "7.2.1"),
    "depot": ("8.7", "logistics", None),
    "square": ("8.7", "square", "7.1"),
    "zoo": ("8.7", "attraction", "7.2.1"),
    "coach": ("8.2a", "coach", "7.2.2"),
    "bridge": ("8.2c", "bridge", "7.1"),
    "bank": ("8.4", "finance", None),
    "works": ("8.3", "supply", None),
    "homes": ("8.10", "quarter", None),
}
"""Kinds of places with their item in the city's measures and in the regulation, read by hand."""


def shape(n, kind):
    x = 100.0 * n
    if kind == "bridge":
        return town.line((x, 0), (x + 60, 0))
    return town.rect(x, 0, x + 30, 20)


@cache
def listed():
    """Return a city whose register names a place of every kind by the local item alone."""
    rows = {
        name: (
            shape(n, kind),
            {"name": name},
            {"item": item, "kind": kind, "standing": "designated", "source": "register"},
        )
        for n, (name, (item, kind, _)) in enumerate(BY_HAND.items())
    }
    return check(
        city_of(
            places=rows,
            buildings={"far": (town.rect(-90, 0, -80, 10),)},
            cameras={"c": watching(10, -12, 0.0)},
        ),
        raster=False,
    )


def items(classes, pack):
    return [entry.item for entry in classes if entry.pack == pack]


def test_a_place_carries_the_class_of_every_law():
    zones = listed().zones.set_index("place_id")
    assert set(zones.index) == set(BY_HAND)
    for name, (item, _, national) in BY_HAND.items():
        classes = zones.loc[name, "classes"]
        assert items(classes, LOCAL) == [item]
        assert items(classes, NATIONAL) == ([national] if national else []), name


def test_marks_of_a_map_name_the_class_of_both_laws():
    found = find_zones(
        town.places(
            hall=(town.point(0, 0), {"amenity": "townhall"}),
            court=(town.point(200, 0), {"amenity": "courthouse"}),
            lock=(town.point(400, 0), {"waterway": "lock_gate"}),
            dam=(town.point(600, 0), {"waterway": "dam"}),
            rest=(town.point(800, 0), {"highway": "services"}),
        ),
        town.roads(),
        load_packs(),
    ).set_index("place_id")
    national = {name: items(classes, NATIONAL) for name, classes in found["classes"].items()}
    assert national == {
        "hall": ["7.2.1"],
        "court": [],
        "lock": ["7.2.2"],
        "dam": [],
        "rest": ["7.2.4"],
    }


def test_a_rule_asks_the_places_that_its_own_law_lists():
    verdicts = judge(listed(), today=TODAY).verdicts
    outcomes = verdicts[verdicts["rule"].eq("N7.4")].set_index("subject")["outcome"]
    labels = dict(zip(listed().zones["place_id"], listed().zones.index, strict=True))
    asked = {name for name in BY_HAND if outcomes[labels[name]] != "not_applicable"}
    assert asked == {name for name, (_, _, national) in BY_HAND.items() if national}


def test_each_law_is_counted_by_its_own_classes():
    found = figures_of_check(listed())
    counted = {
        (one.pack, one.id): found.of(f"class.{one.pack}.{one.id}.places")
        for one in classes_in(listed().rules)
    }
    local = Counter(item for item, _, _ in BY_HAND.values())
    national = Counter(item for _, _, item in BY_HAND.values() if item)
    assert {key[1]: n for key, n in counted.items() if key[0] == LOCAL and n} == local
    assert {key[1]: n for key, n in counted.items() if key[0] == NATIONAL and n} == national
    assert partition(listed()).counts()["places"]["count"] == len(BY_HAND)


def test_page_tables_and_layers_name_the_classes_of_both_laws():
    result = listed()
    facts = dict(zip(result.zones["place_id"], result.zones.index, strict=True))
    named = name_all(result, "en").classes_of(result.zones.loc[facts["school"]])
    assert named.startswith("8.5 ")
    assert "; 7.2.1 " in named
    (cell,) = make_tables(result)["zones"].loc[[facts["school"]], "classes"]
    assert cell == ("nanchang 8.5", "cn-national-799 7.2.1")
    layer = layers_of(result)["zones"].set_index("place_id")["classes"]
    assert layer["bank"] == '["nanchang 8.4"]'
    assert layers_of(result)["parts"]["classes"].str.contains("7.2.1").any()


def test_the_public_edition_counts_by_the_laws_that_demand_alone():
    account = give_account(listed().city, edition="public", today=TODAY)
    labels = [
        row["label"]
        for row in class_rows(account, name_judged(account.dossier, "en"), account.figures)
    ]
    assert labels
    assert not any(label.startswith("7.") for label in labels)


@pytest.fixture(scope="module")
def club():
    """Return a nightclub on a street, which the regulation and a user's pack both name."""
    rows = {"club": (town.rect(0, 0, 30, 20), {"amenity": "nightclub", "name": "Club"})}
    return city_of(
        places=rows,
        buildings={"h": (town.rect(0, 0, 30, 20),)},
        cameras={"c": watching(15, -12, 0.0)},
        roads={"street": (town.line((-40, -6), (80, -6)), "residential")},
    )


def test_what_two_laws_ask_is_asked_once_by_the_stricter(club):
    both = check(club, rules=load_packs(user=[zone_pack()]), raster=False)
    alone = check(club, raster=False)
    (zone,) = both.zones.to_dict("records")
    assert [entry[:2] for entry in zone["classes"]] == [
        (LOCAL, "8.11"),
        ("ours", "20.1"),
        (NATIONAL, "7.2.1"),
    ]
    assert both.parts.index.equals(alone.parts.index)
    assert len(both.samples) == len(alone.samples)
    assert both.samples["weight"].sum() == alone.samples["weight"].sum()
    assert set(alone.parts["need_px_m"]) == {125.0}
    assert set(both.parts["need_px_m"]) == {200.0}
    for pack, item in ((LOCAL, "8.11"), ("ours", "20.1"), (NATIONAL, "7.2.1")):
        assert in_class(both.parts, pack, item).all()
    rows = judge(both, today=TODAY).verdicts
    asked = rows[rows["rule"].isin(["R8.11", "N7.4", "U20.1"])]
    assert asked["outcome"].ne("not_applicable").all()
    assert len(asked) == 3


def test_a_part_that_one_law_asks_alone_does_not_bind_the_other():
    passage = zone_pack().decode().replace("part: entrance", "part: perimeter").encode()
    rows = {"club": (town.rect(0, 0, 30, 20), {"amenity": "nightclub", "name": "Club"})}
    city = city_of(
        places=rows,
        buildings={"h": (town.rect(0, 0, 30, 20),)},
        cameras={"c": watching(15, -12, 0.0)},
        roads={"street": (town.line((-40, -6), (80, -6)), "residential")},
    )
    both = check(city, rules=load_packs(user=[passage]), raster=False)
    kinds = both.parts.set_index("kind")
    assert set(kinds.index) == {"entrance", "perimeter"}
    assert kinds.loc["perimeter", "classes"] == (("ours", "20.1"),)
    assert not in_class(both.parts, LOCAL)[both.parts["kind"].eq("perimeter")].any()


def test_a_place_below_an_open_size_stays_as_possibly_with_a_row_for_each_law():
    rows = {
        "pocket": (town.rect(0, 0, 50, 60), {"leisure": "park", "name": "Pocket"}),
        "school": (town.rect(200, 0, 240, 30), {"amenity": "school", "name": "School"}),
    }
    result = check(
        city_of(
            places=rows,
            buildings={"h": (town.rect(-90, 0, -80, 10),)},
            cameras={"c": watching(10, -12, 0.0)},
        ),
        raster=False,
    )
    judged = judge(result, today=TODAY)
    mine = judged.verdicts[judged.verdicts["subject"].eq("8.7:pocket?")]
    assert sorted(mine["rule"]) == ["N7.4", "R8.7"]
    assert mine["outcome"].eq("undetermined").all()
    for reasons in mine["because"]:
        assert "possibly such a place" in str(reasons[0])
        assert "3,000" in str(reasons[0])
        assert "10,000" in str(reasons[0])
    (fact,) = judged.facts[judged.facts["subject"].eq("8.7:pocket?")].to_dict("records")
    assert {one.rule for one in fact["bases"]} == {"N7.4", "R8.7"}
    row = name_judged(judged.dossier, "en").row(fact)
    assert row["subject"] == "Pocket"
    assert "large" in row["because"]
    assert partition(result).counts()["places"]["not_judged"] >= 1


def test_a_place_that_another_law_names_without_a_size_is_in_the_partition_once():
    rows = {"lot": (town.rect(0, 0, 30, 20), {"leisure": "park", "amenity": "nightclub"})}
    city = city_of(
        places=rows,
        buildings={"h": (town.rect(-90, 0, -80, 10),)},
        cameras={"c": watching(10, -12, 0.0)},
    )
    result = check(city, rules=load_packs(user=[zone_pack()]), raster=False)
    assert result.left_out["place_id"].tolist() == ["lot"]
    assert result.zones["place_id"].tolist() == ["lot"]
    assert partition(result).counts()["places"]["count"] == 1
