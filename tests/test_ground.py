"""Ground that cameras see, counted by the kernel and counted cell by cell in a raster."""

import numpy as np
import pandas as pd
import pytest
import shapely

from civicsight.coverage.ground import seen_ground
from civicsight.coverage.raster import compute_coverage
from tests.kernel_parts import camera_at, heads_of, make_terrain
from tests.test_raster import cameras, town

SHAPE = shapely.union_all(
    [
        shapely.box(5.3, 20.7, 60.2, 130.4) - shapely.box(15.1, 55.3, 27.7, 80.9),
        shapely.Point(90.2, 90.4).buffer(21.3),
        shapely.box(-400.0, -400.0, -380.0, -380.0),
    ]
)
"""A shape with a hole and in several pieces, its edges off the middles of cells."""


def by_raster(heads, scene, cell_m):
    raster = compute_coverage(heads, scene, cell_m=cell_m, density=False)
    _, count, is_open, at = raster.to_dense()
    row, col = np.nonzero((count > 0) & (is_open != 0))
    inside = shapely.contains_xy(SHAPE, at.c + (col + 0.5) * at.a, at.f + (row + 0.5) * at.e)
    return len(row) * cell_m**2, int(inside.sum()) * cell_m**2


@pytest.mark.parametrize("hilly", [False, True])
@pytest.mark.parametrize("cell_m", [pytest.param(1.0, marks=pytest.mark.compiled_only), 2.5])
def test_ground_is_what_rasters_of_single_cameras_show(rng, hilly, cell_m):
    scene = town(make_terrain(rng, 40, 40) if hilly else None)
    heads = heads_of(*cameras(rng))
    heads["camera_id"] = [f"c{k}" for k in range(len(heads))]
    heads.loc[heads.index[2], "camera_id"] = "c1"  # two heads of one camera
    found = seen_ground(heads, scene, SHAPE, cell_m)
    assert list(found.index) == ["c0", "c1", "c3", "c4", "c5"]
    for camera, group in heads.groupby("camera_id"):
        assert tuple(found.loc[camera]) == by_raster(group, scene, cell_m), camera
    assert found["inside_m2"].gt(0.0).any()
    assert found["seen_m2"].gt(found["inside_m2"]).any()


def test_what_a_mask_hides_is_not_seen():
    heads = heads_of(camera_at(10.0, 40.0), camera_at(10.0, 40.0))
    heads["camera_id"] = ["bare", "masked"]
    heads["mask_plan"] = [None, "POLYGON ((0 0, 0.5 0, 0.5 1, 0 1, 0 0))"]
    found = seen_ground(heads, town(), SHAPE)
    assert found.loc["masked", "seen_m2"] < found.loc["bare", "seen_m2"]
    for camera, group in heads.groupby("camera_id"):
        assert tuple(found.loc[camera]) == by_raster(group, town(), 1.0)


def test_without_heads_there_is_nothing():
    found = seen_ground(heads_of(camera_at(0, 0)).iloc[:0], town(), SHAPE)
    assert isinstance(found, pd.DataFrame)
    assert found.empty
