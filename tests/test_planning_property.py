"""Thousands of small random problems of every variant, held against every choice there is.

A bound never exceeds the optimum, the optimum never exceeds what is found, the exact solver meets
it, the certificate of what is found verifies, and no changed certificate does.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from civicsight.planning.proof.certificate import DUAL, PLAN, PROBLEM, issue
from civicsight.planning.proof.recount import recount
from civicsight.planning.solver.bounds import best_dual, first_dual, lower_bound, round_up
from civicsight.planning.solver.exact import solve_exact
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Outcome, Status
from tests.conftest import INTERPRETED
from tests.drawn import a_few
from tests.small_problems import feasible_choices, random_problem

NEAR = 1e-9


def prove_one(rng: np.random.Generator, folder: Path) -> bool:
    """Draw one problem and prove everything about it; return whether it has an answer."""
    problem = random_problem(rng, 8, 8)
    choices = feasible_choices(problem)
    costs = choices @ problem.cost
    best = float(costs.min(initial=np.inf))
    near = NEAR * max(1.0, best) if np.isfinite(best) else 0.0
    dual = best_dual(problem)
    for prices in (np.zeros(problem.n_requirement), first_dual(problem), noisy(dual, rng), dual):
        bound = lower_bound(problem, prices)
        assert bound <= best
        assert round_up(problem, bound) <= best + near
    known = choices[rng.integers(len(choices))] if len(choices) and rng.random() < 0.5 else None
    found = solve_exact(problem, start=known, dual=dual if rng.random() < 0.5 else None)
    assert found.infeasible == (not len(choices))
    if not len(choices):
        return False
    assert found.optimal
    assert abs(found.value - best) <= near
    assert found.bound <= best + near
    assert any((choice == found.chosen).all() for choice in choices)
    some = choices[rng.integers(len(choices))]
    for chosen, status in ((found.chosen, Status.OPTIMAL), (some, Status.FEASIBLE)):
        prove_certificate(problem, outcome_of(problem, chosen, found.bound, dual, status), folder)
    if rng.random() < 0.3:
        tamper(folder, problem, rng)
    return True


def noisy(dual, rng):
    return dual * rng.uniform(0.0, 2.0, len(dual)) + rng.exponential(0.2, len(dual))


def outcome_of(problem: Problem, chosen, word: float, dual, status: Status) -> Outcome:
    value = problem.price(chosen)
    bound = min(value, round_up(problem, lower_bound(problem, dual)))
    return Outcome(chosen, value, bound, max(bound, min(word, value)), dual, status, (), 0, 0)


def prove_certificate(problem: Problem, outcome: Outcome, folder: Path) -> None:
    issue(problem, outcome, solver="test").save(folder)
    assert recount(folder) == []


def tamper(folder: Path, problem: Problem, rng) -> None:
    """Flip a bit of a price, swap a candidate, change a price or a need: each is refused."""
    plan = json.loads((folder / PLAN).read_text())
    candidate = int(rng.integers(problem.n_candidate))
    other = sorted(set(plan["chosen"]) ^ {candidate})
    for changes in ({"chosen": other}, {"cost": plan["cost"] - 1.0}, {"bound": plan["cost"] + 1}):
        (folder / PLAN).write_text(json.dumps(plan | changes))
        assert recount(folder)
    (folder / PLAN).write_text(json.dumps(plan))
    for path in (folder / DUAL, folder / PROBLEM / "cost.npy", folder / PROBLEM / "need.npy"):
        clean = path.read_bytes()
        changed = bytearray(clean)
        changed[-int(rng.integers(1, np.load(path).nbytes + 1))] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(changed))
        assert recount(folder)
        path.write_bytes(clean)
    assert recount(folder) == []


@pytest.mark.parametrize("seed", a_few(range(2)))
def test_a_few_random_problems_hold_what_is_promised(seed, tmp_path):
    rng = np.random.default_rng(seed)
    answered = [prove_one(rng, tmp_path) for _ in range(20 if INTERPRETED else 100)]
    assert sum(answered) > len(answered) / 2


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.parametrize("seed", range(100, 120))
def test_ten_thousand_random_problems_hold_what_is_promised(seed, tmp_path):
    rng = np.random.default_rng(seed)
    answered = [prove_one(rng, tmp_path) for _ in range(500)]
    assert sum(answered) > 250
