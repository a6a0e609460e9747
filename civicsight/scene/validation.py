"""What may stand in a scene: shapes that cast a shadow, on Earth, of a height that things have."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.column import column_faults
from civicsight.core.errors import Fault, SchemaError
from civicsight.core.table import Table
from civicsight.model import BUILDINGS, CANOPIES, OBSTACLES
from civicsight.scene.faults import fault

DECLARED: Final = (BUILDINGS, OBSTACLES, CANOPIES)
"""Tables of what stands in a scene."""

FARTHEST_COORDINATE_M: Final = 200_000_000.0
"""No projected system has greater coordinates [m]: those of zone 120 begin with 120,000,000."""


def require_sound(*tables: gpd.GeoDataFrame | None) -> None:
    """Refuse rows of buildings, obstacles and canopies that cannot stand anywhere.

    Raises
    ------
    SchemaError
        All faults of all tables.
    """
    faults = [
        fault
        for table, declared, least in zip(tables, DECLARED, (2, 1, 2), strict=True)
        if table is not None and len(table)
        for fault in (
            *_without_height(table, declared),
            *_shapeless(table, least),
            *_nowhere(table),
            *_impossible(table),
        )
    ]
    if faults:
        raise SchemaError(faults)


def _without_height(table: gpd.GeoDataFrame, declared: Table) -> list[Fault]:
    """Name the one column that a scene cannot do without, where a table lacks it."""
    (height,) = (column for column in declared if column.name == "height_m")
    if height.name in table:
        return []
    names = {column.name for column in declared}
    return column_faults(table.index.name or "", height, pd.DataFrame(table), names)


def _shapeless(table: gpd.GeoDataFrame, least: int) -> list[Fault]:
    """Name features that cast no shadow: without a shape, or thinner than `least` dimensions."""
    geometry = table.geometry.to_numpy()
    kinds = shapely.get_type_id(geometry)
    mixed = kinds == shapely.GeometryType.GEOMETRYCOLLECTION
    unfit = shapely.is_empty(geometry) | mixed | (shapely.get_dimensions(geometry) < least)
    return [
        fault(
            "scene.shape:area" if least == 2 else "scene.shape:line",
            table.index.name or "",
            str(table.index[row]),
            table.geometry.name,
            "None" if geometry[row] is None else f"{geometry[row].geom_type}",
        )
        for row in np.flatnonzero(unfit | (kinds < 0))
    ]


def _nowhere(table: gpd.GeoDataFrame) -> list[Fault]:
    """Name features that lie nowhere."""
    xy, row_of = shapely.get_coordinates(table.geometry.to_numpy(), return_index=True)
    lost = ~(np.abs(xy) <= FARTHEST_COORDINATE_M).all(axis=1)
    rows, first = np.unique(row_of[lost], return_index=True)
    return [
        fault(
            "scene.place",
            table.index.name or "",
            str(table.index[row]),
            table.geometry.name,
            " ".join(f"{value:g}" for value in at),
            most=f"{FARTHEST_COORDINATE_M:,.0f}",
        )
        for row, at in zip(rows, xy[lost][first], strict=True)
    ]


def _impossible(table: gpd.GeoDataFrame) -> list[Fault]:
    """Name heights that no building has; missing ones are named where they are used."""
    return [
        fault(
            "scene.height",
            table.index.name or "",
            str(table.index[row]),
            column,
            f"{values.iloc[row]:g}",
        )
        for column in ("height_m", "base_m")
        if column in table
        for values in (pd.to_numeric(table[column]).astype(float),)
        for row in np.flatnonzero((values < 0) | np.isinf(values))
    ]
