"""Real rasters of several surveys: surface and ground of Alexandria and Bilbao."""

from __future__ import annotations

import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS

from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.viewshed import sightlines
from civicsight.io.assemble import add_canopy, add_surface, add_terrain
from civicsight.io.project import read_city
from civicsight.io.rasters.objects import heights_from_surface, read_canopy
from civicsight.io.rasters.surface import SurfaceOptions, read_surface
from civicsight.io.rasters.terrain import load_terrain
from civicsight.io.report import ImportReport
from civicsight.io.vectors.footprints import read_buildings
from civicsight.model import BUILDINGS, CAMERAS, ENTRANCES, ROADS, SAMPLES, City, empty_tables
from civicsight.scene.bodies import build_scene
from tests.bad_input.rasters import write_tif
from tests.city_made import METRIC
from tests.test_awkward_rasters import NORTH_UP, plane, refused

ALEXANDRIA = CRS.from_epsg(26918)
ALEXANDRIA_AREA = (321_510.0, 4_297_512.0, 322_052.0, 4_298_006.0)
BILBAO = CRS.from_epsg(25830)
BILBAO_AREA = (500_700.0, 4_795_100.0, 501_300.0, 4_795_700.0)


@pytest.fixture(scope="module")
def alexandria(test_data):
    folder = test_data("raster_alexandria")
    houses, _ = read_buildings(folder / "buildings.geojson", crs=ALEXANDRIA)
    ground, _ = load_terrain(folder / "dtm.tif", ALEXANDRIA_AREA, ALEXANDRIA)
    return folder, houses, ground


def differences(alexandria, name, holds):
    """Return surface minus mapped height of the footprints that have one [m], and the report."""
    folder, houses, ground = alexandria
    known = houses[~houses["height_assumed"]]
    asked = known.assign(height_assumed=True)
    options = SurfaceOptions(holds)
    table, report = heights_from_surface(asked, folder / name, ground=ground, options=options)
    measured = table["height_source"].eq("surface")
    return (table["height_m"] - known["height_m"])[measured], report


def test_footprints_agree_with_the_surface(alexandria):
    """HEIGHT is in metres: as feet it would stand 3.28 times below the surface."""
    off, _ = differences(alexandria, "dsm.tif", "surface")
    assert len(off) >= 80
    assert abs(off.median()) < 0.4
    assert off.abs().quantile(0.5) < 0.6
    assert off.abs().quantile(0.9) < 1.2


def test_the_ready_heights_are_of_a_higher_survey(alexandria):
    """hag.tif is no difference of dsm.tif and dtm.tif: its trees and roofs are higher."""
    off, _ = differences(alexandria, "hag.tif", "above_ground")
    assert 1.0 < off.median() < 2.0
    assert off.abs().quantile(0.9) < 3.2


def test_surface_and_ground_of_one_survey_meet_in_the_streets(alexandria):
    folder, _, _ = alexandria
    with rasterio.open(folder / "dsm.tif") as dsm, rasterio.open(folder / "dtm.tif") as dtm:
        above = (dsm.read(1, masked=True) - dtm.read(1, masked=True)).compressed()
    assert (np.abs(above) <= 0.3).mean() > 0.3
    assert (above < -0.5).mean() < 0.001


def test_the_surface_beside_the_footprints_becomes_obstacles(alexandria):
    folder, houses, ground = alexandria
    table, report = read_surface(
        folder / "dsm.tif", ALEXANDRIA_AREA, ALEXANDRIA, ground=ground, footprints=houses
    )
    assert report.count("cells.raised") > 15_000, "mostly trees"
    assert table["height_assumed"].all()
    inside = houses.union_all().buffer(-0.01)
    solid = table[table["kind"].eq("structure")]
    assert not solid.intersects(inside).any()


def test_a_dsm_in_feet_is_noticed_beside_the_real_ground(alexandria, tmp_path):
    folder, houses, ground = alexandria
    with rasterio.open(folder / "dsm.tif") as dsm:
        feet = write_tif(tmp_path / "dsm.tif", dsm.read(1) / 0.3048, dsm.transform, crs=ALEXANDRIA)
    fault = refused(read_surface, feet, ALEXANDRIA_AREA, ALEXANDRIA, ground=ground)
    assert fault.code == "surface.feet"
    with rasterio.open(folder / "hag.tif") as hag:
        feet = write_tif(tmp_path / "hag.tif", hag.read(1) / 0.3048, hag.transform, crs=ALEXANDRIA)
    options = SurfaceOptions("above_ground")
    assert refused(heights_from_surface, houses, feet, options=options).code == "surface.feet"


