"""Heights of buildings from what sources say: metres, feet, storeys, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.errors import N_, Fault

FloatArray = npt.NDArray[np.float64]

STOREY_M = 3.0
"""Height of a storey [m]: the value that the OSM community uses to draw buildings in 3D."""

MAX_HEIGHT_M = 1_000.0
"""No building is higher; a greater value is a slip [m]."""

MAX_STOREYS = 200.0
"""No building has more storeys; a greater value is a slip."""

ROOF_SLAB_M = 0.5
"""Thickness of a roof on posts, and least thickness of a part above the ground [m] (assumption)."""

DEFAULT_STOREYS: Mapping[str, float] = {
    "apartments": 4,
    "residential": 7,
    "dormitory": 7,
    "block": 6,
    "house": 3,
    "detached": 2,
    "semidetached_house": 2,
    "terrace": 3,
    "bungalow": 1.5,
    "allotment_house": 1,
    "cabin": 1,
    "hut": 1,
    "shed": 1,
    "farm": 2,
    "houseboat": 1,
    "garage": 1,
    "garages": 1,
    "carport": 1,
    "roof": 1,
    "kiosk": 1,
    "service": 1,
    "container": 1,
    "greenhouse": 1,
    "toilets": 1,
    "guardhouse": 1,
    "entrance": 1,
    "electricity": 1,
    "transformer_tower": 2,
    "utility": 1,
    "pavilion": 1.5,
    "hotel": 6,
    "office": 5,
    "commercial": 1.5,
    "retail": 1.5,
    "supermarket": 2,
    "public": 2.5,
    "government": 4,
    "civic": 4,
    "hospital": 4,
    "clinic": 3,
    "school": 4,
    "university": 3,
    "college": 4,
    "kindergarten": 1.5,
    "museum": 4,
    "train_station": 4,
    "transportation": 3,
    "church": 6,
    "cathedral": 8,
    "chapel": 3,
    "temple": 3,
    "mosque": 4,
    "religious": 4,
    "industrial": 2,
    "warehouse": 3,
    "manufacture": 3,
    "hangar": 4,
    "parking": 4,
    "stadium": 6,
    "grandstand": 4,
    "sports_hall": 3,
    "sports_centre": 3,
    "tower": 10,
}
"""Storeys that a building of a kind has where its height is not mapped.

Where at least twenty buildings of the kind have a mapped height, the median of them, to half a
storey, in the OSM extracts of central Helsinki, Berlin-Wittenau, the Esquilino in Rome, Monaco and
two campuses in Beijing; assumptions of the project elsewhere. They only fill the reading "as it is
likely"; a finding that has to be sure takes such a building at its lowest and highest instead.
"""

DEFAULT_STOREYS_OTHER = 4.0
"""Storeys of a building of any other kind: the median of ``building=yes`` in the same extracts."""

FEET = 0.3048
INCH = 0.0254

_NUMBER = r"[+-]?\d+(?:[.,]\d+)?"
_UNITS: Mapping[str, float] = {
    "": 1.0,
    "m": 1.0,
    "meter": 1.0,
    "meters": 1.0,
    "metre": 1.0,
    "metres": 1.0,
    "cm": 0.01,
    "ft": FEET,
    "feet": FEET,
    "foot": FEET,
    "'": FEET,
    "’": FEET,
    "in": INCH,
    '"': INCH,
}
_LENGTH = re.compile(rf"({_NUMBER})\s*([a-z'\"’]*)\.?")
_FEET_AND_INCHES = re.compile(r"(\d+)\s*(?:ft|feet|'|’)\s*(\d+(?:\.\d+)?)\s*(?:in|\"|'')?")
_RANGE = re.compile(rf"({_NUMBER})\s*[-–]\s*({_NUMBER})")
_UNKNOWN_WORDS = frozenset({"", "nan", "none", "null", "na", "n/a", "unknown", "-", "?"})


class Reading(NamedTuple):
    """A number read from text: its value, NaN if it says "unknown", and whether it is readable."""

    value: float
    readable: bool


UNKNOWN = Reading(np.nan, readable=True)
UNREADABLE = Reading(np.nan, readable=False)


def read_length(text: object) -> Reading:
    """Read a length in metres from text such as ``12``, ``12,5 m``, ``40 ft`` or ``6'6"``.

    Of several values (``3;4``, ``10-12``) the greatest counts. Words for "unknown" and empty text
    are unknown; other text, negative and infinite values are unreadable.

    Examples
    --------
    >>> read_length("12.13 m").value
    12.13
    >>> round(read_length("40 ft").value, 3)
    12.192
    >>> read_length("about six").readable
    False
    """
    return _read(text, _single_length)


def read_storeys(text: object) -> Reading:
    """Read a number of storeys from text such as ``3``, ``2.5`` or ``3;4`` (the greatest counts).

    Examples
    --------
    >>> read_storeys("3;4").value
    4.0
    """
    return _read(text, _single_number)


def _read(text: object, single: Callable[[str], float | None]) -> Reading:
    if text is None:
        return UNKNOWN
    if isinstance(text, (int, float, np.integer, np.floating)):
        value = float(text)
        if np.isnan(value) or value == -1.0:
            return UNKNOWN  # -1 is how footprints made from imagery say "unknown"
        return Reading(value, readable=True) if 0 <= value < np.inf else UNREADABLE
    clean = str(text).strip().lower()
    if clean in _UNKNOWN_WORDS or clean in {"-1", "-1.0"}:
        return UNKNOWN
    spread = _RANGE.fullmatch(clean)
    pieces = list(spread.groups()) if spread else [piece.strip() for piece in clean.split(";")]
    values = [single(piece) for piece in pieces if piece]
    known = [value for value in values if value is not None]
    if not values or len(known) < len(values) or min(known) < 0:
        return UNREADABLE
    return Reading(max(known), readable=True)


def _single_number(text: str) -> float | None:
    return float(text.replace(",", ".")) if re.fullmatch(_NUMBER, text) else None


def _single_length(text: str) -> float | None:
    mixed = _FEET_AND_INCHES.fullmatch(text)
    if mixed:
        return float(mixed[1]) * FEET + float(mixed[2]) * INCH
    found = _LENGTH.fullmatch(text)
    if not found or found[2] not in _UNITS:
        return None
    return float(found[1].replace(",", ".")) * _UNITS[found[2]]


class Field(NamedTuple):
    """How one attribute of a building is read."""

    name: str
    read: Callable[[object], Reading]
    limit: float


FIELDS = (
    Field("height", read_length, MAX_HEIGHT_M),
    Field("building:levels", read_storeys, MAX_STOREYS),
    Field("roof:levels", read_storeys, MAX_STOREYS),
    Field("roof:height", read_length, MAX_HEIGHT_M),
    Field("min_height", read_length, MAX_HEIGHT_M),
    Field("building:min_level", read_storeys, MAX_STOREYS),
)
"""Attributes that heights are read from, in OSM's names, and their greatest value."""


