"""Longitudes and latitudes as people write them: exact, or nothing."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import NamedTuple

from civicsight.io.tables.words_cells import DEGREE_MARKS, HEMISPHERES, Axis

SIXTY = 60
"""Minutes and seconds stay below."""

_DECIMAL = re.compile(r"([+-]?)([0-9]{1,12}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?)\s*°?")
_MARKED = re.compile(
    r"""([+-]?)([0-9]{1,3})\s*°\s*([0-9]{1,2}(?:\.[0-9]{1,15})?)\s*
        (?:$|'\s*(?:([0-9]{1,2}(?:\.[0-9]{1,15})?)\s*"?)?$)""",
    re.VERBOSE,
)
_PLAIN = re.compile(
    r"([+-]?)([0-9]{1,3})(?:\s*:\s*|\s+)([0-9]{1,2})(?:\s*:\s*|\s+)([0-9]{1,2}(?:\.[0-9]{1,15})?)"
)
_QUICK = re.compile(r"-?[0-9]{1,3}\.[0-9]{1,15}")


class Angle(NamedTuple):
    """An angle in degrees, and which axis its hemisphere belongs to, if one is written."""

    value: float
    axis: Axis | None = None


def read_degrees(text: str) -> float | None:
    r"""Read an angle in degrees; None where the text is no single angle.

    See `read_angle`.

    Examples
    --------
    >>> read_degrees("115.9035")
    115.9035
    >>> read_degrees("115\u00b054'12.6\"E")
    115.9035
    >>> read_degrees("115\u00b061'") is None
    True
    """
    angle = read_angle(text)
    return None if angle is None else angle.value


def read_angle(text: str) -> Angle | None:
    """Read an angle with its hemisphere.

    Decimals with point or comma, degrees with minutes and seconds (by signs, colons or blanks),
    full-width digits, and letters or words for the hemisphere before or behind are read. The value
    is the float nearest to what is written. None where a part is out of order: 60 minutes, a sign
    beside a hemisphere, anything left over.
    """
    if _QUICK.fullmatch(text):
        return Angle(float(text))  # most inventories hold nothing else
    plain = _plain(text)
    axis, sign, body = _hemisphere(plain)
    if axis is not None and body[:1] in {"+", "-"}:
        return None
    value = _value(body)
    return None if value is None else Angle(float(sign * value), axis)


def _plain(text: str) -> str:
    """Return the text with one sign for each meaning and ASCII digits."""
    for mark, sign in DEGREE_MARKS.items():
        text = text.replace(mark, sign)
    plain = unicodedata.normalize("NFKC", text).strip().replace("''", '"')
    return plain.replace("\u2212", "-").replace("\u2032", "'")


def _hemisphere(text: str) -> tuple[Axis | None, int, str]:
    """Take the hemisphere off either end."""
    upper = text.upper()
    for word, (axis, sign) in HEMISPHERES.items():
        if upper.startswith(word):
            return axis, sign, text[len(word) :].lstrip(" :.")
        if upper.endswith(word):
            return axis, sign, text[: -len(word)].rstrip()
    return None, 1, text


def _value(body: str) -> Fraction | None:
    number = _DECIMAL.fullmatch(body.replace(",", ".", 1))
    if number is not None:
        value = Fraction(number[2])
        return -value if number[1] == "-" else value
    parts = _MARKED.fullmatch(body) or _PLAIN.fullmatch(body)
    if parts is None:
        return None
    minutes, seconds = Fraction(parts[3]), Fraction(parts[4] or 0)
    broken = parts[4] is not None and minutes.denominator != 1
    if broken or minutes >= SIXTY or seconds >= SIXTY:
        return None
    value = int(parts[2]) + minutes / SIXTY + seconds / (SIXTY * SIXTY)
    return -value if parts[1] == "-" else value
