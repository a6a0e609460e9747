"""What a user's pack may set and what it may not; every change is listed with its direction."""

import pytest

from civicsight.core.errors import PackError
from civicsight.rules import find_zones, lint_pack, load_packs
from civicsight.rules.closed import plain, register_words
from civicsight.rules.directions import compare_values
from civicsight.rules.predicates import PREDICATES
from tests import town

HEAD = """format: civicsight-rulepack
format_version: 1
pack:
  id: {id}
  version: 0.1.0
  released: 2026-01-01
  title: {{zh: 自定, en: ours}}
  jurisdiction: {{zh: 南昌市, en: Nanchang, code: "360100", code_system: GB/T 2260}}
  instrument:
    {{zh: 自定, en: ours, kind: {kind}, rank: {rank}, in_force: null, status: draft,
     status_checked: 2026-01-01, articles_available: none}}
  load_with: []
sources:
  bureau: {{kind: decision, ref: "minutes of a meeting", verified: full}}
"""
BODY_LINE = HEAD.count("\n") + 1
"""Line on which the body of a pack begins."""


def pack(body, *, id_="ours", kind="user", rank=90):
    return (HEAD.format(id=id_, kind=kind, rank=rank) + body).encode()


def param(name, value, unit, basis="assumption"):
    return f"params:\n  {name}: {{value: {value}, unit: {unit}, basis: {basis}, source: bureau}}\n"


def profile(name, numbers, basis="assumption"):
    return (
        f"profiles:\n  {name}: {{{numbers}, label: {{zh: 甲, en: a}}, basis: {basis}, "
        "source: bureau}\n"
    )


def faults_of(*packs, names=("nanchang",)):
    with pytest.raises(PackError) as caught:
        load_packs(names, user=packs)
    return [(fault.code, fault.where, fault.field) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("before", "after", "stricter", "change"),
    [
        (0.95, 0.5, "higher", "weakened"),
        (0.95, 0.99, "higher", "tightened"),
        (30.0, 60.0, "lower", "weakened"),
        (30.0, 20.0, "lower", "tightened"),
        ("2025-06-30", "2026-06-30", "lower", "weakened"),
        ("2025-06-30", "2025-01-01", "lower", "tightened"),
        (None, 30.0, "lower", "tightened"),
        (30.0, None, "lower", "weakened"),
        (1.0, 2.0, "", "changed"),
        ("2025-06-30", 3.0, "lower", "changed"),
        (0.5, 0.5, "higher", None),
    ],
)
def test_what_a_change_does(before, after, stricter, change):
    assert compare_values(before, after, stricter) == change


def test_every_number_of_our_packs_has_a_direction():
    for loaded in (load_packs(), load_packs(["eu-uk-video"])):
        for own in loaded.packs:
            assert all(entry.stricter in ("higher", "lower") for entry in own.params.values())


@pytest.mark.parametrize("name", sorted(PREDICATES))
def test_every_quantity_of_a_predicate_has_a_direction(name):
    for parameter in PREDICATES[name].parameters.values():
        assert bool(parameter.stricter) == (parameter.kind in ("quantity", "operand"))


@pytest.mark.parametrize(
    ("name", "stricter"),
    [
        ("gate_fraction", "higher"),
        ("large_area", "lower"),
        ("inventory_max_age", "lower"),
        ("private_door_distance", "higher"),
        ("private_view_density", "lower"),
        ("obstacle_loss", "lower"),
        ("dup_trivial_gain", "higher"),
        ("retention_min", "higher"),
        ("filing_days", "lower"),
    ],
)
def test_which_way_a_number_is_stricter(name, stricter):
    assert load_packs().param(name).stricter == stricter


def test_what_guards_the_private_is_known():
    rules = load_packs()
    assert {
        entry.name for own in rules.packs for entry in own.params.values() if entry.private
    } == {
        "private_view_density",
        "private_view_area",
        "private_door_distance",
        "private_door_angle",
        "no_area",
        "consent_band",
        "public_view",
    }


