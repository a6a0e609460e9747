"""Terrain out of rasters: exact between cells, unknown where the raster says nothing."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
import rasterio
from pyproj import CRS, Transformer
from rasterio.transform import Affine

from civicsight.core.errors import InputError
from civicsight.io.apart.reading import read_apart
from civicsight.io.rasters import cells as cells_module
from civicsight.io.rasters import terrain as raster_module
from civicsight.io.rasters.terrain import load_terrain, read_terrain
from civicsight.io.reader_registry import READERS
from civicsight.io.source_options import Declared
from tests.city_made import METRIC, X0, Y0, write
from tests.spoilt.attacks.rasters import CASES
from tests.spoilt.sound import TOLD

AREA = (X0 + 100, Y0 + 100, X0 + 400, Y0 + 300)
STEP = 10.0


def plane(x, y):
    return 50.0 + 0.03 * (x - X0) - 0.02 * (y - Y0)


def tif(path, z, transform, crs=METRIC, **options):
    profile = {"driver": "GTiff", "count": 1, "height": z.shape[0], "width": z.shape[1],
               "dtype": z.dtype, "crs": crs, "transform": transform}  # fmt: skip
    units = options.pop("units", None)
    scale, offset = options.pop("scale", 1.0), options.pop("offset", 0.0)
    with rasterio.open(path, "w", **profile, **options) as out:
        out.write(z, 1)
        out.scales, out.offsets = (scale,), (offset,)
        if units:
            out.units = (units,)
    return path


def heights(transform, shape):
    """Return the plane at the centres of the cells of a raster."""
    col, row = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    x, y = transform @ (col, row)
    return plane(x, y)


NORTH_UP = Affine(STEP, 0, X0, 0, -STEP, Y0 + 500)
GRIDS = {
    "north up": NORTH_UP,
    "south up": Affine(STEP, 0, X0, 0, STEP, Y0),
    "rotated": Affine.translation(X0 - 100, Y0 + 400) @ Affine.rotation(20) @ Affine.scale(12, -12),
}


@pytest.mark.parametrize("name", GRIDS)
def test_a_plane_stays_a_plane(tmp_path, rng, name):
    transform = GRIDS[name]
    path = tif(tmp_path / "dem.tif", heights(transform, (60, 60)), transform)
    terrain = read_terrain(path, AREA, METRIC)
    x, y = rng.uniform(AREA[0], AREA[2], 200), rng.uniform(AREA[1], AREA[3], 200)
    assert terrain.height_at(x, y) == pytest.approx(plane(x, y), abs=1e-9)
    low_x, low_y, high_x, high_y = terrain.bounds
    assert low_x <= AREA[0]
    assert low_y <= AREA[1]
    assert high_x >= AREA[2]
    assert high_y >= AREA[3]


def test_another_system_is_resampled(tmp_path, rng):
    """A raster in degrees, of the height of a plane in metres: errors stay below a centimetre."""
    into = Transformer.from_crs(METRIC, 4326, always_xy=True)
    west, south = into.transform(X0, Y0)
    size = 1e-4
    transform = Affine(size, 0, west, 0, -size, south + 60 * size)
    lon, lat = transform @ tuple(np.meshgrid(np.arange(60) + 0.5, np.arange(60) + 0.5))
    x, y = into.transform(lon, lat, direction="INVERSE")
    path = tif(tmp_path / "dem.tif", plane(x, y), transform, CRS.from_epsg(4326))
    terrain, report = load_terrain(path, AREA, METRIC)
    x, y = rng.uniform(AREA[0], AREA[2], 100), rng.uniform(AREA[1], AREA[3], 100)
    assert terrain.height_at(x, y) == pytest.approx(plane(x, y), abs=0.01)
    assert report.crs_found == "EPSG:4326 WGS 84"
    assert 9 < terrain.step < 10


def test_a_hole_is_unknown_and_named(tmp_path):
    z = heights(NORTH_UP, (50, 50))
    z[30:32, 20:22] = -9999
    path = tif(tmp_path / "dem.tif", z, NORTH_UP, nodata=-9999)
    terrain, report = load_terrain(path, AREA, METRIC)
    assert np.isnan(terrain.height_at(np.array([X0 + 210]), np.array([Y0 + 190]))).all()
    assert np.isfinite(terrain.height_at(np.array([X0 + 310]), np.array([Y0 + 190]))).all()
    (hole,) = report.repaired
    assert hole.code == "dem.hole"
    back = Transformer.from_crs(4326, METRIC, always_xy=True)
    low, high = (back.transform(*map(float, text.split())) for text in hole.where.split(" - "))
    assert X0 + 189 <= low[0] <= high[0] <= X0 + 231
    assert Y0 + 169 <= low[1] <= high[1] <= Y0 + 211
    share = np.isnan(terrain.z).sum() / (31 * 21)
    assert f"{100 * share:.1f} % of the area" in str(hole.remedy)
    assert report.count("excluded.unknown") == np.isnan(terrain.z).sum() > 0
    assert report.read == report.kept + report.excluded == terrain.z.size


@pytest.mark.parametrize("value", [-32768, 1e38, np.nan, np.inf, 20_000])
def test_markers_that_nobody_declared_are_unknown(tmp_path, value):
    z = heights(NORTH_UP, (50, 50))
    z[30:32, 20:22] = value
    terrain, report = load_terrain(tif(tmp_path / "dem.tif", z, NORTH_UP), AREA, METRIC)
    assert np.nanmin(terrain.z) > 0
    assert np.nanmax(terrain.z) < 100
    assert len(report.repaired) == 1
    assert report.count("implausible") == (4 if np.isfinite(value) else 0)


def test_beyond_the_raster_the_ground_is_unknown(tmp_path):
    path = tif(tmp_path / "dem.tif", heights(NORTH_UP, (50, 20)), NORTH_UP)
    terrain, report = load_terrain(path, AREA, METRIC)
    assert np.isnan(terrain.height_at(np.array([X0 + 300]), np.array([Y0 + 200]))).all()
    assert [fault.code for fault in report.repaired] == ["dem.hole"]


def test_whole_numbers_scales_and_feet(tmp_path):
    z = np.full((50, 50), 1000, np.int16)
    path = tif(tmp_path / "a.tif", z, NORTH_UP, scale=0.1, offset=5.0)
    assert np.unique(read_terrain(path, AREA, METRIC).z).tolist() == [pytest.approx(105)]
    path = tif(tmp_path / "b.tif", z, NORTH_UP, units="ft")
    assert np.unique(read_terrain(path, AREA, METRIC).z).tolist() == [pytest.approx(304.8)]


def test_a_fine_raster_is_never_finer_than_half_a_metre(tmp_path):
    transform = Affine(0.1, 0, X0, 0, -0.1, Y0 + 10)
    path = tif(tmp_path / "dem.tif", heights(transform, (100, 100)), transform)
    terrain = read_terrain(path, (X0 + 2, Y0 + 2, X0 + 8, Y0 + 8), METRIC)
    assert terrain.step == 0.5


def refused(path, area=AREA, **said):
    with pytest.raises(InputError) as caught:
        load_terrain(path, area, METRIC, **said)
    return caught.value.faults[0]


def test_a_raster_of_another_place_is_refused(tmp_path):
    path = tif(tmp_path / "dem.tif", heights(NORTH_UP, (50, 50)), NORTH_UP)
    fault = refused(path, (X0 + 90_000, Y0, X0 + 91_000, Y0 + 1_000))
    assert fault.code == "dem.elsewhere"
    assert "covers the city" in str(fault.remedy)


def test_an_area_off_the_map_is_refused(tmp_path):
    transform = Affine(1e-3, 0, 115.8, 0, -1e-3, 28.8)
    path = tif(tmp_path / "dem.tif", np.zeros((50, 50)), transform, CRS.from_epsg(4326))
    assert refused(path, (1e9, 1e9, 1e9 + 100, 1e9 + 100)).code == "dem.elsewhere"


def test_a_raster_without_a_system_is_refused(tmp_path):
    path = tif(tmp_path / "dem.tif", heights(NORTH_UP, (50, 50)), NORTH_UP, crs=None)
    assert refused(path).code == "crs.missing"


def test_an_area_that_is_too_large_is_refused(tmp_path, monkeypatch):
    path = tif(tmp_path / "dem.tif", heights(NORTH_UP, (50, 50)), NORTH_UP)
    monkeypatch.setattr(raster_module, "MAX_CELLS", 100)
    assert refused(path).code == "dem.too_large"


def test_a_window_that_is_too_large_is_refused(tmp_path, monkeypatch):
    """A raster of cells far finer than the grid is not read into memory."""
    transform = Affine(0.05, 0, X0, 0, -0.05, Y0 + 30)
    path = tif(tmp_path / "dem.tif", np.zeros((600, 600)), transform)
    monkeypatch.setattr(cells_module, "MAX_CELLS", 4_000)
    assert refused(path, (X0 + 2, Y0 + 2, X0 + 25, Y0 + 25)).code == "dem.too_large"


VRT = (
    '<VRTDataset rasterXSize="10" rasterYSize="10"><VRTRasterBand dataType="Byte" band="1" '
    'subClass="VRTRawRasterBand"><SourceFilename>{path}</SourceFilename></VRTRasterBand></VRTDataset>'
)


@pytest.mark.parametrize("name", ["dem.tif", "dem.vrt", "dem.zip"])
def test_rasters_that_point_elsewhere_are_refused(tmp_path, name):
    secret = write(tmp_path / "secret.txt", "x" * 200)
    assert refused(write(tmp_path / name, VRT.format(path=secret))).code == "raster.format"


def test_half_a_raster_is_refused(tmp_path):
    path = tmp_path / "dem.tif"
    path.write_bytes(b"II*\x00" + b"\x00" * 20)
    assert refused(path).code == "raster.format"


def tile(z):
    return np.ascontiguousarray(z, ">i2").tobytes()


def test_an_srtm_tile_packed_or_not(tmp_path):
    """Nanchang lies in N28E115: rows from north to south, the last shared with the next tile."""
    rows = np.repeat(np.arange(1201)[:, None], 1201, axis=1)
    area = (X0 + 1_000, Y0 + 1_000, X0 + 3_000, Y0 + 2_000)
    plain = tmp_path / "N28E115.hgt"
    plain.write_bytes(tile(rows))
    packed = tmp_path / "N28E115.hgt.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(plain, "folder/N28E115.hgt")
    terrain, report = load_terrain(plain, area, METRIC)
    again = read_terrain(packed, area, METRIC)
    assert np.array_equal(terrain.z, again.z)
    assert report.source == "N28E115.hgt"
    x, y = X0 + 2_000, Y0 + 1_500
    _, lat = Transformer.from_crs(METRIC, 4326, always_xy=True).transform(x, y)
    expected = (29 - lat) * 1200
    assert terrain.height_at(np.array([x]), np.array([y]))[0] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    "members",
    [{}, {"a.txt": b"1"}, {"N28E115.hgt": b"1", "N29E115.hgt": b"1"}, {"N28E115.hgt": b"short"}],
)
def test_archives_without_one_tile_are_refused(tmp_path, members):
    path = tmp_path / "dem.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.md", "x")
        for name, data in members.items():
            archive.writestr(name, data)
    assert refused(path).code == "raster.format"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "dem.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dem.tif", b"II*\x00" + bytes(60 << 20))
    assert path.stat().st_size < 1 << 20
    assert refused(path).code == "archive.expands"


GRID_HEAD = "ncols 60\nnrows 60\nxllcorner {x0:.1f}\nyllcorner {y0:.1f}\ncellsize {step}\n"
GRID_HEAD += "NODATA_value -9999\n"


def asc(path, z, head=GRID_HEAD):
    """Write a grid as text as GIS programs do, each value to its last digit."""
    text = head.format(x0=X0, y0=Y0 + 500 - 60 * STEP, step=STEP)
    return write(path, text + "".join(" ".join(map(repr, row)) + "\n" for row in z.tolist()))


def test_a_grid_as_text_is_the_same_raster(tmp_path):
    """The first rows are whole numbers, from which the type of the others must not be guessed."""
    z = heights(NORTH_UP, (60, 60))
    z[:30] = np.round(z[:30])
    z[40, 40] = -9999
    declared = Declared(crs=METRIC)
    given = load_terrain(asc(tmp_path / "dem.asc", z), AREA, METRIC, declared=declared)[0]
    told = read_terrain(tif(tmp_path / "dem.tif", z, NORTH_UP, nodata=-9999), AREA, METRIC)
    assert np.array_equal(given.z, told.z, equal_nan=True)
    assert np.isnan(given.z).any()
    assert (given.x0, given.y0, given.step) == (told.x0, told.y0, told.step)
    apart, _ = read_apart("terrain", tmp_path / "dem.asc", AREA, METRIC, declared=declared)
    assert np.array_equal(apart.z, given.z, equal_nan=True)


def test_a_grid_as_text_says_its_system_beside_it_or_is_asked(tmp_path):
    path = asc(tmp_path / "dem.asc", heights(NORTH_UP, (60, 60)))
    assert refused(path).code == "crs.missing"
    write(tmp_path / "dem.prj", METRIC.to_wkt("WKT1_ESRI"))
    x, y = np.array([AREA[0]]), np.array([AREA[1]])
    for read in (read_terrain, lambda *given: read_apart("terrain", *given)[0]):
        assert read(path, AREA, METRIC).height_at(x, y) == pytest.approx(plane(x, y), abs=1e-9)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text[: len(text) // 2], "raster.broken"),
        (lambda text: text + "1 ", "raster.broken"),
        (lambda text: text.replace(" 5", " x", 1), "raster.broken"),
        (lambda text: text.replace("ncols 60", "ncols 4000000000"), "raster.too_large"),
        (lambda text: text.replace("nrows 60", "nrows sixty"), "raster.broken"),
    ],
)
def test_a_grid_that_is_not_whole_is_refused(tmp_path, change, code):
    """GDAL reads a word, and rows that are not there, as 0."""
    path = asc(tmp_path / "dem.asc", heights(NORTH_UP, (60, 60)))
    write(path, change(path.read_text(encoding="utf-8")))
    assert refused(path, declared=Declared(crs=METRIC)).code == code


@pytest.mark.parametrize("name", ["dem.tif", "dem.asc"])
def test_a_raster_is_read_out_of_an_archive_with_what_belongs_to_it(tmp_path, name):
    z = heights(NORTH_UP, (60, 60))
    plain = tmp_path / name
    if name == "dem.tif":
        tif(plain, z, NORTH_UP)
    else:
        asc(plain, z)
        write(tmp_path / "dem.prj", METRIC.to_wkt("WKT1_ESRI"))
    packed = tmp_path / "dem.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in (plain, tmp_path / "dem.prj"):
            if file.exists():
                archive.write(file, f"folder/{file.name}")
    terrain, _ = read_apart("terrain", packed, AREA, METRIC)
    assert np.array_equal(terrain.z, read_terrain(plain, AREA, METRIC).z)


def test_half_an_archive_is_refused(tmp_path):
    path = tmp_path / "dem.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("N28E115.hgt", bytes(5_000))
    path.write_bytes(path.read_bytes()[:2_000])
    assert refused(path).code == "file.damaged"


def test_a_deflated_tile_that_unpacks_to_more_than_its_header_says_is_refused(tmp_path):
    """GDAL took the first bytes for heights, whatever they were."""
    (case,) = (one for one in CASES if one.name.endswith("a tile that unpacks to 64 megabytes"))
    with pytest.raises(InputError) as caught:
        READERS["ground"](case.make(tmp_path), *TOLD["ground"])
    assert [(one.code, "1024" in str(one.expected)) for one in caught.value.faults] == [
        ("raster.broken", True)
    ]
