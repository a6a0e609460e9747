"""Heights and numbers of storeys out of what people write, in metres, feet, storeys or words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from civicsight.io.tables.words import (
    ABOUT_WORDS,
    ABOVE_WORDS,
    AROUND_WORDS,
    BELOW_WORDS,
    FEET,
    FULL_STOPS,
    INCH,
    LENGTH_UNITS,
    NUMERALS,
    RANGE_SIGNS,
    STOREY_WORDS,
    TENS,
    UNKNOWN_WORDS,
)

STOREY_M = 3.0
"""Height of a storey [m]: the value that the OSM community uses to draw buildings in 3D."""

How = Literal["", "unit", "storeys", "several", "about"]
"""In what form a number stood: plain, in another unit, as storeys, several of them, not exact."""


class Reading(NamedTuple):
    """A number read from text: its value, NaN if it says "unknown", and whether it is readable."""

    value: float
    readable: bool
    how: How = ""


UNKNOWN = Reading(np.nan, readable=True)
UNREADABLE = Reading(np.nan, readable=False)

_NUMBER = r"[+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?"
_CHINESE = f"[{''.join((*NUMERALS, *TENS))}]+"
_QUANTITY = re.compile(rf"({_NUMBER}|{_CHINESE})\s*([^\d\s.,+-][^\d]*?)?\.?")
_FEET_AND_INCHES = re.compile(r"(\d+)\s*(?:ft|feet|')[\s-]*(\d+(?:\.\d+)?)\s*(?:in|\")?")
_SIGNS = re.escape(RANGE_SIGNS)
_RANGE = re.compile(rf"({_NUMBER}[^\d{_SIGNS}]*?)\s*(?:[{_SIGNS}]|to)\s*({_NUMBER}.*)")
_THOUSANDS = re.compile(r"[+-]?\d{1,3},\d{3}(?!\d).*")
_YEAR = re.compile(r"([12]\d{3})(?:\D.*)?")
_TOGETHER = re.compile(r"(\d+)\s*\+\s*(\d+)\s*([^\d]*)")


class Quantity(NamedTuple):
    """A number and the word behind it."""

    number: float
    unit: str


def read_length(text: object) -> Reading:
    """Read a length in metres from text such as ``12``, ``12,5 m``, ``40 ft`` or ``6'6"``.

    Of several values (``3;4``, ``10-12``) the greatest counts. Words for "unknown" and empty text
    are unknown; other text, negative and infinite values are unreadable, and so is ``1,200``,
    which is a thousand to some and one to others.

    Examples
    --------
    >>> read_length("12.13 m").value
    12.13
    >>> round(read_length("40 ft").value, 3)
    12.192
    >>> read_length("about six").readable
    False
    """
    return _read(text, _length)


def read_height(text: object) -> Reading:
    """Read the height of a building: a length, or storeys, which count `STOREY_M` each.

    Of storeys above and below the ground only the ones above count.

    Examples
    --------
    >>> read_height("3F")
    Reading(value=9.0, readable=True, how='storeys')
    """
    return _read(text, _length_or_storeys)


def read_storeys(text: object) -> Reading:
    """Read a number of storeys above the ground from text such as ``3``, ``2.5`` or ``3;4``.

    Of several the greatest counts; ``6+1`` are seven, the last one under the roof.

    Examples
    --------
    >>> read_storeys("3;4").value
    4.0
    """
    return _read(text, _storeys)


def read_year(text: object) -> Reading:
    """Read a year from text such as ``2028``, ``2028.0`` or a day, ``2028-03-01``.

    Examples
    --------
    >>> read_year("2028-03-01").value
    2028.0
    """
    clean = plain_text(text)
    if clean in UNKNOWN_WORDS:
        return UNKNOWN
    found = _YEAR.fullmatch(clean)
    return Reading(float(found[1]), readable=True) if found else UNREADABLE


def plain_text(text: object) -> str:
    """Return text with full-width characters as plain ones, lower case, and one sign for feet."""
    clean = unicodedata.normalize("NFKC", str(text)).strip().lower()
    for spelling, sign in FULL_STOPS.items():
        clean = clean.replace(spelling, sign)
    return clean


def _read(text: object, single: Callable[[str], tuple[float, How] | None]) -> Reading:
    if text is None:
        return UNKNOWN
    if isinstance(text, (int, float, np.integer, np.floating)):
        try:
            number = float(text)
        except OverflowError:  # an integer with hundreds of digits
            number = np.inf
        if np.isnan(number) or number == -1.0:
            return UNKNOWN  # -1 is how footprints made from imagery say "unknown"
        return Reading(number, readable=True) if 0 <= number < np.inf else UNREADABLE
    clean = plain_text(text)
    if clean in UNKNOWN_WORDS or clean in {"-1", "-1.0"}:
        return UNKNOWN
    ends = [end for piece in _above_ground(clean) if piece for end in _ends(piece)]
    known = [reading for reading in map(single, ends) if reading is not None]
    usable = all(0 <= value < np.inf for value, _ in known)
    if not ends or len(known) < len(ends) or not usable:
        return UNREADABLE
    value, how = max(known, key=lambda reading: reading[0])
    several = len(known) > 1 and how != "storeys"
    return Reading(value, readable=True, how="several" if several else how)


def _above_ground(clean: str) -> list[str]:
    """Split text into its values, without those about what lies below the ground."""
    marked = any(word in clean for word in ABOVE_WORDS) or any(
        word in clean for word in BELOW_WORDS[:2]
    )
    words = "|".join(re.escape(word) for word in (*ABOVE_WORDS, *BELOW_WORDS[:2]))
    split = rf"[;/,(]|(?={words})" if marked else r"[;/]"
    pieces = [piece.strip(" )") for piece in re.split(split, clean)]
    pieces = [piece for piece in pieces if piece] if marked else pieces
    above = [piece for piece in pieces if not (len(pieces) > 1 and _is_below(piece))]
    return [_without(piece, ABOVE_WORDS) for piece in above] if above else pieces


def _is_below(piece: str) -> bool:
    return any(piece.startswith(word) for word in BELOW_WORDS) and bool(re.search(r"\w", piece[1:]))


def _without(piece: str, words: tuple[str, ...]) -> str:
    for word in words:
        piece = piece.removeprefix(word).strip()
    return piece


def _ends(piece: str) -> list[str]:
    """Return both ends of a range, the unit of the second for the first; else the piece itself."""
    spread = _RANGE.fullmatch(piece)
    mixed = _FEET_AND_INCHES.fullmatch(piece)
    if not spread or mixed or re.match(r"[+-]?\d+(?:[.,]\d+)?e[+-]?\d", piece):
        return [piece]
    first, last = spread[1].strip(), spread[2].strip()
    unit = re.sub(rf"^{_NUMBER}", "", last).strip()
    bare = re.fullmatch(_NUMBER, first)
    return [f"{first}{unit}" if bare else first, last]


def _length_or_storeys(text: str) -> tuple[float, How] | None:
    found = _quantity(_exact(text)[0])
    if found is not None and found.unit in STOREY_WORDS:
        return found.number * STOREY_M, "storeys"
    together = _TOGETHER.fullmatch(text)
    if together and together[3] in STOREY_WORDS:
        return (float(together[1]) + float(together[2])) * STOREY_M, "storeys"
    return _length(text)


def _length(text: str) -> tuple[float, How] | None:
    mixed = _FEET_AND_INCHES.fullmatch(text)
    if mixed:
        return float(mixed[1]) * FEET + float(mixed[2]) * INCH, "unit"
    exact, how = _exact(text)
    found = _quantity(exact)
    if found is None or found.unit not in LENGTH_UNITS:
        return None
    factor = LENGTH_UNITS[found.unit]
    return found.number * factor, how or ("" if factor == 1.0 else "unit")


def _storeys(text: str) -> tuple[float, How] | None:
    together = _TOGETHER.fullmatch(text)
    if together and together[3] in {"", *STOREY_WORDS}:
        return float(together[1]) + float(together[2]), "several"
    exact, how = _exact(text)
    found = _quantity(exact)
    if found is None or found.unit not in {"", *STOREY_WORDS}:
        return None
    return found.number, how


def _exact(text: str) -> tuple[str, How]:
    """Take words for "about" off a number."""
    out = text
    for word in ABOUT_WORDS:
        out = out.removeprefix(word).strip()
    for word in AROUND_WORDS:
        out = out.removesuffix(word).strip()
    return out, "" if out == text else "about"


def _quantity(text: str) -> Quantity | None:
    """Split ``12,5 m`` into number and unit."""
    found = _QUANTITY.fullmatch(text)
    if not found or _THOUSANDS.fullmatch(text):
        return None
    digits = found[1]
    chinese = digits[0] in NUMERALS or digits[0] in TENS
    number = chinese_number(digits) if chinese else float(digits.replace(",", "."))
    return None if number is None else Quantity(number, (found[2] or "").strip())


def chinese_number(text: str) -> int | None:
    """Read a Chinese numeral below ten thousand; None for other text.

    Digits in a row are read as such, a last digit may lack its rank (hundred, five: 150), and an
    empty text is 0.
    """
    if len(text) > 1 and TENS.get(text[-2], 0) > 10 and text[-1] in NUMERALS:
        text += next(word for word, value in TENS.items() if value * 10 == TENS[text[-2]])
    if text and all(char in NUMERALS for char in text):
        return int("".join(str(NUMERALS[char]) for char in text))
    total, digit, last = 0, None, 10_000
    for char in text:
        if char in NUMERALS and digit in {None, 0}:
            digit = NUMERALS[char]
        elif TENS.get(char, last) < last:
            last = TENS[char]
            total, digit = total + (1 if digit is None else digit) * last, None
        else:
            return None
    return total + (digit or 0)
