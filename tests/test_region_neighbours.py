"""What the findings of a part hang on, along a street: P1, C1, P2, C2, and no farther."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from civicsight.region.neighbours import SLACK_M, find_near, turn_m
from tests.small import RULES

CRS = "EPSG:4548"
STEP = 0.01


def street(cameras, parts, missing=()):
    """Return tables with cameras as ``(east, reach)`` and parts as ``east``, in a line [m]."""
    reach = {name: row for name, row in cameras.items() if row[1] is not None}
    return {
        "cameras": gpd.GeoDataFrame(
            index=list(cameras), geometry=[Point(x, 0) for x, _ in cameras.values()], crs=CRS
        ),
        "heads": pd.DataFrame(
            {"camera_id": list(reach), "reach_m": [far for _, far in reach.values()]}
        ),
        "parts": gpd.GeoDataFrame(
            {"zone_id": [f"z-{name}" for name in parts]},
            index=list(parts), geometry=[Point(x, 0) for x in parts.values()], crs=CRS,
        ),
        "samples": gpd.GeoDataFrame(
            {"part_id": list(parts)}, geometry=[Point(x, 0) for x in parts.values()], crs=CRS
        ),
        "zones": gpd.GeoDataFrame(
            index=[f"z-{name}" for name in parts],
            geometry=[Point(x, 0) for x in parts.values()], crs=CRS,
        ),
        "missing": pd.DataFrame(
            {"zone_id": [f"z-{name}" for name in missing], "part_id": [None] * len(missing)}
        ),
    }  # fmt: skip


CAMERAS = {"c0": (0, 600), "c1": (1_150, 600), "c2": (2_250, 600), "c3": (3_350, 600)}
PARTS = {"p1": 600, "p2": 1_700, "p3": 2_800}
"""c0 and c1 see p1, c1 and c2 see p2, c2 and c3 see p3."""


def near(tables, cameras=(), zones=()):
    return find_near(tables, pd.Index(cameras), pd.Index(zones), RULES)


def test_a_camera_hangs_on_p1_c1_p2_and_c2_and_on_no_more():
    """How much c1 meets in all hangs on p2, and whether it stays hangs on c2, who sees p2 too."""
    found = near(street(CAMERAS, PARTS), cameras=["c0"])
    assert list(found.cameras) == ["c0", "c1", "c2"]
    assert list(found.parts) == ["p1", "p2"]
    west, south, east, north = found.window
    assert (west, east) == (-601.0 - SLACK_M, 2_851.0 + SLACK_M)
    assert (south, north) == (-601.0 - SLACK_M, 601.0 + SLACK_M)


def test_a_part_hangs_on_the_cameras_that_see_it_and_on_what_those_see():
    found = near(street(CAMERAS, PARTS), zones=["z-p1"])
    assert list(found.cameras) == ["c0", "c1", "c2"]
    assert list(found.parts) == ["p1", "p2"]


@pytest.mark.parametrize(("beyond", "is_near"), [(0.0, True), (1.0, True), (1.0 + STEP, False)])
def test_a_camera_reaches_a_metre_farther_than_it_sees(beyond, is_near):
    found = near(street({"c0": (0, 600)}, {"p1": 600 + beyond}), cameras=["c0"])
    assert list(found.parts) == (["p1"] if is_near else [])


@pytest.mark.parametrize(("beyond", "is_near"), [(0.0, True), (1.0, True), (1.0 + STEP, False)])
def test_a_camera_that_may_be_turned_to_an_own_part_is_near(beyond, is_near):
    far = turn_m(RULES) + beyond
    found = near(street({"c0": (far, None)}, {"p1": 0}), zones=["z-p1"])
    assert list(found.cameras) == (["c0"] if is_near else [])


@pytest.mark.parametrize(
    ("beyond", "is_near"), [(0.0, True), (SLACK_M, True), (SLACK_M + 2, False)]
)
def test_what_could_not_be_judged_counts_where_a_camera_may_see_it(beyond, is_near):
    tables = street({"c0": (0, 600)}, {"p1": 601 + beyond}, missing=["p1"])
    assert near(tables, cameras=["c0"]).missing.tolist() == [is_near]


def test_what_is_missing_near_the_farthest_ring_alone_does_not_count():
    """It hangs on who sees P1 (c0, c1), not on who sees P2 (c2)."""
    tables = street(CAMERAS, PARTS | {"p9": 2_850}, missing=["p9"])
    assert near(tables, cameras=["c0"]).missing.tolist() == [False]
    assert near(tables, cameras=["c1"]).missing.tolist() == [True]


def test_a_part_of_which_nothing_is_judged_hangs_on_nothing():
    assert near(street(CAMERAS, PARTS)) is None
    assert near(street(CAMERAS, PARTS), cameras=["elsewhere"]) is None
    alone = near(street({"c0": (0, None)}, {}), cameras=["c0"])
    assert np.allclose(alone.window, [-51.0, -51.0, 51.0, 51.0])
