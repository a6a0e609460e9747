"""Rules asked of the papers of a school: lists, plans, approvals, projects."""

from __future__ import annotations

import pytest

from tests.compliance_made import answer, of, verdicts

CITY_POLICE = "Nanchang Municipal Public Security Bureau"
APPROVED = {
    "lead": CITY_POLICE,
    "co_departments": "finance",
    "plan_date": "2026-01-01",
    "approved_on": "2026-02-01",
    "approved_by": "Nanchang Municipal People's Government",
}
"""A plan with its authors and its approval."""


@pytest.mark.parametrize(
    ("rule", "records", "found", "nearest"),
    [
        ("R4.1", {"authority": "Corner shop"}, "Corner shop", ""),
        ("R10.1", {"standards": "we like it", "capture_profile": "recognise",
                   "night_reach_m": 30.0}, "we like it", ""),
        ("R10.1", {"standards": "GB 37300-2018", "capture_profile": "sharp",
                   "night_reach_m": 30.0}, "sharp", ""),
        ("R14.2", {"owner": "non_government", "interface_standard": "telepathy"}, "telepathy", ""),
        ("R14.2", {"owner": "non_government", "interface_standard": "GB/T 28181-2035"},
         "GB/T 28181-2035", "GB/T 28181"),
    ],
)  # fmt: skip
def test_what_is_on_no_list_of_the_law_is_a_question_and_names_the_nearest(
    rule, records, found, nearest
):
    verdict = verdicts(records)
    row = verdict[verdict["rule"].eq(rule) & verdict["subject"].eq("south")].iloc[0]
    assert (row["outcome"], row["missing"]) == ("undetermined", ("answers",))
    assert f'"{found}" is not on the list' in str(row["because"][0])
    assert str(row["because"][0]).endswith(f"nearest on it: {nearest}") or not nearest
    answered = verdicts(records, answers={"1": answer(rule, "yes", "south")})
    assert of(answered, rule, "south")[0] == "pass"  # a person has looked at it


def test_a_plan_by_a_corner_shop_with_a_bakery_is_a_question():
    plan = APPROVED | {"co_departments": "finance;planning"}
    assert of(verdicts(plans={"g": plan}), "R7.1", "g")[0] == "pass"
    for wrong in ({"lead": "Corner shop Ltd"}, {"co_departments": "finance;Bakery"}):
        found = verdicts(plans={"g": plan | wrong})
        assert of(found, "R7.1", "g") == ("undetermined", "judgement")


NAMED = ("development and reform", "industry and information technology", "Nanchang Finance Bureau",
         "规划", "construction", "market supervision", "城管", "landscaping")  # fmt: skip
"""The departments that the article names, as papers may call them."""


def notes(*departments):
    return {
        str(n): {"kind": "consultation", "department": name, "dated_on": "2026-01-10"}
        for n, name in enumerate(departments)
    }


def test_a_note_of_each_department_that_the_law_names_and_of_those_of_the_plan():
    plan = {"g": {"co_departments": "finance;planning", "plan_date": "2026-01-01"}}
    assert of(verdicts(plans=plan, documents=notes(*NAMED)), "R4.2", "g")[0] == "pass"
    found = verdicts(plans=plan, documents=notes("finance", "planning"))
    assert of(found, "R4.2", "g") == ("fail", "judgement")
    (row,) = [row for _, row in found.iterrows() if row["rule"] == "R4.2"]
    assert str(row["because"][0]) == (
        "no note of: development and reform, industry and information technology, construction, "
        "market-quality supervision, urban management, landscaping"
    )
    assert of(verdicts(plans=plan), "R4.2", "g")[0] == "undetermined"


def test_a_department_that_only_the_plan_names_is_heard_too():
    plan = {"g": {"co_departments": "transport", "plan_date": "2026-01-01"}}
    found = verdicts(plans=plan, documents=notes(*NAMED))
    assert of(found, "R4.2", "g") == ("fail", "judgement")
    heard = verdicts(plans=plan, documents=notes(*NAMED, "transport"))
    assert of(heard, "R4.2", "g")[0] == "pass"


def test_a_plan_that_names_no_department_is_asked_for_those_of_the_law_and_passes_nothing():
    plan = {"g": {"plan_date": "2026-01-01"}}
    found = verdicts(plans=plan, documents=notes(*NAMED[1:]))
    assert of(found, "R4.2", "g") == ("fail", "judgement")
    found = verdicts(plans=plan, documents=notes(*NAMED))
    assert of(found, "R4.2", "g") == ("undetermined", "judgement")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "pass"),
        ({"approved_by": "南昌市人民政府"}, "pass"),
        ({"approved_by": "Corner shop"}, "undetermined"),
        ({"approved_by": None}, "undetermined"),  # nobody was ever asked
        ({"approved_on": "2025-12-31"}, "fail"),  # older than what it approves
    ],
)
def test_a_plan_takes_effect_by_the_approval_of_the_government_of_the_city(changes, outcome):
    assert of(verdicts(plans={"g": APPROVED | changes}), "R7.1", "g")[0] == outcome


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"changed": False}, "not_applicable"),
        ({}, "undetermined"),  # whether it changed is not recorded
        ({"changed": True}, "fail"),
        ({"changed": True, "change_approved_on": "2026-05-01"}, "fail"),  # by whom?
        ({"changed": True, "change_approved_on": "2026-05-01",
          "change_approved_by": "Corner shop"}, "undetermined"),
        ({"changed": True, "change_approved_on": "2026-05-01",
          "change_approved_by": "市政府"}, "pass"),
        ({"changed": True, "change_approved_on": "2026-03-31",
          "change_approved_by": "市政府"}, "fail"),  # before the change
    ],
)  # fmt: skip
def test_a_change_of_an_approved_plan_is_approved_in_its_turn(changes, outcome):
    old = {"status": "superseded", "plan_date": "2020-01-01", "change_approved_on": "2021-01-01",
           "change_approved_by": "市政府"}  # fmt: skip
    plan = APPROVED | {"changed_on": "2026-04-01"} | changes
    assert of(verdicts(plans={"g": plan, "old": old}), "R7.8", "g")[0] == outcome


