"""One or two candidates instead of one: the same cost as trying every choice."""

import numpy as np
import pytest
from hypothesis import given

from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.solver import few
from civicsight.planning.solver.few import cheapest_few
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits
from tests.planning_made import by_brute_force, problems


@given(problems())
def test_what_is_found_is_the_cheapest_of_all_choices(problem):
    chosen = cheapest_few(problem)
    if chosen is not None:
        assert problem.is_feasible(chosen)
        assert problem.price(chosen) == pytest.approx(by_brute_force(problem))


def cameras_beside(rng, most=0.75, n=60, m=40):
    """Cameras that would do instead of one: of gates a tenth of the width may stay unmet."""
    rows = [np.flatnonzero(rng.random(m) < rng.choice([0.3, 0.5, most])).tolist() for _ in range(n)]
    cost = rng.integers(10, 30, n) * 100.0
    weight = rng.random(m)
    group = rng.integers(0, 2, m)
    slack = [weight[group == g].sum() / 10 for g in (0, 1)]
    site = rng.integers(0, 20, n)
    slacks = {"weight": weight, "group": group, "slack": slack}
    return Problem.of(rows, cost=cost, n_requirement=m, **slacks, site=site, capacity=[1] * 20)


@pytest.mark.parametrize(("most", "cameras"), [(0.9, 1), (0.75, 2)])
def test_one_or_two_of_many_cost_what_the_optimiser_proves(most, cameras):
    rng, found = np.random.default_rng(5), 0
    for _ in range(8):
        problem = cameras_beside(rng, most)
        chosen = cheapest_few(problem)
        if chosen is not None and chosen.sum() == cameras:
            known = minimise_cost(problem, limits=Limits(steps=200))
            assert problem.price(chosen) == pytest.approx(known.value)
            assert problem.is_feasible(chosen)
            found += 1
    assert found > 6


def test_where_three_might_be_cheaper_nothing_is_said():
    rows, cost = [[0], [1], [2]], [3.0, 3.0, 3.0]
    assert cheapest_few(Problem.of([*rows, [0, 1, 2]], cost=[*cost, 10.0])) is None
    assert cheapest_few(Problem.of([*rows, [0, 1, 2]], cost=[*cost, 9.0])) is not None


def test_a_part_of_many_candidates_is_left_to_the_optimiser(monkeypatch):
    problem = cameras_beside(np.random.default_rng(5))
    assert cheapest_few(problem) is not None
    monkeypatch.setattr(few, "MOST", 10)
    assert cheapest_few(problem) is None
