"""Directions of view as sources write them: degrees, compass letters, or nothing usable."""

from __future__ import annotations

import re

import numpy as np

WINDS = (
    "N",
    "NNE",
    "NE",
    "ENE",
    "E",
    "ESE",
    "SE",
    "SSE",
    "S",
    "SSW",
    "SW",
    "WSW",
    "W",
    "WNW",
    "NW",
    "NNW",
)
"""The sixteen winds, clockwise from north."""

_WORDS = {
    "NORTH": "N",
    "NORTHEAST": "NE",
    "NORTH-EAST": "NE",
    "EAST": "E",
    "SOUTHEAST": "SE",
    "SOUTH-EAST": "SE",
    "SOUTH": "S",
    "SOUTHWEST": "SW",
    "SOUTH-WEST": "SW",
    "WEST": "W",
    "NORTHWEST": "NW",
    "NORTH-WEST": "NW",
}
_DEGREES = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*°?")


def read_azimuth(text: object) -> float | None:
    """Read a direction in degrees clockwise from north, from 0 to 360.

    Numbers (``-20`` is 340), the sixteen winds and the English names of the eight main ones are
    read. NaN where the source says nothing; None where it says something that is no direction of
    its own, such as ``forward`` or several values.

    Examples
    --------
    >>> read_azimuth("NE")
    45.0
    >>> read_azimuth("-20")
    340.0
    >>> read_azimuth("forward") is None
    True
    """
    if text is None or (isinstance(text, float) and np.isnan(text)):
        return np.nan
    clean = str(text).strip().upper()
    if not clean:
        return np.nan
    clean = _WORDS.get(clean, clean)
    if clean in WINDS:
        return WINDS.index(clean) * 22.5
    number = _DEGREES.fullmatch(clean)
    if number is None:
        return None
    value = float(number[1].replace(",", "."))
    return value % 360.0 if abs(value) <= 360.0 else None
