"""Performance and nothing else: what a plan asks of a product, by hand and by computing anew."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import MismatchError
from civicsight.coverage.check import check
from civicsight.planning.works.specification import COLUMNS, PIXEL_STEP, count_products, specify
from civicsight.rules.predicates.records import find_terms
from tests.test_check import CAMS, town


@pytest.fixture(scope="module")
def result():
    return check(town(), raster=False)


def test_what_is_planned_is_specified(result):
    table = specify(result)
    assert table.index.tolist() == ["twin"]
    assert list(table.columns) == list(COLUMNS)
    assert table.loc["twin", "width_px_least"] % PIXEL_STEP == 0
    assert table.loc["twin", "width_px_least"] <= CAMS.loc["twin", "width_px"]


@pytest.mark.slow
def test_the_pixels_asked_for_are_enough_and_a_step_fewer_are_not(result):
    least = specify(result).loc["twin", "width_px_least"]

    def met(width):
        cameras = CAMS.copy()
        cameras.loc["twin", "width_px"] = width
        matrix = check(town(gpd.GeoDataFrame(cameras)), raster=False).matrices["assumed"]
        need = result.samples["need_px_m"].to_numpy()
        return int(np.diff(matrix.meets(need).indptr)[matrix.camera_ids.get_loc("twin")])

    credited = specify(result).loc["twin", "samples"]
    assert met(least) == credited
    assert met(least - PIXEL_STEP) < credited


def test_a_camera_that_meets_nothing_asks_for_nothing_measurable(result):
    row = specify(result, ["away"]).loc["away"]
    assert row["samples"] == 0
    assert math.isnan(row["width_px_least"])


def test_no_maker_is_named_whatever_the_inventory_says(result):
    cameras = result.cameras.copy()
    cameras["name"] = "Hikvision gate"
    cameras["device_type"] = "Dahua dome"
    table = specify(replace(result, cameras=gpd.GeoDataFrame(cameras)))
    assert not find_terms(table.to_csv(), "vendors")


def test_unknown_cameras_are_named(result):
    with pytest.raises(MismatchError, match="no such cameras: x"):
        specify(result, ["x"])


def test_products_that_fit_are_counted(result):
    products = pd.DataFrame(
        {
            "width_px": [1920, 2560, 3840, 3840],
            "hfov_min_deg": [30, 30, 70, 30],
            "hfov_max_deg": [90, 90, 110, 100],
            "light_m": [30, 30, 50, 50],
        }
    )
    table = specify(result).assign(width_px_least=2000.0)
    assert count_products(table, products).to_dict() == {"twin": 2}
    assert count_products(table.assign(light_m=40.0), products).to_dict() == {"twin": 1}


def test_a_specification_states_the_capture_profile_of_its_part(result):
    """A tender that leaves out where the target is may be won by a view over the plates."""
    row = specify(result, ["south"]).loc["south"]
    assert (row["profile"], row["need_px_m"], row["target_height_m"]) == ("recognise", 125.0, 1.6)
    assert (row["max_tilt_deg"], row["max_yaw_deg"], row["min_time_share"]) == (30.0, 45.0, 0.5)
    vehicles = town()
    doors = vehicles.entrances.assign(vehicle=[True, False])
    plates = check(replace(vehicles, entrances=doors), raster=False)
    row = specify(plates, ["south"]).loc["south"]
    assert (row["profile"], row["need_px_m"], row["target_height_m"]) == ("plate", 167.0, 0.5)
    assert (row["max_tilt_deg"], row["max_yaw_deg"]) == (30.0, 30.0)


def test_a_profile_for_the_night_asks_for_a_light_that_reaches_its_farthest_target(result):
    by_night = replace(result, parts=gpd.GeoDataFrame(result.parts.assign(light="night")))
    assert math.isnan(specify(result).loc["twin", "light_m"])
    row = specify(by_night).loc["twin"]
    assert row["light_m"] >= row["distance_m"] > 0.0
