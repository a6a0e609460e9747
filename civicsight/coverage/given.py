"""What may be given in place of a table: cameras instead of heads, points instead of samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.errors import CrsError, MismatchError
from civicsight.coverage.camera import Camera
from civicsight.model import HEADS, SAMPLES

Cameras: TypeAlias = gpd.GeoDataFrame | Camera | Sequence[Camera]
"""Table `model.HEADS`, one camera, or several in one CRS."""

Points: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | Sequence[Any]
"""Table `model.SAMPLES`; or plain points: a GeoSeries, a table of geometry and ``height_m``,
shapely points, or pairs ``(x, y)`` or triples with the height above the ground."""

POINT = "point"
"""Part that a plain point stands for."""


def as_heads(cameras: Cameras, crs: CRS) -> gpd.GeoDataFrame:
    """Return cameras as table `model.HEADS`; those of a list are called ``camera 1`` and so on.

    Raises
    ------
    MismatchError
        If something is neither a table nor a camera.
    CrsError
        If cameras of a list are in different CRSs.
    """
    if isinstance(cameras, gpd.GeoDataFrame):
        return cameras
    if isinstance(cameras, Camera):
        return cameras.as_heads()
    listed = list(cameras)
    for place, camera in enumerate(listed, start=1):
        if not isinstance(camera, Camera):
            msg = (
                f"camera {place} is {type(camera).__name__}, expected civicsight.Camera: "
                "give a list of cameras, or the table model.HEADS"
            )
            raise MismatchError(msg)
        if camera.crs != listed[0].crs:
            msg = (
                f"camera {place} is in {camera.crs}, the first in {listed[0].crs}: "
                "give all in the CRS of the scene"
            )
            raise CrsError(msg)
    if not listed:
        return gpd.GeoDataFrame(HEADS.empty(crs))
    names = [f"camera {place}" for place in range(1, len(listed) + 1)]
    table = pd.concat([camera.as_heads() for camera in listed])
    table = table.set_axis(names).assign(camera_id=names)
    return gpd.GeoDataFrame(HEADS.complete(gpd.GeoDataFrame(table, crs=listed[0].crs)))


def as_samples(points: Points, crs: CRS, height_m: float) -> gpd.GeoDataFrame:
    """Return points as table `model.SAMPLES`.

    Parameters
    ----------
    crs
        Of points that name none.
    height_m
        Above the ground, of points that have no height of their own.

    Raises
    ------
    MismatchError
        If something is not a point.
    """
    if isinstance(points, gpd.GeoDataFrame):
        if set(points.columns) - {"height_m", points.geometry.name}:
            return points  # whatever else it lacks is for its declaration to say
        return _plain(points.geometry, points.get("height_m", height_m))
    if isinstance(points, gpd.GeoSeries):
        return _plain(points, height_m)
    shapes, heights = [], []
    for place, point in enumerate(points, start=1):
        xyz = shapely.get_coordinates(point, include_z=True)[0] if _is_point(point) else point
        try:
            x, y, z = (float(value) for value in (*xyz, np.nan)[: max(3, len(xyz))])
        except (TypeError, ValueError) as error:
            msg = f"target {place} is {point!r}, expected a point, (x, y) or (x, y, height)"
            raise MismatchError(msg) from error
        shapes.append((x, y))
        heights.append(height_m if np.isnan(z) else z)
    series = gpd.GeoSeries(shapely.points(np.reshape(shapes, (-1, 2))), crs=crs)
    return _plain(series, np.array(heights, np.float64))


def _is_point(value: object) -> bool:
    return isinstance(value, shapely.Point) and not value.is_empty


def _plain(points: gpd.GeoSeries, height_m: Any) -> gpd.GeoDataFrame:
    """Lay points out as samples that nobody asks a density of."""
    columns = {"part_id": POINT, "height_m": height_m, "need_px_m": 0.0, "weight": 1.0}
    table = gpd.GeoDataFrame(
        pd.DataFrame(columns, index=points.index), geometry=points.to_numpy(), crs=points.crs
    )
    return gpd.GeoDataFrame(SAMPLES.complete(table))
