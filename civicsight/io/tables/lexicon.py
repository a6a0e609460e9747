"""Words of further languages for columns, values and winds: files of data, one a language.

A file has sections: one for each kind of table with lines ``meaning: word | word``; ``[values]``
with lines ``column.value: word | word``; ``[winds]`` and ``[abbreviations]`` with lines
``degrees: word | word``. A wind by its full name is the same in every language that has the word;
an abbreviation is read only in a table whose headers are of the language, for O is east to some
and west to others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

Headers = Mapping[str, tuple[str, ...]]
Words = Mapping[str, Mapping[str, tuple[str, ...]]]

FOLDER: Final = "civicsight.io.tables"
TRADITIONAL: Final = "traditional.txt"
"""Pairs of a traditional character and the simplified one that stands for it here."""

ENTRY: Final = re.compile(r"([^#\s].*?):\s+(.+)")
FEWEST: Final = 2
"""Headers of one language that a table has at least, before its abbreviations are believed."""


class Lexicon(NamedTuple):
    """The words of one language, by section and key."""

    language: str
    sections: Mapping[str, Headers]


@cache
def lexicons() -> tuple[Lexicon, ...]:
    """Return the words of every further language."""
    folder = files(FOLDER).joinpath("data")
    found = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return tuple(
        Lexicon(entry.name.removesuffix(".txt"), _sections(entry.read_text("utf-8")))
        for entry in found
        if entry.name.endswith(".txt") and entry.name != TRADITIONAL
    )


def _sections(text: str) -> Mapping[str, Headers]:
    sections: dict[str, dict[str, tuple[str, ...]]] = {}
    section: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[] "), {})
        elif entry := ENTRY.fullmatch(line.strip()):
            section[entry[1].strip()] = tuple(word.strip() for word in entry[2].split("|"))
    return sections


def joined(headers: Headers, section: str) -> Headers:
    """Return headers with the words of further languages behind them."""
    out = dict(headers)
    for lexicon in lexicons():
        for meaning, words in lexicon.sections.get(section, {}).items():
            out[meaning] = tuple(dict.fromkeys((*out.get(meaning, ()), *words)))
    return out


def joined_values(values: Words) -> Words:
    """Return words for closed lists with those of further languages behind them."""
    out = {column: dict(words) for column, words in values.items()}
    for lexicon in lexicons():
        for key, words in lexicon.sections.get("values", {}).items():
            column, _, value = key.partition(".")
            mine = out.setdefault(column, {})
            mine[value] = (*mine.get(value, ()), *words)
    return out


@cache
def winds() -> Mapping[str, float]:
    """Return the winds by their full names in any further language [deg clockwise from north]."""
    return {
        plain(word): float(degrees)
        for lexicon in lexicons()
        for degrees, words in lexicon.sections.get("winds", {}).items()
        for word in words
    }


@cache
def abbreviations(header: tuple[str, ...]) -> Mapping[str, float]:
    """Return the abbreviations of winds in the language that the headers of a table are of."""
    names = {plain(name) for name in header}
    known = {
        lexicon.language: len(names & _headers_of(lexicon))
        for lexicon in lexicons()
        if "abbreviations" in lexicon.sections
    }
    most = max(known.values(), default=0)
    spoken = [language for language, count in known.items() if count == most >= FEWEST]
    tables = [_abbreviated(lexicon) for lexicon in lexicons() if lexicon.language in spoken]
    return tables[0] if tables and all(table == tables[0] for table in tables) else {}


def _headers_of(lexicon: Lexicon) -> frozenset[str]:
    tables = [
        words for name, words in lexicon.sections.items() if name not in {"winds", "abbreviations"}
    ]
    return frozenset(plain(word) for table in tables for words in table.values() for word in words)


def _abbreviated(lexicon: Lexicon) -> Mapping[str, float]:
    entries = lexicon.sections["abbreviations"].items()
    return {plain(word): float(degrees) for degrees, words in entries for word in words}


@cache
def simplified() -> Mapping[int, str]:
    """Return the simplified character for each traditional one, as `str.translate` takes it."""
    text = files(FOLDER).joinpath("data", TRADITIONAL).read_text("utf-8")
    pairs = [
        pair for line in text.splitlines() if not line.startswith("#") for pair in line.split()
    ]
    return str.maketrans({pair[0]: pair[1] for pair in pairs})


def plain(text: str) -> str:
    """Return a word without case, blanks, hyphens and dots, in simplified characters."""
    word = unicodedata.normalize("NFKC", text).lower().translate(simplified())
    return re.sub(r"[\s_\-.]+", "", word)
