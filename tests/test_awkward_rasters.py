"""Rasters as they come: real surfaces against real footprints, and every kind of no data."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.enums import ColorInterp
from rasterio.transform import Affine

from civicsight.core.errors import InputError
from civicsight.io.rasters.source import opened
from civicsight.io.rasters.terrain import load_terrain
from civicsight.io.source_options import Declared
from tests.bad_input.rasters import write_tif
from tests.city_made import METRIC, X0, Y0
from tests.drawn import LONGER
from tests.spoilt.attacks.rasters import RASTERS
from tests.spoilt.sound import TOLD

AREA = (X0 + 100, Y0 + 100, X0 + 400, Y0 + 300)
NORTH_UP = Affine(10.0, 0, X0, 0, -10.0, Y0 + 500)
SHAPE = (50, 50)


def refused(call, *args, **kwargs):
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    return caught.value.faults[0]


def plane(transform=NORTH_UP, shape=SHAPE, a=0.03, b=-0.02, c=50.0):
    col, row = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    x, y = transform @ (col, row)
    return c + a * (x - X0) + b * (y - Y0)


def blank(z):
    """Return the cells that every kind of no data marks."""
    out = np.zeros(z.shape, bool)
    out[28:33, 18:25] = True
    return out


def masked_file(path, z):
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        write_tif(path, z, NORTH_UP)
        with rasterio.open(path, "r+") as out:
            out.write_mask((~blank(z)).astype(np.uint8) * 255)
    return path


def sidecar_mask(path, z):
    write_tif(path, z, NORTH_UP)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(path, "r+") as out:
        out.write_mask((~blank(z)).astype(np.uint8) * 255)
    assert path.with_name(path.name + ".msk").is_file()
    return path


def alpha_file(path, z):
    alpha = np.where(blank(z), 0, 1).astype(z.dtype)
    with rasterio.open(path, "w", "GTiff", z.shape[1], z.shape[0], 2, crs=METRIC,
                       transform=NORTH_UP, dtype=z.dtype, ALPHA="YES") as out:  # fmt: skip
        out.write(np.stack([z, alpha * 255]))
        out.colorinterp = (ColorInterp.gray, ColorInterp.alpha)
    return path


def valued(value, dtype="float64", nodata=None):
    def write(path, z):
        out = z.astype(dtype)
        out[blank(z)] = value
        return write_tif(path, out, NORTH_UP, nodata=nodata)

    return write


KINDS = {
    "declared": valued(-9999, nodata=-9999),
    "declared as 0": valued(0, nodata=0),
    "declared as nan": valued(np.nan, nodata=np.nan),
    "nan": valued(np.nan),
    "infinite": valued(np.inf),
    "-9999": valued(-9999),
    "1e38": valued(1e38, "float32"),
    "lowest float32": valued(np.finfo("float32").min, "float32"),
    "mask inside": masked_file,
    "mask beside": sidecar_mask,
    "alpha": alpha_file,
    "-32768": valued(-32768, "int16"),
    "-32767": valued(-32767, "int16"),
    "65535": valued(65535, "uint16"),
    "another value than the declared": valued(-32768, "int16", nodata=-9999),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_no_data_makes_the_same_hole(tmp_path, kind):
    z = np.round(plane())
    path = KINDS[kind](tmp_path / "dem.tif", z)
    terrain, report = load_terrain(path, AREA, METRIC)
    z[blank(z)] = np.nan
    expected, _ = load_terrain(write_tif(tmp_path / "plain.tif", z, NORTH_UP), AREA, METRIC)
    assert np.array_equal(terrain.z, expected.z, equal_nan=True)
    assert [fault.code for fault in report.repaired] == ["dem.hole"]
    assert "the ground is unknown in" in str(report.notes[-1])


@pytest.mark.parametrize(("scale", "raw"), [(0.1, -32768), (0.01, -9999), (0.1, 32767)])
def test_a_marker_is_found_before_it_is_scaled(tmp_path, scale, raw):
    """-9999 centimetres would be a believable -99.99 m."""
    z = np.full(SHAPE, 300, np.int16)
    z[28:33, 18:25] = raw
    path = write_tif(tmp_path / "dem.tif", z, NORTH_UP)
    with rasterio.open(path, "r+") as out:
        out.scales = (scale,)
    terrain, report = load_terrain(path, AREA, METRIC)
    assert set(np.unique(terrain.z[np.isfinite(terrain.z)]).round(6)) == {300 * scale}
    assert report.count("implausible") == 35


@settings(max_examples=25 * LONGER)
@given(
    st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.floats(0, 360), st.floats(4, 14), st.booleans()
)
def test_a_plane_is_resampled_exactly(tmp_path_factory, a, b, turn, cell, south_up):
    """Whatever way the grid is turned, scaled or flipped."""
    centre = X0 + 250, Y0 + 200
    flip = cell if south_up else -cell
    transform = (
        Affine.translation(*centre)
        @ Affine.rotation(turn)
        @ Affine.scale(cell, flip)
        @ Affine.translation(-60, -60)
    )
    z = plane(transform, (120, 120), a, b, 400.0)
    path = write_tif(tmp_path_factory.mktemp("dem") / "dem.tif", z, transform)
    terrain, _ = load_terrain(path, (X0 + 200, Y0 + 150, X0 + 300, Y0 + 250), METRIC)
    n_row, n_col = terrain.z.shape
    x, y = np.meshgrid(
        terrain.x0 + np.arange(n_col) * terrain.step, terrain.y0 + np.arange(n_row) * terrain.step
    )
    assert terrain.z == pytest.approx(400.0 + a * (x - X0) + b * (y - Y0), abs=1e-6)


def test_south_up_equals_north_up(tmp_path, rng):
    z = rng.uniform(10, 60, SHAPE)
    z[30, 20] = np.nan
    up, _ = load_terrain(write_tif(tmp_path / "a.tif", z, NORTH_UP), AREA, METRIC)
    south = Affine(10.0, 0, X0, 0, 10.0, Y0)
    down, _ = load_terrain(write_tif(tmp_path / "b.tif", z[::-1], south), AREA, METRIC)
    assert down.z == pytest.approx(up.z, abs=1e-9, nan_ok=True)
    assert (down.x0, down.y0, down.step) == (up.x0, up.y0, up.step)


UNITS = {"ft": 0.3048, "us-ft": 1200 / 3937}


@pytest.mark.parametrize("unit", UNITS)
def test_feet_by_band_by_crs_and_by_declaration(tmp_path, unit):
    z = np.full(SHAPE, 1000.0)
    expected = 1000 * UNITS[unit]
    band = write_tif(tmp_path / "band.tif", z, NORTH_UP)
    with rasterio.open(band, "r+") as out:
        out.units = ("US survey foot" if unit == "us-ft" else "ft",)
    vertical = {"ft": "EPSG:32650+8228", "us-ft": "EPSG:32650+6360"}[unit]
    compound = write_tif(
        tmp_path / "crs.tif", z, NORTH_UP, crs=CRS(vertical), GEOTIFF_VERSION="1.1"
    )
    plain = write_tif(tmp_path / "plain.tif", z, NORTH_UP)
    for path, declared in ((band, None), (compound, None), (plain, unit), (band, unit)):
        terrain, report = load_terrain(path, AREA, METRIC, unit=declared)
        assert np.unique(terrain.z) == pytest.approx(expected, rel=1e-9)
        assert "heights are in" in str(report.notes[1])
    assert refused(load_terrain, band, AREA, METRIC, unit="m").code == "raster.unit"


def test_a_grid_in_feet_says_that_its_heights_are_taken_as_metres(tmp_path):
    """EPSG:2263 is New York in US survey feet; the vertical unit is not said."""
    state = CRS.from_epsg(2263)
    transform = Affine(10, 0, 980_000, 0, -10, 200_500)
    path = write_tif(tmp_path / "dem.tif", np.full(SHAPE, 12.0), transform, crs=state)
    box = gpd.GeoSeries([shapely.box(980_100, 200_100, 980_400, 200_400)], crs=state)
    bounds = tuple(map(float, box.to_crs(32618).total_bounds))
    terrain, report = load_terrain(path, bounds, CRS.from_epsg(32618))
    assert np.nanmax(terrain.z) == 12
    assert terrain.step == pytest.approx(3.048, abs=0.01)
    assert "declare the unit if they are in feet" in str(report.notes[1])


def test_an_unknown_unit_is_refused(tmp_path):
    path = write_tif(tmp_path / "dem.tif", np.full(SHAPE, 12.0), NORTH_UP)
    with rasterio.open(path, "r+") as out:
        out.units = ("K",)
    assert refused(load_terrain, path, AREA, METRIC).found == "K"
    assert load_terrain(path, AREA, METRIC, unit="m")[0].z.max() == 12


def test_a_declared_system_serves_a_raster_without_one(tmp_path):
    path = write_tif(tmp_path / "dem.tif", plane(), NORTH_UP, crs=None)
    assert refused(load_terrain, path, AREA, METRIC).code == "crs.missing"
    terrain, _ = load_terrain(path, AREA, METRIC, declared=Declared(crs=METRIC))
    assert np.isfinite(terrain.z).all()


def test_pictures_and_local_grids_are_refused(tmp_path):
    picture = tmp_path / "photo.tif"
    with rasterio.open(picture, "w", "GTiff", 50, 50, 3, crs=METRIC, transform=NORTH_UP,
                       dtype="uint8") as out:  # fmt: skip
        out.write(np.ones((3, 50, 50), np.uint8))
    assert refused(load_terrain, picture, AREA, METRIC).code == "raster.no_heights"
    local = 'LOCAL_CS["site",UNIT["metre",1]]'
    path = write_tif(tmp_path / "dem.tif", plane(), NORTH_UP, crs=local)
    assert refused(load_terrain, path, AREA, METRIC).code == "crs.unknown"


def test_cells_that_cannot_be_unpacked_are_refused(tmp_path):
    path = write_tif(tmp_path / "dem.tif", plane(), NORTH_UP, compress="deflate")
    data = bytearray(path.read_bytes())
    with rasterio.open(path) as source:
        at = int(source.tags(1, ns="TIFF")["BLOCK_OFFSET_0_0"]) if source.tags(1, ns="TIFF") else 0
    middle = at or len(data) // 2
    data[middle : middle + 400] = b"\xff" * 400
    path.write_bytes(data)
    assert refused(load_terrain, path, AREA, METRIC).code in {"raster.broken", "raster.format"}


def test_one_huge_block_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "dem.tif"
    size = {"blockxsize": 16_384, "blockysize": 16_384, "tiled": True, "SPARSE_OK": True}
    with rasterio.open(path, "w", "GTiff", 20_000, 20_000, 1, dtype="uint8", crs=METRIC,
                       transform=NORTH_UP, **size):  # fmt: skip
        pass
    assert refused(load_terrain, path, AREA, METRIC).code == "raster.too_large"
    with pytest.raises(InputError), opened(path):
        pytest.fail("it was opened")


def test_tiles_that_a_file_does_not_hold_are_unknown_and_not_at_the_sea(tmp_path):
    """GDAL reads them as 0: a town at 25 m stood on a plain at 0 m, without a word."""
    bounds, crs = TOLD["ground"]
    whole, some = RASTERS["tiles of one pixel"], RASTERS["fewer tiles than there should be"]
    sound, _ = load_terrain(whole(tmp_path), bounds, crs)
    terrain, report = load_terrain(some(tmp_path), bounds, crs)
    known = np.isfinite(terrain.z)
    assert 0 < known.sum() < np.isfinite(sound.z).sum()
    assert (terrain.z[known] == 25.5).all()
    assert report.rejected or report.incomplete or report.notes
