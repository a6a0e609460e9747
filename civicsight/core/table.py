"""What a table is: its declaration, and the check that names every fault of a table at once.

A table is a GeoDataFrame (or a DataFrame where it has no place) whose unique text index is named
`Table.index`. Nothing is reprojected silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from types import NoneType
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas.array import from_shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, CrsError, Fault, SchemaError, Text
from civicsight.core.values import as_day, as_flag

if pd.get_option("mode.string_storage") == "auto":
    # Arrow would keep texts: asked for one by one, as laws ask, they take a third of all time.
    pd.set_option("mode.string_storage", "python")

Kind = Literal["text", "float", "int", "bool", "maybe", "date", "object"]
Shape = Literal["", "Point", "LineString", "Polygon", "Any"]

COLLECTION = 4
"""Types of geometry from this number on hold others (GEOS)."""

DTYPES = {"float": "float64", "int": "int64", "bool": "bool"}
DTYPES |= dict.fromkeys(("text", "maybe", "date", "object"), "object")

SINGLE = ("Point", "LineString", "LinearRing", "Polygon")
TYPES = np.array(
    (*SINGLE, "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection", None)
)
"""Names of types of geometry by their number (GEOS); of none, whose number is -1."""
PARTS = np.array((*SINGLE, "Point", "LineString", "Polygon", "GeometryCollection", None))
"""The same without regard to number: several points are no place of one thing, others may be."""

READERS = {"date": as_day, "maybe": as_flag}
"""What makes one value of whatever type a cell has, by kind of column."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name, kind, meaning
        Name, kind of value, and what it means to a person.
    unit
        SI unit or ``deg``; empty for a number without one and for text.
    required
        A missing column is a fault; one that is not required is filled with its empty value.
    nullable
        Whether single values may be unknown (NaN or None).
    choices
        The closed list of values, if there is one.
    low, high
        Inclusive bounds of a number.
    """

    name: str
    kind: Kind
    meaning: Text
    unit: str = ""
    required: bool = False
    nullable: bool = True
    choices: tuple[str, ...] = ()
    low: float = -np.inf
    high: float = np.inf


def text(
    name: str, meaning: str, choices: tuple[str, ...] = (), *, required: bool = False
) -> Column:
    """Declare a text, from a closed list if there is one."""
    return Column(name, "text", Text(meaning), required=required, choices=choices)


def flag(name: str, meaning: str) -> Column:
    """Declare a yes or no that every row has."""
    return Column(name, "bool", Text(meaning), nullable=False)


def thing(name: str, meaning: str, *, required: bool = False) -> Column:
    """Declare a value that only Python can hold, such as a mapping."""
    return Column(name, "object", Text(meaning), required=required)


def maybe(name: str, meaning: str) -> Column:
    """Declare what is true, false or unknown (None)."""
    return Column(name, "maybe", Text(meaning))


def day(name: str, meaning: str) -> Column:
    """Declare a date that may be unknown, kept as ISO 8601 text such as ``2026-03-01``."""
    return Column(name, "date", Text(meaning))


def number(
    name: str,
    unit: str,
    meaning: str,
    low: float = -np.inf,
    high: float = np.inf,
    *,
    required: bool = False,
) -> Column:
    """Declare a number that may be unknown, between inclusive bounds."""
    return Column(name, "float", Text(meaning), unit, required, low=low, high=high)


def must(name: str, unit: str, meaning: str, low: float = -np.inf, high: float = np.inf) -> Column:
    """Declare a number that every row has, between inclusive bounds."""
    return Column(
        name, "float", Text(meaning), unit, required=True, nullable=False, low=low, high=high
    )


@dataclass(frozen=True, slots=True)
class Table:
    """Declaration of a table.

    Parameters
    ----------
    name, index
        Name of the table and of its column of identifiers.
    shape
        What its geometry is; empty where the table has no place at all.
    columns
        Its columns.
    placed
        Whether every row has a place; where not, a geometry may be missing, but never be empty.
    """

    name: str
    index: str
    shape: Shape
    columns: tuple[Column, ...]
    placed: bool = True

    def __iter__(self) -> Iterator[Column]:
        """Iterate over the columns."""
        return iter(self.columns)

    def complete(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a copy with every declared column present, of its dtype and in order.

        Columns that the table does not declare are kept behind the others. A collection of one
        shape becomes that shape: a desktop GIS likes to write every point as such a one.
        """
        own = pd.DataFrame(
            frame
        )  # geopandas looks for the geometry at every column that is touched
        present = set(own.columns)
        values = {
            column.name: _as_declared(column, own[column.name])
            if column.name in present
            else _empty_value(column, len(own))
            for column in self.columns
        }
        # Made at once: a column at a time, pandas moves its blocks for each.
        made = pd.DataFrame(values, index=own.index)
        extra = own.loc[:, [name not in values and name != "geometry" for name in own.columns]]
        if len(extra.columns):
            made = pd.concat([made, extra], axis="columns")
        made.index = made.index.astype(str).rename(self.index)
        if not self.shape:
            return made
        shapes = _with_single_shapes(own["geometry"].set_axis(made.index))
        if not isinstance(frame, gpd.GeoDataFrame):
            return made.assign(geometry=shapes)
        return gpd.GeoDataFrame(made, geometry=shapes, crs=frame.crs)

    def empty(self, crs: CRS | None = None) -> pd.DataFrame:
        """Return the table without rows."""
        data = {c.name: np.zeros(0, DTYPES[c.kind]) for c in self.columns}
        index = pd.Index([], dtype=str, name=self.index)
        if not self.shape:
            return pd.DataFrame(data, index=index)
        return gpd.GeoDataFrame(data, index=index, geometry=from_shapely([], crs=crs))

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
        faults = [fault for column in self.columns for fault in _column_faults(self, column, own)]
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


