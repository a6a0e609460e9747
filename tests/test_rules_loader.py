import pytest

from civicsight.core.errors import MismatchError, PackError
from civicsight.rules import builtin_packs, lint_pack, load_packs

USER = """
format: civicsight-rulepack
format_version: 1
pack:
  id: ours
  version: 0.1.0
  released: 2026-01-01
  title: {{zh: 自定, en: ours}}
  jurisdiction: {{zh: 南昌市, en: Nanchang, code: "360100", code_system: GB/T 2260}}
  instrument:
    {{zh: 自定, en: ours, kind: user, rank: 90, in_force: null, status: draft,
     status_checked: 2026-01-01, articles_available: none}}
  load_with: [{load_with}]
sources:
  bureau: {{kind: decision, ref: "minutes of a meeting", verified: full}}
{body}
"""


def user(body="", load_with=""):
    return USER.format(body=body, load_with=load_with).encode()


def codes(*packs, names=("nanchang",)):
    with pytest.raises(PackError) as caught:
        load_packs(names, user=packs)
    return [(fault.code, fault.field) for fault in caught.value.faults]


def test_a_pack_brings_in_what_outranks_it():
    rules = load_packs(["nanchang"])
    assert [pack.id for pack in rules.packs] == ["cn-national-799", "nanchang"]
    assert rules.versions == "cn-national-799 1.0.0 + nanchang 1.0.0"
    assert set(rules.sha256) == {"nanchang", "cn-national-799"}
    assert all(len(digest) == 64 for digest in rules.sha256.values())


def test_a_demand_is_counted_once():
    assert {zone.pack for zone in load_packs().zone_classes} == {"nanchang"}
    assert {zone.pack for zone in load_packs(["cn-national-799"]).zone_classes} == {
        "cn-national-799"
    }


def test_what_finders_ask_of_the_rules():
    rules = load_packs()
    assert rules.value("dup_min_gain") == 0.2
    assert rules.param("legacy_filing_by").value == "2025-06-30"
    assert [rule.id for rule in rules.by_predicate("separation")] == ["R7.4", "R7.7"]
    assert rules.rule("nanchang", "R9.1").check.values["setting"] == "indoor"
    assert rules.profile("nanchang", "plate").px_per_m == 167
    assert rules.policy.confirmed_confidence == 0.8


@pytest.mark.parametrize(
    "ask",
    [
        lambda rules: rules.pack("nowhere"),
        lambda rules: rules.zone_class("nanchang", "9.9"),
        lambda rules: rules.profile("nanchang", "perfect"),
        lambda rules: rules.param("luck"),
        lambda rules: rules.value("legacy_filing_by"),
        lambda rules: rules.rule("nanchang", "R99.1"),
    ],
)
def test_what_is_not_there_is_said_so(ask):
    with pytest.raises(MismatchError):
        ask(load_packs())


def test_a_user_may_set_numbers_and_every_one_is_noted():
    rules = load_packs(
        user=[
            user(
                "params:\n"
                "  gate_fraction: {value: 0.5, unit: ratio, basis: assumption, source: bureau}\n"
                "profiles:\n"
                "  observe: {px_per_m: 80, label: {zh: 观察, en: observe}, "
                "basis: assumption, source: bureau}\n"
            )
        ]
    )
    gate = rules.zone_class("nanchang", "8.5").parts[0]
    assert gate.fraction == 0.5
    junction = rules.zone_class("nanchang", "8.2b").parts[0]
    assert junction.profile.px_per_m == 80
    noted = {(o.pack, o.what, o.before, o.after) for o in rules.overrides}
    assert ("nanchang", "gate_fraction", 0.95, 0.5) in noted
    assert ("nanchang", "observe", 62.5, 80.0) in noted
    assert rules.packs[-1].id == "ours"
    assert load_packs().zone_class("nanchang", "8.5").parts[0].fraction == 0.95


def test_a_user_may_add_a_class_but_replace_none():
    body = """
params: {{share: {{value: 0.9, unit: ratio, basis: assumption, source: bureau}}}}
profiles:
  clear: {{px_per_m: 200, label: {{zh: 清晰, en: clear}}, basis: assumption, source: bureau}}
zones:
  - id: "{item}"
    label: {{zh: 充电站, en: Charging stations}}
    select: [{{kind: charging_station, osm: {{amenity: charging_station}}, conf: 0.9}}]
    parts: [{{part: area, profile: clear, fraction: $share}}]
articles:
  - {{n: "20", kind: duty, gist: {{zh: 自定, en: ours}}, rules: [{rule}]}}
rules:
  - id: {rule}
    article: "20"
    subject: [zone]
    where: {{item: ["{item}"]}}
    title: {{zh: 已覆盖, en: Covered}}
    check: {{covered: {{by: [existing], parts: zone}}}}
    needs: [parts]
    on_fail: warning
    evidence: [gap]
    human: {{zh: 无, en: none}}
"""
    rules = load_packs(user=[user(body.format(item="20.1", rule="U20.1"))])
    added = [zone for zone in rules.zone_classes if zone.pack == "ours"]
    assert [(zone.id, zone.rule, zone.article) for zone in added] == [("20.1", "U20.1", "20")]
    assert codes(user(body.format(item="8.5", rule="R8.5"))) == [
        ("pack.replaces", "zones[0].id"),
        ("pack.replaces", "rules[0].id"),
    ]


def test_a_user_pack_keeps_units_and_ids():
    faults = codes(
        user("params:\n  dup_distance: {value: 30, unit: deg, basis: assumption, source: bureau}\n")
    )
    assert faults == [("pack.wrong_unit", "params.dup_distance.unit")]
    assert codes(user(), user()) == [("pack.repeated_id", "pack.id")]
    assert codes(user(load_with="another-city")) == [("pack.missing", "pack.load_with[0]")]


def test_an_unknown_pack_and_an_unreadable_file(tmp_path):
    assert codes(names=["atlantis"]) == [("pack.unknown", "")]
    assert codes(tmp_path / "missing.yaml") == [("pack.unreadable", "")]
    assert lint_pack(tmp_path / "missing.yaml")[0].file == "missing.yaml"


def test_a_user_pack_is_read_from_a_file(tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_bytes(user())
    assert "ours 0.1.0" in load_packs(user=[path]).versions


def test_a_pack_without_a_policy_alone_cannot_say_how_sure_one_must_be():
    with pytest.raises(MismatchError):
        _ = load_packs([], user=[user()]).policy


def test_the_packs_that_come_with_the_program():
    assert builtin_packs() == ("cn-national-799", "eu-uk-video", "nanchang")


def test_rules_cannot_be_changed():
    rules = load_packs()
    with pytest.raises(TypeError):
        rules.pack("nanchang").params["gate_fraction"] = 0.0
    with pytest.raises(TypeError):
        rules.rule("nanchang", "R7.3").check.values["at_least"] = 0.0
