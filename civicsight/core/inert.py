"""What a cell of a spreadsheet may hold, so that nothing in it is live."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from civicsight.core.shown import shown

FORMULA_STARTS: Final = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n")
NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
"""A number as it stands in a file."""

MAX_CELL: Final = 32_767
"""Characters of a cell."""


def inert(value: object) -> object:
    r"""Return a cell that no spreadsheet runs; numbers stay numbers, lists become JSON.

    Examples
    --------
    >>> inert("=1+1"), inert(-3.5), inert("a\x00b")
    ("'=1+1", -3.5, 'a\\u0000b')
    """
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    if value is None or value is pd.NaT:
        return None
    text = shown(value if isinstance(value, str) else _as_json(value))[:MAX_CELL]
    # Spreadsheets of East Asia take a full-width sign for the plain one.
    first = unicodedata.normalize("NFKC", text[:1])
    return f"'{text}" if first.startswith(FORMULA_STARTS) else text


def inert_cells(column: pd.Series | pd.Index) -> list[object]:
    """Return `inert` of every value of a column: at once of numbers, once of each text.

    Examples
    --------
    >>> inert_cells(pd.Series([0.5, np.nan])), inert_cells(pd.Series(["=1", "a", "=1"]))
    ([0.5, None], ["'=1", 'a', "'=1"])
    """
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf":
        values = column.to_numpy()
        cells: list[object] = values.tolist()
        for row in np.flatnonzero(~np.isfinite(values)).tolist():
            cells[row] = None
        return cells
    known: dict[str, object] = {}
    return [_known(known, value) if type(value) is str else inert(value) for value in column]


def _known(known: dict[str, object], text: str) -> object:
    """Return what a text becomes, found once."""
    found = known.get(text)
    if found is None:
        found = known[text] = inert(text)
    return found


def as_written(cell: object) -> object:
    """Return a cell that no spreadsheet runs; a number that is text stays as it is written.

    Examples
    --------
    >>> as_written("-3.50"), as_written("-A1")
    ('-3.50', "'-A1")
    """
    return cell if isinstance(cell, str) and NUMBER.fullmatch(cell) else inert(cell)


def as_json(value: object) -> object:
    """Return a value that JSON holds, for what `json` does not know."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple | set | frozenset):
        return sorted(value) if isinstance(value, set | frozenset) else list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def _as_json(value: object) -> str:
    if isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False, default=as_json)
