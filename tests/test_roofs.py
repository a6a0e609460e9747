"""Roofs as targets, against brute force and by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.coverage.camera import Camera
from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.viewshed import viewshed
from civicsight.scene.bodies import build_scene
from tests.kernel_parts import (
    LENSES,
    camera_at,
    crowns,
    heads_of,
    houses,
    make_terrain,
    panels,
    random_look,
)
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
    south, west = view.transform.f - ground.transform.f, ground.transform.c - view.transform.c
    part = view.visible[round(south / 2.0) :, round(west / 2.0) :]
    part = part[: ground.open.shape[0], : ground.open.shape[1]]
    assert (part[ground.open] == ground.visible[ground.open]).all()
    assert (view.visible & view.open).sum() == ground.visible.sum()

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


@pytest.mark.kernels
def test_a_roof_is_seen_from_above_and_not_from_below():
    house = gpd.GeoDataFrame({"height_m": [10.0]}, geometry=[shapely.box(10, -5, 20, 5)], crs=CRS)
    low = viewshed(Camera(0.0, 0.0, CRS, 90.0, 6.0, 0.0), house, target_height_m=0.0, roofs=True)
    high = viewshed(Camera(0.0, 0.0, CRS, 90.0, 16.0, 30.0), house, target_height_m=0.0, roofs=True)
    assert not low.visible[~low.open].any()
    assert high.visible[~high.open].any()


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=pytest.mark.compiled_only) for seed in range(3)]
)
def test_a_raster_with_roofs_adds_up_what_single_views_see(seed):
    rng = np.random.default_rng(100 + seed)
    scene = build_scene(
        houses(
            *(
                (box, top)
                for box, top in zip(town(rng).geometry, rng.uniform(3, 14, 6), strict=True)
            )
        ),
        panels((shapely.LineString([(-2.0, 5.0), (-2.0, 40.0)]), 4.0, 1.0)),
        crowns((shapely.Point(-4.0, 12.0).buffer(3.0), 9.0, 3.0, 0.7)),
        terrain=make_terrain(rng, 40, 40, x0=-120.0, y0=-120.0) if seed == 2 else None,
    )
    cameras = [
        camera_at(
            float(x),
            float(y),
            height_m=float(rng.uniform(4.0, 40.0)),
            reach_m=float(rng.uniform(30.0, 60.0)),
            **random_look(rng, rng.choice(LENSES)),
        )
        for x, y in rng.uniform((-10.0, 0.0), (-5.0, 60.0), (12, 2))
    ]
    raster = compute_coverage(heads_of(*cameras), scene, cell_m=1.0, roofs=True)
    best, count, is_open, transform = raster.to_dense()
    expected = np.zeros(best.shape, np.float32), np.zeros(count.shape, int)
    for k, camera in enumerate(cameras):
        view = viewshed(camera, scene, cell_m=1.0, roofs=True)
        row = round(transform.f - view.transform.f)
        col = round(view.transform.c - transform.c)
        if not view.visible.any():
            assert raster.seen[k] == 0
            continue
        place = np.nonzero(view.visible)
        at = place[0] + row, place[1] + col
        np.maximum.at(expected[0], at, view.px_m[place])
        np.add.at(expected[1], at, 1)
        assert raster.seen[k] == view.visible.sum()
    assert (best == expected[0]).all()
    assert (count == expected[1]).all()
    assert (count[is_open == 0] > 0).sum() > 20

    ground = compute_coverage(heads_of(*cameras), scene, cell_m=1.0)
    assert (ground.best == np.where(raster.closed, 0.0, raster.best)).all()
    assert (ground.count == np.where(raster.closed, 0, raster.count)).all()
    counted = compute_coverage(heads_of(*cameras), scene, cell_m=1.0, roofs=True, density=False)
    assert (counted.count == raster.count).all()
    assert not counted.best.any()
