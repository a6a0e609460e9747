"""Numbers with a unit as people write them: full-width, Chinese, with commas, or only about."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Final, NamedTuple

from civicsight.city.tables.words import APPROXIMATE, HALF, NUMERALS, POINT, RANGE, TENS, UNITS
from civicsight.city.vectors.heights import read_length
from civicsight.errors import N_, Text

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:e[+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+")
_AFTER: Final = {
    "deg": ("°", "degrees", "degree", "deg"),
    "px": ("px", "pixels", "pixel"),
    "mm": ("mm",),
}
"""What may stand behind a number that is in its own unit."""


class Amount(NamedTuple):
    """A number in the unit asked for, None where the text is none; and what was done to it."""

    value: float | None
    notice: Text | None = None


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
    bare = APPROXIMATE.sub("", plain).strip()
    for word, symbol in UNITS.items():
        bare = bare.replace(word, symbol)
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
    if unit == "m" and not text.startswith("-"):
        try:
            length = read_length(text)
        except OverflowError:
            return None
        if length.how == "several":
            return None  # of which the greatest would be a guess
        return float(length.value) if length.readable else _plain(text)
    for ending in _AFTER.get(unit, ()):
        if text.lower().endswith(ending):
            return _plain(text[: -len(ending)].strip())
    return _plain(text)


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
    value = _whole(whole.removesuffix(HALF))
    unfinished = POINT in head and not decimals
    if value is None or unfinished or any(char not in NUMERALS for char in decimals):
        return text
    digits = str(value) + ("." + "".join(str(NUMERALS[c]) for c in decimals) if decimals else "")
    if whole.endswith(HALF) or half:
        digits = str(value + 0.5)
    return digits + tail.removesuffix(HALF)


def _whole(text: str) -> int | None:
    """Return a whole Chinese number below ten thousand."""
    total = 0
    digit: int | None = None
    if text and all(char in NUMERALS for char in text):
        return int("".join(str(NUMERALS[char]) for char in text))
    for char in text:
        if char in NUMERALS:
            digit = NUMERALS[char]
        elif char in TENS:
            total += (1 if digit is None else digit) * TENS[char]
            digit = None
        else:
            return None
    return total + (digit or 0)
