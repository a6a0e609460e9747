"""Cameras out of use that stand beside a gap."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from civicsight.coverage.findings.reuse import OUT_OF_USE_M, REPAIR_COLUMNS, find_repairs, revive
from civicsight.model import BUILDINGS
from civicsight.scene.bodies import build_scene
from tests.small import CRS, cameras, heads, matrix, parts, samples

BROKEN = {"usable": False, "at": (2, -10)}


def scene(shape=None):
    shape = shape or box(900, 900, 910, 910)
    table = gpd.GeoDataFrame({"height_m": 30.0}, index=["b"], geometry=[shape], crs=CRS)
    return build_scene(BUILDINGS.complete(table))


def repairs(cams, azimuth=0.0, *, seen=None, part=None, world=None, **confidence):
    table = parts(p=part or {})
    points = samples(table, {"p": [1, 1, 1, 1]})
    sure = matrix(cams, points, seen or {})
    views = heads(revive(cams), azimuth, **confidence)
    return find_repairs(table, points, sure, cams, views, world or scene())


@pytest.mark.parametrize(
    ("state", "placed", "why", "covers"),
    [
        ({"usable": False}, "kept", "broken", True),
        ({"status": "removed"}, "moved", "removed", True),
        ({"usable": False, "status": "removed"}, "kept", "removed", True),
        ({}, "indoor", "indoor", None),
        ({"usable": False}, "indoor", "indoor", None),
    ],
)
def test_why_a_camera_does_not_count_is_said(state, placed, why, covers):
    found = repairs(cameras(a=state | {"at": (2, -10)}).assign(placed=placed))
    assert list(found.columns) == list(REPAIR_COLUMNS)
    assert found.to_numpy(object).tolist() == [["p", "a", why, 10.0, covers]]


@pytest.mark.parametrize(
    ("state", "placed"),
    [({}, "kept"), ({"usable": None}, "kept"), ({"usable": False}, "off_terrain")],
)
def test_camera_in_use_or_off_the_terrain_is_not_named(state, placed):
    assert repairs(cameras(a=state | {"at": (2, -10)}).assign(placed=placed)).empty


def test_only_near_ones_are_named_and_the_nearest_first():
    cams = cameras(
        edge={"usable": False, "at": (2, -OUT_OF_USE_M)},
        past={"usable": False, "at": (2, -OUT_OF_USE_M - 0.1)},
        near={"usable": False, "at": (2, -5)},
    )
    assert repairs(cams)["camera_id"].tolist() == ["near", "edge"]


def test_camera_that_looked_elsewhere_would_not_cover():
    assert repairs(cameras(a=BROKEN), 180.0)["would_cover"].tolist() == [False]


def test_camera_behind_a_wall_would_not_cover():
    wall = scene(box(-20, -6, 20, -4))
    assert repairs(cameras(a=BROKEN), world=wall)["would_cover"].tolist() == [False]


def test_camera_without_a_recorded_direction_is_named_without_a_verdict():
    assert repairs(cameras(a=BROKEN), a=0.6)["would_cover"].tolist() == [None]


@pytest.mark.parametrize(("beside", "covers"), [({}, False), ({"b": {"p": 130.0}}, True)])
def test_two_cameras_are_asked_for(beside, covers):
    cams = cameras(a=BROKEN, b={"at": (400, 400)})
    assert repairs(cams, seen=beside, part={"k": 2})["would_cover"].tolist() == [covers]


def test_half_of_a_part_is_enough_beside_the_other_half():
    # Turned by half its field of view, the camera sees p/2 and p/3 only.
    cams = cameras(a={"usable": False, "at": (1.5, -10)}, b={"at": (400, 400)})
    assert repairs(cams, 30.0)["would_cover"].tolist() == [False]
    other, same = ({"b": dict.fromkeys(names, 130.0)} for names in (["p/0", "p/1"], ["p/2", "p/3"]))
    assert repairs(cams, 30.0, seen=other)["would_cover"].tolist() == [True]
    assert repairs(cams, 30.0, seen=same)["would_cover"].tolist() == [False]
    assert repairs(cams, 30.0, part={"fraction": 0.5})["would_cover"].tolist() == [True]


def test_nothing_near():
    found = repairs(cameras(a={}))
    assert found.empty
    assert isinstance(found, pd.DataFrame)
