"""Shares, needs and least covers of duplicates, against their definitions by enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array, csr_array

from civicsight.core.errors import MismatchError
from civicsight.coverage.findings.camera_set import EXISTING, PLANNED, pack_camera_set
from civicsight.coverage.findings.shares import measure_shares
from civicsight.planning.duplicates import redundancy
from civicsight.planning.duplicates.appraise import appraise, read_thresholds
from civicsight.planning.duplicates.redundancy import (
    count_redundant,
    find_spare,
    needed_weight,
    split,
    whole_costs,
)
from civicsight.planning.duplicates.reliance import find_reliance
from civicsight.planning.solver.outcome import Outcome, Status
from tests.duplicate_cases import dearest_spare, shapley
from tests.small import RULES

SEEDS = st.integers(0, 10**6)


def random_fleet(rng, *, plain=False, n=None, m=None):
    n = int(rng.integers(1, 7)) if n is None else n
    m = int(rng.integers(1, 7)) if m is None else m
    dense = rng.random((n, m)) < 0.5
    camera_set = pack_camera_set(
        csr_array(dense),
        status=np.where(rng.random(n) < 0.5, PLANNED, EXISTING),
        weight=rng.integers(1, 9, m).astype(float),
        k=rng.integers(1, 3, m),
        cost_yuan=rng.integers(1, 9, n).astype(float),
    )
    if plain:
        return camera_set, dense
    side = rng.integers(1, 3, (n, m)) * (rng.random(m) < 0.5)
    return replace(
        camera_set,
        turning=rng.random(n) < 0.3,
        purpose=rng.integers(-1, 2, n),
        side=side[dense].astype(np.int8),
    ), dense


def dense_side(camera_set, dense):
    side = np.zeros(dense.shape, int)
    side[dense] = camera_set.side
    return side


def can_do(camera_set, side, r, i, j):
    """Tell whether camera `i` does at sample `r` what `j` does there."""
    same_side = side[i, r] == side[j, r]
    mine, asked = camera_set.purpose[i], camera_set.purpose[j]
    same_purpose = mine in (asked, -1) or asked == -1
    return same_side and same_purpose and (not camera_set.turning[i] or camera_set.turning[j])


def is_needed(camera_set, dense, side, r, p, watching):
    """Tell whether a team loses something at a sample without one of its cameras."""
    there = [i for i in watching if dense[i, r]]
    if len(there) <= camera_set.k[r]:
        return True
    fixed = [i for i in there if not camera_set.turning[i]]
    if not camera_set.turning[p] and len(fixed) <= camera_set.k[r]:
        return True
    seeing = [j for j in range(len(dense)) if dense[j, r]]
    if len({(side[j, r], camera_set.purpose[j]) for j in seeing}) < 2:
        return False
    jobs = [j for j in seeing if can_do(camera_set, side, r, p, j)]
    return any(sum(can_do(camera_set, side, r, i, j) for i in there) <= 1 for j in jobs)


@given(SEEDS)
def test_what_is_lost_without_a_camera_is_what_its_team_needs_it_for(seed):
    rng = np.random.default_rng(seed)
    camera_set, dense = random_fleet(rng)
    side = dense_side(camera_set, dense)
    background = rng.random(len(dense)) < 0.6
    lost = needed_weight(camera_set, split(camera_set), background)
    for p in range(len(dense)):
        watching = sorted({*np.flatnonzero(background), p})
        expected = sum(
            camera_set.weight[r]
            for r in np.flatnonzero(dense[p])
            if is_needed(camera_set, dense, side, r, p, watching)
        )
        assert lost[p] == pytest.approx(expected)


@given(SEEDS)
def test_without_reasons_to_keep_apart_a_camera_is_needed_up_to_k(seed):
    rng = np.random.default_rng(seed)
    camera_set, dense = random_fleet(rng)
    everyone = np.ones(len(dense), bool)
    plain = needed_weight(camera_set, split(camera_set, frozenset({"k"})), everyone)
    assert plain == pytest.approx(
        measure_shares(camera_set.meets, camera_set.weight, camera_set.k).unique
    )
    one = needed_weight(camera_set, split(camera_set, frozenset()), everyone)
    alone = dense & (dense.sum(axis=0) == 1)
    assert one == pytest.approx(alone @ camera_set.weight)


@given(SEEDS)
def test_fair_share_is_the_shapley_value_and_sums_to_what_is_covered(seed):
    rng = np.random.default_rng(seed)
    camera_set, dense = random_fleet(rng, plain=True, n=int(rng.integers(1, 6)))
    shares = measure_shares(camera_set.meets, camera_set.weight, camera_set.k)
    assert shares.fair == pytest.approx(shapley(dense, camera_set.weight, camera_set.k))
    covered = camera_set.weight * np.minimum(dense.sum(axis=0), camera_set.k)
    assert shares.fair.sum() == pytest.approx(covered.sum())
    assert (shares.unique <= shares.fair + 1e-9).all()
    assert (shares.fair <= shares.total + 1e-9).all()


@given(SEEDS)
def test_finer_cells_change_no_share(seed):
    """Each cell is cut into as many equal ones as chance says: metres count, not cells."""
    rng = np.random.default_rng(seed)
    camera_set, dense = random_fleet(rng, plain=True)
    pieces = rng.integers(1, 5, dense.shape[1])
    finer = csr_array(np.repeat(dense, pieces, axis=1))
    coarse = measure_shares(camera_set.meets, camera_set.weight, camera_set.k)
    fine = measure_shares(
        finer, np.repeat(camera_set.weight / pieces, pieces), np.repeat(camera_set.k, pieces)
    )
    for name in ("total", "unique", "fair"):
        assert getattr(fine, name) == pytest.approx(getattr(coarse, name))


@given(SEEDS)
def test_cameras_that_go_together_are_the_dearest_choice(seed):
    rng = np.random.default_rng(seed)
    camera_set, dense = random_fleet(rng, plain=True)
    costs, known = whole_costs(camera_set.cost_yuan, camera_set.planned)
    spare = find_spare(split(camera_set), camera_set.planned, ~camera_set.planned, costs)
    best = dearest_spare(
        dense, camera_set.k, camera_set.cost_yuan, camera_set.planned, ~camera_set.planned
    )
    assert known.all()
    assert spare.exact
    assert spare.saved == pytest.approx(best)
    assert camera_set.cost_yuan[spare.goes].sum() == pytest.approx(best)
    assert spare.saved_at_most == pytest.approx(best)


@given(SEEDS)
def test_nothing_is_lost_when_all_go_and_each_that_stays_is_needed(seed):
    """Also with cameras that turn, sides and purposes: the two measures agree to the sample."""
    rng = np.random.default_rng(seed)
    camera_set, _ = random_fleet(rng)
    found = appraise(camera_set, read_thresholds(RULES))
    going = found.spare.goes
    assert found.kept[going] == pytest.approx(0.0)
    stays = found.judged & ~going
    assert (found.kept[stays] > 0.0).all()
    assert not (going & ~camera_set.planned).any()


@given(SEEDS)
def test_redundancy_number_is_the_most_that_can_go(seed):
    rng = np.random.default_rng(seed)
    camera_set, dense = random_fleet(rng, plain=True)
    everyone = np.ones(len(dense), bool)
    found = count_redundant(split(camera_set), everyone, camera_set.cost_yuan)
    nobody = np.zeros(len(dense), bool)
    most = dearest_spare(dense, camera_set.k, np.ones(len(dense)), everyone, nobody)
    assert (found.at_least, found.at_most) == (most, most)
    assert found.exact
    assert found.goes.sum() == most
    assert found.counted == dense.any(axis=1).sum()
    # Of equally many the dearest: one unit a camera outweighs all prices.
    lexicographic = dearest_spare(
        dense, camera_set.k, 1000.0 + camera_set.cost_yuan, everyone, nobody
    )
    assert (1000.0 + camera_set.cost_yuan[found.goes]).sum() == pytest.approx(lexicographic)


@given(SEEDS)
def test_reliance_set_is_the_smallest_that_does_what_others_can(seed):
    rng = np.random.default_rng(seed)
    camera_set, dense = random_fleet(rng, plain=True)
    found = appraise(camera_set, read_thresholds(RULES))
    background = rng.random(len(dense)) < 0.8
    camera = int(rng.integers(len(dense)))
    cover = find_reliance(found, csc_array(found.asked.meets), camera, background)
    others = [i for i in np.flatnonzero(background) if i != camera]
    mine = dense[camera]
    least = np.minimum(camera_set.k, dense[others].sum(axis=0)) * mine
    fits = [
        some
        for size in range(len(others) + 1)
        for some in combinations(others, size)
        if (dense[list(some)].sum(axis=0) >= least)[mine].all()
    ]
    names = tuple(camera_set.camera_ids[list(fits[0])])
    assert cover.exact
    assert cover.names == names


def test_reliance_on_many_is_proven_by_the_optimiser():
    """Thirty neighbours, too many to enumerate: one camera of sixty samples needs all of them."""
    dense = np.zeros((32, 60), bool)
    dense[0] = True
    for i in range(30):
        dense[i + 1, 2 * i : 2 * i + 2] = True
    dense[31, :2] = True
    camera_set = pack_camera_set(csr_array(dense))
    found = appraise(camera_set, read_thresholds(RULES))
    cover = find_reliance(found, csc_array(found.asked.meets), 0, np.ones(32, bool))
    assert cover.exact
    assert len(cover.names) == 30


def test_choice_that_was_stopped_is_rid_of_idle_cameras_the_dearest_first(monkeypatch):
    """A search that is stopped at once may return every camera of the ring."""
    ring = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], bool)
    camera_set = pack_camera_set(csr_array(ring), status=PLANNED, cost_yuan=[5.0, 9.0, 9.0])

    def stopped(problem, **_options):
        everything, free = np.ones(problem.n_candidate, bool), np.zeros(problem.n_requirement)
        return Outcome(everything, 23.0, 14.0, 14.0, free, Status.STOPPED, (), 0, 0)

    monkeypatch.setattr(redundancy, "minimise_cost", stopped)
    spare = find_spare(
        split(camera_set), camera_set.planned, ~camera_set.planned, camera_set.cost_yuan
    )
    assert spare.goes.tolist() == [False, False, True]  # of equals the last
    assert (spare.kept, spare.bound, spare.exact) == (14.0, 14.0, True)


class TestCosts:
    def test_unknown_cost_counts_as_the_middle_one(self):
        costs, known = whole_costs(np.array([2.4, np.nan, 8.0, 99.0]), np.array([1, 1, 1, 0], bool))
        assert costs.tolist() == [2.0, 5.0, 8.0, 99.0]
        assert known.tolist() == [True, False, True, True]

    def test_where_nobody_knows_all_count_alike(self):
        costs, known = whole_costs(np.full(3, np.nan), np.ones(3, bool))
        assert (costs.tolist(), known.any()) == ([1.0] * 3, False)

    def test_what_is_free_still_counts(self):
        assert whole_costs(np.zeros(2), np.ones(2, bool))[0].tolist() == [1.0, 1.0]


class TestFleet:
    def test_arrays_that_do_not_fit_are_refused(self):
        camera_set, _ = random_fleet(np.random.default_rng(1), plain=True, n=3, m=3)
        with pytest.raises(MismatchError, match="do not fit"):
            replace(camera_set, weight=np.ones(2))

    def test_cameras_out_of_order_are_refused(self):
        camera_set, _ = random_fleet(np.random.default_rng(1), plain=True, n=3, m=4)
        with pytest.raises(MismatchError, match="sorted"):
            replace(camera_set, cameras=camera_set.cameras.iloc[::-1])

    def test_digest_follows_every_input(self):
        camera_set, _ = random_fleet(np.random.default_rng(2), plain=True, n=4, m=5)
        same = replace(camera_set, k=camera_set.k.copy())
        assert same.sha256 == camera_set.sha256
        turned = np.where(camera_set.planned, EXISTING, PLANNED)
        for change in ({"weight": camera_set.weight + 1.0}, {"status": turned},
                       {"k": camera_set.k + 1}):  # fmt: skip
            assert replace(camera_set, **change).sha256 != camera_set.sha256
