"""The walk from what is open to a plan: the plan closes it, and stands a recount."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.test_notebooks import TOUR, plots_and_complaints, run_tour

WALK = TOUR.with_name("04_plan.ipynb")

ASKED = """
import json
print(json.dumps({
    "cameras": [len(near), len(city.cameras)],
    "now": now["status"].to_dict(),
    "after": plan.parts["status_after"].to_dict(),
    "size": size,
    "measures": plan.measures["measure"].tolist(),
    "cost": [plan.cost_yuan, float(plan.bill["cost_yuan"].sum()), float(works["cost_yuan"].sum())],
    "years": sorted(set(works["year"])),
    "value": history["value"].tolist(),
    "bound": history["bound"].tolist(),
    "slider": slider[["share", "cost_yuan", "bound_yuan"]].to_numpy().tolist(),
    "proof": [plan.proof.value, plan.proof.bound, plan.proof.solver_bound],
    "wrong": wrong,
    "differences": len(rebuilt.differences),
    "same": same,
    "heard": len(seen),
    "folder": str(Path.cwd()),
}, default=float))
"""


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown():
    return run_tour(WALK, ASKED)


@pytest.fixture(scope="module")
def found(shown):
    return json.loads(shown.cells[-1].outputs[0].text)


@pytest.mark.compiled_only
def test_every_plot_is_drawn_and_nothing_is_complained_of(shown):
    assert plots_and_complaints(shown) == (3, "")


@pytest.mark.compiled_only
def test_something_was_open_and_the_plan_closes_it(found):
    assert found["cameras"][1] == (found["cameras"][0] + 1) // 2
    assert "gap" in found["now"].values()
    assert set(found["after"].values()) == {"covered"}
    assert found["heard"] > 0


@pytest.mark.compiled_only
def test_every_sum_is_the_same(found):
    assert len(set(found["cost"])) == 1
    assert found["proof"][0] == found["cost"][0]
    assert set(found["years"]) <= {2027, 2028}


@pytest.mark.compiled_only
def test_value_and_bound_close_on_each_other(found):
    value, bound = found["value"], found["bound"]
    assert value == sorted(value, reverse=True)
    assert bound == sorted(bound)
    assert bound[-1] <= value[-1]
    assert found["proof"][1] <= found["proof"][2] <= found["proof"][0]


@pytest.mark.compiled_only
def test_more_coverage_never_costs_less(found):
    shares, costs, bounds = zip(*found["slider"], strict=True)
    assert list(shares) == [0.95, 0.98, 0.99, 1.0]
    assert list(costs) == sorted(costs)
    assert all(low <= high + 1e-9 for low, high in zip(bounds, costs, strict=True))
    assert costs[-1] == found["cost"][0]


@pytest.mark.compiled_only
def test_the_recount_and_brute_force_find_nothing(found):
    assert (found["wrong"], found["differences"], found["same"]) == ([], 0, True)


@pytest.mark.compiled_only
def test_a_run_writes_no_file(shown, found):
    assert Path(found["folder"]) == WALK.parent
    assert shown.metadata["written"] == []