def test_a_plan_in_implementation_without_approval_is_a_violation():
    columns = {
        "lead": "police",
        "co_departments": "finance",
        "plan_date": "2026-01-01",
        "text": "purchase of Hikvision domes",
    }
    old = {"approved_on": "2025-01-01", "status": "superseded"}
    found = verdicts(plans={"g": columns | {"status": "in_implementation"}, "old": old})
    assert of(found, "R7.1", "g")[1] == "violation"
    draft = verdicts(plans={"g": columns | {"status": "draft"}})
    assert of(draft, "R7.1", "g")[1] == "judgement"
    assert of(found, "R12.1", "g") == ("fail", "warning")


def test_projects_that_come_too_late():
    project = {"kind": "new", "system_required": True, "main_design_approved_on": "2025-05-01",
               "system_design_on": "2025-06-01", "main_in_use_on": "2026-01-01",
               "system_in_use_on": "2026-01-01", "acceptance_on": "2026-01-02",
               "acceptance_result": "passed", "police_attended": True,
               "documents": "design_chapter"}  # fmt: skip
    found = verdicts(projects={"late": project, "other": {"kind": "new", "system_required": False}})
    assert of(found, "R11.1", "late") == ("fail", "violation")
    assert of(found, "R11.2", "late")[0] == "pass"
    assert of(found, "R13.1", "late")[0] == "fail"
    assert of(found, "R11.1", "other")[0] == "not_applicable"


IN_STEP = {
    "kind": "new", "system_required": True,
    "system_design_on": "2025-01-10", "main_design_approved_on": "2025-02-01",
    "main_started_on": "2025-03-01", "main_completed_on": "2026-01-10",
    "system_started_on": "2025-09-01", "system_completed_on": "2026-01-08",
    "acceptance_on": "2026-01-20", "acceptance_result": "passed", "police_attended": True,
    "police_unit": "Donghu District Public Security Sub-bureau",
    "main_in_use_on": "2026-02-01", "system_in_use_on": "2026-02-01",
}  # fmt: skip
"""A project of which every date follows the other and the system keeps step."""


@pytest.mark.parametrize(
    ("changes", "rule", "outcome"),
    [
        ({}, "R11.1", "pass"),
        ({}, "R11.3", "pass"),
        ({}, "R11.4", "pass"),
        ({}, "R13.1", "pass"),
        ({}, "R13.3", "pass"),
        ({"system_started_on": "2026-01-11", "system_completed_on": "2026-01-19"}, "R11.3", "fail"),
        ({"system_completed_on": "2026-01-11"}, "R11.3", "fail"),
        ({"system_started_on": "2025-01-09"}, "R11.3", "fail"),  # built before it was designed
        ({"system_started_on": None}, "R11.3", "undetermined"),
        ({"main_completed_on": None}, "R11.3", "undetermined"),
        ({"main_started_on": "2025-01-31"}, "R11.4", "fail"),  # before the design was approved
        ({"main_in_use_on": "2026-01-09"}, "R11.4", "fail"),  # used before it was completed
        ({"main_completed_on": "2025-02-28"}, "R11.4", "fail"),
        ({"system_completed_on": "2025-08-31"}, "R11.4", "fail"),
        ({"main_in_use_on": None}, "R11.4", "undetermined"),
        ({"system_completed_on": "2026-01-21"}, "R13.1", "fail"),  # accepted before completed
        ({"system_completed_on": None}, "R13.1", "undetermined"),
        ({"police_unit": "Corner shop"}, "R13.3", "undetermined"),
        ({"police_unit": None}, "R13.3", "undetermined"),
        ({"police_attended": False}, "R13.3", "not_applicable"),
    ],
)
def test_three_together_design_works_and_use_in_their_order(changes, rule, outcome):
    assert of(verdicts(projects={"p": IN_STEP | changes}), rule, "p")[0] == outcome


def test_an_acceptance_without_the_police_is_called_that_and_not_unrecorded():
    project = {"kind": "new", "system_required": True, "main_in_use_on": "2026-01-01",
               "system_in_use_on": "2026-01-03", "acceptance_on": "2026-01-02",
               "acceptance_result": "passed", "police_attended": False}  # fmt: skip
    found = verdicts(projects={"p": project})
    row = found[found["rule"].eq("R13.1") & found["subject"].eq("p")].iloc[0]
    assert row["outcome"] == "fail"
    said = " ".join(map(str, row["because"]))
    assert "recorded as no" in said
    assert "not recorded" not in said
