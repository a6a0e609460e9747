"""Tiles of raster side by side are the raster of the whole; their catalogue is one of STAC."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio

from civicsight.coverage.check import check
from civicsight.region.gather import import_region, origin_of_city, pieces_of_city
from civicsight.region.run import check_region
from tests.region_made import Here, random_town

CELL_M = 2.0


@pytest.mark.slow
def test_tiles_side_by_side_are_the_raster_of_the_whole(tmp_path):
    city = random_town(6, side_m=600.0, places=4, cameras=10)
    whole = check(city, cell_m=CELL_M).raster
    region = import_region(pieces_of_city(city), origin_of_city(city, 250.0), tmp_path / "r")
    found = check_region(region, tmp_path / "out", executor=Here(), cell_m=CELL_M)
    assert not found.refused
    folder = tmp_path / "out" / "rasters"
    catalogue = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    assert catalogue["stac_version"] == "1.0.0"
    items = [link["href"] for link in catalogue["links"] if link["rel"] == "item"]
    assert len(items) > 1
    seen = 0
    for href in items:
        item = json.loads((folder / href).read_text(encoding="utf-8"))
        assert {"type", "stac_version", "id", "geometry", "bbox", "properties", "links",
                "assets"} <= item.keys()  # fmt: skip
        with rasterio.open(folder / item["assets"]["cameras"]["href"]) as file:
            count, bounds = file.read(1), tuple(file.bounds)
        with rasterio.open(folder / item["assets"]["best_px_m"]["href"]) as file:
            best = file.read(1)
        dense, heads, _, _ = whole.to_dense(bounds)
        lit = count > 0
        assert np.array_equal(count[lit], heads[lit])
        assert np.array_equal(best[lit], dense[lit])
        seen += int(lit.sum())
    assert seen == int((whole.count > 0).sum())

    again = check_region(region, tmp_path / "out", executor=Here(), cell_m=CELL_M)
    assert not again.parts["computed"].any()
