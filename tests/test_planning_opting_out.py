"""Bounds of what a budget reaches, by what leaving out costs, beside every choice and by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from civicsight.planning.choice.most_compliance import most_lawful
from civicsight.planning.proof import evidence
from civicsight.planning.proof.evidence import recount
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.lawful_model import AIMS, Lawful, Places, programme_of
from civicsight.planning.solver.linear import upper_bound
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.opting_out import bound_of, indispensable, opting_duals
from civicsight.planning.solver.outcome import Limits
from tests.drawn import LONG
from tests.lawful_made import best_by_every_choice, random_town
from tests.test_planning_recount_budget import edit


def bounds_of(lawful: Lawful, reached: float = 1.0) -> dict[str, list[float]]:
    """Return the bounds of each aim that is a cover, one for each fee that was tried."""
    programme, found = programme_of(lawful), {}
    for at, aim in enumerate(lawful.aims):
        linear = programme.towards(at, ())
        duals = opting_duals(lawful, programme, linear, at, reached=reached, limits=Limits())
        found[aim] = [bound_of(lawful, programme, linear, each) for each in duals]
        assert all(
            bound <= upper_bound(linear, d) for bound, d in zip(found[aim], duals, strict=True)
        )
    return found


@pytest.mark.parametrize("seed", range(400 if LONG else 6))
def test_no_choice_beats_the_bound_of_any_fee(seed):
    rng = np.random.default_rng(7_000 + seed)
    problem, places = random_town(rng)
    money = float(np.round(rng.uniform(0.1, 0.9) * problem.cost.sum(), -2))
    exposure = np.zeros(problem.n_candidate)
    found = bounds_of(Lawful(problem, Budgets.of(problem, money), places), rng.uniform(0.5, 20.0))
    assert not found.pop("exposure")
    for aim, bounds in found.items():
        want, _, _ = best_by_every_choice(problem, places, money, exposure, (aim,))
        assert bounds
        assert min(bounds) >= want[0] - 1e-6


def row_of_places(count=10, gates=1, slack=0.0):
    """Places that share nothing; place k has gates of two halves, each for 50 (k + 1) yuan."""
    halves = 2 * gates * count
    label = np.arange(gates * count)
    problem = Problem.of(
        [[j] for j in range(halves)],
        cost=np.repeat(50.0 * (1 + np.arange(count)), 2 * gates),
        weight=np.full(halves, 2.0),
        group=np.repeat(label, 2),
        slack=np.full(len(label), slack),
    )
    place = (label // gates).astype(np.int32)
    standing = np.zeros(problem.n_candidate, np.bool_)
    return problem, Places(standing, place, np.zeros(len(label), np.int32), np.ones(1))


@pytest.mark.parametrize(("money", "most"), [(600.0, 3.0), (1_000.0, 4.0), (1_250.0, 4.5)])
def test_the_bound_of_separate_places_is_that_of_a_full_purse(money, most):
    """Place k costs 100 (k + 1): the cheapest first, and of the last one the share that is paid.

    To two hundredths: the fee is found step by step.
    """
    problem, places = row_of_places()
    found = bounds_of(Lawful(problem, Budgets.of(problem, money), places), reached=3.0)
    assert min(found["places"]) == pytest.approx(most, rel=0.02)
    assert min(found["parts"]) == pytest.approx(most, rel=0.02)
    assert min(found["metres"]) == pytest.approx(4.0 * most, rel=0.02)


def test_half_a_gate_that_may_not_lack_the_other_half_counts_for_nothing():
    """A quarter of a gate may stay unmet, and each half is more than that: both are paid."""
    problem, places = row_of_places(slack=1.0)
    lawful = Lawful(problem, Budgets.of(problem, 600.0), places)
    assert indispensable(lawful).all()
    assert not indispensable(
        replace(lawful, problem=replace(problem, slack=np.full(10, 2.0)))
    ).any()
    programme = programme_of(lawful)
    linear = programme.towards(0, ())
    duals = opting_duals(lawful, programme, linear, 0, reached=3.0, limits=Limits())
    assert min(bound_of(lawful, programme, linear, each) for each in duals) < 3.01
    assert min(upper_bound(linear, each) for each in duals) > 3.4


@pytest.mark.parametrize("seed", [0, 2, 5, 9])
def test_the_outside_count_proves_the_same_and_no_less(seed, tmp_path, monkeypatch):
    monkeypatch.setattr("civicsight.planning.choice.most_compliance.EXACT_ENTRIES", -1)
    rng = np.random.default_rng(seed)
    problem, places = random_town(rng)
    money = np.floor(0.3 * problem.cost.sum())
    lawful = Lawful(problem, Budgets.of(problem, money), places)
    got = most_lawful(lawful, limits=Limits(steps=20))
    assert got.stages
    evidence._save_places(tmp_path, lawful, got)
    assert recount(tmp_path) == []
    told = json.loads((tmp_path / "plan.json").read_text("utf-8"))
    for at, aim in enumerate(AIMS):
        if told["bounds"][at] > told["values"][at] + 1e-3:
            less = [*told["bounds"]]
            less[at] -= 1e-3
            words = [min(pair) for pair in zip(told["words"], less, strict=True)]
            edit(tmp_path, bounds=less, words=words)
            assert "bound.unproven" in recount(tmp_path), aim


def test_duals_of_other_money_bound_at_once_when_no_time_is_left():
    """Found for 600 yuan, held against 1 000: between 4 places, which that buys, and 10."""
    problem, places = row_of_places()
    known: dict[str, np.ndarray] = {}
    for money, seconds in ((600.0, np.inf), (1_000.0, 0.0)):
        lawful = Lawful(problem, Budgets.of(problem, money), places)
        programme = programme_of(lawful)
        linear, limits = programme.towards(0, ()), Limits(seconds=seconds)
        more = {"reached": 3.0, "limits": limits, "known": known}
        duals = opting_duals(lawful, programme, linear, 0, **more)
        bound = min(bound_of(lawful, programme, linear, each) for each in duals)
    assert list(known) == ["places"]
    assert 4.0 - 1e-9 <= bound < 6.0
