"""A city under edit: the tables of a project, and those of them that somebody has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from civicsight.editing.faults import reject
from civicsight.model import CITY_TABLES, City, Table

DECLARED: Final[Mapping[str, Table]] = MappingProxyType(
    {table.name: table for table in CITY_TABLES}
)

FARTHEST_M: Final = 5_000.0
"""What is drawn farther than this from the extent of the city is a slip [m]."""


def free_id(kind: str, taken: Iterable[object]) -> str:
    """Return an id of a kind that nothing has yet."""
    known = set(map(str, taken))
    return next(name for n in range(1, len(known) + 2) if (name := f"{kind}/{n}") not in known)


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A city with changes in it; every change makes another draft, which shares all else.

    Parameters
    ----------
    base
        The project as it was opened.
    changed
        Tables that differ from it, by name.
    rooms
        By camera, where it was to stand when its room was asked for, and what the room is used for.
    comments
        Subject and text of each remark, in their order.
    """

    base: City
    changed: Mapping[str, gpd.GeoDataFrame] = field(default_factory=lambda: MappingProxyType({}))
    rooms: Mapping[str, tuple[float, float, str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    comments: tuple[tuple[str, str], ...] = ()

    def table(self, name: str) -> gpd.GeoDataFrame:
        """Return a table as it is now."""
        if name in self.changed:
            return self.changed[name]
        table: gpd.GeoDataFrame = getattr(self.base, name)
        return table

    @property
    def cameras(self) -> gpd.GeoDataFrame:
        """Return the cameras as they are now."""
        return self.table("cameras")

    @property
    def city(self) -> City:
        """Return the whole city, checked.

        Raises
        ------
        SchemaError
            If a table is not as declared.
        """
        return replace(self.base, **self.changed) if self.changed else self.base

    def camera(self, camera_id: str) -> pd.Series:
        """Return the record of a camera that is not removed."""
        row: pd.Series = self._row("cameras", camera_id)
        if row["status"] == "removed":
            reject("edit.removed", where=camera_id)
        return row

    def edited(
        self, name: str, label: str, values: Mapping[str, Any], shape: BaseGeometry | None = None
    ) -> Draft:
        """Return the draft with other values, and another place, in one row."""
        self._row(name, label)
        row = self.table(name).loc[[label]].copy()
        for column, value in values.items():
            row[column] = pd.Series([value], index=row.index, dtype=row[column].dtype)
        if shape is not None:
            self._require_near(label, shape)
            row = row.set_geometry(gpd.GeoSeries([shape], index=row.index, crs=row.crs))
        DECLARED[name].check(row)
        table = self.table(name).copy()
        for column in values:
            table[column] = _put(table[column], label, row[column].iloc[0])
        if shape is not None:
            places = table.geometry.to_numpy().copy()
            places[table.index.get_loc(label)] = shape
            table = table.set_geometry(gpd.GeoSeries(places, table.index, crs=table.crs))
        return self._with(name, table)

    def added(self, name: str, label: str, values: Mapping[str, Any], shape: BaseGeometry) -> Draft:
        """Return the draft with one row more."""
        old, declared = self.table(name), DECLARED[name]
        if label in old.index:
            reject("edit.taken", where=label)
        self._require_near(label, shape)
        row = declared.complete(
            gpd.GeoDataFrame([dict(values)], index=[label], geometry=[shape], crs=old.crs)
        )
        declared.check(row)
        both = pd.concat([old.astype(object), row.astype(object)])
        table = gpd.GeoDataFrame(both).set_geometry("geometry", crs=old.crs)
        for column in old.columns.difference([entry.name for entry in declared]).drop("geometry"):
            table[column] = table[column].astype(old[column].dtype, errors="ignore")
        return self._with(name, gpd.GeoDataFrame(declared.complete(table)))

    def without(self, name: str, label: str) -> Draft:
        """Return the draft without a row."""
        self._row(name, label)
        return self._with(name, gpd.GeoDataFrame(self.table(name).drop(index=label)))

    def with_room(self, camera_id: str, x: float, y: float, use: str) -> Draft:
        """Return the draft with what somebody said of the room around a camera."""
        rooms = MappingProxyType({**self.rooms, camera_id: (x, y, use)})
        return replace(self, rooms=rooms)

    def _row(self, name: str, label: str) -> pd.Series:
        table = self.table(name)
        if label not in table.index:
            reject("edit.unknown", where=label, found=label, table=name)
        return table.loc[label]

    def _with(self, name: str, table: gpd.GeoDataFrame) -> Draft:
        return replace(self, changed=MappingProxyType({**self.changed, name: table}))

    def _require_near(self, label: str, shape: BaseGeometry) -> None:
        distance_m = float(shape.distance(self.base.extent))
        if not distance_m <= FARTHEST_M or not shape.is_valid or shape.is_empty:
            reject("edit.far", where=label, found=shape.wkt[:80], metres=FARTHEST_M)


def _put(column: pd.Series, label: str, value: Any) -> pd.Series:
    """Return a column with another value in one row, of the same type."""
    values = np.array(column, dtype=column.dtype)
    values[column.index.get_loc(label)] = value
    return pd.Series(values, column.index, dtype=column.dtype)
