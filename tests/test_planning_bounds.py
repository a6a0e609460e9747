"""The bound: never above the true optimum, as high as the linear relaxation."""

from __future__ import annotations

import time
from fractions import Fraction
from threading import Event, Timer

import numpy as np
import pytest

from civicsight.core.errors import MismatchError
from civicsight.planning.solver import bounds
from civicsight.planning.solver.bounds import (
    best_dual,
    cost_step,
    first_dual,
    first_order_duals,
    forced_costs,
    lower_bound,
    reduced_costs,
    round_up,
)
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Limits
from tests.conftest import INTERPRETED
from tests.drawn import a_few
from tests.small_problems import HEARD_S, every_choice, feasible_choices, optimum, random_problem

pytestmark = pytest.mark.kernels

RING = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[2.0, 2.0, 2.0])


def by_enumeration(problem: Problem, dual) -> Fraction:
    """Return L(y) in exact arithmetic, with the sites tried out and the slack filled greedily."""
    y = [Fraction(float(price)) for price in dual]
    left = [
        Fraction(float(problem.cost[j]))
        - sum(y[r] for r in problem.cells[problem.indptr[j] : problem.indptr[j + 1]])
        for j in range(problem.n_candidate)
    ]
    total = sum((int(k) * price for k, price in zip(problem.need, y, strict=True)), Fraction(0))
    total += sum((cost for j, cost in enumerate(left) if problem.site[j] == FREE and cost < 0), 0)
    for s, capacity in enumerate(problem.capacity):
        own = [left[j] for j in np.flatnonzero(problem.site == s)]
        picks = every_choice(len(own))
        total += min(
            sum((own[i] for i in np.flatnonzero(pick)), Fraction(0))
            for pick in picks[picks.sum(axis=1) <= capacity]
        )
    for g, slack in enumerate(problem.slack):
        room = Fraction(float(slack)) * (1 + Fraction(1, 10**9)) + Fraction(1, 10**9)
        items = [
            (int(problem.need[r]) * y[r], Fraction(float(problem.weight[r])))
            for r in np.flatnonzero(problem.group == g)
        ]
        fitting = [item for item in items if item[1] <= room]
        for value, weight in sorted(fitting, key=lambda item: -item[0] / item[1]):
            share = min(Fraction(1), room / weight)
            total -= share * value
            room -= share * weight
    return max(total, Fraction(0))


def test_the_bound_is_that_of_exact_arithmetic_and_never_above_it():
    rng = np.random.default_rng(1)
    for _ in range(40 if INTERPRETED else 200):
        problem = random_problem(rng, 6, 6)
        dual = rng.exponential(2.0, problem.n_requirement)
        exact = by_enumeration(problem, dual)
        found = Fraction(lower_bound(problem, dual))
        assert found <= exact
        assert exact - found <= Fraction(1, 10**11) * (1 + exact)


def test_rounding_is_downwards_where_sums_cancel_at_large_scale():
    rng = np.random.default_rng(2)
    for _ in range(20):
        cost = rng.integers(1, 10**9, 5) * 1e3 + rng.random(5)
        rows = [sorted(rng.choice(8, 5, replace=False).tolist()) for _ in cost]
        problem = Problem.of(rows, cost=cost, n_requirement=8, need=0)
        dual = rng.uniform(0, 1e12, 8)
        left = [
            Fraction(float(c)) - sum(Fraction(float(dual[r])) for r in row)
            for c, row in zip(cost, rows, strict=True)
        ]
        found = reduced_costs(problem, dual)
        assert all(Fraction(float(a)) <= b for a, b in zip(found, left, strict=True))


def test_a_ring_of_three_needs_two_and_its_relaxation_says_so_after_rounding():
    dual = best_dual(RING)
    assert lower_bound(RING, dual) == pytest.approx(3.0)
    assert round_up(RING, lower_bound(RING, dual)) == 4.0 == optimum(RING)


@pytest.mark.parametrize("wrong", [[1.0, 1.0], [1.0, -1e-9, 1.0], [1.0, np.nan, 1.0]])
def test_duals_that_are_none_are_refused(wrong):
    with pytest.raises(MismatchError, match="3 finite numbers"):
        lower_bound(RING, np.array(wrong))


@pytest.mark.parametrize(
    ("cost", "step"),
    [([3000, 500, 0], 500), ([0, 0, 0], 0), ([1.5, 2, 2], 0), ([2.0**54, 2, 2], 0)],
)
def test_the_step_of_costs_is_their_common_divisor(cost, step):
    problem = Problem.of([[0, 1], [1, 2], [2, 0]], cost=np.array(cost, float))
    assert cost_step(problem) == step
    assert round_up(problem, 501.0) == (1000.0 if step else 501.0)
    assert cost_step(Problem.of([], cost=[])) == 0.0


def test_a_bound_on_a_whole_total_is_not_lifted_by_rounding():
    for total in (2.0, 4.0, 4_000_000.0):
        assert round_up(RING, total * (1 + 1e-12)) == total
        assert round_up(RING, total * (1 - 1e-12)) == total


def test_first_duals_can_be_paid_by_everyone():
    rng = np.random.default_rng(3)
    for _ in range(50):
        problem = random_problem(rng)
        assert (reduced_costs(problem, first_dual(problem)) >= -1e-9).all()


