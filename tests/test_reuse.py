"""Existing cameras that could be turned towards a gap."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from shapely.geometry import box

from civicsight.coverage.findings.reuse import ALL_TILTS, REUSE_COLUMNS, find_reuse
from civicsight.coverage.findings.turning import _by_pair, most_in_one_image
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.model import BUILDINGS
from civicsight.scene.bodies import build_scene
from tests.small import CRS, cameras, heads, parts, samples

TABLE = parts(p={})
POINTS = samples(TABLE, {"p": [1, 1, 1, 1]})  # x 0 to 3 on the line y = 0


def scene(*shapes):
    shapes = shapes or (box(900, 900, 910, 910),)
    table = gpd.GeoDataFrame(
        {"height_m": 30.0},
        index=[f"b{i}" for i in range(len(shapes))],
        geometry=list(shapes),
        crs=CRS,
    )
    return build_scene(BUILDINGS.complete(table))


def offers(
    cams, azimuth=180.0, *, unmet=POINTS.index, table=TABLE, world=None, radius=120.0, **views
):
    turned = heads(cams, azimuth).assign(**views)
    return find_reuse(table, POINTS, unmet, cams, turned, world or scene(), radius_m=radius)


def test_camera_that_looks_away_could_be_turned():
    found = offers(cameras(a={"at": (2, -8)}))
    assert list(found.columns) == list(REUSE_COLUMNS)
    row = found.iloc[0]
    assert (row["part_id"], row["camera_id"], row["how"]) == ("p", "a", "re-aim")
    assert row["distance_m"] == pytest.approx(8.0)
    assert row["share"] == 1.0
    farthest = np.sqrt(2.0**2 + 8.0**2 + 2.4**2)
    assert row["px_m"] == pytest.approx(1920 / (np.pi / 3) / farthest, rel=1e-5)


def test_it_may_be_tilted_from_straight_below_to_ten_degrees_above_the_horizon():
    tilt, band = ALL_TILTS
    assert (tilt + band / 2.0, tilt - band / 2.0) == (90.0, -10.0)


def test_too_coarse_a_view_calls_for_better_optics():
    row = offers(cameras(a={"at": (2, -40)}), 0.0, tilt_deg=4.0).iloc[0]
    assert (row["how"], row["share"]) == ("upgrade", 1.0)
    assert row["px_m"] < 125.0


@pytest.mark.parametrize(
    ("azimuth", "how", "turn"),
    [
        (27.0, "upgrade", 27.7),
        (332.0, "upgrade", 27.3),
        (29.0, "re-aim-and-upgrade", 29.7),
        (180.0, "re-aim-and-upgrade", 179.3),
    ],
)
def test_a_lens_alone_helps_only_what_is_in_the_picture(azimuth, how, turn):
    found = offers(cameras(a={"at": (2, -40)}), azimuth, tilt_deg=4.0)
    middle = np.degrees(np.arctan2(-0.5, 40.0))
    row = found.iloc[0]
    assert row["turn_deg"] == pytest.approx(abs((middle - azimuth + 180) % 360 - 180))
    assert (row["how"], round(row["turn_deg"], 1)) == (how, turn)


def test_a_lens_alone_does_not_help_a_camera_tilted_under_the_part():
    row = offers(cameras(a={"at": (2, -40)}), 0.0, tilt_deg=60.0).iloc[0]
    assert row["how"] == "re-aim-and-upgrade"


def test_no_turn_is_named_where_no_direction_is_recorded():
    cams = cameras(a={"at": (2, -40)})
    views = heads(cams, 0.0, a=0.6).assign(tilt_deg=4.0)
    row = find_reuse(TABLE, POINTS, POINTS.index, cams, views, scene(), radius_m=99.0).iloc[0]
    assert row["how"] == "re-aim-and-upgrade"
    assert np.isnan(row["turn_deg"])


def test_view_all_round_need_not_turn():
    row = offers(cameras(a={"at": (2, -8)}), hfov_deg=360.0, lens="cylindrical").iloc[0]
    assert row["turn_deg"] == 0.0


def test_turning_comes_before_upgrading_and_near_before_far():
    cams = cameras(
        far={"at": (2, -10)}, near={"at": (2, -6)}, coarse={"at": (2, 40)}, more={"at": (2, 12)}
    )
    assert offers(cams)["camera_id"].tolist() == ["near", "far", "more"]


@pytest.mark.parametrize("state", [{"status": "planned"}, {"status": "removed"}, {"at": (2, -121)}])
def test_planned_removed_and_far_cameras_are_not_offered(state):
    assert offers(cameras(a={"at": (2, -8)} | state)).empty


def test_blocked_camera_is_not_offered():
    assert offers(cameras(a={"at": (2, -8)}), world=scene(box(-20, -6, 20, -4))).empty


def test_one_image_has_to_hold_what_is_missing():
    # From 1 m away the line spans 113 degrees; an image of 60 degrees holds half of it.
    cams = cameras(a={"at": (1.5, -1)})
    assert offers(cams, height_m=1.6).empty
    half = parts(p={"fraction": 0.5})
    assert offers(cams, table=half, height_m=1.6).iloc[0]["share"] == 0.5


def test_only_what_is_missing_has_to_be_met():
    half = parts(p={"fraction": 0.75})
    row = offers(cameras(a={"at": (2, -8)}), table=half, unmet=POINTS.index[:2]).iloc[0]
    assert row["share"] == 0.5


def test_limits_of_angle_hold_for_a_turned_camera():
    steep = parts(p={"max_tilt_deg": 30.0})
    cams = cameras(a={"at": (2, -3)})
    assert offers(cams, table=steep).empty
    assert len(offers(cams)) == 1


def test_nothing_to_offer():
    assert offers(cameras(a={"at": (2, -8)}), unmet=pd.Index([])).empty
    none = heads(cameras(a={}), 0.0)
    assert find_reuse(
        TABLE, POINTS, POINTS.index, cameras(a={}), none.iloc[:0], scene(), radius_m=50.0
    ).empty


@given(
    st.lists(st.tuples(st.integers(0, 359), st.integers(1, 5)), min_size=1, max_size=8),
    st.integers(1, 360),
)
def test_best_image_is_that_of_brute_force(targets, angle):
    bearing, weight = (np.array(values, float) for values in zip(*targets, strict=True))
    best = max(weight[(bearing - start) % 360 <= angle].sum() for start in bearing)
    assert most_in_one_image(bearing, weight, float(angle)) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(20))
def test_what_a_camera_sees_of_a_part_is_its_row_at_the_samples_of_the_part(seed):
    rng = np.random.default_rng(seed)
    n, m, count = (int(rng.integers(1, most)) for most in (8, 40, 6))
    q = np.where(rng.random((n, m)) < 0.3, rng.uniform(0.0, 200.0, (n, m)), 0.0).astype(np.float32)
    part = rng.integers(0, count, m)
    laid = _by_pair(CoverageMatrix(csr_array(q), pd.RangeIndex(n), pd.RangeIndex(m)), part, count)
    start, stop = laid.runs(np.arange(n * count))
    for camera in range(n):
        for at in range(count):
            own = slice(start[camera * count + at], stop[camera * count + at])
            columns = np.flatnonzero((part == at) & (q[camera] > 0.0))
            assert laid.column[own].tolist() == columns.tolist()
            assert laid.density[own].tolist() == q[camera, columns].astype(np.float64).tolist()
