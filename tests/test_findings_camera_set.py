"""Who counts beside whom."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from civicsight.coverage.findings.camera_set import (
    build_camera_set,
    could_gain,
    count_watchers,
    pack_camera_set,
    recorded_costs,
    relies_on,
    shares_beside,
    sharing_sets,
    stand_ins,
    with_status,
)
from civicsight.coverage.findings.rivals import find_rivals, who_can_go
from civicsight.coverage.findings.shares import measure_overlaps, smallest_cover
from tests.small import cameras, matrix, parts, samples, shuffled

CAMS = cameras(
    b={},
    a={"status": None},
    turns={"kind": "ptz"},
    plan={"status": "planned"},
    gone={"status": "removed"},
    dead={"usable": False},
)
PARTS = parts(p={}, q={"k": 2})
POINTS = samples(PARTS, {"p": [1, 2], "q": [4], "other": [8]})
SEEN = {name: {"p": 130.0, "q": 126.0, "other": 300.0} for name in CAMS.index} | {
    "b": {"p/0": 125.0, "q": 124.0}
}
CAMERA_SET = build_camera_set(CAMS, PARTS, POINTS, matrix(CAMS, POINTS, SEEN))


def index(name):
    return CAMERA_SET.cameras.index.get_loc(name)


def test_only_cameras_in_use_and_samples_of_parts_are_in_it():
    assert CAMERA_SET.cameras.index.tolist() == ["a", "b", "plan", "turns"]
    assert CAMERA_SET.samples.index.tolist() == ["p/0", "p/1", "q/0"]
    assert CAMERA_SET.k.tolist() == [1, 1, 2]
    assert CAMERA_SET.meets.toarray().astype(int).tolist() == [
        [1, 1, 1],
        [1, 0, 0],
        [1, 1, 1],
        [1, 1, 1],
    ]
    assert (CAMERA_SET.by_sample.toarray() == CAMERA_SET.meets.toarray()).all()


def test_unstated_status_is_existing():
    assert with_status(CAMERA_SET, ["existing"]).tolist() == [True, True, False, True]
    assert with_status(CAMERA_SET, ["planned"]).tolist() == [False, False, True, False]


def test_turning_camera_counts_for_itself_alone():
    everyone = with_status(CAMERA_SET, ["existing", "planned"])
    shares = shares_beside(CAMERA_SET, everyone)
    assert shares.total.tolist() == [7.0, 1.0, 7.0, 7.0]
    # Beside a and plan: q asks for two and has just these. The turning one has both before it.
    assert shares.unique.tolist() == [4.0, 0.0, 4.0, 0.0]


def test_stand_ins_are_who_meets_the_same():
    others, columns, meets = stand_ins(
        CAMERA_SET, index("b"), with_status(CAMERA_SET, ["existing"])
    )
    assert [CAMERA_SET.cameras.index[i] for i in others] == ["a"]
    assert columns.tolist() == [0]
    assert meets.tolist() == [[True]]
    others, _, _ = stand_ins(CAMERA_SET, index("turns"), with_status(CAMERA_SET, ["existing"]))
    assert [CAMERA_SET.cameras.index[i] for i in others] == ["a", "b"]


def test_reliance_goes_as_far_as_others_can():
    cover = relies_on(
        CAMERA_SET, *stand_ins(CAMERA_SET, index("plan"), with_status(CAMERA_SET, ["existing"]))
    )
    assert (cover.names, cover.exact) == (("a",), True)


def test_order_of_rows_is_that_of_ids_always():
    other = build_camera_set(
        shuffled(CAMS, 1), shuffled(PARTS, 2), POINTS, matrix(CAMS, POINTS, SEEN)
    )
    assert other.cameras.index.equals(CAMERA_SET.cameras.index)
    assert (other.meets != CAMERA_SET.meets).nnz == 0


def test_camera_without_a_row_in_the_matrix_is_left_out():
    few = matrix(CAMS, POINTS, SEEN).select(cameras=pd.Index(["a"]))
    assert build_camera_set(CAMS, PARTS, POINTS, few).cameras.index.tolist() == ["a"]


@pytest.fixture(params=range(30))
def town(request):
    """A random set of cameras, who counts among them, and all of it as plain tables."""
    rng = np.random.default_rng(request.param)
    n, m = int(rng.integers(1, 14)), int(rng.integers(1, 25))
    meets = rng.random((n, m)) < rng.choice([0.05, 0.2, 0.5])
    camera_set = pack_camera_set(
        csr_array(meets),
        weight=rng.choice([0.25, 1.0, 3.5], m),
        k=rng.integers(1, 4, m),
        turning=rng.random(n) < 0.3,
    )
    return rng, camera_set, meets, rng.random(n) < 0.7


def test_stand_ins_are_those_of_the_plain_table(town):
    _, camera_set, meets, background = town
    for camera in range(len(meets)):
        counted = background if camera_set.turning[camera] else background & ~camera_set.turning
        mine = np.flatnonzero(meets[camera])
        wanted = [
            other
            for other in np.flatnonzero(counted)
            if other != camera and meets[other, mine].any()
        ]
        others, columns, table = stand_ins(camera_set, camera, background)
        assert others.tolist() == wanted
        assert columns.tolist() == mine.tolist()
        assert (table == meets[np.ix_(wanted, mine)]).all()


def test_gain_at_best_is_that_of_the_plain_table(town):
    rng, camera_set, meets, background = town
    wide = meets | (rng.random(meets.shape) < 0.3)
    steady = background & ~camera_set.turning
    watchers = count_watchers(camera_set, steady)
    for camera in range(len(meets)):
        others = steady & (np.arange(len(meets)) != camera)
        alone = wide[camera] & (meets[others].sum(axis=0) < camera_set.k)
        total = camera_set.weight[wide[camera]].sum()
        wanted = camera_set.weight[alone].sum() / total if total else 0.0
        assert could_gain(camera_set, csr_array(wide), camera, steady, watchers) == wanted


def test_pairs_of_a_camera_are_those_that_it_leads(town):
    _, camera_set, meets, _ = town
    pairs = measure_overlaps(camera_set.meets, camera_set.weight)
    for camera in range(len(meets)):
        assert pairs.of(camera).tolist() == np.flatnonzero(pairs.first == camera).tolist()


def test_who_can_go_together_is_chosen_as_if_all_were_one_group(town):
    rng, camera_set, meets, background = town
    idle = (rng.random(len(meets)) < 0.6) & meets.any(axis=1)
    firm = meets[background & ~idle & ~camera_set.turning].sum(axis=0)
    rows = np.flatnonzero(idle)
    need = np.maximum(camera_set.k - firm, 0)
    kept = smallest_cover([str(camera_set.cameras.index[i]) for i in rows], meets[rows], need).names
    rivals = find_rivals(camera_set, background, idle, "sure")
    names = who_can_go(rivals).get("sure", frozenset())
    going = camera_set.cameras.index.isin(list(names))
    assert not going[~idle].any()
    assert [str(camera_set.cameras.index[i]) for i in rows if not going[i]] == list(kept)


def test_one_set_of_cameras_serves_who_ask_for_the_same_and_nobody_else():
    cams, table = cameras(a={}, b={}), parts(p={})
    points = samples(table, {"p": [1]})
    first, second = (matrix(cams, points, {"a": {"p": 200.0}}) for _ in range(2))
    tables = (cams, table, points)
    with sharing_sets():
        own = build_camera_set(*tables, first)
        assert build_camera_set(*tables, first) is own
        assert build_camera_set(*tables, second) is not own
        assert build_camera_set(cams.copy(), table, points, first) is not own
    alone = build_camera_set(*tables, first)
    assert alone is not own
    assert alone.sha256 == own.sha256


def test_a_recorded_cost_is_a_sum_in_a_column_of_its_own_or_else_in_a_tag():
    rows = [(None, {"cost": "500"}), (700, {"cost": "500"}), (np.nan, None), (None, {"cost": "-5"}),
            (None, {"cost": "inf"}), (None, {"cost": "by offer"}), ("0", {})]  # fmt: skip
    cameras = pd.DataFrame(rows, columns=["cost", "tags"], dtype=object)
    wanted = [500.0, 700.0, *[np.nan] * 4, 0.0]
    np.testing.assert_array_equal(recorded_costs(cameras), wanted)
    wanted = [500.0, 500.0, *[np.nan] * 5]
    np.testing.assert_array_equal(recorded_costs(cameras[["tags"]]), wanted)
    assert np.isnan(recorded_costs(cameras[[]])).all()