@pytest.fixture(scope="module")
def bilbao(test_data):
    folder = test_data("raster_bilbao")
    wide = (BILBAO_AREA[0] - 300, BILBAO_AREA[1] - 300, BILBAO_AREA[2] + 300, BILBAO_AREA[3] + 300)
    ground, _ = load_terrain(folder / "DEM.tif", wide, BILBAO)
    options = SurfaceOptions("buildings")
    solid, _ = read_surface(
        folder / "BDSM.tif", BILBAO_AREA, BILBAO, ground=ground, options=options
    )
    crowns, _ = read_canopy(folder / "CDSM.tif", BILBAO_AREA, BILBAO)
    return folder, ground, solid, crowns


def test_rasters_of_different_grids_share_one_ground(bilbao):
    """2.5 m and 5 m cells, whole metres: every building cell is there, and stands on land."""
    folder, ground, solid, _ = bilbao
    assert (solid["height_m"] % 1 == 0).all()
    assert not solid["height_assumed"].any()
    with rasterio.open(folder / "BDSM.tif") as source:
        spots = solid.representative_point()
        raw = np.array([z[0] for z in source.sample(shapely.get_coordinates(spots.to_numpy()))])
    assert np.array_equal(raw, solid["height_m"].to_numpy())
    low_x, low_y, high_x, high_y = BILBAO_AREA
    rows = slice(int((4_797_200 - high_y) / 2.5024) + 1, int((4_797_200 - low_y) / 2.5024))
    cols = slice(int((low_x - 499_400) / 2.5021) + 1, int((high_x - 499_400) / 2.5021))
    with rasterio.open(folder / "BDSM.tif") as source:
        cells = (source.read(1)[rows, cols] >= 2).sum() * 2.5021 * 2.5024
    assert solid.area.sum() == pytest.approx(cells, rel=0.02)
    middle = solid.representative_point()
    assert np.isfinite(ground.height_at(middle.x.to_numpy(), middle.y.to_numpy())).all()


def cameras(rng, solid, count=6):
    tree = shapely.STRtree(solid.geometry.to_numpy())
    points = []
    while len(points) < count:
        spot = shapely.Point(rng.uniform(BILBAO_AREA[0] + 150, BILBAO_AREA[2] - 150),
                             rng.uniform(BILBAO_AREA[1] + 150, BILBAO_AREA[3] - 150))  # fmt: skip
        if not len(tree.query(spot, predicate="dwithin", distance=3.0)):
            points.append(spot)
    optics = {
        "kind": "fixed",
        "mount": "pole",
        "height_m": 6.0,
        "tilt_deg": 6.0,
        "hfov_deg": 100.0,
        "vfov_deg": 70.0,
        "width_px": 2560.0,
        "height_px": 1440.0,
        "reach_m": 120.0,
    }
    frame = gpd.GeoDataFrame(
        {**optics, "azimuth_deg": rng.uniform(0, 360, count)},
        geometry=points,
        crs=BILBAO,
        index=[f"c{n}" for n in range(count)],
    ).rename_axis("camera_id")
    table = gpd.GeoDataFrame(CAMERAS.complete(frame))
    heads = read_heads(
        table,
        buildings=BUILDINGS.empty(BILBAO),
        roads=ROADS.empty(BILBAO),
        entrances=ENTRANCES.empty(BILBAO),
    )
    return heads[heads["reading"].eq("assumed")]


@pytest.mark.compiled_only
def test_coverage_over_a_surface_takes_seconds(bilbao, rng):
    _, ground, solid, crowns = bilbao
    began = time.process_time()  # whatever else this machine does
    scene = build_scene(BUILDINGS.empty(BILBAO), solid, crowns, ground)
    heads = cameras(rng, solid)
    area = compute_coverage(heads, scene).area_by_class({"any": 1.0})["area_m2"].sum()
    bare = build_scene(BUILDINGS.empty(BILBAO), None, None, ground)
    open_area = compute_coverage(heads, bare).area_by_class({"any": 1.0})["area_m2"].sum()
    assert 0 < area < 0.8 * open_area
    assert time.process_time() - began < 60


def march(source, ground, eye, target):
    """Tell by steps of 5 cm along a line, on the raster itself, whether anything is in the way."""
    n = int(np.hypot(*(target[:2] - eye[:2])) / 0.05) + 2
    share = np.linspace(0.0, 1.0, n)[1:-1]
    x, y, z = (eye[k] + share * (target[k] - eye[k]) for k in range(3))
    back = ~source["transform"]
    col, row = back @ (x, y)
    h = source["z"][row.astype(int), col.astype(int)].astype(float)
    below = ground.height_at(x, y)
    return bool(np.any(z < below + np.where(h >= 2, h, 0.0)))


