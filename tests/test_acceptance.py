"""As built against as planned: a turned camera loses its gate, and says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from shapely.geometry import Point

from civicsight.core.errors import InputError
from civicsight.coverage.check import check
from civicsight.model.plan_tables import MEASURED
from civicsight.planning.works.acceptance import WHAT, accept
from tests.test_check import CAMS, OPTICS, table, town

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def planned():
    cameras = CAMS.copy()
    cameras.loc["south", "status"] = "planned"
    return check(town(cameras.drop("twin")), raster=False)


def measured(name="south", at=(30, -8), **columns):
    good = {
        "height_m": 3.5,
        "azimuth_deg": 0.0,
        "tilt_deg": 12.0,
        "hfov_deg": 60.0,
        "chart_px_m": OPTICS["width_px"] / (2 * 10.0 * np.tan(np.radians(30.0))),
        "chart_distance_m": 10.0,
        "sign_up": True,
        "mask_set": True,
        "night_ok": True,
        "blind_m": 3.5 / np.tan(np.radians(12.0 + OPTICS["vfov_deg"] / 2.0)),
        "measured_on": "2026-05-01",
    }
    return table(MEASURED, {name: good | columns}, [at and Point(at)])


def outcomes(found):
    return dict(zip(found.checks["what"], found.checks["outcome"], strict=True))


def test_as_planned_is_accepted(planned):
    found = accept(planned, measured(), today=TODAY)
    assert set(outcomes(found).values()) == {"pass"}
    assert (found.outcome, found.lost, found.gained) == ("pass", (), ())


def test_what_is_compared_has_its_words(planned):
    found = accept(planned, measured(), wanted=["nobody's"])
    assert set(found.checks["what"]) == set(WHAT)


@pytest.mark.parametrize(
    ("what", "value", "outcome"),
    [
        ("azimuth_deg", 5.0, "pass"),
        ("azimuth_deg", 354.9, "fail"),
        ("azimuth_deg", 355.0, "pass"),
        ("height_m", 3.81, "fail"),
        ("tilt_deg", np.nan, "undetermined"),
        ("chart_px_m", 199.0, "fail"),
        ("chart_px_m", 5_000.0, "fail"),  # more than planned is another lens
        ("measured_on", "2030-01-01", "fail"),
        ("measured_on", None, "undetermined"),
        ("blind_m", 200.0, "fail"),
        ("blind_m", 0.0, "fail"),
        ("blind_m", 6.0, "pass"),
        ("blind_m", np.nan, "undetermined"),
        ("sign_up", False, "fail"),
        ("night_ok", None, "undetermined"),
    ],
)
def test_each_deviation_is_judged_by_its_tolerance(planned, what, value, outcome):
    found = accept(planned, measured(**{what: value}), today=TODAY)
    assert outcomes(found)[what] == outcome


def test_a_camera_built_the_wrong_way_round_loses_its_gate(planned):
    found = accept(planned, measured(azimuth_deg=180.0))
    (part,) = found.lost
    assert planned.parts.loc[part, "entrance_id"] == "s"
    assert found.outcome == "fail"
    assert found.as_built.part_status.loc[part, "status"] == "gap"


def test_the_place_counts_as_far_as_it_was_measured(planned):
    assert outcomes(accept(planned, measured(at=(30.0, -9.5))))["place_m"] == "fail"
    assert outcomes(accept(planned, measured(at=None)))["place_m"] == "undetermined"


def test_a_camera_that_the_plan_does_not_have_is_refused(planned):
    with pytest.raises(InputError, match=r"acceptance\.camera"):
        accept(planned, measured("other"))


def test_a_camera_of_the_plan_that_nobody_measured_stays_open(planned):
    found = accept(planned, measured(), wanted=["south", "unknown"])
    row = found.checks[found.checks["camera_id"].eq("unknown")].iloc[0]
    assert (row["what"], row["outcome"]) == ("measured", "undetermined")
    assert found.outcome == "undetermined"
    assert found.by_camera == {"south": "pass", "unknown": "undetermined"}


@pytest.mark.slow
def test_a_camera_built_too_high_loses_its_plates_where_they_hang():
    """By hand, 9 m before the gate: from 6 m down to 0.5 m is 31.4 degrees, to 1.6 m is 26.1."""
    cameras = CAMS.loc[["south"]].assign(
        status="planned", height_m=3.5, tilt_deg=22.0, hfov_deg=50.0, vfov_deg=60.0,
        geometry=[Point(30, -9)],
    )  # fmt: skip
    lost = {}
    for vehicle in (True, False):
        city = town(cameras)
        city = replace(city, entrances=city.entrances.assign(vehicle=[vehicle, False]))
        plan = check(city, raster=False)
        built = {"tilt_deg": 22.0, "hfov_deg": 50.0}
        assert accept(plan, measured(at=(30, -9), **built)).lost == ()
        lost[vehicle] = len(accept(plan, measured(at=(30, -9), height_m=6.0, **built)).lost)
    assert lost == {True: 1, False: 0}
