"""Names that a law closes: lists of bodies and standards, what comes near, and names of places.

A law that names who decides or by which standard leaves nothing to the pen of whoever fills in a
form: a name that is on no list is a question for a person.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

from civicsight.core.errors import Fault
from civicsight.core.words import LIST_COMMA
from civicsight.rules.document import Document, Path
from civicsight.rules.pack import Place, Rule, Term, Vocabulary, ZoneClass


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
                    choices=", ".join(sorted(kinds)) or "-",
                )
            yield from _word_faults(document, path, words["names"], seen)


def _word_faults(
    document: Document, path: Path, names: Any, seen: dict[str, int]
) -> Iterator[Fault]:
    for number, name in enumerate(names):
        here = (*path, "names", number)
        if plain(name) in seen:
            yield document.fault("pack.repeated_id:line", here, name, line=seen[plain(name)])
        seen.setdefault(plain(name), document.line(here))


STAR: Final = "*"
"""Stands in a name for the name of a place of the jurisdiction, or for nothing."""

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


def find_term(
    entry: str, lists: Iterable[Vocabulary], places: tuple[Place, ...] | None = None
) -> Term | None:
    """Return what an entry stands for on any of some lists; None if it is on none.

    Case, width, blanks and marks do not count.

    Parameters
    ----------
    entry, lists
        What somebody wrote, and the lists.
    places
        What a star may stand for; None: any name, for whoever only sorts names and judges none.

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
    at = _first(plain(entry), names, places)
    return None if at is None else terms[at]


def nearest_name(entry: str, term: Term, places: tuple[Place, ...]) -> str:
    """Return the name of a term with a place of the jurisdiction that is most like an entry."""
    kind = entry.isascii()
    names = [
        full
        for name in term.names
        if STAR in name and name.isascii() == kind
        for full in _written(name, places)
    ]
    text = plain(entry)[:LONGEST]
    return max(names or [entry], key=lambda name: _likeness(text, plain(name)))


def _likeness(text: str, name: str) -> float:
    return difflib.SequenceMatcher(None, text, name).ratio()


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
def _first(text: str, names: tuple[str, ...], places: tuple[Place, ...] | None) -> int | None:
    """Return which name a text is; an inventory says the same of thousands of cameras."""
    if not text or len(text) > LONGEST:
        return None
    found = (at for at, name in enumerate(names) if _pattern(name, places).fullmatch(text))
    return next(found, None)


@lru_cache(KEPT)
def _nearest(text: str, names: tuple[str, ...]) -> int:
    likeness = [_likeness(text, plain(name)) for name in names]
    return likeness.index(max(likeness))


@lru_cache(KEPT)
def _pattern(name: str, places: tuple[Place, ...] | None) -> re.Pattern[str]:
    """Return the pattern of a name in comparable form."""
    first, *others = (plain(piece) for piece in name.split(STAR))
    text = re.escape(first)
    for piece in others:
        star = f".{{0,{MOST}}}" if places is None else _any_place(piece, places)
        text += star + re.escape(piece)
    return re.compile(text)


def _any_place(before: str, places: tuple[Place, ...]) -> str:
    """Return the pattern of a place of the jurisdiction, or none, before a piece of a name."""
    own = (
        "".join(f"(?:{re.escape(plain(above))})?" for above in _above(place, places, at))
        + re.escape(plain(form))
        for place in places
        if place.is_own
        for at, name in enumerate(place.names)
        for form in _forms(name, before, places)
    )
    codes = (place.code for place in places if place.is_own and place.code)
    return f"(?:{'|'.join(dict.fromkeys((*own, *codes)))})?"


def _above(place: Place, places: tuple[Place, ...], at: int) -> list[str]:
    """Return the names, in one language, of the places that one lies in, the widest first."""
    wider = (
        one for one in places if one != place and place.code.startswith(one.code.rstrip("0") or "-")
    )
    return [one.names[at] for one in sorted(wider, key=lambda one: one.code) if at < len(one.names)]


CITY: Final = ("city", "municipal")
"""Words that say the same of a place in English."""


def _forms(name: str, before: str, places: tuple[Place, ...]) -> list[str]:
    """Return how a place may be written before a piece: where that says its kind, without it.

    The kind is the last word of an English name and the last sign of a Chinese one, of which a
    street has two.
    """
    if not name.isascii():
        if before[:1] == name[-1]:
            return [name[:-1]]
        is_kind = before[:1] in {own[-1] for place in places for own in place.names}
        return [] if is_kind else [name, name[:-1], *([name[:-2]] if len(name) > LONG else [])]
    if not before.isascii():
        return []
    stem, _, kind = name.rpartition(" ")
    kinds = CITY if kind.casefold() in CITY else (kind.casefold(),)
    if before.startswith(kinds):
        return [stem]
    is_kind = before.startswith((*CITY, "county", "district"))
    return [] if is_kind else [stem, *(f"{stem} {each}" for each in kinds)]


LONG: Final = 4
"""Signs of a Chinese name from which on its last two may be its kind."""


def _written(name: str, places: tuple[Place, ...]) -> list[str]:
    """Return a name with each place of the jurisdiction in place of its first star."""
    first, star, rest = name.partition(STAR)
    if not star:
        return [name]
    rest = rest.replace(STAR, "")
    return [
        f"{first}{form}{' ' if form.isascii() else ''}{rest.strip()}"
        for place in places
        if place.is_own
        for word in place.names
        if word.isascii() == name.isascii()
        for form in _forms(word, plain(rest), places)[:1]
    ]
