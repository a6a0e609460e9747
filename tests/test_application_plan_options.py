"""Three options as the page asks for them: what each asks, which of them are compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.application.drawing_up import describe_aims
from civicsight.application.job import Job
from civicsight.application.plan_options import comparable, option_of, three_of, title_of
from civicsight.application.plan_work import PlanAims
from civicsight.application.work import Kind, Task
from civicsight.planning.aims.options import EVERYTHING, LEAST, OPTIONS, RECOMMENDED

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
    assert title_of(aims) == describe_aims(aims)


def test_only_options_that_ask_alike_stand_side_by_side():
    first = [job(aims) for aims in three_of(ASKED)]
    other = [job(replace(aims, ruled_out=("x",))) for aims in three_of(ASKED)[:2]]
    jobs = [*other[::-1], job(PlanAims(1e5)), *first[::-1]]
    assert comparable(jobs, first[0].task.aims) == dict(zip(OPTIONS, first, strict=True))
    assert list(comparable(jobs, other[0].task.aims).values()) == other
    assert list(comparable(jobs, PlanAims(1e5)).values()) == other  # the last one stands for it
    assert comparable([job(PlanAims(1e5))], None) == {}
