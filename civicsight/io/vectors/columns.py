"""Columns of a layer of buildings: which means what, and text out of whatever they hold."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from civicsight.core.bounded.text import load_json
from civicsight.core.errors import N_, Text
from civicsight.io.source_options import ColumnMapping
from civicsight.io.tables.rows import Cell, Reader
from civicsight.io.tables.source_schema import SourceSchema, match_names, suggest_meanings
from civicsight.io.tables.synonyms import BUILDING_HEADERS, Headers
from civicsight.io.tables.words import YEAR_HEADERS
from civicsight.io.vectors.heights import FIELDS, Field
from civicsight.model import BUILDINGS, Column

FURTHER: Final[Headers] = {
    "height": ("height ft", "height feet", "building height ft", "bldg height ft",
               "height roof ft"),
    "name": ("names", "names primary", "@name"),
    "coarse kind": ("subtype",),
}  # fmt: skip
"""Further names of columns, after all others: in feet, and those of Overture Maps."""

PART: Final = "building:part"
"""Column that marks parts of an outline."""


def _reader(field: Field) -> Reader:
    def read(text: str) -> Cell:
        got = field.read(text)
        if not got.readable or got.value > field.limit:
            return Cell(None, N_("a number from 0 to %(limit)g", limit=field.limit))
        return Cell(None if pd.isna(got.value) else got.value)

    return read


BUILDING_SCHEMA: Final = SourceSchema(
    BUILDINGS,
    {
        **{name: (*words, *FURTHER.get(name, ())) for name, words in BUILDING_HEADERS.items()},
        "coarse kind": FURTHER["coarse kind"],
        **YEAR_HEADERS,
    },
    {},
    {},
    extra=(
        Column("id", "text", N_("identifier")),
        *(
            Column(
                field.name,
                "float",
                field.meaning,
                "m" if field.is_length else "",
                low=0,
                high=field.limit,
            )
            for field in FIELDS
        ),
        Column("coarse kind", "text", N_("Kind, where no finer one is given")),
        Column("underground", "text", N_("Whether it lies below the ground")),
    ),
    readers={field.name: _reader(field) for field in FIELDS},
    places={},
)
"""What a layer of buildings looks like."""


def find_columns(
    frame: gpd.GeoDataFrame, source: str, mapping: ColumnMapping | None = None
) -> dict[str, str]:
    """Find the column for each meaning: as a person says, else by the words people use.

    Returns
    -------
    dict
        Column of the file by meaning; meanings without a column are missing.

    Raises
    ------
    InputError
        If the mapping names a meaning that there is not, or a column that the layer lacks.
    """
    return match_names(_names(frame), source, BUILDING_SCHEMA, mapping)


def column_notes(frame: gpd.GeoDataFrame, found: dict[str, str]) -> tuple[Text, ...]:
    """Say which columns are read as what, which are not read, and what those look like."""
    known = {*found.values(), PART}
    rest = [name for name in _names(frame) if name not in known]
    notes = [
        N_(
            "columns understood: %(columns)s",
            columns=", ".join(f"{name} = {column}" for name, column in found.items()),
        )
    ]
    if rest:
        notes.append(N_("columns not read: %(columns)s", columns=", ".join(rest)))
    values = {name: frame[name] for name in rest}
    return (*notes, *suggest_meanings(values, BUILDING_SCHEMA, found))


def _names(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(column) for column in frame.columns if column != frame.geometry.name]


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
