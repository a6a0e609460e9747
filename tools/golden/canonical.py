"""Canonical values: numbers to the precision that is promised, nothing of a processor or a day.

A number is rounded on a grid that is moved off the decimal and binary fractions which data are
full of: 0.0005 and 0.0005 plus the last bit of a double get the same three decimals. What differs
by that bit still can fall on two sides of a boundary; for doubles the chance is about 1e-9 a value.
"""

from __future__ import annotations

import json
import math
import re
from base64 import b64decode
from typing import Any, Final

Pieces = dict[str, list[str]]
"""Cells by column of a table, lines by section of a document, values by key of a mapping."""

OFF_TIES: Final = 0.0618
"""By what share of a step the boundaries between rounded values are moved."""

FARTHEST_SMALL: Final = 1e4
"""From here on a number of no known unit is a coordinate in metres."""

DECIMALS: Final = (
    (re.compile(r"px_m|px/m"), 3),
    (re.compile(r"(^|_)(lon|lat)(_|$)|Longitude|Latitude|coordinates"), 8),
    (re.compile(r"yuan"), 2),
    (re.compile(r"_deg(_|$)|\[deg\]"), 4),
    (re.compile(r"_m2?(_|$)|\[m²?\]|^[xy]$"), 3),
)
"""Decimals that are promised, by what the name of a column or key says of its unit."""
SHARES: Final = 6
METRES: Final = 3

NUMBER: Final = re.compile(
    r'(?:"(?P<key>\w+)":\s*)?(?<![\w.])(?P<value>-?\d+(?:\.\d{4,}(?:e[+-]?\d+)?|(?:\.\d+)?e[+-]?\d+))'
    r"(?![\w.]*[A-Za-z_])"
)
DIGEST: Final = re.compile(
    r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{16}"
    r"|[0-9a-f]{12})\b"
)
TIME: Final = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
VERSION: Final = re.compile(r"\b(civicsight|HiGHS|Leaflet|GDAL|numba|Python) v?\d+(?:\.\d+)+\w*")
TIMED: Final = frozenset({"history", "figures", "civicsight", "processor_seconds"})
"""Keys of JSON that hold seconds (how a search went on, and its drawing), or the version."""

TOOK: Final = re.compile(
    r'[\d,.]+( s of processor time)|(处理器时间) [\d,.]+ 秒|("processor_seconds":) [\d.]+'
)
"""What a search took of processors, as a statement says it in words and in JSON."""

PICTURE: Final = re.compile(r"data:(image/[\w+]+);base64,[\w+/=]+")


def decimals_of(name: str, value: float) -> int:
    """Return how many decimals of a number are promised, by the name of what it measures."""
    for pattern, decimals in DECIMALS:
        if pattern.search(name):
            return decimals
    return METRES if abs(value) >= FARTHEST_SMALL else SHARES


def number(value: float, name: str = "") -> str:
    """Return a number to its promised precision, with all of its decimals."""
    if not math.isfinite(value):
        return str(value)
    decimals = decimals_of(name, value)
    scale = 10.0**decimals
    text = f"{math.floor(value * scale + 0.5 + OFF_TIES) / scale:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def words(text: str, name: str = "") -> str:
    """Return a text without digests, times and versions, its long numbers rounded."""
    text = PICTURE.sub(r"<\1>", text)
    text = TIME.sub("<time>", DIGEST.sub("<digest>", text))
    text = VERSION.sub(r"\1 <version>", text)
    text = TOOK.sub(r"<time>\1\2\3", text)
    return NUMBER.sub(lambda found: _rounded(found, name), text)


def _rounded(found: re.Match[str], name: str) -> str:
    value = found["value"]
    return found[0].removesuffix(value) + number(float(value), found["key"] or name)


def cell(value: Any, name: str = "") -> str:
    """Return one value of a table or of a document of JSON."""
    if value is None:
        return ""
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return number(value, name)
    text = str(value)
    if text.startswith('{"'):
        return _mapping(text)
    try:
        return number(float(text), name) if "." in text else words(text, name)
    except ValueError:
        return words(text, name)


def _mapping(text: str) -> str:
    """Return a document of JSON in one cell, its keys in order."""
    try:
        lines = [line for piece in flat(json.loads(text)).values() for line in piece]
    except json.JSONDecodeError:
        return words(text)
    return "; ".join(lines)


def flat(data: Any, name: str = "") -> Pieces:
    """Return a document of JSON by its first two keys, a line a value."""
    pieces: Pieces = {}
    _flatten(data, [], name, pieces)
    return pieces


def _opened(data: Any, name: str) -> Any:
    """Return the document that a text under the name of a file holds; what holds none stays."""
    if not (name.endswith(".json") and isinstance(data, str)):
        return data
    try:
        return json.loads(b64decode(data, validate=True))
    except ValueError:
        return data


def _flatten(data: Any, path: list[str], name: str, pieces: Pieces) -> None:
    data = _opened(data, name)
    if isinstance(data, dict):
        for key in sorted(data.keys() - TIMED, key=str):
            _flatten(data[key], [*path, str(key)], str(key), pieces)
    elif isinstance(data, list):
        for place, value in enumerate(data):
            _flatten(value, [*path, str(place)], name, pieces)
    else:
        keys = [part for part in path if not part.isdecimal()]
        line = f"{'.'.join(path)} = {cell(data, name)}"
        pieces.setdefault(".".join(keys[:2]), []).append(line)
