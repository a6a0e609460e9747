"""Schema of a source: which columns a kind of table has there, and how they are matched."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from civicsight.core.column import expected_number, headers_in, words_in
from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.i18n import label_in_all, listed, pick
from civicsight.io.faults import fault
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.lexicon import Headers, Words, joined, joined_values, plain
from civicsight.io.tables.rows import Cell, Rows
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import (
    PLACE_HEADERS,
    match_headers,
    match_value,
    normal,
    normal_word,
)
from civicsight.io.tables.units import Named, named_unit, units, units_of
from civicsight.model import CAMERAS, Column, Table
from civicsight.model.notes import Note, noted

DIGIT: Final = re.compile(r"\d(?:\.0+)?")
"""A code of a list of at most ten."""

CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class SourceSchema:
    """What a kind of inventory looks like: its table, defaults, and what is beside the table.

    Headers and words for closed lists are those that columns declare; `section` names the headers
    of the table in the files of further languages, whose words for values are those of cameras.
    `extra` declares columns that are read and not stored: the table is made from them by `after`,
    which may change rows, name faults, and tell what it did. `readers` bring the words of some
    columns into the form in which they are then read as all others are. `places` are the headers
    that say where a row is. `alike` names for a meaning the other one that its column has where
    every word in it is one of that, and not every one its own. `coded` names for a meaning the
    other one that its column has where the header is one of these, under which a standard keeps
    codes, and every cell is one digit.
    """

    table: Table
    defaults: Mapping[str, object] = field(default_factory=dict)
    extra: tuple[Column, ...] = ()
    after: Callable[[Rows], None] | None = None
    readers: Mapping[str, Callable[[str], Cell]] = field(default_factory=dict)
    places: Headers = field(default_factory=lambda: PLACE_HEADERS)
    alike: Mapping[str, str] = field(default_factory=dict)
    coded: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    section: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns that are read: those of the table, and those beside it."""
        return (*self.table, *self.extra)

    @cached_property
    def headers(self) -> Headers:
        """Headers of its columns, by column."""
        own = headers_in((self.table.identifier, *self.columns))
        return joined(own, self.section) if self.section else own

    @cached_property
    def words(self) -> Words:
        """Words for single values, by column and value."""
        own = words_in(self.columns)
        return joined_values(own) if self.table is CAMERAS else own

    @cached_property
    def all_headers(self) -> Headers:
        """Headers of places and of the schema itself."""
        return {**self.places, **self.headers}


def match_columns(sheet: Sheet, schema: SourceSchema, declared: Declared) -> dict[str, str]:
    """Find the column for each meaning: what a mapping says goes before what names suggest.

    Raises
    ------
    InputError
        If the mapping names a meaning that the schema lacks, or a column that the sheet lacks.
    """
    mapping = declared.mapping
    found = match_names(sheet.header, sheet.source, schema, mapping)
    taught = () if mapping is None else (*resolve(mapping.columns, schema.headers), *mapping.words)
    for meaning, other in schema.alike.items():
        if meaning in found and other not in found and meaning not in taught:
            words = {text for row in sheet.rows if (text := row[found[meaning]])}
            if _are_of(other, words, schema) and not _are_of(meaning, words, schema):
                found = {other if name == meaning else name: found[name] for name in found}
    for meaning, (other, headers) in schema.coded.items():
        if meaning in found and other not in found and meaning not in taught:
            words = {text for row in sheet.rows if (text := row[found[meaning]])}
            named = normal(found[meaning]) in map(normal, headers)
            if named and words and all(DIGIT.fullmatch(word) for word in words):
                found = {other if name == meaning else name: found[name] for name in found}
    return found


def _are_of(meaning: str, words: Iterable[str], schema: SourceSchema) -> bool:
    """Tell whether each word stands for a value of a closed list."""
    return all(match_value(meaning, word, schema.words) for word in words)


def match_names(
    header: Sequence[str], source: str, schema: SourceSchema, mapping: ColumnMapping | None
) -> dict[str, str]:
    """Find the column for each meaning among the names of a source; see `match_columns`."""
    said = {} if mapping is None else resolve(mapping.columns, schema.all_headers)
    faults = [_fault(header, source, schema, *entry) for entry in said.items()]
    wrong = [fault for fault in faults if fault is not None]
    if mapping is not None:
        wrong += _soughtfaults(source, schema, mapping.words)
        wrong += _unit_faults(source, schema, mapping)
    if wrong:
        raise InputError(wrong)
    chosen = {meaning: name for meaning, name in said.items() if name}
    rest = {name: words for name, words in schema.all_headers.items() if name not in said}
    free = [name for name in header if name not in chosen.values()]
    return {**match_headers(free, rest), **chosen}


