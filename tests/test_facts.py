"""One fact is one row with all its legal bases, and severities are counted apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from shapely.geometry import Point

from civicsight.coverage.check import check
from civicsight.planning.compliance import judge
from civicsight.planning.judging.facts import CONCERNED, count_open, facts_of
from civicsight.presentation.names import name_judged
from civicsight.report.compliance import give_account
from civicsight.report.compliance.account import verdict_table
from civicsight.report.compliance.front import front_page, outcome_matrix
from civicsight.rules import load_packs
from tests.compliance_made import TODAY, registers
from tests.test_check import town
from tests.test_rules_overriding import pack, param

STANDARD = param("sign_standard", 1, "count", "assumption")


@cache
def judged(*, sign=False, bare=False):
    """Judge the school of `test_check` with a far sign or none, or without cameras."""
    rules = load_packs(user=[pack(STANDARD)])
    city = town()
    if bare:
        city = replace(city, cameras=city.cameras.iloc[:0])
    far = {"S": {"geometry": Point(400, 400), "facing_deg": 0.0, "height_m": 2.0}}
    city = replace(city, **registers(signs=far)) if sign else city
    return judge(check(city, rules=rules, raster=False), today=TODAY)


def of_signs(table):
    """Return the rows of the two laws that ask for a sign before the same approaches."""
    return table[table["rule"].isin(["R10.2", "N13.2"])]


def test_what_two_laws_find_of_one_camera_is_one_row_with_both_bases():
    found = judged(sign=True)
    verdicts, facts = of_signs(found.verdicts), of_signs(found.facts)
    failed = verdicts[verdicts["outcome"].eq("fail")]
    assert len(failed) == 2 * failed["subject"].nunique() > 0
    rows = facts[facts["outcome"].eq("fail")]
    assert sorted(rows["subject"]) == sorted(set(failed["subject"]))
    for bases in rows["bases"]:
        assert {(one.article, one.rule) for one in bases} == {("10", "R10.2"), ("13", "N13.2")}


def test_a_register_that_nobody_handed_in_is_one_row_and_not_one_for_each_camera():
    found = judged()
    verdicts, facts = of_signs(found.verdicts), of_signs(found.facts)
    cameras = verdicts["subject"].nunique()
    assert len(verdicts) == 2 * cameras > 2
    (row,) = facts.to_dict("records")
    assert (row["subject"], row["outcome"]) == ("", "undetermined")
    assert row["evidence"] == {CONCERNED: cameras}
    assert len(row["bases"]) == 2
    speech = name_judged(found.dossier, "en")
    assert speech.row(row)["subject"] == "every camera: a register lacks"
    assert "(R10.2)" in speech.row(row)["bases"]
    assert "(N13.2)" in speech.row(row)["bases"]


def test_without_an_inventory_coverage_is_one_row_and_not_one_for_each_place():
    facts = judged(bare=True).facts
    lacking = facts[facts["missing"].map(lambda names: tuple(names or ()) == ("inventory",))]
    assert lacking["subject"].eq("").all()
    assert not lacking.duplicated(["subject_kind"]).any() or lacking["rule"].is_unique
    assert facts["severity"].ne("violation").all()


def test_a_fact_is_as_grave_as_its_gravest_basis():
    found = judged(sign=True)
    verdicts = found.verdicts.copy()
    mild = verdicts["rule"].eq("R10.2") & verdicts["outcome"].eq("fail")
    verdicts.loc[mild, "severity"] = "info"
    facts = of_signs(facts_of(found.dossier, verdicts))
    graver = of_signs(verdicts)[of_signs(verdicts)["rule"].eq("N13.2")]["severity"]
    rows = facts[facts["outcome"].eq("fail")]
    assert set(rows["severity"]) <= set(graver)
    assert set(rows["rule"]) == {"N13.2"}


def test_every_verdict_is_a_basis_of_exactly_one_fact_and_none_is_lost():
    found = judged(sign=True)
    verdicts, facts = found.verdicts, found.facts
    rules = set(zip(verdicts["pack"], verdicts["article"], verdicts["rule"], strict=True))
    assert {tuple(one) for bases in facts["bases"] for one in bases} == rules
    assert len(facts) < len(verdicts)
    again = facts_of(found.dossier, facts.drop(columns="bases"))
    assert len(again) == len(facts)  # what is merged does not merge further


def test_questions_that_only_a_person_answers_stay_apart():
    facts = judged().facts
    asked = facts[facts["rule"].isin(["R15.0", "R8.13", "R14.3"])]
    assert asked["rule"].is_unique


def test_the_counts_of_page_tables_and_json_are_those_of_the_facts():
    account = give_account(town(), today=TODAY)
    facts = account.compliance.facts
    failed = facts[facts["outcome"].eq("fail")]["severity"].value_counts()
    front = front_page(account, name_judged(account.dossier, "en"))
    assert front["violations"] == str(int(failed.get("violation", 0)))
    assert front["warnings"] == str(int(failed.get("warning", 0)))
    assert front["questions"] == str(count_open(facts))
    names = name_judged(account.dossier, "en")
    rows = outcome_matrix(account, names, account.figures)["rows"]
    cells = [int(cell.replace(",", "")) for row in rows for cell in row["cells"] if cell]
    assert sum(cells) == len(facts)
    table = verdict_table(account.compliance)
    assert len(table) == len(facts)
    assert any(len(bases) > 1 for bases in table["bases"])


def test_who_stands_inside_who_sees_and_of_whom_nobody_can_say_are_three_numbers():
    account = give_account(town(), today=TODAY)
    found = account.indices
    numbers = (found.privacy_violations, found.privacy_warnings, found.privacy_open)
    assert numbers == (0, 0, 0)
    plain = account.dossier.indices.to_dict()
    assert {"privacy_violations", "privacy_warnings", "privacy_open"} <= set(plain)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_none_looks_in_is_said_only_where_somebody_could_have_seen_it(language):
    lost = town().cameras.assign(azimuth_deg=np.nan)
    account = give_account(town(), lost, today=date(2026, 11, 26))
    privacy = front_page(account, name_judged(account.dossier, language))["privacy"]
    words = {"en": "not judged", "zh_CN": "\u8d44\u6599\u4e0d\u8db3\uff0c\u672a\u5224\u5b9a"}
    assert privacy["warnings"] == words[language]
    assert privacy["violations"] == "0"  # where they stand is known
