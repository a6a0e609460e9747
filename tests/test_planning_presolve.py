"""Exact reductions and independent parts: the best cost stays the best cost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.planning.solver.bounds import lower_bound
from civicsight.planning.solver.components import components
from civicsight.planning.solver.covering import greedy, prune
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.presolve import presolve
from tests.planning_made import by_brute_force, problems

pytestmark = pytest.mark.kernels


@given(problems())
def test_the_best_of_the_smaller_problem_is_the_best(problem):
    reduced, least = presolve(problem), by_brute_force(problem)
    if reduced.is_infeasible:
        assert np.isinf(least)
        return
    assert reduced.fixed_cost + by_brute_force(reduced.problem) == least
    chosen = greedy(reduced.problem)
    if reduced.problem.is_feasible(chosen):
        assert problem.is_feasible(reduced.expand(chosen))


@given(problems(), st.integers(0, 99))
def test_prices_brought_back_never_promise_too_much(problem, seed):
    reduced, least = presolve(problem), by_brute_force(problem)
    if reduced.is_infeasible:
        return
    dual = np.random.default_rng(seed).uniform(0.0, 3.0, reduced.problem.n_requirement)
    assert lower_bound(problem, reduced.expand_dual(dual)) <= least + 1e-9


@given(problems())
def test_the_best_of_all_parts_is_the_best(problem):
    parts = components(problem)
    requirements = np.concatenate([part.requirements for part in parts])
    assert np.array_equal(np.sort(requirements), np.arange(problem.n_requirement))
    assert sum(by_brute_force(part.problem) for part in parts) == by_brute_force(problem)


@given(problems())
def test_what_is_pruned_meets_the_same_and_nothing_in_it_is_needless(problem):
    chosen = greedy(problem)
    assert problem.keeps_capacities(chosen)
    if not problem.is_feasible(chosen):
        return
    kept = prune(problem, chosen)
    assert problem.is_feasible(kept)
    for j in np.flatnonzero(kept):
        without = kept.copy()
        without[j] = False
        assert not problem.is_feasible(without)


def test_a_candidate_that_another_stands_in_for_goes_unless_both_may_be_needed():
    rows = [[0, 1], [0], [1, 2], [2]]
    once = presolve(Problem.of(rows, cost=[3.0, 4.0, 3.0, 2.0]))
    assert 1 not in once.candidates.tolist()
    assert not once.fixed[1]
    twice = presolve(Problem.of(rows, cost=[3.0, 4.0, 3.0, 2.0], need=[2, 1, 1]))
    assert twice.fixed[[0, 1]].all()


def test_a_candidate_on_another_site_with_a_capacity_cannot_stand_in():
    problem = Problem.of(
        [[0, 1], [0], [2], [2], [1]],
        cost=[3.0, 4.0, 1.0, 10.0, 1.0],
        site=[0, FREE, 0, FREE, FREE],
        capacity=[1],
    )
    reduced = presolve(problem)
    assert by_brute_force(problem) == 6.0
    assert reduced.fixed_cost + by_brute_force(reduced.problem) == 6.0


def test_same_requirements_of_a_group_are_one_with_the_weight_of_both():
    problem = Problem.of(
        [[0, 1], [2], [2, 3], [0, 1, 3]],
        cost=[5.0, 4.0, 6.0, 7.0],
        weight=[2.0, 3.0, 4.0, 4.0],
        group=[0, 0, 0, 0],
        slack=[6.0],
    )
    reduced = presolve(problem)
    assert sorted(reduced.problem.weight.tolist()) == [4.0, 4.0, 5.0]
    prices = reduced.expand_dual(np.array([1.0, 1.0, 1.0]))
    assert prices[0] / prices[1] == pytest.approx(2.0 / 3.0)


def test_what_has_to_be_chosen_is_fixed_and_paid_for_by_its_price():
    problem = Problem.of([[0, 1], [1, 2], [2, 1]], cost=[5.0, 2.0, 2.0])
    reduced = presolve(problem)
    assert reduced.fixed[0]
    prices = reduced.expand_dual(np.zeros(reduced.problem.n_requirement))
    assert lower_bound(problem, prices) == pytest.approx(reduced.fixed_cost)


def test_a_halted_presolve_is_valid():
    problem = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[3.0, 2.0, 2.0])
    reduced = presolve(problem, halt=np.ones(1, bool))
    assert by_brute_force(reduced.problem) + reduced.fixed_cost == 4.0
