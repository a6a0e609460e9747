"""What our own packs say, held against the count of the laws that they restate."""

import pytest

from civicsight.rules import load_packs
from civicsight.rules.predicates import PREDICATES

RULES = load_packs()
CITY, NATION = RULES.pack("nanchang"), RULES.pack("cn-national-799")

WANTED = [
    "R2.1",
    "R2.2",
    "R3.1",
    "R3.2",
    "R4.1",
    "R4.2",
    "R4.3",
    "R5.1",
    "R5.2",
    "R5.3",
    "R6.1",
    "R6.2",
    "R6.3",
    "R7.1",
    "R7.2",
    "R7.3",
    "R7.4",
    "R7.5",
    "R7.6",
    "R7.7",
    "R7.8",
    "R8.0",
    "R8.1",
    "R8.2",
    "R8.3",
    "R8.4",
    "R8.5",
    "R8.6",
    "R8.7",
    "R8.8",
    "R8.9",
    "R8.10",
    "R8.11",
    "R8.12",
    "R8.13",
    "R9.1",
    "R9.2",
    "R9.3",
    "R9.4",
    "R10.1",
    "R10.2",
    "R10.3",
    "R10.4",
    "R11.1",
    "R11.2",
    "R11.3",
    "R11.4",
    "R12.1",
    "R12.2",
    "R13.1",
    "R13.2",
    "R13.3",
    "R14.1",
    "R14.2",
    "R14.3",
    "R15.0",
]
WANTED_NATION = [
    "N6.1",
    "N7.1",
    "N7.2",
    "N7.3",
    "N7.4",
    "N7.5",
    "N8.1",
    "N8.2",
    "N8.3",
    "N9.1",
    "N10.1",
    "N11.1",
    "N13.1",
    "N13.2",
    "N14.1",
    "N14.2",
    "N14.3",
    "N14.4",
    "N14.5",
    "N15.1",
    "N17.1",
    "N23.1",
    "N33.1",
]


def test_every_rule_of_the_law_paper_is_there():
    assert [rule.id for rule in CITY.rules] == WANTED
    assert {rule.id for rule in NATION.rules} >= set(WANTED_NATION)


def test_every_article_has_rules_or_a_reason():
    assert [article.n for article in CITY.articles] == [*map(str, range(1, 15)), "15-"]
    for pack in RULES.packs:
        assert all(article.rules or article.no_rule for article in pack.articles)


def test_the_national_pack_speaks_of_all_its_articles():
    spans = [article.n.split("-") for article in NATION.articles]
    numbers = [n for span in spans for n in range(int(span[0]), int(span[-1]) + 1)]
    assert numbers == list(range(1, 35))


def test_the_eleven_items_and_their_rules():
    items = [zone.id for zone in CITY.zones]
    assert items == (
        [
            "8.1",
            "8.2a",
            "8.2b",
            "8.2c",
            "8.2d",
            "8.3",
            "8.4",
            "8.5",
            "8.6",
            "8.7",
            "8.8",
            "8.9",
            "8.10",
            "8.11",
        ]
    )
    assert all(zone.article == "8" for zone in CITY.zones if not zone.mobile)
    rule_of = {zone.id: zone.rule for zone in CITY.zones}
    assert rule_of["8.5"] == "R8.5"
    assert {rule_of[item] for item in ("8.2a", "8.2b", "8.2c")} == {"R8.2"}


@pytest.mark.parametrize(
    ("item", "part", "profile", "fraction"),
    [
        ("8.1", "entrance", "recognise", 0.95),
        ("8.1", "vehicle_entrance", "plate", 0.95),
        ("8.2a", "entrance", "identify", 0.95),
        ("8.2a", "passage", "recognise", 0.90),
        ("8.2a", "area", "observe", 0.80),
        ("8.2b", "junction", "observe", 0.90),
        ("8.2b", "road_section", "detect", 0.80),
        ("8.2b", "vehicle_entrance", "plate", 0.95),
        ("8.2c", "portal", "observe", 0.95),
        ("8.2c", "deck", "detect", 0.80),
        ("8.3", "perimeter", "detect", 0.90),
        ("8.4", "entrance", "identify", 0.95),
        ("8.5", "vehicle_entrance", "plate", 0.95),
        ("8.6", "entrance", "identify", 0.95),
        ("8.7", "passage", "observe", 0.90),
        ("8.7", "area", "detect", 0.80),
        ("8.8", "entrance", "identify", 0.95),
        ("8.10", "passage", "detect", 0.80),
    ],
)
def test_capture_quality_is_that_of_the_law_paper(item, part, profile, fraction):
    specs = {spec.kind: spec for spec in RULES.zone_class("nanchang", item).parts}
    assert (specs[part].profile.name, specs[part].fraction) == (profile, fraction)


def test_the_ladder_and_its_angles():
    profiles = CITY.profiles
    assert {n: p.px_per_m for n, p in profiles.items()} == {
        "detect": 25,
        "observe": 62.5,
        "recognise": 125,
        "identify": 250,
        "plate": 167,
    }
    for name in ("recognise", "identify"):
        assert (profiles[name].max_tilt_deg, profiles[name].max_yaw_deg) == (30, 45)
    assert profiles["detect"].max_tilt_deg is None
    assert not any(profile.biometric for pack in RULES.packs for profile in pack.profiles.values())


def test_a_national_key_is_never_weaker_than_the_citys_for_the_same_word():
    for name, param in CITY.params.items():
        if name in NATION.params:
            assert NATION.params[name].value == param.value


def test_the_ten_conflicts_are_printed_when_both_are_loaded():
    assert [conflict.id for conflict in RULES.conflicts] == [f"C{n}" for n in range(1, 11)]
    for conflict in RULES.conflicts:
        known = {a.n for a in NATION.articles} | {"33"}
        assert set(conflict.there) <= known, conflict.id
    assert load_packs(["cn-national-799"]).conflicts == ()


def test_defence_units_come_from_registers_only():
    zone = RULES.zone_class("nanchang", "8.9")
    assert zone.designated_only
    assert not zone.selectors
    assert zone.secrecy in RULES.policy.hide_in_public_output


def test_every_predicate_is_asked_for_by_a_rule():
    asked = {c.name for pack in RULES.packs for r in pack.rules for c in r.check.predicates()}
    assert asked == set(PREDICATES)


def test_the_status_of_the_city_pack_is_not_claimed():
    assert CITY.instrument.status == "unverified"
    assert CITY.instrument.in_force is None
    assert NATION.instrument.in_force == "2025-04-01"


def test_no_number_is_attributed_to_a_standard_that_was_not_read():
    for pack in RULES.packs:
        sources = [" ".join(source.ref.values()) for source in pack.sources.values()]
        assert not any("37300" in said for said in sources)
        for param in pack.params.values():
            assert param.basis in ("law", "assumption")