def _as_declared(column: Column, values: pd.Series) -> pd.Series:
    """Return the values of a column in its dtype, as far as they can be read as such."""
    if column.kind == "float":
        return values if values.dtype == np.float64 else pd.to_numeric(values).astype("float64")
    if column.kind in ("text", "maybe", "date", "object"):
        plain = values.to_numpy(object, copy=True)
        plain[pd.isna(plain)] = None
        read = READERS.get(column.kind)
        told = plain if read is None else list(map(read, plain))
        return pd.Series(told, index=values.index, dtype=object)
    if column.kind == "bool":
        return _flags(values)
    return values if values.isna().any() else values.astype(DTYPES[column.kind])


def _each(values: pd.Series, read: Callable[[object], object]) -> pd.Series:
    """Read each value; what comes out is kept as it is, whatever pandas would make of it."""
    return pd.Series(list(map(read, values)), index=values.index, dtype=object)


def _flags(values: pd.Series) -> pd.Series:
    """Read what every row has to say yes or no to; what cannot be read is left to the check."""
    if values.dtype == bool:
        return values
    read = _each(values.astype("object"), as_flag)
    return read.astype(bool) if read.map(type).eq(bool).all() else read


def _with_single_shapes(places: pd.Series) -> pd.Series:
    """Take shapes out of collections of one."""
    shapes = places.to_numpy(dtype=object)
    lone = (shapely.get_type_id(shapes) >= COLLECTION) & (shapely.get_num_geometries(shapes) == 1)
    if not lone.any():
        return places
    shapes[lone] = shapely.get_geometry(shapes[lone], 0)
    return pd.Series(shapes, places.index)


def _empty_value(column: Column, count: int) -> pd.Series | Any:
    if column.kind == "float":
        return np.full(count, np.nan)
    if column.kind == "bool":
        return np.zeros(count, bool)
    if column.kind == "int":
        return np.zeros(count, np.int64)
    return pd.Series([None] * count, dtype=object).to_numpy()


