"""Who counts beside whom."""

from __future__ import annotations

import pandas as pd

from civicsight.coverage.findings.camera_set import (
    build_camera_set,
    relies_on,
    shares_beside,
    stand_ins,
    with_status,
)
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
    cover = relies_on(CAMERA_SET, index("plan"), with_status(CAMERA_SET, ["existing"]))
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
