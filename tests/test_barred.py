"""A camera in a private place credits nothing, one that looks into it only once it is masked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from shapely.geometry import box

from civicsight.coverage.check import check
from civicsight.coverage.obstruction import obstruct
from civicsight.model import PRIVATE_PLACES
from civicsight.planning.candidates import generate
from civicsight.planning.compliance import judge
from civicsight.planning.make import Aims, Run, make_plan
from civicsight.planning.solver.outcome import Limits
from civicsight.presentation.evidence import finding_sentence
from civicsight.presentation.names import name_all, name_judged
from civicsight.report.compliance import give_account
from civicsight.report.compliance.front import front_page
from civicsight.report.partition import describe_judged
from tests.compliance_made import looked_at
from tests.test_check import inventory, table, town
from tests.test_obstruction import proposals
from tests.test_permits import WALL

TODAY = date(2026, 11, 27)
GOOD = ((30, -8), 0.0, {})
NORTH = ((30, 48), 180.0, {})


def with_place(kind, shape, cameras, scope="whole_interior"):
    place = table(PRIVATE_PLACES, {"w": {"kind": kind, "scope": scope}}, [shape])
    return replace(town(cameras), private_places=place)


def in_toilet():
    """The only camera at the south gate stands in a toilet block."""
    return with_place("toilet", box(28, -10, 32, -6), inventory(bad=GOOD, north=NORTH))


def at_homes(mask=None):
    """The only camera at the south gate sees, beside it, the front of a dormitory."""
    city = town(inventory(bad=GOOD, north=NORTH))
    houses = pd.concat([city.buildings, city.buildings.iloc[:1].set_axis(["home"])])
    houses.loc["home", "geometry"] = box(34, -1, 38, 2)
    houses.loc["home", "kind"] = "dormitory"
    cameras = city.cameras.copy()
    cameras["mask_plan"] = pd.Series({"bad": mask}, dtype=object).reindex(cameras.index)
    return looked_at(replace(city, buildings=houses, cameras=cameras))


@pytest.fixture(scope="module")
def barred():
    return check(in_toilet(), cell_m=2.0)


def south(result):
    return result.parts.index[result.parts["entrance_id"].eq("s")][0]


def test_the_check_credits_it_nowhere_and_names_it(barred):
    assert barred.barred == ("bad",)
    assert barred.part_status.loc[south(barred), "status"] == "gap"
    for matrix in barred.matrices.values():
        assert matrix.select(cameras=pd.Index(["bad"])).q.nnz == 0
    others = barred.part_status.drop(index=south(barred))
    assert others["status"].eq("covered").all()
    (gap,) = barred.gaps[barred.gaps["subject"].eq(south(barred))].itertuples()
    assert gap.evidence["barred"] == ["bad"]
    assert "count for nothing" in finding_sentence(gap, name_all(barred, "en"))
    assert barred.summary["cameras"]["barred"] == 1
    without = check(replace(barred.city, cameras=barred.city.cameras.drop(index="bad")), cell_m=2.0)
    assert seen_cells(barred) == seen_cells(without) > 0


def seen_cells(result):
    return int((result.raster.count > 0).sum())


def test_no_rule_passes_by_it(barred):
    verdicts = judge(barred, today=TODAY).verdicts.set_index(["rule", "subject"])
    for rule in ("R8.5", "N7.4"):
        assert verdicts.loc[(rule, "8.5:p"), "outcome"] == "fail"


def test_the_plan_starts_without_it(barred):
    assert generate(barred).barred["camera_id"].tolist() == ["bad"]
    aims, run = Aims(years=(2027, 2028), extras=False), Run(Limits(steps=200), seed=3)
    plan = make_plan(barred, aims, run=run)
    before = plan.parts["status_before"]
    assert before[south(barred)] == barred.part_status.loc[south(barred), "status"]


def test_the_report_counts_it_as_the_check_does(barred):
    account = give_account(barred.city, today=TODAY)
    front = front_page(account, name_judged(account.dossier, "en"))
    assert front["indices"][0]["value"] == "50 %"
    told = [str(text) for text in describe_judged(barred).sentences]
    assert any("Credited with nothing, 1 cameras" in text for text in told)


def test_a_facility_takes_no_required_coverage_of_it(barred):
    (permit,) = obstruct(barred, proposals(W=(WALL, "advert", 5.0, {})))
    assert permit.loss.cameras.empty


def test_no_rule_passes_by_a_camera_that_looks_into_the_private_until_it_is_masked():
    found = check(at_homes(), raster=False)
    assert generate(found).barred["camera_id"].tolist() == ["bad"]
    verdicts = judge(found, today=TODAY).verdicts.set_index(["rule", "subject"])
    for rule in ("R8.5", "N7.4"):
        row = verdicts.loc[(rule, "8.5:p")]
        assert row["outcome"] == "undetermined"
        assert "count once masked" in str(row["because"][0])
    right = "POLYGON ((0.8 0, 1 0, 1 1, 0.8 1, 0.8 0))"
    masked = judge(check(at_homes(right), raster=False), today=TODAY).verdicts
    rows = masked.set_index(["rule", "subject"])
    assert rows.loc[("R8.5", "8.5:p"), "outcome"] == "pass"


RIGHT = "POLYGON ((0.8 0, 1 0, 1 1, 0.8 1, 0.8 0))"
TOUR = {
    "kind": "ptz",
    "height_px": 1440.0,
    "vfov_deg": float("nan"),
    "tags": {"presets": "0/12/60/90;180/12/60/10"},
}


def at_homes_on_a_tour(mask):
    """The same camera on a tour of two stops, of which the first sees gate and dormitory."""
    city = at_homes(mask)
    cameras = city.cameras.copy()
    for name, value in TOUR.items():
        cameras[name] = pd.Series({"bad": value}, dtype=object).combine_first(cameras[name])
    return replace(city, cameras=cameras.astype({"vfov_deg": "float64", "height_px": "float64"}))


@pytest.mark.parametrize(
    ("mask", "outcome"),
    [
        (None, "undetermined"),
        (RIGHT, "undetermined"),
        (f"2: {RIGHT}", "undetermined"),
        (f"1: {RIGHT}", "pass"),
        (f"1: {RIGHT}; 2: {RIGHT}", "pass"),
    ],
)
def test_a_mask_on_a_tour_counts_at_the_stop_that_it_is_bound_to(mask, outcome):
    found = check(at_homes_on_a_tour(mask), raster=False)
    assert found.part_status.loc[south(found), "status"] == "covered"
    verdicts = judge(found, today=TODAY).verdicts.set_index(["rule", "subject"])
    row = verdicts.loc[("R8.5", "8.5:p")]
    assert row["outcome"] == outcome
    if outcome == "undetermined":
        assert "count once masked" in str(row["because"][0])
    sight = verdicts.loc[("R9.3", "bad")]
    assert sight["outcome"] != "pass"  # it may be turned by hand to wherever it can look
    if mask == RIGHT:
        assert sight["outcome"] == "undetermined"
        assert "bind a mask to each stop" in " ".join(map(str, sight["because"]))
