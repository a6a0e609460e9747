"""What can be chosen in the 3D view, as plain numbers: signs where things stand, views of heads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from civicsight.coverage.check import MAP_READING
from civicsight.coverage.standing import directions_of
from civicsight.maps.encode import lon_lat
from civicsight.maps.prisms import Window, ground_at, known_ground, level_of, look_out
from civicsight.model import City
from civicsight.model.terrain import Terrain
from civicsight.presentation.names import Names
from civicsight.presentation.symbols import CAMERA_STYLES

FALLBACK_M: Final = 3.0
"""Where the sign of a camera stands that has no head [m]."""

MAX_TEXT: Final = 120

Arrays = dict[str, npt.NDArray[Any]]


def edited_solid(
    cameras: gpd.GeoDataFrame, heads: gpd.GeoDataFrame, names: Names, city: City, window: Window
) -> dict[str, Any]:
    """Write down cameras that differ from a document of the view, to be drawn in their place.

    Parameters
    ----------
    cameras, heads
        Rows of tables `model.CAMERAS` and `model.HEADS`; those outside of the window are left out.
    names, city, window
        What they are called, the ground that they stand on, and the window of the document.

    Returns
    -------
    dict
        The header of its cameras, and the arrays of their views as lists.
    """
    titles = {str(label): names.camera(str(label), name) for label, name in cameras["name"].items()}
    terrain, placed = known_ground(city.terrain), inside(cameras, window)
    data, views = mark_cameras(placed, heads, titles, window, terrain)
    return data | {name: array.ravel().tolist() for name, array in views.items()}


def mark_cameras(
    cameras: gpd.GeoDataFrame,
    heads: gpd.GeoDataFrame,
    titles: Mapping[str, str],
    window: Window,
    terrain: Terrain | None,
) -> tuple[dict[str, Any], Arrays]:
    """Return the signs of cameras at the lens, and where their heads look."""
    known = directions_of(heads, cameras.index)
    heads = heads[heads["reading"].eq(MAP_READING) & heads["camera_id"].isin(cameras.index)]
    seen = look_out(gpd.GeoDataFrame(heads), terrain)
    height = heads.groupby("camera_id")["height_m"].first().reindex(cameras.index)
    lens = height.fillna(cameras["height_m"].astype(float)).fillna(FALLBACK_M)
    data = mark(cameras, titles, lens.to_numpy(), window, terrain)
    data["styles"] = list(CAMERA_STYLES.values())
    data["style"] = [list(CAMERA_STYLES).index(name) for name in known]
    order = {label: k for k, label in enumerate(data["ids"])}
    columns = ("azimuth_deg", "tilt_deg", "roll_deg", "hfov_deg", "vfov_deg", "lens")
    data["heads"] = [
        [order[str(row.camera_id)], *(_plain(getattr(row, name)) for name in columns)]
        for row in heads.itertuples()
    ]
    middle = (window.east, window.north, level_of(window, terrain))
    return data, {
        "eyes": (seen.eyes - middle).astype(np.float32),
        "rays": seen.rays.astype(np.float32),
        "ray_m": seen.length_m.astype(np.float32),
    }


def mark(
    table: gpd.GeoDataFrame,
    titles: Mapping[str, str],
    above: npt.NDArray[np.float64],
    window: Window,
    terrain: Terrain | None,
) -> dict[str, Any]:
    """Return what can be chosen: ids, names, and places on the screen and on the globe."""
    spots = shapely.point_on_surface(table.geometry.to_numpy())
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    z = ground_at(x, y, terrain) - level_of(window, terrain)
    ids = [str(label) for label in table.index]
    return {
        "ids": ids,
        "titles": [titles[label][:MAX_TEXT] for label in ids],
        "at": np.column_stack([x - window.east, y - window.north, z + above]).round(2).tolist(),
        "foot": z.round(2).tolist(),
        "degrees": lon_lat(gpd.GeoSeries(spots, crs=table.crs)) if len(table) else [],
    }


def inside(table: gpd.GeoDataFrame, window: Window) -> gpd.GeoDataFrame:
    """Return the rows whose point on the shape lies in a window."""
    spots = shapely.point_on_surface(table.geometry.to_numpy())
    west, south, east, north = window.bounds
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    with np.errstate(invalid="ignore"):
        kept = (x > west) & (x < east) & (y > south) & (y < north)
    return gpd.GeoDataFrame(table[kept])


def _plain(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value
