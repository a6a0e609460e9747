"""Views of several cameras: tables of polygons, labelled arrays, files, and what may be given."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely

import civicsight as cs
from civicsight.core.errors import CrsError, InputError, MismatchError, SchemaError
from civicsight.coverage import viewsheds as batch
from civicsight.coverage.table_inputs import as_heads, as_samples
from civicsight.coverage.viewshed import sightlines, viewshed
from civicsight.coverage.viewsheds import viewsheds
from civicsight.coverage.window import describe
from civicsight.editing.examples import DISTRICT, read_example
from tests.kernel_parts import CRS, Backwards, camera_at, heads_of, houses, no_houses, samples_at

HOUSE = shapely.box(40.0, -30.0, 44.0, 30.0)
CELL_M = 2.0
LEFT = "POLYGON ((0 0, 0.5 0, 0.5 1, 0 1, 0 0))"
CAMERAS = [
    camera_at(0.0, 0.0),
    camera_at(90.0, 10.0, azimuth_deg=270.0, hfov_deg=80.0),
    camera_at(42.0, 0.0),
]
OUTSIDE = CAMERAS[:2]


@pytest.fixture(scope="module")
def scene():
    return cs.build_scene(houses((HOUSE, 9.0)))


@pytest.fixture(scope="module")
def views(scene):
    return viewsheds(CAMERAS, scene, cell_m=CELL_M)


def test_each_view_is_that_of_its_camera_alone(scene, views):
    assert list(views.ids) == ["camera 1", "camera 2", "camera 3"]
    assert views.inside.tolist() == [False, False, True]
    for camera, view in zip(OUTSIDE, views, strict=False):
        alone = viewshed(camera, scene, cell_m=CELL_M)
        assert view.transform == alone.transform
        for name in ("visible", "open", "px_m"):
            assert np.array_equal(getattr(view, name), getattr(alone, name))
    assert len(views) == 3
    assert not views["camera 3"].visible.any()
    with pytest.raises(KeyError):
        views["camera 4"]


def test_jobs_and_executors_change_nothing(scene, views, monkeypatch):
    monkeypatch.setattr(batch, "CAMERAS_PER_JOB", 1)
    told = []
    run = {"executor": Backwards(3), "progress": lambda *done: told.append(done)}
    other = viewsheds(heads_of(*CAMERAS), scene, cell_m=CELL_M, **run)
    assert list(other.ids) == ["h0", "h1", "h2"]
    assert all(np.array_equal(one.px_m, two.px_m) for one, two in zip(views, other, strict=True))
    assert told[-1] == (3, 3)


def test_roofs_and_masks_count_as_for_one_camera(scene):
    look = {"lens": "rectilinear", "hfov_deg": 90.0, "vfov_deg": 60.0, "azimuth_deg": 90.0}
    bare, camera = (camera_at(0.0, 0.0, height_m=25.0, mask=m, **look) for m in (None, LEFT))
    alone = viewshed(camera, scene, cell_m=CELL_M, roofs=True)
    all_of_it, view = viewsheds([bare, camera], scene, cell_m=CELL_M, roofs=True)
    assert np.array_equal(view.px_m, alone.px_m)
    assert 0 < view.visible.sum() < all_of_it.visible.sum()


def test_polygons_are_a_table_with_units(views):
    table = views.to_polygons()
    assert table.crs == CRS
    assert list(table.index) == list(views.ids)
    assert table["area_m2"].tolist() == [view.area_m2 for view in views]
    np.testing.assert_allclose(table.area, table["area_m2"])
    assert table.attrs["units"] == {"area_m2": "m2", "best_px_m": "px/m"}
    assert table["inside"].tolist() == [False, False, True]
    near = views.to_polygons(least_px_m=20.0)
    assert (near["area_m2"] <= table["area_m2"]).all()
    assert near["area_m2"].sum() > 0


def test_labelled_arrays_have_labels_units_and_the_place_of_each_cell(scene, views):
    layers, transform = views.layers()
    told = describe(layers, transform, views.crs, {"camera": views.ids.to_numpy(object)})
    px_m = told["data_vars"]["px_m"]
    assert px_m["dims"] == ("camera", "y", "x")
    assert px_m["attrs"]["units"] == "px/m"
    assert told["attrs"] == {"crs": CRS, "cell_m": CELL_M}
    assert CRS.split(":")[1] in told["coords"]["spatial_ref"]["attrs"]["crs_wkt"]
    x, y = (np.asarray(told["coords"][name]["data"]) for name in "xy")
    assert px_m["data"].shape == (3, len(y), len(x))
    for at, view in zip(px_m["data"], views, strict=True):
        assert np.count_nonzero(at) == view.visible.sum()
    row, col = np.nonzero(px_m["data"][0])
    targets = np.column_stack([x[col], y[row]])
    lines = sightlines(CAMERAS[0], targets.tolist(), scene)
    np.testing.assert_allclose(lines.q.toarray()[0], px_m["data"][0][row, col], rtol=3e-7)
    one = describe(views.views[0].layers(), views.views[0].transform, views.crs)
    assert set(one["data_vars"]) == {"px_m", "visible", "open"}
    assert all(v["attrs"]["units"] and v["attrs"]["long_name"] for v in one["data_vars"].values())


def test_xarray_is_made_where_it_is_installed_and_asked_for_where_not(views, scene, monkeypatch):
    raster = cs.compute_coverage(OUTSIDE, scene, cell_m=CELL_M)
    assert views.to_xarray()["px_m"].sel(camera="camera 1").attrs["units"] == "px/m"
    assert views.views[0].to_xarray()["visible"].sum() == views.views[0].visible.sum()
    found = raster.to_xarray()
    assert found["cameras"].max() == 2
    assert found["best_px_m"].dims == ("y", "x")
    monkeypatch.setitem(__import__("sys").modules, "xarray", None)
    for seen in (views, views.views[0], raster):
        with pytest.raises(MismatchError, match="xarray is not installed"):
            seen.to_xarray()


def test_files_hold_the_same_cells(views, tmp_path):
    views.to_geotiff(tmp_path / "all.tif")
    with rasterio.open(tmp_path / "all.tif") as file:
        best, count = file.read()
        assert file.crs.to_epsg() == int(CRS.split(":")[1])
        assert file.descriptions == ("best_px_m", "cameras")
        assert file.tags(1)["units"] == "px/m"
        assert file.res == (CELL_M, CELL_M)
    assert count.sum() == sum(view.visible.sum() for view in views)
    assert np.array_equal(best > 0, count > 0)
    views.views[0].to_geotiff(str(tmp_path / "one.tif"))
    with rasterio.open(tmp_path / "one.tif") as file:
        assert np.array_equal(file.read(1), views.views[0].px_m)
        assert np.array_equal(file.read(2), views.views[0].open)
    with pytest.raises(MismatchError, match="nothing is in reach"):
        views["camera 3"].to_geotiff(tmp_path / "none.tif")
    assert not (tmp_path / "none.tif").exists()


def test_results_say_in_one_line_what_they_are(views, scene):
    raster = cs.compute_coverage(OUTSIDE, scene, cell_m=CELL_M)
    lines = sightlines(OUTSIDE, [(10.0, 0.0), (60.0, 0.0)], scene)
    for what, pattern in (
        (views, "Viewsheds cameras 3, inside 1, mean area_m2 [0-9,]+, cell_m 2"),
        (
            views.views[0],
            "Viewshed area_m2 [0-9,]+, best px_m [0-9]+, cells [0-9]+ x [0-9]+ of 2 m",
        ),
        (raster, "CoverageRaster heads 2, seen [0-9,]+ m2"),
        (lines, "Sightlines heads 2, samples 2, seen [0-9]+, blocked [0-9]+"),
        (scene, "Scene building 1, 4 walls, flat ground, crs " + CRS),
    ):
        assert re.fullmatch(f"<{pattern}.*>", repr(what)), repr(what)
    for what in (views, views.views[0]):
        assert f"<b>{type(what).__name__}</b>" in what._repr_html_()


def test_no_camera_sees_nothing(scene):
    none = viewsheds([], scene)
    assert len(none) == len(none.to_polygons()) == 0
    assert cs.compute_coverage([], scene).seen.tolist() == []
    assert "cameras 0" in repr(none)


def test_cameras_too_far_apart_for_one_array_are_refused():
    apart = [camera_at(0.0, 0.0), camera_at(40_000.0, 40_000.0)]
    views = viewsheds(apart, cs.build_scene(no_houses()))
    with pytest.raises(InputError) as caught:
        views.to_xarray()
    (fault,) = caught.value.faults
    assert fault.field == "cell_m"
    assert "at most 500 million" in str(fault.expected)


def test_lists_of_cameras_serve_wherever_a_table_does(scene):
    table = heads_of(*OUTSIDE)
    one, two = (cs.compute_coverage(what, scene, cell_m=CELL_M) for what in (OUTSIDE, table))
    assert np.array_equal(one.count, two.count)
    points = samples_at((10.0, 0.0, 1.5), (60.0, 5.0, 1.5))
    one, two = (sightlines(what, points, scene) for what in (OUTSIDE, table))
    assert np.array_equal(one.q.toarray(), two.q.toarray())
    assert list(as_heads(CAMERAS[0], CRS).index) == ["camera"]
    with pytest.raises(MismatchError, match="camera 2 is str, expected"):
        as_heads([CAMERAS[0], "b"], CRS)
    with pytest.raises(CrsError, match="camera 2 is in"):
        as_heads([CAMERAS[0], cs.Camera(0.0, 0.0, "EPSG:4548")], CRS)


def test_plain_points_serve_as_targets(scene):
    places = [(10.0, 0.0), (60.0, 5.0), (5.0, 5.0)]
    shapes = shapely.points(places)
    expected = sightlines(CAMERAS[0], samples_at(*((x, y, 1.5) for x, y in places)), scene).q
    for points in (
        places,
        list(shapes),
        np.array(places),
        gpd.GeoSeries(shapes, crs=CRS),
        gpd.GeoDataFrame(geometry=shapes, crs=CRS),
        gpd.GeoDataFrame({"height_m": 1.5}, index=range(3), geometry=shapes, crs=CRS),
        [(x, y, 1.5) for x, y in places],
        [shapely.Point(x, y, 1.5) for x, y in places],
    ):
        assert np.array_equal(sightlines(CAMERAS[0], points, scene).q.toarray(), expected.toarray())
    assert as_samples([(0.0, 0.0, 4.0), (1.0, 1.0)], CRS, 1.5)["height_m"].tolist() == [4.0, 1.5]
    assert sightlines(CAMERAS[0], [], scene).q.shape == (1, 0)
    for wrong in ([(1.0,)], ["here"], [shapely.box(0, 0, 1, 1)], [(0.0, 0.0, 0.0, 0.0)]):
        with pytest.raises(MismatchError, match="target 1 is"):
            sightlines(CAMERAS[0], wrong, scene)


def test_a_column_that_is_called_otherwise_is_named():
    table = houses((HOUSE, 9.0)).rename(columns={"height_m": "height"})
    with pytest.raises(SchemaError, match="expected a column height_m, found 'height'"):
        cs.viewshed(CAMERAS[0], table)
    heads = heads_of(*OUTSIDE).rename(columns={"azimuth_deg": "azimuth"})
    with pytest.raises(SchemaError, match="expected a column azimuth_deg, found 'azimuth'"):
        cs.compute_coverage(heads, cs.build_scene(no_houses()))
    bare = gpd.GeoDataFrame(geometry=[HOUSE], crs=CRS)
    with pytest.raises(SchemaError, match="expected a column height_m, found 'geometry'"):
        cs.build_scene(bare)


@pytest.mark.slow
@pytest.mark.compiled_only
def test_poses_of_one_place_see_what_each_sees_alone(rng):
    """Lines are followed once for a place; between poses other places come and go."""
    rows = [
        (shapely.box(x, y, x + 9, y + 6), float(rng.uniform(1.0, 12.0)))
        for x, y in rng.uniform(-70.0, 70.0, (25, 2))
    ]
    scene = cs.build_scene(houses(*rows))
    points = np.column_stack([rng.uniform(-80, 80, (300, 2)), rng.uniform(0, 6, 300)])
    sites = [(-75.0, -75.0, 6.0), (-75.0, -75.0, 9.0), (74.0, 3.0, 4.0)]
    look = {"lens": "rectilinear", "hfov_deg": 70.0, "vfov_deg": 50.0, "reach_m": 150.0}
    poses = [
        camera_at(x, y, height_m=z, azimuth_deg=float(turn), width_px=width, **look)
        for x, y, z in sites
        for turn, width in zip(range(0, 360, 30), (800.0, 3840.0) * 6, strict=True)
    ]
    asked = rng.uniform(0.0, 30.0, 300)
    for some in (poses, poses[::5] + poses):
        together = sightlines(some, points, scene, named_from=asked)
        for k, camera in enumerate(some):
            alone = sightlines(camera, points, scene, named_from=asked)
            assert np.array_equal(together.q.toarray()[k], alone.q.toarray()[0])
            own = together.blocked[together.blocked["head"] == k]
            columns = ["sample", "px_m", "blocker"]
            assert own[columns].to_numpy().tolist() == alone.blocked[columns].to_numpy().tolist()
    assert len(together.blocked) > 100
    assert together.q.nnz > 100


PLAIN = pd.DataFrame(
    {"x": [0.0, 90.0], "y": [0.0, 10.0], "azimuth_deg": [0.0, 270.0], "height_m": [6.0, 6.0]},
    index=["gate", "mast"],
)


def quiet_views(cameras, scene):
    with pytest.warns(UserWarning, match="assumed"):
        return viewsheds(cameras, scene, cell_m=CELL_M)


def test_a_plain_frame_of_places_and_poses_serves_as_cameras(scene):
    spots = gpd.points_from_xy(PLAIN["x"], PLAIN["y"], crs=CRS)
    listed = [camera_at(0.0, 0.0), camera_at(90.0, 10.0, azimuth_deg=270.0)]
    alone = [
        cs.Camera(x, y, CRS, azimuth_deg=turn, height_m=z)
        for x, y, turn, z in PLAIN.itertuples(index=False)
    ]
    expected = viewsheds(alone, scene, cell_m=CELL_M)
    assert len(listed) == len(expected)
    for frame in (PLAIN, gpd.GeoDataFrame(PLAIN.drop(columns=["x", "y"]), geometry=spots)):
        views = quiet_views(frame, scene)
        assert list(views.ids) == ["gate", "mast"]
        for view, other in zip(views, expected, strict=True):
            assert np.array_equal(view.px_m, other.px_m)
        said = dict(views.assumed)
        assert said["gate"] == said["mast"]
        assert {"tilt_deg": 15.0, "hfov_deg": 90.0, "reach_m": 80.0}.items() <= said["gate"].items()
        assert not {"azimuth_deg", "height_m"} & set(said["gate"])
        assert "tilt_deg 15" in repr(views)
        assert "tilt_deg 15" in views._repr_html_()


def test_rows_of_a_city_serve_as_cameras():
    city = read_example(DISTRICT)
    chosen = city.cameras.iloc[5:8].assign(reach_m=np.nan)
    scene = cs.build_scene(city.buildings)
    views = quiet_views(chosen, scene)
    assert list(views.ids) == list(chosen.index)
    row = chosen.iloc[0]
    told = {
        name: float(row[name])
        for name in ("azimuth_deg", "height_m", "tilt_deg", "hfov_deg", "vfov_deg", "width_px",
                     "reach_m", "near_m")
        if not pd.isna(row[name])
    }  # fmt: skip
    assert not told.keys() & set(views.assumed.iloc[0])
    alone = viewshed(
        cs.Camera(row.geometry.x, row.geometry.y, city.crs, **told), scene, cell_m=CELL_M
    )
    assert np.array_equal(views.views[0].px_m, alone.px_m)


def test_what_a_row_leaves_open_is_assumed_and_said(scene):
    rows = PLAIN.assign(azimuth_deg=[np.nan, 270.0], hfov_deg=[60.0, np.nan])
    with pytest.warns(UserWarning, match=r"azimuth_deg 0 \(1 camera\).*hfov_deg 90 \(1 camera\)"):
        views = viewsheds(rows, scene, cell_m=CELL_M)
    assert views.assumed["gate"]["azimuth_deg"] == 0.0
    assert "hfov_deg" not in views.assumed["gate"]
    assert views.assumed["mast"]["hfov_deg"] == 90.0
    round_about = PLAIN.assign(kind="fisheye", hfov_deg=180.0)
    heads = quiet_heads(round_about)
    assert heads["lens"].tolist() == ["equidistant"] * 2
    assert heads["vfov_deg"].tolist() == [180.0] * 2


def quiet_heads(frame):
    with pytest.warns(UserWarning, match="assumed"):
        return as_heads(frame, pyproj.CRS(CRS))


def test_cameras_that_are_complete_are_taken_without_a_word(scene):
    fields = [name for name in cs.Camera.__dataclass_fields__ if name not in ("crs", "mask")]
    one = cs.Camera(0.0, 0.0, CRS)
    views = viewsheds(
        pd.DataFrame([{name: getattr(one, name) for name in fields}]), scene, cell_m=CELL_M
    )
    assert views.assumed.tolist() == [{}]
    assert "assumed" not in repr(views)
    assert viewsheds([one], scene, cell_m=CELL_M).assumed.tolist() == [{}]


def test_what_a_frame_lacks_is_named(scene):
    with pytest.raises(SchemaError, match="expected a column azimuth_deg, found 'azimuth'"):
        viewsheds(PLAIN.rename(columns={"azimuth_deg": "azimuth"}), scene)
    with pytest.raises(SchemaError, match="expected a column height_m"):
        viewsheds(PLAIN.drop(columns="height_m"), scene)
    with pytest.raises(SchemaError, match=r"mast.*azimuth_deg.*'west'"):
        viewsheds(PLAIN.assign(azimuth_deg=["10", "west"]), scene)
    with pytest.raises(MismatchError, match="expected a geometry of points, or columns x and y"):
        viewsheds(PLAIN.drop(columns="y"), scene)
    with pytest.raises(MismatchError, match=r"gate.*x.*'east'"):
        viewsheds(PLAIN.assign(x=["east", 90.0]), scene)
    with pytest.raises(MismatchError, match="cameras are int, expected a list"):
        viewsheds(3, scene)
    spots = gpd.points_from_xy([20.0, 20.1], [60.0, 60.0], crs=4326)
    with pytest.raises(CrsError):
        viewsheds(gpd.GeoDataFrame(PLAIN.drop(columns=["x", "y"]), geometry=spots), scene)
    with pytest.raises(SchemaError, match="each id once"):
        viewsheds(PLAIN.set_axis(["a", "a"]), scene)
