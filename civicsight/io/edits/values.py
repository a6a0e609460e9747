"""Values, closed lists and ids of rows as a desktop GIS gives them back.

Numbers come as text, yes as 1, mappings as JSON text. What says the same as before is the same: a
value only counts as changed if it means another thing. A desktop GIS renumbers rows at will, leaves
the id of a drawn feature empty and copies it with a copied one; the id of a project is the column
of the table, and nothing else.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.bounded.text import load_json
from civicsight.core.column import Column
from civicsight.core.errors import N_, Text
from civicsight.core.keyed_difference import Tolerance, is_missing, is_same
from civicsight.core.values import as_flag
from civicsight.io.edits.model import Fresh
from civicsight.io.registers.templates import SOURCE_SCHEMAS
from civicsight.io.tables.source_schema import choices_of
from civicsight.io.tables.synonyms import match_value, normal
from civicsight.model import Table

WRITTEN: Final = Tolerance(within=1e-12, share=1e-9)
"""Numbers so near each other were only written otherwise."""


class UnreadableError(ValueError):
    """A value that cannot be what its column holds; the text says what was expected."""

    def __init__(self, expected: Text) -> None:
        self.expected = expected
        super().__init__(str(expected))


def read_value(column: Column, raw: object, old: object = None) -> Any:
    """Return what a cell means.

    Parameters
    ----------
    column
        Declaration of the column.
    raw
        What the edited file holds.
    old
        What the project holds; returned as it is where `raw` says the same.

    Raises
    ------
    UnreadableError
        If the cell cannot be read.
    """
    if _is_blank(raw):
        empty = empty_value(column)
        same = isinstance(old, bool | np.bool_) and bool(old) is empty
        return old if same or _is_blank(old) else empty
    value = READERS[column.kind](raw)
    return old if _is_same(column, raw, value, old) else value


def _is_blank(value: object) -> bool:
    return is_missing(value) or (isinstance(value, str) and not value)


def empty_value(column: Column) -> Any:
    """Return the empty value of a column; a yes or no that nobody ticked is no."""
    if column.kind == "bool":
        return False
    if column.kind == "object" and column.required:
        return {}
    return math.nan if column.kind in ("float", "int") else None


def _is_same(column: Column, raw: object, value: Any, old: object) -> bool:
    if is_missing(old):
        return False
    if column.kind in ("float", "int"):
        return is_same(value, float(str(old)), WRITTEN)
    if column.kind == "text" and not isinstance(raw, str):
        try:
            return float(str(raw)) == float(str(old))
        except ValueError:
            return str(raw) == str(old)
    return is_same(value, old)


def _number(raw: object) -> float:
    try:
        value = float(str(raw).strip())
    except ValueError:
        raise UnreadableError(N_("a number")) from None
    if not math.isfinite(value):
        raise UnreadableError(N_("a number"))
    return value


def _whole(raw: object) -> int:
    value = _number(raw)
    if value != int(value):
        raise UnreadableError(N_("a whole number"))
    return int(value)


def _flag(raw: object) -> bool:
    for cell in (raw, normal(raw)):
        read = as_flag(cell)
        if isinstance(read, bool):
            return read
    raise UnreadableError(N_("yes or no (1 or 0)"))


def _day(raw: object) -> str:
    if isinstance(raw, dt.date):  # a timestamp is one as well
        return raw.isoformat()[:10]
    text = str(raw).strip().replace("/", "-")
    try:
        return dt.date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise UnreadableError(N_("a date such as 2026-03-01")) from None


def _thing(raw: object) -> Any:
    if isinstance(raw, np.ndarray):
        return raw.tolist()
    if not isinstance(raw, str):
        return raw
    try:
        return load_json(raw)
    except ValueError:
        raise UnreadableError(N_('JSON such as {"key": "value"}')) from None


def _text(raw: object) -> str:
    if isinstance(raw, bool | np.bool_):
        return "true" if raw else "false"
    if isinstance(raw, float | np.floating) and float(raw).is_integer():
        return str(int(raw))
    return raw if isinstance(raw, str) else str(raw)


READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "float": _number,
    "int": _whole,
    "bool": _flag,
    "maybe": _flag,
    "date": _day,
    "object": _thing,
    "text": _text,
}
"""How each kind of column is read."""


SCHEMA_OF: Final = {schema.table.name: schema for schema in SOURCE_SCHEMAS.values()}
"""Schema of each table that people fill in words."""


def value_of(table: str, column: Column, raw: object) -> object:
    """Return the value of a closed list that a cell names in words, else the cell."""
    schema = SCHEMA_OF.get(table)
    if schema is None or not column.choices or not isinstance(raw, str) or raw in column.choices:
        return raw
    return match_value(column.name, raw, schema.words) or raw


def choices_in(table: str, column: Column) -> str | dict[str, str]:
    """Return the values of a closed list, as a label where there are words for them."""
    schema = SCHEMA_OF.get(table)
    return ", ".join(column.choices) if schema is None else choices_of(schema, column)


def label_rows(
    table: Table,
    before: gpd.GeoDataFrame,
    raw: list[object],
    shapes: np.ndarray,
    tolerance_m: float,
) -> tuple[list[str], tuple[Fresh, ...]]:
    """Return an id for every edited row.

    Parameters
    ----------
    table, before
        The table and its rows in the project.
    raw
        The column of ids in the edited file.
    shapes
        Geometries of the edited rows in the CRS of the project, None where there is none.
    tolerance_m
        Differences of place up to this are rounding.

    Returns
    -------
    labels, fresh
        An id for each row, no two alike; and which of them were made here. Of several rows with
        one id the row nearest to where that feature was keeps it. A row that was given an id when
        the same file was taken over before, gets that one again.
    """
    numbers = _by_number(before.index)
    known = set(before.index)
    found = [_clean(value, known, numbers) for value in raw]
    keepers = _keepers(found, before, shapes)
    new = _new_labels(table, known | {label for label in found if label})
    # Places of rows whose id was made here once, and that the file does not name.
    made = re.compile(rf"{_stem(table)}-[1-9]\d*")
    named = set(found)
    given = {
        label: shape
        for label, shape in before.geometry.items()
        if label not in named and made.fullmatch(label)
    }
    labels: list[str] = []
    fresh = []
    for row, label in enumerate(found):
        if label and keepers[label] == row:
            labels.append(label)
            continue
        there = (
            name
            for name, place in given.items()
            if shapely.equals_exact(place, shapes[row], tolerance_m)
        )
        again = next(there, "")
        if again:
            del given[again]
            labels.append(again)
            continue
        labels.append(next(new))
        fresh.append(Fresh(labels[-1], label or ""))
    return labels, tuple(fresh)


def _clean(value: object, known: set[str], numbers: dict[int, str]) -> str | None:
    """Return an id as the project writes it, None for an empty cell."""
    if is_missing(value) or not str(value).strip():
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    if isinstance(value, int | np.integer) and str(value) not in known:
        return numbers.get(int(value), str(value))  # 007 that became 7
    text = str(value)
    return text if text in known else text.strip()


def _by_number(labels: Iterable[str]) -> dict[int, str]:
    """Return ids made of digits by their number, those that no other id shares it with."""
    found: dict[int, list[str]] = {}
    for label in labels:
        if label.isascii() and label.isdecimal():
            found.setdefault(int(label), []).append(label)
    return {number: same[0] for number, same in found.items() if len(same) == 1}


def _keepers(
    found: list[str | None], before: gpd.GeoDataFrame, shapes: np.ndarray
) -> dict[str, int]:
    """Return the row that keeps each id."""
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(found):
        if label:
            rows.setdefault(label, []).append(row)
    keepers = {}
    for label, same in rows.items():
        keepers[label] = same[0]
        if len(same) > 1 and label in before.index:
            place = before.geometry.loc[label]
            away = shapely.hausdorff_distance(place, shapes[same])
            keepers[label] = same[int(np.argmin(np.where(np.isnan(away), np.inf, away)))]
    return keepers


def _stem(table: Table) -> str:
    return table.index.removesuffix("_id")


def _new_labels(table: Table, taken: set[str]) -> Iterator[str]:
    """Yield ids that no row has: camera-1, camera-2 ..."""
    for number in count(1):
        label = f"{_stem(table)}-{number}"
        if label not in taken:
            yield label
