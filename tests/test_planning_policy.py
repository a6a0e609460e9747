"""Plans by order of aims, against trying every choice and against made cases."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest

from civicsight.planning.choice.order_of_aims import COST_ONLY, POLICY, Aim, by_order
from civicsight.planning.solver.bounds import lower_bound
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Limits, Status
from tests.budget_made import every_choice, met_by_each, random_problem, unmet_beyond, within_sites

QUICK = Limits(steps=20)


def best_by_order(problem, opens, exposure_m2, order):
    """Return what is reached aim by aim, by sorting every choice."""
    choices = every_choice(problem)
    sites = [len(set(opens[chosen].tolist()) - {FREE}) for chosen in choices]
    reached = {
        Aim.UNMET: unmet_beyond(problem, met_by_each(problem, choices)),
        Aim.NEW_SITES: np.array(sites),
        Aim.COST: choices @ problem.cost,
        Aim.EXPOSURE: choices @ exposure_m2,
    }
    keys = np.column_stack([reached[aim] for aim in order])[within_sites(problem, choices)]
    return min(tuple(key) for key in np.round(keys, 6).tolist())


def check_against_every_choice(number: int) -> None:
    rng = np.random.default_rng(number)
    problem = random_problem(rng, largest=8)
    n = problem.n_candidate
    opens = np.where(rng.random(n) < 0.6, rng.integers(0, 4, n), FREE).astype(np.int32)
    exposure_m2 = np.round(rng.uniform(0, 20, n) * (rng.random(n) < 0.5))
    order = POLICY if number % 2 else COST_ONLY
    want = best_by_order(problem, opens, exposure_m2, order)
    got = by_order(problem, opens=opens, exposure_m2=exposure_m2, order=order, limits=QUICK)
    assert tuple(stage.value for stage in got.stages) == pytest.approx(want)
    assert all(stage.is_proven for stage in got.stages)
    assert problem.keeps_capacities(got.outcome.chosen)
    assert got.outcome.value == pytest.approx(problem.price(got.outcome.chosen))
    assert got.outcome.status == Status.OPTIMAL
    if want[0] == 0:
        assert problem.is_feasible(got.outcome.chosen)
        assert lower_bound(problem, got.outcome.dual) <= got.outcome.value + 1e-6
    assert got.outcome.bound <= got.outcome.solver_bound <= got.outcome.value + 1e-6
    alone = by_order(
        problem, opens=opens, exposure_m2=exposure_m2, order=order, limits=QUICK, exact=False
    )
    assert problem.keeps_capacities(alone.outcome.chosen)
    for stage, best in zip(alone.stages, want, strict=True):
        assert stage.bound <= best + 1e-6
        if stage.value > best + 1e-6:
            break


@pytest.mark.slow
def test_small_ones_are_ranked_as_by_sorting_every_choice():
    for number in range(60):
        check_against_every_choice(number)


@pytest.mark.slow
def test_two_thousand_small_ones():
    for number in range(1000, 3000):
        check_against_every_choice(number)


def test_a_dearer_plan_on_an_old_pole_is_taken_before_a_new_pole():
    """Old pole 9 yuan, new pole 2 yuan: Article 7 asks for use of what exists."""
    problem = Problem.of([[0], [0]], cost=[9.0, 2.0])
    opens = np.array([FREE, 0], np.int32)
    assert by_order(problem, opens=opens).outcome.chosen.tolist() == [True, False]
    cheap = by_order(problem, opens=opens, order=COST_ONLY)
    assert cheap.outcome.chosen.tolist() == [False, True]
    assert [stage.aim for stage in cheap.stages] == list(COST_ONLY)


def test_two_cameras_on_one_new_pole_open_one_site():
    problem = Problem.of([[0], [1], [0], [1]], cost=[3.0, 3.0, 1.0, 1.0])
    opens = np.array([0, 0, 1, 2], np.int32)
    got = by_order(problem, opens=opens)
    assert got.outcome.chosen.tolist() == [True, True, False, False]
    assert (got.stages[1].value, got.outcome.value) == (1.0, 6.0)


def test_among_equal_costs_less_private_facade_is_seen():
    problem = Problem.of([[0], [0]], cost=[2.0, 2.0])
    got = by_order(problem, exposure_m2=np.array([7.0, 3.0]))
    assert (got.outcome.chosen.tolist(), got.stages[-1].value) == ([False, True], 3.0)


def test_what_capacities_forbid_stays_unmet_and_is_named():
    problem = Problem.of([[0], [1]], cost=[1.0, 1.0], weight=[2.0, 5.0], site=[0, 0], capacity=[1])
    for exact in (True, False):
        got = by_order(problem, exact=exact)
        assert got.outcome.chosen.tolist() == [False, True]
        assert got.stages[0].value == 2.0
        assert got.outcome.bound == 0.0


@pytest.mark.usefixtures("warm_kernels")
def test_a_wish_to_stop_gives_a_valid_choice():
    stop = Event()
    stop.set()
    problem = Problem.of([[0, 1], [1, 2], [0, 2]], cost=[2.0, 3.0, 4.0])
    got = by_order(problem, limits=Limits(stop=stop))
    assert problem.keeps_capacities(got.outcome.chosen)


def test_progress_is_told_in_yuan():
    heard = []
    problem = random_problem(np.random.default_rng(3), largest=12)
    opens = np.zeros(problem.n_candidate, np.int32)
    by_order(problem, opens=opens, limits=QUICK, watch=heard.append, order=POLICY)
    costs = [progress.value for progress in heard if np.isfinite(progress.value)]
    assert costs
    assert max(costs) <= problem.cost.sum() + 1.0
