"""How good a plan is: one sentence in every voice, and optimal only where anybody recounts it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pandas as pd
import pytest

import civicsight
from civicsight.cli.plan_output import describe
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.planning.prices.terms import BUDGET_OF, BudgetOf
from civicsight.planning.record.documents import to_record
from civicsight.planning.record.plan import FUNDS, STAGES, Goal
from civicsight.planning.solver.outcome import Progress, Status, gap_between
from civicsight.planning.statement.claims import at_most, so_far, statement_of
from civicsight.planning.statement.figures import figures_of
from civicsight.planning.statement.promises import unmet_of
from civicsight.report.plan.chapters import proof
from civicsight.report.plan.endings import ending_of_record, headline
from civicsight.report.plan.papers import write_plan
from civicsight.report.plan.script import with_told
from civicsight.report.plan.teller import teller_of
from tests.drawn import a_few
from tests.plan_made import checked, hand_plan, make_proof, plan_in

COST = 24_300.0
CLAIMED = {"status": Status.OPTIMAL, "value": COST, "bound": 23_428.0, "solver_bound": COST}
WHOLE = CLAIMED | {"bound": COST}
OPEN = CLAIMED | {"status": Status.FEASIBLE, "solver_bound": 23_500.0}


def say(language="en", **more):
    return [translate(line, language) for line in statement_of(hand_plan(**more)).lines()]


def bought(value, bound, aim="places", **more):
    """Return a plan that a budget bought."""
    known = {"goal": Goal.WIDEST, "value": value, "bound": bound, "solver_bound": value,
             "status": Status.OPTIMAL}  # fmt: skip
    stages = pd.DataFrame([(aim, abs(value), abs(bound))], columns=list(STAGES))
    return hand_plan(proof=make_proof(**known | more), stages=stages)


def test_optimal_is_said_only_where_the_recountable_bound_meets_the_cost():
    assert say(proof=make_proof(**WHOLE)) == [
        "Optimal, and independently verifiable: no plan can be cheaper."
    ]
    claimed = (
        "Best plan found. Reported optimal by the solver; independently verifiable: no plan can "
        "be more than 3.59 % cheaper."
    )
    assert say(proof=make_proof(**CLAIMED)) == [claimed]
    assert say(proof=make_proof(**OPEN)) == [
        "Best plan found. Independently verifiable: no plan can be more than 3.59 % cheaper."
    ]
    assert (
        "求解器判定最优；可独立复核的差距不超过 3.59 %"
        in say("zh_CN", proof=make_proof(**CLAIMED))[0]
    )
    assert "费用至多还能再降低 3.59 %" in say("zh_CN", proof=make_proof(**OPEN))[0]
    assert "求解器" not in say("zh_CN", proof=make_proof(**OPEN))[0]
    codes = [statement_of(hand_plan(proof=make_proof(**each))).code
             for each in (WHOLE, CLAIMED, OPEN)]  # fmt: skip
    assert codes == ["optimal", "reported_optimal", "feasible"]


@pytest.mark.parametrize(
    "figures", a_few([WHOLE, CLAIMED, OPEN], 2), ids=["whole", "claimed", "open"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_voice_says_the_same_sentence(tmp_path, figures, language):
    plan = with_told(hand_plan(proof=make_proof(**figures)), checked())
    (said,) = [translate(line, language) for line in statement_of(plan).lines()]
    teller = teller_of(plan, checked(), language)
    record = to_record(plan)
    write_plan(plan, checked(), tmp_path, languages=[language], pdf=False)
    (paper,) = tmp_path.glob("plan.*.docx")
    (page,) = (path for path in tmp_path.glob("*.html"))
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True)
             for cell in row]  # fmt: skip
    voices = {
        "sheet": " ".join(translate(line, language) for line in headline(figures_of(plan))),
        "certificate": " ".join(str(block) for block in proof(teller).blocks),
        "terminal": " ".join(translate(line, language) for line in describe(plan)),
        "review": " ".join(translate(line, language) for line in ending_of_record(record)),
        "paper": " ".join(each.text for each in docx.Document(paper).paragraphs),
        "page": page.read_text("utf-8"),
        "workbook": " ".join(cells),
    }
    assert [name for name, text in voices.items() if said not in text] == []
    wrong = re.compile("proved optimal|已证明最优|0[.]00 ?%")
    assert [name for name, text in voices.items() if wrong.search(text)] == []
    assert statement_of(plan_in(tmp_path)).describe() == statement_of(plan).describe()


def test_a_plan_that_reaches_nothing_is_not_the_best():
    assert gap_between(0.0, 4.0) == float("inf")
    assert gap_between(0.0, 0.0) == 0.0
    assert Progress(0.1, 1, 0.0, 4.0, "exact").gap > 0.0
    plan = bought(0.0, 4.0)
    stated = statement_of(plan)
    assert not stated.is_optimal
    assert str(stated.describe()).endswith(
        "no plan for this money can make more than 4 places compliant; this plan makes 0."
    )
    told = stated.to_dict()
    assert (told["gap"], told["gap_absolute"]) == (None, 4.0)
    assert str(statement_of(plan).margin()) == "places: 4"
    assert "至多使 4 处场所合规，本方案为 0 处" in translate(stated.describe(), "zh_CN")


def test_a_budget_that_pays_for_all_says_so_of_places():
    money = {"budget_yuan": 60_000.0, "budget_of": "works"}
    said = "The money pays for all that can be covered: no plan can make more places compliant."
    assert said in say(parameters=money)
    assert said not in say()
    assert said not in [str(line) for line in statement_of(bought(4.0, 5.0)).lines()]


def test_a_budget_says_its_bound_in_places_and_whole_ones():
    assert "more than 49 places compliant; this plan makes 45" in str(
        statement_of(bought(45.0, 49.7)).describe()
    )
    assert str(statement_of(bought(45.0, 45.4)).describe()) == (
        "Optimal, and independently verifiable: no plan for this money can make more places "
        "compliant; this plan makes 45."
    )
    assert "this plan reaches 4.5" in str(statement_of(bought(4.5, 5.0, "metres")).describe())
    assert "less than 3; this plan has 12" in str(
        statement_of(bought(-12.0, -3.0, "exposure")).describe()
    )
    policy = {"policy": {"weights": {"8.4": 0.5}}}
    weighted = replace(bought(45.5, 49.7), parameters=policy)
    assert "reach more than 49.7; this plan reaches 45.5 (places made compliant)" in str(
        statement_of(weighted).describe()
    )
    older = hand_plan(proof=make_proof(goal=Goal.WIDEST, value=4.0, bound=5.0, solver_bound=4.0))
    assert "reach more than 5; this plan reaches 4" in str(statement_of(older).describe())


def test_life_cycle_cost_and_a_cost_without_a_bound_are_called_so():
    life = {"parameters": {"life_cycle": True}}
    assert "life-cycle cost more than 3.59 % lower" in say(proof=make_proof(**CLAIMED), **life)[0]
    assert "lower life-cycle cost" in say(proof=make_proof(**WHOLE), **life)[0]
    unbound = make_proof(**OPEN | {"bound": 0.0})
    assert say(proof=unbound) == [
        "Best plan found. Independently verifiable: how much cheaper a plan could be is not known."
    ]
    held = say(proof=make_proof(**CLAIMED), parameters={"held": ["x"]})
    assert "always kept" in held[-1]


@pytest.mark.parametrize("figures", [WHOLE, CLAIMED])
def test_what_is_not_kept_is_named_and_nothing_is_called_optimal(figures):
    funds = pd.DataFrame(
        [
            (2027, "East", 5_000.0, 5_000.0, 1.0, 0.99999),
            (2028, "", 100.0, 24_300.0, float("nan"), float("nan")),
            (2028, "West", float("nan"), 0.0, 0.5, 0.5),
        ],
        columns=list(FUNDS),
    )
    asked = {"pinned": {"away": 2027, "new/1": 2030, "nobody": 2027}}
    plan = hand_plan(proof=make_proof(**figures), funds=funds, parameters=asked)
    lines = [str(line) for line in statement_of(plan).lines()]
    assert lines == [
        "The plan does not keep all that was asked for (4 not kept).",
        (
            "Not kept: East has to reach 100 % of its demand by the end of 2027; the plan reaches "
            "99.9 %."
        ),
        "Not kept: new/1 is asked for in 2030; the plan has it in 2028.",
        "Not kept: nobody is asked for in 2027; the plan does nothing there in any year.",
        (
            "The plan spends more than there is (Works; 2028, all districts): budget 100 yuan, "
            "spent 23,500 yuan."
        ),
    ]
    assert [str(line) for line in headline(figures_of(plan))][1:6] == lines
    assert [str(line) for line in ending_of_record(to_record(plan))][1:4] == lines[1:4]
    assert statement_of(plan).code == "missed"
    grids = " ".join(str(block) for block in proof(teller_of(plan, checked(), "en")).blocks)
    assert "optimal" not in grids.lower()


def test_what_is_kept_is_not_named():
    rows = [(0, "East", 10.0, 10.0, 0.9, 0.9 - 1e-9)]
    years = pd.Series({"a": 2027, "b": 0})
    assert unmet_of(pd.DataFrame(rows, columns=list(FUNDS)), years, {"a": 2027}) == ()


@pytest.mark.parametrize(
    ("bound", "said"), [(100.0, "0 %"), (99.9999, "0.01 %"), (96.41, "3.59 %"), (96.4099, "3.60 %")]
)
def test_a_gap_is_rounded_up_and_nought_only_where_it_is(bound, said):
    assert at_most(100.0, bound) == said


def test_the_effort_is_said_as_far_as_it_is_on_record():
    plan = hand_plan()
    assert str(statement_of(plan).effort()) == (
        "Effort: 1,000 steps of the search; the permitted steps were used up."
    )
    timed = plan.history.assign(processor_s=[float("nan"), 12.34])
    assert "1,000 steps of the search, 12 s of processor time" in str(
        statement_of(hand_plan(history=timed)).effort()
    )
    none = make_proof(steps=0, status=Status.STOPPED)
    assert str(statement_of(hand_plan(proof=none)).effort()).startswith("How it ended: the search")


def test_a_search_says_where_it_is_in_its_own_units():
    assert so_far(float("inf"), 0.0, money=BUDGET_OF[BudgetOf.WORKS]) is None
    assert (
        str(so_far(5.0, 0.0, money=BUDGET_OF[BudgetOf.WORKS]))
        == "Best so far (Works): 5 yuan, no bound yet"
    )
    assert (
        str(so_far(5.0, 4.0, money=BUDGET_OF[BudgetOf.WORKS]))
        == "Best so far (Works): 5 yuan, at least 4 needed"
    )
    assert "0 places compliant, at most 4 possible" in str(so_far(0.0, 4.0, money=None))


@pytest.mark.parametrize("kept", ["plan-v1", "plan-v2"])
def test_kept_plans_of_every_format_have_a_statement(kept):
    plan = plan_in(Path(__file__).parent / "kept" / kept)
    stated = statement_of(plan)
    assert stated.processor_s is None
    assert stated.code in {"optimal", "reported_optimal", "feasible", "stopped"}
    assert (stated.bound <= stated.value) == (stated.goal is Goal.CHEAPEST)


def test_nothing_else_words_a_gap():
    rooms = (Path(civicsight.__file__).parent / room for room in ("report", "ui", "cli"))
    told = {path.name: path.read_text("utf-8") for room in rooms for path in room.rglob("*.py")}
    words = re.compile(r"proof\.(gap|solver_gap|status)|proved optimal|solver's word")
    assert [name for name, text in told.items() if words.search(text)] == []
