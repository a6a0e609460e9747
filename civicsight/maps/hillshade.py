"""The relief as light and shadow under a map, computed when a browser asks for a tile."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image
from pyproj import CRS

from civicsight.maps.coverage_tiles import pixel_places
from civicsight.maps.own_basemaps import KINDS, Picture
from civicsight.model.terrain import Terrain

SUN_AZIMUTH_DEG: Final = 315.0
SUN_HEIGHT_DEG: Final = 45.0
"""Light from the north-west, as on printed maps."""

STRENGTH: Final = 0.5
WHITE: Final = 255


@dataclass(frozen=True, slots=True, eq=False)
class Hillshade:
    """Shaded relief of a city.

    Parameters
    ----------
    terrain
        Heights [m] in the working CRS.
    crs
        The working CRS, in metres.
    """

    terrain: Terrain
    crs: CRS

    def tile(self, z: int, x: int, y: int) -> Picture | None:
        """Return a PNG of shadow and light, clear on level ground; None where no height is known.

        References
        ----------
        Burrough and McDonnell, Principles of Geographical Information Systems (1998), 8.3: the
        cosine of the angle between the sun and the normal of the surface.
        """
        east, north = pixel_places(self.crs, z, x, y)
        step, height = self.terrain.step, self.terrain.height_at
        along = (height(east + step, north) - height(east - step, north)) / (2.0 * step)
        across = (height(east, north + step) - height(east, north - step)) / (2.0 * step)
        known = np.isfinite(along) & np.isfinite(across)
        if not known.any():
            return None
        azimuth, up = np.radians(SUN_AZIMUTH_DEG), np.radians(SUN_HEIGHT_DEG)
        towards = -(along * np.sin(azimuth) + across * np.cos(azimuth)) * np.cos(up)
        light = (np.sin(up) + towards) / np.sqrt(1.0 + along**2 + across**2)
        lighter = np.where(known, np.maximum(light, 0.0) - np.sin(up), 0.0) * STRENGTH
        alpha = np.rint(np.abs(lighter) * WHITE).clip(0, WHITE).astype(np.uint8)
        grey = np.where(lighter > 0.0, WHITE, 0).astype(np.uint8)
        memory = io.BytesIO()
        Image.fromarray(np.stack([grey, alpha], axis=-1), "LA").save(memory, "png")
        return memory.getvalue(), KINDS["png"]