def test_a_rule_names_the_numbers_it_stands_on():
    rules = load_packs()
    assert rules.rule("nanchang", "R7.3").params == ("dup_min_gain", "dup_trivial_gain")
    assert rules.rule("nanchang", "R7.2").params == ("inventory_max_age",)
    assert set(rules.rule("nanchang", "R8.8").params) == {"gate_fraction", "perimeter_fraction"}
    assert rules.rule("nanchang", "R2.1").params == ()


def test_every_weakened_and_tightened_value_is_listed():
    rules = load_packs(
        user=[
            pack(
                param("gate_fraction", 0.5, "ratio")
                + "  large_area: {value: 5000, unit: m2, basis: assumption, source: bureau}\n"
                + "  dup_distance: {value: 30, unit: m, basis: assumption, source: bureau}\n"
                + profile("plate", "px_per_m: 100, max_tilt_deg: 20, max_yaw_deg: 30")
            )
        ]
    )
    listed = {(o.pack, o.what, o.field): (o.before, o.after, o.direction) for o in rules.overrides}
    assert listed == {
        ("nanchang", "gate_fraction", "value"): (0.95, 0.5, "weakened"),
        ("cn-national-799", "gate_fraction", "value"): (0.95, 0.5, "weakened"),
        ("nanchang", "large_area", "value"): (10_000.0, 5_000.0, "tightened"),
        ("nanchang", "plate", "px_per_m"): (167.0, 100.0, "weakened"),
        ("nanchang", "plate", "max_tilt_deg"): (30.0, 20.0, "tightened"),
        ("cn-national-799", "plate", "px_per_m"): (167.0, 100.0, "weakened"),
        ("cn-national-799", "plate", "max_tilt_deg"): (30.0, 20.0, "tightened"),
    }
    gate = next(o for o in rules.overrides if o.what == "gate_fraction" and o.pack == "nanchang")
    assert (gate.by, gate.kind, gate.unit, gate.basis) == ("ours", "param", "ratio", "assumption")
    assert {o.what for o in rules.weakened} == {"gate_fraction", "plate"}


def test_the_packs_own_values_stay_at_hand_to_compute_beside():
    rules = load_packs(user=[pack(param("gate_fraction", 0.5, "ratio"))])
    assert rules.value("gate_fraction") == 0.5
    assert rules.at_defaults.value("gate_fraction") == 0.95
    assert rules.at_defaults.zone_class("nanchang", "8.5").parts[0].fraction == 0.95
    assert rules.at_defaults.overrides == ()
    assert load_packs().at_defaults.value("gate_fraction") == 0.95


def test_of_two_users_the_last_counts_and_is_listed_once():
    first = pack(param("gate_fraction", 0.5, "ratio"), id_="first")
    last = pack(param("gate_fraction", 0.99, "ratio"), id_="last")
    rules = load_packs(["nanchang"], user=[first, last])
    listed = [(o.by, o.after, o.direction) for o in rules.overrides if o.pack == "nanchang"]
    assert listed == [("last", 0.99, "tightened")]
    assert rules.value("gate_fraction") == 0.99
    back = load_packs(["nanchang"], user=[last, pack(param("gate_fraction", 0.95, "ratio"))])
    assert [o for o in back.overrides if o.pack == "nanchang"] == []


@pytest.mark.parametrize(
    ("name", "value", "unit", "better"),
    [
        ("retention_min", 29, "day", 60),
        ("retention_key_target", 30, "day", 120),
        ("filing_days", 31, "day", 10),
        ("legacy_filing_by", "2026-12-31", "date", "2025-05-31"),
        ("legacy_filing_days", 91, "day", 30),
    ],
)
@pytest.mark.parametrize("basis", ["assumption", "law"])
def test_what_the_law_states_can_only_be_tightened(name, value, unit, better, basis):
    found = faults_of(pack(param(name, value, unit, basis)))
    assert found == [("pack.weakens_law", f"line {BODY_LINE + 1}", f"params.{name}.value")]
    rules = load_packs(user=[pack(param(name, better, unit, basis))])
    assert {o.direction for o in rules.overrides} == {"tightened"}
    assert rules.param(name).value == better


