"""Exposed cameras: what is proposed for each really clears it, once it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from civicsight.coverage.check import check
from civicsight.model import PRIVATE_PLACES
from civicsight.planning.judging.dossier import Dossier
from civicsight.planning.judging.remediation import COLUMNS, clear_exposed
from tests.test_check import inventory, table, town

TODAY = date(2026, 11, 26)
CAMERAS = inventory(
    facing=((30, 8), 0.0, {"tilt_deg": 5.0, "reach_m": 40.0}),
    away=((30, -8), 180.0, {"reach_m": 40.0}),
    blind=((40, 40), np.nan, {"kind": "dome"}),
)
MOVED = {"pan_deg": ("azimuth_deg", 1), "tilt_deg": ("tilt_deg", 1), "zoom_deg": ("hfov_deg", -1),
         "lower_m": ("height_m", -1)}  # fmt: skip


def dossier(cameras=CAMERAS):
    dorm = table(
        PRIVATE_PLACES, {"d": {"kind": "dormitory", "scope": "facade"}}, [box(20, 15, 40, 30)]
    )
    city = replace(town(gpd.GeoDataFrame(cameras)), private_places=dorm)
    return Dossier(check(city, raster=False), TODAY)


@pytest.fixture(scope="module")
def cleared():
    return clear_exposed(dossier())


def test_who_could_look_in_is_listed_the_most_exposed_first(cleared):
    assert list(cleared.columns) == list(COLUMNS)
    assert set(cleared.index) == {"facing", "blind"}
    assert cleared["before_m2"].is_monotonic_decreasing
    assert cleared.loc["facing", "sure_m2"] > 1.0
    assert cleared.loc["blind", "sure_m2"] == 0.0
    assert cleared.loc["blind", "note"] is not None


def test_the_mask_clears_it(cleared):
    cameras = CAMERAS.copy()
    cameras.loc["facing", "mask_plan"] = cleared.loc["facing", "mask_plan"]
    after = dossier(cameras)
    assert after.exposed.loc["facing", "possible_m2"] == 0.0
    assert after.exposed.loc["facing", "before_m2"] == cleared.loc["facing", "before_m2"].round(2)
    assert "facing" in clear_exposed(after).index, "it is cleared only as long as its mask stands"


def test_tilting_and_zooming_help_here_and_nothing_else(cleared):
    helps = cleared.loc["facing", list(MOVED)].notna()
    assert helps.to_dict() == {
        "pan_deg": False,
        "tilt_deg": True,
        "zoom_deg": True,
        "lower_m": False,
    }


@pytest.mark.parametrize("lever", ["tilt_deg", "zoom_deg"])
def test_each_change_that_is_named_clears_it_alone(cleared, lever):
    amount = cleared.loc["facing", lever]
    column, sign = MOVED[lever]
    cameras = CAMERAS.copy()
    before = np.tan(np.radians(cameras.loc["facing", ["hfov_deg", "vfov_deg"]].to_numpy(float)) / 2)
    cameras.loc["facing", column] += sign * amount
    if lever == "zoom_deg":  # a lens narrows in height as it does in width
        half = np.tan(np.radians(cameras.loc["facing", "hfov_deg"]) / 2)
        cameras.loc["facing", "vfov_deg"] = 2 * np.degrees(np.arctan(before[1] * half / before[0]))
    assert dossier(cameras).exposed.loc["facing", "possible_m2"] <= 1.0