def test_what_a_forced_candidate_adds_is_true():
    rng = np.random.default_rng(4)
    seen = 0
    for _ in range(40 if INTERPRETED else 150):
        problem = random_problem(rng, 7, 7)
        dual = rng.exponential(2.0, problem.n_requirement)
        bound, reduced = lower_bound(problem, dual), reduced_costs(problem, dual)
        choices = feasible_choices(problem)
        for j, rise in enumerate(forced_costs(problem, reduced)):
            with_it = choices[choices[:, j]]
            best = (with_it @ problem.cost).min(initial=np.inf)
            if bound > 0:
                assert bound + rise <= best + 1e-9 * (1 + abs(best)) or best == np.inf
                seen += rise > 0
    assert seen > 20


@pytest.mark.slow
@pytest.mark.parametrize("entries", [0, 10**9])
def test_solver_and_first_order_method_agree_with_the_relaxation(monkeypatch, entries):
    """By the interior point and its warm start, or by the simplex method alone."""
    monkeypatch.setattr(bounds, "SIMPLEX_ENTRIES", entries)
    rng = np.random.default_rng(5)
    for _ in range(5 if INTERPRETED else 30):
        problem = random_problem(rng)
        solver = lower_bound(problem, best_dual(problem))
        steps = 400 if INTERPRETED else 6000
        ours = [
            lower_bound(problem, dual)
            for dual in first_order_duals(
                problem, first_dual(problem), steps, is_over=lambda: False
            )
        ]
        if np.isfinite(optimum(problem)):
            assert max(ours) <= optimum(problem)
            assert max(ours) <= solver + 1e-6 * (1 + solver)
            assert INTERPRETED or max(ours) >= solver - 1e-3 * (1 + solver)


def test_the_first_order_method_gives_the_same_bits_for_any_number_of_threads(monkeypatch):
    monkeypatch.setattr("civicsight.planning.solver.first_order.ENTRIES_PER_BLOCK", 7)
    problem = random_problem(np.random.default_rng(8), 30, 30)
    found = [
        [
            dual.tobytes()
            for dual in first_order_duals(
                problem, first_dual(problem), 100, is_over=lambda: False, threads=threads
            )
        ]
        for threads in (1, 2, 4)
    ]
    assert found[0] == found[1] == found[2]
    assert found[0]


@pytest.mark.parametrize("looks", [0, 1, 3])
def test_the_first_order_method_is_broken_off_within_a_step(looks):
    left = [looks]

    def is_over():
        left[0] -= 1
        return left[0] < 0

    problem = random_problem(np.random.default_rng(8), 30, 30)
    assert list(first_order_duals(problem, first_dual(problem), 100, is_over=is_over)) == []
    assert left[0] == -1


def test_without_a_solver_the_first_order_method_stands_alone(monkeypatch):
    monkeypatch.setattr(bounds, "SOLVER_ENTRIES", 0)
    monkeypatch.setattr(bounds, "SIMPLEX_ENTRIES", 0)
    monkeypatch.setattr(bounds, "LEAST_STEPS", 600)
    monkeypatch.setattr(bounds, "WORK_ENTRIES", 1)
    heard = []
    dual = best_dual(RING, watch=heard.append)
    assert lower_bound(RING, dual) == pytest.approx(3.0, rel=1e-4)
    assert [entry.bound for entry in heard] == sorted(entry.bound for entry in heard)
    assert heard[-1].stage == "bound"


@pytest.mark.usefixtures("warm_kernels")
def test_nothing_to_do_is_done_at_once():
    stop = Event()
    stop.set()
    assert (best_dual(RING, limits=Limits(stop=stop)) == first_dual(RING)).all()
    assert best_dual(Problem.of([], cost=[])).tolist() == []
    nobody = Problem.of([[]], cost=[5.0], n_requirement=2, need=0)
    assert lower_bound(nobody, best_dual(nobody)) == 0.0


def test_duals_that_are_known_are_never_given_up_for_worse_ones():
    problem = random_problem(np.random.default_rng(4), 9, 9)
    near = best_dual(problem)
    again = best_dual(problem, limits=Limits(seconds=0.0), start=near)
    assert (again == near).all()
    assert lower_bound(problem, best_dual(problem, start=near)) >= lower_bound(problem, near)


@pytest.mark.alone
@pytest.mark.compiled_only
@pytest.mark.parametrize("entries", a_few([0, 10**9]))
def test_a_stop_is_heard_within_200_ms_while_duals_are_sought(monkeypatch, entries):
    monkeypatch.setattr(bounds, "SOLVER_ENTRIES", entries)
    rng = np.random.default_rng(9)
    rows = [np.sort(rng.choice(20_000, 100, replace=False)).tolist() for _ in range(6_000)]
    problem = Problem.of(rows, cost=rng.integers(1, 9, 6_000), n_requirement=20_000)
    lower_bound(problem, first_dual(problem))
    stop = Event()
    Timer(1.0, stop.set).start()
    began = time.perf_counter()
    dual = best_dual(problem, limits=Limits(stop=stop))
    assert time.perf_counter() - began < 1.0 + HEARD_S
    assert lower_bound(problem, dual) > 0.0
