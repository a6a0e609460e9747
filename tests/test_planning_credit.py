"""Cameras that break Article 9: listed, never credited, masked where that helps, else dropped."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from civicsight.coverage.check import check
from civicsight.model import PRIVATE_PLACES
from civicsight.planning.aims.requirements import build_problem
from civicsight.planning.candidates import generate
from civicsight.planning.judging.credit import credited
from civicsight.planning.make import Aims, Run, make_plan
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.works.measures import apply_selection, urgent_cameras
from civicsight.planning.years.timetable import frame_of, in_years, timetable
from tests import candidate_town
from tests.candidate_town import at, checked, gate, lanes, rect
from tests.test_check import inventory, table, town

RUN = Run(Limits(steps=200), seed=3)
AIMS = Aims(years=(2027, 2028), extras=False)
GOOD = ((30, -8), 0.0, {})


def with_lodgings(cameras):
    """Return the school with a toilet block before its south gate, where nothing may stand."""
    shape = box(28, -10, 32, -6)
    place = table(PRIVATE_PLACES, {"w": {"kind": "toilet", "scope": "whole_interior"}}, [shape])
    return replace(town(cameras), private_places=place)


@pytest.fixture(scope="module")
def breach():
    """The camera that covers the south gate stands in the block; the north one may."""
    cameras = inventory(inside=GOOD, north=((30, 48), 180.0, {}))
    return check(with_lodgings(cameras), raster=False)


def test_a_camera_less_is_what_a_check_without_it_finds():
    cameras = inventory(south=GOOD, north=((30, 48), 180.0, {}), dome=((28, 48), 180.0, {}))
    whole = check(town(cameras), raster=False)
    found = credited(whole, ["south", "nobody"])
    bare = check(town(cameras.drop(index="south")), raster=False)
    told = ["status", "fraction_sure", "fraction_assumed", "fraction_possible", "cameras", "built"]
    pd.testing.assert_frame_equal(found.part_status[told], bare.part_status[told])
    assert found.cameras is whole.cameras
    assert credited(whole, ["nobody"]) is whole


def test_what_breaks_the_law_counts_neither_before_nor_after(breach):
    assert breach.part_status["status"].eq("covered").sum() == 1  # the check credits it no more
    assert generate(breach).barred["camera_id"].tolist() == ["inside"]
    plan = make_plan(breach, AIMS, run=RUN)
    south = breach.parts.index[breach.parts["entrance_id"].eq("s")][0]
    assert plan.parts.loc[south, "status_before"] != "covered"
    assert plan.parts["status_after"].eq("covered").all()
    row = plan.measures.loc["inside"]
    assert (row["measure"], row["article"], row["year"], row["cost_yuan"]) == ("drop", "9", 2027, 0)
    others = plan.measures.drop(index="inside")
    assert others["article"].isna().all()
    assert others["measure"].eq("new").any()
    assert "inside" in plan.works.index


def test_a_planned_camera_that_breaks_the_law_is_dropped_and_takes_no_year(breach):
    cameras = breach.city.cameras.copy()
    cameras.loc["inside", "status"] = "planned"
    plan = make_plan(check(with_lodgings(gpd.GeoDataFrame(cameras)), raster=False), AIMS, run=RUN)
    row = plan.measures.loc["inside"]
    assert (row["measure"], row["article"], row["year"]) == ("drop", "9", 0)


@pytest.mark.compiled_only  # a private house is looked at from every pose around it
def test_a_mask_that_ends_the_breach_is_named_with_the_article_and_comes_first():
    home = rect(-20, 14, 20, 30)
    lodgings = {"d": (home, {})}
    street = candidate_town.city(
        buildings=lodgings, private_places=lodgings, roads=lanes(),
        cameras={"c": (at(0, -12), {"tilt_deg": 2.0})},
    )  # fmt: skip
    result = checked(street, gate())
    offers = generate(result)
    posed = build_problem(offers, result)
    chosen = offers.table.index.str.endswith("/mask")
    works = apply_selection(offers, posed, chosen, result)
    assert urgent_cameras(offers, result) == {"c"}
    assert works.measures.loc["c", ["measure", "article"]].tolist() == ["reaim", "9"]
    assert works.cameras.loc["c", "mask_plan"]
    frame = frame_of(posed, offers, result, (2027, 2028), ())
    timed = timetable(posed, offers, chosen, result, frame, {"c": 2028})
    measures = in_years(works.measures, offers, timed, frozenset({"c"}))
    assert measures.loc["c", "year"] == 2027
