"""Numbers and angles in cells: quantities with units, and degrees as people write them."""

from __future__ import annotations

import math
import re
import unicodedata
from fractions import Fraction
from typing import Final, NamedTuple

from civicsight.core.errors import N_, Text
from civicsight.io.tables.units import Unit, in_unit
from civicsight.io.tables.words import (
    APPROXIMATE,
    COUNTED,
    DAYS,
    DEGREE_MARKS,
    HALF,
    HEMISPHERES,
    NUMERALS,
    POINT,
    RANGE,
    TENS,
    UNITS,
    Axis,
)
from civicsight.io.vectors.measures import chinese_number, read_length

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:e[+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+")
_AFTER: Final = {
    "deg": ("°", "degrees", "degree", "deg"),
    "px": ("px", "pixels", "pixel"),
    "mm": ("mm",),
    "day": DAYS,
    "": COUNTED,
}
"""What may stand behind a number that is in its own unit."""


class Amount(NamedTuple):
    """A number in the unit asked for, None where the text is none; and what was done to it."""

    value: float | None
    notice: Text | None = None


def converted(text: str, unit: Unit, base: Unit) -> str:
    """Return a cell with its bare numbers, Chinese numerals too, in the unit of its column.

    Examples
    --------
    >>> from civicsight.io.tables.units import units
    >>> converted("600", units()["cm"], units()["m"]), converted("6 m", units()["cm"], units()["m"])
    ('6', '6 m')
    """
    plain = symbols(unicodedata.normalize("NFKC", text)).strip()
    bare = APPROXIMATE.sub("", plain).strip()
    numeral = _numeral(bare)
    return in_unit(plain if numeral == bare else numeral, unit, base)


def is_range(text: str) -> bool:
    """Tell whether a cell holds two numbers, from and to.

    Examples
    --------
    >>> is_range("2.8-12mm"), is_range("2.8mm")
    (True, False)
    """
    plain = symbols(unicodedata.normalize("NFKC", text)).strip()
    return RANGE.fullmatch(plain) is not None


def symbols(text: str) -> str:
    """Write units that have a Chinese name with their symbol."""
    for word, symbol in UNITS.items():
        text = text.replace(word, symbol)
    return text


def read_amount(text: str, unit: str) -> Amount:
    """Read a number with or without its unit.

    Parameters
    ----------
    text
        Such as ``6``, full-width digits, ``3,5 m``, ``40 ft``, Chinese numerals.
    unit
        Unit of the result: ``m``, ``deg``, ``px``, ``mm`` or empty.

    Examples
    --------
    >>> read_amount("about 5m", "m").value
    5.0
    >>> read_amount("1,200", "m").value is None
    True
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    bare = symbols(APPROXIMATE.sub("", plain).strip())
    number = _numeral(bare)
    value = _value(number, unit)
    if value is None or not math.isfinite(value):
        return Amount(None)
    if bare != plain and APPROXIMATE.search(plain):
        return Amount(
            value, N_("It was read as %(value)s, and is approximate.", value=f"{value:g}")
        )
    wide = [char for char in text if unicodedata.east_asian_width(char) == "F"]
    if wide or number != bare:
        return Amount(value, N_("It was read as %(value)s.", value=f"{value:g}"))
    return Amount(value)


def _value(text: str, unit: str) -> float | None:
    if _GROUPED.fullmatch(text) or RANGE.fullmatch(text):
        return None  # a comma that may stand for thousands, or two numbers
    if unit == "m":
        return _metres(text)
    for ending in _AFTER.get(unit, ()):
        if text.lower().endswith(ending):
            return _plain(text[: -len(ending)].strip())
    return _plain(text)


def _metres(text: str) -> float | None:
    if text.lower().endswith("km"):
        thousands = _plain(text[:-2].strip())
        return None if thousands is None else 1_000 * thousands
    if text.startswith("-"):
        return _plain(text)
    try:
        length = read_length(text)
    except OverflowError:
        return None
    if length.how == "several":
        return None  # of which the greatest would be a guess
    return float(length.value) if length.readable else _plain(text)


def _plain(text: str) -> float | None:
    if not _NUMBER.fullmatch(text.lower()):
        return None
    return float(text.lower().replace(",", "."))


def _numeral(text: str) -> str:
    """Return a text whose leading Chinese numeral is written in digits.

    Examples
    --------
    >>> _numeral("12 m")
    '12 m'
    """
    letters = {*NUMERALS, *TENS, POINT, HALF}
    count = next((n for n, char in enumerate(text) if char not in letters), len(text))
    head, tail = text[:count], text[count:]
    half = tail.endswith(HALF)
    if not head:
        return text
    whole, _, decimals = head.partition(POINT)
    value = chinese_number(whole.removesuffix(HALF))
    unfinished = POINT in head and not decimals
    if value is None or unfinished or any(char not in NUMERALS for char in decimals):
        return text
    digits = str(value) + ("." + "".join(str(NUMERALS[c]) for c in decimals) if decimals else "")
    if whole.endswith(HALF) or half:
        digits = str(value + 0.5)
    return digits + tail.removesuffix(HALF)


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
    plain = _plain_angle(text)
    axis, sign, body = _hemisphere(plain)
    if axis is not None and body[:1] in {"+", "-"}:
        return None
    value = _angle_value(body)
    return None if value is None else Angle(float(sign * value), axis)


def _plain_angle(text: str) -> str:
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


def _angle_value(body: str) -> Fraction | None:
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
