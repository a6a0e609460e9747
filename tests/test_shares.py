"""Shares and overlaps against brute force, and a ring of three by hand."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_array

from civicsight.coverage.findings.shares import measure_overlaps, measure_shares, shared_weight

RING = csr_array(np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], bool))  # A 1,2; B 2,3; C 3,1
ONES = np.ones(3, np.int64)

shape = st.tuples(st.integers(1, 6), st.integers(1, 7))
matrices = hnp.arrays(bool, shape)


@st.composite
def demands(draw):
    meets = draw(matrices)
    n = meets.shape[1]
    weight = draw(hnp.arrays(float, n, elements=st.integers(1, 9).map(float)))
    k = draw(hnp.arrays(np.int64, n, elements=st.integers(1, 3)))
    return meets, weight, k


def covered(meets, weight, k, camera_set):
    return (
        float((weight * np.minimum(meets[list(camera_set)].sum(axis=0), k) / k).sum())
        if camera_set
        else 0.0
    )


def test_ring_each_camera_is_half_shared():
    shares = measure_shares(RING, np.ones(3), ONES)
    assert shares.total.tolist() == [2, 2, 2]
    assert shares.unique.tolist() == [0, 0, 0]  # the flag alone would let all three go
    assert shares.fair.tolist() == [1, 1, 1]


def test_ring_that_asks_for_two_has_no_duplicate():
    shares = measure_shares(RING, np.ones(3), 2 * ONES)
    assert shares.unique.tolist() == shares.fair.tolist() == shares.total.tolist() == [2, 2, 2]


@given(demands())
def test_shares_are_those_of_their_definitions(demand):
    meets, weight, k = demand
    shares = measure_shares(csr_array(meets), weight, k)
    cover = meets.sum(axis=0)
    for c in range(len(meets)):
        mine = meets[c]
        assert shares.total[c] == pytest.approx(weight[mine].sum())
        lost = [w for w, n, need, m in zip(weight, cover, k, mine, strict=True) if m and n <= need]
        assert shares.unique[c] == pytest.approx(sum(lost))
    assert (shares.unique <= shares.fair + 1e-9).all()
    assert (shares.fair <= shares.total + 1e-9).all()


@given(demands())
def test_unique_share_is_what_the_count_of_met_cameras_loses(demand):
    meets, weight, k = demand
    shares = measure_shares(csr_array(meets), weight, k)
    for c in range(len(meets)):
        rest = np.delete(meets, c, axis=0).sum(axis=0)
        loss = np.minimum(meets.sum(axis=0), k) - np.minimum(rest, k)
        assert shares.unique[c] == pytest.approx((weight * loss).sum())


@given(matrices.filter(lambda m: len(m) <= 5))
def test_fair_share_is_the_mean_gain_over_all_orders(meets):
    n = len(meets)
    weight, k = np.arange(1.0, meets.shape[1] + 1), np.ones(meets.shape[1], np.int64)
    gain = np.zeros(n)
    orders = list(permutations(range(n)))
    for order in orders:
        for i, c in enumerate(order):
            camera_set = order[:i]
            gain[c] += covered(meets, weight, k, (*camera_set, c)) - covered(
                meets, weight, k, camera_set
            )
    assert measure_shares(csr_array(meets), weight, k).fair == pytest.approx(gain / len(orders))


@given(matrices)
def test_fair_shares_add_up_to_what_is_covered(meets):
    weight = np.arange(1.0, meets.shape[1] + 1)
    shares = measure_shares(csr_array(meets), weight, np.ones(meets.shape[1], np.int64))
    assert shares.fair.sum() == pytest.approx(weight[meets.any(axis=0)].sum())


@given(demands(), st.randoms(use_true_random=False))
def test_background_counts_the_camera_itself_once(demand, random):
    meets, weight, k = demand
    background = np.array([random.random() < 0.5 for _ in meets])
    shares = measure_shares(csr_array(meets), weight, k, background)
    for c in range(len(meets)):
        camera_set = np.flatnonzero(background | (np.arange(len(meets)) == c))
        cover = meets[camera_set].sum(axis=0)
        assert shares.unique[c] == pytest.approx(weight[meets[c] & (cover <= k)].sum())


@given(demands())
def test_overlaps_are_those_of_sets(demand):
    meets, weight, _ = demand
    pairs = measure_overlaps(csr_array(meets), weight)
    found = {
        (a, b): (s, c, j)
        for a, b, s, c, j in zip(
            pairs.first, pairs.second, pairs.shared, pairs.containment, pairs.jaccard, strict=True
        )
    }
    for a in range(len(meets)):
        for b in range(len(meets)):
            both, either = weight[meets[a] & meets[b]].sum(), weight[meets[a] | meets[b]].sum()
            if a == b or both == 0:
                assert (a, b) not in found
            else:
                own = weight[meets[a]].sum()
                assert found[a, b] == pytest.approx((both, both / own, both / either))


def test_nothing_is_shared_by_nobody():
    empty = csr_array((0, 4), dtype=bool)
    assert measure_shares(empty, np.ones(4), np.ones(4, np.int64)).total.size == 0
    assert measure_overlaps(csr_array((3, 4), dtype=bool), np.ones(4)).first.size == 0
    assert shared_weight(RING, np.array([1.0, 2.0, 4.0])).toarray().tolist() == [
        [3, 2, 1],
        [2, 6, 4],
        [1, 4, 5],
    ]
