"""Surfaces as obstacles, canopies as crowns, and heights of footprints out of a surface."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from rasterio.transform import Affine

from civicsight.core.errors import InputError
from civicsight.io.rasters import cells as pieces_module
from civicsight.io.rasters.objects import heights_from_surface, part_crowns, read_canopy
from civicsight.io.rasters.surface import SurfaceOptions, read_surface
from civicsight.io.rasters.terrain import read_terrain
from civicsight.model import BUILDINGS, CANOPIES, OBSTACLES
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import DARK, ENDLESS, build_scene
from tests.bad_input.rasters import write_tif
from tests.city_made import METRIC, X0, Y0
from tests.drawn import LONGER

AREA = (X0, Y0, X0 + 100, Y0 + 80)
CELL = 2.0
SHAPE = (40, 50)
GRID = Affine(CELL, 0, X0, 0, -CELL, Y0 + 80)
ABOVE = SurfaceOptions("above_ground")


def tif(path, z, transform=GRID, **options):
    return write_tif(path, np.asarray(z), transform, **options)


def blocks(dtype="float32"):
    """Return open ground with a tower of 20 m that steps to 8.4 m, and a hut of 3 m."""
    z = np.zeros(SHAPE, dtype)
    z[10:20, 10:20] = 20.0
    z[10:20, 20:24] = 8.4
    z[30:32, 40:42] = 3.0
    z[35, 5] = 1.0
    return z


def ground(rise=0.05):
    x = np.arange(80) * 2.0
    return Terrain(np.tile(30.0 + rise * x, (70, 1)), X0 - 20.0, Y0 - 20.0, 2.0)


def footprints(*rows):
    shapes = [shapely.box(X0 + x, Y0 + y, X0 + x + w, Y0 + d + y) for (x, y, w, d), _, _ in rows]
    frame = gpd.GeoDataFrame(
        {
            "height_m": [height for _, height, _ in rows],
            "height_assumed": [assumed for _, _, assumed in rows],
            "height_source": ["default" if assumed else "height" for _, _, assumed in rows],
        },
        geometry=shapes,
        crs=METRIC,
        index=[f"b{n}" for n in range(len(rows))],
    ).rename_axis("building_id")
    return gpd.GeoDataFrame(BUILDINGS.complete(frame))


def tops(table):
    """Return height and area of each obstacle, largest first."""
    rows = zip(table["height_m"], table.area.round(6), strict=True)
    return sorted(((float(h), float(a)) for h, a in rows), key=lambda row: -row[1])


def refused(call, *args, **kwargs):
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    return caught.value.faults[0]


def test_cells_of_one_height_are_one_prism(tmp_path):
    table, report = read_surface(tif(tmp_path / "hag.tif", blocks()), AREA, METRIC, options=ABOVE)
    OBSTACLES.check(table)
    assert tops(table) == [(20, 400), (9, 160), (3, 16)]
    assert table.union_all().bounds == (X0 + 20, Y0 + 16, X0 + 84, Y0 + 60)
    assert table["height_assumed"].all()
    assert set(table["source"]) == {"hag.tif"}
    assert report.count("cells.raised") == 100 + 40 + 4
    assert "staircase within 1.4 m" in str(report.notes[0])
    assert "does not tell trees from houses" in str(report.notes[1])


def test_a_raster_of_buildings_is_no_assumption(tmp_path):
    options = SurfaceOptions("buildings")
    path = tif(tmp_path / "b.tif", blocks("int16"), nodata=0)
    table, report = read_surface(path, AREA, METRIC, options=options)
    assert not table["height_assumed"].any()
    assert tops(table) == [(20, 400), (8, 160), (3, 16)], "0 declared as no data is no hole"
    assert str(report.notes[0]).startswith("0 is declared as no data")


@pytest.mark.parametrize("dtype", ["int16", "float32", "float64"])
def test_a_surface_stands_on_the_ground_of_another_grid(tmp_path, dtype):
    """Whole numbers in centimetres must not overflow where the ground is taken off."""
    x = 20.0 + (np.arange(SHAPE[1]) + 0.5) * CELL
    z = 300.0 + 0.05 * x[None, :] + blocks("float64")
    whole = dtype == "int16"
    path = tif(tmp_path / "dsm.tif", (np.round(z * 100) if whole else z).astype(dtype))
    if whole:
        with rasterio.open(path, "r+") as out:
            out.scales = (0.01,)
    below = Terrain(ground().z + 270.0, X0 - 20.0, Y0 - 20.0, 2.0)
    options = SurfaceOptions(step_m=0.5)
    table, _ = read_surface(path, AREA, METRIC, ground=below, options=options)
    assert sum(area for _, area in tops(table)) == 400 + 160 + 16
    heights = sorted({height for height, _ in tops(table)})
    assert all(min(abs(h - top) for top in (20, 8.4, 3)) <= 0.51 for h in heights)


def test_turned_and_mirrored_grids_give_the_same_prisms(tmp_path):
    up, _ = read_surface(tif(tmp_path / "a.tif", blocks()), AREA, METRIC, options=ABOVE)
    others = {
        "down": (blocks()[::-1], Affine(CELL, 0, X0, 0, CELL, Y0)),
        "side": (blocks().T.copy(), Affine(0, CELL, X0, -CELL, 0, Y0 + 80)),
    }
    for name, (z, transform) in others.items():
        path = tif(tmp_path / f"{name}.tif", z, transform)
        other, _ = read_surface(path, AREA, METRIC, options=ABOVE)
        assert tops(other) == tops(up)
        assert other.union_all().symmetric_difference(up.union_all()).area < 1e-6


def test_in_degrees_the_prisms_land_on_the_same_ground(tmp_path):
    into = Transformer.from_crs(METRIC, 4326, always_xy=True)
    west, south, east, north = into.transform_bounds(*AREA)
    size = 1.5e-5
    shape = int((north - south) / size) + 40, int((east - west) / size) + 40
    transform = Affine(size, 0, west - 20 * size, 0, -size, north + 20 * size)
    lon, lat = transform @ tuple(np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5))
    x, y = into.transform(lon, lat, direction="INVERSE")
    house = shapely.box(X0 + 20, Y0 + 30, X0 + 60, Y0 + 50)
    z = np.where(shapely.contains_xy(house, x, y), 12.0, 0.0)
    path = tif(tmp_path / "hag.tif", z, transform, crs=CRS.from_epsg(4326))
    table, _ = read_surface(path, AREA, METRIC, options=ABOVE)
    assert table.union_all().symmetric_difference(house).area < 120 * 1.7
    assert set(table["height_m"]) == {12.0}


def test_footprints_and_crowns_win(tmp_path):
    houses = footprints(((20, 40, 20, 20), 18.0, False))
    crown = gpd.GeoDataFrame(
        geometry=[shapely.box(X0 + 79, Y0 + 15, X0 + 85, Y0 + 21)], crs=METRIC, index=["t"]
    )
    path = tif(tmp_path / "hag.tif", blocks())
    table, report = read_surface(path, AREA, METRIC, footprints=houses, crowns=crown, options=ABOVE)
    assert {height for height, _ in tops(table)} == {9}
    assert not table.union_all().intersects(houses.union_all().buffer(-0.01))
    assert report.count("cells.crowned") == 4
    assert report.count("cells.built") >= 100
    figures = [report.count(f"cells.{kind}") for kind in ("raised", "built", "crowned")]
    assert sum(figures) == 144, "every raised cell is told of"


def test_where_nothing_is_known_anything_may_stand(tmp_path):
    z = blocks("float64")
    z[:, 25:30] = np.nan
    table, report = read_surface(tif(tmp_path / "hag.tif", z), AREA, METRIC, options=ABOVE)
    hole = table[table["kind"].eq("unknown")]
    assert hole.union_all().bounds == (X0 + 50, Y0, X0 + 60, Y0 + 80)
    (fault,) = report.repaired
    assert fault.code == "surface.hole"
    assert "10.0 % of the area" in str(fault.remedy)
    empty = BUILDINGS.empty(METRIC)
    of = {
        bound: build_scene(empty, table, assumed=bound).features.set_index("id")["top"]
        for bound in ("highest", "as_is", "lowest")
    }
    tower = table.index[table["height_m"].eq(20)][0]
    assert [of[bound][hole.index[0]] for bound in of] == [ENDLESS, 0, 0]
    assert [of[bound][tower] for bound in of] == [20, 20, 0]


def test_the_end_of_a_raster_is_a_hole(tmp_path):
    path = tif(tmp_path / "hag.tif", blocks()[:, :35])
    table, report = read_surface(path, AREA, METRIC, options=ABOVE)
    (hole,) = table.geometry[table["kind"].eq("unknown")]
    assert hole.bounds == (X0 + 70, Y0, X0 + 100, Y0 + 80)
    back = Transformer.from_crs(4326, METRIC, always_xy=True)
    low = [float(value) for value in report.repaired[0].where.split(" - ")[0].split()]
    assert back.transform(*low) == pytest.approx((X0 + 70, Y0), abs=3)


def test_unknown_ground_is_an_unknown_surface(tmp_path):
    z = ground(0.0).z.copy()
    z[:, 45:] = np.nan
    holed = Terrain(z, X0 - 20.0, Y0 - 20.0, 2.0)
    path = tif(tmp_path / "dsm.tif", blocks() + np.float32(30))
    table, _ = read_surface(path, AREA, METRIC, ground=holed)
    (hole,) = table.geometry[table["kind"].eq("unknown")]
    assert hole.bounds[0] == pytest.approx(X0 + 68)
    assert hole.bounds[2] == X0 + 100


def hillside():
    """Return a surface and the ground below it, on a slope of one in five."""
    x = 20.0 + (np.arange(SHAPE[1]) + 0.5) * CELL
    return 30.0 + 0.2 * x[None, :] + blocks("float64"), ground(0.2)


def test_a_surface_in_feet_is_noticed_beside_the_ground(tmp_path):
    z, below = hillside()
    fits, _ = read_surface(tif(tmp_path / "dsm.tif", z), AREA, METRIC, ground=below)
    feet = tif(tmp_path / "feet.tif", z / 0.3048)
    assert refused(read_surface, feet, AREA, METRIC, ground=below).code == "surface.feet"
    told = SurfaceOptions(unit="ft")
    again, _ = read_surface(feet, AREA, METRIC, ground=below, options=told)
    assert tops(again) == tops(fits)
    high = Terrain(below.z / 0.3048, below.x0, below.y0, below.step)
    fault = refused(read_surface, tmp_path / "dsm.tif", AREA, METRIC, ground=high)
    assert fault.code == "dem.feet"


def test_a_surface_above_another_zero_is_noticed(tmp_path):
    z, below = hillside()
    path = tif(tmp_path / "dsm.tif", z)
    assert refused(read_surface, path, AREA, METRIC).code == "surface.no_ground"
    fault = refused(read_surface, path, AREA, METRIC, options=ABOVE)
    assert fault.code == "surface.not_above_ground"
    geoid = tif(tmp_path / "geoid.tif", z - 12.0)
    fault = refused(read_surface, geoid, AREA, METRIC, ground=below)
    assert (fault.code, fault.found) == ("surface.datum", "-12.0 m")
    fault = refused(read_surface, tif(tmp_path / "h.tif", blocks()), AREA, METRIC, ground=below)
    assert fault.code == "surface.datum"
    assert "heights above the ground, say so" in str(fault.remedy)


def test_a_surface_of_another_place_or_of_too_many_pieces_is_refused(tmp_path, monkeypatch):
    path = tif(tmp_path / "hag.tif", blocks())
    away = (X0 + 9_000, Y0, X0 + 9_100, Y0 + 80)
    assert refused(read_surface, path, away, METRIC, options=ABOVE).code == "dem.elsewhere"
    blank = tif(tmp_path / "blank.tif", np.full(SHAPE, np.nan))
    assert refused(read_surface, blank, AREA, METRIC, options=ABOVE).code == "dem.elsewhere"
    monkeypatch.setattr(pieces_module, "MAX_PIECES", 2)
    assert refused(read_surface, path, AREA, METRIC, options=ABOVE).code == "raster.too_many"


@settings(max_examples=15 * LONGER)
@given(st.lists(st.integers(0, 60), min_size=30, max_size=30), st.sampled_from([0.5, 1.0, 3.0]))
def test_no_prism_is_lower_than_the_raster_nor_a_class_higher(tmp_path_factory, values, step):
    z = np.array(values, float).reshape(5, 6) / 4
    z[0, :] = 0.0
    path = tif(tmp_path_factory.mktemp("z") / "h.tif", z)
    area = (X0, Y0 + 70, X0 + 12, Y0 + 80)
    table, _ = read_surface(path, area, METRIC, options=SurfaceOptions("buildings", step_m=step))
    for row, col in np.ndindex(z.shape):
        spot = shapely.Point(X0 + 2 * col + 1, Y0 + 80 - 2 * row - 1)
        over = table["height_m"][table.geometry.contains(spot)].tolist()
        assert len(over) == (z[row, col] >= 2.0)
        assert all(z[row, col] <= top < z[row, col] + step for top in over)


def test_footprints_without_a_height_take_it_from_the_surface(tmp_path):
    z = blocks("float64")
    houses = footprints(
        ((20, 40, 20, 20), 9.0, True),
        ((40, 40, 8, 20), 5.0, False),
        ((80, 16, 4, 4), 9.0, True),
        ((0, 60, 8, 8), 9.0, True),
        ((70, 60, 10, 10), 9.0, True),
    )
    z[5:10, 35:40] = np.nan
    table, report = heights_from_surface(houses, tif(tmp_path / "h.tif", z), options=ABOVE)
    BUILDINGS.check(table)
    assert table["height_m"].tolist() == [20, 5, 3, 9, 9]
    assert table["height_source"].tolist() == ["surface", "height", "surface", "default", "default"]
    assert table["height_assumed"].tolist() == [False, False, False, True, True]
    assert report.count("height.surface") == 2
    assert report.count("height.flat") == 1
    assert report.count("height.unknown") == 1
    assert houses["height_m"].tolist() == [9, 5, 9, 9, 9], "the table given is left alone"


def test_heights_on_the_edge_of_a_roof_do_not_count(tmp_path):
    """A footprint that is half a cell off still finds its own roof."""
    houses = footprints(((19, 39, 20, 20), 9.0, True))
    table, _ = heights_from_surface(houses, tif(tmp_path / "h.tif", blocks()), options=ABOVE)
    assert table["height_m"].tolist() == [20]


@pytest.mark.parametrize(
    ("factor", "code"), [(1 / 0.3048, "surface.feet"), (0.3048, "buildings.feet")]
)
def test_feet_show_beside_known_heights(tmp_path, factor, code):
    z = np.zeros(SHAPE)
    z[4:36, :] = 10.0
    z[:, ::10] = 0.0
    houses = footprints(*(((4 + 10 * n, 14, 5, 50), 10.0, False) for n in range(10)))
    path = tif(tmp_path / "h.tif", z)
    table, report = heights_from_surface(houses, path, options=ABOVE)
    assert "differs from 10 known heights by +0.0 m" in str(report.notes[-1])
    assert not (table["height_source"] == "surface").any()
    fault = refused(heights_from_surface, houses, tif(path, z * factor), options=ABOVE)
    assert fault.code == code


def trees():
    """Return two trees of 9 and 6 m beside each other, a shrub, and one tree alone."""
    z = np.zeros(SHAPE)
    x, y = np.meshgrid(np.arange(SHAPE[1]), np.arange(SHAPE[0]))
    for col, row, top in ((10, 10, 9.0), (16, 10, 6.0), (35, 30, 12.0)):
        z = np.maximum(z, top - 1.5 * np.hypot(x - col, y - row))
    z[20, 5] = 1.5
    return np.maximum(z, 0.0)


def test_each_top_is_a_crown(tmp_path):
    table, report = read_canopy(tif(tmp_path / "cdsm.tif", trees()), AREA, METRIC)
    CANOPIES.check(table)
    assert sorted(set(table["height_m"])) == [6, 9, 12]
    assert table.area.sum() == 4 * (trees() >= 2.0).sum()
    assert set(table["base_m"]) == {2.5}
    for top, x, y in ((9, 21, 59), (6, 33, 59), (12, 71, 19)):
        held = table[table.geometry.contains(shapely.Point(X0 + x, Y0 + y))]
        assert held["height_m"].tolist() == [top]
    assert report.count("kind.tree") + report.count("kind.wood") == len(table)
    scene = build_scene(BUILDINGS.empty(METRIC), canopies=table)
    assert (scene.transmittance > DARK).all()


def test_no_data_in_a_canopy_is_no_tree_and_its_end_is_named(tmp_path):
    z = trees().astype("int16")
    z[z == 0] = -32768
    table, report = read_canopy(tif(tmp_path / "cdsm.tif", z[:, :45]), AREA, METRIC)
    assert sorted(set(table["height_m"])) == [6, 9, 12]
    assert [fault.code for fault in report.repaired] == ["canopy.hole"]
    assert "10.0 % of the area" in str(report.repaired[0].remedy)
    assert "taken as without trees" in str(report.notes[0])
    none, _ = read_canopy(tif(tmp_path / "bare.tif", np.zeros(SHAPE)), AREA, METRIC)
    assert none.empty


@given(
    st.lists(st.integers(0, 30), min_size=48, max_size=48),
    st.sampled_from([(6, 8), (1, 48), (24, 2)]),
    st.sampled_from([0.5, 2.0, 10.0]),
)
def test_crowns_part_the_green_and_are_as_high_as_their_top(values, shape, side):
    z = np.array(values, float).reshape(shape)
    crowns = part_crowns(z, np.ones(z.shape, bool), side, 2.0)
    assert np.array_equal(crowns.number > 0, z >= 2.0)
    for number in range(1, len(crowns.top) + 1):
        assert z[crowns.number == number].max() == crowns.top[number - 1]


def test_a_surface_that_is_the_ground_leaves_nothing_standing(tmp_path):
    """What is left is the error of resampling, far below the least obstacle."""
    z = 30.0 + 3.0 * np.sin(np.arange(80) / 6.0)[None, :] * np.cos(np.arange(70) / 5.0)[:, None]
    dem = tif(tmp_path / "dem.tif", z, Affine(3.0, 0, X0 - 30, 0, -3.0, Y0 + 130))
    below = read_terrain(dem, AREA, METRIC)
    table, _ = read_surface(dem, AREA, METRIC, ground=below)
    assert not table["kind"].eq("structure").any()
