"""The most that a budget buys, against trying every choice and against made cases."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest

from civicsight.core.errors import MismatchError
from civicsight.planning.choice.most_coverage import (
    greedy_bound,
    maximise_coverage,
    recompute_bound,
)
from civicsight.planning.solver import linear as linear_programmes
from civicsight.planning.solver.budget_model import Budgets, aim_of, linear_of
from civicsight.planning.solver.linear import first_order_duals, reprice, upper_bound
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.model_builder import merge
from civicsight.planning.solver.outcome import Limits, Status
from tests.budget_made import best_value, random_budgets, random_problem
from tests.conftest import INTERPRETED
from tests.drawn import a_few

pytestmark = pytest.mark.kernels

QUICK = Limits(steps=20)
CHOSEN = {Status.OPTIMAL, Status.FEASIBLE, Status.STOPPED}


def check_against_every_choice(number: int, *, steps: int, exact: bool) -> None:
    rng = np.random.default_rng(number)
    problem = random_problem(rng)
    budgets = random_budgets(rng, problem)
    parts = bool(number % 2)
    best = best_value(problem, budgets, parts=parts)
    got = maximise_coverage(
        problem, budgets, parts=parts, limits=Limits(steps=steps), seed=number, exact=exact
    )
    if got.status not in CHOSEN:
        assert not got.chosen.any()
        assert best is None if got.status == Status.INFEASIBLE else not exact
        return
    assert best is not None
    want, least = best
    assert budgets.are_kept(problem, got.chosen)
    assert got.value == pytest.approx(
        aim_of(problem, parts=parts).value(problem, problem.is_met(got.chosen))
    )
    assert got.value <= want + 1e-6 <= got.solver_bound + 2e-6
    assert want <= got.bound * (1 + 1e-9) + 1e-9
    again = recompute_bound(problem, budgets, got.dual, parts=parts)
    assert max(again, got.value) == pytest.approx(got.bound)
    if exact:
        assert (got.value, got.status) == (pytest.approx(want), Status.OPTIMAL)
        assert problem.price(got.chosen) == pytest.approx(least)


@pytest.mark.parametrize("block", [0] if INTERPRETED else a_few(range(4), 2))
def test_small_ones_are_solved_as_by_trying_every_choice(block):
    for number in range(block * 50, block * 50 + 50):
        check_against_every_choice(number, steps=20, exact=True)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_ten_thousand_small_ones(block):
    for number in range(10_000 + block * 1000, 11_000 + block * 1000):
        check_against_every_choice(number, steps=200, exact=bool(number % 3))


@pytest.mark.compiled_only
def test_the_search_alone_is_never_below_greedy_and_repeats_itself():
    for number in range(20):
        rng = np.random.default_rng(number)
        problem = random_problem(rng, largest=14)
        budgets = Budgets.of(problem, 0.4 * problem.cost.sum())
        greedy = maximise_coverage(problem, budgets, limits=Limits(steps=0), exact=False)
        first, second = (
            maximise_coverage(problem, budgets, limits=Limits(steps=50), seed=3, exact=False)
            for _ in range(2)
        )
        assert first.value >= greedy.value - 1e-9
        assert (first.chosen == second.chosen).all()


@pytest.mark.compiled_only
def test_greedy_keeps_its_guarantee_for_one_budget_and_a_need_of_one():
    for number in range(60):
        rng = np.random.default_rng(number)
        rows = [np.flatnonzero(rng.random(10) < 0.3).tolist() for _ in range(9)]
        problem = Problem.of(
            rows, cost=rng.integers(1, 20, 9), n_requirement=10, weight=rng.integers(1, 9, 10)
        )
        budgets = Budgets.of(problem, 25.0)
        greedy = maximise_coverage(problem, budgets, limits=Limits(steps=0), exact=False)
        assert greedy.value >= 0.405 * best_value(problem, budgets, parts=False)[0]
        assert greedy_bound(problem, budgets, greedy.chosen) >= greedy.solver_bound - 1e-9


def test_one_dear_candidate_beats_many_cheap_ones():
    """The classic trap of cost-benefit greedy: the cheap one blocks the budget."""
    problem = Problem.of([[0], [1]], cost=[1.0, 100.0], weight=[2.0, 100.0])
    got = maximise_coverage(
        problem, Budgets.of(problem, 100.0), limits=Limits(steps=0), exact=False
    )
    assert got.chosen.tolist() == [False, True]


def test_weight_by_default_and_whole_parts_on_request():
    """Two large halves weigh more; one small gate is complete."""
    problem = Problem.of(
        [[0], [1], [2]],
        cost=[1.0, 1.0, 1.0],
        n_requirement=5,
        weight=[5.0, 5.0, 1.0, 5.0, 5.0],
        group=[0, 1, 2, 0, 1],
        slack=[0.0, 0.0, 0.0],
    )
    budgets = Budgets.of(problem, 1.0)
    weight = maximise_coverage(problem, budgets, limits=QUICK)
    parts = maximise_coverage(problem, budgets, parts=True, limits=QUICK)
    assert (weight.value, parts.value) == (5.0, pytest.approx(1 + 1 / 21))
    assert parts.chosen.tolist() == [False, False, True]


def test_a_district_gets_its_floor_though_another_is_cheaper():
    problem = Problem.of([[0, 1], [2]], cost=[1.0, 3.0])
    budgets = Budgets.of(
        problem, 3.0, floors=[0.0, 1.0], of_candidate=[0, 1], of_requirement=[0, 0, 1]
    )
    got = maximise_coverage(problem, budgets, limits=QUICK)
    assert got.chosen.tolist() == [False, True]
    assert budgets.shares(problem, problem.is_met(got.chosen)).tolist() == [0.0, 1.0]
    assert budgets.spent(problem, got.chosen).tolist() == [0.0, 3.0, 3.0]
    poor = Budgets.of(problem, 2.0, floors=[0.0, 1.0], of_candidate=0, of_requirement=[0, 0, 1])
    assert maximise_coverage(problem, poor, limits=QUICK).status == Status.INFEASIBLE


def test_a_start_is_kept_if_nothing_better_is_found_and_ignored_if_it_costs_too_much():
    problem = Problem.of([[0, 1], [1, 2], [0, 2]], cost=[2.0, 2.0, 2.0], weight=[1.0, 1.0, 5.0])
    budgets = Budgets.of(problem, 2.0)
    start = np.array([False, True, False])
    got = maximise_coverage(problem, budgets, start=start, limits=Limits(steps=0), exact=False)
    assert got.value == 6.0
    dear = maximise_coverage(problem, budgets, start=np.ones(3, np.bool_), limits=QUICK)
    assert dear.value == 6.0


@pytest.mark.compiled_only
@pytest.mark.usefixtures("warm_kernels")
def test_a_wish_to_stop_gives_a_valid_choice_at_once():
    stop = Event()
    stop.set()
    rng = np.random.default_rng(1)
    problem = random_problem(rng, largest=14)
    budgets = Budgets.of(problem, 0.5 * problem.cost.sum())
    got = maximise_coverage(problem, budgets, limits=Limits(stop=stop))
    assert budgets.are_kept(problem, got.chosen)
    assert (got.steps, got.status) in {(0, Status.STOPPED), (0, Status.OPTIMAL)}
    assert recompute_bound(problem, budgets, got.dual) >= got.value


def test_progress_is_told_and_never_falls():
    heard = []
    problem = random_problem(np.random.default_rng(5), largest=14)
    maximise_coverage(
        problem, Budgets.of(problem, 50_000.0), limits=Limits(steps=30), watch=heard.append
    )
    values = [progress.value for progress in heard]
    assert values == sorted(values)
    assert [progress.stage for progress in heard][:1] == ["greedy"]


def test_the_first_order_method_comes_near_the_relaxed_optimum(monkeypatch):
    for number in range(8):
        problem = random_problem(np.random.default_rng(100 + number), largest=14)
        budgets = Budgets.of(problem, 0.4 * problem.cost.sum())
        want = maximise_coverage(problem, budgets, limits=Limits(steps=0), exact=False).bound
        linear, _ = linear_of(problem, budgets, aim_of(problem))
        bound = upper_bound(linear, first_order_duals(linear))
        assert want - 1e-6 <= bound <= 1.15 * want + 1e-6
    monkeypatch.setattr(linear_programmes, "FACTOR_ENTRIES", 0)
    got = maximise_coverage(problem, budgets, limits=Limits(steps=0), exact=False)
    assert got.value <= got.bound <= 1.15 * want + 1e-6


def test_equal_rows_are_one_and_others_are_not():
    problem = Problem.of(
        [[0, 1, 2], [0, 1, 3]], cost=[1.0, 1.0], n_requirement=6, need=[1, 1, 1, 1, 1, 2]
    )
    merged = merge(problem)
    assert merged.of_requirement[0] == merged.of_requirement[1]
    assert len(merged.first) == 5
    assert merged.total(problem.weight).sum() == 6.0
    apart = merge(problem, np.array([0, 1, 0, 0, 0, 0]))
    assert len(apart.first) == 6


def test_duals_that_prove_more_than_all_there_is_are_not_kept(monkeypatch):
    loose = lambda linear, **_: np.ones(len(linear.high))  # noqa: E731
    monkeypatch.setattr(linear_programmes, "FACTOR_ENTRIES", 0)
    monkeypatch.setattr(linear_programmes, "first_order_duals", loose)
    for number in range(20):
        problem = random_problem(np.random.default_rng(number))
        budgets = Budgets.of(problem, float(problem.cost.sum()) + 1.0)
        got = maximise_coverage(problem, budgets, limits=QUICK, exact=False)
        again = recompute_bound(problem, budgets, got.dual)
        assert again == pytest.approx(got.bound, rel=1e-11)


def test_nothing_asked_and_nothing_offered():
    problem = Problem.of([], cost=[], n_requirement=2, need=[0, 1])
    got = maximise_coverage(problem, Budgets.of(problem, 10.0), limits=QUICK)
    assert (got.value, got.status) == (0.0, Status.OPTIMAL)
    empty = Problem.of([[]], cost=[1.0], n_requirement=0)
    assert maximise_coverage(empty, Budgets.of(empty), limits=QUICK).value == 0.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"total_yuan": -1.0},
        {"limits_yuan": [-1.0]},
        {"floors": [1.5]},
        {"limits_yuan": [1.0], "floors": [0.1, 0.1]},
        {"limits_yuan": [1.0], "of_candidate": [1]},
        {"of_requirement": [-2]},
        {"total_yuan": np.nan},
    ],
)
def test_budgets_that_make_no_sense_are_refused(wrong):
    problem = Problem.of([[0]], cost=[1.0])
    with pytest.raises(MismatchError):
        Budgets.of(problem, **wrong)


def test_a_candidate_without_a_district_counts_in_all_alone():
    problem = Problem.of([[0], [1]], cost=[5.0, 5.0])
    budgets = Budgets.of(problem, 10.0, limits_yuan=[4.0], of_candidate=[FREE, 0])
    assert maximise_coverage(problem, budgets, limits=QUICK).chosen.tolist() == [True, False]


def test_no_more_is_spent_than_the_most_takes():
    """The dear camera meets both alone, two cheap ones do as well; money is left for either."""
    problem = Problem.of([[0, 1], [0], [1]], cost=[9.0, 3.0, 4.0])
    for exact in (True, False):
        got = maximise_coverage(problem, Budgets.of(problem, 20.0), limits=QUICK, exact=exact)
        assert (got.value, problem.price(got.chosen)) == (2.0, 7.0)


def test_what_nobody_can_meet_is_neither_reached_nor_in_the_bound():
    problem = Problem.of([[0], [1]], cost=[3.0, 4.0], n_requirement=3, need=[1, 1, 0],
                         weight=[5.0, 6.0, 100.0])  # fmt: skip
    for yuan, value in ((20.0, 11.0), (4.0, 6.0), (0.0, 0.0)):
        budgets = Budgets.of(problem, yuan)
        got = maximise_coverage(problem, budgets, limits=QUICK)
        assert (got.value, got.solver_bound) == (value, pytest.approx(value))
        assert recompute_bound(problem, budgets, got.dual) <= 11.0 + 1e-6


@pytest.mark.alone  # of one second the bound has a share
@pytest.mark.usefixtures("warm_kernels")
def test_a_search_that_would_take_all_time_leaves_some_for_the_bound(monkeypatch):
    monkeypatch.setattr("civicsight.planning.choice.most_coverage.usual_steps", lambda *_: 10**12)
    rng = np.random.default_rng(4)
    rows = [np.flatnonzero(rng.random(80) < 0.2).tolist() for _ in range(40)]
    problem = Problem.of(rows, cost=rng.integers(1, 9, 40).astype(float), n_requirement=80)
    limits = Limits(seconds=1.0)
    got = maximise_coverage(problem, Budgets.of(problem, 12.0), limits=limits, exact=False)
    assert got.value <= got.bound < problem.worth.sum() - 1.0
    assert got.dual.any()


@pytest.mark.parametrize("seed", range(20))
def test_the_price_of_money_is_the_best_that_the_other_duals_leave(seed):
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, largest=9)
    budgets = Budgets.of(problem, float(np.round(0.4 * problem.cost.sum())))
    linear, merged = linear_of(problem, budgets, aim_of(problem))
    money = len(merged.first) + len(problem.capacity)
    duals = rng.random(len(linear.high)) * rng.choice([0.0, 1.0, 1e-3], len(linear.high))
    got = reprice(linear, duals, money)
    others = np.arange(len(duals)) != money
    assert (got[others] == duals[others]).all()
    least = upper_bound(linear, got)
    tried = [*np.linspace(0.0, 0.02, 400), duals[money], got[money] * 0.99, got[money] * 1.01]
    for price in tried:
        trial = duals.copy()
        trial[money] = price
        assert least <= upper_bound(linear, trial) + 1e-9
    assert (reprice(linear, duals, None) == duals).all()
