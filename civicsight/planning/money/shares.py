"""Shares of several sources of money in one point, such as 60 % city and 40 % district."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from civicsight.core.words import LIST_COMMA

WHOLE: Final = 10_000
"""All of a point, in hundredths of a per cent."""

BETWEEN: Final = ";"
"""Between the sources of a point, as it is kept and written."""

_PARTS = re.compile(f"[;,+{LIST_COMMA}]")
_PART = re.compile(r"\s*(?P<word>.*?\S)\s*(?P<share>\d{1,3}(?:\.\d{1,2})?)\s*%?\s*")


def shares_of(source: str) -> dict[str, int]:
    """Return the share of each source, in hundredths of a per cent, the largest first.

    Examples
    --------
    >>> shares_of("district 40;city 60")
    {'city': 6000, 'district': 4000}
    >>> shares_of("own")
    {'own': 10000}
    """
    if BETWEEN not in source:
        return {source: WHOLE}
    found = {name: _hundredths(share) for name, share in map(str.split, source.split(BETWEEN))}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def read_shares(text: str, words: Mapping[str, Sequence[str]]) -> str | None:
    """Read a cell that names a source, or several with their shares; None where it is neither.

    Parameters
    ----------
    text, words
        The cell, and what each source is called.

    Examples
    --------
    >>> read_shares("City 60%, district 40 %", {"city": ["city"], "district": ["district"]})
    'city 60;district 40'
    """
    found: dict[str, int] = {}
    plain = unicodedata.normalize("NFKC", text)
    parts = [part for part in _PARTS.split(plain) if part.strip()]
    if len(parts) == 1:
        return _code(parts[0], words)
    for part in parts:
        match = _PART.fullmatch(part)
        code = None if match is None else _code(match["word"], words)
        if match is None or code is None or code in found:
            return None
        found[code] = _hundredths(match["share"])
    if sum(found.values()) != WHOLE or not all(found.values()):
        return None
    return BETWEEN.join(f"{code} {percent(share)}" for code, share in found.items())


def percent(share: int) -> str:
    """Return hundredths of a per cent as per cent.

    Examples
    --------
    >>> percent(3350), percent(6000)
    ('33.5', '60')
    """
    return f"{share / 100:.2f}".rstrip("0").rstrip(".")


def _hundredths(text: str) -> int:
    return int(Decimal(text) * 100)


def _code(text: str, words: Mapping[str, Sequence[str]]) -> str | None:
    name = text.strip().casefold()
    return next((code for code, own in words.items() if name in own), None)
