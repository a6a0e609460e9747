"""Failing cameras, against taking every set of them away."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from civicsight.coverage.findings.camera_set import pack_camera_set
from civicsight.planning.duplicates import failures
from civicsight.planning.duplicates.failures import (
    any_many,
    any_one,
    any_two,
    load_of,
    lost_without,
)

SEEDS = st.integers(0, 10**6)


def random_load(rng, n=None):
    n = int(rng.integers(2, 7)) if n is None else n
    m = int(rng.integers(1, 9))
    dense = rng.random((n, m)) < 0.45
    weight, k = rng.integers(1, 9, m).astype(float), rng.integers(1, 4, m)
    part, fraction = rng.integers(0, 3, m), rng.choice([0.5, 0.9, 1.0], 4)
    camera_set = pack_camera_set(csr_array(dense), weight=weight, k=k, part=part)
    return load_of(camera_set, fraction), dense, weight, k, part, fraction


def required(dense, weight, k, part, fraction):
    """Return the required coverage by its definition, part by part."""
    total = 0.0
    for p in np.unique(part):
        mine = part == p
        met = weight[mine & (dense.sum(axis=0) >= k)].sum() / weight[mine].sum()
        total += min(met / fraction[p], 1.0)
    return total


def losses(case, size):
    """Return by set what is lost when exactly these cameras fail."""
    dense, *rest = case[1:]
    whole = required(dense, *rest)
    return {
        some: whole - required(np.delete(dense, some, axis=0), *rest)
        for some in combinations(range(len(dense)), size)
    }


@given(SEEDS)
def test_any_one_is_every_one(seed):
    case = random_load(np.random.default_rng(seed))
    found, expected = any_one(case[0]), losses(case, 1)
    assert case[0].covered == pytest.approx(required(*case[1:]))
    assert found.losses == pytest.approx([expected[(i,)] for i in range(len(case[1]))])
    assert found.most == pytest.approx(max(expected.values()))
    assert expected[found.worst] == pytest.approx(found.most)


@given(SEEDS)
def test_any_two_is_every_pair(seed):
    case = random_load(np.random.default_rng(seed))
    found, expected = any_two(case[0]), losses(case, 2)
    assert found.cases == len(expected)
    assert found.losses == pytest.approx(list(expected.values()))
    assert found.mean == pytest.approx(np.mean(list(expected.values())))
    assert found.most == pytest.approx(max(expected.values()))
    assert expected[found.worst] == pytest.approx(found.most)


@given(SEEDS)
def test_any_three_is_within_what_is_possible(seed):
    case = random_load(np.random.default_rng(seed), n=6)
    found, expected = any_many(case[0], 3, draws=40, seed=1), losses(case, 3)
    assert found.most <= max(expected.values()) + 1e-9
    assert expected[found.worst] == pytest.approx(found.most)
    assert found.most >= found.losses.max() - 1e-9
    assert found.most >= any_two(case[0]).most - 1e-9  # a third failure never helps
    assert set(np.round(found.losses, 9)) <= set(np.round(list(expected.values()), 9))


def test_greedy_finds_what_single_losses_hide():
    """No camera is missed alone: two gates fall to two failures each, one only to three."""
    dense = np.zeros((7, 3), bool)
    dense[:3, 0] = dense[3:5, 1] = dense[5:, 2] = True
    camera_set = pack_camera_set(csr_array(dense), weight=[9.0, 1.0, 1.0], part=[0, 1, 2])
    load = load_of(camera_set, np.array([1.0, 1.0, 1.0]))
    assert any_one(load).most == 0.0
    assert any_two(load).worst in {(3, 4), (5, 6)}
    found = any_many(load, 4, draws=0, seed=0)
    assert (found.worst, found.most) == ((3, 4, 5, 6), 2.0)


def test_same_seed_draws_the_same(rng):
    load = random_load(rng, n=6)[0]
    one, two = (any_many(load, 3, draws=25, seed=5) for _ in range(2))
    assert one.losses.tolist() == two.losses.tolist()


def test_too_many_pairs_keep_mean_and_worst(monkeypatch, rng):
    load = random_load(rng, n=6)[0]
    known = any_two(load)
    monkeypatch.setattr(failures, "MOST_KEPT", 3)
    found = any_two(load)
    assert (found.mean, found.most, found.worst) == (known.mean, known.most, known.worst)
    assert len(found.losses) == 0


def test_all_that_fail_leave_nothing(rng):
    load = random_load(rng, n=4)[0]
    assert lost_without(load, np.arange(4)) == pytest.approx(load.covered)
