"""What a column of a table is: its declaration, how it is read, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from types import MappingProxyType, NoneType
from typing import Any, Literal, NamedTuple, TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.arrays import BoolArray
from civicsight.core.errors import N_, Fault, Text
from civicsight.core.extensions import added
from civicsight.core.values import as_day, as_flag

Kind = Literal["text", "float", "int", "bool", "maybe", "date", "object"]

DTYPES = {"float": np.float64, "int": np.int64, "bool": np.bool_}
"""Those of what is counted; all else is an object, None where it is not known."""

READERS = {"date": as_day, "maybe": as_flag}
"""What makes one value of whatever type a cell has, by kind of column."""


Example = str | Mapping[str, str]
"""What a person would enter: a text, or one for each language (`i18n.Label`)."""


class Choice(NamedTuple):
    """A value of a closed list: what a person reads in its place, and what files write for it."""

    label: Text
    words: str


Choices = tuple[str, ...] | Mapping[str, str | Choice]
"""Values of a closed list; as a mapping with the words of files for each, ``word | word``."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: the only place of what is known of it.

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
    heading
        What it is called above a written table, where that is shorter than its meaning. A column
        of the same name in another table is called the same.
    headers
        Names under which files keep it, in Chinese and English; of two that a file has the earlier
        is taken. The first Chinese one is the header of a template.
    words
        What files write for single values, by value.
    labels
        What a person reads in place of a value, by value.
    example
        What the example row of a template says in it.
    asked
        Whether a rule may ask it.
    past
        Whether it is the day of what was done, and therefore none after today.
    follows
        The column with a day that it cannot come before, where that is on record.
    shown
        Whether the map shows it beside a camera that is clicked.
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
    heading: Text | None = None
    headers: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, Text] = field(default_factory=dict)
    example: Example = ""
    asked: bool = False
    past: bool = False
    follows: str = ""
    shown: bool = False


class AddedColumn(NamedTuple):
    """A column that a package of others adds to a table, by the name of the table."""

    table: str
    column: Column


def added_columns(table: str, own: Collection[str]) -> tuple[Column, ...]:
    """Return the columns that packages of others add to a table, beside those of some names.

    Raises
    ------
    SetupError
        If one has a name of these, or as `extensions.added`.
    """

    def why_not(row: AddedColumn) -> Text | None:
        there = row.table == table and row.column.name in own
        return N_("there is %(found)s already", found=row.column.name) if there else None

    return tuple(row.column for row in _added(why_not) if row.table == table)


def require_tables(names: Collection[str]) -> None:
    """Refuse columns that packages of others add to a table that nobody brings in.

    Raises
    ------
    SetupError
        If there is one.
    """

    def why_not(row: AddedColumn) -> Text | None:
        tables = N_("its table is none of %(names)s", names=", ".join(names))
        return None if row.table in names else tables

    _added(why_not)


def _added(why_not: Callable[[AddedColumn], Text | None]) -> tuple[AddedColumn, ...]:
    def name_of(row: AddedColumn) -> str:
        return f"{row.table}.{row.column.name}"

    return added("columns", AddedColumn, (), name_of, why_not)


class Shared(TypedDict, total=False):
    """What a declaration may say that stands in the column as it is said."""

    required: bool
    heading: Text
    example: Example
    asked: bool
    past: bool
    follows: str
    shown: bool


class Told(Shared, total=False):
    """What a declaration may say beside kind and bounds, words as ``word | word``."""

    headers: str
    words: Mapping[str, str]


def _declared(
    name: str,
    kind: Kind,
    meaning: str,
    unit: str = "",
    low: float = -np.inf,
    high: float = np.inf,
    *,
    nullable: bool = True,
    choices: Choices = (),
    headers: str = "",
    words: Mapping[str, str] = MappingProxyType({}),
    **told: Unpack[Shared],
) -> Column:
    """Declare a column; a closed list with words states its values by them."""
    known = choices if isinstance(choices, Mapping) else {}
    labels = {value: said.label for value, said in known.items() if isinstance(said, Choice)}
    written = {
        value: said.words if isinstance(said, Choice) else said for value, said in known.items()
    }
    return Column(
        name,
        kind,
        Text(meaning),
        unit,
        nullable=nullable,
        choices=tuple(choices),
        low=low,
        high=high,
        headers=_listed(headers),
        words={value: _listed(listed) for value, listed in {**words, **written}.items()},
        labels=labels,
        **told,
    )


def _listed(words: str) -> tuple[str, ...]:
    """Return words that stand in one text, ``word | word``."""
    return tuple(words.split(" | ")) if words else ()


def text(name: str, meaning: str, choices: Choices = (), **told: Unpack[Told]) -> Column:
    """Declare a text, from a closed list if there is one."""
    return _declared(name, "text", meaning, choices=choices, **told)


def flag(name: str, meaning: str, **told: Unpack[Told]) -> Column:
    """Declare a yes or no that every row has."""
    return _declared(name, "bool", meaning, nullable=False, **told)


def thing(name: str, meaning: str, **told: Unpack[Told]) -> Column:
    """Declare a value that only Python can hold, such as a mapping."""
    return _declared(name, "object", meaning, **told)


def maybe(name: str, meaning: str, **told: Unpack[Told]) -> Column:
    """Declare what is true, false or unknown (None)."""
    return _declared(name, "maybe", meaning, **told)


def day(name: str, meaning: str, **told: Unpack[Told]) -> Column:
    """Declare a date that may be unknown, kept as ISO 8601 text such as ``2026-03-01``."""
    return _declared(name, "date", meaning, **told)


