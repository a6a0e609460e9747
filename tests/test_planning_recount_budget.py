"""Plans within budgets counted again: the same bound as the optimiser, and every lie is found."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from civicsight.planning.choice.most_coverage import maximise_coverage, recompute_bound
from civicsight.planning.proof import evidence
from civicsight.planning.proof import recount_budget as recounting
from civicsight.planning.proof.evidence import recount
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits


def draw(seed):
    """Return a small problem with sites, needs of two, two districts, and budgets of all kinds."""
    rng = np.random.default_rng(seed)
    n, m = 9, 12
    rows = [np.flatnonzero(rng.random(m) < 0.35).tolist() for _ in range(n)]
    problem = Problem.of(
        rows,
        cost=rng.integers(1, 9, n).astype(float),
        n_requirement=m,
        need=rng.integers(1, 3, m),
        weight=rng.integers(1, 6, m).astype(float),
        site=rng.integers(-1, 3, n),
        capacity=[1, 2, 1],
    )
    budgets = Budgets.of(
        problem,
        float(rng.integers(8, 20)),
        limits_yuan=[float(rng.integers(4, 15)), np.inf],
        floors=[0.0, rng.choice([0.0, 0.1])],
        of_candidate=rng.integers(-1, 2, n),
        of_requirement=rng.integers(-1, 2, m),
    )
    return problem, budgets


def saved(folder, problem, budgets):
    outcome = maximise_coverage(problem, budgets, limits=Limits(steps=200))
    evidence._save_weight(folder, problem, outcome, budgets)
    return outcome


def test_the_verifier_knows_nothing_of_the_package():
    text = Path(recounting.__file__).read_text(encoding="utf-8")
    assert "civicsight" not in text
    assert len([line for line in text.splitlines() if line.strip()]) < 60


@pytest.mark.parametrize("seed", range(12))
def test_both_prove_the_same_bound(seed, tmp_path):
    problem, budgets = draw(seed)
    outcome = saved(tmp_path, problem, budgets)
    assert recount(tmp_path) == []
    p = {path.stem: np.load(path) for path in tmp_path.rglob("*.npy")}
    p |= {"indptr": problem.indptr, "cells": problem.cells}
    proven = recompute_bound(problem, budgets, outcome.dual)
    assert recounting._prove(p) == pytest.approx(proven, rel=1e-9)
    rng = np.random.default_rng(seed)
    p["dual"] = rng.random(len(outcome.dual)).round(3)  # any prices prove something
    own = budgets, p["dual"]
    # Rows that are taken together there share their price by weight: that is never looser.
    assert recounting._prove(p) >= recompute_bound(problem, *own) - 1e-9


def edit(folder, **more):
    plan = json.loads((folder / "plan.json").read_text("utf-8")) | more
    plan.pop("sha256")
    text = json.dumps(plan, sort_keys=True).encode()
    plan["sha256"] = hashlib.sha256(text).hexdigest()
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ({"cost": 1.0}, {"cost.differs"}),
        ({"met": 1.0}, {"weight.differs"}),
        ({"bound": 0.5}, {"bound.unproven", "solver.contradicts"}),
        ({"solver_bound": 0.5}, {"solver.contradicts"}),
        ({"chosen": list(range(9))}, {"capacity.exceeded", "budget.exceeded", "cost.differs",
                                      "weight.differs", "solver.contradicts"}),
        ({"dual": "0" * 64}, {"dual.changed"}),
        ({"terms": "0" * 64}, {"terms.changed"}),
    ],
)  # fmt: skip
def test_every_lie_is_found(more, codes, tmp_path):
    problem, budgets = draw(2)
    saved(tmp_path, problem, budgets)
    edit(tmp_path, **more)
    assert set(recount(tmp_path)) == codes


def test_a_floor_that_is_not_reached_and_a_budget_that_was_raised_show(tmp_path):
    problem, budgets = draw(2)
    saved(tmp_path, problem, budgets)
    floors = tmp_path / "terms" / "floors.npy"
    np.save(floors, np.ones(2))
    assert {"terms.changed", "floor.missed"} <= set(recount(tmp_path))
    floors.unlink()
    assert recount(tmp_path) == ["unreadable"]


def test_every_flipped_byte_of_the_terms_shows(tmp_path):
    problem, budgets = draw(3)
    saved(tmp_path, problem, budgets)
    for path in sorted((tmp_path / "terms").iterdir()):
        clean = path.read_bytes()
        before = np.load(path)
        for at in range(0, len(clean), 29):
            changed = bytearray(clean)
            changed[at] ^= 16
            path.write_bytes(bytes(changed))
            found = recount(tmp_path)
            assert found or np.array_equal(np.load(path), before), (path.name, at)
        path.write_bytes(clean)
