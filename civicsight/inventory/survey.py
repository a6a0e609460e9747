"""What is to be looked at on site, as a walk: doubtful records, planned points, gates, places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, Text
from civicsight.coverage.demand.numbers import gate_ids
from civicsight.coverage.result import NOT_JUDGED, CheckResult, is_presumed, partition
from civicsight.inventory.streets import street_names
from civicsight.inventory.walk import order_walk

STOPS: Final[Mapping[str, Text]] = {
    "record": N_("camera whose record is incomplete"),
    "planned": N_("planned point"),
    "gate": N_("gate that nobody has confirmed"),
    "place": N_("place that could not be judged"),
}
"""Kinds of stops."""

OF_CAMERAS: Final = ("record", "planned")
"""Stops whose results come back by the list; gates have a list of their own."""

GATES: Final = "gates.xlsx"
"""File of the list in which gates are answered, beside that of the cameras."""

SHEET: Final = N_("Results")
"""What the sheet of a workbook is called that is filled in, in all languages."""

NO_VIEW: Final = "no_view"
"""What stands in the place of an assumption where a record gives no view at all."""

COLUMNS: Final = ("kind", "subject", "name", "street", "assumed")
PLANNED: Final = ("planned", "approved")
DIGITS: Final = 3
"""Of a place in metres, so that a walk is the same on every machine."""


def survey_stops(result: CheckResult, kinds: Iterable[str] = tuple(STOPS)) -> gpd.GeoDataFrame:
    """Return what has to be looked at on site, street by street in the order of a walk.

    Parameters
    ----------
    result
        A check.
    kinds
        Keys of `STOPS`.

    Returns
    -------
    GeoDataFrame
        ``kind``, ``subject`` (number of the camera, gate or place), ``name``, ``street`` (empty off
        any), ``assumed`` (tuple of what had to be assumed) and ``geometry``, by the number of the
        stop from 1 on. What stands at one spot is one stop behind the other.
    """
    makers = {"record": _records, "planned": _planned, "gate": _gates, "place": _places}
    wanted = [makers[kind](result).assign(kind=kind) for kind in STOPS if kind in set(kinds)]
    parts = [part for part in wanted if len(part)]
    if not parts:
        none = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
        return gpd.GeoDataFrame(none, geometry=[], crs=result.city.crs).rename_axis("stop")
    stops = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=result.city.crs)
    points = stops.geometry.representative_point()
    street = street_names(points, result.city.roads)
    spots = shapely.get_coordinates(points.to_numpy()).round(DIGITS)
    order = order_walk(spots, street)
    walked = stops.assign(street=street).set_geometry(points).iloc[order]
    number = pd.RangeIndex(1, len(walked) + 1, name="stop")
    return gpd.GeoDataFrame(walked.set_axis(number)[[*COLUMNS, "geometry"]])


def _table(
    frame: gpd.GeoDataFrame, subjects: pd.Index, names: Iterable[object], assumed: Iterable[object]
) -> gpd.GeoDataFrame:
    told = [name if isinstance(name, str) else "" for name in names]
    return gpd.GeoDataFrame(
        {"subject": subjects.astype(str), "name": told, "assumed": [*assumed]},
        geometry=frame.geometry.to_numpy(),
        crs=frame.crs,
    )


def _assumed(result: CheckResult) -> pd.Series:
    """Return by camera what its readings had to assume, in the order in which it came up."""
    heads = result.heads
    named = heads.explode("assumptions")[["camera_id", "assumptions"]].dropna().drop_duplicates()
    return named.groupby("camera_id")["assumptions"].agg(tuple)


def _as_recorded(result: CheckResult) -> gpd.GeoDataFrame:
    """Return the cameras where their records put them, not where a check moved them off a wall."""
    placed = result.cameras
    recorded = result.city.cameras.geometry.reindex(placed.index)
    places = recorded.where(recorded.notna(), placed.geometry)
    return placed.set_geometry(gpd.GeoSeries(places, crs=placed.crs))


def _records(result: CheckResult) -> gpd.GeoDataFrame:
    """Return the cameras of which something had to be assumed, or of which no view is known."""
    assumed, cameras = _assumed(result), _as_recorded(result)
    seeing = cameras.index.isin(result.heads["camera_id"])
    indoors = cameras["setting"].eq("indoor")
    doubtful = cameras.index.isin(assumed.index) | (~seeing & ~indoors)
    own = cameras[cameras["status"].eq("existing") & doubtful]
    sees = own.index.isin(result.heads["camera_id"])
    told = [
        assumed.get(label, ()) if known else (NO_VIEW,)
        for label, known in zip(own.index, sees, strict=True)
    ]
    return _table(own, own.index, own["name"], told)


def _planned(result: CheckResult) -> gpd.GeoDataFrame:
    assumed, cameras = _assumed(result), _as_recorded(result)
    own = cameras[cameras["status"].isin(PLANNED)]
    return _table(own, own.index, own["name"], [assumed.get(label, ()) for label in own.index])


def _gates(result: CheckResult) -> gpd.GeoDataFrame:
    parts = result.parts
    own = parts[is_presumed(parts)]
    names = own["zone_id"].map(result.zones["name"])
    return _table(own, pd.Index(gate_ids(own)), names, [()] * len(own))


def _places(result: CheckResult) -> gpd.GeoDataFrame:
    """Return the places that could not be judged and that the check has on the map."""
    places = partition(result).places
    open_ = places.index[places["state"].eq(NOT_JUDGED)].intersection(result.zones.index)
    own = result.zones.loc[open_]
    reasons = places.loc[open_, "reasons"]
    return _table(own, own.index, own["name"], [tuple(each) for each in reasons])


def are_cameras(stops: gpd.GeoDataFrame) -> BoolArray:
    """Tell which stops are cameras, whose results come back by the list; bool, shape ``(n,)``."""
    return np.asarray(stops["kind"].isin(OF_CAMERAS), bool)
