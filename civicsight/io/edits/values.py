"""Values as a desktop GIS gives them back: numbers as text, yes as 1, mappings as JSON text.

What says the same as before is the same: a value only counts as changed if it means another thing.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from civicsight.core.bounded.text import load_json
from civicsight.core.errors import N_, Text
from civicsight.core.table import Column
from civicsight.core.values import as_flag
from civicsight.io.tables.synonyms import normal

SAME_SHARE: Final = 1e-9
"""Numbers that differ by less than this share of themselves were only written otherwise."""


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
        return old if _is_blank(old) else _empty(column, old)
    value = READERS[column.kind](raw)
    return old if _is_same(column, raw, value, old) else value


def is_missing(value: object) -> bool:
    """Tell whether a cell is empty."""
    return value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _is_blank(value: object) -> bool:
    return is_missing(value) or (isinstance(value, str) and not value)


def empty_value(column: Column) -> Any:
    """Return the empty value of a column; a yes or no that nobody ticked is no."""
    if column.kind == "bool":
        return False
    if column.kind == "object" and column.required:
        return {}
    return math.nan if column.kind in ("float", "int") else None


def _empty(column: Column, old: object) -> Any:
    """Return the empty value, or the old one where it means the same."""
    empty = empty_value(column)
    return old if isinstance(old, bool | np.bool_) and bool(old) is empty else empty


def _is_same(column: Column, raw: object, value: Any, old: object) -> bool:
    if is_missing(old):
        return False
    if column.kind in ("float", "int"):
        return math.isclose(value, float(str(old)), rel_tol=SAME_SHARE, abs_tol=1e-12)
    if column.kind == "object":
        return _canonical(value) == _canonical(old)
    if column.kind == "text" and not isinstance(raw, str):
        return _is_same_number(raw, old)  # a GIS took the text for a number: 8.10 is 8.1 there
    return bool(value == old)


def _is_same_number(raw: object, old: object) -> bool:
    try:
        return float(str(raw)) == float(str(old))
    except ValueError:
        return str(raw) == str(old)


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


def _canonical(value: object) -> str:
    """Write a value so that mappings in any order, lists and tuples compare as what they say."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, np.generic):
        return value.item()
    return list(value) if isinstance(value, np.ndarray | set | frozenset) else str(value)


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
