"""Every rule held against the table of the law paper: subject, question, severity, exceptions."""

import pytest

from civicsight.rules import load_packs

RULES = load_packs()
CITY, NATION = "nanchang", "cn-national-799"

TABLE = """
R2.1 camera,zone within warning
R2.2 camera has warning
R3.1 camera,zone within info
R3.2 camera outside,document info
R4.1 camera,project has warning
R4.2 plan document judgement
R4.3 camera has info status
R5.1 camera has warning
R5.2 plan compare,compare judgement
R5.3 plan compare judgement
R6.1 plan outside violation
R6.2 camera sees_at_most,document warning
R6.3 camera has warning
R7.1 plan has,has,has,has,compare judgement>violation
R7.2 plan compare,compare warning
R7.3 camera marginal_gain warning>violation status
R7.4 camera separation warning status
R7.5 zone reuse_considered info
R7.6 camera contribution warning status
R7.7 camera has,separation info status
R7.8 plan has,has,compare warning>warning changed
R8.0 plan declared warning
R8.1 zone covered violation item
R8.2 zone covered violation item
R8.3 zone covered violation item
R8.4 zone covered violation item
R8.5 zone covered violation item
R8.6 zone covered violation item
R8.7 zone covered violation item
R8.8 zone covered violation item
R8.9 zone covered violation item
R8.10 zone covered violation item
R8.11 zone covered violation item
R8.12 zone one_of judgement
R8.13 plan document judgement
R9.1 camera outside violation
R9.2 camera outside,one_of violation?warning
R9.3 camera sees_at_most warning
R9.4 camera faces judgement
R10.1 camera has,has,has warning
R10.2 camera sign_visible violation
R10.3 obstacle keeps_coverage violation
R10.4 obstacle keeps_coverage warning kind
R11.1 project compare,compare violation kind,system_required
R11.2 project document violation kind,system_required
R11.3 project compare,compare,compare violation kind,system_required
R11.4 project compare,compare,compare,compare,compare warning kind,system_required
R12.1 plan no_terms warning
R12.2 project ask judgement
R13.1 project has,one_of,compare,compare violation system_required
R13.2 camera compare violation?info in_use_on
R13.3 project has warning system_required,police_attended
R14.1 camera one_of,has violation owner
R14.2 camera has violation owner
R14.3 plan document judgement
R15.0 plan ask judgement
N6.1 plan declared warning
N7.1 camera one_of violation setting_class
N7.2 camera has warning
N7.3 zone one_of judgement
N7.4 zone covered warning item
N7.5 zone built_by warning item
N8.1 camera outside violation
N8.2 camera outside,one_of violation?warning
N8.3 camera sees_at_most warning>violation
N9.1 camera one_of violation setting_class
N10.1 camera outside,sees_at_most,document violation
N11.1 project document warning system_required
N13.1 camera on_target warning
N13.2 camera sign_visible violation
N14.1 camera compare violation setting_class,in_use_on
N14.2 camera compare violation setting_class,in_use_on
N14.3 camera has warning setting_class
N14.4 camera has warning setting_class,filed_on
N14.5 camera compare judgement setting_class,filing_changed
N15.1 project document judgement system_required
N17.1 camera compare violation setting_class
N23.1 obstacle keeps_coverage violation
N33.1 camera sees_at_most warning setting_class
"""
ROWS = [line.split() for line in TABLE.split("\n") if line]


def test_the_table_is_whole():
    assert {row[0] for row in ROWS} == {rule.id for pack in RULES.packs for rule in pack.rules}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_rule_is_that_of_the_table(row):
    name, subjects, predicates, severity, *where = row
    rule = RULES.rule(CITY if name.startswith("R") else NATION, name)
    assert ",".join(rule.subjects) == subjects
    assert ",".join(check.name for check in rule.check.predicates()) == predicates
    said = rule.on_fail + (f">{rule.escalate_to}" if rule.escalate_to else "")
    assert said + (f"?{rule.on_unknown}" if rule.on_unknown else "") == severity
    assert ",".join(rule.where) == ",".join(where)
    assert name[1:].partition(".")[0] in rule.article or rule.article == "24-34"


def test_a_plan_that_is_built_without_approval_is_a_violation_not_one_that_lacks_a_name():
    when = RULES.rule(CITY, "R7.1").escalate_when
    assert dict(when["approved_on"]) == {"missing": True}
    assert when["status"] == "in_implementation"


def test_a_grown_tree_is_judged_like_any_obstacle():
    now = RULES.rule(CITY, "R10.3").check.values
    grown = RULES.rule(CITY, "R10.4").check.values
    assert grown["parts_stay_covered"] is now["parts_stay_covered"] is True
    assert (grown["loss"], grown["years"]) == (now["loss"], 5)


@pytest.mark.parametrize(
    ("conflict", "words"),
    [
        ("C3", ["30 days", "2025-06-30", "changes", "Article 9", "overdue"]),
        ("C4", ["attendance", "Ask whether"]),
        ("C6", ["angle", "cover, move or remove", "consent"]),
        ("C8", ["30 days", "90 days", "song-and-dance"]),
        ("C9", ["GB 37300-2018", "GB 35114-2017", "GB 55029-2022", "GB/T 28181-2022"]),
    ],
)
def test_a_conflict_warns_of_all_that_the_paper_warns_of(conflict, words):
    note = next(c.note["en"] for c in RULES.conflicts if c.id == conflict)
    assert [word for word in words if word not in note] == []


def test_homes_on_other_maps_are_private_under_both_laws():
    for pack, item in ((CITY, "home"), (NATION, "peeping")):
        place = next(entry for entry in RULES.pack(pack).privacy if entry.id == item)
        assert any(("120300", "120304") in selector.amap for selector in place.selectors)


def test_what_the_text_leaves_open_is_said():
    caveats = {zone.id: zone.caveat["en"] for zone in RULES.pack(CITY).zones if zone.caveat}
    assert "Party" in caveats["8.1"]
    assert "clinics" in caveats["8.5"]
    assert "car parks" in caveats["8.7"]
