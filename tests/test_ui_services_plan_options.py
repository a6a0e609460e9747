"""Three options: what each asks, which of them are compared, and figures counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.report.plan.teller import teller_of
from civicsight.ui.services.drawing_up import say_aims
from civicsight.ui.services.job import Job
from civicsight.ui.services.plan_options import (
    EVERYTHING,
    LEAST,
    OPTIONS,
    RECOMMENDED,
    alike,
    beside,
    comparable,
    figures_of,
    lost_beside,
    option_of,
    three_of,
    title_of,
)
from civicsight.ui.services.plan_work import PlanAims
from civicsight.ui.services.work import Kind, Task
from tests.plan_made import checked, hand_plan

ASKED = PlanAims(1e5, (2027, 2028), robust_k=1, districts=("East",), start=("a",), seconds=30.0)


def job(aims):
    return Job(Task(Kind.OPTIMISE, "", "", aims=aims))


def test_options_keep_years_districts_and_time_and_drop_the_rest():
    three = three_of(ASKED)
    assert [option_of(aims) for aims in three] == [LEAST, RECOMMENDED, EVERYTHING]
    for aims in three:
        assert aims.budget_yuan is None
        assert aims.start == ()
        assert (aims.years, aims.districts, aims.seconds) == ((2027, 2028), ("East",), 30.0)
    assert [aims.known_gates for aims in three] == [True, True, False]
    assert [aims.robust_k for aims in three] == [0, 0, 1]


@pytest.mark.parametrize("aims", [
    PlanAims(1e5), PlanAims(), PlanAims(few_sites=True),
])  # fmt: skip
def test_what_is_asked_otherwise_is_no_option(aims):
    assert option_of(aims) == ""
    assert title_of(aims) == say_aims(aims)


def test_only_options_that_ask_alike_stand_side_by_side():
    first = [job(aims) for aims in three_of(ASKED)]
    other = [job(replace(aims, ruled_out=("x",))) for aims in three_of(ASKED)[:2]]
    jobs = [*other[::-1], job(PlanAims(1e5)), *first[::-1]]
    assert comparable(jobs, first[0].task.aims) == dict(zip(OPTIONS, first, strict=True))
    assert list(comparable(jobs, other[0].task.aims).values()) == other
    assert list(comparable(jobs, PlanAims(1e5)).values()) == other  # the last one stands for it
    assert comparable([job(PlanAims(1e5))], None) == {}


def test_the_figures_of_an_option_are_those_of_its_plan():
    plan = hand_plan()
    told = {str(label): value for label, value in figures_of(teller_of(plan, checked(), "en"))}
    assert told["Cost [10,000 yuan]"] == "2.43"
    assert (told["Places lawful"], told["Places newly lawful"]) == ("1 / 1", "1")
    assert (told["Gates and key parts closed"], told["Left open"]) == ("1", "0")
    half = plan.parts.assign(status_after=plan.parts["status_before"])
    scope = {**plan.parameters, "scope": {"known_gates": False, "districts": []}}
    less = teller_of(hand_plan(parts=half, parameters=scope), checked(), "en")
    told = {str(label): value for label, value in figures_of(less)}
    assert (told["Gates and key parts closed"], told["Left open"]) == ("0", "1")
    assert told["of these not asked for"] == "0"
    assert told["Places newly lawful"] == "0"


def test_options_that_came_out_as_one_plan_are_named():
    same = teller_of(hand_plan(), checked(), "en")
    later = hand_plan().measures
    later["year"] = later["year"].where(later["year"].eq(0), 2030)
    other = teller_of(hand_plan(measures=later), checked(), "en")
    assert alike({LEAST: same, RECOMMENDED: same, EVERYTHING: other}) == [(LEAST, RECOMMENDED)]
    assert alike({LEAST: same, EVERYTHING: other}) == []


def test_a_plan_beside_another_tells_what_differs_and_what_is_lost():
    plan, result = hand_plan(), checked()
    label = plan.parts.index[0]
    more = plan.parts.assign(status_after="covered")
    less = more.assign(status_after=["gap", *["covered"] * (len(more) - 1)])
    there, here = (teller_of(replace(plan, parts=parts), result, "en") for parts in (more, less))
    rows = {str(row[0]): row[1:] for row in beside(here, there)}
    assert rows["Gates and key parts covered"] == (str(len(more)), str(len(more) - 1))
    assert "Cost [10,000 yuan]" not in rows, "what does not differ is left out"
    assert lost_beside(here, there) == [str(label)]
    assert lost_beside(there, here) == []
    assert beside(here, here) == []
