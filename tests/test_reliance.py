"""Smallest covers against brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from civicsight.coverage.findings import shares
from civicsight.coverage.findings.shares import smallest_cover


@st.composite
def problems(draw):
    meets = draw(hnp.arrays(bool, st.tuples(st.integers(1, 8), st.integers(0, 8))))
    need = draw(hnp.arrays(np.int64, meets.shape[1], elements=st.integers(0, 3)))
    names = draw(st.permutations([f"c{i}" for i in range(len(meets))]))
    return names, meets, need


def brute(names, meets, need):
    need = np.minimum(need, meets.sum(axis=0))
    row = {name: meets[i] for i, name in enumerate(names)}
    for size in range(len(names) + 1):
        for camera_set in combinations(sorted(names), size):
            if (sum((row[name] for name in camera_set), np.zeros(len(need), int)) >= need).all():
                return camera_set
    raise AssertionError


@pytest.mark.slow
@settings(max_examples=400)
@given(problems())
def test_cover_is_the_smallest_and_the_first_of_its_size(problem):
    cover = smallest_cover(*problem)
    assert cover.exact
    assert cover.names == brute(*problem)


@given(problems(), st.randoms(use_true_random=False))
def test_order_of_candidates_and_requirements_has_no_effect(problem, random):
    names, meets, need = problem
    rows = random.sample(range(len(names)), len(names))
    columns = random.sample(range(len(need)), len(need))
    shuffled = smallest_cover([names[i] for i in rows], meets[rows][:, columns], need[columns])
    assert shuffled == smallest_cover(names, meets, need)


def test_many_candidates_are_covered_greedily_and_it_says_so():
    n = shares.EXACT_CANDIDATES + 1
    cover = smallest_cover([f"c{i:02}" for i in range(n)], np.eye(n, dtype=bool), np.ones(n, int))
    assert not cover.exact
    assert len(cover.names) == n


def test_greedy_cover_has_no_idle_member(monkeypatch):
    monkeypatch.setattr(shares, "EXACT_CANDIDATES", 0)
    # The first is as helpful as any and taken first, but a and b are needed and do all of it.
    meets = np.array([[0, 0, 1, 1, 1], [1, 0, 1, 0, 1], [0, 1, 0, 1, 1]], bool)
    cover = smallest_cover(["0", "a", "b"], meets, np.ones(5, np.int64))
    assert (cover.names, cover.exact) == (("a", "b"), False)


def test_search_that_runs_out_of_steps_keeps_what_it_has(monkeypatch):
    monkeypatch.setattr(shares, "EXACT_STEPS", 1)
    cover = smallest_cover(["a", "b"], np.eye(2, dtype=bool), np.ones(2, np.int64))
    assert (cover.names, cover.exact) == (("a", "b"), False)


def test_nothing_asked_needs_nobody():
    cover = smallest_cover(["a"], np.zeros((1, 0), bool), np.zeros(0, np.int64))
    assert cover == shares.Cover((), exact=True)
