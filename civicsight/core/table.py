"""What a table is: its declaration, and the check that names every fault of a table at once.

A table is a GeoDataFrame (or a DataFrame where it has no place) whose unique text index is named
`Table.index`. Nothing is reprojected silently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas.array import GeometryArray, from_shapely
from pyproj import CRS

from civicsight.core.column import (
    Column,
    added_columns,
    as_declared,
    column_faults,
    headers_in,
    unknown,
    words_in,
)
from civicsight.core.errors import N_, CrsError, Fault, SchemaError

if pd.get_option("mode.string_storage") == "auto":
    # Arrow would keep texts: asked for one by one, as laws ask, they take a third of all time.
    pd.set_option("mode.string_storage", "python")

Shape = Literal["", "Point", "LineString", "Polygon", "Any"]

COLLECTION = 4
"""Types of geometry from this number on hold others (GEOS)."""

SINGLE = ("Point", "LineString", "LinearRing", "Polygon")
TYPES = np.array(
    (*SINGLE, "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection", None)
)
"""Names of types of geometry by their number (GEOS); of none, whose number is -1."""
PARTS = np.array((*SINGLE, "Point", "LineString", "Polygon", "GeometryCollection", None))
"""The same without regard to number: several points are no place of one thing, others may be."""


@dataclass(frozen=True, slots=True)
class Table:
    """Declaration of a table.

    Parameters
    ----------
    name, identifier
        Name of the table, and the column by which it knows its rows.
    shape
        What its geometry is; empty where the table has no place at all.
    columns
        Its columns.
    placed
        Whether every row has a place; where not, a geometry may be missing, but never be empty.
    """

    name: str
    identifier: Column
    shape: Shape
    columns: tuple[Column, ...]
    placed: bool = True
    _without_rows: dict[CRS | None, pd.DataFrame] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Take over the columns that packages of others add.

        Raises
        ------
        SetupError
            If one of them has the name of a column that is there.
        """
        own = {self.identifier.name, *(column.name for column in self.columns)}
        more = added_columns(self.name, own)
        object.__setattr__(self, "columns", (*self.columns, *more))

    def __iter__(self) -> Iterator[Column]:
        """Iterate over the columns."""
        return iter(self.columns)

    @property
    def index(self) -> str:
        """Name of the column of identifiers."""
        return self.identifier.name

    @property
    def headers(self) -> dict[str, tuple[str, ...]]:
        """Names under which files keep its columns, by column, the identifiers first."""
        return headers_in((self.identifier, *self.columns))

    @property
    def words(self) -> dict[str, Mapping[str, tuple[str, ...]]]:
        """What files write for single values, by column and value."""
        return words_in(self.columns)

    def complete(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a copy with every declared column present, of its dtype and in order.

        Columns that the table does not declare are kept behind the others. A collection of one
        shape becomes that shape: a desktop GIS likes to write every point as such a one.
        """
        own = pd.DataFrame(frame)  # geopandas looks for its geometry at every column
        present = set(own.columns)
        placed = isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name == "geometry"
        declared = {"geometry", *(column.name for column in self.columns)}
        if not len(own) and placed == bool(self.shape) and present <= declared:
            return self.empty(frame.crs if placed else None)
        values = {
            column.name: as_declared(column, own[column.name])
            if column.name in present
            else unknown(column, len(own))
            for column in self.columns
        }
        index = own.index.astype(str).rename(self.index)
        extra = [name for name in own.columns if name not in values and name != "geometry"]
        beside = [own[extra].set_axis(index)] if extra else []
        if not self.shape:
            return _framed(values, index, beside)
        beside.append(_with_single_shapes(own["geometry"]).set_axis(index).to_frame("geometry"))
        made = _framed(values, index, beside)
        if not isinstance(frame, gpd.GeoDataFrame):
            return made
        return gpd.GeoDataFrame(made, geometry="geometry", crs=frame.crs)

    def empty(self, crs: CRS | None = None) -> pd.DataFrame:
        """Return the table without rows: a copy of the first, which takes 40 times as long."""
        if crs in self._without_rows:
            return self._without_rows[crs].copy()
        index = pd.Index([], dtype=str, name=self.index)
        values = {column.name: unknown(column, 0) for column in self.columns}
        made = _framed(values, index)
        if self.shape:
            nowhere = pd.DataFrame({"geometry": from_shapely([], crs=crs)}, index)
            made = gpd.GeoDataFrame(_framed(values, index, [nowhere]), geometry="geometry")
        self._without_rows[crs] = made
        return made.copy()

    def check(self, frame: pd.DataFrame) -> None:
        """Check a table against its declaration and report all faults at once.

        Raises
        ------
        SchemaError
            If a column is missing, a value is of the wrong kind, out of bounds or not in its
            list, the index repeats, or a geometry is missing, empty, not finite or of another
            type. The message lists every fault with its row.
        CrsError
            If the table has a place but no metric CRS.
        """
        own = pd.DataFrame(frame)  # as in `complete`
        names = {column.name for column in self.columns}
        faults = [
            fault
            for column in self.columns
            for fault in column_faults(self.name, column, own, names)
        ]
        if frame.index.has_duplicates:
            repeated = frame.index[frame.index.duplicated()]
            faults += [
                Fault(
                    "table.repeated_id",
                    self.name,
                    str(label),
                    self.index,
                    str(label),
                    N_("each id once"),
                    N_("Give every row an id of its own."),
                )
                for label in repeated.unique()
            ]
        if self.shape:
            require_metric(frame, self.name)
            faults += _geometry_faults(self, frame)
        if faults:
            raise SchemaError(faults)


def _framed(
    columns: dict[str, npt.NDArray[Any]], index: pd.Index, beside: Sequence[pd.DataFrame] = ()
) -> pd.DataFrame:
    """Lay columns side by side, those of one dtype together: pandas would take one at a time."""
    by_dtype: dict[Any, list[str]] = {}
    for name, values in columns.items():
        by_dtype.setdefault(values.dtype, []).append(name)
    blocks = []
    for dtype, names in by_dtype.items():
        block = np.empty((len(names), len(index)), dtype)
        for row, name in enumerate(names):
            block[row] = columns[name]
        blocks.append(pd.DataFrame(block.T, index, names, dtype=dtype, copy=False))
    more = [name for frame in beside for name in frame.columns]
    return pd.concat([*blocks, *beside], axis="columns")[[*columns, *more]]


def _with_single_shapes(places: pd.Series) -> pd.Series:
    """Take shapes out of collections of one."""
    shapes = places.to_numpy(dtype=object)
    lone = (shapely.get_type_id(shapes) >= COLLECTION) & (shapely.get_num_geometries(shapes) == 1)
    if not lone.any():
        return places
    shapes[lone] = shapely.get_geometry(shapes[lone], 0)
    told = isinstance(places.array, GeometryArray)
    return pd.Series(from_shapely(shapes, crs=places.array.crs) if told else shapes, places.index)


def _geometry_faults(table: Table, frame: pd.DataFrame) -> list[Fault]:
    if not len(frame):
        return []
    shapes = np.asarray(frame.geometry.array, dtype=object)
    kinds = (TYPES if table.shape == "Point" else PARTS)[shapely.get_type_id(shapes)]
    missing = shapely.is_missing(shapes)
    bad = shapely.is_empty(shapes) | ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    bad = (bad & ~missing) | (missing & table.placed)
    if table.shape != "Any":
        bad |= (kinds != table.shape) & ~missing
    return [
        Fault(
            "table.bad_geometry",
            table.name,
            str(frame.index[row]),
            "geometry",
            _place_of(shapes[row], kinds[row]),
            N_("a finite %(shape)s", shape=table.shape),
            N_("Mend or remove the feature."),
        )
        for row in np.flatnonzero(bad)
    ]


def _place_of(shape: Any, kind: object) -> str:
    """Name a geometry by its kind, a point by its coordinates as well."""
    return str(shape) if kind == "Point" else str(kind)


def require_metric(frame: pd.DataFrame, name: str) -> CRS:
    """Return the CRS of a table, or refuse one that is missing, geographic or not in metres."""
    crs: CRS | None = getattr(frame, "crs", None)
    if crs is None:
        msg = f"{name} has no CRS; expected a projected CRS in metres: set it with set_crs()"
        raise CrsError(msg)
    if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
        msg = f"{name} is in {crs.name!r}; expected a projected CRS in metres: use to_crs()"
        raise CrsError(msg)
    return crs