def test_sight_lines_agree_with_marching_over_the_raster(bilbao, rng):
    """Prisms and raster differ only by where a prism's ground is measured."""
    folder, ground, solid, _ = bilbao
    flat = type(ground)(np.full(ground.z.shape, 10.0), ground.x0, ground.y0, ground.step)
    with rasterio.open(folder / "BDSM.tif") as file:
        source = {"z": file.read(1), "transform": file.transform}
    heads = cameras(rng, solid)
    spots = rng.uniform(np.array(BILBAO_AREA[:2]) + 100, np.array(BILBAO_AREA[2:]) - 100, (900, 2))
    samples = gpd.GeoDataFrame(
        {"part_id": "p", "height_m": 1.5, "need_px_m": 1.0, "weight": 1.0},
        geometry=shapely.points(spots),
        crs=BILBAO,
        index=[f"s{n}" for n in range(len(spots))],
    ).rename_axis("sample_id")
    samples = gpd.GeoDataFrame(SAMPLES.complete(samples))
    scene = build_scene(BUILDINGS.empty(BILBAO), solid, None, flat)
    lines = sightlines(heads, samples, scene)
    seen = [(int(h), int(s), False) for h, s in zip(*lines.q.nonzero(), strict=True)]
    hidden = lines.blocked[["head", "sample"]].to_numpy()
    pairs = seen + [(int(h), int(s), True) for h, s in hidden]
    assert len(pairs) > 100
    at = shapely.get_coordinates(heads.geometry.to_numpy())
    told = [
        march(source, flat, np.array([*at[h], 16.0]), np.array([*spots[s], 11.5])) == blocked
        for h, s, blocked in pairs
    ]
    assert len(seen) > 20
    assert np.mean(told) > 0.995


def test_terrain_crowns_and_surface_raise_a_city(bilbao):
    """The three together, as the command line adds them one after the other."""
    folder, _, solid, _ = bilbao
    house = shapely.box(500_990, 4_795_390, 501_010, 4_795_410)
    buildings = gpd.GeoDataFrame(
        {"height_m": [9.0], "height_assumed": [True], "height_source": ["default"]},
        geometry=[house], crs=BILBAO, index=["b"],
    ).rename_axis("building_id")  # fmt: skip
    tables = {**empty_tables(BILBAO), "buildings": gpd.GeoDataFrame(BUILDINGS.complete(buildings))}
    city = City("Bilbao", BILBAO, shapely.box(*BILBAO_AREA), **tables)
    report = ImportReport("Bilbao", "city", parts=(ImportReport("b.gpkg", "buildings", 1, 1),))
    city, report = add_terrain(city, report, folder / "DEM.tif")
    city, report = add_canopy(city, report, folder / "CDSM.tif")
    options = replace(SurfaceOptions(), holds="buildings")
    city, report = add_surface(city, report, folder / "BDSM.tif", options=options)
    layers = [part.layer for part in report.parts]
    assert layers == ["buildings", "terrain", "canopies", "buildings", "obstacles"]
    assert city.sources == ("DEM.tif", "CDSM.tif", "BDSM.tif")
    assert 0 < len(city.obstacles) <= len(solid)
    again, second = add_canopy(city, report, folder / "CDSM.tif")
    assert second.parts[-1].count("excluded.mapped") >= 0.99 * len(city.canopies)
    assert again.canopies.index.is_unique


def test_a_city_without_a_place_cannot_be_raised(tmp_path):
    empty = City("Nowhere", METRIC, shapely.Polygon(), **empty_tables(METRIC))
    path = write_tif(tmp_path / "dem.tif", plane(), NORTH_UP)
    assert refused(add_terrain, empty, ImportReport("x", "city"), path).code == "raster.no_city"


def test_the_mountain_of_monaco_is_read_and_the_sea_is_a_named_hole(test_data):
    folder = test_data("monaco_osm_dem")
    city, report = read_city(folder / "monaco-latest.osm.pbf", dem=folder / "N43E007.hgt.zip")
    part = report.part("terrain")
    assert np.nanmax(city.terrain.z) > 400
    for fault in part.repaired:
        west, south = (float(value) for value in fault.where.split(" - ")[0].split())
        assert 7 < west < 8
        assert 43 < south < 44