@pytest.mark.parametrize(
    ("name", "value", "unit", "better"),
    [
        ("private_view_density", 50, "px/m", 10),
        ("private_view_area", 4, "m2", 0.5),
        ("private_door_distance", 5, "m", 20),
        ("private_door_angle", 10, "deg", 45),
        ("no_area", 1, "m2", None),
        ("consent_band", 10, "m", 200),
        ("public_view", 0.2, "ratio", 0.7),
    ],
)
def test_what_guards_the_private_can_only_be_tightened(name, value, unit, better):
    found = faults_of(pack(param(name, value, unit)))
    assert set(found) == {("pack.loosens_privacy", f"line {BODY_LINE + 1}", f"params.{name}.value")}
    if better is not None:
        rules = load_packs(user=[pack(param(name, better, unit))])
        assert {(o.direction, o.private) for o in rules.overrides} == {("tightened", True)}


def test_a_refused_value_is_not_let_in_by_steps():
    stricter = pack(param("retention_min", 60, "day"), id_="first")
    looser = pack(param("retention_min", 20, "day"), id_="last")
    assert [code for code, _, _ in faults_of(stricter, looser)] == ["pack.weakens_law"]


def test_a_number_of_a_standard_gives_way_to_another_standard_alone():
    numbers = "px_per_m: 40"
    assert set(faults_of(pack(profile("observe", numbers)))) == {
        ("pack.weakens_standard", f"line {BODY_LINE + 1}", "profiles.observe.px_per_m")
    }
    angle = "px_per_m: 125, max_tilt_deg: 40, max_yaw_deg: 45"
    rules = load_packs(user=[pack(profile("recognise", angle, "standard"))])
    assert {(o.what, o.field, o.after, o.direction) for o in rules.overrides} == {
        ("recognise", "max_tilt_deg", 40, "weakened")
    }


def test_an_angle_without_its_limit_is_weaker():
    found = faults_of(pack(profile("recognise", "px_per_m: 125, max_tilt_deg: 30")))
    assert {code for code, _, _ in found} == {"pack.weakens_standard"}
    assert {field for _, _, field in found} == {"profiles.recognise.max_yaw_deg"}


def test_a_user_cannot_say_how_certain_a_finding_must_be():
    policy = (
        "policy: {{confirmed_confidence: {}, candidate_cap: {}, hide_in_public_output: [secret], "
        "main_gate_words: [portal]}}\n"
    )
    assert faults_of(pack(policy.format("1.0", "warning"))) == [
        ("pack.policy", f"line {BODY_LINE}", "policy.confirmed_confidence")
    ]
    assert faults_of(pack(policy.format("0.8", "info"), kind="law", rank=10)) != []
    rules = load_packs(user=[pack(policy.format("0.8", "warning"))])
    assert "secret" in rules.policy.hide_in_public_output
    assert "portal" in rules.policy.main_gate_words


ZONES = """policy: {{confirmed_confidence: 0.8, candidate_cap: warning,
  hide_in_public_output: [secret], main_gate_words: [gate]}}
params: {{share: {{value: 0.9, unit: ratio, basis: assumption, source: bureau}}}}
profiles: {{clear: {{px_per_m: 200, label: {{zh: 甲, en: a}}, basis: assumption, source: bureau}}}}
privacy: []
zones:
  - id: "20.1"
    functions: [{functions}]
    {include}{own}
    parts: [{{part: entrance, profile: clear, fraction: $share}}]
articles:
  - {{n: "20", kind: duty, gist: {{zh: 甲, en: a}}, rules: [U20.1]}}
rules:
  - id: U20.1
    article: "20"
    subject: [zone]
    where: {{item: ["20.1"]}}
    title: {{zh: 甲, en: a}}
    check: {{covered: {{by: [existing], parts: zone}}}}
    needs: [parts]
    on_fail: {on_fail}
    evidence: [gap]
    human: {{zh: 甲, en: a}}
conflicts: []
"""


