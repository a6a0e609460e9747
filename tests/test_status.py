"""Share of a part that is met, density at that share, credit and blockers; brute force beside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicsight.coverage.findings.status import STATUSES, label_blocker, part_status, unmet_samples
from civicsight.model.results import PRESUMED
from tests.drawn import LONGER
from tests.small import cameras, matrix, parts, readings, samples, shuffled

CAMS = cameras(a={}, b={}, c={"kind": "ptz"})


def judge(seen, *, assumed=None, possible=None, weights=None, part=None, **options):
    weights = weights or {"p": [1, 1, 1, 1]}
    table = parts(**{name: part or {} for name in weights})
    points = samples(table, weights)
    ms = readings(
        matrix(CAMS, points, seen),
        matrix(CAMS, points, assumed) if assumed else None,
        matrix(CAMS, points, possible) if possible else None,
    )
    return part_status(table, points, ms, **options)


FULL = {"a": {"p": 130.0}}


@pytest.mark.parametrize(
    ("seen", "assumed", "possible", "status"),
    [
        (FULL, None, None, "covered"),
        ({}, FULL, None, "assumed"),
        ({}, {"a": {"p": 90.0}}, FULL, "possible"),
        ({}, {"a": {"p": 90.0}}, {"a": {"p": 124.9}}, "gap"),
    ],
)
def test_status_is_that_of_the_first_reading_that_meets_it(seen, assumed, possible, status):
    row = judge(seen, assumed=assumed, possible=possible).loc["p"]
    assert row["status"] == status
    assert row["cameras"] == (() if status == "gap" else ("a",))


def test_required_share_itself_is_enough():
    weights, part = {"p": [1] * 20}, {"fraction": 0.95}
    seen = {"a": {f"p/{i}": 130.0 for i in range(19)}}
    row = judge(seen, weights=weights, part=part).loc["p"]
    assert (row["status"], row["fraction_sure"]) == ("covered", 0.95)
    seen["a"].popitem()
    assert judge(seen, weights=weights, part=part).loc["p", "status"] == "gap"


def test_two_cameras_are_needed_where_two_are_asked_for():
    part = {"k": 2}
    one = judge(FULL, part=part).loc["p"]
    assert (one["status"], one["fraction_sure"], one["best_px_m"]) == ("gap", 0.0, 0.0)
    two = judge({"a": {"p": 130.0}, "b": {"p": 126.0}}, part=part).loc["p"]
    assert (two["status"], two["cameras"]) == ("covered", ("a", "b"))
    assert two["best_px_m"] == 126.0


def test_best_density_is_what_the_required_share_gets():
    seen = {"a": {"p/0": 200.0, "p/1": 150.0, "p/2": 100.0}}
    assert judge(seen, part={"fraction": 0.5}).loc["p", "best_px_m"] == 150.0
    assert judge(seen, part={"fraction": 0.75}).loc["p", "best_px_m"] == 100.0
    assert judge(seen, part={"fraction": 0.95}).loc["p", "best_px_m"] == 0.0


@settings(max_examples=60 * LONGER, deadline=None)
@given(st.data())
def test_measures_are_those_of_brute_force(data):
    k = data.draw(st.integers(1, 2))
    fraction = data.draw(st.sampled_from([0.3, 0.5, 0.95, 1.0]))
    weights = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=6))
    levels = st.sampled_from([0.0, 60.0, 125.0, 200.0])
    table = {c: {f"p/{i}": data.draw(levels) for i in range(len(weights))} for c in "abc"}
    row = judge(table, weights={"p": weights}, part={"k": k, "fraction": fraction}).loc["p"]
    columns = [
        sorted((table[c][f"p/{i}"] for c in "abc"), reverse=True) for i in range(len(weights))
    ]
    kth = np.array([column[k - 1] for column in columns])
    weight = np.array(weights, float)
    share = weight[kth >= 125.0].sum() / weight.sum()
    assert row["fraction_sure"] == pytest.approx(share)
    assert (row["status"] == "covered") == (share >= fraction - 1e-9)
    reached = [x for x in kth if weight[kth >= x].sum() >= fraction * weight.sum() - 1e-9]
    assert row["best_px_m_sure"] == max(reached, default=0.0)


def test_part_that_rests_on_presets_alone_says_so():
    turning = pd.Index(["c"])
    assert judge({"c": {"p": 130.0}}, turning=turning).loc["p", "presets_only"]
    both = judge({"c": {"p": 130.0}, "a": {"p": 130.0}}, turning=turning)
    assert not both.loc["p", "presets_only"]
    assert not judge({"c": {"p": 130.0}}).loc["p", "presets_only"]


FEATURES = pd.DataFrame(
    {"layer": ["building", "obstacle"], "id": ["way/1", "x"], "name": ["Hall", None]}
)


def hide(*rows):
    return pd.DataFrame(rows, columns=["reading", "camera_id", "sample_id", "px_m", "blocker"])


def test_blockers_are_named_by_the_weight_they_hide():
    blocked = hide(
        ("possible", "a", "p/0", 140.0, 1),
        ("possible", "a", "p/1", 140.0, 0),
        ("possible", "b", "p/1", 140.0, 0),
        ("possible", "a", "p/2", 140.0, 0),
        ("possible", "a", "p/3", 140.0, -2),
        ("sure", "a", "p/3", 140.0, 1),
    )
    row = judge({}, blocked=blocked, features=FEATURES).loc["p"]
    assert row["blockers"] == ("building way/1 (Hall)", "ground", "obstacle x")


def test_what_hides_a_met_sample_is_no_blocker():
    blocked = hide(("possible", "a", "p/0", 140.0, 1), ("possible", "a", "p/1", 140.0, 0))
    row = judge({"b": {"p/0": 130.0}}, blocked=blocked, features=FEATURES).loc["p"]
    assert row["blockers"] == ("building way/1 (Hall)",)


def test_covered_part_names_no_blocker():
    blocked = hide(("sure", "b", "p/0", 140.0, 1))
    assert judge(FULL, blocked=blocked, features=FEATURES).loc["p", "blockers"] == ()


def test_labels_of_what_is_no_feature():
    assert label_blocker(-3, FEATURES) == "canopies"
    assert label_blocker(0, None) == "feature 0"


def test_part_without_samples_is_left_out():
    table = parts(p={}, q={})
    points = samples(table, {"p": [1]})
    ms = readings(matrix(CAMS, points, FULL))
    assert list(part_status(table, points, ms).index) == ["p"]


def test_order_of_rows_changes_nothing():
    table = parts(p={}, q={"k": 2}, r={"fraction": 0.5})
    points = samples(table, {"p": [1, 2], "q": [1, 1], "r": [3, 1]})
    seen = {"a": {"p": 130.0, "q": 150.0, "r/0": 200.0}, "b": {"q": 140.0}, "c": {"p/0": 90.0}}
    ms = readings(matrix(CAMS, points, seen))
    one = part_status(table, points, ms)
    two = part_status(shuffled(table, 1), shuffled(points, 2), ms)
    pd.testing.assert_frame_equal(one, two.loc[one.index])


def test_unmet_samples_are_those_short_of_k():
    table = parts(p={"k": 2})
    points = samples(table, {"p": [1, 1]})
    m = matrix(CAMS, points, {"a": {"p": 130.0}, "b": {"p/1": 130.0}})
    assert unmet_samples(points, table, m).tolist() == ["p/0"]
    assert set(STATUSES) == {"covered", "assumed", "possible", "gap"}


@pytest.mark.parametrize(
    ("seen", "k", "status", "built"),
    [
        ({"a": {"p": 130.0}}, 1, "covered", True),
        ({"b": {"p": 130.0}}, 1, "covered", False),
        ({"a": {"p": 130.0}, "b": {"p": 130.0}}, 1, "covered", True),
        ({"a": {"p": 130.0}, "b": {"p": 130.0}}, 2, "covered", False),
        ({"a": {"p/0": 130.0}, "b": {"p": 130.0}}, 1, "covered", False),
        ({"a": {"p/0": 130.0}}, 1, "gap", False),
    ],
)
def test_what_waits_for_a_camera_to_be_built_is_not_built(seen, k, status, built):
    row = judge(seen, part={"k": k}, unbuilt=pd.Index(["b"])).loc["p"]
    assert (row["status"], row["built"]) == (status, built)


def test_covered_only_if_assumed_is_not_built():
    row = judge({}, assumed=FULL, unbuilt=pd.Index(["b"])).loc["p"]
    assert (row["status"], row["built"]) == ("assumed", False)


@pytest.mark.parametrize(
    ("count", "weight", "met", "share"), [(5, 0.3, 4, 0.8), (4, 0.7, 3, 0.75), (20, 1.1, 18, 0.9)]
)
def test_a_part_that_is_met_exactly_is_met_whatever_its_sums_are_rounded_to(
    count, weight, met, share
):
    """Four of five samples of 0.3 are 0.8 of them by hand, and 0.79999... by machine."""
    weights, part = {"p": [weight] * count}, {"fraction": share}
    seen = {"a": {f"p/{i}": 130.0 for i in range(met)}}
    row = judge(seen, weights=weights, part=part).loc["p"]
    assert row["fraction_sure"] < share
    assert (row["status"], row["best_px_m"]) == ("covered", 130.0)
    unbuilt = judge(seen | {"b": {"p": 130.0}}, weights=weights, part=part, unbuilt=pd.Index(["b"]))
    assert unbuilt.loc["p", "built"], "the cameras that stand are enough"
    del seen["a"][f"p/{met - 1}"]
    row = judge(seen, weights=weights, part=part).loc["p"]
    assert (row["status"], row["best_px_m"]) == ("gap", 0.0)


@pytest.mark.parametrize(("less", "status"), [(1e-10, "covered"), (1e-6, "gap")])
def test_what_is_forgiven_is_rounding_alone(less, status):
    weights, part = {"p": [0.8 - less, 0.2 + less]}, {"fraction": 0.8}
    row = judge({"a": {"p/0": 130.0}}, weights=weights, part=part).loc["p"]
    assert row["status"] == status


@pytest.mark.parametrize(
    ("elsewhere", "seen", "status"),
    [
        ([0.0], {"p/0": 130.0, "p/1": 130.0}, "covered"),  # wherever it is
        ([0.0], {"p/0": 130.0}, "assumed"),  # there, and not elsewhere
        ([0.0], {"p/1": 130.0}, "possible"),  # not there, but elsewhere
        ([0.0], {}, "gap"),
        ([], {"p/0": 130.0}, "covered?"),  # no other position is known
    ],
)
def test_a_presumed_gate_is_judged_by_every_position(elsewhere, seen, status):
    """The second sample has no weight: it is another position of the same gate."""
    how = PRESUMED[0] if status != "covered?" else PRESUMED[-1]
    weights = {"p": [1.0, *elsewhere]}
    own = {"how": PRESUMED[0], "inferred": True, "confirmed": False}
    row = judge({"a": seen} if seen else {}, weights=weights, part=own | {"how": how}).loc["p"]
    assert row["status"] == status.rstrip("?")


def test_where_no_other_position_of_a_presumed_gate_is_known_it_is_assumed():
    own = {"how": PRESUMED[0], "inferred": True, "confirmed": False}
    assert judge({"a": {"p": 130.0}}, part=own).loc["p", "status"] == "assumed"


def test_at_most_five_blockers_are_named():
    features = pd.DataFrame(
        {"layer": ["building"] * 6, "id": [f"b{n}" for n in range(6)], "name": [None] * 6}
    )
    weights = {"p": [6, 5, 4, 3, 2, 1]}
    blocked = hide(*(("possible", "a", f"p/{n}", 140.0, n) for n in range(6)))
    row = judge({}, weights=weights, blocked=blocked, features=features).loc["p"]
    assert row["blockers"] == tuple(f"building b{n}" for n in range(5))
