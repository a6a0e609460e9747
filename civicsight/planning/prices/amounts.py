"""Sums of money as people write them, read exactly or refused: 500000, ¥1,200.50, 50 wan.

A sum whose unit is stated counts with it. What may mean two things (a comma before one or two
digits, another currency, a unit that nobody knows) is refused, for a price that is read wrong is a
plan that is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.io.registers.headers_of_money import (
    FOREIGN_WORDS,
    OWN_CURRENCY,
    YUAN_MARKS,
    YUAN_WORDS,
)

NUMBER: Final = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e\+?\d{1,2})?")
"""A number of digits, with commas between groups of three alone, and a point before decimals."""

POINTED: Final = re.compile(r"[^\d.,]*\d{1,3}\.\d{3}(?:yuan)?")
"""Yuan with three digits behind a point, which may be meant for thousands."""

SUM: Final = re.compile(r"(?P<before>[^\d.,+-]*)(?P<number>[\d.,]*\d(?:e\+?\d+)?)(?P<after>.*)")
REMARK: Final = re.compile(r"[(\[\u3010]([^()\[\]\u3010\u3011]*)[)\]\u3011]")

CENTS: Final = 2
"""Digits after the point that a sum of yuan may have."""


class AmountError(ValueError):
    """A sum that cannot be read for certain, with what was expected and how to mend it."""

    def __init__(self, expected: Text, remedy: Text) -> None:
        super().__init__(str(expected))
        self.expected, self.remedy = expected, remedy


_FACTORS: Final = {word: factor for factor, words in YUAN_WORDS.items() for word in words}
_IN_YUAN: Final = N_("a sum in yuan, or in units of 10,000 yuan")
_FOREIGN: Final = N_("Convert it to yuan, and name the rate and its day in the source.")
_UNIT: Final = N_("Write the number alone, or with its unit behind it: yuan, or 10,000 yuan.")
_COMMA: Final = (
    N_("a point before decimals, and commas between groups of three digits alone"),
    N_("Write 9.5 for nine and a half, and 9,500 or 9500 for nine thousand five hundred."),
)


def plain(text: str) -> str:
    """Return text in one width and case, without spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def factor_of(unit: str) -> int | None:
    """Return how many yuan a unit of money is; None of a word that is no money.

    Raises
    ------
    AmountError
        If it is another currency, or names money in a way that is not known.
    """
    word = plain(unit)
    if word in _FACTORS:
        return _FACTORS[word]
    if any(name in word for name in FOREIGN_WORDS):
        raise AmountError(_IN_YUAN, _FOREIGN)
    if any(name in word for name in YUAN_MARKS):
        raise AmountError(_IN_YUAN, _UNIT)
    return None


def same_unit(unit: int | None, word: str) -> int | None:
    """Return how many yuan a sum counts, with what a further word beside it says.

    Raises
    ------
    AmountError
        If the word is no money, or another unit than what was said before.
    """
    if plain(word) in ("", *OWN_CURRENCY):
        return unit
    own = factor_of(word)
    if own is None:
        raise AmountError(_IN_YUAN, _UNIT)
    if unit not in (None, own):
        raise AmountError(
            N_("one unit of money"), N_("Write the sum in the unit that its column names.")
        )
    return own


def factor_of_header(header: str) -> int | None:
    """Return how many yuan the unit in brackets of a column is; None where it says none.

    Raises
    ------
    AmountError
        As of `factor_of`.

    Examples
    --------
    >>> factor_of_header("budget (10,000 yuan)"), factor_of_header("budget_yuan")
    (10000, None)
    """
    unit = None
    for remark in REMARK.findall(unicodedata.normalize("NFKC", header)):
        unit = unit if plain(remark) in OWN_CURRENCY else factor_of(remark) or unit
    return unit


def read_number(text: str) -> Decimal | None:
    """Return a number as it is written; None of what is none, or has a comma for a point."""
    word = plain(text)
    return Decimal(word.replace(",", "")) if NUMBER.fullmatch(word) else None


def read_amount(text: str, unit: int | None = None) -> Decimal:
    """Read a sum of money [yuan].

    Parameters
    ----------
    text
        As somebody wrote it.
    unit
        How many yuan its column says that it is in; None: nobody said, and a number alone is yuan.

    Raises
    ------
    AmountError
        If it is no sum from 0 yuan on, of another currency or an unknown unit, of another unit
        than that of its column, or may be meant in two ways.

    Examples
    --------
    >>> read_amount("50 wan"), read_amount("1,200.50"), read_amount("3.5", 10_000)
    (Decimal('500000'), Decimal('1200.50'), Decimal('35000.0'))
    """
    found = SUM.fullmatch(plain(text))
    if found is None:
        raise AmountError(_IN_YUAN, _UNIT)
    for word in (found["before"], found["after"]):
        unit = same_unit(unit, word)
    number = read_number(found["number"])
    if number is None:
        raise AmountError(*(_COMMA if "," in found["number"] else (_IN_YUAN, _UNIT)))
    return number * Decimal(unit or 1)


def read_budget(text: str, unit: int | None = None) -> float:
    """Read a budget: a sum with at most two digits after the point once it is in yuan.

    Raises
    ------
    AmountError
        As of `read_amount`.
    """
    amount = read_amount(text, unit)
    if amount != round(amount, CENTS) or (unit in (None, 1) and POINTED.fullmatch(plain(text))):
        raise AmountError(*_COMMA)
    return float(amount)
