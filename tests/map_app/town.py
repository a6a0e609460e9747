"""The town of the tests of the map."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from tests.result_factory import make_result

COPIES = 60

HOSTILE_LABEL = (
    "<img src=x onerror=\"window.ran='img'\">{{7*7}}${window.ran='tpl'}</script>"
    "<script>window.ran='script'</script>"
)


def make_project(label):
    return make_result(label)


def make_dense(label):
    """Return the town with so many cameras that their signs hide each other from afar."""
    result = make_result(label)
    shift = np.random.default_rng(7).uniform(-20, 20, (COPIES, 2))
    copies = [
        result.cameras.set_geometry(result.cameras.geometry.translate(east, north)).set_axis(
            [f"{camera}-{k}" for camera in result.cameras.index]
        )
        for k, (east, north) in enumerate(shift)
    ]
    cameras = pd.concat([result.cameras, *copies])
    result.cameras = gpd.GeoDataFrame(cameras, crs=result.cameras.crs)
    return result
