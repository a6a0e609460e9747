"""Closed lists of what a law names, such as bodies and standards: what is on one, what comes near.

A law that names who decides or by which standard leaves nothing to the pen of whoever fills in a
form: a name that is on no list is a question for a person.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from civicsight.rules.names import plain
from civicsight.rules.pack import Rule, Term, Vocabulary
from civicsight.words import LIST_COMMA

STAR: Final = "*"
"""Stands in a name for the name of a place, or for nothing."""

MOST: Final = 24
"""Letters that the name of a place has at most, blanks not counted; assumed."""

LONGEST: Final = 120
"""Letters of an entry that are compared; a longer one names nothing."""

_BETWEEN = re.compile(f"[;,|\n{LIST_COMMA}]")


def entries_of(text: str) -> list[str]:
    """Return what a cell lists, whichever width its separators have."""
    parts = _BETWEEN.split(unicodedata.normalize("NFKC", text))
    return [part.strip() for part in parts if part.strip()]


def find_term(entry: str, lists: Iterable[Vocabulary]) -> Term | None:
    """Return what an entry stands for on any of some lists; None if it is on none.

    Case, width, blanks and marks do not count.

    Examples
    --------
    >>> police = Term({"zh": "a", "en": "b"}, ("*public security bureau",))
    >>> lists = [Vocabulary("police", {"zh": "c", "en": "d"}, (police,))]
    >>> find_term("Linhe Public Security Bureau", lists) is police
    True
    >>> find_term("Linhe Bakery", lists) is None
    True
    """
    text = plain(entry)
    if not text or len(text) > LONGEST:
        return None
    found = (term for term, name in _names(lists) if _fits(text, _pieces(name)))
    return next(found, None)


def nearest_term(entry: str, lists: Iterable[Vocabulary]) -> Term:
    """Return the term with the name most like an entry; of several the first."""
    text = plain(entry)[:LONGEST]
    named = [(term, plain(name)) for term, name in _names(lists)]
    likeness = [difflib.SequenceMatcher(None, text, name).ratio() for _, name in named]
    return named[likeness.index(max(likeness))][0]


def lists_of(rules: Iterable[Rule], field: str) -> tuple[Vocabulary, ...]:
    """Return the lists by which rules judge a field of a record."""
    checks = (check for rule in rules for check in rule.check.predicates())
    named = (check.values for check in checks if field in check.values.get("fields", ()))
    return tuple(vocabulary for values in named for vocabulary in values.get("vocabulary", ()))


def _names(lists: Iterable[Vocabulary]) -> Iterator[tuple[Term, str]]:
    for vocabulary in lists:
        for term in vocabulary.terms:
            yield from ((term, name) for name in (*term.label.values(), *term.names))


def _pieces(name: str) -> list[str]:
    return [plain(piece) for piece in name.split(STAR)]


def _fits(text: str, pieces: list[str]) -> bool:
    """Tell whether a text is the pieces in their order with at most `MOST` letters between two."""
    first, *others = pieces
    if not text.startswith(first):
        return False
    rest = text[len(first) :]
    if not others:
        return not rest
    return any(_fits(rest[gap:], others) for gap in range(min(MOST, len(rest)) + 1))
