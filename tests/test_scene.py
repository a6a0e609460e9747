"""Tables to walls: heights above datum, sides, crowns, and the index of walls."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from civicsight.core.errors import CrsError, MismatchError, SchemaError
from civicsight.coverage.camera import Camera
from civicsight.coverage.viewshed import sightlines
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import (
    ALIGN_M,
    ENDLESS,
    GROUNDED,
    HIGHEST_OBSTACLE_M,
    LOWEST_BUILDING_M,
    LOWEST_CROWN_M,
    MIN_TRANSMITTANCE,
    PIT_M,
    TRANSMITTANCE,
    build_scene,
)
from tests.kernel_parts import CRS, crowns, houses, no_houses, panels
from tests.small import parts, samples

BOX = shapely.box(10.0, 20.0, 30.0, 50.0)
LINE = shapely.LineString([(0, 0), (10, 0), (10, 10)])


def slope(rise=0.1, x0=0.0, y0=0.0, step=10.0, n=12):
    x = np.tile(np.arange(n) * step * rise, (n, 1))
    return Terrain(5.0 + x, x0, y0, step)


def test_features_name_their_layer_and_row_and_the_tables_are_left_alone():
    buildings = houses((BOX, 9.0), (shapely.box(40, 0, 50, 9), 6.0, 3.0))
    obstacles = panels((shapely.box(0, 60, 2, 62), 4.0, 0.0), (LINE, 3.0, 0.0))
    trees = crowns((shapely.box(60, 60, 70, 70), 8.0, 2.0, 0.3))
    tables = (buildings, obstacles, trees)
    before = [table.copy() for table in tables]
    scene = build_scene(*tables)
    for table, old in zip(tables, before, strict=True):
        assert_geodataframe_equal(table, old)
    names = list(zip(scene.features["layer"], scene.features["id"], strict=True))
    assert names == [
        ("building", "b0"), ("building", "b1"), ("obstacle", "o1"), ("obstacle", "o0"),
        ("canopy", "c0"),
    ]  # fmt: skip
    assert scene.features.crs == scene.crs == CRS
    assert scene.transmittance.tolist() == [0.0, 0.0, 0.0, 0.0, 0.3]
    assert scene.volumes.owner.tolist() == [1, 4], "what one can pass under or see through"
    assert scene.features["base"].tolist() == [GROUNDED, 3.0, GROUNDED, GROUNDED, 2.0]


def test_only_geometry_and_height_are_needed():
    bare = gpd.GeoDataFrame({"height_m": [9]}, geometry=[BOX], index=[7], crs=CRS)
    scene = build_scene(bare)
    row = scene.features.iloc[0]
    assert (row["id"], row["base"], row["top"]) == ("7", GROUNDED, 9.0)
    assert not row["height_assumed"]
    assert pd.isna(row["name"])
    assert build_scene(bare, assumed="highest").features["top"].tolist() == [9.0]


def test_a_top_is_measured_from_the_lowest_ground_along_the_outline():
    scene = build_scene(
        houses((BOX, 9.0), (BOX, 9.0, 4.0)),
        panels((shapely.LineString([(50, 5), (90, 5)]), 2.0, 0.0)),
        crowns((shapely.box(70, 70, 80, 80), 8.0, 2.0, 0.9)),
        slope(),
    )
    assert scene.features["top"].tolist() == [15.0, 15.0, 12.0, 20.0]
    assert scene.features["base"].tolist() == [GROUNDED, 10.0, GROUNDED, 14.0]
    x, y = np.array([10.0, 200.0]), np.array([20.0, 20.0])
    np.testing.assert_array_equal(scene.ground_at(x, y), [6.0, np.nan])


def test_flat_ground_is_at_height_zero():
    scene = build_scene(houses((BOX, 9.0)))
    assert scene.terrain is None
    assert (scene.ground_at(np.array([1e6, 0.0]), np.array([0.0, 1.0])) == 0.0).all()


@pytest.mark.parametrize(
    ("assumed", "tops"),
    [
        ("as_is", [9.0, 9.0, 2.0]),
        ("lowest", [9.0, LOWEST_BUILDING_M, 2.0]),
        ("highest", [9.0, ENDLESS, ENDLESS]),
    ],
)
def test_assumed_heights_of_buildings_take_the_bound_that_is_asked_for(assumed, tops):
    table = houses((BOX, 9.0), (BOX, 9.0), (BOX, 2.0)).assign(height_assumed=[False, True, True])
    assert build_scene(table, assumed=assumed).features["top"].tolist() == tops


@pytest.mark.parametrize(
    ("assumed", "fence", "box", "crown"),
    [
        ("as_is", (0.0, 2.0), (0.0, 2.0), (3.0, 8.0)),
        ("lowest", (0.0, 0.0), (0.0, 0.0), (3.0, 0.0)),
        (
            "highest",
            (0.0, HIGHEST_OBSTACLE_M),
            (0.0, HIGHEST_OBSTACLE_M),
            (LOWEST_CROWN_M, ENDLESS),
        ),
    ],
)
def test_assumed_fences_and_crowns_hide_least_or_most(assumed, fence, box, crown):
    obstacles = panels((LINE, 2.0, 0.0), (BOX, 2.0, 0.0)).assign(height_assumed=True)
    trees = crowns((BOX, 8.0, 3.0, 0.3)).assign(height_assumed=True)
    features = build_scene(no_houses(), obstacles, trees, assumed=assumed).features
    found = features[["base", "top"]].replace(GROUNDED, 0.0).to_numpy().tolist()
    assert found == [list(fence), list(box), list(crown)]


@pytest.mark.parametrize("assumed", ["as_is", "lowest", "highest"])
@pytest.mark.parametrize("known", [0.3, np.nan])
def test_a_scene_like_another_is_the_one_that_is_built_alone(assumed, known):
    """With crowns of unknown density other features stand in it, and nothing can be taken."""
    table = houses((BOX, 9.0), (shapely.box(40, 0, 50, 9), 6.0, 3.0)).assign(height_assumed=True)
    tables = (table, panels((LINE, 2.0, 0.0)), crowns((BOX, 8.0, 3.0, known)))
    alone = build_scene(*tables, assumed=assumed)
    beside = build_scene(*tables, assumed=assumed, like=build_scene(*tables, assumed="highest"))
    assert_geodataframe_equal(beside.features, alone.features)
    assert np.array_equal(beside.walls.xyz, alone.walls.xyz)
    assert np.array_equal(beside.walls.owner, alone.walls.owner)
    assert np.array_equal(beside.solid_index.items, alone.solid_index.items)
    assert np.array_equal(beside.volumes.owner, alone.volumes.owner)
    far = build_scene(*tables, origin=(-ALIGN_M, 0.0))
    assert np.array_equal(build_scene(*tables, like=far).walls.xyz, build_scene(*tables).walls.xyz)


def test_crowns_pass_what_the_season_says_and_clear_ones_are_left_out():
    trees = crowns((BOX, 8.0, 0.0, 0.3), (BOX, 8.0, 2.0, 1.0), (BOX, 8.0, 2.0, np.nan))
    trees["winter"] = [np.nan, 0.9, 1.0]
    summer = build_scene(no_houses(), canopies=trees)
    winter = build_scene(no_houses(), canopies=trees, season="winter")
    assert summer.transmittance.tolist() == [0.3, TRANSMITTANCE["summer"]]
    assert winter.transmittance.tolist() == [TRANSMITTANCE["winter"], 0.9]
    assert summer.features["base"].tolist() == [LOWEST_CROWN_M, 2.0]
    assert len(summer.solid_index.items) == 8, "dark crowns stop lines as walls do"
    assert len(winter.solid_index.items) == 0
    bare = trees.drop(columns=["summer", "winter"])
    assert build_scene(no_houses(), canopies=bare).transmittance.tolist() == [0.15] * 3


@pytest.mark.parametrize("terrain", [None, slope(x0=500_000.0, y0=3_170_000.0)])
def test_a_scene_may_be_empty(terrain):
    scene = build_scene(no_houses(), terrain=terrain)
    assert len(scene.features) == 0
    assert scene.walls.xyz.shape == (0, 6)
    assert scene.walls.start.tolist() == [0]
    assert scene.volumes.boxes.shape == (0, 4)
    assert scene.solid_index.start.tolist() == [0, 0]
    assert scene.origin == ((0.0, 0.0) if terrain is None else (499_200.0, 3_168_000.0))


def test_empty_obstacles_and_crowns_need_no_crs():
    nothing = gpd.GeoDataFrame({"height_m": []}, geometry=[])
    assert len(build_scene(houses((BOX, 9.0)), nothing, nothing).features) == 1


def test_arrays_are_relative_to_a_whole_multiple_below():
    far = shapely.affinity.translate(BOX, -12_345.0, 3_170_000.0)
    scene = build_scene(houses((far, 9.0, 3.0)))
    assert scene.origin == (-19_200.0, 3_168_000.0)
    assert all(v % ALIGN_M == 0.0 for v in scene.origin)
    low, high = scene.walls.xyz[:, :2].min(axis=0), scene.walls.xyz[:, :2].max(axis=0)
    assert (low + scene.origin).tolist() == [*shapely.bounds(far)[:2]]
    assert scene.volumes.boxes.tolist() == [[*low, *high]]


def test_missing_heights_are_counted_and_the_first_is_named():
    table = houses((BOX, 9.0), (BOX, 9.0), (BOX, 9.0))
    table.loc[["b1", "b2"], "height_m"] = np.nan
    with pytest.raises(MismatchError, match=r"2 features of building have no height_m, first 'b1'"):
        build_scene(table)
    with pytest.raises(MismatchError, match=r"1 features of obstacle .* first 'o0': fill it in"):
        build_scene(no_houses(), panels((LINE, np.nan, 0.0)))


def test_on_unknown_ground_a_prism_hides_all_or_nothing():
    """Known ground bounds a top from above; where nothing is known it has no end."""
    part, off = shapely.box(90, 90, 150, 120), shapely.box(200, 100, 220, 120)
    tables = houses((BOX, 9.0), (part, 9.0, 3.0), (off, 9.0)), panels((off, 2.0, 0.0))
    for assumed in ("as_is", "highest"):
        scene = build_scene(*tables, None, slope(), assumed=assumed)
        top = scene.features.set_index(scene.features["layer"] + scene.features["id"])["top"]
        assert top["buildingb0"] == pytest.approx(5 + 1 + 9)
        assert top["buildingb1"] == pytest.approx(5 + 9 + 9), "the lowest known corner"
        assert top["buildingb2"] == top["obstacleo0"] == ENDLESS
        assert (scene.features["base"] == GROUNDED).all(), "nor is there a way below"
    low = build_scene(*tables, None, slope(), assumed="lowest")
    assert low.features["top"].tolist()[1:] == [GROUNDED] * 3
    assert low.features["id"].tolist() == scene.features["id"].tolist(), "rows stay in their order"


def test_unknown_ground_stays_unknown_and_blocks_unless_it_is_to_hide_least():
    z = slope().z.copy()
    z[5, 5] = np.nan
    terrain = Terrain(z, 0.0, 0.0, 10.0)
    for assumed in ("as_is", "highest", "lowest"):
        scene = build_scene(houses((BOX, 9.0)), terrain=terrain, assumed=assumed)
        assert np.isnan(scene.ground_at(np.array([52.0]), np.array([48.0]))[0])
        assert (scene.relief is terrain) == (assumed != "lowest")
    assert np.nanmin(scene.relief.z) == z[0, 0] - PIT_M
    assert np.array_equal(scene.relief.z[~np.isnan(z)], z[~np.isnan(z)])


@pytest.mark.parametrize(("assumed", "hides"), [("as_is", True), ("lowest", False)])
def test_what_ends_below_its_underside_hides_nothing(assumed, hides):
    """A crown from 2.5 m on, and a bridge house from 5 m on, of assumed heights."""
    trees = crowns((BOX, 8.0, 2.5, 0.0)).assign(height_assumed=True)
    bridge = houses((BOX, 9.0)).assign(base_m=5.0, height_assumed=True)
    for scene, z in (
        (build_scene(no_houses(), canopies=trees, assumed=assumed), 4.0),
        (build_scene(bridge, assumed=assumed), 8.0),
    ):
        assert len(scene.volumes.owner) == hides
        x, y = BOX.centroid.x, BOX.centroid.y
        camera = Camera(x - 30.0, y, CRS, azimuth_deg=90.0, height_m=z, reach_m=100.0)
        target = samples(parts(g={}), {"g": [1.0]}, at=[shapely.Point(x + 30.0, y)])
        lines = sightlines(camera.as_heads(), target.set_crs(CRS, allow_override=True), scene)
        assert (lines.q.nnz == 0) == hides


def test_an_obstacle_of_unknown_kind_may_be_anything():
    unknown = panels((BOX, 0.0, 0.0)).assign(kind="unknown", height_assumed=True)
    tops = [
        build_scene(no_houses(), unknown, assumed=bound).features["top"].tolist()
        for bound in ("highest", "as_is", "lowest")
    ]
    assert tops == [[ENDLESS], [0.0], [0.0]]


def test_layers_share_one_metric_crs():
    with pytest.raises(CrsError, match=r"a layer is in EPSG:4548, the buildings in EPSG:32635"):
        build_scene(houses((BOX, 9.0)), panels((LINE, 2.0, 0.0)).set_crs(4548, allow_override=True))
    with pytest.raises(CrsError, match="metr"):
        build_scene(houses((BOX, 9.0)).set_crs(4326, allow_override=True))


def test_a_crown_of_unknown_density_is_taken_at_the_bound_asked_for():
    crown = gpd.GeoDataFrame(
        {"height_m": [8.0], "base_m": [2.0], "height_assumed": [False]},
        geometry=[shapely.box(0, 0, 4, 4)],
        index=["t"],
        crs=CRS,
    )
    dark, plain, clear = (
        build_scene(no_houses(), canopies=crown, season="winter", assumed=bound).transmittance
        for bound in ("highest", "as_is", "lowest")
    )
    assert 0.0 < dark[0] < MIN_TRANSMITTANCE <= plain[0] < 1.0
    assert not len(clear)


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        (None, "None"),
        (shapely.Polygon(), "Polygon"),
        (shapely.LineString([(0, 0), (9, 9)]), "LineString"),
        (shapely.Point(1, 2), "Point"),
        (shapely.GeometryCollection([BOX, shapely.Point(1, 2)]), "GeometryCollection"),
    ],
)
def test_a_building_without_an_area_is_refused_by_name(shape, found):
    table = gpd.GeoDataFrame(
        {"height_m": [9.0, 9.0]}, geometry=[BOX, shape], index=["a", "b"], crs=CRS
    )
    with pytest.raises(SchemaError) as caught:
        build_scene(table)
    (fault,) = caught.value.faults
    assert (fault.code, fault.where, fault.found) == ("scene.shape", "b", found)


def test_an_obstacle_may_be_a_line_but_no_point():
    lines = gpd.GeoDataFrame(
        {"height_m": [2.0]}, geometry=[shapely.LineString([(20, 0), (30, 0)])], index=["w"], crs=CRS
    )
    houses = gpd.GeoDataFrame({"height_m": [9.0]}, geometry=[BOX], index=["a"], crs=CRS)
    assert len(build_scene(houses, lines).features) == 2
    with pytest.raises(SchemaError, match="a line or a polygon"):
        build_scene(houses, lines.set_geometry([shapely.Point(1, 2)], crs=CRS))


@pytest.mark.parametrize(("column", "value"), [("height_m", -1.0), ("height_m", np.inf),
                                               ("base_m", -2.0), ("base_m", np.inf)])  # fmt: skip
def test_a_height_that_nothing_has_is_refused_by_name(column, value):
    table = gpd.GeoDataFrame(
        {"height_m": [9.0, 9.0], "base_m": [0.0, np.nan]}, geometry=[BOX, BOX], index=["a", "b"],
        crs=CRS,
    )  # fmt: skip
    table.loc["b", column] = value
    with pytest.raises(SchemaError) as caught:
        build_scene(table)
    (fault,) = caught.value.faults
    assert (fault.code, fault.where, fault.field) == ("scene.height", "b", column)


@pytest.mark.parametrize("off", [1e9, -1e9, 1e300, np.inf, np.nan])
def test_a_building_that_lies_nowhere_is_refused_by_name(off):
    lost = shapely.transform(BOX, lambda xy: np.where(xy == xy.max(), off, xy))
    table = gpd.GeoDataFrame(
        {"height_m": [9.0, 9.0]}, geometry=[BOX, lost], index=["a", "b"], crs=CRS
    )
    with pytest.raises(SchemaError) as caught:
        build_scene(table)
    (fault,) = caught.value.faults
    assert (fault.code, fault.where, fault.field) == ("scene.place", "b", "geometry")
    assert str(fault.expected) == "coordinates of at most 200,000,000 m"
    assert "the CRS they are in" in str(fault.remedy)


def test_all_faults_of_all_tables_are_named_at_once():
    lost = shapely.transform(BOX, lambda xy: xy + 1e9)
    houses = gpd.GeoDataFrame(
        {"height_m": [-1.0, 9.0, 9.0]}, geometry=[BOX, None, lost], index=["h", "s", "p"], crs=CRS
    )
    walls = gpd.GeoDataFrame(
        {"height_m": [2.0]}, geometry=[shapely.Point(1, 2)], index=["w"], crs=CRS
    )
    crowns = gpd.GeoDataFrame({"height_m": [np.inf]}, geometry=[BOX], index=["t"], crs=CRS)
    with pytest.raises(SchemaError) as caught:
        build_scene(houses, walls, crowns)
    assert [(fault.code, fault.where) for fault in caught.value.faults] == [
        ("scene.shape", "s"), ("scene.place", "p"), ("scene.height", "h"),
        ("scene.shape", "w"), ("scene.height", "t"),
    ]  # fmt: skip
