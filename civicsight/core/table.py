"""What a table is: its declaration, and the check that names every fault of a table at once.

A table is a GeoDataFrame (or a DataFrame where it has no place) whose unique text index is named
`Table.index`. Nothing is reprojected silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import from_shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, CrsError, Fault, SchemaError, Text
from civicsight.core.values import as_day, as_flag

Kind = Literal["text", "float", "int", "bool", "maybe", "date", "object"]
Shape = Literal["", "Point", "LineString", "Polygon", "Any"]

COLLECTION = 4
"""Types of geometry from this number on hold others (GEOS)."""

DTYPES = {
    "text": "object",
    "float": "float64",
    "int": "int64",
    "bool": "bool",
    "maybe": "object",
    "date": "object",
    "object": "object",
}


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
        out = _with_single_shapes(frame.copy()) if self.shape else frame.copy()
        for column in self.columns:
            if column.name not in out.columns:
                out[column.name] = _empty_value(column, len(out))
            elif column.kind == "float":
                out[column.name] = pd.to_numeric(out[column.name]).astype("float64")
            elif column.kind in ("text", "maybe", "date", "object"):
                values = out[column.name].astype("object")
                values = values.where(values.notna(), None)
                read = READERS.get(column.kind)
                out[column.name] = values if read is None else _each(values, read)
            elif column.kind == "bool":
                out[column.name] = _flags(out[column.name])
            elif not out[column.name].isna().any():
                out[column.name] = out[column.name].astype(DTYPES[column.kind])
        declared = [column.name for column in self.columns]
        extra = [name for name in out.columns if name not in declared and name != "geometry"]
        order = declared + extra + (["geometry"] if self.shape else [])
        out = out[order]
        out.index = out.index.astype(str).rename(self.index)
        return out

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
        faults = [fault for column in self.columns for fault in _column_faults(self, column, frame)]
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


def _each(values: pd.Series, read: Callable[[object], object]) -> pd.Series:
    """Read each value; what comes out is kept as it is, whatever pandas would make of it."""
    return pd.Series(list(map(read, values)), index=values.index, dtype=object)


def _flags(values: pd.Series) -> pd.Series:
    """Read what every row has to say yes or no to; what cannot be read is left to the check."""
    if values.dtype == bool:
        return values
    read = _each(values.astype("object"), as_flag)
    return read.astype(bool) if read.map(type).eq(bool).all() else read


def _with_single_shapes(frame: pd.DataFrame) -> pd.DataFrame:
    """Take shapes out of collections of one."""
    if "geometry" not in frame.columns:
        return frame
    shapes = frame["geometry"].to_numpy(dtype=object)
    lone = (shapely.get_type_id(shapes) >= COLLECTION) & (shapely.get_num_geometries(shapes) == 1)
    if lone.any():
        shapes = shapes.copy()
        shapes[lone] = shapely.get_geometry(shapes[lone], 0)
        frame["geometry"] = shapes
    return frame


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
        present = ", ".join(map(str, frame.columns))
        return [
            Fault(
                "table.missing_column",
                table.name,
                "",
                column.name,
                present,
                N_("a column %(name)s", name=column.name),
                column.meaning,
            )
        ]
    if not len(frame) or _takes_anything(column):
        return []
    values = frame[column.name]
    bad, expected = _bad_values(column, values)
    if not column.nullable:
        bad |= values.isna().to_numpy(bool)
    return [
        Fault(
            "table.bad_value",
            table.name,
            str(label),
            column.name,
            _shown(values.loc[label]),
            expected,
            column.meaning,
        )
        for label in (values.index[bad] if bad.any() else ())
    ]


def _takes_anything(column: Column) -> bool:
    """Tell whether no value of a column can be a fault."""
    return column.nullable and column.kind in ("text", "object") and not column.choices


def _shown(value: object) -> str:
    """Write a value as Python does, without the name of a numpy type around it."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def _bad_values(column: Column, values: pd.Series) -> tuple[BoolArray, Text]:
    """Tell which values a column does not allow, and what it expects."""
    if column.kind in ("float", "int"):
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
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
    geometry = frame.geometry
    shapes, kinds = geometry.to_numpy(), geometry.geom_type
    if table.shape != "Point":  # several points are no place of one thing
        kinds = kinds.str.removeprefix("Multi")
    missing = geometry.isna()
    bad = geometry.is_empty | ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    bad = (bad & ~missing) | (missing & table.placed)
    if table.shape != "Any":
        bad |= kinds.ne(table.shape) & ~missing
    return [
        Fault(
            "table.bad_geometry",
            table.name,
            str(label),
            "geometry",
            _place_of(geometry.loc[label], kinds.loc[label]),
            N_("a finite %(shape)s", shape=table.shape),
            N_("Mend or remove the feature."),
        )
        for label in geometry.index[bad.to_numpy(bool)]
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
