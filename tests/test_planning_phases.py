"""In which year what is built, against trying every order and against made cases."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from civicsight.core.errors import MismatchError
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Status
from civicsight.planning.solver.phases_model import PENALTY, UNBUILT, Reason, Years
from civicsight.planning.years.phases import schedule
from tests.budget_made import random_problem


def random_years(rng: np.random.Generator, problem: Problem) -> Years:
    n_year = int(rng.integers(1, 4 if problem.n_candidate < 6 else 3))
    shape = n_year, int(rng.integers(0, 3))
    whole = problem.cost.sum()
    limits = np.round(rng.uniform(0, 0.6, shape) * whole)
    limits[rng.random(shape) < 0.4] = np.inf
    return Years.of(
        problem,
        np.round(rng.uniform(0.1, 0.6, n_year) * whole),
        limits_yuan=limits,
        floors=np.where(rng.random(shape) < 0.4, rng.uniform(0, 0.8, shape), 0.0),
        of_candidate=rng.integers(-1, shape[1], problem.n_candidate),
        of_requirement=rng.integers(-1, shape[1], problem.n_requirement),
    )


def value_or_none(problem: Problem, years: Years, year: np.ndarray) -> float | None:
    """Count what a schedule is worth, None if it spends too much."""
    value = 0.0
    for t, total in enumerate(years.total_yuan):
        now = year == t
        if problem.cost[now].sum() > total + 1e-6:
            return None
        met = problem.is_met((year != UNBUILT) & (year <= t))
        value += problem.weight[met].sum()
        for d, limit in enumerate(years.limits_yuan[t]):
            if problem.cost[now & (years.of_candidate == d)].sum() > limit + 1e-6:
                return None
            inside = years.of_requirement == d
            kept = problem.weight[inside & met].sum()
            value -= PENALTY * max(0, years.floors[t, d] * problem.weight[inside].sum() - kept)
    return value


def check_against_every_order(number: int) -> None:
    rng = np.random.default_rng(number)
    problem = random_problem(rng, largest=6)
    years = random_years(rng, problem)
    n_year = len(years.total_yuan)
    chosen = rng.random(problem.n_candidate) < 0.8
    pinned = {
        int(j): int(rng.integers(0, n_year)) for j in np.flatnonzero(chosen) if rng.random() < 0.15
    }
    first = rng.random(problem.n_candidate) < 0.15
    greedy = schedule(problem, chosen, years, pinned=pinned, first=first, exact=False)
    best = schedule(problem, chosen, years, pinned=pinned, first=first)
    for found in (greedy, best):
        assert (np.diff(found.coverage) >= 0).all()
        assert (found.cost_yuan <= years.money + 1e-6).all()
        assert all(found.year[j] in {at, UNBUILT} for j, at in pinned.items())
        assert (found.year[~chosen] == UNBUILT).all()
        assert set(found.unbuilt) == set(np.flatnonzero(chosen & (found.year == UNBUILT)))
        assert found.value == pytest.approx(value_or_none(problem, years, found.year))
        below = found.below(years)
        assert len(below) == (found.shares < years.floors - 1e-9).sum()
    fixed = first & chosen
    fixed[list(pinned)] = True
    movable = np.flatnonzero(chosen & ~fixed)
    values = []
    for order in itertools.product(range(UNBUILT, n_year), repeat=len(movable)):
        year = greedy.year.copy()
        year[movable] = order
        values.append(value_or_none(problem, years, year))
    want = max(value for value in values if value is not None)
    assert (best.value, best.status) == (pytest.approx(want, abs=1e-6), Status.OPTIMAL)
    assert min(best.bound, greedy.bound) >= want - 1e-5 * max(1.0, abs(want))


@pytest.mark.parametrize("block", range(2))
def test_small_ones_are_scheduled_as_by_trying_every_order(block):
    for number in range(block * 30, block * 30 + 30):
        check_against_every_order(number)


@pytest.mark.slow
def test_two_thousand_small_ones():
    for number in range(5000, 7000):
        check_against_every_order(number)


def test_three_cameras_and_three_years_one_after_the_other():
    problem = Problem.of([[0], [1], [2]], cost=[4.0, 4.0, 4.0], weight=[1.0, 5.0, 3.0])
    got = schedule(problem, np.ones(3, np.bool_), Years.of(problem, [4.0, 4.0, 4.0]))
    assert got.year.tolist() == [2, 0, 1]
    assert got.coverage.tolist() == [5.0, 8.0, 9.0]
    assert got.cost_yuan.ravel().tolist() == [4.0, 4.0, 4.0]
    assert not got.unbuilt


def test_what_is_pinned_waits_for_its_project_and_has_its_money_kept():
    problem = Problem.of([[0], [1]], cost=[4.0, 4.0], weight=[9.0, 1.0])
    years = Years.of(problem, [4.0, 4.0])
    got = schedule(problem, np.ones(2, np.bool_), years, pinned={1: 0})
    assert got.year.tolist() == [1, 0]
    poor = schedule(problem, np.ones(2, np.bool_), Years.of(problem, [4.0, 3.0]), pinned={1: 1})
    assert poor.unbuilt == {1: Reason.PINNED}


def test_connections_come_before_what_brings_more_for_its_cost():
    problem = Problem.of([[0], [1]], cost=[4.0, 4.0], weight=[9.0, 1.0])
    first = np.array([False, True])
    got = schedule(problem, np.ones(2, np.bool_), Years.of(problem, [4.0, 4.0]), first=first)
    assert got.year.tolist() == [1, 0]


def test_a_floor_of_a_district_comes_before_the_greater_gain():
    problem = Problem.of([[0], [1]], cost=[4.0, 4.0], weight=[9.0, 1.0])
    years = Years.of(
        problem,
        [4.0, 4.0],
        floors=[[0.0, 1.0], [0.0, 1.0]],
        of_candidate=[0, 1],
        of_requirement=[0, 1],
    )
    for exact in (False, True):
        got = schedule(problem, np.ones(2, np.bool_), years, exact=exact)
        assert got.year.tolist() == [1, 0]
        assert got.below(years).empty


def test_what_is_not_built_says_why():
    problem = Problem.of([[0], [1], [2]], cost=[9.0, 4.0, 9.0])
    years = Years.of(problem, [5.0], limits_yuan=[[9.0, 3.0]], of_candidate=[0, 1, -1])
    got = schedule(problem, np.ones(3, np.bool_), years)
    assert got.unbuilt == {0: Reason.TOTAL, 1: Reason.DISTRICT, 2: Reason.TOTAL}


def test_nothing_chosen():
    problem = Problem.of([[0]], cost=[1.0])
    got = schedule(problem, np.zeros(1, np.bool_), Years.of(problem, [1.0, 1.0]))
    assert (got.coverage.tolist(), got.status) == ([0.0, 0.0], Status.OPTIMAL)


def test_a_pin_outside_the_plan_is_refused():
    problem = Problem.of([[0]], cost=[1.0])
    years = Years.of(problem, [1.0])
    for chosen, year in (([True], 1), ([False], 0)):
        with pytest.raises(MismatchError, match="pinned"):
            schedule(problem, np.array(chosen), years, pinned={0: year})


@pytest.mark.parametrize(
    "wrong",
    [
        {"total_yuan": [-1.0]},
        {"total_yuan": [1.0], "floors": [[2.0]]},
        {"total_yuan": [1.0], "limits_yuan": [[1.0], [1.0]]},
        {"total_yuan": [1.0], "limits_yuan": [[1.0]], "of_candidate": 1},
    ],
)
def test_years_that_make_no_sense_are_refused(wrong):
    problem = Problem.of([[0]], cost=[1.0])
    with pytest.raises(MismatchError):
        Years.of(problem, **wrong)
