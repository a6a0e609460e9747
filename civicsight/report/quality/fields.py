"""How much of each column is known, assumed and missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.table import Column
from civicsight.model import CITY_TABLES, City, Table
from civicsight.model.provenance import of_layer
from civicsight.report.quality.model import FieldQuality, LayerQuality

DECIDES: Final[Mapping[str, frozenset[str]]] = {
    "cameras": frozenset({"height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "width_px"}),
    "buildings": frozenset({"height_m"}),
    "obstacles": frozenset({"height_m"}),
    "canopies": frozenset({"height_m"}),
    "places": frozenset({"standing"}),
}
"""Columns without which nothing can be said for sure: what `coverage.pose.readings` asks of a
complete record, what stands in a sight line, and whether a place belongs to its class."""

HELPS: Final[Mapping[str, frozenset[str]]] = {
    "cameras": frozenset(
        {"kind", "mount", "setting", "status", "vfov_deg", "height_px", "reach_m", "usable"}
        | {"night_reach_m", "owner", "roll_deg", "near_m"}
    ),
    "buildings": frozenset({"base_m"}),
    "obstacles": frozenset({"kind", "base_m"}),
    "canopies": frozenset({"kind", "base_m", "summer", "winter"}),
    "roads": frozenset({"kind"}),
    "places": frozenset({"tags", "amap", "baidu", "industry", "item"}),
    "entrances": frozenset({"kind", "width_m"}),
    "barriers": frozenset({"kind", "height_m"}),
}
"""Columns that an assumption, a filter or a rule reads where they are filled."""

NO_ANSWER: Final = "unknown"
"""The value of a list that says that nothing is known."""


def measure_layers(city: City) -> tuple[LayerQuality, ...]:
    """Measure every table of a project."""
    return tuple(_layer(table, getattr(city, table.name), city) for table in CITY_TABLES)


def is_known(column: Column, values: pd.Series) -> npt.NDArray[np.bool_]:
    """Tell which cells say something: not empty, and not only that nothing is known."""
    known: npt.NDArray[np.bool_] = values.map(lambda value: _says(column, value)).to_numpy(bool)
    return known


def _says(column: Column, value: Any) -> bool:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return False
    if isinstance(value, str):
        return bool(value) and not (column.choices and value == NO_ANSWER)
    if isinstance(value, list | tuple | dict | set):
        return bool(value)
    return True


def _layer(table: Table, frame: gpd.GeoDataFrame, city: City) -> LayerQuality:
    """Measure a table; yes-or-no columns have no empty cells, so there is nothing to measure."""
    fields = tuple(
        _field(table, column, frame)
        for column in table
        if column.kind != "bool" and column.name in frame.columns
    )
    return LayerQuality(table.name, len(frame), fields, of_layer(city.provenance, table.name))


def _field(table: Table, column: Column, frame: gpd.GeoDataFrame) -> FieldQuality:
    known = is_known(column, frame[column.name])
    assumed = np.zeros(len(frame), bool)
    if column.name == "height_m" and "height_assumed" in frame.columns:
        assumed = known & frame["height_assumed"].to_numpy(bool)
    role = "describes"
    if column.name in DECIDES.get(table.name, ()):
        role = "decides"
    elif column.name in HELPS.get(table.name, ()):
        role = "helps"
    return FieldQuality(
        table.name,
        column.name,
        column.meaning,
        column.unit,
        len(frame),
        int((known & ~assumed).sum()),
        int(assumed.sum()),
        role,
    )
