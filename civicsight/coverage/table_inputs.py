"""What may be given in place of a table: cameras instead of heads, points instead of samples."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.column import identifier
from civicsight.core.errors import CrsError, MismatchError
from civicsight.core.table import Table
from civicsight.coverage.camera import Camera
from civicsight.coverage.pose.image import Record, lens_of
from civicsight.coverage.privacy.masks import COLUMN
from civicsight.model import HEADS, SAMPLES

Cameras: TypeAlias = pd.DataFrame | Camera | Sequence[Camera]
"""Table `model.HEADS`, one camera, or several in one CRS; or rows of a city's cameras, or a plain
frame of places and poses (see `PLAIN`)."""

Points: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | Sequence[Any]
"""Table `model.SAMPLES`; or plain points: a GeoSeries, a table of geometry and ``height_m``,
shapely points, or pairs ``(x, y)`` or triples with the height above the ground."""

POINT = "point"
"""Part that a plain point stands for."""

OF_HEADS: Final = ("camera_id", "reading")
"""Columns by which a table of heads is told from rows of cameras."""

GIVEN: Final = ("azimuth_deg", "height_m")
"""Columns without which a row says nothing of where a camera looks; one value may be unknown."""

PLAIN: Final = Table(
    "cameras",
    identifier("camera_id"),
    "Point",
    tuple(
        replace(column, required=column.name in GIVEN, nullable=True)
        for column in HEADS
        if column.name in Camera.__dataclass_fields__
    ),
)
"""Places and poses: what a `Camera` takes, as columns. What is missing is as in `Camera`, but that
``kind``, where a row has it, says the lens, and a fisheye sees as far up as sideways."""

DEFAULTS: Final[Mapping[str, Any]] = {each.name: each.default for each in fields(Camera)}
"""What a `Camera` takes where nothing is said."""

_TAKEN: Final = (*(column.name for column in PLAIN), COLUMN)


def as_heads(cameras: Cameras, crs: CRS) -> gpd.GeoDataFrame:
    """Return cameras as table `model.HEADS`; those of a list are called ``camera 1`` and so on.

    What a frame leaves open is as in `Camera`: a warning says each value and for how many cameras,
    ``assumptions`` says it of each row.

    Raises
    ------
    MismatchError
        If something is neither a table nor a camera, or a frame has no places.
    SchemaError
        If a frame lacks a column of `GIVEN`, or a value is not as declared.
    CrsError
        If cameras of a list are in different CRSs.
    """
    if isinstance(cameras, pd.DataFrame):
        if isinstance(cameras, gpd.GeoDataFrame) and set(OF_HEADS) <= set(cameras.columns):
            return cameras
        return _from_frame(cameras, crs)
    if isinstance(cameras, Camera):
        return cameras.as_heads()
    if not isinstance(cameras, Iterable):
        msg = (
            f"cameras are {type(cameras).__name__}, expected a list of cameras, rows of a city's "
            "cameras, or a frame of x, y, azimuth_deg and height_m"
        )
        raise MismatchError(msg)
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


def _from_frame(frame: pd.DataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Return rows of places and poses as heads, what they leave open as in `Camera`."""
    bare = pd.DataFrame(frame[[name for name in frame.columns if name != "geometry"]])
    own = gpd.GeoDataFrame(bare, geometry=_places(frame), crs=getattr(frame, "crs", None) or crs)
    PLAIN.check(own)
    taken = [*(name for name in _TAKEN if name in bare.columns), "geometry"]
    heads = gpd.GeoDataFrame(PLAIN.complete(gpd.GeoDataFrame(own[taken])))
    if "kind" in frame.columns:
        angles = heads["hfov_deg"].fillna(DEFAULTS["hfov_deg"])
        lenses = [
            lens_of(Record(kind=kind, hfov_deg=angle)) if isinstance(kind, str) else None
            for kind, angle in zip(frame["kind"], angles, strict=True)
        ]
        heads["lens"] = heads["lens"].where(heads["lens"].notna(), lenses)
    is_fisheye = heads["lens"].eq("equidistant")
    heads["vfov_deg"] = heads["vfov_deg"].fillna(heads["hfov_deg"].where(is_fisheye))
    assumed: list[dict[str, object]] = [{} for _ in range(len(heads))]
    for column in PLAIN:
        value = DEFAULTS[column.name]
        is_open = heads[column.name].isna()
        for row in np.flatnonzero(is_open):
            assumed[row][column.name] = value
        heads[column.name] = heads[column.name].mask(is_open, value)
    heads["assumptions"] = pd.Series(assumed, heads.index, dtype=object)
    if any(assumed):
        warnings.warn(
            f"assumed, for the cameras do not say: {describe_assumed(assumed)}", stacklevel=4
        )
    return gpd.GeoDataFrame(HEADS.complete(heads.assign(camera_id=heads.index, reading="sure")))


def describe_assumed(assumed: Iterable[Mapping[str, object]]) -> str:
    """Return assumed values in one line: column, value, and of how many cameras."""
    counts = Counter(pair for one in assumed for pair in one.items())
    return ", ".join(
        f"{name} {f'{value:g}' if isinstance(value, float) else value} "
        f"({count:,} camera{'s' if count > 1 else ''})"
        for (name, value), count in counts.items()
    )


def _places(frame: pd.DataFrame) -> Any:
    """Return the points of a frame: its geometry, or its columns ``x`` and ``y``."""
    if isinstance(frame, gpd.GeoDataFrame):
        return frame.geometry.to_numpy()
    if not {"x", "y"} <= set(frame.columns):
        found = ", ".join(map(str, frame.columns))
        msg = (
            f"cameras have the columns {found}; expected a geometry of points, or columns x and y "
            "in the CRS of the scene"
        )
        raise MismatchError(msg)
    for name in ("x", "y"):
        numbers = pd.to_numeric(frame[name], errors="coerce")
        bad = np.flatnonzero(~np.isfinite(numbers))
        if len(bad):
            label, found = frame.index[bad[0]], frame[name].iloc[bad[0]]
            msg = (
                f"camera {label}, {name} is {found!r}; expected a coordinate in the CRS of the "
                f"scene ({len(bad):,} such rows)"
            )
            raise MismatchError(msg)
    return gpd.points_from_xy(pd.to_numeric(frame["x"]), pd.to_numeric(frame["y"]))


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
        xyz = (
            shapely.get_coordinates(point, include_z=True)[0]
            if (isinstance(point, shapely.Point) and not point.is_empty)
            else point
        )
        try:
            x, y, z = (float(value) for value in (*xyz, np.nan)[: max(3, len(xyz))])
        except (TypeError, ValueError) as error:
            msg = f"target {place} is {point!r}, expected a point, (x, y) or (x, y, height)"
            raise MismatchError(msg) from error
        shapes.append((x, y))
        heights.append(height_m if np.isnan(z) else z)
    series = gpd.GeoSeries(shapely.points(np.reshape(shapes, (-1, 2))), crs=crs)
    return _plain(series, np.array(heights, np.float64))


def _plain(points: gpd.GeoSeries, height_m: Any) -> gpd.GeoDataFrame:
    """Lay points out as samples that nobody asks a density of."""
    columns = {"part_id": POINT, "height_m": height_m, "need_px_m": 0.0, "weight": 1.0}
    table = gpd.GeoDataFrame(
        pd.DataFrame(columns, index=points.index), geometry=points.to_numpy(), crs=points.crs
    )
    return gpd.GeoDataFrame(SAMPLES.complete(table))
