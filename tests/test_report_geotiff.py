"""Coverage rasters: values in their place, sparse, cloud-optimised, with what they mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import rasterio

from civicsight.core.errors import MismatchError
from civicsight.coverage._kernels.views import BLOCK
from civicsight.report.geotiff import write_geotiff
from tests.result_factory import make_raster
from tests.result_town import EAST, NORTH


def blocks_of(raster):
    """Return the blocks' own field, whatever it is called, with a number far away."""
    index = np.full((1, 7_000), -1)
    index[0, 0], index[0, -1] = 0, 1
    return raster.blocks_at._replace(**{raster.blocks_at._fields[2]: index})


@pytest.mark.parametrize(
    ("kind", "dtype", "inside", "single"),
    [("best_px_m", "float32", 300.0, 30.0), ("cameras", "uint16", 2, 1)],
)
def test_values_are_where_they_belong(tmp_path, kind, dtype, inside, single):
    write_geotiff(tmp_path / "r.tif", make_raster(), kind, tags={"ATTRIBUTION": "© 南昌"})
    with rasterio.open(tmp_path / "r.tif") as file:
        values = file.read(1)
        assert file.dtypes == (dtype,)
        assert file.crs.to_epsg() == 4548
        assert file.nodata == 0
        assert values.shape == (2 * BLOCK, 2 * BLOCK)
        assert next(file.sample([(EAST + 10, NORTH + 10)]))[0] == inside
        assert next(file.sample([(EAST + 63.9, NORTH + 63.9)]))[0] == inside
        assert next(file.sample([(EAST + 64.1, NORTH + 10)]))[0] == 0
        cell = next(file.sample([(EAST + 128 + 5.25, NORTH + 128 + 5.25)]))[0]
        assert cell == single
        assert (values == inside).sum() == 128 * 128
        assert file.tags()["ATTRIBUTION"] == "© 南昌"
        assert "nobody" in file.tags()["NODATA_MEANS"]
        assert file.descriptions[0]


def test_the_file_is_cloud_optimised(tmp_path):
    write_geotiff(tmp_path / "r.tif", make_raster(), "best_px_m")
    with rasterio.open(tmp_path / "r.tif") as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.block_shapes == [(2 * BLOCK, 2 * BLOCK)]


@pytest.mark.slow
def test_blocks_far_apart_cost_two_blocks(tmp_path):
    """Half a million columns between two blocks neither fill memory nor the disk."""
    raster = make_raster()
    wide = replace(raster, blocks_at=blocks_of(raster))
    write_geotiff(tmp_path / "w.tif", wide, "cameras")
    assert (tmp_path / "w.tif").stat().st_size < 2_000_000
    with rasterio.open(tmp_path / "w.tif") as file:
        assert file.width == 7_000 * BLOCK
        assert file.overviews(1)
        far = next(file.sample([(EAST + 6_999 * 128 + 5.25, NORTH + 5.25)]))[0]
        assert far == 1


def test_nothing_to_write_is_refused(tmp_path):
    raster = make_raster()
    index = np.zeros((0, 0), int)
    empty = replace(
        raster, blocks_at=raster.blocks_at._replace(**{raster.blocks_at._fields[2]: index})
    )
    with pytest.raises(MismatchError, match="0 x 0 cells, expected 1 to"):
        write_geotiff(tmp_path / "n.tif", empty, "cameras")
    assert list(tmp_path.iterdir()) == []
