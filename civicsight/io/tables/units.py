"""Units that headers name, in brackets or as a word, and numbers brought into those of a column.

A number below such a header is converted exactly; what is no unit of the quantity of its column is
for a person to say. The words stand in ``units.toml``.
"""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from civicsight.io.tables.lexicon import simplified

QUANTITIES: Final[Mapping[str, str]] = {
    "m": "length", "mm": "length", "deg": "angle", "day": "time", "px": "picture",
}  # fmt: skip
"""Quantity of each unit that columns are declared in."""

OPEN, CLOSED = r"(\[{\u3010", r")\]}\u3011"
BRACKETS: Final = re.compile(rf"[{OPEN}]\s*([^{OPEN}{CLOSED}]*?)\s*[{CLOSED}]")
SHORT: Final = re.compile(r"[a-zß-ɏ'\"°%²]{1,4}|[^\x00-\x7f]{1,2}")
"""What is so short in brackets is a unit, or a remark that is known."""

LETTERS: Final = 2
"""A last word of more letters that is a unit of something else is no chance."""

EXACT: Final = 400
"""Digits of a number that is converted exactly; a longer one has more than any measure."""

_GROUPED: Final = re.compile(r"[0-9]{1,3},[0-9]{3}")
_NUMBER: Final = re.compile(
    r"(?<![\d.,])[0-9]+(?:[.,][0-9]+)?(?:e[+-]?[0-9]+)?(?![\d.,]*\d)", re.IGNORECASE
)


class Unit(NamedTuple):
    """A unit: its symbol, what it measures, and how many metres, degrees, days or pixels it is."""

    symbol: str
    quantity: str
    factor: Fraction


class Named(NamedTuple):
    """What a header names: the word, and the unit where it is one that is known."""

    word: str
    unit: Unit | None = None


@cache
def _declared() -> Mapping[str, Any]:
    return tomllib.loads(files("civicsight.io.tables").joinpath("units.toml").read_text("utf-8"))


@cache
def units() -> Mapping[str, Unit]:
    """Return every unit by its symbol."""
    return {
        symbol: Unit(symbol, quantity, Fraction(entry["factor"]))
        for quantity in sorted(set(QUANTITIES.values()))
        for symbol, entry in _declared()[quantity].items()
    }


def units_of(symbol: str) -> dict[str, Unit]:
    """Return the units of what the unit of a column measures, by their symbols."""
    quantity = QUANTITIES.get(symbol)
    return {name: unit for name, unit in units().items() if unit.quantity == quantity}


@cache
def _by_word() -> Mapping[str, Unit]:
    return {
        _plain(word): unit
        for unit in units().values()
        for word in _declared()[unit.quantity][unit.symbol]["words"]
    }


@cache
def _words(group: str) -> frozenset[str]:
    return frozenset(map(_plain, _declared()[group]["words"]))


@cache
def _introduced() -> re.Pattern[str]:
    """Return a pattern of what stands before a unit in brackets, as ``unit:``."""
    return re.compile(rf"^(?:{'|'.join(sorted(_words('slot')))})\s*(?:is|:)?\s*")


@cache
def _slot() -> re.Pattern[str]:
    """Return a pattern of a unit that is named as one, in brackets or not."""
    return re.compile(rf"(?:{'|'.join(sorted(_words('slot')))})\s*:\s*([^\s{OPEN}{CLOSED},;]+)")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(simplified()).strip().lower()


def unit_of(word: str) -> Unit | None:
    """Return the unit that a word stands for by itself.

    Examples
    --------
    >>> unit_of("FT").symbol, unit_of("cubit")
    ('ft', None)
    """
    return _by_word().get(re.sub(rf"[{OPEN}{CLOSED}. ]", "", _plain(word)))


@lru_cache(maxsize=1 << 12)
def named_unit(header: str) -> Named | None:
    """Return the unit that a header names, None where it names none.

    Examples
    --------
    >>> named_unit("MOUNT_HT_FT").unit.symbol, named_unit("H (mm)").unit.symbol
    ('ft', 'mm')
    >>> named_unit("height (cubits)"), named_unit("height (optional)"), named_unit("height")
    (Named(word='cubits', unit=None), None, None)
    """
    plain = unicodedata.normalize("NFKC", header).translate(simplified())
    slot = _slot().search(plain.lower())
    told = [_introduced().sub("", piece.strip().lower()) for piece in BRACKETS.findall(plain)]
    told = ([slot[1]] if slot else []) + told
    for word in told:
        if unit_of(word) is not None:
            return Named(word, unit_of(word))
    for word in told:
        strange = word in _words("other") or (
            SHORT.fullmatch(word) and word not in _words("remarks")
        )
        if strange or (slot and word == slot[1]):
            return Named(word)
    return _named_at_the_end(BRACKETS.sub(" ", plain).strip())


def _named_at_the_end(text: str) -> Named | None:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    parted = re.sub(r"(?<=[^\x00-\x7f])(?=[a-z])", " ", parted)
    tokens = [token for token in re.split(r"[\s_\-/,.:;]+", parted) if token]
    last = tokens[-1] if len(tokens) > 1 and tokens[-1].isascii() else ""
    if len(last) > LETTERS and last in _words("other"):
        return Named(last)
    if last in _by_word() and (last != "in" or text.lower().endswith("_in")):
        return Named(last, _by_word()[last])
    for token in tokens if len(tokens) > 1 else ():
        if token in _words("anywhere"):
            return Named(token, _by_word()[token])
    for word in sorted(_by_word(), key=len, reverse=True):
        own = not word.isascii() and (len(word) > 1 or word in _words("at_the_end"))
        if own and parted.endswith(word) and parted != word:
            return Named(word, _by_word()[word])
    return None


@lru_cache(maxsize=1 << 12)
def without_unit(header: str) -> str:
    """Return a header without the unit that it ends in.

    Examples
    --------
    >>> without_unit("mounting_height_ft"), without_unit("height")
    ('mounting_height', 'height')
    """
    named = named_unit(header)
    if named is None or named.unit is None or BRACKETS.search(header):
        return header
    plain = unicodedata.normalize("NFKC", header)
    at = plain.lower().rfind(named.word) if plain.lower().endswith(named.word) else -1
    return plain[:at].rstrip(" _-/,.:;") if at > 0 else header


def in_unit(text: str, unit: Unit, base: Unit) -> str:
    """Return a cell whose bare numbers are converted, to the float nearest to the exact value.

    Parameters
    ----------
    text
        The cell; numbers with letters or signs of a unit of their own stay as they are.
    unit, base
        What the header names, and the unit of the column.

    Examples
    --------
    >>> in_unit("20", units()["ft"], units()["m"]), in_unit("6 m", units()["cm"], units()["m"])
    ('6.096', '6 m')
    >>> in_unit("1600", units()["mil6400"], units()["deg"])
    '90'
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if re.search(r"[a-df-z°'\"]|(?<!\d)e|e(?![\d+-])", plain, re.IGNORECASE):
        return text
    factor = unit.factor / base.factor

    def converted(found: re.Match[str]) -> str:
        if _GROUPED.fullmatch(found[0]):
            return found[0]  # a thousand to some, one to others: its reader refuses it
        number = found[0].replace(",", ".")
        value = float(number) * float(factor)
        if value and math.isfinite(value) and len(number) <= EXACT:
            value = float(Fraction(number) * factor)  # beyond, a power of ten takes all memory
        if math.isinf(value):
            return str(value)  # its reader refuses it
        return str(int(value)) if value.is_integer() else repr(value)

    return _NUMBER.sub(converted, plain)
