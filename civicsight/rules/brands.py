"""Terms of a lexicon in a text, however they are written: brands, and what only looks like one.

A brand stands between Chinese characters without a blank, in full width, with blanks between its
letters or in traditional characters; and many a street is called like one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

LETTERS: Final = "a-z\u00c0-\u024f"
"""Letters beside which a Latin term is part of another word."""

MARK: Final = r"[._\-\u00b7\u2022]"
BETWEEN: Final = rf"(?:\s|{MARK})"
"""What somebody may put between the letters of a term."""

SPREAD: Final = 6
"""Letters from which on a Latin term is found with marks between them; assumed."""

LOOKALIKE: Final = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
    "\u0430\u0435\u043a\u043e\u0440\u0441\u0443\u0445\u0456",
    "ABEKMHOPCTYXaekopcyxi",
)
"""Cyrillic letters that look like Latin ones."""


class Span(NamedTuple):
    """Where a term stands in a text."""

    start: int
    end: int
    term: str


def find_terms(text: str, lexicon: str) -> tuple[Span, ...]:
    """Find every term of a lexicon in a text.

    Case, width, and blanks or marks between letters do not count. A Latin term counts only as a
    word, whatever Chinese stands beside it; a Chinese one wherever it stands, but not in the name
    of a street, station or building, and not in words that merely contain it.

    Parameters
    ----------
    text, lexicon
        What is searched, and the name of the list.

    Examples
    --------
    >>> [span.term for span in find_terms("or a HIKVISION dome", "vendors")]
    ['HIKVISION']
    """
    plain, at = _folded(text)
    found = (each.span() for each in _pattern(lexicon).finditer(plain) if each["term"])
    places = ((at[start], at[end - 1] + 1) for start, end in found)
    return tuple(Span(start, end, text[start:end]) for start, end in places)


def _folded(text: str) -> tuple[str, list[int]]:
    """Return text in one width, without signs that nobody sees, and where each letter stood."""
    letters: list[str] = []
    at: list[int] = []
    for number, sign in enumerate(text):
        if unicodedata.category(sign) == "Cf":
            continue
        for letter in unicodedata.normalize("NFKC", sign).translate(LOOKALIKE):
            letters.append(letter)
            at.append(number)
    return "".join(letters), at


@cache
def _pattern(lexicon: str) -> re.Pattern[str]:
    """Return what finds words that are no term first, then terms in the group ``term``."""
    lists = _sections(lexicon)
    chinese = [word for word in lists["places"] if not word.isascii()]
    latin = [word for word in lists["places"] if word.isascii()]
    street = rf"(?![{LETTERS}])(?!\s+{_any(latin)}(?![{LETTERS}]))"
    place = (
        rf"(?!{_any(lists['places.before'])}{{0,2}}(?!{_any(lists['places.not'])}){_any(chinese)})"
    )
    terms = [_spread(name) + (street if name.isascii() else place) for name in lists["names"]]
    terms += [rf"{_spread(name)}{BETWEEN}?[a-z]{{0,3}}-?(?=\d)" for name in lists["models"]]
    others = "|".join(map(_spread, lists["others"]))
    own = "|".join(sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?:{others})|(?P<term>{own})", re.IGNORECASE)


def _sections(lexicon: str) -> dict[str, list[str]]:
    """Return the lines of each section of a lexicon."""
    text = files("civicsight.rules").joinpath(f"{lexicon}.txt").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for line in filter(None, text.splitlines()):
        if line.startswith("["):
            own = found.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            own.append(line)
    return found


def _any(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, words))})"


def _spread(term: str) -> str:
    """Return the pattern of a term with marks between its letters; of a Latin one as a word.

    Two English words beside each other may look like one name, so a blank counts only where the
    name has one, or behind every letter.
    """
    words = [[re.escape(letter) for letter in word] for word in re.split(BETWEEN, term) if word]
    letters = [letter for word in words for letter in word]
    if not term.isascii():
        return f"{BETWEEN}{{0,2}}".join(letters)
    mark = f"{MARK}?" if len(letters) >= SPREAD else ""
    near = f"{BETWEEN}?".join(mark.join(word) for word in words)
    spaced = r"\s".join(letters)
    return rf"(?<![{LETTERS}\d])(?:{near}|{spaced})"
