"""What is held is in the plan, the rest is the cheapest beside it, and the proof stands."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import MismatchError
from civicsight.coverage.check import check
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.wanted_measures import beside, find_held, with_held
from civicsight.planning.make import make_plan
from civicsight.planning.proof.certificate import issue
from civicsight.planning.proof.evidence import chosen_ids
from civicsight.planning.record.documents import from_record, to_record
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits, Status
from tests.drawn import a_few
from tests.test_check import CAMS, town

RUN = Run(Limits(steps=200), seed=3)


def random_problem(seed):
    """A small problem with sites, slack and double need, in which taking all is feasible."""
    rng = np.random.default_rng(seed)
    rows = [sorted(rng.choice(6, rng.integers(1, 4), replace=False).tolist()) for _ in range(9)]
    rows[0] = list(range(6))
    seen = np.bincount([cell for row in rows for cell in row], minlength=6)
    return Problem.of(
        rows,
        cost=rng.integers(1, 9, 9).astype(float),
        n_requirement=6,
        need=np.minimum(rng.integers(1, 3, 6), seen),
        site=[-1, -1, 0, 0, 0, 1, 1, -1, -1],
        capacity=[2, 2],
        group=[0, 0, 0, -1, -1, -1],
        slack=[1.0],
    )


def cheapest_with(problem, held):
    """Try every choice."""
    costs = [
        problem.price(chosen)
        for chosen in (np.array(one) for one in product([False, True], repeat=9))
        if chosen[held].all() and problem.is_feasible(chosen)
    ]
    return min(costs, default=None)


@pytest.mark.parametrize("seed", range(25))
def test_the_rest_is_the_cheapest_beside_what_is_held(seed):
    problem, rng = random_problem(seed), np.random.default_rng(seed + 100)
    held = np.zeros(9, bool)
    held[rng.choice(9, 2, replace=False)] = True
    wanted = cheapest_with(problem, held)
    if wanted is None:
        return
    outcome = with_held(problem, held, minimise_cost(beside(problem, held)))
    assert outcome.chosen[held].all()
    assert problem.is_feasible(outcome.chosen)
    assert outcome.value == wanted
    assert outcome.bound <= cheapest_with(problem, np.zeros(9, bool))
    assert issue(problem, outcome).cost == wanted  # counted again from the problem as it is


def test_what_nobody_holds_changes_nothing():
    problem, none = random_problem(1), np.zeros(9, bool)
    assert beside(problem, none) is problem
    outcome = minimise_cost(problem)
    assert with_held(problem, none, outcome) is outcome


def test_a_name_without_a_candidate_and_a_crowded_site_are_refused():
    problem, ids = random_problem(1), pd.Index(list("abcdefghi"))
    assert find_held(problem, ids, ["b", "c"]).tolist() == [n in (1, 2) for n in range(9)]
    with pytest.raises(MismatchError, match="z is held"):
        find_held(problem, ids, ["z"])
    with pytest.raises(MismatchError, match="c, d, e"):
        find_held(problem, ids, ["c", "d", "e"])


def test_a_budget_and_something_held_are_not_asked_for_at_once():
    with pytest.raises(MismatchError, match="one of the two"):
        Aims(1e5, held=("a",))


@pytest.mark.parametrize("few_sites", a_few([False, True]))
def test_a_plan_takes_what_is_held_and_says_so(few_sites):
    bare = check(town(CAMS.loc[["south", "gone"]]), raster=False)
    aims = {"extras": False, "few_sites": few_sites}
    free = make_plan(bare, Aims(**aims), run=RUN)
    from civicsight.planning.candidates import generate

    offers = generate(bare)
    dear = offers.table[offers.table["measure"].eq("new")]["cost_yuan"]
    other = str(dear[~dear.index.isin(chosen_ids(free.files))].idxmax())
    plan = make_plan(bare, Aims(**aims, held=(other,)), offers=offers, run=RUN)
    assert other in chosen_ids(plan.files)
    assert other in plan.measures.index
    assert plan.cost_yuan > free.cost_yuan
    assert plan.proof.bound <= free.cost_yuan
    assert plan.proof.status is not Status.OPTIMAL
    assert list(from_record(to_record(plan)).parameters["held"]) == [other]
    assert "held" not in free.parameters
    if few_sites:
        reached = plan.stages.set_index("aim")["value"]
        assert reached["cost"] == plan.cost_yuan
        assert reached["new_sites"] == plan.works["new_site"].sum()
