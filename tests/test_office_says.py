"""What a careless or hostile office writes into its records: each case in both directions.

Held against the same school: what must be found, and what must not be refused.
"""

from __future__ import annotations

import pytest
from shapely.geometry import Point, box

from civicsight.model import CAMERAS
from civicsight.rules import load_packs
from civicsight.rules.closed import find_term
from tests.compliance_made import answer, of, verdicts
from tests.drawn import every_other
from tests.test_compliance_papers import APPROVED, IN_STEP, NAMED

PLAN = APPROVED | {"co_departments": "finance;planning", "inventory_date": "2025-12-01"}
CHANGED = PLAN | {"changed": True, "changed_on": "2026-04-01", "change_approved_by": "市政府"}


def letters(day: str | None) -> dict[str, dict[str, str | None]]:
    return {str(n): {"kind": "consultation", "department": name, "dated_on": day}
            for n, name in enumerate(NAMED)}  # fmt: skip


def plan(**changes: object) -> dict[str, object]:
    return {"plans": {"g": PLAN | changes}}


def heard(day: str | None, **changes: object) -> dict[str, object]:
    return plan(**changes) | {"documents": letters(day)}


FILED = {"setting_class": "listed_public", "in_use_on": "2020-01-01"}
CONSENT = {"1": {"kind": "consent", "subject": "south", "dated_on": "2025-01-01"}}
MILITARY = {"consent_areas": {"m": {"kind": "military", "geometry": box(20, 5, 40, 14)}}}

DATES = [
    ("R7.1", "g", "pass", plan()),
    ("R7.1", "g", "fail", plan(approved_on="2035-01-01")),
    ("R7.1", "g", "fail", plan(plan_date="2035-01-01", approved_on="2036-01-01")),
    ("R7.1", "g", "fail", plan(approved_on="2025-12-31")),
    ("R7.1", "g", "pass", plan(approved_on="2026-11-26")),  # today itself
    ("R7.1", "g", "fail", plan(approved_on="2026-11-27")),
    ("R7.2", "g", "pass", plan()),
    ("R7.2", "g", "fail", plan(inventory_date="2035-01-01")),
    ("R7.2", "g", "fail", plan(inventory_date="2026-01-02")),  # a day after the plan
    ("R7.2", "g", "pass", plan(inventory_date="2026-01-01")),
    ("R7.2", "g", "fail", plan(inventory_date="2024-12-31")),
    ("R4.2", "g", "pass", heard("2026-01-20")),
    ("R4.2", "g", "pass", heard("2026-02-01")),  # on the day of the approval
    ("R4.2", "g", "fail", heard("2026-02-02")),
    ("R4.2", "g", "pass", heard("2025-01-01")),  # a year before the plan
    ("R4.2", "g", "fail", heard("2024-12-31")),
    ("R4.2", "g", "fail", heard("1999-01-20")),
    ("R4.2", "g", "fail", heard("2035-01-20")),
    ("R4.2", "g", "undetermined", heard(None)),  # a letter without a day
    ("R4.2", "g", "pass", heard("2026-06-20", approved_on=None)),  # not approved yet
    ("R13.1", "p", "pass", {"projects": {"p": IN_STEP}}),
    ("R13.1", "p", "fail", {"projects": {"p": IN_STEP | {
        "acceptance_on": "2035-01-20", "system_in_use_on": "2035-02-01"}}}),
    ("R11.4", "p", "pass", {"projects": {"p": IN_STEP | {
        "main_in_use_on": "2029-02-01", "system_in_use_on": "2029-02-01"}}}),  # still to come
    ("R7.8", "g", "pass", {"plans": {"g": CHANGED | {"change_approved_on": "2026-05-01"}}}),
    ("R7.8", "g", "fail", {"plans": {"g": CHANGED | {"change_approved_on": "2035-05-01"}}}),
    ("R7.8", "g", "fail", {"plans": {"g": CHANGED | {
        "changed_on": "2025-04-01", "change_approved_on": "2025-05-01"}}}),
    ("N14.2", "south", "pass", {"records": FILED | {"filed_on": "2020-01-20"}}),
    ("N14.2", "south", "fail", {"records": FILED | {"filed_on": "2035-01-01"}}),
    ("N10.1", "south", "pass", MILITARY | {
        "records": {"installed_on": "2025-02-01"}, "documents": CONSENT}),
    ("N10.1", "south", "fail", MILITARY | {
        "records": {"installed_on": "2024-02-01"}, "documents": CONSENT}),
    ("N10.1", "south", "fail", MILITARY | {"records": {"installed_on": "2036-01-01"},
        "documents": {"1": CONSENT["1"] | {"dated_on": "2035-01-01"}}}),
]  # fmt: skip

ANSWERED = {"1": answer("N7.2", "yes", "south", "cn-national-799")}
LATE = {"1": ANSWERED["1"] | {"answered_on": "2035-01-01"}}
GOVERNMENT = {"owner": "government", "status": "existing"}

