"""Attributes of buildings: which column means what, and heights from what sources say.

A source says metres, feet, storeys, or nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.bounded.text import load_json
from civicsight.core.errors import N_, Fault
from civicsight.io.faults import fault
from civicsight.io.report import Count
from civicsight.io.source_options import ColumnMapping
from civicsight.io.tables.rows import Cell, Reader
from civicsight.io.tables.source_schema import SourceSchema, match_names, suggest_meanings
from civicsight.io.vectors.filled_heights import find_filled
from civicsight.io.vectors.measures import STOREY_M, Reading, read_height, read_length, read_storeys
from civicsight.model import BUILDINGS
from civicsight.model.inputs import BUILDING_SOURCE
from civicsight.model.notes import Note, noted

MAX_HEIGHT_M: Final = next(c.high for c in BUILDING_SOURCE if c.name == "height")
"""No building is higher; a greater value is a slip [m]."""

ROOF_SLAB_M = 0.5
"""Thickness of a roof on posts, and least thickness of a part above the ground [m] (assumption)."""

DEFAULT_STOREYS: Mapping[str, float] = {
    "apartments": 4, "residential": 7, "dormitory": 7, "block": 6, "house": 3, "detached": 2,
    "semidetached_house": 2, "terrace": 3, "bungalow": 1.5, "allotment_house": 1, "cabin": 1,
    "hut": 1, "shed": 1, "farm": 2, "houseboat": 1, "garage": 1, "garages": 1, "carport": 1,
    "roof": 1, "kiosk": 1, "service": 1, "container": 1, "greenhouse": 1, "toilets": 1,
    "guardhouse": 1, "entrance": 1, "electricity": 1, "transformer_tower": 2, "utility": 1,
    "pavilion": 1.5, "hotel": 6, "office": 5, "commercial": 1.5, "retail": 1.5, "supermarket": 2,
    "public": 2.5, "government": 4, "civic": 4, "hospital": 4, "clinic": 3, "school": 4,
    "university": 3, "college": 4, "kindergarten": 1.5, "museum": 4, "train_station": 4,
    "transportation": 3, "church": 6, "cathedral": 8, "chapel": 3, "temple": 3, "mosque": 4,
    "religious": 4, "industrial": 2, "warehouse": 3, "manufacture": 3, "hangar": 4, "parking": 4,
    "stadium": 6, "grandstand": 4, "sports_hall": 3, "sports_centre": 3, "tower": 10,
}  # fmt: skip
"""Storeys that a building of a kind has where its height is not mapped.

Where at least twenty buildings of the kind have a mapped height, the median of them, to half a
storey, in the OSM extracts of central Helsinki, Berlin-Wittenau, the Esquilino in Rome, Monaco and
two campuses in Beijing; assumptions of the project elsewhere. They only fill the reading "as it is
likely"; a finding that has to be sure takes such a building at its lowest and highest instead.
"""

DEFAULT_STOREYS_OTHER = 4.0
"""Storeys of a building of any other kind: the median of ``building=yes`` in the same extracts."""


class Field(NamedTuple):
    """One attribute of a thing: how it is read, and its greatest value."""

    name: str
    read: Callable[[object], Reading]
    limit: float


FORMS: Final = {"height": read_height, "roof:height": read_length, "min_height": read_length}
"""What reads the attributes that are lengths; the others are storeys."""

FIELDS: Final = tuple(
    Field(column.name, FORMS.get(column.name, read_storeys), column.high)
    for column in BUILDING_SOURCE
    if column.kind == "float"
)
"""Attributes that heights are read from, in OSM's names; mapping, template and reader go by it."""


class Heights(NamedTuple):
    """Tops and undersides of buildings, and what is to be said about them.

    `frame` holds ``height_m``, ``base_m``, ``height_assumed`` and ``height_source``, index as
    given. `faults` are values that cannot be used, where a default or another attribute takes
    their place; `counts` tell in which form heights stood.
    """

    frame: pd.DataFrame
    faults: tuple[Fault, ...]
    counts: tuple[Count, ...] = ()
    notes: tuple[Note, ...] = ()


