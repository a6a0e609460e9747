"""The city as it was read, to look at while it is computed for the first time."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

import pandas as pd
import shapely

from civicsight.maps.basemap import thin_shapes
from civicsight.model import City
from civicsight.presentation.drawing import INK, Canvas, View
from civicsight.presentation.html_safe import safe

WIDTH_PX, HEIGHT_PX = 960, 400
MOST_POINTS: Final = 20_000
"""Corners that are drawn at most: a picture for a minute need not hold every shed."""

MARGIN: Final = 0.05
HOUSE, HOUSE_EDGE = "#d8d2c6", "#8a8272"
PLACE, PLACE_EDGE = "#9cc5e6", "#0072B2"
CAMERA_PX: Final = 2.5


def draw_city(city: City, label: str, *, cameras: bool) -> str:
    """Draw buildings, mandatory places and, if asked for, cameras, as markup of an image.

    The page takes drawings out of markup that it is given, but for those that are images.

    Parameters
    ----------
    city
        As it was read; nothing is computed.
    label
        What the picture shows, in words.
    cameras
        Whether who looks may see all of them.
    """
    canvas = Canvas(WIDTH_PX, HEIGHT_PX)
    view = _view_of(city)
    focus = pd.concat([city.cameras.geometry, city.places.geometry])
    for frame, fill, edge, opacity in (
        (city.places, PLACE, PLACE_EDGE, 0.5),
        (city.buildings, HOUSE, HOUSE_EDGE, 1.0),
    ):
        for shape in thin_shapes(frame.geometry, focus, MOST_POINTS).shapes:
            canvas.shape(view, shape, fill, edge, opacity=opacity, width=0.6)
    for point in city.cameras.geometry if cameras else ():
        x, y = view.at(point.x, point.y)
        corners = [(x - CAMERA_PX, y), (x, y - CAMERA_PX), (x + CAMERA_PX, y), (x, y + CAMERA_PX)]
        canvas.area(corners, INK, "#ffffff", width=0.5)
    drawn = b64encode(canvas.svg_file(label)).decode()
    return f'<img alt="{safe(label)}" style="width: 100%" src="data:image/svg+xml;base64,{drawn}">'


def _view_of(city: City) -> View:
    """Return the view that holds the whole city in the middle."""
    west, south, east, north = shapely.bounds(city.extent)
    wide, high = (max(span * (1.0 + 2.0 * MARGIN), 1.0) for span in (east - west, north - south))
    scale = min(WIDTH_PX / wide, HEIGHT_PX / high)
    x, y, half_wide, half_high = (
        *((west + east) / 2, (south + north) / 2),
        *(WIDTH_PX / scale / 2, HEIGHT_PX / scale / 2),
    )
    window = shapely.box(x - half_wide, y - half_high, x + half_wide, y + half_high)
    return View(x - half_wide, y + half_high, scale, window)
