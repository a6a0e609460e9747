# ruff: noqa: E501 - lines of a pack are quoted as they stand
"""Bad packs: each is one of our own with one thing made wrong, and is refused by line and field.

The last value of a case is how many lines below the change the fault stands, or the text that
begins the line on which it stands.
"""

from importlib.resources import files

import pytest

from civicsight.errors import PackError
from civicsight.rules import builtin_packs, lint_pack, load_packs

PACK = files("civicsight.rules").joinpath("packs/nanchang.yaml").read_text("utf-8")

BAD = {
    "unknown section": (
        "format_version: 1",
        "format_version: 1\nextends: other",
        "pack.unknown_key",
        "extends",
        1,
    ),
    "unknown key": (
        "  load_with: [",
        "  colour: red\n  load_with: [",
        "pack.unknown_key",
        "pack.colour",
        0,
    ),
    "missing key": ("  version: 1.0.0\n", "", "pack.missing_key", "pack", "\npack:"),
    "other format": (
        "format: civicsight-rulepack",
        "format: rulepack",
        "pack.bad_value",
        "format",
        0,
    ),
    "number as text": (
        "{value: 30, unit: m, ",
        '{value: "30", unit: m, ',
        "pack.bad_unit",
        "params.dup_distance.value",
        0,
    ),
    "octal": (
        "{value: 120, unit: m",
        "{value: 0120, unit: m",
        "pack.bad_unit",
        "params.reuse_radius.value",
        0,
    ),
    "yes for true": ("    mobile: true", "    mobile: yes", "pack.bad_type", "zones[4].mobile", 0),
    "text for a number": (
        "{px_per_m: 62.5,",
        "{px_per_m: '62.5',",
        "pack.bad_type",
        "profiles.observe.px_per_m",
        0,
    ),
    "share above one": (
        "{value: 0.95, unit: ratio",
        "{value: 95, unit: ratio",
        "pack.bad_unit",
        "params.gate_fraction.value",
        0,
    ),
    "unknown unit": (
        "{value: 15, unit: m, ",
        "{value: 15, unit: feet, ",
        "pack.bad_value",
        "params.pole_share.unit",
        0,
    ),
    "date without zeros": (
        "  released: 2026-11-24",
        "  released: 2026-13-24",
        "pack.bad_value",
        "pack.released",
        0,
    ),
    "one language": (
        "    label: {zh: 住宅小区, en: Residential quarters}",
        "    label: {zh: 住宅小区}",
        "pack.missing_key",
        "zones[12].label",
        0,
    ),
    "rank of its own": ("    rank: 40", "    rank: 5", "pack.rank", "pack.instrument.rank", 0),
    "loads itself": (
        "  load_with: [cn-national-799]",
        "  load_with: [cn-national-799, nanchang]",
        "pack.circular",
        "pack.load_with",
        0,
    ),
    "unknown source": (
        "basis: standard, source: dori, max_tilt_deg: 30, max_yaw_deg: 45}\n  identify",
        "basis: standard, source: nobody, max_tilt_deg: 30, max_yaw_deg: 45}\n  identify",
        "pack.unknown_name",
        "profiles.recognise.source",
        0,
    ),
    "unknown profile": (
        "- {part: junction, profile: observe",
        "- {part: junction, profile: perfect",
        "pack.unknown_name",
        "zones[2].parts[0].profile",
        0,
    ),
    "unknown parameter": (
        "marginal_gain: {against: [existing, approved], same_profile: true, at_least: $dup_min_gain}",
        "marginal_gain: {against: [existing, approved], same_profile: true, at_least: $gain}",
        "pack.unknown_name",
        "rules[13].check.marginal_gain.at_least",
        0,
    ),
    "parameter of another unit": (
        "{radius: $reuse_radius}",
        "{radius: $dup_min_gain}",
        "pack.wrong_unit",
        "rules[15].check.reuse_considered.radius",
        0,
    ),
    "number instead of a parameter": (
        "distance: $dup_distance,",
        "distance: 30,",
        "pack.bad_parameter",
        "rules[14].check.separation.distance",
        0,
    ),
    "unknown predicate": (
        "check: {within: {layer: jurisdiction}}",
        "check: {python: {code: jurisdiction}}",
        "pack.unknown_predicate",
        "rules[0].check.python",
        0,
    ),
    "unknown parameter of a predicate": (
        "{layer: district, exactly: 1}",
        "{layer: district, about: 1}",
        "pack.unknown_parameter",
        "rules[2].check.within.about",
        0,
    ),
    "parameter left out": (
        "check: {contribution: {at_least: $dup_contribution}}",
        "check: {contribution: {}}",
        "pack.missing_parameter",
        "rules[16].check.contribution",
        0,
    ),
    "unknown layer": (
        "check: {within: {layer: jurisdiction}}",
        "check: {within: {layer: moon}}",
        "pack.bad_parameter",
        "rules[0].check.within.layer",
        0,
    ),
    "unknown field": (
        "check: {has: {fields: [purpose, setting]}}",
        "check: {has: {fields: [purpos, setting]}}",
        "pack.bad_parameter",
        "rules[1].check.has.fields[0]",
        0,
    ),
    "field of another subject": (
        "check: {one_of: {field: standing, values",
        "check: {one_of: {field: network_state, values",
        "pack.bad_parameter",
        "rules[30].check.one_of.field",
        0,
    ),
    "empty all": (
        "check: {ask: {question: contractor_choice}}",
        "check: {all: []}",
        "pack.bad_check",
        "rules[43].check.all",
        0,
    ),
    "condition on no field": (
        "    where: {kind: tree}",
        "    where: {species: tree}",
        "pack.unknown_name",
        "rules[39].where.species",
        0,
    ),
    "unknown need": (
        "    needs: [signs]",
        "    needs: [luck]",
        "pack.unknown_name",
        "rules[37].needs[0]",
        0,
    ),
    "unknown evidence": (
        "    evidence: [text_span]",
        "    evidence: [rumour]",
        "pack.unknown_name",
        "rules[42].evidence[0]",
        0,
    ),
    "unknown article": (
        '    article: "11"\n    subject: [project]\n    where: {kind: [new, rebuilt, extended], system_required: true}\n    title: {zh: 设计文件有专章',
        '    article: "99"\n    subject: [project]\n    where: {kind: [new, rebuilt, extended], system_required: true}\n    title: {zh: 设计文件有专章',
        "pack.article_mismatch",
        "articles[10].rules[1]",
        "    rules: [R11.1, R11.2]",
    ),
    "article without reason": (
        "    no_rule: {zh: 立法目的",
        "    gist2: {zh: 立法目的",
        "pack.unknown_key",
        "articles[0].gist2",
        0,
    ),
    "silent article": (
        "    rules: [R5.1]",
        "    rules: []",
        "pack.silent_article",
        "articles[4]",
        '  - n: "5"',
    ),
    "article lists nothing": (
        "    rules: [R14.1, R14.2, R14.3]",
        "    rules: [R14.1, R14.2, R14.9]",
        "pack.unknown_name",
        "articles[13].rules[2]",
        0,
    ),
    "rule twice": ("  - id: R2.2", "  - id: R2.1", "pack.repeated_id", "rules[1].id", 0),
    "class twice": ('  - id: "8.2b"', '  - id: "8.2a"', "pack.repeated_id", "zones[2].id", 0),
    "class without a rule": (
        '    where: {item: ["8.7"]}',
        '    where: {item: ["8.6"]}',
        "pack.class_without_rule",
        "zones[9].id",
        '  - id: "8.7"',
    ),
    "kind that no selector finds": (
        "fraction: $area_fraction, kinds: [square, parking]}",
        "fraction: $area_fraction, kinds: [plaza, parking]}",
        "pack.unknown_name",
        "zones[9].parts[3].kinds[0]",
        0,
    ),
    "religion": (
        "{kind: news, osm: {office: newspaper}",
        "{kind: news, osm: {religion: any}",
        "pack.forbidden_selector",
        "zones[0].select[6].osm.religion",
        0,
    ),
    "place of worship": (
        "{kind: organ, osm: {amenity: police}",
        "{kind: organ, osm: {amenity: [police, place_of_worship]}",
        "pack.forbidden_selector",
        "zones[0].select[2].osm.amenity",
        0,
    ),
    "political party": (
        "{kind: organ, osm: {office: government}",
        "{kind: organ, osm: {office: political_party}",
        "pack.forbidden_selector",
        "zones[0].select[1].osm.office",
        0,
    ),
    "ethnicity": (
        "{kind: quarter, osm: {residential: [apartments, gated]}",
        "{kind: quarter, osm: {'ethnicity:main': x}",
        "pack.forbidden_selector",
        "zones[12].select[1].osm.ethnicity:main",
        0,
    ),
    "temples by code": (
        'amap: ["110102", "110104", "110200-110204"]',
        'amap: ["110102", "110104", "110200-110209"]',
        "pack.forbidden_selector",
        "zones[9].select[16].amap[2]",
        0,
    ),
    "religious bodies by code": (
        '{kind: organ, industry: ["92"]',
        '{kind: organ, industry: ["95"]',
        "pack.forbidden_selector",
        "zones[0].select[11].industry[0]",
        0,
    ),
    "parties by code": (
        'amap: ["130100-130106", "130500-130504"]',
        'amap: ["130100-130504"]',
        "pack.forbidden_selector",
        "zones[0].select[7].amap[0]",
        0,
    ),
    "range turned round": (
        'amap: ["140100"]',
        'amap: ["140100-140000"]',
        "pack.bad_range",
        "zones[8].select[4].amap[0]",
        0,
    ),
    "true as a tag": (
        '{bridge: "*", highway: [motorway, trunk, primary, secondary]}',
        "{bridge: true, highway: [motorway, trunk, primary, secondary]}",
        "pack.bad_value",
        "zones[3].select[1].osm.bridge",
        0,
    ),
    "pattern in a tag": (
        "{kind: organ, osm: {office: administrative}",
        '{kind: organ, osm: {office: "(a+)+$"}',
        "pack.bad_value",
        "zones[0].select[3].osm.office",
        0,
    ),
    "empty selector": (
        '{kind: quarter, industry: ["702"], conf: 0.7}',
        "{kind: quarter, geom: area, conf: 0.7}",
        "pack.empty_selector",
        "zones[12].select[4]",
        0,
    ),
    "selector without a kind": (
        '{kind: quarter, industry: ["702"], conf: 0.7}',
        '{industry: ["702"], conf: 0.7}',
        "pack.missing_key",
        "zones[12].select[4]",
        0,
    ),
    "defence from a map": (
        "national key project]}\n    select: []",
        "national key project]}\n    select: [{kind: base, osm: {landuse: industrial}, conf: 0.9}]",
        "pack.closed_class",
        "zones[11].select",
        1,
    ),
    "worship by a class of Baidu": (
        "baidu: [旅游景点;文物古迹]",
        "baidu: [旅游景点;教堂]",
        "pack.forbidden_selector",
        "zones[8].select[7].baidu[0]",
        0,
    ),
    "homes by politics": (
        "baidu: [房地产;宿舍]",
        "baidu: [政府机构;党派团体]",
        "pack.forbidden_selector",
        "privacy[0].select[2].baidu[0]",
        0,
    ),
    "three levels of Baidu": (
        "baidu: [房地产;住宅区], conf: 0.85",
        "baidu: [房地产;住宅区;其他], conf: 0.85",
        "pack.bad_value",
        "zones[12].select[3].baidu[0]",
        0,
    ),
    "a register of temples": (
        "- {kind: museum, names: [博物馆,",
        "- {kind: museum, names: [寺庙,",
        "pack.forbidden_selector",
        "zones[8].register[0].names[0]",
        0,
    ),
    "one name of a register for two classes": (
        "- {kind: archive, names: [档案馆,",
        "- {kind: archive, names: [图书馆,",
        "pack.repeated_id",
        "zones[8].register[1].names[0]",
        0,
    ),
    "a register with a kind that is not there": (
        "- {kind: archive, names: [档案馆,",
        "- {kind: archives, names: [档案馆,",
        "pack.unknown_name",
        "zones[8].register[1].kind",
        0,
    ),
    "secret that is not hidden": (
        "    secrecy: designated_secret",
        "    secrecy: hush",
        "pack.unknown_name",
        "zones[11].secrecy",
        0,
    ),
    "includes a stranger": (
        "    include: cn-national-799",
        "    include: another-law",
        "pack.unknown_name",
        "zones[13].include",
        0,
    ),
    "key twice": (
        "  candidate_cap: warning",
        "  candidate_cap: warning\n  candidate_cap: info",
        "pack.repeated_key",
        "policy.candidate_cap",
        1,
    ),
}


