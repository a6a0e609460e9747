"""Names that a law closes: lists of bodies and standards, what comes near, and names of places.

A law that names who decides or by which standard leaves nothing to the pen of whoever fills in a
form: a name that is on no list is a question for a person.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from civicsight.core.errors import N_, Fault
from civicsight.core.words import LIST_COMMA
from civicsight.rules.document import Document, Path
from civicsight.rules.pack import Rule, Term, Vocabulary, ZoneClass


def plain(name: str) -> str:
    """Return a name in the form in which names are compared: no case, width, space or marks."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[^\w]+", "", folded)


def register_words(classes: tuple[ZoneClass, ...]) -> dict[str, tuple[str, str]]:
    """Return item and kind by each name that a register may give a place, in comparable form.

    The names of a class are the words that its pack lists and its label in every language. Of two
    classes with one name the first counts; packs of higher rank come first.
    """
    found: dict[str, tuple[str, str]] = {}
    for zone in classes:
        for words in zone.register:
            for name in words.names:
                found.setdefault(plain(name), (zone.id, words.kind))
    for zone in classes:
        for name in zone.label.values():
            found.setdefault(plain(name), (zone.id, ""))
    return found


def find_name_faults(document: Document) -> Iterator[Fault]:
    """Yield a fault for every name that comes twice, or means an unknown kind."""
    zones: Any = document.data.get("zones", [])
    seen: dict[str, int] = {}
    for index, zone in enumerate(zones):
        kinds = {entry.get("kind", "") for entry in (*zone["select"], *zone.get("derive", ()))}
        kinds |= set(zone.get("functions", ()))
        for at, words in enumerate(zone.get("register", ())):
            path: Path = ("zones", index, "register", at)
            if words.get("kind", "") not in kinds | {""}:
                yield document.fault(
                    "pack.unknown_name",
                    (*path, "kind"),
                    words["kind"],
                    N_("one of %(choices)s", choices=", ".join(sorted(kinds)) or "-"),
                    N_("Correct the name, or declare it."),
                )
            yield from _word_faults(document, path, words["names"], seen)


def _word_faults(
    document: Document, path: Path, names: Any, seen: dict[str, int]
) -> Iterator[Fault]:
    for number, name in enumerate(names):
        here = (*path, "names", number)
        if plain(name) in seen:
            yield document.fault(
                "pack.repeated_id",
                here,
                name,
                N_("each id once; it is also on line %(line)s", line=seen[plain(name)]),
                N_("Give it an id of its own."),
            )
        seen.setdefault(plain(name), document.line(here))


STAR: Final = "*"
"""Stands in a name for the name of a place, or for nothing."""

MOST: Final = 24
"""Letters that the name of a place has at most, blanks not counted; assumed."""

LONGEST: Final = 120
"""Letters of an entry that are compared; a longer one names nothing."""

KEPT: Final = 4096
"""Entries whose place on a list is remembered."""

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
    terms, names = _named(lists)
    at = _first(plain(entry), names)
    return None if at is None else terms[at]


def nearest_term(entry: str, lists: Iterable[Vocabulary]) -> Term:
    """Return the term with the name most like an entry; of several the first."""
    terms, names = _named(lists)
    return terms[_nearest(plain(entry)[:LONGEST], names)]


def lists_of(rules: Iterable[Rule], field: str) -> tuple[Vocabulary, ...]:
    """Return the lists by which rules judge a field of a record."""
    checks = (check for rule in rules for check in rule.check.predicates())
    named = (check.values for check in checks if field in check.values.get("fields", ()))
    return tuple(vocabulary for values in named for vocabulary in values.get("vocabulary", ()))


def _named(lists: Iterable[Vocabulary]) -> tuple[list[Term], tuple[str, ...]]:
    """Return every name of some lists, and the term of each."""
    terms: list[Term] = []
    names: list[str] = []
    for vocabulary in lists:
        for term in vocabulary.terms:
            own = (*term.label.values(), *term.names)
            terms += [term] * len(own)
            names += own
    return terms, tuple(names)


@lru_cache(KEPT)
def _first(text: str, names: tuple[str, ...]) -> int | None:
    """Return which name a text is; an inventory says the same of thousands of cameras."""
    if not text or len(text) > LONGEST:
        return None
    return next((at for at, name in enumerate(names) if _fits(text, _pieces(name))), None)


@lru_cache(KEPT)
def _nearest(text: str, names: tuple[str, ...]) -> int:
    likeness = [difflib.SequenceMatcher(None, text, plain(name)).ratio() for name in names]
    return likeness.index(max(likeness))


@lru_cache(KEPT)
def _pieces(name: str) -> tuple[str, ...]:
    return tuple(plain(piece) for piece in name.split(STAR))


def _fits(text: str, pieces: Sequence[str]) -> bool:
    """Tell whether a text is the pieces in their order with at most `MOST` letters between two."""
    first, *others = pieces
    if not text.startswith(first):
        return False
    rest = text[len(first) :]
    if not others:
        return not rest
    return any(_fits(rest[gap:], others) for gap in range(min(MOST, len(rest)) + 1))
