"""The price of a share, and plans that cost nearly the same, against trying every choice."""

from __future__ import annotations

import numpy as np
import pytest

from civicsight.core.errors import MismatchError
from civicsight.planning.choice import near_optimal as module
from civicsight.planning.choice.near_optimal import MOST_ALIKE, alternatives
from civicsight.planning.choice.price_of_share import (
    cheapest_share,
    cost_coverage_curve,
    opened_sites,
    share_of,
)
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Limits, Status
from tests.budget_made import every_choice, met_by_each, random_problem, within_sites

QUICK = Limits(steps=20)


def least_cost(problem: Problem, share: float) -> float | None:
    """Return the least cost of a share, None if it cannot be met, by trying every choice."""
    choices = every_choice(problem)
    met = met_by_each(problem, choices)
    asked = problem.weight[problem.group == FREE].sum()
    for g, slack in enumerate(problem.slack):
        asked += max(0.0, problem.weight[problem.group == g].sum() - slack)
    if share == 1.0:
        ok = np.array([problem.is_feasible(chosen) for chosen in choices])
    else:
        ok = within_sites(problem, choices) & (met @ problem.weight >= share * asked - 1e-6)
    return float((choices @ problem.cost)[ok].min()) if ok.any() else None


def check_slider(number: int) -> None:
    problem = random_problem(np.random.default_rng(number), largest=8)
    table = cost_coverage_curve(problem, (0.5, 0.9, 1.0), limits=QUICK)
    for share, row in table.iterrows():
        want = least_cost(problem, share)
        if want is None:
            assert np.isnan(row["cost_yuan"])
            assert row["status"] == Status.INFEASIBLE
        else:
            assert row["cost_yuan"] == pytest.approx(want)
            assert row["bound_yuan"] <= want + 1e-6
    assert table["cost_yuan"].dropna().is_monotonic_increasing
    assert table["bound_yuan"].is_monotonic_increasing


def test_shares_cost_what_trying_every_choice_says_and_never_less_as_they_rise():
    for number in range(30):
        check_slider(number)


@pytest.mark.slow
def test_shares_of_a_thousand_small_ones():
    for number in range(1000, 2000):
        check_slider(number)


def test_half_of_what_is_asked_for_may_lie_anywhere():
    problem = Problem.of(
        [[0], [1]], cost=[1.0, 8.0], weight=[2.0, 2.0], group=[0, 1], slack=[0.0, 0.0]
    )
    got = cheapest_share(problem, 0.5)
    assert (got.value, got.chosen.tolist()) == (1.0, [True, False])
    table = cost_coverage_curve(problem, (1.0, 0.5), opens=np.array([FREE, 3], np.int32))
    assert table["cost_yuan"].tolist() == [1.0, 9.0]
    assert table["cameras"].tolist() == [1, 2]
    assert table["new_sites"].tolist() == [0, 1]
    assert share_of(problem, 1.0) is problem


def test_cameras_of_one_pole_open_one_site():
    opens = np.array([4, 4, FREE, 2], np.int32)
    assert opened_sites(opens, np.array([True, True, True, False])) == 1
    assert opened_sites(None, np.array([True])) == 0


def test_a_share_above_the_whole_is_refused():
    with pytest.raises(MismatchError, match=r"1\.1"):
        share_of(Problem.of([[0]], cost=[1.0]), 1.1)


def check_alternatives(number: int) -> None:
    rng = np.random.default_rng(number)
    problem = random_problem(rng, largest=10)
    within = float(rng.choice([0.01, 0.3]))
    choices = every_choice(problem)
    choices = choices[[problem.is_feasible(chosen) for chosen in choices]]
    got = alternatives(problem, within=within, limits=QUICK)
    alone = alternatives(problem, within=within, limits=QUICK, exact=False)
    if not len(choices):
        assert len(got.plans) == len(alone.plans) == 0
        return
    least = (choices @ problem.cost).min()
    for found in (got, alone):
        assert all(problem.is_feasible(plan) for plan in found.plans)
        assert (found.cost_yuan <= least * (1 + within) + 1e-6).all()
        assert (found.likeness[~np.eye(len(found.plans), dtype=bool)] <= MOST_ALIKE).all()
        for site, row in found.sites.iterrows():
            assert row["plans"] == found.plans[:, site].sum()
            assert row["negotiable"] == (row["plans"] < len(found.plans))
    near = choices[choices @ problem.cost <= least * (1 + within) + 1e-6]
    paid = got.plans[0] & (problem.cost > 0)
    fewest = (near & paid).sum(axis=1).min()
    if len(got.plans) > 1:
        assert (got.plans[1] & paid).sum() == fewest
    else:
        # No plan does without anything of the only one.
        assert fewest == paid.sum()


def test_the_second_plan_shares_least_with_the_first():
    for number in range(60):
        check_alternatives(number)


@pytest.mark.slow
def test_alternatives_of_two_thousand_small_ones():
    for number in range(1000, 3000):
        check_alternatives(number)


def test_a_gate_with_one_site_is_not_negotiable_and_one_with_three_is():
    problem = Problem.of([[0], [1], [1], [1]], cost=[50.0, 100.0, 100.0, 101.0])
    for exact in (True, False):
        got = alternatives(problem, exact=exact)
        assert got.cost_yuan.tolist() == [150.0, 150.0, 151.0]
        assert got.sites["negotiable"].to_dict() == {0: False, 1: True, 2: True, 3: True}
        assert got.likeness[0, 1] == pytest.approx(1 / 3)
        again = alternatives(problem, exact=exact)
        assert (again.plans == got.plans).all()


def test_two_poses_on_one_pole_are_one_site():
    problem = Problem.of([[0], [0]], cost=[5.0, 5.0])
    assert len(alternatives(problem).plans) == 2
    assert len(alternatives(problem, places=np.zeros(2, np.int32)).plans) == 1


def test_a_large_problem_is_searched_with_surcharges(monkeypatch):
    monkeypatch.setattr(module, "EXACT_ENTRIES", 0)
    problem = Problem.of([[0], [0]], cost=[5.0, 5.0])
    assert len(alternatives(problem).plans) == 2


def test_a_known_outcome_is_the_first_plan():
    problem = Problem.of([[0], [0]], cost=[5.0, 5.0])
    best = alternatives(problem, n=1).best
    assert (alternatives(problem, best=best).plans[0] == best.chosen).all()
    over = alternatives(problem, best=best, limits=Limits(seconds=0.0))
    assert len(over.plans) == 1
