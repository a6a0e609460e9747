"""The money of a plan on the page of the optimiser, added up by hand."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from civicsight.application.outputs import write_drawn
from civicsight.application.plan_money import (
    bill_rows,
    district_rows,
    project_rows,
    source_rows,
    year_rows,
)
from civicsight.editing.project import Project
from civicsight.planning.money.funding import fund
from civicsight.planning.money.payers import Payer
from civicsight.store import Actor, Denied, Role
from tests.app_town import DIGEST, RULES
from tests.plan_made import checked, hand_plan


def said(rows):
    return [(str(what), count, money) for what, count, money in rows]


def test_the_bill_lists_items_and_sums_of_sections_in_units_of_ten_thousand():
    rows = said(bill_rows(hand_plan()))
    assert ("Erect a pole with its foundation", "1", "1.20") in rows
    assert ("Lay power and network to the site", "4", "0.80") in rows
    assert ("Sub-total: Poles and mounting", "", "1.20") in rows
    assert rows[-1] == ("In all", "", "2.43")


def test_years_and_districts_add_up_to_the_cost():
    plan = fund(hand_plan(), [Payer("city", district="West")], checked().cameras["owner"])
    assert said(year_rows(plan)) == [
        ("2027", "1", "0.08"), ("2028", "1", "2.35"), ("In all", "2", "2.43")
    ]  # fmt: skip
    assert said(district_rows(plan)) == [
        ("East, 2027", "1", "0.08"), ("West, 2028", "1", "2.35"), ("In all", "2", "2.43")
    ]  # fmt: skip
    assert said(source_rows(plan)) == [
        ("City budget", "1", "2.35"), ("not assigned", "1", "0.08"), ("In all", "2", "2.43")
    ]  # fmt: skip
    assert [row[2] for row in said(project_rows(plan))] == ["0.08", "2.35", "2.43"]


def project(folder):
    return Project(checked().city, RULES, checked(), DIGEST, folder / "plans.gpkg")


@pytest.mark.slow
def test_documents_of_a_plan_that_nobody_kept_are_one_archive(tmp_path):
    actor = Actor("Li", Role.PLANNER)
    name, content = write_drawn(project(tmp_path), actor, hand_plan(), ["en"])
    files = set(ZipFile(BytesIO(content)).namelist())
    assert name.endswith(".zip")
    assert {"plan.xlsx", "bill.csv", "measures.csv", "plan.gpkg", "plan.en.docx"} <= files


def test_a_planner_of_one_district_takes_no_plan_of_all(tmp_path):
    actor = Actor("Xi", Role.DISTRICT_PLANNER, "West")
    with pytest.raises(Denied):
        write_drawn(project(tmp_path), actor, hand_plan(), ["en"])