def _column_faults(table: Table, column: Column, frame: pd.DataFrame) -> list[Fault]:
    if column.name not in frame.columns:
        if not column.required:
            return []
        present = [*map(str, frame.columns)]
        return [
            Fault(
                "table.missing_column",
                table.name,
                "",
                column.name,
                ", ".join(get_close_matches(column.name, present, n=1) or present),
                N_("a column %(name)s", name=column.name),
                column.meaning,
            )
        ]
    if not len(frame) or _takes_anything(column):
        return []
    values = frame[column.name]
    if _is_plain(column, values.to_numpy()):
        return []
    bad, expected = _bad_values(column, values)
    if not column.nullable:
        bad |= values.isna().to_numpy(bool)
    return [
        Fault(
            "table.bad_value",
            table.name,
            str(values.index[row]),
            column.name,
            _shown(values.iloc[row]),
            expected,
            column.meaning,
        )
        for row in np.flatnonzero(bad)
    ]


def _takes_anything(column: Column) -> bool:
    """Tell whether no value of a column can be a fault."""
    return column.nullable and column.kind in ("text", "object") and not column.choices


def _is_plain(column: Column, values: npt.NDArray[Any]) -> bool:
    """Tell at a glance that every value of a column fits; where not, each has to be looked at.

    Tables are checked wherever one is handed in, and most are small and without a fault: looking at
    each column with the means of pandas would be a tenth of the work on a small city.
    """
    if values.dtype == np.bool_:
        return column.kind == "bool"
    if values.dtype in (np.float64, np.int64):
        return column.kind in ("float", "int") and _are_within(column, values)
    kinds = set(map(type, values))
    if column.kind == "maybe":
        return kinds <= {bool, NoneType}
    if not kinds <= ({str, NoneType} if column.nullable else {str}):
        return False
    told = set(values) - {None}
    if column.kind == "date":
        return all(map(_is_day, told))
    return told.issubset(column.choices) if column.choices else column.kind == "text"


def _are_within(column: Column, numbers: npt.NDArray[Any]) -> bool:
    """Tell whether numbers are finite and within bounds, as far as they are known."""
    least, most = np.fmin.reduce(numbers), np.fmax.reduce(numbers)
    known = column.nullable or not np.isnan(numbers).any()
    inside = column.low <= least and most <= column.high and np.isfinite([least, most]).all()
    return bool(known and (inside or np.isnan(least)))


def _shown(value: object) -> str:
    """Write a value as Python does, without the name of a numpy type around it."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def _bad_values(column: Column, values: pd.Series) -> tuple[BoolArray, Text]:
    """Tell which values a column does not allow, and what it expects."""
    if column.kind in ("float", "int"):
        plain = values if values.dtype == np.float64 else pd.to_numeric(values, errors="coerce")
        numbers = plain.to_numpy(np.float64, na_value=np.nan)
        fine = np.isfinite(numbers) & (column.low <= numbers) & (numbers <= column.high)
        return values.notna().to_numpy(bool) & ~fine, expected_number(column)
    if column.kind in ("maybe", "bool"):
        bad = _misfits(values, lambda value: isinstance(value, bool | np.bool_))
        wanted = N_("true, false or unknown") if column.kind == "maybe" else N_("true or false")
        return bad, wanted
    if column.kind == "date":
        return _misfits(values, _is_day), N_("a date such as 2026-03-01")
    if column.choices:
        expected = N_("one of %(choices)s", choices=", ".join(column.choices))
        listed = values.isin(column.choices).to_numpy(bool)
        return values.notna().to_numpy(bool) & ~listed, expected
    return np.zeros(len(values), bool), N_("a value")


def _misfits(values: pd.Series, fits: Callable[[object], bool]) -> BoolArray:
    """Tell which of the values that are known do not fit; most columns know few."""
    known: BoolArray = values.notna().to_numpy(bool)
    bad: BoolArray = known.copy()
    bad[known] = [not fits(value) for value in values[known]]
    return bad


def expected_number(column: Column) -> Text:
    """Say which numbers a column allows."""
    low, high, unit = column.low, column.high, column.unit
    if np.isinf(high):
        if np.isinf(low):
            return N_("a finite number")
        return N_("a finite number of at least %(low)s %(unit)s", low=low, unit=unit)
    return N_("a number from %(low)s to %(high)s %(unit)s", low=low, high=high, unit=unit)


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


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
