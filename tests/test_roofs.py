"""Roofs as targets, against brute force and by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.coverage.camera import Camera
from civicsight.coverage.viewshed import viewshed
from tests.oracle import Camera as Eye
from tests.oracle import see
from tests.oracle_cells import features_of

CRS = "EPSG:4548"


def town(rng, count=6):
    """Boxes of different heights that overlap now and then."""
    boxes = [shapely.box(x, y, x + w, y + d) for x, y, w, d in rng.uniform(4, 36, (count, 4))]
    table = {"height_m": rng.uniform(3.0, 14.0, count), "base_m": 0.0, "height_assumed": False}
    return gpd.GeoDataFrame(table, geometry=boxes, index=[f"b{i}" for i in range(count)], crs=CRS)


@pytest.mark.parametrize("seed", range(5))
def test_roofs_are_seen_as_brute_force_sees_them(seed):
    rng = np.random.default_rng(seed)
    houses = town(rng)
    height = float(rng.uniform(2.0, 30.0))
    eye = Camera(-6.5, 20.25, CRS, 90.0, height, 10.0, hfov_deg=120.0, vfov_deg=120.0, reach_m=70.0)
    view = viewshed(eye, houses, cell_m=2.0, target_height_m=0.5, roofs=True)
    ground = viewshed(eye, houses, cell_m=2.0, target_height_m=0.5)
    assert (view.visible[view.open] == ground.visible[view.open]).all()

    row, col = np.nonzero(~view.open)
    x = view.transform.c + (col + 0.5) * 2.0
    y = view.transform.f - (row + 0.5) * 2.0
    covers = shapely.contains_xy(houses.geometry.to_numpy()[:, None], x, y)
    tops = np.where(covers, houses["height_m"].to_numpy()[:, None], -np.inf).max(axis=0)
    features, _ = features_of(houses)
    brute = Eye(
        -6.5, 20.25, height, 90.0, 10.0, 0.0, 120.0, 120.0, "rectilinear", 0.0, 70.0, 2560.0
    )
    expected = see(brute, np.column_stack([x, y, tops + 0.5]), features).visible
    assert len(expected) > 50
    assert (view.visible[row, col] == expected).all()


def test_a_roof_is_seen_from_above_and_not_from_below():
    house = gpd.GeoDataFrame({"height_m": [10.0]}, geometry=[shapely.box(10, -5, 20, 5)], crs=CRS)
    low = viewshed(Camera(0.0, 0.0, CRS, 90.0, 6.0, 0.0), house, target_height_m=0.0, roofs=True)
    high = viewshed(Camera(0.0, 0.0, CRS, 90.0, 16.0, 30.0), house, target_height_m=0.0, roofs=True)
    assert not low.visible[~low.open].any()
    assert high.visible[~high.open].any()
