"""A need is asked in one place; a thermal camera is judged by its stated range."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from civicsight.core.i18n import translate
from civicsight.coverage.matrix import CoverageMatrix, at_night
from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.viewshed import sightlines
from civicsight.io import read_cameras
from civicsight.io.source_options import Declared
from civicsight.model import BUILDINGS, CAMERAS, READINGS, SAMPLES
from civicsight.rules.criteria import (
    DETECTED_PX_M,
    DETECTION_RANGE,
    PIXEL_DENSITY,
    Need,
    criterion_of,
)
from civicsight.rules.ladders import LADDERS
from civicsight.scene.bodies import build_scene

CRS = "EPSG:4548"
RECORD = {
    "kind": "thermal", "height_m": 5.0, "azimuth_deg": 90.0, "tilt_deg": 0.0, "hfov_deg": 40.0,
    "vfov_deg": 60.0, "width_px": 640.0, "status": "existing",
}  # fmt: skip


def heads_of(**more):
    row = gpd.GeoDataFrame([RECORD | more], index=["t"], geometry=[Point(0, 0)], crs=CRS)
    return read_heads(CAMERAS.complete(row), buildings=BUILDINGS.empty(CRS))


def samples_at(*distances):
    frame = gpd.GeoDataFrame(
        {"part_id": "p", "height_m": 1.6, "need_px_m": 25.0, "weight": 1.0},
        index=[f"s{k}" for k in range(len(distances))],
        geometry=[Point(d, 0.0) for d in distances],
        crs=CRS,
    )
    return gpd.GeoDataFrame(SAMPLES.complete(frame))


def scene():
    return build_scene(BUILDINGS.empty(CRS))


def seen(heads, *distances, reading="sure"):
    chosen = heads[heads["reading"].eq(reading)]
    found = sightlines(chosen, samples_at(*distances), scene()).q.toarray()
    return found.max(axis=0).tolist() if len(found) else [0.0] * len(distances)


@pytest.mark.parametrize("asked", [125.0, [125.0, 125.0, 125.0, 125.0], Need.of(125.0)])
def test_a_bound_is_met_and_what_is_not_seen_never_is(asked):
    delivered = np.array([124.99, 125.0, 126.0, 0.0], np.float32)
    assert Need.of(asked).is_met(delivered).tolist() == [False, True, True, False]
    assert Need.of(0.0).is_met(delivered).tolist() == [True, True, True, False]


def test_a_table_states_its_need_and_rows_of_it():
    table = pd.DataFrame({"need_px_m": [25.0, 250.0]})
    assert Need.of(table)[np.array([1, 0, 1])].px_m.tolist() == [250.0, 25.0, 250.0]
    assert Need.of(table)[np.array([1])].is_met([249.0]).tolist() == [False]


def test_detection_is_what_the_standard_calls_so():
    assert LADDERS["dori"].levels[0].px_m == DETECTED_PX_M
    assert criterion_of("thermal") is DETECTION_RANGE
    assert all(criterion_of(kind) is PIXEL_DENSITY for kind in ("fixed", "ptz", None))


def test_a_thermal_camera_detects_within_its_range_and_no_more_than_that():
    heads = heads_of(detection_range_m=150.0)
    # A lens 3.4 m above the target: 149.9 m on the ground lie within 150 m, 150 m do not.
    assert seen(heads, 8.0, 100.0, 149.9, 150.0, 300.0) == [25.0, 25.0, 25.0, 0.0, 0.0]


def test_neither_pixels_nor_the_range_of_another_kind_count():
    coarse, fine = (heads_of(detection_range_m=150.0, width_px=px) for px in (160.0, 4000.0))
    assert seen(coarse, 20.0, 140.0) == seen(fine, 20.0, 140.0) == [25.0, 25.0]
    usual = heads_of(kind="fixed")
    assert heads_of(kind="fixed", detection_range_m=9.0).equals(usual)
    assert DETECTION_RANGE.column not in usual
    assert seen(usual, 8.0)[0] > 100.0


def test_a_shorter_reach_ends_it_and_a_longer_one_does_not_stretch_it():
    assert seen(heads_of(detection_range_m=150.0, reach_m=50.0), 40.0, 60.0) == [25.0, 0.0]
    assert seen(heads_of(detection_range_m=50.0, reach_m=150.0), 40.0, 60.0) == [25.0, 0.0]


def test_without_a_stated_range_nothing_is_sure():
    heads = heads_of()
    found = {reading: seen(heads, 50.0, 90.0, 300.0, reading=reading) for reading in READINGS}
    assert found == {
        "sure": [0.0, 0.0, 0.0], "assumed": [25.0, 25.0, 0.0], "possible": [25.0, 25.0, 25.0],
    }  # fmt: skip
    grounds = heads.groupby("reading")["assumptions"].first()
    assert (grounds["assumed"], grounds["possible"][-1]) == (("range_by_kind",), "any_range")


def test_it_needs_no_light():
    heads = heads_of(detection_range_m=150.0, night_reach_m=0.0)
    assert seen(at_night(heads), 20.0, 140.0) == [25.0, 25.0]
    assert at_night(heads_of(kind="fixed", night_reach_m=0.0)).empty


def test_it_meets_what_asks_for_detection_and_nothing_finer():
    matrix = CoverageMatrix(
        sightlines(heads_of(detection_range_m=150.0).iloc[:1], samples_at(20.0), scene()).q,
        pd.Index(["t"]),
        pd.Index(["s0"]),
    )
    asked = {need: bool(matrix.met(need)[0]) for need in (12.5, 25.0, 25.1, 62.5, 250.0)}
    assert asked == {12.5: True, 25.0: True, 25.1: False, 62.5: False, 250.0: False}


def test_the_ground_is_credited_alike():
    heads = heads_of(detection_range_m=60.0)
    raster = compute_coverage(heads[heads["reading"].eq("sure")], scene(), cell_m=2.0)
    areas = raster.area_by_class({"detect": 25.0, "observe": 62.5}).set_index("level")["area_m2"]
    assert areas["detect"] > 500.0
    assert areas["observe"] == 0.0


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "detects a person within 150 m"), ("zh_CN", "150 米内可探测到人员")],
)
def test_it_is_written_as_a_range(language, said):
    assert translate(DETECTION_RANGE.with_unit("150"), language) == said


def test_an_inventory_states_a_thermal_camera_and_its_range(tmp_path):
    path = tmp_path / "台账.csv"
    path.write_text(
        "编号,经度,纬度,类型,探测距离\n1,115.8922,28.6765,热成像,150\n2,115.8932,28.6765,球机,\n",
        encoding="utf-8",
    )
    cameras, _ = read_cameras(path, declared=Declared(datum="wgs84"))
    assert list(cameras["kind"]) == ["thermal", "ptz"]
    assert list(cameras["detection_range_m"].fillna(-1.0)) == [150.0, -1.0]