def building_heights(
    attributes: pd.DataFrame, kind: pd.Series, file: str
) -> tuple[pd.DataFrame, tuple[Fault, ...]]:
    """Work out top and underside of buildings above the ground.

    The top is the height; else the storeys with the roof on them; else a default by kind. Zero is
    unknown. The underside is the least height, else the skipped storeys; a roof without walls is a
    slab under its top.

    Parameters
    ----------
    attributes
        Any of the columns named in `FIELDS`, as text or numbers; the input is not changed.
    kind
        Kind of each building, in OSM's words; None where it is not known.
    file
        Name for the faults.

    Returns
    -------
    heights
        ``height_m``, ``base_m``, ``height_assumed``, ``height_source``, index as given.
    faults
        Each value that cannot be used; a default or another attribute takes its place.

    References
    ----------
    OSM wiki, "Simple 3D Buildings", for the meaning of the attributes.
    """
    values, faults = _read_fields(attributes, file)
    height = _positive(values["height"])
    roof = values["roof:height"].fillna(values["roof:levels"] * STOREY_M).fillna(0.0)
    from_storeys = _positive(values["building:levels"]) * STOREY_M + roof
    base = values["min_height"].fillna(values["building:min_level"] * STOREY_M).fillna(0.0)
    known = height.fillna(from_storeys)
    top = known.fillna(_default_top(kind, base, roof)).clip(upper=MAX_HEIGHT_M)
    below = _slab_at_least(kind, base, top)
    source = np.where(height.notna(), "height", np.where(from_storeys.notna(), "levels", "default"))
    out = pd.DataFrame(
        {
            "height_m": top,
            "base_m": below,
            "height_assumed": known.isna(),
            "height_source": source.astype(object),
        },
        index=attributes.index,
    )
    return out, (*faults, *_upside_down(base, top, file))


def _default_top(kind: pd.Series, base: pd.Series, roof: pd.Series) -> pd.Series:
    """Return the top by kind; a part known to begin high up ends a storey or its roof above."""
    default = kind.map(DEFAULT_STOREYS).astype(float).fillna(DEFAULT_STOREYS_OTHER) * STOREY_M
    raised = base + roof.where(roof > 0, STOREY_M)
    return default.where(base <= 0, np.maximum(default, raised))


def _slab_at_least(kind: pd.Series, base: pd.Series, top: pd.Series) -> pd.Series:
    """Return the underside: a roof on posts is a slab, and nothing raised is thinner than one."""
    on_posts = kind.isin(("roof", "carport")) & (base <= 0)
    slab = (top - ROOF_SLAB_M).clip(lower=0.0)
    return base.where(~on_posts & ((base <= 0) | (base <= slab)), slab)


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
    readings = {item: field.read(item) for item in column[column.notna()].unique()}
    value = column.map({item: reading.value for item, reading in readings.items()}).astype(float)
    bad_items = {
        item
        for item, reading in readings.items()
        if not reading.readable or reading.value > field.limit
    }
    bad = column.isin(bad_items).to_numpy(bool)
    faults = tuple(_unusable(file, str(label), field, item) for label, item in column[bad].items())
    return value.where(~bad), faults


def _read_fields(attributes: pd.DataFrame, file: str) -> tuple[dict[str, pd.Series], list[Fault]]:
    values: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    for field in FIELDS:
        if field.name not in attributes.columns:
            values[field.name] = pd.Series(np.nan, index=attributes.index)
            continue
        values[field.name], found = read_column(attributes[field.name], field, file)
        faults += found
    return values, faults


def _unusable(file: str, label: str, field: Field, found: object) -> Fault:
    return Fault(
        "height.unusable",
        file,
        label,
        field.name,
        str(found),
        N_("a number from 0 to %(limit)g", limit=field.limit),
        N_("It was left out; give a value such as 12 or 12 m."),
    )


def _upside_down(base: pd.Series, top: pd.Series, file: str) -> list[Fault]:
    """Return a fault for each building whose underside is above its top."""
    return [
        Fault(
            "height.upside_down",
            file,
            str(label),
            "min_height",
            f"{base[label]:g} m",
            N_("an underside below the top at %(top)g m", top=top[label]),
            N_("It was made a thin slab below its top; check both heights."),
        )
        for label in base.index[base > top]
    ]