WORDS = [
    *(("N7.2", "south", "undetermined", {"records": {"necessity": why}})
      for why in ("无", "-", "x", "we like it", "telepathy", "公共安全；无")),
    *(("N7.2", "south", "pass", {"records": {"necessity": why}})
      for why in ("公共安全防范", "治安防控", "Crime prevention", "校园安全；消防安全")),
    ("N7.2", "south", "pass", {"records": {"necessity": "无"}, "answers": ANSWERED}),
    ("N7.2", "south", "undetermined", {"records": {"necessity": "无"}, "answers": LATE}),
    *(("R14.1", "south", outcome, {"records": GOVERNMENT | said}) for outcome, said in (
        ("pass", {"network_state": "connected"}),
        ("pass", {"network_state": "connected", "interface_standard": "GB/T 28181"}),
        ("undetermined", {"network_state": "connected", "interface_standard": "telepathy"}),
        ("undetermined", {"network_state": "scheduled"}),
        ("fail", {"network_state": "not_connected"}),
        ("fail", {"network_state": "telepathy"}),
        ("pass", {"network_state": "scheduled", "status": "planned"}),
    )),
    ("R14.1", "south", "pass", {"records": GOVERNMENT | {"network_state": "scheduled"},
                                "answers": {"1": answer("R14.1", "yes", "south")}}),
    *(("R7.1", "g", "pass", plan(lead=name)) for name in ("南昌市公安局", "市公安局")),
    *(("R7.1", "g", "undetermined", plan(lead=name)) for name in ("上海市公安局", "假冒市公安局")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "subject", "outcome", "told"), every_other([*DATES, *WORDS], 0))
def test_each_case_of_the_table_in_its_direction(rule, subject, outcome, told):
    assert of(verdicts(**told), rule, subject)[0] == outcome


DRAFT = {name: said for name, said in PLAN.items() if not name.startswith("approved")}

GROWING = {"proposals": {"tree": {
    "kind": "tree", "height_m": 2.0, "base_m": 0.5, "height_growth_m": 0.2, "summer": 0.1,
    "winter": 0.7, "geometry": Point(30, -4).buffer(0.5),
}}}  # fmt: skip
"""A tree that hides nothing today and grows into the view of the south gate."""

SEVERITIES = [
    (
        "R7.1",
        "g",
        ("undetermined", "violation"),
        {"plans": {"g": DRAFT | {"status": "in_implementation"}}},
    ),
    ("R7.1", "g", ("undetermined", "judgement"), {"plans": {"g": DRAFT | {"status": "draft"}}}),
    (
        "R7.8",
        "g",
        ("undetermined", "warning"),
        {"plans": {"g": PLAN | {"changed": True, "changed_on": "2026-04-01"}}},
    ),
    ("R7.8", "g", ("undetermined", "info"), plan()),  # whether it changed is not recorded
    ("R4.1", "south", ("undetermined", "warning"), {"records": {"authority": "Corner shop"}}),
    ("R4.1", "south", ("undetermined", "info"), {}),  # nobody was asked
    (
        "R13.3",
        "p",
        ("undetermined", "warning"),
        {"projects": {"p": IN_STEP | {"police_unit": "Corner shop"}}},
    ),
    ("R6.2", "south", ("undetermined", "warning"), MILITARY),
    ("N10.1", "south", ("undetermined", "violation"), MILITARY),
    ("N10.1", "south", ("undetermined", "info"), {}),
    ("R10.3", "tree", ("pass", "info"), GROWING),
    ("R10.4", "tree", ("fail", "warning"), GROWING),  # it reaches the line to the gate in year 3
]


@pytest.mark.parametrize(("rule", "subject", "verdict", "told"), SEVERITIES)
def test_what_is_open_never_lowers_what_was_found(rule, subject, verdict, told):
    assert of(verdicts(**told), rule, subject) == verdict


LAW = load_packs()
BODIES = tuple({
    each.id: each
    for rule in LAW.pack("nanchang").rules
    for check in rule.check.predicates()
    for each in check.values.get("vocabulary", ())
}.values())  # fmt: skip


@pytest.mark.parametrize(
    ("name", "term"),
    [
        *((name, "市公安局") for name in (
            "南昌市公安局", "市公安局", "江西省南昌市公安局", "360100市公安局",
            "Nanchang Municipal Public Security Bureau", "municipal police")),
        *((name, "公安分局") for name in (
            "东湖区公安分局", "东湖公安分局", "南昌市公安局东湖分局", "南昌市公安局青云谱区分局",
            "江西省南昌市东湖区公安分局", "Donghu District Public Security Sub-bureau")),
        ("南昌县公安局", "县（区）公安局"), ("Nanchang County Police", "县（区）公安局"),
        ("南昌市财政局", "财政"), ("发改委", "发展和改革"), ("国网南昌供电公司", "供电"),
        ("中国电信南昌分公司", "通信"), ("东湖区人民政府", "县（区）人民政府"),
        *((name, None) for name in (
            "假冒南昌市公安局", "非东湖区公安分局", "上海市公安局", "九江市公安局",
            "东湖市公安局", "南昌区公安局", "南昌市市公安局", "江西省公安局", "江西省财政局",
            "浦东新区公安分局", "南京市公安局鼓楼分局", "南昌县东湖区公安分局",
            "南昌市公安局假冒分局", "Linhe Municipal Public Security Bureau", "310000市公安局",
            "南昌市公安局食堂", "中国电信上海分公司")),
    ],
)  # fmt: skip
def test_an_authority_is_one_of_the_jurisdiction(name, term):
    found = find_term(name, BODIES, LAW.places)
    assert (found and found.label["zh"]) == term


def test_what_comes_near_is_named():
    row = verdicts(**plan(lead="上海市公安局"))
    (why,) = row.loc[row["rule"].eq("R7.1"), "because"]
    assert "nearest: 南昌市公安局" in str(why[0])


def test_the_examples_of_templates_are_of_the_jurisdiction():
    told = {column.name: column.example for column in CAMERAS}
    row = verdicts(records={name: told[name]["zh"]
                            for name in ("authority", "necessity", "filed_with")})  # fmt: skip
    for rule in ("R4.1", "N7.2"):
        assert of(row, rule, "south")[0] == "pass"