def zone_pack(*, include="", on_fail="warning", functions="nightclub", own="", **head):
    body = ZONES.format(
        include=f"include: {include}" if include else "mobile: false",
        on_fail=on_fail,
        functions=functions,
        own=f"\n    {own}" if own else "",
    )
    made = pack(body, **head).decode()
    return made.replace("load_with: []", f"load_with: [{include}]").encode()


def test_no_class_takes_over_what_another_pack_demands():
    field = "zones[0].include"
    line = f"line {BODY_LINE + 8}"
    for include in ("nanchang", "cn-national-799"):
        assert faults_of(zone_pack(include=include)) == [("pack.silences", line, field)]
    law = {"kind": "law", "rank": 10}
    assert faults_of(zone_pack(include="nanchang", **law)) == [("pack.silences", line, field)]
    local = {"kind": "local_regulation", "rank": 30}
    mild = zone_pack(include="cn-national-799", on_fail="info", **local)
    assert faults_of(mild) == [("pack.silences", line, field)]
    load_packs(["cn-national-799"], user=[zone_pack(include="cn-national-799", **local)])


def test_a_register_means_by_a_word_what_the_law_means():
    """The words of a function that a law has too stay those of the law, whoever ranks higher."""
    law = load_packs(user=[zone_pack(functions="supermarket, hospital", kind="law", rank=10)])
    words = register_words(law.zone_classes)
    assert words[plain("医院")] == ("8.5", "medical")
    assert words[plain("住宅小区")][0] == "8.10"
    assert words[plain("连锁超市")] == ("20.1", "supermarket")


def test_a_class_of_a_user_takes_no_place_out_of_another():
    club = town.places(a=(town.point(0, 0), {"amenity": "nightclub"}))
    roads = town.roads()
    assert list(find_zones(club, roads, load_packs())["item"]) == ["8.11"]
    rules = load_packs(user=[zone_pack()])
    (classes,) = find_zones(club, roads, rules)["classes"]  # one place, of both
    assert [entry.item for entry in classes] == ["8.11", "20.1", "7.2.1"]


def test_a_law_from_a_file_cannot_lower_a_number_for_all():
    other = pack(
        "policy: {confirmed_confidence: 0.8, candidate_cap: warning, "
        "hide_in_public_output: [secret], main_gate_words: [gate]}\n"
        + param("dup_min_gain", 0.0, "ratio")
        + "  retention_min: {value: 60, unit: day, basis: law, source: bureau}\n"
        "profiles: {}\nzones: []\nprivacy: []\narticles: []\nrules: []\nconflicts: []\n",
        kind="law",
        rank=10,
    )
    rules = load_packs(user=[other])
    assert rules.packs[0].id == "ours"
    assert rules.value("dup_min_gain") == 0.2
    assert rules.value("retention_min") == 60


def test_a_number_that_is_stricter_both_ways_is_refused():
    text = (
        "params: {share: {value: 0.5, unit: ratio, basis: assumption, source: bureau}}\n"
        'articles: [{n: "20", kind: duty, gist: {zh: 甲, en: a}, rules: [U20.1]}]\n'
        "rules:\n"
        '  - {id: U20.1, article: "20", subject: [camera], title: {zh: 甲, en: a},\n'
        "     needs: [optics], on_fail: info, evidence: [gap], human: {zh: 甲, en: a},\n"
        "     check: {all: [\n"
        "     {on_target: {at_least: $share}},\n"
        "     {keeps_coverage: {of: [existing], loss: $share}}]}}\n"
    )
    fault = lint_pack(pack(text))[0]
    assert (fault.code, fault.where, fault.field) == (
        "pack.two_directions",
        f"line {BODY_LINE + 7}",
        "rules[0].check.all[1].keeps_coverage.loss",
    )
