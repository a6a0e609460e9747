"""Tables as Parquet holds them, and back, to the last bit and type; no code is loaded.

A cell that is neither text nor a number is JSON, in which tuples, sentences and days are marked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.arrays import ObjectArray
from civicsight.core.bounded.wkb import load_wkb
from civicsight.core.errors import Text

TUPLE: Final = "()"
"""Key of the one-entry object that stands for a tuple, which JSON does not know."""

SENTENCE: Final = "N_"
"""Key of the one-entry object that stands for a sentence: its template and its values."""

DAY: Final = "day()"
"""Key of the one-entry object that stands for a day, as ISO 8601 text."""


def flatten(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a table that Parquet holds without loss, and how to undo it."""
    flat = pd.DataFrame(frame.copy())
    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    objects = [name for name in flat.columns if flat[name].dtype == object and name != geometry]
    for name in objects:
        flat[name] = pd.Series(_written(flat[name].to_numpy()), index=flat.index, dtype="str")
    if geometry is not None:
        flat[geometry] = pd.Series(shapely.to_wkb(frame.geometry.array), flat.index, dtype=object)
    return flat, {"objects": objects, "geometry": geometry}


def restore(frame: pd.DataFrame, columns: dict[str, Any], crs: CRS) -> pd.DataFrame:
    """Undo `flatten`, of the table that it gave."""
    for name in columns["objects"]:
        # Cells of JSON; equal ones are read once and are one value, which nobody changes.
        texts = frame[name]
        which, distinct = pd.factorize(texts.to_numpy(object), use_na_sentinel=False)
        values: ObjectArray = np.empty(len(distinct), object)
        for at, text in enumerate(distinct):
            values[at] = from_plain(json.loads(text))
        found: ObjectArray = values[which]
        frame[name] = pd.Series(found, index=frame.index, dtype=object)
    geometry = columns["geometry"]
    if geometry is None:
        return frame
    shapes = load_wkb(frame[geometry].tolist())  # walked before GEOS sees them
    frame[geometry] = gpd.array.from_shapely(shapes, crs=crs)
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=crs)


def _written(values: ObjectArray) -> list[str]:
    """Return cells as JSON; words and gaps, of which columns are full, are written once each."""
    known: dict[str | None, str] = {}
    texts = []
    for value in values:
        if not isinstance(value, str | None):
            texts.append(json.dumps(to_plain(value), ensure_ascii=False))
            continue
        if value not in known:
            known[value] = json.dumps(value, ensure_ascii=False)
        texts.append(known[value])
    return texts


def to_plain(value: Any) -> Any:
    """Return what JSON holds, with tuples, sentences and days marked."""
    if isinstance(value, Text):
        return {SENTENCE: [value.template, to_plain(value.values)]}
    if type(value) is date:  # a moment is one as well, and has no place in a table
        return {DAY: value.isoformat()}
    if isinstance(value, tuple):
        return {TUPLE: [to_plain(entry) for entry in value]}
    if isinstance(value, list):
        return [to_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {key: to_plain(entry) for key, entry in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def from_plain(value: Any) -> Any:
    """Undo `_plain`."""
    if isinstance(value, list):
        return [from_plain(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {TUPLE}:
        return tuple(from_plain(entry) for entry in value[TUPLE])
    if value.keys() == {DAY}:
        return date.fromisoformat(value[DAY])
    if value.keys() == {SENTENCE}:
        template, values = value[SENTENCE]
        return Text(template, from_plain(values))
    return {key: from_plain(entry) for key, entry in value.items()}
