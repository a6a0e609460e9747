"""The relief under the map: light of a slope, none on level ground, nothing where none is known."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from pyproj import CRS

from civicsight.maps.hillshade import STRENGTH, Hillshade
from civicsight.model.terrain import Terrain
from tests.test_maps_own_basemaps import tile_of

UTM = CRS("EPSG:32650")
WEST, SOUTH, NODES, STEP = 386_000.0, 3_175_000.0, 101, 10.0
HERE, _ = tile_of(WEST + 500, SOUTH + 500, 18)


def shade(rise_east, rise_north, unknown=None):
    along = np.arange(NODES) * STEP
    z = rise_east * along + rise_north * along[:, None]
    if unknown is not None:
        z[unknown] = np.nan
    return Hillshade(Terrain(z, WEST, SOUTH, STEP), UTM)


def pixels_of(picture):
    return np.asarray(Image.open(io.BytesIO(picture[0])).convert("LA"), float)


@pytest.mark.parametrize("rise", [(0.0, 0.0), (0.3, 0.0), (0.0, -0.5), (-0.4, 0.4), (2.0, -2.0)])
def test_a_slope_is_as_light_as_its_normal_turns_to_the_sun(rise):
    sun = np.array([-0.5, 0.5, np.sqrt(0.5)])  # from the north-west, halfway up
    normal = np.array([-rise[0], -rise[1], 1.0])
    light = max(0.0, float(sun @ normal / np.linalg.norm(normal)))
    wanted = (light - np.sqrt(0.5)) * STRENGTH * 255
    grey, alpha = np.moveaxis(pixels_of(shade(*rise).tile(*HERE)), -1, 0)
    assert np.abs(np.where(grey > 0, alpha, -alpha) - wanted).max() <= 1.0


def test_nothing_is_drawn_where_no_height_is_known():
    far, _ = tile_of(WEST + 5_000, SOUTH + 500, 18)
    assert shade(0.3, 0.0).tile(*far) is None
    half = shade(0.3, 0.0, unknown=(slice(None), slice(50, None)))
    near, _ = tile_of(WEST + 495, SOUTH + 500, 17)
    alpha = pixels_of(half.tile(*near))[..., 1]
    assert (alpha == 0).any()
    assert (alpha > 0).any()
