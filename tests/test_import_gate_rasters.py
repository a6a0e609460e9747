"""Ground rasters that are not what they seem: said in the report, or refused in so many words."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.enums import ColorInterp

from civicsight.core.errors import InputError
from civicsight.io.rasters.surface import read_surface
from civicsight.io.rasters.terrain import load_terrain

METRIC = CRS.from_epsg(4548)
X, Y = 500_000.0, 3_165_000.0
AREA = (X, Y, X + 200, Y + 200)
ROWS = 60
SLOPE = 20 + np.add.outer(np.arange(ROWS), np.arange(ROWS)) / 4


def write(folder, z, colours=None, table=None):
    path = folder / "dem.tif"
    bands = z if z.ndim == 3 else z[None]
    profile = {
        "driver": "GTiff",
        "height": ROWS,
        "width": ROWS,
        "count": len(bands),
        "dtype": bands.dtype,
        "crs": METRIC,
        "transform": Affine(10, 0, X - 200, 0, -10, Y + 400),
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(bands)
        if colours:
            target.colorinterp = colours
        if table:
            target.write_colormap(1, table)
    return path


def notes(path):
    return " | ".join(map(str, load_terrain(path, AREA, METRIC)[1].notes))


def with_hole(value):
    z = SLOPE.copy()
    z[25:32, 25:32] = value
    return z


@pytest.mark.parametrize("value", [0.0, -99.0, 8_888.0, 255.0])
def test_an_undeclared_unknown_is_named(tmp_path, value):
    assert f"49 cells hold {value:g} m exactly" in notes(
        write(tmp_path, with_hole(value).astype("f4"))
    )


def test_water_that_lies_level_is_not_named(tmp_path):
    level = np.maximum(SLOPE, 35.0)
    assert "exactly" not in notes(write(tmp_path, level.astype("f4")))
    assert "exactly" not in notes(write(tmp_path, SLOPE.astype("f4")))


def test_a_raster_of_one_value_is_named(tmp_path):
    assert "every cell holds 0 m" in notes(write(tmp_path, np.zeros((ROWS, ROWS), "f4")))


def test_the_band_that_was_taken_is_named(tmp_path):
    bands = np.stack([SLOPE, SLOPE * 0 + 7]).astype("f4")
    assert "of 2 bands the first" in notes(write(tmp_path, bands))
    assert "bands" not in notes(write(tmp_path, SLOPE.astype("f4")))


def test_a_colour_table_is_named(tmp_path):
    table = {n: (n, n, n, 255) for n in range(256)}
    assert "colour table" in notes(write(tmp_path, SLOPE.astype("u1"), table=table))


def test_a_picture_of_sixteen_bits_is_a_picture_too(tmp_path):
    colours = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    path = write(tmp_path, np.stack([SLOPE] * 3).astype("u2"), colours)
    with pytest.raises(InputError) as caught:
        load_terrain(path, AREA, METRIC)
    assert caught.value.faults[0].code == "raster.no_heights"


def test_cells_without_a_height_are_not_another_place(tmp_path):
    path = write(tmp_path, np.full((ROWS, ROWS), -32_000, "i2"))
    with pytest.raises(InputError) as caught:
        load_terrain(path, AREA, METRIC)
    assert "scale" in str(caught.value.faults[0].remedy)


def test_a_surface_far_below_the_ground_is_unknown(tmp_path):
    """Zero for "unknown" would be open air where a tower stands."""
    ground, _ = load_terrain(write(tmp_path, SLOPE.astype("f4")), AREA, METRIC)
    path = write(tmp_path, with_hole(0.0).astype("f4"))
    table, report = read_surface(path, AREA, METRIC, ground=ground)
    assert list(table["kind"]) == ["unknown"]
    assert table.area.sum() == pytest.approx(49 * 100, rel=0.2)
    assert [fault.code for fault in report.repaired] == ["surface.hole"]
