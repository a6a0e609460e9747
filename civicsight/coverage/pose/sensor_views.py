"""From camera records to heads: where each camera looks, in each of three readings.

Most inventories give no directions. What the record says is *sure*, what follows from its place
and build is *assumed* and named, and all that the camera could see is *possible*.

References
----------
Articles 7 and 8: only what is sure is credited. Article 9: what is possible is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite, nan
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray, distinct_rows
from civicsight.core.errors import InputError, SchemaError
from civicsight.core.values import as_flag
from civicsight.coverage.faults import fault
from civicsight.coverage.optics.rigs import Preset, read_presets
from civicsight.coverage.pose.assumptions import (
    ENTRANCE_RANGE_M,
    JUNCTION_RANGE_M,
    LEAST_USE_PX_M,
    LONGEST_REACH_M,
    USUAL_RANGE_M,
    confidence_of,
)
from civicsight.coverage.pose.confidence_levels import assumed_views, possible_views, sure_views
from civicsight.coverage.pose.image import Record, View, or_else
from civicsight.coverage.pose.placement import place_cameras
from civicsight.coverage.privacy.masks import COLUMN, read_masks
from civicsight.model import CAMERAS, HEADS, READINGS
from civicsight.rules import Rules
from civicsight.rules.criteria import DETECTION_RANGE, criterion_of

DRIVABLE: Final = frozenset(
    {
        "motorway",
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
        "living_street",
        "pedestrian",
        "motorway_link",
        "trunk_link",
        "primary_link",
        "secondary_link",
        "tertiary_link",
    }
)
"""Streets whose meetings are junctions; OSM highway classes."""

PLACED_BY: Final = "placed_by"
"""Tag by which an import says that a row had no coordinates and was placed by its address."""

MAX_HEADS: Final = 16
"""No housing holds more heads than this."""

UNSTATED: Final = {
    "assumed": (USUAL_RANGE_M, "range_by_kind"),
    "possible": (LONGEST_REACH_M, "any_range"),
}
"""Range of a camera that is judged by one of which none is stated, and what that stands on."""

VIEWS: Final[Mapping[str, Callable[[Record], tuple[View, ...]]]] = {
    "sure": sure_views,
    "assumed": assumed_views,
    "possible": possible_views,
}


def read_heads(
    cameras: gpd.GeoDataFrame,
    *,
    buildings: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None = None,
    entrances: gpd.GeoDataFrame | None = None,
    rules: Rules | None = None,
) -> gpd.GeoDataFrame:
    """Read every camera in use in three ways.

    Parameters
    ----------
    cameras
        Table `model.CAMERAS`, placed by `place_cameras` or not yet.
    buildings, roads, entrances
        Tables of the city: walls to look away from, junctions and entrances to look at.
    rules
        Packs: a view without a recorded reach is followed to the lowest density they speak of, at
        least to `LEAST_USE_PX_M`.

    Returns
    -------
    GeoDataFrame
        Table `model.HEADS`, and ``duty`` (share of time that a preset is held), ``edge_gain`` (see
        `image.View`), ``night_reach_m`` and, if any camera has one, ``mask_plan`` and
        ``detection_range_m`` (of heads that are judged by it, not by their pixels). A camera that
        is indoors, removed or out of use has no heads; one whose record is incomplete has none in
        the reading ``sure``.

    Raises
    ------
    SchemaError, CrsError
        If a table is not as declared, or the CRSs differ.
    InputError
        If a mask cannot be read.
    """
    if "placed" not in cameras.columns:
        cameras = place_cameras(cameras, buildings)
    used = cameras[is_in_use(cameras)]
    _require_range(used)
    least = LEAST_USE_PX_M if rules is None else min(LEAST_USE_PX_M, rules.least_px_m)
    records = _records(used, buildings, roads, entrances, least)
    rows: list[dict[str, Any]] = []
    places = []
    for position, (camera_id, record) in enumerate(zip(used.index, records, strict=True)):
        for reading in READINGS:
            for number, view in enumerate(_views(reading, record)):
                rows.append(_row(str(camera_id), reading, number, view))
                places.append(position)
    return _table(rows, used, np.asarray(places, np.int64))


def is_in_use(cameras: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Tell which cameras count: outdoors as placed, not removed, not known to be out of use."""
    removed = cameras.get("status", pd.Series(None, cameras.index)).eq("removed")
    placed = cameras.get("placed", pd.Series("kept", cameras.index))
    indoor = ~placed.isin(["kept", "moved"])
    used: npt.NDArray[np.bool_] = ~(removed | is_out_of_use(cameras) | indoor).to_numpy(bool)
    return used