def resolve(columns: Mapping[str, str], headers: Headers) -> dict[str, str]:
    """Return columns of a mapping by meaning, where it calls a meaning by one of its headers."""
    known = {key: next(iter(match_headers([key], headers)), key) for key in columns}
    return {
        key if key in headers or name in columns else name: columns[key]
        for key, name in known.items()
    }


def label_in(words: Iterable[str], value: str) -> dict[str, str]:
    """Return a value as a label: itself, in Chinese by the first of its words that is Chinese."""
    return {"en": value, "zh": next((word for word in words if CHINESE.search(word)), value)}


def header_label(schema: SourceSchema, meaning: str) -> dict[str, str]:
    """Return a meaning as a mapping file calls it, in Chinese with its first Chinese word."""
    label = label_in(schema.all_headers.get(meaning, ()), "")
    return {side: f"{word} {meaning}".lstrip() for side, word in label.items()}


def choices_of(schema: SourceSchema, column: Column) -> dict[str, str]:
    """Return the values of a closed list as a label."""
    words = schema.words.get(column.name, {})
    labels = [label_in(words.get(value, ()), value) for value in column.choices]
    return label_in_all(lambda language: ", ".join(pick(label, language) for label in labels))


def _fault(
    names: Sequence[str], source: str, schema: SourceSchema, meaning: str, header: str
) -> Fault | None:
    if meaning not in schema.all_headers:
        near = difflib.get_close_matches(meaning, schema.all_headers, n=3) or list(
            schema.all_headers
        )
        expected = N_("one of %(choices)s", choices=", ".join(near))
        remedy = N_("Correct the mapping file.")
        return Fault("mapping.meaning", source, "", meaning, header, expected, remedy)
    if header and header not in names:
        expected = N_("one of %(choices)s", choices=", ".join(names)[:500])
        remedy = N_("Correct the mapping file.")
        return Fault("mapping.header", source, "", meaning, header, expected, remedy)
    return None


def _soughtfaults(source: str, schema: SourceSchema, words: Words) -> list[Fault]:
    """Return a fault for each value of a mapping that the schema does not have."""
    columns = schema.columns
    choices = {column.name: column.choices for column in columns if column.choices}
    bounds = {column.name: column for column in columns if column.kind == "float"}
    days = {column.name for column in columns if column.kind == "date"}
    return (
        [
            _number_fault(source, bounds[column], value)
            for column in words.keys() & bounds.keys()
            for value in words[column]
            if not _in_bounds(bounds[column], value)
        ]
        + [
            _day_fault(source, column, value)
            for column in words.keys() & days
            for value in words[column]
            if not is_day(value)
        ]
        + [
            fault(
                "mapping.word",
                source,
                field=column,
                found=value,
                choices=", ".join(choices.get(column, choices)),
            )
            for column, values in words.items()
            for value in values
            if column not in bounds.keys() | days and value not in choices.get(column, ())
        ]
    )


def _unit_faults(source: str, schema: SourceSchema, mapping: ColumnMapping) -> list[Fault]:
    """Return a fault for each unit of a mapping that is none of its column."""
    columns = {column.name: column for column in schema.columns if column.unit}
    remedy = N_("Correct the mapping file.")
    faults = []
    for meaning, symbol in resolve(mapping.units, schema.all_headers).items():
        column = columns.get(meaning)
        fitting = {} if column is None else units_of(column.unit)
        if symbol not in fitting:
            code = "mapping.meaning" if column is None else "mapping.unit"
            expected = N_("one of %(choices)s", choices=", ".join(fitting or columns))
            found = meaning if column is None else symbol
            faults.append(Fault(code, source, "", meaning, found, expected, remedy))
    return faults


def unit_of_column(
    meaning: str, header: str, schema: SourceSchema, mapping: ColumnMapping | None
) -> Named | None:
    """Return the unit of a column: as a mapping says, else as its header names it."""
    said = {} if mapping is None else resolve(mapping.units, schema.all_headers)
    if meaning in said:
        return Named(said[meaning], units().get(said[meaning]))
    named = named_unit(header) if header else None
    if named is None or named.unit is not None:
        return named
    words = {normal_word(word) for own in schema.all_headers.values() for word in own}
    return None if normal(named.word) in words | {meaning} else named


def _in_bounds(column: Column, value: str) -> bool:
    try:
        return column.low <= float(value) <= column.high
    except ValueError:
        return False


def _number_fault(source: str, column: Column, value: str) -> Fault:
    remedy = N_("Correct the mapping file.")
    return Fault("mapping.word", source, "", column.name, value, expected_number(column), remedy)


