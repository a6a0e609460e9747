"""Columns of a layer of buildings: which means what, and text out of whatever they hold."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf

import geopandas as gpd
import pandas as pd

from civicsight.bounded.text import load_json
from civicsight.city.tables.mapping import Mapping
from civicsight.city.tables.synonyms import BUILDING_HEADERS, match_headers
from civicsight.city.vectors.words import YEAR_HEADERS

OVERTURE: MappingOf[str, tuple[str, ...]] = {
    "name": ("names", "names primary", "@name"),
    "coarse kind": ("subtype",),
}
"""Further names of columns, after all others (Overture Maps schema, theme buildings)."""

FEET_HEADERS: MappingOf[str, tuple[str, ...]] = {
    "height": ("height ft", "height feet", "building height ft", "bldg height ft", "height roof ft")
}
"""Names of columns in feet."""


def find_columns(frame: gpd.GeoDataFrame, mapping: Mapping | None = None) -> dict[str, str]:
    """Find the column for each meaning: as a person says, else by the words people use.

    Returns
    -------
    dict
        Column of the file by meaning; meanings without a column are missing.
    """
    shapes = frame.geometry.name
    names = [str(column) for column in frame.columns if column != shapes]
    said = {} if mapping is None else mapping.columns
    taken = {column for column in said.values() if column in names}
    headers = {name: words for name, words in BUILDING_HEADERS.items() if name not in said}
    found = match_headers([name for name in names if name not in taken], headers)
    taken |= set(found.values())
    for extra in (OVERTURE, FEET_HEADERS, YEAR_HEADERS):
        left = [name for name in names if name not in taken]
        more = {name: words for name, words in extra.items() if name not in {*found, *said}}
        found |= match_headers(left, more)
        taken |= set(found.values())
    return {**found, **{name: column for name, column in said.items() if column in names}}


def text_column(frame: gpd.GeoDataFrame, column: str | None) -> pd.Series:
    """Return a column as text, None where it says nothing; of a name in parts the primary one."""
    if column is None:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    texts = [_text(value) for value in frame[column]]
    return pd.Series(texts, index=frame.index, dtype=object)


def _text(value: object) -> str | None:
    """Return the text of one value; Overture's ``names`` is a structure, or JSON of one."""
    if isinstance(value, str) and value.startswith("{"):
        value = _parsed(value)
    if isinstance(value, dict):
        value = value.get("primary")
    if value is None or pd.api.types.is_list_like(value) or pd.isna(value):
        return None
    return str(value)


def _parsed(text: str) -> object:
    try:
        return load_json(text)
    except ValueError:
        return text