def line_of(text, part):
    """Return the line on which a part of a text begins, after breaks at its head."""
    lead = len(part) - len(part.lstrip("\n"))
    return text[: text.index(part)].count("\n") + 1 + lead


@pytest.mark.parametrize("name", sorted(builtin_packs()))
def test_our_own_packs_have_no_fault(name):
    assert lint_pack(files("civicsight.rules").joinpath(f"packs/{name}.yaml").read_bytes()) == ()


def test_there_are_many_bad_packs():
    assert len(BAD) >= 30


@pytest.mark.parametrize("case", BAD)
def test_a_bad_pack_is_refused_by_line_and_field(case):
    old, new, code, field, offset = BAD[case]
    assert PACK.count(old) >= 1, "the case no longer fits the pack"
    bad = PACK.replace(old, new, 1)
    faults = lint_pack(bad.encode(), name="bad.yaml")
    found = [fault for fault in faults if fault.code == code and fault.field == field]
    assert found, "\n".join(map(str, faults)) or "accepted"
    line = line_of(bad, offset) if isinstance(offset, str) else line_of(PACK, old) + offset
    assert found[0].where == f"line {line}"
    assert str(found[0]).startswith(f"[{code}] bad.yaml, line ")
    with pytest.raises(PackError):
        load_packs(user=[bad.replace("  id: nanchang", "  id: other", 1).encode()])
