"""What a plan keeps under failures and errors, on cities small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import MismatchError, Text
from civicsight.core.figure import Figure, Unit
from civicsight.coverage.check import build_scenes, check
from civicsight.coverage.result import CheckResult
from civicsight.planning.duplicates import robustness as robustness_module
from civicsight.planning.duplicates.robustness import ROBUSTNESS, describe, robustness
from tests.duplicate_cases import OK, checked
from tests.small import cameras
from tests.test_check import inventory, town


@pytest.fixture
def gates():
    """Four gates: two with a camera each, one with two cameras, one with none."""
    cams = cameras(a={}, b={}, c={}, d={})
    seen = {"a": {"p": OK}, "b": {"q": OK}, "c": {"r": OK}, "d": {"r": OK}}
    return checked(cams, seen, weights={"p": [1], "q": [1, 1], "r": [1], "s": [1]})


def test_failures_count_each_gate_once(gates):
    table = robustness(gates, scenarios=0, draws=50)
    one, two = table.loc["failure/1"], table.loc["failure/2"]
    assert (one["method"], one["scenarios"]) == ("exact", 4)
    assert (one["mean"], one["worst"]) == (pytest.approx(1 - 2 / 3 / 4), pytest.approx(2 / 3))
    assert one["worst_cameras"] == ("a",)
    # Pairs: ab loses two gates, cd one, each of ac ad bc bd one.
    assert (two["method"], two["scenarios"]) == ("exact", 6)
    assert two["mean"] == pytest.approx(1 - (2 + 1 + 4) / 6 / 3)
    assert (two["worst"], two["worst_cameras"]) == (pytest.approx(1 / 3), ("a", "b"))
    three = table.loc["failure/3"]
    assert (three["method"], three["scenarios"]) == ("sampled", 50)
    assert three["worst"] == pytest.approx(1 / 3)
    assert three["low"] <= three["mean"] <= three["high"]
    ROBUSTNESS.check(table)


def test_when_all_fail_nothing_is_kept(gates):
    row = robustness(gates, failures=[4, 9], scenarios=0).loc["failure/9"]
    assert (row["worst"], row["mean"], row["method"]) == (0.0, 0.0, "exact")
    assert row["worst_cameras"] == ("a", "b", "c", "d")


def test_nothing_to_keep_is_refused(gates):
    with pytest.raises(MismatchError, match="nothing to keep"):
        robustness(checked(cameras(a={}), {}), scenarios=0)
    with pytest.raises(MismatchError, match="nothing to keep"):
        robustness(gates, failures=[0], scenarios=0)


def test_sentences_say_how_many_cases_they_stand_on(gates):
    row = robustness(gates, failures=[1], scenarios=0).loc["failure/1"]
    figures = {
        f"robustness.failure/1.{name}": Figure(name, float(row[name]), unit, Text(name))
        for unit, names in ((Unit.COUNT, ("failed", "scenarios")), (Unit.SHARE, ("mean", "worst")))
        for name in names
    }
    text = str(describe(row, figures))
    assert "83.3 %" in text
    assert "66.7 %" in text
    assert "exact, 4 cases" in text
    causes = ("failure", "pose", "height", "buildings")
    assert len({str(describe(row.replace("failure", cause), figures)) for cause in causes}) == 4


@pytest.fixture(scope="module")
def school() -> CheckResult:
    """Return the school with a camera right before its south gate and one far from the north."""
    cams = inventory(near=((30, -8), 0.0, {}), far=((30, 61), 180.0, {"hfov_deg": 12.0}))
    return check(town(cams), raster=False)


@pytest.mark.slow
def test_errors_are_seeded_scenarios_looked_at_anew(school):
    told = []
    table, again = (
        robustness(school, failures=[1], scenarios=3, seed=3,
                   progress=lambda done, total: told.append((done, total)))
        for _ in range(2)
    )  # fmt: skip
    pd.testing.assert_frame_equal(table, again)
    assert told[:9] == [(i, 9) for i in range(1, 10)]
    assert table.loc[["pose", "height", "buildings"], "scenarios"].tolist() == [3, 3, 3]
    assert (table["worst"] <= table["mean"] + 1e-12).all()
    assert table.loc["pose", "worst"] < 1.0  # the narrow lens loses the gate
    scene = build_scenes(school.city)["sure"]
    given = robustness(school, failures=[1], scenarios=3, seed=3, scene=scene)
    pd.testing.assert_frame_equal(table, given)


def test_an_error_that_helps_keeps_all_and_no_more(school, monkeypatch):
    monkeypatch.setattr(robustness_module, "_covered_under", lambda *_: 1e9)
    table = robustness(school, failures=[], errors=["pose"], scenarios=2)
    assert table.loc["pose", ["mean", "high", "worst"]].tolist() == [1.0, 1.0, 1.0]


def test_higher_building_in_the_way_is_found():
    """A house below the line of sight by a hand: a tenth more of it hides the gate."""
    from shapely.geometry import box

    cams = inventory(high=((30, -30), 0.0, {"height_m": 8.0, "tilt_deg": 11.0, "hfov_deg": 30.0,
                                            "width_px": 3840.0}))  # fmt: skip
    low = {"house": (box(20, -20, 40, -18), 5.3, False)}
    result = check(town(cams, buildings=low), raster=False)
    asked = {"failures": [], "errors": ["buildings"], "scenarios": 6, "seed": 1}
    table = robustness(result, **asked)
    assert table.loc["buildings", "worst"] < 1.0
    assert table.loc["buildings", "mean"] > 0.0
    order = np.array([0])
    same = replace(result, city=replace(result.city, buildings=result.city.buildings.iloc[order]))
    pd.testing.assert_frame_equal(table, robustness(same, **asked))