def building_heights(
    attributes: pd.DataFrame,
    kind: pd.Series,
    file: str,
    *,
    factors: Mapping[str, float] = MappingProxyType({}),
) -> Heights:
    """Work out top and underside of buildings above the ground.

    The top is the height; else the storeys with the roof on them; else a default by kind. Zero is
    unknown. Heights that the source filled in, or that look like elevations, are kept, but count
    as assumed (see `filled`). The underside is the least height, else the skipped storeys; a roof
    without walls is a slab under its top.

    Parameters
    ----------
    attributes
        Any of the columns named in `FIELDS`, as text or numbers; the input is not changed.
    kind, file
        Kind of each building in OSM's words, None where it is not known; name for the faults.
    factors
        Metres by unit of a column whose header names another unit than metres.

    References
    ----------
    OSM wiki, "Simple 3D Buildings", for the meaning of the attributes.
    """
    values: dict[str, pd.Series] = {}
    forms: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    for field in FIELDS:
        if field.name not in attributes.columns:
            values[field.name] = pd.Series(np.nan, index=attributes.index)
            forms[field.name] = pd.Series("", index=attributes.index, dtype=object)
            continue
        column, factor = attributes[field.name], factors.get(field.name, 1.0)
        values[field.name], bad, forms[field.name] = _read_forms(column, field, file, factor)
        faults += bad
    height, storeys = _positive(values["height"]), _positive(values["building:levels"])
    worded = forms["height"].eq("storeys") & height.notna()
    roof = values["roof:height"].fillna(values["roof:levels"] * STOREY_M).fillna(0.0)
    from_storeys = storeys * STOREY_M + roof
    base = values["min_height"].fillna(values["building:min_level"] * STOREY_M).fillna(0.0)
    known = height.fillna(from_storeys)
    # Without any, the top by kind; a part known to begin high up ends a storey or its roof above.
    default = kind.map(DEFAULT_STOREYS).astype(float).fillna(DEFAULT_STOREYS_OTHER) * STOREY_M
    raised = base + roof.where(roof > 0, STOREY_M)
    default = default.where(base <= 0, np.maximum(default, raised))
    top = known.fillna(default).clip(upper=MAX_HEIGHT_M)
    # A roof on posts is a slab, and nothing raised is thinner than one.
    on_posts = kind.isin(("roof", "carport")) & (base <= 0)
    slab = (top - ROOF_SLAB_M).clip(lower=0.0)
    underside = base.where(~on_posts & ((base <= 0) | (base <= slab)), slab)
    filled = find_filled(height[~worded], storeys[~worded], kind[~worded])
    same = filled.rows.reindex(top.index, fill_value=False)
    measured = height.notna() & ~worded
    read_from = np.select(
        [same, measured, known.notna()], ["filled", "height", "levels"], "default"
    )
    out = pd.DataFrame(
        {
            "height_m": top,
            "base_m": underside,
            "height_assumed": known.isna() | same,
            "height_source": read_from.astype(object),
        },
        index=attributes.index,
    )
    upside_down = (
        fault(
            "height.upside_down",
            file,
            str(label),
            "min_height",
            f"{base[label]:g} m",
            top=top[label],
        )
        for label in base.index[base > top]
    )
    found = forms["height"][height.notna()].value_counts()
    labels = (
        ("unit", N_("heights in feet or another unit than metres")),
        ("storeys", N_("heights given as storeys, at 3 m each")),
        ("several", N_("heights with several numbers: the greatest counts")),
        ("about", N_("heights that are only about right")),
    )
    zero = int((values["height"] == 0).sum())
    counts = (
        *(Count(f"form.{form}", text, int(found.get(form, 0))) for form, text in labels),
        Count("form.zero", N_("heights of 0, taken for unknown"), zero),
    )
    return Heights(out, (*faults, *upside_down), counts, filled.notes)


def _positive(values: pd.Series) -> pd.Series:
    return values.where(values > 0)


def read_column(column: pd.Series, field: Field, file: str) -> tuple[pd.Series, tuple[Fault, ...]]:
    """Read one attribute of many rows.

    Returns
    -------
    values
        float64, NaN where the source says nothing or nothing usable.
    faults
        Each value that cannot be used.
    """
    values, faults, _ = _read_forms(column, field, file)
    return values, faults


def _read_forms(
    column: pd.Series, field: Field, file: str, factor: float = 1.0
) -> tuple[pd.Series, tuple[Fault, ...], pd.Series]:
    """Read one attribute as `read_column` does, and in which form each value stood.

    Numbers without a unit are multiplied by `factor`; forms are those of `measures.How`.
    """
    if column.dtype == object:
        column = column.map(_plain)
    readings = {item: _scaled(field.read(item), factor) for item in column[column.notna()].unique()}
    value = column.map({item: reading.value for item, reading in readings.items()}).astype(float)
    form = column.map({item: reading.how for item, reading in readings.items()})
    bad_items = {
        item
        for item, reading in readings.items()
        if not reading.readable or reading.value > field.limit
    }
    bad = column.isin(bad_items).to_numpy(bool)
    faults = tuple(
        fault("height.unusable", file, str(label), field.name, str(item), limit=field.limit)
        for label, item in column[bad].items()
    )
    return value.where(~bad), faults, form.astype(object).where(form.notna() & ~bad, "")


def _plain(value: object) -> object:
    """Return lists and structures as the text that they are in a message."""
    return str(value) if pd.api.types.is_list_like(value) else value


def _scaled(reading: Reading, factor: float) -> Reading:
    if factor == 1.0 or reading.how in {"unit", "storeys"}:
        return reading
    return Reading(reading.value * factor, reading.readable, reading.how or "unit")


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
    extra=BUILDING_SOURCE,
    readers={field.name: _reader(field) for field in FIELDS},
    places={},
    section="buildings",
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


def column_notes(frame: gpd.GeoDataFrame, found: dict[str, str]) -> tuple[Note, ...]:
    """Say which columns are read as what, which are not read, and what those look like."""
    known = {*found.values(), PART}
    rest = [name for name in _names(frame) if name not in known]
    notes = [
        noted(
            "columns.read",
            N_(
                "columns understood: %(columns)s",
                columns=", ".join(f"{name} = {column}" for name, column in found.items()),
            ),
            len(found),
        )
    ]
    if rest:
        notes.append(
            noted(
                "columns.unread",
                N_("columns not read: %(columns)s", columns=", ".join(rest)),
                len(rest),
            )
        )
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
        with suppress(ValueError):
            value = load_json(value)
    if isinstance(value, dict):
        value = value.get("primary")
    if value is None or pd.api.types.is_list_like(value) or pd.isna(value):
        return None
    return str(value)
