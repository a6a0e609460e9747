"""Plans of the optimiser as versions: what a dearer one says of a cheaper one that reaches more."""

from __future__ import annotations

import pytest

from civicsight.core.i18n import translate
from civicsight.planning.statement.figures import figures_of
from civicsight.store import Actor, Role, open_store
from civicsight.store.optimised_plans import describe_better, keep_plan
from tests.plan_made import gate, hand_plan, make_parts

LI = Actor("Li", Role.PLANNER)


def plan_for(money, *, closed=True, **asked):
    """Return the plan by hand with a budget; where it closes nothing, the north gate stays open."""
    parts = make_parts()
    if not closed:
        parts.loc[gate("n"), "status_after"] = "gap"
    told = hand_plan().parameters | {"budget_yuan": money, "budget_of": "investment"} | asked
    return hand_plan(parts=parts, parameters=told)


CHEAP = plan_for(30_000.0)


@pytest.mark.parametrize(
    ("kept", "dear", "said"),
    [
        (CHEAP, plan_for(60_000.0, closed=False), True),
        (CHEAP, plan_for(30_000.0, closed=False, seed=8), True),
        (CHEAP, plan_for(60_000.0), False),
        (CHEAP, plan_for(25_000.0, closed=False), False),
        (CHEAP, plan_for(60_000.0, closed=False, years=[2028]), False),
        (CHEAP, plan_for(None, closed=False), False),
        (plan_for(None), plan_for(60_000.0, closed=False), False),
        (
            hand_plan(parameters=CHEAP.parameters, inputs={**CHEAP.inputs, "cameras": "0" * 64}),
            plan_for(60_000.0, closed=False),
            False,
        ),
    ],
)
def test_a_kept_version_that_makes_more_places_compliant_for_no_more_money_is_said(
    tmp_path, kept, dear, said
):
    with open_store(tmp_path / "plans.gpkg", create=True) as store:
        keep_plan(store, LI, "east", kept, "East")
        keep_plan(store, LI, "east", dear, "East")
        told = describe_better(store, LI, "east", dear)
    assert bool(told) == said
    if said:
        better, worse = (figures_of(p).of("places.compliant.after") for p in (kept, dear))
        assert better > worse
        assert "第1版以 30,000 元预算（建设投资）" in translate(told[0], "zh_CN")
        assert "for a budget (Investment) of 30,000 yuan" in translate(told[0], "en")
