"""Directions of view as sources write them: degrees, compass words, codes, or nothing usable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import numpy as np

from civicsight.io.tables.lexicon import plain as bare
from civicsight.io.tables.lexicon import simplified, winds
from civicsight.io.tables.quantities import read_amount
from civicsight.io.tables.synonyms import SILENT_WORDS, normal
from civicsight.io.tables.words import (
    AFTER,
    ALL_ROUND,
    BEFORE,
    BOTH_WAYS,
    CARDINALS,
    LEANING,
    LIST,
    QUADRANT,
    RELATIVE,
    TOWARDS,
    TOWARDS_THING,
    UNITS,
    WIND_WORDS,
)

WINDS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW",
         "NW", "NNW")  # fmt: skip
"""The sixteen winds, clockwise from north."""

SECTORS: Final = {1: 90.0, 2: 270.0, 3: 180.0, 4: 0.0, 5: 135.0, 6: 45.0, 7: 225.0, 8: 315.0}
"""Direction by DirectionType of GB/T 28181-2022 [deg]; only read where a column is one of codes."""

NO_SECTOR: Final = frozenset({0, 9})
"""Codes of no direction of its own: not set, and all round in the form of one file a camera."""

KIND_CODES: Final = {1: "ptz", 2: "dome", 3: "fixed", 4: "ptz", 5: "ptz", 6: "panorama", 7: "fixed"}
"""Build by PTZType of GB/T 28181-2022. Type 7 is one channel of a housing with several lenses."""

SECTOR_TAG: Final = "direction_sector_deg"
"""Tag with the middle of the 45 degree sector that a camera looks into, clockwise from north."""

MAX_TURN: Final = 3_600.0
"""A greater number is no direction that was turned too often, but a slip [deg]."""

_ENGLISH = {
    "NORTH": "N", "NORTHEAST": "NE", "EAST": "E", "SOUTHEAST": "SE", "SOUTH": "S",
    "SOUTHWEST": "SW", "WEST": "W", "NORTHWEST": "NW",
}  # fmt: skip
HALF_WIND: Final = 22.5
"""A wind by name and degrees beside it agree within this [deg]: people name eight winds."""

_TWICE = re.compile(r"(.+?)\((.+)\)")
_BEARING = re.compile(r"([NS])\s*([0-9.]+)\s*°?\s*([EW])")
_DEGREES = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*°?")

State = Literal["known", "silent", "all_round", "several", "relative", "landmark", "unreadable"]


class Direction(NamedTuple):
    """What a cell says about a direction; `azimuths` holds one where it is known."""

    state: State
    azimuths: tuple[float, ...] = ()
    turned: bool = False


_UNREADABLE = Direction("unreadable")


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
    wind = _wind(clean)
    if wind is not None:
        return wind
    number = _DEGREES.fullmatch(clean)
    if number is None:
        return None
    value = float(number[1].replace(",", "."))
    return value % 360.0 if abs(value) <= 360.0 else None


def read_direction(text: str, spoken: Mapping[str, float] = MappingProxyType({})) -> Direction:
    """Read a direction from a cell of a table; a view to all sides is no direction.

    Parameters
    ----------
    text
        The cell.
    spoken
        Further words, as `lexicon.plain` writes them, with their directions: of a person's
        mapping, and abbreviations of the language of the table.

    Examples
    --------
    >>> read_direction("-20").azimuths
    (340.0,)
    >>> read_direction("NE;SW").state, read_direction("360").state
    ('several', 'all_round')
    """
    foreign = spoken.get(bare(text), winds().get(bare(text)))
    if foreign is not None:
        return Direction("known", (foreign % 360.0,))
    plain = unicodedata.normalize("NFKC", text).strip().translate(simplified())
    if normal(plain) in SILENT_WORDS:
        return Direction("silent")
    for word, symbol in UNITS.items():
        plain = plain.replace(word, symbol)
    tight = re.sub(r"\s+", "", plain)
    if re.sub(r"[-_]", "", tight).lower() in ALL_ROUND:
        return Direction("all_round")
    value = _number(plain)
    if value is not None:
        return Direction("known", (value % 360.0,), turned=abs(value) > 360.0)
    one = _named(tight)
    if one is not None:
        return Direction("known", (one,))
    twice = _TWICE.fullmatch(tight)
    return _agreed(twice[1], twice[2]) if twice else _several(plain, tight)


def _agreed(first: str, second: str) -> Direction:
    """Return a direction that is told twice, the second time in brackets; in degrees if it is."""
    numbers = [value for text in (first, second) if (value := _number(text)) is not None]
    told = [value for text in (first, second) if (value := _named(text)) is not None]
    if len(numbers) != 1 or len(told) != 1:
        return _UNREADABLE
    apart = abs((numbers[0] - told[0] + 180.0) % 360.0 - 180.0)
    return Direction("known", (numbers[0] % 360.0,)) if apart <= HALF_WIND else _UNREADABLE


def _several(text: str, tight: str) -> Direction:
    word = AFTER.sub("", BEFORE.sub("", tight))
    if tight.lower() in RELATIVE or word in RELATIVE:
        return Direction("relative")
    if word in BOTH_WAYS:
        return Direction("several", BOTH_WAYS[word])
    pieces = [piece.strip() for piece in LIST.split(text) if piece.strip()]
    found = [_number(piece) if _number(piece) is not None else _named(piece) for piece in pieces]
    known = tuple(value % 360.0 for value in found if value is not None)
    if len(pieces) > 1 and len(known) == len(pieces):
        return Direction("several", known)
    if TOWARDS_THING.fullmatch(tight):
        return Direction("landmark")
    return _UNREADABLE


def _number(text: str) -> float | None:
    """Return degrees; None also for numbers that no direction is turned to."""
    value = read_amount(text, "deg").value
    return None if value is None or not abs(value) <= MAX_TURN else value


def _named(text: str) -> float | None:
    """Return a direction by its name, or by an angle that leans from one name to another."""
    tight = re.sub(r"\s+", "", text)
    wind = _wind(tight.upper())
    if wind is not None:
        return wind
    core = AFTER.sub("", BEFORE.sub("", tight))
    if core in WIND_WORDS:
        return WIND_WORDS[core]
    towards = TOWARDS.fullmatch(core) or TOWARDS.fullmatch(tight)
    if towards:
        return WIND_WORDS.get(towards[1])
    bearing = _BEARING.fullmatch(tight.upper())
    if bearing:
        start, end = _wind(bearing[1]), _wind(bearing[3])
        return None if start is None or end is None else _lean(start, end, bearing[2])
    for digits in _in_digits(core):
        leaning = LEANING.fullmatch(digits) or QUADRANT.fullmatch(digits)
        if leaning:
            return _lean(CARDINALS[leaning[1]], CARDINALS[leaning[2]], leaning[3])
    return None


def _in_digits(text: str) -> Iterator[str]:
    """Yield a leaning direction as it stands, and with a Chinese numeral behind it in digits."""
    yield text
    for name in (3, 2):
        value = read_amount(text[name:], "deg").value
        if value is not None:
            yield f"{text[:name]}{value:g}"


def _lean(start: float, end: float, angle: str) -> float | None:
    """Return the direction that leans by an angle from one main direction towards the next."""
    try:
        degrees = float(angle)
    except ValueError:
        return None
    side = (end - start) % 360.0
    if side not in {90.0, 270.0} or not 0.0 <= degrees <= 90.0:
        return None
    return (start + (degrees if side == 90.0 else -degrees)) % 360.0


def _wind(text: str) -> float | None:
    word = text.replace("-", "").replace(" ", "")
    word = _ENGLISH.get(word, word)
    return WINDS.index(word) * 22.5 if word in WINDS else None
