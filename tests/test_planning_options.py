"""Three options of a plan: figures counted by hand, the sheet, and the command that makes them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.i18n import LANGUAGES
from civicsight.io.project_file import save_city
from civicsight.planning.aims.boundary import with_years
from civicsight.planning.aims.options import (
    EVERYTHING,
    LEAST,
    OPTIONS,
    RECOMMENDED,
    alike,
    none_dearer,
    three_of,
)
from civicsight.planning.aims.request import Aims
from civicsight.planning.area.scope import Scope
from civicsight.planning.record.documents import documents_in, from_documents
from civicsight.planning.record.root import root_of
from civicsight.planning.statement.figures import figures_of
from civicsight.report.plan.options import beside, lost_beside, rows_of, write_options
from civicsight.report.plan.teller import teller_of
from civicsight.store import Actor, Role, open_store
from tests.plan_made import checked, hand_plan


def test_what_each_option_asks():
    aims = Aims(1e5, (2027,), scope=Scope(districts=("East",)), pinned={"a": 2027})
    three = three_of(aims)
    assert list(three) == list(OPTIONS)
    for one in three.values():
        assert one.budget_yuan is None
        assert (one.years, one.pinned, one.scope.districts) == ((2027,), {"a": 2027}, ("East",))
    asked = [(one.scope.known_gates, one.few_sites, one.robust_k) for one in three.values()]
    assert asked == [(True, False, 0), (True, True, 0), (False, False, 1)]


def test_the_figures_of_an_option_are_those_of_its_plan():
    plan = hand_plan()
    told = {str(label): str(value) for label, value in rows_of(figures_of(plan))}
    assert told["Works [10,000 yuan]"] == "2.43"
    assert told["Investment with what is added [10,000 yuan]"] == "2.43"
    assert (told["Places compliant"], told["Places compliant before the plan"]) == ("1 / 1", "0")
    assert (told["Gaps closed"], told["Left open"]) == ("1", "0")
    half = plan.parts.assign(status_after=plan.parts["status_before"])
    scope = {**plan.parameters, "scope": {"known_gates": False, "districts": []}}
    less = hand_plan(parts=half, parameters=scope)
    told = {str(label): str(value) for label, value in rows_of(figures_of(less))}
    assert (told["Gaps closed"], told["Left open"]) == ("0", "1")
    assert told["of these not asked for"] == "0"
    assert told["Places compliant"] == "0 / 1"


def test_options_that_came_out_as_one_plan_are_named():
    same = hand_plan()
    later = hand_plan().measures
    later["year"] = later["year"].where(later["year"].eq(0), 2030)
    other = hand_plan(measures=later)
    assert alike({LEAST: same, RECOMMENDED: same, EVERYTHING: other}) == [(LEAST, RECOMMENDED)]
    assert alike({LEAST: same, EVERYTHING: other}) == []


def test_the_sheet_has_each_option_as_a_column_in_both_languages(tmp_path):
    later = hand_plan().measures
    later["year"] = later["year"].where(later["year"].eq(0), 2030)
    plans = {LEAST: hand_plan(), RECOMMENDED: hand_plan(), EVERYTHING: hand_plan(measures=later)}
    told = [
        {code: teller_of(plan, checked(), language) for code, plan in plans.items()}
        for language in LANGUAGES
    ]
    names = {path.name for path in write_options(told, tmp_path)}
    assert names == {
        "options.xlsx", "options.zh-CN.html", "options.zh-CN.docx", "options.en.html",
        "options.en.docx",
    }  # fmt: skip
    page = (tmp_path / "options.zh-CN.html").read_text("utf-8")
    assert all(word in page for word in ("保底方案", "推荐方案", "全覆盖方案", "结果为同一方案"))
    paper = docx.Document(str(tmp_path / "options.en.docx"))
    assert [cell.text for cell in paper.tables[0].rows[0].cells][1:] == [
        "At least", "Recommended", "Everything",
    ]  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "options.xlsx").worksheets[1]
    rows = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
    assert rows["2030"] == (0, 0, 2.43)


@pytest.mark.slow
def test_one_command_computes_keeps_and_compares_three_options(tmp_path, capsys):
    city = tmp_path / "city.gpkg"
    save_city(with_years(checked().city, (2028, 2029)), city)
    store, out = tmp_path / "plans.gpkg", tmp_path / "three"
    words = ("plan", "options", city, "--steps", "50", "--out", out, "--store", store)
    assert run([*map(str, words), "--lang", "en"]) == BAD_INPUT  # nobody acts
    capsys.readouterr()
    words += ("--plan", "east", "--as", "Li", "--json")
    assert run([*map(str, words), "--lang", "en"]) == OK
    told = json.loads(capsys.readouterr().out)
    assert list(told["options"]) == [LEAST, RECOMMENDED, EVERYTHING]
    assert [one["kept"]["version"] for one in told["options"].values()] == [1, 3, 2]
    cost = {code: one["cost_yuan"] for code, one in told["options"].items()}
    assert cost[LEAST] <= min(cost[RECOMMENDED], cost[EVERYTHING])
    for code, one in told["options"].items():
        files = documents_in(Path(one["folder"]))
        assert root_of(files) == one["kept"]["root"]
        assert list(from_documents(files).parameters["years"]) == [2028, 2029], code
    with open_store(store) as opened:
        latest = opened.read_version(Actor("Li", Role.PLANNER), "east")
    assert latest.digest == told["options"][RECOMMENDED]["kept"]["root"]


def test_a_plan_beside_another_tells_what_differs_and_what_is_lost():
    plan, result = hand_plan(), checked()
    label = plan.parts.index[0]
    more = plan.parts.assign(status_after="covered")
    less = more.assign(status_after=["gap", *["covered"] * (len(more) - 1)])
    there, here = (teller_of(replace(plan, parts=parts), result, "en") for parts in (more, less))
    rows = {str(row[0]): row[1:] for row in beside(here, there)}
    assert rows["Gates and key parts compliant"] == (str(len(more)), str(len(more) - 1))
    assert "Works [10,000 yuan]" not in rows, "what does not differ is left out"
    assert lost_beside(here, there) == [str(label)]
    assert lost_beside(there, here) == []
    assert beside(here, here) == []


@pytest.mark.parametrize(("least", "shown"), [(3.0, 2.0), (2.0, 2.0), (1.0, 1.0)])
def test_the_least_option_is_never_the_dearer_of_two_that_meet_the_same(least, shown):
    costs = {LEAST: least, RECOMMENDED: 2.0, EVERYTHING: 1.5}
    assert none_dearer(costs, float) == {**costs, LEAST: shown}
    assert none_dearer({LEAST: least}, float) == {LEAST: least}