def is_day(text: str) -> bool:
    """Tell whether a text is a day as ISO 8601 writes it in full."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _day_fault(source: str, column: str, value: str) -> Fault:
    return fault("mapping.word:day", source, field=column, found=value)


def taught_days(declared: Declared, column: str) -> dict[str, str]:
    """Return the texts that a mapping teaches for a column of days, as words are compared."""
    said = {} if declared.mapping is None else declared.mapping.words.get(column, {})
    return {plain(word): value for value, words in said.items() for word in words}


def taught_numbers(declared: Declared, column: str) -> dict[str, float]:
    """Return the words that a mapping teaches for a column of numbers, as words are compared."""
    said = {} if declared.mapping is None else declared.mapping.words.get(column, {})
    return {plain(word): float(value) for value, words in said.items() for word in words}


def match_word(schema: SourceSchema, declared: Declared, column: str, text: str) -> str | None:
    """Return the value of a closed list that a word stands for, with the words of a mapping."""
    sought = normal(text)
    if declared.mapping is not None:
        for value, words in declared.mapping.words.get(column, {}).items():
            if sought in {normal(word) for word in words} or text in words:
                return value
    return match_value(column, text, schema.words)


ALIKE: Final = 0.8
"""How alike a name and a known one are that may be a slip of typing [0-1]."""

SHORTEST: Final = 4
"""Shorter names are alike by chance."""

MOST: Final = 0.9
"""Share of the filled cells that are as expected [0-1]; the others are slips."""

FEWEST: Final = 5
"""Fewer values say nothing."""

FEWEST_DIFFERENT: Final = 3
"""A column of fewer values is one of codes."""

MANY: Final = 1_000
"""Cells that are looked at."""


class Content(NamedTuple):
    """Numbers that a meaning shows itself by: bounds, whole or not, and what some go beyond."""

    meaning: str
    low: float
    high: float
    shape: Literal["whole", "broken", "any"]
    beyond: float
    text: Text


CONTENTS: Final = (
    Content("building:levels", 1, 40, "whole", 1, N_("whole numbers from 1 to 40")),
    Content("azimuth_deg", 0, 360, "any", 180, N_("numbers from 0 to 360")),
    Content("lon", 73, 135, "broken", 73, N_("numbers from 73 to 135")),
    Content("lat", 18, 54, "broken", 18, N_("numbers from 18 to 54")),
)
"""What columns hold whose name nobody knows."""


def suggest_meanings(
    columns: Mapping[str, pd.Series], schema: SourceSchema, found: Mapping[str, str]
) -> tuple[Note, ...]:
    """Say which columns that are not read look like ones that are looked for.

    Parameters
    ----------
    columns
        Cells of each column that is not read, by its name.
    schema, found
        What the table looks like, and the column of each meaning that was found.
    """
    open_meanings = {name: words for name, words in schema.all_headers.items() if name not in found}
    by_word = {normal(word): name for name, words in open_meanings.items() for word in words}
    alike = []
    for name, cells in columns.items():
        plain = normal(name)
        near = difflib.get_close_matches(plain, by_word, n=1, cutoff=ALIKE)
        if near and len(plain) >= SHORTEST:
            meaning = header_label(schema, by_word[near[0]])
            alike.append(N_("%(column)s ~ %(meaning)s (by its name)", column=name, meaning=meaning))
            continue
        content = content_of(cells, open_meanings)
        if content is not None:
            meaning, holds = header_label(schema, content.meaning), content.text
            text = N_(
                "%(column)s ~ %(meaning)s (%(holds)s)", column=name, meaning=meaning, holds=holds
            )
            alike.append(text)
    if not alike:
        return ()
    said = N_("not read, but they look like something: %(columns)s", columns=listed(alike))
    return (noted("columns.alike", said, len(alike)),)


def content_of(cells: pd.Series, meanings: Container[str]) -> Content | None:
    """Return what the numbers of a column look like among the meanings that lack a column."""
    said = cells.dropna().head(MANY)
    values = pd.to_numeric(said, errors="coerce").to_numpy(float) if len(said) else np.zeros(0)
    known = values[np.isfinite(values)]
    if len(known) < max(FEWEST, MOST * len(said)) or len(np.unique(known)) < FEWEST_DIFFERENT:
        return None
    whole = float((known == np.round(known)).mean())
    for content in CONTENTS:
        fits = (known >= content.low) & (known <= content.high)
        shape = {"whole": whole >= MOST, "broken": whole < MOST, "any": True}[content.shape]
        wide = known.max() > content.beyond
        if content.meaning in meanings and shape and wide and fits.mean() >= MOST:
            return content
    return None