def is_out_of_use(cameras: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Tell which cameras are on record as not working."""
    broken = cameras.get("usable", pd.Series(None, cameras.index)).map(_is_false)
    return np.asarray(broken, bool)


def find_junctions(roads: gpd.GeoDataFrame | None) -> npt.NDArray[np.object_]:
    """Find the points at which at least three arms of drivable streets meet."""
    if roads is None or roads.empty:
        return np.zeros(0, object)
    lines = roads.geometry.to_numpy()[roads["kind"].isin(DRIVABLE).to_numpy()]
    xy, line = shapely.get_coordinates(shapely.force_2d(lines), return_index=True)
    if not len(xy):
        return np.zeros(0, object)
    inner_start = np.r_[False, line[1:] == line[:-1]]
    inner_end = np.r_[line[1:] == line[:-1], False]
    spots, at = distinct_rows(xy.round(3))
    arms = np.bincount(at, weights=inner_start.astype(int) + inner_end.astype(int))
    points: npt.NDArray[np.object_] = shapely.points(spots[arms >= 3])
    return points


def _is_false(value: object) -> bool:
    return as_flag(value) is False


def _points(table: gpd.GeoDataFrame | None) -> npt.NDArray[np.object_]:
    return np.zeros(0, object) if table is None else table.geometry.to_numpy()


def _towards(
    cameras: gpd.GeoDataFrame, targets: npt.NDArray[np.object_], between_m: tuple[float, float]
) -> FloatArray:
    """Return the azimuth to the nearest target within a range, NaN without one.

    Of a camera on a wall only what lies in front of the wall counts.
    """
    azimuth = np.full(len(cameras), np.nan)
    if not len(targets) or not len(cameras):
        return azimuth
    nearest, farthest = between_m
    points = cameras.geometry.to_numpy()
    camera, target = shapely.STRtree(targets).query(points, predicate="dwithin", distance=farthest)
    step = shapely.get_coordinates(targets[target]) - shapely.get_coordinates(points[camera])
    distance = np.hypot(step[:, 0], step[:, 1])
    bearing = np.degrees(np.arctan2(step[:, 0], step[:, 1])) % 360.0
    facade = cameras["facade_deg"].to_numpy(np.float64)[camera]
    off_wall = np.abs((bearing - facade + 180.0) % 360.0 - 180.0)
    fits = (distance >= nearest) & ~(off_wall >= 90.0)
    camera, distance, bearing = camera[fits], distance[fits], bearing[fits]
    order = np.lexsort((bearing, distance, camera))
    first = order[np.diff(camera[order], prepend=-1) != 0]
    azimuth[camera[first]] = bearing[first]
    return azimuth


def _records(
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None,
    entrances: gpd.GeoDataFrame | None,
    least_px_m: float,
) -> list[Record]:
    """Gather what is known of each camera and of its surroundings."""
    numbers = (
        "height_m",
        "azimuth_deg",
        "tilt_deg",
        "hfov_deg",
        "vfov_deg",
        "width_px",
        "height_px",
        "reach_m",
        "detection_range_m",
    )
    columns: dict[str, Any] = {name: _number(cameras, name, np.nan) for name in numbers}
    columns["roll_deg"] = _number(cameras, "roll_deg", 0.0)
    columns["near_m"] = _number(cameras, "near_m", 0.0)
    columns["shift_m"] = _number(cameras, "shift_m", 0.0)
    pole: npt.NDArray[np.bool_] = (
        cameras.get("mount", pd.Series(None, cameras.index)).eq("pole").to_numpy(bool)
    )
    columns["facade_deg"] = np.where(pole, np.nan, cameras["facade_deg"].to_numpy(np.float64))
    roofs = pd.to_numeric(buildings["height_m"])
    columns["roof_m"] = roofs.reindex(cameras["host"].to_numpy(object)).to_numpy(np.float64)
    columns["entrance_deg"] = _towards(cameras, _points(entrances), ENTRANCE_RANGE_M)
    columns["junction_deg"] = _towards(cameras, find_junctions(roads), JUNCTION_RANGE_M)
    for name in ("kind", "mount"):
        values = cameras.get(name, pd.Series(None, cameras.index)).astype(object)
        columns[name] = values.where(values.notna(), "unknown").to_numpy()
    columns["least_px_m"] = np.full(len(cameras), least_px_m)
    tags = cameras.get("tags", pd.Series(None, cameras.index)).to_numpy(object)
    columns["presets"] = [_presets(tag) for tag in tags]
    columns["heads"] = [_head_count(tag) for tag in tags]
    columns["sector_deg"] = [_sector(tag) for tag in tags]
    columns["by_address"] = [isinstance(tag, Mapping) and bool(tag.get(PLACED_BY)) for tag in tags]
    names = list(columns)
    return [
        Record(**dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True)
    ]


def _views(reading: str, record: Record) -> tuple[View, ...]:
    """Return the views of a camera, but for those whose assumed range ends before their focus.

    Of one that was placed by its address nothing is sure: it hangs near there.
    """
    ranged, notes = _ranged(reading, record)
    if ranged is None:
        return ()
    views = tuple(view for view in VIEWS[reading](ranged) if view.near_m < view.reach_m)
    if isfinite(ranged.detection_range_m):
        views = tuple(
            replace(
                view,
                detection_range_m=ranged.detection_range_m,
                assumptions=(*view.assumptions, *notes),
            )
            for view in views
        )
    if not record.by_address:
        return views
    if reading == READINGS[0]:
        return ()
    return tuple(
        replace(view, assumptions=(*view.assumptions, "placed_by_address")) for view in views
    )


def _ranged(reading: str, record: Record) -> tuple[Record | None, tuple[str, ...]]:
    """Let the stated range of a camera that is judged by one end its view; None without any.

    The range of another camera is of no account.
    """
    if criterion_of(record.kind) is not DETECTION_RANGE:
        stated = record.detection_range_m
        return (replace(record, detection_range_m=nan) if isfinite(stated) else record), ()
    stated = record.detection_range_m
    notes: tuple[str, ...] = ()
    if not isfinite(stated):
        if reading not in UNSTATED:
            return None, ()
        stated, note = UNSTATED[reading]
        notes = (note,)
    reach = min(or_else(record.reach_m, stated), stated)
    return replace(record, detection_range_m=stated, reach_m=reach), notes


def _require_range(cameras: gpd.GeoDataFrame) -> None:
    """Refuse records by which a camera sees only beyond the end of its view."""
    near, reach = _number(cameras, "near_m", 0.0), _number(cameras, "reach_m", np.inf)
    faults = [
        fault(
            "camera.near",
            CAMERAS.name,
            str(cameras.index[row]),
            "near_m",
            str(near[row]),
            reach=reach[row],
        )
        for row in np.flatnonzero(near >= reach)
    ]
    if faults:
        raise SchemaError(faults)


def _number(cameras: gpd.GeoDataFrame, name: str, default: float) -> FloatArray:
    if name not in cameras.columns:
        return np.full(len(cameras), default)
    values = pd.to_numeric(cameras[name]).to_numpy(np.float64)
    return np.where(np.isnan(values), default, values)


def _presets(tags: object) -> tuple[Preset, ...]:
    """Read the tour of a camera; one that cannot be read credits nothing."""
    text = tags.get("presets") if isinstance(tags, Mapping) else None
    if not text:
        return ()
    try:
        return read_presets(str(text))
    except InputError:
        return ()


def _sector(tags: object) -> float:
    text = tags.get("direction_sector_deg") if isinstance(tags, Mapping) else None
    found = re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", str(text))
    value = float(found[0]) if found else nan
    return value if value < 360.0 else nan


def _head_count(tags: object) -> int:
    text = tags.get("heads") if isinstance(tags, Mapping) else None
    if not text or not str(text).isdecimal() or len(str(text)) > 2:
        return 0
    return min(int(text), MAX_HEADS)


def _row(camera_id: str, reading: str, number: int, view: View) -> dict[str, Any]:
    fields = {name: getattr(view, name) for name in View.__slots__}
    return {
        "head_id": f"{camera_id}/{reading}/{number}",
        "camera_id": camera_id,
        "reading": reading,
        **fields,
        "confidence": confidence_of(view.assumptions),
    }


def _table(
    rows: list[dict[str, Any]], cameras: gpd.GeoDataFrame, places: npt.NDArray[np.int64]
) -> gpd.GeoDataFrame:
    if not rows:
        empty = HEADS.empty(cameras.crs)
        return empty.assign(
            **dict.fromkeys(("duty", "edge_gain", "night_reach_m"), pd.Series(dtype=float))
        )
    frame = pd.DataFrame(rows).set_index("head_id")
    frame["shift_m"] = cameras["shift_m"].to_numpy()[places]
    frame["host"] = cameras["host"].to_numpy(object)[places]
    ranged = frame[DETECTION_RANGE.column]
    # What sees by warmth needs no light.
    light = _number(cameras, "night_reach_m", np.nan)[places]
    frame["night_reach_m"] = np.where(ranged.isna(), light, ranged)
    if ranged.isna().all():
        frame = frame.drop(columns=DETECTION_RANGE.column)
    if read_masks(cameras):
        frame[COLUMN] = cameras[COLUMN].to_numpy(object)[places]
    heads = gpd.GeoDataFrame(frame, geometry=cameras.geometry.to_numpy()[places], crs=cameras.crs)
    complete: gpd.GeoDataFrame = HEADS.complete(heads)
    return complete
