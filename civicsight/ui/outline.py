"""The city as it was read, and rows over it, to look at before anything is computed."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from civicsight.core.html_safe import safe
from civicsight.core.hues import INK
from civicsight.maps.basemap import thin_shapes
from civicsight.model import City
from civicsight.presentation.drawing import Canvas, View, view_of

if TYPE_CHECKING:
    from civicsight.io.datum_readings import Reading

WIDTH_PX, HEIGHT_PX = 960, 400
MOST_POINTS: Final = 20_000
"""Corners that are drawn at most: a picture for a minute need not hold every shed."""

MARGIN: Final = 0.05
HOUSE, HOUSE_EDGE = "#d8d2c6", "#8a8272"
PLACE, PLACE_EDGE = "#9cc5e6", "#0072B2"
ROAD, INSIDE = "#b9b3a6", "#b0006d"
CAMERA_PX, INSIDE_PX = 2.5, 5.0
ROWS_PX, ROWS_M = 420, 500.0
"""Side of a picture of rows [px], and of what it shows [m]."""


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
        _mark(canvas, view, point, INK, CAMERA_PX)
    return as_image(canvas, label)


def draw_rows(city: City, reading: Reading, at: int, label: str) -> str:
    """Draw where rows lie over buildings and roads about one of them, as markup of an image.

    Parameters
    ----------
    city
        Whose buildings and roads are drawn.
    reading
        Where the rows lie; those inside of buildings are drawn in another colour and form.
    at
        Number of the row in the middle.
    label
        What the picture shows, in words.
    """
    canvas = Canvas(ROWS_PX, ROWS_PX)
    middle = reading.places[at]
    view = view_of(middle.x, middle.y, ROWS_M, ROWS_PX)
    for frame, fill, edge, width in (
        (city.roads, "", ROAD, 1.5),
        (city.buildings, HOUSE, HOUSE_EDGE, 0.6),
    ):
        for shape in frame.geometry.iloc[frame.sindex.query(view.window)]:
            canvas.shape(view, shape, fill, edge, width=width)
    seen = shapely.STRtree(reading.places).query(view.window)
    for row in seen[np.argsort(reading.inside[seen], kind="stable")]:
        look = (INSIDE, INSIDE_PX) if reading.inside[row] else (PLACE_EDGE, CAMERA_PX + 1)
        _mark(canvas, view, reading.places[row], *look)
    return as_image(canvas, label)


def _mark(canvas: Canvas, view: View, point: Any, colour: str, size_px: float) -> None:
    """Paint a point as a diamond."""
    x, y = view.at(point.x, point.y)
    corners = [(x - size_px, y), (x, y - size_px), (x + size_px, y), (x, y + size_px)]
    canvas.area(corners, colour, "#ffffff", width=0.5)


def as_image(canvas: Canvas, label: str) -> str:
    """Return a drawing as an image: the page takes other drawings out of what it is given."""
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
