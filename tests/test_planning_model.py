"""The problem of a plan: what it counts, beside counting one by one; what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.core.errors import MismatchError
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Limits, Outcome, Progress, Status, gap_between
from tests.planning_made import is_valid, problems


@given(problems(), st.integers(0, 2**32 - 1))
def test_a_choice_is_counted_as_one_by_one(problem, seed):
    chosen = np.random.default_rng(seed).random(problem.n_candidate) < 0.6
    rows = [
        problem.cells[problem.indptr[j] : problem.indptr[j + 1]].tolist()
        for j in range(problem.n_candidate)
    ]
    taken = np.flatnonzero(chosen).tolist()
    counts = [sum(r in rows[j] for j in taken) for r in range(problem.n_requirement)]
    assert problem.covered(chosen).tolist() == counts
    assert problem.is_met(chosen).tolist() == (np.array(counts) >= problem.need).tolist()
    assert problem.price(chosen) == sum(problem.cost[j] for j in taken)
    assert problem.is_feasible(chosen) == is_valid(problem, rows, taken)
    dense = problem.matrix.toarray()
    assert [np.flatnonzero(row).tolist() for row in dense] == rows


def test_an_empty_problem_is_met_by_nothing():
    problem = Problem.of([], cost=[])
    assert problem.is_feasible(np.zeros(0, bool))
    assert problem.covered(np.zeros(0, bool)).tolist() == []


def ring():
    return Problem.of(
        [[0, 1], [1, 2], [2, 0]],
        cost=[3.0, 2.0, 2.0],
        site=[0, 0, FREE],
        capacity=[1],
        group=[0, FREE, FREE],
        slack=[1.0],
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("cost", np.array([1.0, 2.0, np.nan]), "cost"),
        ("cost", np.array([1.0, 2.0, -1.0]), "cost"),
        ("cost", np.array([1, 2, 3]), "cost has"),
        ("need", np.array([1, -1, 1], np.int32), "need"),
        ("weight", np.array([1.0, 0.0, 1.0]), "weight"),
        ("capacity", np.array([-1], np.int32), "capacity"),
        ("slack", np.array([np.inf]), "slack"),
        ("site", np.array([0, 1, -1], np.int32), "site holds"),
        ("group", np.array([0, -2, -1], np.int32), "group holds"),
        ("cells", np.array([0, 1, 1, 2, 0, 3], np.int32), "cells holds"),
        ("cells", np.array([1, 0, 1, 2, 0, 2], np.int32), "have to rise"),
        ("cells", np.array([1, 1, 1, 2, 0, 2], np.int32), "have to rise"),
        ("cells", np.array([0], np.int32), "cells has"),
        ("indptr", np.array([0, 4, 2, 6]), "never fall"),
        ("indptr", np.array([1, 2, 4, 6]), "start at 0"),
    ],
)
def test_what_does_not_fit_is_refused(name, value, said):
    with pytest.raises(MismatchError, match=said):
        replace(ring(), **{name: value})


def test_the_digest_names_everything_that_the_problem_says():
    first = ring()
    changes = {
        "cost": np.array([3.0, 2.0, 2.5]),
        "need": np.array([1, 1, 2], np.int32),
        "weight": np.array([1.0, 1.0, 2.0]),
        "site": np.array([0, -1, -1], np.int32),
        "capacity": np.array([2], np.int32),
        "group": np.array([0, 0, -1], np.int32),
        "slack": np.array([2.0]),
        "cells": np.array([0, 1, 1, 2, 0, 1], np.int32),
    }
    digests = {replace(first, **{name: value}).sha256 for name, value in changes.items()}
    assert len(digests | {first.sha256}) == len(changes) + 1
    assert ring().sha256 == first.sha256


def test_gaps_are_shares_of_the_value():
    assert gap_between(200.0, 150.0) == 0.25
    assert gap_between(0.0, 0.0) == 0.0
    assert Progress(1.0, 10, 200.0, 150.0, "search").gap == 0.25
    none = np.zeros(0)
    outcome = Outcome(
        none.astype(bool), 200.0, 100.0, 190.0, none, Status.FEASIBLE, (), seed=0, steps=0
    )
    assert outcome.gap == 0.05


def test_limits_end_by_time_or_by_a_wish():
    assert not Limits().is_over(1e9)
    assert Limits(seconds=1.0).is_over(1.0)
    assert not Limits(seconds=1.0).is_over(0.9)