def number(
    name: str,
    unit: str,
    meaning: str,
    low: float = -np.inf,
    high: float = np.inf,
    **told: Unpack[Told],
) -> Column:
    """Declare a number that may be unknown, between inclusive bounds."""
    return _declared(name, "float", meaning, unit, low, high, **told)


def must(
    name: str,
    unit: str,
    meaning: str,
    low: float = -np.inf,
    high: float = np.inf,
    **told: Unpack[Told],
) -> Column:
    """Declare a number that every row has, between inclusive bounds."""
    told.setdefault("required", True)
    return _declared(name, "float", meaning, unit, low, high, nullable=False, **told)


IDENTIFIER = str(N_("Identifier; every row has its own"))


def identifier(name: str, meaning: str = IDENTIFIER, **told: Unpack[Told]) -> Column:
    """Declare the unique text by which a table knows its rows."""
    return text(name, meaning, **told)


def headers_in(columns: Iterable[Column]) -> dict[str, tuple[str, ...]]:
    """Return the names under which files keep columns, by column; without those that have none."""
    return {column.name: column.headers for column in columns if column.headers}


def words_in(columns: Iterable[Column]) -> dict[str, Mapping[str, tuple[str, ...]]]:
    """Return what files write for single values, by column and value."""
    return {column.name: column.words for column in columns if column.words}


def as_declared(column: Column, values: pd.Series) -> npt.NDArray[Any]:
    """Return the values of a column in its dtype, as far as they can be read as such."""
    if column.kind in ("float", "int"):
        numbers = values if values.dtype in (np.float64, np.int64) else pd.to_numeric(values)
        fits = column.kind == "float" or not numbers.isna().any()
        return np.asarray(numbers.to_numpy(DTYPES[column.kind] if fits else None))
    if column.kind == "bool" and values.dtype == np.bool_:
        return np.asarray(values.to_numpy())
    plain = values.to_numpy(object, copy=True)
    if column.kind == "bool":
        read = _each(plain, as_flag)
        return read.astype(bool) if set(map(type, read)) <= {bool} else read
    plain[pd.isna(plain)] = None
    return _each(plain, READERS[column.kind]) if column.kind in READERS else plain


def _each(values: npt.NDArray[Any], read: Callable[[object], object]) -> npt.NDArray[Any]:
    """Read each value; what comes out is kept as it is, whatever numpy would make of it."""
    return np.fromiter(map(read, values), object, len(values))


def unknown(column: Column, count: int) -> npt.NDArray[Any]:
    """Return a column of which nothing is known."""
    if column.kind == "float":
        return np.full(count, np.nan)
    return (
        np.full(count, None) if column.kind not in DTYPES else np.zeros(count, DTYPES[column.kind])
    )


def column_faults(
    table: str, column: Column, frame: pd.DataFrame, declared: Collection[str] = ()
) -> list[Fault]:
    """Return what a declaration does not allow, by row.

    Parameters
    ----------
    table
        Names it in what is said.
    declared
        Names of all columns of the table: none of these is another one under a wrong name.
    """
    if column.name not in frame.columns:
        return [_missing(table, column, frame, declared)] if column.required else []
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
            table,
            str(values.index[row]),
            column.name,
            _shown(values.iloc[row]),
            expected,
            column.meaning,
        )
        for row in np.flatnonzero(bad)
    ]


def _missing(table: str, column: Column, frame: pd.DataFrame, declared: Collection[str]) -> Fault:
    """Name a column that a table lacks, and the one that has to be renamed where one is meant."""
    found = meant_by(column, frame, declared)
    remedy = N_("Rename %(found)s to %(name)s.", found=found, name=column.name)
    return Fault(
        "table.missing_column",
        table,
        "",
        column.name,
        found or ", ".join(map(str, frame.columns)),
        N_("a column %(name)s", name=column.name),
        remedy if found else column.meaning,
    )


UNITS = frozenset(
    {"m", "cm", "mm", "km", "ft", "in", "deg", "rad", "px", "mpx", "m2", "yuan", "usd", "year"}
)
"""What the name of a column may end in to say the unit of its values."""


def meant_by(column: Column, frame: pd.DataFrame, declared: Collection[str]) -> str | None:
    """Return the column of a table that most likely is a missing one under a wrong name.

    Its name is alike and says no other unit, its values are of the kind and within the bounds that
    are declared, and it is not declared itself. None where no column is all of that.
    """
    unit = column.name.rpartition("_")[2]
    likely = [
        str(name)
        for name, values in frame.items()
        if name not in declared
        and str(name).lower().rpartition("_")[2] not in UNITS - {unit}
        and _can_be(column, values)
    ]
    return next(iter(get_close_matches(column.name, likely, n=1)), None)


def _can_be(column: Column, values: pd.Series) -> bool:
    """Tell whether the values that are known are of the kind of a column; some have to be."""
    known = values[values.notna()]
    if not len(known) or values.dtype.name == "geometry":
        return False
    is_flag = known.map(lambda value: isinstance(value, bool | np.bool_))
    if column.kind in ("bool", "maybe"):
        return bool(is_flag.all())
    if is_flag.any():
        return False
    if column.kind == "text" and not known.map(lambda value: isinstance(value, str)).all():
        return False
    return not _bad_values(column, known)[0].any()


def _takes_anything(column: Column) -> bool:
    """Tell whether no value of a column can be a fault."""
    return column.nullable and column.kind in ("text", "object") and not column.choices


def _is_plain(column: Column, values: npt.NDArray[Any]) -> bool:
    """Tell at a glance that every value of a column fits; where not, each has to be looked at.

    Tables are checked wherever one is handed in, and most are small and without a fault: looking at
    each column with the means of pandas takes several times as long.
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
