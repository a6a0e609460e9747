"""The ledger of a plan, against trying every other way."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicsight.core.errors import MismatchError
from civicsight.planning.aims.requirements import Posed
from civicsight.planning.choice.ledger import LEDGER, ledger
from civicsight.planning.solver.model import Problem
from tests.drawn import LONGER
from tests.small import parts as small_parts


def posed(problem):
    n, m, groups = problem.n_candidate, problem.n_requirement, len(problem.slack)
    return Posed(
        problem,
        pd.Index([f"c{i}" for i in range(n)]),
        pd.Index([f"s{i}" for i in range(m)]),
        pd.Index([f"p{i}" for i in range(groups)]),
        pd.Index([f"site{i}" for i in range(len(problem.capacity))]),
        problem.need.astype(np.int64),
        pd.DataFrame(),
    )


def write(problem, chosen, measures=None, cameras=None, **options):
    n = problem.n_candidate
    table = pd.DataFrame(
        {"measure": measures or ["new"] * n, "camera_id": cameras or [None] * n},
        index=[f"c{i}" for i in range(n)],
    )
    parts = small_parts(**{f"p{i}": {"zone_id": f"z{i % 2}"} for i in range(len(problem.slack))})
    return ledger(posed(problem), np.asarray(chosen, bool), table, parts, **options)


def cheapest_other(problem, chosen, j):
    """Return the least cost of candidates that, in the place of one, keep the plan valid."""
    rest = chosen.copy()
    rest[j] = False
    free = [i for i in np.flatnonzero(~rest) if i != j]
    best = np.inf
    for size in range(len(free) + 1):
        for some in combinations(free, size):
            trial = rest.copy()
            trial[list(some)] = True
            if problem.is_feasible(trial):
                best = min(best, problem.price(np.isin(np.arange(len(chosen)), some)))
    return best


@settings(max_examples=30 * LONGER)
@given(st.integers(0, 10**6))
def test_what_would_do_instead_is_the_cheapest_other_way(seed):
    rng = np.random.default_rng(seed)
    n, m, groups = int(rng.integers(2, 8)), int(rng.integers(1, 7)), int(rng.integers(1, 3))
    dense = rng.random((n, m)) < 0.5
    weight = rng.integers(1, 5, m).astype(float)
    group = rng.integers(0, groups, m)
    whole = np.bincount(group, weight, groups)
    problem = Problem.of(
        [np.flatnonzero(row).tolist() for row in dense],
        cost=rng.integers(0, 9, n),
        n_requirement=m,
        need=np.minimum(rng.integers(1, 3, m), dense.sum(axis=0)),
        weight=weight,
        site=rng.integers(-1, 2, n),
        capacity=[2, 2],
        group=group,
        slack=np.floor(whole * rng.choice([0.0, 0.3], groups)),
    )
    order = rng.permutation(n)
    chosen = np.zeros(n, bool)
    for i in order:  # any valid plan will do
        chosen[i] = True
        chosen[i] = problem.keeps_capacities(chosen)
    if not problem.is_feasible(chosen):
        return
    book = write(problem, chosen)
    LEDGER.check(book)
    covered = problem.covered(chosen)
    for j in np.flatnonzero(chosen):
        row = book.loc[f"c{j}"]
        expected = cheapest_other(problem, chosen, j)
        assert row["proven"]
        assert row["serves"] == pytest.approx(weight[dense[j]].sum())
        lost = dense[j] & (covered <= problem.need)
        assert row["alone"] == pytest.approx(weight[lost].sum())
        assert row["parts_alone"] == tuple(f"p{g}" for g in np.unique(group[lost]))
        if np.isinf(expected):
            assert np.isnan(row["instead_yuan"])
            assert row["instead"] == ()
        else:
            assert row["instead_yuan"] == pytest.approx(expected)
            assert row["saved_yuan"] == pytest.approx(expected - problem.cost[j])


class TestRows:
    def test_reuse_says_what_it_saves(self):
        """Turning the old camera costs 3; building one there would cost 20, elsewhere 2 x 12."""
        problem = Problem.of(
            [[0, 1], [0, 1], [0], [1]], cost=[3, 20, 12, 12], group=[0, 1], slack=[0, 0]
        )
        book = write(
            problem, [1, 0, 0, 0], ["reaim", "new", "new", "new"], ["old", None, None, None]
        )
        row = book.loc["c0"]
        assert (row["camera_id"], row["measure"], row["cost_yuan"]) == ("old", "reaim", 3.0)
        assert (row["instead"], row["instead_measures"]) == (("c1",), ("new",))
        assert (row["instead_yuan"], row["saved_yuan"]) == (20.0, 17.0)
        assert (row["parts"], row["zones"], row["articles"]) == (("p0", "p1"), ("z0", "z1"), ("8",))

    def test_variant_of_the_same_camera_may_do_instead(self):
        problem = Problem.of([[0], [0]], cost=[3, 5], site=0, capacity=[1], group=[0], slack=[0])
        book = write(problem, [1, 0], ["reaim", "refurbish"], ["old", "old"])
        assert book.loc["c0", "instead"] == ("old",)
        assert book.loc["c0", "instead_measures"] == ("refurbish",)

    def test_what_the_rest_meets_anyway_names_who_does(self):
        problem = Problem.of([[0, 1], [0], [1], [0, 1]], cost=[4, 1, 1, 1], group=[0, 0], slack=[0])
        row = write(problem, [1, 1, 1, 0]).loc["c0"]
        assert (row["alone"], row["parts_alone"]) == (0.0, ())
        assert row["instead"] == ("c1", "c2")
        assert (row["instead_yuan"], row["saved_yuan"]) == (0.0, -4.0)

    def test_where_nothing_else_would_do_it_is_unknown(self):
        problem = Problem.of([[0], [1]], cost=[4, 4], group=[0, 1], slack=[0, 0])
        row = write(problem, [1, 1]).loc["c0"]
        assert row["instead"] == ()
        assert np.isnan(row["instead_yuan"])

    def test_requirement_outside_all_parts_has_to_be_met(self):
        problem = Problem.of([[0], [0], [1]], cost=[4, 6, 1])
        book = write(problem, [1, 0, 1])
        assert book.loc["c0", "saved_yuan"] == 2.0
        assert book.loc["c0", "parts"] == ()
        assert np.isnan(book.loc["c2", "saved_yuan"])

    def test_progress_is_told_and_strangers_are_refused(self):
        problem = Problem.of([[0], [0]], cost=[4, 6], group=[0], slack=[0])
        told = []
        write(problem, [1, 0], progress=lambda done, total: told.append((done, total)))
        assert told == [(1, 1)]
        with pytest.raises(MismatchError, match="not of the same candidates"):
            write(problem, [1, 0, 1])


def test_what_was_found_for_the_same_small_problem_is_not_looked_for_again(monkeypatch):
    problem = Problem.of([[0, 1], [0], [1], [0, 1]], cost=[5.0, 3.0, 4.0, 17.0])
    first = write(problem, [1, 0, 0, 0])
    assert first["instead"].iloc[0] == ("c1", "c2")
    for name in ("minimise_cost", "cheapest_few"):
        monkeypatch.setattr(f"civicsight.planning.choice.ledger.{name}", None)
    pd.testing.assert_frame_equal(write(problem, [1, 0, 0, 0]), first)
    dearer = Problem.of([[0, 1], [0], [1], [0, 1]], cost=[5.0, 3.0, 4.0, 6.0])
    with pytest.raises(TypeError):
        write(dearer, [1, 0, 0, 0])
